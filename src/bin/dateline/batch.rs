//! Many queries, one a line, answered as JSON lines that say which line they are of.

use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use dateline::error::{Error, Result};
use dateline::index::Reader;
use dateline::search::FacetRequest;
use serde::Serialize;

use crate::flags::{AskedArgs, Cli, Format, OutputArgs};
use crate::{Answer, NOTHING_FOUND, WITH_REJECTS, answer, filters, note};

/// A line of output.
#[derive(Serialize)]
struct Printed<'a, T> {
    r#type: &'static str,
    line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    query: Option<&'a str>,
    #[serde(flatten)]
    value: T,
}

#[derive(Serialize)]
struct Failure {
    message: String,
}

/// Answers every line of a file or of standard input. Blank lines and those that start with `#` are passed over.
/// A query that cannot be understood is reported with its line, and the rest is answered.
pub fn run(cli: &Cli, reader: &Reader, file: &Path, asked: &AskedArgs, output: &OutputArgs) -> Result<u8> {
    if output.json || output.template.is_some() || output.format.is_some_and(|format| format != Format::Jsonl)
    {
        return Err(Error::Usage("a batch is printed as JSON lines; leave the other format out".to_owned()));
    }
    // What is wrong with the flags is wrong once, not on every line.
    filters(&asked.filters, reader)?;
    FacetRequest::parse(&output.facets)?;
    let failed = |error| Error::Io { path: file.to_owned(), error };
    let mut lines: Box<dyn BufRead> = if file.as_os_str() == "-" {
        Box::new(io::stdin().lock())
    } else {
        Box::new(BufReader::new(std::fs::File::open(file).map_err(failed)?))
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let (mut number, mut found, mut bad) = (0, false, 0_u64);
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        if lines.read_until(b'\n', &mut bytes).map_err(failed)? == 0 {
            break;
        }
        number += 1;
        let text = String::from_utf8_lossy(&bytes);
        let typed = text.trim();
        if typed.is_empty() || typed.starts_with('#') {
            continue;
        }
        let written = match answer(reader, typed, asked, output) {
            Ok(answer) => {
                found |= answer.results.total > 0;
                write_answer(&mut out, number, typed, &answer)
            }
            Err(Error::Usage(message)) => {
                bad += 1;
                note(cli, &format!("line {number}: {}", crate::plain::Plain(&message)));
                write_line(&mut out, "error", number, Some(typed), Failure { message })
            }
            Err(error) => return Err(error),
        };
        // Whoever feeds a pipe a line at a time waits for its answer.
        match written.and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(0),
            Err(error) => return Err(Error::Io { path: "standard output".into(), error }),
            Ok(()) => {}
        }
    }
    Ok(match (bad, found) {
        (1.., _) => WITH_REJECTS,
        (0, true) => 0,
        (0, false) => NOTHING_FOUND,
    })
}

fn write_answer(out: &mut dyn Write, line: u64, typed: &str, answer: &Answer<'_>) -> io::Result<()> {
    // A summary has the query itself.
    write_line(out, "summary", line, None, answer.summary())?;
    for hit in answer.hits() {
        write_line(out, "hit", line, Some(typed), hit)?;
    }
    Ok(())
}

fn write_line(
    out: &mut dyn Write,
    r#type: &'static str,
    line: u64,
    query: Option<&str>,
    value: impl Serialize,
) -> io::Result<()> {
    writeln!(out, "{}", serde_json::to_string(&Printed { r#type, line, query, value })?)
}
