//! Makes a plan of a query: first the query with every name, place and date as it is understood, then expressions.

use rustc_hash::FxHashSet;

use super::conditions::{all, any, by_membership, inside, region};
use super::equivalents::equivalents;
use super::names::{self, Named};
use super::spellings;
use super::{
    Clause, Condition, DateField, EQUIVALENT, Expr, Filters, Lookup, MAX_EQUIVALENTS, MAX_EXACT,
    MAX_EXPANDED, MAX_INFIXES, MAX_WORDS, Need, PART_OF_REGION, Pattern, Plan, SHORT, Surroundings,
    TermField, is_named_in, is_world, unlisted,
};
use crate::article::Status;
use crate::gazetteer::{EntityId, RegionCode, entities, regions};
use crate::query::dates;
use crate::query::{At, Field, Form, Gap, Node, Part, Query, Text, TextKind, Warning};
use crate::words::{Analyzer, Shape, Tokens, fold, is_currency, is_function_word, is_stop_word};

/// Combinations of the parts of several `AND`s within one `NEAR`; of more, any part will do.
const MAX_COMBINED: usize = 16;

/// Expressions that combinations may make of one operator of nearness, with what is nested in it; of more, any part will
/// do.
const MAX_COMBINED_SIZE: usize = 4_096;

/// Parts of an operator of nearness or of a loose phrase; the rest of them is asked of the article. In a chain each has to
/// be within reach of the one before, which is work for every article: of the commonest word and every other, 16 take 0.2 s
/// in 36,000 articles.
const MAX_CHAIN: usize = 16;

/// Unknown names for which near ones are looked for, which reads all there are (13 ms).
const MAX_SUGGESTED: usize = 3;

/// One in so many articles that have a word has it in capitals where these mean something: of the articles that have `aids`
/// in any form, and not of those that have `earnings`.
const IN_CAPITALS: u64 = 10;

/// Letters beside the `*` of a wildcard, at the least: fewer match a part of the dictionary that nobody means.
const LEAST_LETTERS: usize = 2;

/// Bytes of a word that may be misspelt, and letters of one that may be by two.
const LEAST_FUZZY: usize = 3;
const LEAST_FUZZY_BY_TWO: usize = 6;

pub(super) struct Builder<'a> {
    surroundings: Surroundings<'a>,
    analyzer: &'a mut Analyzer,
    plan: Plan,
    /// Wildcards and misspelt words so far.
    expanded: usize,
    /// Those that may start with any letter, each once.
    infixes: Vec<String>,
    /// Words that are looked for in the form they were typed in, each once, and how many more were typed so.
    exact: FxHashSet<String>,
    inexact: usize,
    /// Unknown names for which near ones were looked for.
    suggested: usize,
    /// Whether the query is a headline in capitals, in which they mean nothing.
    is_shouted: bool,
}

/// What the nodes around one mean for it.
#[derive(Clone, Copy)]
struct Around {
    place: Option<Part>,
    form: Option<Form>,
    boost: f32,
    /// Whether it is neither scored nor shown.
    is_silent: bool,
    /// Whether its matches are asked for, and not only whether it holds.
    is_placed: bool,
}

