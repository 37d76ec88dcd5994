//! JSON lines: Lambda's platform events, the handler's records, and what other runtimes print.

use imgwatch_shared::record::{Level, LogRecord, Outcome};
use serde::Deserialize;
use serde_json::Value;

use super::{Evidence, Reading, marked, micros, report_gist};
use crate::domain::evidence::{Fact, InvocationReport, ReportStatus, Write};
use crate::domain::log::LineKind;
use crate::text::clean::Clean;

/// `None` where the line has no form that is known here.
pub(super) fn read(line: &str) -> Option<Reading> {
    let value: Value = serde_json::from_str(line).ok()?;
    if value.get("type").and_then(Value::as_str).is_some_and(|kind| kind.starts_with("platform.")) {
        return Some(platform(serde_json::from_value(value).ok()?));
    }
    match serde_json::from_value::<LogRecord>(value.clone()) {
        Ok(record) => Some(handler(record)),
        Err(_) => foreign(&value),
    }
}

#[derive(Deserialize)]
struct Platform {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    record: Record,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Record {
    request_id: Option<String>,
    version: Option<String>,
    runtime_version: Option<String>,
    phase: Option<String>,
    status: Option<String>,
    error_type: Option<String>,
    /// May be null where there is nothing to measure.
    metrics: Option<Metrics>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Metrics {
    duration_ms: Option<f64>,
    billed_duration_ms: Option<f64>,
    init_duration_ms: Option<f64>,
    #[serde(rename = "memorySizeMB")]
    memory_size_mb: Option<f64>,
    #[serde(rename = "maxMemoryUsedMB")]
    max_memory_used_mb: Option<f64>,
}

fn platform(line: Platform) -> Reading {
    let Platform { kind, record } = line;
    let text = |name: &str, value: &Option<String>| match value {
        Some(value) => format!("{name} {value}"),
        None => name.to_owned(),
    };
    match kind.as_str() {
        "platform.initStart" => init(text("INIT_START", &record.runtime_version), &record),
        "platform.restoreStart" => init(text("RESTORE_START", &record.runtime_version), &record),
        "platform.initRuntimeDone" => init(text("INIT_DONE", &record.phase), &record),
        "platform.restoreRuntimeDone" => init("RESTORE_DONE".to_owned(), &record),
        "platform.initReport" => init(text("INIT_REPORT", &record.phase), &record),
        "platform.restoreReport" => init("RESTORE_REPORT".to_owned(), &record),
        "platform.start" => Reading {
            gist: Some(marked("START", record.request_id.as_deref().unwrap_or("?"))),
            request_id: record.request_id,
            evidence: Evidence::Invoked,
            ..Reading::of(LineKind::Start)
        },
        "platform.report" => {
            let report = report(&record);
            Reading {
                level: (report.status != ReportStatus::Success).then_some(Level::Error),
                gist: Some(report_gist(record.request_id.as_deref().unwrap_or("?"), &report)),
                request_id: record.request_id,
                evidence: Evidence::Reported(report),
                ..Reading::of(LineKind::Report)
            }
        }
        // Told again by the report.
        "platform.runtimeDone" => Reading {
            gist: Some(text(&marked("END", record.request_id.as_deref().unwrap_or("?")), &record.status)),
            level: (status(record.status.as_deref()) != ReportStatus::Success).then_some(Level::Error),
            request_id: record.request_id,
            ..Reading::of(LineKind::End)
        },
        _ => Reading { request_id: record.request_id, ..Reading::plain() },
    }
}

/// A line about the start of an environment. It names no invocation, so it proves nothing of one.
fn init(mut gist: String, record: &Record) -> Reading {
    let failed = status(record.status.as_deref()) != ReportStatus::Success;
    gist.extend(record.status.iter().flat_map(|status| [" ", status]));
    gist.extend(record.error_type.iter().flat_map(|error| [", ", error]));
    Reading { level: failed.then_some(Level::Error), gist: Some(gist), ..Reading::of(LineKind::Init) }
}

fn report(record: &Record) -> InvocationReport {
    let nothing = Metrics::default();
    let metrics = record.metrics.as_ref().unwrap_or(&nothing);
    // Memory sizes are small whole numbers, however they are written.
    let megabytes = |size: Option<f64>| size.and_then(micros).map(|micros| micros / 1_000);
    InvocationReport {
        duration_us: metrics.duration_ms.and_then(micros),
        billed_us: metrics.billed_duration_ms.and_then(micros),
        init_us: metrics.init_duration_ms.and_then(micros),
        memory_mb: megabytes(metrics.memory_size_mb),
        memory_used_mb: megabytes(metrics.max_memory_used_mb),
        status: status(record.status.as_deref()),
        error: record.error_type.as_deref().map(Clean::new),
    }
}

/// A status that is not known is no success.
pub(super) fn status(word: Option<&str>) -> ReportStatus {
    match word {
        None | Some("success") => ReportStatus::Success,
        Some("timeout") => ReportStatus::Timeout,
        Some("failure") => ReportStatus::Failure,
        Some(_) => ReportStatus::Error,
    }
}

fn handler(record: LogRecord) -> Reading {
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
    let message_id = clean(&record.sns_message_id);
    let reason = Clean::new(record.error.as_deref().unwrap_or(&record.message));
    Evidence::Image(match (record.outcome, message_id) {
        // A duplicate names the message that the first attempt published.
        (Some(Outcome::Published | Outcome::Duplicate), Some(message_id)) => {
            Box::new(|source| Fact::Published { source, write, message_id })
        }
        (Some(Outcome::Skipped), _) => Box::new(|source| Fact::Skipped { source, write, reason }),
        (Some(Outcome::Failed), _) => Box::new(|source| Fact::Failed { source, write, reason }),
        (None | Some(Outcome::Published | Outcome::Duplicate), _) => Box::new(|source| Fact::Received(source, write)),
    })
}

/// What structured loggers commonly print: a level and a message, at the top or under `fields`.
fn foreign(value: &Value) -> Option<Reading> {
    let text = |path: &str| value.pointer(path).and_then(Value::as_str).map(str::to_owned);
    let level = value.get("level").and_then(|level| serde_json::from_value(level.clone()).ok());
    let message = text("/message").or_else(|| text("/fields/message"))?;
    let request_id = text("/requestId").or_else(|| text("/span/requestId")).or_else(|| text("/AWSRequestId"));
    Some(Reading { level, request_id, gist: Some(message), ..Reading::plain() })
}
