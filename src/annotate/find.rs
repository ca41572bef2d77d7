//! The phrases of the gazetteer that a text has, and those among them that need nothing more to stand.

use std::ops::Range;

use rustc_hash::FxHashSet;

use super::lists::{
    CUES_BEFORE, DIVISIONS, EXCHANGE_SUFFIXES, EXCHANGES, INSTITUTIONS, LEADING_WORDS, SHARED_SYMBOLS,
    STREETS_AND_RIVERS, TITLES_AFTER, VENUES,
};
use super::settle::{drop_longer_names, drop_other_acronyms, settle, settle_place_line};
use super::{
    Mention, Part, Referent, Rule, Words, country_of_state, entity, entity_id, gap, in_capitals, is_close,
    is_in_address, is_possessive, joins, mention, opens_sentence, referent,
};
use crate::gazetteer::{
    self, EntityId, Guard, Reading, RegionCode, RegionKind, Surfaces, Tail, Target, regions, surfaces,
};
use crate::tagger::{self, FAMILY_NAME, FIRST_NAME};
use crate::words::{LegalForm, Shape, is_stop_word};

/// What title and body name, in order. The first `place_words` of the body are a place line.
pub(super) fn mentions(title: Words<'_>, body: Words<'_>, place_words: usize) -> Vec<Mention> {
    let mut finder = Finder {
        surfaces: surfaces(),
        place_words,
        certain: Vec::new(),
        waiting: Vec::new(),
        longer: Vec::new(),
        begun: FxHashSet::default(),
    };
    finder.find(Part::Title, title);
    finder.find(Part::Body, body);
    let Finder { certain, waiting, longer, begun, .. } = finder;
    let mut mentions = certain;
    drop_longer_names(&mut mentions, &longer, title, body);
    settle(&mut mentions, waiting, &begun, title, body, place_words);
    mentions.sort_by_key(|mention| (mention.part, mention.words.start));
    drop_other_acronyms(&mut mentions, title, body);
    settle_place_line(&mut mentions, body, place_words);
    mentions
}

/// A mention that needs context, with the readings it may have.
pub(super) struct Waiting<'a> {
    pub(super) part: Part,
    pub(super) words: Range<usize>,
    pub(super) readings: Vec<&'a Reading>,
}

struct Finder<'a> {
    surfaces: &'a Surfaces,
    /// How many words of the body are a place line.
    place_words: usize,
    certain: Vec<Mention>,
    waiting: Vec<Waiting<'a>>,
    /// A company's name of one word and the word behind it, where both begin the full name of another: `Tesla BioHealing
    /// Inc`.
    longer: Vec<(String, String)>,
    /// Companies' names of one word that need context, where they begin the full name of another: `Vanguard Mining Corp`.
    begun: FxHashSet<String>,
}

