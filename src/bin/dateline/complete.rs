//! Completions of what only the tables and the index know: regions, entities, sources, fields of facets, saved
//! queries, and within a query its fields and their values.
//!
//! They come from the dynamic engine of `clap_complete`: a shell's script, of a dozen lines, asks this program on
//! every tab. The other way, a script of our own for each of five shells around the generated ones, would be more to
//! get wrong. The engine's feature is called unstable because the talk between script and program may change; both
//! are of one version here if the script is read when the shell starts, as `completions --help` says.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::sync::OnceLock;

use clap::CommandFactory;
use clap_complete::engine::CompletionCandidate;
use clap_complete::env::{CompleteEnv, Shells};
use dateline::gazetteer::{entities, regions};
use dateline::index::Reader;
use dateline::query::{FIELDS, Field, PARTS};
use dateline::saved::Saved;
use dateline::search::FacetField;
use dateline::words::fold;

use crate::flags::Cli;

/// Set by the script of a shell, to its name.
pub const VARIABLE: &str = "DATELINE_COMPLETE";

/// More candidates than these help nobody.
const MOST: usize = 40;

/// Whether the shell needs what it puts in escaped: bash takes candidates as they are.
static ESCAPES: OnceLock<bool> = OnceLock::new();

/// Answers a shell that asks for completions; `false` where none does.
pub fn answer() -> Result<bool, clap::Error> {
    let shell = std::env::var_os(VARIABLE).unwrap_or_default();
    let is_bash = PathBuf::from(shell).file_stem().is_some_and(|name| name == "bash");
    let _ = ESCAPES.set(is_bash);
    let directory = std::env::current_dir().ok();
    CompleteEnv::with_factory(Cli::command)
        .var(VARIABLE)
        .bin("dateline")
        .completer("dateline")
        .try_complete(std::env::args_os(), directory.as_deref())
}

/// The script of a shell.
pub fn script(shell: clap_complete::Shell) -> std::io::Result<Vec<u8>> {
    let mut script = Vec::new();
    let shells = Shells::builtins();
    let completer = shells.completer(&shell.to_string()).expect("both lists have the same five");
    completer.write_registration(VARIABLE, "dateline", "dateline", "dateline", &mut script)?;
    Ok(script)
}

/// The index that the line typed so far names; nothing where there is none that can be read.
fn reader() -> Option<(PathBuf, Reader)> {
    let words: Vec<_> = std::env::args_os().collect();
    let named =
        words.iter().zip(words.iter().skip(1)).rfind(|(flag, _)| *flag == "--index").map(|(_, path)| path);
    let path = named.map_or_else(crate::flags::index_directory, PathBuf::from);
    let reader = Reader::open(&path).ok()?;
    Some((path, reader))
}

/// What was typed, without the quotes and escapes of a shell.
fn typed(current: &OsStr) -> String {
    current.to_string_lossy().chars().filter(|letter| !"\\'\"".contains(*letter)).collect()
}

fn candidate(value: &str, help: &str) -> CompletionCandidate {
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_.,:/@+~".contains(letter);
    let mut escaped = String::new();
    for letter in value.chars().filter(|letter| !letter.is_control()) {
        if ESCAPES.get() == Some(&true) && !is_plain(letter) {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    let help = (!help.is_empty()).then(|| crate::plain::Plain(help).to_string().into());
    CompletionCandidate::new(escaped).help(help)
}

/// A value and a word on it.
type Named = (String, String);

/// Those of `names` that start as typed, in any case.
fn starting<'a>(typed: &str, names: impl Iterator<Item = (&'a str, String)>) -> Vec<Named> {
    let typed = fold(typed);
    let mut seen = BTreeSet::new();
    let fitting = names.filter(|(name, _)| fold(name).starts_with(&typed) && seen.insert((*name).to_owned()));
    fitting.take(MOST).map(|(name, help)| (name.to_owned(), help)).collect()
}

fn candidates(named: &[Named]) -> Vec<CompletionCandidate> {
    named.iter().map(|(name, help)| candidate(name, help)).collect()
}

/// Regions by name, and by code where that is what was begun.
fn regions_like(typed: &str) -> Vec<Named> {
    let names = regions().iter().map(|region| (region.name, region.code.to_string()));
    let codes = regions().iter().map(|region| (region.code.0, region.name.to_owned()));
    starting(typed, names.chain(codes))
}

/// Entities that the index has, the most frequent first.
fn entities_like(typed: &str) -> Vec<Named> {
    let Some((_, reader)) = reader() else { return Vec::new() };
    let known = reader.value_counts("entity").unwrap_or_default();
    let named: Vec<Named> =
        known.into_iter().map(|(id, _)| (entities().name(&id).into_owned(), id)).collect();
    let by_name = named.iter().map(|(name, id)| (name.as_str(), id.clone()));
    let by_id = named.iter().map(|(name, id)| (id.as_str(), name.clone()));
    starting(typed, by_name.chain(by_id))
}

