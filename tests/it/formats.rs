//! Every file under `tests/fixtures`, taken in as `dateline index` would, against what stands beside it.
//!
//! `NAME.expected.json` is a list of what the file holds, in order: the fields of an article that matter, with
//! `paragraphs` for the lines of its body, or `{"fault": reason}`.

use std::path::Path;

use dateline::article::Article;
use dateline::formats::FieldMap;
use dateline::unpack::{Settings, parse, unpack};
use serde_json::{Value, json};

/// The articles and faults of a file, with the fields that `expected` asks for.
fn found(path: &Path, expected: &[Value]) -> Vec<Value> {
    let name = path.file_name().unwrap().to_string_lossy();
    let bytes = std::fs::read(path).unwrap();
    let mut found = Vec::new();
    let again = Box::new(std::io::Cursor::new(bytes.clone()));
    unpack(&name, &bytes[..], Some(again), &Settings::default(), &mut |piece| {
        match piece {
            Ok(raw) => {
                for (_, outcome) in parse(&raw, &FieldMap::new()) {
                    found.push(outcome);
                }
            }
            Err(reject) => found.push(Err(reject)),
        }
        Ok(())
    })
    .unwrap();
    let shown = found.into_iter().enumerate().map(|(index, outcome)| {
        let parsed = match outcome {
            Ok(parsed) => parsed,
            Err(reject) => return json!({"fault": reject.reason}),
        };
        // As it is stored, so it is read back.
        let stored = serde_json::to_string(&parsed.article).unwrap();
        let read = serde_json::from_str::<Article>(&stored);
        assert_eq!(read.unwrap_or_else(|error| panic!("{name}: {error}: {stored}")), parsed.article);
        let article = serde_json::to_value(&parsed.article).unwrap();
        let wanted = expected.get(index).and_then(Value::as_object).cloned().unwrap_or_default();
        let fields = wanted.keys().map(|name| {
            let value = match name.as_str() {
                "paragraphs" => {
                    json!(parsed.article.body.lines().filter(|line| !line.trim().is_empty()).count())
                }
                "warnings" => parsed.warnings.iter().map(|warning| json!(warning.notice)).collect(),
                "body" => json!(parsed.article.body),
                "status" => json!(parsed.article.status),
                _ => article.get(name).cloned().unwrap_or_default(),
            };
            (name.clone(), value)
        });
        Value::Object(fields.collect())
    });
    shown.collect()
}

#[test]
fn every_fixture_is_read_as_it_is_meant() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut files = 0;
    let mut wrong = Vec::new();
    for format in std::fs::read_dir(root).unwrap() {
        let format = format.unwrap().path();
        let mut of_format = 0;
        for file in std::fs::read_dir(&format).unwrap() {
            let path = file.unwrap().path();
            let expected = Path::new(&format!("{}.expected.json", path.display())).to_owned();
            if !expected.exists() {
                continue;
            }
            of_format += 1;
            let expected: Vec<Value> =
                serde_json::from_str(&std::fs::read_to_string(expected).unwrap()).unwrap();
            let found = found(&path, &expected);
            if found != expected {
                wrong.push(format!("{}\n  found    {found:?}\n  expected {expected:?}", path.display()));
            }
        }
        assert!(of_format >= 5, "{}: {of_format} fixtures", format.display());
        files += of_format;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(files >= 80, "{files}");
}
