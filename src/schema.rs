//! What the index holds of an article, and how an article becomes a tantivy document.
//!
//! | field | kind | what |
//! |---|---|---|
//! | `id`, `native`, `url` | term | the 32-digit id, the publisher's own id, the address |
//! | `text`, `exact`, `annotation`, `boilerplate` | positions | the aligned fields, see [`analyzer`](crate::analyzer) |
//! | `source`, `section`, `language`, `status`, `author`, `label` | term and column | as given |
//! | `entity`, `entity_about` | term and column | ids of organisations: named at all, dwelt on |
//! | `region`, `region_mentioned` | term and column | codes with all they lie in: dwelt on, named at all |
//! | `region_direct`, `region_filed`, `region_publisher` | term and column | codes alone: named, filed from, publisher's |
//! | `published`, `published_end`, `updated`, `ingested` | column | seconds since 1970 |
//! | `key`, `content`, `version`, `words` | column | id and content hash as numbers, how often replaced, word count |
//! | `passages`, `sentences` | column, several values | where each starts: byte of the body in the upper half, position below |
//! | `band` | term | parts of the signature, by which copies are looked up, see [`stories`](crate::stories) |
//! | `signature` | column, several values | what is compared to tell copies |
//! | `record`, `body` | stored | all of the article and its mentions, to show it and to rebuild the index |
//!
//! A word whose form is its stem stands in `text` alone, which makes the index an eighth smaller: where `text` has
//! a stem and `exact` has nothing, the form is the stem.
//!
//! Words of boilerplate stand in `boilerplate` and not in `text`, at the positions they would have there, so that
//! a search passes over them unless it is asked to look.
//! Everything up to here is a pure function of the article: the same corpus gives the same documents.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use tantivy::schema::document::Value;
use tantivy::schema::{
    Field, IndexRecordOption, STORED, Schema, TantivyDocument, TextFieldIndexing, TextOptions,
};

use crate::analyzer::{ALIGNED, Aligned, GAP};
use crate::annotate::{Annotations, Mention, Part, Referent, Tier, Words, annotate, publisher};
use crate::article::{Article, ArticleId, Span};
use crate::gazetteer::{EntityId, RegionCode, regions};
use crate::passages::{Split, split};
use crate::stories::Signature;
use crate::wire::boilerplate;
use crate::words::{Analyzer, Tokens};

/// The version of everything in this module, kept in the index.
pub const FORMAT: u32 = 3;

/// The fields of the index.
#[derive(Debug, Clone, Copy)]
pub struct Fields {
    pub id: Field,
    pub native: Field,
    pub url: Field,
    pub text: Field,
    pub exact: Field,
    pub annotation: Field,
    pub boilerplate: Field,
    pub source: Field,
    pub section: Field,
    pub language: Field,
    pub status: Field,
    pub author: Field,
    pub label: Field,
    pub entity: Field,
    pub entity_about: Field,
    pub region: Field,
    pub region_mentioned: Field,
    pub region_direct: Field,
    pub region_filed: Field,
    pub region_publisher: Field,
    pub published: Field,
    pub published_end: Field,
    pub updated: Field,
    pub ingested: Field,
    pub key: Field,
    pub content: Field,
    pub version: Field,
    pub words: Field,
    pub passages: Field,
    pub sentences: Field,
    pub band: Field,
    pub signature: Field,
    pub record: Field,
    pub body: Field,
}

