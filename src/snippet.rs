//! What a reader sees of a passage: whole sentences, with the words that matched marked.
//!
//! A passage may be longer than a glance. Its [`Snippet`] is the sentence that says most, with as many of its neighbours
//! as fit beside it, those that say more first: each different word of the query counts once, by how rare it is, words
//! side by side as in the query count more, and what stands early in the article, where news is told, a little. The
//! worth of that sentence tells which passages of an article to show. Highlights come from the positions that matched,
//! handed over by the search, so they agree with it by construction: a word is marked whole, a phrase as one, and a word
//! that the query excludes never. What a snippet is said to have is what is seen whole in it.
//!
//! To name what is filtered by counts less than any word, and nothing in a run without any. Where an operator of nearness
//! holds, a run that has one stretch of words by which it does comes before any that has none, and is then as long as that
//! takes, up to [`WIDEST`] times the length aimed at; of a stretch that is longer the ends are shown as any words are.
//!
//! How often the text shown first covers half of a passage that answers, of 300 and of 600 characters, in the articles of
//! judged business news and where the lead is asked for by the headline and all sentences are shuffled:
//!
//! | | news-dev | press releases, shuffled | Reuters, shuffled |
//! |---|---|---|---|
//! | as below | .714 .801 | .480 .509 | .808 .885 |
//! | the run of sentences that says most for its length | .655 .726 | .437 .467 | .767 .836 |
//! | what follows is added first | .714 .786 | .480 .509 | .805 .881 |
//! | [`PAIR`] 0 | .706 .810 | .468 .502 | .801 .882 |
//! | [`PAIR`] 0.5 | .709 .793 | .482 .511 | .805 .881 |
//! | [`EARLY`] 0 | .660 .739 | .493 .521 | .808 .884 |
//! | [`EARLY`] 0.3 | .727 .806 | .458 .489 | .770 .856 |
//! | [`EARLY`] 0.5 | .715 .801 | .404 .436 | .701 .797 |
//!
//! All was chosen on these. Other articles, shuffled likewise, have .477 .511 and .805 .882, where sentences ranked as in
//! `tests/relevance` have .385 .421 and .761 .823; the judged queries over the shipped corpus have .798 .841, and with the
//! run that says most for its length .767 .840.
//!
//! Only the passage is analysed again. That is safe because the analysis of a text does not depend on what
//! stands before or after a sentence.

use crate::article::Span;
use crate::passages::sentences;
use crate::wire::prose;
use crate::words::{Analyzer, Shape, Tokens};

/// The length aimed at, in characters: four or five lines of a terminal.
pub const TARGET_CHARS: usize = 400;

/// How many times the length aimed at a snippet may have for a stretch that satisfies an operator: a passage nearly
/// always fits.
pub const WIDEST: usize = 3;

/// What it counts to have such a stretch, as a part of all the weight there is: more than words, pairs and place together.
pub(crate) const DECISIVE: f32 = 4.0;

/// What naming the filters counts, as a part of the least that a word says: among runs with the same words it decides.
const NAMED: f32 = 0.5;

/// Weight of two words side by side, as a part of their own.
const PAIR: f32 = 0.3;

/// What the very start of an article is worth, as a part of all the weight there is.
const EARLY: f32 = 0.15;

/// A word that matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Match {
    /// Position in the tokens of the title or body.
    pub word: u32,
    /// Which clause of the query.
    pub clause: u16,
    /// Whether it is one match with the word before.
    pub goes_on: bool,
}

/// What a snippet needs to know of a clause.
#[derive(Debug, Clone, PartialEq)]
pub struct Weight {
    /// How much a word of it says: its rarity, in any unit that is the same for all. That of what only stands for others
    /// is theirs.
    pub rarity: f32,
    /// What it stands for, each at this part; empty for what stands for itself.
    pub stands_for: Vec<(u16, f32)>,
    /// How many words a match of it has.
    pub words: u32,
    /// The stem of a single word, which may be the joined spelling of two.
    pub stem: Option<String>,
    /// Whether it matches mentions, which are marked whole.
    pub is_name: bool,
}

/// A piece of a body with its highlights.
#[derive(Debug, Clone, PartialEq)]
pub struct Snippet {
    /// Bytes of the body, without white space at the ends.
    pub span: Span,
    /// Bytes of the body, inside `span`, in order, apart from each other.
    pub highlights: Vec<Span>,
    /// Mentions inside `span` of whom or what the query or its filters name, where no typed word matched; likewise.
    pub names: Vec<Span>,
    /// For each clause whether a match of it is inside `span`, whole.
    pub has: Vec<bool>,
    /// For each list of witnesses whether one is inside `span`.
    pub shows: Vec<bool>,
    /// How much it says, in the unit of the weights.
    pub value: f32,
}

