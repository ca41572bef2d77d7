//! An article as dateline keeps it: what a reader would see, who published it and when.
//!
//! ```
//! use dateline::article::{Article, Date};
//!
//! let article: Article = serde_json::from_str(
//!     r#"{"id": "rates-1", "title": "Rates held", "body": "…", "published": "2019-05-02"}"#,
//! ).unwrap();
//! assert_eq!(article.published, Date::parse("2019-05-02").ok());
//! assert_eq!(article.id("rates.jsonl").to_string().len(), 32);
//! ```
//!
//! Fields that dateline does not know are kept in [`Article::extra`] and come back unchanged. The
//! searched text is the title and then the body; offsets are bytes into one of the two, see [`Span`].
//! Left out on purpose: anything derived. Entities, regions and passages are computed from the text.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use xxhash_rust::xxh3::xxh3_128;

/// A byte range of a text, end exclusive, on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    /// The span `start..end`.
    ///
    /// # Panics
    /// Where an offset is 4 GiB or more; articles are limited far below that.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Span {
        let narrow = |offset: usize| u32::try_from(offset).expect("articles are limited to 64 MB");
        Span { start: narrow(start), end: narrow(end) }
    }

    /// The span as an index range.
    #[must_use]
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The part of `text` that the span covers.
    #[must_use]
    pub fn of(self, text: &str) -> &str {
        &text[self.range()]
    }

    /// Whether `other` lies wholly inside this span.
    #[must_use]
    pub fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// What may be said of an article by its publisher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    #[default]
    Usable,
    Corrected,
    Withdrawn,
    Embargoed,
}

impl Status {
    /// The word used in files and output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Usable => "usable",
            Status::Corrected => "corrected",
            Status::Withdrawn => "withdrawn",
            Status::Embargoed => "embargoed",
        }
    }

    /// Reads the word used in files and output.
    ///
    /// # Errors
    /// A sentence that says what was expected.
    pub fn parse(word: &str) -> Result<Status, String> {
        let all = [Status::Usable, Status::Corrected, Status::Withdrawn, Status::Embargoed];
        all.into_iter().find(|status| status.as_str() == word).ok_or_else(|| {
            format!("unknown status `{word}`; expected `usable`, `corrected`, `withdrawn` or `embargoed`")
        })
    }

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
    fn is_usable(&self) -> bool {
        *self == Status::Usable
    }
}

/// One article, as read from a file and as stored in the index.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Article {
    /// The publisher's own id, unique within `source`.
    #[serde(
        default,
        rename = "id",
        deserialize_with = "text_or_number",
        skip_serializing_if = "Option::is_none"
    )]
    pub native_id: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub title: String,
    /// Plain text; a line break ends a paragraph.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub body: String,
    #[serde(default, deserialize_with = "lenient_text", skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    pub source: String,
    #[serde(default, deserialize_with = "lenient_text", skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    #[serde(default, deserialize_with = "lenient_text", skip_serializing_if = "Option::is_none")]
    pub section: Option<String>,
    /// A language tag such as `en`.
    #[serde(default, deserialize_with = "lenient_text", skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Absent, or not a date: the article is undated.
    #[serde(default, deserialize_with = "lenient_date", skip_serializing_if = "Option::is_none")]
    pub published: Option<Date>,
    #[serde(default, deserialize_with = "lenient_date", skip_serializing_if = "Option::is_none")]
    pub updated: Option<Date>,
    /// Place and date as the wire printed them before the lead.
    #[serde(default, deserialize_with = "lenient_text", skip_serializing_if = "Option::is_none")]
    pub dateline: Option<String>,
    #[serde(default, deserialize_with = "lenient_status", skip_serializing_if = "Status::is_usable")]
    pub status: Status,
    /// Subjects, keywords and categories that came with it, as given; `topic:gold` where their kind is known.
    #[serde(default, deserialize_with = "lenient_list", skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// Everything else the file said, unchanged.
    #[serde(flatten)]
    pub extra: serde_json::Map<String, serde_json::Value>,
}

/// The names under which an article is written and read; `extra` has none of them.
const NAMES: [&str; 15] = [
    "id",
    "title",
    "body",
    "url",
    "source",
    "author",
    "section",
    "language",
    "lang",
    "published",
    "updated",
    "dateline",
    "status",
    "labels",
    "keywords",
];

