//! Why a query does not find an article.

use std::io::{self, Write};

use dateline::error::Result;
use dateline::search::{Change, Failure, Lack, Place, Reason, Recency, Request, Sort, Tier, WhyNot, why_not};

use crate::flags::{Cli, WhyNotArgs};
use crate::plain::{Mark, Piece, Plain, Style};
use crate::{asked, json, open, print, style, tell, text, warn};

pub fn run(cli: &Cli, args: &WhyNotArgs) -> Result<u8> {
    let typed = args.wanted.typed();
    let reader = open(cli)?;
    let address = reader.resolve(&args.id)?;
    let (query, plan) = asked(&reader, &typed, &args.wanted.asked)?;
    warn(cli, &typed, &query, plan.dropped);
    tell(cli, &plan.notes);
    let request = Request {
        sort: Sort::Relevance,
        copies: args.wanted.asked.copies,
        recency: Some(Recency::default()),
        ..Request::of(plan)
    };
    let why = why_not(&reader, &request, address)?;
    if args.wanted.shape.is_json() {
        #[derive(serde::Serialize)]
        struct Document<'a> {
            version: u32,
            article_id: String,
            title: &'a str,
            query: &'a str,
            reading: String,
            warnings: Vec<json::WarningJson<'a>>,
            #[serde(skip_serializing_if = "<[_]>::is_empty")]
            notes: &'a [String],
            #[serde(skip_serializing_if = "Option::is_none")]
            found: Option<PlaceJson>,
            fails: &'a [Failure],
            satisfies: &'a [String],
            changes: &'a [Change],
            #[serde(skip_serializing_if = "Option::is_none")]
            changed: Option<String>,
            #[serde(skip_serializing_if = "Option::is_none")]
            then: Option<PlaceJson>,
        }
        let document = Document {
            version: json::VERSION,
            article_id: why.record.id.to_string(),
            title: &why.record.article.title,
            query: &typed,
            reading: request.plan.reading.to_string(),
            warnings: json::warnings(&typed, &query),
            notes: &request.plan.notes,
            found: why.found.map(place),
            fails: &why.fails,
            satisfies: &why.satisfies,
            changes: &why.changes,
            changed: why.found.is_none().then(|| why.changed.to_string()),
            then: why.then.map(place),
        };
        return print(|out| writeln!(out, "{}", serde_json::to_string_pretty(&document)?));
    }
    let are_words = json::Labels::of(&request.plan).are_words;
    print(|out| people(out, style(cli), &why, are_words))
}

#[derive(serde::Serialize)]
struct PlaceJson {
    rank: usize,
    of: usize,
    tier: Tier,
    #[serde(skip_serializing_if = "Option::is_none")]
    shown: Option<String>,
}

fn place(place: Place) -> PlaceJson {
    let Place { rank, of, tier, shown } = place;
    PlaceJson { rank, of, tier, shown: shown.map(|id| id.to_string()) }
}

fn people(out: &mut dyn Write, style: Style, why: &WhyNot, are_words: bool) -> io::Result<()> {
    let article = &why.record.article;
    writeln!(out, "{}", style.bold(style.link(&Plain(&article.title).to_string(), article.url.as_deref())))?;
    let day = article.published.map_or(String::new(), |date| format!("{} · ", date.day()));
    let line = format!("{day}{} · {}", Plain(&article.source), &why.record.id.to_string()[..12]);
    writeln!(out, "{}", style.faint(line))?;
    match why.found {
        Some(place) => writeln!(out, "found: {}", placed(place, are_words))?,
        None => writeln!(out, "not found")?,
    }
    for Failure { clause, reasons } in &why.fails {
        let reasons: Vec<String> = reasons.iter().map(|reason| told(reason, clause)).collect();
        let piece = Piece { text: format!("{}: {}", Plain(clause), reasons.join("; ")), mark: Mark::None };
        for (index, line) in style.wrap(&[piece], "           ").iter().enumerate() {
            let label = if index == 0 { "fails" } else { "" };
            writeln!(out, "{label:<11}{}", line.trim_start())?;
        }
    }
    for clause in &why.satisfies {
        writeln!(out, "{:<11}{}", "satisfies", Plain(clause))?;
    }
    for change in &why.changes {
        match change {
            Change::Without(clause) => writeln!(out, "{:<11}{}", "without", Plain(clause))?,
            Change::With(flag) => writeln!(out, "{:<11}{flag}", "with")?,
        }
    }
    if let Some(place) = why.then {
        writeln!(out, "{:<11}{}", "found then", placed(place, are_words))?;
    } else if why.changes.len() > 1 && why.satisfies.is_empty() {
        writeln!(out, "nothing is left then of what was asked")?;
    }
    Ok(())
}

fn placed(place: Place, are_words: bool) -> String {
    let Place { rank, of, tier, shown } = place;
    let (rank, of) = (text::grouped(rank as u64), text::grouped(of as u64));
    let words = match (tier, are_words) {
        (Tier::Most, true) => ", among those with some of the words",
        (Tier::Most, false) => ", among those with some of the parts",
        (Tier::All, _) => "",
    };
    let copy = shown
        .map_or(String::new(), |id| format!(", as a copy of {}; `--copies` shows it", &id.to_string()[..12]));
    format!("number {rank} of {of}{words}{copy}")
}

/// A reason in words.
fn told(reason: &Reason, clause: &str) -> String {
    /// Of many values the first say enough.
    const SHOWN: usize = 8;
    let of = if reason.of == clause { String::new() } else { format!("{} ", Plain(&reason.of)) };
    let list = |values: &[String], nothing: &str| {
        let shown: Vec<String> = values.iter().take(SHOWN).map(|value| Plain(value).to_string()).collect();
        match values.len().saturating_sub(SHOWN) {
            0 if values.is_empty() => nothing.to_owned(),
            0 => shown.join(", "),
            more => format!("{} and {more} more", shown.join(", ")),
        }
    };
    match &reason.lack {
        Lack::Absent { like } if like.is_empty() => format!("{of}not in the article"),
        Lack::Absent { like } => format!("{of}not in the article, which has {}", list(like, "")),
        Lack::Boilerplate => format!("{of}only in boilerplate, where `--boilerplate` looks too"),
        Lack::Elsewhere => format!("{of}in the article, but not there"),
        Lack::Form => format!("{of}in the article, but in another form"),
        Lack::Few => format!("{of}in the article, but not as often"),
        Lack::Apart => format!("{of}all in the article, but not together"),
        Lack::Excluded => format!("the article has {}", Plain(&reason.of)),
        Lack::Other { values } => format!("{of}the article has {}", list(values, "none")),
    }
}
