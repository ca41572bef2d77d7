//! Results for people, and as lines for other programs.

use std::io::{self, Write};

use dateline::article::Span;
use dateline::gazetteer::regions;
use dateline::search::{Bin, Diagnosis, Facet, Hit, PassageHit, Results, Tier, Value};
use dateline::snippet::Snippet;

use crate::json::{Labels, chosen, code_points, named, value_name};
use crate::plain::{Mark, Piece, Plain, Style};

/// Prints a page of results.
pub fn results(
    out: &mut dyn Write,
    style: Style,
    results: &Results,
    labels: &Labels<'_>,
    first_rank: usize,
) -> io::Result<()> {
    let number = |count: u64, one: &str, many: &str| {
        format!("{} {}", grouped(count), if count == 1 { one } else { many })
    };
    let articles = if results.articles == results.total {
        number(results.total, "article", "articles")
    } else {
        let stories = number(results.total, "story", "stories");
        format!("{stories} in {}", number(results.articles, "article", "articles"))
    };
    let has = if results.total == 1 { "has" } else { "have" };
    let (one, many) = if labels.are_words { ("word", "words") } else { ("part", "parts") };
    match (results.counted, labels.clauses.len()) {
        (None, _) => writeln!(out, "nothing found")?,
        (Some(_), 0) => writeln!(out, "{articles}")?,
        (Some(Tier::All), 1) if labels.are_words => writeln!(out, "{articles} {has} the word")?,
        (Some(Tier::All), 1) => {
            writeln!(out, "{articles} {}", if results.total == 1 { "matches" } else { "match" })?;
        }
        (Some(Tier::All), 2) => writeln!(out, "{articles} {has} both {many}")?,
        (Some(Tier::All), _) => writeln!(out, "{articles} {has} every {one}")?,
        (Some(Tier::Most), 2) => writeln!(out, "no article has both {many}; {articles} {has} one of them")?,
        (Some(Tier::Most), all) => {
            let least = results.at_least;
            writeln!(out, "no article has all {all} {many}; {articles} {has} at least {least} of them")?;
        }
    }
    if results.hidden > 0 {
        let hidden = number(results.hidden, "withdrawn article is", "withdrawn articles are");
        writeln!(out, "{}", style.faint(format!("{hidden} not shown; `--withdrawn` shows them")))?;
    }
    let mut tier = None;
    for (rank, found) in (first_rank..).zip(&results.hits) {
        // Of a long query both tiers are in one order.
        let is_last_tier = || results.hits[rank - first_rank..].iter().all(|hit| hit.tier == Tier::Most);
        let first_of_most = found.tier == Tier::Most && tier != Some(Tier::Most) && is_last_tier();
        if first_of_most && results.counted == Some(Tier::All) {
            writeln!(out)?;
            let rule = match labels.clauses.len() {
                2 => format!("--- one of the {many} ---"),
                _ => format!("--- at least {} of the {many} ---", results.at_least),
            };
            writeln!(out, "{}", style.faint(rule))?;
        }
        tier = Some(found.tier);
        writeln!(out)?;
        hit(out, style, rank, found, labels)?;
    }
    if !results.histogram.is_empty() {
        writeln!(out)?;
        histogram(out, &results.histogram, style.width)?;
    }
    if results.total > 0 && !results.facets.is_empty() {
        writeln!(out)?;
        facets(out, style, &results.facets)?;
    }
    Ok(())
}

/// What no article has of what was asked for.
pub fn absent(diagnosis: &Diagnosis) -> Option<String> {
    /// More are too many to be read.
    const TOLD: usize = 5;
    let words: Vec<String> = diagnosis.absent.iter().take(TOLD).map(|word| format!("\"{word}\"")).collect();
    let more = diagnosis.absent.len() - words.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!words.is_empty()).then(|| format!("no article has {}{more}", words.join(" or ")))
}

