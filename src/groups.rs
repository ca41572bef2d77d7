//! Which articles tell one story: groups of keys, as they grow and shrink while articles come and go.
//!
//! A story is a connected component of [`is_copy`], so that the groups depend on the articles alone and not on
//! the order in which they came. Its id is the smallest [key](crate::article::ArticleId::key) of its members.
//! Only articles that have copies are listed. The file of a commit has them whole, as [`Groups::to_bytes`]
//! gives them, and a [`Grouper`] follows the articles of a run.
//!
//! As bytes: for each member its key and that of its story, both little-endian, sorted by key; then
//! a hash of all of it.

use std::hash::{Hash, Hasher};

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
/// The articles since the last [`settle`](Grouper::settle) are held here by their signatures; those before it are
/// in the index, which is asked for copies beforehand. What goes stays in its story until then, so that one
/// after the other may go at no cost; then each story that lost a member is made anew from the signatures of the
/// others. So it does no harm that a story is at times too large: only what is in none is compared.
#[derive(Debug, Default)]
pub struct Grouper {
    groups: Groups,
    /// What each article since then says, as an index into `texts`.
    recent: FxHashMap<u64, usize>,
    texts: Vec<Text>,
    /// By the hash of the signature.
    text_of: FxHashMap<u64, usize>,
    by_band: FxHashMap<(u8, u32), Vec<usize>>,
    /// Members of stories that may fall apart.
    torn: FxHashSet<u64>,
    /// Articles that were removed or replaced since.
    gone: FxHashSet<u64>,
    is_changed: bool,
}

/// Articles with one signature, which are copies of each other and of the same others: one stands for all, or a
/// flood of them would cost its square.
#[derive(Debug)]
struct Text {
    signature: Signature,
    /// The key of the first, or once that is gone of one in its story.
    key: u64,
    articles: usize,
}

impl Grouper {
    pub fn new(groups: Groups) -> Grouper {
        Grouper { groups, ..Grouper::default() }
    }

    /// Takes in an article. `earlier` are copies of it that the index has, of each story one or more.
    pub fn add(&mut self, key: u64, signature: &Signature, earlier: &[u64]) {
        for &other in earlier {
            self.join(key, other);
            // It may have held others, or this one, in the story.
            if self.gone.contains(&other) {
                self.torn.insert(key);
            }
        }
        let hash = hash_of(signature);
        let known = self.text_of.get(&hash).copied();
        if let Some(known) = known.filter(|known| self.texts[*known].signature == *signature) {
            self.texts[known].articles += 1;
            self.recent.insert(key, known);
            self.join(key, self.texts[known].key);
            return;
        }
        let bands: Vec<(u8, u32)> = (0..).zip(signature.bands()).collect();
        let mut others: Vec<usize> =
            bands.iter().filter_map(|band| self.by_band.get(band)).flatten().copied().collect();
        others.sort_unstable();
        others.dedup();
        for other in others {
            let other = &self.texts[other];
            let is_known =
                self.groups.story(key).is_some_and(|story| self.groups.story(other.key) == Some(story));
            // Who is in one story already need not be compared.
            if !is_known && is_copy(signature, &other.signature) {
                self.join(key, other.key);
            }
        }
        let text = self.texts.len();
        self.texts.push(Text { signature: *signature, key, articles: 1 });
        self.text_of.insert(hash, text);
        self.recent.insert(key, text);
        for band in bands {
            let others = self.by_band.entry(band).or_default();
            if others.len() < CROWD {
                others.push(text);
            }
        }
    }

    fn join(&mut self, a: u64, b: u64) {
        self.is_changed = true;
        self.groups.join(a, b);
    }

    /// Forgets an article, before another of the same key comes or for good.
    pub fn remove(&mut self, key: u64) {
        self.gone.insert(key);
        if self.groups.story(key).is_some() {
            self.is_changed = true;
            self.torn.insert(key);
        }
        let Some(text) = self.recent.remove(&key) else { return };
        self.texts[text].articles -= 1;
        if self.texts[text].articles > 0 {
            return;
        }
        // The next that says this is compared anew, also with those that came meanwhile.
        let signature = self.texts[text].signature;
        if self.text_of.get(&hash_of(&signature)) == Some(&text) {
            self.text_of.remove(&hash_of(&signature));
        }
        for band in (0..).zip(signature.bands()) {
            if let Some(others) = self.by_band.get_mut(&band)
                && let Some(at) = others.iter().position(|other| *other == text)
            {
                others.swap_remove(at);
            }
        }
    }

