//! Names that stand in a text without naming whom the tables mean by them.
//!
//! The tables know names, not what goes on around them. A name in them may be a piece of a longer one that they lack, may
//! be a person's, or may say where to follow somebody. What shows it stands beside the name, or elsewhere in the article:
//!
//! | in the text | shown by | no mention of |
//! |---|---|---|
//! | `Comcast Business serves small firms` | a capitalised word behind, in running text | Comcast |
//! | `at Schumacher Chevrolet in Boonton` | a capitalised word in front, in running text | Chevrolet |
//! | `Comcast Business Named a Leader` | the same two words in running text elsewhere | Comcast |
//! | `Ken Honda`, `Dr. McDonald`, later `Honda said` | a first name or a title in front | Honda |
//! | `the Cyprus Securities and Exchange Commission` | another country in front or behind | the one of the US |
//! | `Follow us on Facebook and YouTube` | what governs the list | Meta, `YouTube` |
//! | `visit NFL.com` | the rest of an address | the NFL |
//!
//! In a headline each word has a capital, so that capitals beside a name say nothing there: text runs where two words near by
//! are small and more than articles and prepositions.

use std::ops::Range;

use rustc_hash::FxHashSet;

use super::find::is_written;
use super::lists::{
    AUTHORITIES, BESIDE_CHANNELS, BESIDE_INVITATIONS, CHANNEL_WORDS, CHANNELS, CREDENTIALS, FORMS_OF_NAMES,
    INVITATIONS, LEADING_WORDS, OFFICES, OTHER_BODIES, POSTS, RELATIVES, TITLES_AFTER, TITLES_BEFORE,
    UNCERTAIN_FIRST_NAMES, WEAK_INVITATIONS,
};
use super::{Mention, Part, Referent, Rule, Words, gap, is_close, is_possessive, opens_sentence, region_of};
use crate::gazetteer::{Entity, RegionCode, Target, entities, regions, surfaces};
use crate::tagger::{self, FIRST_NAME};
use crate::words::{LegalForm, Shape, is_stop_word};

/// Takes away the mentions that name nobody of the tables, and gives them.
pub(super) fn take_pieces(mentions: &mut Vec<Mention>, title: Words<'_>, body: Words<'_>) -> Vec<Mention> {
    let words_of = |mention: &Mention| if mention.part == Part::Title { title } else { body };
    let mut taken = vec![false; mentions.len()];
    let mut seen = Seen::default();
    for (at, mention) in mentions.iter().enumerate() {
        let Some(entity) = listed(mention) else { continue };
        let words = words_of(mention);
        let around = Around {
            words,
            range: mention.words.start as usize..mention.words.end as usize,
            before: at.checked_sub(1).map(|at| &mentions[at]).filter(|before| before.part == mention.part),
            after: mentions[at + 1..]
                .iter()
                .find(|after| after.part != mention.part || after.words.start >= mention.words.end)
                .filter(|after| after.part == mention.part),
            entity,
        };
        taken[at] = around.is_piece(mention, &mut seen);
    }
    if !taken.contains(&true) {
        return Vec::new();
    }
    // What the article shows in one place holds in others.
    let in_full: FxHashSet<&Referent> = mentions
        .iter()
        .zip(&taken)
        .filter(|(mention, is_taken)| {
            !**is_taken && (mention.words.len() > 1 || matches!(mention.rule, Rule::Ticker | Rule::LegalForm))
        })
        .map(|(mention, _)| &mention.referent)
        .collect();
    for (at, mention) in mentions.iter().enumerate().filter(|(_, mention)| listed(mention).is_some()) {
        let words = words_of(mention);
        let (start, end) = (mention.words.start as usize, mention.words.end as usize);
        let goes_on =
            end < words.tokens.len() && gap(words, end) == " " && words.tokens.shape(end) != Shape::Lower;
        let next = if goes_on { words.tokens.folded(end) } else { "" };
        let is_short = !in_full.contains(&mention.referent);
        taken[at] |= seen.longer.contains(&(words.tokens.folded(start), next))
            || (is_short && mention.words.len() == 1 && seen.people.contains(words.tokens.folded(start)))
            || (is_short && seen.foreign.contains(&mention.referent));
    }
    // `Pentagon` is a place too.
    for at in 0..mentions.len() {
        let is_beside = |other: Option<usize>| {
            other.is_some_and(|other| {
                taken.get(other) == Some(&true)
                    && mentions[other].part == mentions[at].part
                    && mentions[other].words == mentions[at].words
            })
        };
        let is_twin = mentions[at].is_indirect && (is_beside(at.checked_sub(1)) || is_beside(Some(at + 1)));
        taken[at] |= is_twin;
    }
    let mut marks = taken.iter();
    mentions.extract_if(.., |_| *marks.next().expect("a mark for each")).collect()
}

