//! Turns a query into what is looked up: terms, phrases and filters.
//!
//! ```text
//! Alipay "data centre" -bank us     typed
//! alipay  [data centr]  not bank  us|US     planned: stems, phrases, spellings
//! ```
//!
//! A word that the analysis cuts in several (`$1.2bn`, `coca-cola`) is a phrase of its parts; one that is
//! as often written joined (`e-commerce`) is looked up by that spelling, which both have. Words of grammar are
//! not asked for unless there are no others.

use std::fmt;

use crate::article::Date;
use crate::error::{Error, Result};
use crate::gazetteer::{EntityId, RegionCode, RegionKind, entities, regions};
use crate::query::{Clause, Occur, Query, Scope};
use crate::words::{Analyzer, is_stop_word};

/// Words that can be scored at once; of a longer query the first ones are used.
pub const MAX_WORDS: usize = 64;

/// What one clause is looked up as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// The clause as a person would recognise it.
    pub label: String,
    /// For each position the stems that fit there; one position unless it is a phrase.
    pub stems: Vec<Vec<String>>,
    /// The form as typed, which counts a little more than other forms; absent for phrases.
    pub exact: Option<String>,
    pub scope: Scope,
    /// Whether an article must have it to be found at all.
    pub is_required: bool,
}

impl Lookup {
    /// Whether finding it takes positions.
    pub fn needs_positions(&self) -> bool {
        self.stems.len() > 1 || self.scope == Scope::Title
    }
}

/// Conditions on an article beside its text. Several values of one kind are alternatives; kinds add up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filters {
    pub regions: Vec<RegionCode>,
    pub entities: Vec<EntityId>,
    pub sources: Vec<String>,
    pub languages: Vec<String>,
    /// Withdrawn articles too.
    pub with_withdrawn: bool,
    /// Words of boilerplate too: contacts, disclaimers, what a company says of itself.
    pub with_boilerplate: bool,
    /// Seconds since 1970: the article ends after this.
    pub since: Option<i64>,
    /// Seconds since 1970: the article starts before this.
    pub until: Option<i64>,
}

impl Filters {
    /// Whether every article passes.
    pub fn is_empty(&self) -> bool {
        let open = Filters {
            with_withdrawn: self.with_withdrawn,
            with_boilerplate: self.with_boilerplate,
            ..Filters::default()
        };
        *self == open
    }

    /// Adds a region by name, code or alias. A grouping stands for its present members too.
    ///
    /// # Errors
    /// [`Error::Usage`] with suggestions where nobody knows it.
    pub fn add_region(&mut self, wanted: &str) -> Result<()> {
        let codes = regions().resolve(wanted).map_err(|nearest| unknown("region", wanted, &nearest))?;
        for code in codes {
            if regions().get(code.0).is_some_and(|region| region.kind == RegionKind::World) {
                return Err(Error::usage(format!(
                    "`{wanted}` is everywhere; leave `--region` out to search all"
                )));
            }
            self.regions.push(code);
            if let Some(region) = regions().get(code.0).filter(|region| region.kind == RegionKind::Grouping) {
                let present = region.members.iter().filter(|member| member.until.is_empty());
                self.regions.extend(present.map(|member| member.country));
            }
        }
        Ok(())
    }

    /// Adds an organisation by name, ticker, alias or id.
    ///
    /// # Errors
    /// [`Error::Usage`] with suggestions where nobody knows it.
    pub fn add_entity(&mut self, wanted: &str) -> Result<()> {
        let ids = entities().resolve(wanted).map_err(|nearest| unknown("entity", wanted, &nearest))?;
        self.entities.extend(ids);
        Ok(())
    }

    /// Keeps articles published at `date` or later.
    pub fn since(&mut self, date: Date) {
        self.since = Some(date.start);
    }

    /// Keeps articles published up to the end of `date`.
    pub fn until(&mut self, date: Date) {
        self.until = Some(date.end());
    }
}

pub fn unknown(what: &str, wanted: &str, nearest: &[String]) -> Error {
    let hint = match nearest {
        [] => format!(
            "`dateline stats` lists the most frequent, and a {} works too",
            if what == "region" { "code such as `TH`" } else { "ticker such as `BABA`" }
        ),
        nearest => format!("did you mean {}?", nearest.join(", ")),
    };
    Error::usage(format!("unknown {what} `{wanted}`; {hint}"))
}

/// A query ready to be looked up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// What is wanted, in the order typed.
    pub wanted: Vec<Lookup>,
    /// What must not be there.
    pub excluded: Vec<Lookup>,
    pub filters: Filters,
    /// Whether most of the words are not enough.
    pub needs_all: bool,
    /// Words left out because there were too many.
    pub dropped: usize,
}

/// Plans a query.
pub fn plan(query: &Query, filters: Filters, analyzer: &mut Analyzer) -> Plan {
    let mut plan = Plan { filters, needs_all: query.needs_all, ..Plan::default() };
    let mut grammar = Vec::new();
    for clause in &query.clauses {
        if let Some((lookup, is_grammar)) = lookup(clause, analyzer) {
            let list = match (clause.occur, is_grammar) {
                (Occur::Not, _) => &mut plan.excluded,
                (Occur::Wanted, true) => &mut grammar,
                (Occur::Wanted, false) => &mut plan.wanted,
            };
            let same = |known: &&mut Lookup| known.stems == lookup.stems && known.scope == lookup.scope;
            match list.iter_mut().find(same) {
                // `oil "oil"` asks for the word and insists on it.
                Some(known) => known.is_required |= lookup.is_required,
                None => list.push(lookup),
            }
        }
    }
    if plan.wanted.is_empty() {
        plan.wanted = grammar;
    }
    if plan.wanted.len() > MAX_WORDS {
        plan.dropped = plan.wanted.len() - MAX_WORDS;
        // What must hold comes first, whatever its place.
        plan.wanted.sort_by_key(|lookup| !lookup.is_required);
        plan.wanted.truncate(MAX_WORDS);
    }
    plan
}

