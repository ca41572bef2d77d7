//! Finds names that nobody listed: organisations, people, places, products.
//!
//! The [gazetteer](crate::gazetteer) knows who everybody writes about; most names in the news are not in it. A
//! linear-chain conditional random field (Lafferty, `McCallum` and Pereira 2001) reads a line at a time and gives each
//! word one of [`LABELS`] labels: outside, or the first or a later word of a [`Kind`] of name.
//!
//! ```text
//! words    Maria   Lindqvist  of  Northfield  Steel  spoke  in  Harrow  Bay
//! labels   B-per   I-per      -   B-org       I-org  -      -   B-loc   I-loc
//! ```
//!
//! What it looks at is in [`features`]: the word and its neighbours, how they are written, what stands between them,
//! the run of capitalised words they are part of, how else the article writes them, whether the gazetteer or a list of
//! first and family names has them. Each is a bucket of a hash table of small whole numbers; the best labels are those
//! with the greatest sum, found by the Viterbi algorithm. Nothing is random, and the same text gives the same names.
//!
//! The weights are `tagger/weights.zst`, made by `dateline train` (see `tagger::train`); `tagger/MODEL.md` says from
//! what, and how good they are.

use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::article::Span;
use crate::words::{Shape, Tokens};

#[cfg(feature = "train")]
pub mod train;

/// What sort of thing a name names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    Organisation,
    Person,
    Place,
    Product,
    /// A nationality or the people of a place: `Danish`, `Texans`.
    Demonym,
    /// The symbol of a share.
    Ticker,
}

impl Kind {
    pub const ALL: [Kind; 6] =
        [Kind::Organisation, Kind::Person, Kind::Place, Kind::Product, Kind::Demonym, Kind::Ticker];

    /// As annotated texts abbreviate it: `ORG`.
    pub fn code(self) -> &'static str {
        match self {
            Kind::Organisation => "ORG",
            Kind::Person => "PER",
            Kind::Place => "LOC",
            Kind::Product => "PROD",
            Kind::Demonym => "DEM",
            Kind::Ticker => "TICK",
        }
    }

    pub fn from_code(code: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// Labels of a word: 0 is outside, `1 + 2k` the first word of a name of kind `k`, `2 + 2k` a later one.
pub const LABELS: usize = 1 + 2 * Kind::ALL.len();

/// A row of weights has room for this many, so that it starts on a boundary.
const ROW: usize = 16;

/// Buckets of features. Two features in one bucket add up; with this many few of those that matter do.
const BUCKETS: usize = 1 << 18;

/// What the gazetteer says of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hint {
    #[default]
    None,
    Region,
    City,
    Company,
    Organisation,
}

/// A name found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tagged {
    pub kind: Kind,
    /// Positions of its first word and of the one after its last.
    pub first: u32,
    pub end: u32,
    /// Without a possessive, with the dot of an abbreviation.
    pub span: Span,
}

/// Weights, whole numbers.
pub struct Tagger {
    /// [`BUCKETS`] rows of [`ROW`].
    rows: Vec<[i8; ROW]>,
    /// What it adds that the second label follows the first; the row after the last is for the start of a line.
    follows: [[i32; LABELS]; LABELS + 1],
}

impl std::fmt::Debug for Tagger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tagger").finish_non_exhaustive()
    }
}

/// The tagger that ships, unpacked on first use.
pub fn tagger() -> &'static Tagger {
    static TAGGER: OnceLock<Tagger> = OnceLock::new();
    TAGGER.get_or_init(|| {
        let packed = include_bytes!("tagger/weights.zst");
        let bytes = zstd::decode_all(&packed[..]).expect("packed by the trainer");
        Tagger::from_bytes(&bytes).expect("written by the trainer")
    })
}

/// The version of the weights, kept in the index.
pub fn version() -> String {
    format!("{:016x}", xxhash_rust::xxh3::xxh3_64(include_bytes!("tagger/weights.zst")))
}

/// Whether a label can follow another: a later word only a word of the same name.
fn can_follow(before: Option<usize>, label: usize) -> bool {
    let is_later = label > 0 && label.is_multiple_of(2);
    !is_later || before.is_some_and(|before| before == label || before + 1 == label)
}

