//! What is said where nothing is found, or not a certain article: it was asked, and finds what it says.

use dateline::index::Reader;
use dateline::plan::{Filters, Plan, Surroundings, plan_within};
use dateline::query::{Node, Query};
use dateline::search::{Change, Diagnosis, Lack, Request, Sort, WhyNot, diagnose, search, why_not};
use dateline::words::Analyzer;

use crate::common::Scratch;
use crate::language::{Random, query, setting, text};

fn articles() -> Scratch {
    Scratch::of(&[
        serde_json::json!({"id": "a", "title": "Rates in Thailand", "source": "Harbour Wire", "published": "2019-03-04",
            "body": "The Bank of Thailand held its rates. An acquisition of a lender in Bangkok was announced."}),
        serde_json::json!({"id": "b", "title": "Merger in Germany", "source": "Harbour Wire", "published": "2022-05-01",
            "body": "A merger of two lenders in Berlin, and acquisitions elsewhere in Germany."}),
        serde_json::json!({"id": "c", "title": "Rates in Germany", "source": "Copper News", "published": "2023-08-01",
            "body": "German rates rose again. Lenders in Berlin were glad."}),
    ])
}

/// A plan about an index, as a diagnosis makes them.
fn plan(reader: &Reader, query: &Query, filters: Filters) -> Plan {
    let surroundings = Surroundings { now: None, index: Some(reader) };
    plan_within(query, filters, surroundings, &mut Analyzer::default())
}

fn requested(plan: Plan, copies: bool) -> Request {
    Request {
        sort: if plan.wanted.is_empty() { Sort::Date } else { Sort::Relevance },
        plan,
        limit: 100,
        offset: 0,
        passages: 0,
        facets: Vec::new(),
        copies,
        histogram: None,
        recency: None,
    }
}

fn ask(scratch: &Scratch, query: &Query, filters: Filters) -> (u64, Diagnosis) {
    let reader = scratch.reader();
    let request = requested(plan(&reader, query, filters), false);
    let results = search(&reader, &request).unwrap();
    (results.total, diagnose(&reader, &request, &results).unwrap())
}

/// Queries, and what is said of them: `meant` another spelling, `without` a part, `for` another region.
fn check(rows: &[(&str, &[&str])]) {
    let scratch = articles();
    for (typed, expected) in rows {
        let (_, diagnosis) = ask(&scratch, &Query::parse(typed).unwrap(), Filters::default());
        let mut said = Vec::new();
        if let Some(rewrite) = &diagnosis.did_you_mean {
            let without = rewrite.without.as_ref().map_or(String::new(), |part| format!(" without {part}"));
            said.push(format!("meant {}{without} {}", rewrite.query, rewrite.count));
            // What is offered finds what it says when it is asked.
            assert_eq!(ask(&scratch, &rewrite.query, Filters::default()).0, rewrite.count, "{typed}");
        }
        said.extend(
            diagnosis.without.iter().map(|found| format!("without {} {}", found.clause, found.count)),
        );
        said.extend(diagnosis.instead.iter().map(|found| format!("for {} {}", found.by, found.count)));
        assert_eq!(said, *expected, "{typed}");
    }
}

#[test]
fn parts_without_which_something_is_found_are_named() {
    check(&[
        ("rates", &[]),
        ("zzyzx", &[]),
        ("rates region:LA", &["without region:LA 2", "for region:035 1"]),
        ("rates region:=AT", &["without region:=AT 2", "for region:155 1"]),
        ("merger -berlin", &["without -berlin 1"]),
        ("(merger AND thailand) date:2022", &["without merger AND thailand 1"]),
        ("\"merger rates\" source:copp*", &["without \"merger rates\" 1"]),
        // Only one part is left out at a time.
        ("\"merger rates\" source:none", &[]),
    ]);
}

