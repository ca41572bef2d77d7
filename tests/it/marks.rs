//! What is highlighted, and what scores are made of, against a reader that looks at every shown text again.
//!
//! `DATELINE_PAIRS=2000` tries more pairs of a query and an article than the few hundred of an ordinary run.

use std::collections::BTreeSet;

use dateline::annotate::Tier;
use dateline::article::Span;
use dateline::plan::{Filters, Plan, plan};
use dateline::query::Query;
use dateline::schema::analyse;
use dateline::search::{FacetRequest, Hit, Parts, RECENT, Recency, Request, Sort, search};
use dateline::words::Analyzer;

use crate::common::Scratch;
use crate::language::{Random, query, setting, text};
use crate::reference::{Page, Stretch};

/// Articles of few words that meet each other often.
fn articles(random: &mut Random) -> Vec<serde_json::Value> {
    let made = (0..10).map(|number| {
        serde_json::json!({
            "id": number.to_string(), "title": format!("News {}", text(random, 10)), "body": text(random, 300),
            "source": random.of(&["One", "Two", "Three"]),
            "published": random.of(&["2019-05-02", "2021", "2023-11-30T10:00:00Z"]),
        })
    });
    made.collect()
}

/// Highlights of a text, of which `shown` is seen, against the stretches of words that should be. Returns how many of
/// these are seen whole.
fn check(
    text: &str,
    shown: Span,
    highlights: &[Span],
    wanted: &BTreeSet<Stretch>,
    mentions: &[Stretch],
    plan: &Plan,
    context: &str,
) -> usize {
    let tokens = Analyzer::default().tokens(text);
    let is_wanted = |word: usize| wanted.iter().any(|(first, last)| (*first..=*last).contains(&word));
    // The second part of `e-commerce` goes with the first, where the joined spelling is looked up.
    let is_joined = |first: usize| {
        let joined = tokens.joined(first);
        is_wanted(first)
            && plan.wanted.iter().any(|lookup| lookup.stem().is_some() && lookup.stem() == joined)
    };
    // A name that is asked for is where its first word is, and marked to its last.
    let is_of_name = |word: usize| {
        mentions.iter().any(|(first, last)| is_wanted(*first) && *first < word && word <= *last)
    };
    let mut marked = BTreeSet::new();
    for highlight in highlights {
        assert!(shown.contains(*highlight), "{context}");
        let within = tokens.within(*highlight);
        let spans = (tokens.span(within.start).start, tokens.span(within.end - 1).end);
        assert_eq!((highlight.start, highlight.end), spans, "not whole words: {context}");
        for word in within.clone() {
            assert!(marked.insert(word), "marked twice: {context}");
            let goes_on = word > within.start && (is_joined(word - 1) || is_of_name(word));
            let fits = is_wanted(word) || goes_on;
            assert!(fits, "`{}` marked: {context}", tokens.span(word).of(text));
            let hangs_together = word == within.start
                || is_joined(word - 1)
                || is_of_name(word)
                || wanted.iter().any(|(first, last)| *first < word && word <= *last);
            assert!(hangs_together, "`{}` in one: {context}", highlight.of(text));
        }
    }
    let is_seen = |word: &usize| shown.contains(tokens.span(*word));
    let mut whole = 0;
    for (first, last) in wanted {
        for word in (*first..=*last).filter(is_seen) {
            assert!(marked.contains(&word), "`{}` not marked: {context}", tokens.span(word).of(text));
        }
        if (*first..=*last).all(|word| is_seen(&word)) {
            whole += 1;
            let stretch = Span { start: tokens.span(*first).start, end: tokens.span(*last).end };
            let is_one = highlights.iter().any(|highlight| highlight.contains(stretch));
            assert!(is_one, "`{}` not in one: {context}", stretch.of(text));
        }
    }
    whole
}

/// Parts of scores, which should add up.
fn adds_up(hit: &Hit, plan: &Plan, context: &str) {
    let close = |sum: f32, score: f32| (sum - score).abs() <= 1e-4 * score.abs().max(1.0);
    let parts = &hit.parts;
    let Parts { words, title, forms, pairs, boilerplate, passage, recency, added } = parts;
    let sum = words + title + forms + pairs + boilerplate + passage + recency + added;
    assert!(close(sum, hit.score), "{sum} is not {}: {context}", hit.score);
    for passage in &hit.passages {
        let sum = passage.said.iter().map(|said| said.score).sum::<f32>() + passage.named;
        assert!(close(sum, passage.score), "{sum} is not {}: {context}", passage.score);
        for (lookup, _) in plan.wanted[..plan.typed()].iter().enumerate() {
            let stands = |at: usize| at == lookup || plan.wanted[at].stands_for.contains(&lookup);
            let has = (0..passage.has.len()).any(|at| passage.has[at] && stands(at));
            let said = passage.said.iter().filter(|said| said.lookup == lookup);
            assert_eq!(said.map(|said| said.count > 0).collect::<Vec<_>>(), vec![true; usize::from(has)]);
        }
    }
}

