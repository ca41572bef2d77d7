//! From a stream of bytes to the pieces that are articles: decompression, archives, and the splitting of
//! large files, none of which is ever held whole.
//!
//! ```text
//! stream -> gzip, zstd, tar, zip, nested -> JSON lines, JSON array, table, mbox, WARC -> Raw, Raw, Reject, ...
//! ```
//!
//! What a stream is, its first bytes tell. [`unpack`] hands over [`Raw`] pieces in order; [`parse`] turns one
//! into articles and may run on any core. What is not split here is one piece: a page, a feed, a file of text.
//! Whatever is larger than [`Limits`] allow is rejected while it is read, so that neither one endless line nor
//! an archive that expands for ever takes the memory or the time of the rest.
//!
//! Names inside archives are only told, never written to: `news.zip!2019/rates.txt`.

use std::cell::Cell;
use std::io::{BufRead, BufReader, Read, Seek};
use std::rc::Rc;

use serde::Serialize;

use crate::error::Result;
use crate::formats::warc;
use crate::formats::{self, ENOUGH, Fault, FieldMap, Format, Hints, Outcome, Parsed, Reason};

/// What is kept of the bytes of a reject in the rejects file, at most.
const MAX_KEPT_BYTES: usize = 1 << 20;

/// How much of one input is too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one piece: a line, a page, a feed, a file of text.
    pub piece: usize,
    /// How many times its size a compressed file, or an archive with all its layers and entries, may expand to. News in JSON
    /// expands some five times, markup some twenty.
    pub expansion: u64,
    /// Bytes that anything may expand to: small files of repeated text compress well and harm nobody.
    pub allowance: u64,
    /// Archives within archives.
    pub nesting: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { piece: 16 << 20, expansion: 200, allowance: 64 << 20, nesting: 4 }
    }
}

/// How input is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    pub limits: Limits,
    pub map: FieldMap,
}

/// The bytes of one or more articles and where they were found.
#[derive(Debug, Clone)]
pub struct Raw {
    /// The name of its file, see [`corpus`](crate::corpus), with `/` between its parts and `!` before what is
    /// inside an archive; `-` for a pipe.
    pub path: String,
    /// From 1; absent where the whole file is one piece.
    pub line: Option<u64>,
    pub format: Format,
    pub hints: Hints,
    pub bytes: Vec<u8>,
}

impl Raw {
    /// File and line, as `news.jsonl:17`.
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
    /// Which article of the piece, from 1, where it has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<usize>,
    pub reason: Reason,
    pub message: String,
    /// Hash of the bytes, so that the same reject can be recognised.
    pub hash: String,
    /// The bytes themselves as text, cut at a megabyte; what is not UTF-8 is replaced.
    pub content: String,
}

impl Reject {
    fn new(raw: &Raw, item: Option<usize>, fault: Fault) -> Reject {
        // The bytes of a piece with many articles are kept with the first of them that is rejected.
        let kept = if item.is_none_or(|item| item == 1) { raw.bytes.len().min(MAX_KEPT_BYTES) } else { 0 };
        Reject {
            path: raw.path.clone(),
            line: raw.line,
            item,
            reason: fault.reason,
            message: fault.message,
            hash: format!("{:016x}", xxhash_rust::xxh3::xxh3_64(&raw.bytes)),
            content: String::from_utf8_lossy(&raw.bytes[..kept]).into_owned(),
        }
    }

    /// A reject of something that was not read.
    pub fn unread(path: &str, fault: Fault) -> Reject {
        Reject::new(&empty(path), None, fault)
    }

    /// File, line and message in one line.
    pub fn summary(&self) -> String {
        let line = self.line.map_or(String::new(), |line| format!(":{line}"));
        let item = self.item.map_or(String::new(), |item| format!("#{item}"));
        format!("{}{line}{item}: {}", self.path, self.message)
    }
}

fn empty(path: &str) -> Raw {
    Raw {
        path: path.to_owned(),
        line: None,
        format: Format::Text,
        hints: Hints::default(),
        bytes: Vec::new(),
    }
}

/// One piece of the input, or what stood in its way.
pub type Piece = std::result::Result<Raw, Reject>;

/// Where pieces go.
pub type Sink<'a> = dyn FnMut(Piece) -> Result<()> + 'a;

/// Turns one piece into its articles, each with the place that names it.
pub fn parse(raw: &Raw, map: &FieldMap) -> Vec<(String, std::result::Result<Parsed, Reject>)> {
    let outcomes = formats::articles(raw.format, &raw.bytes, &raw.hints, map);
    let is_one = outcomes.len() == 1;
    let place = raw.place();
    #[allow(clippy::result_large_err, reason = "a reject carries what it rejects")]
    let finish = |outcome: Outcome, item: Option<usize>| {
        outcome.and_then(finished).map_err(|fault| Reject::new(raw, item, fault))
    };
    if is_one {
        return outcomes.into_iter().map(|outcome| (place.clone(), finish(outcome, None))).collect();
    }
    (1..)
        .zip(outcomes)
        .map(|(item, outcome)| (format!("{place}#{item}"), finish(outcome, Some(item))))
        .collect()
}

