//! Mail, such as newsletters, read with `mail-parser`.

use mail_parser::MessageParser;

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
    let message = MessageParser::default()
        .parse(bytes)
        .ok_or_else(|| Fault::new(Reason::NotText, "not a message that can be read"))?;
    let plain = message.body_text(0).map(|text| text.trim().to_owned()).unwrap_or_default();
    let from_html = || message.body_html(0).map(|text| html::plain(&text)).unwrap_or_default();
    /// Many newsletters have a line in plain text that only says to look at the other part.
    const STUB: usize = 200;
    let body = if plain.len() >= STUB {
        plain
    } else {
        let other = from_html();
        if other.len() > plain.len() * 2 { other } else { html::plain(&plain) }
    };
    let from = message.from().and_then(|from| from.first());
    let name = from.and_then(|from| from.name().or(from.address())).map(str::to_owned);
    let moment = message.date().map(mail_parser::DateTime::to_timestamp);
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

#[cfg(test)]
mod tests {
    use super::*;

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
