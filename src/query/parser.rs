//! Reads what was typed, in one pass with a stack of its own.
//!
//! Each open parenthesis is a [`Level`] that gathers operands. What holds most tightly is gathered innermost: a chain
//! of `NEAR`, `SENT` and `SAME` becomes a part of an `AND`, that one of an `OR`, that one of what stands side by side.
//! An operator closes what holds more tightly than itself.

use super::{
    At, Condition, FIELDS, Field, Form, Gap, MAX_CLAUSES, MAX_DEPTH, MAX_DISTANCE, Node, PARTS, Part, Query,
    Text, TextKind, Warning,
};
use crate::annotate::ticker;
use crate::article::Span;
use crate::gazetteer;
use crate::words::is_currency;

/// The gap of an operator without a number.
const USUAL_DISTANCE: u32 = 10;

/// The most that `atleast` and `first` count to.
const MAX_COUNT: u32 = 100_000;

/// How amounts are said in thousands and more, in whole words and cut short. The latter are read where nothing is between
/// them and the number.
const SCALES: [&str; 4] = ["thousand", "million", "billion", "trillion"];
const SHORT_SCALES: [&str; 8] = ["k", "m", "mn", "mln", "b", "bn", "bln", "tn"];

/// The most that a part may count more than others.
const MAX_BOOST: f32 = 100.0;

pub(super) fn parse(typed: &str) -> Query {
    let (text, places) = plain(typed);
    let mut parser = Parser {
        text: &text,
        places: &places,
        at: 0,
        levels: vec![Level::default()],
        wraps: Vec::new(),
        count: 0,
        is_shouted: is_shouted(&text),
        warnings: Vec::new(),
    };
    while parser.step() {}
    parser.finish(typed)
}

/// The text with quotes, dashes, blanks and full-width letters as plain ones, and for each of its bytes, and its end,
/// where that is in what was typed.
fn plain(typed: &str) -> (String, Vec<u32>) {
    let mut text = String::with_capacity(typed.len());
    let mut places = Vec::with_capacity(typed.len() + 1);
    for (at, letter) in typed.char_indices() {
        let plain = match letter {
            '\u{ad}' => continue,
            '“' | '”' | '„' | '‟' | '«' | '»' | '❝' | '❞' | '〝' | '〞' | '〟' => '"',
            '‒' | '–' | '—' | '―' | '−' => '-',
            '\u{200b}' | '\u{feff}' | '[' | ']' | '{' | '}' => ' ',
            '\u{ff01}'..='\u{ff5e}' => match char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(' ') {
                '[' | ']' | '{' | '}' => ' ',
                plain => plain,
            },
            letter if letter.is_whitespace() || letter.is_control() => ' ',
            letter => letter,
        };
        text.push(plain);
        places.resize(text.len(), u32::try_from(at).expect("queries are short"));
    }
    places.push(u32::try_from(typed.len()).expect("queries are short"));
    (text, places)
}

/// Whether it is a headline in capitals, in which operators are words. It has no mark that means anything, so that its
/// plain spelling is one too, and at the most one `AND`, `OR` or `NOT` to three words: who types operators in capitals
/// throughout has more.
pub(super) fn is_shouted(text: &str) -> bool {
    let is_word = |word: &str| {
        let is_plain = |c: char| {
            (c.is_alphanumeric() && !c.is_lowercase())
                || matches!(c, '.' | ',' | '\'' | '&' | '$' | '%' | '-')
        };
        has_word(word) && word.chars().all(is_plain) && !word.starts_with('-')
    };
    let is_operator = |word: &&str| matches!(*word, "AND" | "OR" | "NOT");
    let (operators, words): (Vec<&str>, Vec<&str>) =
        text.split(' ').filter(|word| !word.is_empty()).partition(is_operator);
    words.len() >= 4 && operators.len() * 3 <= words.len() && words.into_iter().all(is_word)
}

/// What may not be part of a word.
pub(super) fn ends_word(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '"' | '(' | ')')
}

/// What a word may start with right behind `title:`.
pub(super) fn opens_value(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '$' | '*')
}

/// What is read before an operand and applied to it, the first one last.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Wrap {
    In(Part),
    Form(Form),
    AtLeast(u32),
    First(u32),
    Field(Field),
    Not,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Operator {
    And,
    Or,
    Near(Gap),
    Sentence,
    Passage,
}

impl Operator {
    fn is_near(self) -> bool {
        matches!(self, Operator::Near(_) | Operator::Sentence | Operator::Passage)
    }
}

