//! What a person asks, as a value that knows nothing of any engine.
//!
//! ```text
#![doc = include_str!("query/grammar.txt")]
//! ```
//!
//! That is [`GRAMMAR`], and what `dateline search --help` prints. `W/5`, `w/5` and `NEAR5` are
//! `NEAR/5`, `ADJ5` is `PRE/5`, `W/S` and `W/P` are `SENT` and `SAME`, as other services have them. A written `AND`
//! makes its whole level strict. `OR` binds more tightly than standing side by side and less than `AND`, which is
//! what people mean by `wheat OR corn prices` and by `a AND b OR c`.
//!
//! Nothing a person types is an error but its length: quotes, dashes and letters of any style are what they look
//! like, what is not closed ends with the query, an unknown `field:` is text, an operator without an operand is
//! passed over. What was put right is said in [`Query::warnings`]. Printing a query gives its plain spelling, which
//! parses to the same query.
//!
//! Reading is a loop with a stack of its own, and no more than [`MAX_DEPTH`] levels are kept, so that whoever walks
//! the tree may recurse.

use std::fmt;

use crate::article::Span;
use crate::error::{Error, Result};
use crate::words::is_currency;

pub mod dates;
mod parser;

/// The language, written out for people; lines start with two blanks, so that a manual page keeps them apart.
pub const GRAMMAR: &str = include_str!("query/grammar.txt");

/// The longest query, in bytes; a page of text fits.
pub const MAX_BYTES: usize = 4096;

/// The most words, phrases and conditions a query may have; what follows is passed over with a warning.
pub const MAX_CLAUSES: usize = 256;

/// How deep parentheses may lie within each other; deeper ones are passed over with a warning.
pub const MAX_DEPTH: usize = 32;

/// The farthest that words of `NEAR`, `PRE` and a phrase may be apart: less than the
/// [gap](crate::analyzer::GAP) between title and body, so that none reaches across.
pub const MAX_DISTANCE: u32 = 1000;

/// A parsed query.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// What stands at the top level; nothing asks for everything.
    pub clauses: Vec<Node>,
    /// A written `AND`: every clause must hold, not only most of the words.
    pub needs_all: bool,
    pub warnings: Vec<Warning>,
}

impl PartialEq for Query {
    /// Warnings are about the typing, not part of what was asked.
    fn eq(&self, other: &Query) -> bool {
        self.clauses == other.clauses && self.needs_all == other.needs_all
    }
}

/// A part of a query.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// Something to look up in the text.
    Text(Text),
    /// A condition on the article.
    Field(Condition),
    /// A query kept under a name, which [`Query::expand`] puts in its place.
    Saved(String, At),
    /// All of them, of which there are two or more.
    And(Vec<Node>),
    /// Any of them, of which there are two or more.
    Or(Vec<Node>),
    Not(Box<Node>),
    /// Each within so many words of the one before. There is one gap fewer than parts.
    Near(Vec<Node>, Vec<Gap>),
    /// All in one sentence, or all in the title.
    Sentence(Vec<Node>),
    /// All in one passage, or all in the title.
    Passage(Vec<Node>),
    /// So many occurrences in the article.
    AtLeast(u32, Box<Node>),
    /// In the title or among so many first words of the body.
    First(u32, Box<Node>),
    /// Words in a form of their own.
    Form(Form, Box<Node>),
    /// Words in a part of the article.
    In(Part, Box<Node>),
    /// Counts this many times as much.
    Boost(f32, Box<Node>),
}

/// A word or phrase.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    /// As typed, without quotes.
    pub text: String,
    pub kind: TextKind,
    pub at: At,
}

/// How a text is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextKind {
    Word,
    /// With so many letters wrong.
    Fuzzy(u8),
    /// With so many other words between its words.
    Phrase(u32),
}

/// What an article must have beside its words.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    pub field: Field,
    /// As typed, without quotes.
    pub value: String,
    pub at: At,
}

/// Where something stands in the query as typed. Any two are equal, so that queries are equal that mean the same.
#[derive(Debug, Clone, Copy, Default)]
pub struct At(pub Span);

