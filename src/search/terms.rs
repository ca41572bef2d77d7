//! Lookups as terms of the index: what a wildcard, a misspelt word or a form stands for in its dictionary.
//!
//! A word stands in `text` under its stem, and in `exact` under its form where that is another. So a wildcard is
//! matched against both; a form that is its own stem is where `text` has it and `exact` has no other form of it.
//! Of many terms, the [`MAX_TERMS`] most frequent stand for all, with a note; where a query has many patterns, fewer of each.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::OnceLock;

use levenshtein_automata::{DFA, Distance, LevenshteinAutomatonBuilder, SINK_STATE};
use rustc_hash::FxHashMap;
use tantivy::schema::Field;
use tantivy::termdict::TermDictionary;
use tantivy::{SegmentReader, Term};
use tantivy_fst::Automaton;

use super::failed;
use crate::error::Result;
use crate::index::Reader;
use crate::plan::{Condition, Expr, Lookup, MAX_INFIXES, Pattern, Plan};
use crate::words::{Analyzer, fold};

/// Terms that a wildcard or a misspelt word stands for at the most.
pub(super) const MAX_TERMS: usize = 256;

/// Terms that all wildcards and misspelt words of a query stand for together, each for as many. Every article that has any
/// of them is looked at: sixteen wildcards of 256 terms take half a second in 36,000 articles.
const MAX_TERMS_IN_ALL: usize = 1024;

/// Longer patterns match nothing: no form has as many bytes.
const MAX_PATTERN: usize = 62;

/// Wildcards that are looked for in one pass over a dictionary. Those that may start with any letter read all of it, which
/// takes longer than to compare what is read.
const TOGETHER: usize = MAX_INFIXES;

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
#[derive(Debug, Clone, Default)]
pub(super) struct Alternatives {
    pub(super) any: Vec<Term>,
    /// Terms of positions that do not fit all the same.
    pub(super) but: Vec<Term>,
    /// Articles that the most frequent of them has.
    pub(super) articles: u64,
    /// Articles that each of them has, added up.
    pub(super) postings: u64,
    /// Places where they stand, about.
    pub(super) places: u64,
    /// Whether there are more than [`MAX_TERMS`], of which these are the most frequent.
    pub(super) is_cut: bool,
}

impl Terms {
    /// What it costs to look in a dictionary for what a plan has and nobody knows yet, in postings.
    pub(super) fn price_of_unknown(reader: &Reader, plan: &Plan, known: &Known) -> Result<u64> {
        /// To find a word of the dictionary costs as much as so many postings, and to read on to the next.
        const FOUND: u64 = 100;
        const NEXT: u64 = 20;
        /// To find the words that start as one does, or nearly so.
        const NEAR: u64 = 100_000;
        let mut price = 0;
        let mut all = None;
        for pattern in patterns(plan) {
            let is_known = || known.contains_key(&(pattern.clone(), plan.filters.with_boilerplate));
            price += match pattern {
                Pattern::Stem(_) | Pattern::Mention(_) => FOUND,
                _ if is_known() => 0,
                Pattern::Wild(wild) if wild.starts_with(['*', '?']) => {
                    if all.is_none() {
                        all = Some(words_in(reader)?);
                    }
                    all.unwrap_or_default() * NEXT
                }
                _ => NEAR,
            };
        }
        Ok(price)
    }

