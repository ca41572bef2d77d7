//! Compares dateline with a plain tantivy program on the same articles, in one run of one process.
//!
//! ```text
//! cargo bench --bench bench -- NEWS.jsonl.gz... [--queries N] [--seed S] [--limit ARTICLES] [--json FILE]
//! ```
//!
//! Two programs compared across processes, machines or days differ by the weather. Here both read the same
//! files, take turns, and answer the same questions with the same hits, so that their ratios mean something
//! even where the seconds do not.
//!
//! # What the plain program is
//!
//! What one writes in an afternoon with tantivy, for the same screen: `title` and `body` with positions,
//! both stored; `source`, `region` and `entity` as string columns to count by; `published` as a column. It
//! has as many indexing threads, as much memory for postings and the same compression of its store. It is
//! spared what it could not do alone: the regions and entities are dateline's own, computed before the
//! clock starts, and articles that dateline would replace by a later one of the same id are left out. Its
//! reading of JSON is dateline's, on one thread.
//!
//! tantivy's own `en_stem` is a feature of tantivy that dateline does not use, and a benchmark shall not
//! change what the release is built from. So the plain program's analyzer is the same chain (simple
//! tokenizer, long words removed, lower case) with a filter of a few lines over the stemmer that dateline
//! uses. Like tantivy's, it remembers no stems. It is slower than tantivy's, which the ratios do not show: with
//! that one in its place the plain program needed about 14 % less processor time to index, and about 14 % less
//! time for a whole answer.
//!
//! # What is measured
//!
//! | | indexing, per MB of title and body | |
//! |---|---|---|
//! | cpu, wall | seconds of all threads together, and of the clock | from opening the files to the end of the last merge |
//! | peak | memory that was resident at the most | the program's own before it started is told beside it |
//! | disk | bytes of the index for a byte of text | |
//!
//! The articles are on the machine's page cache by then, and dateline's tables are in memory: that is done
//! once a process, and told apart. Stages are dateline's pure functions on one thread over a sample of
//! [`SAMPLE`] articles, the median of several rounds after one that is not counted, as in the middle of a
//! long run; what remains of the processor time is reading, the engine and freeing memory.
//!
//! | | queries | |
//! |---|---|---|
//! | a | plain, bare | the ten best by score |
//! | b | plain, whole | these, the exact count, ten values of three columns, ten articles from the store, a snippet of each body |
//! | c | dateline, whole | the ten best, exact count, ten values of three facets, two passages each with highlights, all from the typed text |
//! | d | dateline, bare | the ten best with their articles, from the typed text |
//!
//! What ranking and facets and passages add is told query by query, as the difference of d and a, and of c and what it is
//! without passages. What each kind of query that the language has costs is told in a table of its own, see [`kinds`].
//!
//! A query has one Boolean meaning in both: every word (or the phrase) somewhere in title or body. It is
//! made of plain words of one article, so that both analyses cut them alike, and it is kept only if both
//! find the same number of articles within [`TOLERANCE`]. Every query is answered once unmeasured and then
//! in several rounds, engines taking turns in who comes first; its time is the median of its rounds, and
//! the table tells how these are spread over the queries.
//!
//! Times of queries are of the processor, on the one thread that asks and is answered: they say less of waiting, and more
//! of the program where a machine does other things too.
//!
//! A megabyte is a million bytes.

#![allow(clippy::cast_precision_loss, reason = "figures are printed with three digits")]

mod kinds;
mod stem;

use std::error::Error;
use std::hint::black_box;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use clap::Parser;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;
use tantivy::aggregation::agg_req::Aggregations;
use tantivy::aggregation::{AggContextParams, AggregationCollector};
use tantivy::collector::{Count, MultiCollector, TopDocs};
use tantivy::directory::MmapDirectory;
use tantivy::query::{BooleanQuery, Occur, PhraseQuery, Query as TantivyQuery, TermQuery};
use tantivy::schema::document::Value;
use tantivy::schema::{
    FAST, Field, IndexRecordOption, Schema, TantivyDocument, TextFieldIndexing, TextOptions,
};
use tantivy::snippet::SnippetGenerator;
use tantivy::store::{Compressor, ZstdCompressor};
use tantivy::tokenizer::{TextAnalyzer, TokenStream};
use tantivy::{IndexSettings, IndexWriter, ReloadPolicy, Searcher, Term};

use dateline::annotate::{Tier, Words, annotate};
use dateline::article::{Article, ArticleId, Span};
use dateline::corpus::{Corpus, Rejects};
use dateline::formats::{FieldMap, Format, Hints};
use dateline::gazetteer::{EntityId, RegionCode, surfaces};
use dateline::index::Reader;
use dateline::ingest::{Options, ingest};
use dateline::passages::split;
use dateline::plan::{Filters, plan};
use dateline::query::Query;
use dateline::schema::{Analysed, Ingest, analyse, document, schema};
use dateline::search::{FacetRequest, Request, Results, Sort, search};
use dateline::stories::Signature;
use dateline::unpack::{Raw, Settings, parse};
use dateline::words::{Analyzer, is_stop_word};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Articles that stages are timed over and queries are drawn from.
const SAMPLE: usize = 2_000;

/// How far the counts of both programs may be apart, as a part of the larger.
const TOLERANCE: f64 = 0.02;

/// Candidates drawn for each query that is wanted, before a kind is given up.
const TRIES: usize = 50;

/// Articles, and values of each facet, that a query asks for.
const LIMIT: usize = 10;

/// Passages an article that dateline shows by default.
const PASSAGES: usize = 2;

/// Memory for postings, in bytes a thread: what dateline gives its own writer.
const MEMORY_A_THREAD: usize = 400 << 20;

/// Pieces that are analysed together on all cores while preparing.
const CHUNK: usize = 512;

/// The plain program's analyzer.
const STEMMED: &str = "stemmed";

#[derive(Debug, Parser)]
#[command(name = "bench", about = "Compares dateline with a plain tantivy program on the same articles")]
struct Flags {
    /// Directories or files of articles; without any, the small corpus of this repository
    paths: Vec<PathBuf>,

    /// Queries in all, the same number of each kind
    #[arg(long, value_name = "N", default_value_t = 400)]
    queries: usize,

    /// Another seed draws other queries
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,

    /// Take this many articles at the most, spread evenly over the input
    #[arg(long, value_name = "ARTICLES")]
    limit: Option<u64>,

    /// How often each program indexes
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,

    /// How often each query is timed
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    repeats: u32,

