//! Lambda's own log lines around an invocation, as text or JSON.

use std::time::Duration;

use imgwatch_shared::arn::Arn;
use serde_json::{Value, json};

use crate::common::env::Env;
use crate::options::LogFormat;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReportStatus {
    Success,
    Error,
    Timeout,
}

impl ReportStatus {
    fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Error => "error",
            Self::Timeout => "timeout",
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Report {
    pub(super) duration: Duration,
    /// Only for the first invocation of an environment.
    pub(super) init: Option<Duration>,
    pub(super) memory_mb: u32,
    /// Left out of the line where the system does not provide it.
    pub(super) used_mb: Option<u64>,
    pub(super) status: ReportStatus,
    /// Why the platform ended the invocation; a function's own error is not named in text.
    pub(super) error_type: Option<String>,
    pub(super) own_error: bool,
}

/// Writes Lambda's own lines in a function's log format.
#[derive(Clone, Copy)]
pub(super) struct Platform<'a> {
    pub(super) env: &'a Env,
    pub(super) format: LogFormat,
}

impl Platform<'_> {
    /// The first line of an environment.
    pub(super) fn init_start(self, function: &str, region: &str, stream: &str, memory_mb: u32) -> String {
        let version = "provided:al2023.local";
        let partition = self.env.partition();
        let arn = Arn { partition, service: "lambda", region, account: "", resource: "runtime:local" };
        match self.format {
            LogFormat::Text => format!("INIT_START Runtime Version: {version}\tRuntime Version ARN: {arn}\n"),
            LogFormat::Json => self.record(
                "platform.initStart",
                &json!({
                    "initializationType": "on-demand",
                    "phase": "init",
                    "runtimeVersion": version,
                    "runtimeVersionArn": arn.to_string(),
                    "functionName": function,
                    "functionVersion": "$LATEST",
                    "instanceId": stream,
                    "instanceMaxMemory": u64::from(memory_mb) * 1024 * 1024,
                }),
            ),
        }
    }

    /// The line after an initialisation that failed; the first REPORT has one that succeeded.
    pub(super) fn init_report(self, duration: Duration, status: ReportStatus, error_type: &str) -> String {
        match self.format {
            LogFormat::Text => format!(
                "INIT_REPORT Init Duration: {:.2} ms\tPhase: init\tStatus: {}\tError Type: {error_type}\n",
                milliseconds(duration),
                status.name()
            ),
            LogFormat::Json => self.record(
                "platform.initReport",
                &json!({
                    "initializationType": "on-demand",
                    "phase": "init",
                    "status": status.name(),
                    "errorType": error_type,
                    "metrics": {"durationMs": milliseconds(duration)},
                }),
            ),
        }
    }

    /// The line before everything that belongs to an invocation.
    pub(super) fn start(self, request_id: &str, function_arn: &str) -> String {
        match self.format {
            LogFormat::Text => format!("START RequestId: {request_id} Version: $LATEST\n"),
            LogFormat::Json => self.record(
                "platform.start",
                &json!({"requestId": request_id, "functionArn": function_arn, "version": "$LATEST"}),
            ),
        }
    }

    /// The line of a process that ended or was killed.
    pub(super) fn fault(self, message: &str, error_type: &str) -> String {
        match self.format {
            LogFormat::Text => format!("{message}\n{error_type}\n"),
            LogFormat::Json => self.record("platform.fault", &Value::String(format!("{message}\n{error_type}\n"))),
        }
    }

    /// The line of a timeout; in JSON the report's status says it.
    pub(super) fn timed_out(self, request_id: &str, timeout: Duration) -> Option<String> {
        (self.format == LogFormat::Text).then(|| {
            format!("{:.3} {request_id} Task timed out after {:.2} seconds\n\n", self.env.now(), timeout.as_secs_f64())
        })
    }

    /// The lines that close an invocation: END and REPORT, or `platform.report`.
    pub(super) fn end(self, request_id: &str, report: &Report) -> Vec<String> {
        match self.format {
            LogFormat::Text => vec![format!("END RequestId: {request_id}\n"), text_report(request_id, report)],
            LogFormat::Json => vec![self.json_report(request_id, report)],
        }
    }

    fn json_report(self, request_id: &str, report: &Report) -> String {
        let mut metrics = json!({
            "durationMs": milliseconds(report.duration),
            "billedDurationMs": billed(report),
            "memorySizeMB": report.memory_mb,
        });
        if let Some(used) = report.used_mb {
            metrics["maxMemoryUsedMB"] = used.into();
        }
        if let Some(init) = report.init {
            metrics["initDurationMs"] = milliseconds(init).into();
        }
        let mut body = json!({"requestId": request_id, "metrics": metrics, "status": report.status.name()});
        if let Some(kind) = report.error_type.as_ref().filter(|_| report.status == ReportStatus::Error) {
            body["errorType"] = kind.as_str().into();
        }
        self.record("platform.report", &body)
    }

    fn record(self, kind: &str, record: &Value) -> String {
        json!({"time": format!("{:.3}", self.env.now()), "type": kind, "record": record}).to_string()
    }
}

