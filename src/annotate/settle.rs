//! The phrases that need the rest of the article, and what the article shows a phrase not to be.

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

use super::find::Waiting;
use super::lists::{
    CUES_AFTER, CUES_BEFORE, DEALINGS, OFFICES, OTHER_MEANINGS, TITLES_AFTER, TITLES_BEFORE, TRADES,
};
use super::pieces::{is_running, leads_on};
use super::{
    Mention, Part, Referent, Rule, Words, entity, gap, is_close, is_possessive, mention, opens_sentence,
    referent, region_of,
};
use crate::gazetteer::{Entity, EntityId, Guard, Reading, RegionCode, RegionKind, Target, entities, regions};
use crate::tagger::{self, FIRST_NAME};
use crate::words::{Shape, is_stop_word};

/// Takes away a company's name of one word where it only begins another company's, in an article that never names it but
/// so: before a word such as `Credit`, or as `longer` has it, which is what the article prints in full somewhere.
pub(super) fn drop_longer_names(
    mentions: &mut Vec<Mention>,
    longer: &[(String, String)],
    title: Words<'_>,
    body: Words<'_>,
) {
    let begins_another = |mention: &Mention| {
        let words = if mention.part == Part::Title { title } else { body };
        let (at, end) = (mention.words.start as usize, mention.words.end as usize);
        let is_name = mention.words.len() == 1
            && mention.rule == Rule::Name
            && end < words.tokens.len()
            && words.tokens.shape(end) != Shape::Lower
            && gap(words, end) == " "
            && !is_possessive(words, at)
            && matches!(&mention.referent, Referent::Entity(id) if id.as_str().starts_with("co:"));
        is_name && {
            let (name, next) = (words.tokens.folded(at), words.tokens.folded(end));
            TRADES.contains(&next) || longer.iter().any(|(first, second)| first == name && second == next)
        }
    };
    if mentions.iter().any(begins_another) {
        let alone = mentions.iter().filter(|mention| !begins_another(mention));
        let alone: FxHashSet<Referent> = alone.map(|mention| mention.referent.clone()).collect();
        mentions.retain(|mention| alone.contains(&mention.referent) || !begins_another(mention));
    }
}

/// Takes away what is an acronym of something else in this article, as its first use in brackets shows: `continuing medical
/// education (CME)` is not the exchange, and `BioMedWire ("BMW")` not the carmaker.
pub(super) fn drop_other_acronyms(mentions: &mut Vec<Mention>, title: Words<'_>, body: Words<'_>) {
    let is_acronym = |mention: &Mention, words: Words<'_>| {
        let at = mention.words.start as usize;
        mention.words.len() == 1
            && mention.rule != Rule::Ticker
            && matches!(mention.referent, Referent::Entity(_))
            && words.tokens.shape(at) == Shape::AllCaps
            && (2..=6).contains(&words.tokens.exact(at).len())
    };
    let mut others: Vec<&str> = Vec::new();
    for (index, mention) in mentions.iter().enumerate() {
        if mention.part == Part::Title || !is_acronym(mention, body) {
            continue;
        }
        let Referent::Entity(id) = &mention.referent else { continue };
        let at = mention.words.start as usize;
        let exact = body.tokens.exact(at);
        let in_full = |other: &Mention| other.referent == mention.referent && other.words.len() > 1;
        let means_other = |(acronym, phrase): &(&str, &str)| *acronym == exact && has_phrase(body, phrase);
        if !others.contains(&exact) && OTHER_MEANINGS.iter().any(means_other) && !mentions.iter().any(in_full)
        {
            others.push(exact);
            continue;
        }
        let before = gap(body, at).trim_end_matches(['"', '“', '”', '\'', '‘', '’', ' ']);
        let is_own = index > 0
            && mentions[index - 1].part == Part::Body
            && mentions[index - 1].words.end == mention.words.start
            && mentions[index - 1].referent == mention.referent;
        if before.ends_with('(') && !is_own && !others.contains(&exact) && spells(body, at, id) {
            others.push(exact);
        }
    }
    if !others.is_empty() {
        mentions.retain(|mention| {
            let words = if mention.part == Part::Title { title } else { body };
            !(is_acronym(mention, words)
                && others.contains(&words.tokens.exact(mention.words.start as usize)))
        });
    }
}

/// Whether the text has these words in a row, in any case.
fn has_phrase(words: Words<'_>, phrase: &str) -> bool {
    let tokens = words.tokens;
    let count = phrase.split(' ').count();
    let is_there = |at: usize| phrase.split(' ').zip(at..).all(|(word, at)| tokens.folded(at) == word);
    (0..(tokens.len() + 1).saturating_sub(count)).any(is_there)
}

