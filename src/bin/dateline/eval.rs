//! `dateline eval`: measures answers against judgments. What the measures are is [`dateline::eval`]'s.
//!
//! ```text
//! ndcg@10      0.717  0.643-0.787         mean and interval, over the questions that have a relevant article
//! ...
//! type a       0.801  ...                 the same of one type of question
//! against FILE
//! ndcg@10     +0.012  +0.003-+0.021  ratio 1.017  1.003-1.030   better 12, worse 3, equal 29
//! ```

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use dateline::corpus::{Corpus, Rejects};
use dateline::error::{Error, Result};
use dateline::eval::{
    Difference, MEASURES, Mean, OF_ARTICLES, Question, Run, Scores, compare, from_beir, means, measure,
    passages_shown, read_golds, read_judgments, read_questions, search_all,
};
use dateline::index::Reader;
use dateline::ingest::{Options, ingest};
use dateline::snippet::TARGET_CHARS;
use serde_json::json;

use crate::flags::{Cli, EvalArgs};
use crate::{json, note, print};

/// Asks the questions of a judged set, or reads what another run found, and prints the measures.
pub fn eval(cli: &Cli, args: &EvalArgs) -> Result<u8> {
    let judgments = read_judgments(&text(&file(
        args,
        args.qrels.as_deref(),
        &["qrels.tsv", "qrels/test.tsv", "qrels.txt"],
    )?)?)?;
    let questions =
        read_questions(&text(&file(args, args.queries.as_deref(), &["queries.jsonl", "topics.txt"])?)?)?;
    // Only what somebody judged is asked.
    let questions: Vec<Question> =
        questions.into_iter().filter(|question| judgments.contains_key(&question.id)).collect();
    let passages = args.passages.clone().unwrap_or_else(|| args.set.join("passages.jsonl"));
    let golds = if args.passages.is_some() || passages.exists() {
        read_golds(&text(&passages)?)?
    } else {
        BTreeMap::new()
    };
    let (run, shown) = if let Some(path) = &args.run {
        (Run::read(&text(path)?)?, BTreeMap::new())
    } else {
        let scratch;
        let index = match corpus(args) {
            Some(path) => {
                scratch = Scratch::index(cli, &path)?;
                &scratch.path
            }
            None => &cli.index,
        };
        let reader = Reader::open(index)?;
        (
            search_all(&reader, &questions, args.depth)?,
            passages_shown(&reader, &questions, &golds, TARGET_CHARS)?,
        )
    };
    if let Some(path) = &args.run_out {
        std::fs::write(path, run.write("dateline"))
            .map_err(|error| Error::Io { path: path.clone(), error })?;
    }
    let mut scores = measure(&run, &judgments, args.relevant);
    for (question, scores) in &mut scores {
        if let Some(shown) = shown.get(question) {
            scores[OF_ARTICLES..].copy_from_slice(&shown.map(Some));
        }
    }
    let report = Report {
        unanswerable: judgments.len() - scores.len(),
        others: args
            .compare
            .iter()
            .map(|path| Ok((path, measure(&Run::read(&text(path)?)?, &judgments, args.relevant))))
            .collect::<Result<_>>()?,
        questions: &questions,
        scores,
    };
    print(|out| if args.shape.is_json() { report.json(out) } else { report.text(out, args.per_query) })
}

fn text(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| Error::Io { path: path.to_owned(), error })
}

/// The file that is named, or the first of these in the directory.
fn file(args: &EvalArgs, named: Option<&Path>, usual: &[&str]) -> Result<PathBuf> {
    if let Some(path) = named {
        return Ok(path.to_owned());
    }
    let found = usual.iter().map(|name| args.set.join(name)).find(|path| path.exists());
    found.ok_or_else(|| Error::Usage(format!("`{}` has no `{}`", args.set.display(), usual.join("` or `"))))
}

