//! Conditions on an article beside its words, and what the fields of a query ask of it.

use std::fmt;

use super::{Expr, Filters};
use crate::article::Date;
use crate::gazetteer::{Member, RegionCode, RegionKind, regions};
use crate::query::dates::Range;

/// What an article must have beside its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Any of these terms, as the index has them.
    Terms { field: TermField, values: Vec<String> },
    /// A term like this one in any case, with `*` for any letters.
    Like { field: TermField, value: String },
    /// A time that overlaps this one.
    Dates { field: DateField, range: Range },
    /// No time of publication.
    Undated,
    /// From so many words up to so many.
    Words { least: u64, most: u64 },
    /// A copy of a story that was published before.
    Copy,
    /// The first of its story, or the only one.
    First,
    /// The id, the start of one, the publisher's id or the url.
    Id(String),
}

/// A column of terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TermField {
    Entity,
    EntityAbout,
    Region,
    RegionMentioned,
    RegionDirect,
    RegionFiled,
    RegionPublisher,
    Source,
    Section,
    Language,
    Author,
    Label,
    Status,
}

/// A column of times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateField {
    Published,
    Ingested,
}

impl TermField {
    /// The name of the field that asks for it.
    pub fn name(self) -> &'static str {
        match self {
            TermField::Entity => "entity",
            TermField::EntityAbout => "about",
            TermField::Region => "region",
            TermField::RegionMentioned => "mentions",
            TermField::RegionDirect => "region:=",
            TermField::RegionFiled => "dateline",
            TermField::RegionPublisher => "source-region",
            TermField::Source => "source",
            TermField::Section => "section",
            TermField::Language => "lang",
            TermField::Author => "by",
            TermField::Label => "label",
            TermField::Status => "status",
        }
    }

    /// Whether articles carry all that a region lies in.
    fn has_ancestors(self) -> bool {
        matches!(self, TermField::Region | TermField::RegionMentioned)
    }
}

impl Filters {
    /// What they ask of an article, one expression a kind.
    pub fn conditions(&self) -> Vec<Expr> {
        let mut all = Vec::new();
        if !self.regions.is_empty() {
            all.push(any(self.regions.iter().map(|code| region(TermField::Region, *code)).collect()));
        }
        let kinds = [
            (TermField::Entity, self.entities.iter().map(|id| id.as_str().to_owned()).collect()),
            (TermField::Source, self.sources.clone()),
            (TermField::Language, self.languages.clone()),
        ];
        for (field, values) in kinds {
            let values: Vec<String> = values;
            if !values.is_empty() {
                all.push(Expr::Condition(Condition::Terms { field, values }));
            }
        }
        if self.since.is_some() || self.until.is_some() {
            let range = Range { since: self.since, until: self.until };
            all.push(Expr::Condition(Condition::Dates { field: DateField::Published, range }));
        }
        all
    }
}

/// Any of them; one alone is itself.
pub(super) fn any(mut parts: Vec<Expr>) -> Expr {
    if parts.len() == 1 { parts.remove(0) } else { Expr::Any(parts) }
}

/// All of them; one alone is itself.
pub(super) fn all(mut parts: Vec<Expr>) -> Expr {
    if parts.len() == 1 { parts.remove(0) } else { Expr::All(parts) }
}

/// Articles with a region, or with a country that was a member of the grouping at their time.
pub(super) fn region(field: TermField, code: RegionCode) -> Expr {
    let terms = |codes: &[RegionCode]| {
        let mut values: Vec<String> = Vec::new();
        for code in codes {
            values.push(code.to_string());
            if !field.has_ancestors() {
                values.extend(inside(*code).map(|code| code.to_string()));
            }
        }
        Expr::Condition(Condition::Terms { field, values })
    };
    by_membership(code, &terms)
}

/// An expression for a region, made by `terms` of the codes that stand for it; for a grouping one for each time of
/// membership, beside what holds at any time.
pub(super) fn by_membership(code: RegionCode, terms: &dyn Fn(&[RegionCode]) -> Expr) -> Expr {
    let Some(grouping) = regions().get(code.0).filter(|region| region.kind == RegionKind::Grouping) else {
        return terms(&[code]);
    };
    let mut always = vec![code];
    let mut dated: Vec<((&str, &str), Vec<RegionCode>)> = Vec::new();
    for Member { country, since, until } in grouping.members.iter().copied() {
        if since.is_empty() && until.is_empty() {
            always.push(country);
        } else if let Some((_, countries)) = dated.iter_mut().find(|(dates, _)| *dates == (since, until)) {
            countries.push(country);
        } else {
            dated.push(((since, until), vec![country]));
        }
    }
    let mut parts = vec![terms(&always)];
    for ((since, until), countries) in dated {
        let second = |text: &str, of: fn(Date) -> i64| Date::parse(text).ok().map(of);
        let range = Range { since: second(since, |date| date.start), until: second(until, Date::end) };
        let then = Expr::Condition(Condition::Dates { field: DateField::Published, range });
        // What has no date is of the present.
        let then =
            if until.is_empty() { Expr::Any(vec![then, Expr::Condition(Condition::Undated)]) } else { then };
        parts.push(Expr::All(vec![terms(&countries), then]));
    }
    any(parts)
}

/// The regions inside one.
pub(super) fn inside(code: RegionCode) -> impl Iterator<Item = RegionCode> {
    regions().iter().map(|region| region.code).filter(move |part| regions().ancestors(*part).contains(&code))
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Condition::Terms { field, values } => {
                let name = field.name();
                let colon = if name.ends_with('=') { "" } else { ":" };
                match values.as_slice() {
                    [value] => write!(f, "{name}{colon}{value}"),
                    values => write!(f, "{name}{colon}({})", values.join(" OR ")),
                }
            }
            Condition::Like { field, value } => write!(f, "{}:{value}", field.name()),
            Condition::Dates { field: DateField::Published, range } => write!(f, "date:{}", range.plain()),
            Condition::Dates { field: DateField::Ingested, range } => write!(f, "ingested:{}", range.plain()),
            Condition::Undated => f.write_str("undated"),
            Condition::Words { least, most: u64::MAX } => write!(f, "words:{least}.."),
            Condition::Words { least, most } => write!(f, "words:{least}..{most}"),
            Condition::Copy => f.write_str("is:copy"),
            Condition::First => f.write_str("is:first"),
            Condition::Id(id) => write!(f, "id:{id}"),
        }
    }
}