    pub(super) fn resolve(reader: &Reader, plan: &Plan, known: &mut Known) -> Result<Terms> {
        let mut resolver = Resolver {
            reader,
            known,
            with_boilerplate: plan.filters.with_boilerplate,
            analyzer: None,
            notes: Vec::new(),
            most: MAX_TERMS,
        };
        let mut expanded: Vec<&Pattern> = patterns(plan).filter(|pattern| is_expanded(pattern)).collect();
        expanded.sort_unstable();
        expanded.dedup();
        resolver.most = (MAX_TERMS_IN_ALL / expanded.len().max(1)).min(MAX_TERMS);
        resolver.infixes(plan)?;
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
    /// Terms that a pattern stands for in this query.
    most: usize,
}

/// What a plan looks for, as often as it does.
fn patterns(plan: &Plan) -> impl Iterator<Item = &Pattern> {
    plan.wanted.iter().chain(&plan.silent).flat_map(|lookup| lookup.parts.iter().flatten())
}

/// Whether a pattern stands for whatever a dictionary has.
fn is_expanded(pattern: &Pattern) -> bool {
    matches!(pattern, Pattern::Wild(_) | Pattern::Fuzzy(..))
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
                let mut found = if let Some(found) = self.known.get(&key) {
                    found.clone()
                } else {
                    let mut found = Alternatives::default();
                    self.pattern(pattern, &mut found)?;
                    self.known.insert(key, found.clone());
                    found
                };
                if is_expanded(pattern) && (found.is_cut || found.any.len() > self.most) {
                    found.any.truncate(self.most);
                    let most = self.most;
                    let note =
                        format!("`{pattern}` stands for many words; the {most} most frequent were searched");
                    if !self.notes.contains(&note) {
                        self.notes.push(note);
                    }
                }
                part.articles = part.articles.max(found.articles);
                part.postings += found.postings;
                part.places += found.places;
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
                self.forms(form, true, &mut |term| {
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
                *part = self.expanded(&|folds| vec![Wildcard::new(wild, folds)])?.remove(0);
            }
            Pattern::Fuzzy(word, wrong) => {
                *part = self.expanded(&|folds| vec![Misspelt::new(word, *wrong, folds)])?.remove(0);
            }
        }
        Ok(())
    }

    fn add(&self, part: &mut Alternatives, field: Field, text: &str) -> Result<()> {
        let (articles, places) = self.reader.extent(field, text)?;
        part.articles = part.articles.max(articles);
        part.postings += articles;
        part.places += places;
        part.any.push(Term::from_field_text(field, text));
        Ok(())
    }

    fn stem(&mut self, form: &str) -> String {
        let tokens = self.analyzer.get_or_insert_default().tokens(form);
        if tokens.len() == 1 { tokens.stem(0).to_owned() } else { String::new() }
    }

