//! Words of business news: where they are, how they were written, what they are searched by.
//!
//! [`Analyzer::tokens`] cuts a text into [`Token`]s. A token has a position (its place in the list), a
//! [`Span`] of the text, and three forms:
//!
//! | text | exact | folded | stem | why |
//! |---|---|---|---|---|
//! | `Mergers` | `Mergers` | `mergers` | `merger` | the stem is what is searched |
//! | `AT&T`, `AT & T` | `AT&T` | `at&t` | `at&t` | one name, one word |
//! | `U.S.`, `US` | `US` | `us` | `US` | capitals kept where the word `us` means something else |
//! | `BRK.B` | `BRK.B` | `brk.b` | `brk.b` | a ticker with its class, `0941.HK` with its exchange |
//! | `Nestlé's` | `Nestlé` | `nestle` | `nestl` | the possessive is dropped, accents are folded |
//! | `1,200.5` | `1200.5` | `1200.5` | `1200.5` | thousands separators are dropped |
//! | `$1.2bn` | `$1.2` `billion` | `1.2` `billion` | `1.2` `billion` | two tokens, so that `$1.2 billion` is the same |
//! | `5%`, `5 pct` | `5` `percent` | `5` `percent` | `5` `percent` | likewise |
//! | `3M`, `A320` | `3M` | `3m` | `3m` | one digit before a bare capital is a name |
//! | `e-commerce` | `e` `commerce` | `e` `commerce` | `e` + `ecommerc`, `commerc` | the joined spelling stands at the first part |
//!
//! Stems are the Snowball English stemmer's (`rust-stemmers`), given ASCII letters only: it is known to
//! panic on some other scripts, and this product searches English first. Most of the cost of analysis is
//! stemming, and news repeats its words, so each [`Analyzer`] remembers the stems it has computed.
//!
//! That stemmer takes `business` for `busy`, `customs` for `customers` and `international` for `internal`. Words that
//! news means apart have stems of their own in `words/stems.tsv`, a line for each family.
//!
//! [`ANALYZER`] names this behaviour. An index remembers the name it was made with, and a change here
//! that alters any form is a new name.

use std::borrow::Cow;
use std::sync::OnceLock;

use rustc_hash::FxHashMap;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::article::Span;

/// The version of the analysis, kept in the index.
pub const ANALYZER: &str = "news_en_v2";

/// Longer forms are cut to this many bytes, at a character; nobody searches for the rest of them.
const MAX_FORM_BYTES: usize = 96;

/// How many stems an analyzer remembers; later words are stemmed anew. News of a year has about this
/// many different words, and it bounds the memory of each thread at some 10 MB.
const MAX_REMEMBERED: usize = 1 << 17;

/// Longer runs of single letters and dots are not initials of anything.
const MAX_INITIALS_BYTES: usize = 16;

/// A range of [`Tokens::forms`].
type Form = (u32, u32);

/// One word of a text. Its position is its index in [`Tokens`].
#[derive(Debug, Clone, Copy)]
pub struct Token {
    pub span: Span,
    exact: Form,
    folded: Form,
    stem: Form,
    joined: Option<Form>,
    shape: Shape,
}

/// How a word was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Lower,
    /// First letter a capital, others not all.
    Capitalised,
    /// Two letters or more, all capitals.
    AllCaps,
    /// Starts with a digit.
    Number,
    /// Capitals inside only, such as `eBay`.
    Mixed,
}

/// The words of one text, in order.
#[derive(Debug, Clone, Default)]
pub struct Tokens {
    list: Vec<Token>,
    forms: String,
}

