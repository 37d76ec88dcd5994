//! `imgwatch logs`: the function's log, oldest line first, each line once; with `--follow` until Ctrl-C.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use imgwatch_shared::record::Level;
use jiff::Timestamp;
use serde::Serialize;

use super::failure::{Exit, Failure, warn};
use super::json;
use super::output::{self, Reader};
use super::session::Session;
use crate::cli::{Cli, LogsArgs};
use crate::config::Feeds;
use crate::model::logs::{LineKind, LogLine, Tail};
use crate::msg::Update;
use crate::text::clean::Clean;
use crate::text::time;

/// Lines remembered to recognise repetitions; the oldest are forgotten first.
const REMEMBERED: usize = 50_000;

pub(crate) async fn run(cli: &Cli, args: &LogsArgs) -> Result<Exit, Failure> {
    let feeds = Feeds { logs: Some(args.since), ..Feeds::default() };
    let mut session = Session::open(cli, feeds).await?;
    let outcome = print(&mut session, args).await;
    session.close().await;
    match outcome {
        // Ctrl-C is how following ends.
        Err(failure) if args.follow && failure.exit() == Exit::Interrupted => Ok(Exit::Success),
        outcome => outcome,
    }
}

async fn print(session: &mut Session, args: &LogsArgs) -> Result<Exit, Failure> {
    let mut seen: BTreeSet<(Timestamp, Clean)> = BTreeSet::new();
    // What was there before; it can come in any order, so nothing is printed until all of it is here.
    let mut history: Option<Vec<LogLine>> = Some(Vec::new());
    loop {
        let mut fresh = Vec::new();
        match session.next().await? {
            Update::LogLines(lines) => {
                let lines = lines.into_iter().filter(|line| seen.insert((line.at, line.id.clone())));
                match &mut history {
                    Some(history) => history.extend(lines),
                    None => fresh.extend(lines),
                }
            }
            Update::Tail(tail) => match tail {
                Tail::Live | Tail::NoInvocationYet => fresh = history.take().unwrap_or_default(),
                Tail::Failed(problem) if args.follow && problem.transient => warn(&problem.to_string()),
                Tail::Failed(problem) => return Err(problem.into()),
                Tail::BackingOff { seconds } => warn(&format!("CloudWatch asks to slow down; waiting {seconds} s")),
                Tail::Connecting => {}
            },
            _ => {}
        }
        // Stable: lines of one millisecond stay in CloudWatch's order.
        fresh.sort_by_key(|line| line.at);
        let reader = if fresh.is_empty() { Reader::Reading } else { output::write(&rows(&fresh, args.json)?)? };
        if reader == Reader::Gone || (history.is_none() && !args.follow) {
            return Ok(Exit::Success);
        }
        while seen.len() > REMEMBERED {
            seen.pop_first();
        }
    }
}

/// One log event in JSON; the message is the whole line as it was written.
#[derive(Serialize)]
struct Row<'a> {
    at: String,
    level: Option<Level>,
    kind: &'static str,
    request_id: Option<&'a str>,
    log_stream: &'a str,
    event_id: &'a str,
    message: &'a str,
}

fn rows(lines: &[LogLine], as_json: bool) -> Result<String, Failure> {
    let mut out = String::new();
    for line in lines {
        let at = time::utc(line.at);
        if as_json {
            out.push_str(&json::line(&Row {
                at,
                level: line.level,
                kind: kind(line.kind),
                request_id: line.request_id.as_ref().map(Clean::raw),
                log_stream: line.stream.raw(),
                event_id: line.id.raw(),
                message: line.full.raw(),
            })?);
        } else {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{at}  {:<5}  {}", level(line.level), line.text);
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
