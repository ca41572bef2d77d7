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
            Referent::Entity(id) => companies.push(entities().name(id.as_str()).into_owned()),
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
            (&passage.snippet.has, marked.collect())
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

/// Sentences of one story; every number and name in them tells it from others.
const STORY: [&str; 12] = [
    "Northfield Steel said on Tuesday that it would close its rolling mill at Harrow Bay by the end of June.",
    "The mill employs 640 people and has made plate for shipyards on the Carrow coast since 1962.",
    "Chief executive Maria Lindqvist said that orders from yards had fallen by a third in two years.",
    "The company will take a charge of 45 million dollars in the second quarter to pay for the closure.",
    "Unions at the plant called the decision a betrayal and said that they had offered to cut hours.",
    "Talks between the company and the regional government of Westmark broke down last week.",
    "Westmark had offered a loan of 12 million dollars on condition that the furnaces stayed lit.",
    "Northfield shares rose 4 percent in early trading in Oslo before giving up most of the gain.",
    "Analysts at Brandt and Cole had expected one of the two mills of the group to close this year.",
    "The other mill, at Tarn Valley, makes thin sheet for carmakers and is running at full capacity.",
    "Customers of Harrow Bay will be supplied from Tarn Valley and from a partner in Poland.",
    "The site may become a terminal for offshore wind turbines, the port authority said in a statement.",
];

fn one_and_its_copies() -> Vec<serde_json::Value> {
    let article = |id: String, source: &str, day: usize, sentences: &[String]| {
        json!({
            "id": id, "source": source, "published": format!("2024-03-{day:02}"), "title": format!("Mill to close {id}"),
            "body": sentences.join(" "),
        })
    };
    let original: Vec<String> = STORY.iter().map(|sentence| (*sentence).to_owned()).collect();
    let mut articles = vec![article("wire".into(), "Wire", 4, &original)];
    for copy in 0..50 {
        let mut edited = original.clone();
        // One sentence is dropped, replaced or added.
        let at = copy % STORY.len();
        match copy % 3 {
            0 => drop(edited.remove(at)),
            1 => edited[at] = format!("This paper, number {copy}, could not reach the company."),
            _ => edited.insert(at, format!("Reader {copy} wrote to ask what becomes of the ferry.")),
        }
        articles.push(article(format!("copy-{copy}"), &format!("Paper {}", copy % 5), 5 + copy % 2, &edited));
    }
    let other: Vec<String> = [
        "Southfield Copper said on Tuesday that it would open a smelter at Port Ellery by the end of May.",
        "The smelter will employ 210 people and is the first on the Carrow coast.",
        "Chairman Tom Okafor said that demand from makers of cable had doubled in three years.",
        "The company will spend 310 million dollars and has borrowed half of it from two banks.",
        "Unions welcomed the decision, and shares in the company rose 2 percent in Oslo.",
    ]
    .map(str::to_owned)
    .to_vec();
    articles.push(article("other".into(), "Wire", 4, &other));
    articles
}

#[test]
fn copies_count_as_one_story_wherever_things_are_counted() {
    let articles = one_and_its_copies();
    let scratch = Scratch::of(&articles);
    let results = scratch.stories("company");
    assert_eq!((results.total, results.articles), (2, 52));
    assert_eq!(results.hits.len(), 2);
    let story = results.hits.iter().find(|hit| hit.copies > 0).unwrap();
    assert_eq!((story.record.article.native_id.as_deref(), story.copies), (Some("wire"), 50));
    let sources = results.facets.iter().find(|facet| facet.field == "source").unwrap();
    let counts: Vec<(&str, u64, u64)> =
        sources.values.iter().map(|value| (value.value.as_str(), value.count, value.articles)).collect();
    assert_eq!(counts[0], ("Wire", 2, 2));
    assert_eq!(
        &counts[1..],
        &[0, 1, 2, 3, 4].map(|paper| (["Paper 0", "Paper 1", "Paper 2", "Paper 3", "Paper 4"][paper], 1, 10))
    );
    let bins: Vec<(&str, u64, u64)> =
        results.histogram.iter().map(|bin| (bin.start.as_str(), bin.count, bin.articles)).collect();
    assert_eq!(bins, [("2024-03", 2, 52)]);

    let all = scratch.search("company");
    assert_eq!((all.total, all.articles, all.hits.len()), (52, 52, 52));
}

