//! Why a query does not find an article, and the least that must change for it to.
//!
//! Each part of a request, as [`diagnose`](super::diagnose()) leaves them out, is asked alone of the one article. What it
//! fails is told with what it has instead. Then as many of the failed parts as can be are put back while the rest still
//! finds it: those that cannot are the change, of which nothing can be spared. A word that most of the others make up for
//! is failed and need not go.

use serde::Serialize;

use super::bounds::bounded;
use super::diagnose::{Asked, Part};
use super::terms::Known;
use super::{Found, Request, Sort, Tier, failed, found};
use crate::annotate::Referent;
use crate::article::{ArticleId, Status};
use crate::error::Result;
use crate::gazetteer::{entities, regions};
use crate::index::{Address, Reader};
use crate::plan::{Condition, Expr, Filters, Plan};
use crate::query::{self, Field, Node, Query, Text, TextKind};
use crate::schema::Record;
use crate::search::rank::Statistics;
use crate::words::fold;

/// How a request takes an article.
#[derive(Debug, Clone)]
pub struct WhyNot {
    /// Where it is among the results, if it is found.
    pub found: Option<Place>,
    /// The parts it fails, in their order.
    pub fails: Vec<Failure>,
    /// The parts it satisfies, as the query has them.
    pub satisfies: Vec<String>,
    /// What finds it, where the request does not; none of it can be spared.
    pub changes: Vec<Change>,
    /// The query with the changes, without the flags.
    pub changed: Query,
    /// Where it is among the results of that, if anything is left of it.
    pub then: Option<Place>,
    pub record: Record,
}

/// A place among the results of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub rank: usize,
    /// How many results there are.
    pub of: usize,
    /// Whether the article has every word.
    pub tier: Tier,
    /// The copy of its story that is shown in its place.
    pub shown: Option<ArticleId>,
}

/// A part that an article fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// As the query has it, or the flag of a filter.
    pub clause: String,
    pub reasons: Vec<Reason>,
}

/// Something in a part that makes it fail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// As the query has it.
    pub of: String,
    #[serde(flatten)]
    pub lack: Lack,
}

/// How an article fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "lack", rename_all = "lowercase")]
pub enum Lack {
    /// Not in the article. It has these words, which are spelt like it.
    Absent { like: Vec<String> },
    /// In boilerplate and nowhere else.
    Boilerplate,
    /// In the article, and not where it must be.
    Elsewhere,
    /// In the article, in another form.
    Form,
    /// In the article, and not as often.
    Few,
    /// All of it in the article, and not as near.
    Apart,
    /// In the article, which excludes it.
    Excluded,
    /// The article's own values are these.
    Other { values: Vec<String> },
}

/// A change of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// The part is left out.
    Without(String),
    /// The flag is given.
    With(&'static str),
}

/// Parts of parts that are asked alone, at the most.
const ASKED: usize = 64;

/// Words spelt alike that are told.
const ALIKE: usize = 3;

/// A shorter word has too many neighbours.
const LEAST_LETTERS: usize = 4;

/// Says how a request takes the article at `address`.
///
/// # Errors
/// Where the index cannot be read.
pub fn why_not(reader: &Reader, request: &Request, address: Address) -> Result<WhyNot> {
    let record = reader.record(address)?;
    let mut asking = Asking { asked: Asked::of(reader, request), record: &record, address, left: ASKED };
    let mut parts = asking.asked.parts();
    if record.article.status == Status::Withdrawn && !request.plan.filters.with_withdrawn {
        parts.push(Part::Unwithdrawn);
    }
    let (mut fails, mut failed, mut satisfies) = (Vec::new(), Vec::new(), Vec::new());
    for &part in &parts {
        // Whether it is withdrawn is a part of its own.
        let alone = asking.asked.keeping(&|other| other == part);
        if part != Part::Unwithdrawn && asking.tier(alone)?.is_some() {
            satisfies.push(asking.asked.label(part));
        } else {
            let (clause, reasons) = (asking.asked.label(part), asking.reasons_of(part)?);
            fails.push(Failure { clause, reasons });
            failed.push(part);
        }
    }
    let found = asking.place(request.plan.clone(), address)?;
    let without = if found.is_some() { Vec::new() } else { asking.least(&parts, failed)? };
    let rest = asking.asked.keeping(&|part| !without.contains(&part));
    let changed = rest.reading.clone();
    let then = if without.is_empty() || !rest.asks() { None } else { asking.place(rest, address)? };
    let all = without.iter().map(|part| match part {
        Part::Unwithdrawn => Change::With("--withdrawn"),
        part => Change::Without(asking.asked.label(*part)),
    });
    Ok(WhyNot { found, fails, satisfies, changes: all.collect(), changed, then, record })
}

