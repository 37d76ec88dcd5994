//! Live Tail: when the user wants it, and how it stands. The log itself is followed without it, too.

use crate::domain::problem::Problem;

/// When sessions are wanted; on AWS they cost money by the minute.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LiveTailMode {
    /// Never.
    #[default]
    Off,
    /// While an upload is in progress.
    InFlight,
    /// All the time.
    Always,
}

/// How Live Tail stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum LiveTail {
    /// It is not wanted.
    #[default]
    Off,
    /// It is wanted, and there is nothing to open it for: no upload, or no log group yet.
    Waiting,
    /// A session is open.
    Open {
        /// Whether it left lines out, as sessions do in a flood.
        sampled: bool,
    },
    /// It cannot be had, or broke off; it is tried again.
    Failed(Problem),
}

/// What it costs, for notices and helps. AWS's price list is the authority.
pub const COST: &str = "AWS charges about $0.01 a minute after the free tier, see aws.amazon.com/cloudwatch/pricing";
