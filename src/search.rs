//! Finds the articles of a plan, ranks them, and picks the passages that answer.
//!
//! One pass over the postings of each segment gathers everything at once: the exact count, the facets and
//! the best articles. Articles with every word come first. Those with most of the words come after them,
//! in a tier of their own, and only if the first does not fill what was asked for; counts and facets are
//! those of the first tier, or of the second where the first is empty.
//!
//! Ranking has two stages. The first is BM25 over the one `text` field. The second reads the positions of
//! the words in the best [`RESCORED`] articles of a tier, and adds what positions tell: words side by side
//! or near each other, forms as typed, and how well the best single passage answers. The same positions
//! choose the passages to show and say which words each has, so that what is highlighted is what matched.
//!
//! Copies of one story are one result: the first published of those that match, with the best of their
//! scores. Totals, facets and histogram count stories, each once wherever any of its copies counts, and
//! articles beside them. Withdrawn articles are left out and counted as hidden.
//!
//! Order is total: score, then newest, then id. Articles after the re-scored ones follow in the order of
//! the first stage.
//!
//! | constant | value | source | nDCG@10 without -> with: A, B, C, D |
//! |---|---|---|---|
//! | [`K1`], [`B`] | 0.9, 0.4 | defaults of Anserini for newswire | |
//! | [`ADJACENT`], [`NEAR`] | 0.1, 0.05 | sequential dependence, Metzler and Croft 2005 | .721 -> .719, .760 -> .761, .339 -> .337, .290 -> .296 |
//! | [`NEAR_WORDS`] | 8 | the same: an unordered window of eight | |
//! | [`PASSAGE_SHARE`] | 0.25 | chosen on B | .713 -> .719, .760 -> .761, .343 -> .337, .292 -> .296 |
//! | [`EXACT`] | 0.12 | chosen on B | .714 -> .719, .759 -> .761, .338 -> .337, .288 -> .296 |
//! | [`MOST`] | 2, against half of the words | chosen on B | .712 -> .719, .013 -> .761, .255 -> .337, .137 -> .296 |
//!
//! A is a set of 47 queries over 17,014 articles of business news, B the 429 questions of MultiHop-RAG over
//! sentences of news, C Cranfield and D CISI. The rows were measured while `exact` held every word; without
//! those that are their own stem, all four constants together have .717, .762, .334 and .295, and plain BM25
//! in the same two tiers has .709, .754, .341 and .289.

use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BinaryHeap};

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;
use tantivy::columnar::StrColumn;
use tantivy::fastfield::{AliveBitSet, Column};
use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, HasLen, SegmentReader, TERMINATED, Term};

use crate::analyzer::GAP;
use crate::annotate::{Part, Referent};
use crate::article::{Date, Precision, Span, Status};
use crate::error::{Error, Result};
use crate::gazetteer::regions;
use crate::groups::Groups;
use crate::index::{Address, Columns, FACETS, Reader};
use crate::plan::{Filters, Lookup, Plan};
use crate::query::Scope;
use crate::schema::{Record, Start};
use crate::snippet::{Match, Snippet, Weight, highlights, snippet};
use crate::words::Analyzer;

/// How fast more occurrences of a word stop adding to a score.
const K1: f32 = 0.9;

/// How much longer articles are held against their occurrences.
const B: f32 = 0.4;

/// Words that an article of the second tier must have at the least, of a query of three or more. People
/// paste questions and headlines, and no article has half of their words.
const MOST: usize = 2;

/// Articles of a tier whose positions are read.
pub const RESCORED: usize = 100;

/// Weight of two words of the query side by side, in their order.
const ADJACENT: f32 = 0.1;

/// Weight of two words that follow each other in the query within [`NEAR_WORDS`] words.
const NEAR: f32 = 0.05;

/// The window of [`NEAR`].
const NEAR_WORDS: u32 = 8;

/// The part of a final score that comes from the best passage; the rest is the article's.
const PASSAGE_SHARE: f32 = 0.25;

/// Weight of a word in the very form that was typed.
const EXACT: f32 = 0.12;

/// Words of a typical passage, for its length norm.
const PASSAGE_WORDS: f32 = 90.0;

/// What is asked of the index.
#[derive(Debug, Clone)]
pub struct Request {
    pub plan: Plan,
    pub sort: Sort,
    /// How many articles.
    pub limit: usize,
    /// How many to pass over first.
    pub offset: usize,
    /// Passages an article at the most.
    pub passages: usize,
    /// Values of each facet at the most; 0 for no facets.
    pub facet_values: usize,
    /// Every copy of a story is a result of its own, and articles are what is counted.
    pub copies: bool,
    /// Counts over time, in steps of this.
    pub histogram: Option<Interval>,
}

/// A step of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Interval {
    Year,
    Quarter,
    Month,
    Week,
    Day,
}

/// The order of results within a tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    Relevance,
    /// Newest first, undated last.
    Date,
}

/// Which words an article has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    All,
    Most,
}

/// The answer to a request.
#[derive(Debug, Clone, Default)]
pub struct Results {
    /// Stories in the tier that is counted, or articles where every copy is asked for.
    pub total: u64,
    /// Articles in that tier, copies included.
    pub articles: u64,
    /// Withdrawn articles that were left out of it.
    pub hidden: u64,
    /// How many of the words an article of the second tier has at the least.
    pub at_least: usize,
    /// The tier that `total` and `facets` count; `None` for no results.
    pub counted: Option<Tier>,
    /// In order, from `offset` on.
    pub hits: Vec<Hit>,
    pub facets: Vec<Facet>,
    /// The steps of time that have any, in order; what is undated is in none.
    pub histogram: Vec<Bin>,
}

/// A step of a histogram.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bin {
    /// Its first day, or as much of it as is meant: `2016`, `2016-07`, `2016-09-01`.
    pub start: String,
    pub count: u64,
    pub articles: u64,
}

/// A value of a facet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    pub value: String,
    /// Stories, or articles where every copy is asked for.
    pub count: u64,
    pub articles: u64,
}

/// A column whose values are counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facet {
    /// `entity`, `region` or `source`.
    pub field: &'static str,
    /// The highest count first, then by value.
    pub values: Vec<Value>,
}

/// An article found.
#[derive(Debug, Clone)]
pub struct Hit {
    pub record: Record,
    pub tier: Tier,
    pub score: f32,
    /// Articles of the same story that match beside this one.
    pub copies: u32,
    /// For each wanted clause whether the article has it.
    pub has: Vec<bool>,
    /// What matched in the title, in bytes.
    pub title: Vec<Span>,
    /// The best passages, best first.
    pub passages: Vec<PassageHit>,
}

