//! RSS, Atom and JSON Feed, one article an entry, read with `feed-rs`.
//!
//! Feeds are often broken in small ways that no reader of theirs notices: entities of HTML that XML does not
//! know, control characters, junk before the declaration. A feed that does not parse is repaired there and
//! tried once more.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::xml::{Node, Tree};
use super::{Fault, Outcome, Parsed, Reason, html};
use crate::article::{Article, Date, Notice, Warning};

/// Whether XML, or text with junk before it, is a feed.
pub fn is(start: &str) -> bool {
    ["<rss", ":rss", "<feed", "<entry", "<rdf>", "<rdf:RDF", "<channel", "<CHANNEL", ":feed ", "<RDF"]
        .iter()
        .any(|mark| start.contains(mark))
        && !start.contains("<html")
        && !start.contains("<newsItem")
}

/// The entries of a feed.
pub fn articles(text: &str) -> Vec<Outcome> {
    if let Err(fault) = check_depth(text) {
        return vec![Err(fault)];
    }
    // Relative ids would be made up of the time; ids that the feed does not give are left out below.
    let parse = |text: &str| {
        feed_rs::parser::Builder::new()
            .id_generator(|_, _, _| String::new())
            .sanitize_content(false)
            .build()
            .parse(text.as_bytes())
    };
    let feed = match parse(&declared_as_utf8(text)) {
        Ok(feed) => Ok(feed),
        Err(first) => parse(&repaired(text)).map_err(|_| first),
    };
    let has_text = |entry: &feed_rs::model::Entry| {
        entry.title.is_some()
            || entry.summary.is_some()
            || entry.content.as_ref().is_some_and(|content| content.body.is_some())
    };
    let feed = match feed {
        Ok(feed) if !feed.entries.is_empty() && feed.entries.iter().all(has_text) => feed,
        other => {
            // Old versions and wrong namespaces are feeds to their readers all the same.
            let found = by_names(&repaired(text));
            if !found.is_empty() {
                return found;
            }
            match other {
                Ok(feed) if !feed.entries.is_empty() => feed,
                Ok(_) => return vec![Err(Fault::new(Reason::NotAnArticle, "a feed without entries"))],
                Err(error) => {
                    let message = format!("not a feed that can be read: {error}");
                    return vec![Err(Fault::new(Reason::NotXml, message))];
                }
            }
        }
    };
    let source = feed.title.as_ref().map(|title| line(&title.content)).unwrap_or_default();
    let language = feed.language.clone();
    feed.entries.into_iter().map(|entry| Ok(article(entry, &source, language.as_deref()))).collect()
}

/// Elements that may be open at once. `feed-rs` calls itself for groups of media within groups, of which 200 fit
/// on the stack of a thread in a debug build and 500 do not.
const MAX_DEPTH: usize = 128;

/// Refuses a feed that is nested deeper than [`MAX_DEPTH`].
fn check_depth(text: &str) -> Result<(), Fault> {
    // JSON is full of tags that nobody closes, and is not read by calling itself.
    if text.trim_start().starts_with('{') {
        return Ok(());
    }
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    let mut open: Vec<String> = Vec::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => open.push(tag.name().into_inner().to_owned()),
            Ok(Event::End(tag)) => {
                // What fits nothing closes nothing.
                if let Some(at) = open.iter().rposition(|name| name == tag.name().into_inner()) {
                    open.truncate(at);
                }
            }
            // What is no XML is told by whoever reads it.
            Ok(Event::Eof) | Err(_) => return Ok(()),
            Ok(_) => {}
        }
        if open.len() > MAX_DEPTH {
            return Err(Fault::new(Reason::TooDeep, format!("a feed nested more than {MAX_DEPTH} deep")));
        }
    }
}

