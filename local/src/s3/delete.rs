//! `DeleteObject` and `DeleteObjects`.

use s3s::dto::{
    DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, DeletedObject, ETagCondition,
    Error, ObjectIdentifier,
};
use s3s::{S3ErrorCode, S3Request};

use super::event::Change;
use super::get::unversioned;
use super::notify;
use super::problem::Problem;
use super::service::Call;
use super::store::WriteCondition;

/// Most keys in one `DeleteObjects`.
const MOST: usize = 1000;

pub(crate) fn object(call: &Call, request: S3Request<DeleteObjectInput>) -> Result<DeleteObjectOutput, Problem> {
    let DeleteObjectInput { bucket, key, if_match, version_id, .. } = request.input;
    unversioned(version_id.as_deref())?;
    let condition = WriteCondition { if_match, if_none_match: None };
    let removed = call.store().with(&bucket, |bucket| {
        condition.check(&key, bucket.objects.get(&key).map(AsRef::as_ref))?;
        Ok(bucket.remove(&key))
    })?;
    announce(call, &bucket, &key, removed);
    Ok(DeleteObjectOutput::default())
}

pub(crate) fn objects(call: &Call, request: S3Request<DeleteObjectsInput>) -> Result<DeleteObjectsOutput, Problem> {
    let DeleteObjectsInput { bucket, delete, .. } = request.input;
    if delete.objects.is_empty() || delete.objects.len() > MOST {
        let message = "The XML you provided was not well-formed or did not validate against our published schema";
        return Err(Problem::new(S3ErrorCode::MalformedXML, message));
    }
    let (mut deleted, mut errors) = (Vec::new(), Vec::new());
    for ObjectIdentifier { key, e_tag, version_id, .. } in delete.objects {
        let condition = WriteCondition { if_match: e_tag.map(ETagCondition::ETag), if_none_match: None };
        let result = call.store().with(&bucket, |bucket| {
            Ok(unversioned(version_id.as_deref())
                .and_then(|()| condition.check(&key, bucket.objects.get(&key).map(AsRef::as_ref)))
                .map(|()| bucket.remove(&key)))
        })?;
        match result {
            Ok(removed) => {
                announce(call, &bucket, &key, removed);
                deleted.push(DeletedObject { key: Some(key), ..Default::default() });
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

/// Deleting what is not there succeeds without an event.
fn announce(call: &Call, bucket: &str, key: &str, removed: Option<u64>) {
    if let Some(sequencer) = removed {
        notify::send(call, bucket, &Change::removed(key, sequencer));
    }
}
