//! What Lambda's report of an attempt says, in one form for text and JSON logs.

use crate::domain::evidence::{InvocationReport, ReportStatus};

/// A status that is not known is no success.
pub(super) fn status(word: Option<&str>) -> ReportStatus {
    match word {
        None | Some("success") => ReportStatus::Success,
        Some("timeout") => ReportStatus::Timeout,
        Some("failure") => ReportStatus::Failure,
        Some(_) => ReportStatus::Error,
    }
}

/// `START 79b5e81f`: as much of a request id as tells invocations apart that run at the same time.
pub(super) fn marked(word: &str, request_id: &str) -> String {
    let start: String = request_id.chars().take(8).collect();
    format!("{word} {start}")
}

/// `REPORT 79b5e81f  49.8 ms, billed 50 ms, 25 of 128 MB, init 91.8 ms`
pub(super) fn gist(request_id: &str, report: &InvocationReport) -> String {
    let mut parts = Vec::new();
    if let Some(duration) = report.duration_us {
        parts.push(format!("{} ms", millis(duration)));
    }
    parts.extend(Some(report.cost()).filter(|cost| !cost.is_empty()));
    if let Some(init) = report.init_us {
        parts.push(format!("init {} ms", millis(init)));
    }
    let status = match report.status {
        ReportStatus::Success => None,
        ReportStatus::Failure => Some("failure"),
        ReportStatus::Error => Some("error"),
        ReportStatus::Timeout => Some("timeout"),
    };
    parts.extend(status.map(str::to_owned));
    parts.extend(report.error.as_ref().map(|error| error.raw().to_owned()));
    format!("{}  {}", marked("REPORT", request_id), parts.join(", "))
}

/// Microseconds as milliseconds with at most one decimal.
fn millis(micros: u64) -> String {
    match (micros / 1_000, micros % 1_000 / 100) {
        (whole, 0) => whole.to_string(),
        (whole, tenth) => format!("{whole}.{tenth}"),
    }
}

/// Milliseconds as Lambda writes them, in microseconds.
pub(super) fn micros(millis: f64) -> Option<u64> {
    // Beyond this no duration is real, and within it no digit is lost.
    (0.0..1e12).contains(&millis).then(|| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range was checked")]
        let micros = (millis * 1_000.0).round() as u64;
        micros
    })
}
