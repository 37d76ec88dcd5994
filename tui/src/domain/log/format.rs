//! What one line of a function's log says, whichever runtime or logger wrote it. Pure: text in, data out.
//!
//! Lambda writes its own lines as text or as JSON, imgwatch's handler writes records, and everyone else writes what their
//! logger writes. A line in no known form stays as it was printed, and its level is not known.

mod json;
mod lambda;
mod level;
mod logfmt;
mod platform;
mod record;
mod report;
mod text;

#[cfg(test)]
mod tests;

use imgwatch_shared::record::{Level, LogRecord};
use jiff::Timestamp;
use serde_json::Value;

use super::{LineKind, LogLine};
use crate::domain::evidence::{Fact, InvocationReport, LogSource};
use crate::text::clean::Clean;

/// What one line says.
struct Reading {
    kind: LineKind,
    level: Option<Level>,
    request_id: Option<String>,
    /// The gist, where the line is better not shown as it is.
    gist: Option<String>,
    evidence: Evidence,
}

/// What a line proves; the event's time and stream make it a fact.
enum Evidence {
    Nothing,
    Invoked,
    Reported(InvocationReport),
    /// What the handler says of an image.
    Image(Box<dyn FnOnce(LogSource) -> Vec<Fact>>),
}

impl Reading {
    /// A line without a known meaning.
    fn plain() -> Self {
        Self { kind: LineKind::Text, level: None, request_id: None, gist: None, evidence: Evidence::Nothing }
    }

    fn of(kind: LineKind) -> Self {
        Self { kind, ..Self::plain() }
    }
}

/// The line of one event in the log of a function, and what it proves.
pub fn read(id: Clean, at: Timestamp, function: Clean, stream: Clean, message: &str) -> (LogLine, Vec<Fact>) {
    let trimmed = message.trim();
    let is_json = trimmed.starts_with('{');
    let reading = if is_json { structured(trimmed) } else { lambda::read(trimmed).or_else(|| text::read(trimmed)) };
    let reading = reading.unwrap_or_else(Reading::plain);

    let request_id = reading.request_id.as_deref().map(Clean::new);
    let source =
        LogSource { at, function: function.clone(), stream: stream.clone(), lambda_request_id: request_id.clone() };
    let facts = match reading.evidence {
        Evidence::Nothing => Vec::new(),
        Evidence::Invoked => vec![Fact::Invoked(source)],
        Evidence::Reported(report) => vec![Fact::Reported(source, report)],
        Evidence::Image(facts) => facts(source),
    };
    let full = Clean::log(message);
    // What looks like a colour in a JSON value is a part of it: of a key, for one.
    let gist = |gist: String| if is_json { Clean::new(gist.trim_end()) } else { Clean::log(&gist) };
    let line = LogLine {
        id,
        at,
        function,
        stream,
        kind: reading.kind,
        level: reading.level,
        request_id,
        invocation: None,
        text: reading.gist.map_or_else(|| full.clone(), gist),
        full,
    };
    (line, facts)
}

/// A line that is one JSON object.
fn structured(line: &str) -> Option<Reading> {
    let value: Value = serde_json::from_str(line).ok()?;
    if value.get("type").and_then(Value::as_str).is_some_and(|kind| kind.starts_with("platform.")) {
        return platform::read(value);
    }
    // Foreign lines seldom have all that a record needs: two fields tell most of them at once.
    let may_be_record = value.get("timestamp").is_some() && value.get("message").is_some_and(Value::is_string);
    let record = may_be_record.then(|| serde_json::from_value::<LogRecord>(value.clone()).ok()).flatten();
    match record {
        Some(found) if record::is_ours(&found) => Some(record::read(found)),
        _ => json::read(&value),
    }
}

/// Whether a text has the form of Lambda's request ids and of SNS's message ids.
fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}
