//! What dateline knows of places and organisations, and how texts name them.
//!
//! The knowledge is nine tables beside this file, reviewable as text and compiled into the binary
//! (`src/gazetteer/SOURCES.md` says where each comes from):
//!
//! | table | a row is |
//! |---|---|
//! | `regions.tsv` | a node of the UN M49 tree: the world, its regions, countries, the states of the US |
//! | `groupings.tsv` | one country's membership of a set outside the tree, such as the EU, with dates |
//! | `places.tsv`, `cities.tsv`, `scripts.tsv` | a way a text names a region: a name, a demonym, a metonym, a city |
//! | `blocks.tsv` | a phrase in which a name means nothing: `Paris Hilton` |
//! | `organisations.tsv`, `listed.tsv` | an organisation with its country, tickers and aliases |
//! | `sources.tsv` | a newspaper or wire and the country it publishes from |
//!
//! Three views of them are made on first use, each only by those who need it: [`regions`] and
//! [`entities`], which any search may ask for a name or a code, and [`surfaces`], the phrases to look for
//! in a text, which only indexing pays for.
//!
//! A phrase stands for something only if its [`Guard`] lets it. `China Mobile` is not China because the
//! longest phrase wins; `Turkey` is a country only with its capital; `Target` is a retailer only where the
//! article shows it (see [`annotate`](crate::annotate)); `F` is never Ford except as a ticker.

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::error::{Error, Result};
use crate::words::{Analyzer, fold};

const REGIONS: &str = include_str!("gazetteer/regions.tsv");
const GROUPINGS: &str = include_str!("gazetteer/groupings.tsv");
const PLACES: &str = include_str!("gazetteer/places.tsv");
const CITIES: &str = include_str!("gazetteer/cities.tsv");
const SCRIPTS: &str = include_str!("gazetteer/scripts.tsv");
const BLOCKS: &str = include_str!("gazetteer/blocks.tsv");
// Large ones once: a constant may be in the program as often as it is named.
static ORGANISATIONS: &str = include_str!("gazetteer/organisations.tsv");
static LISTED: &str = include_str!("gazetteer/listed.tsv");
const SOURCES: &str = include_str!("gazetteer/sources.tsv");
/// How often news writes a word in small letters, see [`is_common_word`].
const WORDS: &str = include_str!("gazetteer/words.tsv");

/// The rows of a table, cut into columns; lines that start with `#` are comments.
fn rows<const N: usize>(table: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    table.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| {
        let mut columns = line.split('\t');
        std::array::from_fn(|_| columns.next().unwrap_or(""))
    })
}

/// Rows of the user's own, see [`extend`].
static OWN: OnceLock<&'static str> = OnceLock::new();

/// The rows of the user's own that have `N` columns.
fn own<const N: usize>() -> impl Iterator<Item = [&'static str; N]> {
    let lines = OWN.get().copied().unwrap_or_default().lines();
    let wanted = lines.filter(|line| line.split('\t').count() == N);
    wanted.flat_map(rows)
}

/// All ways a text names a region, the user's own first.
fn places() -> impl Iterator<Item = [&'static str; 4]> {
    own().chain(rows(PLACES)).chain(rows(CITIES)).chain(rows(SCRIPTS))
}

/// Adds rows of the user's own, which win over those that ship: with the six columns of `organisations.tsv`, or the
/// four of `places.tsv`. They change what is found in articles from then on, and the version kept in the index.
///
/// # Errors
/// [`Error::Usage`] with the line that is in neither shape or names an unknown region; or if the tables were already
/// in use, or extended before.
pub fn extend(name: &str, table: &str) -> Result<()> {
    let wrong = |number: usize, what: String| Error::usage(format!("{name}: line {number}: {what}"));
    let mut seen: FxHashMap<&str, usize> = FxHashMap::default();
    for (number, line) in (1..).zip(table.lines()) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let columns: Vec<&str> = line.split('\t').collect();
        match columns[..] {
            [id, name, kind, country, _, _] => {
                if !["co:", "org:", "per:"]
                    .iter()
                    .any(|sort| id.strip_prefix(sort).is_some_and(|rest| !rest.is_empty()))
                {
                    return Err(wrong(
                        number,
                        format!("the id `{id}` does not start with `co:`, `org:` or `per:`"),
                    ));
                }
                if name.is_empty() || kind.is_empty() {
                    return Err(wrong(number, "the name or the kind is empty".to_owned()));
                }
                if !country.is_empty() && regions().get(country).is_none() {
                    return Err(wrong(
                        number,
                        format!("unknown country `{country}`; ISO 3166 codes such as `DE` are known"),
                    ));
                }
                if let Some(first) = seen.insert(id, number) {
                    return Err(wrong(number, format!("`{id}` is there already, in line {first}")));
                }
            }
            [surface, code, kind, guard] => {
                if surface.is_empty() || regions().get(code).is_none() {
                    return Err(wrong(
                        number,
                        format!("`{surface}` is no name, or `{code}` no region that is known"),
                    ));
                }
                if !PLACE_KINDS.contains(&kind) || !PLACE_GUARDS.contains(&guard) {
                    let (kinds, guards) = (PLACE_KINDS.join(", "), PLACE_GUARDS[1..].join(", "));
                    return Err(wrong(
                        number,
                        format!("the kind is one of {kinds}; the guard is empty or one of {guards}"),
                    ));
                }
            }
            _ => {
                let found = columns.len();
                return Err(wrong(
                    number,
                    format!("{found} columns; an organisation has 6 and a place 4, with a tab between"),
                ));
            }
        }
    }
    OWN.set(String::leak(table.to_owned())).map_err(|_| Error::usage("tables can be extended only once"))
}

/// Kinds and guards of `places.tsv`.
const PLACE_KINDS: [&str; 5] = ["name", "demonym", "metonym", "abbreviation", "city"];
const PLACE_GUARDS: [&str; 5] = ["", "exact", "context", "shown", "state"];

/// The version of the knowledge: a hash of its tables, kept in the index.
pub fn version() -> String {
    let mut hash = xxhash_rust::xxh3::Xxh3::new();
    let own = OWN.get().copied().unwrap_or_default();
    for table in [REGIONS, GROUPINGS, PLACES, CITIES, SCRIPTS, BLOCKS, ORGANISATIONS, LISTED, SOURCES, own] {
        hash.update(table.as_bytes());
    }
    format!("{:016x}", hash.digest())
}

/// A region or grouping, by its code: `142` (UN M49), `TH` (ISO 3166), `US-CA`, `EU`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RegionCode(pub &'static str);

impl fmt::Display for RegionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// What sort of place a code stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegionKind {
    World,
    Region,
    Country,
    State,
    /// A set of countries outside the tree.
    Grouping,
}

