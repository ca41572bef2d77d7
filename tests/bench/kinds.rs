//! How long each kind of query takes, beside a bare `AND` of the words it is made of.
//!
//! The words of a query are drawn from the body of one article, so that it finds something; names, sources and years are
//! those that the index has, the frequent ones as often as they are so. A row of the table is one kind, asked about the same
//! draws as all others: the ten best articles with two passages each, from the typed text on, without facets. Each query
//! is timed in turn with the `AND` of its words.

use std::hint::black_box;
use std::io::Write;

use serde::Serialize;

use dateline::index::Reader;
use dateline::plan::{Filters, Surroundings, plan_within};
use dateline::query::Query;
use dateline::search::{FacetRequest, Request, Sort, search};
use dateline::words::Analyzer;

use crate::{Clock, LIMIT, Outcome, PASSAGES, Random, TRIES, Table, Urn, percentile, sorted};

/// Alternatives of the query of many.
const MANY: usize = 20;

/// What queries are made of.
struct Draw {
    /// Two words of one article, the first of five letters or more.
    words: [String; 2],
    /// Two words side by side.
    neighbours: [String; 2],
    many: Vec<String>,
    entity: String,
    region: String,
    source: String,
    year: String,
}

/// A kind of query.
struct Kind {
    name: &'static str,
    query: fn(&Draw) -> String,
    /// The bare `AND` beside it.
    bare: fn(&Draw) -> String,
    facet_values: usize,
}

fn kinds() -> Vec<Kind> {
    let one: fn(&Draw) -> String = |draw| draw.words[0].clone();
    let both: fn(&Draw) -> String = |draw| draw.words.join(" AND ");
    let row = |name, query, bare| Kind { name, query, bare, facet_values: 0 };
    vec![
        row("word", one, one),
        row("a AND b", both, both),
        row("a b", |draw| draw.words.join(" "), both),
        row(
            "\"a b\"",
            |draw| format!("\"{}\"", draw.neighbours.join(" ")),
            |draw| draw.neighbours.join(" AND "),
        ),
        row("a NEAR/10 b", |draw| draw.words.join(" NEAR/10 "), both),
        row("a PRE/10 b", |draw| draw.words.join(" PRE/10 "), both),
        row("a SENT b", |draw| draw.words.join(" SENT "), both),
        row("a SAME b", |draw| draw.words.join(" SAME "), both),
        row("atleast3(a)", |draw| format!("atleast3({})", draw.words[0]), one),
        row("first50(a)", |draw| format!("first50({})", draw.words[0]), one),
        row("prefix: abcd*", |draw| format!("{}*", &draw.words[0][..4]), one),
        row("infix: *bcd*", |draw| format!("*{}*", &draw.words[0][1..4]), one),
        row("a~1", |draw| format!("{}~1", draw.words[0]), one),
        row("a~2", |draw| format!("{}~2", draw.words[0]), one),
        row("exact(a)", |draw| format!("exact({})", draw.words[0]), one),
        row("caps(a)", |draw| format!("caps({})", draw.words[0]), one),
        row("title:a", |draw| format!("title:{}", draw.words[0]), one),
        row("entity: a", |draw| format!("entity:{} {}", draw.entity, draw.words[0]), one),
        row("entity: NEAR/10 a", |draw| format!("entity:{} NEAR/10 {}", draw.entity, draw.words[0]), one),
        row("region: a", |draw| format!("region:{} {}", draw.region, draw.words[0]), one),
        row("region: SAME a", |draw| format!("region:{} SAME {}", draw.region, draw.words[0]), one),
        row("date: a", |draw| format!("date:{} {}", draw.year, draw.words[0]), one),
        row("source: a", |draw| format!("source:\"{}\" {}", draw.source, draw.words[0]), one),
        row("a -b", |draw| draw.words.join(" -"), both),
        row("OR of 20", |draw| draw.many.join(" OR "), |draw| draw.many.join(" AND ")),
        Kind { name: "word, facets", query: one, bare: one, facet_values: LIMIT },
        Kind { name: "a AND b, facets", query: both, bare: both, facet_values: LIMIT },
    ]
}

/// A value, one that so many more articles have so much more often.
fn weighted(values: &[(String, u64)], random: &mut Random) -> Option<String> {
    let all: u64 = values.iter().map(|(_, count)| count).sum();
    let mut left = random.next() % all.max(1);
    for (value, count) in values {
        if left < *count {
            return Some(value.clone());
        }
        left -= count;
    }
    None
}

/// What is drawn from.
struct Columns {
    entities: Vec<(String, u64)>,
    regions: Vec<(String, u64)>,
    sources: Vec<(String, u64)>,
    years: Vec<(String, u64)>,
}

