//! Names among the words of a query.
//!
//! `alibaba cloud` asks for the company of that name, however an article calls it, and `thailand` is named by `Thai` and
//! by Bangkok too. A name here is one that the tables list without a guard, as it stands there or in any case; what means
//! other things is words. So `Apple`, `Target` and `Shell` are none, and of a single word in small letters that is a word
//! of the language too neither: `Fed` is a name, `fed` is not.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use crate::gazetteer::{Guard, RegionCode, entities, is_common_word, named_places};

/// Words of the longest name looked for.
const LONGEST: usize = 6;

/// Who or what a name means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    Entity(&'static str),
    Region(RegionCode),
}

/// A name of the tables, and whether only in this form.
struct Listed {
    written: &'static str,
    is_exact: bool,
    /// `None` for a name of several.
    named: Option<Named>,
}

fn listed() -> &'static FxHashMap<String, Listed> {
    static LISTED: OnceLock<FxHashMap<String, Listed>> = OnceLock::new();
    LISTED.get_or_init(|| {
        let mut listed: FxHashMap<String, Listed> = FxHashMap::default();
        let mut add = |written: &'static str, guard: Guard, named: Named| {
            let is_exact = match guard {
                Guard::None => false,
                Guard::Exact => true,
                _ => return,
            };
            let new = Listed { written, is_exact, named: Some(named) };
            listed
                .entry(written.to_lowercase())
                .and_modify(|known| known.named = known.named.filter(|known| *known == named))
                .or_insert(new);
        };
        for entity in entities().iter().filter(|entity| !entities().is_generated(entity.id)) {
            for (alias, guard) in entity.aliases() {
                add(alias, guard, Named::Entity(entity.id));
            }
        }
        for (surface, code, guard) in named_places() {
            add(surface, guard, Named::Region(code));
        }
        listed
    })
}

/// The longest name that `words` start with, and of how many words it is.
pub(super) fn starting(words: &[&str]) -> Option<(Named, usize)> {
    // A comma ends a name.
    let goes_on = |word: &&&str| !word.ends_with([',', ';', ':', '?', '!']);
    let longest = (words.iter().take_while(goes_on).count() + 1).min(words.len()).min(LONGEST);
    (1..=longest).rev().find_map(|count| {
        let typed = words[..count].join(" ");
        let typed = typed.trim_end_matches([',', ';', ':', '?', '!', '.']);
        let typed = typed.strip_suffix("'s").or(typed.strip_suffix("’s")).unwrap_or(typed);
        let known = listed().get(&typed.to_lowercase())?;
        let is_written = typed == known.written;
        let may_be_small = !known.is_exact && (count > 1 || !is_common_word(&typed.to_lowercase()));
        let named = known.named.filter(|_| is_written || may_be_small)?;
        Some((named, count))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_means_nothing_else() {
        let entity = |id| Some(Named::Entity(id));
        let region = |code| Some(Named::Region(RegionCode(code)));
        let rows = [
            ("alibaba cloud", entity("co:alibaba-cloud"), 2),
            ("Alibaba Cloud revenue", entity("co:alibaba-cloud"), 2),
            ("bank of england rates", entity("org:bank-of-england"), 3),
            ("Fed rate cut", entity("org:federal-reserve"), 1),
            ("fed rate cut", None, 0),
            ("apple pie", None, 0),
            ("Apple", None, 0),
            ("target price", None, 0),
            ("shell companies", None, 0),
            ("us jobs", None, 0),
            ("US jobs", region("US"), 1),
            ("thailand floods", region("TH"), 1),
            ("thai floods", region("TH"), 1),
            ("europe", region("150"), 1),
            ("georgia", None, 0),
            ("reading list", None, 0),
            ("China's exports", region("CN"), 1),
            ("Bank of England, rates", entity("org:bank-of-england"), 3),
            ("Bank, of England", None, 0),
            ("", None, 0),
        ];
        for (typed, named, count) in rows {
            let words: Vec<&str> = typed.split_whitespace().collect();
            assert_eq!(starting(&words), named.map(|named| (named, count)), "{typed}");
        }
    }
}