/// A node of the tree, or a grouping.
#[derive(Debug, Clone)]
pub struct Region {
    pub code: RegionCode,
    pub name: &'static str,
    pub kind: RegionKind,
    /// One step up. A grouping hangs below the smallest region that holds nine in ten of its members,
    /// if that is not the world.
    pub parent: Option<RegionCode>,
    /// The countries of a grouping, with the dates of membership; empty for others.
    pub members: Vec<Member>,
}

/// A country's membership of a grouping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    pub country: RegionCode,
    /// `YYYY` or `YYYY-MM-DD`; empty: always.
    pub since: &'static str,
    /// The day it ended; empty: still.
    pub until: &'static str,
}

/// All regions and groupings.
#[derive(Debug)]
pub struct Regions {
    list: Vec<Region>,
    by_code: FxHashMap<&'static str, usize>,
    /// What a name or surface may mean, by its folded form, and whether a text has to say where that place is; made on
    /// first use.
    by_form: OnceLock<FxHashMap<String, Vec<(RegionCode, bool)>>>,
    scans: Scans,
}

/// The regions, read on first use.
pub fn regions() -> &'static Regions {
    static REGION_LIST: OnceLock<Regions> = OnceLock::new();
    REGION_LIST.get_or_init(Regions::read)
}

impl Regions {
    fn read() -> Regions {
        let mut regions = Regions {
            list: Vec::new(),
            by_code: FxHashMap::default(),
            by_form: OnceLock::new(),
            scans: Scans::default(),
        };
        for [code, name, parent, kind] in rows(REGIONS) {
            let kind = match kind {
                "world" => RegionKind::World,
                "country" => RegionKind::Country,
                "state" => RegionKind::State,
                _ => RegionKind::Region,
            };
            let parent = (!parent.is_empty()).then_some(RegionCode(parent));
            regions.add(Region { code: RegionCode(code), name, kind, parent, members: Vec::new() });
        }
        for [code, name, country, since, until] in rows(GROUPINGS) {
            let member = Member { country: RegionCode(country), since, until };
            match regions.by_code.get(code) {
                Some(&at) => regions.list[at].members.push(member),
                None => regions.add(Region {
                    code: RegionCode(code),
                    name,
                    kind: RegionKind::Grouping,
                    parent: None,
                    members: vec![member],
                }),
            }
        }
        for at in 0..regions.list.len() {
            if regions.list[at].kind == RegionKind::Grouping {
                regions.list[at].parent = regions.anchor(&regions.list[at].members);
            }
        }
        regions
    }

    fn add(&mut self, region: Region) {
        self.by_code.insert(region.code.0, self.list.len());
        self.list.push(region);
    }

    /// The smallest region that holds at least nine in ten of the present members.
    fn anchor(&self, members: &[Member]) -> Option<RegionCode> {
        let present: Vec<RegionCode> =
            members.iter().filter(|member| member.until.is_empty()).map(|member| member.country).collect();
        let mut counts: FxHashMap<RegionCode, usize> = FxHashMap::default();
        for &country in &present {
            for ancestor in self.ancestors(country) {
                *counts.entry(ancestor).or_default() += 1;
            }
        }
        let depth = |code: &RegionCode| self.ancestors(*code).len();
        let holds_most = counts.into_iter().filter(|(_, count)| count * 10 >= present.len() * 9);
        holds_most.map(|(code, _)| code).max_by_key(|code| (depth(code), code.0))
    }

    /// Every region, the tree first and then the groupings.
    pub fn iter(&self) -> std::slice::Iter<'_, Region> {
        self.list.iter()
    }

    pub fn get(&self, code: &str) -> Option<&Region> {
        self.by_code.get(code).map(|&at| &self.list[at])
    }

    /// The name of a code; the code itself where it is unknown.
    pub fn name<'a>(&self, code: &'a str) -> &'a str {
        self.get(code).map_or(code, |region| region.name)
    }

    /// All that `code` lies in, nearest first, without the world.
    pub fn ancestors(&self, code: RegionCode) -> Vec<RegionCode> {
        let mut ancestors = Vec::new();
        let mut next = self.get(code.0).and_then(|region| region.parent);
        while let Some(parent) = next {
            let region = self.get(parent.0);
            if region.is_none_or(|region| region.kind == RegionKind::World) || ancestors.len() > 8 {
                break;
            }
            ancestors.push(parent);
            next = region.and_then(|region| region.parent);
        }
        ancestors
    }

    /// What a person means by `wanted`: a code, a name, or any way a text names a place. More than one for
    /// a name that several places share, none where nobody knows it. See [`lesser`](Regions::lesser) for what is not meant.
    pub fn resolve(&self, wanted: &str) -> Vec<RegionCode> {
        self.named(wanted).0
    }

    /// The regions that share a name with those of [`resolve`](Regions::resolve) by a place that is known less, such as
    /// London in Ontario: texts have to say where it is.
    pub fn lesser(&self, wanted: &str) -> Vec<RegionCode> {
        self.named(wanted).1
    }

    /// The regions of a code or name, and those with a lesser claim to it.
    fn named(&self, wanted: &str) -> (Vec<RegionCode>, Vec<RegionCode>) {
        let wanted = wanted.trim();
        let code = self.list.iter().find(|region| region.code.0.eq_ignore_ascii_case(wanted));
        if let Some(region) = code {
            return (vec![region.code], Vec::new());
        }
        let folded = fold(wanted);
        let add = |codes: &mut Vec<(RegionCode, bool)>, code: &str, is_lesser: bool| {
            let Some(region) = self.get(code) else { return };
            match codes.iter_mut().find(|(known, _)| *known == region.code) {
                Some((_, known)) => *known &= is_lesser,
                None => codes.push((region.code, is_lesser)),
            }
        };
        let codes = if self.scans.is_cheaper() {
            let mut codes = Vec::new();
            let named = self.forms().filter(|(form, ..)| is_folded(form, &folded));
            named.for_each(|(_, code, is_lesser)| add(&mut codes, code, is_lesser));
            codes
        } else {
            let by_form = self.by_form.get_or_init(|| {
                let mut by_form = FxHashMap::default();
                for (form, code, is_lesser) in self.forms() {
                    add(by_form.entry(fold(form)).or_default(), code, is_lesser);
                }
                by_form
            });
            by_form.get(&folded).cloned().unwrap_or_default()
        };
        let of = |wanted: bool| -> Vec<RegionCode> {
            codes.iter().filter(|(_, is_lesser)| *is_lesser == wanted).map(|(code, _)| *code).collect()
        };
        let (known, lesser) = (of(false), of(true));
        if known.is_empty() { (lesser, known) } else { (known, lesser) }
    }

    /// Those regions of [`resolve`](Regions::resolve) that have no such name themselves, but a city in them or a metonym.
    pub fn read_from_part(&self, wanted: &str) -> Vec<RegionCode> {
        static NAMES: OnceLock<FxHashSet<(String, &'static str)>> = OnceLock::new();
        let mut codes = self.resolve(wanted);
        codes.retain(|code| !code.0.eq_ignore_ascii_case(wanted.trim()));
        if codes.is_empty() {
            return codes;
        }
        let names = NAMES.get_or_init(|| {
            let names = self.list.iter().map(|region| (fold(region.name), region.code.0));
            let is_name = |kind: &str| !matches!(kind, "city" | "metonym");
            let surfaces = places().filter(|[_, _, kind, _]| is_name(kind));
            names.chain(surfaces.map(|[surface, code, ..]| (fold(surface), code))).collect()
        });
        let folded = fold(wanted.trim());
        codes.retain(|code| !names.contains(&(folded.clone(), code.0)));
        codes
    }

    /// All names, then surfaces, with their codes, and whether a text has to say where that place is.
    fn forms(&self) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
        let names = self.list.iter().map(|region| (region.name, region.code.0, false));
        let is_lesser = |guard: &str| matches!(Guard::of_place(guard), Guard::Shown | Guard::State);
        names.chain(places().map(move |[surface, code, _, guard]| (surface, code, is_lesser(guard))))
    }

    /// The nearest names with their codes, to suggest for one that is unknown. It reads all names.
    pub fn nearest(&self, wanted: &str) -> Vec<String> {
        nearest(&fold(wanted.trim()), self.forms().map(|(name, code, _)| (name, code)))
            .into_iter()
            .map(|(name, code)| format!("{name} ({code})"))
            .collect()
    }
}

