//! Names that a tagger reads in texts that it did not learn from.

use std::collections::BTreeMap;

use dateline::annotate::{Words, hints};
use dateline::tagger::annotated::Annotated;
use dateline::tagger::{Tagger, train};
use dateline::words::Tokens;

use crate::annotated;
use crate::counts::{Count, Counts, print};
use crate::mentions::seen;

fn learn(texts: &[Annotated]) -> Tagger {
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
    let only: Vec<Annotated> = only.iter().flat_map(|file| annotated(file)).collect();
    let texts: Vec<(usize, Annotated)> = measured
        .iter()
        .enumerate()
        .flat_map(|(file, path)| annotated(path).into_iter().map(move |text| (file, text)))
        .collect();
    let fold = |text: &Annotated| xxhash_rust::xxh3::xxh3_64(text.group.as_bytes()) % count;
    let one = |number: u64| {
        let (test, rest): (Vec<_>, Vec<_>) =
            texts.iter().cloned().partition(|(_, text)| fold(text) == number);
        let training: Vec<Annotated> =
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
        let all: Vec<Annotated> =
            texts.into_iter().map(|(_, text)| text).chain(only.iter().cloned()).collect();
        let tagger = learn(&all);
        for file in &foreign {
            print(file, &seen(&annotated(file), &tagger));
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
