//! Scores of articles and passages, by what words they have and where, and the order of the best of a tier.
//!
//! | constant | value | source | nDCG@10 of A, B, C, D, E with another value |
//! |---|---|---|---|
//! | all | | as below | .742, .778, .358, .411, .814 |
//! | [`K1`] | 1.0 | chosen | 0.8 .742, .778, .355, .402, .810; 1.2 .736, .779, .361, .408, .815 |
//! | [`B`] | 0.6 | chosen | 0.4 .734, .779, .352, .400, .808; 0.75 .734, .779, .360, .404, .813 |
//! | [`REPEATED`] | 0.8 | chosen | 0 .742, .790, .355, .328, .814; 1 .741, .774, .356, .417, .813 |
//! | [`FUNCTION`] | 0.5 | chosen | 0.25 .741, .777, .358, .408, .813; 1 .741, .778, .359, .409, .813; as any word, and needed .740, .778, .359, .409, .810 |
//! | [`TITLE`] | 0.25 | chosen | 0 .735, .789, .346, .404, .808; 0.5 .730, .766, .366, .410, .815 |
//! | [`BOILERPLATE`] | 0.5 | chosen | 0 .736, .778, .358, .411, .814 |
//! | [`ADJACENT`], [`NEAR`] | 0.1, 0.05 | sequential dependence, Metzler and Croft 2005 | 0 .736, .778, .357, .402, .809; twice as much .735, .779, .360, .409, .812 |
//! | [`NEAR_WORDS`] | 8 | the same: an unordered window of eight | |
//! | [`PASSAGE_SHARE`] | 0.15 | chosen | 0 .734, .774, .359, .407, .807; 0.25 .740, .780, .354, .406, .815 |
//! | [`EXACT`] | 0.1 | chosen | 0 .736, .776, .356, .410, .807; 0.2 .739, .778, .358, .407, .812; of forms that are their own stem too .734, .781, .359, .409, .815 |
//! | [`SHORT`] | 4 | chosen; a sentence is longer | one order for all .741, .778, .359, .411, .813; 6 .739, .778, .357, .410, .814; never .739, .740, .349, .384, .814 |
//! | [`MOST`] | 1 | chosen | 2 .742, .776, .359, .411, .801 |
//! | [`EQUIVALENT`](crate::plan::EQUIVALENT) | 0.5 | chosen on A | no equivalents .739, .778, .358, .411, .797; 0.25 .741, .779, .358, .411, .807; 0.75 .741, .777, .358, .411, .816 |
//! | names | 1 | an alias is the name | none .739, .777, .358, .410, .750; organisations alone .739, .776, .358, .410, .754; regions alone .742, .777, .358, .411, .809 |
//! | [`PART_OF_REGION`](crate::plan::PART_OF_REGION) | 0.5 | chosen on A | 0.25 .740, .777, .358, .410, .799; 0.75 .739, .778, .358, .411, .815 |
//! | [`RECENT`](super::RECENT) | 0.05, half in a year | chosen on A | 0 .728, .778, .358, .411, .814; 0.1 .740, .779, .358, .411, .814 |
//!
//! A is a set of 47 queries over 17,014 articles of business news, B the 429 questions of MultiHop-RAG over sentences of
//! news, C Cranfield, D CISI and E the judged queries over the shipped corpus, of which nothing was chosen. Chosen means by
//! steps over A to D that keep all of them well, which are not the best for each. Every figure is of this code with that one
//! constant changed, but for `never`, where the quotes and parentheses of questions are operators too. Lucene's BM25 as in
//! `tests/relevance` has .686, .770, .342, .362, .722, this code without anything but BM25 with Lucene's constants and names
//! .709, .775, .340, .394 of A to D.
//!
//! To order what lacks a word by how rare the others are, as a factor of its score, was tried and is left out: in short
//! queries the square root of the part of all rarity that it has makes .740, .778, .358, .410, .812 of .740, .778, .359, .409,
//! .810, the part itself .738, .778, .358, .411, .802, in long ones its square root .740, .778, .348, .387, .809.
//!
//! What choosing by steps is worth on a set that had no part in it, two rounds over the same values from BM25 on, each set
//! kept out in turn, measured before [`FUNCTION`] and before parentheses in a sentence were punctuation:
//!
//! | kept out | chosen | its ratio to Lucene's BM25 | mean of the others |
//! |---|---|---|---|
//! | A | k1 1.6, b 0.75, no title, passage or form, pairs 0.1, times 0.8, equivalents 0.25 | 1.048 | 1.069 |
//! | B | k1 1.2, b 0.75, title 0.5, no passage, form or pairs, times 1, equivalents 0.75 | 0.973 | 1.095 |
//! | C | k1 1.6, b 0.75, no title or form, passage 0.15, pairs 0.1, times 0.8, recency 0.1 | 1.050 | 1.070 |
//! | D | k1 1.6, b 0.75, title 0.25, form 0.2, pairs 0.2, no passage, times 0.5, equivalents 0.75 | 1.034 | 1.057 |
//! | none | k1 1.6, b 0.75, no title, passage or form, pairs 0.1, times 0.8 | 1.068, the mean of all | |
//! | none | as they stand above | 1.078, 1.011, 1.054 and 1.105, a mean of 1.062 | |
//!
//! Where no article has every word, totals and facets are of the articles that have at least [`MOST`], because those are
//! the results that one can page through; a total of those with half of the words would be less than what is shown.

