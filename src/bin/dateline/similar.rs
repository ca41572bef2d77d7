//! Articles like a given one.

use std::io::{self, IsTerminal};

use dateline::error::Result;
use dateline::gazetteer::entities;
use dateline::search::similar;

use crate::flags::{Cli, SimilarArgs, SimilarFormat};
use crate::plain::{Mark, Piece, Plain};
use crate::{NOTHING_FOUND, json, note, open, print, style, text};

pub fn run(cli: &Cli, args: &SimilarArgs) -> Result<u8> {
    let reader = open(cli)?;
    let address = reader.resolve(&args.id)?;
    let found = similar(&reader, address, usize::from(args.limit), usize::from(args.passages))?;
    let own = reader.record(address)?;
    let words: Vec<&str> = found.labels.iter().map(String::as_str).collect();
    let labels = json::Labels { clauses: words.clone(), lookups: words, are_words: true, rarity: None };
    let format = args.format.unwrap_or(match args.json {
        true => SimilarFormat::Json,
        false if io::stdout().is_terminal() => SimilarFormat::Text,
        false => SimilarFormat::Lines,
    });
    print(|out| match format {
        SimilarFormat::Text => {
            let style = style(cli);
            let names = found.entities.iter().map(|id| entities().name(id.as_str()).into_owned());
            let names: Vec<String> = names.collect();
            writeln!(out, "like {}", style.bold(Plain(&own.article.title)))?;
            for (what, list) in [("words", &found.words), ("names", &names)] {
                let piece = Piece { text: list.join(" · "), mark: Mark::None };
                for (index, line) in style.wrap(&[piece], "       ").iter().enumerate() {
                    let label = if index == 0 { what } else { "" };
                    writeln!(out, "{}", style.faint(format!("{label:<7}{}", line.trim_start())))?;
                }
            }
            for (rank, hit) in (1..).zip(&found.hits) {
                writeln!(out)?;
                text::hit(out, style, rank, hit, &labels)?;
            }
            Ok(())
        }
        SimilarFormat::Lines => text::lines(out, &found.hits, 1, ""),
        SimilarFormat::Json => {
            #[derive(serde::Serialize)]
            struct Document<'a> {
                version: u32,
                article_id: String,
                title: &'a str,
                words: &'a [String],
                entities: Vec<json::EntityJson>,
                hits: Vec<json::HitJson<'a>>,
            }
            let document = Document {
                version: json::VERSION,
                article_id: own.id.to_string(),
                title: &own.article.title,
                words: &found.words,
                entities: found.entities.iter().map(json::entity).collect(),
                hits: (1..).zip(&found.hits).map(|(rank, hit)| json::hit(rank, hit, &labels)).collect(),
            };
            writeln!(out, "{}", serde_json::to_string_pretty(&document)?)
        }
    })?;
    if found.hits.is_empty() {
        note(cli, "nothing like it");
        return Ok(NOTHING_FOUND);
    }
    Ok(0)
}