/// What it counts to name what is filtered by, where words say so much each.
pub fn naming(rarities: impl Iterator<Item = f32>) -> f32 {
    let least = rarities.filter(|rarity| *rarity > 0.0).fold(f32::INFINITY, f32::min);
    if least.is_finite() { NAMED * least } else { 0.0 }
}

/// What all snippets of an article are cut by.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    pub body: &'a str,
    /// Sorted.
    pub matches: &'a [Match],
    /// Those of the clauses.
    pub weights: &'a [Weight],
    /// For each operator of nearness the stretches of words by which it holds, each by the positions of its first word
    /// and its last.
    pub witnesses: &'a [Vec<(u32, u32)>],
    /// Bytes of the body worth showing without being marked, such as mentions of what was filtered by; any of them
    /// counts, but less than any word.
    pub favoured: &'a [Span],
    /// Bytes of the body where it mentions what clauses name; they start where such a clause matched.
    pub named: &'a [Span],
    /// The length aimed at.
    pub chars: usize,
}

impl Shown<'_> {
    /// Cuts a snippet from the passage `span`, whose first word has position `first_word`. Without anything to show, it
    /// is the passage's start. It goes over what is no [prose] only for an operator.
    pub fn snippet(&self, span: Span, first_word: u32, analyzer: &mut Analyzer) -> Snippet {
        let Shown { body, matches, weights, witnesses, favoured, named: of_names, chars } = *self;
        let passage = span.of(body);
        let tokens = analyzer.tokens(passage);
        let here: Vec<Match> = matches[matches.partition_point(|found| found.word < first_word)..]
            .iter()
            .map(|found| Match { word: found.word - first_word, ..*found })
            .take_while(|found| (found.word as usize) < tokens.len())
            .collect();
        let sentences = sentences(passage, &tokens);
        let bounds: Vec<(usize, usize)> = (0..sentences.len())
            .map(|index| {
                let end = sentences.get(index + 1).map_or(passage.len(), |next| next.start as usize);
                (sentences[index].start as usize, end)
            })
            .collect();
        let choices = choices(passage, &bounds);
        let all: f32 = weights.iter().map(|weight| weight.rarity).sum();
        let named = if weights.is_empty() {
            1.0
        } else {
            naming(weights.iter().filter(|weight| weight.stands_for.is_empty()).map(|weight| weight.rarity))
        };
        let start_of = |found: &Match| tokens.span(found.word as usize).start as usize;
        let whole = whole(&here, weights, &tokens);
        let held = held(witnesses, first_word, &tokens);
        let holds = |start: usize, end: usize| {
            let is_inside = |stretch: &(usize, usize)| start <= stretch.0 && stretch.1 <= end;
            held.iter().filter(|list| list.iter().any(is_inside)).count()
        };
        let says = |start: usize, end: usize| {
            said(here.iter().filter(|found| (start..end).contains(&start_of(found))), weights)
        };
        let worth = |start: usize, end: usize| {
            let run = Span::new(span.start as usize + start, span.start as usize + end);
            let is_favoured = favoured.iter().any(|favoured| run.contains(*favoured));
            // Of a run without any word of a passage that has some, it says nothing.
            let says_any =
                whole.is_empty() || whole.iter().any(|(_, found)| start <= found.0 && found.1 <= end);
            says(start, end) + if is_favoured && says_any { named } else { 0.0 } + early(run.start) * all
        };
        let (from, to, value) = best_run(passage, &choices, chars, all, &holds, &says, &worth);
        let first_match = here.iter().map(start_of).find(|start| (from..to).contains(start)).unwrap_or(from);
        let (from, to) = cut(passage, from, to, first_match);
        let text = prose(&passage[from..to]);
        let (start, end) = (from + text.start, from + text.end);
        let end_of = |found: &Match| tokens.span(found.word as usize).end as usize;
        let shown: Vec<Match> =
            here.into_iter().filter(|found| start <= start_of(found) && end_of(found) <= end).collect();
        let moved = |found: Span| Span { start: found.start + span.start, end: found.end + span.start };
        let (by_name, words): (Vec<Match>, Vec<Match>) =
            shown.iter().partition(|found| weights[usize::from(found.clause)].is_name);
        let words: Vec<Span> = highlights(&tokens, &words, weights).into_iter().map(moved).collect();
        let mut mentions: Vec<Span> = by_name
            .iter()
            .map(|found| {
                let word = moved(tokens.span(found.word as usize));
                of_names.iter().copied().find(|name| name.start == word.start).unwrap_or(word)
            })
            .collect();
        let offset = span.start as usize;
        let run = Span::new(offset + start, offset + end);
        mentions.retain(|name| run.contains(*name));
        let highlights = apart(words.iter().chain(&mentions).copied().collect());
        let is_typed = |name: &Span| words.iter().any(|word| word.start < name.end && name.start < word.end);
        mentions.extend(favoured.iter().filter(|name| run.contains(**name)));
        mentions.retain(|name| !is_typed(name));
        let is_inside = |stretch: &(usize, usize)| start <= stretch.0 && stretch.1 <= end;
        Snippet {
            span: run,
            highlights,
            names: apart(mentions),
            has: (0..weights.len())
                .map(|clause| whole.iter().any(|(of, found)| usize::from(*of) == clause && is_inside(found)))
                .collect(),
            shows: held.iter().map(|list| list.iter().any(is_inside)).collect(),
            value,
        }
    }
}

