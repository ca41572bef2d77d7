//! What a person asks, as a value that knows nothing of any engine.
//!
//! ```text
//! query   = clause*                      blanks between
//! clause  = [ "-" | NOT ] [ "title:" ] ( word | phrase )
//! phrase  = '"' any text '"'             the words in this order, side by side
//! word    = text up to a blank or quote
//! AND                                    every word must occur, not only most
//! ```
//!
//! Words that merely stand side by side are all wanted, but an article with most of them may follow those
//! with every one. Quotes and `title:` must hold, and what follows `-` must not.
//!
//! Nothing a person types is an error but its length: quotes of any style are quotes, one that is not
//! closed ends with the query, brackets are blanks, an unknown `field:` is text. What was put right is said
//! in [`Query::warnings`]. Printing a query gives its plain spelling, which parses to the same query.

use std::fmt;

use crate::article::Span;
use crate::error::{Error, Result};

/// The longest query, in bytes; a page of text fits.
pub const MAX_BYTES: usize = 4096;

/// The most clauses a query may have; what follows is passed over with a warning.
pub const MAX_CLAUSES: usize = 256;

/// A parsed query.
#[derive(Debug, Clone, Default)]
pub struct Query {
    pub clauses: Vec<Clause>,
    /// A written `AND`: every word must occur.
    pub needs_all: bool,
    pub warnings: Vec<Warning>,
}

impl PartialEq for Query {
    /// Warnings are about the typing, not part of what was asked.
    fn eq(&self, other: &Query) -> bool {
        self.clauses == other.clauses && self.needs_all == other.needs_all
    }
}

/// How a clause bears on an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occur {
    Wanted,
    Not,
}

/// Where a clause is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Article,
    Title,
}

/// One thing asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    pub occur: Occur,
    pub scope: Scope,
    pub is_phrase: bool,
    /// As typed, without quotes, field or sign.
    pub text: String,
}

/// Something that was put right, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    pub message: String,
    pub hint: Option<String>,
    /// Bytes of the query as typed.
    pub span: Span,
}

/// The fields a clause can name, for suggestions.
const FIELDS: [&str; 1] = ["title"];

/// Names of filters that people type as fields.
const FLAGS: [(&str, &str); 9] = [
    ("region", "--region"),
    ("country", "--region"),
    ("entity", "--entity"),
    ("company", "--entity"),
    ("ticker", "--entity"),
    ("source", "--source"),
    ("lang", "--lang"),
    ("since", "--since"),
    ("until", "--until"),
];

impl Query {
    /// Reads a query.
    ///
    /// # Errors
    /// [`Error::Usage`] where it is longer than [`MAX_BYTES`].
    pub fn parse(typed: &str) -> Result<Query> {
        if typed.len() > MAX_BYTES {
            return Err(Error::usage(format!(
                "the query has {} bytes, and at most {MAX_BYTES} can be searched; search for its first sentences",
                typed.len()
            )));
        }
        let mut parser = Parser { typed, at: 0, query: Query::default(), negate: None };
        while parser.clause() {
            if parser.query.clauses.len() > MAX_CLAUSES {
                parser.query.clauses.truncate(MAX_CLAUSES);
                let rest = Span::new(parser.at, typed.len());
                parser.warn(format!("only the first {MAX_CLAUSES} words are searched"), None, rest);
                break;
            }
        }
        if parser.query.clauses.is_empty() && typed.contains(|c| !is_blank(c)) {
            let all = Span::new(0, typed.len());
            parser.warn("the query has no word, so every article passes", None, all);
        }
        if let Some(span) = parser.negate {
            parser.warn("`NOT` with nothing after it was passed over", None, span);
        }
        Ok(parser.query)
    }
}

