//! Articles as JSON: our own fields, and everybody else's.
//!
//! An object with our names, those of [`Article`], is read as it is. What it lacks is looked for under the
//! names that other people use ([`NAMES`]: schema.org, news APIs, content management systems), which are
//! compared without case, `_` and `-`; a body in HTML becomes plain paragraphs. [`ninjs`] has a
//! module of its own. A [`FieldMap`] says where the fields of any other shape are: `title` ->
//! `headline.main`.
//!
//! An object that is no article but has a list of them (`articles`, `items`, `results`, ...) stands for the
//! list. Field names that nobody knows are kept in [`Article::extra`].

use serde_json::{Map, Value};

use super::{Fault, FieldMap, Hints, Outcome, Parsed, Reason, feed, html, ninjs};
use crate::article::{Article, Date, Notice, Status, Warning};

/// How deep the values of unknown fields may be nested; the stored article is read back with two levels more,
/// and the JSON library stops at 128.
const MAX_DEPTH: usize = 64;

/// Whether text that starts with `[` is an array of objects.
pub fn is_array(start: &str) -> bool {
    let inner = start.trim_start().strip_prefix('[').map(str::trim_start);
    inner.is_some_and(|inner| inner.starts_with('{'))
}

/// The articles of one JSON text.
pub fn articles(text: &str, hints: &Hints, map: &FieldMap) -> Vec<Outcome> {
    let text = text.trim_start_matches('\u{feff}');
    if !map.is_empty() {
        return match serde_json::from_str::<Value>(text) {
            Ok(value) => each(value, &mut |object| mapped(object, map)),
            Err(error) => vec![Err(broken(&error))],
        };
    }
    let own_names = serde_json::from_str::<Article>(text).map(|mut article| {
        article.take_other_names();
        article
    });
    match own_names {
        Ok(article) if is_foreign(&article) || is_json_feed(&article.extra) => {}
        Ok(article) => return vec![own(article, text)],
        Err(error) if error.is_data() => {
            // Wrong types are often another shape's right ones.
            let value = serde_json::from_str::<Value>(text);
            let has_other_shape = value.as_ref().is_ok_and(|value| match value {
                Value::Object(object) => object.values().any(|value| value.is_object() || value.is_array()),
                _ => true,
            });
            if !has_other_shape {
                return vec![Err(broken(&error))];
            }
        }
        Err(error) => return vec![Err(broken(&error))],
    }
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(object)) if is_json_feed(&object) => feed::articles(text),
        Ok(value) => each(value, &mut |object| foreign(object, hints)),
        Err(error) => vec![Err(broken(&error))],
    }
}

fn broken(error: &serde_json::Error) -> Fault {
    let reason = if error.is_data() { Reason::WrongType } else { Reason::NotJson };
    let message = error.to_string();
    // The position is said apart.
    let plain = message.rsplit_once(" at line ").map_or(message.as_str(), |(plain, _)| plain);
    let line = if error.line() > 1 { format!("line {}, ", error.line()) } else { String::new() };
    Fault::new(reason, format!("not an article in JSON, {line}column {}: {plain}", error.column()))
}

/// An article that was written with our names.
fn own(mut article: Article, text: &str) -> Outcome {
    let mut warnings = Vec::new();
    check_depth(&article)?;
    if html::is_fragment(&article.body) {
        article.body = html::plain(&article.body);
    }
    if article.published.is_none() {
        // Worth a second look only where the line says `published` at all.
        let field = memchr::memmem::find(text.as_bytes(), b"\"published\"")
            .and_then(|_| serde_json::from_str::<Value>(text).ok())
            .and_then(|value| value.get("published").and_then(Value::as_str).map(str::to_owned));
        if let Some(Err(message)) = field.map(|date| Date::parse(&date)) {
            warnings.push(Warning::new(Notice::Undated, message));
        }
    }
    Ok(Parsed { article, warnings })
}

fn check_depth(article: &Article) -> Result<(), Fault> {
    if article.extra.values().any(|value| is_deeper(value, MAX_DEPTH)) {
        return Err(Fault::new(Reason::TooDeep, format!("a field is nested more than {MAX_DEPTH} deep")));
    }
    Ok(())
}

/// Whether a value is nested more than so deep.
fn is_deeper(value: &Value, limit: usize) -> bool {
    let mut inner: Box<dyn Iterator<Item = &Value>> = match value {
        Value::Array(values) => Box::new(values.iter()),
        Value::Object(fields) => Box::new(fields.values()),
        _ => return false,
    };
    limit == 0 || inner.any(|value| is_deeper(value, limit - 1))
}

