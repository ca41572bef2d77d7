//! Learns the weights of the [tagger](super) from [annotated] texts.
//!
//! The weights maximise the likelihood of the labels, by stochastic gradient with a step of its own for each weight
//! (`AdaGrad`, Duchi, Hazan and Singer 2011) and a penalty on their squares. A text may leave labels open: a span
//! marked with a sort that [`Kind`] has not may have any label, and the sum over all that it may have is what is made
//! likely (Tsuboi and others 2008). Weights are then rounded to a byte each, and those that round to nothing are
//! dropped.

use std::io::Write;

use super::annotated::{Annotated, Name};
use super::features::{BUCKETS, Evidence, Line, View, features};
use super::{Hint, Hinted, Kind, LABELS, ROW, Tagger, UNIT, can_follow};
use crate::words::{Analyzer, Shape, Tokens};

/// The labels each word may have, as bits.
fn allowed(tokens: &Tokens, annotated: &Annotated) -> Vec<u16> {
    const ANY: u16 = (1 << LABELS) - 1;
    const OUTSIDE: u16 = 1;
    let label = |kind: Kind, is_later: bool| 1 << (1 + 2 * (kind as usize) + usize::from(is_later));
    let organisation = label(Kind::Organisation, false) | label(Kind::Organisation, true);
    let mut allowed: Vec<u16> = (0..tokens.len())
        .map(|at| match tokens.shape(at) {
            Shape::Lower | Shape::Number => OUTSIDE,
            _ if annotated.is_open => ANY & !organisation,
            _ => OUTSIDE,
        })
        .collect();
    for Name { span, kind, .. } in &annotated.names {
        // A word is in a name if it starts there, or if the name starts inside a word glued to another.
        for (order, at) in tokens.within(*span).enumerate() {
            allowed[at] = match kind {
                Some(_) if annotated.is_open => {
                    label(Kind::Organisation, order > 0) | label(Kind::Product, order > 0)
                }
                Some(kind) => label(*kind, order > 0),
                None => ANY,
            };
        }
    }
    allowed
}

/// A line with what is known of its labels.
struct Example {
    line: Line,
    allowed: Vec<u16>,
}

fn examples(texts: &[Annotated], hints: &dyn Fn(&str, &Tokens) -> Vec<Hint>) -> Vec<Example> {
    let mut analyzer = Analyzer::for_places();
    let mut examples = Vec::new();
    for annotated in texts {
        let tokens = analyzer.tokens(&annotated.text);
        let allowed = allowed(&tokens, annotated);
        let hints = hints(&annotated.text, &tokens);
        let view = View::new(Hinted { text: &annotated.text, tokens: &tokens, hints: &hints });
        let evidence = Evidence::of(std::slice::from_ref(&view));
        for range in view.lines.iter().cloned() {
            let mut line = Line::default();
            features(&view, &evidence, range.clone(), &mut line);
            let mut allowed = allowed[range].to_vec();
            // A name that a line break cuts begins again.
            if let Some(first) = allowed.first_mut()
                && !(0..LABELS).any(|label| *first >> label & 1 == 1 && can_follow(None, label))
            {
                *first >>= 1;
            }
            examples.push(Example { line, allowed });
        }
    }
    examples
}

/// Rounds over the texts. Twice as many fit what was learnt from better, and other text a little worse.
const ROUNDS: usize = 10;

/// The first step of each weight.
const STEP: f32 = 0.05;

/// The penalty on the square of a weight, at each step.
const PENALTY: f32 = 0.00001;

/// Weights while they are learnt, with the sums of squares of their gradients.
struct Weights {
    rows: Vec<[f32; ROW]>,
    squares: Vec<[f32; ROW]>,
    follows: [[f32; LABELS]; LABELS + 1],
    follows_squares: [[f32; LABELS]; LABELS + 1],
}

fn step(weight: &mut f32, square: &mut f32, gradient: f32) {
    let gradient = gradient - PENALTY * *weight;
    *square += gradient * gradient;
    *weight += STEP * gradient / (square.sqrt() + 1e-6);
}

