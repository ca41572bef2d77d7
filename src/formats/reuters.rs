//! The SGML of the Reuters-21578 collection: records between `<REUTERS ...>` and `</REUTERS>`.
//!
//! It is no XML: attributes and tags are read by name, and control characters come as references. A line that
//! starts with spaces starts a paragraph.

use super::{Fault, Outcome, Parsed, Reason};
use crate::article::{Article, Date, Notice, Warning};

/// Whether text is of that collection.
pub fn is(start: &str) -> bool {
    start.contains("<REUTERS ") || start.contains("<!DOCTYPE lewis")
}

/// The articles of a file.
pub fn articles(text: &str) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("<REUTERS") {
        let record = &rest[at..];
        let end = record.find("</REUTERS>");
        let next = record[1..].find("<REUTERS").map(|next| next + 1);
        let (record, after) = match (end, next) {
            (Some(end), next) if next.is_none_or(|next| end < next) => (&record[..end], &record[end..]),
            (_, Some(next)) => (&record[..next], &record[next..]),
            (_, None) => (record, ""),
        };
        outcomes.push(Ok(article(record)));
        rest = after;
    }
    if outcomes.is_empty() {
        outcomes.push(Err(Fault::new(Reason::NotAnArticle, "no `<REUTERS>` record in it")));
    }
    outcomes
}

fn article(record: &str) -> Parsed {
    let mut warnings = Vec::new();
    let attribute = |name: &str| -> Option<&str> {
        let head = &record[..record.find('>')?];
        let at = head.find(&format!(" {name}=\""))? + name.len() + 3;
        head[at..].split('"').next()
    };
    let inside = |name: &str| -> Option<&str> {
        let start = record.find(&format!("<{name}>"))? + name.len() + 2;
        let inner = &record[start..];
        Some(&inner[..inner.find(&format!("</{name}>")).unwrap_or(inner.len())])
    };
    let line = |text: &str| unescaped(text).split_whitespace().collect::<Vec<_>>().join(" ");
    let published = match inside("DATE").map(str::trim).map(Date::parse) {
        Some(Ok(date)) => Some(date),
        Some(Err(message)) => {
            warnings.push(Warning::new(Notice::Undated, message));
            None
        }
        None => None,
    };
    let mut labels = Vec::new();
    for (name, kind) in [
        ("TOPICS", "topic"),
        ("PLACES", "place"),
        ("PEOPLE", "person"),
        ("ORGS", "organisation"),
        ("EXCHANGES", "exchange"),
    ] {
        let values = inside(name).unwrap_or_default().split("<D>").skip(1);
        labels.extend(
            values.map(|value| format!("{kind}:{}", line(value.split("</D>").next().unwrap_or_default()))),
        );
    }
    let title = inside("TITLE").map(line).unwrap_or_default();
    // Some records have no body but their text right inside.
    let text = inside("BODY").map(str::to_owned).or_else(|| {
        let start = record.find("<TEXT")?;
        let inner = &record[start + record[start..].find('>')? + 1..];
        let inner = &inner[..inner.find("</TEXT>").unwrap_or(inner.len())];
        Some(inner.rsplit_once("</TITLE>").map_or(inner, |(_, after)| after).to_owned())
    });
    let article = Article {
        native_id: attribute("NEWID").map(|id| format!("reut-{id}")),
        title,
        body: paragraphs(&unescaped(&text.unwrap_or_default())),
        source: "Reuters".to_owned(),
        author: inside("AUTHOR").map(line).filter(|author| !author.is_empty()),
        published,
        dateline: inside("DATELINE").map(line).filter(|place| !place.is_empty()),
        labels,
        ..Article::default()
    };
    Parsed { article, warnings }
}

/// Joins the lines of paragraphs and takes the sign-off away.
fn paragraphs(text: &str) -> String {
    let mut body = String::new();
    for line in text.lines() {
        let starts = line.starts_with(' ') || line.starts_with('\t');
        let line = line.trim_matches(|c: char| c.is_whitespace() || c.is_control());
        if line.is_empty() {
            continue;
        }
        if !body.is_empty() {
            body.push(if starts { '\n' } else { ' ' });
        }
        body.push_str(line);
    }
    let end = body.trim_end_matches(|c: char| c.is_whitespace() || c.is_control()).len();
    body.truncate(end);
    for sign in ["Reuter", "REUTER", "Reuters", "REUTERS"] {
        if let Some(rest) = body.strip_suffix(sign)
            && (rest.is_empty() || rest.ends_with([' ', '\n']))
        {
            return rest.trim_end().to_owned();
        }
    }
    body
}

fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let known = [("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"), ("&quot;", "\"")];
        if let Some((name, text)) = known.iter().find(|(name, _)| rest.starts_with(name)) {
            plain.push_str(text);
            rest = &rest[name.len()..];
        } else if rest.starts_with("&#") {
            // References of this collection are to control characters.
            let end = rest.bytes().take(8).position(|byte| byte == b';').map_or(2, |end| end + 1);
            rest = &rest[end..];
        } else {
            plain.push('&');
            rest = &rest[1..];
        }
    }
    plain.push_str(rest);
    plain
}