impl Finder<'_> {
    fn find(&mut self, part: Part, words: Words<'_>) {
        let mut at = 0;
        while at < words.tokens.len() {
            at = self.ticker(part, words, at).or_else(|| self.phrase(part, words, at)).unwrap_or(at + 1);
        }
    }

    /// An exchange and a symbol, or a symbol with its exchange's suffix in brackets. Gives the end.
    fn ticker(&mut self, part: Part, words: Words<'_>, at: usize) -> Option<usize> {
        let Words { text, tokens } = words;
        if let Some((symbol, suffix)) = tokens.exact(at).split_once('.') {
            let before = text[..tokens.span(at).start as usize].chars().next_back()?;
            let exchange = EXCHANGE_SUFFIXES.iter().find(|(known, _)| *known == suffix);
            // `(TSX.V: ABC)` is an exchange.
            let is_exchange = || EXCHANGES.iter().any(|(known, _)| known.eq_ignore_ascii_case(symbol));
            if let (Some((_, exchange)), '(' | '<' | '[', false) = (exchange, before, is_exchange()) {
                let referent = self.listed(exchange, symbol, part, words, at);
                self.certain.push(mention((part, words, at..at + 1), &[], referent, Rule::Ticker));
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
        self.certain.push(mention((part, words, symbol..symbol + 1), &[], referent, Rule::Ticker));
        Some(symbol + 1)
    }

    /// Whoever has this ticker, else the organisation named right before its bracket, which knows its own
    /// listings best; else the ticker itself.
    fn listed(&self, exchange: &str, symbol: &str, part: Part, words: Words<'_>, at: usize) -> Referent {
        let ticker = ticker(exchange, symbol);
        let symbol = &ticker[exchange.len() + 1..];
        // The exchanges of one country share their symbols out, and texts say one for another.
        let others = SHARED_SYMBOLS.iter().filter(|group| group.contains(&exchange)).copied().flatten();
        let listed = gazetteer::ticker(&ticker);
        let listed = listed.or_else(|| {
            others
                .filter(|other| **other != exchange)
                .find_map(|other| gazetteer::ticker(&format!("{other}:{symbol}")))
        });
        if let Some(entity) = listed {
            return Referent::Entity(entity_id(entity));
        }
        let before = self.certain.last().filter(|mention| mention.part == part);
        match before {
            Some(Mention { referent: Referent::Entity(id), span, .. })
                if words.text[span.end as usize..words.tokens.span(at).start as usize]
                    .trim_start_matches(['.', ' '])
                    .trim_end()
                    == "(" =>
            {
                Referent::Entity(id.clone())
            }
            _ => Referent::Entity(EntityId(format!("tic:{ticker}").into())),
        }
    }

    /// The longest phrase at `at` that stands or may yet stand. Gives its end.
    fn phrase(&mut self, part: Part, words: Words<'_>, at: usize) -> Option<usize> {
        let tokens = words.tokens;
        if tokens.shape(at) == Shape::Lower && !self.surfaces.may_start_small(tokens.folded(at)) {
            return None;
        }
        let mut candidates: Vec<(usize, &[Reading])> = Vec::new();
        self.surfaces.starting(
            (at..tokens.len()).map(|position| tokens.folded(position)),
            |count, readings| {
                candidates.push((count, readings));
            },
        );
        let names_country =
            candidates.first().is_some_and(|(_, readings)| is_country(readings, tokens.exact(at)));
        for (count, readings) in candidates.into_iter().rev() {
            let range = at..at + count;
            // `Bank of China (Hong Kong)` is one name, and so are `Acme, Inc` and `Acme Co., Ltd`, and the town of
            // `Lebanon, Ohio`, which is not the country.
            let names_town = names_country && readings.iter().all(|reading| reading.is_indirect);
            let is_one = |next: usize| {
                let is_form = || LegalForm::of(tokens.folded(next)) == Some(LegalForm::Sure);
                let between = gap(words, next);
                joins(words, next)
                    || between == " ("
                    || (matches!(between, ", " | "., ") && is_form())
                    || (between == ", " && names_town)
            };
            if !(at + 1..at + count).all(is_one) {
                continue;
            }
            let standing = self.standing(part, words, &range, readings);
            let Some(first) = standing.first() else { continue };
            // `SoFi Stadium` is a place, and what stands in an address or a code is no name: `?ch=GM_GVC`.
            let is_venue = || {
                range.end < tokens.len()
                    && tokens.shape(range.end) != Shape::Lower
                    && gap(words, range.end) == " "
                    && VENUES.contains(&tokens.folded(range.end))
            };
            if first.target == Target::Block
                || is_in_code(words, &range)
                || matches!(first.target, Target::Region(_)) && is_currency(words, &range)
                || matches!(first.target, Target::Entity(_)) && is_venue()
            {
                return Some(range.end);
            }
            if let Some(state) = self.place_of_city(words, &standing, range.end) {
                self.certain.push(mention(
                    (part, words, range.clone()),
                    &standing,
                    Referent::Region(state),
                    Rule::Name,
                ));
                return Some(range.end);
            }
            // `OPEC` is both a set of countries and an organisation; a name is at most one of each.
            let certain = |wanted: fn(&Target) -> bool| {
                let mut certain = standing.iter().filter(|reading| is_certain(reading.guard));
                certain.find(|reading| wanted(&reading.target)).map(|reading| reading.target)
            };
            let place = certain(|target| matches!(target, Target::Region(_)));
            let company = certain(|target| matches!(target, Target::Entity(_)));
            let is_only_place = place.is_some()
                && standing.iter().all(|reading| !matches!(reading.target, Target::Entity(_)));
            if is_only_place
                && (part == Part::Body && self.is_in_company(words, &range)
                    || is_in_place_name(words, range.end, &standing))
            {
                return Some(range.end);
            }
            let is_only_company = place.is_none() && company.is_some() && part == Part::Body;
            if is_only_company && count == 1 {
                if is_of_person(words, at) || follows_number(words, at) {
                    return Some(range.end);
                }
                if let Some(Target::Entity(index)) = company
                    && entity(index).kind == "company"
                    && self.begins_company(words, range.end)
                {
                    self.longer.push((tokens.folded(at).to_owned(), tokens.folded(range.end).to_owned()));
                }
            }
            // `Public Service Enterprise Group Inc` is not the `Enterprise Group Inc` of the tables.
            if is_only_company && company.is_some_and(has_common_name) && self.follows_name(words, at) {
                return Some(range.end);
            }
            if place.is_some() || company.is_some() {
                let end = company.map_or(range.end, |target| legal_form(words, range.clone(), target));
                for referent in [place, company].into_iter().flatten().filter_map(referent) {
                    self.certain.push(mention(
                        (part, words, range.start..end),
                        &standing,
                        referent,
                        Rule::Name,
                    ));
                }
                return Some(end);
            }
            let company = standing.iter().find(|reading| matches!(reading.target, Target::Entity(_)));
            if let Some(reading) = company {
                let extended = legal_form(words, range.clone(), reading.target);
                let is_own = || is_own_form(reading.target, tokens.folded(range.end));
                // `Battery Mineral Resources Corp` is not the `Mineral Resources` of the tables.
                let is_rest = || match part {
                    Part::Body => self.follows_name(words, at),
                    Part::Title => self.follows_place(words, at),
                };
                if extended > range.end && is_rest() {
                    return Some(extended);
                }
                if extended > range.end
                    && (reading.guard != Guard::Shown || is_own())
                    && let Some(referent) = referent(reading.target)
                {
                    self.certain.push(mention(
                        (part, words, range.start..extended),
                        &standing,
                        referent,
                        Rule::LegalForm,
                    ));
                    return Some(extended);
                }
            }
            let is_company = |reading: &&Reading| matches!(reading.target, Target::Entity(index) if entity(index).kind == "company");
            if part == Part::Body
                && count == 1
                && standing.iter().all(is_company)
                && self.begins_company(words, range.end)
            {
                self.begun.insert(tokens.folded(at).to_owned());
            }
            let end = range.end;
            self.waiting.push(Waiting { part, words: range, readings: standing });
            return Some(end);
        }
        None
    }

    /// The readings that the words are written as, in a place line in any capitals.
    fn standing<'r>(
        &self,
        part: Part,
        words: Words<'_>,
        range: &Range<usize>,
        readings: &'r [Reading],
    ) -> Vec<&'r Reading> {
        let is_in_line = part == Part::Body && range.end <= self.place_words;
        let stands = |reading: &&Reading| {
            is_written(reading, words, range.start) || (is_in_line && is_meant_in_line(reading, words, range))
        };
        readings.iter().filter(stands).collect()
    }

    /// Whether the place at `range` is a piece of a company's name that nobody listed: `Chile Copper Corp`.
    /// Only where capitalised words lead from it to a legal form; a listed company next to it, as in
    /// `German Siemens AG`, leaves it a place.
    fn is_in_company(&self, words: Words<'_>, range: &Range<usize>) -> bool {
        /// More capitalised words than this are seldom one name.
        const LONGEST: usize = 6;
        let tokens = words.tokens;
        let is_word =
            |position: usize| tokens.shape(position) == Shape::Capitalised && !is_possessive(words, position);
        if !range.clone().all(is_word) {
            return false;
        }
        for at in range.end..tokens.len().min(range.end + LONGEST) {
            if !is_close(words, at) {
                return false;
            }
            if tokens.shape(at) != Shape::Lower && LegalForm::of(tokens.folded(at)) == Some(LegalForm::Sure) {
                return true;
            }
            if !is_word(at) || self.starts_company(words, at) {
                return false;
            }
        }
        false
    }

    /// Whether the name before `at`, of one word, begins the full name of a company that nobody listed: capitalised words
    /// lead to a legal form, one at least, as in `Tesla BioHealing, Inc`. `Texaco Canada Inc` is a part of Texaco.
    fn begins_company(&self, words: Words<'_>, at: usize) -> bool {
        /// More capitalised words than this are seldom one name.
        const LONGEST: usize = 4;
        let tokens = words.tokens;
        if is_possessive(words, at - 1) {
            return false;
        }
        for position in at..tokens.len().min(at + LONGEST) {
            let is_capital =
                matches!(tokens.shape(position), Shape::Capitalised | Shape::Mixed | Shape::AllCaps);
            if !is_capital || !matches!(gap(words, position), " " | ", ") {
                return false;
            }
            let folded = tokens.folded(position);
            let form = LegalForm::of(folded);
            if position > at && form == Some(LegalForm::Sure) {
                return true;
            }
            if !is_close(words, position)
                || is_possessive(words, position)
                || form.is_some()
                || TITLES_AFTER.contains(&folded)
                || DIVISIONS.contains(&folded)
                || self.starts_listed(words, position)
            {
                return false;
            }
        }
        false
    }

    /// Whether a capitalised word stands right before, of which the name at `start` may be the rest. A nationality behind
    /// an article is none: `the German Siemens AG`.
    fn follows_name(&self, words: Words<'_>, start: usize) -> bool {
        if start == 0 || !matches!(gap(words, start), " " | " & " | "-") {
            return false;
        }
        let (tokens, before) = (words.tokens, start - 1);
        let folded = tokens.folded(before);
        if matches!(tokens.shape(before), Shape::Lower | Shape::Number)
            || is_stop_word(folded)
            || TITLES_AFTER.contains(&folded)
            || LEADING_WORDS.contains(&folded)
        {
            return false;
        }
        let is_behind_article = |mention: &Mention| {
            mention.part == Part::Body
                && mention.words.end as usize == start
                && matches!(mention.referent, Referent::Region(_))
                && mention.words.start > 0
                && matches!(tokens.folded(mention.words.start as usize - 1), "the" | "a" | "an")
        };
        let opens = opens_sentence(words, before)
            && (CUES_BEFORE.contains(&folded) || folded.ends_with("ly") || folded.ends_with("ing"));
        !opens && !self.certain.last().is_some_and(is_behind_article)
    }

    fn starts_company(&self, words: Words<'_>, at: usize) -> bool {
        self.starts(words, at, |target| matches!(target, Target::Entity(_)))
    }

    /// Whether a place stands right before, as in the headline `American Tungsten Corp to drill`.
    fn follows_place(&self, words: Words<'_>, start: usize) -> bool {
        self.certain.last().is_some_and(|mention| {
            mention.part == Part::Title
                && mention.words.end as usize == start
                && matches!(mention.referent, Referent::Region(_))
                && gap(words, start) == " "
                && !is_possessive(words, start - 1)
        })
    }

    /// Whether a company or a place is listed that is written so.
    fn starts_listed(&self, words: Words<'_>, at: usize) -> bool {
        self.starts(words, at, |target| target != Target::Block)
    }

    fn starts(&self, words: Words<'_>, at: usize, is_wanted: fn(Target) -> bool) -> bool {
        let mut found = false;
        let following = (at..words.tokens.len()).map(|position| words.tokens.folded(position));
        self.surfaces.starting(following, |_, readings| {
            found |=
                readings.iter().any(|reading| is_wanted(reading.target) && is_written(reading, words, at));
        });
        found
    }

    /// Where a city lies that has its state or its country behind a comma: `Birmingham, Alabama`, `Nancy, France`. Not
    /// in lists of states, `New York, Ohio`, nor where the city's own country is meant, `Munich, DE`, nor Los
    /// Angeles, `Dallas, LA`.
    fn place_of_city(&self, words: Words<'_>, city: &[&Reading], end: usize) -> Option<RegionCode> {
        let tokens = words.tokens;
        if end >= tokens.len() || !city.iter().any(|reading| reading.is_indirect) || gap(words, end) != ", " {
            return None;
        }
        let (mut state, mut country) = (None, None);
        let following = (end..tokens.len()).map(|position| tokens.folded(position));
        self.surfaces.starting(following, |_, readings| {
            let home = readings.iter().find_map(|reading| match reading.target {
                // `New York` is a city first, and says where `Queens, New York` lies.
                Target::Region(code)
                    if (!reading.is_indirect || is_state_named(reading))
                        && is_written(reading, words, end) =>
                {
                    city.iter().any(|city| city.target == reading.target).then_some(code)
                }
                _ => None,
            });
            country = home.or(country);
            let found = readings.iter().find_map(|reading| match reading.target {
                Target::Region(code)
                    if !reading.is_indirect
                        && (reading.guard == Guard::State || country_of_state(code).is_some())
                        && is_written(reading, words, end) =>
                {
                    Some(code)
                }
                _ => None,
            });
            state = found.or(state);
        });
        let name = tokens.exact(end);
        let is_own = |reading: &&Reading| match reading.target {
            Target::Region(code) => code.0 == name || is_state_named(reading),
            _ => false,
        };
        state.filter(|_| name != "LA" && !city.iter().any(is_own)).or(country)
    }
}