/// A passage chosen to be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct PassageHit {
    /// Its bytes in the body.
    pub span: Span,
    pub snippet: Snippet,
    /// For each wanted clause whether the passage has it.
    pub has: Vec<bool>,
    pub score: f32,
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::engine("searching", error)
}

/// Answers a request.
///
/// # Errors
/// Where the index cannot be read.
pub fn search(reader: &Reader, request: &Request) -> Result<Results> {
    let statistics = Statistics::gather(reader, &request.plan)?;
    let wanted = request.offset + request.limit;
    let keep = wanted.max(RESCORED);
    let all = collect(reader, request, &statistics, Tier::All, keep, &[])?;
    let has_second = !request.plan.needs_all && statistics.optional() > statistics.most();
    let in_all = usize::try_from(all.total).unwrap_or(usize::MAX);
    let second = if has_second && in_all < wanted {
        Some(collect(reader, request, &statistics, Tier::Most, keep, &all.grouped)?)
    } else {
        None
    };
    let (counted, tally) = match &second {
        Some(second) if all.total == 0 => (Tier::Most, second),
        _ => (Tier::All, &all),
    };
    let mut results = Results {
        total: tally.total,
        articles: tally.documents.iter().map(|documents| documents.len() as u64).sum(),
        hidden: tally.hidden,
        at_least: statistics.most() + statistics.idf.len() - statistics.optional(),
        counted: (tally.total > 0).then_some(counted),
        facets: facets(reader, request, tally)?,
        histogram: histogram(reader, request, tally)?,
        hits: Vec::new(),
    };
    let mut known = FxHashMap::default();
    let mut ordered = order(reader, request, &statistics, all.best, &mut known)?;
    if let Some(second) = second {
        ordered.extend(order(reader, request, &statistics, second.best, &mut known)?);
    }
    let page: Vec<Ranked> = ordered.into_iter().skip(request.offset).take(request.limit).collect();
    gather(reader, &request.plan, &page, &mut known)?;
    let mut analyzer = Analyzer::for_places();
    for ranked in page {
        let evidence = &known[&ranked.address];
        results.hits.push(detail(reader, request, &statistics, &mut analyzer, ranked, evidence)?);
    }
    Ok(results)
}

/// Every article that has all of what a plan wants, copies included.
///
/// # Errors
/// Where the index cannot be read.
pub fn matching(reader: &Reader, plan: Plan) -> Result<Vec<Address>> {
    let statistics = Statistics::gather(reader, &plan)?;
    let request = Request {
        plan,
        sort: Sort::Date,
        limit: 0,
        offset: 0,
        passages: 0,
        facet_values: 0,
        copies: true,
        histogram: None,
    };
    let found = collect(reader, &request, &statistics, Tier::All, 0, &[])?;
    let documents = (0..).zip(found.documents);
    Ok(documents
        .flat_map(|(segment, documents)| {
            documents.into_iter().map(move |document| Address { segment, document })
        })
        .collect())
}

/// What is known of the whole index before the first article is looked at.
struct Statistics {
    /// For each wanted clause.
    idf: Vec<f32>,
    is_required: Vec<bool>,
    /// Weight of an occurrence by the length code of its article.
    norms: [f32; 256],
}

impl Statistics {
    #[allow(clippy::cast_precision_loss, reason = "counts enter a logarithm or a mean")]
    fn gather(reader: &Reader, plan: &Plan) -> Result<Statistics> {
        let field = reader.fields().text;
        let (mut articles, mut words) = (0_u64, 0_u64);
        for segment in reader.segments() {
            articles += u64::from(segment.max_doc());
            words += segment.inverted_index(field).map_err(failed)?.total_num_tokens();
        }
        let idf = |stem: &str| -> Result<f32> {
            let term = Term::from_field_text(field, stem);
            let mut frequency = 0;
            for segment in reader.segments() {
                frequency += u64::from(
                    segment.inverted_index(field).map_err(failed)?.doc_freq(&term).map_err(failed)?,
                );
            }
            let ratio = (articles as f32 - frequency as f32 + 0.5).max(0.5) / (frequency as f32 + 0.5);
            Ok(ratio.ln_1p())
        };
        let mut all = Vec::new();
        for lookup in &plan.wanted {
            let mut sum = 0.0;
            for stems in &lookup.stems {
                // Alternatives count as one word, as rare as the most frequent of them.
                let mut least = f32::MAX;
                for stem in stems {
                    least = least.min(idf(stem)?);
                }
                sum += least;
            }
            all.push(sum);
        }
        let mean = if articles == 0 { 1.0 } else { (words as f32 / articles as f32).max(1.0) };
        let mut norms = [0.0; 256];
        for (code, norm) in (0..=u8::MAX).zip(norms.iter_mut()) {
            let length = FieldNormReader::id_to_fieldnorm(code) as f32;
            *norm = K1 * (1.0 - B + B * length / mean);
        }
        Ok(Statistics {
            idf: all,
            is_required: plan.wanted.iter().map(|lookup| lookup.is_required).collect(),
            norms,
        })
    }

    /// Wanted clauses that an article of the second tier may lack.
    fn optional(&self) -> usize {
        self.is_required.iter().filter(|required| !**required).count()
    }

    /// How many of the optional clauses the second tier asks for: half, and two of a longer query. One that
    /// stands beside required clauses may be missing.
    fn most(&self) -> usize {
        let optional = self.optional();
        let half = if optional == self.idf.len() { optional.div_ceil(2) } else { optional / 2 };
        half.min(MOST)
    }
}

/// The best articles of a tier and how many there are.
#[derive(Default)]
struct Collected {
    total: u64,
    best: Vec<Ranked>,
    /// Every article of the tier, by segment.
    documents: Vec<Vec<DocId>>,
    /// Those among them that have copies, with their stories, sorted by story.
    grouped: Vec<(u64, Ranked)>,
    hidden: u64,
}

impl Collected {
    /// The articles of each story that has copies.
    fn stories(&self) -> impl Iterator<Item = &[(u64, Ranked)]> {
        self.grouped.chunk_by(|a, b| a.0 == b.0)
    }
}