    /// Write the figures here too, as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

    /// Given by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let flags = Flags::parse();
    match run(&flags, &mut std::io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where even this cannot be written, the status has to do.
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(flags: &Flags, out: &mut dyn Write) -> Outcome<()> {
    let directory = tempfile::tempdir()?;
    let is_default = flags.paths.is_empty();
    let paths = if is_default {
        vec![PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus"))]
    } else {
        flags.paths.clone()
    };
    let corpus = match flags.limit {
        Some(limit) => thinned(&Corpus::new(&paths)?, limit, &directory.path().join("articles"))?,
        None => Corpus::new(&paths)?,
    };

    let started = Instant::now();
    black_box(surfaces());
    let tables_ms = started.elapsed().as_secs_f64() * 1e3;
    let prepared = prepare(&corpus, flags.seed)?;
    let articles = ArticlesReport {
        articles: prepared.kept() as u64,
        superseded: prepared.named.iter().filter(|named| named.is_none()).count() as u64,
        rejected: prepared.rejected,
        text_mb: prepared.text_bytes as f64 / 1e6,
        cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        indexing_threads: threads(),
        tables_ms,
        seed: flags.seed,
    };
    articles.print(out)?;
    if is_default {
        writeln!(out, "This corpus is small: its figures say that both programs work, and little more.")?;
    }
    if articles.articles == 0 {
        return Err("there is no article to index".into());
    }

    let plain_path = directory.path().join("plain");
    let dateline_path = directory.path().join("dateline");
    let mut rounds = Vec::new();
    for round in 1..=flags.rounds {
        for engine in [Engine::Plain, Engine::Dateline] {
            let path = if engine == Engine::Plain { &plain_path } else { &dateline_path };
            if path.exists() {
                std::fs::remove_dir_all(path)?;
            }
            let meter = Meter::start();
            match engine {
                Engine::Plain => index_plain(path, &corpus, &prepared)?,
                Engine::Dateline => index_dateline(path, &corpus)?,
            }
            rounds.push(meter.stop(round, engine, path, prepared.text_bytes)?);
        }
    }
    let indexing = IndexingReport::new(rounds);
    indexing.print(out)?;

    let stages = stages(&prepared.sample)?;
    let stages = StagesReport::new(&stages, indexing.dateline_cpu_ms_per_mb());
    stages.print(out)?;

    let mut engines = Engines {
        plain: Plain::open(&plain_path)?,
        reader: Reader::open(&dateline_path)?,
        reading: Analyzer::default(),
    };
    let urn = Urn::fill(&prepared.sample);
    let queries = measure_queries(&mut engines, &urn, flags)?;
    queries.print(out)?;
    let count = flags.queries / Kind::ALL.len();
    let language = kinds::measure(&engines.reader, &urn, &mut Random(flags.seed), count, flags.repeats)?;
    language.print(out)?;

    if let Some(path) = &flags.json {
        let report = Report { articles, indexing, stages, queries, language };
        let mut file = BufWriter::new(std::fs::File::create(path)?);
        serde_json::to_writer_pretty(&mut file, &report)?;
        writeln!(file)?;
    }
    Ok(())
}

// ---------------------------------------------------------------------------------------------------------
// Articles

/// What is known of the articles before any clock starts.
struct Prepared {
    /// For each article that can be read, in the order of the corpus, what it names; `None` for one that a
    /// later one of its id replaces.
    named: Vec<Option<Named>>,
    rejected: u64,
    /// Bytes of title and body of the articles that stay.
    text_bytes: u64,
    /// Drawn from all that can be read.
    sample: Vec<Raw>,
}

/// What the plain program could not find out by itself.
struct Named {
    regions: Vec<RegionCode>,
    entities: Vec<EntityId>,
}

impl Prepared {
    fn kept(&self) -> usize {
        self.named.iter().flatten().count()
    }
}

/// The id an article has in dateline.
fn id_of(raw: &Raw, article: &Article) -> ArticleId {
    let is_named = article.native_id.is_some() || article.url.is_some();
    if is_named { article.id(&raw.path) } else { article.id(&raw.place()) }
}

fn text_bytes(article: &Article) -> u64 {
    (article.title.len() + article.body.len()) as u64
}

/// The article of a piece; the corpora that are measured have one in each.
fn article(raw: &Raw) -> Option<Article> {
    let (_, outcome) = parse(raw, &FieldMap::new()).into_iter().next()?;
    Some(outcome.ok()?.article)
}

/// One article that was looked at while preparing.
struct Looked {
    raw: Raw,
    id: ArticleId,
    updated: Option<i64>,
    bytes: u64,
    named: Named,
}

impl Looked {
    fn at(raw: Raw, analyzer: &mut Analyzer) -> Option<Looked> {
        let article = article(&raw)?;
        let id = id_of(&raw, &article);
        let (bytes, updated) = (text_bytes(&article), article.updated.map(|date| date.start));
        let annotations = analyse(article, id, Tier::Full, analyzer).annotations;
        let named = Named {
            regions: annotations.with_ancestors(|region| region.is_about),
            entities: annotations.entities.into_iter().map(|entity| entity.id).collect(),
        };
        Some(Looked { raw, id, updated, bytes, named })
    }
}

/// Reads everything once: counts, annotates, and draws the sample.
fn prepare(corpus: &Corpus, seed: u64) -> Outcome<Prepared> {
    let mut prepared = Prepared { named: Vec::new(), rejected: 0, text_bytes: 0, sample: Vec::new() };
    let mut random = Random(seed);
    // Where the article that stays for an id is, when it says it was updated, and how long it is.
    let mut latest: FxHashMap<ArticleId, (usize, Option<i64>, u64)> = FxHashMap::default();
    let mut take = |chunk: Vec<Raw>| {
        let looked: Vec<Option<Looked>> = chunk
            .into_par_iter()
            .map_init(Analyzer::default, |analyzer, raw| Looked::at(raw, analyzer))
            .collect();
        for looked in looked {
            let Some(Looked { raw, id, updated, bytes, named }) = looked else {
                prepared.rejected += 1;
                continue;
            };
            let place = prepared.named.len();
            let before = latest.get(&id).copied();
            let stays = before.is_none_or(|(_, before, _)| updated >= before);
            if stays {
                if let Some((earlier, _, earlier_bytes)) = before {
                    prepared.named[earlier] = None;
                    prepared.text_bytes -= earlier_bytes;
                }
                latest.insert(id, (place, updated, bytes));
                prepared.text_bytes += bytes;
            }
            prepared.named.push(stays.then_some(named));
            // Every article so far is in the sample with the same chance.
            if prepared.sample.len() < SAMPLE {
                prepared.sample.push(raw);
            } else if let Some(slot) = prepared.sample.get_mut(random.below(place + 1)) {
                *slot = raw;
            }
        }
    };
    let mut chunk = Vec::new();
    corpus.read(
        &Settings::default(),
        &mut |piece| {
            chunk.push(match piece {
                Ok(raw) => raw,
                // No more of an article than before; `take` counts it.
                Err(reject) => Raw {
                    path: reject.path,
                    line: reject.line,
                    format: Format::Json,
                    hints: Hints::default(),
                    bytes: Vec::new(),
                },
            });
            if chunk.len() >= CHUNK {
                take(std::mem::take(&mut chunk));
            }
            Ok(())
        },
        &mut |_| (),
    )?;
    take(chunk);
    Ok(prepared)
}

/// A copy of some of the corpus in `directory`: `limit` articles at the most, evenly spread.
fn thinned(corpus: &Corpus, limit: u64, directory: &Path) -> Outcome<Corpus> {
    let mut all = 0_u64;
    corpus.read(
        &Settings::default(),
        &mut |_| {
            all += 1;
            Ok(())
        },
        &mut |_| (),
    )?;
    std::fs::create_dir_all(directory)?;
    let lines_path = directory.join("articles.jsonl");
    let mut lines = BufWriter::new(std::fs::File::create(&lines_path)?);
    let failed = |error| dateline::error::Error::Io { path: directory.to_owned(), error };
    let mut at = 0_u64;
    corpus.read(
        &Settings::default(),
        &mut |piece| {
            // The share of `limit` that is due grows by less than one an article, so each step is one article.
            let is_due = (at + 1) * limit / all > at * limit / all || limit >= all;
            at += 1;
            match piece {
                Ok(raw) if is_due && raw.line.is_some() => {
                    lines.write_all(&raw.bytes).and_then(|()| lines.write_all(b"\n")).map_err(failed)
                }
                Ok(raw) if is_due => {
                    std::fs::write(directory.join(format!("{at:08}.txt")), &raw.bytes).map_err(failed)
                }
                _ => Ok(()),
            }
        },
        &mut |_| (),
    )?;
    lines.flush()?;
    Ok(Corpus::new(&[directory.to_owned()])?)
}

/// Numbers that a seed determines: `SplitMix64` (Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number under `bound`, which is at least 1.
    #[allow(clippy::cast_possible_truncation, reason = "it is under a `usize`")]
    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}

// ---------------------------------------------------------------------------------------------------------
// The plain program

/// The plain program's index and its fields.
struct Plain {
    searcher: Searcher,
    analyzer: TextAnalyzer,
    fields: PlainFields,
    aggregations: Aggregations,
}

#[derive(Clone, Copy)]
struct PlainFields {
    title: Field,
    body: Field,
    source: Field,
    region: Field,
    entity: Field,
    published: Field,
}

fn plain_schema() -> (Schema, PlainFields) {
    let mut builder = Schema::builder();
    let text = TextOptions::default().set_stored().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer(STEMMED)
            .set_index_option(IndexRecordOption::WithFreqsAndPositions),
    );
    let column = TextOptions::default().set_fast("raw");
    let fields = PlainFields {
        title: builder.add_text_field("title", text.clone()),
        body: builder.add_text_field("body", text),
        source: builder.add_text_field("source", column.clone()),
        region: builder.add_text_field("region", column.clone()),
        entity: builder.add_text_field("entity", column),
        published: builder.add_i64_field("published", FAST),
    };
    (builder.build(), fields)
}

/// The threads that dateline gives the engine; analysis has its own.
fn threads() -> usize {
    (rayon::current_num_threads() / 4).clamp(1, 4)
}

fn index_plain(path: &Path, corpus: &Corpus, prepared: &Prepared) -> Outcome<()> {
    std::fs::create_dir_all(path)?;
    let (schema, fields) = plain_schema();
    let settings = IndexSettings {
        docstore_compression: Compressor::Zstd(ZstdCompressor::default()),
        ..IndexSettings::default()
    };
    let index = tantivy::Index::create(MmapDirectory::open(path)?, schema, settings)?;
    index.tokenizers().register(STEMMED, stem::analyzer());
    let mut writer: IndexWriter = index.writer_with_num_threads(threads(), threads() * MEMORY_A_THREAD)?;
    let mut named = prepared.named.iter();
    corpus.read(
        &Settings::default(),
        &mut |piece| {
            let Some(article) = piece.ok().and_then(|raw| article(&raw)) else { return Ok(()) };
            let Some(Some(named)) = named.next() else { return Ok(()) };
            let mut document = TantivyDocument::default();
            document.add_text(fields.title, article.title);
            document.add_text(fields.body, article.body);
            document.add_text(fields.source, article.source);
            for region in &named.regions {
                document.add_text(fields.region, region.0);
            }
            for entity in &named.entities {
                document.add_text(fields.entity, entity.as_str());
            }
            if let Some(published) = article.published {
                document.add_i64(fields.published, published.start);
            }
            writer.add_document(document).map_err(|error| dateline::error::Error::Engine {
                doing: "adding an article",
                message: error.to_string(),
            })?;
            Ok(())
        },
        &mut |_| (),
    )?;
    writer.commit()?;
    writer.wait_merging_threads()?;
    Ok(())
}

impl Plain {
    fn open(path: &Path) -> Outcome<Plain> {
        let index = tantivy::Index::open_in_dir(path)?;
        index.tokenizers().register(STEMMED, stem::analyzer());
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let terms = |field: &str| serde_json::json!({"terms": {"field": field, "size": LIMIT}});
        let aggregations = serde_json::json!({
            "source": terms("source"), "region": terms("region"), "entity": terms("entity"),
        });
        Ok(Plain {
            searcher: reader.searcher(),
            analyzer: stem::analyzer(),
            fields: plain_schema().1,
            aggregations: serde_json::from_value(aggregations)?,
        })
    }

