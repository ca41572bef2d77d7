//! The index on disk: one owner of its lock, its commits and its files.
//!
//! ```text
//! index/
//!   .gitignore      left alone
//!   dateline.json   the manifest: versions, and which generation is current
//!   lock            held by the one process that writes
//!   rejects.jsonl   what the last run could not take in
//!   saved.json      saved queries, and in `alert-NAME` what their alerts have reported
//!   g1/             a tantivy index
//!     stories-1     which articles tell one story; the commit names the file
//! ```
//!
//! The manifest names a generation, so that `reindex` builds the next one beside the current and switches
//! by renaming one file. It reads of the current one the stored articles alone, which every format keeps alike, so that an
//! index of an earlier format is brought up to date like any other; nothing else opens such a one. A [`Writer`] takes the
//! lock, clears what a crash left behind, and never outlives an error: after one, it is dropped and another opened. What
//! [`Writer::commit`] has returned for is on the disk, the directory entry included, and survives a power cut.
//!
//! A [`Reader`] is a snapshot of one commit, the last. It needs no write permission: it takes tantivy's lock
//! against garbage collection where it may, and tries again where a file went away while it opened.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use tantivy::columnar::StrColumn;
use tantivy::directory::MmapDirectory;
use tantivy::directory::error::OpenReadError;
use tantivy::fastfield::Column;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::schema::{Field, IndexRecordOption, TantivyDocument};
use tantivy::store::{Compressor, StoreReader, ZstdCompressor};
use tantivy::{
    Directory, DocId, DocSet, IndexSettings, IndexWriter, SegmentReader, TERMINATED, TantivyError, Term,
};

use crate::analyzer::{ALIGNED, AlignedTokenizer};
use crate::annotate::{self, Tier};
use crate::article::ArticleId;
use crate::error::{Error, Result};
use crate::groups::{CROWD, Groups};
use crate::schema::{FORMAT, Fields, Record, name_term, schema};
use crate::stories::{Signature, is_copy};
use crate::words::ANALYZER;

const MANIFEST: &str = "dateline.json";
const LOCK: &str = "lock";

/// Memory for postings before they are written out as a segment, in bytes a thread. Large, because few
/// segments make searches fast: a hundred megabytes of news fit in one.
const MEMORY_A_THREAD: usize = 400 << 20;

/// What an index was made by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    pub analyzer: String,
    /// Version of the rules, tables and weights that annotated it.
    pub gazetteer: String,
    /// How much is annotated; the first two formats do not say.
    #[serde(default)]
    pub tagger: Tier,
    /// The directory that holds the current index is `g` and this number.
    pub generation: u64,
}

impl Manifest {
    fn current(generation: u64, tagger: Tier) -> Manifest {
        Manifest {
            format: FORMAT,
            analyzer: ANALYZER.to_owned(),
            gazetteer: annotate::version(tagger),
            tagger,
            generation,
        }
    }

    /// Reads the manifest of the index at `path`; `None` where there is no index.
    fn read(path: &Path) -> Result<Option<Manifest>> {
        let Some(manifest) = Manifest::read_any_format(path)? else { return Ok(None) };
        if manifest.format < FORMAT {
            return Err(Error::index(
                path,
                format!(
                    "was written in format {}, and this dateline reads format {FORMAT}; run `dateline reindex` to bring it up to date",
                    manifest.format
                ),
            ));
        }
        Ok(Some(manifest))
    }

    /// Reads it where the index is of this format or one before.
    fn read_any_format(path: &Path) -> Result<Option<Manifest>> {
        let file = path.join(MANIFEST);
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io(&file, error)),
        };
        let manifest: serde_json::Value = serde_json::from_str(&text).map_err(|error| {
            Error::index(
                path,
                format!("its manifest `{MANIFEST}` is damaged ({error}); delete the index and index the articles again"),
            )
        })?;
        let format = manifest.get("format").and_then(serde_json::Value::as_u64);
        if !format.is_some_and(|format| (1..=u64::from(FORMAT)).contains(&format)) {
            let made = format.map_or("an unknown format".to_owned(), |format| format!("format {format}"));
            return Err(Error::index(
                path,
                format!(
                    "was written in {made}, and this dateline reads format {FORMAT}; use the dateline that wrote it, or index the articles again into a new directory"
                ),
            ));
        }
        serde_json::from_value(manifest)
            .map(Some)
            .map_err(|error| Error::index(path, format!("its manifest `{MANIFEST}` is damaged ({error})")))
    }

    /// Replaces the manifest in one step that survives a power cut.
    fn write(&self, path: &Path) -> Result<()> {
        let temporary = path.join(".dateline.json.new");
        let text = serde_json::to_string_pretty(self).expect("strings and numbers always serialise");
        let write = || -> std::io::Result<()> {
            fs::write(&temporary, text + "\n")?;
            File::open(&temporary)?.sync_all()?;
            fs::rename(&temporary, path.join(MANIFEST))?;
            sync_directory(path)
        };
        write().map_err(|error| Error::io(&path.join(MANIFEST), error))
    }

    /// Whether it was analysed and annotated as this program would.
    ///
    /// # Errors
    /// [`Error::Index`] that says to run `reindex`.
    fn check_versions(&self, path: &Path) -> Result<()> {
        let now = Manifest::current(self.generation, self.tagger);
        let differs = if self.analyzer != now.analyzer {
            "another analysis of words"
        } else if self.gazetteer != now.gazetteer {
            "other rules or tables of names"
        } else {
            return Ok(());
        };
        Err(Error::index(
            path,
            format!("was made with {differs}; run `dateline reindex` to bring it up to date"),
        ))
    }
}

fn generation_path(path: &Path, generation: u64) -> PathBuf {
    path.join(format!("g{generation}"))
}

#[cfg(unix)]
fn sync_directory(path: &Path) -> std::io::Result<()> {
    File::open(path)?.sync_all()
}

#[cfg(not(unix))]
fn sync_directory(_: &Path) -> std::io::Result<()> {
    Ok(())
}

/// The current generation's tantivy index, with the tokenizers it needs.
fn open_generation(path: &Path, manifest: &Manifest) -> Result<tantivy::Index> {
    let directory = generation_path(path, manifest.generation);
    let index = tantivy::Index::open_in_dir(&directory).map_err(|error| damaged(path, &error))?;
    index.tokenizers().register(ALIGNED, AlignedTokenizer);
    if manifest.format == FORMAT && index.schema() != schema().0 {
        return Err(Error::index(
            path,
            "has other fields than this dateline writes; index the articles again into a new directory",
        ));
    }
    Ok(index)
}

