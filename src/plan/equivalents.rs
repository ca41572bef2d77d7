//! Other ways to say what was typed.
//!
//! `equivalents.tsv` has a row for each thing that business news says in several ways, of one word or more: `layoffs`,
//! `job cuts`. A query that has one of them finds articles that have another too, at a discount: see
//! [`EQUIVALENT`](super::EQUIVALENT). Words are compared by their stems, and words of grammar are passed over.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::{Pattern, spellings};
use crate::words::{Analyzer, is_stop_word};

/// The ways to say one thing.
pub(super) struct Row {
    pub(super) ways: Vec<Way>,
}

/// One way to say it.
pub(super) struct Way {
    pub(super) text: &'static str,
    /// Its stems but those of grammar.
    pub(super) stems: Vec<String>,
}

/// The table.
pub(super) struct Equivalents {
    rows: Vec<Row>,
    /// Row and way, by the first stem, those of the most words first.
    by_first: FxHashMap<String, Vec<(usize, usize)>>,
}

/// The equivalents, read on first use.
pub(super) fn equivalents() -> &'static Equivalents {
    static EQUIVALENTS: OnceLock<Equivalents> = OnceLock::new();
    EQUIVALENTS.get_or_init(|| Equivalents::read(include_str!("equivalents.tsv")))
}

impl Equivalents {
    fn read(table: &'static str) -> Equivalents {
        let mut analyzer = Analyzer::default();
        let lines = table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let rows: Vec<Row> = lines
            .map(|line| {
                let ways = line.split('\t').map(|text| Way { text, stems: stems(text, &mut analyzer) });
                Row { ways: ways.collect() }
            })
            .collect();
        let mut by_first: FxHashMap<String, Vec<(usize, usize)>> = FxHashMap::default();
        for (at, row) in rows.iter().enumerate() {
            for (way, Way { stems, .. }) in row.ways.iter().enumerate() {
                by_first.entry(stems[0].clone()).or_default().push((at, way));
            }
        }
        for found in by_first.values_mut() {
            found.sort_by_key(|&(row, way)| std::cmp::Reverse(rows[row].ways[way].stems.len()));
        }
        Equivalents { rows, by_first }
    }

    /// The longest way that `stems` start with: its row, and of how many stems it is.
    pub(super) fn starting(&self, stems: &[&str]) -> Option<(&Row, usize)> {
        let found = self.by_first.get(*stems.first()?)?;
        let (row, way) = found.iter().find(|&&(row, way)| {
            let way = &self.rows[row].ways[way].stems;
            way.len() <= stems.len() && way.iter().zip(stems).all(|(own, stem)| own == stem)
        })?;
        Some((&self.rows[*row], self.rows[*row].ways[*way].stems.len()))
    }
}

/// The stems of a text but those of grammar.
fn stems(text: &str, analyzer: &mut Analyzer) -> Vec<String> {
    let tokens = analyzer.tokens(text);
    let joined = if text.contains(' ') { None } else { tokens.joined(0).filter(|_| tokens.len() == 2) };
    if let Some(joined) = joined.filter(|_| super::build::is_joined(tokens.folded(0))) {
        return vec![joined.to_owned()];
    }
    let mut stems = Vec::new();
    for at in (0..tokens.len()).filter(|&at| !is_stop_word(tokens.stem(at))) {
        // The first stands for both spellings, as in a plan.
        match spellings::patterns(tokens.folded(at), tokens.stem(at), analyzer).swap_remove(0) {
            Pattern::Stem(stem) => stems.push(stem),
            _ => stems.push(tokens.stem(at).to_owned()),
        }
    }
    stems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_there_once_and_in_order() {
        let all = equivalents();
        assert!(all.rows.len() >= 150);
        let mut known: FxHashMap<String, &str> = FxHashMap::default();
        let mut before = String::new();
        for row in &all.rows {
            let first = row.ways[0].text.to_lowercase();
            assert!(before < first, "`{first}` is out of order");
            before = first;
            assert!(row.ways.len() > 1, "`{}` has nothing beside it", row.ways[0].text);
            for Way { text, stems } in &row.ways {
                assert!(!stems.is_empty() && text.trim() == *text, "`{text}`");
                let other = known.insert(stems.join(" "), text);
                assert_eq!(other, None, "`{text}` is there twice");
            }
        }
    }

    #[test]
    fn the_longest_way_is_meant() {
        let found =
            |stems: &[&str]| equivalents().starting(stems).map(|(row, length)| (row.ways[0].text, length));
        assert_eq!(found(&["job", "cut", "oil"]), Some(("layoffs", 2)));
        assert_eq!(found(&["oil", "price"]), Some(("oil price", 2)));
        assert_eq!(found(&["oil"]), Some(("oil", 1)));
        assert_eq!(found(&["job"]), None);
        assert_eq!(found(&[]), None);
    }
}