fn text_report(request_id: &str, report: &Report) -> String {
    let failed = report.status != ReportStatus::Success && !report.own_error;
    let status = failed.then(|| format!("Status: {}", report.status.name()));
    let error_type = report.error_type.as_ref().filter(|_| failed && report.status == ReportStatus::Error);
    let fields = [
        Some(format!("REPORT RequestId: {request_id}\tDuration: {:.2} ms", milliseconds(report.duration))),
        Some(format!("Billed Duration: {} ms", billed(report))),
        Some(format!("Memory Size: {} MB", report.memory_mb)),
        report.used_mb.map(|used| format!("Max Memory Used: {used} MB")),
        report.init.map(|init| format!("Init Duration: {:.2} ms", milliseconds(init))),
        // Without a status the line still ends in a tab.
        Some(status.unwrap_or_default()),
        error_type.map(|kind| format!("Error Type: {kind}")),
    ];
    let fields: Vec<String> = fields.into_iter().flatten().collect();
    format!("{}\n", fields.join("\t"))
}

/// Lambda bills whole milliseconds, initialisation included.
fn billed(report: &Report) -> u128 {
    let time = report.duration + report.init.unwrap_or_default();
    time.as_micros().div_ceil(1000)
}

/// Milliseconds with three digits, as in Lambda's metrics.
fn milliseconds(time: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "no invocation lasts the 285 years that a double counts exactly")]
    let micros = time.as_micros() as f64;
    micros / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::env::testing;

    fn end(format: LogFormat, request_id: &str, report: &Report) -> Vec<String> {
        Platform { env: &testing::env().0, format }.end(request_id, report)
    }

    fn report() -> Report {
        Report {
            duration: Duration::from_micros(1_233_960),
            init: Some(Duration::from_micros(463_512)),
            memory_mb: 256,
            used_mb: Some(123),
            status: ReportStatus::Success,
            error_type: None,
            own_error: false,
        }
    }

    #[test]
    fn text_is_separated_by_tabs() {
        let cold = end(LogFormat::Text, "id", &report());
        assert_eq!(cold[0], "END RequestId: id\n");
        assert_eq!(
            cold[1],
            "REPORT RequestId: id\tDuration: 1233.96 ms\tBilled Duration: 1698 ms\tMemory Size: 256 MB\t\
             Max Memory Used: 123 MB\tInit Duration: 463.51 ms\t\n"
        );
        let crash = Report {
            init: None,
            used_mb: None,
            status: ReportStatus::Error,
            error_type: Some("Runtime.ExitError".to_owned()),
            ..report()
        };
        assert_eq!(
            end(LogFormat::Text, "id", &crash)[1],
            "REPORT RequestId: id\tDuration: 1233.96 ms\tBilled Duration: 1234 ms\tMemory Size: 256 MB\t\
             Status: error\tError Type: Runtime.ExitError\n"
        );
    }

    #[test]
    fn json_holds_the_metrics() {
        let lines = end(LogFormat::Json, "id", &report());
        let line: Value = serde_json::from_str(&lines[0]).unwrap();
        assert_eq!(line["type"], "platform.report");
        assert_eq!(
            line["record"],
            json!({"requestId": "id", "status": "success", "metrics": {
                "durationMs": 1233.96, "billedDurationMs": 1698, "memorySizeMB": 256,
                "maxMemoryUsedMB": 123, "initDurationMs": 463.512,
            }})
        );
        let time = line["time"].as_str().unwrap();
        assert!(time.ends_with('Z') && time.len() == "2026-10-08T07:30:27.768Z".len(), "{time}");
    }
}