/// An article with what it is ordered by.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Ranked {
    score: f32,
    /// Seconds since 1970, the lowest number for none.
    published: i64,
    key: u64,
    address: Address,
    tier: Tier,
    /// Other articles of the story.
    copies: u32,
}

impl Ranked {
    fn order(&self, other: &Ranked) -> std::cmp::Ordering {
        other
            .score
            .total_cmp(&self.score)
            .then(other.published.cmp(&self.published))
            .then(self.key.cmp(&other.key))
            .then(self.address.cmp(&other.address))
    }

    fn order_by_date(&self, other: &Ranked) -> std::cmp::Ordering {
        other.published.cmp(&self.published).then_with(|| self.order(other))
    }
}

/// Keeps the best so many.
struct Best {
    keep: usize,
    sort: Sort,
    heap: BinaryHeap<Worst>,
}

/// Orders the worst first, so that it can be thrown out.
struct Worst(Ranked, Sort);

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
    fn admits(&self, score: f32) -> bool {
        self.sort == Sort::Date
            || self.heap.len() < self.keep
            || self.heap.peek().is_none_or(|worst| score >= worst.0.score)
    }

    fn add(&mut self, ranked: Ranked) {
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
fn collect(
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
        let (id, first) = first_of(story);
        if shown.binary_search_by_key(&id, |(story, _)| *story).is_err() {
            best.add(first);
        }
    }
    collected.total -= collected.grouped.len() as u64 - stories;
    collected.best = best.heap.into_iter().map(|worst| worst.0).collect();
    Ok(collected)
}

/// The article that stands for a story: the first published, with the best score of all.
fn first_of(story: &[(u64, Ranked)]) -> (u64, Ranked) {
    // What is undated comes after all that is dated.
    let age = |ranked: &Ranked| (ranked.published == i64::MIN, ranked.published, ranked.key);
    let (id, mut first) =
        *story.iter().min_by_key(|(_, ranked)| age(ranked)).expect("a story has an article");
    first.score = story.iter().map(|(_, ranked)| ranked.score).fold(first.score, f32::max);
    first.copies = u32::try_from(story.len() - 1).unwrap_or(u32::MAX);
    (id, first)
}

/// One segment being read for one tier.
struct Scan<'a> {
    statistics: &'a Statistics,
    tier: Tier,
    ordinal: usize,
    max_document: DocId,
    /// One for each wanted clause.
    cursors: Vec<Cursor>,
    /// Filters, all of which must let an article through.
    gates: Vec<Cursor>,
    excluded: Vec<Cursor>,
    dates: Option<DateFilter<'a>>,
    alive: Option<&'a AliveBitSet>,
    columns: &'a Columns,
    /// Which articles are copies, where that matters.
    groups: Option<&'a Groups>,
    withdrawn: Option<Cursor>,
    /// Every article of the tier so far, in order.
    found: Vec<DocId>,
    /// Those among them that have copies, with their stories.
    grouped: Vec<(u64, Ranked)>,
    hidden: u64,
}

impl<'a> Scan<'a> {
    fn open(
        reader: &'a Reader,
        request: &Request,
        statistics: &'a Statistics,
        tier: Tier,
        ordinal: usize,
    ) -> Result<Scan<'a>> {
        let segment = &reader.segments()[ordinal];
        let columns = reader.columns(ordinal)?;
        let open =
            Opener { reader, segment, columns, with_boilerplate: request.plan.filters.with_boilerplate };
        let lookups = |lookups: &[Lookup]| -> Result<Vec<Cursor>> {
            lookups.iter().map(|lookup| open.lookup(lookup, IndexRecordOption::WithFreqs)).collect()
        };
        Ok(Scan {
            statistics,
            tier,
            ordinal,
            max_document: segment.max_doc(),
            cursors: lookups(&request.plan.wanted)?,
            gates: open.filters(&request.plan.filters)?,
            excluded: lookups(&request.plan.excluded)?,
            dates: DateFilter::new(columns, &request.plan.filters),
            alive: segment.alive_bitset(),
            columns,
            groups: Some(reader.groups()).filter(|groups| !request.copies && !groups.is_empty()),
            withdrawn: if request.plan.filters.with_withdrawn {
                None
            } else {
                let status = Status::Withdrawn.as_str();
                open.postings(reader.fields().status, status, IndexRecordOption::Basic)?.map(Cursor::One)
            },
            found: Vec::new(),
            grouped: Vec::new(),
            hidden: 0,
        })
    }

    /// Finds the articles that have every wanted clause and pass every gate.
    fn all_words(&mut self, best: &mut Best) {
        if self.cursors.is_empty() && self.gates.is_empty() {
            for document in 0..self.max_document {
                if self.stands(document) {
                    self.accept(document, 0.0, best);
                }
            }
            return;
        }
        // The rarest leads; the others only look where it points.
        let words = self.cursors.len();
        let cost =
            |at: &usize| if *at < words { self.cursors[*at].cost() } else { self.gates[*at - words].cost() };
        let mut order: Vec<usize> = (0..words + self.gates.len()).collect();
        order.sort_by_key(cost);
        let mut document = 0;
        'next: while document != TERMINATED {
            for &at in &order {
                let cursor = if at < words { &mut self.cursors[at] } else { &mut self.gates[at - words] };
                let found = cursor.seek(document);
                if found != document {
                    document = found;
                    continue 'next;
                }
            }
            if self.cursors.iter_mut().all(Cursor::holds) && self.stands(document) {
                let score = self.score(document);
                self.accept(document, score, best);
            }
            document += 1;
        }
    }

    /// Finds the articles that have enough of the optional clauses but not all of them, every required one,
    /// and pass every gate.
    fn most_words(&mut self, best: &mut Best) {
        let (required, mut optional): (Vec<usize>, Vec<usize>) =
            (0..self.cursors.len()).partition(|&at| self.statistics.is_required[at]);
        let most = self.statistics.most();
        // An article with enough of them has at least one of the rarest `optional - most + 1`; where none is
        // needed, the required ones lead.
        optional.sort_by_key(|&at| self.cursors[at].cost());
        let rarest = required.iter().copied().min_by_key(|&at| self.cursors[at].cost());
        let (leaders, followers) = match rarest {
            Some(rarest) if most == 0 => (vec![rarest], optional.clone()),
            _ => {
                let (leaders, followers) = optional.split_at(optional.len() - most + 1);
                (leaders.to_vec(), followers.to_vec())
            }
        };
        let mut document = 0;
        loop {
            let next = leaders.iter().map(|&at| self.cursors[at].seek(document)).min();
            document = next.unwrap_or(TERMINATED);
            if document == TERMINATED {
                return;
            }
            let optional_leaders = if most == 0 { &[][..] } else { &leaders };
            let mut count = optional_leaders.iter().filter(|&&at| self.cursors[at].is_at(document)).count();
            for (index, &at) in followers.iter().enumerate() {
                if count + followers.len() - index < most {
                    break;
                }
                count += usize::from(self.cursors[at].is_at(document));
            }
            let fits = (most..optional.len()).contains(&count)
                && required.iter().all(|&at| self.cursors[at].is_at(document))
                && self.gates.iter_mut().all(|gate| gate.is_at(document))
                && self.stands(document);
            if fits {
                let score = self.score(document);
                self.accept(document, score, best);
            }
            document += 1;
        }
    }

    /// Whether nothing but the wanted clauses and gates speaks against an article.
    fn stands(&mut self, document: DocId) -> bool {
        self.alive.is_none_or(|alive| alive.is_alive(document))
            && self.dates.as_ref().is_none_or(|dates| dates.admits(document))
            && !self.excluded.iter_mut().any(|cursor| cursor.is_at(document))
    }

    /// BM25 over the clauses that the article has.
    fn score(&mut self, document: DocId) -> f32 {
        let norm = self.statistics.norms[usize::from(self.columns.lengths.fieldnorm_id(document))];
        let mut score = 0.0;
        for (cursor, idf) in self.cursors.iter_mut().zip(&self.statistics.idf) {
            if cursor.is_at(document) {
                score += idf * saturate(cursor.frequency(), norm);
            }
        }
        score
    }

    fn accept(&mut self, document: DocId, score: f32, best: &mut Best) {
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
        };
        if let Some(story) = self.groups.and_then(|groups| groups.story(key())) {
            let ranked = ranked();
            self.grouped.push((story, ranked));
        } else if best.admits(score) {
            best.add(ranked());
        }
    }
}

