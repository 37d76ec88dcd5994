//! Whether a key in a line stands by itself, or is a part of something longer.

use imgwatch_shared::object_key::extension;

use super::{Name, ObjectName};

/// What may stand directly before a name, or before a space before it.
const ENDS_BEFORE: &str = "\"'`([{<>=:,;|\n\r\t";
/// What may stand directly behind a name, or behind a space behind it. A backslash escapes a quote.
const ENDS_AFTER: &str = "\"'`)]}<>=:,;|!?\\\n\r\t";

/// A place in a line, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// What stands at one side of a name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side<'a> {
    /// Something that ends it: a quote, a bracket, the end of the line.
    Closed,
    /// A space, and behind it this word.
    Word(&'a str),
    /// More of the same word.
    Open,
}

/// What may be within a word of a key; a dot only where the word goes on.
pub(super) fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(c, '-' | '_' | '+' | '%' | '~' | '@' | '&' | '$')
        || !(c.is_ascii() || c.is_whitespace())
}

/// Whether the name that was found is what the line names there.
pub(super) fn stands_alone(line: &str, span: Span, name: &Name) -> bool {
    let (object, is_part) = match name {
        Name::Key(object) => (object, false),
        Name::KeyPart(object) => (object, true),
        _ => return false,
    };
    let (Some(before), Some(found), Some(after)) =
        (line.get(..span.start), line.get(span.start..span.end), line.get(span.end..))
    else {
        return false;
    };
    let in_bucket = !is_part && is_in_bucket(before, object);
    let left = match before.strip_suffix('/') {
        _ if in_bucket => Side::Closed,
        Some(folder) if is_part && is_temporary(folder) => Side::Closed,
        Some(_) => Side::Open,
        None => left_of(before),
    };
    let right = right_of(after);
    if !looks_like_a_path(found) {
        // A word such as `id`: only where the line says that it is a key.
        let is_alone = line.trim() == found;
        return right == Side::Closed && (in_bucket || is_alone || (left == Side::Closed && is_labelled(before)));
    }
    [left, right].iter().all(|side| match side {
        Side::Closed => true,
        Side::Word(word) => !looks_like_a_path(word),
        Side::Open => false,
    })
}

/// `s3://images/`, `arn:aws:s3:::images/`, `https://images.s3.eu-west-1.amazonaws.com/`
fn is_in_bucket(before: &str, object: &ObjectName) -> bool {
    let Some(folder) = before.strip_suffix('/') else { return false };
    let bucket = object.bucket.raw();
    let named = folder.strip_suffix(bucket).is_some_and(|rest| !rest.ends_with(|c| is_plain(c) || c == '.'));
    let host = folder.rsplit('/').next().unwrap_or(folder);
    named || (host.ends_with(".amazonaws.com") && host.strip_prefix(bucket).is_some_and(|rest| rest.starts_with('.')))
}

/// Where functions put what they download.
fn is_temporary(folder: &str) -> bool {
    folder.rsplit_once("/tmp").is_some_and(|(before, rest)| {
        !before.ends_with(is_plain)
            && (rest.is_empty() || (rest.starts_with('/') && rest.bytes().all(|byte| byte > b' ')))
    })
}

fn left_of(before: &str) -> Side<'_> {
    let bare = before.trim_end_matches(' ');
    let Some(last) = bare.chars().next_back() else { return Side::Closed };
    match before.len() - bare.len() {
        _ if ENDS_BEFORE.contains(last) => Side::Closed,
        0 => Side::Open,
        1 => Side::Word(bare.rsplit(char::is_whitespace).next().unwrap_or(bare)),
        _ => Side::Closed,
    }
}

fn right_of(after: &str) -> Side<'_> {
    // A full stop ends a sentence where nothing follows it directly.
    let after = after.strip_prefix('.').filter(|rest| !rest.starts_with(is_plain)).unwrap_or(after);
    let bare = after.trim_start_matches(' ');
    let Some(first) = bare.chars().next() else { return Side::Closed };
    match after.len() - bare.len() {
        _ if ENDS_AFTER.contains(first) => Side::Closed,
        0 => Side::Open,
        1 => Side::Word(bare.split(char::is_whitespace).next().unwrap_or(bare)),
        _ => Side::Closed,
    }
}

/// Whether a text can hardly be anything but a key or a part of one: it has folders, or an extension.
fn looks_like_a_path(text: &str) -> bool {
    text.contains('/') || extension(text).is_some_and(|end| end.starts_with(|c: char| c.is_alphabetic()))
}

/// `"key": "`, `s3_key=`, `File Key: `: what stands before says that a key follows.
fn is_labelled(before: &str) -> bool {
    let label = before.trim_end_matches([' ', '"', '\'', '`', ':', '=', '\\']);
    label.len() < before.len()
        && label.len() >= 3
        && label.get(label.len() - 3..).is_some_and(|end| end.eq_ignore_ascii_case("key"))
}
