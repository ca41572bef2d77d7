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
//! An alert reports what [`fresh`](crate::search::fresh) finds: each story once, of the articles with every word.
//! What it found when it was added counts as reported. The set is written after the report, so that a crash
//! repeats one and loses none.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::index::{keep, keeping, kept};

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
#[serde(default)]
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
    /// Whether new articles that it finds are reported.
    #[serde(skip_serializing_if = "is_false")]
    pub alert: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "what serde asks for")]
fn is_false(value: &bool) -> bool {
    !value
}

#[derive(Serialize, Deserialize)]
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
        let file: SavedFile = serde_json::from_slice(bytes).map_err(|error| {
            Error::index(
                path,
                format!("its saved queries `{FILE}` are damaged ({error}); correct or remove the file"),
            )
        })?;
        if file.version != VERSION {
            return Err(Error::index(
                path,
                format!(
                    "its saved queries `{FILE}` are of version {}, and this dateline reads {VERSION}",
                    file.version
                ),
            ));
        }
        Ok(Saved { queries: file.queries })
    }

    /// Changes the queries kept with the index at `path`. Nobody else changes them meanwhile, and where `change`
    /// fails nothing is changed.
    pub fn change<T>(path: &Path, change: impl FnOnce(&mut Saved) -> Result<T>) -> Result<T> {
        let _held = keeping(path)?;
        let mut saved = Saved::read(path)?;
        let done = change(&mut saved)?;
        let file = SavedFile { version: VERSION, queries: saved.queries };
        let text = serde_json::to_string_pretty(&file).expect("strings always serialise") + "\n";
        keep(path, FILE, Some(text.as_bytes()))?;
        Ok(done)
    }

    /// The query of this name.
    ///
    /// # Errors
    /// [`Error::Usage`] that names those there are.
    pub fn get(&self, name: &str) -> Result<&SavedQuery> {
        self.queries.get(name).ok_or_else(|| {
            let names: Vec<String> = self.queries.keys().take(8).map(|name| format!("`{name}`")).collect();
            let hint = if names.is_empty() {
                "`dateline saved add NAME QUERY` keeps one".to_owned()
            } else {
                format!("there are {}", names.join(", "))
            };
            Error::usage(format!("no saved query `{name}`; {hint}"))
        })
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
    pub fn remove(path: &Path, name: &str) -> Result<()> {
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
        Saved::change(path, |saved| {
            saved.queries.insert("one".into(), query.clone());
            Ok(())
        })
        .unwrap();
        let failed: Result<()> = Saved::change(path, |saved| {
            saved.queries.clear();
            Err(Error::usage("no"))
        });
        assert!(failed.is_err());
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
