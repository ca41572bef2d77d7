//! An expression of a plan in one segment: which articles it may hold in, whether it does, and by which words.
//!
//! [`Walk::seek`] goes by postings alone and never misses an article; [`Walk::is_at`] is exact and reads positions
//! only where an operator or a phrase asks for them. What matches mean is told in [`plan`](crate::plan).

use std::ops::Range;

use tantivy::columnar::Column;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, SegmentReader, TERMINATED, Term};

use super::cursor::{Cursor, Opener, cursor};
use super::failed;
use super::terms::{Resolved, Terms, ids, like};
use crate::error::Result;
use crate::groups::Groups;
use crate::index::Columns;
use crate::plan::{Condition, DateField, Expr, Lookup, Plan, TermField};
use crate::query::Gap;
use crate::schema::{Fields, Start, name_term};

/// Words that match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Match {
    /// Position of the first.
    pub(super) start: u32,
    /// Position of the last.
    pub(super) end: u32,
    /// Which wanted lookup it is of; the largest number for none.
    pub(super) lookup: u32,
}

/// An expression in one segment.
pub(super) enum Walk<'a> {
    /// Boxed, like checks, because a cursor is large and whoever walks recurses.
    Leaf {
        cursor: Box<Cursor>,
        length: u32,
        lookup: u32,
    },
    /// The part that leads through the fewest articles first.
    All(Vec<Walk<'a>>),
    Any(Vec<Walk<'a>>),
    Not(Box<Walk<'a>>, DocId),
    Check(Box<Check<'a>>, DocId),
    Placed(Operator, Operands<'a>),
}

/// The parts of an operator; what it names twice is read once.
pub(super) struct Operands<'a> {
    pub(super) walks: Vec<Walk<'a>>,
    /// For each part in its order, its place in `walks`.
    pub(super) order: Vec<usize>,
}

/// What matches have to satisfy.
pub(super) enum Operator {
    Near(Vec<Gap>),
    Loose(u32),
    Unit(Unit),
    AtLeast(usize),
    First(u32),
}

/// Into what an article is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Passage,
    Sentence,
}

/// A condition that a column answers.
pub(super) enum Check<'a> {
    Dates { since: i64, until: i64, columns: &'a Columns },
    Ingested { since: i64, until: i64, ingested: Column<i64> },
    Undated(&'a Columns),
    Words { least: u64, most: u64, words: Column<u64> },
    First { is_wanted: bool, columns: &'a Columns, groups: &'a Groups, terms: &'a Terms },
}

impl Check<'_> {
    fn admits(&self, document: DocId) -> bool {
        match self {
            Check::Dates { since, until, columns } => {
                match (columns.published.first(document), columns.published_end.first(document)) {
                    (Some(start), Some(end)) => start < *until && end > *since,
                    _ => false,
                }
            }
            Check::Ingested { since, until, ingested } => {
                ingested.first(document).is_some_and(|moment| *since <= moment && moment < *until)
            }
            Check::Undated(columns) => columns.published.first(document).is_none(),
            Check::Words { least, most, words } => {
                words.first(document).is_some_and(|count| *least <= count && count <= *most)
            }
            Check::First { is_wanted, columns, groups, terms } => {
                let key = columns.keys.first(document).unwrap_or_default();
                let story = groups.story(key);
                let is_first =
                    story.is_none_or(|story| terms.firsts.get(&story).is_none_or(|first| *first == key));
                is_first == *is_wanted
            }
        }
    }
}

/// Where sentences and passages of the present article start; read when asked for.
pub(super) struct Places<'a> {
    columns: &'a Columns,
    segment: &'a SegmentReader,
    sentences: Option<Column<u64>>,
    document: DocId,
    /// Starts of passages and of sentences.
    starts: [Option<Vec<u32>>; 2],
}

impl<'a> Places<'a> {
    pub(super) fn new(columns: &'a Columns, segment: &'a SegmentReader) -> Places<'a> {
        Places { columns, segment, sentences: None, document: TERMINATED, starts: [None, None] }
    }

    pub(super) fn starts(&mut self, document: DocId, unit: Unit) -> &[u32] {
        if self.document != document {
            self.document = document;
            self.starts = [None, None];
        }
        let column = match unit {
            Unit::Passage => Some(&self.columns.passages),
            Unit::Sentence => {
                if self.sentences.is_none() {
                    // An article without sentences has no body, and then all of it is a title.
                    self.sentences = self.segment.fast_fields().u64("sentences").ok();
                }
                self.sentences.as_ref()
            }
        };
        self.starts[unit as usize].get_or_insert_with(|| {
            column
                .map(|column| {
                    column.values_for_doc(document).map(|packed| Start::unpack(packed).position).collect()
                })
                .unwrap_or_default()
        })
    }

    /// The first position of the body.
    fn body(&mut self, document: DocId) -> u32 {
        self.starts(document, Unit::Passage).first().copied().unwrap_or(u32::MAX)
    }
}

/// Opens expressions in a segment.
pub(super) struct Compiler<'a> {
    pub(super) open: Opener<'a>,
    pub(super) plan: &'a Plan,
    /// How much is read of what is looked up.
    pub(super) option: IndexRecordOption,
}

