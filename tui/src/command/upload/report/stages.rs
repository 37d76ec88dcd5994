//! The stages of an upload in JSON.

use serde::Serialize;

use crate::domain::timeline::{Basis, FoundBy, PathEvidence, PathStage, Timeline};
use crate::domain::wiring::Wiring;
use crate::text::time;

/// One stage, or one attempt of it, in the order of cause. Times of different clocks may contradict that order.
#[derive(Serialize)]
#[serde(tag = "stage")]
pub(super) enum Stage {
    #[serde(rename = "stored")]
    Stored { at: String, clock: MeasuredBy },
    #[serde(rename = "invoked")]
    Invoked {
        at: String,
        clock: MeasuredBy,
        lambda_request_id: String,
        function: String,
        attempt: usize,
        /// SQS's id of the message that it received, and which receive of it that was, where the log says so.
        sqs_message_id: Option<String>,
        receive: Option<u32>,
        /// What joins the invocation to the upload.
        basis: Option<Basis>,
        /// Milliseconds.
        cold_start: Option<f64>,
        error: Option<String>,
    },
    #[serde(rename = "published")]
    Published { at: String, clock: MeasuredBy, function: String, sns_message_id: String, basis: Option<Basis> },
    #[serde(rename = "probed")]
    Probed { at: String, clock: MeasuredBy, sns_message_id: String, queue: String },
    #[serde(untagged)]
    Path(PathReport),
}

/// A stage between the bucket and the function. No source tells when it was.
#[derive(Serialize)]
pub(super) struct PathReport {
    /// `matched`, `fanned_out` or `queued`; `dead_lettered` after the last attempt.
    stage: &'static str,
    /// The rule, the topic, the queue or the dead-letter queue, where the wiring says which one.
    name: Option<String>,
    /// The function to which it leads.
    function: String,
    /// SNS's or SQS's id of the message that held the event, where the log names it.
    message_id: Option<String>,
    evidence: Evidence,
    /// What joins the invocation that logged it to the upload; null for a prediction.
    basis: Option<Basis>,
}

/// What says that an event passed a stage.
#[derive(Serialize)]
pub(super) enum Evidence {
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
pub(super) enum MeasuredBy {
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

impl Evidence {
    pub(super) fn of_prediction(is_sure: bool) -> Self {
        if is_sure { Self::Predicted } else { Self::Possible }
    }
}

/// The stages of an upload: those of each function together.
pub(super) fn stages(timeline: &Timeline, wiring: &Wiring) -> Vec<Stage> {
    let stored = timeline.stored.map(|at| Stage::Stored { at: time::utc(at), clock: MeasuredBy::Client });
    let known = timeline.known().flat_map(|part| of_function(part, wiring));
    let expected = timeline.expected(wiring);
    let expected = expected.iter().flat_map(|one| {
        let function = one.function.name.raw();
        one.path.iter().map(|stage| path_stage(stage, function))
    });
    stored.into_iter().chain(known).chain(expected).collect()
}

fn of_function(part: &Timeline, wiring: &Wiring) -> Vec<Stage> {
    let function = || part.function.raw().to_owned();
    let path = part.path(wiring).into_iter().map(|stage| path_stage(&stage, part.function.raw()));
    let invoked = part.invocations.iter().flat_map(|invocation| {
        (1..).zip(&invocation.attempts).map(|(attempt, tried)| Stage::Invoked {
            at: time::utc(tried.started.unwrap_or(tried.first_line)),
            clock: MeasuredBy::Lambda,
            function: function(),
            lambda_request_id: invocation.request_id.raw().to_owned(),
            attempt,
            sqs_message_id: invocation.receive().map(|receive| receive.message_id.raw().to_owned()),
            receive: invocation.receive().and_then(|receive| receive.count),
            basis: part.basis(),
            cold_start: tried.cold_start_us().map(millis),
            error: tried.failure(),
        })
    });
    let published = part.publications().iter().map(|publication| Stage::Published {
        at: time::utc(publication.at),
        clock: match publication.found {
            FoundBy::Text | FoundBy::Count => MeasuredBy::Sns,
            FoundBy::Record | FoundBy::MessageId => MeasuredBy::Lambda,
        },
        function: function(),
        sns_message_id: publication.message_id.raw().to_owned(),
        basis: publication.basis,
    });
    let probed = part.probed.iter().map(|probed| Stage::Probed {
        at: time::utc(probed.at),
        clock: MeasuredBy::Sqs,
        sns_message_id: probed.message_id.raw().to_owned(),
        queue: probed.queue.raw().to_owned(),
    });
    let gave_up = part.dead_letter(wiring).map(|stage| path_stage(&stage, part.function.raw()));
    path.chain(invoked).chain(gave_up).chain(published).chain(probed).collect()
}

fn path_stage(stage: &PathStage<'_>, function: &str) -> Stage {
    let (evidence, basis) = match stage.evidence {
        PathEvidence::Log(basis) => (Evidence::Log, basis),
        PathEvidence::Wiring { is_sure } => (Evidence::of_prediction(is_sure), None),
    };
    Stage::Path(PathReport {
        stage: stage.kind.name(),
        name: stage.node.map(|node| node.name.raw().to_owned()),
        message_id: stage.message_id.map(|id| id.raw().to_owned()),
        function: function.to_owned(),
        evidence,
        basis,
    })
}

/// Milliseconds in hundredths, as Lambda's own report lines give them.
pub(super) fn millis(micros: u64) -> f64 {
    f64::from(u32::try_from(micros / 10).unwrap_or(u32::MAX)) / 100.0
}
