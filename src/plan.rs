//! Turns a query into what is looked up: terms, places, conditions, and how they are joined.
//!
//! ```text
//! Alipay "data centre" -bank us            typed
//! alipay  [data centr]  not bank  us|US    planned: stems, phrases, spellings
//! ```
//!
//! What can be looked up in the text is a [`Lookup`], the same one however often it is asked for; an [`Expr`] joins
//! lookups and [`Condition`]s. A query's top level becomes [`Clause`]s, conditions that every article must meet, and
//! what is excluded. Plain words may be missing from an article of the second tier; whatever has an operator, parentheses,
//! quotes or a field must hold: who writes `recall (salmonella OR listeria)` has said which words stand for each other.
//! In a sentence, quotes and parentheses around words are no operators but punctuation.
//!
//! A word that the analysis cuts in several (`$1.2bn`, `coca-cola`) is a phrase of its parts; one that is
//! as often written joined (`e-commerce`) is looked up by that spelling, which both have. So is an amount, with or without
//! blanks in it (`US$ 1.2 billion`). British and American [spellings] are one word. A word in capitals that the index has so
//! (`UPS`), and whose stem is another's, is looked up in that form. Words of grammar are not asked for unless there are no
//! others, or an operator asks for them; those that say a little are not either, but count where they are:
//! `lawsuit [against] binanc`.
//!
//! A plain word, or several, may be said in another way: by an equivalent (`layoffs` is `job cuts`), or, if it is a
//! [name](names), by whatever means the same. The words of a name are one lookup. What stands for a lookup is a lookup of
//! its own that says so, and the clause holds by either:
//!
//! ```text
//! layoffs at alibaba cloud    (layoff ~ "job cut" ~ redund) ("alibaba cloud" ~ co:alibaba-cloud)
//! ```
//!
//! # What operators mean
//!
//! An expression *holds* in an article or not, and has *matches* there: stretches of words. Those of a word are its
//! occurrences, those of `OR` the matches of any part, those of `AND` the matches of all parts if all hold, and a
//! condition or `NOT` has none. `NEAR`, `PRE`, `SENT`, `SAME`, `atleast` and `first` have those matches of their parts
//! that satisfy them, and hold if there are any:
//!
//! - `a NEAR/n b NEAR/m c`: matches of a, b and c that make a chain, b not more than n words from a and c not more than
//!   m from b. Matches that overlap are not near each other. What follows the sixteenth part is asked of the article.
//! - `a SENT b`, `a SAME b`: those in a sentence or passage that has matches of every part; the title is one.
//! - `atleast3(a)`: all, if there are three; `first50(a)`: those in the title or the first 50 words of the body.
//!
//! An `AND` that is a part of `NEAR`, `SENT` or `SAME` asks for each of its own parts: `a NEAR/5 (b AND c)` is near both.
//! What is no words there, a `NOT` or a `source:`, is asked of the article.

use std::fmt;

use crate::article::Date;
use crate::error::{Error, Result};
use crate::gazetteer::{EntityId, RegionCode, RegionKind, entities, regions};
use crate::index::Reader;
use crate::query::{Gap, Part, Query, Warning};
use crate::words::Analyzer;

mod build;
mod conditions;
mod equivalents;
mod names;
mod spellings;

pub use self::conditions::{Condition, DateField, TermField};

/// Lookups that can be scored and shown at once. Of plain words beyond these, none are searched; those in operators are
/// searched without being scored.
pub const MAX_WORDS: usize = 64;

/// Words that a short query has at the most. A longer one, such as a question or a headline, is not meant word by word:
/// few articles have every word of it, and they need not be the best. With words of grammar among its words it is a
/// sentence.
pub const SHORT: usize = 4;

/// What a word counts in an article that says it by one of its equivalents alone.
pub const EQUIVALENT: f32 = 0.5;

/// What the name of a region counts in an article that names only a part of it, or its people.
pub const PART_OF_REGION: f32 = 0.5;

/// Other ways to say what was typed that a query is looked up by at the most.
pub const MAX_EQUIVALENTS: usize = 16;

/// Wildcards and misspelt words of one query that are looked for in the index' dictionary; more are plain words.
pub const MAX_EXPANDED: usize = 16;

/// Those among them that may start with any letter, for which all of the dictionary is read.
pub const MAX_INFIXES: usize = 4;

/// Words of a query that are looked for in just the form they were typed in; more are looked for in any.
pub const MAX_EXACT: usize = 64;