impl Article {
    /// Takes `lang` for `language` and `keywords` for `labels`, where those say nothing or the same.
    pub(crate) fn take_other_names(&mut self) {
        if let Some(value) = self.extra.get("lang")
            && let Ok(given) = lenient_text(value)
            && (self.language.is_none() || self.language == given)
        {
            self.language = given;
            self.extra.remove("lang");
        }
        if let Some(value) = self.extra.get("keywords")
            && let Ok(given) = lenient_list(value)
            && (self.labels.is_empty() || self.labels == given)
        {
            self.labels = given;
            self.extra.remove("keywords");
        }
    }

    /// Gives what `extra` has under the name of a field another name, so that the article can be read back: nothing is lost,
    /// and `status` becomes `original-status`.
    pub(crate) fn rename_extra(&mut self) {
        for name in NAMES {
            if let Some(value) = self.extra.remove(name) {
                self.extra.insert(format!("original-{name}"), value);
            }
        }
    }

    /// The id: from source and native id, else from the url, else from `path`, the name of the file (see
    /// [`corpus`](crate::corpus)) with the line where a file holds several articles.
    #[must_use]
    pub fn id(&self, path: &str) -> ArticleId {
        let name = match (&self.native_id, &self.url) {
            (Some(native), _) => format!("id\0{}\0{native}", self.source),
            (None, Some(url)) => format!("url\0{url}"),
            (None, None) => format!("path\0{path}"),
        };
        ArticleId(xxh3_128(name.as_bytes()))
    }

    /// A hash of all the article says; equal articles are unchanged.
    ///
    /// # Panics
    /// Never: every field serialises.
    #[must_use]
    pub fn content_hash(&self) -> u64 {
        let dates = [self.published, self.updated].map(|date| date.map(|date| date.to_string()));
        let fields = [
            self.native_id.as_deref(),
            Some(&self.title),
            Some(&self.body),
            self.url.as_deref(),
            Some(&self.source),
            self.author.as_deref(),
            self.section.as_deref(),
            self.language.as_deref(),
            dates[0].as_deref(),
            dates[1].as_deref(),
            self.dateline.as_deref(),
            Some(self.status.as_str()),
        ];
        let mut hash = xxhash_rust::xxh3::Xxh3::new();
        for field in fields.into_iter().chain(self.labels.iter().map(|label| Some(label.as_str()))) {
            hash.update(field.unwrap_or("\0").as_bytes());
            hash.update(b"\0;");
        }
        let mut extra: Vec<_> = self.extra.iter().collect();
        extra.sort_by_key(|(name, _)| *name);
        for (name, value) in extra {
            hash.update(name.as_bytes());
            hash_value(value, &mut hash);
        }
        hash.digest()
    }

    /// Whether there is nothing to search.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let blank = |text: &str| !text.chars().any(char::is_alphanumeric);
        blank(&self.title) && blank(&self.body)
    }
}

/// Hashes a JSON value whatever the order of its fields.
fn hash_value(value: &serde_json::Value, hash: &mut xxhash_rust::xxh3::Xxh3) {
    match value {
        serde_json::Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(name, _)| *name);
            for (name, value) in fields {
                hash.update(name.as_bytes());
                hash.update(b"\0:");
                hash_value(value, hash);
            }
            hash.update(b"\0}");
        }
        serde_json::Value::Array(values) => {
            for value in values {
                hash_value(value, hash);
            }
            hash.update(b"\0]");
        }
        serde_json::Value::String(text) => {
            hash.update(text.as_bytes());
            hash.update(b"\0,");
        }
        plain => hash.update(plain.to_string().as_bytes()),
    }
}

/// Something that was put right or is missing in an article that was taken in all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    pub notice: Notice,
    /// One line.
    pub message: String,
}

impl Warning {
    pub fn new(notice: Notice, message: impl Into<String>) -> Warning {
        Warning { notice, message: message.into() }
    }
}

/// The kinds of [`Warning`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Notice {
    /// A date that is none; the article is undated.
    Undated,
    /// No title; the lead stands for it.
    TitleFromLead,
    /// No body.
    TitleOnly,
    /// The body is a summary, as in many feeds.
    SummaryOnly,
    /// Bytes that are no characters of the encoding were replaced.
    Encoding,
    /// The input ends in the middle of the article.
    CutShort,
    /// A status nobody knows; taken as usable.
    UnknownStatus,
    /// Another article of the run with the same id says something else.
    SameId,
}