/// Whether the words before the acronym at `at` spell it, and are not those of the organisation's names.
fn spells(words: Words<'_>, at: usize, id: &EntityId) -> bool {
    let tokens = words.tokens;
    let mut wanted: Vec<char> = tokens.folded(at).chars().filter(|c| c.is_alphanumeric()).collect();
    let mut expansion = Vec::new();
    // Small words between are passed over; more than these are another sentence's.
    let mut passed = 0;
    let mut next = at;
    while next > 0 && !wanted.is_empty() && passed < 3 {
        next -= 1;
        let written = tokens.exact(next);
        // `BioMedWire` gives its three capitals.
        let inner: Vec<char> = match tokens.shape(next) {
            Shape::AllCaps | Shape::Lower | Shape::Number => written.chars().take(1).collect(),
            _ => written
                .chars()
                .enumerate()
                .filter(|(i, c)| *i == 0 || c.is_uppercase())
                .map(|(_, c)| c)
                .collect(),
        };
        let had = wanted.len();
        for letter in inner.iter().rev().flat_map(|letter| letter.to_lowercase()) {
            if wanted.last() == Some(&letter) {
                wanted.pop();
            }
        }
        if wanted.len() < had {
            expansion.push(tokens.folded(next));
        } else {
            passed += 1;
        }
    }
    let Some(entity) = entities().get(id.as_str()).filter(|_| wanted.is_empty()) else { return false };
    let own: Vec<String> = entity.aliases().map(|(alias, _)| crate::words::fold(alias)).collect();
    let shared = expansion.iter().filter(|word| own.iter().any(|name| name.contains(**word))).count();
    shared * 2 < expansion.len()
}