/// What fits at a position.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pattern {
    /// Words with this stem, or with this joined spelling.
    Stem(String),
    /// Words of exactly this form.
    Exact(String),
    /// Words of this form in lower case that have a capital.
    Caps(String),
    /// Words whose form in lower case, or stem, is this with `*` for any letters and `?` for one.
    Wild(String),
    /// Words whose form in lower case, or stem, has at most so many letters wrong, or two swapped for one.
    Fuzzy(String, u8),
    /// Mentions, by the term of the `annotation` field.
    Mention(String),
}

/// What one word, phrase or name is looked up as.
#[derive(Debug, Clone, PartialEq)]
pub struct Lookup {
    /// As a person would recognise it.
    pub label: String,
    /// For each position what fits there; one position unless it is a phrase.
    pub parts: Vec<Vec<Pattern>>,
    /// The form as typed, which counts a little more than other forms; absent for phrases.
    pub exact: Option<String>,
    /// The only part of an article where it counts.
    pub place: Option<Part>,
    /// How much it counts against others.
    pub boost: f32,
    /// How often it is asked for.
    pub times: u32,
    /// What it is another way to say: earlier wanted lookups, each of which it counts for, `boost` times where an article
    /// does not have that itself. Empty for what was typed.
    pub stands_for: Vec<usize>,
}

impl Lookup {
    /// Whether finding it takes positions.
    pub fn needs_positions(&self) -> bool {
        let is_form = |pattern: &Pattern| matches!(pattern, Pattern::Exact(_));
        self.parts.len() > 1 || self.place.is_some() || self.parts[0].iter().any(is_form)
    }

    /// Words it covers.
    pub fn length(&self) -> u32 {
        u32::try_from(self.parts.len()).expect("queries are short")
    }

    /// The stems in it, of all positions.
    pub fn stems(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().flatten().filter_map(|pattern| match pattern {
            Pattern::Stem(stem) => Some(stem.as_str()),
            _ => None,
        })
    }

    /// The stem of a single word.
    pub fn stem(&self) -> Option<&str> {
        if self.parts.len() == 1 { self.stems().next() } else { None }
    }
}

/// How lookups and conditions are joined, see the [module](self).
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// An index into [`Plan::wanted`].
    Wanted(usize),
    /// An index into [`Plan::silent`].
    Silent(usize),
    Condition(Condition),
    All(Vec<Expr>),
    Any(Vec<Expr>),
    Not(Box<Expr>),
    Near(Vec<Expr>, Vec<Gap>),
    /// In this order, with so many other words between them together.
    Loose(Vec<Expr>, u32),
    Sentence(Vec<Expr>),
    Passage(Vec<Expr>),
    AtLeast(u32, Box<Expr>),
    First(u32, Box<Expr>),
}

impl Expr {
    /// Calls `visit` with every expression in it, itself first.
    pub fn each<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        visit(self);
        match self {
            Expr::Wanted(_) | Expr::Silent(_) | Expr::Condition(_) => {}
            Expr::All(parts)
            | Expr::Any(parts)
            | Expr::Near(parts, _)
            | Expr::Loose(parts, _)
            | Expr::Sentence(parts)
            | Expr::Passage(parts) => parts.iter().for_each(|part| part.each(visit)),
            Expr::Not(part) | Expr::AtLeast(_, part) | Expr::First(_, part) => part.each(visit),
        }
    }

    /// How many expressions it is made of, itself with them.
    pub(crate) fn size(&self) -> usize {
        let mut size = 0;
        self.each(&mut |_| size += 1);
        size
    }

    /// The wanted lookups in it, each once, in order.
    pub fn wanted(&self) -> Vec<usize> {
        let mut found = Vec::new();
        self.each(&mut |expr| {
            if let Expr::Wanted(lookup) = expr {
                found.push(*lookup);
            }
        });
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// One thing asked for at the top level.
#[derive(Debug, Clone, PartialEq)]
pub struct Clause {
    /// As a person would recognise it.
    pub label: String,
    pub expr: Expr,
    pub need: Need,
}

/// Which articles have a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// Any may lack it, it counts where it is.
    May,
    /// Those of the first tier.
    Should,
    /// All that are found.
    Must,
}

