//! Counts the articles of a tier by the values of their columns and by when they were published.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::hash_map::Entry;

use rustc_hash::{FxHashMap, FxHashSet};
use tantivy::DocId;
use tantivy::columnar::StrColumn;

use super::collect::Collected;
use super::{Bin, Facet, Interval, Request, Value, failed};
use crate::article::{Date, Precision};
use crate::error::Result;
use crate::index::{FACETS, Reader};

/// Ordinals resolved to names in each of several segments before their counts are added up.
pub(super) const RESOLVED: usize = 64;

/// Articles whose values are read in one go.
pub(super) const BLOCK: usize = 1024;

/// Counts the values of every facet over the articles found.
pub(super) fn facets(reader: &Reader, request: &Request, found: &Collected) -> Result<Vec<Facet>> {
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
pub(super) fn count_stories(
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
pub(super) fn histogram(reader: &Reader, request: &Request, found: &Collected) -> Result<Vec<Bin>> {
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
pub(super) fn count(column: &StrColumn, documents: &[DocId]) -> Vec<u32> {
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

pub(super) fn in_memory(ordinal: u64) -> usize {
    usize::try_from(ordinal).expect("an index into memory")
}

/// The values with the highest counts over all segments, names deciding between equal ones.
pub(super) fn most(columns: &[(&StrColumn, Vec<u32>)], wanted: usize) -> Result<Vec<(String, u64)>> {
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
