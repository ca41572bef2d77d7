//! The conventions of news copy: what can be read off the text of an article whatever it came in.
//!
//! [`read_off`] puts every article in order once: control characters go, entities of HTML that a format left in
//! a title are resolved, a missing title comes from the lead,
//! the place line gives its dateline and perhaps the date, and marks such as `CORRECTED` or `WITHDRAWN` give the
//! status where the format gave none. The language is told with `whatlang`. What a format says itself is
//! never overruled, and the words of the body stay as they are.
//!
//! [`prose`] leaves out what is for machines at the ends of a text that is shown; the body keeps it.
//!
//! [`boilerplate`] finds the paragraphs that are no news: contacts, disclaimers, what a company says of itself.
//! They are kept and can be searched on demand. A paragraph taken for boilerplate by mistake is lost to a
//! reader, so the rules ask for the very words that only boilerplate has.

use std::borrow::Cow;
use std::ops::Range;

use crate::article::{Article, Date, MONTHS, Notice, Span, Status, Warning};

/// Reads off an article's text what its format did not say.
pub fn read_off(article: &mut Article, warnings: &mut Vec<Warning>) {
    if article.title.contains('&') {
        article.title = unescaped(&article.title);
    }
    for text in [&mut article.title, &mut article.body] {
        if let Cow::Owned(clean) = clean(text) {
            *text = clean;
        }
    }
    // A title is one line.
    if article.title.contains('\n') {
        article.title = article.title.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    let has_word = |text: &str| text.chars().any(char::is_alphanumeric);
    if !has_word(&article.title) {
        article.title = title_from(&article.body);
        warnings.push(Warning::new(Notice::TitleFromLead, "no title, so the lead stands for it"));
    } else if !has_word(&article.body) && !warnings.iter().any(|warning| warning.notice == Notice::TitleOnly)
    {
        warnings.push(Warning::new(Notice::TitleOnly, "a title and no text"));
    }
    if let Some(line) = place_line(&article.body) {
        if article.published.is_none() {
            article.published = line.date;
        }
        if article.dateline.is_none() {
            article.dateline =
                Some(article.body[..line.end].trim_end_matches(['-', '–', '—', ' ']).to_owned());
        }
    }
    if article.status == Status::Usable {
        article.status = status_of(&article.title, &article.body);
    }
    article.language = match &article.language {
        Some(given) => Some(primary(given)),
        None => told(&article.title, &article.body),
    };
}

/// Text without control characters, byte order marks and trailing spaces, with one kind of line break and at
/// most one empty line.
fn clean(text: &str) -> Cow<'_, str> {
    let is_odd = |c: char| {
        (c.is_control() && c != '\n' && c != '\t')
            || matches!(c, '\u{feff}' | '\u{a0}' | '\u{2028}' | '\u{2029}')
    };
    let bytes = text.as_bytes();
    let is_plain = !bytes.iter().any(|byte| *byte < b' ' && *byte != b'\n' && *byte != b'\t')
        && !bytes.contains(&0x7f)
        && !text.contains(" \n")
        && !text.contains("\n\n\n")
        && (text.is_ascii() || !text.contains(is_odd));
    if is_plain && text.trim().len() == text.len() {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut breaks = 2;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\r' if characters.peek() == Some(&'\n') => {}
            '\n' | '\r' | '\u{2028}' | '\u{2029}' | '\u{85}' | '\u{b}' | '\u{c}' => {
                clean.truncate(clean.trim_end_matches([' ', '\t']).len());
                if breaks < 2 && !clean.is_empty() {
                    clean.push('\n');
                }
                breaks += 1;
            }
            '\u{a0}' | '\0' => clean.push(' '),
            c if is_odd(c) => {}
            c => {
                clean.push(c);
                if !c.is_whitespace() {
                    breaks = 0;
                }
            }
        }
    }
    Cow::Owned(clean.trim().to_owned())
}

/// Text with its entities resolved, once; an unknown one stays as it is written.
pub fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match rest.find(';').filter(|end| *end > 0 && *end <= 32) {
            Some(end) => {
                plain.push_str(&entity(&rest[..end]));
                rest = &rest[end + 1..];
            }
            None => plain.push('&'),
        }
    }
    plain.push_str(rest);
    plain
}

