//! A form upload of a browser, with or without a signed policy ("presigned POST").
//!
//! `s3s` checks signatures of forms, for which it needs secret keys, so a form does not reach it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use axum::response::Response;
use futures_util::TryStreamExt;
use http::header::{CONTENT_TYPE, ETAG, LOCATION};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::StdError;
use s3s::dto::{Timestamp, TimestampFormat};

use super::event::{self, Change};
use super::form::{Fields, Form};
use super::payload::{self, Announced};
use super::problem::Problem;
use super::service::Call;
use super::store::{ObjectHeaders, WriteCondition};
use super::tags::{self, Tags};
use super::versions::Written;
use super::{limits, mail_safe, post_policy, put, reply, unsupported};

/// The characters of a key that stand for themselves in a URL.
const KEY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The bucket, if the request is a form upload: a POST to a bucket that names no other operation.
pub(super) fn bucket<B>(request: &Request<B>) -> Option<String> {
    let path = request.uri().path().trim_start_matches('/');
    let bucket = path.strip_suffix('/').unwrap_or(path);
    let is_form = *request.method() == Method::POST && request.uri().query().is_none_or(str::is_empty);
    (is_form && !bucket.is_empty() && !bucket.contains('/')).then(|| bucket.to_owned())
}

pub(super) async fn object(call: &Call, bucket: &str, request: Request<Body>) -> Result<Response, Problem> {
    let (head, body) = request.into_parts();
    let content_type = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !content_type.to_ascii_lowercase().starts_with("multipart/form-data") {
        return Err(Problem::precondition_failed("Bucket POST must be of the enclosure-type multipart/form-data"));
    }
    let wire = TryStreamExt::map_err(body.into_data_stream(), StdError::from);
    let mut form = Form::new(content_type, wire, Arc::clone(&call.reply))?;
    let fields = form.fields().await;
    let accepted = fields.and_then(|fields| accept(call, bucket, &fields).map(|upload| (fields, upload)));
    let (fields, Upload { key, range, headers, announced, tags }) = match accepted {
        Ok(accepted) => accepted,
        Err(problem) => {
            form.drain().await;
            return Err(problem);
        }
    };
    let size = Arc::new(AtomicU64::new(0));
    let file = payload::checked(form.file(range.most, Arc::clone(&size)), announced, Arc::clone(&call.reply));
    let blob = call.store().reserve().receive(Box::pin(file)).await;
    // This check comes first: only a part of a file that is too large is read, so its checksum differs too.
    range.check(size.load(Ordering::Relaxed))?;
    let blob = blob.map_err(|error| call.not_received(error))?;
    let object = put::received(call, blob, headers, tags)?;
    let written = call.store().with(bucket, |bucket| bucket.insert(&key, object, &WriteCondition::default()))?;
    let change = Change::created(&call.s3.env, "ObjectCreated:Post", &key, &written.object, written.sequencer);
    event::send(call, bucket, &change);
    Ok(answer(call, bucket, &key, &fields, &written))
}

/// The object that the fields describe.
struct Upload {
    key: String,
    range: post_policy::Range,
    headers: ObjectHeaders,
    announced: Announced,
    tags: Tags,
}

/// Checks the fields before the file.
fn accept(call: &Call, bucket: &str, fields: &Fields) -> Result<Upload, Problem> {
    let key = fields.key().ok_or_else(|| post_policy::missing("key"))?;
    let range = post_policy::check(fields, bucket, &key, call.s3.env.now())?;
    limits::check_key(key.len())?;
    // Fields that another request would have as headers are read as such.
    let mut as_headers = HeaderMap::new();
    for (name, value) in fields.iter() {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_bytes(value.as_bytes())) {
            as_headers.insert(name, value);
        }
    }
    if let Some(acl) = fields.get("acl").and_then(|acl| HeaderValue::from_str(acl).ok()) {
        as_headers.insert("x-amz-acl", acl);
    }
    limits::check(&Method::POST, &Uri::default(), &as_headers)?;
    unsupported::refuse(&as_headers)?;
    let tags = tags::of_xml(fields.get("tagging"))?;
    let announced = Announced::read(&Method::POST, &Uri::default(), &as_headers)?;
    call.store().with(bucket, |_| Ok(()))?;
    Ok(Upload { key, range, headers: object_headers(fields), announced, tags })
}

fn object_headers(fields: &Fields) -> ObjectHeaders {
    let is_header = |value: &&str| !value.is_empty() && HeaderValue::from_str(value).is_ok();
    let field = |name: &str| fields.get(name).filter(is_header).map(str::to_owned);
    let metadata = fields
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix("x-amz-meta-")?.to_owned(), mail_safe::encode(value))));
    let metadata: s3s::dto::Metadata = metadata.collect();
    ObjectHeaders {
        content_type: field("content-type"),
        cache_control: field("cache-control"),
        content_disposition: field("content-disposition"),
        content_encoding: field("content-encoding"),
        content_language: field("content-language"),
        expires: fields.get("expires").and_then(|time| Timestamp::parse(TimestampFormat::HttpDate, time).ok()),
        metadata: (!metadata.is_empty()).then_some(metadata),
        storage_class: None,
        website_redirect_location: field("x-amz-website-redirect-location"),
    }
}

/// As the form asks: a redirect, a description of the object, or nothing.
fn answer(call: &Call, bucket: &str, key: &str, fields: &Fields, written: &Written) -> Response {
    let etag = format!("\"{}\"", written.object.etag);
    let encoded = utf8_percent_encode(key, KEY).to_string();
    let location = format!("{}/{bucket}/{encoded}", call.s3.env.endpoint);
    let redirect = fields.get("success_action_redirect").or_else(|| fields.get("redirect"));
    // A redirect that is no URL counts as none.
    let redirect = redirect.filter(|url| url.parse::<Uri>().is_ok_and(|url| url.scheme().is_some()));
    let (status, location, body) = match (redirect, fields.get("success_action_status")) {
        (Some(url), _) => {
            let joint = if url.contains('?') { '&' } else { '?' };
            let etag = utf8_percent_encode(&etag, KEY);
            let url = format!("{url}{joint}bucket={bucket}&key={encoded}&etag={etag}");
            (StatusCode::SEE_OTHER, url, String::new())
        }
        (None, Some("201")) => {
            let escape = reply::escape;
            let xml = format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PostResponse><Location>{}</Location><Bucket>{}</Bucket>\
                 <Key>{}</Key><ETag>{}</ETag></PostResponse>",
                escape(&location),
                escape(bucket),
                escape(key),
                escape(&etag)
            );
            (StatusCode::CREATED, location, xml)
        }
        (None, Some("200")) => (StatusCode::OK, location, String::new()),
        (None, _) => (StatusCode::NO_CONTENT, location, String::new()),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    if status == StatusCode::CREATED {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    }
    headers.insert("x-amz-server-side-encryption", HeaderValue::from_static("AES256"));
    let version = written.version.as_deref().map(|version| (HeaderName::from_static("x-amz-version-id"), version));
    let named = [(ETAG, etag.as_str()), (LOCATION, location.as_str())];
    for (name, value) in named.into_iter().chain(version) {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
    response
}
