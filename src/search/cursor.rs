//! Walks the articles that may have a lookup, and says where in them it is.

use tantivy::fastfield::Column;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, HasLen, SegmentReader, TERMINATED, Term};

use super::failed;
use super::terms::{Alternatives, Resolved, Terms};
use crate::analyzer::GAP;
use crate::error::Result;
use crate::index::{Columns, Reader};
use crate::plan::Lookup;
use crate::query::Part;
use crate::schema::Start;

/// Walks the articles that may have something, in order.
#[allow(clippy::large_enum_variant, reason = "a handful a query, and the large one is the usual one")]
pub(super) enum Cursor {
    Nothing,
    One(SegmentPostings),
    Any(Several),
    Phrase(Box<Phrase>),
}

impl Cursor {
    /// Moves to the first candidate at or after `target`, never back.
    pub(super) fn seek(&mut self, target: DocId) -> DocId {
        match self {
            Cursor::Nothing => TERMINATED,
            Cursor::One(postings) => {
                if postings.doc() < target {
                    postings.seek(target)
                } else {
                    postings.doc()
                }
            }
            Cursor::Any(several) => several.seek(target),
            Cursor::Phrase(phrase) => phrase.seek(target),
        }
    }

    /// Whether `document`, not before the present one, matches.
    pub(super) fn is_at(&mut self, document: DocId) -> bool {
        self.seek(document) == document && self.holds()
    }

    /// Whether the present candidate really matches.
    pub(super) fn holds(&mut self) -> bool {
        match self {
            Cursor::Nothing => false,
            Cursor::One(_) | Cursor::Any(_) => true,
            Cursor::Phrase(phrase) => phrase.frequency() > 0,
        }
    }

    /// Occurrences in the present article.
    pub(super) fn frequency(&mut self) -> u32 {
        match self {
            Cursor::Nothing => 0,
            Cursor::One(postings) => postings.term_freq(),
            Cursor::Any(several) => several.present().map(|postings| postings.term_freq()).sum(),
            Cursor::Phrase(phrase) => phrase.frequency(),
        }
    }

    /// How many articles it may lead through.
    pub(super) fn cost(&self) -> usize {
        match self {
            Cursor::Nothing => 0,
            Cursor::One(postings) => postings.len(),
            Cursor::Any(several) => several.cost(),
            Cursor::Phrase(phrase) => phrase.parts.iter().map(|part| part.any.cost()).min().unwrap_or(0),
        }
    }

    /// Appends the positions in the present article where a match starts, sorted.
    pub(super) fn positions(&mut self, found: &mut Vec<u32>) {
        match self {
            Cursor::Nothing => {}
            Cursor::One(postings) => postings.append_positions_with_offset(0, found),
            Cursor::Any(several) => several.positions(found),
            Cursor::Phrase(phrase) => {
                phrase.frequency();
                found.extend_from_slice(&phrase.starts);
            }
        }
    }
}

/// Postings of which any will do.
pub(super) struct Several {
    postings: Vec<SegmentPostings>,
    /// Where each of them is, side by side, because many are looked at and few are moved.
    at: Vec<DocId>,
    document: DocId,
}

impl Several {
    pub(super) fn new(postings: Vec<SegmentPostings>) -> Several {
        let at: Vec<DocId> = postings.iter().map(DocSet::doc).collect();
        let document = at.iter().copied().min().unwrap_or(TERMINATED);
        Several { postings, at, document }
    }

    pub(super) fn seek(&mut self, target: DocId) -> DocId {
        if self.document < target {
            let mut least = TERMINATED;
            for (index, at) in self.at.iter_mut().enumerate() {
                if *at < target {
                    *at = self.postings[index].seek(target);
                }
                least = least.min(*at);
            }
            self.document = least;
        }
        self.document
    }

    /// Those that the present article has.
    fn present(&mut self) -> impl Iterator<Item = &mut SegmentPostings> {
        let document = self.document;
        self.postings
            .iter_mut()
            .zip(&self.at)
            .filter(move |(_, at)| **at == document)
            .map(|(postings, _)| postings)
    }

    fn cost(&self) -> usize {
        self.postings.iter().map(HasLen::len).sum()
    }

    fn positions(&mut self, found: &mut Vec<u32>) {
        let before = found.len();
        let mut lists = 0;
        for postings in self.present() {
            postings.append_positions_with_offset(0, found);
            lists += 1;
        }
        if lists > 1 {
            found[before..].sort_unstable();
            found.dedup();
        }
    }
}

/// Words that follow each other, or a word that only counts in some places.
pub(super) struct Phrase {
    parts: Vec<PhrasePart>,
    document: DocId,
    /// Set once the positions of `document` were read.
    is_checked: bool,
    starts: Vec<u32>,
    scratch: Vec<u32>,
    /// The only part of articles where it counts.
    place: Option<Place>,
}

/// What fits at a position of a phrase.
struct PhrasePart {
    any: Several,
    /// What stands at positions that do not fit all the same.
    but: Several,
}