/// A request of which parts are asked of one article.
struct Asking<'a> {
    asked: Asked<'a>,
    record: &'a Record,
    address: Address,
    /// Parts of parts that may still be asked.
    left: usize,
}

impl Asking<'_> {
    /// In which tier of a plan the article is.
    fn tier(&mut self, mut plan: Plan) -> Result<Option<Tier>> {
        plan.gates.push(Expr::Condition(Condition::Id(self.record.id.to_string())));
        let (tier, count) = self.asked.count(plan)?;
        Ok((count > 0).then_some(tier))
    }

    /// Where the article is among the results of a plan.
    fn place(&mut self, plan: Plan, address: Address) -> Result<Option<Place>> {
        let Some(tier) = self.tier(plan.clone())? else { return Ok(None) };
        let (reader, request) = (self.asked.reader, self.asked.request);
        let sort = if plan.wanted.is_empty() { Sort::Date } else { request.sort };
        let all = Request { plan, sort, limit: usize::MAX, offset: 0, ..request.clone() };
        let all = &*bounded(reader, &all, &mut Known::default())?;
        let statistics = Statistics::gather(reader, &all.plan)?;
        let Found { ordered, .. } =
            found(reader, all, &statistics, &mut rustc_hash::FxHashMap::default(), None)?;
        let of = ordered.len();
        if let Some(at) = ordered.iter().position(|ranked| ranked.address == address) {
            return Ok(Some(Place { rank: at + 1, of, tier, shown: None }));
        }
        let story = reader.groups().story(self.record.id.key());
        let is_copy = |key: u64| story.is_some() && reader.groups().story(key) == story;
        let Some(at) = ordered.iter().position(|ranked| is_copy(ranked.key)) else { return Ok(None) };
        let shown = Some(reader.record(ordered[at].address)?.id);
        Ok(Some(Place { rank: at + 1, of, tier, shown }))
    }

    /// The parts without which the article is found, none of which can be put back. They are some of those that it
    /// `failed`, unless parts mean something else together than each alone.
    fn least(&mut self, parts: &[Part], failed: Vec<Part>) -> Result<Vec<Part>> {
        let mut without = failed;
        if !self.finds_without(&without)? {
            without = parts.to_vec();
        }
        loop {
            let before = without.len();
            for part in without.clone() {
                let fewer: Vec<Part> = without.iter().copied().filter(|other| *other != part).collect();
                if self.finds_without(&fewer)? {
                    without = fewer;
                }
            }
            if without.len() == before {
                return Ok(without);
            }
        }
    }

    fn finds_without(&mut self, without: &[Part]) -> Result<bool> {
        let rest = self.asked.keeping(&|part| !without.contains(&part));
        Ok(self.tier(rest)?.is_some())
    }

    // Reasons.

    fn reasons_of(&mut self, part: Part) -> Result<Vec<Reason>> {
        let field = match part {
            Part::Clause(at) => {
                let clause = self.asked.clauses()[at].clone();
                let mut reasons = Vec::new();
                self.reasons(&clause, &mut reasons)?;
                return Ok(reasons);
            }
            Part::Regions => Field::Region,
            Part::Entities => Field::Entity,
            Part::Sources => Field::Source,
            Part::Languages => Field::Lang,
            Part::Since | Part::Until => Field::Date,
            Part::Unwithdrawn => Field::Status,
        };
        let lack = Lack::Other { values: self.values(field)? };
        Ok(vec![Reason { of: self.asked.label(part), lack }])
    }

    /// Whether the article satisfies a node; `None` where enough was asked.
    fn holds(&mut self, node: &Node, with_boilerplate: bool) -> Result<Option<bool>> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        let filters = Filters { with_withdrawn: true, with_boilerplate, ..Filters::default() };
        let plan = self.asked.plan(vec![node.clone()], filters);
        Ok(Some(self.tier(plan)?.is_some()))
    }

    /// Adds why the article fails a node.
    fn reasons(&mut self, node: &Node, reasons: &mut Vec<Reason>) -> Result<()> {
        let with_boilerplate = self.asked.request.plan.filters.with_boilerplate;
        let mut add = |lack: Lack| reasons.push(Reason { of: node.to_string(), lack });
        match node {
            Node::Saved(..) => {}
            Node::Field(condition) => add(Lack::Other { values: self.values(condition.field)? }),
            Node::Text(text) => {
                let words: Vec<Node> = if matches!(text.kind, TextKind::Phrase(_)) {
                    let word = |word: &str| {
                        Node::Text(Text { text: word.to_owned(), kind: TextKind::Word, at: text.at })
                    };
                    text.text.split_whitespace().map(word).collect()
                } else {
                    Vec::new()
                };
                if !with_boilerplate && self.holds(node, true)? == Some(true) {
                    add(Lack::Boilerplate);
                } else if words.len() > 1 {
                    self.all_of(node, &words, Lack::Apart, reasons)?;
                } else {
                    add(Lack::Absent { like: self.spelt_like(text) });
                }
            }
            Node::And(parts) => self.all_of(node, parts, Lack::Apart, reasons)?,
            Node::Near(parts, _) | Node::Sentence(parts) | Node::Passage(parts) => {
                self.all_of(node, parts, Lack::Apart, reasons)?;
            }
            Node::Or(parts) => {
                for part in parts {
                    self.reasons(part, reasons)?;
                }
            }
            Node::Not(part) => {
                let parts = if let Node::Or(parts) = &**part { parts } else { std::slice::from_ref(&**part) };
                for part in parts {
                    if parts.len() == 1 || self.holds(part, with_boilerplate)? == Some(true) {
                        reasons.push(Reason { of: part.to_string(), lack: Lack::Excluded });
                    }
                }
            }
            Node::AtLeast(_, part) => self.all_of(node, std::slice::from_ref(&**part), Lack::Few, reasons)?,
            Node::First(_, part) | Node::In(_, part) => {
                self.all_of(node, std::slice::from_ref(&**part), Lack::Elsewhere, reasons)?;
            }
            Node::Form(_, part) => self.all_of(node, std::slice::from_ref(&**part), Lack::Form, reasons)?,
            Node::Boost(_, part) => self.reasons(part, reasons)?,
        }
        Ok(())
    }

    /// Adds why an article fails a node made of `parts`: one of them, or where it has all of those, how it lacks
    /// the whole.
    fn all_of(&mut self, node: &Node, parts: &[Node], whole: Lack, reasons: &mut Vec<Reason>) -> Result<()> {
        let with_boilerplate = self.asked.request.plan.filters.with_boilerplate;
        let before = reasons.len();
        for part in parts {
            match self.holds(part, with_boilerplate)? {
                Some(false) => self.reasons(part, reasons)?,
                Some(true) => {}
                None => return Ok(()),
            }
        }
        if reasons.len() == before {
            reasons.push(Reason { of: node.to_string(), lack: whole });
        }
        Ok(())
    }

    /// Words of the article that are spelt like a word, the most alike first.
    fn spelt_like(&mut self, text: &Text) -> Vec<String> {
        let wanted = fold(&text.text);
        let letters = wanted.chars().count();
        if letters < LEAST_LETTERS || !wanted.chars().all(char::is_alphabetic) {
            return Vec::new();
        }
        let most_wrong = if letters < 6 { 1 } else { 2 };
        let mut alike: Vec<(usize, String)> = Vec::new();
        for text in [&self.record.article.title, &self.record.article.body] {
            let tokens = self.asked.analyzer.tokens(text);
            for at in 0..tokens.len() {
                let word = tokens.folded(at);
                if word.chars().count().abs_diff(letters) <= most_wrong {
                    let wrong = strsim::osa_distance(word, &wanted);
                    if (1..=most_wrong).contains(&wrong) {
                        alike.push((wrong, word.to_owned()));
                    }
                }
            }
        }
        alike.sort_unstable();
        alike.dedup();
        alike.into_iter().take(ALIKE).map(|(_, word)| word).collect()
    }

    /// What the article has of what a field asks for, by the names people give it.
    fn values(&mut self, field: Field) -> Result<Vec<String>> {
        let Record { article, mentions, .. } = self.record;
        let mut named = Vec::new();
        for mention in mentions {
            let name = match &mention.referent {
                Referent::Entity(id) if field != Field::Region => entities().name(id.as_str()).into_owned(),
                Referent::Region(code) if field == Field::Mentions => regions().name(code.0).to_owned(),
                _ => continue,
            };
            if !named.contains(&name) {
                named.push(name);
            }
        }
        let column = |name: &str| -> Result<Vec<String>> {
            let columns = self.asked.reader.segments()[self.address.segment].fast_fields();
            let Some(column) = columns.str(name).map_err(failed)? else { return Ok(Vec::new()) };
            let mut values = Vec::new();
            for ordinal in column.term_ords(self.address.document) {
                let mut value = String::new();
                column.ord_to_str(ordinal, &mut value).map_err(failed)?;
                values.push(value);
            }
            Ok(values)
        };
        let region_names = |codes: Vec<String>| -> Vec<String> {
            codes.iter().map(|code| regions().name(code).to_owned()).collect()
        };
        let entity_names = |ids: Vec<String>| -> Vec<String> {
            ids.iter().map(|id| entities().name(id).into_owned()).collect()
        };
        Ok(match field {
            Field::Entity | Field::Company | Field::Person | Field::Ticker | Field::Mentions => named,
            Field::About => {
                let mut about = entity_names(column("entity_about")?);
                about.append(&mut region_names(column("region_direct")?));
                about
            }
            Field::Region => region_names(column("region_direct")?),
            Field::Dateline => region_names(column("region_filed")?),
            Field::SourceRegion => region_names(column("region_publisher")?),
            Field::Source => column("source")?,
            Field::Section => column("section")?,
            Field::Lang => column("language")?,
            Field::By => column("author")?,
            Field::Label => column("label")?,
            Field::Status => column("status")?,
            Field::Is => {
                let is_copy = self.holds_alone(Condition::Copy)?;
                vec![if is_copy { "is:copy" } else { "is:first" }.to_owned()]
            }
            Field::Id => vec![self.record.id.to_string()],
            Field::Date => article.published.iter().map(ToString::to_string).collect(),
            Field::Ingested => {
                let range = query::dates::Range {
                    since: Some(self.asked.reader.state(self.address)?.first),
                    until: None,
                };
                vec![range.plain().trim_end_matches("..").to_owned()]
            }
            Field::Words => {
                let columns = self.asked.reader.segments()[self.address.segment].fast_fields();
                let words = columns.u64("words").map_err(failed)?;
                words.first(self.address.document).iter().map(ToString::to_string).collect()
            }
        })
    }

    fn holds_alone(&mut self, condition: Condition) -> Result<bool> {
        let mut plan = Plan { gates: vec![Expr::Condition(condition)], ..Plan::default() };
        plan.filters.with_withdrawn = true;
        Ok(self.tier(plan)?.is_some())
    }
}
