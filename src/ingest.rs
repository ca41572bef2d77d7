//! From a corpus into an index: every article once, in the order of its input, on all cores.
//!
//! ```text
//! reader thread        all cores                        this thread
//! pieces, in chunks -> parse, hash, look up, analyse -> decide, add, commit
//! ```
//!
//! An article that the index already has in the same words is *unchanged* and costs a look-up. A different
//! one *replaces* it and keeps its first ingestion, unless its `updated` is the earlier of the two. Where one id comes twice in a run, the later `updated`
//! wins, else the later place, and the other is *superseded*, with a [warning](Notice::SameId) where they differ and no `updated`
//! decides; between commits an undated earlier one may
//! show. Whatever cannot be taken in goes to the
//! rejects. Memory is bounded by the chunks under way, whatever the size of the input, but for some
//! hundred bytes an article to know ids again.
//!
//! An article that names itself nowhere is known by its place: the name of its file, which the
//! [corpus](crate::corpus) tells from the directory that the index lies in, and the line. What comes through a pipe has no
//! place, and is the same if it says the same.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::Serialize;
use tantivy::schema::TantivyDocument;

use crate::annotate::Tier;
use crate::article::{Article, ArticleId, Notice, Warning};
use crate::corpus::{Corpus, Rejects};
use crate::error::{Error, Result};
use crate::formats::{Parsed, Reason};
use crate::groups::Grouper;
use crate::index::{Reader, Rebuild, Writer};
use crate::schema::{Ingest, analyse, document};
use crate::stories::Signature;
use crate::unpack::{Piece, Reject, Settings, parse};
use crate::words::Analyzer;

/// How a run goes about it.
#[derive(Debug, Clone)]
pub struct Options {
    /// Seconds since 1970 that count as now.
    pub now: i64,
    /// Articles between two commits.
    pub commit_every: u64,
    /// Stop at the first reject.
    pub strict: bool,
    /// Delete what the index has and the corpus has not.
    pub delete_missing: bool,
    /// How much is annotated; `None` as before, and in a new index the default.
    pub tagger: Option<Tier>,
    pub settings: Settings,
}

impl Default for Options {
    /// Now is 1970.
    fn default() -> Options {
        Options {
            now: 0,
            commit_every: 100_000,
            strict: false,
            delete_missing: false,
            tagger: None,
            settings: Settings::default(),
        }
    }
}

/// What became of the articles of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    pub added: u64,
    pub replaced: u64,
    pub unchanged: u64,
    pub superseded: u64,
    pub rejected: u64,
    /// Articles deleted because the corpus has them no more.
    pub deleted: u64,
    /// Articles taken in with something put right.
    pub warned: u64,
    /// Bytes of title and body of the articles that went in.
    pub text_bytes: u64,
    pub warnings: BTreeMap<Notice, u64>,
    pub rejects: BTreeMap<Reason, u64>,
}

impl Tally {
    /// Articles read so far that are in the index, as they are or as a later one of the same id.
    pub fn taken(&self) -> u64 {
        self.seen() - self.rejected
    }

    /// Articles read so far, whatever became of them.
    pub fn seen(&self) -> u64 {
        self.added + self.replaced + self.unchanged + self.superseded + self.rejected
    }
}