/// A ticker as the tables have it. Hong Kong's codes have four digits or five, and zeros in front to taste.
pub(super) fn ticker(exchange: &str, symbol: &str) -> String {
    if exchange == "HKEX" {
        format!("{exchange}:{:0>4}", symbol.trim_start_matches('0'))
    } else {
        format!("{exchange}:{symbol}")
    }
}

/// Whether a word is the name of a region, and not a city or an adjective of one.
fn is_country(readings: &[Reading], word: &str) -> bool {
    readings.iter().any(|reading| match reading.target {
        Target::Region(code) => !reading.is_indirect && regions().name(code.0) == word,
        _ => false,
    })
}

/// Whether the words stand in an address or in a program's text.
fn is_in_code(words: Words<'_>, range: &Range<usize>) -> bool {
    let (start, end) = (words.tokens.span(range.start).start, words.tokens.span(range.end - 1).end);
    words.text[..start as usize].ends_with(['=', '_', '&', '?'])
        || words.text[end as usize..].starts_with(['_', '='])
        || is_in_address(words, range)
}

/// Whether a name with this guard needs nothing more than to be written so.
fn is_certain(guard: Guard) -> bool {
    !matches!(guard, Guard::Context | Guard::Shown)
}

/// Whether the company's name is made of words that others use too, so that the tables trust it in full only.
fn has_common_name(target: Target) -> bool {
    matches!(target, Target::Entity(index) if entity(index).aliases().any(|(_, guard)| guard == Guard::Shown))
}

