//! Web pages and fragments of HTML.
//!
//! A page is read with `dom_smoothie`, a readability algorithm on html5ever: [`articles`] takes title, date,
//! author, section, source and language from JSON-LD, OpenGraph and `meta`, and the text from what readability
//! finds to be the article. Where the page carries its whole text in JSON-LD, that is the publisher's own word
//! and is taken. [`plain`] turns fragments, as feeds and databases hold them, into paragraphs with the tokenizer alone.
//!
//! Work on a tree grows with its depth, and `dom_query` calls itself for every level. Pages that are nested
//! beyond [`MAX_DEPTH`] or have more than [`MAX_NODES`] nodes are refused while their tree is made.

use std::borrow::Cow;
use std::cell::RefCell;

use dom_query::{Document, NodeId, NodeRef};
use dom_smoothie::{Config, Readability, TextMode};
use html5ever::ParseOpts;
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use html5ever::tree_builder::TreeBuilderOpts;
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use super::{Fault, Hints, Outcome, Parsed, Reason};
use crate::article::{Article, Date, Notice, Warning};

/// Levels of a page's tree at the most. Of 260 news pages none has more than 52.
pub const MAX_DEPTH: usize = 256;

/// Elements and texts of a page at the most. Of 260 news pages none has more than 7,746.
pub const MAX_NODES: usize = 200_000;

/// Attributes of one tag at the most. Of 260 news pages no tag has more than 64.
pub const MAX_ATTRIBUTES: usize = 1000;

/// Whether text that starts with `<` is a page.
pub fn is(start: &str) -> bool {
    let start = start[..start.floor_char_boundary(2048)].to_ascii_lowercase();
    if start.starts_with("<?xml") {
        return start.contains("<html") || start.contains("<!doctype html");
    }
    ["<!doctype html", "<html", "<head", "<body", "<title", "<meta ", "<article", "<div", "<p>", "<h1"]
        .iter()
        .any(|mark| start.contains(mark))
}

/// The article of a page.
pub fn articles(text: &str, hints: &Hints) -> Vec<Outcome> {
    vec![page(text, hints)]
}

fn page(text: &str, hints: &Hints) -> Outcome {
    let document = tree(text)?;
    let about = About::of(&document);
    let config = Config { text_mode: TextMode::Raw, ..Config::default() };
    let no_article =
        || Fault::new(Reason::NotAnArticle, "a page without an article that can be told from the rest");
    let mut readability =
        Readability::with_document(document, None, Some(config.clone())).map_err(|_| no_article())?;
    let ld = readability.parse_json_ld();
    let metadata = readability.get_article_metadata(ld);
    let left = strip(&readability.doc);
    let readable = |readability: &mut Readability| {
        readability.parse().map(|found| told(&lines(&found.content))).unwrap_or_default()
    };
    let mut body = readable(&mut readability);
    // Where most of the paragraphs are missing, readability may have lost its hold with what was taken out.
    if body.chars().count() * 2 < left {
        let whole = Readability::with_document(tree(text)?, None, Some(config)).map_err(|_| no_article())?;
        let other = readable(&mut { whole });
        if words(&other) * 2 > words(&body) * 3 {
            body = other;
        }
    }
    if let Some(given) = about.body.filter(|given| words(given) * 10 >= words(&body) * 7) {
        body = paragraphs_of(&body, given);
    }
    let some = |text: String| (!text.trim().is_empty()).then(|| text.trim().to_owned());
    let title = about.title.or_else(|| some(metadata.title.clone())).unwrap_or_default();
    // A page of links has a title too; an article behind a wall says that it is one.
    if body.is_empty() && !about.is_article {
        return Err(no_article());
    }
    let mut warnings = Vec::new();
    let mut article = Article {
        title: plain(&title),
        body: without_title(&body, &title).to_owned(),
        url: about.url.or_else(|| hints.url.clone()),
        source: about.source.or(metadata.site_name).map(|source| plain(&source)).unwrap_or_default(),
        author: about.author.or(metadata.byline).and_then(some),
        section: about.section,
        language: about.language.or(metadata.lang).and_then(some),
        labels: about.labels,
        ..Article::default()
    };
    for (dates, to) in [
        ([about.published, metadata.published_time], &mut article.published),
        ([about.updated, metadata.modified_time], &mut article.updated),
    ] {
        for date in dates.into_iter().flatten().filter(|date| !date.trim().is_empty()) {
            match Date::parse(&date) {
                Ok(date) => {
                    *to = Some(date);
                    break;
                }
                Err(message) => warnings.push(Warning::new(Notice::Undated, message)),
            }
        }
    }
    if article.published.is_some() {
        warnings.clear();
    }
    Ok(Parsed { article, warnings })
}

