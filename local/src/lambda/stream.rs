//! An execution environment's log stream: the function's output and Lambda's own lines, in order, as far as the levels of
//! `LoggingConfig` do not leave them out. Only the JSON format has levels; text is never left out.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use crate::common::deliver::LogSink;
use crate::common::env::Env;

/// `X-Amz-Log-Result` holds this many bytes at most.
const TAIL_LIMIT: usize = 4 * 1024;

/// Writes to one log stream, and keeps the tail of the current invocation.
pub(super) struct LogStream {
    env: Arc<Env>,
    logs: Arc<dyn LogSink>,
    group: String,
    /// The least levels of the function's lines and of Lambda's own; text has none.
    levels: Option<(Level, Level)>,
    pub(super) name: String,
    tail: String,
}

impl LogStream {
    /// `YYYY/MM/DD/[$LATEST]ENVIRONMENT`.
    pub(super) fn new(
        env: Arc<Env>,
        logs: Arc<dyn LogSink>,
        group: String,
        levels: Option<(Level, Level)>,
        environment: &str,
    ) -> Self {
        let day = env.now().strftime("%Y/%m/%d").to_string();
        Self { env, logs, group, levels, name: format!("{day}/[$LATEST]{environment}"), tail: String::new() }
    }

    /// Appends the function's lines whose level is high enough.
    pub(super) fn print(&mut self, lines: Vec<String>) {
        let least = self.levels.map(|(application, _)| application);
        self.append(lines.into_iter().filter(|line| least.is_none_or(|least| Level::of_output(line) >= least)));
    }

    /// Appends Lambda's own lines whose level is high enough.
    pub(super) fn write(&mut self, lines: impl IntoIterator<Item = String>) {
        let least = self.levels.map(|(_, system)| system);
        self.append(lines.into_iter().filter(|line| least.is_none_or(|least| Level::of_platform(line) >= least)));
    }

    /// Appends events, each at the present time.
    fn append(&mut self, messages: impl IntoIterator<Item = String>) {
        let now = self.env.now();
        let events: Vec<_> = messages.into_iter().map(|message| (now, message)).collect();
        for (_, message) in &events {
            self.tail.push_str(message.trim_end_matches('\n'));
            self.tail.push('\n');
        }
        if self.tail.len() > 2 * TAIL_LIMIT {
            self.trim_tail();
        }
        if !events.is_empty() {
            self.logs.append(&self.group, &self.name, events);
        }
    }

    /// The last 4 KB written since the last call.
    pub(super) fn take_tail(&mut self) -> String {
        self.trim_tail();
        std::mem::take(&mut self.tail)
    }

    fn trim_tail(&mut self) {
        let surplus = self.tail.len().saturating_sub(TAIL_LIMIT);
        let start = self.tail.ceil_char_boundary(surplus);
        self.tail.drain(..start);
    }
}

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
    use crate::common::deliver::testing::Recorder;
    use crate::common::env::testing;

    #[test]
    fn lines_below_their_level_are_left_out() {
        let logs = Arc::new(Recorder::default());
        let levels = Some((Level::Warn, Level::Info));
        let mut stream = LogStream::new(testing::env().0, logs.clone(), "group".to_owned(), levels, "id");
        assert_eq!(stream.name, "2023/11/14/[$LATEST]id");
        stream.print(vec!["info".to_owned()]);
        stream.write([r#"{"type":"platform.start"}"#.to_owned()]);
        let line = r#"{"type":"platform.start"}"#.to_owned();
        assert_eq!(*logs.logs.lock().unwrap(), [("group".to_owned(), line)]);
        assert_eq!((stream.take_tail().as_str(), stream.take_tail().as_str()), ("{\"type\":\"platform.start\"}\n", ""));
    }

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