/// The organisation of the tables that a mention links to by its name.
fn listed(mention: &Mention) -> Option<&'static Entity> {
    match &mention.referent {
        Referent::Entity(id) if mention.rule != Rule::Ticker => entities().get(id.as_str()),
        _ => None,
    }
}

/// What the article shows of names.
#[derive(Default)]
struct Seen<'a> {
    /// First word of a name and the word behind it that goes on with a longer one.
    longer: FxHashSet<(&'a str, &'a str)>,
    /// Words that are somebody's family name.
    people: FxHashSet<&'a str>,
    /// Authorities of which the article names another country's.
    foreign: FxHashSet<Referent>,
}

/// Whether the words around a name are those of a sentence and not of a headline.
pub(super) fn is_running(words: Words<'_>, range: &Range<usize>) -> bool {
    /// Words to look at on either side.
    const NEAR: usize = 20;
    /// One small word may be a slip.
    const ENOUGH: usize = 2;
    let tokens = words.tokens;
    let is_small = |at: &usize| tokens.shape(*at) == Shape::Lower && !is_stop_word(tokens.folded(*at));
    let goes_on = |at: usize| !gap(words, at).contains('\n');
    let before = (range.start.saturating_sub(NEAR)..range.start).rev();
    let after = range.end..tokens.len().min(range.end + NEAR);
    let small = before.take_while(|at| goes_on(at + 1)).filter(is_small).count()
        + after.take_while(|at| goes_on(*at)).filter(is_small).count();
    small >= ENOUGH
}

/// Whether a capitalised word may be of the name beside it: not an office, a day, a legal form or a small word.
fn is_of_name(words: Words<'_>, at: usize) -> bool {
    let folded = words.tokens.folded(at);
    matches!(words.tokens.shape(at), Shape::Capitalised | Shape::AllCaps)
        && !is_stop_word(folded)
        && !OFFICES.contains(&folded)
        && !POSTS.contains(&folded)
        && !CREDENTIALS.contains(&folded)
        && !TITLES_AFTER.contains(&folded)
        && LegalForm::of(folded).is_none()
}

/// Whether a capitalised word behind goes on with a longer name.
pub(super) fn leads_on(words: Words<'_>, range: &Range<usize>) -> bool {
    let (tokens, next) = (words.tokens, range.end);
    let is_whole = range.len() > 1 && LegalForm::of(tokens.folded(next - 1)) == Some(LegalForm::Sure);
    next < tokens.len()
        && gap(words, next) == " "
        && !is_whole
        && !is_possessive(words, next - 1)
        && is_of_name(words, next)
}

/// Whether a capitalised word in front is of the same name.
pub(super) fn follows(words: Words<'_>, range: &Range<usize>) -> bool {
    let Some(before) = range.start.checked_sub(1) else { return false };
    let is_hyphened = gap(words, range.start) == "-" && range.len() == 1;
    (is_hyphened || (gap(words, range.start) == " " && !opens_sentence(words, before)))
        && is_of_name(words, before)
        && !LEADING_WORDS.contains(&words.tokens.folded(before))
        && !is_possessive(words, before)
}

/// Whether a name is a piece of an address, as in `NFL.com` and `@acme`, or of a word such as `TikTok-style`.
pub(super) fn is_address(words: Words<'_>, range: &Range<usize>) -> bool {
    let start = words.tokens.span(range.start).start as usize;
    let rest = &words.text[words.tokens.span(range.end - 1).end as usize..];
    let is_style = ["-style", "-like", "-esque"].iter().any(|tail| rest.starts_with(tail));
    let is_domain = rest.strip_prefix('.').is_some_and(|rest| {
        let length = rest.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(rest.len());
        matches!(&rest[..length], "com" | "org" | "net" | "gov" | "edu" | "io" | "co" | "tv" | "ai" | "me")
    });
    is_style || is_domain || rest.starts_with('@') || words.text[..start].ends_with('@')
}

