//! How well the tables and rules say who and where is meant, on articles in lines of JSON (gzipped or not).
//!
//! ```text
//! cargo bench --bench links -- links SEED N FILE...     N random links to organisations, to be read by a person
//! cargo bench --bench links -- places SEED N FILE...    the same of regions
//! cargo bench --bench links -- names MATCH FILE...      each name with a target, how often, and one place it stands
//! cargo bench --bench links -- regions PART FILE...     against the field `places`: `earlier`, `later` half or `all`
//! cargo bench --bench links -- speed FILE...            annotation alone, megabytes of text a second on one core
//! ```
//!
//! `links` draws mentions with an id, each with the same chance, and prints for each the rule that made it, the id
//! and the sentence with the mention in `[[ ]]`: whoever reads them writes `1` or `0` in front of each line, and
//! `cargo bench --bench links -- score FILE` counts by rule. `MATCH` is a piece of the id or code, or a file of
//! names, one a line; `.` is all of them. The tier is `rules`, or `full` where the environment has `TIER=full`, and
//! `GAZETTEER` names rows of one's own. The halves of `regions` are by order in the file.

#![allow(clippy::print_stdout, reason = "tables are what it is for")]

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::Read;
use std::time::Instant;

use dateline::annotate::{Annotations, Mention, Part, Referent, Tier, Words, annotate};
use dateline::gazetteer::{entities, regions};
use dateline::wire::boilerplate;
use dateline::words::Analyzer;

struct Article {
    title: String,
    body: String,
    dateline: Option<String>,
    /// Countries that editors gave it, as they are written.
    places: Vec<String>,
}

fn read(path: &str) -> Vec<Article> {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut text = String::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        flate2::read::MultiGzDecoder::new(&*bytes).read_to_string(&mut text).expect("gzipped UTF-8");
    } else {
        text = String::from_utf8(bytes).expect("UTF-8");
    }
    let articles = text.lines().map(|line| {
        let value: serde_json::Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{path}: {error}"));
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

/// A generator of numbers that gives the same ones everywhere (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// The line around a mention, cut to what a reader needs.
fn context(article: &Article, mention: &Mention) -> String {
    let text = if mention.part == Part::Title { &article.title } else { &article.body };
    let from = text.floor_char_boundary((mention.span.start as usize).saturating_sub(140));
    let to = text.ceil_char_boundary((mention.span.end as usize + 120).min(text.len()));
    let (before, after) = (&text[from..mention.span.start as usize], &text[mention.span.end as usize..to]);
    format!("{before}[[{}]]{after}", mention.span.of(text)).replace(['\n', '\t'], " / ")
}

fn links(seed: u64, wanted: usize, files: &[String], tier: Tier, of_places: bool) {
    let mut numbers = Numbers(seed);
    let mut sample: Vec<(u64, String)> = Vec::new();
    let mut so_far = 0;
    let mut analyzer = Analyzer::for_places();
    for article in files.iter().flat_map(|file| read(file)) {
        let is_wanted = |mention: &&Mention| matches!(&mention.referent, Referent::Region(_)) == of_places;
        for mention in found(&article, tier, &mut analyzer).mentions.iter().filter(is_wanted) {
            let (id, name) = match &mention.referent {
                Referent::Entity(id) => (id.as_str(), entities().name(id.as_str())),
                Referent::Region(code) => (code.0, regions().name(code.0).into()),
            };
            so_far += 1;
            // A reservoir: the n-th takes a place with the chance wanted / n.
            let place = usize::try_from(numbers.below(so_far)).expect("64 bits");
            let line = || format!("{:?}\t{id}\t{name}\t{}", mention.rule, context(&article, mention));
            if sample.len() < wanted {
                sample.push((so_far, line()));
            } else if place < wanted {
                sample[place] = (so_far, line());
            }
        }
    }
    sample.sort();
    for (_, line) in sample {
        println!("{line}");
    }
}

fn names(wanted: &str, files: &[String], tier: Tier) {
    let listed: Option<HashSet<String>> =
        std::fs::read_to_string(wanted).ok().map(|list| list.lines().map(str::to_owned).collect());
    let mut counts: BTreeMap<(String, String), (u64, String)> = BTreeMap::new();
    let mut analyzer = Analyzer::for_places();
    for article in files.iter().flat_map(|file| read(file)) {
        for mention in &found(&article, tier, &mut analyzer).mentions {
            let target = match &mention.referent {
                Referent::Region(code) => code.to_string(),
                Referent::Entity(id) => id.to_string(),
            };
            let text = if mention.part == Part::Title { &article.title } else { &article.body };
            let name = mention.span.of(text);
            let is_wanted = match &listed {
                Some(list) => list.contains(name) || list.contains(&target),
                None => wanted == "." || target.contains(wanted),
            };
            if is_wanted {
                let entry = counts.entry((name.to_owned(), target)).or_default();
                entry.0 += 1;
                // The places at powers of two stand for all: the last of them is kept.
                if entry.0.is_power_of_two() {
                    entry.1 = format!("{:?}\t{}", mention.rule, context(&article, mention));
                }
            }
        }
    }
    let mut rows: Vec<_> = counts.into_iter().collect();
    rows.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    for ((name, target), (count, place)) in rows {
        println!("{count}\t{name}\t{target}\t{place}");
    }
}

/// The code of a country as Reuters writes it; some are no countries any more.
fn country(label: &str) -> Option<&'static str> {
    let known = match label {
        "usa" => "US",
        "ussr" => "RU",
        "west-germany" | "east-germany" => "DE",
        "zaire" => "CD",
        "burma" => "MM",
        "kampuchea" => "KH",
        "yemen-arab-republic" | "yemen-demo-republic" => "YE",
        "trinidad-tobago" => "TT",
        "us-virgin-islands" => "VI",
        "congo" => "CG",
        _ => "",
    };
    if !known.is_empty() {
        return Some(known);
    }
    regions().resolve(&label.replace('-', " ")).first().map(|code| code.0)
}

#[allow(clippy::cast_precision_loss, reason = "counts of articles are small")]
fn measure_regions(part: &str, files: &[String], tier: Tier) {
    let articles: Vec<Article> = files.iter().flat_map(|file| read(file)).collect();
    let half = articles.len() / 2;
    let measured = match part {
        "earlier" => &articles[..half],
        "later" => &articles[half..],
        _ => &articles[..],
    };
    let mut analyzer = Analyzer::for_places();
    // All, and those that editors did not give to the United States alone.
    let mut counts = [[0_usize; 4]; 2];
    for article in measured {
        let given: BTreeSet<&str> = article.places.iter().filter_map(|label| country(label)).collect();
        if given.is_empty() {
            continue;
        }
        let annotations = found(article, tier, &mut analyzer);
        let countries =
            |is_wanted: &dyn Fn(&dateline::annotate::NamedRegion) -> bool| -> BTreeSet<&'static str> {
                let named = annotations.regions.iter().filter(|region| is_wanted(region));
                let codes = named.map(|region| region.code.0);
                codes.filter(|code| code.len() == 2).collect()
            };
        let (about, mut named) = (countries(&|region| region.is_about), countries(&|_| true));
        named.extend(
            annotations
                .regions
                .iter()
                .filter_map(|region| region.code.0.split_once('-').map(|(country, _)| country))
                .filter(|code| *code == "US"),
        );
        for (group, count) in counts.iter_mut().enumerate() {
            if group == 0 || given.iter().any(|code| *code != "US") {
                count[0] += given.intersection(&about).count();
                count[1] += about.len();
                count[2] += given.len();
                count[3] += given.intersection(&named).count();
            }
        }
    }
    for (group, [right, about, given, named]) in ["all", "not the United States alone"].iter().zip(counts) {
        let (precision, recall) = (right as f64 / about as f64, right as f64 / given as f64);
        println!(
            "{group}: about P {:.2} R {:.2} F1 {:.2}; named R {:.2}; {given} given, {about} found",
            100.0 * precision,
            100.0 * recall,
            200.0 * precision * recall / (precision + recall),
            100.0 * named as f64 / given as f64
        );
    }
}

