//! Places found in annotated texts, and the countries they are said to lie in.
//!
//! A row has marks `LOC` with a `country`, as English writes it. Found are the places that the tagger reads and the
//! regions and peoples that the gazetteer names; of what the two find at one spot, the longer counts.

use std::collections::BTreeMap;

use dateline::annotate::{Mention, Part, Referent, Tier, Words, annotate, hints};
use dateline::article::Span;
use dateline::gazetteer::regions;
use dateline::tagger::{Hinted, Kind, tagger};
use dateline::words::{Analyzer, Tokens};

use crate::{annotated, percent};

/// The span of a place, and the country it is said to lie in.
type Place = (Span, Option<&'static str>);

/// The table for the rows of a file.
pub fn toponyms(file: &str) {
    let mut counts: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    let (mut placed, mut right_country, mut given_of_found) = (0, 0, 0);
    for row in annotated(file) {
        let marks = row.names.iter().filter(|name| name.kind == Some(Kind::Place));
        let annotated: Vec<Place> =
            marks.map(|name| (name.span, name.country.as_deref().and_then(country_named))).collect();
        let tokens = Analyzer::for_places().tokens(&row.text);
        let words = Words { text: &row.text, tokens: &tokens };
        let (read, listed) = (read(words), listed(words));
        let merged = merged(&read, &listed);
        for (name, found) in [("tagger", &read), ("gazetteer", &listed), ("both", &merged)] {
            let count = counts.entry(name).or_default();
            count[0] += annotated.len();
            count[1] += found.len();
            count[2] +=
                annotated.iter().filter(|(span, _)| found.iter().any(|(other, _)| other == span)).count();
        }
        for (span, country) in annotated.iter().filter(|(_, country)| country.is_some()) {
            if let Some((_, said)) = merged.iter().find(|(other, _)| other == span) {
                given_of_found += 1;
                placed += usize::from(said.is_some());
                right_country += usize::from(said == country);
            }
        }
    }
    println!(
        "{file}: places\n  {:10} {:>9} {:>7} {:>7} {:>6} {:>6} {:>6}",
        "", "annotated", "found", "right", "P", "R", "F1"
    );
    for (name, [annotated, found, right]) in counts {
        let (precision, recall) = (percent(right, found), percent(right, annotated));
        let f1 = 2.0 * precision * recall / (precision + recall).max(f64::MIN_POSITIVE);
        println!("  {name:10} {annotated:>9} {found:>7} {right:>7} {precision:>6.1} {recall:>6.1} {f1:>6.1}");
    }
    println!(
        "  of {given_of_found} found whose country is annotated, {placed} have one, {right_country} the right one: {:.1} % of those that have one, {:.1} % of all",
        percent(right_country, placed),
        percent(right_country, given_of_found)
    );
}

/// The country of an English name; the United Kingdom where it says `England`.
fn country_named(name: &str) -> Option<&'static str> {
    regions().resolve(name).first().map(|code| country(code.0))
}

/// The country of a region: itself or, of a state, the one it is in.
fn country(code: &'static str) -> &'static str {
    code.split_once('-').map_or(code, |(country, _)| country)
}

/// The places and peoples that the tagger reads.
fn read(words: Words<'_>) -> Vec<Place> {
    let hints = hints(words);
    let found = tagger().tag(&[Hinted { text: words.text, tokens: words.tokens, hints: &hints }]).remove(0);
    let places = found.iter().filter(|found| matches!(found.kind, Kind::Place | Kind::Demonym));
    places.map(|found| (found.span, None)).collect()
}

/// The regions that the gazetteer names.
fn listed(words: Words<'_>) -> Vec<Place> {
    let none = Tokens::default();
    let found = annotate(Words { text: "", tokens: &none }, words, None, &[], Tier::Rules);
    let mut places: Vec<Place> = Vec::new();
    for mention in found.mentions.iter().filter(|mention| mention.part == Part::Body) {
        if let Referent::Region(code) = mention.referent {
            let span = without_possessive(words.text, mention);
            if places.last().is_none_or(|(before, _)| *before != span) {
                places.push((span, Some(country(code.0))));
            }
        }
    }
    places
}

fn without_possessive(text: &str, mention: &Mention) -> Span {
    let written = mention.span.of(text);
    let end = written.strip_suffix("'s").or(written.strip_suffix("’s")).unwrap_or(written).len();
    Span::new(mention.span.start as usize, mention.span.start as usize + end)
}

/// All of one, and those of the other that touch none of it; of two that touch, the longer.
fn merged(read: &[Place], listed: &[Place]) -> Vec<Place> {
    let touch = |a: &Span, b: &Span| a.start < b.end && b.start < a.end;
    let mut merged = Vec::new();
    for (span, _) in read {
        let within: Vec<&Place> = listed.iter().filter(|(other, _)| touch(other, span)).collect();
        let country = within.iter().find_map(|(_, country)| *country);
        let longest =
            within.iter().map(|(other, _)| *other).chain([*span]).max_by_key(|span| span.end - span.start);
        merged.push((longest.unwrap_or(*span), country));
    }
    merged.extend(listed.iter().filter(|(span, _)| !read.iter().any(|(other, _)| touch(other, span))));
    merged.sort_by_key(|(span, _)| *span);
    merged.dedup_by_key(|(span, _)| *span);
    merged
}