impl Tagger {
    /// The weights as the trainer writes them: transitions, then for each bucket in use its number and row.
    fn from_bytes(bytes: &[u8]) -> Option<Tagger> {
        let mut follows = [[0; LABELS]; LABELS + 1];
        let mut numbers = bytes.as_chunks::<4>().0.iter().map(|chunk| i32::from_le_bytes(*chunk));
        for row in &mut follows {
            for weight in row {
                *weight = numbers.next()?;
            }
        }
        let mut rows = vec![[0; ROW]; BUCKETS];
        let rest = bytes.get(4 * LABELS * (LABELS + 1)..)?;
        for entry in rest.chunks_exact(4 + LABELS) {
            let (bucket, weights) = entry.split_first_chunk::<4>()?;
            let row = rows.get_mut(u32::from_le_bytes(*bucket) as usize)?;
            for (weight, byte) in row.iter_mut().zip(weights) {
                *weight = i8::from_le_bytes([*byte]);
            }
        }
        Some(Tagger { rows, follows })
    }

    /// The names in a text. `hints` has one for each word.
    pub fn tag(&self, text: &str, tokens: &Tokens, hints: &[Hint]) -> Vec<Tagged> {
        let mut found = Vec::new();
        let mut line = Line::default();
        let habits = Habits::of(text, tokens);
        for range in lines(text, tokens) {
            // Most lines of a table have no letter in capitals, and no name.
            if range.clone().all(|at| matches!(tokens.shape(at), Shape::Lower | Shape::Number)) {
                continue;
            }
            features(text, tokens, hints, &habits, range.clone(), &mut line);
            let labels = self.best(&line);
            names(&labels, |kind, first, end| {
                let (first, end) = (range.start + first, range.start + end);
                found.push(Tagged {
                    kind,
                    first: narrow(first),
                    end: narrow(end),
                    span: span_of(text, tokens, first, end),
                });
            });
        }
        found
    }

    /// The labels with the greatest sum.
    fn best(&self, line: &Line) -> Vec<usize> {
        /// Less than any sum of weights.
        const NEVER: i32 = i32::MIN / 2;
        let words = line.len();
        let mut sums = [NEVER; LABELS];
        let mut from = vec![[0_u8; LABELS]; words];
        for (at, from) in from.iter_mut().enumerate() {
            let mut emitted = [0_i32; ROW];
            for &bucket in line.buckets(at) {
                for (sum, weight) in emitted.iter_mut().zip(&self.rows[bucket as usize]) {
                    *sum += i32::from(*weight);
                }
            }
            let mut next = [NEVER; LABELS];
            let is_apart = line.apart[at];
            for label in 0..LABELS {
                if is_apart && label > 0 && label.is_multiple_of(2) {
                    continue;
                }
                if at == 0 {
                    if can_follow(None, label) {
                        next[label] = self.follows[LABELS][label] + emitted[label];
                    }
                    continue;
                }
                let mut consider = |before: usize| {
                    let sum = sums[before] + self.follows[before][label];
                    if sum > next[label] {
                        next[label] = sum;
                        from[label] = u8::try_from(before).expect("a label");
                    }
                };
                if label > 0 && label.is_multiple_of(2) {
                    consider(label - 1);
                    consider(label);
                } else {
                    (0..LABELS).for_each(consider);
                }
                next[label] = next[label].saturating_add(emitted[label]);
            }
            sums = next;
        }
        let mut labels = vec![0; words];
        let mut label = (0..LABELS).max_by_key(|label| (sums[*label], LABELS - label)).unwrap_or(0);
        for at in (0..words).rev() {
            labels[at] = label;
            label = usize::from(from[at][label]);
        }
        labels
    }
}

fn narrow(position: usize) -> u32 {
    u32::try_from(position).expect("articles are limited to 64 MB")
}

/// Calls `found` with the kind, first word and end of each name.
fn names(labels: &[usize], mut found: impl FnMut(Kind, usize, usize)) {
    let mut at = 0;
    while at < labels.len() {
        let label = labels[at];
        let first = at;
        at += 1;
        if label > 0 {
            while labels.get(at).is_some_and(|later| *later == label + 1) {
                at += 1;
            }
            found(Kind::ALL[(label - 1) / 2], first, at);
        }
    }
}

