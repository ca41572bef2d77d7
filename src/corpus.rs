//! Articles in: a directory tree, files or standard input.
//!
//! [`Corpus::read`] walks the inputs in a fixed order and hands over what [`unpack`](crate::unpack) finds in
//! each: [`Raw`](crate::unpack::Raw) pieces, and a [`Reject`] for what cannot be read. Nothing is dropped in
//! silence: [`Rejects`] keeps each with its reason and its bytes, and one bad file never stops the others.
//!
//! A file is named by where it lies, not by how it was typed: by its path from the directory that [`Corpus::told_from`]
//! names, and by its whole path where it lies elsewhere. So two files never share a name, `news`, `./news/` and `.` inside of it
//! are the same, and what lies together can be moved together. What is read through a pipe has no place and is `-`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::error::{Error, Result};
use crate::formats::{Fault, Reason};
use crate::unpack::{ReadSeek, Reject, Settings, Sink, unpack, written};

/// Where articles come from.
#[derive(Debug, Clone)]
pub struct Corpus {
    inputs: Vec<PathBuf>,
    /// The canonical directory that names of files start from.
    root: PathBuf,
    /// Canonical paths that are no input although they lie in one.
    passed_over: Vec<PathBuf>,
    /// The only files that are read, where not all are.
    only: Option<BTreeSet<PathBuf>>,
}

impl Corpus {
    /// A corpus of files and directories; `-` is standard input.
    ///
    /// # Errors
    /// [`Error::Usage`] where a path does not exist.
    pub fn new(inputs: &[PathBuf]) -> Result<Corpus> {
        for path in inputs {
            if path.as_os_str() != "-" && !path.exists() {
                return Err(Error::usage(format!(
                    "no such file or directory: `{}`; give a directory or file of articles, or `-` for standard input",
                    path.display()
                )));
            }
        }
        Ok(Corpus { inputs: inputs.to_vec(), root: PathBuf::new(), passed_over: Vec::new(), only: None })
    }

    /// Names files by their path from this directory.
    #[must_use]
    pub fn told_from(mut self, directory: &Path) -> Corpus {
        self.root = canonical(directory);
        self
    }

    /// Passes over these files and directories, such as the index that is being written.
    #[must_use]
    pub fn without(mut self, paths: &[&Path]) -> Corpus {
        self.passed_over.extend(paths.iter().filter_map(|path| path.canonicalize().ok()));
        self
    }

    /// Reads only these of its files.
    #[must_use]
    pub fn only(mut self, files: &BTreeSet<PathBuf>) -> Corpus {
        self.only = Some(files.clone());
        self
    }

    /// All files as they are now.
    pub fn files(&self) -> Files {
        let mut files = Files::default();
        for input in &self.inputs {
            self.list(
                input,
                &mut |path| {
                    if let Ok(meta) = path.metadata() {
                        files.0.insert(path.to_owned(), (meta.len(), meta.modified().ok()));
                    }
                },
                &mut |_, _| (),
            );
        }
        files
    }

    /// Bytes on disk of all inputs, for showing progress; standard input counts nothing.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let mut files = Vec::new();
        for input in &self.inputs {
            self.list(input, &mut |path| files.push(path.to_owned()), &mut |_, _| ());
        }
        files.iter().filter_map(|path| path.metadata().ok()).map(|meta| meta.len()).sum()
    }

    /// Hands every piece to `sink`, in the order of the inputs, directories by file name; `read_bytes` is
    /// told how many bytes of the files were consumed since its last call.
    ///
    /// Hidden files and directories are passed over, and links to directories are not followed.
    ///
    /// # Errors
    /// Only what `sink` returns.
    pub fn read(
        &self,
        settings: &Settings,
        sink: &mut Sink<'_>,
        read_bytes: &mut dyn FnMut(u64),
    ) -> Result<()> {
        for input in &self.inputs {
            if input.as_os_str() == "-" {
                unpack("-", std::io::stdin().lock(), None, settings, sink)?;
                continue;
            }
            let whole = canonical(input);
            let told = |path: &Path| {
                let inner = path.strip_prefix(input).unwrap_or(Path::new(""));
                // Joined to nothing it would end in a separator.
                let whole = if inner.as_os_str().is_empty() { whole.clone() } else { whole.join(inner) };
                name(&whole, &self.root)
            };
            let mut files = Vec::new();
            let mut broken = Vec::new();
            self.list(input, &mut |path| files.push(path.to_owned()), &mut |path, error| {
                broken.push((path.to_owned(), error.to_string()));
            });
            for (path, message) in broken {
                sink(Err(unreadable(&told(&path), &message)))?;
            }
            for path in files {
                let name = told(&path);
                match File::open(&path) {
                    Ok(file) => {
                        // A pipe cannot be read twice, and its path is another's the next time.
                        let is_pipe = !path.is_file();
                        let again = if is_pipe { None } else { File::open(&path).ok() };
                        let again = again.map(|file| Box::new(file) as Box<dyn ReadSeek>);
                        let name = if is_pipe { "-" } else { name.as_str() };
                        unpack(name, Counted { file, read_bytes }, again, settings, sink)?;
                    }
                    Err(error) => sink(Err(unreadable(&name, &error.to_string())))?,
                }
            }
        }
        Ok(())
    }

    /// Calls `found` for every regular file at or below `path`, sorted by name at every level.
    fn list(
        &self,
        path: &Path,
        found: &mut dyn FnMut(&Path),
        broken: &mut dyn FnMut(&Path, &std::io::Error),
    ) {
        let root = path;
        let mut pending = vec![path.to_owned()];
        while let Some(path) = pending.pop() {
            let is_passed_over = || path.canonicalize().is_ok_and(|path| self.passed_over.contains(&path));
            if !self.passed_over.is_empty() && is_passed_over() {
                continue;
            }
            let what = match std::fs::metadata(&path) {
                Ok(what) => what,
                // What is named is told of where it is opened.
                Err(error) if path != root => {
                    broken(&path, &error);
                    continue;
                }
                Err(_) => {
                    found(&path);
                    continue;
                }
            };
            if what.is_dir() {
                let entries = match std::fs::read_dir(&path) {
                    Ok(entries) => entries,
                    Err(error) => {
                        broken(&path, &error);
                        continue;
                    }
                };
                let mut children: Vec<PathBuf> = Vec::new();
                for entry in entries {
                    let entry = match entry {
                        Ok(entry) => entry,
                        Err(error) => {
                            broken(&path, &error);
                            continue;
                        }
                    };
                    if entry.file_name().to_string_lossy().starts_with('.') {
                        continue;
                    }
                    let child = entry.path();
                    // A link to a directory could lead in a circle.
                    let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
                    if !(is_link && child.is_dir()) {
                        children.push(child);
                    }
                }
                children.sort();
                pending.extend(children.into_iter().rev());
            } else if what.is_file() || path == root {
                // What is named may be a pipe; what is met on the way may not, it could block for ever.
                if self.only.as_ref().is_none_or(|only| only.contains(&path)) {
                    found(&path);
                }
            }
        }
    }
}

