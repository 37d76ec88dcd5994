//! From log events to lines for people and facts for timelines. Pure: text in, data out.
//!
//! Lambda writes its own lines as text or as JSON; the handler writes records. Anything else stays as it was printed.

mod json;
mod text;

#[cfg(test)]
mod tests;

use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use imgwatch_shared::record::Level;

use super::stream;
use crate::cloud::subscriptions::delivery_status::time;
use crate::domain::evidence::{Fact, InvocationReport, LogSource, ReportStatus};
use crate::domain::log::{LineKind, LogLine};
use crate::text::clean::Clean;

/// Lines and facts of some events, in their order.
pub(in crate::cloud) fn read(events: &[FilteredLogEvent]) -> (Vec<LogLine>, Vec<Fact>) {
    let mut facts = Vec::new();
    let lines = events
        .iter()
        .map(|event| {
            let (line, fact) = one(event);
            facts.extend(fact);
            line
        })
        .collect();
    (lines, facts)
}

/// What one line says.
struct Reading {
    kind: LineKind,
    level: Option<Level>,
    request_id: Option<String>,
    /// The gist, where the line is better not shown as it is.
    gist: Option<String>,
    evidence: Evidence,
}

/// What a line proves; the event's time and stream make it a fact.
enum Evidence {
    Nothing,
    Invoked,
    Reported(InvocationReport),
    /// What the handler says of an image.
    Image(Box<dyn FnOnce(LogSource) -> Fact>),
}

impl Reading {
    /// A line without a known meaning.
    fn plain() -> Self {
        Self { kind: LineKind::Text, level: None, request_id: None, gist: None, evidence: Evidence::Nothing }
    }

    fn of(kind: LineKind) -> Self {
        Self { kind, ..Self::plain() }
    }
}

fn one(event: &FilteredLogEvent) -> (LogLine, Option<Fact>) {
    let message = event.message().unwrap_or_default();
    let trimmed = message.trim();
    let is_json = trimmed.starts_with('{');
    let reading = if is_json { json::read(trimmed) } else { text::read(trimmed) };
    let reading = reading.unwrap_or_else(Reading::plain);

    let (at, stream) = (time(event), stream(event));
    let request_id = reading.request_id.as_deref().map(Clean::new);
    let source = LogSource { at, stream: stream.clone(), lambda_request_id: request_id.clone() };
    let fact = match reading.evidence {
        Evidence::Nothing => None,
        Evidence::Invoked => Some(Fact::Invoked(source)),
        Evidence::Reported(report) => Some(Fact::Reported(source, report)),
        Evidence::Image(fact) => Some(fact(source)),
    };
    let full = Clean::log(message);
    // What looks like a colour in a JSON value is a part of it: of a key, for one.
    let gist = |gist: String| if is_json { Clean::new(gist.trim_end()) } else { Clean::log(&gist) };
    let line = LogLine {
        id: Clean::from(super::name(event)),
        at,
        stream,
        kind: reading.kind,
        level: reading.level,
        request_id,
        invocation: None,
        text: reading.gist.map_or_else(|| full.clone(), gist),
        full,
    };
    (line, fact)
}

/// `START 79b5e81f`: as much of a request id as tells invocations apart that run at the same time.
fn marked(word: &str, request_id: &str) -> String {
    let start: String = request_id.chars().take(8).collect();
    format!("{word} {start}")
}

/// `REPORT 79b5e81f  49.8 ms, billed 50 ms, 25 of 128 MB, init 91.8 ms`
fn report_gist(request_id: &str, report: &InvocationReport) -> String {
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
fn micros(millis: f64) -> Option<u64> {
    // Beyond this no duration is real, and within it no digit is lost.
    (0.0..1e12).contains(&millis).then(|| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range was checked")]
        let micros = (millis * 1_000.0).round() as u64;
        micros
    })
}