impl<'a> Compiler<'a> {
    pub(super) fn walk(&self, expr: &Expr) -> Result<Walk<'a>> {
        let (plan, terms) = (self.plan, self.open.terms);
        let (operator, parts) = match expr {
            Expr::Wanted(at) => {
                let lookup = u32::try_from(*at).expect("queries are short");
                return self.leaf(&plan.wanted[*at], &terms.wanted[*at], lookup);
            }
            Expr::Silent(at) => return self.leaf(&plan.silent[*at], &terms.silent[*at], u32::MAX),
            Expr::Condition(condition) => return self.condition(condition),
            Expr::All(parts) => {
                let mut parts = self.walks(parts.iter())?;
                parts.sort_by_key(Walk::cost);
                return Ok(Walk::All(parts));
            }
            Expr::Any(parts) => return self.walks(parts.iter()).map(Walk::Any),
            Expr::Not(part) => {
                return self.walk(part).map(|part| Walk::Not(Box::new(part), self.open.segment.max_doc()));
            }
            Expr::Near(parts, gaps) => (Operator::Near(gaps.clone()), parts.as_slice()),
            Expr::Loose(parts, others) => (Operator::Loose(*others), parts.as_slice()),
            Expr::Sentence(parts) => (Operator::Unit(Unit::Sentence), parts.as_slice()),
            Expr::Passage(parts) => (Operator::Unit(Unit::Passage), parts.as_slice()),
            Expr::AtLeast(count, part) => (Operator::AtLeast(*count as usize), std::slice::from_ref(&**part)),
            Expr::First(words, part) => (Operator::First(*words), std::slice::from_ref(&**part)),
        };
        Ok(Walk::Placed(operator, self.placed(parts)?))
    }

    /// In a loop: adapters of iterators would take ten times the stack for each level of a query.
    fn walks<'e>(&self, parts: impl ExactSizeIterator<Item = &'e Expr>) -> Result<Vec<Walk<'a>>> {
        let mut walks = Vec::with_capacity(parts.len());
        for part in parts {
            walks.push(self.walk(part)?);
        }
        Ok(walks)
    }

    fn leaf(&self, lookup: &Lookup, resolved: &Resolved, number: u32) -> Result<Walk<'a>> {
        let cursor = Box::new(self.open.lookup(lookup, resolved, self.option)?);
        Ok(Walk::Leaf { cursor, length: lookup.length(), lookup: number })
    }

    /// Parts whose positions will be asked for.
    fn placed(&self, parts: &[Expr]) -> Result<Operands<'a>> {
        let option = IndexRecordOption::WithFreqsAndPositions;
        let mut known: Vec<&Expr> = Vec::new();
        let mut order = Vec::with_capacity(parts.len());
        for part in parts {
            order.push(known.iter().position(|known| *known == part).unwrap_or_else(|| {
                known.push(part);
                known.len() - 1
            }));
        }
        let compiler = Compiler { open: self.open, plan: self.plan, option };
        Ok(Operands { walks: compiler.walks(known.into_iter())?, order })
    }

    fn condition(&self, condition: &Condition) -> Result<Walk<'a>> {
        let Opener { reader, segment, columns, terms } = self.open;
        let max = segment.max_doc();
        let fields = reader.fields();
        let leaf = |cursor: Cursor| Walk::Leaf { cursor: Box::new(cursor), length: 1, lookup: u32::MAX };
        let any = |found: Vec<(Field, String)>| -> Result<Walk<'a>> {
            let terms: Vec<Term> =
                found.iter().map(|(field, value)| Term::from_field_text(*field, value)).collect();
            Ok(leaf(cursor(self.open.any(&terms, IndexRecordOption::Basic)?)))
        };
        let check = |check: Check<'a>| Ok(Walk::Check(Box::new(check), max));
        match condition {
            Condition::Terms { field, values } => {
                let field = column(*field, fields);
                any(values.iter().map(|value| (field, value.clone())).collect())
            }
            Condition::Like { field, value } => {
                let field = column(*field, fields);
                any(like(segment, field, value)?.into_iter().map(|value| (field, value)).collect())
            }
            Condition::Dates { field: DateField::Published, range } => {
                let (since, until) = (range.since.unwrap_or(i64::MIN), range.until.unwrap_or(i64::MAX));
                check(Check::Dates { since, until, columns })
            }
            Condition::Dates { field: DateField::Ingested, range } => {
                let (since, until) = (range.since.unwrap_or(i64::MIN), range.until.unwrap_or(i64::MAX));
                let ingested = segment.fast_fields().i64("ingested").map_err(failed)?;
                check(Check::Ingested { since, until, ingested })
            }
            Condition::Undated => check(Check::Undated(columns)),
            Condition::Words { least, most } => {
                let words = segment.fast_fields().u64("words").map_err(failed)?;
                check(Check::Words { least: *least, most: *most, words })
            }
            Condition::Copy | Condition::First => {
                let is_wanted = *condition == Condition::First;
                check(Check::First { is_wanted, columns, groups: reader.groups(), terms })
            }
            Condition::Id(id) => {
                let mut found: Vec<(Field, String)> = [fields.native, fields.url]
                    .into_iter()
                    .map(|field| (field, name_term(id).into_owned()))
                    .collect();
                let lower = id.to_ascii_lowercase();
                if (4..=32).contains(&id.len()) && lower.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                    found.extend(ids(segment, fields.id, &lower)?.into_iter().map(|id| (fields.id, id)));
                }
                any(found)
            }
        }
    }
}