impl PartialEq for At {
    fn eq(&self, _: &At) -> bool {
        true
    }
}

/// How far a part may be from the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// In words; 1 is side by side.
    pub within: u32,
    /// Whether it must come after.
    pub is_ordered: bool,
}

/// Which forms of a word count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// With a capital in it.
    Caps,
    /// As typed, capitals and ending.
    Exact,
    /// Any with the same stem, none before others.
    Stem,
}

/// A part of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    Title,
    /// The first passage of the body.
    Lead,
    Body,
}

/// What a condition is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    By,
    Entity,
    About,
    Mentions,
    Company,
    Person,
    Ticker,
    Region,
    Dateline,
    SourceRegion,
    Source,
    Section,
    Lang,
    Label,
    Status,
    Is,
    Id,
    Date,
    Ingested,
    Words,
}

/// Parts of an article by the names of their fields.
pub const PARTS: [(&str, Part); 4] =
    [("title", Part::Title), ("lead", Part::Lead), ("body", Part::Body), ("headline", Part::Title)];

/// Conditions by the names of their fields; of several names of one, the first is printed.
pub const FIELDS: [(&str, Field); 26] = [
    ("by", Field::By),
    ("entity", Field::Entity),
    ("about", Field::About),
    ("mentions", Field::Mentions),
    ("company", Field::Company),
    ("person", Field::Person),
    ("ticker", Field::Ticker),
    ("region", Field::Region),
    ("dateline", Field::Dateline),
    ("source-region", Field::SourceRegion),
    ("source", Field::Source),
    ("section", Field::Section),
    ("lang", Field::Lang),
    ("label", Field::Label),
    ("status", Field::Status),
    ("is", Field::Is),
    ("id", Field::Id),
    ("date", Field::Date),
    ("ingested", Field::Ingested),
    ("words", Field::Words),
    ("author", Field::By),
    ("country", Field::Region),
    ("language", Field::Lang),
    ("published", Field::Date),
    ("organisation", Field::Entity),
    ("organization", Field::Entity),
];

impl Field {
    pub fn name(self) -> &'static str {
        FIELDS.iter().find(|(_, field)| *field == self).map_or("", |(name, _)| name)
    }
}

impl Part {
    pub fn name(self) -> &'static str {
        PARTS.iter().find(|(_, part)| *part == self).map_or("", |(name, _)| name)
    }
}

impl Form {
    pub fn name(self) -> &'static str {
        match self {
            Form::Caps => "caps",
            Form::Exact => "exact",
            Form::Stem => "stem",
        }
    }
}

/// Something that was put right, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    pub message: String,
    pub hint: Option<String>,
    /// Bytes of the query as typed.
    pub span: Span,
}

impl Query {
    /// Reads a query.
    ///
    /// # Errors
    /// [`Error::Usage`] where it is longer than [`MAX_BYTES`].
    pub fn parse(typed: &str) -> Result<Query> {
        if typed.len() > MAX_BYTES {
            /// Words that are as good as a page, which is never meant word by word.
            const FIRST: usize = 12;
            let mut first = typed.split_whitespace().take(FIRST).collect::<Vec<_>>().join(" ");
            first.truncate(first.floor_char_boundary(FIRST * 10));
            return Err(Error::usage(format!(
                "the query is a text of {} bytes, and one of {MAX_BYTES} can be searched; its title or its first words find as much: `{first}`",
                typed.len()
            )));
        }
        Ok(parser::parse(typed))
    }

    /// Whether it is a headline in capitals, in which they tell no word from another.
    pub fn is_shouted(&self) -> bool {
        parser::is_shouted(&self.to_string())
    }

