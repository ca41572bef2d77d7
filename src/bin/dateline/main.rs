//! The `dateline` command: flags, terminal, JSON. What it does is the library's.

mod alerts;
mod batch;
mod complete;
mod eval;
mod flags;
mod json;
mod know;
mod parse;
mod plain;
mod progress;
mod rows;
mod saved;
mod similar;
mod text;
mod trend;
mod why;
mod with;
mod write;

use std::collections::hash_map::Entry;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use dateline::article::{Date, Span};
use dateline::error::{Error, Result};
use dateline::gazetteer::{entities, nearest, regions};
use dateline::index::Reader;
use dateline::plan::{Filters, Plan, Surroundings, plan_within};
use dateline::query::{At, Condition, Field, Node, Query, Warning, dates};
use dateline::saved::Saved;
use dateline::schema::Record;
use dateline::search::{Diagnosis, FacetRequest, Recency, Request, Results, Sort, diagnose, search};
use dateline::stories::compare;
use dateline::words::Analyzer;
use rustc_hash::FxHashMap;

use crate::flags::{
    AskedArgs, Cli, Command, FilterArgs, Format, Order, OutputArgs, SearchArgs, ShowArgs, When,
};
use crate::plain::{Plain, Style};
use crate::progress::Progress;

/// The outcomes that are no errors.
const NOTHING_FOUND: u8 = 1;
const WITH_REJECTS: u8 = 5;

/// Any other failure.
const INTERNAL_ERROR: u8 = 6;

fn main() -> ExitCode {
    match complete::answer() {
        Ok(false) => {}
        Ok(true) => return ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr().lock(), "error: {error}");
            return ExitCode::from(INTERNAL_ERROR);
        }
    }
    let cli = Cli::parse();
    // A panic is a broken invariant: of ours, or of the engine where a file of the index is damaged in a
    // way that only reading it shows. Either way a person gets one line.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(
            io::stderr().lock(),
            "error: internal error at {place}; if `dateline verify` finds the index sound, please report this"
        );
    }));
    let code = match std::panic::catch_unwind(|| run(&cli)) {
        Ok(Ok(code)) => code,
        Ok(Err(error)) => {
            report(&error);
            error.exit_code()
        }
        Err(_) => INTERNAL_ERROR,
    };
    ExitCode::from(code)
}

fn run(cli: &Cli) -> Result<u8> {
    let file = cli.gazetteer.clone().or_else(|| std::env::var_os("DATELINE_GAZETTEER").map(Into::into));
    if let Some(file) = &file {
        let table = std::fs::read_to_string(file).map_err(|error| Error::Io { path: file.clone(), error })?;
        dateline::gazetteer::extend(&file.display().to_string(), &table)?;
    }
    match &cli.command {
        Command::Index(args) => write::index(cli, args),
        Command::Watch(args) => write::watch(cli, args),
        Command::Delete(args) => write::delete(cli, args),
        Command::Search(args) => find(cli, args),
        Command::Parse(args) => parse::run(cli, args),
        Command::WhyNot(args) => why::run(cli, args),
        Command::Trend(args) => trend::run(cli, args),
        Command::With(args) => with::run(cli, args),
        Command::Similar(args) => similar::run(cli, args),
        Command::Saved(command) => saved::run(cli, command),
        Command::Eval(args) => eval::eval(cli, args),
        Command::Show(args) => show(cli, args),
        Command::Stats(args) => stats(cli, args.shape.is_json()),
        Command::Reindex(args) => write::remake(cli, args),
        Command::Annotate(args) => know::annotate(args),
        Command::Entity(args) => know::entity(cli, args),
        Command::Region(args) => know::region(cli, args),
        #[cfg(feature = "train")]
        Command::Train(args) => write::train(cli, args),
        Command::Verify(args) => verify(cli, args.shape.is_json()),
        Command::Completions(args) => print(|out| out.write_all(&complete::script(args.shell)?)),
        Command::Man(args) => manual(args.directory.as_deref()),
    }
}

/// Prints an error for people, on standard error.
fn report(error: &Error) {
    let message = error.to_string();
    // Standard error may be closed; there is nobody left to tell.
    let _ = writeln!(io::stderr().lock(), "error: {}", Plain(&message));
}

