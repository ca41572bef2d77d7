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
//! (Shrivastava 2017), of which eight bits a bin are kept (Li and König 2010). The words of titles do not count,
//! copies have others, but the names in them do: a law firm's notices to the investors of two companies agree in all
//! but the name and a date or two, and the name is in the title. Boilerplate does not count.
//!
//! Measured on 14,668 articles of the Reuters wire of 1987, which has corrections, repeats and updates as well as the
//! templates of every day, and on 15,576 press releases of 2023 to 2025, which have law firms' notices and companies
//! that say the same of themselves in every release. The right groups are small; a large one is a template.
//!
//! | tests beside three quarters of runs | wire: groups, articles, largest | releases: groups, articles, largest |
//! |---|---|---|
//! | names and numbers in one sketch, 0.75 | 529, 1,103, 13 | |
//! | names, numbers 0.5, [`DAYS`] | 520, 1,076, 12 | |
//! | names, [`NUMBERS_SHARED`], [`DAYS`], [`PLAIN`] | 515, 1,057, 5 | 205, 516, 44 |
//! | the most frequent names, 0.75, and the lead | 475, 974, 5 | 156, 372, 27 |
//! | the names of titles, and the most frequent ones 0.35 | 507, 1,041, 5 | 152, 349, 13 |
//! | titles aside from [`WHATEVER_TITLE`] on | 508, 1,043, 5 | 164, 378, 13 |
//!
//! Of the pairs with a Jaccard similarity of 0.8 or more over all runs, no more than [`DAYS`] apart, the groups hold
//! 377 of 380 on the wire and 193 of 207 among the releases; the rest are notices of a central bank, of a trust and of
//! a research firm, and some copies. Fifty groups of the wire, drawn at random before the test on the most frequent
//! names was relaxed, were read: forty-four are one story, four are tables or digests of one day brought up to date,
//! two are notices of other days. The group of thirteen is three companies that one notice with the title of one and
//! the body of another holds together.
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
pub const WORDS: usize =
    (RUN_BINS + LEAD_BINS + 2 * TELLING_BINS) / 8 + SUBJECTS / 4 + HEADLINE / 4 + MARKS / 64 + 1;

/// Words of a text that are its lead, and bins of the sketch of their runs.
const LEAD: usize = 60;
const LEAD_BINS: usize = 16;

/// Names that an article has most often: what it is about.
const SUBJECTS: usize = 8;

/// Names of the title that are kept, and bits in which every name of a body leaves two
/// marks (a Bloom filter): of a text with 80 names, one name in fifty is taken to have what it lacks.
const HEADLINE: usize = 16;
const MARKS: usize = 1024;

/// Texts with fewer runs are too short: flashes and tables of one line repeat by accident.
const LEAST_RUNS: usize = 20;

/// Copies share at least this part of the shorter one's runs.
const RUNS_SHARED: f32 = 0.7;

/// And this part of the names of the one that has fewer.
const NAMES_SHARED: f32 = 0.7;

/// And this part of the runs of their leads: news of one company in the same words about the company.
const LEAD_SHARED: f32 = 0.2;

/// And this part of the names that each has most often.
const SUBJECTS_SHARED: f32 = 0.35;

/// And this part of its numbers, some of which a correction puts right.
const NUMBERS_SHARED: f32 = 0.7;

/// And their titles have fewer names than this that the other lacks, unless they share this part of the names that
/// each has most often.
const OTHERS: usize = 2;
const SUBJECTS_OF_ONE: f32 = 0.75;

/// Or this part of their runs: one text under the name of each of those it is about.
const WHATEVER_TITLE: f32 = 0.9;

/// Runs, part in common, part of the numbers, part of the most frequent names: a text of so many runs with so much in common is a corrected copy even
/// if few of its numbers agree. Of few numbers the sketch tells little.
const PLAIN: (u16, f32, f32, f32) = (80, 0.85, 0.35, 0.85);