/// The fields of a generation: of an earlier format those that are stored, which it has at other places.
fn stored_fields(path: &Path, manifest: &Manifest, index: &tantivy::Index) -> Result<Fields> {
    let fields = schema().1;
    if manifest.format == FORMAT {
        return Ok(fields);
    }
    let schema = index.schema();
    let field = |name| schema.get_field(name).map_err(|error| damaged(path, &error));
    Ok(Fields { record: field("record")?, body: field("body")?, ..fields })
}

fn damaged(path: &Path, error: &TantivyError) -> Error {
    use std::io::ErrorKind::{InvalidData, InvalidInput, NotFound, UnexpectedEof};
    let io = match error {
        TantivyError::IoError(error) => Some(error),
        TantivyError::OpenReadError(OpenReadError::IoError { io_error, .. }) => Some(io_error),
        _ => None,
    };
    match io {
        // Permissions, a full disk: the index itself may be sound.
        Some(error) if !matches!(error.kind(), InvalidData | InvalidInput | NotFound | UnexpectedEof) => {
            Error::io(path, std::io::Error::new(error.kind(), error.to_string()))
        }
        _ if matches!(error, TantivyError::IncompatibleIndex(_)) => Error::index(
            path,
            format!(
                "was written by another version of the engine; index the articles again into a new directory ({error})"
            ),
        ),
        _ => Error::index(path, format!("is damaged; `dateline verify` says where ({error})")),
    }
}

/// What the last commit consists of. Read once and handed on, as the next commit may come at any time.
fn last_commit(path: &Path, index: &tantivy::Index) -> Result<tantivy::IndexMeta> {
    index.load_metas().map_err(|error| damaged(path, &error))
}

/// The names that files of the segments of a commit may have, sorted.
fn segment_files(commit: &tantivy::IndexMeta) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = commit.list_segment_files().into_iter().collect();
    files.sort();
    files
}

/// Files of the segments of a commit that are missing or too short to have a footer, each with what is wrong.
///
/// The engine panics on such files, so this is asked before it opens any.
fn short_files(path: &Path, manifest: &Manifest, commit: &tantivy::IndexMeta) -> Vec<(PathBuf, String)> {
    /// A footer ends in its length and a magic number, of four bytes each.
    const LEAST: u64 = 8;
    let directory = generation_path(path, manifest.generation);
    let files = segment_files(commit);
    // The engine lists names that a segment may have; these it always has.
    let always = ["idx", "pos", "term", "store", "fast", "fieldnorm"];
    let is_needed =
        |file: &Path| file.extension().is_some_and(|kind| always.iter().any(|needed| kind == *needed));
    let faults = files.into_iter().filter_map(|file| match directory.join(&file).metadata() {
        Ok(meta) if meta.len() < LEAST => Some((file, "cut short".to_owned())),
        Err(_) if is_needed(&file) => Some((file, "missing".to_owned())),
        _ => None,
    });
    faults.collect()
}

/// Checks every file of the index at `path` against its checksum and reads every article back.
///
/// The verdict has what is wrong, and a digest of the content: equal digests mean equal ids, articles,
/// annotations and stories. `progress` is told how many articles were
/// read, of how many.
///
/// # Errors
/// [`Error::Index`] where there is no index, or nothing of it can be opened.
pub fn verify(path: &Path, progress: impl FnMut(u64, u64)) -> Result<Verdict> {
    let manifest = Manifest::read(path)?.ok_or_else(|| missing(path))?;
    let index = open_generation(path, &manifest)?;
    let commit = last_commit(path, &index)?;
    let mut problems = short_files(path, &manifest, &commit);
    for file in segment_files(&commit) {
        let is_known = problems.iter().any(|(known, _)| *known == file);
        if is_known || !generation_path(path, manifest.generation).join(&file).exists() {
            continue;
        }
        match index.directory().validate_checksum(&file) {
            Ok(true) => {}
            Ok(false) => problems.push((file, "its checksum differs".to_owned())),
            Err(error) => problems.push((file, error.to_string())),
        }
    }
    if !problems.is_empty() {
        let problems = problems.into_iter().map(|(file, fault)| format!("{}: {fault}", file.display()));
        return Ok(Verdict { articles: 0, digest: String::new(), problems: problems.collect() });
    }
    Ok(Reader::open_any_version(path)?.read_back(progress))
}

/// Holds the lock of an index for as long as it lives; the system releases it if the process dies.
#[derive(Debug)]
struct Lock {
    _file: File,
}

impl Lock {
    fn take(path: &Path) -> Result<Lock> {
        let file_path = path.join(LOCK);
        let file = File::options()
            .create(true)
            .write(true)
            .truncate(false)
            .open(&file_path)
            .map_err(|error| Error::io(&file_path, error))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Error::Locked { path: path.to_owned() }),
            Err(TryLockError::Error(error)) => Err(Error::io(&file_path, error)),
        }
    }
}

/// Adds, replaces and removes articles. There is at most one for an index.
pub struct Writer {
    path: PathBuf,
    manifest: Manifest,
    engine: IndexWriter<TantivyDocument>,
    fields: Fields,
    /// Number of the file of groups that the last commit names; 0 for none.
    groups: u64,
    /// Dropped last, after the engine has let go of its files.
    _lock: Lock,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer")
            .field("path", &self.path)
            .field("manifest", &self.manifest)
            .finish_non_exhaustive()
    }
}

