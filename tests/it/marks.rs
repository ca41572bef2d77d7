//! What is highlighted, and what scores are made of, against a reader that looks at every shown text again.
//!
//! `DATELINE_PAIRS=2000` tries more pairs of a query and an article than the few hundred of an ordinary run.

use std::collections::BTreeSet;

use dateline::annotate::Tier;
use dateline::article::{Article, Span};
use dateline::plan::{Filters, Lookup, Pattern, Plan, plan};
use dateline::query::Query;
use dateline::schema::analyse;
use dateline::search::{FacetRequest, Hit, Parts, RECENT, Recency, Request, Sort, search};
use dateline::snippet::{Snippet, TARGET_CHARS, WIDEST};
use dateline::words::Analyzer;

use crate::common::Scratch;
use crate::language::{Random, query, setting, text};
use crate::reference::{Page, Stretch};

/// Articles of few words that meet each other often.
fn articles(random: &mut Random) -> Vec<serde_json::Value> {
    let made = (0..10).map(|number| {
        serde_json::json!({
            "id": number.to_string(), "title": format!("News {}", text(random, 10)), "body": text(random, 300),
            "source": random.of(&["One", "Two", "Three"]),
            "published": random.of(&["2019-05-02", "2021", "2023-11-30T10:00:00Z"]),
        })
    });
    made.collect()
}

/// Highlights of a text, of which `shown` is seen, against the stretches of words that should be. Returns how many of
/// these are seen whole.
fn check(
    text: &str,
    shown: Span,
    highlights: &[Span],
    wanted: &BTreeSet<Stretch>,
    mentions: &[Stretch],
    plan: &Plan,
    context: &str,
) -> usize {
    let tokens = Analyzer::default().tokens(text);
    let is_wanted = |word: usize| wanted.iter().any(|(first, last)| (*first..=*last).contains(&word));
    // The second part of `e-commerce` goes with the first, where the joined spelling is looked up.
    let is_joined = |first: usize| {
        let joined = tokens.joined(first);
        is_wanted(first)
            && plan.wanted.iter().any(|lookup| lookup.stem().is_some() && lookup.stem() == joined)
    };
    // A name that is asked for is where its first word is, and marked to its last.
    let is_of_name = |word: usize| {
        mentions.iter().any(|(first, last)| is_wanted(*first) && *first < word && word <= *last)
    };
    let mut marked = BTreeSet::new();
    for highlight in highlights {
        assert!(shown.contains(*highlight), "{context}");
        let within = tokens.within(*highlight);
        let spans = (tokens.span(within.start).start, tokens.span(within.end - 1).end);
        assert_eq!((highlight.start, highlight.end), spans, "not whole words: {context}");
        for word in within.clone() {
            assert!(marked.insert(word), "marked twice: {context}");
            let goes_on = word > within.start && (is_joined(word - 1) || is_of_name(word));
            let fits = is_wanted(word) || goes_on;
            assert!(fits, "`{}` marked: {context}", tokens.span(word).of(text));
            let hangs_together = word == within.start
                || is_joined(word - 1)
                || is_of_name(word)
                || wanted.iter().any(|(first, last)| *first < word && word <= *last);
            assert!(hangs_together, "`{}` in one: {context}", highlight.of(text));
        }
    }
    let is_seen = |word: &usize| shown.contains(tokens.span(*word));
    let mut whole = 0;
    for (first, last) in wanted {
        for word in (*first..=*last).filter(is_seen) {
            assert!(marked.contains(&word), "`{}` not marked: {context}", tokens.span(word).of(text));
        }
        if (*first..=*last).all(|word| is_seen(&word)) {
            whole += 1;
            let stretch = Span { start: tokens.span(*first).start, end: tokens.span(*last).end };
            let is_one = highlights.iter().any(|highlight| highlight.contains(stretch));
            assert!(is_one, "`{}` not in one: {context}", stretch.of(text));
        }
    }
    whole
}