/// The bytes of a name, without a possessive, with the dot of an abbreviation.
fn span_of(text: &str, tokens: &Tokens, first: usize, end: usize) -> Span {
    let start = tokens.span(first).start as usize;
    let mut stop = tokens.span(end - 1).end as usize;
    let written = &text[start..stop];
    for possessive in ["'s", "’s", "'S", "’S"] {
        if let Some(without) = written.strip_suffix(possessive) {
            stop = start + without.len();
        }
    }
    let last = tokens.folded(end - 1);
    let is_cut = ABBREVIATIONS.contains(&last)
        || text[tokens.span(end - 1).range()].trim_end_matches('.').contains('.')
        || (last.len() == 1 && end - first > 1);
    if is_cut && text[stop..].starts_with('.') {
        stop += 1;
    }
    Span::new(start, stop)
}

/// Last words of names that are written with a dot.
const ABBREVIATIONS: [&str; 16] = [
    "inc", "corp", "co", "ltd", "cos", "bros", "jr", "sr", "st", "ave", "blvd", "calif", "fla", "ga", "pa",
    "ill",
];

/// The words of each line of a text.
fn lines<'a>(text: &'a str, tokens: &'a Tokens) -> impl Iterator<Item = std::ops::Range<usize>> + 'a {
    let mut at = 0;
    std::iter::from_fn(move || {
        if at >= tokens.len() {
            return None;
        }
        let first = at;
        at += 1;
        while at < tokens.len() && at - first < LONGEST_LINE {
            if text[tokens.span(at - 1).end as usize..tokens.span(at).start as usize].contains('\n') {
                break;
            }
            at += 1;
        }
        Some(first..at)
    })
}

/// Lines are cut after this many words, so that one of a million needs no memory.
const LONGEST_LINE: usize = 1000;

/// How an article writes a word elsewhere.
struct Habits<'a> {
    /// In small letters.
    lower: FxHashSet<&'a str>,
    /// Capitalised where no sentence starts.
    names: FxHashSet<&'a str>,
}

impl<'a> Habits<'a> {
    fn of(text: &str, tokens: &'a Tokens) -> Habits<'a> {
        let mut habits = Habits { lower: FxHashSet::default(), names: FxHashSet::default() };
        for at in 0..tokens.len() {
            match tokens.shape(at) {
                Shape::Lower => {
                    habits.lower.insert(tokens.folded(at));
                }
                Shape::Capitalised | Shape::Mixed if !opens_sentence(text, tokens, at) => {
                    habits.names.insert(tokens.folded(at));
                }
                _ => {}
            }
        }
        habits
    }
}

/// What stands before a word.
fn gap<'a>(text: &'a str, tokens: &Tokens, at: usize) -> &'a str {
    let from = at.checked_sub(1).map_or(0, |before| tokens.span(before).end as usize);
    &text[from..tokens.span(at).start as usize]
}

fn opens_sentence(text: &str, tokens: &Tokens, at: usize) -> bool {
    at == 0 || gap(text, tokens, at).contains(['.', '\n', '!', '?', ':', '"', '“', '•'])
}

/// A sort of gap, one for what names treat alike.
fn gap_class(gap: &str) -> u8 {
    match gap {
        "" => 0,
        " " => 1,
        "-" | "‐" | "‑" => 2,
        ", " => 3,
        ". " | "." => 4,
        " & " | "&" => 5,
        " (" | "(" => 6,
        ") " | ")" => 7,
        _ if gap.contains('\n') => 8,
        _ if gap.contains([':', ';']) => 9,
        _ if gap.contains('(') => 6,
        _ if gap.contains(')') => 7,
        _ if gap.contains(['"', '“', '”', '‘', '’', '\'']) => 10,
        _ if gap.contains(['-', '–', '—']) => 11,
        _ if gap.contains('/') => 12,
        _ if gap.contains(['@', '#', '_']) => 13,
        _ if gap.contains(['.', '!', '?']) => 4,
        _ if gap.contains(',') => 3,
        _ if gap.contains(['®', '™', '©']) => 14,
        _ if gap.contains(['$', '€', '£', '¥']) => 15,
        _ => 16,
    }
}

