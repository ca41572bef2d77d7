//! Who and what appears together with somebody or something.

use std::io::{self, IsTerminal, Write};

use dateline::annotate::{Part, Referent};
use dateline::article::Span;
use dateline::error::{Error, Result};
use dateline::gazetteer::{EntityId, entities, regions};
use dateline::search::{Companion, Other, Partners, Proof, Subject, Together, together};

use crate::flags::{Cli, Kind, WithArgs, WithFormat};
use crate::plain::{Plain, Style};
use crate::{NOTHING_FOUND, asked, json, know, note, open, print, style, text, warn};

pub fn run(cli: &Cli, args: &WithArgs) -> Result<u8> {
    let wanted = args.subject.join(" ");
    let reader = open(cli)?;
    let (typed, ids) = match (wanted.strip_prefix("entity:"), wanted.strip_prefix("query:")) {
        (Some(name), _) => ("", know::entity_ids(Some(&reader), name)?),
        (_, Some(query)) => (query, Vec::new()),
        _ => match know::entity_ids(Some(&reader), &wanted) {
            Ok(ids) => ("", ids),
            Err(Error::Usage(_)) => (wanted.as_str(), Vec::new()),
            Err(error) => return Err(error),
        },
    };
    let (query, mut plan) = asked(&reader, typed, &args.asked)?;
    warn(cli, typed, &query, plan.dropped);
    plan.needs_all = true;
    if ids.is_empty() && plan.wanted.is_empty() {
        return Err(Error::Usage("whom or what? give a name or the words of a query".to_owned()));
    }
    // Only articles that mention the subject can have passages that do; a filter by others is kept as it is.
    if plan.filters.entities.is_empty() {
        plan.filters.entities.clone_from(&ids);
    }
    let subject = Subject { plan, entities: ids };
    let partners = match (args.words, args.kind) {
        (true, _) => Partners::Words,
        (_, None) => Partners::Named,
        (_, Some(Kind::Person)) => Partners::Entities("per:"),
        (_, Some(Kind::Company)) => Partners::Entities("co:"),
        (_, Some(Kind::Organisation)) => Partners::Entities("org:"),
        (_, Some(Kind::Region)) => Partners::Regions,
    };
    let found = together(&reader, &subject, partners, usize::from(args.limit))?;
    let format = args.format.unwrap_or(match args.json {
        true => WithFormat::Json,
        false if io::stdout().is_terminal() => WithFormat::Text,
        false => WithFormat::Lines,
    });
    print(|out| match format {
        WithFormat::Text => people(out, style(cli), &subject.entities, typed, &found),
        WithFormat::Lines => lines(out, &found),
        WithFormat::Json => machine(out, &subject.entities, typed, &found),
    })?;
    if found.others.is_empty() {
        note(cli, "nothing found");
        return Ok(NOTHING_FOUND);
    }
    Ok(0)
}

/// Its id and what people call it.
fn named(other: &Other) -> (String, String) {
    match other {
        Other::Named(Referent::Entity(id)) => (id.to_string(), entities().name(id.as_str()).into_owned()),
        Other::Named(Referent::Region(code)) => (format!("region:{code}"), regions().name(code.0).to_owned()),
        Other::Word(stem) => (format!("word:{stem}"), stem.clone()),
    }
}

/// Where the proof is: a passage's address, or an article's id where it is the title.
fn address(proof: &Proof) -> String {
    let id = proof.record.id;
    if proof.part == Part::Title {
        return id.to_string();
    }
    let [start, end] = json::code_points(&proof.record.article.body, proof.span);
    format!("{id}@{start}-{end}")
}

fn text_of(proof: &Proof) -> &str {
    if proof.part == Part::Title { &proof.record.article.title } else { &proof.record.article.body }
}

