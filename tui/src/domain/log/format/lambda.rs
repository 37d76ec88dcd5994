//! Lambda's own lines in text form: `START`, `END`, `REPORT`, and its lines about timeouts and crashes.

use imgwatch_shared::record::Level;
use jiff::Timestamp;

use super::report::{self, marked, micros, status};
use super::{Evidence, Reading, is_uuid};
use crate::domain::evidence::{InvocationReport, ReportStatus};
use crate::domain::log::LineKind;
use crate::text::clean::Clean;

/// `None` where the line is none of Lambda's.
pub(super) fn read(line: &str) -> Option<Reading> {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    match word {
        "INIT_START" | "RESTORE_START" => Some(Reading::of(LineKind::Init)),
        // Names no invocation: the environment did not come to one.
        "INIT_REPORT" | "RESTORE_REPORT" => {
            let failed = status(value(rest, "Status")) != ReportStatus::Success;
            Some(Reading { level: failed.then_some(Level::Error), ..Reading::of(LineKind::Init) })
        }
        "START" => {
            let id = request_id(rest)?;
            let gist = Some(marked("START", &id));
            Some(Reading { request_id: Some(id), gist, evidence: Evidence::Invoked, ..Reading::of(LineKind::Start) })
        }
        "END" => {
            let id = request_id(rest)?;
            Some(Reading { gist: Some(marked("END", &id)), request_id: Some(id), ..Reading::of(LineKind::End) })
        }
        "REPORT" => {
            let id = request_id(rest)?;
            let report = report_of(rest);
            Some(Reading {
                level: (report.status != ReportStatus::Success).then_some(Level::Error),
                gist: Some(report::gist(&id, &report)),
                request_id: Some(id),
                evidence: Evidence::Reported(report),
                ..Reading::of(LineKind::Report)
            })
        }
        "RequestId:" => {
            let (id, said) = rest.split_once(' ')?;
            let is_crash = said.starts_with("Error:") || said.starts_with("Process exited before completing request");
            (is_crash && is_uuid(id)).then(|| failed_attempt(id, ReportStatus::Error, error_type(said)))
        }
        _ => timed_out(line).or_else(|| before_the_handler(line)),
    }
}

/// From `RequestId: ID ...`.
fn request_id(rest: &str) -> Option<String> {
    let id = rest.strip_prefix("RequestId:")?.split_whitespace().next()?;
    is_uuid(id).then(|| id.to_owned())
}

/// One of the `Name: value` pairs, which stand between tabs; tracing has a line of its own.
fn value<'a>(rest: &'a str, name: &str) -> Option<&'a str> {
    rest.split(['\t', '\n']).find_map(|field| field.trim().strip_prefix(name)?.strip_prefix(':')).map(str::trim)
}

fn report_of(rest: &str) -> InvocationReport {
    let number = |name: &str| value(rest, name)?.split(' ').next()?.parse::<f64>().ok();
    let whole = |name: &str| value(rest, name)?.split(' ').next()?.parse::<u64>().ok();
    InvocationReport {
        duration_us: number("Duration").and_then(micros),
        billed_us: number("Billed Duration").and_then(micros),
        init_us: number("Init Duration").and_then(micros),
        memory_mb: whole("Memory Size"),
        memory_used_mb: whole("Max Memory Used"),
        status: status(value(rest, "Status")),
        error: value(rest, "Error Type").map(Clean::new),
    }
}

/// `2026-11-23T15:23:01.004Z 3f2a... Task timed out after 3.00 seconds`, and nothing besides: a function may print such words
/// of a task of its own.
fn timed_out(line: &str) -> Option<Reading> {
    let (at, rest) = line.split_once(' ')?;
    let (id, said) = rest.split_once(' ')?;
    let seconds = said.strip_prefix("Task timed out after ")?.strip_suffix(" seconds")?;
    let is_lambdas = at.parse::<Timestamp>().is_ok() && is_uuid(id) && seconds.parse::<f64>().is_ok();
    is_lambdas.then(|| Reading { gist: Some(said.to_owned()), ..failed_attempt(id, ReportStatus::Timeout, None) })
}

/// Extensions and images that did not start: `EXTENSION<tab>Name: x<tab>State: LaunchError<tab>Events: []<tab>Error Type: ...`.
fn before_the_handler(line: &str) -> Option<Reading> {
    let (word, rest) = line.split_once('\t')?;
    let failed = match word {
        "EXTENSION" => {
            value(rest, "Error Type").is_some() || value(rest, "State").is_some_and(|state| state.ends_with("Error"))
        }
        "IMAGE" => rest.starts_with("Launch error"),
        _ => return None,
    };
    Some(Reading { level: failed.then_some(Level::Error), ..Reading::of(LineKind::Init) })
}

/// Lambda's word on an attempt that did not end well. REPORT lines of older runtimes do not carry it.
fn failed_attempt(id: &str, status: ReportStatus, error: Option<&str>) -> Reading {
    let report = InvocationReport { status, error: error.map(Clean::new), ..InvocationReport::default() };
    Reading {
        level: Some(Level::Error),
        request_id: Some(id.to_owned()),
        evidence: Evidence::Reported(report),
        ..Reading::plain()
    }
}

/// The last line of a crash names its type: `Runtime.ExitError`.
fn error_type(said: &str) -> Option<&str> {
    said.lines().map(str::trim).rfind(|line| line.starts_with("Runtime.") || line.starts_with("Extension."))
}

#[cfg(test)]
mod tests;