impl Tokens {
    /// How many there are; positions go from 0 up to this.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Every token, in order of position.
    pub fn iter(&self) -> std::slice::Iter<'_, Token> {
        self.list.iter()
    }

    /// The token's place in the text.
    #[must_use]
    pub fn span(&self, position: usize) -> Span {
        self.list[position].span
    }

    /// As written, case kept, without possessive and separators.
    #[must_use]
    pub fn exact(&self, position: usize) -> &str {
        self.form(self.list[position].exact)
    }

    /// The exact form in lower case without accents.
    #[must_use]
    pub fn folded(&self, position: usize) -> &str {
        self.form(self.list[position].folded)
    }

    /// What is searched.
    #[must_use]
    pub fn stem(&self, position: usize) -> &str {
        self.form(self.list[position].stem)
    }

    /// The stem of the joined spelling of a hyphenated word that starts here.
    #[must_use]
    pub fn joined(&self, position: usize) -> Option<&str> {
        self.list[position].joined.map(|form| self.form(form))
    }

    #[must_use]
    pub fn shape(&self, position: usize) -> Shape {
        self.list[position].shape
    }

    /// What stands between the word at `position` and the one before it, or the start of `text`, which these are the
    /// words of.
    #[must_use]
    pub fn gap<'a>(&self, text: &'a str, position: usize) -> &'a str {
        let from = position.checked_sub(1).map_or(0, |before| self.list[before].span.end);
        &text[from as usize..self.list[position].span.start as usize]
    }

    /// Whether the word at `position` opens a sentence, a line, a quotation or what a colon introduces, where any word
    /// is capitalised.
    #[must_use]
    pub fn opens_sentence(&self, text: &str, position: usize) -> bool {
        position == 0 || self.gap(text, position).contains(['.', '\n', '!', '?', ':', '"', '“', '•'])
    }

    /// The positions whose tokens start inside `span`.
    #[must_use]
    pub fn within(&self, span: Span) -> std::ops::Range<usize> {
        let start = self.list.partition_point(|token| token.span.start < span.start);
        let end = self.list.partition_point(|token| token.span.start < span.end);
        start..end
    }

    fn form(&self, (start, end): Form) -> &str {
        &self.forms[start as usize..end as usize]
    }

    fn add(&mut self, form: &str) -> Form {
        let start = self.forms.len();
        self.forms.push_str(cut(form));
        (offset(start), offset(self.forms.len()))
    }
}

impl<'a> IntoIterator for &'a Tokens {
    type Item = &'a Token;
    type IntoIter = std::slice::Iter<'a, Token>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

fn offset(value: usize) -> u32 {
    u32::try_from(value).expect("articles are limited to 64 MB")
}

fn cut(form: &str) -> &str {
    &form[..form.floor_char_boundary(MAX_FORM_BYTES)]
}

/// Cuts texts into words and remembers the stems it has seen. One for each thread.
pub struct Analyzer {
    stemmer: rust_stemmers::Stemmer,
    /// Where the stem of a word stands in `stems`, so that one look is enough.
    stem_of: FxHashMap<Box<str>, usize>,
    stems: Vec<Box<str>>,
    scratch: String,
    /// Whether stems are left out, and folded forms stand in their place.
    only_places: bool,
}

impl Default for Analyzer {
    fn default() -> Analyzer {
        Analyzer {
            stemmer: rust_stemmers::Stemmer::create(rust_stemmers::Algorithm::English),
            stem_of: FxHashMap::default(),
            stems: Vec::new(),
            scratch: String::new(),
            only_places: false,
        }
    }
}

impl std::fmt::Debug for Analyzer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Analyzer").field("remembered", &self.stems.len()).finish_non_exhaustive()
    }
}

impl Analyzer {
    /// An analyzer for who only asks where words are: stemming is most of the cost, and is left out.
    pub fn for_places() -> Analyzer {
        Analyzer { only_places: true, ..Analyzer::default() }
    }

    /// The words of a text.
    ///
    /// Total: any text gives tokens, spans are in order and never overlap, and cutting a text at a line
    /// break gives the tokens of its halves.
    #[must_use]
    pub fn tokens(&mut self, text: &str) -> Tokens {
        // Six bytes a word is typical of English, with its space; forms are rarely longer than the text.
        let mut tokens = Tokens {
            list: Vec::with_capacity(text.len() / 6 + 1),
            forms: String::with_capacity(text.len() + 16),
        };
        let mut at = 0;
        while let Some(start) = next_word(text, at) {
            let word = scan(text, start);
            at = word.end;
            self.push(&mut tokens, text, start, &word);
        }
        settle_capitals(&mut tokens);
        tokens
    }

    /// The stem of a word in lower case; itself where it is not plain letters.
    fn stem(&mut self, folded: &str) -> &str {
        if let Some(&at) = self.stem_of.get(folded) {
            return &self.stems[at];
        }
        let stem = match apart().get(folded) {
            Some(stem) => Cow::Borrowed(*stem),
            None => self.stemmer.stem(folded),
        };
        if self.stems.len() >= MAX_REMEMBERED {
            self.scratch = stem.into_owned();
            return &self.scratch;
        }
        let at = self.stems.len();
        self.stem_of.insert(folded.into(), at);
        self.stems.push(stem.into());
        &self.stems[at]
    }

