//! Finds the organisations and regions an article names, and says which of them it is about.
//!
//! One pass over the words of title and body takes, at each word, the longest phrase of the
//! [gazetteer] whose guard lets it stand. Names that need context wait until the whole
//! article was read:
//!
//! ```text
//! Target (NYSE: TGT) said ...  Target's rival ...   a ticker or a full name anywhere lets `Target` stand
//! shares of Target rose        the retailer Target  so does a word of business beside it
//! a partnership with Target    at the head of Target
//! Walmart, Target and Costco                        or a company that it is listed with, there alone
//! on target                    Target practice      nothing does: no mention
//! ```
//!
//! A ticker counts with its exchange (`NYSE: F`, `(0941.HK)`), never as a bare word. A longer known name
//! hides those inside it: `China Mobile` is not China, `Alibaba Cloud` is not Alibaba.
//!
//! An article *mentions* all it names, and is *about* what it dwells on: what is in its title, or in its
//! first words, or comes back. For regions this is a small score, see [`region_score`].
//!
//! Names that nobody listed are the [tagger](mod@crate::tagger)'s, where [`Tier::Full`] asks for it. An
//! organisation so found counts where it has a legal form, or is named twice and the article shows it acting as one or
//! the tagger is sure (see [`SURE`](unlisted::SURE)), and so does a company of the tables by a name that others may have
//! where no longer name begins so; a person by first and family name; then what the article calls
//! them later counts too.
//!
//! # What is a mention, and of whom
//!
//! A mention is a name by which an article speaks of an organisation, a person or a place. The test of a contested case is
//! who reads the result: somebody who asks for all news with an organisation should want this article, and a row of a facet
//! should count what the news is made of.
//!
//! | the text has | it is a mention of | because |
//! |---|---|---|
//! | a name, a former name, initials or the chief brand of a company: `Google`, `Facebook` | the company: Alphabet, Meta | texts say one for the other, and news of one company is one row; a search for the word tells them apart |
//! | a business that has news of its own: `YouTube`, `Instagram`, `Waymo`, `Alibaba Cloud` | itself, if the tables have it, never its owner | so is it followed |
//! | a known name inside a longer one of a unit, a programme, an event, a place, a fund or a product: `Comcast Business`, `NFL PLAY 60`, `Google Play`, `Hyatt Regency Miami` | not whom it is called after; the longer name, if that is an organisation | the longest name says who is meant, and the owner is named alone wherever he matters |
//! | a name before what is made, sold, done or owned: `Rolex watches`, `a Boeing 737`, `Tesla's Model 3` | the company | it is news of the company |
//! | a national branch, a legal form or a trade behind the name: `Intel Korea`, `Standard Chartered Bank` | the company | it is the same firm |
//! | an office, a rule, a form of an authority: `Fed Chair`, `SEC Form 4` | the authority | it acts by these |
//! | an index, also in the name of what follows it: `the S&P 500`, `S&P 500 Index` | the index, an entity of its own | who follows an index asks for it |
//! | an exchange on which something is listed: `trades on Nasdaq` | the exchange | |
//! | an exchange before a symbol: `(NASDAQ: AAPL)` | no exchange; the symbol is a mention of whom it stands for | the exchange says where, and would be in every article |
//! | an invitation: `Follow us on YouTube`, `Facebook \| X \| LinkedIn`, `our LinkedIn page` | nobody | it is at the end of every release and no news |
//! | an address: `NFL.com`, `press@acme.com` | nobody; but a firm that goes by its address, as `Gate.io`, is named by it | |
//! | a person, a term or another country's authority of the same name: `Ken Honda`, `dry AMD`, `the Cyprus Securities and Exchange Commission` | not the one in the tables | |
//! | a paragraph about a company, a contact, a disclaimer | whom it names | they are named, but such paragraphs count for no facet (see [`annotate`]) |
//!
//! A mention may leave out a legal form and an article, and have a possessive, but no other word of the name. A name that
//! nobody listed has an id made of its words; it has to be an organisation or a person, not a product or a place.

use std::ops::Range;
use std::sync::Once;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::article::Span;
use crate::gazetteer::{
    self, Entity, EntityId, Reading, RegionCode, RegionKind, Target, entities, regions, surfaces,
};
use crate::tagger::{self, Hint, Hinted, Kind, tagger};
use crate::wire::place_line;
use crate::words::{Shape, Tokens};

mod find;
mod lists;
mod pieces;
mod settle;
mod unlisted;

use find::mentions;
use lists::EXCHANGES;
use pieces::take_pieces;
use unlisted::add_unlisted;

/// How much is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// Nothing.
    Off,
    /// What the gazetteer lists.
    Rules,
    /// And names that nobody listed.
    #[default]
    Full,
}

