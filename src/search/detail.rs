//! What is shown of an article that was found: its best passages with what matched, and what its score is made of.

use rustc_hash::{FxHashMap, FxHashSet};

use super::collect::Ranked;
use super::evidence::Evidence;
use super::rank::{Parts, Scored, Statistics, said, scored_passages, share};
use super::witness::witnesses;
use super::{Hit, PassageHit, Request, Said};
use crate::annotate::{Part, Referent};
use crate::article::Span;
use crate::error::Result;
use crate::gazetteer::regions;
use crate::index::Reader;
use crate::plan::{Lookup, Need, Pattern, Plan};
use crate::schema::{Record, annotation_term};
use crate::snippet::{DECISIVE, Match, Shown, Snippet, WIDEST, Weight, highlights, naming};
use crate::words::Analyzer;

/// Everything to show of one article, in texts of about so many characters.
pub(super) fn detail(
    reader: &Reader,
    request: &Request,
    statistics: &Statistics,
    analyzer: &mut Analyzer,
    ranked: Ranked,
    found: &Evidence,
    chars: usize,
) -> Result<Hit> {
    let plan = &request.plan;
    let record = reader.record(ranked.address)?;
    let body = &record.article.body;
    let body_start = found.body_start();
    let lengths = name_lengths(plan, &record, body_start, analyzer);
    let (mut in_title, mut in_body) = (Vec::new(), Vec::new());
    for (clause, positions) in (0..).zip(&found.positions) {
        let usual = plan.wanted[usize::from(clause)].length();
        let length = |at: u32| lengths.get(&(clause, at)).copied().unwrap_or(usual);
        for (start, position) in
            positions.iter().flat_map(|&at| (at..at + length(at)).map(move |it| (at, it)))
        {
            let goes_on = position > start;
            match position.checked_sub(body_start) {
                Some(word) => in_body.push(Match { word, clause, goes_on }),
                None => in_title.push(Match { word: position, clause, goes_on }),
            }
        }
    }
    for matches in [&mut in_title, &mut in_body] {
        matches.sort_unstable();
        // Where phrases overlap, a word is the end of one and the start of the next; the later one sorts last.
        matches.reverse();
        matches.dedup_by_key(|found| (found.word, found.clause));
        matches.reverse();
    }
    let weights: Vec<Weight> = plan
        .wanted
        .iter()
        .zip(&statistics.idf)
        .map(|(lookup, &rarity)| {
            let of = |&typed: &usize| (u16::try_from(typed).expect("queries are short"), lookup.boost);
            Weight {
                rarity,
                words: lookup.length(),
                stands_for: lookup.stands_for.iter().map(of).collect(),
                stem: lookup.stem().map(str::to_owned),
                is_name: matches!(lookup.parts[0][..], [Pattern::Mention(_), ..]),
            }
        })
        .collect();
    let ends = |passage: usize| found.passages.get(passage + 1).map_or(body.len(), |next| next.byte as usize);
    let about = favoured(plan, &record);
    let bonus: Vec<bool> = (0..found.passages.len())
        .map(|passage| {
            let span = Span::new(found.passages[passage].byte as usize, ends(passage));
            about.iter().any(|mention| span.contains(*mention))
        })
        .collect();
    let named = named(plan, &record);
    let mut in_words = witnesses(reader, plan, statistics, ranked.address)?;
    for stretches in &mut in_words {
        // What the title shows is shown.
        stretches.retain(|(first, _)| *first >= body_start);
        for (first, last) in stretches.iter_mut() {
            *first -= body_start;
            *last -= body_start;
        }
    }
    let shown = Shown {
        body,
        matches: &in_body,
        weights: &weights,
        witnesses: &in_words,
        favoured: &about,
        named: &named,
        chars,
    };
    // An operator may hold by words of this passage and its neighbours.
    let reach = |passage: usize| {
        let next = found.passages.get(passage + 1).map_or(u32::MAX, |next| next.position - body_start);
        let here = found.passages[passage].position - body_start..next;
        let of = |word: u32| found.passage_of(word + body_start).unwrap_or(passage);
        let goes_over = in_words.iter().flatten().filter(|(first, last)| {
            here.contains(first) != here.contains(last) && ((last - first) as usize) < WIDEST * chars / 2
        });
        goes_over
            .fold((passage, passage), |(from, to), &(first, last)| (from.min(of(first)), to.max(of(last))))
    };
    let mut candidates: Vec<PassageHit> = Vec::new();
    for scored in with_bonus(statistics, found, &bonus) {
        let Scored { passage, score, named, .. } = scored;
        let start = found.passages[passage];
        let span = Span::new(start.byte as usize, ends(passage));
        if !span.of(body).trim().is_empty() {
            let mut cut = |from: usize, to: usize| {
                let all = Span::new(found.passages[from].byte as usize, ends(to));
                shown.snippet(all, found.passages[from].position - body_start, analyzer)
            };
            let (from, to) = reach(passage);
            let mut snippet = cut(from, to);
            // A stretch that is too long for one text is shown in two, each of its own passage.
            let is_here = snippet.span.start < span.end && span.start < snippet.span.end;
            if from < to && !(is_here && snippet.shows.contains(&true)) {
                snippet = cut(passage, passage);
            }
            snippet.has = said_by(plan, &snippet.has);
            candidates.push(PassageHit {
                snippet,
                span,
                score,
                said: said_in(statistics, found, &scored),
                named,
            });
        }
    }
    let passages = chosen(statistics, candidates, request.passages);
    let title_tokens = analyzer.tokens(&record.article.title);
    let title = highlights(&title_tokens, &in_title, &weights);
    let clauses = plan.clauses.iter().zip(&found.has);
    let has = clauses.filter(|(clause, _)| clause.need != Need::May).map(|(_, has)| *has).collect();
    let count = |positions: &Vec<u32>| u32::try_from(positions.len()).unwrap_or(u32::MAX);
    Ok(Hit {
        tier: ranked.tier,
        score: ranked.score,
        parts: found.parts.clone().unwrap_or(Parts { words: ranked.score, ..Parts::default() }),
        counts: found.positions.iter().map(count).collect(),
        copies: ranked.copies,
        has,
        title,
        passages,
        record,
    })
}

