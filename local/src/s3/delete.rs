//! `DeleteObject` and `DeleteObjects`.

use http::HeaderMap;
use s3s::dto::{
    DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, DeletedObject, ETagCondition,
    Error, ObjectIdentifier,
};
use s3s::{S3ErrorCode, S3Request};

use super::event::{self, Change};
use super::problem::Problem;
use super::service::Call;
use super::store::{Bucket, WriteCondition};
use super::versions::Removed;

/// Most keys in one `DeleteObjects`.
const MOST: usize = 1000;
const DIRECTORY_ONLY: [&str; 2] = ["x-amz-if-match-last-modified-time", "x-amz-if-match-size"];
const BYPASS: &str = "x-amz-bypass-governance-retention";

pub(crate) fn object(call: &Call, request: S3Request<DeleteObjectInput>) -> Result<DeleteObjectOutput, Problem> {
    let DeleteObjectInput { bucket, key, if_match, version_id, .. } = request.input;
    // Only directory buckets have these conditions, and only buckets with Object Lock what can be bypassed.
    if let Some(name) = DIRECTORY_ONLY.into_iter().find(|name| request.headers.contains_key(*name)) {
        return Err(Problem::of(S3ErrorCode::NotImplemented).detail("Header", name));
    }
    refuse_bypass(&request.headers)?;
    let removed = call.store().with(&bucket, |bucket| remove(bucket, &key, if_match, version_id.as_deref()))?;
    announce(call, &bucket, &key, &removed);
    let delete_marker = removed.is_marker.then_some(true);
    Ok(DeleteObjectOutput { delete_marker, version_id: removed.version, ..Default::default() })
}

fn refuse_bypass(headers: &HeaderMap) -> Result<(), Problem> {
    if !headers.contains_key(BYPASS) {
        return Ok(());
    }
    let message = format!("{BYPASS} is only applicable to Object Lock enabled buckets.");
    Err(Problem::new(S3ErrorCode::InvalidArgument, message).detail("ArgumentName", BYPASS))
}

/// Removes the object, or the one version that is named.
fn remove(
    bucket: &mut Bucket,
    key: &str,
    if_match: Option<ETagCondition>,
    version: Option<&str>,
) -> Result<Removed, Problem> {
    let condition = WriteCondition { if_match, if_none_match: None };
    condition.check(key, bucket.objects.get(key).map(AsRef::as_ref))?;
    match version {
        None => Ok(bucket.remove(key)),
        Some(name) => bucket.remove_version(key, name),
    }
}

pub(crate) fn objects(call: &Call, request: S3Request<DeleteObjectsInput>) -> Result<DeleteObjectsOutput, Problem> {
    let DeleteObjectsInput { bucket, delete, .. } = request.input;
    refuse_bypass(&request.headers)?;
    if delete.objects.is_empty() || delete.objects.len() > MOST {
        return Err(Problem::of(S3ErrorCode::MalformedXML));
    }
    let (mut deleted, mut errors) = (Vec::new(), Vec::new());
    for ObjectIdentifier { key, e_tag, version_id, last_modified_time, size } in delete.objects {
        let if_match = e_tag.map(ETagCondition::ETag);
        // As in `DeleteObject`.
        let is_of_directory = last_modified_time.is_some() || size.is_some();
        let result = call.store().with(&bucket, |bucket| {
            if is_of_directory {
                return Ok(Err(Problem::of(S3ErrorCode::NotImplemented)));
            }
            Ok(remove(bucket, &key, if_match, version_id.as_deref()))
        })?;
        match result {
            Ok(removed) => {
                announce(call, &bucket, &key, &removed);
                deleted.push(DeletedObject {
                    delete_marker: removed.is_marker.then_some(true),
                    delete_marker_version_id: removed.version.filter(|_| removed.is_marker),
                    key: Some(key),
                    version_id,
                });
            }
            Err(problem) => errors.push(Error {
                code: Some(problem.code().as_str().to_owned()),
                key: Some(key),
                message: Some(problem.message().to_owned()),
                version_id,
            }),
        }
    }
    let quiet = delete.quiet == Some(true);
    Ok(DeleteObjectsOutput { deleted: (!quiet).then_some(deleted), errors: Some(errors), ..Default::default() })
}

/// Sends the event of a deletion; deleting a missing object has none.
fn announce(call: &Call, bucket: &str, key: &str, removed: &Removed) {
    if let Some((name, sequencer)) = removed.event {
        event::send(call, bucket, &Change::removed(&call.s3.env, name, key, removed.version.as_deref(), sequencer));
    }
}