/// Runs `write` on standard output. A reader that has gone away, as with `| head`, wants no more.
fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<u8> {
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(0),
        Err(error) => Err(Error::Io { path: "standard output".into(), error }),
        Ok(()) => Ok(0),
    }
}

/// Writes a line to standard error unless told to be quiet.
fn note(cli: &Cli, line: &str) {
    if !cli.quiet {
        let _ = writeln!(io::stderr().lock(), "{line}");
    }
}

/// Writes how names and words were read to standard error, unless told to be quiet.
fn tell(cli: &Cli, notes: &[String]) {
    for found in notes {
        note(cli, &format!("note: {}", Plain(found)));
    }
}

fn style(cli: &Cli) -> Style {
    let is_terminal = io::stdout().is_terminal();
    let color = match cli.color {
        When::Always => true,
        When::Never => false,
        When::Auto => is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    };
    /// Lines longer than this are hard to read, however wide the terminal.
    const WIDEST: usize = 100;
    let width = terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0));
    Style { color, width: width.min(WIDEST) }
}

fn now(given: Option<&str>) -> Result<i64> {
    if let Some(text) = given {
        Ok(Date::parse(text).map_err(Error::Usage)?.start)
    } else {
        let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Ok(i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX))
    }
}

/// Opens the index, and says where it knows less than this program.
fn open(cli: &Cli) -> Result<Reader> {
    let reader = Reader::open(&cli.index)?;
    if reader.manifest().gazetteer != dateline::annotate::version(reader.manifest().tagger) {
        note(cli, "warning: the index was made with other rules or tables of names; run `dateline reindex`");
    }
    Ok(reader)
}

/// The query with saved queries in the place of their names. A url asks for the articles that have it.
fn parsed(reader: &Reader, typed: &str) -> Result<Query> {
    let mut query = Query::parse(typed)?;
    let url = typed.trim();
    if (url.starts_with("https://") || url.starts_with("http://")) && !url.contains(char::is_whitespace) {
        if reader.has(url)? {
            let condition = Condition { field: Field::Id, value: url.to_owned(), at: At::default() };
            return Ok(Query { clauses: vec![Node::Field(condition)], ..Query::default() });
        }
        let span = Span::new(0, typed.len());
        let message = "no article has this url, searched as text".to_owned();
        query.warnings.push(Warning { message, hint: None, span });
    }
    if query.names().next().is_some() {
        Saved::read(reader.path())?.resolve(&mut query)?;
    }
    Ok(query)
}

/// What is asked for: the query as it was read, and what is looked up.
fn asked(reader: &Reader, typed: &str, args: &AskedArgs) -> Result<(Query, Plan)> {
    let mut query = parsed(reader, typed)?;
    let mut filters = filters(&args.filters, reader)?;
    filters.with_withdrawn = args.withdrawn;
    filters.with_boilerplate = args.boilerplate;
    filters.as_typed = args.as_typed || args.all_words;
    filters.all_words = args.all_words;
    let mut plan = planned(&query, filters, reader, args.filters.now.as_deref())?;
    for region in &args.filters.region {
        plan.note_region(region);
        if let [code] = regions().resolve(region)[..] {
            plan.note_mentions(code, reader);
        }
    }
    for entity in &args.filters.entity {
        plan.note_entity(entity);
    }
    query.warnings.append(&mut plan.warnings);
    let mut unknown = unknown_values(reader, &query)?;
    query.warnings.append(&mut unknown);
    if args.strict && (!query.warnings.is_empty() || plan.dropped > 0) {
        return Err(Error::Usage(format!(
            "{}, and `--strict` asks for a query without faults",
            query.warnings.first().map_or("the query has too many words", |warning| &warning.message)
        )));
    }
    Ok((query, plan))
}