/// What every article goes through, whatever it was read from.
fn finished(mut parsed: Parsed) -> Outcome {
    if parsed.article.is_empty() {
        return Err(Fault::new(Reason::NoText, "neither title nor body has a word in it"));
    }
    crate::wire::read_off(&mut parsed.article, &mut parsed.warnings);
    parsed.article.rename_extra();
    Ok(parsed)
}

/// A stream that can be read again from any place, as archives with a directory at their end need it.
pub trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

/// Hands over every piece of a stream. `seekable` is the same stream once more, where it can be had.
///
/// # Errors
/// Only what `sink` returns.
pub fn unpack(
    path: &str,
    stream: impl Read,
    seekable: Option<Box<dyn ReadSeek + '_>>,
    settings: &Settings,
    sink: &mut Sink<'_>,
) -> Result<()> {
    let whole = Rc::new(Expansion::new(&settings.limits));
    let mut unpacker = Unpacker { settings, sink, whole: whole.clone() };
    let mut stream = Counted { inner: stream, of: whole };
    unpacker.stream(path, &mut stream, seekable, 0)
}

struct Unpacker<'a, 'b> {
    settings: &'a Settings,
    sink: &'a mut Sink<'b>,
    /// Of all that is unpacked. Once it is too much, nothing more is read.
    whole: Rc<Expansion>,
}

impl Unpacker<'_, '_> {
    fn reject(&mut self, path: &str, fault: Fault) -> Result<()> {
        (self.sink)(Err(Reject::unread(path, fault)))
    }

    fn stream(
        &mut self,
        path: &str,
        stream: &mut dyn Read,
        seekable: Option<Box<dyn ReadSeek + '_>>,
        depth: usize,
    ) -> Result<()> {
        let (start, mut reader) = match ahead(stream) {
            Ok(read) => read,
            Err(error) => return self.reject(path, unreadable(&error)),
        };
        let is_archive = matches!(start.as_slice(), [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..])
            || start.starts_with(b"PK\x03\x04")
            || is_tar(&start);
        if is_archive && depth >= self.settings.limits.nesting {
            let message =
                format!("archives within archives, more than {} deep", self.settings.limits.nesting);
            return self.reject(path, Fault::new(Reason::TooDeep, message));
        }
        match start.as_slice() {
            [0x1f, 0x8b, ..] => {
                let layer = self.layer();
                let counted = Counted { inner: reader, of: layer.clone() };
                let decoder =
                    flate2::bufread::MultiGzDecoder::new(BufReader::with_capacity(1 << 16, counted));
                self.stream(path, &mut self.guarded(decoder, layer), None, depth + 1)
            }
            [0x28, 0xb5, 0x2f, 0xfd, ..] => {
                let layer = self.layer();
                match zstd::Decoder::new(Counted { inner: reader, of: layer.clone() }) {
                    Ok(decoder) => self.stream(path, &mut self.guarded(decoder, layer), None, depth + 1),
                    Err(error) => self.reject(path, unreadable(&error)),
                }
            }
            start if is_tar(start) => self.tar(path, &mut reader, depth),
            start if start.starts_with(b"PK\x03\x04") => {
                if let Some(mut file) = seekable {
                    // Read from its end, past the stream that counts.
                    self.whole.taken.set(file.seek(std::io::SeekFrom::End(0)).unwrap_or_default());
                    self.zip(path, file, depth)
                } else {
                    let mut bytes = Vec::new();
                    match read_limited(&mut reader, self.settings.limits.piece, &mut bytes) {
                        Ok(true) => self.zip(path, Box::new(std::io::Cursor::new(bytes)), depth),
                        Ok(false) => self.reject(path, too_long(self.settings.limits.piece)),
                        Err(error) => self.reject(path, unreadable(&error)),
                    }
                }
            }
            start => {
                let start = start.to_vec();
                self.document(path, &start, &mut reader, &Hints::default())
            }
        }
    }

    fn layer(&self) -> Rc<Expansion> {
        Rc::new(Expansion::new(&self.settings.limits))
    }

    /// A reader that stops where it has given too many times what was taken from below.
    fn guarded<R: Read>(&self, inner: R, layer: Rc<Expansion>) -> Guarded<R> {
        Guarded { inner, layer, whole: self.whole.clone() }
    }

    fn tar(&mut self, path: &str, reader: &mut dyn BufRead, depth: usize) -> Result<()> {
        let mut archive = tar::Archive::new(reader);
        let entries = match archive.entries() {
            Ok(entries) => entries,
            Err(error) => return self.reject(path, unreadable(&error)),
        };
        for entry in entries {
            match entry {
                Ok(mut entry) => {
                    let name = written(&entry.path_bytes());
                    if entry.header().entry_type().is_file() && !is_hidden(&name) {
                        self.stream(&format!("{path}!{name}"), &mut entry, None, depth + 1)?;
                    }
                    if self.whole.is_too_much() {
                        return Ok(());
                    }
                }
                // What follows a broken header cannot be found.
                Err(error) => return self.reject(path, unreadable(&error)),
            }
        }
        Ok(())
    }

