//! Which stretches of words satisfied the operators of a query, so that a reader sees them whole.
//!
//! `a SAME b` holds by a passage that has both; its witnesses are the stretches from an `a` to the nearest `b` there, as
//! far as one goes over the other. A chain of `NEAR` has one from its first link to its last, and where a part of an
//! operator is another operator, its witness is inside. Any one shows that the operator holds, so no more than
//! [`LOOKED_AT`] are made of each. They are read for the articles that are shown alone.

use tantivy::DocId;
use tantivy::schema::IndexRecordOption;

use super::cursor::Opener;
use super::rank::Statistics;
use super::walk::{Compiler, Match, Operands, Operator, Places, Walk, in_order, is_linked, near};
use crate::error::Result;
use crate::index::{Address, Reader};
use crate::plan::{Expr, Plan};
use crate::query::Gap;

/// Matches of an operator's first part that are followed to the others.
const LOOKED_AT: usize = 100;

/// Positions of the first word and the last.
pub(super) type Stretch = (u32, u32);

/// A match with the stretch by which it satisfied what it is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Linked {
    own: Match,
    by: Stretch,
}

/// For each operator of nearness that is asked of an article and holds in it, the stretches that satisfy it, in order.
pub(super) fn witnesses(
    reader: &Reader,
    plan: &Plan,
    statistics: &Statistics,
    address: Address,
) -> Result<Vec<Vec<Stretch>>> {
    let mut found = Vec::new();
    let segment = &reader.segments()[address.segment];
    let columns = reader.columns(address.segment)?;
    let open = Opener { reader, segment, columns, terms: &statistics.terms };
    let compiler = Compiler { open, plan, option: IndexRecordOption::WithFreqsAndPositions };
    let mut places = Places::new(columns, segment);
    for clause in plan.clauses.iter().filter(|clause| has_operator(&clause.expr)) {
        let mut walk = compiler.walk(&clause.expr)?;
        if walk.seek(address.document) == address.document && walk.is_at(address.document, &mut places) {
            of_walk(&mut walk, address.document, &mut places, &mut found);
        }
    }
    Ok(found)
}

fn has_operator(expr: &Expr) -> bool {
    let mut has = false;
    expr.each(&mut |expr| {
        has |= matches!(expr, Expr::Near(..) | Expr::Loose(..) | Expr::Sentence(_) | Expr::Passage(_));
    });
    has
}

/// Adds those of what holds, one list for each thing to be shown.
fn of_walk(walk: &mut Walk<'_>, document: DocId, places: &mut Places<'_>, found: &mut Vec<Vec<Stretch>>) {
    match walk {
        Walk::All(parts) => parts.iter_mut().for_each(|part| of_walk(part, document, places, found)),
        Walk::Any(parts) => {
            // One part is enough, and a word is shown as words are.
            let mut any = Vec::new();
            for part in parts {
                if part.seek(document) == document && part.is_at(document, places) {
                    let mut own = Vec::new();
                    of_walk(part, document, places, &mut own);
                    if own.is_empty() {
                        return;
                    }
                    any.extend(own.into_iter().flatten());
                }
            }
            add(any, found);
        }
        Walk::Placed(Operator::First(_) | Operator::AtLeast(_), Operands { walks, .. }) => {
            for part in walks {
                of_walk(part, document, places, found);
            }
        }
        Walk::Placed(..) => {
            let linked = linked(walk, document, places);
            add(linked.into_iter().map(|linked| linked.by).collect(), found);
        }
        Walk::Leaf { .. } | Walk::Not(..) | Walk::Check(..) => {}
    }
}

fn add(mut stretches: Vec<Stretch>, found: &mut Vec<Vec<Stretch>>) {
    stretches.sort_unstable();
    stretches.dedup();
    if !stretches.is_empty() {
        found.push(stretches);
    }
}