/// An open parenthesis, or the whole.
#[derive(Debug, Default)]
struct Level {
    /// Where it opened.
    open: Span,
    wraps: Vec<Wrap>,
    /// The field that lists its values here.
    field: Option<Field>,
    /// Words of a value that may go on.
    value: Option<(String, Span)>,
    side: Vec<Node>,
    either: Vec<Node>,
    both: Vec<Node>,
    near: Vec<Node>,
    operators: Vec<Operator>,
    /// Whether the chain of `near` is negated.
    is_negated: bool,
    /// A `NOT` that waits for its operand.
    negate: Option<Span>,
    /// An operator that waits for its operand.
    pending: Option<(Operator, Span)>,
    /// Whether the last of `either` was joined by a written `AND`.
    is_all: bool,
    /// Whether an `AND` was written between what stands side by side.
    is_strict: bool,
}

impl Level {
    fn close_near(&mut self) {
        if self.near.is_empty() {
            return;
        }
        let chain = chained(std::mem::take(&mut self.near), &std::mem::take(&mut self.operators));
        self.both.push(if std::mem::take(&mut self.is_negated) { Node::not(chain) } else { chain });
    }

    fn close_both(&mut self) {
        self.close_near();
        let several = self.both.len() > 1;
        if let Some(node) = Node::and(std::mem::take(&mut self.both)) {
            self.is_all = several;
            self.either.push(node);
        }
    }

    fn close_either(&mut self) {
        self.close_both();
        // An `AND` that is one of several alternatives makes nothing else strict.
        self.is_strict |= self.is_all && self.either.len() == 1;
        self.side.extend(Node::or(std::mem::take(&mut self.either)));
    }

    /// What was gathered, with the values of a list as alternatives.
    fn into_node(self) -> Option<Node> {
        if self.field.is_none() || self.is_strict {
            return Node::and(self.side);
        }
        let (excluded, values): (Vec<Node>, Vec<Node>) =
            self.side.into_iter().partition(|node| matches!(node, Node::Not(_)));
        Node::and(Node::or(values).into_iter().chain(excluded).collect())
    }
}

/// A chain of `NEAR`, `SENT` and `SAME`: the first holds most tightly.
fn chained(parts: Vec<Node>, operators: &[Operator]) -> Node {
    let mut passage = Vec::new();
    let mut sentence = Vec::new();
    let mut near = Vec::new();
    let mut gaps = Vec::new();
    let close_near = |near: &mut Vec<Node>, gaps: &mut Vec<Gap>, sentence: &mut Vec<Node>| {
        let (parts, gaps) = (std::mem::take(near), std::mem::take(gaps));
        sentence.push(single(parts).unwrap_or_else(|parts| Node::Near(parts, gaps)));
    };
    let close_sentence = |sentence: &mut Vec<Node>, passage: &mut Vec<Node>| {
        passage.push(single(std::mem::take(sentence)).unwrap_or_else(Node::Sentence));
    };
    for (index, part) in parts.into_iter().enumerate() {
        if let Some(before) = index.checked_sub(1) {
            match operators[before] {
                Operator::Near(gap) => gaps.push(gap),
                Operator::Sentence => close_near(&mut near, &mut gaps, &mut sentence),
                _ => {
                    close_near(&mut near, &mut gaps, &mut sentence);
                    close_sentence(&mut sentence, &mut passage);
                }
            }
        }
        near.push(part);
    }
    close_near(&mut near, &mut gaps, &mut sentence);
    close_sentence(&mut sentence, &mut passage);
    single(passage).unwrap_or_else(Node::Passage)
}

/// The only one, or all of them back.
fn single(mut parts: Vec<Node>) -> Result<Node, Vec<Node>> {
    if parts.len() == 1 { Ok(parts.remove(0)) } else { Err(parts) }
}