/// The text of an entity's name; as written where nobody knows it.
pub fn entity(name: &str) -> String {
    let number = name.strip_prefix('#').and_then(|number| match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => number.parse().ok(),
    });
    // As in HTML, what would be a control is meant in the code page of Windows: `&#146;` is an apostrophe.
    let in_code_page =
        |byte: u8| encoding_rs::WINDOWS_1252.decode_without_bom_handling(&[byte]).0.chars().next();
    let character = number.and_then(|number| match number {
        128..=159 => u8::try_from(number).ok().and_then(in_code_page),
        number => char::from_u32(number),
    });
    let known = quick_xml::escape::resolve_html5_entity(name);
    match (character, known) {
        (Some(c), _) => c.to_string(),
        (None, Some(text)) => text.to_owned(),
        (None, None) => format!("&{name};"),
    }
}

/// The bytes of a text without what stands at its ends for machines: white space, images of Markdown, and before it the
/// slug of a wire, `--News Direct--`.
pub fn prose(text: &str) -> Range<usize> {
    let mut rest = text.trim();
    while let Some(end) = image(rest).or_else(|| slug(rest)) {
        rest = rest[end..].trim_start();
    }
    while let Some(start) =
        rest.rfind("![").filter(|&start| image(&rest[start..]) == Some(rest.len() - start))
    {
        rest = rest[..start].trim_end();
    }
    let start = rest.as_ptr() as usize - text.as_ptr() as usize;
    start..start + rest.len()
}

/// The length of an image that a text starts with: `![words](address)`.
fn image(text: &str) -> Option<usize> {
    let words = text.strip_prefix("![")?;
    let address = words.find("](").filter(|&end| !words[..end].contains('\n'))? + "](".len();
    let end = words[address..].find([')', '\n']).filter(|&end| words[address + end..].starts_with(')'))?;
    Some("![".len() + address + end + 1)
}

/// The length of a wire's slug that a text starts with.
fn slug(text: &str) -> Option<usize> {
    /// No wire has a longer name.
    const LONGEST: usize = 40;
    let name = text.strip_prefix("--").filter(|name| name.starts_with(char::is_uppercase))?;
    let end = name.find("--").filter(|&end| end <= LONGEST && !name[..end].contains(['\n', '.']))?;
    Some(end + 2 * "--".len())
}

/// The first sentence of a body or its first line, cut at a word.
fn title_from(body: &str) -> String {
    /// As long as the headlines of agencies at the most.
    const LONGEST: usize = 120;
    let start = place_line(body).map_or(0, |line| line.end);
    let lead = body[start..].trim_start_matches(['-', '–', '—', ' ']);
    let line = lead.lines().find(|line| line.chars().any(char::is_alphanumeric)).unwrap_or(body).trim();
    // A full stop after an initial ends nothing.
    let is_end = |end: &usize| {
        let mut before = line[..*end].chars().rev();
        let mut is_word = || before.next().is_some_and(|c| c.is_lowercase() || c.is_ascii_digit());
        is_word() && is_word()
    };
    let sentence = line.match_indices(". ").map(|(end, _)| end).find(is_end).map_or(line, |end| &line[..end]);
    let sentence = sentence.strip_suffix('.').unwrap_or(sentence);
    if sentence.chars().count() <= LONGEST {
        return sentence.to_owned();
    }
    let end = sentence.char_indices().nth(LONGEST).map_or(sentence.len(), |(at, _)| at);
    let cut = sentence[..end].rfind(' ').unwrap_or(end);
    format!("{}…", &sentence[..cut])
}

/// The line in front of a lead that says where it was written: `LONDON, Feb 26 (Reuters) -`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlaceLine<'a> {
    /// Byte after its dash.
    pub end: usize,
    pub date: Option<Date>,
    /// Who sent it: `Reuters`.
    pub service: Option<&'a str>,
}

