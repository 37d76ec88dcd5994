//! `CopyObject` and `UploadPartCopy`.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::ops::Range as Span;
use std::path::PathBuf;
use std::sync::Arc;

use s3s::crypto::{Checksum as _, Md5};
use s3s::dto::{
    CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopyPartResult, CopySource, ETag, ETagCondition,
    MetadataDirective, ServerSideEncryption, TaggingDirective, UploadPartCopyInput, UploadPartCopyOutput,
};
use s3s::{S3ErrorCode, S3Request};

use super::digest::{Algorithm, Checksum, Hasher, with_checksum};
use super::event::{self, Change};
use super::files::Blob;
use super::get::time;
use super::multipart::{UploadedPart, check_number, upload};
use super::problem::Problem;
use super::service::Call;
use super::store::{Object, ObjectHeaders, WriteCondition, matches, object_headers};
use super::tags;
use super::versions::Written;
use crate::common::wire::hex;

/// Bucket, key and version of a copy's source.
fn source(source: CopySource) -> Result<(String, String, Option<String>), Problem> {
    match source {
        CopySource::Bucket { bucket, key, version_id } => Ok((bucket.into(), key.into(), version_id.map(Into::into))),
        _ => Err(Problem::new(S3ErrorCode::NotImplemented, "Access points are not implemented")),
    }
}

/// The object that is copied, and its version as the response names it.
fn original(
    call: &Call,
    (bucket, key, version): (&str, &str, Option<&str>),
) -> Result<(Arc<Object>, Option<String>), Problem> {
    call.store().with(bucket, |bucket| {
        if version.is_some() && bucket.is_marker(key, version) {
            let message = "The source of a copy request may not specifically refer to a delete marker by version id.";
            return Err(Problem::new(S3ErrorCode::InvalidRequest, message));
        }
        bucket.read(key, version)
    })
}

/// The conditions on the source, in the order in which S3 checks them.
macro_rules! check_source {
    ($call:ident, $object:ident, $input:ident) => {{
        let failed = |name: &str| Err(Problem::precondition_failed(&format!("x-amz-copy-source-{name}")));
        let is = |condition: &ETagCondition| matches(condition, &$object.etag);
        if $input.copy_source_if_match.as_ref().is_some_and(|condition| !is(condition)) {
            return failed("If-Match");
        }
        // An entity tag that matches makes this time irrelevant.
        let since = $input.copy_source_if_unmodified_since.as_ref().filter(|_| $input.copy_source_if_match.is_none());
        if since.is_some_and(|since| $object.modified > time(since)) {
            return failed("If-Unmodified-Since");
        }
        if $input.copy_source_if_none_match.as_ref().is_some_and(is) {
            return failed("If-None-Match");
        }
        // A time in the future is ignored.
        let since = $input.copy_source_if_modified_since.as_ref().map(time).filter(|since| *since <= $call.now());
        if since.is_some_and(|since| $object.modified <= since) {
            return failed("If-Modified-Since");
        }
    }};
}

pub(crate) async fn object(call: &Call, request: S3Request<CopyObjectInput>) -> Result<CopyObjectOutput, Problem> {
    // The input of `s3s` lacks the condition on the target.
    let condition = WriteCondition::of_headers(&request.headers)?;
    let input = request.input;
    let (from_bucket, from_key, from_version) = source(input.copy_source)?;
    let (original, copied) = original(call, (&from_bucket, &from_key, from_version.as_deref()))?;
    check_source!(call, original, input);
    let replaces_tags = input.tagging_directive.as_ref().is_some_and(|one| one.as_str() == TaggingDirective::REPLACE);
    let tags = if replaces_tags { tags::of_header(input.tagging.as_deref())? } else { original.tags() };
    for (name, given, directive) in [
        ("metadata", input.metadata_directive.as_ref().map(MetadataDirective::as_str), "x-amz-metadata-directive"),
        ("tagging", input.tagging_directive.as_ref().map(TaggingDirective::as_str), "x-amz-tagging-directive"),
    ] {
        if let Some(given) = given.filter(|given| !matches!(*given, "COPY" | "REPLACE")) {
            return Err(Problem::invalid_argument(format!("Unknown {name} directive."), directive, given));
        }
    }
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
    let algorithm = input.checksum_algorithm.as_ref().map(|name| Algorithm::asked(name.as_str())).transpose()?;
    let (etag, checksum) = digests(call, &original, algorithm).await?;
    let object = Object {
        blob: Arc::clone(&original.blob),
        size: original.size,
        etag,
        modified: call.now(),
        checksum,
        parts: Vec::new(),
        has_part_checksums: false,
        headers,
        version: None,
        tags: tags.into(),
    };
    let Written { object, sequencer, version } =
        call.store().with(&input.bucket, |bucket| bucket.insert(&input.key, object, &condition))?;
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
    let (original, copied) = original(call, (&from_bucket, &from_key, from_version.as_deref()))?;
    check_source!(call, original, input);
    let span = match input.copy_source_range.as_deref() {
        None => 0..original.size,
        Some(text) => range(text, original.size)?,
    };
    let named =
        call.store().with(&input.bucket, |bucket| Ok(upload(bucket, &input.key, &input.upload_id)?.algorithm))?;
    let algorithm = named.unwrap_or(Algorithm::Crc64Nvme);
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
    let bare = CopyPartResult {
        e_tag: Some(ETag::Strong(hex(md5))),
        last_modified: Some(modified.into()),
        ..Default::default()
    };
    // The checksum is shown where the upload named an algorithm.
    let result = if named.is_some() { with_checksum!(checksum, CopyPartResult { ..bare }) } else { bare };
    Ok(UploadPartCopyOutput {
        copy_part_result: Some(result),
        copy_source_version_id: copied,
        server_side_encryption: Some(ServerSideEncryption::from_static(ServerSideEncryption::AES256)),
        ..Default::default()
    })
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
    if first > last {
        return Err(invalid());
    }
    if first >= size {
        let message = "The specified copy range is invalid for the source object size";
        return Err(Problem::new(S3ErrorCode::InvalidRequest, message));
    }
    if last >= size {
        let message = format!("Range specified is not valid for source object of size: {size}");
        return Err(Problem::invalid_argument(message, "x-amz-copy-source-range", text));
    }
    Ok(first..last + 1)
}
