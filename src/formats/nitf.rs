//! NITF, the News Industry Text Format of the IPTC, alone or inside NewsML.

use super::xml::{Node, Tree};
use super::{Outcome, Parsed};
use crate::article::{Article, Date, Notice, Status, Warning};

/// Whether XML is an NITF document.
pub fn is(start: &str) -> bool {
    let at = start.find("<nitf").or_else(|| start.find(":nitf"));
    at.is_some_and(|at| !start[..at].contains("<newsItem") && !start[..at].contains("<NewsML"))
}

/// The article of a document.
pub fn articles(text: &str) -> Vec<Outcome> {
    vec![Tree::parse(text).map(|tree| {
        let root = tree.root();
        let nitf = if root.name() == "nitf" { root } else { root.first("nitf").unwrap_or(root) };
        article(nitf)
    })]
}

/// The article of an `nitf` element.
pub fn article(nitf: Node<'_>) -> Parsed {
    let mut warnings = Vec::new();
    let text = |path: &str| nitf.at(path).and_then(Node::text);
    let details = nitf.at("head/docdata");
    let head = nitf.at("body/body.head");
    let inside =
        |node: Option<Node<'_>>, name: &str| node.and_then(|node| node.first(name)).and_then(Node::text);
    let title = inside(head, "hl1")
        .or_else(|| head.and_then(|head| head.at("hedline")).and_then(Node::text))
        .or_else(|| text("head/title"))
        .unwrap_or_default();
    let attribute = |name: &str, attribute: &str| -> Option<String> {
        details?.all(name).into_iter().find_map(|node| node.attribute(attribute)).map(str::to_owned)
    };
    let mut date = |given: Option<String>| -> Option<Date> {
        match Date::parse(&given?) {
            Ok(date) => Some(date),
            Err(message) => {
                warnings.push(Warning::new(Notice::Undated, message));
                None
            }
        }
    };
    let issued = attribute("date.issue", "norm")
        .or_else(|| attribute("date.release", "norm"))
        .or_else(|| nitf.first("pubdata")?.attribute("date.publication").map(str::to_owned))
        .or_else(|| nitf.first("story.date")?.attribute("norm").map(str::to_owned));
    let body = nitf.first("body.content").map(Node::paragraphs).unwrap_or_default();
    let place = head.and_then(|head| head.first("dateline")).and_then(Node::text);
    let version = attribute("du-key", "version").unwrap_or_default();
    let mut labels: Vec<String> = Vec::new();
    if let Some(head) = nitf.at("head") {
        for (name, given, kind) in [
            ("keyword", "key", "keyword"),
            ("classifier", "value", "subject"),
            ("tobject.subject", "tobject.subject.type", "subject"),
            ("tobject.subject", "tobject.subject.matter", "subject"),
        ] {
            let values = head.all(name).into_iter().filter_map(|node| node.attribute(given));
            labels.extend(values.map(|value| format!("{kind}:{value}")));
        }
    }
    labels.dedup();
    // The standard has an attribute; agencies say it in the scope or a message.
    let management = details.and_then(|details| details.attribute("management-status"));
    let is_killed = details
        .and_then(|details| details.first("doc-scope").or(details.first("ed-msg")))
        .and_then(|node| node.attribute("info"))
        .is_some_and(|info| info.contains("KILL"));
    let status = match management {
        Some("canceled" | "withheld") => Status::Withdrawn,
        _ if is_killed => Status::Withdrawn,
        Some("embargoed") => Status::Embargoed,
        _ => Status::Usable,
    };
    let article = Article {
        native_id: attribute("doc-id", "id-string"),
        title,
        body,
        source: inside(head, "distributor")
            .or_else(|| attribute("doc-id", "regsrc"))
            .or_else(|| attribute("doc.copyright", "holder"))
            .unwrap_or_default(),
        author: head
            .and_then(|head| head.first("byline"))
            .map(Node::paragraphs)
            .map(|line| line.replace('\n', ", "))
            .filter(|line| !line.is_empty()),
        section: nitf
            .first("pubdata")
            .and_then(|details| details.attribute("position.section"))
            .map(str::to_owned),
        language: nitf.attribute("lang").map(str::to_owned),
        published: date(issued),
        updated: date(attribute("revision-history", "norm")).filter(|_| !version.is_empty()),
        dateline: place,
        status,
        labels,
        ..Article::default()
    };
    Parsed { article, warnings }
}
