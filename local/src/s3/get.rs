//! `GetObject` and `HeadObject`.

use std::ops::Range as Span;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::StatusCode;
use http::header::{ETAG, LAST_MODIFIED};
use s3s::dto::{
    ChecksumMode, ETag, GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput, IfMatch, IfNoneMatch,
    Range, ServerSideEncryption, Timestamp, TimestampFormat,
};
use s3s::{S3ErrorCode, S3Request};

use super::digest::{Algorithm, Checksum};
use super::problem::Problem;
use super::service::Call;
use super::store::{Object, matches};

#[expect(clippy::struct_field_names, reason = "these are the headers' names")]
struct ReadCondition {
    if_match: Option<IfMatch>,
    if_none_match: Option<IfNoneMatch>,
    if_modified_since: Option<Timestamp>,
    if_unmodified_since: Option<Timestamp>,
}

impl ReadCondition {
    fn check(&self, object: &Object) -> Result<(), Problem> {
        // An ETag condition takes precedence over the one on time (RFC 9110, section 13.2.2).
        if let Some(condition) = &self.if_match {
            if !matches(condition, &object.etag) {
                return Err(Problem::precondition_failed("If-Match"));
            }
        } else if self.if_unmodified_since.as_ref().is_some_and(|since| object.modified > time(since)) {
            return Err(Problem::precondition_failed("If-Unmodified-Since"));
        }
        let not_modified = match &self.if_none_match {
            Some(condition) => matches(condition, &object.etag),
            None => self.if_modified_since.as_ref().is_some_and(|since| object.modified <= time(since)),
        };
        if not_modified { Err(unchanged(object)) } else { Ok(()) }
    }
}

/// A timestamp of a header; those before 1970 become 1970.
fn time(timestamp: &Timestamp) -> SystemTime {
    let mut text = Vec::new();
    let seconds = timestamp
        .format(TimestampFormat::EpochSeconds, &mut text)
        .ok()
        .and_then(|()| String::from_utf8(text).ok())
        .and_then(|text| text.split('.').next().and_then(|seconds| seconds.parse().ok()));
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.unwrap_or(0))
}

fn unchanged(object: &Object) -> Problem {
    let mut modified = Vec::new();
    let timestamp = Timestamp::from(object.modified);
    let written = timestamp.format(TimestampFormat::HttpDate, &mut modified);
    let problem = Problem::new(S3ErrorCode::NotModified, "Not Modified")
        .status(StatusCode::NOT_MODIFIED)
        .header(ETAG, format!("\"{}\"", object.etag));
    match written {
        Ok(()) => problem.header(LAST_MODIFIED, String::from_utf8_lossy(&modified)),
        Err(_) => problem,
    }
}

struct Selection {
    span: Span<u64>,
    /// `Content-Range`, where it is not the whole object.
    content_range: Option<String>,
    parts_count: Option<i32>,
}

fn select(object: &Object, range: Option<Range>, part_number: Option<i32>) -> Result<Selection, Problem> {
    let size = object.size;
    let whole = Selection { span: 0..size, content_range: None, parts_count: None };
    let span = match (range, part_number) {
        (Some(_), Some(_)) => {
            let message = "Cannot specify both Range header and partNumber query parameter";
            return Err(Problem::new(S3ErrorCode::InvalidRequest, message));
        }
        (None, None) => return Ok(whole),
        (Some(range), None) => range.check(size).map_err(|_| {
            Problem::new(S3ErrorCode::InvalidRange, "The requested range is not satisfiable")
                .detail("ActualObjectSize", size.to_string())
        })?,
        (None, Some(1)) if object.parts.is_empty() => return Ok(whole),
        (None, Some(number)) => part(object, number)?,
    };
    let content_range = format!("bytes {}-{}/{size}", span.start, span.end.saturating_sub(1));
    let parts_count = part_number.and_then(|_| i32::try_from(object.parts.len()).ok());
    Ok(Selection { span, content_range: Some(content_range), parts_count })
}

fn part(object: &Object, number: i32) -> Result<Span<u64>, Problem> {
    let invalid = || {
        let problem = Problem::new(S3ErrorCode::InvalidPart, "The requested partnumber is not satisfiable");
        problem.status(StatusCode::RANGE_NOT_SATISFIABLE)
    };
    let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1)).ok_or_else(invalid)?;
    let length = object.parts.get(index).ok_or_else(invalid)?;
    let start: u64 = object.parts.iter().take(index).sum();
    Ok(start..start + length)
}

/// Evaluates a request for an object and fills the members that both outputs have.
///
/// A macro, because the types of `s3s` for the two operations have the same members and no trait in common.
macro_rules! read_object {
    ($output:ident, $call:ident, $input:ident) => {{
        let (object, version_id) = $call.store().object(&$input.bucket, &$input.key, $input.version_id.as_deref())?;
        ReadCondition {
            if_match: $input.if_match,
            if_none_match: $input.if_none_match,
            if_modified_since: $input.if_modified_since,
            if_unmodified_since: $input.if_unmodified_since,
        }
        .check(&object)?;
        let Selection { span, content_range, parts_count } = select(&object, $input.range, $input.part_number)?;
        // A checksum is shown to callers that ask for it, and only with the whole object.
        let is_asked = $input.checksum_mode.is_some_and(|mode| mode.as_str() == ChecksumMode::ENABLED);
        let checksum = (is_asked && content_range.is_none()).then_some(&object.checksum);
        let of = |algorithm| checksum.and_then(|checksum| checksum.of(algorithm));
        let headers = object.headers.clone();
        let output = $output {
            accept_ranges: Some("bytes".to_owned()),
            cache_control: headers.cache_control,
            checksum_crc32: of(Algorithm::Crc32),
            checksum_crc32c: of(Algorithm::Crc32c),
            checksum_crc64nvme: of(Algorithm::Crc64Nvme),
            checksum_sha1: of(Algorithm::Sha1),
            checksum_sha256: of(Algorithm::Sha256),
            checksum_type: checksum.map(Checksum::kind),
            content_disposition: headers.content_disposition,
            content_encoding: headers.content_encoding,
            content_language: headers.content_language,
            content_length: i64::try_from(span.end - span.start).ok(),
            content_range,
            content_type: headers.content_type.or_else(|| Some("binary/octet-stream".to_owned())),
            e_tag: Some(ETag::Strong(object.etag.clone())),
            expires: headers.expires,
            last_modified: Some(object.modified.into()),
            metadata: headers.metadata,
            parts_count,
            server_side_encryption: Some(ServerSideEncryption::from_static(ServerSideEncryption::AES256)),
            storage_class: headers.storage_class,
            version_id,
            website_redirect_location: headers.website_redirect_location,
            ..Default::default()
        };
        (object, span, output)
    }};
}

pub(crate) async fn object(call: &Call, request: S3Request<GetObjectInput>) -> Result<GetObjectOutput, Problem> {
    let input = request.input;
    let (object, span, output) = read_object!(GetObjectOutput, call, input);
    let body = Arc::clone(&object.blob).read(span).await.map_err(|error| call.store().disk(&error))?;
    Ok(GetObjectOutput { body: Some(body), ..output })
}

pub(crate) fn head(call: &Call, request: S3Request<HeadObjectInput>) -> Result<HeadObjectOutput, Problem> {
    let input = request.input;
    let (_, _, output) = read_object!(HeadObjectOutput, call, input);
    Ok(output)
}
