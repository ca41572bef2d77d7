//! What users were promised, told as searches over a few articles or over the shipped corpus.

use std::path::Path;
use std::sync::OnceLock;

use dateline::annotate::Referent;
use dateline::gazetteer::{entities, regions};
use dateline::plan::Filters;
use dateline::search::Tier;
use serde_json::json;

use crate::common::{Scratch, highlights, ids};

/// The shipped corpus, indexed once.
fn shipped() -> &'static Scratch {
    static SHIPPED: OnceLock<Scratch> = OnceLock::new();
    SHIPPED.get_or_init(|| Scratch::of_paths(&[&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")]))
}

fn filters(region: &[&str], entity: &[&str]) -> Filters {
    let mut filters = Filters::default();
    for region in region {
        filters.add_region(region).unwrap();
    }
    for entity in entity {
        filters.add_entity(entity).unwrap();
    }
    filters
}

#[test]
fn alipay_in_europe() {
    let results = shipped().search_with("alipay merchants", filters(&["europe"], &[]));
    let hit = &results.hits[0];
    let article = &hit.record.article;
    assert_eq!(article.native_id.as_deref(), Some("alibaba-looks-abroad"));
    assert!(hit.passages[0].snippet.span.of(&article.body).contains("Europe"));

    let mut named = Vec::new();
    let mut companies = Vec::new();
    for mention in &hit.record.mentions {
        match &mention.referent {
            Referent::Region(code) => named.push(regions().name(code.0).to_owned()),
            Referent::Entity(id) => companies.push(entities().name(id.as_str()).to_owned()),
        }
    }
    named.sort();
    named.dedup();
    let expected = [
        "Asia",
        "Australia",
        "China",
        "Europe",
        "South-eastern Asia",
        "Thailand",
        "United Kingdom",
        "United States",
    ];
    assert_eq!(named, expected);
    companies.sort();
    companies.dedup();
    for company in [
        "Alibaba",
        "Alibaba Cloud",
        "Alipay",
        "Amazon Web Services",
        "Ant Group",
        "BNP Paribas",
        "Barclays",
        "China Mobile",
        "Lazada",
        "Microsoft",
        "SIX Group",
        "UniCredit",
    ] {
        assert!(companies.iter().any(|found| found == company), "{company} is not among {companies:?}");
    }
}

#[test]
fn words_of_different_passages_find_the_article_and_both_are_shown() {
    let filler = "Nothing of note is said in this long sentence about the weather. ".repeat(12);
    let body = format!("The merger was approved. {filler}\nA strike closed the port. {filler}");
    let scratch = Scratch::of(&[json!({"id": "1", "title": "News", "body": body})]);
    let results = scratch.search("merger strike");
    assert_eq!((results.total, results.counted), (1, Some(Tier::All)));
    let hit = &results.hits[0];
    let shown: Vec<(&Vec<bool>, Vec<String>)> = hit
        .passages
        .iter()
        .map(|passage| {
            let body = &hit.record.article.body;
            let marked = passage.snippet.highlights.iter().map(|span| span.of(body).to_owned());
            (&passage.has, marked.collect())
        })
        .collect();
    assert_eq!(shown.len(), 2);
    assert!(shown.contains(&(&vec![true, false], vec!["merger".to_owned()])), "{shown:?}");
    assert!(shown.contains(&(&vec![false, true], vec!["strike".to_owned()])), "{shown:?}");
}

#[test]
fn names_and_numbers_search_as_they_are_meant() {
    let scratch = Scratch::of(&[
        json!({"id": "att", "title": "AT&T pays", "body": "AT&T will pay $1.2 billion."}),
        json!({"id": "brk", "title": "Berkshire", "body": "Shares (NYSE: BRK.B) rose as the S&P 500 fell."}),
        json!({"id": "us", "title": "Tariffs", "body": "The U.S. raised tariffs."}),
        json!({"id": "pronoun", "title": "Letters", "body": "They told us a story and gave us three Ms."}),
        json!({"id": "mmm", "title": "3M settles", "body": "3M will pay €1.2bn over four years."}),
        json!({"id": "p", "title": "Profit warning", "body": "Its profit warning came late. A warning of profit did not."}),
    ]);
    let rows: [(&str, &[&str]); 14] = [
        ("AT&T", &["att"]),
        ("at&t", &["att"]),
        ("AT & T", &["att"]),
        ("BRK.B", &["brk"]),
        ("brk.b", &["brk"]),
        ("S&P 500", &["brk"]),
        ("U.S.", &["us"]),
        ("US tariffs", &["us"]),
        ("3M", &["mmm"]),
        ("\"profit warning\"", &["p"]),
        ("“profit warning”", &["p"]),
        ("\"profit warning", &["p"]),
        ("$1.2 billion AND AT&T", &["att"]),
        ("-tariffs pay -3M", &["att"]),
    ];
    for (typed, expected) in rows {
        let results = scratch.search(typed);
        assert_eq!(results.counted, Some(Tier::All), "{typed}");
        let found: Vec<String> = results
            .hits
            .iter()
            .filter(|hit| hit.tier == Tier::All)
            .map(|hit| hit.record.article.native_id.clone().unwrap())
            .collect();
        assert_eq!(found, expected, "{typed}");
    }
    // Both spellings of the sum are found, the one with the same currency first.
    let sums = scratch.search("$1.2bn");
    assert_eq!(ids(&sums), ["att", "mmm"]);
    assert_eq!(highlights(&sums.hits[0]), ["1.2 billion"]);
}

#[test]
fn an_entity_is_not_a_string() {
    let scratch = Scratch::of(&[
        json!({"id": "boe", "title": "Rates", "body": "The BoE held rates."}),
        json!({"id": "boeing", "title": "Jets", "body": "Boeing, which is no bank, sold jets to England."}),
        json!({"id": "f", "title": "Cars", "body": "Ford Motor (NYSE: F) sold cars. The Fed watched."}),
        json!({"id": "grade", "title": "Schools", "body": "He got an F for it."}),
    ]);
    assert_eq!(ids(&scratch.search_with("", filters(&[], &["Bank of England"]))), ["boe"]);
    assert_eq!(ids(&scratch.search_with("", filters(&[], &["F"]))), ["f"]);
    let results = shipped().search_with("", filters(&[], &["Bank of England"]));
    assert!(results.total >= 1);
    for hit in &results.hits {
        let names = hit.record.mentions.iter().any(|mention| matches!(&mention.referent, Referent::Entity(id) if id.as_str() == "org:bank-of-england"));
        assert!(names, "{}", hit.record.article.title);
    }
}

#[test]
fn articles_with_every_word_come_first_and_are_what_is_counted() {
    let scratch = Scratch::of(&[
        json!({"id": "both", "title": "One", "body": "A cobalt mine."}),
        json!({"id": "one", "title": "Two", "body": "cobalt cobalt cobalt cobalt"}),
        json!({"id": "neither", "title": "Three", "body": "Copper."}),
    ]);
    let results = scratch.search("cobalt mine");
    assert_eq!(ids(&results), ["both", "one"]);
    assert_eq!(results.total, 1);
    assert_eq!(ids(&scratch.search("cobalt AND mine")), ["both"]);
    let results = scratch.search("cobalt unheard-of");
    assert_eq!((results.total, results.counted), (2, Some(Tier::Most)));
    // What is quoted, negated or asked of a field never gives way.
    assert_eq!(ids(&scratch.search("copper -cobalt")), ["neither"]);
    assert_eq!(scratch.search("\"mine cobalt\" copper").total, 0);
    assert_eq!(scratch.search("title:cobalt").total, 0);
    assert_eq!(ids(&scratch.search("title:two cobalt")), ["one"]);
}

#[test]
fn dates_match_the_ranges_they_overlap() {
    let article = |id: &str, published: serde_json::Value| json!({"id": id, "title": "x", "body": "oil", "published": published});
    let scratch = Scratch::of(&[
        article("year", json!("2016")),
        article("month", json!("2016-05")),
        article("day", json!("2016-05-31")),
        article("moment", json!("2016-05-31T23:59:59Z")),
        article("undated", json!(null)),
        article("far", json!("9999-01-01")),
    ]);
    let between = |since: &str, until: &str| {
        let mut filters = Filters::default();
        filters.since(dateline::article::Date::parse(since).unwrap());
        filters.until(dateline::article::Date::parse(until).unwrap());
        let mut found = ids(&scratch.search_with("oil", filters));
        found.sort();
        found.join(" ")
    };
    assert_eq!(between("2016-05-31", "2016-05-31"), "day moment month year");
    assert_eq!(between("2016-06", "2016-06"), "year");
    assert_eq!(between("2015", "2015"), "");
    assert_eq!(between("9000", "9999"), "far");
    assert_eq!(ids(&scratch.search("")), ["far", "moment", "day", "month", "year", "undated"]);
}

#[test]
fn a_title_alone_is_an_article() {
    let scratch = Scratch::of(&[json!({"id": "1", "title": "Gold rises in Ghana"})]);
    let results = scratch.search_with("gold", filters(&["Ghana"], &[]));
    assert_eq!(ids(&results), ["1"]);
    assert_eq!(highlights(&results.hits[0]), ["Gold"]);
    assert!(results.hits[0].passages.is_empty());
    assert_eq!(scratch.search("title:gold").total, 1);
}

#[test]
fn a_phrase_does_not_run_from_the_title_into_the_body() {
    let scratch = Scratch::of(&[json!({"id": "1", "title": "Oil falls", "body": "Sharply lower prices."})]);
    assert_eq!(scratch.search("\"falls sharply\"").total, 0);
    assert_eq!(scratch.search("\"oil falls\"").total, 1);
    assert_eq!(highlights(&scratch.search("\"sharply lower\"").hits[0]), ["Sharply lower"]);
}

#[test]
fn poison_does_not_stop_the_rest() {
    let long = "x".repeat(3_000_000);
    let nested = "(".repeat(100_000);
    let dots = "a.".repeat(200_000);
    let scratch = Scratch::of(&[
        json!({"id": "long", "title": "t", "body": long}),
        json!({"id": "nested", "title": "t", "body": nested}),
        json!({"id": "dots", "title": "t", "body": dots}),
        json!({"id": "marks", "title": "t", "body": "\u{0}\u{202e}\u{1b}[31m\u{feff}\u{300}\u{300} good"}),
        json!({"id": "greek", "title": "t", "body": "ΐΰ Ἀθῆναι ΣΊΣΥΦΟΣ ά good"}),
        json!({"id": "greater", "title": "t", "body": "good ".repeat(50_000)}),
    ]);
    let mut found = ids(&scratch.search("good"));
    found.sort();
    assert_eq!(found, ["greater", "greek", "marks"]);
    assert_eq!(scratch.reader().articles(), 6);
}
