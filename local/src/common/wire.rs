//! The protocols that several services share: errors and JSON responses.
//!
//! S3 is not here: `s3s` speaks its protocol.

use aws_smithy_cbor::Encoder;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

/// An error as AWS answers it; each protocol renders it in its own form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiError {
    pub(crate) status: StatusCode,
    /// AWS's error code, for example `NotFound` or `ResourceNotFoundException`.
    pub(crate) code: String,
    pub(crate) message: String,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into() }
    }

    /// The error for expired credentials.
    pub(crate) fn expired(protocol: Protocol) -> Self {
        let message = "The security token included in the request is expired";
        let (status, code, message) = match protocol {
            Protocol::RestXml => (StatusCode::BAD_REQUEST, "ExpiredToken", "The provided token has expired."),
            Protocol::Query => (StatusCode::FORBIDDEN, "ExpiredToken", message),
            Protocol::Json | Protocol::Cbor => (StatusCode::BAD_REQUEST, "ExpiredTokenException", message),
            Protocol::RestJson => (StatusCode::FORBIDDEN, "ExpiredTokenException", message),
        };
        Self::new(status, code, message)
    }

    /// 400 with a code of the service's own.
    pub(crate) fn bad_request(code: &str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }
}

pub(crate) fn hex(bytes: impl AsRef<[u8]>) -> String {
    use std::fmt::Write as _;
    bytes.as_ref().iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

pub(crate) fn json(status: StatusCode, value: &serde_json::Value) -> Response {
    let content_type = [(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"))];
    (status, content_type, value.to_string()).into_response()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// AWS query: form in, XML out (SNS, STS, and older clients of SQS and CloudWatch).
    Query,
    /// AWS JSON 1.0 and 1.1 (SQS, CloudWatch, CloudWatch Logs).
    Json,
    /// RPC v2 in CBOR (CloudWatch).
    Cbor,
    /// REST with JSON bodies (Lambda).
    RestJson,
    /// REST with XML bodies (S3).
    RestXml,
}

pub(crate) fn error(protocol: Protocol, error: &ApiError, request_id: &str) -> Response {
    let ApiError { code, message, status } = error;
    let (content_type, body) = match protocol {
        Protocol::Query => {
            let kind = if status.is_server_error() { "Receiver" } else { "Sender" };
            let (code, message) = (quick_xml::escape::escape(code), quick_xml::escape::escape(message));
            let text = format!(
                "<ErrorResponse><Error><Type>{kind}</Type><Code>{code}</Code><Message>{message}</Message></Error>\
                 <RequestId>{request_id}</RequestId></ErrorResponse>"
            );
            ("text/xml", text.into_bytes())
        }
        Protocol::RestXml => {
            let (code, message) = (quick_xml::escape::escape(code), quick_xml::escape::escape(message));
            let text = format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message>\
                 <RequestId>{request_id}</RequestId></Error>"
            );
            ("application/xml", text.into_bytes())
        }
        Protocol::Json => (
            "application/x-amz-json-1.0",
            serde_json::json!({"__type": code, "message": message}).to_string().into_bytes(),
        ),
        Protocol::Cbor => ("application/cbor", cbor_error(code, message)),
        Protocol::RestJson => {
            let kind = if status.is_server_error() { "Service" } else { "User" };
            ("application/json", serde_json::json!({"Type": kind, "Message": message}).to_string().into_bytes())
        }
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = *status;
    let headers = response.headers_mut();
    headers.insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static(content_type));
    // S3 has a header of its own for the id, and names the error in the body only.
    let named: &[(&str, &str)] = match protocol {
        Protocol::RestXml => &[("x-amz-request-id", request_id)],
        Protocol::Cbor => &[("x-amzn-requestid", request_id), ("smithy-protocol", "rpc-v2-cbor")],
        _ => &[("x-amzn-requestid", request_id), ("x-amzn-errortype", code)],
    };
    for &(name, value) in named {
        if let Ok(value) = http::HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
    response
}

/// Adds the code that the query protocol has for an error: clients of services that once spoke only that know it by this.
pub(crate) fn name_query_code(headers: &mut http::HeaderMap, code: &str, status: StatusCode) {
    let kind = if status.is_server_error() { "Receiver" } else { "Sender" };
    if let Ok(value) = http::HeaderValue::from_str(&format!("{code};{kind}")) {
        headers.insert("x-amzn-query-error", value);
    }
}

/// The member that an input lacks, from the text of `serde`'s error: AWS has an error of its own for it.
pub(crate) fn missing_member(text: &str) -> Option<&str> {
    text.strip_prefix("missing field `")?.split_once('`').map(|(name, _)| name)
}

fn cbor_error(code: &str, message: &str) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    encoder.map(2).str("__type").str(code).str("message").str(message);
    encoder.into_writer()
}
