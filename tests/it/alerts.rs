//! Saved queries and their alerts, from the command line.

use std::path::Path;

use crate::transcripts::run;

/// A directory with an index in it and a file to take in.
struct Desk {
    directory: tempfile::TempDir,
}

impl Desk {
    fn new() -> Desk {
        Desk { directory: tempfile::tempdir().unwrap() }
    }

    fn at(&self, name: &str) -> String {
        self.directory.path().join(name).to_str().unwrap().to_owned()
    }

    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        run(&[arguments, &["--index", &self.at("index")]].concat(), |_| ())
    }

    /// Takes in articles, an id and a body each, and gives what alerts said, without what `index` itself says.
    fn index(&self, articles: &[(&str, &str)], flags: &[&str]) -> (Vec<String>, String) {
        let lines: Vec<String> = articles
            .iter()
            .map(|(id, body)| {
                serde_json::json!({"id": id, "title": id, "body": body, "source": "Desk"}).to_string() + "\n"
            })
            .collect();
        std::fs::write(self.at("a.jsonl"), lines.concat()).unwrap();
        let (code, out, error) = self.run(&[&["index", &self.at("a.jsonl")], flags].concat());
        assert_eq!(code, 0, "{error}");
        let told =
            out.lines().filter(|line| line.starts_with("alert\t") || line.starts_with("{\"type\":\"alert\""));
        (told.map(str::to_owned).collect(), error)
    }
}

/// The publisher's ids of lines of alerts, which are their titles here.
fn titles(lines: &[String]) -> Vec<&str> {
    lines.iter().map(|line| line.split('\t').nth(8).unwrap()).collect()
}

#[test]
fn alerts_tell_each_article_once() {
    let desk = Desk::new();
    assert!(desk.index(&[("one", "Tin rose."), ("two", "Zinc fell.")], &[]).0.is_empty());
    let (code, out, error) = desk.run(&["saved", "add", "tin", "tin", "--source", "desk", "--alert"]);
    assert_eq!(
        (code, out.as_str()),
        (0, "tin saved; its alert tells what comes beside the 1 articles found now\n"),
        "{error}"
    );
    desk.run(&["saved", "add", "silent", "zinc"]);

    // What was there is not told, nor what is there again.
    assert!(desk.index(&[("one", "Tin rose.")], &[]).0.is_empty());
    let (told, _) = desk.index(&[("one", "Tin rose."), ("three", "Tin and zinc."), ("four", "Zinc.")], &[]);
    assert_eq!(titles(&told), ["three"]);
    assert!(told[0].starts_with("alert\ttin\t1\tall\t") && told[0].ends_with("\tTin and zinc."), "{told:?}");
    assert!(desk.index(&[("three", "Tin and zinc.")], &[]).0.is_empty());
    // Changed, it is the same article; one that has the word only now is new.
    let (told, _) = desk.index(&[("three", "Tin, zinc and lead."), ("four", "Zinc, with tin.")], &[]);
    assert_eq!(titles(&told), ["four"]);
    // With every word, as `search --all-words` finds.
    desk.run(&["saved", "add", "both", "tin copper", "--alert"]);
    let (told, _) = desk.index(&[("five", "Copper."), ("six", "Copper, tin.")], &[]);
    assert_eq!(titles(&told), ["six", "six"]);
}