    /// Terms of `exact` for the other forms of a word that is its own stem.
    fn other_forms(&mut self, form: &str) -> Result<Vec<Term>> {
        let mut candidates: Vec<String> = Vec::new();
        let (start, folded) = (shared(form), fold(shared(form)));
        // Nothing can be taken off a word and leave one consonant.
        let is_whole = form.len() == 1 && form.bytes().all(|byte| b"bcdfghjklmnpqrstvwxz".contains(&byte));
        self.forms(start, is_whole, &mut |term| {
            let bare = term.trim_start_matches(|c: char| !c.is_alphanumeric());
            if term != form && (bare.starts_with(start) || fold(bare).starts_with(&folded)) {
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

    /// Calls `visit` with the terms of `exact` that start so or are so as a whole, in any case, behind what is no letter or
    /// digit: `$5` is a form of `5`. Some others that have letters beyond ASCII are among them.
    fn forms(&self, start: &str, is_whole: bool, visit: &mut dyn FnMut(&str)) -> Result<()> {
        let starts = Starts { is_whole, skips_marks: true, ..Starts::new(start) };
        for segment in self.reader.segments() {
            let inverted = segment.inverted_index(self.reader.fields().exact).map_err(failed)?;
            matching(inverted.terms(), &starts, &mut |term, _| visit(term))?;
        }
        Ok(())
    }

    /// Looks for all wildcards of a plan that may start with any letter.
    fn infixes(&mut self, plan: &Plan) -> Result<()> {
        let mut wilds: Vec<&str> = Vec::new();
        for pattern in patterns(plan) {
            if let Pattern::Wild(wild) = pattern
                && wild.starts_with(['*', '?'])
                && !wilds.contains(&wild.as_str())
                && !self.known.contains_key(&(pattern.clone(), self.with_boilerplate))
            {
                wilds.push(wild);
            }
        }
        for wilds in wilds.chunks(TOGETHER) {
            let automata = |folds| wilds.iter().map(|wild| Wildcard::new(wild, folds)).collect();
            for (wild, found) in wilds.iter().zip(self.expanded(&automata)?) {
                self.known.insert((Pattern::Wild((*wild).to_owned()), self.with_boilerplate), found);
            }
        }
        Ok(())
    }

    /// The terms that each of several automata accepts, the most frequent first. `automata` makes them, such as read
    /// capitals as small letters or not.
    fn expanded<A: Automaton>(&mut self, automata: &dyn Fn(bool) -> Vec<A>) -> Result<Vec<Alternatives>>
    where
        A::State: Copy + Default,
    {
        let fields = *self.reader.fields();
        let stems = self.accepted(fields.text, &automata(false))?;
        let forms = self.accepted(fields.exact, &automata(true))?;
        let aside = if self.with_boilerplate {
            self.accepted(fields.boilerplate, &automata(false))?
        } else {
            vec![Vec::new(); stems.len()]
        };
        let mut all = Vec::with_capacity(stems.len());
        for ((stems, forms), aside) in stems.into_iter().zip(forms).zip(aside) {
            all.push(self.most_frequent(&stems, &forms, &aside));
        }
        Ok(all)
    }

    /// The most frequent of the terms that a pattern stands for, given by field and sorted each.
    fn most_frequent(&mut self, stems: &[Count], forms: &[Count], aside: &[Count]) -> Alternatives {
        let fields = *self.reader.fields();
        let mut heap: BinaryHeap<Frequent<'_>> = BinaryHeap::new();
        for (field, found) in [(fields.text, stems), (fields.exact, forms), (fields.boilerplate, aside)] {
            let each = found
                .iter()
                .map(|(term, (articles, places))| (*articles, Reverse((term.as_str(), field)), *places));
            heap.extend(each);
        }
        let mut chosen = Alternatives::default();
        while let Some((articles, Reverse((term, field)), places)) = heap.pop() {
            // Words that their stem finds already need not be looked up by their form too.
            if field == fields.exact && {
                let stem = self.stem(term);
                stems.binary_search_by(|(known, _)| known.as_str().cmp(&stem)).is_ok()
            } {
                continue;
            }
            if chosen.any.len() == MAX_TERMS {
                chosen.is_cut = true;
                break;
            }
            chosen.articles = chosen.articles.max(articles);
            chosen.postings += articles;
            chosen.places += places;
            chosen.any.push(Term::from_field_text(field, term));
        }
        chosen
    }

    /// The terms of a field that each of several automata accepts, in order, and how many articles have them.
    fn accepted<A: Automaton>(&self, field: Field, automata: &[A]) -> Result<Vec<Vec<Count>>>
    where
        A::State: Copy + Default,
    {
        let mut found = vec![Vec::new(); automata.len()];
        for segment in self.reader.segments() {
            let inverted = segment.inverted_index(field).map_err(failed)?;
            match automata {
                [one] => matching(inverted.terms(), one, &mut |term, count| {
                    found[0].push((term.to_owned(), count));
                })?,
                several => matching(inverted.terms(), AnyOf(several), &mut |term, count| {
                    for (automaton, found) in several.iter().zip(&mut found) {
                        if accepts(automaton, term) {
                            found.push((term.to_owned(), count));
                        }
                    }
                })?,
            }
        }
        if self.reader.segments().len() > 1 {
            for found in &mut found {
                found.sort_unstable();
                found.dedup_by(|next, known| {
                    let is_same = next.0 == known.0;
                    if is_same {
                        known.1 = (known.1.0 + next.1.0, known.1.1 + next.1.1);
                    }
                    is_same
                });
            }
        }
        Ok(found)
    }
}

/// A term, how many articles have it, and in how many places, about.
type Count = (String, (u64, u64));

/// A term of a field by how many articles have it, with in how many places.
type Frequent<'a> = (u64, Reverse<(&'a str, Field)>, u64);

/// What a word that is its own stem shares with all its forms: three letters or half of it, but of three or more not the
/// last, which stands for another in `happy` and `hoping`; of a number the first digit, as `1,000` is a form of `1000`, and of
/// `die` as much.
fn shared(stem: &str) -> &str {
    let letters = stem.chars().count();
    let shared = match letters {
        _ if stem.starts_with(|c: char| c.is_ascii_digit()) => 1,
        3 if stem.ends_with("ie") => 1,
        0..=2 => letters,
        _ => (letters / 2).max(3).min(letters - 1),
    };
    stem.char_indices().nth(shared).map_or(stem, |(at, _)| &stem[..at])
}

/// Calls `visit` with each term of a dictionary that an automaton accepts, how many articles have it and in how many places,
/// about.
fn matching<A: Automaton>(
    dictionary: &TermDictionary,
    automaton: A,
    visit: &mut dyn FnMut(&str, (u64, u64)),
) -> Result<()>
where
    A::State: Clone,
{
    let mut stream = dictionary.search(automaton).into_stream().map_err(failed)?;
    while stream.advance() {
        if let Ok(term) = std::str::from_utf8(stream.key()) {
            let info = stream.value();
            visit(term, (u64::from(info.doc_freq), info.positions_range.len() as u64));
        }
    }
    Ok(())
}

/// Words in the dictionaries, those of several segments as often.
fn words_in(reader: &Reader) -> Result<u64> {
    let mut words = 0;
    for segment in reader.segments() {
        for field in [reader.fields().text, reader.fields().exact] {
            words += segment.inverted_index(field).map_err(failed)?.terms().num_terms() as u64;
        }
    }
    Ok(words)
}

/// Whether any article has a stem.
pub(super) fn has_stem(reader: &Reader, stem: &str, with_boilerplate: bool) -> Result<bool> {
    let fields = reader.fields();
    Ok(reader.frequency(fields.text, stem)? > 0
        || with_boilerplate && reader.frequency(fields.boilerplate, stem)? > 0)
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
            matching(inverted.terms(), Misspelt::new(word, wrong, is_form), &mut |term, (articles, _)| {
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
    let inverted = segment.inverted_index(field).map_err(failed)?;
    let mut found = Vec::new();
    if value.contains('*') {
        let wildcard = Wildcard::new(value, true);
        matching(inverted.terms(), Accented(&wildcard), &mut |term, _| {
            if accepts(&wildcard, &fold(term)) {
                found.push(term.to_owned());
            }
        })?;
    } else {
        let whole = Starts { is_whole: true, ..Starts::new(value) };
        matching(inverted.terms(), &whole, &mut |term, _| {
            if fold(term) == value {
                found.push(term.to_owned());
            }
        })?;
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

/// Whether an automaton accepts a text.
fn accepts<A: Automaton>(automaton: &A, text: &str) -> bool {
    let state = text.bytes().fold(automaton.start(), |state, byte| automaton.accept(&state, byte));
    automaton.is_match(&state)
}

/// Accepts what any of several automata does, of which there are [`TOGETHER`] at the most.
struct AnyOf<'a, A>(&'a [A]);

impl<A: Automaton> Automaton for AnyOf<'_, A>
where
    A::State: Copy + Default,
{
    type State = [A::State; TOGETHER];

    fn start(&self) -> Self::State {
        std::array::from_fn(|at| self.0.get(at).map(Automaton::start).unwrap_or_default())
    }

    fn is_match(&self, states: &Self::State) -> bool {
        self.0.iter().zip(states).any(|(automaton, state)| automaton.is_match(state))
    }

    fn can_match(&self, states: &Self::State) -> bool {
        self.0.iter().zip(states).any(|(automaton, state)| automaton.can_match(state))
    }

    fn accept(&self, states: &Self::State, byte: u8) -> Self::State {
        let mut next = *states;
        for (state, automaton) in next.iter_mut().zip(self.0) {
            *state = automaton.accept(state, byte);
        }
        next
    }
}

/// Accepts what an automaton does, and whatever has a letter beyond ASCII: that may be another without its accent.
struct Accented<'a, A>(&'a A);

impl<A: Automaton> Automaton for Accented<'_, A> {
    type State = Option<A::State>;

    fn start(&self) -> Self::State {
        Some(self.0.start())
    }

    fn is_match(&self, state: &Self::State) -> bool {
        state.as_ref().is_none_or(|state| self.0.is_match(state))
    }

    fn can_match(&self, state: &Self::State) -> bool {
        state.as_ref().is_none_or(|state| self.0.can_match(state))
    }

    fn accept(&self, state: &Self::State, byte: u8) -> Self::State {
        state.as_ref().filter(|_| byte.is_ascii()).map(|state| self.0.accept(state, byte))
    }
}

/// Accepts terms that start so in any case, and whatever has a letter beyond ASCII before it differs.
struct Starts {
    start: Vec<u8>,
    /// Whether nothing may follow but letters beyond ASCII and what is behind those.
    is_whole: bool,
    /// Whether what is no letter or digit may come first.
    skips_marks: bool,
}

impl Starts {
    fn new(start: &str) -> Starts {
        Starts { start: start.as_bytes().to_ascii_lowercase(), is_whole: false, skips_marks: false }
    }
}

/// How far a term fits.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fit {
    /// So many bytes so far.
    Bytes(usize),
    /// Whatever follows.
    Any,
    Not,
}

impl Automaton for Starts {
    type State = Fit;

    fn start(&self) -> Fit {
        Fit::Bytes(0)
    }

    fn is_match(&self, state: &Fit) -> bool {
        matches!(state, Fit::Any) || *state == Fit::Bytes(self.start.len())
    }

    fn can_match(&self, state: &Fit) -> bool {
        *state != Fit::Not
    }

    fn accept(&self, state: &Fit, byte: u8) -> Fit {
        let Fit::Bytes(at) = *state else { return *state };
        match self.start.get(at) {
            // It may be folded to any letter. Where the start has one beyond ASCII, no byte of ASCII fits.
            _ if !byte.is_ascii() => Fit::Any,
            Some(wanted) if byte.to_ascii_lowercase() == *wanted => Fit::Bytes(at + 1),
            Some(_) if at == 0 && self.skips_marks && !byte.is_ascii_alphanumeric() => Fit::Bytes(0),
            None if !self.is_whole => Fit::Any,
            _ => Fit::Not,
        }
    }
}

/// Accepts what a wildcard matches: `*` stands for any letters and `?` for one, of any number of bytes. A state has a bit
/// for each piece of it that may come next, and one for the end.
#[derive(Debug, Clone)]
pub(super) struct Wildcard {
    /// For each byte the pieces that it goes past: this letter, or the first byte of any.
    fits: Box<[u64; 256]>,
    /// The pieces that are any letters.
    letters: u64,
    /// The bits behind the pieces that are one letter.
    behind_letter: u64,
    end: usize,
}

impl Wildcard {
    /// `folds` says whether capitals are read as small letters.
    pub(super) fn new(wild: &str, folds: bool) -> Wildcard {
        let mut pieces: Vec<u8> = wild.bytes().collect();
        pieces.dedup_by(|next, known| *next == b'*' && *known == b'*');
        // A letter that no word has, so that nothing matches.
        if pieces.len() > MAX_PATTERN {
            pieces = vec![0];
        }
        let mut made = Wildcard { fits: Box::new([0; 256]), letters: 0, behind_letter: 0, end: pieces.len() };
        for (at, piece) in pieces.into_iter().enumerate() {
            match piece {
                b'*' => made.letters |= 1 << at,
                b'?' => made.behind_letter |= 1 << (at + 1),
                _ => {}
            }
            for (byte, fits) in (0..=u8::MAX).zip(made.fits.iter_mut()) {
                let read = if folds { byte.to_ascii_lowercase() } else { byte };
                let fit = if piece == b'?' { !goes_on(byte) } else { piece == read && piece != b'*' };
                *fits |= u64::from(fit) << at;
            }
        }
        made
    }

    /// With what may be passed over at once.
    fn closed(&self, state: u64) -> u64 {
        state | (state & self.letters) << 1
    }
}

/// Whether a byte is not the first of its letter.
fn goes_on(byte: u8) -> bool {
    byte & 0b1100_0000 == 0b1000_0000
}

impl Automaton for Wildcard {
    type State = u64;

    fn start(&self) -> u64 {
        self.closed(1)
    }

    fn is_match(&self, state: &u64) -> bool {
        state >> self.end & 1 == 1
    }

    fn can_match(&self, state: &u64) -> bool {
        *state != 0
    }

    fn accept(&self, state: &u64, byte: u8) -> u64 {
        let rest = if goes_on(byte) { state & self.behind_letter } else { 0 };
        self.closed((state & self.fits[usize::from(byte)]) << 1 | state & self.letters | rest)
    }
}

/// Accepts words that differ from one in few letters: wrong, missing, too many, or two swapped.
pub(super) struct Misspelt {
    dfa: DFA,
    folds: bool,
}

impl Misspelt {
    /// `folds` says whether capitals are read as small letters.
    pub(super) fn new(word: &str, wrong: u8, folds: bool) -> Misspelt {
        /// By how many letters are wrong; a builder is made once.
        static BUILDERS: [OnceLock<LevenshteinAutomatonBuilder>; 3] = [const { OnceLock::new() }; 3];
        let word = if word.len() > MAX_PATTERN { "\0" } else { word };
        let wrong = wrong.min(2);
        let builder =
            BUILDERS[usize::from(wrong)].get_or_init(|| LevenshteinAutomatonBuilder::new(wrong, true));
        Misspelt { dfa: builder.build_dfa(word), folds }
    }
}

impl Automaton for Misspelt {
    type State = u32;

    fn start(&self) -> u32 {
        self.dfa.initial_state()
    }

    fn is_match(&self, state: &u32) -> bool {
        matches!(self.dfa.distance(*state), Distance::Exact(_))
    }

    fn can_match(&self, state: &u32) -> bool {
        *state != SINK_STATE
    }

    fn accept(&self, state: &u32, byte: u8) -> u32 {
        self.dfa.transition(*state, if self.folds { byte.to_ascii_lowercase() } else { byte })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(wild: &str, yes: &[&str], no: &[&str]) {
        let wildcard = Wildcard::new(wild, true);
        for word in yes {
            assert!(accepts(&wildcard, word), "{wild} {word}");
        }
        for word in no {
            assert!(!accepts(&wildcard, word), "{wild} {word}");
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
    fn forms_start_as_their_stem_does() {
        let mut analyzer = Analyzer::default();
        // The families that are kept apart, and what else changes more than its end.
        let table = include_str!("../words/stems.tsv");
        let more = "as a is up ups ad added adding age aging use used die dies dying ski skis tie tying happy happily hoping hope ability able 1,000 $5 5";
        let words = table.split(['\n', '\t', ' ']).chain(more.split(' '));
        for word in words.filter(|word| word.chars().all(|c| c.is_alphanumeric() || ",$".contains(c))) {
            let tokens = analyzer.tokens(&word.to_lowercase());
            if tokens.is_empty() {
                continue;
            }
            let (form, stem) = (tokens.exact(0), tokens.stem(0));
            let bare = form.trim_start_matches(|c: char| !c.is_alphanumeric());
            assert!(bare.starts_with(shared(stem)), "{word} {stem}");
        }
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
            assert_eq!(accepts(&Misspelt::new(word, wrong, true), other), expected, "{word}~{wrong} {other}");
        }
    }
}
