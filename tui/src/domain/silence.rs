//! What may be said of an upload that no invocation in the log is known to have handled.
//!
//! Nothing proves that something did not happen. An absence is stated only of a log that was read, up to the moment that
//! is named; other invocations may have been this upload's, since not every function names its objects.

use jiff::Timestamp;

use crate::domain::log::{LogReading, Tail};
use crate::domain::timeline::{Outcome, Timeline, Timelines};
use crate::text::clean::Clean;

/// S3 takes seconds to send an event, and sometimes more than a minute: before this, an absence says nothing.
const SETTLED_MS: i64 = 2 * 60_000;

/// This machine's clock and Lambda's may differ by so much.
const SKEW_MS: i64 = 5_000;

/// Why nothing is known of an upload's invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// The log cannot be read.
    Unreadable,
    /// The log has not been read to its end since the upload.
    NotRead,
    /// The log group did not exist at this moment.
    NoLogGroup(Timestamp),
    /// Invocations came since, and the log does not show that one of them was of this upload: no line names it, or more than
    /// one upload may be meant. A line may name an object of another program, whose names are not known here.
    Unnamed {
        /// How many.
        invocations: usize,
        /// How many of them failed.
        failed: usize,
    },
    /// No invocation is in the log since, read up to this moment, and Lambda writes a line for each.
    NoInvocation(Timestamp),
    /// No line names the object in the log, read up to this moment.
    NoLine(Timestamp),
    /// The same, where Lambda's own lines are switched off (SystemLogLevel): there may have been an invocation.
    LinesOff(Timestamp),
    /// The same, where neither the configuration nor the log shows whether Lambda writes a line for each invocation.
    LinesUnknown(Timestamp),
}

impl Silence {
    /// Whether the log itself shows that the upload is overdue. An invocation that names nothing may have been its own.
    pub fn is_evidence(self) -> bool {
        matches!(self, Self::NoLogGroup(_) | Self::NoInvocation(_) | Self::NoLine(_))
    }

    /// The sentence, with times as `clock` tells them.
    pub fn sentence(self, clock: impl Fn(Timestamp) -> String) -> String {
        match self {
            Self::Unreadable => "the log cannot be read".to_owned(),
            Self::NotRead => "the log has not been read since the upload".to_owned(),
            Self::NoLogGroup(at) => format!("the log group does not exist as of {}", clock(at)),
            Self::NoInvocation(at) => format!("no invocation in the log as of {}", clock(at)),
            Self::NoLine(at) => format!("no log line names this object as of {}", clock(at)),
            Self::LinesOff(at) => {
                format!("START and REPORT lines are off; no line names this object as of {}", clock(at))
            }
            Self::LinesUnknown(at) => {
                format!("the log may lack invocations; no line names this object as of {}", clock(at))
            }
            Self::Unnamed { invocations: 1, failed } => {
                let how = if failed > 0 { ", which failed" } else { "" };
                format!("1 invocation since{how}; the log does not show that it handled this object")
            }
            Self::Unnamed { invocations, failed } => {
                let how = if failed > 0 { format!(", {failed} of them failed") } else { String::new() };
                format!(
                    "{invocations} invocations since{how}; the log does not show that one of them handled this object"
                )
            }
        }
    }
}

impl Timelines {
    /// What may be said of an upload of which nothing is known after S3; `None` where something is.
    pub fn silence(&self, timeline: &Timeline, log: LogReading<'_>, now: Timestamp) -> Option<Silence> {
        let began =
            timeline.began.filter(|_| timeline.invocations.is_empty() && timeline.outcome == Outcome::Waiting)?;
        let since = timeline.not_before.unwrap_or(began).as_millisecond() - SKEW_MS;
        let from = self.unnamed.partition_point(|invocation| invocation.at.as_millisecond() < since);
        let invocations = self.unnamed.get(from..).unwrap_or_default();
        if !invocations.is_empty() {
            let failed = invocations.iter().filter(|invocation| invocation.failed).count();
            return Some(Silence::Unnamed { invocations: invocations.len(), failed });
        }
        if matches!(log.tail, Tail::Failed(_)) {
            return Some(Silence::Unreadable);
        }
        let Some(read_at) = log.read_at.filter(|at| *at >= began) else { return Some(Silence::NotRead) };
        if *log.tail == Tail::NoInvocationYet {
            return Some(Silence::NoLogGroup(read_at));
        }
        let has_settled = now.as_millisecond() - began.as_millisecond() >= SETTLED_MS;
        Some(match self.platform_lines_of(&timeline.function, log) {
            Some(true) if has_settled => Silence::NoInvocation(read_at),
            Some(true) => Silence::NoLine(read_at),
            Some(false) => Silence::LinesOff(read_at),
            None => Silence::LinesUnknown(read_at),
        })
    }

    /// Whether Lambda writes a line for each invocation of the function that is followed: by its configuration, else by the log,
    /// which may have shown some. Where it writes none, their absence says nothing.
    pub fn platform_lines(&self, log: LogReading<'_>) -> Option<bool> {
        self.platform_lines_of(&self.line.name, log)
    }

    /// The same of any function. Only the configuration of the one that is followed is known.
    pub(in crate::domain) fn platform_lines_of(&self, function: &Clean, log: LogReading<'_>) -> Option<bool> {
        let configured = log.platform_lines.filter(|_| self.line.is(function));
        configured.or(self.has_platform_lines(function).then_some(true))
    }
}
