//! Orders the best articles of a tier by where their words stand, and picks the passages to show.
//!
//! | constant | value | source | nDCG@10 of A, B, C, D, E with another value |
//! |---|---|---|---|
//! | all | | as below | .740, .779, .360, .400, .810 |
//! | [`K1`] | 1.0 | chosen | 0.8 .741, .778, .359, .387, .807; 1.2 .734, .779, .363, .398, .811 |
//! | [`B`] | 0.6 | chosen | 0.4 .732, .779, .355, .386, .805; 0.75 .735, .779, .365, .399, .810 |
//! | [`REPEATED`] | 0.8 | chosen | 0 .740, .788, .357, .318, .810; 1 .740, .775, .360, .403, .810 |
//! | [`TITLE`] | 0.25 | chosen | 0 .736, .789, .347, .389, .805; 0.5 .730, .767, .370, .396, .812 |
//! | [`BOILERPLATE`] | 0.5 | chosen | 0 .736, others as they are |
//! | [`ADJACENT`], [`NEAR`] | 0.1, 0.05 | sequential dependence, Metzler and Croft 2005 | 0 .737, .779, .360, .391, .806; twice as much .732, .780, .363, .397, .809 |
//! | [`NEAR_WORDS`] | 8 | the same: an unordered window of eight | |
//! | [`PASSAGE_SHARE`] | 0.15 | chosen | 0 .735, .775, .366, .391, .805; 0.25 .738, .781, .354, .396, .812 |
//! | [`EXACT`] | 0.1 | chosen | 0 .735, .778, .359, .398, .804; 0.2 .739, .779, .360, .397, .809 |
//! | [`SHORT`] | 4 | chosen; a sentence is longer | one order for all .740, .779, .359, .401, .809; 6 .738, .779, .359, .399, .810; never .738, .750, .359, .399, .810 |
//! | [`MOST`] | 1 | chosen | 2 .740, .776, .360, .400, .798 |
//! | [`EQUIVALENT`](crate::plan::EQUIVALENT) | 0.5 | chosen on A | no equivalents .738, .779, .360, .400, .794; 0.25 .739, .779, .360, .400, .804; 0.75 .739, .778, .360, .400, .813 |
//! | names | 1 | an alias is the name | none .737, .776, .360, .400, .747; organisations alone .737, .776, .360, .400, .750; regions alone .740, .776, .360, .400, .805 |
//! | [`PART_OF_REGION`](crate::plan::PART_OF_REGION) | 0.5 | chosen on A | 0.25 .738, .777, .360, .400, .796; 0.75 .737, .778, .360, .400, .811 |
//! | [`RECENT`](super::RECENT) | 0.05, half in a year | chosen on A | 0 .728, .778, .360, .400, .807; 0.1 .738, .779, .360, .400, .810 |
//!
//! A is a set of 47 queries over 17,014 articles of business news, B the 429 questions of MultiHop-RAG over sentences of
//! news, C Cranfield, D CISI and E the judged queries over the shipped corpus, of which nothing was chosen. Chosen means by
//! steps over A to D that keep all of them well, which are not the best for each. Every figure is of this code with that one
//! constant changed, but for `never`, where questions keep their quotes too: that costs B .028 by itself, because quoted
//! titles are seldom quoted to the letter. Lucene's BM25 as in `tests/relevance` has .686, .770, .342, .362 of A to D, and
//! this code without anything but BM25 with Lucene's constants .705, .773, .343, .382, .718.
//!
//! All figures here are older than the rule that parentheses in a sentence are punctuation, with which A to D have .740, .778,
//! .359 and .409, a mean ratio of 1.068.
//!
//! What choosing by steps is worth on a set that had no part in it, two rounds over the same values from BM25 on, each set
//! kept out in turn:
//!
//! | kept out | chosen | its ratio to Lucene's BM25 | mean of the others |
//! |---|---|---|---|
//! | A | k1 1.6, b 0.75, no title, passage or form, pairs 0.1, times 0.8, equivalents 0.25 | 1.048 | 1.069 |
//! | B | k1 1.2, b 0.75, title 0.5, no passage, form or pairs, times 1, equivalents 0.75 | 0.973 | 1.095 |
//! | C | k1 1.6, b 0.75, no title or form, passage 0.15, pairs 0.1, times 0.8, recency 0.1 | 1.050 | 1.070 |
//! | D | k1 1.6, b 0.75, title 0.25, form 0.2, pairs 0.2, no passage, times 0.5, equivalents 0.75 | 1.034 | 1.057 |
//! | none | k1 1.6, b 0.75, no title, passage or form, pairs 0.1, times 0.8 | 1.068, the mean of all | |
//! | none | as they stand above | 1.078, 1.011, 1.054 and 1.105, a mean of 1.062 | |
//!
//! Where no article has every word, totals and facets are of the articles that have at least [`MOST`], because those are
//! the results that one can page through; a total of those with half of the words would be less than what is shown.
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, Term};