/// Each way a text names a region itself, and not a city or a capital for it, and when that way stands.
pub fn named_places() -> impl Iterator<Item = (&'static str, RegionCode, Guard)> {
    let own = places().filter(|[_, _, kind, _]| matches!(*kind, "name" | "demonym" | "abbreviation"));
    own.filter_map(|[surface, code, _, guard]| {
        let region = regions().get(code).filter(|region| region.kind != RegionKind::World)?;
        Some((surface, region.code, Guard::of_place(guard)))
    })
}

/// A word that news writes in small letters so many times does so by more than slips of the pen.
const SELDOM: u32 = 30;

/// Whether news writes a word in small letters, so that it need not be a name.
pub fn is_common_word(folded: &str) -> bool {
    let mut words = rows(WORDS);
    words.any(|[word, small, _]| word == folded && small.parse::<u32>().is_ok_and(|small| small >= SELDOM))
}

/// Where a well-known newspaper, broadcaster or wire publishes from, by its name without case, accents and `The`.
pub fn seat(source: &str) -> Option<RegionCode> {
    static SEATS: OnceLock<FxHashMap<String, &'static str>> = OnceLock::new();
    let key = |name: &str| {
        let folded = fold(name.trim());
        folded.strip_prefix("the ").map_or(folded.clone(), str::to_owned)
    };
    let seats = SEATS.get_or_init(|| rows(SOURCES).map(|[name, code]| (key(name), code)).collect());
    seats.get(&key(source)).and_then(|code| regions().get(code)).map(|region| region.code)
}

/// How often names were looked for one by one.
#[derive(Debug, Default)]
struct Scans(AtomicU32);

impl Scans {
    /// Whether to look through all names once more. To find one costs less so than to make an index of them; a list of
    /// whom to watch has hundreds.
    fn is_cheaper(&self) -> bool {
        /// An index costs about as much.
        const MANY: u32 = 3;
        self.0.fetch_add(1, Ordering::Relaxed) < MANY
    }
}

/// Whether a name folds to this.
fn is_folded(name: &str, folded: &str) -> bool {
    if name.is_ascii() { name.eq_ignore_ascii_case(folded) } else { fold(name) == folded }
}

/// The three most similar names, each target once, that are similar at all. Names are `(name, target)`.
pub fn nearest<'a>(folded: &str, names: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<(&'a str, &'a str)> {
    /// Below this Jaro-Winkler similarity a suggestion is a guess: `grmany` and `Germany` have 0.95,
    /// `oil` and `Ireland` 0.58.
    const SIMILAR: f64 = 0.86;
    let may_be_similar = similar_letters(folded, SIMILAR);
    let mut scored: Vec<(f64, &str, &str)> = names
        .filter(|(name, _)| may_be_similar(name))
        .map(|(name, target)| (strsim::jaro_winkler(folded, &fold(name)), name, target))
        .filter(|(score, ..)| *score >= SIMILAR)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    let mut best: Vec<(&str, &str)> = Vec::new();
    for (_, name, target) in scored {
        if best.len() < 3 && best.iter().all(|(_, seen)| *seen != target) {
            best.push((name, target));
        }
    }
    best
}

/// A quick test that no name fails whose Jaro-Winkler similarity to `folded` is this or more; it may be passed by others.
///
/// Winkler's bonus is 0.4 at the most of what is missing to 1. Jaro's similarity is a third of m/a + m/b + (m - t)/m for m
/// letters that both have, of a and b, so that m/a + m/b is no less than thrice that similarity less 1.
fn similar_letters(folded: &str, similar: f64) -> impl Fn(&str) -> bool {
    let least = 3.0 * (similar - 0.4) / 0.6 - 1.0;
    let mut counts = [0_u8; 128];
    for byte in folded.bytes().filter(u8::is_ascii) {
        counts[usize::from(byte)] = counts[usize::from(byte)].saturating_add(1);
    }
    let own = folded.is_ascii().then_some(folded.len());
    move |name| {
        let Some(own) = own.filter(|_| name.is_ascii()) else { return true };
        let mut left = counts;
        let mut common = 0_u32;
        for byte in name.bytes() {
            let left = &mut left[usize::from(byte.to_ascii_lowercase())];
            common += u32::from(*left > 0);
            *left = left.saturating_sub(1);
        }
        #[allow(clippy::cast_precision_loss, reason = "lengths of names")]
        let shares = f64::from(common) / own as f64 + f64::from(common) / name.len() as f64;
        shares >= least - 1e-9
    }
}

/// An organisation or person, or a ticker nobody listed: `co:apple`, `org:bank-of-england`, `per:maria-lindqvist`,
/// `tic:NASDAQ:XYZ`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntityId(pub Cow<'static, str>);

impl EntityId {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id of a name that is in no table: `org` or `per`, and the folded words joined by hyphens, so that one
    /// name has one id however it is written. `None` where nothing is left of the name.
    pub fn unlisted(sort: &str, name: &str) -> Option<EntityId> {
        let folded = fold(name);
        let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let slug = words.collect::<Vec<_>>().join("-");
        (!slug.is_empty()).then(|| EntityId(Cow::Owned(format!("{sort}:{slug}"))))
    }
}

