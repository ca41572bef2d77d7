//! How well names are found, on annotated texts.
//!
//! ```text
//! cargo bench --bench eval --features train -- mentions FILE...    the tagger that ships
//! cargo bench --bench eval --features train -- folds 5 FILE... [+ FILE...]
//! ```
//!
//! A file is in the shape that `tagger::train` describes. `folds` trains on all folds but one and measures on that
//! one; texts of one group (wire or article) are in one fold, and the files after `+` are trained on and never
//! measured. Printed for each kind: annotated, found, right (the same span and kind), precision, recall and F1, and
//! F1 where any overlap with a name of the kind is right.

#![allow(clippy::print_stdout, reason = "tables are what it is for")]

use std::collections::BTreeMap;

use dateline::annotate::{Words, hints};
use dateline::article::Span;
use dateline::tagger::{Kind, Tagger, tagger, train};
use dateline::words::Analyzer;

#[derive(Debug, Clone, Copy, Default)]
struct Count {
    annotated: usize,
    found: usize,
    right: usize,
    annotated_touched: usize,
    found_touched: usize,
}

impl Count {
    fn add(&mut self, other: Count) {
        self.annotated += other.annotated;
        self.found += other.found;
        self.right += other.right;
        self.annotated_touched += other.annotated_touched;
        self.found_touched += other.found_touched;
    }

    #[allow(clippy::cast_precision_loss)]
    fn f1(right: usize, right_of_found: usize, annotated: usize, found: usize) -> f64 {
        let (recall, precision) =
            (right as f64 / annotated.max(1) as f64, right_of_found as f64 / found.max(1) as f64);
        if recall + precision == 0.0 { 0.0 } else { 200.0 * recall * precision / (recall + precision) }
    }

    fn exact(self) -> f64 {
        Count::f1(self.right, self.right, self.annotated, self.found)
    }

    fn overlap(self) -> f64 {
        Count::f1(self.annotated_touched, self.found_touched, self.annotated, self.found)
    }
}

type Counts = BTreeMap<&'static str, Count>;

/// What is measured together: the three kinds that all sets have.
const CORE: [Kind; 3] = [Kind::Organisation, Kind::Person, Kind::Place];

fn measure<'a>(
    tagger: &Tagger,
    texts: impl Iterator<Item = (&'a str, &'a [(Span, Option<Kind>)])>,
) -> Counts {
    let mut analyzer = Analyzer::for_places();
    let mut counts = Counts::new();
    for (text, names) in texts {
        let tokens = analyzer.tokens(text);
        let read = tagger.tag(text, &tokens, &hints(Words { text, tokens: &tokens }));
        if std::env::var_os("ERRORS").is_some() {
            for found in &read {
                if CORE.contains(&found.kind) && !names.contains(&(found.span, Some(found.kind))) {
                    println!("found  {} {}", found.kind.code(), context(text, found.span));
                }
            }
            for (span, kind) in names {
                if let Some(kind) = kind.filter(|kind| CORE.contains(kind))
                    && !read.iter().any(|found| found.kind == kind && found.span == *span)
                {
                    println!("missed {} {}", kind.code(), context(text, *span));
                }
            }
        }
        for kind in Kind::ALL {
            let found: Vec<Span> =
                read.iter().filter(|found| found.kind == kind).map(|found| found.span).collect();
            let annotated: Vec<Span> =
                names.iter().filter(|(_, label)| *label == Some(kind)).map(|(span, _)| *span).collect();
            let touches = |a: &Span, all: &[Span]| all.iter().any(|b| a.start < b.end && b.start < a.end);
            let count = Count {
                annotated: annotated.len(),
                found: found.len(),
                right: annotated.iter().filter(|span| found.contains(span)).count(),
                annotated_touched: annotated.iter().filter(|span| touches(span, &found)).count(),
                found_touched: found.iter().filter(|span| touches(span, &annotated)).count(),
            };
            counts.entry(kind.code()).or_default().add(count);
            if CORE.contains(&kind) {
                counts.entry("core").or_default().add(count);
            }
        }
    }
    counts
}

