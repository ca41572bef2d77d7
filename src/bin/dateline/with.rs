//! Who and what appears together with somebody or something.

use std::io::{self, IsTerminal, Write};

use dateline::annotate::{Part, Referent};
use dateline::article::Span;
use dateline::error::{Error, Result};
use dateline::gazetteer::{RegionCode, entities, regions};
use dateline::plan::{Condition, Expr, TermField, unknown};
use dateline::search::{Companion, Other, Partners, Proof, Subject, Together, together};

use crate::flags::{Cli, Kind, WithArgs, WithFormat};
use crate::plain::{Plain, Style};
use crate::{NOTHING_FOUND, asked, json, know, note, open, print, rows, style, tell, text, warn};

pub fn run(cli: &Cli, args: &WithArgs) -> Result<u8> {
    let wanted = args.subject.join(" ");
    let reader = open(cli)?;
    let entities = |name: &str| -> Result<Vec<Referent>> {
        Ok(know::entity_ids(Some(&reader), name)?.into_iter().map(Referent::Entity).collect())
    };
    let places = |codes: Vec<RegionCode>| codes.into_iter().map(Referent::Region).collect();
    let (typed, named): (&str, Vec<Referent>) = if let Some(name) = wanted.strip_prefix("entity:") {
        ("", entities(name)?)
    } else if let Some(name) = wanted.strip_prefix("region:") {
        let codes = regions().resolve(name);
        if codes.is_empty() {
            return Err(unknown("region", name, &regions().nearest(name)));
        }
        ("", places(codes))
    } else if let Some(query) = wanted.strip_prefix("query:") {
        (query, Vec::new())
    } else {
        match (entities(&wanted), regions().resolve(&wanted)) {
            (Ok(named), _) => ("", named),
            // A city is no region, and is asked for by its own name.
            (Err(Error::Usage(_)), codes)
                if !codes.is_empty() && regions().read_from_part(&wanted).is_empty() =>
            {
                ("", places(codes))
            }
            (Err(Error::Usage(_)), _) => (wanted.as_str(), Vec::new()),
            (Err(error), _) => return Err(error),
        }
    };
    let (query, mut plan) = asked(&reader, typed, &args.asked)?;
    warn(cli, typed, &query, plan.dropped);
    plan.needs_all = true;
    if named.is_empty() && plan.wanted.is_empty() {
        return Err(Error::Usage("whom or what? give a name or the words of a query".to_owned()));
    }
    // Only articles that mention the subject can have passages that do.
    let gates = named.iter().map(|referent| {
        let (field, value) = match referent {
            Referent::Entity(id) => (TermField::Entity, id.to_string()),
            Referent::Region(code) => (TermField::RegionMentioned, code.to_string()),
        };
        Expr::Condition(Condition::Terms { field, values: vec![value] })
    });
    let gates: Vec<Expr> = gates.collect();
    if !gates.is_empty() {
        plan.gates.push(Expr::Any(gates));
    }
    if let Some(name) = wanted.strip_prefix("region:") {
        plan.note_region(name);
    }
    let subject = Subject { plan, named };
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
    if format != WithFormat::Text {
        tell(cli, &subject.plan.notes);
    }
    print(|out| match format {
        WithFormat::Text => people(out, style(cli), &subject, typed, &found),
        WithFormat::Lines => lines(out, &found),
        WithFormat::Json => machine(out, &subject.named, typed, &found),
        WithFormat::Csv => table(out, &found),
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
        Other::Word { stem, form } => (format!("word:{stem}"), form.clone()),
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
    subject: &Subject,
    typed: &str,
    found: &Together,
) -> io::Result<()> {
    for found in &subject.plan.notes {
        writeln!(out, "{}", style.faint(Plain(found)))?;
    }
    let names: Vec<String> = subject.named.iter().map(|name| named(&Other::Named(name.clone())).1).collect();
    let subject = if names.is_empty() { typed.to_owned() } else { names.join(", ") };
    let number = text::grouped;
    let several =
        |count: u64, what: &str| format!("{} {what}{}", number(count), if count == 1 { "" } else { "s" });
    writeln!(
        out,
        "with {}: {} in {}",
        style.bold(Plain(&subject)),
        several(found.passages, "passage"),
        several(found.looked_at, "article")
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

/// The columns of [`lines`] under a head.
fn table(out: &mut dyn Write, found: &Together) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(["rank", "score", "both", "total", "id", "name", "address", "proof"])?;
    for (rank, Companion { other, both, total, score, proof }) in (1..).zip(&found.others) {
        let (id, name) = named(other);
        let text = Plain(proof.span.of(text_of(proof))).to_string();
        let numbers = [rank.to_string(), format!("{score:.1}"), both.to_string(), total.to_string()];
        let texts = [id, Plain(&name).to_string(), address(proof), text].map(rows::cell);
        writer.write_record(numbers.iter().chain(&texts))?;
    }
    writer.flush()
}

fn machine(out: &mut dyn Write, named_ones: &[Referent], typed: &str, found: &Together) -> io::Result<()> {
    #[derive(serde::Serialize)]
    struct Document<'a> {
        version: u32,
        entities: Vec<json::EntityJson>,
        regions: Vec<&'a str>,
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
    let subject_entities = named_ones.iter().filter_map(|name| match name {
        Referent::Entity(id) => Some(json::entity(id)),
        Referent::Region(_) => None,
    });
    let subject_regions = named_ones.iter().filter_map(|name| match name {
        Referent::Region(code) => Some(code.0),
        Referent::Entity(_) => None,
    });
    let document = Document {
        version: json::VERSION,
        entities: subject_entities.collect(),
        regions: subject_regions.collect(),
        query: typed,
        articles: found.articles,
        looked_at: found.looked_at,
        passages: found.passages,
        of: found.of,
        others: others.collect(),
    };
    writeln!(out, "{}", serde_json::to_string_pretty(&document)?)
}