impl fmt::Display for EntityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A known organisation.
#[derive(Debug, Clone, Copy)]
pub struct Entity {
    pub id: &'static str,
    pub name: &'static str,
    /// `company`, `central-bank`, `regulator`, `exchange`, `index` and so on.
    pub kind: &'static str,
    /// Where it is based; empty for those of many countries.
    pub country: &'static str,
    tickers: &'static str,
    aliases: &'static str,
}

impl Entity {
    /// `EXCHANGE:SYMBOL`, the primary listing first.
    pub fn tickers(&self) -> impl Iterator<Item = &'static str> {
        self.tickers.split(';').filter(|ticker| !ticker.is_empty())
    }

    /// Each way a text names it, and when that way stands: `~` marks a word or name that means other things too, and
    /// `~~` one that means them more often.
    pub fn aliases(&self) -> impl Iterator<Item = (&'static str, Guard)> {
        let listed = self.aliases.split(';').filter(|alias| !alias.is_empty());
        let aliases = listed.map(|alias| match (alias.strip_prefix("~~"), alias.strip_prefix('~')) {
            (Some(alias), _) => (alias, Guard::Shown),
            (None, Some(alias)) => (alias, Guard::Context),
            (None, None) => (alias, Guard::None),
        });
        let name_is_listed = self.aliases.split(';').any(|alias| alias.trim_start_matches('~') == self.name);
        (!name_is_listed).then_some((self.name, Guard::None)).into_iter().chain(aliases)
    }
}

/// `maria-lindqvist` as `Maria Lindqvist`, and of an organisation `lcx-dental` as `LCX Dental`: an id keeps no capitals, but
/// what cannot be said is spelt, and few of the short words that can be said are.
fn capitalised(sort: &str, slug: &str) -> String {
    const SPELT: [&str; 8] = ["ai", "eu", "ip", "it", "tv", "uae", "uk", "usa"];
    const SAID: [&str; 6] = ["dr", "jr", "mr", "mrs", "sr", "st"];
    let is_spelt = |word: &str| {
        let is_short = word.len() > 1 && word.len() <= 5 && word.bytes().all(|b| b.is_ascii_lowercase());
        let is_said = word.contains(['a', 'e', 'i', 'o', 'u', 'y']) || SAID.contains(&word);
        sort == "org" && is_short && (!is_said || SPELT.contains(&word))
    };
    let words = slug.split('-').map(|word| {
        if is_spelt(word) {
            return word.to_uppercase();
        }
        let mut letters = word.chars();
        letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
    });
    words.collect::<Vec<String>>().join(" ")
}

/// All known organisations.
#[derive(Debug)]
pub struct Entities {
    list: Vec<Entity>,
    /// How many of the list are from the table made by hand; they come first.
    curated: usize,
    by_id: FxHashMap<&'static str, u32>,
    /// For each name, alias and ticker half of its hash above a place in the list; sorted, made on first use.
    forms: OnceLock<Vec<u64>>,
    scans: Scans,
}

/// The half of a form that is of its hash.
const KEY: u64 = !0 << 32;

fn form_key(folded: &str) -> u64 {
    edge(0, folded) & KEY
}

/// The organisations, read on first use.
pub fn entities() -> &'static Entities {
    static ENTITY_LIST: OnceLock<Entities> = OnceLock::new();
    ENTITY_LIST.get_or_init(|| {
        /// A little more than the tables have.
        const ROWS: usize = 32_000;
        let mut all = Entities {
            list: Vec::with_capacity(ROWS),
            curated: 0,
            by_id: with_capacity(ROWS),
            forms: OnceLock::new(),
            scans: Scans::default(),
        };
        all.add(own());
        all.add(rows(ORGANISATIONS));
        all.curated = all.list.len();
        all.add(rows(LISTED));
        all
    })
}

impl Entities {
    /// Of two rows with one id, the first counts.
    fn add(&mut self, rows: impl Iterator<Item = [&'static str; 6]>) {
        for [id, name, kind, country, tickers, aliases] in rows {
            let next = u32::try_from(self.list.len()).expect("the tables are small");
            if let std::collections::hash_map::Entry::Vacant(slot) = self.by_id.entry(id) {
                slot.insert(next);
                self.list.push(Entity { id, name, kind, country, tickers, aliases });
            }
        }
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Entity> {
        self.list.iter()
    }

    /// Whether a listed id is of the table made by a script, which has one name of each.
    pub fn is_generated(&self, id: &str) -> bool {
        self.by_id.get(id).is_some_and(|&at| at as usize >= self.curated)
    }

    pub fn get(&self, id: &str) -> Option<&Entity> {
        self.by_id.get(id).map(|&at| &self.list[at as usize])
    }

    /// The name of an id; for one that is not listed, what follows its type.
    pub fn name<'a>(&self, id: &'a str) -> Cow<'a, str> {
        match (self.get(id), id.split_once(':')) {
            (Some(entity), _) => Cow::Borrowed(entity.name),
            (None, Some((sort @ ("org" | "per"), slug))) => Cow::Owned(capitalised(sort, slug)),
            (None, Some((_, rest))) => Cow::Borrowed(rest),
            (None, None) => Cow::Borrowed(id),
        }
    }