/// The id of an article: 128 bits, printed as 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ArticleId(pub u128);

impl ArticleId {
    /// The number that stands for the id in columns.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, reason = "the upper half is what is wanted")]
    pub fn key(self) -> u64 {
        (self.0 >> 64) as u64
    }

    /// Reads the 32 digits that [`Display`](fmt::Display) prints.
    #[must_use]
    pub fn parse(text: &str) -> Option<ArticleId> {
        if text.len() != 32 {
            return None;
        }
        u128::from_str_radix(text, 16).ok().map(ArticleId)
    }
}

impl fmt::Display for ArticleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// How much of a date was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Precision {
    Year,
    Month,
    Day,
    Second,
}

/// The months in small letters.
pub const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// A moment or a period: a date with the precision it was given in, in UTC where no zone was given.
///
/// `2016` is the whole year: it overlaps every range that has a second of that year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date {
    /// Seconds since 1970-01-01T00:00:00Z of its first moment.
    pub start: i64,
    pub precision: Precision,
}

impl Date {
    /// Reads `2016`, `2016-09`, `2016-09-01` or a date and time as in RFC 3339 (a space for the `T`,
    /// no seconds or no zone are accepted), for years 1 to 9999; also the forms of mail, feeds and old wires. A zone
    /// may be a name at the end, as `EST`, `ET` or `[America/New_York]`, see [`ZONES`]; of a moment in a zone that nobody knows
    /// only the day is taken.
    ///
    /// # Errors
    /// A sentence that says what was expected.
    pub fn parse(text: &str) -> Result<Date, String> {
        let text = text.trim();
        let expected = || {
            format!(
                "`{text}` is not a date; expected `2016`, `2016-09`, `2016-09-01` or `2016-09-01T08:30:00Z`"
            )
        };
        if !text.is_ascii() {
            return Err(expected());
        }
        let (plain, zone) = zoned(text);
        let date = match written(plain).ok_or_else(expected)? {
            Written::Period(date) => date,
            Written::Moment(start) => Date { start, precision: Precision::Second },
            Written::Clock(civil) => match zone.map(zone_of) {
                None => Date { start: start_of(civil).ok_or_else(expected)?, precision: Precision::Second },
                Some(Some(zone)) => {
                    let moment = zone.to_timestamp(civil).map_err(|_| expected())?;
                    Date { start: moment.as_second(), precision: Precision::Second }
                }
                Some(None) => Date::of(civil.date(), Precision::Day),
            },
        };
        if Date::is_in_calendar(date.start) { Ok(date) } else { Err(expected()) }
    }

    /// Whether the moment so many seconds after 1970-01-01T00:00:00Z may be a date.
    pub fn is_in_calendar(second: i64) -> bool {
        (FIRST_SECOND..=LAST_SECOND).contains(&second)
    }

    /// The moment so many seconds after 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// A sentence where that is before the year 1 or after 9999.
    pub fn from_second(start: i64) -> Result<Date, String> {
        let date = Date { start, precision: Precision::Second };
        Date::is_in_calendar(start)
            .then_some(date)
            .ok_or_else(|| format!("{start} is no moment between the years 1 and 9999"))
    }

    /// What a number means: a year; a day such as 20190502, or with its time of day behind it; seconds or milliseconds since
    /// 1970.
    ///
    /// # Errors
    /// A sentence where that is before the year 1 or after 9999.
    pub fn from_number(number: i64) -> Result<Date, String> {
        /// Seconds beyond this are milliseconds: it is in the year 5138.
        const MILLISECONDS: i64 = 100_000_000_000;
        let digits = number.to_string();
        let written = match digits.len() {
            1..=4 => Some(digits.clone()),
            8 | 14 if number > 0 => {
                let (day, time) = digits.split_at(8);
                let time: Vec<&str> = (0..time.len() / 2).map(|at| &time[2 * at..2 * at + 2]).collect();
                let day = format!("{}-{}-{}", &day[..4], &day[4..6], &day[6..]);
                Some(if time.is_empty() { day } else { format!("{day}T{}Z", time.join(":")) })
            }
            _ => None,
        };
        match written.map(|written| Date::parse(&written)) {
            Some(date) if date.is_ok() || digits.len() <= 4 => date,
            _ if number.abs() >= MILLISECONDS => Date::from_second(number / 1000),
            _ => Date::from_second(number),
        }
    }

