//! An article as a file of text: fields in front, or none, and then paragraphs.
//!
//! ```text
//! ---
//! id: rates-1
//! title: Rates held
//! published: 2019-05-02
//! tags: [rates, banks]
//! ---
//!
//! First.
//!
//! Second.
//! ```
//!
//! The front matter is the part of YAML that people write there: `name: value`, quoted values, and lists in
//! brackets or as indented lines of `- value`; between `+++` lines it is TOML's `name = value`. An unknown
//! name is kept. Without front matter the first line is the title. Markdown loses its marks.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::{Fault, Outcome, Parsed, Reason};
use crate::article::{Article, Date, Notice, Status, Warning};

/// The article of a text.
pub fn article(text: &str, is_markdown: bool) -> Outcome {
    let mut article = Article::default();
    let mut warnings = Vec::new();
    let text = text.trim_start_matches('\u{feff}');
    let mut rest = text;
    let first = text.lines().next().unwrap_or_default().trim_end();
    if first == "---" || first == "+++" {
        let (fields, after) = front_matter(text, first)?;
        for (line, name, value) in fields {
            if let Err((notice, message)) = set(&mut article, &name, &value) {
                warnings.push(Warning::new(notice, format!("line {line}: {message}")));
            }
        }
        rest = after;
    }
    let has_title = !article.title.is_empty();
    if is_markdown {
        let (title, body) = from_markdown(rest, has_title);
        if !has_title {
            article.title = title;
        }
        article.body = body;
    } else if first == "---" || first == "+++" {
        rest.trim().clone_into(&mut article.body);
    } else {
        let (title, body) = rest.trim_start().split_once('\n').unwrap_or((rest.trim(), ""));
        title.trim().clone_into(&mut article.title);
        body.trim().clone_into(&mut article.body);
    }
    Ok(Parsed { article, warnings })
}

/// A line number, a name in lower case and its values.
type Field = (usize, String, Vec<String>);

/// The fields of a front matter that stands between two lines of `fence`, and what follows it.
fn front_matter<'a>(text: &'a str, fence: &str) -> Result<(Vec<Field>, &'a str), Fault> {
    let separator = if fence == "+++" { '=' } else { ':' };
    let mut fields: Vec<Field> = Vec::new();
    let mut offset = 0;
    for (number, full) in (1..).zip(text.split_inclusive('\n')) {
        offset += full.len();
        let line = full.trim();
        if number == 1 || line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line == fence {
            return Ok((fields, &text[offset..]));
        }
        let is_continued = full.starts_with([' ', '\t']) || line.starts_with("- ") || line == "-";
        if is_continued && let Some((_, _, values)) = fields.last_mut() {
            values.push(unquoted(line.strip_prefix('-').unwrap_or(line)).to_owned());
            continue;
        }
        let Some((name, value)) = line.split_once(separator) else {
            return Err(Fault::new(
                Reason::FrontMatter,
                format!("line {number} of the front matter is not `name{separator} value`"),
            ));
        };
        let value = value.trim();
        let list = value.strip_prefix('[').and_then(|value| value.strip_suffix(']'));
        let values = match list {
            Some(list) => list.split(',').map(|value| unquoted(value).to_owned()).collect(),
            None if value.is_empty() || value == ">" || value == "|" => Vec::new(),
            None => vec![unquoted(value).to_owned()],
        };
        fields.push((number, name.trim().to_ascii_lowercase(), values));
    }
    Err(Fault::new(Reason::FrontMatter, format!("the front matter has no closing `{fence}` line")))
}

fn unquoted(value: &str) -> &str {
    let value = value.trim();
    let inner = |quote: char| value.strip_prefix(quote).and_then(|value| value.strip_suffix(quote));
    inner('"').or_else(|| inner('\'')).unwrap_or(value)
}

