//! Words the tagger knows something of beforehand: names of people, and which words stand among the same words.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

/// The bit of a first name in [`listed`].
pub const FIRST_NAME: u8 = 1;

/// The bit of a family name.
pub const FAMILY_NAME: u8 = 2;

/// What the list of people's names has a folded word as, as bits.
pub fn listed(folded: &str) -> u8 {
    static NAMES: OnceLock<FxHashMap<&'static str, u8>> = OnceLock::new();
    let names = NAMES.get_or_init(|| {
        let rows = include_str!("names.tsv").lines().filter(|line| !line.starts_with('#'));
        let mut names = FxHashMap::with_capacity_and_hasher(36_000, rustc_hash::FxBuildHasher);
        names.extend(rows.filter_map(|line| {
            let (name, sort) = line.split_once('\t')?;
            Some((name, sort.parse().ok()?))
        }));
        names
    });
    names.get(folded).copied().unwrap_or(0)
}

/// The words a word keeps company with: its cluster, the group of clusters, the wide group. Zero where it is too rare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cluster {
    pub own: u16,
    pub group: u16,
    pub wide: u16,
}

/// The cluster of a word, case kept.
pub fn cluster(exact: &str) -> Cluster {
    static CLUSTERS: OnceLock<FxHashMap<&'static str, Cluster>> = OnceLock::new();
    let clusters = CLUSTERS.get_or_init(|| {
        let rows = include_str!("clusters.txt").lines().filter(|line| !line.starts_with('#'));
        let mut clusters = FxHashMap::with_capacity_and_hasher(32_000, rustc_hash::FxBuildHasher);
        for (own, row) in (1..).zip(rows) {
            let mut words = row.split(' ');
            let mut number = || words.next().and_then(|number| number.parse().ok()).unwrap_or(0);
            let (wide, group) = (number(), number());
            clusters.extend(words.map(|word| (word, Cluster { own, group, wide })));
        }
        clusters
    });
    clusters.get(exact).copied().unwrap_or_default()
}
