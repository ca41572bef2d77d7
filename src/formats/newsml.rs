//! NewsML-G2 and NewsML 1.2 of the IPTC: messages, packages and single items.
//!
//! An item with text is an article. One with a picture, a sound or a film is an article too if it has a
//! headline and a description: the description is its text. Packages, concepts, knowledge and planning items only point
//! to others, and a file of nothing else holds no article.

use super::xml::{Node, Tree};
use super::{Fault, Outcome, Parsed, Reason, html, nitf};
use crate::article::{Article, Date, Notice, Status, Warning};

/// Names of what NewsML-G2 puts at the top.
const G2: [&str; 8] = [
    "newsMessage",
    "newsItem",
    "packageItem",
    "conceptItem",
    "knowledgeItem",
    "planningItem",
    "catalogItem",
    "catalog",
];

/// Whether XML is NewsML of either kind.
pub fn is(start: &str) -> bool {
    // The first element decides.
    let mut rest = start;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if rest.starts_with(['?', '!']) {
            if rest.starts_with("!--") {
                rest = rest.find("-->").map_or("", |end| &rest[end..]);
            }
            continue;
        }
        let name = rest.split([' ', '>', '\n', '\r', '\t', '/']).next().unwrap_or_default();
        let name = name.rsplit(':').next().unwrap_or_default();
        return G2.contains(&name) || matches!(name, "NewsML" | "NewsItem");
    }
    false
}

/// The articles of a document.
pub fn articles(text: &str) -> Vec<Outcome> {
    let tree = match Tree::parse(text) {
        Ok(tree) => tree,
        Err(fault) => return vec![Err(fault)],
    };
    let root = tree.root();
    let mut outcomes = Vec::new();
    if matches!(root.name(), "NewsML" | "NewsItem") {
        let envelope = root.at("NewsEnvelope/DateAndTime").and_then(Node::text);
        let items = if root.name() == "NewsItem" { vec![root] } else { root.all("NewsItem") };
        for item in items {
            outcomes.push(first_item(item, envelope.as_deref()));
        }
    } else {
        let items = if root.name() == "newsItem" { vec![root] } else { root.all("newsItem") };
        outcomes.extend(items.into_iter().map(second_item));
    }
    // Pictures beside a text are none of a reader's business.
    if outcomes.iter().any(Result::is_ok) {
        outcomes.retain(|outcome| !outcome.as_ref().is_err_and(|fault| fault.reason == Reason::NotAnArticle));
    }
    if outcomes.is_empty() {
        let message = format!("`{}` has no news item in it, only references or data", root.name());
        outcomes.push(Err(Fault::new(Reason::NotAnArticle, message)));
    }
    outcomes.truncate(MAX_ITEMS);
    outcomes
}

/// Items of one document at the most; a message has some tens.
const MAX_ITEMS: usize = 100_000;

fn date(given: Option<&str>, warnings: &mut Vec<Warning>) -> Option<Date> {
    match Date::parse(given?) {
        Ok(date) => Some(date),
        Err(message) => {
            warnings.push(Warning::new(Notice::Undated, message));
            None
        }
    }
}

