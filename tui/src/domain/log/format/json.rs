//! What structured loggers print: a level, a message and a request id, under the names that they give them.

use imgwatch_shared::record::Level;
use serde_json::{Map, Value};

use super::{Reading, is_uuid, level};

/// Names of the level, the surest first; compared without case and without separators.
const LEVELS: [&str; 7] = ["level", "loglevel", "levelname", "severity", "severitytext", "lvl", "@l"];

/// Names of the message. structlog calls it `event`, Serilog `@m` and, with blanks to fill in, `@mt`.
const MESSAGES: [&str; 8] =
    ["message", "msg", "event", "renderedmessage", "@m", "@mt", "messagetemplate", "shortmessage"];

/// Names of Lambda's request id; those that say whose it is come first.
const REQUEST_IDS: [&str; 6] =
    ["awsrequestid", "functionrequestid", "lambdarequestid", "requestid", "faasexecution", "faasinvocationid"];

/// Names of objects in which loggers keep what belongs to the line rather than to the event that it is about.
const CONTEXTS: [&str; 17] = [
    "fields",
    "span",
    "spans",
    "record",
    "log",
    "meta",
    "context",
    "contextmap",
    "ctx",
    "mdc",
    "extra",
    "properties",
    "labels",
    "attributes",
    "lambda",
    "aws",
    "faas",
];

/// `None` where nothing in it is known.
pub(super) fn read(value: &Value) -> Option<Reading> {
    let fields = value.as_object()?;
    let reading = named(fields);
    // An object with Lambda's names for an error is one, at whatever level it was printed.
    let level = reading.level.or_else(|| is_error(fields).then_some(Level::Error));
    let is_known = level.is_some() || reading.request_id.is_some() || reading.gist.is_some();
    is_known.then_some(Reading { level, ..reading })
}

/// The reading of a text that is a line of a structured logger, printed through another one.
pub(super) fn inside_text(text: &str) -> Option<Reading> {
    if !text.starts_with('{') {
        return None;
    }
    inside(&serde_json::from_str(text).ok()?)
}

/// The reading of what was printed: an object, or a text that is one. It may have a level of its own, which the printing
/// function did not know.
fn inside(said: &Value) -> Option<Reading> {
    match said {
        Value::Object(fields) => {
            let reading = named(fields);
            (reading.level.is_some() || is_error(fields)).then_some(reading)
        }
        Value::String(text) => inside_text(text),
        _ => None,
    }
}

/// What the fields say by their names.
fn named(fields: &Map<String, Value>) -> Reading {
    let said = field(fields, &MESSAGES, |value| Some(value).filter(|value| !value.is_null() && *value != ""));
    let inner = said.and_then(inside).unwrap_or_else(Reading::plain);
    let gist = inner.gist.or_else(|| said.map(text)).or_else(|| nested_message(fields)).or_else(|| error(fields));
    Reading {
        level: level_of(fields).max(inner.level),
        request_id: request_id(fields).or(inner.request_id),
        gist,
        ..Reading::plain()
    }
}

/// The first of some names that a field has, without case and separators.
fn field<'a, T>(fields: &'a Map<String, Value>, names: &[&str], read: impl Fn(&'a Value) -> Option<T>) -> Option<T> {
    names
        .iter()
        .find_map(|name| fields.iter().filter(|(key, _)| is_named(key, name)).find_map(|(_, value)| read(value)))
}

/// Whether loggers give this name to Lambda's request id.
pub(super) fn is_request_id(name: &str) -> bool {
    REQUEST_IDS.iter().any(|known| is_named(name, known))
}

fn is_named(key: &str, name: &str) -> bool {
    let letters = key.bytes().filter(|byte| !matches!(byte, b'_' | b'-' | b'.' | b'@' | b' '));
    key == name || letters.map(|byte| byte.to_ascii_lowercase()).eq(name.bytes())
}

/// The objects in which loggers keep more of the line.
fn contexts(fields: &Map<String, Value>) -> impl Iterator<Item = &Map<String, Value>> {
    let values = fields.iter().filter(|(key, _)| CONTEXTS.iter().any(|name| is_named(key, name)));
    values
        .flat_map(|(_, value)| match value {
            Value::Array(values) => values.as_slice(),
            value => std::slice::from_ref(value),
        })
        .filter_map(Value::as_object)
}

fn level_of(fields: &Map<String, Value>) -> Option<Level> {
    let own = |fields| field(fields, &LEVELS, level::of_field);
    // Serilog leaves out the most common level.
    let serilog = || (fields.contains_key("@t") && fields.contains_key("@mt")).then_some(Level::Info);
    own(fields)
        .or_else(|| field(fields, &["levelno"], level::of_python_number))
        .or_else(|| {
            contexts(fields)
                .find_map(|fields| own(fields).or_else(|| field(fields, &["loglevelname"], level::of_field)))
        })
        .or_else(serilog)
}

fn request_id(fields: &Map<String, Value>) -> Option<String> {
    let own = |fields| field(fields, &REQUEST_IDS, |value| value.as_str().filter(|id| is_uuid(id)));
    own(fields).or_else(|| contexts(fields).find_map(own)).map(str::to_owned)
}

/// Whether it is an error as Lambda's runtimes describe one.
fn is_error(fields: &Map<String, Value>) -> bool {
    fields.contains_key("errorType") && fields.contains_key("errorMessage")
}

/// `TypeError: x is undefined`: the error that a line is about, where it has no message.
fn error(fields: &Map<String, Value>) -> Option<String> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    match (text("errorType"), text("errorMessage")) {
        (Some(kind), Some(message)) => return Some(format!("{kind}: {message}")),
        (Some(one), None) | (None, Some(one)) => return Some(one.to_owned()),
        (None, None) => {}
    }
    field(fields, &["err", "error", "exception"], |value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Object(error) => {
            let message = field(error, &["message"], Value::as_str)?;
            let kind = field(error, &["type", "name", "class"], Value::as_str);
            Some(kind.map_or_else(|| message.to_owned(), |kind| format!("{kind}: {message}")))
        }
        _ => None,
    })
}

/// Rust's tracing and loguru keep the message in an object.
fn nested_message(fields: &Map<String, Value>) -> Option<String> {
    contexts(fields).find_map(|fields| field(fields, &["message"], Value::as_str)).map(str::to_owned)
}

/// A message as it is shown: text as it is, anything else as JSON.
fn text(said: &Value) -> String {
    said.as_str().map_or_else(|| said.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests;
