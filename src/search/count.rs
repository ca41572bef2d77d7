//! Counts the articles of a tier by the values of their columns and by when they were published.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::hash_map::Entry;
use std::ops::Bound;

use rustc_hash::{FxHashMap, FxHashSet};
use tantivy::DocId;
use tantivy::columnar::StrColumn;

use super::collect::{Collected, collect};
use super::facet::{FacetField, FacetRequest, Within};
use super::rank::Statistics;
use super::{Bin, Facet, Interval, Request, Tier, Value, failed};
use crate::article::{Date, Precision};
use crate::error::Result;
use crate::index::Reader;
use crate::plan::{Condition, DateField, Expr, Plan};
use crate::query::dates::Range;

/// Ordinals resolved to names in each of several segments before their counts are added up.
pub(super) const RESOLVED: usize = 64;

/// Articles whose values are read in one go.
pub(super) const BLOCK: usize = 1024;

/// Counts the values of every facet asked for. A facet whose own filter is set counts what would be found
/// without that filter, so that it shows what else could be chosen.
pub(super) fn facets(
    reader: &Reader,
    request: &Request,
    statistics: &Statistics,
    found: &Collected,
) -> Result<Vec<Facet>> {
    let mut wider: FxHashMap<FacetField, Collected> = FxHashMap::default();
    let mut facets = Vec::new();
    for asked in &request.facets {
        let Some(filters) = asked.field.freed(&request.plan.filters) else {
            facets.push(facet(reader, request, asked, found)?);
            continue;
        };
        if let Entry::Vacant(slot) = wider.entry(asked.field) {
            let mut freed = request.clone();
            freed.plan.filters = filters;
            slot.insert(counted(reader, &freed, statistics)?);
        }
        facets.push(facet(reader, request, asked, &wider[&asked.field])?);
    }
    Ok(facets)
}

/// The tier that a request counts, without its best.
fn counted(reader: &Reader, request: &Request, statistics: &Statistics) -> Result<Collected> {
    let all = collect(reader, request, statistics, Tier::All, 0, &[])?;
    if all.total == 0 && statistics.has_second_tier(&request.plan) {
        return collect(reader, request, statistics, Tier::Most, 0, &[]);
    }
    Ok(all)
}

/// Counts the values of one facet over the articles found.
fn facet(reader: &Reader, request: &Request, asked: &FacetRequest, found: &Collected) -> Result<Facet> {
    let values = match asked.field {
        FacetField::Year => in_time(asked, steps(reader, Interval::Year, found)?),
        FacetField::Month => in_time(asked, steps(reader, Interval::Month, found)?),
        FacetField::Story => sizes(reader, request, asked, found)?,
        _ => texts(reader, asked, found)?,
    };
    let within = asked.within.as_ref().map(Within::name);
    Ok(Facet { field: asked.field.name(), within, values })
}

/// Counts the values of a column of texts.
fn texts(reader: &Reader, asked: &FacetRequest, found: &Collected) -> Result<Vec<Value>> {
    let mut columns = Vec::new();
    // Which of the columns is a segment's.
    let mut places = vec![None; found.documents.len()];
    for (segment, documents) in
        found.documents.iter().enumerate().filter(|(_, documents)| !documents.is_empty())
    {
        if let Some(column) = reader.text_column(segment, asked.field.name())? {
            places[segment] = Some(columns.len());
            columns.push((column, count(column, documents)));
        }
    }
    let repeated = count_stories(&mut columns, &places, found)?;
    for (column, counts) in &mut columns {
        restrict(asked, column, counts)?;
    }
    let values = most(&columns, asked.limit)?.into_iter().map(|(value, count)| {
        let articles = count + repeated.get(&value).copied().unwrap_or_default();
        Value { value, count, articles }
    });
    Ok(values.collect())
}

