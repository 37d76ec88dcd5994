//! One answer of `ListObjectsV2`: which keys it has, and its XML.

use std::fmt::Write as _;
use std::ops::Bound;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::keys::{Keys, mixed};

/// S3's own limit.
const MOST: usize = 1_000;

/// Letters that stand for themselves in keys that travel encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'*').remove(b'/');

/// What is asked for.
#[derive(Debug, Default)]
pub(crate) struct Query {
    pub(crate) prefix: String,
    pub(crate) delimiter: String,
    pub(crate) start_after: String,
    pub(crate) token: Option<String>,
    pub(crate) most: Option<usize>,
    pub(crate) encoded: bool,
}

#[derive(Debug, Default)]
struct Page {
    keys: Vec<String>,
    common_prefixes: Vec<String>,
    /// The last entry, where more follow.
    next: Option<String>,
}

fn page(keys: &Keys, query: &Query) -> Page {
    let most = query.most.unwrap_or(MOST).min(MOST);
    let after = query.token.as_deref().unwrap_or(&query.start_after);
    let mut page = Page::default();
    let mut from = if after >= query.prefix.as_str() && !after.is_empty() {
        Bound::Excluded(after.to_owned())
    } else {
        Bound::Included(query.prefix.clone())
    };
    let mut last = after.to_owned();
    if most == 0 {
        return page;
    }
    loop {
        let room = most - page.keys.len() - page.common_prefixes.len();
        // With a delimiter most keys are passed over: one at a time is enough.
        let wanted = if query.delimiter.is_empty() { room + 1 } else { 1 };
        let found = keys.from(from.as_ref().map(String::as_str), wanted);
        let mut found = found.into_iter().take_while(|key| key.starts_with(&query.prefix)).peekable();
        if found.peek().is_none() {
            break;
        }
        if query.delimiter.is_empty() {
            page.keys.extend(found.by_ref().take(room));
            page.next = found.next().and_then(|_| page.keys.last().cloned());
            break;
        }
        let Some(key) = found.next() else { break };
        let common = common_prefix(&key, query);
        if common.as_ref().is_some_and(|common| after.starts_with(common.as_str())) {
            // It was in an earlier page.
            from = Bound::Excluded(key);
            continue;
        }
        if room == 0 {
            page.next = Some(last);
            break;
        }
        match common {
            Some(common) => {
                last = format!("{common}{}", char::MAX);
                page.common_prefixes.push(common);
            }
            None => {
                last.clone_from(&key);
                page.keys.push(key);
            }
        }
        from = Bound::Excluded(last.clone());
    }
    page
}

fn common_prefix(key: &str, query: &Query) -> Option<String> {
    let rest = key.get(query.prefix.len()..)?;
    let end = query.prefix.len() + rest.find(&query.delimiter)? + query.delimiter.len();
    key.get(..end).map(str::to_owned)
}

/// The answer as XML.
pub(crate) fn answer(keys: &Keys, query: &Query) -> String {
    let page = page(keys, query);
    let name = |key: &str| {
        if query.encoded { utf8_percent_encode(key, ENCODED).to_string() } else { escaped(key) }
    };
    let mut out = String::with_capacity(512 + page.keys.len() * 256);
    out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    // Writing to a String cannot fail.
    let count = page.keys.len() + page.common_prefixes.len();
    let _ = write!(
        out,
        "<Name>bench</Name><KeyCount>{count}</KeyCount><MaxKeys>{MOST}</MaxKeys><IsTruncated>{}</IsTruncated>",
        page.next.is_some()
    );
    if query.encoded {
        out.push_str("<EncodingType>url</EncodingType>");
    }
    if let Some(next) = &page.next {
        let _ = write!(out, "<NextContinuationToken>{}</NextContinuationToken>", token(next));
    }
    for key in &page.keys {
        let about = key.bytes().fold(7, |hash: u64, byte| mixed(hash ^ u64::from(byte)));
        let (size, second) = (about % 10_000_000, about >> 8);
        let _ = write!(
            out,
            "<Contents><Key>{}</Key><LastModified>2026-{:02}-{:02}T{:02}:{:02}:{:02}.000Z</LastModified><ETag>&quot;{about:016x}{:016x}&quot;</ETag><Size>{size}</Size><StorageClass>STANDARD</StorageClass></Contents>",
            name(key),
            second % 12 + 1,
            second / 12 % 28 + 1,
            second / 400 % 24,
            second / 9_600 % 60,
            second / 576_000 % 60,
            mixed(about),
        );
    }
    for prefix in &page.common_prefixes {
        let _ = write!(out, "<CommonPrefixes><Prefix>{}</Prefix></CommonPrefixes>", name(prefix));
    }
    out.push_str("</ListBucketResult>");
    out
}

/// A continuation token: a key in a form that no client mistakes for one.
fn token(key: &str) -> String {
    key.bytes().fold(String::from("1"), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// The key of a continuation token.
pub(crate) fn key_of(token: &str) -> Option<String> {
    let digits = token.strip_prefix('1')?;
    let bytes: Option<Vec<u8>> =
        (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()).collect();
    String::from_utf8(bytes?).ok()
}

fn escaped(key: &str) -> String {
    key.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::{Arc, RwLock};

    use super::*;

    fn keys(keys: &[&str]) -> Keys {
        let keys: BTreeSet<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        Keys::Set(Arc::new(RwLock::new(keys)))
    }

    #[test]
    fn pages_follow_on_each_other() {
        let keys = keys(&["a", "b", "c", "dé/1", "dé/2"]);
        let mut query = Query { most: Some(2), ..Query::default() };
        let mut all = Vec::new();
        loop {
            let page = page(&keys, &query);
            all.extend(page.keys);
            let Some(next) = page.next else { break };
            query.token = key_of(&token(&next));
        }
        assert_eq!(all, ["a", "b", "c", "dé/1", "dé/2"]);
        let after = Query { start_after: "b".to_owned(), prefix: "d".to_owned(), ..Query::default() };
        assert_eq!(page(&keys, &after).keys, ["dé/1", "dé/2"]);
    }

    #[test]
    fn a_common_prefix_is_named_once() {
        let keys = keys(&["a/1", "a/2", "b", "c/1", "c/2", "d"]);
        let mut query = Query { most: Some(2), delimiter: "/".to_owned(), ..Query::default() };
        let mut all = Vec::new();
        loop {
            let page = page(&keys, &query);
            all.extend(page.common_prefixes.into_iter().chain(page.keys));
            let Some(next) = page.next else { break };
            query.token = Some(next);
        }
        assert_eq!(all, ["a/", "b", "c/", "d"]);
    }
}
