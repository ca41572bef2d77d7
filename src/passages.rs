//! Cuts a body into sentences, and sentences into passages: the unit that is ranked and shown.
//!
//! A passage is a run of whole sentences of about a hundred words, because that is what a reader takes in
//! at a glance and what separates the paragraph that answers from an article that merely mentions. It
//! prefers to end where a paragraph ends. Both cuts are partitions: in text order, sentences join up to
//! passages and passages to the whole body, white space included, so that any byte of the body belongs to
//! exactly one of each.
//!
//! Sentences end at a line break, and at `.`, `!` or `?` before white space and a capital, a digit or an
//! opening quote, but not after initials, `Mr.`, `No.`, `Inc.` and their like. A "sentence" of more than
//! [`MAX_SENTENCE_WORDS`] words is a table or a list without full stops: it is cut between words.

use crate::article::Span;
use crate::words::Tokens;

/// Words a passage has at the least, where the text lets it: a passage ends with the paragraph once it
/// has this many.
pub const MIN_WORDS: usize = 60;

/// Words a passage has at the most, unless its first sentence is longer.
pub const MAX_WORDS: usize = 120;

/// A last passage of fewer words than this joins the one before.
const REST_WORDS: usize = 25;

/// Sentences are cut at this length; longer ones in news are tables.
pub const MAX_SENTENCE_WORDS: usize = 120;

/// A sentence of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sentence {
    /// Byte where it starts; it goes on to the start of the next.
    pub start: u32,
    /// Position of its first word in the body's tokens. Only the last sentence of a text may have none.
    pub first_word: u32,
    /// Whether it is the last of its paragraph.
    pub ends_paragraph: bool,
}

/// A passage of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passage {
    pub span: Span,
    /// Position of its first word in the body's tokens.
    pub first_word: u32,
    pub words: u32,
}

/// A body cut up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Split {
    pub sentences: Vec<Sentence>,
    pub passages: Vec<Passage>,
}

/// Splits a body into sentences and passages. An empty body gives none of either.
pub fn split(body: &str, tokens: &Tokens) -> Split {
    let sentences = sentences(body, tokens);
    let passages = passages(body, tokens, &sentences);
    Split { sentences, passages }
}

/// The sentences of a text, see the [module](self).
pub fn sentences(text: &str, tokens: &Tokens) -> Vec<Sentence> {
    if text.is_empty() {
        return Vec::new();
    }
    let mut sentences = vec![Sentence { start: 0, first_word: 0, ends_paragraph: false }];
    let mut word = 0;
    for (start, ends_paragraph) in breaks(text) {
        while word < tokens.len() && (tokens.span(word).start as usize) < start {
            word += 1;
        }
        let last = sentences.last_mut().expect("starts with one");
        let first_word = last.first_word as usize;
        // Marks without a word belong to the sentence that follows, so that nothing has countless sentences.
        if first_word == word && start < text.len() {
            continue;
        }
        last.ends_paragraph = ends_paragraph;
        cut_long(&mut sentences, tokens, first_word, word);
        if start < text.len() {
            let next = Span::new(start, start).start;
            sentences.push(Sentence { start: next, first_word: narrow(word), ends_paragraph: false });
        }
    }
    sentences
}

/// Cuts the last sentence, which has the words `first..end`, if it is too long.
fn cut_long(sentences: &mut Vec<Sentence>, tokens: &Tokens, first: usize, end: usize) {
    let ends_paragraph = sentences.last().is_some_and(|sentence| sentence.ends_paragraph);
    let mut at = first + MAX_SENTENCE_WORDS;
    loop {
        // `5%` is two words, but analysed apart from its number the mark would be none.
        while at < end && tokens.span(at).start == tokens.span(at - 1).end {
            at += 1;
        }
        if at >= end {
            break;
        }
        sentences.last_mut().expect("has the one that is cut").ends_paragraph = false;
        sentences.push(Sentence { start: tokens.span(at).start, first_word: narrow(at), ends_paragraph });
        at += MAX_SENTENCE_WORDS;
    }
}

fn narrow(value: usize) -> u32 {
    u32::try_from(value).expect("articles are limited to 64 MB")
}

