//! From `tracing`'s fields to a record's fields and back.
//!
//! The record's names are the fields' names. Fields of other crates which have no place in a record go into its message.

use imgwatch_shared::record::{LogRecord, Outcome};
use imgwatch_shared::s3_event::Entry;
use jiff::Timestamp;
use tracing::field::{Field, Visit};
use tracing::{Level, Metadata};

/// What a span knows of the invocation it belongs to.
#[derive(Default)]
pub(super) struct Invocation {
    pub(super) request_id: Option<String>,
    pub(super) xray_trace_id: Option<String>,
}

impl Visit for Invocation {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "requestId" => self.request_id = Some(value.to_owned()),
            "xrayTraceId" => self.xray_trace_id = Some(value.to_owned()),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

/// Collects an event's fields into a record.
pub(super) struct Fields {
    record: LogRecord,
    /// Another crate's `key` or `bucket` is not an object's.
    ours: bool,
    /// ` name=value` for each field that the record has no place for; other crates' events have such.
    others: String,
}

impl Fields {
    pub(super) fn new(timestamp: Timestamp, metadata: &Metadata<'_>) -> Self {
        let ours = metadata.target().starts_with(env!("CARGO_CRATE_NAME"));
        Self { record: LogRecord::new(timestamp, level_of(*metadata.level()), ""), ours, others: String::new() }
    }

    pub(super) fn finish(mut self) -> LogRecord {
        self.record.message.push_str(&self.others);
        self.record
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        let record = &mut self.record;
        let text = Some(value.to_owned());
        match field.name() {
            "message" => value.clone_into(&mut record.message),
            "error" => record.error = text,
            _ if !self.ours => self.record_debug(field, &value),
            "outcome" => record.outcome = outcome_of(value),
            "bucket" => record.bucket = text,
            "key" => record.key = text,
            "eTag" => record.e_tag = text,
            "versionId" => record.version_id = text,
            "sequencer" => record.sequencer = text,
            "s3RequestId" => record.s3_request_id = text,
            "notificationId" => record.notification_id = text,
            "snsMessageId" => record.sns_message_id = text,
            "entry" => record.entry = entry_of(value),
            "sqsMessageId" => record.sqs_message_id = text,
            "entryMessageId" => record.entry_message_id = text,
            _ => self.record_debug(field, &value),
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        match (field.name(), u32::try_from(value)) {
            ("receiveCount", Ok(count)) if self.ours => self.record.receive_count = Some(count),
            _ => self.record_debug(field, &value),
        }
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.record_str(field, &value.to_string());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        match field.name() {
            "message" => self.record.message = format!("{value:?}"),
            "error" => self.record.error = Some(format!("{value:?}")),
            name => self.others.extend([" ", name, "=", &format!("{value:?}")]),
        }
    }
}

/// The name that the record's JSON has for an outcome.
pub(super) fn name_of(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Published => "published",
        Outcome::Skipped => "skipped",
        Outcome::Duplicate => "duplicate",
        Outcome::Failed => "failed",
    }
}

fn outcome_of(name: &str) -> Option<Outcome> {
    [Outcome::Published, Outcome::Skipped, Outcome::Duplicate, Outcome::Failed]
        .into_iter()
        .find(|outcome| name_of(*outcome) == name)
}

/// The name that the record's JSON has for an entry.
pub(super) fn entry_name(entry: Entry) -> &'static str {
    match entry {
        Entry::Queue => "queue",
        Entry::Topic => "topic",
        Entry::EventBridge => "eventbridge",
    }
}

fn entry_of(name: &str) -> Option<Entry> {
    [Entry::Queue, Entry::Topic, Entry::EventBridge].into_iter().find(|entry| entry_name(*entry) == name)
}

fn level_of(level: Level) -> imgwatch_shared::record::Level {
    use imgwatch_shared::record::Level as Ours;
    match level {
        Level::ERROR => Ours::Error,
        Level::WARN => Ours::Warn,
        Level::INFO => Ours::Info,
        Level::DEBUG => Ours::Debug,
        Level::TRACE => Ours::Trace,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcome_names_are_the_records_own() {
        for outcome in [Outcome::Published, Outcome::Skipped, Outcome::Duplicate, Outcome::Failed] {
            assert_eq!(serde_json::to_value(outcome).unwrap(), name_of(outcome));
            assert_eq!(outcome_of(name_of(outcome)), Some(outcome));
        }
        assert_eq!(outcome_of("quarantined"), None);
    }

    #[test]
    fn entry_names_are_the_records_own() {
        for entry in [Entry::Queue, Entry::Topic, Entry::EventBridge] {
            assert_eq!(serde_json::to_value(entry).unwrap(), entry_name(entry));
            assert_eq!(entry_of(entry_name(entry)), Some(entry));
        }
        assert_eq!(entry_of("pipe"), None);
    }
}
