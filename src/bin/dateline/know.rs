//! What dateline knows: the names in a text, an organisation, a region.

use std::io::{Read as _, Write};

use serde::Serialize;

use dateline::annotate::{
    Annotations, Mention, Part, Referent, Rule, Words, annotate as find_names, explain,
};
use dateline::error::{Error, Result};
use dateline::gazetteer::{Entity, EntityId, Guard, RegionCode, RegionKind, entities, regions};
use dateline::index::Reader;
use dateline::plan::{unknown, unlisted};
use dateline::words::Analyzer;

use crate::flags::{AnnotateArgs, Cli, EntityArgs, RegionArgs};
use crate::json::code_points;
use crate::plain::Plain;
use crate::{print, text};

/// So many of the tagger's features are shown.
const STRONGEST: usize = 5;

/// Longer texts are no article.
const LONGEST_TEXT: u64 = 16 << 20;

#[derive(Serialize)]
struct FoundJson {
    title: String,
    body: String,
    mentions: Vec<MentionJson>,
    entities: Vec<NamedJson>,
    regions: Vec<NamedJson>,
    filed: Option<&'static str>,
}

#[derive(Serialize)]
struct MentionJson {
    part: &'static str,
    /// In code points of the part.
    start: usize,
    end: usize,
    text: String,
    id: String,
    name: String,
    rule: &'static str,
    /// With `--explain`, of the tagger.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    features: Vec<FeatureJson>,
}

#[derive(Serialize)]
struct FeatureJson {
    feature: String,
    /// In natural logarithms of odds.
    weight: f32,
}

#[derive(Serialize)]
struct NamedJson {
    id: String,
    name: String,
    mentions: u32,
    about: bool,
}

/// Prints what is found in a text.
pub fn annotate(args: &AnnotateArgs) -> Result<u8> {
    let mut bytes = Vec::new();
    let read = if args.file.as_os_str() == "-" {
        std::io::stdin().lock().take(LONGEST_TEXT).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(&args.file).and_then(|file| file.take(LONGEST_TEXT).read_to_end(&mut bytes))
    };
    read.map_err(|error| Error::Io { path: args.file.clone(), error })?;
    let whole = String::from_utf8_lossy(&bytes);
    let (title, body) = match whole.split_once("\n\n") {
        Some((title, body)) if !title.contains('\n') => (title.trim(), body.trim()),
        _ => ("", whole.trim()),
    };
    let mut analyzer = Analyzer::for_places();
    let (title_tokens, body_tokens) = (analyzer.tokens(title), analyzer.tokens(body));
    let (title_words, body_words) =
        (Words { text: title, tokens: &title_tokens }, Words { text: body, tokens: &body_tokens });
    let found =
        find_names(title_words, body_words, None, &dateline::wire::boilerplate(body), args.tagger.into());
    let features = if args.explain { explain(title_words, body_words, &found.mentions) } else { Vec::new() };
    if args.shape.is_json() {
        let json = as_json(title, body, &found, &features);
        return print(|out| {
            serde_json::to_writer_pretty(&mut *out, &json)?;
            writeln!(out)
        });
    }
    print(|out| {
        for (part, text) in [(Part::Title, title), (Part::Body, body)] {
            if !text.is_empty() {
                writeln!(
                    out,
                    "{}\n",
                    marked(text, found.mentions.iter().filter(|mention| mention.part == part))
                )?;
            }
        }
        if args.explain {
            for (mention, features) in found.mentions.iter().zip(&features) {
                let text = if mention.part == Part::Title { title } else { body };
                let (id, name) = named(&mention.referent);
                writeln!(
                    out,
                    "{}  {id}  {}  {}",
                    Plain(mention.span.of(text)),
                    Plain(&name),
                    reason(mention)
                )?;
                for (feature, weight) in features.iter().take(STRONGEST) {
                    writeln!(out, "    {weight:+.1}  {}", Plain(feature))?;
                }
            }
            writeln!(out)?;
        }
        let about = |is_about: bool| if is_about { "about" } else { "" };
        for entity in &found.entities {
            let name = entities().name(entity.id.as_str());
            writeln!(
                out,
                "{:>4} {:5} {}  {}",
                entity.mentions,
                about(entity.is_about),
                entity.id,
                Plain(&name)
            )?;
        }
        for region in &found.regions {
            let name = regions().name(region.code.0);
            writeln!(
                out,
                "{:>4} {:5} region:{}  {name}",
                region.mentions,
                about(region.is_about),
                region.code
            )?;
        }
        match found.filed {
            Some(code) => writeln!(out, "filed from {} ({code})", regions().name(code.0)),
            None => Ok(()),
        }
    })
}

/// The text with its mentions in brackets: `[Boeing co:boeing]`.
fn marked<'a>(text: &str, mentions: impl Iterator<Item = &'a Mention>) -> String {
    let mut marked = String::new();
    let mut at = 0;
    for mention in mentions {
        let (start, end) = (mention.span.start as usize, mention.span.end as usize);
        // Of names at one place the first is shown; the list has all.
        if start < at {
            continue;
        }
        let (id, _) = named(&mention.referent);
        marked += &Plain(&text[at..start]).to_string();
        marked.extend(["[", &Plain(&text[start..end]).to_string(), " ", &Plain(&id).to_string(), "]"]);
        at = end;
    }
    marked + &Plain(&text[at..]).to_string()
}

