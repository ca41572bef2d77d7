//! Tells copies of one story from their words alone.
//!
//! A wire story is reprinted, corrected, cut from the end, given another headline and another credit. Two
//! articles are copies where most of the shorter one's runs of three words are in the other *and* most of
//! what tells one story from another is too: its numbers, names and other words in capitals. The second
//! test is for templates. Earnings tables, dividend notices, rate fixings and law firms' announcements share their
//! sentences and differ in what they are about.
//!
//! Both are estimated from a [`Signature`] of fixed size. [`is_copy`] depends on two signatures alone, so the
//! groups that follow from it are the same in whatever order articles arrive. Candidates are those that share a
//! [band](Signature::bands), which is part of the predicate: what is found by looking bands up is all there is.
//!
//! The sketches are one-permutation `MinHash` (Li, Owen and Zhang 2012) with empty bins filled from others
//! (Shrivastava 2017), of which eight bits a bin are kept (Li and König 2010). Titles do not count, copies have
//! others; boilerplate does not either.
//!
//! [`compare`] says of two texts how similar they really are and which sentences only one of them has.

use xxhash_rust::xxh3::xxh3_64;

use crate::article::{Date, Span};
use crate::passages::sentences;
use crate::words::{Analyzer, Shape, Tokens, is_stop_word};

/// Words in a run.
const RUN: usize = 3;

/// Bins of the sketch of runs: a similarity of a half is estimated within 0.05.
const RUN_BINS: usize = 96;

/// Bins of the sketches of names and of numbers.
const TELLING_BINS: usize = 32;

/// Parts of the sketch by which copies are looked up.
pub const BANDS: usize = 10;

/// Bins in a band. Of pairs with a similarity of 0.5, 0.6, 0.7, 0.8 the bands find 74, 91, 98.5 and 99.9 %.
const BAND_BINS: usize = 3;

/// Whole words that a signature is stored in.
pub const WORDS: usize = (RUN_BINS + 2 * TELLING_BINS) / 8 + 1;

/// Texts with fewer runs are too short: flashes and tables of one line repeat by accident.
const LEAST_RUNS: usize = 20;

/// Copies share at least this part of the shorter one's runs.
const RUNS_SHARED: f32 = 0.7;

/// And this part of the names of the one that has fewer.
const NAMES_SHARED: f32 = 0.7;

/// And this part of its numbers, some of which a correction puts right.
const NUMBERS_SHARED: f32 = 0.7;

/// Days between the first and the last of two copies: what is said in the same words a month later is
/// another month's notice.
const DAYS: u16 = 7;

/// Unless they have at least so many runs and nearly all in common, which no two notices have.
const LONG: (u16, f32) = (200, 0.95);

/// The longer of two copies is at most so many times as long as the shorter: what contains a story among
/// others is a digest.
const LONGER: f32 = 4.0;

/// What is kept of an article to know its copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Signature {
    runs: [u8; RUN_BINS],
    names: [u8; TELLING_BINS],
    numbers: [u8; TELLING_BINS],
    /// How many of each there are, as far as 16 bits count.
    counts: [u16; 3],
    /// Days since 1930 of publication; 0 for undated and for what was before.
    day: u16,
}

impl Signature {
    /// The signature of a body; `None` where it is too short. `aside` are its parts that do not count.
    pub fn of(body: &Tokens, aside: &[Span], published: Option<Date>) -> Option<Signature> {
        let mut runs = Sketch::<RUN_BINS>::default();
        let mut last = [0_u64; RUN];
        let mut aside = aside.iter().peekable();
        let mut words = 0;
        let mut run_count = 0_usize;
        let (mut names, mut numbers) = (Vec::new(), Vec::new());
        for position in 0..body.len() {
            let span = body.span(position);
            while aside.next_if(|part| part.end <= span.start).is_some() {}
            if aside.peek().is_some_and(|part| part.contains(span)) {
                continue;
            }
            let folded = body.folded(position);
            let hash = xxh3_64(folded.as_bytes());
            last.rotate_left(1);
            last[RUN - 1] = hash;
            words += 1;
            if words >= RUN {
                run_count += 1;
                runs.add(mixed(last[0] ^ mixed(last[1] ^ mixed(last[2]))));
            }
            match body.shape(position) {
                Shape::Lower => {}
                Shape::Number => numbers.push(mixed(hash)),
                _ if is_stop_word(folded) => {}
                _ => names.push(mixed(hash)),
            }
        }
        if run_count < LEAST_RUNS {
            return None;
        }
        let sketch = |mut hashes: Vec<u64>| {
            hashes.sort_unstable();
            hashes.dedup();
            let mut sketch = Sketch::<TELLING_BINS>::default();
            for hash in &hashes {
                sketch.add(*hash);
            }
            (sketch.finish(), narrow(hashes.len()))
        };
        let ((names, name_count), (numbers, number_count)) = (sketch(names), sketch(numbers));
        let counts = [narrow(run_count), name_count, number_count];
        let day = published.map_or(0, |date| (date.start.div_euclid(86_400) + DAYS_TO_1970).clamp(0, 65_535));
        let day = u16::try_from(day).unwrap_or(0);
        Some(Signature { runs: runs.finish(), names, numbers, counts, day })
    }