/// The lookup of a clause, and whether it is a word of grammar. None for text without words.
fn lookup(clause: &Clause, analyzer: &mut Analyzer) -> Option<(Lookup, bool)> {
    let ticker = ticker_in_lower_case(&clause.text).filter(|_| !clause.is_phrase);
    let tokens = analyzer.tokens(ticker.as_ref().unwrap_or(&clause.text));
    if tokens.is_empty() {
        return None;
    }
    let is_required = clause.is_phrase || clause.scope == Scope::Title;
    let mut stems: Vec<Vec<String>> =
        (0..tokens.len()).map(|at| spellings(tokens.exact(at), tokens.stem(at))).collect();
    if !clause.is_phrase
        && let (2, Some(joined)) = (tokens.len(), tokens.joined(0))
        && is_joined(tokens.folded(0))
    {
        stems = vec![vec![joined.to_owned()]];
    }
    let single = stems.len() == 1;
    // `WHO` keeps its capitals as a stem, and is no word of grammar.
    let is_grammar = single && !is_required && stems[0].iter().all(|stem| is_stop_word(stem));
    let exact = (single && tokens.len() == 1).then(|| tokens.exact(0).to_owned());
    let mut label = clause.text.split_whitespace().collect::<Vec<_>>().join(" ");
    if clause.is_phrase {
        label = format!("\"{label}\"");
    }
    if clause.scope == Scope::Title {
        label = format!("title:{label}");
    }
    Some((Lookup { label, stems, exact, scope: clause.scope, is_required }, is_grammar))
}

/// Whether a first part is more often joined than written apart: `e-commerce` and `pre-tax` are, while
/// `coca-cola` is looked up as two words side by side.
fn is_joined(first: &str) -> bool {
    first.len() <= 2 || ["non", "pre", "post", "anti", "semi", "mid", "sub", "bio", "euro"].contains(&first)
}

/// `brk.b` and `0941.hk` as they are printed: articles write symbols in capitals, people do not.
fn ticker_in_lower_case(typed: &str) -> Option<String> {
    let (symbol, suffix) = typed.split_once('.')?;
    let is_plain = |part: &str| part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let is_ticker = (1..=6).contains(&symbol.len())
        && (1..=2).contains(&suffix.len())
        && is_plain(symbol)
        && suffix.bytes().all(|b| b.is_ascii_lowercase());
    is_ticker.then(|| typed.to_ascii_uppercase())
}

/// The stems a typed word may have in an article: `us` may be the country.
fn spellings(exact: &str, stem: &str) -> Vec<String> {
    let mut spellings = vec![stem.to_owned()];
    if exact == "us" {
        spellings.push("US".to_owned());
    }
    spellings
}

impl fmt::Display for Plan {
    /// One line: how the query was read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        for (lookups, sign) in [(&self.wanted, ""), (&self.excluded, "-")] {
            for lookup in lookups {
                let words: Vec<String> = lookup.stems.iter().map(|stems| stems.join("|")).collect();
                let words = if words.len() > 1 { format!("\"{}\"", words.join(" ")) } else { words.join("") };
                let field = if lookup.scope == Scope::Title { "title:" } else { "" };
                parts.push(format!("{sign}{field}{words}"));
            }
        }
        f.write_str(&parts.join(if self.needs_all { " AND " } else { " " }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(typed: &str, planned: &str) {
        let query = Query::parse(typed).unwrap();
        assert_eq!(
            plan(&query, Filters::default(), &mut Analyzer::default()).to_string(),
            planned,
            "{typed}"
        );
    }

    #[test]
    fn words_become_what_is_indexed() {
        check("Alipay \"data centres\" -banks us", "alipay \"data centr\" us|US -bank");
        check("$1.2bn AT&T BRK.B U.S. 3M", "\"1.2 billion\" at&t brk.b US 3m");
        check("S&P 500 brk.b 0941.hk", "s&p 500 brk.b 0941.hk");
        check("e-commerce ecommerce", "ecommerc");
        check("the oil of the north", "oil north");
        check("who is it", "who is it");
        check("WHO advice", "WHO advic");
        check("coca-cola pre-tax", "\"coca cola\" pretax");
        check("alpha \"alpha\"", "alpha");
        check("oil oil OIL", "oil");
        check("title:oil oil", "title:oil oil");
    }

    #[test]
    fn filters_know_names_codes_and_aliases() {
        let mut filters = Filters::default();
        filters.add_region("europe").unwrap();
        filters.add_region("TH").unwrap();
        filters.add_entity("BABA").unwrap();
        assert_eq!(filters.regions, [RegionCode("150"), RegionCode("TH")]);
        assert_eq!(filters.entities[0].as_str(), "co:alibaba");
        let message = filters.add_region("Grmany").unwrap_err().to_string();
        assert_eq!(message, "unknown region `Grmany`; did you mean Germany (DE)?");
    }
}