use rustc_hash::FxHashMap;
use serde::Serialize;
use tantivy::fieldnorm::FieldNormReader;

use super::collect::Ranked;
use super::evidence::{Evidence, gather};
use super::stage::{Lexical, Recent, SecondStage, rescore};
use super::terms::{Known, Terms};
use super::{Request, Sort, failed};
use crate::error::Result;
use crate::index::{Address, Reader};
use crate::plan::{Lookup, Need, Plan, SHORT};

/// How fast more occurrences of a word stop adding to a score.
pub(super) const K1: f32 = 1.0;

/// How much longer articles are held against their occurrences.
pub(super) const B: f32 = 0.6;

/// Words that an article of the second tier must have at the least.
pub(super) const MOST: usize = 1;

/// Articles of a tier whose positions are read.
pub const RESCORED: usize = 200;

/// A word that is asked for so many times counts as often as this power of it says.
const REPEATED: f32 = 0.8;

/// What a [function word](crate::words::is_function_word) counts.
const FUNCTION: f32 = 0.5;

/// Weight of a word that the title has.
const TITLE: f32 = 0.25;

/// What an occurrence in boilerplate counts.
const BOILERPLATE: f32 = 0.5;

/// Weight of two words of the query side by side, in their order.
pub(super) const ADJACENT: f32 = 0.1;

/// Weight of two words that follow each other in the query within [`NEAR_WORDS`] words.
pub(super) const NEAR: f32 = 0.05;

/// The window of [`NEAR`].
pub(super) const NEAR_WORDS: u32 = 8;

/// The part of a final score that comes from the best passage; the rest is the article's.
pub(super) const PASSAGE_SHARE: f32 = 0.15;

/// Weight of a word in the very form that was typed, where that is not its own stem: a field has those forms apart.
pub(super) const EXACT: f32 = 0.1;

/// Words of a typical passage, for its length norm.
pub(super) const PASSAGE_WORDS: f32 = 90.0;

/// What is known of the whole index before the first article is looked at.
pub(super) struct Statistics {
    /// What the lookups stand for in the dictionary.
    pub(super) terms: Terms,
    /// For each wanted lookup, times its boost, how often it is asked for and [`FUNCTION`]; 0 for what only stands for
    /// others.
    pub(super) idf: Vec<f32>,
    /// For each wanted lookup what it stands for and what it counts alone; empty where none does.
    pub(super) stand_ins: Vec<StandIn>,
    /// For each clause that is asked for.
    pub(super) is_required: Vec<bool>,
    /// Weight of an occurrence by the length code of its article.
    pub(super) norms: [f32; 256],
}

