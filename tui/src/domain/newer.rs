//! Objects that are newer than the newest entry of the log: only they show that the function is no longer invoked.
//!
//! This claims nothing of any single object. A key may match no rule of the bucket, and the listing is as old as it is.

use jiff::Timestamp;

/// An object counts only after so many milliseconds: S3's notification, and then the log, may take that long.
pub const GRACE_MS: i64 = 120_000;

/// Objects that were written after a moment, as far as the bucket is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newer {
    /// How many; at least one.
    pub count: usize,
    /// Of when the listing is; `None` while none has come to its end, so that there may be more of them.
    pub listed_at: Option<Timestamp>,
    /// The moment.
    pub since: Since,
}

/// What there was last of the function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// The last line of an invocation.
    Invocation(Timestamp),
    /// A line: none that was read belongs to an invocation.
    Line(Timestamp),
    /// Nothing, since the time from which on the log is read.
    Reading(Timestamp),
    /// There is no log group; the log would be read from then on.
    NoGroup(Timestamp),
}

impl Since {
    /// The moment itself.
    pub fn at(self) -> Timestamp {
        match self {
            Self::Invocation(at) | Self::Line(at) | Self::Reading(at) | Self::NoGroup(at) => at,
        }
    }
}