/// BM25's weight of so many occurrences.
#[allow(clippy::cast_precision_loss, reason = "counts within an article")]
fn saturate(frequency: u32, norm: f32) -> f32 {
    let frequency = frequency as f32;
    (K1 + 1.0) * frequency / (frequency + norm)
}

/// Walks the articles that may have something, in order.
#[allow(clippy::large_enum_variant, reason = "a handful a query, and the large one is the usual one")]
enum Cursor {
    Nothing,
    One(SegmentPostings),
    Any(Vec<SegmentPostings>),
    Phrase(Box<Phrase>),
}

impl Cursor {
    /// Moves to the first candidate at or after `target`, never back.
    fn seek(&mut self, target: DocId) -> DocId {
        match self {
            Cursor::Nothing => TERMINATED,
            Cursor::One(postings) => {
                if postings.doc() < target {
                    postings.seek(target)
                } else {
                    postings.doc()
                }
            }
            Cursor::Any(all) => {
                for postings in all.iter_mut() {
                    if postings.doc() < target {
                        postings.seek(target);
                    }
                }
                all.iter().map(DocSet::doc).min().unwrap_or(TERMINATED)
            }
            Cursor::Phrase(phrase) => phrase.seek(target),
        }
    }

    /// Whether `document`, not before the present one, matches.
    fn is_at(&mut self, document: DocId) -> bool {
        self.seek(document) == document && self.holds()
    }

    /// Whether the present candidate really matches.
    fn holds(&mut self) -> bool {
        match self {
            Cursor::Nothing => false,
            Cursor::One(_) | Cursor::Any(_) => true,
            Cursor::Phrase(phrase) => phrase.frequency() > 0,
        }
    }

    /// Occurrences in the present article.
    fn frequency(&mut self) -> u32 {
        match self {
            Cursor::Nothing => 0,
            Cursor::One(postings) => postings.term_freq(),
            Cursor::Any(all) => {
                let document = all.iter().map(DocSet::doc).min().unwrap_or(TERMINATED);
                all.iter().filter(|postings| postings.doc() == document).map(Postings::term_freq).sum()
            }
            Cursor::Phrase(phrase) => phrase.frequency(),
        }
    }

    /// How many articles it may lead through.
    fn cost(&self) -> usize {
        match self {
            Cursor::Nothing => 0,
            Cursor::One(postings) => postings.len(),
            Cursor::Any(all) => all.iter().map(HasLen::len).sum(),
            Cursor::Phrase(phrase) => {
                phrase.parts.iter().map(|part| part.iter().map(HasLen::len).sum()).min().unwrap_or(0)
            }
        }
    }

    /// Appends the positions in the present article where a match starts, sorted.
    fn positions(&mut self, found: &mut Vec<u32>) {
        match self {
            Cursor::Nothing => {}
            Cursor::One(postings) => postings.append_positions_with_offset(0, found),
            Cursor::Any(all) => {
                let document = all.iter().map(DocSet::doc).min().unwrap_or(TERMINATED);
                for postings in all.iter_mut().filter(|postings| postings.doc() == document) {
                    postings.append_positions_with_offset(0, found);
                }
                found.sort_unstable();
                found.dedup();
            }
            Cursor::Phrase(phrase) => {
                phrase.frequency();
                found.extend_from_slice(&phrase.starts);
            }
        }
    }
}

/// Words that follow each other, or a word in a title.
struct Phrase {
    /// For each position the postings of the stems that fit there.
    parts: Vec<Vec<SegmentPostings>>,
    document: DocId,
    /// Set once the positions of `document` were read.
    is_checked: bool,
    starts: Vec<u32>,
    scratch: Vec<u32>,
    /// Where titles end, for a phrase that must stand in one.
    titles: Option<TitleEnds>,
}

impl Phrase {
    /// A phrase at its first candidate.
    fn new(parts: Vec<Vec<SegmentPostings>>, titles: Option<TitleEnds>) -> Phrase {
        let mut phrase =
            Phrase { parts, document: 0, is_checked: false, starts: Vec::new(), scratch: Vec::new(), titles };
        phrase.document = phrase.next(0);
        phrase
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if self.document < target {
            self.is_checked = false;
            self.document = self.next(target);
        }
        self.document
    }

