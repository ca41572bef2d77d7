//! Runs what users would type: the README and every file of `tests/cmd`, against the shipped corpus.

use std::path::Path;
use std::process::Command;

const DATELINE: &str = env!("CARGO_BIN_EXE_dateline");

fn shipped_index(at: &Path) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let done = Command::new(DATELINE)
        .arg("index")
        .arg(corpus)
        .arg("--index")
        .arg(at)
        .arg("--quiet")
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn transcripts_hold() {
    let directory = tempfile::tempdir().unwrap();
    let index = directory.path().join("index");
    shipped_index(&index);
    trycmd::TestCases::new()
        .register_bin("dateline", Path::new(DATELINE).to_owned())
        .env("DATELINE_INDEX", index.to_str().unwrap())
        .env("NO_COLOR", "1")
        .case("README.md")
        .case("tests/cmd/*.md");
}

#[test]
fn every_row_of_the_language_is_run() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| std::fs::read_to_string(root.join(name)).unwrap();
    let run = read("tests/cmd/language.md") + &read("tests/cmd/saved.md");
    let readme = read("README.md");
    let table = readme.split("\n| typed | found |\n|---|---|\n").nth(1).unwrap();
    let rows: Vec<&str> = table.lines().take_while(|line| line.starts_with('|')).collect();
    assert!(rows.len() > 15);
    for row in &rows {
        let typed = row.split(" | ").next().unwrap();
        for query in typed.split('`').skip(1).step_by(2) {
            assert!(
                run.lines().any(|line| line.starts_with("$ ") && line.ends_with(&format!("'{query}'"))),
                "{query}"
            );
        }
    }
    // Every field is in the table, and what it shows is in the help.
    let (_, help, _) = self::run(&["search", "--help"], |_| ());
    assert!(help.ends_with(dateline::query::GRAMMAR), "{help}");
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(self::run(&["man", directory.path().to_str().unwrap()], |_| ()).0, 0);
    let page = std::fs::read_to_string(directory.path().join("dateline-search.1")).unwrap();
    assert!(page.contains("\n.nf\n") && page.contains("\nThe language:\n  query   = side  "), "{page}");
    let rows = rows.concat();
    let fields = dateline::query::FIELDS.map(|(_, field)| field.name());
    for name in fields.iter().chain(&dateline::query::PARTS.map(|(_, part)| part.name())) {
        assert!(rows.contains(&format!("`{name}:")), "{name}");
    }
}

/// Runs the program and gives its status, standard output and standard error.
pub fn run(arguments: &[&str], configure: impl FnOnce(&mut Command)) -> (i32, String, String) {
    let mut command = Command::new(DATELINE);
    command.args(arguments).env_remove("DATELINE_INDEX");
    configure(&mut command);
    let done = command.output().unwrap();
    (
        done.status.code().unwrap_or(-1),
        String::from_utf8(done.stdout).unwrap(),
        String::from_utf8(done.stderr).unwrap(),
    )
}

