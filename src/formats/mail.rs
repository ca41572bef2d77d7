//! Mail, such as newsletters, read with `mail-parser`.

use mail_parser::{DateTime, MessageParser, PartType};

use super::{Fault, Outcome, Parsed, Reason, html};
use crate::article::{Article, Date};

/// Whether bytes start as a message does: header lines, among them who it is from, and an empty line.
pub fn is(start: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&start[..start.len().min(super::ENOUGH)]);
    let mut from = false;
    let mut other = 0;
    for (index, line) in head.lines().enumerate() {
        if line.starts_with([' ', '\t']) && index > 0 {
            continue;
        }
        if index == 0 && line.starts_with("From ") {
            continue;
        }
        let Some((name, _)) = line.split_once(':') else { break };
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            break;
        }
        match name.to_ascii_lowercase().as_str() {
            "from" => from = true,
            "received" | "x-received" | "dkim-signature" | "mime-version" | "message-id" | "content-type"
            | "return-path" | "delivered-to" | "to" | "date" | "subject" => other += 1,
            _ => {}
        }
    }
    // A message that came through many hands has its own headers far below.
    (from && other >= 2) || other >= 4
}

/// The article of a message: its subject and its text.
pub fn articles(bytes: &[u8]) -> Vec<Outcome> {
    vec![article(bytes)]
}

fn article(bytes: &[u8]) -> Outcome {
    // The envelope line of a mailbox is none of the message's.
    let bytes = match bytes.strip_prefix(b"From ") {
        Some(rest) => memchr::memchr(b'\n', rest).map_or(rest, |end| &rest[end + 1..]),
        None => bytes,
    };
    check_depth(bytes)?;
    let message = MessageParser::default()
        .parse(bytes)
        .ok_or_else(|| Fault::new(Reason::NotText, "not a message that can be read"))?;
    // The parser calls a page the text of a message that has no other, and takes its markup out in its own way.
    let mut plain = String::new();
    let mut page = None;
    for part in message.text_part(0).into_iter().chain(message.html_part(0)) {
        match &part.body {
            PartType::Text(text) if plain.is_empty() => text.trim().clone_into(&mut plain),
            PartType::Html(text) if page.is_none() => page = Some(text),
            _ => {}
        }
    }
    /// Many newsletters have a line in plain text that only says to look at the other part.
    const STUB: usize = 200;
    let body = if plain.len() >= STUB {
        plain
    } else {
        let other = page.map(|text| html::plain(text)).unwrap_or_default();
        if other.len() > plain.len() * 2 { other } else { plain }
    };
    let from = message.from().and_then(|from| from.first());
    let name = from.and_then(|from| from.name().or(from.address())).map(str::to_owned);
    let moment = message.date().filter(|date| date.is_valid()).map(DateTime::to_timestamp);
    let article = Article {
        native_id: message.message_id().map(str::to_owned),
        title: message.subject().unwrap_or_default().to_owned(),
        body,
        source: name.clone().unwrap_or_default(),
        author: name,
        published: moment.and_then(|moment| Date::from_second(moment).ok()),
        ..Article::default()
    };
    Ok(Parsed { article, warnings: Vec::new() })
}

/// Refuses messages within messages within messages: the parser's values are as deep as these, and so is
/// the stack when they are dropped.
fn check_depth(bytes: &[u8]) -> Result<(), Fault> {
    /// Every level says what it is. 3,000 levels can be dropped on the 2 MB stack of a thread in a debug build,
    /// 8,000 cannot.
    const MAX_PARTS: usize = 1000;
    const NAME: &[u8] = b"content-type";
    let parts = memchr::memchr_iter(b'-', bytes)
        .filter(|at| {
            // At the hyphen in its middle.
            let start = at.checked_sub(7);
            start
                .and_then(|start| bytes.get(start..start + NAME.len()))
                .is_some_and(|name| name.eq_ignore_ascii_case(NAME))
        })
        .take(MAX_PARTS + 1)
        .count();
    if parts > MAX_PARTS {
        return Err(Fault::new(Reason::TooDeep, format!("a message of more than {MAX_PARTS} parts")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_the_better_of_the_two_parts() {
        let long = "The mill runs again. ".repeat(20);
        let rows = [
            (
                "text/plain",
                "See <https://e.example/1> & more.".to_owned(),
                "See <https://e.example/1> & more.",
            ),
            ("text/html", "<style>p { color: red }</style><p>One.</p><p>Two.</p>".to_owned(), "One.\nTwo."),
            (
                "multipart/alternative; boundary=b",
                format!(
                    "--b\r\nContent-Type: text/plain\r\n\r\nSee the web.\r\n--b\r\nContent-Type: text/html\r\n\r\n\
                     <p>{long}</p>\r\n--b--"
                ),
                long.trim(),
            ),
        ];
        for (kind, text, expected) in &rows {
            let mail = format!("From: a@e.example\r\nSubject: s\r\nContent-Type: {kind}\r\n\r\n{text}");
            assert_eq!(articles(mail.as_bytes()).remove(0).unwrap().article.body, *expected, "{kind}");
        }
    }

    #[test]
    fn messages_nobody_wrote_are_refused() {
        let head = "From: a@e.example\r\nSubject: s\r\nDate: Thu, 02 May 99999 12:00:00 +0200\r\n";
        let inside = |levels: usize, kind: &str| {
            let mut mail = head.to_owned();
            for level in 0..levels {
                mail.push_str(&kind.replace('#', &level.to_string()));
            }
            articles(mail.as_bytes()).remove(0).map(|parsed| parsed.article.published)
        };
        for kind in [
            "Content-Type: message/rfc822\r\n\r\n",
            "content-type : multipart/digest; boundary=b#\r\n\r\n--b#\r\n\r\n",
            "Content-Type: multipart/mixed; boundary=b#\r\n\r\n--b#\r\n",
        ] {
            assert_eq!(inside(900, kind), Ok(None), "{kind}");
            assert_eq!(inside(20_000, kind).unwrap_err().reason, Reason::TooDeep, "{kind}");
        }
    }

    #[test]
    fn a_message_is_an_article() {
        let mail = b"From: =?utf-8?q?D=C3=A9sk?= <desk@e.example>\r\nTo: you@e.example\r\nSubject: Rates held\r\n\
                     Date: Thu, 02 May 2019 12:00:00 +0200\r\nMessage-ID: <1@e.example>\r\n\
                     Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
                     The bank held =A35bn.\r\n\r\nMore.\r\n";
        assert!(is(mail));
        let article = articles(mail).remove(0).unwrap().article;
        assert_eq!((article.title.as_str(), article.source.as_str()), ("Rates held", "Désk"));
        assert_eq!(article.body.replace("\r\n", "\n"), "The bank held £5bn.\n\nMore.");
        assert_eq!(article.published.unwrap().to_string(), "2019-05-02T10:00:00Z");
        assert_eq!(article.native_id.as_deref(), Some("1@e.example"));
        for other in [&b"Title: x\n\nBody"[..], b"From here on: nothing", b"From: a"] {
            assert!(!is(other));
        }
    }
}
