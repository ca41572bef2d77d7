//! A slow, obvious reader of articles that says which of them a query means.
//!
//! It goes by the words of the texts and by what the language promises, and knows nothing of plans or postings. Every
//! word is compared with every other, every chain is tried.

use std::collections::BTreeSet;

use dateline::annotate::{Part as Where, Referent};
use dateline::gazetteer::regions;
use dateline::query::{Field, Form, Gap, Node, Part, Query, Text, TextKind};
use dateline::schema::Analysed;
use dateline::words::{Analyzer, fold, is_stop_word};

/// A word where it stands. Between title and body there are a thousand places of nothing.
struct Word {
    place: usize,
    exact: String,
    stem: String,
    joined: Option<String>,
}

/// Words that are marked, from the first to the last.
pub type Stretch = (usize, usize);

/// Words that match, from the first to the last, and the last that is marked: of a name, the first word matches.
type Found = (usize, usize, usize);

/// An article as this reader sees it.
pub struct Page {
    pub id: String,
    words: Vec<Word>,
    /// Place, last word and term of each name.
    names: Vec<(usize, usize, String)>,
    /// First and last word of each name in the body, counted from its first word.
    pub mentions: Vec<Stretch>,
    body_from: usize,
    /// Ends of sentences and passages.
    sentences: Vec<usize>,
    passages: Vec<usize>,
    entities: BTreeSet<String>,
    regions: BTreeSet<String>,
    source: String,
    year: String,
    count: usize,
}

/// Far enough that nothing reaches across.
const FAR: usize = 2_000;

/// What the nodes around one mean for it.
#[derive(Clone, Copy, Default)]
struct Around {
    place: Option<Part>,
    form: Option<Form>,
    /// Whether names are asked for where they stand.
    placed: bool,
}

impl Page {
    pub fn of(analysed: &Analysed) -> Page {
        let article = &analysed.article;
        let body_from = analysed.title.len() + FAR;
        let mut words = Vec::new();
        for (tokens, from) in [(&analysed.title, 0), (&analysed.body, body_from)] {
            for at in 0..tokens.len() {
                words.push(Word {
                    place: from + at,
                    exact: tokens.exact(at).to_owned(),
                    stem: tokens.stem(at).to_owned(),
                    joined: tokens.joined(at).map(str::to_owned),
                });
            }
        }
        let names = analysed.annotations.mentions.iter().map(|mention| {
            let from = if mention.part == Where::Title { 0 } else { body_from };
            let term = match &mention.referent {
                Referent::Region(code) => format!("region:{code}"),
                Referent::Entity(id) => id.to_string(),
            };
            let (start, end) = (mention.words.start as usize, mention.words.end as usize);
            (from + start, from + end - 1, term)
        });
        let in_body = analysed.annotations.mentions.iter().filter(|mention| mention.part == Where::Body);
        let mentions =
            in_body.map(|mention| (mention.words.start as usize, mention.words.end as usize - 1)).collect();
        Page {
            mentions,
            id: article.native_id.clone().unwrap_or_default(),
            words,
            names: names.collect(),
            body_from,
            sentences: analysed
                .split
                .sentences
                .iter()
                .map(|one| body_from + one.first_word as usize)
                .collect(),
            passages: analysed.split.passages.iter().map(|one| body_from + one.first_word as usize).collect(),
            entities: analysed.annotations.entities.iter().map(|entity| entity.id.to_string()).collect(),
            regions: analysed
                .annotations
                .with_ancestors(|region| region.is_about)
                .iter()
                .map(ToString::to_string)
                .collect(),
            source: article.source.clone(),
            year: article.published.map(|date| date.day()[..4].to_owned()).unwrap_or_default(),
            count: analysed.title.len() + analysed.body.len(),
        }
    }

    /// Whether the query means this article, all of it.
    pub fn fits(&self, query: &Query) -> bool {
        asked(query).into_iter().all(|node| self.holds(node, Around::default()))
    }

