//! Articles like a given one: those that share its most telling words and names.
//!
//! A word tells by how often the article has it and how few others do (tf-idf); so does a name. The [`WORDS`] and
//! [`NAMES`] that tell most are looked for together, each optional, and articles are ordered by BM25 over them.
//! Boilerplate tells nothing. The article itself and the copies of its story are left out, and of other stories
//! the best copy stands for all.
//!
//! Of 200 articles of Reuters-21578 that editors gave topics, among 36,230 articles, 87 % of the five most similar
//! that have topics share one; of random ones 20 % do.

use rustc_hash::{FxHashMap, FxHashSet};
use tantivy::postings::Postings;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, TERMINATED, Term};

use super::collect::{Ranked, Version};
use super::detail::detail;
use super::evidence::gather;
use super::rank::{Statistics, saturate};
use super::{Hit, Request, Sort, Tier, failed};
use crate::annotate::{Part, Referent};
use crate::article::Status;
use crate::error::Result;
use crate::gazetteer::EntityId;
use crate::index::{Address, Reader};
use crate::plan::{Filters, plan};
use crate::query::Query;
use crate::schema::Record;
use crate::snippet::TARGET_CHARS;
use crate::wire::boilerplate;
use crate::words::{Analyzer, Shape, is_stop_word};

/// Words that are looked for, as many as Lucene's `MoreLikeThis` takes.
pub const WORDS: usize = 25;

/// Organisations and people that are looked for.
pub const NAMES: usize = 10;

/// What is like an article.
#[derive(Debug, Clone, Default)]
pub struct Similar {
    /// What was looked for, the most telling first, as the article has it.
    pub words: Vec<String>,
    pub entities: Vec<EntityId>,
    /// The most similar first. Their clauses are [`Similar::labels`].
    pub hits: Vec<Hit>,
    pub labels: Vec<String>,
}

/// Finds articles like the one at `address`, `limit` at the most, with so many passages each.
///
/// # Errors
/// Where the index cannot be read.
pub fn similar(reader: &Reader, address: Address, limit: usize, passages: usize) -> Result<Similar> {
    let record = reader.record(address)?;
    let words = telling_words(reader, &record)?;
    let names = telling_names(reader, &record)?;
    let typed: Vec<&str> = words.iter().map(|word| word.surface.as_str()).collect();
    let query = Query::parse(&typed.join(" "))?;
    let as_typed = Filters { as_typed: true, ..Filters::default() };
    let plan = plan(&query, as_typed, &mut Analyzer::default());
    let request = Request { sort: Sort::Relevance, limit, passages, ..Request::of(plan) };
    let statistics = Statistics::gather(reader, &request.plan)?;
    let ranked = rank(reader, &statistics, record.id.key(), &words, &names, limit)?;
    let mut known = FxHashMap::default();
    gather(reader, &request.plan, &statistics, &ranked, &mut known)?;
    let mut analyzer = Analyzer::for_places();
    let mut hits = Vec::new();
    for ranked in ranked {
        let evidence = &known[&ranked.address];
        let mut hit = detail(reader, &request, &statistics, &mut analyzer, ranked, evidence, TARGET_CHARS)?;
        // Nothing was asked for that could be missing.
        hit.has.fill(true);
        hits.push(hit);
    }
    Ok(Similar {
        words: words.into_iter().map(|word| word.surface).collect(),
        entities: names.into_iter().map(|(id, _)| id).collect(),
        hits,
        labels: request.plan.wanted.iter().map(|lookup| lookup.label.clone()).collect(),
    })
}

/// A word that tells what an article is about.
struct Telling {
    stem: String,
    /// The form that the article has most.
    surface: String,
    weight: f32,
}

/// In how many articles a term is.
fn frequency(reader: &Reader, field: Field, term: &str) -> Result<u32> {
    let term = Term::from_field_text(field, term);
    let mut articles = 0;
    for segment in reader.segments() {
        articles += segment.inverted_index(field).map_err(failed)?.doc_freq(&term).map_err(failed)?;
    }
    Ok(articles)
}

/// How much a term tells that an article has so often; 0 for one that no other article has.
#[allow(clippy::cast_precision_loss, reason = "counts enter a logarithm")]
fn weight(reader: &Reader, count: u32, articles: u32) -> f32 {
    if articles < 2 {
        return 0.0;
    }
    (1.0 + (count as f32).ln()) * (1.0 + reader.articles() as f32 / articles as f32).ln()
}

