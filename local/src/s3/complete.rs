//! `CompleteMultipartUpload`: the parts become one object.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::sync::Arc;

use http::StatusCode;
use s3s::crypto::{Checksum as _, Md5};
use s3s::dto::{
    ChecksumType, CompleteMultipartUploadInput, CompleteMultipartUploadOutput, CompletedPart, ETag,
    ServerSideEncryption,
};
use s3s::{S3ErrorCode, S3Request};

use super::digest::{Algorithm, Checksum, Hasher, with_checksum};
use super::event::{self, Change};
use super::files::Blob;
use super::multipart::{Upload, UploadedPart, no_such_upload, upload};
use super::problem::Problem;
use super::service::Call;
use super::store::{Object, Part, WriteCondition};
use super::tags::Tags;
use super::versions::Written;
use crate::common::wire::hex;

/// Smallest part but for the last one.
const SMALLEST: u64 = 5 * 1024 * 1024;

/// The object of an upload, before its parts are joined.
struct Plan {
    parts: Vec<UploadedPart>,
    headers: super::store::ObjectHeaders,
    tags: Tags,
    algorithm: Option<Algorithm>,
    composite: bool,
}

pub(crate) async fn upload_parts(
    call: &Call,
    request: S3Request<CompleteMultipartUploadInput>,
) -> Result<CompleteMultipartUploadOutput, Problem> {
    let input = request.input;
    let asked = input.multipart_upload.as_ref().and_then(|upload| upload.parts.as_deref()).unwrap_or_default();
    let condition = WriteCondition::new(input.if_match.clone(), input.if_none_match.clone())?;
    let plan = call.store().with(&input.bucket, |bucket| {
        let upload = upload(bucket, &input.key, &input.upload_id)?;
        check_kind(upload, input.checksum_type.as_ref())?;
        plan(upload, asked, &input.upload_id)
    })?;
    let size = plan.parts.iter().map(|part| part.size).sum();
    if let Some(announced) = input.mpu_object_size.filter(|announced| u64::try_from(*announced) != Ok(size)) {
        let message = format!(
            "The provided 'x-amz-mp-object-size' header value {announced} does not match what was computed: {size}"
        );
        return Err(Problem::new(S3ErrorCode::InvalidRequest, message));
    }
    let etag = etag(&plan.parts);
    let parts = plan.parts.iter().map(|part| Part { size: part.size, checksum: part.checksum.clone() }).collect();
    let target = call.store().reserve();
    let (headers, tags, has_part_checksums) =
        (plan.headers.clone(), plan.tags.clone().into(), plan.algorithm.is_some());
    // Copying blocks, so it must not run on a thread that serves other requests.
    let joined = tokio::task::spawn_blocking(move || join(&plan, target)).await.map_err(Problem::internal)?;
    let (blob, checksum) = joined.map_err(|error| call.store().disk(&error))?;
    check_announced(&input, &checksum)?;
    let (blob, modified) = (Arc::new(blob), call.now());
    let version = None;
    let object = Object { blob, size, etag, modified, checksum, parts, has_part_checksums, headers, version, tags };
    let Written { object, sequencer, version } = call.store().with(&input.bucket, |bucket| {
        let id = (input.key.clone(), input.upload_id.clone());
        let upload = bucket.uploads.get(&id).ok_or_else(|| no_such_upload(&input.upload_id))?;
        if upload.key_changed && !condition.is_none() {
            condition.check(&input.key, bucket.objects.get(&input.key).map(AsRef::as_ref))?;
            return Err(conflict(&condition, &input.key));
        }
        let written = bucket.insert(&input.key, object, &condition)?;
        bucket.uploads.remove(&id);
        Ok(written)
    })?;
    let change = Change::created(&call.s3.env, "ObjectCreated:CompleteMultipartUpload", &input.key, &object, sequencer);
    event::send(call, &input.bucket, &change);
    let checksum = &object.checksum;
    Ok(with_checksum!(
        checksum,
        CompleteMultipartUploadOutput {
            location: Some(format!("{}/{}/{}", call.s3.env.endpoint, input.bucket, super::list::encode(&input.key))),
            bucket: Some(input.bucket),
            key: Some(input.key),
            e_tag: Some(ETag::Strong(object.etag.clone())),
            checksum_type: Some(checksum.kind()),
            server_side_encryption: Some(ServerSideEncryption::from_static(ServerSideEncryption::AES256)),
            version_id: version,
            ..Default::default()
        }
    ))
}