use super::collect::Ranked;
use super::cursor::Opener;
use super::stage::{Lexical, Recent, SecondStage, rescore};
use super::terms::{Known, Terms};
use super::walk::{Compiler, Places, Walk};
use super::witness::witnesses;
use super::{Hit, PassageHit, Request, Said, Sort, failed};
use crate::annotate::{Part, Referent};
use crate::article::Span;
use crate::error::Result;
use crate::gazetteer::regions;
use crate::index::{Address, Columns, Reader};
use crate::plan::{Lookup, Need, Pattern, Plan, SHORT};
use crate::schema::{Record, Start, annotation_term};
use crate::snippet::{DECISIVE, Match, Shown, Snippet, TARGET_CHARS, WIDEST, Weight, highlights, naming};
use crate::words::Analyzer;

/// How fast more occurrences of a word stop adding to a score.
pub(super) const K1: f32 = 1.0;

/// How much longer articles are held against their occurrences.
pub(super) const B: f32 = 0.6;

/// Words that an article of the second tier must have at the least.
pub(super) const MOST: usize = 1;

/// Articles of a tier whose positions are read.
pub const RESCORED: usize = 200;

/// A word that is asked for so many times counts as often as this power of it says.
const REPEATED: f32 = 0.8;

/// What a [function word](crate::words::is_function_word) counts.
const FUNCTION: f32 = 0.5;

/// Weight of a word that the title has.
const TITLE: f32 = 0.25;

/// What an occurrence in boilerplate counts.
const BOILERPLATE: f32 = 0.5;

/// Weight of two words of the query side by side, in their order.
pub(super) const ADJACENT: f32 = 0.1;

/// Weight of two words that follow each other in the query within [`NEAR_WORDS`] words.
pub(super) const NEAR: f32 = 0.05;

/// The window of [`NEAR`].
pub(super) const NEAR_WORDS: u32 = 8;

/// The part of a final score that comes from the best passage; the rest is the article's.
pub(super) const PASSAGE_SHARE: f32 = 0.15;

/// Weight of a word in the very form that was typed.
pub(super) const EXACT: f32 = 0.1;

/// Words of a typical passage, for its length norm.
pub(super) const PASSAGE_WORDS: f32 = 90.0;

/// What is known of the whole index before the first article is looked at.
pub(super) struct Statistics {
    /// What the lookups stand for in the dictionary.
    pub(super) terms: Terms,
    /// For each wanted lookup, times its boost, how often it is asked for and [`FUNCTION`]; 0 for what only stands for
    /// others.
    pub(super) idf: Vec<f32>,
    /// For each wanted lookup what it stands for and what it counts alone; empty where none does.
    pub(super) stand_ins: Vec<StandIn>,
    /// For each clause that is asked for.
    pub(super) is_required: Vec<bool>,
    /// Weight of an occurrence by the length code of its article.
    pub(super) norms: [f32; 256],
}

/// A lookup that stands for a typed one.
#[derive(Debug, Clone, Copy)]
pub(super) struct StandIn {
    pub(super) lookup: usize,
    pub(super) typed: usize,
    /// What the typed one counts where it is missing.
    pub(super) counts: f32,
}

impl Statistics {
    pub(super) fn gather(reader: &Reader, plan: &Plan) -> Result<Statistics> {
        Statistics::gather_knowing(reader, plan, &mut Known::default())
    }

    /// The same for one of several queries about the same words.
    #[allow(clippy::cast_precision_loss, reason = "counts enter a logarithm or a mean")]
    pub(super) fn gather_knowing(reader: &Reader, plan: &Plan, known: &mut Known) -> Result<Statistics> {
        let field = reader.fields().text;
        let (mut articles, mut words) = (0_u64, 0_u64);
        for segment in reader.segments() {
            articles += u64::from(segment.max_doc());
            words += segment.inverted_index(field).map_err(failed)?.total_num_tokens();
        }
        let terms = Terms::resolve(reader, plan, known)?;
        let idf = |frequency: u64| {
            let ratio = (articles as f32 - frequency as f32 + 0.5).max(0.5) / (frequency as f32 + 0.5);
            ratio.ln_1p()
        };
        // Alternatives count as one word, as rare as the most frequent of them.
        let little: Vec<usize> = plan
            .clauses
            .iter()
            .filter(|clause| clause.need == Need::May)
            .flat_map(|clause| clause.expr.wanted())
            .collect();
        let all = (0..).zip(plan.wanted.iter().zip(&terms.wanted)).map(|(at, (lookup, resolved))| {
            if !lookup.stands_for.is_empty() {
                return 0.0;
            }
            let times = lookup.times as f32;
            let part = if little.contains(&at) { FUNCTION } else { 1.0 };
            lookup.boost
                * part
                * times.powf(REPEATED)
                * resolved.parts.iter().map(|part| idf(part.articles)).sum::<f32>()
        });
        let all = all.collect();
        let stand_ins = (0..).zip(&plan.wanted[plan.typed()..]).flat_map(|(at, lookup)| {
            let each = lookup.stands_for.iter();
            each.map(move |&typed| StandIn { lookup: plan.typed() + at, typed, counts: lookup.boost })
        });
        let stand_ins = stand_ins.collect();
        let mean = if articles == 0 { 1.0 } else { (words as f32 / articles as f32).max(1.0) };
        let mut norms = [0.0; 256];
        for (code, norm) in (0..=u8::MAX).zip(norms.iter_mut()) {
            let length = FieldNormReader::id_to_fieldnorm(code) as f32;
            *norm = K1 * (1.0 - B + B * length / mean);
        }
        Ok(Statistics {
            terms,
            idf: all,
            stand_ins,
            is_required: plan.asked().map(|clause| clause.need == Need::Must).collect(),
            norms,
        })
    }

