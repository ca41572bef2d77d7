//! How good the answers are, as numbers that anyone can check.
//!
//! A judged set has questions, and for each the articles that somebody has graded: 0 for no answer, higher for
//! better ones. It may have gold passages too, the runs of sentences where an article answers. A [`Run`] is what a
//! search engine gave for each question, best first. From these two follow the [`MEASURES`]:
//!
//! | measure | of one question |
//! |---|---|
//! | `ndcg@10` | grades of the first ten, each over the logarithm of its rank, as a part of the best there could be |
//! | `mrr@10` | one over the rank of the first relevant article, if it is among ten |
//! | `recall@100` | which part of the relevant articles is among a hundred |
//! | `map` | the mean, over the relevant articles, of the part that is relevant down to each |
//! | `judged@10` | which part of the first ten was graded at all; the rest counts as no answer |
//! | `condensed` | `ndcg@10` with the articles passed over that nobody graded |
//! | `hit@1`, `hit@3` | for the articles with gold passages, how often the first text shown of one, or any of three, covers half of a gold passage |
//! | `f1` | how well the words of the first text shown agree with a gold passage |
//!
//! The first four are those of `trec_eval` to the last digit: a gain is a grade, equal scores are ordered by id, the
//! last first. Questions without a relevant article have no figures: what they ask for is that nothing is found, and
//! `trec_eval` averages them in as zeros.
//!
//! Means come with an interval: the middle 95 % of the means of [`RESAMPLES`] samples of the questions, drawn with
//! replacement from a fixed seed (the percentile bootstrap, Efron 1979). Two runs are compared question by question,
//! which is much sharper than comparing two intervals.
//!
//! # Files
//!
//! ```text
//! questions   {"_id": "q1", "text": "oil price", "type": "keyword"}     JSON lines; `id` for `_id`, `type` is optional
//!             q1<TAB>oil price                                            or columns
//!             <top><num> Number: 1 <title> oil price ... </top>           or TREC topics
//! judgments   q1 article 2                                                BEIR, with or without a heading
//!             q1 0 article 2                                              TREC
//! gold        {"qid": "q1", "docid": "article", "start": 4, "end": 90}    JSON lines, code points of the body
//! run         q1 Q0 article 1 12.5 name                                   TREC
//! ```
//!
//! Everything here is a value made from values but [`search_all`] and [`passages_shown`], which ask an index.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Deserialize;

use crate::article::Span;
use crate::error::{Error, Result};
use crate::index::Reader;
use crate::plan::{Filters, Surroundings, plan_within};
use crate::query::Query;
use crate::search::{Recency, Request, Sort, passages_of, search};
use crate::words::Analyzer;

/// Samples that an interval is made from; more change its third digit.
pub const RESAMPLES: usize = 2_000;

/// The seed of the samples.
const SEED: u64 = 1979;

/// One question of a judged set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub id: String,
    /// As typed.
    pub text: String,
    /// What sort of question it is, empty where nobody says.
    pub kind: String,
}

/// Grades of articles, by question and article.
pub type Judgments = BTreeMap<String, BTreeMap<String, i32>>;

/// Gold passages in code points of the body, by question and article.
pub type Golds = BTreeMap<String, BTreeMap<String, Vec<(usize, usize)>>>;

/// What one question found, by id, best first. Scores never rise.
pub type Ranking = Vec<(String, f32)>;

/// What was found for each question.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Run(pub BTreeMap<String, Ranking>);

/// The names of what is measured, in the order of [`Scores`].
pub const MEASURES: [&str; 9] =
    ["ndcg@10", "mrr@10", "recall@100", "map", "judged@10", "condensed", "hit@1", "hit@3", "f1"];

/// The measures of one question, in the order of [`MEASURES`]; `None` where one makes no sense.
pub type Scores = [Option<f64>; MEASURES.len()];

/// How many of [`MEASURES`] are of articles; the others are of passages.
pub const OF_ARTICLES: usize = 6;

fn malformed(what: &str, line: usize, message: impl std::fmt::Display) -> Error {
    Error::usage(format!("line {line} of the {what}: {message}"))
}

