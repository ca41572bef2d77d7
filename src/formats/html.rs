//! Web pages and fragments of HTML.
//!
//! A page is read with `dom_smoothie`, a readability algorithm on html5ever: [`articles`] takes title, date,
//! author, section, source and language from JSON-LD, OpenGraph and `meta`, and the text from what readability
//! finds to be the article. Where the page carries its whole text in JSON-LD, that is the publisher's own word
//! and is taken. [`plain`] turns fragments, as feeds and databases hold them, into paragraphs with the tokenizer alone.
//!
//! Trees of hostile pages are as deep as their tags, and the work on them grows with that; pages that are
//! nested beyond [`MAX_DEPTH`] or have more than [`MAX_TAGS`] tags are refused before a tree is made.

use std::cell::RefCell;

use dom_query::Document;
use dom_smoothie::{Config, Readability, TextMode};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use serde_json::Value;

use super::{Fault, Hints, Outcome, Parsed, Reason};
use crate::article::{Article, Date, Notice, Warning};

/// Tags that may be open at once. Pages of real sites have some sixty.
pub const MAX_DEPTH: usize = 512;

/// Tags of a page at the most.
pub const MAX_TAGS: usize = 200_000;

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
    check_size(text)?;
    let document = Document::from(text);
    let about = About::of(&document);
    let config = Config { text_mode: TextMode::Raw, ..Config::default() };
    let no_article =
        || Fault::new(Reason::NotAnArticle, "a page without an article that can be told from the rest");
    let mut readability =
        Readability::with_document(document, None, Some(config)).map_err(|_| no_article())?;
    let ld = readability.parse_json_ld();
    let metadata = readability.get_article_metadata(ld);
    let found = readability.parse();
    let readable = found.as_ref().map(|found| plain(&found.content)).unwrap_or_default();
    let body = match about.body {
        Some(body) if words(&body) * 10 >= words(&readable) * 7 => body,
        _ => readable,
    };
    let some = |text: String| (!text.trim().is_empty()).then(|| text.trim().to_owned());
    let title = about.title.or_else(|| some(metadata.title.clone())).unwrap_or_default();
    if body.is_empty() && title.is_empty() {
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

/// Refuses what no honest page is, by a look at its tags alone.
fn check_size(text: &str) -> Result<(), Fault> {
    /// Tags that close themselves or that browsers close for the author.
    const LOOSE: [&str; 29] = [
        "p", "li", "br", "img", "meta", "link", "input", "hr", "td", "tr", "th", "dd", "dt", "option",
        "source", "area", "base", "col", "embed", "param", "track", "wbr", "tbody", "thead", "path", "rect",
        "circle", "use", "stop",
    ];
    let (mut depth, mut deepest, mut tags) = (0_usize, 0, 0);
    let mut from = 0;
    while let Some(at) = memchr::memchr(b'<', &text.as_bytes()[from..]) {
        from += at + 1;
        let rest = &text[from..];
        let (is_end, rest) = rest.strip_prefix('/').map_or((false, rest), |rest| (true, rest));
        let name = rest.bytes().take(12).take_while(u8::is_ascii_alphanumeric).count();
        if name == 0 {
            continue;
        }
        tags += 1;
        let name = rest[..name].to_ascii_lowercase();
        if LOOSE.contains(&name.as_str()) {
            continue;
        }
        // What looks like tags in a script are comparisons.
        if !is_end && matches!(name.as_str(), "script" | "style") {
            let end = memchr::memmem::find(rest.as_bytes(), b"</").map_or(rest.len(), |mut end| {
                while !rest.as_bytes()[end + 2..]
                    .get(..name.len())
                    .is_some_and(|tag| tag.eq_ignore_ascii_case(name.as_bytes()))
                {
                    match memchr::memmem::find(&rest.as_bytes()[end + 2..], b"</") {
                        Some(next) => end += 2 + next,
                        None => return rest.len(),
                    }
                }
                end
            });
            from += end;
            continue;
        }
        if is_end {
            depth = depth.saturating_sub(1);
        } else {
            depth += 1;
            deepest = deepest.max(depth);
        }
    }
    if deepest > MAX_DEPTH {
        return Err(Fault::new(Reason::TooDeep, format!("a page nested more than {MAX_DEPTH} deep")));
    }
    if tags > MAX_TAGS {
        return Err(Fault::new(Reason::TooLong, format!("a page of more than {MAX_TAGS} tags")));
    }
    Ok(())
}

/// What a page says of its article.
#[derive(Debug, Default)]
struct About {
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

/// Text of a fragment of HTML, a line for each paragraph. Text without tags and entities is itself.
pub fn plain(fragment: &str) -> String {
    if !fragment.contains(['<', '&']) {
        return fragment.trim().to_owned();
    }
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from_slice(fragment));
    let tokenizer = Tokenizer::new(Text::default(), TokenizerOpts::default());
    // Nothing is run here, so the tokenizer never stops before the end.
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    let written = tokenizer.sink.0.into_inner();
    written.text.trim().to_owned()
}

/// Gathers the text of tokens.
#[derive(Default)]
struct Text(RefCell<Written>);

#[derive(Default)]
struct Written {
    text: String,
    /// Elements open whose text is not read: scripts, styles, forms.
    hidden: usize,
    /// Whether lines are kept as they are.
    is_preformatted: bool,
}

impl Written {
    fn break_line(&mut self) {
        let end = self.text.trim_end_matches([' ', '\n']).len();
        self.text.truncate(end);
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    fn write(&mut self, text: &str) {
        if self.is_preformatted {
            self.text.push_str(text);
            return;
        }
        for c in text.chars() {
            if c.is_whitespace() {
                if !self.text.is_empty() && !self.text.ends_with([' ', '\n']) {
                    self.text.push(' ');
                }
            } else {
                self.text.push(c);
            }
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
    fn pages_nobody_wrote_are_refused_quickly() {
        let script = format!("<html><body><script>{}</Script><p>x", "if(a<b)c('</i>');".repeat(10_000));
        assert!(check_size(&script).is_ok());
        let deep = format!("<html><body>{}x", "<div>".repeat(100_000));
        let many = format!("<html><body>{}", "<i></i>".repeat(150_000));
        for (page, reason) in [(deep, Reason::TooDeep), (many, Reason::TooLong)] {
            assert_eq!(articles(&page, &Hints::default()).remove(0).unwrap_err().reason, reason);
        }
        // Fragments have no tree to be deep.
        assert_eq!(plain(&format!("{}x", "<div>".repeat(100_000))), "x");
    }
}