    fn zip(&mut self, path: &str, file: Box<dyn ReadSeek + '_>, depth: usize) -> Result<()> {
        let mut archive = match zip::ZipArchive::new(file) {
            Ok(archive) => archive,
            Err(error) => {
                return self.reject(path, Fault::new(Reason::Unreadable, format!("no zip archive: {error}")));
            }
        };
        if archive.index_for_name("[Content_Types].xml").is_some() {
            let message = "an Office document, which dateline does not read; save it as text or HTML";
            return self.reject(path, Fault::new(Reason::Unsupported, message));
        }
        for index in 0..archive.len() {
            match archive.by_index(index) {
                Ok(entry) => {
                    let name = written(entry.name_raw());
                    if !entry.is_file() || is_hidden(&name) {
                        continue;
                    }
                    let inner = format!("{path}!{name}");
                    // The size that the directory tells may be a lie, the bytes given are not.
                    let layer = self.layer();
                    layer.taken.set(entry.compressed_size());
                    let mut guarded = self.guarded(entry, layer);
                    self.stream(&inner, &mut guarded, None, depth + 1)?;
                    if self.whole.is_too_much() {
                        return Ok(());
                    }
                }
                Err(error) => {
                    let message = format!("entry {} cannot be read: {error}", index + 1);
                    self.reject(path, Fault::new(Reason::Unreadable, message))?;
                }
            }
        }
        Ok(())
    }

    /// Everything that is neither compressed nor an archive.
    fn document(&mut self, path: &str, start: &[u8], reader: &mut dyn BufRead, hints: &Hints) -> Result<()> {
        let is_at_start = |mark: &[u8]| start.starts_with(mark);
        if is_at_start(b"WARC/") || is_at_start(b"filedesc://") {
            return self.archived_pages(path, reader);
        }
        if is_at_start(b"From ") && memchr::memmem::find(start, b"\nFrom:").is_some() {
            return self.mailbox(path, reader);
        }
        if start.is_empty() {
            return self.reject(path, Fault::new(Reason::NoText, "an empty file"));
        }
        let format = match formats::detect(start, path) {
            Ok(format) => format,
            Err(fault) => {
                let mut raw = empty(path);
                raw.bytes = start.to_vec();
                return (self.sink)(Err(Reject::new(&raw, None, fault)));
            }
        };
        // Two bytes a character are made one or more, as what is split is split at bytes.
        let wide =
            encoding_rs::Encoding::for_bom(start).filter(|(encoding, _)| !encoding.is_ascii_compatible());
        let text = if wide.is_some() { formats::decode(start).0 } else { "".into() };
        let start = if wide.is_some() { text.as_bytes() } else { start };
        let mut narrowed;
        let reader: &mut dyn BufRead = match wide {
            Some((encoding, _)) if is_split(format, start) => {
                narrowed = BufReader::new(Narrowed::new(encoding.new_decoder_with_bom_removal(), reader));
                &mut narrowed
            }
            _ => reader,
        };
        match format {
            Format::Json => match json_layout(start) {
                JsonLayout::Lines => return self.lines(path, reader),
                JsonLayout::Array => return self.array(path, reader),
                JsonLayout::Document => {}
            },
            Format::Text => {
                if let Some(delimiter) = table(start) {
                    return self.table(path, reader, delimiter);
                }
            }
            _ => {}
        }
        let mut raw = Raw { format, hints: hints.clone(), ..empty(path) };
        match read_limited(reader, self.settings.limits.piece, &mut raw.bytes) {
            Ok(true) => (self.sink)(Ok(raw)),
            Ok(false) => (self.sink)(Err(Reject::new(&raw, None, too_long(self.settings.limits.piece)))),
            Err(error) => (self.sink)(Err(Reject::new(&raw, None, unreadable(&error)))),
        }
    }

    /// The pages of a web archive, each as if it were a file.
    fn archived_pages(&mut self, path: &str, reader: &mut dyn BufRead) -> Result<()> {
        let limit = self.settings.limits.piece;
        // Nothing is an error where the rest is not read.
        let read = warc::pages(reader, limit, &mut |found| {
            let told = match found {
                warc::Found::Page(page) => {
                    let hints = Hints { url: Some(page.url.clone()) };
                    let name = format!("{path}!{}", page.url);
                    let start = &page.bytes[..page.bytes.len().min(ENOUGH)];
                    if self.whole.give(page.bytes.len()).is_err() {
                        let fault = self.whole.fault();
                        return Err(self.reject(&name, fault).err());
                    }
                    match formats::detect(start, &name) {
                        Ok(format) => {
                            (self.sink)(Ok(Raw { format, hints, bytes: page.bytes, ..empty(&name) }))
                        }
                        Err(fault) => self.reject(&name, fault),
                    }
                }
                warc::Found::TooLong { url } => self.reject(&format!("{path}!{url}"), too_long(limit)),
                warc::Found::Broken { url, message } => {
                    self.reject(&format!("{path}!{url}"), Fault::new(Reason::Unreadable, message))
                }
            };
            told.map_err(Some)
        });
        match read {
            Ok(Err(Some(error))) => Err(error),
            Ok(Ok(()) | Err(None)) => Ok(()),
            Err(error) => self.reject(path, unreadable(&error)),
        }
    }

