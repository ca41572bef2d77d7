//! Stages of ranking: one of the caller's own, and what a name or another way of saying finds.

use dateline::error::Result;
use dateline::plan::{Filters, plan};
use dateline::query::Query;
use dateline::search::{
    Candidate, FacetRequest, Recency, Request, Results, SecondStage, Sort, search, search_with,
};
use dateline::words::Analyzer;
use serde_json::json;

use crate::common::{Scratch, ids};

fn request(typed: &str, recency: Option<Recency>) -> Request {
    Request {
        plan: plan(&Query::parse(typed).unwrap(), Filters::default(), &mut Analyzer::default()),
        sort: Sort::Relevance,
        limit: 10,
        offset: 0,
        passages: 2,
        facets: FacetRequest::usual(0),
        copies: true,
        histogram: None,
        recency,
    }
}

/// Prefers what has more passages that speak of a strike.
struct Strikes {
    seen: usize,
}

impl SecondStage for Strikes {
    fn rescore(&mut self, candidates: &mut [Candidate<'_>]) -> Result<()> {
        for candidate in candidates {
            let passages = candidate.passages()?;
            self.seen += passages.len();
            let strikes = passages.iter().filter(|passage| passage.contains("strike")).count();
            candidate.add(100.0 * f32::from(u8::try_from(strikes).unwrap()));
        }
        Ok(())
    }
}

#[test]
fn a_stage_of_ones_own_gets_the_passages_and_orders() {
    let filler = "Nothing of note is said in this long sentence about the weather. ".repeat(12);
    let scratch = Scratch::of(&[
        json!({"id": "none", "title": "Port", "body": "The port, the port and the port. All of the port."}),
        json!({"id": "one", "title": "News", "body": format!("The port had a strike. {filler}")}),
        json!({"id": "two", "title": "News", "body": format!("A strike. {filler}\nThe port. {filler}\nA strike again.")}),
    ]);
    let request = request("port", None);
    let reader = scratch.reader();
    assert_eq!(ids(&search(&reader, &request).unwrap())[0], "none");
    let mut stage = Strikes { seen: 0 };
    let results = search_with(&reader, &request, &mut stage).unwrap();
    assert_eq!(ids(&results), ["two", "one", "none"]);
    assert!(stage.seen > 4);
    for (hit, added) in results.hits.iter().zip([200.0, 100.0, 0.0]) {
        assert!((hit.parts.added - added).abs() < f32::EPSILON);
        assert!((hit.parts.sum() - hit.score).abs() < 1e-3);
    }
}

#[test]
fn what_says_the_same_is_found_after_what_was_typed_and_marked_as_it_is_written() {
    let scratch = Scratch::of(&[
        json!({"id": "said", "title": "News", "body": "The company announced layoffs at one plant on Monday."}),
        json!({"id": "other", "title": "News", "body": "The company announced job cuts at one plant on Monday."}),
        json!({"id": "fed", "title": "News", "body": "The Federal Reserve met. Nobody was surprised by what it said."}),
        json!({"id": "bangkok", "title": "News", "body": "Markets in Bangkok fell. Thailand was calm."}),
    ]);
    let reader = scratch.reader();
    let asked = |typed: &str| search(&reader, &request(typed, None)).unwrap();
    let marked = |results: &Results, at: usize| -> Vec<String> {
        let hit = &results.hits[at];
        let snippet = &hit.passages[0].snippet;
        snippet.highlights.iter().map(|span| span.of(&hit.record.article.body).to_owned()).collect()
    };
    let layoffs = asked("layoffs");
    assert_eq!((ids(&layoffs), layoffs.total), (vec!["said".to_owned(), "other".to_owned()], 2));
    assert_eq!(
        (marked(&layoffs, 0), marked(&layoffs, 1)),
        (vec!["layoffs".to_owned()], vec!["job cuts".to_owned()])
    );
    assert_eq!(ids(&asked("job cuts"))[0], "other");
    let fed = asked("Fed");
    assert_eq!((ids(&fed), marked(&fed, 0)), (vec!["fed".to_owned()], vec!["Federal Reserve".to_owned()]));
    let asia = asked("asia");
    assert_eq!(
        (ids(&asia), marked(&asia, 0)),
        (vec!["bangkok".to_owned()], vec!["Bangkok".to_owned(), "Thailand".to_owned()])
    );
    // A typed word is marked as a word, and no second time as a name.
    let names = |results: &Results| results.hits[0].passages[0].snippet.names.len();
    assert_eq!((names(&asia), names(&asked("thailand"))), (2, 1));
    assert_eq!(asked("\"layoffs\"").total, 1);
}

#[test]
fn newer_articles_come_first_where_all_else_is_equal_and_only_there() {
    let scratch = Scratch::of(&[
        json!({"id": "old", "title": "Port strike", "body": "A strike closed the port.", "published": "2001-05-02"}),
        json!({"id": "new", "title": "Port strike", "body": "A strike closed the mill.", "published": "2024-05-02"}),
        json!({"id": "newest", "title": "News", "body": "The weather at the port was good all day.", "published": "2024-06-02"}),
    ]);
    let reader = scratch.reader();
    let asked = |typed: &str, recency| search(&reader, &request(typed, recency)).unwrap();
    let recency = Some(Recency::default());
    assert_eq!(ids(&asked("port strike", None)), ["old", "new", "newest"]);
    assert_eq!(ids(&asked("strike", recency)), ["new", "old"]);
    assert_eq!(ids(&asked("port strike", recency))[2], "newest");
    let dated = asked("strike date:1990..", recency);
    assert!(dated.hits.iter().all(|hit| hit.parts.recency.abs() < f32::EPSILON));
    // From when the article was new.
    let then = Some(Recency { now: Some(988_761_600), half_life_days: 30.0 });
    let parts =
        |results: &Results| -> Vec<f32> { results.hits.iter().map(|hit| hit.parts.recency).collect() };
    assert!(parts(&asked("strike", then)).iter().all(|recency| *recency > 0.0));
}

#[test]
fn an_article_may_lack_words_that_say_a_little() {
    let scratch = Scratch::of(&[
        json!({"id": "both", "title": "Exchange", "body": "Binance said that a lawsuit had been filed in Delaware."}),
        json!({"id": "all", "title": "Exchange", "body": "A lawsuit filed in Delaware is directed against Binance."}),
        json!({"id": "common", "title": "Lawsuit against a club", "body": "The lawsuit against a club, a lawsuit against its owners."}),
    ]);
    let reader = scratch.reader();
    let tiers = |typed: &str| {
        let results = search(&reader, &request(typed, None)).unwrap();
        let hits = results.hits.iter().map(|hit| format!("{:?}", hit.tier));
        (
            ids(&results).into_iter().zip(hits).map(|(id, tier)| format!("{id} {tier}")).collect::<Vec<_>>(),
            results,
        )
    };
    let (found, results) = tiers("lawsuit against Binance");
    assert_eq!(found, ["all All", "both All", "common Most"]);
    assert_eq!(results.total, 2);
    // It is marked where it is, and what lacks it lacks nothing.
    assert_eq!(crate::common::highlights(&results.hits[0]), ["lawsuit", "against", "Binance"]);
    assert_eq!(results.hits[1].has, [true, true]);
    assert_eq!(tiers("lawsuit AND against AND Binance").0, ["all All"]);
    assert_eq!(tiers("club against").0, ["common All"]);
    assert_eq!(tiers("against").0, ["common All", "all All"]);
}