/// The text that the publisher gives, which often has no line breaks, in the paragraphs of the page where these
/// are nearly all of it.
fn paragraphs_of(body: &str, given: String) -> String {
    /// Each paragraph is looked for in the whole text.
    const LONGEST: usize = 200_000;
    if given.contains('\n') || given.len() > LONGEST {
        return given;
    }
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let all = letters(&given);
    let lines = body.lines().map(|line| (line, letters(line)));
    let found: Vec<(&str, String)> = lines.filter(|(_, letters)| all.contains(letters.as_str())).collect();
    let covered: usize = found.iter().map(|(_, letters)| letters.len()).sum();
    if covered * 10 < all.len() * 9 {
        return given;
    }
    found.iter().map(|(line, _)| *line).collect::<Vec<_>>().join("\n")
}

/// Takes out of a page what is beside its text, captions, bylines, offers, links to other pages, and gives
/// the characters of the paragraphs that are left.
///
/// Only what holds at most a quarter of the page's paragraphs goes: wrappers of everything are named `paywall` too.
fn strip(document: &Document) -> usize {
    const TAGS: [&str; 9] =
        ["figure", "figcaption", "nav", "aside", "form", "button", "dialog", "footer", "menu"];
    /// Words in classes and ids, chosen on the even of 260 pages: in these, text that is not the article's.
    const WORDS: [&str; 42] = [
        "caption",
        "captions",
        "credit",
        "credits",
        "gallery",
        "slideshow",
        "carousel",
        "swiper",
        "byline",
        "bio",
        "biography",
        "authors",
        "authorprofile",
        "newsletter",
        "newsletters",
        "related",
        "trending",
        "timestamp",
        "copyright",
        "share",
        "sharing",
        "social",
        "subscribe",
        "subscription",
        "paywall",
        "promo",
        "promoted",
        "advertisement",
        "ads",
        "sponsored",
        "comments",
        "breadcrumb",
        "breadcrumbs",
        "outbrain",
        "taboola",
        "recirc",
        "recommended",
        "popular",
        "infobox",
        "signup",
        "register",
        "disclaimer",
    ];
    let Some(body) = document.body() else { return 0 };
    let mut chars: FxHashMap<NodeId, usize> = FxHashMap::default();
    for paragraph in body.descendants_it().filter(|node| node.has_name("p")) {
        let count = paragraph.normalized_char_count();
        for node in paragraph.ancestors_it(None) {
            *chars.entry(node.id).or_default() += count;
        }
    }
    let of = |node: &NodeRef<'_>| chars.get(&node.id).copied().unwrap_or_default();
    let whole = of(&body);
    let mut left = whole;
    let mut pending = vec![body];
    while let Some(node) = pending.pop() {
        let Some(name) = node.node_name() else { continue };
        let is_beside = !matches!(&*name, "html" | "body" | "main" | "article" | "p" | "h1")
            && (TAGS.contains(&&*name) || named(&node, &WORDS));
        if is_beside && of(&node) * 4 <= whole {
            left -= of(&node);
            node.remove_from_parent();
        } else {
            pending.extend(node.element_children());
        }
    }
    left
}

/// Whether a class or the id of an element has one of these words in it.
fn named(node: &NodeRef<'_>, words: &[&str]) -> bool {
    let mut word = String::new();
    let values = node.class().into_iter().chain(node.id_attr());
    for value in values {
        word.clear();
        for c in value.chars().chain([' ']) {
            if !c.is_ascii_alphabetic()
                || c.is_ascii_uppercase() && word.ends_with(|last: char| last.is_ascii_lowercase())
            {
                if words.contains(&word.to_ascii_lowercase().as_str()) {
                    return true;
                }
                word.clear();
            }
            if c.is_ascii_alphabetic() {
                word.push(c);
            }
        }
    }
    false
}