    /// Makes the stories that lost members anew, with the signatures that the index has of the others. From
    /// here on the index has everything. Gives the groups if they changed.
    pub fn settle<E>(
        &mut self,
        stored: &mut dyn FnMut(u64) -> Result<Option<Signature>, E>,
    ) -> Result<Option<&Groups>, E> {
        let torn: FxHashSet<u64> = self.torn.iter().filter_map(|key| self.groups.story(*key)).collect();
        for story in torn {
            let mut members = self.groups.dissolve(story);
            // In an order of their own.
            members.sort_unstable();
            let mut anew = Grouper::default();
            for key in members {
                let signature = match self.recent.get(&key) {
                    Some(text) => Some(self.texts[*text].signature),
                    None if self.gone.contains(&key) => None,
                    None => stored(key)?,
                };
                if let Some(signature) = signature {
                    anew.add(key, &signature, &[]);
                }
            }
            self.groups.story_of.extend(anew.groups.story_of);
            self.groups.members.extend(anew.groups.members);
        }
        let groups = std::mem::take(&mut self.groups);
        let is_changed = self.is_changed;
        *self = Grouper::new(groups);
        Ok(is_changed.then_some(&self.groups))
    }

    pub fn groups(&self) -> &Groups {
        &self.groups
    }
}

fn hash_of(signature: &Signature) -> u64 {
    let mut hash = rustc_hash::FxHasher::default();
    signature.hash(&mut hash);
    hash.finish()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::words::Analyzer;

    /// Texts of which some are copies of each other, some of those by way of a third, and some of nothing.
    fn signatures() -> Vec<Signature> {
        let sentences: Vec<String> = (0..40)
            .map(|number| format!("the mill of part {number} stood still for days{number} and sold no plate{number} to yards{number}. "))
            .collect();
        let texts = (0..12).map(|text| sentences[text..text + 10].concat());
        let apart =
            (0..4).map(|text| format!("Rates {text} were held, a bank of area {text} said. ").repeat(6));
        let mut analyzer = Analyzer::default();
        let (title, mut signatures) = (analyzer.tokens(""), Vec::new());
        for text in texts.chain(apart) {
            signatures.extend(Signature::of(&title, &analyzer.tokens(&text), &[], None));
        }
        signatures
    }

    /// The groups that follow from the predicate alone.
    fn expected(articles: &FxHashMap<u64, Signature>) -> Groups {
        let mut groups = Groups::default();
        for (a, signature) in articles {
            for (b, other) in articles {
                if is_copy(signature, other) {
                    groups.join(*a, *b);
                }
            }
        }
        groups
    }

    proptest! {
        /// Whatever comes, changes and goes, before and after commits.
        #[test]
        fn groups_follow_from_the_articles_alone(
            steps in prop::collection::vec((0_u64..12, 0_usize..20, prop::bool::weighted(0.2)), 1..60),
        ) {
            let signatures = signatures();
            prop_assert_eq!(signatures.len(), 16);
            let mut grouper = Grouper::default();
            let (mut committed, mut now) = (FxHashMap::default(), FxHashMap::default());
            for (key, text, is_end) in steps {
                if now.remove(&key).is_some() {
                    grouper.remove(key);
                }
                if let Some(signature) = signatures.get(text) {
                    // As the index tells them: of each story as it was one.
                    let was = expected(&committed);
                    let mut earlier: Vec<u64> = committed
                        .iter()
                        .filter(|(_, other)| is_copy(signature, other))
                        .map(|(key, _)| *key)
                        .collect();
                    let mut stories = FxHashSet::default();
                    earlier.retain(|key| was.story(*key).is_none_or(|story| stories.insert(story)));
                    grouper.add(key, signature, &earlier);
                    now.insert(key, *signature);
                }
                if is_end {
                    grouper.settle(&mut |key| Ok::<_, ()>(committed.get(&key).copied())).unwrap();
                    prop_assert_eq!(grouper.groups().to_bytes(), expected(&now).to_bytes());
                    committed.clone_from(&now);
                }
            }
        }
    }
}