fn named(referent: &Referent) -> (String, String) {
    match referent {
        Referent::Entity(id) => (id.to_string(), entities().name(id.as_str()).into_owned()),
        Referent::Region(code) => (format!("region:{code}"), regions().name(code.0).to_owned()),
    }
}

fn reason(mention: &Mention) -> &'static str {
    match mention.rule {
        Rule::Name if mention.is_indirect => "a place in it",
        Rule::Name => "a name that means one thing",
        Rule::LegalForm => "its name with a legal form",
        Rule::Cue => "a word of business beside it",
        Rule::Article => "the rest of the article",
        Rule::Ticker => "a ticker with its exchange",
        Rule::Tagger => "read as a name",
        Rule::Repeated => "a name in the article, again or in part",
    }
}

fn rule_name(rule: Rule) -> &'static str {
    match rule {
        Rule::Name => "name",
        Rule::LegalForm => "legal-form",
        Rule::Cue => "cue",
        Rule::Article => "article",
        Rule::Ticker => "ticker",
        Rule::Tagger => "tagger",
        Rule::Repeated => "repeated",
    }
}

fn as_json(title: &str, body: &str, found: &Annotations, features: &[Vec<(String, f32)>]) -> FoundJson {
    let mentions = found.mentions.iter().enumerate().map(|(number, mention)| {
        let strongest = features.get(number).into_iter().flatten().take(STRONGEST);
        let (part, text) = if mention.part == Part::Title { ("title", title) } else { ("body", body) };
        let [start, end] = code_points(text, mention.span);
        let (id, name) = named(&mention.referent);
        MentionJson {
            part,
            start,
            end,
            text: mention.span.of(text).to_owned(),
            id,
            name,
            rule: rule_name(mention.rule),
            features: strongest
                .map(|(feature, weight)| FeatureJson { feature: feature.clone(), weight: *weight })
                .collect(),
        }
    });
    let entity_rows = found.entities.iter().map(|entity| NamedJson {
        id: entity.id.to_string(),
        name: entities().name(entity.id.as_str()).into_owned(),
        mentions: entity.mentions,
        about: entity.is_about,
    });
    let region_rows = found.regions.iter().map(|region| NamedJson {
        id: region.code.to_string(),
        name: regions().name(region.code.0).to_owned(),
        mentions: region.mentions,
        about: region.is_about,
    });
    FoundJson {
        title: title.to_owned(),
        body: body.to_owned(),
        mentions: mentions.collect(),
        entities: entity_rows.collect(),
        regions: region_rows.collect(),
        filed: found.filed.map(|code| code.0),
    }
}

/// The index, if there is one.
fn index(cli: &Cli) -> Result<Option<Reader>> {
    cli.index.join("dateline.json").exists().then(|| Reader::open(&cli.index)).transpose()
}

/// How many articles of the index have a value of a column.
fn articles(reader: Option<&Reader>, field: &str, value: &str) -> Result<Option<u64>> {
    let Some(reader) = reader else { return Ok(None) };
    let counts = reader.value_counts(field)?;
    Ok(Some(counts.into_iter().find(|(known, _)| known == value).map_or(0, |(_, count)| count)))
}

/// Who is meant by `wanted`: somebody in the tables, else a name that the index has.
///
/// # Errors
/// [`Error::Usage`] with suggestions where nobody knows it.
pub fn entity_ids(reader: Option<&Reader>, wanted: &str) -> Result<Vec<EntityId>> {
    let mut ids = entities().resolve(wanted);
    if ids.is_empty() {
        ids = unlisted(wanted, reader);
    }
    if ids.is_empty() { Err(unknown("entity", wanted, &entities().nearest(wanted))) } else { Ok(ids) }
}

#[derive(Serialize)]
struct EntityJson {
    id: String,
    name: String,
    kind: &'static str,
    country: Option<&'static str>,
    tickers: Vec<&'static str>,
    aliases: Vec<AliasJson>,
    mentioned_in: Option<u64>,
    about_in: Option<u64>,
}

#[derive(Serialize)]
struct AliasJson {
    name: &'static str,
    needs_context: bool,
}

