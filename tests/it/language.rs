//! The query language against a slow reader of the texts, and against whatever people may type.
//!
//! `DATELINE_CASES=20000` tries more than the few thousand of an ordinary run, `DATELINE_HOSTILE=1000000` more of what no
//! person would type; `DATELINE_SEED` tries others.

use std::collections::BTreeSet;

use dateline::annotate::Tier;
use dateline::article::Article;
use dateline::plan::{Filters, Surroundings, plan, plan_within};
use dateline::query::{MAX_BYTES, Node, Query, TextKind};
use dateline::schema::analyse;
use dateline::search::{Request, Sort, diagnose, matching, search};
use dateline::words::Analyzer;

use crate::common::{Scratch, ids};
use crate::reference::Page;

/// Numbers that look random and are the same for the same seed.
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    pub fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

pub fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(usual)
}

const WORDS: [&str; 24] = [
    "bank",
    "Bank",
    "banks",
    "BANKS",
    "oil",
    "oils",
    "Oil",
    "merger",
    "mergers",
    "rate",
    "rates",
    "profit",
    "the",
    "of",
    "us",
    "US",
    "AT&T",
    "$1.2bn",
    "5%",
    "e-commerce",
    "été",
    "中国",
    "warning",
    "Warnings",
];

const NAMES: [&str; 5] = ["Alibaba", "Bank of England", "Thailand", "Germany", "Apple Inc."];

/// A text of few words, so that they meet each other often.
pub fn text(random: &mut Random, most: usize) -> String {
    let mut text = String::new();
    for _ in 0..random.below(most) {
        text += if random.below(12) == 0 { random.of(&NAMES) } else { random.of(&WORDS) };
        text += random.of(&[" ", " ", " ", " ", " ", ", ", ". ", ".\n", " and "]);
    }
    text
}

fn word(random: &mut Random) -> String {
    match random.below(24) {
        0 => random.of(&["ba*", "*er", "w*ning*", "mer?er", "pro*it"]).to_owned(),
        1 => random.of(&["bnak~1", "mergr~1", "warnngi~2", "profit~"]).to_owned(),
        2..=4 => {
            let words = [random.of(&WORDS), random.of(&WORDS), random.of(&WORDS)];
            let count = 1 + random.below(3);
            let slop = random.of(&["", "", "~1", "~4"]);
            format!("\"{}\"{slop}", words[..count].join(" "))
        }
        5 => format!("exact({})", random.of(&WORDS)),
        6 => format!("caps({})", random.of(&WORDS)),
        _ => random.of(&WORDS).to_owned(),
    }
}

fn condition(random: &mut Random) -> String {
    match random.below(5) {
        0 => format!("source:{}", random.of(&["one", "Two", "three"])),
        1 => format!("region:{}", random.of(&["TH", "DE", "Asia", "GB"])),
        2 => format!("entity:{}", random.of(&["BABA", "BoE", "co:apple"])),
        3 => format!("date:{}", random.of(&["2019", "2021", "2023"])),
        _ => format!("words:{}", random.of(&["5..30", "0..12", "31..400"])),
    }
}

/// A query, or a part of one, nested so deep at the most.
pub fn query(random: &mut Random, depth: usize) -> String {
    if depth == 0 || random.below(5) == 0 {
        return if random.below(6) == 0 { condition(random) } else { word(random) };
    }
    let count = 2 + random.below(2);
    let parts: Vec<String> = (0..count).map(|_| query(random, depth - 1)).collect();
    let near = |random: &mut Random| {
        let sign = random.of(&["NEAR", "NEAR", "PRE"]);
        format!(" {sign}/{} ", 1 + random.below(8))
    };
    let joined = match random.below(12) {
        0 | 1 => parts.join(" AND "),
        2 | 3 => parts.join(" OR "),
        4 => parts.join(" "),
        5 | 6 => {
            let gap = near(random);
            let other = near(random);
            if count == 2 {
                parts.join(&gap)
            } else {
                format!("{}{gap}{}{other}{}", parts[0], parts[1], parts[2])
            }
        }
        7 => parts.join(" SENT "),
        8 => parts.join(" SAME "),
        9 => format!("-({})", parts[0]),
        10 => format!("{}{}({})", random.of(&["atleast", "first"]), 1 + random.below(6), parts[0]),
        _ => format!("{}({})", random.of(&["title:", "lead:", "body:", "exact", "caps"]), parts[0]),
    };
    format!("({joined})")
}

