//! Lookups as terms of the index: what a wildcard, a misspelt word or a form stands for in its dictionary.
//!
//! A word stands in `text` under its stem, and in `exact` under its form where that is another. So a wildcard is
//! matched against both; a form that is its own stem is where `text` has it and `exact` has no other form of it.
//! Of many terms, the [`MAX_TERMS`] most frequent stand for all, with a note.

use rustc_hash::FxHashMap;
use tantivy::schema::Field;
use tantivy::termdict::TermDictionary;
use tantivy::{SegmentReader, Term};
use tantivy_fst::Automaton;

use super::failed;
use crate::error::Result;
use crate::index::Reader;
use crate::plan::{Condition, Expr, Lookup, Pattern, Plan};
use crate::words::{Analyzer, fold};

/// Terms that a wildcard or a misspelt word stands for at the most.
pub(super) const MAX_TERMS: usize = 256;

/// Longer patterns match nothing: no form has as many bytes.
const MAX_PATTERN: usize = 62;

/// The lookups of a plan as terms, for the whole index.
#[derive(Default)]
pub(super) struct Terms {
    pub(super) wanted: Vec<Resolved>,
    pub(super) silent: Vec<Resolved>,
    /// What a person should know of how they were found.
    pub(super) notes: Vec<String>,
    /// The first article of each story that has copies, by their keys; empty where nobody asks.
    pub(super) firsts: FxHashMap<u64, u64>,
}

/// A lookup as terms.
pub(super) struct Resolved {
    pub(super) parts: Vec<Alternatives>,
}

/// Patterns that were looked for in the dictionary, with and without boilerplate. Wildcards, misspelt words and forms
/// take the time of a search each, so that variations of a query remember them.
pub(super) type Known = FxHashMap<(Pattern, bool), Alternatives>;

/// What fits at a position.
#[derive(Clone, Default)]
pub(super) struct Alternatives {
    pub(super) any: Vec<Term>,
    /// Terms of positions that do not fit all the same.
    pub(super) but: Vec<Term>,
    /// Articles that the most frequent of them has.
    pub(super) articles: u64,
}

impl Terms {
    pub(super) fn resolve(reader: &Reader, plan: &Plan, known: &mut Known) -> Result<Terms> {
        let mut resolver = Resolver {
            reader,
            known,
            with_boilerplate: plan.filters.with_boilerplate,
            analyzer: None,
            notes: Vec::new(),
        };
        let mut all = |lookups: &[Lookup]| -> Result<Vec<Resolved>> {
            lookups.iter().map(|lookup| resolver.lookup(lookup)).collect()
        };
        let (wanted, silent) = (all(&plan.wanted)?, all(&plan.silent)?);
        let mut asks_for_copies = false;
        let clauses = plan.clauses.iter().map(|clause| &clause.expr);
        for expr in clauses.chain(&plan.gates).chain(&plan.excluded) {
            expr.each(&mut |expr| {
                asks_for_copies |= matches!(expr, Expr::Condition(Condition::Copy | Condition::First));
            });
        }
        let firsts = if asks_for_copies { firsts(reader)? } else { FxHashMap::default() };
        Ok(Terms { wanted, silent, notes: resolver.notes, firsts })
    }
}

/// The key of the first published article of each story with copies.
fn firsts(reader: &Reader) -> Result<FxHashMap<u64, u64>> {
    let mut first: FxHashMap<u64, (bool, i64, u64)> = FxHashMap::default();
    for (ordinal, segment) in reader.segments().iter().enumerate() {
        let columns = reader.columns(ordinal)?;
        for document in segment.doc_ids_alive() {
            let Some(key) = columns.keys.first(document) else { continue };
            let Some(story) = reader.groups().story(key) else { continue };
            let published = columns.published.first(document);
            let age = (published.is_none(), published.unwrap_or_default(), key);
            first.entry(story).and_modify(|known| *known = age.min(*known)).or_insert(age);
        }
    }
    Ok(first.into_iter().map(|(story, (.., key))| (story, key)).collect())
}

struct Resolver<'a> {
    reader: &'a Reader,
    known: &'a mut Known,
    with_boilerplate: bool,
    /// Made on first use; most queries need none.
    analyzer: Option<Analyzer>,
    notes: Vec<String>,
}

