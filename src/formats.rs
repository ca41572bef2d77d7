//! Articles out of bytes: every format that news arrives in, each in a module of its own.
//!
//! ```text
//! bytes -> detect -> Format -> articles -> Parsed, Parsed, Fault, ...
//! ```
//!
//! [`detect`] looks at the first bytes and takes the name of the file as a hint only. [`articles`] turns the
//! bytes into articles, one or many; what cannot become one is a [`Fault`] with a reason, beside the others.
//! Everything here is a pure function. Streams, archives and the splitting of large files come before,
//! in [`unpack`](crate::unpack); what can be read off the words of an article comes after.
//!
//! | format | recognised by | articles |
//! |---|---|---|
//! | [`json`] | `{` or `[` | one an object: own fields, schema.org, ninjs, or a field map |
//! | [`text`] | nothing else fits | one, with or without front matter, plain or Markdown |

use std::collections::BTreeMap;

use serde::Serialize;

use crate::article::{Article, Warning};

pub mod json;
pub mod text;

/// An article and what was noticed while reading it.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    pub article: Article,
    pub warnings: Vec<Warning>,
}

/// Why something is no article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub reason: Reason,
    /// What was expected, and where it was not found; one line.
    pub message: String,
}

impl Fault {
    pub fn new(reason: Reason, message: impl Into<String>) -> Fault {
        Fault { reason, message: message.into() }
    }
}

/// What becomes of one article of a file.
pub type Outcome = Result<Parsed, Fault>;

/// The kinds of [`Fault`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The file or stream failed, or its compression is broken.
    Unreadable,
    /// Larger than an article may be.
    TooLong,
    /// Binary.
    NotText,
    NotJson,
    NotXml,
    WrongType,
    /// Nested deeper than anything written by an honest hand.
    TooDeep,
    /// Expands to many times its size.
    Bomb,
    FrontMatter,
    /// Well-formed, but of a kind that holds no article: a picture, a schema, a list of links.
    NotAnArticle,
    /// Neither title nor body has a word.
    NoText,
    /// A format that is recognised and not read.
    Unsupported,
}

/// What is known of an article from where it was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hints {
    /// The address a page was fetched from.
    pub url: Option<String>,
}

/// Field names of foreign JSON and tables, ours first: `title` -> `headline.main`.
pub type FieldMap = BTreeMap<String, String>;