/// Whether the tables have a place that is written as the words at `at` are.
fn starts_place(words: Words<'_>, at: usize) -> bool {
    let following = (at..words.tokens.len()).map(|position| words.tokens.folded(position));
    let mut found = false;
    surfaces().starting(following, |_, readings| {
        found |= readings.iter().any(|reading| {
            matches!(reading.target, Target::Region(_))
                && !reading.is_indirect
                && is_written(reading, words, at)
        });
    });
    found
}

/// A name and what stands beside it.
struct Around<'a> {
    words: Words<'a>,
    range: Range<usize>,
    before: Option<&'a Mention>,
    after: Option<&'a Mention>,
    entity: &'static Entity,
}

impl<'a> Around<'a> {
    fn is_piece(&self, mention: &Mention, seen: &mut Seen<'a>) -> bool {
        let tokens = self.words.tokens;
        let start = self.range.start;
        if self.is_of_person() {
            seen.people.insert(tokens.folded(start));
            return true;
        }
        if self.is_of_other_country() {
            seen.foreign.insert(mention.referent.clone());
            return true;
        }
        if self.is_invitation() || is_address(self.words, &self.range) {
            return true;
        }
        let (leads, follows) = (self.leads_on(), self.follows());
        if !(leads || follows) || !is_running(self.words, &self.range) {
            return false;
        }
        if leads {
            seen.longer.insert((tokens.folded(start), tokens.folded(self.range.end)));
        }
        true
    }

    /// Whether a capitalised word behind goes on with a longer name, and not with another name of the tables.
    fn leads_on(&self) -> bool {
        let (words, next) = (self.words, self.range.end);
        let tokens = words.tokens;
        if !leads_on(words, &self.range) || self.after.is_some_and(|after| after.words.start as usize == next)
        {
            return false;
        }
        // `Intel Korea`, `Texaco Canada Inc`.
        if starts_place(words, next) {
            return false;
        }
        let folded = tokens.folded(next);
        // An authority's forms, rules and offices are its own: `SEC Form 4`.
        if AUTHORITIES.contains(&self.entity.kind) {
            return OTHER_BODIES.contains(&folded);
        }
        // `Standard Chartered Bank` is what the tables have, said in full.
        let ends = next + 1 >= tokens.len()
            || gap(words, next + 1) != " "
            || matches!(tokens.shape(next + 1), Shape::Lower | Shape::Number);
        let is_form = |at: usize| at < tokens.len() && LegalForm::of(tokens.folded(at)).is_some();
        !(FORMS_OF_NAMES.contains(&folded) && (ends || is_form(next + 1)))
    }

    /// Whether a capitalised word in front is of the same name, and not another name of the tables.
    fn follows(&self) -> bool {
        let start = self.range.start;
        let is_other = self.before.is_some_and(|before| before.words.end as usize == start);
        !is_other && !AUTHORITIES.contains(&self.entity.kind) && follows(self.words, &self.range)
    }

    /// Whether a first name, a title or a relative in front makes one word a person's name, or a person in front an office.
    fn is_of_person(&self) -> bool {
        let (words, start) = (self.words, self.range.start);
        let tokens = words.tokens;
        let Some(before) = start.checked_sub(1).filter(|_| self.range.len() == 1) else { return false };
        let (folded, between) = (tokens.folded(before), gap(words, start));
        let is_place = self.before.is_some_and(|before| before.words.end as usize == start);
        // The general manager: `Glen Warren, GM at Fortytwo`.
        let is_office = tokens.exact(start) == "GM"
            && self.range.end < tokens.len()
            && matches!(tokens.folded(self.range.end), "at" | "of");
        if between == ", " && is_office {
            return tokens.shape(before) == Shape::Capitalised && !is_place;
        }
        if between == ", " {
            return RELATIVES.contains(&folded) && tokens.shape(before) == Shape::Lower;
        }
        if tokens.shape(before) == Shape::Lower || is_place {
            return false;
        }
        // `Contact DetailsJessica Cummins`.
        let first = folded.strip_prefix("details").unwrap_or(folded);
        let is_first_name = between == " "
            && tokens.shape(before) != Shape::AllCaps
            && first.len() > 2
            && tagger::listed(first) & FIRST_NAME != 0
            && !UNCERTAIN_FIRST_NAMES.contains(&first);
        let is_titled = matches!(between, " " | ". ") && TITLES_BEFORE.contains(&folded);
        is_titled || is_first_name
    }