struct Parser<'a> {
    text: &'a str,
    places: &'a [u32],
    at: usize,
    levels: Vec<Level>,
    /// For the next operand.
    wraps: Vec<Wrap>,
    /// Texts and conditions so far.
    count: usize,
    is_shouted: bool,
    warnings: Vec<Warning>,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    /// The place in what was typed.
    fn span(&self, start: usize, end: usize) -> Span {
        Span { start: self.places[start], end: self.places[end] }
    }

    fn warn(&mut self, message: impl Into<String>, hint: Option<String>, span: Span) {
        self.warnings.push(Warning { message: message.into(), hint, span });
    }

    fn level(&mut self) -> &mut Level {
        self.levels.last_mut().expect("the outermost is never closed")
    }

    /// Reads what comes next; `false` at the end.
    fn step(&mut self) -> bool {
        self.at += self.rest().len() - self.rest().trim_start_matches(' ').len();
        let start = self.at;
        let Some(first) = self.rest().chars().next() else { return false };
        let after = self.rest()[first.len_utf8()..].chars().next();
        if self.count >= MAX_CLAUSES && has_word(self.rest()) {
            let rest = self.span(self.at, self.text.len());
            self.warn(format!("only the first {MAX_CLAUSES} words are searched"), None, rest);
            self.at = self.text.len();
            return false;
        }
        // The value of a field may start with anything: `date:-90d..`.
        let is_value = self.wraps.iter().any(|wrap| matches!(wrap, Wrap::Field(_)))
            || matches!(self.level().field, Some(Field::Date | Field::Ingested));
        match first {
            ')' => {
                self.at += 1;
                self.close(start);
            }
            '(' => {
                self.at += 1;
                self.open(start);
            }
            '"' => self.phrase(),
            '-' if !is_value => {
                self.at += 1;
                if after.is_some_and(|c| c != ' ' && c != '-' && c != ')') {
                    self.negate(start);
                }
            }
            '+' if !is_value && after.is_some_and(|c| c.is_alphanumeric() || c == '"' || c == '(') => {
                self.at += 1;
            }
            _ => self.word(),
        }
        true
    }

    fn negate(&mut self, start: usize) {
        if self.wraps.is_empty() {
            let span = self.span(start, self.at);
            self.end_value();
            let level = self.level();
            level.negate = if level.negate.is_some() { None } else { Some(span) };
        } else {
            self.wrap(Wrap::Not);
        }
    }

    fn open(&mut self, start: usize) {
        self.end_value();
        let span = self.span(start, self.at);
        if self.levels.len() > MAX_DEPTH {
            self.wraps.clear();
            self.warn(format!("parentheses deeper than {MAX_DEPTH} were passed over"), None, span);
            return;
        }
        let wraps = std::mem::take(&mut self.wraps);
        let outer = self.level().field;
        let field = wraps.iter().rev().find_map(|wrap| match wrap {
            Wrap::Field(field) => Some(*field),
            _ => None,
        });
        self.levels.push(Level { open: span, wraps, field: field.or(outer), ..Level::default() });
    }

    fn close(&mut self, start: usize) {
        self.end_value();
        self.drop_wraps();
        let span = self.span(start, self.at);
        if self.levels.len() == 1 {
            self.warn("a parenthesis is closed that was not opened", None, span);
            return;
        }
        self.close_level();
    }

    /// Closes the innermost parenthesis.
    fn close_level(&mut self) {
        self.drop_pending();
        let mut level = self.levels.pop().expect("there is one to close");
        level.close_either();
        let boost = self.boost();
        let (open, wraps) = (level.open, std::mem::take(&mut level.wraps));
        let Some(mut node) = level.into_node() else {
            self.warn("parentheses with nothing in them were passed over", None, open);
            return;
        };
        for wrap in wraps.into_iter().rev() {
            node = wrapped(node, wrap);
        }
        if boost.is_some() && !node_is_plain(&node) {
            self.warn("a factor was passed over: a condition counts nothing", None, open);
        }
        node = self.no_deeper(boosted(node, boost), open);
        self.operand(node);
    }

    /// The node, or its words where it is nested too deep.
    fn no_deeper(&mut self, node: Node, open: Span) -> Node {
        if depth(&node) <= MAX_DEPTH {
            return node;
        }
        self.warn("what is nested deeper than this was searched as words", None, open);
        let words = node.leaves().into_iter().cloned().collect();
        Node::and(words).expect("a node has leaves")
    }

    /// Reads `^2`.
    fn boost(&mut self) -> Option<f32> {
        let factor = self.rest().strip_prefix('^')?;
        let length = factor.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(factor.len());
        let boost = factor[..length].parse().ok()?;
        let ends = factor[length..].chars().next().is_none_or(ends_word);
        if !ends {
            return None;
        }
        self.at += 1 + length;
        Some(boost)
    }

    /// Adds an operand to what is being gathered.
    fn operand(&mut self, node: Node) {
        let level = self.level();
        let negated = level.negate.take().is_some();
        match level.pending.take() {
            Some((operator, _)) if operator.is_near() => {
                level.near.push(if negated { Node::not(node) } else { node });
                level.operators.push(operator);
                return;
            }
            Some(_) => {}
            None => level.close_either(),
        }
        level.near.push(node);
        level.is_negated = negated;
    }

    fn operator(&mut self, operator: Operator, span: Span) {
        self.end_value();
        let name = self.typed_at(span);
        let level = self.level();
        let is_first = level.near.is_empty() && level.both.is_empty() && level.either.is_empty();
        if is_first || level.pending.is_some() || level.negate.is_some() {
            self.warn(format!("`{name}` with nothing before it was passed over"), None, span);
            return;
        }
        match operator {
            Operator::And => level.close_near(),
            Operator::Or => level.close_both(),
            _ => {}
        }
        level.pending = Some((operator, span));
    }

    /// The plain text of a span of what was typed.
    fn typed_at(&self, span: Span) -> String {
        let start = self.places.partition_point(|place| *place < span.start);
        let end = self.places.partition_point(|place| *place < span.end);
        self.text[start..end.min(self.text.len())].to_owned()
    }

    /// Passes over operators that wait in vain.
    fn drop_pending(&mut self) {
        let level = self.level();
        let (negate, pending) = (level.negate.take(), level.pending.take());
        for span in [pending.map(|(_, span)| span), negate].into_iter().flatten() {
            let name = self.typed_at(span);
            self.warn(format!("`{name}` with nothing after it was passed over"), None, span);
        }
    }

    /// Passes over `title:` and the like before what is no operand.
    fn drop_wraps(&mut self) {
        if !self.wraps.is_empty() {
            self.wraps.clear();
            let span = self.span(self.at.saturating_sub(1), self.at);
            self.warn("a field with nothing after it was passed over", None, span);
        }
    }

    fn phrase(&mut self) {
        let open = self.at;
        self.at += 1;
        let (text, end) = if let Some(length) = self.rest().find('"') {
            (self.rest()[..length].to_owned(), self.at + length + 1)
        } else {
            let span = self.span(open, open + 1);
            self.warn("the quote is not closed, so the phrase goes on to the end", None, span);
            (self.rest().to_owned(), self.text.len())
        };
        self.at = end;
        if let Some(field) = self.field() {
            self.end_value();
            let span = self.span(open, self.at);
            self.add_value(field, &text, span);
            return;
        }
        let mut others = 0;
        if let Some(number) = self.rest().strip_prefix('~') {
            let length = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
            if length > 0 {
                others = self.limited(length, 1, 0, MAX_DISTANCE);
            }
        }
        let boost = self.boost();
        let span = self.span(open, self.at);
        self.add_text(text, TextKind::Phrase(others), boost, span);
    }

    /// Reads a number of so many digits, `skip` bytes on.
    fn limited(&mut self, length: usize, skip: usize, least: u32, most: u32) -> u32 {
        let start = self.at + skip;
        self.at = start + length;
        let digits = &self.text[start..self.at];
        let number = digits.parse().unwrap_or(u32::MAX);
        let limited = number.clamp(least, most);
        if limited != number {
            let span = self.span(start, self.at);
            self.warn(format!("{digits} is out of bounds; read as {limited}"), None, span);
        }
        limited
    }

    /// The field whose value comes next.
    fn field(&mut self) -> Option<Field> {
        let own = self.wraps.iter().rev().find_map(|wrap| match wrap {
            Wrap::Field(field) => Some(*field),
            _ => None,
        });
        own.or(self.level().field)
    }

    fn word(&mut self) {
        let start = self.at;
        let mut end = start + self.rest().find(ends_word).unwrap_or(self.rest().len());
        if let Some(field) = self.field() {
            // A value of its own takes anything; in a list there are operators.
            let own = self.wraps.iter().any(|wrap| matches!(wrap, Wrap::Field(_)));
            let text = self.text[start..end].to_owned();
            if !own {
                if self.is_operator(start, end) {
                    return;
                }
                self.at = end;
                let span = self.span(start, end);
                self.go_on(&text, span);
                return;
            }
            self.at = end;
            let span = self.span(start, end);
            let mut value = text.as_str();
            if let Some((before, factor)) = with_factor(value) {
                let place = self.span(start + before.len(), end);
                self.warn(format!("`^{factor}` was passed over: a condition counts nothing"), None, place);
                value = before;
            }
            self.add_value(field, value, span);
            return;
        }
        if self.is_operator(start, end)
            || self.is_call(start, end)
            || self.is_field(start, end)
            || self.is_ticker(start, end)
            || self.is_unknown_field(start, end)
        {
            return;
        }
        // `AT & T` is one name.
        let is_short =
            |text: &str| (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase());
        if is_short(&self.text[start..end])
            && let Some(rest) = self.text[end..].strip_prefix(" & ")
        {
            let length = rest.find(ends_word).unwrap_or(rest.len());
            if is_short(&rest[..length]) {
                end += 3 + length;
            }
        }
        if let Some((text, end)) = self.amount(start, end) {
            self.at = end;
            let span = self.span(start, end);
            self.add_text(text, TextKind::Word, None, span);
            return;
        }
        self.at = end;
        let written = self.text[start..end].to_owned();
        let span = self.span(start, end);
        let (mut base, mut boost) = (written.as_str(), None);
        while let Some((before, factor)) = with_factor(base) {
            base = before;
            boost = boost.or(factor.parse().ok());
        }
        // Without its factor it would be an operator.
        if self.means_operator(base) {
            (base, boost) = (written.as_str(), None);
        }
        if let Some((before, factor)) = base.rsplit_once('^').filter(|(before, _)| has_word(before)) {
            let hint = Some(format!("write a number from 0 to {MAX_BOOST}, as in `{before}^0.5`"));
            self.warn(format!("`^{factor}` is no factor, searched as text"), hint, span);
        }
        if has_tag(base) {
            let hint = Some("leave the tags out; letters between `<` and `>` are words too".to_owned());
            self.warn(format!("`{base}` looks like markup, searched as text"), hint, span);
        }
        if let Some(name) =
            base.strip_prefix('@').map(|name| name.trim_end_matches([',', '.', ';', '?', '!']))
            && name.starts_with(char::is_alphanumeric)
            && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
        {
            self.count += 1;
            self.finish_operand(Node::Saved(name.to_owned(), At(span)), boost);
            return;
        }
        let (base, kind) = match base.rsplit_once('~') {
            Some((base, wrong))
                if has_word(base) && wrong.len() < 4 && wrong.bytes().all(|b| b.is_ascii_digit()) =>
            {
                let typed: u8 = if wrong.is_empty() { 1 } else { wrong.parse().unwrap_or(u8::MAX) };
                let limited = typed.clamp(1, 2);
                if limited != typed {
                    self.warn(format!("`~{wrong}` is out of bounds; read as `~{limited}`"), None, span);
                }
                (base, TextKind::Fuzzy(limited))
            }
            _ => (base, TextKind::Word),
        };
        self.add_text(base.to_owned(), kind, boost, span);
    }

    /// The word behind this place, without what punctuation it ends with, and its end.
    fn next_word(&self, from: usize) -> Option<(&str, usize)> {
        let rest = &self.text[from..];
        let blanks = rest.len() - rest.trim_start_matches(' ').len();
        let word = &rest[blanks..][..rest[blanks..].find(ends_word).unwrap_or(rest.len() - blanks)];
        let bare = word.trim_end_matches([',', '.', ';', ':', '?', '!']);
        (blanks > 0 && !bare.is_empty()).then(|| (bare, from + blanks + word.len()))
    }

    /// The amount that starts with a word, with no blanks in it but before `million`, and where it ends: `$ 1.2 bn` is
    /// `$1.2bn`. `US$` is `$`, which articles write as often.
    fn amount(&self, start: usize, end: usize) -> Option<(String, usize)> {
        let first = &self.text[start..end];
        let sign = first.find(is_currency)?;
        let behind = sign + first[sign..].chars().next()?.len_utf8();
        let currency = &first[..behind];
        if sign > 3 || !first[..sign].bytes().all(|byte| byte.is_ascii_uppercase()) {
            return None;
        }
        let is_apart = behind == first.len();
        let (number, end) = if is_apart { self.next_word(end)? } else { (&first[behind..], end) };
        let digits =
            number.find(|c: char| !(c.is_ascii_digit() || matches!(c, ',' | '.'))).unwrap_or(number.len());
        if !number.starts_with(|c: char| c.is_ascii_digit()) || number[..digits].ends_with([',', '.']) {
            return None;
        }
        let (digits, unit) = number.split_at(digits);
        let is_unit = |units: &[&str], word: &str| units.contains(&word.to_ascii_lowercase().as_str());
        let plain = currency.strip_prefix("US").unwrap_or(currency);
        if !unit.is_empty() {
            let is_as_it_was = !is_apart && plain == currency;
            return (is_unit(&SHORT_SCALES, unit) && !is_as_it_was)
                .then(|| (format!("{plain}{number}"), end));
        }
        match self.next_word(end) {
            Some((scale, end)) if is_unit(&SCALES, scale) => Some((format!("{plain}{digits} {scale}"), end)),
            Some((scale, end)) if is_unit(&SHORT_SCALES, scale) => {
                Some((format!("{plain}{digits}{scale}"), end))
            }
            _ => is_apart.then(|| (format!("{currency}{digits}"), end)),
        }
    }

    /// Reads `NYSE:ACM` and `(NYSE: ACM)`. In small letters it has to be a ticker that is listed.
    fn is_ticker(&mut self, start: usize, end: usize) -> bool {
        let Some((exchange, symbol)) = self.text[start..end].split_once(':') else { return false };
        let is_apart = symbol.is_empty();
        let (symbol, end) = if is_apart {
            self.next_word(end).unwrap_or(("", end))
        } else {
            (symbol.trim_end_matches([',', '.', ';', '?', '!']), end)
        };
        let is_symbol = (1..=6).contains(&symbol.len())
            && symbol.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
        let Some(ticker) = ticker(exchange, symbol).filter(|_| is_symbol && !self.is_shouted) else {
            return false;
        };
        let has_small = |text: &str| text.bytes().any(|byte| byte.is_ascii_lowercase());
        let is_printed = exchange.starts_with(|c: char| c.is_ascii_uppercase()) && !has_small(symbol);
        if !is_printed && (is_apart || gazetteer::ticker(&ticker).is_none()) {
            return false;
        }
        self.at = end;
        let span = self.span(start, end);
        self.add_value(Field::Ticker, &ticker, span);
        true
    }

    /// Whether a word would be read as an operator.
    fn means_operator(&self, word: &str) -> bool {
        let known = [
            "AND", "OR", "NOT", "&&", "||", "SENT", "SAME", "W/S", "w/s", "/S", "/s", "W/P", "w/p", "/P",
            "/p",
        ];
        known.contains(&word) || near(word, self.is_shouted).is_some()
    }

    /// Reads an operator.
    fn is_operator(&mut self, start: usize, end: usize) -> bool {
        let word = &self.text[start..end];
        let word_after_minus = !self.wraps.is_empty();
        let span = self.span(start, end);
        let operator = match word {
            "AND" | "OR" | "NOT" if self.is_shouted => return false,
            "AND" | "&&" => Operator::And,
            "OR" | "||" => Operator::Or,
            "NOT" => {
                self.at = end;
                self.end_value();
                if word_after_minus {
                    self.drop_wraps();
                }
                let level = self.level();
                level.negate = if level.negate.is_some() { None } else { Some(span) };
                return true;
            }
            "SENT" | "W/S" | "w/s" | "/S" | "/s" if !self.is_shouted => Operator::Sentence,
            "SAME" | "W/P" | "w/p" | "/P" | "/p" if !self.is_shouted => Operator::Passage,
            _ => {
                let Some((gap, digits)) = near(word, self.is_shouted) else { return false };
                if gap.within == 0 || gap.within > MAX_DISTANCE {
                    let read = gap.within.clamp(1, MAX_DISTANCE);
                    self.warn(format!("`{digits}` is out of bounds; read as {read}"), None, span);
                }
                Operator::Near(Gap { within: gap.within.clamp(1, MAX_DISTANCE), ..gap })
            }
        };
        self.at = end;
        if word_after_minus {
            self.drop_wraps();
        }
        self.operator(operator, span);
        true
    }

    /// Reads `atleast3(` and the like.
    fn is_call(&mut self, start: usize, end: usize) -> bool {
        if !self.text[end..].starts_with('(') {
            return false;
        }
        let name = self.text[start..end].to_ascii_lowercase();
        let letters = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let digits = name.len() - letters.len();
        let wrap = match (letters, digits) {
            ("caps", 0) => Wrap::Form(Form::Caps),
            ("exact", 0) => Wrap::Form(Form::Exact),
            ("stem", 0) => Wrap::Form(Form::Stem),
            ("atleast", 1..) => Wrap::AtLeast(self.limited(digits, letters.len(), 1, MAX_COUNT)),
            ("first", 1..) => Wrap::First(self.limited(digits, letters.len(), 1, MAX_COUNT)),
            _ => return false,
        };
        self.at = end;
        self.wrap(wrap);
        true
    }

    /// Keeps what is to be applied to the next operand. Nobody needs more of it than a few.
    fn wrap(&mut self, wrap: Wrap) {
        const MOST: usize = 4;
        if self.wraps.len() == MOST {
            self.wraps.remove(0);
        }
        self.wraps.push(wrap);
    }

    /// Reads `title:` and the like.
    fn is_field(&mut self, start: usize, end: usize) -> bool {
        let Some((name, value)) = self.text[start..end].split_once(':') else { return false };
        let typed = name;
        let name = name.to_ascii_lowercase();
        let part = PARTS.iter().find(|(known, _)| *known == name).map(|(_, part)| Wrap::In(*part));
        let field = FIELDS.iter().find(|(known, _)| *known == name).map(|(_, field)| Wrap::Field(*field));
        let Some(wrap) = part.or(field) else { return false };
        let next = value.chars().next().or_else(|| self.text[end..].chars().next());
        let opens = |c: char| opens_value(c) || matches!(c, '"' | '(' | '@');
        let is_value = if matches!(wrap, Wrap::Field(_)) {
            next.is_some_and(|c| !matches!(c, ' ' | ')' | '^' | '~'))
        } else {
            next.is_some_and(opens) || value.strip_prefix('-').is_some_and(|rest| rest.starts_with(opens))
        };
        if is_value {
            self.at = start + name.len() + 1;
            self.wrap(wrap);
        } else if value.is_empty() && typed.starts_with(|c: char| c.is_ascii_lowercase()) {
            let hint = Some(format!("write `{name}:` and its value without a blank between"));
            let span = self.span(start, start + name.len());
            self.warn(format!("`{name}:` with a blank after it was read as a word"), hint, span);
        }
        is_value
    }

    /// Reads an unknown name before a colon, which becomes a word, with a warning.
    fn is_unknown_field(&mut self, start: usize, end: usize) -> bool {
        let word = &self.text[start..end];
        let length = word.find(|c: char| !(c.is_ascii_alphabetic() || c == '-')).unwrap_or(word.len());
        let Some(value) = word[length..].strip_prefix(':') else { return false };
        let name = word[..length].to_ascii_lowercase();
        let is_known =
            PARTS.iter().any(|(known, _)| *known == name) || FIELDS.iter().any(|(known, _)| *known == name);
        let next = value.chars().next().or_else(|| self.text[end..].chars().next());
        let is_value = next.is_some_and(|c| c.is_alphanumeric() || c == '"' || c == '(');
        if is_known
            || name.is_empty()
            || name.starts_with('-')
            || !is_value
            || self.means_operator(&word[..length])
        {
            return false;
        }
        let hint = if let Some((bound, range)) = match name.as_str() {
            "since" | "after" => Some((value, format!("{value}.."))),
            "until" | "before" => Some((value, format!("..{value}"))),
            _ => None,
        } {
            Some(if bound.is_empty() {
                "did you mean `date:`?".to_owned()
            } else {
                format!("write `date:{range}`")
            })
        } else if word[..length].bytes().all(|b| b.is_ascii_uppercase()) && length > 2 {
            Some(format!("for a ticker, write `ticker:{word}`"))
        } else {
            nearest(&name).map(|field| format!("did you mean `{field}:`?"))
        };
        let span = self.span(start, start + length);
        self.warn(format!("unknown field `{name}`, searched as text"), hint, span);
        // The name becomes a word of its own, and so will the value.
        let text = self.text[start..start + length].to_owned();
        self.at = start + length + 1;
        self.add_text(text, TextKind::Word, None, span);
        true
    }

    fn add_text(&mut self, text: String, kind: TextKind, boost: Option<f32>, span: Span) {
        if has_word(&text) {
            self.count += 1;
            self.finish_operand(Node::Text(Text { text, kind, at: At(span) }), boost);
        } else {
            self.wraps.clear();
        }
    }

    /// A word of a value in a list, which may have several.
    fn go_on(&mut self, text: &str, span: Span) {
        let comma = text.ends_with([',', ';']);
        let level = self.level();
        match &mut level.value {
            Some((value, whole)) => {
                value.push(' ');
                value.push_str(text);
                whole.end = span.end;
            }
            None => level.value = Some((text.to_owned(), span)),
        }
        if comma {
            self.end_value();
        }
    }

    fn end_value(&mut self) {
        let level = self.level();
        if let (Some((value, span)), Some(field)) = (level.value.take(), level.field) {
            self.add_value(field, &value, span);
        }
    }

    fn add_value(&mut self, field: Field, value: &str, span: Span) {
        let value = value.trim_start().trim_end_matches([',', ';', ' ']);
        if value.is_empty() {
            self.wraps.clear();
            self.warn(format!("`{}:` without a value was passed over", field.name()), None, span);
            return;
        }
        self.count += 1;
        self.wraps.retain(|wrap| !matches!(wrap, Wrap::Field(_)));
        self.finish_operand(Node::Field(Condition { field, value: value.to_owned(), at: At(span) }), None);
    }

    /// Adds an operand with what was read before it.
    fn finish_operand(&mut self, mut node: Node, boost: Option<f32>) {
        for wrap in std::mem::take(&mut self.wraps).into_iter().rev() {
            node = wrapped(node, wrap);
        }
        self.operand(boosted(node, boost));
    }

    fn finish(mut self, typed: &str) -> Query {
        self.end_value();
        self.drop_wraps();
        while self.levels.len() > 1 {
            let open = self.level().open;
            self.warn("a parenthesis is not closed, so it goes on to the end", None, open);
            self.close_level();
        }
        self.drop_pending();
        let mut level = self.levels.pop().expect("the outermost");
        level.close_either();
        if level.side.is_empty() && !typed.trim().is_empty() {
            let all = Span::new(0, typed.len());
            self.warn("the query has no word and no condition, so it asks for nothing", None, all);
            // Of all that was put right this matters most.
            self.warnings.rotate_right(1);
        }
        // What stands bare here is in parentheses in its plain spelling.
        let all = Span::new(0, typed.len());
        let Query { clauses, needs_all, .. } = Query::of(level.side, level.is_strict, Vec::new());
        let clauses = clauses.into_iter().map(|clause| self.no_deeper(clause, all)).collect();
        Query::of(clauses, needs_all, self.warnings)
    }
}