    /// As whole numbers, to be stored.
    pub fn to_words(&self) -> [u64; WORDS] {
        let mut words = [0; WORDS];
        let sketches = [&self.runs[..], &self.names, &self.numbers].map(|sketch| sketch.as_chunks::<8>().0);
        for (word, bytes) in words.iter_mut().zip(sketches.into_iter().flatten()) {
            *word = u64::from_le_bytes(*bytes);
        }
        let last = self.counts.iter().chain([&self.day]);
        words[WORDS - 1] = last.fold(0, |word, part| word << 16 | u64::from(*part));
        words
    }

    /// Reads what [`to_words`](Signature::to_words) gave; `None` where it is something else.
    #[allow(clippy::cast_possible_truncation, reason = "each part has 16 bits")]
    pub fn from_words(words: &[u64]) -> Option<Signature> {
        let words: &[u64; WORDS] = words.try_into().ok()?;
        let mut bytes = [0; RUN_BINS + 2 * TELLING_BINS];
        for (bytes, word) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(words) {
            *bytes = word.to_le_bytes();
        }
        let (runs, rest) = bytes.split_first_chunk::<RUN_BINS>()?;
        let (names, numbers) = rest.split_first_chunk::<TELLING_BINS>()?;
        let last = words[WORDS - 1];
        let counts = [(last >> 48) as u16, (last >> 32) as u16, (last >> 16) as u16];
        Some(Signature {
            runs: *runs,
            names: *names,
            numbers: numbers.try_into().ok()?,
            counts,
            day: last as u16,
        })
    }

    /// What copies are looked up by: two copies have at least one band in common at the same place.
    pub fn bands(&self) -> [u32; BANDS] {
        let mut bands = [0; BANDS];
        for (band, bins) in bands.iter_mut().zip(self.runs.as_chunks::<BAND_BINS>().0) {
            *band = bins.iter().fold(0, |band, bin| band << 8 | u32::from(*bin));
        }
        bands
    }
}

/// Days from the first of 1930 to the first of 1970.
const DAYS_TO_1970: i64 = 14_610;

fn narrow(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}

/// Smallest hashes, one for each of several ranges.
struct Sketch<const BINS: usize> {
    least: [u32; BINS],
}

impl<const BINS: usize> Default for Sketch<BINS> {
    fn default() -> Sketch<BINS> {
        Sketch { least: [u32::MAX; BINS] }
    }
}

impl<const BINS: usize> Sketch<BINS> {
    #[allow(clippy::cast_possible_truncation, reason = "the halves of a hash")]
    fn add(&mut self, hash: u64) {
        let bin = (((hash >> 32) * BINS as u64) >> 32) as usize;
        self.least[bin] = self.least[bin].min(hash as u32);
    }

    /// Eight bits of each bin; an empty one has those of another, chosen by its number alone.
    #[allow(clippy::cast_possible_truncation, reason = "eight bits are what is kept")]
    fn finish(&self) -> [u8; BINS] {
        let mut kept = [0; BINS];
        if self.least.iter().all(|least| *least == u32::MAX) {
            return kept;
        }
        for (bin, kept) in kept.iter_mut().enumerate() {
            let mut from = bin;
            let mut tries = 0;
            while self.least[from] == u32::MAX {
                tries += 1;
                from = (mixed((bin as u64) << 32 | tries) % BINS as u64) as usize;
            }
            *kept = mixed(u64::from(self.least[from])) as u8;
        }
        kept
    }
}

/// Spreads the bits of a number (the finaliser of `MurmurHash3`).
fn mixed(mut value: u64) -> u64 {
    value ^= value >> 33;
    value = value.wrapping_mul(0xff51_afd7_ed55_8ccd);
    value ^= value >> 33;
    value = value.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    value ^ value >> 33
}

