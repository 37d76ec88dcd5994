//! What became of one file, as JSON for programs. Field names are an interface: they are added to, never changed.

use serde::Serialize;

use super::job::{End, Job};
use super::watch::Watch;
use crate::domain::delivery::{self, DeliveryState};
use crate::domain::timeline::{Basis, FoundBy, Outcome, PathEvidence, PathStage, Timeline};
use crate::domain::transfer::TransferState;
use crate::domain::wiring::Wiring;
use crate::text::time;

#[derive(Serialize)]
pub(super) struct Report<'a> {
    file: Option<&'a str>,
    bucket: &'a str,
    key: Option<String>,
    size: Option<u64>,
    etag: Option<String>,
    s3_request_id: Option<String>,
    status: &'static str,
    error: Option<String>,
    stages: Vec<Stage>,
    /// Null where the subscribers of the message are not known.
    deliveries: Option<Vec<Delivery>>,
    /// Why deliveries may be missing from the list.
    deliveries_error: Option<String>,
}

/// One stage, or one attempt of it, in the order of cause. Times of different clocks may contradict that order.
#[derive(Serialize)]
#[serde(tag = "stage")]
enum Stage {
    #[serde(rename = "stored")]
    Stored { at: String, clock: MeasuredBy },
    #[serde(rename = "invoked")]
    Invoked {
        at: String,
        clock: MeasuredBy,
        lambda_request_id: String,
        attempt: usize,
        /// What joins the invocation to the upload.
        basis: Option<Basis>,
        /// Milliseconds.
        cold_start: Option<f64>,
        error: Option<String>,
    },
    #[serde(rename = "published")]
    Published { at: String, clock: MeasuredBy, sns_message_id: String, basis: Option<Basis> },
    #[serde(rename = "probed")]
    Probed { at: String, clock: MeasuredBy, sns_message_id: String, queue: String },
    #[serde(untagged)]
    Path(PathReport),
}

/// A stage between the bucket and the function. No source tells when it was.
#[derive(Serialize)]
struct PathReport {
    /// `matched`, `fanned_out` or `queued`.
    stage: &'static str,
    /// The rule, the topic or the queue, where the wiring says which one.
    name: Option<String>,
    /// SNS's or SQS's id of the message that held the event, where the log names it.
    message_id: Option<String>,
    evidence: PathSource,
    /// What joins the invocation that logged it to the upload; null for a prediction.
    basis: Option<Basis>,
}

/// What says that an event passed a stage.
#[derive(Serialize)]
enum PathSource {
    /// The function logged the envelope of its event.
    #[serde(rename = "log")]
    Log,
    /// The wiring predicts it.
    #[serde(rename = "predicted")]
    Predicted,
    /// The wiring predicts that it may be so.
    #[serde(rename = "possible")]
    Possible,
}

/// Whose clock tells a time.
#[derive(Serialize)]
enum MeasuredBy {
    /// This machine's.
    #[serde(rename = "client")]
    Client,
    /// The function's.
    #[serde(rename = "lambda")]
    Lambda,
    /// The topic's.
    #[serde(rename = "sns")]
    Sns,
    /// The queue's.
    #[serde(rename = "sqs")]
    Sqs,
}

/// One subscriber.
#[derive(Serialize)]
struct Delivery {
    protocol: &'static str,
    endpoint: String,
    state: &'static str,
    evidence: String,
    /// What joins the message to the upload.
    basis: Option<Basis>,
}

pub(super) fn report<'a>(job: &'a Job, watch: &'a Watch) -> Report<'a> {
    let timeline = watch.timeline(job);
    let write = timeline.map(|timeline| &timeline.write);
    let raw = |text: &crate::text::clean::Clean| text.raw().to_owned();
    let deliveries_error = timeline.and_then(|timeline| watch.incomplete(timeline));
    let basis = timeline.and_then(Timeline::outcome_basis);
    let one = |row| delivery(row, basis);
    let deliveries: Vec<Delivery> =
        timeline.map(|timeline| watch.deliveries(timeline)).unwrap_or_default().into_iter().map(one).collect();
    Report {
        file: job.file.as_deref(),
        bucket: &watch.bucket,
        key: watch.key(job).or(write.map(|write| &write.key)).map(raw),
        size: watch.transfer(job).and_then(|transfer| transfer.size).or(timeline.and_then(|timeline| timeline.size)),
        etag: write.and_then(|write| write.e_tag.as_ref()).map(raw),
        s3_request_id: write.and_then(|write| write.s3_request_id.as_ref()).map(raw),
        status: job.end.map_or("timed_out", End::word),
        error: error(job, watch),
        stages: timeline.map(|timeline| stages(timeline, &watch.wiring)).unwrap_or_default(),
        deliveries: Some(deliveries).filter(|known| !known.is_empty() || deliveries_error.is_none()),
        deliveries_error,
    }
}