    /// The messages of a mailbox: each starts at a line `From ` after an empty one.
    fn mailbox(&mut self, path: &str, reader: &mut dyn BufRead) -> Result<()> {
        let limit = self.settings.limits.piece;
        let mut raw = Raw { format: Format::Mail, line: Some(1), ..empty(path) };
        let (mut number, mut after_empty, mut too_much) = (0, true, false);
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = match read_line(reader, &mut line, limit) {
                Ok(read) => read,
                Err(error) => return (self.sink)(Err(Reject::new(&raw, None, unreadable(&error)))),
            };
            number += 1;
            let is_end = matches!(read, Line::End);
            if (is_end || (after_empty && line.starts_with(b"From "))) && !raw.bytes.is_empty() {
                let next = Raw { format: Format::Mail, line: Some(number), ..empty(path) };
                let message = std::mem::replace(&mut raw, next);
                let piece =
                    if too_much { Err(Reject::new(&message, None, too_long(limit))) } else { Ok(message) };
                (self.sink)(piece)?;
                too_much = false;
            }
            if is_end {
                return Ok(());
            }
            after_empty = line.trim_ascii().is_empty();
            if matches!(read, Line::TooLong) || raw.bytes.len() + line.len() > limit {
                too_much = true;
                raw.bytes.truncate(MAX_KEPT_BYTES);
            } else if !too_much {
                // A `>` in front of `From ` was put there by the mailbox.
                let quoted = line.iter().position(|byte| *byte != b'>').unwrap_or(0);
                let unquoted =
                    if quoted > 0 && line[quoted..].starts_with(b"From ") { &line[1..] } else { &line };
                raw.bytes.extend_from_slice(unquoted);
                raw.bytes.push(b'\n');
            }
        }
    }

    /// One JSON text a line.
    fn lines(&mut self, path: &str, reader: &mut dyn BufRead) -> Result<()> {
        let limit = self.settings.limits.piece;
        let mut raw = Raw { format: Format::Json, ..empty(path) };
        let mut line = 0;
        loop {
            line += 1;
            raw.line = Some(line);
            raw.bytes = Vec::new();
            match read_line(reader, &mut raw.bytes, limit) {
                Ok(Line::Whole) if raw.bytes.iter().all(u8::is_ascii_whitespace) => {}
                Ok(Line::Whole) => {
                    let bytes = std::mem::take(&mut raw.bytes);
                    (self.sink)(Ok(Raw { bytes, ..raw.clone() }))?;
                }
                Ok(Line::TooLong) => (self.sink)(Err(Reject::new(&raw, None, too_long(limit))))?,
                Ok(Line::End) => return Ok(()),
                Err(error) => return (self.sink)(Err(Reject::new(&raw, None, unreadable(&error)))),
            }
        }
    }

    /// The elements of one JSON array, of any length.
    fn array(&mut self, path: &str, reader: &mut dyn BufRead) -> Result<()> {
        let limit = self.settings.limits.piece;
        let mut elements = Elements { reader, line: 1, is_open: false };
        loop {
            let mut raw = Raw { format: Format::Json, ..empty(path) };
            let read = elements.next(&mut raw.bytes, limit);
            raw.line = Some(elements.line);
            match read {
                Ok(Line::Whole) => {
                    let lines = memchr::memchr_iter(b'\n', &raw.bytes).count() as u64;
                    raw.line = Some(elements.line - lines);
                    (self.sink)(Ok(raw))?;
                }
                Ok(Line::TooLong) => (self.sink)(Err(Reject::new(&raw, None, too_long(limit))))?,
                Ok(Line::End) => return Ok(()),
                Err(error) => return (self.sink)(Err(Reject::new(&raw, None, unreadable(&error)))),
            }
        }
    }

    /// The rows of a table with a header, each as an object.
    fn table(&mut self, path: &str, reader: &mut dyn BufRead, delimiter: u8) -> Result<()> {
        let limit = self.settings.limits.piece;
        let budget = Rc::new(Cell::new(limit));
        let metered = Metered { inner: reader, budget: budget.clone() };
        let mut rows = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(metered);
        let text = |field: &[u8]| formats::decode(field).0.into_owned();
        let header: Vec<String> = match rows.byte_headers() {
            Ok(header) => header.iter().map(|name| text(name).trim().to_owned()).collect(),
            Err(error) => return self.reject(path, not_a_table(&error)),
        };
        let mut row = csv::ByteRecord::new();
        loop {
            budget.set(limit);
            let line = rows.position().line();
            let raw = |bytes: Vec<u8>| Raw { format: Format::Json, line: Some(line), bytes, ..empty(path) };
            match rows.read_byte_record(&mut row) {
                Ok(false) => return Ok(()),
                Ok(true) if row.len() != header.len() => {
                    let message = format!("{} fields, and the header has {}", row.len(), header.len());
                    let bytes = row.as_slice().to_vec();
                    (self.sink)(Err(Reject::new(&raw(bytes), None, Fault::new(Reason::WrongType, message))))?;
                }
                Ok(true) => {
                    let fields = header.iter().zip(&row).filter(|(_, value)| !value.is_empty());
                    let object: serde_json::Map<String, serde_json::Value> =
                        fields.map(|(name, value)| (name.clone(), text(value).into())).collect();
                    (self.sink)(Ok(raw(serde_json::Value::Object(object).to_string().into_bytes())))?;
                }
                Err(error) if error.is_io_error() => {
                    let fault = match error.into_kind() {
                        _ if budget.get() == 0 => too_long(limit),
                        csv::ErrorKind::Io(error) => unreadable(&error),
                        _ => unreachable!("asked above"),
                    };
                    return (self.sink)(Err(Reject::new(&raw(Vec::new()), None, fault)));
                }
                Err(error) => {
                    (self.sink)(Err(Reject::new(&raw(Vec::new()), None, not_a_table(&error))))?;
                }
            }
        }
    }
}

