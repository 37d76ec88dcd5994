//! The records that imgwatch's own handler writes.

use imgwatch_shared::record::{LogRecord, Outcome};

use super::{Evidence, Reading, is_uuid};
use crate::domain::evidence::{Envelope, Fact, LogSource, SqsReceive, Write};
use crate::domain::log::LineKind;
use crate::text::clean::Clean;

/// Whether a record is the handler's: loggers of others may use the names of some of its fields.
pub(super) fn is_ours(record: &LogRecord) -> bool {
    record.outcome.is_some() || record.s3_request_id.is_some() || record.sequencer.is_some()
}

/// What a record says.
pub(super) fn read(record: LogRecord) -> Reading {
    let (level, request_id) = (Some(record.level), record.request_id.clone());
    let Some(key) = record.key.as_deref() else {
        return Reading { level, request_id, gist: Some(record.message), ..Reading::plain() };
    };
    let message_id = record.sns_message_id.as_deref();
    let word = match record.outcome {
        Some(Outcome::Published) => "published",
        Some(Outcome::Skipped) => "skipped",
        Some(Outcome::Duplicate) => "duplicate",
        Some(Outcome::Failed) => "failed",
        None => record.message.as_str(),
    };
    let mut gist = format!("{word} {key}");
    if let Some(id) = message_id {
        gist.extend(["  message ", id]);
    }
    if let Some(error) = &record.error {
        gist.extend(["  ", error]);
    }
    Reading { level, request_id, gist: Some(gist), evidence: image(&record), ..Reading::of(LineKind::Record) }
}

/// What a record about an image proves.
fn image(record: &LogRecord) -> Evidence {
    let (Some(bucket), Some(key)) = (&record.bucket, &record.key) else { return Evidence::Nothing };
    let clean = |text: &Option<String>| text.as_deref().map(Clean::new);
    let write = Write {
        bucket: Clean::new(bucket),
        key: Clean::new(key),
        e_tag: clean(&record.e_tag),
        version_id: clean(&record.version_id),
        sequencer: clean(&record.sequencer),
        s3_request_id: clean(&record.s3_request_id),
    };
    // SNS's ids are UUIDs: anything else names no message.
    let message_id = record.sns_message_id.as_deref().filter(|id| is_uuid(id)).map(Clean::new);
    let reason = Clean::new(record.error.as_deref().unwrap_or(&record.message));
    let (outcome, envelope) = (record.outcome, envelope(record));
    Evidence::Image(Box::new(move |source: LogSource| {
        let came = (!envelope.is_empty()).then(|| Fact::Enveloped(source.clone(), write.clone(), envelope));
        let fact = match (outcome, message_id) {
            // A duplicate names the message that the first attempt published.
            (Some(Outcome::Published | Outcome::Duplicate), Some(message_id)) => {
                Fact::Published { source, write, message_id }
            }
            (Some(Outcome::Skipped), _) => Fact::Skipped { source, write, reason },
            (Some(Outcome::Failed), _) => Fact::Failed { source, write, reason },
            (None | Some(Outcome::Published | Outcome::Duplicate), _) => Fact::Received(source, write),
        };
        std::iter::once(fact).chain(came).collect()
    }))
}

/// In what the event came, which handlers of earlier versions do not say.
fn envelope(record: &LogRecord) -> Envelope {
    let clean = |text: &Option<String>| text.as_deref().filter(|text| !text.is_empty()).map(Clean::new);
    let receive = |message_id| SqsReceive { message_id, count: record.receive_count };
    Envelope {
        entry: record.entry,
        sqs: clean(&record.sqs_message_id).map(receive),
        sns_message_id: clean(&record.entry_message_id),
    }
}

#[cfg(test)]
mod tests;
