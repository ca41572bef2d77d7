//! Articles in: a directory tree, files or standard input, as JSON lines or text files.
//!
//! Reading is split in two so that the second half can run on every core. [`Corpus::read`] walks the
//! inputs in a fixed order and hands over [`Raw`] pieces, one an article, straight off the disk;
//! [`parse`] turns one into an [`Article`] or a [`Reject`]. `.gz` and `.zst` are recognised by their
//! first bytes, whatever the file is called.
//!
//! A file whose first character is `{` holds JSON lines, one article a line:
//!
//! ```text
//! {"id": "rates-1", "title": "Rates held", "body": "First.\nSecond.", "published": "2019-05-02", "source": "Desk"}
//! ```
//!
//! Any other file is one article of text, with its fields in front between two lines of `---`:
//!
//! ```text
//! ---
//! id: rates-1
//! title: Rates held
//! published: 2019-05-02
//! ---
//!
//! First.
//!
//! Second.
//! ```
//!
//! Without such a block the first line is the title. What cannot be read is one [`Reject`]: nothing is
//! dropped in silence and one bad article never stops the others.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::article::{Article, Date, Status};
use crate::error::{Error, Result};

/// The longest line or text file that is read, in bytes; longer ones are rejected.
pub const MAX_ARTICLE_BYTES: usize = 64 << 20;

/// How deep the values of unknown fields may be nested; the stored article is read back with two levels more,
/// and the JSON library stops at 128.
const MAX_DEPTH: usize = 64;

/// What is kept of the bytes of a reject in the rejects file, at most.
const MAX_KEPT_BYTES: usize = 1 << 20;

/// Where articles come from.
#[derive(Debug, Clone)]
pub struct Corpus {
    inputs: Vec<PathBuf>,
    /// Canonical paths that are no input although they lie in one.
    passed_over: Vec<PathBuf>,
}

/// One article's bytes and where they were found.
#[derive(Debug, Clone)]
pub struct Raw {
    /// The path relative to the input that led to it, with `/` between its parts; `-` for standard input.
    pub path: String,
    /// From 1; absent where the whole file is the article.
    pub line: Option<u64>,
    pub bytes: Vec<u8>,
}

impl Raw {
    /// File and line, as `news.jsonl:17`.
    #[must_use]
    pub fn place(&self) -> String {
        match self.line {
            Some(line) => format!("{}:{line}", self.path),
            None => self.path.clone(),
        }
    }
}

/// What could not become an article, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reject {
    pub path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    pub reason: Reason,
    pub message: String,
    /// Hash of the bytes, so that the same reject can be recognised.
    pub hash: String,
    /// The bytes themselves as text, cut at a megabyte; what is not UTF-8 is replaced.
    pub content: String,
}

/// Why something was rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    Unreadable,
    TooLong,
    NotText,
    NotJson,
    WrongType,
    TooDeep,
    FrontMatter,
    NoText,
}

impl Reject {
    fn new(raw: &Raw, reason: Reason, message: impl Into<String>) -> Reject {
        let kept = &raw.bytes[..raw.bytes.len().min(MAX_KEPT_BYTES)];
        Reject {
            path: raw.path.clone(),
            line: raw.line,
            reason,
            message: message.into(),
            hash: format!("{:016x}", xxhash_rust::xxh3::xxh3_64(&raw.bytes)),
            content: String::from_utf8_lossy(kept).into_owned(),
        }
    }

    /// File, line and message in one line.
    #[must_use]
    pub fn summary(&self) -> String {
        match self.line {
            Some(line) => format!("{}:{line}: {}", self.path, self.message),
            None => format!("{}: {}", self.path, self.message),
        }
    }
}

