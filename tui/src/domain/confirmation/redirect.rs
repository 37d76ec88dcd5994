//! Links that lead to another link: filters against fraud and mail programs put their own address before it. Pure.
//!
//! Nothing is requested: where the address of the target is not in the link, it stays unknown.

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use percent_encoding::percent_decode_str;

use super::link;

/// Redirectors within redirectors.
const MOST: usize = 5;

/// Base64 in a link: with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The confirmation link that a link leads to, if that is in it. The redirectors are not listed: what counts is that it is
/// a confirmation link, which is checked like any other.
pub(super) fn target(link: &str) -> Option<String> {
    let mut queue = vec![(link.to_owned(), 0)];
    let mut part = None;
    while let Some((link, depth)) = queue.pop() {
        if depth > 0 && link::is_complete(&link) {
            return Some(link);
        }
        if depth > 0 && part.is_none() && link::is_confirmation(&link) {
            part = Some(link.clone());
        }
        if depth < MOST {
            queue.extend(inside(&link).into_iter().map(|inner| (inner, depth + 1)));
        }
    }
    part
}

/// Every link that a link may hold, the likeliest last.
fn inside(link: &str) -> Vec<String> {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let mut all = Vec::new();
    // Cisco's, Amazon SES's and others: encoded, as a part of the path.
    let lower = link.to_ascii_lowercase();
    let starts = ["http%3a", "https%3a", "/https:/", "/http:/"];
    all.extend(starts.iter().filter_map(|start| lower.get(1..)?.find(start)).filter_map(|at| {
        let rest = link.get(at + 1..)?.trim_start_matches('/');
        Some(decoded(rest))
    }));
    // Proofpoint, version 3.
    all.extend(proofpoint(link));
    // Microsoft, Google, Barracuda, Proofpoint 1 and 2, FireEye, Trend Micro: as a parameter.
    let query = link.split_once('?').map_or("", |(_, query)| query);
    for value in query.split('&').filter_map(|pair| pair.split_once('=')).map(|(_, value)| value) {
        let plain = decoded(value);
        if plain.starts_with("https-3A__") || plain.starts_with("http-3A__") {
            all.push(decoded(&plain.replace('-', "%").replace('_', "/")));
        } else if plain.starts_with("http") {
            all.push(plain);
        } else if plain.starts_with("aHR0c") {
            // Sophos writes it in base64.
            all.extend(base64(&plain));
        }
    }
    all
}

fn base64(text: &str) -> Option<String> {
    String::from_utf8(BASE64.decode(text.replace('+', "-").replace('/', "_")).ok()?).ok()
}

/// `https://urldefense.com/v3/__LINK__;REPLACED!...`: characters that stood in the link are `*` and follow in base64; `**`
/// and a letter stand for several in a row.
fn proofpoint(link: &str) -> Option<String> {
    let (_, rest) = link.split_once("/v3/__")?;
    let (inner, rest) = rest.rsplit_once("__;")?;
    let replaced = base64(rest.split('!').next().unwrap_or_default()).unwrap_or_default();
    let mut replaced = replaced.chars();
    let mut out = String::new();
    let mut chars = inner.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '*' {
            out.push(c);
            continue;
        }
        let run = if chars.peek() == Some(&'*') {
            chars.next();
            chars.next().and_then(run_length)?
        } else {
            1
        };
        out.extend(replaced.by_ref().take(run));
    }
    // Some proxies take one of the slashes away.
    Some(match out.split_once(":/") {
        Some((scheme, rest)) if !rest.starts_with('/') => format!("{scheme}://{rest}"),
        _ => out,
    })
}

/// `A` is two, and so on through the alphabet of base64.
fn run_length(letter: char) -> Option<usize> {
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".find(letter).map(|index| index + 2)
}
