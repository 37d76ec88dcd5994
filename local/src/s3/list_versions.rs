//! `ListObjectVersions`: every version and delete marker, by key, the newest first.

use std::ops::Bound;

use s3s::S3Request;
use s3s::dto::{
    CommonPrefix, DeleteMarkerEntry, ETag, ListObjectVersionsInput, ListObjectVersionsOutput, ObjectVersion,
    ObjectVersionStorageClass,
};

use super::buckets::owner;
use super::list::{Names, Query, common_prefix, most};
use super::problem::Problem;
use super::service::Call;
use super::store::Bucket;
use super::versions::Version;

#[derive(Default)]
struct Page {
    /// Key, version, and whether it is the newest of its key.
    entries: Vec<(String, Version, bool)>,
    common_prefixes: Vec<String>,
    /// The last key or common prefix, and the version, where there are more after it.
    next: Option<(String, Option<String>)>,
}

/// Takes a page; with `marker`, it begins within the key `query.after`, after this version.
fn page(bucket: &Bucket, query: &Query, marker: Option<&str>) -> Page {
    let mut page = Page::default();
    if query.most == 0 {
        return page;
    }
    let mut last = (String::new(), None);
    let is_full = |page: &Page| page.entries.len() + page.common_prefixes.len() == query.most;
    let mut from = if query.after.is_empty() || query.after < query.prefix {
        Bound::Included(query.prefix.clone())
    } else if marker.is_some() {
        Bound::Included(query.after.clone())
    } else {
        Bound::Excluded(query.after.clone())
    };
    while let Some(key) = bucket.next_key(&from).filter(|key| key.starts_with(&query.prefix)) {
        from = Bound::Excluded(key.clone());
        if let Some(common) = common_prefix(key, query) {
            if common <= query.after.as_str() || page.common_prefixes.last().is_some_and(|known| known == common) {
                continue;
            }
            if is_full(&page) {
                page.next = Some(last);
                return page;
            }
            page.common_prefixes.push(common.to_owned());
            last = (common.to_owned(), None);
            continue;
        }
        let begun = marker.filter(|_| *key == query.after);
        let passed = begun.map_or(0, |marker| {
            // The marker's version may have been deleted: then the key is listed from its first version, so that none is
            // left out.
            bucket.versions(key).position(|version| version.name() == marker).map_or(0, |index| index + 1)
        });
        for (index, version) in bucket.versions(key).enumerate().skip(passed) {
            if is_full(&page) {
                page.next = Some(last);
                return page;
            }
            last = (key.clone(), Some(version.name().to_owned()));
            page.entries.push((key.clone(), version, index == 0));
        }
    }
    page
}

pub(crate) fn versions(
    call: &Call,
    request: S3Request<ListObjectVersionsInput>,
) -> Result<ListObjectVersionsOutput, Problem> {
    let input = request.input;
    let names = Names::new(input.encoding_type.as_ref())?;
    if let (Some(marker), None) = (&input.version_id_marker, &input.key_marker) {
        let message = "A version-id marker cannot be specified without a key marker.";
        return Err(Problem::invalid_argument(message, "version-id-marker", marker));
    }
    let most = most(input.max_keys, "max-keys")?;
    let query = Query {
        prefix: input.prefix.unwrap_or_default(),
        delimiter: input.delimiter.clone().unwrap_or_default(),
        after: input.key_marker.clone().unwrap_or_default(),
        most,
    };
    let page =
        call.store().with(&input.bucket, |bucket| Ok(page(bucket, &query, input.version_id_marker.as_deref())))?;
    let (mut versions, mut delete_markers) = (Vec::new(), Vec::new());
    for (key, version, is_latest) in page.entries {
        let (key, id) = (Some(names.write(&key)), Some(version.name().to_owned()));
        match version {
            Version::Object(object) => {
                let class = object.headers.storage_class.as_ref();
                let class = class.map_or(ObjectVersionStorageClass::STANDARD, |class| class.as_str());
                versions.push(ObjectVersion {
                    checksum_algorithm: Some(vec![object.checksum.algorithm.name().to_owned().into()]),
                    checksum_type: Some(object.checksum.kind()),
                    e_tag: Some(ETag::Strong(object.etag.clone())),
                    is_latest: Some(is_latest),
                    key,
                    last_modified: Some(object.modified.into()),
                    owner: Some(owner()),
                    size: i64::try_from(object.size).ok(),
                    storage_class: Some(class.to_owned().into()),
                    version_id: id,
                    ..Default::default()
                });
            }
            Version::Marker(marker) => delete_markers.push(DeleteMarkerEntry {
                is_latest: Some(is_latest),
                key,
                last_modified: Some(marker.at.into()),
                owner: Some(owner()),
                version_id: id,
            }),
        }
    }
    let common = |prefix: &String| CommonPrefix { prefix: Some(names.write(prefix)) };
    let is_truncated = page.next.is_some();
    let (next_key, next_version) = page.next.unzip();
    Ok(ListObjectVersionsOutput {
        common_prefixes: Some(page.common_prefixes.iter().map(common).collect()),
        delete_markers: Some(delete_markers),
        delimiter: input.delimiter.map(|delimiter| names.write(&delimiter)),
        encoding_type: input.encoding_type,
        is_truncated: Some(is_truncated),
        key_marker: Some(names.write(&query.after)),
        max_keys: i32::try_from(most).ok(),
        name: Some(input.bucket),
        next_key_marker: next_key.map(|key| names.write(&key)),
        next_version_id_marker: next_version.flatten(),
        prefix: Some(names.write(&query.prefix)),
        version_id_marker: Some(input.version_id_marker.unwrap_or_default()),
        versions: Some(versions),
        ..Default::default()
    })
}