/// Where sentences start, after the first, and whether a line break came before; the end of the text last.
fn breaks(text: &str) -> Vec<(usize, bool)> {
    let bytes = text.as_bytes();
    let mut breaks = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\n' => {
                at += bytes[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
                breaks.push((at, true));
            }
            b'.' | b'!' | b'?' => {
                let mut end = at + 1;
                while let Some(mark) = text[end..].chars().next().filter(|&c| is_closing(c)) {
                    end += mark.len_utf8();
                }
                let space = bytes[end..].iter().take_while(|&&byte| byte == b' ' || byte == b'\t').count();
                let next = end + space;
                if space > 0
                    && next < bytes.len()
                    && starts_sentence(&text[next..])
                    && ends_sentence(text, at, next)
                {
                    breaks.push((next, false));
                }
                // A line break is left for the next turn.
                at = next.max(at + 1);
            }
            _ => at += 1,
        }
    }
    if breaks.last().is_none_or(|(start, _)| *start != text.len()) {
        breaks.push((text.len(), true));
    }
    breaks
}

fn is_closing(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '"' | '\'' | ')' | ']' | '”' | '’' | '»')
}

fn starts_sentence(rest: &str) -> bool {
    let mut letters = rest.chars().skip_while(|c| {
        matches!(c, '"' | '\'' | '“' | '‘' | '«' | '(' | '[' | '•' | '*' | '-' | '–' | '—' | '$' | '€' | '£')
    });
    letters
        .next()
        .is_some_and(|c| c.is_uppercase() || c.is_numeric() || (c.is_alphabetic() && !c.is_lowercase()))
}

/// Whether the mark at `at` ends a sentence, given that something that looks like one starts at `next`.
fn ends_sentence(text: &str, at: usize, next: usize) -> bool {
    if text.as_bytes()[at] != b'.' {
        return true;
    }
    // No abbreviation is as long as this, so no more is looked at.
    const LONGEST: usize = 12;
    let from = text.ceil_char_boundary(at.saturating_sub(LONGEST));
    let word = text[from..at].rsplit(|c: char| !(c.is_alphanumeric() || c == '.')).next().unwrap_or("");
    let opener = || {
        let first = text[next..].split(|c: char| !c.is_alphabetic()).next().unwrap_or("");
        OPENERS.contains(&first)
    };
    let is_initial = |part: &str| part.len() == 1 && part.as_bytes()[0].is_ascii_alphabetic();
    if word.contains('.') && word.split('.').all(is_initial) {
        return opener();
    }
    if is_initial(word) && word.as_bytes()[0].is_ascii_uppercase() {
        return false;
    }
    if TITLES.contains(&word) {
        return false;
    }
    if COMPANY_FORMS.contains(&word) {
        return opener();
    }
    true
}

/// Abbreviations that a name or number follows.
const TITLES: [&str; 34] = [
    "Mr", "Mrs", "Ms", "Dr", "Prof", "Gen", "Gov", "Sen", "Rep", "Lt", "Col", "Capt", "Sgt", "Rev", "Hon",
    "St", "Mt", "Ft", "No", "Nos", "vs", "v", "Jan", "Feb", "Mar", "Apr", "Aug", "Sept", "Sep", "Oct", "Nov",
    "Dec", "approx", "cf",
];

/// Abbreviations that end a name, and now and then a sentence.
const COMPANY_FORMS: [&str; 14] =
    ["Inc", "Corp", "Co", "Ltd", "Cos", "Bros", "Jr", "Sr", "Ave", "Blvd", "Dept", "Bhd", "Pty", "Intl"];

/// Words that open sentences more often than they go on with a name.
const OPENERS: [&str; 40] = [
    "A",
    "After",
    "All",
    "Also",
    "An",
    "Analysts",
    "And",
    "As",
    "At",
    "Both",
    "But",
    "By",
    "Each",
    "For",
    "From",
    "He",
    "However",
    "If",
    "In",
    "Investors",
    "It",
    "Its",
    "Last",
    "Most",
    "On",
    "Our",
    "Shares",
    "She",
    "Since",
    "Some",
    "That",
    "The",
    "Their",
    "There",
    "These",
    "They",
    "This",
    "We",
    "When",
    "While",
];

