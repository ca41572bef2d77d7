//! What several tests need: an index of a few articles, and the words of an answer.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use dateline::corpus::{Corpus, Rejects};
use dateline::index::Reader;
use dateline::ingest::{Options, Tally, ingest};
use dateline::plan::{Filters, plan};
use dateline::query::Query;
use dateline::search::{Facet, FacetRequest, Hit, Interval, Request, Results, Sort, search};
use dateline::words::Analyzer;

/// An index that goes away with the test.
pub struct Scratch {
    directory: tempfile::TempDir,
}

impl Scratch {
    /// Indexes articles given as JSON values.
    pub fn of(articles: &[serde_json::Value]) -> Scratch {
        let scratch = Scratch { directory: tempfile::tempdir().unwrap() };
        scratch.add(articles);
        scratch
    }

    /// Indexes files or directories.
    pub fn of_paths(paths: &[&Path]) -> Scratch {
        let scratch = Scratch { directory: tempfile::tempdir().unwrap() };
        let paths: Vec<_> = paths.iter().map(|path| (*path).to_owned()).collect();
        scratch.ingest(&Corpus::new(&paths).unwrap());
        scratch
    }

    pub fn add(&self, articles: &[serde_json::Value]) -> Tally {
        let file = self.directory.path().join("articles.jsonl");
        let lines: String = articles.iter().map(|article| article.to_string() + "\n").collect();
        std::fs::write(&file, lines).unwrap();
        self.ingest(&Corpus::new(&[file]).unwrap())
    }

    fn ingest(&self, corpus: &Corpus) -> Tally {
        let mut rejects = Rejects::new(self.directory.path().join("rejects.jsonl"));
        let options = Options { strict: true, ..Options::default() };
        ingest(&self.path(), corpus, &mut rejects, &options, &AtomicBool::new(false), &mut |_| ()).unwrap()
    }

    pub fn path(&self) -> std::path::PathBuf {
        self.directory.path().join("index")
    }

    pub fn reader(&self) -> Reader {
        Reader::open(&self.path()).unwrap()
    }

    /// The answer to a query, a hundred articles at the most.
    pub fn search(&self, typed: &str) -> Results {
        self.search_with(typed, Filters::default())
    }

    pub fn search_with(&self, typed: &str, filters: Filters) -> Results {
        self.ask(typed, filters, true, FacetRequest::usual(50))
    }

    /// The same in stories, with a histogram of months.
    pub fn stories(&self, typed: &str) -> Results {
        self.ask(typed, Filters::default(), false, FacetRequest::usual(50))
    }

    /// The facets of a query, with a thousand values each.
    pub fn facets(&self, typed: &str, filters: Filters, copies: bool, names: &str) -> Vec<Facet> {
        let mut facets = FacetRequest::parse(names).unwrap();
        for facet in &mut facets {
            facet.limit = 1000;
        }
        self.ask(typed, filters, copies, facets).facets
    }

    fn ask(&self, typed: &str, filters: Filters, copies: bool, facets: Vec<FacetRequest>) -> Results {
        let query = Query::parse(typed).unwrap();
        // What is checked here goes by the words themselves.
        let plan = plan(&query, Filters { as_typed: true, ..filters }, &mut Analyzer::default());
        let sort = if plan.wanted.is_empty() { Sort::Date } else { Sort::Relevance };
        let request = Request {
            plan,
            sort,
            limit: 100,
            offset: 0,
            passages: 2,
            facets,
            copies,
            histogram: Some(Interval::Month),
            recency: None,
        };
        search(&self.reader(), &request).unwrap()
    }
}

/// The publisher's ids of the hits, in order.
pub fn ids(results: &Results) -> Vec<String> {
    results.hits.iter().map(|hit| hit.record.article.native_id.clone().unwrap_or_default()).collect()
}

/// The highlighted texts of a hit: title, then passages.
pub fn highlights(hit: &Hit) -> Vec<String> {
    let article = &hit.record.article;
    let title = hit.title.iter().map(|span| span.of(&article.title).to_owned());
    let passages = hit.passages.iter().flat_map(|passage| &passage.snippet.highlights);
    title.chain(passages.map(|span| span.of(&article.body).to_owned())).collect()
}
