//! Dates as people write them, as ranges of seconds.
//!
//! | written | from | to, exclusive |
//! |---|---|---|
//! | `2024`, `2024-03`, `2024-03-05`, `March 2024` | its start | its end |
//! | `2024-Q2`, `2024-H1` | 2024-04-01, 2024-01-01 | 2024-07-01, 2024-07-01 |
//! | `2019..2021`, `2024-03..`, `..2020` | start of the first | end of the last |
//! | `>2020`, `>=2020`, `<2020`, `<=2020` | as one would say | |
//! | `today`, `yesterday`, `-90d`, `90d`, `3w`, `6m`, `2y` | that day | its end |
//! | `-90d..` | ninety days ago | |
//! | `this week`, `last month`, `last year`, `last quarter` | its start | its end |
//! | `last 7 days`, `past 3 months` | so long ago | end of today |
//!
//! `date:` takes any of these, `--since` and `--until` the [day or period](day) that they start and end with. Weeks start
//! on Monday, days are those of UTC.

use crate::article::{Date, MONTHS, Precision};

const DAY: i64 = 86_400;

/// A time from its first second up to the one after its last; open where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, PartialOrd, Ord)]
pub struct Range {
    pub since: Option<i64>,
    pub until: Option<i64>,
}

impl Range {
    fn of(since: i64, until: i64) -> Range {
        Range { since: Some(since), until: Some(until) }
    }

    /// Its plain spelling, which means the same on any day.
    pub fn plain(self) -> String {
        let written = |second: i64| {
            let precision = if second.rem_euclid(DAY) == 0 { Precision::Day } else { Precision::Second };
            Date { start: second, precision }.to_string()
        };
        let first = self.since.map(written).unwrap_or_default();
        let last = self.until.map(|until| {
            let back = if until.rem_euclid(DAY) == 0 { DAY } else { 1 };
            written(until - back)
        });
        match last {
            Some(last) if last == first => first,
            Some(last) => format!("{first}..{last}"),
            None => format!("{first}.."),
        }
    }
}

/// Reads a date or a range of dates; `now` is the present, in seconds since 1970.
///
/// # Errors
/// A sentence that says what was expected.
pub fn range(text: &str, now: i64) -> Result<Range, String> {
    let text = text.trim();
    let period = |text: &str| period(text.trim(), now).ok_or_else(|| unknown(text));
    if let Some((first, last)) = text.split_once("..") {
        let since = if first.trim().is_empty() { None } else { period(first)?.since };
        let until = if last.trim().is_empty() { None } else { period(last)?.until };
        return if since.is_none() && until.is_none() {
            Err(unknown(text))
        } else if since.is_some() && until.is_some() && since >= until {
            Err(format!("`{text}` ends before it starts"))
        } else {
            Ok(Range { since, until })
        };
    }
    for sign in [">=", "<=", ">", "<", "since ", "until "] {
        if let Some(rest) = text.strip_prefix(sign) {
            let of = period(rest)?;
            return Ok(match sign {
                ">=" | "since " => Range { since: of.since, until: None },
                // Nothing is after the last day of the calendar, nor before the first.
                ">" if !of.until.is_some_and(Date::is_in_calendar) => return Err(unknown(text)),
                "<" if !of.since.is_some_and(|since| Date::is_in_calendar(since - DAY)) => {
                    return Err(unknown(text));
                }
                ">" => Range { since: of.until, until: None },
                "<" => Range { since: None, until: of.since },
                _ => Range { since: None, until: of.until },
            });
        }
    }
    period(text)
}

/// Reads one date, day or period, and no range of them.
///
/// # Errors
/// A sentence that says what was expected.
pub fn day(text: &str, now: i64) -> Result<Range, String> {
    period(text.trim(), now).ok_or_else(|| {
        format!(
            "`{text}` is not a date; expected `2016`, `2016-09`, `2016-09-01`, `2016-Q3`, `yesterday`, `90d` or `last week`"
        )
    })
}

fn unknown(text: &str) -> String {
    format!(
        "`{text}` is not a date; expected `2016`, `2016-09..`, `2016-Q3`, `yesterday`, `-90d..` or `\"last week\"`"
    )
}