/// Decides the mentions that need context by what the article shows. The word that opens a place line is a
/// place.
pub(super) fn settle(
    mentions: &mut Vec<Mention>,
    waiting: Vec<Waiting<'_>>,
    begun: &FxHashSet<String>,
    title: Words<'_>,
    body: Words<'_>,
    place_words: usize,
) {
    if waiting.is_empty() {
        return;
    }
    let mut shown: FxHashSet<Referent> = FxHashSet::default();
    let mut near: FxHashMap<RegionCode, u32> = FxHashMap::default();
    for mention in mentions.iter() {
        shown.insert(mention.referent.clone());
        if let Referent::Region(code) = mention.referent {
            *near.entry(code).or_default() += 2;
            for ancestor in regions().ancestors(code).iter().take(1) {
                *near.entry(*ancestor).or_default() += 1;
            }
        }
    }
    // Cities that the article says the place of, by the word they begin with.
    let placed: FxHashSet<(RegionCode, &str)> = mentions
        .iter()
        .filter(|mention| mention.is_indirect)
        .filter_map(|mention| {
            let words = if mention.part == Part::Title { title } else { body };
            region_of(mention).map(|code| (code, words.tokens.exact(mention.words.start as usize)))
        })
        .collect();
    // Words that the article has as somebody's family name: `Lawson said` where `Nigel Lawson` is named.
    let people: FxHashSet<&str> = waiting
        .iter()
        .filter(|candidate| candidate.words.len() == 1)
        .filter_map(|candidate| {
            let words = if candidate.part == Part::Title { title } else { body };
            let start = candidate.words.start;
            let is_person = start > 0 && gap(words, start).trim() == "" && {
                let before = words.tokens.folded(start - 1);
                words.tokens.shape(start - 1) == Shape::Capitalised
                    && (tagger::listed(before) & FIRST_NAME != 0 || TITLES_BEFORE.contains(&before))
            };
            is_person.then(|| words.tokens.folded(start))
        })
        .collect();
    // What names in full begin with: `Puma` after `Puma Biotechnology` is not the shoemaker.
    let longer: FxHashMap<&str, &Referent> = mentions
        .iter()
        .filter(|mention| mention.words.len() > 1 && matches!(mention.rule, Rule::Name | Rule::LegalForm))
        // The tables made by hand have the short forms that are in use.
        .filter(|mention| match &mention.referent {
            Referent::Entity(id) => entities().is_generated(id.as_str()),
            Referent::Region(_) => false,
        })
        .map(|mention| {
            let words = if mention.part == Part::Title { title } else { body };
            (words.tokens.folded(mention.words.start as usize), &mention.referent)
        })
        .collect();
    let uses = Uses::of(&waiting, body);
    let are_listed = Listed::of(mentions).all(&waiting, body);
    let mut open = Vec::new();
    let mut settled = Vec::new();
    for (candidate, is_listed) in waiting.into_iter().zip(are_listed) {
        if uses.are_longer(&candidate, title) {
            continue;
        }
        let words = if candidate.part == Part::Title { title } else { body };
        let is_somebody =
            candidate.words.len() == 1 && people.contains(words.tokens.folded(candidate.words.start));
        let names = |referent: &Referent| {
            candidate.readings.iter().any(|reading| self::referent(reading.target).as_ref() == Some(referent))
        };
        let is_short = candidate.words.len() == 1 && !shown.iter().any(names);
        if is_short && begun.contains(words.tokens.folded(candidate.words.start)) {
            continue;
        }
        let long = longer.get(words.tokens.folded(candidate.words.start)).filter(|_| is_short);
        if let Some(long) = long {
            if !is_part_of_name(&candidate, words) {
                settled.push(made(&candidate, words, (*long).clone(), Rule::Repeated));
            }
        } else if let Some(referent) = beside(&candidate, words).filter(|_| !is_somebody) {
            shown.insert(referent.clone());
            settled.push(made(&candidate, words, referent, Rule::Cue));
        } else if let Some(entity) = weak_company(&candidate)
            .filter(|_| {
                !is_somebody && !is_part_of_name(&candidate, words) && !is_joined(words, &candidate.words)
            })
            .filter(|_| {
                is_listed || is_dealt_with(words, &candidate.words) && uses.are_passing(&candidate, words)
            })
        {
            let referent = Referent::Entity(EntityId(entity.id.into()));
            if !is_listed {
                shown.insert(referent.clone());
            }
            settled.push(made(&candidate, words, referent, Rule::Cue));
        } else {
            open.push(candidate);
        }
    }
    for candidate in open {
        let words = if candidate.part == Part::Title { title } else { body };
        let name = words.tokens.exact(candidate.words.start);
        let known = candidate.readings.iter().find_map(|reading| {
            let referent = referent(reading.target)?;
            let is_shown = match (&referent, reading.guard) {
                (Referent::Region(code), Guard::Shown) => placed.contains(&(*code, name)),
                _ => shown.contains(&referent),
            };
            is_shown.then_some(referent)
        });
        let opens_line =
            candidate.part == Part::Body && candidate.words.start == 0 && candidate.words.end <= place_words;
        let place = || {
            let mut regions = candidate.readings.iter().filter_map(|reading| match reading.target {
                Target::Region(code) => Some(Referent::Region(code)),
                _ => None,
            });
            regions.next().filter(|_| opens_line)
        };
        let likely = known.or_else(|| likely_region(&candidate, words, &near)).or_else(place);
        if let Some(referent) = likely.filter(|_| !is_part_of_name(&candidate, words)) {
            settled.push(made(&candidate, words, referent, Rule::Article));
        }
    }
    mentions.append(&mut settled);
}

fn made(candidate: &Waiting<'_>, words: Words<'_>, referent: Referent, rule: Rule) -> Mention {
    mention((candidate.part, words, candidate.words.clone()), &candidate.readings, referent, rule)
}

/// How the body uses the names that wait.
struct Uses<'a> {
    /// Those that begin longer ones, and the next word: `Mosaic Tiles`. They may be what the article is about.
    longer: FxHashSet<(&'a str, &'a str)>,
    counts: FxHashMap<&'a str, usize>,
}

impl<'a> Uses<'a> {
    fn of(waiting: &[Waiting<'_>], body: Words<'a>) -> Uses<'a> {
        let mut uses = Uses { longer: FxHashSet::default(), counts: FxHashMap::default() };
        for candidate in waiting.iter().filter(|candidate| candidate.part == Part::Body) {
            let (name, range) = (body.tokens.folded(candidate.words.start), &candidate.words);
            *uses.counts.entry(name).or_default() += 1;
            if range.len() == 1 && leads_on(body, range) && is_running(body, range) {
                uses.longer.insert((name, body.tokens.folded(range.end)));
            }
        }
        uses
    }

    /// Whether a title has an organisation's name as the body has it in running text: `AGC Biologics Expands`.
    fn are_longer(&self, candidate: &Waiting<'_>, title: Words<'_>) -> bool {
        let (tokens, Range { start, end }) = (title.tokens, candidate.words.clone());
        candidate.part == Part::Title
            && candidate.readings.iter().all(|reading| matches!(reading.target, Target::Entity(_)))
            && end < tokens.len()
            && gap(title, end) == " "
            && self.longer.contains(&(tokens.folded(start), tokens.folded(end)))
    }