    /// Wanted clauses that an article of the second tier may lack.
    pub(super) fn optional(&self) -> usize {
        self.is_required.iter().filter(|required| !**required).count()
    }

    /// Whether articles with fewer words than all are found too.
    pub(super) fn has_second_tier(&self, plan: &Plan) -> bool {
        !plan.needs_all && self.optional() > self.most()
    }

    /// The rarity of several lookups together, given as bits.
    fn rarity_of(&self, has: u64) -> f32 {
        (0..).zip(&self.idf).filter(|(lookup, _)| has >> *lookup & 1 == 1).map(|(_, idf)| idf).sum()
    }

    /// Whether both tiers are in one order, as they are for all but short queries.
    pub(super) fn has_one_order(&self) -> bool {
        self.optional() > SHORT
    }

    /// How many of the optional clauses the second tier asks for. A single one that stands beside required clauses may
    /// be missing.
    pub(super) fn most(&self) -> usize {
        let optional = self.optional();
        let half = if optional == self.is_required.len() { optional.div_ceil(2) } else { optional / 2 };
        half.min(MOST)
    }
}

/// BM25's weight of so many occurrences.
#[allow(clippy::cast_precision_loss, reason = "counts within an article")]
pub(super) fn saturate(frequency: u32, norm: f32) -> f32 {
    saturate_part(frequency as f32, norm)
}

/// The same of occurrences that count in part.
fn saturate_part(frequency: f32, norm: f32) -> f32 {
    (K1 + 1.0) * frequency / (frequency + norm)
}

/// Puts the best of a tier in order: those that are re-scored first. What was read for that is kept in
/// `known`.
pub(super) fn order(
    reader: &Reader,
    request: &Request,
    statistics: &Statistics,
    mut best: Vec<Ranked>,
    known: &mut FxHashMap<Address, Evidence>,
    own: Option<&mut dyn SecondStage>,
) -> Result<Vec<Ranked>> {
    if request.sort == Sort::Date {
        best.sort_by(Ranked::order_by_date);
        return Ok(best);
    }
    best.sort_by(Ranked::order);
    if !request.plan.wanted.is_empty() {
        let count = best.len().min(RESCORED);
        let head = &mut best[..count];
        gather(reader, &request.plan, statistics, head, known)?;
        let mut lexical = Lexical { plan: &request.plan, statistics };
        let mut recent = Recent::of(reader, request)?;
        let mut stages: Vec<&mut dyn SecondStage> = vec![&mut lexical];
        if let Some(recent) = &mut recent {
            stages.push(recent);
        }
        if let Some(own) = own {
            stages.push(own);
        }
        rescore(reader, head, known, &mut stages)?;
    }
    Ok(best)
}

/// Where the wanted words stand in one article.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    /// For each wanted clause whether it holds.
    pub(super) has: Vec<bool>,
    /// For each wanted lookup the positions where it starts and a clause that holds is satisfied, sorted.
    pub(super) positions: Vec<Vec<u32>>,
    /// For each wanted lookup the positions by which it counts: those of what stands for it too. Empty where nothing
    /// stands for anything, and [`positions`](Evidence::positions) are those.
    pub(super) together: Vec<Vec<u32>>,
    /// For each wanted lookup what it counts: all, or less where only something else stands for it.
    pub(super) counts: Vec<f32>,
    /// For each wanted lookup the occurrences in the form typed.
    pub(super) exact: Vec<u32>,
    /// For each wanted lookup the occurrences in boilerplate, where that is not searched.
    pub(super) aside: Vec<u32>,
    pub(super) passages: Vec<Start>,
    pub(super) norm_code: u8,
    /// Of the score, where the article was re-scored.
    pub(super) parts: Option<Parts>,
}