impl Writer {
    /// Opens the index at `path` for writing, making it if there is none.
    ///
    /// # Errors
    /// [`Error::Locked`] while another process writes; [`Error::Index`] where it is of another version;
    /// [`Error::Usage`] where it was made at another tier than the one asked for.
    pub fn open(path: &Path, tagger: Option<Tier>) -> Result<Writer> {
        let is_new = !path.exists();
        fs::create_dir_all(path).map_err(|error| Error::io(path, error))?;
        if is_new && let Some(parent) = path.parent() {
            let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
            sync_directory(parent).map_err(|error| Error::io(parent, error))?;
        }
        let lock = Lock::take(path)?;
        let manifest = if let Some(manifest) = Manifest::read(path)? {
            manifest.check_versions(path)?;
            if let Some(wanted) = tagger.filter(|wanted| *wanted != manifest.tagger) {
                return Err(Error::usage(format!(
                    "the index `{}` was made with `--tagger {}`; to change that, run `dateline reindex --tagger {}`",
                    path.display(),
                    manifest.tagger.name(),
                    wanted.name(),
                )));
            }
            manifest
        } else {
            let manifest = Manifest::current(1, tagger.unwrap_or_default());
            // Whichever generation was the present one, none is begun over it nor swept away.
            if generations(path).any(|(_, directory)| has_articles(&directory)) {
                return Err(Error::index(
                    path,
                    format!(
                        "has articles but no manifest `{MANIFEST}`; restore that, or delete the index and index again"
                    ),
                ));
            }
            create_generation(path, manifest.generation)?;
            manifest.write(path)?;
            manifest
        };
        Writer::start(path, manifest, lock)
    }

    fn start(path: &Path, manifest: Manifest, lock: Lock) -> Result<Writer> {
        sweep(path, manifest.generation);
        let index = open_generation(path, &manifest)?;
        let writer = engine(path, &index)?;
        // A crash can leave files whose names the engine would use again.
        writer.garbage_collect_files().wait().map_err(|error| damaged(path, &error))?;
        // The engine numbers operations from the last commit's number on, and a merge of what a crash left
        // unmerged takes an operation with that very number for a part of that commit. An empty run passes
        // the number over; without it a crash could duplicate or lose the first article that is replaced.
        writer
            .run(std::iter::empty::<tantivy::indexer::UserOperation>())
            .map_err(|error| damaged(path, &error))?;
        let groups = groups_number(&last_commit(path, &index)?);
        Ok(Writer {
            path: path.to_owned(),
            manifest,
            engine: writer,
            fields: schema().1,
            groups,
            _lock: lock,
        })
    }

    /// How much is annotated.
    pub fn tier(&self) -> Tier {
        self.manifest.tagger
    }

    /// The fields to make documents with.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// Adds a document; it is searchable and safe after the next [`commit`](Writer::commit).
    pub fn add(&self, document: TantivyDocument) -> Result<()> {
        self.engine.add_document(document).map_err(|error| failed(&self.path, &error))?;
        Ok(())
    }

    /// Removes an article, as of the next commit.
    pub fn delete(&self, id: ArticleId) {
        self.engine.delete_term(Term::from_field_text(self.fields.id, &id.to_string()));
    }

    /// Makes everything so far permanent, with the groups of copies if they changed. When this returns, it
    /// survives a power cut.
    ///
    /// # Errors
    /// After an error the writer must be dropped: it may have lost articles, and the last commit stands.
    pub fn commit(&mut self, groups: Option<&Groups>) -> Result<()> {
        let directory = generation_path(&self.path, self.manifest.generation);
        if let Some(groups) = groups {
            // On the disk before the commit that names it.
            let file = directory.join(groups_name(self.groups + 1));
            let write = || -> std::io::Result<()> {
                fs::write(&file, groups.to_bytes())?;
                File::open(&file)?.sync_all()?;
                sync_directory(&directory)
            };
            write().map_err(|error| Error::io(&file, error))?;
            self.groups += 1;
        }
        let mut commit = self.engine.prepare_commit().map_err(|error| failed(&self.path, &error))?;
        commit.set_payload(&groups_name(self.groups));
        commit.commit().map_err(|error| failed(&self.path, &error))?;
        sync_directory(&directory).map_err(|error| Error::io(&directory, error))?;
        sweep_groups(&directory, self.groups);
        share(&self.path.join(LOCK), &directory);
        Ok(())
    }

    /// Waits for merges that are under way, and ends.
    pub fn close(self) -> Result<()> {
        let Writer { path, engine, manifest, .. } = self;
        engine.wait_merging_threads().map_err(|error| failed(&path, &error))?;
        let directory = generation_path(&path, manifest.generation);
        sync_directory(&directory).map_err(|error| Error::io(&directory, error))?;
        share(&path.join(LOCK), &directory);
        Ok(())
    }
}

/// The file of groups with this number.
fn groups_name(number: u64) -> String {
    format!("{GROUPS}{number}")
}

const GROUPS: &str = "stories-";

/// The number of the file of groups that a commit names; 0 for none.
fn groups_number(commit: &tantivy::IndexMeta) -> u64 {
    let number = commit.payload.as_deref().and_then(|name| name.strip_prefix(GROUPS)?.parse().ok());
    number.unwrap_or(0)
}

/// Reads the groups that a commit names.
fn read_groups(path: &Path, manifest: &Manifest, commit: &tantivy::IndexMeta) -> Result<Groups> {
    let number = groups_number(commit);
    if number == 0 {
        return Ok(Groups::default());
    }
    let name = groups_name(number);
    let bytes = match fs::read(generation_path(path, manifest.generation).join(&name)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(Error::index(
                path,
                format!("is damaged: `{name}` is missing; `dateline reindex` makes it anew"),
            ));
        }
        Err(error) => return Err(Error::io(&path.join(name), error)),
    };
    Groups::from_bytes(&bytes).ok_or_else(|| {
        Error::index(
            path,
            format!("is damaged: `{name}` has another checksum; `dateline reindex` makes it anew"),
        )
    })
}

