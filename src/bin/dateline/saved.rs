//! Queries kept under a name: add, list, show, remove, run.

use dateline::error::{Error, Result};
use dateline::index::Reader;
use dateline::query::Query;
use dateline::saved::{Reported, Saved, SavedQuery, check_name};

use crate::flags::{AskedArgs, Cli, FilterArgs, SavedAddArgs, SavedCommand, SavedRunArgs};
use crate::plain::Plain;
use crate::{alerts, ask, asked, filters, json, note, open, print, text, warn};

pub fn run(cli: &Cli, command: &SavedCommand) -> Result<u8> {
    match command {
        SavedCommand::Add(args) => add(cli, args),
        SavedCommand::List(args) => list(cli, args.shape.is_json()),
        SavedCommand::Show(args) => show(cli, &args.name, args.shape.is_json()),
        SavedCommand::Remove(args) => remove(cli, &args.name),
        SavedCommand::Run(args) => again(cli, args),
    }
}

fn add(cli: &Cli, args: &SavedAddArgs) -> Result<u8> {
    check_name(&args.name)?;
    let query = args.query.join(" ");
    let saved = SavedQuery { alert: args.alert, ..kept(&query, &args.asked) };
    let reader = Reader::open(&cli.index)?;
    // What cannot be asked is not kept.
    let (parsed, plan) = asked(&reader, &query, &args.asked)?;
    warn(cli, &query, &parsed, plan.dropped);
    if !plan.asks() {
        return Err(Error::Usage("a saved query needs words or a filter".to_owned()));
    }
    let known = if args.alert {
        let mut reported = Reported::default();
        reported.add(&alerts::found(&reader, &saved, &reported)?.0.keys);
        Some(reported)
    } else {
        None
    };
    Saved::add(&cli.index, &args.name, saved, known.as_ref(), args.replace)?;
    print(|out| match known {
        Some(reported) => writeln!(
            out,
            "{} saved; its alert tells what comes beside the {} articles found now",
            args.name,
            text::grouped(reported.len() as u64)
        ),
        None => writeln!(out, "{} saved", args.name),
    })
}

fn list(cli: &Cli, as_json: bool) -> Result<u8> {
    open(cli)?;
    let saved = Saved::read(&cli.index)?;
    print(|out| {
        if as_json {
            let document = serde_json::json!({"version": json::VERSION, "queries": saved.queries});
            return writeln!(out, "{document:#}");
        }
        for (name, query) in &saved.queries {
            let alert = if query.alert { "alert" } else { "" };
            writeln!(out, "{name}\t{alert}\t{}", Plain(&typed(query)))?;
        }
        Ok(())
    })
}

fn show(cli: &Cli, name: &str, as_json: bool) -> Result<u8> {
    open(cli)?;
    let saved = Saved::read(&cli.index)?;
    let query = saved.get(name)?;
    let reported = Reported::read(&cli.index, name)?.map_or(0, |reported| reported.len());
    print(|out| {
        if as_json {
            let document = serde_json::json!({
                "version": json::VERSION, "name": name, "saved": query, "reported": reported,
            });
            return writeln!(out, "{document:#}");
        }
        writeln!(out, "dateline search {}", Plain(&typed(query)))?;
        if query.alert {
            writeln!(out, "alert, {} articles reported or there before", text::grouped(reported as u64))?;
        }
        Ok(())
    })
}

fn remove(cli: &Cli, name: &str) -> Result<u8> {
    open(cli)?;
    for other in Saved::remove(&cli.index, name)? {
        note(cli, &format!("warning: `{other}` has `@{name}` in it and cannot be asked any more"));
    }
    print(|out| writeln!(out, "{name} removed"))
}

fn again(cli: &Cli, args: &SavedRunArgs) -> Result<u8> {
    let reader = open(cli)?;
    let saved = Saved::read(&cli.index)?;
    saved.check(&args.name)?;
    let query = saved.get(&args.name)?;
    let mut asked = AskedArgs::from(query);
    asked.filters.now.clone_from(&args.filters.now);
    // What is wrong with the flags is said of the flags.
    filters(&args.filters, &reader)?;
    let clauses = kept_filters("", &args.filters).conditions();
    if clauses.is_empty() {
        return ask(cli, &reader, &query.query, &asked, &args.output);
    }
    let narrower = Query { clauses, ..Query::default() };
    let plain = Query::parse(&query.query)?;
    ask(cli, &reader, format!("{plain} {narrower}").trim(), &asked, &args.output)
}

/// What is kept of a query as asked.
fn kept(query: &str, asked: &AskedArgs) -> SavedQuery {
    SavedQuery {
        all_words: asked.all_words,
        copies: asked.copies,
        withdrawn: asked.withdrawn,
        boilerplate: asked.boilerplate,
        as_typed: asked.as_typed,
        ..kept_filters(query, &asked.filters)
    }
}

fn kept_filters(query: &str, filters: &FilterArgs) -> SavedQuery {
    let FilterArgs { region, entity, source, lang, since, until, now: _ } = filters;
    SavedQuery {
        query: query.to_owned(),
        region: region.clone(),
        entity: entity.clone(),
        source: source.clone(),
        lang: lang.clone(),
        since: since.clone(),
        until: until.clone(),
        ..SavedQuery::default()
    }
}

impl From<&SavedQuery> for AskedArgs {
    fn from(saved: &SavedQuery) -> AskedArgs {
        AskedArgs {
            filters: FilterArgs {
                region: saved.region.clone(),
                entity: saved.entity.clone(),
                source: saved.source.clone(),
                lang: saved.lang.clone(),
                since: saved.since.clone(),
                until: saved.until.clone(),
                now: None,
            },
            all_words: saved.all_words,
            copies: saved.copies,
            withdrawn: saved.withdrawn,
            boilerplate: saved.boilerplate,
            as_typed: saved.as_typed,
            strict: false,
        }
    }
}

/// The query and its flags as a shell takes them.
fn typed(saved: &SavedQuery) -> String {
    let mut words = Vec::new();
    let several = [
        ("--region", &saved.region),
        ("--entity", &saved.entity),
        ("--source", &saved.source),
        ("--lang", &saved.lang),
    ];
    for (flag, values) in several {
        words.extend(values.iter().map(|value| format!("{flag} {}", quoted(value))));
    }
    for (flag, value) in [("--since", &saved.since), ("--until", &saved.until)] {
        words.extend(value.iter().map(|value| format!("{flag} {}", quoted(value))));
    }
    let switches = [
        ("--all-words", saved.all_words),
        ("--copies", saved.copies),
        ("--withdrawn", saved.withdrawn),
        ("--boilerplate", saved.boilerplate),
        ("--as-typed", saved.as_typed),
    ];
    words.extend(switches.iter().filter(|(_, is_on)| *is_on).map(|(flag, _)| (*flag).to_owned()));
    if !saved.query.is_empty() {
        let dashes = if saved.query.starts_with('-') { "-- " } else { "" };
        words.push(format!("{dashes}{}", quoted(&saved.query)));
    }
    words.join(" ")
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_.,:/@+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}