/// Reads the place line of a body. It ends in a dash and has a service in brackets or slashes, or a date, or
/// nothing but a place in capitals.
///
/// ```
/// use dateline::wire::place_line;
///
/// assert_eq!(place_line("PARIS (AFP) — The minister").unwrap().service, Some("AFP"));
/// assert!(place_line("TOKYO - The central bank").is_some());
/// assert!(place_line("IBM — the maker of computers — rose").is_none());
/// ```
pub fn place_line(body: &str) -> Option<PlaceLine<'_>> {
    /// A place line has a place, a date and a service, and no more.
    const LONGEST: usize = 120;
    let first = body.lines().next()?;
    let head = &first[..first.floor_char_boundary(LONGEST)];
    if !head.starts_with(char::is_uppercase) {
        return None;
    }
    // The first dash with a space after it or two in a row; a hyphen inside a word is none.
    let dashes = head.char_indices().filter(|(_, c)| matches!(c, '-' | '–' | '—'));
    for (at, dash) in dashes {
        let mut end = at + dash.len_utf8();
        if head[end..].starts_with('-') {
            end += 1;
        }
        let is_double = end > at + dash.len_utf8();
        let has_room = head[end..].starts_with([' ', '\u{a0}']) || is_double;
        // The service may come after a dash of its own: `NEW YORK--(BUSINESS WIRE)--`.
        if !has_room && dash == '-' || head[end..].starts_with('(') {
            continue;
        }
        // Some end it with a full stop: `Madrid (EFE).-`.
        let before = head[..at].trim_end();
        let before = before.strip_suffix('.').filter(|before| before.ends_with(')')).unwrap_or(before);
        let (service, rest) = service(before);
        let date = date_in(rest);
        let place = rest.split([',', '(']).next().unwrap_or(rest).trim();
        let letters = place.chars().filter(|c| c.is_alphabetic()).count();
        let is_capital = letters >= 2 && place.chars().all(|c| !c.is_lowercase());
        let is_name = letters >= 2
            && place.split_whitespace().all(|word| {
                word.starts_with(|c: char| c.is_uppercase())
                    || matches!(word, "of" | "de" | "la" | "le" | "am" | "do")
            })
            && place.split_whitespace().count() <= 4;
        let fits = (is_capital && (service.is_some() || date.is_some()))
            || (is_name && service.is_some())
            || (is_name && date.is_some_and(|(date, _)| date.is_some()))
            || (has_room && is_place_alone(place, rest, head[end..].trim_start()));
        if fits {
            return Some(PlaceLine { end, date: date.and_then(|(date, _)| date), service });
        }
        if service.is_none() {
            // A line of places may itself have two dashes: `NEW YORK--(BUSINESS WIRE)--`.
            continue;
        }
        return None;
    }
    None
}

/// Whether a line before a dash is a place in capitals and no more, and what follows a lead: `TOKYO - The central bank`,
/// but neither `IBM - The maker` nor `INFLATION - the rise of prices`.
fn is_place_alone(place: &str, line: &str, lead: &str) -> bool {
    /// Shorter ones are names of companies and agencies far more often than `ULM`.
    const LEAST: usize = 4;
    /// Of words: `SAN DIEGO, Calif.`
    const MOST: usize = 6;
    place.chars().filter(|c| c.is_alphabetic()).count() >= LEAST
        && place.chars().all(|c| c.is_uppercase() || matches!(c, ' ' | '.' | '\'' | '’' | '-'))
        && line.split_whitespace().count() <= MOST
        && !lead.starts_with(char::is_lowercase)
        && status_of("", &format!("{place}:")) == Status::Usable
}

/// The news service in whose name a text ends, and what stands before that. `(NYSE: ACM)` is none.
fn service(text: &str) -> (Option<&str>, &str) {
    for (open, close) in [('(', ')'), ('/', '/')] {
        if let Some(inner) = text.strip_suffix(close)
            && let Some(at) = inner.rfind(open)
        {
            let name = &inner[at + 1..];
            if !name.is_empty()
                && name.len() <= 40
                && name.starts_with(char::is_alphanumeric)
                && !name.contains(':')
            {
                return (Some(name), inner[..at].trim_end_matches([' ', '-', '–', '—', ',']));
            }
        }
    }
    (None, text)
}

