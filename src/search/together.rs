//! Who and what appears together with something, passage by passage.
//!
//! The passages that mention an entity, or hold most of a query (of alternatives, one), are compared with all others: what
//! is named in them more often than chance would have it stands with the subject. How much more is told by the
//! log-likelihood ratio, which unlike mutual information does not favour what occurs once and unlike a count does
//! not favour what occurs everywhere (Dunning, *Accurate Methods for the Statistics of Surprise and Coincidence*,
//! Computational Linguistics 19(1), 1993):
//!
//! ```text
//!                        passages with the subject   without it
//! with the other                   both              total - both
//! without the other            subject - both            rest
//! ```
//!
//! A title is a passage here. Of the copies of one story one is counted, and withdrawn articles are not.
//!
//! The work is bounded. Where more than [`SUBJECT_ARTICLES`] articles have the subject, the newest are looked at.
//! Who stands in the same articles comes from columns, cheaply; the same measure over articles picks the
//! [`CANDIDATES`] whose positions are then read. On an index of 36,230 articles the whole command took 40 ms for
//! `Federal Reserve` (849 articles, 1,292 passages) and 0.13 s for the word `company` (15,605 and 33,100), of two
//! runs the second.

use std::cmp::Reverse;

use rustc_hash::{FxHashMap, FxHashSet};
use tantivy::postings::Postings;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, TERMINATED, Term};

use super::collect::{Ranked, collect};
use super::evidence::gather;
use super::rank::Statistics;
use super::{Request, Tier, failed};
use crate::analyzer::GAP;
use crate::annotate::{Part, Referent};
use crate::article::{Span, Status};
use crate::error::Result;
use crate::gazetteer::{EntityId, entities, regions};
use crate::index::{Address, Reader};
use crate::plan::{Expr, Plan};
use crate::schema::{Record, Start, annotation_term};
use crate::snippet::{Match, Shown, TARGET_CHARS, Weight};
use crate::words::{Analyzer, Shape, is_stop_word};

/// Articles with the subject that are looked at.
pub const SUBJECT_ARTICLES: usize = 20_000;

/// Others whose passages are counted.
pub const CANDIDATES: usize = 400;

/// Articles whose text is read for words.
const READ_ARTICLES: usize = 300;

/// What others are looked for.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Which articles; its words say which of their passages, unless there are names.
    pub plan: Plan,
    /// Whose mentions say which passages. What lies in a region is a part of the subject.
    pub named: Vec<Referent>,
}

impl Subject {
    /// Its names, with what lies in regions.
    fn whole(&self) -> Vec<Referent> {
        let parts = regions().iter().filter(|part| {
            let ancestors = regions().ancestors(part.code);
            self.named.iter().any(|name| matches!(name, Referent::Region(code) if ancestors.contains(code)))
        });
        let parts = parts.map(|part| Referent::Region(part.code));
        self.named.iter().cloned().chain(parts).collect()
    }
}

/// Which others are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Partners {
    /// Organisations, people and regions.
    Named,
    /// Entities whose ids start so.
    Entities(&'static str),
    Regions,
    /// Stems of words.
    Words,
}

/// Something that stands with the subject.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Other {
    Named(Referent),
    /// A stem, and the form in which most passages have it.
    Word {
        stem: String,
        form: String,
    },
}

/// What stands with a subject.
#[derive(Debug, Clone, Default)]
pub struct Together {
    /// Articles that have the subject.
    pub articles: u64,
    /// How many of them were looked at.
    pub looked_at: u64,
    /// Passages with the subject in those.
    pub passages: u64,
    /// All passages.
    pub of: u64,
    /// The strongest first.
    pub others: Vec<Companion>,
}

/// Something that stands with a subject, and the passage that shows it.
#[derive(Debug, Clone)]
pub struct Companion {
    pub other: Other,
    /// Passages with both.
    pub both: u64,
    /// Passages with it.
    pub total: u64,
    /// The log-likelihood ratio.
    pub score: f64,
    pub proof: Proof,
}