struct Parser<'a> {
    typed: &'a str,
    at: usize,
    query: Query,
    /// A `NOT` that waits for its clause.
    negate: Option<Span>,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.typed[self.at..]
    }

    fn warn(&mut self, message: impl Into<String>, hint: Option<String>, span: Span) {
        self.query.warnings.push(Warning { message: message.into(), hint, span });
    }

    /// Reads the next clause; `false` at the end.
    fn clause(&mut self) -> bool {
        let blank = self.rest().find(|c| !is_blank(c)).unwrap_or(self.rest().len());
        self.at += blank;
        let start = self.at;
        let Some(first) = self.rest().chars().next() else { return false };
        let mut occur = Occur::Wanted;
        let after = self.rest()[first.len_utf8()..].chars().next();
        if is_minus(first) {
            self.at += first.len_utf8();
            if after.is_none_or(|c| is_blank(c) || is_minus(c)) {
                return true;
            }
            occur = Occur::Not;
        } else if first == '+' && after.is_some_and(|c| c.is_alphanumeric() || is_quote(c)) {
            self.at += 1;
        }
        let scope = self.field(occur);
        let (text, is_phrase) = match self.rest().chars().next().filter(|&c| is_quote(c)) {
            Some(quote) => (self.phrase(quote), true),
            None => (self.word(), false),
        };
        let span = Span::new(start, self.at);
        if !is_phrase && scope == Scope::Article && occur == Occur::Wanted {
            match text.as_str() {
                "AND" | "&&" => {
                    self.query.needs_all = true;
                    return true;
                }
                "NOT" => {
                    self.negate = Some(span);
                    return true;
                }
                "OR" | "||" => {
                    let hint =
                        "words that stand side by side already find articles with most of them".to_owned();
                    self.warn("`OR` was passed over", Some(hint), span);
                    return true;
                }
                _ => {}
            }
        }
        if self.negate.take().is_some() {
            occur = Occur::Not;
        }
        if text.chars().any(char::is_alphanumeric) {
            self.query.clauses.push(Clause { occur, scope, is_phrase, text });
        }
        true
    }

    /// Reads `title:`; another name before a colon is text, with a warning where it looks like a field.
    fn field(&mut self, occur: Occur) -> Scope {
        let rest = self.rest();
        let length = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let (name, after) = rest.split_at(length);
        let Some(value) = after.strip_prefix(':') else { return Scope::Article };
        let value_follows = value.chars().next().is_some_and(|c| c.is_alphanumeric() || is_quote(c));
        if name.is_empty() || !value_follows {
            return Scope::Article;
        }
        let name = name.to_ascii_lowercase();
        let span = Span::new(self.at, self.at + length);
        if FIELDS.contains(&name.as_str()) {
            self.at += length + 1;
            return Scope::Title;
        }
        let flag = FLAGS.iter().find(|(field, _)| strsim::jaro_winkler(field, &name) > 0.9);
        let field = FIELDS.iter().find(|field| strsim::jaro_winkler(field, &name) > 0.85);
        let hint = match (flag, field) {
            (Some((_, flag)), _) => Some(format!("use `{flag} VALUE` to filter")),
            (None, Some(field)) => Some(format!("did you mean `{field}:`?")),
            (None, None) => None,
        };
        self.warn(format!("unknown field `{name}`, searched as text"), hint, span);
        // The name becomes a word of its own, and so will the value.
        let text = self.typed[span.range()].to_owned();
        self.query.clauses.push(Clause { occur, scope: Scope::Article, is_phrase: false, text });
        self.at += length + 1;
        Scope::Article
    }

    fn word(&mut self) -> String {
        let rest = self.rest();
        let length_from = |from: usize| {
            from + rest[from..].find(|c| is_blank(c) || is_quote(c)).unwrap_or(rest.len() - from)
        };
        let mut length = length_from(0);
        // `AT & T` is one name.
        let is_short =
            |text: &str| (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase());
        if is_short(&rest[..length]) && rest[length..].starts_with(" & ") {
            let end = length_from(length + 3);
            if is_short(&rest[length + 3..end]) {
                length = end;
            }
        }
        let word = rest[..length].to_owned();
        self.at += length;
        word
    }

    fn phrase(&mut self, quote: char) -> String {
        let open = self.at;
        self.at += quote.len_utf8();
        let rest = self.rest();
        if let Some(length) = rest.find(is_quote) {
            let close = rest[length..].chars().next().map_or(0, char::len_utf8);
            let phrase = rest[..length].to_owned();
            self.at += length + close;
            return phrase;
        }
        let phrase = rest.to_owned();
        self.at = self.typed.len();
        self.warn(
            "the quote is not closed, so the phrase goes on to the end",
            None,
            Span::new(open, open + quote.len_utf8()),
        );
        phrase
    }
}

fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '(' | ')' | '[' | ']' | '{' | '}' | '\u{200b}' | '\u{feff}')
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '‟' | '«' | '»' | '＂' | '❝' | '❞')
}

fn is_minus(c: char) -> bool {
    matches!(c, '-' | '−' | '–' | '—' | '－')
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, clause) in self.clauses.iter().enumerate() {
            if index > 0 {
                f.write_str(if self.needs_all && index == 1 { " AND " } else { " " })?;
            }
            if clause.occur == Occur::Not {
                f.write_str("-")?;
            }
            if clause.scope == Scope::Title {
                f.write_str("title:")?;
            }
            if clause.is_phrase { write!(f, "\"{}\"", clause.text)? } else { f.write_str(&clause.text)? }
        }
        if self.needs_all && self.clauses.len() < 2 {
            f.write_str(" AND")?;
        }
        Ok(())
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
        check("16:30 http://example.org/a usb-c", "16:30 http://example.org/a usb-c", &[]);
        check("oil - gas – coal", "oil gas coal", &[]);
        check("\u{a0}oil\u{a0}gas", "oil gas", &[]);
        check("", "", &[]);
        check("... !!", "", &["the query has no word, so every article passes"]);
    }

    #[test]
    fn what_is_put_right_is_said() {
        check(
            "say \"profit warn",
            "say \"profit warn\"",
            &["the quote is not closed, so the phrase goes on to the end"],
        );
        check("oil OR gas", "oil gas", &["`OR` was passed over"]);
        let query = Query::parse("regoin:europe tax").unwrap();
        assert_eq!(query.to_string(), "regoin europe tax");
        assert_eq!(query.warnings[0].message, "unknown field `regoin`, searched as text");
        assert_eq!(query.warnings[0].hint.as_deref(), Some("use `--region VALUE` to filter"));
        assert_eq!(query.warnings[0].span, Span::new(0, 6));
    }

    #[test]
    fn only_length_is_an_error() {
        assert!(Query::parse(&"a ".repeat(200)).is_ok());
        assert_eq!(Query::parse(&"a ".repeat(300)).unwrap().clauses.len(), MAX_CLAUSES);
        assert!(Query::parse(&"a".repeat(5000)).is_err());
    }
}