impl Evidence {
    /// The positions by which a wanted lookup counts, sorted.
    pub(super) fn of(&self, lookup: usize) -> &[u32] {
        self.together.get(lookup).unwrap_or(&self.positions[lookup])
    }

    /// Lets what stands for others count for them.
    fn join(&mut self, stand_ins: &[StandIn]) {
        self.counts = vec![1.0; self.positions.len()];
        if stand_ins.is_empty() {
            return;
        }
        self.together.clone_from(&self.positions);
        for &StandIn { lookup, typed, counts } in stand_ins {
            let found = &self.positions[lookup];
            self.together[lookup].clear();
            if found.is_empty() {
                continue;
            }
            if self.positions[typed].is_empty() {
                let is_first = self.together[typed].is_empty();
                self.counts[typed] = if is_first { counts } else { self.counts[typed].max(counts) };
            }
            let all = &mut self.together[typed];
            all.extend_from_slice(found);
            all.sort_unstable();
            all.dedup();
        }
    }

    /// Position where the body starts; the largest number if there is none.
    pub(super) fn body_start(&self) -> u32 {
        self.passages.first().map_or(u32::MAX, |start| start.position)
    }

    /// The passage that holds a position of the body.
    pub(super) fn passage_of(&self, position: u32) -> Option<usize> {
        self.passages.partition_point(|start| start.position <= position).checked_sub(1)
    }
}

/// Reads evidence article by article, in order of address.
pub(super) struct Gatherer<'a> {
    pub(super) reader: &'a Reader,
    pub(super) plan: &'a Plan,
    pub(super) statistics: &'a Statistics,
    pub(super) segment: usize,
    pub(super) open: Option<OpenSegment<'a>>,
}

pub(super) struct OpenSegment<'a> {
    /// One for each wanted clause.
    pub(super) walks: Vec<Walk<'a>>,
    pub(super) places: Places<'a>,
    pub(super) exact: Vec<Option<SegmentPostings>>,
    pub(super) aside: Vec<Option<SegmentPostings>>,
    pub(super) columns: &'a Columns,
}

/// Reads the evidence of articles that is not known yet.
pub(super) fn gather(
    reader: &Reader,
    plan: &Plan,
    statistics: &Statistics,
    articles: &[Ranked],
    known: &mut FxHashMap<Address, Evidence>,
) -> Result<()> {
    let mut wanted: Vec<Address> =
        articles.iter().map(|ranked| ranked.address).filter(|address| !known.contains_key(address)).collect();
    // Postings are read forwards.
    wanted.sort_unstable();
    let mut gatherer = Gatherer { reader, plan, statistics, segment: 0, open: None };
    for address in wanted {
        known.insert(address, gatherer.gather(address)?);
    }
    Ok(())
}

impl Gatherer<'_> {
    pub(super) fn gather(&mut self, address: Address) -> Result<Evidence> {
        if self.open.is_none() || self.segment != address.segment {
            let segment = &self.reader.segments()[address.segment];
            let columns = self.reader.columns(address.segment)?;
            let open = Opener { reader: self.reader, segment, columns, terms: &self.statistics.terms };
            let compiler =
                Compiler { open, plan: self.plan, option: IndexRecordOption::WithFreqsAndPositions };
            let walks = self.plan.clauses.iter().map(|clause| compiler.walk(&clause.expr));
            let walks = walks.collect::<Result<_>>()?;
            let field = self.reader.fields().exact;
            let exact = self.plan.wanted.iter().map(|lookup| match &lookup.exact {
                Some(form) => {
                    open.postings(&Term::from_field_text(field, form), IndexRecordOption::WithFreqs)
                }
                None => Ok(None),
            });
            let exact = exact.collect::<Result<_>>()?;
            let field = self.reader.fields().boilerplate;
            let aside = self.plan.wanted.iter().map(|lookup| match lookup.stem() {
                Some(stem) if !self.plan.filters.with_boilerplate && lookup.place.is_none() => {
                    open.postings(&Term::from_field_text(field, stem), IndexRecordOption::WithFreqs)
                }
                _ => Ok(None),
            });
            let aside = aside.collect::<Result<_>>()?;
            let places = Places::new(columns, segment);
            self.open = Some(OpenSegment { walks, places, exact, aside, columns });
            self.segment = address.segment;
        }
        let open = self.open.as_mut().expect("opened above");
        let mut found = Evidence {
            passages: open.columns.passages.values_for_doc(address.document).map(Start::unpack).collect(),
            norm_code: open.columns.lengths.fieldnorm_id(address.document),
            ..Evidence::default()
        };
        found.positions.resize(self.plan.wanted.len(), Vec::new());
        let mut matches = Vec::new();
        for walk in &mut open.walks {
            let has = walk.seek(address.document) == address.document
                && walk.matches(address.document, &mut open.places, &mut matches);
            found.has.push(has);
        }
        matches.sort_unstable();
        matches.dedup();
        for found_match in matches {
            if let Some(positions) = found.positions.get_mut(found_match.lookup as usize) {
                positions.push(found_match.start);
            }
        }
        found.join(&self.statistics.stand_ins);
        let mut count = |postings: &mut Option<SegmentPostings>| {
            postings.as_mut().map_or(0, |postings| {
                if postings.doc() < address.document {
                    postings.seek(address.document);
                }
                if postings.doc() == address.document { postings.term_freq() } else { 0 }
            })
        };
        found.exact.extend(open.exact.iter_mut().map(&mut count));
        found.aside.extend(open.aside.iter_mut().map(&mut count));
        Ok(found)
    }
}

