//! `CopyObject` and `UploadPartCopy`.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::ops::Range as Span;
use std::path::PathBuf;
use std::sync::Arc;

use s3s::crypto::{Checksum as _, Md5};
use s3s::dto::{
    CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopyPartResult, CopySource, ETag, ETagCondition,
    MetadataDirective, ServerSideEncryption, UploadPartCopyInput, UploadPartCopyOutput,
};
use s3s::{S3ErrorCode, S3Request};

use super::digest::{Algorithm, Checksum, Hasher, with_checksum};
use super::event::{self, Change};
use super::files::Blob;
use super::multipart::{UploadedPart, check_number, upload};
use super::problem::Problem;
use super::service::Call;
use super::store::{Object, ObjectHeaders, WriteCondition, matches, object_headers};
use super::versions::Written;
use crate::common::wire::hex;

/// Bucket, key and version of a copy's source.
fn source(source: CopySource) -> Result<(String, String, Option<String>), Problem> {
    match source {
        CopySource::Bucket { bucket, key, version_id } => Ok((bucket.into(), key.into(), version_id.map(Into::into))),
        _ => Err(Problem::new(S3ErrorCode::NotImplemented, "Access points are not implemented")),
    }
}

fn check_source(
    object: &Object,
    if_match: Option<&ETagCondition>,
    if_none: Option<&ETagCondition>,
) -> Result<(), Problem> {
    if if_match.is_some_and(|condition| !matches(condition, &object.etag)) {
        return Err(Problem::precondition_failed("x-amz-copy-source-If-Match"));
    }
    if if_none.is_some_and(|condition| matches(condition, &object.etag)) {
        return Err(Problem::precondition_failed("x-amz-copy-source-If-None-Match"));
    }
    Ok(())
}

pub(crate) async fn object(call: &Call, request: S3Request<CopyObjectInput>) -> Result<CopyObjectOutput, Problem> {
    let input = request.input;
    let (from_bucket, from_key, from_version) = source(input.copy_source)?;
    if input.copy_source_if_modified_since.is_some() || input.copy_source_if_unmodified_since.is_some() {
        return Err(Problem::of(S3ErrorCode::NotImplemented));
    }
    let (original, copied) = call.store().object(&from_bucket, &from_key, from_version.as_deref())?;
    check_source(&original, input.copy_source_if_match.as_ref(), input.copy_source_if_none_match.as_ref())?;
    let replaces = input.metadata_directive.as_ref().is_some_and(|one| one.as_str() == MetadataDirective::REPLACE);
    let changes = replaces || input.storage_class.is_some() || input.website_redirect_location.is_some();
    // Copying an old version onto its own key makes it current again.
    let is_below = from_version.is_some();
    if !changes && !is_below && (from_bucket.as_str(), from_key.as_str()) == (input.bucket.as_str(), input.key.as_str())
    {
        let message = "This copy request is illegal because it is trying to copy an object to itself without changing \
                       the object's metadata, storage class, website redirect location or encryption attributes.";
        return Err(Problem::new(S3ErrorCode::InvalidRequest, message));
    }
    let given = object_headers!(input);
    // The storage class and the redirect are never copied; they are as in the request.
    let (storage_class, website_redirect_location) =
        (given.storage_class.clone(), given.website_redirect_location.clone());
    let headers = if replaces { given } else { original.headers.clone() };
    let headers = ObjectHeaders { storage_class, website_redirect_location, ..headers };
    let algorithm = input.checksum_algorithm.as_ref().and_then(|name| Algorithm::by_name(name.as_str()));
    let (etag, checksum) = digests(call, &original, algorithm).await?;
    let object = Object {
        blob: Arc::clone(&original.blob),
        size: original.size,
        etag,
        modified: call.now(),
        checksum,
        parts: Vec::new(),
        headers,
        version: None,
    };
    let Written { object, sequencer, version } =
        call.store().with(&input.bucket, |bucket| bucket.insert(&input.key, object, &WriteCondition::default()))?;
    event::send(
        call,
        &input.bucket,
        &Change::created(&call.s3.env, "ObjectCreated:Copy", &input.key, &object, sequencer),
    );
    let checksum = &object.checksum;
    let result = with_checksum!(
        checksum,
        CopyObjectResult {
            checksum_type: Some(checksum.kind()),
            e_tag: Some(ETag::Strong(object.etag.clone())),
            last_modified: Some(object.modified.into()),
        }
    );
    Ok(CopyObjectOutput {
        copy_object_result: Some(result),
        copy_source_version_id: copied,
        version_id: version,
        server_side_encryption: Some(ServerSideEncryption::from_static(ServerSideEncryption::AES256)),
        ..Default::default()
    })
}