/// The lines that tell the story: not links, not what is there more than twice, not what sites put
/// between paragraphs, and no headings or dates before the first paragraph and after the last.
fn told(lines: &[Line]) -> String {
    /// Characters, in bytes, from which a line without a full stop is a paragraph.
    const LONG: usize = 100;
    let mut times: FxHashMap<&str, usize> = FxHashMap::default();
    for line in lines {
        *times.entry(line.text.as_str()).or_default() += 1;
    }
    let mut seen = FxHashSet::default();
    let mut kept: Vec<&Line> = Vec::new();
    for line in lines {
        let is_link = line.linked_bytes * 10 >= line.text.len() * 8;
        let is_first = seen.insert(line.text.as_str());
        if !is_link && is_first && times[line.text.as_str()] < 3 && !is_notice(&line.text) {
            kept.push(line);
        }
    }
    let is_paragraph = |line: &&Line| {
        let ends = ['.', '!', '?', '…', '"', '”', '’', '»', '。', ':', ')'];
        line.text.len() >= LONG || line.text.ends_with(ends)
    };
    // More than a twentieth is the article's own list.
    let size = |lines: &[&Line]| lines.iter().map(|line| line.text.len()).sum::<usize>();
    let most = size(&kept) / 20;
    let first = kept.iter().position(is_paragraph).unwrap_or(0);
    if size(&kept[..first]) <= most {
        kept.drain(..first);
    }
    let last = kept.iter().rposition(is_paragraph).map_or(kept.len(), |at| at + 1);
    if size(&kept[last..]) <= most {
        kept.truncate(last);
    }
    kept.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n")
}

/// Whether a line is one of those that sites put between paragraphs; in English only.
fn is_notice(text: &str) -> bool {
    /// Chosen on the even of 260 pages.
    const STARTS: [&str; 34] = [
        "read more",
        "related:",
        "related ",
        "see more",
        "see also",
        "don't miss",
        "don’t miss",
        "sign up",
        "subscribe",
        "watch |",
        "watch:",
        "also:",
        "follow ",
        "advertisement",
        "story continues",
        "continue reading",
        "recommended",
        "share this",
        "photo:",
        "photo by",
        "image:",
        "(image",
        "image credit",
        "photograph:",
        "source:",
        "getty images",
        "click here",
        "get the latest",
        "published",
        "updated",
        "posted",
        "last updated",
        "more:",
        "more from",
    ];
    /// Bytes; what is longer may be a paragraph that starts like this.
    const LONGEST: usize = 150;
    // A sentence such as `Published figures show` is not a notice.
    let is_sentence = text.len() > 60 && text.ends_with('.');
    if text.len() > LONGEST || is_sentence {
        return false;
    }
    let text = text.to_lowercase();
    STARTS.iter().any(|start| text.starts_with(start))
}

fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

/// A body without a first paragraph that only says the title again.
fn without_title<'a>(body: &'a str, title: &str) -> &'a str {
    match body.split_once('\n') {
        Some((first, rest)) if first.trim() == title.trim() => rest.trim_start(),
        _ => body,
    }
}

/// Makes the tree of a page, and stops where no honest page goes.
///
/// How deep a tree is cannot be told from its tags: end tags that fit nothing are passed over, `path` nests
/// inside `svg`, and a bold that was never closed is opened again in every paragraph that follows. So the tree
/// is made a piece of the text at a time and looked at while it grows.
fn tree(text: &str) -> Result<Document, Fault> {
    /// Bytes given to the parser at once. One piece can add [`MAX_DEPTH`] nodes for every paragraph in it.
    const PIECE: usize = 4096;
    /// Nodes between two looks at the depth. Chains shorter than this cost nobody anything.
    const LOOK_EVERY: usize = 1 << 12;
    let too_long =
        || Fault::new(Reason::TooLong, format!("a page of more than {MAX_NODES} elements and texts"));
    let options = ParseOpts {
        tree_builder: TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() },
        ..ParseOpts::default()
    };
    let mut parser = html5ever::parse_document(Document::default(), options);
    let text = without_crowds(text);
    let mut rest = &*text;
    let mut looked_at = 0;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.ceil_char_boundary(PIECE));
        rest = after;
        parser.process(StrTendril::from_slice(piece));
        let document = &parser.tokenizer.sink.sink;
        // Nobody reads the list of mistakes, which grows with every one of them.
        document.errors.borrow_mut().clear();
        let nodes = document.tree.len();
        if nodes > MAX_NODES {
            return Err(too_long());
        }
        if nodes >= looked_at + LOOK_EVERY {
            looked_at = nodes;
            check_depth(document)?;
        }
    }
    let document = parser.finish();
    check_depth(&document)?;
    if document.tree.len() > MAX_NODES {
        return Err(too_long());
    }
    // For each character to escape, the serializer looks through all of the text that follows it.
    let mut looked_through = 0;
    for node in document.root().descendants_it().filter(NodeRef::is_text) {
        let text = node.text();
        let escaped = text.bytes().filter(|byte| matches!(byte, b'&' | 0xc2)).count();
        looked_through += escaped.saturating_mul(text.len());
    }
    /// A second's worth.
    const MAX_LOOKED_THROUGH: usize = 100_000_000_000;
    if looked_through > MAX_LOOKED_THROUGH {
        return Err(Fault::new(Reason::TooLong, "a page with one endless text full of `&`"));
    }
    Ok(document)
}

