//! Multipart uploads: create, upload parts, abort. `complete` completes them, `uploads` lists them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, ChecksumAlgorithm, ChecksumType, CreateMultipartUploadInput,
    CreateMultipartUploadOutput, ETag, ServerSideEncryption, StreamingBlob, UploadPartInput, UploadPartOutput,
};
use s3s::{S3ErrorCode, S3Request};

use super::digest::{Algorithm, Checksum, with_checksum};
use super::files::Blob;
use super::problem::Problem;
use super::service::Call;
use super::store::{Bucket, ObjectHeaders, object_headers};
use super::tags::{self, Tags};
use crate::common::wire::hex;

/// The uploads in progress of one bucket, by key and upload id.
pub(crate) type Uploads = BTreeMap<(String, String), Upload>;

#[derive(Debug)]
pub(crate) struct Upload {
    pub(crate) headers: ObjectHeaders,
    /// The checksum algorithm of every part; `None` where the client named none.
    pub(crate) algorithm: Option<Algorithm>,
    /// Whether the object's checksum is one of the parts' checksums.
    pub(crate) composite: bool,
    pub(crate) initiated: SystemTime,
    pub(crate) tags: Tags,
    /// Whether its key was written or deleted since it began.
    pub(crate) key_changed: bool,
    pub(crate) parts: BTreeMap<i32, UploadedPart>,
}

#[derive(Debug, Clone)]
pub(crate) struct UploadedPart {
    pub(crate) blob: Arc<Blob>,
    pub(crate) size: u64,
    pub(crate) md5: [u8; 16],
    pub(crate) checksum: Checksum,
    pub(crate) modified: SystemTime,
}

impl Upload {
    pub(crate) fn kind(&self) -> Option<ChecksumType> {
        let kind = if self.composite { ChecksumType::COMPOSITE } else { ChecksumType::FULL_OBJECT };
        self.algorithm.map(|_| ChecksumType::from_static(kind))
    }

    pub(crate) fn algorithm_name(&self) -> Option<ChecksumAlgorithm> {
        self.algorithm.map(|algorithm| ChecksumAlgorithm::from_static(algorithm.name()))
    }
}

pub(crate) fn no_such_upload(id: &str) -> Problem {
    let message = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been \
                   aborted or completed.";
    Problem::new(S3ErrorCode::NoSuchUpload, message).detail("UploadId", id)
}

/// Errors: there is no such upload.
pub(crate) fn upload<'a>(bucket: &'a mut Bucket, key: &str, id: &str) -> Result<&'a mut Upload, Problem> {
    bucket.uploads.get_mut(&(key.to_owned(), id.to_owned())).ok_or_else(|| no_such_upload(id))
}

pub(crate) fn create(
    call: &Call,
    request: S3Request<CreateMultipartUploadInput>,
) -> Result<CreateMultipartUploadOutput, Problem> {
    let input = request.input;
    let algorithm = input.checksum_algorithm.as_ref().map(|name| Algorithm::asked(name.as_str())).transpose()?;
    let composite = composite(algorithm, input.checksum_type.as_ref())?;
    let upload = Upload {
        tags: tags::of_header(input.tagging.as_deref())?,
        headers: object_headers!(input),
        algorithm,
        composite,
        initiated: call.now(),
        key_changed: false,
        parts: BTreeMap::new(),
    };
    let (checksum_algorithm, checksum_type) = (upload.algorithm_name(), upload.kind());
    let id = call.s3.env.hex_id();
    call.store().with(&input.bucket, |bucket| {
        bucket.uploads.insert((input.key.clone(), id.clone()), upload);
        Ok(())
    })?;
    Ok(CreateMultipartUploadOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(id),
        checksum_algorithm,
        checksum_type,
        server_side_encryption: Some(ServerSideEncryption::from_static(ServerSideEncryption::AES256)),
        ..Default::default()
    })
}

/// Whether the checksum is composite: as asked, or the algorithm's usual one.
fn composite(algorithm: Option<Algorithm>, asked: Option<&ChecksumType>) -> Result<bool, Problem> {
    let invalid = |message: String| Err(Problem::new(S3ErrorCode::InvalidRequest, message));
    match (algorithm, asked.map(ChecksumType::as_str)) {
        (None, None) => Ok(false),
        (None, Some(_)) => {
            invalid("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.".into())
        }
        (Some(algorithm), None) => Ok(algorithm != Algorithm::Crc64Nvme),
        (Some(algorithm), Some(ChecksumType::FULL_OBJECT)) if algorithm.can_be_full_object() => Ok(false),
        (Some(algorithm), Some(ChecksumType::COMPOSITE)) if algorithm != Algorithm::Crc64Nvme => Ok(true),
        (Some(algorithm), Some(kind)) => invalid(format!(
            "The {kind} checksum type cannot be used with the {} checksum algorithm.",
            algorithm.name().to_ascii_lowercase()
        )),
    }
}

pub(crate) fn check_number(number: i32) -> Result<(), Problem> {
    if (1..=10_000).contains(&number) {
        return Ok(());
    }
    let message = "Part number must be an integer between 1 and 10000, inclusive";
    Err(Problem::invalid_argument(message, "partNumber", &number.to_string()))
}

pub(crate) async fn part(call: &Call, request: S3Request<UploadPartInput>) -> Result<UploadPartOutput, Problem> {
    let input = request.input;
    if input.content_length.is_none() {
        return Err(Problem::of(S3ErrorCode::MissingContentLength));
    }
    let body = input.body.unwrap_or_else(|| StreamingBlob::from(s3s::Body::empty()));
    // As for objects, the body is read before a refusal.
    let blob = call.store().reserve().receive(body).await;
    let blob = blob.map_err(|error| call.not_received(error))?;
    let received = call.reply.take_received().ok_or_else(|| Problem::internal("the body has no digest"))?;
    check_number(input.part_number)?;
    let part = UploadedPart {
        blob: Arc::new(blob),
        size: received.size,
        md5: received.md5,
        checksum: received.checksum,
        modified: call.now(),
    };
    let checksum = part.checksum.clone();
    call.store().with(&input.bucket, |bucket| {
        let upload = upload(bucket, &input.key, &input.upload_id)?;
        if upload.algorithm.is_some_and(|algorithm| algorithm != checksum.algorithm) {
            let name = |algorithm: Algorithm| algorithm.name().to_ascii_lowercase();
            let message = format!(
                "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
                upload.algorithm.map_or_else(|| "null".to_owned(), name),
                name(checksum.algorithm)
            );
            return Err(Problem::new(S3ErrorCode::InvalidRequest, message));
        }
        upload.parts.insert(input.part_number, part);
        Ok(())
    })?;
    Ok(with_checksum!(
        checksum,
        UploadPartOutput {
            e_tag: Some(ETag::Strong(hex(received.md5))),
            server_side_encryption: Some(ServerSideEncryption::from_static(ServerSideEncryption::AES256)),
            ..Default::default()
        }
    ))
}

pub(crate) fn abort(
    call: &Call,
    request: S3Request<AbortMultipartUploadInput>,
) -> Result<AbortMultipartUploadOutput, Problem> {
    let AbortMultipartUploadInput { bucket, key, upload_id, .. } = request.input;
    call.store().with(&bucket, |bucket| {
        bucket.uploads.remove(&(key, upload_id.clone())).ok_or_else(|| no_such_upload(&upload_id))
    })?;
    Ok(AbortMultipartUploadOutput::default())
}
