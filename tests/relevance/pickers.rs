//! What other engines would show of an article: a few texts of a body for a question, best first, none longer than a
//! budget of characters (but for a sentence that is longer by itself).

use dateline::article::Span;
use dateline::passages::sentences;
use dateline::words::Analyzer;
use rustc_hash::FxHashMap;
use tantivy::snippet::SnippetGenerator;

use crate::Outcome;
use crate::lucene::Words;
use crate::stock::Stock;

/// Texts shown of one article.
pub const SHOWN: usize = 3;

/// The start of the body in whole sentences, and what follows.
pub fn lead(body: &str, budget: usize) -> Vec<Span> {
    let sentences = bounds(body);
    let mut shown = Vec::new();
    let mut at = 0;
    while at < sentences.len() && shown.len() < SHOWN {
        let end = filled(body, &sentences, at, budget);
        shown.push(Span { start: sentences[at].start, end: sentences[end].end });
        at = end + 1;
    }
    shown
}

/// Sentences ranked as Lucene's unified highlighter does (`PassageScorer`, with its constants), each filled up to the
/// budget with those that follow.
pub fn sentence(body: &str, typed: &str, budget: usize, words: &mut Words) -> Vec<Span> {
    /// `k1`, `b` and the typical length of a passage in `PassageScorer`.
    const K1: f32 = 1.2;
    const B: f32 = 0.75;
    const PIVOT: f32 = 87.0;
    let asked: Vec<String> = words.of(typed).into_iter().map(|(stem, _)| stem).collect();
    let sentences = bounds(body);
    let counted: Vec<FxHashMap<String, f32>> = sentences
        .iter()
        .map(|sentence| {
            let mut counts: FxHashMap<String, f32> = FxHashMap::default();
            for (stem, _) in words.of(sentence.of(body)) {
                if asked.contains(&stem) {
                    *counts.entry(stem).or_default() += 1.0;
                }
            }
            counts
        })
        .collect();
    let mut totals: FxHashMap<&str, f32> = FxHashMap::default();
    for (stem, count) in counted.iter().flatten() {
        *totals.entry(stem).or_default() += count;
    }
    #[allow(clippy::cast_precision_loss, reason = "lengths of texts")]
    let length = |text: &str| text.chars().count() as f32;
    let documents = 1.0 + length(body) / PIVOT;
    let mut scored: Vec<(f32, usize)> = Vec::new();
    for (at, counts) in counted.iter().enumerate().filter(|(_, counts)| !counts.is_empty()) {
        let norm = K1 * (1.0 - B + B * length(sentences[at].of(body)) / PIVOT);
        let mut stems: Vec<(&String, &f32)> = counts.iter().collect();
        stems.sort_unstable_by_key(|(stem, _)| stem.as_str());
        let score: f32 = stems
            .into_iter()
            .map(|(stem, count)| {
                let weight = (K1 + 1.0) * ((documents + 0.5) / (totals[stem.as_str()] + 0.5)).ln_1p();
                weight * count / (count + norm)
            })
            .sum();
        let start = length(&body[..sentences[at].start as usize]);
        scored.push((score * (1.0 + 1.0 / (PIVOT + start).ln()), at));
    }
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut shown: Vec<Span> = Vec::new();
    for (_, at) in scored {
        let end = filled(body, &sentences, at, budget);
        let span = Span { start: sentences[at].start, end: sentences[end].end };
        if shown.iter().all(|shown| shown.end <= span.start || span.end <= shown.start) {
            shown.push(span);
        }
        if shown.len() == SHOWN {
            break;
        }
    }
    // With no match, the highlighter shows the start.
    if shown.is_empty() { lead(body, budget).into_iter().take(1).collect() } else { shown }
}

/// The one fragment of tantivy's snippet generator, or nothing where it finds none.
pub fn fragment(stock: &Stock, body: &str, typed: &str, budget: usize) -> Outcome<Vec<Span>> {
    let query = stock.query(typed);
    let mut generator = SnippetGenerator::create(&stock.searcher, &query, stock.body)?;
    generator.set_max_num_chars(budget);
    let snippet = generator.snippet(body);
    let text = snippet.fragment();
    let start = body.find(text).filter(|_| !text.is_empty());
    Ok(start.map(|start| Span::new(start, start + text.len())).into_iter().collect())
}

fn bounds(body: &str) -> Vec<Span> {
    let tokens = Analyzer::for_places().tokens(body);
    let starts: Vec<usize> =
        sentences(body, &tokens).iter().map(|sentence| sentence.start as usize).collect();
    let ends = starts.iter().skip(1).copied().chain([body.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(&start, end)| Span::new(start, start + body[start..end].trim_end().len()))
        .collect()
}

/// The last sentence that fits the budget with those from `first` on.
fn filled(body: &str, sentences: &[Span], first: usize, budget: usize) -> usize {
    let fits = |last: &usize| {
        let text = &body[sentences[first].start as usize..sentences[*last].end as usize];
        text.chars().count() <= budget
    };
    (first + 1..sentences.len()).take_while(fits).last().unwrap_or(first)
}