    /// What is asked for by its words and satisfies something that holds, by numbers of words: in the title, in the body.
    pub fn marked(&self, query: &Query) -> [BTreeSet<Stretch>; 2] {
        let held = asked(query).into_iter().filter(|node| self.holds(node, Around::default()));
        let found: BTreeSet<Stretch> = held
            .flat_map(|node| self.found(node, Around::default()))
            .map(|(first, _, marked)| (first, marked))
            .collect();
        let (title, body): (BTreeSet<_>, BTreeSet<_>) =
            found.into_iter().partition(|(first, _)| *first < self.body_from);
        let from = self.body_from;
        [title, body.into_iter().map(|(first, last)| (first - from, last - from)).collect()]
    }

    fn holds(&self, node: &Node, around: Around) -> bool {
        match node {
            Node::And(parts) => parts.iter().all(|part| self.holds(part, around)),
            Node::Or(parts) => parts.iter().any(|part| self.holds(part, around)),
            Node::Not(part) => !self.holds(part, Around { placed: around.place.is_some(), ..around }),
            Node::Field(condition) if !around.placed || !is_name(condition.field) => {
                self.meets(condition.field, &condition.value)
            }
            Node::Form(form, part) => self.holds(part, Around { form: Some(*form), ..around }),
            Node::In(place, part) => self.holds(part, Around { place: Some(*place), placed: true, ..around }),
            Node::Boost(_, part) => self.holds(part, around),
            Node::AtLeast(..) | Node::First(..) | Node::Near(..) | Node::Sentence(_) | Node::Passage(_) => {
                match settled(node) {
                    // What an operator leaves alone is asked for where it stands all the same.
                    Some(other) => self.holds(&other, Around { placed: true, ..around }),
                    None => !self.found(node, around).is_empty(),
                }
            }
            Node::Text(_) | Node::Field(_) => !self.found(node, around).is_empty(),
            Node::Saved(..) => unreachable!("none is asked for"),
        }
    }

    /// The stretches that match.
    fn found(&self, node: &Node, around: Around) -> BTreeSet<Found> {
        let inside = Around { placed: true, ..around };
        match node {
            Node::Text(text) => self.texts(text, around),
            Node::Field(condition) if around.placed && is_name(condition.field) => {
                // A place in a region is the region.
                let names = self.names.iter().filter(|(.., term)| match term.strip_prefix("region:") {
                    Some(code) => {
                        let code = regions().get(code).unwrap().code;
                        code.0 == condition.value
                            || regions().ancestors(code).iter().any(|above| above.0 == condition.value)
                    }
                    None => *term == condition.value,
                });
                names
                    .map(|(place, end, _)| (*place, *place, *end))
                    .filter(|one| self.is_in(*one, around.place))
                    .collect()
            }
            Node::Field(_) | Node::Not(_) => BTreeSet::new(),
            Node::And(parts) if !parts.iter().all(|part| self.holds(part, around)) => BTreeSet::new(),
            Node::And(parts) | Node::Or(parts) => {
                let held = parts.iter().filter(|part| self.holds(part, around));
                held.flat_map(|part| self.found(part, around)).collect()
            }
            Node::Form(form, part) => self.found(part, Around { form: Some(*form), ..around }),
            Node::In(place, part) => self.found(part, Around { place: Some(*place), ..inside }),
            Node::Boost(_, part) => self.found(part, around),
            Node::Near(..) | Node::Sentence(_) | Node::Passage(_) | Node::AtLeast(..) | Node::First(..)
                if settled(node).is_some() =>
            {
                self.found(&settled(node).unwrap(), inside)
            }
            Node::Near(parts, gaps) => {
                let lists: Vec<Vec<Found>> =
                    parts.iter().map(|part| self.found(part, inside).into_iter().collect()).collect();
                let mut all = BTreeSet::new();
                chains(&lists, gaps, &mut Vec::new(), &mut all);
                all
            }
            Node::Sentence(parts) => self.together(parts, &self.sentences, inside),
            Node::Passage(parts) => self.together(parts, &self.passages, inside),
            Node::AtLeast(count, part) => {
                let found = self.found(part, inside);
                let places: BTreeSet<Stretch> =
                    found.iter().map(|(first, last, _)| (*first, *last)).collect();
                if places.len() >= *count as usize { found } else { BTreeSet::new() }
            }
            Node::First(words, part) => {
                let end = self.body_from + *words as usize;
                self.found(part, inside).into_iter().filter(|(_, last, _)| *last < end).collect()
            }
            Node::Saved(..) => unreachable!("none is asked for"),
        }
    }

