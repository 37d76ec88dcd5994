//! The Logs panel: the functions' log lines, bounded by count and by bytes.
//!
//! Whether a line matches the filter is found out once, when the line or the filter comes; no frame reads texts for it.

mod functions;
mod search;
#[cfg(test)]
mod tests;

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use imgwatch_shared::record::Level;
use jiff::Timestamp;

use super::filter::Filter;
use crate::domain::live_tail::LiveTail;
use crate::domain::log::{LogLine, LogSettings, Streams, Tail, order, settle};
use crate::text::clean::Clean;
use functions::Functions;
pub use functions::{Age, OtherLog};

/// How far back the dashboard reads the log, from the moment when it connects.
pub const BACKFILL: Duration = Duration::from_secs(10 * 60);

/// Lines kept; the oldest go first.
pub const MAX_LINES: usize = 20_000;
/// Bytes kept, as far as the text goes.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;

#[derive(Debug)]
pub struct Logs {
    /// Ordered by time, then by id.
    lines: VecDeque<Kept>,
    streams: Streams,
    functions: Functions,
    bytes: usize,
    max_lines: usize,
    max_bytes: usize,
    /// From when on the log is read.
    pub read_from: Option<Timestamp>,
    /// When the newest line was written that belongs to an invocation. Not its start: what the function itself writes to the
    /// bucket is no newer than its last line.
    pub invoked_at: Option<Timestamp>,
    /// How following the log of the line's function stands.
    pub tail: Tail,
    /// Since when.
    pub tail_at: Timestamp,
    /// When it was last read to its end.
    pub read_at: Option<Timestamp>,
    /// How the function logs, where its configuration could be read.
    pub settings: Option<LogSettings>,
    /// When the user was notified that its function names no object.
    pub nameless_notified_at: Option<Timestamp>,
    pub wants_live_tail: bool,
    /// How Live Tail stands.
    pub live_tail: LiveTail,
    /// Whether the view sticks to the newest line.
    pub follow: bool,
    /// Lines that came while the view stood still.
    pub unseen: usize,
    /// Whether long lines go on in the next row.
    pub wrap: bool,
    filter: Filter,
    /// The functions whose lines alone are shown; without one, all are.
    only: Vec<Clean>,
    /// What was looked for last; dropping the filter keeps it.
    search: Filter,
    /// The least severity that is shown; without one, everything is.
    least: Option<Level>,
    /// The line under the cursor, counted among those that match.
    pub cursor: usize,
    /// How many lines match; kept so that a frame does not count.
    matching: usize,
}

/// A line, and whether it passes the filter of the moment.
#[derive(Debug)]
struct Kept {
    matches: bool,
    line: LogLine,
}

impl Default for Logs {
    fn default() -> Self {
        Self {
            lines: VecDeque::new(),
            streams: Streams::default(),
            functions: Functions::default(),
            bytes: 0,
            max_lines: MAX_LINES,
            max_bytes: MAX_BYTES,
            read_from: None,
            invoked_at: None,
            tail: Tail::default(),
            tail_at: Timestamp::UNIX_EPOCH,
            read_at: None,
            settings: None,
            nameless_notified_at: None,
            wants_live_tail: false,
            live_tail: LiveTail::default(),
            follow: true,
            unseen: 0,
            wrap: false,
            filter: Filter::default(),
            only: Vec::new(),
            search: Filter::default(),
            least: None,
            cursor: 0,
            matching: 0,
        }
    }
}

impl Logs {
    /// All lines that match, oldest first. Double-ended, so that a view reads only its own end.
    pub fn visible(&self) -> impl DoubleEndedIterator<Item = &LogLine> {
        self.lines.iter().filter(|kept| kept.matches).map(|kept| &kept.line)
    }

