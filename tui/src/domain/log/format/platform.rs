//! Lambda's own lines in JSON form: platform events.

use imgwatch_shared::record::Level;
use serde::Deserialize;
use serde_json::Value;

use super::report::{self, marked, micros, status};
use super::{Evidence, Reading, lambda};
use crate::domain::evidence::{InvocationReport, ReportStatus};
use crate::domain::log::LineKind;
use crate::text::clean::Clean;

/// `None` where the event has no form that is known here.
pub(super) fn read(event: Value) -> Option<Reading> {
    // A fault has a line of a text log as its record.
    if let Some(said) = event.get("record").and_then(Value::as_str) {
        let reading = lambda::read(said).unwrap_or_else(Reading::plain);
        let is_fault = event.get("type").is_some_and(|kind| kind == "platform.fault");
        let level = if is_fault { Some(Level::Error) } else { reading.level };
        return Some(Reading { gist: Some(said.to_owned()), level, ..reading });
    }
    serde_json::from_value(event).ok().map(platform)
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
            let report = report_of(&record);
            Reading {
                level: (report.status != ReportStatus::Success).then_some(Level::Error),
                gist: Some(report::gist(record.request_id.as_deref().unwrap_or("?"), &report)),
                request_id: record.request_id,
                evidence: Evidence::Reported(report),
                ..Reading::of(LineKind::Report)
            }
        }
        // The report says it again.
        "platform.runtimeDone" => Reading {
            gist: Some(text(&marked("END", record.request_id.as_deref().unwrap_or("?")), &record.status)),
            level: (status(record.status.as_deref()) != ReportStatus::Success).then_some(Level::Error),
            request_id: record.request_id,
            ..Reading::of(LineKind::End)
        },
        // Lines that are missing from the log may be the ones that are looked for.
        "platform.logsDropped" => Reading { level: Some(Level::Warn), ..Reading::plain() },
        _ => Reading {
            level: record.error_type.is_some().then_some(Level::Error),
            request_id: record.request_id,
            ..Reading::plain()
        },
    }
}

/// A line about the start of an environment. It names no invocation, so it proves nothing of one.
fn init(mut gist: String, record: &Record) -> Reading {
    let failed = status(record.status.as_deref()) != ReportStatus::Success;
    gist.extend(record.status.iter().flat_map(|status| [" ", status]));
    gist.extend(record.error_type.iter().flat_map(|error| [", ", error]));
    Reading { level: failed.then_some(Level::Error), gist: Some(gist), ..Reading::of(LineKind::Init) }
}

fn report_of(record: &Record) -> InvocationReport {
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

#[cfg(test)]
mod tests;