/// Reads questions in any of the shapes of the [module](self).
///
/// # Errors
/// [`Error::Usage`] with the line that is in no shape.
pub fn read_questions(text: &str) -> Result<Vec<Question>> {
    #[derive(Deserialize)]
    struct Line {
        #[serde(alias = "_id")]
        id: String,
        text: String,
        #[serde(default)]
        r#type: String,
    }
    if text.contains("<top>") {
        return Ok(text.split("<top>").skip(1).filter_map(topic).collect());
    }
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(number, line)| {
            if line.starts_with('{') {
                let Line { id, text, r#type: kind } =
                    serde_json::from_str(line).map_err(|error| malformed("questions", number, error))?;
                return Ok(Question { id, text, kind });
            }
            let (id, text) =
                line.split_once('\t').ok_or_else(|| malformed("questions", number, "no tab after the id"))?;
            Ok(Question { id: id.to_owned(), text: text.to_owned(), kind: String::new() })
        })
        .collect()
}

/// The number and title of a TREC topic.
fn topic(text: &str) -> Option<Question> {
    let field = |name: &str| {
        let start = text.find(name)? + name.len();
        let end = text[start..].find('<').map_or(text.len(), |end| start + end);
        Some(text[start..end].split_whitespace().collect::<Vec<_>>().join(" "))
    };
    let id = field("<num>")?;
    let id = id.strip_prefix("Number:").unwrap_or(&id).trim().to_owned();
    let title = field("<title>")?;
    let text = title.strip_prefix("Topic:").unwrap_or(&title).trim().to_owned();
    Some(Question { id, text, kind: String::new() })
}

/// Reads judgments of BEIR or TREC.
///
/// # Errors
/// [`Error::Usage`] with the line that is neither.
pub fn read_judgments(text: &str) -> Result<Judgments> {
    let mut judgments = Judgments::new();
    for (number, line) in (1..).zip(text.lines()) {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let (question, article, grade) = match columns[..] {
            [] => continue,
            [question, article, grade] | [question, _, article, grade] => (question, article, grade),
            _ => return Err(malformed("judgments", number, "expected `question article grade`")),
        };
        match grade.parse() {
            Ok(grade) => {
                judgments.entry(question.to_owned()).or_default().insert(article.to_owned(), grade);
            }
            Err(_) if number == 1 => {}
            Err(error) => return Err(malformed("judgments", number, format!("grade `{grade}`: {error}"))),
        }
    }
    Ok(judgments)
}

/// Reads gold passages.
///
/// # Errors
/// [`Error::Usage`] with the line that is none.
pub fn read_golds(text: &str) -> Result<Golds> {
    #[derive(Deserialize)]
    struct Line {
        qid: String,
        docid: String,
        start: usize,
        end: usize,
    }
    let mut golds = Golds::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let Line { qid, docid, start, end } =
            serde_json::from_str(line).map_err(|error| malformed("gold passages", number, error))?;
        if start >= end {
            return Err(malformed("gold passages", number, "it ends before it starts"));
        }
        golds.entry(qid).or_default().entry(docid).or_default().push((start, end));
    }
    Ok(golds)
}

/// A line of a BEIR corpus in our own shape: what it keeps under `metadata` is in plain sight. Any other line stays as
/// it is, for who reads articles to complain of.
pub fn from_beir(line: &str) -> String {
    let Ok(mut fields) = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(line) else {
        return line.to_owned();
    };
    for (from, to) in [("_id", "id"), ("text", "body")] {
        if let Some(value) = fields.remove(from) {
            fields.insert(to.to_owned(), value);
        }
    }
    if let Some(serde_json::Value::Object(inner)) = fields.remove("metadata") {
        for (name, value) in inner {
            fields.entry(name).or_insert(value);
        }
    }
    serde_json::Value::Object(fields).to_string()
}

impl Run {
    /// Reads a TREC run file. Ranks in it are ignored, as `trec_eval` does: scores order, then ids, the last first.
    ///
    /// # Errors
    /// [`Error::Usage`] with the line that is none.
    pub fn read(text: &str) -> Result<Run> {
        let mut run = Run::default();
        for (number, line) in (1..).zip(text.lines()) {
            let columns: Vec<&str> = line.split_whitespace().collect();
            let (question, article, score) = match columns[..] {
                [] => continue,
                [question, _, article, _, score, ..] => (question, article, score),
                _ => return Err(malformed("run", number, "expected `question Q0 article rank score name`")),
            };
            let score: f32 = score
                .parse()
                .map_err(|error| malformed("run", number, format!("score `{score}`: {error}")))?;
            run.0.entry(question.to_owned()).or_default().push((article.to_owned(), score));
        }
        for ranking in run.0.values_mut() {
            ranking.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| b.0.cmp(&a.0)));
            ranking.dedup_by(|a, b| a.0 == b.0);
        }
        Ok(run)
    }

    /// The run as a TREC run file under a name.
    pub fn write(&self, name: &str) -> String {
        let mut text = String::new();
        for (question, ranking) in &self.0 {
            for (rank, (article, score)) in (1..).zip(descending(ranking)) {
                writeln!(text, "{question} Q0 {article} {rank} {score} {name}").expect("a String takes all");
            }
        }
        text
    }
}