#[test]
fn an_alert_that_was_not_delivered_comes_again() {
    let desk = Desk::new();
    desk.index(&[("one", "Zinc.")], &[]);
    desk.run(&["saved", "add", "tin", "tin", "--alert"]);
    let (told, _) = desk.index(&[("two", "Tin.")], &["--alerts", "off"]);
    assert!(told.is_empty());
    let (told, error) = desk.index(&[("three", "Tin.")], &["--alert-exec", "cat > /dev/null; exit 7"]);
    assert!(told.is_empty());
    assert!(
        error.contains("warning: alert tin: ") && error.contains("its articles come again next time"),
        "{error}"
    );
    let kept = desk.at("kept");
    desk.index(
        &[("two", "Tin.")],
        &["--alert-exec", &format!("cat > {kept}; echo $DATELINE_ALERT >> {kept}")],
    );
    let kept = std::fs::read_to_string(Path::new(&kept)).unwrap();
    let lines: Vec<&str> = kept.lines().collect();
    assert_eq!((lines.len(), lines[2]), (3, "tin"), "{kept}");
    for line in &lines[..2] {
        let told: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!((told["type"].as_str(), told["alert"].as_str()), (Some("alert"), Some("tin")));
        assert_eq!(told["passages"][0]["text"], "Tin.");
    }
    let (told, _) = desk.index(&[("two", "Tin."), ("four", "Tin.")], &["--alerts", "jsonl"]);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("\"native_id\":\"four\""), "{told:?}");
    // A query that cannot be asked just now keeps nobody from the rest.
    desk.run(&["saved", "add", "by-desk", "tin", "--source", "Desk", "--alert"]);
    desk.run(&["delete", "--query", "", "--source", "Desk", "--yes"]);
    let (told, _) = desk.index(&[("five", "Tin.")], &[]);
    assert_eq!(titles(&told), ["five", "five"]);
}

#[test]
fn a_followed_directory_tells_alerts() {
    let desk = Desk::new();
    desk.index(&[("one", "Tin rose.")], &[]);
    desk.run(&["saved", "add", "tin", "tin", "--alert"]);
    let files = desk.directory.path().join("files");
    std::fs::create_dir(&files).unwrap();
    std::fs::write(files.join("two.txt"), "Two\n\nTin fell.").unwrap();
    let said = desk.at("said");
    let mut watch = std::process::Command::new(env!("CARGO_BIN_EXE_dateline"))
        .args(["watch", files.to_str().unwrap(), "--index", &desk.at("index"), "--quiet"])
        .stdout(std::fs::File::create(&said).unwrap())
        .spawn()
        .unwrap();
    // As long as a slow machine may need; a quick one is done in two seconds.
    let told = |wanted: &[&str]| {
        (0..300).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(100));
            let said = std::fs::read_to_string(&said).unwrap();
            let lines: Vec<&str> = said.lines().filter(|line| line.starts_with("alert\ttin\t")).collect();
            lines.iter().map(|line| line.split('\t').nth(8).unwrap()).eq(wanted.iter().copied())
        })
    };
    // What is there when it starts, then what comes, each once.
    let first = told(&["Two"]);
    std::fs::write(files.join("three.txt"), "Three\n\nZinc fell.").unwrap();
    std::fs::write(files.join("four.txt"), "Four\n\nTin rose again.").unwrap();
    let second = told(&["Two", "Four"]);
    std::fs::write(files.join("two.txt"), "Two\n\nTin fell, and fell.").unwrap();
    std::fs::write(files.join("five.txt"), "Five\n\nTin was traded.").unwrap();
    let third = told(&["Two", "Four", "Five"]);
    watch.kill().unwrap();
    watch.wait().unwrap();
    assert!(
        first && second && third,
        "{first} {second} {third}: {}",
        std::fs::read_to_string(&said).unwrap()
    );
}