impl<'a> Builder<'a> {
    pub(super) fn new(surroundings: Surroundings<'a>, analyzer: &'a mut Analyzer) -> Builder<'a> {
        Builder {
            surroundings,
            analyzer,
            plan: Plan::default(),
            expanded: 0,
            infixes: Vec::new(),
            exact: FxHashSet::default(),
            inexact: 0,
            suggested: 0,
            is_shouted: false,
        }
    }

    pub(super) fn build(mut self, query: &Query, filters: Filters) -> Plan {
        self.is_shouted = query.is_shouted();
        let settled = query.clauses.iter().filter_map(|clause| self.settle(clause)).collect();
        // What is passed over may leave fewer clauses, which are written otherwise.
        let Query { clauses: mut settled, needs_all, .. } = Query::of(settled, query.needs_all, Vec::new());
        self.plan.needs_all = needs_all;
        if !needs_all {
            self.unquote(&mut settled);
        }
        let around = Around { place: None, form: None, boost: 1.0, is_silent: false, is_placed: false };
        let mut order: Vec<usize> = (0..settled.len()).collect();
        if order.len() > MAX_WORDS {
            // What must hold comes first, whatever its place.
            order.sort_by_key(|&at| is_optional(&settled[at]));
        }
        let has_names = !needs_all && !filters.as_typed && settled.len() <= MAX_WORDS;
        let names = if has_names { names_in(&settled) } else { Vec::new() };
        let mut meant = Vec::new();
        let mut grammar = Vec::new();
        for at in order {
            let node = &settled[at];
            if let Some((name, range)) = names.iter().find(|(_, range)| range.contains(&at)) {
                if range.start == at {
                    meant.extend(self.name(&settled[range.clone()]).map(|lookup| (lookup, *name)));
                }
                continue;
            }
            if let Node::Not(inner) = node {
                let excluded = self.expr(inner, Around { is_silent: true, ..around });
                self.plan.excluded.extend(excluded);
                continue;
            }
            if !needs_all && self.is_grammar(node) {
                grammar.push(node);
                continue;
            }
            self.clause(node, around);
        }
        if self.plan.clauses.is_empty() {
            for node in grammar {
                self.clause(node, around);
            }
        }
        if self.plan.asked().next().is_none() {
            self.plan.clauses.iter_mut().for_each(|clause| clause.need = Need::Should);
        }
        if !needs_all && !filters.as_typed {
            self.stand_ins(&meant);
        }
        self.plan.reading = Query { clauses: settled, needs_all, warnings: Vec::new() };
        self.plan.needs_all = needs_all || filters.all_words;
        self.plan.filters = filters;
        self.plan
    }

    /// Takes the quotes off the phrases of a sentence, and the parentheses off its asides. Who asks one quotes titles and
    /// sayings, seldom to the letter, and insists on none of them.
    fn unquote(&mut self, nodes: &mut Vec<Node>) {
        let is_word = |node: &&Node| matches!(node, Node::Text(Text { kind: TextKind::Word, .. }));
        let words: Vec<&Node> = nodes.iter().filter(is_word).collect();
        let grammar = words.iter().filter(|node| self.is_grammar(node)).count();
        if grammar == 0 || words.len() - grammar <= SHORT {
            return;
        }
        let marked = nodes.iter().find(|node| !is_word(node) && is_said(node));
        if let Some(at) = marked.map(first_place) {
            let message = "quotes and parentheses in a sentence were passed over".to_owned();
            self.warn(message, Some("`AND` beside them insists on them".to_owned()), at);
        }
        let mut plain = Vec::new();
        for node in std::mem::take(nodes) {
            let texts = match node {
                Node::Text(text) if text.kind == TextKind::Phrase(0) => vec![text],
                Node::And(parts) if parts.iter().all(is_said) => parts
                    .into_iter()
                    .filter_map(|part| if let Node::Text(text) = part { Some(text) } else { None })
                    .collect(),
                node => {
                    plain.push(node);
                    continue;
                }
            };
            for Text { text, at, .. } in texts {
                let words = text.split_whitespace().filter(|word| word.contains(char::is_alphanumeric));
                plain.extend(words.map(|word| as_text(word.to_owned(), at)));
            }
        }
        *nodes = plain;
    }

    /// Adds what stands at the top level.
    fn clause(&mut self, node: &Node, around: Around) {
        let Some(expr) = self.expr(node, around) else { return };
        let wanted = expr.wanted();
        if wanted.is_empty() {
            if matches!(expr, Expr::Silent(_)) && is_optional(node) {
                self.plan.dropped += 1;
            } else {
                self.plan.gates.push(expr);
            }
            return;
        }
        let need = if !is_optional(node) {
            Need::Must
        } else if !self.plan.needs_all && self.is_function(node) {
            Need::May
        } else {
            Need::Should
        };
        // `oil "oil"` asks for the word and insists on it.
        if let Some(known) = self.plan.clauses.iter_mut().find(|known| known.expr == expr) {
            known.need = known.need.max(need);
            return;
        }
        let label = match &expr {
            Expr::Wanted(lookup) => self.plan.wanted[*lookup].label.clone(),
            _ => node.to_string().split_whitespace().collect::<Vec<_>>().join(" "),
        };
        self.plan.clauses.push(Clause { label, expr, need });
    }

    /// Adds the words of a name as one clause; gives its lookup.
    fn name(&mut self, words: &[Node]) -> Option<usize> {
        let around = Around { place: None, form: None, boost: 1.0, is_silent: false, is_placed: false };
        let texts: Vec<&str> = words.iter().filter_map(plain_word).collect();
        let label = texts.join(" ");
        let parts = self.plain_parts(&label, texts.len() == 1, None);
        let exact = if parts.len() == 1 { parts[0].2.clone() } else { None };
        let parts: Vec<Vec<Pattern>> = parts.into_iter().map(|(part, ..)| part).collect();
        if parts.is_empty() {
            return None;
        }
        let lookup = Lookup {
            label: label.clone(),
            parts,
            exact,
            place: None,
            boost: 1.0,
            times: 1,
            stands_for: Vec::new(),
        };
        let expr = self.lookup(lookup, around);
        let Expr::Wanted(at) = expr else {
            self.plan.dropped += 1;
            return None;
        };
        if self.plan.clauses.iter().all(|known| known.expr != expr) {
            self.plan.clauses.push(Clause { label, expr, need: Need::Should });
        }
        Some(at)
    }

    /// Adds what stands for names and for what has equivalents.
    fn stand_ins(&mut self, named: &[(usize, Named)]) {
        let typed = self.plan.wanted.len();
        for (lookup, name) in named {
            let (terms, boost) = match name {
                Named::Entity(id) => (vec![(*id).to_owned()], 1.0),
                Named::Region(code) => {
                    let members = regions().get(code.0).into_iter().flat_map(|region| &region.members);
                    let members =
                        members.filter(|member| member.until.is_empty()).map(|member| member.country);
                    let codes = std::iter::once(*code).chain(inside(*code)).chain(members);
                    (codes.map(|code| format!("region:{code}")).collect(), PART_OF_REGION)
                }
            };
            let label = match name {
                Named::Entity(id) => entities().name(id).into_owned(),
                Named::Region(code) => regions().name(code.0).to_owned(),
            };
            let patterns = terms.into_iter().map(Pattern::Mention).collect();
            self.stand_in(label, vec![patterns], boost, &[*lookup]);
        }
        // The stems that were typed one after another, each with its lookup.
        let is_plain = |clause: &Clause| match clause.expr {
            Expr::Wanted(at)
                if clause.need != Need::Must && !named.iter().any(|(lookup, _)| *lookup == at) =>
            {
                Some(at)
            }
            _ => None,
        };
        let mut stems: Vec<(usize, String)> = Vec::new();
        let mut runs: Vec<Vec<(usize, String)>> = Vec::new();
        for clause in &self.plan.clauses {
            let lookup = is_plain(clause).map(|at| (at, &self.plan.wanted[at]));
            match lookup
                .filter(|(_, lookup)| lookup.place.is_none() && lookup.parts.iter().all(|part| is_stem(part)))
            {
                Some((at, lookup)) => stems.extend(lookup.parts.iter().filter_map(|part| match &part[0] {
                    Pattern::Stem(stem) => Some((at, stem.clone())),
                    _ => None,
                })),
                None => runs.push(std::mem::take(&mut stems)),
            }
        }
        runs.push(stems);
        for run in &runs {
            let mut from = 0;
            while from < run.len() {
                let rest: Vec<&str> = run[from..].iter().map(|(_, stem)| stem.as_str()).collect();
                let Some((row, length)) = equivalents().starting(&rest) else {
                    from += 1;
                    continue;
                };
                // A part of `oil-rich` does not stand for all of it.
                let is_cut = |at: usize| at > 0 && at < run.len() && run[at - 1].0 == run[at].0;
                if is_cut(from) || is_cut(from + length) {
                    from += 1;
                    continue;
                }
                let mut lookups: Vec<usize> = run[from..from + length].iter().map(|(at, _)| *at).collect();
                lookups.dedup();
                for way in &row.ways {
                    let is_typed = way.stems.iter().all(|stem| run.iter().any(|(_, typed)| typed == stem));
                    if !is_typed && self.plan.wanted.len() < typed + named.len() + MAX_EQUIVALENTS {
                        let parts = self.plain_parts(way.text, !way.text.contains(' '), None);
                        let parts = parts.into_iter().map(|(part, ..)| part).collect();
                        self.stand_in(way.text.to_owned(), parts, EQUIVALENT, &lookups);
                    }
                }
                from += length;
            }
        }
    }

    /// Adds a lookup that stands for others.
    fn stand_in(&mut self, label: String, parts: Vec<Vec<Pattern>>, boost: f32, stands_for: &[usize]) {
        // The other spelling of what was typed says the same already.
        let is_same = |typed: &Lookup| {
            let mut each = typed.parts.iter().zip(&parts);
            typed.parts.len() == parts.len()
                && each.all(|(own, other)| own.iter().any(|pattern| other.contains(pattern)))
        };
        if stands_for.iter().any(|&typed| is_same(&self.plan.wanted[typed])) {
            return;
        }
        let known = self.plan.wanted.iter().position(|known| known.parts == parts && known.place.is_none());
        let at = match known {
            Some(at) if self.plan.wanted[at].stands_for.is_empty() => return,
            Some(at) => at,
            None if self.plan.wanted.len() >= MAX_WORDS => return,
            None => {
                let lookup = Lookup {
                    label,
                    parts,
                    exact: None,
                    place: None,
                    boost,
                    times: 1,
                    stands_for: Vec::new(),
                };
                self.plan.wanted.push(lookup);
                self.plan.wanted.len() - 1
            }
        };
        for &typed in stands_for {
            if !self.plan.wanted[at].stands_for.contains(&typed) {
                self.plan.wanted[at].stands_for.push(typed);
            }
            let wanted = &self.plan.wanted;
            let stands = |expr: &Expr| matches!(expr, Expr::Wanted(at) if !wanted[*at].stands_for.is_empty());
            for clause in &mut self.plan.clauses {
                match &mut clause.expr {
                    Expr::Wanted(own) if *own == typed => {
                        clause.expr = Expr::Any(vec![Expr::Wanted(typed), Expr::Wanted(at)]);
                    }
                    Expr::Any(parts)
                        if parts[0] == Expr::Wanted(typed)
                            && parts[1..].iter().all(stands)
                            && !parts.contains(&Expr::Wanted(at)) =>
                    {
                        parts.push(Expr::Wanted(at));
                    }
                    _ => {}
                }
            }
        }
    }

    /// Whether it is one word that carries grammar only. `WHO` keeps its capitals as a stem, and is none.
    fn is_grammar(&mut self, node: &Node) -> bool {
        let Node::Text(Text { text, kind: TextKind::Word, .. }) = node else { return false };
        let tokens = self.analyzer.tokens(text);
        tokens.len() == 1
            && is_stop_word(tokens.stem(0))
            && tokens.exact(0) != "us"
            && !self.is_in_capitals(&tokens, 0)
    }

    /// Whether it is one word that says a little.
    fn is_function(&mut self, node: &Node) -> bool {
        let Node::Text(Text { text, kind: TextKind::Word, .. }) = node else { return false };
        let tokens = self.analyzer.tokens(text);
        tokens.len() == 1 && is_function_word(tokens.folded(0))
    }

    /// Says something, and the same in the same words once.
    fn warn(&mut self, message: String, hint: Option<String>, at: At) {
        if self.plan.warnings.iter().all(|known| known.message != message) {
            self.plan.warnings.push(Warning { message, hint, span: at.0 });
        }
    }

    // Names, places and dates.

    /// The node with its conditions as they are understood; what nobody knows is text.
    fn settle(&mut self, node: &Node) -> Option<Node> {
        let one = |this: &mut Self, part: &Node| this.settle(part).map(Box::new);
        Some(match node {
            Node::Text(text) => Node::Text(text.clone()),
            Node::Field(condition) => {
                return self.settle_field(condition.field, &condition.value, condition.at);
            }
            Node::Saved(name, at) => {
                let hint = Some("`dateline saved` lists those there are".to_owned());
                self.warn(format!("there is no saved query `{name}`; searched as text"), hint, *at);
                as_text(name.clone(), *at)
            }
            Node::And(parts) => return Node::and(self.settle_all(parts)),
            Node::Or(parts) => return Node::or(self.settle_all(parts)),
            Node::Near(parts, gaps) => {
                let (parts, gaps) = self.settle_chain(parts, gaps);
                return Some(if parts.len() < 2 {
                    parts.into_iter().next()?
                } else {
                    Node::Near(parts, gaps)
                });
            }
            Node::Sentence(parts) => return several(self.settle_all(parts), Node::Sentence),
            Node::Passage(parts) => return several(self.settle_all(parts), Node::Passage),
            Node::Not(part) => Node::not(self.settle(part)?),
            Node::AtLeast(count, part) => Node::AtLeast(*count, one(self, part)?),
            Node::First(count, part) => Node::First(*count, one(self, part)?),
            Node::Form(form, part) => Node::Form(*form, one(self, part)?),
            Node::In(place, part) => Node::In(*place, one(self, part)?),
            Node::Boost(factor, part) => Node::Boost(*factor, one(self, part)?),
        })
    }

    fn settle_all(&mut self, parts: &[Node]) -> Vec<Node> {
        parts.iter().filter_map(|part| self.settle(part)).collect()
    }

    fn settle_chain(&mut self, parts: &[Node], gaps: &[Gap]) -> (Vec<Node>, Vec<Gap>) {
        let mut kept = (Vec::new(), Vec::new());
        for (at, part) in parts.iter().enumerate() {
            if let Some(part) = self.settle(part) {
                if !kept.0.is_empty() {
                    kept.1.push(gaps[at - 1]);
                }
                kept.0.push(part);
            }
        }
        kept
    }

    fn settle_field(&mut self, field: Field, value: &str, at: At) -> Option<Node> {
        let made = |field: Field, value: String| Node::Field(crate::query::Condition { field, value, at });
        let known: Result<Vec<Node>, (String, Option<String>)> = match field {
            Field::Region | Field::Dateline | Field::SourceRegion => {
                let (direct, wanted) = match value.strip_prefix('=').filter(|_| field == Field::Region) {
                    Some(rest) => ("=", rest),
                    None => ("", value),
                };
                match regions().resolve(wanted) {
                    codes if codes.is_empty() => {
                        Err(self.unknown("region", wanted, |wanted| regions().nearest(wanted)))
                    }
                    codes if codes.iter().any(|code| is_world(*code)) => {
                        self.warn(format!("`{wanted}` is everywhere, so it was passed over"), None, at);
                        return None;
                    }
                    codes => {
                        self.plan.note_region(wanted);
                        if let (Field::Region, [code], Some(index)) =
                            (field, codes.as_slice(), self.surroundings.index)
                        {
                            self.plan.note_mentions(*code, index);
                        }
                        Ok(codes.iter().map(|code| made(field, format!("{direct}{code}"))).collect())
                    }
                }
            }
            Field::About | Field::Mentions => {
                let codes = regions().resolve(value);
                let codes: Vec<RegionCode> = codes.into_iter().filter(|code| !is_world(*code)).collect();
                if codes.is_empty() {
                    self.entity_ids(Field::Entity, value)
                        .map(|ids| ids.into_iter().map(|id| made(field, id)).collect())
                } else {
                    self.plan.note_region(value);
                    Ok(codes.iter().map(|code| made(field, code.to_string())).collect())
                }
            }
            Field::Entity | Field::Company | Field::Person | Field::Ticker => self
                .entity_ids(field, value)
                .map(|ids| ids.into_iter().map(|id| made(Field::Entity, id)).collect()),
            Field::Date | Field::Ingested => match self.range(value) {
                Ok(range) => Ok(vec![made(field, range.plain())]),
                Err(message) => Err((message, None)),
            },
            Field::Words => match numbers(value) {
                Some((least, most)) if least > most => {
                    let read = format!("{most}..{least}");
                    self.warn(
                        format!("`words:{value}` ends before it starts; read as `words:{read}`"),
                        None,
                        at,
                    );
                    Ok(vec![made(field, read)])
                }
                Some(_) => Ok(vec![made(field, value.to_owned())]),
                None => Err((
                    format!("`{value}` is no number of words"),
                    Some("write `words:>500` or `words:100..300`".to_owned()),
                )),
            },
            Field::Is => match value.to_ascii_lowercase().as_str() {
                "copy" | "first" | "corrected" => Ok(vec![made(field, value.to_ascii_lowercase())]),
                _ => Err((
                    format!("`is:{value}` is unknown"),
                    Some("it is `is:copy`, `is:first` or `is:corrected`".to_owned()),
                )),
            },
            Field::Status => match Status::parse(&value.to_ascii_lowercase()) {
                Ok(status) => Ok(vec![made(field, status.as_str().to_owned())]),
                Err(message) => Err((message, None)),
            },
            Field::By | Field::Source | Field::Section | Field::Lang | Field::Label | Field::Id => {
                Ok(vec![made(field, value.to_owned())])
            }
        };
        match known {
            Ok(nodes) => Node::or(nodes),
            Err((message, hint)) => {
                self.warn(format!("{message}; searched as text"), hint, at);
                let text = value.trim_start_matches(['-', '+', '=', '<', '>', '@']).to_owned();
                text.contains(char::is_alphanumeric).then(|| as_text(text, at))
            }
        }
    }

    /// The time that a date means.
    fn range(&self, value: &str) -> Result<dates::Range, String> {
        const LATER: i64 = 1_000_000_000;
        if let Some(now) = self.surroundings.now {
            return dates::range(value, now);
        }
        // Where there is no present, what would be another at another time is no date.
        let range = dates::range(value, 0)?;
        if dates::range(value, LATER)? == range {
            Ok(range)
        } else {
            Err(format!("`{value}` is as of a day that was not given"))
        }
    }

    fn entity_ids(&mut self, field: Field, value: &str) -> Result<Vec<String>, (String, Option<String>)> {
        let what = field.name();
        let wanted = if field == Field::Ticker { value.to_ascii_uppercase() } else { value.to_owned() };
        let sort = match field {
            Field::Company => &["co", "org"][..],
            Field::Person => &["per"],
            Field::Ticker => &["co", "org", "tic"],
            _ => &["co", "org", "per", "tic"],
        };
        let index = self.surroundings.index;
        let fitting = |ids: Vec<EntityId>| -> Vec<String> {
            let fits =
                |id: &EntityId| id.as_str().split_once(':').is_some_and(|(own, _)| sort.contains(&own));
            ids.into_iter().filter(fits).map(|id| id.to_string()).collect()
        };
        let resolved = entities().resolve(&wanted);
        let count = resolved.len();
        let mut ids = fitting(resolved);
        // A ticker of nobody that is listed is one where an article has it.
        if index.is_some() {
            ids.retain(|id| !id.starts_with("tic:") || is_named_in(index, id));
        }
        if !ids.is_empty() {
            if ids.len() == count {
                self.plan.note_entity(&wanted);
            }
            return Ok(ids);
        }
        let ids = fitting(unlisted(value, index));
        if !ids.is_empty() {
            return Ok(ids);
        }
        let is_of_another_kind = count > 0;
        Err(self.unknown(what, value, |value| {
            if is_of_another_kind { Vec::new() } else { entities().nearest(value) }
        }))
    }

    /// That nobody knows `wanted`, and near names.
    fn unknown(
        &mut self,
        what: &str,
        wanted: &str,
        nearest: impl Fn(&str) -> Vec<String>,
    ) -> (String, Option<String>) {
        self.suggested += 1;
        let nearest = if self.suggested > MAX_SUGGESTED { Vec::new() } else { nearest(wanted) };
        let hint = (!nearest.is_empty()).then(|| format!("did you mean {}?", nearest.join(", ")));
        (format!("unknown {what} `{wanted}`"), hint)
    }

    // Expressions.

    /// The expression of a settled node; `None` where it has no word.
    fn expr(&mut self, node: &Node, around: Around) -> Option<Expr> {
        self.warn_of_conditions(node);
        match node {
            Node::Text(text) => self.text(text, around),
            Node::Field(condition) => Some(self.condition(condition.field, &condition.value, around)),
            Node::Saved(..) => None,
            Node::And(parts) => self.exprs(parts, around).map(all),
            Node::Or(parts) => self.exprs(parts, around).map(any),
            Node::Not(part) => {
                let is_placed = around.place.is_some();
                let inner = self.expr(part, Around { is_silent: true, is_placed, ..around })?;
                Some(Expr::Not(Box::new(inner)))
            }
            Node::Near(parts, gaps) => {
                self.spread(parts, gaps, around, &|parts, gaps| Expr::Near(parts, gaps))
            }
            Node::Sentence(parts) => self.spread(parts, &[], around, &|parts, _| Expr::Sentence(parts)),
            Node::Passage(parts) => self.spread(parts, &[], around, &|parts, _| Expr::Passage(parts)),
            Node::AtLeast(count, part) => self.counted(part, around, &|part| Expr::AtLeast(*count, part)),
            Node::First(count, part) => self.counted(part, around, &|part| Expr::First(*count, part)),
            Node::Form(form, part) => self.expr(part, Around { form: Some(*form), ..around }),
            Node::In(place, part) => {
                let around = Around { place: Some(*place), is_placed: true, ..around };
                self.expr(part, around)
            }
            Node::Boost(factor, part) => self.expr(part, Around { boost: around.boost * factor, ..around }),
        }
    }

    /// Warns of conditions in what asks for words: they have no place in a text, and are asked of the article.
    fn warn_of_conditions(&mut self, node: &Node) {
        let (what, parts) = match node {
            Node::In(place, part) => (format!("{}:", place.name()), std::slice::from_ref(&**part)),
            Node::AtLeast(count, part) => (format!("atleast{count}"), std::slice::from_ref(&**part)),
            Node::First(count, part) => (format!("first{count}"), std::slice::from_ref(&**part)),
            Node::Form(form, part) => (form.name().to_owned(), std::slice::from_ref(&**part)),
            Node::Near(parts, _) => ("an operator of nearness".to_owned(), parts.as_slice()),
            Node::Sentence(parts) => ("`SENT`".to_owned(), parts.as_slice()),
            Node::Passage(parts) => ("`SAME`".to_owned(), parts.as_slice()),
            _ => return,
        };
        let what = if what.contains(['`', ' ']) { what } else { format!("`{what}`") };
        for leaf in parts.iter().flat_map(Node::leaves) {
            if let Node::Field(crate::query::Condition { field, at, .. }) = leaf
                && !is_named(*field)
            {
                let message = format!("`{}:` within {what} was asked of the whole article", field.name());
                self.warn(message, None, *at);
            }
        }
    }

    fn exprs(&mut self, parts: &[Node], around: Around) -> Option<Vec<Expr>> {
        let parts: Vec<Expr> = parts.iter().filter_map(|part| self.expr(part, around)).collect();
        (!parts.is_empty()).then_some(parts)
    }

    /// An operator on matches. Of what has none, `NOT` is turned inside out and a condition stands for itself.
    fn counted(&mut self, part: &Node, around: Around, make: &dyn Fn(Box<Expr>) -> Expr) -> Option<Expr> {
        match part {
            Node::Not(inner) => {
                let around = Around { is_silent: true, ..around };
                Some(Expr::Not(Box::new(self.counted(inner, around, make)?)))
            }
            Node::Field(condition) if !is_named(condition.field) => self.expr(part, around),
            _ => {
                let part = self.expr(part, Around { is_placed: true, ..around })?;
                Some(make(Box::new(part)))
            }
        }
    }

    /// An operator of nearness, once for each combination of the parts of `AND`s in it, and beside it what is asked of
    /// the article.
    fn spread(
        &mut self,
        parts: &[Node],
        gaps: &[Gap],
        around: Around,
        make: &dyn Fn(Vec<Expr>, Vec<Gap>) -> Expr,
    ) -> Option<Expr> {
        let placed = Around { is_placed: true, ..around };
        let mut beside = Vec::new();
        let mut choices: Vec<Vec<Expr>> = Vec::new();
        let mut kept_gaps = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            let all_of = match part {
                Node::And(all_of) => all_of.as_slice(),
                one => std::slice::from_ref(one),
            };
            let mut choice = Vec::new();
            for node in all_of {
                match node {
                    Node::Not(inner) => {
                        self.warn(
                            "`NOT` within an operator of nearness was asked of the whole article".to_owned(),
                            None,
                            first_place(inner),
                        );
                        beside.extend(self.expr(node, around));
                    }
                    Node::Field(condition) if !is_named(condition.field) => {
                        beside.extend(self.expr(node, around));
                    }
                    _ => choice.extend(self.expr(node, placed)),
                }
            }
            if choice.is_empty() {
                continue;
            }
            if !choices.is_empty() {
                kept_gaps.extend(gaps.get(index - 1));
            }
            choices.push(choice);
        }
        if choices.len() > MAX_CHAIN {
            self.warn(too_long(), None, first_place(&parts[0]));
            for expr in choices.drain(MAX_CHAIN..).flatten() {
                if !beside.contains(&expr) {
                    beside.push(expr);
                }
            }
            kept_gaps.truncate(MAX_CHAIN - 1);
        }
        let count = choices.iter().map(Vec::len).fold(1_usize, usize::saturating_mul);
        // Each choice stands in so many combinations as the others have.
        let size = choices
            .iter()
            .map(|choice| choice.iter().map(Expr::size).sum::<usize>() * (count / choice.len()));
        if count > 1 && (count > MAX_COMBINED || size.sum::<usize>() > MAX_COMBINED_SIZE) {
            let message =
                "too many combinations of `AND` within operators of nearness: any one of its words will do";
            self.warn(message.to_owned(), None, first_place(&parts[0]));
            choices = choices.into_iter().map(|choice| vec![all(choice)]).collect();
        }
        let mut combined: Vec<Vec<Expr>> = vec![Vec::new()];
        for choice in &choices {
            let longer = combined.iter().flat_map(|before| {
                choice.iter().map(move |expr| before.iter().chain(std::iter::once(expr)).cloned().collect())
            });
            combined = longer.collect();
        }
        let mut exprs: Vec<Expr> = Vec::new();
        for mut parts in combined {
            match parts.len() {
                0 => {}
                1 => exprs.append(&mut parts),
                _ => exprs.push(make(parts, kept_gaps.clone())),
            }
        }
        exprs.extend(beside);
        (!exprs.is_empty()).then(|| all(exprs))
    }

    // Words.

    fn text(&mut self, text: &Text, around: Around) -> Option<Expr> {
        let before = self.inexact;
        let mut parts = self.parts(text, around.form);
        if before == 0 && self.inexact > 0 {
            let message = format!(
                "only the first {MAX_EXACT} words of `exact` are looked for in that form; others in any"
            );
            self.warn(message, None, text.at);
        }
        if parts.is_empty() {
            return None;
        }
        if text.kind == TextKind::Word
            && parts.len() > 1
            && text.text.contains(' ')
            && text.text.contains(is_currency)
        {
            self.plan.note(format!("{} is read as one amount: its words stand side by side", text.text));
        }
        let is_phrase = matches!(text.kind, TextKind::Phrase(_));
        if let TextKind::Phrase(others @ 1..) = text.kind
            && parts.len() > 1
        {
            if parts.len() > MAX_CHAIN {
                self.warn(too_long(), None, text.at);
            }
            let mut words = parts.into_iter().map(|(part, label, exact)| {
                self.lookup(
                    Lookup {
                        label,
                        parts: vec![part],
                        exact,
                        place: around.place,
                        boost: around.boost,
                        times: 1,
                        stands_for: Vec::new(),
                    },
                    around,
                )
            });
            let row = Expr::Loose(words.by_ref().take(MAX_CHAIN).collect(), others);
            let beside: Vec<Expr> = words.collect();
            return Some(if beside.is_empty() {
                row
            } else {
                all(std::iter::once(row).chain(beside).collect())
            });
        }
        let exact = if parts.len() == 1 { parts[0].2.take() } else { None };
        let mut label = text.text.split_whitespace().collect::<Vec<_>>().join(" ");
        if is_phrase {
            label = format!("\"{label}\"");
        } else if let TextKind::Fuzzy(wrong) = text.kind {
            label = format!("{label}~{wrong}");
        }
        if let Some(form) = around.form.filter(|form| *form != Form::Stem) {
            label = format!("{}({label})", form.name());
        }
        if let Some(place) = around.place {
            label = format!("{}:{label}", place.name());
        }
        let parts = parts.into_iter().map(|(part, ..)| part).collect();
        let lookup = Lookup {
            label,
            parts,
            exact,
            place: around.place,
            boost: around.boost,
            times: 1,
            stands_for: Vec::new(),
        };
        Some(self.lookup(lookup, around))
    }

    /// For each position of a text what fits there, a label and the exact form.
    fn parts(&mut self, text: &Text, form: Option<Form>) -> Vec<(Vec<Pattern>, String, Option<String>)> {
        if text.text.contains('*') || has_inner_mark(&text.text) {
            return self.wild_parts(text, form);
        }
        if let TextKind::Fuzzy(wrong) = text.kind {
            let tokens = self.analyzer.tokens(&text.text);
            let typed = format!("{}~{wrong}", text.text);
            if tokens.len() != 1 {
                self.warn(format!("`{typed}` is no single word; searched without `~`"), None, text.at);
            } else if tokens.folded(0).len() < LEAST_FUZZY {
                let message = format!("`{typed}` is too short to be misspelt; searched without `~`");
                self.warn(message, None, text.at);
            } else {
                let folded = tokens.folded(0).to_owned();
                // Two letters of a short word make it any other.
                let is_short = folded.chars().count() < LEAST_FUZZY_BY_TWO;
                if is_short && wrong > 1 {
                    let message = format!("`{typed}` is short; read as `{}~1`", text.text);
                    self.warn(message, None, text.at);
                }
                let wrong = if is_short { 1 } else { wrong };
                if self.may_expand(text.at) {
                    return vec![(vec![Pattern::Fuzzy(folded.clone(), wrong)], folded, None)];
                }
            }
        }
        self.plain_parts(&text.text, text.kind == TextKind::Word, form)
    }

    fn plain_parts(
        &mut self,
        text: &str,
        is_word: bool,
        form: Option<Form>,
    ) -> Vec<(Vec<Pattern>, String, Option<String>)> {
        let ticker = ticker_in_lower_case(text).filter(|_| is_word);
        let text = ticker.as_deref().unwrap_or(text);
        let tokens = self.analyzer.tokens(text);
        if tokens.is_empty() {
            return Vec::new();
        }
        if is_word
            && form.is_none_or(|form| form == Form::Stem)
            && let (2, Some(joined)) = (tokens.len(), tokens.joined(0))
            && is_joined(tokens.folded(0))
        {
            return vec![(vec![Pattern::Stem(joined.to_owned())], text.to_owned(), None)];
        }
        let parts = (0..tokens.len()).map(|at| {
            let (exact, stem) = (tokens.exact(at), tokens.stem(at));
            let patterns = match form {
                Some(Form::Exact) if self.exact.contains(exact) || self.exact.len() < MAX_EXACT => {
                    self.exact.insert(exact.to_owned());
                    vec![Pattern::Exact(exact.to_owned())]
                }
                Some(Form::Exact) => {
                    self.inexact += 1;
                    self.spellings(exact, tokens.folded(at), stem)
                }
                Some(Form::Caps) => vec![Pattern::Caps(exact.to_lowercase())],
                None if self.is_in_capitals(&tokens, at) => {
                    self.plan.note(format!(
                        "{exact} is looked up as it is written; in small letters it is a form of `{stem}`"
                    ));
                    vec![Pattern::Exact(exact.to_owned())]
                }
                _ => self.spellings(exact, tokens.folded(at), stem),
            };
            let bonus = form.is_none().then(|| exact.to_owned());
            (patterns, tokens.span(at).of(text).to_owned(), bonus)
        });
        parts.collect()
    }

    /// What a word is looked up by; `us` may be the country.
    fn spellings(&mut self, exact: &str, folded: &str, stem: &str) -> Vec<Pattern> {
        let mut patterns = spellings::patterns(folded, stem, self.analyzer);
        if exact == "us" {
            patterns.push(Pattern::Stem("US".to_owned()));
        }
        patterns
    }

    /// Whether a word means what is written so in capitals, and no other form of its stem: one in [`IN_CAPITALS`] of the
    /// articles that have it has it so.
    fn is_in_capitals(&self, tokens: &Tokens, at: usize) -> bool {
        let (exact, folded) = (tokens.exact(at), tokens.folded(at));
        let is_plain =
            tokens.shape(at) == Shape::AllCaps && exact.bytes().all(|byte| byte.is_ascii_uppercase());
        let Some(index) = self.surroundings.index.filter(|_| is_plain && !self.is_shouted) else {
            return false;
        };
        // What is its own stem is found under that in any form.
        if tokens.stem(at) == folded || tokens.stem(at) == exact {
            return false;
        }
        let written = |form: &str| index.frequency(index.fields().exact, form).unwrap_or_default();
        let as_typed = written(exact);
        as_typed > 0
            && as_typed * IN_CAPITALS
                >= written(folded) + written(&format!("{}{}", &exact[..1], &folded[1..]))
    }

    fn wild_parts(&mut self, text: &Text, form: Option<Form>) -> Vec<(Vec<Pattern>, String, Option<String>)> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        for chunk in text.text.split(|c: char| c.is_whitespace() || matches!(c, '-' | '/' | ',')) {
            let piece = chunk.trim_matches(|c: char| !c.is_alphanumeric() && c != '*');
            if !(piece.contains('*') || has_inner_mark(piece)) {
                plain.push(' ');
                plain.push_str(chunk);
                continue;
            }
            parts.extend(self.plain_parts(&std::mem::take(&mut plain), false, form));
            let letters = piece.chars().filter(|c| c.is_alphanumeric()).count();
            if letters == 0 {
                continue;
            }
            if letters < LEAST_LETTERS {
                let hint = Some(format!("`*` needs {LEAST_LETTERS} letters beside it"));
                self.warn(format!("`{piece}` matches too much; searched as a word"), hint, text.at);
                parts.extend(self.plain_parts(&piece.replace(['*', '?'], ""), false, form));
                continue;
            }
            let mut wild = fold(piece);
            while wild.contains("**") {
                wild = wild.replace("**", "*");
            }
            if self.may_expand(text.at) && self.may_read_all(&wild, text.at) {
                parts.push((vec![Pattern::Wild(wild)], piece.to_owned(), None));
                continue;
            }
            parts.extend(self.plain_parts(&piece.replace(['*', '?'], ""), false, form));
        }
        parts.extend(self.plain_parts(&plain, false, form));
        parts
    }

    fn may_read_all(&mut self, wild: &str, at: At) -> bool {
        if !wild.starts_with(['*', '?']) {
            return true;
        }
        if let Some(at) = self.infixes.iter().position(|known| known == wild) {
            return at < MAX_INFIXES;
        }
        self.infixes.push(wild.to_owned());
        if self.infixes.len() == MAX_INFIXES + 1 {
            let message = format!(
                "only the first {MAX_INFIXES} wildcards with any start are looked for; others are words"
            );
            self.warn(message, None, at);
        }
        self.infixes.len() <= MAX_INFIXES
    }

    fn may_expand(&mut self, at: At) -> bool {
        self.expanded += 1;
        if self.expanded == MAX_EXPANDED + 1 {
            self.warn(
                format!("only the first {MAX_EXPANDED} wildcards and misspelt words are looked for; others are words"),
                None,
                at,
            );
        }
        self.expanded <= MAX_EXPANDED
    }

    /// Registers a lookup, once for all places it is asked for in.
    fn lookup(&mut self, lookup: Lookup, around: Around) -> Expr {
        let same = |known: &Lookup| known.parts == lookup.parts && known.place == lookup.place;
        if !around.is_silent {
            if let Some(at) = self.plan.wanted.iter().position(same) {
                let known = &mut self.plan.wanted[at];
                known.boost = known.boost.max(lookup.boost);
                known.times += 1;
                return Expr::Wanted(at);
            }
            if self.plan.wanted.len() < MAX_WORDS {
                self.plan.wanted.push(lookup);
                return Expr::Wanted(self.plan.wanted.len() - 1);
            }
        }
        if let Some(at) = self.plan.silent.iter().position(same) {
            return Expr::Silent(at);
        }
        self.plan.silent.push(lookup);
        Expr::Silent(self.plan.silent.len() - 1)
    }

    // Conditions.

    /// A settled condition: on the article, or where its matches are asked for, the mentions it means.
    fn condition(&mut self, field: Field, value: &str, around: Around) -> Expr {
        let terms = |field: TermField, value: &str| {
            Expr::Condition(Condition::Terms { field, values: vec![value.to_owned()] })
        };
        let like = |field: TermField| Expr::Condition(Condition::Like { field, value: fold(value) });
        let code = regions().get(value).map(|region| region.code);
        match field {
            Field::Entity | Field::Company | Field::Person | Field::Ticker => {
                if around.is_placed {
                    return self.mention(vec![value.to_owned()], value, around);
                }
                terms(TermField::Entity, value)
            }
            Field::About | Field::Mentions | Field::Region | Field::Dateline | Field::SourceRegion => {
                let column = match field {
                    Field::Mentions => TermField::RegionMentioned,
                    Field::Dateline => TermField::RegionFiled,
                    Field::SourceRegion => TermField::RegionPublisher,
                    _ => TermField::Region,
                };
                match code {
                    Some(code) if around.is_placed && is_named(field) => self.mentioned_region(code, around),
                    Some(code) => region(column, code),
                    None if field == Field::Region => {
                        let direct = value.trim_start_matches('=');
                        if around.is_placed {
                            return self.mention(vec![format!("region:{direct}")], value, around);
                        }
                        terms(TermField::RegionDirect, direct)
                    }
                    None if around.is_placed => self.mention(vec![value.to_owned()], value, around),
                    None if field == Field::About => terms(TermField::EntityAbout, value),
                    None => terms(TermField::Entity, value),
                }
            }
            Field::By => like(TermField::Author),
            Field::Source => like(TermField::Source),
            Field::Section => like(TermField::Section),
            Field::Lang => like(TermField::Language),
            Field::Label => like(TermField::Label),
            Field::Status => terms(TermField::Status, value),
            Field::Is => match value {
                "copy" => Expr::Condition(Condition::Copy),
                "first" => Expr::Condition(Condition::First),
                _ => terms(TermField::Status, Status::Corrected.as_str()),
            },
            Field::Id => Expr::Condition(Condition::Id(value.to_owned())),
            Field::Date | Field::Ingested => {
                let range = self.range(value).unwrap_or_default();
                let field = if field == Field::Date { DateField::Published } else { DateField::Ingested };
                Expr::Condition(Condition::Dates { field, range })
            }
            Field::Words => {
                let (least, most) = numbers(value).unwrap_or((0, u64::MAX));
                Expr::Condition(Condition::Words { least, most })
            }
        }
    }

    fn mention(&mut self, terms: Vec<String>, label: &str, around: Around) -> Expr {
        let name = match label.strip_prefix("region:") {
            Some(code) => regions().name(code).to_owned(),
            None => entities().name(label).into_owned(),
        };
        let patterns = terms.into_iter().map(Pattern::Mention).collect();
        let lookup = Lookup {
            label: name,
            parts: vec![patterns],
            exact: None,
            place: around.place,
            boost: around.boost,
            times: 1,
            stands_for: Vec::new(),
        };
        self.lookup(lookup, around)
    }

    /// Mentions of a region or of a place in it.
    fn mentioned_region(&mut self, code: RegionCode, around: Around) -> Expr {
        let label = format!("region:{code}");
        let mut groups: Vec<Vec<RegionCode>> = Vec::new();
        // The tree of memberships is the same for columns and for mentions; only its leaves differ.
        let shape = {
            let cell = std::cell::RefCell::new(&mut groups);
            by_membership(code, &|codes| {
                let mut groups = cell.borrow_mut();
                groups
                    .push(codes.iter().copied().chain(codes.iter().flat_map(|code| inside(*code))).collect());
                Expr::Silent(groups.len() - 1)
            })
        };
        let leaves: Vec<Expr> = groups
            .iter()
            .map(|codes| {
                self.mention(codes.iter().map(|code| format!("region:{code}")).collect(), &label, around)
            })
            .collect();
        filled(shape, &leaves)
    }
}

