//! Log levels: which of the function's and of Lambda's own lines are left out, by `LoggingConfig`.
//!
//! Only the JSON format knows levels; text is never left out.

use jiff::Timestamp;
use serde_json::Value;

/// Lambda's levels, the chattiest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
    Fatal,
}

/// Those that Lambda's own lines can have.
pub(super) const SYSTEM: [Level; 3] = [Level::Debug, Level::Info, Level::Warn];

/// All of them.
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

    /// Of a line that the function printed: its own level where it also has a time, else INFO.
    pub(super) fn of_output(line: &str) -> Self {
        let Ok(Value::Object(object)) = serde_json::from_str(line) else { return Self::Info };
        let text = |name: &str| object.get(name).and_then(Value::as_str);
        let is_timed = text("timestamp").is_some_and(|time| time.parse::<Timestamp>().is_ok());
        text("level").filter(|_| is_timed).and_then(Self::parse).unwrap_or(Self::Info)
    }

    /// Of one of Lambda's own lines: what ended badly is a warning.
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