/// Sets a field of the front matter; an unknown one is kept.
fn set(article: &mut Article, name: &str, values: &[String]) -> Result<(), (Notice, String)> {
    let joined = values.join(" ");
    let value = joined.as_str();
    if value.is_empty() {
        return Ok(());
    }
    let date = || Date::parse(value).map(Some).map_err(|message| (Notice::Undated, message));
    match name {
        "id" => article.native_id = Some(joined),
        "title" => article.title = joined,
        "url" => article.url = Some(joined),
        "source" => article.source = joined,
        "author" | "authors" => article.author = Some(values.join(", ")),
        "section" => article.section = Some(joined),
        "language" | "lang" => article.language = Some(joined),
        "dateline" => article.dateline = Some(joined),
        "tags" | "keywords" | "labels" | "categories" => article.labels.extend(values.iter().cloned()),
        "published" | "date" => article.published = date()?,
        "updated" | "lastmod" => article.updated = date()?,
        "status" => {
            article.status = Status::parse(value).map_err(|message| (Notice::UnknownStatus, message))?;
        }
        _ => {
            let value = if values.len() == 1 { joined.into() } else { values.into() };
            article.extra.insert(name.to_owned(), value);
        }
    }
    Ok(())
}

/// Title, where the first heading is wanted for one, and paragraphs of a Markdown text without its marks.
fn from_markdown(text: &str, has_title: bool) -> (String, String) {
    let (mut title, mut body) = (String::new(), String::new());
    let mut in_title = false;
    let mut skipped = 0_u32;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        let to = if in_title { &mut title } else { &mut body };
        match event {
            Event::Start(Tag::Image { .. } | Tag::HtmlBlock) => skipped += 1,
            Event::End(TagEnd::Image | TagEnd::HtmlBlock) => skipped = skipped.saturating_sub(1),
            Event::Start(Tag::Heading { .. }) => {
                in_title = !has_title && title.is_empty() && body.trim().is_empty();
            }
            Event::End(TagEnd::Heading(_)) if in_title => in_title = false,
            Event::End(
                TagEnd::Paragraph
                | TagEnd::Heading(_)
                | TagEnd::Item
                | TagEnd::CodeBlock
                | TagEnd::TableRow
                | TagEnd::TableHead,
            ) if !to.ends_with('\n') && !to.is_empty() => {
                to.push('\n');
            }
            Event::End(TagEnd::TableCell) | Event::SoftBreak => to.push(' '),
            Event::HardBreak => to.push('\n'),
            Event::Text(part) | Event::Code(part) if skipped == 0 => to.push_str(&part),
            _ => {}
        }
    }
    (title.trim().to_owned(), body.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn front_matter_gives_the_fields_and_the_rest_is_the_body() {
        let text = "---\nid: a-1\ntitle: \"Rates: held\"\npublished: 2019-05-02\nsource: Desk\nteam: x\n\
                    tags: [gold, 'oil']\nkeywords:\n  - tin\n---\n\nOne.\n\nTwo.\n";
        let article = article(text, false).unwrap().article;
        assert_eq!(article.title, "Rates: held");
        assert_eq!(article.body, "One.\n\nTwo.");
        assert_eq!(article.extra["team"], "x");
        assert_eq!(article.published.unwrap().to_string(), "2019-05-02");
        assert_eq!(article.labels, ["gold", "oil", "tin"]);
    }

    #[test]
    fn text_without_front_matter_opens_with_its_title() {
        let article = article("Rates held\n\nOne.", false).unwrap().article;
        assert_eq!((article.title.as_str(), article.body.as_str()), ("Rates held", "One."));
    }

    #[test]
    fn markdown_loses_its_marks() {
        let rows = [
            (
                "# Rates held\n\nThe *bank*\nheld [rates](http://x).\n\n- one\n- two",
                "Rates held",
                "The bank held rates.\none\ntwo",
            ),
            ("+++\ntitle = \"Rates\"\ndate = 2019-05-02\n+++\n## A part\n\nText", "Rates", "A part\nText"),
            ("Only text", "", "Only text"),
        ];
        for (text, title, body) in rows {
            let article = article(text, true).unwrap().article;
            assert_eq!((article.title.as_str(), article.body.as_str()), (title, body));
        }
    }

    #[test]
    fn broken_front_matter_says_where() {
        for (text, part) in
            [("---\ntitle: x\nno colon here\n---\nBody", "line 3"), ("---\ntitle: x\nurl: y", "closing")]
        {
            let fault = article(text, false).unwrap_err();
            assert_eq!(fault.reason, Reason::FrontMatter);
            assert!(fault.message.contains(part), "{}", fault.message);
        }
    }
}
