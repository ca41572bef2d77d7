//! One pass over the postings of each segment: which articles are in a tier, how many, and the best of them.

use std::collections::BinaryHeap;

use tantivy::fastfield::AliveBitSet;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, TERMINATED, Term};

use super::cursor::{Cursor, Opener};
use super::rank::{StandIn, Statistics, saturate};
use super::walk::{Compiler, Places, Walk};
use super::{Request, Sort, Tier};
use crate::article::Status;
use crate::error::Result;
use crate::groups::Groups;
use crate::index::{Address, Columns, Reader};
use crate::plan::{Expr, MAX_WORDS};

/// The best articles of a tier and how many there are.
#[derive(Default)]
pub(super) struct Collected {
    pub(super) total: u64,
    pub(super) best: Vec<Ranked>,
    /// Every article of the tier, by segment.
    pub(super) documents: Vec<Vec<DocId>>,
    /// Those among them that have copies, with their stories, sorted by story.
    pub(super) grouped: Vec<(u64, Ranked)>,
    pub(super) hidden: u64,
}

impl Collected {
    /// The articles of each story that has copies.
    pub(super) fn stories(&self) -> impl Iterator<Item = &[(u64, Ranked)]> {
        self.grouped.chunk_by(|a, b| a.0 == b.0)
    }
}

/// An article with what it is ordered by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ranked {
    pub(super) score: f32,
    /// Seconds since 1970, the lowest number for none.
    pub(super) published: i64,
    pub(super) key: u64,
    pub(super) address: Address,
    pub(super) tier: Tier,
    /// Other articles of the story.
    pub(super) copies: u32,
    /// What of the copies of a story is shown by.
    pub(super) version: Version,
}

/// What an article is among its copies; read of those that have some.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Version {
    /// Words of the body.
    pub(super) words: u64,
    pub(super) is_corrected: bool,
}

impl Ranked {
    pub(super) fn order(&self, other: &Ranked) -> std::cmp::Ordering {
        other
            .score
            .total_cmp(&self.score)
            .then(other.published.cmp(&self.published))
            .then(self.key.cmp(&other.key))
            .then(self.address.cmp(&other.address))
    }

    pub(super) fn order_by_date(&self, other: &Ranked) -> std::cmp::Ordering {
        other.published.cmp(&self.published).then_with(|| self.order(other))
    }
}

/// Keeps the best so many.
pub(super) struct Best {
    pub(super) keep: usize,
    pub(super) sort: Sort,
    pub(super) heap: BinaryHeap<Worst>,
}

/// Orders the worst first, so that it can be thrown out.
pub(super) struct Worst(Ranked, Sort);

impl PartialEq for Worst {
    fn eq(&self, other: &Worst) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for Worst {}
impl PartialOrd for Worst {
    fn partial_cmp(&self, other: &Worst) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Worst {
    fn cmp(&self, other: &Worst) -> std::cmp::Ordering {
        match self.1 {
            Sort::Relevance => self.0.order(&other.0),
            Sort::Date => self.0.order_by_date(&other.0),
        }
    }
}

impl Best {
    /// Whether an article with this score may still get in.
    pub(super) fn admits(&self, score: f32) -> bool {
        self.sort == Sort::Date
            || self.heap.len() < self.keep
            || self.heap.peek().is_none_or(|worst| score >= worst.0.score)
    }