    /// What a person means by `wanted`: an id, a ticker with or without its exchange, a name or an alias.
    /// Nothing where nobody knows it.
    pub fn resolve(&self, wanted: &str) -> Vec<EntityId> {
        let wanted = wanted.trim();
        let made = |entity: &Entity| EntityId(Cow::Borrowed(entity.id));
        if let Some(entity) = self.get(wanted) {
            return vec![made(entity)];
        }
        if wanted.starts_with("tic:") {
            return vec![EntityId(Cow::Owned(wanted.to_owned()))];
        }
        if let Some((sort @ ("org" | "per"), name)) = wanted.split_once(':')
            && let Some(id) = EntityId::unlisted(sort, name)
        {
            return vec![id];
        }
        let ranked = self.ranked(wanted);
        if let Some((best, _)) = ranked.first() {
            return ranked.iter().filter(|(rank, _)| rank == best).map(|(_, entity)| made(entity)).collect();
        }
        // A ticker of nobody that is listed, as it is printed.
        let is_symbol = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'.')
        };
        if wanted.split_once(':').is_some_and(|(exchange, symbol)| is_symbol(exchange) && is_symbol(symbol)) {
            return vec![EntityId(Cow::Owned(format!("tic:{wanted}")))];
        }
        Vec::new()
    }

    /// Those that have a name, alias or ticker too by which [`resolve`](Entities::resolve) means others, the likely ones first.
    pub fn others(&self, wanted: &str) -> Vec<EntityId> {
        if self.get(wanted.trim()).is_some() {
            return Vec::new();
        }
        let ranked = self.ranked(wanted.trim());
        let best = ranked.first().map(|(rank, _)| *rank);
        let others = ranked.iter().filter(|(rank, _)| Some(*rank) != best);
        others.map(|(_, entity)| EntityId(Cow::Borrowed(entity.id))).collect()
    }

    /// All that have such a name, alias or ticker. A name comes first, then a ticker in capitals, then an alias, all in the
    /// table made by hand first: `HP` is no oil driller and `BABA` is Alibaba. Last come tickers in any case.
    fn ranked(&self, wanted: &str) -> Vec<((bool, bool, i32), &Entity)> {
        let folded = fold(wanted);
        let is_ticker = |entity: &Entity, is_same: &dyn Fn(&str, &str) -> bool| {
            entity.tickers().any(|ticker| {
                is_same(ticker, wanted)
                    || ticker.split_once(':').is_some_and(|(_, symbol)| is_same(symbol, wanted))
            })
        };
        let rank = |entity: &Entity| {
            if is_folded(entity.name, &folded) {
                Some(0)
            } else if is_ticker(entity, &|a, b| a == b) {
                Some(1)
            } else if entity.aliases().any(|(alias, _)| is_folded(alias, &folded)) {
                Some(2)
            } else {
                is_ticker(entity, &|a, b| a.eq_ignore_ascii_case(b)).then_some(3)
            }
        };
        let ranked = |at: usize| {
            let entity = &self.list[at];
            rank(entity).map(|rank| ((rank == 3, at >= self.curated, rank), entity))
        };
        let mut ranked: Vec<((bool, bool, i32), &Entity)> = if self.scans.is_cheaper() {
            (0..self.list.len()).filter_map(ranked).collect()
        } else {
            self.formed(&folded).filter_map(ranked).collect()
        };
        ranked.sort_by_key(|(rank, _)| *rank);
        ranked
    }

    /// Places in the list of those that a name, alias or ticker may name that folds to this, each once, and few others.
    fn formed(&self, folded: &str) -> impl Iterator<Item = usize> {
        let forms = self.forms.get_or_init(|| {
            let mut forms = Vec::with_capacity(4 * self.list.len());
            let mut folded = String::new();
            for (at, entity) in (0_u64..).zip(&self.list) {
                let tickers = entity.tickers().flat_map(|ticker| {
                    std::iter::once(ticker).chain(ticker.split_once(':').map(|(_, symbol)| symbol))
                });
                for form in entity.aliases().map(|(alias, _)| alias).chain(tickers) {
                    folded.clear();
                    if form.is_ascii() {
                        folded.push_str(form);
                        folded.make_ascii_lowercase();
                    } else {
                        folded.push_str(&fold(form));
                    }
                    forms.push(form_key(&folded) | at);
                }
            }
            forms.sort_unstable();
            forms.dedup();
            forms
        });
        let key = form_key(folded);
        let from = forms.partition_point(|form| *form < key);
        forms[from..].iter().take_while(move |form| *form & KEY == key).map(|form| (*form & !KEY) as usize)
    }

    /// The nearest names with their ids, to suggest for one that is unknown. It reads all names.
    pub fn nearest(&self, wanted: &str) -> Vec<String> {
        let names = self.list.iter().flat_map(|entity| entity.aliases().map(|(alias, _)| (alias, entity.id)));
        nearest(&fold(wanted.trim()), names).into_iter().map(|(name, id)| format!("{name} ({id})")).collect()
    }
}

/// What a phrase may stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    Region(RegionCode),
    /// An index into [`Entities::iter`].
    Entity(u32),
    /// Nothing, on purpose.
    Block,
}

/// When a phrase stands for its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// Written with the capitals of the table.
    None,
    /// Only exactly as in the table, even where all is in capitals.
    Exact,
    /// Only where the article shows it by other means.
    Context,
    /// Only where the article names the same in full: an organisation by its ticker or a name without guard, a place with
    /// its country or state behind it, as in `Jackson, Mississippi`.
    Shown,
    /// Only after a comma and a capitalised word: `Dallas, TX`.
    State,
}

impl Guard {
    /// As `places.tsv` writes it.
    fn of_place(guard: &str) -> Guard {
        match guard {
            "exact" => Guard::Exact,
            "context" => Guard::Context,
            "shown" => Guard::Shown,
            "state" => Guard::State,
            _ => Guard::None,
        }
    }
}

/// One reading of a phrase.
#[derive(Debug, Clone)]
pub struct Reading {
    pub target: Target,
    pub guard: Guard,
    /// A city or a metonym: a place that stands for another.
    pub is_indirect: bool,
    pub tail: Tail,
    spelling: Spelling,
}

/// What ends a phrase beyond its last word, and has to be there in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tail {
    None,
    /// `Wendy's`.
    Possessive,
    /// `Canal+`.
    Plus,
}

/// The exact forms of a phrase's words.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Spelling {
    /// A surface whose spaces cut it into words, as most do: nothing needs to be kept of it but itself.
    Plain(&'static str),
    Cut(Box<[Box<str>]>),
}

impl Reading {
    /// The exact forms of its words, in order.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        let (plain, cut) = match &self.spelling {
            Spelling::Plain(surface) => (Some(surface.split(' ')), &[][..]),
            Spelling::Cut(words) => (None, &words[..]),
        };
        plain.into_iter().flatten().chain(cut.iter().map(|word| &**word))
    }
}

/// The phrases to look for, as a tree whose edges are folded words.
#[derive(Debug, Default)]
pub struct Surfaces {
    /// From a node and the hash of a word to the next node. Hashes are of 64 bits; a collision would be
    /// caught by [`Reading::words`].
    edges: FxHashMap<u64, u32>,
    /// Where the readings of each node start, and at the end where they end.
    starts: Vec<u32>,
    readings: Vec<Reading>,
    /// Which words begin a phrase, and which do so in small letters.
    first_words: Words,
    small_first_words: Words,
}

/// A set of words by their hashes that now and then takes a word for a member: it turns away nearly all words of a text
/// at the price of one bit read.
#[derive(Debug, Default)]
struct Words(Vec<u64>);

impl Words {
    /// Of 2^20 bits a twentieth is set by the first words of all tables; they are 128 KB and stay in the cache.
    const BITS: u64 = 1 << 20;

    fn add(&mut self, hash: u64) {
        self.0.resize((Words::BITS / 64) as usize, 0);
        let bit = hash % Words::BITS;
        self.0[(bit / 64) as usize] |= 1 << (bit % 64);
    }

    fn may_have(&self, hash: u64) -> bool {
        let bit = hash % Words::BITS;
        self.0.get((bit / 64) as usize).is_some_and(|block| block >> (bit % 64) & 1 == 1)
    }
}

/// The phrases, prepared on first use.
pub fn surfaces() -> &'static Surfaces {
    static SURFACE_TREE: OnceLock<Surfaces> = OnceLock::new();
    SURFACE_TREE.get_or_init(Surfaces::build)
}

