//! Results as rows: CSV for spreadsheets, and lines by a template of one's own.

use std::io::{self, Write};

use dateline::error::{Error, Result};
use dateline::search::{Hit, PassageHit, Tier};

use crate::json::{EntityJson, RegionJson, code_points, named};
use crate::plain::Plain;

/// What a row can have; the first few of them are the columns of CSV.
const FIELDS: [&str; 19] = [
    "rank",
    "tier",
    "score",
    "address",
    "published",
    "source",
    "title",
    "passage",
    "url",
    "entities",
    "regions",
    "copies",
    "id",
    "native_id",
    "date",
    "author",
    "section",
    "language",
    "status",
];

/// The columns of CSV among [`FIELDS`].
const COLUMNS: usize = 12;

/// The fields that each passage has of its own.
const OF_PASSAGES: [&str; 2] = ["address", "passage"];

/// An article found, or one of its passages.
struct Row<'a> {
    rank: usize,
    hit: &'a Hit,
    passage: Option<&'a PassageHit>,
}

impl Row<'_> {
    /// A field's text, without what a terminal would act on and without line breaks.
    fn field(&self, name: &str) -> String {
        let article = &self.hit.record.article;
        let given = |value: &Option<String>| value.clone().unwrap_or_default();
        let id = self.hit.record.id.to_string();
        let text = match name {
            "rank" => self.rank.to_string(),
            "tier" => (if self.hit.tier == Tier::All { "all" } else { "most" }).to_owned(),
            "score" => format!("{:.3}", self.hit.score),
            "address" => match self.passage {
                Some(passage) => {
                    let [start, end] = code_points(&article.body, passage.snippet.span);
                    format!("{id}@{start}-{end}")
                }
                None => id,
            },
            "published" => article.published.map(|date| date.to_string()).unwrap_or_default(),
            "date" => article.published.map(dateline::article::Date::day).unwrap_or_default(),
            "source" => article.source.clone(),
            "title" => article.title.clone(),
            "passage" => self.passage.map_or("", |passage| passage.snippet.span.of(&article.body)).to_owned(),
            "url" => given(&article.url),
            "entities" => {
                named(&self.hit.record).0.iter().map(EntityJson::name).collect::<Vec<_>>().join("; ")
            }
            "regions" => {
                named(&self.hit.record).1.iter().map(RegionJson::name).collect::<Vec<_>>().join("; ")
            }
            "copies" => self.hit.copies.to_string(),
            "id" => id,
            "native_id" => given(&article.native_id),
            "author" => given(&article.author),
            "section" => given(&article.section),
            "language" => given(&article.language),
            "status" => article.status.as_str().to_owned(),
            _ => String::new(),
        };
        Plain(&text).to_string()
    }
}

/// A row for each passage, or for each article where passages make no difference.
fn rows(hits: &[Hit], first_rank: usize, by_passage: bool) -> impl Iterator<Item = Row<'_>> {
    (first_rank..).zip(hits).flat_map(move |(rank, hit)| {
        let passages = hit.passages.iter().filter(move |_| by_passage).map(move |passage| Row {
            rank,
            hit,
            passage: Some(passage),
        });
        let alone = (!by_passage || hit.passages.is_empty()).then_some(Row { rank, hit, passage: None });
        passages.chain(alone)
    })
}

/// Prints a row for each passage, under a head.
pub fn csv(out: &mut dyn Write, hits: &[Hit], first_rank: usize) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    let columns = &FIELDS[..COLUMNS];
    writer.write_record(columns)?;
    for row in rows(hits, first_rank, true) {
        writer.write_record(columns.iter().map(|name| cell(row.field(name))))?;
    }
    writer.flush()
}

/// A cell that no spreadsheet takes for a formula: one that starts like one has an apostrophe in front, as OWASP
/// advises against *CSV injection*.
pub fn cell(text: String) -> String {
    let first = text.trim_start().chars().next();
    if first.is_some_and(|first| "=+-@＝＋－＠".contains(first)) || text.starts_with(['\t', '\r', '\n']) {
        return format!("'{text}");
    }
    text
}

/// Text with fields in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<TemplatePiece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum TemplatePiece {
    Text(String),
    Field(&'static str),
}