/// One piece of the input, or what stood in its way.
pub type Piece = std::result::Result<Raw, Reject>;

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
        Ok(Corpus { inputs: inputs.to_vec(), passed_over: Vec::new() })
    }

    /// Passes over these files and directories, such as the index that is being written.
    #[must_use]
    pub fn without(mut self, paths: &[&Path]) -> Corpus {
        self.passed_over.extend(paths.iter().filter_map(|path| path.canonicalize().ok()));
        self
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
        sink: &mut dyn FnMut(Piece) -> Result<()>,
        read_bytes: &mut dyn FnMut(u64),
    ) -> Result<()> {
        for input in &self.inputs {
            if input.as_os_str() == "-" {
                read_file("-", std::io::stdin().lock(), sink)?;
                continue;
            }
            let root = if input.is_dir() { input.as_path() } else { input.parent().unwrap_or(Path::new("")) };
            let mut files = Vec::new();
            let mut broken = Vec::new();
            self.list(input, &mut |path| files.push(path.to_owned()), &mut |path, error| {
                broken.push((path.to_owned(), error.to_string()));
            });
            for (path, message) in broken {
                sink(Err(unreadable(&relative(&path, root), &message)))?;
            }
            for path in files {
                let name = relative(&path, root);
                match File::open(&path) {
                    Ok(file) => read_file(&name, Counted { file, read_bytes }, sink)?,
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
            if path.is_dir() {
                let entries = match std::fs::read_dir(&path) {
                    Ok(entries) => entries,
                    Err(error) => {
                        broken(&path, &error);
                        continue;
                    }
                };
                let mut children: Vec<PathBuf> = entries
                    .filter_map(std::result::Result::ok)
                    .filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
                    .filter(|entry| {
                        entry.file_type().is_ok_and(|kind| !kind.is_symlink() || entry.path().is_file())
                    })
                    .map(|entry| entry.path())
                    .collect();
                children.sort();
                pending.extend(children.into_iter().rev());
            } else if path.is_file() || path == root {
                // What is named may be a pipe; what is met on the way may not, it could block for ever.
                found(&path);
            }
        }
    }
}

fn unreadable(path: &str, message: &str) -> Reject {
    let raw = Raw { path: path.to_owned(), line: None, bytes: Vec::new() };
    Reject::new(&raw, Reason::Unreadable, format!("cannot be read: {message}"))
}

fn relative(path: &Path, root: &Path) -> String {
    let inner = path.strip_prefix(root).unwrap_or(path);
    inner.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
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

/// Splits one file into pieces, decompressing it first if need be.
fn read_file<'a>(path: &str, file: impl Read + 'a, sink: &mut dyn FnMut(Piece) -> Result<()>) -> Result<()> {
    let (magic, reader) = match ahead(file) {
        Ok(read) => read,
        Err(error) => return sink(Err(unreadable(path, &error.to_string()))),
    };
    let reader: Box<dyn BufRead + 'a> = match magic.as_slice() {
        [0x1f, 0x8b, ..] => {
            Box::new(BufReader::with_capacity(1 << 16, flate2::bufread::MultiGzDecoder::new(reader)))
        }
        [0x28, 0xb5, 0x2f, 0xfd, ..] => match zstd::Decoder::with_buffer(reader) {
            Ok(decoder) => Box::new(BufReader::with_capacity(1 << 16, decoder)),
            Err(error) => return sink(Err(unreadable(path, &error.to_string()))),
        },
        _ => Box::new(reader),
    };
    split(path, reader, sink)
}

/// Reads so far that the first bytes tell what a file is, and gives them and the whole of it. A pipe may
/// hand over a byte at a time.
fn ahead<'a>(mut file: impl Read + 'a) -> std::io::Result<(Vec<u8>, impl BufRead + 'a)> {
    /// Enough for a magic number, or a blank line or two before the first character.
    const ENOUGH: u64 = 512;
    let mut start = Vec::new();
    file.by_ref().take(ENOUGH).read_to_end(&mut start)?;
    let whole = std::io::Cursor::new(start.clone()).chain(file);
    Ok((start, BufReader::with_capacity(1 << 16, whole)))
}

