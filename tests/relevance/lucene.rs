//! BM25 as Lucene has it, with the constants that Anserini uses for newswire: `k1` 0.9, `b` 0.4.
//!
//! Title and body are one field. Words are runs of letters and digits in lower case without a possessive `'s`, less
//! Lucene's 33 English stop words, by their Snowball stem. Lengths are exact, where Lucene keeps them in a byte.

use dateline::eval::{Question, Run};
use rust_stemmers::{Algorithm, Stemmer};
use rustc_hash::FxHashMap;

use crate::{Text, best, run};

const K1: f32 = 0.9;
const B: f32 = 0.4;

/// `EnglishAnalyzer.ENGLISH_STOP_WORDS_SET`.
const STOP_WORDS: &str = "a an and are as at be but by for if in into is it no not of on or such that the their then \
                          there these they this to was will with";

/// Cuts texts into stems.
pub struct Words {
    stemmer: Stemmer,
    known: FxHashMap<String, Option<String>>,
}

impl Default for Words {
    fn default() -> Words {
        Words { stemmer: Stemmer::create(Algorithm::English), known: FxHashMap::default() }
    }
}

impl Words {
    /// The stems of a text, with where each word is.
    pub fn of<'a>(&mut self, text: &'a str) -> Vec<(String, &'a str)> {
        let words = text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '\'' | '’')));
        let words = words.map(|word| word.strip_suffix("'s").or(word.strip_suffix("’s")).unwrap_or(word));
        let words = words.flat_map(|word| word.split(['\'', '’'])).filter(|word| !word.is_empty());
        words.filter_map(|word| Some((self.stem(word)?, word))).collect()
    }

    fn stem(&mut self, word: &str) -> Option<String> {
        let lower = word.to_lowercase();
        let stemmer = &self.stemmer;
        let stem = self.known.entry(lower).or_insert_with_key(|lower| {
            let is_stop_word = STOP_WORDS.split_whitespace().any(|stop| stop == lower);
            // The stemmer panics on some letters that are not English.
            let stem = || if lower.is_ascii() { stemmer.stem(lower).into_owned() } else { lower.clone() };
            (!is_stop_word).then(stem)
        });
        stem.clone()
    }
}

pub struct Lucene<'a> {
    texts: &'a [Text],
    words: Words,
    /// Articles with how often they have a stem.
    postings: FxHashMap<String, Vec<(usize, f32)>>,
    lengths: Vec<f32>,
}

#[allow(clippy::cast_precision_loss, reason = "counts")]
impl<'a> Lucene<'a> {
    pub fn new(texts: &'a [Text]) -> Lucene<'a> {
        let mut made =
            Lucene { texts, words: Words::default(), postings: FxHashMap::default(), lengths: Vec::new() };
        for (at, text) in texts.iter().enumerate() {
            let mut counts: FxHashMap<String, f32> = FxHashMap::default();
            let mut length = 0.0;
            for part in [&text.title, &text.body] {
                for (stem, _) in made.words.of(part) {
                    *counts.entry(stem).or_default() += 1.0;
                    length += 1.0;
                }
            }
            made.lengths.push(length);
            for (stem, count) in counts {
                made.postings.entry(stem).or_default().push((at, count));
            }
        }
        made
    }

    pub fn search_all(&mut self, questions: &[Question], depth: usize) -> Run {
        run(questions, |typed| self.search(typed, depth))
    }

    /// A word that is typed twice counts twice, as in a query of several clauses.
    pub fn search(&mut self, typed: &str, depth: usize) -> Vec<(String, f32)> {
        let all = self.texts.len() as f32;
        let mean = self.lengths.iter().sum::<f32>() / all.max(1.0);
        let mut scores: FxHashMap<usize, f32> = FxHashMap::default();
        for (stem, _) in self.words.of(typed) {
            let Some(postings) = self.postings.get(&stem) else { continue };
            let having = postings.len() as f32;
            let idf = ((all - having + 0.5) / (having + 0.5)).ln_1p();
            for &(at, count) in postings {
                let norm = K1 * (1.0 - B + B * self.lengths[at] / mean);
                *scores.entry(at).or_default() += idf * count / (count + norm);
            }
        }
        best(self.texts, scores.into_iter().collect(), depth)
    }
}