impl Tier {
    pub fn name(self) -> &'static str {
        match self {
            Tier::Off => "off",
            Tier::Rules => "rules",
            Tier::Full => "full",
        }
    }
}

/// The version of all that annotates at a tier, kept in the index: rules, tables, weights.
pub fn version(tier: Tier) -> String {
    match tier {
        Tier::Off => String::new(),
        Tier::Rules => format!("{:016x}-{}", rules(), gazetteer::version()),
        Tier::Full => format!("{:016x}-{}-{}", rules(), gazetteer::version(), tagger::version()),
    }
}

/// The code of the rules: what decides on names, and what it is told of the text.
static RULES: [&str; 10] = [
    include_str!("annotate.rs"),
    include_str!("annotate/find.rs"),
    include_str!("annotate/lists.rs"),
    include_str!("annotate/pieces.rs"),
    include_str!("annotate/settle.rs"),
    include_str!("annotate/unlisted.rs"),
    include_str!("gazetteer.rs"),
    include_str!("tagger.rs"),
    include_str!("tagger/features.rs"),
    include_str!("wire.rs"),
];

/// A hash of the rules as they are written, but for comments and tests. It also differs where a rule is only written
/// otherwise, which costs a `reindex` too many; a number that is raised by hand would be forgotten.
fn rules() -> u64 {
    let mut hash = xxhash_rust::xxh3::Xxh3::new();
    for code in RULES {
        let lines = code.lines().take_while(|line| *line != "#[cfg(test)]").map(str::trim);
        lines.filter(|line| !line.starts_with("//")).for_each(|line| hash.update(line.as_bytes()));
    }
    hash.digest()
}

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
    /// A word of business beside it, `shares of Target`, or a company in one list with it.
    Cue,
    /// Another mention in the article.
    Article,
    /// An exchange and a symbol.
    Ticker,
    /// The [tagger](mod@crate::tagger) read it as a name.
    Tagger,
    /// A name found elsewhere in the article, or a part of it: `Lindqvist` after `Maria Lindqvist`.
    Repeated,
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
    /// Whether a city or a seat of government stands for the region: `Tokyo`, `the Kremlin`.
    pub is_indirect: bool,
}

/// An organisation that an article names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedEntity {
    pub id: EntityId,
    pub mentions: u32,
    pub is_about: bool,
}

/// A region that an article names, or a country that only its states, a place line apart or, in an article that names no
/// region, its organisations name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedRegion {
    pub code: RegionCode,
    /// Of the region itself, not of smaller ones.
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

/// A text and its words.
#[derive(Debug, Clone, Copy)]
pub struct Words<'a> {
    pub text: &'a str,
    pub tokens: &'a Tokens,
}

/// Annotates an article. `dateline` is the place line where the source keeps it apart from the body.
///
/// `aside` are the parts of the body, sorted, that say nothing of the news: what they name is among the
/// mentions, but not what the article is said to be about or to name.
pub fn annotate(
    title: Words<'_>,
    body: Words<'_>,
    dateline: Option<&str>,
    aside: &[Span],
    tier: Tier,
) -> Annotations {
    if tier == Tier::Off {
        return Annotations::default();
    }
    read_tables(tier);
    let filed_words = filing_words(body);
    let mut mentions = mentions(title, body, filed_words);
    let pieces = take_pieces(&mut mentions, title, body);
    if tier == Tier::Full {
        add_unlisted(&mut mentions, &pieces, title, body);
    }
    let filed = dateline.and_then(filed_apart).or_else(|| filed(&mentions, filed_words));
    let is_aside = |mention: &Mention| {
        let span = aside.partition_point(|span| span.end <= mention.span.start);
        mention.part == Part::Body && aside.get(span).is_some_and(|span| span.contains(mention.span))
    };
    let (entities, regions) = if mentions.iter().any(is_aside) {
        let news: Vec<Mention> = mentions.iter().filter(|mention| !is_aside(mention)).cloned().collect();
        (named_entities(&news), named_regions(&news, filed_words, filed))
    } else {
        (named_entities(&mentions), named_regions(&mentions, filed_words, filed))
    };
    Annotations { mentions, entities, regions, filed }
}

fn read_tickers() {
    gazetteer::tickers();
}

/// Reads what a tier needs, once a process, on several threads: who annotates one article waits for little else. Where
/// there is no thread to be had, each table is read by who asks for it first.
fn read_tables(tier: Tier) {
    static READ: [Once; 2] = [Once::new(), Once::new()];
    let (once, others) = match tier {
        Tier::Off => return,
        Tier::Rules => (&READ[0], &[read_tickers as fn()][..]),
        Tier::Full => (&READ[1], &[read_tickers as fn(), tagger::read][..]),
    };
    once.call_once(|| {
        std::thread::scope(|scope| {
            for read in others {
                let _ = std::thread::Builder::new().spawn_scoped(scope, read);
            }
            surfaces();
        });
    });
}

