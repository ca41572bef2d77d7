//! Finds the organisations and regions an article names, and says which of them it is about.
//!
//! One pass over the words of title and body takes, at each word, the longest phrase of the
//! [gazetteer](crate::gazetteer) whose guard lets it stand. Names that need context wait until the whole
//! article was read:
//!
//! ```text
//! Target (NYSE: TGT) said ...  Target's rival ...   a ticker or a full name anywhere lets `Target` stand
//! shares of Target rose        the retailer Target  so does a word of business beside it
//! on target                    Target practice      nothing does: no mention
//! ```
//!
//! A ticker counts with its exchange (`NYSE: F`, `(0941.HK)`), never as a bare word. A longer known name
//! hides those inside it: `China Mobile` is not China, `Alibaba Cloud` is not Alibaba.
//!
//! An article *mentions* all it names, and is *about* what it dwells on: what is in its title, or in its
//! first words, or comes back. For regions this is a small score, see [`region_score`].
//!
//! Left out on purpose: names nobody listed, and people.

use std::ops::Range;

use rustc_hash::FxHashMap;

use crate::article::Span;
use crate::gazetteer::{
    Entity, EntityId, Guard, Reading, RegionCode, RegionKind, Surfaces, Target, entities, regions, surfaces,
};
use crate::words::{Shape, Tokens, is_stop_word};

/// Which of the two texts of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    Title,
    Body,
}

/// Why a phrase was taken for what it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// A name that means one thing.
    Name,
    /// A name with its legal form: `Gap Inc`.
    LegalForm,
    /// A word of business beside it: `shares of Target`.
    Cue,
    /// Another mention in the article.
    Article,
    /// An exchange and a symbol.
    Ticker,
}

/// What a mention refers to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Referent {
    Region(RegionCode),
    Entity(EntityId),
}

/// A stretch of an article that names something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    pub part: Part,
    /// Positions of its words in the part's tokens.
    pub words: Range<u32>,
    pub span: Span,
    pub referent: Referent,
    pub rule: Rule,
}

/// An organisation that an article names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedEntity {
    pub id: EntityId,
    pub mentions: u32,
    pub is_about: bool,
}

/// A region that an article names itself, not through a smaller one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedRegion {
    pub code: RegionCode,
    pub mentions: u32,
    pub is_about: bool,
}

/// All that was found in an article.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Annotations {
    /// Title first, then by place. Two share a place where a name is both a region and an organisation.
    pub mentions: Vec<Mention>,
    /// Most mentioned first, then by id.
    pub entities: Vec<NamedEntity>,
    /// Most mentioned first, then by code.
    pub regions: Vec<NamedRegion>,
    /// Where it was filed from, if its first line says so.
    pub filed: Option<RegionCode>,
}

impl Annotations {
    /// The regions in the given role with all they lie in, each once, sorted.
    pub fn with_ancestors(&self, wanted: impl Fn(&NamedRegion) -> bool) -> Vec<RegionCode> {
        let named = self.regions.iter().filter(|region| wanted(region)).map(|region| region.code);
        let mut codes: Vec<RegionCode> =
            named.flat_map(|code| std::iter::once(code).chain(regions().ancestors(code))).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }
}

/// A text, its words, and where its sentences start.
#[derive(Debug, Clone, Copy)]
pub struct Words<'a> {
    pub text: &'a str,
    pub tokens: &'a Tokens,
}

/// Annotates an article. `dateline` is the place line where the source keeps it apart from the body.
pub fn annotate(title: Words<'_>, body: Words<'_>, dateline: Option<&str>) -> Annotations {
    let surfaces = surfaces();
    let filed_words = filing_words(body);
    let mut finder = Finder { surfaces, certain: Vec::new(), waiting: Vec::new() };
    finder.find(Part::Title, title);
    finder.find(Part::Body, body);
    let Finder { certain, waiting, .. } = finder;
    let mut mentions = certain;
    settle(&mut mentions, waiting, title, body);
    mentions.sort_by_key(|mention| (mention.part, mention.words.start));

    let filed = filed(&mentions, filed_words, dateline);
    let entities = named_entities(&mentions);
    let regions = named_regions(&mentions, filed_words);
    Annotations { mentions, entities, regions, filed }
}

