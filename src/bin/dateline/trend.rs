//! How much is written of something over time: as a chart for people, CSV, JSON or a picture.

use std::io::{self, IsTerminal, Write};

use dateline::error::{Error, Result};
use dateline::search::{Trend, trend};

use crate::flags::{Cli, TrendArgs, TrendFormat};
use crate::plain::{Plain, Style};
use crate::{NOTHING_FOUND, asked, is_unreadable, json, note, open, print, style, tell, text, warn};

pub fn run(cli: &Cli, args: &TrendArgs) -> Result<u8> {
    let typed = args.query.join(" ");
    let reader = open(cli)?;
    let (query, mut plan) = asked(&reader, &typed, &args.asked)?;
    plan.needs_all = true;
    warn(cli, &typed, &query, plan.dropped);
    let is_unreadable = is_unreadable(&typed, &plan);
    let found = if is_unreadable { Trend::default() } else { trend(&reader, &plan, args.by.into())? };
    if let Some(file) = &args.svg {
        let picture = picture(&typed, &found);
        std::fs::write(file, picture).map_err(|error| Error::Io { path: file.clone(), error })?;
    }
    let format = args.format.unwrap_or(match args.json {
        true => TrendFormat::Json,
        false if io::stdout().is_terminal() => TrendFormat::Text,
        false => TrendFormat::Csv,
    });
    if format != TrendFormat::Text {
        tell(cli, &plan.notes);
    }
    print(|out| match format {
        TrendFormat::Text => {
            for found in &plan.notes {
                writeln!(out, "{}", style(cli).faint(Plain(found)))?;
            }
            chart(out, style(cli), &found)
        }
        TrendFormat::Csv => table(out, &found),
        TrendFormat::Json => {
            #[derive(serde::Serialize)]
            struct Document<'a> {
                version: u32,
                query: &'a str,
                read_as: String,
                warnings: Vec<json::WarningJson<'a>>,
                by: &'static str,
                #[serde(flatten)]
                trend: &'a Trend,
            }
            let document = Document {
                version: json::VERSION,
                query: &typed,
                read_as: plan.to_string(),
                warnings: json::warnings(&typed, &query),
                by: args.by.name(),
                trend: &found,
            };
            writeln!(out, "{}", serde_json::to_string_pretty(&document)?)
        }
    })?;
    if found.articles == 0 {
        note(cli, if is_unreadable { "nothing is asked for" } else { "nothing found that has a date" });
        return Ok(NOTHING_FOUND);
    }
    Ok(0)
}

/// A bar for each step, with its numbers before it.
fn chart(out: &mut dyn Write, style: Style, found: &Trend) -> io::Result<()> {
    if found.steps.is_empty() {
        return Ok(());
    }
    let head = format!("{:<10} {:>8} {:>9} {:>8} {:>6}", "", "stories", "articles", "share", "lift");
    writeln!(out, "{}", style.faint(head))?;
    let highest = found.steps.iter().map(|step| step.count).max().unwrap_or(1).max(1);
    let room = style.width.saturating_sub(47).max(8) as u64;
    for step in &found.steps {
        // Whatever is there is seen.
        let length = usize::try_from((step.count * room).div_ceil(highest)).unwrap_or(0);
        let line = format!(
            "{:<10} {:>8} {:>9} {:>7.2}% {:>6.2}  {}",
            step.label,
            text::grouped(step.count),
            text::grouped(step.articles),
            step.share * 100.0,
            step.lift,
            "#".repeat(length)
        );
        writeln!(out, "{}", line.trim_end())?;
    }
    let share = format!("{:.2}%", found.share * 100.0);
    let (count, articles) = (text::grouped(found.count), text::grouped(found.articles));
    writeln!(out, "{}", style.faint(format!("{:<10} {count:>8} {articles:>9} {share:>8}   1.00", "all")))
}

fn table(out: &mut dyn Write, found: &Trend) -> io::Result<()> {
    writeln!(out, "step,start,count,articles,all,share,lift")?;
    for step in &found.steps {
        let (label, start) = (&step.label, &step.start);
        let (count, articles, all) = (step.count, step.articles, step.all);
        writeln!(out, "{label},{start},{count},{articles},{all},{:.6},{:.4}", step.share, step.lift)?;
    }
    Ok(())
}

/// Text for a picture: markup means nothing in it, and what no XML may hold is left out.
struct Markup<'a>(&'a str);

impl std::fmt::Display for Markup<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for letter in Plain(self.0).to_string().chars() {
            match letter {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\u{fffe}' | '\u{ffff}' => {}
                letter => std::fmt::Write::write_char(f, letter)?,
            }
        }
        Ok(())
    }
}

