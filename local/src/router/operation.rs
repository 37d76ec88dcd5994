//! The name of the operation that a request asks for, by which fault rules choose requests.
//!
//! Lambda dispatches by the same names, so `lambda` finds them; the other services read their requests themselves.

use axum::body::Body;
use http::{Method, Request};

use super::route::{Service, target};
use crate::common::query::Params;

/// AWS's name of the operation; empty where none is recognised.
pub(super) fn name(service: Service, request: &Request<Body>) -> String {
    match service {
        Service::S3 => s3(request).to_owned(),
        Service::Lambda => crate::lambda::operation(request).to_owned(),
        Service::Metrics => crate::metrics::named(request).1,
        Service::Sns | Service::Sqs | Service::Events | Service::Logs | Service::Sts => {
            let from_target = target(request.headers()).and_then(|target| target.split_once('.')).map(|(_, name)| name);
            let from_form = || request.extensions().get::<Params>().and_then(|form| form.get("Action"));
            from_target.or_else(from_form).unwrap_or_default().to_owned()
        }
    }
}

fn s3(request: &Request<Body>) -> &'static str {
    let path = request.uri().path().trim_start_matches('/');
    let has_bucket = !path.is_empty();
    let has_key = path.split_once('/').is_some_and(|(_, key)| !key.is_empty());
    let query = request.uri().query().unwrap_or_default();
    let asks = |name: &str| form_urlencoded::parse(query.as_bytes()).any(|(key, _)| key == name);
    let copies = request.headers().contains_key("x-amz-copy-source");
    match (request.method(), has_key) {
        (&Method::PUT, true) if asks("partNumber") && copies => "UploadPartCopy",
        (&Method::PUT, true) if asks("partNumber") => "UploadPart",
        (&Method::PUT, true) if copies => "CopyObject",
        (&Method::PUT, true) if asks("tagging") => "PutObjectTagging",
        (&Method::PUT, true) => "PutObject",
        (&Method::GET, true) if asks("uploadId") => "ListParts",
        (&Method::GET, true) if asks("tagging") => "GetObjectTagging",
        (&Method::GET, true) => "GetObject",
        (&Method::HEAD, true) => "HeadObject",
        (&Method::DELETE, true) if asks("uploadId") => "AbortMultipartUpload",
        (&Method::DELETE, true) if asks("tagging") => "DeleteObjectTagging",
        (&Method::DELETE, true) => "DeleteObject",
        (&Method::POST, true) if asks("uploads") => "CreateMultipartUpload",
        (&Method::POST, true) if asks("uploadId") => "CompleteMultipartUpload",
        (&Method::POST, false) if asks("delete") => "DeleteObjects",
        (&Method::POST, false) if has_bucket && query.is_empty() => "PostObject",
        (&Method::PUT, false) if asks("notification") => "PutBucketNotificationConfiguration",
        (&Method::PUT, false) if asks("versioning") => "PutBucketVersioning",
        (&Method::PUT, false) => "CreateBucket",
        (&Method::HEAD, false) => "HeadBucket",
        (&Method::DELETE, false) => "DeleteBucket",
        (&Method::GET, false) if !has_bucket => "ListBuckets",
        (&Method::GET, false) if asks("notification") => "GetBucketNotificationConfiguration",
        (&Method::GET, false) if asks("location") => "GetBucketLocation",
        (&Method::GET, false) if asks("versioning") => "GetBucketVersioning",
        (&Method::GET, false) if asks("versions") => "ListObjectVersions",
        (&Method::GET, false) if asks("uploads") => "ListMultipartUploads",
        (&Method::GET, false) if asks("list-type") => "ListObjectsV2",
        (&Method::GET, false) => "ListObjects",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_s3_operations() {
        let cases = [
            ("GET", "/", "ListBuckets"),
            ("GET", "/images?list-type=2&prefix=a", "ListObjectsV2"),
            ("GET", "/images/?list-type=2", "ListObjectsV2"),
            ("PUT", "/images/a/b.png?x-id=PutObject", "PutObject"),
            ("PUT", "/images/a?partNumber=1&uploadId=u", "UploadPart"),
            ("POST", "/images/a?uploads", "CreateMultipartUpload"),
            ("POST", "/images/a?uploadId=u", "CompleteMultipartUpload"),
            ("DELETE", "/images/a?uploadId=u", "AbortMultipartUpload"),
            ("GET", "/images/a", "GetObject"),
            ("POST", "/images", "PostObject"),
            ("PUT", "/images?notification", "PutBucketNotificationConfiguration"),
            ("PUT", "/images?versioning", "PutBucketVersioning"),
            ("GET", "/images?versions&prefix=a", "ListObjectVersions"),
        ];
        for (method, uri, name) in cases {
            let request = Request::builder().method(method).uri(uri).body(Body::empty()).unwrap();
            assert_eq!(s3(&request), name, "{method} {uri}");
        }
    }
}