/// Learns a tagger. `hints` says what the gazetteer knows of the words of a text; `report` is told the rounds done.
pub fn train(
    texts: &[Annotated],
    hints: &dyn Fn(&str, &Tokens) -> Vec<Hint>,
    report: &mut dyn FnMut(usize, usize),
) -> Tagger {
    let examples = examples(texts, hints);
    let mut weights = Weights {
        rows: vec![[0.0; ROW]; BUCKETS],
        squares: vec![[0.0; ROW]; BUCKETS],
        follows: [[0.0; LABELS]; LABELS + 1],
        follows_squares: [[0.0; LABELS]; LABELS + 1],
    };
    let mut order: Vec<usize> = (0..examples.len()).collect();
    // A generator of numbers (Marsaglia 2003), so that the same texts give the same weights.
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    for round in 0..ROUNDS {
        for at in (1..order.len()).rev() {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            order.swap(at, usize::try_from(state % (at as u64 + 1)).unwrap_or(0));
        }
        for &example in &order {
            learn(&mut weights, &examples[example]);
        }
        report(round + 1, ROUNDS);
    }
    rounded(&weights)
}

/// Forward and backward sums over the labels that `allowed` lets stand, each scaled to add up to one.
fn marginals(
    emitted: &[[f32; LABELS]],
    follows: &[[f32; LABELS]; LABELS + 1],
    allowed: &dyn Fn(usize) -> u16,
) -> (Vec<[f32; LABELS]>, [[f32; LABELS]; LABELS + 1]) {
    let words = emitted.len();
    let may = |at: usize, label: usize| allowed(at) >> label & 1 == 1;
    let mut forward = vec![[0_f32; LABELS]; words];
    let mut scale = vec![0_f32; words];
    for at in 0..words {
        for label in (0..LABELS).filter(|label| may(at, *label)) {
            let before: f32 = if at == 0 {
                follows[LABELS][label]
            } else {
                (0..LABELS).map(|before| forward[at - 1][before] * follows[before][label]).sum()
            };
            forward[at][label] = before * emitted[at][label];
        }
        scale[at] = forward[at].iter().sum::<f32>().max(f32::MIN_POSITIVE);
        for value in &mut forward[at] {
            *value /= scale[at];
        }
    }
    let mut backward = [1_f32; LABELS];
    let mut single = vec![[0_f32; LABELS]; words];
    let mut pairs = [[0_f32; LABELS]; LABELS + 1];
    for at in (0..words).rev() {
        for label in 0..LABELS {
            single[at][label] = forward[at][label] * backward[label];
        }
        let mut next = [0_f32; LABELS];
        for label in (0..LABELS).filter(|label| may(at, *label)) {
            let rest = emitted[at][label] * backward[label] / scale[at];
            if at == 0 {
                pairs[LABELS][label] += single[0][label];
                continue;
            }
            for before in 0..LABELS {
                let value = follows[before][label] * rest;
                next[before] += value;
                pairs[before][label] += forward[at - 1][before] * value;
            }
        }
        backward = next;
    }
    (single, pairs)
}

/// One step towards the labels of a line.
fn learn(weights: &mut Weights, example: &Example) {
    let words = example.allowed.len();
    let mut emitted = vec![[0_f32; LABELS]; words];
    for (at, scores) in emitted.iter_mut().enumerate() {
        for &bucket in example.line.buckets(at) {
            for (score, weight) in scores.iter_mut().zip(&weights.rows[bucket as usize]) {
                *score += weight;
            }
        }
        let most = scores.iter().copied().fold(f32::MIN, f32::max);
        for score in scores.iter_mut() {
            *score = (*score - most).max(-60.0).exp();
        }
    }
    let mut follows = [[0_f32; LABELS]; LABELS + 1];
    for (before, row) in follows.iter_mut().enumerate() {
        for (label, value) in row.iter_mut().enumerate() {
            if can_follow((before < LABELS).then_some(before), label) {
                *value = weights.follows[before][label].exp();
            }
        }
    }
    let (expected, expected_pairs) = marginals(&emitted, &follows, &|_| u16::MAX);
    let (wanted, wanted_pairs) = marginals(&emitted, &follows, &|at| example.allowed[at]);
    for at in 0..words {
        let mut gradient = [0_f32; LABELS];
        for label in 0..LABELS {
            gradient[label] = wanted[at][label] - expected[at][label];
        }
        if gradient.iter().all(|gradient| gradient.abs() < 1e-4) {
            continue;
        }
        for &bucket in example.line.buckets(at) {
            let (row, squares) = (&mut weights.rows[bucket as usize], &mut weights.squares[bucket as usize]);
            for (label, gradient) in gradient.iter().enumerate() {
                step(&mut row[label], &mut squares[label], *gradient);
            }
        }
    }
    for before in 0..=LABELS {
        for label in 0..LABELS {
            let gradient = wanted_pairs[before][label] - expected_pairs[before][label];
            step(&mut weights.follows[before][label], &mut weights.follows_squares[before][label], gradient);
        }
    }
}