/// Whether the one word at `at` is somebody's: `Jeff Landry`, `Anna "Jude" Landry`, `Chanel Smith`. `Will Google` opens a
/// question.
fn is_of_person(words: Words<'_>, at: usize) -> bool {
    let tokens = words.tokens;
    let is_capital = |position: usize| tokens.shape(position) == Shape::Capitalised;
    let is_listed = |position: usize, list| tagger::listed(tokens.folded(position)) & list != 0;
    let is_family_name = at > 0
        && gap(words, at) == " "
        && is_capital(at - 1)
        && is_listed(at, FAMILY_NAME)
        && is_listed(at - 1, FIRST_NAME)
        && !opens_sentence(words, at - 1);
    let follows_nickname = || {
        at > 1
            && matches!(gap(words, at), "' " | "’ " | "\" " | "” ")
            && matches!(gap(words, at - 1), " '" | " ‘" | " \"" | " “")
            && is_capital(at - 1)
            && is_capital(at - 2)
    };
    let is_first_name = || {
        at + 1 < tokens.len()
            && gap(words, at + 1) == " "
            && !is_possessive(words, at)
            && is_capital(at + 1)
            && is_listed(at, FIRST_NAME)
            && is_listed(at + 1, FAMILY_NAME)
    };
    is_family_name || follows_nickname() || is_first_name()
}