/// Whether what an article lacks may stand in its other fields.
fn is_foreign(article: &Article) -> bool {
    let lacks = |wanted: &str| match wanted {
        "title" => article.title.is_empty(),
        "body" | "html" | "summary" => article.body.is_empty(),
        "id" => article.native_id.is_none() && article.url.is_none(),
        "url" => article.url.is_none(),
        "source" => article.source.is_empty(),
        "author" => article.author.is_none(),
        "published" => article.published.is_none(),
        _ => false,
    };
    article.extra.keys().any(|key| {
        let key = folded(key);
        NAMES.iter().any(|(field, names)| lacks(field) && names.split(' ').any(|name| head(name) == key))
            || (article.body.is_empty() && LISTS.iter().any(|list| head(list) == key))
    }) || (article.title.is_empty() && article.body.is_empty() && article.extra.contains_key("uri"))
}

fn head(path: &str) -> &str {
    path.split('.').next().unwrap_or(path)
}

/// A field's name without case, `_`, `-` and a prefix such as `schema:`.
fn folded(name: &str) -> String {
    let name = name.rsplit_once(':').map_or(name, |(_, name)| name);
    name.chars().filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase).collect()
}

/// Where other people keep our fields, the best first; `.` goes into an object. Names are folded.
const NAMES: [(&str, &str); 14] = [
    ("id", "id @id identifier.value identifier guid uuid articleid docid documentid"),
    ("title", "title headline.main title.rendered headline.default headline title.text heading name"),
    (
        "body",
        "body articlebody bodytext text content.rendered content.text content fulltext articletext story \
         maintext body.text fields.bodytext",
    ),
    ("html", "bodyhtml contenthtml bodyxhtml html content.html body.html fields.body"),
    (
        "summary",
        "summary description abstract excerpt.rendered excerpt lead leadparagraph teaser snippet standfirst \
         trailtext dek",
    ),
    (
        "url",
        "url link weburl canonicalurl mainentityofpage.@id mainentityofpage permalink articleurl sourceurl",
    ),
    (
        "source",
        "source.name source.title source publisher.name publisher provider.name provider sitename \
         publication newspaper outlet domain ispartof.name",
    ),
    ("author", "author byline.original byline authors creator"),
    ("section", "section articlesection sectionname category newsdesk desk"),
    ("language", "language lang inlanguage languagecode"),
    (
        "published",
        "published datepublished publishedat publisheddate publicationdate publishdate pubdate \
         firstpublished webpublicationdate date versioncreated created createdat datetime timestamp seendate",
    ),
    ("updated", "updated datemodified updatedat modified lastmodified modifiedat dateupdated"),
    ("dateline", "dateline located contentlocation.name"),
    ("labels", "labels keywords tags topics categories about"),
];

/// Where a list of articles stands in an object that is none.
const LISTS: [&str; 17] = [
    "item",
    "articles",
    "items",
    "results",
    "docs",
    "hits",
    "_items",
    "entries",
    "stories",
    "news",
    "value",
    "@graph",
    "data",
    "response",
    "feed",
    "documents",
    "posts",
];

/// How far lists are looked for inside objects.
const LIST_DEPTH: usize = 4;

/// Calls `read` for every article of a value: itself, or those of its lists.
fn each(value: Value, read: &mut dyn FnMut(Map<String, Value>) -> Outcome) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    walk(value, LIST_DEPTH, read, &mut outcomes);
    if outcomes.is_empty() {
        outcomes.push(Err(Fault::new(Reason::NoText, "no article in it")));
    }
    outcomes
}

fn walk(
    value: Value,
    depth: usize,
    read: &mut dyn FnMut(Map<String, Value>) -> Outcome,
    outcomes: &mut Vec<Outcome>,
) {
    match value {
        Value::Array(values) if depth > 0 => {
            for value in values {
                if value.is_object() {
                    walk(value, depth - 1, read, outcomes);
                } else {
                    outcomes.push(Err(Fault::new(Reason::WrongType, "an element of the list is no object")));
                }
            }
        }
        Value::Object(mut object) => {
            // A search engine's hit has the document inside.
            for inner in ["_source", "_doc"] {
                if let Some(Value::Object(source)) = object.get_mut(inner) {
                    object = std::mem::take(source);
                    break;
                }
            }
            let has = |field: &str| found(&object, names(field)).is_some();
            // A feed has a title too; what has a title and a list of objects is a feed.
            let has_title = has("title");
            let list = (!has("body") && !has("html") && depth > 0)
                .then(|| {
                    object
                        .iter()
                        .position(|(key, value)| {
                            let key = key.to_lowercase();
                            LISTS.contains(&key.as_str())
                                && ((value.is_object() && !has_title)
                                    || value.as_array().is_some_and(|list| list.iter().any(Value::is_object)))
                        })
                        .and_then(|at| object.iter_mut().nth(at).map(|(_, value)| value.take()))
                })
                .flatten();
            match list {
                Some(list) => walk(list, depth - 1, read, outcomes),
                None => outcomes.push(read(object)),
            }
        }
        _ => outcomes.push(Err(Fault::new(Reason::WrongType, "no object, so no article"))),
    }
}

