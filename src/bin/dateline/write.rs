//! The commands that write: index, watch, delete, reindex.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use dateline::corpus::{Corpus, Files, Rejects};
use dateline::error::{Error, Result};
use dateline::index::Reader;
use dateline::ingest::{self, Event, Options, Tally, reindex};
use dateline::search::matching;
use dateline::unpack::{Limits, Settings};

use crate::flags::{AlertArgs, AskedArgs, Cli, DeleteArgs, IndexArgs, ReadingArgs, ReindexArgs, WatchArgs};
use crate::plain::Plain;
use crate::progress::Progress;
use crate::{NOTHING_FOUND, WITH_REJECTS, alerts, asked, note, now, passed_over, print, text};

/// A flag that Ctrl-C sets; a second one ends the program at once.
fn stop_on_interrupt() -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = stop.clone();
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            #[allow(clippy::exit, reason = "the second Ctrl-C means now, and what is committed is safe")]
            std::process::exit(130);
        }
    })
    .map_err(|error| Error::Engine { doing: "listening for Ctrl-C", message: error.to_string() })?;
    Ok(stop)
}

/// How a run of these flags goes about it.
fn options(args: &ReadingArgs) -> Result<Options> {
    Ok(Options {
        now: now(args.now.as_deref())?,
        delete_missing: args.delete_missing,
        tagger: args.tagger.map(Into::into),
        settings: Settings {
            limits: Limits {
                piece: usize::from(args.max_article_mb) << 20,
                expansion: args.max_expansion.max(1),
                nesting: usize::from(args.max_nesting),
                ..Limits::default()
            },
            map: args.map.iter().cloned().collect(),
        },
        ..Options::default()
    })
}

fn rejects(cli: &Cli, args: &ReadingArgs) -> Rejects {
    Rejects::new(args.rejects.clone().unwrap_or_else(|| cli.index.join("rejects.jsonl")))
}

/// One run, told as it goes on.
fn take_in(
    cli: &Cli,
    corpus: &Corpus,
    rejects: &mut Rejects,
    options: &Options,
    alerts: &AlertArgs,
    stop: &AtomicBool,
) -> Result<Tally> {
    let progress = Progress::new(cli.quiet, corpus.bytes(), "articles");
    /// More lines of the same kind would bury the others; all rejects are in their file.
    const SHOWN: u64 = 20;
    let mut shown = 0;
    let mut committed = 0;
    let tally = ingest::ingest(&cli.index, corpus, rejects, options, stop, &mut |event| match event {
        Event::Progress { tally, bytes_read } => progress.update(bytes_read, tally.seen(), tally.rejected),
        Event::Rejected(reject) => {
            shown += 1;
            if shown <= SHOWN {
                progress.note(&format!("rejected: {}", Plain(&reject.summary())));
            }
        }
        Event::Warning { place, warning } => {
            shown += 1;
            if shown <= SHOWN {
                progress.note(&format!("warning: {}: {}", Plain(place), Plain(&warning.message)));
            }
        }
        Event::Committed(tally) => {
            committed = tally.taken();
            progress.note(&format!("committed {committed} articles"));
            for failure in progress.aside(|| alerts::tell(cli, alerts)) {
                progress.note(&format!("warning: {}", Plain(&failure)));
            }
        }
        Event::NotDeleted => {
            progress.note("warning: nothing was deleted as missing, because something was rejected");
        }
    });
    progress.finish();
    let tally = tally.inspect_err(|error| {
        if matches!(error, Error::Interrupted) {
            note(cli, &format!("{committed} articles are in; run the same command again to go on"));
        }
    })?;
    if shown > SHOWN {
        note(cli, &format!("and {} more rejects and warnings", shown - SHOWN));
    }
    Ok(tally)
}

/// What was done, in one line.
fn summary(tally: &Tally) -> String {
    let counts = [
        ("added", tally.added),
        ("replaced", tally.replaced),
        ("unchanged", tally.unchanged),
        ("superseded", tally.superseded),
        ("deleted", tally.deleted),
        ("rejected", tally.rejected),
        ("with warnings", tally.warned),
    ];
    let counts = counts.iter().filter(|(what, count)| *count > 0 || *what == "added");
    counts.map(|(what, count)| format!("{} {what}", text::grouped(*count))).collect::<Vec<_>>().join(", ")
}

