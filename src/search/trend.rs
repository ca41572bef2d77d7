//! How much is written of something over time, beside all that is written then.
//!
//! ```text
//! share = stories that a query finds in a step / all stories of that step
//! lift  = share / the same over the whole time asked for
//! ```
//!
//! More may be written of something only because more is written of everything; the share says whether. A lift
//! of 2 is twice as much as usual. Only articles with every word count, and what is undated counts nowhere.

use serde::Serialize;

use super::bounds::bounded_plan;
use super::collect::collect;
use super::count::{label, steps, time_of, timeline};
use super::rank::Statistics;
use super::terms::Known;
use super::{Interval, Request, Tier};
use crate::error::Result;
use crate::index::Reader;
use crate::plan::{Condition, Expr, Filters, Plan};

/// Counts over time.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Trend {
    /// Stories that were found, each once in every step that it is in.
    pub count: u64,
    pub articles: u64,
    /// All stories of the time asked for, counted alike.
    pub all: u64,
    /// `count` of `all`.
    pub share: f64,
    /// Every step of the time asked for; where that is open, from the first or to the last that has any.
    pub steps: Vec<TrendStep>,
}

/// A step of time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrendStep {
    /// As people write it: `2016`, `2016-Q3`, `2016-07`, `2016-09-01`.
    pub label: String,
    /// Its first day, or as much of it as is meant: `2016`, `2016-07`, `2016-09-01`.
    pub start: String,
    pub count: u64,
    pub articles: u64,
    pub all: u64,
    pub share: f64,
    pub lift: f64,
}

/// Counts what a plan finds in each step of time.
///
/// # Errors
/// Where the index cannot be read.
pub fn trend(reader: &Reader, plan: &Plan, interval: Interval) -> Result<Trend> {
    let counts = |plan: &Plan| {
        let plan = bounded_plan(reader, plan.clone(), &mut Known::default())?;
        let statistics = Statistics::gather(reader, &plan)?;
        let request = Request::of(plan);
        steps(reader, interval, &collect(reader, &request, &statistics, Tier::All, 0, &[])?)
    };
    let found = counts(plan)?;
    let filters = Filters {
        since: plan.filters.since,
        until: plan.filters.until,
        with_withdrawn: plan.filters.with_withdrawn,
        ..Filters::default()
    };
    let is_time = |gate: &&Expr| matches!(gate, Expr::Condition(Condition::Dates { .. }));
    let gates = plan.gates.iter().filter(is_time).cloned().collect();
    let everything = counts(&Plan { gates, filters, ..Plan::default() })?;
    let count = found.values().map(|(stories, _)| stories).sum();
    let all = everything.values().map(|(stories, _)| stories).sum();
    let mut made = Vec::new();
    for start in timeline(interval, time_of(plan), &found) {
        let (here, articles) = found.get(&start).copied().unwrap_or_default();
        let all_here = everything.get(&start).map_or(0, |(stories, _)| *stories);
        made.push(TrendStep {
            label: label(interval, start),
            start: start.day(),
            count: here,
            articles,
            all: all_here,
            share: ratio(here, all_here),
            lift: ratio(here * all, all_here * count),
        });
    }
    let articles = found.values().map(|(_, articles)| articles).sum();
    Ok(Trend { count, articles, all, share: ratio(count, all), steps: made })
}

#[allow(clippy::cast_precision_loss, reason = "counts of articles")]
fn ratio(part: u64, all: u64) -> f64 {
    if all == 0 { 0.0 } else { part as f64 / all as f64 }
}