/// Refuses a tree with a node below [`MAX_DEPTH`], in templates too.
fn check_depth(document: &Document) -> Result<(), Fault> {
    let mut pending = vec![(document.root(), 0)];
    while let Some((node, depth)) = pending.pop() {
        if depth > MAX_DEPTH {
            return Err(Fault::new(Reason::TooDeep, format!("a page nested more than {MAX_DEPTH} deep")));
        }
        pending.extend(node.children_it(false).map(|child| (child, depth + 1)));
        let template = node.element_ref().and_then(|element| element.template_contents);
        pending.extend(template.and_then(|id| document.tree.get(&id)).map(|inner| (inner, depth + 1)));
    }
    Ok(())
}

/// Text in which no tag has more than [`MAX_ATTRIBUTES`], because the tokenizer compares every attribute of a
/// tag with all before it. Of a longer tag the `<` becomes a space, and so does every one inside it.
///
/// Whether a `<` starts a tag depends on scripts and comments before it, which are not looked at: every one before
/// a name is followed as if it did, all of them at once. At one byte they differ only in the part of a tag
/// that they are in, and of each part the reading with the most attributes stands for the others.
fn without_crowds(text: &str) -> Cow<'_, str> {
    /// Where in a tag a byte is.
    #[derive(Clone, Copy)]
    enum Part {
        TagName,
        /// Before the name of an attribute.
        Before,
        Name,
        /// After `=`.
        Equals,
        /// In a value without quotes, in `"` and in `'`.
        Bare,
        Double,
        Single,
    }
    const PARTS: [Part; 7] =
        [Part::TagName, Part::Before, Part::Name, Part::Equals, Part::Bare, Part::Double, Part::Single];
    #[derive(Clone, Copy)]
    struct Reading {
        attributes: usize,
        start: usize,
    }
    let bytes = text.as_bytes();
    let mut open: [Option<Reading>; 7] = [None; 7];
    let mut crowds: Vec<std::ops::Range<usize>> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if open.iter().all(Option::is_none) {
            match memchr::memchr(b'<', &bytes[at..]) {
                Some(ahead) => at += ahead,
                None => break,
            }
        }
        let byte = bytes[at];
        let mut next = [None; 7];
        let mut put = |part: Part, reading: Reading| {
            let slot: &mut Option<Reading> = &mut next[part as usize];
            if slot.is_none_or(|other| other.attributes < reading.attributes) {
                *slot = Some(reading);
            }
        };
        for part in PARTS {
            let Some(reading) = open[part as usize] else { continue };
            let one_more = Reading { attributes: reading.attributes + 1, ..reading };
            match (part, byte) {
                (Part::Double, b'"') | (Part::Single, b'\'') => put(Part::Before, reading),
                (Part::Double | Part::Single, _) | (Part::Equals, b'\t' | b'\n' | 0x0c | b'\r' | b' ') => {
                    put(part, reading);
                }
                (_, b'>') => {}
                (_, b'\t' | b'\n' | 0x0c | b'\r' | b' ')
                | (Part::TagName | Part::Name | Part::Before, b'/') => put(Part::Before, reading),
                (Part::Before, b'=') => {
                    // Belongs to the name before it, or is a strange name.
                    put(Part::Equals, reading);
                    put(Part::Name, one_more);
                }
                (Part::Before, _) => put(Part::Name, one_more),
                (Part::Name, b'=') => put(Part::Equals, reading),
                (Part::Equals, b'"') => put(Part::Double, reading),
                (Part::Equals, b'\'') => put(Part::Single, reading),
                (Part::Equals, _) => put(Part::Bare, reading),
                (Part::TagName | Part::Name | Part::Bare, _) => put(part, reading),
            }
        }
        let is_name = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphabetic);
        if byte == b'<' && (is_name(at + 1) || bytes.get(at + 1) == Some(&b'/') && is_name(at + 2)) {
            put(Part::TagName, Reading { attributes: 0, start: at });
        }
        open = next;
        if let Some(crowd) = open.iter().flatten().find(|reading| reading.attributes > MAX_ATTRIBUTES) {
            crowds.push(crowd.start..at);
            open = [None; 7];
        }
        at += 1;
    }
    if crowds.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut without = String::with_capacity(text.len());
    let mut done = 0;
    for crowd in crowds {
        // A reading may have begun inside the last crowd.
        let start = crowd.start.max(done);
        without.push_str(&text[done..start]);
        // Ends may lie inside a character.
        done = text.ceil_char_boundary(crowd.end).max(start);
        without.push_str(&text[start..done].replace('<', " "));
    }
    without.push_str(&text[done..]);
    Cow::Owned(without)
}