/// How many words the names have that lookups ask for, by lookup and position. The index has where they start.
fn name_lengths(
    plan: &Plan,
    record: &Record,
    body_start: u32,
    analyzer: &mut Analyzer,
) -> FxHashMap<(u16, u32), u32> {
    let mut lengths = FxHashMap::default();
    let is_name = |pattern: &Pattern| matches!(pattern, Pattern::Mention(_));
    let lookups: Vec<(u16, &[Pattern])> =
        (0..).zip(&plan.wanted).map(|(at, lookup)| (at, lookup.parts[0].as_slice())).collect();
    if !lookups.iter().any(|(_, patterns)| patterns.iter().any(is_name)) {
        return lengths;
    }
    let narrow = |words: usize| u32::try_from(words).unwrap_or(u32::MAX);
    let Record { article, mentions, .. } = record;
    for (part, text, from) in [(Part::Title, &article.title, 0), (Part::Body, &article.body, body_start)] {
        let tokens = analyzer.tokens(text);
        for mention in mentions.iter().filter(|mention| mention.part == part) {
            let name = Pattern::Mention(annotation_term(&mention.referent));
            let words = tokens.within(mention.span);
            let position = from.saturating_add(narrow(words.start));
            for (lookup, _) in lookups.iter().filter(|(_, patterns)| patterns.contains(&name)) {
                lengths.insert((*lookup, position), narrow(words.len()).max(1));
            }
        }
    }
    lengths
}

/// Mentions in the body of what filters and conditions ask for.
pub(super) fn favoured(plan: &Plan, record: &Record) -> Vec<Span> {
    let (named, places) = plan.named();
    let is_wanted = |referent: &Referent| match referent {
        Referent::Entity(id) => named.contains(&id.as_str()),
        Referent::Region(code) => {
            !places.is_empty()
                && std::iter::once(*code)
                    .chain(regions().ancestors(*code))
                    .any(|code| places.contains(&code.0))
        }
    };
    let in_body = record.mentions.iter().filter(|mention| mention.part == Part::Body);
    in_body.filter(|mention| is_wanted(&mention.referent)).map(|mention| mention.span).collect()
}

/// For each lookup whether a text that has some says it; what stands for others only where they are not there.
fn said_by(plan: &Plan, has: &[bool]) -> Vec<bool> {
    let each = plan.wanted.iter().enumerate();
    let is_said =
        |lookup: &Lookup| !lookup.stands_for.is_empty() && lookup.stands_for.iter().all(|&typed| has[typed]);
    each.map(|(at, lookup)| has[at] && !is_said(lookup)).collect()
}