    /// Adds the one or two tokens of a word.
    fn push(&mut self, tokens: &mut Tokens, text: &str, start: usize, word: &Word) {
        let written = &text[start..word.end];
        if word.digits_first {
            if written == "%" {
                let form = tokens.add("percent");
                tokens.list.push(token(Span::new(start, word.end), form, form, form, Shape::Lower));
                return;
            }
            let currency = text[..start].chars().next_back().filter(|&sign| is_currency(sign));
            if let Some((number, unit)) = split_unit(written, currency.is_some()) {
                let middle = start + number.len();
                push_number(tokens, &text[start..middle], start, currency);
                let form = tokens.add(unit);
                let stem = self.stem(unit).to_owned();
                let stem = if stem == unit { form } else { tokens.add(&stem) };
                tokens.list.push(token(Span::new(middle, word.end), form, form, stem, Shape::Lower));
                return;
            }
            push_number(tokens, written, start, currency);
            return;
        }
        if word.percent {
            let form = tokens.add("percent");
            tokens.list.push(token(Span::new(start, word.end), form, form, form, Shape::Lower));
            return;
        }
        let shape = shape(written);
        let plain = word.letters_only;
        let (exact, folded) = if plain {
            let exact = tokens.add(written);
            if shape == Shape::Lower { (exact, exact) } else { (exact, add_lower(tokens, written)) }
        } else {
            let spelled = spell(written);
            let exact = tokens.add(&spelled);
            (exact, tokens.add(&fold(&spelled)))
        };
        let stem = self.add_stem(tokens, folded);
        let mut made = token(Span::new(start, word.end), exact, folded, stem, shape);
        if let Some(other) = word.hyphenated(text) {
            let joined = fold(&format!("{written}{}", &text[other]));
            let stem = if is_plain(&joined) { self.stem(&joined).to_owned() } else { joined };
            made.joined = Some(tokens.add(&stem));
        }
        tokens.list.push(made);
    }

    fn add_stem(&mut self, tokens: &mut Tokens, folded: Form) -> Form {
        // Taken out while the stem is looked up, because forms may move when one is added.
        let forms = std::mem::take(&mut tokens.forms);
        let word = &forms[folded.0 as usize..folded.1 as usize];
        if self.only_places || !is_plain(word) {
            tokens.forms = forms;
            return folded;
        }
        let stem = self.stem(word);
        if stem == word {
            tokens.forms = forms;
            return folded;
        }
        // A stem is most often a prefix, which needs no new letters.
        let shared = word.starts_with(stem).then(|| (folded.0, folded.0 + offset(stem.len())));
        tokens.forms = forms;
        shared.unwrap_or_else(|| tokens.add(stem))
    }
}

fn push_number(tokens: &mut Tokens, written: &str, start: usize, currency: Option<char>) {
    let digits: String = fold(&spell(written)).chars().filter(|&c| c != ',').collect();
    let folded = tokens.add(&digits);
    let exact = match currency {
        Some(sign) => tokens.add(&format!("{sign}{digits}")),
        None if written.bytes().any(|byte| byte.is_ascii_uppercase()) => tokens.add(written),
        None => folded,
    };
    let span = Span::new(start, start + written.len());
    tokens.list.push(token(span, exact, folded, folded, Shape::Number));
    if let Some((joined, _)) =
        digits.split_once('.').filter(|(_, tail)| tail.bytes().all(|b| b.is_ascii_lowercase()))
    {
        // `0941.HK` is found by `0941` too.
        let joined = tokens.add(joined);
        tokens.list.last_mut().expect("pushed above").joined = Some(joined);
    }
}

fn token(span: Span, exact: Form, folded: Form, stem: Form, shape: Shape) -> Token {
    Token { span, exact, folded, stem, joined: None, shape }
}

fn add_lower(tokens: &mut Tokens, written: &str) -> Form {
    let start = tokens.forms.len();
    tokens.forms.extend(cut(written).bytes().map(|byte| char::from(byte.to_ascii_lowercase())));
    (offset(start), offset(tokens.forms.len()))
}

