//! From lines of the log to the invocations that failed. Pure: text in, data out.
//!
//! A failed attempt leaves several lines; those of one request are one invocation, and its attempts are counted by the
//! lines of one kind.

use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use imgwatch_shared::record::{Level, LogRecord, Outcome};
use jiff::Timestamp;

use crate::cloud::follow::lines;
use crate::domain::diagnosis::findings::FailedInvocation;
use crate::domain::evidence::{Fact, InvocationReport, ReportStatus};
use crate::domain::log::LineKind;
use crate::text::clean::Clean;

/// What one line says of a failure. The order is how exactly it says why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum By {
    /// The report at the end of an attempt.
    InvocationReport,
    /// Another of Lambda's lines, or a runtime's.
    Platform,
    Handler,
}

/// The failures in log lines, newest first.
pub(super) fn of(events: &[FilteredLogEvent]) -> Vec<FailedInvocation> {
    let mut found: Vec<(FailedInvocation, By, [usize; 3])> = Vec::new();
    for event in events {
        let Some((by, request_id, reason, at)) = failure(event) else { continue };
        let same = |it: &FailedInvocation| match &request_id {
            Some(_) => it.request_id == request_id,
            None => it.request_id.is_none() && it.reason == reason,
        };
        let place = found.iter().position(|(it, ..)| same(it)).unwrap_or_else(|| {
            let failed = FailedInvocation { request_id: request_id.clone(), attempts: 0, reason: reason.clone(), at };
            found.push((failed, by, [0; 3]));
            found.len() - 1
        });
        let Some((failed, said_by, lines)) = found.get_mut(place) else { continue };
        if by > *said_by {
            (failed.reason, *said_by) = (reason, by);
        }
        failed.at = failed.at.max(at);
        if let Some(count) = lines.get_mut(by as usize) {
            *count += 1;
            failed.attempts = failed.attempts.max(*count);
        }
    }
    let mut failures: Vec<FailedInvocation> = found.into_iter().map(|(failed, ..)| failed).collect();
    failures.sort_by_key(|failed| std::cmp::Reverse(failed.at));
    failures
}

/// Why an attempt ended badly, in Lambda's word.
pub(super) fn bad_end(report: &InvocationReport) -> Option<Clean> {
    let word = match report.status {
        ReportStatus::Success => return None,
        ReportStatus::Failure => "the function answered with an error",
        ReportStatus::Error => "the invocation ended with an error",
        ReportStatus::Timeout => "the invocation timed out",
    };
    Some(report.error.clone().unwrap_or_else(|| word.into()))
}

fn failure(event: &FilteredLogEvent) -> Option<(By, Option<Clean>, Clean, Timestamp)> {
    let (mut read, facts) = lines::read(std::slice::from_ref(event));
    let line = read.pop()?;
    let id = line.request_id;
    match facts.into_iter().next() {
        Some(Fact::Reported(_, report)) => {
            let by = if line.kind == LineKind::Report { By::InvocationReport } else { By::Platform };
            return Some((by, id, bad_end(&report)?, line.at));
        }
        Some(Fact::Failed { reason, .. }) => return Some((By::Handler, id, reason, line.at)),
        _ => {}
    }
    let text = event.message().unwrap_or_default();
    // The handler's, about an event that names no image.
    if let Ok(LogRecord { outcome: Some(Outcome::Failed), error: Some(error), .. }) = serde_json::from_str(text) {
        return Some((By::Handler, id, Clean::log(&error), line.at));
    }
    let is_bad_init = line.kind == LineKind::Init && line.level == Some(Level::Error);
    // The gist of a text line lacks what tells a runtime's own lines from a logger's.
    let is_json = text.trim_start().starts_with('{');
    let said = if is_json { line.text.raw() } else { text }.trim();
    let is_runtimes = is_json && line.level == Some(Level::Error) && said.starts_with(RUNTIME);
    let is_failure = is_bad_init || (line.kind != LineKind::Init && (is_runtimes || is_failure_text(said)));
    is_failure.then(|| (By::Platform, id, Clean::log(said), line.at))
}

/// Whether a line reports a failed invocation in the form of a runtime, of the system, or of imgwatch's handler. A function may
/// print the same words about something of its own; Lambda's own lines are facts.
fn is_failure_text(line: &str) -> bool {
    // An uncaught exception in Python; a logger puts a tab behind the level.
    let python =
        line.strip_prefix("[ERROR] ").is_some_and(|said| said.contains("Traceback") || said.starts_with(RUNTIME));
    let program = ["/var/task/", "/var/runtime/", "/opt/"].iter().any(|folder| line.starts_with(folder));
    let system = program && line.ends_with(": exec format error");
    python || system || is_node_failure(line) || line.starts_with("the function cannot run: ")
}

/// The types of Lambda's own errors.
const RUNTIME: &str = "Runtime.";

