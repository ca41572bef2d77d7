//! What the tagger looks at: each word's features, as buckets of a hash table.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::lists::{Cluster, FIRST_NAME, cluster, listed};
use super::{Hinted, narrow};
use crate::words::{LegalForm, Shape, Tokens};

/// Buckets of features. Two features in one bucket add up; the half million that are learnt need this many
/// (`tagger/MODEL.md` has the figures of fewer).
pub const BUCKETS: usize = 1 << BUCKET_BITS;

const BUCKET_BITS: u32 = 20;

/// Lines are cut after this many words, so that one of a million needs no memory.
const LONGEST_LINE: usize = 1000;

/// A text cut into lines and runs of capitalised words.
pub struct View<'a> {
    pub of: Hinted<'a>,
    pub lines: Vec<Range<usize>>,
    /// The run each word is in, where it is in one.
    runs: Vec<Option<Run>>,
}

impl<'a> View<'a> {
    pub fn new(of: Hinted<'a>) -> View<'a> {
        let lines = lines(of.text, of.tokens);
        let mut runs = vec![None; of.tokens.len()];
        for line in &lines {
            mark_runs(of.text, of.tokens, line, &mut runs);
        }
        View { of, lines, runs }
    }

    /// Whether the capitalised words around `first..end` are of the same run.
    pub fn goes_on(&self, first: usize, end: usize) -> bool {
        self.runs[first].is_some_and(|run| run.first < first || run.last + 1 > end)
    }

    /// What a template says, with the words around `at` that it speaks of.
    pub fn filled(&self, template: &str, at: usize) -> String {
        let Hinted { text, tokens, .. } = self.of;
        let run = self.runs[at].unwrap_or(Run { first: at, last: at, ..Run::default() });
        let word = |at: Option<usize>| {
            at.filter(|at| *at < tokens.len()).map_or("", |at| &text[tokens.span(at).range()])
        };
        let places = [
            ("{-2}", at.checked_sub(2)),
            ("{-1}", at.checked_sub(1)),
            ("{0}", Some(at)),
            ("{1}", Some(at + 1)),
            ("{2}", Some(at + 2)),
            ("{first}", Some(run.first)),
            ("{last}", Some(run.last)),
            ("{previous}", run.first.checked_sub(1)),
            ("{next}", Some(run.last + 1)),
        ];
        places.iter().fold(template.to_owned(), |said, (place, at)| said.replace(place, word(*at)))
    }

    /// Whether no word of a line can be a name; most lines of a table are so.
    pub fn has_no_name(&self, line: &Range<usize>) -> bool {
        line.clone().all(|at| matches!(self.of.tokens.shape(at), Shape::Lower | Shape::Number))
    }
}

/// The words of each line of a text.
fn lines(text: &str, tokens: &Tokens) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut first = 0;
    for at in 1..=tokens.len() {
        if at == tokens.len() || at - first == LONGEST_LINE || tokens.gap(text, at).contains('\n') {
            lines.push(first..at);
            first = at;
        }
    }
    lines
}

/// A stretch of capitalised words that may be one name.
#[derive(Clone, Copy, Default)]
struct Run {
    first: usize,
    last: usize,
    has_legal_form: bool,
}

/// Notes for each word in `range` the run it is in.
fn mark_runs(text: &str, tokens: &Tokens, range: &Range<usize>, runs: &mut [Option<Run>]) {
    let is_name = |at: usize| !matches!(tokens.shape(at), Shape::Lower | Shape::Number);
    let joins = |at: usize| matches!(gap_class(text, tokens, at), 0..=2 | 5) || is_initial(text, tokens, at);
    let is_form = |at: usize| LegalForm::of(tokens.folded(at)).is_some_and(|_| is_name(at));
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
        let next = last + 1;
        let comma = next < range.end && gap_class(text, tokens, next) == 3;
        let has_legal_form = (first..=last).any(is_form) || (comma && is_form(next));
        runs[first..=last].fill(Some(Run { first, last, has_legal_form }));
        at = last + 1;
    }
}

/// Whether only the dot of an initial or abbreviation is between a word and the one before.
fn is_initial(text: &str, tokens: &Tokens, at: usize) -> bool {
    at > 0 && tokens.gap(text, at) == ". " && tokens.folded(at - 1).len() <= 2
}

/// Small words inside names.
const CONNECTORS: [&str; 10] = ["of", "the", "and", "for", "de", "la", "von", "van", "del", "di"];

/// What an article says of a word, wherever it has it.
pub struct Evidence<'a>(FxHashMap<&'a str, u16>);