/// A mention that needs context, with the readings it may have.
struct Waiting<'a> {
    part: Part,
    words: Range<usize>,
    readings: Vec<&'a Reading>,
}

struct Finder<'a> {
    surfaces: &'a Surfaces,
    certain: Vec<Mention>,
    waiting: Vec<Waiting<'a>>,
}

impl Finder<'_> {
    fn find(&mut self, part: Part, words: Words<'_>) {
        let mut at = 0;
        while at < words.tokens.len() {
            at = self.ticker(part, words, at).or_else(|| self.phrase(part, words, at)).unwrap_or(at + 1);
        }
    }

    fn add(&mut self, part: Part, words: Words<'_>, range: Range<usize>, referent: Referent, rule: Rule) {
        let span =
            Span { start: words.tokens.span(range.start).start, end: words.tokens.span(range.end - 1).end };
        self.certain.push(Mention {
            part,
            words: narrow(range.start)..narrow(range.end),
            span,
            referent,
            rule,
        });
    }

    /// An exchange and a symbol, or a symbol with its exchange's suffix in brackets. Gives the end.
    fn ticker(&mut self, part: Part, words: Words<'_>, at: usize) -> Option<usize> {
        let Words { text, tokens } = words;
        if let Some((symbol, suffix)) = tokens.exact(at).split_once('.') {
            let before = text[..tokens.span(at).start as usize].chars().next_back()?;
            let exchange = EXCHANGE_SUFFIXES.iter().find(|(known, _)| *known == suffix);
            if let (Some((_, exchange)), '(' | '<' | '[') = (exchange, before) {
                let referent = self.listed(exchange, symbol, part, words, at);
                self.add(part, words, at..at + 1, referent, Rule::Ticker);
                return Some(at + 1);
            }
        }
        if tokens.shape(at) == Shape::Lower || tokens.shape(at) == Shape::Number {
            return None;
        }
        let name = tokens.folded(at);
        let (_, exchange) = EXCHANGES.iter().find(|(known, _)| *known == name)?;
        // `NASDAQ GS: AAPL`, `NYSE American: XYZ`: a word or two may stand before the colon.
        let symbol = (at + 1..tokens.len().min(at + 4))
            .find(|&next| gap(words, next).trim_start().starts_with(':'))?;
        if gap(words, symbol).trim() != ":" {
            return None;
        }
        let written = tokens.exact(symbol);
        let is_symbol = written.len() <= 10
            && written.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'.');
        if !is_symbol || (at + 1..symbol).any(|between| !gap(words, between).trim().is_empty()) {
            return None;
        }
        let symbol_text = written
            .split_once('.')
            .filter(|(_, tail)| EXCHANGE_SUFFIXES.iter().any(|(known, _)| known == tail));
        let bare = symbol_text.map_or(written, |(symbol, _)| symbol);
        let referent = self.listed(exchange, bare, part, words, at);
        self.add(part, words, symbol..symbol + 1, referent, Rule::Ticker);
        Some(symbol + 1)
    }

    /// Whoever has this ticker, else the organisation named right before its bracket, which knows its own
    /// listings best; else the ticker itself.
    fn listed(&self, exchange: &str, symbol: &str, part: Part, words: Words<'_>, at: usize) -> Referent {
        let ticker = format!("{exchange}:{symbol}");
        if let Some(entity) = self.surfaces.ticker(&ticker) {
            return Referent::Entity(entity_id(entity));
        }
        let before = self.certain.last().filter(|mention| mention.part == part);
        match before {
            Some(Mention { referent: Referent::Entity(id), span, .. })
                if words.text[span.end as usize..words.tokens.span(at).start as usize].trim() == "(" =>
            {
                Referent::Entity(id.clone())
            }
            _ => Referent::Entity(EntityId(format!("tic:{ticker}").into())),
        }
    }

    /// The longest phrase at `at` that stands or may yet stand. Gives its end.
    fn phrase(&mut self, part: Part, words: Words<'_>, at: usize) -> Option<usize> {
        let tokens = words.tokens;
        let mut candidates: Vec<(usize, &[Reading])> = Vec::new();
        self.surfaces.starting(
            (at..tokens.len()).map(|position| tokens.folded(position)),
            |count, readings| {
                candidates.push((count, readings));
            },
        );
        for (count, readings) in candidates.into_iter().rev() {
            let range = at..at + count;
            if (at + 1..at + count).any(|next| !joins(words, next)) {
                continue;
            }
            let standing: Vec<&Reading> =
                readings.iter().filter(|reading| is_written(reading, words, at)).collect();
            let Some(first) = standing.first() else { continue };
            if first.target == Target::Block {
                return Some(range.end);
            }
            // `OPEC` is both a set of countries and an organisation; a name is at most one of each.
            let certain = |wanted: fn(&Target) -> bool| {
                let mut certain = standing.iter().filter(|reading| reading.guard != Guard::Context);
                certain.find(|reading| wanted(&reading.target)).map(|reading| reading.target)
            };
            let place = certain(|target| matches!(target, Target::Region(_)));
            let company = certain(|target| matches!(target, Target::Entity(_)));
            if place.is_some() || company.is_some() {
                let end = company.map_or(range.end, |target| legal_form(words, range.clone(), target));
                for referent in [place, company].into_iter().flatten().filter_map(referent) {
                    self.add(part, words, range.start..end, referent, Rule::Name);
                }
                return Some(end);
            }
            let company = standing.iter().find(|reading| matches!(reading.target, Target::Entity(_)));
            if let Some(reading) = company {
                let extended = legal_form(words, range.clone(), reading.target);
                if extended > range.end
                    && let Some(referent) = referent(reading.target)
                {
                    self.add(part, words, range.start..extended, referent, Rule::LegalForm);
                    return Some(extended);
                }
            }
            let end = range.end;
            self.waiting.push(Waiting { part, words: range, readings: standing });
            return Some(end);
        }
        None
    }
}