impl Resolver<'_> {
    fn lookup(&mut self, lookup: &Lookup) -> Result<Resolved> {
        let mut parts = Vec::new();
        for patterns in &lookup.parts {
            let mut part = Alternatives::default();
            for pattern in patterns {
                if matches!(pattern, Pattern::Stem(_) | Pattern::Mention(_)) {
                    self.pattern(pattern, &mut part)?;
                    continue;
                }
                let key = (pattern.clone(), self.with_boilerplate);
                let found = if let Some(found) = self.known.get(&key) {
                    found.clone()
                } else {
                    let mut found = Alternatives::default();
                    self.pattern(pattern, &mut found)?;
                    self.known.insert(key, found.clone());
                    found
                };
                part.articles = part.articles.max(found.articles);
                part.any.extend(found.any);
                part.but.extend(found.but);
            }
            parts.push(part);
        }
        Ok(Resolved { parts })
    }

    fn pattern(&mut self, pattern: &Pattern, part: &mut Alternatives) -> Result<()> {
        let fields = *self.reader.fields();
        match pattern {
            Pattern::Stem(stem) => {
                self.add(part, fields.text, stem)?;
                if self.with_boilerplate {
                    part.any.push(Term::from_field_text(fields.boilerplate, stem));
                }
            }
            Pattern::Mention(term) => self.add(part, fields.annotation, term)?,
            Pattern::Exact(form) => {
                self.add(part, fields.exact, form)?;
                if self.stem(form) == *form {
                    self.add(part, fields.text, form)?;
                    part.but.extend(self.other_forms(form)?);
                }
            }
            Pattern::Caps(form) => {
                let mut found = Vec::new();
                self.forms(form, &mut |term, _| {
                    if term.to_lowercase() == *form && term.contains(char::is_uppercase) {
                        found.push(term.to_owned());
                    }
                })?;
                for term in found {
                    self.add(part, fields.exact, &term)?;
                }
                let capitals = form.to_uppercase();
                if capitals != *form && self.stem(&capitals) == capitals {
                    self.add(part, fields.text, &capitals)?;
                }
            }
            Pattern::Wild(wild) => {
                let automaton = |folds| Wildcard::new(wild, folds);
                self.expanded(part, wild, &automaton)?;
            }
            Pattern::Fuzzy(word, wrong) => {
                let automaton = |folds| Misspelt::new(word, *wrong, folds);
                self.expanded(part, &format!("{word}~{wrong}"), &automaton)?;
            }
        }
        Ok(())
    }

    fn add(&self, part: &mut Alternatives, field: Field, text: &str) -> Result<()> {
        let term = Term::from_field_text(field, text);
        let mut articles = 0;
        for segment in self.reader.segments() {
            let inverted = segment.inverted_index(field).map_err(failed)?;
            articles += u64::from(inverted.doc_freq(&term).map_err(failed)?);
        }
        part.articles = part.articles.max(articles);
        part.any.push(term);
        Ok(())
    }

    fn stem(&mut self, form: &str) -> String {
        let tokens = self.analyzer.get_or_insert_default().tokens(form);
        if tokens.len() == 1 { tokens.stem(0).to_owned() } else { String::new() }
    }

    /// Terms of `exact` for the other forms of a word that is its own stem.
    fn other_forms(&mut self, form: &str) -> Result<Vec<Term>> {
        let mut candidates: Vec<String> = Vec::new();
        // `$5` is a form of `5`.
        let bare = |term: &str| term.trim_start_matches(|c: char| !c.is_alphanumeric()).to_owned();
        let start: String = form.chars().take(2).collect();
        let is_number = form.starts_with(|c: char| c.is_ascii_digit());
        self.forms(if is_number { "" } else { form }, &mut |term, _| {
            if term != form && fold(&bare(term)).starts_with(&fold(&start)) {
                candidates.push(term.to_owned());
            }
        })?;
        let field = self.reader.fields().exact;
        let mut others = Vec::new();
        for term in candidates {
            if self.stem(&term) == form || self.stem(&fold(&term)) == form {
                others.push(Term::from_field_text(field, &term));
            }
        }
        Ok(others)
    }

    /// Calls `visit` with the terms of `exact` that start as `form` does, in any case, and how many articles have
    /// them in a segment.
    fn forms(&self, form: &str, visit: &mut dyn FnMut(&str, u64)) -> Result<()> {
        let starts = Starts { first: form.bytes().next().map(|byte| byte.to_ascii_lowercase()) };
        for segment in self.reader.segments() {
            let inverted = segment.inverted_index(self.reader.fields().exact).map_err(failed)?;
            matching(inverted.terms(), starts, visit)?;
        }
        Ok(())
    }

    /// The terms that an automaton accepts, the most frequent first.
    fn expanded<A: Automaton>(
        &mut self,
        part: &mut Alternatives,
        label: &str,
        automaton: &dyn Fn(bool) -> A,
    ) -> Result<()>
    where
        A::State: Clone,
    {
        let fields = *self.reader.fields();
        let mut stems: FxHashMap<String, u64> = FxHashMap::default();
        let mut forms: FxHashMap<String, u64> = FxHashMap::default();
        let mut aside: FxHashMap<String, u64> = FxHashMap::default();
        for segment in self.reader.segments() {
            let gather = |field: Field, folds: bool, found: &mut FxHashMap<String, u64>| -> Result<()> {
                let inverted = segment.inverted_index(field).map_err(failed)?;
                matching(inverted.terms(), automaton(folds), &mut |term, articles| {
                    *found.entry(term.to_owned()).or_default() += articles;
                })
            };
            gather(fields.text, false, &mut stems)?;
            gather(fields.exact, true, &mut forms)?;
            if self.with_boilerplate {
                gather(fields.boilerplate, false, &mut aside)?;
            }
        }
        // Words that their stem finds already need not be looked up by their form too.
        forms.retain(|form, _| !stems.contains_key(&self.stem(form)));
        let in_field = |field: Field, found: FxHashMap<String, u64>| {
            found.into_iter().map(move |(term, articles)| (articles, term, field))
        };
        let mut all: Vec<(u64, String, Field)> = in_field(fields.text, stems)
            .chain(in_field(fields.exact, forms))
            .chain(in_field(fields.boilerplate, aside))
            .collect();
        all.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
        if all.len() > MAX_TERMS {
            self.notes.push(format!(
                "`{label}` stands for {} words; the {MAX_TERMS} most frequent were searched",
                all.len()
            ));
            all.truncate(MAX_TERMS);
        }
        part.articles = part.articles.max(all.first().map_or(0, |(articles, ..)| *articles));
        part.any.extend(all.into_iter().map(|(_, term, field)| Term::from_field_text(field, &term)));
        Ok(())
    }
}