/// The part of the smaller set that is in the other, of sketches and sizes.
#[allow(clippy::cast_precision_loss, reason = "counts of words")]
fn shared(a: &[u8], b: &[u8], sizes: (u16, u16)) -> f32 {
    /// Eight bits agree by accident this often.
    const BY_ACCIDENT: f32 = 1.0 / 256.0;
    let same = a.iter().zip(b).filter(|(a, b)| a == b).count() as f32 / a.len() as f32;
    let jaccard = ((same - BY_ACCIDENT) / (1.0 - BY_ACCIDENT)).max(0.0);
    let (a, b) = (f32::from(sizes.0), f32::from(sizes.1));
    let in_both = jaccard / (1.0 + jaccard) * (a + b);
    if a.min(b) == 0.0 { 1.0 } else { (in_both / a.min(b)).min(1.0) }
}

/// The estimated part of the shorter article's runs that is in the other, 0 to 1.
pub fn similarity(a: &Signature, b: &Signature) -> f32 {
    shared(&a.runs, &b.runs, (a.counts[0], b.counts[0]))
}

/// The same of names.
pub fn names_shared(a: &Signature, b: &Signature) -> f32 {
    shared(&a.names, &b.names, (a.counts[1], b.counts[1]))
}

/// The same of numbers.
pub fn numbers_shared(a: &Signature, b: &Signature) -> f32 {
    shared(&a.numbers, &b.numbers, (a.counts[2], b.counts[2]))
}

/// Whether two articles tell one story in the same words. Symmetric, and true of an article and itself.
pub fn is_copy(a: &Signature, b: &Signature) -> bool {
    if !a.bands().iter().zip(b.bands()).any(|(a, b)| *a == b) {
        return false;
    }
    let (shorter, longer) = (a.counts[0].min(b.counts[0]), a.counts[0].max(b.counts[0]));
    let runs = similarity(a, b);
    let is_apart = a.day != 0 && b.day != 0 && a.day.abs_diff(b.day) > DAYS;
    f32::from(longer) <= LONGER * f32::from(shorter)
        && runs >= RUNS_SHARED
        && names_shared(a, b) >= NAMES_SHARED
        && numbers_shared(a, b) >= NUMBERS_SHARED
        && (!is_apart || (shorter >= LONG.0 && runs >= LONG.1))
}

/// What two texts have in common and what not.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The part of the shorter one's runs of three words that is in the other, 0 to 1.
    pub similarity: f32,
    /// Sentences of the first that the second lacks.
    pub only_first: Vec<Span>,
    /// Sentences of the second that the first lacks.
    pub only_second: Vec<Span>,
}

/// Compares two bodies word for word.
#[allow(clippy::cast_precision_loss, reason = "counts of words")]
pub fn compare(first: &str, second: &str, analyzer: &mut Analyzer) -> Comparison {
    let (a, b) = (analyzer.tokens(first), analyzer.tokens(second));
    let runs = |tokens: &Tokens| -> rustc_hash::FxHashSet<u64> {
        let hashes: Vec<u64> = (0..tokens.len()).map(|at| xxh3_64(tokens.folded(at).as_bytes())).collect();
        hashes.windows(RUN).map(|run| run.iter().fold(0, |sum, hash| mixed(sum ^ hash))).collect()
    };
    let (runs_a, runs_b) = (runs(&a), runs(&b));
    let least = runs_a.len().min(runs_b.len());
    let similarity =
        if least == 0 { 0.0 } else { runs_a.intersection(&runs_b).count() as f32 / least as f32 };
    let sentence = |tokens: &Tokens, span: Span| -> Vec<String> {
        tokens.within(span).map(|at| tokens.folded(at).to_owned()).collect()
    };
    let spans = |text: &str, tokens: &Tokens| -> Vec<Span> {
        let starts: Vec<usize> =
            sentences(text, tokens).iter().map(|sentence| sentence.start as usize).collect();
        let ends = starts.iter().skip(1).copied().chain([text.len()]);
        starts.iter().zip(ends).map(|(start, end)| Span::new(*start, end)).collect()
    };
    let only = |text: &str, tokens: &Tokens, other: &str, other_tokens: &Tokens| -> Vec<Span> {
        let known: rustc_hash::FxHashSet<Vec<String>> =
            spans(other, other_tokens).into_iter().map(|span| sentence(other_tokens, span)).collect();
        spans(text, tokens)
            .into_iter()
            .filter(|span| {
                let words = sentence(tokens, *span);
                !words.is_empty() && !known.contains(&words)
            })
            .collect()
    };
    Comparison {
        similarity,
        only_first: only(first, &a, second, &b),
        only_second: only(second, &b, first, &a),
    }
}
