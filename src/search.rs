//! Finds the articles of a plan, ranks them, and picks the passages that answer.
//!
//! One pass over the postings of each segment gathers everything at once: the exact count, the facets and
//! the best articles. Articles with every word come first. Those with most of the words come after them,
//! in a tier of their own, and only if the first does not fill what was asked for; of a long query both are in one
//! order. Counts and facets are those of the first tier, or of the second where the first is empty.
//!
//! Ranking has two stages, see [`stage`]. The first is BM25 over the one `text` field. The second reads the positions of
//! the words in the best [`RESCORED`] articles of a tier, and adds what positions tell: words side by side
//! or near each other, forms as typed, and how well the best single passage answers. The same positions
//! choose the passages to show and say which words each has, so that what is highlighted is what matched.
//!
//! Copies of one story are one result: of those that match, the last that is marked as corrected, else the first
//! published that is as good as complete; with the best of their scores. Totals, facets and histogram count stories, each once wherever any of its copies counts, and
//! articles beside them. Withdrawn articles are left out and counted as hidden.
//!
//! Order is total: score, then newest, then id. Articles after the re-scored ones follow in the order of
//! the first stage.

use rustc_hash::FxHashMap;
use serde::Serialize;

use crate::article::Span;
use crate::error::{Error, Result};
use crate::index::{Address, Reader};
use crate::plan::Plan;
use crate::schema::Record;
use crate::snippet::{Snippet, TARGET_CHARS};
use crate::words::Analyzer;

use self::bounds::bounded;
use self::collect::{Collected, Ranked, Version, collect};
use self::count::{facets, histogram};
use self::detail::detail;
use self::evidence::{Evidence, gather};
use self::rank::{Statistics, order};
use self::terms::Known;

mod bounds;
mod collect;
mod count;
mod cursor;
mod detail;
mod diagnose;
mod evidence;
mod facet;
mod fresh;
mod rank;
mod similar;
mod stage;
mod terms;
mod together;
mod trend;
mod walk;
mod why;
mod witness;

pub use self::diagnose::{Diagnosis, Instead, Rewrite, Without, diagnose};
pub use self::facet::{FacetField, FacetRequest, VALUES, Within, parts};
pub use self::fresh::{Fresh, fresh};
pub use self::rank::{Parts, RESCORED};
pub use self::similar::{Similar, similar};
pub use self::stage::{Candidate, RECENT, SecondStage};
pub use self::together::{Companion, Other, Partners, Proof, Subject, Together, together};
pub use self::trend::{Trend, TrendStep, trend};
pub use self::why::{Change, Failure, Lack, Place, Reason, WhyNot, why_not};

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
    /// What is counted.
    pub facets: Vec<FacetRequest>,
    /// Every copy of a story is a result of its own, and articles are what is counted.
    pub copies: bool,
    /// Counts over time, in steps of this.
    pub histogram: Option<Interval>,
    /// Whether new articles come a little sooner.
    pub recency: Option<Recency>,
}

impl Request {
    /// Counts the stories of a plan and shows none.
    pub fn of(plan: Plan) -> Request {
        Request {
            plan,
            sort: Sort::Date,
            limit: 0,
            offset: 0,
            passages: 0,
            facets: Vec::new(),
            copies: false,
            histogram: None,
            recency: None,
        }
    }
}

/// By how much newer articles come sooner in the order of relevance: at the most by [`RECENT`] of their score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recency {
    /// After so many days a half is left of it.
    pub half_life_days: f32,
    /// Seconds since 1970; the newest article of the index where nothing is given.
    pub now: Option<i64>,
}

impl Default for Recency {
    /// A year.
    fn default() -> Recency {
        Recency { half_life_days: 365.0, now: None }
    }
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
    /// Every step of the time asked for, in order; where that is open, from the first or to the last that has any. What
    /// is undated is in none.
    pub histogram: Vec<Bin>,
    /// What a person should know of how regions were read and words looked up.
    pub notes: Vec<String>,
    /// For each wanted lookup how much it counts: the rarer, the more.
    pub rarity: Vec<f32>,
    /// What was found in the dictionary, which a diagnosis need not look for again.
    known: Known,
}

/// A step of a histogram.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bin {
    /// As people write it: `2016`, `2016-Q3`, `2016-07`, `2016-09-01`.
    pub label: String,
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

/// The values of a field with their counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facet {
    /// The [name](FacetField::name) of the field.
    pub field: &'static str,
    /// Which part of the field, as typed; regions by their codes.
    pub within: Option<String>,
    /// The highest count first, then by value; time and size in their own order.
    pub values: Vec<Value>,
}

/// An article found.
#[derive(Debug, Clone)]
pub struct Hit {
    pub record: Record,
    pub tier: Tier,
    pub score: f32,
    /// What the score is the sum of.
    pub parts: Parts,
    /// For each wanted lookup how often it satisfies a clause that holds.
    pub counts: Vec<u32>,
    /// Articles of the same story that match beside this one.
    pub copies: u32,
    /// For each clause that is [asked](Plan::asked) for whether it holds.
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
    /// What is shown of it; where an operator of nearness holds by words of two passages, this goes over its ends. Its
    /// clauses are the wanted lookups of the plan.
    pub snippet: Snippet,
    pub score: f32,
    /// The lookups the passage has, whether they are shown or not.
    pub said: Vec<Said>,
    /// What it adds to the score that it names what the filters ask for; with what is said this is the score.
    pub named: f32,
}