/// An item of NewsML-G2.
fn second_item(item: Node<'_>) -> Outcome {
    let mut warnings = Vec::new();
    let meta = item.at("itemMeta");
    let about = item.at("contentMeta");
    let text = |node: Option<Node<'_>>, path: &str| node.and_then(|node| node.at(path)).and_then(Node::text);
    let inner = item.first("nitf").map(nitf::article);
    let mut title = text(about, "headline").or_else(|| text(meta, "title")).unwrap_or_default();
    let mut body = String::new();
    if let Some(set) = item.at("contentSet") {
        for content in set.children() {
            let found = match content.name() {
                "inlineXML" => inline(content),
                "inlineData" => html::plain(&content.raw()),
                _ => continue,
            };
            // Several are renditions of the same.
            if found.len() > body.len() {
                body = found;
            }
        }
    }
    if let Some(inner) = &inner {
        if body.len() < inner.article.body.len() {
            body.clone_from(&inner.article.body);
        }
        if title.is_empty() {
            title.clone_from(&inner.article.title);
        }
    }
    if body.is_empty() {
        let description = about.and_then(|about| about.all("description").into_iter().find_map(Node::text));
        match description {
            Some(description) if !title.is_empty() || description.len() > 40 => {
                body = description;
                warnings
                    .push(Warning::new(Notice::SummaryOnly, "a picture, sound or film with a description"));
            }
            _ => {
                let kind = meta.and_then(|meta| meta.at("itemClass")?.attribute("qcode")).unwrap_or("item");
                return Err(Fault::new(Reason::NotAnArticle, format!("a `{kind}` without text")));
            }
        }
    }
    let status = meta
        .and_then(|meta| meta.at("pubStatus")?.attribute("qcode").or(meta.at("pubStatus")?.attribute("uri")));
    let status = match status.map(|status| status.rsplit([':', '/']).next().unwrap_or(status)) {
        Some("canceled" | "cancelled") => Status::Withdrawn,
        Some("withheld") => Status::Embargoed,
        _ => Status::Usable,
    };
    let language = item
        .attribute("lang")
        .or_else(|| about.and_then(|about| about.at("language")?.attribute("tag")))
        .map(str::to_owned);
    let name = |node: Node<'_>| -> Option<String> {
        node.at("name")
            .and_then(Node::text)
            .or_else(|| node.attribute("literal").map(str::to_owned))
            .or_else(|| {
                node.attribute("qcode").map(|code| code.rsplit(':').next().unwrap_or(code).to_owned())
            })
            .or_else(|| node.text())
    };
    let source = meta
        .and_then(|meta| meta.at("provider"))
        .and_then(name)
        .or_else(|| about.and_then(|about| about.at("infoSource")).and_then(name))
        .or_else(|| text(item.at("rightsInfo"), "copyrightHolder/name"));
    let mut labels = Vec::new();
    let mut authors = Vec::new();
    for node in about.into_iter().flat_map(Node::children) {
        match node.name() {
            "subject" | "genre" => {
                let kind = match node.attribute("type").map(|kind| kind.rsplit(':').next().unwrap_or(kind)) {
                    Some("person") => "person",
                    Some("organisation") => "organisation",
                    Some("geoArea" | "geo") => "place",
                    _ if node.name() == "genre" => "genre",
                    _ => "subject",
                };
                labels.extend(name(node).map(|name| format!("{kind}:{name}")));
            }
            "keyword" => labels.extend(node.text().map(|name| format!("keyword:{name}"))),
            "by" => authors.splice(.., node.text()).for_each(drop),
            "creator" | "contributor" if authors.is_empty() => authors.extend(name(node)),
            _ => {}
        }
    }
    let mut seen = std::collections::HashSet::new();
    labels.retain(|label| seen.insert(label.clone()));
    let created = text(about, "contentCreated").or_else(|| text(meta, "firstCreated"));
    let changed = text(meta, "versionCreated");
    let published = date(created.as_deref().or(changed.as_deref()), &mut warnings);
    let embargoed = text(meta, "embargoed").filter(|_| status == Status::Usable);
    let mut extra = serde_json::Map::new();
    for (name, value) in [
        ("slugline", text(about, "slugline")),
        ("edNote", text(meta, "edNote")),
        ("version", item.attribute("version").map(str::to_owned)),
        ("embargoed", embargoed.clone()),
    ] {
        if let Some(value) = value {
            extra.insert(name.to_owned(), value.into());
        }
    }
    let article = Article {
        native_id: item.attribute("guid").map(str::to_owned),
        title,
        body,
        source: source.unwrap_or_default(),
        author: (!authors.is_empty()).then(|| authors.join(", ")),
        language,
        published,
        updated: date(changed.as_deref(), &mut Vec::new()),
        dateline: text(about, "dateline").or_else(|| inner.and_then(|inner| inner.article.dateline)),
        status: if embargoed.is_some() { Status::Embargoed } else { status },
        labels,
        extra,
        ..Article::default()
    };
    Ok(Parsed { article, warnings })
}