fn not_a_table(error: &csv::Error) -> Fault {
    Fault::new(Reason::Unreadable, format!("not a row of a table: {error}"))
}

/// Whether a document with this start is cut into pieces.
fn is_split(format: Format, start: &[u8]) -> bool {
    match format {
        Format::Json => !matches!(json_layout(start), JsonLayout::Document),
        Format::Text => table(start).is_some(),
        _ => false,
    }
}

/// How the articles of a JSON stream are laid out.
enum JsonLayout {
    Lines,
    Array,
    Document,
}

/// Tells from the start of a stream. Lines have whole objects; an object that goes on after the first line
/// break goes on with a name, a bracket or a comma, and never with another object's `{`.
fn json_layout(start: &[u8]) -> JsonLayout {
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    if text.starts_with(b"[") {
        return JsonLayout::Array;
    }
    let Some(end) = memchr::memchr(b'\n', text) else {
        // A line that is longer than this is no pretty print.
        return if text.len() < ENOUGH / 2 { JsonLayout::Document } else { JsonLayout::Lines };
    };
    let line = text[..end].trim_ascii_end();
    let next = text[end..].trim_ascii_start().first();
    match (line.last(), next) {
        (Some(b'}'), Some(b'{') | None) => JsonLayout::Lines,
        (_, Some(b'{')) if !matches!(line.last(), Some(b'[' | b':' | b',')) => JsonLayout::Lines,
        (Some(b'}'), _) if serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok() => JsonLayout::Lines,
        _ => JsonLayout::Document,
    }
}

/// The delimiter of a table that says in its first row what is in it.
fn table(start: &[u8]) -> Option<u8> {
    const KNOWN: [&[u8]; 12] = [
        b"title",
        b"headline",
        b"body",
        b"text",
        b"content",
        b"article",
        b"summary",
        b"description",
        b"url",
        b"published",
        b"date",
        b"source",
    ];
    /// Two names that articles have are no coincidence.
    const LEAST: usize = 2;
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let line = &start[..memchr::memchr(b'\n', start)?];
    let known = |delimiter: u8| {
        let names = line.split(|byte| *byte == delimiter);
        let names = names.map(|name| {
            let name = name.trim_ascii();
            name.strip_prefix(b"\"")
                .and_then(|name| name.strip_suffix(b"\""))
                .unwrap_or(name)
                .to_ascii_lowercase()
        });
        names.filter(|name| KNOWN.contains(&name.as_slice())).count()
    };
    [b',', b'\t', b';', b'|'].into_iter().find(|delimiter| known(*delimiter) >= LEAST)
}

fn is_tar(start: &[u8]) -> bool {
    start.get(257..262) == Some(b"ustar")
}

/// The name of a file as text; a byte that is no character is written `\xff`, so that names that differ stay so.
pub(crate) fn written(name: &[u8]) -> String {
    let mut text = String::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    text
}

/// Whether a name inside an archive is one that is passed over in a directory.
fn is_hidden(name: &str) -> bool {
    name.split('/')
        .any(|part| part == "__MACOSX" || (part.starts_with('.') && !part.trim_matches('.').is_empty()))
}

fn too_long(limit: usize) -> Fault {
    let message =
        format!("longer than {} MB, the most an article may have (`--max-article-mb`)", limit >> 20);
    Fault::new(Reason::TooLong, message)
}