/// The spans in order, those that overlap as one.
fn apart(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable_by_key(|span| (span.start, span.end));
    let mut joined: Vec<Span> = Vec::new();
    for span in spans {
        match joined.last_mut() {
            Some(last) if span.start < last.end => last.end = last.end.max(span.end),
            _ => joined.push(span),
        }
    }
    joined
}

/// A sentence to choose from.
#[derive(Debug, Clone, Copy)]
struct Choice {
    start: usize,
    end: usize,
    /// Whether nothing but space is between it and the one before.
    follows: bool,
}

/// The sentences that say anything to a reader, all of them where none does.
fn choices(passage: &str, bounds: &[(usize, usize)]) -> Vec<Choice> {
    let mut choices: Vec<Choice> = Vec::new();
    let mut shown = 0;
    for &(start, end) in bounds {
        let said = prose(&passage[start..end]);
        if !said.is_empty() {
            let follows = passage[shown..start + said.start].trim().is_empty();
            choices.push(Choice { start, end, follows });
            shown = start + said.end;
        }
    }
    if choices.is_empty() {
        choices.extend(bounds.iter().map(|&(start, end)| Choice { start, end, follows: true }));
    }
    choices
}

/// The matches of which every word is here, with their bytes. `here` is sorted, as `tokens` count.
fn whole(here: &[Match], weights: &[Weight], tokens: &Tokens) -> Vec<(u16, (usize, usize))> {
    let found = here.iter().filter_map(|found| {
        let last = found.word + weights[usize::from(found.clause)].words.saturating_sub(1);
        let goes_on = |word: u32| here.binary_search(&Match { word, goes_on: true, ..*found }).is_ok();
        let is_whole = (found.word + 1..=last).all(goes_on);
        let bytes =
            || (tokens.span(found.word as usize).start as usize, tokens.span(last as usize).end as usize);
        is_whole.then(|| (found.clause, bytes()))
    });
    found.collect()
}

/// The bytes of the stretches that lie in a passage whose first word has this position.
fn held(witnesses: &[Vec<(u32, u32)>], first_word: u32, tokens: &Tokens) -> Vec<Vec<(usize, usize)>> {
    let bytes = |&(first, last): &(u32, u32)| {
        let first = first.checked_sub(first_word)? as usize;
        let last = (last - first_word) as usize;
        (last < tokens.len()).then(|| (tokens.span(first).start as usize, tokens.span(last).end as usize))
    };
    witnesses.iter().map(|list| list.iter().filter_map(bytes).collect()).collect()
}

/// What a run says: each clause once, and each two that follow each other in the query once more where they stand side
/// by side.
fn said<'a>(matches: impl Iterator<Item = &'a Match>, weights: &[Weight]) -> f32 {
    let mut clauses: Vec<u16> = Vec::new();
    let mut pairs: Vec<u16> = Vec::new();
    let mut before: Vec<Match> = Vec::new();
    for found in matches {
        before.retain(|other| other.word + 1 >= found.word);
        if before.iter().any(|other| other.word + 1 == found.word && other.clause + 1 == found.clause) {
            pairs.push(found.clause);
        }
        before.push(*found);
        clauses.push(found.clause);
    }
    for list in [&mut clauses, &mut pairs] {
        list.sort_unstable();
        list.dedup();
    }
    let rarity = |clause: u16| weights[usize::from(clause)].rarity;
    // What is said in two ways is said once.
    let mut stood_for: Vec<(u16, f32)> =
        clauses.iter().flat_map(|&clause| weights[usize::from(clause)].stands_for.iter().copied()).collect();
    stood_for.retain(|(clause, _)| clauses.binary_search(clause).is_err());
    stood_for.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
    stood_for.dedup_by_key(|(clause, _)| *clause);
    clauses.iter().copied().map(rarity).sum::<f32>()
        + stood_for.into_iter().map(|(clause, part)| part * rarity(clause)).sum::<f32>()
        + pairs.into_iter().map(|clause| PAIR * (rarity(clause) + rarity(clause - 1))).sum::<f32>()
}

