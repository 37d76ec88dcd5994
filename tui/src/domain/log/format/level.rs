//! Levels by the names and numbers that loggers give them. FATAL, CRITICAL and the like count as ERROR.

use imgwatch_shared::record::Level;
use serde_json::Value;

/// The level that a logger's level field names, in any case. Levels between two names are written as `INFO+2`.
pub(super) fn of_field(value: &Value) -> Option<Level> {
    match value {
        Value::String(text) => of_name(text.trim()).or_else(|| of_number(text.trim().parse().ok()?)),
        Value::Number(number) => of_number(number.as_f64()?),
        Value::Object(fields) => fields.get("name").filter(|name| name.is_string()).and_then(of_field),
        _ => None,
    }
}

fn of_name(name: &str) -> Option<Level> {
    let name = name.split(['+', '-']).next()?;
    if let Some(level) = of_word(name) {
        return Some(level);
    }
    let is = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    if is(&["verbose", "vrb", "silly", "finest", "finer"]) {
        Some(Level::Trace)
    } else if is(&["fine", "config", "http"]) {
        Some(Level::Debug)
    } else if is(&["information", "informational", "notice", "success"]) {
        Some(Level::Info)
    } else if is(&["alert", "emerg", "emergency", "dpanic"]) {
        Some(Level::Error)
    } else {
        None
    }
}

/// The level that a word in a line of text names, in any case: only words that stand for nothing else before a message.
pub(super) fn of_word(word: &str) -> Option<Level> {
    let is = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(word));
    if is(&["info", "inf"]) {
        Some(Level::Info)
    } else if is(&["error", "err", "eror", "fatal", "ftl", "critical", "crit", "severe", "fail", "panic"]) {
        Some(Level::Error)
    } else if is(&["warn", "warning", "wrn"]) {
        Some(Level::Warn)
    } else if is(&["debug", "dbug", "dbg"]) {
        Some(Level::Debug)
    } else if is(&["trace", "trce", "trc"]) {
        Some(Level::Trace)
    } else {
        None
    }
}

/// pino and bunyan count from 10 to 60, Monolog from 100 to 600. Others disagree below 10: what such a number means is not
/// known.
fn of_number(number: f64) -> Option<Level> {
    match number {
        10.0..20.0 => Some(Level::Trace),
        20.0..30.0 | 100.0..200.0 => Some(Level::Debug),
        30.0..40.0 | 200.0..300.0 => Some(Level::Info),
        40.0..50.0 | 300.0..400.0 => Some(Level::Warn),
        50.0..=60.0 | 400.0..=600.0 => Some(Level::Error),
        _ => None,
    }
}

/// The numbers of Python's `levelno`.
pub(super) fn of_python_number(value: &Value) -> Option<Level> {
    match value.as_u64()? {
        10..20 => Some(Level::Debug),
        20..30 => Some(Level::Info),
        30..40 => Some(Level::Warn),
        40.. => Some(Level::Error),
        _ => None,
    }
}

/// The numbers of syslog, as systemd's console formats write them: `<3>`.
pub(super) fn of_syslog_number(digit: &str) -> Option<Level> {
    match digit {
        "0" | "1" | "2" | "3" => Some(Level::Error),
        "4" => Some(Level::Warn),
        "5" | "6" => Some(Level::Info),
        "7" => Some(Level::Debug),
        _ => None,
    }
}