/// The expression with leaves in the place of their numbers.
fn filled(shape: Expr, leaves: &[Expr]) -> Expr {
    let each = |parts: Vec<Expr>| parts.into_iter().map(|part| filled(part, leaves)).collect();
    match shape {
        Expr::Silent(at) => leaves[at].clone(),
        Expr::All(parts) => Expr::All(each(parts)),
        Expr::Any(parts) => Expr::Any(each(parts)),
        other => other,
    }
}

/// What was no value, as a word, or in quotes where the word would mean something else.
fn as_text(text: String, at: At) -> Node {
    let read = Query::parse(&text).unwrap_or_default();
    let kind = match read.clauses.as_slice() {
        [Node::Text(Text { text: word, kind: TextKind::Word, .. })] if *word == text => TextKind::Word,
        _ => TextKind::Phrase(0),
    };
    Node::Text(Text { text, kind, at })
}

/// The names among the plain words of a query, each with the nodes of its words.
fn names_in(nodes: &[Node]) -> Vec<(Named, std::ops::Range<usize>)> {
    let mut names = Vec::new();
    let mut from = 0;
    while from < nodes.len() {
        let words: Vec<&str> = nodes[from..].iter().map_while(plain_word).collect();
        let length = match names::starting(&words) {
            Some((meant, length)) => {
                names.push((meant, from..from + length));
                length
            }
            None => 1,
        };
        from += length;
    }
    names
}