#[test]
fn a_query_with_saved_ones_in_it_means_the_same_everywhere() {
    let desk = Desk::new();
    desk.index(&[("none", "Nothing happened here, and so there was nobody who could have told of it.")], &[]);
    let saved: [&[&str]; 5] = [
        &["metals", "tin OR zinc"],
        &["desk", "--source", "desk", "--copies"],
        &["falling", "@metals SENT (fell OR slid)"],
        &["not-lead", "@falling -lead", "--lang", "en"],
        &["both", "monday @not-lead @desk", "--all-words"],
    ];
    for row in saved {
        let (code, _, error) = desk.run(&[&["saved", "add"], row, &["--alert"]].concat());
        assert_eq!(code, 0, "{row:?} {error}");
    }
    let bodies = [
        ("a", "Tin fell on Monday in thin trading, as it had done for most of the week."),
        ("b", "Tin rose. Copper fell on Monday in thin trading after a good week for others."),
        ("c", "Zinc slid with lead on Monday, and few were left who would have bought it."),
        ("d", "Zinc slid on Monday, and what there was to say of it was said by everybody."),
        (
            "e",
            "Le zinc a baissé lundi, et personne ne savait pourquoi ; les prix du plomb sont restés les mêmes.",
        ),
    ];
    let (told, error) = desk.index(&bodies, &[]);
    for (name, expected) in [
        ("metals", "a b c d e"),
        ("desk", "a b c d e none"),
        ("falling", "a c d"),
        ("not-lead", "a d"),
        ("both", "a d"),
    ] {
        let mut alerted: Vec<&str> = told
            .iter()
            .filter(|line| line.split('\t').nth(1) == Some(name))
            .map(|line| line.split('\t').nth(8).unwrap())
            .collect();
        alerted.sort_unstable();
        alerted.dedup();
        // What was there before is not told.
        assert_eq!(alerted.join(" "), expected.trim_end_matches(" none"), "alert {name} {error}");
        let found = |arguments: &[&str]| {
            let (_, out, _) = desk.run(&[arguments, &["--template", "{native_id}"]].concat());
            let mut ids: Vec<String> = out.lines().map(str::to_owned).collect();
            ids.sort_unstable();
            ids.join(" ")
        };
        assert_eq!(found(&["search", &format!("@{name}")]), expected, "search {name}");
        let (_, deleted, _) = desk.run(&["delete", "--query", &format!("@{name}"), "--dry-run"]);
        assert_eq!(deleted.lines().count(), expected.split_whitespace().count(), "delete {name}");
        let (_, trend, _) = desk.run(&["trend", &format!("@{name}"), "--json"]);
        let trend: serde_json::Value = serde_json::from_str(&trend).unwrap();
        assert!(!trend["read_as"].as_str().unwrap().contains('@'), "{trend}");
        for id in ["a", "none"] {
            let (_, why, _) = desk.run(&["why-not", id, &format!("@{name}"), "--json"]);
            let why: serde_json::Value = serde_json::from_str(&why).unwrap();
            assert_eq!(
                why["found"].is_object(),
                expected.split(' ').any(|found| found == id),
                "why-not {name} {why}"
            );
        }
    }
    // A name that is gone is an error, and an alert that has it keeps nobody from the others.
    let (code, _, error) = desk.run(&["saved", "remove", "metals"]);
    assert_eq!(code, 0);
    assert_eq!(error, "warning: `falling` has `@metals` in it and cannot be asked any more\n");
    let (code, _, error) = desk.run(&["search", "@falling"]);
    assert_eq!(code, 2);
    assert!(error.starts_with("error: no saved query `@metals`;"), "{error}");
    desk.run(&["saved", "add", "tin", "tin", "--alert"]);
    let (told, error) = desk.index(&[("f", "Tin.")], &[]);
    assert!(told.iter().any(|line| line.starts_with("alert\ttin\t")), "{told:?}");
    assert!(error.contains("warning: alert falling: no saved query `@metals`;"), "{error}");
    let (code, _, error) = desk.run(&["saved", "add", "metals", "@falling", "--replace"]);
    assert_eq!((code, error.contains("no saved query")), (2, true), "{error}");
    let (code, _, error) = desk.run(&["saved", "add", "tin", "@tin zinc", "--replace"]);
    assert_eq!((code, error.as_str()), (2, "error: a saved query refers to itself: `@tin` -> `@tin`\n"));
}