#[test]
fn what_no_article_has_is_named() {
    let scratch = articles();
    for (typed, absent) in [
        ("rates", &[][..]),
        ("sealsq rates", &["sealsq"]),
        ("sealsq qrnt", &["sealsq", "qrnt"]),
        ("rates AND \"sealsq thailand\"", &["sealsq"]),
        ("sealsq*", &["sealsq*"]),
        ("exact(sealsq)", &["exact(sealsq)"]),
        ("title:sealsq", &["title:sealsq"]),
        ("sealsq-7", &["sealsq-7"]),
        ("-sealsq -rates -merger", &[]),
        // Both are there, though not in one article.
        ("acquisition rose", &[]),
        ("rose NEAR/5 thailand", &[]),
        ("layoffs", &["layoffs"]),
        ("licence", &["licence"]),
    ] {
        let (_, diagnosis) = ask(&scratch, &Query::parse(typed).unwrap(), Filters::default());
        assert_eq!(diagnosis.absent, absent, "{typed}");
    }
}

#[test]
fn a_rare_word_beside_a_misspelt_one_is_mended_too() {
    let article = |id: usize, body: &str| serde_json::json!({"id": id.to_string(), "title": format!("News {id}"), "body": body});
    let mut articles: Vec<serde_json::Value> =
        (0..150).map(|id| article(id, &format!("Paper number{id} of the merchant."))).collect();
    articles.push(article(150, "An acquisiton of a lender."));
    articles
        .extend((151..154).map(|id| article(id, &format!("Cybersecurity acquisition{id} and acquisition."))));
    articles.push(article(154, "Cybersecurity of the copper mine."));
    let scratch = Scratch::of(&articles);
    for (typed, meant) in [
        ("cybersecurty acquisiton", Some(("cybersecurity acquisition", 3))),
        // What finds something as it is was meant.
        ("cybersecurty copper", Some(("cybersecurity copper", 1))),
        // Some articles have most of it, and no spelling gives one that has all.
        ("cybersecurty acquisiton copper", None),
    ] {
        let (_, diagnosis) = ask(&scratch, &Query::parse(typed).unwrap(), Filters::default());
        let found = diagnosis.did_you_mean.map(|rewrite| (rewrite.query.to_string(), rewrite.count));
        assert_eq!(found, meant.map(|(query, count): (&str, u64)| (query.to_owned(), count)), "{typed}");
    }
}

#[test]
fn filters_are_parts_too() {
    let scratch = articles();
    let mut filters = Filters::default();
    filters.add_region("Laos").unwrap();
    filters.since = Some(0);
    let (total, diagnosis) = ask(&scratch, &Query::parse("rates").unwrap(), filters);
    assert_eq!(total, 0);
    let without: Vec<_> =
        diagnosis.without.iter().map(|found| (found.clause.as_str(), found.count)).collect();
    assert_eq!(without, [("--region LA", 2)]);
    let instead: Vec<_> = diagnosis.instead.iter().map(|found| (found.by.as_str(), found.name)).collect();
    assert_eq!(instead, [("--region 035", "South-eastern Asia")]);
}

#[test]
fn words_that_no_article_has_are_spelt_as_some_have_them() {
    check(&[
        ("mergre", &["meant merger 1"]),
        ("aquisitoin", &["meant acquisition 2"]),
        (
            "\"aquisition of\" thailand",
            &["meant \"acquisition of\" thailand 1", "without \"aquisition of\" 1"],
        ),
        ("rats germany", &["meant rates germany 1"]),
        // Not what must be absent, not numbers, not what would find nothing either.
        ("rates -mergre", &[]),
        ("merger 20222", &[]),
        ("mergre AND thialand AND rates", &[]),
        // Where another part keeps all from being found, without that.
        ("mergre AND thailand", &["meant merger without thailand 1", "without mergre 1"]),
        ("mergre region:LA", &["meant merger without region:LA 1"]),
        ("aquisition region:TH -bank", &["meant acquisition -bank without region:TH 1"]),
        ("mergre region:LA source:none", &[]),
        ("title:mergre", &["meant title:merger 1"]),
    ]);
}