/// Gathers sentences into passages.
fn passages(body: &str, tokens: &Tokens, sentences: &[Sentence]) -> Vec<Passage> {
    let mut passages: Vec<Passage> = Vec::new();
    let mut first = 0;
    let word_at =
        |index: usize| sentences.get(index).map_or(tokens.len(), |sentence| sentence.first_word as usize);
    let byte_at = |index: usize| sentences.get(index).map_or(body.len(), |sentence| sentence.start as usize);
    let made = |from: usize, to: usize| Passage {
        span: Span::new(byte_at(from), byte_at(to)),
        first_word: narrow(word_at(from)),
        words: narrow(word_at(to) - word_at(from)),
    };
    for next in 1..=sentences.len() {
        let words = word_at(next) - word_at(first);
        let full = next == sentences.len()
            || words + (word_at(next + 1) - word_at(next)) > MAX_WORDS
            || (words >= MIN_WORDS && sentences[next - 1].ends_paragraph);
        if full {
            passages.push(made(first, next));
            first = next;
        }
    }
    if let [.., before, last] = passages.as_mut_slice()
        && (last.words as usize) < REST_WORDS
    {
        before.span.end = last.span.end;
        before.words += last.words;
        passages.pop();
    }
    passages
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Analyzer;

    /// Sentences of `text` with `|` between them.
    fn check(expected: &str) {
        let text = expected.replace('|', "");
        let tokens = Analyzer::default().tokens(&text);
        let found = sentences(&text, &tokens);
        let mut shown = String::new();
        for (index, sentence) in found.iter().enumerate() {
            let end = found.get(index + 1).map_or(text.len(), |next| next.start as usize);
            shown.push_str(if index > 0 { "|" } else { "" });
            shown.push_str(&text[sentence.start as usize..end]);
        }
        assert_eq!(shown, expected);
    }

    #[test]
    fn sentences_end_where_a_reader_would_say() {
        check("Rates rose. |Shares fell! |Why? |Nobody knew.");
        check("Mr. Smith of Apple Inc. in the U.S. Senate met J. P. Morgan of No. 10.");
        check("It bought Apple Inc. |The deal closed.");
        check("He left the U.S. |The firm stayed.");
        check("It paid $3.5 million. |\"We won.\" |Then 3.2 percent.");
        check("One\n|Two\n\n|Three. |Four");
        check("He said “no.” |She said yes.");
        check("shares of acme.com fell. later they rose.");
    }

    #[test]
    fn a_long_sentence_is_cut_between_words_that_stand_apart() {
        // The mark of `5%` is a word only beside its number.
        let text = format!("{}5% more and more", "word ".repeat(MAX_SENTENCE_WORDS - 1));
        let mut analyzer = Analyzer::default();
        let tokens = analyzer.tokens(&text);
        let found = sentences(&text, &tokens);
        assert_eq!(found.len(), 2);
        assert_eq!(&text[found[1].start as usize..], "more and more");
    }

    #[test]
    fn passages_partition_the_body_in_whole_sentences() {
        let mut analyzer = Analyzer::default();
        for words in [1, 10, 59, 60, 61, 130, 700] {
            for length in [1, 7, 40, 119, 121, 400] {
                let mut text = String::new();
                for word in 0..words {
                    text.push_str(if word % length == 0 { "Word" } else { "word" });
                    let end = if (word + 1) % (length * 3) == 0 { ".\n" } else { ". " };
                    text.push_str(if (word + 1) % length == 0 { end } else { " " });
                }
                let tokens = analyzer.tokens(&text);
                let split = split(&text, &tokens);
                let mut at = 0;
                for passage in &split.passages {
                    assert_eq!(passage.span.start, at);
                    at = passage.span.end;
                    assert!(split.sentences.iter().any(|sentence| sentence.start == passage.span.start));
                    assert!(passage.words as usize <= MAX_WORDS + REST_WORDS, "{passage:?}");
                }
                assert_eq!(at as usize, text.len());
            }
        }
        assert_eq!(split("", &analyzer.tokens("")), Split::default());
    }
}