    /// Names of the queries it refers to, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.clauses.iter().flat_map(Node::leaves).filter_map(|leaf| match leaf {
            Node::Saved(name, _) => Some(name.as_str()),
            _ => None,
        })
    }

    /// What a name that nothing has stands for, itself as text, with a warning.
    pub fn without_name(&mut self, name: &str, hint: String) -> Node {
        let at = self.clauses.iter().flat_map(Node::leaves).find_map(|leaf| match leaf {
            Node::Saved(own, at) if own.to_lowercase() == name => Some(*at),
            _ => None,
        });
        let message = format!("there is no saved query `{name}`; searched as text");
        self.warnings.push(Warning { message, hint: Some(hint), span: at.unwrap_or_default().0 });
        Node::Text(Text { text: name.to_owned(), kind: TextKind::Word, at: At::default() })
    }

    /// Puts another node in the place of each `@name`. What is said of its parts points at the name.
    ///
    /// # Errors
    /// [`Error::Usage`] where the whole is larger than a query may be.
    pub fn expand(&mut self, named: &dyn Fn(&str) -> Node) -> Result<()> {
        let put = |leaf: Node| match leaf {
            Node::Saved(name, at) => named(&name).with_leaves(&|mut leaf| {
                match &mut leaf {
                    Node::Text(text) => text.at = at,
                    Node::Field(condition) => condition.at = at,
                    _ => {}
                }
                leaf
            }),
            leaf => leaf,
        };
        // What is put in has no more than a query may have, but a query may put in many.
        let clauses = self.clauses.iter().map(|clause| clause.clone().with_leaves(&put)).collect();
        let query = Query::of(clauses, self.needs_all, std::mem::take(&mut self.warnings));
        let count: usize = query.clauses.iter().map(|clause| clause.leaves().len()).sum();
        if count > MAX_CLAUSES {
            return Err(Error::usage(format!(
                "with the saved queries in it the query has {count} words and conditions, and at most {MAX_CLAUSES} can be searched"
            )));
        }
        if query.clauses.iter().any(|clause| parser::depth(clause) > MAX_DEPTH) {
            return Err(Error::usage(format!(
                "with the saved queries in it the query is nested deeper than {MAX_DEPTH} levels"
            )));
        }
        *self = query;
        Ok(())
    }

    /// A query in its plain form: a lone `AND` of everything is a query that needs all.
    pub(crate) fn of(clauses: Vec<Node>, needs_all: bool, warnings: Vec<Warning>) -> Query {
        let mut query = if needs_all || clauses.len() == 1 {
            match Node::and(clauses) {
                Some(Node::And(parts)) => Query { clauses: parts, needs_all: true, warnings },
                one => Query { clauses: one.into_iter().collect(), needs_all: false, warnings },
            }
        } else {
            Query { clauses, needs_all, warnings }
        };
        query.needs_all &= query.clauses.len() > 1;
        query
    }

    /// The whole as one node; `None` asks for everything.
    pub fn whole(&self) -> Option<Node> {
        Node::and(self.clauses.clone())
    }
}

impl Node {
    /// All of `parts`, without a level of its own for what is one already.
    pub fn and(parts: Vec<Node>) -> Option<Node> {
        joined(parts, Node::And, |node| match node {
            Node::And(parts) => Ok(parts),
            other => Err(other),
        })
    }

    /// Any of `parts`, likewise.
    pub fn or(parts: Vec<Node>) -> Option<Node> {
        joined(parts, Node::Or, |node| match node {
            Node::Or(parts) => Ok(parts),
            other => Err(other),
        })
    }

    /// Not `part`, which of a negation is what it negates.
    #[allow(clippy::should_implement_trait, reason = "as `and` and `or`")]
    pub fn not(part: Node) -> Node {
        match part {
            Node::Not(inner) => *inner,
            part => Node::Not(Box::new(part)),
        }
    }

    /// What it is made of in the end: texts, conditions and references.
    pub fn leaves(&self) -> Vec<&Node> {
        let mut leaves = Vec::new();
        let mut rest = vec![self];
        while let Some(node) = rest.pop() {
            match node {
                Node::Text(_) | Node::Field(_) | Node::Saved(..) => leaves.push(node),
                Node::And(parts)
                | Node::Or(parts)
                | Node::Near(parts, _)
                | Node::Sentence(parts)
                | Node::Passage(parts) => rest.extend(parts.iter().rev()),
                Node::Not(part)
                | Node::AtLeast(_, part)
                | Node::First(_, part)
                | Node::Form(_, part)
                | Node::In(_, part)
                | Node::Boost(_, part) => rest.push(part),
            }
        }
        leaves
    }

