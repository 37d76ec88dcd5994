//! Whether a key in a line stands by itself, or is a part of something longer.

use imgwatch_shared::object_key::extension;

use super::ObjectName;

/// What may stand directly before a name, or before a space before it.
const ENDS_BEFORE: &str = "\"'`([{<>=:,;|\n\r\t";
/// What may stand directly behind a name, or behind a space behind it. A backslash escapes a quote.
const ENDS_AFTER: &str = "\"'`)]}<>=:,;|!?\\\n\r\t";

/// How far before a name the folder `/tmp` is looked for, in bytes. Lines may have no spaces, so that words can be long.
const LONGEST_FOLDER: usize = 256;

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

/// A name in a line, with what stands around it. What depends on no object is found out once, however many have the name.
pub(super) struct Place<'a> {
    before: &'a str,
    found: &'a str,
    right: Side<'a>,
    is_alone: bool,
}

impl<'a> Place<'a> {
    pub(super) fn of(line: &'a str, span: Span) -> Option<Self> {
        let (before, found, after) = (line.get(..span.start)?, line.get(span.start..span.end)?, line.get(span.end..)?);
        let is_alone = before.trim_end().is_empty() && after.trim_start().is_empty();
        Some(Self { before, found, right: right_of(after), is_alone })
    }

    /// Whether the line names the object there by its whole key.
    pub(super) fn is_key_of(&self, object: &ObjectName) -> bool {
        self.right != Side::Open && self.stands_alone(is_in_bucket(self.before, object), false)
    }

    /// Whether the line names there whatever has this as the last part of its key.
    pub(super) fn is_part(&self) -> bool {
        self.right != Side::Open && self.stands_alone(false, true)
    }

    fn stands_alone(&self, in_bucket: bool, is_part: bool) -> bool {
        let left = match self.before.strip_suffix('/') {
            _ if in_bucket => Side::Closed,
            Some(folder) if is_part && is_temporary(folder) => Side::Closed,
            Some(_) => Side::Open,
            None => left_of(self.before),
        };
        if !looks_like_a_path(self.found) {
            // A word such as `id`: only where the line says that it is a key.
            let is_said = in_bucket || self.is_alone || (left == Side::Closed && is_labelled(self.before));
            return self.right == Side::Closed && is_said;
        }
        [left, self.right].iter().all(|side| match side {
            Side::Closed => true,
            Side::Word(word) => !looks_like_a_path(word),
            Side::Open => false,
        })
    }
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
    let near = folder.floor_char_boundary(folder.len().saturating_sub(LONGEST_FOLDER));
    folder.get(near..).unwrap_or(folder).rsplit_once("/tmp").is_some_and(|(before, rest)| {
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
