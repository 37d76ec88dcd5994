//! `imgwatch logs`: the function's log, oldest line first, each line once; with `--follow` until Ctrl-C.
//!
//! CloudWatch gives pages nearly in order. A bounded number of lines is held to bring them into order; a line that is
//! later still stands where it came, and the command says so.

use std::fmt::Write as _;

use imgwatch_shared::record::Level;
use jiff::Timestamp;
use serde::Serialize;

use super::failure::{Failure, warn};
use super::json;
use super::output::{self, Reader};
use super::session::Session;
use crate::cli::{Cli, LogsArgs};
use crate::config::Feeds;
use crate::domain::live_tail::{LiveTail, LiveTailMode};
use crate::domain::log::{LineKind, LogLine, Streams, Tail};
use crate::effect::CloudEffect;
use crate::msg::Update;
use crate::terminal::exit::Exit;
use crate::text::clean::Clean;
use crate::text::time;

/// Streams of which it is remembered what is open; the quietest go first.
const STREAMS: usize = 10_000;
/// Columns that say whose a line is.
const WHOSE: usize = 8;

/// Lines held to put them in order, while those that were there before are read.
const HELD: usize = 10_000;

pub(crate) async fn run(cli: &Cli, args: &LogsArgs) -> Result<Exit, Failure> {
    let feeds = Feeds { logs: Some(args.since), ..Feeds::default() };
    let outcome = Session::hold(cli, feeds, async |session| {
        if cli.wants_live_tail() {
            session.perform(CloudEffect::LiveTail(LiveTailMode::Always));
        }
        print(session, args).await
    });
    match outcome.await {
        // Ctrl-C is how following ends.
        Err(failure) if args.follow && failure.exit() == Exit::Interrupted => Ok(Exit::Proven),
        outcome => outcome,
    }
}

async fn print(session: &mut Session, args: &LogsArgs) -> Result<Exit, Failure> {
    // What was there before, until all of it is here.
    let mut history = Some(LineBuffer::default());
    let mut has_lines = false;
    let mut has_group = true;
    let mut streams = Streams::default();
    loop {
        let mut fresh = Vec::new();
        match session.next().await? {
            Update::LogLines(lines) => match &mut history {
                Some(history) => fresh = history.apply(lines, HELD),
                // Stable: lines of one millisecond stay in CloudWatch's order.
                None => {
                    fresh = lines;
                    fresh.sort_by_key(|line| line.at);
                }
            },
            Update::Tail(tail) => match tail {
                Tail::NoInvocationYet => {
                    has_group = false;
                    fresh = history.take().map(LineBuffer::rest).unwrap_or_default();
                    // The group comes with the first invocation; or the name is wrong, which nothing else would report.
                    let function = session.function();
                    warn(&if has_lines || !fresh.is_empty() {
                        format!("the log group of {function} was deleted")
                    } else {
                        format!(
                            "{function} has no log group: it was never invoked, is not allowed to write logs, or has \
                             another name"
                        )
                    });
                }
                Tail::Live | Tail::Every { .. } => fresh = history.take().map(LineBuffer::rest).unwrap_or_default(),
                Tail::Failed(problem) if args.follow && problem.is_transient() => warn(&problem.to_string()),
                Tail::Failed(problem) => return Err(problem.into()),
                Tail::BackingOff { seconds } => warn(&format!("CloudWatch throttles requests; waiting {seconds} s")),
                Tail::Connecting => {}
            },
            Update::LiveTail(LiveTail::Failed(problem)) => warn(&problem.to_string()),
            Update::LiveTail(LiveTail::Open { sampled: true }) => {
                warn("Live Tail samples lines because there are too many; the others follow when the log is polled");
            }
            _ => {}
        }
        has_lines |= !fresh.is_empty();
        for line in &mut fresh {
            line.invocation = streams.apply(line);
        }
        streams.bound(STREAMS);
        let reader = if fresh.is_empty() { Reader::Reading } else { output::write(&rows(&fresh, args.json)?).await? };
        if reader == Reader::Gone || (history.is_none() && !args.follow) {
            // No line of a group that is not there is no proof that the function wrote none.
            return Ok(Exit::of_findings(false, !has_group));
        }
    }
}

/// Lines from before, held until their order is likely known.
#[derive(Default)]
struct LineBuffer {
    held: Vec<LogLine>,
    /// The newest line that was let go.
    gone: Option<Timestamp>,
    is_mixed: bool,
}

impl LineBuffer {
    /// Takes lines in any order; once more than `most` are held, lets the older half go.
    fn apply(&mut self, lines: Vec<LogLine>, most: usize) -> Vec<LogLine> {
        if !self.is_mixed && lines.iter().any(|line| Some(line.at) < self.gone) {
            self.is_mixed = true;
            warn("CloudWatch returns lines out of order: some are printed after newer ones");
        }
        self.held.extend(lines);
        if self.held.len() <= most {
            return Vec::new();
        }
        // Stable: lines of one millisecond stay in CloudWatch's order.
        self.held.sort_by_key(|line| line.at);
        let newer = self.held.split_off(self.held.len() - most / 2);
        let older = std::mem::replace(&mut self.held, newer);
        self.gone = self.gone.max(older.last().map(|line| line.at));
        older
    }