/// A lookup that stands for a typed one.
#[derive(Debug, Clone, Copy)]
pub(super) struct StandIn {
    pub(super) lookup: usize,
    pub(super) typed: usize,
    /// What the typed one counts where it is missing.
    pub(super) counts: f32,
}

impl Statistics {
    pub(super) fn gather(reader: &Reader, plan: &Plan) -> Result<Statistics> {
        Statistics::gather_knowing(reader, plan, &mut Known::default())
    }

    /// The same for one of several queries about the same words.
    #[allow(clippy::cast_precision_loss, reason = "counts enter a logarithm or a mean")]
    pub(super) fn gather_knowing(reader: &Reader, plan: &Plan, known: &mut Known) -> Result<Statistics> {
        let field = reader.fields().text;
        let (mut articles, mut words) = (0_u64, 0_u64);
        for segment in reader.segments() {
            articles += u64::from(segment.max_doc());
            words += segment.inverted_index(field).map_err(failed)?.total_num_tokens();
        }
        let terms = Terms::resolve(reader, plan, known)?;
        let idf = |frequency: u64| {
            let ratio = (articles as f32 - frequency as f32 + 0.5).max(0.5) / (frequency as f32 + 0.5);
            ratio.ln_1p()
        };
        // Alternatives count as one word, as rare as the most frequent of them.
        let little: Vec<usize> = plan
            .clauses
            .iter()
            .filter(|clause| clause.need == Need::May)
            .flat_map(|clause| clause.expr.wanted())
            .collect();
        let all = (0..).zip(plan.wanted.iter().zip(&terms.wanted)).map(|(at, (lookup, resolved))| {
            if !lookup.stands_for.is_empty() {
                return 0.0;
            }
            let times = lookup.times as f32;
            let part = if little.contains(&at) { FUNCTION } else { 1.0 };
            lookup.boost
                * part
                * times.powf(REPEATED)
                * resolved.parts.iter().map(|part| idf(part.articles)).sum::<f32>()
        });
        let all = all.collect();
        let stand_ins = (0..).zip(&plan.wanted[plan.typed()..]).flat_map(|(at, lookup)| {
            let each = lookup.stands_for.iter();
            each.map(move |&typed| StandIn { lookup: plan.typed() + at, typed, counts: lookup.boost })
        });
        let stand_ins = stand_ins.collect();
        let mean = if articles == 0 { 1.0 } else { (words as f32 / articles as f32).max(1.0) };
        let mut norms = [0.0; 256];
        for (code, norm) in (0..=u8::MAX).zip(norms.iter_mut()) {
            let length = FieldNormReader::id_to_fieldnorm(code) as f32;
            *norm = K1 * (1.0 - B + B * length / mean);
        }
        Ok(Statistics {
            terms,
            idf: all,
            stand_ins,
            is_required: plan.asked().map(|clause| clause.need == Need::Must).collect(),
            norms,
        })
    }

    /// Wanted clauses that an article of the second tier may lack.
    pub(super) fn optional(&self) -> usize {
        self.is_required.iter().filter(|required| !**required).count()
    }

    /// Whether articles with fewer words than all are found too.
    pub(super) fn has_second_tier(&self, plan: &Plan) -> bool {
        !plan.needs_all && self.optional() > self.most()
    }

    /// The rarity of several lookups together, given as bits.
    fn rarity_of(&self, has: u64) -> f32 {
        (0..).zip(&self.idf).filter(|(lookup, _)| has >> *lookup & 1 == 1).map(|(_, idf)| idf).sum()
    }

    /// Whether both tiers are in one order, as they are for all but short queries.
    pub(super) fn has_one_order(&self) -> bool {
        self.optional() > SHORT
    }

