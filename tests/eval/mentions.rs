//! Names that the tagger reads, against annotated texts.

use dateline::annotate::{Words, hints};
use dateline::article::Span;
use dateline::tagger::annotated::{Annotated, Name};
use dateline::tagger::{Hinted, Kind, Tagger, tagger};
use dateline::words::Analyzer;

use crate::annotated;
use crate::counts::{Count, Counts, print};

/// Tables for texts by the tagger that ships.
pub fn mentions(file: &str) {
    print(&format!("{file}: the tagger"), &seen(&annotated(file), tagger()));
}

/// What is measured together: the three kinds that all sets have.
const CORE: [Kind; 3] = [Kind::Organisation, Kind::Person, Kind::Place];

/// What a tagger reads in texts.
pub fn seen(texts: &[Annotated], tagger: &Tagger) -> Counts {
    let mut analyzer = Analyzer::for_places();
    let mut counts = Counts::new();
    for Annotated { text, names, .. } in texts {
        let tokens = analyzer.tokens(text);
        let hints = hints(Words { text, tokens: &tokens });
        let read = tagger.tag(&[Hinted { text, tokens: &tokens, hints: &hints }]).remove(0);
        if std::env::var_os("ERRORS").is_some() {
            for found in &read {
                if CORE.contains(&found.kind)
                    && !names.iter().any(|name| name.span == found.span && name.kind == Some(found.kind))
                {
                    println!("found  {} {}", found.kind.code(), context(text, found.span));
                }
            }
            for Name { span, kind, .. } in names {
                if let Some(kind) = kind.filter(|kind| CORE.contains(kind))
                    && !read.iter().any(|found| found.kind == kind && found.span == *span)
                {
                    println!("missed {} {}", kind.code(), context(text, *span));
                }
            }
        }
        for kind in Kind::ALL {
            let found: Vec<Span> =
                read.iter().filter(|found| found.kind == kind).map(|found| found.span).collect();
            let annotated: Vec<Span> =
                names.iter().filter(|name| name.kind == Some(kind)).map(|name| name.span).collect();
            let count = Count::of(&annotated, &found);
            counts.entry(kind.code()).or_default().add(count);
            if CORE.contains(&kind) {
                counts.entry("core").or_default().add(count);
            }
        }
    }
    counts
}

/// A name with what stands beside it.
fn context(text: &str, span: Span) -> String {
    let from = text.floor_char_boundary((span.start as usize).saturating_sub(40));
    let to = text.ceil_char_boundary((span.end as usize + 30).min(text.len()));
    format!("{}[{}]{}", &text[from..span.start as usize], span.of(text), &text[span.end as usize..to])
        .replace('\n', " / ")
}