    /// The first article from `target` on that has every part.
    fn next(&mut self, target: DocId) -> DocId {
        let mut document = target;
        'next: while document != TERMINATED {
            for part in &mut self.parts {
                let mut found = TERMINATED;
                for postings in part.iter_mut() {
                    found = found.min(if postings.doc() < document {
                        postings.seek(document)
                    } else {
                        postings.doc()
                    });
                }
                if found != document {
                    document = found;
                    continue 'next;
                }
            }
            return document;
        }
        TERMINATED
    }

    fn frequency(&mut self) -> u32 {
        if !self.is_checked {
            self.is_checked = true;
            self.starts.clear();
            for (offset, part) in (0..).zip(&mut self.parts) {
                let positions = if offset == 0 { &mut self.starts } else { &mut self.scratch };
                positions.clear();
                for postings in part.iter_mut().filter(|postings| postings.doc() == self.document) {
                    postings.append_positions_with_offset(0, positions);
                }
                if part.len() > 1 {
                    positions.sort_unstable();
                    positions.dedup();
                }
                if offset > 0 {
                    keep_followed(&mut self.starts, &self.scratch, offset);
                }
                if self.starts.is_empty() {
                    break;
                }
            }
            if let Some(titles) = &self.titles {
                let end = titles.end(self.document);
                self.starts.retain(|&start| start < end);
            }
        }
        u32::try_from(self.starts.len()).unwrap_or(u32::MAX)
    }
}

/// Keeps the starts that have one of `positions` at the given offset. Both are sorted.
fn keep_followed(starts: &mut Vec<u32>, positions: &[u32], offset: u32) {
    let mut at = 0;
    starts.retain(|&start| {
        while at < positions.len() && positions[at] < start + offset {
            at += 1;
        }
        positions.get(at) == Some(&(start + offset))
    });
}

/// Where the words of each article's title end.
struct TitleEnds {
    passages: Column<u64>,
}

impl TitleEnds {
    /// The position after the last of the title; the largest number for an article of nothing else.
    fn end(&self, document: DocId) -> u32 {
        self.passages
            .first(document)
            .map_or(u32::MAX, |packed| Start::unpack(packed).position.saturating_sub(GAP))
    }
}

/// Opens the cursors of a segment.
struct Opener<'a> {
    reader: &'a Reader,
    segment: &'a SegmentReader,
    columns: &'a Columns,
    with_boilerplate: bool,
}

impl Opener<'_> {
    fn postings(
        &self,
        field: Field,
        value: &str,
        option: IndexRecordOption,
    ) -> Result<Option<SegmentPostings>> {
        let inverted = self.segment.inverted_index(field).map_err(failed)?;
        inverted.read_postings(&Term::from_field_text(field, value), option).map_err(failed)
    }

    fn any(
        &self,
        field: Field,
        values: &[impl AsRef<str>],
        option: IndexRecordOption,
    ) -> Result<Vec<SegmentPostings>> {
        let mut all = Vec::new();
        for value in values {
            all.extend(self.postings(field, value.as_ref(), option)?);
        }
        Ok(all)
    }

    fn lookup(&self, lookup: &Lookup, option: IndexRecordOption) -> Result<Cursor> {
        if lookup.needs_positions() {
            let mut parts = Vec::new();
            for stems in &lookup.stems {
                let part = self.words(stems, IndexRecordOption::WithFreqsAndPositions)?;
                if part.is_empty() {
                    return Ok(Cursor::Nothing);
                }
                parts.push(part);
            }
            let is_title = lookup.scope == Scope::Title;
            let titles = is_title.then(|| TitleEnds { passages: self.columns.passages.clone() });
            return Ok(Cursor::Phrase(Box::new(Phrase::new(parts, titles))));
        }
        Ok(cursor(self.words(&lookup.stems[0], option)?))
    }

    /// Where any of these stems stands.
    fn words(&self, stems: &[String], option: IndexRecordOption) -> Result<Vec<SegmentPostings>> {
        let mut all = self.any(self.reader.fields().text, stems, option)?;
        if self.with_boilerplate {
            all.extend(self.any(self.reader.fields().boilerplate, stems, option)?);
        }
        Ok(all)
    }

    /// A gate for each kind of filter that is kept in postings.
    fn filters(&self, filters: &Filters) -> Result<Vec<Cursor>> {
        let fields = self.reader.fields();
        let regions: Vec<&str> = filters.regions.iter().map(|code| code.0).collect();
        let entities: Vec<&str> = filters.entities.iter().map(crate::gazetteer::EntityId::as_str).collect();
        let sources: Vec<&str> = filters.sources.iter().map(String::as_str).collect();
        let languages: Vec<&str> = filters.languages.iter().map(String::as_str).collect();
        let kinds = [
            (fields.region, regions),
            (fields.entity, entities),
            (fields.source, sources),
            (fields.language, languages),
        ];
        let mut gates = Vec::new();
        for (field, values) in kinds {
            if !values.is_empty() {
                gates.push(cursor(self.any(field, &values, IndexRecordOption::Basic)?));
            }
        }
        Ok(gates)
    }
}

fn cursor(mut all: Vec<SegmentPostings>) -> Cursor {
    match all.len() {
        0 => Cursor::Nothing,
        1 => Cursor::One(all.remove(0)),
        _ => Cursor::Any(all),
    }
}

/// Keeps articles that overlap a range of time.
struct DateFilter<'a> {
    columns: &'a Columns,
    since: i64,
    until: i64,
}

impl<'a> DateFilter<'a> {
    fn new(columns: &'a Columns, filters: &Filters) -> Option<DateFilter<'a>> {
        let is_asked = filters.since.is_some() || filters.until.is_some();
        is_asked.then(|| DateFilter {
            columns,
            since: filters.since.unwrap_or(i64::MIN),
            until: filters.until.unwrap_or(i64::MAX),
        })
    }

    fn admits(&self, document: DocId) -> bool {
        match (self.columns.published.first(document), self.columns.published_end.first(document)) {
            (Some(start), Some(end)) => start < self.until && end > self.since,
            _ => false,
        }
    }
}

/// Puts the best of a tier in order: those that are re-scored first. What was read for that is kept in
/// `known`.
fn order(
    reader: &Reader,
    request: &Request,
    statistics: &Statistics,
    mut best: Vec<Ranked>,
    known: &mut FxHashMap<Address, Evidence>,
) -> Result<Vec<Ranked>> {
    if request.sort == Sort::Date {
        best.sort_by(Ranked::order_by_date);
        return Ok(best);
    }
    best.sort_by(Ranked::order);
    if !request.plan.wanted.is_empty() {
        let count = best.len().min(RESCORED);
        let head = &mut best[..count];
        gather(reader, &request.plan, head, known)?;
        for ranked in head.iter_mut() {
            ranked.score = final_score(&request.plan, statistics, &known[&ranked.address], ranked.score);
        }
        head.sort_by(Ranked::order);
    }
    Ok(best)
}

/// Where the wanted words stand in one article.
#[derive(Debug, Default)]
struct Evidence {
    /// For each wanted clause the positions where it starts, sorted.
    positions: Vec<Vec<u32>>,
    /// For each wanted clause the occurrences in the form typed.
    exact: Vec<u32>,
    passages: Vec<Start>,
    norm_code: u8,
}

impl Evidence {
    /// Position where the body starts; the largest number if there is none.
    fn body_start(&self) -> u32 {
        self.passages.first().map_or(u32::MAX, |start| start.position)
    }