    /// What is still held, in order.
    fn rest(mut self) -> Vec<LogLine> {
        self.held.sort_by_key(|line| line.at);
        self.held
    }
}

/// One log event in JSON; the message is the whole line as it was written.
#[derive(Serialize)]
struct LogRow<'a> {
    at: String,
    level: Option<Level>,
    kind: &'static str,
    /// The one that the line names.
    request_id: Option<&'a str>,
    /// The one that it belongs to: where it names none, the one that was open in its log stream.
    invocation: Option<&'a str>,
    /// The function whose log it is.
    function: &'a str,
    log_stream: &'a str,
    /// CloudWatch names no line of Live Tail.
    event_id: Option<&'a str>,
    message: &'a str,
}

fn rows(lines: &[LogLine], as_json: bool) -> Result<String, Failure> {
    let mut out = String::new();
    for line in lines {
        let at = time::utc(line.at);
        if as_json {
            out.push_str(&json::line(&LogRow {
                at,
                level: line.level,
                kind: kind(line.kind),
                request_id: line.request_id.as_ref().map(Clean::raw),
                invocation: line.invocation.as_ref().map(Clean::raw),
                function: line.function.raw(),
                log_stream: line.stream.raw(),
                event_id: line.event_id().map(Clean::raw),
                message: line.full.raw(),
            })?);
        } else {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{at}  {:<5}  {}  {}", level(line.level), line.whose(WHOSE), line.text);
        }
    }
    Ok(out)
}

fn level(level: Option<Level>) -> &'static str {
    match level {
        Some(Level::Trace) => "TRACE",
        Some(Level::Debug) => "DEBUG",
        Some(Level::Info) => "INFO",
        Some(Level::Warn) => "WARN",
        Some(Level::Error) => "ERROR",
        None => "",
    }
}

fn kind(kind: LineKind) -> &'static str {
    match kind {
        LineKind::Init => "init",
        LineKind::Start => "start",
        LineKind::End => "end",
        LineKind::Report => "report",
        LineKind::Record => "record",
        LineKind::Text => "text",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::contract;

    fn lines(times: &[i64]) -> Vec<LogLine> {
        let line = |at: &i64| LogLine {
            id: Clean::new(&at.to_string()),
            at: Timestamp::from_second(*at).unwrap(),
            function: "f".into(),
            stream: "stream".into(),
            kind: LineKind::Text,
            level: None,
            request_id: None,
            invocation: None,
            text: "text".into(),
            full: "text".into(),
        };
        times.iter().map(line).collect()
    }

    #[test]
    fn the_contract_holds() {
        let kinds =
            [LineKind::Init, LineKind::Start, LineKind::Record, LineKind::Text, LineKind::End, LineKind::Report];
        let levels = [Level::Trace, Level::Debug, Level::Info, Level::Warn, Level::Error].map(Some);
        let mut found = lines(&[0; 6]);
        for (line, (kind, level)) in found.iter_mut().zip(kinds.into_iter().zip(levels.into_iter().chain([None]))) {
            (line.kind, line.level) = (kind, level);
        }
        found[0].request_id = Some("request".into());
        found[0].invocation = Some("request".into());
        contract::check("logs", &contract::lines(&rows(&found, true).unwrap()));
    }

    fn times(lines: &[LogLine]) -> Vec<i64> {
        lines.iter().map(|line| line.at.as_second()).collect()
    }

    #[test]
    fn a_long_history_is_printed_while_it_comes_and_in_order() {
        let mut history = LineBuffer::default();
        assert_eq!(times(&history.apply(lines(&[2, 1, 4, 3]), 4)), [0; 0], "there may be older ones");
        assert_eq!(times(&history.apply(lines(&[6, 5]), 4)), [1, 2, 3, 4]);
        assert_eq!((history.held.len(), history.is_mixed), (2, false));
        assert_eq!(times(&history.apply(lines(&[7, 8, 9]), 4)), [5, 6, 7]);
        assert_eq!(times(&history.rest()), [8, 9]);
    }

    #[test]
    fn a_line_that_is_too_late_is_printed_all_the_same() {
        let mut history = LineBuffer::default();
        assert_eq!(times(&history.apply(lines(&[5, 6, 7, 8]), 2)), [5, 6, 7]);
        assert_eq!(times(&history.apply(lines(&[1, 9]), 2)), [1, 8]);
        assert!(history.is_mixed);
        assert_eq!(times(&history.rest()), [9]);
    }
}
