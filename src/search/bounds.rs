//! What it takes to see where the words of a plan stand, and a plan that takes no more than is allowed.
//!
//! Which articles have a word is read fast, where it stands in them is not. A person's `bank NEAR/5 (fine OR penalty)` reads
//! some thousand places, but `(the OR of OR in) SAME (to OR and)` most of all that there are. The bound is a part of all words
//! of the index, so that it is met by the same queries in a small index and a large one. Where an operator goes beyond
//! what is left of it, its parts are asked of the whole article, and where a phrase or a form does, its rarest word is. What
//! is excluded excludes nothing then. So never less is found, and it is told.

use std::borrow::Cow;

use super::Request;
use super::terms::{Alternatives, Known, Resolved, Terms};
use crate::error::Result;
use crate::index::Reader;
use crate::plan::{Clause, Expr, Lookup, Pattern, Plan};
use crate::words::Analyzer;

/// One in so many of all words of the index may be read in their places. In 36,000 articles these are two million, and take
/// about 0.1 s.
const SHARE: f64 = 8.0;

/// Words that may be read in any index.
const LEAST: f64 = 1_000_000.0;

/// A word of a phrase is read so many times as fast as one of an operator, whose matches are gathered.
const PHRASE: f64 = 0.25;

/// Letters of a part that is told of.
const TOLD: usize = 60;

/// The request, or one that takes less.
pub(super) fn bounded<'a>(
    reader: &Reader,
    request: &'a Request,
    known: &mut Known,
) -> Result<Cow<'a, Request>> {
    Ok(match within_bounds(reader, &request.plan, known)? {
        Some(plan) => Cow::Owned(Request { plan, ..request.clone() }),
        None => Cow::Borrowed(request),
    })
}

/// The plan, or one that takes less.
pub(super) fn bounded_plan(reader: &Reader, plan: Plan, known: &mut Known) -> Result<Plan> {
    Ok(within_bounds(reader, &plan, known)?.unwrap_or(plan))
}

/// A plan that takes less, with a note of what was left out; `None` where that is not too much.
fn within_bounds(reader: &Reader, plan: &Plan, known: &mut Known) -> Result<Option<Plan>> {
    let mut has_operator = false;
    for expr in exprs(plan) {
        expr.each(&mut |expr| has_operator |= is_operator(expr));
    }
    let mut lookups = plan.wanted.iter().chain(&plan.silent);
    if !has_operator && !lookups.any(Lookup::needs_positions) {
        return Ok(None);
    }
    let terms = Terms::resolve(reader, plan, known)?;
    #[allow(clippy::cast_precision_loss, reason = "an estimate")]
    let (articles, words) = (reader.articles() as f64, reader.words()? as f64);
    let most = (words / SHARE).max(LEAST);
    Ok(lighter(plan, &terms, articles, most))
}

/// The plan with what takes more than `most` words asked of whole articles; `None` where nothing does.
fn lighter(plan: &Plan, terms: &Terms, articles: f64, most: f64) -> Option<Plan> {
    let mut bounds = Bounds {
        plan,
        terms,
        articles,
        left: most,
        is_excluded: false,
        loose: Vec::new(),
        told: Vec::new(),
        excludes_less: false,
    };
    let clauses = plan
        .clauses
        .iter()
        .map(|clause| Clause { expr: bounds.expr(&clause.expr, articles, &clause.label), ..clause.clone() });
    let clauses = clauses.collect();
    let gates = plan.gates.iter().map(|gate| bounds.expr(gate, articles, "what must hold")).collect();
    bounds.is_excluded = true;
    let excluded = plan.excluded.iter().map(|expr| bounds.expr(expr, articles, "")).collect::<Vec<_>>();
    let Bounds { loose, mut told, excludes_less, .. } = bounds;
    let of = |is_silent: bool| if is_silent { &plan.silent } else { &plan.wanted };
    told.extend(loose.iter().map(|&(is_silent, at)| of(is_silent)[at].label.clone()));
    if told.is_empty() && !excludes_less {
        return None;
    }
    let mut analyzer = Analyzer::default();
    let mut lookups = |is_silent: bool, resolved: &[Resolved]| -> Vec<Lookup> {
        let mut lookups = of(is_silent).clone();
        for &(_, at) in loose.iter().filter(|(silent, _)| *silent == is_silent) {
            loosen(&mut lookups[at], &resolved[at], &mut analyzer);
        }
        lookups
    };
    let (wanted, silent) = (lookups(false, &terms.wanted), lookups(true, &terms.silent));
    let mut notes = plan.notes.clone();
    if let Some(first) = told.first() {
        let first: String = first.chars().take(TOLD).collect();
        let more = if told.len() > 1 { format!(" and {} more", told.len() - 1) } else { String::new() };
        notes.push(format!(
            "{first}{more}: too many frequent words to see where they stand; all articles that have them were searched"
        ));
    }
    if excludes_less {
        notes.push(
            "too many frequent words to see where those stand that are excluded; not all were".to_owned(),
        );
    }
    let excluded = excluded.into_iter().filter(|expr| *expr != NOTHING).collect();
    Some(Plan { wanted, silent, clauses, gates, excluded, notes, ..plan.clone() })
}