/// Removes files of groups that no commit names any more.
fn sweep_groups(directory: &Path, current: u64) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for entry in entries.filter_map(std::result::Result::ok) {
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix(GROUPS)?.parse::<u64>().ok());
        if number.is_some_and(|number| number != current) {
            // What cannot be removed now is removed next time.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// A failure to write. The engine often knows only that one of its threads has died, not why.
fn failed(path: &Path, error: &TantivyError) -> Error {
    let message = format!(
        "`{}`: {error}; what was committed before is safe, see that its disk has room",
        path.display()
    );
    Error::Engine { doing: "writing the index", message }
}

/// The engine's writer of an index.
fn engine(path: &Path, index: &tantivy::Index) -> Result<IndexWriter<TantivyDocument>> {
    // Analysis has its own threads; one thread of the engine keeps up with several of those.
    let threads = (rayon::current_num_threads() / 4).clamp(1, 4);
    index.writer_with_num_threads(threads, threads * MEMORY_A_THREAD).map_err(|error| damaged(path, &error))
}

/// Gives tantivy's metadata, which it makes readable by its owner only, the mode of our own files.
#[cfg(unix)]
fn share(like: &Path, directory: &Path) {
    // Best effort: without it, other users of the machine are told that they may not read the index.
    if let Ok(meta) = fs::metadata(like) {
        for name in ["meta.json", ".managed.json"] {
            let _ = fs::set_permissions(directory.join(name), meta.permissions());
        }
    }
}

#[cfg(not(unix))]
fn share(_: &Path, _: &Path) {}

fn create_generation(path: &Path, generation: u64) -> Result<()> {
    let directory = generation_path(path, generation);
    if directory.exists() && !is_generation(&directory) {
        return Err(Error::index(
            path,
            format!("its directory `{}` is in the way; name another index", directory.display()),
        ));
    }
    if directory.exists() {
        fs::remove_dir_all(&directory).map_err(|error| Error::io(&directory, error))?;
    }
    fs::create_dir_all(&directory).map_err(|error| Error::io(&directory, error))?;
    let settings = IndexSettings {
        docstore_compression: Compressor::Zstd(ZstdCompressor::default()),
        ..IndexSettings::default()
    };
    let mmap = MmapDirectory::open(&directory).map_err(|error| Error::engine("making the index", error))?;
    tantivy::Index::create(mmap, schema().0, settings).map_err(|error| damaged(path, &error))?;
    sync_directory(&directory)
        .and_then(|()| sync_directory(path))
        .map_err(|error| Error::io(&directory, error))
}

/// Whether any segment was ever written to a generation. A crash may leave one without.
fn has_articles(directory: &Path) -> bool {
    let entries = fs::read_dir(directory).into_iter().flatten().filter_map(std::result::Result::ok);
    entries.into_iter().any(|entry| entry.path().extension().is_some_and(|kind| kind == "store"))
}

/// Whether a directory is one that tantivy wrote to, or an empty one.
fn is_generation(directory: &Path) -> bool {
    let is_empty = || fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_none());
    directory.join(".managed.json").exists() || directory.join("meta.json").exists() || is_empty()
}

/// Removes generations that a finished or broken `reindex` left. Only directories named `g` and a number
/// that hold an index are touched.
fn sweep(path: &Path, current: u64) {
    for (generation, directory) in generations(path) {
        if generation != current && is_generation(&directory) {
            // What cannot be removed now is removed next time.
            let _ = fs::remove_dir_all(directory);
        }
    }
}

/// The directories named `g` and a number.
fn generations(path: &Path) -> impl Iterator<Item = (u64, PathBuf)> {
    let entries = fs::read_dir(path).into_iter().flatten().filter_map(std::result::Result::ok);
    entries.filter_map(|entry| {
        let name = entry.file_name();
        let number = name.to_str()?.strip_prefix('g')?.parse::<u64>().ok()?;
        Some((number, entry.path()))
    })
}

/// Reads a small file that is kept in the directory of an index beside its articles; `None` where there is none.
pub fn kept(path: &Path, name: &str) -> Result<Option<Vec<u8>>> {
    let file = path.join(name);
    match fs::read(&file) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io(&file, error)),
    }
}

/// Replaces such a file in one step that survives a power cut, or removes it.
pub fn keep(path: &Path, name: &str, bytes: Option<&[u8]>) -> Result<()> {
    let file = path.join(name);
    let temporary = path.join(format!(".{name}.new"));
    let write = || -> std::io::Result<()> {
        match bytes {
            Some(bytes) => {
                fs::write(&temporary, bytes)?;
                File::open(&temporary)?.sync_all()?;
                fs::rename(&temporary, &file)?;
            }
            None => match fs::remove_file(&file) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                _ => {}
            },
        }
        sync_directory(path)
    };
    write().map_err(|error| Error::io(&file, error))
}

/// Waits until nobody else changes what is [kept](keep), and keeps others waiting as long as it lives. Readers and
/// the [`Writer`] do not wait.
pub fn keeping(path: &Path) -> Result<impl Sized + use<>> {
    let file_path = path.join(".saved.lock");
    let open = File::options().create(true).write(true).truncate(false).open(&file_path);
    let file =
        open.and_then(|file| file.lock().map(|()| file)).map_err(|error| Error::io(&file_path, error))?;
    Ok(file)
}

/// A new generation being built beside the current one.
#[derive(Debug)]
pub struct Rebuild {
    /// Where the rebuilt articles go.
    pub writer: Writer,
    /// Where they come from.
    pub reader: Reader,
}

impl Rebuild {
    /// Starts to rebuild the index at `path`, which may be of an earlier format; searches go on in the current
    /// generation.
    pub fn open(path: &Path, tagger: Option<Tier>) -> Result<Rebuild> {
        if Manifest::read_any_format(path)?.is_none() {
            return Err(missing(path));
        }
        // Only under the lock is it certain which generation is current.
        let lock = Lock::take(path)?;
        let old = Manifest::read_any_format(path)?.ok_or_else(|| missing(path))?;
        let reader = Reader::open_for(path, Purpose::Rebuild)?;
        let manifest = Manifest::current(old.generation + 1, tagger.unwrap_or(old.tagger));
        sweep(path, old.generation);
        create_generation(path, manifest.generation)?;
        let index = open_generation(path, &manifest)?;
        let writer = engine(path, &index)?;
        Ok(Rebuild {
            writer: Writer {
                path: path.to_owned(),
                manifest,
                engine: writer,
                fields: schema().1,
                groups: 0,
                _lock: lock,
            },
            reader,
        })
    }

    /// Commits the new generation and switches to it.
    pub fn finish(self, groups: &Groups) -> Result<()> {
        let Rebuild { mut writer, reader } = self;
        writer.commit(Some(groups))?;
        let (path, manifest) = (writer.path.clone(), writer.manifest.clone());
        manifest.write(&path)?;
        drop(reader);
        writer.close()?;
        sweep(&path, manifest.generation);
        Ok(())
    }
}

/// The place of an article in a reader's snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    pub segment: usize,
    pub document: DocId,
}

/// What a reader is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Search,
    /// To read the stored articles, which are the same in every format. The groups are made anew, so that a damaged
    /// file of them is no hindrance.
    Rebuild,
}