/// Warns of values that no article has.
fn unknown_values(reader: &Reader, query: &Query) -> Result<Vec<Warning>> {
    /// Near values are looked for among all there are.
    const MAX_SUGGESTED: usize = 3;
    let mut counted: FxHashMap<&str, Vec<(String, u64)>> = FxHashMap::default();
    let mut warnings = Vec::new();
    for node in query.clauses.iter().flat_map(Node::leaves) {
        let Node::Field(Condition { field, value, at }) = node else { continue };
        let (column, what) = match field {
            Field::Source => ("source", "source"),
            Field::Section => ("section", "section"),
            Field::Lang => ("language", "language"),
            Field::By => ("author", "author"),
            Field::Label => ("label", "label"),
            _ => continue,
        };
        if value.contains('*') {
            continue;
        }
        let values = match counted.entry(column) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(slot) => slot.insert(reader.value_counts(column)?),
        };
        if same_values(values, value).is_empty() {
            let is_suggested = warnings.len() < MAX_SUGGESTED;
            let message = if is_suggested {
                unknown_value(what, values, value)
            } else {
                format!("unknown {what} `{value}`")
            };
            warnings.push(Warning { message, hint: None, span: at.0 });
        }
    }
    Ok(warnings)
}

/// Whether something was typed of which nothing could be read, with no filter beside it.
fn is_unreadable(typed: &str, plan: &Plan) -> bool {
    !typed.trim().is_empty() && !plan.asks() && plan.excluded.is_empty()
}

fn find(cli: &Cli, args: &SearchArgs) -> Result<u8> {
    let reader = open(cli)?;
    match &args.batch {
        Some(file) => batch::run(cli, &reader, file, &args.asked, &args.output),
        None => ask(cli, &reader, &args.query.join(" "), &args.asked, &args.output),
    }
}

/// A query with its answer.
struct Answer<'a> {
    typed: &'a str,
    query: Query,
    request: Request,
    results: Results,
    diagnosis: Diagnosis,
    is_explained: bool,
}

/// Searches.
fn answer<'a>(
    reader: &Reader,
    typed: &'a str,
    asked_for: &AskedArgs,
    args: &OutputArgs,
) -> Result<Answer<'a>> {
    let (query, plan) = asked(reader, typed, asked_for)?;
    let by_default = if plan.wanted.is_empty() { Sort::Date } else { Sort::Relevance };
    let request = Request {
        sort: args.sort.map_or(by_default, |order| match order {
            Order::Relevance => Sort::Relevance,
            Order::Date => Sort::Date,
        }),
        limit: usize::from(args.limit),
        offset: (args.page as usize - 1) * usize::from(args.limit),
        passages: usize::from(args.passages),
        facets: FacetRequest::parse(&args.facets)?,
        copies: asked_for.copies,
        histogram: args.histogram.map(Into::into),
        recency: if args.recency > 0.0 {
            let now = asked_for.filters.now.as_deref().map(|given| now(Some(given))).transpose()?;
            Some(Recency { half_life_days: args.recency, now })
        } else {
            None
        },
        plan,
    };
    // Every article would look like an answer.
    let (results, diagnosis) = if is_unreadable(typed, &request.plan) {
        let mut results = Results::default();
        results.notes.clone_from(&request.plan.notes);
        (results, Diagnosis::default())
    } else {
        let results = search(reader, &request)?;
        let diagnosis = diagnose(reader, &request, &results)?;
        (results, diagnosis)
    };
    Ok(Answer { typed, query, request, results, diagnosis, is_explained: args.explain })
}

impl Answer<'_> {
    fn first_rank(&self) -> usize {
        self.request.offset + 1
    }

    fn labels(&self) -> json::Labels<'_> {
        let rarity = self.is_explained.then_some(self.results.rarity.as_slice());
        json::Labels { rarity, ..json::Labels::of(&self.request.plan) }
    }

    fn summary(&self) -> json::Summary<'_> {
        json::summary(self.typed, &self.query, &self.request.plan, &self.results, &self.diagnosis)
    }

    fn hits(&self) -> Vec<json::HitJson<'_>> {
        let labels = self.labels();
        let hits = (self.first_rank()..).zip(&self.results.hits);
        hits.map(|(rank, hit)| json::hit(rank, hit, &labels)).collect()
    }
}