/// The ranking with scores that fall at every step. Evaluators order by score, and ours orders articles with every
/// word before the others, and equal scores by date.
fn descending(ranking: &Ranking) -> impl Iterator<Item = (&str, f32)> {
    let mut last = f32::INFINITY;
    ranking.iter().map(move |(article, score)| {
        last = if *score < last { *score } else { last.next_down() };
        (article.as_str(), last)
    })
}

/// The measures of articles for one ranking; those of passages are left to others. `None` where no article has
/// at least the grade `relevant`.
pub fn of_articles(ranking: &[&str], grades: &BTreeMap<String, i32>, relevant: i32) -> Option<Scores> {
    let all_relevant = grades.values().filter(|&&grade| grade >= relevant).count();
    if all_relevant == 0 {
        return None;
    }
    let grade = |article: &&str| grades.get(*article).copied();
    let is_relevant = |article: &&str| grade(article).is_some_and(|grade| grade >= relevant);
    let first = ranking.iter().take(10).position(is_relevant);
    let (mut found, mut precision) = (0, 0.0);
    for (rank, article) in (1..).zip(ranking) {
        if is_relevant(article) {
            found += 1;
            precision += part(found, rank);
        }
    }
    let judged = ranking.iter().take(10).filter(|article| grade(article).is_some()).count();
    let known: Vec<&str> = ranking.iter().filter(|article| grade(article).is_some()).copied().collect();
    let mut scores = [None; MEASURES.len()];
    scores[0] = Some(ndcg(ranking, grades, 10));
    scores[1] = Some(first.map_or(0.0, |before| part(1, before + 1)));
    scores[2] =
        Some(part(ranking.iter().take(100).filter(|article| is_relevant(article)).count(), all_relevant));
    scores[3] = Some(precision / part(all_relevant, 1));
    scores[4] = (!ranking.is_empty()).then(|| part(judged, ranking.len().min(10)));
    scores[5] = Some(ndcg(&known, grades, 10));
    Some(scores)
}

#[allow(clippy::cast_precision_loss, reason = "counts of articles")]
fn part(some: usize, all: usize) -> f64 {
    some as f64 / all as f64
}

/// Normalised discounted cumulated gain of the first `depth` (Järvelin and Kekäläinen 2002), a gain being a grade.
fn ndcg(ranking: &[&str], grades: &BTreeMap<String, i32>, depth: usize) -> f64 {
    let gain = |grades: &mut dyn Iterator<Item = i32>| -> f64 {
        let discounts = (2_u32..).map(|rank| f64::from(rank).log2());
        grades.take(depth).zip(discounts).map(|(grade, discount)| f64::from(grade.max(0)) / discount).sum()
    };
    let mut ideal: Vec<i32> = grades.values().copied().collect();
    ideal.sort_unstable_by(|a, b| b.cmp(a));
    let best = gain(&mut ideal.into_iter());
    let found = gain(&mut ranking.iter().map(|article| grades.get(*article).copied().unwrap_or(0)));
    if best > 0.0 { found / best } else { 0.0 }
}

/// `hit@1`, `hit@3` and `f1` of the texts shown of one article, best first, all in bytes of `body`.
pub fn of_passages(shown: &[Span], golds: &[Span], body: &str) -> [f64; 3] {
    let common = |a: &Span, b: &Span| b.end.min(a.end).saturating_sub(a.start.max(b.start));
    let hits = |shown: &Span| golds.iter().any(|gold| 2 * common(shown, gold) >= gold.end - gold.start);
    let hit = |depth: usize| f64::from(u8::from(shown.iter().take(depth).any(hits)));
    let words = |span: &Span| body.get(span.range()).map_or(0, |text| text.split_whitespace().count());
    let f1 = |shown: &Span, gold: &Span| {
        let (start, end) = (shown.start.max(gold.start), shown.end.min(gold.end));
        let common = if start < end { words(&Span { start, end }) } else { 0 };
        2.0 * part(common, (words(shown) + words(gold)).max(1))
    };
    let best =
        shown.first().map_or(0.0, |shown| golds.iter().map(|gold| f1(shown, gold)).fold(0.0, f64::max));
    [hit(1), hit(3), best]
}