    /// The passage that holds a position of the body.
    fn passage_of(&self, position: u32) -> Option<usize> {
        self.passages.partition_point(|start| start.position <= position).checked_sub(1)
    }
}

/// Reads evidence article by article, in order of address.
struct Gatherer<'a> {
    reader: &'a Reader,
    plan: &'a Plan,
    segment: usize,
    open: Option<OpenSegment<'a>>,
}

struct OpenSegment<'a> {
    cursors: Vec<Cursor>,
    exact: Vec<Option<SegmentPostings>>,
    columns: &'a Columns,
}

/// Reads the evidence of articles that is not known yet.
fn gather(
    reader: &Reader,
    plan: &Plan,
    articles: &[Ranked],
    known: &mut FxHashMap<Address, Evidence>,
) -> Result<()> {
    let mut wanted: Vec<Address> =
        articles.iter().map(|ranked| ranked.address).filter(|address| !known.contains_key(address)).collect();
    // Postings are read forwards.
    wanted.sort_unstable();
    let mut gatherer = Gatherer { reader, plan, segment: 0, open: None };
    for address in wanted {
        known.insert(address, gatherer.gather(address)?);
    }
    Ok(())
}

impl Gatherer<'_> {
    fn gather(&mut self, address: Address) -> Result<Evidence> {
        if self.open.is_none() || self.segment != address.segment {
            let segment = &self.reader.segments()[address.segment];
            let columns = self.reader.columns(address.segment)?;
            let with_boilerplate = self.plan.filters.with_boilerplate;
            let open = Opener { reader: self.reader, segment, columns, with_boilerplate };
            let (mut cursors, mut exact) = (Vec::new(), Vec::new());
            for lookup in &self.plan.wanted {
                cursors.push(open.lookup(lookup, IndexRecordOption::WithFreqsAndPositions)?);
                exact.push(match &lookup.exact {
                    Some(form) => {
                        open.postings(self.reader.fields().exact, form, IndexRecordOption::WithFreqs)?
                    }
                    None => None,
                });
            }
            self.open = Some(OpenSegment { cursors, exact, columns });
            self.segment = address.segment;
        }
        let open = self.open.as_mut().expect("opened above");
        let mut found = Evidence {
            passages: open.columns.passages.values_for_doc(address.document).map(Start::unpack).collect(),
            norm_code: open.columns.lengths.fieldnorm_id(address.document),
            ..Evidence::default()
        };
        for cursor in &mut open.cursors {
            let mut positions = Vec::new();
            if cursor.seek(address.document) == address.document {
                cursor.positions(&mut positions);
            }
            found.positions.push(positions);
        }
        for exact in &mut open.exact {
            let count = exact.as_mut().map_or(0, |postings| {
                if postings.doc() < address.document {
                    postings.seek(address.document);
                }
                if postings.doc() == address.document { postings.term_freq() } else { 0 }
            });
            found.exact.push(count);
        }
        Ok(found)
    }
}

/// The first stage's score with what positions tell.
fn final_score(plan: &Plan, statistics: &Statistics, found: &Evidence, first: f32) -> f32 {
    let norm = statistics.norms[usize::from(found.norm_code)];
    let mut article = first;
    for (clause, &count) in found.exact.iter().enumerate() {
        article += EXACT * statistics.idf[clause] * saturate(count, norm);
    }
    for clause in 1..plan.wanted.len() {
        let (adjacent, near) = pairs(&plan.wanted, &found.positions, clause);
        let weight = statistics.idf[clause - 1] + statistics.idf[clause];
        article += weight * (ADJACENT * saturate(adjacent, norm) + NEAR * saturate(near, norm));
    }
    let passage = scored_passages(statistics, found).iter().map(|scored| scored.score).fold(0.0, f32::max);
    (1.0 - PASSAGE_SHARE) * article + PASSAGE_SHARE * passage
}