/// Searches, and prints what is found.
fn ask(cli: &Cli, reader: &Reader, typed: &str, asked_for: &AskedArgs, args: &OutputArgs) -> Result<u8> {
    let template = args.template.as_deref().map(rows::Template::parse).transpose()?;
    if args.explain && matches!(args.format, Some(Format::Lines | Format::Csv)) {
        return Err(Error::Usage("`--explain` has no room in lines; leave the other format out".to_owned()));
    }
    let answer = answer(reader, typed, asked_for, args)?;
    warn(cli, typed, &answer.query, answer.request.plan.dropped);
    let (results, first_rank) = (&answer.results, answer.first_rank());
    let format = args.format.unwrap_or(match (args.json, args.jsonl) {
        (true, _) => Format::Json,
        (_, true) => Format::Jsonl,
        _ if args.explain || io::stdout().is_terminal() => Format::Text,
        _ => Format::Lines,
    });
    let mut notes = results.notes.clone();
    if typed.trim().is_empty() && !answer.request.plan.asks() {
        let order = if answer.request.sort == Sort::Date { ", the latest first" } else { "" };
        notes.push(format!("nothing is asked for: all articles{order}"));
    }
    let is_bare = template.is_some() || matches!(format, Format::Lines | Format::Csv);
    if let Some(absent) = text::absent(&answer.diagnosis).filter(|_| is_bare) {
        note(cli, &Plain(&absent).to_string());
    }
    if template.is_some() || format != Format::Text {
        tell(cli, &notes);
    }
    print(|out| {
        if let Some(template) = &template {
            return template.write(out, &results.hits, first_rank);
        }
        match format {
            Format::Text => {
                if let Some(absent) = text::absent(&answer.diagnosis) {
                    writeln!(out, "{}", Plain(&absent))?;
                }
                let reading = answer.request.plan.reading.to_string();
                if !reading.is_empty() && !same_words(typed, &reading) {
                    writeln!(out, "{}", style(cli).faint(format!("read as: {}", Plain(&reading))))?;
                }
                let otherwise = answer.request.plan.said_otherwise();
                if !otherwise.is_empty() {
                    let line = format!("looked up too: {}", otherwise.join("; "));
                    writeln!(out, "{}", style(cli).faint(Plain(&line)))?;
                }
                for found in &notes {
                    writeln!(out, "{}", style(cli).faint(Plain(found)))?;
                }
                text::results(out, style(cli), results, &answer.labels(), first_rank)?;
                text::advice(out, &answer.diagnosis)
            }
            Format::Lines => text::lines(out, &results.hits, first_rank, ""),
            Format::Csv => rows::csv(out, &results.hits, first_rank),
            Format::Json => {
                #[derive(serde::Serialize)]
                struct Document<'a> {
                    #[serde(flatten)]
                    summary: json::Summary<'a>,
                    hits: Vec<json::HitJson<'a>>,
                }
                let document = Document { summary: answer.summary(), hits: answer.hits() };
                writeln!(out, "{}", serde_json::to_string_pretty(&document)?)
            }
            Format::Jsonl => {
                #[derive(serde::Serialize)]
                struct Line<T> {
                    r#type: &'static str,
                    #[serde(flatten)]
                    value: T,
                }
                let summary = Line { r#type: "summary", value: answer.summary() };
                writeln!(out, "{}", serde_json::to_string(&summary)?)?;
                for hit in answer.hits() {
                    writeln!(out, "{}", serde_json::to_string(&Line { r#type: "hit", value: hit })?)?;
                }
                Ok(())
            }
        }
    })?;
    if results.total > 0 && results.hits.is_empty() && args.limit > 0 {
        note(cli, &format!("page {} is beyond the last", args.page));
    }
    if is_bare && results.total == 0 {
        note(cli, "nothing found");
    }
    if is_bare && !cli.quiet {
        // Standard error may be closed; there is nobody left to tell.
        let _ = text::advice(&mut io::stderr().lock(), &answer.diagnosis);
    }
    if is_bare && results.hidden > 0 {
        note(cli, &format!("{} withdrawn, not shown; `--withdrawn` shows them", results.hidden));
    }
    Ok(if results.total == 0 { NOTHING_FOUND } else { 0 })
}

/// Plans a query for an index; `now` is the present where it is given.
fn planned(query: &Query, filters: Filters, reader: &Reader, now: Option<&str>) -> Result<Plan> {
    let surroundings = Surroundings { now: Some(self::now(now)?), index: Some(reader) };
    Ok(plan_within(query, filters, surroundings, &mut Analyzer::default()))
}

/// Whether a reading differs from what was typed in nothing but blanks and the style of its marks.
fn same_words(typed: &str, reading: &str) -> bool {
    let bare = |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect() };
    bare(typed) == bare(reading)
}

/// Says what was put right in a query, pointing at it.
fn warn(cli: &Cli, typed: &str, query: &Query, dropped: usize) {
    /// A query of nothing but mistakes is not made clearer by telling each.
    const SHOWN: usize = 3;
    for warning in query.warnings.iter().take(SHOWN) {
        note(cli, &format!("warning: {}", Plain(&shortened(&warning.message))));
        if !typed.contains('\n') {
            let (line, before, marked) = excerpt(typed, warning.span);
            let width = |text: &str| unicode_width::UnicodeWidthStr::width(Plain(text).to_string().as_str());
            note(cli, &format!("  {}", Plain(&line)));
            note(cli, &format!("  {}{}", " ".repeat(width(&before)), "^".repeat(width(&marked).max(1))));
        }
        if let Some(hint) = &warning.hint {
            note(cli, &format!("hint: {}", Plain(hint)));
        }
    }
    if query.warnings.len() > SHOWN {
        note(cli, &format!("and {} more warnings", query.warnings.len() - SHOWN));
    }
    if let Some(message) = passed_over(dropped) {
        note(cli, &format!("warning: {message}"));
    }
}

/// A message without the middle of what is quoted in it at length.
fn shortened(message: &str) -> String {
    const WHOLE: usize = 160;
    const ENDS: usize = 70;
    let count = message.chars().count();
    if count <= WHOLE {
        return message.to_owned();
    }
    let start: String = message.chars().take(ENDS).collect();
    let end: String = message.chars().skip(count - ENDS).collect();
    format!("{start}…{end}")
}

/// What is shown of a query around a place in it: the line, what is before the place, and the place, of a page of text no more
/// than fits on a line.
fn excerpt(typed: &str, span: Span) -> (String, String, String) {
    /// Characters before and from the place on.
    const BEFORE: usize = 28;
    const BEHIND: usize = 44;
    let (before, rest) = typed.split_at(span.start as usize);
    let skipped = before.chars().count().saturating_sub(BEFORE);
    let is_short = typed.chars().count() <= BEFORE + BEHIND;
    let before: String = match skipped {
        1.. if !is_short => std::iter::once('…').chain(before.chars().skip(skipped)).collect(),
        _ => before.to_owned(),
    };
    let shown = if is_short { usize::MAX } else { BEHIND };
    let mut behind: String = rest.chars().take(shown).collect();
    let marked: String = span.of(typed).chars().take(shown).collect();
    if behind.len() < rest.len() {
        behind.push('…');
    }
    (format!("{before}{behind}"), before, marked)
}

/// What is said of words beyond those that can be looked up.
fn passed_over(dropped: usize) -> Option<String> {
    (dropped > 0).then(|| format!("the last {dropped} words of the query were passed over"))
}

fn filters(args: &FilterArgs, reader: &Reader) -> Result<Filters> {
    let mut filters = Filters::default();
    for region in &args.region {
        filters.add_region(region)?;
    }
    for entity in &args.entity {
        filters.entities.extend(know::entity_ids(Some(reader), entity)?);
    }
    for source in &args.source {
        filters.sources.extend(known(reader, "source", source)?);
    }
    for language in &args.lang {
        filters.languages.extend(known(reader, "language", language)?);
    }
    let today = now(args.now.as_deref())?;
    if let Some(since) = &args.since {
        filters.since = dates::day(since, today).map_err(Error::Usage)?.since;
    }
    if let Some(until) = &args.until {
        filters.until = dates::day(until, today).map_err(Error::Usage)?.until;
    }
    if let (Some(since), Some(until)) = (filters.since, filters.until)
        && since >= until
    {
        return Err(Error::Usage("`--since` is later than `--until`, so nothing can be found".to_owned()));
    }
    Ok(filters)
}

/// The values of a column that a person means, in any case.
fn known(reader: &Reader, field: &str, wanted: &str) -> Result<Vec<String>> {
    let values = reader.value_counts(field)?;
    let same = same_values(&values, wanted);
    if same.is_empty() { Err(Error::Usage(unknown_value(field, &values, wanted))) } else { Ok(same) }
}

fn same_values(values: &[(String, u64)], wanted: &str) -> Vec<String> {
    let folded = dateline::words::fold(wanted);
    let values = values.iter().map(|(value, _)| value);
    values.filter(|value| dateline::words::fold(value) == folded).cloned().collect()
}

/// That none of the values of a column is the one wanted, and which is near.
fn unknown_value(what: &str, values: &[(String, u64)], wanted: &str) -> String {
    let folded = dateline::words::fold(wanted);
    let all: Vec<String> = values.iter().take(5).map(|(value, _)| format!("`{value}`")).collect();
    let nearest = nearest(&folded, values.iter().map(|(value, _)| (value.as_str(), value.as_str())));
    let nearest: Vec<String> = nearest.iter().map(|(value, _)| format!("`{value}`")).collect();
    let hint = match (nearest.is_empty(), all.is_empty()) {
        (false, _) => format!("did you mean {}?", nearest.join(", ")),
        (true, true) => "no article has one".to_owned(),
        (true, false) => format!("the most frequent are {}", all.join(", ")),
    };
    format!("unknown {what} `{wanted}`; {hint}")
}

fn show(cli: &Cli, args: &ShowArgs) -> Result<u8> {
    let reader = Reader::open(&cli.index)?;
    let (id, range) = match args.id.rsplit_once('@') {
        Some((id, range))
            if range
                .split_once('-')
                .is_some_and(|(a, b)| a.parse::<usize>().is_ok() && b.parse::<usize>().is_ok()) =>
        {
            let (start, end) = range.split_once('-').unwrap_or_default();
            (id, Some((start.parse::<usize>().unwrap_or(0), end.parse::<usize>().unwrap_or(0))))
        }
        _ => (args.id.as_str(), None),
    };
    let record = reader.record(reader.resolve(id)?)?;
    let article = &record.article;
    let body = &article.body;
    let span = match range {
        Some((start, end)) => {
            if start > end {
                return Err(Error::Usage(format!("the passage {start}-{end} ends before it starts")));
            }
            let byte = |wanted: usize| body.char_indices().map(|(at, _)| at).chain([body.len()]).nth(wanted);
            match (byte(start), byte(end)) {
                (Some(start), Some(end)) => Span::new(start, end),
                _ => {
                    return Err(Error::Usage(format!(
                        "the body has {} characters, so there is no passage {start}-{end}",
                        body.chars().count()
                    )));
                }
            }
        }
        None => Span::new(0, body.len()),
    };
    let style = style(cli);
    if args.copies {
        return show_copies(&reader, &record, args.shape.is_json(), style);
    }
    print(|out| {
        if args.shape.is_json() {
            #[derive(serde::Serialize)]
            struct Shown<'a> {
                version: u32,
                article_id: String,
                article: &'a dateline::article::Article,
                entities: Vec<json::EntityJson>,
                regions: Vec<json::RegionJson>,
                start: usize,
                end: usize,
                text: &'a str,
                mentions: Vec<json::MentionJson>,
            }
            let (entities, regions) = json::named(&record);
            let [start, end] = json::code_points(body, span);
            let shown = Shown {
                version: json::VERSION,
                article_id: record.id.to_string(),
                article,
                entities,
                regions,
                start,
                end,
                text: span.of(body),
                mentions: json::mentions(&record, span),
            };
            return writeln!(out, "{}", serde_json::to_string_pretty(&shown)?);
        }
        writeln!(
            out,
            "{}",
            style.bold(style.link(&Plain(&article.title).to_string(), article.url.as_deref()))
        )?;
        let rows = [
            ("id", Some(record.id.to_string())),
            ("native id", article.native_id.clone()),
            ("source", Some(article.source.clone())),
            ("author", article.author.clone()),
            ("section", article.section.clone()),
            ("published", article.published.map(|date| date.to_string())),
            ("updated", article.updated.map(|date| date.to_string())),
            ("status", Some(article.status.as_str().to_owned())),
            ("url", article.url.clone()),
        ];
        for (name, value) in rows {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                writeln!(out, "{} {}", style.faint(format!("{name:<10}")), Plain(&value))?;
            }
        }
        let (entities, regions) = json::named(&record);
        let names = [
            ("entities", entities.iter().map(json::EntityJson::name).collect::<Vec<_>>().join(", ")),
            ("regions", regions.iter().map(json::RegionJson::name).collect::<Vec<_>>().join(", ")),
        ];
        for (name, value) in names.iter().filter(|(_, value)| !value.is_empty()) {
            writeln!(out, "{} {}", style.faint(format!("{name:<10}")), Plain(value))?;
        }
        for paragraph in span.of(body).split('\n').filter(|paragraph| !paragraph.trim().is_empty()) {
            writeln!(out)?;
            for line in style.wrap(&text::pieces(paragraph, Span::new(0, paragraph.len()), &[]), "") {
                writeln!(out, "{line}")?;
            }
        }
        Ok(())
    })
}