/// Calls `visit` with each term of a dictionary that an automaton accepts, and how many articles have it.
fn matching<A: Automaton>(
    dictionary: &TermDictionary,
    automaton: A,
    visit: &mut dyn FnMut(&str, u64),
) -> Result<()>
where
    A::State: Clone,
{
    let mut stream = dictionary.search(automaton).into_stream().map_err(failed)?;
    while stream.advance() {
        if let Ok(term) = std::str::from_utf8(stream.key()) {
            visit(term, u64::from(stream.value().doc_freq));
        }
    }
    Ok(())
}

/// Whether any article has a stem.
pub(super) fn has_stem(reader: &Reader, stem: &str, with_boilerplate: bool) -> Result<bool> {
    let fields = reader.fields();
    for field in [Some(fields.text), with_boilerplate.then_some(fields.boilerplate)].into_iter().flatten() {
        for segment in reader.segments() {
            let inverted = segment.inverted_index(field).map_err(failed)?;
            if inverted.doc_freq(&Term::from_field_text(field, stem)).map_err(failed)? > 0 {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// How many articles have words with a stem, roughly: those deleted lately count.
pub(super) fn frequency(reader: &Reader, stem: &str) -> Result<u64> {
    let mut articles = 0;
    for segment in reader.segments() {
        let inverted = segment.inverted_index(reader.fields().text).map_err(failed)?;
        let term = Term::from_field_text(reader.fields().text, stem);
        articles += u64::from(inverted.doc_freq(&term).map_err(failed)?);
    }
    Ok(articles)
}

/// A word of the index in small letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spelling {
    pub(super) word: String,
    /// Articles that have it, roughly: those with several forms count for each.
    pub(super) articles: u64,
    /// Whether it is certainly written so, and not perhaps only a stem.
    pub(super) is_form: bool,
}

/// The words of the index that have at most so many letters other than `word`, in no order.
pub(super) fn spelt_like(reader: &Reader, word: &str, wrong: u8) -> Result<Vec<Spelling>> {
    let mut found: FxHashMap<String, (u64, bool)> = FxHashMap::default();
    let fields = reader.fields();
    for (field, is_form) in [(fields.text, false), (fields.exact, true)] {
        for segment in reader.segments() {
            let inverted = segment.inverted_index(field).map_err(failed)?;
            matching(inverted.terms(), Misspelt::new(word, wrong, is_form), &mut |term, articles| {
                let known = found.entry(term.to_lowercase()).or_default();
                *known = (known.0 + articles, known.1 | is_form);
            })?;
        }
    }
    let made = |(word, (articles, is_form))| Spelling { word, articles, is_form };
    Ok(found.into_iter().map(made).collect())
}

/// The values of a column in a segment that are like this one: in any case, with `*` for any letters.
pub(super) fn like(segment: &SegmentReader, field: Field, value: &str) -> Result<Vec<String>> {
    let wildcard = Wildcard::new(value, false);
    let mut found = Vec::new();
    let inverted = segment.inverted_index(field).map_err(failed)?;
    let mut stream = inverted.terms().stream().map_err(failed)?;
    while stream.advance() {
        if let Ok(term) = std::str::from_utf8(stream.key()) {
            let folded = fold(term);
            if folded == value || (value.contains('*') && wildcard.accepts(&folded)) {
                found.push(term.to_owned());
            }
        }
    }
    Ok(found)
}

/// Ids in a segment that start so, a few at the most.
pub(super) fn ids(segment: &SegmentReader, field: Field, prefix: &str) -> Result<Vec<String>> {
    let inverted = segment.inverted_index(field).map_err(failed)?;
    let mut stream = inverted.terms().range().ge(prefix).into_stream().map_err(failed)?;
    let mut found = Vec::new();
    while found.len() < MAX_TERMS && stream.advance() && stream.key().starts_with(prefix.as_bytes()) {
        found.extend(std::str::from_utf8(stream.key()).ok().map(str::to_owned));
    }
    Ok(found)
}

/// Terms with this first letter in any case, or with one beyond ASCII, or all.
#[derive(Clone, Copy)]
struct Starts {
    first: Option<u8>,
}

impl Automaton for Starts {
    /// Nothing read, fitting, not fitting.
    type State = u8;

    fn start(&self) -> u8 {
        0
    }

    fn is_match(&self, state: &u8) -> bool {
        *state == 1
    }

    fn can_match(&self, state: &u8) -> bool {
        *state < 2
    }

    fn accept(&self, state: &u8, byte: u8) -> u8 {
        if *state > 0 {
            return *state;
        }
        let fits = self.first.is_none_or(|first| !first.is_ascii() || byte.to_ascii_lowercase() == first);
        if fits || !byte.is_ascii() { 1 } else { 2 }
    }
}

/// A part of a wildcard.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Piece {
    /// This byte.
    Byte(u8),
    /// One letter of any length.
    Letter,
    /// Any letters.
    Letters,
}

/// Accepts what a wildcard matches. A state has a bit for each piece that may come next, and one for the end.
#[derive(Debug, Clone)]
pub(super) struct Wildcard {
    pieces: Vec<Piece>,
    /// Whether capitals are read as small letters.
    folds: bool,
}

impl Wildcard {
    pub(super) fn new(wild: &str, folds: bool) -> Wildcard {
        let pieces: Vec<Piece> = wild
            .bytes()
            .map(|byte| match byte {
                b'*' => Piece::Letters,
                b'?' => Piece::Letter,
                byte => Piece::Byte(byte),
            })
            .collect();
        // A letter that no word has, so that nothing matches.
        if pieces.len() > MAX_PATTERN {
            return Wildcard { pieces: vec![Piece::Byte(0)], folds };
        }
        Wildcard { pieces, folds }
    }

    pub(super) fn accepts(&self, text: &str) -> bool {
        let state = text.bytes().fold(self.start(), |state, byte| self.accept(&state, byte));
        self.is_match(&state)
    }

    /// With what may be passed over at once.
    fn closed(&self, mut state: u64) -> u64 {
        for (at, piece) in self.pieces.iter().enumerate() {
            if *piece == Piece::Letters && state >> at & 1 == 1 {
                state |= 1 << (at + 1);
            }
        }
        state
    }
}

impl Automaton for Wildcard {
    type State = u64;

    fn start(&self) -> u64 {
        self.closed(1)
    }

    fn is_match(&self, state: &u64) -> bool {
        state >> self.pieces.len() & 1 == 1
    }

    fn can_match(&self, state: &u64) -> bool {
        *state != 0
    }

    fn accept(&self, state: &u64, byte: u8) -> u64 {
        let byte = if self.folds { byte.to_ascii_lowercase() } else { byte };
        let goes_on = byte & 0b1100_0000 == 0b1000_0000;
        let mut next = 0;
        for (at, piece) in self.pieces.iter().enumerate() {
            if state >> at & 1 == 1 {
                match piece {
                    Piece::Byte(wanted) if *wanted == byte => next |= 1 << (at + 1),
                    Piece::Letter if !goes_on => next |= 1 << (at + 1),
                    Piece::Letters => next |= 1 << at,
                    _ => {}
                }
            }
            // The rest of a letter of several bytes.
            if goes_on && *piece == Piece::Letter && state >> (at + 1) & 1 == 1 {
                next |= 1 << (at + 1);
            }
        }
        self.closed(next)
    }
}

/// Accepts words that differ from one in few bytes: wrong, missing, too many, or two swapped.
#[derive(Debug, Clone)]
pub(super) struct Misspelt {
    word: Vec<u8>,
    wrong: u8,
    folds: bool,
}

/// The last two rows of the table of distances, and the byte before.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rows {
    before: Vec<u8>,
    row: Vec<u8>,
    byte: u8,
}

impl Misspelt {
    pub(super) fn new(word: &str, wrong: u8, folds: bool) -> Misspelt {
        let word = if word.len() > MAX_PATTERN { vec![0] } else { word.as_bytes().to_vec() };
        Misspelt { word, wrong, folds }
    }
}

impl Automaton for Misspelt {
    type State = Rows;

    fn start(&self) -> Rows {
        let limit = self.wrong + 1;
        let row: Vec<u8> =
            (0..=self.word.len()).map(|at| u8::try_from(at).unwrap_or(u8::MAX).min(limit)).collect();
        Rows { before: Vec::new(), row, byte: 0 }
    }

    fn is_match(&self, state: &Rows) -> bool {
        state.row.last().is_some_and(|distance| *distance <= self.wrong)
    }

    fn can_match(&self, state: &Rows) -> bool {
        state.row.iter().any(|distance| *distance <= self.wrong)
    }

    fn accept(&self, state: &Rows, byte: u8) -> Rows {
        let byte = if self.folds { byte.to_ascii_lowercase() } else { byte };
        let limit = self.wrong + 1;
        let mut row = Vec::with_capacity(state.row.len());
        row.push((state.row[0] + 1).min(limit));
        for (at, &wanted) in self.word.iter().enumerate() {
            let mut least =
                (state.row[at] + u8::from(wanted != byte)).min(state.row[at + 1] + 1).min(row[at] + 1);
            if at > 0 && !state.before.is_empty() && wanted == state.byte && self.word[at - 1] == byte {
                least = least.min(state.before[at - 1] + 1);
            }
            row.push(least.min(limit));
        }
        Rows { before: state.row.clone(), row, byte }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(wild: &str, yes: &[&str], no: &[&str]) {
        let wildcard = Wildcard::new(wild, true);
        for word in yes {
            assert!(wildcard.accepts(word), "{wild} {word}");
        }
        for word in no {
            assert!(!wildcard.accepts(word), "{wild} {word}");
        }
    }

    #[test]
    fn wildcards_match_whole_words() {
        check("merg*", &["merg", "merger", "Mergers"], &["emerge", "mer"]);
        check(
            "organi?ation",
            &["organization", "Organisation", "organiéation"],
            &["organiation", "organizzation"],
        );
        check("*gate*way", &["gateway", "fargateaway"], &["gatewa", "getaway"]);
        check(&"a".repeat(80), &[], &["a", ""]);
    }

    #[test]
    fn misspelt_words_are_few_letters_away() {
        for (word, wrong, other, expected) in [
            ("merger", 1, "merger", true),
            ("merger", 1, "Mergers", true),
            ("merger", 1, "mreger", true),
            ("merger", 1, "mregers", false),
            ("merger", 2, "mregers", true),
            ("acquisiton", 1, "acquisition", true),
            ("bank", 1, "ban", true),
            ("bank", 1, "ba", false),
            ("ca", 1, "abc", false),
        ] {
            let automaton = Misspelt::new(word, wrong, true);
            let state = other.bytes().fold(automaton.start(), |state, byte| automaton.accept(&state, byte));
            assert_eq!(automaton.is_match(&state), expected, "{word}~{wrong} {other}");
        }
    }
}
