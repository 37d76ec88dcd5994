//! What became of one file, as JSON for programs. Field names are an interface: they are added to, never changed.

mod stages;

use serde::Serialize;

use super::job::{End, Job};
use super::verdict::{end_of, worst};
use super::watch::Watch;
use crate::domain::delivery::{self, DeliveryState};
use crate::domain::timeline::{Basis, Outcome, Timeline};
use crate::domain::transfer::TransferState;
use crate::text::time;
use stages::{Evidence, Stage};

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
    functions: Vec<FunctionReport>,
    /// Null where the subscribers of the message are not known.
    deliveries: Option<Vec<Delivery>>,
    /// Why deliveries may be missing from the list.
    deliveries_error: Option<String>,
}

/// What became of an upload in one function.
#[derive(Serialize)]
struct FunctionReport {
    function: String,
    /// `published`, `processed`, `skipped`, `failed`; `waiting` where it got the event and has not ended, `unknown` where its log
    /// does not show that it did.
    status: &'static str,
    evidence: Evidence,
    /// What joins its invocations to the upload.
    basis: Option<Basis>,
    error: Option<String>,
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
    let of_part = |part| {
        let rows = delivery::of_function(part, &watch.subscriptions);
        rows.into_iter().map(move |row| delivery(row, part.outcome_basis()))
    };
    let deliveries: Vec<Delivery> = timeline.into_iter().flat_map(Timeline::each).flat_map(of_part).collect();
    Report {
        file: job.file.as_deref(),
        bucket: &watch.bucket,
        key: watch.key(job).or(write.map(|write| &write.key)).map(raw),
        size: watch.transfer(job).and_then(|transfer| transfer.size).or(timeline.and_then(|timeline| timeline.size)),
        etag: write.and_then(|write| write.e_tag.as_ref()).map(raw),
        s3_request_id: write.and_then(|write| write.s3_request_id.as_ref()).map(raw),
        status: job.end.map_or("timed_out", End::word),
        error: error(job, watch),
        stages: timeline.map(|timeline| stages::stages(timeline, &watch.wiring)).unwrap_or_default(),
        functions: timeline.map(|timeline| functions(timeline, watch)).unwrap_or_default(),
        deliveries: Some(deliveries).filter(|known| !known.is_empty() || deliveries_error.is_none()),
        deliveries_error,
    }
}

/// The functions whose logs show the upload, and those to which its event goes by the rules.
fn functions(timeline: &Timeline, watch: &Watch) -> Vec<FunctionReport> {
    let shown = timeline.known().map(|part| FunctionReport {
        function: part.function.raw().to_owned(),
        status: end_of(part).map_or("waiting", End::word),
        evidence: Evidence::Log,
        basis: part.outcome_basis(),
        error: match &part.outcome {
            Outcome::Published(_) => None,
            Outcome::Skipped(reason) => Some(reason.shown().to_owned()),
            Outcome::Waiting | Outcome::Failed(_) => part.failure(),
        },
    });
    let expected = timeline.expected(&watch.wiring).into_iter().map(|one| FunctionReport {
        function: one.function.name.raw().to_owned(),
        status: "unknown",
        evidence: Evidence::of_prediction(one.is_sure),
        basis: None,
        error: None,
    });
    shown.chain(expected).collect()
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
    let part = worst(timeline);
    let named = |text: String| {
        // Of several functions, which one it is.
        if timeline.beside.is_empty() { text } else { format!("{}: {text}", part.function.shown()) }
    };
    of_part(job, part, watch).map(named).or_else(|| {
        let missing: Vec<&str> = watch.awaited(timeline).collect();
        let is_late = job.end == Some(End::TimedOut) && !missing.is_empty();
        is_late.then(|| format!("the log of {} does not show the upload", missing.join(", ")))
    })
}

/// Why one function did not get it to the topic.
fn of_part(job: &Job, timeline: &Timeline, watch: &Watch) -> Option<String> {
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

#[cfg(test)]
mod tests;