fn telling_words(reader: &Reader, record: &Record) -> Result<Vec<Telling>> {
    let article = &record.article;
    let aside = boilerplate(&article.body);
    let mut analyzer = Analyzer::default();
    let mut counts: FxHashMap<String, FxHashMap<String, u32>> = FxHashMap::default();
    for (text, aside) in [(&article.title, &[][..]), (&article.body, &aside)] {
        let tokens = analyzer.tokens(text);
        for word in 0..tokens.len() {
            let tells = tokens.shape(word) != Shape::Number
                && tokens.folded(word).chars().count() > 2
                && !is_stop_word(tokens.folded(word))
                && !aside.iter().any(|aside| aside.contains(tokens.span(word)));
            if tells {
                let surfaces = counts.entry(tokens.stem(word).to_owned()).or_default();
                *surfaces.entry(tokens.folded(word).to_owned()).or_default() += 1;
            }
        }
    }
    let mut words = Vec::new();
    for (stem, surfaces) in counts {
        let count = surfaces.values().sum();
        let weight = weight(reader, count, frequency(reader, reader.fields().text, &stem)?);
        let most = surfaces.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)));
        if let Some((surface, _)) = most.filter(|_| weight > 0.0) {
            words.push(Telling { stem, surface, weight });
        }
    }
    words.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| a.stem.cmp(&b.stem)));
    words.truncate(WORDS);
    Ok(words)
}

fn telling_names(reader: &Reader, record: &Record) -> Result<Vec<(EntityId, f32)>> {
    let aside = boilerplate(&record.article.body);
    let mut counts: FxHashMap<&EntityId, u32> = FxHashMap::default();
    for mention in &record.mentions {
        let is_aside = mention.part == Part::Body && aside.iter().any(|aside| aside.contains(mention.span));
        if let (Referent::Entity(id), false) = (&mention.referent, is_aside) {
            *counts.entry(id).or_default() += 1;
        }
    }
    let mut names = Vec::new();
    for (id, count) in counts {
        let weight = weight(reader, count, frequency(reader, reader.fields().entity, id.as_str())?);
        if weight > 0.0 {
            names.push((id.clone(), weight));
        }
    }
    names.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    names.truncate(NAMES);
    Ok(names)
}

/// The best articles, each story once.
fn rank(
    reader: &Reader,
    statistics: &Statistics,
    own: u64,
    words: &[Telling],
    names: &[(EntityId, f32)],
    limit: usize,
) -> Result<Vec<Ranked>> {
    let mut ranked = Vec::new();
    let fields = reader.fields();
    for (ordinal, segment) in reader.segments().iter().enumerate() {
        let columns = reader.columns(ordinal)?;
        let mut scores = vec![0.0_f32; segment.max_doc() as usize];
        let walk = |field: Field, term: &str, each: &mut dyn FnMut(DocId, u32)| -> Result<()> {
            let inverted = segment.inverted_index(field).map_err(failed)?;
            let term = Term::from_field_text(field, term);
            let postings = inverted.read_postings(&term, IndexRecordOption::WithFreqs).map_err(failed)?;
            let Some(mut postings) = postings else { return Ok(()) };
            while postings.doc() != TERMINATED {
                each(postings.doc(), postings.term_freq());
                postings.advance();
            }
            Ok(())
        };
        for word in words {
            walk(fields.text, &word.stem, &mut |document, count| {
                let norm = statistics.norms[usize::from(columns.lengths.fieldnorm_id(document))];
                scores[document as usize] += word.weight * saturate(count, norm);
            })?;
        }
        for (id, weight) in names {
            walk(fields.entity, id.as_str(), &mut |document, _| scores[document as usize] += weight)?;
        }
        walk(fields.status, Status::Withdrawn.as_str(), &mut |document, _| scores[document as usize] = 0.0)?;
        let alive = segment.alive_bitset();
        for (document, score) in (0..).zip(scores).filter(|(_, score)| *score > 0.0) {
            if alive.is_none_or(|alive| alive.is_alive(document)) {
                ranked.push(Ranked {
                    score,
                    published: columns.published.first(document).unwrap_or(i64::MIN),
                    key: columns.keys.first(document).unwrap_or_default(),
                    address: Address { segment: ordinal, document },
                    tier: Tier::Most,
                    copies: 0,
                    version: Version::default(),
                });
            }
        }
    }
    let story = |key: u64| reader.groups().story(key).map_or((false, key), |story| (true, story));
    let mut seen: FxHashSet<(bool, u64)> = FxHashSet::default();
    seen.insert(story(own));
    let mut best = Vec::new();
    // As many as are needed are put in order at a time; copies may take their places.
    let mut wanted = limit.max(1) * 4;
    loop {
        if wanted < ranked.len() {
            ranked.select_nth_unstable_by(wanted, Ranked::order);
        }
        let mut head: Vec<Ranked> = ranked[..wanted.min(ranked.len())].to_vec();
        head.sort_unstable_by(Ranked::order);
        best.clear();
        let mut seen = seen.clone();
        best.extend(head.into_iter().filter(|next| seen.insert(story(next.key))).take(limit));
        if best.len() == limit || wanted >= ranked.len() {
            return Ok(best);
        }
        wanted *= 4;
    }
}
