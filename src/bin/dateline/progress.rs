//! Progress of long work, on standard error and only on a terminal.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar with rate and time left, or nothing where nobody looks.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    is_quiet: bool,
    what: &'static str,
}

impl Progress {
    /// `bytes` is the size of the work, 0 where it is not known beforehand.
    pub fn new(is_quiet: bool, bytes: u64, what: &'static str) -> Progress {
        let shown = !is_quiet && std::io::stderr().is_terminal();
        let target = if shown { ProgressDrawTarget::stderr_with_hz(8) } else { ProgressDrawTarget::hidden() };
        let template = if bytes > 0 {
            "{bar:24} {bytes}/{total_bytes} {binary_bytes_per_sec} {msg}, {eta} left"
        } else {
            "{bar:24} {pos}/{len} {msg}, {per_sec}, {eta} left"
        };
        let style = ProgressStyle::with_template(template).expect("a template of ours");
        let bar = ProgressBar::with_draw_target((bytes > 0).then_some(bytes), target).with_style(style);
        if shown {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Progress { bar, is_quiet, what }
    }

    pub fn update(&self, bytes: u64, done: u64, rejected: u64) {
        self.bar.set_position(bytes);
        let rejects = if rejected > 0 { format!(", {rejected} rejected") } else { String::new() };
        self.bar.set_message(format!("{done} {}{rejects}", self.what));
    }

    pub fn update_count(&self, done: u64, all: u64) {
        self.bar.set_length(all);
        self.bar.set_position(done);
        self.bar.set_message(self.what);
    }

    /// Does something that prints, with the bar out of the way.
    pub fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }

    /// Prints a line above the bar.
    pub fn note(&self, line: &str) {
        if self.is_quiet {
            return;
        }
        self.bar.suspend(|| {
            let _ = writeln!(std::io::stderr().lock(), "{line}");
        });
    }

    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
