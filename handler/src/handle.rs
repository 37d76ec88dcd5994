//! One invocation: each record of the event is published, skipped, recognised as published before, or failed.
//!
//! Every record leaves exactly one line with an outcome in the log. An image that is about to be published leaves a line
//! without one before that, so that an attempt which never comes back, by time-out or crash, still names its image. The
//! policy for failures is at the top of `lib.rs`.

use std::time::{Duration, SystemTime};

use imgwatch_shared::message::Message;
use imgwatch_shared::notification::{Image, Notification};
use imgwatch_shared::record::{Level, LogRecord, Outcome};
use imgwatch_shared::s3_event::{Envelope, Part, S3Event};
use jiff::Timestamp;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use crate::answer::{Answer, Outcomes};
use crate::config::Config;
use crate::dedup::Published;
use crate::error::{Cause, InvocationError, PublishError};
use crate::event::{self, NewObject, ObjectIds, Record};
use crate::log;
use crate::publish::Publish;

/// The longest time that Lambda gives an invocation.
const MAX_TIMEOUT: Duration = Duration::from_mins(15);
/// What is kept back of an invocation's time, to write the log and answer Lambda before it kills the process.
const RESERVE: Duration = Duration::from_millis(250);

/// The instant by which publishing must be over, for an invocation that Lambda ends at `deadline`.
pub(crate) fn deadline(deadline: SystemTime) -> Instant {
    let left = deadline.duration_since(SystemTime::now()).unwrap_or_default().min(MAX_TIMEOUT);
    Instant::now() + left.saturating_sub(RESERVE)
}

/// Handles one event.
///
/// # Errors
/// When at least one record was not published, and only an error makes AWS deliver it again. All of them were tried.
pub async fn handle(
    event: &Value,
    publish: &impl Publish,
    config: &Config,
    published: &Published,
    deadline: Instant,
) -> Result<Answer, InvocationError> {
    let S3Event { is_sqs_batch, parts } = S3Event::read(event);
    if parts.is_empty() {
        tracing::warn!("the event holds no S3 records: nothing to do");
    }
    let invocation = Invocation { publish, config, published, deadline };
    let mut outcomes = Outcomes::default();
    for Part { envelope, content } in parts {
        let (line, failure) = match event::read(&content) {
            Ok(Record::Created(object)) => invocation.one(*object, &envelope).await,
            Ok(Record::Other(other)) => {
                let reason = format!("{} is not about a new object", other.name);
                (line_of("skipped", other.object).ended(Outcome::Skipped).because(reason), None)
            }
            Ok(Record::Test(bucket)) => (test_line(bucket.as_deref()), None),
            Err(bad) => {
                let line = line_of("failed", *bad.object).ended(Outcome::Failed).because(bad.error.text.clone());
                (line, Some(bad.error))
            }
        };
        outcomes.add(line.outcome);
        log::write(&line.within(&envelope));
        if let Some(error) = failure {
            outcomes.add_failure(error, envelope.sqs);
        }
    }
    outcomes.answer(is_sqs_batch, config.reports_batch_item_failures)
}

/// What every record of an invocation is handled with.
struct Invocation<'a, P> {
    publish: &'a P,
    config: &'a Config,
    published: &'a Published,
    deadline: Instant,
}

impl<P: Publish> Invocation<'_, P> {
    /// Takes one new object to its end: the line for the log, and the failure if it is one.
    async fn one(&self, object: NewObject, envelope: &Envelope) -> (LogRecord, Option<PublishError>) {
        let NewObject { image, time, bucket_arn } = object;
        let content_type = match self.config.image_types.judge(&image.key) {
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
        if let Some(sns_message_id) = self.published.find(&notification.id) {
            let line = line("already published by this environment").about(image).ended(Outcome::Duplicate);
            return (identified(line, Some(sns_message_id)), None);
        }
        log::write(&identified(line("received").about(image), None).within(envelope));
        match self.try_publish(&notification).await {
            Ok(sns_message_id) => {
                self.published.remember(notification.id.clone(), sns_message_id.clone());
                (identified(line("published").about(image).ended(Outcome::Published), Some(sns_message_id)), None)
            }
            Err(error) => {
                let line = line("failed").about(image).ended(Outcome::Failed).because(error.text.clone());
                (identified(line, None), Some(error))
            }
        }
    }

    async fn try_publish(&self, notification: &Notification) -> Result<String, PublishError> {
        let message =
            Message::new(notification).map_err(|error| PublishError::new(Cause::Message, error.to_string()))?;
        timeout_at(self.deadline, self.publish.publish(&message)).await.unwrap_or_else(|_| {
            let text =
                "no answer from SNS before the function's time ran out; raise the function's timeout if this stays";
            Err(PublishError::new(Cause::Unavailable, text))
        })
    }
}

/// A line for the log; the log gives it its time and level.
fn line(message: &str) -> LogRecord {
    LogRecord::new(Timestamp::UNIX_EPOCH, Level::Info, message)
}

/// A line about an object of which no more is known than this.
fn line_of(message: &str, object: ObjectIds) -> LogRecord {
    let ObjectIds { bucket, key, e_tag, version_id, sequencer, s3_request_id } = object;
    LogRecord { bucket, key, e_tag, version_id, sequencer, s3_request_id, ..line(message) }
}

fn test_line(bucket: Option<&str>) -> LogRecord {
    line(&format!("test event from S3 for the bucket {:?}: nothing to do", bucket.unwrap_or_default()))
}

#[cfg(test)]
mod tests;
