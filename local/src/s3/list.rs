//! Lists objects by ranges of the key order: the cost of a page does not depend on the size of the bucket.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as TOKEN;
use s3s::dto::{
    CommonPrefix, ETag, EncodingType, ListObjectsInput, ListObjectsOutput, ListObjectsV2Input, ListObjectsV2Output,
    ObjectStorageClass,
};
use s3s::{S3ErrorCode, S3Request};

use super::buckets::owner;
use super::problem::Problem;
use super::service::Call;
use super::store::Object;

const MOST: usize = 1000;

/// The parameters of one page.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query {
    pub(crate) prefix: String,
    /// Empty for none.
    pub(crate) delimiter: String,
    /// Keys and common prefixes come after this one.
    pub(crate) after: String,
    pub(crate) most: usize,
}

#[derive(Debug)]
pub(crate) struct Page<T> {
    pub(crate) entries: Vec<(String, T)>,
    pub(crate) common_prefixes: Vec<String>,
    /// The last entry, where there are more after it.
    pub(crate) next: Option<String>,
}

/// Takes a page out of a map that is in key order.
pub(crate) fn page<T: Clone>(map: &BTreeMap<String, T>, query: &Query) -> Page<T> {
    let mut page = Page { entries: Vec::new(), common_prefixes: Vec::new(), next: None };
    let mut last = String::new();
    let mut from = if query.after.as_str() >= query.prefix.as_str() && !query.after.is_empty() {
        Bound::Excluded(query.after.clone())
    } else {
        Bound::Included(query.prefix.clone())
    };
    if query.most == 0 {
        return page;
    }
    loop {
        let next = map.range((from.clone(), Bound::Unbounded)).next();
        let Some((key, entry)) = next.filter(|(key, _)| key.starts_with(&query.prefix)) else { break };
        let common = common_prefix(key, query);
        // A common prefix that the last page ended with, or passed, is not shown again.
        let shown = common.is_none_or(|common| common > query.after.as_str() && common != last);
        if shown && page.entries.len() + page.common_prefixes.len() == query.most {
            page.next = Some(last);
            break;
        }
        if let Some(common) = common {
            // No key with this common prefix sorts after this bound, except for keys that continue
            // with that last character itself: they give the same prefix again, and are skipped one by one.
            from = if common == last {
                Bound::Excluded(key.clone())
            } else {
                Bound::Included(format!("{common}{}", char::MAX))
            };
            if shown {
                page.common_prefixes.push(common.to_owned());
            }
            common.clone_into(&mut last);
        } else {
            page.entries.push((key.clone(), entry.clone()));
            from = Bound::Excluded(key.clone());
            key.clone_into(&mut last);
        }
    }
    page
}

pub(crate) fn common_prefix<'a>(key: &'a str, query: &Query) -> Option<&'a str> {
    if query.delimiter.is_empty() {
        return None;
    }
    let rest = key.get(query.prefix.len()..)?;
    let end = query.prefix.len() + rest.find(&query.delimiter)? + query.delimiter.len();
    key.get(..end)
}

/// Whether names are percent-encoded, because XML cannot contain every character.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names {
    encoded: bool,
}

impl Names {
    pub(crate) fn new(encoding: Option<&EncodingType>) -> Result<Self, Problem> {
        match encoding.map(EncodingType::as_str) {
            None => Ok(Self { encoded: false }),
            Some(EncodingType::URL) => Ok(Self { encoded: true }),
            Some(other) => {
                Err(Problem::invalid_argument("Invalid Encoding Method specified in Request", "encoding-type", other))
            }
        }
    }

    pub(crate) fn write(self, name: &str) -> String {
        if self.encoded { encode(name) } else { name.to_owned() }
    }
}

/// A key in events and encoded listings: form-encoded except for the slash.
pub(crate) fn encode(key: &str) -> String {
    let parts = key.split('/').map(|part| form_urlencoded::byte_serialize(part.as_bytes()).collect::<String>());
    parts.collect::<Vec<_>>().join("/")
}

/// The page size.
pub(crate) fn most(asked: Option<i32>, name: &str) -> Result<usize, Problem> {
    let Some(asked) = asked else { return Ok(MOST) };
    let invalid =
        |_| Problem::invalid_argument("Argument must be an integer between 0 and 2147483647", name, &asked.to_string());
    usize::try_from(asked).map(|asked| asked.min(MOST)).map_err(invalid)
}

fn describe(key: &str, object: &Object, names: Names, with_owner: bool) -> s3s::dto::Object {
    let class = object.headers.storage_class.as_ref().map_or(ObjectStorageClass::STANDARD, |class| class.as_str());
    s3s::dto::Object {
        checksum_algorithm: Some(vec![object.checksum.algorithm.name().to_owned().into()]),
        checksum_type: Some(object.checksum.kind()),
        e_tag: Some(ETag::Strong(object.etag.clone())),
        key: Some(names.write(key)),
        last_modified: Some(object.modified.into()),
        owner: with_owner.then(owner),
        size: i64::try_from(object.size).ok(),
        storage_class: Some(class.to_owned().into()),
        ..Default::default()
    }
}

fn common(page: &Page<Arc<Object>>, names: Names) -> Vec<CommonPrefix> {
    page.common_prefixes.iter().map(|prefix| CommonPrefix { prefix: Some(names.write(prefix)) }).collect()
}

