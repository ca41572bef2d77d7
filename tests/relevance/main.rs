//! How good dateline's answers are beside plain baselines, on the same judged sets, in one run.
//!
//! ```text
//! cargo bench --bench relevance -- DIR... [--relevant GRADE] [--budget CHARS]... [--indexes DIR] [--runs DIR]
//! ```
//!
//! A `DIR` is a set as `dateline eval` takes it, with its `corpus.jsonl` (or, after a `=`, another place of its
//! articles). The baselines index the articles as dateline stores them and are asked the same questions:
//!
//! - `lucene`: what Lucene's defaults for newswire give ([`lucene`]), one field, stems and a stop list;
//! - `tantivy`: the query one writes first with tantivy ([`stock`]), words in `title` or `body`;
//!
//! and for the text shown of an article with gold passages, at the same budget of characters,
//!
//! - `fragment`: tantivy's snippet generator;
//! - `sentence`: sentences by BM25, as Lucene's unified highlighter ranks them ([`pickers`]);
//! - `lead`: the start.
//!
//! They are programs to compare with and no part of the product: `dateline eval --compare FILE` compares with any
//! engine that can write a run file, and those written here with `--runs`. Engines are compared question by question;
//! an interval is of the ratio of means, or of the difference of how often a text hits.
//! `sets.py` beside this makes sets of any articles with headlines.

#![allow(clippy::print_stdout, reason = "tables are what it is for")]

mod lucene;
mod pickers;
#[path = "../bench/stem.rs"]
mod stem;
mod stock;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use clap::Parser;
use dateline::article::Span;
use dateline::corpus::{Corpus, Rejects};
use dateline::eval::{
    Golds, Judgments, MEASURES, OF_ARTICLES, Question, Run, Scores, bytes_of, compare, from_beir, means,
    measure, of_passages, passages_shown, read_golds, read_judgments, read_questions, search_all,
};
use dateline::index::Reader;
use dateline::ingest::{Options, ingest};
use rustc_hash::FxHashMap;

use crate::lucene::{Lucene, Words};
use crate::stock::Stock;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

#[derive(Debug, Parser)]
#[command(name = "relevance", about = "Compares dateline's answers with those of plain baselines")]
struct Flags {
    /// Judged sets, as DIR or DIR=ARTICLES
    #[arg(required = true)]
    sets: Vec<String>,

    /// The lowest grade of a relevant article
    #[arg(long, value_name = "GRADE", default_value_t = 1)]
    relevant: i32,

    /// Articles to find for each question
    #[arg(long, value_name = "N", default_value_t = 1000)]
    depth: usize,

    /// Characters of a text shown; again for another
    #[arg(long, value_name = "CHARS", default_values_t = [300, 600])]
    budget: Vec<usize>,

    /// Keep the indexes here, and use those that are
    #[arg(long, value_name = "DIR")]
    indexes: Option<PathBuf>,

    /// Write the runs here
    #[arg(long, value_name = "DIR")]
    runs: Option<PathBuf>,

    /// Given by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

/// An article as every engine gets it.
struct Text {
    id: String,
    title: String,
    body: String,
}

/// A judged set with its articles in an index.
struct Set {
    name: String,
    questions: Vec<Question>,
    judgments: Judgments,
    golds: Golds,
    reader: Reader,
    texts: Vec<Text>,
}

fn main() -> Outcome<()> {
    let flags = Flags::parse();
    let scratch = tempfile::tempdir()?;
    let indexes = flags.indexes.as_deref().unwrap_or(scratch.path());
    let mut ratios: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for place in &flags.sets {
        let set = Set::open(place, indexes)?;
        let stock = Stock::new(&set.texts)?;
        let runs = [
            ("dateline", search_all(&set.reader, &set.questions, flags.depth)?),
            ("lucene", Lucene::new(&set.texts).search_all(&set.questions, flags.depth)),
            ("tantivy", stock.search_all(&set.questions, flags.depth)?),
        ];
        if let Some(directory) = &flags.runs {
            for (engine, run) in &runs {
                std::fs::write(directory.join(format!("{}.{engine}.run", set.name)), run.write(engine))?;
            }
        }
        let scores: Vec<(&str, BTreeMap<String, Scores>)> = runs
            .iter()
            .map(|(engine, run)| (*engine, measure(run, &set.judgments, flags.relevant)))
            .collect();
        print!("\n{:<20} {:>9}", set.name, "questions");
        MEASURES[..OF_ARTICLES].iter().for_each(|name| print!(" {name:>10}"));
        println!("   dateline / it");
        for (engine, found) in &scores {
            print!("{engine:<20} {:>9}", found.len());
            for mean in &means(&found.values())[..OF_ARTICLES] {
                print!(" {:>10.4}", mean.map_or(0.0, |mean| mean.mean));
            }
            if let Some(difference) = compare(&scores[0].1, found, 0).filter(|_| *engine != "dateline") {
                let ratio = difference.ratio;
                print!("   {:.3}  {:.3} to {:.3}", ratio.mean, ratio.low, ratio.high);
                ratios.entry(engine).or_default().push(ratio.mean);
            }
            println!();
        }
        for &budget in flags.budget.iter().filter(|_| !set.golds.is_empty()) {
            set.compare_passages(&stock, budget)?;
        }
    }
    println!();
    for (engine, ratios) in ratios {
        #[allow(clippy::cast_precision_loss, reason = "a few sets")]
        let mean = ratios.iter().sum::<f64>() / ratios.len() as f64;
        println!("dateline / {engine}: mean ratio of nDCG@10 over {} sets {mean:.3}", ratios.len());
    }
    Ok(())
}

impl Set {
    fn open(place: &str, indexes: &Path) -> Outcome<Set> {
        let (directory, articles) = match place.split_once('=') {
            Some((directory, articles)) => (PathBuf::from(directory), PathBuf::from(articles)),
            None => (PathBuf::from(place), Path::new(place).join("corpus.jsonl")),
        };
        let read = |name: &str| {
            let path = directory.join(name);
            std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
        };
        let judgments = read_judgments(&read("qrels.tsv").or_else(|_| read("qrels/test.tsv"))?)?;
        let mut questions = read_questions(&read("queries.jsonl")?)?;
        questions.retain(|question| judgments.contains_key(&question.id));
        let golds = read("passages.jsonl").map_or_else(|_| Ok(Golds::new()), |text| read_golds(&text))?;
        let name = directory.file_name().map_or("set".into(), |name| name.to_string_lossy().into_owned());
        let path = indexes.join(&name);
        if !path.exists() {
            index(&articles, &path)?;
        }
        let reader = Reader::open(&path)?;
        let mut texts = Vec::new();
        for address in reader.addresses() {
            let record = reader.record(address)?;
            let (id, article) = (record.id.to_string(), record.article);
            texts.push(Text {
                id: article.native_id.unwrap_or(id),
                title: article.title,
                body: article.body,
            });
        }
        Ok(Set { name, questions, judgments, golds, reader, texts })
    }

