//! Walks the articles that may match a clause, and says where in them it does.

use tantivy::fastfield::Column;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, HasLen, SegmentReader, TERMINATED, Term};

use super::failed;
use crate::analyzer::GAP;
use crate::error::Result;
use crate::index::{Columns, Reader};
use crate::plan::{Filters, Lookup};
use crate::query::Scope;
use crate::schema::Start;

/// Walks the articles that may have something, in order.
#[allow(clippy::large_enum_variant, reason = "a handful a query, and the large one is the usual one")]
pub(super) enum Cursor {
    Nothing,
    One(SegmentPostings),
    Any(Vec<SegmentPostings>),
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
            Cursor::Any(all) => {
                for postings in all.iter_mut() {
                    if postings.doc() < target {
                        postings.seek(target);
                    }
                }
                all.iter().map(DocSet::doc).min().unwrap_or(TERMINATED)
            }
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
            Cursor::Any(all) => {
                let document = all.iter().map(DocSet::doc).min().unwrap_or(TERMINATED);
                all.iter().filter(|postings| postings.doc() == document).map(Postings::term_freq).sum()
            }
            Cursor::Phrase(phrase) => phrase.frequency(),
        }
    }

    /// How many articles it may lead through.
    pub(super) fn cost(&self) -> usize {
        match self {
            Cursor::Nothing => 0,
            Cursor::One(postings) => postings.len(),
            Cursor::Any(all) => all.iter().map(HasLen::len).sum(),
            Cursor::Phrase(phrase) => {
                phrase.parts.iter().map(|part| part.iter().map(HasLen::len).sum()).min().unwrap_or(0)
            }
        }
    }

    /// Appends the positions in the present article where a match starts, sorted.
    pub(super) fn positions(&mut self, found: &mut Vec<u32>) {
        match self {
            Cursor::Nothing => {}
            Cursor::One(postings) => postings.append_positions_with_offset(0, found),
            Cursor::Any(all) => {
                let document = all.iter().map(DocSet::doc).min().unwrap_or(TERMINATED);
                for postings in all.iter_mut().filter(|postings| postings.doc() == document) {
                    postings.append_positions_with_offset(0, found);
                }
                found.sort_unstable();
                found.dedup();
            }
            Cursor::Phrase(phrase) => {
                phrase.frequency();
                found.extend_from_slice(&phrase.starts);
            }
        }
    }
}

/// Words that follow each other, or a word in a title.
pub(super) struct Phrase {
    /// For each position the postings of the stems that fit there.
    pub(super) parts: Vec<Vec<SegmentPostings>>,
    pub(super) document: DocId,
    /// Set once the positions of `document` were read.
    pub(super) is_checked: bool,
    pub(super) starts: Vec<u32>,
    pub(super) scratch: Vec<u32>,
    /// Where titles end, for a phrase that must stand in one.
    pub(super) titles: Option<TitleEnds>,
}

impl Phrase {
    /// A phrase at its first candidate.
    pub(super) fn new(parts: Vec<Vec<SegmentPostings>>, titles: Option<TitleEnds>) -> Phrase {
        let mut phrase =
            Phrase { parts, document: 0, is_checked: false, starts: Vec::new(), scratch: Vec::new(), titles };
        phrase.document = phrase.next(0);
        phrase
    }

    pub(super) fn seek(&mut self, target: DocId) -> DocId {
        if self.document < target {
            self.is_checked = false;
            self.document = self.next(target);
        }
        self.document
    }

    /// The first article from `target` on that has every part.
    pub(super) fn next(&mut self, target: DocId) -> DocId {
        let mut document = target;
        'next: while document != TERMINATED {
            for part in &mut self.parts {
                let mut found = TERMINATED;
                for postings in part.iter_mut() {
                    found = found.min(if postings.doc() < document {
                        postings.seek(document)
                    } else {
                        postings.doc()
                    });
                }
                if found != document {
                    document = found;
                    continue 'next;
                }
            }
            return document;
        }
        TERMINATED
    }

    pub(super) fn frequency(&mut self) -> u32 {
        if !self.is_checked {
            self.is_checked = true;
            self.starts.clear();
            for (offset, part) in (0..).zip(&mut self.parts) {
                let positions = if offset == 0 { &mut self.starts } else { &mut self.scratch };
                positions.clear();
                for postings in part.iter_mut().filter(|postings| postings.doc() == self.document) {
                    postings.append_positions_with_offset(0, positions);
                }
                if part.len() > 1 {
                    positions.sort_unstable();
                    positions.dedup();
                }
                if offset > 0 {
                    keep_followed(&mut self.starts, &self.scratch, offset);
                }
                if self.starts.is_empty() {
                    break;
                }
            }
            if let Some(titles) = &self.titles {
                let end = titles.end(self.document);
                self.starts.retain(|&start| start < end);
            }
        }
        u32::try_from(self.starts.len()).unwrap_or(u32::MAX)
    }
}