/// A passage with both.
#[derive(Debug, Clone)]
pub struct Proof {
    pub record: Record,
    pub part: Part,
    /// Bytes of the title or body.
    pub span: Span,
    /// Bytes of the same text, in order, apart from each other.
    pub highlights: Vec<Span>,
}

/// A passage of an article; the title is 0, and those of the body follow.
type Unit = (DocId, u32);

/// Finds what stands with a subject.
///
/// # Errors
/// Where the index cannot be read.
pub fn together(reader: &Reader, subject: &Subject, wanted: Partners, limit: usize) -> Result<Together> {
    let request = Request { copies: true, ..Request::of(subject.plan.clone()) };
    let statistics = Statistics::gather(reader, &request.plan)?;
    let found = collect(reader, &request, &statistics, Tier::All, SUBJECT_ARTICLES, &[])?;
    let mut table = Table::open(reader)?;
    let mut ranked: Vec<Ranked> = found.best;
    ranked.retain(|ranked| table.counts[ranked.address.segment][ranked.address.document as usize]);
    ranked.sort_unstable_by_key(|ranked| ranked.address);
    let mut result = Together {
        articles: found.total,
        looked_at: ranked.len() as u64,
        of: table.units,
        ..Together::default()
    };
    if subject.named.is_empty() {
        table.units_with_words(&request.plan, &statistics, &ranked)?;
    } else {
        table.units_with_mentions(&subject.whole(), &ranked)?;
    }
    result.passages = table.subject.iter().map(|units| units.len() as u64).sum();
    let candidates = match wanted {
        Partners::Words => table.words(subject, &ranked)?,
        _ => table.named(subject, wanted)?,
    };
    let mut measured = Vec::new();
    for other in candidates {
        // A word that is there once says nothing; a name may.
        let least = if wanted == Partners::Words { 2 } else { 1 };
        let Some(found) = table.measure(&other)?.filter(|found| found.both >= least) else { continue };
        let score = log_likelihood(found.both, result.passages, found.total, result.of);
        if score > 0.0 {
            measured.push((other, found, score));
        }
    }
    measured.sort_by(|a, b| b.2.total_cmp(&a.2).then_with(|| a.0.cmp(&b.0)));
    measured.truncate(limit);
    let mut analyzer = Analyzer::for_places();
    for (other, found, score) in measured {
        let proof = table.proof(subject, &other, &found, &mut analyzer)?;
        result.others.push(Companion { other, both: found.both, total: found.total, score, proof });
    }
    Ok(result)
}

/// Dunning's ratio, 0 where the two stand together no more often than chance would have it. `both` of `subject`
/// and `total` are of `all`.
#[allow(clippy::cast_precision_loss, reason = "counts of passages")]
fn log_likelihood(both: u64, subject: u64, total: u64, all: u64) -> f64 {
    let cells = [
        both,
        subject.saturating_sub(both),
        total.saturating_sub(both),
        (all + both).saturating_sub(subject + total),
    ];
    let [both, only_subject, only_other, neither] = cells.map(|count| count as f64);
    if both * (only_other + neither) <= only_other * (both + only_subject) {
        return 0.0;
    }
    let part = |count: f64| if count > 0.0 { count * count.ln() } else { 0.0 };
    let rows = part(both + only_subject) + part(only_other + neither);
    let columns = part(both + only_other) + part(only_subject + neither);
    let inside = part(both) + part(only_subject) + part(only_other) + part(neither);
    2.0 * (inside + part(both + only_subject + only_other + neither) - rows - columns)
}

/// How often something stands with the subject, and where best.
struct Measured {
    both: u64,
    total: u64,
    segment: usize,
    best: Unit,
    /// Where it is in the best passage.
    positions: Vec<u32>,
}

