//! The machine shape of results, version 2.
//!
//! ```text
//! {
//!   "version": 2,
//!   "query": "alipay merchants",       as typed
//!   "reading": "alipay merchants",     in its plain spelling, with names, places and dates as they were understood
//!   "read_as": "alipay merchant",      as it was looked up
//!   "warnings": [{"message", "hint"?, "start", "end"}],        code points of the query
//!   "notes"?: ["..."],                 on how regions were read and words looked up
//!   "absent"?: ["..."],                no article has every word: what was asked for that is in none at all
//!   "did_you_mean"?: {"query", "without"?, "count"},           with other spellings of words that no article has, maybe
//!                                                  without another clause or flag, and what that finds
//!   "without"?: [{"clause", "count"}],             nothing found: what is found without a clause or flag, most first
//!   "instead"?: [{"clause", "by", "name", "count"}],           nothing found: with a wider region in its place
//!   "total": 3,                        stories in the tier that is counted; articles with `--copies`
//!   "articles": 5,                     articles in that tier, copies included
//!   "hidden": 0,                       withdrawn articles that were left out
//!   "counted": "all" | "most" | null,  that tier: every word, not every word, nothing found
//!   "at_least": 1,                     words that articles of the tier `most` have at the least
//!   "facets": [{"field", "within"?: "150", "values": [{"value", "name", "count", "articles"}]}],
//!   "histogram"?: [{"label": "2016-Q3", "start": "2016-07", "count", "articles"}],    without gaps
//!   "hits": [{
//!     "rank": 1, "tier": "all", "score": 9.4,
//!     "id", "native_id"?, "url"?, "title", "source"?, "author"?, "section"?, "language"?,
//!     "published"?, "updated"?, "status", "labels"?: ["topic:gold"],
//!     "copies": 0,                                              other articles of the story that match
//!     "title_highlights": [[start, end]],                       code points of the title
//!     "missing": ["word"],                                      wanted, but not in the article
//!     "explain"?: {                                             with `--explain`; these add up to the score:
//!       "words", "title", "forms", "pairs", "boilerplate",      of the article, or the best of its copies
//!       "passage",                                              of its best passage
//!       "recency", "added",                                     for being new, if asked for; of a stage of one's own
//!       "said": [{"word", "rarity", "count"}]},                 of the article shown
//!     "entities": [{"id", "name"}], "regions": [{"code", "name"}],   mentioned, in order of first mention
//!     "passages": [{
//!       "address": "ID@start-end", "start", "end",              code points of the body, end exclusive
//!       "text", "highlights": [[start, end]],                   code points of the body
//!       "names"?: [[start, end]],                               mentions of what the query or its filters name, where no
//!                                                               typed word is; those that matched are highlights too
//!       "words": ["alipay"], "score",                           words that the text has; the score is the whole passage's
//!       "explain"?: {"said": [{"word", "count", "score"}],      these scores and "named", which is for naming what
//!                    "named"},                                  the filters ask for, add up to that of the passage
//!       "mentions": [{"start", "end", "id", "name"}]            regions have ids such as `region:TH`
//!     }]
//!   }]
//! }
//! ```
//!
//! Lines of `--batch` have `"line"` too, from 1, and `"query"` in hits as well; a query that cannot be understood is
//! `{"type": "error", "line", "query", "message"}`.
//!
//! `trend --json` prints
//!
//! ```text
//! {"version", "query", "read_as", "warnings", "by": "month",
//!  "count", "articles", "all", "share",         of all steps together: stories found, articles, all stories, their share
//!  "steps": [{"label": "2016-Q3", "start": "2016-07", "count", "articles", "all", "share", "lift"}]}    without gaps
//! ```
//!
//! `with --json` prints
//!
//! ```text
//! {"version", "entities": [{"id", "name"}], "regions": ["TH"], "query",     whom or what: one of the three is not empty
//!  "articles", "looked_at", "passages", "of",            that have it, how many of them were read, their passages, all
//!  "others": [{"id": "co:apple" | "region:TH" | "word:merger", "name",
//!    "both", "total", "score",                           passages with both, with it; log-likelihood ratio
//!    "proof": {"address", "part": "body" | "title", "start", "end", "text", "highlights", "title", "source", "published"?}}]}
//! ```
//!
//! and `similar --json` `{"version", "article_id", "title", "words": ["nickel"], "entities": [{"id", "name"}], "hits"}`,
//! hits as above with nothing `missing`.
//!
//! `why-not --json` prints
//!
//! ```text
//! {"version", "article_id", "title", "query", "reading", "warnings", "notes"?,
//!  "found"?: {"rank", "of", "tier": "all" | "most", "shown"?: ID},  where it is, and the copy that stands for its story
//!  "fails": [{"clause", "reasons": [{"of", "lack", "like"? | "values"?}]}],
//!                                     lack: absent, boilerplate, elsewhere, form, few, apart, excluded, other
//!  "satisfies": ["nickel"],
//!  "changes": [{"without": "region:LA"} | {"with": "--withdrawn"}],  not found: what finds it
//!  "changed"?, "then"?}               the query with the changes, and where the article is then, as in "found"
//! ```
//!
//! `saved list --json` prints `{"version", "queries": {NAME: SAVED}}` and `saved show --json`
//! `{"version", "name", "saved": SAVED, "reported": 12}`; SAVED has `query` and, where they are set, `region`, `entity`,
//! `source`, `lang`, `since`, `until`, `all_words`, `copies`, `withdrawn`, `boilerplate`, `as_typed` and
//! `alert`, all as typed. An alert
//! as JSON lines is `{"type": "alert", "alert": NAME}` with the fields of a hit.
//!
//! Fields with `?` are left out where there is nothing to say. `--jsonl` prints the same as lines: first an
//! object with `"type": "summary"` and everything but `hits`, then one with `"type": "hit"` for each hit.
//! New fields may come; a change of meaning is a new version.