/// What a page says of its article.
#[derive(Debug, Default)]
struct About {
    /// Whether it says that it is one.
    is_article: bool,
    title: Option<String>,
    body: Option<String>,
    url: Option<String>,
    source: Option<String>,
    author: Option<String>,
    section: Option<String>,
    language: Option<String>,
    published: Option<String>,
    updated: Option<String>,
    labels: Vec<String>,
}

impl About {
    fn of(document: &Document) -> About {
        let mut about = About::default();
        for script in &document.select("script[type='application/ld+json']") {
            let text = script.text();
            let text = text.trim().trim_start_matches("<![CDATA[").trim_end_matches("]]>");
            if let Ok(value) = serde_json::from_str::<Value>(text)
                && let Some(article) = news_article(&value, 4)
            {
                about.take(article);
                break;
            }
        }
        let meta = |names: &[&str]| -> Option<String> {
            names.iter().find_map(|name| {
                let found = document
                    .select(&format!("meta[property='{name}'],meta[name='{name}'],meta[itemprop='{name}']"));
                let content = found.iter().find_map(|node| node.attr("content"))?;
                (!content.trim().is_empty()).then(|| content.trim().to_owned())
            })
        };
        let attribute = |selector: &str, name: &str| -> Option<String> {
            document
                .select(selector)
                .iter()
                .find_map(|node| node.attr(name))
                .map(|value| value.trim().to_owned())
        };
        let or = |slot: &mut Option<String>, value: &dyn Fn() -> Option<String>| {
            if slot.is_none() {
                *slot = value();
            }
        };
        about.is_article |= meta(&["og:type"]).is_some_and(|kind| kind == "article");
        or(&mut about.title, &|| meta(&["og:title", "twitter:title", "dc.title", "parsely-title"]));
        or(&mut about.url, &|| attribute("link[rel='canonical']", "href").or_else(|| meta(&["og:url"])));
        about.url = about.url.filter(|url| url.contains("://"));
        or(&mut about.source, &|| meta(&["og:site_name", "application-name", "dc.publisher"]));
        or(&mut about.author, &|| {
            meta(&["author", "article:author", "parsely-author", "dc.creator", "sailthru.author"])
        });
        about.author = about.author.filter(|author| !author.contains("://"));
        or(&mut about.section, &|| meta(&["article:section", "parsely-section", "section"]));
        or(&mut about.language, &|| attribute("html", "lang").or_else(|| meta(&["og:locale", "language"])));
        or(&mut about.published, &|| {
            meta(&[
                "article:published_time",
                "datePublished",
                "parsely-pub-date",
                "sailthru.date",
                "pubdate",
                "publishdate",
                "publish-date",
                "dc.date",
                "dc.date.issued",
                "dcterms.created",
                "date",
                "og:published_time",
                "article_date_original",
            ])
            .or_else(|| {
                attribute("article time[datetime], time[pubdate], time[itemprop='datePublished']", "datetime")
            })
            .or_else(|| attribute("time[datetime]", "datetime"))
        });
        or(&mut about.updated, &|| {
            meta(&["article:modified_time", "og:updated_time", "dateModified", "lastmod"])
        });
        if about.labels.is_empty() {
            let keywords = meta(&["news_keywords", "keywords", "parsely-tags"]).unwrap_or_default();
            about.labels = labels(&keywords);
        }
        about
    }

