//! Lines of the function's log, whose they are, and how following them stands.

mod event_line;
pub mod format;
mod function;
mod line;
mod settings;
mod streams;

use super::problem::Problem;
use jiff::Timestamp;

use crate::text::clean::Clean;
pub use event_line::{EventLine, advice, event_lines};
pub use function::function_of;
pub use line::{LIVE_ID, LineKind, LogLine};
pub use settings::{LogSettings, keeps_info};
pub use streams::{Streams, settle};

/// How following the log stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Tail {
    /// Nothing of this log was read yet.
    #[default]
    Connecting,
    /// Following, as closely as it is worth while.
    Live,
    /// Following, with so many seconds from one look to the next.
    Every { seconds: u64 },
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

impl Tail {
    /// Whether everything that is there has been read.
    pub fn is_steady(&self) -> bool {
        matches!(self, Self::Live | Self::Every { .. })
    }
}

/// What became known of how a function's log is followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogNews {
    /// How following it stands.
    Tail(Tail),
    /// It was read to its end.
    Read(Timestamp),
    /// How the function logs.
    Settings(LogSettings),
    /// It is no longer followed.
    Ended,
}

/// How far the function's log is known.
#[derive(Debug, Clone, Copy)]
pub struct LogReading<'a> {
    /// How following it stands.
    pub tail: &'a Tail,
    /// When it was last read to its end.
    pub read_at: Option<Timestamp>,
    /// Whether Lambda writes a line for each invocation, where the function's configuration says so.
    pub platform_lines: Option<bool>,
}

/// The order of lines: by time, then by id, which not every endpoint gives an event for itself alone.
pub fn order(line: &LogLine) -> (Timestamp, &Clean, &Clean) {
    (line.at, &line.id, &line.function)
}