/// Stems of words that are not those of the stemmer.
fn apart() -> &'static FxHashMap<&'static str, &'static str> {
    static APART: OnceLock<FxHashMap<&'static str, &'static str>> = OnceLock::new();
    APART.get_or_init(|| {
        let rows = include_str!("words/stems.tsv").lines().filter(|line| !line.starts_with('#'));
        let families = rows.filter_map(|row| row.split_once('\t'));
        families.flat_map(|(stem, words)| words.split(' ').map(move |word| (word, stem))).collect()
    })
}

/// Letters the stemmer can be trusted with.
fn is_plain(word: &str) -> bool {
    word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// Words whose capitals change what they mean: the country, the trade, the health organisation.
fn keeps_capitals(exact: &str) -> bool {
    matches!(exact, "US" | "IT" | "WHO")
}

/// Gives `US`, `IT` and `WHO` a stem in capitals, but not where the words around them are in capitals
/// too and only the country is likely.
fn settle_capitals(tokens: &mut Tokens) {
    for position in 0..tokens.len() {
        if tokens.shape(position) != Shape::AllCaps || !keeps_capitals(tokens.exact(position)) {
            continue;
        }
        let shouted = |other: Option<usize>| {
            other.and_then(|other| tokens.list.get(other)).is_none_or(|token| token.shape != Shape::AllCaps)
        };
        let all_caps_run = !shouted(position.checked_sub(1)) && !shouted(Some(position + 1));
        if tokens.exact(position) == "US" || !all_caps_run {
            tokens.list[position].stem = tokens.list[position].exact;
        }
    }
}

fn shape(written: &str) -> Shape {
    let mut letters = 0;
    let mut capitals = 0;
    let mut first = false;
    for (index, letter) in written.chars().filter(|c| c.is_alphabetic()).enumerate() {
        letters += 1;
        if letter.is_uppercase() {
            capitals += 1;
            first |= index == 0;
        }
    }
    match (capitals, first) {
        (0, _) => Shape::Lower,
        _ if letters > 1 && capitals == letters => Shape::AllCaps,
        (_, true) => Shape::Capitalised,
        _ => Shape::Mixed,
    }
}

/// The written word without apostrophes, possessive, dots of initials and spaces around `&`, composed.
fn spell(written: &str) -> String {
    let bare = strip_possessive(written);
    let is_initials = bare.contains('.')
        && bare
            .split('.')
            .all(|part| part.is_empty() || (part.len() == 1 && part.as_bytes()[0].is_ascii_alphabetic()));
    bare.nfkc().filter(|&c| !is_apostrophe(c) && c != ' ' && !(is_initials && c == '.')).collect()
}

fn strip_possessive(written: &str) -> &str {
    let without = written.strip_suffix(['s', 'S']).and_then(|stem| stem.strip_suffix(is_apostrophe));
    without.filter(|stem| !stem.is_empty()).unwrap_or(written)
}

/// Lower case, accents folded: `Türkiye` is `turkiye`, `Straße` is `strasse`.
#[must_use]
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    for letter in text.nfkd().filter(|&letter| !is_combining_mark(letter)) {
        match letter {
            'ß' | 'ẞ' => folded.push_str("ss"),
            'æ' | 'Æ' => folded.push_str("ae"),
            'œ' | 'Œ' => folded.push_str("oe"),
            'ø' | 'Ø' => folded.push('o'),
            'đ' | 'Đ' | 'ð' | 'Ð' => folded.push('d'),
            'ł' | 'Ł' => folded.push('l'),
            'ı' => folded.push('i'),
            'þ' | 'Þ' => folded.push_str("th"),
            _ => folded.extend(letter.to_lowercase()),
        }
    }
    folded
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | 'ʼ' | '＇' | '‘')
}

pub(crate) fn is_currency(c: char) -> bool {
    matches!(c, '$' | '€' | '£' | '¥' | '₹' | '₩' | '₽' | '₺' | '₴' | '₦' | '₱' | '฿' | '₫' | '￥' | '＄')
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '‐' | '‑')
}

