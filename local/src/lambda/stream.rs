//! An execution environment's log stream: what its process prints and what the platform says, in order.

use std::sync::{Arc, Weak};

use jiff::Timestamp;

use super::function::{Function, Settings};
use super::level::Level;
use crate::cloud::Cloud;
use crate::options::LogFormat;

/// `X-Amz-Log-Result` holds this many bytes at most.
const TAIL_LIMIT: usize = 4 * 1024;

/// Writes to one log stream, and keeps the tail of the current invocation.
pub(super) struct LogStream {
    /// Not an `Arc`: the cloud holds the function, which holds its idle environments and their streams.
    cloud: Weak<Cloud>,
    group: String,
    /// The least levels of the function's lines and of Lambda's own; text has none.
    levels: Option<(Level, Level)>,
    pub(super) name: String,
    tail: String,
}

impl LogStream {
    /// `YYYY/MM/DD/[$LATEST]ENVIRONMENT`.
    pub(super) fn new(cloud: &Arc<Cloud>, function: &Function, settings: &Settings, environment: &str) -> Self {
        let day = Timestamp::now().strftime("%Y/%m/%d").to_string();
        let is_json = settings.log_format == LogFormat::Json;
        Self {
            cloud: Arc::downgrade(cloud),
            group: function.log_group(settings),
            levels: is_json.then_some((settings.application_level, settings.system_level)),
            name: format!("{day}/[$LATEST]{environment}"),
            tail: String::new(),
        }
    }

    /// Appends what the function printed, as far as its level lets it through.
    pub(super) fn print(&mut self, lines: Vec<String>) {
        let least = self.levels.map(|(application, _)| application);
        self.append(lines.into_iter().filter(|line| least.is_none_or(|least| Level::of_output(line) >= least)));
    }

    /// Appends Lambda's own lines, as far as their level lets them through.
    pub(super) fn write(&mut self, lines: impl IntoIterator<Item = String>) {
        let least = self.levels.map(|(_, system)| system);
        self.append(lines.into_iter().filter(|line| least.is_none_or(|least| Level::of_platform(line) >= least)));
    }

    /// Appends events, each at the present time.
    fn append(&mut self, messages: impl IntoIterator<Item = String>) {
        let now = Timestamp::now();
        let events: Vec<_> = messages.into_iter().map(|message| (now, message)).collect();
        for (_, message) in &events {
            self.tail.push_str(message.trim_end_matches('\n'));
            self.tail.push('\n');
        }
        if self.tail.len() > 2 * TAIL_LIMIT {
            self.trim_tail();
        }
        if !events.is_empty()
            && let Some(cloud) = self.cloud.upgrade()
        {
            cloud.logs.append(&self.group, &self.name, events);
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
    use crate::{HandlerCommand, LocalCloud, Options};

    #[tokio::test]
    async fn a_stream_does_not_keep_its_cloud_alive() {
        let handler = HandlerCommand { program: "true".into(), args: Vec::new(), env: Vec::new() };
        let local = LocalCloud::start(Options::new(handler)).await.unwrap();
        let before = Arc::strong_count(&local.cloud);
        let function = Function::new(&local.cloud, "f", std::collections::BTreeMap::new());
        let mut stream = LogStream::new(&local.cloud, &function, &function.settings(), "id");
        assert_eq!(Arc::strong_count(&local.cloud), before);
        stream.write(["a line".to_owned()]);
        assert_eq!(stream.take_tail(), "a line\n");
        local.stop().await;
    }
}