/// Files with their sizes and when they were last written to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files(BTreeMap<PathBuf, (u64, Option<SystemTime>)>);

impl Files {
    /// Files that are new or other than in `known`, and were left alone for at least so long.
    pub fn changed_since(&self, known: &Files, settled: Duration) -> BTreeSet<PathBuf> {
        let is_settled = |modified: &Option<SystemTime>| {
            // A time in the future is a wrong clock, not a file under way.
            modified.is_none_or(|modified| modified.elapsed().map_or(true, |elapsed| elapsed >= settled))
        };
        self.0
            .iter()
            .filter(|(path, state)| known.0.get(*path) != Some(state) && is_settled(&state.1))
            .map(|(path, _)| path.clone())
            .collect()
    }

    /// Whether a file of `known` is gone.
    pub fn lacks_any_of(&self, known: &Files) -> bool {
        known.0.keys().any(|path| !self.0.contains_key(path))
    }

    /// Takes over the state of the files that were read, or of all.
    pub fn learn(&mut self, now: &Files, read: Option<&BTreeSet<PathBuf>>) {
        match read {
            None => self.clone_from(now),
            Some(read) => {
                let read = now.0.iter().filter(|(path, _)| read.contains(*path));
                self.0.extend(read.map(|(path, state)| (path.clone(), *state)));
            }
        }
    }
}

fn unreadable(path: &str, message: &str) -> Reject {
    Reject::unread(path, Fault::new(Reason::Unreadable, format!("cannot be read: {message}")))
}

/// The one path of a directory, or of a file under its own name, which may be that of a link.
fn canonical(path: &Path) -> PathBuf {
    let of_directory = || {
        let parent =
            path.parent().map(|parent| if parent.as_os_str().is_empty() { Path::new(".") } else { parent });
        Some(parent?.canonicalize().ok()?.join(path.file_name()?))
    };
    let found = if path.is_dir() { path.canonicalize().ok() } else { of_directory() };
    found.or_else(|| std::path::absolute(path).ok()).unwrap_or_else(|| path.to_owned())
}

/// A path from `root`, or whole where it leads elsewhere, with `/` between its parts.
fn name(path: &Path, root: &Path) -> String {
    let inner = path.strip_prefix(root).unwrap_or(path);
    let name = written(inner.as_os_str().as_encoded_bytes());
    if std::path::MAIN_SEPARATOR == '/' { name } else { name.replace(std::path::MAIN_SEPARATOR, "/") }
}

/// Reports the bytes read of a file.
struct Counted<'a> {
    file: File,
    read_bytes: &'a mut dyn FnMut(u64),
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.file.read(buffer)?;
        (self.read_bytes)(count as u64);
        Ok(count)
    }
}

/// The file that keeps what was rejected, one JSON object a line; made at the first reject.
#[derive(Debug)]
pub struct Rejects {
    path: PathBuf,
    file: Option<File>,
    /// How many were kept.
    pub count: u64,
}

impl Rejects {
    /// Rejects go to `path`.
    pub fn new(path: PathBuf) -> Rejects {
        Rejects { path, file: None, count: 0 }
    }

    /// Removes what an earlier run left there. For whoever has the index to itself.
    ///
    /// # Errors
    /// [`Error::Io`] where the old file cannot be removed.
    pub fn clear(&self) -> Result<()> {
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::io(&self.path, error)),
            _ => Ok(()),
        }
    }

    /// Where they are kept.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes one down.
    ///
    /// # Errors
    /// [`Error::Io`] where it cannot be written.
    ///
    /// # Panics
    /// Never: a reject always serialises.
    pub fn keep(&mut self, reject: &Reject) -> Result<()> {
        if self.file.is_none() {
            self.file = Some(File::create(&self.path).map_err(|error| Error::io(&self.path, error))?);
        }
        let mut line = serde_json::to_vec(reject).expect("strings always serialise");
        line.push(b'\n');
        self.count += 1;
        let file = self.file.as_mut().expect("opened above");
        file.write_all(&line).map_err(|error| Error::io(&self.path, error))
    }
}