fn period(text: &str, now: i64) -> Option<Range> {
    let lower = text.to_ascii_lowercase();
    let today = Date { start: now.div_euclid(DAY) * DAY, precision: Precision::Day };
    let day = |back: i64| Range::of(today.start - back * DAY, today.start - (back - 1) * DAY);
    match lower.as_str() {
        "today" | "now" => return Some(day(0)),
        "yesterday" => return Some(day(1)),
        _ => {}
    }
    let ago = lower.strip_prefix('-').unwrap_or(&lower);
    if let Some(unit) = ago.chars().next_back().filter(|unit| "dwmy".contains(*unit))
        && let Some(count) = number(&ago[..ago.len() - 1])
    {
        let start = back(today, count, unit)?;
        return Some(Range::of(start, start + DAY));
    }
    if let Some((which, unit)) = lower.split_once([' ', '-', '_'])
        && matches!(which, "this" | "last" | "past" | "previous")
    {
        if let Some((count, unit)) = unit.split_once([' ', '-', '_']) {
            let start = back(today, number(count)?, letter(unit)?)?;
            return Some(Range::of(start, today.end()));
        }
        return named(today, which != "this", unit);
    }
    if let Some((year, part)) = lower.split_once('-').or_else(|| lower.split_at_checked(4))
        && let Some(months) = part_of_year(part)
        && year.len() == 4
    {
        let first = Date::parse(&format!("{year}-{:02}", months.0)).ok()?;
        let last = Date::parse(&format!("{year}-{:02}", months.1)).ok()?;
        return Some(Range::of(first.start, last.end()));
    }
    if let Some((month, year)) = lower.split_once(' ')
        && year.len() == 4
        && month.len() >= 3
        && let Some(number) =
            (1..).zip(MONTHS).find_map(|(number, name)| name.starts_with(month).then_some(number))
    {
        let date = Date::parse(&format!("{year}-{number:02}")).ok()?;
        return Some(Range::of(date.start, date.end()));
    }
    let date = Date::parse(text).ok()?;
    Some(Range::of(date.start, date.end()))
}

/// First and last month of `q2` or `h1`.
fn part_of_year(part: &str) -> Option<(u32, u32)> {
    match part {
        "q1" => Some((1, 3)),
        "q2" => Some((4, 6)),
        "q3" => Some((7, 9)),
        "q4" => Some((10, 12)),
        "h1" => Some((1, 6)),
        "h2" => Some((7, 12)),
        _ => None,
    }
}

