//! Laws that hold for any input, tried on generated articles and queries.

use std::collections::{BTreeMap, BTreeSet};

use dateline::annotate::{Annotations, Part, Referent, Tier, Words, annotate};
use dateline::article::{Article, Precision, Span};
use dateline::formats::{FieldMap, Format, Hints};
use dateline::gazetteer::{EntityId, RegionCode, RegionKind, regions};
use dateline::passages::split;
use dateline::plan::{Filters, Lookup, Pattern, plan};
use dateline::query::Query;
use dateline::saved::Reported;
use dateline::schema::{Record, analyse, document, schema};
use dateline::search::{
    Interval, Other, Partners, Request, Sort, Subject, fresh, matching, parts, search, similar, together,
    trend,
};
use dateline::unpack::{Raw, parse};
use dateline::words::Analyzer;
use proptest::prelude::*;

use crate::common::{Scratch, highlights, ids};

/// Words that meet each other often, names, places, and every kind of mark.
const PIECES: [&str; 44] = [
    "bank",
    "Bank",
    "banks",
    "oil",
    "oils",
    "merger",
    "mergers",
    "rate",
    "rates",
    "profit",
    "the",
    "of",
    "and",
    "us",
    "US",
    "U.S.",
    "AT&T",
    "BRK.B",
    "$1.2bn",
    "5%",
    "e-commerce",
    "Coca-Cola",
    "été",
    "São",
    "Paulo",
    "中国",
    "China",
    "China Mobile",
    "Thailand",
    "Bangkok",
    "Paris",
    "Georgia",
    "Atlanta",
    "Alibaba",
    "Target",
    "(NYSE: F)",
    "Bank of England",
    "European Union",
    "California",
    "\n",
    ". ",
    "! The ",
    "\" ",
    "Inc. ",
];

const FORMATS: [Format; 10] = [
    Format::Json,
    Format::Feed,
    Format::Newsml,
    Format::Nitf,
    Format::Reuters,
    Format::Html,
    Format::Mail,
    Format::Agency,
    Format::Markdown,
    Format::Text,
];

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        30 => prop::sample::select(&PIECES[..]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
        1 => "[a-z]{1,12}",
    ];
    prop::collection::vec((piece, prop::sample::select(&[" ", " ", " ", ", ", "", ". "][..])), 0..220)
        .prop_map(|pieces| pieces.into_iter().map(|(piece, gap)| piece + gap).collect())
}

fn typed() -> impl Strategy<Value = String> {
    let word = prop::sample::select(&PIECES[..29]);
    let clause = (prop::sample::select(&["", "", "", "-", "\"", "title:", "-\""][..]), word).prop_map(
        |(mark, word)| {
            let close = if mark.ends_with('"') { "\"" } else { "" };
            format!("{mark}{word}{close}")
        },
    );
    prop::collection::vec(clause, 0..6).prop_map(|clauses| clauses.join(" "))
}

