//! Queries kept under a name, and what their alerts have reported.
//!
//! ```text
//! saved.json    {"version": 1, "queries": {"rates": {"query": "\"interest rates\"", "region": ["europe"], "alert": true}}}
//! alert-rates   keys of the articles that were reported, eight bytes each, sorted, and a checksum
//! ```
//!
//! Both lie in the directory of the index beside its generations, so that they outlive `reindex`, and each is
//! replaced in one step. A query is kept as it was typed: `--since 30d` means thirty days before whenever it is
//! asked, and a name finds whom it means then.
//!
//! Within another query `@rates` is one group of all that the saved query asks for: its words, every one of them, and its
//! filters as the conditions that say the same, `date:-30d..` and `region:europe`. `--copies`, `--withdrawn` and
//! `--boilerplate` say how to look and not what to find; they are those of the query that is asked.
//!
//! An alert reports what [`fresh`](crate::search::fresh) finds: each story once, of the articles with every word.
//! What it found when it was added counts as reported. The set is written after the report, so that a crash
//! repeats one and loses none.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::index::{keep, keeping, kept};
use crate::query::{At, Condition, Field, MAX_DEPTH, Node, Query};

/// The version of the file.
const VERSION: u32 = 1;

const FILE: &str = "saved.json";

/// All queries kept with an index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Saved {
    pub queries: BTreeMap<String, SavedQuery>,
}

/// A query with its filters, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct SavedQuery {
    pub query: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub region: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entity: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub source: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lang: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    #[serde(skip_serializing_if = "is_false")]
    pub all_words: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub copies: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub withdrawn: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub boilerplate: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub as_typed: bool,
    /// Whether new articles that it finds are reported.
    #[serde(skip_serializing_if = "is_false")]
    pub alert: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "what serde asks for")]
