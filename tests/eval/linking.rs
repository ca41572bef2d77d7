//! Names that get an id, against annotated texts.
//!
//! What an id is for must be marked where the mention stands: an organisation or a company as `ORG`, a person as `PER`, a
//! region as `LOC` or, by its people, as `DEM`, a bare ticker as `TICK`. Whether it is the right one of its kind only a reader
//! can tell, see `links`. A possessive and the dot behind `Inc.` count neither way.

use dateline::annotate::{Mention, Part, Referent, Rule, Tier, Words, annotate};
use dateline::article::Span;
use dateline::tagger::Kind;
use dateline::words::{Analyzer, Tokens};

use crate::annotated;
use crate::counts::{Count, Counts, print};

/// What ids are of: how the table calls it, and the kinds that are marked for it.
const SORTS: [(&str, &[Kind]); 4] = [
    ("ORG", &[Kind::Organisation]),
    ("PER", &[Kind::Person]),
    ("LOC, DEM", &[Kind::Place, Kind::Demonym]),
    ("TICK", &[Kind::Ticker]),
];

/// Tables by tier.
pub fn linking(file: &str) {
    let texts = annotated(file);
    let mut analyzer = Analyzer::for_places();
    for tier in [Tier::Rules, Tier::Full] {
        let mut counts = Counts::new();
        for text in &texts {
            let (none, tokens) = (Tokens::default(), analyzer.tokens(&text.text));
            let words = Words { text: &text.text, tokens: &tokens };
            let mentions = annotate(Words { text: "", tokens: &none }, words, None, &[], tier).mentions;
            for (sort, kinds) in SORTS {
                let marked =
                    text.names.iter().filter(|name| name.kind.is_some_and(|kind| kinds.contains(&kind)));
                let marked: Vec<Span> = marked.map(|name| trimmed(words.text, name.span)).collect();
                let of_sort: Vec<&Mention> = mentions
                    .iter()
                    .filter(|mention| mention.part == Part::Body && sort_of(mention) == sort)
                    .collect();
                let spans = |mentions: &[&Mention]| -> Vec<Span> {
                    mentions.iter().map(|mention| trimmed(words.text, mention.span)).collect()
                };
                counts.entry(sort).or_default().add(Count::of(&marked, &spans(&of_sort)));
            }
        }
        print(&format!("{file}: ids, tier {}", tier.name()), &counts);
    }
}

fn sort_of(mention: &Mention) -> &'static str {
    match &mention.referent {
        Referent::Region(_) => "LOC, DEM",
        Referent::Entity(id) if id.as_str().starts_with("per:") => "PER",
        Referent::Entity(_) if mention.rule == Rule::Ticker => "TICK",
        Referent::Entity(_) => "ORG",
    }
}

/// A span without a possessive or a dot at its end.
fn trimmed(text: &str, span: Span) -> Span {
    let mut written = span.of(text);
    for end in ["'s", "’s", "'S", "’S", "'", "’", "."] {
        written = written.strip_suffix(end).unwrap_or(written);
    }
    Span::new(span.start as usize, span.start as usize + written.len())
}
