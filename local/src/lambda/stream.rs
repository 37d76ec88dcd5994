//! An execution environment's log stream: the function's output and Lambda's own lines, in order.

use std::sync::Arc;

use super::level::Level;
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
}
