//! Hands words that are already analysed to tantivy, at the positions they have.
//!
//! An article's searched text is its title, a gap of [`GAP`] positions, and its body. Four fields share
//! these positions: `text` (stems), `exact` (forms with their case), `annotation` (what is mentioned) and
//! `boilerplate`. That makes "this company within ten words of that stem" or "both in one passage" plain
//! arithmetic over postings.
//!
//! Analysis runs on every core before anything reaches tantivy, so that no tokenizer can fail inside its
//! indexing thread. What reaches it is an [`Aligned`] string, and the registered tokenizer only reads it:
//!
//! ```text
//! \x01merger            the next position
//! \x02ecommerc          the same position as the term before
//! \x031025\x01china     1,025 positions on
//! ```
//!
//! Terms hold no control characters: words are letters, digits and a few marks, ids are printable.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

/// Positions between the last word of the title and the first of the body. Proximity operators reach less
/// far, so none crosses from one to the other.
pub const GAP: u32 = 1024;

const NEXT: char = '\u{1}';
const SAME: char = '\u{2}';
const JUMP: char = '\u{3}';

/// The name the tokenizer is registered under.
pub const ALIGNED: &str = "aligned";

/// Terms with their positions, as one string.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Aligned {
    encoded: String,
    last: Option<u32>,
}

impl Aligned {
    /// Room for about this many bytes of terms.
    pub fn with_capacity(bytes: usize) -> Aligned {
        Aligned { encoded: String::with_capacity(bytes), last: None }
    }

    /// Adds a term.
    ///
    /// # Panics
    /// Where `position` is smaller than that of the term before: tantivy subtracts them unchecked.
    pub fn push(&mut self, position: u32, term: &str) {
        let step = match self.last {
            None => position + 1,
            Some(last) => position.checked_sub(last).expect("terms are added in order of position"),
        };
        match step {
            0 => self.encoded.push(SAME),
            1 => self.encoded.push(NEXT),
            _ => {
                self.encoded.push(JUMP);
                self.encoded.push_str(&step.to_string());
                self.encoded.push(NEXT);
            }
        }
        self.encoded.push_str(term);
        self.last = Some(position);
    }

    pub fn as_str(&self) -> &str {
        &self.encoded
    }
}

/// Reads an [`Aligned`] string.
#[derive(Debug, Clone, Default)]
pub struct AlignedTokenizer;

impl Tokenizer for AlignedTokenizer {
    type TokenStream<'a> = AlignedStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> AlignedStream<'a> {
        AlignedStream { rest: text, token: Token { position: usize::MAX, ..Token::default() } }
    }
}

/// The terms of an [`Aligned`] string.
#[derive(Debug)]
pub struct AlignedStream<'a> {
    rest: &'a str,
    token: Token,
}

impl TokenStream for AlignedStream<'_> {
    fn advance(&mut self) -> bool {
        let mut letters = self.rest.chars();
        let step = match letters.next() {
            Some(NEXT) => 1,
            Some(SAME) => 0,
            Some(JUMP) => {
                let (number, after) = letters.as_str().split_once(NEXT).unwrap_or_default();
                letters = after.chars();
                number.parse().unwrap_or(1)
            }
            _ => return false,
        };
        let rest = letters.as_str();
        let end = rest.bytes().position(|byte| byte <= 3).unwrap_or(rest.len());
        // The first step leads from just before position 0.
        self.token.position = self.token.position.wrapping_add(step);
        self.token.text.clear();
        self.token.text.push_str(&rest[..end]);
        self.rest = &rest[end..];
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_keep_their_positions() {
        let rows = [(0, "a"), (1, "b"), (1, "é"), (2, "c"), (1026, "co:x"), (1026, "d"), (1027, "e")];
        let mut aligned = Aligned::default();
        for (position, term) in rows {
            aligned.push(position, term);
        }
        let mut tokenizer = AlignedTokenizer;
        let mut stream = tokenizer.token_stream(aligned.as_str());
        let mut read = Vec::new();
        while stream.advance() {
            read.push((stream.token().position, stream.token().text.clone()));
        }
        let expected: Vec<(usize, String)> =
            rows.iter().map(|(at, term)| (*at as usize, (*term).to_owned())).collect();
        assert_eq!(read, expected);

        let mut late = Aligned::default();
        late.push(7, "x");
        assert_eq!(late.as_str(), "\u{3}8\u{1}x");
    }
}