/// Queries, the failing parts of article `a` with why, and what must change.
fn check_why(rows: &[(&str, &str, &str)]) {
    let scratch = Scratch::of(&[
        serde_json::json!({"id": "a", "title": "Target warns", "source": "Harbour Wire", "published": "2019-03-04",
            "body": "Shares of Target fell in the United Kingdom after a profit warning. The bank had a target of five.\n\
                About Target\nTarget is a leading retailer of mushrooms."}),
        serde_json::json!({"id": "b", "title": "Rates", "source": "Copper News", "body": "Rates rose."}),
    ]);
    let reader = scratch.reader();
    for (typed, fails, changes) in rows {
        let request = requested(plan(&reader, &Query::parse(typed).unwrap(), Filters::default()), false);
        let why = why_not(&reader, &request, reader.resolve("a").unwrap()).unwrap();
        let reasons = why.fails.iter().flat_map(|failure| &failure.reasons);
        let told: Vec<String> = reasons
            .map(|reason| {
                let how = match &reason.lack {
                    Lack::Absent { like } if like.is_empty() => "absent".to_owned(),
                    Lack::Absent { like } => format!("like {}", like.join(" ")),
                    Lack::Other { values } => format!("other {}", values.join(" ")),
                    other => format!("{other:?}").to_lowercase(),
                };
                format!("{}: {how}", reason.of)
            })
            .collect();
        assert_eq!(told.join(", "), *fails, "{typed}");
        let changed: Vec<&str> = why.changes.iter().map(label).collect();
        assert_eq!(changed.join(", "), *changes, "{typed}");
    }
}

fn label(change: &Change) -> &str {
    match change {
        Change::Without(clause) => clause,
        Change::With(flag) => flag,
    }
}

#[test]
fn what_an_article_fails_is_named() {
    check_why(&[
        ("target warning", "", ""),
        ("target merger", "merger: absent", ""),
        ("target AND merger", "merger: absent", "merger"),
        ("profti", "profti: like profit", "profti"),
        (
            "\"warning profit\" -bank",
            "\"warning profit\": apart, bank: excluded",
            "\"warning profit\", -bank",
        ),
        ("\"profit merger\" target", "merger: absent", "\"profit merger\""),
        ("shares SENT five", "shares SENT five: apart", "shares SENT five"),
        (
            "title:profit exact(Warning)",
            "title:profit: elsewhere, exact(Warning): form",
            "title:profit, exact(Warning)",
        ),
        ("atleast3(target) first3(five)", "first3(five): elsewhere", "first3(five)"),
        ("atleast9(target)", "atleast9(target): few", "atleast9(target)"),
        ("mushrooms AND target", "mushrooms: boilerplate", "mushrooms"),
        ("date:2020.. target", "date:2020-01-01..: other 2019-03-04", "date:2020-01-01.."),
        (
            "region:LA OR entity:BABA",
            "region:LA: other United Kingdom, entity:co:alibaba: other Target",
            "region:LA OR entity:co:alibaba",
        ),
        (
            "source:cop* lang:en is:copy",
            "source:cop*: other Harbour Wire, is:copy: other is:first",
            "source:cop*, is:copy",
        ),
        ("-(merger OR five OR bank)", "five: excluded, bank: excluded", "-(merger OR five OR bank)"),
        ("-(-merger)", "merger: absent", "merger"),
    ]);
}

/// A plan with some of the parts of another, by their labels.
fn without(reader: &Reader, whole: &Plan, labels: &[&str]) -> Plan {
    let mut labels = labels.to_vec();
    let mut gone =
        |label: String| labels.iter().position(|other| *other == label).map(|at| labels.remove(at)).is_some();
    let clauses: Vec<Node> =
        whole.reading.clauses.iter().filter(|clause| !gone(clause.to_string())).cloned().collect();
    let mut filters = whole.filters.clone();
    filters.sources.retain(|source| !gone(format!("--source {source}")));
    filters.with_withdrawn |= gone("--withdrawn".to_owned());
    assert!(labels.is_empty(), "{labels:?} are no parts of {whole}");
    plan(reader, &Query { clauses, needs_all: whole.reading.needs_all, warnings: Vec::new() }, filters)
}