/// A snapshot of the index.
pub struct Reader {
    path: PathBuf,
    manifest: Manifest,
    segments: Vec<SegmentReader>,
    stores: Vec<StoreReader>,
    columns: Vec<OnceLock<Columns>>,
    fields: Fields,
    groups: Groups,
}

/// The columns that searches read, of one segment. Opening one takes longer than reading it, so a reader
/// does it once.
pub(crate) struct Columns {
    pub(crate) published: Column<i64>,
    pub(crate) published_end: Column<i64>,
    pub(crate) words: Column<u64>,
    pub(crate) keys: Column<u64>,
    pub(crate) passages: Column<u64>,
    /// Code of each article's length.
    pub(crate) lengths: FieldNormReader,
    /// In the order of [`TEXTS`], each opened on first use; absent where no article has a value.
    texts: [OnceLock<Option<StrColumn>>; TEXTS.len()],
}

/// The columns of texts whose values are counted.
const TEXTS: [&str; 9] =
    ["entity", "region", "region_direct", "source", "section", "language", "author", "label", "status"];

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader")
            .field("path", &self.path)
            .field("segments", &self.segments.len())
            .finish_non_exhaustive()
    }
}

fn missing(path: &Path) -> Error {
    Error::index(
        path,
        "there is no index here; make one with `dateline index`, or name another with `--index`",
    )
}

impl Reader {
    /// Opens the last commit of the index at `path`.
    ///
    /// # Errors
    /// [`Error::Index`] where there is none, or one that this program cannot read.
    pub fn open(path: &Path) -> Result<Reader> {
        let reader = Reader::open_any_version(path)?;
        if reader.manifest.analyzer != ANALYZER {
            reader.manifest.check_versions(path)?;
        }
        Ok(reader)
    }

    /// Opens it whatever analysis and gazetteer it was made with.
    fn open_any_version(path: &Path) -> Result<Reader> {
        Reader::open_for(path, Purpose::Search)
    }

    fn open_for(path: &Path, purpose: Purpose) -> Result<Reader> {
        let mut before = None;
        loop {
            let manifest = match purpose {
                Purpose::Search => Manifest::read(path)?,
                Purpose::Rebuild => Manifest::read_any_format(path)?,
            };
            let manifest = manifest.ok_or_else(|| missing(path))?;
            let mut tried = (manifest.generation, Vec::new(), None);
            let result = Reader::try_open(path, manifest, purpose, &mut |commit| {
                tried.1 = segment_files(commit);
                tried.2.clone_from(&commit.payload);
            });
            // A file that went away while others were opened was replaced by a writer just then. Where there is
            // nothing new, it is really gone.
            if !matches!(result, Err(Error::Index { .. })) || before.as_ref() == Some(&tried) {
                return result;
            }
            before = Some(tried);
        }
    }

    fn try_open(
        path: &Path,
        manifest: Manifest,
        purpose: Purpose,
        tried: &mut dyn FnMut(&tantivy::IndexMeta),
    ) -> Result<Reader> {
        let index = open_generation(path, &manifest)?;
        // Against garbage collection; without write permission there is no lock to take.
        let lock = index.directory().acquire_lock(&tantivy::directory::META_LOCK);
        let commit = last_commit(path, &index)?;
        tried(&commit);
        let reader = Reader::of_commit(path, manifest, &index, &commit, purpose);
        drop(lock);
        reader
    }

    /// All of one commit, or an error where files of it are gone.
    fn of_commit(
        path: &Path,
        manifest: Manifest,
        index: &tantivy::Index,
        commit: &tantivy::IndexMeta,
        purpose: Purpose,
    ) -> Result<Reader> {
        if let Some((file, fault)) = short_files(path, &manifest, commit).first() {
            return Err(Error::index(
                path,
                format!("is damaged: `{}` is {fault}; `dateline verify` checks all", file.display()),
            ));
        }
        let groups = match purpose {
            Purpose::Search => read_groups(path, &manifest, commit)?,
            Purpose::Rebuild => Groups::default(),
        };
        let fields = stored_fields(path, &manifest, index)?;
        let segments = commit
            .segments
            .iter()
            .map(|meta| SegmentReader::open(&index.segment(meta.clone())))
            .collect::<tantivy::Result<Vec<_>>>()
            .map_err(|error| damaged(path, &error))?;
        let stores = segments
            .iter()
            .map(|segment| segment.get_store_reader(STORE_BLOCKS))
            .collect::<std::io::Result<Vec<_>>>()
            .map_err(|error| Error::io(path, error))?;
        let columns = segments.iter().map(|_| OnceLock::new()).collect();
        Ok(Reader { path: path.to_owned(), manifest, segments, stores, columns, fields, groups })
    }

    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The directory of the index.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// Which articles tell one story.
    pub fn groups(&self) -> &Groups {
        &self.groups
    }

    /// The articles whose [key](ArticleId::key) this is; one, but for a collision of 64 bits.
    pub fn with_key(&self, key: u64) -> Result<Vec<Address>> {
        self.with_prefix(&format!("{key:016x}"))
    }

    /// What tells copies of an article.
    pub fn signature(&self, address: Address) -> Result<Option<Signature>> {
        let column = self.segments[address.segment]
            .fast_fields()
            .u64("signature")
            .map_err(|error| damaged(&self.path, &error))?;
        Ok(signature_in(&column, address.document))
    }

    /// Keys of articles that are copies of one with this signature: of each story one, and all that are in none.
    pub fn copies(&self, signature: &Signature) -> Result<Vec<u64>> {
        let mut found = Vec::new();
        let mut stories = rustc_hash::FxHashSet::default();
        for segment in &self.segments {
            let inverted =
                segment.inverted_index(self.fields.band).map_err(|error| damaged(&self.path, &error))?;
            let mut documents: Vec<DocId> = Vec::new();
            for band in crate::schema::bands(signature) {
                let term = Term::from_field_u64(self.fields.band, band);
                let postings = inverted.read_postings(&term, IndexRecordOption::Basic);
                if let Some(mut postings) = postings.map_err(|error| Error::io(&self.path, error))? {
                    let mut looked_at = 0;
                    while postings.doc() != TERMINATED && looked_at < CROWD {
                        looked_at += 1;
                        documents.push(postings.doc());
                        postings.advance();
                    }
                }
            }
            documents.sort_unstable();
            documents.dedup();
            documents.retain(|document| segment.alive_bitset().is_none_or(|alive| alive.is_alive(*document)));
            if documents.is_empty() {
                continue;
            }
            let columns = segment.fast_fields();
            let open = |name| columns.u64(name).map_err(|error| damaged(&self.path, &error));
            let (signatures, keys) = (open("signature")?, open("key")?);
            for document in documents {
                let Some(key) = keys.first(document) else { continue };
                let story = self.groups.story(key);
                let is_known = story.is_some_and(|story| stories.contains(&story));
                if !is_known
                    && signature_in(&signatures, document).is_some_and(|other| is_copy(signature, &other))
                {
                    found.push(key);
                    stories.extend(story);
                }
            }
        }
        Ok(found)
    }