/// Holds in no article.
const NOTHING: Expr = Expr::Any(Vec::new());

fn exprs(plan: &Plan) -> impl Iterator<Item = &Expr> {
    let clauses = plan.clauses.iter().map(|clause| &clause.expr);
    clauses.chain(&plan.gates).chain(&plan.excluded)
}

fn is_operator(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::Near(..)
            | Expr::Loose(..)
            | Expr::Sentence(_)
            | Expr::Passage(_)
            | Expr::AtLeast(..)
            | Expr::First(..)
    )
}

/// What is left of the bound.
struct Bounds<'a> {
    plan: &'a Plan,
    terms: &'a Terms,
    articles: f64,
    /// Words that may still be read in their places.
    left: f64,
    /// Whether articles are left out that have what is looked at.
    is_excluded: bool,
    /// Lookups that are too much, and whether they are silent.
    loose: Vec<(bool, usize)>,
    /// Labels of what has operators that are too much.
    told: Vec<String>,
    /// Whether something excluded is too much.
    excludes_less: bool,
}

#[allow(clippy::cast_precision_loss, reason = "an estimate")]
fn postings(part: &Alternatives) -> f64 {
    part.postings as f64
}

impl Bounds<'_> {
    fn lookup(&self, is_silent: bool, at: usize) -> (&Lookup, &Resolved) {
        if is_silent {
            (&self.plan.silent[at], &self.terms.silent[at])
        } else {
            (&self.plan.wanted[at], &self.terms.wanted[at])
        }
    }

    /// Articles that a lookup may be in, at the most.
    fn held(&self, (_, resolved): (&Lookup, &Resolved)) -> f64 {
        resolved.parts.iter().map(postings).fold(self.articles, f64::min)
    }

    /// Articles in which an expression may hold, at the most.
    fn reach(&self, expr: &Expr) -> f64 {
        match expr {
            Expr::Wanted(at) => self.held(self.lookup(false, *at)),
            Expr::Silent(at) => self.held(self.lookup(true, *at)),
            Expr::Condition(_) | Expr::Not(_) => self.articles,
            Expr::Any(parts) => parts.iter().map(|part| self.reach(part)).sum::<f64>().min(self.articles),
            Expr::All(parts)
            | Expr::Near(parts, _)
            | Expr::Loose(parts, _)
            | Expr::Sentence(parts)
            | Expr::Passage(parts) => parts.iter().map(|part| self.reach(part)).fold(self.articles, f64::min),
            Expr::AtLeast(_, part) | Expr::First(_, part) => self.reach(part),
        }
    }

    /// Words of a lookup that are read in so many articles.
    #[allow(clippy::cast_precision_loss, reason = "an estimate")]
    fn words(&self, is_silent: bool, at: usize, within: f64) -> f64 {
        let found = self.lookup(is_silent, at);
        let within = within.min(self.held(found));
        let read = found.1.parts.iter().map(|part| {
            let own = postings(part).clamp(1.0, self.articles.max(1.0));
            part.places as f64 * (within / own).min(1.0)
        });
        read.sum()
    }

    /// Words that are read to see where an expression holds in so many articles.
    fn read(&self, expr: &Expr, within: f64, is_placed: bool) -> f64 {
        let within = within.min(self.reach(expr));
        let all = |parts: &[Expr], is_placed: bool| {
            // What an operator names twice is read once.
            let is_first = |at: &usize| !parts[..*at].contains(&parts[*at]);
            (0..parts.len()).filter(is_first).map(|at| self.read(&parts[at], within, is_placed)).sum()
        };
        match expr {
            Expr::Wanted(at) if is_placed => self.words(false, *at, within),
            Expr::Silent(at) if is_placed => self.words(true, *at, within),
            Expr::Wanted(at) if self.plan.wanted[*at].needs_positions() => {
                PHRASE * self.words(false, *at, within)
            }
            Expr::Silent(at) if self.plan.silent[*at].needs_positions() => {
                PHRASE * self.words(true, *at, within)
            }
            Expr::Wanted(_) | Expr::Silent(_) | Expr::Condition(_) => 0.0,
            Expr::All(parts) | Expr::Any(parts) => all(parts, is_placed),
            Expr::Near(parts, _) | Expr::Loose(parts, _) | Expr::Sentence(parts) | Expr::Passage(parts) => {
                all(parts, true)
            }
            Expr::Not(part) => self.read(part, within, is_placed),
            Expr::AtLeast(_, part) | Expr::First(_, part) => self.read(part, within, true),
        }
    }

    /// The expression, with parts that go beyond what is left asked of whole articles.
    fn expr(&mut self, expr: &Expr, within: f64, label: &str) -> Expr {
        let within = within.min(self.reach(expr));
        let mut each = |parts: &[Expr]| -> Vec<Expr> {
            parts.iter().map(|part| self.expr(part, within, label)).collect()
        };
        match expr {
            Expr::All(parts) => return Expr::All(each(parts)),
            Expr::Any(parts) => return Expr::Any(each(parts)),
            Expr::Not(part) => {
                self.is_excluded = !self.is_excluded;
                let part = self.expr(part, within, label);
                self.is_excluded = !self.is_excluded;
                return Expr::Not(Box::new(part));
            }
            _ => {}
        }
        // What takes less elsewhere is another here.
        let mut is_loose = false;
        expr.each(&mut |expr| {
            is_loose |= match expr {
                Expr::Wanted(at) => self.loose.contains(&(false, *at)),
                Expr::Silent(at) => self.loose.contains(&(true, *at)),
                _ => false,
            };
        });
        let price = self.read(expr, within, false);
        if price <= self.left && !(self.is_excluded && is_loose) {
            self.left -= price;
            return expr.clone();
        }
        if self.is_excluded {
            self.excludes_less = true;
            return NOTHING;
        }
        let known = match expr {
            Expr::Wanted(at) => (false, *at),
            Expr::Silent(at) => (true, *at),
            Expr::Near(parts, _) | Expr::Loose(parts, _) | Expr::Sentence(parts) | Expr::Passage(parts) => {
                self.told.push(label.to_owned());
                let parts = parts.iter().map(|part| self.expr(part, within, label)).collect();
                return Expr::All(parts);
            }
            Expr::AtLeast(_, part) | Expr::First(_, part) => {
                self.told.push(label.to_owned());
                return self.expr(part, within, label);
            }
            _ => return expr.clone(),
        };
        if !self.loose.contains(&known) {
            self.loose.push(known);
        }
        expr.clone()
    }
}