/// What could be asked instead, each with how many stories it finds.
pub fn advice(out: &mut dyn Write, diagnosis: &Diagnosis) -> io::Result<()> {
    if let Some(rewrite) = &diagnosis.did_you_mean {
        let without = rewrite.without.as_ref().map_or(String::new(), |clause| format!(", without {clause}"));
        let query = rewrite.query.to_string() + &without;
        writeln!(out, "did you mean {}? -> {}", Plain(&query), grouped(rewrite.count))?;
    }
    for without in &diagnosis.without {
        writeln!(out, "without {} -> {}", Plain(&without.clause), grouped(without.count))?;
    }
    for instead in &diagnosis.instead {
        writeln!(
            out,
            "did you mean {} ({})? -> {}",
            Plain(&instead.by),
            instead.name,
            grouped(instead.count)
        )?;
    }
    if diagnosis.is_cut {
        writeln!(out, "not all that could be left out or spelt otherwise was tried")?;
    }
    Ok(())
}

/// A bar for each step of time.
fn histogram(out: &mut dyn Write, bins: &[Bin], width: usize) -> io::Result<()> {
    let highest = bins.iter().map(|bin| bin.count).max().unwrap_or(1).max(1);
    for bin in bins {
        let count = grouped(bin.count);
        let room = width.saturating_sub(22).max(8) as u64;
        // Whatever is there is seen.
        let length = (bin.count * room).div_ceil(highest);
        let line =
            format!("{:<10} {count:>8}  {}", bin.label, "#".repeat(usize::try_from(length).unwrap_or(0)));
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// `12345` as `12,345`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// An article found, with its passages.
pub fn hit(out: &mut dyn Write, style: Style, rank: usize, hit: &Hit, labels: &Labels<'_>) -> io::Result<()> {
    let article = &hit.record.article;
    let number = format!("{rank:>2}  ");
    let indent = " ".repeat(number.len());
    let title = if article.title.is_empty() { "(no title)" } else { &article.title };
    let spans = if article.title.is_empty() { &[][..] } else { &hit.title };
    let lines = style.wrap(&pieces(title, Span::new(0, title.len()), spans), &indent);
    for (index, line) in lines.iter().enumerate() {
        let text = style.bold(style.link(line.trim_start(), article.url.as_deref()));
        writeln!(out, "{}{text}", if index == 0 { &number } else { &indent })?;
    }
    let mut about = Vec::new();
    if let Some(date) = article.published {
        about.push(date.day());
    }
    if !article.source.is_empty() {
        about.push(Plain(&article.source).to_string());
    }
    if article.status.as_str() != "usable" {
        about.push(article.status.as_str().to_owned());
    }
    about.push(hit.record.id.to_string()[..12].to_owned());
    match hit.copies {
        0 => {}
        1 => about.push("1 copy".to_owned()),
        copies => about.push(format!("{copies} copies")),
    }
    writeln!(out, "{indent}{}", style.faint(about.join(" · ")))?;
    let several = labels.lookups.len() > 1;
    for passage in &hit.passages {
        let span = passage.snippet.span;
        for line in style.wrap(&snippet_pieces(&article.body, &passage.snippet), &indent) {
            writeln!(out, "{line}")?;
        }
        let words = chosen(&labels.lookups, &passage.snippet.has, true);
        if several && !words.is_empty() {
            let [start, end] = code_points(&article.body, span);
            let words: Vec<String> = words.iter().map(|word| Plain(word).to_string()).collect();
            writeln!(out, "{indent}{}", style.faint(format!("[{}] @{start}-{end}", words.join(", "))))?;
        }
        if labels.rarity.is_some() {
            told(out, style, &indent, passage_explained(passage, labels))?;
        }
    }
    if let Some(rarity) = labels.rarity {
        told(out, style, &indent, hit_explained(hit, labels, rarity))?;
    }
    let missing = chosen(&labels.clauses, &hit.has, false);
    if !missing.is_empty() {
        let missing: Vec<String> = missing.iter().map(|word| Plain(word).to_string()).collect();
        writeln!(out, "{indent}{}", style.faint(format!("without: {}", missing.join(", "))))?;
    }
    let (entities, regions) = named(&hit.record);
    let names = |names: Vec<&str>| -> String {
        const SHOWN: usize = 8;
        let more = names.len().saturating_sub(SHOWN);
        let shown: Vec<String> = names.iter().take(SHOWN).map(|name| Plain(name).to_string()).collect();
        shown.join(", ") + &(if more > 0 { format!(" and {more} more") } else { String::new() })
    };
    let rows = [
        ("entities", names(entities.iter().map(super::json::EntityJson::name).collect())),
        ("regions", names(regions.iter().map(super::json::RegionJson::name).collect())),
    ];
    for (what, names) in rows.iter().filter(|(_, names)| !names.is_empty()) {
        let piece = Piece { text: format!("{what}: {names}"), mark: Mark::None };
        for line in style.wrap(&[piece], &indent) {
            writeln!(out, "{}", style.faint(line))?;
        }
    }
    Ok(())
}

/// A line in small print.
fn told(out: &mut dyn Write, style: Style, indent: &str, text: String) -> io::Result<()> {
    for line in style.wrap(&[Piece { text, mark: Mark::None }], indent) {
        writeln!(out, "{}", style.faint(line))?;
    }
    Ok(())
}

/// A sum in words, without what adds nothing.
fn sum(of: &str, score: f32, parts: &[(String, f32)]) -> String {
    let parts: Vec<String> = parts
        .iter()
        .filter(|(_, value)| *value != 0.0)
        .map(|(name, value)| format!("{value:.3} {name}"))
        .collect();
    if parts.is_empty() {
        format!("{of}: {score:.3}")
    } else {
        format!("{of}: {score:.3} = {}", parts.join(" + "))
    }
}

fn times(count: u32) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

fn passage_explained(passage: &PassageHit, labels: &Labels<'_>) -> String {
    let said = passage.said.iter().map(|said| {
        let word = labels.lookups[said.lookup];
        (format!("for {word}, {}", times(said.count)), said.score)
    });
    let mut parts: Vec<(String, f32)> = said.collect();
    parts.push(("for naming what is filtered by".to_owned(), passage.named));
    sum("passage", passage.score, &parts)
}

fn hit_explained(hit: &Hit, labels: &Labels<'_>, rarity: &[f32]) -> String {
    let own = &hit.parts;
    let parts = [
        ("for words", own.words),
        ("for words in the title", own.title),
        ("for forms as typed", own.forms),
        ("for words side by side or near", own.pairs),
        ("for words in boilerplate", own.boilerplate),
        ("for the best passage", own.passage),
        ("for being new", own.recency),
    ];
    let mut text = sum("score", hit.score, &parts.map(|(name, value)| (name.to_owned(), value)));
    let words = labels.lookups.iter().zip(rarity).zip(&hit.counts).filter(|(_, count)| **count > 0);
    let words: Vec<String> = words
        .map(|((word, rarity), count)| match *rarity {
            // What stands for others has none of its own.
            0.0 => format!("{word} {}", times(*count)),
            rarity => format!("{word} {}, rarity {rarity:.2}", times(*count)),
        })
        .collect();
    if !words.is_empty() {
        text.push_str("; ");
        text.push_str(&words.join("; "));
    }
    text
}

/// A part of a text, cut where highlights start and end.
pub fn pieces(text: &str, span: Span, highlights: &[Span]) -> Vec<Piece> {
    let marked: Vec<(Span, Mark)> = highlights.iter().map(|span| (*span, Mark::Match)).collect();
    marked_pieces(text, span, &marked)
}

/// The same for what a snippet marks; a name is a highlight too where it is what matched.
fn snippet_pieces(text: &str, snippet: &Snippet) -> Vec<Piece> {
    let is_name =
        |span: &Span| snippet.names.iter().any(|name| name.start < span.end && span.start < name.end);
    let words = snippet.highlights.iter().filter(|span| !is_name(span)).map(|span| (*span, Mark::Match));
    let mut marked: Vec<(Span, Mark)> =
        words.chain(snippet.names.iter().map(|span| (*span, Mark::Name))).collect();
    marked.sort_unstable_by_key(|(span, _)| span.start);
    marked_pieces(text, snippet.span, &marked)
}

fn marked_pieces(text: &str, span: Span, marked: &[(Span, Mark)]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut at = span.start;
    let mut add = |from: u32, to: u32, mark: Mark| {
        if from < to {
            pieces.push(Piece { text: text[from as usize..to as usize].to_owned(), mark });
        }
    };
    for (span, mark) in marked {
        add(at, span.start, Mark::None);
        add(span.start, span.end, *mark);
        at = span.end;
    }
    add(at, span.end, Mark::None);
    pieces
}

/// The counts of every facet that has any.
fn facets(out: &mut dyn Write, style: Style, facets: &[Facet]) -> io::Result<()> {
    /// Two blanks after the longest usual name.
    const USUAL: usize = 9;
    let labels: Vec<String> = facets
        .iter()
        .map(|facet| match &facet.within {
            Some(within) => format!("{}/{within}", facet.field),
            None => facet.field.to_owned(),
        })
        .collect();
    let width = labels.iter().map(|label| label.len() + 2).fold(USUAL, usize::max);
    for (facet, label) in facets.iter().zip(&labels).filter(|(facet, _)| !facet.values.is_empty()) {
        let lines = if facet.field == "region" {
            let mut lines = Vec::new();
            tree(style, &facet.values, None, &" ".repeat(width), &mut lines);
            lines
        } else {
            row(style, facet.field, &facet.values.iter().collect::<Vec<_>>(), &" ".repeat(width))
        };
        for (index, line) in lines.iter().enumerate() {
            if index == 0 {
                writeln!(out, "{}{}", style.faint(format!("{label:<width$}")), line.trim_start())?;
            } else {
                writeln!(out, "{line}")?;
            }
        }
    }
    Ok(())
}

/// Values beside each other, with their counts of stories, and of articles where those differ.
fn row(style: Style, field: &str, values: &[&Value], indent: &str) -> Vec<String> {
    let shown: Vec<String> = values
        .iter()
        .map(|value| {
            let articles = if value.articles == value.count {
                String::new()
            } else {
                format!(" ({})", grouped(value.articles))
            };
            format!("{} {}{articles}", value_name(field, &value.value), grouped(value.count))
        })
        .collect();
    style.wrap(&[Piece { text: shown.join(" · "), mark: Mark::None }], indent)
}

/// Regions below the smallest region that is shown and holds them.
fn tree(style: Style, values: &[Value], parent: Option<&str>, indent: &str, lines: &mut Vec<String>) {
    let is_shown = |code: &str| values.iter().any(|value| value.value == code);
    let holder = |value: &Value| {
        let region = regions().get(&value.value)?;
        regions().ancestors(region.code).into_iter().map(|code| code.0).find(|code| is_shown(code))
    };
    let mut leaves: Vec<&Value> = Vec::new();
    for value in values.iter().filter(|value| holder(value) == parent) {
        let has_parts = values.iter().any(|other| holder(other) == Some(value.value.as_str()));
        if has_parts {
            lines.extend(row(style, "region", &std::mem::take(&mut leaves), indent));
            lines.extend(row(style, "region", &[value], indent));
            tree(style, values, Some(&value.value), &format!("{indent}  "), lines);
        } else {
            leaves.push(value);
        }
    }
    lines.extend(row(style, "region", &leaves, indent));
}

/// One line a passage: rank, tier, score, address, date, source, title, text, after what is `before`; highlights are
/// left out.
pub fn lines(out: &mut dyn Write, hits: &[Hit], first_rank: usize, before: &str) -> io::Result<()> {
    for (rank, hit) in (first_rank..).zip(hits) {
        let article = &hit.record.article;
        let tier = if hit.tier == Tier::All { "all" } else { "most" };
        let date = article.published.map(|date| date.to_string()).unwrap_or_default();
        let mut row = |address: &str, text: &str| {
            writeln!(
                out,
                "{before}{rank}\t{tier}\t{:.3}\t{address}\t{date}\t{}\t{}\t{}",
                hit.score,
                Plain(&article.source),
                Plain(&article.title),
                Plain(text)
            )
        };
        if hit.passages.is_empty() {
            row(&hit.record.id.to_string(), "")?;
        }
        for passage in &hit.passages {
            let span = passage.snippet.span;
            let [start, end] = code_points(&article.body, span);
            row(&format!("{}@{start}-{end}", hit.record.id), span.of(&article.body))?;
        }
    }
    Ok(())
}