/// Prints what is known of an organisation or person.
pub fn entity(cli: &Cli, args: &EntityArgs) -> Result<u8> {
    let wanted = args.name.join(" ");
    let reader = index(cli)?;
    let ids = entity_ids(reader.as_ref(), &wanted)?;
    let mut rows = Vec::new();
    for id in ids {
        let known = entities().get(id.as_str());
        let kind = known.map_or(
            match id.as_str().split_once(':') {
                Some(("per", _)) => "person",
                Some(("tic", _)) => "ticker",
                _ => "organisation",
            },
            |entity| entity.kind,
        );
        rows.push(EntityJson {
            name: entities().name(id.as_str()).into_owned(),
            kind,
            country: known.map(|entity| entity.country).filter(|country| !country.is_empty()),
            tickers: known.into_iter().flat_map(Entity::tickers).collect(),
            aliases: known
                .into_iter()
                .flat_map(Entity::aliases)
                .map(|(name, guard)| AliasJson { name, needs_context: guard != Guard::None })
                .collect(),
            mentioned_in: articles(reader.as_ref(), "entity", id.as_str())?,
            about_in: articles(reader.as_ref(), "entity_about", id.as_str())?,
            id: id.to_string(),
        });
    }
    print(|out| {
        if args.shape.is_json() {
            serde_json::to_writer_pretty(&mut *out, &rows)?;
            return writeln!(out);
        }
        for row in &rows {
            writeln!(out, "{}  {}", row.id, Plain(&row.name))?;
            let country = row.country.map_or("", |code| regions().name(code));
            let strong = row.aliases.iter().filter(|alias| !alias.needs_context).map(|alias| alias.name);
            let weak = row.aliases.iter().filter(|alias| alias.needs_context).map(|alias| alias.name);
            let lines = [
                ("kind", row.kind.to_owned()),
                ("country", country.to_owned()),
                ("tickers", row.tickers.join(", ")),
                ("names", strong.collect::<Vec<_>>().join(", ")),
                ("in context", weak.collect::<Vec<_>>().join(", ")),
                ("articles", counted(row.mentioned_in, row.about_in)),
            ];
            write_lines(out, &lines)?;
        }
        Ok(())
    })
}

fn counted(mentioned: Option<u64>, about: Option<u64>) -> String {
    match (mentioned, about) {
        (Some(mentioned), Some(about)) => {
            format!("{} mention it, {} are about it", text::grouped(mentioned), text::grouped(about))
        }
        _ => String::new(),
    }
}

fn write_lines(out: &mut dyn Write, lines: &[(&str, String)]) -> std::io::Result<()> {
    for (name, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
        writeln!(out, "  {name:<10}  {}", Plain(value))?;
    }
    Ok(())
}

#[derive(Serialize)]
struct RegionJson {
    code: &'static str,
    name: &'static str,
    kind: &'static str,
    inside: Vec<&'static str>,
    parts: Vec<&'static str>,
    members: Vec<MemberJson>,
    mentioned_in: Option<u64>,
    about_in: Option<u64>,
}

#[derive(Serialize)]
struct MemberJson {
    code: &'static str,
    since: &'static str,
    until: &'static str,
}

/// Prints what is known of a region.
pub fn region(cli: &Cli, args: &RegionArgs) -> Result<u8> {
    let wanted = args.name.join(" ");
    let codes = regions().resolve(&wanted);
    if codes.is_empty() {
        return Err(unknown("region", &wanted, &regions().nearest(&wanted)));
    }
    let reader = index(cli)?;
    let rows: Vec<RegionJson> =
        codes.into_iter().map(|code| region_row(reader.as_ref(), code)).collect::<Result<_>>()?;
    print(|out| {
        if args.shape.is_json() {
            serde_json::to_writer_pretty(&mut *out, &rows)?;
            return writeln!(out);
        }
        let named = |codes: &[&'static str]| {
            codes
                .iter()
                .map(|code| format!("{} ({code})", regions().name(code)))
                .collect::<Vec<_>>()
                .join(", ")
        };
        for row in &rows {
            writeln!(out, "{}  {}", row.code, row.name)?;
            let members = row.members.iter().map(|member| {
                let dates = match (member.since, member.until) {
                    ("", "") => String::new(),
                    (since, "") => format!(" since {since}"),
                    ("", until) => format!(" until {until}"),
                    (since, until) => format!(" {since} to {until}"),
                };
                format!("{}{dates}", regions().name(member.code))
            });
            let lines = [
                ("kind", row.kind.to_owned()),
                ("inside", named(&row.inside)),
                ("parts", named(&row.parts)),
                ("members", members.collect::<Vec<_>>().join(", ")),
                ("articles", counted(row.mentioned_in, row.about_in)),
            ];
            write_lines(out, &lines)?;
        }
        Ok(())
    })
}

fn region_row(reader: Option<&Reader>, code: RegionCode) -> Result<RegionJson> {
    let region = regions().get(code.0).expect("resolved");
    Ok(RegionJson {
        code: code.0,
        name: region.name,
        kind: match region.kind {
            RegionKind::World => "world",
            RegionKind::Region => "region",
            RegionKind::Country => "country",
            RegionKind::State => "state",
            RegionKind::Grouping => "grouping",
        },
        inside: regions().ancestors(code).iter().map(|code| code.0).collect(),
        parts: regions()
            .iter()
            .filter(|part| part.parent == Some(code) && part.kind != RegionKind::Grouping)
            .map(|part| part.code.0)
            .collect(),
        members: region
            .members
            .iter()
            .map(|member| MemberJson { code: member.country.0, since: member.since, until: member.until })
            .collect(),
        mentioned_in: articles(reader, "region_mentioned", code.0)?,
        about_in: articles(reader, "region", code.0)?,
    })
}
