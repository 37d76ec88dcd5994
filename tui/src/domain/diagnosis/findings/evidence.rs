//! Findings about what happened: failed invocations, one object's traces, and messages that could not be handled.

use jiff::Timestamp;

use crate::domain::diagnosis::findings::lookup::Lookup;
use crate::text::clean::Clean;

/// An invocation that failed at least once, by the function's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedInvocation {
    /// Lambda's request id, which retries keep; `None` for a failure that names no invocation, as one of an init phase.
    pub request_id: Option<Clean>,
    /// The failed attempts that were seen; at least one.
    pub attempts: usize,
    /// Why, as exactly as the log says it.
    pub reason: Clean,
    /// The latest line about it.
    pub at: Timestamp,
}

/// An object as S3 has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Object {
    /// Bytes.
    pub size: Option<u64>,
    /// When it was written.
    pub last_modified: Option<Timestamp>,
    /// Without quotes.
    pub e_tag: Option<Clean>,
}

/// What a part of the function's log says of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectLog {
    /// The part of the log that was read.
    pub since: Timestamp,
    /// Its end.
    pub until: Timestamp,
    /// When it was read.
    pub read_at: Timestamp,
    /// In the order of time.
    pub sightings: Vec<Sighting>,
    /// What came of reading to the end of that part.
    pub rest: Lookup<()>,
}

impl ObjectLog {
    /// A part of the log that says nothing of the object.
    pub fn nothing(since: Timestamp, until: Timestamp) -> Self {
        Self { since, until, read_at: until, sightings: Vec::new(), rest: Lookup::Found(()) }
    }
}

/// One line that is about the object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The line's time.
    pub at: Timestamp,
    /// The invocation, where the line names it.
    pub request_id: Option<Clean>,
    pub mention: Mention,
}

/// What a line says of the object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mention {
    /// An invocation has its event.
    Received,
    /// SNS accepted its notification under this message id.
    Published(Clean),
    /// The function had nothing to publish, for this reason.
    Skipped(Clean),
    /// The function failed, for this reason.
    Failed(Clean),
    /// The line names its key and says something else.
    Named(Clean),
}

/// A queue of messages that could not be handled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Where requests about it go.
    pub url: Clean,
    /// Messages that can be received.
    pub visible: u64,
    /// Messages that a consumer has received and not deleted.
    pub in_flight: u64,
    /// Messages that cannot be received yet.
    pub delayed: u64,
    /// Its own dead-letter queue, in JSON.
    pub redrive_policy: Option<Clean>,
    /// The age of the oldest message in seconds, by CloudWatch.
    pub oldest: Lookup<u64>,
}

impl Backlog {
    /// All messages.
    pub fn total(&self) -> u64 {
        self.visible.saturating_add(self.in_flight).saturating_add(self.delayed)
    }
}