/// Prints the other articles of a story: how similar each is, and the sentences that only one of the two has.
fn show_copies(reader: &Reader, record: &Record, as_json: bool, style: Style) -> Result<u8> {
    let story = reader.groups().story(record.id.key());
    let members = story.map(|story| reader.groups().members(story)).unwrap_or_default();
    let mut analyzer = Analyzer::default();
    let mut others = Vec::new();
    for key in members.into_iter().filter(|key| *key != record.id.key()) {
        for address in reader.with_key(key)? {
            let other = reader.record(address)?;
            let found = compare(&record.article.body, &other.article.body, &mut analyzer);
            others.push((other, found));
        }
    }
    // As they were published, like the first of a story.
    others.sort_by_key(|(other, _)| (other.article.published.is_none(), other.article.published, other.id));
    print(|out| {
        if as_json {
            #[derive(serde::Serialize)]
            #[allow(clippy::struct_field_names, reason = "the names of the machine shape")]
            struct Copy<'a> {
                article_id: String,
                title: &'a str,
                source: &'a str,
                #[serde(skip_serializing_if = "Option::is_none")]
                published: Option<String>,
                similarity: f32,
                only_this: Vec<&'a str>,
                only_copy: Vec<&'a str>,
            }
            let texts = |spans: &[Span], body: &'_ str| -> Vec<String> {
                spans.iter().map(|span| span.of(body).trim().to_owned()).collect()
            };
            let copies: Vec<serde_json::Value> = others
                .iter()
                .map(|(other, found)| {
                    let only_this = texts(&found.only_first, &record.article.body);
                    let only_copy = texts(&found.only_second, &other.article.body);
                    let copy = Copy {
                        article_id: other.id.to_string(),
                        title: &other.article.title,
                        source: &other.article.source,
                        published: other.article.published.map(|date| date.to_string()),
                        similarity: found.similarity,
                        only_this: only_this.iter().map(String::as_str).collect(),
                        only_copy: only_copy.iter().map(String::as_str).collect(),
                    };
                    serde_json::to_value(copy).unwrap_or_default()
                })
                .collect();
            let document = serde_json::json!({
                "version": json::VERSION, "article_id": record.id.to_string(), "copies": copies,
            });
            return writeln!(out, "{document:#}");
        }
        if others.is_empty() {
            return writeln!(out, "no copies");
        }
        for (index, (other, found)) in others.iter().enumerate() {
            if index > 0 {
                writeln!(out)?;
            }
            let article = &other.article;
            writeln!(
                out,
                "{}",
                style.bold(style.link(&Plain(&article.title).to_string(), article.url.as_deref()))
            )?;
            let day = article.published.map_or(String::new(), |date| format!("{} · ", date.day()));
            let source = Plain(&article.source);
            let share = (found.similarity * 100.0).round();
            let line = format!("{day}{source} · {} · {share} % in common", &other.id.to_string()[..12]);
            writeln!(out, "{}", style.faint(line))?;
            for (mark, spans, body) in
                [("-", &found.only_first, &record.article.body), ("+", &found.only_second, &article.body)]
            {
                for span in spans {
                    let indent = format!("{mark} ");
                    for line in style.wrap(&text::pieces(body, *span, &[]), &indent) {
                        writeln!(out, "{line}")?;
                    }
                }
            }
        }
        Ok(())
    })
}