/// How a word is written, finer than [`Shape`].
fn pattern(written: &str, shape: Shape) -> u8 {
    let letters = written.chars().filter(|c| c.is_alphabetic()).count();
    let has_digit = written.bytes().any(|byte| byte.is_ascii_digit());
    match shape {
        Shape::Lower => u8::from(has_digit),
        Shape::Number if letters > 0 => 2,
        Shape::Number => 3,
        Shape::Mixed => 4,
        Shape::Capitalised if letters == 1 => 5,
        Shape::Capitalised if has_digit => 6,
        Shape::Capitalised if written.chars().skip(1).any(char::is_uppercase) => 7,
        Shape::Capitalised => 8,
        Shape::AllCaps if written.contains('.') => 9,
        Shape::AllCaps if has_digit => 10,
        Shape::AllCaps if letters <= 4 => 11,
        Shape::AllCaps => 12,
    }
}

/// The features of the words of one line, as buckets.
#[derive(Debug, Clone, Default)]
pub struct Line {
    all: Vec<u32>,
    ends: Vec<u32>,
    /// Whether a mark that no name goes across stands before the word.
    apart: Vec<bool>,
}

impl Line {
    fn len(&self) -> usize {
        self.ends.len()
    }

    fn buckets(&self, at: usize) -> &[u32] {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        &self.all[start..self.ends[at] as usize]
    }
}

/// The bucket of a feature: the number of its template, and what it says.
fn bucket(template: u64, parts: [&str; 2], small: u64) -> u32 {
    use std::hash::Hasher;
    let mut hasher = rustc_hash::FxHasher::default();
    hasher.write_u64(template << 32 | small);
    hasher.write(parts[0].as_bytes());
    hasher.write(parts[1].as_bytes());
    let hash = hasher.finish();
    u32::try_from((hash ^ hash >> 29).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 46).expect("eighteen bits")
}

/// A stretch of capitalised words that may be one name.
#[derive(Clone, Copy, Default)]
struct Run {
    first: usize,
    last: usize,
    has_legal_form: bool,
}

/// The run each word is in, where it is in one.
fn runs(text: &str, tokens: &Tokens, range: &std::ops::Range<usize>) -> Vec<Option<Run>> {
    let mut runs = vec![None; range.len()];
    let is_name = |at: usize| !matches!(tokens.shape(at), Shape::Lower | Shape::Number);
    let joins =
        |at: usize| matches!(gap_class(gap(text, tokens, at)), 0..=2 | 5) || is_initial(text, tokens, at);
    let mut at = range.start;
    while at < range.end {
        if !is_name(at) {
            at += 1;
            continue;
        }
        let first = at;
        let mut last = at;
        at += 1;
        while at < range.end && joins(at) {
            if is_name(at) || tokens.shape(at) == Shape::Number {
                last = at;
            } else if !CONNECTORS.contains(&tokens.folded(at)) {
                break;
            }
            at += 1;
        }
        let has_legal_form = (first..=last).any(|at| LEGAL.contains(&tokens.folded(at)));
        for slot in &mut runs[first - range.start..=last - range.start] {
            *slot = Some(Run { first, last, has_legal_form });
        }
        at = last + 1;
    }
    runs
}

/// Whether only the dot of an initial or abbreviation is between a word and the one before.
fn is_initial(text: &str, tokens: &Tokens, at: usize) -> bool {
    gap(text, tokens, at) == ". " && at > 0 && tokens.folded(at - 1).len() <= 2
}

/// Small words inside names.
const CONNECTORS: [&str; 10] = ["of", "the", "and", "for", "de", "la", "von", "van", "del", "di"];

