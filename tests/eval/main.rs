//! How good dateline's reading of articles is, on texts that people labelled.
//!
//! ```text
//! cargo bench --bench eval --features train -- mentions FILE...    the tagger that ships
//! cargo bench --bench eval --features train -- folds 5 FILE... [+ FILE...] [= FILE...]
//! cargo bench --bench eval --features train -- toponyms FILE...    places and their countries
//! ```
//!
//! A file of mentions is in a shape that `tagger::train` describes. `folds` trains on all folds but one and measures on
//! that one; texts of one group (wire or article) are in one fold. The files after `+` are trained on and never
//! measured; those after `=` are measured by a tagger that learnt from all the others. Printed for each kind:
//! annotated, found, right (the same span and kind), precision, recall and F1, and F1 where any overlap with a name of
//! the kind is right.

#![allow(clippy::print_stdout, reason = "tables are what it is for")]

mod mentions;
mod toponyms;

use std::io::Read;

use serde::de::DeserializeOwned;

/// The rows of a file, plain or compressed with gzip.
fn rows<T: DeserializeOwned>(file: &str) -> Vec<T> {
    let bytes = std::fs::read(file).unwrap_or_else(|error| panic!("{file}: {error}"));
    let mut text = String::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let read = flate2::read::MultiGzDecoder::new(&*bytes).read_to_string(&mut text);
        read.unwrap_or_else(|error| panic!("{file}: {error}"));
    } else {
        text = String::from_utf8(bytes).unwrap_or_else(|error| panic!("{file}: {error}"));
    }
    let rows = (1..).zip(text.lines());
    rows.map(|(number, line)| {
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{file}: line {number}: {error}"))
    })
    .collect()
}

#[allow(clippy::cast_precision_loss, reason = "counts of names are small")]
fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["mentions", _, ..] => arguments[1..].iter().for_each(|file| mentions::mentions(file)),
        ["folds", count, _, ..] => {
            mentions::folds(count.parse().expect("a number of folds"), &arguments[2..]);
        }
        ["toponyms", _, ..] => arguments[1..].iter().for_each(|file| toponyms::toponyms(file)),
        _ => println!("mentions FILE..., folds N FILE... [+ FILE...] [= FILE...] or toponyms FILE..."),
    }
}