fn article(entry: feed_rs::model::Entry, source: &str, language: Option<&str>) -> Parsed {
    let mut warnings = Vec::new();
    let title = entry.title.map(|title| line(&title.content)).unwrap_or_default();
    let content =
        entry.content.and_then(|content| content.body).map(|body| html::plain(&body)).unwrap_or_default();
    let summary = entry.summary.map(|summary| html::plain(&summary.content)).unwrap_or_default();
    let media = || entry.media.iter().find_map(|media| media.description.as_ref());
    let body = if !content.is_empty() {
        content
    } else if summary.is_empty() {
        media().map(|text| html::plain(&text.content)).unwrap_or_default()
    } else {
        warnings.push(Warning::new(Notice::SummaryOnly, "only a summary, no text"));
        summary
    };
    let date = |second: i64| Date::from_second(second).ok();
    let names: Vec<String> = entry
        .authors
        .iter()
        .filter_map(|author| Some(line(author.name.as_deref()?)))
        .filter(|name| !name.is_empty())
        .collect();
    let is_page = |link: &&feed_rs::model::Link| link.rel.as_deref().is_none_or(|rel| rel == "alternate");
    let url = entry.links.iter().find(is_page).or(entry.links.first()).map(|link| link.href.clone());
    let labels = entry.categories.into_iter().map(|category| line(&category.label.unwrap_or(category.term)));
    let mut article = Article {
        native_id: Some(entry.id).filter(|id| !id.trim().is_empty()),
        title,
        body,
        url: url.filter(|url| !url.is_empty()),
        source: source.to_owned(),
        author: (!names.is_empty()).then(|| names.join(", ")),
        language: entry.language.or(language.map(str::to_owned)),
        published: entry.published.map(|moment| moment.timestamp()).and_then(date),
        updated: entry.updated.map(|moment| moment.timestamp()).and_then(date),
        labels: labels.filter(|label| !label.is_empty()).collect(),
        ..Article::default()
    };
    if article.published.is_none() {
        article.published = article.updated.take();
    }
    Parsed { article, warnings }
}

/// The entries of a feed by the local names of its elements, whatever their namespace.
fn by_names(text: &str) -> Vec<Outcome> {
    let Ok(tree) = Tree::parse(text) else { return Vec::new() };
    let root = tree.root();
    let mut entries = root.all("item");
    entries.extend(root.all("entry"));
    // The Channel Definition Format, which came before RSS, shouts.
    entries.extend(root.all("ITEM"));
    if entries.is_empty() && root.name() == "entry" {
        entries.push(root);
    }
    let of = |node: Node<'_>, names: &[&str]| -> Option<String> {
        names.iter().find_map(|name| {
            let inner = node.children().find(|child| child.name().eq_ignore_ascii_case(name))?;
            let text = marked(inner);
            (!text.trim().is_empty()).then_some(text)
        })
    };
    let channel = root.children().find(|child| child.name() == "channel").unwrap_or(root);
    let source = of(channel, &["title"]).map(|title| line(&title)).unwrap_or_default();
    let outcomes = entries.into_iter().map(|entry| {
        let mut warnings = Vec::new();
        let content =
            of(entry, &["encoded", "body", "content", "fullitem", "xhtml"]).map(|text| html::plain(&text));
        let summary =
            of(entry, &["description", "summary", "abstract", "tagline"]).map(|text| html::plain(&text));
        let body = content.filter(|text| !text.is_empty()).unwrap_or_else(|| {
            let summary = summary.unwrap_or_default();
            if !summary.is_empty() {
                warnings.push(Warning::new(Notice::SummaryOnly, "only a summary, no text"));
            }
            summary
        });
        let mut date = |names: &[&str]| match of(entry, names).map(|date| Date::parse(&date)) {
            Some(Ok(date)) => Some(date),
            Some(Err(message)) => {
                warnings.push(Warning::new(Notice::Undated, message));
                None
            }
            None => None,
        };
        let published = date(&["pubDate", "published", "issued", "date", "created"]);
        let updated = date(&["updated", "modified", "lastmod"]);
        let updated = updated.or_else(|| Date::parse(entry.attribute("LASTMOD")?).ok());
        let links = || entry.all("link").into_iter();
        let href = links()
            .find(|link| link.attribute("rel").is_none_or(|rel| rel == "alternate"))
            .and_then(|link| link.attribute("href").map(str::to_owned).or_else(|| link.text()))
            .or_else(|| entry.attribute("href").map(str::to_owned))
            .or_else(|| entry.attribute("HREF").map(str::to_owned))
            .or_else(|| entry.attribute("about").map(str::to_owned));
        let author = of(entry, &["creator"]).or_else(|| {
            let author = entry.at("author")?;
            author.at("name").unwrap_or(author).text()
        });
        let labels = entry
            .all("category")
            .into_iter()
            .filter_map(|node| node.attribute("term").map(str::to_owned).or_else(|| node.text()));
        let article = Article {
            native_id: of(entry, &["guid", "id"]).map(|id| id.trim().to_owned()),
            title: of(entry, &["title"]).map(|title| line(&title)).unwrap_or_default(),
            body,
            url: href.filter(|url| url.contains("://")),
            source: source.clone(),
            author: author.map(|author| line(&author)),
            published: published.or(updated),
            updated: if published.is_some() { updated } else { None },
            labels: labels.collect(),
            ..Article::default()
        };
        Ok(Parsed { article, warnings })
    });
    outcomes.collect()
}