    /// Whether the article only mentions the name. A listed company that it dwells on is named there in full or by its
    /// ticker.
    fn are_passing(&self, candidate: &Waiting<'_>, words: Words<'_>) -> bool {
        /// More mentions than these are no passing ones.
        const PASSING: usize = 3;
        let name = words.tokens.folded(candidate.words.start);
        let is_unlisted = || weak_company(candidate).is_some_and(|entity| entity.tickers().next().is_none());
        !self.longer.iter().any(|(first, _)| *first == name)
            && (self.counts.get(name).is_none_or(|count| *count <= PASSING) || is_unlisted())
    }
}

/// Where companies stand in the body that need no context, to tell others in a list with them.
struct Listed {
    starts: FxHashSet<usize>,
    ends: FxHashSet<usize>,
}

impl Listed {
    fn of(mentions: &[Mention]) -> Listed {
        let is_company = |mention: &&Mention| {
            mention.part == Part::Body
                && mention.rule != Rule::Ticker
                && matches!(&mention.referent, Referent::Entity(id) if entities()
                    .get(id.as_str())
                    .is_some_and(|entity| entity.kind == "company"))
        };
        let companies = || mentions.iter().filter(is_company);
        Listed {
            starts: companies().map(|mention| mention.words.start as usize).collect(),
            ends: companies().map(|mention| mention.words.end as usize).collect(),
        }
    }