    /// The first second after it.
    #[must_use]
    pub fn end(self) -> i64 {
        let civil = self.civil().date();
        let next = match self.precision {
            Precision::Second => return self.start + 1,
            Precision::Day => return self.start + 86_400,
            Precision::Month => civil.last_of_month(),
            Precision::Year => civil.last_of_year(),
        };
        // The calendar's last year ends where its seconds do.
        start_of(next.to_datetime(jiff::civil::Time::midnight())).unwrap_or(LAST_SECOND) + 86_400
    }

    /// The day, in UTC, as `2016-09-01`, or as much of it as is known.
    #[must_use]
    pub fn day(self) -> String {
        let civil = self.civil();
        match self.precision {
            Precision::Year => format!("{:04}", civil.year()),
            Precision::Month => format!("{:04}-{:02}", civil.year(), civil.month()),
            _ => format!("{:04}-{:02}-{:02}", civil.year(), civil.month(), civil.day()),
        }
    }

    /// The year, month or day in which it starts.
    #[must_use]
    pub fn first_of(self, precision: Precision) -> Date {
        let day = self.civil().date();
        Date::of(
            match precision {
                Precision::Year => day.first_of_year(),
                Precision::Month => day.first_of_month(),
                Precision::Day | Precision::Second => day,
            },
            precision,
        )
    }

    /// The first month of the quarter in which it starts.
    #[must_use]
    pub fn first_of_quarter(self) -> Date {
        let month = self.first_of(Precision::Month);
        let day = month.civil().date();
        let back = (day.month() - 1) % 3;
        Date::of(day.with().month(day.month() - back).build().unwrap_or(day), Precision::Month)
    }

    /// The Monday of the week in which it starts.
    #[must_use]
    pub fn first_of_week(self) -> Date {
        let day = self.civil().date();
        let back = i64::from(day.weekday().to_monday_zero_offset());
        let seconds = start_of(day.to_datetime(jiff::civil::Time::midnight())).unwrap_or(self.start);
        Date { start: (seconds - back * 86_400).max(FIRST_SECOND), precision: Precision::Day }
    }

    fn of(day: jiff::civil::Date, precision: Precision) -> Date {
        let start = start_of(day.to_datetime(jiff::civil::Time::midnight())).unwrap_or(FIRST_SECOND);
        Date { start, precision }
    }

    fn civil(self) -> jiff::civil::DateTime {
        let moment = jiff::Timestamp::from_second(self.start).expect("`parse` checked the range");
        jiff::tz::Offset::UTC.to_datetime(moment)
    }
}

/// 0001-01-01T00:00:00Z and 9999-12-30T00:00:00Z: inside what the calendar library can print.
const FIRST_SECOND: i64 = -62_135_596_800;
const LAST_SECOND: i64 = 253_402_128_000;

/// What a date says as it is written.
enum Written {
    Period(Date),
    /// Seconds since 1970, where the offset is given too.
    Moment(i64),
    /// A clock shows it, somewhere.
    Clock(jiff::civil::DateTime),
}

/// Reads a date without the name of a zone.
fn written(text: &str) -> Option<Written> {
    let (precision, full) = match text.len() {
        4 => (Precision::Year, format!("{text}-01-01")),
        7 => (Precision::Month, format!("{text}-01")),
        8 if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            (Precision::Day, format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]))
        }
        10 => (Precision::Day, text.to_owned()),
        _ => {
            let moment = text.parse::<jiff::Timestamp>().ok();
            let moment = moment.map(|moment| Written::Moment(moment.as_second()));
            let clock = || text.parse::<jiff::civil::DateTime>().ok().map(Written::Clock);
            return moment.or_else(clock).or_else(|| other_form(text));
        }
    };
    let day = full.parse::<jiff::civil::Date>().ok();
    day.map(|day| Written::Period(Date::of(day, precision))).or_else(|| other_form(text))
}