/// What Node's runtime writes of an uncaught error: `TIME\tID\tERROR\tInvoke Error \t{"errorType":...}`.
fn is_node_failure(line: &str) -> bool {
    let mut fields = line.split('\t').skip(2).map(str::trim);
    let uncaught = ["Invoke Error", "Uncaught Exception", "Unhandled Promise Rejection"];
    fields.next() == Some("ERROR")
        && fields.next().is_some_and(|said| uncaught.contains(&said))
        && fields.next().is_some_and(|error| error.starts_with('{'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(lines: &[&str]) -> Vec<FilteredLogEvent> {
        let event = |(at, line): (i64, &&str)| FilteredLogEvent::builder().timestamp(at).message(*line).build();
        (1..).zip(lines).map(event).collect()
    }

    fn told(lines: &[&str]) -> Vec<(Option<String>, usize, String)> {
        let text = |it: FailedInvocation| {
            (it.request_id.map(|id| id.raw().to_owned()), it.attempts, it.reason.raw().to_owned())
        };
        of(&events(lines)).into_iter().map(text).collect()
    }

    const ID: &str = "79b5e81f-0000-4000-8000-000000000001";

    #[test]
    fn reports_of_a_function_that_names_no_image_count() {
        let report = format!("REPORT RequestId: {ID}\tDuration: 3.00 ms\tBilled Duration: 3 ms\tMemory Size: 128 MB\t");
        let crash = format!("{report}Status: error\tError Type: Runtime.ExitError\n");
        let timeout = format!("{report}Status: timeout\n");
        assert_eq!(told(&[&crash, &crash, &crash]), [(Some(ID.to_owned()), 3, "Runtime.ExitError".to_owned())]);
        assert_eq!(told(&[&timeout]), [(Some(ID.to_owned()), 1, "the invocation timed out".to_owned())]);
        assert_eq!(told(&[&report]), []);
        for (status, error) in
            [("error", "Runtime.OutOfMemory"), ("failure", "KeyError"), ("timeout", "Sandbox.Timedout")]
        {
            let line = format!(
                r#"{{"time":"t","type":"platform.report","record":{{"requestId":"{ID}","status":"{status}","errorType":"{error}"}}}}"#
            );
            assert_eq!(told(&[&line]), [(Some(ID.to_owned()), 1, error.to_owned())], "{line}");
        }
    }

    #[test]
    fn several_lines_of_one_attempt_are_one_attempt() {
        let lines = [
            format!("2026-11-23T15:23:01.004Z {ID} Task timed out after 3.00 seconds"),
            format!("REPORT RequestId: {ID}\tDuration: 3000.00 ms\tStatus: timeout\n"),
            format!("RequestId: {ID} Error: Runtime exited with error: exit status 1\nRuntime.ExitError\n"),
            format!("REPORT RequestId: {ID}\tDuration: 1.00 ms\tStatus: error\tError Type: Runtime.ExitError\n"),
        ];
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let told = told(&lines);
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0].1, 2, "{told:?}");
    }

    #[test]
    fn the_handlers_reason_is_better_than_the_reports() {
        let failed = format!(
            r#"{{"timestamp":"2026-01-01T00:00:00Z","level":"ERROR","message":"failed","outcome":"failed","error":"SNS answered NotFound","requestId":"{ID}"}}"#
        );
        let report = format!(
            r#"{{"time":"t","type":"platform.report","record":{{"requestId":"{ID}","status":"error","errorType":"Runtime.Unknown"}}}}"#
        );
        assert_eq!(told(&[&failed, &report]), [(Some(ID.to_owned()), 1, "SNS answered NotFound".to_owned())]);
    }

    #[test]
    fn failures_of_other_runtimes_and_of_init_are_found() {
        for line in [
            "INIT_REPORT Init Duration: 0.27 ms\tPhase: init\tStatus: error\tError Type: Runtime.InvalidEntrypoint\n",
            "/var/task/bootstrap: exec format error",
            "[ERROR] KeyError: 'Records'\nTraceback (most recent call last):\n  File \"/var/task/f.py\", line 3",
            "2024-01-01T00:00:00.000Z\tid\tERROR\tInvoke Error\t{\"errorType\":\"TypeError\"}",
            "2024-01-01T00:00:00.000Z\tid\tERROR\tInvoke Error \t{\"errorType\":\"TypeError\"}",
            "2024-01-01T00:00:00.000Z\tundefined\tERROR\tUncaught Exception \t{\"errorType\":\"Runtime.ImportModuleError\"}",
            "[ERROR] Runtime.MarshalError: Unable to marshal response",
            r#"{"timestamp":"2026-01-01T00:00:00Z","level":"ERROR","message":{"errorType":"Runtime.ImportModuleError","errorMessage":"no"}}"#,
            r#"{"timestamp":"2026-01-01T00:00:00Z","level":"ERROR","message":"the function cannot run: SNS_TOPIC_ARN is not set"}"#,
        ] {
            assert_eq!(told(&[line]).len(), 1, "{line}");
        }
    }

    #[test]
    fn harmless_lines_are_none() {
        for harmless in [
            r#"{"timestamp":"2026-01-01T00:00:00Z","level":"INFO","message":"published","outcome":"published"}"#,
            r#"{"time":"t","type":"platform.report","record":{"requestId":"r","status":"success"}}"#,
            "INIT_START Runtime Version: provided:al2023.v97\tRuntime Version ARN: arn",
            "nothing failed, no error, no timeout",
            // Words of runtimes and of Lambda in the text of a function.
            "Task timed out after 3.00 seconds",
            "2026-11-23T15:23:01.004Z job 7 Task timed out after 3.00 seconds",
            "2026-11-23T15:23:01.004Z\tid\tINFO\tTask timed out after 3.00 seconds",
            r#"{"level":"INFO","message":"Task timed out after 3.00 seconds; trying again"}"#,
            "java.lang.Runtime.exec took 3 ms",
            r#"{"level":"INFO","message":"Runtime.ExitError is what the other service says"}"#,
            "users cannot run away",
            "the report explains exec format error",
            "2024-01-01T00:00:00.000Z\tid\tINFO\tInvoke Error is a class of mine",
            "2024-01-01T00:00:00.000Z\tid\tERROR\tInvoke Error is a class of mine",
            "[ERROR]\t2024-01-01T00:00:00Z\tid\tRuntime.ExitError in the other service",
            "RequestId: 7 Error: the supplier refused",
            "[ERROR]\t2024-01-01T00:00:00Z\tid\tlogged and handled",
        ] {
            assert_eq!(told(&[harmless]), [], "{harmless}");
        }
    }
}