    /// The same tree with what `put` makes of each of its leaves.
    #[must_use]
    pub fn with_leaves(self, put: &dyn Fn(Node) -> Node) -> Node {
        let each =
            |parts: Vec<Node>| -> Vec<Node> { parts.into_iter().map(|part| part.with_leaves(put)).collect() };
        let one = |part: Box<Node>| Box::new(part.with_leaves(put));
        match self {
            Node::And(parts) => Node::and(each(parts)).expect("as many as before"),
            Node::Or(parts) => Node::or(each(parts)).expect("as many as before"),
            Node::Near(parts, gaps) => Node::Near(each(parts), gaps),
            Node::Sentence(parts) => Node::Sentence(each(parts)),
            Node::Passage(parts) => Node::Passage(each(parts)),
            Node::Not(part) => Node::Not(one(part)),
            Node::AtLeast(count, part) => Node::AtLeast(count, one(part)),
            Node::First(count, part) => Node::First(count, one(part)),
            Node::Form(form, part) => Node::Form(form, one(part)),
            Node::In(place, part) => Node::In(place, one(part)),
            Node::Boost(factor, part) => Node::Boost(factor, one(part)),
            leaf @ (Node::Text(_) | Node::Field(_) | Node::Saved(..)) => put(leaf),
        }
    }

    /// How tightly it holds together when printed: a part that holds less tightly than what is around it stands in
    /// parentheses.
    fn tightness(&self) -> u8 {
        match self {
            Node::Or(_) => 0,
            Node::And(_) => 1,
            Node::Not(_) => 2,
            Node::Passage(_) => 3,
            Node::Sentence(_) => 4,
            Node::Near(..) => 5,
            _ => 6,
        }
    }
}

fn joined(
    parts: Vec<Node>,
    make: fn(Vec<Node>) -> Node,
    open: impl Fn(Node) -> std::result::Result<Vec<Node>, Node>,
) -> Option<Node> {
    let mut all = Vec::new();
    for part in parts {
        match open(part) {
            Ok(parts) => all.extend(parts),
            Err(part) => all.push(part),
        }
    }
    if all.len() < 2 { all.pop() } else { Some(make(all)) }
}

/// Whether the value of a field can stand without quotes and be read as itself.
fn is_bare(value: &str) -> bool {
    !value.is_empty()
        && !value.starts_with(['^', '~'])
        && !value.contains(parser::ends_word)
        && parser::with_factor(value).is_none()
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_operator = |clause: &Node| {
            matches!(clause, Node::Sentence(_) | Node::Passage(_) | Node::Or(_) | Node::And(_))
        };
        let plain = self.spelled(&|_| false);
        // In capitals throughout, `SAME` would be read as a word.
        if self.clauses.iter().any(is_operator) && parser::is_shouted(&plain) {
            return f.write_str(&self.spelled(&is_operator));
        }
        f.write_str(&plain)
    }
}