pub(crate) fn version_2(call: &Call, request: S3Request<ListObjectsV2Input>) -> Result<ListObjectsV2Output, Problem> {
    let input = request.input;
    let names = Names::new(input.encoding_type.as_ref())?;
    let invalid = || {
        let message = "The continuation token provided is incorrect";
        Problem::new(S3ErrorCode::InvalidArgument, message).detail("ArgumentName", "continuation-token")
    };
    let after = match &input.continuation_token {
        Some(token) => {
            let raw = TOKEN.decode(token).ok().filter(|raw| !raw.is_empty()).ok_or_else(invalid)?;
            String::from_utf8(raw).map_err(|_| invalid())?
        }
        None => input.start_after.clone().unwrap_or_default(),
    };
    let most = most(input.max_keys, "max-keys")?;
    let query = Query {
        prefix: input.prefix.unwrap_or_default(),
        delimiter: input.delimiter.clone().unwrap_or_default(),
        after,
        most,
    };
    let page = call.store().with(&input.bucket, |bucket| Ok(page(&bucket.objects, &query)))?;
    let with_owner = input.fetch_owner == Some(true);
    let contents: Vec<_> = page.entries.iter().map(|(key, object)| describe(key, object, names, with_owner)).collect();
    let common_prefixes = common(&page, names);
    Ok(ListObjectsV2Output {
        name: Some(input.bucket),
        prefix: Some(names.write(&query.prefix)),
        max_keys: i32::try_from(most).ok(),
        key_count: i32::try_from(contents.len() + common_prefixes.len()).ok(),
        // A token says where to start, so that the other parameter is ignored.
        start_after: input.start_after.filter(|_| input.continuation_token.is_none()).map(|start| names.write(&start)),
        continuation_token: input.continuation_token,
        is_truncated: Some(page.next.is_some()),
        next_continuation_token: page.next.map(|next| TOKEN.encode(next)),
        contents: Some(contents),
        common_prefixes: Some(common_prefixes),
        delimiter: input.delimiter.map(|delimiter| names.write(&delimiter)),
        encoding_type: input.encoding_type,
        ..Default::default()
    })
}

pub(crate) fn version_1(call: &Call, request: S3Request<ListObjectsInput>) -> Result<ListObjectsOutput, Problem> {
    let input = request.input;
    let names = Names::new(input.encoding_type.as_ref())?;
    let most = most(input.max_keys, "max-keys")?;
    let query = Query {
        prefix: input.prefix.unwrap_or_default(),
        delimiter: input.delimiter.clone().unwrap_or_default(),
        after: input.marker.unwrap_or_default(),
        most,
    };
    let page = call.store().with(&input.bucket, |bucket| Ok(page(&bucket.objects, &query)))?;
    Ok(ListObjectsOutput {
        name: Some(input.bucket),
        prefix: Some(names.write(&query.prefix)),
        marker: Some(names.write(&query.after)),
        max_keys: i32::try_from(most).ok(),
        is_truncated: Some(page.next.is_some()),
        contents: Some(page.entries.iter().map(|(key, object)| describe(key, object, names, true)).collect()),
        common_prefixes: Some(common(&page, names)),
        // Without a delimiter, a client continues from the last key of the page.
        next_marker: page.next.filter(|_| !query.delimiter.is_empty()).map(|next| names.write(&next)),
        delimiter: input.delimiter.map(|delimiter| names.write(&delimiter)),
        encoding_type: input.encoding_type,
        ..Default::default()
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// A listing by its definition.
    fn by_definition(map: &BTreeMap<String, u8>, query: &Query) -> Vec<String> {
        let mut found = BTreeSet::new();
        for key in map.keys().filter(|key| key.starts_with(&query.prefix)) {
            found.insert(common_prefix(key, query).unwrap_or(key).to_owned());
        }
        found.into_iter().filter(|name| *name > query.after).collect()
    }

    fn all_pages(map: &BTreeMap<String, u8>, mut query: Query) -> Vec<String> {
        let mut found = Vec::new();
        loop {
            let page = page(map, &query);
            let mut names: Vec<String> = page.entries.into_iter().map(|(key, _)| key).collect();
            names.extend(page.common_prefixes);
            assert!(names.len() <= query.most);
            names.sort();
            found.extend(names);
            let Some(next) = page.next else { return found };
            assert!(next > query.after, "a page must move on");
            query.after = next;
        }
    }

    proptest! {
        #[test]
        fn pages_of_any_size_join_to_the_whole_listing(
            keys in proptest::collection::btree_set("[ab/\u{10ffff}é]{1,6}", 0..40),
            prefix in "[ab/]{0,2}",
            delimiter in prop_oneof![Just(""), Just("/"), Just("ab")],
            after in "[ab/\u{10ffff}]{0,4}",
            most in 1_usize..6,
        ) {
            let map: BTreeMap<String, u8> = keys.into_iter().map(|key| (key, 0)).collect();
            let query = Query { prefix, delimiter: delimiter.to_owned(), after, most };
            prop_assert_eq!(all_pages(&map, query.clone()), by_definition(&map, &query));
        }
    }

    #[test]
    fn a_page_of_common_prefixes_does_not_walk_their_keys() {
        // Walking would read each of the keys once for each page: ten thousand million steps.
        let keys = (0..100).flat_map(|folder| (0..1000).map(move |file| format!("{folder:03}/{file:04}")));
        let map: BTreeMap<String, u8> = keys.map(|key| (key, 0)).collect();
        let query = Query { delimiter: "/".to_owned(), most: 1, ..Query::default() };
        assert_eq!(all_pages(&map, query).len(), 100);
        let query = Query { most: 1000, ..Query::default() };
        assert_eq!(all_pages(&map, query).len(), 100_000);
    }

    #[test]
    fn no_entries_are_asked_for_and_none_are_promised() {
        let map = BTreeMap::from([("a".to_owned(), 0)]);
        let page = page(&map, &Query::default());
        assert!(page.entries.is_empty() && page.next.is_none());
    }
}