/// What one wanted lookup adds to the score of a passage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Said {
    pub lookup: usize,
    /// How often the passage has it.
    pub count: u32,
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
    search_within(reader, request, None)
}

/// Answers a request, with a stage of the caller's own after the others.
///
/// # Errors
/// Where the index cannot be read, or the stage fails.
pub fn search_with(reader: &Reader, request: &Request, own: &mut dyn SecondStage) -> Result<Results> {
    search_within(reader, request, Some(own))
}

fn search_within(reader: &Reader, request: &Request, own: Option<&mut dyn SecondStage>) -> Result<Results> {
    let mut in_dictionary = Known::default();
    let request = &*bounded(reader, request, &mut in_dictionary)?;
    let statistics = Statistics::gather_knowing(reader, &request.plan, &mut in_dictionary)?;
    let mut known = FxHashMap::default();
    let Found { all, second, ordered } = found(reader, request, &statistics, &mut known, own)?;
    let (counted, tally) = match &second {
        Some(second) if all.total == 0 => (Tier::Most, second),
        _ => (Tier::All, &all),
    };
    let mut results = Results {
        total: tally.total,
        articles: tally.documents.iter().map(|documents| documents.len() as u64).sum(),
        hidden: tally.hidden,
        at_least: statistics.most() + statistics.is_required.len() - statistics.optional(),
        notes: request.plan.notes.iter().chain(&statistics.terms.notes).cloned().collect(),
        rarity: statistics.idf.clone(),
        counted: (tally.total > 0).then_some(counted),
        facets: facets(reader, request, &statistics, tally)?,
        histogram: histogram(reader, request, tally)?,
        hits: Vec::new(),
        known: in_dictionary,
    };
    let page: Vec<Ranked> = ordered.into_iter().skip(request.offset).take(request.limit).collect();
    gather(reader, &request.plan, &statistics, &page, &mut known)?;
    let mut analyzer = Analyzer::for_places();
    for ranked in page {
        let evidence = &known[&ranked.address];
        let hit = detail(reader, request, &statistics, &mut analyzer, ranked, evidence, TARGET_CHARS)?;
        results.hits.push(hit);
    }
    Ok(results)
}

/// Both tiers, and their best articles in the order of results.
struct Found {
    all: Collected,
    /// Where it is asked for.
    second: Option<Collected>,
    ordered: Vec<Ranked>,
}

/// Gathers the tiers of a request, as far as its page needs them, and orders their best articles.
fn found(
    reader: &Reader,
    request: &Request,
    statistics: &Statistics,
    known: &mut FxHashMap<Address, Evidence>,
    mut own: Option<&mut dyn SecondStage>,
) -> Result<Found> {
    let wanted = request.offset.saturating_add(request.limit);
    // Where only the facets are asked for, none is best.
    let keep = if wanted == 0 { 0 } else { wanted.max(RESCORED) };
    let mut all = collect(reader, request, statistics, Tier::All, keep, &[])?;
    let has_second = statistics.has_second_tier(&request.plan);
    let in_all = usize::try_from(all.total).unwrap_or(usize::MAX);
    let has_one_order = has_second && statistics.has_one_order() && request.sort == Sort::Relevance;
    let mut second = if has_second && (in_all < wanted.max(1) || has_one_order) {
        Some(collect(reader, request, statistics, Tier::Most, keep, &all.grouped)?)
    } else {
        None
    };
    let mut first = std::mem::take(&mut all.best);
    let mut rest = second.as_mut().map(|second| std::mem::take(&mut second.best)).unwrap_or_default();
    if has_one_order {
        first.append(&mut rest);
    }
    let mut ordered = Vec::new();
    for tier in [first, rest] {
        let own = own.as_mut().map(|own| &mut **own as &mut dyn SecondStage);
        ordered.extend(order(reader, request, statistics, tier, known, own)?);
    }
    Ok(Found { all, second, ordered })
}

/// What would be shown of one article in texts of about so many characters, whether it is among the best or not. Its
/// score is left out.
///
/// # Errors
/// Where the index cannot be read.
pub fn passages_of(reader: &Reader, request: &Request, address: Address, chars: usize) -> Result<Hit> {
    let mut in_dictionary = Known::default();
    let request = &*bounded(reader, request, &mut in_dictionary)?;
    let statistics = Statistics::gather_knowing(reader, &request.plan, &mut in_dictionary)?;
    let ranked = Ranked {
        score: 0.0,
        published: i64::MIN,
        key: 0,
        address,
        tier: Tier::Most,
        copies: 0,
        version: Version::default(),
    };
    let mut known = FxHashMap::default();
    gather(reader, &request.plan, &statistics, &[ranked], &mut known)?;
    let mut analyzer = Analyzer::for_places();
    detail(reader, request, &statistics, &mut analyzer, ranked, &known[&address], chars)
}

/// Every article that has all of what a plan wants, copies included. Other than in a search nothing is asked less strictly
/// because it takes long: `delete` goes by this.
///
/// # Errors
/// Where the index cannot be read.
pub fn matching(reader: &Reader, plan: Plan) -> Result<Vec<Address>> {
    let statistics = Statistics::gather(reader, &plan)?;
    let request = Request { copies: true, ..Request::of(plan) };
    let found = collect(reader, &request, &statistics, Tier::All, 0, &[])?;
    let documents = (0..).zip(found.documents);
    Ok(documents
        .flat_map(|(segment, documents)| {
            documents.into_iter().map(move |document| Address { segment, document })
        })
        .collect())
}