fn analysed(title: &str, body: &str) -> dateline::schema::Analysed {
    let mut article = Article { title: title.to_owned(), body: body.to_owned(), ..Article::default() };
    dateline::wire::read_off(&mut article, &mut Vec::new());
    let id = article.id("x");
    analyse(article, id, Tier::Full, &mut Analyzer::default())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn sentences_and_passages_join_up_to_the_body(body in text()) {
        let tokens = Analyzer::default().tokens(&body);
        let split = split(&body, &tokens);
        let mut at = 0;
        for passage in &split.passages {
            prop_assert_eq!(passage.span.start, at);
            prop_assert!(passage.span.end > at);
            prop_assert!(split.sentences.iter().any(|sentence| sentence.start == passage.span.start));
            at = passage.span.end;
        }
        prop_assert_eq!(at as usize, body.len());
        prop_assert!(split.sentences.windows(2).all(|pair| pair[0].start < pair[1].start && pair[0].first_word <= pair[1].first_word));
    }

    #[test]
    fn tokens_are_in_order_and_analysed_alike_wherever_they_stand(body in text()) {
        let mut analyzer = Analyzer::default();
        let tokens = analyzer.tokens(&body);
        let split = split(&body, &tokens);
        let mut end = 0;
        for token in &tokens {
            prop_assert!(token.span.start >= end && token.span.end > token.span.start);
            prop_assert!(body.is_char_boundary(token.span.start as usize) && body.is_char_boundary(token.span.end as usize));
            end = token.span.end;
        }
        // The snippet analyses a passage alone and counts its words from the passage's first.
        for passage in &split.passages {
            let alone = analyzer.tokens(passage.span.of(&body));
            prop_assert_eq!(alone.len(), passage.words as usize);
            for word in 0..alone.len() {
                let whole = tokens.span(passage.first_word as usize + word);
                let here = alone.span(word);
                prop_assert_eq!((here.start + passage.span.start, here.end + passage.span.start), (whole.start, whole.end));
            }
        }
    }

    #[test]
    fn mentions_are_in_order_and_inside_the_text(title in text(), body in text()) {
        let mut analyzer = Analyzer::default();
        let (title_tokens, body_tokens) = (analyzer.tokens(&title), analyzer.tokens(&body));
        let found = annotate(
            Words { text: &title, tokens: &title_tokens },
            Words { text: &body, tokens: &body_tokens },
            None,
            &[],
            Tier::Full,
        );
        let order: Vec<_> = found.mentions.iter().map(|mention| (mention.part, mention.words.start)).collect();
        prop_assert!(order.is_sorted());
    }

    #[test]
    fn positions_of_a_term_never_decrease(title in text(), body in text()) {
        // `Aligned::push` panics where they would.
        let analysed = analysed(&title, &body);
        let (_, fields) = schema();
        document(analysed, dateline::schema::Ingest { first: 0, version: 1, content: 0 }, &fields);
    }

    #[test]
    fn no_query_fails_and_plain_spelling_parses_to_the_same(typed in prop_oneof![typed(), ".{0,80}", text()]) {
        if let Ok(query) = Query::parse(&typed) {
            let plain = query.to_string();
            prop_assert_eq!(Query::parse(&plain).unwrap(), query, "{}", plain);
        } else {
            prop_assert!(typed.len() > dateline::query::MAX_BYTES);
        }
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), line in prop::option::of(1_u64..9)) {
        for format in FORMATS {
            let raw = Raw { path: "x".into(), line, format, hints: Hints::default(), bytes: bytes.clone() };
            parse(&raw, &FieldMap::new());
        }
    }
}

/// A few generated articles in one index.
fn articles() -> impl Strategy<Value = Vec<serde_json::Value>> {
    prop::collection::vec((text(), text()), 1..12).prop_map(|articles| {
        let numbered = articles.into_iter().enumerate();
        let made = numbered.map(|(number, (title, body))| {
            let title = title.chars().take(60).collect::<String>();
            serde_json::json!({"id": number.to_string(), "title": format!("News {title}"), "body": body})
        });
        made.collect()
    })
}

