//! What names stand for, row by row: `names.tsv` has a text, with `\n` for a line break, and what the tables and rules
//! find in it.

use std::path::Path;

use dateline::annotate::{Referent, Tier, Words, annotate};
use dateline::words::Analyzer;

#[test]
fn names_stand_for_what_the_text_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/names.tsv");
    let table = std::fs::read_to_string(path).unwrap();
    let mut analyzer = Analyzer::for_places();
    let mut wrong = Vec::new();
    let mut rows = 0;
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let (text, expected) = line.split_once('\t').unwrap();
        let text = &text.replace("\\n", "\n");
        let (none, tokens) = (analyzer.tokens(""), analyzer.tokens(text));
        let title = Words { text: "", tokens: &none };
        let found = annotate(title, Words { text, tokens: &tokens }, None, &[], Tier::Rules);
        let shown: Vec<String> = found
            .mentions
            .iter()
            .map(|mention| {
                let id = match &mention.referent {
                    Referent::Region(code) => code.to_string(),
                    Referent::Entity(id) => id.to_string(),
                };
                format!("{}={id}", mention.span.of(text))
            })
            .collect();
        rows += 1;
        if shown.join("; ") != expected {
            wrong.push(format!("{text}\n  expected {expected}\n  found    {}", shown.join("; ")));
        }
    }
    assert!(rows > 200);
    assert!(wrong.is_empty(), "{} of {rows} rows:\n{}", wrong.len(), wrong.join("\n"));
}
