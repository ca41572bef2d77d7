//! Why a query finds nothing, and what finds something instead.
//!
//! A plan keeps its query [as it was read](Plan::reading). What stands at the query's top level, and each kind of filter
//! beside it, is a part; what the query is without a part is told by asking it without that part. Nothing is guessed:
//! whatever is offered was asked, and comes with how many stories it finds.

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;

use super::bounds::bounded_plan;
use super::collect::collect;
use super::rank::Statistics;
use super::terms::{Known, Resolved, Terms, has_stem, spelt_like};
use super::{Request, Results, Tier};
use crate::error::Result;
use crate::gazetteer::{RegionCode, regions};
use crate::index::Reader;
use crate::plan::{Expr, Filters, Pattern, Plan, Surroundings, plan_within};
use crate::query::dates::Range;
use crate::query::{At, Condition, Field, Form, Node, Query, Text, TextKind};
use crate::words::Analyzer;

/// What could be asked instead.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Diagnosis {
    /// Where no article has every word: what was asked for that is in none at all, as it was typed.
    pub absent: Vec<String>,
    /// The query with words that no article has spelt as some have them, and where that leaves no article with every
    /// word, also rare ones as more have them; where it finds nothing, without one of its other parts.
    pub did_you_mean: Option<Rewrite>,
    /// Where nothing was found: the parts without which something is, those first without which most is.
    pub without: Vec<Without>,
    /// Where nothing was found: wider regions in the place of those asked for.
    pub instead: Vec<Instead>,
    /// Where nothing was found: whether there was more to try than [`TRIED`] and [`MOST_READ`] allow.
    pub is_cut: bool,
}

/// Another query and how many stories it finds.
#[derive(Debug, Clone, PartialEq)]
pub struct Rewrite {
    pub query: Query,
    /// The part that was left out of it, as in [`Without`].
    pub without: Option<String>,
    pub count: u64,
}

/// A part of a query and how many stories are found without it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Without {
    /// As the query has it, or the flag of a filter.
    pub clause: String,
    pub count: u64,
}

/// A part of a query with another region, and how many stories it finds then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Instead {
    pub clause: String,
    pub by: String,
    /// The name of the region.
    pub name: &'static str,
    pub count: u64,
}

/// Parts that are left out at the most, each at the price of a search.
const TRIED: usize = 24;

/// Postings that all searches of a diagnosis read, about; after that no other is begun. So many take 0.1 s.
const MOST_READ: u64 = 8_000_000;

/// As many postings as it costs to open one word, and as one costs of which positions are read.
const OPENED: u64 = 100;
const PLACED: u64 = 8;

/// Parts that are told.
const TOLD: usize = 5;

/// Words that no article has, of which other spellings are looked for.
const RESPELT: usize = 3;

/// Spellings of a word that are tried.
const SPELLINGS: usize = 3;

/// A shorter word has as many neighbours as letters.
const LEAST_LETTERS: usize = 4;

/// One in so many articles may have a word that is taken for another one misspelt (`maxQueryFrequency` of Lucene's
/// `DirectSpellChecker`).
const RARE: u64 = 100;

/// Words of so many letters may have two wrong, as with `word~2`.
const LETTERS_FOR_TWO: usize = 6;

/// Says what could be asked instead of a request with these results.
///
/// # Errors
/// Where the index cannot be read.
pub fn diagnose(reader: &Reader, request: &Request, results: &Results) -> Result<Diagnosis> {
    let mut asked = Asked { known: results.known.clone(), ..Asked::of(reader, request) };
    let did_you_mean = asked.respelt(results.total == 0)?;
    let mut diagnosis = Diagnosis { did_you_mean, ..Diagnosis::default() };
    if results.counted != Some(Tier::All) {
        diagnosis.absent = asked.absent()?;
    }
    if results.total > 0 {
        return Ok(diagnosis);
    }
    let mut found = asked.left_out(&|_| true)?;
    found.truncate(TOLD);
    for (part, count) in found {
        let clause = asked.label(part);
        diagnosis.instead.extend(asked.wider(part, &clause)?);
        diagnosis.without.push(Without { clause, count });
    }
    diagnosis.is_cut = asked.is_cut;
    Ok(diagnosis)
}

