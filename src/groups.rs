//! Which articles tell one story: groups of keys, as they grow and shrink while articles come and go.
//!
//! A story is a connected component of [`is_copy`], so that the groups depend on the articles alone and not on
//! the order in which they came. Its id is the smallest [key](crate::article::ArticleId::key) of its members.
//! Only articles that have copies are listed. The file of a commit has them whole, as [`Groups::to_bytes`]
//! gives them, and a [`Grouper`] follows the articles of a run.
//!
//! As bytes: for each member its key and that of its story, both little-endian, sorted by key; then
//! a hash of all of it.

use rustc_hash::{FxHashMap, FxHashSet};
use xxhash_rust::xxh3::xxh3_64;

use crate::stories::{Signature, is_copy};

/// Members of every story with more than one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Groups {
    story_of: FxHashMap<u64, u64>,
    members: FxHashMap<u64, Vec<u64>>,
}

impl Groups {
    /// The story of an article that has copies.
    pub fn story(&self, key: u64) -> Option<u64> {
        self.story_of.get(&key).copied()
    }

    /// The keys of a story, sorted.
    pub fn members(&self, story: u64) -> Vec<u64> {
        let mut members = self.members.get(&story).cloned().unwrap_or_default();
        members.sort_unstable();
        members
    }

    /// How many stories have copies, and how many articles they have together.
    pub fn counts(&self) -> (u64, u64) {
        (self.members.len() as u64, self.story_of.len() as u64)
    }

    pub fn is_empty(&self) -> bool {
        self.story_of.is_empty()
    }

    /// Every story with its members.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &[u64])> {
        self.members.iter().map(|(story, members)| (*story, members.as_slice()))
    }

    /// Two articles tell one story.
    pub fn join(&mut self, a: u64, b: u64) {
        if a == b {
            return;
        }
        let (story_a, story_b) = (self.story(a).unwrap_or(a), self.story(b).unwrap_or(b));
        if story_a == story_b {
            return;
        }
        let take =
            |groups: &mut Groups, story: u64| groups.members.remove(&story).unwrap_or_else(|| vec![story]);
        let (mut larger, mut smaller) = (take(self, story_a), take(self, story_b));
        if larger.len() < smaller.len() {
            std::mem::swap(&mut larger, &mut smaller);
        }
        let story = story_a.min(story_b);
        let kept = self.story_of.get(&larger[0]).copied();
        if kept == Some(story) {
            self.story_of.extend(smaller.iter().map(|key| (*key, story)));
        } else {
            self.story_of.extend(larger.iter().chain(&smaller).map(|key| (*key, story)));
        }
        larger.extend(smaller);
        self.members.insert(story, larger);
    }

    /// Takes a whole story apart and gives its members.
    fn dissolve(&mut self, story: u64) -> Vec<u64> {
        let members = self.members.remove(&story).unwrap_or_default();
        for key in &members {
            self.story_of.remove(key);
        }
        members
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut pairs: Vec<(u64, u64)> = self.story_of.iter().map(|(key, story)| (*key, *story)).collect();
        pairs.sort_unstable();
        let mut bytes: Vec<u8> = pairs
            .iter()
            .flat_map(|(key, story)| [key.to_le_bytes(), story.to_le_bytes()])
            .flatten()
            .collect();
        let hash = xxh3_64(&bytes);
        bytes.extend(hash.to_le_bytes());
        bytes
    }

    /// Reads what [`to_bytes`](Groups::to_bytes) wrote; `None` where it is damaged.
    pub fn from_bytes(bytes: &[u8]) -> Option<Groups> {
        let (pairs, hash) = bytes.split_last_chunk::<8>()?;
        if xxh3_64(pairs) != u64::from_le_bytes(*hash) || !pairs.len().is_multiple_of(16) {
            return None;
        }
        let mut groups = Groups::default();
        for pair in pairs.chunks_exact(16) {
            let number = |part: &[u8]| part.try_into().ok().map(u64::from_le_bytes);
            let (key, story) = (number(&pair[..8])?, number(&pair[8..])?);
            groups.story_of.insert(key, story);
            groups.members.entry(story).or_default().push(key);
        }
        Some(groups)
    }
}