fn number(digits: &str) -> Option<i64> {
    let is_number = (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if is_number { digits.parse().ok() } else { None }
}

fn letter(unit: &str) -> Option<char> {
    match unit.trim_end_matches('s') {
        "day" => Some('d'),
        "week" => Some('w'),
        "month" => Some('m'),
        "year" => Some('y'),
        _ => None,
    }
}

/// The start of the day so many units before `today`.
fn back(today: Date, count: i64, unit: char) -> Option<i64> {
    let start = match unit {
        'd' => today.start - count * DAY,
        'w' => today.start - count * 7 * DAY,
        _ => {
            let months = if unit == 'y' { count * 12 } else { count };
            let (year, month) = months_back(today, months)?;
            // The last day of a shorter month stands for those it lacks.
            let day: i64 = today.day().get(8..)?.parse().ok()?;
            let first = Date::parse(&format!("{year:04}-{month:02}")).ok()?;
            (first.start + (day - 1) * DAY).min(first.end() - DAY)
        }
    };
    Date::from_second(start).ok().map(|date| date.start)
}

fn months_back(today: Date, months: i64) -> Option<(i64, i64)> {
    let day = today.day();
    let (year, month): (i64, i64) = (day.get(..4)?.parse().ok()?, day.get(5..7)?.parse().ok()?);
    let count = year * 12 + month - 1 - months;
    (count >= 12).then_some((count.div_euclid(12), count.rem_euclid(12) + 1))
}

/// `this week`, `last year`.
fn named(today: Date, is_last: bool, unit: &str) -> Option<Range> {
    let month = |date: Date| Date { start: date.start, precision: Precision::Month };
    let this = match unit {
        "day" => Range::of(today.start, today.end()),
        "week" => {
            let monday = today.first_of_week().start;
            Range::of(monday, monday + 7 * DAY)
        }
        "month" => {
            let first = today.first_of(Precision::Month);
            Range::of(first.start, first.end())
        }
        "quarter" => {
            let first = today.first_of_quarter();
            let third = Date::from_second(first.start + 70 * DAY).ok()?.first_of(Precision::Month);
            Range::of(first.start, month(third).end())
        }
        "year" => {
            let first = today.first_of(Precision::Year);
            Range::of(first.start, first.end())
        }
        _ => return None,
    };
    if !is_last {
        return Some(this);
    }
    // What lies before the start of this one is in the last.
    let before = Date { start: this.since? - DAY, precision: Precision::Day };
    Date::from_second(before.start).ok()?;
    named(before, false, unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rows: &[(&str, &str)]) {
        // A Tuesday.
        let now = Date::parse("2024-05-14T10:00:00Z").unwrap().start;
        for (written, plain) in rows {
            let found = range(written, now).unwrap_or_else(|message| message);
            assert_eq!(found, *plain, "{written}");
        }
        fn range(text: &str, now: i64) -> Result<String, String> {
            let found = super::range(text, now)?;
            let plain = found.plain();
            assert_eq!(super::range(&plain, 0), Ok(found), "{plain}");
            Ok(plain)
        }
    }

    #[test]
    fn dates_are_read_as_people_write_them() {
        check(&[
            ("2024", "2024-01-01..2024-12-31"),
            ("2024-02", "2024-02-01..2024-02-29"),
            ("2024-02-03", "2024-02-03"),
            ("2024-Q2", "2024-04-01..2024-06-30"),
            ("2024q4", "2024-10-01..2024-12-31"),
            ("2023-H2", "2023-07-01..2023-12-31"),
            ("March 2024", "2024-03-01..2024-03-31"),
            ("2024-03..", "2024-03-01.."),
            ("..2020", "..2020-12-31"),
            ("2019..2021", "2019-01-01..2021-12-31"),
            (">2020", "2021-01-01.."),
            (">=2020", "2020-01-01.."),
            ("<2020-05", "..2020-04-30"),
            ("<=2020-05", "..2020-05-31"),
            ("yesterday", "2024-05-13"),
            ("-90d..", "2024-02-14.."),
            ("1m..", "2024-04-14.."),
            ("2y..yesterday", "2022-05-14..2024-05-13"),
            ("last week", "2024-05-06..2024-05-12"),
            ("this week", "2024-05-13..2024-05-19"),
            ("last month", "2024-04-01..2024-04-30"),
            ("last quarter", "2024-01-01..2024-03-31"),
            ("last-year", "2023-01-01..2023-12-31"),
            ("last 7 days", "2024-05-07..2024-05-14"),
            ("2024-05-01T08:30:00Z", "2024-05-01T08:30:00Z"),
            ("2024-05-01T08:30:00Z..", "2024-05-01T08:30:00Z.."),
        ]);
    }

    #[test]
    fn a_flag_takes_what_a_range_starts_and_ends_with() {
        let now = Date::parse("2024-05-14T10:00:00Z").unwrap().start;
        for written in
            ["2024", "2024-02", "2024-02-03", "2024-Q2", "2023-H2", "March 2024", "-90d", "90d", "last week"]
        {
            let flag = day(written, now).unwrap();
            assert_eq!(range(&format!("{written}.."), now).unwrap().since, flag.since, "{written}");
            assert_eq!(range(&format!("..{written}"), now).unwrap().until, flag.until, "{written}");
        }
        for wrong in ["2019..2021", ">2020", "2024..", "", "soon"] {
            assert!(day(wrong, now).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_no_date_is_said() {
        for wrong in [
            "soon",
            "..",
            "2021..2019",
            "",
            "-",
            "99999999d",
            "last",
            "last fortnight",
            "2024-Q5",
            ">",
            ">9999",
            "<0001",
        ] {
            assert!(range(wrong, 0).is_err(), "{wrong}");
        }
    }
}