/// What a run is worth for where it starts, as a part of all the weight there is.
#[allow(clippy::cast_precision_loss, reason = "bytes of a body")]
fn early(start: u32) -> f32 {
    /// Bytes of two sentences, by which it has halved.
    const HALVED: f32 = 250.0;
    EARLY / (1.0 + start as f32 / HALVED)
}

/// Shortens what is far too long for anybody to read, such as a table in one line, to what stands around the
/// first match.
fn cut(passage: &str, from: usize, to: usize, first_match: usize) -> (usize, usize) {
    /// No sentence of prose has as many bytes.
    const LONGEST: usize = 2_000;
    /// Shown before the first match.
    const BEFORE: usize = 200;
    if to - from <= LONGEST {
        return (from, to);
    }
    let blank_from = |at: usize| passage[at..].find(char::is_whitespace).map_or(at, |blank| at + blank);
    let wanted = passage.floor_char_boundary(first_match.saturating_sub(BEFORE).max(from));
    let start = if wanted > from { blank_from(wanted).min(first_match) } else { from };
    let end = passage.floor_char_boundary((start + LONGEST).min(to));
    (start, passage[start..end].rfind(char::is_whitespace).map_or(end, |blank| start + blank).max(start))
}

/// The places of matched words in the text that `tokens` were cut from, in order, apart from each other.
/// The words of a phrase make one.
pub fn highlights(tokens: &Tokens, matches: &[Match], weights: &[Weight]) -> Vec<Span> {
    let mut highlights: Vec<Span> = Vec::new();
    let mut last: Option<u32> = None;
    for here in matches.chunk_by(|a, b| a.word == b.word) {
        let at = here[0].word;
        let word = at as usize;
        let mut span = tokens.span(word);
        // The joined spelling of `e-commerce` stands at its first part.
        let is_joined = here.iter().any(|found| {
            let stem = weights[usize::from(found.clause)].stem.as_deref();
            stem.is_some_and(|stem| tokens.joined(word) == Some(stem) && tokens.stem(word) != stem)
        });
        if is_joined && word + 1 < tokens.len() && tokens.shape(word) != Shape::Number {
            span.end = tokens.span(word + 1).end;
        }
        let is_one = here.iter().any(|found| found.goes_on) && last.is_some_and(|last| last + 1 == at);
        match highlights.last_mut() {
            Some(highlight) if is_one || span.start < highlight.end => {
                highlight.end = highlight.end.max(span.end);
            }
            _ => highlights.push(span),
        }
        last = Some(at);
    }
    highlights
}

