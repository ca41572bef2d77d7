//! Texts with the names in them, for learning and for measuring.
//!
//! They come in two shapes, plain or compressed with gzip. One is JSON lines:
//! `{"id", "text", "entities": [{"start", "end", "label"}]}`, offsets in code points, labels `ORG`, `PER`, `LOC`, `PROD`,
//! `DEM`, `TICK`; a `LOC` may have a `country`, as English writes it. The label `ENTITY` stands for an organisation or a product; in a text with such labels no others
//! are marked, so that a capitalised word outside them may be anything but an organisation.
//!
//! The other is for writing by hand, marks in line, an empty line between texts:
//!
//! ```text
//! [ORG Brindle Foods Inc.] names [PER Maria Lindqvist] to its board
//! [LOC HARROW BAY], [LOC Maine] -- The [DEM Danish] baker ([ORG NYSE]: [TICK BRDL]) ...
//!
//! WHEAT FALLS AS RAIN REACHES [LOC KANSAS]
//! ```

use std::io::Read;

use serde::Deserialize;

use super::Kind;
use crate::article::Span;
use crate::error::{Error, Result};

/// A text with the names in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Annotated {
    /// What it must not be parted from: the article or wire it is from.
    pub group: String,
    pub text: String,
    pub names: Vec<Name>,
    /// Whether only organisations and products are marked, and not told apart.
    pub is_open: bool,
}

/// A name in a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Name {
    pub span: Span,
    /// None where it is of a sort that the tagger does not know.
    pub kind: Option<Kind>,
    /// The country a place lies in, as English writes it.
    pub country: Option<String>,
}

#[derive(Deserialize)]
struct Row {
    id: String,
    #[serde(default)]
    docid: String,
    #[serde(default)]
    wire: String,
    text: String,
    entities: Vec<Mark>,
}

#[derive(Deserialize)]
struct Mark {
    start: usize,
    end: usize,
    label: String,
    country: Option<String>,
}

/// Reads annotated texts; `name` is for errors.
///
/// # Errors
/// With the line that is not in a shape the module describes.
pub fn read(name: &str, bytes: &[u8]) -> Result<Vec<Annotated>> {
    let mut unpacked = String::new();
    let wrong =
        |number: usize, what: &dyn std::fmt::Display| Error::usage(format!("{name}: line {number}: {what}"));
    let mut reader: Box<dyn Read> = if bytes.starts_with(&[0x1f, 0x8b]) {
        Box::new(flate2::read::MultiGzDecoder::new(bytes))
    } else {
        Box::new(bytes)
    };
    reader.read_to_string(&mut unpacked).map_err(|error| Error::usage(format!("{name}: {error}")))?;
    if !unpacked.starts_with('{') {
        return read_marked(name, &unpacked).map_err(|(number, what)| wrong(number, &what));
    }
    let rows = (1..).zip(unpacked.lines());
    rows.map(|(number, line)| {
        Ok(from_row(serde_json::from_str(line).map_err(|error| wrong(number, &error))?))
    })
    .collect()
}

fn from_row(row: Row) -> Annotated {
    let mut bytes: Vec<usize> = row.text.char_indices().map(|(at, _)| at).collect();
    bytes.push(row.text.len());
    let place = |at: usize| bytes[at.min(bytes.len() - 1)];
    let names = row.entities.iter().map(|mark| {
        let span = Span::new(place(mark.start), place(mark.end));
        let kind = match mark.label.as_str() {
            // `mid-cap funds` is no name.
            ENTITY => span.of(&row.text).starts_with(char::is_uppercase).then_some(Kind::Organisation),
            code => Kind::from_code(code),
        };
        Name { span, kind, country: mark.country.clone() }
    });
    let names = names.collect();
    let is_open = row.entities.iter().any(|mark| mark.label == ENTITY);
    let group = [row.wire, row.docid, row.id].into_iter().find(|group| !group.is_empty()).unwrap_or_default();
    Annotated { group, names, text: row.text, is_open }
}

/// The label of what has a price, a firm or a fund or an index.
const ENTITY: &str = "ENTITY";

