//! Alerts: what saved queries find that they did not find before, told after each commit.

use std::io::{self, Write};
use std::process::{Command, Stdio};

use dateline::error::{Error, Result};
use dateline::index::Reader;
use dateline::plan::Plan;
use dateline::saved::{Reported, Saved, SavedQuery};
use dateline::search::{Fresh, Request, Sort, fresh};

use crate::flags::{AlertArgs, AlertFormat, Cli};
use crate::plain::Plain;
use crate::{asked, json, text};

/// What the alert of a saved query finds, and its plan.
pub fn found(reader: &Reader, saved: &SavedQuery, reported: &Reported) -> Result<(Fresh, Plan)> {
    let (_, mut plan) = asked(reader, &saved.query, &saved.into())?;
    plan.needs_all = true;
    let request = Request {
        sort: if plan.wanted.is_empty() { Sort::Date } else { Sort::Relevance },
        limit: usize::MAX,
        passages: PASSAGES,
        copies: saved.copies,
        ..Request::of(plan)
    };
    let found = fresh(reader, &request, &|key| reported.has(key))?;
    Ok((found, request.plan))
}

/// Passages of an article that an alert shows.
const PASSAGES: usize = 2;

/// Tells what every alert finds new, and gives what went wrong: an alert that fails comes again after the next
/// commit and keeps nobody from the others.
pub fn tell(cli: &Cli, args: &AlertArgs) -> Vec<String> {
    if args.alerts == AlertFormat::Off {
        return Vec::new();
    }
    let saved = match Saved::read(&cli.index) {
        Ok(saved) => saved,
        Err(error) => return vec![error.to_string()],
    };
    let mut alerts = saved.queries.iter().filter(|(_, saved)| saved.alert).peekable();
    if alerts.peek().is_none() {
        return Vec::new();
    }
    let reader = match Reader::open(&cli.index) {
        Ok(reader) => reader,
        Err(error) => return vec![error.to_string()],
    };
    let failed = alerts.filter_map(|(name, query)| {
        let told = saved.check(name).and_then(|()| tell_one(cli, args, &reader, name, query));
        let error = told.err()?;
        Some(format!("alert {name}: {error}"))
    });
    failed.collect()
}

fn tell_one(cli: &Cli, args: &AlertArgs, reader: &Reader, name: &str, saved: &SavedQuery) -> Result<()> {
    let mut reported = Reported::read(&cli.index, name)?.unwrap_or_default();
    let (new, plan) = found(reader, saved, &reported)?;
    if !new.hits.is_empty() {
        let labels = json::Labels::of(&plan);
        let output = |error| Error::Io { path: "standard output".into(), error };
        match &args.alert_exec {
            Some(command) => hand_over(command, name, &new, &labels)?,
            None if args.alerts == AlertFormat::Jsonl => {
                let mut out = io::stdout().lock();
                write_lines(&mut out, name, &new, &labels).and_then(|()| out.flush()).map_err(output)?;
            }
            None => {
                let mut out = io::stdout().lock();
                let before = format!("alert\t{}\t", Plain(name));
                text::lines(&mut out, &new.hits, 1, &before).and_then(|()| out.flush()).map_err(output)?;
            }
        }
    }
    if reported.add(&new.keys) {
        reported.write(&cli.index, name)?;
    }
    Ok(())
}

fn write_lines(out: &mut dyn Write, name: &str, new: &Fresh, labels: &json::Labels<'_>) -> io::Result<()> {
    #[derive(serde::Serialize)]
    struct Line<'a> {
        r#type: &'static str,
        alert: &'a str,
        #[serde(flatten)]
        hit: json::HitJson<'a>,
    }
    for (rank, hit) in (1..).zip(&new.hits) {
        let line = Line { r#type: "alert", alert: name, hit: json::hit(rank, hit, labels) };
        writeln!(out, "{}", serde_json::to_string(&line)?)?;
    }
    Ok(())
}

/// Gives the articles to a command as JSON lines. It need not read them all, but it must succeed.
fn hand_over(command: &str, name: &str, new: &Fresh, labels: &json::Labels<'_>) -> Result<()> {
    let failed =
        |what: String| Error::Engine { doing: "running the command of `--alert-exec`", message: what };
    let again = "its articles come again next time";
    let mut child = shell(command)
        .env("DATELINE_ALERT", name)
        .stdin(Stdio::piped())
        .spawn()
        .map_err(|error| failed(format!("{error}; {again}")))?;
    let mut input = child.stdin.take().expect("piped above");
    let written = write_lines(&mut input, name, new, labels).and_then(|()| input.flush());
    drop(input);
    let status = child.wait().map_err(|error| failed(format!("{error}; {again}")))?;
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(failed(format!("{error}; {again}"))),
        _ if status.success() => Ok(()),
        _ => Err(failed(format!("`{}` ended with {status}; {again}", Plain(command)))),
    }
}

#[cfg(not(windows))]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command);
    shell
}

#[cfg(windows)]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("cmd");
    shell.arg("/C").arg(command);
    shell
}