    fn together(&self, parts: &[Node], starts: &[usize], inside: Around) -> BTreeSet<Found> {
        let lists: Vec<BTreeSet<Found>> = parts.iter().map(|part| self.found(part, inside)).collect();
        let mut all = BTreeSet::new();
        for number in 0..=starts.len() {
            let is_here = |place: usize| starts.iter().filter(|start| **start <= place).count() == number;
            let here: Vec<Vec<Found>> = lists
                .iter()
                .map(|list| list.iter().copied().filter(|one| is_here(one.0) && is_here(one.1)).collect())
                .collect();
            if here.iter().all(|list| !list.is_empty()) {
                all.extend(here.into_iter().flatten());
            }
        }
        all
    }

    fn is_in(&self, (first, last, _): Found, place: Option<Part>) -> bool {
        let lead_ends = self.passages.get(1).copied().unwrap_or(usize::MAX);
        match place {
            None => true,
            Some(Part::Title) => last < self.body_from,
            Some(Part::Body) => first >= self.body_from,
            Some(Part::Lead) => first >= self.body_from && last < lead_ends,
        }
    }

    fn texts(&self, text: &Text, around: Around) -> BTreeSet<Found> {
        let tests = tests(text, around.form);
        let others = if let TextKind::Phrase(others) = text.kind { others as usize } else { 0 };
        let mut all = BTreeSet::new();
        for first in self.words.iter().filter(|word| tests[0](word)) {
            let mut row = vec![first.place];
            for test in &tests[1..] {
                let after = row[row.len() - 1];
                // In a loose phrase the next that fits, otherwise the very next.
                let next = self
                    .words
                    .iter()
                    .find(|word| word.place > after && test(word) && (others > 0 || word.place == after + 1));
                row.extend(next.map(|word| word.place));
                if next.is_none() {
                    break;
                }
            }
            let (start, end) = (row[0], row[row.len() - 1]);
            if row.len() < tests.len() || end - start + 1 - row.len() > others {
                continue;
            }
            if others > 0 && tests.len() > 1 {
                let words: Vec<Found> = row.iter().map(|place| (*place, *place, *place)).collect();
                if words.iter().all(|word| self.is_in(*word, around.place)) {
                    all.extend(words);
                }
            } else if self.is_in((start, end, end), around.place) {
                all.insert((start, end, end));
            }
        }
        all
    }

    fn meets(&self, field: Field, value: &str) -> bool {
        match field {
            Field::Entity => self.entities.contains(value),
            Field::Region => self.regions.contains(value),
            Field::Source => fold(&self.source) == fold(value),
            Field::Date => value.starts_with(&self.year) && !self.year.is_empty(),
            Field::Words => {
                let (least, most) = value.split_once("..").unwrap();
                least.parse::<usize>().unwrap() <= self.count && self.count <= most.parse().unwrap()
            }
            other => unreachable!("{other:?} is not asked for"),
        }
    }
}

/// What of the top level an article must have.
fn asked(query: &Query) -> Vec<&Node> {
    let is_grammar = |node: &&Node| {
        let Node::Text(Text { text, kind: TextKind::Word, .. }) = node else { return false };
        let tokens = Analyzer::default().tokens(text);
        tokens.len() == 1 && is_stop_word(tokens.stem(0)) && tokens.exact(0) != "us"
    };
    let wanted: Vec<&Node> = query.clauses.iter().collect();
    let words: Vec<&Node> = wanted.iter().copied().filter(|node| !is_grammar(node)).collect();
    // Words of grammar need not be there, unless nothing else is asked for by its words.
    let has_words = words.iter().any(|node| has_text(node));
    if query.needs_all || !has_words { wanted } else { words }
}

