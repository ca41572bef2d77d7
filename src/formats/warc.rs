//! Web archives: the pages in a WARC 1.0 or 1.1 file, or in its forerunner ARC 1.0.
//!
//! A record is a few header lines, an empty line, and as many bytes as the header says. [`pages`] hands over
//! those with text in them. A length may lie and a file may be cut, so a record is read up to a limit, and after
//! a record that makes no sense the next start of one is looked for. The `warc` crate does neither.

use std::io::{BufRead, Cursor, Read};

/// A page from an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub url: String,
    /// When it was fetched, as the archive says it.
    pub fetched: String,
    pub bytes: Vec<u8>,
}

/// What a record came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    Page(Page),
    /// A record that cannot be read; a sentence that says why, and its address.
    Broken {
        url: String,
        message: String,
    },
    /// Its payload is longer than allowed.
    TooLong {
        url: String,
    },
}

/// Header lines of one record are shorter than this in all.
const MAX_HEADER: u64 = 64 << 10;

/// Hands every page to `found`, which may stop it with an error.
///
/// # Errors
/// What `found` returns, or what reading `archive` does.
pub fn pages<E>(
    archive: &mut dyn BufRead,
    limit: usize,
    found: &mut dyn FnMut(Found) -> Result<(), E>,
) -> std::io::Result<Result<(), E>> {
    let mut archive = Again { given_back: Cursor::default(), archive };
    let mut second_looks = 0;
    loop {
        let Some(head) = next_head(&mut archive)? else { return Ok(Ok(())) };
        let is_arc = !head.starts_with("WARC/");
        let record = if is_arc { arc_record(&head) } else { warc_record(&head) };
        let Some(Record { url, fetched, kind, content_type, length }) = record else {
            let message = "a record without a length".to_owned();
            if let Err(error) = found(Found::Broken { url: String::new(), message }) {
                return Ok(Err(error));
            }
            continue;
        };
        let is_wanted = matches!(kind.as_str(), "response" | "resource" | "conversion")
            && ["http://", "https://", "ftp://", "file://"].iter().any(|scheme| url.starts_with(scheme));
        let mut bytes = Vec::new();
        let kept = length.min(limit as u64 + 1);
        archive.by_ref().take(kept).read_to_end(&mut bytes)?;
        let mut is_cut = (bytes.len() as u64) < kept;
        // A length that lies swallows the records that follow.
        if (is_cut || length > kept)
            && second_looks < MAX_SECOND_LOOKS
            && let Some(at) = memchr::memmem::find(&bytes, b"\n\r\nWARC/1.")
        {
            second_looks += 1;
            archive.give_back(bytes.split_off(at + 1));
            let message = "its length is wrong, as another record starts within".to_owned();
            if let Err(error) = found(Found::Broken { url, message }) {
                return Ok(Err(error));
            }
            continue;
        }
        let rest = length - kept;
        is_cut |= std::io::copy(&mut archive.by_ref().take(rest), &mut std::io::sink())? < rest;
        let is_http = content_type.contains("application/http") || (is_arc && bytes.starts_with(b"HTTP/"));
        let told = if !is_wanted {
            None
        } else if bytes.len() > limit {
            Some(Found::TooLong { url })
        } else {
            match payload(bytes, is_http, &content_type, limit) {
                Ok(Some(bytes)) if !bytes.is_empty() => Some(Found::Page(Page { url, fetched, bytes })),
                Ok(_) => None,
                Err(message) => Some(Found::Broken { url, message }),
            }
        };
        if let Some(told) = told
            && let Err(error) = found(told)
        {
            return Ok(Err(error));
        }
        if is_cut {
            let message = "the archive ends in the middle of a record".to_owned();
            return Ok(found(Found::Broken { url: String::new(), message }));
        }
    }
}

/// Records with a wrong length that are looked through for those that follow, in one archive. Each look may
/// read all of the rest once more.
const MAX_SECOND_LOOKS: usize = 16;

/// An archive to which bytes can be given back.
struct Again<'a> {
    given_back: Cursor<Vec<u8>>,
    archive: &'a mut dyn BufRead,
}

impl Again<'_> {
    fn give_back(&mut self, mut bytes: Vec<u8>) {
        let at = usize::try_from(self.given_back.position()).unwrap_or(usize::MAX);
        bytes.extend_from_slice(self.given_back.get_ref().get(at..).unwrap_or_default());
        self.given_back = Cursor::new(bytes);
    }
}

impl Read for Again<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.given_back.read(buffer)?;
        if count > 0 || buffer.is_empty() { Ok(count) } else { self.archive.read(buffer) }
    }
}

impl BufRead for Again<'_> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.given_back.fill_buf()?.is_empty() {
            self.archive.fill_buf()
        } else {
            self.given_back.fill_buf()
        }
    }

    fn consume(&mut self, count: usize) {
        // What was shown came from one of the two, and the first has nothing once the other is shown.
        if self.given_back.fill_buf().is_ok_and(<[u8]>::is_empty) {
            self.archive.consume(count);
        } else {
            self.given_back.consume(count);
        }
    }
}