#[test]
fn failures_are_one_line_and_have_their_codes() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    std::fs::create_dir(at("empty")).unwrap();
    std::fs::write(at("binary"), [0_u8, 159, 146, 150, 0, 1]).unwrap();
    std::fs::write(at("good.jsonl"), "{\"id\": \"1\", \"title\": \"good\", \"body\": \"news\"}\n").unwrap();
    std::fs::create_dir(at("old")).unwrap();
    std::fs::write(at("old/dateline.json"), "{\"format\": 999}").unwrap();
    std::fs::create_dir(at("broken")).unwrap();
    std::fs::write(at("broken/dateline.json"), "{").unwrap();
    let (missing, index) = (at("missing"), at("index"));

    let (code, _, error) = run(&["search", "x", "--index", &missing], |_| ());
    assert_eq!((code, error.lines().count()), (3, 1), "{error}");
    assert!(error.contains("there is no index here; make one with `dateline index`"), "{error}");

    let (code, _, error) = run(&["search", "x", "--index", &at("old")], |_| ());
    assert_eq!((code, error.lines().count()), (3, 1), "{error}");
    assert!(error.contains("format 999"), "{error}");

    let (code, _, error) = run(&["search", "x", "--index", &at("broken")], |_| ());
    assert_eq!((code, error.lines().count()), (3, 1), "{error}");

    let (code, _, error) = run(&["index", &at("empty"), "--index", &index], |_| ());
    assert_eq!(code, 2, "{error}");
    assert!(error.contains("no articles in"), "{error}");

    let (code, _, error) = run(&["index", &missing, "--index", &index], |_| ());
    assert_eq!((code, error.lines().count()), (2, 1), "{error}");

    let (code, out, error) = run(&["index", &at("binary"), &at("good.jsonl"), "--index", &index], |_| ());
    assert_eq!((code, out.as_str()), (5, "1 added, 1 rejected\n"), "{error}");
    assert!(error.contains("rejected: binary: a binary file, not text"), "{error}");
    let kept = std::fs::read_to_string(Path::new(&index).join("rejects.jsonl")).unwrap();
    assert!(kept.contains("\"reason\":\"not-text\""), "{kept}");

    let (code, out, _) = run(&["search", "unheard", "--index", &index], |_| ());
    assert_eq!((code, out.as_str()), (1, ""));
    let (code, out, _) = run(&["search", "good", "--index", &index], |_| ());
    assert_eq!((code, out.lines().count()), (0, 1));
    let (code, ..) = run(&["search", "good", "--region", "nowhere", "--index", &index], |_| ());
    assert_eq!(code, 2);
    let (code, ..) = run(&["search", "--limit", "many"], |_| ());
    assert_eq!(code, 2);
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_is_rejected_and_the_rest_goes_in() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let articles = directory.path().join("articles");
    std::fs::create_dir(&articles).unwrap();
    std::fs::write(articles.join("a.jsonl"), "{\"id\": \"1\", \"title\": \"good\", \"body\": \"news\"}\n")
        .unwrap();
    let secret = articles.join("secret.txt");
    std::fs::write(&secret, "Title\n\nBody").unwrap();
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::File::open(&secret).is_ok() {
        // Nothing is unreadable to root; a dangling link is.
        std::fs::remove_file(&secret).unwrap();
        std::os::unix::fs::symlink(articles.join("gone.txt"), &secret).unwrap();
    }
    let index = directory.path().join("index");
    let (code, out, error) =
        run(&["index", articles.to_str().unwrap(), "--index", index.to_str().unwrap()], |_| ());
    assert_eq!((code, out.as_str()), (5, "1 added, 1 rejected\n"), "{error}");
    assert!(error.contains("rejected: articles/secret.txt: "), "{error}");
}

#[test]
fn an_index_whose_manifest_is_lost_keeps_its_articles() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    for name in ["a", "b"] {
        let line = format!(r#"{{"id": "{name}", "title": "Tin", "body": "Tin {name}."}}"#);
        std::fs::write(at(&format!("{name}.jsonl")), line).unwrap();
    }
    let index = at("index");
    for arguments in [&["index", &at("a.jsonl")[..]][..], &["reindex"]] {
        assert_eq!(run(&[arguments, &["--index", &index]].concat(), |_| ()).0, 0);
    }
    let manifest = directory.path().join("index/dateline.json");
    let kept = std::fs::read(&manifest).unwrap();
    std::fs::remove_file(&manifest).unwrap();
    let (code, _, error) = run(&["index", &at("b.jsonl"), "--index", &index], |_| ());
    assert_eq!(code, 3, "{error}");
    std::fs::write(&manifest, kept).unwrap();
    let (code, out, error) = run(&["search", "tin", "--template", "{native_id}", "--index", &index], |_| ());
    assert_eq!((code, out.as_str()), (0, "a\n"), "{error}");
}

#[test]
fn what_a_map_leaves_is_kept_and_read_back() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let line =
        r#"{"head": "Tin", "body": "Tin rose.", "source": "Desk", "url": {"a": 1}, "published": "soon"}"#;
    std::fs::write(at("a.jsonl"), line).unwrap();
    let index = at("index");
    let (code, _, error) = run(&["index", &at("a.jsonl"), "--map", "title=head", "--index", &index], |_| ());
    assert_eq!(code, 0, "{error}");
    let (code, out, error) = run(&["search", "tin", "--template", "{title}", "--index", &index], |_| ());
    assert_eq!((code, out.as_str()), (0, "Tin\n"), "{error}");
}