/// Whether a number is joined to the word in front, as in `3D-CBS`.
fn follows_number(words: Words<'_>, at: usize) -> bool {
    at > 0 && gap(words, at) == "-" && words.tokens.shape(at - 1) == Shape::Number
}

/// Whether the word at `next` makes the place before it a piece of another name: of a street or a river anywhere, of a
/// school where a city or a state lends it its name, of a county where the place is no American city.
fn is_in_place_name(words: Words<'_>, next: usize, place: &[&Reading]) -> bool {
    let tokens = words.tokens;
    if next >= tokens.len()
        || tokens.shape(next) != Shape::Capitalised
        || gap(words, next) != " "
        || is_possessive(words, next - 1)
    {
        return false;
    }
    let word = tokens.folded(next);
    let is_in_america = |reading: &&Reading| match reading.target {
        Target::Region(code) => country_of_state(code).is_some(),
        _ => false,
    };
    let is_city = place.iter().any(|reading| reading.is_indirect);
    let is_american_city = place.iter().any(|reading| reading.is_indirect && is_in_america(reading));
    STREETS_AND_RIVERS.contains(&word)
        || INSTITUTIONS.contains(&word) && (is_city || place.iter().any(is_in_america))
        || word == "county" && !is_american_city
}

/// Whether the tables have a name of this company that ends with this legal form, so that it is not another of the same
/// name: `Summit Inc` where `Summit Ltd` is known.
fn is_own_form(target: Target, form: &str) -> bool {
    let short = |form: &str| {
        let form = crate::words::fold(form.trim_end_matches('.'));
        match &*form {
            "incorporated" => "inc".to_owned(),
            "corporation" => "corp".to_owned(),
            "company" => "co".to_owned(),
            "limited" => "ltd".to_owned(),
            _ => form,
        }
    };
    let Target::Entity(index) = target else { return false };
    let wanted = short(form);
    entity(index).aliases().any(|(alias, guard)| {
        guard == Guard::None && alias.rsplit_once(' ').is_some_and(|(_, last)| short(last) == wanted)
    })
}