/// Checks the type of checksum that the client expects, where it names one.
fn check_kind(upload: &Upload, asked: Option<&ChecksumType>) -> Result<(), Problem> {
    let kind = upload.kind();
    if asked.is_none() || asked == kind.as_ref() {
        return Ok(());
    }
    let kind = kind.as_ref().map_or("null", ChecksumType::as_str);
    let message = format!(
        "The upload was created using the {kind} checksum mode. The complete request must use the same checksum mode."
    );
    Err(Problem::new(S3ErrorCode::InvalidRequest, message))
}

/// The condition holds, but something else wrote or deleted the key while the parts were uploaded.
fn conflict(condition: &WriteCondition, key: &str) -> Problem {
    let message = "The conditional request cannot succeed due to a conflicting operation against this resource.";
    Problem::new(S3ErrorCode::ConditionalRequestConflict, message)
        .status(StatusCode::CONFLICT)
        .detail("Condition", condition.name())
        .detail("Key", key)
}

fn plan(upload: &Upload, asked: &[CompletedPart], upload_id: &str) -> Result<Plan, Problem> {
    if asked.is_empty() {
        return Err(Problem::of(S3ErrorCode::MalformedXML));
    }
    let numbers: Vec<i32> = asked.iter().map(|part| part.part_number.unwrap_or_default()).collect();
    if numbers.windows(2).any(|pair| pair.first() >= pair.last()) {
        let message = "The list of parts was not in ascending order. Parts must be ordered by part number.";
        return Err(Problem::new(S3ErrorCode::InvalidPartOrder, message).detail("UploadId", upload_id));
    }
    let mut parts = Vec::new();
    for (index, (wanted, number)) in asked.iter().zip(numbers).enumerate() {
        let part = find(upload, wanted, number, upload_id)?;
        if index + 1 < asked.len() && part.size < SMALLEST {
            let message = "Your proposed upload is smaller than the minimum allowed size";
            return Err(Problem::new(S3ErrorCode::EntityTooSmall, message)
                .detail("ProposedSize", part.size.to_string())
                .detail("MinSizeAllowed", SMALLEST.to_string())
                .detail("PartNumber", number.to_string())
                .detail("ETag", hex(part.md5)));
        }
        parts.push(part.clone());
    }
    Ok(Plan {
        parts,
        headers: upload.headers.clone(),
        tags: upload.tags.clone(),
        algorithm: upload.algorithm,
        composite: upload.composite,
    })
}