/// Ranks of an article and of the copy that stands for it, if a search finds them.
fn ranks(reader: &Reader, plan: Plan, copies: bool) -> Vec<String> {
    let results = search(reader, &requested(plan, copies)).unwrap();
    results.hits.iter().map(|hit| hit.record.id.to_string()).collect()
}

/// Checks all that is said of an article against searches.
fn is_true(reader: &Reader, whole: &Plan, why: &WhyNot, context: &str) {
    let id = why.record.id.to_string();
    let finds = |labels: &[&str]| ranks(reader, without(reader, whole, labels), true).contains(&id);
    assert_eq!(finds(&[]), why.found.is_some(), "{context}");
    let changes: Vec<&str> = why.changes.iter().map(label).collect();
    assert_eq!(changes.is_empty(), why.found.is_some(), "{context}");
    assert!(finds(&changes), "{context}: without {changes:?}");
    let named =
        |change: &&str| *change == "--withdrawn" || why.fails.iter().any(|failed| failed.clause == **change);
    assert!(changes.iter().all(named), "{context}: {changes:?}");
    // No part of the change is enough.
    for some in 0..(1_usize << changes.len().min(6)) - usize::from(!changes.is_empty()) {
        let fewer: Vec<&str> = changes
            .iter()
            .enumerate()
            .filter(|(at, _)| some >> at & 1 == 1 || *at >= 6)
            .map(|(_, change)| *change)
            .collect();
        assert!(
            fewer.is_empty() && why.found.is_some() || !finds(&fewer),
            "{context}: {changes:?} without {fewer:?}"
        );
    }
    for (place, labels) in [(why.found, &[][..]), (why.then, &changes)] {
        let Some(place) = place else { continue };
        let shown = ranks(reader, without(reader, whole, labels), false);
        assert_eq!(shown[place.rank - 1], place.shown.map_or(id.clone(), |id| id.to_string()), "{context}");
        assert_eq!(shown.len(), place.of, "{context}");
    }
}

#[test]
fn what_is_said_of_an_article_is_so() {
    let (cases, seed) = (setting("DATELINE_CASES", 500), setting("DATELINE_SEED", 5));
    /// Queries asked of each set of articles.
    const A_SET: u64 = 100;
    let mut random = Random(seed);
    let (mut missed, mut told) = (0, 0);
    for set in 0..cases.div_ceil(A_SET) {
        let articles: Vec<serde_json::Value> = (0..14)
            .map(|number| {
                serde_json::json!({
                    "id": number.to_string(), "title": format!("News {}", text(&mut random, 8)), "body": text(&mut random, 120),
                    "source": random.of(&["One", "Two", "Three"]), "status": random.of(&["usable", "usable", "usable", "withdrawn"]),
                    "published": random.of(&["2019-05-02", "2021", "2023-11-30T10:00:00Z"]),
                })
            })
            .collect();
        let scratch = Scratch::of(&articles);
        let reader = scratch.reader();
        for case in 0..A_SET {
            let parts: Vec<String> = (0..=random.below(4))
                .map(|_| {
                    let depth = random.below(3);
                    query(&mut random, depth)
                })
                .collect();
            let typed = parts.join(random.of(&[" ", " ", " ", " AND "]));
            let mut filters = Filters::default();
            if random.below(4) == 0 {
                filters.sources.push(random.of(&["One", "Two", "Three"]).to_owned());
            }
            let whole = plan(&reader, &Query::parse(&typed).unwrap(), filters);
            let address = reader.resolve(&random.below(14).to_string()).unwrap();
            let why = why_not(&reader, &requested(whole.clone(), false), address).unwrap();
            let of = why.record.article.native_id.clone().unwrap_or_default();
            is_true(
                &reader,
                &whole,
                &why,
                &format!("seed {seed}, set {set}, case {case}, article {of}: {typed}"),
            );
            missed += u64::from(why.found.is_none());
            told +=
                u64::from(why.found.is_none() && why.fails.iter().all(|failed| !failed.reasons.is_empty()));
        }
    }
    // Most are missed, or the test would say little, and what is missed has its reasons.
    assert!(missed * 3 > cases && told == missed, "{missed} missed, {told} told of {cases}, seed {seed}");
}