/// Weights as whole numbers, [`UNIT`] to the unit.
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "small, and clamped")]
fn rounded(weights: &Weights) -> Tagger {
    let whole = |weight: f32| (weight * UNIT as f32).round();
    let rows =
        weights.rows.iter().map(|row| row.map(|weight| whole(weight).clamp(-127.0, 127.0) as i8)).collect();
    let follows = weights.follows.map(|row| row.map(|weight| whole(weight) as i32));
    Tagger { rows, follows }
}

impl Tagger {
    /// Writes what [`tagger`](super::tagger) reads.
    pub fn write(&self, mut to: impl Write) -> std::io::Result<()> {
        let mut bytes = Vec::new();
        for weight in self.follows.iter().flatten() {
            bytes.extend(weight.to_le_bytes());
        }
        for (bucket, row) in (0_u32..).zip(&self.rows) {
            if row.iter().any(|weight| *weight != 0) {
                bytes.extend(bucket.to_le_bytes());
                bytes.extend(row[..LABELS].iter().map(|weight| weight.to_le_bytes()[0]));
            }
        }
        to.write_all(&zstd::encode_all(&bytes[..], 19)?)
    }
}

#[cfg(test)]
mod tests {
    use super::super::annotated::read;
    use super::*;

    #[test]
    fn what_is_learnt_is_written_and_read_back() {
        let lines = concat!(
            r#"{"id": "1", "text": "Ada Finch runs Harrow Mills in Westmark.", "entities": [{"start": 0, "end": 9, "label": "PER"}, "#,
            r#"{"start": 15, "end": 27, "label": "ORG"}, {"start": 31, "end": 39, "label": "LOC"}]}"#,
            "\n",
            r#"{"id": "2", "text": "Åsa Holm left Tarn Works for the Danube Cup.", "entities": [{"start": 0, "end": 8, "label": "PER"}, "#,
            r#"{"start": 14, "end": 24, "label": "ORG"}, {"start": 33, "end": 43, "label": "MISC"}]}"#,
        );
        let texts = read("lines", lines.as_bytes()).unwrap();
        assert_eq!(texts[1].names[1].span.of(&texts[1].text), "Tarn Works");
        assert_eq!(texts[1].names[2].kind, None);
        let known_to_nobody = |_: &str, tokens: &Tokens| vec![Hint::None; tokens.len()];
        let learnt = train(&texts, &known_to_nobody, &mut |_, _| ());
        let mut packed = Vec::new();
        learnt.write(&mut packed).unwrap();
        let read_back = Tagger::from_bytes(&zstd::decode_all(&packed[..]).unwrap()).unwrap();
        for annotated in &texts {
            let tokens = Analyzer::for_places().tokens(&annotated.text);
            let hints = vec![Hint::None; tokens.len()];
            let found =
                read_back.tag(&[Hinted { text: &annotated.text, tokens: &tokens, hints: &hints }]).remove(0);
            for (span, kind) in
                annotated.names.iter().filter_map(|name| name.kind.map(|kind| (name.span, kind)))
            {
                assert!(
                    found.iter().any(|found| found.span == span && found.kind == kind),
                    "{}",
                    span.of(&annotated.text)
                );
            }
        }
    }

    #[test]
    fn what_is_not_marked_may_be_open() {
        let row = r#"{"id": "1", "text": "Tarn Works beats Nifty", "entities": [{"start": 0, "end": 10, "label": "ENTITY"}]}"#;
        let annotated = read("lines", row.as_bytes()).unwrap().remove(0);
        let tokens = Analyzer::for_places().tokens(&annotated.text);
        let allowed = allowed(&tokens, &annotated);
        // The first word of an organisation or a product, a later one, outside, all but an organisation.
        assert_eq!(allowed, [0b0_0000_1000_0010, 0b1_0000_0100, 1, 0b1_1111_1111_1001]);
    }
}
