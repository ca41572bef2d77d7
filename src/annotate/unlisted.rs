//! Names that nobody listed: which of those that the tagger read stand, and what the article calls them elsewhere.

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

use super::find::{Waiting, is_written};
use super::lists::{
    BODIES, CHANNELS, COINS, CREDENTIALS, CUES_OF_PEOPLE, DEALINGS, ENDS_OF_NOUNS, EXCHANGES, HEADLINE_WORDS,
    OFFICES, OTHER_THINGS, SORTS_OF_FIRMS, THINGS_AFTER, THINGS_BEFORE, TITLES_BEFORE, TRADES_OF_FIRMS,
    VOICES,
};
use super::pieces::{follows, is_address, is_running, leads_on};
use super::settle::is_part_of_name;
use super::{
    Mention, Part, Referent, Rule, Words, entity_id, gap, hinted, in_capitals, is_close, is_in_address,
    is_possessive, joins, mention,
};
use crate::gazetteer::{EntityId, Guard, Target, entities, surfaces};
use crate::tagger::{self, FAMILY_NAME, FIRST_NAME, Hint, Hinted, Kind, tagger};
use crate::words::{LegalForm, Shape, is_stop_word};

/// A name that the tagger read.
struct Read {
    part: Part,
    words: Range<usize>,
    kind: Kind,
    /// Without a legal form, folded.
    name: Vec<String>,
    has_legal_form: bool,
    /// Whether it is one short word in capitals.
    is_acronym: bool,
    /// Of the tagger, see [`tagger::Tagged`]; none where it did not read it.
    margin: Option<i32>,
}

impl Read {
    /// The first letters of its words, and of its first words.
    fn acronyms(&self) -> impl Iterator<Item = String> {
        let words = self.name.iter().filter(|word| !is_stop_word(word));
        let letters: Vec<char> = words.filter_map(|word| word.chars().next()).collect();
        (2..=letters.len()).map(move |count| letters[..count].iter().collect())
    }
}