/// Whether the name is that of a state, as `New York` is, which most texts mean for the city.
pub(super) fn is_state_named(reading: &Reading) -> bool {
    let mut states = regions().iter().filter(|region| region.kind == RegionKind::State);
    states.any(|state| state.name.split(' ').eq(reading.words()))
}

/// Whether the words at `at` are written as the reading asks.
pub(super) fn is_written(reading: &Reading, words: Words<'_>, at: usize) -> bool {
    let tokens = words.tokens;
    let count = reading.words().count();
    let is_exact = reading.words().zip(at..).all(|(word, position)| {
        tokens.exact(position) == word || (is_lower(word) && tokens.folded(position) == word)
    });
    if reading.guard == Guard::State && !follows_comma(words, at) || cuts_katakana(words, at, count) {
        return false;
    }
    // `Wendy` is nobody's burger, and `en` no `En+`.
    let last = at + count - 1;
    let has_tail = match reading.tail {
        Tail::None => true,
        Tail::Possessive => is_possessive(words, last),
        Tail::Plus => {
            let (start, end) = (tokens.span(last).start as usize, tokens.span(last).end as usize);
            words.text[start..end].ends_with('+') || words.text[end..].starts_with('+')
        }
    };
    if !has_tail {
        return false;
    }
    if is_exact {
        // `WHO IS NEXT` asks, wherever the line goes on.
        let asks = || {
            matches!(reading.target, Target::Entity(_))
                && at + 1 < tokens.len()
                && tokens.shape(at + 1) == Shape::AllCaps
                && matches!(tokens.folded(at + 1), "is" | "are" | "was" | "can" | "will" | "has" | "should")
        };
        let shouted = count == 1
            && (reading.guard == Guard::Exact && in_capitals(words, at, count) || asks())
            && is_english(tokens.folded(at));
        let dotted = words.text[tokens.span(at).range()].contains('.');
        // `N.C.` is a state, `NC` only after a comma.
        let bare = reading.guard == Guard::None
            && count == 1
            && tokens.exact(at).len() == 2
            && tokens.shape(at) == Shape::AllCaps
            && matches!(reading.target, Target::Region(_))
            && !follows_comma(words, at);
        return (!shouted && !bare) || dotted;
    }
    // In a line of capitals a name is written in capitals too, unless that makes it another word.
    let in_capitals_too = reading.words().zip(at..).all(|(word, position)| {
        crate::words::fold(word) == tokens.folded(position)
            && (tokens.shape(position) == Shape::AllCaps || !has_letters(word))
    });
    // Place lines print the city in capitals and nothing else.
    let is_plain_place =
        (reading.guard == Guard::None || at == 0) && matches!(reading.target, Target::Region(_));
    let letters = reading.words().flat_map(|word| word.chars()).filter(|c| c.is_alphabetic()).count();
    in_capitals_too
        && match reading.guard {
            Guard::Exact => false,
            // `CHICAGO, ILL.` but not `STEEL, ORE`.
            Guard::State => words.text[tokens.span(at + count - 1).end as usize..].starts_with('.'),
            Guard::None | Guard::Context | Guard::Shown => {
                letters >= 4 && (count > 1 || is_plain_place || in_capitals(words, at, count))
            }
        }
}