/// Bytes of a body where code points are given; beyond its end is its end.
pub fn bytes_of(body: &str, (start, end): (usize, usize)) -> Span {
    let at = |chars: usize| body.char_indices().nth(chars).map_or(body.len(), |(at, _)| at);
    Span::new(at(start), at(end))
}

/// The measures of every question that has a relevant article.
pub fn measure(run: &Run, judgments: &Judgments, relevant: i32) -> BTreeMap<String, Scores> {
    let none = Ranking::new();
    let measured = judgments.iter().filter_map(|(question, grades)| {
        let ranking = run.0.get(question).unwrap_or(&none);
        let ids: Vec<&str> = ranking.iter().map(|(article, _)| article.as_str()).collect();
        Some((question.clone(), of_articles(&ids, grades, relevant)?))
    });
    measured.collect()
}

/// A mean over questions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mean {
    pub questions: usize,
    pub mean: f64,
    /// The middle 95 % of what other samples of questions would have given.
    pub low: f64,
    pub high: f64,
}

/// The mean of some values with its interval; `None` of none.
pub fn mean(values: &[f64]) -> Option<Mean> {
    let pairs: Vec<(f64, f64)> = values.iter().map(|&value| (value, 1.0)).collect();
    ratio(&pairs)
}

/// The ratio of two means, as of two runs over the same questions, with its interval.
pub fn ratio(pairs: &[(f64, f64)]) -> Option<Mean> {
    let of = |pairs: &mut dyn Iterator<Item = (f64, f64)>| {
        let (above, below) = pairs.fold((0.0, 0.0), |sums, pair| (sums.0 + pair.0, sums.1 + pair.1));
        if below == 0.0 { 1.0 } else { above / below }
    };
    if pairs.is_empty() {
        return None;
    }
    let mut random = Random(SEED);
    let mut samples: Vec<f64> =
        (0..RESAMPLES).map(|_| of(&mut (0..pairs.len()).map(|_| pairs[random.below(pairs.len())]))).collect();
    samples.sort_by(f64::total_cmp);
    let at = |share: usize| samples[(RESAMPLES - 1) * share / 1000];
    Some(Mean { questions: pairs.len(), mean: of(&mut pairs.iter().copied()), low: at(25), high: at(975) })
}

/// The means of each measure that any question has.
pub fn means<'a>(scores: &(impl Iterator<Item = &'a Scores> + Clone)) -> [Option<Mean>; MEASURES.len()] {
    std::array::from_fn(|measure| {
        let values: Vec<f64> = scores.clone().filter_map(|scores| scores[measure]).collect();
        mean(&values)
    })
}

/// How one measure differs between two runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// The mean of the first less that of the second.
    pub mean: Mean,
    /// The mean of the first as a multiple of that of the second.
    pub ratio: Mean,
    /// Each question that differs, with the first less the second, the largest loss first.
    pub questions: Vec<(String, f64)>,
}

/// Compares two runs question by question; `None` where no question has the measure in both.
pub fn compare(
    first: &BTreeMap<String, Scores>,
    second: &BTreeMap<String, Scores>,
    measure: usize,
) -> Option<Difference> {
    let both: Vec<(&String, (f64, f64))> = first
        .iter()
        .filter_map(|(question, scores)| {
            Some((question, (scores[measure]?, second.get(question)?[measure]?)))
        })
        .collect();
    let pairs: Vec<(f64, f64)> = both.iter().map(|(_, pair)| *pair).collect();
    let differences: Vec<f64> = pairs.iter().map(|(a, b)| a - b).collect();
    let mut questions: Vec<(String, f64)> = both
        .iter()
        .map(|(question, (a, b))| ((*question).clone(), a - b))
        .filter(|(_, difference)| difference.abs() > 1e-9)
        .collect();
    questions.sort_by(|a, b| a.1.total_cmp(&b.1).then_with(|| a.0.cmp(&b.0)));
    Some(Difference { mean: mean(&differences)?, ratio: ratio(&pairs)?, questions })
}