    /// Every word, or the phrase, in title or body.
    fn query(&mut self, asked: &Asked) -> Box<dyn TantivyQuery> {
        let PlainFields { title, body, .. } = self.fields;
        let mut stems = Vec::new();
        let mut stream = self.analyzer.token_stream(&asked.text);
        stream.process(&mut |token| stems.push(token.text.clone()));
        let either = |query: &dyn Fn(Field) -> Box<dyn TantivyQuery>| -> Box<dyn TantivyQuery> {
            Box::new(BooleanQuery::new(vec![(Occur::Should, query(title)), (Occur::Should, query(body))]))
        };
        if asked.kind == Kind::Phrase {
            return either(&|field| {
                let terms = stems.iter().map(|stem| Term::from_field_text(field, stem)).collect();
                Box::new(PhraseQuery::new(terms))
            });
        }
        let mut words: Vec<Box<dyn TantivyQuery>> = stems
            .iter()
            .map(|stem| {
                either(&|field| {
                    let term = Term::from_field_text(field, stem);
                    Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs))
                })
            })
            .collect();
        if words.len() == 1 {
            return words.remove(0);
        }
        Box::new(BooleanQuery::new(words.into_iter().map(|word| (Occur::Must, word)).collect()))
    }

    fn count(&mut self, asked: &Asked) -> Outcome<u64> {
        let query = self.query(asked);
        Ok(self.searcher.search(&*query, &Count)? as u64)
    }

    fn bare(&mut self, asked: &Asked) -> Outcome<()> {
        let query = self.query(asked);
        black_box(self.searcher.search(&*query, &TopDocs::with_limit(LIMIT).order_by_score())?);
        Ok(())
    }

    /// Everything for the screen; without articles, what is known before the first is read.
    fn whole(&mut self, asked: &Asked, with_articles: bool) -> Outcome<()> {
        let query = self.query(asked);
        let mut collectors = MultiCollector::new();
        let top = collectors.add_collector(TopDocs::with_limit(LIMIT).order_by_score());
        let count = collectors.add_collector(Count);
        let aggregations =
            AggregationCollector::from_aggs(self.aggregations.clone(), AggContextParams::default());
        let facets = collectors.add_collector(aggregations);
        let mut found = self.searcher.search(&*query, &collectors)?;
        black_box((count.extract(&mut found), facets.extract(&mut found)));
        let top = top.extract(&mut found);
        if !with_articles {
            black_box(top);
            return Ok(());
        }
        let generator = SnippetGenerator::create(&self.searcher, &*query, self.fields.body)?;
        for (_, address) in top {
            let article: TantivyDocument = self.searcher.doc(address)?;
            let body = article.get_first(self.fields.body).and_then(|value| value.as_str());
            black_box(generator.snippet(body.unwrap_or_default()));
            black_box(article);
        }
        Ok(())
    }
}