fn boosted(node: Node, boost: Option<f32>) -> Node {
    match boost {
        Some(factor) if node_is_plain(&node) => Node::Boost(factor.clamp(0.0, MAX_BOOST), Box::new(node)),
        _ => node,
    }
}

/// Whether it can count more than others: a condition counts nothing.
fn node_is_plain(node: &Node) -> bool {
    !matches!(node, Node::Field(_))
}

fn wrapped(node: Node, wrap: Wrap) -> Node {
    match wrap {
        Wrap::In(part) => Node::In(part, Box::new(node)),
        Wrap::Form(form) => Node::Form(form, Box::new(node)),
        Wrap::AtLeast(count) => Node::AtLeast(count, Box::new(node)),
        Wrap::First(count) => Node::First(count, Box::new(node)),
        Wrap::Not => Node::not(node),
        Wrap::Field(_) => node,
    }
}

/// How many nodes lie within each other.
pub(super) fn depth(node: &Node) -> usize {
    let deepest = |parts: &[Node]| parts.iter().map(depth).max().unwrap_or(0);
    1 + match node {
        Node::Text(_) | Node::Field(_) | Node::Saved(..) => 0,
        Node::And(parts)
        | Node::Or(parts)
        | Node::Near(parts, _)
        | Node::Sentence(parts)
        | Node::Passage(parts) => deepest(parts),
        Node::Not(part)
        | Node::AtLeast(_, part)
        | Node::First(_, part)
        | Node::Form(_, part)
        | Node::In(_, part)
        | Node::Boost(_, part) => depth(part),
    }
}