/// What can be left out of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// By its place at the top level of the query.
    Clause(usize),
    Regions,
    Entities,
    Sources,
    Languages,
    Since,
    Until,
    /// That withdrawn articles are left out; no part that anybody asked for.
    Unwithdrawn,
}

/// A request of which variations are asked.
pub(super) struct Asked<'a> {
    pub(super) reader: &'a Reader,
    pub(super) request: &'a Request,
    pub(super) analyzer: Analyzer,
    known: Known,
    /// Postings that may still be read.
    left: u64,
    is_cut: bool,
}

impl<'a> Asked<'a> {
    pub(super) fn of(reader: &'a Reader, request: &'a Request) -> Asked<'a> {
        let (analyzer, known) = (Analyzer::default(), Known::default());
        Asked { reader, request, analyzer, known, left: MOST_READ, is_cut: false }
    }

    pub(super) fn clauses(&self) -> &[Node] {
        &self.request.plan.reading.clauses
    }

    pub(super) fn parts(&self) -> Vec<Part> {
        let filters = &self.request.plan.filters;
        let kinds = [
            (Part::Regions, filters.regions.is_empty()),
            (Part::Entities, filters.entities.is_empty()),
            (Part::Sources, filters.sources.is_empty()),
            (Part::Languages, filters.languages.is_empty()),
            (Part::Since, filters.since.is_none()),
            (Part::Until, filters.until.is_none()),
        ];
        let flags = kinds.into_iter().filter(|(_, is_empty)| !is_empty).map(|(part, _)| part);
        flags.chain((0..self.clauses().len()).map(Part::Clause)).collect()
    }

    pub(super) fn label(&self, part: Part) -> String {
        let filters = &self.request.plan.filters;
        let range = |since, until| Range { since, until }.plain().replace("..", "");
        match part {
            Part::Clause(at) => self.clauses()[at].to_string(),
            Part::Regions => flag("--region", &filters.regions),
            Part::Entities => flag("--entity", &filters.entities),
            Part::Sources => flag("--source", &filters.sources),
            Part::Languages => flag("--lang", &filters.languages),
            Part::Since => format!("--since {}", range(filters.since, None)),
            Part::Until => format!("--until {}", range(None, filters.until)),
            Part::Unwithdrawn => "-status:withdrawn".to_owned(),
        }
    }

    /// The request with some of its parts.
    pub(super) fn keeping(&mut self, is_kept: &dyn Fn(Part) -> bool) -> Plan {
        let mut filters = self.request.plan.filters.clone();
        for part in self.parts().into_iter().chain([Part::Unwithdrawn]).filter(|part| !is_kept(*part)) {
            match part {
                Part::Clause(_) => {}
                Part::Unwithdrawn => filters.with_withdrawn = true,
                Part::Regions => filters.regions.clear(),
                Part::Entities => filters.entities.clear(),
                Part::Sources => filters.sources.clear(),
                Part::Languages => filters.languages.clear(),
                Part::Since => filters.since = None,
                Part::Until => filters.until = None,
            }
        }
        let clauses = self.clauses().iter().enumerate().filter(|(at, _)| is_kept(Part::Clause(*at)));
        let clauses = clauses.map(|(_, clause)| clause.clone()).collect();
        self.plan(clauses, filters)
    }

    pub(super) fn plan(&mut self, clauses: Vec<Node>, filters: Filters) -> Plan {
        let needs_all = self.request.plan.reading.needs_all;
        let query = Query { clauses, needs_all, warnings: Vec::new() };
        // What a reading has does not depend on the time.
        let surroundings = Surroundings { now: None, index: Some(self.reader) };
        plan_within(&query, filters, surroundings, &mut self.analyzer)
    }

    /// The parts without which something is found and how much, the most first.
    fn left_out(&mut self, may_go: &dyn Fn(Part) -> bool) -> Result<Vec<(Part, u64)>> {
        let mut found = Vec::new();
        let parts: Vec<Part> = self.parts().into_iter().filter(|part| may_go(*part)).collect();
        self.is_cut |= parts.len() > TRIED;
        for part in parts.into_iter().take(TRIED) {
            let rest = self.keeping(&|other| other != part);
            // Without the last of its parts a query finds everything, which says nothing.
            if rest.asks() {
                let (_, count) = self.count(rest)?;
                if count > 0 {
                    found.push((part, count));
                }
            }
        }
        found.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        Ok(found)
    }

    /// How many stories a plan finds, in its second tier if there are none in the first. None where enough was read.
    pub(super) fn count(&mut self, plan: Plan) -> Result<(Tier, u64)> {
        if self.left == 0 {
            self.is_cut = true;
            return Ok((Tier::All, 0));
        }
        self.left = self.left.saturating_sub(Terms::price_of_unknown(self.reader, &plan, &self.known)?);
        let plan = bounded_plan(self.reader, plan, &mut self.known)?;
        let request = Request { copies: self.request.copies, ..Request::of(plan) };
        let statistics = Statistics::gather_knowing(self.reader, &request.plan, &mut self.known)?;
        self.left = self.left.saturating_sub(price(&request.plan, &statistics.terms));
        let mut tier = Tier::All;
        let mut found = collect(self.reader, &request, &statistics, tier, 0, &[])?;
        if found.total == 0 && statistics.has_second_tier(&request.plan) {
            tier = Tier::Most;
            found = collect(self.reader, &request, &statistics, tier, 0, &[])?;
        }
        Ok((tier, found.total))
    }

    /// The nearest region around the one of a part with which something is found.
    fn wider(&mut self, part: Part, clause: &str) -> Result<Option<Instead>> {
        let mut filters = self.request.plan.filters.clone();
        let mut clauses = self.clauses().to_vec();
        let (code, mut around) = match (part, filters.regions.as_slice()) {
            (Part::Regions, [code]) => (*code, Vec::new()),
            (Part::Clause(at), _) => match &clauses[at] {
                Node::Field(Condition { field, value, .. }) if is_of_region(*field) => {
                    let Some(region) = regions().get(value.trim_start_matches('=')) else { return Ok(None) };
                    // What lies in it is nearer than what it lies in.
                    let itself = value.starts_with('=').then_some(region.code);
                    (region.code, itself.into_iter().collect())
                }
                _ => return Ok(None),
            },
            _ => return Ok(None),
        };
        around.extend(regions().ancestors(code));
        for code in around {
            let by = if let Part::Clause(at) = part {
                if let Node::Field(condition) = &mut clauses[at] {
                    condition.value = code.to_string();
                }
                clauses[at].to_string()
            } else {
                filters.regions = vec![code];
                flag("--region", &filters.regions)
            };
            let wider = self.plan(clauses.clone(), filters.clone());
            let (_, count) = self.count(wider)?;
            if count > 0 {
                let RegionCode(code) = code;
                return Ok(Some(Instead {
                    clause: clause.to_owned(),
                    by,
                    name: regions().name(code),
                    count,
                }));
            }
        }
        Ok(None)
    }

    // Spelling.

    /// The query with other spellings of words that no article has, if it finds articles with every word, or finds any
    /// where there were none. If none finds any, the best is asked without each part that has no such word.
    fn respelt(&mut self, found_nothing: bool) -> Result<Option<Rewrite>> {
        let words = self.unknown_words()?;
        let mut choices: Vec<(String, Vec<String>)> = Vec::new();
        for word in words.into_iter().take(RESPELT) {
            let spellings = self.spellings(&word)?;
            if !spellings.is_empty() {
                choices.push((word, spellings));
            }
        }
        if choices.is_empty() {
            return Ok(None);
        }
        // The best of each, then the others of one word at a time.
        let best = vec![0; choices.len()];
        let others = choices
            .iter()
            .enumerate()
            .flat_map(|(at, (_, spellings))| (1..spellings.len()).map(move |other| (at, other)));
        let mut tried = vec![best.clone()];
        tried.extend(others.map(|(at, other)| {
            let mut choice = best.clone();
            choice[at] = other;
            choice
        }));
        let mut first = None;
        let mut found = None;
        for choice in tried {
            let (query, tier, count) = self.spelt(&choices, &choice)?;
            if count > 0 && (found_nothing || tier == Tier::All) {
                found = Some((tier, Rewrite { query, without: None, count }));
                break;
            }
            first.get_or_insert(query);
        }
        // Whoever misspells one word may have misspelt another, as somebody did in an article.
        if !matches!(found, Some((Tier::All, _))) {
            let mut more = choices.clone();
            more.extend(self.rare_words(&choices)?);
            if more.len() > choices.len() {
                let (query, tier, count) = self.spelt(&more, &vec![0; more.len()])?;
                if count > 0 && tier == Tier::All {
                    return Ok(Some(Rewrite { query, without: None, count }));
                }
            }
        }
        if let Some((_, rewrite)) = found {
            return Ok(Some(rewrite));
        }
        let Some(query) = first.filter(|_| found_nothing) else { return Ok(None) };
        let plan = self.plan(query.clauses, self.request.plan.filters.clone());
        let request = Request { plan, ..self.request.clone() };
        let known = std::mem::take(&mut self.known);
        let mut respelt = Asked { known, left: self.left, ..Asked::of(self.reader, &request) };
        let is_as_typed = |part: Part| match part {
            Part::Clause(at) => respelt.clauses().get(at) == self.clauses().get(at),
            _ => true,
        };
        let parts: Vec<Part> = respelt.parts().into_iter().filter(|part| is_as_typed(*part)).collect();
        let found = respelt.left_out(&|part| parts.contains(&part))?;
        self.left = respelt.left;
        self.is_cut |= respelt.is_cut;
        Ok(found.first().map(|&(part, count)| Rewrite {
            query: respelt.keeping(&|other| other != part).reading,
            without: Some(respelt.label(part)),
            count,
        }))
    }

    /// The query with one of its spellings for each of these words, and what it finds.
    fn spelt(&mut self, choices: &[(String, Vec<String>)], choice: &[usize]) -> Result<(Query, Tier, u64)> {
        let by: FxHashMap<&str, &str> = choices
            .iter()
            .zip(choice)
            .map(|((word, spellings), &at)| (word.as_str(), spellings[at].as_str()))
            .collect();
        let clauses: Vec<Node> = self
            .clauses()
            .iter()
            .map(|clause| clause.clone().with_leaves(&|leaf| respelt_leaf(leaf, &by)))
            .collect();
        let planned = self.plan(clauses, self.request.plan.filters.clone());
        let query = planned.reading.clone();
        let (tier, count) = self.count(planned)?;
        Ok((query, tier, count))
    }

    /// Rare words of the query beside these, each with a spelling that more articles have.
    fn rare_words(&mut self, beside: &[(String, Vec<String>)]) -> Result<Vec<(String, Vec<String>)>> {
        let leaves: Vec<Node> = self.clauses().iter().flat_map(Node::leaves).cloned().collect();
        let mut found: Vec<(String, Vec<String>)> = Vec::new();
        for word in leaves.iter().filter_map(plain_words).flat_map(str::split_whitespace) {
            let is_known = |(known, _): &(String, Vec<String>)| known == word;
            let is_spelt = word.chars().all(char::is_alphabetic) && word.chars().count() >= LEAST_LETTERS;
            if !is_spelt || beside.iter().chain(&found).any(is_known) || found.len() == RESPELT {
                continue;
            }
            let stem_of = |analyzer: &mut Analyzer, word: &str| {
                let tokens = analyzer.tokens(word);
                if tokens.len() == 1 { tokens.stem(0).to_owned() } else { String::new() }
            };
            let stem = stem_of(&mut self.analyzer, word);
            let own = self.reader.frequency(self.reader.fields().text, &stem)?;
            if own * RARE > self.reader.articles() {
                continue;
            }
            for spelling in self.spellings(word)? {
                let other = stem_of(&mut self.analyzer, &spelling);
                if other != stem && self.reader.frequency(self.reader.fields().text, &other)? > own {
                    found.push((word.to_owned(), vec![spelling]));
                    break;
                }
            }
        }
        Ok(found)
    }

    /// What is wanted and in no article, not even in its boilerplate.
    fn absent(&self) -> Result<Vec<String>> {
        let plan = &self.request.plan;
        let mut absent: Vec<String> = Vec::new();
        for lookup in &plan.wanted[..plan.typed()] {
            let words: Vec<&str> = lookup.label.split(|c: char| c.is_whitespace() || c == '"').collect();
            let words: Vec<&str> =
                words.into_iter().filter(|word| word.contains(char::is_alphanumeric)).collect();
            for (at, patterns) in lookup.parts.iter().enumerate() {
                let mut is_absent = true;
                for pattern in patterns {
                    is_absent = is_absent && !self.is_there(pattern)?;
                }
                // One part of a word that is cut in several is no word.
                let name = if words.len() == lookup.parts.len() { words[at] } else { &lookup.label };
                if is_absent && !absent.iter().any(|known| known == name) {
                    absent.push(name.to_owned());
                }
            }
        }
        Ok(absent)
    }

    fn is_there(&self, pattern: &Pattern) -> Result<bool> {
        match pattern {
            Pattern::Stem(stem) => has_stem(self.reader, stem, true),
            Pattern::Mention(term) => Ok(self.reader.frequency(self.reader.fields().annotation, term)? > 0),
            // These were looked for when the query was answered.
            Pattern::Exact(_) | Pattern::Caps(_) | Pattern::Wild(_) | Pattern::Fuzzy(..) => {
                let known = self.known.get(&(pattern.clone(), self.request.plan.filters.with_boilerplate));
                Ok(known.is_none_or(|found| found.articles > 0))
            }
        }
    }

    /// Words of the query that are wanted, and in no article.
    fn unknown_words(&mut self) -> Result<Vec<String>> {
        let plan = &self.request.plan;
        let mut unknown = FxHashSet::default();
        for patterns in plan.wanted[..plan.typed()].iter().flat_map(|lookup| &lookup.parts) {
            let mut is_unknown = true;
            for pattern in patterns {
                is_unknown &= match pattern {
                    Pattern::Stem(stem) => !has_stem(self.reader, stem, plan.filters.with_boilerplate)?,
                    _ => false,
                };
            }
            if is_unknown {
                unknown.extend(patterns.iter().map(ToString::to_string));
            }
        }
        let mut words: Vec<String> = Vec::new();
        if unknown.is_empty() {
            return Ok(words);
        }
        let leaves = plan.reading.clauses.iter().flat_map(Node::leaves);
        for word in leaves.filter_map(plain_words).flat_map(str::split_whitespace) {
            let tokens = self.analyzer.tokens(word);
            let is_unknown = tokens.len() == 1 && unknown.contains(tokens.stem(0));
            let is_spelt = word.chars().all(char::is_alphabetic) && word.chars().count() >= LEAST_LETTERS;
            if is_unknown && is_spelt && !words.iter().any(|known| known == word) {
                words.push(word.to_owned());
            }
        }
        Ok(words)
    }

    /// The words of articles that a word may have been meant for, best first: with one letter wrong before those with
    /// two, the same first letter before others, what more articles have before what fewer have.
    fn spellings(&mut self, word: &str) -> Result<Vec<String>> {
        let word = crate::words::fold(word);
        let first = word.chars().next();
        let most_wrong = if word.chars().count() < LETTERS_FOR_TWO { 1 } else { 2 };
        let mut chosen = Vec::new();
        for wrong in 1..=most_wrong {
            let mut found = spelt_like(self.reader, &word, wrong)?;
            found.sort_unstable_by(|a, b| {
                let is_other = |word: &str| word.chars().next() != first;
                let order = is_other(&a.word).cmp(&is_other(&b.word));
                order.then(b.articles.cmp(&a.articles)).then_with(|| a.word.cmp(&b.word))
            });
            for spelling in found.into_iter().filter(|found| found.word.chars().all(char::is_alphabetic)) {
                if chosen.len() == SPELLINGS {
                    break;
                }
                // `acquisit` is a stem, and not a word that anybody writes.
                if spelling.is_form || self.is_written(&spelling.word)? {
                    chosen.push(spelling.word);
                }
            }
            if !chosen.is_empty() {
                break;
            }
        }
        Ok(chosen)
    }

    /// Whether any article has a word in just this form.
    fn is_written(&mut self, word: &str) -> Result<bool> {
        let text = Node::Text(Text { text: word.to_owned(), kind: TextKind::Word, at: At::default() });
        let exact = self.plan(vec![Node::Form(Form::Exact, Box::new(text))], Filters::default());
        Ok(self.count(exact)?.1 > 0)
    }
}