fn context(text: &str, span: Span) -> String {
    let from = text.floor_char_boundary((span.start as usize).saturating_sub(40));
    let to = text.ceil_char_boundary((span.end as usize + 30).min(text.len()));
    format!("{}[{}]{}", &text[from..span.start as usize], span.of(text), &text[span.end as usize..to])
        .replace('\n', " / ")
}

fn print(title: &str, counts: &Counts) {
    println!("{title}");
    println!(
        "  {:5} {:>9} {:>7} {:>7} {:>6} {:>6} {:>6} {:>8}",
        "", "annotated", "found", "right", "P", "R", "F1", "overlap"
    );
    for (kind, count) in counts {
        #[allow(clippy::cast_precision_loss)]
        let part = |right: usize, of: usize| 100.0 * right as f64 / of.max(1) as f64;
        println!(
            "  {kind:5} {:>9} {:>7} {:>7} {:>6.1} {:>6.1} {:>6.1} {:>8.1}",
            count.annotated,
            count.found,
            count.right,
            part(count.right, count.found),
            part(count.right, count.annotated),
            count.exact(),
            count.overlap(),
        );
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let known = |text: &str, tokens: &dateline::words::Tokens| hints(Words { text, tokens });
    let read = |path: &String| {
        let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}"));
        train::read(path, &bytes).unwrap_or_else(|error| panic!("{error}"))
    };
    let seen = |texts: &[train::Annotated], tagger: &Tagger| {
        measure(tagger, texts.iter().map(|text| (&*text.text, &*text.names)))
    };
    match arguments.split_first() {
        Some((command, files)) if command == "mentions" => {
            for file in files {
                print(file, &seen(&read(file), tagger()));
            }
        }
        Some((command, rest)) if command == "folds" && rest.len() > 1 => {
            let folds: u64 = rest[0].parse().expect("a number of folds");
            let (measured, only) = match rest[1..].iter().position(|file| file == "+") {
                Some(at) => (&rest[1..=at], &rest[at + 2..]),
                None => (&rest[1..], &rest[..0]),
            };
            let only: Vec<train::Annotated> = only.iter().flat_map(read).collect();
            let measured: Vec<(usize, train::Annotated)> = measured
                .iter()
                .enumerate()
                .flat_map(|(file, path)| read(path).into_iter().map(move |text| (file, text)))
                .collect();
            let fold = |text: &train::Annotated| xxhash_rust::xxh3::xxh3_64(text.group.as_bytes()) % folds;
            let mut per_file: BTreeMap<usize, Counts> = BTreeMap::new();
            let mut each: Vec<f64> = Vec::new();
            for number in 0..folds {
                let (test, rest): (Vec<_>, Vec<_>) =
                    measured.iter().cloned().partition(|(_, text)| fold(text) == number);
                let training: Vec<train::Annotated> =
                    rest.into_iter().map(|(_, text)| text).chain(only.iter().cloned()).collect();
                let tagger = train::train(&training, &known, &mut |_, _| ());
                let mut whole = Count::default();
                for (file, text) in test {
                    let counts = seen(&[text], &tagger);
                    whole.add(counts["core"]);
                    for (kind, count) in counts {
                        per_file.entry(file).or_default().entry(kind).or_default().add(count);
                    }
                }
                each.push(whole.exact());
            }
            for (file, counts) in &per_file {
                print(&rest[1 + file], counts);
            }
            #[allow(clippy::cast_precision_loss)]
            let mean = each.iter().sum::<f64>() / each.len() as f64;
            println!("core F1 of each fold: {each:.1?}, mean {mean:.1}");
        }
        _ => println!("mentions FILE... or folds N FILE... [+ FILE...]"),
    }
}