fn column(field: TermField, fields: &Fields) -> Field {
    match field {
        TermField::Entity => fields.entity,
        TermField::EntityAbout => fields.entity_about,
        TermField::Region => fields.region,
        TermField::RegionMentioned => fields.region_mentioned,
        TermField::RegionDirect => fields.region_direct,
        TermField::RegionFiled => fields.region_filed,
        TermField::RegionPublisher => fields.region_publisher,
        TermField::Source => fields.source,
        TermField::Section => fields.section,
        TermField::Language => fields.language,
        TermField::Author => fields.author,
        TermField::Label => fields.label,
        TermField::Status => fields.status,
    }
}

impl Walk<'_> {
    /// The first article at or after `target` in which it may hold.
    pub(super) fn seek(&mut self, target: DocId) -> DocId {
        match self {
            Walk::Leaf { cursor, .. } => cursor.seek(target),
            Walk::All(parts) | Walk::Placed(_, Operands { walks: parts, .. }) => {
                let mut document = target;
                'next: while document != TERMINATED {
                    for part in parts.iter_mut() {
                        let found = part.seek(document);
                        if found != document {
                            document = found;
                            continue 'next;
                        }
                    }
                    break;
                }
                document
            }
            Walk::Any(parts) => parts.iter_mut().map(|part| part.seek(target)).min().unwrap_or(TERMINATED),
            Walk::Not(_, max) | Walk::Check(_, max) => {
                if target < *max {
                    target
                } else {
                    TERMINATED
                }
            }
        }
    }

    /// How many articles it may lead through.
    pub(super) fn cost(&self) -> usize {
        match self {
            Walk::Leaf { cursor, .. } => cursor.cost(),
            Walk::All(parts) | Walk::Placed(_, Operands { walks: parts, .. }) => {
                parts.iter().map(Walk::cost).min().unwrap_or(0)
            }
            Walk::Any(parts) => parts.iter().map(Walk::cost).fold(0, usize::saturating_add),
            Walk::Not(..) | Walk::Check(..) => usize::MAX,
        }
    }

    /// Whether it holds in `document`, which is not before any asked for so far.
    pub(super) fn is_at(&mut self, document: DocId, places: &mut Places<'_>) -> bool {
        match self {
            Walk::Leaf { cursor, .. } => cursor.is_at(document),
            Walk::All(parts) => {
                // What postings tell comes before what positions do.
                parts.iter_mut().all(|part| part.seek(document) == document)
                    && parts.iter_mut().all(|part| part.is_at(document, places))
            }
            Walk::Any(parts) => parts.iter_mut().any(|part| part.is_at(document, places)),
            Walk::Not(part, _) => !part.is_at(document, places),
            Walk::Check(check, _) => check.admits(document),
            Walk::Placed(..) => self.matches(document, places, &mut Vec::new()),
        }
    }

    /// Whether it holds in `document`, and if so, appends its matches there, in no order. Each part is asked once, whatever
    /// it is nested in.
    pub(super) fn matches(
        &mut self,
        document: DocId,
        places: &mut Places<'_>,
        found: &mut Vec<Match>,
    ) -> bool {
        match self {
            Walk::Leaf { cursor, length, lookup } => {
                let holds = cursor.is_at(document);
                if holds {
                    let mut starts = Vec::new();
                    cursor.positions(&mut starts);
                    found.extend(starts.into_iter().map(|start| Match {
                        start,
                        end: start + *length - 1,
                        lookup: *lookup,
                    }));
                }
                holds
            }
            Walk::All(parts) => {
                let before = found.len();
                let holds = parts.iter_mut().all(|part| part.seek(document) == document)
                    && parts.iter_mut().all(|part| part.matches(document, places, found));
                if !holds {
                    found.truncate(before);
                }
                holds
            }
            Walk::Any(parts) => {
                let mut holds = false;
                for part in parts {
                    holds |= part.matches(document, places, found);
                }
                holds
            }
            Walk::Not(..) | Walk::Check(..) => self.is_at(document, places),
            Walk::Placed(operator, Operands { walks, order }) => {
                let mut lists = Vec::with_capacity(walks.len());
                for walk in walks {
                    let mut list = Vec::new();
                    walk.matches(document, places, &mut list);
                    if list.is_empty() {
                        return false;
                    }
                    list.sort_unstable();
                    // What several parts found is one, or nested operators would double it each time.
                    list.dedup();
                    lists.push(list);
                }
                let before = found.len();
                match operator {
                    Operator::Near(gaps) => {
                        found.extend(near(in_order(&lists, order), gaps).into_iter().flatten());
                    }
                    Operator::Loose(others) => loose(&in_order(&lists, order), *others, found),
                    Operator::Unit(unit) => together(&lists, places.starts(document, *unit), found),
                    Operator::AtLeast(count) => {
                        let mut all = lists.remove(0);
                        all.dedup_by_key(|found| (found.start, found.end));
                        if all.len() >= *count {
                            found.append(&mut all);
                        }
                    }
                    Operator::First(words) => {
                        // The title lies before the body.
                        let end = places.body(document).saturating_add(*words);
                        found.extend(lists[0].iter().filter(|found| found.end < end));
                    }
                }
                found.len() > before
            }
        }
    }
}