    pub(super) fn add(&mut self, ranked: Ranked) {
        let ranked = Worst(ranked, self.sort);
        if self.heap.len() < self.keep {
            self.heap.push(ranked);
        } else if let Some(mut worst) = self.heap.peek_mut()
            && ranked < *worst
        {
            *worst = ranked;
        }
    }
}

/// Gathers one tier from every segment. `shown` are articles with copies of the tier before.
pub(super) fn collect(
    reader: &Reader,
    request: &Request,
    statistics: &Statistics,
    tier: Tier,
    keep: usize,
    shown: &[(u64, Ranked)],
) -> Result<Collected> {
    let mut best = Best { keep, sort: request.sort, heap: BinaryHeap::new() };
    let mut collected = Collected::default();
    for ordinal in 0..reader.segments().len() {
        let mut scan = Scan::open(reader, request, statistics, tier, ordinal)?;
        match tier {
            Tier::All => scan.all_words(&mut best),
            Tier::Most => scan.most_words(&mut best),
        }
        collected.total += scan.found.len() as u64;
        collected.hidden += scan.hidden;
        collected.documents.push(scan.found);
        collected.grouped.append(&mut scan.grouped);
    }
    collected.grouped.sort_unstable_by_key(|(story, ranked)| (*story, ranked.key));
    let mut stories = 0;
    for story in collected.stories() {
        stories += 1;
        let (id, shown_copy) = shown_of(story);
        if shown.binary_search_by_key(&id, |(story, _)| *story).is_err() {
            best.add(shown_copy);
        }
    }
    collected.total -= collected.grouped.len() as u64 - stories;
    collected.best = best.heap.into_iter().map(|worst| worst.0).collect();
    Ok(collected)
}

/// The article that stands for a story, with the best score of all: the last of those marked as corrected; else the
/// first published of those that are as good as complete.
pub(super) fn shown_of(story: &[(u64, Ranked)]) -> (u64, Ranked) {
    /// Nine tenths of the words of the longest: copies differ by a line of the paper that printed them, and what an
    /// editor cuts is cut to fit, which takes more.
    const COMPLETE: (u64, u64) = (9, 10);
    // What is undated comes after all that is dated.
    let age = |(_, ranked): &&(u64, Ranked)| (ranked.published == i64::MIN, ranked.published, ranked.key);
    let most = story.iter().map(|(_, ranked)| ranked.version.words).max().unwrap_or(0);
    let corrected = story.iter().filter(|(_, ranked)| ranked.version.is_corrected);
    let complete = story.iter().filter(|(_, ranked)| ranked.version.words * COMPLETE.1 >= most * COMPLETE.0);
    // Of corrections the last, but a dated one before what has no date.
    let last = corrected.max_by_key(|(_, ranked)| (ranked.published, std::cmp::Reverse(ranked.key)));
    let (id, mut shown) = *last.or(complete.min_by_key(age)).expect("a story has an article");
    shown.score = story.iter().map(|(_, ranked)| ranked.score).fold(shown.score, f32::max);
    shown.copies = u32::try_from(story.len() - 1).unwrap_or(u32::MAX);
    (id, shown)
}

/// One segment being read for one tier.
pub(super) struct Scan<'a> {
    pub(super) statistics: &'a Statistics,
    pub(super) tier: Tier,
    pub(super) ordinal: usize,
    pub(super) max_document: DocId,
    /// One for each wanted lookup.
    pub(super) cursors: Vec<Cursor>,
    /// One for each clause that is asked for.
    clauses: Vec<Member<'a>>,
    /// Filters and conditions, all of which must let an article through.
    gates: Vec<Walk<'a>>,
    excluded: Vec<Walk<'a>>,
    places: Places<'a>,
    pub(super) alive: Option<&'a AliveBitSet>,
    pub(super) columns: &'a Columns,
    /// Which articles are copies, where that matters.
    pub(super) groups: Option<&'a Groups>,
    pub(super) withdrawn: Option<Cursor>,
    corrected: Option<Cursor>,
    /// Every article of the tier so far, in order.
    pub(super) found: Vec<DocId>,
    /// Those among them that have copies, with their stories.
    pub(super) grouped: Vec<(u64, Ranked)>,
    pub(super) hidden: u64,
}

/// A clause in one segment. One that is nothing but a lookup is walked by the cursor that scores it.
enum Member<'a> {
    Lookup(usize),
    /// Any of them.
    Lookups(Vec<usize>),
    Walk(Walk<'a>),
}

impl Member<'_> {
    fn seek(&mut self, cursors: &mut [Cursor], target: DocId) -> DocId {
        match self {
            Member::Lookup(at) => cursors[*at].seek(target),
            Member::Lookups(any) => {
                any.iter().map(|&at| cursors[at].seek(target)).min().unwrap_or(TERMINATED)
            }
            Member::Walk(walk) => walk.seek(target),
        }
    }

    fn is_at(&mut self, cursors: &mut [Cursor], document: DocId, places: &mut Places<'_>) -> bool {
        match self {
            Member::Lookup(at) => cursors[*at].is_at(document),
            Member::Lookups(any) => any.iter().any(|&at| cursors[at].is_at(document)),
            Member::Walk(walk) => walk.is_at(document, places),
        }
    }

    fn cost(&self, cursors: &[Cursor]) -> usize {
        match self {
            Member::Lookup(at) => cursors[*at].cost(),
            Member::Lookups(any) => any.iter().map(|&at| cursors[at].cost()).fold(0, usize::saturating_add),
            Member::Walk(walk) => walk.cost(),
        }
    }
}