impl Phrase {
    /// A phrase at its first candidate.
    fn new(parts: Vec<PhrasePart>, place: Option<Place>) -> Phrase {
        let mut phrase =
            Phrase { parts, document: 0, is_checked: false, starts: Vec::new(), scratch: Vec::new(), place };
        phrase.document = phrase.next(0);
        phrase
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if self.document < target {
            self.is_checked = false;
            self.document = self.next(target);
        }
        self.document
    }

    /// The first article from `target` on that has every part.
    fn next(&mut self, target: DocId) -> DocId {
        let mut document = target;
        'next: while document != TERMINATED {
            for part in &mut self.parts {
                let found = part.any.seek(document);
                if found != document {
                    document = found;
                    continue 'next;
                }
            }
            return document;
        }
        TERMINATED
    }

    fn frequency(&mut self) -> u32 {
        if !self.is_checked {
            self.is_checked = true;
            self.starts.clear();
            for (offset, part) in (0..).zip(&mut self.parts) {
                let positions = if offset == 0 { &mut self.starts } else { &mut self.scratch };
                positions.clear();
                part.any.positions(positions);
                if part.but.seek(self.document) == self.document {
                    let mut others = Vec::new();
                    part.but.positions(&mut others);
                    positions.retain(|position| others.binary_search(position).is_err());
                }
                if offset > 0 {
                    keep_followed(&mut self.starts, &self.scratch, offset);
                }
                if self.starts.is_empty() {
                    break;
                }
            }
            if let Some(place) = &self.place {
                let (from, to) = place.range(self.document);
                let rest = u32::try_from(self.parts.len() - 1).expect("queries are short");
                self.starts.retain(|&start| from <= start && start.saturating_add(rest) < to);
            }
        }
        u32::try_from(self.starts.len()).unwrap_or(u32::MAX)
    }
}

/// Keeps the starts that have one of `positions` at the given offset. Both are sorted.
fn keep_followed(starts: &mut Vec<u32>, positions: &[u32], offset: u32) {
    let mut at = 0;
    starts.retain(|&start| {
        while at < positions.len() && positions[at] < start + offset {
            at += 1;
        }
        positions.get(at) == Some(&(start + offset))
    });
}

/// Where a part of each article is.
pub(super) struct Place {
    part: Part,
    passages: Column<u64>,
}

impl Place {
    /// Its positions, end exclusive.
    fn range(&self, document: DocId) -> (u32, u32) {
        let mut starts = self.passages.values_for_doc(document).map(|packed| Start::unpack(packed).position);
        let Some(body) = starts.next() else {
            // All there is is a title.
            return if self.part == Part::Title { (0, u32::MAX) } else { (0, 0) };
        };
        match self.part {
            Part::Title => (0, body.saturating_sub(GAP)),
            Part::Lead => (body, starts.next().unwrap_or(u32::MAX)),
            Part::Body => (body, u32::MAX),
        }
    }
}

/// Opens the cursors of a segment.
#[derive(Clone, Copy)]
pub(super) struct Opener<'a> {
    pub(super) reader: &'a Reader,
    pub(super) segment: &'a SegmentReader,
    pub(super) columns: &'a Columns,
    pub(super) terms: &'a Terms,
}

impl Opener<'_> {
    pub(super) fn postings(&self, term: &Term, option: IndexRecordOption) -> Result<Option<SegmentPostings>> {
        let inverted = self.segment.inverted_index(term.field()).map_err(failed)?;
        inverted.read_postings(term, option).map_err(failed)
    }

    pub(super) fn any(&self, terms: &[Term], option: IndexRecordOption) -> Result<Vec<SegmentPostings>> {
        let mut all = Vec::new();
        for term in terms {
            all.extend(self.postings(term, option)?);
        }
        Ok(all)
    }

    pub(super) fn lookup(
        &self,
        lookup: &Lookup,
        resolved: &Resolved,
        option: IndexRecordOption,
    ) -> Result<Cursor> {
        if !lookup.needs_positions() {
            return Ok(cursor(self.any(&resolved.parts[0].any, option)?));
        }
        let with_positions = IndexRecordOption::WithFreqsAndPositions;
        let mut parts = Vec::new();
        for Alternatives { any, but, .. } in &resolved.parts {
            let any = self.any(any, with_positions)?;
            if any.is_empty() {
                return Ok(Cursor::Nothing);
            }
            let but = self.any(but, with_positions)?;
            parts.push(PhrasePart { any: Several::new(any), but: Several::new(but) });
        }
        let place = lookup.place.map(|part| Place { part, passages: self.columns.passages.clone() });
        Ok(Cursor::Phrase(Box::new(Phrase::new(parts, place))))
    }
}

pub(super) fn cursor(mut all: Vec<SegmentPostings>) -> Cursor {
    match all.len() {
        0 => Cursor::Nothing,
        1 => Cursor::One(all.remove(0)),
        _ => Cursor::Any(Several::new(all)),
    }
}