/// Fills `line` with the features of the words in `range`.
#[allow(clippy::too_many_lines, reason = "one list")]
fn features(
    text: &str,
    tokens: &Tokens,
    hints: &[Hint],
    habits: &Habits<'_>,
    range: std::ops::Range<usize>,
    line: &mut Line,
) {
    line.all.clear();
    line.ends.clear();
    line.apart.clear();
    let lists = lists();
    let inside = |at: usize, step: isize| at.checked_add_signed(step).filter(|at| range.contains(at));
    let word = |at: Option<usize>| at.map_or("", |at| tokens.folded(at));
    let patterns: Vec<u8> =
        range.clone().map(|at| pattern(&text[tokens.span(at).range()], tokens.shape(at))).collect();
    let pattern_at = |at: Option<usize>| at.map_or(31, |at| u64::from(patterns[at - range.start]));
    let capital = patterns.iter().filter(|pattern| **pattern >= 5).count();
    let shouted = patterns.iter().filter(|pattern| matches!(pattern, 11 | 12)).count();
    // A line whose words are all in capitals, or most of them capitalised, is a headline.
    let words = patterns.len();
    let style = match words {
        4.. if shouted * 10 >= words * 7 => 2_u64,
        4.. if capital * 10 >= words * 6 => 1,
        _ => 0,
    };
    let runs = runs(text, tokens, &range);
    let hint = |at: Option<usize>| at.map_or(7, |at| hints[at] as u64);
    let listed =
        |at: Option<usize>| at.map_or(0, |at| u64::from(lists.get(tokens.folded(at)).copied().unwrap_or(0)));
    for at in range.clone() {
        let (before, after) = (inside(at, -1), inside(at, 1));
        let (before2, after2) = (inside(at, -2), inside(at, 2));
        let w = tokens.folded(at);
        let p = pattern_at(Some(at));
        let gap_before = u64::from(gap_class(gap(text, tokens, at)));
        let gap_after = after.map_or(20, |after| u64::from(gap_class(gap(text, tokens, after))));
        let opens = u64::from(opens_sentence(text, tokens, at));
        let mut add =
            |template: u64, parts: [&str; 2], small: u64| line.all.push(bucket(template, parts, small));
        add(0, ["", ""], style);
        add(1, [w, ""], 0);
        add(2, [w, ""], p << 2 | style);
        add(3, [word(before), ""], 0);
        add(4, [word(after), ""], 0);
        add(5, [word(before2), ""], 0);
        add(6, [word(after2), ""], 0);
        add(7, [word(before), w], 0);
        add(8, [w, word(after)], 0);
        add(9, ["", ""], p << 4 | style << 1 | opens);
        add(10, ["", ""], (pattern_at(before) << 5 | p) << 2 | style);
        add(11, ["", ""], (p << 5 | pattern_at(after)) << 2 | style);
        add(12, ["", ""], ((pattern_at(before) << 5 | p) << 5 | pattern_at(after)) << 2 | style);
        add(13, ["", ""], (gap_before << 5 | gap_after) << 5 | p);
        add(14, ["", ""], gap_before << 5 | gap_after);
        add(15, [word(before), ""], p << 5 | gap_before);
        add(16, [word(after), ""], p << 5 | gap_after);
        for (template, length) in [(17, 2), (18, 3), (19, 4)] {
            add(template, [&w[..w.floor_char_boundary(length)], ""], 0);
        }
        for (template, length) in [(20, 2), (21, 3), (22, 4)] {
            let start = w.ceil_char_boundary(w.len().saturating_sub(length));
            add(template, [&w[start..], ""], p);
        }
        add(23, ["", ""], hint(Some(at)) << 5 | p);
        add(24, ["", ""], (hint(before) << 3 | hint(Some(at))) << 3 | hint(after));
        add(25, ["", ""], (listed(Some(at)) << 5 | p) << 2 | style);
        add(26, ["", ""], (listed(before) << 2 | listed(Some(at))) << 2 | listed(after));
        if p >= 4 {
            let lower = u64::from(habits.lower.contains(w));
            let named = u64::from(habits.names.contains(w));
            add(27, ["", ""], ((lower << 1 | named) << 1 | opens) << 2 | style);
        }
        if let Some(run) = runs[at - range.start] {
            let length = (run.last - run.first).min(5) as u64;
            let place = ((at - run.first).min(5) as u64) << 3 | (run.last - at).min(5) as u64;
            let last = tokens.folded(run.last);
            add(28, ["", ""], (length << 6 | place) << 2 | style);
            add(29, [last, ""], u64::from(at == run.last));
            add(30, [tokens.folded(run.first), ""], u64::from(at == run.first));
            let next = Some(run.last + 1).filter(|next| range.contains(next));
            let previous = run.first.checked_sub(1).filter(|previous| range.contains(previous));
            let next_gap = next.map_or(20, |next| u64::from(gap_class(gap(text, tokens, next))));
            add(31, [word(next), ""], next_gap);
            add(32, [word(previous), ""], u64::from(gap_class(gap(text, tokens, run.first))));
            let has_legal_form = run.has_legal_form
                || next.is_some_and(|next| next_gap == 3 && LEGAL.contains(&tokens.folded(next)));
            let first_listed = listed(Some(run.first));
            add(33, ["", ""], (u64::from(has_legal_form) << 2 | first_listed) << 9 | length << 6 | place);
            let after_run = pattern_at(next) << 5 | pattern_at(previous);
            add(34, ["", ""], (after_run << 3 | length) << 2 | style);
        }
        line.ends.push(narrow(line.all.len()));
        line.apart.push(at == range.start || matches!(gap_before, 6..=9 | 11 | 13 | 15 | 16));
    }
}