/// Dates as mail, feeds and old wires have them: `Thu, 02 May 2019 12:00:00 +0200`, `26-FEB-1987 15:01:01.79`,
/// `May 2, 2019`, `2 May 2019`, `May 2, 2019 8:30 AM`.
fn other_form(text: &str) -> Option<Written> {
    if let Ok(moment) = jiff::fmt::rfc2822::parse(text) {
        return Some(Written::Moment(moment.timestamp().as_second()));
    }
    // The same form where the zone has a name, or none is given.
    if let Ok(moment) = jiff::fmt::rfc2822::parse(&format!("{text} +0000")) {
        return Some(Written::Clock(moment.datetime()));
    }
    const MOMENTS: [&str; 7] = [
        "%d-%b-%Y %H:%M:%S%.f",
        "%a, %d %b %Y %H:%M:%S",
        "%d %b %Y %H:%M:%S",
        "%B %d, %Y %H:%M",
        "%B %d, %Y %I:%M %p",
        "%b %d, %Y %I:%M %p",
        "%Y/%m/%d %H:%M:%S",
    ];
    const DAYS: [&str; 6] = ["%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%d %b %Y", "%Y/%m/%d", "%d-%b-%Y"];
    let moment = MOMENTS.iter().find_map(|format| jiff::civil::DateTime::strptime(format, text).ok());
    if let Some(clock) = moment {
        return Some(Written::Clock(clock));
    }
    let day = DAYS.iter().find_map(|format| jiff::civil::Date::strptime(format, text).ok())?;
    Some(Written::Period(Date::of(day, Precision::Day)))
}

/// A date and the name of a zone behind it: `[Europe/Paris]`, or a word such as `EST` behind a number.
fn zoned(text: &str) -> (&str, Option<&str>) {
    let (mut plain, mut zone) = (text, None);
    // As in RFC 9557, where others may follow: `[Asia/Tokyo][u-ca=japanese]`.
    while let Some((before, name)) = plain.strip_suffix(']').and_then(|inner| inner.rsplit_once('[')) {
        (plain, zone) =
            (before.trim_end(), if name.contains('=') { zone } else { Some(name.trim_start_matches('!')) });
    }
    if zone.is_some() || plain.len() < text.len() {
        return (plain, zone);
    }
    let Some((before, name)) = text.rsplit_once(' ') else { return (text, None) };
    let (before, is_half) = (before.trim_end(), matches!(name, "AM" | "PM" | "am" | "pm"));
    let follows_time =
        before.ends_with(|c: char| c.is_ascii_digit() || matches!(c, 'M' | 'm')) && before.contains(':');
    let is_name = name.contains('/')
        || (2..=5).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_uppercase());
    if follows_time && is_name && !is_half { (before, Some(name)) } else { (text, None) }
}

/// Short names of zones, and what the tz database of IANA calls the same; hours west of Greenwich count up in `Etc`. Its own
/// names need no row.
///
/// Some mean several. Here `CST` is America's and not China's or Cuba's, `BST` is summer time in Britain and not Bangladesh,
/// `IST` is India's and not Israel's or Ireland's.
const ZONES: [(&str, &str); 24] = [
    ("UTC GMT UT Z WET", "Etc/UTC"),
    ("ET", "America/New_York"),
    ("EST CDT", "Etc/GMT+5"),
    ("EDT", "Etc/GMT+4"),
    ("CT", "America/Chicago"),
    ("CST MDT", "Etc/GMT+6"),
    ("MT", "America/Denver"),
    ("MST PDT", "Etc/GMT+7"),
    ("PT", "America/Los_Angeles"),
    ("PST", "Etc/GMT+8"),
    ("BRT ART", "Etc/GMT+3"),
    ("BST WEST CET", "Etc/GMT-1"),
    ("CEST EET SAST", "Etc/GMT-2"),
    ("EEST MSK EAT", "Etc/GMT-3"),
    ("GST", "Etc/GMT-4"),
    ("PKT", "Etc/GMT-5"),
    ("IST", "Asia/Kolkata"),
    ("ICT WIB", "Etc/GMT-7"),
    ("HKT SGT AWST", "Etc/GMT-8"),
    ("JST KST", "Etc/GMT-9"),
    ("AEST", "Etc/GMT-10"),
    ("AEDT", "Etc/GMT-11"),
    ("NZST", "Etc/GMT-12"),
    ("NZDT", "Etc/GMT-13"),
];