/// The ticker that is meant by an exchange as texts name it before a symbol, and the symbol, as the tables write it: `Nasdaq` and
/// `aapl` are `NASDAQ:AAPL`, `TSX-V` and `ABC` are `TSXV:ABC`, `HKEX` and `700` are `HKEX:0700`. `None` for what is no exchange.
pub fn ticker(exchange: &str, symbol: &str) -> Option<String> {
    let named: String = exchange.to_ascii_lowercase().replace('-', "");
    let (_, code) = EXCHANGES.iter().find(|(known, _)| *known == named)?;
    Some(find::ticker(code, &symbol.to_ascii_uppercase()))
}

/// Where the publisher of an article sits, as far as its source tells: a name in the table of sources, else a listed
/// organisation or a place in the name, `Bank of Ghana` or `Boston Globe`, else the country of the address.
///
/// A pure function of what the article says of itself; it knows nothing of the text.
pub fn publisher(source: &str, url: Option<&str>) -> Option<RegionCode> {
    /// Countries whose domains the whole world registers: their end of an address says nothing.
    const WORLDWIDE: [&str; 14] =
        ["ai", "am", "cc", "co", "fm", "gg", "io", "la", "ly", "me", "sh", "to", "tv", "vc"];
    if let Some(seat) = gazetteer::seat(source) {
        return Some(seat);
    }
    let mut analyzer = crate::words::Analyzer::for_places();
    let (none, tokens) = (Tokens::default(), analyzer.tokens(source));
    let named = mentions(Words { text: "", tokens: &none }, Words { text: source, tokens: &tokens }, 0);
    let of_organisation = named.iter().find_map(|mention| match &mention.referent {
        Referent::Entity(id) => entities().get(id.as_str()).and_then(|entity| regions().get(entity.country)),
        Referent::Region(_) => None,
    });
    // A place that is a set of countries, as in `European Business News`, is no seat.
    let of_place = || {
        let mut codes = named.iter().filter_map(region_of).filter_map(|code| regions().get(code.0));
        codes.find(|region| matches!(region.kind, RegionKind::Country | RegionKind::State))
    };
    let of_address = || {
        let address = url?;
        let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
        let host = rest.split(['/', ':', '?', '#']).next()?;
        let (_, end) = host.rsplit_once('.')?;
        let code = if end == "uk" { "GB".to_owned() } else { end.to_uppercase() };
        regions().get(&code).filter(|region| region.kind == RegionKind::Country && !WORLDWIDE.contains(&end))
    };
    of_organisation.or_else(of_place).or_else(of_address).map(|region| region.code)
}

/// What the gazetteer knows of each word of a text that stands alone.
pub fn hints(words: Words<'_>) -> Vec<Hint> {
    let none = Tokens::default();
    let found = mentions(Words { text: "", tokens: &none }, words, filing_words(words));
    hinted(words.tokens, found.iter(), Part::Body)
}

/// For each mention that the tagger made, what spoke most for it, the strongest first: features, and by how much, in natural
/// logarithms of odds. For other mentions nothing. `mentions` are those of [`annotate`] for the same texts.
pub fn explain(title: Words<'_>, body: Words<'_>, found: &[Mention]) -> Vec<Vec<(String, f32)>> {
    let listed = mentions(title, body, filing_words(body));
    let hints = [(Part::Title, title), (Part::Body, body)]
        .map(|(part, words)| hinted(words.tokens, listed.iter(), part));
    let article = [(title, &hints[0]), (body, &hints[1])].map(|(Words { text, tokens }, hints)| Hinted {
        text,
        tokens,
        hints,
    });
    let is_read = |mention: &Mention| mention.rule == Rule::Tagger;
    let asked = found.iter().filter(|mention| is_read(mention)).map(|mention| {
        let is_person = matches!(&mention.referent, Referent::Entity(id) if id.as_str().starts_with("per:"));
        let kind = if is_person { Kind::Person } else { Kind::Organisation };
        (mention.part as usize, mention.words.start as usize..mention.words.end as usize, kind)
    });
    let mut explained = tagger().explain(&article, asked).into_iter();
    let of = |mention| if is_read(mention) { explained.next().unwrap_or_default() } else { Vec::new() };
    found.iter().map(of).collect()
}

/// What the mentions in one part say of its words.
fn hinted<'a>(tokens: &Tokens, mentions: impl Iterator<Item = &'a Mention>, part: Part) -> Vec<Hint> {
    let mut hints = vec![Hint::None; tokens.len()];
    for mention in mentions.filter(|mention| mention.part == part) {
        let hint = match &mention.referent {
            Referent::Region(_) if mention.is_indirect => Hint::City,
            Referent::Region(_) => Hint::Region,
            Referent::Entity(id) if id.as_str().starts_with("co:") => Hint::Company,
            Referent::Entity(_) => Hint::Organisation,
        };
        hints[mention.words.start as usize..mention.words.end as usize].fill(hint);
    }
    hints
}