/// Scripts written without spaces: every character is a word.
fn is_ideograph(c: char) -> bool {
    matches!(u32::from(c), 0x2E80..=0x2FDF | 0x3040..=0x30FF | 0x3400..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric()
}

/// Where the next word starts, at or after `at`. A percent sign after a digit is a word.
fn next_word(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = at;
    while at < bytes.len() {
        let byte = bytes[at];
        if byte < 0x80 {
            if byte.is_ascii_alphanumeric() {
                return Some(at);
            }
            if byte == b'%' && at > 0 && bytes[at - 1].is_ascii_digit() {
                return Some(at);
            }
            at += 1;
        } else {
            let letter = text[at..].chars().next()?;
            if is_word(letter) {
                return Some(at);
            }
            at += letter.len_utf8();
        }
    }
    None
}

/// What [`scan`] found of a word.
struct Word {
    /// Byte offset in the text where it ends.
    end: usize,
    letters_only: bool,
    digits_first: bool,
    /// `per cent`.
    percent: bool,
}

impl Word {
    /// The second part of a hyphenated word that is also written as one, such as `e-commerce`: a first
    /// part of four letters at most, and nothing hyphenated after.
    fn hyphenated(&self, text: &str) -> Option<std::ops::Range<usize>> {
        if !self.letters_only {
            return None;
        }
        let hyphen = text[self.end..].chars().next().filter(|&c| is_hyphen(c))?;
        let first_start = text[..self.end]
            .rfind(|c: char| !c.is_ascii_alphabetic())
            .map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
        let first = &text[first_start..self.end];
        if first.len() > 4 || text[..first_start].chars().next_back().is_some_and(is_hyphen) {
            return None;
        }
        let start = self.end + hyphen.len_utf8();
        let length = text[start..].find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len() - start);
        let ends = !text[start + length..].starts_with(|c: char| is_hyphen(c) || is_word(c));
        (length > 2 && length <= 20 && ends).then_some(start..start + length)
    }
}

/// Finds the end of the word that starts at `start`.
fn scan(text: &str, start: usize) -> Word {
    let bytes = text.as_bytes();
    let mut at = start;
    let digits_first = bytes[start].is_ascii_digit() || bytes[start] == b'%';
    let mut word = Word { end: start, letters_only: true, digits_first, percent: false };
    if bytes[start] == b'%' {
        word.end = start + 1;
        return word;
    }
    loop {
        // A run of letters and digits.
        let run = at;
        while at < bytes.len() {
            let byte = bytes[at];
            if byte.is_ascii_alphabetic() {
                at += 1;
            } else if byte.is_ascii_digit() {
                word.letters_only = false;
                at += 1;
            } else if byte < 0x80 {
                break;
            } else {
                let letter = text[at..].chars().next().expect("inside the text");
                if is_ideograph(letter) {
                    if at == start {
                        at += letter.len_utf8();
                        word.letters_only = false;
                    }
                    word.end = at;
                    return word;
                }
                if !(is_word(letter) || is_combining_mark(letter)) {
                    break;
                }
                word.letters_only = false;
                at += letter.len_utf8();
            }
        }
        word.end = at;
        let Some(next) = joint(text, start, run, at) else { break };
        word.letters_only = false;
        at = next;
    }
    finish(text, start, &mut word);
    word
}