/// A bar chart as SVG. Its colours follow the page, light or dark.
#[allow(clippy::cast_precision_loss, reason = "places in a picture")]
fn picture(typed: &str, found: &Trend) -> String {
    const WIDTH: f64 = 800.0;
    const HEIGHT: f64 = 360.0;
    const LEFT: f64 = 56.0;
    const RIGHT: f64 = 16.0;
    const TOP: f64 = 48.0;
    const BOTTOM: f64 = 36.0;
    /// More labels than these run into each other.
    const LABELS: usize = 10;
    let (inner, tall) = (WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM);
    let highest = found.steps.iter().map(|step| step.count).max().unwrap_or(0);
    let rise = tick(highest);
    let top = highest.div_ceil(rise).max(1) * rise;
    let height = |count: u64| tall * count as f64 / top as f64;
    let title = if typed.trim().is_empty() { "everything" } else { typed };
    let mut parts = vec![format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"Stories over time: {0}\">\n\
         <style>\n\
         svg {{ color-scheme: light dark; font: 12px system-ui, sans-serif; }}\n\
         .back {{ fill: #ffffff; }} text {{ fill: #1f2328; }} .bar {{ fill: #2f6fb3; }} .line {{ stroke: #d0d7de; }}\n\
         @media (prefers-color-scheme: dark) {{\n\
         .back {{ fill: #14181d; }} text {{ fill: #e6e9ed; }} .bar {{ fill: #6cb0f5; }} .line {{ stroke: #3a424b; }}\n\
         }}\n\
         </style>\n\
         <rect class=\"back\" width=\"{WIDTH}\" height=\"{HEIGHT}\"/>\n\
         <text x=\"{LEFT}\" y=\"24\" font-size=\"15\" font-weight=\"600\">{0}</text>\n",
        Markup(title)
    )];
    for count in (0..=top).step_by(usize::try_from(rise).unwrap_or(1)) {
        let y = TOP + tall - height(count);
        parts.push(format!(
            "<line class=\"line\" x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\n\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\n",
            WIDTH - RIGHT,
            LEFT - 8.0,
            y + 4.0,
            text::grouped(count)
        ));
    }
    let slot = inner / found.steps.len().max(1) as f64;
    let every = found.steps.len().div_ceil(LABELS).max(1);
    for (index, step) in found.steps.iter().enumerate() {
        let (x, tall_bar) = (LEFT + slot * index as f64, height(step.count));
        parts.push(format!(
            "<rect class=\"bar\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{tall_bar:.1}\"><title>{}: {} stories, {:.2} %, lift {:.2}</title></rect>\n",
            x + slot * 0.1,
            TOP + tall - tall_bar,
            slot * 0.8,
            step.label,
            text::grouped(step.count),
            step.share * 100.0,
            step.lift
        ));
        if index % every == 0 {
            parts.push(format!(
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\n",
                x + slot / 2.0,
                HEIGHT - 14.0,
                step.label
            ));
        }
    }
    parts.push("</svg>\n".to_owned());
    parts.concat()
}

/// The distance of lines: 1, 2 or 5 times a power of ten, with at the most five of them up to `highest`.
fn tick(highest: u64) -> u64 {
    let mut power = 1;
    loop {
        for times in [1, 2, 5] {
            if highest.div_ceil(power * times) <= 5 {
                return power * times;
            }
        }
        power *= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dateline::search::TrendStep;

    fn found(counts: &[u64]) -> Trend {
        let steps = counts.iter().zip(2000..).map(|(&count, year)| TrendStep {
            label: year.to_string(),
            start: year.to_string(),
            count,
            articles: count,
            all: count * 2,
            share: 0.5,
            lift: 1.0,
        });
        Trend { steps: steps.collect(), ..Trend::default() }
    }

    #[test]
    fn lines_are_at_round_numbers() {
        let rows = [
            (0, 1),
            (1, 1),
            (5, 1),
            (6, 2),
            (10, 2),
            (11, 5),
            (26, 10),
            (120, 50),
            (u64::MAX / 1000, 5_000_000_000_000_000),
        ];
        for (highest, expected) in rows {
            assert_eq!(tick(highest), expected, "{highest}");
        }
    }

    #[test]
    fn a_picture_is_xml_whatever_was_typed() {
        for counts in [&[][..], &[0, 3, 12], &[7; 90]] {
            let picture = picture("a <b> & \"c\" 'd' \u{1b}[31m \u{fffe}\u{202e}", &found(counts));
            assert!(picture.contains(">a &lt;b&gt; &amp; &quot;c&quot; &#39;d&#39; "), "{picture}");
            assert!(!picture.chars().any(|letter| letter.is_control() && letter != '\n'));
            assert_eq!(picture.matches("class=\"bar\"").count(), counts.len());
            assert_eq!(picture.matches('<').count(), picture.matches('>').count());
        }
    }
}