/// The passages of the index.
struct Table<'a> {
    reader: &'a Reader,
    /// For each segment which articles count.
    counts: Vec<Vec<bool>>,
    /// How many passages they have.
    units: u64,
    /// For each segment the passages with the subject, and where in them it is.
    subject: Vec<FxHashMap<Unit, Vec<u32>>>,
}

impl<'a> Table<'a> {
    fn open(reader: &'a Reader) -> Result<Table<'a>> {
        let mut table = Table { reader, counts: Vec::new(), units: 0, subject: Vec::new() };
        let withdrawn = Term::from_field_text(reader.fields().status, Status::Withdrawn.as_str());
        for (ordinal, segment) in reader.segments().iter().enumerate() {
            let mut counts = vec![false; segment.max_doc() as usize];
            segment.doc_ids_alive().for_each(|document| counts[document as usize] = true);
            let columns = reader.columns(ordinal)?;
            if !reader.groups().is_empty() {
                for (document, counts) in (0..).zip(&mut counts) {
                    let key = columns.keys.first(document).unwrap_or_default();
                    // A story is named by the least of its keys.
                    *counts &= reader.groups().story(key).is_none_or(|story| story == key);
                }
            }
            let inverted = segment.inverted_index(reader.fields().status).map_err(failed)?;
            let postings = inverted.read_postings(&withdrawn, IndexRecordOption::Basic).map_err(failed)?;
            if let Some(mut postings) = postings {
                while postings.doc() != TERMINATED {
                    counts[postings.doc() as usize] = false;
                    postings.advance();
                }
            }
            let there = (0..).zip(&counts).filter(|(_, counts)| **counts).map(|(document, _)| document);
            table.units += there
                .map(|document| 1 + columns.passages.values_for_doc(document).count() as u64)
                .sum::<u64>();
            table.counts.push(counts);
            table.subject.push(FxHashMap::default());
        }
        Ok(table)
    }

    /// Where the passages of an article start, without its title.
    fn starts(&self, segment: usize, document: DocId) -> Result<Vec<Start>> {
        Ok(self.reader.columns(segment)?.passages.values_for_doc(document).map(Start::unpack).collect())
    }

    /// Calls `each` for every article that counts and has a term, in order, with the positions.
    fn walk(
        &self,
        segment: usize,
        field: Field,
        term: &str,
        each: &mut dyn FnMut(DocId, &[u32]) -> Result<()>,
    ) -> Result<()> {
        let inverted = self.reader.segments()[segment].inverted_index(field).map_err(failed)?;
        let term = Term::from_field_text(field, term);
        let postings =
            inverted.read_postings(&term, IndexRecordOption::WithFreqsAndPositions).map_err(failed)?;
        let Some(mut postings) = postings else { return Ok(()) };
        let mut positions = Vec::new();
        while postings.doc() != TERMINATED {
            if self.counts[segment][postings.doc() as usize] {
                positions.clear();
                postings.append_positions_with_offset(0, &mut positions);
                each(postings.doc(), &positions)?;
            }
            postings.advance();
        }
        Ok(())
    }

    /// Takes the passages of some articles that mention any of these as those of the subject.
    fn units_with_mentions(&mut self, named: &[Referent], ranked: &[Ranked]) -> Result<()> {
        let within: FxHashSet<Address> = ranked.iter().map(|ranked| ranked.address).collect();
        for segment in 0..self.counts.len() {
            let mut units = std::mem::take(&mut self.subject[segment]);
            for referent in named {
                self.walk(
                    segment,
                    self.reader.fields().annotation,
                    &annotation_term(referent),
                    &mut |document, positions| {
                        if within.contains(&Address { segment, document }) {
                            let starts = self.starts(segment, document)?;
                            for &position in positions {
                                units
                                    .entry((document, unit_of(&starts, position)))
                                    .or_default()
                                    .push(position);
                            }
                        }
                        Ok(())
                    },
                )?;
            }
            // Those of several names are in the order of the names.
            for positions in units.values_mut() {
                positions.sort_unstable();
            }
            self.subject[segment] = units;
        }
        Ok(())
    }

    /// Takes the passages of some articles that hold more than half of a query.
    fn units_with_words(&mut self, plan: &Plan, statistics: &Statistics, ranked: &[Ranked]) -> Result<()> {
        /// Articles whose positions are in memory at once.
        const CHUNK: usize = 1000;
        for chunk in ranked.chunks(CHUNK) {
            let mut known = FxHashMap::default();
            gather(self.reader, plan, statistics, chunk, &mut known)?;
            for (address, evidence) in known {
                let mut units: FxHashMap<u32, (u64, Vec<u32>)> = FxHashMap::default();
                for (lookup, positions) in evidence.positions.iter().enumerate() {
                    for &position in positions {
                        let (has, all) = units.entry(unit_of(&evidence.passages, position)).or_default();
                        *has |= 1 << lookup;
                        all.push(position);
                    }
                }
                let exprs = || plan.asked().map(|clause| &clause.expr);
                let most = units.into_iter().filter(|(_, (has, _))| {
                    mean(exprs().filter_map(|expr| held(expr, *has))).is_some_and(|part| part > 0.5)
                });
                let most = most.map(|(unit, (_, positions))| ((address.document, unit), positions));
                self.subject[address.segment].extend(most);
            }
        }
        Ok(())
    }

    /// Who and where stands in the same articles, the most telling first.
    fn named(&self, subject: &Subject, wanted: Partners) -> Result<Vec<Other>> {
        let columns: &[&str] = match wanted {
            Partners::Named => &["entity", "region_direct"],
            Partners::Regions => &["region_direct"],
            Partners::Entities(_) | Partners::Words => &["entity"],
        };
        let all: u64 = self.counts.iter().flatten().map(|counts| u64::from(*counts)).sum();
        let mut inside: u64 = 0;
        let mut counts: FxHashMap<Other, (u64, u64)> = FxHashMap::default();
        for (segment, units) in self.subject.iter().enumerate() {
            let documents: FxHashSet<DocId> = units.keys().map(|(document, _)| *document).collect();
            inside += documents.len() as u64;
            for name in columns {
                let Some(column) = self.reader.text_column(segment, name)? else { continue };
                let mut both: FxHashMap<u64, u64> = FxHashMap::default();
                for document in &documents {
                    column.term_ords(*document).for_each(|ordinal| *both.entry(ordinal).or_default() += 1);
                }
                let mut value = String::new();
                for (ordinal, both) in both {
                    column.ord_to_str(ordinal, &mut value).map_err(failed)?;
                    let Some(other) = other(name, &value) else { continue };
                    counts.entry(other).or_default().0 += both;
                }
            }
        }
        counts.retain(|other, _| match (other, wanted) {
            (Other::Named(Referent::Entity(id)), Partners::Entities(start)) => id.as_str().starts_with(start),
            _ => true,
        });
        // The subject stands with itself, and what is asked of every article stands with everything.
        let whole = subject.whole();
        let (named, places) = subject.plan.named();
        counts.retain(|other, _| match other {
            Other::Named(referent @ Referent::Entity(id)) => {
                !whole.contains(referent) && !named.contains(&id.as_str())
            }
            Other::Named(referent @ Referent::Region(code)) => {
                !whole.contains(referent) && !places.contains(&code.0)
            }
            Other::Word { .. } => true,
        });
        let mut scored = Vec::new();
        for (other, (both, _)) in counts {
            let total = self.frequency(&other)?.max(both);
            scored.push((other, both, log_likelihood(both, inside, total, all)));
        }
        scored.sort_by(|a, b| b.2.total_cmp(&a.2).then(b.1.cmp(&a.1)).then_with(|| a.0.cmp(&b.0)));
        Ok(scored.into_iter().take(CANDIDATES).map(|(other, ..)| other).collect())
    }

    /// Stems in the passages of the subject, the most telling first, as far as some of the articles tell.
    fn words(&self, subject: &Subject, ranked: &[Ranked]) -> Result<Vec<Other>> {
        // From all over the index, for what is new may all be of one kind.
        let read = ranked.iter().step_by(ranked.len().div_ceil(READ_ARTICLES).max(1));
        let mut analyzer = Analyzer::default();
        // The subject stands with itself.
        let mut asked: FxHashSet<String> =
            subject.plan.wanted.iter().flat_map(|lookup| lookup.stems().map(str::to_owned)).collect();
        for referent in &subject.named {
            let name = match referent {
                Referent::Entity(id) => entities().name(id.as_str()),
                Referent::Region(code) => regions().name(code.0).into(),
            };
            let tokens = analyzer.tokens(&name);
            asked.extend((0..tokens.len()).map(|word| tokens.stem(word).to_owned()));
        }
        // In how many passages a stem is, and each of its forms.
        let mut counts: FxHashMap<String, (u64, FxHashMap<String, u64>)> = FxHashMap::default();
        let mut inside = 0;
        for ranked in read {
            let Address { segment, document } = ranked.address;
            let starts = self.starts(segment, document)?;
            let units = (0..=starts.len()).map(|unit| u32::try_from(unit).unwrap_or(u32::MAX));
            let units: Vec<u32> =
                units.filter(|unit| self.subject[segment].contains_key(&(document, *unit))).collect();
            if units.is_empty() {
                continue;
            }
            let record = self.reader.record(ranked.address)?;
            inside += units.len() as u64;
            for unit in units {
                let (text, span) = text_of(&record, &starts, unit);
                let tokens = analyzer.tokens(span.of(text));
                let words = (0..tokens.len())
                    .filter(|&word| tokens.shape(word) != Shape::Number && !is_stop_word(tokens.folded(word)))
                    .map(|word| (tokens.stem(word), tokens.exact(word)))
                    .filter(|(stem, _)| stem.chars().count() > 2 && !asked.contains(*stem));
                let mut words: Vec<(&str, &str)> = words.collect();
                words.sort_unstable();
                words.dedup();
                for forms in words.chunk_by(|a, b| a.0 == b.0) {
                    let (both, counted) = counts.entry(forms[0].0.to_owned()).or_default();
                    *both += 1;
                    for (_, form) in forms {
                        *counted.entry((*form).to_owned()).or_default() += 1;
                    }
                }
            }
        }
        let mut scored = Vec::new();
        for (stem, (both, forms)) in counts {
            let most = forms.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| a.0.cmp(&b.0)));
            let other = Other::Word { stem, form: most.map(|(form, _)| form).unwrap_or_default() };
            // Articles for passages: near enough to choose by.
            let total = self.frequency(&other)?.max(both);
            scored.push((log_likelihood(both, inside, total, self.units), other));
        }
        scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        Ok(scored.into_iter().take(CANDIDATES).map(|(_, other)| other).collect())
    }

    /// In how many articles it is.
    fn frequency(&self, other: &Other) -> Result<u64> {
        let (field, term) = self.term(other);
        let term = Term::from_field_text(field, &term);
        let mut articles = 0;
        for segment in self.reader.segments() {
            let inverted = segment.inverted_index(field).map_err(failed)?;
            articles += u64::from(inverted.doc_freq(&term).map_err(failed)?);
        }
        Ok(articles)
    }

    fn term(&self, other: &Other) -> (Field, String) {
        match other {
            Other::Named(referent) => (self.reader.fields().annotation, annotation_term(referent)),
            Other::Word { stem, .. } => (self.reader.fields().text, stem.clone()),
        }
    }

    /// Counts the passages with something, and those with the subject too. `None` where there is none of those.
    fn measure(&self, other: &Other) -> Result<Option<Measured>> {
        let (field, term) = self.term(other);
        let (mut both, mut total) = (0, 0);
        // By how much is said of the two; the body before the title, and the first before others.
        let (mut best, mut most) = (None, (false, 0));
        for segment in 0..self.counts.len() {
            self.walk(segment, field, &term, &mut |document, positions| {
                let starts = self.starts(segment, document)?;
                let mut rest = positions;
                while let Some(&first) = rest.first() {
                    let unit = unit_of(&starts, first);
                    let count = rest.partition_point(|&position| unit_of(&starts, position) == unit);
                    let (here, after) = rest.split_at(count);
                    rest = after;
                    total += 1;
                    let Some(subject) = self.subject[segment].get(&(document, unit)) else { continue };
                    both += 1;
                    let said = (unit > 0, here.len().min(subject.len()));
                    if said > most {
                        most = said;
                        best = Some((segment, (document, unit), here.to_vec()));
                    }
                }
                Ok(())
            })?;
        }
        Ok(best.map(|(segment, best, positions)| Measured { both, total, segment, best, positions }))
    }

    /// Cuts the passage to show.
    fn proof(
        &self,
        subject: &Subject,
        other: &Other,
        found: &Measured,
        analyzer: &mut Analyzer,
    ) -> Result<Proof> {
        let (document, unit) = found.best;
        let record = self.reader.record(Address { segment: found.segment, document })?;
        let starts = self.starts(found.segment, document)?;
        let part = if unit == 0 { Part::Title } else { Part::Body };
        let (text, span) = text_of(&record, &starts, unit);
        let first = if unit == 0 { 0 } else { starts[unit as usize - 1].position };
        let marked = &self.subject[found.segment][&found.best];
        let word =
            |clause: u16| move |&position: &u32| Match { word: position - first, clause, goes_on: false };
        let mut matches: Vec<Match> =
            marked.iter().map(word(0)).chain(found.positions.iter().map(word(1))).collect();
        matches.sort_unstable();
        matches.dedup();
        let weights = [1.0, 1.0].map(|rarity| Weight {
            rarity,
            words: 1,
            stands_for: Vec::new(),
            stem: None,
            is_name: false,
        });
        let passage = span.of(text);
        let shown = Shown {
            body: passage,
            matches: &matches,
            weights: &weights,
            witnesses: &[],
            favoured: &[],
            named: &[],
            chars: TARGET_CHARS,
        };
        let whole = Span::new(0, passage.len());
        let mut cut = shown.snippet(whole, 0, analyzer);
        // Sentences that lack one of the two prove nothing.
        let tokens = analyzer.tokens(passage);
        let has = |cut: Span, positions: &[u32]| {
            positions.iter().any(|position| cut.contains(tokens.span((position - first) as usize)))
        };
        let shows_both = |cut: Span| has(cut, marked) && has(cut, &found.positions);
        if !shows_both(cut.span) {
            let chars = passage.len();
            cut = Shown { chars, ..shown }.snippet(whole, 0, &mut Analyzer::for_places());
        }
        let moved = |inner: Span| Span { start: inner.start + span.start, end: inner.end + span.start };
        let shown = moved(cut.span);
        // Names are marked whole, from where they are stored.
        let subject_names = subject.whole();
        let is_meant = |referent: &Referent| {
            *other == Other::Named(referent.clone()) || subject_names.contains(referent)
        };
        let names =
            record.mentions.iter().filter(|mention| mention.part == part && is_meant(&mention.referent));
        let mut highlights: Vec<Span> =
            names.map(|mention| mention.span).chain(cut.highlights.into_iter().map(moved)).collect();
        highlights.retain(|span| shown.contains(*span));
        highlights.sort_unstable_by_key(|span| (span.start, Reverse(span.end)));
        highlights.dedup_by(|next, kept| {
            let overlaps = next.start < kept.end;
            kept.end = if overlaps { kept.end.max(next.end) } else { kept.end };
            overlaps
        });
        Ok(Proof { part, span: shown, highlights, record })
    }
}