/// Legal forms, folded. The weights were learnt with these: a change needs new ones.
const LEGAL: [&str; 22] = [
    "inc",
    "incorporated",
    "corp",
    "corporation",
    "co",
    "company",
    "ltd",
    "limited",
    "llc",
    "lp",
    "llp",
    "plc",
    "ag",
    "se",
    "sa",
    "nv",
    "bv",
    "spa",
    "ab",
    "asa",
    "gmbh",
    "pty",
];

/// The bit of a first name in [`listed`].
pub const FIRST_NAME: u8 = 1;

/// The bit of a family name.
pub const FAMILY_NAME: u8 = 2;

/// What the list of people's names has a folded word as, as bits.
pub fn listed(folded: &str) -> u8 {
    lists().get(folded).copied().unwrap_or(0)
}

fn lists() -> &'static FxHashMap<&'static str, u8> {
    static LISTS: OnceLock<FxHashMap<&'static str, u8>> = OnceLock::new();
    LISTS.get_or_init(|| {
        let rows = include_str!("tagger/names.tsv").lines().filter(|line| !line.starts_with('#'));
        rows.filter_map(|line| {
            let (name, sort) = line.split_once('\t')?;
            Some((name, sort.parse().ok()?))
        })
        .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Analyzer;

    fn tagged(text: &str) -> String {
        let tokens = Analyzer::for_places().tokens(text);
        let found = tagger().tag(text, &tokens, &vec![Hint::None; tokens.len()]);
        found
            .iter()
            .map(|name| format!("{} {}", name.kind.code(), name.span.of(text)))
            .collect::<Vec<_>>()
            .join("; ")
    }

    #[test]
    fn names_nobody_listed_are_read() {
        assert_eq!(tagged("Maria Lindqvist, chief executive, said sales rose."), "PER Maria Lindqvist");
        assert_eq!(tagged("Shares of Brindle Foods Inc. fell 2 percent."), "ORG Brindle Foods Inc.");
        assert_eq!(tagged("The plan was welcomed by Michael O'Hara's union."), "PER Michael O'Hara");
        assert_eq!(tagged("the price of wheat rose in may"), "");
        assert_eq!(tagged(""), "");
    }

    #[test]
    fn a_name_goes_on_only_within_itself() {
        assert!(can_follow(None, 0) && can_follow(None, 1) && !can_follow(None, 2));
        assert!(can_follow(Some(1), 2) && can_follow(Some(2), 2) && !can_follow(Some(3), 2));
        let mut found = Vec::new();
        names(&[1, 2, 2, 1, 0, 3], |kind, first, end| found.push((kind.code(), first, end)));
        assert_eq!(found, [("ORG", 0, 3), ("ORG", 3, 4), ("PER", 5, 6)]);
    }
}
