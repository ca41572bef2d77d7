//! What can be counted, and how it is asked for.
//!
//! ```text
//! facets = number | facet ("," facet)*      a number: so many values of each of entity, region and source
//! facet  = field [ "/" within ] [ "~" text ] [ ":" number ]
//! field  = entity | region | source | section | language | author | label | year | month | status | story
//! within = company | organisation | person | ticker         of entity
//!        | country | state | grouping | a region            of region: all of a kind, or the parts of one
//! text   = values whose id or name has it, in any case
//! ```
//!
//! `entity/person:20` are the twenty people named most, `region/europe` the parts of Europe, `source~wire` the
//! sources with `wire` in their name. A grouping's parts are its present members. The story facet counts
//! stories by how many articles of them were found.

use crate::error::{Error, Result};
use crate::gazetteer::{RegionCode, RegionKind, entities, regions};
use crate::plan::{Filters, unknown};
use crate::words::fold;

/// A facet that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetRequest {
    pub field: FacetField,
    pub within: Option<Within>,
    /// Folded; only values whose id or name has it.
    pub text: Option<String>,
    /// Values at the most.
    pub limit: usize,
}

/// Values of a facet where nobody says how many.
pub const VALUES: usize = 8;

/// The facets of a search that names none.
const USUAL: [FacetField; 3] = [FacetField::Entity, FacetField::Region, FacetField::Source];

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FacetField {
    /// Organisations and people that are mentioned.
    Entity,
    /// Regions that articles are about.
    Region,
    Source,
    Section,
    Language,
    Author,
    Label,
    /// Of publication.
    Year,
    Month,
    Status,
    /// Stories by the number of their articles.
    Story,
}

/// A part of the values of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Within {
    /// Entities of one sort, by what their ids start with.
    Sort(&'static str),
    /// Regions of one kind.
    Kind(RegionKind),
    /// The parts of regions. Several where a name means several.
    Parts(Vec<RegionCode>),
}

/// The names of the sorts of entities, with the start of their ids.
const SORTS: [(&str, &str); 4] =
    [("company", "co:"), ("organisation", "org:"), ("person", "per:"), ("ticker", "tic:")];

/// The kinds of regions that can be counted apart.
const KINDS: [(&str, RegionKind); 3] =
    [("country", RegionKind::Country), ("state", RegionKind::State), ("grouping", RegionKind::Grouping)];

impl FacetField {
    pub const ALL: [FacetField; 11] = [
        FacetField::Entity,
        FacetField::Region,
        FacetField::Source,
        FacetField::Section,
        FacetField::Language,
        FacetField::Author,
        FacetField::Label,
        FacetField::Year,
        FacetField::Month,
        FacetField::Status,
        FacetField::Story,
    ];

    pub fn name(self) -> &'static str {
        match self {
            FacetField::Entity => "entity",
            FacetField::Region => "region",
            FacetField::Source => "source",
            FacetField::Section => "section",
            FacetField::Language => "language",
            FacetField::Author => "author",
            FacetField::Label => "label",
            FacetField::Year => "year",
            FacetField::Month => "month",
            FacetField::Status => "status",
            FacetField::Story => "story",
        }
    }

    /// The same filters without those on this field, where there are any: what a person may choose instead is
    /// counted as if nothing were chosen yet.
    pub(super) fn freed(self, filters: &Filters) -> Option<Filters> {
        let mut freed = filters.clone();
        match self {
            FacetField::Entity => freed.entities.clear(),
            FacetField::Region => freed.regions.clear(),
            FacetField::Source => freed.sources.clear(),
            FacetField::Language => freed.languages.clear(),
            _ => {}
        }
        (freed != *filters).then_some(freed)
    }
}

impl FacetRequest {
    /// The usual facets, with so many values each; none for 0.
    pub fn usual(values: usize) -> Vec<FacetRequest> {
        let fields = USUAL.into_iter().filter(|_| values > 0);
        fields.map(|field| FacetRequest { field, within: None, text: None, limit: values }).collect()
    }

    /// Reads a number or a list of facets.
    ///
    /// # Errors
    /// [`Error::Usage`] that names the choices where a field or a part of one is unknown.
    pub fn parse(list: &str) -> Result<Vec<FacetRequest>> {
        match list.trim().parse::<u16>() {
            Ok(values) => Ok(FacetRequest::usual(usize::from(values))),
            Err(_) => list.split(',').map(|facet| FacetRequest::parse_one(facet.trim())).collect(),
        }
    }

    fn parse_one(text: &str) -> Result<FacetRequest> {
        let count = text.rsplit_once(':').and_then(|(rest, count)| Some((rest, count.parse::<u16>().ok()?)));
        let (rest, limit) = count.map_or((text, VALUES), |(rest, count)| (rest, usize::from(count)));
        let (rest, contained) = match rest.split_once('~') {
            Some((rest, contained)) => (rest, Some(fold(contained)).filter(|text| !text.is_empty())),
            None => (rest, None),
        };
        let (name, within) = match rest.split_once('/') {
            Some((name, within)) => (name, Some(within)),
            None => (rest, None),
        };
        let Some(field) = FacetField::ALL.into_iter().find(|field| field.name() == name) else {
            let names: Vec<&str> = FacetField::ALL.iter().map(|field| field.name()).collect();
            return Err(Error::usage(format!("unknown facet `{name}`; facets are {}", names.join(", "))));
        };
        let within = within.map(|within| Within::parse(field, within)).transpose()?;
        Ok(FacetRequest { field, within, text: contained, limit })
    }

