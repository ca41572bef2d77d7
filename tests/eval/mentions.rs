//! Names found, against annotated texts.

use std::collections::BTreeMap;

use dateline::annotate::{Words, hints};
use dateline::article::Span;
use dateline::tagger::{Hinted, Kind, Tagger, tagger, train};
use dateline::words::{Analyzer, Tokens};

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
        let hints = hints(Words { text, tokens: &tokens });
        let read = tagger.tag(&[Hinted { text, tokens: &tokens, hints: &hints }]).remove(0);
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

/// Tables for texts by the tagger that ships.
pub fn mentions(file: &str) {
    print(file, &seen(&read(file), tagger()));
}

fn read(path: &str) -> Vec<train::Annotated> {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    train::read(path, &bytes).unwrap_or_else(|error| panic!("{error}"))
}

fn seen(texts: &[train::Annotated], tagger: &Tagger) -> Counts {
    measure(tagger, texts.iter().map(|text| (&*text.text, &*text.names)))
}

fn learn(texts: &[train::Annotated]) -> Tagger {
    train::train(texts, &|text: &str, tokens: &Tokens| hints(Words { text, tokens }), &mut |_, _| ())
}

/// The files named before `+`, or `=`, and after each.
fn sets(files: &[String]) -> [Vec<String>; 3] {
    let mut sets = [const { Vec::new() }; 3];
    let mut set = 0;
    for file in files {
        match file.as_str() {
            "+" => set = 1,
            "=" => set = 2,
            _ => sets[set].push(file.clone()),
        }
    }
    sets
}

/// Trains on all folds but one and measures on that one; then on all, and measures on the files after `=`.
pub fn folds(count: u64, files: &[String]) {
    let [measured, only, foreign] = sets(files);
    let only: Vec<train::Annotated> = only.iter().flat_map(|file| read(file)).collect();
    let texts: Vec<(usize, train::Annotated)> = measured
        .iter()
        .enumerate()
        .flat_map(|(file, path)| read(path).into_iter().map(move |text| (file, text)))
        .collect();
    let fold = |text: &train::Annotated| xxhash_rust::xxh3::xxh3_64(text.group.as_bytes()) % count;
    let one = |number: u64| {
        let (test, rest): (Vec<_>, Vec<_>) =
            texts.iter().cloned().partition(|(_, text)| fold(text) == number);
        let training: Vec<train::Annotated> =
            rest.into_iter().map(|(_, text)| text).chain(only.iter().cloned()).collect();
        let tagger = learn(&training);
        test.into_iter().map(|(file, text)| (file, seen(&[text], &tagger))).collect::<Vec<_>>()
    };
    let mut per_file: BTreeMap<usize, Counts> = BTreeMap::new();
    let mut each: Vec<f64> = Vec::new();
    for results in side_by_side(0..count, &one) {
        let mut whole = Count::default();
        for (file, counts) in results {
            whole.add(counts["core"]);
            for (kind, count) in counts {
                per_file.entry(file).or_default().entry(kind).or_default().add(count);
            }
        }
        each.push(whole.exact());
    }
    for (file, counts) in &per_file {
        print(&measured[*file], counts);
    }
    #[allow(clippy::cast_precision_loss)]
    let mean = each.iter().sum::<f64>() / each.len() as f64;
    println!("core F1 of each fold: {each:.1?}, mean {mean:.1}");
    if !foreign.is_empty() {
        let all: Vec<train::Annotated> =
            texts.into_iter().map(|(_, text)| text).chain(only.iter().cloned()).collect();
        let tagger = learn(&all);
        for file in &foreign {
            print(file, &seen(&read(file), &tagger));
        }
    }
}

/// Does each, two at a time.
fn side_by_side<T: Send>(numbers: std::ops::Range<u64>, each: &(impl Fn(u64) -> T + Sync)) -> Vec<T> {
    let numbers: Vec<u64> = numbers.collect();
    let mut done = Vec::new();
    for pair in numbers.chunks(2) {
        std::thread::scope(|scope| {
            let running: Vec<_> = pair.iter().map(|number| scope.spawn(move || each(*number))).collect();
            done.extend(running.into_iter().map(|thread| thread.join().expect("no panic")));
        });
    }
    done
}