/// The schema and its fields.
pub fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let aligned = |with_lengths: bool| {
        TextOptions::default().set_indexing_options(
            TextFieldIndexing::default()
                .set_tokenizer(ALIGNED)
                .set_fieldnorms(with_lengths)
                .set_index_option(IndexRecordOption::WithFreqsAndPositions),
        )
    };
    let raw = TextFieldIndexing::default()
        .set_tokenizer("raw")
        .set_fieldnorms(false)
        .set_index_option(IndexRecordOption::Basic);
    let term = TextOptions::default().set_indexing_options(raw);
    let column = term.clone().set_fast("raw");
    let fields = Fields {
        id: builder.add_text_field("id", term.clone()),
        native: builder.add_text_field("native", term.clone()),
        url: builder.add_text_field("url", term),
        text: builder.add_text_field("text", aligned(true)),
        exact: builder.add_text_field("exact", aligned(false)),
        annotation: builder.add_text_field("annotation", aligned(false)),
        boilerplate: builder.add_text_field("boilerplate", aligned(false)),
        source: builder.add_text_field("source", column.clone()),
        section: builder.add_text_field("section", column.clone()),
        language: builder.add_text_field("language", column.clone()),
        status: builder.add_text_field("status", column.clone()),
        author: builder.add_text_field("author", column.clone()),
        label: builder.add_text_field("label", column.clone()),
        entity: builder.add_text_field("entity", column.clone()),
        entity_about: builder.add_text_field("entity_about", column.clone()),
        region: builder.add_text_field("region", column.clone()),
        region_mentioned: builder.add_text_field("region_mentioned", column.clone()),
        region_direct: builder.add_text_field("region_direct", column.clone()),
        region_filed: builder.add_text_field("region_filed", column.clone()),
        region_publisher: builder.add_text_field("region_publisher", column),
        published: builder.add_i64_field("published", tantivy::schema::FAST),
        published_end: builder.add_i64_field("published_end", tantivy::schema::FAST),
        updated: builder.add_i64_field("updated", tantivy::schema::FAST),
        ingested: builder.add_i64_field("ingested", tantivy::schema::FAST),
        key: builder.add_u64_field("key", tantivy::schema::FAST),
        content: builder.add_u64_field("content", tantivy::schema::FAST),
        version: builder.add_u64_field("version", tantivy::schema::FAST),
        words: builder.add_u64_field("words", tantivy::schema::FAST),
        passages: builder.add_u64_field("passages", tantivy::schema::FAST),
        sentences: builder.add_u64_field("sentences", tantivy::schema::FAST),
        band: builder.add_u64_field("band", tantivy::schema::INDEXED),
        signature: builder.add_u64_field("signature", tantivy::schema::FAST),
        record: builder.add_text_field("record", STORED),
        body: builder.add_text_field("body", STORED),
    };
    (builder.build(), fields)
}

/// Where a passage or sentence starts, as the columns hold it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Start {
    /// Byte of the body.
    pub byte: u32,
    /// Position of its first word in the aligned fields.
    pub position: u32,
}

impl Start {
    /// As one number that sorts by byte.
    pub fn pack(self) -> u64 {
        u64::from(self.byte) << 32 | u64::from(self.position)
    }

    #[allow(clippy::cast_possible_truncation, reason = "each half has 32 bits")]
    pub fn unpack(packed: u64) -> Start {
        Start { byte: (packed >> 32) as u32, position: packed as u32 }
    }
}

/// An article with all that was computed from it.
#[derive(Debug, Clone)]
pub struct Analysed {
    pub article: Article,
    pub id: ArticleId,
    pub title: Tokens,
    pub body: Tokens,
    pub annotations: Annotations,
    pub split: Split,
    /// Parts of the body that are no news, see [`wire`](crate::wire).
    pub boilerplate: Vec<Span>,
    /// Absent where the text is too short to tell copies of it.
    pub signature: Option<Signature>,
}

/// Analyses an article: words, annotations, passages.
pub fn analyse(article: Article, id: ArticleId, tier: Tier, analyzer: &mut Analyzer) -> Analysed {
    let title = analyzer.tokens(&article.title);
    let body = analyzer.tokens(&article.body);
    let boilerplate = boilerplate(&article.body);
    let annotations = annotate(
        Words { text: &article.title, tokens: &title },
        Words { text: &article.body, tokens: &body },
        article.dateline.as_deref(),
        &boilerplate,
        tier,
    );
    let split = split(&article.body, &body);
    let signature = Signature::of(&title, &body, &boilerplate, article.published);
    Analysed { article, id, title, body, annotations, split, boilerplate, signature }
}

/// Position in the aligned fields of a word of the title or body.
pub fn position(part: Part, word: u32, title_words: u32) -> u32 {
    match part {
        Part::Title => word,
        Part::Body => title_words + GAP + word,
    }
}

/// What the article was when it went in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ingest {
    /// Seconds since 1970 of the first time.
    pub first: i64,
    /// From 1, one more at each change.
    pub version: u64,
    /// [`Article::content_hash`], by which the same article is known again.
    pub content: u64,
}

