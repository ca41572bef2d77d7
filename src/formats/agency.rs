//! The formats of the teleprinter that agencies still send: ANPA-1312 and IPTC 7901.
//!
//! Control characters frame the parts. IPTC 7901 has SOH, a header line, STX, the text, ETX; the heading ends in `=`. ANPA
//! has SYN SYN SOH, a header, STX, lines that start with `^` and end in `<` or `=` for headlines and bylines, and
//! indented paragraphs. Both give the day and the hour but not the year, so articles are undated.

use super::{Fault, Outcome, Parsed, Reason};
use crate::article::Article;
use crate::wire::place_line;

const SOH: char = '\u{1}';
const STX: char = '\u{2}';
const ETX: char = '\u{3}';
const SYN: char = '\u{16}';

/// Whether text is of either format: its first character starts a header, and a text starts soon after.
pub fn is(start: &str) -> bool {
    let start = start.trim_start_matches(['\u{feff}', '\r', '\n', ' ']);
    let head = start.trim_start_matches(SYN);
    let end = head.floor_char_boundary(512);
    head.starts_with(SOH) && head[..end].contains(STX)
}

/// The articles of a transmission.
pub fn articles(text: &str) -> Vec<Outcome> {
    let parts: Vec<&str> = text.split(SOH).skip(1).collect();
    if parts.is_empty() {
        return vec![Err(Fault::new(Reason::NotText, "no header of a transmission in it"))];
    }
    let is_anpa = text.trim_start_matches(['\r', '\n', ' ']).starts_with(SYN);
    parts.into_iter().map(|part| Ok(if is_anpa { anpa(part) } else { iptc(part) })).collect()
}

/// An article of IPTC 7901.
fn iptc(part: &str) -> Parsed {
    let (head, rest) = part.split_once(STX).unwrap_or(("", part));
    let text = rest.split(ETX).next().unwrap_or_default();
    let header: Vec<&str> = head.lines().next().unwrap_or_default().split_whitespace().collect();
    // Service and number in one word, priority, category, words, and what the agency adds.
    let service: String = header
        .first()
        .map(|word| word.chars().take_while(|c| c.is_alphabetic()).collect())
        .unwrap_or_default();
    let slug =
        head.lines().skip(1).map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    // The heading ends in `=`; without one, it is the first line.
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let end = lines.iter().position(|line| line.ends_with('=')).filter(|at| *at < 12);
    let first = lines.iter().position(|line| !line.trim().is_empty()).unwrap_or(0);
    let end = end.unwrap_or(first).min(lines.len().saturating_sub(1));
    let (heading, body) = lines.split_at((end + 1).min(lines.len()));
    let mut heading: Vec<String> = heading
        .iter()
        .map(|line| line.trim().trim_end_matches('=').trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect();
    let mut article = Article::default();
    if let Some(at) = heading.iter().position(|line| line.starts_with("By ")) {
        article.author = Some(heading.remove(at)[3..].to_owned());
    }
    // What kind of version it is stands before the title.
    let is_mark = |line: &str| line.len() <= 20 && line.chars().all(|c| !c.is_lowercase());
    let marks: Vec<String> = heading.iter().filter(|line| is_mark(line)).cloned().collect();
    let titles: Vec<&String> = heading.iter().filter(|line| !is_mark(line)).collect();
    article.title = titles.first().map_or_else(|| heading.join(" "), |title| (*title).clone());
    article.body = joined(body);
    if marks.iter().any(|mark| mark.contains("REFILE") || mark.contains("CORRECT")) {
        article.status = crate::article::Status::Corrected;
    }
    if marks.iter().any(|mark| mark.contains("KILL") || mark.contains("WITHDRAW")) {
        article.status = crate::article::Status::Withdrawn;
    }
    article.section = header
        .get(2)
        .map(|section| (*section).to_owned())
        .filter(|section| section.chars().all(char::is_alphabetic));
    // The agency signs in the place line.
    article.source = place_line(&article.body).and_then(|line| line.service).map_or(service, str::to_owned);
    keep_slug(&mut article, &slug);
    Parsed { article, warnings: Vec::new() }
}

/// An article of ANPA-1312.
fn anpa(part: &str) -> Parsed {
    let (head, rest) = part.split_once(STX).unwrap_or(("", part));
    let text = rest.trim_start_matches(STX).split(ETX).next().unwrap_or_default();
    let mut article = Article::default();
    let mut headline: Option<String> = None;
    let mut body: Vec<&str> = Vec::new();
    for line in text.lines() {
        let line = line.trim_end();
        let Some(marked) = line.trim_start_matches([STX, ' ']).strip_prefix('^') else {
            body.push(line);
            continue;
        };
        let line = marked.trim_end_matches(['<', '=', ' ']).trim();
        if let Some(author) = line.strip_prefix("By ") {
            article.author = Some(author.to_owned());
        } else if line.starts_with("BC-")
            || line.starts_with("AP Photo")
            || line.starts_with("Eds:")
            || line.is_empty()
        {
            // The slug with the number of words, and notes to editors.
        } else if headline.is_none() {
            headline = Some(line.to_owned());
        }
    }
    // The first line is the slug where it is not marked.
    if body.first().is_some_and(|line| line.starts_with("BC-")) {
        body.remove(0);
    }
    article.title = headline.unwrap_or_default();
    article.body = joined(&body).replace("``", "\u{201c}").replace("''", "\u{201d}").replace(" _ ", " — ");
    let slug = head.split(['\u{13}', '\u{11}']).next_back().unwrap_or_default();
    let words: Vec<&str> = slug.split_whitespace().collect();
    keep_slug(&mut article, words.first().copied().unwrap_or_default());
    let sign = place_line(&article.body).and_then(|line| line.service).unwrap_or_default();
    sign.clone_into(&mut article.source);
    Parsed { article, warnings: Vec::new() }
}

fn keep_slug(article: &mut Article, slug: &str) {
    let slug: String = slug.chars().filter(|c| !c.is_control()).collect();
    if !slug.trim().is_empty() {
        article.extra.insert("slugline".to_owned(), slug.trim().into());
    }
}

/// Joins the lines of paragraphs: an indented line or an empty one starts another.
fn joined(lines: &[&str]) -> String {
    let mut text = String::new();
    let mut is_new = true;
    for line in lines {
        let starts = line.starts_with([' ', '\t']);
        let line: String = line.chars().filter(|c| !c.is_control() || *c == '\t').collect();
        let line = line.trim().trim_end_matches('<').trim_end();
        if line.is_empty() {
            is_new = true;
            continue;
        }
        if !text.is_empty() {
            text.push(if is_new || starts { '\n' } else { ' ' });
        }
        text.push_str(line);
        is_new = false;
    }
    text
}