/// Whether the words are a piece of the address of a page or of a mailbox: `https://www.Northfield.com`,
/// `press@Northfield.com`.
fn is_in_address(words: Words<'_>, range: &Range<usize>) -> bool {
    /// Longer stretches without a blank are no addresses that people read.
    const LONGEST: usize = 120;
    let is_end =
        |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '<' | '>' | '[' | ']' | '"' | ',' | '|');
    let start = words.tokens.span(range.start).start as usize;
    if words.text[..start].ends_with([' ', '\n', '(']) {
        return false;
    }
    let from = words.text.floor_char_boundary(start.saturating_sub(LONGEST));
    let before = &words.text[from..start];
    let before = before.rsplit(is_end).next().unwrap_or("");
    // `@northfield` alone is what somebody is called where people talk.
    before.contains("://") || before.contains("www.") || before.trim_start_matches('@').ends_with('@')
}

fn is_possessive(words: Words<'_>, position: usize) -> bool {
    let written = &words.text[words.tokens.span(position).range()];
    ["'s", "’s", "'S", "’S"].iter().any(|end| written.ends_with(end))
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
    words.tokens.gap(words.text, position)
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

/// Whether a word beside the `count` words at `at` is in capitals too.
fn in_capitals(words: Words<'_>, at: usize, count: usize) -> bool {
    let tokens = words.tokens;
    let shouted = |position: usize| position < tokens.len() && tokens.shape(position) == Shape::AllCaps;
    at.checked_sub(1).is_some_and(shouted) && (shouted(at + count) || at + count >= tokens.len())
        || (at == 0 && shouted(count) && shouted(count + 1))
}

fn mention(
    (part, words, Range { start, end }): (Part, Words<'_>, Range<usize>),
    readings: &[&Reading],
    referent: Referent,
    rule: Rule,
) -> Mention {
    let is_city = |reading: &&Reading| reading.is_indirect && matches!(reading.target, Target::Region(_));
    Mention {
        part,
        words: narrow(start)..narrow(end),
        span: closed(
            words.text,
            Span { start: words.tokens.span(start).start, end: words.tokens.span(end - 1).end },
        ),
        is_indirect: matches!(referent, Referent::Region(_)) && readings.iter().any(is_city),
        referent,
        rule,
    }
}

/// With the bracket that closes one inside.
fn closed(text: &str, span: Span) -> Span {
    let is_open = span.of(text).contains('(') && !span.of(text).contains(')');
    let closes = is_open && text[span.end as usize..].starts_with(')');
    Span { end: span.end + u32::from(closes), ..span }
}

/// Only a space or a possessive between this word and the one before.
fn is_close(words: Words<'_>, position: usize) -> bool {
    gap(words, position).chars().all(|c| c == ' ')
}

fn opens_sentence(words: Words<'_>, position: usize) -> bool {
    words.tokens.opens_sentence(words.text, position)
}

/// How many words at the start of the body are a place and date line; 0 without one.
fn filing_words(body: Words<'_>) -> usize {
    place_line(body.text).map_or(0, |line| body.tokens.within(Span::new(0, line.end)).end)
}

/// Where the place line that opens the body says it was filed.
fn filed(mentions: &[Mention], place_words: usize) -> Option<RegionCode> {
    let in_line =
        |mention: &&Mention| mention.part == Part::Body && (mention.words.start as usize) < place_words;
    mentions.iter().filter(in_line).find_map(region_of)
}

/// Where a place line that is kept apart says it was filed.
fn filed_apart(line: &str) -> Option<RegionCode> {
    let mut analyzer = crate::words::Analyzer::default();
    let (title, tokens) = (analyzer.tokens(""), analyzer.tokens(line));
    let words = Words { text: line, tokens: &tokens };
    let mentions = mentions(Words { text: "", tokens: &title }, words, tokens.len());
    filed(&mentions, tokens.len())
}

fn region_of(mention: &Mention) -> Option<RegionCode> {
    match mention.referent {
        Referent::Region(code) => Some(code),
        Referent::Entity(_) => None,
    }
}

/// Words of the body, after a place line, that count as its lead.
const LEAD_WORDS: u32 = 60;

/// An article that names a region or an organisation so often is about it, wherever it does: explainers
/// come back to what they are about.
const COMES_BACK: u32 = 3;

/// Where and how often a referent was named. A place line is kept apart: it names where the writer was.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    /// Itself, in a place line too, not through a smaller region.
    named: u32,
    title: u32,
    lead: u32,
    all: u32,
    /// Of all, those by a city or a seat of government.
    indirect: u32,
    /// Where the last mention ends, and whether it counts as indirect.
    end: Option<(Part, u32)>,
    is_end_indirect: bool,
    is_filed: bool,
}

impl Tally {
    /// Counts a mention. Those of the body come in order; its first `place_words` are a place line.
    fn add(&mut self, mention: &Mention, place_words: u32) {
        let word = mention.words.start;
        if mention.part == Part::Body && word < place_words {
            return;
        }
        // `Phoenix, Arizona` names one place.
        let goes_on = self.end.replace((mention.part, mention.words.end)) == Some((mention.part, word));
        if goes_on {
            if self.is_end_indirect && !mention.is_indirect {
                self.indirect -= 1;
                self.is_end_indirect = false;
            }
            return;
        }
        self.all += 1;
        self.indirect += u32::from(mention.is_indirect);
        self.is_end_indirect = mention.is_indirect;
        match mention.part {
            Part::Title => self.title += 1,
            Part::Body => self.lead += u32::from(word < place_words + LEAD_WORDS),
        }
    }
}

fn named_entities(mentions: &[Mention]) -> Vec<NamedEntity> {
    let mut tallies: FxHashMap<&EntityId, Tally> = FxHashMap::default();
    for mention in mentions {
        if let Referent::Entity(id) = &mention.referent {
            let tally = tallies.entry(id).or_default();
            tally.named += 1;
            tally.add(mention, 0);
        }
    }
    let mut named: Vec<NamedEntity> = tallies
        .into_iter()
        .map(|(id, tally)| NamedEntity {
            id: id.clone(),
            mentions: tally.named,
            is_about: tally.title > 0 || tally.lead > 0 || tally.named >= COMES_BACK,
        })
        .collect();
    named.sort_by(|a, b| b.mentions.cmp(&a.mentions).then_with(|| a.id.cmp(&b.id)));
    named
}

fn named_regions(mentions: &[Mention], place_words: usize, filed: Option<RegionCode>) -> Vec<NamedRegion> {
    let place_words = narrow(place_words);
    let mut tallies: FxHashMap<RegionCode, Tally> = FxHashMap::default();
    for mention in mentions {
        let Some(code) = region_of(mention) else { continue };
        let tally = tallies.entry(code).or_default();
        tally.named += 1;
        tally.add(mention, place_words);
        if let Some(country) = country_of_state(code) {
            tallies.entry(country).or_default().add(mention, place_words);
        }
    }
    // Central banks and companies speak for their country where no place is named at all.
    if tallies.is_empty() && filed.is_none() {
        return homes(mentions, place_words);
    }
    // A place line speaks for the country: news from Albany is seldom about the state of New York.
    if let Some(code) = filed {
        tallies.entry(country_of_state(code).unwrap_or(code)).or_default().is_filed = true;
    }

    // A state stands beside the other states and all but its own country.
    let is_state = |code: &RegionCode| country_of_state(*code).is_some();
    let wide = tallies.keys().filter(|code| !is_state(code)).count();
    let states = tallies.iter().filter(|(code, tally)| is_state(code) && tally.all > 0).count();
    let score = |code: &RegionCode, tally: &Tally| {
        region_score(tally, if is_state(code) { wide + states - 1 } else { wide })
    };
    let mut wide_scores: Vec<f32> =
        tallies.iter().filter(|(code, _)| !is_state(code)).map(|(code, tally)| score(code, tally)).collect();
    wide_scores.sort_by(|a, b| b.total_cmp(a));
    let one_is_best = wide_scores.first() > wide_scores.get(1);
    let best = wide_scores.first().copied().filter(|_| one_is_best).unwrap_or(f32::MAX);
    let mut named: Vec<NamedRegion> = tallies
        .iter()
        .map(|(code, tally)| {
            let bar = if is_state(code) { ABOUT } else { ABOUT.min(best) };
            let is_about = score(code, tally) >= bar || tally.all >= COMES_BACK;
            NamedRegion { code: *code, mentions: tally.named, is_about }
        })
        .collect();
    named.sort_by(|a, b| b.mentions.cmp(&a.mentions).then_with(|| a.code.cmp(&b.code)));
    named
}

/// The countries of the organisations in the title and the lead of an article that names no region: it is about these. Of
/// 34 so found in the earlier half of the Reuters-21578 training articles editors gave 33.
fn homes(mentions: &[Mention], place_words: u32) -> Vec<NamedRegion> {
    let is_first =
        |mention: &&Mention| mention.part == Part::Title || mention.words.start < place_words + LEAD_WORDS;
    let mut codes: Vec<RegionCode> = mentions
        .iter()
        .filter(is_first)
        .filter_map(|mention| match &mention.referent {
            Referent::Entity(id) => entities().get(id.as_str()),
            Referent::Region(_) => None,
        })
        .filter_map(|entity| regions().get(entity.country))
        .filter(|region| region.kind == RegionKind::Country)
        .map(|region| region.code)
        .collect();
    codes.sort_unstable();
    codes.dedup();
    codes.into_iter().map(|code| NamedRegion { code, mentions: 0, is_about: true }).collect()
}

fn country_of_state(code: RegionCode) -> Option<RegionCode> {
    regions().get(code.0).filter(|region| region.kind == RegionKind::State).and_then(|region| region.parent)
}

/// From this score on an article is about a region. Where none reaches it, the one best counts.
const ABOUT: f32 = 3.0;

/// How much an article dwells on a region, where it names `named` of them side by side:
///
/// | weight | for |
/// |---|---|
/// | 5.1 | the place line |
/// | 3.4 | no other region named |
/// | 1.9 | the title |
/// | 1.8 | each unit of ln(1 + mentions): 1.2 for one, 2.0 for two, 2.5 for three, 3.2 for five |
/// | 1.0 | the lead |
/// | 0.4 | each unit of ln(regions named, to eight): a mention among many is one of a list |
/// | -0.7 | cities and seats of government alone: a venue, an exchange, a spokesman |
///
/// The weights are of a logistic regression on the countries that editors gave to the earlier half of the
/// Reuters-21578 training articles, each article once as it is and once without its place line. Micro-F1
/// is 93.7 on the later half, where to take all countries named gives 85.5; rounding cost nothing.
#[allow(clippy::cast_precision_loss, reason = "counts of mentions are small")]
fn region_score(tally: &Tally, named: usize) -> f32 {
    if tally.all == 0 && !tally.is_filed {
        return 0.0;
    }
    let if_so = |holds: bool, weight: f32| if holds { weight } else { 0.0 };
    if_so(tally.is_filed, 5.1)
        + if_so(named == 1, 3.4)
        + if_so(tally.title > 0, 1.9)
        + 1.8 * (tally.all as f32).ln_1p()
        + if_so(tally.lead > 0, 1.0)
        + 0.4 * (named.clamp(1, 8) as f32).ln()
        + if_so(tally.all > 0 && tally.indirect == tally.all, -0.7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_has_every_file_of_rules() {
        let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/annotate");
        for file in std::fs::read_dir(directory).unwrap() {
            let path = file.unwrap().path();
            let code = std::fs::read_to_string(&path).unwrap();
            assert!(RULES.contains(&code.as_str()), "{} is not in `RULES`", path.display());
        }
        let (rules, full) = (version(Tier::Rules), version(Tier::Full));
        assert!(full.starts_with(&rules) && rules.len() == 2 * 16 + 1, "{full}");
    }

    use crate::words::Analyzer;

    /// Lines in pairs: a text, and under it marks below each mention with what it names, left to right.
    fn check(text: &str, expected: &[(&str, &str)]) {
        let mut analyzer = Analyzer::default();
        let (none, tokens) = (analyzer.tokens(""), analyzer.tokens(text));
        let title = Words { text: "", tokens: &none };
        let found = annotate(title, Words { text, tokens: &tokens }, None, &[], Tier::Rules);
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

    /// A title and a body with their place line in front or apart, and what the article is about.
    fn check_about(title: &str, line: &str, body: &str, expected: &str) {
        let mut analyzer = Analyzer::default();
        let mut about = |body: &str, apart: Option<&str>| {
            let (title_tokens, tokens) = (analyzer.tokens(title), analyzer.tokens(body));
            let title = Words { text: title, tokens: &title_tokens };
            let found = annotate(title, Words { text: body, tokens: &tokens }, apart, &[], Tier::Rules);
            let mut codes: Vec<&str> =
                found.regions.iter().filter(|region| region.is_about).map(|region| region.code.0).collect();
            codes.sort_unstable();
            (codes.join(" "), found.filed)
        };
        let (apart, filed_apart) = about(body, (!line.is_empty()).then_some(line));
        assert_eq!(apart, expected, "{title} {body}");
        if !line.is_empty() {
            let (in_front, filed) = about(&format!("{line} {body}"), None);
            assert_eq!((in_front.as_str(), filed), (expected, filed_apart), "{line} {body}");
        }
    }

    #[test]
    fn articles_dwell_on_what_they_are_about() {
        check_about("Rates held", "", "", "");
        // The only one named, the title, three mentions; a passing mention among others is none of these.
        check_about("Rates held", "", "They rose in Chile last year.", "CL");
        check_about("Peru holds rates", "", "Lima waits. Chile and Kenya moved.", "PE");
        let filler = "Growers, millers and shippers said so again in a note to their clients. ".repeat(8);
        let explainer = format!(
            "Sales in Chile rose. {filler}Stores in Kenya, Peru and Europe opened. {filler}Kenya is next. \
             {filler}Buyers in Kenya pay by phone. {filler}Peru waits."
        );
        check_about("What the chain sells", "", &explainer, "KE");
        // An organisation speaks for its country only where no place is named.
        check_about("Bank of France cuts rate", "", "It said so.", "FR");
        check_about("Bank of France cuts rate", "", "It said so in Chile.", "CL");
        // A place line speaks for a country, not for a state.
        check_about("Mill to close", "TROY, N.Y., May 2 -", "The mill said it would close.", "US");
        check_about("Mill to close", "VALENCIA, Venezuela, May 2 -", "The mill said it would close.", "VE");
        check_about("Mill to close", "PARIS, Texas, May 2 -", "The mill said it would close.", "US");
        check_about("Mill to close", "LONDON, PARIS, May 2 -", "The mill said it would close.", "GB");
        check_about("Mill to close", "VALENCIA, SPAIN, May 2 -", "The mill said it would close.", "ES");
        check_about("Mill to close", "WELLINGTON, May 2 -", "The mill said it would close.", "NZ");
        check_about(
            "Ohio mill to close",
            "",
            "The mill in Toledo, Ohio, will close. Ohio regrets it.",
            "US US-OH",
        );
    }

    #[test]
    fn a_place_line_apart_is_read_in_any_capitals() {
        for (line, code) in [
            ("New york", "US-NY"),
            ("La paz", "BO"),
            ("SPRINGTOWN, WIS.", "US-WI"),
            ("SPRINGTOWN, Fla", "US-FL"),
            ("San jose, Calif.", "US-CA"),
        ] {
            assert_eq!(filed_apart(line).map(|code| code.0), Some(code), "{line}");
        }
    }

    #[test]
    fn places_say_where_they_lie() {
        check("He moved to Birmingham, Alabama.", &[("Birmingham", "US-AL"), ("Alabama", "US-AL")]);
        check("He moved to Munich, DE, in May.", &[("Munich", "DE"), ("DE", "US-DE")]);
        check(
            "Offices in London, New York and Tokyo.",
            &[("London", "GB"), ("New York", "US-NY"), ("Tokyo", "JP")],
        );
        check("Laws of New York, Ohio.", &[("New York", "US-NY"), ("Ohio", "US-OH")]);
        check("Nippon Copper Chile Ltd dug in Peru.", &[("Peru", "PE")]);
        check("It owns Chile Copper Mines Corp in Peru.", &[("Peru", "PE")]);
        check("Japan's Nobody Motors Corp rose.", &[("Japan's", "JP")]);
        check("The German Siemens AG rose.", &[("German", "DE"), ("Siemens AG", "co:siemens")]);
        check("It raised 50 million Canadian dollars in Canada.", &[("Canada", "CA")]);
        check("GIVE BC A RAISE", &[]);
        check("The EU, UK, HK and N.Z. met.", &[("EU", "EU"), ("UK", "GB"), ("HK", "HK"), ("N.Z.", "NZ")]);
        check("A lender of Charlotte, NC, grew.", &[("Charlotte", "US-NC"), ("NC", "US-NC")]);
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
        // Another company that begins so.
        check("Vanguard Mining Corp. drilled. Shares of Vanguard rose.", &[]);
        check("Shares of Vanguard rose.", &[("Vanguard", "co:vanguard")]);
        check(
            "Jordan and Egypt signed; Amman agreed.",
            &[("Jordan", "JO"), ("Egypt", "EG"), ("Amman", "JO")],
        );
        check("Tbilisi is in Georgia.", &[("Tbilisi", "GE"), ("Georgia", "GE")]);
        check("Atlanta is in Georgia.", &[("Atlanta", "US-GA"), ("Georgia", "US-GA")]);
    }

    #[test]
    fn a_title_has_the_longer_names_of_its_body() {
        let about = |title: &str, body: &str| {
            let mut analyzer = Analyzer::default();
            let (tokens, body_tokens) = (analyzer.tokens(title), analyzer.tokens(body));
            let title = Words { text: title, tokens: &tokens };
            let found = annotate(title, Words { text: body, tokens: &body_tokens }, None, &[], Tier::Rules);
            found.mentions.iter().filter(|mention| mention.part == Part::Title).count()
        };
        let named = "Shares of Target rose on Monday after it said so.";
        assert_eq!(about("Target Grows", named), 1);
        assert_eq!(about("Target Biologics Grows", named), 1);
        let longer = format!("{named} The head of Target Biologics was pleased.");
        assert_eq!(about("Target Biologics Grows", &longer), 0);
    }

    #[test]
    fn strict_names_need_the_name_in_full() {
        check(
            "A court in Jackson, Mississippi, agreed. Jackson has waited.",
            &[("Jackson", "US-MS"), ("Mississippi", "US-MS"), ("Jackson", "US-MS")],
        );
        check("Jackson said so in Mississippi.", &[("Mississippi", "US-MS")]);
        check("An office in Nancy, France, opened.", &[("Nancy", "FR"), ("France", "FR")]);
        check("Nancy said it opened in France.", &[("France", "FR")]);
        // A company by its legal form, as the tables have it, or its ticker.
        check(
            "Safety Shot, Inc. rose. Safety Shot fell.",
            &[("Safety Shot, Inc", "co:safety-shot"), ("Safety Shot", "co:safety-shot")],
        );
        check("Safety Shot Ltd rose. Shares of Safety Shot fell.", &[]);
        check(
            "(NASDAQ: SHOT) rose. Safety Shot fell.",
            &[("SHOT", "co:safety-shot"), ("Safety Shot", "co:safety-shot")],
        );
        check("The Industrial Safety Shot Inc rose.", &[]);
    }

    #[test]
    fn publishers_sit_where_their_source_says() {
        let seat = |source: &str, url: Option<&str>| publisher(source, url).map(|code| code.0);
        assert_eq!(seat("Reuters", None), Some("GB"));
        assert_eq!(seat("Bank of Ghana", None), Some("GH"));
        assert_eq!(seat("The Chile Miner", None), Some("CL"));
        assert_eq!(seat("Ohio Business Wire Desk", None), Some("US"));
        assert_eq!(seat("Europe Business Desk", None), None);
        assert_eq!(seat("Copperline News", None), None);
        assert_eq!(seat("Copperline News", Some("https://www.copperline.co.nz/a?b=c.de")), Some("NZ"));
        assert_eq!(seat("Copperline News", Some("https://copperline.co.nz/?to=https://b.de/")), Some("NZ"));
        assert_eq!(seat("Copperline News", Some("https://copperline.co.uk")), Some("GB"));
        assert_eq!(seat("Copperline News", Some("https://copperline.io/story.fr")), None);
    }

    #[test]
    fn unlisted_names_need_support() {
        let unlisted = |text: &str| {
            let mut analyzer = Analyzer::default();
            let (none, tokens) = (analyzer.tokens(""), analyzer.tokens(text));
            let title = Words { text: "", tokens: &none };
            let found = annotate(title, Words { text, tokens: &tokens }, None, &[], Tier::Full);
            let mut ids: Vec<String> = found.entities.iter().map(|entity| entity.id.to_string()).collect();
            ids.sort_unstable();
            ids.join(" ")
        };
        for (text, expected) in [
            (
                "Tarn Works Inc. opened a mill. It was welcomed by Huw Pill, the chief economist of the town.",
                "org:tarn-works per:huw-pill",
            ),
            // Neither an exchange before a symbol nor what an address has in it.
            ("Tarn Works Inc. (NASDAQ: ZZQX) rose. Visit www.Tarn.com.", "org:tarn-works tic:NASDAQ:ZZQX"),
            // A state is no legal form, and a sort of firm no name.
            ("LOVELOCK, NV, June 5 - The mill, a Nevada Corporation, closed.", ""),
            // All of a name, and no more: its form, not the first half of a word, nor what is glued to it.
            ("Tarn Works Ltd. grew. Nurses praised Tarn Works Ltd.", "org:tarn-works"),
            ("The post of Tarn Co-founder is open. Tarn Co-founders met.", ""),
            ("About Tarn Works LtdTarn Works Ltd is a maker of mills.", "org:tarn-works"),
            // A piece of an address or of a longer name.
            ("Tarn Works Inc. grew. Write to Tarn@tarn.example or visit Tarn.com.", "org:tarn-works"),
            // A county is a place.
            ("Ann Lindqvist, a nurse of Marin County, spoke. Marin County agreed.", "per:ann-lindqvist"),
            // What is called after a person is not that person.
            (
                "The Huw Pill Scholarship is open to nurses. Write to the Law Offices of Huw Pill for a form.",
                "",
            ),
            // Partners of a firm are not the person.
            (
                "Ann Lindqvist, a lawyer, said so. The firm Lindqvist, Kelley & Holm LLP agreed.",
                "per:ann-lindqvist",
            ),
        ] {
            assert_eq!(unlisted(text), expected, "{text}");
        }
    }

    #[test]
    fn other_scripts_are_read() {
        check("トヨタは日本で増産する。", &[("トヨタ", "co:toyota"), ("日本", "JP")]);
        check("マリオは人気だ。", &[]);
        check("阿里巴巴在美国", &[("阿里巴巴", "co:alibaba"), ("美国", "US")]);
        check("Газпром и США", &[("Газпром", "co:gazprom"), ("США", "US")]);
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