/// Values of a column.
fn values_like(column: &str, typed: &str) -> Vec<Named> {
    let Some((_, reader)) = reader() else { return Vec::new() };
    let known = reader.value_counts(column).unwrap_or_default();
    starting(typed, known.iter().map(|(value, count)| (value.as_str(), format!("{count} articles"))))
}

fn saved_like(typed: &str) -> Vec<Named> {
    let Some((path, _)) = reader() else { return Vec::new() };
    let saved = Saved::read(&path).unwrap_or_default();
    starting(typed, saved.queries.iter().map(|(name, query)| (name.as_str(), query.query.clone())))
}

pub fn region(current: &OsStr) -> Vec<CompletionCandidate> {
    candidates(&regions_like(&typed(current)))
}

pub fn entity(current: &OsStr) -> Vec<CompletionCandidate> {
    candidates(&entities_like(&typed(current)))
}

pub fn source(current: &OsStr) -> Vec<CompletionCandidate> {
    candidates(&values_like("source", &typed(current)))
}

pub fn language(current: &OsStr) -> Vec<CompletionCandidate> {
    candidates(&values_like("language", &typed(current)))
}

/// The word before the one that is completed, and the one before that.
fn words_before() -> [String; 2] {
    let words: Vec<String> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    let first = words.iter().position(|word| word == "--").map_or(0, |at| at + 1);
    let index = std::env::var("_CLAP_COMPLETE_INDEX").ok().and_then(|index| index.parse::<usize>().ok());
    let word = |back: usize| Some(words.get((first + index?).checked_sub(back)?)?.clone());
    [2, 1].map(|back| word(back).unwrap_or_default())
}

/// The last word of a query: a field, its value where a field is there, or the name of a saved query.
pub fn query(current: &OsStr) -> Vec<CompletionCandidate> {
    let whole = typed(current);
    let start = whole.rfind([' ', '(']).map_or(0, |at| at + 1);
    let start = start + whole[start..].len() - whole[start..].trim_start_matches('-').len();
    let (before, last) = whole.split_at(start);
    if let Some((field, value)) = last.split_once(':') {
        return valued(&format!("{before}{field}:"), field, value);
    }
    // bash takes `region:eur` for three words, of which this is the last or the colon.
    let [field, colon] = words_before();
    if before.is_empty() && colon == ":" && !field.is_empty() {
        return valued("", field.trim_start_matches(['-', '(', '\'']), last);
    }
    if let Some(name) = last.strip_prefix('@') {
        let named = saved_like(name).into_iter().map(|(name, help)| (format!("{before}@{name}"), help));
        return candidates(&named.collect::<Vec<_>>());
    }
    let names = PARTS.iter().map(|(name, _)| *name).chain(FIELDS.iter().map(|(name, _)| *name));
    let fitting = names.filter(|name| !last.is_empty() && name.starts_with(last));
    fitting.map(|name| candidate(&format!("{before}{name}:"), "")).collect()
}

/// Values of a field, behind what was typed before them.
fn valued(before: &str, field: &str, value: &str) -> Vec<CompletionCandidate> {
    let Some((_, field)) = FIELDS.iter().find(|(name, _)| *name == field) else { return Vec::new() };
    let fixed = |values: &[&'static str]| starting(value, values.iter().map(|value| (*value, String::new())));
    let named = match field {
        Field::Region | Field::Dateline | Field::SourceRegion => regions_like(value),
        Field::Entity | Field::Company | Field::Person | Field::Ticker => entities_like(value),
        Field::About | Field::Mentions => [entities_like(value), regions_like(value)].concat(),
        Field::Source => values_like("source", value),
        Field::Section => values_like("section", value),
        Field::Lang => values_like("language", value),
        Field::By => values_like("author", value),
        Field::Label => values_like("label", value),
        Field::Status => values_like("status", value),
        Field::Is => fixed(&["copy", "first", "corrected"]),
        Field::Date | Field::Ingested => {
            fixed(&["today", "yesterday", "last week", "last month", "last year"])
        }
        Field::Id | Field::Words => Vec::new(),
    };
    let quoted = named.into_iter().take(MOST).map(|(value, help)| {
        let value = if value.contains([' ', '(', ')']) { format!("\"{value}\"") } else { value };
        (format!("{before}{value}"), help)
    });
    candidates(&quoted.collect::<Vec<_>>())
}

/// Fields and parts of facets, for the last of a list.
pub fn facets(current: &OsStr) -> Vec<CompletionCandidate> {
    const PARTS: [&str; 7] = [
        "entity/company",
        "entity/organisation",
        "entity/person",
        "entity/ticker",
        "region/country",
        "region/state",
        "region/grouping",
    ];
    let typed = typed(current);
    let (before, last) = typed
        .rsplit_once(',')
        .map_or(("", typed.as_str()), |(_, last)| (&typed[..typed.len() - last.len()], last));
    let fields = FacetField::ALL.iter().map(|field| field.name()).chain(PARTS);
    let fitting = fields.filter(|field| field.starts_with(last));
    fitting.map(|field| candidate(&format!("{before}{field}"), "")).collect()
}

/// Names of saved queries.
pub fn saved(current: &OsStr) -> Vec<CompletionCandidate> {
    candidates(&saved_like(&typed(current)))
}