// ---------------------------------------------------------------------------------------------------------
// Indexing

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Engine {
    Plain,
    Dateline,
}

impl Engine {
    fn name(self) -> &'static str {
        match self {
            Engine::Plain => "plain",
            Engine::Dateline => "dateline",
        }
    }
}

fn index_dateline(path: &Path, corpus: &Corpus) -> Outcome<()> {
    // As the command line does it: one commit for so many articles.
    let options = Options::default();
    let mut rejects = Rejects::new(path.with_extension("rejects"));
    ingest(path, corpus, &mut rejects, &options, &AtomicBool::new(false), &mut |_| ())?;
    Ok(())
}

/// Clocks and memory from here on.
struct Meter {
    wall: Instant,
    cpu_s: Option<f64>,
    resident_mb: Option<f64>,
}

impl Meter {
    fn start() -> Meter {
        // Makes Linux forget the peak so far; elsewhere there is none to forget.
        let _ = std::fs::write("/proc/self/clear_refs", "5");
        Meter { wall: Instant::now(), cpu_s: cpu_seconds(), resident_mb: memory_mb("VmRSS:") }
    }

    fn stop(&self, round: u32, engine: Engine, path: &Path, text_bytes: u64) -> Outcome<IndexingRound> {
        let wall_s = self.wall.elapsed().as_secs_f64();
        let cpu_s = cpu_seconds().zip(self.cpu_s).map_or(wall_s, |(now, before)| now - before);
        let mut disk = Disk::default();
        disk.add(path)?;
        let text_mb = text_bytes as f64 / 1e6;
        Ok(IndexingRound {
            round,
            engine,
            cpu_s,
            wall_s,
            cpu_ms_per_mb: cpu_s * 1e3 / text_mb,
            wall_ms_per_mb: wall_s * 1e3 / text_mb,
            resident_before_mb: self.resident_mb,
            peak_mb: memory_mb("VmHWM:"),
            disk_mb: disk.bytes as f64 / 1e6,
            disk_per_text_byte: disk.bytes as f64 / text_bytes as f64,
            segments: disk.segments,
        })
    }
}

/// Seconds that all threads of this process have computed, of the program and of the system. `None` where
/// there is no `/proc`.
fn cpu_seconds() -> Option<f64> {
    /// Linux has told times in hundredths to programs since ever, whatever it counts in itself.
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is the program's name in brackets, which may hold anything; the third comes next.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ').skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / TICKS_PER_SECOND)
}

/// A line of `/proc/self/status`, such as `VmHWM:`, the most that was ever resident.
fn memory_mb(name: &str) -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kibibytes: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024.0 / 1e6)
}

#[derive(Default)]
struct Disk {
    bytes: u64,
    segments: u64,
}

impl Disk {
    fn add(&mut self, directory: &Path) -> Outcome<()> {
        for entry in std::fs::read_dir(directory)? {
            let (path, meta) = entry.and_then(|entry| Ok((entry.path(), entry.metadata()?)))?;
            if meta.is_dir() {
                self.add(&path)?;
            } else {
                self.bytes += meta.len();
                self.segments += u64::from(path.extension().is_some_and(|extension| extension == "store"));
            }
        }
        Ok(())
    }
}

// ---------------------------------------------------------------------------------------------------------
// Stages of indexing

/// The stages, in the order an article goes through them.
const STAGES: [&str; 5] = ["parse", "tokens", "annotate", "passages", "document"];

/// How often the sample goes through them.
const STAGE_ROUNDS: usize = 5;

/// What the sample costs in each of dateline's pure functions.
struct Stages {
    text_mb: f64,
    /// The median of the rounds.
    seconds: [f64; STAGES.len()],
}

