//! What became of one file, as JSON for programs. Field names are an interface: they are added to, never changed.

use serde::Serialize;

use super::job::{Job, Step};
use super::watch::Watch;
use crate::model::uploads::delivery::DeliveryState;
use crate::model::uploads::timeline::{Outcome, Timeline};
use crate::text::time;

/// One file.
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
    deliveries: Vec<Delivery>,
}

/// One stage, or one attempt of it.
#[derive(Serialize)]
#[serde(tag = "stage", rename_all = "lowercase")]
enum Stage {
    Stored {
        at: String,
    },
    Invoked {
        at: String,
        lambda_request_id: String,
        attempt: usize,
        /// Milliseconds.
        cold_start: Option<f64>,
        error: Option<String>,
    },
    Published {
        at: String,
        sns_message_id: String,
    },
    Probed {
        at: String,
        sns_message_id: String,
        queue: String,
    },
}

/// One subscriber.
#[derive(Serialize)]
struct Delivery {
    protocol: &'static str,
    endpoint: String,
    state: &'static str,
    evidence: String,
}

pub(super) fn report<'a>(job: &'a Job, watch: &'a Watch) -> Report<'a> {
    let timeline = watch.timeline(job);
    let write = timeline.map(|timeline| &timeline.write);
    let raw = |text: &crate::text::clean::Clean| text.raw().to_owned();
    let deliveries = timeline.map(|timeline| watch.deliveries(timeline)).unwrap_or_default();
    Report {
        file: job.file.as_deref(),
        bucket: &watch.bucket,
        key: job.key.as_ref().or(write.map(|write| &write.key)).map(raw),
        size: job.size.or(timeline.and_then(|timeline| timeline.size)),
        etag: write.and_then(|write| write.e_tag.as_ref()).map(raw),
        s3_request_id: write.and_then(|write| write.s3_request_id.as_ref()).map(raw),
        status: job.end.map_or("timed_out", super::job::End::word),
        error: error(job, timeline),
        stages: timeline.map(stages).unwrap_or_default(),
        deliveries: deliveries
            .into_iter()
            .map(|row| Delivery {
                protocol: row.protocol.word(),
                endpoint: raw(&row.endpoint),
                state: row.state.word(),
                // What came by the probe is told by one word, for programs.
                evidence: if row.probe && row.state == DeliveryState::Delivered {
                    "probe".to_owned()
                } else {
                    row.evidence
                },
            })
            .collect(),
    }
}

/// Why it did not get to the topic, in the words of whoever stopped it.
pub(super) fn error(job: &Job, timeline: Option<&Timeline>) -> Option<String> {
    match &job.step {
        Step::Failed(problem) => return Some(problem.to_string()),
        Step::Exists => return Some("an object of this key is there already".to_owned()),
        Step::Stopped => return Some("the upload was broken off".to_owned()),
        Step::Queued | Step::Sending | Step::Stored => {}
    }
    let timeline = timeline?;
    match &timeline.outcome {
        Outcome::Published(_) => None,
        Outcome::Skipped(reason) => Some(reason.shown().to_owned()),
        Outcome::Waiting | Outcome::Failed(_) => timeline.failure(),
    }
}

fn stages(timeline: &Timeline) -> Vec<Stage> {
    let stored = timeline.stored.map(|at| Stage::Stored { at: time::utc(at) });
    let invoked = timeline.invocations.iter().flat_map(|invocation| {
        (1..).zip(&invocation.attempts).map(|(attempt, tried)| Stage::Invoked {
            at: time::utc(tried.started.unwrap_or(tried.first_line)),
            lambda_request_id: invocation.request_id.raw().to_owned(),
            attempt,
            cold_start: tried.cold_start_us().map(millis),
            error: tried.trouble(),
        })
    });
    let publications = match &timeline.outcome {
        Outcome::Published(publications) => publications.as_slice(),
        _ => &[],
    };
    let published = publications.iter().map(|publication| Stage::Published {
        at: time::utc(publication.at),
        sns_message_id: publication.message_id.raw().to_owned(),
    });
    let probed = timeline.probed.iter().map(|probed| Stage::Probed {
        at: time::utc(probed.at),
        sns_message_id: probed.message_id.raw().to_owned(),
        queue: probed.queue.raw().to_owned(),
    });
    stored.into_iter().chain(invoked).chain(published).chain(probed).collect()
}

/// Milliseconds in hundredths, as Lambda's own report lines give them.
fn millis(micros: u64) -> f64 {
    f64::from(u32::try_from(micros / 10).unwrap_or(u32::MAX)) / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cold_start_has_the_digits_that_lambda_gives_it() {
        for (micros, written) in [(82_300, "82.3"), (46_479, "46.47"), (146_070, "146.07"), (0, "0.0")] {
            assert_eq!(serde_json::to_string(&millis(micros)).unwrap(), written);
        }
    }
}