fn is_false(value: &bool) -> bool {
    !value
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedFile {
    version: u32,
    queries: BTreeMap<String, SavedQuery>,
}

impl Saved {
    /// The queries kept with the index at `path`.
    ///
    /// # Errors
    /// [`Error::Index`] where the file is damaged or of a later version.
    pub fn read(path: &Path) -> Result<Saved> {
        match kept(path, FILE)? {
            Some(bytes) => Saved::parse(path, &bytes),
            None => Ok(Saved::default()),
        }
    }

    fn parse(path: &Path, bytes: &[u8]) -> Result<Saved> {
        #[derive(Deserialize)]
        struct Head {
            version: u32,
        }
        let damaged = |error: serde_json::Error| {
            Error::index(
                path,
                format!("its saved queries `{FILE}` are damaged ({error}); correct or remove the file"),
            )
        };
        // A later version may have keys that this one would not understand.
        let Head { version } = serde_json::from_slice(bytes).map_err(damaged)?;
        if version != VERSION {
            return Err(Error::index(
                path,
                format!(
                    "its saved queries `{FILE}` are of version {version}, and this dateline reads {VERSION}"
                ),
            ));
        }
        // A filter that is passed over would have an alert report what nobody asked for.
        let file: SavedFile = serde_json::from_slice(bytes).map_err(damaged)?;
        Ok(Saved { queries: file.queries })
    }

    /// Keeps a query under a name with the index at `path`, and for an alert what counts as reported.
    ///
    /// # Errors
    /// [`Error::Usage`] where the name is none, is taken and not to be `replaced`, or where the query could not be
    /// asked, as when it refers to itself in the place of another. Then nothing is changed.
    pub fn add(
        path: &Path,
        name: &str,
        query: SavedQuery,
        known: Option<&Reported>,
        replace: bool,
    ) -> Result<()> {
        check_name(name)?;
        let _held = keeping(path)?;
        let mut saved = Saved::read(path)?;
        if saved.queries.contains_key(name) && !replace {
            return Err(Error::usage(format!(
                "there is a saved query `{name}` already; `--replace` puts this one in its place"
            )));
        }
        saved.queries.insert(name.to_owned(), query);
        saved.check(name)?;
        saved.write(path)?;
        match known {
            Some(reported) => reported.write(path, name),
            None => Reported::remove(path, name),
        }
    }

    /// Forgets the query of a name and what its alert has reported; gives the names of those that have it in them and
    /// cannot be asked any more.
    ///
    /// # Errors
    /// Those of [`Saved::get`].
    pub fn remove(path: &Path, name: &str) -> Result<Vec<String>> {
        let _held = keeping(path)?;
        let mut saved = Saved::read(path)?;
        saved.get(name)?;
        saved.queries.remove(name);
        saved.write(path)?;
        Reported::remove(path, name)?;
        let has_it = |query: &SavedQuery| {
            Query::parse(&query.query)
                .is_ok_and(|query| query.names().any(|used| used.to_lowercase() == name))
        };
        let broken = saved.queries.into_iter().filter(|(_, query)| has_it(query));
        Ok(broken.map(|(other, _)| other).collect())
    }

    fn write(&self, path: &Path) -> Result<()> {
        let file = SavedFile { version: VERSION, queries: self.queries.clone() };
        let text = serde_json::to_string_pretty(&file).expect("strings always serialise") + "\n";
        keep(path, FILE, Some(text.as_bytes()))
    }

    /// The query of this name.
    ///
    /// # Errors
    /// [`Error::Usage`] that names the one that was probably meant, or those there are.
    pub fn get(&self, name: &str) -> Result<&SavedQuery> {
        self.queries
            .get(name)
            .ok_or_else(|| Error::usage(format!("no saved query `{name}`; {}", self.hint(name))))
    }

    /// What to do about a name that nothing has.
    fn hint(&self, name: &str) -> String {
        /// Spelt so much alike, one is meant for the other.
        const ALIKE: f64 = 0.85;
        let scored = self.queries.keys().map(|known| (strsim::jaro_winkler(known, name), known));
        let nearest = scored.filter(|(score, _)| *score > ALIKE).max_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((_, known)) = nearest {
            return format!("did you mean `{known}`?");
        }
        let names: Vec<String> = self.queries.keys().take(8).map(|name| format!("`{name}`")).collect();
        if names.is_empty() {
            "`dateline saved add NAME QUERY` keeps one".to_owned()
        } else {
            format!("there are {}", names.join(", "))
        }
    }

    /// Whether the query of this name can be asked.
    ///
    /// # Errors
    /// Those of [`Saved::resolve`] for a query of nothing but the name.
    pub fn check(&self, name: &str) -> Result<()> {
        self.get(name)?;
        self.resolve(&mut Query::parse(&format!("@{name}"))?)
    }

    /// Puts the saved queries in the place of their names, also within each other.
    ///
    /// A name that nothing has is text, which is warned of.
    ///
    /// # Errors
    /// [`Error::Usage`] where a saved query has a name in it that nothing has, where one refers to itself, or where the
    /// whole is larger than a query may be.
    pub fn resolve(&self, query: &mut Query) -> Result<()> {
        if query.names().next().is_none() {
            return Ok(());
        }
        let mut known = HashMap::new();
        self.settle(query, &mut Vec::new(), &mut known)
    }

    /// Resolves a query; `around` are the names it is a part of, `known` what names stand for.
    fn settle(
        &self,
        query: &mut Query,
        around: &mut Vec<String>,
        known: &mut HashMap<String, Node>,
    ) -> Result<()> {
        for name in query.names().map(str::to_lowercase).collect::<Vec<_>>() {
            if known.contains_key(&name) {
                continue;
            }
            let path = || around.iter().chain([&name]).map(|name| format!("`@{name}`")).collect::<Vec<_>>();
            if around.contains(&name) {
                return Err(Error::usage(format!("a saved query refers to itself: {}", path().join(" -> "))));
            }
            if around.len() == MAX_DEPTH {
                return Err(Error::usage(format!(
                    "saved queries refer to each other deeper than {MAX_DEPTH} levels: {}",
                    path().join(" -> ")
                )));
            }
            let Some(saved) = self.queries.get(&name) else {
                if around.is_empty() {
                    // As typed it may be anything, the name of an account or half an address.
                    known.insert(name.clone(), query.without_name(&name, self.hint(&name)));
                    continue;
                }
                return Err(Error::usage(format!("no saved query `@{name}`; {}", self.hint(&name))));
            };
            let mut own = Query::parse(&saved.query)?;
            around.push(name.clone());
            self.settle(&mut own, around, known)?;
            around.pop();
            let parts = own.clauses.into_iter().chain(saved.conditions()).collect();
            let node = Node::and(parts)
                .ok_or_else(|| Error::usage(format!("the saved query `@{name}` asks for nothing")))?;
            known.insert(name, node);
        }
        query.expand(&|name| known[&name.to_lowercase()].clone())
    }
}

impl SavedQuery {
    /// Its filters as parts of a query: several values of one are alternatives.
    pub fn conditions(&self) -> Vec<Node> {
        let node = |field: Field, value: String| Node::Field(Condition { field, value, at: At::default() });
        let several = [
            (Field::Region, &self.region),
            (Field::Entity, &self.entity),
            (Field::Source, &self.source),
            (Field::Lang, &self.lang),
        ];
        let several = several.into_iter().filter_map(|(field, values)| {
            Node::or(values.iter().map(|value| node(field, value.clone())).collect())
        });
        let bounds = [self.since.as_deref(), self.until.as_deref()];
        let dates = bounds.iter().any(Option::is_some).then(|| {
            let [since, until] = bounds.map(Option::unwrap_or_default);
            node(Field::Date, format!("{since}..{until}"))
        });
        several.chain(dates).collect()
    }
}

/// Whether a query can have this name, which is also that of a file.
///
/// # Errors
/// [`Error::Usage`] that says what a name is made of.
pub fn check_name(name: &str) -> Result<()> {
    let is_inside =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
    let starts_well =
        name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if starts_well && name.len() <= 64 && name.bytes().all(is_inside) {
        return Ok(());
    }
    Err(Error::usage(format!(
        "`{name}` is no name for a query; a name has lower-case letters, digits, `-` and `_`, 64 at the most"
    )))
}

/// Keys of the articles that an alert has reported.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reported {
    /// Sorted, each once.
    keys: Vec<u64>,
}