fn stages(sample: &[Raw]) -> Outcome<Stages> {
    let fields = schema().1;
    let mut analyzer = Analyzer::default();
    let mut text_bytes_read = 0;
    let mut rounds: Vec<[f64; STAGES.len()]> = Vec::new();
    // The first round fills the memory of stems.
    for _ in 0..=STAGE_ROUNDS {
        text_bytes_read = 0;
        let mut seconds = [0.0; STAGES.len()];
        for raw in sample {
            let mut clock = Instant::now();
            let mut lap = |stage: usize| {
                let now = Instant::now();
                seconds[stage] += (now - clock).as_secs_f64();
                clock = now;
            };
            let article = article(raw).ok_or("no article")?;
            lap(0);
            let (title, body) = (analyzer.tokens(&article.title), analyzer.tokens(&article.body));
            lap(1);
            let annotations = annotate(
                Words { text: &article.title, tokens: &title },
                Words { text: &article.body, tokens: &body },
                article.dateline.as_deref(),
                &[],
                Tier::Full,
            );
            lap(2);
            let split = split(&article.body, &body);
            lap(3);
            text_bytes_read += text_bytes(&article);
            let ingest = Ingest { first: 0, version: 1, content: article.content_hash() };
            let signature = Signature::of(&title, &body, &[], article.published);
            let analysed = Analysed {
                id: id_of(raw, &article),
                article,
                title,
                body,
                annotations,
                split,
                boilerplate: Vec::new(),
                signature,
            };
            black_box(document(analysed, ingest, &fields));
            lap(4);
        }
        rounds.push(seconds);
    }
    let middle = |stage: usize| median(&sorted(rounds[1..].iter().map(|seconds| seconds[stage])));
    Ok(Stages {
        text_mb: text_bytes_read as f64 / 1e6,
        seconds: std::array::from_fn(|stage| middle(stage).unwrap_or(f64::NAN)),
    })
}

// ---------------------------------------------------------------------------------------------------------
// Queries

/// How a query is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    /// A single word: as often as not one that is frequent, else one of any frequency.
    One,
    /// Two words from anywhere in one body.
    Two,
    Three,
    /// Two neighbouring words, quoted.
    Phrase,
    /// Five words in their order from the start of an article, title first.
    Title,
}

impl Kind {
    const ALL: [Kind; 5] = [Kind::One, Kind::Two, Kind::Three, Kind::Phrase, Kind::Title];

    fn name(self) -> &'static str {
        match self {
            Kind::One => "one word",
            Kind::Two => "two words",
            Kind::Three => "three words",
            Kind::Phrase => "phrase",
            Kind::Title => "title",
        }
    }
}

/// A query as typed.
#[derive(Debug, Clone)]
struct Asked {
    kind: Kind,
    text: String,
}

/// A word that both analyses take for one, and the same.
fn is_plain(word: &str) -> bool {
    word.len() >= 4 && word.bytes().all(|byte| byte.is_ascii_lowercase()) && !is_stop_word(word)
}

/// What queries are drawn from: the plain words of the sample.
struct Urn {
    /// For each article its body and the places of all its words.
    bodies: Vec<(String, Vec<Span>)>,
    /// For each article the plain words of its title and then of its body, each once.
    starts: Vec<Vec<String>>,
    /// Every plain word of the sample once, sorted.
    vocabulary: Vec<String>,
}

impl Urn {
    fn fill(sample: &[Raw]) -> Urn {
        let mut urn = Urn { bodies: Vec::new(), starts: Vec::new(), vocabulary: Vec::new() };
        let mut vocabulary: FxHashSet<String> = FxHashSet::default();
        let mut analyzer = Analyzer::default();
        for article in sample.iter().filter_map(article) {
            let mut start: Vec<String> = Vec::new();
            for text in [article.title.to_lowercase(), article.body.clone()] {
                for word in &analyzer.tokens(&text) {
                    let word = word.span.of(&text);
                    if start.len() < 5 && is_plain(word) && !start.iter().any(|known| known == word) {
                        start.push(word.to_owned());
                    }
                }
            }
            let spans: Vec<Span> = analyzer.tokens(&article.body).iter().map(|token| token.span).collect();
            let words = spans.iter().map(|span| span.of(&article.body)).filter(|word| is_plain(word));
            vocabulary.extend(words.map(str::to_owned));
            urn.bodies.push((article.body, spans));
            urn.starts.push(start);
        }
        urn.vocabulary = vocabulary.into_iter().collect();
        urn.vocabulary.sort_unstable();
        urn
    }

    /// A query, if the draw gives one.
    fn draw(&self, kind: Kind, random: &mut Random) -> Option<Asked> {
        let article = random.below(self.bodies.len().max(1));
        let (body, spans) = self.bodies.get(article)?;
        let drawn = |random: &mut Random| {
            let word = spans.get(random.below(spans.len().max(1)))?.of(body);
            is_plain(word).then_some(word)
        };
        let text = match kind {
            Kind::One if random.below(2) == 0 => drawn(random)?.to_owned(),
            Kind::One => self.vocabulary.get(random.below(self.vocabulary.len().max(1)))?.clone(),
            Kind::Two | Kind::Three => {
                let wanted = if kind == Kind::Two { 2 } else { 3 };
                let words = (0..wanted).map(|_| drawn(random)).collect::<Option<Vec<_>>>()?;
                let different: FxHashSet<&str> = words.iter().copied().collect();
                if different.len() < wanted {
                    return None;
                }
                words.join(" ")
            }
            Kind::Phrase => {
                let at = random.below(spans.len().max(1));
                let (first, second) = (spans.get(at)?, spans.get(at + 1)?);
                let is_close = &body[first.range().end..second.range().start] == " ";
                let fit = is_close && is_plain(first.of(body)) && is_plain(second.of(body));
                fit.then(|| format!("\"{} {}\"", first.of(body), second.of(body)))?
            }
            Kind::Title => {
                let words = &self.starts[article];
                (words.len() == 5).then(|| words.join(" "))?
            }
        };
        Some(Asked { kind, text })
    }
}

/// Both programs, ready to answer.
struct Engines {
    plain: Plain,
    reader: Reader,
    /// Reads queries.
    reading: Analyzer,
}

/// How much of dateline's answer is wanted.
#[derive(Clone, Copy)]
struct Wanted {
    passages: usize,
    facet_values: usize,
}

impl Engines {
    fn request(&mut self, asked: &Asked, wanted: Wanted) -> Outcome<Request> {
        let mut query = Query::parse(&asked.text)?;
        query.needs_all = true;
        Ok(Request {
            plan: plan(&query, Filters::default(), &mut self.reading),
            sort: Sort::Relevance,
            limit: LIMIT,
            offset: 0,
            passages: wanted.passages,
            facets: FacetRequest::usual(wanted.facet_values),
            copies: false,
            histogram: None,
            recency: None,
        })
    }

