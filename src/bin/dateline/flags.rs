//! The command line: every flag, its help and its default.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::engine::ArgValueCompleter;

use dateline::annotate::Tier;
use dateline::query::GRAMMAR;
use dateline::search::{Interval, Recency};

use crate::complete;

const AFTER_HELP: &str = "\
Examples:
  dateline index                              take in the articles under `corpus`
  dateline search alipay merchants --region europe
  dateline search '\"profit warning\" -airline' --since 2015 --until 2016
  dateline search --entity BABA --sort date --json
  dateline show 7c6d                          one article, by the start of its id

Exit status: 0 found or done, 1 nothing found, 2 usage or query error or no such file, 3 index missing, old or
damaged, 4 index locked by another process, 5 done but some input was rejected, 6 any other
failure, 130 interrupted.";

/// Search business news for the passage that answers.
#[derive(Debug, Parser)]
#[command(name = "dateline", version, about, after_help = AFTER_HELP, propagate_version = true, max_term_width = 100)]
pub struct Cli {
    /// Directory of the index [default: what `DATELINE_INDEX` says, else `index`]
    // By clap's own `env` it would stand in every usage as if it were required.
    #[arg(long, global = true, value_name = "DIR", default_value_os_t = index_directory(), hide_default_value = true)]
    pub index: PathBuf,

    /// Colours, links and highlights
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: When,

    /// Organisations and places of your own, in the columns of `src/gazetteer/organisations.tsv` or `places.tsv`
    ///
    /// They win over those that ship. An index remembers what it was made with: give the same file each time, and
    /// run `dateline reindex` after changing it. [default: what `DATELINE_GAZETTEER` says]
    #[arg(long, global = true, value_name = "FILE")]
    pub gazetteer: Option<PathBuf>,

    /// No progress and no warnings
    #[arg(long, short, global = true)]
    pub quiet: bool,

    #[command(subcommand)]
    pub command: Command,
}

/// Where the index is unless a flag says otherwise.
pub fn index_directory() -> PathBuf {
    std::env::var_os("DATELINE_INDEX").filter(|path| !path.is_empty()).map_or("index".into(), PathBuf::from)
}

/// When to decorate output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    Index(IndexArgs),
    Watch(WatchArgs),
    Delete(DeleteArgs),
    Search(SearchArgs),
    Parse(ParseArgs),
    WhyNot(WhyNotArgs),
    Trend(TrendArgs),
    With(WithArgs),
    Similar(SimilarArgs),
    /// Keep queries under a name, and be told of what is new for them
    #[command(subcommand)]
    Saved(SavedCommand),
    Show(ShowArgs),
    Stats(StatsArgs),
    Reindex(ReindexArgs),
    Annotate(AnnotateArgs),
    Entity(EntityArgs),
    Region(RegionArgs),
    #[cfg(feature = "train")]
    Train(TrainArgs),
    Verify(VerifyArgs),
    Eval(EvalArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
}