fn is_name(field: Field) -> bool {
    matches!(field, Field::Entity | Field::Region)
}

fn has_text(node: &Node) -> bool {
    match node {
        Node::Text(_) => true,
        Node::Field(_) | Node::Saved(..) | Node::Not(_) => false,
        Node::And(parts) | Node::Or(parts) => parts.iter().any(has_text),
        Node::Near(parts, _) | Node::Sentence(parts) | Node::Passage(parts) => {
            parts.iter().any(|part| has_text(part) || matches!(part, Node::Field(one) if is_name(one.field)))
        }
        Node::AtLeast(_, part) | Node::First(_, part) => {
            has_text(part) || matches!(**part, Node::Field(ref one) if is_name(one.field))
        }
        Node::In(_, part) => has_text(part) || matches!(**part, Node::Field(ref one) if is_name(one.field)),
        Node::Form(_, part) | Node::Boost(_, part) => has_text(part),
    }
}

/// An operator of nearness with what stands in it turned outwards: each combination of the parts of an `AND`, and what
/// is asked of the article. `None` where there is nothing to turn.
fn settled(node: &Node) -> Option<Node> {
    let (parts, gaps): (&[Node], &[Gap]) = match node {
        Node::Near(parts, gaps) => (parts, gaps),
        Node::Sentence(parts) | Node::Passage(parts) => (parts, &[]),
        Node::AtLeast(count, part) => return outwards(part, &|part| Node::AtLeast(*count, part)),
        Node::First(words, part) => return outwards(part, &|part| Node::First(*words, part)),
        _ => return None,
    };
    let is_beside = |node: &Node| match node {
        Node::Not(_) => true,
        Node::Field(one) => !is_name(one.field),
        _ => false,
    };
    if !parts.iter().any(|part| matches!(part, Node::And(_)) || is_beside(part)) {
        return None;
    }
    let mut beside = Vec::new();
    let mut rows: Vec<(Vec<Node>, Vec<Gap>)> = vec![(Vec::new(), Vec::new())];
    // Of too many combinations, matches of any part will do.
    let choices = parts.iter().map(|part| match part {
        Node::And(all_of) => all_of.iter().filter(|part| !is_beside(part)).count().max(1),
        _ => 1,
    });
    let is_too_much = choices.product::<usize>() > 16;
    for (at, part) in parts.iter().enumerate() {
        let all_of = if let Node::And(all_of) = part { all_of.clone() } else { vec![part.clone()] };
        let (out, mut choice): (Vec<Node>, Vec<Node>) = all_of.into_iter().partition(is_beside);
        beside.extend(out);
        if choice.is_empty() {
            continue;
        }
        if is_too_much && choice.len() > 1 {
            // Wrapped in what changes nothing, so that it is not turned outwards again.
            choice = vec![Node::Boost(1.0, Box::new(Node::And(choice)))];
        }
        let mut longer = Vec::new();
        for (row, row_gaps) in &rows {
            for node in &choice {
                let (mut row, mut row_gaps) = (row.clone(), row_gaps.clone());
                if !row.is_empty() {
                    row_gaps.extend(gaps.get(at - 1));
                }
                row.push(node.clone());
                longer.push((row, row_gaps));
            }
        }
        rows = longer;
    }
    let rows = rows.into_iter().filter(|(row, _)| !row.is_empty());
    let made = rows.map(|(mut row, gaps)| match node {
        _ if row.len() == 1 => row.remove(0),
        Node::Near(..) => Node::Near(row, gaps),
        Node::Sentence(_) => Node::Sentence(row),
        _ => Node::Passage(row),
    });
    Some(Node::And(made.chain(beside).collect()))
}

fn outwards(part: &Node, make: &dyn Fn(Box<Node>) -> Node) -> Option<Node> {
    match part {
        Node::Not(inner) => Some(Node::Not(Box::new(make(inner.clone())))),
        Node::Field(one) if !is_name(one.field) => Some(part.clone()),
        _ => None,
    }
}