/// The lookups that a shown text is said to have against those that are seen whole in it, of which `wanted` satisfy the
/// query.
fn claims(body: &str, snippet: &Snippet, wanted: &BTreeSet<Stretch>, plan: &Plan, context: &str) {
    let tokens = Analyzer::default().tokens(body);
    let fits = |pattern: &Pattern, at: usize| match pattern {
        Pattern::Stem(stem) => tokens.stem(at) == stem || tokens.joined(at) == Some(stem),
        Pattern::Exact(form) => tokens.exact(at) == form || tokens.joined(at) == Some(form),
        Pattern::Caps(form) => tokens.folded(at) == form && tokens.exact(at).contains(char::is_uppercase),
        // What they stand for is told by the dictionary and by names.
        Pattern::Wild(_) | Pattern::Fuzzy(..) | Pattern::Mention(_) => true,
    };
    let is_seen = |at: usize| {
        at < tokens.len() && snippet.highlights.iter().any(|highlight| highlight.contains(tokens.span(at)))
    };
    let is_at = |lookup: &Lookup, at: usize| {
        let parts = lookup.parts.iter().enumerate();
        parts
            .into_iter()
            .all(|(next, part)| is_seen(at + next) && part.iter().any(|one| fits(one, at + next)))
    };
    assert_eq!(snippet.has.len(), plan.wanted.len());
    for (lookup, _) in plan.wanted.iter().zip(&snippet.has).filter(|(_, has)| **has) {
        let is_there = (0..tokens.len()).any(|at| is_at(lookup, at));
        assert!(is_there, "`{lookup}` is not in `{}`: {context}", snippet.span.of(body));
    }
    for &(first, last) in wanted {
        if (first..=last).all(|at| snippet.span.contains(tokens.span(at))) {
            let mut claimed = plan.wanted.iter().zip(&snippet.has).filter(|(_, has)| **has);
            // A name has as many words as it is written in.
            let reaches = |lookup: &Lookup| {
                matches!(lookup.parts[0][..], [Pattern::Mention(_), ..])
                    || first + lookup.length() as usize == last + 1
            };
            let is_claimed = claimed.any(|(lookup, _)| reaches(lookup) && is_at(lookup, first));
            assert!(is_claimed, "word {first} of `{}` is not said: {context}", snippet.span.of(body));
        }
    }
}

/// Parts of scores, which should add up.
fn adds_up(hit: &Hit, plan: &Plan, context: &str) {
    // What is no number is close to nothing.
    let close = |sum: f32, score: f32| (sum - score).abs() <= 1e-4 * score.abs().max(1.0);
    let parts = &hit.parts;
    let Parts { words, title, forms, pairs, boilerplate, passage, recency, added } = parts;
    let sum = words + title + forms + pairs + boilerplate + passage + recency + added;
    assert!(close(sum, hit.score), "{sum} is not {}: {context}", hit.score);
    for passage in &hit.passages {
        let sum = passage.said.iter().map(|said| said.score).sum::<f32>() + passage.named;
        assert!(close(sum, passage.score), "{sum} is not {}: {context}", passage.score);
        // What is seen of a passage is in it.
        let has = &passage.snippet.has;
        for (lookup, _) in plan.wanted[..plan.typed()].iter().enumerate() {
            let stands = |at: usize| at == lookup || plan.wanted[at].stands_for.contains(&lookup);
            let is_seen = (0..has.len()).any(|at| has[at] && stands(at));
            let said = passage.said.iter().filter(|said| said.lookup == lookup && said.count > 0);
            let is_whole = passage.span.contains(passage.snippet.span);
            assert!(!is_seen || said.count() == 1 || !is_whole, "{context}");
        }
    }
}

#[test]
fn what_satisfies_a_query_is_marked_and_nothing_else() {
    let (pairs, seed) = (setting("DATELINE_PAIRS", 400), setting("DATELINE_SEED", 7));
    let mut random = Random(seed);
    let mut analyzer = Analyzer::default();
    let (mut tried, mut whole) = (0, 0);
    while tried < pairs {
        let scratch = Scratch::of(&articles(&mut random));
        for _ in 0..40 {
            let typed: Vec<String> = (0..=random.below(3))
                .map(|_| {
                    let depth = random.below(3);
                    query(&mut random, depth)
                })
                .collect();
            let typed = typed.join(random.of(&[" ", " ", " AND ", " OR "]));
            let filters = Filters { as_typed: true, ..Filters::default() };
            let planned = plan(&Query::parse(&typed).unwrap(), filters, &mut analyzer);
            for hit in scratch.search(&typed).hits.iter().filter(|_| !planned.wanted.is_empty()) {
                tried += 1;
                let article = &hit.record.article;
                let context = format!("seed {seed}: {typed}\n{planned}\n{}\n{}", article.title, article.body);
                let page = Page::of(&analyse(article.clone(), hit.record.id, Tier::Full, &mut analyzer));
                let [in_title, in_body] = page.marked(&planned.reading);
                let title = Span::new(0, article.title.len());
                whole += check(&article.title, title, &hit.title, &in_title, &[], &planned, &context);
                for passage in &hit.passages {
                    let snippet = &passage.snippet;
                    let (shown, marked) = (snippet.span, &snippet.highlights);
                    whole +=
                        check(&article.body, shown, marked, &in_body, &page.mentions, &planned, &context);
                    claims(&article.body, snippet, &in_body, &planned, &context);
                }
                adds_up(hit, &planned, &context);
            }
        }
    }
    // Most articles found have something to mark, or the test would say little.
    assert!(whole as u64 > pairs, "{whole} of {tried}, seed {seed}");
}