pub fn index(cli: &Cli, args: &IndexArgs) -> Result<u8> {
    let corpus = Corpus::new(&args.paths)?;
    let mut rejects = rejects(cli, &args.reading);
    let options =
        Options { commit_every: args.commit_every.max(1), strict: args.strict, ..options(&args.reading)? };
    let stop = stop_on_interrupt()?;
    let tally = take_in(cli, &corpus, &mut rejects, &options, &args.alerts, &stop)?;
    if tally.seen() == 0 {
        let paths: Vec<String> = args.paths.iter().map(|path| format!("`{}`", path.display())).collect();
        return Err(Error::Usage(format!(
            "no articles in {}; `dateline index --help` says what can be read",
            paths.join(", ")
        )));
    }
    print(|out| {
        if args.shape.is_json() {
            return writeln!(out, "{}", serde_json::to_string(&tally)?);
        }
        writeln!(out, "{}", summary(&tally))
    })?;
    if tally.rejected > 0 {
        note(cli, &format!("rejects are kept in `{}`", rejects.path().display()));
        return Ok(WITH_REJECTS);
    }
    Ok(0)
}

pub fn watch(cli: &Cli, args: &WatchArgs) -> Result<u8> {
    let corpus = Corpus::new(&args.paths)?;
    let options = options(&args.reading)?;
    let stop = stop_on_interrupt()?;
    let events = listen(&args.paths)?;
    let mut known = Files::default();
    let mut is_first = true;
    note(cli, "watching; Ctrl-C ends it");
    while !stop.load(Ordering::Relaxed) {
        let files = corpus.files();
        // What was written to a moment ago may not be finished.
        let changed = files.changed_since(&known, SETTLED);
        let is_missing = args.reading.delete_missing && files.lacks_any_of(&known);
        if is_first || is_missing || !changed.is_empty() {
            let part = if is_first || is_missing { corpus.clone() } else { corpus.clone().only(&changed) };
            // A part of the truth says nothing of what is missing.
            let options = Options {
                delete_missing: options.delete_missing && (is_first || is_missing),
                now: now(args.reading.now.as_deref())?,
                ..options.clone()
            };
            match take_in(cli, &part, &mut rejects(cli, &args.reading), &options, &args.alerts, &stop) {
                Ok(tally) => {
                    known.learn(&files, if is_first || is_missing { None } else { Some(&changed) });
                    is_first = false;
                    if tally.seen() > 0 || tally.deleted > 0 {
                        print(|out| writeln!(out, "{}", summary(&tally)))?;
                    }
                }
                // Somebody else writes just now.
                Err(Error::Locked { .. }) => {}
                Err(Error::Interrupted) => break,
                Err(error) => return Err(error),
            }
        }
        let is_waiting = is_first || !files.changed_since(&known, Duration::ZERO).is_empty();
        wait(&events, is_waiting, &stop);
    }
    Ok(0)
}

/// How long a file must have been left alone before it is read.
const SETTLED: Duration = Duration::from_secs(1);

/// Something happened in a directory.
type Events = (
    notify_debouncer_mini::Debouncer<notify_debouncer_mini::notify::RecommendedWatcher>,
    std::sync::mpsc::Receiver<()>,
);

fn listen(paths: &[std::path::PathBuf]) -> Result<Events> {
    use notify_debouncer_mini::{DebounceEventResult, new_debouncer, notify::RecursiveMode};
    let failed = |error: notify_debouncer_mini::notify::Error| Error::Engine {
        doing: "watching",
        message: error.to_string(),
    };
    let (send, receive) = std::sync::mpsc::channel();
    let mut debouncer = new_debouncer(Duration::from_millis(200), move |_: DebounceEventResult| {
        // Nobody listens any more at the end.
        let _ = send.send(());
    })
    .map_err(failed)?;
    for path in paths {
        debouncer.watcher().watch(Path::new(path), RecursiveMode::Recursive).map_err(failed)?;
    }
    Ok((debouncer, receive))
}