/// Whether it is a word that stands alone.
fn is_word(part: &Node) -> bool {
    match part {
        Node::Text(text) => !matches!(text.kind, TextKind::Phrase(_)),
        Node::Boost(_, part) => is_word(part),
        _ => false,
    }
}

#[test]
fn every_operator_finds_what_a_slow_reader_finds() {
    let (cases, seed) = (setting("DATELINE_CASES", 3_000), setting("DATELINE_SEED", 5));
    /// Queries asked of each set of articles.
    const A_SET: u64 = 250;
    let mut random = Random(seed);
    let mut found_any = 0;
    for set in 0..cases.div_ceil(A_SET) {
        let articles: Vec<serde_json::Value> = (0..14)
            .map(|number| {
                serde_json::json!({
                    "id": number.to_string(), "title": format!("News {}", text(&mut random, 8)), "body": text(&mut random, 160),
                    "source": random.of(&["One", "Two", "Three"]),
                    "published": random.of(&["2019-05-02", "2021", "2023-11-30T10:00:00Z"]),
                })
            })
            .collect();
        let scratch = Scratch::of(&articles[..9]);
        scratch.add(&articles[9..]);
        let reader = scratch.reader();
        let pages: Vec<Page> = articles
            .iter()
            .map(|article| {
                let article: Article = serde_json::from_value(article.clone()).unwrap();
                let id = article.id("");
                Page::of(&analyse(article, id, Tier::Full, &mut Analyzer::default()))
            })
            .collect();
        let mut analyzer = Analyzer::default();
        for case in 0..A_SET {
            let typed: Vec<String> = (0..=random.below(3))
                .map(|_| {
                    let depth = random.below(4);
                    query(&mut random, depth)
                })
                .collect();
            let typed = typed.join(random.of(&[" ", " ", " AND ", " OR "]));
            let context = format!("seed {seed}, set {set}, case {case}: {typed}");
            let parsed = Query::parse(&typed).unwrap();
            let plain = parsed.to_string();
            assert_eq!(Query::parse(&plain).unwrap(), parsed, "{context}\n{plain}");
            let planned = plan(&parsed, Filters::default(), &mut analyzer);
            let reading = planned.reading.to_string();
            assert_eq!(Query::parse(&reading).unwrap(), planned.reading, "{context}\n{reading}");
            let expected: BTreeSet<String> =
                pages.iter().filter(|page| page.fits(&planned.reading)).map(|page| page.id.clone()).collect();
            let addresses = matching(&reader, planned.clone()).unwrap();
            let found: BTreeSet<String> = addresses
                .iter()
                .map(|address| reader.record(*address).unwrap().article.native_id.unwrap())
                .collect();
            assert_eq!(found, expected, "{context}\nread as {reading}\nplanned as {planned}");
            // Also of the second tier nothing lacks what has an operator, quotes or a field.
            if case % 4 == 0 {
                let parts = planned.reading.clauses.iter().filter(|part| !is_word(part));
                let required = Query { clauses: parts.cloned().collect(), ..Query::default() };
                for id in ids(&scratch.search(&typed)) {
                    let page = pages.iter().find(|page| page.id == id).unwrap();
                    assert!(page.fits(&required), "{context}\n{id} lacks a part of {required}");
                }
            }
            found_any += u64::from(!found.is_empty() && found.len() < articles.len());
        }
    }
    // Most queries tell articles apart, or the test would say little.
    assert!(found_any * 3 > cases, "{found_any} of {cases}, seed {seed}");
}