/// The parts of an article's score; they add up to it. What was not re-scored has nothing but the first.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Parts {
    /// BM25 of the words in the article, or in the best of its copies.
    pub words: f32,
    /// Words in the title.
    pub title: f32,
    /// Words in the form as typed.
    pub forms: f32,
    /// Words beside or near those they follow in the query.
    pub pairs: f32,
    /// Words in boilerplate.
    pub boilerplate: f32,
    /// The best passage.
    pub passage: f32,
    /// How new the article is, where that is asked for.
    pub recency: f32,
    /// What a stage of the caller's own adds.
    pub added: f32,
}

impl Parts {
    pub fn sum(&self) -> f32 {
        let Parts { words, title, forms, pairs, boilerplate, passage, recency, added } = self;
        words + title + forms + pairs + boilerplate + passage + recency + added
    }
}

/// The first stage's score with what positions tell, part by part.
#[allow(clippy::cast_precision_loss, reason = "counts within an article")]
pub(super) fn parts(plan: &Plan, statistics: &Statistics, found: &Evidence, first: f32) -> Parts {
    let norm = statistics.norms[usize::from(found.norm_code)];
    let idf = &statistics.idf;
    let body_start = found.body_start();
    let mut parts = Parts { words: first, ..Parts::default() };
    for (lookup, idf) in idf.iter().enumerate().take(plan.typed()) {
        parts.forms += EXACT * idf * saturate(found.exact[lookup], norm);
        if found.of(lookup).first().is_some_and(|&first| first < body_start) {
            parts.title += TITLE * idf * found.counts[lookup];
        }
        if found.aside[lookup] > 0 {
            let counted = found.of(lookup).len() as f32;
            let with = saturate_part(counted + BOILERPLATE * found.aside[lookup] as f32, norm);
            parts.boilerplate += idf * (with - saturate_part(counted, norm));
        }
    }
    for lookup in 1..plan.typed() {
        let (adjacent, near) = pairs(&plan.wanted, found, lookup);
        let weight = idf[lookup - 1] + idf[lookup];
        parts.pairs += weight * (ADJACENT * saturate(adjacent, norm) + NEAR * saturate(near, norm));
    }
    let article = 1.0 - PASSAGE_SHARE;
    Parts {
        words: article * parts.words,
        title: article * parts.title,
        forms: article * parts.forms,
        pairs: article * parts.pairs,
        boilerplate: article * parts.boilerplate,
        passage: PASSAGE_SHARE
            * scored_passages(statistics, found).iter().map(|scored| scored.score).fold(0.0, f32::max),
        ..Parts::default()
    }
}

/// How often the clause before this one stands right before it, and how often within a few words of it.
pub(super) fn pairs(wanted: &[Lookup], found: &Evidence, clause: usize) -> (u32, u32) {
    let (before, here) = (found.of(clause - 1), found.of(clause));
    let length = wanted[clause - 1].length();
    let (mut adjacent, mut near) = (0, 0);
    let mut from = 0;
    for &position in here {
        while from < before.len() && before[from] + NEAR_WORDS < position {
            from += 1;
        }
        let window = before[from..].iter().take_while(|&&other| other <= position + NEAR_WORDS);
        for &other in window {
            adjacent += u32::from(other + length == position);
            near += 1;
        }
    }
    (adjacent, near)
}

/// A passage with its score and, as bits, the wanted clauses it has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scored {
    pub(super) passage: usize,
    pub(super) score: f32,
    pub(super) has: u64,
    /// What of the score is for naming what the filters ask for.
    pub(super) named: f32,
}

/// Scores every passage that has a wanted word, in no order.
pub(super) fn scored_passages(statistics: &Statistics, found: &Evidence) -> Vec<Scored> {
    let mut scored: Vec<Scored> = Vec::new();
    let mut places: FxHashMap<usize, usize> = FxHashMap::default();
    let body_start = found.body_start();
    for clause in 0..found.positions.len() {
        let positions = found.of(clause);
        let mut rest = &positions[positions.partition_point(|&position| position < body_start)..];
        while let Some(passage) = rest.first().and_then(|&position| found.passage_of(position)) {
            let end = found.passages.get(passage + 1).map_or(u32::MAX, |next| next.position);
            let count = rest.partition_point(|&position| position < end);
            rest = &rest[count..];
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            let score = said(statistics, found, clause, count, passage);
            let place = *places.entry(passage).or_insert(scored.len());
            if place == scored.len() {
                scored.push(Scored { passage, score: 0.0, has: 0, named: 0.0 });
            }
            scored[place].score += score;
            scored[place].has |= 1 << clause;
        }
    }
    for scored in &mut scored {
        scored.score *= share(statistics, scored.has);
    }
    scored
}