/// How often the clause before this one stands right before it, and how often within a few words of it.
fn pairs(wanted: &[Lookup], positions: &[Vec<u32>], clause: usize) -> (u32, u32) {
    let (before, here) = (&positions[clause - 1], &positions[clause]);
    let length = u32::try_from(wanted[clause - 1].stems.len()).unwrap_or(1);
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
struct Scored {
    passage: usize,
    score: f32,
    has: u64,
}

/// Scores every passage that has a wanted word, in no order.
fn scored_passages(statistics: &Statistics, found: &Evidence) -> Vec<Scored> {
    let mut scored: Vec<Scored> = Vec::new();
    let mut places: FxHashMap<usize, usize> = FxHashMap::default();
    let body_start = found.body_start();
    for (clause, positions) in found.positions.iter().enumerate() {
        let mut rest = &positions[positions.partition_point(|&position| position < body_start)..];
        while let Some(passage) = rest.first().and_then(|&position| found.passage_of(position)) {
            let end = found.passages.get(passage + 1).map_or(u32::MAX, |next| next.position);
            let count = rest.partition_point(|&position| position < end);
            rest = &rest[count..];
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            let score = statistics.idf[clause] * saturate(count, passage_norm(found, passage));
            let place = *places.entry(passage).or_insert(scored.len());
            if place == scored.len() {
                scored.push(Scored { passage, score: 0.0, has: 0 });
            }
            scored[place].score += score;
            scored[place].has |= 1 << clause;
        }
    }
    scored
}

#[allow(clippy::cast_precision_loss, reason = "words of a passage")]
fn passage_norm(found: &Evidence, passage: usize) -> f32 {
    let start = found.passages[passage].position;
    let words = found.passages.get(passage + 1).map_or(PASSAGE_WORDS, |next| (next.position - start) as f32);
    K1 * (1.0 - B + B * words / PASSAGE_WORDS)
}

/// Everything to show of one article.
fn detail(
    reader: &Reader,
    request: &Request,
    statistics: &Statistics,
    analyzer: &mut Analyzer,
    ranked: Ranked,
    found: &Evidence,
) -> Result<Hit> {
    let plan = &request.plan;
    let record = reader.record(ranked.address)?;
    let body = &record.article.body;
    let body_start = found.body_start();
    let (mut in_title, mut in_body) = (Vec::new(), Vec::new());
    for (clause, positions) in (0..).zip(&found.positions) {
        let length = u32::try_from(plan.wanted[usize::from(clause)].stems.len()).unwrap_or(1);
        for position in positions.iter().flat_map(|&start| start..start + length) {
            match position.checked_sub(body_start) {
                Some(word) => in_body.push(Match { word, clause }),
                None => in_title.push(Match { word: position, clause }),
            }
        }
    }
    for matches in [&mut in_title, &mut in_body] {
        matches.sort_unstable();
        matches.dedup();
    }
    let weights: Vec<Weight> = plan
        .wanted
        .iter()
        .zip(&statistics.idf)
        .map(|(lookup, &rarity)| Weight {
            rarity,
            is_phrase: lookup.stems.len() > 1,
            stem: (lookup.stems.len() == 1).then(|| lookup.stems[0][0].clone()),
        })
        .collect();
    let ends = |passage: usize| found.passages.get(passage + 1).map_or(body.len(), |next| next.byte as usize);
    let about = favoured(&plan.filters, &record);
    let bonus: Vec<bool> = (0..found.passages.len())
        .map(|passage| {
            let span = Span::new(found.passages[passage].byte as usize, ends(passage));
            about.iter().any(|mention| span.contains(*mention))
        })
        .collect();
    let mut passages = Vec::new();
    for Scored { passage, score, has, .. } in chosen(statistics, found, &bonus, request.passages) {
        let start = found.passages[passage];
        let span = Span::new(start.byte as usize, ends(passage));
        if span.of(body).trim().is_empty() {
            continue;
        }
        let first_word = start.position - body_start;
        passages.push(PassageHit {
            snippet: snippet(body, span, first_word, &in_body, &weights, &about, analyzer),
            span,
            has: (0..plan.wanted.len()).map(|clause| has >> clause & 1 == 1).collect(),
            score,
        });
    }
    let title_tokens = analyzer.tokens(&record.article.title);
    let title = highlights(&title_tokens, &in_title, &weights);
    let has = found.positions.iter().map(|positions| !positions.is_empty()).collect();
    Ok(Hit { tier: ranked.tier, score: ranked.score, copies: ranked.copies, has, title, passages, record })
}

/// Mentions in the body of what the filters ask for.
fn favoured(filters: &Filters, record: &Record) -> Vec<Span> {
    let is_wanted = |referent: &Referent| match referent {
        Referent::Entity(id) => filters.entities.contains(id),
        Referent::Region(code) => {
            !filters.regions.is_empty()
                && std::iter::once(*code)
                    .chain(regions().ancestors(*code))
                    .any(|code| filters.regions.contains(&code))
        }
    };
    let in_body = record.mentions.iter().filter(|mention| mention.part == Part::Body);
    in_body.filter(|mention| is_wanted(&mention.referent)).map(|mention| mention.span).collect()
}

/// The passages to show: the best, then those that add words the chosen ones lack. One that names what the
/// filters ask for is worth one more word of middling rarity. An article whose body has none of the words
/// is shown by its first passage.
fn chosen(statistics: &Statistics, found: &Evidence, bonus: &[bool], limit: usize) -> Vec<Scored> {
    #[allow(clippy::cast_precision_loss, reason = "a few clauses")]
    let middling = statistics.idf.iter().sum::<f32>() / statistics.idf.len().max(1) as f32;
    let mut candidates = scored_passages(statistics, found);
    let with_words: FxHashMap<usize, usize> =
        candidates.iter().enumerate().map(|(at, scored)| (scored.passage, at)).collect();
    for (passage, _) in bonus.iter().enumerate().filter(|(_, bonus)| **bonus) {
        match with_words.get(&passage) {
            Some(&at) => candidates[at].score += middling,
            None => candidates.push(Scored { passage, score: middling, has: 0 }),
        }
    }
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.passage.cmp(&b.passage)));
    let gain = |has: u64| -> f32 {
        statistics
            .idf
            .iter()
            .enumerate()
            .filter(|(clause, _)| has >> clause & 1 == 1)
            .map(|(_, idf)| idf)
            .sum()
    };
    let mut chosen: Vec<Scored> = candidates.first().copied().into_iter().take(limit).collect();
    while chosen.len() < limit {
        let covered = chosen.iter().fold(0, |covered, chosen| covered | chosen.has);
        let adding = candidates.iter().filter(|candidate| candidate.has & !covered != 0);
        let next = adding.max_by(|a, b| {
            gain(a.has & !covered)
                .total_cmp(&gain(b.has & !covered))
                .then(a.score.total_cmp(&b.score))
                .then(b.passage.cmp(&a.passage))
        });
        match next {
            Some(next) => chosen.push(*next),
            None => break,
        }
    }
    if chosen.is_empty() && limit > 0 && !found.passages.is_empty() {
        chosen.push(Scored { passage: 0, score: 0.0, has: 0 });
    }
    chosen
}

/// Ordinals resolved to names in each of several segments before their counts are added up.
const RESOLVED: usize = 64;

/// Articles whose values are read in one go.
const BLOCK: usize = 1024;

/// Counts the values of every facet over the articles found.
fn facets(reader: &Reader, request: &Request, found: &Collected) -> Result<Vec<Facet>> {
    let mut facets = Vec::new();
    for (facet, field) in FACETS.iter().copied().enumerate().filter(|_| request.facet_values > 0) {
        let mut columns = Vec::new();
        // Which of the columns is a segment's.
        let mut places = vec![None; found.documents.len()];
        for (segment, documents) in
            found.documents.iter().enumerate().filter(|(_, documents)| !documents.is_empty())
        {
            if let Some(column) = &reader.columns(segment)?.facets[facet] {
                places[segment] = Some(columns.len());
                columns.push((column, count(column, documents)));
            }
        }
        let repeated = count_stories(&mut columns, &places, found)?;
        let values = most(&columns, request.facet_values)?.into_iter().map(|(value, count)| {
            let articles = count + repeated.get(&value).copied().unwrap_or_default();
            Value { value, count, articles }
        });
        facets.push(Facet { field, values: values.collect() });
    }
    Ok(facets)
}