/// Take articles into the index
///
/// Reads directories, files and standard input (`-`), and tells from the content what each is: JSON, JSON
/// lines, ninjs, NewsML, NITF, RSS, Atom, HTML, mail and mailboxes, CSV, WARC, Reuters SGML, ANPA, IPTC
/// 7901, Markdown and text, in gzip, zstd, tar and zip. Running it again changes nothing; a changed article
/// replaces the old one. An article with neither `id` nor `url` is known by its file, and that by its path from the
/// directory that the index lies in, or by its whole path if it lies elsewhere. What cannot be read is kept in a file and
/// counted, and the rest goes in.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dateline index
  dateline index news/*.jsonl.gz feeds/ pages.warc.gz --index /data/news
  dateline index archive --delete-missing     the directory is the truth
  dateline index dump.json --map title=head.main --map body=paragraphs
  zcat feed.jsonl.gz | dateline index -")]
pub struct IndexArgs {
    /// Directories, files, or `-` for standard input
    #[arg(value_name = "PATH", default_value = "corpus")]
    pub paths: Vec<PathBuf>,

    /// Stop at the first rejected article, taking nothing in
    #[arg(long)]
    pub strict: bool,

    /// Make what was read safe about every so many articles, and at the end
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    pub commit_every: u64,

    #[command(flatten)]
    pub shape: ShapeArgs,

    #[command(flatten)]
    pub reading: ReadingArgs,

    #[command(flatten)]
    pub alerts: AlertArgs,
}

/// How alerts of saved queries are told.
#[derive(Debug, Args)]
pub struct AlertArgs {
    /// How to print what saved queries with an alert find new, after each commit
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "lines")]
    pub alerts: AlertFormat,

    /// Give it to this command instead, as JSON lines on its standard input
    ///
    /// It runs in the shell once for each alert that has something, with the name in `DATELINE_ALERT`. Where it fails,
    /// the same articles come again after the next commit.
    #[arg(long, value_name = "COMMAND")]
    pub alert_exec: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AlertFormat {
    /// `alert`, the name, and the columns of `search --format lines`
    Lines,
    /// One object an article
    Jsonl,
    /// Not at all; what is new stays so
    Off,
}

/// How input is read.
#[derive(Debug, Args)]
pub struct ReadingArgs {
    /// Where rejected input is kept [default: `rejects.jsonl` in the index]
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,

    /// How much of names to find: nothing, those in the tables, or also names nobody listed
    ///
    /// What an index was made with it keeps; `reindex --tagger` changes it. A new index has `full`. [default: as
    /// before]
    #[arg(long, value_name = "TIER", value_enum)]
    pub tagger: Option<Tagger>,

    /// Delete from the index what is not in the paths given
    ///
    /// The paths are the whole truth then. Nothing is deleted where something was rejected.
    #[arg(long)]
    pub delete_missing: bool,

    /// Where a field is in JSON or CSV of another shape, as `title=headline.main`; again for another
    #[arg(long, value_name = "FIELD=PATH", value_parser = field_path)]
    pub map: Vec<(String, String)>,

    /// Megabytes of one article, or of one file that is not split, at the most
    #[arg(long, value_name = "MB", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub max_article_mb: u16,

    /// How many times its size a compressed file, or all of an archive, may expand to, beyond 64 MB
    #[arg(long, value_name = "TIMES", default_value_t = 200)]
    pub max_expansion: u64,

    /// How deep archives may lie within archives
    #[arg(long, value_name = "N", default_value_t = 4)]
    pub max_nesting: u8,

    /// The present time, for tests
    #[arg(long, value_name = "TIME", hide = true)]
    pub now: Option<String>,
}

fn days(text: &str) -> Result<f32, String> {
    let days = text.strip_suffix('d').unwrap_or(text).parse::<f32>().ok();
    days.filter(|days| days.is_finite() && *days >= 0.0)
        .ok_or_else(|| "it is a number of days, such as `30`".to_owned())
}

fn field_path(text: &str) -> Result<(String, String), String> {
    const FIELDS: [&str; 13] = [
        "id",
        "title",
        "body",
        "html",
        "summary",
        "url",
        "source",
        "author",
        "section",
        "language",
        "published",
        "updated",
        "labels",
    ];
    match text.split_once('=') {
        Some((field, path)) if FIELDS.contains(&field) && !path.is_empty() => {
            Ok((field.to_owned(), path.to_owned()))
        }
        _ => Err(format!("expected FIELD=PATH, FIELD one of {}", FIELDS.join(", "))),
    }
}

/// Follow directories: take in what is there, then what comes and changes
///
/// A file is taken in once it has been left alone for a second. Ends with Ctrl-C.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dateline watch /data/incoming
  dateline watch archive --delete-missing")]
pub struct WatchArgs {
    /// Directories
    #[arg(value_name = "DIR", default_value = "corpus")]
    pub paths: Vec<PathBuf>,

    #[command(flatten)]
    pub reading: ReadingArgs,

    #[command(flatten)]
    pub alerts: AlertArgs,
}

/// Delete articles from the index
///
/// By id, or all that a query finds with every word, copies and withdrawn articles included.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dateline delete 7c6d
  dateline delete --query 'source test' --source 'Test Wire' --dry-run
  dateline delete --query '' --until 2010 --yes")]
pub struct DeleteArgs {
    /// Ids, starts of ids, publisher's ids or urls
    #[arg(value_name = "ID", required_unless_present = "query")]
    pub ids: Vec<String>,

    /// Delete what this finds; it may be empty beside a filter
    #[arg(long, value_name = "QUERY", conflicts_with = "ids", add = ArgValueCompleter::new(complete::query))]
    pub query: Option<String>,

    #[command(flatten)]
    pub filters: FilterArgs,

    /// Only print what would be deleted
    #[arg(long)]
    pub dry_run: bool,

    /// Delete what a query finds without more ado
    #[arg(long)]
    pub yes: bool,
}

const SEARCH_EXAMPLES: &str = "\
Examples:
  dateline search alipay merchants --region europe
  dateline search '\"negative rates\" -japan' --since 2014
  dateline search --entity 'Bank of England' --sort date
  dateline search layoffs --region US --json | jq '.hits[].id'
  dateline search merger --facets entity/person:20,region/europe,source~wire,year
  dateline search strike --template '{date} {source}: {title}'
  dateline search --batch queries.txt --jsonl -n 3 > answers.jsonl

A region is a name, a code of UN M49 or ISO 3166, a demonym or a city: europe, 150, TH, thai, bangkok.
It finds articles about that region or a place in it. An entity is a name, an alias or a ticker.";

/// Find articles and the passages in them that answer
///
/// Articles with every word come first, then those with most of the words. A "quoted phrase" must occur and a
/// -word must not; AND, OR, parentheses, NEAR/5, PRE/5, SENT and SAME join words, and fields such as `title:`,
/// `entity:`, `region:` and `date:` say where and when. Without words, the conditions alone find articles, newest first.
/// `--help` has the whole language, `dateline parse` shows how a query is understood.
#[derive(Debug, Args)]
#[command(after_help = SEARCH_EXAMPLES, after_long_help = format!("{SEARCH_EXAMPLES}\n\nThe language:\n{GRAMMAR}"))]
pub struct SearchArgs {
    /// What to look for; put it in quotes, or after `--` where it starts with a `-`
    #[arg(value_name = "QUERY", add = ArgValueCompleter::new(complete::query))]
    pub query: Vec<String>,

    /// Answer every line of a file, or of standard input for `-`, as JSON lines
    ///
    /// Blank lines and those that start with `#` are passed over. Each line of output says which line and query it is
    /// of. What cannot be understood is reported, the rest is answered, and the exit status is 5.
    #[arg(long, value_name = "FILE", conflicts_with = "query")]
    pub batch: Option<PathBuf>,

    #[command(flatten)]
    pub asked: AskedArgs,

    #[command(flatten)]
    pub output: OutputArgs,
}

/// Show how a query is understood: its tree, its plain spelling, what is looked up
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dateline parse 'wheat OR corn prices -region:US'
  dateline parse 'entity:BABA NEAR/10 (fine OR penalty)' --json")]
pub struct ParseArgs {
    #[command(flatten)]
    pub wanted: WantedArgs,
}

/// Say why a query does not find an article, and the least that must change for it to
///
/// Each part of the query and each kind of filter is asked of the one article. What it fails is printed with what the
/// article has instead, then the parts that must go for the article to be found, and where it is among the results then.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dateline why-not 7c6d 'alipay \"data centre\" region:LA'
  dateline why-not lme-halts-nickel-trading nickel --since 2023 --json")]
pub struct WhyNotArgs {
    /// Id, the start of one, the publisher's id or a url
    pub id: String,

    #[command(flatten)]
    pub wanted: WantedArgs,
}

/// A query that is told of, for people or for programs.
#[derive(Debug, Args)]
pub struct WantedArgs {
    /// What to look for
    #[arg(value_name = "QUERY", add = ArgValueCompleter::new(complete::query))]
    query: Vec<String>,

    #[command(flatten)]
    pub asked: AskedArgs,

    #[command(flatten)]
    pub shape: ShapeArgs,
}

impl WantedArgs {
    pub fn typed(&self) -> String {
        self.query.join(" ")
    }
}

/// For people or for programs.
#[derive(Debug, Clone, Copy, Args)]
pub struct ShapeArgs {
    /// How to print
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Shape,

    /// The same as `--format json`
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
}

impl ShapeArgs {
    pub fn is_json(self) -> bool {
        self.json || self.format == Shape::Json
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shape {
    /// For people
    Text,
    /// One document
    Json,
}

/// What is asked beside the words.
#[derive(Debug, Clone, Default, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct AskedArgs {
    #[command(flatten)]
    pub filters: FilterArgs,

    /// Only articles with every word
    #[arg(long)]
    pub all_words: bool,

    /// Fail where anything in the query had to be put right
    #[arg(long)]
    pub strict: bool,

    /// Every copy of a story as a result of its own; counts are of articles then
    #[arg(long)]
    pub copies: bool,

    /// Withdrawn articles too
    #[arg(long)]
    pub withdrawn: bool,

    /// Look in boilerplate too: contacts, disclaimers, what a company says of itself
    #[arg(long)]
    pub boilerplate: bool,

    /// Only the words typed: not what else says the same (`job cuts` for `layoffs`), no names among them
    #[arg(long)]
    pub as_typed: bool,
}

/// How results are shown.
#[derive(Debug, Args)]
pub struct OutputArgs {
    /// Order of results [default: relevance, or date where there are no words]
    #[arg(long, value_name = "ORDER")]
    pub sort: Option<Order>,

    /// Newer articles come a little before older ones that match as well; DAYS before the newest, half of that is left.
    /// 0 for no difference; a query with dates makes none
    #[arg(long, value_name = "DAYS", default_value_t = Recency::default().half_life_days, value_parser = days)]
    pub recency: f32,

    /// Articles a page; 0 for nothing but what is counted
    #[arg(long, short = 'n', value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(0..=1000))]
    pub limit: u16,

    /// Which page, from 1
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub page: u32,

    /// Passages an article at the most
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u8).range(0..=20))]
    pub passages: u8,

    /// What is counted: so many values of the usual, or a list of FIELD[/PART][~TEXT][:N]
    ///
    /// Fields are entity, region, source, section, language, author, label, year, month, status and story, which is
    /// how many articles tell one. Parts of `entity` are company, organisation, person and ticker; of `region`
    /// country, state, grouping, or a region for what lies in it. TEXT keeps values that have it, N is how many.
    /// A facet that a flag filters by counts what would be found without that flag. 0 is for none.
    #[arg(long, value_name = "N|LIST", default_value = "8", add = ArgValueCompleter::new(complete::facets))]
    pub facets: String,

    /// How to print [default: text on a terminal, lines elsewhere]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<Format>,

    /// The same as `--format json`
    #[arg(long, conflicts_with_all = ["format", "jsonl"])]
    pub json: bool,

    /// The same as `--format jsonl`
    #[arg(long, conflicts_with = "format")]
    pub jsonl: bool,

    /// Print each passage by a text with fields: `{rank} {date} {title} {passage}`
    ///
    /// Fields are rank, tier, score, address, published, source, title, passage, url, entities, regions, copies, id,
    /// `native_id`, date, author, section, language and status. `\n`, `\t` and `\\` are escapes, `{{` and `}}` are braces.
    /// Without `address` and `passage` it prints each article once.
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["format", "json", "jsonl"])]
    pub template: Option<String>,

    /// Say of each article and passage what its score is the sum of, as text or JSON
    #[arg(long, conflicts_with = "template")]
    pub explain: bool,

    /// Count over time
    #[arg(long, value_name = "STEP")]
    pub histogram: Option<Step>,
}

/// Which articles.
#[derive(Debug, Clone, Default, Args)]
pub struct FilterArgs {
    /// About this region; again for another
    #[arg(long, value_name = "REGION", add = ArgValueCompleter::new(complete::region))]
    pub region: Vec<String>,

    /// Mentions this organisation; again for another
    #[arg(long, value_name = "ENTITY", add = ArgValueCompleter::new(complete::entity))]
    pub entity: Vec<String>,

    /// From this source; again for another
    #[arg(long, value_name = "SOURCE", add = ArgValueCompleter::new(complete::source))]
    pub source: Vec<String>,

    /// In this language, as `en`; again for another
    #[arg(long, value_name = "LANG", add = ArgValueCompleter::new(complete::language))]
    pub lang: Vec<String>,

    /// Published on or after: 2016, 2016-09, 2016-09-01, 2016-Q3, `yesterday`, `30d` for days ago, `last week`
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    pub since: Option<String>,

    /// Published up to and including; the same dates, which `date:` in a query takes too
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    pub until: Option<String>,

    /// The present time, for relative dates [default: the clock]
    #[arg(long, value_name = "TIME")]
    pub now: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Step {
    Year,
    Quarter,
    Month,
    Week,
    Day,
}

impl Step {
    pub fn name(self) -> &'static str {
        match self {
            Step::Year => "year",
            Step::Quarter => "quarter",
            Step::Month => "month",
            Step::Week => "week",
            Step::Day => "day",
        }
    }
}

impl From<Step> for Interval {
    fn from(step: Step) -> Interval {
        match step {
            Step::Year => Interval::Year,
            Step::Quarter => Interval::Quarter,
            Step::Month => Interval::Month,
            Step::Week => Interval::Week,
            Step::Day => Interval::Day,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Order {
    Relevance,
    /// Newest first, undated last
    Date,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people, wrapped to the width of the terminal
    Text,
    /// One line a passage, columns between tabs
    Lines,
    /// One document
    Json,
    /// One object a line: a summary, then the hits
    Jsonl,
    /// A row a passage under a head, safe for spreadsheets
    Csv,
}

/// Count over time how much is written of something, beside all that is written
///
/// For each step of time, from `--since` to `--until` where those are given: stories with every word, their articles, all stories, the share of the one in the other, and
/// the lift, which is that share over the share of the whole time. A lift of 2 is twice as much as usual.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dateline trend 'profit warning' --by quarter
  dateline trend --entity BABA --by year --region CN
  dateline trend strike --since 2015 --svg strikes.svg > strikes.csv")]
pub struct TrendArgs {
    /// What to look for; nothing, for all that passes the filters
    #[arg(value_name = "QUERY", add = ArgValueCompleter::new(complete::query))]
    pub query: Vec<String>,

    /// The step of time
    #[arg(long, value_name = "STEP", default_value = "month")]
    pub by: Step,

    #[command(flatten)]
    pub asked: AskedArgs,

    /// How to print [default: text on a terminal, csv elsewhere]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<TrendFormat>,

    /// The same as `--format json`
    #[arg(long, conflicts_with = "format")]
    pub json: bool,

    /// Draw a picture into this file too
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TrendFormat {
    /// A bar for each step
    Text,
    Csv,
    Json,
}

/// Say who and what appears together with somebody or something
///
/// Passages that mention it, or that have most of the words of a query, are compared with all others; what is in them
/// more often than by chance comes first, by the log-likelihood ratio, each with the passages that have both, those that
/// have it at all, and the one that shows it best. A name that is known means the entity or region, anything else is a
/// query.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dateline with Alibaba
  dateline with entity:BoE --kind person
  dateline with region:california
  dateline with 'query:\"rate cut\"' --region europe --words
  dateline with 'force majeure' --json | jq '.others[].name'")]
pub struct WithArgs {
    /// A name, an alias, a ticker or an id; or a query. `entity:`, `region:` or `query:` in front says which
    #[arg(value_name = "ENTITY|REGION|QUERY", required = true, add = ArgValueCompleter::new(complete::entity))]
    pub subject: Vec<String>,

    /// Only these
    #[arg(long, value_name = "KIND", conflicts_with = "words")]
    pub kind: Option<Kind>,

    /// Words instead of names
    #[arg(long)]
    pub words: bool,

    #[command(flatten)]
    pub asked: AskedArgs,

    /// How many
    #[arg(long, short = 'n', value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub limit: u16,

    /// How to print [default: text on a terminal, lines elsewhere]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<WithFormat>,

    /// The same as `--format json`
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    Person,
    Company,
    Organisation,
    Region,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum WithFormat {
    /// For people
    Text,
    /// Rank, score, both, total, id, name, address and text of the proof, between tabs
    Lines,
    /// One document
    Json,
    /// The same columns under a head, safe for spreadsheets
    Csv,
}

/// Find articles like a given one
///
/// By its most telling words and names, any of which may be missing. The article itself and the copies of its story are
/// left out.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dateline similar 7c6d
  dateline similar alibaba-looks-abroad -n 3 --json")]
pub struct SimilarArgs {
    /// Id, the start of one, the publisher's id or a url
    pub id: String,

    /// Articles
    #[arg(long, short = 'n', value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub limit: u16,

    /// Passages an article at the most
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(0..=20))]
    pub passages: u8,

    /// How to print [default: text on a terminal, lines elsewhere]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<SimilarFormat>,

    /// The same as `--format json`
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SimilarFormat {
    /// For people, with the words that were looked for
    Text,
    /// One line a passage, as `search` prints them
    Lines,
    /// One document
    Json,
}

const SAVED_EXAMPLES: &str = "\
Examples:
  dateline saved add rates '\"interest rates\"' --region europe --alert
  dateline saved run rates --sort date --json
  dateline search '@rates -japan' --since 30d
  dateline index feeds/ --alert-exec 'mail -s \"$DATELINE_ALERT\" desk@example.org'";

#[derive(Debug, Subcommand)]
#[command(after_help = SAVED_EXAMPLES)]
pub enum SavedCommand {
    Add(SavedAddArgs),
    /// Print all saved queries: name, whether it has an alert, and the query, between tabs
    List(SavedListArgs),
    /// Print one saved query
    Show(SavedShowArgs),
    /// Forget a saved query, and what its alert has reported
    Remove(SavedRemoveArgs),
    Run(SavedRunArgs),
}

/// Keep a query with its filters under a name
///
/// They are kept as typed: `--since 30d` means thirty days before each time it is asked. In another query `@NAME` stands
/// for it, as one group of every word and filter; `--copies`, `--withdrawn` and `--boilerplate` are not part of that.
#[derive(Debug, Args)]
#[command(after_help = SAVED_EXAMPLES)]
pub struct SavedAddArgs {
    /// Lower-case letters, digits, `-` and `_`
    pub name: String,

    /// What to look for
    #[arg(value_name = "QUERY", add = ArgValueCompleter::new(complete::query))]
    pub query: Vec<String>,

    #[command(flatten)]
    pub asked: AskedArgs,

    /// Let `index` and `watch` tell of new articles with every word of it, each story once
    #[arg(long)]
    pub alert: bool,

    /// In the place of the one that has the name
    #[arg(long)]
    pub replace: bool,
}

#[derive(Debug, Args)]
pub struct SavedListArgs {
    #[command(flatten)]
    pub shape: ShapeArgs,
}

#[derive(Debug, Args)]
pub struct SavedShowArgs {
    #[arg(add = ArgValueCompleter::new(complete::saved))]
    pub name: String,

    #[command(flatten)]
    pub shape: ShapeArgs,
}

#[derive(Debug, Args)]
pub struct SavedRemoveArgs {
    #[arg(add = ArgValueCompleter::new(complete::saved))]
    pub name: String,
}

/// Search with a saved query and its filters
///
/// Filters given here narrow it: an article must pass those of the query and these.
#[derive(Debug, Args)]
pub struct SavedRunArgs {
    #[arg(add = ArgValueCompleter::new(complete::saved))]
    pub name: String,

    #[command(flatten)]
    pub filters: FilterArgs,

    #[command(flatten)]
    pub output: OutputArgs,
}

/// Print one article
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dateline show 7c6d
  dateline show alibaba-looks-abroad
  dateline show 7c6d0f4e2a3b4c5d6e7f8091a2b3c4d5@120-480
  dateline show 7c6d --copies                 what other copies say otherwise")]
pub struct ShowArgs {
    /// Id, the start of one, the publisher's id or a url; with @START-END a passage of it
    pub id: String,

    /// The copies of its story instead: how similar, and the sentences that differ
    #[arg(long)]
    pub copies: bool,

    #[command(flatten)]
    pub shape: ShapeArgs,
}

/// Say what the index holds
#[derive(Debug, Args)]
pub struct StatsArgs {
    #[command(flatten)]
    pub shape: ShapeArgs,
}

/// Check every file and every article of the index
///
/// Prints the number of articles and a digest of ids, articles and annotations: equal digests mean equal
/// content, however it was indexed.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    #[command(flatten)]
    pub shape: ShapeArgs,
}

/// Measure the answers against judgments
///
/// Asks an index the questions of a judged set and compares what it finds with the grades that people gave: nDCG,
/// reciprocal rank, recall, average precision, and how well the text shown covers gold passages, each with the interval
/// that other questions might have given. Every copy of a story is a result of its own, and filters are not applied.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dateline eval beir/scifact                        its own articles, in an index for the while
  dateline eval judged --index /data/news           judgments of articles in an index, by publisher's id
  dateline eval judged --corpus articles/ --run-out new.run
  dateline eval judged --run new.run --compare old.run --per-query
  dateline eval trec --queries topics.txt --qrels qrels.txt --index /data/news")]
pub struct EvalArgs {
    /// A directory with `queries.jsonl` and `qrels.tsv` or `qrels/test.tsv`, maybe `corpus.jsonl` and `passages.jsonl`
    #[arg(value_name = "DIR", default_value = ".")]
    pub set: PathBuf,

    /// Index these articles for the while [default: `corpus.jsonl` in DIR, else the index as it is]
    #[arg(long, value_name = "PATH")]
    pub corpus: Option<PathBuf>,

    /// Questions: JSON lines, columns, or TREC topics
    #[arg(long, value_name = "FILE")]
    pub queries: Option<PathBuf>,

    /// Judgments, of BEIR or TREC
    #[arg(long, value_name = "FILE")]
    pub qrels: Option<PathBuf>,

    /// Gold passages
    #[arg(long, value_name = "FILE")]
    pub passages: Option<PathBuf>,

    /// Measure this run file of TREC instead of asking
    #[arg(long, value_name = "FILE", conflicts_with = "corpus")]
    pub run: Option<PathBuf>,

    /// Write what was found as a run file
    #[arg(long, value_name = "FILE")]
    pub run_out: Option<PathBuf>,

    /// Tell how this run file differs, question by question; again for another
    #[arg(long, value_name = "FILE")]
    pub compare: Vec<PathBuf>,

    /// The lowest grade of a relevant article, for all but nDCG
    #[arg(long, value_name = "GRADE", default_value_t = 1, value_parser = clap::value_parser!(i32).range(1..))]
    pub relevant: i32,

    /// Articles to find for each question
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub depth: usize,

    /// Every question with its figures
    #[arg(long)]
    pub per_query: bool,

    #[command(flatten)]
    pub shape: ShapeArgs,
}

/// Print the script that completes commands, flags, regions, entities, sources and saved queries in a shell
///
/// The script asks `dateline` on every tab. Have it read when the shell starts, so that it is of the same version.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  echo 'source <(dateline completions bash)' >> ~/.bashrc
  echo 'source <(dateline completions zsh)' >> ~/.zshrc
  dateline completions fish > ~/.config/fish/completions/dateline.fish")]
pub struct CompletionsArgs {
    pub shell: clap_complete::Shell,
}

/// Print the manual page, or write one for each command into a directory
#[derive(Debug, Args)]
pub struct ManArgs {
    #[arg(value_name = "DIR")]
    pub directory: Option<PathBuf>,
}

/// How much of names is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Tagger {
    /// Nothing
    Off,
    /// Places and organisations in the tables
    Rules,
    /// And organisations and people that nobody listed
    Full,
}

impl From<Tagger> for Tier {
    fn from(tagger: Tagger) -> Tier {
        match tagger {
            Tagger::Off => Tier::Off,
            Tagger::Rules => Tier::Rules,
            Tagger::Full => Tier::Full,
        }
    }
}

/// Make the index anew from the articles it stores
///
/// For an index made by another version of dateline, also in an earlier format, or to find more or fewer names. Searches go on
/// in the old one until the new one is complete.
#[derive(Debug, Args)]
pub struct ReindexArgs {
    /// How much of names to find from now on [default: as before]
    #[arg(long, value_name = "TIER", value_enum)]
    pub tagger: Option<Tagger>,
}

/// Show what is found in a text: organisations, people, places
///
/// The text is plain: its first line is the title where a blank line follows, the rest the body.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dateline annotate story.txt
  echo 'Shares of Target rose in Ohio.' | dateline annotate - --explain
  dateline annotate story.txt --json | jq '.mentions[].id'")]
pub struct AnnotateArgs {
    /// A file, or `-` for standard input
    #[arg(value_name = "FILE", default_value = "-")]
    pub file: PathBuf,

    /// How much of names to find
    #[arg(long, value_name = "TIER", value_enum, default_value_t = Tagger::Full)]
    pub tagger: Tagger,

    /// Say of each mention why it was taken for one
    ///
    /// The rule that made it, and for what the tagger read its five strongest features, each with its weight in natural
    /// logarithms of odds.
    #[arg(long)]
    pub explain: bool,

    #[command(flatten)]
    pub shape: ShapeArgs,
}

/// Show what is known of an organisation or person, and how often the index has it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dateline entity BoE
  dateline entity NASDAQ:AAPL --json")]
pub struct EntityArgs {
    /// A name, an alias, a ticker or an id
    #[arg(value_name = "NAME", required = true, add = ArgValueCompleter::new(complete::entity))]
    pub name: Vec<String>,

    #[command(flatten)]
    pub shape: ShapeArgs,
}

/// Show what is known of a region, and how often the index has it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dateline region 'south-east asia'
  dateline region EU --json")]
pub struct RegionArgs {
    /// A name or a code
    #[arg(value_name = "NAME", required = true, add = ArgValueCompleter::new(complete::region))]
    pub name: Vec<String>,

    #[command(flatten)]
    pub shape: ShapeArgs,
}

/// Learn the weights of the tagger from annotated texts
#[cfg(feature = "train")]
#[derive(Debug, Args)]
pub struct TrainArgs {
    /// Annotated texts, JSON lines or marked in line
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,

    /// Where to write the weights
    #[arg(long, value_name = "FILE", default_value = "src/tagger/weights.zst")]
    pub out: PathBuf,
}