/// Makes a lookup one of its rarest word, in any form and place.
fn loosen(lookup: &mut Lookup, resolved: &Resolved, analyzer: &mut Analyzer) {
    let rarest = (0..resolved.parts.len()).min_by_key(|&at| resolved.parts[at].postings).unwrap_or_default();
    let mut patterns = lookup.parts.swap_remove(rarest);
    for pattern in &mut patterns {
        if let Pattern::Exact(form) = pattern {
            let tokens = analyzer.tokens(form);
            if tokens.len() == 1 {
                *pattern = Pattern::Stem(tokens.stem(0).to_owned());
            }
        }
    }
    lookup.parts = vec![patterns];
    lookup.place = None;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Filters, plan};
    use crate::query::Query;

    #[test]
    fn what_takes_too_much_is_asked_of_whole_articles() {
        // Words and the articles that have them, of a thousand, each in ten places.
        let counts = [("the", 1000), ("of", 900), ("in", 800), ("oil", 100), ("gas", 50), ("opec", 2)];
        for (typed, most, expected) in [
            ("oil NEAR/5 gas", 1_500, None),
            ("the SAME of SAME in", 30_000, None),
            ("the SAME of SAME in", 20_000, Some("(the AND of AND in)")),
            // Few articles have both.
            ("the SAME opec", 100, None),
            ("atleast3(the OR of)", 10_000, Some("(the OR of)")),
            // What would exclude more excludes nothing.
            ("oil NEAR/5 gas -(the SENT of)", 10_000, Some("(oil NEAR/5 gas)")),
            ("opec -\"the of\" -(oil NEAR/5 gas)", 3_000, Some("opec -(oil NEAR/5 gas)")),
            ("opec AND (oil OR NOT (the SENT of))", 10_000, Some("opec AND (oil OR -())")),
            (
                "opec AND (oil OR NOT (gas OR NOT (the SENT of)))",
                10_000,
                Some("opec AND (oil OR -(gas OR -(the AND of)))"),
            ),
            ("\"the of\" AND opec -(\"the of\" OR gas)", 1_000, Some("of AND opec AND -(() OR gas)")),
            // What fits is kept.
            ("(oil NEAR/5 gas) OR (the NEAR/5 of)", 10_000, Some("((oil NEAR/5 gas) OR (the AND of))")),
            ("\"oil of the gas\"", 1_000, None),
            ("\"the of\" AND opec", 1_000, Some("of AND opec")),
            ("exact(the) AND title:oil", 1_000, Some("the AND title:oil")),
            ("the of in", 0, None),
        ] {
            let planned = plan(&Query::parse(typed).unwrap(), Filters::default(), &mut Analyzer::default());
            let resolved = |lookups: &[Lookup]| -> Vec<Resolved> {
                let part = |patterns: &Vec<Pattern>| {
                    let name = patterns[0].to_string();
                    let name = name.trim_start_matches('=');
                    let postings = counts.iter().find(|(word, _)| *word == name).unwrap().1;
                    Alternatives { postings, places: postings * 10, ..Alternatives::default() }
                };
                lookups
                    .iter()
                    .map(|lookup| Resolved { parts: lookup.parts.iter().map(part).collect() })
                    .collect()
            };
            let terms = Terms {
                wanted: resolved(&planned.wanted),
                silent: resolved(&planned.silent),
                ..Terms::default()
            };
            let found = lighter(&planned, &terms, 1000.0, f64::from(most));
            assert_eq!(found.as_ref().map(ToString::to_string).as_deref(), expected, "{typed}");
            assert!(found.is_none_or(|plan| plan.notes.len() > planned.notes.len()), "{typed}");
        }
    }
}