    /// Ids of all articles.
    pub fn ids(&self) -> Result<Vec<ArticleId>> {
        let mut ids = Vec::new();
        for (ordinal, segment) in self.segments.iter().enumerate() {
            let inverted =
                segment.inverted_index(self.fields.id).map_err(|error| damaged(&self.path, &error))?;
            let mut terms = inverted.terms().stream().map_err(|error| Error::io(&self.path, error))?;
            while terms.advance() {
                let id = std::str::from_utf8(terms.key()).ok().and_then(ArticleId::parse);
                if let Some(id) = id
                    && (segment.alive_bitset().is_none()
                        || self.find(id)?.is_some_and(|address| address.segment == ordinal))
                {
                    ids.push(id);
                }
            }
        }
        Ok(ids)
    }

    pub(crate) fn segments(&self) -> &[SegmentReader] {
        &self.segments
    }

    /// The columns of a segment, opened on first use.
    pub(crate) fn columns(&self, segment: usize) -> Result<&Columns> {
        let slot = &self.columns[segment];
        if let Some(columns) = slot.get() {
            return Ok(columns);
        }
        let open = || -> tantivy::Result<Columns> {
            let reader = &self.segments[segment];
            let fast = reader.fast_fields();
            Ok(Columns {
                published: fast.i64("published")?,
                published_end: fast.i64("published_end")?,
                words: fast.u64("words")?,
                keys: fast.u64("key")?,
                passages: fast.u64("passages")?,
                lengths: reader.get_fieldnorms_reader(self.fields.text)?,
                texts: [const { OnceLock::new() }; TEXTS.len()],
            })
        };
        let columns = open().map_err(|error| damaged(&self.path, &error))?;
        Ok(slot.get_or_init(|| columns))
    }

    /// A column of texts of a segment; `None` where no article has a value.
    pub(crate) fn text_column(&self, segment: usize, name: &str) -> Result<Option<&StrColumn>> {
        let at = TEXTS.iter().position(|text| *text == name).expect("a column that is counted");
        let slot = &self.columns(segment)?.texts[at];
        if let Some(column) = slot.get() {
            return Ok(column.as_ref());
        }
        let column = self.segments[segment].fast_fields().str(name);
        let column = column.map_err(|error| damaged(&self.path, &error))?;
        Ok(slot.get_or_init(|| column).as_ref())
    }

    /// How many articles there are.
    pub fn articles(&self) -> u64 {
        self.segments.iter().map(|segment| u64::from(segment.num_docs())).sum()
    }

    /// Bytes of the current generation on disk.
    pub fn bytes_on_disk(&self) -> u64 {
        let directory = generation_path(&self.path, self.manifest.generation);
        let entries = fs::read_dir(directory).into_iter().flatten().filter_map(std::result::Result::ok);
        entries.filter_map(|entry| entry.metadata().ok()).map(|meta| meta.len()).sum()
    }

    /// The article with this id.
    pub fn find(&self, id: ArticleId) -> Result<Option<Address>> {
        Ok(self.with_term(self.fields.id, &id.to_string())?.first().copied())
    }

    /// All articles that have a term in an untokenised field.
    fn with_term(&self, field: Field, value: &str) -> Result<Vec<Address>> {
        let term = Term::from_field_text(field, value);
        let mut found = Vec::new();
        for (ordinal, segment) in self.segments.iter().enumerate() {
            let inverted = segment.inverted_index(field).map_err(|error| damaged(&self.path, &error))?;
            let postings = inverted.read_postings(&term, IndexRecordOption::Basic);
            let Some(mut postings) = postings.map_err(|error| Error::io(&self.path, error))? else {
                continue;
            };
            let mut document = postings.doc();
            while document != TERMINATED {
                if segment.alive_bitset().is_none_or(|alive| alive.is_alive(document)) {
                    found.push(Address { segment: ordinal, document });
                }
                document = postings.advance();
            }
        }
        Ok(found)
    }