use std::borrow::Cow;

use dateline::annotate::{Part, Referent};
use dateline::article::Span;
use dateline::gazetteer::{EntityId, entities, regions};
use dateline::plan::{Clause, Expr, Plan};
use dateline::query::{Query, Warning};
use dateline::schema::Record;
use dateline::search::{
    Bin, Diagnosis, Facet, Hit, Instead, Parts, PassageHit, Results, Rewrite, Tier, Without,
};
use serde::Serialize;

/// The version of the shape.
pub const VERSION: u32 = 2;

#[derive(Serialize)]
pub struct Summary<'a> {
    pub version: u32,
    pub query: &'a str,
    pub reading: String,
    pub read_as: String,
    pub warnings: Vec<WarningJson<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub notes: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub absent: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub did_you_mean: Option<RewriteJson>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub without: &'a [Without],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub instead: &'a [Instead],
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub untried: bool,
    pub total: u64,
    pub articles: u64,
    pub hidden: u64,
    pub counted: Option<Tier>,
    pub at_least: usize,
    pub facets: Vec<FacetJson<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub histogram: &'a [Bin],
}

#[derive(Serialize)]
pub struct RewriteJson {
    query: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    without: Option<String>,
    count: u64,
}

#[derive(Serialize)]
pub struct WarningJson<'a> {
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
    start: usize,
    end: usize,
}

#[derive(Serialize)]
pub struct FacetJson<'a> {
    field: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    within: Option<&'a str>,
    values: Vec<ValueJson<'a>>,
}

#[derive(Serialize)]
struct ValueJson<'a> {
    value: &'a str,
    name: Cow<'a, str>,
    count: u64,
    articles: u64,
}

#[derive(Serialize)]
pub struct HitJson<'a> {
    rank: usize,
    tier: Tier,
    score: f32,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    native_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    title: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    source: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    section: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated: Option<String>,
    status: &'static str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    labels: &'a [String],
    copies: u32,
    title_highlights: Vec<[usize; 2]>,
    missing: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explain: Option<HitExplained<'a>>,
    entities: Vec<EntityJson>,
    regions: Vec<RegionJson>,
    passages: Vec<PassageJson<'a>>,
}

#[derive(Serialize)]
pub struct EntityJson {
    id: String,
    name: String,
}

#[derive(Serialize)]
pub struct RegionJson {
    code: &'static str,
    name: &'static str,
}

#[derive(Serialize)]
struct PassageJson<'a> {
    address: String,
    start: usize,
    end: usize,
    text: &'a str,
    highlights: Vec<[usize; 2]>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    names: Vec<[usize; 2]>,
    words: Vec<&'a str>,
    score: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    explain: Option<PassageExplained<'a>>,
    mentions: Vec<MentionJson>,
}