/// Texts with marks in line; else the line that is wrong, and what is.
fn read_marked(name: &str, marked: &str) -> std::result::Result<Vec<Annotated>, (usize, String)> {
    let mut read: Vec<Annotated> = Vec::new();
    let mut is_within = false;
    for (number, line) in (1..).zip(marked.lines()) {
        if line.trim().is_empty() {
            is_within = false;
            continue;
        }
        if !std::mem::replace(&mut is_within, true) {
            let group = format!("{name}:{number}");
            read.push(Annotated { group, text: String::new(), names: Vec::new(), is_open: false });
        }
        let annotated = read.last_mut().expect("pushed above");
        if !annotated.text.is_empty() {
            annotated.text.push('\n');
        }
        add_marked(annotated, line).map_err(|what| (number, what))?;
    }
    Ok(read)
}

/// Adds a line to a text, its marks to the names.
fn add_marked(annotated: &mut Annotated, line: &str) -> std::result::Result<(), String> {
    let mut rest = line;
    while let Some(at) = rest.find(['[', ']']) {
        annotated.text.push_str(&rest[..at]);
        let opened = rest[at..].strip_prefix('[').ok_or("a `]` that closes nothing")?;
        let (inside, after) = opened.split_once(']').ok_or("a `[` that is not closed")?;
        let (code, written) = inside.split_once(' ').ok_or_else(|| format!("no name in `[{inside}]`"))?;
        let kind = Kind::from_code(code).ok_or_else(|| format!("unknown label `{code}`"))?;
        if written.trim() != written || written.is_empty() || written.contains('[') {
            return Err(format!("no name in `[{inside}]`"));
        }
        let start = annotated.text.len();
        annotated.text.push_str(written);
        let span = Span::new(start, annotated.text.len());
        annotated.names.push(Name { span, kind: Some(kind), country: None });
        rest = after;
    }
    annotated.text.push_str(rest);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_in_line_are_read() {
        let texts =
            read("lines", "[ORG Tarn Works] rises\nSo did [PER Åsa Holm].\n \nNobody\n".as_bytes()).unwrap();
        assert_eq!(texts[0].text, "Tarn Works rises\nSo did Åsa Holm.");
        let shown: Vec<_> = texts[0]
            .names
            .iter()
            .map(|name| (name.span.of(&texts[0].text), name.kind.unwrap().code()))
            .collect();
        assert_eq!(shown, [("Tarn Works", "ORG"), ("Åsa Holm", "PER")]);
        assert_eq!((texts.len(), &*texts[1].text, &*texts[1].group), (2, "Nobody", "lines:4"));
        for (marked, expected) in [
            ("\n[FIRM Tarn]", "lines: line 2: unknown label `FIRM`"),
            ("[ORG Tarn", "lines: line 1: a `[` that is not closed"),
            ("Tarn]", "lines: line 1: a `]` that closes nothing"),
            ("[ORG]", "lines: line 1: no name in `[ORG]`"),
            ("[ORG Tarn [LOC Bay]]", "lines: line 1: no name in `[ORG Tarn [LOC Bay]`"),
        ] {
            let error = read("lines", marked.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn rows_are_read() {
        let rows = concat!(
            r#"{"id": "1", "docid": "a", "text": "Åsa left Troy", "entities": [{"start": 9, "end": 13, "label": "LOC", "country": "France"}]}"#,
            "\n",
            r#"{"id": "2", "text": "The Danube Cup", "entities": [{"start": 4, "end": 14, "label": "MISC"}]}"#,
        );
        let texts = read("rows", rows.as_bytes()).unwrap();
        assert_eq!((&*texts[0].group, &*texts[1].group), ("a", "2"));
        let name = &texts[0].names[0];
        assert_eq!(
            (name.span.of(&texts[0].text), name.kind, name.country.as_deref()),
            ("Troy", Some(Kind::Place), Some("France"))
        );
        assert_eq!(texts[1].names[0].kind, None);
        let error = read("rows", b"{\"id\": \"1\"}").unwrap_err().to_string();
        assert!(error.contains("rows: line 1: missing field `text`"), "{error}");
    }
}