#[test]
fn a_url_finds_its_article() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let rows = [("1", "https://news.example/tin-rises"), ("2", "https://news.example/tin-falls")]
        .map(|(id, url)| format!(r#"{{"id": "{id}", "url": "{url}", "title": "Tin", "body": "Tin {id}."}}"#));
    std::fs::write(at("news.jsonl"), rows.join("\n")).unwrap();
    let index = at("index");
    let (code, ..) = run(&["index", &at("news.jsonl"), "--index", &index], |_| ());
    assert_eq!(code, 0);
    let template = ["--template", "{native_id}", "--index", &index];
    let ask = |typed: &str| run(&[&["search", typed][..], &template].concat(), |_| ());
    assert_eq!(ask(" https://news.example/tin-falls").1, "2\n");
    let (code, out, error) = ask("https://news.example/tin-stays");
    assert_eq!((code, out.as_str()), (1, ""), "{error}");
    assert!(error.contains("no article has this url"), "{error}");
    // The end of time is no day of its own.
    let (code, out, error) =
        run(&["trend", "tin", "--until", "9999", "--by", "day", "--index", &index], |_| ());
    assert_eq!((code, out.lines().count()), (1, 1), "{error}");
}

#[test]
fn a_closed_pipe_is_no_error() {
    let directory = tempfile::tempdir().unwrap();
    let index = directory.path().join("index");
    shipped_index(&index);
    let mut child = Command::new(DATELINE)
        .args([
            "search",
            "the bank",
            "-n",
            "100",
            "--passages",
            "20",
            "--json",
            "--index",
            index.to_str().unwrap(),
        ])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let done = child.wait_with_output().unwrap();
    assert_eq!((done.status.code(), String::from_utf8_lossy(&done.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn text_of_articles_never_reaches_the_terminal_raw() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("a.jsonl");
    let hostile = serde_json::json!({
        "id": "\u{1b}]0;id\u{7}", "title": "Oil \u{1b}[2J\u{202e}title", "body": "Oil \u{1b}[31mred\u{9b}1m \u{7}bell.",
        "source": "Desk\u{1b}[1m", "url": "https://example.org/\u{1b}[5m",
    });
    std::fs::write(&file, hostile.to_string()).unwrap();
    let index = directory.path().join("index");
    let index = index.to_str().unwrap();
    run(&["index", file.to_str().unwrap(), "--index", index], |_| ());
    for arguments in [
        &["search", "oil", "--format", "text", "--color", "never"][..],
        &["search", "oil", "--format", "lines"],
        &["search", "oil", "--json"],
        &["search", "oil", "--jsonl"],
        &["search", "oil", "--format", "csv"],
        &["search", "oil", "--template", "{rank} {title} {passage} {url} {source} {native_id}"],
        &["with", "query:oil", "--words", "--format", "text", "--color", "never"],
        &["similar", "https://example.org/\u{1b}[5m", "--format", "text", "--color", "never"],
        &["trend", "oil \u{1b}[1m", "--format", "text", "--color", "never"],
        &["why-not", "https://example.org/\u{1b}[5m", "gas source:x \u{1b}[1m", "--color", "never"],
        &["show", "https://example.org/\u{1b}[5m", "--color", "never"],
        &["show", "https://example.org/\u{1b}[5m", "--json"],
        &["stats"],
        &["show", "none\u{1b}[1m"],
    ] {
        let (_, out, error) = run(&[arguments, &["--index", index]].concat(), |_| ());
        for text in [out, error] {
            let raw = text.chars().find(|c| (c.is_control() && *c != '\n' && *c != '\t') || *c == '\u{202e}');
            // JSON may hold a direction mark, which is text there.
            let is_json = text.starts_with('{');
            assert!(
                raw.is_none() || (is_json && raw == Some('\u{202e}')) || (is_json && raw == Some('\u{9b}')),
                "{arguments:?}: {text:?}"
            );
        }
    }
}

#[test]
fn a_bad_line_of_a_batch_keeps_nobody_from_the_rest() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let article = serde_json::json!({"id": "1", "title": "Tin", "body": "=Tin, \"lead\" and zinc."});
    std::fs::write(at("a.jsonl"), article.to_string()).unwrap();
    run(&["index", &at("a.jsonl"), "--index", &at("index")], |_| ());
    let queries = format!("tin\r\n# nothing\n\n{}\nzinc", "tin ".repeat(2000));
    std::fs::write(at("queries.txt"), queries).unwrap();
    let batch = ["search", "--batch", &at("queries.txt"), "--index", &at("index")];
    let (code, out, error) = run(&batch, |_| ());
    assert_eq!(code, 5, "{error}");
    assert!(error.starts_with("line 4: the query is a text of "), "{error}");
    let lines: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<_> =
        lines.iter().map(|line| (line["type"].as_str().unwrap(), line["line"].as_u64().unwrap())).collect();
    assert_eq!(told, [("summary", 1), ("hit", 1), ("error", 4), ("summary", 5), ("hit", 5)]);
    assert!(lines[..2].iter().all(|line| line["query"] == "tin"), "{out}");
    let (code, out, _) = run(&["search", "tin", "--format", "csv", "--index", &at("index")], |_| ());
    let head = "rank,tier,score,address,published,source,title,passage,url,entities,regions,copies\n";
    assert_eq!(code, 0);
    assert!(out.starts_with(head) && out.contains(",\"'=Tin, \"\"lead\"\" and zinc.\","), "{out}");
}

/// What bash is told where the cursor is at the end of the last word.
fn completed(index: &str, words: &[&str]) -> Vec<String> {
    let arguments: Vec<&str> = ["--", "dateline"].iter().chain(words).copied().collect();
    let (code, out, error) = run(&arguments, |command| {
        command
            .env("DATELINE_COMPLETE", "bash")
            .env("DATELINE_INDEX", index)
            .env("_CLAP_COMPLETE_INDEX", words.len().to_string());
    });
    assert_eq!((code, error.as_str()), (0, ""), "{words:?}");
    out.lines().map(str::to_owned).collect()
}

#[test]
fn shells_complete_what_the_index_knows() {
    let directory = tempfile::tempdir().unwrap();
    let index = directory.path().join("index");
    shipped_index(&index);
    let index = index.to_str().unwrap();
    run(&["saved", "add", "rates", "interest rates", "--index", index], |_| ());
    let rows: [(&[&str], &[&str]); 19] = [
        (&["tre"], &["trend"]),
        (&["search", "--region", "eastern a"], &["Eastern\\ Africa", "Eastern\\ Asia"]),
        (&["search", "--region", "US-CA"], &["US-CA"]),
        (&["trend", "x", "--entity", "bank of eng"], &["Bank\\ of\\ England"]),
        (&["search", "--source", "harb"], &["Harbour\\ Wire"]),
        (&["search", "--lang", ""], &["en"]),
        (&["search", "--facets", "year,entity/p"], &["year,entity/person"]),
        (&["saved", "run", ""], &["rates"]),
        (&["search", "--source", "zzyzx"], &[]),
        // Within a query, of one word, or of three as bash has it.
        (&["search", "oil", "reg"], &["region:"]),
        (&["search", "oil (source"], &["oil\\ \\(source-region:", "oil\\ \\(source:"]),
        (&["search", "-lang:"], &["-lang:en"]),
        (&["search", "region:south-e"], &["region:\\\"South-eastern\\ Asia\\\""]),
        (&["search", "region", ":", "thai"], &["Thailand"]),
        (&["parse", "oil about:lazad"], &["oil\\ about:Lazada"]),
        (&["trend", "is:c"], &["is:copy", "is:corrected"]),
        (&["why-not", "8f63", "@"], &["@rates"]),
        (&["search", "zzyzx:a"], &[]),
        (&["delete", "--query", "section:ship"], &["section:Shipping"]),
    ];
    for (words, expected) in rows {
        let found = completed(index, words);
        let values: Vec<&String> = found.iter().filter(|value| !value.starts_with("--")).collect();
        assert_eq!(values, expected, "{words:?}");
    }
    assert_eq!(completed("missing", &["search", "--source", "h"]), [""; 0]);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (code, out, _) = run(&["completions", shell], |_| ());
        assert!(code == 0 && out.contains("DATELINE_COMPLETE"), "{shell}");
    }
}

#[test]
fn articles_are_deleted_by_id_or_query_and_not_by_mistake() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let lines: Vec<String> = (0..6)
        .map(|number| {
            let source = if number % 2 == 0 { "Even" } else { "Odd" };
            format!("{{\"id\": \"n{number}\", \"title\": \"Tin {number}\", \"body\": \"Tin rose.\", \"source\": \"{source}\"}}\n")
        })
        .collect();
    std::fs::write(at("a.jsonl"), lines.concat()).unwrap();
    let index = at("index");
    run(&["index", &at("a.jsonl"), "--index", &index], |_| ());
    let delete = |arguments: &[&str]| {
        let (code, out, error) = run(&[&["delete", "--index", &index], arguments].concat(), |_| ());
        (code, out.lines().count(), error)
    };
    assert_eq!(delete(&["n1", "--dry-run"]).1, 1);
    assert_eq!(delete(&["n1"]).0, 0);
    assert_eq!(delete(&["n1"]).0, 2);
    assert_eq!(delete(&["--query", ""]).0, 2);
    assert_eq!(delete(&["--query", "copper", "--yes"]).0, 1);
    let (code, _, error) = delete(&["--query", "tin", "--source", "even"]);
    assert_eq!(code, 2);
    assert!(error.contains("would delete 3 articles"), "{error}");
    assert_eq!(delete(&["--query", "tin", "--source", "even", "--dry-run"]).1, 3);
    assert_eq!(delete(&["--query", "tin", "--source", "even", "--yes"]).0, 0);
    let (_, out, _) = run(&["search", "tin", "--index", &index], |_| ());
    assert_eq!(out.lines().count(), 2);
}

#[test]
fn nothing_is_deleted_by_a_guess() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let words: Vec<String> = (0..64).map(|number| format!("w{number}")).collect();
    let words = words.join(" ");
    let far =
        format!("Japan cut. Japan rose. Japan fell. {} A ship left for Chile.", "Japan grew. ".repeat(20));
    let rows = [
        ("cuts", "Job cuts in Austin, Texas."),
        ("many", &words),
        ("bank", "The Federal Reserve met."),
        ("ship", &far),
    ]
    .map(|(id, body)| serde_json::json!({"id": id, "title": id, "body": body, "source": "Desk"}).to_string());
    std::fs::write(at("a.jsonl"), rows.join("\n")).unwrap();
    let index = at("index");
    run(&["index", &at("a.jsonl"), "--index", &index], |_| ());
    let too_many = format!("{words} notthere");
    let unclear = |what: &str| format!("error: {what}; nothing is deleted by a query that is unclear\n");
    let nothing = || "nothing found\n".to_owned();
    for (query, flags, code, expected) in [
        ("stem(cuts)", &[][..], 0, String::new()),
        (&words, &[], 0, String::new()),
        // What says the same was not typed.
        ("layoffs", &[], 1, nothing()),
        ("Fed", &["--source", "desk"], 1, nothing()),
        (&too_many, &[], 2, unclear("the last 1 words of the query were passed over")),
        ("region:houston", &[], 2, unclear("houston is read as Texas (US-TX)")),
        ("cuts", &["--region", "houston"], 2, unclear("houston is read as Texas (US-TX)")),
        // That more mention it is no doubt of what was asked for.
        ("region:CL", &[], 1, nothing()),
        ("grew", &["--region", "CL"], 1, nothing()),
        ("cuts -source:nobody", &[], 2, unclear("unknown source `nobody`; the most frequent are `Desk`")),
    ] {
        let arguments = [&["delete", "--index", &index, "--dry-run", "--query", query], flags].concat();
        let (found, _, error) = run(&arguments, |_| ());
        assert_eq!((found, error), (code, expected), "{query} {flags:?}");
    }
}

#[test]
fn a_directory_is_followed() {
    let directory = tempfile::tempdir().unwrap();
    let files = directory.path().join("files");
    std::fs::create_dir(&files).unwrap();
    std::fs::write(files.join("one.txt"), "One\n\nTin rose.").unwrap();
    let index = directory.path().join("index").to_str().unwrap().to_owned();
    let mut watch = Command::new(DATELINE)
        .args(["watch", files.to_str().unwrap(), "--delete-missing", "--index", &index, "--quiet"])
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let found = |wanted: usize| {
        // As long as a slow machine may need; a quick one is done in two seconds.
        (0..300).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(100));
            run(&["search", "tin", "--index", &index, "--quiet"], |_| ()).1.lines().count() == wanted
        })
    };
    let first = found(1);
    std::fs::write(files.join("two.txt"), "Two\n\nTin fell.").unwrap();
    let second = found(2);
    std::fs::remove_file(files.join("one.txt")).unwrap();
    let third = found(1);
    watch.kill().unwrap();
    watch.wait().unwrap();
    assert!(first && second && third, "{first} {second} {third}");
}