fn narrow(position: usize) -> u32 {
    u32::try_from(position).expect("articles are limited to 64 MB")
}

fn entity_id(index: u32) -> EntityId {
    EntityId(entity(index).id.into())
}

fn entity(index: u32) -> &'static Entity {
    entities().iter().nth(index as usize).expect("surfaces are made from this list")
}

fn referent(target: Target) -> Option<Referent> {
    match target {
        Target::Region(code) => Some(Referent::Region(code)),
        Target::Entity(index) => Some(Referent::Entity(entity_id(index))),
        Target::Block => None,
    }
}

/// The text between the word before and the word at `position`.
fn gap(words: Words<'_>, position: usize) -> &str {
    let from = position.checked_sub(1).map_or(0, |before| words.tokens.span(before).end);
    &words.text[from as usize..words.tokens.span(position).start as usize]
}

/// Whether the word at `position` and the one before can belong to one name.
fn joins(words: Words<'_>, position: usize) -> bool {
    let gap = gap(words, position);
    let is_short = || words.tokens.folded(position - 1).len() <= 4;
    gap.len() <= 5
        && gap
            .chars()
            .all(|c| matches!(c, ' ' | '-' | '‐' | '‑' | '–' | '&' | '.' | '/' | '\u{a0}' | '+' | '\'' | '’'))
        && (!gap.starts_with('.') || !gap.contains(' ') || is_short())
}