/// What a run reports while it goes on.
#[derive(Debug)]
pub enum Event<'a> {
    /// A chunk is done; bytes of the input files read so far.
    Progress { tally: &'a Tally, bytes_read: u64 },
    /// Something was not taken in.
    Rejected(&'a Reject),
    /// Something was put right.
    Warning { place: &'a str, warning: &'a Warning },
    /// This many articles of the run are now safe.
    Committed(&'a Tally),
    /// Nothing is deleted as missing, because not everything could be read.
    NotDeleted,
}

/// Pieces of a chunk: enough that every core has work while the next is read.
const CHUNK_PIECES: usize = 512;

/// Bytes of a chunk; one large piece makes a chunk of its own.
const CHUNK_BYTES: usize = 4 << 20;

/// How long a run that waits for input goes without looking whether to stop.
const LOOK_FOR_STOP: Duration = Duration::from_millis(100);

/// Chunks read ahead.
const CHUNKS_AHEAD: usize = 2;

thread_local! {
    static ANALYZER: RefCell<Analyzer> = RefCell::default();
}

struct Chunk {
    pieces: Vec<Piece>,
    bytes_read: u64,
}

/// Takes all articles of `corpus` into the index at `path`, and what cannot be taken in into `rejects`.
///
/// `report` is told of everything as it happens; `stop` is looked at between chunks.
///
/// # Errors
/// Any failure of the index; [`Error::Interrupted`] after committing what was done; [`Error::Usage`] at the
/// first reject of a strict run, with nothing of the run committed.
pub fn ingest(
    path: &Path,
    corpus: &Corpus,
    rejects: &mut Rejects,
    options: &Options,
    stop: &AtomicBool,
    report: &mut dyn FnMut(Event<'_>),
) -> Result<Tally> {
    let writer = Writer::open(path, options.tagger)?;
    rejects.clear()?;
    let reader = Reader::open(path)?;
    let index = path.canonicalize().map_err(|error| Error::io(path, error))?;
    let corpus = corpus.clone().told_from(index.parent().unwrap_or(&index)).without(&[path, rejects.path()]);
    let grouper = Grouper::new(reader.groups().clone());
    let mut run = Run {
        path,
        writer,
        reader,
        grouper,
        options,
        tally: Tally::default(),
        seen: FxHashMap::default(),
        uncommitted: 0,
    };
    let (send, receive) = sync_channel(CHUNKS_AHEAD);
    let settings = options.settings.clone();
    let producer = std::thread::spawn(move || produce(&corpus, &settings, &send));
    let outcome = run.consume(&receive, rejects, stop, report);
    drop(receive);
    match outcome {
        Ok(()) => {}
        Err(Error::Interrupted) => {
            // The producer may wait for input that never comes; it ends with the process.
            run.commit(report)?;
            return Err(Error::Interrupted);
        }
        Err(error) => return Err(error),
    }
    producer.join().map_err(|_| Error::engine("reading the input", "the reader stopped half-way"))?;
    if options.delete_missing {
        run.delete_missing(report)?;
    }
    run.commit(report)?;
    run.writer.close()?;
    Ok(run.tally)
}

fn produce(corpus: &Corpus, settings: &Settings, send: &std::sync::mpsc::SyncSender<Chunk>) {
    let bytes_read = std::cell::Cell::new(0_u64);
    let mut chunk = Chunk { pieces: Vec::new(), bytes_read: 0 };
    let mut size = 0;
    let gone = || Error::Interrupted;
    let outcome = corpus.read(
        settings,
        &mut |piece| {
            size += piece.as_ref().map_or(0, |raw| raw.bytes.len());
            chunk.pieces.push(piece);
            if chunk.pieces.len() >= CHUNK_PIECES || size >= CHUNK_BYTES {
                size = 0;
                let full = Chunk { pieces: std::mem::take(&mut chunk.pieces), bytes_read: bytes_read.get() };
                send.send(full).map_err(|_| gone())?;
            }
            Ok(())
        },
        &mut |count| bytes_read.set(bytes_read.get() + count),
    );
    if outcome.is_ok() && !chunk.pieces.is_empty() {
        // A receiver that is gone wants no more.
        let _ = send.send(Chunk { pieces: chunk.pieces, bytes_read: bytes_read.get() });
    }
}

/// What was decided about one article so far in this run.
#[derive(Debug, Clone, Copy)]
struct Seen {
    content: u64,
    updated: Option<i64>,
    /// What it counts as.
    fate: Fate,
    first: i64,
    version: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Added,
    Replaced,
    Unchanged,
    /// The index has a later one.
    Outdated,
}

/// A parsed article, looked up and, if it is new, analysed.
struct Candidate {
    id: ArticleId,
    updated: Option<i64>,
    place: String,
    warnings: Vec<Warning>,
    text_bytes: u64,
    fate: Fate,
    ingest: Ingest,
    /// Absent for an unchanged one, which keeps its article instead.
    made: Option<Made>,
    unchanged: Option<Box<Article>>,
}

/// A document ready to go in.
struct Made {
    document: TantivyDocument,
    signature: Option<Signature>,
    /// Keys of copies that the index has, perhaps its own.
    copies: Vec<u64>,
}

/// What parsing found of one article, with the place that names it.
type Found = (String, std::result::Result<Parsed, Reject>);

struct Run<'a> {
    path: &'a Path,
    writer: Writer,
    /// The index as of the last commit.
    reader: Reader,
    grouper: Grouper,
    options: &'a Options,
    tally: Tally,
    seen: FxHashMap<ArticleId, Seen>,
    uncommitted: u64,
}

impl Run<'_> {
    fn consume(
        &mut self,
        chunks: &Receiver<Chunk>,
        rejects: &mut Rejects,
        stop: &AtomicBool,
        report: &mut dyn FnMut(Event<'_>),
    ) -> Result<()> {
        loop {
            if stop.load(Ordering::Relaxed) {
                return Err(Error::Interrupted);
            }
            let chunk = match chunks.recv_timeout(LOOK_FOR_STOP) {
                Ok(chunk) => chunk,
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            };
            let map = &self.options.settings.map;
            let found: Vec<Vec<Found>> = chunk
                .pieces
                .into_par_iter()
                .map(|piece| match piece {
                    Ok(raw) => parse(&raw, map),
                    Err(reject) => vec![(String::new(), Err(reject))],
                })
                .collect();
            let found: Vec<Found> = found.into_iter().flatten().collect();
            let candidates: Vec<Result<std::result::Result<Candidate, Reject>>> =
                found.into_par_iter().map(|found| self.prepare(found)).collect();
            for candidate in candidates {
                match candidate? {
                    Ok(candidate) => self.decide(candidate, report)?,
                    Err(reject) => {
                        self.tally.rejected += 1;
                        *self.tally.rejects.entry(reject.reason).or_default() += 1;
                        rejects.keep(&reject)?;
                        report(Event::Rejected(&reject));
                        if self.options.strict {
                            return Err(Error::usage(format!(
                                "stopped at the first reject: {}",
                                reject.summary()
                            )));
                        }
                    }
                }
            }
            report(Event::Progress { tally: &self.tally, bytes_read: chunk.bytes_read });
            // A strict run takes in all or nothing.
            if self.uncommitted >= self.options.commit_every && !self.options.strict {
                self.commit(report)?;
                // From here on the index knows what this run has done.
                self.reader = Reader::open(self.path)?;
            }
        }
    }

    fn commit(&mut self, report: &mut dyn FnMut(Event<'_>)) -> Result<()> {
        if self.uncommitted > 0 {
            settle_and_commit(&mut self.grouper, &mut self.writer, &self.reader)?;
            self.uncommitted = 0;
        }
        // Said of a run that changed nothing too: what it read is safe.
        if self.tally.taken() > 0 {
            report(Event::Committed(&self.tally));
        }
        Ok(())
    }

    /// Deletes what the index has and this run has not seen.
    fn delete_missing(&mut self, report: &mut dyn FnMut(Event<'_>)) -> Result<()> {
        // What could not be read may be what seems to be missing.
        if self.tally.rejected > 0 {
            report(Event::NotDeleted);
            return Ok(());
        }
        for id in self.reader.ids()? {
            if !self.seen.contains_key(&id) {
                self.writer.delete(id);
                self.grouper.remove(id.key());
                self.tally.deleted += 1;
                self.uncommitted += 1;
            }
        }
        Ok(())
    }

    /// Everything about an article that needs no other article. Runs on any core.
    #[allow(clippy::result_large_err, reason = "a reject carries what it rejects")]
    fn prepare(&self, found: Found) -> Result<std::result::Result<Candidate, Reject>> {
        let (place, parsed) = match found {
            (place, Ok(parsed)) => (place, parsed),
            (_, Err(reject)) => return Ok(Err(reject)),
        };
        let article = parsed.article;
        let content = article.content_hash();
        let id = match place.strip_prefix('-') {
            // Through a pipe.
            Some(rest) if rest.is_empty() || rest.starts_with([':', '#', '!']) => {
                article.id(&format!("-:{content:016x}"))
            }
            _ => article.id(&place),
        };
        let known = self.reader.find(id)?.map(|address| self.reader.state(address)).transpose()?;
        let text_bytes = (article.title.len() + article.body.len()) as u64;
        let updated = article.updated.map(|date| date.start);
        let fate = match known {
            None => Fate::Added,
            Some(state) if state.content == content => Fate::Unchanged,
            Some(state) if updated.zip(state.updated).is_some_and(|(new, old)| new < old) => Fate::Outdated,
            Some(_) => Fate::Replaced,
        };
        let ingest = match (self.seen.get(&id), known) {
            // It is the same replacement or addition as the one before in this run.
            (Some(seen), _) if matches!(seen.fate, Fate::Added | Fate::Replaced) => {
                Ingest { first: seen.first, version: seen.version, content }
            }
            (_, Some(state)) => Ingest { first: state.first, version: state.version + 1, content },
            (_, None) => Ingest { first: self.options.now, version: 1, content },
        };
        let (made, unchanged) = if matches!(fate, Fate::Unchanged | Fate::Outdated) {
            (None, Some(Box::new(article)))
        } else {
            (Some(self.make(article, id, ingest)?), None)
        };
        Ok(Ok(Candidate {
            id,
            updated,
            place,
            warnings: parsed.warnings,
            text_bytes,
            fate,
            ingest,
            made,
            unchanged,
        }))
    }

    fn make(&self, article: Article, id: ArticleId, ingest: Ingest) -> Result<Made> {
        let (document, signature) = make(article, id, ingest, &self.writer);
        let copies = signature.map(|signature| self.reader.copies(&signature)).transpose()?;
        Ok(Made { document, signature, copies: copies.unwrap_or_default() })
    }

    /// Puts an article in, in the order of the input.
    fn decide(&mut self, mut candidate: Candidate, report: &mut dyn FnMut(Event<'_>)) -> Result<()> {
        let id = candidate.id;
        let before = self.seen.get(&id).copied();
        if let Some(before) = before
            && before.content != candidate.ingest.content
            && candidate.updated.zip(before.updated).is_none_or(|(updated, before)| updated == before)
        {
            let kept = if candidate.updated < before.updated { "that one" } else { "this one" };
            let message =
                format!("another article before it has its id and says something else; {kept} is kept");
            candidate.warnings.push(Warning::new(Notice::SameId, message));
        }
        self.tally.warned += u64::from(!candidate.warnings.is_empty());
        for warning in &candidate.warnings {
            *self.tally.warnings.entry(warning.notice).or_default() += 1;
            report(Event::Warning { place: &candidate.place, warning });
        }
        let Ingest { first, version, content } = candidate.ingest;
        let seen_as = |fate| Seen { content, updated: candidate.updated, fate, first, version };
        if candidate.fate == Fate::Outdated {
            self.tally.superseded += 1;
            self.seen.entry(id).or_insert(seen_as(Fate::Outdated));
            return Ok(());
        }
        let mut is_in_index = candidate.fate != Fate::Added;
        let mut fate = if candidate.fate == Fate::Added { Fate::Added } else { Fate::Replaced };
        match before {
            Some(before) if before.fate != Fate::Outdated => {
                self.tally.superseded += 1;
                if candidate.updated < before.updated {
                    return Ok(());
                }
                // The one before is the one superseded.
                match before.fate {
                    Fate::Added => self.tally.added -= 1,
                    Fate::Replaced => self.tally.replaced -= 1,
                    Fate::Unchanged | Fate::Outdated => self.tally.unchanged -= 1,
                }
                is_in_index |= before.fate != Fate::Unchanged;
                if candidate.fate == Fate::Unchanged && before.fate == Fate::Unchanged {
                    self.tally.unchanged += 1;
                    return Ok(());
                }
                if before.fate == Fate::Added {
                    fate = Fate::Added;
                }
            }
            _ if candidate.fate == Fate::Unchanged => {
                self.tally.unchanged += 1;
                self.seen.insert(id, seen_as(Fate::Unchanged));
                return Ok(());
            }
            _ => {}
        }
        if is_in_index {
            self.writer.delete(id);
            self.grouper.remove(id.key());
        }
        let made = match (candidate.made, candidate.unchanged) {
            (Some(made), _) => made,
            (None, Some(article)) => self.make(*article, id, candidate.ingest)?,
            (None, None) => unreachable!("`prepare` gives one or the other"),
        };
        self.writer.add(made.document)?;
        if let Some(signature) = made.signature {
            self.grouper.add(id.key(), &signature, &made.copies);
        }
        self.uncommitted += 1;
        self.tally.text_bytes += candidate.text_bytes;
        match fate {
            Fate::Added => self.tally.added += 1,
            _ => self.tally.replaced += 1,
        }
        self.seen.insert(id, seen_as(fate));
        Ok(())
    }
}

fn make(
    article: Article,
    id: ArticleId,
    ingest: Ingest,
    writer: &Writer,
) -> (TantivyDocument, Option<Signature>) {
    ANALYZER.with_borrow_mut(|analyzer| {
        let analysed = analyse(article, id, writer.tier(), analyzer);
        let signature = analysed.signature;
        (document(analysed, ingest, writer.fields()), signature)
    })
}

/// Puts the groups in order and commits. `reader` is the index before that.
fn settle_and_commit(grouper: &mut Grouper, writer: &mut Writer, reader: &Reader) -> Result<()> {
    let groups = grouper.settle(&mut |key| -> Result<Option<Signature>> {
        let address = reader.with_key(key)?.first().copied();
        Ok(address.map(|address| reader.signature(address)).transpose()?.flatten())
    })?;
    writer.commit(groups)
}

/// Deletes articles from the index at `path`, in one commit.
///
/// # Errors
/// Any failure of the index; then nothing is deleted.
pub fn delete(path: &Path, ids: &[ArticleId]) -> Result<()> {
    let mut writer = Writer::open(path, None)?;
    let reader = Reader::open(path)?;
    let mut grouper = Grouper::new(reader.groups().clone());
    for id in ids {
        writer.delete(*id);
        grouper.remove(id.key());
    }
    settle_and_commit(&mut grouper, &mut writer, &reader)?;
    writer.close()
}

/// Makes the index at `path` anew from the articles it stores, with this program's format, analysis, rules and tables.
/// Searches see the old one until the new one is complete.
///
/// # Errors
/// Any failure of the index, or [`Error::Interrupted`]; the old index stands.
pub fn reindex(
    path: &Path,
    tagger: Option<Tier>,
    stop: &AtomicBool,
    report: &mut dyn FnMut(u64, u64),
) -> Result<u64> {
    let rebuild = Rebuild::open(path, tagger)?;
    let addresses: Vec<_> = rebuild.reader.addresses().collect();
    let mut grouper = Grouper::default();
    let mut done = 0;
    for chunk in addresses.chunks(CHUNK_PIECES) {
        if stop.load(Ordering::Relaxed) {
            return Err(Error::Interrupted);
        }
        type Remade = (u64, TantivyDocument, Option<Signature>);
        let documents: Vec<Result<Remade>> = chunk
            .par_iter()
            .map(|&address| {
                let record = rebuild.reader.record(address)?;
                let state = rebuild.reader.state(address)?;
                let ingest = Ingest { first: state.first, version: state.version, content: state.content };
                let (document, signature) = make(record.article, record.id, ingest, &rebuild.writer);
                Ok((record.id.key(), document, signature))
            })
            .collect();
        for remade in documents {
            let (key, document, signature) = remade?;
            rebuild.writer.add(document)?;
            if let Some(signature) = signature {
                grouper.add(key, &signature, &[]);
            }
            done += 1;
        }
        report(done, addresses.len() as u64);
    }
    rebuild.finish(grouper.groups())?;
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::verify;
    use std::path::PathBuf;

    fn run(index: &Path, lines: &str) -> Tally {
        let file = index.with_extension("jsonl");
        std::fs::write(&file, lines).unwrap();
        let corpus = Corpus::new(&[file]).unwrap();
        let mut rejects = Rejects::new(index.with_extension("rejects"));
        let options = Options { now: 1_000, ..Options::default() };
        ingest(index, &corpus, &mut rejects, &options, &AtomicBool::new(false), &mut |_| ()).unwrap()
    }

    fn line(id: &str, body: &str, updated: &str) -> String {
        serde_json::json!({"id": id, "title": "T", "body": body, "updated": updated}).to_string() + "\n"
    }

    fn bodies(index: &Path) -> Vec<(String, u64)> {
        let reader = Reader::open(index).unwrap();
        let mut bodies: Vec<(String, u64)> = reader
            .addresses()
            .map(|address| {
                (reader.record(address).unwrap().article.body, reader.state(address).unwrap().version)
            })
            .collect();
        bodies.sort();
        bodies
    }

    #[test]
    fn the_same_again_changes_nothing_and_a_change_replaces() {
        let directory = tempfile::tempdir().unwrap();
        let index: PathBuf = directory.path().join("index");
        let first = line("a", "one", "2020") + &line("b", "two", "2020") + "{broken\n";
        let tally = run(&index, &first);
        assert_eq!((tally.added, tally.rejected), (2, 1));
        let before = verify(&index, |_, _| ()).unwrap();
        let tally = run(&index, &first);
        assert_eq!((tally.added, tally.replaced, tally.unchanged), (0, 0, 2));
        assert_eq!(verify(&index, |_, _| ()).unwrap(), before);
        let tally = run(&index, &line("a", "three", "2021"));
        assert_eq!((tally.added, tally.replaced), (0, 1));
        assert_eq!(bodies(&index), [("three".to_owned(), 2), ("two".to_owned(), 1)]);
    }

    #[test]
    fn of_one_id_in_one_run_the_later_wins() {
        let directory = tempfile::tempdir().unwrap();
        let index: PathBuf = directory.path().join("index");
        let lines = line("a", "new", "2021")
            + &line("a", "old", "2020")
            + &line("b", "first", "2020")
            + &line("b", "second", "2020");
        let tally = run(&index, &lines);
        assert_eq!((tally.added, tally.superseded), (2, 2));
        assert_eq!(bodies(&index), [("new".to_owned(), 1), ("second".to_owned(), 1)]);
        // Back to what the index has, after something else in the same run.
        let tally = run(&index, &(line("b", "other", "2020") + &line("b", "second", "2020")));
        assert_eq!((tally.replaced, tally.superseded), (1, 1));
        assert_eq!(bodies(&index)[1].0, "second");
    }

    #[test]
    fn files_of_one_name_are_as_many_articles() {
        let directory = tempfile::tempdir().unwrap();
        let at = |path: &str| directory.path().join(path);
        for day in ["day1", "day2", "day1/sub"] {
            std::fs::create_dir(at(day)).unwrap();
            std::fs::write(at(day).join("a.txt"), format!("Title {day}\n\nBody.")).unwrap();
            std::fs::write(at(day).join("b.jsonl"), format!("{{\"title\": \"Line {day}\"}}\n")).unwrap();
        }
        let elsewhere = tempfile::tempdir().unwrap();
        std::fs::write(elsewhere.path().join("a.txt"), "Title elsewhere\n\nBody.").unwrap();
        let index = at("index");
        let run = |inputs: &[PathBuf]| {
            let mut rejects = Rejects::new(at("rejects"));
            let stop = AtomicBool::new(false);
            let corpus = Corpus::new(inputs).unwrap();
            let tally =
                ingest(&index, &corpus, &mut rejects, &Options::default(), &stop, &mut |_| ()).unwrap();
            (tally.added, tally.replaced, tally.unchanged, tally.superseded)
        };
        assert_eq!(run(&[at("day1"), at("day2")]), (6, 0, 0, 0));
        // However the files are named, they are the same; those that lie elsewhere are others.
        let files = ["day2/a.txt", "day1/../day1/a.txt", "day1/sub/./b.jsonl"].map(at);
        assert_eq!(run(&files), (0, 0, 3, 0));
        assert_eq!(run(&[at("day1/sub"), at("day2")]), (0, 0, 4, 0));
        assert_eq!(run(&[directory.path().to_owned()]), (0, 0, 6, 0));
        assert_eq!(run(&[elsewhere.path().to_owned()]), (1, 0, 0, 0));
        assert_eq!(run(&[elsewhere.path().join("a.txt")]), (0, 0, 1, 0));
        assert_eq!(bodies(&index).len(), 7);
        // What lies together can be moved together.
        let moved = tempfile::tempdir().unwrap();
        for name in ["day1", "day2", "index"] {
            std::fs::rename(at(name), moved.path().join(name)).unwrap();
        }
        let corpus = Corpus::new(&[moved.path().to_owned()]).unwrap();
        let (index, mut rejects) = (moved.path().join("index"), Rejects::new(at("rejects")));
        let stop = AtomicBool::new(false);
        let tally = ingest(&index, &corpus, &mut rejects, &Options::default(), &stop, &mut |_| ()).unwrap();
        assert_eq!((tally.added, tally.unchanged), (0, 6));
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_no_text_are_told_apart() {
        use std::os::unix::ffi::OsStrExt;
        let directory = tempfile::tempdir().unwrap();
        let files = directory.path().join("files");
        std::fs::create_dir(&files).unwrap();
        for name in [b"a\xff.txt", b"a\xfe.txt"] {
            std::fs::write(files.join(std::ffi::OsStr::from_bytes(name)), "Title\n\nBody.").unwrap();
        }
        let mut rejects = Rejects::new(directory.path().join("rejects"));
        let (index, stop) = (directory.path().join("index"), AtomicBool::new(false));
        let corpus = Corpus::new(&[files]).unwrap();
        let tally = ingest(&index, &corpus, &mut rejects, &Options::default(), &stop, &mut |_| ()).unwrap();
        assert_eq!((tally.added, tally.superseded), (2, 0));
    }

    #[test]
    fn what_is_lost_to_another_of_its_id_is_told() {
        let rows = [
            ("the same", line("a", "one", "2020") + &line("a", "one", "2020"), 0),
            ("a later version", line("a", "one", "2020") + &line("a", "two", "2021"), 0),
            ("an earlier version", line("a", "one", "2021") + &line("a", "two", "2020"), 0),
            ("of one moment", line("a", "one", "2020") + &line("a", "two", "2020"), 1),
            ("undated", line("a", "one", "") + &line("a", "two", ""), 1),
            ("one undated", line("a", "one", "2020") + &line("a", "two", ""), 1),
            ("of three", line("a", "one", "") + &line("a", "two", "") + &line("a", "three", ""), 2),
        ];
        for (what, lines, told) in rows {
            let directory = tempfile::tempdir().unwrap();
            let tally = run(&directory.path().join("index"), &lines);
            assert_eq!(tally.warnings.get(&Notice::SameId).copied().unwrap_or(0), told, "{what}");
        }
    }

    #[test]
    fn reindexing_gives_the_same_index() {
        let directory = tempfile::tempdir().unwrap();
        let index: PathBuf = directory.path().join("index");
        run(&index, &(line("a", "one", "2020") + &line("b", "two", "2020")));
        let before = verify(&index, |_, _| ()).unwrap();
        assert_eq!(reindex(&index, None, &AtomicBool::new(false), &mut |_, _| ()).unwrap(), 2);
        let reader = Reader::open(&index).unwrap();
        assert_eq!(reader.manifest().generation, 2);
        assert_eq!(verify(&index, |_, _| ()).unwrap(), before);
        assert!(!index.join("g1").exists());
    }

    /// Makes an index one of a format before: its stored articles and what is known of their past, in fields at
    /// other places.
    fn put_back(index: &Path) {
        use tantivy::schema::{FAST, STORED, Schema, Value};
        let reader = Reader::open(index).unwrap();
        let mut builder = Schema::builder();
        let numbers = ["version", "content"].map(|name| (name, builder.add_u64_field(name, FAST)));
        let moments = ["updated", "ingested"].map(|name| (name, builder.add_i64_field(name, FAST)));
        let (body, record) =
            (builder.add_text_field("body", STORED), builder.add_text_field("record", STORED));
        let old = index.join("old");
        std::fs::create_dir(&old).unwrap();
        let engine = tantivy::Index::create_in_dir(&old, builder.build()).unwrap();
        let mut writer = engine.writer_with_num_threads(1, 20_000_000).unwrap();
        for segment in reader.segments() {
            let (store, columns) = (segment.get_store_reader(1).unwrap(), segment.fast_fields());
            for number in segment.doc_ids_alive() {
                let stored: TantivyDocument = store.get(number).unwrap();
                let mut document = TantivyDocument::default();
                for (from, to) in [(reader.fields().record, record), (reader.fields().body, body)] {
                    document.add_text(to, stored.get_first(from).and_then(|value| value.as_str()).unwrap());
                }
                for (name, field) in numbers {
                    document.add_u64(field, columns.u64(name).unwrap().first(number).unwrap());
                }
                for (name, field) in moments {
                    if let Some(moment) = columns.i64(name).unwrap().first(number) {
                        document.add_i64(field, moment);
                    }
                }
                writer.add_document(document).unwrap();
            }
        }
        writer.commit().unwrap();
        writer.wait_merging_threads().unwrap();
        let mut manifest = serde_json::to_value(reader.manifest()).unwrap();
        manifest["format"] = 1.into();
        manifest.as_object_mut().unwrap().remove("tagger");
        drop(reader);
        std::fs::remove_dir_all(index.join("g1")).unwrap();
        std::fs::rename(old, index.join("g1")).unwrap();
        std::fs::write(index.join("dateline.json"), manifest.to_string()).unwrap();
    }

    #[test]
    fn an_index_of_an_earlier_format_is_brought_up_to_date() {
        let directory = tempfile::tempdir().unwrap();
        let index: PathBuf = directory.path().join("index");
        run(&index, &(line("a", "one", "2020") + &line("b", "two", "2020")));
        run(&index, &line("a", "Aid for Ghana", "2021"));
        let (before, was) = (verify(&index, |_, _| ()).unwrap(), bodies(&index));
        put_back(&index);
        let message = Reader::open(&index).unwrap_err().to_string();
        assert!(
            message.contains("written in format 1") && message.contains("`dateline reindex`"),
            "{message}"
        );
        assert_eq!(Writer::open(&index, None).unwrap_err().to_string(), message);
        assert_eq!(reindex(&index, None, &AtomicBool::new(false), &mut |_, _| ()).unwrap(), 2);
        assert_eq!((verify(&index, |_, _| ()).unwrap(), bodies(&index)), (before, was));
        // What a later dateline wrote is left to it.
        let manifest = index.join("dateline.json");
        let later = std::fs::read_to_string(&manifest).unwrap().replace("\"format\": ", "\"format\": 9");
        std::fs::write(&manifest, later).unwrap();
        let message = reindex(&index, None, &AtomicBool::new(false), &mut |_, _| ()).unwrap_err().to_string();
        assert!(message.contains("use the dateline that wrote it"), "{message}");
    }

    #[test]
    fn only_one_process_writes() {
        let directory = tempfile::tempdir().unwrap();
        let held = Writer::open(directory.path(), None).unwrap();
        assert!(matches!(Writer::open(directory.path(), None), Err(Error::Locked { .. })));
        drop(held);
        assert!(Writer::open(directory.path(), None).is_ok());
    }
}