    /// How often the texts shown of an article cover a gold passage, by who chose them.
    fn compare_passages(&self, stock: &Stock, budget: usize) -> Outcome<()> {
        let bodies: FxHashMap<&str, &str> =
            self.texts.iter().map(|text| (text.id.as_str(), text.body.as_str())).collect();
        let mut words = Words::default();
        let mut picked: [(&str, BTreeMap<String, Scores>); 4] =
            ["dateline", "fragment", "sentence", "lead"].map(|name| (name, BTreeMap::new()));
        let mut keep = |picker: usize, question: &str, found: [f64; 3]| {
            let scores = picked[picker].1.entry(question.to_owned()).or_insert([None; MEASURES.len()]);
            scores[OF_ARTICLES..].copy_from_slice(&found.map(Some));
        };
        for (question, found) in passages_shown(&self.reader, &self.questions, &self.golds, budget)? {
            keep(0, &question, found);
        }
        for question in &self.questions {
            let Some(articles) = self.golds.get(&question.id) else { continue };
            let mut sums = [[0.0; 3]; 4];
            for (article, golds) in articles {
                let body = bodies.get(article.as_str()).ok_or_else(|| format!("no article `{article}`"))?;
                let golds: Vec<Span> = golds.iter().map(|gold| bytes_of(body, *gold)).collect();
                let shown = [
                    (1, pickers::fragment(stock, body, &question.text, budget)?),
                    (2, pickers::sentence(body, &question.text, budget, &mut words)),
                    (3, pickers::lead(body, budget)),
                ];
                for (picker, shown) in shown {
                    for (sum, score) in sums[picker].iter_mut().zip(of_passages(&shown, &golds, body)) {
                        #[allow(clippy::cast_precision_loss, reason = "a few articles")]
                        let share = score / articles.len() as f64;
                        *sum += share;
                    }
                }
            }
            (1..4).for_each(|picker| keep(picker, &question.id, sums[picker]));
        }
        print!("\n{:<20} {:>9}", format!("{budget} characters"), "questions");
        MEASURES[OF_ARTICLES..].iter().for_each(|name| print!(" {name:>10}"));
        println!("   dateline's hit@1 less its");
        for (picker, found) in &picked {
            print!("{picker:<20} {:>9}", found.len());
            for mean in &means(&found.values())[OF_ARTICLES..] {
                print!(" {:>10.4}", mean.map_or(0.0, |mean| mean.mean));
            }
            if let Some(difference) =
                compare(&picked[0].1, found, OF_ARTICLES).filter(|_| *picker != "dateline")
            {
                let mean = difference.mean;
                print!("   {:+.3}  {:+.3} to {:+.3}", mean.mean, mean.low, mean.high);
            }
            println!();
        }
        Ok(())
    }
}

fn index(articles: &Path, path: &Path) -> Outcome<()> {
    let flat = tempfile::Builder::new().suffix(".jsonl").tempfile()?;
    let mut corpus = articles.to_owned();
    if articles.extension().is_some_and(|extension| extension == "jsonl") {
        let lines = std::fs::read_to_string(articles)?;
        std::fs::write(flat.path(), lines.lines().map(|line| from_beir(line) + "\n").collect::<String>())?;
        flat.path().clone_into(&mut corpus);
    }
    let mut rejects = Rejects::new(path.with_extension("rejects"));
    let options = Options::default();
    let tally =
        ingest(path, &Corpus::new(&[corpus])?, &mut rejects, &options, &AtomicBool::new(false), &mut |_| ())?;
    if tally.rejected > 0 {
        println!("{}: {} articles could not be read", articles.display(), tally.rejected);
    }
    Ok(())
}

/// The best of some scores by article, as a ranking.
fn best(texts: &[Text], mut scored: Vec<(usize, f32)>, depth: usize) -> Vec<(String, f32)> {
    scored.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    scored.into_iter().take(depth).map(|(at, score)| (texts[at].id.clone(), score)).collect()
}

/// A run made by one answer a question.
fn run(questions: &[Question], mut answer: impl FnMut(&str) -> Vec<(String, f32)>) -> Run {
    Run(questions.iter().map(|question| (question.id.clone(), answer(&question.text))).collect())
}
