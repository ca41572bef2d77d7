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
//! What it looks at is in [`mod@features`]: the word and its neighbours, how they are written, what stands between them,
//! the run of capitalised words they are part of, what the article says of them elsewhere (`Lindqvist` after `Maria`,
//! `Northfield` before `Inc`), whether the gazetteer or a list of first and family names has them, and among which words
//! they stand in other texts (`tagger/clusters.txt`). Each is a bucket of a hash table of small whole numbers; the best labels are those
//! with the greatest sum, found by the Viterbi algorithm. Nothing is random, and the same text gives the same names.
//!
//! The weights are `tagger/weights.zst`, made by `dateline train` (see `tagger::train`); `tagger/MODEL.md` says from
//! what, and how good they are.

use std::ops::Range;
use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::article::Span;
use crate::words::{Shape, Tokens};

pub mod annotated;
mod features;
mod lists;
#[cfg(feature = "train")]
pub mod train;

use features::{BUCKETS, Evidence, Line, View, features};
pub use lists::{FAMILY_NAME, FIRST_NAME, listed};

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

/// Weights are whole numbers, so many to the unit: five units fill a byte.
pub const UNIT: i32 = 24;

/// A row of weights has room for this many, so that it starts on a boundary.
const ROW: usize = 16;

/// So many weights have a sum of sixteen bits, whatever they are.
const WITHIN_SIXTEEN_BITS: usize = 256;

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

/// A text with its words, and what the gazetteer says of each.
#[derive(Debug, Clone, Copy)]
pub struct Hinted<'a> {
    pub text: &'a str,
    pub tokens: &'a Tokens,
    pub hints: &'a [Hint],
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
    /// By how much these labels beat the best that leave some word of the name another one; [`UNIT`] to a natural
    /// logarithm of odds.
    pub margin: i32,
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

/// The weights that ship. A constant would be in the program as often as it is named.
static PACKED: &[u8] = include_bytes!("tagger/weights.zst");

/// The tagger that ships, unpacked on first use.
pub fn tagger() -> &'static Tagger {
    static TAGGER: OnceLock<Tagger> = OnceLock::new();
    TAGGER.get_or_init(|| {
        let bytes = zstd::decode_all(PACKED).expect("packed by the trainer");
        Tagger::from_bytes(&bytes).expect("written by the trainer")
    })
}

/// Reads all that the tagger needs.
pub fn read() {
    tagger();
    lists::listed("");
    lists::cluster("");
}