impl Template {
    /// Reads text with `{field}`, `{{` and `}}` for braces, and `\n`, `\t` and `\\`.
    ///
    /// # Errors
    /// [`Error::Usage`] that names the fields or escapes there are.
    pub fn parse(text: &str) -> Result<Template> {
        if text.is_empty() {
            return Err(Error::Usage("the template is empty; write fields such as `{title}`".to_owned()));
        }
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                '{' | '}' if letters.next_if_eq(&letter).is_some() => plain.push(letter),
                '{' => {
                    let mut name = String::new();
                    let is_closed = loop {
                        match letters.next() {
                            Some('}') => break true,
                            Some(letter) => name.push(letter),
                            None => break false,
                        }
                    };
                    if !is_closed {
                        return Err(Error::Usage(format!(
                            "`{{{name}` in the template is not closed; `{{{{` is a brace"
                        )));
                    }
                    let Some(field) = FIELDS.into_iter().find(|field| *field == name) else {
                        let fields = FIELDS.join(", ");
                        return Err(Error::Usage(format!(
                            "unknown field `{{{name}}}` in the template; fields are {fields}"
                        )));
                    };
                    if !plain.is_empty() {
                        pieces.push(TemplatePiece::Text(std::mem::take(&mut plain)));
                    }
                    pieces.push(TemplatePiece::Field(field));
                }
                '}' => {
                    return Err(Error::Usage(
                        "a `}` in the template closes nothing; `}}` is a brace".to_owned(),
                    ));
                }
                '\\' => match letters.next() {
                    Some('n') => plain.push('\n'),
                    Some('t') => plain.push('\t'),
                    Some('\\') => plain.push('\\'),
                    other => {
                        let typed = other.map(String::from).unwrap_or_default();
                        return Err(Error::Usage(format!(
                            "unknown escape `\\{typed}` in the template; there are `\\n`, `\\t` and `\\\\`"
                        )));
                    }
                },
                letter => plain.push(letter),
            }
        }
        if !plain.is_empty() {
            pieces.push(TemplatePiece::Text(plain));
        }
        Ok(Template { pieces })
    }

    /// Prints every passage, or every article where no field is a passage's own, and a line break after each.
    pub fn write(&self, out: &mut dyn Write, hits: &[Hit], first_rank: usize) -> io::Result<()> {
        let of_passage =
            |piece: &TemplatePiece| matches!(piece, TemplatePiece::Field(name) if OF_PASSAGES.contains(name));
        for row in rows(hits, first_rank, self.pieces.iter().any(of_passage)) {
            for piece in &self.pieces {
                match piece {
                    TemplatePiece::Text(text) => out.write_all(text.as_bytes())?,
                    TemplatePiece::Field(name) => out.write_all(row.field(name).as_bytes())?,
                }
            }
            writeln!(out)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_no_formulas() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\rx", "＝1"] {
            assert_eq!(cell(text.to_owned()), format!("'{text}"));
        }
        for text in ["", "a=1", "1-2", "'=1", "Profit - loss"] {
            assert_eq!(cell(text.to_owned()), text);
        }
    }

    #[test]
    fn templates_have_fields_and_escapes() {
        let text = |text: &str| TemplatePiece::Text(text.to_owned());
        let rows = [
            (
                "{rank}\\t{title}",
                vec![TemplatePiece::Field("rank"), text("\t"), TemplatePiece::Field("title")],
            ),
            ("{{{id}}}\\\\\\n", vec![text("{"), TemplatePiece::Field("id"), text("}\\\n")]),
        ];
        for (typed, pieces) in rows {
            assert_eq!(Template::parse(typed).unwrap().pieces, pieces, "{typed}");
        }
        let wrong = [
            (
                "{rnk}",
                "unknown field `{rnk}` in the template; fields are rank, tier, score, address, published, source, title, passage, url, entities, regions, copies, id, native_id, date, author, section, language, status",
            ),
            ("", "the template is empty; write fields such as `{title}`"),
            ("{rank", "`{rank` in the template is not closed; `{{` is a brace"),
            ("rank}", "a `}` in the template closes nothing; `}}` is a brace"),
            ("\\q", "unknown escape `\\q` in the template; there are `\\n`, `\\t` and `\\\\`"),
            ("\\", "unknown escape `\\` in the template; there are `\\n`, `\\t` and `\\\\`"),
        ];
        for (typed, message) in wrong {
            assert_eq!(Template::parse(typed).unwrap_err().to_string(), message);
        }
    }
}