    /// The article a person means: an id or the start of one that only one article has, a publisher's own
    /// id, or a url.
    ///
    /// # Errors
    /// [`Error::Usage`] where there is none, or more than one.
    pub fn resolve(&self, wanted: &str) -> Result<Address> {
        let mut found = Vec::new();
        let name = name_term(wanted);
        for (field, term) in
            [(self.fields.native, &*name), (self.fields.url, &*name), (self.fields.id, wanted)]
        {
            found.extend(self.with_term(field, term)?);
        }
        // The id of many feeds is the url.
        found.sort_unstable();
        found.dedup();
        let is_prefix =
            (4..32).contains(&wanted.len()) && wanted.bytes().all(|byte| byte.is_ascii_hexdigit());
        if found.is_empty() && is_prefix {
            found = self.with_prefix(&wanted.to_ascii_lowercase())?;
        }
        match found.as_slice() {
            [one] => Ok(*one),
            [] if (1..4).contains(&wanted.len()) && wanted.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                Err(Error::usage(format!(
                    "`{wanted}` is too short for the start of an id; give 4 of its digits or more"
                )))
            }
            [] => Err(Error::usage(match self.nearest_ids(wanted)?.as_slice() {
                [] => format!(
                    "no article `{wanted}`; give an id as `dateline search` prints it, its first digits, or the publisher's id"
                ),
                nearest => format!("no article `{wanted}`; did you mean {}?", nearest.join(", ")),
            })),
            several => {
                let ids: Vec<String> = several
                    .iter()
                    .take(3)
                    .filter_map(|address| self.record(*address).ok())
                    .map(|record| record.id.to_string())
                    .collect();
                Err(Error::usage(format!(
                    "`{wanted}` means {} articles, such as {}; give more of the id",
                    several.len(),
                    ids.join(", ")
                )))
            }
        }
    }

    /// Whether any article has this id, publisher's id or url.
    pub fn has(&self, wanted: &str) -> Result<bool> {
        for field in [self.fields.native, self.fields.url, self.fields.id] {
            if !self.with_term(field, wanted)?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether any article mentions an organisation or person, given by id.
    pub fn has_entity(&self, id: &str) -> Result<bool> {
        Ok(!self.with_term(self.fields.entity, id)?.is_empty())
    }

    /// How many articles have a term, roughly: those that were replaced or deleted since the last merge count.
    pub fn frequency(&self, field: Field, term: &str) -> Result<u64> {
        Ok(self.extent(field, term)?.0)
    }

    /// The same, and bytes that it takes to say where the term stands in them: about one for each place.
    pub fn extent(&self, field: Field, term: &str) -> Result<(u64, u64)> {
        let term = Term::from_field_text(field, term);
        let (mut articles, mut bytes) = (0, 0);
        for segment in &self.segments {
            let inverted = segment.inverted_index(field).map_err(|error| damaged(&self.path, &error))?;
            let info = inverted.get_term_info(&term).map_err(|error| Error::io(&self.path, error))?;
            articles += info.as_ref().map_or(0, |info| u64::from(info.doc_freq));
            bytes += info.map_or(0, |info| info.positions_range.len() as u64);
        }
        Ok((articles, bytes))
    }

    /// Words of all articles, without boilerplate.
    pub fn words(&self) -> Result<u64> {
        let mut words = 0;
        for segment in &self.segments {
            let inverted =
                segment.inverted_index(self.fields.text).map_err(|error| damaged(&self.path, &error))?;
            words += inverted.total_num_tokens();
        }
        Ok(words)
    }

    /// Ids that start like what could be one, those that do so longest, three at the most.
    fn nearest_ids(&self, wanted: &str) -> Result<Vec<String>> {
        const SHORTEST: usize = 4;
        let lower = wanted.to_ascii_lowercase();
        if !(lower.len() <= 32 && lower.bytes().all(|byte| byte.is_ascii_hexdigit())) {
            return Ok(Vec::new());
        }
        for length in (SHORTEST..lower.len()).rev() {
            let found = self.with_prefix(&lower[..length])?;
            if !found.is_empty() {
                return found.iter().take(3).map(|&at| Ok(self.record(at)?.id.to_string())).collect();
            }
        }
        Ok(Vec::new())
    }

    fn with_prefix(&self, prefix: &str) -> Result<Vec<Address>> {
        let mut found = Vec::new();
        for segment in &self.segments {
            let inverted =
                segment.inverted_index(self.fields.id).map_err(|error| damaged(&self.path, &error))?;
            let mut terms = inverted
                .terms()
                .range()
                .ge(prefix)
                .into_stream()
                .map_err(|error| Error::io(&self.path, error))?;
            while terms.advance() && terms.key().starts_with(prefix.as_bytes()) {
                let id = std::str::from_utf8(terms.key()).ok().and_then(ArticleId::parse);
                if let Some(address) = id.map(|id| self.find(id)).transpose()?.flatten()
                    && !found.contains(&address)
                {
                    found.push(address);
                }
            }
        }
        Ok(found)
    }

    /// The stored article.
    ///
    /// # Errors
    /// [`Error::Index`] where it cannot be read back.
    pub fn record(&self, address: Address) -> Result<Record> {
        let document: TantivyDocument = self.stores[address.segment]
            .get(address.document)
            .map_err(|error| damaged(&self.path, &error))?;
        Record::read(&document, &self.fields).map_err(|message| Error::index(&self.path, message))
    }

    /// The value of a column of whole numbers.
    fn number(&self, field: &str, address: Address) -> Result<Option<u64>> {
        let column: Column<u64> = self.segments[address.segment]
            .fast_fields()
            .u64(field)
            .map_err(|error| damaged(&self.path, &error))?;
        Ok(column.first(address.document))
    }

    /// Content hash, first ingestion and version of an article.
    pub fn state(&self, address: Address) -> Result<State> {
        let columns = self.segments[address.segment].fast_fields();
        let ingested = columns.i64("ingested").map_err(|error| damaged(&self.path, &error))?;
        let updated = columns.i64("updated").map_err(|error| damaged(&self.path, &error))?;
        Ok(State {
            content: self.number("content", address)?.unwrap_or_default(),
            version: self.number("version", address)?.unwrap_or(1),
            first: ingested.first(address.document).unwrap_or_default(),
            updated: updated.first(address.document),
        })
    }

    /// Every article, segment by segment in the order of the store.
    pub fn addresses(&self) -> impl Iterator<Item = Address> + '_ {
        self.segments.iter().enumerate().flat_map(|(segment, reader)| {
            reader.doc_ids_alive().map(move |document| Address { segment, document })
        })
    }

    /// How many articles have each value of a column of terms, most first.
    pub fn value_counts(&self, field: &str) -> Result<Vec<(String, u64)>> {
        let mut counts: rustc_hash::FxHashMap<String, u64> = rustc_hash::FxHashMap::default();
        for segment in &self.segments {
            let Some(column) =
                segment.fast_fields().str(field).map_err(|error| damaged(&self.path, &error))?
            else {
                continue;
            };
            let mut by_ordinal = vec![0_u64; column.num_terms()];
            for document in segment.doc_ids_alive() {
                for ordinal in column.term_ords(document) {
                    by_ordinal[usize::try_from(ordinal).expect("an index into memory")] += 1;
                }
            }
            let (ordinals, present): (Vec<u64>, Vec<u64>) =
                (0..).zip(by_ordinal).filter(|(_, count)| *count > 0).unzip();
            let mut present = present.into_iter();
            let mut add = |name: &[u8]| {
                let count = present.next().unwrap_or_default();
                if let Ok(name) = std::str::from_utf8(name) {
                    *counts.entry(name.to_owned()).or_default() += count;
                }
            };
            // One by one, each would be looked for from the start of its block.
            column
                .dictionary()
                .sorted_ords_to_term_cb(&ordinals, &mut add)
                .map_err(|error| Error::io(&self.path, error))?;
        }
        let mut counts: Vec<(String, u64)> = counts.into_iter().collect();
        counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        Ok(counts)
    }

    /// Reads every article back.
    fn read_back(&self, mut progress: impl FnMut(u64, u64)) -> Verdict {
        let mut problems = Vec::new();
        let mut content: Vec<(u128, u64)> = Vec::new();
        for (count, address) in (1..).zip(self.addresses()) {
            match self.record(address) {
                Ok(record) => {
                    let story = self.groups.story(record.id.key()).unwrap_or_default();
                    content.push((record.id.0, record_hash(&record) ^ story));
                }
                Err(error) => problems.push(error.to_string()),
            }
            progress(count, self.articles());
        }
        content.sort_unstable();
        if content.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            problems.push("an id is there twice".to_owned());
        }
        let mut digest = xxhash_rust::xxh3::Xxh3::new();
        for (id, hash) in &content {
            digest.update(&id.to_le_bytes());
            digest.update(&hash.to_le_bytes());
        }
        Verdict { articles: content.len() as u64, digest: format!("{:032x}", digest.digest128()), problems }
    }
}