    /// How many of the optional clauses the second tier asks for. A single one that stands beside required clauses may
    /// be missing.
    pub(super) fn most(&self) -> usize {
        let optional = self.optional();
        let half = if optional == self.is_required.len() { optional.div_ceil(2) } else { optional / 2 };
        half.min(MOST)
    }
}

/// BM25's weight of so many occurrences.
#[allow(clippy::cast_precision_loss, reason = "counts within an article")]
pub(super) fn saturate(frequency: u32, norm: f32) -> f32 {
    saturate_part(frequency as f32, norm)
}

/// The same of occurrences that count in part.
fn saturate_part(frequency: f32, norm: f32) -> f32 {
    (K1 + 1.0) * frequency / (frequency + norm)
}

/// Puts the best of a tier in order: those that are re-scored first. What was read for that is kept in
/// `known`.
pub(super) fn order(
    reader: &Reader,
    request: &Request,
    statistics: &Statistics,
    mut best: Vec<Ranked>,
    known: &mut FxHashMap<Address, Evidence>,
    own: Option<&mut dyn SecondStage>,
) -> Result<Vec<Ranked>> {
    if request.sort == Sort::Date {
        best.sort_by(Ranked::order_by_date);
        return Ok(best);
    }
    best.sort_by(Ranked::order);
    if !request.plan.wanted.is_empty() {
        let count = best.len().min(RESCORED);
        let head = &mut best[..count];
        gather(reader, &request.plan, statistics, head, known)?;
        let mut lexical = Lexical { plan: &request.plan, statistics };
        let mut recent = Recent::of(reader, request)?;
        let mut stages: Vec<&mut dyn SecondStage> = vec![&mut lexical];
        if let Some(recent) = &mut recent {
            stages.push(recent);
        }
        if let Some(own) = own {
            stages.push(own);
        }
        rescore(reader, head, known, &mut stages)?;
    }
    Ok(best)
}

/// The parts of an article's score; they add up to it. What was not re-scored has nothing but the first.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Parts {
    /// BM25 of the words in the article, or in the best of its copies.
    pub words: f32,
    /// Words in the title.
    pub title: f32,
    /// Words in the form as typed.
    pub forms: f32,
    /// Words beside or near those they follow in the query.
    pub pairs: f32,
    /// Words in boilerplate.
    pub boilerplate: f32,
    /// The best passage.
    pub passage: f32,
    /// How new the article is, where that is asked for.
    pub recency: f32,
    /// What a stage of the caller's own adds.
    pub added: f32,
}

impl Parts {
    pub fn sum(&self) -> f32 {
        let Parts { words, title, forms, pairs, boilerplate, passage, recency, added } = self;
        words + title + forms + pairs + boilerplate + passage + recency + added
    }
}

/// The first stage's score with what positions tell, part by part.
#[allow(clippy::cast_precision_loss, reason = "counts within an article")]
pub(super) fn parts(plan: &Plan, statistics: &Statistics, found: &Evidence, first: f32) -> Parts {
    let norm = statistics.norms[usize::from(found.norm_code)];
    let idf = &statistics.idf;
    let body_start = found.body_start();
    let mut parts = Parts { words: first, ..Parts::default() };
    for (lookup, idf) in idf.iter().enumerate().take(plan.typed()) {
        parts.forms += EXACT * idf * saturate(found.exact[lookup], norm);
        if found.of(lookup).first().is_some_and(|&first| first < body_start) {
            parts.title += TITLE * idf * found.counts[lookup];
        }
        if found.aside[lookup] > 0 {
            let counted = found.of(lookup).len() as f32;
            let with = saturate_part(counted + BOILERPLATE * found.aside[lookup] as f32, norm);
            parts.boilerplate += idf * (with - saturate_part(counted, norm));
        }
    }
    for lookup in 1..plan.typed() {
        let (adjacent, near) = pairs(&plan.wanted, found, lookup);
        let weight = idf[lookup - 1] + idf[lookup];
        parts.pairs += weight * (ADJACENT * saturate(adjacent, norm) + NEAR * saturate(near, norm));
    }
    let article = 1.0 - PASSAGE_SHARE;
    Parts {
        words: article * parts.words,
        title: article * parts.title,
        forms: article * parts.forms,
        pairs: article * parts.pairs,
        boilerplate: article * parts.boilerplate,
        passage: PASSAGE_SHARE
            * scored_passages(statistics, found).iter().map(|scored| scored.score).fold(0.0, f32::max),
        ..Parts::default()
    }
}