impl Reported {
    /// What the alert of this name has reported; `None` where that was never written.
    ///
    /// # Errors
    /// [`Error::Index`] where the file is damaged.
    pub fn read(path: &Path, name: &str) -> Result<Option<Reported>> {
        let Some(bytes) = kept(path, &file_of(name))? else { return Ok(None) };
        let damaged = || {
            Error::index(
                path,
                format!(
                    "what the alert `{name}` has reported is damaged; `dateline saved add --replace` starts anew"
                ),
            )
        };
        let (content, sum) = bytes.split_last_chunk::<8>().ok_or_else(damaged)?;
        let (numbers, rest) = content.as_chunks::<8>();
        if !rest.is_empty() || u64::from_le_bytes(*sum) != xxhash_rust::xxh3::xxh3_64(content) {
            return Err(damaged());
        }
        Ok(Some(Reported { keys: numbers.iter().map(|bytes| u64::from_le_bytes(*bytes)).collect() }))
    }

    pub fn has(&self, key: u64) -> bool {
        self.keys.binary_search(&key).is_ok()
    }

    /// Adds keys, and says whether any was new.
    pub fn add(&mut self, keys: &[u64]) -> bool {
        let before = self.keys.len();
        self.keys.extend_from_slice(keys);
        self.keys.sort_unstable();
        self.keys.dedup();
        self.keys.len() > before
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Makes it permanent.
    pub fn write(&self, path: &Path, name: &str) -> Result<()> {
        let mut bytes: Vec<u8> = self.keys.iter().flat_map(|key| key.to_le_bytes()).collect();
        let sum = xxhash_rust::xxh3::xxh3_64(&bytes);
        bytes.extend(sum.to_le_bytes());
        keep(path, &file_of(name), Some(&bytes))
    }

    /// Forgets what the alert of this name has reported.
    fn remove(path: &Path, name: &str) -> Result<()> {
        keep(path, &file_of(name), None)
    }
}

fn file_of(name: &str) -> String {
    format!("alert-{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_files() {
        for name in ["rates", "oil-2", "7_eleven"] {
            assert!(check_name(name).is_ok(), "{name}");
        }
        for name in ["", "-x", "../x", "a/b", "a b", "Été", "RATES", "a.json", &"x".repeat(65)] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }

    fn saved(rows: &[(&str, SavedQuery)]) -> Saved {
        Saved { queries: rows.iter().map(|(name, query)| ((*name).to_owned(), query.clone())).collect() }
    }

    fn plain(query: &str) -> SavedQuery {
        SavedQuery { query: query.to_owned(), ..SavedQuery::default() }
    }

    /// A query, and what it is with saved ones in it, or the error.
    fn check(saved: &Saved, typed: &str, resolved: &str) {
        let mut query = Query::parse(typed).unwrap();
        let done = saved.resolve(&mut query).map(|()| query.to_string());
        assert_eq!(done.unwrap_or_else(|error| error.to_string()), resolved, "{typed}");
    }

    #[test]
    fn names_stand_for_queries() {
        let list = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
        let filtered = SavedQuery {
            region: list(&["europe", "TH"]),
            source: list(&["Harbour Wire"]),
            since: Some("30d".into()),
            until: Some("yesterday".into()),
            all_words: true,
            copies: true,
            ..plain("\"oil price\" -gas")
        };
        let saved = saved(&[
            ("rates", plain("rate OR \"interest rates\"")),
            ("banks", plain("@rates bank")),
            ("oil", filtered),
            ("asia", SavedQuery { region: list(&["asia"]), since: Some("2020".into()), ..plain("") }),
            ("round", plain("bank @about")),
            ("about", plain("@round")),
            ("self", plain("@self")),
            ("lost", plain("@nobody")),
            ("nothing", plain("...")),
        ]);
        for (typed, resolved) in [
            ("@rates -japan", "rate OR \"interest rates\" -japan"),
            ("@Banks OR oil", "(rate OR \"interest rates\") AND bank OR oil"),
            ("@banks", "(rate OR \"interest rates\") AND bank"),
            ("title:(@rates) tax", "title:(rate OR \"interest rates\") tax"),
            ("-@rates NEAR/5 @rates", "-(rate OR \"interest rates\") NEAR/5 (rate OR \"interest rates\")"),
            (
                "@oil tax",
                "(\"oil price\" AND -gas AND (region:europe OR region:TH) AND source:\"Harbour Wire\" AND date:30d..yesterday) tax",
            ),
            ("@asia", "region:asia AND date:2020.."),
            ("tin @rats", "tin rats"),
            (
                "@lost @rates",
                "no saved query `@nobody`; there are `about`, `asia`, `banks`, `lost`, `nothing`, `oil`, `rates`, `round`",
            ),
            ("@rates @round", "a saved query refers to itself: `@round` -> `@about` -> `@round`"),
            ("@self", "a saved query refers to itself: `@self` -> `@self`"),
            ("@nothing", "the saved query `@nothing` asks for nothing"),
        ] {
            check(&saved, typed, resolved);
        }
    }

    #[test]
    fn a_name_that_nothing_has_is_text() {
        let saved = saved(&[("rates", plain("rate"))]);
        let mut query = Query::parse("tin @rats").unwrap();
        saved.resolve(&mut query).unwrap();
        let [warning] = &query.warnings[..] else { panic!("{:?}", query.warnings) };
        assert_eq!(warning.message, "there is no saved query `rats`; searched as text");
        assert_eq!(warning.hint.as_deref(), Some("did you mean `rates`?"));
        assert_eq!(warning.span.of("tin @rats"), "@rats");
    }

    #[test]
    fn limits_are_those_of_any_query() {
        let mut rows: Vec<(String, SavedQuery)> = (0..64)
            .map(|at| (format!("two{at}"), plain(&format!("@two{} OR word{at} OR @two{}", at + 1, at + 1))))
            .collect();
        rows.push(("two64".into(), plain("end")));
        rows.extend((0..64).map(|at| (format!("deep{at}"), plain(&format!("a OR -(b @deep{})", at + 1)))));
        rows.push(("deep64".into(), plain("end")));
        let rows: Vec<(&str, SavedQuery)> =
            rows.iter().map(|(name, query)| (name.as_str(), query.clone())).collect();
        let saved = saved(&rows);
        let resolve = |typed: &str| {
            let mut query = Query::parse(typed).unwrap();
            saved.resolve(&mut query).map(|()| query).map_err(|error| error.to_string())
        };
        assert_eq!(resolve("@two58").unwrap().clauses[0].leaves().len(), 127);
        assert!(
            resolve("@two56").unwrap_err().contains("has 511 words and conditions"),
            "{:?}",
            resolve("@two56")
        );
        assert!(resolve("@two0").unwrap_err().contains("deeper than 32 levels"));
        assert!(resolve("@deep40").unwrap_err().contains("nested deeper than 32 levels"));
        assert!(resolve("@deep56").is_ok());
        let many = "@two58 ".repeat(3);
        assert!(resolve(&many).unwrap_err().contains("has 381 words and conditions"), "{:?}", resolve(&many));
        // What is said of a saved query points at its name.
        for leaf in resolve("tin @two63").unwrap().clauses[1].leaves() {
            let Node::Text(text) = leaf else { panic!("{leaf:?}") };
            assert_eq!(text.at.0.of("tin @two63"), "@two63");
        }
    }

    #[test]
    fn queries_and_what_was_reported_are_kept() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        assert_eq!(Saved::read(path).unwrap(), Saved::default());
        let query = SavedQuery {
            query: "a \"b\"".into(),
            since: Some("30d".into()),
            alert: true,
            ..SavedQuery::default()
        };
        Saved::add(path, "one", query.clone(), None, false).unwrap();
        let other = SavedQuery { query: "@one".into(), ..SavedQuery::default() };
        assert!(Saved::add(path, "one", other.clone(), None, false).is_err());
        assert!(Saved::add(path, "one", other, None, true).is_err(), "it would be in itself");
        let saved = Saved::read(path).unwrap();
        assert_eq!(saved.get("one").unwrap(), &query);
        assert_eq!(saved.get("two").unwrap_err().to_string(), "no saved query `two`; there are `one`");

        assert_eq!(Reported::read(path, "one").unwrap(), None);
        let mut reported = Reported::default();
        assert!(reported.add(&[3, 1, 3]) && !reported.add(&[1]));
        reported.write(path, "one").unwrap();
        assert_eq!(Reported::read(path, "one").unwrap(), Some(reported));
        std::fs::write(path.join("alert-one"), [0; 17]).unwrap();
        assert!(Reported::read(path, "one").is_err());
        Reported::remove(path, "one").unwrap();
        Reported::remove(path, "one").unwrap();
        assert_eq!(Reported::read(path, "one").unwrap(), None);
        std::fs::write(path.join("saved.json"), "{}").unwrap();
        assert!(Saved::read(path).is_err());
    }
}