/// Conditions on an article beside its text. Several values of one kind are alternatives; kinds add up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Filters {
    pub regions: Vec<RegionCode>,
    pub entities: Vec<EntityId>,
    pub sources: Vec<String>,
    pub languages: Vec<String>,
    /// Withdrawn articles too.
    pub with_withdrawn: bool,
    /// Words of boilerplate too: contacts, disclaimers, what a company says of itself.
    pub with_boilerplate: bool,
    /// Nothing but the words of the query: no other ways to say them, no names among them.
    pub as_typed: bool,
    /// Articles with every word, and none with most of them alone.
    pub all_words: bool,
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
            as_typed: self.as_typed,
            all_words: self.all_words,
            ..Filters::default()
        };
        *self == open
    }

    /// Adds a region by name, code or alias. A grouping stands for its members too, at the time of the article.
    ///
    /// # Errors
    /// [`Error::Usage`] with suggestions where nobody knows it.
    pub fn add_region(&mut self, wanted: &str) -> Result<()> {
        let codes = regions().resolve(wanted);
        if codes.is_empty() {
            return Err(unknown("region", wanted, &regions().nearest(wanted)));
        }
        for code in codes {
            if is_world(code) {
                return Err(Error::usage(format!(
                    "`{wanted}` is everywhere; leave `--region` out to search all"
                )));
            }
            self.regions.push(code);
        }
        Ok(())
    }

    /// Adds an organisation by name, ticker, alias or id.
    ///
    /// # Errors
    /// [`Error::Usage`] with suggestions where nobody knows it.
    pub fn add_entity(&mut self, wanted: &str) -> Result<()> {
        let ids = entities().resolve(wanted);
        if ids.is_empty() {
            return Err(unknown("entity", wanted, &entities().nearest(wanted)));
        }
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

/// The organisations and people that no table lists and an index has by this name.
pub fn unlisted(wanted: &str, index: Option<&Reader>) -> Vec<EntityId> {
    let ids = ["per", "org"].into_iter().filter_map(|sort| EntityId::unlisted(sort, wanted));
    ids.filter(|id| is_named_in(index, id.as_str())).collect()
}

/// Whether an index has an organisation, person or ticker, by id.
fn is_named_in(index: Option<&Reader>, id: &str) -> bool {
    index.is_some_and(|index| index.has_entity(id).unwrap_or(false))
}

fn is_world(code: RegionCode) -> bool {
    regions().get(code.0).is_some_and(|region| region.kind == RegionKind::World)
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

/// What a query may refer to beside itself.
#[derive(Clone, Copy, Default)]
pub struct Surroundings<'a> {
    /// The present, in seconds since 1970, for `date:yesterday`.
    pub now: Option<i64>,
    /// The index that is asked: who is named there whom no table lists, and how words are written there.
    pub index: Option<&'a Reader>,
}

impl fmt::Debug for Surroundings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Surroundings").field("now", &self.now).finish_non_exhaustive()
    }
}

/// A query ready to be looked up.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// What is looked up, scored and shown, in the order typed, each once.
    pub wanted: Vec<Lookup>,
    /// What is looked up and neither scored nor shown: what is excluded, and what is too much.
    pub silent: Vec<Lookup>,
    /// What is wanted, in the order typed.
    pub clauses: Vec<Clause>,
    /// What the query asks of every article without a word to show for it.
    pub gates: Vec<Expr>,
    /// What must not hold.
    pub excluded: Vec<Expr>,
    pub filters: Filters,
    /// Whether most of the words are not enough.
    pub needs_all: bool,
    /// Words left out because there were too many.
    pub dropped: usize,
    /// The query with names, places and dates as they were understood; it means the same on any day.
    pub reading: Query,
    /// What was put right while planning.
    pub warnings: Vec<Warning>,
    /// What is good to know of how it was read: `houston is read as Texas (US-TX)`.
    pub notes: Vec<String>,
    /// The first note on a name that may mean another, as of a part or of several.
    pub guess: Option<String>,
}

impl Plan {
    /// How many of the wanted lookups were typed; they come first, then what stands for them.
    pub fn typed(&self) -> usize {
        self.wanted.iter().take_while(|lookup| lookup.stands_for.is_empty()).count()
    }