fn stats(cli: &Cli, as_json: bool) -> Result<u8> {
    let reader = Reader::open(&cli.index)?;
    /// Enough of each to see what is there.
    const SHOWN: usize = 12;
    // Name, value and count of the most frequent, after the field and how many values it has.
    type Top = (&'static str, usize, Vec<(String, String, u64)>);
    let top = |field: &'static str| -> Result<Top> {
        let counts = reader.value_counts(field)?;
        let values = counts.len();
        let shown = counts.into_iter().take(SHOWN);
        Ok((
            field,
            values,
            shown
                .map(|(value, count)| (json::value_name(field, &value).into_owned(), value, count))
                .collect(),
        ))
    };
    let fields =
        [top("source")?, top("section")?, top("language")?, top("status")?, top("entity")?, top("region")?];
    let manifest = reader.manifest();
    let (stories, grouped) = reader.groups().counts();
    print(|out| {
        if as_json {
            let fields: serde_json::Map<String, serde_json::Value> = fields
                .iter()
                .map(|(field, values, top)| {
                    let top: Vec<_> = top
                        .iter()
                        .map(|(name, value, count)| serde_json::json!({"value": value, "name": name, "count": count}))
                        .collect();
                    ((*field).to_owned(), serde_json::json!({"values": values, "most": top}))
                })
                .collect();
            let document = serde_json::json!({
                "version": json::VERSION, "articles": reader.articles(), "bytes": reader.bytes_on_disk(),
                "manifest": manifest, "fields": fields,
                "stories_with_copies": stories, "articles_in_them": grouped,
            });
            return writeln!(out, "{document:#}");
        }
        #[allow(clippy::cast_precision_loss, reason = "shown to one decimal")]
        let megabytes = reader.bytes_on_disk() as f64 / 1e6;
        writeln!(out, "{} articles, {megabytes:.1} MB on disk", text::grouped(reader.articles()))?;
        writeln!(
            out,
            "format {}, analysis {}, gazetteer {}",
            manifest.format, manifest.analyzer, manifest.gazetteer
        )?;
        writeln!(
            out,
            "knows {} organisations and {} regions",
            text::grouped(entities().iter().count() as u64),
            text::grouped(regions().iter().count() as u64)
        )?;
        if stories > 0 {
            let (stories, grouped) = (text::grouped(stories), text::grouped(grouped));
            writeln!(out, "{grouped} articles are copies of one another, in {stories} stories")?;
        }
        for (field, values, top) in fields.iter().filter(|(_, values, _)| *values > 0) {
            writeln!(out)?;
            writeln!(out, "{field}, {} values", text::grouped(*values as u64))?;
            for (name, _, count) in top {
                writeln!(out, "{:>9}  {}", text::grouped(*count), Plain(name))?;
            }
        }
        Ok(())
    })
}