impl Query {
    /// Its plain spelling, with parentheses where it needs them and where they are asked for.
    fn spelled(&self, in_brackets: &dyn Fn(&Node) -> bool) -> String {
        let mut pieces: Vec<String> = Vec::new();
        for clause in &self.clauses {
            // Side by side holds less tightly than `OR`, and `AND` more; an `AND` that stood bare beside others would
            // make them strict.
            let needs_them = match clause {
                Node::And(_) => self.clauses.len() > 1,
                Node::Or(_) => self.needs_all || in_brackets(clause),
                _ => in_brackets(clause),
            };
            pieces.push(if needs_them { format!("({clause})") } else { clause.to_string() });
        }
        if self.needs_all {
            return pieces.join(" AND ");
        }
        // An amount and `NYSE:` go on with the word behind them.
        for at in 1..pieces.len() {
            let before = &pieces[at - 1];
            let may_go_on = before.ends_with(':') || before.contains(is_currency);
            if may_go_on && parser::parse(&format!("{before} {}", pieces[at])).clauses.len() < 2 {
                pieces[at - 1] = format!("({before})");
            }
        }
        pieces.join(" ")
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let join = |f: &mut fmt::Formatter<'_>, parts: &[Node], sign: &dyn Fn(usize) -> String| {
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    write!(f, " {} ", sign(index))?;
                }
                let inner = if part.tightness() > self.tightness() { "" } else { "(" };
                write!(f, "{inner}{part}{}", if inner.is_empty() { "" } else { ")" })?;
            }
            Ok(())
        };
        // Behind a colon.
        let held = |f: &mut fmt::Formatter<'_>, part: &Node| match part {
            Node::Text(text)
                if !matches!(text.kind, TextKind::Phrase(_))
                    && !text.text.starts_with(parser::opens_value) =>
            {
                write!(f, "({part})")
            }
            Node::Text(_) | Node::In(..) | Node::Form(..) | Node::AtLeast(..) | Node::First(..) => {
                write!(f, "{part}")
            }
            other => write!(f, "({other})"),
        };
        match self {
            Node::Text(text) => write!(f, "{text}"),
            Node::Field(condition) => {
                let (name, value) = (condition.field.name(), &condition.value);
                if is_bare(value) { write!(f, "{name}:{value}") } else { write!(f, "{name}:\"{value}\"") }
            }
            Node::Saved(name, _) => write!(f, "@{name}"),
            Node::And(parts) => join(f, parts, &|_| "AND".to_owned()),
            Node::Or(parts) => join(f, parts, &|_| "OR".to_owned()),
            Node::Sentence(parts) => join(f, parts, &|_| "SENT".to_owned()),
            Node::Passage(parts) => join(f, parts, &|_| "SAME".to_owned()),
            Node::Near(parts, gaps) => join(f, parts, &|index| gaps[index - 1].to_string()),
            Node::Not(part) => {
                f.write_str("-")?;
                if part.tightness() > self.tightness() { write!(f, "{part}") } else { write!(f, "({part})") }
            }
            Node::AtLeast(count, part) => write!(f, "atleast{count}({part})"),
            Node::First(count, part) => write!(f, "first{count}({part})"),
            Node::Form(form, part) => write!(f, "{}({part})", form.name()),
            Node::In(place, part) => {
                write!(f, "{}:", place.name())?;
                held(f, part)
            }
            Node::Boost(factor, part) => {
                match &**part {
                    Node::Text(text) if !text.text.contains('^') => write!(f, "{text}")?,
                    Node::Text(text) => write!(f, "({text})")?,
                    other => held(f, other)?,
                }
                write!(f, "^{factor}")
            }
        }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TextKind::Word => f.write_str(&self.text),
            TextKind::Fuzzy(wrong) => write!(f, "{}~{wrong}", self.text),
            TextKind::Phrase(0) => write!(f, "\"{}\"", self.text),
            TextKind::Phrase(others) => write!(f, "\"{}\"~{others}", self.text),
        }
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", if self.is_ordered { "PRE" } else { "NEAR" }, self.within)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A query, its plain spelling, and its warnings.
    fn check(typed: &str, plain: &str, warnings: &[&str]) {
        let query = Query::parse(typed).unwrap();
        assert_eq!(query.to_string(), plain, "{typed}");
        let messages: Vec<&str> = query.warnings.iter().map(|warning| warning.message.as_str()).collect();
        assert_eq!(messages, warnings, "{typed}");
        assert_eq!(Query::parse(plain).unwrap(), query, "{typed}");
    }

    #[test]
    fn what_people_type_is_understood() {
        check("alipay merchants", "alipay merchants", &[]);
        check("“profit warning” -airline", "\"profit warning\" -airline", &[]);
        check("title:merger title:\"due diligence\"", "title:merger title:\"due diligence\"", &[]);
        check("AT&T (BRK.B) $1.2bn", "AT&T BRK.B $1.2bn", &[]);
        check("oil AND gas", "oil AND gas", &[]);
        check("say AT & T and oil & gas", "say AT & T and oil gas", &[]);
        check("AT & T oil", "AT & T oil", &[]);
        check("oil NOT gas", "oil -gas", &[]);
        check("16:30 http://example.org/a usb-c R&D", "16:30 http://example.org/a usb-c R&D", &[]);
        check("oil - gas – coal", "oil gas coal", &[]);
        check("\u{a0}oil\u{a0}gas", "oil gas", &[]);
        check("ｏｉｌ＂gas　coal＂", "oil \"gas coal\"", &[]);
        check("", "", &[]);
        for nothing in ["... !!", "%", "☕🚀", "\"\""] {
            check(nothing, "", &["the query has no word and no condition, so it asks for nothing"]);
        }
        let query = Query::parse("(").unwrap();
        assert_eq!(query.warnings.len(), 3);
        assert_eq!(
            query.warnings[0].message,
            "the query has no word and no condition, so it asks for nothing"
        );
    }

    #[test]
    fn what_is_nested_as_deep_as_can_be_stays_what_it_is() {
        for levels in 12..20 {
            let nested = (0..levels).fold("a".to_owned(), |inner, _| format!("-({inner} OR b)"));
            for deep in [nested.clone(), format!("atleast2({nested})")] {
                let query = Query::parse(&format!("x AND y {deep} OR c")).unwrap();
                assert_eq!(Query::parse(&query.to_string()).unwrap(), query, "{levels} {query}");
                assert!(query.clauses.iter().all(|clause| parser::depth(clause) <= MAX_DEPTH), "{query}");
            }
        }
    }

    #[test]
    fn an_amount_is_one_word() {
        for (typed, plain, clauses) in [
            ("$1.2 billion deal", "$1.2 billion deal", 2),
            ("US$ 5 million deal", "$5 million deal", 2),
            ("US$5m", "$5m", 1),
            ("€ 3.4 bn, cash", "€3.4bn cash", 2),
            ("HK$ 20 million.", "HK$20 million", 1),
            ("£ 5", "£5", 1),
            ("-$1.2 Billion", "-$1.2 Billion", 1),
            ("$5 shares", "$5 shares", 2),
            ("$1.2, billion", "$1.2, billion", 2),
            ("1.2 billion", "1.2 billion", 2),
            ("($1.2) million", "($1.2) million", 2),
            ("-($1.2) million", "(-$1.2) million", 2),
            ("oil OR ($1.2) million", "(oil OR $1.2) million", 2),
            ("$1.2 AND million", "$1.2 AND million", 2),
            ("$", "", 0),
        ] {
            let query = Query::parse(typed).unwrap();
            assert_eq!((query.to_string().as_str(), query.clauses.len()), (plain, clauses), "{typed}");
            assert_eq!(Query::parse(plain).unwrap(), query, "{typed}");
        }
    }

    #[test]
    fn an_exchange_before_a_colon_makes_a_ticker() {
        check("(ASX:LEL) drilling", "ticker:ASX:LEL drilling", &[]);
        check("NASDAQ:AAPL, Nasdaq: AAPL", "ticker:NASDAQ:AAPL ticker:NASDAQ:AAPL", &[]);
        check("NYSE: ACM shares", "ticker:NYSE:ACM shares", &[]);
        check("nasdaq:aapl", "ticker:NASDAQ:AAPL", &[]);
        check("TSX-V:ABC TSX.V:ABC", "ticker:TSXV:ABC ticker:TSXV:ABC", &[]);
        check("HKEX:700", "ticker:HKEX:0700", &[]);
        check("(NYSE:) ACM", "(NYSE:) ACM", &[]);
        check("six:oil", "six oil", &["unknown field `six`, searched as text"]);
        check("nyse: floor", "nyse: floor", &[]);
    }

    #[test]
    fn a_condition_counts_nothing() {
        let passed_over = "`^2` was passed over: a condition counts nothing";
        check("region:US^2 oil", "region:US oil", &[passed_over]);
        check("(source:wire)^2", "source:wire", &["a factor was passed over: a condition counts nothing"]);
        check("source:\"a^2\"", "source:\"a^2\"", &[]);
    }

    #[test]
    fn operators_hold_as_tightly_as_people_mean() {
        check("a OR b", "a OR b", &[]);
        check("wheat OR corn prices", "wheat OR corn prices", &[]);
        check("(wheat OR corn) AND prices", "(wheat OR corn) AND prices", &[]);
        check("wheat OR corn AND prices", "wheat OR corn AND prices", &[]);
        check("profit warning AND airline", "profit AND warning AND airline", &[]);
        check("(profit warning) airline", "(profit AND warning) airline", &[]);
        check("(a OR (b c)) -(d OR \"e f\")", "a OR b AND c -(d OR \"e f\")", &[]);
        check("a AND (b AND (c AND d))", "a AND b AND c AND d", &[]);
        check("a NEAR/5 b SENT c SAME d PRE/2 e", "a NEAR/5 b SENT c SAME d PRE/2 e", &[]);
        check("a SAME (b SAME c)", "a SAME (b SAME c)", &[]);
        check("(a OR b) NEAR/3 (c OR d)", "(a OR b) NEAR/3 (c OR d)", &[]);
        check("-a NEAR/3 b", "-a NEAR/3 b", &[]);
        check("NOT NOT a", "a", &[]);
        check("a OR NOT b", "a OR -b", &[]);
    }

    #[test]
    fn other_services_are_understood() {
        check("a W/5 b w/3 c NEAR2 d", "a NEAR/5 b NEAR/3 c NEAR/2 d", &[]);
        check("a ADJ5 b ADJ c NEAR d", "a PRE/5 b PRE/1 c NEAR/10 d", &[]);
        check("a W/S b W/P c", "a SENT b SAME c", &[]);
        check("near same sent w/o pre adj and or not", "near same sent w/o pre adj and or not", &[]);
        check("SHARES NEAR SAME RECORD AS BANKS", "SHARES NEAR SAME RECORD AS BANKS", &[]);
        check("SALT LAKE AND ALSCO EXTEND PACT", "SALT LAKE AND ALSCO EXTEND PACT", &[]);
        check("OLIVETTI DOES NOT EXCLUDE STAKE", "OLIVETTI DOES NOT EXCLUDE STAKE", &[]);
        check("BANK AND FRAUD AND EUROPE AND FINE", "BANK AND FRAUD AND EUROPE AND FINE", &[]);
        check("OIL || GAS COAL WHEAT CORN", "(OIL OR GAS) COAL WHEAT CORN", &[]);
        check("atleast3(oil) ATLEAST2(a OR b)", "atleast3(oil) atleast2(a OR b)", &[]);
        check(
            "first50(oil gas) caps(who) exact(Fed) stem(rates)",
            "first50(oil AND gas) caps(who) exact(Fed) stem(rates)",
            &[],
        );
    }

    #[test]
    fn fields_take_values_of_every_kind() {
        check("region:(TH OR VN)", "region:TH OR region:VN", &[]);
        check("region:(TH, VN)", "region:TH OR region:VN", &[]);
        check("region:(EU -DE) oil", "(region:EU AND -region:DE) oil", &[]);
        check("entity:(Bank of England OR BoE)", "entity:\"Bank of England\" OR entity:BoE", &[]);
        check("region:=142 country:TH AUTHOR:x", "region:=142 region:TH by:x", &[]);
        check("date:-90d.. date:\"last week\" date:>2020", "date:-90d.. date:\"last week\" date:>2020", &[]);
        check("title:(merger OR deal) -source:Reuters", "title:(merger OR deal) -source:Reuters", &[]);
        check("title:merger^2 (a b)^0.5", "title:merger^2 (a AND b)^0.5", &[]);
        check(
            "merg* organi?ation word~ word~2 \"a b\"~3 \"c\"^3",
            "merg* organi?ation word~1 word~2 \"a b\"~3 \"c\"^3",
            &[],
        );
        check("@rates oil", "@rates oil", &[]);
    }

    #[test]
    fn what_is_put_right_is_said() {
        check(
            "<b>merger</b> tax",
            "<b>merger</b> tax",
            &["`<b>merger</b>` looks like markup, searched as text"],
        );
        check("oil^-5 ^GSPC", "oil^-5 ^GSPC", &["`^-5` is no factor, searched as text"]);
        check("a<b", "a<b", &[]);
        check(
            "say \"profit warn",
            "say \"profit warn\"",
            &["the quote is not closed, so the phrase goes on to the end"],
        );
        check("(oil OR gas", "oil OR gas", &["a parenthesis is not closed, so it goes on to the end"]);
        check("oil) gas", "oil gas", &["a parenthesis is closed that was not opened"]);
        check("oil () gas", "oil gas", &["parentheses with nothing in them were passed over"]);
        check(
            "OR oil AND",
            "oil",
            &["`OR` with nothing before it was passed over", "`AND` with nothing after it was passed over"],
        );
        check("oil NEAR/5", "oil", &["`NEAR/5` with nothing after it was passed over"]);
        check(
            "oil NEAR/0 gas NEAR/5000 coal",
            "oil NEAR/1 gas NEAR/1000 coal",
            &["`0` is out of bounds; read as 1", "`5000` is out of bounds; read as 1000"],
        );
        check("region: europe", "region: europe", &["`region:` with a blank after it was read as a word"]);
        check("oil NOT", "oil", &["`NOT` with nothing after it was passed over"]);
        let query = Query::parse("regoin:europe tax").unwrap();
        assert_eq!(query.to_string(), "regoin europe tax");
        assert_eq!(query.warnings[0].message, "unknown field `regoin`, searched as text");
        assert_eq!(query.warnings[0].hint.as_deref(), Some("did you mean `region:`?"));
        assert_eq!(query.warnings[0].span, Span::new(0, 6));
        let query = Query::parse("“oil” since:2020").unwrap();
        assert_eq!(query.warnings[0].span.of("“oil” since:2020"), "since");
        assert_eq!(query.warnings[0].hint.as_deref(), Some("write `date:2020..`"));
    }

    #[test]
    fn the_grammar_has_every_field_and_no_other() {
        let known = || FIELDS.iter().map(|(name, _)| *name).chain(PARTS.iter().map(|(name, _)| *name));
        let written: std::collections::BTreeSet<&str> = GRAMMAR
            .split(|c: char| c.is_whitespace() || c == ',')
            .filter_map(|word| word.split_once(':'))
            .map(|(name, _)| name)
            .filter(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '-') && name.len() > 1)
            .collect();
        assert_eq!(written, known().collect());
        assert!(GRAMMAR.lines().all(|line| line.len() <= 80 && (line.is_empty() || line.starts_with("  "))));
    }

    #[test]
    fn only_length_is_an_error() {
        assert!(Query::parse(&"a ".repeat(200)).is_ok());
        assert_eq!(Query::parse(&"a ".repeat(300)).unwrap().clauses.len(), MAX_CLAUSES);
        // A phrase in a list is two at once.
        let list = Query::parse(&format!("x source:({})", "a \"b\" ".repeat(300))).unwrap();
        let leaves: usize = list.clauses.iter().map(|clause| clause.leaves().len()).sum();
        assert!(leaves <= MAX_CLAUSES + 1, "{leaves}");
        assert!(Query::parse(&"a".repeat(5000)).is_err());
    }

    #[test]
    fn a_small_stack_is_enough() {
        let deep = |open: &str, close: &str| {
            let count = MAX_BYTES / (open.len() + close.len()) - 1;
            format!("{}a{}", open.repeat(count), close.repeat(count))
        };
        let hostile = [
            deep("(", ")"),
            deep("(b OR (", ") AND c)"),
            deep("-(b NEAR/5 ", " SAME c)"),
            deep("title:(exact(", ")^2)"),
            "title:".repeat(MAX_BYTES / 6),
            "(".repeat(MAX_BYTES),
            "NOT ".repeat(MAX_BYTES / 4),
        ];
        let parsed = std::thread::Builder::new().stack_size(256 << 10).spawn(move || {
            for typed in hostile {
                let query = Query::parse(&typed).unwrap();
                assert_eq!(Query::parse(&query.to_string()).unwrap(), query.clone());
            }
        });
        parsed.unwrap().join().unwrap();
    }
}