fn record_hash(record: &Record) -> u64 {
    let mentions: Vec<String> = record
        .mentions
        .iter()
        .map(|mention| {
            let term = crate::schema::annotation_term(&mention.referent);
            format!("{}:{}-{}:{term}", mention.part as u8, mention.span.start, mention.span.end)
        })
        .collect();
    let text = format!("{:016x}\n{:?}\n{}", record.article.content_hash(), record.filed, mentions.join("\n"));
    xxhash_rust::xxh3::xxh3_64(text.as_bytes())
}

/// The signature of an article, where it has one.
fn signature_in(column: &Column<u64>, document: DocId) -> Option<Signature> {
    let words: Vec<u64> = column.values_for_doc(document).collect();
    Signature::from_words(&words)
}

/// Decompressed blocks of stored articles that a reader keeps, each of some 16 kB.
const STORE_BLOCKS: usize = 64;

/// What is known of an article's past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    pub content: u64,
    pub version: u64,
    /// Seconds since 1970 of its first ingestion.
    pub first: i64,
    /// Start of its `updated`, in seconds since 1970.
    pub updated: Option<i64>,
}

/// What [`verify`] found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    pub articles: u64,
    pub digest: String,
    pub problems: Vec<String>,
}

#[cfg(test)]
mod tests {
    use tantivy::indexer::NoMergePolicy;

    use super::*;
    use crate::article::Article;
    use crate::schema::{Ingest, analyse, document};
    use crate::words::Analyzer;

    fn add(writer: &Writer, name: &str) {
        let article =
            Article { native_id: Some(name.to_owned()), title: name.to_owned(), ..Article::default() };
        let id = article.id("");
        let analysed = analyse(article, id, Tier::Rules, &mut Analyzer::default());
        let made = document(analysed, Ingest { first: 0, version: 1, content: 0 }, writer.fields());
        writer.add(made).unwrap();
    }

    fn id(name: &str) -> ArticleId {
        Article { native_id: Some(name.to_owned()), ..Article::default() }.id("")
    }

    /// A commit that comes while a reader opens shows whole or not at all: its articles with its groups.
    #[test]
    fn a_reader_is_of_one_commit() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        let mut writer = Writer::open(path, None).unwrap();
        let mut groups = Groups::default();
        let mut commit = |number: u64| {
            let names = [number * 2, number * 2 + 1].map(|name| name.to_string());
            for name in &names {
                add(&writer, name);
            }
            groups.join(id(&names[0]).key(), id(&names[1]).key());
            writer.commit(Some(&groups)).unwrap();
        };
        commit(0);
        let manifest = || Manifest::read(path).unwrap().unwrap();
        let index = open_generation(path, &manifest()).unwrap();
        let was = last_commit(path, &index).unwrap();
        let of = |commit: &tantivy::IndexMeta| {
            let reader = Reader::of_commit(path, manifest(), &index, commit, Purpose::Search)?;
            Ok::<_, Error>((reader.articles(), reader.groups().counts().1))
        };
        assert_eq!(of(&was).unwrap(), (2, 2));
        commit(1);
        assert!(matches!(of(&was), Err(Error::Index { .. })), "its groups are gone, which is tried again");
        assert_eq!(of(&last_commit(path, &index).unwrap()).unwrap(), (4, 4));
        // And as it happens.
        std::thread::scope(|scope| {
            let reading = scope.spawn(|| {
                let mut opened = 0;
                while opened < 4 + 2 * 20 {
                    let reader = Reader::open(path).unwrap();
                    assert_eq!(reader.articles(), reader.groups().counts().1);
                    opened = reader.articles();
                }
            });
            (2..22).for_each(&mut commit);
            reading.join().unwrap();
        });
    }

    /// A run that was killed leaves segments to merge, and the next run merges them while it goes on. The
    /// first thing that run does must be neither lost in the merge nor made permanent by it.
    #[test]
    fn a_merge_left_over_takes_nothing_of_the_next_run() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        let mut writer = Writer::open(path, None).unwrap();
        writer.engine.set_merge_policy(Box::new(NoMergePolicy));
        // The largest leads the merge, and has no deletions at the last commit; the second has.
        for names in ["a b c d", "e f g", "m", "n", "h", "i", "j", "k", "l"] {
            names.split(' ').for_each(|name| add(&writer, name));
            if names == "l" {
                writer.delete(id("e"));
            }
            writer.commit(None).unwrap();
        }
        drop(writer);

        let mut writer = Writer::open(path, None).unwrap();
        for name in ["f", "a"] {
            writer.delete(id(name));
            add(&writer, name);
        }
        writer.commit(None).unwrap();
        writer.close().unwrap();
        let verdict = verify(path, |_, _| ()).unwrap();
        assert_eq!((verdict.articles, verdict.problems), (13, Vec::new()));
    }

    #[test]
    fn names_of_any_length_are_found() {
        let directory = tempfile::tempdir().unwrap();
        let mut writer = Writer::open(directory.path(), None).unwrap();
        let long = "https://e.example/é".to_owned() + &"é".repeat(40_000);
        let names = ["short".to_owned(), long.clone() + "1", long + "2"];
        for name in &names {
            add(&writer, name);
        }
        writer.commit(None).unwrap();
        let reader = Reader::open(directory.path()).unwrap();
        for name in &names {
            let record = reader.record(reader.resolve(name).unwrap()).unwrap();
            assert_eq!(record.article.native_id.as_ref(), Some(name));
        }
    }
}