    /// Takes what JSON-LD says.
    fn take(&mut self, article: &Value) {
        let text = |name: &str| article.get(name).map(plain_value).filter(|text| !text.is_empty());
        self.is_article = true;
        self.title = text("headline").map(|title| plain(&title));
        self.body = text("articleBody").map(|body| plain(&body));
        self.source = text("publisher");
        self.author = text("author");
        self.section = text("articleSection");
        self.language = text("inLanguage");
        self.published = text("datePublished");
        self.updated = text("dateModified");
        self.labels = labels(&text("keywords").unwrap_or_default());
    }
}

fn labels(keywords: &str) -> Vec<String> {
    let parts =
        keywords.split([',', ';']).map(str::trim).filter(|label| !label.is_empty() && label.len() < 80);
    parts.map(str::to_owned).collect()
}

/// The first value of a JSON-LD document that is an article of some kind.
fn news_article(value: &Value, depth: usize) -> Option<&Value> {
    match value {
        Value::Array(values) if depth > 0 => values.iter().find_map(|value| news_article(value, depth - 1)),
        Value::Object(object) => {
            let is_kind = |kind: &Value| {
                kind.as_str().is_some_and(|kind| {
                    kind.ends_with("Article") || kind.ends_with("BlogPosting") || kind.ends_with("Report")
                })
            };
            let kind = object.get("@type");
            let is_article = kind.is_some_and(|kind| {
                is_kind(kind) || kind.as_array().is_some_and(|kinds| kinds.iter().any(is_kind))
            });
            if is_article && (object.contains_key("headline") || object.contains_key("articleBody")) {
                return Some(value);
            }
            ["@graph", "mainEntity", "mainEntityOfPage"]
                .iter()
                .filter_map(|inner| object.get(*inner))
                .find_map(|inner| if depth > 0 { news_article(inner, depth - 1) } else { None })
        }
        _ => None,
    }
}

/// What a value of JSON-LD says as text.
fn plain_value(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Array(values) => {
            values.iter().map(plain_value).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
        }
        Value::Object(object) => object.get("name").map(plain_value).unwrap_or_default(),
        _ => String::new(),
    }
}

/// Whether a text is a fragment of HTML beyond doubt: it begins with the tag of a block, which is closed.
pub fn is_fragment(text: &str) -> bool {
    const BLOCKS: [&str; 19] = [
        "p",
        "div",
        "article",
        "section",
        "main",
        "body",
        "html",
        "h1",
        "h2",
        "h3",
        "h4",
        "ul",
        "ol",
        "dl",
        "table",
        "blockquote",
        "figure",
        "header",
        "pre",
    ];
    let Some(inner) = text.trim_start().strip_prefix('<') else { return false };
    let end = inner.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(inner.len());
    let name = inner[..end].to_ascii_lowercase();
    BLOCKS.contains(&name.as_str())
        && inner[end..].starts_with(['>', ' ', '\n', '\r', '\t'])
        && inner.match_indices("</").any(|(at, _)| {
            let closing = inner[at + 2..].get(..end);
            closing.is_some_and(|closing| closing.eq_ignore_ascii_case(&name))
                && inner[at + 2 + end..].starts_with('>')
        })
}

/// Text of a fragment of HTML, a line for each paragraph. Text without tags and entities is itself.
pub fn plain(fragment: &str) -> String {
    if !fragment.contains(['<', '&']) {
        return fragment.trim().to_owned();
    }
    lines(fragment).into_iter().map(|line| line.text).collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// The lines of a fragment of HTML, one for each paragraph, item, heading or row.
fn lines(fragment: &str) -> Vec<Line> {
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from_slice(&without_crowds(fragment)));
    let tokenizer = Tokenizer::new(Text::default(), TokenizerOpts::default());
    // Nothing is run here, so the tokenizer never stops before the end.
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    let mut written = tokenizer.sink.0.into_inner();
    written.break_line();
    written.lines
}

/// A line of text and how much of it is in links.
#[derive(Debug, Default)]
struct Line {
    text: String,
    linked_bytes: usize,
}

/// Gathers the text of tokens.
#[derive(Default)]
struct Text(RefCell<Written>);

