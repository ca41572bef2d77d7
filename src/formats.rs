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
//! | [`agency`] | a control character that starts a header | one a transmission: ANPA-1312, IPTC 7901 |
//! | [`json`] | `{`, or `[` and an object | one an object: own fields, schema.org and what else people use, or a field map |
//! | [`ninjs`] | JSON with the names of the standard | one an item |
//! | [`reuters`] | `<REUTERS` | one a record of the SGML of Reuters-21578 |
//! | [`newsml`] | the root of NewsML-G2 or NewsML 1 | one an item with text |
//! | [`nitf`] | the root `nitf` | one |
//! | [`feed`] | the root of RSS, RDF or Atom; in JSON, the version of JSON Feed | one an entry |
//! | [`html`] | a tag of HTML | the article of the page |
//! | [`mail`] | header lines with who it is from | one a message; mailboxes are cut before |
//! | [`warc`] | `WARC/` or `filedesc://` | pages, each of which is detected again; before this |
//! | [`text`] | nothing else fits | one, with or without front matter; Markdown by the file's name |
//!
//! [`xml`] is what those in XML share.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::article::{Article, Notice, Warning};

pub mod agency;
pub mod feed;
pub mod html;
pub mod json;
pub mod mail;
pub mod newsml;
pub mod ninjs;
pub mod nitf;
pub mod reuters;
pub mod text;
pub mod warc;
pub mod xml;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
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

/// The formats of one article or of one document of articles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    Json,
    Feed,
    Newsml,
    Nitf,
    Reuters,
    Html,
    Mail,
    Agency,
    Markdown,
    Text,
}

/// Bytes at the start of a file that are enough to tell what it is.
pub const ENOUGH: usize = 4096;

/// What a file is by its first bytes, at least [`ENOUGH`] of them if it has as many, and its name.
///
/// # Errors
/// A [`Fault`] for what is recognised and holds no article.
pub fn detect(start: &[u8], name: &str) -> Result<Format, Fault> {
    let (text, _) = decode(start);
    let trimmed = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    if agency::is(&text) {
        return Ok(Format::Agency);
    }
    for (magic, what) in BINARY {
        if start.starts_with(magic) {
            return Err(Fault::new(Reason::Unsupported, format!("{what}, which dateline does not read")));
        }
    }
    if text.contains('\0') {
        return Err(Fault::new(Reason::NotText, "a binary file, not text"));
    }
    if trimmed.starts_with('{') || trimmed.starts_with('[') && json::is_array(trimmed) {
        return Ok(Format::Json);
    }
    type Recognise = fn(&str) -> bool;
    let recognised: [(Recognise, Format); 5] = [
        (reuters::is, Format::Reuters),
        (newsml::is, Format::Newsml),
        (nitf::is, Format::Nitf),
        (feed::is, Format::Feed),
        (html::is, Format::Html),
    ];
    if trimmed.starts_with('<')
        && let Some((_, format)) = recognised.iter().find(|(is, _)| is(trimmed))
    {
        return Ok(*format);
    }
    // Feeds are read with junk before their declaration.
    if trimmed.find("<?xml").is_some_and(|at| at < 256 && feed::is(&trimmed[at..])) {
        return Ok(Format::Feed);
    }
    if trimmed.starts_with("<?xml") {
        return Err(Fault::new(
            Reason::Unsupported,
            "XML of a kind that dateline does not know; it reads NewsML, NITF, RSS, Atom and XHTML",
        ));
    }
    if mail::is(start) {
        return Ok(Format::Mail);
    }
    let ends = |ending: &str| {
        name.len() >= ending.len() && name[name.len() - ending.len()..].eq_ignore_ascii_case(ending)
    };
    Ok(if name.is_ascii() && (ends(".md") || ends(".markdown")) { Format::Markdown } else { Format::Text })
}

/// First bytes of what is often found beside articles.
const BINARY: [(&[u8], &str); 8] = [
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"RIFF", "a picture or sound"),
    (b"\xd0\xcf\x11\xe0", "an Office document"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"BZh", "a bzip2 file"),
];