fn verify(cli: &Cli, as_json: bool) -> Result<u8> {
    let progress = Progress::new(cli.quiet, 0, "articles");
    let verdict = dateline::index::verify(&cli.index, |done, all| progress.update_count(done, all));
    progress.finish();
    let verdict = verdict?;
    print(|out| {
        if as_json {
            return writeln!(out, "{}", serde_json::to_string(&verdict)?);
        }
        for problem in &verdict.problems {
            writeln!(out, "damaged: {}", Plain(problem))?;
        }
        if verdict.problems.is_empty() {
            writeln!(
                out,
                "{} articles, all sound; digest {}",
                text::grouped(verdict.articles),
                verdict.digest
            )?;
        }
        Ok(())
    })?;
    if verdict.problems.is_empty() {
        return Ok(0);
    }
    Err(Error::Index {
        path: cli.index.clone(),
        message: "is damaged; delete it and index the articles again".to_owned(),
    })
}

fn manual(directory: Option<&Path>) -> Result<u8> {
    // What stands after the flags is laid out in lines, which a manual page would fill.
    let kept = |page: &str| {
        page.replacen(".SH EXTRA\n", ".SH EXTRA\n.nf\n", 1).replacen(".SH VERSION\n", ".fi\n.SH VERSION\n", 1)
    };
    let Some(directory) = directory else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Cli::command()).render(&mut page).expect("memory takes what is written");
        return print(|out| out.write_all(kept(&String::from_utf8_lossy(&page)).as_bytes()));
    };
    let failed = |error| Error::Io { path: directory.to_owned(), error };
    std::fs::create_dir_all(directory)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), directory))
        .map_err(failed)?;
    for file in std::fs::read_dir(directory).map_err(failed)? {
        let path = file.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with("dateline") && name.ends_with(".1") {
            let page = std::fs::read_to_string(&path).map_err(failed)?;
            std::fs::write(&path, kept(&page)).map_err(failed)?;
        }
    }
    Ok(0)
}