fn find<'a>(
    upload: &'a Upload,
    wanted: &CompletedPart,
    number: i32,
    upload_id: &str,
) -> Result<&'a UploadedPart, Problem> {
    let etag = wanted.e_tag.as_ref().map(ETag::value).unwrap_or_default();
    let announced = [
        (Algorithm::Crc32, &wanted.checksum_crc32),
        (Algorithm::Crc32c, &wanted.checksum_crc32c),
        (Algorithm::Sha1, &wanted.checksum_sha1),
        (Algorithm::Sha256, &wanted.checksum_sha256),
        (Algorithm::Crc64Nvme, &wanted.checksum_crc64nvme),
    ];
    let announced: Vec<(Algorithm, &String)> =
        announced.into_iter().filter_map(|(algorithm, value)| Some((algorithm, value.as_ref()?))).collect();
    let is_other = |algorithm: &Algorithm| upload.algorithm.is_some_and(|of_upload| of_upload != *algorithm);
    if let Some((other, _)) = announced.iter().find(|(algorithm, _)| is_other(algorithm)) {
        let other = other.name().to_ascii_lowercase();
        let message = format!("The {other} you specified for part {number} did not match what we received.");
        return Err(Problem::new(S3ErrorCode::BadDigest, message));
    }
    // The checksum of a part counts only where the upload named its algorithm.
    let are_comparable = upload.algorithm.is_some() || announced.is_empty();
    if upload.composite && announced.is_empty() {
        let algorithm = upload.algorithm.map_or("", Algorithm::name).to_ascii_lowercase();
        let message = format!(
            "The upload was created using a {algorithm} checksum. The complete request must include the checksum for \
             each part. It was missing for part {number} in the request."
        );
        return Err(Problem::new(S3ErrorCode::InvalidRequest, message));
    }
    let part = upload
        .parts
        .get(&number)
        .filter(|part| hex(part.md5) == etag && are_comparable)
        .filter(|part| announced.iter().all(|(_, value)| **value == part.checksum.value));
    part.ok_or_else(|| {
        let message = "One or more of the specified parts could not be found.  The part may not have been uploaded, \
                       or the specified entity tag may not match the part's entity tag.";
        Problem::new(S3ErrorCode::InvalidPart, message)
            .detail("UploadId", upload_id)
            .detail("PartNumber", number.to_string())
            .detail("ETag", etag)
    })
}

/// The MD5 of the parts' MD5s, and the number of parts.
fn etag(parts: &[UploadedPart]) -> String {
    let mut md5 = Md5::new();
    for part in parts {
        md5.update(&part.md5);
    }
    format!("{}-{}", hex(md5.finalize()), parts.len())
}

/// Writes the parts one after another into `target`.
fn join(plan: &Plan, target: Blob) -> std::io::Result<(Blob, Checksum)> {
    let mut file = File::create(target.path())?;
    let algorithm = plan.algorithm.unwrap_or(Algorithm::Crc64Nvme);
    let mut whole = Hasher::new(algorithm);
    let mut buffer = vec![0; 256 * 1024];
    for part in &plan.parts {
        let mut source = File::open(part.blob.path())?;
        loop {
            let read = source.read(&mut buffer)?;
            let Some(data) = buffer.get(..read).filter(|data| !data.is_empty()) else { break };
            file.write_all(data)?;
            if !plan.composite {
                whole.update(data);
            }
        }
    }
    if !plan.composite {
        return Ok((target, whole.finish()));
    }
    for part in &plan.parts {
        whole.update(&algorithm.decode(&part.checksum.value).unwrap_or_default());
    }
    let mut checksum = whole.finish();
    checksum.value = format!("{}-{}", checksum.value, plan.parts.len());
    checksum.composite = true;
    Ok((target, checksum))
}

/// Checks the object's checksum, where the client sent one.
fn check_announced(input: &CompleteMultipartUploadInput, actual: &Checksum) -> Result<(), Problem> {
    let announced = match actual.algorithm {
        Algorithm::Crc32 => &input.checksum_crc32,
        Algorithm::Crc32c => &input.checksum_crc32c,
        Algorithm::Sha1 => &input.checksum_sha1,
        Algorithm::Sha256 => &input.checksum_sha256,
        Algorithm::Crc64Nvme => &input.checksum_crc64nvme,
    };
    let base = |value: &str| value.split('-').next().unwrap_or_default().to_owned();
    match announced {
        Some(value) if base(value) != base(&actual.value) => {
            let name = actual.algorithm.name().to_ascii_lowercase();
            let message = format!("The {name} you specified did not match the calculated checksum.");
            Err(Problem::new(S3ErrorCode::BadDigest, message))
        }
        _ => Ok(()),
    }
}