fn zone_of(name: &str) -> Option<jiff::tz::TimeZone> {
    let is_it = |names: &str| names.split(' ').any(|known| known.eq_ignore_ascii_case(name));
    let known = ZONES.iter().find(|(names, _)| is_it(names)).map_or(name, |(_, zone)| zone);
    jiff::tz::TimeZone::get(known).ok()
}

fn start_of(civil: jiff::civil::DateTime) -> Option<i64> {
    jiff::tz::Offset::UTC.to_timestamp(civil).ok().map(jiff::Timestamp::as_second)
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.day())?;
        if self.precision == Precision::Second {
            let civil = self.civil();
            write!(f, "T{:02}:{:02}:{:02}Z", civil.hour(), civil.minute(), civil.second())?;
        }
        Ok(())
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
        let text = String::deserialize(deserializer)?;
        Date::parse(&text).map_err(serde::de::Error::custom)
    }
}

fn nullable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.unwrap_or_default())
}

/// An unusable date leaves the article undated rather than out.
fn lenient_date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    let date = match &value {
        serde_json::Value::String(text) => Date::parse(text).ok(),
        value => value.as_i64().and_then(|number| Date::from_number(number).ok()),
    };
    Ok(date)
}

/// Text that an article can do without: several are joined, anything else is left out.
fn lenient_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(text) => text,
        serde_json::Value::Number(number) => number.to_string(),
        serde_json::Value::Array(parts) => {
            parts.iter().filter_map(serde_json::Value::as_str).collect::<Vec<_>>().join(", ")
        }
        _ => String::new(),
    };
    Ok((!text.trim().is_empty()).then_some(text))
}

/// Labels as a list, as text between commas, or as objects with a `name`.
fn lenient_list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    let labels: Vec<&str> = match &value {
        serde_json::Value::String(text) => text.split([',', ';']).collect(),
        serde_json::Value::Array(values) => {
            values.iter().filter_map(|value| value.as_str().or_else(|| value.get("name")?.as_str())).collect()
        }
        _ => Vec::new(),
    };
    Ok(labels.into_iter().map(str::trim).filter(|label| !label.is_empty()).map(str::to_owned).collect())
}