    fn dateline(&mut self, asked: &Asked, wanted: Wanted) -> Outcome<Results> {
        let request = self.request(asked, wanted)?;
        Ok(search(&self.reader, &request)?)
    }

    /// Whether both find the same, near enough.
    fn agree(&mut self, asked: &Asked) -> Outcome<bool> {
        let plain = self.plain.count(asked)? as f64;
        let dateline = self.dateline(asked, Wanted { passages: 0, facet_values: 0 })?.articles as f64;
        Ok(plain > 0.0 && (plain - dateline).abs() <= TOLERANCE * plain.max(dateline))
    }

    fn answer(&mut self, way: Way, asked: &Asked) -> Outcome<()> {
        let (passages, facet_values) = match way {
            Way::PlainBare => return self.plain.bare(asked),
            Way::PlainFacets => return self.plain.whole(asked, false),
            Way::PlainWhole => return self.plain.whole(asked, true),
            Way::DatelinePlan => {
                black_box(self.request(asked, Wanted { passages: 0, facet_values: 0 })?);
                return Ok(());
            }
            Way::DatelineBare => (0, 0),
            Way::DatelineFacets => (0, LIMIT),
            Way::DatelineWhole => (PASSAGES, LIMIT),
        };
        black_box(self.dateline(asked, Wanted { passages, facet_values })?);
        Ok(())
    }
}

/// What is timed of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    PlainBare,
    /// All but articles and snippets.
    PlainFacets,
    PlainWhole,
    DatelinePlan,
    DatelineBare,
    /// As bare, with facets.
    DatelineFacets,
    DatelineWhole,
}

/// Ways that are timed side by side, query by query. No two of one pass read articles from the same store:
/// the second would find them decompressed.
const PASSES: [&[Way]; 4] = [
    &[Way::PlainBare, Way::DatelineBare],
    &[Way::PlainWhole, Way::DatelineWhole],
    &[Way::PlainFacets, Way::DatelineFacets],
    &[Way::DatelinePlan],
];

/// Microseconds of one query, by [`Way`].
#[derive(Debug, Clone, Default)]
struct Timing {
    rounds: [Vec<f64>; 7],
}

impl Timing {
    /// The middle of its rounds.
    fn of(&self, way: Way) -> f64 {
        percentile(&sorted(self.rounds[way as usize].iter().copied()), 0.5)
    }
}

/// Processor time of this thread where the system tells it, so that whatever else the machine does is in no figure; else the
/// time of the clock. Both programs search on the thread that asks.
struct Clock {
    processor_ns: Option<i64>,
    wall: Instant,
}

impl Clock {
    fn start() -> Clock {
        Clock { processor_ns: processor_ns(), wall: Instant::now() }
    }

    fn elapsed_us(&self) -> f64 {
        match (self.processor_ns, processor_ns()) {
            (Some(start), Some(end)) => (end - start) as f64 / 1e3,
            _ => self.wall.elapsed().as_secs_f64() * 1e6,
        }
    }
}

#[cfg(unix)]
#[allow(clippy::unnecessary_wraps, reason = "other systems do not tell")]
fn processor_ns() -> Option<i64> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Some(time.tv_sec * 1_000_000_000 + time.tv_nsec)
}

#[cfg(not(unix))]
fn processor_ns() -> Option<i64> {
    None
}