/// What an element says: its text, which may be markup in disguise, or its own markup as lines; base64 is undone.
fn marked(node: Node<'_>) -> String {
    let raw = node.raw();
    if node.children().next().is_some() {
        return node.paragraphs();
    }
    let is_encoded = node.attribute("mode") == Some("base64")
        || node.attribute("type").is_some_and(|kind| kind == "application/octet-stream");
    let plain = if is_encoded { base64(&raw) } else { None };
    plain.unwrap_or(raw)
}

/// Text of base64, if it is that.
fn base64(text: &str) -> Option<String> {
    let text: String = text.split_whitespace().collect();
    let bytes = mail_parser::decoders::base64::base64_decode(text.as_bytes())?;
    String::from_utf8(bytes).ok()
}

/// Text in one line, without markup.
fn line(text: &str) -> String {
    html::plain(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text with a declaration that tells the truth: it was decoded already.
fn declared_as_utf8(text: &str) -> Cow<'_, str> {
    let Some(rest) = text.trim_start().strip_prefix("<?xml") else { return Cow::Borrowed(text) };
    match rest.find("?>") {
        Some(end) if rest[..end].contains("encoding") => {
            Cow::Owned(format!("<?xml version=\"1.0\"?>{}", &rest[end + 2..]))
        }
        _ => Cow::Borrowed(text),
    }
}

/// Text from its first tag on, without characters that XML does not allow, with entities of HTML as
/// characters, and with bare ampersands as text.
fn repaired(text: &str) -> String {
    let start = text.find("<?xml").or_else(|| text.find('<')).unwrap_or(0);
    let text = declared_as_utf8(&text[start..]);
    let mut repaired = String::with_capacity(text.len());
    let mut rest = &text[..];
    let is_allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    while let Some(at) = rest.find('&') {
        repaired.extend(rest[..at].chars().filter(|c| is_allowed(*c)));
        let after = &rest[at + 1..];
        /// No entity of HTML has a longer name.
        const LONGEST: usize = 32;
        let end = after.bytes().take(LONGEST).position(|byte| byte == b';');
        let name = end.map(|end| &after[..end]).filter(|name| !name.is_empty() && name.is_ascii());
        let is_known = |name: &str| matches!(name, "amp" | "lt" | "gt" | "quot" | "apos");
        match name {
            Some(name) if name.starts_with('#') || is_known(name) => {
                repaired.push('&');
                rest = after;
            }
            Some(name) if quick_xml::escape::resolve_html5_entity(name).is_some() => {
                repaired.push_str(quick_xml::escape::resolve_html5_entity(name).unwrap_or_default());
                rest = &after[name.len() + 1..];
            }
            _ => {
                repaired.push_str("&amp;");
                rest = after;
            }
        }
    }
    repaired.extend(rest.chars().filter(|c| is_allowed(*c)));
    // A feed that was cut within its last tag has all its entries but that.
    if repaired
        .rfind('<')
        .is_some_and(|tag| repaired[tag..].starts_with("</") && !repaired[tag..].contains('>'))
    {
        repaired.push('>');
    }
    repaired
}

#[cfg(test)]
mod tests {
    use super::*;

    const RSS: &str = r#"<?xml version="1.0" encoding="iso-8859-1"?><rss version="2.0"><channel><title>Desk &amp; Co</title><language>en-gb</language>
        <item><title>Rates &lt;b&gt;held&lt;/b&gt;</title><guid>g1</guid><link>https://e.example/1</link><pubDate>Thu, 02 May 2019 12:00:00 GMT</pubDate>
        <category>Banks</category><description>&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two.&lt;/p&gt;</description></item></channel></rss>"#;

    #[test]
    fn entries_become_articles() {
        let parsed = articles(RSS).remove(0).unwrap();
        let article = parsed.article;
        assert_eq!(article.title, "Rates held");
        assert_eq!((article.source.as_str(), article.body.as_str()), ("Desk & Co", "One.\nTwo."));
        assert_eq!(article.published.unwrap().to_string(), "2019-05-02T12:00:00Z");
        assert_eq!(
            (article.native_id.as_deref(), article.url.as_deref()),
            (Some("g1"), Some("https://e.example/1"))
        );
        assert_eq!(article.labels, ["Banks"]);
        assert_eq!(parsed.warnings[0].notice, Notice::SummaryOnly);
    }

    #[test]
    fn odd_dialects_are_read() {
        let rows = [
            (
                "<CHANNEL><TITLE>Desk</TITLE><ITEM HREF=\"http://e.example/1\" LASTMOD=\"2004-04-06T23:05:43-05:00\">\
                 <TITLE>Rates held</TITLE><ABSTRACT>Text</ABSTRACT></ITEM></CHANNEL>",
                Some("2004-04-07T04:05:43Z"),
            ),
            (
                "<r:rss xmlns:r=\"http://e.example/ns\" version=\"2.0\"><r:channel><r:title>Desk</r:title><r:item>\
                 <r:title>Rates held</r:title><r:description>Text</r:description></r:item></r:channel></r:rss>",
                None,
            ),
            (
                "<rss version=\"2.0\"><channel><title>Desk</title><item><title>Rates held</title>\
                 <description>Text</description></item></channel></rss",
                None,
            ),
        ];
        for (text, published) in rows {
            assert!(is(text), "{text}");
            let article = articles(text).remove(0).unwrap().article;
            assert_eq!(
                (article.title.as_str(), article.body.as_str(), article.source.as_str()),
                ("Rates held", "Text", "Desk"),
                "{text}"
            );
            assert_eq!(article.published.map(|date| date.to_string()).as_deref(), published, "{text}");
        }
    }

    #[test]
    fn feeds_nobody_wrote_are_refused() {
        let feed = |inside: String| {
            format!(
                "<feed xmlns=\"http://www.w3.org/2005/Atom\" xmlns:m=\"http://search.yahoo.com/mrss/\"><title>T</title>\
                 <entry><title>a</title>{inside}</entry></feed>"
            )
        };
        let nested = |n: usize| feed("<m:group>".repeat(n) + &"</m:group>".repeat(n));
        for deep in [nested(100_000), feed("<m:group>".repeat(100_000)), feed("<m:group></x>".repeat(1000))] {
            assert_eq!(articles(&deep).remove(0).unwrap_err().reason, Reason::TooDeep);
        }
        assert!(articles(&nested(MAX_DEPTH - 2)).remove(0).is_ok());
        let json = format!(
            r#"{{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{{"id": "1", "content_html": "{}"}}]}}"#,
            "One<br>".repeat(500)
        );
        assert_eq!(articles(&json).remove(0).unwrap().article.body.lines().count(), 500);
    }

    #[test]
    fn small_breakage_is_repaired() {
        let broken = RSS.replace("Banks", "R&D &nbsp;&eacute; \u{7}x").replacen("<?xml", "junk <?xml", 1);
        assert_eq!(articles(&broken).remove(0).unwrap().article.labels, ["R&D é x"]);
        let bomb = "<?xml version=\"1.0\"?><!DOCTYPE r [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>\
                    <rss version=\"2.0\"><channel><title>T</title><item><title>x &b;</title></item></channel></rss>";
        assert!(articles(bomb).iter().flatten().all(|parsed| parsed.article.title.len() < 20));
    }
}
