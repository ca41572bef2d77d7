//! Where the words of a query stand in articles that were found: read from positions, for scores, passages and highlights
//! alike.

use rustc_hash::FxHashMap;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, Term};

use super::collect::Ranked;
use super::cursor::Opener;
use super::rank::{Parts, StandIn, Statistics};
use super::walk::{Compiler, Places, Walk};
use crate::error::Result;
use crate::index::{Address, Columns, Reader};
use crate::plan::Plan;
use crate::schema::Start;

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
