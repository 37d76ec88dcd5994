//! One invocation: each record of the event is published, skipped, recognised as published before, or failed.
//!
//! Every record leaves exactly one line with an outcome in the log. An image that is about to be published leaves a line
//! without one before that, so that an attempt which never comes back, by time-out or crash, still names its image. The
//! policy for failures is at the top of `lib.rs`.

use std::time::{Duration, SystemTime};

use imgwatch_shared::message::Message;
use imgwatch_shared::notification::{Image, Notification};
use imgwatch_shared::record::{Level, LogRecord, Outcome};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use crate::content_type::ImageTypes;
use crate::dedup::Published;
use crate::error::{Cause, InvocationError, PublishError};
use crate::event::{BadRecord, Event, NewObject, Record, SkippedRecord};
use crate::log;
use crate::publish::Publish;

/// The longest time that Lambda gives an invocation.
const MAX_TIMEOUT: Duration = Duration::from_mins(15);
/// What is kept back of an invocation's time, to write the log and answer Lambda before it kills the process.
const RESERVE: Duration = Duration::from_millis(250);

/// The function's answer; shown by a synchronous invocation, ignored by S3's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Notifications that SNS accepted.
    pub published: usize,
    /// Records that are not about a new image.
    pub skipped: usize,
    /// Records that this environment had published before.
    pub duplicate: usize,
}

/// The instant by which publishing must be over, for an invocation that Lambda ends at `deadline`.
pub(crate) fn deadline(deadline: SystemTime) -> Instant {
    let left = deadline.duration_since(SystemTime::now()).unwrap_or_default().min(MAX_TIMEOUT);
    Instant::now() + left.saturating_sub(RESERVE)
}

/// Handles one event.
///
/// # Errors
/// When at least one record was not published; all of them were tried.
pub async fn handle(
    event: &Value,
    publish: &impl Publish,
    types: &ImageTypes,
    published: &Published,
    deadline: Instant,
) -> Result<Summary, InvocationError> {
    let records = match Event::read(event) {
        Event::Records(records) => records,
        Event::Test { bucket } => {
            tracing::info!("test event from S3 for the bucket {:?}: nothing to do", bucket.unwrap_or_default());
            return Ok(Summary::default());
        }
        Event::Unknown { fields } => {
            tracing::warn!("the event holds no S3 records, only {fields:?}; invoke the function by S3, SNS or SQS");
            return Ok(Summary::default());
        }
    };
    if records.is_empty() {
        tracing::warn!("the event holds no S3 records: nothing to do");
    }
    let mut summary = Summary::default();
    let mut failures = Vec::new();
    let count = records.len();
    for record in records {
        let (line, failure) = match record {
            Ok(Record::Created(object)) => one(*object, publish, types, published, deadline).await,
            Ok(Record::Other(other)) => (skipped_line(&other), None),
            Err(bad) => (bad_line(&bad), Some(PublishError::new(Cause::Record, bad.reason))),
        };
        match line.outcome {
            Some(Outcome::Published) => summary.published += 1,
            Some(Outcome::Duplicate) => summary.duplicate += 1,
            Some(Outcome::Skipped) => summary.skipped += 1,
            Some(Outcome::Failed) | None => {}
        }
        log::write(&line);
        failures.extend(failure);
    }
    let failed = failures.len();
    match failures.into_iter().min_by_key(|failure| failure.cause) {
        Some(first) => Err(InvocationError { failed, records: count, first }),
        None => Ok(summary),
    }
}

/// Takes one new object to its end: the line for the log, and the failure if it is one.
async fn one(
    object: NewObject,
    publish: &impl Publish,
    types: &ImageTypes,
    published: &Published,
    deadline: Instant,
) -> (LogRecord, Option<PublishError>) {
    let NewObject { image, time, bucket_arn } = object;
    let content_type = match types.judge(&image.key) {
        Ok(content_type) => content_type,
        Err(reason) => return (line("skipped").about(&image).ended(Outcome::Skipped).because(reason), None),
    };
    let image = Image { content_type: Some(content_type), ..image };
    let notification = Notification::new(image, time, bucket_arn.as_deref());
    let image = &notification.data;
    let identified = |line: LogRecord, sns_message_id| LogRecord {
        notification_id: Some(notification.id.clone()),
        sns_message_id,
        ..line
    };
    if let Some(sns_message_id) = published.find(&notification.id) {
        let line = line("already published by this environment").about(image).ended(Outcome::Duplicate);
        return (identified(line, Some(sns_message_id)), None);
    }
    log::write(&identified(line("received").about(image), None));
    match try_publish(&notification, publish, deadline).await {
        Ok(sns_message_id) => {
            published.remember(notification.id.clone(), sns_message_id.clone());
            (identified(line("published").about(image).ended(Outcome::Published), Some(sns_message_id)), None)
        }
        Err(error) => {
            let line = line("failed").about(image).ended(Outcome::Failed).because(error.text.clone());
            (identified(line, None), Some(error))
        }
    }
}

async fn try_publish(
    notification: &Notification,
    publish: &impl Publish,
    deadline: Instant,
) -> Result<String, PublishError> {
    let message = Message::new(notification).map_err(|error| PublishError::new(Cause::Message, error.to_string()))?;
    timeout_at(deadline, publish.publish(&message)).await.unwrap_or_else(|_| {
        let text = "no answer from SNS before the function's time ran out; raise the function's timeout if this stays";
        Err(PublishError::new(Cause::Unavailable, text))
    })
}

/// A line for the log; the log gives it its time and level.
fn line(message: &str) -> LogRecord {
    LogRecord::new(Timestamp::UNIX_EPOCH, Level::Info, message)
}

fn skipped_line(other: &SkippedRecord) -> LogRecord {
    LogRecord {
        outcome: Some(Outcome::Skipped),
        bucket: other.bucket.clone(),
        key: other.key.clone(),
        ..line("skipped").because(format!("{} is not about a new object", other.event_name))
    }
}

fn bad_line(bad: &BadRecord) -> LogRecord {
    LogRecord {
        outcome: Some(Outcome::Failed),
        bucket: bad.bucket.clone(),
        key: bad.key.clone(),
        s3_request_id: bad.s3_request_id.clone(),
        ..line("failed").because(bad.reason.clone())
    }
}

#[cfg(test)]
mod tests;