/// Keeps the starts that have one of `positions` at the given offset. Both are sorted.
pub(super) fn keep_followed(starts: &mut Vec<u32>, positions: &[u32], offset: u32) {
    let mut at = 0;
    starts.retain(|&start| {
        while at < positions.len() && positions[at] < start + offset {
            at += 1;
        }
        positions.get(at) == Some(&(start + offset))
    });
}

/// Where the words of each article's title end.
pub(super) struct TitleEnds {
    pub(super) passages: Column<u64>,
}

impl TitleEnds {
    /// The position after the last of the title; the largest number for an article of nothing else.
    pub(super) fn end(&self, document: DocId) -> u32 {
        self.passages
            .first(document)
            .map_or(u32::MAX, |packed| Start::unpack(packed).position.saturating_sub(GAP))
    }
}

/// Opens the cursors of a segment.
pub(super) struct Opener<'a> {
    pub(super) reader: &'a Reader,
    pub(super) segment: &'a SegmentReader,
    pub(super) columns: &'a Columns,
    pub(super) with_boilerplate: bool,
}

impl Opener<'_> {
    pub(super) fn postings(
        &self,
        field: Field,
        value: &str,
        option: IndexRecordOption,
    ) -> Result<Option<SegmentPostings>> {
        let inverted = self.segment.inverted_index(field).map_err(failed)?;
        inverted.read_postings(&Term::from_field_text(field, value), option).map_err(failed)
    }

    pub(super) fn any(
        &self,
        field: Field,
        values: &[impl AsRef<str>],
        option: IndexRecordOption,
    ) -> Result<Vec<SegmentPostings>> {
        let mut all = Vec::new();
        for value in values {
            all.extend(self.postings(field, value.as_ref(), option)?);
        }
        Ok(all)
    }

    pub(super) fn lookup(&self, lookup: &Lookup, option: IndexRecordOption) -> Result<Cursor> {
        if lookup.needs_positions() {
            let mut parts = Vec::new();
            for stems in &lookup.stems {
                let part = self.words(stems, IndexRecordOption::WithFreqsAndPositions)?;
                if part.is_empty() {
                    return Ok(Cursor::Nothing);
                }
                parts.push(part);
            }
            let is_title = lookup.scope == Scope::Title;
            let titles = is_title.then(|| TitleEnds { passages: self.columns.passages.clone() });
            return Ok(Cursor::Phrase(Box::new(Phrase::new(parts, titles))));
        }
        Ok(cursor(self.words(&lookup.stems[0], option)?))
    }

    /// Where any of these stems stands.
    pub(super) fn words(&self, stems: &[String], option: IndexRecordOption) -> Result<Vec<SegmentPostings>> {
        let mut all = self.any(self.reader.fields().text, stems, option)?;
        if self.with_boilerplate {
            all.extend(self.any(self.reader.fields().boilerplate, stems, option)?);
        }
        Ok(all)
    }

    /// A gate for each kind of filter that is kept in postings.
    pub(super) fn filters(&self, filters: &Filters) -> Result<Vec<Cursor>> {
        let fields = self.reader.fields();
        let regions: Vec<&str> = filters.regions.iter().map(|code| code.0).collect();
        let entities: Vec<&str> = filters.entities.iter().map(crate::gazetteer::EntityId::as_str).collect();
        let sources: Vec<&str> = filters.sources.iter().map(String::as_str).collect();
        let languages: Vec<&str> = filters.languages.iter().map(String::as_str).collect();
        let kinds = [
            (fields.region, regions),
            (fields.entity, entities),
            (fields.source, sources),
            (fields.language, languages),
        ];
        let mut gates = Vec::new();
        for (field, values) in kinds {
            if !values.is_empty() {
                gates.push(cursor(self.any(field, &values, IndexRecordOption::Basic)?));
            }
        }
        Ok(gates)
    }
}

pub(super) fn cursor(mut all: Vec<SegmentPostings>) -> Cursor {
    match all.len() {
        0 => Cursor::Nothing,
        1 => Cursor::One(all.remove(0)),
        _ => Cursor::Any(all),
    }
}
