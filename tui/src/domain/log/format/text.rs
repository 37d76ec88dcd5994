//! Lines of loggers that print text: what stands before the message.
//!
//! A level counts only where loggers put it: at the start, or behind times, ids, names in brackets and signs that divide. The
//! first other word begins the message, and words in a message are no levels.

use std::borrow::Cow;

use imgwatch_shared::record::Level;

use super::{Reading, is_uuid, json, level, logfmt};
use crate::text::clean;

/// `None` where nothing before the message is known.
pub(super) fn read(line: &str) -> Option<Reading> {
    let line: Cow<'_, str> =
        if line.contains('\u{1b}') { clean::strip_colours(line).trim().to_owned().into() } else { line.into() };
    let mut before = Before::default();
    let message = before.read(&line)?;
    if message.contains('=') && before.level.is_none() {
        return logfmt::read(message);
    }
    let severity = before.level?;
    let inner = json::inside_text(message).unwrap_or_else(Reading::plain);
    let own_id = before.request_id.or_else(|| in_span(message)).map(str::to_owned);
    // What the panel shows in columns of its own is left out; names stay.
    let own_gist = (!before.has_names && !message.is_empty()).then(|| message.to_owned());
    Some(Reading {
        level: inner.level.max(Some(severity)),
        request_id: own_id.or(inner.request_id),
        gist: inner.gist.or(own_gist),
        ..Reading::plain()
    })
}

/// What stands before the message.
#[derive(Default)]
struct Before<'a> {
    level: Option<Level>,
    request_id: Option<&'a str>,
    /// Whether a time was among it.
    has_time: bool,
    /// Whether something was among it that the message does not repeat.
    has_names: bool,
}

/// One word of what stands before a message.
enum Word<'a> {
    Level(Level),
    Time,
    Id(&'a str),
    /// The name of a thread, a logger or a process.
    Name,
    /// A sign, or a field that is empty.
    Sign,
    Message,
}