/// Days between the first and the last of two copies: what is said in the same words a month later is
/// another month's notice.
const DAYS: u16 = 7;

/// Unless they have at least so many runs and nearly all in common, which no two notices have.
const LONG: (u16, f32) = (200, 0.98);

/// The longer of two copies is at most so many times as long as the shorter: what contains a story among
/// others is a digest.
const LONGER: f32 = 4.0;

/// What is kept of an article to know its copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Signature {
    runs: [u8; RUN_BINS],
    lead: [u8; LEAD_BINS],
    names: [u8; TELLING_BINS],
    numbers: [u8; TELLING_BINS],
    /// Sixteen bits of each of the most frequent names, sorted; 0 for none.
    subjects: [u16; SUBJECTS],
    /// Sixteen bits of each name that the title and the body share, in the title's order; 0 for none.
    headline: [u16; HEADLINE],
    /// Two bits for each name of the body.
    marks: [u64; MARKS / 64],
    /// How many of each there are, as far as 16 bits count.
    counts: [u16; 3],
    /// Days since 1930 of publication; 0 for undated and for what was before.
    day: u16,
}

impl Signature {
    /// The signature of an article; `None` where the body is too short. `aside` are its parts that do not count.
    pub fn of(title: &Tokens, body: &Tokens, aside: &[Span], published: Option<Date>) -> Option<Signature> {
        let mut runs = Sketch::<RUN_BINS>::default();
        let mut lead = Sketch::<LEAD_BINS>::default();
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
                let run = mixed(last[0] ^ mixed(last[1] ^ mixed(last[2])));
                runs.add(run);
                if words <= LEAD {
                    lead.add(run);
                }
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
        names.sort_unstable();
        let subjects = most_frequent(&names);
        let headline = headline(title, &names);
        let mut marks = [0; MARKS / 64];
        for name in &names {
            for mark in marks_of(sixteen_bits(*name)) {
                marks[mark / 64] |= 1 << (mark % 64);
            }
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
        Some(Signature {
            runs: runs.finish(),
            lead: lead.finish(),
            names,
            numbers,
            subjects,
            headline,
            marks,
            counts,
            day,
        })
    }

    /// As whole numbers, to be stored.
    pub fn to_words(&self) -> [u64; WORDS] {
        let bytes = [&self.runs[..], &self.lead, &self.names, &self.numbers];
        let bytes =
            bytes.into_iter().flat_map(|part| part.as_chunks().0).map(|bytes| u64::from_le_bytes(*bytes));
        let names = [&self.subjects[..], &self.headline];
        let names = names.into_iter().flat_map(|part| part.as_chunks().0).map(|four| joined(*four));
        let [runs, names_count, numbers] = self.counts;
        let last = joined([runs, names_count, numbers, self.day]);
        let mut words = [0; WORDS];
        let parts = bytes.chain(names).chain(self.marks).chain([last]);
        for (word, part) in words.iter_mut().zip(parts) {
            *word = part;
        }
        words
    }

    /// Reads what [`to_words`](Signature::to_words) gave; `None` where it is something else.
    pub fn from_words(words: &[u64]) -> Option<Signature> {
        let words: &[u64; WORDS] = words.try_into().ok()?;
        let (bytes, rest) = words.split_at((RUN_BINS + LEAD_BINS + 2 * TELLING_BINS) / 8);
        let bytes: Vec<u8> = bytes.iter().flat_map(|word| word.to_le_bytes()).collect();
        let (runs, bytes) = bytes.split_first_chunk()?;
        let (lead, bytes) = bytes.split_first_chunk()?;
        let (names, numbers) = bytes.split_first_chunk()?;
        let (sixteens, rest) = rest.split_at((SUBJECTS + HEADLINE) / 4);
        let sixteens: Vec<u16> = sixteens.iter().flat_map(|word| parted(*word)).collect();
        let (subjects, headline) = sixteens.split_first_chunk()?;
        let (marks, last) = rest.split_first_chunk()?;
        let [runs_count, names_count, numbers_count, day] = parted(*last.first()?);
        Some(Signature {
            runs: *runs,
            lead: *lead,
            names: *names,
            numbers: numbers.try_into().ok()?,
            subjects: *subjects,
            headline: headline.try_into().ok()?,
            marks: *marks,
            counts: [runs_count, names_count, numbers_count],
            day,
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

/// The values that come most often in a sorted list, themselves sorted.
fn most_frequent(sorted: &[u64]) -> [u16; SUBJECTS] {
    let mut counted: Vec<(usize, u64)> =
        sorted.chunk_by(|a, b| a == b).map(|same| (same.len(), same[0])).collect();
    // Of equally frequent ones, the hash decides, so that it is the same ones in a copy.
    counted.sort_unstable_by_key(|(count, hash)| (std::cmp::Reverse(*count), *hash));
    let mut subjects = [0; SUBJECTS];
    for (subject, (_, hash)) in subjects.iter_mut().zip(&counted) {
        *subject = sixteen_bits(*hash);
    }
    subjects.sort_unstable();
    subjects
}

/// The words of a title that are among the sorted names of its body.
fn headline(title: &Tokens, names: &[u64]) -> [u16; HEADLINE] {
    let mut headline = [0; HEADLINE];
    let hashes = (0..title.len()).map(|position| mixed(xxh3_64(title.folded(position).as_bytes())));
    let shared = hashes.filter(|hash| names.binary_search(hash).is_ok());
    for (slot, hash) in headline.iter_mut().zip(shared) {
        *slot = sixteen_bits(hash);
    }
    headline
}

/// What is kept of the hash of a name; never 0.
#[allow(clippy::cast_possible_truncation, reason = "sixteen bits are what is kept")]
fn sixteen_bits(hash: u64) -> u16 {
    (mixed(hash) as u16).max(1)
}

/// The bits in which a name leaves its marks.
#[allow(clippy::cast_possible_truncation, reason = "of a remainder")]
fn marks_of(name: u16) -> [usize; 2] {
    let hash = mixed(u64::from(name));
    [(hash % MARKS as u64) as usize, ((hash >> 32) % MARKS as u64) as usize]
}

fn joined(parts: [u16; 4]) -> u64 {
    parts.iter().fold(0, |word, part| word << 16 | u64::from(*part))
}

#[allow(clippy::cast_possible_truncation, reason = "each part has 16 bits")]
fn parted(word: u64) -> [u16; 4] {
    [(word >> 48) as u16, (word >> 32) as u16, (word >> 16) as u16, word as u16]
}

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

/// The part of their first words that two articles share.
pub fn lead_shared(a: &Signature, b: &Signature) -> f32 {
    shared(&a.lead, &b.lead, (1, 1))
}

/// The part of the most frequent names that two articles share, of the one that has fewer.
#[allow(clippy::cast_precision_loss, reason = "at most eight")]
pub fn subjects_shared(a: &Signature, b: &Signature) -> f32 {
    let known = |subjects: &[u16; SUBJECTS]| subjects.iter().filter(|subject| **subject != 0).count();
    let least = known(&a.subjects).min(known(&b.subjects));
    let both = a.subjects.iter().filter(|subject| **subject != 0 && b.subjects.contains(subject)).count();
    if least == 0 { 1.0 } else { both.min(least) as f32 / least as f32 }
}

/// How many names of the first one's title the second's body lacks. Names that share a bit go unnoticed.
pub fn headline_lacking(a: &Signature, b: &Signature) -> usize {
    let has = |mark: usize| b.marks[mark / 64] >> (mark % 64) & 1 == 1;
    a.headline.iter().filter(|name| **name != 0 && !marks_of(**name).into_iter().all(has)).count()
}

/// Whether the titles say that two articles are of somebody else each: both have names that the other article
/// lacks, or one has some and they have little else in common of what they name most. One that lost its first
/// sentence lacks names of the other's title, but not what the article is about.
fn are_of_others(a: &Signature, b: &Signature) -> bool {
    let (a_lacking, b_lacking) = (headline_lacking(b, a), headline_lacking(a, b));
    let both = a_lacking >= 1 && b_lacking >= 1;
    a_lacking.max(b_lacking) >= OTHERS && subjects_shared(a, b) < SUBJECTS_OF_ONE || both
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
        && subjects_shared(a, b) >= SUBJECTS_SHARED
        && lead_shared(a, b) >= LEAD_SHARED
        && (runs >= WHATEVER_TITLE || !are_of_others(a, b))
        && numbers_shared(a, b)
            >= if shorter >= PLAIN.0 && runs >= PLAIN.1 && subjects_shared(a, b) >= PLAIN.3 {
                PLAIN.2
            } else {
                NUMBERS_SHARED
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    const STORY: &str = "Northfield Steel said on Tuesday that it would close its rolling mill at Harrow Bay by the end of June. \
        The mill employs 640 people and has made plate for shipyards on the Carrow coast since 1962. \
        Chief executive Maria Lindqvist said that orders from yards had fallen by a third in two years. \
        The company will take a charge of 45 million dollars in the second quarter to pay for the closure. \
        Unions at the plant called the decision a betrayal and said that they had offered to cut hours. \
        Talks between the company and the regional government of Westmark broke down last week. \
        Westmark had offered a loan of 12 million dollars on condition that the furnaces stayed lit.";

    fn signature(body: &str, published: &str) -> Option<Signature> {
        titled("", body, published)
    }

    fn titled(title: &str, body: &str, published: &str) -> Option<Signature> {
        let mut analyzer = Analyzer::default();
        let (title, body) = (analyzer.tokens(title), analyzer.tokens(body));
        Signature::of(&title, &body, &[], Date::parse(published).ok())
    }

    fn notice(company: &str, ticker: &str, class: &str, deadline: &str, loss: &str) -> String {
        format!(
            "Holm and Vance reminds investors in {company} ({ticker}) of the deadline of {deadline} in a class action. The suit is for \
             all who bought shares between {class}. It says that {company} hid {loss} from the market and that its shares fell when \
             that became known. Investors who lost money may ask to lead the case. There is no cost to them."
        )
    }

    #[test]
    fn copies_are_told_from_other_stories() {
        let with = |from: &str, to: &str| STORY.replace(from, to);
        let half: String = STORY.split_inclusive(". ").take(4).collect();
        let dividend = |company: &str, cents: &str, day: &str| {
            format!(
                "{company} said its board declared a quarterly dividend of {cents} cents a share, payable on {day} to holders of record \
                 two weeks before, in line with what it paid in the quarter before and with what it has paid in each quarter since."
            )
        };
        let rows = [
            ("the same", STORY.to_owned(), true),
            ("an added paragraph", format!("{STORY} The port may become a terminal for turbines, its authority said in a statement."), true),
            ("cut to a half", half, true),
            ("a number corrected", with("640", "460"), true),
            ("a name corrected", with("Lindqvist", "Lindquist"), true),
            ("another credit", format!("OSLO (Harrow News) - {STORY} (Reporting by Ada Finch)"), true),
            ("another story of the same company", "Northfield Steel named Maria Lindqvist as its chief executive on Monday. She has run the mill \
              at Tarn Valley for six years and before that worked for a maker of cars in Poland. She takes over in March.".to_owned(), false),
        ];
        for (what, other, expected) in rows {
            let (a, b) = (signature(STORY, "2024-03-05").unwrap(), signature(&other, "2024-03-06").unwrap());
            assert_eq!((is_copy(&a, &b), is_copy(&b, &a)), (expected, expected), "{what}");
        }
        let templates = [
            (dividend("Acme Corp", "12", "April 1"), dividend("Brandt Inc", "31", "May 9")),
            (dividend("Acme Corp", "12", "April 1"), dividend("Acme Corp", "14", "July 3")),
            (
                notice(
                    "Acme Corp",
                    "ACM",
                    "May 3, 2022 and June 9, 2023",
                    "April 4, 2024",
                    "losses on loans",
                ),
                notice(
                    "Brandt Inc",
                    "BRN",
                    "July 8, 2021 and March 2, 2024",
                    "June 17, 2024",
                    "a recall of valves",
                ),
            ),
        ];
        for (one, other) in templates {
            let (a, b) = (signature(&one, "2024-03-05").unwrap(), signature(&other, "2024-03-05").unwrap());
            assert!(!is_copy(&a, &b), "{one}\n{other}");
        }
    }

    #[test]
    fn names_in_titles_tell_notices_apart() {
        let remark =
            " The firm has offices in Port Aldane and Vestham and has acted for pension funds since 1988."
                .repeat(2);
        let notice = |company: &str, ticker: &str| {
            format!(
                "The law firm of Holm and Vance reminds investors in {company} ({ticker}) that they may ask the court in Westmark to \
                 lead the case against {company} and its officers. Investors in {company} with losses should write to Maria Lindqvist at Holm \
                 and Vance before the deadline. There is no cost to them and they need not act to stay members of the class.{remark}"
            )
        };
        let (acme, brandt) = (notice("Acme Corp", "ACM"), notice("Brandt Inc", "BRN"));
        let signature = |title: &str, body: &str| titled(title, body, "2024-03-05").unwrap();
        let one = signature("Holm and Vance reminds Acme investors", &acme);
        let rows = [
            ("another firm", signature("Deadline for Brandt investors", &brandt), false),
            ("another title", signature("ACM ALERT: deadline in class action", &acme), true),
            ("no title", signature("", &acme), true),
        ];
        for (what, other, expected) in rows {
            assert_eq!((is_copy(&one, &other), is_copy(&other, &one)), (expected, expected), "{what}");
        }
        let without_first = STORY.split_once(". ").unwrap().1;
        assert!(is_copy(
            &signature("Northfield closes mill", STORY),
            &signature("Mill to close", without_first)
        ));
    }

    #[test]
    fn a_short_notice_again_a_month_later_is_another() {
        let notice: String = STORY.split_inclusive(". ").take(2).collect();
        let (a, same, later) = (
            signature(&notice, "2024-03-05"),
            signature(&notice, "2024-03-09"),
            signature(&notice, "2024-04-05"),
        );
        assert!(is_copy(&a.unwrap(), &same.unwrap()));
        assert!(!is_copy(&a.unwrap(), &later.unwrap()));
        assert!(is_copy(&a.unwrap(), &signature(&notice, "").unwrap()), "undated");
        assert_eq!(signature("Too short to tell.", "2024"), None);
    }

    #[test]
    fn signatures_come_back_from_the_column() {
        let signature = signature(STORY, "2024-03-05").unwrap();
        assert_eq!(Signature::from_words(&signature.to_words()), Some(signature));
        assert_eq!(Signature::from_words(&[1, 2]), None);
    }

    #[test]
    fn comparing_names_the_sentences_that_differ() {
        let other = STORY.replace("640 people", "460 people").replace(
            " Westmark had offered a loan of 12 million dollars on condition that the furnaces stayed lit.",
            "",
        );
        let found = compare(STORY, &other, &mut Analyzer::default());
        assert!(found.similarity > 0.9, "{}", found.similarity);
        let first: Vec<&str> = found.only_first.iter().map(|span| span.of(STORY).trim()).collect();
        assert_eq!(first.len(), 2);
        assert!(first[0].contains("640") && first[1].contains("furnaces"));
        let second: Vec<&str> = found.only_second.iter().map(|span| span.of(&other).trim()).collect();
        assert!(second.len() == 1 && second[0].contains("460"));
    }
}