fn names(field: &str) -> &'static str {
    NAMES.iter().find(|(name, _)| *name == field).map_or("", |(_, names)| names)
}

/// The value at the first of several paths that has one worth having.
fn found<'a>(object: &'a Map<String, Value>, paths: &str) -> Option<&'a Value> {
    paths.split(' ').find_map(|path| {
        let mut parts = path.split('.');
        let mut value = field(object, parts.next()?)?;
        for part in parts {
            // The first of several is the one that counts.
            let inner = value.as_array().map_or(Some(value), |values| values.first())?;
            value = field(inner.as_object()?, part)?;
        }
        (!plain(value).is_empty()).then_some(value)
    })
}

fn field<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name).or_else(|| object.iter().find(|(key, _)| folded(key) == name).map(|(_, value)| value))
}

/// What a value says as text: several are joined, an object gives its `name`.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Array(values) => list(values).join(", "),
        Value::Object(object) => {
            let name = ["name", "title", "@value", "value", "label"]
                .iter()
                .find_map(|key| object.get(*key)?.as_str());
            name.unwrap_or_default().trim().to_owned()
        }
        _ => String::new(),
    }
}

fn list(values: &[Value]) -> Vec<String> {
    values.iter().filter(|value| !value.is_array()).map(plain).filter(|text| !text.is_empty()).collect()
}

/// A date as text or as a number.
fn date(value: &Value) -> Result<Date, String> {
    match value.as_i64() {
        Some(number) => Date::from_number(number),
        None => Date::parse(&plain(value)),
    }
}

/// An article with other people's names.
fn foreign(object: Map<String, Value>, hints: &Hints) -> Outcome {
    let value = Value::Object(object);
    if ninjs::is(&value) {
        return ninjs::article(&value);
    }
    let Value::Object(mut object) = value else { unreachable!("made above") };
    let is_schema = ["$schema", "$id", "definitions", "$defs"].iter().any(|name| object.contains_key(*name));
    if is_schema && object.contains_key("properties") {
        return Err(Fault::new(Reason::NotAnArticle, "a JSON schema, not an article"));
    }
    let parsed = read(&object, &mut |object, field| found(object, names(field)).cloned());
    let Parsed { mut article, warnings } = parsed;
    if article.url.is_none() {
        article.url.clone_from(&hints.url);
    }
    // What was understood is not kept twice.
    if status(&object).is_some() {
        object.remove("status");
    }
    object.retain(|key, _| {
        let key = folded(key);
        !NAMES.iter().any(|(_, names)| names.split(' ').any(|name| head(name) == key))
    });
    article.extra = object;
    check_depth(&article)?;
    Ok(Parsed { article, warnings })
}

/// An article of any shape, by a map of its fields.
fn mapped(object: Map<String, Value>, map: &FieldMap) -> Outcome {
    let parsed = read(&object, &mut |object, field| match map.get(field) {
        Some(path) => at_path(object, path).cloned(),
        None => found(object, names(field)).cloned(),
    });
    let mut article = parsed.article;
    let has_status = status(&object).is_some();
    article.extra = object;
    check_depth(&article)?;
    if has_status {
        article.extra.remove("status");
    }
    for field in map.values() {
        article.extra.remove(head(field));
    }
    for name in NAMES.iter().flat_map(|(_, names)| names.split(' ')) {
        article.extra.remove(head(name));
    }
    Ok(Parsed { article, warnings: parsed.warnings })
}

/// The value at exactly this path; a whole number counts the elements of a list from 0.
fn at_path<'a>(object: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    let mut parts = path.split('.');
    let mut value = object.get(path).or_else(|| object.get(parts.next()?))?;
    if object.contains_key(path) {
        return Some(value);
    }
    for part in parts {
        value = match value {
            Value::Array(values) => values.get(part.parse::<usize>().ok()?)?,
            Value::Object(object) => object.get(part)?,
            _ => return None,
        };
    }
    Some(value)
}

/// Finds the value of one of our fields in an object.
type Get<'a> = dyn FnMut(&Map<String, Value>, &str) -> Option<Value> + 'a;