/// The stems of each position of a lookup.
fn stems(lookup: &Lookup) -> Vec<Vec<String>> {
    let of = |pattern: &Pattern| match pattern {
        Pattern::Stem(stem) => stem.clone(),
        other => unreachable!("{other} is not asked for"),
    };
    lookup.parts.iter().map(|part| part.iter().map(of).collect()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn highlights_are_whole_words_that_matched_and_never_negated(articles in articles(), typed in typed()) {
        let scratch = Scratch::of(&articles);
        let mut analyzer = Analyzer::default();
        let filters = Filters { as_typed: true, ..Filters::default() };
        let planned = plan(&Query::parse(&typed).unwrap(), filters, &mut analyzer);
        let wanted: BTreeSet<String> = planned.wanted.iter().flat_map(|lookup| stems(lookup).concat()).collect();
        for hit in scratch.search(&typed).hits {
            let article = &hit.record.article;
            for shown in highlights(&hit) {
                let tokens = analyzer.tokens(&shown);
                prop_assert!(!tokens.is_empty());
                prop_assert_eq!(tokens.span(0).start, 0, "{}", shown);
                prop_assert_eq!(tokens.span(tokens.len() - 1).end as usize, shown.len(), "{}", shown);
            }
            for (text, spans) in [(&article.title, &hit.title)].into_iter().chain(hit.passages.iter().map(|passage| (&article.body, &passage.snippet.highlights))) {
                let tokens = analyzer.tokens(text);
                for span in spans {
                    for word in tokens.within(*span) {
                        let has = |stem: &str| wanted.contains(stem);
                        // The second part of `e-commerce` is marked with the first, where the joined form is.
                        let ends_joined = word > 0 && tokens.joined(word - 1).is_some_and(has);
                        let matched = has(tokens.stem(word)) || tokens.joined(word).is_some_and(has) || ends_joined;
                        prop_assert!(matched, "{} in {typed}", span.of(text));
                        prop_assert!(span.contains(tokens.span(word)));
                    }
                }
            }
            // What is excluded is nowhere in the article.
            for excluded in &planned.silent {
                let holds = |text: &str| {
                    let tokens = Analyzer::default().tokens(text);
                    (0..tokens.len()).any(|start| {
                        stems(excluded).iter().enumerate().all(|(offset, stems)| {
                            let word = start + offset;
                            word < tokens.len()
                                && stems.iter().any(|stem| stem == tokens.stem(word) || tokens.joined(word) == Some(stem))
                        })
                    })
                };
                prop_assert!(!holds(&article.title), "{typed}");
                prop_assert!(excluded.place.is_some() || !holds(&article.body), "{typed}");
            }
        }
    }

    #[test]
    fn a_region_counts_its_own_articles_and_its_childrens(articles in articles()) {
        let scratch = Scratch::of(&articles);
        let all = scratch.search("news");
        let facet = all.facets.iter().find(|facet| facet.field == "region").unwrap();
        let mut expected: BTreeMap<&str, u64> = BTreeMap::new();
        for article in &articles {
            let analysed = analysed(article["title"].as_str().unwrap(), article["body"].as_str().unwrap());
            let about: BTreeSet<RegionCode> = analysed.annotations.regions.iter().filter(|region| region.is_about).map(|region| region.code).collect();
            for region in regions().iter() {
                let below = about.iter().any(|code| *code == region.code || regions().ancestors(*code).contains(&region.code));
                if below {
                    *expected.entry(region.code.0).or_default() += 1;
                }
            }
        }
        let counted: BTreeMap<&str, u64> = facet.values.iter().map(|value| (value.value.as_str(), value.count)).collect();
        prop_assert_eq!(counted, expected);
        // A filter finds as many as its facet counts; a grouping also those about its members.
        for value in &facet.values {
            let (code, count) = (&value.value, value.count);
            let filters = Filters { regions: vec![regions().get(code).unwrap().code], ..Filters::default() };
            let is_grouping = regions().get(code).unwrap().kind == RegionKind::Grouping;
            let found = scratch.search_with("", filters).total;
            prop_assert!(found == count || (is_grouping && found > count), "{code}: {found}, {count}");
        }
    }

    #[test]
    fn results_are_totally_ordered_and_the_same_on_every_run(articles in articles(), typed in typed()) {
        let (one, other) = (Scratch::of(&articles), Scratch::of(&articles));
        let first = one.search(&typed);
        let order = ids(&first);
        prop_assert_eq!(&ids(&one.search(&typed)), &order);
        prop_assert_eq!(&ids(&other.search(&typed)), &order);
        let unique: BTreeSet<&String> = order.iter().collect();
        prop_assert_eq!(unique.len(), order.len());
        // Pages are pieces of the same order.
        let reader = one.reader();
        let query = Query::parse(&typed).unwrap();
        let mut paged = Vec::new();
        for page in 0..order.len().div_ceil(3) {
            let filters = Filters { as_typed: true, ..Filters::default() };
            let plan = plan(&query, filters, &mut Analyzer::default());
            let sort = if plan.wanted.is_empty() { Sort::Date } else { Sort::Relevance };
            let request = Request { plan, sort, limit: 3, offset: page * 3, passages: 1, facets: Vec::new(), copies: true, histogram: None, recency: None };
            paged.extend(ids(&search(&reader, &request).unwrap()));
        }
        prop_assert_eq!(paged, order);
    }

    #[test]
    fn mentions_and_snippets_point_into_the_stored_text(articles in articles()) {
        let scratch = Scratch::of(&articles);
        for hit in scratch.search("news bank oil").hits {
            let body = &hit.record.article.body;
            for mention in &hit.record.mentions {
                if let (Referent::Region(_), dateline::annotate::Part::Body) = (&mention.referent, mention.part) {
                    prop_assert!(!mention.span.of(body).is_empty());
                }
            }
            for passage in &hit.passages {
                prop_assert!(passage.span.contains(passage.snippet.span));
                let whole = Span::new(0, body.len());
                prop_assert!(whole.contains(passage.span));
                let shown = passage.snippet.span.of(body);
                prop_assert_eq!(shown, shown.trim());
            }
        }
    }
}

/// Articles of several sources, years and labels, some of them the same text again.
fn catalogued() -> impl Strategy<Value = Vec<serde_json::Value>> {
    let article =
        (text(), 0_usize..4, 0_usize..3, 0_usize..3, 2015..2018, 0_usize..12, prop::bool::weighted(0.3));
    prop::collection::vec(article, 1..14).prop_map(|articles| {
        let mut bodies: Vec<String> = Vec::new();
        let numbered = articles.into_iter().enumerate();
        let made = numbered.map(|(number, (body, source, section, label, year, month, is_copy))| {
            let body = if is_copy { bodies.first().cloned().unwrap_or(body) } else { body };
            bodies.push(body.clone());
            let labels = ["gold", "oil", "gold"];
            let source = ["", "North Wire", "south wire", "Desk"][source];
            let section = ["", "Markets", "Energy"][section];
            let language = ["en", "de"][number % 2];
            serde_json::json!({
                "id": number.to_string(), "title": "News of the day", "body": body,
                "source": source, "section": section, "language": language, "labels": &labels[..=label],
                "published": format!("{year}-{:02}-01", month + 1),
            })
        });
        made.collect()
    })
}

/// What a facet should find in an article, read slowly.
fn values(record: &Record, annotations: &Annotations, field: &str) -> BTreeSet<String> {
    let article = &record.article;
    let text = |value: &str| BTreeSet::from([value.to_owned()]);
    let step = |precision| article.published.iter().map(|date| date.first_of(precision).day()).collect();
    let mut values = match field {
        "entity" => annotations.entities.iter().map(|entity| entity.id.to_string()).collect(),
        "region" => {
            annotations.with_ancestors(|region| region.is_about).iter().map(ToString::to_string).collect()
        }
        "source" => text(&article.source),
        "section" => text(article.section.as_deref().unwrap_or_default()),
        "language" => text(article.language.as_deref().unwrap_or_default()),
        "author" => text(article.author.as_deref().unwrap_or_default()),
        "label" => article.labels.iter().cloned().collect(),
        "year" => step(Precision::Year),
        "month" => step(Precision::Month),
        "status" => text(article.status.as_str()),
        _ => unreachable!("{field}"),
    };
    values.remove("");
    values
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn facets_count_the_stories_and_articles_that_have_a_value(
        articles in catalogued(),
        typed in prop::sample::select(&["", "news", "bank", "oil AND merger"][..]),
        flags in prop::collection::vec(any::<bool>(), 4),
        copies in any::<bool>(),
    ) {
        let scratch = Scratch::of(&articles);
        let reader = scratch.reader();
        let mut filters = Filters::default();
        if flags[0] {
            filters.regions = vec![RegionCode("142"), RegionCode("019")];
        }
        if flags[1] {
            filters.entities = vec![EntityId("co:alibaba".into()), EntityId("org:bank-of-england".into())];
        }
        if flags[2] {
            filters.sources = vec!["North Wire".to_owned(), "Desk".to_owned()];
        }
        if flags[3] {
            filters.languages = vec!["en".to_owned()];
        }
        let found = |filters: Filters| -> Vec<Record> {
            let mut plan = plan(&Query::parse(typed).unwrap(), filters, &mut Analyzer::default());
            plan.needs_all = true;
            matching(&reader, plan).unwrap().into_iter().map(|address| reader.record(address).unwrap()).collect()
        };
        let annotated: BTreeMap<u64, Annotations> = matching(&reader, plan(&Query::default(), Filters::default(), &mut Analyzer::default()))
            .unwrap()
            .into_iter()
            .map(|address| {
                let record = reader.record(address).unwrap();
                let analysed = analyse(record.article, record.id, Tier::Full, &mut Analyzer::default());
                (record.id.key(), analysed.annotations)
            })
            .collect();
        let story = |record: &Record| match reader.groups().story(record.id.key()) {
            Some(story) if !copies => (true, story),
            _ => (false, record.id.key()),
        };
        type Kept = fn(&str) -> bool;
        let all: Kept = |_| true;
        let kinds: [(&str, Kept); 17] = [
            ("entity", all),
            ("entity/company", |value| value.starts_with("co:")),
            ("entity/organisation", |value| value.starts_with("org:")),
            ("entity~BANK", |value| value.contains("bank")),
            ("region", all),
            ("region/country", |value| regions().get(value).is_some_and(|region| region.kind == RegionKind::Country)),
            ("region/asia", |value| parts(RegionCode("142")).contains(&RegionCode(regions().get(value).unwrap().code.0))),
            ("region/EU", |value| parts(RegionCode("EU")).contains(&RegionCode(regions().get(value).unwrap().code.0))),
            ("source", all),
            ("source~WIRE", |value| value.to_lowercase().contains("wire")),
            ("section", all),
            ("language", all),
            ("author", all),
            ("label", all),
            ("year", all),
            ("month~2016", |value| value.contains("2016")),
            ("status", all),
        ];
        for (name, kept) in kinds {
            let field = name.split(['/', '~']).next().unwrap();
            // What is counted does not depend on the facet's own filter.
            let mut freed = filters.clone();
            match field {
                "region" => freed.regions.clear(),
                "entity" => freed.entities.clear(),
                "source" => freed.sources.clear(),
                "language" => freed.languages.clear(),
                _ => {}
            }
            let mut expected: BTreeMap<String, (BTreeSet<(bool, u64)>, u64)> = BTreeMap::new();
            for record in found(freed) {
                for value in values(&record, &annotated[&record.id.key()], field).into_iter().filter(|value| kept(value)) {
                    let (stories, articles) = expected.entry(value).or_default();
                    stories.insert(story(&record));
                    *articles += 1;
                }
            }
            let expected: BTreeMap<String, (u64, u64)> =
                expected.into_iter().map(|(value, (stories, articles))| (value, (stories.len() as u64, articles))).collect();
            let facets = scratch.facets(typed, filters.clone(), copies, name);
            let counted: BTreeMap<String, (u64, u64)> =
                facets[0].values.iter().map(|value| (value.value.clone(), (value.count, value.articles))).collect();
            prop_assert_eq!(counted.len(), facets[0].values.len());
            prop_assert_eq!(counted, expected, "{}", name);
        }
        // A trend has the same counts, all of them beside those of everything, and no gaps.
        if !copies {
            let mut plan = plan(&Query::parse(typed).unwrap(), filters.clone(), &mut Analyzer::default());
            plan.needs_all = true;
            let trend = trend(&reader, &plan, Interval::Month).unwrap();
            let months = |typed: &str, filters: Filters| -> BTreeMap<String, (u64, u64)> {
                let facets = scratch.facets(typed, filters, false, "month");
                facets[0].values.iter().map(|value| (value.value.clone(), (value.count, value.articles))).collect()
            };
            let everything = months("", Filters::default());
            let steps = trend.steps.iter();
            let there = steps.filter(|step| step.count > 0).map(|step| (step.start.clone(), (step.count, step.articles)));
            let found = found(filters.clone());
            let counted = if found.is_empty() { BTreeMap::new() } else { months(typed, filters.clone()) };
            prop_assert_eq!(there.collect::<BTreeMap<_, _>>(), counted);
            for step in &trend.steps {
                prop_assert_eq!(step.all, everything.get(&step.start).map_or(0, |(count, _)| *count));
            }
            let number = |start: &str| start[..4].parse::<usize>().unwrap() * 12 + start[5..].parse::<usize>().unwrap();
            for pair in trend.steps.windows(2) {
                prop_assert_eq!(number(&pair[0].start) + 1, number(&pair[1].start));
            }
        }
        // Stories by their size.
        let mut sizes: BTreeMap<u64, u64> = BTreeMap::new();
        for record in found(filters.clone()) {
            *sizes.entry(reader.groups().story(record.id.key()).unwrap_or(record.id.key())).or_default() += 1;
        }
        let facets = scratch.facets(typed, filters, copies, "story");
        let counted = |name: &str| {
            facets[0].values.iter().find(|value| value.value == name).map_or((0, 0), |value| (value.count, value.articles))
        };
        for (name, least, most) in [("1", 1, 1), ("2-4", 2, 4), ("5-9", 5, 9), ("10+", 10, u64::MAX)] {
            let within: Vec<u64> = sizes.values().copied().filter(|size| (least..=most).contains(size)).collect();
            let articles = within.iter().sum();
            prop_assert_eq!(counted(name), (if copies { articles } else { within.len() as u64 }, articles), "{}", name);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn an_alert_fires_on_an_article_exactly_when_search_finds_it(
        articles in catalogued(),
        typed in typed(),
        batches in 1_usize..5,
        copies in any::<bool>(),
    ) {
        let size = articles.len().div_ceil(batches);
        let scratch = Scratch::of(&articles[..size]);
        let mut plan = plan(&Query::parse(&typed).unwrap(), Filters::default(), &mut Analyzer::default());
        plan.needs_all = true;
        let request = Request { plan, sort: Sort::Date, limit: 100, offset: 0, passages: 1, facets: Vec::new(), copies, histogram: None, recency: None };
        let found = |copies| -> BTreeSet<u64> {
            let request = Request { copies, ..request.clone() };
            search(&scratch.reader(), &request).unwrap().hits.iter().map(|hit| hit.record.id.key()).collect()
        };
        // What is there when the alert is added counts as told.
        let mut told = Reported::default();
        told.add(&fresh(&scratch.reader(), &request, &|_| false).unwrap().keys);
        let mut fired: BTreeSet<u64> = found(copies);
        let mut known = found(true);
        for batch in articles.chunks(size).skip(1) {
            scratch.add(batch);
            let new = fresh(&scratch.reader(), &request, &|key| told.has(key)).unwrap();
            let now = found(true);
            for hit in &new.hits {
                let key = hit.record.id.key();
                prop_assert!(now.contains(&key) && !known.contains(&key), "{typed}");
                prop_assert!(fired.insert(key), "{typed}: told twice");
            }
            prop_assert_eq!(new.keys.iter().copied().collect::<BTreeSet<u64>>(), now.clone());
            known = now;
            told.add(&new.keys);
        }
        let reader = scratch.reader();
        if copies {
            prop_assert_eq!(&fired, &found(true), "{}", typed);
        } else {
            // Of each story that is found, one article was told, and nothing else was.
            let story = |key: u64| reader.groups().story(key).unwrap_or(key);
            let told: BTreeSet<u64> = fired.iter().map(|key| story(*key)).collect();
            let wanted: BTreeSet<u64> = found(false).into_iter().map(story).collect();
            prop_assert_eq!(told, wanted, "{}", typed);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_stands_together_is_counted_by_passages(articles in catalogued()) {
        let scratch = Scratch::of(&articles);
        let reader = scratch.reader();
        let subject = Referent::Entity(EntityId("co:alibaba".into()));
        let ids = vec![EntityId("co:alibaba".into())];
        let everything = plan(&Query::default(), Filters::default(), &mut Analyzer::default());
        let mut plan = everything.clone();
        plan.filters.entities = ids;
        let found = together(&reader, &Subject { plan, named: vec![subject.clone()] }, Partners::Named, 1000).unwrap();
        let mut passages: Vec<BTreeSet<Referent>> = Vec::new();
        for address in matching(&reader, everything).unwrap() {
            let record = reader.record(address).unwrap();
            let key = record.id.key();
            // Of copies the one that names their story counts.
            if reader.groups().story(key).is_some_and(|story| story != key) {
                continue;
            }
            let analysed = analyse(record.article, record.id, Tier::Full, &mut Analyzer::default());
            let split = &analysed.split.passages;
            let mut here = vec![BTreeSet::new(); 1 + split.len()];
            for mention in analysed.annotations.mentions {
                let at = match mention.part {
                    Part::Title => 0,
                    Part::Body => split.partition_point(|passage| passage.first_word <= mention.words.start),
                };
                here[at].insert(mention.referent);
            }
            passages.extend(here);
        }
        let count = |wanted: &[&Referent]| {
            passages.iter().filter(|passage| wanted.iter().all(|referent| passage.contains(referent))).count() as u64
        };
        prop_assert_eq!((found.of, found.passages), (passages.len() as u64, count(&[&subject])));
        let mut there: BTreeSet<&Referent> = BTreeSet::new();
        for companion in &found.others {
            let Other::Named(other) = &companion.other else { panic!("a word") };
            prop_assert_eq!((companion.both, companion.total), (count(&[&subject, other]), count(&[other])));
            let text = match companion.proof.part {
                Part::Title => &companion.proof.record.article.title,
                Part::Body => &companion.proof.record.article.body,
            };
            // A name may go on behind a full stop, where the next sentence is another passage.
            let proof = &companion.proof;
            for wanted in [&subject, other] {
                let mut mentions = proof.record.mentions.iter().filter(|mention| mention.part == proof.part);
                prop_assert!(
                    mentions.any(|mention| {
                        mention.referent == *wanted && proof.span.range().contains(&(mention.span.start as usize))
                    }),
                    "{wanted:?} is not in `{}`",
                    proof.span.of(text)
                );
            }
            prop_assert!(!companion.proof.highlights.is_empty());
            for highlight in &companion.proof.highlights {
                prop_assert!(companion.proof.span.contains(*highlight) && !highlight.of(text).is_empty());
            }
            prop_assert!(there.insert(other));
        }
        prop_assert!(found.others.is_sorted_by(|a, b| a.score >= b.score));
        // Who stands with the subject more often than without it is not missing.
        for other in passages.iter().flatten().filter(|other| **other != subject) {
            let (both, total) = (count(&[&subject, other]), count(&[other]));
            let is_more = both * (found.of - found.passages) > (total - both) * found.passages;
            prop_assert_eq!(is_more, there.contains(other), "{:?}", other);
        }
    }

    #[test]
    fn similar_articles_are_of_other_stories_each_once(articles in catalogued()) {
        let scratch = Scratch::of(&articles);
        let reader = scratch.reader();
        let story = |key: u64| reader.groups().story(key).unwrap_or(key);
        for address in reader.addresses() {
            let own = story(reader.record(address).unwrap().id.key());
            let found = similar(&reader, address, 5, 1).unwrap();
            let stories: Vec<u64> = found.hits.iter().map(|hit| story(hit.record.id.key())).collect();
            prop_assert!(!stories.contains(&own));
            prop_assert_eq!(stories.iter().collect::<BTreeSet<_>>().len(), stories.len());
            prop_assert!(found.hits.is_sorted_by(|a, b| a.score >= b.score));
            prop_assert!(found.words.len() <= 25 && found.entities.len() <= 10);
        }
    }
}