/// The date that follows a place, with its year if it has one, and where it starts.
fn date_in(text: &str) -> Option<(Option<Date>, usize)> {
    let words: Vec<(usize, &str)> = text
        .split([' ', ',', '.', ';'])
        .filter(|word| !word.is_empty())
        .map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
        .collect();
    let month = |word: &str| {
        let word = word.to_ascii_lowercase();
        let is_cut = word.len() == 3 || word == "sept";
        MONTHS.iter().position(|name| *name == word || (is_cut && name.starts_with(&word)))
    };
    let at = words.iter().position(|(_, word)| month(word).is_some())?;
    let month = month(words[at].1)? + 1;
    let number = |place: Option<&(usize, &str)>| -> Option<u32> {
        place?.1.trim_end_matches(char::is_alphabetic).parse().ok()
    };
    let is_day = |day: &u32| (1..=31).contains(day);
    let before = at.checked_sub(1).and_then(|before| number(words.get(before))).filter(is_day);
    let after = number(words.get(at + 1)).filter(is_day);
    let day = after.or(before)?;
    let year = words[at + 1..]
        .iter()
        .take(2)
        .find_map(|(_, word)| word.parse::<u32>().ok().filter(|year| (1900..2100).contains(year)));
    let start = if after.is_some() || at == 0 { words[at].0 } else { words[at - 1].0 };
    let date = year.and_then(|year| Date::parse(&format!("{year:04}-{month:02}-{day:02}")).ok());
    Some((date, start))
}

/// The status that the first words of a title or of a body say, as agencies mark their copy.
fn status_of(title: &str, body: &str) -> Status {
    let lead = body.lines().next().unwrap_or_default();
    for text in [title, lead] {
        let text = text.trim_start_matches(['(', '*', '[', ' ']);
        let mark = |mark: &str| {
            // A mark stands in capitals and ends in a colon, a dash, a bracket or the line.
            text.strip_prefix(mark).is_some_and(|rest| {
                let rest = rest.trim_start_matches([')', ']', '*']);
                let rest_trimmed = rest.trim_start();
                rest_trimmed.is_empty() || rest_trimmed.starts_with([':', '-', '–', '—', '/'])
            })
        };
        if [
            "WITHDRAWN",
            "STORY WITHDRAWN",
            "KILL",
            "MANDATORY KILL",
            "STORY KILLED",
            "RETRACTED",
            "RETRACTION",
        ]
        .iter()
        .any(|word| mark(word))
        {
            return Status::Withdrawn;
        }
        let is_correction = [
            "CORRECTED",
            "CORRECTION",
            "REFILE",
            "REFILING",
            "CORRECTS",
            "CORRECTED REPEAT",
            "CORRECTING and REPLACING",
            "CORRECTING AND REPLACING",
        ]
        .iter()
        .any(|word| mark(word))
            || text.starts_with("CORRECTING and REPLACING ")
            || text.starts_with("Corrects ")
            || text.starts_with("CORRECTED ") && title.trim_start().starts_with('(');
        if is_correction {
            return Status::Corrected;
        }
        if text.starts_with("EMBARGOED UNTIL")
            || text.starts_with("EMBARGOED FOR RELEASE")
            || mark("EMBARGOED")
        {
            return Status::Embargoed;
        }
    }
    Status::Usable
}

/// The primary language subtag of what a source gave: `en` for `en-US`, `EN`, `eng` and `English`.
fn primary(given: &str) -> String {
    let first = given.trim().split(['-', '_', ',', ' ']).next().unwrap_or_default().to_lowercase();
    if first.len() == 2 {
        return first;
    }
    if first.len() == 3
        && let Some(language) = whatlang::Lang::from_code(&first)
        && let Some(short) = short(language)
    {
        return short.to_owned();
    }
    let named =
        whatlang::Lang::all().iter().find(|language| language.eng_name().eq_ignore_ascii_case(&first));
    named.and_then(|language| short(*language)).map_or(first, str::to_owned)
}