/// Whether the words of a place line are a place in other capitals than the tables have: `New york`, `MADISON, WIS.`
fn is_meant_in_line(reading: &Reading, words: Words<'_>, range: &Range<usize>) -> bool {
    let is_abbreviation = || {
        let after = &words.text[words.tokens.span(range.end - 1).end as usize..];
        matches!(reading.guard, Guard::State | Guard::None)
            && !reading.is_indirect
            && follows_comma(words, range.start)
            && (after.trim_start().starts_with(['.', ',', '-', '–', '—', '/', '('])
                || after.trim().is_empty())
    };
    matches!(reading.target, Target::Region(_))
        && reading.tail == Tail::None
        && words.tokens.shape(range.start) != Shape::Lower
        && (is_abbreviation() || (range.len() > 1 && reading.guard == Guard::None))
}

/// Whether the place only says of which country a sum of money is: `US$5`, `HK$5`, `US $5`.
fn is_currency(words: Words<'_>, range: &Range<usize>) -> bool {
    let after = &words.text[words.tokens.span(range.end - 1).end as usize..];
    after.starts_with('$')
        || after.starts_with(" $")
            && words.tokens.shape(range.start) == Shape::AllCaps
            && words.tokens.exact(range.start).len() <= "U.S.".len()
            && range.start.checked_sub(1).is_none_or(|before| words.tokens.folded(before) != "the")
}

/// Whether the words are a piece of a longer run of katakana, as `マリ` (Mali) is of `マリオ`: there every letter is a word,
/// and a word of the language is a run of them.
fn cuts_katakana(words: Words<'_>, at: usize, count: usize) -> bool {
    let is_katakana = |position: usize| {
        let exact = words.tokens.exact(position);
        exact.starts_with(|c: char| matches!(c, 'ァ'..='ヺ' | 'ー'))
    };
    let touches = |position: usize| gap(words, position).is_empty();
    let end = at + count;
    at > 0 && is_katakana(at) && is_katakana(at - 1) && touches(at)
        || end < words.tokens.len() && is_katakana(end - 1) && is_katakana(end) && touches(end)
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
    // `Ryder Co-founder` is none.
    let goes_on = words.text[words.tokens.span(next).end as usize..].starts_with('-');
    if close && !goes_on && LegalForm::of(words.tokens.folded(next)).is_some() { next + 1 } else { next }
}