fn has_word(text: &str) -> bool {
    text.contains(char::is_alphanumeric)
}

/// Whether it has a tag as HTML and XML do: `<b>`, `</p>`, `<br/>`.
fn has_tag(text: &str) -> bool {
    text.match_indices('<').any(|(at, _)| {
        let inner = text[at + 1..].trim_start_matches('/');
        inner.starts_with(|c: char| c.is_ascii_alphabetic()) && inner.contains('>')
    })
}

/// A text and the factor it ends with.
pub(super) fn with_factor(text: &str) -> Option<(&str, &str)> {
    text.rsplit_once('^').filter(|(before, factor)| is_factor(factor) && has_word(before))
}

fn is_factor(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.') && text.parse::<f32>().is_ok()
}

/// `NEAR/5` and its relatives, with the digits as typed.
fn near(word: &str, is_shouted: bool) -> Option<(Gap, &str)> {
    let letters = word.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(word.len());
    let (name, rest) = word.split_at(letters);
    let digits = rest.strip_prefix('/').unwrap_or(rest);
    let is_ordered = match name {
        "NEAR" => false,
        "W" | "w" if rest.starts_with('/') => false,
        "PRE" | "ADJ" => true,
        "pre" | "adj" | "near" if rest.len() > digits.len() => name != "near",
        _ => return None,
    };
    if is_shouted {
        return None;
    }
    if digits.is_empty() {
        let is_bare = rest.is_empty() && name != "W" && name != "w";
        // `ADJ` alone is side by side.
        let within = if name == "ADJ" { 1 } else { USUAL_DISTANCE };
        return (is_bare && name != "PRE").then_some((Gap { within, is_ordered }, digits));
    }
    if digits.len() > 9 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some((Gap { within: digits.parse().ok()?, is_ordered }, digits))
}

/// The field that was probably meant.
fn nearest(name: &str) -> Option<&'static str> {
    let fields = FIELDS.iter().map(|(field, _)| *field).chain(PARTS.iter().map(|(part, _)| *part));
    let scored = fields.map(|field| (strsim::jaro_winkler(field, name), field));
    scored.filter(|(score, _)| *score > 0.85).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, field)| field)
}