#[test]
fn saved_queries_outlive_the_index_they_were_saved_with() {
    let desk = Desk::new();
    desk.index(&[("one", "Tin.")], &[]);
    desk.run(&["saved", "add", "tin", "tin", "--alert"]);
    assert_eq!(desk.run(&["reindex"]).0, 0);
    assert_eq!(titles(&desk.index(&[("one", "Tin."), ("two", "Tin.")], &[]).0), ["two"]);
    assert_eq!(desk.run(&["saved", "run", "tin"]).1.lines().count(), 2);
    assert_eq!(desk.run(&["saved", "remove", "tin"]).0, 0);
    assert!(desk.index(&[("three", "Tin.")], &[]).0.is_empty());
    assert_eq!(desk.run(&["saved", "run", "tin"]).0, 2);
    assert_eq!(desk.run(&["saved", "list"]), (0, String::new(), String::new()));
}

#[test]
fn what_cannot_be_saved_changes_nothing() {
    let desk = Desk::new();
    desk.index(&[("one", "Tin.")], &[]);
    desk.run(&["saved", "add", "x", "tin", "--alert"]);
    desk.run(&["saved", "add", "y", "@X zinc"]);
    let files =
        || ["saved.json", "alert-x"].map(|name| std::fs::read(desk.at(&format!("index/{name}"))).unwrap());
    let before = files();
    for flags in [&["--replace"][..], &["--replace", "--alert"], &[]] {
        let (code, _, error) = desk.run(&[&["saved", "add", "x", "@y"], flags].concat());
        assert_eq!((code, files() == before), (2, true), "{flags:?} {error}");
    }
    assert_eq!(titles(&desk.index(&[("one", "Tin."), ("two", "Tin.")], &[]).0), ["two"]);
    let (code, _, error) = desk.run(&["saved", "remove", "x"]);
    assert_eq!((code, error.as_str()), (0, "warning: `y` has `@x` in it and cannot be asked any more\n"));
}

#[test]
fn a_saved_filter_that_nobody_knows_is_an_error() {
    let desk = Desk::new();
    desk.index(&[("one", "Tin.")], &[]);
    for (file, expected) in [
        (
            r#"{"version": 1, "queries": {"x": {"query": "tin", "sources": ["Desk"]}}}"#,
            "unknown field `sources`",
        ),
        (r#"{"version": 1, "query": {}, "queries": {}}"#, "unknown field `query`"),
        (r#"{"version": 2, "groups": {}}"#, "are of version 2, and this dateline reads 1"),
    ] {
        std::fs::write(desk.at("index/saved.json"), file).unwrap();
        let (code, _, error) = desk.run(&["saved", "run", "x"]);
        assert!(code == 3 && error.contains(expected), "{code} {error}");
    }
}

#[test]
fn a_trend_is_drawn_into_a_file() {
    let desk = Desk::new();
    desk.index(&[("one", "Tin.")], &[]);
    let (code, out, error) = desk.run(&["trend", "tin", "--svg", &desk.at("none.svg")]);
    assert_eq!(
        (code, out.as_str(), error.as_str()),
        (1, "step,start,count,articles,all,share,lift\n", "nothing found that has a date\n")
    );
    let dated = serde_json::json!({"id": "dated", "title": "Tin & <zinc>", "body": "Tin.", "published": "2020-02-29"});
    std::fs::write(desk.at("b.jsonl"), dated.to_string()).unwrap();
    desk.run(&["index", &desk.at("b.jsonl")]);
    let (code, out, _) = desk.run(&["trend", "tin -\"a<b\"", "--by", "week", "--svg", &desk.at("one.svg")]);
    assert_eq!(
        (code, out.as_str()),
        (0, "step,start,count,articles,all,share,lift\n2020-02-24,2020-02-24,1,1,1,1.000000,1.0000\n")
    );
    let picture = std::fs::read_to_string(desk.at("one.svg")).unwrap();
    assert!(picture.starts_with("<svg ") && picture.contains("tin -&quot;a&lt;b&quot;"), "{picture}");
}