pub(super) fn in_order(lists: &[Vec<Match>], order: &[usize]) -> Vec<Vec<Match>> {
    order.iter().map(|&at| lists[at].clone()).collect()
}

/// Keeps what is part of a chain from the first list to the last, each within its gap of the one before.
pub(super) fn near(mut lists: Vec<Vec<Match>>, gaps: &[Gap]) -> Vec<Vec<Match>> {
    // Forwards, what something of the list before leads to; then backwards, what leads on to the end.
    for at in 1..lists.len() {
        let (before, here) = lists.split_at_mut(at);
        keep_linked(&mut here[0], &before[at - 1], gaps[at - 1], false);
        if here[0].is_empty() {
            return Vec::new();
        }
    }
    for at in (1..lists.len()).rev() {
        let (here, after) = lists.split_at_mut(at);
        keep_linked(&mut here[at - 1], &after[0], gaps[at - 1], true);
    }
    lists
}

/// Whether one match may follow another in a chain.
pub(super) fn is_linked(last: &Match, next: &Match, gap: Gap) -> bool {
    let follows = last.end < next.start && next.start - last.end <= gap.within;
    let leads = next.end < last.start && last.start - next.end <= gap.within;
    follows || (leads && !gap.is_ordered)
}

/// Keeps what is within a gap of any of `others`. `is_before` says that these come first in the order of the query.
fn keep_linked(list: &mut Vec<Match>, others: &[Match], gap: Gap, is_before: bool) {
    // Ends of what may come before, starts of what may come after; sorted each.
    let starts: Vec<u32> = others.iter().map(|other| other.start).collect();
    let mut ends: Vec<u32> = others.iter().map(|other| other.end).collect();
    ends.sort_unstable();
    let (mut ends, mut starts) = (Finger { sorted: &ends, at: 0 }, Finger { sorted: &starts, at: 0 });
    let (may_follow, may_lead) = if gap.is_ordered { (!is_before, is_before) } else { (true, true) };
    list.retain(|own| {
        let follows = may_follow && ends.is_any_in(own.start.saturating_sub(gap.within)..own.start);
        let leads = may_lead && starts.is_any_in(own.end + 1..own.end.saturating_add(gap.within + 1));
        follows || leads
    });
}

