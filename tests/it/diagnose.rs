//! What is said where nothing is found: it was asked, and finds what it says.

use dateline::plan::{Filters, plan};
use dateline::query::Query;
use dateline::search::{Diagnosis, Request, Sort, diagnose, search};
use dateline::words::Analyzer;

use crate::common::Scratch;

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

fn ask(scratch: &Scratch, query: &Query, filters: Filters) -> (u64, Diagnosis) {
    let request = Request {
        plan: plan(query, filters, &mut Analyzer::default()),
        sort: Sort::Relevance,
        limit: 10,
        offset: 0,
        passages: 0,
        facets: Vec::new(),
        copies: false,
        histogram: None,
    };
    let reader = scratch.reader();
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
            said.push(format!("meant {} {}", rewrite.query, rewrite.count));
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
        ("mergre AND thialand", &[]),
        ("title:mergre", &["meant title:merger 1"]),
    ]);
}