#[test]
fn whatever_is_typed_is_planned_on_a_small_stack() {
    const PIECES: [&str; 60] = [
        "(",
        ")",
        "(",
        ")",
        "\"",
        "\"",
        "-",
        "+",
        "^2",
        "~3",
        "~",
        "*",
        "?",
        ":",
        "@",
        "/",
        " ",
        " ",
        " ",
        "\n",
        "\u{a0}",
        "“",
        "„",
        "–",
        "（",
        "）",
        "AND",
        "OR",
        "NOT",
        "NEAR/5",
        "PRE/2",
        "W/3",
        "ADJ4",
        "SENT",
        "SAME",
        "NEAR",
        "title:",
        "region:",
        "date:",
        "entity:",
        "source:(",
        "words:>",
        "regoin:",
        "is:",
        "atleast3(",
        "first50(",
        "caps(",
        "exact(",
        "oil",
        "gas",
        "merg*",
        "*in*",
        "TH",
        "EU",
        "2019..",
        "-90d..",
        "yesterday",
        "\u{0}",
        "é",
        "中",
    ];
    let (cases, seed) = (setting("DATELINE_HOSTILE", 1_000), setting("DATELINE_SEED", 5));
    /// One of so many is searched for too.
    const SEARCHED: u64 = 20;
    let mut random = Random(seed);
    let articles: Vec<serde_json::Value> = (0..14)
        .map(|number| {
            serde_json::json!({
                "id": number.to_string(), "title": "Oil and gas", "body": text(&mut random, 160), "source": "TH",
                "published": random.of(&["2019-05-02", "2021", "2023-11-30T10:00:00Z"]),
            })
        })
        .collect();
    let scratch = Scratch::of(&articles);
    let tried = std::thread::Builder::new().stack_size(256 << 10).spawn(move || {
        let mut analyzer = Analyzer::default();
        let reader = scratch.reader();
        for case in 0..cases {
            let length = 1 + random.below(if case % 100 == 0 { 900 } else { 24 });
            let is_spaced = random.below(2) == 0;
            let mut typed = String::new();
            for _ in 0..length {
                match random.below(20) {
                    0 => typed.extend(char::from_u32(u32::try_from(random.below(0x11_0000)).unwrap())),
                    1 => typed.push(char::from(u8::try_from(32 + random.below(95)).unwrap())),
                    _ => typed += random.of(&PIECES),
                }
                if is_spaced {
                    typed.push(' ');
                }
            }
            typed.truncate(typed.floor_char_boundary(MAX_BYTES));
            let query = Query::parse(&typed).unwrap();
            let plain = query.to_string();
            if plain.len() <= MAX_BYTES {
                assert_eq!(
                    Query::parse(&plain).unwrap(),
                    query,
                    "seed {seed}, case {case}: {typed:?}\n{plain}"
                );
            }
            let planned = plan(&query, Filters::default(), &mut analyzer);
            assert!(planned.to_string().len() < 1 << 20 && planned.wanted.len() <= dateline::plan::MAX_WORDS);
            for warning in query.warnings.iter().chain(&planned.warnings) {
                assert!(typed.get(warning.span.range()).is_some(), "{typed:?} {warning:?}");
            }
            let reading = planned.reading.to_string();
            if reading.len() <= MAX_BYTES {
                let again = Query::parse(&reading).unwrap();
                assert_eq!(again, planned.reading, "seed {seed}, case {case}: {typed:?}\n{reading}");
            }
            if case % SEARCHED == 0 {
                let request = Request {
                    plan: planned,
                    sort: Sort::Relevance,
                    limit: 10,
                    offset: 0,
                    passages: 2,
                    facets: Vec::new(),
                    copies: false,
                    histogram: None,
                    recency: None,
                };
                let results = search(&reader, &request).unwrap();
                diagnose(&reader, &request, &results).unwrap();
            }
        }
    });
    tried.unwrap().join().unwrap();
}