#[test]
fn the_parts_of_a_score_add_up_to_it_for_every_kind_of_query() {
    let scratch = Scratch::of(&[
        serde_json::json!({"id": "a", "title": "Target warns on profit", "published": "2019-03-04",
            "body": "Shares of Target fell in Germany after a profit warning. The profit warning was its second."}),
        serde_json::json!({"id": "b", "title": "Fine for Alibaba", "published": "2022-05-01",
            "body": "Alibaba paid a heavy fine in Germany. Nothing was said of a warning on profit."}),
        serde_json::json!({"id": "c", "title": "Rates", "published": "2023-08", "body": "Rates rose. So did profit."}),
    ]);
    let reader = scratch.reader();
    let parts_of = |typed: &str, region: Option<&str>, sort: Sort| {
        let mut filters = Filters::default();
        if let Some(region) = region {
            filters.add_region(region).unwrap();
        }
        let plan = plan(&Query::parse(typed).unwrap(), filters, &mut Analyzer::default());
        let request = Request {
            plan,
            sort,
            limit: 10,
            offset: 0,
            passages: 2,
            facets: FacetRequest::usual(0),
            copies: false,
            histogram: None,
            recency: Some(Recency::default()),
        };
        let hits = search(&reader, &request).unwrap().hits;
        assert!(!hits.is_empty(), "{typed}");
        for hit in &hits {
            adds_up(hit, &request.plan, typed);
        }
        hits[0].parts.clone()
    };
    let relevance = |typed| parts_of(typed, None, Sort::Relevance);
    for typed in ["penalty", "earnings warning", "alibaba fine", "Europe penalty", "earnings 1"] {
        let parts = relevance(typed);
        assert!(
            parts.recency > 0.0 && parts.recency <= RECENT * (parts.sum() - parts.recency) * 1.001,
            "{typed}"
        );
    }
    assert!(relevance("profit date:2020..").recency.abs() < f32::EPSILON);
    let words = relevance("profit warning");
    assert!(words.words > 0.0 && words.title > 0.0 && words.pairs > 0.0 && words.passage > 0.0);
    assert!(words.forms > 0.0 && words.boilerplate == 0.0);
    for typed in
        ["\"profit warning\"", "fine OR rates", "warning NEAR/3 profit", "the profit shares zebra", "profit*"]
    {
        assert!(relevance(typed).passage > 0.0, "{typed}");
    }
    assert!(relevance("profit^0").sum().is_finite());
    // By date nothing is re-scored, and filters alone have no score.
    let by_date = parts_of("profit warning", None, Sort::Date);
    assert!(by_date.words > 0.0 && by_date.sum() - by_date.words == 0.0);
    let filtered = parts_of("", Some("germany"), Sort::Date);
    assert!(filtered.sum() == 0.0);
    assert!(parts_of("profit", Some("germany"), Sort::Relevance).sum() > 0.0);
}

#[test]
fn what_satisfied_an_operator_is_seen_in_one_text() {
    let (cases, seed) = (setting("DATELINE_CASES", 300), setting("DATELINE_SEED", 11));
    const FILLER: [&str; 6] = ["Nothing", "of", "note", "happened", "elsewhere", "today"];
    const WORDS: [&str; 5] = ["merger", "strike", "rates", "profit", "fine"];
    let mut random = Random(seed);
    let mut analyzer = Analyzer::default();
    let mut matched = 0;
    for case in 0..cases.div_ceil(30) {
        let articles: Vec<serde_json::Value> = (0..10)
            .map(|number| {
                let mut body = String::new();
                for _ in 0..150 + random.below(350) {
                    body += if random.below(25) == 0 { random.of(&WORDS) } else { random.of(&FILLER) };
                    body += random.of(&[" ", " ", " ", " ", " ", " ", " ", " ", ", ", ". ", ".\n"]);
                }
                serde_json::json!({"id": number.to_string(), "title": "News", "body": body})
            })
            .collect();
        let scratch = Scratch::of(&articles);
        for _ in 0..30 {
            let sign = random.of(&["SAME", "SENT", "NEAR/5", "PRE/9", "NEAR/40", "PRE/60"]);
            let (first, second) = (random.of(&WORDS), random.of(&WORDS));
            let typed = match random.below(4) {
                0 => format!("({first} NEAR/6 {}) {sign} {second}", random.of(&WORDS)),
                1 => format!("({first} OR {}) {sign} {second}", random.of(&WORDS)),
                _ => format!("{first} {sign} {second}"),
            };
            let query = Query::parse(&typed).unwrap();
            for hit in scratch.search(&typed).hits {
                let body = &hit.record.article.body;
                let holds = hit.passages.iter().any(|passage| {
                    let text = passage.snippet.span.of(body);
                    assert!(text.chars().count() <= WIDEST * TARGET_CHARS, "seed {seed}: {typed}\n{text}");
                    let article = Article { title: "News".into(), body: text.into(), ..Article::default() };
                    let id = article.id("x");
                    Page::of(&analyse(article, id, Tier::Full, &mut analyzer)).fits(&query)
                });
                matched += 1;
                let shown: Vec<&str> =
                    hit.passages.iter().map(|passage| passage.snippet.span.of(body)).collect();
                assert!(holds, "seed {seed}, set {case}: {typed}\n{shown:#?}\n{body}");
            }
        }
    }
    assert!(matched > cases, "{matched} of {cases}");
}

