//! The second stage of ranking: the best articles of the first, each with its passages, get their final scores.
//!
//! ```text
//! postings -> best so many -> Candidates -> Lexical -> Recent -> what the caller brings -> order
//! ```
//!
//! Any number of [`SecondStage`]s follow each other. [`Lexical`] reads where words stand, [`Recent`] when the article was
//! published; another, such as one that compares sentences by meaning, is handed to
//! [`search_with`](super::search_with) and asks a candidate for its [passages](Candidate::passages). What each gives is
//! a part of the score of its own.

use rustc_hash::FxHashMap;

use super::collect::Ranked;
use super::evidence::Evidence;
use super::rank::{Parts, Statistics, parts};
use super::{Recency, Request};
use crate::article::Span;
use crate::error::Result;
use crate::index::{Address, Reader};
use crate::plan::Plan;
use crate::query::{Field, Node};

/// The part of its score that an article of this very moment gains.
pub const RECENT: f32 = 0.05;

/// Gives candidates their scores.
pub trait SecondStage {
    /// Changes scores of candidates, which are those of one tier and come in the order of the first stage.
    ///
    /// # Errors
    /// Where the index cannot be read.
    fn rescore(&mut self, candidates: &mut [Candidate<'_>]) -> Result<()>;
}

/// An article that may be among the best.
pub struct Candidate<'a> {
    reader: &'a Reader,
    ranked: Ranked,
    evidence: Evidence,
    parts: Parts,
}

impl std::fmt::Debug for Candidate<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Candidate")
            .field("ranked", &self.ranked)
            .field("parts", &self.parts)
            .finish_non_exhaustive()
    }
}

impl Candidate<'_> {
    pub fn address(&self) -> Address {
        self.ranked.address
    }

    /// The score so far.
    pub fn score(&self) -> f32 {
        self.parts.sum()
    }

    /// Seconds since 1970.
    pub fn published(&self) -> Option<i64> {
        (self.ranked.published != i64::MIN).then_some(self.ranked.published)
    }

    /// Sets what the caller's own stage adds to the score.
    pub fn add(&mut self, own: f32) {
        self.parts.added = own;
    }

    /// The texts of its passages, in order, read from the index; they join up to the body.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn passages(&self) -> Result<Vec<String>> {
        let body = self.reader.record(self.ranked.address)?.article.body;
        let starts = self.evidence.passages.iter().map(|start| start.byte as usize);
        let ends = starts.clone().skip(1).chain(std::iter::once(body.len()));
        Ok(starts.zip(ends).map(|(start, end)| Span::new(start, end).of(&body).to_owned()).collect())
    }
}

/// Puts the head of a tier, whose evidence is known, in the order of its final scores.
pub(super) fn rescore(
    reader: &Reader,
    head: &mut [Ranked],
    known: &mut FxHashMap<Address, Evidence>,
    stages: &mut [&mut dyn SecondStage],
) -> Result<()> {
    let made = |ranked: &Ranked| Candidate {
        reader,
        ranked: *ranked,
        evidence: known.remove(&ranked.address).unwrap_or_default(),
        parts: Parts { words: ranked.score, ..Parts::default() },
    };
    let mut candidates: Vec<Candidate<'_>> = head.iter().map(made).collect();
    for stage in stages {
        stage.rescore(&mut candidates)?;
    }
    for (ranked, candidate) in head.iter_mut().zip(candidates) {
        let Candidate { mut evidence, parts, .. } = candidate;
        ranked.score = parts.sum();
        evidence.parts = Some(parts);
        known.insert(ranked.address, evidence);
    }
    head.sort_by(Ranked::order);
    Ok(())
}

/// What positions tell.
pub(super) struct Lexical<'a> {
    pub(super) plan: &'a Plan,
    pub(super) statistics: &'a Statistics,
}

impl SecondStage for Lexical<'_> {
    fn rescore(&mut self, candidates: &mut [Candidate<'_>]) -> Result<()> {
        for candidate in candidates {
            let first = candidate.parts.words;
            candidate.parts = parts(self.plan, self.statistics, &candidate.evidence, first);
        }
        Ok(())
    }
}

/// What the time of publication tells: an article gains a part of its score, [`RECENT`] if it is new, half of that after
/// each half-life. So an old article that matches better stays before a new one that matches worse by more.
pub(super) struct Recent {
    now: i64,
    half_life_days: f32,
}

impl Recent {
    /// `None` where nobody asks for it, or the query has dates of its own.
    pub(super) fn of(reader: &Reader, request: &Request) -> Result<Option<Recent>> {
        let Some(Recency { half_life_days, now }) = request.recency else { return Ok(None) };
        let filters = &request.plan.filters;
        let is_date = |leaf: &&Node| matches!(leaf, Node::Field(condition) if condition.field == Field::Date);
        let dated = request.plan.reading.clauses.iter().any(|clause| clause.leaves().iter().any(is_date));
        if dated || filters.since.is_some() || filters.until.is_some() {
            return Ok(None);
        }
        let newest = match now {
            Some(now) => Some(now),
            None => newest(reader)?,
        };
        Ok(newest.map(|now| Recent { now, half_life_days }))
    }

    /// What is left of its worth.
    #[allow(clippy::cast_precision_loss, reason = "seconds of an age")]
    fn left(&self, published: i64) -> f32 {
        let days = self.now.saturating_sub(published).max(0) as f32 / 86_400.0;
        (-days / self.half_life_days).exp2()
    }
}

/// When the newest article was published.
fn newest(reader: &Reader) -> Result<Option<i64>> {
    let mut newest = None;
    for segment in 0..reader.segments().len() {
        let published = &reader.columns(segment)?.published;
        // The range of a column without values says nothing.
        if published.max_value() >= published.min_value() {
            newest = newest.max(Some(published.max_value()));
        }
    }
    Ok(newest)
}

impl SecondStage for Recent {
    fn rescore(&mut self, candidates: &mut [Candidate<'_>]) -> Result<()> {
        for candidate in candidates {
            let left = candidate.published().map_or(0.0, |published| self.left(published));
            candidate.parts.recency = RECENT * left * candidate.score();
        }
        Ok(())
    }
}