    /// Which of the candidates are companies because they are listed beside one: `Walmart, Target and Gap`.
    fn all(&mut self, candidates: &[Waiting<'_>], body: Words<'_>) -> Vec<bool> {
        let mut are_listed = vec![false; candidates.len()];
        let mut check = |at: usize| {
            let Waiting { part, words, .. } = &candidates[at];
            let is_one = *part == Part::Body
                && !are_listed[at]
                && weak_company(&candidates[at]).is_some()
                && (self.goes_on(body, words.start) || self.goes_before(body, words.end));
            if is_one {
                are_listed[at] = true;
                self.starts.insert(words.start);
                self.ends.insert(words.end);
            }
        };
        (0..candidates.len()).for_each(&mut check);
        (0..candidates.len()).rev().for_each(check);
        are_listed
    }

    /// Whether a company stands before `start` with a comma or an `and` between.
    fn goes_on(&self, body: Words<'_>, start: usize) -> bool {
        let tokens = body.tokens;
        let is_end = |end: usize| self.ends.contains(&end);
        start > 0
            && (is_end(start) && is_comma(gap(body, start))
                || gap(body, start) == " "
                    && matches!(tokens.folded(start - 1), "and" | "or")
                    && matches!(gap(body, start - 1), " " | ", ")
                    && is_end(start - 1))
    }

    /// Whether a company stands behind `end` with a comma or an `and` between.
    fn goes_before(&self, body: Words<'_>, end: usize) -> bool {
        let tokens = body.tokens;
        end + 1 < tokens.len()
            && (self.starts.contains(&end) && is_comma(gap(body, end))
                || matches!(gap(body, end), " " | ", ")
                    && matches!(tokens.folded(end), "and" | "or")
                    && gap(body, end + 1) == " "
                    && self.starts.contains(&(end + 1)))
    }
}

fn is_comma(gap: &str) -> bool {
    matches!(gap, ", " | "; " | " & ")
}

/// The company that a candidate names if its context shows one.
fn weak_company(candidate: &Waiting<'_>) -> Option<&'static Entity> {
    candidate.readings.iter().find_map(|reading| match reading.target {
        Target::Entity(index) if reading.guard == Guard::Context => {
            Some(entity(index)).filter(|entity| entity.kind == "company")
        }
        _ => None,
    })
}

/// Whether the name goes on in what is joined to it, or is another's first: `United-CFX`, `Block.one`, `Bolt's Capital`.
fn is_joined(words: Words<'_>, range: &Range<usize>) -> bool {
    let Words { text, tokens } = words;
    let rest = &text[tokens.span(range.end - 1).end as usize..];
    let is_first = || {
        range.end < tokens.len()
            && is_possessive(words, range.end - 1)
            && is_close(words, range.end)
            && tokens.shape(range.end) == Shape::Capitalised
            && !is_stop_word(tokens.folded(range.end))
    };
    let is_domain = || rest.strip_prefix('.').is_some_and(|rest| rest.starts_with(char::is_alphanumeric));
    rest.starts_with('-') || is_domain() || is_first()
}

/// Whether the words before a name only fit a firm: `chief executive of Tether`, `a partnership with Oracle`.
fn is_dealt_with(words: Words<'_>, range: &Range<usize>) -> bool {
    let before = |step: usize| range.start.checked_sub(step).map_or("", |at| words.tokens.folded(at));
    range.start > 1
        && is_close(words, range.start)
        && is_close(words, range.start - 1)
        && match before(1) {
            "of" => before(2) == "executive" || OFFICES.contains(&before(2)) || DEALINGS.contains(&before(2)),
            "at" => OFFICES.contains(&before(2)),
            "with" => DEALINGS.contains(&before(2)),
            _ => false,
        }
}

/// The organisation that a word of business beside the name speaks for.
fn beside(candidate: &Waiting<'_>, words: Words<'_>) -> Option<Referent> {
    let tokens = words.tokens;
    let Range { start, end } = candidate.words;
    let is_meant =
        |reading: &&&Reading| matches!(reading.target, Target::Entity(_)) && reading.guard == Guard::Context;
    let reading = candidate.readings.iter().find(is_meant)?;
    if is_part_of_name(candidate, words) {
        return None;
    }
    let after = end < tokens.len() && is_close(words, end) && CUES_AFTER.contains(&tokens.folded(end));
    let before = start > 0 && is_close(words, start) && CUES_BEFORE.contains(&tokens.folded(start - 1));
    let shares_of = start > 1
        && tokens.folded(start - 1) == "of"
        && matches!(
            tokens.folded(start - 2),
            "shares" | "stock" | "units" | "investors" | "unit" | "owner" | "parent" | "maker"
        );
    (after || before || shares_of).then(|| referent(reading.target)).flatten()
}

/// Whether a capitalised word that is no legal form stands beside it, so that it is a piece of another
/// name: `Vernon Jordan`, `Georgia Power`. Headlines capitalise every word, so there it says nothing.
pub(super) fn is_part_of_name(candidate: &Waiting<'_>, words: Words<'_>) -> bool {
    let tokens = words.tokens;
    let Range { start, end } = candidate.words;
    if candidate.part == Part::Title {
        return false;
    }
    let names = |position: usize| {
        tokens.shape(position) == Shape::Capitalised && !is_stop_word(tokens.folded(position))
    };
    let before = start > 0 && is_close(words, start) && names(start - 1) && !opens_sentence(words, start - 1);
    let after = end < tokens.len()
        && is_close(words, end)
        && names(end)
        && !TITLES_AFTER.contains(&tokens.folded(end));
    (before && !TITLES_AFTER.contains(&tokens.folded(start - 1))) || (after && !is_possessive(words, end - 1))
}

/// The reading of an ambiguous place whose neighbourhood the article names most.
fn likely_region(
    candidate: &Waiting<'_>,
    words: Words<'_>,
    near: &FxHashMap<RegionCode, u32>,
) -> Option<Referent> {
    let readings = candidate.readings.iter().filter_map(|reading| match reading.target {
        Target::Region(code) if reading.guard != Guard::Shown => Some(code),
        _ => None,
    });
    let evidence = |code: RegionCode| {
        let around =
            regions().ancestors(code).first().and_then(|parent| near.get(parent)).copied().unwrap_or(0);
        near.get(&code).copied().unwrap_or(0) * 2 + around
    };
    let start = candidate.words.start;
    let in_it = start > 0
        && is_close(words, start)
        && matches!(
            words.tokens.folded(start - 1),
            "in" | "to" | "from" | "across" | "throughout" | "neighbouring" | "neighboring"
        );
    let best = readings.map(|code| (evidence(code), code)).max_by_key(|(score, _)| *score)?;
    (best.0 > 0
        || (in_it && regions().get(best.1.0).is_some_and(|region| region.kind == RegionKind::Country)))
    .then_some(Referent::Region(best.1))
}

/// In a place line the country or state that follows the comma says where the place before it lies:
/// `VALENCIA, Venezuela`. A city there is the next of a list.
pub(super) fn settle_place_line(mentions: &mut [Mention], body: Words<'_>, place_words: usize) {
    let in_line =
        |mention: &&mut Mention| mention.part == Part::Body && (mention.words.end as usize) <= place_words;
    let mut line: Vec<&mut Mention> = mentions.iter_mut().filter(in_line).collect();
    for at in (1..line.len()).rev() {
        let (before, after) = (&*line[at - 1], &*line[at]);
        let next = after.words.start as usize;
        if let (Referent::Region(city), Referent::Region(around)) = (&before.referent, &after.referent)
            && gap(body, next) == ", "
            && !after.is_indirect
            && !regions().ancestors(*city).contains(around)
        {
            line[at - 1].referent = Referent::Region(*around);
        }
    }
}
