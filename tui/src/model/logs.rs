//! The Logs panel: the function's log lines, bounded by count and by bytes.

use std::collections::VecDeque;

use imgwatch_shared::record::Level;
use jiff::Timestamp;

use super::filter::Filter;
use super::problem::Problem;
use crate::text::clean::Clean;

/// Lines kept; the oldest go first.
pub const MAX_LINES: usize = 20_000;
/// Bytes kept, as far as the text goes.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;

/// One log event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// CloudWatch's event id; lines are ordered by time, then by this.
    pub id: Clean,
    /// The event's time.
    pub at: Timestamp,
    /// The log stream: one execution environment.
    pub stream: Clean,
    /// What it is.
    pub kind: LineKind,
    /// Severity, where the line names one.
    pub level: Option<Level>,
    /// The invocation it belongs to, where the line names it.
    pub request_id: Option<Clean>,
    /// The line as it is shown: for a known JSON form its gist, else the line itself.
    pub text: Clean,
    /// The whole line as it was written.
    pub full: Clean,
}

/// What a log line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// `INIT_START`, `platform.initStart`: an environment starts.
    Init,
    /// `START`, `platform.start`: an invocation begins.
    Start,
    /// `END`: an invocation is over.
    End,
    /// `REPORT`, `platform.report`: what it cost.
    Report,
    /// The handler's record about an image.
    Record,
    /// Anything else that was printed.
    Text,
}

/// How following the log stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Tail {
    /// Nothing heard yet.
    #[default]
    Connecting,
    /// Following.
    Live,
    /// The log group does not exist: the function has never run.
    NoInvocationYet,
    /// CloudWatch asked to slow down.
    BackingOff {
        /// Seconds until the next request.
        seconds: u64,
    },
    /// It cannot be read.
    Failed(Problem),
}

/// The Logs panel.
#[derive(Debug)]
pub struct Logs {
    lines: VecDeque<LogLine>,
    bytes: usize,
    /// How following stands.
    pub tail: Tail,
    /// Whether the view sticks to the newest line.
    pub follow: bool,
    /// Lines that came while the view stood still.
    pub unseen: usize,
    /// Whether long lines go on in the next row.
    pub wrap: bool,
    filter: Filter,
    /// The line under the cursor, counted among those that match.
    pub cursor: usize,
    /// How many lines match; kept so that a frame does not count.
    matching: usize,
}

impl Default for Logs {
    fn default() -> Self {
        Self {
            lines: VecDeque::new(),
            bytes: 0,
            tail: Tail::default(),
            follow: true,
            unseen: 0,
            wrap: false,
            filter: Filter::default(),
            cursor: 0,
            matching: 0,
        }
    }
}

impl Logs {
    /// All lines that match, oldest first. Double-ended, so that a view reads only its own end.
    pub fn visible(&self) -> impl DoubleEndedIterator<Item = &LogLine> {
        self.lines.iter().filter(|line| self.matches(line))
    }

    /// How many lines match.
    pub fn len(&self) -> usize {
        self.matching
    }

    /// Whether no line matches.
    pub fn is_empty(&self) -> bool {
        self.matching == 0
    }

    /// How many lines are kept, the filter aside.
    pub fn total(&self) -> usize {
        self.lines.len()
    }

    /// The line under the cursor.
    pub fn selected(&self) -> Option<&LogLine> {
        self.visible().nth(self.cursor)
    }

    /// What `/` narrows the lines to.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Changes the filter; the cursor goes to the newest match.
    pub fn set_filter(&mut self, filter: Filter) {
        self.filter = filter;
        self.matching = self.visible().count();
        self.cursor = self.matching.saturating_sub(1);
    }

    /// Puts a line in its place by time; one that is known already changes nothing.
    pub fn insert(&mut self, line: LogLine) {
        let key = |line: &LogLine| (line.at, line.id.clone());
        let place = self.lines.iter().rposition(|known| key(known) <= key(&line)).map_or(0, |index| index + 1);
        if place > 0 && self.lines.get(place - 1).is_some_and(|known| known.id == line.id && known.at == line.at) {
            return;
        }
        let matches = self.matches(&line);
        let rows_before = if matches { self.lines.iter().take(place).filter(|l| self.matches(l)).count() } else { 0 };
        self.bytes += cost(&line);
        self.lines.insert(place, line);
        if matches {
            self.matching += 1;
            if self.follow {
                self.cursor = self.matching - 1;
            } else {
                self.unseen += 1;
                if rows_before <= self.cursor && self.matching > 1 {
                    self.cursor += 1;
                }
            }
        }
        while self.lines.len() > MAX_LINES || self.bytes > MAX_BYTES {
            let Some(gone) = self.lines.pop_front() else { break };
            self.bytes = self.bytes.saturating_sub(cost(&gone));
            if self.matches(&gone) {
                self.matching = self.matching.saturating_sub(1);
                self.cursor = self.cursor.saturating_sub(1);
            }
        }
    }

    fn matches(&self, line: &LogLine) -> bool {
        self.filter.is_empty() || self.filter.matches(line.text.shown()) || self.filter.matches(line.full.shown())
    }
}

fn cost(line: &LogLine) -> usize {
    2 * (line.text.raw().len() + line.full.raw().len()) + 200
}