/// Makes the document of an article.
pub fn document(analysed: Analysed, ingest: Ingest, fields: &Fields) -> TantivyDocument {
    let Analysed { mut article, id, title, body, annotations, split, boilerplate, signature } = analysed;
    let title_words = narrow(title.len());
    let mut document = TantivyDocument::with_capacity(article.body.len() * 5 + 2048);
    document.add_text(fields.id, id.to_string());
    for (field, value) in [(fields.native, &article.native_id), (fields.url, &article.url)] {
        if let Some(value) = value {
            document.add_text(field, name_term(value));
        }
    }

    // About two bytes of position and separator for each word beside its form.
    let size = article.title.len() + article.body.len() + 64;
    let (mut text, mut exact) = (Aligned::with_capacity(size), Aligned::with_capacity(size));
    let mut aside = Aligned::default();
    let mut spans = boilerplate.iter().peekable();
    for (part, tokens) in [(Part::Title, &title), (Part::Body, &body)] {
        for word in 0..tokens.len() {
            let at = position(part, narrow(word), title_words);
            if part == Part::Body {
                let span = tokens.span(word);
                while spans.next_if(|aside| aside.end <= span.start).is_some() {}
                if spans.peek().is_some_and(|aside| aside.contains(span)) {
                    aside.push(at, tokens.stem(word));
                    continue;
                }
            }
            text.push(at, tokens.stem(word));
            if let Some(joined) = tokens.joined(word) {
                text.push(at, joined);
            }
            if tokens.exact(word) != tokens.stem(word) {
                exact.push(at, tokens.exact(word));
            }
        }
    }
    let mut annotation = Aligned::default();
    for mention in &annotations.mentions {
        annotation.push(
            position(mention.part, mention.words.start, title_words),
            &annotation_term(&mention.referent),
        );
    }
    document.add_text(fields.text, text.as_str());
    document.add_text(fields.exact, exact.as_str());
    if !boilerplate.is_empty() {
        document.add_text(fields.boilerplate, aside.as_str());
    }
    document.add_text(fields.annotation, annotation.as_str());

    document.add_text(fields.status, article.status.as_str());
    let given = [
        (fields.source, Some(article.source.as_str())),
        (fields.section, article.section.as_deref()),
        (fields.language, article.language.as_deref()),
        (fields.author, article.author.as_deref()),
    ];
    for (field, value) in given {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            document.add_text(field, cut(value));
        }
    }
    // Each once, however often it is given, so that it is counted once.
    let labels: BTreeSet<&str> = article.labels.iter().map(|label| cut(label)).collect();
    for label in labels.into_iter().filter(|label| !label.is_empty()) {
        document.add_text(fields.label, label);
    }
    for entity in &annotations.entities {
        document.add_text(fields.entity, entity.id.as_str());
        if entity.is_about {
            document.add_text(fields.entity_about, entity.id.as_str());
        }
    }
    for code in annotations.with_ancestors(|region| region.is_about) {
        document.add_text(fields.region, code.0);
    }
    for code in annotations.with_ancestors(|_| true) {
        document.add_text(fields.region_mentioned, code.0);
    }
    for region in annotations.regions.iter().filter(|region| region.mentions > 0) {
        document.add_text(fields.region_direct, region.code.0);
    }
    if let Some(filed) = annotations.filed {
        document.add_text(fields.region_filed, filed.0);
    }
    if let Some(seat) = publisher(&article.source, article.url.as_deref()) {
        document.add_text(fields.region_publisher, seat.0);
    }

    if let Some(published) = article.published {
        document.add_i64(fields.published, published.start);
        document.add_i64(fields.published_end, published.end());
    }
    if let Some(updated) = article.updated {
        document.add_i64(fields.updated, updated.start);
    }
    document.add_i64(fields.ingested, ingest.first);
    document.add_u64(fields.version, ingest.version);
    document.add_u64(fields.key, id.key());
    document.add_u64(fields.content, ingest.content);
    document.add_u64(fields.words, (title.len() + body.len()) as u64);
    for passage in &split.passages {
        let position = position(Part::Body, passage.first_word, title_words);
        document.add_u64(fields.passages, Start { byte: passage.span.start, position }.pack());
    }
    for sentence in &split.sentences {
        let position = position(Part::Body, sentence.first_word, title_words);
        document.add_u64(fields.sentences, Start { byte: sentence.start, position }.pack());
    }
    if let Some(signature) = signature {
        for term in bands(&signature) {
            document.add_u64(fields.band, term);
        }
        for word in signature.to_words() {
            document.add_u64(fields.signature, word);
        }
    }
    // The body is stored as it is, and the rest as JSON.
    document.add_text(fields.body, &article.body);
    article.body = String::new();
    let json = RecordJson {
        id: id.to_string(),
        article,
        mentions: annotations.mentions.iter().map(stored).collect(),
        filed: annotations.filed.map(|code| code.to_string()),
    };
    document
        .add_text(fields.record, serde_json::to_string(&json).expect("strings and numbers always serialise"));
    document
}

