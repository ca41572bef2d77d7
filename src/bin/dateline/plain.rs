//! Text from articles, made safe for a terminal.
//!
//! An article is data: no byte of it may move a cursor, change a colour or turn the reading order of what
//! stands beside it. Everything printed for people goes through [`Plain`], and only its own module can
//! write the control sequences of highlights and links.

use std::fmt::{self, Display, Write};

/// Prints text with control characters and direction overrides shown as `\u{..}`; white space is a blank.
#[derive(Debug, Clone, Copy)]
pub struct Plain<'a>(pub &'a str);

impl Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            match letter {
                '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => f.write_char(' ')?,
                letter if is_unsafe(letter) => write!(f, "\\u{{{:x}}}", u32::from(letter))?,
                letter => f.write_char(letter)?,
            }
        }
        Ok(())
    }
}

/// Control characters, marks that change direction, and tags that are not seen.
fn is_unsafe(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}')
        || matches!(u32::from(letter), 0xE0000..=0xE007F)
}

/// How output is decorated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    pub color: bool,
    /// Columns to wrap at.
    pub width: usize,
}

/// A stretch of text in one style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub mark: Mark,
}

/// How a stretch of text is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    None,
    /// Words that matched.
    Match,
    /// Whom or what the query names, in other words.
    Name,
}

impl Style {
    /// Bold, for titles.
    pub fn bold(self, text: impl Display) -> String {
        // The end of a highlight ends all styles, so what follows is made bold again.
        let again = text.to_string().replace("\u{1b}[0m", "\u{1b}[0m\u{1b}[1m");
        if self.color { format!("\u{1b}[1m{again}\u{1b}[0m") } else { again }
    }

    /// Faint, for what is beside the point.
    pub fn faint(self, text: impl Display) -> String {
        if self.color { format!("\u{1b}[2m{text}\u{1b}[0m") } else { text.to_string() }
    }

    /// A word that matched: yellow and bold, or between asterisks.
    fn matched(self, text: &str) -> String {
        if self.color { format!("\u{1b}[1;33m{text}\u{1b}[0m") } else { format!("*{text}*") }
    }

    /// A name that was asked for: cyan and bold, or between underscores.
    fn named(self, text: &str) -> String {
        if self.color { format!("\u{1b}[1;36m{text}\u{1b}[0m") } else { format!("_{text}_") }
    }

    /// A link that terminals can open, for addresses of the web only.
    pub fn link(self, text: &str, url: Option<&str>) -> String {
        let safe = url.filter(|url| {
            (url.starts_with("https://") || url.starts_with("http://"))
                && url.bytes().all(|byte| byte.is_ascii_graphic())
        });
        match safe {
            Some(url) if self.color => format!("\u{1b}]8;;{url}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\"),
            _ => text.to_owned(),
        }
    }

    /// Wraps pieces into lines with `indent` before each.
    pub fn wrap(self, pieces: &[Piece], indent: &str) -> Vec<String> {
        let room = self.width.saturating_sub(indent.len()).max(20);
        let mut lines = Vec::new();
        let (mut line, mut used) = (String::new(), 0);
        // A word may be made of several pieces, a matched stem and a comma after it.
        let mut word = String::new();
        let mut word_width = 0;
        let flush = |line: &mut String,
                     used: &mut usize,
                     word: &mut String,
                     width: &mut usize,
                     lines: &mut Vec<String>| {
            if *width == 0 {
                return;
            }
            if *used > 0 && *used + 1 + *width > room {
                lines.push(format!("{indent}{line}"));
                line.clear();
                *used = 0;
            }
            if *used > 0 {
                line.push(' ');
                *used += 1;
            }
            line.push_str(word);
            *used += *width;
            word.clear();
            *width = 0;
        };
        for piece in pieces {
            let text = Plain(&piece.text).to_string();
            for (index, part) in text.split(' ').enumerate() {
                if index > 0 {
                    flush(&mut line, &mut used, &mut word, &mut word_width, &mut lines);
                }
                if !part.is_empty() {
                    word.push_str(&match piece.mark {
                        Mark::None => part.to_owned(),
                        Mark::Match => self.matched(part),
                        Mark::Name => self.named(part),
                    });
                    word_width += unicode_width::UnicodeWidthStr::width(part);
                }
            }
        }
        flush(&mut line, &mut used, &mut word, &mut word_width, &mut lines);
        if !line.is_empty() {
            lines.push(format!("{indent}{line}"));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_the_terminal_but_text() {
        let hostile = "a\u{1b}[31mb\u{7}c\u{202e}d\u{9b}e\r\nf\u{200f}";
        assert_eq!(Plain(hostile).to_string(), "a\\u{1b}[31mb\\u{7}c\\u{202e}d\\u{9b}e  f\\u{200f}");
    }

    #[test]
    fn lines_are_wrapped_by_what_is_seen() {
        let style = Style { color: false, width: 24 };
        let piece = |text: &str, is_match| {
            let mark = if is_match { Mark::Match } else { Mark::None };
            Piece { text: text.to_owned(), mark }
        };
        let pieces =
            [piece("the quick brown ", false), piece("fox", true), piece(", that jumps 中文中文", false)];
        let lines = style.wrap(&pieces, "  ");
        assert_eq!(lines, ["  the quick brown *fox*,", "  that jumps 中文中文"]);
    }
}