#[allow(clippy::cast_precision_loss, reason = "a few gigabytes at most")]
fn speed(files: &[String], tier: Tier) {
    let start = Instant::now();
    let _ = dateline::gazetteer::surfaces();
    println!("the tables are ready after {:.1} ms", start.elapsed().as_secs_f64() * 1000.0);
    let mut analyzer = Analyzer::for_places();
    let articles: Vec<Article> = files.iter().flat_map(|file| read(file)).collect();
    let tokens: Vec<_> =
        articles.iter().map(|a| (analyzer.tokens(&a.title), analyzer.tokens(&a.body))).collect();
    let bytes: usize = articles.iter().map(|article| article.title.len() + article.body.len()).sum();
    for _ in 0..3 {
        let start = Instant::now();
        let mut mentions = 0;
        for (article, (title, body)) in articles.iter().zip(&tokens) {
            let (title, body) =
                (Words { text: &article.title, tokens: title }, Words { text: &article.body, tokens: body });
            mentions += annotate(title, body, article.dateline.as_deref(), &[], tier).mentions.len();
        }
        let seconds = start.elapsed().as_secs_f64();
        println!("{mentions} mentions, {:.1} MB/s", bytes as f64 / 1e6 / seconds);
    }
}

/// Counts lines of `links` that a person marked with `1` or `0` and a tab in front.
#[allow(clippy::cast_precision_loss, reason = "a few hundred lines")]
fn score(file: &str) {
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{file}: {error}"));
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for line in text.lines() {
        let mut columns = line.split('\t');
        if let (Some(mark @ ("0" | "1")), Some(rule)) = (columns.next(), columns.next()) {
            for group in [rule, "all"] {
                let count = counts.entry(group).or_default();
                count.0 += usize::from(mark == "1");
                count.1 += 1;
            }
        }
    }
    for (rule, (right, all)) in counts {
        println!("{rule}: {right} of {all} right, {:.1} %", 100.0 * right as f64 / all as f64);
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
        [kind @ ("links" | "places"), seed, wanted, _, ..] => {
            let (seed, wanted) = (seed.parse().expect("a seed"), wanted.parse().expect("how many"));
            links(seed, wanted, &arguments[3..], tier, kind == "places");
        }
        ["names", wanted, _, ..] => names(wanted, &arguments[2..], tier),
        ["regions", part, _, ..] => measure_regions(part, &arguments[2..], tier),
        ["speed", _, ..] => speed(&arguments[1..], tier),
        ["score", file] => score(file),
        _ => println!(
            "links SEED N FILE..., places SEED N FILE..., names MATCH FILE..., regions PART FILE..., speed FILE... or score FILE"
        ),
    }
}
