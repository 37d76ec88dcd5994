//! Texts inside texts: JSON, Python and JavaScript write what is not plain with a backslash, once for each level.

use std::borrow::Cow;

/// Levels of nesting that are undone: an event in SNS's envelope in a message of SQS in a logged line has four.
const LEVELS: usize = 4;

/// The text without its escapes.
pub(super) fn all(text: &str) -> Cow<'_, str> {
    let mut plain: Cow<'_, str> = text.into();
    for _ in 0..LEVELS {
        if !plain.contains('\\') {
            break;
        }
        plain = Cow::Owned(one_level(&plain));
    }
    plain
}

fn one_level(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, escaped)) = rest.split_once('\\') {
        out.push_str(before);
        let Some(kind) = escaped.chars().next() else {
            out.push('\\');
            return out;
        };
        rest = escaped.get(kind.len_utf8()..).unwrap_or_default();
        match kind {
            'n' | 'r' => out.push('\n'),
            't' => out.push('\t'),
            '"' | '\'' | '\\' | '/' | '`' => out.push(kind),
            'u' | 'x' => rest = character(kind, rest, &mut out),
            other => out.extend(['\\', other]),
        }
    }
    out.push_str(rest);
    out
}

/// A character by its number; two numbers where UTF-16 needs two. Returns what follows.
fn character<'a>(kind: char, rest: &'a str, out: &mut String) -> &'a str {
    let digits = if kind == 'u' { 4 } else { 2 };
    let number = |text: &str| u32::from_str_radix(text.get(..digits)?, 16).ok();
    let Some(first) = number(rest) else {
        out.extend(['\\', kind]);
        return rest;
    };
    let after = rest.get(digits..).unwrap_or_default();
    let pair = after.strip_prefix("\\u").and_then(|second| Some((number(second)?, second.get(4..)?)));
    if let (0xD800..0xDC00, Some((second @ 0xDC00..0xE000, behind))) = (first, pair) {
        let code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
        out.push(char::from_u32(code).unwrap_or('\u{FFFD}'));
        return behind;
    }
    out.push(char::from_u32(first).unwrap_or('\u{FFFD}'));
    after
}