struct Record {
    url: String,
    fetched: String,
    kind: String,
    content_type: String,
    length: u64,
}

/// The header of the next record, past anything that is none.
fn next_head(archive: &mut Again<'_>) -> std::io::Result<Option<String>> {
    let mut line = Vec::new();
    loop {
        line.clear();
        if archive.by_ref().take(MAX_HEADER).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let is_arc = arc_record(&String::from_utf8_lossy(&line)).is_some();
        if is_arc {
            return Ok(Some(String::from_utf8_lossy(&line).into_owned()));
        }
        if line.starts_with(b"WARC/") {
            break;
        }
    }
    let mut head = String::from_utf8_lossy(&line).into_owned();
    let mut size = line.len() as u64;
    loop {
        line.clear();
        let count = archive.by_ref().take(MAX_HEADER).read_until(b'\n', &mut line)?;
        size += count as u64;
        if count == 0 || line.trim_ascii().is_empty() || size > MAX_HEADER {
            return Ok(Some(head));
        }
        head.push_str(&String::from_utf8_lossy(&line));
    }
}

fn warc_record(head: &str) -> Option<Record> {
    let field = |name: &str| -> Option<String> {
        let lines = head.lines().filter_map(|line| line.split_once(':'));
        let mut lines = lines.filter(|(found, _)| found.trim().eq_ignore_ascii_case(name));
        lines.next().map(|(_, value)| value.trim().trim_matches(['<', '>']).to_owned())
    };
    Some(Record {
        length: field("Content-Length")?.parse().ok()?,
        url: field("WARC-Target-URI").unwrap_or_default(),
        fetched: field("WARC-Date").unwrap_or_default(),
        kind: field("WARC-Type").unwrap_or_default(),
        content_type: field("Content-Type").unwrap_or_default().to_ascii_lowercase(),
    })
}

/// A line of address, IP, date, type and length.
fn arc_record(line: &str) -> Option<Record> {
    let line = line.trim_end();
    let parts: Vec<&str> = line.rsplitn(5, ' ').collect();
    let [length, content_type, date, ip, url] = parts.as_slice() else { return None };
    let is_date = date.len() == 14 && date.bytes().all(|byte| byte.is_ascii_digit());
    if !url.contains("://") || !is_date || !ip.contains(['.', ':']) {
        return None;
    }
    let fetched = format!(
        "{}-{}-{}T{}:{}:{}Z",
        &date[..4],
        &date[4..6],
        &date[6..8],
        &date[8..10],
        &date[10..12],
        &date[12..14]
    );
    let kind = if url.starts_with("filedesc://") { "warcinfo" } else { "response" };
    Some(Record {
        url: (*url).to_owned(),
        fetched,
        kind: kind.to_owned(),
        content_type: content_type.to_ascii_lowercase(),
        length: length.parse().ok()?,
    })
}

/// What a record holds as text: without the headers of HTTP, without transfer and content encodings. `None`
/// where it is a redirect, an error or no text.
fn payload(
    bytes: Vec<u8>,
    is_http: bool,
    content_type: &str,
    limit: usize,
) -> Result<Option<Vec<u8>>, String> {
    let is_text = |kind: &str| {
        let kind = kind.to_ascii_lowercase();
        kind.is_empty()
            || ["text/", "html", "xml", "json"].iter().any(|part| kind.contains(part))
                && !["css", "javascript"].iter().any(|part| kind.contains(part))
    };
    if !is_http {
        return Ok(is_text(content_type).then_some(bytes));
    }
    let mut headers = [httparse::EMPTY_HEADER; 128];
    let mut response = httparse::Response::new(&mut headers);
    let config = {
        let mut config = httparse::ParserConfig::default();
        config.allow_spaces_after_header_name_in_responses(true).ignore_invalid_headers_in_responses(true);
        config
    };
    let start = match config.parse_response(&mut response, &bytes) {
        Ok(httparse::Status::Complete(start)) => start,
        Ok(httparse::Status::Partial) => return Err("an HTTP response that ends in its headers".to_owned()),
        Err(error) => return Err(format!("not an HTTP response: {error}")),
    };
    let header = |name: &str| -> String {
        let found = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        found.map(|header| String::from_utf8_lossy(header.value).to_ascii_lowercase()).unwrap_or_default()
    };
    if response.code != Some(200) || !is_text(&header("content-type")) {
        return Ok(None);
    }
    let mut body = bytes[start..].to_vec();
    if header("transfer-encoding").contains("chunked") {
        // Some archivers keep the header and undo the chunks.
        body = unchunked(&body).unwrap_or(body);
    }
    let encoding = header("content-encoding");
    let mut plain = Vec::new();
    let read = match encoding.trim() {
        "gzip" | "x-gzip" if body.starts_with(&[0x1f, 0x8b]) => {
            flate2::read::MultiGzDecoder::new(&body[..]).take(limit as u64).read_to_end(&mut plain)
        }
        "deflate" => flate2::read::ZlibDecoder::new(&body[..]).take(limit as u64).read_to_end(&mut plain),
        "" | "identity" | "gzip" | "x-gzip" => return Ok(Some(body)),
        other => return Err(format!("the content encoding `{other}` is not one that dateline reads")),
    };
    // A cut page is better than none.
    match read {
        Err(error) if plain.is_empty() => Err(format!("cannot be decompressed: {error}")),
        _ => Ok(Some(plain)),
    }
}