/// The version of the weights, kept in the index.
pub fn version() -> String {
    format!("{:016x}", xxhash_rust::xxh3::xxh3_64(PACKED))
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

    /// The names in the texts of one article: what one says of a word counts in all of them.
    pub fn tag(&self, article: &[Hinted<'_>]) -> Vec<Vec<Tagged>> {
        let views: Vec<View<'_>> = article.iter().map(|text| View::new(*text)).collect();
        let evidence = Evidence::of(&views);
        let mut line = Line::default();
        let found = views.iter().map(|view| {
            let mut found = Vec::new();
            for range in view.lines.iter().filter(|range| !view.has_no_name(range)) {
                features(view, &evidence, range.clone(), &mut line);
                let (labels, margins) = self.best(&line);
                names(&labels, |kind, first, end| {
                    let margin = margins[first..end].iter().copied().min().unwrap_or(0);
                    let (first, end) = (range.start + first, range.start + end);
                    let span = span_of(view.of.text, view.of.tokens, first, end);
                    found.push(Tagged { kind, first: narrow(first), end: narrow(end), span, margin });
                });
            }
            found
        });
        let mut found: Vec<Vec<Tagged>> = found.collect();
        agree(&views, &mut found);
        found
    }

    /// What speaks most for reading words as a name of a kind rather than as none: features, and by how much, in natural
    /// logarithms of odds, the strongest first. Asked is for each name which of the texts it is in, its words and its kind.
    pub fn explain(
        &self,
        article: &[Hinted<'_>],
        asked: impl Iterator<Item = (usize, Range<usize>, Kind)>,
    ) -> Vec<Vec<(String, f32)>> {
        let views: Vec<View<'_>> = article.iter().map(|text| View::new(*text)).collect();
        let evidence = Evidence::of(&views);
        let mut line = Line::with_templates();
        asked
            .map(|(text, words, kind)| self.weighed(&views[text], &evidence, words, kind, &mut line))
            .collect()
    }

    fn weighed(
        &self,
        view: &View<'_>,
        evidence: &Evidence<'_>,
        words: Range<usize>,
        kind: Kind,
        line: &mut Line,
    ) -> Vec<(String, f32)> {
        let before = view.lines.partition_point(|range| range.end <= words.start);
        let Some(range) = view.lines.get(before) else { return Vec::new() };
        features(view, evidence, range.clone(), line);
        let mut weights: FxHashMap<String, i32> = FxHashMap::default();
        for at in words.start..words.end.min(range.end) {
            let label = 1 + 2 * (kind as usize) + usize::from(at > words.start);
            for (bucket, said) in line.explained(at - range.start) {
                let row = &self.rows[bucket as usize];
                *weights.entry(view.filled(said, at)).or_default() +=
                    i32::from(row[label]) - i32::from(row[0]);
            }
        }
        let mut weights: Vec<(String, i32)> = weights.into_iter().filter(|(_, weight)| *weight > 0).collect();
        weights.sort_by(|(one, a), (other, b)| b.cmp(a).then_with(|| one.cmp(other)));
        #[allow(clippy::cast_precision_loss, reason = "sums of a few bytes")]
        let in_units = |weight: i32| weight as f32 / UNIT as f32;
        weights.into_iter().map(|(said, weight)| (said, in_units(weight))).collect()
    }

    /// The labels with the greatest sum, and for each word by how much they beat those that give it another label.
    fn best(&self, line: &Line) -> (Vec<usize>, Vec<i32>) {
        /// Less than any sum of weights.
        const NEVER: i32 = i32::MIN / 4;
        let words = line.len();
        let may = |at: usize, label: usize| !(line.apart[at] && label > 0 && label.is_multiple_of(2));
        let mut emitted = vec![[0_i32; ROW]; words];
        // The greatest sum up to each word that ends with each label, and where it came from.
        let mut sums = vec![[NEVER; LABELS]; words];
        let mut from = vec![[0_u8; LABELS]; words];
        for at in 0..words {
            let mut sum = [0_i32; ROW];
            for buckets in line.buckets(at).chunks(WITHIN_SIXTEEN_BITS) {
                // The rows lie far apart; with less to compute the processor waits for more of them at once.
                let mut part = [0_i16; ROW];
                for &bucket in buckets {
                    for (part, weight) in part.iter_mut().zip(&self.rows[bucket as usize]) {
                        *part += i16::from(*weight);
                    }
                }
                for (sum, part) in sum.iter_mut().zip(part) {
                    *sum += i32::from(part);
                }
            }
            emitted[at] = sum;
            let last = at.checked_sub(1).map_or([NEVER; LABELS], |before| sums[before]);
            for label in (0..LABELS).filter(|label| may(at, *label)) {
                if at == 0 {
                    if can_follow(None, label) {
                        sums[at][label] = self.follows[LABELS][label] + emitted[at][label];
                    }
                    continue;
                }
                let (mut best, mut best_before) = (NEVER, 0);
                let mut consider = |before: usize| {
                    let sum = last[before] + self.follows[before][label];
                    if sum > best {
                        (best, best_before) = (sum, before);
                    }
                };
                if label > 0 && label.is_multiple_of(2) {
                    consider(label - 1);
                    consider(label);
                } else {
                    (0..LABELS).for_each(consider);
                }
                sums[at][label] = best.saturating_add(emitted[at][label]);
                from[at][label] = u8::try_from(best_before).expect("a label");
            }
        }
        let Some(last) = sums.last() else { return Default::default() };
        let mut label = (0..LABELS).max_by_key(|label| (last[*label], LABELS - label)).unwrap_or(0);
        let best = last[label];
        let mut labels = vec![0; words];
        for at in (0..words).rev() {
            labels[at] = label;
            label = usize::from(from[at][label]);
        }
        let mut margins = vec![0; words];
        // The greatest sum of the words behind, by the label of this one, as far as names go back.
        let first_name = labels.iter().position(|label| *label != 0).unwrap_or(words);
        let mut behind = [0; LABELS];
        for at in (first_name..words).rev() {
            if labels[at] != 0 {
                let others = (0..LABELS).filter(|label| *label != labels[at]);
                margins[at] =
                    best - others.map(|label| sums[at][label] + behind[label]).max().unwrap_or(NEVER);
            }
            let mut next = [NEVER; LABELS];
            for label in (0..LABELS).filter(|label| may(at, *label)) {
                let sum = emitted[at][label] + behind[label];
                let before =
                    if label > 0 && label.is_multiple_of(2) { label - 1..label + 1 } else { 0..LABELS };
                for (next, follows) in next[before.clone()].iter_mut().zip(&self.follows[before]) {
                    *next = (*next).max(follows[label] + sum);
                }
            }
            behind = next;
        }
        (labels, margins)
    }
}

/// Makes an article agree with itself. A name it has more than once gets the kind it was read as with the most certainty, the
/// family name of a person that of the whole name; and what was read surely somewhere is a name wherever it is written so.
fn agree(views: &[View<'_>], found: &mut [Vec<Tagged>]) {
    let mut margins: FxHashMap<Vec<&str>, [i32; Kind::ALL.len()]> = FxHashMap::default();
    for (view, found) in views.iter().zip(found.iter()) {
        for tagged in found {
            let name = written(view, tagged.first..tagged.end);
            let at = tagged.kind as usize;
            if tagged.kind == Kind::Person && name.len() > 1 {
                margins.entry(name[name.len() - 1..].to_vec()).or_default()[at] += tagged.margin;
            }
            margins.entry(name).or_default()[at] += tagged.margin;
        }
    }
    let likeliest = |margins: &[i32; Kind::ALL.len()]| {
        let most = Kind::ALL.into_iter().max_by_key(|kind| margins[*kind as usize]).expect("some kinds");
        (most, margins[most as usize])
    };
    let longest = margins.keys().map(Vec::len).max().unwrap_or(0).min(LONGEST_FILLED);
    let starts: FxHashSet<&str> = margins.keys().map(|name| name[0]).collect();
    for (view, found) in views.iter().zip(found) {
        for tagged in found.iter_mut() {
            let margins = &margins[&written(view, tagged.first..tagged.end)];
            let (most, margin) = likeliest(margins);
            if margin > margins[tagged.kind as usize] * 2 {
                tagged.kind = most;
            }
        }
        let tokens = view.of.tokens;
        let mut taken = vec![false; tokens.len()];
        for tagged in found.iter() {
            taken[tagged.first as usize..tagged.end as usize].fill(true);
        }
        let mut more = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            let first = at;
            at += 1;
            if taken[first] || tokens.shape(first) == Shape::Lower || !starts.contains(tokens.exact(first)) {
                continue;
            }
            let most = tokens.len().min(first + longest);
            let free = (first..most).take_while(|at| !taken[*at]).count();
            for end in (first + 1..=first + free).rev() {
                let name = written(view, narrow(first)..narrow(end));
                let Some((kind, margin)) = margins.get(&name).map(likeliest) else { continue };
                if margin >= FILL && (end - first > 1 || !view.goes_on(first, end)) {
                    let span = span_of(view.of.text, tokens, first, end);
                    more.push(Tagged { kind, first: narrow(first), end: narrow(end), span, margin: 0 });
                    at = end;
                    break;
                }
            }
        }
        if !more.is_empty() {
            found.append(&mut more);
            found.sort_by_key(|tagged| tagged.first);
        }
    }
}

/// Longer names are headlines or lists, and are not looked for elsewhere.
const LONGEST_FILLED: usize = 8;

/// The words of a stretch as they are written.
fn written<'a>(view: &View<'a>, words: Range<u32>) -> Vec<&'a str> {
    let tokens: &'a Tokens = view.of.tokens;
    words.map(|at| tokens.exact(at as usize)).collect()
}