fn unreadable(error: &std::io::Error) -> Fault {
    // Readers of archives wrap the errors of what they read.
    let mut cause = error.get_ref().map(|inner| inner as &(dyn std::error::Error + 'static));
    while let Some(inner) = cause {
        if let Some(bomb) = inner.downcast_ref::<Bomb>() {
            return Fault::new(Reason::Bomb, bomb.to_string());
        }
        let wrapped = inner.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        cause = wrapped.map(|inner| inner as &(dyn std::error::Error + 'static)).or_else(|| inner.source());
    }
    Fault::new(Reason::Unreadable, format!("cannot be read to its end: {error}"))
}

/// Reads so far that the first bytes tell what a stream is, and gives them and the whole of it. A pipe may
/// hand over a byte at a time.
fn ahead<'a>(mut stream: impl Read + 'a) -> std::io::Result<(Vec<u8>, impl BufRead + 'a)> {
    let mut start = Vec::new();
    if let Err(error) = stream.by_ref().take(ENOUGH as u64).read_to_end(&mut start)
        && start.is_empty()
    {
        return Err(error);
    }
    let whole = std::io::Cursor::new(start.clone()).chain(stream);
    Ok((start, BufReader::with_capacity(1 << 16, whole)))
}

/// Reads to the end, but no more than `limit`; false where there is more.
fn read_limited(reader: &mut dyn BufRead, limit: usize, bytes: &mut Vec<u8>) -> std::io::Result<bool> {
    reader.take(limit as u64 + 1).read_to_end(bytes)?;
    Ok(bytes.len() <= limit)
}

enum Line {
    Whole,
    TooLong,
    End,
}

/// Reads to the next line break; of a line that is too long no more than what is kept is held.
fn read_line(reader: &mut dyn BufRead, line: &mut Vec<u8>, limit: usize) -> std::io::Result<Line> {
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
        if line.len() + part.len() > limit {
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

/// Cuts an array into its elements by counting brackets outside strings.
struct Elements<'a> {
    reader: &'a mut dyn BufRead,
    /// Of the last byte read, from 1.
    line: u64,
    /// Whether the bracket that opens the array was read.
    is_open: bool,
}

impl Elements<'_> {
    fn next(&mut self, element: &mut Vec<u8>, limit: usize) -> std::io::Result<Line> {
        let (mut depth, mut in_string, mut is_escaped, mut too_long) = (0_usize, false, false, false);
        loop {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                return Ok(match (element.is_empty(), too_long) {
                    (_, true) => Line::TooLong,
                    (true, false) => Line::End,
                    (false, false) => Line::Whole,
                });
            }
            let mut used = 0;
            let mut is_done = false;
            for &byte in buffer {
                used += 1;
                self.line += u64::from(byte == b'\n');
                if in_string {
                    match byte {
                        _ if is_escaped => is_escaped = false,
                        b'\\' => is_escaped = true,
                        b'"' => in_string = false,
                        _ => {}
                    }
                } else {
                    match byte {
                        b'"' => in_string = true,
                        b'[' if !self.is_open => {
                            self.is_open = true;
                            continue;
                        }
                        b'[' | b'{' => depth += 1,
                        b']' if depth == 0 => {
                            is_done = true;
                        }
                        b']' | b'}' => depth = depth.saturating_sub(1),
                        b',' if depth == 0 => is_done = true,
                        _ => {}
                    }
                }
                if is_done {
                    break;
                }
                let is_between = element.is_empty() && (byte.is_ascii_whitespace() || !byte.is_ascii());
                if element.len() >= limit {
                    too_long = true;
                    element.truncate(MAX_KEPT_BYTES);
                } else if !too_long && !is_between {
                    element.push(byte);
                }
            }
            self.reader.consume(used);
            if is_done && too_long {
                return Ok(Line::TooLong);
            }
            if is_done && !element.is_empty() {
                return Ok(Line::Whole);
            }
        }
    }
}

/// How many bytes something takes and gives.
#[derive(Debug)]
struct Expansion {
    taken: Cell<u64>,
    given: Cell<u64>,
    limit: u64,
    allowance: u64,
}

impl Expansion {
    fn new(limits: &Limits) -> Expansion {
        let (limit, allowance) = (limits.expansion.max(1), limits.allowance);
        Expansion { taken: Cell::new(0), given: Cell::new(0), limit, allowance }
    }

    /// Counts what was given, unless that is too much.
    fn give(&self, bytes: usize) -> std::io::Result<()> {
        self.given.set(self.given.get() + bytes as u64);
        if self.is_too_much() { Err(std::io::Error::other(Bomb(self.limit))) } else { Ok(()) }
    }

    fn is_too_much(&self) -> bool {
        self.given.get() > self.allowance && self.given.get() / self.limit > self.taken.get()
    }

    fn fault(&self) -> Fault {
        Fault::new(Reason::Bomb, Bomb(self.limit).to_string())
    }
}

/// Counts what is taken from a reader.
struct Counted<R> {
    inner: R,
    of: Rc<Expansion>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.of.taken.set(self.of.taken.get() + count as u64);
        Ok(count)
    }
}

/// Stops a decompression that gives too much for what it takes, or that all together give too much.
struct Guarded<R> {
    inner: R,
    layer: Rc<Expansion>,
    whole: Rc<Expansion>,
}

/// The error of a [`Guarded`] reader.
#[derive(Debug)]
struct Bomb(u64);

impl std::fmt::Display for Bomb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "expands to more than {} times its size (`--max-expansion`), and what follows is not read",
            self.0
        )
    }
}

impl std::error::Error for Bomb {}

impl<R: Read> Read for Guarded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.whole.give(count)?;
        self.layer.give(count)?;
        Ok(count)
    }
}

/// Gives so many bytes between two refills of its budget and then fails.
struct Metered<'a> {
    inner: &'a mut dyn BufRead,
    budget: Rc<Cell<usize>>,
}

impl Read for Metered<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let left = self.budget.get();
        if left == 0 {
            return Err(std::io::Error::other("a row without an end"));
        }
        let most = buffer.len().min(left);
        let count = self.inner.read(&mut buffer[..most])?;
        self.budget.set(left - count);
        Ok(count)
    }
}

/// A stream of another encoding as UTF-8.
struct Narrowed<'a> {
    inner: &'a mut dyn BufRead,
    decoder: encoding_rs::Decoder,
    text: Vec<u8>,
    /// Bytes of the text that were handed over.
    given: usize,
    is_over: bool,
}