    /// What is looked up beside what was typed, one text for each that stands for it: `layoffs ~ job cuts`,
    /// `Fed ~ org:federal-reserve`.
    pub fn said_otherwise(&self) -> Vec<String> {
        let mut groups: Vec<(&[usize], Vec<&str>)> = Vec::new();
        for lookup in &self.wanted[self.typed()..] {
            let label = match lookup.parts[0].first() {
                Some(Pattern::Mention(term)) => term,
                _ => &lookup.label,
            };
            match groups.iter_mut().find(|(stands_for, _)| *stands_for == lookup.stands_for) {
                Some((_, labels)) => labels.push(label),
                None => groups.push((&lookup.stands_for, vec![label])),
            }
        }
        let text = |(stands_for, labels): (&[usize], Vec<&str>)| {
            let typed: Vec<&str> = stands_for.iter().map(|&at| self.wanted[at].label.as_str()).collect();
            format!("{} ~ {}", typed.join(" "), labels.join(" ~ "))
        };
        groups.into_iter().map(text).collect()
    }

    /// Notes which regions a person gets who asks for a city, a metonym, or a name that several have.
    pub fn note_region(&mut self, wanted: &str) {
        let (codes, lesser) = (regions().resolve(wanted), regions().lesser(wanted));
        if regions().read_from_part(wanted).is_empty() && codes.len() < 2 && lesser.is_empty() {
            return;
        }
        let named = |codes: &[RegionCode]| -> String {
            let names = codes.iter().map(|code| format!("{} ({code})", regions().name(code.0)));
            names.collect::<Vec<_>>().join(" or ")
        };
        let more = match (codes.as_slice(), lesser.as_slice()) {
            ([_], []) => String::new(),
            (codes, []) => format!("; `region:{}` asks for the first alone", codes[0]),
            (_, [one]) => format!(", not {}, which `region:{one}` asks for", named(&lesser)),
            (_, [first, ..]) => {
                format!(", not {}; `region:{first}` asks for the first of these", named(&lesser))
            }
        };
        self.note_guess(format!("{} is read as {}{more}", wanted.trim(), named(&codes)));
    }

    /// Notes how many articles mention a region, where that is more than those that are about it.
    pub fn note_mentions(&mut self, code: RegionCode, index: &Reader) {
        // Who was a member when is not counted without looking at each article.
        if regions().get(code.0).is_none_or(|region| region.kind == RegionKind::Grouping) {
            return;
        }
        let count = |field| index.frequency(field, code.0).unwrap_or_default();
        let (about, mentioned) = (count(index.fields().region), count(index.fields().region_mentioned));
        if mentioned > about {
            let articles = if about == 1 { "article is" } else { "articles are" };
            self.note(format!(
                "{about} {articles} about {}, which `region:{code}` asks for; `mentions:{code}` finds {mentioned}",
                regions().name(code.0)
            ));
        }
    }

    /// Notes who is meant by a name that others have too, or a region.
    pub fn note_entity(&mut self, wanted: &str) {
        /// More are too many to choose from.
        const TOLD: usize = 3;
        let wanted = wanted.trim();
        let (ids, mut others) = (entities().resolve(wanted), entities().others(wanted));
        // Beside one that is well known, those that are not would be told of nearly every ticker.
        let is_known = |id: &EntityId| !entities().is_generated(id.as_str());
        if ids.iter().any(is_known) {
            others.retain(is_known);
        }
        let mut regions_so_called = regions().resolve(wanted);
        let from_part = regions().read_from_part(wanted);
        regions_so_called.retain(|code| !is_world(*code) && !from_part.contains(code));
        if ids.is_empty() || ids.len() < 2 && others.is_empty() && regions_so_called.is_empty() {
            return;
        }
        let named = |ids: &[EntityId], word: &str| -> String {
            let names = ids.iter().take(TOLD).map(|id| format!("{} ({id})", entities().name(id.as_str())));
            let names = names.collect::<Vec<_>>().join(word);
            if ids.len() > TOLD { format!("{names} and {} more", ids.len() - TOLD) } else { names }
        };
        let mut note = format!("{wanted} is read as {}", named(&ids, " or "));
        if !others.is_empty() {
            note.extend([", not ", &named(&others, " or ")]);
        }
        if let Some(code) = regions_so_called.first() {
            note.extend(["; `region:", code.0, "` is ", regions().name(code.0)]);
        }
        self.note_guess(note);
    }

    fn note_guess(&mut self, note: String) {
        self.guess.get_or_insert_with(|| note.clone());
        self.note(note);
    }

    fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// The clauses that make a tier.
    pub fn asked(&self) -> impl Iterator<Item = &Clause> {
        self.clauses.iter().filter(|clause| clause.need != Need::May)
    }