/// Mentions in the body of what lookups name.
fn named(plan: &Plan, record: &Record) -> Vec<Span> {
    let terms: FxHashSet<&str> = plan
        .wanted
        .iter()
        .flat_map(|lookup| &lookup.parts[0])
        .filter_map(|pattern| if let Pattern::Mention(term) = pattern { Some(term.as_str()) } else { None })
        .collect();
    if terms.is_empty() {
        return Vec::new();
    }
    let in_body = record.mentions.iter().filter(|mention| mention.part == Part::Body);
    let asked = in_body.filter(|mention| terms.contains(annotation_term(&mention.referent).as_str()));
    asked.map(|mention| mention.span).collect()
}

/// The passages that may be shown, in order of place: those with words of the query. To name what the filters ask for is
/// worth less than any word. Where the body has none of the words, those that name it may be shown, or the first.
pub(super) fn with_bonus(statistics: &Statistics, found: &Evidence, bonus: &[bool]) -> Vec<Scored> {
    let named = naming(statistics.idf.iter().copied());
    let mut candidates = scored_passages(statistics, found);
    for candidate in candidates.iter_mut().filter(|candidate| bonus[candidate.passage]) {
        candidate.score += named;
        candidate.named = named;
    }
    if candidates.is_empty() {
        let naming = (0..bonus.len()).filter(|&passage| bonus[passage]);
        candidates.extend(naming.map(|passage| Scored { passage, score: named, has: 0, named }));
    }
    if candidates.is_empty() && !found.passages.is_empty() {
        candidates.push(Scored { passage: 0, score: 0.0, has: 0, named: 0.0 });
    }
    candidates.sort_by_key(|scored| scored.passage);
    candidates
}

/// The passages to show: the one whose text says most, then those that still say something beside it. What the chosen
/// ones have counts half the second time, and an operator that holds in one of them counts no more.
fn chosen(statistics: &Statistics, mut candidates: Vec<PassageHit>, limit: usize) -> Vec<PassageHit> {
    /// A further passage says at least this part of what the query asks.
    const WORTH: f32 = 0.4;
    let mut chosen: Vec<PassageHit> = Vec::new();
    let all: f32 = statistics.idf.iter().sum();
    while chosen.len() < limit {
        let is_known = |lookup: usize| chosen.iter().any(|chosen| chosen.snippet.has[lookup]);
        let is_shown = |operator: usize| chosen.iter().any(|chosen| chosen.snippet.shows[operator]);
        #[allow(clippy::cast_precision_loss, reason = "a few operators")]
        let again = |Snippet { has, shows, .. }: &Snippet| -> f32 {
            let known = (0..has.len()).filter(|&lookup| has[lookup] && is_known(lookup));
            let shown = (0..shows.len()).filter(|&operator| shows[operator] && is_shown(operator)).count();
            known.map(|lookup| statistics.idf[lookup]).sum::<f32>() / 2.0 + DECISIVE * all * shown as f32
        };
        let value = |at: usize| candidates[at].snippet.value - again(&candidates[at].snippet);
        let says_more = |at: &usize| {
            let Snippet { has, shows, .. } = &candidates[*at].snippet;
            let adds = (0..has.len()).any(|lookup| has[lookup] && !is_known(lookup))
                || (0..shows.len()).any(|operator| shows[operator] && !is_shown(operator));
            adds || (value(*at) >= WORTH * all && has.contains(&true))
        };
        let best = (0..candidates.len())
            .filter(|at| chosen.is_empty() || says_more(at))
            .max_by(|&a, &b| value(a).total_cmp(&value(b)).then(b.cmp(&a)));
        let Some(best) = best else { break };
        let best = candidates.remove(best);
        // One that goes on into the next leaves nothing to show twice.
        let shown = best.snippet.span;
        candidates
            .retain(|other| other.snippet.span.end <= shown.start || shown.end <= other.snippet.span.start);
        chosen.push(best);
    }
    chosen
}

/// What each lookup adds to the score of a passage.
fn said_in(statistics: &Statistics, found: &Evidence, scored: &Scored) -> Vec<Said> {
    let start = found.passages[scored.passage].position;
    let end = found.passages.get(scored.passage + 1).map_or(u32::MAX, |next| next.position);
    let kept = share(statistics, scored.has);
    let each = (0..found.positions.len()).map(|lookup| {
        let before = |end: u32| found.of(lookup).partition_point(|&position| position < end);
        let count = u32::try_from(before(end) - before(start)).unwrap_or(u32::MAX);
        Said { lookup, count, score: kept * said(statistics, found, lookup, count, scored.passage) }
    });
    each.filter(|said| said.count > 0).collect()
}