/// Reads the fields of an object; `get` finds the value of one of ours.
fn read(object: &Map<String, Value>, get: &mut Get<'_>) -> Parsed {
    let mut warnings = Vec::new();
    let mut text = |field: &str| get(object, field).map(|value| plain(&value)).unwrap_or_default();
    let some = |text: String| (!text.is_empty()).then_some(text);
    let mut article = Article {
        native_id: some(text("id")),
        title: html::plain(&text("title")),
        url: some(text("url")).filter(|url| url.contains("://") || url.starts_with('/')),
        source: text("source"),
        author: some(text("author")),
        section: some(text("section")),
        language: some(text("language")),
        dateline: some(text("dateline")),
        ..Article::default()
    };
    let body = some(text("body")).or_else(|| some(text("html")));
    if let Some(body) = body {
        article.body = html::plain(cut_off(&body).unwrap_or(body.as_str()));
        if cut_off(&body).is_some() {
            warnings.push(Warning::new(Notice::CutShort, "the source gives only the start of the text"));
        }
    } else if let Some(summary) = some(text("summary")) {
        article.body = html::plain(&summary);
        warnings.push(Warning::new(Notice::SummaryOnly, "only a summary, no text"));
    }
    for (field, to) in [("published", &mut article.published), ("updated", &mut article.updated)] {
        match get(object, field).map(|value| date(&value)) {
            Some(Ok(date)) => *to = Some(date),
            Some(Err(message)) if field == "published" => {
                warnings.push(Warning::new(Notice::Undated, message));
            }
            _ => {}
        }
    }
    if let Some(status) = status(object) {
        article.status = status;
    }
    article.labels = match get(object, "labels") {
        Some(Value::Array(values)) => list(&values),
        Some(Value::String(text)) => text
            .split([',', ';'])
            .map(|label| label.trim().to_owned())
            .filter(|label| !label.is_empty())
            .collect(),
        _ => Vec::new(),
    };
    Parsed { article, warnings }
}

/// The start of a text that ends in `[+1234 chars]`, as some news APIs cut them.
fn cut_off(body: &str) -> Option<&str> {
    let (start, end) = body.trim_end().rsplit_once("[+")?;
    let digits = end.strip_suffix("chars]")?.trim();
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| start.trim_end_matches(['…', ' ', '.']))
}

/// The status in our words, where that is what an object has.
fn status(object: &Map<String, Value>) -> Option<Status> {
    Status::parse(object.get("status")?.as_str()?).ok()
}