/// The matches of an expression, in order, each with what it took for them to be some.
fn linked(walk: &mut Walk<'_>, document: DocId, places: &mut Places<'_>) -> Vec<Linked> {
    let mut found: Vec<Linked> = match walk {
        Walk::Placed(operator, Operands { walks, order }) => {
            let lists: Vec<Vec<Linked>> =
                walks.iter_mut().map(|walk| linked(walk, document, places)).collect();
            if lists.iter().any(Vec::is_empty) {
                return Vec::new();
            }
            let own = |lists: &[Vec<Linked>]| -> Vec<Vec<Match>> {
                lists.iter().map(|list| list.iter().map(|linked| linked.own).collect()).collect()
            };
            let chains: Vec<Vec<Match>> = match operator {
                Operator::Near(gaps) => chains(&near(in_order(&own(&lists), order), gaps), gaps),
                Operator::Loose(others) => rows(&in_order(&own(&lists), order), *others),
                Operator::Unit(unit) => gatherings(&own(&lists), places.starts(document, *unit)),
                Operator::AtLeast(_) | Operator::First(_) => return lists.into_iter().flatten().collect(),
            };
            let of_list: Vec<usize> = match operator {
                Operator::Unit(_) => (0..lists.len()).collect(),
                _ => order.clone(),
            };
            // What a match took by itself is a part of what the chain takes.
            let by_own = |(own, list): (&Match, &usize)| {
                let list = &lists[*list];
                list.get(list.partition_point(|linked| linked.own < *own))
                    .map_or((own.start, own.end), |it| it.by)
            };
            let linked = chains.iter().flat_map(|chain| {
                let parts: Vec<Stretch> = chain.iter().zip(&of_list).map(by_own).collect();
                let start = parts.iter().map(|by| by.0).min().unwrap_or_default();
                let end = parts.iter().map(|by| by.1).max().unwrap_or_default();
                chain.iter().map(move |&own| Linked { own, by: (start, end) })
            });
            linked.collect()
        }
        Walk::All(parts) | Walk::Any(parts) => {
            let mut all = Vec::new();
            for part in parts {
                if part.seek(document) == document && part.is_at(document, places) {
                    all.append(&mut linked(part, document, places));
                }
            }
            all
        }
        Walk::Leaf { .. } | Walk::Not(..) | Walk::Check(..) => {
            let mut found = Vec::new();
            walk.matches(document, places, &mut found);
            found.into_iter().map(|own| Linked { own, by: (own.start, own.end) }).collect()
        }
    };
    found.sort_unstable();
    found.dedup();
    found
}

/// From each match of the first list on, the nearest next one of each; lists have nothing that is in no chain.
fn chains(lists: &[Vec<Match>], gaps: &[Gap]) -> Vec<Vec<Match>> {
    let longest = lists.iter().flatten().map(|found| found.end - found.start).max().unwrap_or_default();
    let mut chains = Vec::new();
    for &first in lists.first().into_iter().flatten().take(LOOKED_AT) {
        let mut chain = vec![first];
        for (list, gap) in lists[1..].iter().zip(gaps) {
            let last = chain[chain.len() - 1];
            let from = last.start.saturating_sub(gap.within.saturating_add(longest));
            let to = last.end.saturating_add(gap.within);
            let around = &list[list.partition_point(|next| next.start < from)..];
            let around = around.iter().take_while(|next| next.start <= to);
            let fits = around.filter(|next| is_linked(&last, next, *gap));
            chain.extend(fits.min_by_key(|next| next.start.abs_diff(last.start)));
        }
        if chain.len() == lists.len() {
            chains.push(chain);
        }
    }
    chains
}

/// From each match of the first list on, the next one of each, where so few other words are between them.
fn rows(lists: &[Vec<Match>], others: u32) -> Vec<Vec<Match>> {
    let mut rows = Vec::new();
    for &first in &lists[0] {
        let mut row = vec![first];
        for list in &lists[1..] {
            let last = row[row.len() - 1].end;
            row.extend(list.get(list.partition_point(|next| next.start <= last)));
        }
        let between = row.windows(2).map(|pair| u64::from(pair[1].start - pair[0].end - 1));
        if row.len() == lists.len() && between.sum::<u64>() <= u64::from(others) {
            rows.push(row);
            if rows.len() == LOOKED_AT {
                break;
            }
        }
    }
    rows
}

/// For each match of the first list the nearest of the others, all of them in one stretch of those that start here.
fn gatherings(lists: &[Vec<Match>], starts: &[u32]) -> Vec<Vec<Match>> {
    let mut gatherings = Vec::new();
    for &first in &lists[0] {
        let at = starts.partition_point(|start| *start <= first.start);
        let from = at.checked_sub(1).map_or(0, |at| starts[at]);
        let to = starts.get(at).copied().unwrap_or(u32::MAX);
        if first.end >= to {
            continue;
        }
        let mut gathering = vec![first];
        for list in &lists[1..] {
            let inside = &list[list.partition_point(|other| other.start < from)..];
            let inside = inside.iter().take_while(|other| other.start < to).filter(|other| other.end < to);
            gathering.extend(inside.min_by_key(|other| other.start.abs_diff(first.start)));
        }
        if gathering.len() == lists.len() {
            gatherings.push(gathering);
            if gatherings.len() == LOOKED_AT {
                break;
            }
        }
    }
    gatherings
}