/// The text of a plain word.
fn plain_word(node: &Node) -> Option<&str> {
    match node {
        Node::Text(Text { text, kind: TextKind::Word, .. }) if !text.contains('*') => Some(text),
        _ => None,
    }
}

fn is_stem(part: &[Pattern]) -> bool {
    matches!(part, [Pattern::Stem(_), ..])
}

fn several(mut parts: Vec<Node>, make: fn(Vec<Node>) -> Node) -> Option<Node> {
    if parts.len() < 2 { parts.pop() } else { Some(make(parts)) }
}

/// Whether an article of the second tier may lack it: a plain word, and nothing that an operator has made.
fn is_optional(node: &Node) -> bool {
    match node {
        Node::Text(text) => !matches!(text.kind, TextKind::Phrase(_)),
        Node::Boost(_, part) => is_optional(part),
        _ => false,
    }
}

/// Whether what the field asks for has a place in the text.
fn is_named(field: Field) -> bool {
    matches!(
        field,
        Field::Entity
            | Field::About
            | Field::Mentions
            | Field::Company
            | Field::Person
            | Field::Ticker
            | Field::Region
    )
}

/// Whether it is words, with or without quotes, or an aside of them.
fn is_said(node: &Node) -> bool {
    match node {
        Node::Text(text) => matches!(text.kind, TextKind::Word | TextKind::Phrase(0)),
        Node::And(parts) => parts.iter().all(|part| matches!(part, Node::Text(_)) && is_said(part)),
        _ => false,
    }
}