/// Turns counts of articles into counts of stories: a value that several copies of one have counts once.
/// Gives for each value by how much it was lowered.
fn count_stories(
    columns: &mut [(&StrColumn, Vec<u32>)],
    places: &[Option<usize>],
    found: &Collected,
) -> Result<FxHashMap<String, u64>> {
    let mut repeated: FxHashMap<String, u64> = FxHashMap::default();
    let mut names: FxHashMap<(usize, u64), String> = FxHashMap::default();
    for story in found.stories().filter(|story| story.len() > 1) {
        let mut known: FxHashSet<String> = FxHashSet::default();
        for (_, ranked) in story {
            let Some(place) = places[ranked.address.segment] else { continue };
            let column = columns[place].0;
            for ordinal in column.term_ords(ranked.address.document) {
                let name = match names.entry((place, ordinal)) {
                    Entry::Occupied(name) => name.into_mut(),
                    Entry::Vacant(slot) => {
                        let mut name = String::new();
                        column.ord_to_str(ordinal, &mut name).map_err(failed)?;
                        slot.insert(name)
                    }
                };
                if !known.insert(name.clone()) {
                    columns[place].1[in_memory(ordinal)] -= 1;
                    *repeated.entry(name.clone()).or_default() += 1;
                }
            }
        }
    }
    Ok(repeated)
}

/// Counts the articles found by when they were published.
fn histogram(reader: &Reader, request: &Request, found: &Collected) -> Result<Vec<Bin>> {
    let Some(interval) = request.histogram else { return Ok(Vec::new()) };
    let step = |published: i64| {
        let date = Date { start: published, precision: Precision::Day };
        match interval {
            Interval::Year => date.first_of(Precision::Year),
            Interval::Month => date.first_of(Precision::Month),
            Interval::Quarter => date.first_of_quarter(),
            Interval::Week => date.first_of_week(),
            Interval::Day => date.first_of(Precision::Day),
        }
    };
    // Count and articles of each step; most articles share a day with the one before.
    let mut bins: BTreeMap<Date, (u64, u64)> = BTreeMap::new();
    for (segment, documents) in found.documents.iter().enumerate() {
        let published = &reader.columns(segment)?.published;
        for moment in documents.iter().filter_map(|document| published.first(*document)) {
            let bin = bins.entry(step(moment)).or_default();
            *bin = (bin.0 + 1, bin.1 + 1);
        }
    }
    for story in found.stories() {
        let dated = story.iter().filter(|(_, ranked)| ranked.published != i64::MIN);
        let mut steps: Vec<Date> = dated.map(|(_, ranked)| step(ranked.published)).collect();
        steps.sort_unstable();
        for pair in steps.windows(2).filter(|pair| pair[0] == pair[1]) {
            bins.entry(pair[0]).or_default().0 -= 1;
        }
    }
    let bins = bins.into_iter();
    Ok(bins.map(|(start, (count, articles))| Bin { start: start.day(), count, articles }).collect())
}

/// How many of the articles have each value, by its ordinal.
fn count(column: &StrColumn, documents: &[DocId]) -> Vec<u32> {
    let mut counts = vec![0; column.num_terms()];
    let (mut with_value, mut rows, mut ordinals) = (Vec::new(), Vec::new(), Vec::new());
    for block in documents.chunks(BLOCK) {
        with_value.clear();
        rows.clear();
        column.ords().row_ids_for_docs(block, &mut with_value, &mut rows);
        ordinals.resize(rows.len(), 0);
        column.ords().values.get_vals(&rows, &mut ordinals);
        for &ordinal in &ordinals {
            counts[in_memory(ordinal)] += 1;
        }
    }
    counts
}

fn in_memory(ordinal: u64) -> usize {
    usize::try_from(ordinal).expect("an index into memory")
}

/// The values with the highest counts over all segments, names deciding between equal ones.
fn most(columns: &[(&StrColumn, Vec<u32>)], wanted: usize) -> Result<Vec<(String, u64)>> {
    let name = |column: &StrColumn, ordinal: usize| -> Result<String> {
        let mut name = String::new();
        column.ord_to_str(ordinal as u64, &mut name).map_err(failed)?;
        Ok(name)
    };
    // The first ordinals by count. They are in the order of names, so those decide between equal ones.
    let first = |counts: &[u32], limit: usize| -> Vec<usize> {
        let mut ordinals: Vec<usize> = (0..counts.len()).filter(|&ordinal| counts[ordinal] > 0).collect();
        let key = |ordinal: &usize| (Reverse(counts[*ordinal]), *ordinal);
        if limit < ordinals.len() {
            ordinals.select_nth_unstable_by_key(limit, key);
            ordinals.truncate(limit);
        }
        ordinals.sort_unstable_by_key(key);
        ordinals
    };
    if let [(column, counts)] = columns {
        let ordinals = first(counts, wanted).into_iter();
        return ordinals.map(|ordinal| Ok((name(column, ordinal)?, u64::from(counts[ordinal])))).collect();
    }
    // A value that no segment has among its first so many can have no more articles in all than those
    // segments' last ones together. Where that is not less than what is shown, more are looked at.
    let mut looked_at = RESOLVED.max(wanted * 2);
    loop {
        let mut totals: FxHashMap<String, u64> = FxHashMap::default();
        let mut unseen = 0;
        for (column, counts) in columns {
            let ordinals = first(counts, looked_at);
            if ordinals.len() == looked_at {
                unseen += ordinals.last().map_or(0, |&last| u64::from(counts[last]));
            }
            for ordinal in ordinals {
                totals.entry(name(column, ordinal)?).or_default();
            }
        }
        for (value, total) in &mut totals {
            for (column, counts) in columns {
                let ordinal = column.dictionary().term_ord(value.as_bytes()).map_err(failed)?;
                *total += ordinal.map_or(0, |ordinal| u64::from(counts[in_memory(ordinal)]));
            }
        }
        let mut values: Vec<(String, u64)> = totals.into_iter().collect();
        values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        values.truncate(wanted);
        if unseen == 0 || values.last().is_some_and(|(_, last)| *last > unseen) {
            return Ok(values);
        }
        looked_at *= 4;
    }
}