/// The text of inline content: of an NITF or XHTML body, or all there is.
fn inline(content: Node<'_>) -> String {
    let body = content.first("body.content").or_else(|| content.first("body")).unwrap_or(content);
    body.paragraphs()
}

/// An item of NewsML 1.2.
fn first_item(item: Node<'_>, sent: Option<&str>) -> Outcome {
    let mut warnings = Vec::new();
    let found = |name: &str| item.first(name).and_then(Node::text);
    let nitf = item.first("nitf").map(nitf::article);
    // The longest text of all components; captions of pictures are shorter.
    let mut body = String::new();
    for content in item.all("DataContent") {
        let text = inline(content);
        let text = if text.contains("</") { html::plain(&text) } else { text };
        if text.len() > body.len() {
            body = text;
        }
    }
    let title = found("HeadLine")
        .or_else(|| nitf.as_ref().map(|nitf| nitf.article.title.clone()).filter(|title| !title.is_empty()))
        .or_else(|| found("Title"))
        .unwrap_or_default();
    if body.is_empty() && title.is_empty() {
        return Err(Fault::new(Reason::NotAnArticle, "a news item without text"));
    }
    let named = |name: &str| item.first(name).and_then(|node| node.attribute("FormalName"));
    let status = match item.at("NewsManagement/Status").and_then(|node| node.attribute("FormalName")) {
        Some(status)
            if status.eq_ignore_ascii_case("canceled") || status.eq_ignore_ascii_case("cancelled") =>
        {
            Status::Withdrawn
        }
        Some(status)
            if status.eq_ignore_ascii_case("embargoed") || status.eq_ignore_ascii_case("withheld") =>
        {
            Status::Embargoed
        }
        _ => Status::Usable,
    };
    let provider = item
        .first("Provider")
        .and_then(|node| node.first("Party"))
        .and_then(|party| party.attribute("FormalName"));
    let created = item.at("NewsManagement/FirstCreated").and_then(Node::text).or_else(|| found("DateId"));
    let changed = item.at("NewsManagement/ThisRevisionCreated").and_then(Node::text);
    let published = date(created.as_deref().or(changed.as_deref()).or(sent), &mut warnings);
    let mut labels: Vec<String> = Vec::new();
    for (name, kind) in [("Property", "property"), ("KeywordLine", "keyword")] {
        for node in item.all(name) {
            match (node.attribute("FormalName"), node.attribute("Value")) {
                (Some(formal), Some(value))
                    if name == "Property" && formal.eq_ignore_ascii_case("keyword") =>
                {
                    labels.push(format!("keyword:{value}"));
                }
                _ if name == "KeywordLine" => labels.extend(node.text().map(|text| format!("{kind}:{text}"))),
                _ => {}
            }
        }
    }
    for node in ["Subject", "SubjectMatter", "SubjectDetail"].iter().flat_map(|name| item.all(name)) {
        labels.extend(node.attribute("FormalName").map(|code| format!("subject:{code}")));
    }
    let mut seen = std::collections::HashSet::new();
    labels.retain(|label| seen.insert(label.clone()));
    let inner = nitf.map(|nitf| nitf.article).unwrap_or_default();
    let mut extra = serde_json::Map::new();
    for (name, value) in [("slugline", found("SlugLine")), ("version", found("RevisionId"))] {
        if let Some(value) = value {
            extra.insert(name.to_owned(), value.into());
        }
    }
    let article = Article {
        native_id: found("PublicIdentifier").or_else(|| found("NewsItemId")).or(inner.native_id),
        title,
        body,
        source: provider.map(str::to_owned).or_else(|| found("ProviderId")).unwrap_or_default(),
        author: found("ByLine").or(inner.author),
        language: named("Language").or_else(|| item.attribute("lang")).map(str::to_owned),
        published,
        updated: date(changed.as_deref(), &mut Vec::new()),
        dateline: found("DateLine").or(inner.dateline),
        status,
        labels,
        extra,
        ..Article::default()
    };
    Ok(Parsed { article, warnings })
}