#[derive(Default)]
struct Written {
    lines: Vec<Line>,
    /// The line that is being written.
    last: Line,
    /// Elements open whose text is not read: scripts, styles, forms.
    hidden: usize,
    is_in_link: bool,
    /// Whether lines are kept as they are.
    is_preformatted: bool,
}

impl Written {
    fn break_line(&mut self) {
        let mut last = std::mem::take(&mut self.last);
        last.text.truncate(last.text.trim_end_matches([' ', '\n']).len());
        if !last.text.is_empty() {
            self.lines.push(last);
        }
    }

    fn write(&mut self, text: &str) {
        let before = self.last.text.len();
        if self.is_preformatted {
            self.last.text.push_str(text);
        } else {
            for c in text.chars() {
                if !c.is_whitespace() {
                    self.last.text.push(c);
                } else if !self.last.text.is_empty() && !self.last.text.ends_with([' ', '\n']) {
                    self.last.text.push(' ');
                }
            }
        }
        if self.is_in_link {
            self.last.linked_bytes += self.last.text.len() - before;
        }
    }
}

impl TokenSink for Text {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        let mut written = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(text) if written.hidden == 0 => written.write(&text),
            Token::TagToken(Tag { kind, name, self_closing, .. }) => {
                let is_start = kind == TagKind::StartTag;
                match &*name {
                    "script" | "style" | "noscript" | "template" | "svg" | "button" | "select" | "iframe"
                    | "object"
                        if !self_closing =>
                    {
                        written.hidden =
                            if is_start { written.hidden + 1 } else { written.hidden.saturating_sub(1) };
                        if is_start && &*name == "script" {
                            return TokenSinkResult::RawData(RawKind::ScriptData);
                        }
                        if is_start && &*name == "style" {
                            return TokenSinkResult::RawData(RawKind::Rawtext);
                        }
                    }
                    "a" => written.is_in_link = is_start,
                    "pre" => {
                        written.break_line();
                        written.is_preformatted = is_start;
                    }
                    "td" | "th" => written.write(" "),
                    "p" | "div" | "br" | "li" | "ul" | "ol" | "tr" | "table" | "h1" | "h2" | "h3" | "h4"
                    | "h5" | "h6" | "blockquote" | "section" | "article" | "header" | "footer" | "figure"
                    | "figcaption" | "dl" | "dt" | "dd" | "hr" | "aside" | "main" | "nav" | "form"
                    | "address" | "hl1" | "hl2" => written.break_line(),
                    _ => {}
                }
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragments_become_paragraphs() {
        let rows = [
            ("plain", "plain"),
            ("a < b", "a < b"),
            ("R&amp;D &euro;5 &#8211; up", "R&D €5 – up"),
            ("<p>One\n two.</p><p>Three<br>four</p>", "One two.\nThree\nfour"),
            ("<ul><li>a</li><li><b>b</b> c</li></ul>", "a\nb c"),
            ("x<script>if (a<b) { p('</p>') }</script><style>p{}</style>y", "xy"),
            ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
            ("cut <a href=\"x", "cut"),
            ("AT&T and S&P", "AT&T and S&P"),
        ];
        for (fragment, expected) in rows {
            assert_eq!(plain(fragment), expected);
        }
    }

    #[test]
    fn what_is_beside_the_text_is_left_out() {
        let rows = [
            ("<figure><img><figcaption>The plant in May</figcaption></figure>", false),
            ("<div class='newsletter-signup'><p>News by mail every morning.</p></div>", false),
            ("<div class='storyByline'>By Ann Other</div>", false),
            ("<p><a href='/2'>Alder to close its oldest plant by the end of June</a></p>", false),
            ("<p>Read more: Alder to close its oldest plant</p>", false),
            ("<p>Story continues below</p>", false),
            (
                "<p>Published figures show that orders fell <a href='/3'>for a third year</a> in a row.</p>",
                true,
            ),
            ("<h2>What comes next</h2>", true),
            ("<ul><li>Orders: down 4%</li></ul>", true),
            (
                "<section class='shared-content'><p>Alder has eleven plants, three of them abroad.</p></section>",
                true,
            ),
        ];
        let paragraph = |n: usize| {
            format!(
                "<p>Paragraph {n} of the story says, in some detail, that Alder Mills, a maker of paper, expects lower \
                 orders in the coming year, and that its mills, of which there are eleven, will run for fewer hours.</p>"
            )
        };
        for (beside, is_kept) in rows {
            let text: String = format!("{}{}{beside}{}", paragraph(1), paragraph(2), paragraph(3));
            let page = format!(
                "<html><head><title>Alder expects less</title></head><body><article>{text}</article></body></html>"
            );
            let body = articles(&page, &Hints::default()).remove(0).unwrap().article.body;
            assert_eq!(body.lines().count(), 3 + usize::from(is_kept), "{beside}\n{body}");
        }
    }

    #[test]
    fn a_page_of_links_is_no_article_and_one_that_says_so_is() {
        let links = "<p><a href='/1'>Alder to close its oldest plant</a></p>".repeat(20);
        let page = |head: &str, body: &str| {
            format!("<html><head><title>Alder</title>{head}</head><body>{body}</body></html>")
        };
        let rows = [
            (page("", &links), Some(Reason::NotAnArticle)),
            (page("", ""), Some(Reason::NotAnArticle)),
            (page("<meta property='og:type' content='article'>", ""), None),
        ];
        for (page, reason) in rows {
            let outcome = articles(&page, &Hints::default()).remove(0);
            assert_eq!(outcome.err().map(|fault| fault.reason), reason, "{page}");
        }
    }

    #[test]
    fn pages_nobody_wrote_are_refused_quickly() {
        let page = |body: String| format!("<html><body>{body}x");
        let bolds = (0..200).fold(String::new(), |bolds, id| bolds + &format!("<b id={id}>"));
        let rows = [
            ("deep", page("<div>".repeat(100_000)), Some(Reason::TooDeep)),
            ("end tags that fit nothing", page("<div></i>".repeat(20_000)), Some(Reason::TooDeep)),
            ("end tags of outer elements", page("<span><div></span>".repeat(20_000)), Some(Reason::TooDeep)),
            (
                "void in HTML, deep in SVG",
                page(format!("<svg>{}", "<path>".repeat(100_000))),
                Some(Reason::TooDeep),
            ),
            ("deep in a template", page("<template></i>".repeat(20_000)), Some(Reason::TooDeep)),
            ("many", page("<i></i>".repeat(210_000)), Some(Reason::TooLong)),
            (
                "reopened in every paragraph",
                page(format!("<p>{bolds}</p>{}", "<p>x</p>".repeat(20_000))),
                Some(Reason::TooLong),
            ),
            (
                "many entities in one text",
                page("&amp".repeat(200_000) + &"text ".repeat(100_000)),
                Some(Reason::TooLong),
            ),
            ("many attributes", page(format!("<a {}>", "b1 b2=c b3=\"d\" ".repeat(100_000))), None),
            (
                "comparisons in a script",
                page(format!("<script>{}</Script><p>x", "if(a<b)c('</i>');".repeat(10_000))),
                None,
            ),
            ("as deep as allowed", page("<div>".repeat(MAX_DEPTH - 3)), None),
        ];
        for (what, page, reason) in rows {
            let outcome = articles(&page, &Hints::default()).remove(0);
            assert_eq!(outcome.err().map(|fault| fault.reason), reason, "{what}");
        }
        // Fragments have no tree to be deep.
        assert_eq!(plain(&format!("{}x", "<div>".repeat(100_000))), "x");
    }

    #[test]
    fn tags_with_too_many_attributes_are_text() {
        let many = |attribute: &str| attribute.repeat(MAX_ATTRIBUTES + 1);
        let rows = [
            (format!("<a {}>", many("b ")), true),
            (format!("</a {}>", many("b ")), true),
            (format!("<a=\" {}>", many("b ")), true),
            (format!("<a {}>", many("b/")), true),
            (format!("<a {}>", many("b=''")), true),
            (format!("<a {}>", many("b = c ")), true),
            (format!("<!-- <script> --><a {}>", many("b ")), true),
            (format!("<a b='<c d=\"'{}>", many("e ")), true),
            (format!("<a b=\"{}\">", many("c ")), false),
            (format!("<a b='{}'>", many("<c d> ")), false),
            (many("<a b>c d "), false),
            (format!("a < b {}", many("c ")), false),
        ];
        for (text, is_crowd) in rows {
            assert_eq!(without_crowds(&text) != text, is_crowd, "{}", &text[..20]);
        }
    }
}