#[derive(Serialize)]
struct HitExplained<'a> {
    #[serde(flatten)]
    parts: &'a Parts,
    said: Vec<InArticle<'a>>,
}

#[derive(Serialize)]
struct InArticle<'a> {
    word: &'a str,
    rarity: f32,
    count: u32,
}

#[derive(Serialize)]
struct PassageExplained<'a> {
    said: Vec<InPassage<'a>>,
    named: f32,
}

#[derive(Serialize)]
struct InPassage<'a> {
    word: &'a str,
    count: u32,
    score: f32,
}

#[derive(Serialize)]
pub struct MentionJson {
    start: usize,
    end: usize,
    id: String,
    name: String,
}

impl EntityJson {
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl RegionJson {
    pub fn name(&self) -> &str {
        self.name
    }
}

/// What people call the parts of a plan.
pub struct Labels<'a> {
    /// What is asked for, which an article may have or lack.
    pub clauses: Vec<&'a str>,
    /// What is looked up, which a passage may have.
    pub lookups: Vec<&'a str>,
    /// Whether every clause is one word, so that one may speak of words.
    pub are_words: bool,
    /// Where scores are explained: how much each lookup counts.
    pub rarity: Option<&'a [f32]>,
}

impl Labels<'_> {
    pub fn of(plan: &Plan) -> Labels<'_> {
        let is_one = |expr: &Expr| matches!(expr, Expr::Wanted(at) if plan.wanted[*at].length() == 1);
        let stands =
            |expr: &Expr| matches!(expr, Expr::Wanted(at) if !plan.wanted[*at].stands_for.is_empty());
        let is_word = |clause: &Clause| match &clause.expr {
            Expr::Any(parts) => is_one(&parts[0]) && parts[1..].iter().all(stands),
            expr => is_one(expr),
        };
        Labels {
            clauses: plan.asked().map(|clause| clause.label.as_str()).collect(),
            lookups: plan.wanted.iter().map(|lookup| lookup.label.as_str()).collect(),
            are_words: plan.asked().all(is_word),
            rarity: None,
        }
    }
}

/// Everything but the hits.
pub fn summary<'a>(
    typed: &'a str,
    query: &'a Query,
    plan: &Plan,
    results: &'a Results,
    diagnosis: &'a Diagnosis,
) -> Summary<'a> {
    let rewrite = diagnosis.did_you_mean.as_ref();
    Summary {
        version: VERSION,
        query: typed,
        reading: plan.reading.to_string(),
        read_as: plan.to_string(),
        warnings: warnings(typed, query),
        notes: &results.notes,
        absent: &diagnosis.absent,
        did_you_mean: rewrite.map(|Rewrite { query, without, count }| RewriteJson {
            query: query.to_string(),
            without: without.clone(),
            count: *count,
        }),
        without: &diagnosis.without,
        instead: &diagnosis.instead,
        untried: diagnosis.is_cut,
        total: results.total,
        articles: results.articles,
        hidden: results.hidden,
        counted: results.counted,
        at_least: results.at_least,
        facets: results.facets.iter().map(facet).collect(),
        histogram: &results.histogram,
    }
}

/// What was put right in a query.
pub fn warnings<'a>(typed: &str, query: &'a Query) -> Vec<WarningJson<'a>> {
    let warning = |warning: &'a Warning| {
        let [start, end] = code_points(typed, warning.span);
        WarningJson { message: &warning.message, hint: warning.hint.as_deref(), start, end }
    };
    query.warnings.iter().map(warning).collect()
}

fn facet(facet: &Facet) -> FacetJson<'_> {
    let values = facet.values.iter().map(|value| ValueJson {
        value: &value.value,
        name: value_name(facet.field, &value.value),
        count: value.count,
        articles: value.articles,
    });
    FacetJson { field: facet.field, within: facet.within.as_deref(), values: values.collect() }
}

/// What people call a value of a facet.
pub fn value_name<'a>(field: &str, value: &'a str) -> Cow<'a, str> {
    match field {
        "entity" => entities().name(value),
        "region" => Cow::Borrowed(regions().name(value)),
        _ => Cow::Borrowed(value),
    }
}

