//! CloudWatch Logs: groups, streams and events.

use jiff::Timestamp;

/// All log groups.
#[derive(Default)]
pub(crate) struct Logs {}

impl Logs {
    /// Writes events for another service of this cloud; group and stream are made where they are missing.
    pub(crate) fn append(&self, _group: &str, _stream: &str, _events: Vec<(Timestamp, String)>) {}
}