/// Forgets the counts of values that are not asked for.
fn restrict(asked: &FacetRequest, column: &StrColumn, counts: &mut [u32]) -> Result<()> {
    let dictionary = column.dictionary();
    match &asked.within {
        None => {}
        Some(Within::Sort(start)) => {
            // Ordinals are in the order of ids, so those of one sort are neighbours; `;` follows `:`.
            let end = start.replace(':', ";");
            let bounds = dictionary
                .term_bounds_to_ord(Bound::Included(*start), Bound::Excluded(end.as_str()))
                .map_err(failed)?;
            for (ordinal, count) in (0_u64..).zip(counts.iter_mut()) {
                if !std::ops::RangeBounds::contains(&bounds, &ordinal) {
                    *count = 0;
                }
            }
        }
        Some(within) => {
            let mut kept = vec![0; counts.len()];
            for code in within.regions() {
                if let Some(ordinal) = dictionary.term_ord(code.0).map_err(failed)? {
                    kept[in_memory(ordinal)] = counts[in_memory(ordinal)];
                }
            }
            counts.copy_from_slice(&kept);
        }
    }
    if asked.text.is_some() {
        let present: Vec<u64> = (0_u64..)
            .zip(counts.iter())
            .filter(|(_, count)| **count > 0)
            .map(|(ordinal, _)| ordinal)
            .collect();
        let mut next = present.iter();
        let forget = |name: &[u8]| {
            let ordinal = next.next().copied().unwrap_or_default();
            if !std::str::from_utf8(name).is_ok_and(|name| asked.admits(name)) {
                counts[in_memory(ordinal)] = 0;
            }
        };
        dictionary.sorted_ords_to_term_cb(&present, forget).map_err(failed)?;
    }
    Ok(())
}

/// The steps of time with the highest counts, in the order of time.
fn in_time(asked: &FacetRequest, steps: BTreeMap<Date, (u64, u64)>) -> Vec<Value> {
    let named =
        steps.into_iter().map(|(start, (count, articles))| Value { value: start.day(), count, articles });
    let mut values: Vec<Value> = named.filter(|value| asked.admits(&value.value)).collect();
    values.sort_by_key(|value| Reverse(value.count));
    values.truncate(asked.limit);
    values.sort_by(|a, b| a.value.cmp(&b.value));
    values
}

/// How many articles a story has, from the least on.
const SIZES: [(&str, u64); 4] = [("1", 1), ("2-4", 2), ("5-9", 5), ("10+", 10)];

/// Counts stories by how many articles of them were found.
fn sizes(reader: &Reader, request: &Request, asked: &FacetRequest, found: &Collected) -> Result<Vec<Value>> {
    let mut stories: FxHashMap<u64, u64> = FxHashMap::default();
    for (segment, documents) in found.documents.iter().enumerate().filter(|_| !reader.groups().is_empty()) {
        let keys = &reader.columns(segment)?.keys;
        let grouped = documents.iter().filter_map(|document| reader.groups().story(keys.first(*document)?));
        for story in grouped {
            *stories.entry(story).or_default() += 1;
        }
    }
    let all: u64 = found.documents.iter().map(|documents| documents.len() as u64).sum();
    let alone = all - stories.values().sum::<u64>();
    let mut values = SIZES.map(|(name, _)| Value { value: name.to_owned(), count: 0, articles: 0 });
    let mut add = |articles: u64, times: u64| {
        let size = SIZES.partition_point(|(_, least)| *least <= articles) - 1;
        values[size].count += if request.copies { articles * times } else { times };
        values[size].articles += articles * times;
    };
    add(1, alone);
    for articles in stories.into_values() {
        add(articles, 1);
    }
    let there = values.into_iter().filter(|value| value.count > 0 && asked.admits(&value.value));
    Ok(there.take(asked.limit).collect())
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
    let counts = steps(reader, interval, found)?;
    let bins = timeline(interval, time_of(&request.plan), &counts).into_iter();
    Ok(bins
        .map(|start| {
            let (count, articles) = counts.get(&start).copied().unwrap_or_default();
            Bin { label: label(interval, start), start: start.day(), count, articles }
        })
        .collect())
}