#[test]
fn a_search_needs_little_stack() {
    let scratch =
        Scratch::of(&[serde_json::json!({"id": "1", "title": "Oil", "body": "Oil and gas. Gas and coal."})]);
    let asked = std::thread::Builder::new().stack_size(200 << 10).spawn(move || {
        let deep = "(oil OR -(gas NEAR/3 (coal SENT (".repeat(12);
        let deeper = "-(oil OR (gas AND ".repeat(200);
        let placed = "(gas OR (coal SAME (TH OR NOT (oil NEAR/3 (atleast3(source:".repeat(6);
        for typed in [deep, deeper, placed, "(".repeat(4000)] {
            let query = Query::parse(&typed).unwrap();
            let planned = plan(&query, Filters::default(), &mut Analyzer::default());
            let request = Request::of(planned);
            let results = search(&scratch.reader(), &request).unwrap();
            diagnose(&scratch.reader(), &request, &results).unwrap();
        }
    });
    asked.unwrap().join().unwrap();
}

#[test]
fn capitals_mean_what_the_index_has_in_capitals() {
    let article = |id: usize, title: &str, body: &str| serde_json::json!({"id": id.to_string(), "title": title, "body": body});
    let mut articles = vec![
        article(0, "OWLS strike", "OWLS drivers went on strike."),
        article(1, "Follow owls", "The owls and gulls of a strike, and what an owl is."),
        article(2, "EARNINGS", "What it earns, earnings tell."),
    ];
    articles.extend((3..13).map(|id| article(id, "Results", "Its earnings rose.")));
    let scratch = Scratch::of(&articles);
    let reader = scratch.reader();
    for (typed, planned, noted) in [
        ("OWLS strike", "=OWLS (strike ~ walkout ~ \"industri action\" ~ \"work stoppag\")", true),
        ("OWLS", "=OWLS", true),
        ("owls AND strike", "owl AND strike", false),
        ("-OWLS", "-=OWLS", true),
        ("EARNINGS", "(earn ~ profit)", false),
        // A headline in capitals.
        (
            "OWLS DRIVERS ON STRIKE",
            "owl driver (strike ~ walkout ~ \"industri action\" ~ \"work stoppag\")",
            false,
        ),
    ] {
        let query = Query::parse(typed).unwrap();
        let surroundings = Surroundings { now: None, index: Some(&reader) };
        let found = plan_within(&query, Filters::default(), surroundings, &mut Analyzer::default());
        assert_eq!(found.to_string(), planned, "{typed}");
        let told = "OWLS is looked up as it is written; in small letters it is a form of `owl`";
        assert_eq!(found.notes.iter().any(|note| note == told), noted, "{typed}");
        // The same when it is read again.
        let again = plan_within(&found.reading, Filters::default(), surroundings, &mut Analyzer::default());
        assert_eq!(again, found, "{typed}");
    }
}

/// Articles of four kinds.
fn four() -> Scratch {
    Scratch::of(&[
        serde_json::json!({"id": "a", "title": "Target warns", "source": "Harbour Wire", "section": "Retail", "published": "2019-03-04",
            "author": "Jo Bloggs", "labels": ["topic:retail"],
            "body": "Shares of Target fell in the United Kingdom after a profit warning. The bank had a target of five."}),
        serde_json::json!({"id": "b", "title": "Fine for Alibaba", "source": "Harbour Wire", "published": "2022-05-01",
            "body": "Alibaba paid a heavy fine in London, United Kingdom. Nothing was said of a warning on profit."}),
        serde_json::json!({"id": "c", "title": "Mergers", "source": "Copper News", "published": "2023-08",
            "body": "The merger of two banks in Croatia. Merging takes time. A bank merges once and a bank splits twice, says the bank."}),
        serde_json::json!({"id": "d", "title": "CORRECTED: Rates in Germany", "source": "Copper News",
            "body": "German rates rose, and rates fell, and rates were held in Germany."}),
    ])
}