/// A place in sorted positions, from which the next that is asked for is not far.
struct Finger<'a> {
    sorted: &'a [u32],
    at: usize,
}

impl Finger<'_> {
    /// Whether any position lies in the range.
    fn is_any_in(&mut self, range: Range<u32>) -> bool {
        while self.at > 0 && self.sorted[self.at - 1] >= range.start {
            self.at -= 1;
        }
        while self.sorted.get(self.at).is_some_and(|position| *position < range.start) {
            self.at += 1;
        }
        self.sorted.get(self.at).is_some_and(|position| *position < range.end)
    }
}

/// Keeps what is part of a row, one of each list in their order, with so many other words between them together.
fn loose(lists: &[Vec<Match>], others: u32, found: &mut Vec<Match>) {
    let mut kept = Vec::new();
    for first in &lists[0] {
        let mut row = vec![*first];
        // The next of each list makes the shortest row.
        for list in &lists[1..] {
            let last = row[row.len() - 1].end;
            match list.get(list.partition_point(|next| next.start <= last)) {
                Some(next) => row.push(*next),
                None => break,
            }
        }
        if row.len() < lists.len() {
            break;
        }
        let between: u64 = row.windows(2).map(|pair| u64::from(pair[1].start - pair[0].end - 1)).sum();
        if between <= u64::from(others) {
            kept.append(&mut row);
        }
    }
    kept.sort_unstable();
    kept.dedup();
    found.append(&mut kept);
}

/// Keeps what lies whole in a stretch that has something of every list. What lies before the first start is one.
fn together(lists: &[Vec<Match>], starts: &[u32], found: &mut Vec<Match>) {
    let stretch = |position: u32| starts.partition_point(|start| *start <= position);
    let inside = |found: &Match| {
        let at = stretch(found.start);
        (stretch(found.end) == at).then_some(at)
    };
    // In how many lists, each of which has them in order.
    let mut counts = vec![0; starts.len() + 1];
    for list in lists {
        let mut stretches: Vec<usize> = list.iter().filter_map(inside).collect();
        stretches.dedup();
        for at in stretches {
            counts[at] += 1;
        }
    }
    for list in lists {
        found.extend(list.iter().filter(|found| inside(found).is_some_and(|at| counts[at] == lists.len())));
    }
}