/// Surfaces while they are made: the readings of each node, in the order of the tables.
struct Builder {
    surfaces: Surfaces,
    nodes: u32,
    readings: Vec<(u32, Reading)>,
    analyzer: Analyzer,
    /// The present surface in small letters.
    folded: String,
}

impl Surfaces {
    fn build() -> Surfaces {
        /// A little more than the tables have, so that the map never grows.
        const NODES: usize = 100_000;
        let mut builder = Builder {
            surfaces: Surfaces { edges: with_capacity(NODES), ..Surfaces::default() },
            nodes: 1,
            readings: Vec::new(),
            analyzer: Analyzer::for_places(),
            folded: String::new(),
        };
        for [surface, code, kind, guard] in places() {
            let guard = Guard::of_place(guard);
            let region = regions().get(code).expect("the tables' own test finds dangling codes");
            builder.add(surface, Target::Region(region.code), guard, matches!(kind, "city" | "metonym"));
        }
        for [phrase, _] in rows(BLOCKS) {
            builder.add(phrase, Target::Block, Guard::None, false);
        }
        for (index, entity) in (0..).zip(entities().iter()) {
            for (alias, guard) in entity.aliases() {
                builder.add(alias, Target::Entity(index), guard, false);
            }
        }
        builder.finish()
    }

    /// Calls `found` for every phrase that starts with the first of `words`, shortest first, with the
    /// number of words and its readings. Only folded forms are compared; guards are the caller's.
    pub fn starting<'a, 'w>(
        &'a self,
        words: impl Iterator<Item = &'w str>,
        mut found: impl FnMut(usize, &'a [Reading]),
    ) {
        let mut node = 0;
        for (count, word) in (1..).zip(words) {
            let hash = edge(node, word);
            if node == 0 && !self.first_words.may_have(hash) {
                return;
            }
            match self.edges.get(&hash) {
                Some(&next) => node = next,
                None => return,
            }
            let readings = self.readings_of(node);
            if !readings.is_empty() {
                found(count, readings);
            }
        }
    }

    /// Whether a phrase may start with this word in small letters, as few do: `adidas`, `de Beers`.
    pub fn may_start_small(&self, word: &str) -> bool {
        self.small_first_words.may_have(edge(0, word))
    }

    fn readings_of(&self, node: u32) -> &[Reading] {
        let at = node as usize;
        &self.readings[self.starts[at] as usize..self.starts[at + 1] as usize]
    }
}

/// Whose a ticker is, as an index into [`Entities::iter`]: `NASDAQ:AAPL`, or a symbol alone where only one has it.
pub fn ticker(ticker: &str) -> Option<u32> {
    tickers().get(&edge(0, ticker)).copied().flatten()
}

/// By the hash of the ticker, with its exchange and without; `None` where several have the symbol.
pub fn tickers() -> &'static FxHashMap<u64, Option<u32>> {
    static TICKERS: OnceLock<FxHashMap<u64, Option<u32>>> = OnceLock::new();
    TICKERS.get_or_init(|| {
        let mut tickers = with_capacity(2 * entities().list.len());
        for (index, entity) in (0..).zip(entities().iter()) {
            for ticker in entity.tickers() {
                // The first table wins for a listing; a symbol alone has to be of one.
                tickers.entry(edge(0, ticker)).or_insert(Some(index));
                if let Some((_, symbol)) = ticker.split_once(':') {
                    let slot = tickers.entry(edge(0, symbol)).or_insert(Some(index));
                    *slot = slot.filter(|other| *other == index);
                }
            }
        }
        tickers
    })
}

/// A map that does not grow while a table of this many rows is read into it.
fn with_capacity<K, V>(rows: usize) -> FxHashMap<K, V> {
    FxHashMap::with_capacity_and_hasher(rows, rustc_hash::FxBuildHasher)
}

impl Builder {
    fn add(&mut self, surface: &'static str, target: Target, guard: Guard, is_indirect: bool) {
        let mut node = 0;
        let (spelling, is_letter) = if is_plain(surface) {
            let mut folded = std::mem::take(&mut self.folded);
            folded.clear();
            folded.push_str(surface);
            folded.make_ascii_lowercase();
            let mut start = 0;
            while start < surface.len() {
                let rest = &surface.as_bytes()[start..];
                let end = start + rest.iter().position(|byte| *byte == b' ').unwrap_or(rest.len());
                node = self.step(node, &surface[start..end], &folded[start..end]);
                start = end + 1;
            }
            self.folded = folded;
            (Spelling::Plain(surface), surface.len() < 2)
        } else {
            let tokens = self.analyzer.tokens(surface);
            for position in 0..tokens.len() {
                node = self.step(node, tokens.exact(position), tokens.folded(position));
            }
            let words = (0..tokens.len()).map(|position| tokens.exact(position).into());
            let is_letter = tokens.len() == 1 && tokens.folded(0).chars().count() < 2;
            (Spelling::Cut(words.collect()), is_letter)
        };
        // What is left of `e&` would be found in every word `e`.
        if node != 0 && !is_letter {
            let tail = match surface {
                _ if surface.ends_with("'s") || surface.ends_with("’s") => Tail::Possessive,
                _ if surface.ends_with('+') => Tail::Plus,
                _ => Tail::None,
            };
            self.readings.push((node, Reading { target, guard, is_indirect, tail, spelling }));
        }
    }

    /// The node that a word leads to.
    fn step(&mut self, node: u32, word: &str, folded: &str) -> u32 {
        let hash = edge(node, folded);
        if node == 0 {
            self.surfaces.first_words.add(hash);
            if !word.contains(char::is_uppercase) {
                self.surfaces.small_first_words.add(hash);
            }
        }
        let next = *self.surfaces.edges.entry(hash).or_insert(self.nodes);
        self.nodes += u32::from(next == self.nodes);
        next
    }

    /// Lays the readings out by node. Of two with one target and spelling the first counts.
    fn finish(self) -> Surfaces {
        let Builder { mut surfaces, nodes, mut readings, .. } = self;
        readings.sort_by_key(|(node, _)| *node);
        surfaces.readings.reserve(readings.len());
        surfaces.starts.reserve(nodes as usize + 1);
        let mut readings = readings.into_iter().peekable();
        for node in 0..nodes {
            let start = surfaces.readings.len();
            surfaces.starts.push(u32::try_from(start).expect("the tables are small"));
            while let Some((_, reading)) = readings.next_if(|(at, _)| *at == node) {
                let is_known =
                    |known: &Reading| known.target == reading.target && known.spelling == reading.spelling;
                if !surfaces.readings[start..].iter().any(is_known) {
                    surfaces.readings.push(reading);
                }
            }
        }
        surfaces.starts.push(u32::try_from(surfaces.readings.len()).expect("the tables are small"));
        surfaces
    }
}