/// Waits until something happens, or a moment where something is waiting to settle.
fn wait(events: &Events, is_waiting: bool, stop: &AtomicBool) {
    /// How long Ctrl-C may go unseen.
    const LOOK: Duration = Duration::from_millis(200);
    /// Some file systems tell of nothing; then looking is the only way.
    const LOOK_AGAIN: u32 = 150;
    for _ in 0..LOOK_AGAIN {
        if stop.load(Ordering::Relaxed) || events.1.recv_timeout(LOOK).is_ok() {
            break;
        }
        if is_waiting {
            break;
        }
    }
    while events.1.try_recv().is_ok() {}
}

pub fn delete(cli: &Cli, args: &DeleteArgs) -> Result<u8> {
    let reader = Reader::open(&cli.index)?;
    let addresses = if let Some(typed) = &args.query {
        // What goes is gone, so nothing is guessed: it has the words as typed, and all of them.
        let asked_for = AskedArgs {
            filters: args.filters.clone(),
            withdrawn: true,
            as_typed: true,
            ..AskedArgs::default()
        };
        let (query, plan) = asked(&reader, typed, &asked_for)?;
        let warnings = query.warnings.iter().map(|warning| warning.message.clone());
        let mut faults = warnings.chain(passed_over(plan.dropped)).chain(plan.guess.clone());
        if let Some(fault) = faults.next() {
            return Err(Error::Usage(format!("{fault}; nothing is deleted by a query that is unclear")));
        }
        if !plan.asks() {
            return Err(Error::Usage(
                "a query without words needs a filter; to delete everything, delete the directory of the index".to_owned(),
            ));
        }
        matching(&reader, plan)?
    } else {
        args.ids.iter().map(|id| reader.resolve(id)).collect::<Result<Vec<_>>>()?
    };
    if addresses.is_empty() {
        note(cli, "nothing found");
        return Ok(NOTHING_FOUND);
    }
    let records = addresses.iter().map(|address| reader.record(*address)).collect::<Result<Vec<_>>>()?;
    if args.dry_run {
        return print(|out| {
            for record in &records {
                let day = record.article.published.map_or(String::new(), dateline::article::Date::day);
                writeln!(
                    out,
                    "{}\t{day}\t{}\t{}",
                    record.id,
                    Plain(&record.article.source),
                    Plain(&record.article.title)
                )?;
            }
            Ok(())
        });
    }
    if args.query.is_some() && !args.yes {
        return Err(Error::Usage(format!(
            "this would delete {} articles; see them with `--dry-run`, delete them with `--yes`",
            text::grouped(records.len() as u64)
        )));
    }
    drop(reader);
    let ids: Vec<_> = records.iter().map(|record| record.id).collect();
    ingest::delete(&cli.index, &ids)?;
    print(|out| writeln!(out, "{} deleted", text::grouped(ids.len() as u64)))
}

pub fn remake(cli: &Cli, args: &ReindexArgs) -> Result<u8> {
    let stop = stop_on_interrupt()?;
    let progress = Progress::new(cli.quiet, 0, "articles");
    let count = reindex(&cli.index, args.tagger.map(Into::into), &stop, &mut |done, all| {
        progress.update_count(done, all);
    });
    progress.finish();
    let count = count?;
    print(|out| writeln!(out, "{} articles indexed again", text::grouped(count)))
}

/// Learns the weights of the tagger.
#[cfg(feature = "train")]
pub fn train(cli: &Cli, args: &crate::flags::TrainArgs) -> Result<u8> {
    use dateline::annotate::{Words, hints};
    use dateline::tagger::{annotated, train};
    let mut texts = Vec::new();
    for file in &args.files {
        let bytes = std::fs::read(file).map_err(|error| Error::Io { path: file.clone(), error })?;
        texts.extend(annotated::read(&file.display().to_string(), &bytes)?);
    }
    let progress = Progress::new(cli.quiet, 0, "rounds");
    let tagger = train::train(&texts, &|text, tokens| hints(Words { text, tokens }), &mut |done, all| {
        progress.update_count(done as u64, all as u64);
    });
    progress.finish();
    let write = || tagger.write(std::fs::File::create(&args.out)?);
    write().map_err(|error| Error::Io { path: args.out.clone(), error })?;
    print(|out| {
        writeln!(out, "{} texts learnt, weights in {}", text::grouped(texts.len() as u64), args.out.display())
    })
}
