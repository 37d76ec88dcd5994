//! Lines of `name=value` pairs, as Go's slog, logrus and many others write them.

use imgwatch_shared::record::Level;
use serde_json::Value;

use super::json::is_request_id;
use super::{Reading, is_uuid, level};

/// `None` where the line does not begin with pairs that name a level.
pub(super) fn read(line: &str) -> Option<Reading> {
    let (mut severity, mut gist, mut request_id) = (None::<Level>, None, None);
    let mut rest = line;
    while let Some((name, value, after)) = pair(rest) {
        rest = after;
        match name {
            "level" | "lvl" | "severity" => {
                severity = severity.or_else(|| level::of_field(&Value::String(value.into_owned())));
            }
            "msg" | "message" if gist.is_none() => gist = Some(value.into_owned()),
            _ if is_uuid(&value) && is_request_id(name) => request_id = Some(value.into_owned()),
            _ => {}
        }
    }
    severity?;
    Some(Reading { level: severity, gist, request_id, ..Reading::plain() })
}

/// The pair at the start of a text, its value without quotes, and what follows it.
fn pair(text: &str) -> Option<(&str, std::borrow::Cow<'_, str>, &str)> {
    let (name, rest) = text.trim_start_matches(' ').split_once('=')?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-@".contains(&byte));
    if !is_name {
        return None;
    }
    if !rest.starts_with('"') {
        let end = rest.find(' ').unwrap_or(rest.len());
        let (value, after) = rest.split_at(end);
        return Some((name, value.into(), after));
    }
    let end = closing_quote(rest)?;
    let (quoted, after) = rest.split_at_checked(end + 1)?;
    // Go quotes as JSON does, but for characters that are no text.
    let value = match serde_json::from_str::<String>(quoted) {
        Ok(value) => value.into(),
        Err(_) => quoted.trim_matches('"').into(),
    };
    Some((name, value, after))
}

/// Where the quote ends that a text begins with.
fn closing_quote(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    text.bytes().enumerate().skip(1).find_map(|(at, byte)| {
        let ends = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        ends.then_some(at)
    })
}