/// Joins chunks; `None` where there are none.
fn unchunked(body: &[u8]) -> Option<Vec<u8>> {
    let mut joined = Vec::with_capacity(body.len());
    let mut rest = body;
    loop {
        match httparse::parse_chunk_size(rest) {
            Ok(httparse::Status::Complete((start, size))) => {
                let size = usize::try_from(size).ok()?;
                if size == 0 {
                    return Some(joined);
                }
                let chunk = &rest[start..];
                joined.extend_from_slice(&chunk[..size.min(chunk.len())]);
                // A page that was cut off ends within a chunk.
                let Some(after) = chunk.get(size..) else { return Some(joined) };
                rest = after.trim_ascii_start();
            }
            _ if joined.is_empty() => return None,
            _ => return Some(joined),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(url: &str, http: &str) -> String {
        format!(
            "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2019-05-02T12:00:00Z\r\n\
             Content-Type: application/http; msgtype=response\r\nContent-Length: {}\r\n\r\n{http}\r\n\r\n",
            http.len()
        )
    }

    fn read(archive: &str) -> Vec<Found> {
        let mut all = Vec::new();
        let mut keep = |found| -> Result<(), ()> {
            all.push(found);
            Ok(())
        };
        pages(&mut archive.as_bytes(), 1000, &mut keep).unwrap().unwrap();
        all
    }

    #[test]
    fn responses_with_text_are_pages() {
        let html = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>One</p>";
        let chunked = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n<p>\r\n2\r\nHi\r\n0\r\n\r\n";
        let picture = "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\nx";
        let gone = "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\nx";
        let cut = chunked.replace("2\r\nHi\r\n0\r\n\r\n", "40\r\nHi, there");
        let cut_in_size = chunked.replace("2\r\nHi\r\n0\r\n\r\n", "2\r\nHi\r\n4");
        let unchunked = chunked.replace("3\r\n<p>\r\n2\r\nHi\r\n0\r\n\r\n", "<p>Hello");
        let archive: String = [html, chunked, picture, gone, &cut, &cut_in_size, &unchunked]
            .iter()
            .map(|http| record("https://e.example/", http))
            .collect();
        let found = read(&archive);
        let bodies: Vec<String> = found
            .iter()
            .map(|found| match found {
                Found::Page(page) => String::from_utf8_lossy(&page.bytes).into_owned(),
                other => format!("{other:?}"),
            })
            .collect();
        assert_eq!(bodies, ["<p>One</p>", "<p>Hi", "<p>Hi, there", "<p>Hi", "<p>Hello"]);
    }

    #[test]
    fn lies_and_cuts_are_told_and_passed_over() {
        let long = record(
            "https://e.example/",
            &format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{}", "x".repeat(2000)),
        );
        let good = record("https://e.example/2", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\ny");
        let headless = "WARC/1.0\r\nWARC-Type: response\r\n\r\n";
        let found = read(&format!("{long}{headless}{good}"));
        assert!(
            matches!(found.as_slice(), [Found::TooLong { .. }, Found::Broken { .. }, Found::Page(_)]),
            "{found:?}"
        );
        let cut = &good[..good.len() - 8];
        assert!(matches!(
            read(&cut.replace("Content-Length: ", "Content-Length: 9")).last(),
            Some(Found::Broken { .. })
        ));
    }
    #[test]
    fn lengths_that_lie_do_not_swallow_what_follows() {
        let page = |n: usize| {
            record(
                &format!("https://e.example/{n}"),
                &format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{n}"),
            )
        };
        let request = page(1).replace("Type: response", "Type: request");
        let lie = |record: &str| record.replace("Content-Length: ", "Content-Length: 99999");
        let short = |record: &str| record.replace("Content-Length: ", "Content-Length: 1\r\nX: ");
        let rows = [
            (lie(&page(1)) + &page(2) + &page(3), "broken 2 3"),
            (lie(&request) + &page(2), "broken 2"),
            (lie(&page(1)) + &lie(&page(2)) + &page(3), "broken broken 3"),
            (short(&page(1)) + &page(2), "broken 2"),
            (page(1) + &lie(&page(2)), "1 2 broken"),
            (page(1) + &lie(&request), "1 broken"),
            (page(1) + "junk\r\n" + &page(2), "1 2"),
        ];
        for (archive, expected) in rows {
            let found = read(&archive).into_iter().map(|found| match found {
                Found::Page(page) => String::from_utf8_lossy(&page.bytes).trim().to_owned(),
                Found::Broken { .. } => "broken".to_owned(),
                Found::TooLong { .. } => "long".to_owned(),
            });
            assert_eq!(found.collect::<Vec<_>>().join(" "), expected, "{archive}");
        }
        // Sixteen are enough to be sure that nobody means it.
        let many = read(&lie(&page(1)).repeat(1000));
        assert!(many.len() <= MAX_SECOND_LOOKS + 2, "{}", many.len());
    }
}
