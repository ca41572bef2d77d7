//! ninjs, news in JSON of the IPTC: versions 1, 2 and 3.

use serde_json::Value;

use super::{Fault, Outcome, Parsed, Reason, html};
use crate::article::{Article, Date, Notice, Status, Warning};

/// Whether a value is an item of ninjs: it has a `uri` and something only ninjs calls so.
pub fn is(value: &Value) -> bool {
    const OWN: [&str; 14] = [
        "versioncreated",
        "versionCreated",
        "headlines",
        "bodies",
        "body_xhtml",
        "body_text",
        "pubstatus",
        "pubStatus",
        "byline",
        "bylines",
        "firstcreated",
        "firstCreated",
        "associations",
        "renditions",
    ];
    let Some(object) = value.as_object() else { return false };
    object.contains_key("uri") && OWN.iter().any(|name| object.contains_key(*name))
}

/// The article of an item. What it is associated with are items of their own.
pub fn article(value: &Value) -> Outcome {
    let mut warnings = Vec::new();
    // Names are in lower case in version 1 and in camel case since.
    let get = |name: &str| -> Option<&Value> {
        value.get(name).or_else(|| {
            value.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
        })
    };
    let text = |name: &str| get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    // `headlines`, `bodies` and `descriptions` are lists of values with roles.
    let listed = |name: &str| -> Vec<(String, String)> {
        let values = get(name).and_then(Value::as_array).into_iter().flatten();
        let part = |value: &Value, name: &str| {
            value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        values
            .map(|value| (part(value, "role"), part(value, "value")))
            .filter(|(_, value)| !value.trim().is_empty())
            .collect()
    };
    let chosen = |name: &str, role: &str| -> Option<String> {
        let all = listed(name);
        let main = all.iter().find(|(found, _)| found.eq_ignore_ascii_case(role)).or(all.first());
        main.map(|(_, value)| value.clone())
    };
    let title = text("headline")
        .map(str::to_owned)
        .or_else(|| chosen("headlines", "main"))
        .or_else(|| text("title").map(str::to_owned));
    let mut body = listed("bodies").into_iter().map(|(_, value)| html::plain(&value)).max_by_key(String::len);
    for name in ["body_xhtml", "body_html", "body_text"] {
        body = body.or_else(|| text(name).map(html::plain)).filter(|body| !body.is_empty());
    }
    let mut body = body.unwrap_or_default();
    let title = html::plain(&title.unwrap_or_default());
    if body.is_empty() {
        let description = text("description_text").or_else(|| text("description_html")).map(str::to_owned);
        let description = description.or_else(|| chosen("descriptions", "main"));
        body = html::plain(&description.unwrap_or_default());
        if !body.is_empty() {
            warnings.push(Warning::new(Notice::SummaryOnly, "a description, no text"));
        }
    }
    if title.is_empty() && body.is_empty() {
        let kind = text("type").unwrap_or("ninjs");
        return Err(Fault::new(
            Reason::NotAnArticle,
            format!("an item of type `{kind}` with neither headline nor text"),
        ));
    }
    let mut date = |name: &str| -> Option<Date> {
        match Date::parse(text(name)?) {
            Ok(date) => Some(date),
            Err(message) => {
                warnings.push(Warning::new(Notice::Undated, message));
                None
            }
        }
    };
    let changed = date("versioncreated");
    let published = date("contentcreated").or_else(|| date("firstcreated")).or(changed);
    let embargoed = text("embargoed").or_else(|| text("embargoedreason"));
    let status = match text("pubstatus").map(str::to_ascii_lowercase).as_deref() {
        Some("canceled" | "cancelled") => Status::Withdrawn,
        Some("withheld") => Status::Embargoed,
        _ if embargoed.is_some() => Status::Embargoed,
        _ => Status::Usable,
    };
    let names = |name: &str| -> Vec<String> {
        let one = |value: &Value| -> Option<String> {
            let name = value
                .as_str()
                .or_else(|| value.get("name")?.as_str())
                .or_else(|| value.get("literal")?.as_str());
            name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty())
        };
        match get(name) {
            Some(Value::Array(values)) => values.iter().filter_map(one).collect(),
            Some(value) => one(value).into_iter().collect(),
            None => Vec::new(),
        }
    };
    let mut labels = Vec::new();
    for (name, kind) in [
        ("subject", "subject"),
        ("subjects", "subject"),
        ("keywords", "keyword"),
        ("organisation", "organisation"),
        ("organisations", "organisation"),
        ("organization", "organisation"),
        ("person", "person"),
        ("people", "person"),
        ("place", "place"),
        ("places", "place"),
        ("genre", "genre"),
        ("genres", "genre"),
    ] {
        labels.extend(names(name).into_iter().map(|name| format!("{kind}:{name}")));
    }
    let first = |all: &[&str]| all.iter().find_map(|name| names(name).into_iter().next());
    let article = Article {
        native_id: text("uri").map(str::to_owned),
        title,
        body,
        url: text("url").map(str::to_owned),
        source: first(&["provider", "source", "infosource", "infosources", "copyrightholder"])
            .unwrap_or_default(),
        author: text("byline").map(str::to_owned).or_else(|| {
            let lines = get("bylines").or_else(|| get("by"))?.as_array()?;
            lines
                .iter()
                .find_map(|line| line.get("byline").or(line.get("value"))?.as_str())
                .map(str::to_owned)
        }),
        section: first(&["service", "section"]),
        language: text("language").map(str::to_owned),
        published,
        updated: changed,
        dateline: text("dateline").or_else(|| text("located")).map(str::to_owned),
        status,
        labels,
        extra: kept(value),
    };
    Ok(Parsed { article, warnings })
}

/// Small fields that are not understood.
fn kept(value: &Value) -> serde_json::Map<String, Value> {
    const KEPT: [&str; 8] =
        ["version", "urgency", "slugline", "type", "profile", "ednote", "edNote", "embargoed"];
    let object = value.as_object().into_iter().flatten();
    object
        .filter(|(name, value)| KEPT.contains(&name.as_str()) && !value.is_object() && !value.is_array())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
