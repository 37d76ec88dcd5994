//! `ListParts` and `ListMultipartUploads`.

use s3s::S3Request;
use s3s::dto::{
    ETag, Initiator, ListMultipartUploadsInput, ListMultipartUploadsOutput, ListPartsInput, ListPartsOutput,
    MultipartUpload, Part, StorageClass,
};

use super::buckets::owner;
use super::digest::with_checksum;
use super::list::{Names, most};
use super::multipart::{Upload, UploadedPart, upload};
use super::problem::Problem;
use super::service::Call;
use crate::common::env::ACCOUNT;
use crate::common::wire::hex;

fn initiator() -> Initiator {
    Initiator { id: Some(ACCOUNT.to_owned()), display_name: None }
}

fn storage_class(upload: &Upload) -> StorageClass {
    upload.headers.storage_class.clone().unwrap_or_else(|| StorageClass::from_static(StorageClass::STANDARD))
}

pub(crate) fn parts(call: &Call, request: S3Request<ListPartsInput>) -> Result<ListPartsOutput, Problem> {
    let ListPartsInput { bucket, key, max_parts, part_number_marker, upload_id, .. } = request.input;
    let most = most(max_parts, "max-parts")?;
    let marker = part_number_marker.unwrap_or(0);
    call.store().with(&bucket.clone(), |found| {
        let upload = upload(found, &key, &upload_id)?;
        let mut after = upload.parts.range(marker.saturating_add(1)..);
        let page: Vec<_> = after
            .by_ref()
            .take(most)
            .map(|(number, part)| describe(*number, part, upload.algorithm.is_some()))
            .collect();
        let next = page.last().and_then(|part| part.part_number).unwrap_or(0);
        Ok(ListPartsOutput {
            bucket: Some(bucket),
            checksum_algorithm: upload.algorithm_name(),
            checksum_type: upload.kind(),
            initiator: Some(initiator()),
            is_truncated: Some(most > 0 && after.next().is_some()),
            key: Some(key.clone()),
            max_parts: i32::try_from(most).ok(),
            next_part_number_marker: Some(next),
            owner: Some(owner()),
            part_number_marker: Some(marker),
            parts: Some(page),
            storage_class: Some(storage_class(upload)),
            upload_id: Some(upload_id.clone()),
            ..Default::default()
        })
    })
}

/// The checksum is shown where the upload named an algorithm.
fn describe(number: i32, part: &UploadedPart, has_algorithm: bool) -> Part {
    let bare = Part {
        e_tag: Some(ETag::Strong(hex(part.md5))),
        last_modified: Some(part.modified.into()),
        part_number: Some(number),
        size: i64::try_from(part.size).ok(),
        ..Default::default()
    };
    if has_algorithm { with_checksum!(part.checksum, Part { ..bare }) } else { bare }
}

/// Uploads in progress, in key order.
pub(crate) fn uploads(
    call: &Call,
    request: S3Request<ListMultipartUploadsInput>,
) -> Result<ListMultipartUploadsOutput, Problem> {
    let input = request.input;
    if input.delimiter.as_ref().is_some_and(|delimiter| !delimiter.is_empty()) {
        let message = "A delimiter for multipart uploads is not implemented";
        return Err(Problem::new(s3s::S3ErrorCode::NotImplemented, message));
    }
    let names = Names::new(input.encoding_type.as_ref())?;
    let most = most(input.max_uploads, "max-uploads")?;
    let prefix = input.prefix.unwrap_or_default();
    let key_marker = input.key_marker.unwrap_or_default();
    let id_marker = input.upload_id_marker.unwrap_or_default();
    // Without an upload id, all uploads of the marker's key are skipped.
    let is_after = |key: &str, id: &str| {
        key > key_marker.as_str() || (key == key_marker && !id_marker.is_empty() && id > id_marker.as_str())
    };
    let (page, more) = call.store().with(&input.bucket, |bucket| {
        // The marker of another key's upload.
        if !key_marker.is_empty() && bucket.uploads.keys().any(|(key, id)| *id == id_marker && *key != key_marker) {
            let message = "Invalid uploadId marker";
            return Err(Problem::invalid_argument(message, "upload-id-marker", &id_marker));
        }
        let mut found = bucket.uploads.iter().filter(|((key, id), _)| key.starts_with(&prefix) && is_after(key, id));
        let page: Vec<_> = found
            .by_ref()
            .take(most)
            .map(|((key, id), upload)| MultipartUpload {
                checksum_algorithm: upload.algorithm_name(),
                checksum_type: upload.kind(),
                initiated: Some(upload.initiated.into()),
                initiator: Some(initiator()),
                key: Some(names.write(key)),
                owner: Some(owner()),
                storage_class: Some(storage_class(upload)),
                upload_id: Some(id.clone()),
            })
            .collect();
        let more = most > 0 && found.next().is_some();
        Ok((page, more))
    })?;
    let last = page.last();
    Ok(ListMultipartUploadsOutput {
        bucket: Some(input.bucket),
        encoding_type: input.encoding_type,
        is_truncated: Some(more),
        key_marker: Some(names.write(&key_marker)),
        max_uploads: i32::try_from(most).ok(),
        next_key_marker: Some(last.and_then(|one| one.key.clone()).unwrap_or_default()),
        next_upload_id_marker: Some(last.and_then(|one| one.upload_id.clone()).unwrap_or_default()),
        prefix: (!prefix.is_empty()).then(|| names.write(&prefix)),
        upload_id_marker: Some(id_marker.clone()),
        uploads: Some(page),
        ..Default::default()
    })
}