/// A copy is written in one piece: its digests are those of the whole, even where the original's are of parts.
async fn digests(call: &Call, original: &Object, algorithm: Option<Algorithm>) -> Result<(String, Checksum), Problem> {
    let algorithm = algorithm.unwrap_or(original.checksum.algorithm);
    if original.parts.is_empty() && algorithm == original.checksum.algorithm {
        return Ok((original.etag.clone(), original.checksum.clone()));
    }
    let source = original.blob.path().to_owned();
    // The blob is held by the caller, so its file stays while it is read.
    let work = move || read(source, 0..u64::MAX, algorithm, None);
    let read = tokio::task::spawn_blocking(work).await.map_err(Problem::internal)?;
    let (md5, _, checksum) = read.map_err(|error| call.store().disk(&error))?;
    Ok((hex(md5), checksum))
}

/// Reads a part of a file, writes it to `target` where there is one, and gives MD5, length and checksum.
fn read(
    source: PathBuf,
    span: Span<u64>,
    algorithm: Algorithm,
    target: Option<&Blob>,
) -> std::io::Result<([u8; 16], u64, Checksum)> {
    let mut file = File::open(source)?;
    file.seek(SeekFrom::Start(span.start))?;
    let mut file = file.take(span.end - span.start);
    let mut copy = target.map(|blob| File::create(blob.path())).transpose()?;
    let (mut md5, mut hasher, mut length) = (Md5::new(), Hasher::new(algorithm), 0);
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let count = file.read(&mut buffer)?;
        let Some(data) = buffer.get(..count).filter(|data| !data.is_empty()) else { break };
        md5.update(data);
        hasher.update(data);
        length += data.len() as u64;
        if let Some(copy) = &mut copy {
            copy.write_all(data)?;
        }
    }
    Ok((md5.finalize(), length, hasher.finish()))
}

pub(crate) async fn part(
    call: &Call,
    request: S3Request<UploadPartCopyInput>,
) -> Result<UploadPartCopyOutput, Problem> {
    let input = request.input;
    check_number(input.part_number)?;
    let (from_bucket, from_key, from_version) = source(input.copy_source)?;
    let (original, copied) = call.store().object(&from_bucket, &from_key, from_version.as_deref())?;
    check_source(&original, input.copy_source_if_match.as_ref(), input.copy_source_if_none_match.as_ref())?;
    let span = match input.copy_source_range.as_deref() {
        None => 0..original.size,
        Some(text) => range(text, original.size)?,
    };
    let algorithm = call.store().with(&input.bucket, |bucket| {
        Ok(upload(bucket, &input.key, &input.upload_id)?.algorithm.unwrap_or(Algorithm::Crc64Nvme))
    })?;
    let target = call.store().reserve();
    let path = original.blob.path().to_owned();
    let work = move || read(path, span, algorithm, Some(&target)).map(|read| (target, read));
    let copy = tokio::task::spawn_blocking(work).await.map_err(Problem::internal)?;
    let (blob, (md5, size, checksum)) = copy.map_err(|error| call.store().disk(&error))?;
    let modified = call.now();
    let part = UploadedPart { blob: Arc::new(blob), size, md5, checksum: checksum.clone(), modified };
    call.store().with(&input.bucket, |bucket| {
        upload(bucket, &input.key, &input.upload_id)?.parts.insert(input.part_number, part);
        Ok(())
    })?;
    let result = with_checksum!(
        checksum,
        CopyPartResult { e_tag: Some(ETag::Strong(hex(md5))), last_modified: Some(modified.into()) }
    );
    let copy_part_result = Some(result);
    Ok(UploadPartCopyOutput { copy_part_result, copy_source_version_id: copied, ..Default::default() })
}

/// `bytes=FIRST-LAST`, both named and inside the source.
fn range(text: &str, size: u64) -> Result<Span<u64>, Problem> {
    let invalid = || {
        let message = "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are \
                       the zero-based offsets of the first and last bytes to copy";
        Problem::invalid_argument(message, "x-amz-copy-source-range", text)
    };
    let (first, last) = text.strip_prefix("bytes=").and_then(|span| span.split_once('-')).ok_or_else(invalid)?;
    let first: u64 = first.parse().map_err(|_| invalid())?;
    let last: u64 = last.parse().map_err(|_| invalid())?;
    if first > last || last >= size {
        let message = format!("Range specified is not valid for source object of size: {size}");
        return Err(Problem::invalid_argument(message, "x-amz-copy-source-range", text));
    }
    Ok(first..last + 1)
}