#[test]
fn ends_that_are_too_far_apart_are_both_seen() {
    let filler = "Nothing of note was said in this long sentence about the weather. ".repeat(20);
    let body = format!("A merger was agreed. {filler}\nThen came a strike. {filler}");
    let scratch = Scratch::of(&[serde_json::json!({"id": "a", "title": "News", "body": body})]);
    let hit = &scratch.search("merger NEAR/400 strike").hits[0];
    let matched: Vec<Vec<&str>> = hit
        .passages
        .iter()
        .map(|passage| {
            passage.snippet.highlights.iter().map(|found| found.of(&hit.record.article.body)).collect()
        })
        .collect();
    assert_eq!(matched, [["merger"], ["strike"]]);
}

#[test]
fn naming_what_is_filtered_by_decides_only_among_the_same_words() {
    let filler = "Nothing of note was said in this long sentence about the weather. ".repeat(9);
    let body = format!(
        "Shares in Atlanta rose. {filler}\nPeach prices fell. {filler}\nPeach prices fell in Georgia. {filler}"
    );
    let article = |id: &str, body: &str| serde_json::json!({"id": id, "title": "Markets in Georgia", "published": "2024", "body": body});
    let scratch = Scratch::of(&[
        article("named", &body),
        article("apart", &format!("Shares in Atlanta rose. {filler}\nPeach prices fell. {filler}")),
        article("title", &format!("Peach harvest. {filler}\nShares in Atlanta rose. {filler}")),
    ]);
    let shown = |typed: &str, id: &str| -> Vec<String> {
        let mut filters = Filters::default();
        filters.add_region("US-GA").unwrap();
        let results = scratch.search_with(typed, filters);
        let hit =
            results.hits.iter().find(|hit| hit.record.article.native_id.as_deref() == Some(id)).unwrap();
        let start = |text: &str| text.split('.').next().unwrap().to_owned();
        hit.passages.iter().map(|passage| start(passage.snippet.span.of(&hit.record.article.body))).collect()
    };
    let rows: [(&str, &str, &[&str]); 6] = [
        ("peach", "named", &["Peach prices fell in Georgia"]),
        ("peach", "apart", &["Peach prices fell"]),
        ("peach shares", "apart", &["Shares in Atlanta rose", "Peach prices fell"]),
        ("markets", "title", &["Shares in Atlanta rose"]),
        ("", "title", &["Shares in Atlanta rose"]),
        ("", "named", &["Shares in Atlanta rose"]),
    ];
    for (typed, id, expected) in rows {
        let shown = shown(typed, id);
        assert_eq!(shown[..expected.len()], *expected, "{typed} in {id}: {shown:?}");
        assert!(typed.is_empty() || shown.len() <= 2, "{shown:?}");
    }
}

#[test]
fn images_and_slugs_are_not_shown() {
    let body = "--News Direct--\n\nPeach prices fell.\n![](https://a.example/peach.png)\n\nThe peach harvest was good. ![](b)\nNo more.";
    let scratch = Scratch::of(&[serde_json::json!({"id": "a", "title": "Fruit &amp; more", "body": body})]);
    let rows = [
        ("prices", "Peach prices fell."),
        ("harvest", "The peach harvest was good."),
        ("more", "No more."),
        (
            "\"prices fell\" SAME harvest",
            "Peach prices fell.\n![](https://a.example/peach.png)\n\nThe peach harvest was good.",
        ),
        ("fruit", "Peach prices fell."),
    ];
    for (typed, expected) in rows {
        let hit = &scratch.search(typed).hits[0];
        assert_eq!(hit.record.article.body, body);
        assert_eq!(hit.record.article.title, "Fruit & more");
        assert_eq!(hit.passages[0].snippet.span.of(body), expected, "{typed}");
    }
}