impl<'a> Before<'a> {
    /// Reads words up to the message, which it returns; `None` where the line ends before.
    fn read(&mut self, line: &'a str) -> Option<&'a str> {
        let mut rest = line;
        loop {
            rest = rest.trim_start_matches([' ', '\t']);
            if rest.is_empty() {
                return self.level.map(|_| rest);
            }
            let (word, after) = next(rest);
            match self.kind(word, after) {
                Word::Level(level) => self.level = Some(level),
                Word::Time => self.has_time = true,
                Word::Id(id) => self.request_id = Some(id),
                Word::Name => self.has_names = true,
                Word::Sign => {}
                Word::Message => return Some(rest),
            }
            rest = after;
        }
    }

    fn kind(&mut self, word: &'a str, after: &str) -> Word<'a> {
        if self.level.is_some() {
            return self.kind_after_level(word, after);
        }
        if let Some(inner) = bracketed(word) {
            return self.kind_in_brackets(word, inner);
        }
        let bare = word.trim_end_matches([':', ',']);
        // Monolog: `app.ERROR:`
        let name = if bare.len() < word.len() { bare.rsplit('.').next().unwrap_or(bare) } else { bare };
        let ends = if bare.len() < word.len() { ':' } else { after.chars().next().unwrap_or(' ') };
        if let Some(level) = level::of_word(name).filter(|level| self.is_level(name, *level, ends)) {
            return Word::Level(level);
        }
        if let Some(level) = klog(word, after) {
            return Word::Level(level);
        }
        if is_uuid(bare) {
            return Word::Id(bare);
        }
        if is_time(bare) {
            return Word::Time;
        }
        // Ruby repeats the level by its letter: `E, [2026-...`
        let is_letter = word.len() == 2 && word.ends_with(',');
        if is_sign(word) || is_letter || word == "undefined" {
            return Word::Sign;
        }
        let is_divided = ["|", " | ", " - "].iter().any(|sign| after.starts_with(sign));
        if self.has_time && (is_divided || word == "main") { Word::Name } else { Word::Message }
    }

    /// Whether a word stands for a level, and not for itself. Sentences begin with a capital letter: only a warning
    /// or an error is believed then.
    fn is_level(&self, word: &str, level: Level, ends: char) -> bool {
        let is_upper = word.bytes().all(|byte| byte.is_ascii_uppercase());
        let is_lower = word.bytes().all(|byte| byte.is_ascii_lowercase());
        match ends {
            // Three letters are a level only where a time stands before it.
            _ if is_upper => word.len() > 3 || self.has_time || ends == ':',
            ':' => is_lower || level >= Level::Warn,
            '\t' | '|' => self.has_time,
            _ => false,
        }
    }

    /// Behind the level, Python and Ruby have the time and the request id; a number may begin the message.
    fn kind_after_level(&self, word: &'a str, after: &str) -> Word<'a> {
        let is_stamp =
            !self.has_time && self.request_id.is_none() && word.contains(':') && word.len() > 11 && is_time(word);
        let is_id = self.request_id.is_none() && is_uuid(word) && (self.has_time || after.starts_with(" -- "));
        if is_stamp {
            Word::Time
        } else if is_id {
            Word::Id(word)
        } else if is_sign(word) {
            Word::Sign
        } else {
            Word::Message
        }
    }

    /// `[ERROR]`, `[main]`, `[2026-11-29T01:00:00Z ERROR bootstrap]`, `<3>`
    fn kind_in_brackets(&mut self, word: &str, inner: &'a str) -> Word<'a> {
        if let Some(level) = level::of_word(inner) {
            return Word::Level(level);
        }
        if word.starts_with('<') {
            return level::of_syslog_number(inner).map_or(Word::Message, Word::Level);
        }
        if is_uuid(inner) {
            return Word::Id(inner);
        }
        if !is_time(next(inner).0) {
            return Word::Name;
        }
        let mut within = Self::default();
        let more = within.read(inner).is_some_and(|more| !more.is_empty());
        self.has_time = true;
        self.has_names |= more;
        within.level.map_or(Word::Time, Word::Level)
    }
}

/// The next word, or what stands in brackets, and what follows it.
fn next(text: &str) -> (&str, &str) {
    let close = match text.as_bytes().first() {
        Some(b'[') => Some(']'),
        Some(b'(') => Some(')'),
        Some(b'<') => Some('>'),
        _ => None,
    };
    // What is longer is no prefix of a logger.
    let bracket = close.and_then(|close| text.find(close)).filter(|end| *end < 80);
    // Python's `ERROR:root:message` has no spaces.
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let colon = Some(letters).filter(|letters| *letters > 0 && text.as_bytes().get(*letters) == Some(&b':'));
    let end = bracket.or(colon).map(|end| end + 1);
    let end = end.or_else(|| text.find([' ', '\t', '|', '\n', '['])).unwrap_or(text.len());
    text.split_at_checked(end.max(1)).unwrap_or((text, ""))
}

fn bracketed(word: &str) -> Option<&str> {
    let inner = word.strip_prefix(['[', '(', '<'])?.strip_suffix([']', ')', '>'])?;
    Some(inner.trim())
}

/// A date, a time, or a number such as the id of a process.
fn is_time(word: &str) -> bool {
    let is_number = word.starts_with(|c: char| c.is_ascii_digit())
        && word.bytes().all(|byte| byte.is_ascii_digit() || b"-:.,/+TZAPM".contains(&byte));
    is_number || matches!(word, "UTC" | "GMT" | "AM" | "PM")
}

/// What divides the parts of a line, and a number of a process: `#8`.
fn is_sign(word: &str) -> bool {
    matches!(word, "-" | "--" | "---" | "|" | ":" | "::" | ">")
        || word.strip_prefix('#').is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `E1129 01:00:00.000000       8 main.go:1] cannot decode`
fn klog(word: &str, after: &str) -> Option<Level> {
    let (letter, date) = word.split_at_checked(1)?;
    let (time, _) = next(after.trim_start());
    let is_date = date.len() == 4 && date.bytes().all(|byte| byte.is_ascii_digit());
    if !is_date || !time.contains(':') || !is_time(time) {
        return None;
    }
    match letter {
        "I" => Some(Level::Info),
        "W" => Some(Level::Warn),
        "E" | "F" => Some(Level::Error),
        _ => None,
    }
}

/// The request id in the span of a line of Rust's tracing: `Lambda runtime invoke{requestId="..."}: message`.
fn in_span(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("{requestId=")?;
    rest.trim_start_matches('"').get(..36).filter(|id| is_uuid(id))
}

#[cfg(test)]
mod tests;
