//! Countries that articles are about, against the field `places`.

use std::collections::BTreeSet;

use dateline::annotate::Tier;
use dateline::gazetteer::{self, RegionKind};
use dateline::words::Analyzer;

use crate::{Article, articles, found};

/// The code of a country as Reuters writes it; some are no countries any more.
fn country(label: &str) -> Option<&'static str> {
    let known = match label {
        "usa" => "US",
        "ussr" => "RU",
        "west-germany" | "east-germany" => "DE",
        "zaire" => "CD",
        "burma" => "MM",
        "kampuchea" => "KH",
        "yemen-arab-republic" | "yemen-demo-republic" => "YE",
        "trinidad-tobago" => "TT",
        "us-virgin-islands" => "VI",
        "congo" => "CG",
        _ => "",
    };
    if !known.is_empty() {
        return Some(known);
    }
    gazetteer::regions().resolve(&label.replace('-', " ")).first().map(|code| code.0)
}

/// Whether a code is a country's, which is all that editors gave: `EU` is a grouping.
fn is_country(code: &str) -> bool {
    gazetteer::regions().get(code).is_some_and(|region| region.kind == RegionKind::Country)
}

/// Countries that articles are about and name, against those that editors gave.
#[allow(clippy::cast_precision_loss, reason = "counts of articles are small")]
pub fn regions(part: &str, files: &[String], tier: Tier) {
    let all: Vec<Article> = files.iter().flat_map(|file| articles(file)).collect();
    let half = all.len() / 2;
    let measured = match part {
        "earlier" => &all[..half],
        "later" => &all[half..],
        _ => &all[..],
    };
    let mut analyzer = Analyzer::for_places();
    // All, and those that editors did not give to the United States alone.
    let mut counts = [[0_usize; 4]; 2];
    for article in measured {
        let given: BTreeSet<&str> = article.places.iter().filter_map(|label| country(label)).collect();
        if given.is_empty() {
            continue;
        }
        let annotations = found(article, tier, &mut analyzer);
        let countries =
            |is_wanted: &dyn Fn(&dateline::annotate::NamedRegion) -> bool| -> BTreeSet<&'static str> {
                let named = annotations.regions.iter().filter(|region| is_wanted(region));
                let codes = named.map(|region| region.code.0);
                codes.filter(|code| is_country(code)).collect()
            };
        let (about, mut named) = (countries(&|region| region.is_about), countries(&|_| true));
        named.extend(
            annotations
                .regions
                .iter()
                .filter_map(|region| region.code.0.split_once('-').map(|(country, _)| country))
                .filter(|code| *code == "US"),
        );
        for (group, count) in counts.iter_mut().enumerate() {
            if group == 0 || given.iter().any(|code| *code != "US") {
                count[0] += given.intersection(&about).count();
                count[1] += about.len();
                count[2] += given.len();
                count[3] += given.intersection(&named).count();
            }
        }
    }
    for (group, [right, about, given, named]) in ["all", "not the United States alone"].iter().zip(counts) {
        let (precision, recall) = (right as f64 / about as f64, right as f64 / given as f64);
        println!(
            "{group}: about P {:.2} R {:.2} F1 {:.2}; named R {:.2}; {given} given, {about} found",
            100.0 * precision,
            100.0 * recall,
            200.0 * precision * recall / (precision + recall),
            100.0 * named as f64 / given as f64
        );
    }
}
