//! Before `s3s`: a request's ids, credentials and body. After it: the form of errors.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use futures_util::TryStreamExt;
use http::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, HOST, RANGE};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use http_body::Frame;
use http_body_util::StreamBody;
use s3s::S3ErrorCode;
use s3s::dto::Range;
use s3s::service::S3ServiceBuilder;

use super::payload::{self, Announced};
use super::problem::{self, Problem};
use super::reply::{self, Reply};
use super::service::Call;
use super::{S3, credentials, limits, post, unsupported};
use crate::common::env::Env;

pub(crate) async fn handle(s3: &Arc<S3>, request: Request<Body>) -> Response {
    let reply = Arc::new(Reply::new(&s3.env));
    let head = *request.method() == Method::HEAD;
    let answered = answer(s3, request, &reply).await;
    let mut response = answered.unwrap_or_else(|problem| render(&problem, &reply));
    if head && !response.status().is_success() {
        *response.body_mut() = Body::empty();
        response.headers_mut().remove(CONTENT_LENGTH);
    }
    response.headers_mut().extend(reply.headers());
    let ids = [("x-amz-request-id", &reply.request_id), ("x-amz-id-2", &reply.id_2)];
    for (name, value) in ids {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response.headers_mut().insert("server", HeaderValue::from_static("AmazonS3"));
    response
}

async fn answer(s3: &Arc<S3>, mut request: Request<Body>, reply: &Arc<Reply>) -> Result<Response, Problem> {
    path_style(&mut request)?;
    let trace = request.headers().get("x-amzn-trace-id").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let call = Call { s3: Arc::clone(s3), reply: Arc::clone(reply), trace_header: trace };
    if let Some(bucket) = post::bucket(&request) {
        return post::object(&call, &bucket, request).await;
    }
    let request = prepare(&s3.env, request, reply)?;
    match S3ServiceBuilder::new(call).build().call(request).await {
        Ok(response) => Ok(finish(response, reply)),
        Err(error) => {
            let error: s3s::StdError = error.into();
            Err(Problem::internal(error))
        }
    }
}

/// Prepares a request for `s3s`.
fn prepare(env: &Env, mut request: Request<Body>, reply: &Arc<Reply>) -> Result<s3s::HttpRequest, Problem> {
    let announced = Announced::read(request.method(), request.uri(), request.headers())?;
    credentials::accept(&mut request, env.now())?;
    limits::check(request.method(), request.uri(), request.headers())?;
    unsupported::refuse(request.headers())?;
    ignore_malformed_range(request.headers_mut());
    announced.clean(request.headers_mut());
    let reply = Arc::clone(reply);
    Ok(request.map(|body| {
        let wire = TryStreamExt::map_err(body.into_data_stream(), s3s::StdError::from);
        let pieces = payload::checked(wire, announced, reply).map_ok(Frame::data);
        s3s::Body::http_body_unsync(StreamBody::new(pieces))
    }))
}

/// `bucket.localhost/key` becomes `localhost/bucket/key`, so that there is one style only.
fn path_style(request: &mut Request<Body>) -> Result<(), Problem> {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.split(':').next().unwrap_or_default();
    let bucket = name.strip_suffix(".s3.localhost").or_else(|| name.strip_suffix(".localhost"));
    let Some(bucket) = bucket.filter(|bucket| *bucket != "s3") else { return Ok(()) };
    let target = request.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let uri: Result<Uri, _> = format!("/{bucket}{target}").parse();
    *request.uri_mut() = uri.map_err(|_| Problem::of(S3ErrorCode::InvalidURI))?;
    Ok(())
}

/// As on AWS, a range that is malformed, or several ranges, are answered with the whole object.
fn ignore_malformed_range(headers: &mut HeaderMap) {
    // `s3s` reads a range of nothing at all as the last 0 bytes.
    let is_range =
        |value: &HeaderValue| value.to_str().is_ok_and(|text| text != "bytes=-" && Range::parse(text).is_ok());
    if headers.get(RANGE).is_some_and(|value| !is_range(value)) {
        headers.remove(RANGE);
    }
}

/// Gives errors AWS's form, and writes control characters in XML as references, as AWS does.
fn finish(response: s3s::HttpResponse, reply: &Reply) -> Response {
    if let Some(problem) = reply.problem() {
        return render(&problem, reply);
    }
    let (mut parts, body) = response.into_parts();
    // `s3s` answers a HEAD request for a range with 200.
    if parts.headers.contains_key(CONTENT_RANGE) && parts.status.is_success() {
        parts.status = StatusCode::PARTIAL_CONTENT;
    }
    let is_xml = parts.headers.get(CONTENT_TYPE).is_some_and(|value| value == "application/xml");
    // An object's body comes from a file and never in one piece, so XML that a client stored is not touched.
    // An answer to HEAD has no body at all, and its length is that of the object.
    let Some(bytes) = body.bytes().filter(|bytes| is_xml && !bytes.is_empty()) else {
        return Response::from_parts(parts, Body::new(http_body_util::BodyExt::map_err(body, axum::Error::new)));
    };
    let mut xml = reply::references(&String::from_utf8_lossy(&bytes));
    if !parts.status.is_success() {
        xml = complete(&xml, reply);
    }
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(xml))
}

/// Adds a message and the ids, which the errors of `s3s` lack.
fn complete(xml: &str, reply: &Reply) -> String {
    let Some(open) = xml.strip_suffix("</Error>") else { return xml.to_owned() };
    let message = if open.contains("<Message>") {
        String::new()
    } else {
        let code = open.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map(|(code, _)| code);
        let code = S3ErrorCode::from_bytes(code.unwrap_or_default().as_bytes());
        format!("<Message>{}</Message>", code.map_or("", |code| problem::usual_message(&code)))
    };
    let Reply { request_id, id_2, .. } = reply;
    format!("{open}{message}<RequestId>{request_id}</RequestId><HostId>{id_2}</HostId></Error>")
}

fn render(problem: &Problem, reply: &Reply) -> Response {
    let status = problem.http_status();
    // 304 has no body.
    let empty = status == http::StatusCode::NOT_MODIFIED;
    let body = if empty { Body::empty() } else { Body::from(problem.xml(&reply.request_id, &reply.id_2)) };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    if !empty {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    }
    response.headers_mut().extend(problem.headers());
    response
}
