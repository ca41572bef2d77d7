//! Links drawn at random for a person to read, and what the person wrote; all names with a target; speed.

use std::collections::{BTreeMap, HashSet};
use std::time::Instant;

use dateline::annotate::{Mention, Part, Referent, Tier, Words, annotate};
use dateline::gazetteer::{entities, regions};
use dateline::words::Analyzer;

use crate::{Article, articles, found};

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
    let from = text.floor_char_boundary((mention.span.start as usize).saturating_sub(200));
    let to = text.ceil_char_boundary((mention.span.end as usize + 200).min(text.len()));
    let (before, after) = (&text[from..mention.span.start as usize], &text[mention.span.end as usize..to]);
    format!("{before}[[{}]]{after}", mention.span.of(text)).replace(['\n', '\t'], " / ")
}

/// Random mentions with an id, one a line, in the order of the text.
pub fn links(seed: u64, wanted: usize, files: &[String], tier: Tier, of_places: bool) {
    let mut numbers = Numbers(seed);
    let mut sample: Vec<(u64, String)> = Vec::new();
    let mut so_far = 0;
    let mut analyzer = Analyzer::for_places();
    for article in files.iter().flat_map(|file| articles(file)) {
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

/// Each name with a target, the most frequent first.
pub fn names(wanted: &str, files: &[String], tier: Tier) {
    let listed: Option<HashSet<String>> =
        std::fs::read_to_string(wanted).ok().map(|list| list.lines().map(str::to_owned).collect());
    let mut counts: BTreeMap<(String, String), (u64, String)> = BTreeMap::new();
    let mut analyzer = Analyzer::for_places();
    for article in files.iter().flat_map(|file| articles(file)) {
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

/// How much text is annotated in a second.
#[allow(clippy::cast_precision_loss, reason = "a few gigabytes at most")]
pub fn speed(files: &[String], tier: Tier) {
    let start = Instant::now();
    let _ = dateline::gazetteer::surfaces();
    println!("the tables are ready after {:.1} ms", start.elapsed().as_secs_f64() * 1000.0);
    let mut analyzer = Analyzer::for_places();
    let read: Vec<Article> = files.iter().flat_map(|file| articles(file)).collect();
    let tokens: Vec<_> = read.iter().map(|a| (analyzer.tokens(&a.title), analyzer.tokens(&a.body))).collect();
    let bytes: usize = read.iter().map(|article| article.title.len() + article.body.len()).sum();
    for _ in 0..3 {
        let start = Instant::now();
        let mut mentions = 0;
        for (article, (title, body)) in read.iter().zip(&tokens) {
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
pub fn score(file: &str) {
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