/// In small letters.
const LOWER: u16 = 1;
/// Capitalised where no sentence starts.
const NAMED: u16 = 1 << 1;
/// In a run with a legal form.
const FORM: u16 = 1 << 2;
/// In a run that speaks: `Huw Pill said`.
const SPEAKS: u16 = 1 << 3;
/// After a title or a first name.
const PERSONAL: u16 = 1 << 4;
/// After `in` and the like.
const LOCAL: u16 = 1 << 5;
/// Before the bracket of a ticker.
const TRADED: u16 = 1 << 6;
/// In a heading `About ...`.
const DESCRIBED: u16 = 1 << 7;

impl<'a> Evidence<'a> {
    pub fn of(views: &[View<'a>]) -> Evidence<'a> {
        let mut evidence = Evidence(FxHashMap::default());
        for view in views {
            let Hinted { text, tokens, .. } = view.of;
            for at in 0..tokens.len() {
                match tokens.shape(at) {
                    Shape::Lower => evidence.add(tokens.folded(at), LOWER),
                    Shape::Capitalised | Shape::Mixed if !tokens.opens_sentence(text, at) => {
                        evidence.add(tokens.folded(at), NAMED);
                    }
                    _ => {}
                }
            }
            for line in &view.lines {
                let mut at = line.start;
                while at < line.end {
                    let Some(run) = view.runs[at] else {
                        at += 1;
                        continue;
                    };
                    let (said, from) = said_of(text, tokens, line, run);
                    if said != 0 {
                        for word in from..=run.last {
                            evidence.add(tokens.folded(word), said);
                        }
                    }
                    at = run.last + 1;
                }
            }
        }
        evidence
    }

    fn add(&mut self, word: &'a str, bits: u16) {
        *self.0.entry(word).or_default() |= bits;
    }

    fn about(&self, word: &str) -> u64 {
        u64::from(self.0.get(word).copied().unwrap_or(0))
    }
}

/// What stands around a run says of its words, and from which of them on.
fn said_of(text: &str, tokens: &Tokens, line: &Range<usize>, run: Run) -> (u16, usize) {
    let class = |at: usize| gap_class(text, tokens, at);
    let (first, next) = (tokens.folded(run.first), run.last + 1);
    let before = run.first.checked_sub(1).filter(|before| *before >= line.start && class(run.first) <= 1);
    let mut bits = if run.has_legal_form { FORM } else { 0 };
    let mut from = run.first;
    if next < line.end {
        let word = tokens.folded(next);
        if class(next) == 1 && SPEECH.contains(&word) {
            bits |= SPEAKS;
        }
        if class(next) == 6 && EXCHANGES.iter().any(|exchange| word.starts_with(exchange)) {
            bits |= TRADED;
        }
    }
    if TITLES.contains(&first) {
        bits |= PERSONAL;
        from += 1;
    } else if run.last > run.first
        && run.last - run.first <= 2
        && !run.has_legal_form
        && listed(first) & FIRST_NAME != 0
    {
        bits |= PERSONAL;
    } else if first == "about" && run.first == line.start && next == line.end {
        bits |= DESCRIBED;
        from += 1;
    }
    if run.last - run.first <= 2 && before.is_some_and(|before| LOCATORS.contains(&tokens.folded(before))) {
        bits |= LOCAL;
    }
    (bits, from)
}

const SPEECH: [&str; 8] = ["said", "says", "told", "added", "noted", "stated", "explained", "commented"];

const TITLES: [&str; 9] = ["mr", "mrs", "ms", "dr", "sir", "prof", "professor", "judge", "senator"];

const LOCATORS: [&str; 6] = ["in", "at", "near", "across", "throughout", "outside"];

/// How exchanges in brackets begin.
const EXCHANGES: [&str; 9] = ["nasdaq", "nyse", "otc", "tsx", "cse", "lse", "asx", "amex", "aim"];

/// What stands between a word and the one before: a sort of gap, one for what names treat alike.
fn gap_class(text: &str, tokens: &Tokens, at: usize) -> u8 {
    let gap = tokens.gap(text, at);
    // A name seldom goes on behind a possessive: `Qatar's QIA`.
    if gap == " " && at > 0 && is_possessive(&text[tokens.span(at - 1).range()]) {
        return 17;
    }
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

fn is_possessive(written: &str) -> bool {
    ["'s", "’s", "s'", "s’"].iter().any(|end| written.ends_with(end))
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
    /// The template of each feature, where somebody asks to have them kept.
    templates: Option<Vec<u64>>,
    /// Whether a mark that no name goes across stands before the word.
    pub apart: Vec<bool>,
}

impl Line {
    /// One that keeps the template of each feature.
    pub fn with_templates() -> Line {
        Line { templates: Some(Vec::new()), ..Line::default() }
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn buckets(&self, at: usize) -> &[u32] {
        &self.all[self.of(at)]
    }

    /// The buckets of a word with what they say, where templates are kept.
    pub fn explained(&self, at: usize) -> impl Iterator<Item = (u32, &'static str)> {
        let templates = self.templates.as_deref().map_or(&[][..], |templates| &templates[self.of(at)]);
        let said =
            templates.iter().map(|template| TEMPLATES[usize::try_from(*template).expect("a small number")]);
        self.buckets(at).iter().copied().zip(said)
    }

    fn of(&self, at: usize) -> Range<usize> {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        start..self.ends[at] as usize
    }
}

/// What the features of a line ask of its words again and again.
#[derive(Clone, Copy)]
struct Known {
    hash: u64,
    pattern: u8,
    cluster: Cluster,
    listed: u8,
    evidence: u64,
    /// The sort of gap before it.
    gap: u64,
}

/// What the features of each template look at. `{0}` is the word, `{-1}` and `{1}` are its neighbours; `{first}` and
/// `{last}` are of its run of capitalised words, `{previous}` and `{next}` stand around that.
const TEMPLATES: [&str; 57] = [
    "how the line is written",
    "`{0}`",
    "`{0}` as it is written",
    "`{-1}` before it",
    "`{1}` behind it",
    "`{-2}` two before it",
    "`{2}` two behind it",
    "`{-1} {0}`",
    "`{0} {1}`",
    "its capitals",
    "its capitals and those before it",
    "its capitals and those behind it",
    "its capitals and those around it",
    "its capitals and the marks around it",
    "the marks around it",
    "`{-1}` before it, and the mark between",
    "`{1}` behind it, and the mark between",
    "how `{0}` begins",
    "how `{0}` begins",
    "how `{0}` begins",
    "how `{0}` ends",
    "how `{0}` ends",
    "how `{0}` ends",
    "the gazetteer on `{0}`",
    "the gazetteer on its neighbours",
    "the list of people's names on `{0}`",
    "the list of people's names on its neighbours",
    "how the article writes `{0}` elsewhere",
    "its place among capitalised words",
    "`{last}` as the last capitalised word",
    "`{first}` as the first capitalised word",
    "`{next}` behind the capitalised words",
    "`{previous}` before the capitalised words",
    "a legal form among the capitalised words",
    "capitals around the capitalised words",
    "words used like `{0}`",
    "words used like `{0}`",
    "words used like `{0}`",
    "words used like `{-1}` before it",
    "words used like `{1}` behind it",
    "words used like `{-1}` before it",
    "words used like `{1}` behind it",
    "words used like `{-2}` two before it",
    "words used like `{2}` two behind it",
    "words used like `{-1} {0} {1}`",
    "what the article says of `{0}`",
    "what the article says of `{0}`",
    "what the article says of its neighbours",
    "words used like `{0}` in small letters",
    "words used like `{next}` behind the capitalised words",
    "words used like `{previous}` before the capitalised words",
    "words used like `{last}` as the last capitalised word",
    "words used like `{first}` as the first capitalised word",
    "the list of people's names on `{first}` and `{last}`",
    "the other capitalised words",
    "words used like the other capitalised words",
    "what the article says of the capitalised words",
];

/// The multiplier of [`rustc_hash`]; the weights were learned with it.
const MULTIPLIER: u64 = 0xf135_7aea_2e62_a9c5;

/// The hash of a word, as [`bucket`] takes it.
fn hash(word: &str) -> u64 {
    use std::hash::Hasher;
    let mut hasher = rustc_hash::FxHasher::default();
    hasher.write(word.as_bytes());
    hasher.finish().rotate_right(26)
}

/// The bucket of a feature: the number of its template, and what it says, of which words by their [`hash`].
fn bucket(template: u64, words: [u64; 2], small: u64) -> u32 {
    // That hasher adds and multiplies: what it makes of number, word and word follows from the hash of each.
    let number = (template << 40 | small).wrapping_mul(MULTIPLIER);
    let hash = number.wrapping_mul(MULTIPLIER).wrapping_add(words[0]).wrapping_mul(MULTIPLIER);
    let hash = hash.wrapping_add(words[1]).rotate_left(26);
    let mixed = (hash ^ hash >> 29).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - BUCKET_BITS);
    u32::try_from(mixed).expect("fewer bits than that")
}

/// Fills `line` with the features of the words in `range`.
#[allow(clippy::too_many_lines, reason = "one list")]
pub fn features(view: &View<'_>, evidence: &Evidence<'_>, range: Range<usize>, line: &mut Line) {
    line.all.clear();
    line.ends.clear();
    line.apart.clear();
    if let Some(templates) = &mut line.templates {
        templates.clear();
    }
    let Hinted { text, tokens, hints } = view.of;
    let inside = |at: usize, step: isize| at.checked_add_signed(step).filter(|at| range.contains(at));
    let known: Vec<Known> = range
        .clone()
        .map(|at| Known {
            hash: hash(tokens.folded(at)),
            pattern: pattern(&text[tokens.span(at).range()], tokens.shape(at)),
            cluster: cluster(tokens.exact(at)),
            listed: listed(tokens.folded(at)),
            evidence: evidence.about(tokens.folded(at)),
            gap: u64::from(gap_class(text, tokens, at)),
        })
        .collect();
    let known_at = |at: usize| &known[at - range.start];
    let none = hash("");
    let gap = |at: usize| known_at(at).gap;
    let word = |at: Option<usize>| at.map_or(none, |at| known_at(at).hash);
    let pattern_at = |at: Option<usize>| at.map_or(31, |at| u64::from(known_at(at).pattern));
    let capital = known.iter().filter(|known| known.pattern >= 5).count();
    let shouted = known.iter().filter(|known| matches!(known.pattern, 11 | 12)).count();
    // A line whose words are all in capitals, or most of them capitalised, is a headline.
    let words = known.len();
    let style = match words {
        4.. if shouted * 10 >= words * 7 => 2_u64,
        4.. if capital * 10 >= words * 6 => 1,
        _ => 0,
    };
    let cluster_at = |at: Option<usize>| at.map_or(Cluster::default(), |at| known_at(at).cluster);
    let hint = |at: Option<usize>| at.map_or(7, |at| hints[at] as u64);
    let listed = |at: Option<usize>| at.map_or(0, |at| u64::from(known_at(at).listed));
    let evident = |at: Option<usize>| at.map_or(0, |at| known_at(at).evidence);
    for at in range.clone() {
        let (before, after) = (inside(at, -1), inside(at, 1));
        let (before2, after2) = (inside(at, -2), inside(at, 2));
        let (w, own_hash) = (tokens.folded(at), known_at(at).hash);
        let p = pattern_at(Some(at));
        let gap_before = gap(at);
        let gap_after = after.map_or(20, gap);
        let opens = u64::from(tokens.opens_sentence(text, at));
        let mut add = |template: u64, words: [u64; 2], small: u64| {
            line.all.push(bucket(template, words, small));
            if let Some(templates) = &mut line.templates {
                templates.push(template);
            }
        };
        add(0, [none; 2], style);
        add(1, [own_hash, none], 0);
        add(2, [own_hash, none], p << 2 | style);
        add(3, [word(before), none], 0);
        add(4, [word(after), none], 0);
        add(5, [word(before2), none], 0);
        add(6, [word(after2), none], 0);
        add(7, [word(before), own_hash], 0);
        add(8, [own_hash, word(after)], 0);
        add(9, [none; 2], p << 4 | style << 1 | opens);
        add(10, [none; 2], (pattern_at(before) << 5 | p) << 2 | style);
        add(11, [none; 2], (p << 5 | pattern_at(after)) << 2 | style);
        add(12, [none; 2], ((pattern_at(before) << 5 | p) << 5 | pattern_at(after)) << 2 | style);
        add(13, [none; 2], (gap_before << 5 | gap_after) << 5 | p);
        add(14, [none; 2], gap_before << 5 | gap_after);
        add(15, [word(before), none], p << 5 | gap_before);
        add(16, [word(after), none], p << 5 | gap_after);
        for (template, length) in [(17, 2), (18, 3), (19, 4)] {
            add(template, [hash(&w[..w.floor_char_boundary(length)]), none], 0);
        }
        for (template, length) in [(20, 2), (21, 3), (22, 4)] {
            let start = w.ceil_char_boundary(w.len().saturating_sub(length));
            add(template, [hash(&w[start..]), none], p);
        }
        add(23, [none; 2], hint(Some(at)) << 5 | p);
        add(24, [none; 2], (hint(before) << 3 | hint(Some(at))) << 3 | hint(after));
        add(25, [none; 2], (listed(Some(at)) << 5 | p) << 2 | style);
        add(26, [none; 2], (listed(before) << 2 | listed(Some(at))) << 2 | listed(after));
        let own = known_at(at).cluster;
        let (c_before, c_after) = (cluster_at(before), cluster_at(after));
        add(35, [none; 2], u64::from(own.own));
        add(36, [none; 2], u64::from(own.group) << 7 | p << 2 | style);
        add(37, [none; 2], u64::from(own.wide) << 7 | p << 2 | style);
        add(38, [none; 2], u64::from(c_before.group) << 10 | p << 5 | gap_before);
        add(39, [none; 2], u64::from(c_after.group) << 10 | p << 5 | gap_after);
        add(40, [none; 2], u64::from(c_before.own));
        add(41, [none; 2], u64::from(c_after.own));
        add(42, [none; 2], u64::from(cluster_at(before2).group));
        add(43, [none; 2], u64::from(cluster_at(after2).group));
        add(
            44,
            [none; 2],
            u64::from(c_before.wide) << 12 | u64::from(own.wide) << 6 | u64::from(c_after.wide),
        );
        if p >= 4 {
            let evidence = evident(Some(at));
            add(27, [none; 2], ((evidence & 3) << 1 | opens) << 2 | style);
            add(45, [none; 2], evidence >> 2);
            for bit in (2..8).filter(|bit| evidence >> bit & 1 == 1) {
                add(46, [none; 2], bit << 5 | p);
            }
            add(47, [none; 2], (evident(before) >> 2) << 8 | evident(after) >> 2);
            let small = cluster(w);
            add(48, [none; 2], u64::from(small.group) << 7 | p << 2 | style);
        }
        if let Some(run) = view.runs[at] {
            let length = (run.last - run.first).min(5) as u64;
            let place = ((at - run.first).min(5) as u64) << 3 | (run.last - at).min(5) as u64;
            let last = known_at(run.last).hash;
            add(28, [none; 2], (length << 6 | place) << 2 | style);
            add(29, [last, none], u64::from(at == run.last));
            add(30, [known_at(run.first).hash, none], u64::from(at == run.first));
            let next = Some(run.last + 1).filter(|next| range.contains(next));
            let previous = run.first.checked_sub(1).filter(|previous| range.contains(previous));
            let next_gap = next.map_or(20, gap);
            add(31, [word(next), none], next_gap);
            add(32, [word(previous), none], gap(run.first));
            let first_listed = listed(Some(run.first));
            let has_legal_form = u64::from(run.has_legal_form);
            add(33, [none; 2], (has_legal_form << 2 | first_listed) << 9 | length << 6 | place);
            let after_run = pattern_at(next) << 5 | pattern_at(previous);
            add(34, [none; 2], (after_run << 3 | length) << 2 | style);
            add(49, [none; 2], u64::from(cluster_at(next).own) << 5 | next_gap);
            add(50, [none; 2], u64::from(cluster_at(previous).own) << 5 | gap(run.first));
            add(51, [none; 2], u64::from(cluster_at(Some(run.last)).group) << 4 | length);
            add(52, [none; 2], u64::from(cluster_at(Some(run.first)).group) << 4 | length);
            add(53, [none; 2], (first_listed << 2 | listed(Some(run.last))) << 9 | length << 6 | place);
            for other in (run.first..=run.last).take(6).filter(|other| *other != at) {
                add(54, [known_at(other).hash, none], 0);
                add(55, [none; 2], u64::from(known_at(other).cluster.group) << 1 | u64::from(other > at));
            }
            let said = (run.first..=run.last).take(6).fold(0, |said, at| said | evident(Some(at)));
            add(56, [none; 2], (said >> 2) << 3 | length);
        }
        line.ends.push(narrow(line.all.len()));
        line.apart.push(at == range.start || matches!(gap_before, 6..=9 | 11 | 13 | 15 | 16));
    }
}

#[cfg(test)]
mod tests {
    use std::hash::Hasher;

    use super::*;

    /// The weights stand in the buckets of the whole hash: the sum of parts must be the same.
    #[test]
    fn buckets_are_those_of_the_whole_hash() {
        let texts = ["", "a", "of", "pill", "société", "a-word-longer-than-sixteen-bytes"];
        for (template, small) in [(0, 0), (7, 1), (55, 0xFF_FFFF)] {
            for (one, other) in texts.iter().flat_map(|one| texts.map(|other| (*one, other))) {
                let mut hasher = rustc_hash::FxHasher::default();
                hasher.write_u64(template << 40 | small);
                hasher.write(one.as_bytes());
                hasher.write(other.as_bytes());
                let whole = hasher.finish();
                let mixed = (whole ^ whole >> 29).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - BUCKET_BITS);
                let found = bucket(template, [hash(one), hash(other)], small);
                assert_eq!(u64::from(found), mixed, "{template} {one:?} {other:?} {small}");
            }
        }
    }
}