/// What a lookup that a passage has so often says in it.
fn said(statistics: &Statistics, found: &Evidence, lookup: usize, count: u32, passage: usize) -> f32 {
    statistics.idf[lookup] * found.counts[lookup] * saturate(count, passage_norm(found, passage))
}

/// What a passage with these lookups keeps of its score: one that has most of the query by itself is worth more than
/// one that repeats a part of it.
fn share(statistics: &Statistics, has: u64) -> f32 {
    let all: f32 = statistics.idf.iter().sum();
    if all > 0.0 { (statistics.rarity_of(has) / all).sqrt() } else { 0.0 }
}

/// What each lookup adds to the score of a passage.
fn said_in(statistics: &Statistics, found: &Evidence, scored: &Scored) -> Vec<Said> {
    let start = found.passages[scored.passage].position;
    let end = found.passages.get(scored.passage + 1).map_or(u32::MAX, |next| next.position);
    let kept = share(statistics, scored.has);
    let each = (0..found.positions.len()).map(|lookup| {
        let before = |end: u32| found.of(lookup).partition_point(|&position| position < end);
        let count = u32::try_from(before(end) - before(start)).unwrap_or(u32::MAX);
        Said { lookup, count, score: kept * said(statistics, found, lookup, count, scored.passage) }
    });
    each.filter(|said| said.count > 0).collect()
}

#[allow(clippy::cast_precision_loss, reason = "words of a passage")]
pub(super) fn passage_norm(found: &Evidence, passage: usize) -> f32 {
    let start = found.passages[passage].position;
    let words = found.passages.get(passage + 1).map_or(PASSAGE_WORDS, |next| (next.position - start) as f32);
    K1 * (1.0 - B + B * words / PASSAGE_WORDS)
}

/// Everything to show of one article.
pub(super) fn detail(
    reader: &Reader,
    request: &Request,
    statistics: &Statistics,
    analyzer: &mut Analyzer,
    ranked: Ranked,
    found: &Evidence,
) -> Result<Hit> {
    detail_within(reader, request, statistics, analyzer, ranked, found, TARGET_CHARS)
}