/// Where the word goes on after the mark at `at`, if the mark is part of it. `run` is where the letters
/// before the mark start.
fn joint(text: &str, start: usize, run: usize, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mark = text[at..].chars().next()?;
    let after = at + mark.len_utf8();
    let next = *bytes.get(after)?;
    let run_text = &text[run..at];
    // Length of the ASCII letters after `from`, where no other letter or digit follows them.
    let letters_at = |from: usize, wanted: fn(&u8) -> bool| {
        let length = bytes[from..].iter().take_while(|byte| wanted(byte)).count();
        let whole = !text[from + length..].starts_with(is_word);
        if whole { length } else { 0 }
    };
    match mark {
        '.' => {
            if bytes[at - 1].is_ascii_digit() && next.is_ascii_digit() {
                return Some(after);
            }
            if run_text.len() == 1
                && bytes[run].is_ascii_alphabetic()
                && letters_at(after, u8::is_ascii_alphabetic) == 1
            {
                // Initials: every part so far is one letter.
                let initials =
                    at - start < MAX_INITIALS_BYTES && text[start..at].split('.').all(|part| part.len() == 1);
                return initials.then_some(after);
            }
            let symbol = run == start
                && run_text.len() <= 6
                && run_text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
            (symbol && (1..=3).contains(&letters_at(after, u8::is_ascii_uppercase))).then_some(after)
        }
        ',' => {
            let number = bytes[start].is_ascii_digit() && bytes[at - 1].is_ascii_digit();
            let digits = bytes[after..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            (number && digits == 3).then_some(after)
        }
        '&' => {
            let short = run == start
                && (1..=3).contains(&run_text.len())
                && run_text.bytes().all(|b| b.is_ascii_alphabetic());
            (short && (1..=3).contains(&letters_at(after, u8::is_ascii_alphabetic))).then_some(after)
        }
        ' ' if next == b'&' => {
            // `AT & T`, `S & P`: capitals only.
            let short =
                run == start && run_text.len() <= 2 && run_text.bytes().all(|b| b.is_ascii_uppercase());
            let from = after + 2;
            let spaced = short && bytes.get(after + 1) == Some(&b' ') && from < bytes.len();
            (spaced && letters_at(from, u8::is_ascii_uppercase) == 1).then_some(from)
        }
        _ if is_apostrophe(mark) => {
            let before = text[..at].chars().next_back().is_some_and(char::is_alphabetic);
            let letter = text[after..].chars().next().is_some_and(|c| c.is_alphabetic() && !is_ideograph(c));
            (before && letter).then_some(after)
        }
        _ => None,
    }
}

/// The last dot of initials belongs to them, and `per cent` is one word.
fn finish(text: &str, start: usize, word: &mut Word) {
    let written = &text[start..word.end];
    let bytes = text.as_bytes();
    let initials =
        written.len() >= 3 && written.split('.').all(|part| part.len() == 1) && written.contains('.');
    if initials && bytes.get(word.end) == Some(&b'.') {
        word.end += 1;
    }
    if written.eq_ignore_ascii_case("per")
        && text[word.end..].get(..5).is_some_and(|next| next.eq_ignore_ascii_case(" cent"))
    {
        let after = word.end + 5;
        if !text[after..].starts_with(is_word) {
            word.end = after;
            word.percent = true;
        }
    } else if written.eq_ignore_ascii_case("pct") {
        word.percent = true;
    }
}

/// A number with a unit written against it: `1.2bn` is `1.2` and `billion`.
fn split_unit(written: &str, currency: bool) -> Option<(&str, &'static str)> {
    let digits = written.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == ','))?;
    let (number, unit) = written.split_at(digits);
    let bare_capital = unit.len() == 1 && unit.bytes().all(|byte| byte.is_ascii_uppercase());
    if bare_capital && number.len() == 1 && !currency {
        return None;
    }
    let unit = match unit.to_ascii_lowercase().as_str() {
        "bn" | "bln" | "b" | "billion" => "billion",
        "m" | "mn" | "mln" | "mio" | "million" => "million",
        "tn" | "trn" | "trln" | "trillion" => "trillion",
        "k" => "thousand",
        "pct" => "percent",
        _ => return None,
    };
    Some((number, unit))
}

/// Whether a folded word is too common to have to match: about a hundred words that carry grammar, not
/// meaning. A query of nothing else is searched whole.
#[must_use]
pub fn is_stop_word(folded: &str) -> bool {
    STOP_WORDS.binary_search(&folded).is_ok()
}

/// Whether a folded word is between grammar and meaning: `against` and `over` tell a little of what is meant, but who
/// types one of them does not ask for it.
#[must_use]
pub fn is_function_word(folded: &str) -> bool {
    FUNCTION_WORDS.binary_search(&folded).is_ok()
}

/// Other prepositions, particles, negations and the like, sorted; not `may`, which is a month.
const FUNCTION_WORDS: [&str; 48] = [
    "above", "across", "again", "against", "along", "amid", "amidst", "among", "amongst", "around", "behind",
    "below", "beyond", "despite", "down", "either", "ever", "every", "few", "inside", "might", "must",
    "near", "neither", "no", "not", "now", "off", "onto", "out", "outside", "over", "per", "since", "still",
    "though", "toward", "towards", "under", "unlike", "up", "upon", "versus", "via", "vs", "within",
    "without", "yet",
];

