//! `GetObject` and `HeadObject`.

use std::ops::Range as Span;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::header::{CONTENT_RANGE, ETAG, LAST_MODIFIED};
use http::{HeaderName, StatusCode};
use s3s::dto::{
    ChecksumMode, ETag, GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput, IfMatch, IfNoneMatch,
    Range, ServerSideEncryption, Timestamp, TimestampFormat,
};
use s3s::{S3ErrorCode, S3Request};

use super::digest::{Algorithm, Checksum};
use super::multipart::check_number;
use super::problem::Problem;
use super::service::Call;
use super::store::{Object, ObjectHeaders, matches};

const TAG_COUNT: HeaderName = HeaderName::from_static("x-amz-tagging-count");

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
pub(crate) fn time(timestamp: &Timestamp) -> SystemTime {
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

struct Selection<'a> {
    span: Span<u64>,
    /// `Content-Range`, where a range or a part was asked for.
    content_range: Option<String>,
    parts_count: Option<i32>,
    /// That of the bytes that are selected, where it is known.
    checksum: Option<&'a Checksum>,
}

fn select(object: &Object, range: Option<Range>, part_number: Option<i32>) -> Result<Selection<'_>, Problem> {
    let size = object.size;
    let whole = Selection { span: 0..size, content_range: None, parts_count: None, checksum: Some(&object.checksum) };
    let span = match (range, part_number) {
        (Some(_), Some(_)) => {
            let message = "Cannot specify both Range header and partNumber query parameter";
            return Err(Problem::new(S3ErrorCode::InvalidRequest, message));
        }
        (None, None) => return Ok(whole),
        (Some(range), None) => satisfied(range, size)?,
        // An empty object has no last byte that a range could name.
        (None, Some(1)) if object.parts.is_empty() && size == 0 => return Ok(whole),
        (None, Some(1)) if object.parts.is_empty() => 0..size,
        (None, Some(number)) => return part(object, number),
    };
    let checksum = (span == (0..size)).then_some(&object.checksum);
    Ok(Selection { content_range: Some(content_range(&span, size)), span, parts_count: None, checksum })
}

fn content_range(span: &Span<u64>, size: u64) -> String {
    format!("bytes {}-{}/{size}", span.start, span.end.saturating_sub(1))
}

fn satisfied(range: Range, size: u64) -> Result<Span<u64>, Problem> {
    // No range of an empty object can be satisfied, not even one of its last bytes.
    range.check(size).ok().filter(|span| !span.is_empty()).ok_or_else(|| {
        Problem::new(S3ErrorCode::InvalidRange, "The requested range is not satisfiable")
            .detail("RangeRequested", range.to_header_string())
            .detail("ActualObjectSize", size.to_string())
            .header(CONTENT_RANGE, format!("bytes */{size}"))
    })
}

fn part(object: &Object, number: i32) -> Result<Selection<'_>, Problem> {
    check_number(number)?;
    let invalid = || {
        let code = S3ErrorCode::Custom("InvalidPartNumber".into());
        Problem::new(code, "The requested partnumber is not satisfiable")
            .status(StatusCode::RANGE_NOT_SATISFIABLE)
            .detail("PartNumberRequested", number.to_string())
            .detail("ActualPartCount", object.parts.len().max(1).to_string())
    };
    let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1)).ok_or_else(invalid)?;
    let part = object.parts.get(index).ok_or_else(invalid)?;
    let start: u64 = object.parts.iter().take(index).map(|part| part.size).sum();
    let span = start..start + part.size;
    let checksum = object.has_part_checksums.then_some(&part.checksum);
    let parts_count = i32::try_from(object.parts.len()).ok();
    Ok(Selection { content_range: Some(content_range(&span, object.size)), span, parts_count, checksum })
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
        let selection = select(&object, $input.range, $input.part_number)?;
        let Selection { span, content_range, parts_count, checksum } = selection;
        // A checksum is shown to callers that ask for it.
        let is_asked =
            $input.checksum_mode.is_some_and(|mode| mode.as_str().eq_ignore_ascii_case(ChecksumMode::ENABLED));
        let checksum = checksum.filter(|_| is_asked);
        let of = |algorithm| checksum.and_then(|checksum| checksum.of(algorithm));
        // The query string of a read replaces these headers, as on AWS.
        let stored = object.headers.clone();
        let headers = ObjectHeaders {
            cache_control: $input.response_cache_control.or(stored.cache_control),
            content_disposition: $input.response_content_disposition.or(stored.content_disposition),
            content_encoding: $input.response_content_encoding.or(stored.content_encoding),
            content_language: $input.response_content_language.or(stored.content_language),
            content_type: $input.response_content_type.or(stored.content_type),
            expires: $input.response_expires.or(stored.expires),
            ..stored
        };
        let output = $output {
            accept_ranges: Some("bytes".to_owned()),
            cache_control: headers.cache_control,
            checksum_crc32: of(Algorithm::Crc32),
            checksum_crc32c: of(Algorithm::Crc32c),
            checksum_crc64nvme: of(Algorithm::Crc64Nvme),
            checksum_sha1: of(Algorithm::Sha1),
            checksum_sha256: of(Algorithm::Sha256),
            checksum_type: checksum.map(|_| object.checksum.kind()),
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

/// `x-amz-tagging-count`; S3 leaves it out where there are no tags.
fn tag_count(object: &Object) -> Option<i32> {
    i32::try_from(object.tags().len()).ok().filter(|count| *count > 0)
}

pub(crate) async fn object(call: &Call, request: S3Request<GetObjectInput>) -> Result<GetObjectOutput, Problem> {
    let input = request.input;
    let (object, span, output) = read_object!(GetObjectOutput, call, input);
    let body = Arc::clone(&object.blob).read(span).await.map_err(|error| call.store().disk(&error))?;
    Ok(GetObjectOutput { body: Some(body), tag_count: tag_count(&object), ..output })
}

pub(crate) fn head(call: &Call, request: S3Request<HeadObjectInput>) -> Result<HeadObjectOutput, Problem> {
    let input = request.input;
    let (object, _, output) = read_object!(HeadObjectOutput, call, input);
    // The output of `s3s` lacks it.
    if let Some(count) = tag_count(&object) {
        call.reply.header(TAG_COUNT, count.into());
    }
    Ok(output)
}
