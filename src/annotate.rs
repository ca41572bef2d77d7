//! Finds the organisations and regions an article names, and says which of them it is about.
//!
//! One pass over the words of title and body takes, at each word, the longest phrase of the
//! [gazetteer] whose guard lets it stand. Names that need context wait until the whole
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
//! Names that nobody listed are the [tagger](mod@crate::tagger)'s, where [`Tier::Full`] asks for it. An
//! organisation so found counts where it has a legal form, or is named twice and the article shows it acting as one or
//! the tagger is sure (see [`SURE`]); a person by first and family name; then what the article calls them later
//! counts too.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Once;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use crate::article::Span;
use crate::gazetteer::{
    self, Entity, EntityId, Guard, Reading, RegionCode, RegionKind, Surfaces, Tail, Target, entities,
    regions, surfaces,
};
use crate::tagger::{self, FAMILY_NAME, FIRST_NAME, Hint, Hinted, Kind, tagger};
use crate::words::{LegalForm, Shape, Tokens, is_stop_word};

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

/// The version of all that annotates at a tier, kept in the index.
pub fn version(tier: Tier) -> String {
    match tier {
        Tier::Off => String::new(),
        Tier::Rules => gazetteer::version(),
        Tier::Full => format!("{}-{}", gazetteer::version(), tagger::version()),
    }
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
    /// A word of business beside it: `shares of Target`.
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
    if tier == Tier::Full {
        add_unlisted(&mut mentions, title, body);
    }
    let filed = dateline.and_then(filed_apart).or_else(|| filed(&mentions, filed_words));
    let is_aside = |mention: &Mention| {
        mention.part == Part::Body && aside.iter().any(|span| span.contains(mention.span))
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
        let host =
            url?.split_once("://").map_or(url?, |(_, rest)| rest).split(['/', ':', '?', '#']).next()?;
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
    hinted(words.tokens, &found, Part::Body)
}

/// For each mention that the tagger made, what spoke most for it, the strongest first: features, and by how much, in natural
/// logarithms of odds. For other mentions nothing. `mentions` are those of [`annotate`] for the same texts.
pub fn explain(title: Words<'_>, body: Words<'_>, found: &[Mention]) -> Vec<Vec<(String, f32)>> {
    let listed = mentions(title, body, filing_words(body));
    let hints =
        [(Part::Title, title), (Part::Body, body)].map(|(part, words)| hinted(words.tokens, &listed, part));
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
fn hinted(tokens: &Tokens, mentions: &[Mention], part: Part) -> Vec<Hint> {
    let mut hints = vec![Hint::None; tokens.len()];
    for mention in mentions.iter().filter(|mention| mention.part == part) {
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

/// What title and body name, in order. The first `place_words` of the body are a place line.
fn mentions(title: Words<'_>, body: Words<'_>, place_words: usize) -> Vec<Mention> {
    let mut finder = Finder {
        surfaces: surfaces(),
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

/// Adds the names of the tagger that stand, and what the article calls them elsewhere.
fn add_unlisted(mentions: &mut Vec<Mention>, title: Words<'_>, body: Words<'_>) {
    let parts = [(Part::Title, title), (Part::Body, body)]
        .map(|(part, words)| (part, words, hinted(words.tokens, mentions, part)));
    let article = parts.each_ref().map(|(_, Words { text, tokens }, hints)| Hinted { text, tokens, hints });
    let mut found = Vec::new();
    let mut doubts = Doubts::of(&parts.each_ref().map(|(_, words, _)| *words));
    for ((part, words, hints), tagged) in parts.iter().zip(tagger().tag(&article)) {
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
    found.retain(|read| read.has_legal_form || !doubts.casts(read));
    let surest = surest(&found);
    let is_vouched_for =
        |read: &Read| doubts.supports(read) || surest.get(&*read.name).is_some_and(|margin| *margin >= SURE);
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
        if !stands || ids.contains_key(&read.name) {
            continue;
        }
        let words = if read.part == Part::Title { title } else { body };
        // Short capitals stand for many things: `PLN` is what the article says it is.
        let listed = if is_person || read.is_acronym { None } else { listed_as(words, read) };
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
            if is_person || (was_read && !is_loud && !is_own) {
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
        add_named(mentions, &parts, &found, &ids);
    }
}

/// Adds the names in `ids` wherever the article has them.
fn add_named(
    mentions: &mut Vec<Mention>,
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
            let is_elsewhere = read_to.is_none() && is_in_address(words, &stretch)
                || is_person && (read_to.is_none() || stretch.len() == 1) && is_in_firm(words, &stretch);
            if is_alone && !is_elsewhere && !(end - at == 1 && hints[at] != Hint::None) {
                let rule = if read_to.is_some() { Rule::Tagger } else { Rule::Repeated };
                let is_form = |next: usize| {
                    next < tokens.len()
                        && tokens.shape(next) != Shape::Lower
                        && matches!(gap(words, next), " " | ", ")
                        && LegalForm::of(tokens.folded(next)) == Some(LegalForm::Sure)
                };
                let end = if !is_person && is_form(end) { end + 1 } else { end };
                mentions.push(mention((part, words, at..end), &[], Referent::Entity(id), rule));
            }
            at = end;
        }
    }
    mentions.sort_by_key(|mention| (mention.part, mention.words.start, mention.words.end));
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

/// From this margin on, odds of twenty to one by its own count, the tagger's word is enough for an organisation that the
/// article never shows acting as one. In 530 random links over press releases, 89 were to such names: of the 62 below,
/// 30 were wrong, of the 27 above, 5; and of 214 with other support, 9.
const SURE: i32 = 3 * tagger::UNIT;

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
        // `DSK 2025` is an event; a name in quotation marks, unless in brackets, a title or a term.
        let is_dated = next.is_some_and(|next| {
            let number = tokens.folded(next);
            number.len() == 4 && number.starts_with("20") && tokens.shape(next) == Shape::Number
        });
        let after = &words.text[tokens.span(range.end - 1).end as usize..];
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
        let last = read.name.last().map_or("", String::as_str);
        read.has_legal_form
            || self.firms.contains(&read.name.join(" "))
            || read.name.len() > 1 && (TRADES_OF_FIRMS.contains(&last) || BODIES.contains(&last))
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
        let is_common = read.name.len() == 1 && (BODIES.contains(&last) || self.small.contains(last));
        // Names in running text leave out `the`; titles of works do not.
        read.name[0] == "the"
            || OTHER_THINGS.contains(&last)
            || is_common
            || self.things.contains(&name)
            || (self.products.contains(&name) && !self.firms.contains(&name))
            || (self.is_of_coins && read.name.len() <= 2 && !self.firms.contains(&name))
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
        let is_form =
            tokens.shape(at) != Shape::Lower && LegalForm::of(tokens.folded(at)) == Some(LegalForm::Sure);
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
    let mut name: Vec<String> = range.clone().map(|at| tokens.folded(at).to_owned()).collect();
    let mut has_legal_form = false;
    if kind == Kind::Organisation {
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

/// Whether what stands around a name, or in it, shows that it is something else or not all of it.
fn is_something_else(words: Words<'_>, read: &Read) -> bool {
    let Read { part, words: range, kind, name, has_legal_form, .. } = read;
    let (tokens, last, next) = (words.tokens, range.end - 1, range.end);
    // A piece of an address or the symbol of a coin: `@Northfield`, `www.Northfield.com`, `$ACME`.
    let (start, end) = (tokens.span(range.start).start, tokens.span(last).end);
    let (before, after) = (&words.text[..start as usize], &words.text[end as usize..]);
    let is_address = before.ends_with(['@', '/', '$', '#', '_'])
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
        ["Details", "About", "Contact"].iter().any(|heading| {
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
        _ => name[0] == "miss" || TITLES_BEFORE.contains(&name[0].as_str()),
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
        // Hong Kong's codes have four digits or five, and zeros in front to taste.
        let symbol = if exchange == "HKEX" { symbol.trim_start_matches('0') } else { symbol };
        let symbol =
            if exchange == "HKEX" { Cow::Owned(format!("{symbol:0>4}")) } else { Cow::Borrowed(symbol) };
        let ticker = format!("{exchange}:{symbol}");
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
            let standing: Vec<&Reading> =
                readings.iter().filter(|reading| is_written(reading, words, at)).collect();
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

fn is_possessive(words: Words<'_>, position: usize) -> bool {
    let written = &words.text[words.tokens.span(position).range()];
    ["'s", "’s", "'S", "’S"].iter().any(|end| written.ends_with(end))
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
fn is_state_named(reading: &Reading) -> bool {
    let mut states = regions().iter().filter(|region| region.kind == RegionKind::State);
    states.any(|state| state.name.split(' ').eq(reading.words()))
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

/// Whether the words at `at` are written as the reading asks.
fn is_written(reading: &Reading, words: Words<'_>, at: usize) -> bool {
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

/// Takes away a company's name of one word where it only begins another company's, in an article that never names it but
/// so: before a word such as `Credit`, or as `longer` has it, which is what the article prints in full somewhere.
fn drop_longer_names(
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
fn drop_other_acronyms(mentions: &mut Vec<Mention>, title: Words<'_>, body: Words<'_>) {
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
        let before = gap(body, at).trim_end_matches(['"', '“', '”', '\'', '‘', '’', ' ']);
        let is_own = index > 0
            && mentions[index - 1].part == Part::Body
            && mentions[index - 1].words.end == mention.words.start
            && mentions[index - 1].referent == mention.referent;
        let exact = body.tokens.exact(at);
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
    // `Ryder Co-founder` is none.
    let goes_on = words.text[words.tokens.span(next).end as usize..].starts_with('-');
    if close && !goes_on && LegalForm::of(words.tokens.folded(next)).is_some() { next + 1 } else { next }
}

/// Decides the mentions that need context by what the article shows. The word that opens a place line is a
/// place.
fn settle(
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
    let mut open = Vec::new();
    let mut settled = Vec::new();
    for candidate in waiting {
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
    (before && !TITLES_AFTER.contains(&tokens.folded(start - 1))) || (after && !is_possessive(words, end - 1))
}

fn opens_sentence(words: Words<'_>, position: usize) -> bool {
    words.tokens.opens_sentence(words.text, position)
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

/// In a place line the country or state that follows the comma says where the place before it lies:
/// `VALENCIA, Venezuela`. A city there is the next of a list.
fn settle_place_line(mentions: &mut [Mention], body: Words<'_>, place_words: usize) {
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
/// is 93.5 on the later half, where to take all countries named gives 85.5; rounding cost nothing.
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

/// Exchanges as texts name them before a symbol, folded, and their codes in the tables.
const EXCHANGES: [(&str, &str); 70] = [
    ("nasdaq", "NASDAQ"),
    ("nasdaqgs", "NASDAQ"),
    ("nasdaqgm", "NASDAQ"),
    ("nasdaqcm", "NASDAQ"),
    ("nyse", "NYSE"),
    ("nyseamerican", "NYSEAMERICAN"),
    ("nysearca", "NYSE"),
    ("amex", "NYSEAMERICAN"),
    ("otc", "OTC"),
    ("otcqb", "OTC"),
    ("otcqx", "OTC"),
    ("otcmkts", "OTC"),
    ("lse", "LSE"),
    ("lon", "LSE"),
    ("aim", "LSE"),
    ("tsx", "TSX"),
    ("tsxv", "TSXV"),
    ("tsx.v", "TSXV"),
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
    ("krx", "KRX"),
    ("twse", "TPE"),
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
    ("otcpk", "OTC"),
    ("otcpink", "OTC"),
    ("otcmarkets", "OTC"),
    ("cnsx", "CSE"),
    ("cve", "TSXV"),
    ("kosdaq", "KRX"),
    ("kospi", "KRX"),
    ("tase", "TLV"),
    ("tlv", "TLV"),
    ("bmv", "BMV"),
    ("idx", "IDX"),
    ("bvmf", "BVMF"),
    ("tadawul", "TADAWUL"),
    ("adx", "ADX"),
    ("dfm", "DFM"),
    ("moex", "MOEX"),
    ("wse", "WSE"),
    ("gpw", "WSE"),
    ("bme", "BME"),
    ("sto", "STO"),
    ("osl", "OSL"),
    ("bist", "IST"),
    ("klse", "KLSE"),
    ("pse", "PSE"),
    ("hose", "HOSE"),
    ("szse", "SZSE"),
    ("she", "SZSE"),
    ("tpe", "TPE"),
    ("tpex", "TPE"),
];

/// Exchanges whose symbols do not clash.
const SHARED_SYMBOLS: [&[&str]; 2] = [&["NASDAQ", "NYSE", "NYSEAMERICAN"], &["TSX", "TSXV"]];

/// Suffixes of symbols and the exchanges they stand for.
const EXCHANGE_SUFFIXES: [(&str, &str); 46] = [
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
    ("KQ", "KRX"),
    ("TW", "TPE"),
    ("TWO", "TPE"),
    ("SA", "BVMF"),
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
    ("V", "TSXV"),
    ("BR", "EBR"),
    ("VI", "VIE"),
    ("LS", "ELI"),
    ("IR", "ISE"),
    ("KL", "KLSE"),
    ("JK", "IDX"),
    ("BK", "SET"),
    ("IS", "IST"),
    ("TA", "TLV"),
    ("MX", "BMV"),
    ("ME", "MOEX"),
    ("WA", "WSE"),
    ("SN", "SGO"),
    ("AT", "ATH"),
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

/// Words that a name of one word is followed by where it is another business of the name: `Woodside Credit`. Divisions of
/// great companies are called `Bank`, `Capital` or `Energy` too.
const TRADES: [&str; 10] = [
    "credit",
    "dental",
    "federation",
    "homes",
    "hospital",
    "law",
    "lithium",
    "realty",
    "society",
    "university",
];

/// Words in the full names of companies that are a part of the one they begin with: `Chrysler Financial Corp`.
const DIVISIONS: [&str; 30] = [
    "aerospace",
    "bank",
    "banking",
    "business",
    "capital",
    "commercial",
    "computer",
    "credit",
    "energy",
    "engine",
    "finance",
    "financial",
    "gas",
    "international",
    "investment",
    "investments",
    "markets",
    "motor",
    "motors",
    "north",
    "oil",
    "overseas",
    "securities",
    "stores",
    "studios",
    "systems",
    "transportation",
    "utilities",
    "ventures",
    "world",
];

/// Words after a place that make it a piece of a street's or a landscape's name.
const STREETS_AND_RIVERS: [&str; 29] = [
    "ave",
    "avenue",
    "bay",
    "beach",
    "blvd",
    "boulevard",
    "canyon",
    "creek",
    "drive",
    "falls",
    "harbor",
    "harbour",
    "heights",
    "highway",
    "hills",
    "hwy",
    "lake",
    "lakes",
    "lane",
    "mountain",
    "mountains",
    "park",
    "parkway",
    "rd",
    "ridge",
    "river",
    "road",
    "street",
    "valley",
];

/// Words after a city or a state that make it a piece of an institution's name.
const INSTITUTIONS: [&str; 12] = [
    "academy",
    "cathedral",
    "church",
    "college",
    "hospital",
    "library",
    "museum",
    "school",
    "seminary",
    "theater",
    "theatre",
    "university",
];

/// Capitalised words before a company's name that are not of it, beside small words and offices.
const LEADING_WORDS: [&str; 20] = [
    "against",
    "although",
    "contact",
    "details",
    "follow",
    "friday",
    "including",
    "manager",
    "meanwhile",
    "neither",
    "nor",
    "officer",
    "partner",
    "saturday",
    "seconds",
    "source",
    "sunday",
    "today",
    "why",
    "yesterday",
];

/// Words after a sponsor's name that make it a place.
const VENUES: [&str; 9] = [
    "stadium",
    "arena",
    "ballpark",
    "speedway",
    "coliseum",
    "amphitheater",
    "amphitheatre",
    "fieldhouse",
    "raceway",
];

/// Words before a family name.
const TITLES_BEFORE: [&str; 14] = [
    "mr",
    "mrs",
    "ms",
    "dr",
    "sir",
    "lord",
    "lady",
    "judge",
    "justice",
    "senator",
    "congressman",
    "chancellor",
    "minister",
    "secretary",
];

/// Words of the trade in coins; after a name, the name is a coin's.
const COINS: [&str; 12] = [
    "token",
    "tokens",
    "coin",
    "coins",
    "memecoin",
    "memecoins",
    "altcoin",
    "altcoins",
    "presale",
    "ico",
    "airdrop",
    "crypto",
];

/// Words after a name that make it a product, a drug, a game or a programme.
const THINGS_AFTER: [&str; 37] = [
    "allocation",
    "cream",
    "device",
    "drones",
    "dose",
    "doses",
    "drug",
    "ecosystem",
    "extension",
    "game",
    "gameplay",
    "gel",
    "injection",
    "injections",
    "infusion",
    "inhaler",
    "mode",
    "model",
    "module",
    "nft",
    "nfts",
    "patients",
    "pill",
    "pills",
    "plugin",
    "powder",
    "protein",
    "sequel",
    "serum",
    "solution",
    "supplement",
    "tablets",
    "therapies",
    "therapy",
    "treatment",
    "universe",
    "vaccine",
];

/// What is said `of` or done `with` a product, a drug or a game.
const THINGS_BEFORE: [&str; 19] = [
    "administration",
    "approval",
    "combination",
    "dose",
    "doses",
    "dosing",
    "edition",
    "effectiveness",
    "efficacy",
    "formulation",
    "gameplay",
    "safety",
    "study",
    "therapy",
    "treated",
    "treatment",
    "trial",
    "version",
    "world",
];

/// Offices that are held `of` or `at` a firm.
const OFFICES: [&str; 14] = [
    "ceo",
    "cto",
    "cfo",
    "coo",
    "founder",
    "cofounder",
    "president",
    "director",
    "officer",
    "head",
    "partner",
    "manager",
    "chairman",
    "lead",
];

/// What stands after a name that can speak and employ.
const VOICES: [&str; 40] = [
    "said",
    "says",
    "announced",
    "announces",
    "acquired",
    "acquires",
    "appointed",
    "appoints",
    "believes",
    "ceo",
    "chief",
    "cofounder",
    "committed",
    "coo",
    "cfo",
    "cto",
    "customers",
    "employees",
    "employs",
    "executives",
    "expects",
    "founder",
    "founders",
    "headquarters",
    "hired",
    "hires",
    "invested",
    "investors",
    "joins",
    "management",
    "operates",
    "partnered",
    "partners",
    "president",
    "reported",
    "shareholders",
    "specializes",
    "spokesman",
    "spokesperson",
    "spokeswoman",
];

/// What is had `with` or made `of` a firm.
const DEALINGS: [&str; 14] = [
    "acquisition",
    "agreement",
    "collaboration",
    "contract",
    "customers",
    "members",
    "merger",
    "partner",
    "partnered",
    "partners",
    "partnership",
    "shareholders",
    "shares",
    "subsidiary",
];

/// What a firm is said to be.
const SORTS_OF_FIRMS: [&str; 46] = [
    "agency",
    "association",
    "bank",
    "brand",
    "broker",
    "brokerage",
    "builder",
    "business",
    "charity",
    "clinic",
    "company",
    "consultancy",
    "contractor",
    "cooperative",
    "corporation",
    "dealer",
    "dealership",
    "developer",
    "distributor",
    "exchange",
    "firm",
    "foundation",
    "franchise",
    "group",
    "hospital",
    "insurer",
    "institute",
    "leader",
    "lender",
    "maker",
    "manufacturer",
    "nonprofit",
    "operator",
    "organisation",
    "organization",
    "practice",
    "producer",
    "provider",
    "publisher",
    "restaurant",
    "retailer",
    "startup",
    "studio",
    "subsidiary",
    "supplier",
    "university",
];

/// Words that end the first noun of a description.
const ENDS_OF_NOUNS: [&str; 10] = ["at", "by", "for", "from", "in", "of", "on", "that", "which", "with"];

/// Last words of names that firms have and little else: with them a name needs no other support.
const TRADES_OF_FIRMS: [&str; 66] = [
    "advisors",
    "airlines",
    "airways",
    "analytics",
    "associates",
    "attorneys",
    "bioscience",
    "biosciences",
    "biotech",
    "brewing",
    "brands",
    "capital",
    "chamber",
    "chemical",
    "chemicals",
    "clinic",
    "construction",
    "consulting",
    "dental",
    "dentistry",
    "diagnostics",
    "district",
    "engineering",
    "engineers",
    "enterprises",
    "entertainment",
    "equipment",
    "federation",
    "financial",
    "fire",
    "foods",
    "healthcare",
    "herald",
    "industries",
    "insurance",
    "international",
    "investments",
    "journal",
    "labs",
    "law",
    "league",
    "logistics",
    "magazine",
    "media",
    "ministries",
    "motors",
    "network",
    "news",
    "orthodontics",
    "partners",
    "pharma",
    "pharmaceuticals",
    "plumbing",
    "press",
    "productions",
    "properties",
    "publishing",
    "realty",
    "records",
    "roofing",
    "studios",
    "systems",
    "technologies",
    "therapeutics",
    "times",
    "ventures",
];

/// Bodies of which there are many: alone, one that the article has spoken of.
const BODIES: [&str; 44] = [
    "academy",
    "administration",
    "agency",
    "alliance",
    "association",
    "authority",
    "bank",
    "board",
    "bureau",
    "center",
    "centre",
    "church",
    "club",
    "coalition",
    "college",
    "commission",
    "committee",
    "company",
    "congress",
    "corporation",
    "council",
    "court",
    "department",
    "exchange",
    "foundation",
    "fund",
    "government",
    "group",
    "hospital",
    "institute",
    "library",
    "ministry",
    "museum",
    "organization",
    "parliament",
    "partnership",
    "school",
    "senate",
    "service",
    "society",
    "team",
    "trust",
    "union",
    "university",
];

/// What a name that ends so is of: a coin, an event, an award, a thing published or sold.
const OTHER_THINGS: [&str; 58] = [
    "token",
    "coin",
    "dao",
    "protocol",
    "summit",
    "conference",
    "convention",
    "award",
    "awards",
    "prize",
    "scholarship",
    "scholarships",
    "collection",
    "festival",
    "index",
    "campaign",
    "challenge",
    "championship",
    "championships",
    "cup",
    "tournament",
    "week",
    "day",
    "month",
    "tour",
    "report",
    "survey",
    "study",
    "act",
    "treaty",
    "project",
    "program",
    "programme",
    "initiative",
    "edition",
    "series",
    "expo",
    "gala",
    "marathon",
    "podcast",
    "webinar",
    "app",
    "suite",
    "livery",
    "kit",
    "event",
    "show",
    "therapy",
    "treatment",
    "facility",
    "square",
    "plaza",
    "tower",
    "towers",
    "mine",
    "deposit",
    "hill",
    "letter",
];

/// Words of headlines that no name of a firm has inside.
const HEADLINE_WORDS: [&str; 16] = [
    "acquires",
    "announces",
    "appoints",
    "between",
    "celebrates",
    "expands",
    "facilitates",
    "introduces",
    "joins",
    "launches",
    "names",
    "offers",
    "receives",
    "reports",
    "unveils",
    "welcomes",
];

/// What a person's name is followed by without a comma: degrees and offices.
const CREDENTIALS: [&str; 16] = [
    "ceo", "cfa", "cfo", "coo", "cpa", "cto", "dds", "dmd", "dvm", "esq", "jd", "mba", "md", "phd", "rn",
    "vp",
];

/// Words after a name that only fit a person.
const CUES_OF_PEOPLE: [&str; 8] = ["said", "says", "told", "added", "explained", "noted", "who", "joined"];

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