    /// Whether an authority of one country stands with the name of another: `Cyprus Securities and Exchange Commission`,
    /// `Securities and Exchange Commission of Thailand`.
    fn is_of_other_country(&self) -> bool {
        let Entity { kind, country, .. } = *self.entity;
        if country.is_empty() || !AUTHORITIES.contains(&kind) {
            return false;
        }
        let is_other = |code: RegionCode| {
            let home = |code: RegionCode| {
                code.0 == country || regions().ancestors(code).iter().any(|up| up.0 == country)
            };
            let above =
                regions().get(country).is_some_and(|region| regions().ancestors(region.code).contains(&code));
            !home(code) && !above
        };
        let (words, Range { start, end }) = (self.words, self.range.clone());
        let is_led =
            self.before.filter(|before| before.words.end as usize == start && is_close(words, start));
        let is_of = self.after.filter(|after| {
            let next = after.words.start as usize;
            next == end + 1
                && words.tokens.folded(end) == "of"
                && is_close(words, end)
                && is_close(words, next)
        });
        is_led.into_iter().chain(is_of).filter(|place| !place.is_indirect).filter_map(region_of).any(is_other)
    }

    /// Whether the name of a network says where to follow or to find somebody: in a list that an invitation governs or that
    /// has bars between, before an address, or as a page, a channel or an account there.
    fn is_invitation(&self) -> bool {
        /// An invitation governs no more words than these.
        const LONGEST: usize = 40;
        let (words, Range { start, end }) = (self.words, self.range.clone());
        let tokens = words.tokens;
        if !CHANNELS.contains(&self.entity.id) {
            return false;
        }
        let (name_start, name_end) = (tokens.span(start).start as usize, tokens.span(end - 1).end as usize);
        let after = words.text[name_end..].trim_start_matches([')', ']', ' ', '\u{a0}', '/']);
        let before = words.text[..name_start].trim_end_matches(['(', '[', ' ', '\u{a0}']);
        let is_labelled = after.starts_with([':', '：', '@', '|', '｜', '│'])
            || ["http", "(http", "(@", "(www", "X:", "(X):", "- http", "– http", "at www", "at http"]
                .iter()
                .any(|address| after.starts_with(address))
            || before.ends_with(['|', '｜', '│', '@']);
        let is_page =
            end < tokens.len() && is_close(words, end) && CHANNEL_WORDS.contains(&tokens.folded(end));
        // A line with nothing but networks and separators.
        let is_beside = |at: usize| BESIDE_CHANNELS.contains(&tokens.folded(at));
        let opens_line = |at: usize| at == tokens.len() || gap(words, at).contains('\n');
        let (mut first, mut last) = (start, end);
        while first > 0 && start - first < LONGEST && !opens_line(first) && is_beside(first - 1) {
            first -= 1;
        }
        while last - end < LONGEST && !opens_line(last) && is_beside(last) {
            last += 1;
        }
        let is_list = first > 0 && opens_line(first) && opens_line(last);
        if is_labelled || is_page || is_list {
            return true;
        }
        let ends = |at: usize| {
            let gap = gap(words, at + 1);
            gap.contains('\n') || matches!(gap, ". " | "! " | "? ") || gap.starts_with(".  ")
        };
        let from = start.saturating_sub(LONGEST);
        let sentence = (from..start).rev().take_while(|at| !ends(*at));
        let (mut is_asked, mut is_ours) = (false, false);
        for at in sentence {
            let word = tokens.folded(at);
            let is_weak = WEAK_INVITATIONS.contains(&word);
            // `Find Acme on Facebook`.
            let is_strong = INVITATIONS.contains(&word)
                || (word == "following" && at + 1 < start && tokens.folded(at + 1) == "on")
                // A heading may be glued to what it heads: `LIKE AND FOLLOWInstagram, Facebook`.
                || BESIDE_CHANNELS.iter().any(|channel| word.strip_prefix("follow") == Some(channel));
            if is_strong || (is_weak && opens_sentence(words, at)) {
                return true;
            }
            is_asked |= is_weak;
            is_ours |= BESIDE_INVITATIONS.contains(&word);
        }
        is_asked && is_ours
    }
}