/// One hit.
pub fn hit<'a>(rank: usize, hit: &'a Hit, labels: &Labels<'a>) -> HitJson<'a> {
    let Record { article, id, .. } = &hit.record;
    let (entities, regions) = named(&hit.record);
    HitJson {
        rank,
        tier: hit.tier,
        score: hit.score,
        id: id.to_string(),
        native_id: article.native_id.as_deref(),
        url: article.url.as_deref(),
        title: &article.title,
        source: &article.source,
        author: article.author.as_deref(),
        section: article.section.as_deref(),
        language: article.language.as_deref(),
        published: article.published.map(|date| date.to_string()),
        updated: article.updated.map(|date| date.to_string()),
        status: article.status.as_str(),
        labels: &article.labels,
        copies: hit.copies,
        title_highlights: hit.title.iter().map(|span| code_points(&article.title, *span)).collect(),
        missing: chosen(&labels.clauses, &hit.has, false),
        explain: labels.rarity.map(|rarity| {
            let words = labels.lookups.iter().zip(rarity).zip(&hit.counts);
            let said = words.map(|((word, &rarity), &count)| InArticle { word, rarity, count });
            HitExplained { parts: &hit.parts, said: said.collect() }
        }),
        entities,
        regions,
        passages: hit.passages.iter().map(|passage| self::passage(&hit.record, passage, labels)).collect(),
    }
}

/// The labels whose flag is `wanted`.
pub fn chosen<'a>(labels: &[&'a str], has: &[bool], wanted: bool) -> Vec<&'a str> {
    labels.iter().zip(has).filter(|(_, has)| **has == wanted).map(|(label, _)| *label).collect()
}

/// An organisation or person by name.
pub fn entity(id: &EntityId) -> EntityJson {
    EntityJson { id: id.to_string(), name: entities().name(id.as_str()).into_owned() }
}

/// Organisations and regions of an article, each once, in order of first mention.
pub fn named(record: &Record) -> (Vec<EntityJson>, Vec<RegionJson>) {
    let (mut found_entities, mut found_regions) = (Vec::new(), Vec::new());
    let mut seen = std::collections::HashSet::new();
    for mention in record.mentions.iter().filter(|mention| seen.insert(&mention.referent)) {
        match &mention.referent {
            Referent::Entity(id) => {
                found_entities.push(entity(id));
            }
            Referent::Region(code) => {
                found_regions.push(RegionJson { code: code.0, name: regions().name(code.0) });
            }
        }
    }
    (found_entities, found_regions)
}

fn passage<'a>(record: &'a Record, passage: &'a PassageHit, labels: &Labels<'a>) -> PassageJson<'a> {
    let body = &record.article.body;
    let span = passage.snippet.span;
    let [start, end] = code_points(body, span);
    PassageJson {
        address: format!("{}@{start}-{end}", record.id),
        start,
        end,
        text: span.of(body),
        highlights: passage.snippet.highlights.iter().map(|span| code_points(body, *span)).collect(),
        names: passage.snippet.names.iter().map(|span| code_points(body, *span)).collect(),
        words: chosen(&labels.lookups, &passage.snippet.has, true),
        score: passage.score,
        explain: labels.rarity.map(|_| {
            let said = passage.said.iter().map(|said| InPassage {
                word: labels.lookups[said.lookup],
                count: said.count,
                score: said.score,
            });
            PassageExplained { said: said.collect(), named: passage.named }
        }),
        mentions: mentions(record, span),
    }
}

/// The mentions inside a part of the body.
pub fn mentions(record: &Record, span: Span) -> Vec<MentionJson> {
    let inside =
        record.mentions.iter().filter(|mention| mention.part == Part::Body && span.contains(mention.span));
    let made = inside.map(|mention| {
        let [start, end] = code_points(&record.article.body, mention.span);
        let (id, name) = match &mention.referent {
            Referent::Entity(id) => (id.to_string(), entities().name(id.as_str()).into_owned()),
            Referent::Region(code) => (format!("region:{code}"), regions().name(code.0).to_owned()),
        };
        MentionJson { start, end, id, name }
    });
    made.collect()
}

/// A byte span of `text` in code points.
pub fn code_points(text: &str, span: Span) -> [usize; 2] {
    let start = text[..span.start as usize].chars().count();
    [start, start + span.of(text).chars().count()]
}