/// Adds the names of the tagger that stand, and what the article calls them elsewhere. `pieces` are names of the tables that
/// name nobody there: what they are a piece of may stand, they do not.
pub(super) fn add_unlisted(
    mentions: &mut Vec<Mention>,
    pieces: &[Mention],
    title: Words<'_>,
    body: Words<'_>,
) {
    let texts = [(Part::Title, title), (Part::Body, body)];
    // The tagger has learnt from all that the tables have.
    let hints = texts.map(|(part, words)| hinted(words.tokens, mentions.iter().chain(pieces), part));
    let [title_hints, body_hints] = &hints;
    let article = [(title, title_hints), (body, body_hints)].map(|(Words { text, tokens }, hints)| Hinted {
        text,
        tokens,
        hints,
    });
    let tagged = tagger().tag(&article);
    let parts = texts.map(|(part, words)| (part, words, hinted(words.tokens, mentions.iter(), part)));
    let mut found = Vec::new();
    let mut doubts = Doubts::of(&parts.each_ref().map(|(_, words, _)| *words));
    for ((part, words, hints), tagged) in parts.iter().zip(tagged) {
        for tagged in tagged {
            let range = tagged.first as usize..tagged.end as usize;
            doubts.count(*words, &range, tagged.kind);
            if matches!(tagged.kind, Kind::Organisation | Kind::Person)
                && !hints[range.clone()].iter().any(|hint| matches!(hint, Hint::Company | Hint::Organisation))
            {
                let read = read_name(*part, *words, range, tagged.kind);
                found.extend(read.map(|read| Read { margin: Some(tagged.margin), ..read }));
            }
        }
    }
    found.extend(with_legal_forms(body, &parts[1].2, &found));
    let pieces = Pieces(pieces);
    found.retain(|read| {
        (read.has_legal_form || !doubts.casts(read))
            && (read.kind == Kind::Person || !pieces.cover(read.part, &read.words))
    });
    let surest = surest(&found);
    let is_vouched_for = |read: &Read| {
        let margin = surest.get(&*read.name).copied().unwrap_or(0);
        doubts.supports(read) || margin >= if has_word_of_firms(read) { LIKELY } else { SURE }
    };
    // A name of the tables that means other things too: that the tagger is sure is enough where no longer name begins so.
    let begun: FxHashSet<&str> =
        found.iter().filter(|read| read.name.len() > 1).map(|read| &*read.name[0]).collect();
    let is_known = |read: &Read| {
        let words = if read.part == Part::Title { title } else { body };
        let is_loud = (read.words.clone()).all(|at| !words.tokens.exact(at).chars().any(char::is_lowercase));
        // `Tether (USDT)` is a coin, `Target: BP` a programme.
        let after = &words.text[words.tokens.span(read.words.end - 1).end as usize..];
        let is_coin = after.strip_prefix(" (").is_some_and(|rest| {
            let symbol = rest.split(')').next().unwrap_or("");
            !symbol.is_empty() && symbol.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        });
        !is_loud
            && !is_coin
            && !after.starts_with([':', '-'])
            && read.kind == Kind::Organisation
            && !doubts.is_of_coins
            && surest.get(&*read.name).is_some_and(|margin| *margin >= LIKELY)
            && (read.name.len() > 1 || !begun.contains(&*read.name[0]))
    };
    let long = found.iter().filter(|read| read.name.len() > 1 && is_vouched_for(read));
    let initials: FxHashSet<String> = long.flat_map(Read::acronyms).collect();
    let alone: FxHashSet<(&str, Kind)> =
        found.iter().filter(|read| read.name.len() == 1).map(|read| (&*read.name[0], read.kind)).collect();
    let formed: FxHashSet<&str> = found
        .iter()
        .filter(|read| read.name.len() == 1 && read.has_legal_form)
        .map(|read| &*read.name[0])
        .collect();
    let mut counts: FxHashMap<&[String], usize> = FxHashMap::default();
    for read in found.iter().filter(|read| read.kind == Kind::Organisation) {
        *counts.entry(&read.name).or_default() += 1 + usize::from(read.has_legal_form);
    }
    // What stands, by its words; what another name begins with or, of a person, ends with, follows.
    let mut ids: FxHashMap<Vec<String>, Option<EntityId>> = FxHashMap::default();
    let mut order: Vec<&Read> = found.iter().collect();
    order.sort_by_key(|read| std::cmp::Reverse(read.name.len()));
    for read in order {
        let is_person = read.kind == Kind::Person;
        let stands = match &read.name[..] {
            name if is_person => name.len() > 1,
            // Capitals alone are as often a coin or a term: somebody must be called so in full.
            [word] if read.is_acronym && !read.has_legal_form => initials.contains(word),
            name => counts[name] > 1 && is_vouched_for(read),
        };
        if !(stands || is_known(read)) || ids.contains_key(&read.name) {
            continue;
        }
        let words = if read.part == Part::Title { title } else { body };
        // Short capitals stand for many things: `PLN` is what the article says it is.
        let listed = if is_person || read.is_acronym { None } else { listed_as(words, read) };
        let is_company = |id: &EntityId| {
            entities().get(id.as_str()).is_some_and(|entity| entity.kind == "company")
                && !CHANNELS.contains(&id.as_str())
        };
        if !stands && !listed.as_ref().is_some_and(is_company) {
            continue;
        }
        let sort = if is_person { "per" } else { "org" };
        let Some(id) = listed.or_else(|| EntityId::unlisted(sort, &read.name.join(" "))) else { continue };
        ids.insert(read.name.clone(), Some(id.clone()));
        if read.name.len() > 1 {
            let part = if is_person { read.name.last() } else { read.name.first() };
            let called = vec![part.expect("two words or more").clone()];
            let was_read = alone.contains(&(&*called[0], read.kind));
            // Capitals are a name in themselves: `UNCF` is not short for `UNCF Radio`.
            let is_loud = words.tokens.shape(read.words.start) == Shape::AllCaps;
            // `Ackerman & Co` is not `Ackerman Pioneer`.
            let is_own = formed.contains(&*called[0]);
            // `Sprott` is the firm of the tables, not the trust that begins so.
            let is_listed = may_be_listed(&called[0]);
            if is_person || (was_read && !is_loud && !is_own && !is_listed) {
                // Two of one family name are nobody.
                let slot = ids.entry(called).or_insert_with(|| Some(id.clone()));
                if slot.as_ref() != Some(&id) {
                    *slot = None;
                }
            }
        }
    }
    ids.retain(|_, id| id.is_some());
    if !ids.is_empty() {
        add_named(mentions, pieces, &parts, &found, &ids);
    }
}

/// Names of the tables that name nobody where they stand, in order.
#[derive(Clone, Copy)]
struct Pieces<'a>(&'a [Mention]);

impl Pieces<'_> {
    /// Whether the words are those of such a name, or some of them.
    fn cover(self, part: Part, words: &Range<usize>) -> bool {
        let key = |piece: &Mention| (piece.part, piece.words.end as usize);
        let at = self.0.partition_point(|piece| key(piece) < (part, words.end));
        self.0.get(at).is_some_and(|piece| piece.part == part && piece.words.start as usize <= words.start)
    }
}

