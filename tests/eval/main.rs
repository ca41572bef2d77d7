//! How good dateline's reading of articles is, on texts that people labelled and on links that people read.
//!
//! ```text
//! cargo bench --bench eval -- FILE...                   every table that the rows of each file allow
//! cargo bench --bench eval -- mentions FILE...          names that the tagger reads
//! cargo bench --bench eval -- linking FILE...           names that get an id
//! cargo bench --bench eval -- toponyms FILE...          places and their countries
//! cargo bench --bench eval -- regions PART FILE...      countries, `earlier`, `later` half of the file or `all`
//! cargo bench --bench eval -- links SEED N FILE...      N random links to organisations, to be read by a person
//! cargo bench --bench eval -- places SEED N FILE...     the same of regions
//! cargo bench --bench eval -- score FILE                what the reader wrote
//! cargo bench --bench eval -- names MATCH FILE...       each name with a target, how often, and one place it stands
//! cargo bench --bench eval -- speed FILE...             annotation alone, megabytes of text a second on one core
//! cargo bench --bench eval --features train -- folds 5 FILE... [+ FILE...] [= FILE...]
//! ```
//!
//! A file of annotated texts is in a shape that `tagger::annotated` describes; a file of articles is JSON lines with
//! `title`, `body` and, for `regions`, `places`, the countries that editors gave. Either may be compressed with gzip.
//!
//! Printed for each kind of name: annotated, found, right (the same span and kind), precision, recall and F1, and F1 where
//! any overlap with a name of the kind is right. `folds` trains on all folds but one and measures on that one; texts of
//! one group (wire or article) are in one fold. The files after `+` are trained on and never measured; those after `=`
//! are measured by a tagger that learnt from all the others.
//!
//! `links` draws mentions with an id, each with the same chance, and prints for each the rule that made it, the id
//! and the sentence with the mention in `[[ ]]`: whoever reads them writes `1` or `0` and a tab in front of each line, and
//! `score` counts by rule. `MATCH` is a piece of the id or code, or a file of names, one a line; `.` is all of them. For
//! `links`, `places`, `names`, `regions` and `speed` the tier is `rules`, or `full` where the environment has `TIER=full`;
//! `GAZETTEER` names rows of one's own.

#![allow(clippy::print_stdout, reason = "tables are what it is for")]

mod counts;
#[cfg(feature = "train")]
mod folds;
mod linking;
mod links;
mod mentions;
mod regions;
mod toponyms;

use std::io::Read;

use dateline::annotate::{Annotations, Tier, Words, annotate};
use dateline::tagger::annotated::{self, Annotated};
use dateline::wire::boilerplate;
use dateline::words::Analyzer;

/// An article as the files of news have it.
struct Article {
    title: String,
    body: String,
    dateline: Option<String>,
    /// Countries that editors gave it, as they are written.
    places: Vec<String>,
}

fn read(path: &str) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn annotated(path: &str) -> Vec<Annotated> {
    annotated::read(path, &read(path)).unwrap_or_else(|error| panic!("{error}"))
}

fn unpacked(path: &str) -> String {
    let bytes = read(path);
    let mut text = String::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let read = flate2::read::MultiGzDecoder::new(&*bytes).read_to_string(&mut text);
        read.unwrap_or_else(|error| panic!("{path}: {error}"));
    } else {
        text = String::from_utf8(bytes).unwrap_or_else(|error| panic!("{path}: {error}"));
    }
    text
}

fn articles(path: &str) -> Vec<Article> {
    let text = unpacked(path);
    let articles = (1..).zip(text.lines()).map(|(number, line)| {
        let value: serde_json::Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{path}: line {number}: {error}"));
        let field = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        let places = value["places"].as_array().into_iter().flatten().filter_map(|place| place.as_str());
        Article {
            title: field("title"),
            body: field("body"),
            dateline: value["dateline"].as_str().map(str::to_owned),
            places: places.map(str::to_owned).collect(),
        }
    });
    articles.collect()
}

fn found(article: &Article, tier: Tier, analyzer: &mut Analyzer) -> Annotations {
    let (title, body) = (analyzer.tokens(&article.title), analyzer.tokens(&article.body));
    annotate(
        Words { text: &article.title, tokens: &title },
        Words { text: &article.body, tokens: &body },
        article.dateline.as_deref(),
        &boilerplate(&article.body),
        tier,
    )
}

#[allow(clippy::cast_precision_loss, reason = "counts of names are small")]
fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

/// Every table that the rows of a file allow.
fn tables(file: &str, tier: Tier) {
    let is_of_articles = unpacked(file).lines().next().is_some_and(|line| {
        serde_json::from_str::<serde_json::Value>(line).is_ok_and(|row| row.get("body").is_some())
    });
    if is_of_articles {
        regions::regions("all", &[file.to_owned()], tier);
        return;
    }
    mentions::mentions(file);
    linking::linking(file);
    if annotated(file).iter().any(|text| text.names.iter().any(|name| name.country.is_some())) {
        toponyms::toponyms(file);
    }
}

fn main() {
    if let Ok(path) = std::env::var("GAZETTEER") {
        let table = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        dateline::gazetteer::extend(&path, &table).unwrap_or_else(|error| panic!("{error}"));
    }
    let tier = if std::env::var("TIER").is_ok_and(|tier| tier == "full") { Tier::Full } else { Tier::Rules };
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["mentions", _, ..] => arguments[1..].iter().for_each(|file| mentions::mentions(file)),
        ["linking", _, ..] => arguments[1..].iter().for_each(|file| linking::linking(file)),
        ["toponyms", _, ..] => arguments[1..].iter().for_each(|file| toponyms::toponyms(file)),
        ["regions", part, _, ..] => regions::regions(part, &arguments[2..], tier),
        [kind @ ("links" | "places"), seed, wanted, _, ..] => {
            let (seed, wanted) = (seed.parse().expect("a seed"), wanted.parse().expect("how many"));
            links::links(seed, wanted, &arguments[3..], tier, kind == "places");
        }
        ["score", file] => links::score(file),
        ["names", wanted, _, ..] => links::names(wanted, &arguments[2..], tier),
        ["speed", _, ..] => links::speed(&arguments[1..], tier),
        #[cfg(feature = "train")]
        ["folds", count, _, ..] => {
            folds::folds(count.parse().expect("a number of folds"), &arguments[2..]);
        }
        [file, ..] if std::path::Path::new(file).exists() => {
            for file in &arguments {
                tables(file, tier);
            }
        }
        _ => println!("FILE..., or a command and its files: see the head of tests/eval/main.rs"),
    }
}