#[test]
fn a_story_is_shown_by_its_last_correction_or_the_first_that_is_complete() {
    // Of each copy the id, the day, how many of the sentences it has, and whether it is marked as corrected.
    type Copy = (&'static str, usize, usize, bool);
    let rows: [(&[Copy], &str); 5] = [
        (&[("a", 4, 12, false), ("b", 5, 12, false)], "a"),
        (&[("a", 4, 11, false), ("b", 5, 12, false)], "a"),
        (&[("a", 4, 10, false), ("b", 5, 12, false), ("c", 6, 12, false)], "b"),
        (&[("a", 4, 12, false), ("b", 5, 12, true), ("c", 6, 12, false)], "b"),
        (&[("a", 4, 12, true), ("b", 5, 12, true), ("c", 6, 12, false)], "b"),
    ];
    for (copies, shown) in rows {
        let articles: Vec<serde_json::Value> = copies
            .iter()
            .map(|(id, day, sentences, is_corrected)| {
                json!({"id": id, "source": id, "published": format!("2024-03-{day:02}"), "title": "Mill to close",
                    "body": STORY[..*sentences].join(" "), "status": if *is_corrected { "corrected" } else { "usable" }})
            })
            .collect();
        let results = Scratch::of(&articles).stories("mill");
        assert_eq!((results.total, results.articles), (1, copies.len() as u64), "{copies:?}");
        let hit = &results.hits[0];
        assert_eq!(hit.record.article.native_id.as_deref(), Some(shown), "{copies:?}");
    }
}

#[test]
fn stories_do_not_depend_on_the_order_of_arrival_or_on_batches() {
    let mut articles = one_and_its_copies();
    let at_once = Scratch::of(&articles);
    // A fixed shuffle: every seventh.
    articles = (0..articles.len()).map(|at| articles[at * 7 % 52].clone()).collect();
    let in_parts = Scratch::of(&articles[..20]);
    in_parts.add(&articles[20..21]);
    in_parts.add(&articles[21..]);
    let digest = |scratch: &Scratch| dateline::index::verify(&scratch.path(), |_, _| ()).unwrap().digest;
    assert_eq!(digest(&at_once), digest(&in_parts));
    assert_eq!(at_once.reader().groups().counts(), (1, 51));

    // One that becomes another story leaves, and one that comes back joins again.
    let changed = json!({"id": "copy-7", "source": "Paper 2", "published": "2024-03-05", "title": "Ferry sold",
        "body": "The ferry between Harrow Bay and Carrow was sold to an operator from Denmark for 9 million dollars, which will run it \
                 twice a day from October and has promised to keep all 31 jobs on the line and in the two harbours it calls at."});
    in_parts.add(&[changed]);
    assert_eq!(in_parts.reader().groups().counts(), (1, 50));
    let before = articles.iter().find(|article| article["id"] == "copy-7").unwrap().clone();
    in_parts.add(&[before]);
    assert_eq!(in_parts.reader().groups().counts(), (1, 51));

    // And what is deleted is in no story.
    let reader = in_parts.reader();
    let ids: Vec<_> =
        ["wire", "copy-7"].map(|id| reader.record(reader.resolve(id).unwrap()).unwrap().id).to_vec();
    dateline::ingest::delete(&in_parts.path(), &ids).unwrap();
    assert_eq!(in_parts.reader().groups().counts(), (1, 49));
    assert_eq!(in_parts.stories("company").total, 2);
    // A lost file of groups is told, and made anew.
    let lost = std::fs::read_dir(in_parts.path().join("g1"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .find(|file| file.file_name().unwrap().to_string_lossy().starts_with("stories-"));
    std::fs::write(lost.unwrap(), "damaged").unwrap();
    let error = dateline::index::Reader::open(&in_parts.path()).unwrap_err().to_string();
    assert!(error.contains("reindex"), "{error}");
    assert_eq!(dateline::ingest::reindex(&in_parts.path(), None, &false.into(), &mut |_, _| ()).unwrap(), 50);
    assert_eq!(in_parts.reader().groups().counts(), (1, 49));
}

#[test]
fn withdrawn_articles_are_hidden_and_counted() {
    let scratch = Scratch::of(&[
        json!({"id": "a", "title": "Copper rose", "body": "Copper rose."}),
        json!({"id": "b", "title": "WITHDRAWN: Copper fell", "body": "Copper fell."}),
        json!({"id": "c", "title": "Copper flat", "body": "Copper was flat.", "status": "withdrawn"}),
    ]);
    let results = scratch.search("copper");
    assert_eq!((ids(&results), results.hidden), (vec!["a".to_owned()], 2));
    let all = scratch.search_with("copper", Filters { with_withdrawn: true, ..Filters::default() });
    assert_eq!((all.total, all.hidden), (3, 0));
}

#[test]
fn boilerplate_is_found_only_on_demand() {
    let body = "Acme opened a plant in Ohio.\n\nAbout Acme\nAcme makes anvils and tongs in Sweden.\nMedia Contact:\nJo Bloggs, +1 555 0100";
    let scratch = Scratch::of(&[json!({"id": "1", "title": "Acme opens plant", "body": body})]);
    assert_eq!(scratch.search("plant").total, 1);
    for word in ["anvils", "Bloggs"] {
        assert_eq!(scratch.search(word).total, 0, "{word}");
        let filters = Filters { with_boilerplate: true, ..Filters::default() };
        let results = scratch.search_with(word, filters);
        assert_eq!((results.total, highlights(&results.hits[0])), (1, vec![word.to_owned()]));
    }
    assert_eq!(scratch.search_with("", filters(&["sweden"], &[])).total, 0);
}

#[test]
fn what_is_missing_can_be_deleted_and_what_was_not_read_is_not() {
    use std::sync::atomic::AtomicBool;

    use dateline::corpus::{Corpus, Rejects};
    use dateline::ingest::{Options, ingest};
    let directory = tempfile::tempdir().unwrap();
    let (files, index) = (directory.path().join("files"), directory.path().join("index"));
    std::fs::create_dir(&files).unwrap();
    for name in ["a", "b", "c"] {
        std::fs::write(files.join(format!("{name}.txt")), format!("Title {name}\n\nBody {name}.")).unwrap();
    }
    let run = |delete_missing: bool| {
        let options = Options { delete_missing, ..Options::default() };
        let mut rejects = Rejects::new(directory.path().join("rejects"));
        let corpus = Corpus::new(std::slice::from_ref(&files)).unwrap();
        let tally =
            ingest(&index, &corpus, &mut rejects, &options, &AtomicBool::new(false), &mut |_| ()).unwrap();
        (tally.added, tally.unchanged, tally.deleted, tally.rejected)
    };
    assert_eq!(run(true), (3, 0, 0, 0));
    std::fs::remove_file(files.join("b.txt")).unwrap();
    assert_eq!(run(false), (0, 2, 0, 0));
    std::fs::write(files.join("broken.jsonl"), "{\"title\": \"cut\n{\"title\": 3}\n").unwrap();
    assert_eq!(run(true), (0, 2, 0, 2));
    std::fs::remove_file(files.join("broken.jsonl")).unwrap();
    assert_eq!(run(true), (0, 2, 1, 0));
    assert_eq!(dateline::index::Reader::open(&index).unwrap().articles(), 2);
}