/// Adds the names in `ids` wherever the article has them.
fn add_named(
    mentions: &mut Vec<Mention>,
    pieces: Pieces<'_>,
    parts: &[(Part, Words<'_>, Vec<Hint>)],
    found: &[Read],
    ids: &FxHashMap<Vec<String>, Option<EntityId>>,
) {
    let longest = ids.keys().map(Vec::len).max().unwrap_or(0);
    let starts: FxHashSet<String> = ids.keys().map(|name| name[0].clone()).collect();
    for (part, words, hints) in parts {
        let (part, words) = (*part, *words);
        let tokens = words.tokens;
        let read: FxHashMap<usize, usize> = found
            .iter()
            .filter(|read| read.part == part)
            .map(|read| (read.words.start, read.words.start + read.name.len()))
            .collect();
        let is_free = |at: usize| !matches!(hints[at], Hint::Company | Hint::Organisation);
        let mut at = 0;
        while at < tokens.len() {
            if tokens.shape(at) == Shape::Lower || !starts.contains(tokens.folded(at)) {
                at += 1;
                continue;
            }
            let mut end = at;
            let mut name = Vec::new();
            let mut best = None;
            while end < tokens.len() && end - at < longest && is_free(end) && (end == at || joins(words, end))
            {
                name.push(tokens.folded(end).to_owned());
                end += 1;
                if let Some(id) = ids.get(&name).cloned().flatten() {
                    best = Some((end, id));
                }
            }
            let Some((end, id)) = best else {
                at += 1;
                continue;
            };
            // A family name inside a longer name that was not read is somebody else's.
            let read_to = read.get(&at).copied();
            let is_alone = read_to == Some(end)
                || (end - at > 1 && read_to.is_none())
                || !is_part_of_name(&Waiting { part, words: at..end, readings: Vec::new() }, words);
            let is_person = id.as_str().starts_with("per:");
            let stretch = at..end;
            let is_none = |at: usize| hints[at] == Hint::None;
            let is_longer = (leads_on(words, &stretch) && is_none(end) && !has_glued_form(words, end))
                || (!is_person && follows(words, &stretch) && is_none(at - 1));
            let is_cut = (is_longer && is_running(words, &stretch))
                || (is_person && is_in_body(words, &stretch))
                || is_address(words, &stretch)
                || (!is_person && at > 0 && gap(words, at) == "-")
                || (!is_person
                    && end < tokens.len()
                    && gap(words, end) == "-"
                    && tokens.shape(end) != Shape::Lower);
            let is_elsewhere = is_cut
                || read_to.is_none() && is_in_address(words, &stretch)
                || !is_person && pieces.cover(part, &stretch)
                || is_person && (read_to.is_none() || stretch.len() == 1) && is_in_firm(words, &stretch);
            if is_alone && !is_elsewhere && !(end - at == 1 && hints[at] != Hint::None) {
                let rule = if read_to.is_some() { Rule::Tagger } else { Rule::Repeated };
                let end = if is_person { end } else { with_form(words, end) };
                mentions.push(mention((part, words, at..end), &[], Referent::Entity(id), rule));
            }
            at = end;
        }
    }
    mentions.sort_by_key(|mention| (mention.part, mention.words.start, mention.words.end));
}

/// Whether a person's name is a piece of a body's: `the Robert Biter Scholarship`, `Stanley Makowski Early Childhood
/// Center`, `Law Offices of Sylvia Costantino`.
fn is_in_body(words: Words<'_>, range: &Range<usize>) -> bool {
    /// More capitalised words than this are seldom one name.
    const LONGEST: usize = 4;
    let tokens = words.tokens;
    let is_body = |at: &usize| {
        let word = tokens.folded(*at);
        BODIES.contains(&word) || OTHER_THINGS.contains(&word) || TRADES_OF_FIRMS.contains(&word)
    };
    let following = range.end..tokens.len().min(range.end + LONGEST);
    let is_called_after = !is_possessive(words, range.end - 1)
        && following
            .take_while(|at| gap(words, *at) == " " && tokens.shape(*at) == Shape::Capitalised)
            .any(|at| is_body(&at));
    let before = |step: usize| range.start.checked_sub(step).map_or("", |at| tokens.folded(at));
    is_called_after || before(1) == "of" && matches!(before(2), "offices" | "office" | "firm")
}

/// The end of a name with the forms that follow it: `Acme, Inc`, `Vast Coworking Group`, `Silex Holdings Inc`.
fn with_form(words: Words<'_>, mut end: usize) -> usize {
    let tokens = words.tokens;
    while end < tokens.len() && tokens.shape(end) != Shape::Lower && !is_possessive(words, end - 1) {
        let follows = match LegalForm::of(tokens.folded(end)) {
            Some(LegalForm::Sure) => matches!(gap(words, end), " " | ", "),
            Some(LegalForm::Likely) => gap(words, end) == " ",
            None => false,
        };
        if !follows || is_hyphened(words, end) {
            break;
        }
        end += 1;
    }
    end
}

/// Whether a hyphen follows the word: `Co-founder` has no legal form.
fn is_hyphened(words: Words<'_>, at: usize) -> bool {
    words.text[words.tokens.span(at).end as usize..].starts_with('-')
}

/// Whether a name of a person in the article stands here for something else: partners in a firm, as in `Craig, Kelley &
/// Faultless` or `Kelley | Uustal`; a coin, loud in quiet text; an auction house, `Barrett-Jackson`.
fn is_in_firm(words: Words<'_>, range: &Range<usize>) -> bool {
    let tokens = words.tokens;
    let Range { start, end } = *range;
    let is_capital = |at: usize| at < tokens.len() && tokens.shape(at) != Shape::Lower;
    let lists_partners = is_capital(end)
        && matches!(gap(words, end), ", " | " | " | " & " | "-")
        && (gap(words, end) != ", " || (is_capital(end + 1) && gap(words, end + 1) == " & "));
    let ends_partners =
        start > 0 && is_capital(start - 1) && matches!(gap(words, start), " | " | " & " | "-");
    let is_loud = range.len() == 1
        && tokens.shape(start) == Shape::AllCaps
        && !in_capitals(words, start, 1)
        && !(end < tokens.len() && gap(words, end).starts_with(':'));
    let is_hyphened = range.len() > 1 && (start + 1..end).all(|at| gap(words, at) == "-");
    lists_partners || ends_partners || is_loud || is_hyphened
}

/// From this margin on, odds of four hundred to one by its own count, the tagger's word is enough for an organisation that
/// the article never shows acting as one. In 143 random links over press releases, 25 were to such names: of the 23 below,
/// 4 were wrong, of the two above none; and of the 118 with other support 4.
pub(super) const SURE: i32 = 6 * tagger::UNIT;

/// The same, odds of twenty to one, for a name that ends as firms and bodies do, `Harrow Bay Dental`, or that a company of
/// the tables has, if others may have it too: `Oracle`.
const LIKELY: i32 = 3 * tagger::UNIT;

/// Whether a name of two words or more ends as those of firms and bodies do.
fn has_word_of_firms(read: &Read) -> bool {
    let last = read.name.last().map_or("", String::as_str);
    read.name.len() > 1 && (TRADES_OF_FIRMS.contains(&last) || BODIES.contains(&last))
}

/// The greatest margin with which the tagger read each organisation.
fn surest(found: &[Read]) -> FxHashMap<&[String], i32> {
    let mut surest: FxHashMap<&[String], i32> = FxHashMap::default();
    for read in found.iter().filter(|read| read.kind == Kind::Organisation) {
        let margin = read.margin.unwrap_or(0);
        let greatest = surest.entry(&read.name).or_insert(margin);
        *greatest = margin.max(*greatest);
    }
    surest
}

/// What speaks for and against a name that the tagger read.
struct Doubts<'a> {
    /// How often the tagger read a name as each kind.
    read_as: FxHashMap<String, [u32; Kind::ALL.len()]>,
    /// Names that a word such as `token` or a year follows, or that stand in quotation marks.
    things: FxHashSet<String>,
    /// Names that stand where a product's would.
    products: FxHashSet<String>,
    /// Names of what acts as a firm.
    firms: FxHashSet<String>,
    /// The words that the article has in small letters.
    small: FxHashSet<&'a str>,
    /// Whether the article is about coins, where most names are of what is sold.
    is_of_coins: bool,
}

impl<'a> Doubts<'a> {
    fn of(parts: &[Words<'a>]) -> Doubts<'a> {
        /// So many words of the trade make an article one of coins.
        const OF_COINS: usize = 4;
        let words = parts.iter().flat_map(|words| (0..words.tokens.len()).map(|at| (words.tokens, at)));
        let small: Vec<&str> = words
            .filter(|(tokens, at)| tokens.shape(*at) == Shape::Lower)
            .map(|(tokens, at)| tokens.folded(at))
            .collect();
        Doubts {
            read_as: FxHashMap::default(),
            things: FxHashSet::default(),
            products: FxHashSet::default(),
            firms: FxHashSet::default(),
            is_of_coins: small.iter().filter(|word| COINS.contains(word)).count() >= OF_COINS,
            small: small.into_iter().collect(),
        }
    }

    /// Notes what the tagger read, and what stands beside it.
    fn count(&mut self, words: Words<'_>, range: &Range<usize>, kind: Kind) {
        let tokens = words.tokens;
        let mut end = range.end;
        while end > range.start + 1 && LegalForm::of(tokens.folded(end - 1)).is_some() {
            end -= 1;
        }
        let name: Vec<&str> = (range.start..end).map(|at| tokens.folded(at)).collect();
        let name = name.join(" ");
        let next = Some(range.end).filter(|next| *next < tokens.len() && is_close(words, *next));
        let before = |step: usize| range.start.checked_sub(step).map_or("", |at| tokens.folded(at));
        if next.is_some_and(|next| COINS.contains(&tokens.folded(next))) {
            self.things.insert(name.clone());
        }
        // `Victoza injections`, `the gameplay of Battle Talent`.
        if next.is_some_and(|next| THINGS_AFTER.contains(&tokens.folded(next)))
            || (matches!(before(1), "of" | "with" | "in") && THINGS_BEFORE.contains(&before(2)))
        {
            self.products.insert(name.clone());
        }
        // `Radell Young CEO of Acme` is a person.
        let is_of = |at: usize| at < tokens.len() && matches!(tokens.folded(at), "of" | "at");
        if next.is_some_and(|next| OFFICES.contains(&tokens.folded(next)) && is_of(next + 1)) {
            self.things.insert(name.clone());
        }
        let after = &words.text[tokens.span(range.end - 1).end as usize..];
        if after.starts_with(['®', '™']) {
            self.products.insert(name.clone());
        }
        // `DSK 2025` is an event; a name in quotation marks, unless in brackets, a title or a term.
        let is_dated = next.is_some_and(|next| {
            let number = tokens.folded(next);
            number.len() == 4 && number.starts_with("20") && tokens.shape(next) == Shape::Number
        });
        let is_quoted =
            matches!(gap(words, range.start).trim_start(), "\"" | "“") && after.starts_with(['"', '”']);
        if is_dated || is_quoted {
            self.things.insert(name.clone());
        }
        if acts_as_firm(words, range) {
            self.firms.insert(name.clone());
        }
        self.read_as.entry(name).or_default()[kind as usize] += 1;
    }

    /// Whether more than the tagger's word is for an organisation.
    fn supports(&self, read: &Read) -> bool {
        read.has_legal_form || self.firms.contains(&read.name.join(" "))
    }

    /// Whether a name without a legal form is more likely something else than what it was read as.
    fn casts(&self, read: &Read) -> bool {
        let name = read.name.join(" ");
        let counts = self.read_as.get(&name).copied().unwrap_or_default();
        let as_read = counts[read.kind as usize];
        if as_read * 2 <= counts.iter().sum::<u32>() {
            return true;
        }
        let last = read.name.last().map_or("", String::as_str);
        if read.kind != Kind::Organisation {
            return OTHER_THINGS.contains(&last) && tagger::listed(last) & FAMILY_NAME == 0;
        }
        let is_of_firm = self.firms.contains(&name);
        // `Director of Sustainability & Advocacy`; `Sun Shade's music`.
        let is_phrase = || {
            read.name.len() > 1
                && read.name.iter().all(|word| is_stop_word(word) || self.small.contains(&**word))
        };
        let is_of_person = || {
            read.name.len() == 2
                && tagger::listed(&read.name[0]) & FIRST_NAME != 0
                && tagger::listed(&read.name[1]) & FAMILY_NAME != 0
        };
        let is_common = read.name.len() == 1 && (BODIES.contains(&last) || self.small.contains(last));
        // Names in running text leave out `the`; titles of works do not.
        read.name[0] == "the"
            || OTHER_THINGS.contains(&last)
            || is_common
            || self.things.contains(&name)
            || (self.is_of_coins && matches!(last, "chain" | "network"))
            || (!is_of_firm
                && (self.products.contains(&name)
                    || (self.is_of_coins && read.name.len() <= 2)
                    || is_phrase()
                    || is_of_person()))
    }
}

/// Whether what stands around a name only fits an organisation: somebody speaks, works or stands for it, or it is traded,
/// described or dealt with.
fn acts_as_firm(words: Words<'_>, range: &Range<usize>) -> bool {
    /// A description has its noun among so many words.
    const DESCRIPTION: usize = 12;
    let tokens = words.tokens;
    let before = |step: usize| range.start.checked_sub(step).map_or("", |at| tokens.folded(at));
    let next = |step: usize| {
        let at = range.end + step;
        if at < tokens.len() { tokens.folded(at) } else { "" }
    };
    let gap_after = if range.end < tokens.len() { gap(words, range.end) } else { "" };
    let is_near = matches!(before(1), "of" | "at" | "with" | "joined" | "join");
    let is_close_before = range.start > 0 && is_close(words, range.start);
    let is_served = is_close_before
        && is_near
        && (OFFICES.contains(&before(2))
            || DEALINGS.contains(&before(2))
            || matches!(before(1), "joined" | "join"));
    // `The clinic, Harrow Bay Dental`: not this; `about Harrow Bay Dental` where a line or sentence begins.
    let is_headed = before(1) == "about" && tokens.opens_sentence(words.text, range.start - 1);
    let is_traded = gap_after.trim() == "(" && EXCHANGES.iter().any(|(known, _)| *known == next(0));
    let speaks = gap_after == " " && VOICES.contains(&next(0));
    // `Northfield is a leading provider of`, `Northfield, a maker of`.
    let is_described = {
        let from = match (gap_after, next(0), next(1)) {
            (" ", "is" | "was", "a" | "an" | "the") => Some(2),
            (", " | " - " | " – " | " — ", "a" | "an" | "the", _) => Some(1),
            _ => None,
        };
        from.is_some_and(|from| {
            let described = (range.end + from..tokens.len().min(range.end + from + DESCRIPTION))
                .take_while(|at| !gap(words, *at).contains([',', '.', ';', '\n', '(']));
            let mut described =
                described.map(|at| tokens.folded(at)).take_while(|word| !ENDS_OF_NOUNS.contains(word));
            described.any(|word| SORTS_OF_FIRMS.contains(&word))
        })
    };
    is_served || is_headed || is_traded || speaks || is_described
}

/// Capitalised words with a legal form behind them that the tagger did not read: `Acme Robotics Inc`.
fn with_legal_forms(body: Words<'_>, hints: &[Hint], found: &[Read]) -> Vec<Read> {
    /// More capitalised words than this are seldom one name.
    const LONGEST: usize = 6;
    let tokens = body.tokens;
    let mut taken = vec![false; tokens.len()];
    for read in found.iter().filter(|read| read.part == Part::Body && read.kind == Kind::Organisation) {
        taken[read.words.clone()].fill(true);
    }
    let is_word = |at: usize| {
        matches!(tokens.shape(at), Shape::Capitalised | Shape::AllCaps | Shape::Mixed)
            && !matches!(hints[at], Hint::Company | Hint::Organisation)
            && !taken[at]
            && LegalForm::of(tokens.folded(at)) != Some(LegalForm::Sure)
    };
    let mut more = Vec::new();
    for (at, is_taken) in taken.iter().enumerate().skip(1) {
        let is_form = tokens.shape(at) != Shape::Lower
            && LegalForm::of(tokens.folded(at)) == Some(LegalForm::Sure)
            && !is_hyphened(body, at);
        if !is_form || *is_taken || !matches!(gap(body, at), " " | ", ") {
            continue;
        }
        let mut start = at;
        while start > 0
            && at - start < LONGEST
            && is_word(start - 1)
            && (start == at || matches!(gap(body, start), " " | " & " | "-"))
        {
            start -= 1;
        }
        while start < at && is_stop_word(tokens.folded(start)) {
            start += 1;
        }
        // `UGI Utilities, Inc`: what another name begins.
        let goes_on = start > 0
            && (taken[start - 1] || matches!(hints[start - 1], Hint::Company | Hint::Organisation))
            && is_close(body, start);
        if goes_on {
            continue;
        }
        if start < at {
            more.extend(read_name(Part::Body, body, start..at + 1, Kind::Organisation));
        }
    }
    more
}

/// A name as the tagger read it, if it may be one.
fn read_name(part: Part, words: Words<'_>, mut range: Range<usize>, kind: Kind) -> Option<Read> {
    /// More words than this are a headline or a list.
    const LONGEST: usize = 8;
    let tokens = words.tokens;
    if kind == Kind::Person {
        // What stands behind a comma, as in `Huw Pill, Bank of England`, is not a person's name, nor is a degree or an office.
        if let Some(end) = (range.start + 1..range.end).find(|at| gap(words, *at).contains(',')) {
            range.end = end;
        }
        while range.len() > 1 && CREDENTIALS.contains(&tokens.folded(range.end - 1)) {
            range.end -= 1;
        }
    }
    // A heading run into the sentence below it: `About Leksum` and `Leksum is`.
    let half = range.len() / 2;
    if range.len().is_multiple_of(2)
        && (0..half).all(|at| tokens.folded(range.start + at) == tokens.folded(range.start + half + at))
    {
        range.start += half;
    }
    let mut has_legal_form = false;
    // The next name is glued to a form: `CryptoSafe LtdCryptoSafe is`.
    if kind == Kind::Organisation
        && let Some(at) = (range.start + 1..range.end).find(|at| has_glued_form(words, *at))
    {
        range.end = at;
        has_legal_form = true;
    }
    let mut name: Vec<String> = range.clone().map(|at| tokens.folded(at).to_owned()).collect();
    if kind == Kind::Organisation {
        // `ATAP Co-founder`.
        if range.len() > 1
            && is_hyphened(words, range.end - 1)
            && name.last().is_some_and(|last| last == "co")
        {
            range.end -= 1;
            name.pop();
        }
        while let Some(form) = name.last().and_then(|last| LegalForm::of(last)).filter(|_| name.len() > 1) {
            has_legal_form |= form == LegalForm::Sure;
            name.pop();
        }
    }
    let is_word = |word: &String| word.chars().any(char::is_alphabetic);
    let is_name = match kind {
        // A person has no number, and not all of a person is initials.
        Kind::Person => {
            // A list knows the first name, or the sentence goes on as it does about people: `, Huw Pill, and`, `Huw
            // Pill said`. A family name alone will do where the name ends a phrase: not `Budweiser King livery`.
            let is_listed = tagger::listed(&name[0]) & FIRST_NAME != 0 || name[0].len() == 1;
            let next = range.end;
            let is_spoken_of = next < tokens.len()
                && (gap(words, next) == ", " || CUES_OF_PEOPLE.contains(&tokens.folded(next)));
            let is_of_family = tagger::listed(&name[name.len() - 1]) & FAMILY_NAME != 0
                && !(next < tokens.len() && is_close(words, next));
            let ends = |at: usize| words.text[words.tokens.span(at).range()].ends_with(['s', 'S']);
            let owns =
                |at: usize| ends(at) && words.text[words.tokens.span(at).range()].contains(['\'', '’']);
            name.iter().all(is_word)
                && name.iter().any(|word| word.len() > 2)
                && (name.len() == 1 || is_listed || is_spoken_of || is_of_family)
                && !(range.start..range.end - 1).any(owns)
                && !(range.start + 1..range.end).any(|at| gap(words, at).contains('&'))
                && !range.clone().any(|at| is_compound(&words.text[tokens.span(at).range()]))
        }
        _ => name.iter().any(|word| is_word(word) && word.len() > 1 && !is_stop_word(word)),
    };
    // Several of what capitals stand for, `SGs`, are no name.
    let written = &words.text[tokens.span(range.start).range()];
    let is_plural = name.len() == 1
        && written
            .strip_suffix('s')
            .is_some_and(|short| short.len() > 1 && short.bytes().all(|b| b.is_ascii_uppercase()));
    let starts_small = tokens.shape(range.start) == Shape::Lower;
    /// Longer words in capitals are a name written loud.
    const ACRONYM: usize = 5;
    let is_acronym =
        tokens.shape(range.start) == Shape::AllCaps && name.len() == 1 && name[0].len() <= ACRONYM;
    let read = Read { part, words: range, kind, name, has_legal_form, is_acronym, margin: None };
    (is_name && read.name.len() <= LONGEST && !starts_small && !is_plural && !is_something_else(words, &read))
        .then_some(read)
}

/// Headings and offices that a name below them may be glued to: `Contact DetailsLandis`, `Chief Executive OfficerAcme`.
const GLUED: [&str; 9] =
    ["About", "CEO", "CFO", "Contact", "Details", "Director", "Manager", "Officer", "President"];

/// Whether what stands around a name, or in it, shows that it is something else or not all of it.
fn is_something_else(words: Words<'_>, read: &Read) -> bool {
    let Read { part, words: range, kind, name, has_legal_form, .. } = read;
    let (tokens, last, next) = (words.tokens, range.end - 1, range.end);
    // A piece of an address or the symbol of a coin: `@Northfield`, `www.Northfield.com`, `$ACME`.
    let (start, end) = (tokens.span(range.start).start, tokens.span(last).end);
    let (before, after) = (&words.text[..start as usize], &words.text[end as usize..]);
    let is_address = name.iter().any(|word| word.contains("http") || word.contains("www."))
        || before.ends_with(['@', '/', '$', '#', '_'])
        || after.starts_with(['@', '_'])
        || is_in_address(words, range);
    // `(NASDAQ: NWTG)` says where a share is traded, nothing of the exchange; `a Florida Corporation` has no name; a heading
    // may be glued to the name below: `Contact DetailsLandis Communications`.
    let is_exchange = after.trim_start().starts_with(':')
        && EXCHANGES.iter().any(|(known, _)| *known == tokens.folded(range.start));
    let is_sort = range.start > 0
        && *has_legal_form
        && name.len() == 1
        && matches!(tokens.folded(range.start - 1), "a" | "an")
        && is_place(name);
    let is_glued = range.clone().any(|at| {
        let written = &words.text[tokens.span(at).range()];
        GLUED.iter().any(|heading| {
            written
                .strip_prefix(heading)
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
        })
    });
    // `Macklem's Baby Store`, `Lee Jeong-im`: the name goes on.
    let is_cut = next < tokens.len()
        && match *kind {
            Kind::Organisation => {
                name.len() == 1
                    && is_possessive(words, next - 1)
                    && is_close(words, next)
                    && tokens.shape(next) == Shape::Capitalised
                    && *part == Part::Body
            }
            _ => {
                gap(words, next) == "-" && tokens.exact(next).len() <= 4 && tokens.shape(next) == Shape::Lower
            }
        };
    // `LOVELAND, CO, July 12`, `Las Vegas, NV`, `Reno NV`: the state.
    let is_state = range.len() > 1
        && match tokens.exact(last) {
            "CO" | "NV" if gap(words, last) == ", " => true,
            "NV" => is_place(name),
            _ => false,
        };
    // A headline's words run into one another: `Transaction Between Talent Framework, LLC`.
    let is_headline = *part == Part::Title && name.iter().any(|word| HEADLINE_WORDS.contains(&word.as_str()));
    // The rest of three partners: `Craig, Kelley & Faultless`, `Stifel, Nicolaus & Co`.
    let is_rest = *kind == Kind::Organisation
        && range.len() == 2
        && gap(words, last) == " & "
        && range.start > 0
        && gap(words, range.start) == ", "
        && tokens.shape(range.start - 1) == Shape::Capitalised
        && tagger::listed(tokens.folded(range.start - 1)) != 0;
    // `Jon-Don` is a firm, `Uncle Henry®` a brand, `Corbett, Claire M.` the rest of a name; `Miss Walker` is a person.
    let is_other = match *kind {
        Kind::Person => {
            (range.len() > 1 && (range.start + 1..range.end).all(|at| gap(words, at) == "-"))
                || after.starts_with(['®', '™'])
                || (range.len() > 1 && tokens.folded(last).len() == 1)
        }
        _ => {
            matches!(&*name[0], "miss" | "contact")
                || (!has_legal_form && name[name.len() - 1] == "county")
                || TITLES_BEFORE.contains(&name[0].as_str())
        }
    };
    is_address
        || is_exchange
        || is_sort
        || is_glued
        || is_cut
        || is_state
        || is_headline
        || is_rest
        || is_other
}

/// Whether a word is a legal form and, without a space, the name that begins after it: `LtdCryptoSafe`.
fn has_glued_form(words: Words<'_>, at: usize) -> bool {
    let written = &words.text[words.tokens.span(at).range()];
    let mut heads = ["Ltd", "Inc", "LLC", "Corp", "Limited", "GmbH", "PLC"].iter();
    heads.any(|form| {
        written.strip_prefix(form).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
    })
}

/// Whether a word is put together as brands are, `MedTech`, not as `McKay` or `DeShawn` are.
fn is_compound(written: &str) -> bool {
    const BEFORE_CAPITALS: [&str; 11] =
        ["Mc", "Mac", "De", "Di", "Da", "Du", "La", "Le", "Van", "Fitz", "St"];
    let Some(at) = written.char_indices().skip(1).find(|(_, c)| c.is_uppercase()).map(|(at, _)| at) else {
        return false;
    };
    written[..at].ends_with(char::is_lowercase) && !BEFORE_CAPITALS.contains(&&written[..at])
}

/// Whether the tables have exactly this name, folded, as a place.
fn is_place(name: &[String]) -> bool {
    let mut found = false;
    surfaces().starting(name.iter().map(String::as_str), |count, readings| {
        found |=
            count == name.len() && readings.iter().any(|reading| matches!(reading.target, Target::Region(_)));
    });
    found
}

/// Whether the tables have the word as a name of an organisation that context may show.
fn may_be_listed(folded: &str) -> bool {
    let mut found = false;
    surfaces().starting(std::iter::once(folded), |_, readings| {
        found |= readings
            .iter()
            .any(|reading| matches!(reading.target, Target::Entity(_)) && reading.guard != Guard::Shown);
    });
    found
}

/// The company in the tables that has exactly this name as a weak alias, which the tagger now vouches for.
fn listed_as(words: Words<'_>, read: &Read) -> Option<EntityId> {
    let mut id = None;
    let folded = read.name.iter().map(String::as_str);
    surfaces().starting(folded, |count, readings| {
        if count == read.name.len() {
            id = readings.iter().find_map(|reading| match reading.target {
                Target::Entity(index)
                    if reading.guard != Guard::Shown && is_written(reading, words, read.words.start) =>
                {
                    Some(entity_id(index))
                }
                _ => None,
            });
        }
    });
    id
}
