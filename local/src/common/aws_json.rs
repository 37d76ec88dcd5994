//! AWS JSON 1.0 and 1.1: the operation is in a header, its input and its output are JSON objects.
//!
//! SQS (1.0) and CloudWatch Logs (1.1) share this. Errors are named as the service's model names
//! them, and each service decides how the name is written.

use axum::body::Body;
use axum::response::Response;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::wire::ApiError;

/// The largest accepted request body; a full batch of SQS or of log events, with all of its JSON escapes, is smaller.
const BODY_LIMIT: usize = 8 << 20;

pub(crate) struct Call {
    pub(crate) operation: String,
    /// `X-Amzn-Trace-Id`, as the caller sent it.
    pub(crate) trace_header: Option<String>,
    input: Value,
}

impl Call {
    /// A call whose input came in another protocol.
    pub(crate) fn new(operation: String, trace_header: Option<String>, input: Value) -> Self {
        Self { operation, trace_header, input }
    }

    /// Reads a request whose `X-Amz-Target` starts with `prefix` and a dot.
    /// Errors: `UnknownOperationException` for another target, `SerializationException` for a body that is no JSON object.
    pub(crate) async fn read(prefix: &str, request: Request<Body>) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let trace_header = header("x-amzn-trace-id");
        let target = header("x-amz-target").unwrap_or_default();
        let Some(operation) = target.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('.')).map(str::to_owned)
        else {
            return Err(unknown_operation(&target));
        };
        let body = axum::body::to_bytes(body, BODY_LIMIT).await.map_err(|error| {
            ApiError::bad_request("SerializationException", format!("cannot read the body: {error}"))
        })?;
        let input =
            if body.is_empty() { Ok(Value::Object(serde_json::Map::new())) } else { serde_json::from_slice(&body) };
        match input {
            Ok(input @ Value::Object(_)) => Ok(Self { operation, trace_header, input }),
            Ok(_) => Err(ApiError::bad_request("SerializationException", "the body is not a JSON object")),
            Err(error) => Err(ApiError::bad_request("SerializationException", error.to_string())),
        }
    }

    /// The input as the operation's own type.
    /// Errors: `SerializationException` when a member is missing or has another type.
    pub(crate) fn input<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        T::deserialize(&self.input).map_err(|error| ApiError::bad_request("SerializationException", error.to_string()))
    }
}

/// The error for an operation that is not served.
pub(crate) fn unknown_operation(operation: &str) -> ApiError {
    let message = format!("the operation {operation:?} is not implemented by this local cloud");
    ApiError::bad_request("UnknownOperationException", message)
}

/// A successful answer. Operations without output pass [`Value::Null`], which AWS answers with an empty body.
pub(crate) fn answer(content_type: &'static str, output: &Value, request_id: &str) -> Response {
    let body = if output.is_null() { Body::empty() } else { Body::from(output.to_string()) };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert("x-amzn-requestid", id);
    }
    response
}
