//! What a request finds that was not reported before: the heart of an alert.

use rustc_hash::FxHashMap;

use super::bounds::bounded;
use super::collect::{Ranked, collect};
use super::detail::detail;
use super::evidence::gather;
use super::rank::{Statistics, order};
use super::terms::Known;
use super::{Hit, Request, Tier};
use crate::error::Result;
use crate::index::Reader;
use crate::snippet::TARGET_CHARS;
use crate::words::Analyzer;

/// What is new.
#[derive(Debug, Clone, Default)]
pub struct Fresh {
    /// One for each story of which nothing was reported before, in the order of the request; one for each article
    /// where every copy is asked for.
    pub hits: Vec<Hit>,
    /// Keys of all articles found with every word, reported before or not, sorted.
    pub keys: Vec<u64>,
}

/// Finds the articles with every word of which nothing `is_known`, by the [key](crate::article::ArticleId::key).
/// They are those that [`search`](super::search) finds in its first tier: `limit` and `offset` do not matter here.
///
/// # Errors
/// Where the index cannot be read.
pub fn fresh(reader: &Reader, request: &Request, is_known: &dyn Fn(u64) -> bool) -> Result<Fresh> {
    let mut in_dictionary = Known::default();
    let request = &*bounded(reader, request, &mut in_dictionary)?;
    let statistics = Statistics::gather_knowing(reader, &request.plan, &mut in_dictionary)?;
    let found = collect(reader, request, &statistics, Tier::All, usize::MAX, &[])?;
    let mut keys = Vec::new();
    for (segment, documents) in found.documents.iter().enumerate() {
        let column = &reader.columns(segment)?.keys;
        keys.extend(documents.iter().filter_map(|document| column.first(*document)));
    }
    keys.sort_unstable();
    let is_new = |ranked: &Ranked| {
        let story = Some(ranked.key).filter(|_| !request.copies).and_then(|key| reader.groups().story(key));
        match story {
            Some(story) => !reader.groups().members(story).into_iter().any(is_known),
            None => !is_known(ranked.key),
        }
    };
    let new: Vec<Ranked> = found.best.into_iter().filter(is_new).collect();
    let mut known = FxHashMap::default();
    let ordered = order(reader, request, &statistics, new, &mut known, None)?;
    gather(reader, &request.plan, &statistics, &ordered, &mut known)?;
    let mut analyzer = Analyzer::for_places();
    let hits = ordered.into_iter().map(|ranked| {
        let evidence = &known[&ranked.address];
        detail(reader, request, &statistics, &mut analyzer, ranked, evidence, TARGET_CHARS)
    });
    Ok(Fresh { hits: hits.collect::<Result<_>>()?, keys })
}
