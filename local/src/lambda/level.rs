//! The log levels of `LoggingConfig`, by which the function's and Lambda's own lines are left out.
//!
//! Only the JSON format has levels; text is never left out.

use jiff::Timestamp;
use serde_json::Value;

/// The most verbose first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
    Fatal,
}

/// The levels of Lambda's own lines.
pub(super) const SYSTEM: [Level; 3] = [Level::Debug, Level::Info, Level::Warn];

pub(super) const APPLICATION: [Level; 6] =
    [Level::Trace, Level::Debug, Level::Info, Level::Warn, Level::Error, Level::Fatal];

impl Level {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Trace => "TRACE",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
            Self::Fatal => "FATAL",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        APPLICATION.into_iter().find(|level| level.name().eq_ignore_ascii_case(name))
    }

    /// The level of a line of the function: its own where it also has a time, else INFO.
    pub(super) fn of_output(line: &str) -> Self {
        let Ok(Value::Object(object)) = serde_json::from_str(line) else { return Self::Info };
        let text = |name: &str| object.get(name).and_then(Value::as_str);
        let is_timed = text("timestamp").is_some_and(|time| time.parse::<Timestamp>().is_ok());
        text("level").filter(|_| is_timed).and_then(Self::parse).unwrap_or(Self::Info)
    }

    /// The level of one of Lambda's own lines: WARN for a failure, else INFO.
    pub(super) fn of_platform(line: &str) -> Self {
        let line: Value = serde_json::from_str(line).unwrap_or_default();
        let is_fault = line.get("type").is_some_and(|kind| kind == "platform.fault");
        let status = line.pointer("/record/status").and_then(Value::as_str);
        if is_fault || status.is_some_and(|status| status != "success") { Self::Warn } else { Self::Info }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_a_time_counts_as_info() {
        let timed = r#"{"timestamp":"2026-01-01T00:00:00Z","level":"ERROR"}"#;
        for (line, level) in [
            (timed, Level::Error),
            (r#"{"level":"ERROR"}"#, Level::Info),
            (r#"{"timestamp":"2026-01-01T00:00:00Z"}"#, Level::Info),
            ("plain", Level::Info),
        ] {
            assert_eq!(Level::of_output(line), level, "{line}");
        }
    }

    #[test]
    fn what_ended_badly_is_a_warning() {
        let report = |status: &str| format!(r#"{{"type":"platform.report","record":{{"status":"{status}"}}}}"#);
        assert_eq!(Level::of_platform(&report("success")), Level::Info);
        assert_eq!(Level::of_platform(&report("timeout")), Level::Warn);
        assert_eq!(Level::of_platform(r#"{"type":"platform.fault","record":"x"}"#), Level::Warn);
    }
}