/// The terms of the `band` field.
pub fn bands(signature: &Signature) -> impl Iterator<Item = u64> {
    (0_u64..).zip(signature.bands()).map(|(band, value)| band << 32 | u64::from(value))
}

/// The term of the `annotation` field for what a mention names.
pub fn annotation_term(referent: &Referent) -> String {
    match referent {
        Referent::Region(code) => format!("region:{code}"),
        Referent::Entity(id) => id.to_string(),
    }
}

/// Terms over 65,530 bytes are dropped by tantivy in silence; no source or section is that long.
fn cut(value: &str) -> &str {
    &value[..value.floor_char_boundary(LONGEST)]
}

const LONGEST: usize = 1024;

/// The term of the `native` and `url` fields for a publisher's id or an address: itself, or of a longer one its start and a
/// hash of the whole.
pub fn name_term(name: &str) -> Cow<'_, str> {
    if name.len() <= LONGEST {
        return Cow::Borrowed(name);
    }
    Cow::Owned(format!("{}…{:032x}", cut(name), xxhash_rust::xxh3::xxh3_128(name.as_bytes())))
}

fn narrow(value: usize) -> u32 {
    u32::try_from(value).expect("articles are limited to 64 MB")
}

/// An article as stored, with its mentions.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    pub id: ArticleId,
    pub article: Article,
    pub mentions: Vec<StoredMention>,
    pub filed: Option<RegionCode>,
}

/// A mention as stored: enough to show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMention {
    pub part: Part,
    pub span: Span,
    pub referent: Referent,
}

#[derive(Serialize, Deserialize)]
struct RecordJson {
    id: String,
    article: Article,
    /// Part, start, end, term.
    mentions: Vec<(u8, u32, u32, String)>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    filed: Option<String>,
}

/// A mention as the stored record has it.
fn stored(mention: &Mention) -> (u8, u32, u32, String) {
    (mention.part as u8, mention.span.start, mention.span.end, annotation_term(&mention.referent))
}

impl Record {
    /// Reads a stored document.
    ///
    /// # Errors
    /// A sentence where the document is not one that [`document`] made.
    pub fn read(document: &TantivyDocument, fields: &Fields) -> Result<Record, String> {
        let text = |field: Field| document.get_first(field).and_then(|value| value.as_str());
        let (record, body) = (text(fields.record), text(fields.body));
        let record = record.ok_or("a stored article has no record")?;
        let json: RecordJson =
            serde_json::from_str(record).map_err(|error| format!("a stored article is damaged: {error}"))?;
        let id = ArticleId::parse(&json.id).ok_or("a stored article has no id")?;
        let mut article = json.article;
        body.unwrap_or_default().clone_into(&mut article.body);
        let known = |code: &str| regions().get(code).map(|region| region.code);
        let mentions = json
            .mentions
            .into_iter()
            .filter_map(|(part, start, end, term)| {
                let (part, text) =
                    if part == 0 { (Part::Title, &article.title) } else { (Part::Body, &article.body) };
                let span = Span { start, end };
                text.get(span.range())?;
                let referent = match term.strip_prefix("region:") {
                    Some(code) => Referent::Region(known(code)?),
                    None => Referent::Entity(EntityId(term.into())),
                };
                Some(StoredMention { part, span, referent })
            })
            .collect();
        Ok(Record { id, filed: json.filed.as_deref().and_then(known), mentions, article })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_gives_its_article_back() {
        let article = Article {
            title: "Fed holds".into(),
            body: "The Fed held rates in the U.S.\nMarkets in Brazil rose.".into(),
            source: "Desk".into(),
            native_id: Some("1".into()),
            ..Article::default()
        };
        let (_, fields) = schema();
        let id = article.id("x");
        let analysed = analyse(article.clone(), id, Tier::Full, &mut Analyzer::default());
        let mentions = analysed.annotations.mentions.len();
        let document = document(analysed, Ingest { first: 0, version: 1, content: 0 }, &fields);
        let record = Record::read(&document, &fields).unwrap();
        assert_eq!(record.article, article);
        assert!(mentions > 0);
        assert_eq!(record.mentions.len(), mentions);
    }

    #[test]
    fn starts_pack_into_numbers_that_sort() {
        let start = Start { byte: 70_000, position: 1_030 };
        assert_eq!(Start::unpack(start.pack()), start);
        assert!(start.pack() < Start { byte: 70_001, position: 0 }.pack());
    }
}