    /// Whether it asks for anything at all but the absence of something.
    pub fn asks(&self) -> bool {
        !self.clauses.is_empty() || !self.gates.is_empty() || !self.filters.is_empty()
    }

    /// Ids of entities and codes of regions that every article found must have.
    pub fn named(&self) -> (Vec<&str>, Vec<&str>) {
        let (mut named, mut places) = (Vec::new(), Vec::new());
        named.extend(self.filters.entities.iter().map(EntityId::as_str));
        places.extend(self.filters.regions.iter().map(|code| code.0));
        for gate in &self.gates {
            gate.each(&mut |expr| {
                if let Expr::Condition(Condition::Terms { field, values }) = expr {
                    match field {
                        TermField::Entity | TermField::EntityAbout => {
                            named.extend(values.iter().map(String::as_str));
                        }
                        TermField::Region | TermField::RegionMentioned | TermField::RegionDirect => {
                            places.extend(values.iter().map(String::as_str));
                        }
                        _ => {}
                    }
                }
            });
        }
        (named, places)
    }
}

/// Plans a query that refers to nothing beside itself: `date:yesterday` is no date, nobody is known whom no table lists
/// unless by id, and capitals are read like small letters.
pub fn plan(query: &Query, filters: Filters, analyzer: &mut Analyzer) -> Plan {
    plan_within(query, filters, Surroundings::default(), analyzer)
}

/// Plans a query about an index, at a time.
pub fn plan_within(
    query: &Query,
    filters: Filters,
    surroundings: Surroundings<'_>,
    analyzer: &mut Analyzer,
) -> Plan {
    build::Builder::new(surroundings, analyzer).build(query, filters)
}

/// A part of a plan with the lookups it refers to.
struct Shown<'a>(&'a Plan, &'a Expr);

impl fmt::Display for Plan {
    /// One line: how the query was read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wanted = self.clauses.iter().map(|clause| {
            let text = Shown(self, &clause.expr).to_string();
            if clause.need == Need::May { format!("[{text}]") } else { text }
        });
        let gates = self.gates.iter().map(|gate| Shown(self, gate).to_string());
        let excluded = self.excluded.iter().map(|excluded| format!("-{}", Shown(self, excluded)));
        let parts: Vec<String> = wanted.chain(gates).chain(excluded).collect();
        f.write_str(&parts.join(if self.needs_all { " AND " } else { " " }))
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shown(plan, expr) = *self;
        let join = |parts: &[Expr], sign: &dyn Fn(usize) -> String| {
            let mut text = String::from("(");
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    text.extend([" ", &sign(index), " "]);
                }
                text += &Shown(plan, part).to_string();
            }
            text + ")"
        };
        match expr {
            Expr::Wanted(at) => write!(f, "{}", plan.wanted[*at]),
            Expr::Silent(at) => write!(f, "{}", plan.silent[*at]),
            Expr::Condition(condition) => write!(f, "{condition}"),
            Expr::All(parts) => f.write_str(&join(parts, &|_| "AND".to_owned())),
            Expr::Any(parts) => {
                let is_typed = |at: usize| match parts[at] {
                    Expr::Wanted(lookup) => plan.wanted[lookup].stands_for.is_empty(),
                    _ => true,
                };
                f.write_str(&join(parts, &|at| if is_typed(at) { "OR" } else { "~" }.to_owned()))
            }
            Expr::Not(part) => write!(f, "-{}", Shown(plan, part)),
            Expr::Near(parts, gaps) => f.write_str(&join(parts, &|index| gaps[index - 1].to_string())),
            Expr::Loose(parts, others) => write!(f, "{}~{others}", join(parts, &|_| "PRE".to_owned())),
            Expr::Sentence(parts) => f.write_str(&join(parts, &|_| "SENT".to_owned())),
            Expr::Passage(parts) => f.write_str(&join(parts, &|_| "SAME".to_owned())),
            Expr::AtLeast(count, part) => write!(f, "atleast{count}({})", Shown(plan, part)),
            Expr::First(count, part) => write!(f, "first{count}({})", Shown(plan, part)),
        }
    }
}