/// Numbers that a seed determines: `SplitMix64` (Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        // The high half of a product is as even as the number itself.
        let product = u128::from(mixed) * limit as u128;
        usize::try_from(product >> 64).expect("below a usize")
    }
}

/// Asks the index every question as a person would type it, but every copy of a story and every withdrawn article
/// is a result of its own. Articles without a publisher's id go by ours.
///
/// # Errors
/// Where the index cannot be read, or a question is too long to be one.
pub fn search_all(reader: &Reader, questions: &[Question], depth: usize) -> Result<Run> {
    let mut run = Run::default();
    let mut analyzer = Analyzer::default();
    for question in questions {
        let results = search(reader, &request(reader, question, depth, &mut analyzer)?)?;
        let ranking = results.hits.into_iter().map(|hit| {
            let id = hit.record.article.native_id.unwrap_or_else(|| hit.record.id.to_string());
            (id, hit.score)
        });
        run.0.insert(question.id.clone(), ranking.collect());
    }
    Ok(run)
}

fn request(reader: &Reader, question: &Question, limit: usize, analyzer: &mut Analyzer) -> Result<Request> {
    let filters = Filters { with_withdrawn: true, ..Filters::default() };
    let surroundings = Surroundings { now: None, index: Some(reader) };
    let plan = plan_within(&Query::parse(&question.text)?, filters, surroundings, analyzer);
    let recency = Some(Recency::default());
    Ok(Request { sort: Sort::Relevance, limit, copies: true, recency, ..Request::of(plan) })
}

