//! The shape of the code: dependencies run one way, and only where the design says.

use std::collections::BTreeMap;
use std::path::Path;

/// The library's modules, in reading order, with their texts without tests.
fn modules() -> Vec<(String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let root = std::fs::read_to_string(src.join("lib.rs")).unwrap();
    let names = root.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    names
        .map(|name| {
            let mut files = vec![src.join(format!("{name}.rs"))];
            // Parts of a module lie in a directory of its name.
            files.extend(
                std::fs::read_dir(src.join(name)).into_iter().flatten().map(|file| file.unwrap().path()),
            );
            files.retain(|file| file.extension().is_some_and(|extension| extension == "rs"));
            let code = files.iter().flat_map(|file| {
                let text = std::fs::read_to_string(file).unwrap();
                let code = text.split("\n#[cfg(test)]\nmod tests").next().unwrap_or_default();
                let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
                lines.map(str::to_owned).collect::<Vec<_>>()
            });
            (name.to_owned(), code.collect::<Vec<_>>().join("\n"))
        })
        .collect()
}

#[test]
fn modules_name_only_modules_before_them() {
    let modules = modules();
    assert!(modules.len() > 10);
    for (index, (name, code)) in modules.iter().enumerate() {
        for (later, _) in &modules[index + 1..] {
            assert!(
                !code.contains(&format!("crate::{later}")),
                "`{name}` names `{later}`, which comes after it"
            );
        }
    }
}

#[test]
fn every_source_file_is_in_the_reading_order() {
    let names: Vec<String> = modules().into_iter().map(|(name, _)| name).collect();
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            assert!(name == "lib" || names.contains(&name), "`{name}` is not in lib.rs");
        }
    }
}

#[test]
fn the_engine_is_named_only_where_the_essay_says() {
    let using: Vec<String> =
        modules().into_iter().filter(|(_, code)| code.contains("tantivy::")).map(|(name, _)| name).collect();
    assert_eq!(using, ["analyzer", "schema", "index", "ingest", "search"]);
}

#[test]
fn only_a_few_modules_touch_the_disk() {
    let using: Vec<String> = modules()
        .into_iter()
        .filter(|(_, code)| ["std::fs", "fs::", "File::", "stdin()"].iter().any(|mark| code.contains(mark)))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(using, ["corpus", "index"]);
}

#[test]
fn the_library_neither_prints_nor_exits() {
    for (name, code) in modules() {
        for word in ["println!", "eprintln!", "print!(", "process::exit", "stdout()", "stderr()"] {
            assert!(!code.contains(word), "`{name}` has `{word}`");
        }
    }
}

#[test]
fn the_corpus_keeps_its_promises() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut ids: BTreeMap<String, String> = BTreeMap::new();
    let mut count = 0;
    for year in std::fs::read_dir(corpus).unwrap() {
        for file in std::fs::read_dir(year.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let place = path.display().to_string();
            let raw = dateline::unpack::Raw {
                path: place.clone(),
                line: None,
                format: dateline::formats::Format::Text,
                hints: dateline::formats::Hints::default(),
                bytes: std::fs::read(&path).unwrap(),
            };
            let (_, outcome) = dateline::unpack::parse(&raw, &dateline::formats::FieldMap::new()).remove(0);
            let parsed = outcome.unwrap_or_else(|reject| panic!("{}", reject.summary()));
            assert!(parsed.warnings.is_empty(), "{place}: {:?}", parsed.warnings);
            let article = parsed.article;
            let id = article.native_id.unwrap_or_default();
            assert_eq!(id, path.file_stem().unwrap().to_string_lossy(), "{place}");
            assert!(ids.insert(id, place.clone()).is_none(), "{place}: its id is there twice");
            assert!(!article.title.is_empty() && !article.source.is_empty(), "{place}");
            assert!(article.published.is_some() && article.url.is_none(), "{place}");
            assert!(article.body.split("\n\n").count() >= 4, "{place}: fewer than four paragraphs");
            count += 1;
        }
    }
    assert!(count >= 80, "{count} articles");
}