impl fmt::Display for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = self.place {
            write!(f, "{}:", place.name())?;
        }
        let words: Vec<String> = self
            .parts
            .iter()
            .map(|part| part.iter().map(ToString::to_string).collect::<Vec<_>>().join("|"))
            .collect();
        if words.len() > 1 {
            write!(f, "\"{}\"", words.join(" "))?;
        } else {
            f.write_str(&words[0])?;
        }
        if (self.boost - 1.0).abs() > f32::EPSILON && self.stands_for.is_empty() {
            write!(f, "^{}", self.boost)
        } else {
            Ok(())
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pattern::Stem(text) | Pattern::Wild(text) | Pattern::Mention(text) => f.write_str(text),
            Pattern::Exact(form) => write!(f, "={form}"),
            Pattern::Caps(form) => write!(f, "caps:{form}"),
            Pattern::Fuzzy(word, wrong) => write!(f, "{word}~{wrong}"),
        }
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

    /// Checks what is looked up where nothing but the words counts.
    fn check_typed(typed: &str, planned: &str) {
        let filters = Filters { as_typed: true, ..Filters::default() };
        let query = Query::parse(typed).unwrap();
        assert_eq!(plan(&query, filters, &mut Analyzer::default()).to_string(), planned, "{typed}");
    }

    #[test]
    fn what_else_says_the_same_is_looked_up_too() {
        check("layoffs", "(layoff ~ \"job cut\" ~ redund ~ \"headcount reduct\" ~ \"workforc reduct\")");
        check("oil-rich states", "\"oil rich\" state");
        check("sales turnover", "(sale ~ revenu) (turnov ~ revenu)");
        check(
            "oil prices in Thailand",
            "(oil ~ \"crude price\") (price ~ \"crude price\") (thailand ~ region:TH)",
        );
        check("Fed rate cut", "(fed ~ org:federal-reserve) (rate ~ \"rate reduct\") (cut ~ \"rate reduct\")");
        check("fed apple target", "fed appl target");
        check("Bank of England profits", "(\"bank of england\" ~ org:bank-of-england) (profit ~ earn)");
        // What has an operator is meant to the letter.
        for typed in
            ["\"layoffs\"", "exact(layoffs)", "layoffs AND Fed", "layoffs NEAR/5 Fed", "title:layoffs"]
        {
            let query = Query::parse(typed).unwrap();
            let planned = plan(&query, Filters::default(), &mut Analyzer::default());
            assert_eq!(planned.typed(), planned.wanted.len(), "{typed}");
        }
        check_typed("layoffs Fed", "layoff fed");
        let query = Query::parse("Fed layoffs").unwrap();
        let planned = plan(&query, Filters::default(), &mut Analyzer::default());
        let otherwise = [
            "Fed ~ org:federal-reserve",
            "layoffs ~ job cuts ~ redundancies ~ headcount reduction ~ workforce reduction",
        ];
        assert_eq!(planned.said_otherwise(), otherwise);
    }

    #[test]
    fn what_is_made_of_nested_operators_is_bounded() {
        let mut typed = "b".to_owned();
        for depth in 0..10 {
            typed = format!("(({typed}) AND b{depth}) NEAR/5 (c AND d AND e AND f AND g AND h AND i AND j)");
        }
        let words: Vec<String> = (0..30).map(|word| format!("w{word}")).collect();
        for (typed, warning) in [
            (typed, "too many combinations of `AND`"),
            (words.join(" SAME "), "what follows the first 16 parts"),
            (words.join(" SENT "), "what follows the first 16 parts"),
            (format!("\"{}\"~9", words.join(" ")), "what follows the first 16 parts"),
        ] {
            let planned = plan(&Query::parse(&typed).unwrap(), Filters::default(), &mut Analyzer::default());
            let size: usize = planned.clauses.iter().map(|clause| clause.expr.size()).sum();
            assert!(size < 50_000, "{size} of {typed}");
            let said = planned.warnings.iter().filter(|said| said.message.contains(warning)).count();
            assert_eq!(said, 1, "{typed}");
        }
    }

    #[test]
    fn quotes_in_a_sentence_are_punctuation() {
        check_typed(
            "did \"the match\" show equal power between rich teams",
            "match show equal power rich team",
        );
        check_typed(
            "did the rich (and equal) teams show power between old rivals (show matches)",
            "rich equal team show power old rival match",
        );
        check_typed("equal power rich teams show \"the match\"", "equal power rich team show \"the match\"");
        check_typed("who said \"the match\"", "said \"the match\"");
        check_typed(
            "did the rich AND equal teams show power \"the match\"",
            "did AND the AND rich AND equal AND team AND show AND power AND \"the match\"",
        );
    }

    #[test]
    fn words_become_what_is_indexed() {
        check_typed("Alipay \"data centres\" -banks us", "alipay \"data center|centr\" us|US -bank");
        check_typed("$1.2bn AT&T BRK.B U.S. 3M", "\"1.2 billion\" at&t brk.b US 3m");
        check_typed("S&P 500 brk.b 0941.hk", "s&p 500 brk.b 0941.hk");
        check_typed("e-commerce ecommerce", "ecommerc");
        check_typed("the oil of the north", "oil north");
        check_typed("who is it", "who is it");
        check_typed("WHO advice", "WHO advic");
        check_typed("coca-cola pre-tax", "\"coca cola\" pretax");
        check_typed("alpha \"alpha\"", "alpha");
        check_typed("oil oil OIL", "oil");
        check_typed("title:oil oil", "title:oil oil");
    }

    #[test]
    fn both_spellings_are_one_word() {
        check_typed("licence license", "licens|licenc");
        check_typed("\"colour programme\"", "\"color|colour program|programm\"");
        check_typed("exact(colour)", "=colour");
        check_typed("privatisation", "privatis|privatiz*");
        check("aluminum", "aluminum|aluminium");
        // What else says the same is the same for both.
        let otherwise = |typed: &str| {
            plan(&Query::parse(typed).unwrap(), Filters::default(), &mut Analyzer::default())
                .wanted
                .iter()
                .skip(1)
                .map(ToString::to_string)
                .collect::<Vec<_>>()
        };
        assert_eq!(otherwise("instalments"), otherwise("installments"));
        assert_eq!(otherwise("fertiliser"), otherwise("fertilizer"));
    }

    #[test]
    fn amounts_are_phrases() {
        check_typed("$1.2 billion US$ 5 million", "\"1.2 billion\" \"5 million\"");
        let query = Query::parse("$1.2 billion deal").unwrap();
        let planned = plan(&query, Filters::default(), &mut Analyzer::default());
        assert_eq!(planned.notes, ["$1.2 billion is read as one amount: its words stand side by side"]);
    }

    #[test]
    fn what_is_read_otherwise_is_told() {
        for (typed, expected, column) in [
            ("oil rate~2", "`rate~2` is short; read as `rate~1`", 4),
            ("BP~1", "`BP~1` is too short to be misspelt; searched without `~`", 0),
            ("coca-cola~1", "`coca-cola~1` is no single word; searched without `~`", 0),
            ("words:300..100", "`words:300..100` ends before it starts; read as `words:100..300`", 6),
            ("title:source:X", "`source:` within `title:` was asked of the whole article", 13),
            ("atleast3(source:X)", "`source:` within `atleast3` was asked of the whole article", 16),
            ("caps(source:X)", "`source:` within `caps` was asked of the whole article", 12),
            (
                "oil NEAR/5 date:2024",
                "`date:` within an operator of nearness was asked of the whole article",
                16,
            ),
            ("oil date:yesterday", "`yesterday` is as of a day that was not given; searched as text", 9),
        ] {
            let planned = plan(&Query::parse(typed).unwrap(), Filters::default(), &mut Analyzer::default());
            let told: Vec<(&str, u32)> =
                planned.warnings.iter().map(|told| (told.message.as_str(), told.span.start)).collect();
            assert_eq!(told, [(expected, column)], "{typed}");
        }
    }

    #[test]
    fn words_that_say_a_little_may_be_missing() {
        check_typed("lawsuit against Binance", "lawsuit [against] binanc");
        check_typed("rates up", "rate [up]");
        // Unless there is nothing else, or somebody insists.
        check_typed("up against", "up against");
        check_typed("the over", "over");
        check_typed("over region:TH", "over region:TH");
        check_typed("rates AND up", "rate AND up");
        check_typed("rates \"up\"", "rate up");
        check_typed("rates up \"up\"", "rate up");
        check_typed("rates up^2", "rate up^2");
    }

    #[test]
    fn a_chain_is_as_long_as_can_be_followed_in_every_article() {
        let planned = |parts: usize| {
            let query = Query::parse(&vec!["oil"; parts].join(" NEAR/9 ")).unwrap();
            let plan = plan(&query, Filters::default(), &mut Analyzer::default());
            (plan.to_string().matches("NEAR").count(), plan.warnings.len())
        };
        assert_eq!(planned(16), (15, 0));
        assert_eq!(planned(17), (15, 1));
        assert_eq!(planned(200), (15, 1));
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