/// Where a node was typed, or the first of its leaves.
fn first_place(node: &Node) -> At {
    match node {
        Node::Text(text) => text.at,
        Node::Field(condition) => condition.at,
        Node::Saved(_, at) => *at,
        Node::And(parts)
        | Node::Or(parts)
        | Node::Near(parts, _)
        | Node::Sentence(parts)
        | Node::Passage(parts) => parts.first().map(first_place).unwrap_or_default(),
        Node::Not(part)
        | Node::AtLeast(_, part)
        | Node::First(_, part)
        | Node::Form(_, part)
        | Node::In(_, part)
        | Node::Boost(_, part) => first_place(part),
    }
}

/// `>500`, `100..300`, `500` as the least and the most.
fn numbers(text: &str) -> Option<(u64, u64)> {
    let number = |text: &str| text.trim().parse::<u64>().ok();
    if let Some((least, most)) = text.split_once("..") {
        let least = if least.is_empty() { 0 } else { number(least)? };
        let most = if most.is_empty() { u64::MAX } else { number(most)? };
        return Some((least, most));
    }
    for (sign, least, most) in [(">=", 0, None), ("<=", 0, Some(0)), (">", 1, None), ("<", 0, Some(1))]
        as [(&str, u64, Option<u64>); 4]
    {
        if let Some(rest) = text.strip_prefix(sign) {
            let bound = number(rest)?;
            return Some(match most {
                None => (bound.saturating_add(least), u64::MAX),
                Some(less) => (0, bound.checked_sub(less)?),
            });
        }
    }
    let exactly = number(text)?;
    Some((exactly, exactly))
}

/// Whether a `?` stands between letters, where it is one letter and not the end of a question.
fn has_inner_mark(text: &str) -> bool {
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.char_indices()
        .filter(|(_, c)| *c == '?')
        .any(|(at, _)| is_letter(text[..at].chars().next_back()) && is_letter(text[at + 1..].chars().next()))
}

/// Whether a first part is more often joined than written apart: `e-commerce` and `pre-tax` are, while
/// `coca-cola` is looked up as two words side by side.
pub(super) fn is_joined(first: &str) -> bool {
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

/// That an operator of nearness has more parts than are looked at.
fn too_long() -> String {
    format!("of an operator of nearness, what follows the first {MAX_CHAIN} parts was asked of the article")
}
