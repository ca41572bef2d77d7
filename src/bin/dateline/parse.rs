//! How a query is understood: its tree, its plain spelling, what is looked up.

use std::io::{self, Write};

use dateline::error::Result;
use dateline::query::{Node, Query};

use crate::flags::{Cli, ParseArgs};
use crate::plain::Plain;
use crate::{asked, json, open, print, tell, warn};

/// Prints how a query is understood. The index is asked for names that no table lists.
pub fn run(cli: &Cli, args: &ParseArgs) -> Result<u8> {
    let typed = args.wanted.typed();
    let reader = open(cli)?;
    let (query, plan) = asked(&reader, &typed, &args.wanted.asked)?;
    let reading = plan.reading.to_string();
    if args.wanted.shape.is_json() {
        let document = serde_json::json!({
            "version": json::VERSION,
            "query": typed,
            "plain": query.to_string(),
            "reading": reading,
            "read_as": plan.to_string(),
            "needs_all": query.needs_all,
            "tree": query.clauses.iter().map(as_json).collect::<Vec<_>>(),
            "warnings": json::warnings(&typed, &query),
            "notes": plan.notes,
        });
        return print(|out| writeln!(out, "{document:#}"));
    }
    warn(cli, &typed, &query, plan.dropped);
    tell(cli, &plan.notes);
    print(|out| {
        tree(out, &query)?;
        writeln!(out, "plain    {}", Plain(&query.to_string()))?;
        if reading != query.to_string() {
            writeln!(out, "reading  {}", Plain(&reading))?;
        }
        writeln!(out, "plan     {}", Plain(&plan.to_string()))
    })
}

fn tree(out: &mut dyn Write, query: &Query) -> io::Result<()> {
    let all = if query.needs_all { "all of" } else { "all of, then most of" };
    let indent = match query.clauses.len() {
        0 => return writeln!(out, "everything"),
        1 => 0,
        _ => {
            writeln!(out, "{all}")?;
            1
        }
    };
    let mut rest: Vec<(usize, &Node)> = query.clauses.iter().rev().map(|clause| (indent, clause)).collect();
    while let Some((depth, node)) = rest.pop() {
        let (name, parts) = described(node);
        writeln!(out, "{}{}", "  ".repeat(depth), Plain(&name))?;
        rest.extend(parts.into_iter().rev().map(|part| (depth + 1, part)));
    }
    Ok(())
}

/// What a node is, and what is in it.
fn described(node: &Node) -> (String, Vec<&Node>) {
    match node {
        Node::Text(_) | Node::Field(_) | Node::Saved(..) => (node.to_string(), Vec::new()),
        Node::And(parts) => ("all of".to_owned(), parts.iter().collect()),
        Node::Or(parts) => ("any of".to_owned(), parts.iter().collect()),
        Node::Sentence(parts) => ("in one sentence".to_owned(), parts.iter().collect()),
        Node::Passage(parts) => ("in one passage".to_owned(), parts.iter().collect()),
        Node::Near(parts, gaps) => {
            let gaps: Vec<String> = gaps.iter().map(ToString::to_string).collect();
            (gaps.join(", "), parts.iter().collect())
        }
        Node::Not(part) => ("not".to_owned(), vec![part]),
        Node::AtLeast(count, part) => (format!("at least {count} times"), vec![part]),
        Node::First(words, part) => (format!("in the title or the first {words} words"), vec![part]),
        Node::Form(form, part) => (format!("{} form", form.name()), vec![part]),
        Node::In(place, part) => (format!("in the {}", place.name()), vec![part]),
        Node::Boost(factor, part) => (format!("counts {factor} times"), vec![part]),
    }
}

fn as_json(node: &Node) -> serde_json::Value {
    let (name, parts) = described(node);
    if parts.is_empty() {
        return serde_json::json!(name);
    }
    serde_json::json!({"is": name, "parts": parts.into_iter().map(as_json).collect::<Vec<_>>()})
}