fn is_json_feed(object: &Map<String, Value>) -> bool {
    object.get("version").and_then(Value::as_str).is_some_and(|version| version.contains("jsonfeed.org"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Vec<Outcome> {
        articles(text, &Hints::default(), &FieldMap::new())
    }

    #[test]
    fn shapes_of_other_people_are_understood() {
        let rows = [
            (
                r#"{"@type":"NewsArticle","headline":"T","articleBody":"B","datePublished":"2024-03-01","publisher":{"name":"Desk"},"author":[{"name":"A"},{"name":"C"}],"keywords":"x, y"}"#,
                "T|B|2024-03-01|Desk|A, C|x+y",
            ),
            (
                r#"{"source":{"id":null,"name":"Desk"},"author":"A","title":"T","description":"D","url":"https://e.org/1","publishedAt":"2024-03-01T10:00:00Z","content":"B… [+120 chars]"}"#,
                "T|B|2024-03-01T10:00:00Z|Desk|A|",
            ),
            (
                r#"{"id":7,"title":{"rendered":"T &amp; U"},"content":{"rendered":"<p>B</p><p>C</p>"},"date":"2024-03-01T10:00:00","link":"https://e.org/1"}"#,
                "T & U|B\nC|2024-03-01T10:00:00Z|||",
            ),
            (
                r#"{"headline":{"main":"T"},"lead_paragraph":"L","pub_date":"2024-03-01","byline":{"original":"By A"}}"#,
                "T|L|2024-03-01||By A|",
            ),
            (
                r#"{"title":"T","text":"B","timestamp":1709287200000,"tags":["x","y"]}"#,
                "T|B|2024-03-01T10:00:00Z|||x+y",
            ),
        ];
        for (text, expected) in rows {
            let outcomes = parse(text);
            let article = &outcomes[0].as_ref().unwrap().article;
            let shown = format!(
                "{}|{}|{}|{}|{}|{}",
                article.title,
                article.body,
                article.published.map(|date| date.to_string()).unwrap_or_default(),
                article.source,
                article.author.clone().unwrap_or_default(),
                article.labels.join("+")
            );
            assert_eq!(shown, expected);
        }
    }

    #[test]
    fn lists_of_articles_are_taken_apart() {
        for text in [
            r#"{"status":"ok","articles":[{"title":"a"},{"title":"b"}]}"#,
            r#"[{"title":"a"},{"headline":"b"}]"#,
            r#"{"response":{"docs":[{"headline":{"main":"a"}},{"title":"b"}]}}"#,
            r#"{"hits":{"hits":[{"_source":{"title":"a"}},{"_source":{"title":"b"}}]}}"#,
            r#"{"@graph":[{"headline":"a"},{"headline":"b"}]}"#,
        ] {
            let titles: Vec<String> =
                parse(text).into_iter().map(|outcome| outcome.unwrap().article.title).collect();
            assert_eq!(titles, ["a", "b"], "{text}");
        }
    }

    #[test]
    fn a_map_names_the_fields_of_any_shape() {
        let map =
            FieldMap::from([("title".to_owned(), "a.b.0".to_owned()), ("body".to_owned(), "c".to_owned())]);
        let outcomes = articles(r#"{"a":{"b":["T"]},"c":"B","d":1}"#, &Hints::default(), &map);
        let article = &outcomes[0].as_ref().unwrap().article;
        assert_eq!((article.title.as_str(), article.body.as_str(), article.extra.len()), ("T", "B", 1));
    }

    #[test]
    fn own_fields_are_put_in_order() {
        let body = |text: &str| {
            let object = serde_json::json!({"title": "T", "body": text});
            parse(&object.to_string()).remove(0).unwrap().article.body
        };
        let rows = [
            ("<p>One &amp; two.</p>\n<p class=\"x\">Three.</p>", "One & two.\nThree."),
            (" <div><h2>Part</h2><ul><li>One</li></ul></div>", "Part\nOne"),
            // What people write about, and what only looks like it.
            ("<p> is the tag of a paragraph.", "<p> is the tag of a paragraph."),
            ("The tags <p>and</p> are old.", "The tags <p>and</p> are old."),
            ("<pre-market> shares rose </p>", "<pre-market> shares rose </p>"),
            ("<Acme> rose &amp; fell", "<Acme> rose &amp; fell"),
        ];
        for (text, expected) in rows {
            assert_eq!(body(text), expected, "{text}");
        }
        let rows = [
            (r#"{"title":"T","language":"en","lang":"en"}"#, r#"{"title":"T","language":"en"}"#),
            (r#"{"title":"T","language":"en","lang":"de"}"#, r#"{"title":"T","language":"en","lang":"de"}"#),
            (r#"{"title":"T","lang":"de"}"#, r#"{"title":"T","language":"de"}"#),
            (r#"{"title":"T","labels":["x","y"],"keywords":"x, y"}"#, r#"{"title":"T","labels":["x","y"]}"#),
            (r#"{"headline":"T","status":"corrected"}"#, r#"{"title":"T","status":"corrected"}"#),
            (r#"{"headline":"T","status":"ok"}"#, r#"{"title":"T","status":"ok"}"#),
        ];
        for (text, expected) in rows {
            let article = parse(text).remove(0).unwrap().article;
            assert_eq!(serde_json::to_string(&article).unwrap(), expected);
        }
    }

    #[test]
    fn bad_json_says_what_and_where() {
        let deep = format!(r#"{{"title":"T","body":"B","x":{}{}}}"#, "[".repeat(100), "]".repeat(100));
        let rows = [
            ("{\"title\": \"cut", Reason::NotJson, "column"),
            ("{\"title\": 3}", Reason::WrongType, "invalid type"),
            (deep.as_str(), Reason::TooDeep, "deep"),
        ];
        for (text, reason, part) in rows {
            let fault = parse(text).remove(0).unwrap_err();
            assert_eq!(fault.reason, reason);
            assert!(fault.message.contains(part), "{}", fault.message);
        }
    }

    #[test]
    fn unusable_dates_are_warnings() {
        let warnings = |text: &str| parse(text).remove(0).unwrap().warnings.len();
        assert_eq!(warnings(r#"{"title": "T", "body": "B", "published": "soon"}"#), 1);
        assert_eq!(warnings(r#"{"title": "T", "body": "B", "published": null}"#), 0);
        assert_eq!(warnings(r#"{"title": "T", "body": "B", "published": 1556798400}"#), 0);
        assert_eq!(warnings(r#"{"title": "T", "body": "B", "published": 12345}"#), 0);
        assert_eq!(warnings(r#"{"headline": "T", "body": "B", "datePublished": "soon"}"#), 1);
    }
}