/// What to index for the evaluation; `None` where an index is there.
fn corpus(args: &EvalArgs) -> Option<PathBuf> {
    let own = args.set.join("corpus.jsonl");
    args.corpus.clone().or_else(|| own.exists().then_some(own))
}

/// An index that goes away with the command.
struct Scratch {
    directory: PathBuf,
    path: PathBuf,
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is left to the system, whose directory it is.
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

impl Scratch {
    fn index(cli: &Cli, corpus: &Path) -> Result<Scratch> {
        let directory = std::env::temp_dir().join(format!("dateline-eval-{}", std::process::id()));
        let failed = |error| Error::Io { path: directory.clone(), error };
        std::fs::create_dir_all(&directory).map_err(failed)?;
        let scratch = Scratch { path: directory.join("index"), directory: directory.clone() };
        let corpus = if corpus.file_name().is_some_and(|name| name == "corpus.jsonl") {
            let flat = directory.join("corpus.jsonl");
            flatten(corpus, &flat).map_err(|error| Error::Io { path: corpus.to_owned(), error })?;
            flat
        } else {
            corpus.to_owned()
        };
        let mut rejects = Rejects::new(directory.join("rejects.jsonl"));
        let never = AtomicBool::new(false);
        let tally = ingest(
            &scratch.path,
            &Corpus::new(&[corpus])?,
            &mut rejects,
            &Options::default(),
            &never,
            &mut |_| (),
        )?;
        if tally.rejected > 0 {
            note(cli, &format!("{} articles could not be read", tally.rejected));
        }
        Ok(scratch)
    }
}

/// A corpus of BEIR in our own shape.
fn flatten(corpus: &Path, flat: &Path) -> io::Result<()> {
    let mut out = BufWriter::new(std::fs::File::create(flat)?);
    for line in BufReader::new(std::fs::File::open(corpus)?).lines() {
        writeln!(out, "{}", from_beir(&line?))?;
    }
    out.flush()
}

struct Report<'a> {
    scores: BTreeMap<String, Scores>,
    /// Judged questions without a relevant article.
    unanswerable: usize,
    questions: &'a [Question],
    /// Other runs, by file.
    others: Vec<(&'a PathBuf, BTreeMap<String, Scores>)>,
}

impl Report<'_> {
    /// The scores of each type of question, where there are several.
    fn kinds(&self) -> BTreeMap<&str, Vec<&Scores>> {
        let mut kinds: BTreeMap<&str, Vec<&Scores>> = BTreeMap::new();
        for question in self.questions {
            if let Some(scores) = self.scores.get(&question.id) {
                kinds.entry(&question.kind).or_default().push(scores);
            }
        }
        if kinds.len() > 1 { kinds } else { BTreeMap::new() }
    }

    fn differences(&self, other: &BTreeMap<String, Scores>) -> Vec<(&'static str, Difference)> {
        let each = MEASURES.iter().enumerate();
        each.filter_map(|(at, name)| Some((*name, compare(&self.scores, other, at)?))).collect()
    }