/// Whether the words at `at` are written as the reading asks.
fn is_written(reading: &Reading, words: Words<'_>, at: usize) -> bool {
    let tokens = words.tokens;
    let count = reading.words().len();
    let is_exact = reading.words().iter().zip(at..).all(|(word, position)| {
        tokens.exact(position) == &**word || (is_lower(word) && tokens.folded(position) == &**word)
    });
    if reading.guard == Guard::State && !follows_comma(words, at) {
        return false;
    }
    if is_exact {
        let shouted = reading.guard == Guard::Exact
            && count == 1
            && is_english(tokens.folded(at))
            && in_capitals(words, at, count);
        let dotted = words.text[tokens.span(at).range()].contains('.');
        return !shouted || dotted;
    }
    // In a line of capitals a name is written in capitals too, unless that makes it another word.
    let in_capitals_too = reading.words().iter().zip(at..).all(|(word, position)| {
        crate::words::fold(word) == tokens.folded(position)
            && (tokens.shape(position) == Shape::AllCaps || !has_letters(word))
    });
    // Place lines print the city in capitals and nothing else.
    let is_plain_place = reading.guard == Guard::None && matches!(reading.target, Target::Region(_));
    let letters: usize = reading.words().iter().map(|word| word.chars().count()).sum();
    in_capitals_too
        && reading.guard != Guard::Exact
        && reading.guard != Guard::State
        && letters >= 4
        && (count > 1 || is_plain_place || in_capitals(words, at, count))
}

fn is_lower(word: &str) -> bool {
    word.chars().all(char::is_lowercase)
}

fn has_letters(word: &str) -> bool {
    word.chars().any(char::is_alphabetic)
}

/// Acronyms that are also English words.
fn is_english(folded: &str) -> bool {
    folded == "us" || is_stop_word(folded)
}

/// Whether a word beside the `count` words at `at` is in capitals too.
fn in_capitals(words: Words<'_>, at: usize, count: usize) -> bool {
    let tokens = words.tokens;
    let shouted = |position: usize| position < tokens.len() && tokens.shape(position) == Shape::AllCaps;
    at.checked_sub(1).is_some_and(shouted) && (shouted(at + count) || at + count >= tokens.len())
        || (at == 0 && shouted(count) && shouted(count + 1))
}

fn follows_comma(words: Words<'_>, at: usize) -> bool {
    at > 0
        && gap(words, at).trim() == ","
        && matches!(words.tokens.shape(at - 1), Shape::Capitalised | Shape::AllCaps)
}

/// The end of a company's name with the legal form that follows it.
fn legal_form(words: Words<'_>, range: Range<usize>, target: Target) -> usize {
    let is_company = matches!(target, Target::Entity(index) if entity(index).kind == "company");
    let next = range.end;
    if !is_company || next >= words.tokens.len() || words.tokens.shape(next) == Shape::Lower {
        return next;
    }
    let close = gap(words, next).chars().all(|c| matches!(c, ' ' | ',' | '.'));
    if close && LEGAL_FORMS.contains(&words.tokens.folded(next)) { next + 1 } else { next }
}

/// Decides the mentions that need context by what the article shows.
fn settle(mentions: &mut Vec<Mention>, waiting: Vec<Waiting<'_>>, title: Words<'_>, body: Words<'_>) {
    let mut shown: FxHashMap<Referent, ()> = FxHashMap::default();
    let mut near: FxHashMap<RegionCode, u32> = FxHashMap::default();
    for mention in mentions.iter() {
        shown.insert(mention.referent.clone(), ());
        if let Referent::Region(code) = mention.referent {
            *near.entry(code).or_default() += 2;
            for ancestor in regions().ancestors(code).iter().take(1) {
                *near.entry(*ancestor).or_default() += 1;
            }
        }
    }
    let mut open = Vec::new();
    for candidate in waiting {
        let words = if candidate.part == Part::Title { title } else { body };
        if let Some(referent) = beside(&candidate, words) {
            shown.insert(referent.clone(), ());
            mentions.push(made(&candidate, words, referent, Rule::Cue));
        } else {
            open.push(candidate);
        }
    }
    for candidate in open {
        let words = if candidate.part == Part::Title { title } else { body };
        let known = candidate
            .readings
            .iter()
            .filter_map(|reading| referent(reading.target))
            .find(|referent| shown.contains_key(referent));
        let likely = known.or_else(|| likely_region(&candidate, words, &near));
        if let Some(referent) = likely.filter(|_| !is_part_of_name(&candidate, words)) {
            mentions.push(made(&candidate, words, referent, Rule::Article));
        }
    }
}