fn measure_queries(engines: &mut Engines, urn: &Urn, flags: &Flags) -> Outcome<QueriesReport> {
    let mut random = Random(flags.seed);
    let mut asked: Vec<Asked> = Vec::new();
    let mut drawn: FxHashMap<Kind, usize> = FxHashMap::default();
    for kind in Kind::ALL {
        let wanted = flags.queries / Kind::ALL.len();
        let before = asked.len();
        let mut known: FxHashSet<String> = FxHashSet::default();
        for _ in 0..wanted * TRIES {
            if asked.len() - before == wanted {
                break;
            }
            let Some(query) = urn.draw(kind, &mut random).filter(|query| known.insert(query.text.clone()))
            else {
                continue;
            };
            *drawn.entry(kind).or_default() += 1;
            if engines.agree(&query)? {
                asked.push(query);
            }
        }
    }
    let mut timings = vec![Timing::default(); asked.len()];
    for round in 0..=flags.repeats {
        for pass in PASSES {
            for (at, query) in asked.iter().enumerate() {
                let mut ways = pass.to_vec();
                if (at + round as usize).is_multiple_of(2) {
                    ways.reverse();
                }
                for way in ways {
                    let clock = Clock::start();
                    engines.answer(way, query)?;
                    let time_us = clock.elapsed_us();
                    if round > 0 {
                        timings[at].rounds[way as usize].push(time_us);
                    }
                }
            }
        }
    }
    let of = |wanted: Option<Kind>| -> Vec<&Timing> {
        let of_kind =
            asked.iter().zip(&timings).filter(|(query, _)| wanted.is_none_or(|kind| kind == query.kind));
        of_kind.map(|(_, timing)| timing).collect()
    };
    let mut kinds = Vec::new();
    for kind in Kind::ALL {
        let drawn = drawn.get(&kind).copied().unwrap_or_default();
        kinds.extend(KindReport::new(kind.name(), drawn, &of(Some(kind))));
    }
    kinds.extend(KindReport::new("all", drawn.values().sum(), &of(None)));
    let mut slowest: Vec<SlowQuery> = asked
        .iter()
        .zip(&timings)
        .map(|(query, timing)| SlowQuery {
            text: query.text.clone(),
            plain_whole_us: timing.of(Way::PlainWhole),
            dateline_whole_us: timing.of(Way::DatelineWhole),
        })
        .collect();
    slowest.sort_by(|a, b| b.dateline_whole_us.total_cmp(&a.dateline_whole_us));
    slowest.truncate(5);
    Ok(QueriesReport { repeats: flags.repeats, kinds, slowest })
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

/// The smallest value that at least this share of them do not exceed.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index into memory")]
fn percentile(sorted: &[f64], share: f64) -> f64 {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied().unwrap_or(f64::NAN)
}

// ---------------------------------------------------------------------------------------------------------
// Reports

/// All figures, as `--json` writes them.
#[derive(Debug, Serialize)]
struct Report {
    articles: ArticlesReport,
    indexing: IndexingReport,
    stages: StagesReport,
    queries: QueriesReport,
    language: kinds::Report,
}

#[derive(Debug, Serialize)]
struct ArticlesReport {
    articles: u64,
    superseded: u64,
    rejected: u64,
    text_mb: f64,
    cores: usize,
    indexing_threads: usize,
    tables_ms: f64,
    seed: u64,
}

impl ArticlesReport {
    fn print(&self, out: &mut dyn Write) -> Outcome<()> {
        let ArticlesReport {
            articles,
            superseded,
            rejected,
            text_mb,
            cores,
            indexing_threads,
            tables_ms,
            seed,
        } = self;
        writeln!(
            out,
            "{articles} articles of {text_mb:.1} MB of text ({superseded} superseded, {rejected} rejected), \
             {cores} cores, {indexing_threads} indexing threads, seed {seed}"
        )?;
        writeln!(out, "dateline's tables: {tables_ms:.0} ms once a process, in no figure below")?;
        Ok(())
    }
}

/// One program indexing everything once.
#[derive(Debug, Serialize)]
struct IndexingRound {
    round: u32,
    engine: Engine,
    cpu_s: f64,
    wall_s: f64,
    cpu_ms_per_mb: f64,
    wall_ms_per_mb: f64,
    resident_before_mb: Option<f64>,
    peak_mb: Option<f64>,
    disk_mb: f64,
    disk_per_text_byte: f64,
    segments: u64,
}

/// Dateline's figure by the plain program's, the median of all rounds.
#[derive(Debug, Serialize)]
struct IndexingRatios {
    cpu: f64,
    wall: f64,
    peak: Option<f64>,
    disk: f64,
}

#[derive(Debug, Serialize)]
struct IndexingReport {
    rounds: Vec<IndexingRound>,
    ratios: IndexingRatios,
}

impl IndexingReport {
    fn new(rounds: Vec<IndexingRound>) -> IndexingReport {
        let ratio = |figure: fn(&IndexingRound) -> Option<f64>| {
            let pairs = rounds.chunks_exact(2).filter_map(|pair| Some(figure(&pair[1])? / figure(&pair[0])?));
            median(&sorted(pairs))
        };
        let ratios = IndexingRatios {
            cpu: ratio(|round| Some(round.cpu_s)).unwrap_or(f64::NAN),
            wall: ratio(|round| Some(round.wall_s)).unwrap_or(f64::NAN),
            peak: ratio(|round| round.peak_mb),
            disk: ratio(|round| Some(round.disk_mb)).unwrap_or(f64::NAN),
        };
        IndexingReport { rounds, ratios }
    }

    fn dateline_cpu_ms_per_mb(&self) -> f64 {
        let rounds = self.rounds.iter().filter(|round| round.engine == Engine::Dateline);
        median(&sorted(rounds.map(|round| round.cpu_ms_per_mb))).unwrap_or(f64::NAN)
    }

    fn print(&self, out: &mut dyn Write) -> Outcome<()> {
        let mut table = Table::new(&[
            "indexing",
            "round",
            "cpu s",
            "wall s",
            "cpu ms/MB",
            "wall ms/MB",
            "before MB",
            "peak MB",
            "disk MB",
            "disk/text",
            "segments",
        ]);
        for round in &self.rounds {
            table.row(vec![
                round.engine.name().to_owned(),
                round.round.to_string(),
                format!("{:.2}", round.cpu_s),
                format!("{:.2}", round.wall_s),
                format!("{:.1}", round.cpu_ms_per_mb),
                format!("{:.1}", round.wall_ms_per_mb),
                optional(round.resident_before_mb, 0),
                optional(round.peak_mb, 0),
                format!("{:.1}", round.disk_mb),
                format!("{:.3}", round.disk_per_text_byte),
                round.segments.to_string(),
            ]);
        }
        let IndexingRatios { cpu, wall, peak, disk } = self.ratios;
        table.row(vec![
            "dateline / plain".to_owned(),
            "median".to_owned(),
            format!("{cpu:.2}"),
            format!("{wall:.2}"),
            format!("{cpu:.2}"),
            format!("{wall:.2}"),
            String::new(),
            optional(peak, 2),
            format!("{disk:.2}"),
            format!("{disk:.2}"),
            String::new(),
        ]);
        table.print(out)
    }
}

fn optional(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"))
}

/// The middle, or the mean of the two middle ones.
fn median(sorted: &[f64]) -> Option<f64> {
    let half = sorted.len() / 2;
    match sorted {
        [] => None,
        _ if sorted.len().is_multiple_of(2) => Some(f64::midpoint(sorted[half - 1], sorted[half])),
        _ => Some(sorted[half]),
    }
}

#[derive(Debug, Serialize)]
struct StageReport {
    stage: &'static str,
    mb_per_s: f64,
    ms_per_mb: f64,
    /// Of the processor time of dateline's indexing.
    share: f64,
}

#[derive(Debug, Serialize)]
struct StagesReport {
    text_mb: f64,
    stages: Vec<StageReport>,
}

impl StagesReport {
    fn new(measured: &Stages, all_ms_per_mb: f64) -> StagesReport {
        let text_mb = measured.text_mb;
        let report = |stage, ms_per_mb: f64| StageReport {
            stage,
            mb_per_s: 1e3 / ms_per_mb,
            ms_per_mb,
            share: ms_per_mb / all_ms_per_mb,
        };
        let measured = STAGES.into_iter().zip(measured.seconds);
        let mut stages: Vec<StageReport> =
            measured.map(|(stage, seconds)| report(stage, seconds * 1e3 / text_mb)).collect();
        let pure: f64 = stages.iter().map(|stage| stage.ms_per_mb).sum();
        stages.push(report("the rest: reading, engine", all_ms_per_mb - pure));
        StagesReport { text_mb, stages }
    }

    fn print(&self, out: &mut dyn Write) -> Outcome<()> {
        let mut table = Table::new(&["stage, one thread", "MB/s", "ms/MB", "share of cpu"]);
        for stage in &self.stages {
            table.row(vec![
                stage.stage.to_owned(),
                format!("{:.1}", stage.mb_per_s),
                format!("{:.1}", stage.ms_per_mb),
                format!("{:.0} %", stage.share * 100.0),
            ]);
        }
        table.print(out)
    }
}

/// How the microseconds of many queries are spread.
#[derive(Debug, Clone, Copy, Serialize)]
struct Spread {
    mean: f64,
    p50: f64,
    p95: f64,
    p99: f64,
}

impl Spread {
    fn new(timings: &[&Timing], way: Way) -> Spread {
        Spread::of(&sorted(timings.iter().map(|timing| timing.of(way))))
    }

    /// What one way takes more than another.
    fn between(timings: &[&Timing], less: Way, more: Way) -> Spread {
        Spread::of(&sorted(timings.iter().map(|timing| timing.of(more) - timing.of(less))))
    }

    fn of(values: &[f64]) -> Spread {
        Spread {
            mean: values.iter().sum::<f64>() / values.len() as f64,
            p50: percentile(values, 0.5),
            p95: percentile(values, 0.95),
            p99: percentile(values, 0.99),
        }
    }

    fn by(self, other: Spread) -> Spread {
        Spread {
            mean: self.mean / other.mean,
            p50: self.p50 / other.p50,
            p95: self.p95 / other.p95,
            p99: self.p99 / other.p99,
        }
    }

    fn cells(self, digits: usize) -> Vec<String> {
        [self.mean, self.p50, self.p95, self.p99].iter().map(|value| format!("{value:.digits$}")).collect()
    }
}

/// Mean microseconds of the parts of whole answers, from differences between ways.
#[derive(Debug, Serialize)]
struct QueryStages {
    plain_search: f64,
    plain_snippets: f64,
    dateline_plan: f64,
    dateline_search: f64,
    dateline_facets: f64,
    dateline_passages: f64,
}

#[derive(Debug, Serialize)]
struct KindReport {
    kind: &'static str,
    drawn: usize,
    kept: usize,
    plain_bare_us: Spread,
    plain_whole_us: Spread,
    dateline_whole_us: Spread,
    dateline_bare_us: Spread,
    ranking_adds_us: Spread,
    passages_add_us: Spread,
    whole_ratio: Spread,
    bare_ratio: Spread,
    stages_us: QueryStages,
}

impl KindReport {
    /// `None` for a kind of which no query was kept.
    fn new(kind: &'static str, drawn: usize, timings: &[&Timing]) -> Option<KindReport> {
        let spread = |way| Spread::new(timings, way);
        let plain_bare_us = spread(Way::PlainBare);
        let plain_whole_us = spread(Way::PlainWhole);
        let dateline_whole_us = spread(Way::DatelineWhole);
        let dateline_bare_us = spread(Way::DatelineBare);
        let plain_facets = spread(Way::PlainFacets).mean;
        let dateline_plan = spread(Way::DatelinePlan).mean;
        let dateline_facets = spread(Way::DatelineFacets).mean;
        let stages_us = QueryStages {
            plain_search: plain_facets,
            plain_snippets: plain_whole_us.mean - plain_facets,
            dateline_plan,
            dateline_search: dateline_bare_us.mean - dateline_plan,
            dateline_facets: dateline_facets - dateline_bare_us.mean,
            dateline_passages: dateline_whole_us.mean - dateline_facets,
        };
        (!timings.is_empty()).then_some(KindReport {
            kind,
            drawn,
            kept: timings.len(),
            plain_bare_us,
            plain_whole_us,
            dateline_whole_us,
            dateline_bare_us,
            ranking_adds_us: Spread::between(timings, Way::PlainBare, Way::DatelineBare),
            passages_add_us: Spread::between(timings, Way::DatelineFacets, Way::DatelineWhole),
            whole_ratio: dateline_whole_us.by(plain_whole_us),
            bare_ratio: dateline_bare_us.by(plain_bare_us),
            stages_us,
        })
    }
}

#[derive(Debug, Serialize)]
struct SlowQuery {
    text: String,
    plain_whole_us: f64,
    dateline_whole_us: f64,
}

#[derive(Debug, Serialize)]
struct QueriesReport {
    repeats: u32,
    kinds: Vec<KindReport>,
    slowest: Vec<SlowQuery>,
}

impl QueriesReport {
    fn print(&self, out: &mut dyn Write) -> Outcome<()> {
        let mut table = Table::new(&["queries", "kept", "us", "mean", "p50", "p95", "p99"]);
        for kind in &self.kinds {
            let mut name = kind.kind.to_owned();
            let mut kept = format!("{} of {}", kind.kept, kind.drawn);
            let rows = [
                ("a plain bare", kind.plain_bare_us, 0),
                ("b plain whole", kind.plain_whole_us, 0),
                ("c dateline whole", kind.dateline_whole_us, 0),
                ("d dateline bare", kind.dateline_bare_us, 0),
                ("d - a", kind.ranking_adds_us, 0),
                ("c - no passages", kind.passages_add_us, 0),
                ("c / b", kind.whole_ratio, 2),
                ("d / a", kind.bare_ratio, 2),
            ];
            for (row, spread, digits) in rows {
                let mut cells = vec![std::mem::take(&mut name), std::mem::take(&mut kept), row.to_owned()];
                cells.extend(spread.cells(digits));
                table.row(cells);
            }
        }
        table.print(out)?;

        let mut table =
            Table::new(&["mean us of", "b search", "snippets", "c plan", "search", "facets", "passages"]);
        for KindReport { kind, stages_us: stages, .. } in &self.kinds {
            let figures = [
                stages.plain_search,
                stages.plain_snippets,
                stages.dateline_plan,
                stages.dateline_search,
                stages.dateline_facets,
                stages.dateline_passages,
            ];
            let mut cells = vec![(*kind).to_owned()];
            cells.extend(figures.iter().map(|figure| format!("{figure:.0}")));
            table.row(cells);
        }
        table.print(out)?;

        let mut table = Table::new(&["dateline's slowest", "b us", "c us"]);
        for slow in &self.slowest {
            table.row(vec![
                slow.text.clone(),
                format!("{:.0}", slow.plain_whole_us),
                format!("{:.0}", slow.dateline_whole_us),
            ]);
        }
        table.print(out)
    }
}

/// Aligned columns: the first to the left, the others to the right.
struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    fn new(heads: &[&str]) -> Table {
        Table { rows: vec![heads.iter().map(|&head| head.to_owned()).collect()] }
    }

    fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    fn print(&self, out: &mut dyn Write) -> Outcome<()> {
        let columns = self.rows.first().map_or(0, Vec::len);
        let cells = |column: usize| self.rows.iter().map(move |row| row[column].chars().count());
        let widths: Vec<usize> = (0..columns).map(|column| cells(column).max().unwrap_or(0)).collect();
        writeln!(out)?;
        for row in &self.rows {
            let mut line = String::new();
            for (column, (cell, &width)) in row.iter().zip(&widths).enumerate() {
                let aligned =
                    if column == 0 { format!("{cell:<width$}") } else { format!("  {cell:>width$}") };
                line.push_str(&aligned);
            }
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }
}