/// The same with texts of about so many characters.
pub(super) fn detail_within(
    reader: &Reader,
    request: &Request,
    statistics: &Statistics,
    analyzer: &mut Analyzer,
    ranked: Ranked,
    found: &Evidence,
    chars: usize,
) -> Result<Hit> {
    let plan = &request.plan;
    let record = reader.record(ranked.address)?;
    let body = &record.article.body;
    let body_start = found.body_start();
    let lengths = name_lengths(plan, &record, body_start, analyzer);
    let (mut in_title, mut in_body) = (Vec::new(), Vec::new());
    for (clause, positions) in (0..).zip(&found.positions) {
        let usual = plan.wanted[usize::from(clause)].length();
        let length = |at: u32| lengths.get(&(clause, at)).copied().unwrap_or(usual);
        for (start, position) in
            positions.iter().flat_map(|&at| (at..at + length(at)).map(move |it| (at, it)))
        {
            let goes_on = position > start;
            match position.checked_sub(body_start) {
                Some(word) => in_body.push(Match { word, clause, goes_on }),
                None => in_title.push(Match { word: position, clause, goes_on }),
            }
        }
    }
    for matches in [&mut in_title, &mut in_body] {
        matches.sort_unstable();
        // Where phrases overlap, a word is the end of one and the start of the next; the later one sorts last.
        matches.reverse();
        matches.dedup_by_key(|found| (found.word, found.clause));
        matches.reverse();
    }
    let weights: Vec<Weight> = plan
        .wanted
        .iter()
        .zip(&statistics.idf)
        .map(|(lookup, &rarity)| {
            let of = |&typed: &usize| (u16::try_from(typed).expect("queries are short"), lookup.boost);
            Weight {
                rarity,
                words: lookup.length(),
                stands_for: lookup.stands_for.iter().map(of).collect(),
                stem: lookup.stem().map(str::to_owned),
                is_name: matches!(lookup.parts[0][..], [Pattern::Mention(_), ..]),
            }
        })
        .collect();
    let ends = |passage: usize| found.passages.get(passage + 1).map_or(body.len(), |next| next.byte as usize);
    let about = favoured(plan, &record);
    let bonus: Vec<bool> = (0..found.passages.len())
        .map(|passage| {
            let span = Span::new(found.passages[passage].byte as usize, ends(passage));
            about.iter().any(|mention| span.contains(*mention))
        })
        .collect();
    let named = named(plan, &record);
    let mut in_words = witnesses(reader, plan, statistics, ranked.address)?;
    for stretches in &mut in_words {
        // What the title shows is shown.
        stretches.retain(|(first, _)| *first >= body_start);
        for (first, last) in stretches.iter_mut() {
            *first -= body_start;
            *last -= body_start;
        }
    }
    let shown = Shown {
        body,
        matches: &in_body,
        weights: &weights,
        witnesses: &in_words,
        favoured: &about,
        named: &named,
        chars,
    };
    // An operator may hold by words of this passage and its neighbours.
    let reach = |passage: usize| {
        let next = found.passages.get(passage + 1).map_or(u32::MAX, |next| next.position - body_start);
        let here = found.passages[passage].position - body_start..next;
        let of = |word: u32| found.passage_of(word + body_start).unwrap_or(passage);
        let goes_over = in_words.iter().flatten().filter(|(first, last)| {
            here.contains(first) != here.contains(last) && ((last - first) as usize) < WIDEST * chars / 2
        });
        goes_over
            .fold((passage, passage), |(from, to), &(first, last)| (from.min(of(first)), to.max(of(last))))
    };
    let mut candidates: Vec<PassageHit> = Vec::new();
    for scored in with_bonus(statistics, found, &bonus) {
        let Scored { passage, score, named, .. } = scored;
        let start = found.passages[passage];
        let span = Span::new(start.byte as usize, ends(passage));
        if !span.of(body).trim().is_empty() {
            let mut cut = |from: usize, to: usize| {
                let all = Span::new(found.passages[from].byte as usize, ends(to));
                shown.snippet(all, found.passages[from].position - body_start, analyzer)
            };
            let (from, to) = reach(passage);
            let mut snippet = cut(from, to);
            // A stretch that is too long for one text is shown in two, each of its own passage.
            let is_here = snippet.span.start < span.end && span.start < snippet.span.end;
            if from < to && !(is_here && snippet.shows.contains(&true)) {
                snippet = cut(passage, passage);
            }
            snippet.has = said_by(plan, &snippet.has);
            candidates.push(PassageHit {
                snippet,
                span,
                score,
                said: said_in(statistics, found, &scored),
                named,
            });
        }
    }
    let passages = chosen(statistics, candidates, request.passages);
    let title_tokens = analyzer.tokens(&record.article.title);
    let title = highlights(&title_tokens, &in_title, &weights);
    let clauses = plan.clauses.iter().zip(&found.has);
    let has = clauses.filter(|(clause, _)| clause.need != Need::May).map(|(_, has)| *has).collect();
    let count = |positions: &Vec<u32>| u32::try_from(positions.len()).unwrap_or(u32::MAX);
    Ok(Hit {
        tier: ranked.tier,
        score: ranked.score,
        parts: found.parts.clone().unwrap_or(Parts { words: ranked.score, ..Parts::default() }),
        counts: found.positions.iter().map(count).collect(),
        copies: ranked.copies,
        has,
        title,
        passages,
        record,
    })
}

/// How many words the names have that lookups ask for, by lookup and position. The index has where they start.
fn name_lengths(
    plan: &Plan,
    record: &Record,
    body_start: u32,
    analyzer: &mut Analyzer,
) -> FxHashMap<(u16, u32), u32> {
    let mut lengths = FxHashMap::default();
    let is_name = |pattern: &Pattern| matches!(pattern, Pattern::Mention(_));
    let lookups: Vec<(u16, &[Pattern])> =
        (0..).zip(&plan.wanted).map(|(at, lookup)| (at, lookup.parts[0].as_slice())).collect();
    if !lookups.iter().any(|(_, patterns)| patterns.iter().any(is_name)) {
        return lengths;
    }
    let narrow = |words: usize| u32::try_from(words).unwrap_or(u32::MAX);
    let Record { article, mentions, .. } = record;
    for (part, text, from) in [(Part::Title, &article.title, 0), (Part::Body, &article.body, body_start)] {
        let tokens = analyzer.tokens(text);
        for mention in mentions.iter().filter(|mention| mention.part == part) {
            let name = Pattern::Mention(annotation_term(&mention.referent));
            let words = tokens.within(mention.span);
            let position = from.saturating_add(narrow(words.start));
            for (lookup, _) in lookups.iter().filter(|(_, patterns)| patterns.contains(&name)) {
                lengths.insert((*lookup, position), narrow(words.len()).max(1));
            }
        }
    }
    lengths
}