/// How much of an expression a passage with these lookups holds: of alternatives the best, of others the mean. `None`
/// where it asks for nothing that has a place.
fn held(expr: &Expr, has: u64) -> Option<f32> {
    match expr {
        Expr::Wanted(lookup) => Some(if has >> lookup & 1 == 1 { 1.0 } else { 0.0 }),
        Expr::Silent(_) | Expr::Condition(_) | Expr::Not(_) => None,
        Expr::Any(parts) => parts.iter().filter_map(|part| held(part, has)).reduce(f32::max),
        Expr::All(parts)
        | Expr::Near(parts, _)
        | Expr::Loose(parts, _)
        | Expr::Sentence(parts)
        | Expr::Passage(parts) => mean(parts.iter().filter_map(|part| held(part, has))),
        Expr::AtLeast(_, part) | Expr::First(_, part) => held(part, has),
    }
}

#[allow(clippy::cast_precision_loss, reason = "parts of a query")]
fn mean(parts: impl Iterator<Item = f32>) -> Option<f32> {
    let (mut sum, mut count) = (0.0, 0);
    parts.for_each(|part| (sum, count) = (sum + part, count + 1));
    (count > 0).then(|| sum / count as f32)
}

/// What a value of a column names.
fn other(column: &str, value: &str) -> Option<Other> {
    let referent = match column {
        "region_direct" => Referent::Region(regions().get(value)?.code),
        _ => Referent::Entity(EntityId(value.to_owned().into())),
    };
    Some(Other::Named(referent))
}