/// A status nobody knows is none.
fn lenient_status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Status, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Id {
        Text(String),
        Number(serde_json::Number),
    }
    let id = match Option::<Id>::deserialize(deserializer)? {
        Some(Id::Text(text)) => text,
        Some(Id::Number(number)) if number.is_f64() => {
            return Err(serde::de::Error::custom(format!(
                "the id {number} is not a whole number that fits; write it as text"
            )));
        }
        Some(Id::Number(number)) => number.to_string(),
        None => String::new(),
    };
    // A blank id names nothing.
    Ok((!id.trim().is_empty()).then_some(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_dates_as_they_look() {
        let rows = [
            (2019, "2019"),
            (20_190_502, "2019-05-02"),
            (20_190_502_120_000, "2019-05-02T12:00:00Z"),
            (1_556_798_400, "2019-05-02T12:00:00Z"),
            (1_556_798_400_000, "2019-05-02T12:00:00Z"),
            (99_999_999, "1973-03-03T09:46:39Z"),
        ];
        for (number, expected) in rows {
            assert_eq!(Date::from_number(number).unwrap(), Date::parse(expected).unwrap(), "{number}");
        }
        assert!(Date::from_number(0).is_err() && Date::from_number(i64::MAX).is_err());
    }

    #[test]
    fn dates_keep_their_precision() {
        let rows = [
            ("2016", "2016", 366 * 86_400),
            ("2015-02", "2015-02", 28 * 86_400),
            ("2016-09-01", "2016-09-01", 86_400),
            ("20160901", "2016-09-01", 86_400),
            ("2016-09-01T08:30:00Z", "2016-09-01T08:30:00Z", 1),
            ("2016-09-01T08:30:00+02:00", "2016-09-01T06:30:00Z", 1),
            ("2016-09-01 08:30", "2016-09-01T08:30:00Z", 1),
            ("1987-02-26T15:02:20", "1987-02-26T15:02:20Z", 1),
            ("20130709T103700Z", "2013-07-09T10:37:00Z", 1),
            ("20130709T103700+0200", "2013-07-09T08:37:00Z", 1),
            ("26-FEB-1987 15:01:01.79", "1987-02-26T15:01:01Z", 1),
            ("Thu, 02 May 2019 12:00:00 +0200", "2019-05-02T10:00:00Z", 1),
            ("Thu, 02 May 2019 12:00:00 GMT", "2019-05-02T12:00:00Z", 1),
            ("May 2, 2019", "2019-05-02", 86_400),
            ("2 May 2019", "2019-05-02", 86_400),
            ("2024-03-05T10:00:00-05:00[America/New_York]", "2024-03-05T15:00:00Z", 1),
            ("2024-07-05T10:00[America/New_York]", "2024-07-05T14:00:00Z", 1),
            ("2024-07-05T10:00[!Asia/Tokyo][u-ca=japanese]", "2024-07-05T01:00:00Z", 1),
            ("2024-07-05T10:00Z[Mars/Olympus]", "2024-07-05T10:00:00Z", 1),
            ("2024-07-05T23:00[Mars/Olympus]", "2024-07-05", 86_400),
            ("2024-03-05 10:00:00 EST", "2024-03-05T15:00:00Z", 1),
            ("2024-07-05 10:00 ET", "2024-07-05T14:00:00Z", 1),
            ("March 5, 2024 8:30 AM ET", "2024-03-05T13:30:00Z", 1),
            ("March 5, 2024 8:30 PM", "2024-03-05T20:30:00Z", 1),
            ("Tue, 05 Mar 2024 10:00:00 CET", "2024-03-05T09:00:00Z", 1),
            ("Fri, 05 Jul 2024 10:00:00 BST", "2024-07-05T09:00:00Z", 1),
            ("Thu, 02 May 2019 12:00 GMT", "2019-05-02T12:00:00Z", 1),
            ("2 May 19 12:00 EST", "2019-05-02T17:00:00Z", 1),
            ("Fri, 05 Jul 2024 10:00:00 -0400 (EDT)", "2024-07-05T14:00:00Z", 1),
            ("05 Jul 2024 10:00:00 IST", "2024-07-05T04:30:00Z", 1),
            ("2024-07-05 10:00 Europe/London", "2024-07-05T09:00:00Z", 1),
            ("2024-07-05 23:00 XYZ", "2024-07-05", 86_400),
            ("2024-07-05 10:00 UTC", "2024-07-05T10:00:00Z", 1),
        ];
        for (given, printed, seconds) in rows {
            let date = Date::parse(given).unwrap();
            assert_eq!(date.to_string(), printed);
            assert_eq!(date.end() - date.start, seconds, "{given}");
            assert_eq!(Date::parse(printed).unwrap(), date);
        }
        for bad in [
            "",
            "yesterday",
            "2016-13",
            "2016-02-30",
            "99999",
            "²016",
            "0000",
            "[Asia/Tokyo]",
            "noon EST",
            "12:00 EST",
        ] {
            assert!(Date::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_zone_has_one_row_and_the_database_knows_it() {
        let mut names: Vec<&str> = ZONES.iter().flat_map(|(names, _)| names.split(' ')).collect();
        assert!(names.iter().all(|name| zone_of(name).is_some()));
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn unknown_fields_come_back_and_bad_dates_are_left_out() {
        let line = r#"{"id":7,"title":"T","body":null,"published":"soon","topics":["gold"],"lang":"en"}"#;
        let mut article: Article = serde_json::from_str(line).unwrap();
        article.take_other_names();
        assert_eq!(article.native_id.as_deref(), Some("7"));
        assert_eq!(article.published, None);
        assert_eq!(article.language.as_deref(), Some("en"));
        let again = serde_json::to_value(&article).unwrap();
        assert_eq!(again["topics"][0], "gold");
    }

    #[test]
    fn ids_come_from_native_id_then_url_then_path() {
        let mut article =
            Article { source: "Desk".into(), native_id: Some("1".into()), ..Article::default() };
        article.url = Some("https://example.org/1".into());
        let native = article.id("a.txt");
        assert_eq!(native, article.id("b.txt"));
        article.native_id = None;
        let url = article.id("a.txt");
        assert_eq!(url, article.id("b.txt"));
        article.url = None;
        assert_ne!(article.id("a.txt"), article.id("b.txt"));
        assert_ne!(native, url);
        assert_eq!(ArticleId::parse(&native.to_string()), Some(native));
    }
}