    /// Says how following stands.
    pub fn set_tail(&mut self, tail: Tail, now: Timestamp) {
        if tail == Tail::Connecting {
            // Another log is read from now on.
            (self.read_at, self.settings) = (None, None);
        }
        (self.tail, self.tail_at) = (tail, now);
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

    /// The line under the cursor, looked for from the nearer end.
    pub fn selected(&self) -> Option<&LogLine> {
        let newer = self.matching.checked_sub(self.cursor + 1)?;
        if newer < self.cursor { self.visible().rev().nth(newer) } else { self.visible().nth(self.cursor) }
    }

    /// The line of this event, whether the filter shows it or not; looked for from the newest end.
    pub fn line(&self, id: &Clean) -> Option<&LogLine> {
        self.lines.iter().rev().map(|kept| &kept.line).find(|line| line.id == *id)
    }

    /// What `/` narrows the lines to.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Whether lines of several execution environments are kept.
    pub fn is_mixed(&self) -> bool {
        self.streams.count() > 1
    }

    /// When the newest line was written.
    pub fn newest(&self) -> Option<Timestamp> {
        self.lines.back().map(|kept| kept.line.at)
    }

    /// Puts lines in their places by time; those that are known already change nothing.
    pub fn insert(&mut self, lines: impl IntoIterator<Item = LogLine>) {
        let mut late = HashSet::new();
        for line in lines {
            if self.streams.is_late(&line) {
                late.insert((line.function.clone(), line.stream.clone()));
            }
            self.put(line);
        }
        if late.is_empty() {
            return;
        }
        let lines = self.lines.iter_mut().map(|kept| &mut kept.line);
        if settle(&mut self.streams, |stream| late.contains(stream), lines) && !self.filter.is_empty() {
            let unseen = self.unseen;
            self.sift();
            self.unseen = unseen.min(self.matching);
        }
    }

    fn put(&mut self, mut line: LogLine) {
        let place = self.place(&line);
        let before = place.checked_sub(1).and_then(|before| self.lines.get(before));
        if before.is_some_and(|kept| order(&kept.line) == order(&line)) {
            return;
        }
        // Older than everything in a full list: it would go again at once.
        if place == 0 && self.lines.len() >= self.max_lines {
            return;
        }
        line.invocation = self.streams.apply(&line);
        if line.invocation.is_some() {
            self.invoked_at = self.invoked_at.max(Some(line.at));
        }
        self.count(&line.function);
        let kept = Kept { matches: self.shows(&line), line };
        self.bytes += cost(&kept.line);
        if kept.matches {
            if self.follow {
                self.cursor = self.matching;
            } else {
                self.unseen += 1;
                if self.matching > 0 && self.rows_before(place) <= self.cursor {
                    self.cursor += 1;
                }
            }
            self.matching += 1;
        }
        self.lines.insert(place, kept);
        self.evict();
    }

    /// Behind the last line that is not newer.
    fn place(&self, line: &LogLine) -> usize {
        match self.lines.back() {
            Some(newest) if order(&newest.line) > order(line) => {
                self.lines.partition_point(|kept| order(&kept.line) <= order(line))
            }
            _ => self.lines.len(),
        }
    }

    /// How many of the lines before a place match.
    fn rows_before(&self, place: usize) -> usize {
        if self.matching == self.lines.len() {
            place
        } else {
            // Lines come nearly in order, so that there is little after the place.
            self.matching - self.lines.range(place..).filter(|kept| kept.matches).count()
        }
    }

    /// Lets the oldest lines go until the rest is within the bounds.
    fn evict(&mut self) {
        while self.lines.len() > self.max_lines || self.bytes > self.max_bytes {
            let Some(gone) = self.lines.pop_front() else { break };
            self.bytes = self.bytes.saturating_sub(cost(&gone.line));
            self.streams.drop(&gone.line);
            if gone.matches {
                self.matching = self.matching.saturating_sub(1);
                self.cursor = self.cursor.saturating_sub(1);
            }
            self.uncount(&gone.line.function);
        }
    }
}

fn cost(line: &LogLine) -> usize {
    2 * (line.text.raw().len() + line.full.raw().len()) + 200
}