/// So surely must a name be read somewhere to be one elsewhere. Mean F1 of the folds without this step 81.0, with 72 81.2, with
/// 36 81.6, with 24 81.8.
const FILL: i32 = UNIT;

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

/// Last words of names that are written with a dot: forms of companies, streets, states.
#[rustfmt::skip]
const ABBREVIATIONS: [&str; 46] = [
    "inc", "corp", "co", "ltd", "cos", "bros", "jr", "sr", "st", "ave", "blvd", "rd", "assn", "intl", "univ", "dept",
    "pty", "ala", "ariz", "ark", "calif", "colo", "conn", "fla", "ga", "ill", "ind", "kan", "ky", "mass", "md", "mich",
    "minn", "mont", "neb", "nev", "okla", "pa", "tenn", "tex", "va", "vt", "wash", "wis", "wyo", "ont",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Analyzer;

    fn tagged(text: &str) -> String {
        let tokens = Analyzer::for_places().tokens(text);
        let hints = vec![Hint::None; tokens.len()];
        let found = tagger().tag(&[Hinted { text, tokens: &tokens, hints: &hints }]);
        found[0]
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
    fn what_was_read_is_explained() {
        let text = "Shares of Brindle Foods Inc. fell 2 percent.";
        let tokens = Analyzer::for_places().tokens(text);
        let hints = vec![Hint::None; tokens.len()];
        let article = [Hinted { text, tokens: &tokens, hints: &hints }];
        let said = tagger().explain(&article, std::iter::once((0, 2..5, Kind::Organisation))).remove(0);
        assert!(said.iter().any(|(feature, _)| feature == "`Inc` as the last capitalised word"), "{said:?}");
        assert!(said.is_sorted_by(|(_, one), (_, other)| one >= other), "{said:?}");
        assert!(said.iter().all(|(feature, weight)| *weight > 0.0 && !feature.contains('{')), "{said:?}");
    }

    #[test]
    fn names_written_alike_are_read_alike() {
        let text = "Maria Lindqvist runs Brindle Foods Inc. and its bakery.\nLindqvist said Brindle Foods had sold it.";
        let tokens = Analyzer::for_places().tokens(text);
        let hints = vec![Hint::None; tokens.len()];
        let article = [Hinted { text, tokens: &tokens, hints: &hints }];
        let views = article.map(View::new);
        let read = |first, end, kind, margin| {
            let span = span_of(text, &tokens, first as usize, end as usize);
            Tagged { kind, first, end, span, margin }
        };
        // The family name as a firm, and the short name of the firm surely once and not at all later.
        let mut found = [vec![
            read(0, 2, Kind::Person, 90),
            read(3, 5, Kind::Organisation, FILL),
            read(9, 10, Kind::Organisation, 10),
        ]];
        agree(&views, &mut found);
        let shown: Vec<_> =
            found[0].iter().map(|tagged| (tagged.kind.code(), tagged.span.of(text))).collect();
        assert_eq!(
            shown,
            [
                ("PER", "Maria Lindqvist"),
                ("ORG", "Brindle Foods"),
                ("PER", "Lindqvist"),
                ("ORG", "Brindle Foods")
            ]
        );
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
