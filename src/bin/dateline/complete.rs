//! Completions of what only the tables and the index know: regions, entities, sources, fields of facets, saved
//! queries.
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
    let path =
        named.cloned().or_else(|| std::env::var_os("DATELINE_INDEX")).map_or("index".into(), PathBuf::from);
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

/// Those of `names`, each with a word on it, that start as typed, in any case.
fn starting<'a>(current: &OsStr, names: impl Iterator<Item = (&'a str, String)>) -> Vec<CompletionCandidate> {
    let typed = fold(&typed(current));
    let mut seen = BTreeSet::new();
    let fitting = names.filter(|(name, _)| fold(name).starts_with(&typed) && seen.insert((*name).to_owned()));
    fitting.take(MOST).map(|(name, help)| candidate(name, &help)).collect()
}

/// Regions by name, and by code where that is what was begun.
pub fn region(current: &OsStr) -> Vec<CompletionCandidate> {
    let names = regions().iter().map(|region| (region.name, region.code.to_string()));
    let codes = regions().iter().map(|region| (region.code.0, region.name.to_owned()));
    starting(current, names.chain(codes))
}

/// Entities that the index has, the most frequent first.
pub fn entity(current: &OsStr) -> Vec<CompletionCandidate> {
    let Some((_, reader)) = reader() else { return Vec::new() };
    let known = reader.value_counts("entity").unwrap_or_default();
    let named: Vec<(String, String)> =
        known.into_iter().map(|(id, _)| (entities().name(&id).into_owned(), id)).collect();
    let by_name = named.iter().map(|(name, id)| (name.as_str(), id.clone()));
    let by_id = named.iter().map(|(name, id)| (id.as_str(), name.clone()));
    starting(current, by_name.chain(by_id))
}

fn values(field: &str, current: &OsStr) -> Vec<CompletionCandidate> {
    let Some((_, reader)) = reader() else { return Vec::new() };
    let known = reader.value_counts(field).unwrap_or_default();
    starting(current, known.iter().map(|(value, count)| (value.as_str(), format!("{count} articles"))))
}

pub fn source(current: &OsStr) -> Vec<CompletionCandidate> {
    values("source", current)
}

pub fn language(current: &OsStr) -> Vec<CompletionCandidate> {
    values("language", current)
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
    let Some((path, _)) = reader() else { return Vec::new() };
    let saved = Saved::read(&path).unwrap_or_default();
    starting(current, saved.queries.iter().map(|(name, query)| (name.as_str(), query.query.clone())))
}