/// Articles, pronouns, prepositions, auxiliaries and question words, sorted.
const STOP_WORDS: [&str; 109] = [
    "a", "about", "after", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be", "because",
    "been", "before", "being", "between", "both", "but", "by", "can", "could", "did", "do", "does", "doing",
    "during", "each", "for", "from", "further", "had", "has", "have", "having", "he", "her", "here", "hers",
    "him", "his", "how", "i", "if", "in", "into", "is", "it", "its", "itself", "just", "me", "more", "most",
    "my", "nor", "of", "on", "once", "only", "or", "other", "our", "ours", "own", "s", "same", "she",
    "should", "so", "some", "such", "t", "than", "that", "the", "their", "theirs", "them", "then", "there",
    "these", "they", "this", "those", "through", "to", "too", "until", "very", "was", "we", "were", "what",
    "when", "where", "which", "while", "who", "whom", "whose", "why", "will", "with", "would", "you", "your",
    "yours",
];

/// How much a word at the end of a name says that the name is a firm's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LegalForm {
    /// A form, but also a word of other names or of the language: `Group`, `SA`, `as`.
    Likely,
    /// Nothing but a form: `Inc`.
    Sure,
}

impl LegalForm {
    /// What a folded word is, if it is a legal form.
    #[must_use]
    pub fn of(folded: &str) -> Option<LegalForm> {
        let found = LEGAL_FORMS.binary_search_by_key(&folded, |(form, _)| form);
        found.ok().map(|at| LEGAL_FORMS[at].1)
    }
}

/// Forms of companies, sorted.
const LEGAL_FORMS: [(&str, LegalForm); 41] = {
    use LegalForm::{Likely, Sure};
    [
        ("ab", Likely),
        ("ag", Sure),
        ("as", Likely),
        ("asa", Likely),
        ("berhad", Sure),
        ("bhd", Sure),
        ("bv", Sure),
        ("co", Sure),
        ("company", Likely),
        ("corp", Sure),
        ("corporation", Sure),
        ("cos", Likely),
        ("gmbh", Sure),
        ("group", Likely),
        ("holding", Likely),
        ("holdings", Likely),
        ("inc", Sure),
        ("incorporated", Sure),
        ("kgaa", Likely),
        ("kk", Sure),
        ("limited", Sure),
        ("llc", Sure),
        ("llp", Sure),
        ("lp", Likely),
        ("ltd", Sure),
        ("ltda", Sure),
        ("nv", Sure),
        ("oy", Likely),
        ("oyj", Likely),
        ("pjsc", Sure),
        ("plc", Sure),
        ("pty", Sure),
        ("pvt", Sure),
        ("sa", Likely),
        ("sab", Likely),
        ("sarl", Sure),
        ("sas", Likely),
        ("se", Likely),
        ("spa", Sure),
        ("srl", Sure),
        ("tbk", Sure),
    ]
};

#[cfg(test)]
mod tests {
    use super::*;

    /// `written=exact/stem`, with `+joined` where there is one, separated by spaces.
    fn check(text: &str, expected: &str) {
        let tokens = Analyzer::default().tokens(text);
        let shown: Vec<String> = (0..tokens.len())
            .map(|at| {
                let joined = tokens.joined(at).map(|joined| format!("+{joined}")).unwrap_or_default();
                format!("{}={}/{}{joined}", tokens.span(at).of(text), tokens.exact(at), tokens.stem(at))
            })
            .collect();
        assert_eq!(shown.join(" | "), expected, "{text}");
    }

    #[test]
    fn families_of_words_are_apart() {
        let rows = include_str!("words/stems.tsv").lines().filter(|line| !line.starts_with('#'));
        let families: Vec<(&str, &str)> = rows.filter_map(|row| row.split_once('\t')).collect();
        let stems: rustc_hash::FxHashSet<&str> = families.iter().map(|(stem, _)| *stem).collect();
        assert_eq!(stems.len(), families.len(), "a stem is there twice");
        let mut words = rustc_hash::FxHashSet::default();
        for (stem, family) in &families {
            for word in family.split(' ') {
                assert!(words.insert(word), "`{word}` is there twice");
                assert_eq!(Analyzer::default().tokens(word).stem(0), *stem);
            }
        }
        let stem = |word: &str| Analyzer::default().tokens(word).stem(0).to_owned();
        for (one, other) in
            [("businesses", "busy"), ("Customs", "customers"), ("internationally", "internal")]
        {
            assert_ne!(stem(one), stem(other));
        }
        assert_eq!(stem("Businesses"), stem("business"));
    }