fn delivery(row: delivery::Delivery, basis: Option<Basis>) -> Delivery {
    Delivery {
        protocol: row.protocol.word(),
        endpoint: row.endpoint.raw().to_owned(),
        state: row.state.name(),
        // One word for the probe, so that programs can recognise it.
        evidence: if row.probe && row.state == DeliveryState::Delivered { "probe".to_owned() } else { row.evidence },
        basis,
    }
}

const UNPROVEN: &str = "the invocation succeeded, and the log does not show whether it published";

/// What is said after it where the wait ran out first.
const UNCOUNTED: &str = "; CloudWatch's count of the topic's messages, which may show it, was not complete yet";

/// What is said before it where the invocation is known by time only.
const PROBABLY: &str = "probably: ";

/// Why it did not get to the topic, or what is known where the wait ran out.
pub(super) fn error(job: &Job, watch: &Watch) -> Option<String> {
    story(job, watch).or_else(|| watch.broken_off(job).map(str::to_owned))
}

fn story(job: &Job, watch: &Watch) -> Option<String> {
    match watch.transfer(job).map(|transfer| &transfer.state)? {
        TransferState::Failed(problem) | TransferState::OutcomeUnknown(problem) => return Some(problem.to_string()),
        TransferState::Exists => return Some("an object with this key already exists".to_owned()),
        TransferState::Cancelled => return Some("the upload was cancelled".to_owned()),
        TransferState::Queued | TransferState::Sending | TransferState::Held(_) | TransferState::Stored => {}
    }
    let timeline = watch.timeline(job)?;
    match &timeline.outcome {
        Outcome::Published(_) => None,
        Outcome::Skipped(reason) => Some(reason.shown().to_owned()),
        Outcome::Waiting | Outcome::Failed(_) => timeline.failure().or_else(|| {
            let silence = || match watch.silence(timeline) {
                Some(silence) => silence.sentence(time::utc),
                None => "the log shows an invocation but no publication".to_owned(),
            };
            match job.end {
                Some(End::Processed) => {
                    let probably = if timeline.basis() == Some(Basis::Time) { PROBABLY } else { "" };
                    let uncounted = watch.awaits_counts(timeline).map_or("", |_| UNCOUNTED);
                    Some(format!("{probably}{UNPROVEN}{uncounted}"))
                }
                Some(End::TimedOut) => Some(silence()),
                _ => None,
            }
        }),
    }
}

fn stages(timeline: &Timeline, wiring: &Wiring) -> Vec<Stage> {
    let stored = timeline.stored.map(|at| Stage::Stored { at: time::utc(at), clock: MeasuredBy::Client });
    let path = timeline.path(wiring).into_iter().map(|stage| Stage::Path(path_stage(&stage)));
    let invoked = timeline.invocations.iter().flat_map(|invocation| {
        (1..).zip(&invocation.attempts).map(|(attempt, tried)| Stage::Invoked {
            at: time::utc(tried.started.unwrap_or(tried.first_line)),
            clock: MeasuredBy::Lambda,
            lambda_request_id: invocation.request_id.raw().to_owned(),
            attempt,
            basis: timeline.basis(),
            cold_start: tried.cold_start_us().map(millis),
            error: tried.failure(),
        })
    });
    let published = timeline.publications().iter().map(|publication| Stage::Published {
        at: time::utc(publication.at),
        clock: if matches!(publication.found, FoundBy::Text | FoundBy::Count) {
            MeasuredBy::Sns
        } else {
            MeasuredBy::Lambda
        },
        sns_message_id: publication.message_id.raw().to_owned(),
        basis: publication.basis,
    });
    let probed = timeline.probed.iter().map(|probed| Stage::Probed {
        at: time::utc(probed.at),
        clock: MeasuredBy::Sqs,
        sns_message_id: probed.message_id.raw().to_owned(),
        queue: probed.queue.raw().to_owned(),
    });
    stored.into_iter().chain(path).chain(invoked).chain(published).chain(probed).collect()
}

fn path_stage(stage: &PathStage<'_>) -> PathReport {
    let (evidence, basis) = match stage.evidence {
        PathEvidence::Log(basis) => (PathSource::Log, basis),
        PathEvidence::Wiring { is_sure: true } => (PathSource::Predicted, None),
        PathEvidence::Wiring { is_sure: false } => (PathSource::Possible, None),
    };
    PathReport {
        stage: stage.kind.name(),
        name: stage.node.map(|node| node.name.raw().to_owned()),
        message_id: stage.message_id.map(|id| id.raw().to_owned()),
        evidence,
        basis,
    }
}

/// Milliseconds in hundredths, as Lambda's own report lines give them.
fn millis(micros: u64) -> f64 {
    f64::from(u32::try_from(micros / 10).unwrap_or(u32::MAX)) / 100.0
}

#[cfg(test)]
mod tests;
