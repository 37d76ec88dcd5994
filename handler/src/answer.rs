//! What the function answers for the outcomes of an event's records.
//!
//! For a batch of SQS messages the answer decides which of them SQS deletes. In doubt SQS is to keep them.

use imgwatch_shared::batch_response::BatchResponse;
use imgwatch_shared::record::Outcome;
use imgwatch_shared::s3_event::SqsMessage;
use serde::Serialize;

use crate::error::{InvocationError, PublishError};

/// The function's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// Shown by a synchronous invocation, ignored by S3's, SNS's and EventBridge's.
    Summary(Summary),
    /// For an event source mapping, which would take any other answer for a failure of the whole batch.
    Batch(BatchResponse),
}

/// How many records ended in which way, the failed ones left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Notifications that SNS accepted.
    pub published: usize,
    /// Records that are not about a new image.
    pub skipped: usize,
    /// Records that this environment had published before.
    pub duplicate: usize,
}

/// The outcomes so far.
#[derive(Debug, Default)]
pub(crate) struct Outcomes {
    summary: Summary,
    failures: Vec<Failure>,
}

#[derive(Debug)]
struct Failure {
    error: PublishError,
    /// The message that SQS is to deliver again.
    message_id: Option<String>,
}

impl Outcomes {
    /// Counts a record that did not fail; a line without an outcome is about none.
    pub(crate) fn add(&mut self, outcome: Option<Outcome>) {
        match outcome {
            Some(Outcome::Published) => self.summary.published += 1,
            Some(Outcome::Duplicate) => self.summary.duplicate += 1,
            Some(Outcome::Skipped) => self.summary.skipped += 1,
            Some(Outcome::Failed) | None => {}
        }
    }

    /// Adds a record that failed, and the SQS message that held it.
    pub(crate) fn add_failure(&mut self, error: PublishError, sqs: Option<SqsMessage>) {
        self.failures.push(Failure { error, message_id: sqs.and_then(|message| message.id) });
    }

    /// The answer; `is_reported` says that SQS deletes only those messages of a batch which the answer does not name.
    ///
    /// # Errors
    /// When a record failed and no answer could keep its event.
    pub(crate) fn answer(self, is_sqs_batch: bool, is_reported: bool) -> Result<Answer, InvocationError> {
        let Self { summary, failures } = self;
        let Some(first) = failures.iter().min_by_key(|failure| failure.error.cause) else {
            let batch = || Answer::Batch(BatchResponse::default());
            return Ok(if is_sqs_batch { batch() } else { Answer::Summary(summary) });
        };
        if is_sqs_batch && is_reported {
            match failures.iter().map(|failure| failure.message_id.as_deref()).collect::<Option<Vec<_>>>() {
                Some(ids) => {
                    let response = BatchResponse::of(ids);
                    let count = response.batch_item_failures.len();
                    tracing::warn!("SQS is to deliver again the messages of the batch that failed: {count}");
                    return Ok(Answer::Batch(response));
                }
                // SQS would take an empty id for a failure of the whole batch, too, but the log would not say why.
                None => tracing::error!("a message that failed has no messageId: the whole batch fails"),
            }
        }
        let Summary { published, skipped, duplicate } = summary;
        let failed = failures.len();
        let first = first.error.clone();
        Err(InvocationError { failed, records: published + skipped + duplicate + failed, first })
    }
}