/// Whether a surface is words of letters alone, so that its spaces cut it as the [`Analyzer`] would.
fn is_plain(surface: &str) -> bool {
    let mut before = b' ';
    let is_cut = surface.bytes().all(|byte| {
        let is_fit = byte.is_ascii_alphabetic() || (byte == b' ' && before != b' ');
        before = byte;
        is_fit
    });
    is_cut && before != b' '
}

fn edge(node: u32, word: &str) -> u64 {
    xxhash_rust::xxh3::xxh3_64_with_seed(word.as_bytes(), u64::from(node))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All rows of the table that have not `columns` columns, or stand twice.
    fn misshapen(name: &str, table: &'static str, columns: usize, problems: &mut Vec<String>) {
        let mut seen = FxHashSet::default();
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            if line.split('\t').count() != columns || line.split('\t').next().is_none_or(str::is_empty) {
                problems.push(format!("{name}: not {columns} columns: {line}"));
            }
            if line.split('\t').any(|column| column.trim() != column) {
                problems.push(format!("{name}: space around a column: {line}"));
            }
            if !seen.insert(line) {
                problems.push(format!("{name}: twice: {line}"));
            }
        }
    }

    #[test]
    fn regions_and_places_hold_together() {
        let mut problems = Vec::new();
        misshapen("regions", REGIONS, 4, &mut problems);
        misshapen("groupings", GROUPINGS, 5, &mut problems);
        for (name, table) in [("places", PLACES), ("cities", CITIES), ("scripts", SCRIPTS)] {
            misshapen(name, table, 4, &mut problems);
        }
        misshapen("blocks", BLOCKS, 2, &mut problems);
        misshapen("sources", SOURCES, 2, &mut problems);
        let all = regions();
        for region in all.iter() {
            if region.kind != RegionKind::World
                && region.kind != RegionKind::Grouping
                && region.parent.is_none()
            {
                problems.push(format!("{} has no parent", region.code));
            }
            if let Some(parent) = region.parent.filter(|parent| all.get(parent.0).is_none()) {
                problems.push(format!("{}: unknown parent {parent}", region.code));
            }
            for member in &region.members {
                if all.get(member.country.0).is_none_or(|country| country.kind != RegionKind::Country) {
                    problems.push(format!("{}: unknown member {}", region.code, member.country));
                }
                let is_date = |date: &str| {
                    matches!(date.len(), 0 | 4 | 10) && date.bytes().all(|b| b.is_ascii_digit() || b == b'-')
                };
                if !is_date(member.since) || !is_date(member.until) {
                    problems.push(format!("{}: dates of {}", region.code, member.country));
                }
                if !member.until.is_empty() && member.until <= member.since {
                    problems.push(format!("{}: {} leaves before it joins", region.code, member.country));
                }
            }
        }
        let mut readings: FxHashMap<(&str, &str), &str> = FxHashMap::default();
        for (name, table) in [("places", PLACES), ("cities", CITIES), ("scripts", SCRIPTS)] {
            for [surface, code, kind, guard] in rows(table) {
                if all.get(code).is_none() {
                    problems.push(format!("{surface}: unknown code {code}"));
                }
                if !PLACE_KINDS.contains(&kind) {
                    problems.push(format!("{surface}: unknown kind {kind}"));
                }
                if !PLACE_GUARDS.contains(&guard) {
                    problems.push(format!("{surface}: unknown guard {guard}"));
                }
                if let Some(other) = readings.insert((surface, code), name) {
                    problems.push(format!("{surface} is {code} in {other} and {name}"));
                }
                if kind == "city" && guard.is_empty() && is_common(surface) {
                    problems.push(format!("{surface} is a common word without guard"));
                }
            }
        }
        for [name, code] in rows(SOURCES) {
            if all.get(code).is_none() {
                problems.push(format!("{name}: unknown code {code}"));
            }
        }
        assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
    }

    /// Whether news writes the word in small letters so often that in capitals it need not be a name. Words in
    /// capitals alone, such as `SET`, are told from words by their form.
    fn is_common(name: &str) -> bool {
        /// Names that addresses and hashtags write small, and verbs and nouns that come with a capital only as names.
        const KNOWN: [&str; 14] = [
            "Amazon",
            "Cognizant",
            "Comcast",
            "Facebook",
            "GeoVax",
            "Google",
            "Instagram",
            "LinkedIn",
            "Pinterest",
            "Reddit",
            "TikTok",
            "Tiktok",
            "Verizon",
            "YouTube",
        ];
        /// The Federal Reserve, the exchange and the network are meant too often to be doubted.
        const MEANT: [&str; 3] = ["Fed", "Nasdaq", "Twitter"];
        static COMMON: OnceLock<FxHashMap<&str, u32>> = OnceLock::new();
        let common = COMMON.get_or_init(|| {
            let words = rows(WORDS);
            words.map(|[word, small, _]| (word, small.parse().expect("a count"))).collect()
        });
        let in_capitals = name.chars().all(char::is_uppercase);
        let count = common.get(&*name.to_lowercase()).copied().unwrap_or(0);
        !in_capitals && count >= SELDOM && !KNOWN.contains(&name) && !MEANT.contains(&name)
    }

    #[test]
    fn organisations_hold_together() {
        let mut problems = Vec::new();
        misshapen("organisations", ORGANISATIONS, 6, &mut problems);
        misshapen("listed", LISTED, 6, &mut problems);
        let mut ids: FxHashSet<&str> = FxHashSet::default();
        for [id, ..] in rows::<6>(ORGANISATIONS).chain(rows(LISTED)) {
            if !ids.insert(id) {
                problems.push(format!("{id} is there twice"));
            }
        }
        let mut strong: FxHashMap<&str, &str> = FxHashMap::default();
        let mut tickers: FxHashMap<&str, &str> = FxHashMap::default();
        let mut places_named: FxHashSet<&str> = FxHashSet::default();
        for [surface, _, kind, guard] in rows(PLACES).chain(rows(CITIES)) {
            if kind == "city" && guard.is_empty() {
                places_named.insert(surface);
            }
        }
        for entity in entities().iter() {
            if !(entity.id.starts_with("co:") || entity.id.starts_with("org:")) || entity.name.is_empty() {
                problems.push(format!("{}: not `co:` or `org:`, or no name", entity.id));
            }
            if !entity.country.is_empty() && regions().get(entity.country).is_none() {
                problems.push(format!("{}: unknown country {}", entity.id, entity.country));
            }
            for ticker in entity.tickers() {
                if ticker
                    .split_once(':')
                    .is_none_or(|(exchange, symbol)| exchange.is_empty() || symbol.is_empty())
                {
                    problems.push(format!("{}: ticker `{ticker}` without exchange", entity.id));
                }
                if let Some(other) = tickers.insert(ticker, entity.id) {
                    problems.push(format!("`{ticker}` is of {other} and {}", entity.id));
                }
            }
            for (alias, guard) in entity.aliases() {
                if alias.chars().count() < 2 || crate::words::is_stop_word(alias) {
                    problems.push(format!("{}: alias `{alias}`", entity.id));
                }
                if guard == Guard::None && is_common(alias) {
                    problems.push(format!("{}: `{alias}` is a common word without guard", entity.id));
                }
                if guard == Guard::None && places_named.contains(alias) {
                    problems.push(format!("{}: `{alias}` is a city too", entity.id));
                }
                if guard == Guard::None
                    && let Some(other) = strong.insert(alias, entity.id).filter(|other| *other != entity.id)
                {
                    problems.push(format!("`{alias}` is strong for {other} and {}", entity.id));
                }
            }
        }
        assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
    }

    #[test]
    fn plain_surfaces_are_cut_as_texts_are() {
        let mut analyzer = Analyzer::for_places();
        let aliases = entities().iter().flat_map(|entity| entity.aliases().map(|(alias, _)| alias));
        for surface in
            places().map(|[surface, ..]| surface).chain(aliases).filter(|surface| is_plain(surface))
        {
            let tokens = analyzer.tokens(surface);
            let cut: Vec<&str> = (0..tokens.len()).map(|position| tokens.exact(position)).collect();
            let folded: Vec<&str> = (0..tokens.len()).map(|position| tokens.folded(position)).collect();
            assert_eq!(surface.split(' ').collect::<Vec<_>>(), cut, "{surface}");
            assert_eq!(surface.to_ascii_lowercase().split(' ').collect::<Vec<_>>(), folded, "{surface}");
        }
    }

    #[test]
    fn sources_have_their_seat() {
        let seat_of = |source: &str| seat(source).map(|code| code.0);
        assert_eq!(seat_of("Reuters"), Some("GB"));
        assert_eq!(seat_of("the wall street journal"), Some("US"));
        assert_eq!(seat_of("Les Echos"), Some("FR"));
        assert_eq!(seat_of("Copperline News"), None);
    }

    #[test]
    fn unlisted_ids_are_shown_as_names() {
        for (id, name) in [
            ("org:lcx", "LCX"),
            ("org:tarn-ai-labs", "Tarn AI Labs"),
            ("org:st-bride-mills", "St Bride Mills"),
            ("per:tj-lindqvist", "Tj Lindqvist"),
            ("tic:OTC:ZZQX", "OTC:ZZQX"),
        ] {
            assert_eq!(entities().name(id), name, "{id}");
        }
    }

    #[test]
    fn places_roll_up() {
        let chain = |code| {
            regions().ancestors(RegionCode(code)).iter().map(|code| code.0).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(chain("TH"), "035 142");
        assert_eq!(chain("US-CA"), "US 021 019");
        assert_eq!(chain("MX"), "013 419 019");
        assert_eq!(chain("EU"), "150");
        assert_eq!(chain("ASEAN"), "035 142");
        assert_eq!(chain("001"), "");
    }

    #[test]
    fn a_city_is_not_the_name_of_a_region() {
        for (wanted, read) in [
            ("houston", "US-TX"),
            ("Bangkok", "TH"),
            ("10 Downing Street", "GB"),
            ("thai", ""),
            ("TH", ""),
            ("Texas", ""),
            ("europe", ""),
            ("Singapore", ""),
            ("nowhere", ""),
        ] {
            let codes: Vec<String> =
                regions().read_from_part(wanted).iter().map(ToString::to_string).collect();
            assert_eq!(codes.join(" "), read, "{wanted}");
        }
    }

    #[test]
    fn no_similar_name_is_passed_over_unread() {
        let names: Vec<&str> = entities()
            .iter()
            .flat_map(|entity| entity.aliases().map(|(alias, _)| alias))
            .step_by(7)
            .collect();
        for wanted in ["micrsoft", "grmany", "bank of engalnd", "zz", "a", "société générale", "alphabt inc."]
        {
            let may_be = similar_letters(wanted, 0.86);
            for name in names.iter().filter(|name| strsim::jaro_winkler(wanted, &fold(name)) >= 0.86) {
                assert!(may_be(name), "{wanted} {name}");
            }
        }
    }

    #[test]
    fn people_name_regions_and_companies_as_they_like() {
        let region = |wanted: &str| regions().resolve(wanted).iter().map(|code| code.0).collect::<Vec<_>>();
        assert_eq!(region("europe"), ["150"]);
        assert_eq!(region("TH"), ["TH"]);
        assert_eq!(region("uk"), ["GB"]);
        assert_eq!(region("Thailand"), ["TH"]);
        assert_eq!(region("turkiye"), ["TR"]);
        assert_eq!(region("south-east asia"), ["035"]);
        assert!(region("grmany").is_empty());
        assert!(regions().nearest("grmany")[0].contains("Germany (DE)"));
        // Of places that share a name the one that a text need not explain is meant, unless there are several such.
        let lesser = |wanted: &str| regions().lesser(wanted).iter().map(|code| code.0).collect::<Vec<_>>();
        assert_eq!((region("london"), lesser("london")), (vec!["GB"], vec!["CA"]));
        assert_eq!((region("birmingham"), lesser("birmingham")), (vec!["GB", "US-AL"], vec![]));
        assert_eq!((region("lincoln"), lesser("lincoln")), (vec!["US-NE", "GB"], vec![]));
        let others =
            |wanted: &str| entities().others(wanted).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(others("co:hp"), [""; 0]);
        assert_eq!(others("HP"), ["co:helmerich-and-payne", "co:hello-pal-international"]);
        let entity =
            |wanted: &str| entities().resolve(wanted).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(entity("BABA"), ["co:alibaba"]);
        assert_eq!(entity("Bank of England"), ["org:bank-of-england"]);
        assert_eq!(entity("BoE"), ["org:bank-of-england"]);
        assert_eq!(entity("F"), ["co:ford"]);
        assert_eq!(entity("at&t"), ["co:att"]);
        assert!(entity("Micrsoft").is_empty());
        // And so when asked for the second time, by an index.
        let is_lost = |entity: &&Entity| {
            let ids = entities().resolve(entity.name);
            let is_taken = |id: &EntityId| id.as_str() == entity.id || !entities().is_generated(id.as_str());
            !ids.iter().any(is_taken)
        };
        let lost: Vec<&str> = entities().iter().filter(is_lost).map(|entity| entity.id).collect();
        assert_eq!(lost, [""; 0]);
        let taken = entities().iter().filter(|entity| !entities().is_generated(entity.id));
        for entity in taken {
            assert!(
                entities().resolve(entity.name).iter().any(|id| id.as_str() == entity.id),
                "{}",
                entity.id
            );
        }
        assert!(entities().nearest("Micrsoft")[0].contains("Microsoft"));
    }
}
