//! Names found against names annotated, as a table.

use std::collections::BTreeMap;

use dateline::article::Span;

use crate::percent;

/// How many names are annotated, found and right.
#[derive(Debug, Clone, Copy, Default)]
pub struct Count {
    pub annotated: usize,
    pub found: usize,
    pub right: usize,
    pub annotated_touched: usize,
    pub found_touched: usize,
}

impl Count {
    /// Spans that are annotated, against spans that are found.
    pub fn of(annotated: &[Span], found: &[Span]) -> Count {
        let touches = |a: &Span, all: &[Span]| all.iter().any(|b| a.start < b.end && b.start < a.end);
        Count {
            annotated: annotated.len(),
            found: found.len(),
            right: annotated.iter().filter(|span| found.contains(span)).count(),
            annotated_touched: annotated.iter().filter(|span| touches(span, found)).count(),
            found_touched: found.iter().filter(|span| touches(span, annotated)).count(),
        }
    }

    pub fn add(&mut self, other: Count) {
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

    pub fn exact(self) -> f64 {
        Count::f1(self.right, self.right, self.annotated, self.found)
    }

    fn overlap(self) -> f64 {
        Count::f1(self.annotated_touched, self.found_touched, self.annotated, self.found)
    }
}

pub type Counts = BTreeMap<&'static str, Count>;

/// Prints the table.
pub fn print(title: &str, counts: &Counts) {
    println!("{title}");
    println!(
        "  {:10} {:>9} {:>7} {:>7} {:>6} {:>6} {:>6} {:>8}",
        "", "annotated", "found", "right", "P", "R", "F1", "overlap"
    );
    for (kind, count) in counts {
        println!(
            "  {kind:10} {:>9} {:>7} {:>7} {:>6.1} {:>6.1} {:>6.1} {:>8.1}",
            count.annotated,
            count.found,
            count.right,
            percent(count.right, count.found),
            percent(count.right, count.annotated),
            count.exact(),
            count.overlap(),
        );
    }
}