/// The language of a text, where it is long and plain enough to tell.
fn told(title: &str, body: &str) -> Option<String> {
    /// Enough to tell languages apart; all of a text takes longer than all the rest of reading it.
    const ENOUGH: usize = 400;
    const LEAST: usize = 60;
    let text = if body.len() >= LEAST { body } else { title };
    if title.len() + body.len() < LEAST {
        return None;
    }
    let start = &text[..text.floor_char_boundary(ENOUGH)];
    // Words of English that no other language has so often; the usual case is told without a model.
    let lower = start.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphabetic());
    let english = words
        .filter(|word| {
            matches!(
                *word,
                "the"
                    | "and"
                    | "of"
                    | "said"
                    | "with"
                    | "was"
                    | "has"
                    | "that"
                    | "its"
                    | "for"
                    | "will"
                    | "from"
            )
        })
        .count();
    let all = lower.split_whitespace().count().max(1);
    if english * 10 >= all && english >= 3 {
        return Some("en".to_owned());
    }
    let found = whatlang::detect(&lower)?;
    if !found.is_reliable() {
        return None;
    }
    short(found.lang()).map(str::to_owned)
}

/// The two letters of ISO 639-1, of the languages that news is likely to be in.
fn short(language: whatlang::Lang) -> Option<&'static str> {
    const SHORT: [(&str, &str); 48] = [
        ("eng", "en"),
        ("deu", "de"),
        ("fra", "fr"),
        ("spa", "es"),
        ("ita", "it"),
        ("por", "pt"),
        ("nld", "nl"),
        ("swe", "sv"),
        ("dan", "da"),
        ("nob", "no"),
        ("fin", "fi"),
        ("pol", "pl"),
        ("ces", "cs"),
        ("slk", "sk"),
        ("slv", "sl"),
        ("hrv", "hr"),
        ("srp", "sr"),
        ("bul", "bg"),
        ("ron", "ro"),
        ("hun", "hu"),
        ("ell", "el"),
        ("tur", "tr"),
        ("rus", "ru"),
        ("ukr", "uk"),
        ("bel", "be"),
        ("lit", "lt"),
        ("lav", "lv"),
        ("est", "et"),
        ("cat", "ca"),
        ("ara", "ar"),
        ("heb", "he"),
        ("pes", "fa"),
        ("urd", "ur"),
        ("hin", "hi"),
        ("ben", "bn"),
        ("tam", "ta"),
        ("tel", "te"),
        ("mar", "mr"),
        ("guj", "gu"),
        ("tha", "th"),
        ("vie", "vi"),
        ("ind", "id"),
        ("tgl", "tl"),
        ("cmn", "zh"),
        ("jpn", "ja"),
        ("kor", "ko"),
        ("kat", "ka"),
        ("hye", "hy"),
    ];
    SHORT.iter().find(|(long, _)| *long == language.code()).map(|(_, short)| *short)
}

/// The paragraphs of a body that are no news, sorted and apart. The first paragraph is never one.
pub fn boilerplate(body: &str) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    let mut add = |start: usize, end: usize| match found.last_mut() {
        Some(last) if last.end as usize == start => last.end = Span::new(start, end).end,
        _ => found.push(Span::new(start, end)),
    };
    // What a heading opens goes on to the next heading; contacts are short lines and go on to a long one.
    let mut inside = Inside::News;
    let mut offset = 0;
    for (index, line) in body.split_inclusive('\n').enumerate() {
        let (start, end) = (offset, offset + line.len());
        offset = end;
        let text = line.trim();
        if text.is_empty() {
            if inside != Inside::News {
                add(start, end);
            }
            continue;
        }
        if index == 0 {
            continue;
        }
        let kind = kind(text);
        inside = match (kind, inside) {
            (Kind::Section, _) => Inside::Section,
            (Kind::Contacts, _) => Inside::Contacts,
            (Kind::News, Inside::Section) if is_heading(text) => Inside::News,
            (Kind::News, Inside::Contacts) if text.split_whitespace().count() > CONTACT_WORDS => Inside::News,
            (_, inside) => inside,
        };
        if inside != Inside::News || kind == Kind::Line {
            add(start, end);
        }
    }
    found
}

/// A line of contacts has a name, an office and a number.
const CONTACT_WORDS: usize = 14;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    News,
    Section,
    Contacts,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It and what follows is boilerplate.
    Section,
    /// It and the short lines that follow are.
    Contacts,
    /// It alone is.
    Line,
    News,
}