fn people(
    out: &mut dyn Write,
    style: Style,
    ids: &[EntityId],
    typed: &str,
    found: &Together,
) -> io::Result<()> {
    let names: Vec<_> = ids.iter().map(|id| entities().name(id.as_str())).collect();
    let subject = if ids.is_empty() { typed.to_owned() } else { names.join(", ") };
    let number = text::grouped;
    writeln!(
        out,
        "with {}: {} passages in {} articles",
        style.bold(Plain(&subject)),
        number(found.passages),
        number(found.looked_at)
    )?;
    if found.looked_at < found.articles {
        let line = format!("the newest of {} articles and copies", number(found.articles));
        writeln!(out, "{}", style.faint(line))?;
    }
    for (rank, Companion { other, both, total, score, proof }) in (1..).zip(&found.others) {
        let (id, name) = named(other);
        let article = &proof.record.article;
        writeln!(out)?;
        writeln!(out, "{rank:>2}  {}", style.bold(Plain(&name)))?;
        let line =
            format!("    {} · {} of {} passages · {score:.1}", Plain(&id), number(*both), number(*total));
        writeln!(out, "{}", style.faint(line))?;
        for line in style.wrap(&text::pieces(text_of(proof), proof.span, &proof.highlights), "    ") {
            writeln!(out, "{line}")?;
        }
        let day = article.published.map_or(String::new(), |date| format!("{} · ", date.day()));
        let line = format!("    {day}{} · {}", Plain(&article.source), Plain(&article.title));
        writeln!(out, "{}", style.faint(line))?;
    }
    Ok(())
}

/// One line each: rank, score, both, total, id, name, address and text of the proof.
fn lines(out: &mut dyn Write, found: &Together) -> io::Result<()> {
    for (rank, Companion { other, both, total, score, proof }) in (1..).zip(&found.others) {
        let (id, name) = named(other);
        let (place, text) = (address(proof), Plain(proof.span.of(text_of(proof))));
        writeln!(
            out,
            "{rank}\t{score:.1}\t{both}\t{total}\t{}\t{}\t{place}\t{text}",
            Plain(&id),
            Plain(&name)
        )?;
    }
    Ok(())
}

fn machine(out: &mut dyn Write, ids: &[EntityId], typed: &str, found: &Together) -> io::Result<()> {
    #[derive(serde::Serialize)]
    struct Document<'a> {
        version: u32,
        entities: Vec<json::EntityJson>,
        query: &'a str,
        articles: u64,
        looked_at: u64,
        passages: u64,
        of: u64,
        others: Vec<OtherJson<'a>>,
    }
    #[derive(serde::Serialize)]
    struct OtherJson<'a> {
        id: String,
        name: String,
        both: u64,
        total: u64,
        score: f64,
        proof: ProofJson<'a>,
    }
    #[derive(serde::Serialize)]
    struct ProofJson<'a> {
        address: String,
        part: &'static str,
        start: usize,
        end: usize,
        text: &'a str,
        highlights: Vec<[usize; 2]>,
        title: &'a str,
        source: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        published: Option<String>,
    }
    let others = found.others.iter().map(|Companion { other, both, total, score, proof }| {
        let (id, name) = named(other);
        let text = text_of(proof);
        let places = |span: &Span| json::code_points(text, *span);
        let [start, end] = places(&proof.span);
        let article = &proof.record.article;
        let proof = ProofJson {
            address: address(proof),
            part: if proof.part == Part::Title { "title" } else { "body" },
            start,
            end,
            text: proof.span.of(text),
            highlights: proof.highlights.iter().map(places).collect(),
            title: &article.title,
            source: &article.source,
            published: article.published.map(|date| date.to_string()),
        };
        OtherJson { id, name, both: *both, total: *total, score: (score * 1000.0).round() / 1000.0, proof }
    });
    let document = Document {
        version: json::VERSION,
        entities: ids.iter().map(json::entity).collect(),
        query: typed,
        articles: found.articles,
        looked_at: found.looked_at,
        passages: found.passages,
        of: found.of,
        others: others.collect(),
    };
    writeln!(out, "{}", serde_json::to_string_pretty(&document)?)
}