/// The articles of a document.
pub fn articles(format: Format, bytes: &[u8], hints: &Hints, map: &FieldMap) -> Vec<Outcome> {
    if format == Format::Mail {
        return mail::articles(bytes);
    }
    let (text, replaced) = decode(bytes);
    if text.contains('\0') && format != Format::Agency && format != Format::Json {
        return vec![Err(Fault::new(Reason::NotText, "a binary file, not text"))];
    }
    let mut outcomes = match format {
        Format::Json => json::articles(&text, hints, map),
        Format::Feed => feed::articles(&text),
        Format::Newsml => newsml::articles(&text),
        Format::Nitf => nitf::articles(&text),
        Format::Reuters => reuters::articles(&text),
        Format::Html => html::articles(&text, hints),
        Format::Agency => agency::articles(&text),
        Format::Markdown => vec![text::article(&text, true)],
        Format::Text => vec![text::article(&text, false)],
        Format::Mail => unreachable!("taken above"),
    };
    for parsed in outcomes.iter_mut().flatten() {
        if let Some(encoding) = replaced {
            parsed
                .warnings
                .push(Warning::new(Notice::Encoding, format!("bytes that are not {encoding} were replaced")));
        }
        if parsed.article.url.is_none() {
            parsed.article.url.clone_from(&hints.url);
        }
    }
    outcomes
}

/// Text of bytes by byte order mark, by what the text declares, as UTF-8, else as what it looks most like;
/// with the name of the encoding where bytes had to be replaced.
pub fn decode(bytes: &[u8]) -> (Cow<'_, str>, Option<&'static str>) {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        return decoded(encoding, &bytes[mark..]);
    }
    let declared = declared(bytes);
    if let Ok(text) = std::str::from_utf8(bytes)
        && declared.is_none_or(|encoding| encoding != encoding_rs::ISO_2022_JP)
    {
        // Declared to be something else, but valid UTF-8 beyond ASCII: converted by somebody who forgot to say.
        return (Cow::Borrowed(text), None);
    }
    let encoding = declared.filter(|encoding| *encoding != encoding_rs::UTF_8).unwrap_or_else(|| {
        let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
        detector.feed(&bytes[..bytes.len().min(LOOKED_AT)], bytes.len() <= LOOKED_AT);
        detector.guess(None, chardetng::Utf8Detection::Allow)
    });
    decoded(encoding, bytes)
}

/// Bytes from which the encoding is guessed.
const LOOKED_AT: usize = 1 << 16;

fn decoded<'a>(
    encoding: &'static encoding_rs::Encoding,
    bytes: &'a [u8],
) -> (Cow<'a, str>, Option<&'static str>) {
    let (text, had_errors) = encoding.decode_without_bom_handling(bytes);
    (text, had_errors.then(|| encoding.name()))
}

/// The encoding that an XML declaration or an HTML `meta` near the start names.
fn declared(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    /// HTML asks for the declaration within the first 1,024 bytes.
    const NEAR: usize = 1024;
    let start = &bytes[..bytes.len().min(NEAR)];
    if !start.trim_ascii_start().starts_with(b"<") {
        return None;
    }
    let named = |mark: &[u8]| -> Option<&'static encoding_rs::Encoding> {
        let at = memchr::memmem::find(start, mark)? + mark.len();
        let rest = start[at..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
        let rest = rest.strip_prefix(b"\"").or(rest.strip_prefix(b"'")).unwrap_or(rest);
        let end = rest.iter().position(|byte| !byte.is_ascii_alphanumeric() && !b"-_:".contains(byte))?;
        encoding_rs::Encoding::for_label(&rest[..end])
    };
    let found = if start.trim_ascii_start().starts_with(b"<?xml") { named(b"encoding") } else { None };
    // ASCII could be read as far as the declaration, so it is not UTF-16 whatever it says.
    found.or_else(|| named(b"charset")).filter(|encoding| encoding.is_ascii_compatible())
}