/// Tries every chain.
fn chains(lists: &[Vec<Found>], gaps: &[Gap], chain: &mut Vec<Found>, all: &mut BTreeSet<Found>) {
    let Some(list) = lists.get(chain.len()) else {
        all.extend(chain.iter().copied());
        return;
    };
    for &next in list {
        let fits = chain.last().is_none_or(|&last| {
            let gap = gaps[chain.len() - 1];
            let after = next.0 > last.1 && next.0 - last.1 <= gap.within as usize;
            let before = last.0 > next.1 && last.0 - next.1 <= gap.within as usize;
            after || (before && !gap.is_ordered)
        });
        if fits {
            chain.push(next);
            chains(lists, gaps, chain, all);
            chain.pop();
        }
    }
}

type Test = Box<dyn Fn(&Word) -> bool>;

/// For each word of a text, which words of articles fit.
fn tests(text: &Text, form: Option<Form>) -> Vec<Test> {
    let mut tests: Vec<Test> = Vec::new();
    let either = |test: Box<dyn Fn(&str) -> bool>| -> Test {
        Box::new(move |word| {
            test(&word.stem)
                || word.joined.as_deref().is_some_and(&test)
                || test(&word.exact.to_ascii_lowercase())
        })
    };
    for chunk in text.text.split_whitespace() {
        if chunk.contains(['*', '?']) {
            let wild: Vec<char> = chunk.to_lowercase().chars().collect();
            tests.push(either(Box::new(move |word| is_like(&wild, &word.chars().collect::<Vec<_>>()))));
            continue;
        }
        let tokens = Analyzer::default().tokens(chunk);
        if let (TextKind::Fuzzy(wrong), 1) = (text.kind, tokens.len()) {
            let typed = tokens.folded(0).to_owned();
            let typed: Vec<char> = typed.chars().collect();
            let wrong = if typed.len() < 6 { 1 } else { usize::from(wrong) };
            tests.push(either(Box::new(move |word| {
                distance(&typed, &word.chars().collect::<Vec<_>>()) <= wrong
            })));
            continue;
        }
        if let (TextKind::Word, Some(joined), 2) = (text.kind, tokens.joined(0), tokens.len())
            && tokens.folded(0).len() <= 2
            && form.is_none_or(|form| form == Form::Stem)
        {
            let joined = joined.to_owned();
            tests.push(Box::new(move |word| word.stem == joined || word.joined.as_deref() == Some(&joined)));
            continue;
        }
        for at in 0..tokens.len() {
            let (exact, stem) = (tokens.exact(at).to_owned(), tokens.stem(at).to_owned());
            tests.push(match form {
                Some(Form::Exact) => Box::new(move |word| {
                    word.exact == exact || (stem == exact && word.joined.as_deref() == Some(exact.as_str()))
                }),
                Some(Form::Caps) => Box::new(move |word| {
                    word.exact.to_lowercase() == exact.to_lowercase()
                        && word.exact.contains(char::is_uppercase)
                }),
                _ => Box::new(move |word| {
                    word.stem == stem
                        || word.joined.as_deref() == Some(stem.as_str())
                        || (exact == "us" && word.stem == "US")
                }),
            });
        }
    }
    tests
}

fn is_like(wild: &[char], word: &[char]) -> bool {
    match wild.first() {
        None => word.is_empty(),
        Some('*') => (0..=word.len()).any(|skip| is_like(&wild[1..], &word[skip..])),
        Some('?') => !word.is_empty() && is_like(&wild[1..], &word[1..]),
        Some(letter) => word.first() == Some(letter) && is_like(&wild[1..], &word[1..]),
    }
}

/// Letters wrong, missing, too many or swapped with their neighbour.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            table[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let changed = table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let mut least = changed.min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    least = least.min(table[i - 2][j - 2] + 1);
                }
                least
            };
        }
    }
    table[a.len()][b.len()]
}