/// The passage that holds a position: 0 is the title.
fn unit_of(starts: &[Start], position: u32) -> u32 {
    // Between title and body is a gap, so whatever comes before the body is the title's.
    debug_assert!(starts.first().is_none_or(|start| start.position >= GAP));
    u32::try_from(starts.partition_point(|start| start.position <= position)).unwrap_or(u32::MAX)
}

/// The text that a passage is of, and its bytes there.
fn text_of<'r>(record: &'r Record, starts: &[Start], unit: u32) -> (&'r str, Span) {
    let article = &record.article;
    let Some(at) = (unit as usize).checked_sub(1) else {
        return (&article.title, Span::new(0, article.title.len()));
    };
    let end = starts.get(at + 1).map_or(article.body.len(), |next| next.byte as usize);
    (&article.body, Span::new(starts[at].byte as usize, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternatives_are_held_by_one() {
        let words = |lookups: &[usize]| lookups.iter().map(|at| Expr::Wanted(*at)).collect::<Vec<_>>();
        let any = Expr::Any(words(&[0, 1, 2]));
        assert_eq!((held(&any, 0b010), held(&any, 0b1000)), (Some(1.0), Some(0.0)));
        let both = Expr::All(vec![any, Expr::Wanted(3), Expr::Silent(0)]);
        assert_eq!((held(&both, 0b0100), held(&both, 0b1001)), (Some(0.5), Some(1.0)));
        assert_eq!(held(&Expr::Not(Box::new(both)), 0b1), None);
        assert_eq!(held(&Expr::AtLeast(3, Box::new(Expr::Near(words(&[0, 1]), Vec::new()))), 0b1), Some(0.5));
    }

    #[test]
    fn the_ratio_is_dunnings() {
        // From table 5 of the paper, as worked out by its formula: `the swiss` among 31,777 bigrams.
        let score = log_likelihood(110, 2552, 221, 31_777);
        assert!((score - 270.72).abs() < 0.05, "{score}");
        assert!(log_likelihood(1, 100, 100, 10_000) <= 0.0);
        assert!(log_likelihood(0, 0, 0, 0) <= 0.0);
        assert!(log_likelihood(5, 5, 5, 5) <= 0.0);
    }
}
