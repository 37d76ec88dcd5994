//! The functions whose logs are followed: how each stands, how old what is shown of it is, and which of them is shown alone.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Logs;
use crate::domain::log::{LogNews, LogReading, LogSettings, Tail};
use crate::text::clean::Clean;

/// Milliseconds up to which a reading is not old. When idle, each log is read every five seconds.
const FRESH_MS: i64 = 10_000;

/// The functions whose logs are followed, or of which lines are kept.
#[derive(Debug, Default)]
pub(super) struct Functions {
    /// How many lines are kept of each.
    lines: BTreeMap<Clean, usize>,
    others: Vec<OtherLog>,
    /// Whether lines show their function: several are followed, or have lines.
    are_named: bool,
}

/// How following the log of another function than the line's stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherLog {
    pub function: Clean,
    pub tail: Tail,
    /// When it was last read to its end.
    pub read_at: Option<Timestamp>,
    pub settings: Option<LogSettings>,
}

/// How old what is shown of a function is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// Its log was not read to its end yet.
    NotRead,
    Fresh,
    /// So many milliseconds, more than [`FRESH_MS`].
    Old(i64),
}

impl Age {
    fn of(read_at: Option<Timestamp>, now: Timestamp) -> Self {
        match read_at.map(|at| now.as_millisecond() - at.as_millisecond()) {
            None => Self::NotRead,
            Some(..=FRESH_MS) => Self::Fresh,
            Some(millis) => Self::Old(millis),
        }
    }

    pub fn is_old(self) -> bool {
        matches!(self, Self::Old(_))
    }
}

impl Logs {
    /// Takes in how following the log of another function stands.
    pub fn apply(&mut self, function: &Clean, news: LogNews) {
        if news == LogNews::Ended {
            self.functions.others.retain(|log| log.function != *function);
            return self.name();
        }
        let place = self.functions.others.iter().position(|log| log.function == *function).unwrap_or_else(|| {
            let function = function.clone();
            self.functions.others.push(OtherLog { function, tail: Tail::Connecting, read_at: None, settings: None });
            self.functions.others.len() - 1
        });
        let Some(log) = self.functions.others.get_mut(place) else { return };
        match news {
            LogNews::Tail(tail) => {
                if tail == Tail::Connecting {
                    (log.read_at, log.settings) = (None, None);
                }
                log.tail = tail;
            }
            LogNews::Read(at) => log.read_at = Some(at),
            LogNews::Settings(settings) => log.settings = Some(settings),
            LogNews::Ended => {}
        }
        self.name();
    }

    /// The functions beside that of the line, in the order in which they were found.
    pub fn others(&self) -> &[OtherLog] {
        &self.functions.others
    }

    /// Whether lines show their function: several are followed, or have lines.
    pub fn are_named(&self) -> bool {
        self.functions.are_named
    }

    /// The functions that have lines.
    pub fn functions(&self) -> impl Iterator<Item = &Clean> {
        self.functions.lines.keys()
    }

    /// How old what is shown of the line's function is.
    pub fn age(&self, now: Timestamp) -> Age {
        Age::of(self.read_at, now)
    }

    /// Whether what is shown of a function gets old while nothing comes.
    pub fn ages(&self, now: Timestamp) -> bool {
        self.age(now).is_old() || self.functions.others.iter().any(|log| log.age(now).is_old())
    }

    /// How far the logs are known, all together: an absence holds only where no log may have it.
    pub fn reading(&self) -> LogReading<'_> {
        let tails = || std::iter::once(&self.tail).chain(self.functions.others.iter().map(|log| &log.tail));
        let failed = tails().find(|tail| matches!(tail, Tail::Failed(_)));
        let tail = failed.or_else(|| tails().find(|tail| **tail != Tail::NoInvocationYet)).unwrap_or(&self.tail);
        let times = std::iter::once(self.read_at).chain(self.functions.others.iter().map(|log| log.read_at));
        // What was never read comes before every time.
        let read_at = times.min().flatten();
        let settings = std::iter::once(&self.settings).chain(self.functions.others.iter().map(|log| &log.settings));
        let lines: Vec<Option<bool>> =
            settings.map(|settings| settings.as_ref().and_then(LogSettings::has_platform_lines)).collect();
        let platform_lines = match lines.as_slice() {
            all if all.contains(&Some(false)) => Some(false),
            all if all.contains(&None) => None,
            _ => Some(true),
        };
        LogReading { tail, read_at, platform_lines }
    }

    /// Shows the lines of these functions alone; without one, those of all.
    pub fn show_only(&mut self, functions: Vec<Clean>) {
        self.only = functions;
        self.sift();
    }

    /// The functions whose lines alone are shown.
    pub fn only(&self) -> &[Clean] {
        &self.only
    }

    /// A line of the function was added.
    pub(super) fn count(&mut self, function: &Clean) {
        *self.functions.lines.entry(function.clone()).or_default() += 1;
        self.name();
    }

    /// A line of the function is no longer kept.
    pub(super) fn uncount(&mut self, function: &Clean) {
        if let Some(lines) = self.functions.lines.get_mut(function) {
            *lines = lines.saturating_sub(1);
            if *lines == 0 {
                self.functions.lines.remove(function);
                self.name();
            }
        }
    }

    /// Finds out whether lines show their function, which the filter looks into then.
    fn name(&mut self) {
        let are_named = !self.functions.others.is_empty() || self.functions.lines.len() > 1;
        if std::mem::replace(&mut self.functions.are_named, are_named) != are_named && !self.filter.is_empty() {
            self.sift();
        }
    }
}

impl OtherLog {
    /// How old what is shown of it is.
    pub fn age(&self, now: Timestamp) -> Age {
        Age::of(self.read_at, now)
    }
}