fn draw(urn: &Urn, columns: &Columns, random: &mut Random) -> Option<Draw> {
    let two = |kind, random: &mut Random| -> Option<[String; 2]> {
        let asked = urn.draw(kind, random)?.text;
        let words: Vec<String> = asked.trim_matches('"').split(' ').map(str::to_owned).collect();
        words.try_into().ok()
    };
    let words = two(crate::Kind::Two, random).filter(|words| words[0].len() >= 5)?;
    let neighbours = (0..TRIES).find_map(|_| two(crate::Kind::Phrase, random))?;
    let drawn = (0..MANY * TRIES).filter_map(|_| urn.draw(crate::Kind::One, random));
    let many: Vec<String> = drawn.map(|asked| asked.text).take(MANY).collect();
    Some(Draw {
        words,
        neighbours,
        many,
        entity: weighted(&columns.entities, random)?,
        region: weighted(&columns.regions, random)?,
        source: weighted(&columns.sources, random)?,
        year: weighted(&columns.years, random)?,
    })
}

/// Microseconds of one kind.
#[derive(Debug, Serialize)]
pub struct Row {
    kind: &'static str,
    /// Stories found, on average.
    found: f64,
    p50_us: f64,
    p99_us: f64,
    bare_p50_us: f64,
    bare_p99_us: f64,
}

/// The latency of each kind of query.
#[derive(Debug, Serialize)]
pub struct Report {
    draws: usize,
    rows: Vec<Row>,
}

pub fn measure(
    reader: &Reader,
    urn: &Urn,
    random: &mut Random,
    count: usize,
    repeats: u32,
) -> Outcome<Report> {
    let values = |column: &str| reader.value_counts(column);
    let years = (2000..2031).map(|year| (year.to_string(), 0)).collect::<Vec<_>>();
    let mut columns = Columns {
        entities: values("entity")?,
        regions: values("region")?,
        sources: values("source")?.into_iter().filter(|(name, _)| !name.contains('"')).collect(),
        years,
    };
    let mut analyzer = Analyzer::default();
    let mut ask = |typed: &str, facet_values: usize| -> Outcome<(f64, u64)> {
        let clock = Clock::start();
        let query = Query::parse(typed)?;
        let surroundings = Surroundings { now: Some(0), index: Some(reader) };
        let request = Request {
            plan: plan_within(&query, Filters::default(), surroundings, &mut analyzer),
            sort: Sort::Relevance,
            limit: LIMIT,
            offset: 0,
            passages: PASSAGES,
            facets: if facet_values == 0 { Vec::new() } else { FacetRequest::usual(facet_values) },
            copies: false,
            histogram: None,
            recency: None,
        };
        let results = black_box(search(reader, &request)?);
        Ok((clock.elapsed_us(), results.total))
    };
    for (year, articles) in &mut columns.years {
        *articles = ask(&format!("date:{year}"), 0)?.1;
    }
    let mut draws = Vec::new();
    for _ in 0..count * TRIES {
        if draws.len() == count {
            break;
        }
        draws.extend(draw(urn, &columns, random));
    }
    let mut rows = Vec::new();
    for kind in kinds() {
        let (mut own, mut bare, mut found) = (Vec::new(), Vec::new(), 0);
        for draw in &draws {
            let typed = [(kind.query)(draw), (kind.bare)(draw)];
            let mut times = [Vec::new(), Vec::new()];
            for round in 0..=repeats {
                // In turn, so that neither is always asked first.
                let first = (round % 2) as usize;
                for which in [first, 1 - first] {
                    let facet_values = if which == 0 { kind.facet_values } else { 0 };
                    let (time_us, total) = ask(&typed[which], facet_values)?;
                    if round > 0 {
                        times[which].push(time_us);
                    } else if which == 0 {
                        found += total;
                    }
                }
            }
            let middle = |times: &[f64]| percentile(&sorted(times.iter().copied()), 0.5);
            own.push(middle(&times[0]));
            bare.push(middle(&times[1]));
        }
        let (own, bare) = (sorted(own.into_iter()), sorted(bare.into_iter()));
        rows.push(Row {
            kind: kind.name,
            found: found as f64 / draws.len().max(1) as f64,
            p50_us: percentile(&own, 0.5),
            p99_us: percentile(&own, 0.99),
            bare_p50_us: percentile(&bare, 0.5),
            bare_p99_us: percentile(&bare, 0.99),
        });
    }
    Ok(Report { draws: draws.len(), rows })
}

impl Report {
    pub fn print(&self, out: &mut dyn Write) -> Outcome<()> {
        let head = format!("{} queries of each kind", self.draws);
        let mut table =
            Table::new(&[&head, "found", "p50 us", "p99 us", "AND p50 us", "AND p99 us", "p50 ratio"]);
        for row in &self.rows {
            table.row(vec![
                row.kind.to_owned(),
                format!("{:.0}", row.found),
                format!("{:.0}", row.p50_us),
                format!("{:.0}", row.p99_us),
                format!("{:.0}", row.bare_p50_us),
                format!("{:.0}", row.bare_p99_us),
                format!("{:.2}", row.p50_us / row.bare_p50_us),
            ]);
        }
        table.print(out)
    }
}