/// Whether a paragraph looks like a heading of something else.
fn is_heading(text: &str) -> bool {
    text.len() <= 60 && !text.ends_with(['.', ',', ';', '"', '”']) && text.split_whitespace().count() <= 8
}

/// What a paragraph is by its first words, and by words that only such paragraphs have.
fn kind(text: &str) -> Kind {
    let lower = text[..text.floor_char_boundary(400)].to_ascii_lowercase();
    let starts = |all: &[&str]| all.iter().any(|start| lower.starts_with(start));
    let is_short = text.len() <= 90;
    let trimmed = lower.trim_end_matches([':', '.', ' ']);
    let about = lower.strip_prefix("about ").is_some_and(|_| {
        let name = text["about ".len()..].trim_end_matches(':');
        is_short
            && !text.ends_with('.')
            && name.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit())
            && !name.contains(" said ")
            && text.starts_with("About")
    });
    const CONTACTS: [&str; 16] = [
        "contact",
        "contacts",
        "contact information",
        "media contact",
        "media contacts",
        "press contact",
        "press contacts",
        "investor contact",
        "investor contacts",
        "investor relations",
        "investor relations contact",
        "media relations",
        "company contact",
        "for more information",
        "for further information",
        "media inquiries",
    ];
    const SECTIONS: [&str; 9] = [
        "forward-looking statements",
        "forward looking statements",
        "cautionary statement",
        "safe harbor statement",
        "safe harbor",
        "disclaimer",
        "note on forward-looking statements",
        "legal notice",
        "forward-looking information",
    ];
    if CONTACTS.contains(&trimmed) {
        return Kind::Contacts;
    }
    if about || SECTIONS.contains(&trimmed) {
        return Kind::Section;
    }
    if is_short
        && (starts(&[
            "cautionary ",
            "safe harbor",
            "special note regarding forward",
            "note regarding forward",
        ]) || trimmed.ends_with("forward-looking statements"))
    {
        return Kind::Section;
    }
    let is_line = starts(&[
        "source:",
        "source :",
        "source ",
        "view source version on",
        "view original content",
        "media contact:",
        "media contacts:",
        "press contact:",
        "contact:",
        "contacts:",
        "investor contact:",
        "logo - http",
        "logo: http",
        "photo - http",
        "to view the source version",
        "(reporting by",
        "reporting by ",
        "(writing by",
        "(editing by",
        "click here to subscribe",
        "unsubscribe",
        "to unsubscribe",
        "sign up for our newsletter",
        "follow us on",
        "like and follow",
        "copyright ©",
        "copyright (c)",
        "© ",
        "all rights reserved",
        "this press release contains forward-looking",
        "this release contains forward-looking",
        "this news release contains forward-looking",
        "this press release contains \"forward",
        "this press release contains “forward",
        "certain statements in this press release",
        "certain statements contained in this",
        "forward-looking statements:",
    ]) && (!lower.starts_with("source ") || text.starts_with("SOURCE "))
        && (!starts(&["reporting by "]) || lower.contains("editing by"));
    let is_safe_harbor = lower.contains("private securities litigation reform act")
        || (lower.contains("forward-looking statements") && lower.contains("within the meaning of"))
        || (lower.contains("undertakes no obligation to") && lower.contains("forward-looking"));
    let words = text.split_whitespace().count();
    let is_contact_line = words <= 8
        && (lower.starts_with("tel:")
            || lower.starts_with("phone:")
            || lower.starts_with("email:")
            || lower.starts_with("e-mail:")
            || (lower.contains('@') && lower.contains('.') && words <= 4));
    // A newswire signs so, below its address.
    let is_signature = words <= 6 && lower.contains(" is powered by");
    if is_line || is_safe_harbor || is_contact_line || is_signature { Kind::Line } else { Kind::News }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn article(title: &str, body: &str) -> (Article, Vec<Warning>) {
        let mut article = Article { title: title.into(), body: body.into(), ..Article::default() };
        let mut warnings = Vec::new();
        read_off(&mut article, &mut warnings);
        (article, warnings)
    }

    #[test]
    fn text_is_cleaned_and_plain_text_untouched() {
        let rows = [
            ("plain text\n\nmore", "plain text\n\nmore"),
            ("a\r\nb\u{0}c\u{7}d\u{a0}e", "a\nb cd e"),
            ("\u{feff}a  \n\n\n\n b ", "a\n\n b"),
        ];
        for (given, expected) in rows {
            assert_eq!(clean(given), expected);
        }
        assert!(matches!(clean("a b\nc"), Cow::Borrowed(_)));
    }

    #[test]
    fn entities_in_a_title_are_resolved_once() {
        let rows = [
            ("R&amp;D at AT&amp;T&#8217;s labs", "R&D at AT&T’s labs"),
            ("S&P 500; oil & gas; &c.", "S&P 500; oil & gas; &c."),
            ("Up &amp;lt; down&nbsp;again &madeup;", "Up &lt; down again &madeup;"),
            ("It&#146;s up &#150; so what", "It’s up – so what"),
            ("Two&#10;lines &#7;and a bell", "Two lines and a bell"),
        ];
        for (given, expected) in rows {
            let (found, _) = article(given, "R&amp;D was held.");
            assert_eq!(
                (found.title.as_str(), found.body.as_str()),
                (expected, "R&amp;D was held."),
                "{given}"
            );
        }
    }

    #[test]
    fn prose_is_what_stands_between_images_and_slugs() {
        let rows = [
            ("", ""),
            (" Rates rose. ", "Rates rose."),
            ("--News Direct--\n\nRates rose -- again.", "Rates rose -- again."),
            ("![](https://a.example/é.png) Rates rose.\n![a chart](/b.png \"c\")\n", "Rates rose."),
            ("--News Direct--![](a)![](b)", ""),
            ("See ![this](a) chart", "See ![this](a) chart"),
            ("-- 30 --", "-- 30 --"),
            ("--Rates rose. They fell--", "--Rates rose. They fell--"),
            ("![half", "![half"),
            ("![a](b", "![a](b"),
            ("rose! [1](a)", "rose! [1](a)"),
        ];
        for (text, expected) in rows {
            assert_eq!(&text[prose(text)], expected, "{text}");
        }
    }

    #[test]
    fn a_missing_title_comes_from_the_lead() {
        let (found, warnings) = article(" - ", "LONDON (Desk) - Rates were held. More follows.");
        assert_eq!(found.title, "Rates were held");
        assert_eq!(warnings[0].notice, Notice::TitleFromLead);
        let (found, warnings) = article("Only a title", "");
        assert_eq!((found.title.as_str(), warnings[0].notice), ("Only a title", Notice::TitleOnly));
        let (found, _) = article("", &"word ".repeat(100));
        assert!(found.title.len() < 130 && found.title.ends_with("word…"), "{}", found.title);
    }

    #[test]
    fn place_lines_are_read() {
        let rows = [
            ("LONDON, Feb 26 (Reuters) - The bank", Some("LONDON, Feb 26 (Reuters)"), None),
            ("NEW YORK--(BUSINESS WIRE)--Acme Corp. said", Some("NEW YORK--(BUSINESS WIRE)"), None),
            ("PARIS (AFP) — The minister", Some("PARIS (AFP)"), None),
            (
                "WASHINGTON, D.C., March 3, 2024 /PRNewswire/ -- Acme",
                Some("WASHINGTON, D.C., March 3, 2024 /PRNewswire/"),
                Some("2024-03-03"),
            ),
            (
                "Tokyo, 5 May 2020 (GLOBE NEWSWIRE) -- Acme",
                Some("Tokyo, 5 May 2020 (GLOBE NEWSWIRE)"),
                Some("2020-05-05"),
            ),
            ("TOKYO - The central bank", Some("TOKYO"), None),
            ("The bank - which had held rates - cut them.", None, None),
            ("Shares of A-B rose", None, None),
            ("Mergers and acquisitions - a guide", None, None),
            ("PARIS (AFP)—The minister", Some("PARIS (AFP)"), None),
            ("Madrid, 3 feb (EFE).- The", Some("Madrid, 3 feb (EFE)."), None),
            ("SAN DIEGO, Calif. – Acme said", Some("SAN DIEGO, Calif."), None),
            ("WASHINGTON, D.C. – The Fed", Some("WASHINGTON, D.C."), None),
            ("IBM — the maker of computers — rose", None, None),
            ("IBM — The maker of computers rose", None, None),
            ("INFLATION — the rise of prices — slowed", None, None),
            ("U.S.–China trade talks resume", None, None),
            ("EUR/USD — The pair fell", None, None),
            ("CORRECTED - Acme posts a loss", None, None),
            ("Acme Corp (NYSE: ACM) - The maker of anvils", None, None),
        ];
        for (body, dateline, published) in rows {
            let (found, _) = article("T", body);
            assert_eq!(found.dateline.as_deref(), dateline, "{body}");
            assert_eq!(found.published.map(|date| date.to_string()).as_deref(), published, "{body}");
            assert_eq!(found.body, body);
        }
    }

    #[test]
    fn marks_of_the_desk_give_the_status() {
        let rows = [
            ("CORRECTED - Acme posts loss", "", Status::Corrected),
            ("(CORRECTED) - Acme posts loss", "", Status::Corrected),
            ("REFILE-Acme posts loss", "", Status::Corrected),
            ("WITHDRAWN: Acme posts loss", "", Status::Withdrawn),
            ("MANDATORY KILL", "", Status::Withdrawn),
            ("EMBARGOED UNTIL 0900 GMT: Rates", "", Status::Embargoed),
            ("Acme posts loss", "(Corrects figure in second paragraph)\nAcme lost", Status::Corrected),
            ("UPDATE 2-Acme posts loss", "", Status::Usable),
            ("Withdrawn drug returns to market", "", Status::Usable),
            ("Kill fee for the merger is set", "", Status::Usable),
            ("Correction in stocks deepens", "", Status::Usable),
        ];
        for (title, body, status) in rows {
            assert_eq!(article(title, body).0.status, status, "{title}");
        }
    }

    #[test]
    fn languages_are_told_and_tags_made_one() {
        let rows = [
            (
                "The central bank held rates on Thursday and said that inflation was slowing for the third month.",
                Some("en"),
            ),
            (
                "CENTRAL BANK SAID IT WILL HOLD THE DISCOUNT RATE, AND THAT THE DOLLAR WAS TOO HIGH FOR EXPORTERS",
                Some("en"),
            ),
            (
                "Die Zentralbank hat die Zinsen am Donnerstag nicht verändert und sieht die Teuerung weiter zurückgehen.",
                Some("de"),
            ),
            (
                "La banque centrale a maintenu ses taux jeudi et prévoit que l'inflation continuera de ralentir cette année.",
                Some("fr"),
            ),
            ("Oil 1 2 3", None),
        ];
        for (body, language) in rows {
            assert_eq!(article("T", body).0.language.as_deref(), language, "{body}");
        }
        for given in ["en", "EN", "en-US", "en_GB", "eng", "English"] {
            assert_eq!(primary(given), "en");
        }
    }

    #[test]
    fn boilerplate_is_marked_and_news_is_not() {
        let body = "Acme opened a plant.\nIt employs 300.\n\nAbout Acme\nAcme makes anvils.\nIt was founded in 1950.\n\
                    Forward-Looking Statements\nThis release contains guesses.\nMedia Contact:\nJo Bloggs\njo@acme.example\nSource: Acme";
        let marked: Vec<&str> = boilerplate(body).iter().map(|span| span.of(body)).collect();
        assert_eq!(marked.len(), 1);
        assert!(marked[0].starts_with("About Acme\n") && marked[0].ends_with("Source: Acme"));
        let news = "About 300 people lost their jobs.\nAbout half of them are in Ohio.\nSource code was stolen, the company said.\n\
                    Contacts between the two began in May.\nThe talks were about Acme and its debts.";
        assert!(boilerplate(news).is_empty());
        let signed = "Acme opened a plant.\nLike and follow Acme.\nIt is powered by steam and by 300 people.\nAcmeWire is powered by\u{a0}IBN";
        let marked: Vec<&str> = boilerplate(signed).iter().map(|span| span.of(signed).trim_end()).collect();
        assert_eq!(marked, ["Like and follow Acme.", "AcmeWire is powered by\u{a0}IBN"]);
    }
}