/// The measures of passages for every question with gold ones: the texts, of about `chars` characters, that are shown of each article that has
/// some, whether it was found or not, and the mean over a question's articles.
///
/// # Errors
/// Where the index cannot be read or lacks an article.
pub fn passages_shown(
    reader: &Reader,
    questions: &[Question],
    golds: &Golds,
    chars: usize,
) -> Result<BTreeMap<String, [f64; 3]>> {
    let mut analyzer = Analyzer::default();
    let mut scores = BTreeMap::new();
    for question in questions {
        let Some(articles) = golds.get(&question.id) else { continue };
        let mut request = request(reader, question, 1, &mut analyzer)?;
        request.passages = 3;
        let mut sums = [0.0; 3];
        for (article, golds) in articles {
            let hit = passages_of(reader, &request, reader.resolve(article)?, chars)?;
            let body = &hit.record.article.body;
            let shown: Vec<Span> = hit.passages.iter().map(|passage| passage.snippet.span).collect();
            let golds: Vec<Span> = golds.iter().map(|gold| bytes_of(body, *gold)).collect();
            for (sum, score) in sums.iter_mut().zip(of_passages(&shown, &golds, body)) {
                *sum += score / part(articles.len(), 1);
            }
        }
        scores.insert(question.id.clone(), sums);
    }
    Ok(scores)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grades(list: &[(&str, i32)]) -> BTreeMap<String, i32> {
        list.iter().map(|(article, grade)| ((*article).to_owned(), *grade)).collect()
    }

    /// Checks the measures of articles, in their order, to four digits.
    fn check(ranking: &str, list: &[(&str, i32)], relevant: i32, expected: [f64; OF_ARTICLES]) {
        let ids: Vec<&str> = ranking.split_whitespace().collect();
        let scores = of_articles(&ids, &grades(list), relevant).unwrap();
        for (measure, expected) in expected.into_iter().enumerate() {
            let found = scores[measure].unwrap();
            assert!(
                (found - expected).abs() < 5e-5,
                "{} of {ranking}: {found}, not {expected}",
                MEASURES[measure]
            );
        }
    }

    #[test]
    fn measures_are_those_worked_out_by_hand() {
        // The best there is.
        check("a b", &[("a", 2), ("b", 1)], 1, [1.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
        // (1/1 + 2/log2(3)) / (2/1 + 1/log2(3)); precision is 1 at both.
        check("b a", &[("a", 2), ("b", 1)], 1, [0.8597, 1.0, 1.0, 1.0, 1.0, 0.8597]);
        // Where only the grade 2 is relevant, it is second: 1/2 of rank and precision.
        check("b a", &[("a", 2), ("b", 1)], 2, [0.8597, 0.5, 1.0, 0.5, 1.0, 0.8597]);
        // An article nobody graded stands before: 1/log2(3), condensed 1; half of the relevant, precision 1/2 of 1/2.
        check("x a", &[("a", 1), ("b", 1)], 1, [0.3869, 0.5, 0.5, 0.25, 0.5, 0.6131]);
        check("x y z", &[("a", 1)], 1, [0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        // Rank eleven counts for no more than recall and map.
        check("1 2 3 4 5 6 7 8 9 10 a", &[("a", 3)], 1, [0.0, 0.0, 1.0, 1.0 / 11.0, 0.0, 1.0]);
        assert_eq!(of_articles(&["a"], &grades(&[("a", 1)]), 2), None);
    }

    /// Judgments, a run with many equal scores, and what `pytrec_eval` 0.5.11 says of them: `ndcg_cut_10`,
    /// `recip_rank`, `recall_100` and `map`, with grades from 1 and from 2 relevant.
    #[test]
    fn figures_are_those_of_trec_eval() {
        let pairs = |text: &'static str| text.split(' ').map(|pair| pair.split_at(1));
        let judged = [
            "k0 e0 m0 b1 c1 n0 i0 q0 f2 j1 a0 o2",
            "l1 j2 h0 f0 r2 b1 s0 e1 i0 p1 q1 k0",
            "g2 j1 e0 h1 m2 t1 n3 q1 b1 c3 p1 o0",
        ];
        let found = [
            "d2.5 h4 b4.5 m3 r2 t4.5 a4.5 i5 c3 e1 g1.5 l2 p1 k1",
            "c4.5 r5 k2.5 s1 l2.5 j1.5 h2 o5 n1 b2 q4 e4.5 p1 f5",
            "e4 c1.5 f2 t2 h4 k5 d1 a1.5 p1.5 j1.5 s1.5 q4.5 i1 m1.5",
        ];
        let from_1 = [[0.182, 0.3333, 0.4, 0.1238], [0.6471, 1.0, 1.0, 0.5936], [0.3119, 0.5, 0.7, 0.4059]];
        let from_2 = [[0.182, 0.0, 0.0, 0.0], [0.6471, 1.0, 1.0, 0.5909], [0.3119, 0.1111, 0.5, 0.0732]];
        for (at, (judged, found)) in judged.into_iter().zip(found).enumerate() {
            let judged: Vec<String> =
                pairs(judged).map(|(article, grade)| format!("1 0 {article} {grade}")).collect();
            let found: Vec<String> =
                pairs(found).map(|(article, score)| format!("1 Q0 {article} 0 {score} x")).collect();
            for (relevant, expected) in [(1, from_1[at]), (2, from_2[at])] {
                let run = Run::read(&found.join("\n")).unwrap();
                let scores = measure(&run, &read_judgments(&judged.join("\n")).unwrap(), relevant)["1"];
                for (measure, expected) in expected.into_iter().enumerate() {
                    let found = scores[measure].unwrap();
                    assert!(
                        (found - expected).abs() < 5e-5,
                        "{at} {}: {found}, not {expected}",
                        MEASURES[measure]
                    );
                }
            }
        }
    }

    #[test]
    fn passages_hit_where_they_cover_half() {
        let body = "one two three four five six";
        let span = |text: &str| {
            let start = body.find(text).unwrap();
            Span::new(start, start + text.len())
        };
        let check = |shown: &[&str], gold: &str, expected: [f64; 3]| {
            let shown: Vec<Span> = shown.iter().map(|text| span(text)).collect();
            let found = of_passages(&shown, &[span(gold)], body);
            let is_equal =
                found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-9);
            assert!(is_equal, "{shown:?} {gold}: {found:?}");
        };
        check(&["two three"], "two three", [1.0, 1.0, 1.0]);
        check(&["one two", "four five"], "four five", [0.0, 1.0, 0.0]);
        // Four bytes of nine, and one word of two in each.
        check(&["three four"], "four five", [0.0, 0.0, 0.5]);
        check(&["two three"], "three four five", [0.0, 0.0, 0.4]);
        check(&["three four"], "two three four", [1.0, 1.0, 0.8]);
        check(&["six", "six", "six", "one"], "one", [0.0, 0.0, 0.0]);
        check(&[], "one", [0.0, 0.0, 0.0]);
        assert_eq!(bytes_of("é€ab", (1, 3)), Span::new(2, 6));
        assert_eq!(bytes_of("é", (1, 9)), Span::new(2, 2));
    }

    #[test]
    fn files_of_all_shapes_are_read() {
        let expected = grades(&[("a", 2), ("b", 0)]);
        for text in ["query-id\tcorpus-id\tscore\n1\ta\t2\n1\tb\t0\n", "1 0 a 2\n1 0 b 0"] {
            assert_eq!(read_judgments(text).unwrap()["1"], expected);
        }
        assert!(read_judgments("1 a 2\n1 b x").unwrap_err().to_string().contains("line 2 of the judgments"));
        let question = |id: &str, text: &str, kind: &str| Question {
            id: id.to_owned(),
            text: text.to_owned(),
            kind: kind.to_owned(),
        };
        let lines =
            "{\"_id\": \"1\", \"text\": \"oil\"}\n{\"id\": \"2\", \"text\": \"gas\", \"type\": \"a\"}\n";
        assert_eq!(read_questions(lines).unwrap(), [question("1", "oil", ""), question("2", "gas", "a")]);
        assert_eq!(read_questions("7\toil price\n").unwrap(), [question("7", "oil price", "")]);
        let topics = "<top>\n<num> Number: 301\n<title> Organized\n Crime\n<desc> x\n</top>\n";
        assert_eq!(read_questions(topics).unwrap(), [question("301", "Organized Crime", "")]);
        let article = from_beir("{\"_id\": \"1\", \"text\": \"b\", \"metadata\": {\"source\": \"s\"}}");
        assert_eq!(article, "{\"body\":\"b\",\"id\":\"1\",\"source\":\"s\"}");
        let golds = read_golds("{\"qid\": \"1\", \"docid\": \"a\", \"start\": 1, \"end\": 3}").unwrap();
        assert_eq!(golds["1"]["a"], [(1, 3)]);
        assert!(read_golds("{\"qid\": \"1\", \"docid\": \"a\", \"start\": 3, \"end\": 3}").is_err());
    }

    #[test]
    fn a_run_is_read_back_in_the_order_it_was_written() {
        let ranking = [("b", 2.0), ("c", 9.0), ("a", 9.0), ("d", 1.0)];
        let ranking: Ranking = ranking.into_iter().map(|(id, score)| (id.to_owned(), score)).collect();
        let run = Run(BTreeMap::from([("1".to_owned(), ranking)]));
        let again = Run::read(&run.write("x")).unwrap();
        let ids: Vec<&str> = again.0["1"].iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids, ["b", "c", "a", "d"]);
        // Equal scores: the last id first, whatever the rank says.
        let equal = Run::read("1 Q0 a 1 2.5 x\n1 Q0 b 2 2.5 x\n").unwrap();
        assert_eq!(equal.0["1"][0].0, "b");
    }

    #[test]
    fn intervals_hold_the_mean_and_shrink() {
        let values: Vec<f64> = (0..400).map(|value| f64::from(value % 2)).collect();
        let (few, many) = (mean(&values[..20]).unwrap(), mean(&values).unwrap());
        for found in [few, many] {
            assert!((found.mean - 0.5).abs() < 1e-9 && found.low < 0.5 && found.high > 0.5);
        }
        assert!(many.high - many.low < (few.high - few.low) / 3.0);
        // The standard error of 400 throws of a coin is 0.025.
        assert!((many.high - many.low - 4.0 * 0.025).abs() < 0.01, "{many:?}");
        assert_eq!(mean(&[]), None);
    }

    #[test]
    fn two_runs_differ_question_by_question() {
        let scores = |values: &[f64]| -> BTreeMap<String, Scores> {
            let scores = values.iter().map(|&value| {
                let mut scores = [None; MEASURES.len()];
                scores[0] = Some(value);
                scores
            });
            (0..).map(|number: u32| number.to_string()).zip(scores).collect()
        };
        let found = compare(&scores(&[0.5, 1.0, 0.6]), &scores(&[0.5, 0.5, 0.4]), 0).unwrap();
        assert!((found.ratio.mean - 1.5).abs() < 1e-9);
        assert_eq!(found.questions.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ["2", "1"]);
        assert_eq!(compare(&scores(&[0.5]), &scores(&[0.5]), 1), None);
    }
}