/// Postings that a plan reads at the most: of every word once for each place where it is asked for.
fn price(plan: &Plan, terms: &Terms) -> u64 {
    let of = |resolved: &Resolved, is_placed: bool| -> u64 {
        let parts = resolved.parts.iter();
        let each = parts.map(|part| {
            let opened = (part.any.len() + part.but.len()) as u64 * OPENED;
            opened + part.postings * if is_placed || resolved.parts.len() > 1 { PLACED } else { 1 }
        });
        each.sum()
    };
    let mut price: u64 = terms.wanted.iter().map(|resolved| of(resolved, false)).sum();
    let clauses = plan.clauses.iter().map(|clause| &clause.expr);
    for expr in clauses.chain(&plan.gates).chain(&plan.excluded) {
        expr.each(&mut |inner| {
            let is_placed = !std::ptr::eq(inner, expr);
            match inner {
                Expr::Wanted(at) => price += of(&terms.wanted[*at], is_placed),
                Expr::Silent(at) => price += of(&terms.silent[*at], is_placed),
                _ => {}
            }
        });
    }
    price
}

fn flag<T: ToString>(name: &str, values: &[T]) -> String {
    let values: Vec<String> = values.iter().map(|value| format!("{name} {}", value.to_string())).collect();
    values.join(" ")
}

fn is_of_region(field: Field) -> bool {
    matches!(field, Field::Region | Field::About | Field::Mentions | Field::Dateline | Field::SourceRegion)
}

/// The text of a word or phrase without wildcards and wrong letters.
fn plain_words(leaf: &Node) -> Option<&str> {
    match leaf {
        Node::Text(Text { text, kind: TextKind::Word | TextKind::Phrase(_), .. }) if !text.contains('*') => {
            Some(text)
        }
        _ => None,
    }
}

fn respelt_leaf(leaf: Node, by: &FxHashMap<&str, &str>) -> Node {
    if plain_words(&leaf).is_none() {
        return leaf;
    }
    match leaf {
        Node::Text(text) => {
            let words: Vec<&str> =
                text.text.split_whitespace().map(|word| by.get(word).copied().unwrap_or(word)).collect();
            Node::Text(Text { text: words.join(" "), ..text })
        }
        other => other,
    }
}
