//! British and American spellings of one word.
//!
//! `spellings.tsv` has the beginnings of words that the two spell differently; `-ise` and `-ize` are a rule. A word that is
//! typed in one spelling is looked up in the other too, as the same word and not as an [equivalent](super::equivalents):
//! what is only spelt otherwise is worth no less. That is done with queries and not in the analysis, so that an index made
//! before is as good as one made now.
//!
//! The stemmer takes `-ize` off, so that `privatize` has the stem of `private` and `organization` that of `organ`, but leaves
//! `-ise` on. Who types `privatise` does not mean what is private, and is given all words that start with `privatiz`.

use std::sync::OnceLock;

use super::Pattern;
use crate::words::Analyzer;

/// Letters before `-ise` at the least: `rise`, `wise` and `prise` are words of their own.
const LEAST_LETTERS: usize = 3;

/// What may follow `is` or `iz`, and `ys` or `yz`.
const ENDINGS: [&str; 11] =
    ["e", "es", "ed", "ing", "er", "ers", "ation", "ations", "ational", "able", "ingly"];

/// The rows, the longest beginnings first.
fn rows() -> &'static [(&'static str, &'static str)] {
    static ROWS: OnceLock<Vec<(&str, &str)>> = OnceLock::new();
    ROWS.get_or_init(|| {
        let lines = include_str!("spellings.tsv").lines().filter(|line| !line.starts_with('#'));
        let mut rows: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once('\t')).collect();
        rows.sort_by_key(|(british, american)| std::cmp::Reverse(british.len().max(american.len())));
        rows
    })
}

/// The other spelling of a word in small letters, and whether the word itself is the American one. It need not be a word
/// that anybody writes.
fn other(word: &str) -> Option<(String, bool)> {
    let changed = |from: &str, to: &str| word.strip_prefix(from).map(|rest| format!("{to}{rest}"));
    // The longer of two beginnings first: `programme` starts like `program`.
    let listed = rows().iter().find_map(|&(british, american)| {
        let as_british = || changed(british, american).map(|other| (other, false));
        let as_american = || changed(american, british).map(|other| (other, true));
        if british.len() >= american.len() {
            as_british().or_else(as_american)
        } else {
            as_american().or_else(as_british)
        }
    });
    listed.or_else(|| {
        let signs = [("is", 'z'), ("iz", 's'), ("ys", 'z'), ("yz", 's')];
        let (at, by) = signs.into_iter().find_map(|(sign, by)| {
            let at = word.rfind(sign)?;
            let is_ending = ENDINGS.contains(&&word[at + sign.len()..]);
            (is_ending && at >= LEAST_LETTERS).then_some((at + 1, by))
        })?;
        Some((format!("{}{by}{}", &word[..at], &word[at + 1..]), by == 's'))
    })
}

/// What a word is looked up by, given in small letters and with its stem, in an order that both spellings share as far as
/// they have the same.
pub(super) fn patterns(word: &str, stem: &str, analyzer: &mut Analyzer) -> Vec<Pattern> {
    let own = Pattern::Stem(stem.to_owned());
    let Some((other, is_american)) = other(word) else { return vec![own] };
    let tokens = analyzer.tokens(&other);
    if tokens.len() != 1 || tokens.stem(0) == stem {
        return vec![own];
    }
    if is_american {
        return vec![own, Pattern::Stem(tokens.stem(0).to_owned())];
    }
    // What the stemmer leaves of `-ise` and takes off where it is `-ize`.
    let cut = other.rfind('z').filter(|&at| tokens.stem(0).len() < at && stem.len() >= at);
    match cut {
        Some(at) => vec![own, Pattern::Wild(format!("{}*", &other[..=at]))],
        None => vec![Pattern::Stem(tokens.stem(0).to_owned()), own],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_is_two_spellings_and_in_order() {
        let lines = include_str!("spellings.tsv").lines().filter(|line| !line.starts_with('#'));
        let mut before = "";
        let mut analyzer = Analyzer::default();
        let mut needless = Vec::new();
        for line in lines {
            let (british, american) = line.split_once('\t').unwrap_or_else(|| panic!("`{line}`"));
            assert!(before < british, "`{british}` is out of order");
            before = british;
            assert_ne!(british, american);
            let tokens = analyzer.tokens(british);
            if patterns(british, tokens.stem(0), &mut analyzer).len() < 2 {
                needless.push(british);
            }
            assert!(line.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'\t'), "`{line}`");
        }
        // The stemmer makes one of these already.
        assert_eq!(needless, [""; 0]);
        assert!(rows().len() > 60);
    }

    #[test]
    fn a_word_is_looked_up_in_both_spellings() {
        let mut analyzer = Analyzer::default();
        for (word, expected) in [
            ("licence", "licens licenc"),
            ("licenses", "licens licenc"),
            ("programme", "program programm"),
            ("programs", "program programm"),
            ("colour", "color colour"),
            ("coloring", "color colour"),
            ("defence", "defens defenc"),
            ("aluminum", "aluminum aluminium"),
            ("centres", "center centr"),
            ("centered", "center centr"),
            ("travelling", "travel"),
            ("leukemia", "leukemia leukaemia"),
            ("organisation", "organis organiz*"),
            ("organization", "organ organis"),
            ("privatise", "privatis privatiz*"),
            ("privatize", "privat privatis"),
            ("realised", "realiz realis"),
            ("analyse", "analyz analys"),
            // One family already.
            ("authorise", "authorize"),
            // Other things.
            ("rise", "rise"),
            ("prize", "prize"),
            ("four", "four"),
            ("tour", "tour"),
            ("tonne", "tonn"),
            ("check", "check"),
            ("oil", "oil"),
        ] {
            let tokens = analyzer.tokens(word);
            let found = patterns(word, tokens.stem(0), &mut analyzer);
            let found: Vec<String> = found.iter().map(ToString::to_string).collect();
            assert_eq!(found.join(" "), expected, "{word}");
        }
    }
}