/// The time that a plan asks for.
pub(super) fn time_of(plan: &Plan) -> Range {
    let flags = Range { since: plan.filters.since, until: plan.filters.until };
    let ranges = plan.gates.iter().filter_map(|gate| match gate {
        Expr::Condition(Condition::Dates { field: DateField::Published, range }) => Some(*range),
        _ => None,
    });
    ranges.fold(flags, |all, range| Range {
        since: all.since.max(range.since),
        until: [all.until, range.until].into_iter().flatten().min(),
    })
}

/// More steps than a century of days say less than none, and are left out where nothing is in them.
const MOST_STEPS: usize = 36_525;

/// Every step of the time asked for; where that is open, from the first or to the last that has any.
pub(super) fn timeline<T>(interval: Interval, time: Range, found: &BTreeMap<Date, T>) -> Vec<Date> {
    // The last day of the year 9999 has an end that no date has.
    let of = |second: i64| Date::from_second(second).ok().map(|date| step(interval, date.start));
    let first = time.since.and_then(of).or_else(|| found.keys().next().copied());
    let last = time.until.and_then(|until| of(until - 1)).or_else(|| found.keys().next_back().copied());
    let (Some(mut start), Some(last)) = (first, last) else { return Vec::new() };
    let mut steps = Vec::new();
    while start <= last {
        if steps.len() == MOST_STEPS {
            return found.keys().copied().collect();
        }
        steps.push(start);
        let Some(next) = of(start.start + SECONDS_INTO_NEXT[interval as usize]) else { break };
        start = next;
    }
    steps
}

/// From the first second of a step, by [`Interval`], so many lie in the next: a quarter has at the most 92 days.
const SECONDS_INTO_NEXT: [i64; 5] = [366 * DAY, 92 * DAY, 31 * DAY, 7 * DAY, DAY];
const DAY: i64 = 86_400;

/// What people call a step: `2024-Q2`, and others by how they start.
pub(super) fn label(interval: Interval, start: Date) -> String {
    let day = start.day();
    match (interval, day.get(5..7).and_then(|month| month.parse::<u32>().ok())) {
        (Interval::Quarter, Some(month)) => format!("{}-Q{}", &day[..4], month.div_ceil(3)),
        _ => day,
    }
}

/// The step of time that a moment is in.
pub(super) fn step(interval: Interval, published: i64) -> Date {
    let date = Date { start: published, precision: Precision::Day };
    match interval {
        Interval::Year => date.first_of(Precision::Year),
        Interval::Month => date.first_of(Precision::Month),
        Interval::Quarter => date.first_of_quarter(),
        Interval::Week => date.first_of_week(),
        Interval::Day => date.first_of(Precision::Day),
    }
}

/// Stories and articles of each step of time that has any. A story counts once in each that it is in.
pub(super) fn steps(
    reader: &Reader,
    interval: Interval,
    found: &Collected,
) -> Result<BTreeMap<Date, (u64, u64)>> {
    let mut bins: BTreeMap<Date, (u64, u64)> = BTreeMap::new();
    for (segment, documents) in found.documents.iter().enumerate() {
        let published = &reader.columns(segment)?.published;
        for moment in documents.iter().filter_map(|document| published.first(*document)) {
            let bin = bins.entry(step(interval, moment)).or_default();
            *bin = (bin.0 + 1, bin.1 + 1);
        }
    }
    for story in found.stories() {
        let dated = story.iter().filter(|(_, ranked)| ranked.published != i64::MIN);
        let mut steps: Vec<Date> = dated.map(|(_, ranked)| step(interval, ranked.published)).collect();
        steps.sort_unstable();
        for pair in steps.windows(2).filter(|pair| pair[0] == pair[1]) {
            bins.entry(pair[0]).or_default().0 -= 1;
        }
    }
    Ok(bins)
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