#[test]
fn what_satisfies_a_query_is_marked_and_nothing_else() {
    let (pairs, seed) = (setting("DATELINE_PAIRS", 400), setting("DATELINE_SEED", 7));
    let mut random = Random(seed);
    let mut analyzer = Analyzer::default();
    let (mut tried, mut whole) = (0, 0);
    while tried < pairs {
        let scratch = Scratch::of(&articles(&mut random));
        for _ in 0..40 {
            let typed: Vec<String> = (0..=random.below(3))
                .map(|_| {
                    let depth = random.below(3);
                    query(&mut random, depth)
                })
                .collect();
            let typed = typed.join(random.of(&[" ", " ", " AND ", " OR "]));
            let filters = Filters { as_typed: true, ..Filters::default() };
            let planned = plan(&Query::parse(&typed).unwrap(), filters, &mut analyzer);
            for hit in scratch.search(&typed).hits.iter().filter(|_| !planned.wanted.is_empty()) {
                tried += 1;
                let article = &hit.record.article;
                let context = format!("seed {seed}: {typed}\n{planned}\n{}\n{}", article.title, article.body);
                let page = Page::of(&analyse(article.clone(), hit.record.id, Tier::Full, &mut analyzer));
                let [in_title, in_body] = page.marked(&planned.reading);
                let title = Span::new(0, article.title.len());
                whole += check(&article.title, title, &hit.title, &in_title, &[], &planned, &context);
                for passage in &hit.passages {
                    let snippet = &passage.snippet;
                    let (shown, marked) = (snippet.span, &snippet.highlights);
                    whole +=
                        check(&article.body, shown, marked, &in_body, &page.mentions, &planned, &context);
                }
                adds_up(hit, &planned, &context);
            }
        }
    }
    // Most articles found have something to mark, or the test would say little.
    assert!(whole as u64 > pairs, "{whole} of {tried}, seed {seed}");
}

#[test]
fn the_parts_of_a_score_add_up_to_it_for_every_kind_of_query() {
    let scratch = Scratch::of(&[
        serde_json::json!({"id": "a", "title": "Target warns on profit", "published": "2019-03-04",
            "body": "Shares of Target fell in Germany after a profit warning. The profit warning was its second."}),
        serde_json::json!({"id": "b", "title": "Fine for Alibaba", "published": "2022-05-01",
            "body": "Alibaba paid a heavy fine in Germany. Nothing was said of a warning on profit."}),
        serde_json::json!({"id": "c", "title": "Rates", "published": "2023-08", "body": "Rates rose. So did profit."}),
    ]);
    let reader = scratch.reader();
    let parts_of = |typed: &str, region: Option<&str>, sort: Sort| {
        let mut filters = Filters::default();
        if let Some(region) = region {
            filters.add_region(region).unwrap();
        }
        let plan = plan(&Query::parse(typed).unwrap(), filters, &mut Analyzer::default());
        let request = Request {
            plan,
            sort,
            limit: 10,
            offset: 0,
            passages: 2,
            facets: FacetRequest::usual(0),
            copies: false,
            histogram: None,
            recency: Some(Recency::default()),
        };
        let hits = search(&reader, &request).unwrap().hits;
        assert!(!hits.is_empty(), "{typed}");
        for hit in &hits {
            adds_up(hit, &request.plan, typed);
        }
        hits[0].parts.clone()
    };
    let relevance = |typed| parts_of(typed, None, Sort::Relevance);
    for typed in ["penalty", "earnings warning", "alibaba fine", "Europe penalty", "earnings 1"] {
        let parts = relevance(typed);
        assert!(
            parts.recency > 0.0 && parts.recency <= RECENT * (parts.sum() - parts.recency) * 1.001,
            "{typed}"
        );
    }
    assert!(relevance("profit date:2020..").recency.abs() < f32::EPSILON);
    let words = relevance("profit warning");
    assert!(words.words > 0.0 && words.title > 0.0 && words.pairs > 0.0 && words.passage > 0.0);
    assert!(words.forms > 0.0 && words.boilerplate == 0.0);
    for typed in
        ["\"profit warning\"", "fine OR rates", "warning NEAR/3 profit", "the profit shares zebra", "profit*"]
    {
        assert!(relevance(typed).passage > 0.0, "{typed}");
    }
    // By date nothing is re-scored, and filters alone have no score.
    let by_date = parts_of("profit warning", None, Sort::Date);
    assert!(by_date.words > 0.0 && by_date.sum() - by_date.words == 0.0);
    let filtered = parts_of("", Some("germany"), Sort::Date);
    assert!(filtered.sum() == 0.0);
    assert!(parts_of("profit", Some("germany"), Sort::Relevance).sum() > 0.0);
}