impl<'a> Scan<'a> {
    pub(super) fn open(
        reader: &'a Reader,
        request: &'a Request,
        statistics: &'a Statistics,
        tier: Tier,
        ordinal: usize,
    ) -> Result<Scan<'a>> {
        let segment = &reader.segments()[ordinal];
        let columns = reader.columns(ordinal)?;
        let plan = &request.plan;
        let open = Opener { reader, segment, columns, terms: &statistics.terms };
        let compiler = Compiler { open, plan, option: IndexRecordOption::WithFreqs };
        let walks = |exprs: &[Expr]| -> Result<Vec<Walk<'a>>> {
            exprs.iter().map(|expr| compiler.walk(expr)).collect()
        };
        let lookups = plan.wanted.iter().zip(&statistics.terms.wanted);
        let clauses = plan.asked().map(|clause| match clause.expr {
            Expr::Wanted(at) => Ok(Member::Lookup(at)),
            Expr::Any(ref parts) if parts.iter().all(|part| matches!(part, Expr::Wanted(_))) => {
                Ok(Member::Lookups(clause.expr.wanted()))
            }
            ref expr => compiler.walk(expr).map(Member::Walk),
        });
        let mut gates = walks(&plan.gates)?;
        gates.append(&mut walks(&plan.filters.conditions())?);
        Ok(Scan {
            statistics,
            tier,
            ordinal,
            max_document: segment.max_doc(),
            cursors: lookups
                .map(|(lookup, resolved)| open.lookup(lookup, resolved, IndexRecordOption::WithFreqs))
                .collect::<Result<_>>()?,
            clauses: clauses.collect::<Result<_>>()?,
            gates,
            excluded: walks(&plan.excluded)?,
            places: Places::new(columns, segment),
            alive: segment.alive_bitset(),
            columns,
            groups: Some(reader.groups()).filter(|groups| !request.copies && !groups.is_empty()),
            corrected: {
                let status = Term::from_field_text(reader.fields().status, Status::Corrected.as_str());
                open.postings(&status, IndexRecordOption::Basic)?.map(Cursor::One)
            },
            withdrawn: if plan.filters.with_withdrawn {
                None
            } else {
                let status = Term::from_field_text(reader.fields().status, Status::Withdrawn.as_str());
                open.postings(&status, IndexRecordOption::Basic)?.map(Cursor::One)
            },
            found: Vec::new(),
            grouped: Vec::new(),
            hidden: 0,
        })
    }

    /// Finds the articles that have every wanted clause and pass every gate.
    pub(super) fn all_words(&mut self, best: &mut Best) {
        if self.clauses.is_empty() && self.gates.is_empty() {
            for document in 0..self.max_document {
                if self.stands(document) {
                    self.accept(document, 0.0, best);
                }
            }
            return;
        }
        // The rarest leads; the others only look where it points.
        let mut members = std::mem::take(&mut self.clauses);
        members.extend(std::mem::take(&mut self.gates).into_iter().map(Member::Walk));
        members.sort_by_key(|member| member.cost(&self.cursors));
        let mut document = 0;
        'next: while document != TERMINATED {
            for member in &mut members {
                let found = member.seek(&mut self.cursors, document);
                if found != document {
                    document = found;
                    continue 'next;
                }
            }
            let holds = members.iter_mut().all(|member| match member {
                Member::Lookup(at) => self.cursors[*at].holds(),
                Member::Lookups(any) => any.iter().any(|&at| self.cursors[at].is_at(document)),
                Member::Walk(walk) => walk.is_at(document, &mut self.places),
            });
            if holds && self.stands(document) {
                let score = self.score(document);
                self.accept(document, score, best);
            }
            document += 1;
        }
    }

    /// Finds the articles that have enough of the optional clauses but not all of them, every required one,
    /// and pass every gate.
    pub(super) fn most_words(&mut self, best: &mut Best) {
        let mut clauses = std::mem::take(&mut self.clauses);
        let (required, mut optional): (Vec<usize>, Vec<usize>) =
            (0..clauses.len()).partition(|&at| self.statistics.is_required[at]);
        let most = self.statistics.most();
        // An article with enough of them has at least one of the rarest `optional - most + 1`; where none is
        // needed, the required ones lead.
        optional.sort_by_key(|&at| clauses[at].cost(&self.cursors));
        let rarest = required.iter().copied().min_by_key(|&at| clauses[at].cost(&self.cursors));
        let (leaders, followers) = match rarest {
            Some(rarest) if most == 0 => (vec![rarest], optional.clone()),
            _ => {
                let (leaders, followers) = optional.split_at(optional.len() - most + 1);
                (leaders.to_vec(), followers.to_vec())
            }
        };
        let mut document = 0;
        loop {
            let next = leaders.iter().map(|&at| clauses[at].seek(&mut self.cursors, document)).min();
            document = next.unwrap_or(TERMINATED);
            if document == TERMINATED {
                return;
            }
            let mut is_at = |at: usize| clauses[at].is_at(&mut self.cursors, document, &mut self.places);
            let optional_leaders = if most == 0 { &[][..] } else { &leaders };
            let mut count = optional_leaders.iter().filter(|&&at| is_at(at)).count();
            for (index, &at) in followers.iter().enumerate() {
                if count + followers.len() - index < most {
                    break;
                }
                count += usize::from(is_at(at));
            }
            let fits = (most..optional.len()).contains(&count)
                && required.iter().all(|&at| is_at(at))
                && self
                    .gates
                    .iter_mut()
                    .all(|gate| gate.seek(document) == document && gate.is_at(document, &mut self.places))
                && self.stands(document);
            if fits {
                let score = self.score(document);
                self.accept(document, score, best);
            }
            document += 1;
        }
    }

    /// Whether nothing but the wanted clauses and gates speaks against an article.
    pub(super) fn stands(&mut self, document: DocId) -> bool {
        self.alive.is_none_or(|alive| alive.is_alive(document))
            && !self
                .excluded
                .iter_mut()
                .any(|walk| walk.seek(document) == document && walk.is_at(document, &mut self.places))
    }

    /// BM25 over the lookups that the article has.
    pub(super) fn score(&mut self, document: DocId) -> f32 {
        let norm = self.statistics.norms[usize::from(self.columns.lengths.fieldnorm_id(document))];
        let Statistics { idf, stand_ins, .. } = self.statistics;
        if !stand_ins.is_empty() {
            return self.score_together(document, norm);
        }
        let mut score = 0.0;
        for (cursor, idf) in self.cursors.iter_mut().zip(idf) {
            if cursor.is_at(document) {
                score += idf * saturate(cursor.frequency(), norm);
            }
        }
        score
    }

    /// The same where some lookups stand for others. A name and what stands for it may be the same words, so the one
    /// with more occurrences counts.
    fn score_together(&mut self, document: DocId, norm: f32) -> f32 {
        let mut frequencies = [0; MAX_WORDS];
        for (cursor, frequency) in self.cursors.iter_mut().zip(&mut frequencies) {
            if cursor.is_at(document) {
                *frequency = cursor.frequency();
            }
        }
        let mut counted = frequencies.map(|frequency| (frequency, if frequency > 0 { 1.0_f32 } else { 0.0 }));
        for &StandIn { lookup, typed, counts } in &self.statistics.stand_ins {
            if frequencies[lookup] > 0 {
                let (frequency, part) = counted[typed];
                counted[typed] = (frequency.max(frequencies[lookup]), part.max(counts));
            }
        }
        let each = counted.iter().zip(&self.statistics.idf);
        each.map(|((frequency, part), idf)| part * idf * saturate(*frequency, norm)).sum()
    }

    pub(super) fn accept(&mut self, document: DocId, score: f32, best: &mut Best) {
        if self.withdrawn.as_mut().is_some_and(|withdrawn| withdrawn.is_at(document)) {
            self.hidden += 1;
            return;
        }
        self.found.push(document);
        let key = || self.columns.keys.first(document).unwrap_or_default();
        let ranked = || Ranked {
            score,
            published: self.columns.published.first(document).unwrap_or(i64::MIN),
            key: key(),
            address: Address { segment: self.ordinal, document },
            tier: self.tier,
            copies: 0,
            version: Version::default(),
        };
        if let Some(story) = self.groups.and_then(|groups| groups.story(key())) {
            let mut ranked = ranked();
            ranked.version.words = self.columns.words.first(document).unwrap_or_default();
            ranked.version.is_corrected =
                self.corrected.as_mut().is_some_and(|corrected| corrected.is_at(document));
            self.grouped.push((story, ranked));
        } else if best.admits(score) {
            best.add(ranked());
        }
    }
}