impl<'a> Narrowed<'a> {
    fn new(decoder: encoding_rs::Decoder, inner: &'a mut dyn BufRead) -> Narrowed<'a> {
        Narrowed { inner, decoder, text: Vec::new(), given: 0, is_over: false }
    }
}

impl Read for Narrowed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.given == self.text.len() && !self.is_over {
            let bytes = self.inner.fill_buf()?;
            self.is_over = bytes.is_empty();
            let room = self.decoder.max_utf8_buffer_length(bytes.len());
            self.text.resize(room.expect("a buffer is far from the end of memory"), 0);
            let (_, read, written, _) = self.decoder.decode_to_utf8(bytes, &mut self.text, self.is_over);
            self.inner.consume(read);
            self.text.truncate(written);
            self.given = 0;
        }
        let count = (&self.text[self.given..]).read(buffer)?;
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn pieces_with(name: &str, bytes: &[u8], settings: &Settings) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let again = Box::new(std::io::Cursor::new(bytes.to_vec()));
        unpack(name, bytes, Some(again), settings, &mut |piece| {
            pieces.push(piece);
            Ok(())
        })
        .unwrap();
        pieces
    }

    /// Places of what was found, and reasons of what was rejected.
    fn told(name: &str, bytes: &[u8]) -> Vec<String> {
        let pieces = pieces_with(name, bytes, &Settings::default());
        pieces
            .into_iter()
            .map(|piece| match piece {
                Ok(raw) => format!("{} {:?}", raw.place(), raw.format),
                Err(reject) => format!("{} {:?}", reject.path, reject.reason),
            })
            .collect()
    }

    fn gz(bytes: &[u8]) -> Vec<u8> {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(bytes).unwrap();
        gz.finish().unwrap()
    }

    fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, bytes) in files {
            let mut header = tar::Header::new_ustar();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            // Names such as `../x` have to be forced in.
            header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
            header.set_cksum();
            builder.append(&header, *bytes).unwrap();
        }
        builder.into_inner().unwrap()
    }

    fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, bytes) in files {
            writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    const TWO: &[u8] = b"{\"title\": \"one\"}\n\n{\"title\": \"two\"}";

    #[test]
    fn what_a_stream_is_its_first_bytes_tell() {
        let rows: [(&str, Vec<u8>, &[&str]); 12] = [
            ("n", TWO.to_vec(), &["n:1 Json", "n:3 Json"]),
            ("n", gz(TWO), &["n:1 Json", "n:3 Json"]),
            ("n", zstd::encode_all(TWO, 1).unwrap(), &["n:1 Json", "n:3 Json"]),
            ("n", b"[{\"title\": \"o,n[e\"},\n {\"title\":\n \"two\"}]".to_vec(), &["n:1 Json", "n:2 Json"]),
            ("n", b"{\n  \"title\": \"one\",\n  \"body\": \"x\"\n}\n".to_vec(), &["n Json"]),
            ("n", b"{\"title\": \"cut\n{\"title\": \"two\"}\n".to_vec(), &["n:1 Json", "n:2 Json"]),
            ("n", b"title,body\nT,\"B\nC\"\nbad\nU,V\n".to_vec(), &["n:2 Json", "n WrongType", "n:5 Json"]),
            ("n", b"Title\n\nBody".to_vec(), &["n Text"]),
            ("n.md", b"# Title\n\nBody".to_vec(), &["n.md Markdown"]),
            ("n", b"%PDF-1.4".to_vec(), &["n Unsupported"]),
            ("n", b"\x00\x01\x02\x03abc".to_vec(), &["n NotText"]),
            ("n", Vec::new(), &["n NoText"]),
        ];
        for (name, bytes, expected) in rows {
            assert_eq!(told(name, &bytes), expected, "{}", String::from_utf8_lossy(&bytes));
            // The same in two bytes a character, in either order.
            let Ok(text) = std::str::from_utf8(&bytes) else { continue };
            if text.is_empty() || text.starts_with('%') || text.contains('\0') {
                continue;
            }
            let marked: Vec<u16> = "\u{feff}".encode_utf16().chain(text.encode_utf16()).collect();
            for wide in [u16::to_le_bytes, u16::to_be_bytes] {
                let wide: Vec<u8> = marked.iter().copied().flat_map(wide).collect();
                assert_eq!(told(name, &wide), expected, "{text}");
            }
        }
    }

    #[test]
    fn what_is_wide_is_read_whatever_its_length() {
        let lines: Vec<String> = (0..3000).map(|n| format!("{{\"title\": \"Nº {n} é€𝄞\"}}\n")).collect();
        let lines = lines.concat();
        let bytes: Vec<u8> =
            "\u{feff}".encode_utf16().chain(lines.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let pieces = pieces_with("n", &bytes, &Settings::default());
        let titles = pieces
            .into_iter()
            .map(|piece| parse(&piece.unwrap(), &FieldMap::new()).remove(0).1.unwrap().article.title);
        assert!(titles.enumerate().all(|(n, title)| title == format!("Nº {n} é€𝄞")));
    }

    #[test]
    fn archives_are_opened_and_hidden_files_passed_over() {
        let files: [(&str, &[u8]); 4] =
            [("a/one.txt", b"One"), ("../up.jsonl", TWO), (".hidden/x.txt", b"No"), ("__MACOSX/y", b"No")];
        let expected = ["n!a/one.txt Text", "n!../up.jsonl:1 Json", "n!../up.jsonl:3 Json"];
        assert_eq!(told("n", &tar(&files)), expected);
        assert_eq!(told("n", &gz(&tar(&files))), expected);
        assert_eq!(told("n", &zip(&files)), expected);
        assert_eq!(told("n", &tar(&[("in.zip", &zip(&[("one.txt", b"One")]))])), ["n!in.zip!one.txt Text"]);
    }

    #[test]
    fn too_much_is_rejected_and_the_rest_goes_on() {
        let settings = Settings {
            limits: Limits { piece: 100, expansion: 10, allowance: 1 << 20, nesting: 2 },
            ..Settings::default()
        };
        let told = |bytes: &[u8]| -> Vec<String> {
            let pieces = pieces_with("n", bytes, &settings).into_iter();
            pieces
                .map(|piece| {
                    piece.map_or_else(
                        |reject| format!("{:?}", reject.reason),
                        |raw| raw.bytes.len().to_string(),
                    )
                })
                .collect()
        };
        let long = format!("{{\"title\": \"{}\"}}\n{{\"title\": \"short\"}}\n", "x".repeat(200));
        assert_eq!(told(long.as_bytes()), ["TooLong", "18"]);
        let array = format!("[{{\"title\": \"{}\"}},\n{{\"title\": \"short\"}}]", "x".repeat(200));
        assert_eq!(told(array.as_bytes()), ["TooLong", "18"]);
        let row = format!("title,body\n\"{}\n", "x".repeat(10_000));
        assert_eq!(told(row.as_bytes()), ["TooLong"]);
        assert_eq!(told("x".repeat(101).as_bytes()), ["TooLong"]);
        assert_eq!(told(&gz(&gz(&gz(b"text")))), ["TooDeep"]);
        // A line without an end that costs next to nothing to send.
        let mut bomb = b"{\"title\": \"".to_vec();
        bomb.resize(2 << 20, b' ');
        assert_eq!(told(&gz(&bomb)), ["Bomb"]);
    }

    #[test]
    fn an_input_may_not_expand_without_end_in_many_parts() {
        let limits = Limits { expansion: 20, allowance: 100_000, ..Limits::default() };
        let settings = Settings { limits, ..Settings::default() };
        // Each is as it should be.
        let page = format!("{{\"title\": \"page\"{}}}", " ".repeat(40_000));
        let names: Vec<String> = (0..50).map(|number| format!("{number:02}.json")).collect();
        let files =
            |bytes: &'static [u8]| names.iter().map(|name| (name.as_str(), bytes)).collect::<Vec<_>>();
        let page: &'static [u8] = page.leak().as_bytes();
        let packed: &'static [u8] = gz(page).leak();
        let record = |bytes: &[u8]| {
            let http =
                [b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n", bytes]
                    .concat();
            let head = format!(
                "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://e.example/\r\n\
                 Content-Type: application/http\r\nContent-Length: {}\r\n\r\n",
                http.len()
            );
            [head.as_bytes(), &http, b"\r\n\r\n"].concat()
        };
        let rows = [
            ("zip", zip(&files(page))),
            ("tar of gzip", tar(&files(packed))),
            ("tar in gzip", gz(&tar(&files(page)))),
            ("zip of gzip", zip(&files(packed))),
            ("zip in tar", tar(&[("a.zip", &zip(&files(page))), ("b.zip", &zip(&files(page)))])),
            ("web archive", record(packed).repeat(50)),
        ];
        for (what, bytes) in rows {
            let pieces = pieces_with("n", &bytes, &settings);
            let good = pieces.iter().filter(|piece| piece.is_ok()).count();
            let (last, rejects) = (pieces.last().unwrap(), pieces.len() - good);
            let reason = last.as_ref().unwrap_err().reason;
            assert!(
                good >= 1 && good * page.len() < 100_000 + 20 * bytes.len() && rejects == 1,
                "{what}: {good} {rejects}"
            );
            assert_eq!(reason, Reason::Bomb, "{what}");
        }
        // What is worth its size is read to its end.
        let noise: Vec<String> =
            (0_u64..3000).map(|n| format!("{:016x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect();
        let honest: &'static [u8] = format!("{{\"title\": \"{}\"}}", noise.concat()).leak().as_bytes();
        let pieces = pieces_with("n", &zip(&files(honest)), &settings);
        assert_eq!(pieces.iter().flatten().count(), names.len());
    }

    #[test]
    fn a_cut_stream_keeps_what_came_before() {
        let lines = "{\"title\": \"one\"}\n".repeat(5000);
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        gz.write_all(lines.as_bytes()).unwrap();
        let bytes = gz.finish().unwrap();
        let pieces = pieces_with("n", &bytes[..bytes.len() / 2], &Settings::default());
        let good = pieces.iter().filter(|piece| piece.is_ok()).count();
        assert!(good > 2000, "{good}");
        assert_eq!(pieces.len() - good, 1);
        for archive in [tar(&[("a.txt", b"One"), ("b.txt", &[b'x'; 4000])]), zip(&[("a.txt", b"One")])] {
            for end in (0..archive.len()).step_by(97) {
                pieces_with("n", &archive[..end], &Settings::default());
            }
        }
    }

    #[test]
    fn a_reject_tells_its_place_and_keeps_its_bytes() {
        let pieces = pieces_with("n", b"{\"title\": \"one\"}\n{\"title\": 3}\n", &Settings::default());
        let raw = pieces.into_iter().nth(1).unwrap().unwrap();
        let reject = parse(&raw, &FieldMap::new()).remove(0).1.unwrap_err();
        assert!(reject.summary().starts_with("n:2: not an article in JSON, column"), "{}", reject.summary());
        assert_eq!(reject.content, "{\"title\": 3}");
    }
}