    fn text(&self, out: &mut dyn Write, per_query: bool) -> io::Result<()> {
        let count = self.scores.len();
        write!(out, "{count} questions")?;
        if self.unanswerable > 0 {
            write!(out, ", and {} without a relevant article", self.unanswerable)?;
        }
        writeln!(out, "\n")?;
        let all = means(&self.scores.values());
        for (name, mean) in MEASURES.iter().zip(&all) {
            if let Some(Mean { mean, low, high, questions }) = mean {
                write!(out, "{name:<11} {mean:.4}  {low:.3} to {high:.3}")?;
                // Not every question has gold passages.
                writeln!(
                    out,
                    "{}",
                    if *questions == count { String::new() } else { format!("  of {questions}") }
                )?;
            }
        }
        let shown: Vec<usize> = (0..MEASURES.len()).filter(|&at| all[at].is_some()).collect();
        let heading = |out: &mut dyn Write, first: &str| {
            write!(out, "\n{first:<20} {:>9}", "questions")?;
            shown.iter().try_for_each(|&at| write!(out, " {:>10}", MEASURES[at]))?;
            writeln!(out)
        };
        let kinds = self.kinds();
        if !kinds.is_empty() {
            heading(out, "type")?;
            for (kind, scores) in kinds {
                write!(out, "{kind:<20} {:>9}", scores.len())?;
                let means = means(&scores.into_iter());
                for &at in &shown {
                    write!(
                        out,
                        " {:>10}",
                        means[at].map_or("-".to_owned(), |mean| format!("{:.4}", mean.mean))
                    )?;
                }
                writeln!(out)?;
            }
        }
        if per_query {
            heading(out, "question")?;
            for (question, scores) in &self.scores {
                write!(out, "{question:<20} {:>9}", 1)?;
                for &at in &shown {
                    write!(out, " {:>10}", scores[at].map_or("-".to_owned(), |score| format!("{score:.4}")))?;
                }
                writeln!(out)?;
            }
        }
        for (path, other) in &self.others {
            writeln!(out, "\nagainst {}", path.display())?;
            for (name, difference) in self.differences(other) {
                let Difference { mean, ratio, questions } = &difference;
                let worse = questions.iter().filter(|(_, difference)| *difference < 0.0).count();
                let (better, equal) = (questions.len() - worse, mean.questions - questions.len());
                writeln!(
                    out,
                    "{name:<11} {:+.4}  {:+.3} to {:+.3}   ratio {:.3}  {:.3} to {:.3}   better {better}, worse {worse}, equal {equal}",
                    mean.mean, mean.low, mean.high, ratio.mean, ratio.low, ratio.high
                )?;
                if per_query && name == MEASURES[0] {
                    for (question, difference) in questions {
                        writeln!(out, "  {difference:+.4}  {question}  {}", self.typed(question))?;
                    }
                }
            }
        }
        Ok(())
    }

    fn typed(&self, id: &str) -> &str {
        self.questions.iter().find(|question| question.id == id).map_or("", |question| &question.text)
    }

    fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let mean = |mean: &Mean| json!({"questions": mean.questions, "mean": mean.mean, "low": mean.low, "high": mean.high});
        let all = |means: [Option<Mean>; MEASURES.len()]| -> serde_json::Map<String, serde_json::Value> {
            let named = MEASURES.iter().zip(means);
            named.filter_map(|(name, found)| Some(((*name).to_owned(), mean(&found?)))).collect()
        };
        let of_one = |scores: &Scores| -> serde_json::Map<String, serde_json::Value> {
            let named = MEASURES.iter().zip(scores);
            named.filter_map(|(name, score)| Some(((*name).to_owned(), json!((*score)?)))).collect()
        };
        let others: Vec<serde_json::Value> = self
            .others
            .iter()
            .map(|(path, other)| {
                let differences = self.differences(other).into_iter().map(|(name, difference)| {
                    let each: BTreeMap<String, f64> = difference.questions.into_iter().collect();
                    let value = json!({"difference": mean(&difference.mean), "ratio": mean(&difference.ratio), "questions": each});
                    (name.to_owned(), value)
                });
                let differences: serde_json::Map<_, _> = differences.collect();
                json!({"run": path.display().to_string(), "measures": differences})
            })
            .collect();
        let kinds: BTreeMap<&str, _> =
            self.kinds().into_iter().map(|(kind, scores)| (kind, all(means(&scores.into_iter())))).collect();
        let questions: BTreeMap<&String, _> =
            self.scores.iter().map(|(question, scores)| (question, of_one(scores))).collect();
        let document = json!({
            "version": json::VERSION, "questions": self.scores.len(), "unanswerable": self.unanswerable,
            "measures": all(means(&self.scores.values())), "types": kinds, "each": questions, "against": others,
        });
        writeln!(out, "{document:#}")
    }
}