/// Which of them a query finds with every word.
fn check(rows: &[(&str, &str)]) {
    let scratch = four();
    for (typed, expected) in rows {
        let results = scratch.search(typed);
        let tier = dateline::search::Tier::All;
        let mut found = ids(&results);
        found.truncate(results.hits.iter().filter(|hit| hit.tier == tier).count());
        found.sort();
        assert_eq!(found.join(" "), *expected, "{typed}");
    }
}

#[test]
fn fields_mean_what_they_say() {
    check(&[
        ("source:\"harbour wire\"", "a b"),
        ("source:copp*", "c d"),
        ("-source:copp* fine", "b"),
        ("section:retail", "a"),
        ("by:\"jo bloggs\"", "a"),
        ("label:topic:*", "a"),
        ("status:corrected", "d"),
        ("is:corrected OR fine", "b d"),
        ("is:first", "a b c d"),
        ("is:copy", ""),
        ("date:2022..", "b c"),
        ("date:2023-Q3", "c"),
        ("date:2023-08-15", "c"),
        ("date:<2020 OR date:>2022", "a c"),
        ("words:<17", "d"),
        ("id:b", "b"),
        ("entity:BABA", "b"),
        ("about:BABA OR about:germany", "b d"),
        ("mentions:croatia", "c"),
        ("region:europe fine", "b"),
        ("region:=DE", "d"),
        ("region:(HR OR DE)", "c d"),
        // The United Kingdom left in 2020, Croatia joined in 2013, and what has no date is of the present.
        ("region:EU", "a c d"),
        ("mentions:EU", "a c d"),
        ("title:fine", "b"),
        ("lead:splits", "c"),
        ("body:mergers", "c"),
    ]);
}

#[test]
fn only_words_that_stand_alone_may_be_missing() {
    let scratch = four();
    for (typed, expected) in [
        ("alibaba croatia", "b c"),
        ("alibaba (croatia OR zzyzx)", "c"),
        ("alibaba croatia OR zzyzx", "c"),
        ("(alibaba croatia) rates", ""),
        ("(alibaba fine) rates", "b"),
        ("alibaba \"two banks\"", "c"),
        ("alibaba two NEAR/1 banks", "c"),
        ("alibaba AND croatia", ""),
    ] {
        let mut found = ids(&scratch.search(typed));
        found.sort();
        assert_eq!(found.join(" "), expected, "{typed}");
    }
}

#[test]
fn operators_mean_what_they_say() {
    check(&[
        ("\"profit warning\"", "a"),
        ("\"profit warning\"~2", "a"),
        ("warning NEAR/2 profit", "a b"),
        ("warning PRE/2 profit", "b"),
        ("entity:BABA NEAR/4 (fine OR penalty)", "b"),
        ("region:GB NEAR/3 london", "b"),
        ("target SENT five", "a"),
        ("shares SENT five", ""),
        ("shares SAME five", "a"),
        ("atleast3(bank)", "c"),
        ("atleast4(bank)", "c"),
        ("atleast5(bank)", ""),
        ("atleast3(rates OR bank)", "c d"),
        ("first3(rates)", "d"),
        ("first2(fine)", "b"),
        ("caps(target)", "a"),
        ("exact(merges)", "c"),
        ("exact(Merges)", ""),
        ("exact(bank)", "a c"),
        ("merg*", "c"),
        ("*erges", "c"),
        ("\"two ban*\"", "c"),
        ("alibiba~1", "b"),
        ("profti~1 warning", "a b"),
        ("(fine OR splits) AND -alibaba", "c"),
        ("the AND rates", ""),
        ("the rates", "d"),
        ("warning NOT shares", "b"),
    ]);
}