    #[test]
    fn names_survive() {
        check("AT&T and at&t", "AT&T=AT&T/at&t | and=and/and | at&t=at&t/at&t");
        check("AT & T", "AT & T=AT&T/at&t");
        check("S&P 500", "S&P=S&P/s&p | 500=500/500");
        check("(BRK.B) BRK.A.", "BRK.B=BRK.B/brk.b | BRK.A=BRK.A/brk.a");
        check("0941.HK rose", "0941.HK=0941.HK/0941.hk+0941 | rose=rose/rose");
        check("3M, A320, G7", "3M=3M/3m | A320=A320/a320 | G7=G7/g7");
        check("L'Oréal’s O'Reilly", "L'Oréal’s=LOréal/loreal | O'Reilly=OReilly/oreilli");
        check("Nestle\u{301}", "Nestle\u{301}=Nestlé/nestl");
        check("Marks & Spencer", "Marks=Marks/mark | Spencer=Spencer/spencer");
    }

    #[test]
    fn initials_and_capitals() {
        check("the U.S. and us", "the=the/the | U.S.=US/US | and=and/and | us=us/us");
        check("in the U.S", "in=in/in | the=the/the | U.S=US/US");
        check("US GDP", "US=US/US | GDP=GDP/gdp");
        check("The WHO, who", "The=The/the | WHO=WHO/WHO | who=who/who");
        check(
            "FED SAYS IT WILL ACT",
            "FED=FED/fed | SAYS=SAYS/say | IT=IT/it | WILL=WILL/will | ACT=ACT/act",
        );
        check("end. The", "end=end/end | The=The/the");
        check("J. P. Morgan", "J=J/j | P=P/p | Morgan=Morgan/morgan");
    }

    #[test]
    fn numbers_meet_their_spellings() {
        for spelling in ["$1.2bn", "$1.2 billion", "$1.2B", "$1.2bln"] {
            let tokens = Analyzer::default().tokens(spelling);
            let stems: Vec<&str> = (0..tokens.len()).map(|at| tokens.stem(at)).collect();
            assert_eq!(stems, ["1.2", "billion"], "{spelling}");
            assert_eq!(tokens.exact(0), "$1.2");
        }
        check("1,200.5 tonnes", "1,200.5=1200.5/1200.5 | tonnes=tonnes/tonn");
        check("5% 5 pct", "5=5/5 | %=percent/percent | 5=5/5 | pct=percent/percent");
        check("5 per cent", "5=5/5 | per cent=percent/percent");
        check("€40m", "40=€40/40 | m=million/million");
        check("1,2,3", "1=1/1 | 2=2/2 | 3=3/3");
    }

    #[test]
    fn hyphens_split_and_short_ones_also_join() {
        check("e-commerce", "e=e/e+ecommerc | commerce=commerce/commerc");
        check("pre-tax profit", "pre=pre/pre+pretax | tax=tax/tax | profit=profit/profit");
        check("year-on-year", "year=year/year | on=on/on | year=year/year");
        check("Coca-Cola", "Coca=Coca/coca+cocacola | Cola=Cola/cola");
    }

    #[test]
    fn other_scripts_are_words_too() {
        check("Ελλάδα 中国 Москва", "Ελλάδα=Ελλάδα/ελλαδα | 中=中/中 | 国=国/国 | Москва=Москва/москва");
    }

    #[test]
    fn stop_words_are_sorted() {
        assert!(STOP_WORDS.is_sorted());
        assert!(is_stop_word("the") && !is_stop_word("bank"));
        assert!(FUNCTION_WORDS.is_sorted() && FUNCTION_WORDS.iter().all(|word| !is_stop_word(word)));
        assert!(is_function_word("against") && !is_function_word("bank"));
    }

    #[test]
    fn long_words_are_cut_in_form_and_whole_in_span() {
        let text = "é".repeat(5_000_000);
        let tokens = Analyzer::default().tokens(&text);
        assert_eq!(tokens.span(0).range(), 0..text.len());
        assert_eq!(tokens.exact(0).len(), MAX_FORM_BYTES);
    }
}