/// How often the clause before this one stands right before it, and how often within a few words of it.
pub(super) fn pairs(wanted: &[Lookup], found: &Evidence, clause: usize) -> (u32, u32) {
    let (before, here) = (found.of(clause - 1), found.of(clause));
    let length = wanted[clause - 1].length();
    let (mut adjacent, mut near) = (0, 0);
    let mut from = 0;
    for &position in here {
        while from < before.len() && before[from] + NEAR_WORDS < position {
            from += 1;
        }
        let window = before[from..].iter().take_while(|&&other| other <= position + NEAR_WORDS);
        for &other in window {
            adjacent += u32::from(other + length == position);
            near += 1;
        }
    }
    (adjacent, near)
}

/// A passage with its score and, as bits, the wanted clauses it has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scored {
    pub(super) passage: usize,
    pub(super) score: f32,
    pub(super) has: u64,
    /// What of the score is for naming what the filters ask for.
    pub(super) named: f32,
}

/// Scores every passage that has a wanted word, in no order.
pub(super) fn scored_passages(statistics: &Statistics, found: &Evidence) -> Vec<Scored> {
    let mut scored: Vec<Scored> = Vec::new();
    let mut places: FxHashMap<usize, usize> = FxHashMap::default();
    let body_start = found.body_start();
    for clause in 0..found.positions.len() {
        let positions = found.of(clause);
        let mut rest = &positions[positions.partition_point(|&position| position < body_start)..];
        while let Some(passage) = rest.first().and_then(|&position| found.passage_of(position)) {
            let end = found.passages.get(passage + 1).map_or(u32::MAX, |next| next.position);
            let count = rest.partition_point(|&position| position < end);
            rest = &rest[count..];
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            let score = said(statistics, found, clause, count, passage);
            let place = *places.entry(passage).or_insert(scored.len());
            if place == scored.len() {
                scored.push(Scored { passage, score: 0.0, has: 0, named: 0.0 });
            }
            scored[place].score += score;
            scored[place].has |= 1 << clause;
        }
    }
    for scored in &mut scored {
        scored.score *= share(statistics, scored.has);
    }
    scored
}

/// What a lookup that a passage has so often says in it.
pub(super) fn said(
    statistics: &Statistics,
    found: &Evidence,
    lookup: usize,
    count: u32,
    passage: usize,
) -> f32 {
    statistics.idf[lookup] * found.counts[lookup] * saturate(count, passage_norm(found, passage))
}

/// What a passage with these lookups keeps of its score: one that has most of the query by itself is worth more than
/// one that repeats a part of it.
pub(super) fn share(statistics: &Statistics, has: u64) -> f32 {
    let all: f32 = statistics.idf.iter().sum();
    if all > 0.0 { (statistics.rarity_of(has) / all).sqrt() } else { 0.0 }
}

#[allow(clippy::cast_precision_loss, reason = "words of a passage")]
pub(super) fn passage_norm(found: &Evidence, passage: usize) -> f32 {
    let start = found.passages[passage].position;
    let words = found.passages.get(passage + 1).map_or(PASSAGE_WORDS, |next| (next.position - start) as f32);
    K1 * (1.0 - B + B * words / PASSAGE_WORDS)
}
