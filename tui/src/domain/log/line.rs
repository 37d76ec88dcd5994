//! One log event, as the panel and `imgwatch logs` show it.

use imgwatch_shared::record::Level;
use jiff::Timestamp;

use crate::domain::evidence::{Fact, LogSource};
use crate::text::clean::Clean;
use crate::text::width;

/// Begins the ids of lines that Live Tail brought, since CloudWatch names none of them; its own ids are digits.
pub const LIVE_ID: char = '~';

/// One log event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// CloudWatch's event id, or one of our own; lines are ordered by time, then by this.
    pub id: Clean,
    /// The event's time.
    pub at: Timestamp,
    /// The name of the function whose log has it; empty where that is not known.
    pub function: Clean,
    /// The log stream: one execution environment.
    pub stream: Clean,
    pub kind: LineKind,
    /// Severity, where the line names one.
    pub level: Option<Level>,
    /// The invocation that the line names.
    pub request_id: Option<Clean>,
    /// The invocation that it belongs to: the one that it names, else the one that was open in its stream. [`Streams`]
    /// finds it.
    pub invocation: Option<Clean>,
    /// The line as it is shown: for a known JSON form its gist, else the line itself.
    pub text: Clean,
    /// The whole line as it was written.
    pub full: Clean,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// `INIT_START`, `platform.initStart`: an environment starts.
    Init,
    /// `START`, `platform.start`: an invocation begins.
    Start,
    /// `END`: an invocation is over.
    End,
    /// `REPORT`, `platform.report`: what it cost.
    Report,
    /// The handler's record about an image.
    Record,
    /// Anything else that was printed.
    Text,
}

impl LogLine {
    /// CloudWatch's own name for it; lines of Live Tail have none.
    pub fn event_id(&self) -> Option<&Clean> {
        Some(&self.id).filter(|id| !id.raw().starts_with(LIVE_ID))
    }

    /// What a function of others printed: lines of Lambda and records of imgwatch's handler are facts of their own.
    pub fn printed(&self) -> Option<Fact> {
        let source = LogSource {
            at: self.at,
            function: self.function.clone(),
            stream: self.stream.clone(),
            lambda_request_id: self.request_id.clone(),
        };
        (self.kind == LineKind::Text).then(|| Fact::Printed(source, self.full.clone()))
    }

    /// How severe it is, as far as is known. Lambda's own lines about what goes well are of the level INFO, as in its JSON logs.
    pub fn severity(&self) -> Option<Level> {
        let is_own = matches!(self.kind, LineKind::Init | LineKind::Start | LineKind::End | LineKind::Report);
        self.level.or(is_own.then_some(Level::Info))
    }

    /// What a filter looks into: the line as it is shown, as it was written, and the invocation that it belongs to.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        [&self.text, &self.full].into_iter().chain(&self.invocation).map(Clean::shown)
    }

    /// Whose it is, in so many columns: the start of its invocation's request id, or, of no invocation, the start of its
    /// environment's name in brackets.
    pub fn whose(&self, columns: usize) -> String {
        let start = |text: &str, letters: usize| text.chars().take(letters).collect::<String>();
        let text = match &self.invocation {
            Some(id) => start(id.shown(), columns),
            None => format!("[{}]", start(self.environment(), columns.saturating_sub(2))),
        };
        width::fit(&text, columns)
    }

    /// The telling part of the log stream's name: `2026/03/04/[$LATEST]3f1c9a…`.
    fn environment(&self) -> &str {
        let name = self.stream.shown();
        name.rsplit([']', '/']).next().filter(|end| !end.is_empty()).unwrap_or(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_its_invocation_or_else_its_environment() {
        let line = |stream: &str, invocation: Option<&str>| LogLine {
            id: "id".into(),
            at: Timestamp::UNIX_EPOCH,
            function: Clean::default(),
            stream: stream.into(),
            kind: LineKind::Text,
            level: None,
            request_id: None,
            invocation: invocation.map(Clean::new),
            text: "text".into(),
            full: "text".into(),
        };
        let stream = "2026/03/04/[$LATEST]3f1c9a7e5d2b";
        assert_eq!(line(stream, Some("79b5e81f-3c1d-4d5e")).whose(8), "79b5e81f");
        assert_eq!(line(stream, Some("猫猫猫猫猫")).whose(8), "猫猫猫… ");
        for (stream, whose) in [(stream, "[3f1c9a]"), ("own-name", "[own-na]"), ("a/[b]", "[a/[b]] "), ("", "[]      ")]
        {
            assert_eq!(line(stream, None).whose(8), whose, "{stream}");
        }
    }
}
