//! Answers over the shipped corpus are as good as they were, by the judgments in `tests/eval/judged`.

use std::path::Path;

use dateline::eval::{
    MEASURES, OF_ARTICLES, means, measure, passages_shown, read_golds, read_judgments, read_questions,
    search_all,
};

use dateline::snippet::TARGET_CHARS;

use crate::common::Scratch;

/// What each measure must reach. A change that reaches more raises its floor, and none lowers one: a plain index
/// has 0.70 of the first.
const FLOORS: [(&str, f64); 2] = [("ndcg@10", 0.810), ("hit@1", 0.810)];

#[test]
fn answers_are_as_good_as_they_were() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| std::fs::read_to_string(root.join("tests/eval/judged").join(name)).unwrap();
    let judgments = read_judgments(&read("qrels.tsv")).unwrap();
    let questions = read_questions(&read("queries.jsonl")).unwrap();
    let golds = read_golds(&read("passages.jsonl")).unwrap();
    assert!(questions.len() >= 60 && golds.len() >= 60);
    let scratch = Scratch::of_paths(&[&root.join("corpus")]);
    let reader = scratch.reader();
    let mut scores = measure(&search_all(&reader, &questions, 100).unwrap(), &judgments, 1);
    for (question, shown) in passages_shown(&reader, &questions, &golds, TARGET_CHARS).unwrap() {
        scores.get_mut(&question).unwrap()[OF_ARTICLES..].copy_from_slice(&shown.map(Some));
    }
    let means = means(&scores.values());
    for (name, floor) in FLOORS {
        let at = MEASURES.iter().position(|measure| *measure == name).unwrap();
        let found = means[at].unwrap().mean;
        assert!(found >= floor, "{name} is {found:.4}, below {floor}");
    }
}