fn made(candidate: &Waiting<'_>, words: Words<'_>, referent: Referent, rule: Rule) -> Mention {
    let Range { start, end } = candidate.words;
    let span = Span { start: words.tokens.span(start).start, end: words.tokens.span(end - 1).end };
    Mention { part: candidate.part, words: narrow(start)..narrow(end), span, referent, rule }
}

/// The organisation that a word of business beside the name speaks for.
fn beside(candidate: &Waiting<'_>, words: Words<'_>) -> Option<Referent> {
    let tokens = words.tokens;
    let Range { start, end } = candidate.words;
    let reading = candidate.readings.iter().find(|reading| matches!(reading.target, Target::Entity(_)))?;
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

/// Only a space or a possessive between this word and the one before.
fn is_close(words: Words<'_>, position: usize) -> bool {
    gap(words, position).chars().all(|c| c == ' ')
}

/// Whether a capitalised word that is no legal form stands beside it, so that it is a piece of another
/// name: `Vernon Jordan`, `Georgia Power`. Headlines capitalise every word, so there it says nothing.
fn is_part_of_name(candidate: &Waiting<'_>, words: Words<'_>) -> bool {
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
    let possessive = words.text[tokens.span(end - 1).range()].ends_with("'s")
        || words.text[tokens.span(end - 1).range()].ends_with("’s");
    (before && !TITLES_AFTER.contains(&tokens.folded(start - 1))) || (after && !possessive)
}

fn opens_sentence(words: Words<'_>, position: usize) -> bool {
    position == 0 || gap(words, position).contains(['.', '\n', '!', '?', '"', '“'])
}

/// The reading of an ambiguous place whose neighbourhood the article names most.
fn likely_region(
    candidate: &Waiting<'_>,
    words: Words<'_>,
    near: &FxHashMap<RegionCode, u32>,
) -> Option<Referent> {
    let readings = candidate.readings.iter().filter_map(|reading| match reading.target {
        Target::Region(code) => Some(code),
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

/// How many words at the start of the body are a place and date line; 0 without one.
fn filing_words(body: Words<'_>) -> usize {
    /// A place line is short; a dash further on is punctuation.
    const LONGEST: usize = 90;
    let head = &body.text[..body.text.floor_char_boundary(LONGEST)];
    let line = head.split('\n').next().unwrap_or("");
    let dash = [" - ", " -- ", " – ", " — ", "-- ", "— "].iter().filter_map(|dash| line.find(dash)).min();
    let Some(dash) = dash else { return 0 };
    let count = body.tokens.within(Span::new(0, dash)).end;
    let first_is_capital = !body.tokens.is_empty() && body.tokens.shape(0) != Shape::Lower;
    let is_place = line[..dash].contains(',') || line[..dash].contains('(') || count <= 3;
    if first_is_capital && is_place && count <= 14 { count } else { 0 }
}

fn filed(mentions: &[Mention], filing_words: usize, dateline: Option<&str>) -> Option<RegionCode> {
    if let Some(place) = dateline.and_then(|line| line.split(',').next()) {
        let mut analyzer = crate::words::Analyzer::default();
        let tokens = analyzer.tokens(place);
        let mut finder = Finder { surfaces: surfaces(), certain: Vec::new(), waiting: Vec::new() };
        finder.find(Part::Body, Words { text: place, tokens: &tokens });
        return finder.certain.iter().find_map(region_of);
    }
    let in_line =
        |mention: &&Mention| mention.part == Part::Body && (mention.words.start as usize) < filing_words;
    mentions.iter().filter(in_line).find_map(region_of)
}

fn region_of(mention: &Mention) -> Option<RegionCode> {
    match mention.referent {
        Referent::Region(code) => Some(code),
        Referent::Entity(_) => None,
    }
}

/// Words of the body that count as its lead.
const LEAD_WORDS: u32 = 60;

/// Where and how often a referent was named.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    title: u32,
    lead: u32,
    filed: u32,
    all: u32,
}

fn tally<'a, K: Eq + std::hash::Hash>(
    mentions: &'a [Mention],
    filing_words: usize,
    key: impl Fn(&'a Mention) -> Option<K>,
) -> FxHashMap<K, Tally> {
    let mut tallies: FxHashMap<K, Tally> = FxHashMap::default();
    for mention in mentions {
        if let Some(key) = key(mention) {
            let tally = tallies.entry(key).or_default();
            tally.all += 1;
            let in_line = mention.part == Part::Body && (mention.words.start as usize) < filing_words;
            match mention.part {
                Part::Title => tally.title += 1,
                Part::Body if in_line => tally.filed += 1,
                Part::Body => tally.lead += u32::from(mention.words.start < LEAD_WORDS),
            }
        }
    }
    tallies
}

fn named_entities(mentions: &[Mention]) -> Vec<NamedEntity> {
    let tallies = tally(mentions, 0, |mention| match &mention.referent {
        Referent::Entity(id) => Some(id),
        Referent::Region(_) => None,
    });
    let mut named: Vec<NamedEntity> = tallies
        .into_iter()
        .map(|(id, tally)| NamedEntity {
            id: id.clone(),
            mentions: tally.all,
            is_about: tally.title > 0 || tally.lead > 0 || tally.all >= 3,
        })
        .collect();
    named.sort_by(|a, b| b.mentions.cmp(&a.mentions).then_with(|| a.id.cmp(&b.id)));
    named
}

fn named_regions(mentions: &[Mention], filing_words: usize) -> Vec<NamedRegion> {
    let tallies = tally(mentions, filing_words, region_of);
    let total: u32 = tallies.values().map(|tally| tally.all).sum();
    let best = tallies.values().map(|tally| region_score(*tally, total)).fold(0.0, f32::max);
    let mut named: Vec<NamedRegion> = tallies
        .into_iter()
        .map(|(code, tally)| {
            let score = region_score(tally, total);
            NamedRegion {
                code,
                mentions: tally.all,
                is_about: score >= ABOUT || (score >= best && best < ABOUT),
            }
        })
        .collect();
    named.sort_by(|a, b| b.mentions.cmp(&a.mentions).then_with(|| a.code.cmp(&b.code)));
    named
}

/// From this score on an article is about a region; the best one counts where none reaches it.
const ABOUT: f32 = 2.0;

/// How much an article dwells on a region: a place in the title or the lead says most, one in the place
/// line something, then how often it comes back and its share of all places named.
///
/// The weights were set by hand and are to be fitted on labelled news.
#[allow(clippy::cast_precision_loss, reason = "counts of mentions are small")]
fn region_score(tally: Tally, total: u32) -> f32 {
    let share = tally.all as f32 / total.max(1) as f32;
    2.0 * f32::from(u8::from(tally.title > 0))
        + 1.0 * f32::from(u8::from(tally.lead > 0))
        + 0.7 * f32::from(u8::from(tally.filed > 0))
        + 0.6 * (tally.all as f32).ln_1p()
        + 1.0 * share
}

/// Exchanges as texts name them before a symbol, folded, and their codes in the tables.
const EXCHANGES: [(&str, &str); 40] = [
    ("nasdaq", "NASDAQ"),
    ("nasdaqgs", "NASDAQ"),
    ("nasdaqgm", "NASDAQ"),
    ("nasdaqcm", "NASDAQ"),
    ("nyse", "NYSE"),
    ("nyseamerican", "NYSE"),
    ("amex", "NYSE"),
    ("otc", "OTC"),
    ("otcqb", "OTC"),
    ("otcqx", "OTC"),
    ("otcmkts", "OTC"),
    ("lse", "LSE"),
    ("lon", "LSE"),
    ("aim", "LSE"),
    ("tsx", "TSX"),
    ("tsxv", "TSXV"),
    ("cse", "CSE"),
    ("neo", "NEO"),
    ("asx", "ASX"),
    ("nzx", "NZX"),
    ("hkex", "HKEX"),
    ("sehk", "HKEX"),
    ("hkg", "HKEX"),
    ("tyo", "TYO"),
    ("tse", "TYO"),
    ("sse", "SSE"),
    ("szse", "SZSE"),
    ("krx", "KRX"),
    ("twse", "TWSE"),
    ("nse", "NSE"),
    ("bse", "BSE"),
    ("sgx", "SGX"),
    ("fra", "FRA"),
    ("fse", "FRA"),
    ("etr", "ETR"),
    ("xetra", "ETR"),
    ("epa", "EPA"),
    ("ams", "AMS"),
    ("six", "SIX"),
    ("jse", "JSE"),
];

/// Suffixes of symbols and the exchanges they stand for.
const EXCHANGE_SUFFIXES: [(&str, &str); 29] = [
    ("HK", "HKEX"),
    ("L", "LSE"),
    ("T", "TYO"),
    ("DE", "ETR"),
    ("PA", "EPA"),
    ("O", "NASDAQ"),
    ("OQ", "NASDAQ"),
    ("N", "NYSE"),
    ("TO", "TSX"),
    ("AX", "ASX"),
    ("NZ", "NZX"),
    ("NS", "NSE"),
    ("BO", "BSE"),
    ("SS", "SSE"),
    ("SZ", "SZSE"),
    ("KS", "KRX"),
    ("TW", "TWSE"),
    ("SA", "B3"),
    ("MC", "BME"),
    ("MI", "BIT"),
    ("AS", "AMS"),
    ("SW", "SIX"),
    ("ST", "STO"),
    ("CO", "CPH"),
    ("HE", "HEL"),
    ("OL", "OSL"),
    ("SI", "SGX"),
    ("JO", "JSE"),
    ("SR", "TADAWUL"),
];

/// Legal forms and the like that follow a company's name, folded.
const LEGAL_FORMS: [&str; 34] = [
    "inc",
    "incorporated",
    "corp",
    "corporation",
    "co",
    "company",
    "ltd",
    "limited",
    "llc",
    "lp",
    "plc",
    "ag",
    "se",
    "sa",
    "nv",
    "bv",
    "spa",
    "ab",
    "asa",
    "oyj",
    "as",
    "gmbh",
    "kk",
    "kgaa",
    "sas",
    "pty",
    "bhd",
    "tbk",
    "pjsc",
    "holdings",
    "holding",
    "group",
    "sab",
    "cos",
];

/// Words after a name that only fit a business.
const CUES_AFTER: [&str; 38] = [
    "shares",
    "share",
    "stock",
    "stocks",
    "said",
    "says",
    "chief",
    "ceo",
    "executive",
    "executives",
    "reported",
    "reports",
    "posted",
    "stores",
    "store",
    "outlets",
    "earnings",
    "profit",
    "profits",
    "revenue",
    "sales",
    "spokesman",
    "spokeswoman",
    "spokesperson",
    "shareholders",
    "investors",
    "employees",
    "workers",
    "customers",
    "management",
    "board",
    "unveiled",
    "launched",
    "announced",
    "expects",
    "acquired",
    "brand",
    "subsidiary",
];

/// Words before a name that only fit a business.
const CUES_BEFORE: [&str; 40] = [
    "retailer",
    "retailers",
    "carmaker",
    "automaker",
    "airline",
    "bank",
    "lender",
    "brokerage",
    "insurer",
    "chipmaker",
    "drugmaker",
    "company",
    "group",
    "giant",
    "maker",
    "operator",
    "firm",
    "startup",
    "miner",
    "rival",
    "rivals",
    "major",
    "chain",
    "conglomerate",
    "owner",
    "parent",
    "competitor",
    "supplier",
    "brand",
    "technology",
    "major",
    "carrier",
    "broadcaster",
    "publisher",
    "developer",
    "processor",
    "network",
    "oilmaker",
    "steelmaker",
    "planemaker",
];

/// Capitalised words beside a name that belong to a person's office or to the name itself, not to another name.
const TITLES_AFTER: [&str; 22] = [
    "ceo",
    "cfo",
    "coo",
    "chief",
    "president",
    "chairman",
    "chairwoman",
    "chair",
    "director",
    "vice",
    "executive",
    "inc",
    "corp",
    "mr",
    "mrs",
    "ms",
    "shares",
    "stock",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Analyzer;

    /// Lines in pairs: a text, and under it marks below each mention with what it names, left to right.
    fn check(text: &str, expected: &[(&str, &str)]) {
        let mut analyzer = Analyzer::default();
        let (none, tokens) = (analyzer.tokens(""), analyzer.tokens(text));
        let title = Words { text: "", tokens: &none };
        let found = annotate(title, Words { text, tokens: &tokens }, None);
        let shown: Vec<(String, String)> = found
            .mentions
            .iter()
            .map(|mention| {
                let target = match &mention.referent {
                    Referent::Region(code) => code.to_string(),
                    Referent::Entity(id) => id.to_string(),
                };
                (mention.span.of(text).to_owned(), target)
            })
            .collect();
        let shown: Vec<(&str, &str)> =
            shown.iter().map(|(span, target)| (span.as_str(), target.as_str())).collect();
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn names_are_not_strings() {
        check("China Mobile grew in China.", &[("China Mobile", "co:china-mobile"), ("China", "CN")]);
        check(
            "Alibaba Cloud is part of Alibaba.",
            &[("Alibaba Cloud", "co:alibaba-cloud"), ("Alibaba", "co:alibaba")],
        );
        check("The BoE held; Boeing rose.", &[("BoE", "org:bank-of-england"), ("Boeing", "co:boeing")]);
        check("Grade F work, and the F train.", &[]);
        check("It told us that US firms and U.S. banks", &[("US", "US"), ("U.S.", "US")]);
        check("He shot at the target and missed.", &[]);
        check("Roast turkey sold out.", &[]);
        check("Paris Hilton sang.", &[]);
        check("The bank of England fans", &[("England", "GB")]);
    }

    #[test]
    fn weak_names_need_the_article() {
        check("Shares of Target rose.", &[("Target", "co:target")]);
        check(
            "Target Corp fell. Later Target recovered.",
            &[("Target Corp", "co:target"), ("Target", "co:target")],
        );
        check("Target practice begins at noon.", &[]);
        check("Gap Inc. will close stores. At Gap, sales fell.", &[("Gap Inc", "co:gap"), ("Gap", "co:gap")]);
        check("Michael Jordan won.", &[]);
        check(
            "Jordan and Egypt signed; Amman agreed.",
            &[("Jordan", "JO"), ("Egypt", "EG"), ("Amman", "JO")],
        );
        check("Tbilisi is in Georgia.", &[("Tbilisi", "GE"), ("Georgia", "GE")]);
        check("Atlanta is in Georgia.", &[("Atlanta", "US-GA"), ("Georgia", "US-GA")]);
    }

    #[test]
    fn tickers_need_their_exchange() {
        check(
            "Ford Motor Co (NYSE: F) and (NASDAQ: AAPL)",
            &[("Ford Motor Co", "co:ford"), ("F", "co:ford"), ("AAPL", "co:apple")],
        );
        check("shares (0941.HK) rose", &[("0941.HK", "co:china-mobile")]);
        check("Nobody Ltd (NASDAQ: ZZQX) fell", &[("ZZQX", "tic:NASDAQ:ZZQX")]);
        check("UBS fell, as did (OTC: ZZQX)", &[("UBS", "co:ubs"), ("ZZQX", "tic:OTC:ZZQX")]);
        check("UBS (OTC: ZZQX) fell", &[("UBS", "co:ubs"), ("ZZQX", "co:ubs")]);
        check("OPEC cut output", &[("OPEC", "OPEC"), ("OPEC", "org:opec")]);
        check("AT&T (NYSE:T) paid", &[("AT&T", "co:att"), ("T", "co:att")]);
    }

    #[test]
    fn capitals_are_read() {
        check("BANK OF ENGLAND RAISES RATES", &[("BANK OF ENGLAND", "org:bank-of-england")]);
        check("FED TELLS US TO WAIT", &[]);
        check("LONDON, March 3 - Rates rose.", &[("LONDON", "GB")]);
    }
}
