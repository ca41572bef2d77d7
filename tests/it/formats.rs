//! Every file under `tests/fixtures`, taken in as `dateline index` would, against what stands beside it.
//!
//! `NAME.expected.json` is a list of what the file holds, in order: the fields of an article that matter, with
//! `paragraphs` for the lines of its body, or `{"fault": reason}`.
//!
//! And the same files broken in random places; `DATELINE_CASES=100000` tries more of them, `DATELINE_SEED` others.

use std::io::Write;
use std::path::Path;

use dateline::article::Article;
use dateline::formats::FieldMap;
use dateline::unpack::{Settings, parse, unpack};
use serde_json::{Value, json};

use crate::language::{Random, setting};

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

/// Every file of the fixtures, as it is and packed.
fn seeds() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let folders = std::fs::read_dir(root).unwrap().map(|folder| folder.unwrap().path());
    let mut paths: Vec<_> = folders
        .flat_map(|folder| std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()))
        .filter(|path| !path.to_string_lossy().ends_with(".expected.json"))
        .collect();
    paths.sort();
    let plain: Vec<Vec<u8>> = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let mut tape = tar::Builder::new(Vec::new());
    for (number, bytes) in plain.iter().enumerate().step_by(9) {
        archive.start_file(format!("{number}"), zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        tape.append_data(&mut header, format!("{number}"), &bytes[..]).unwrap();
    }
    let tape = tape.into_inner().unwrap();
    let mut squeezed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    squeezed.write_all(&tape).unwrap();
    let packed = [
        archive.finish().unwrap().into_inner(),
        squeezed.finish().unwrap(),
        zstd::encode_all(&plain.concat()[..], 1).unwrap(),
        tape,
    ];
    plain.into_iter().chain(packed).collect()
}

#[test]
fn no_broken_file_panics_and_what_is_read_can_be_stored() {
    let (cases, seed) = (setting("DATELINE_CASES", 2_000), setting("DATELINE_SEED", 5));
    let mut random = Random(seed);
    let seeds = seeds();
    for case in 0..cases {
        let mut bytes = seeds[random.below(seeds.len())].clone();
        for _ in 0..=random.below(6) {
            let at = random.below(bytes.len() + 1);
            let end = (at + random.below(40)).min(bytes.len());
            match random.below(6) {
                0 => bytes.truncate(at),
                1 => drop(bytes.drain(at..end)),
                2 => {
                    let again = bytes[at..end].to_vec();
                    let to = random.below(bytes.len() + 1);
                    bytes.splice(to..to, again);
                }
                3 => {
                    let other = &seeds[random.below(seeds.len())];
                    let from = random.below(other.len() + 1);
                    bytes.splice(at..end, other[from..(from + 40).min(other.len())].iter().copied());
                }
                _ => bytes[at..end].fill_with(|| u8::try_from(random.below(256)).unwrap()),
            }
        }
        let again = Box::new(std::io::Cursor::new(bytes.clone()));
        let read = std::panic::catch_unwind(|| {
            unpack("x", &bytes[..], Some(again), &Settings::default(), &mut |piece| {
                let outcomes = piece.iter().flat_map(|raw| parse(raw, &FieldMap::new()));
                for parsed in outcomes.filter_map(|(_, outcome)| outcome.ok()) {
                    let stored = serde_json::to_string(&parsed.article).unwrap();
                    assert_eq!(serde_json::from_str::<Article>(&stored).unwrap(), parsed.article, "{stored}");
                }
                Ok(())
            })
        });
        assert!(read.is_ok_and(|read| read.is_ok()), "case {case} of seed {seed}");
    }
}
