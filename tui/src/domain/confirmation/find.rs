//! The link in what a mail program hands over: a link alone, a whole email, its source. Pure.
//!
//! The same text is read in several ways, because nothing says which encoding it has: as it is, as quoted-printable, as
//! HTML, as JSON, as base64. The first reading with a complete link counts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use imgwatch_shared::clean::is_hidden;
use percent_encoding::percent_decode_str;

use super::{link, redirect};

/// Lines over which a link may be broken.
const MOST_LINES: usize = 30;

/// The confirmation link in a text, in one piece even where a mail program or a terminal broke it. What redirects to it
/// is taken for it.
pub fn find(text: &str) -> Option<String> {
    let mut part = None;
    for reading in readings(text) {
        for found in links(&reading) {
            if link::is_complete(&found) {
                return Some(found);
            }
            if part.is_none() && link::is_confirmation(&found) {
                part = Some(found);
            }
        }
    }
    part
}

/// The first link of a text, whatever it links to.
pub(super) fn any(text: &str) -> Option<String> {
    readings(text).iter().find_map(|reading| links(reading).into_iter().next())
}

/// All that a text may mean.
fn readings(text: &str) -> Vec<String> {
    // Some programs put marks that are not seen where a link may be broken.
    let text: String = text.chars().filter(|c| c.is_control() || !is_hidden(*c)).collect();
    let printable = quoted_printable(&text);
    let mut all = vec![unescaped(&text), unescaped(&printable)];
    all.extend(base64_parts(&text).map(|part| unescaped(&part)));
    all.insert(0, text);
    all
}

/// Every link of a text, and what it redirects to before it.
fn links(text: &str) -> Vec<String> {
    let lower = text.to_ascii_lowercase();
    let starts = lower.match_indices("http").map(|(start, _)| start);
    let starts = starts.filter(|start| {
        let rest = lower.get(start + 4..).unwrap_or_default();
        [":", "s:", "%3a", "s%3a"].into_iter().any(|next| rest.starts_with(next))
    });
    let mut all = Vec::new();
    for start in starts {
        let raw = in_one_piece(text.get(start..).unwrap_or_default());
        all.extend(redirect::target(&raw));
        // Copied out of another link.
        let is_encoded = !raw.contains("://");
        all.push(if is_encoded { percent_decode_str(&raw).decode_utf8_lossy().into_owned() } else { raw });
    }
    all
}

/// The link at the beginning of a text.
fn in_one_piece(text: &str) -> String {
    let mut lines = text.lines().take(MOST_LINES);
    let first = lines.next().unwrap_or_default();
    let end = end(first);
    let mut found = first.get(..end).unwrap_or_default().to_owned();
    // A link goes on in the next line only where this one ends with it.
    let mut is_open = first.get(end..).unwrap_or_default().trim().is_empty();
    for next in lines {
        // A reply puts marks before its lines.
        let next = next.trim_start_matches(['>', '|', ' ', '\t']).trim_end();
        let end = self::end(next);
        let piece = next.get(..end).unwrap_or_default();
        if !is_open || piece.is_empty() || piece.contains("://") || !(is_rest(next) || is_needed(&found, piece, next)) {
            break;
        }
        is_open = end == next.len();
        found.push_str(piece);
    }
    found.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '}', '*', '_', '|']).to_owned()
}

/// Where a link ends in a line.
fn end(line: &str) -> usize {
    let is_end = |c: char| !c.is_ascii_graphic() || matches!(c, '<' | '>' | '"' | '\'' | '`');
    line.find(is_end).unwrap_or(line.len())
}

/// Whether a line goes on with a token or its neighbours: hexadecimal digits, or a parameter.
fn is_rest(line: &str) -> bool {
    let hex = line.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(line.len());
    let rest = line.get(hex..).unwrap_or_default();
    rest.is_empty()
        // Encoded, in the link of a redirector.
        || rest.starts_with(['&', '%', '-'])
        || (hex > 0 && rest.starts_with(['>', '"']))
        || ["TopicArn=", "Token=", "Endpoint="].into_iter().any(|name| line.starts_with(name))
}

/// Whether a link lacks its token so far, and the next line is nothing but a piece of a link.
fn is_needed(found: &str, piece: &str, line: &str) -> bool {
    let rest = line.get(piece.len()..).unwrap_or_default();
    let is_alone = rest.is_empty() || rest.starts_with(['>', '"', '\'', '<']);
    is_alone && !(link::is_complete(found) || redirect::target(found).is_some_and(|to| link::is_complete(&to)))
}

/// Without the soft line breaks and escapes of quoted-printable.
fn quoted_printable(text: &str) -> String {
    let joined = text.replace("=\r\n", "").replace("=\n", "");
    let mut out = Vec::with_capacity(joined.len());
    let mut rest = joined.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escape = after.get(..2).filter(|_| *first == b'=');
        let byte = escape
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .filter(|hex| hex.chars().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase()))
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        out.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Without the escapes of HTML and JSON. Some programs escape what is escaped already.
fn unescaped(text: &str) -> String {
    const ESCAPES: [(&str, &str); 18] = [
        ("&amp;", "&"),
        ("&AMP;", "&"),
        ("&#38;", "&"),
        ("&#x26;", "&"),
        ("&#X26;", "&"),
        ("&equals;", "="),
        ("&#61;", "="),
        ("&#x3d;", "="),
        ("&#x3D;", "="),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&colon;", ":"),
        ("&#58;", ":"),
        ("&#x3a;", ":"),
        ("\\u0026", "&"),
        ("\\u003d", "="),
        ("\\/", "/"),
    ];
    let mut text = text.to_owned();
    for _ in 0..3 {
        let next = ESCAPES.into_iter().fold(text.clone(), |text, (escape, plain)| text.replace(escape, plain));
        // Line breaks inside a tag are none of the link.
        let next = next.replace("<wbr>", "").replace("<wbr/>", "");
        if next == text {
            break;
        }
        text = next;
    }
    text
}

/// What runs of base64 hold, as the bodies of some emails are written.
fn base64_parts(text: &str) -> impl Iterator<Item = String> {
    let is_base64 = |line: &str| {
        line.len() >= 20 && line.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '='))
    };
    let mut parts = vec![String::new()];
    for line in text.lines().map(str::trim) {
        let is_last = line.len() < 76;
        let goes_on = parts.last().is_some_and(|part| !part.is_empty() && !part.ends_with('='));
        match parts.last_mut() {
            Some(part) if is_base64(line) || goes_on && !line.is_empty() && is_last && line.ends_with('=') => {
                part.push_str(line);
            }
            _ => parts.push(String::new()),
        }
    }
    let decode = |part: String| String::from_utf8(STANDARD.decode(part).ok()?).ok();
    parts.into_iter().filter(|part| part.len() >= 20).filter_map(decode)
}