/// Mentions in the body of what filters and conditions ask for.
pub(super) fn favoured(plan: &Plan, record: &Record) -> Vec<Span> {
    let (named, places) = plan.named();
    let is_wanted = |referent: &Referent| match referent {
        Referent::Entity(id) => named.contains(&id.as_str()),
        Referent::Region(code) => {
            !places.is_empty()
                && std::iter::once(*code)
                    .chain(regions().ancestors(*code))
                    .any(|code| places.contains(&code.0))
        }
    };
    let in_body = record.mentions.iter().filter(|mention| mention.part == Part::Body);
    in_body.filter(|mention| is_wanted(&mention.referent)).map(|mention| mention.span).collect()
}

/// For each lookup whether a text that has some says it; what stands for others only where they are not there.
fn said_by(plan: &Plan, has: &[bool]) -> Vec<bool> {
    let each = plan.wanted.iter().enumerate();
    let is_said =
        |lookup: &Lookup| !lookup.stands_for.is_empty() && lookup.stands_for.iter().all(|&typed| has[typed]);
    each.map(|(at, lookup)| has[at] && !is_said(lookup)).collect()
}

/// Mentions in the body of what lookups name.
fn named(plan: &Plan, record: &Record) -> Vec<Span> {
    let terms: FxHashSet<&str> = plan
        .wanted
        .iter()
        .flat_map(|lookup| &lookup.parts[0])
        .filter_map(|pattern| if let Pattern::Mention(term) = pattern { Some(term.as_str()) } else { None })
        .collect();
    if terms.is_empty() {
        return Vec::new();
    }
    let in_body = record.mentions.iter().filter(|mention| mention.part == Part::Body);
    let asked = in_body.filter(|mention| terms.contains(annotation_term(&mention.referent).as_str()));
    asked.map(|mention| mention.span).collect()
}

/// The passages that may be shown, in order of place: those with words of the query. To name what the filters ask for is
/// worth less than any word. Where the body has none of the words, those that name it may be shown, or the first.
pub(super) fn with_bonus(statistics: &Statistics, found: &Evidence, bonus: &[bool]) -> Vec<Scored> {
    let named = naming(statistics.idf.iter().copied());
    let mut candidates = scored_passages(statistics, found);
    for candidate in candidates.iter_mut().filter(|candidate| bonus[candidate.passage]) {
        candidate.score += named;
        candidate.named = named;
    }
    if candidates.is_empty() {
        let naming = (0..bonus.len()).filter(|&passage| bonus[passage]);
        candidates.extend(naming.map(|passage| Scored { passage, score: named, has: 0, named }));
    }
    if candidates.is_empty() && !found.passages.is_empty() {
        candidates.push(Scored { passage: 0, score: 0.0, has: 0, named: 0.0 });
    }
    candidates.sort_by_key(|scored| scored.passage);
    candidates
}

/// The passages to show: the one whose text says most, then those that still say something beside it. What the chosen
/// ones have counts half the second time, and an operator that holds in one of them counts no more.
fn chosen(statistics: &Statistics, mut candidates: Vec<PassageHit>, limit: usize) -> Vec<PassageHit> {
    /// A further passage says at least this part of what the query asks.
    const WORTH: f32 = 0.25;
    let mut chosen: Vec<PassageHit> = Vec::new();
    let all: f32 = statistics.idf.iter().sum();
    while chosen.len() < limit {
        let is_known = |lookup: usize| chosen.iter().any(|chosen| chosen.snippet.has[lookup]);
        let is_shown = |operator: usize| chosen.iter().any(|chosen| chosen.snippet.shows[operator]);
        #[allow(clippy::cast_precision_loss, reason = "a few operators")]
        let again = |Snippet { has, shows, .. }: &Snippet| -> f32 {
            let known = (0..has.len()).filter(|&lookup| has[lookup] && is_known(lookup));
            let shown = (0..shows.len()).filter(|&operator| shows[operator] && is_shown(operator)).count();
            known.map(|lookup| statistics.idf[lookup]).sum::<f32>() / 2.0 + DECISIVE * all * shown as f32
        };
        let value = |at: usize| candidates[at].snippet.value - again(&candidates[at].snippet);
        let says_more = |at: &usize| {
            let Snippet { has, shows, .. } = &candidates[*at].snippet;
            let adds = (0..has.len()).any(|lookup| has[lookup] && !is_known(lookup))
                || (0..shows.len()).any(|operator| shows[operator] && !is_shown(operator));
            adds || (value(*at) >= WORTH * all && has.contains(&true))
        };
        let best = (0..candidates.len())
            .filter(|at| chosen.is_empty() || says_more(at))
            .max_by(|&a, &b| value(a).total_cmp(&value(b)).then(b.cmp(&a)));
        let Some(best) = best else { break };
        let best = candidates.remove(best);
        // One that goes on into the next leaves nothing to show twice.
        let shown = best.snippet.span;
        candidates
            .retain(|other| other.snippet.span.end <= shown.start || shown.end <= other.snippet.span.start);
        chosen.push(best);
    }
    chosen
}
