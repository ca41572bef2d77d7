//! dateline finds the passage that answers, in a pile of business news.
//!
//! # The two paths
//!
//! ```text
//! write   corpus -> unpack -> formats -> wire -> words -> annotate -> passages -> stories -> schema -> index
//!         files     Raw       Article    Article Tokens   Annotations Split       Signature  document  commit
//!
//! read    query -> plan -> search -> snippet
//!         Query    Plan    Hits      Snippet
//! ```
//!
//! News comes in through [`corpus`] as files of any kind. [`unpack`] undoes compression and archives and cuts
//! large files into pieces, [`formats`] turns each piece into [`Article`](article::Article)s: title, body,
//! source, date; and [`wire`] reads off the text what the format did not say. [`words`] cuts both texts into tokens, each with the form it was written in
//! and the stem it is searched by. [`annotate`] looks the tokens up in the [`gazetteer`],
//! has the [`tagger`] read the names that nobody listed, and says which organisations, people and regions the article
//! mentions, and which it is about. [`passages`] cuts the body into
//! passages of whole sentences. [`stories`] makes the signature by which copies of the article are known, and
//! [`groups`] keeps who is a copy of whom. Up to here everything is a value made from values, the same for the same
//! article. [`schema`] turns it into a document, with [`analyzer`] between our tokens and tantivy's, and
//! [`index`] writes, commits and reads. [`ingest`] is this whole path on all cores.
//!
//! A question becomes a [`Query`](query::Query), the engine-neutral tree of what was typed, and a
//! [`Plan`](plan::Plan): what to look up, the conditions, and how they are joined. [`search`] makes one pass over the postings for
//! count, facets and the best articles, then reads positions to rank those and to choose passages, and
//! [`snippet`] cuts the sentences to show and marks what matched. [`saved`] keeps queries under a name, and what was
//! told of them, and [`eval`] measures the answers against judgments.
//!
//! ```
//! use dateline::{index, ingest, plan, query, search, words};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let directory = std::env::temp_dir().join(format!("dateline-doc-{}", std::process::id()));
//! # std::fs::create_dir_all(&directory)?;
//! let corpus = directory.join("news.jsonl");
//! std::fs::write(&corpus, r#"{"id": "1", "title": "Rates held", "body": "The Bank of England held rates."}"#)?;
//!
//! let mut rejects = dateline::corpus::Rejects::new(directory.join("rejects.jsonl"));
//! ingest::ingest(
//!     &directory.join("index"),
//!     &dateline::corpus::Corpus::new(&[corpus])?,
//!     &mut rejects,
//!     &ingest::Options::default(),
//!     &std::sync::atomic::AtomicBool::new(false),
//!     &mut |_| (),
//! )?;
//!
//! let reader = index::Reader::open(&directory.join("index"))?;
//! let typed = query::Query::parse("rate")?;
//! let mut filters = plan::Filters::default();
//! filters.add_entity("BoE")?;
//! let now = 1_700_000_000;
//! let surroundings = plan::Surroundings { now: Some(now), index: Some(&reader) };
//! let request = search::Request {
//!     plan: plan::plan_within(&typed, filters, surroundings, &mut words::Analyzer::default()),
//!     sort: search::Sort::Relevance,
//!     limit: 10,
//!     offset: 0,
//!     passages: 2,
//!     facets: search::FacetRequest::usual(8),
//!     copies: false,
//!     histogram: None,
//!     recency: None,
//! };
//! let results = search::search(&reader, &request)?;
//! let hit = &results.hits[0];
//! let shown = &hit.passages[0].snippet;
//! assert_eq!(shown.highlights[0].of(&hit.record.article.body), "rates");
//! # std::fs::remove_dir_all(&directory)?;
//! # Ok(())
//! # }
//! ```
//!
//! # The words
//!
//! - An **article** is what matches; a **passage**, a run of its sentences, is what is ranked and shown.
//! - A **position** is the place of a word in the searched text: title, a gap, body. Four fields share it,
//!   so that order and nearness of words, names and places are arithmetic.
//! - An article **mentions** what it names and is **about** what it dwells on. A filter on regions means
//!   *about*, one on organisations *mentions*.
//! - A **region** is a node of the UN M49 tree, and an article about a region is about all that it lies in.
//! - A **story** is an article and its copies; counts are of stories, with articles beside them.
//! - **Boilerplate** is what an article says beside the news; it is searched only on demand.
//! - A **tier** is a group of results: articles with every word of the query, then those with some.
//! - An **equivalent** is another way to say what was typed, searched for at a discount.
//! - A **lookup** is a word, phrase or name that is searched for; a **clause** is what stands at a query's top
//!   level; its **matches** are the words by which it holds.
//! - A **hit** is an article in the results with its passages; its **score** orders it within its tier.
//! - A **reject** is input that could not become an article, kept with its reason.
//! - A **generation** is one build of an index; `reindex` makes the next.
//!
//! # The invariants
//!
//! - Sentences join up to passages and passages to the whole body. (`tests/it/laws.rs`)
//! - What is highlighted is what matched: whole tokens, never of a negated clause. (the same)
//! - Positions of a term never decrease within an article; tantivy would not notice. ([`analyzer`])
//! - What a commit has returned for survives `kill -9` and a power cut. ([`index`], `tests/crash.py`)
//! - A query finds what a slow reader of the texts finds, and its plain spelling means the same. (`tests/it/language.rs`)
//! - A module names only modules before it in the order below. (`tests/it/tidy.rs`)
//! - Stories are the same in whatever order articles arrive. (`tests/it/stories.rs`)
//! - Only [`corpus`] and [`index`] touch the disk, and nothing here prints or exits.
//! - `tantivy::` appears in [`analyzer`], [`schema`], [`index`], [`ingest`] and [`search`] alone.

pub mod error;
pub mod article;
pub mod wire;
pub mod formats;
pub mod unpack;
pub mod corpus;
pub mod words;
pub mod gazetteer;
pub mod tagger;
pub mod annotate;
pub mod passages;
pub mod stories;
pub mod groups;
pub mod analyzer;
pub mod schema;
pub mod index;
pub mod ingest;
pub mod query;
pub mod plan;
pub mod snippet;
pub mod search;
pub mod saved;
pub mod eval;