fn split(path: &str, reader: impl BufRead, sink: &mut dyn FnMut(Piece) -> Result<()>) -> Result<()> {
    let mut raw = Raw { path: path.to_owned(), line: None, bytes: Vec::new() };
    let (start, mut reader) = match ahead(reader) {
        Ok(read) => read,
        Err(error) => return sink(Err(cut_short(&raw, &error))),
    };
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&start);
    let first = text.iter().copied().find(|byte| !byte.is_ascii_whitespace());
    if text.is_empty() {
        return Ok(());
    }
    if first == Some(b'[') && memchr::memchr(b'{', text).is_some() {
        let message = "a JSON array; write one article a line, as `jq -c '.[]'` does";
        return sink(Err(Reject::new(&raw, Reason::NotJson, message)));
    }
    if first == Some(b'{') {
        let mut line = 0;
        loop {
            line += 1;
            raw.line = Some(line);
            raw.bytes = Vec::new();
            match read_line(&mut reader, &mut raw.bytes) {
                Ok(Line::Whole) if raw.bytes.iter().all(u8::is_ascii_whitespace) => {}
                Ok(Line::Whole) => {
                    let bytes = std::mem::take(&mut raw.bytes);
                    sink(Ok(Raw { path: raw.path.clone(), line: raw.line, bytes }))?;
                }
                Ok(Line::TooLong) => sink(Err(too_long(&raw)))?,
                Ok(Line::End) => return Ok(()),
                Err(error) => return sink(Err(cut_short(&raw, &error))),
            }
        }
    }
    if let Err(error) = reader.take(MAX_ARTICLE_BYTES as u64 + 1).read_to_end(&mut raw.bytes) {
        return sink(Err(cut_short(&raw, &error)));
    }
    sink(if raw.bytes.len() > MAX_ARTICLE_BYTES { Err(too_long(&raw)) } else { Ok(raw) })
}

fn too_long(raw: &Raw) -> Reject {
    let message = format!("longer than {} MB, the most an article may have", MAX_ARTICLE_BYTES >> 20);
    Reject::new(raw, Reason::TooLong, message)
}

fn cut_short(raw: &Raw, error: &std::io::Error) -> Reject {
    Reject::new(raw, Reason::Unreadable, format!("cannot be read to its end: {error}"))
}

enum Line {
    Whole,
    TooLong,
    End,
}

/// Reads to the next line break; of a line that is too long no more than the limit is held.
fn read_line(reader: &mut dyn BufRead, line: &mut Vec<u8>) -> std::io::Result<Line> {
    let mut too_long = false;
    let mut any = false;
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok(match (any, too_long) {
                (false, _) => Line::End,
                (true, false) => Line::Whole,
                (true, true) => Line::TooLong,
            });
        }
        any = true;
        let end = memchr::memchr(b'\n', buffer);
        let part = &buffer[..end.unwrap_or(buffer.len())];
        if line.len() + part.len() > MAX_ARTICLE_BYTES {
            too_long = true;
            line.truncate(MAX_KEPT_BYTES);
        } else if !too_long {
            line.extend_from_slice(part);
        }
        let used = part.len() + usize::from(end.is_some());
        reader.consume(used);
        if end.is_some() {
            return Ok(if too_long { Line::TooLong } else { Line::Whole });
        }
    }
}

/// An article and what was noticed while reading it.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    pub article: Article,
    /// A sentence for each thing that was put right, such as an unusable date.
    pub warnings: Vec<String>,
}