/// Articles of one band that are compared at the most. More than this in one band are a template's, and comparing each
/// with all would cost the square of their number.
pub const CROWD: usize = 1000;

/// Finds the groups of articles that arrive one after the other.
///
/// The articles since the last [`settle`](Grouper::settle) are held here with their signatures; those before it are
/// in the index, which is asked for candidates beforehand.
#[derive(Debug, Default)]
pub struct Grouper {
    groups: Groups,
    recent: FxHashMap<u64, Signature>,
    by_band: FxHashMap<(u8, u32), Vec<u64>>,
    /// Stories that lost a member and may fall apart, by any of their members.
    torn: FxHashSet<u64>,
    /// Articles of the index that were removed or replaced since.
    gone: FxHashSet<u64>,
    is_changed: bool,
}

impl Grouper {
    pub fn new(groups: Groups) -> Grouper {
        Grouper { groups, ..Grouper::default() }
    }

    /// Takes in an article. `earlier` are the copies of it that the index has.
    pub fn add(&mut self, key: u64, signature: &Signature, earlier: &[u64]) {
        for &other in earlier.iter().filter(|other| !self.gone.contains(other)) {
            self.is_changed = true;
            self.groups.join(key, other);
        }
        for (band, value) in (0..).zip(signature.bands()) {
            let others = self.by_band.entry((band, value)).or_default();
            let mut has_twin = false;
            for &other in others.iter().filter(|&&other| other != key) {
                let Some(found) = self.recent.get(&other) else { continue };
                has_twin |= found == signature;
                let is_known =
                    self.groups.story(key).is_some_and(|story| self.groups.story(other) == Some(story));
                // Who is in one story already need not be compared.
                if !is_known && is_copy(signature, found) {
                    self.is_changed = true;
                    self.groups.join(key, other);
                }
            }
            // One of many that are the same stands for all, or a flood of them would cost its square.
            if !has_twin && others.len() < CROWD {
                others.push(key);
            }
        }
        self.recent.insert(key, *signature);
    }

    /// Forgets an article, before another of the same key comes or for good.
    pub fn remove(&mut self, key: u64) {
        self.gone.insert(key);
        if let Some(signature) = self.recent.remove(&key) {
            let story = self.groups.story(key).map(|story| self.groups.members(story)).unwrap_or_default();
            let twin = story.into_iter().find(|other| self.recent.get(other) == Some(&signature));
            for band in (0..).zip(signature.bands()) {
                if let Some(others) = self.by_band.get_mut(&band)
                    && let Some(at) = others.iter().position(|other| *other == key)
                {
                    others.remove(at);
                    others.extend(twin);
                }
            }
        }
        if let Some(story) = self.groups.story(key) {
            self.is_changed = true;
            let members = self.groups.dissolve(story);
            let rest: Vec<u64> = members.into_iter().filter(|member| *member != key).collect();
            for pair in rest.windows(2) {
                self.groups.join(pair[0], pair[1]);
            }
            self.torn.extend(rest.first());
        }
    }

    /// Puts the stories in order that lost members, with the signatures that the index has of the others. From
    /// here on the index has everything. Gives the groups if they changed.
    pub fn settle<E>(
        &mut self,
        stored: &mut dyn FnMut(u64) -> Result<Option<Signature>, E>,
    ) -> Result<Option<&Groups>, E> {
        for torn in std::mem::take(&mut self.torn) {
            let Some(story) = self.groups.story(torn) else { continue };
            let mut members = Vec::new();
            for key in self.groups.dissolve(story) {
                let signature = match self.recent.get(&key) {
                    Some(signature) => Some(*signature),
                    None => stored(key)?,
                };
                members.extend(signature.map(|signature| (key, signature)));
            }
            for (index, (a, signature)) in members.iter().enumerate() {
                for (b, other) in &members[index + 1..] {
                    if is_copy(signature, other) {
                        self.groups.join(*a, *b);
                    }
                }
            }
        }
        self.recent.clear();
        self.by_band.clear();
        self.gone.clear();
        Ok(std::mem::take(&mut self.is_changed).then_some(&self.groups))
    }

    pub fn groups(&self) -> &Groups {
        &self.groups
    }
}