/// The sentence that is worth most, or the shortest run that holds more operators than any sentence of it, with its
/// worth; filled up with its neighbours to the length aimed at: the one that says more first, of equals what follows.
fn best_run(
    text: &str,
    choices: &[Choice],
    chars: usize,
    all: f32,
    holds: &dyn Fn(usize, usize) -> usize,
    says: &dyn Fn(usize, usize) -> f32,
    worth: &dyn Fn(usize, usize) -> f32,
) -> (usize, usize, f32) {
    let lengths: Vec<usize> =
        choices.iter().map(|choice| text[choice.start..choice.end].trim().chars().count() + 1).collect();
    let length = |first: usize, last: usize| lengths[first..=last].iter().sum::<usize>() - 1;
    if choices.is_empty() {
        return (0, text.len(), 0.0);
    }
    let (mut first, mut last) = (0, 0);
    let mut best = f32::MIN;
    for from in 0..choices.len() {
        for to in from..choices.len() {
            let (start, end) = (choices[from].start, choices[to].end);
            let held = holds(start, end);
            if to > from {
                if length(from, to) > WIDEST * chars {
                    break;
                }
                let is_least =
                    held > holds(choices[from + 1].start, end) && held > holds(start, choices[to - 1].end);
                if !is_least {
                    continue;
                }
            }
            #[allow(clippy::cast_precision_loss, reason = "a few operators")]
            let value = worth(start, end) + DECISIVE * all * held as f32;
            // A hair's breadth of rounding is no reason to prefer a later run.
            if value > best + 1e-6 {
                (best, first, last) = (value, from, to);
            }
        }
    }
    loop {
        let next = |at: usize, first: usize, last: usize, follows: usize| {
            let fits = choices[follows].follows && length(first, last) <= chars;
            fits.then(|| says(choices[at].start, choices[at].end))
        };
        let before = if first > 0 { next(first - 1, first - 1, last, first) } else { None };
        let after = if last + 1 < choices.len() { next(last + 1, first, last + 1, last + 1) } else { None };
        match (before, after) {
            (before, Some(after)) if before.is_none_or(|before| before <= after) => last += 1,
            (Some(_), _) => first -= 1,
            (None, _) => break,
        }
    }
    (choices[first].start, choices[last].end, best)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Marks `*words*` of `text` as matches of clauses 0, 1, … and checks the snippet, with its highlights
    /// in the same marks.
    fn check(text: &str, expected: &str) {
        let plain = text.replace('*', "");
        let mut analyzer = Analyzer::default();
        let tokens = analyzer.tokens(&plain);
        let mut matches = Vec::new();
        for (clause, part) in (0..).zip(text.split('*').skip(1).step_by(2)) {
            for word in 0..tokens.len() {
                if part.split(' ').any(|wanted| tokens.span(word).of(&plain) == wanted) {
                    let word = u32::try_from(word).unwrap();
                    let goes_on = matches
                        .last()
                        .is_some_and(|last: &Match| last.word + 1 == word && last.clause == clause);
                    matches.push(Match { word, clause, goes_on });
                }
            }
        }
        matches.sort_unstable();
        let weights: Vec<Weight> = text
            .split('*')
            .skip(1)
            .step_by(2)
            .map(|part| Weight {
                rarity: 1.0,
                words: u32::try_from(part.split(' ').count()).unwrap(),
                stands_for: Vec::new(),
                stem: None,
                is_name: false,
            })
            .collect();
        let shown = Shown {
            body: &plain,
            matches: &matches,
            weights: &weights,
            witnesses: &[],
            favoured: &[],
            named: &[],
            chars: TARGET_CHARS,
        };
        let found = shown.snippet(Span::new(0, plain.len()), 0, &mut analyzer);
        let mut shown = String::new();
        let mut at = found.span.start;
        for highlight in &found.highlights {
            shown.push_str(&plain[at as usize..highlight.start as usize]);
            shown = format!("{shown}*{}*", highlight.of(&plain));
            at = highlight.end;
        }
        shown.push_str(&plain[at as usize..found.span.end as usize]);
        assert_eq!(shown, expected);
    }

    #[test]
    fn sentences_are_shown_whole_and_their_words_marked() {
        check("The *bank* paid a *fine*. So it ended.", "The *bank* paid a *fine*. So it ended.");
        check("É *été* x. Y.", "É *été* x. Y.");
        check("One *profit warning* more. Two.", "One *profit warning* more. Two.");
    }

    #[test]
    fn without_words_the_start_is_shown() {
        check("First of all. Then this.", "First of all. Then this.");
        check("", "");
    }

    #[test]
    fn the_best_sentences_come_first_and_neighbours_fill_up() {
        let filler = "Some words that say nothing stand here between the two of them. ";
        let far = filler.repeat(7);
        let fits = |own: &str| filler.repeat((TARGET_CHARS - own.len()) / filler.len());
        let shown = format!("A *bank* fell. {}", fits("A bank fell. "));
        check(&format!("A *bank* fell. {far}A *fine* came."), shown.trim());
        let shown = format!("{}A *fine* and *bank* came.", fits("A fine and bank came."));
        check(&format!("A *bank* fell. {far}A *fine* and *bank* came."), &shown);
        // Where only one neighbour fits, it is the one that says more, or the one that follows.
        let half = |start: &str| format!("{start} {}. ", "goes on and on ".repeat(22).trim());
        let (bank, best, plain) = (half("The *bank*"), "A *fine* and *tax* came. ", half("It"));
        check(&format!("{far}{bank}{best}{plain}"), format!("{bank}{best}").trim());
        check(&format!("{far}{plain}{best}{plain}"), format!("{best}{plain}").trim());
    }
}