    /// Whether a value is one that the text asks for.
    pub(super) fn admits(&self, value: &str) -> bool {
        let Some(text) = &self.text else { return true };
        let has = |name: &str| fold(name).contains(text.as_str());
        has(value)
            || match self.field {
                FacetField::Entity => has(&entities().name(value)),
                FacetField::Region => has(regions().name(value)),
                _ => false,
            }
    }
}

impl Within {
    fn parse(field: FacetField, text: &str) -> Result<Within> {
        match field {
            FacetField::Entity => {
                let sort = SORTS.iter().find(|(name, _)| *name == text);
                sort.map(|(_, start)| Within::Sort(start)).ok_or_else(|| {
                    let names = SORTS.map(|(name, _)| name).join(", ");
                    Error::usage(format!("unknown kind of entity `{text}`; kinds are {names}"))
                })
            }
            FacetField::Region => match KINDS.iter().find(|(name, _)| *name == text) {
                Some((_, kind)) => Ok(Within::Kind(*kind)),
                None => match regions().resolve(text) {
                    codes if codes.is_empty() => Err(unknown("region", text, &regions().nearest(text))),
                    codes => Ok(Within::Parts(codes)),
                },
            },
            _ => Err(Error::usage(format!(
                "the facet `{}` has no parts; `entity/person` and `region/europe` have",
                field.name()
            ))),
        }
    }

    /// As it is typed, regions by their codes.
    pub fn name(&self) -> String {
        match self {
            Within::Sort(start) => {
                SORTS.iter().find(|(_, known)| known == start).map_or(*start, |(name, _)| name).to_owned()
            }
            Within::Kind(kind) => {
                KINDS.iter().find(|(_, known)| known == kind).map_or("", |(name, _)| name).to_owned()
            }
            Within::Parts(codes) => codes.iter().map(|code| code.0).collect::<Vec<_>>().join(" "),
        }
    }

    /// The regions it holds; none for a sort of entities.
    pub(super) fn regions(&self) -> Vec<RegionCode> {
        match self {
            Within::Sort(_) => Vec::new(),
            Within::Kind(kind) => {
                regions().iter().filter(|region| region.kind == *kind).map(|region| region.code).collect()
            }
            Within::Parts(codes) => codes.iter().flat_map(|code| parts(*code)).collect(),
        }
    }
}

/// One step down the tree from a region, or the present members of a grouping.
pub fn parts(code: RegionCode) -> Vec<RegionCode> {
    let members = regions().get(code.0).into_iter().flat_map(|region| &region.members);
    let present = members.filter(|member| member.until.is_empty()).map(|member| member.country);
    let below = regions()
        .iter()
        .filter(|region| region.parent == Some(code) && region.kind != RegionKind::Grouping)
        .map(|region| region.code);
    present.chain(below).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read of a list, one facet a line.
    fn check(list: &str, expected: &[&str]) {
        let read = match FacetRequest::parse(list) {
            Ok(read) => read,
            Err(error) => {
                assert_eq!([error.to_string().as_str()], expected, "{list}");
                return;
            }
        };
        let shown: Vec<String> = read
            .iter()
            .map(|facet| {
                let within =
                    facet.within.as_ref().map_or(String::new(), |within| format!("/{}", within.name()));
                let text = facet.text.as_ref().map_or(String::new(), |text| format!("~{text}"));
                format!("{}{within}{text}:{}", facet.field.name(), facet.limit)
            })
            .collect();
        assert_eq!(shown, expected, "{list}");
    }

    #[test]
    fn facets_are_a_number_or_a_list() {
        check("3", &["entity:3", "region:3", "source:3"]);
        check("0", &[]);
        check("year", &["year:8"]);
        check(
            "entity/person:20, region/europe,source~Wire,region/country~land:3",
            &["entity/person:20", "region/150:8", "source~wire:8", "region/country~land:3"],
        );
        check("source~a:b:4", &["source~a:b:4"]);
    }

    #[test]
    fn what_is_unknown_is_told_with_the_choices() {
        let fields = "entity, region, source, section, language, author, label, year, month, status, story";
        check("", &[&format!("unknown facet ``; facets are {fields}")]);
        check("entity,regoin", &[&format!("unknown facet `regoin`; facets are {fields}")]);
        check(
            "entity/firm",
            &["unknown kind of entity `firm`; kinds are company, organisation, person, ticker"],
        );
        check("region/grmany", &["unknown region `grmany`; did you mean Germany (DE)?"]);
        check("year/2016", &["the facet `year` has no parts; `entity/person` and `region/europe` have"]);
    }

    #[test]
    fn regions_have_parts() {
        let codes = |code| parts(regions().get(code).unwrap().code);
        assert!(codes("150").contains(&RegionCode("154")));
        assert!(codes("US").contains(&RegionCode("US-CA")));
        assert!(codes("EU").contains(&RegionCode("DE")) && !codes("EU").contains(&RegionCode("GB")));
    }
}