/// Turns one piece into an article.
///
/// # Errors
/// The [`Reject`] to report and keep.
#[allow(clippy::result_large_err, reason = "a reject carries what it rejects")]
pub fn parse(raw: &Raw) -> std::result::Result<Parsed, Reject> {
    let Ok(text) = std::str::from_utf8(&raw.bytes) else {
        let message = if raw.bytes.contains(&0) { "a binary file, not text" } else { "not UTF-8 text" };
        return Err(Reject::new(raw, Reason::NotText, message));
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let parsed = if raw.line.is_some() { parse_json(raw, text)? } else { parse_text(raw, text)? };
    if parsed.article.is_empty() {
        return Err(Reject::new(raw, Reason::NoText, "neither `title` nor `body` has a word in it"));
    }
    Ok(parsed)
}

#[allow(clippy::result_large_err, reason = "as for `parse`")]
fn parse_json(raw: &Raw, text: &str) -> std::result::Result<Parsed, Reject> {
    let article: Article = serde_json::from_str(text).map_err(|error| {
        let reason = if error.is_data() { Reason::WrongType } else { Reason::NotJson };
        Reject::new(
            raw,
            reason,
            format!("not an article in JSON, column {}: {}", error.column(), plain(&error)),
        )
    })?;
    let mut warnings = Vec::new();
    if article.extra.values().any(|value| is_deeper(value, MAX_DEPTH)) {
        return Err(Reject::new(
            raw,
            Reason::TooDeep,
            format!("a field is nested more than {MAX_DEPTH} deep"),
        ));
    }
    if article.published.is_none() {
        // Worth a second look only where the line says `published` at all.
        let field = memchr::memmem::find(text.as_bytes(), b"\"published\"")
            .and_then(|_| serde_json::from_str::<serde_json::Value>(text).ok())
            .and_then(|value| value.get("published").and_then(|date| date.as_str()).map(str::to_owned));
        if let Some(Err(message)) = field.map(|date| Date::parse(&date)) {
            warnings.push(format!("undated: {message}"));
        }
    }
    Ok(Parsed { article, warnings })
}

/// Whether a value is nested more than so deep.
fn is_deeper(value: &serde_json::Value, limit: usize) -> bool {
    let mut inner: Box<dyn Iterator<Item = &serde_json::Value>> = match value {
        serde_json::Value::Array(values) => Box::new(values.iter()),
        serde_json::Value::Object(fields) => Box::new(fields.values()),
        _ => return false,
    };
    limit == 0 || inner.any(|value| is_deeper(value, limit - 1))
}

/// A `serde_json` message without the position it ends in, which is said apart.
fn plain(error: &serde_json::Error) -> String {
    let message = error.to_string();
    message.rsplit_once(" at line ").map_or(message.clone(), |(plain, _)| plain.to_owned())
}

#[allow(clippy::result_large_err, reason = "as for `parse`")]
fn parse_text(raw: &Raw, text: &str) -> std::result::Result<Parsed, Reject> {
    if text.contains('\0') {
        return Err(Reject::new(raw, Reason::NotText, "a binary file, not text"));
    }
    let mut article = Article::default();
    let mut warnings = Vec::new();
    let mut lines = text.split_inclusive('\n');
    let rest;
    if lines.next().is_some_and(|line| line.trim_end() == "---") {
        let mut offset = text.find('\n').map_or(text.len(), |at| at + 1);
        let mut closed = false;
        for (number, line) in (2..).zip(lines) {
            offset += line.len();
            let line = line.trim();
            if line == "---" {
                closed = true;
                break;
            }
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let Some((name, value)) = line.split_once(':') else {
                let message = format!("line {number} of the front matter is not `name: value`");
                return Err(Reject::new(raw, Reason::FrontMatter, message));
            };
            if let Err(message) =
                set(&mut article, &name.trim().to_ascii_lowercase(), value.trim().trim_matches('"'))
            {
                warnings.push(format!("line {number}: {message}"));
            }
        }
        if !closed {
            return Err(Reject::new(raw, Reason::FrontMatter, "the front matter has no closing `---` line"));
        }
        rest = &text[offset..];
    } else {
        let (title, body) = text.trim_start().split_once('\n').unwrap_or((text.trim(), ""));
        title.trim().clone_into(&mut article.title);
        rest = body;
    }
    rest.trim().clone_into(&mut article.body);
    Ok(Parsed { article, warnings })
}

/// Sets a field of the front matter; an unknown one is kept.
fn set(article: &mut Article, name: &str, value: &str) -> std::result::Result<(), String> {
    if value.is_empty() {
        return Ok(());
    }
    match name {
        "id" => article.native_id = Some(value.to_owned()),
        "title" => value.clone_into(&mut article.title),
        "url" => article.url = Some(value.to_owned()),
        "source" => value.clone_into(&mut article.source),
        "author" => article.author = Some(value.to_owned()),
        "section" => article.section = Some(value.to_owned()),
        "language" | "lang" => article.language = Some(value.to_owned()),
        "dateline" => article.dateline = Some(value.to_owned()),
        "published" => article.published = Some(Date::parse(value)?),
        "updated" => article.updated = Some(Date::parse(value)?),
        "status" => {
            article.status = match value {
                "usable" => Status::Usable,
                "corrected" => Status::Corrected,
                "withdrawn" => Status::Withdrawn,
                "embargoed" => Status::Embargoed,
                _ => {
                    return Err(format!(
                        "unknown status `{value}`; expected `usable`, `corrected`, `withdrawn` or `embargoed`"
                    ));
                }
            }
        }
        _ => {
            article.extra.insert(name.to_owned(), value.into());
        }
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn text(content: &str) -> std::result::Result<Parsed, Reject> {
        parse(&Raw { path: "a.txt".into(), line: None, bytes: content.into() })
    }

    fn json(content: &str) -> std::result::Result<Parsed, Reject> {
        parse(&Raw { path: "a.jsonl".into(), line: Some(3), bytes: content.into() })
    }

    #[test]
    fn front_matter_gives_the_fields_and_the_rest_is_the_body() {
        let parsed = text(
            "---\nid: a-1\ntitle: \"Rates: held\"\npublished: 2019-05-02\nsource: Desk\nteam: x\n---\n\nOne.\n\nTwo.\n",
        );
        let article = parsed.unwrap().article;
        assert_eq!(article.title, "Rates: held");
        assert_eq!(article.body, "One.\n\nTwo.");
        assert_eq!(article.extra["team"], "x");
        assert_eq!(article.published.unwrap().to_string(), "2019-05-02");
    }

    #[test]
    fn text_without_front_matter_opens_with_its_title() {
        let article = text("Rates held\n\nOne.").unwrap().article;
        assert_eq!((article.title.as_str(), article.body.as_str()), ("Rates held", "One."));
    }

    #[test]
    fn bad_input_says_what_and_where() {
        let rows = [
            (text("---\ntitle: x\nno colon here\n---\nBody"), Reason::FrontMatter, "line 3"),
            (text("---\ntitle: x\nurl: y"), Reason::FrontMatter, "closing"),
            (text("\u{0}\u{1}ELF"), Reason::NotText, "binary"),
            (text("  \n "), Reason::NoText, "neither"),
            (json("{\"title\": \"cut"), Reason::NotJson, "column"),
            (json("{\"title\": 3}"), Reason::WrongType, "invalid type"),
            (json("{\"title\": \"\", \"body\": \" … \"}"), Reason::NoText, "neither"),
        ];
        for (result, reason, part) in rows {
            let reject = result.unwrap_err();
            assert_eq!(reject.reason, reason, "{reject:?}");
            assert!(reject.message.contains(part), "{}", reject.message);
        }
        let binary = Raw { path: "x".into(), line: None, bytes: vec![0xff, 0xfe, 0] };
        assert_eq!(parse(&binary).unwrap_err().reason, Reason::NotText);
    }

    #[test]
    fn unusable_dates_are_warnings() {
        assert_eq!(json(r#"{"title": "T", "published": "soon"}"#).unwrap().warnings.len(), 1);
        assert!(json(r#"{"title": "T", "published": null}"#).unwrap().warnings.is_empty());
        assert_eq!(text("---\ntitle: T\npublished: soon\n---\nB").unwrap().warnings.len(), 1);
    }

    #[test]
    fn lines_are_read_through_compression() {
        let lines = b"{\"title\": \"one\"}\n\n{\"title\": \"two\"}";
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(lines).unwrap();
        for bytes in [lines.to_vec(), gz.finish().unwrap(), zstd::encode_all(&lines[..], 1).unwrap()] {
            let mut places = Vec::new();
            read_file("n", &bytes[..], &mut |piece| {
                places.push(piece.unwrap().place());
                Ok(())
            })
            .unwrap();
            assert_eq!(places, ["n:1", "n:3"]);
        }
    }

    #[test]
    fn a_cut_archive_keeps_what_came_before() {
        let lines = "{\"title\": \"one\"}\n".repeat(5000);
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        gz.write_all(lines.as_bytes()).unwrap();
        let bytes = gz.finish().unwrap();
        let (mut good, mut bad) = (0, 0);
        read_file("n", &bytes[..bytes.len() / 2], &mut |piece| {
            if piece.is_ok() {
                good += 1;
            } else {
                bad += 1;
            }
            Ok(())
        })
        .unwrap();
        assert!(good > 2000, "{good}");
        assert_eq!(bad, 1);
    }
}
