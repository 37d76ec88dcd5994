//! The three protocols of CloudWatch: RPC v2 in CBOR, AWS JSON 1.0, and the query protocol.
//!
//! Each reads a request as one tree and writes an answer from one [`Item`], so that no operation knows them.

use axum::response::Response;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::cbor;
use super::item::Item;
use crate::common::aws_json;
use crate::common::query::{self, Params};
use crate::common::wire::{self, ApiError, Protocol};

/// The path of requests in CBOR.
pub(crate) const PATH: &str = "/service/GraniteServiceVersion20100801/operation/";
/// What `X-Amz-Target` of requests in JSON begins with.
pub(crate) const TARGET: &str = "GraniteServiceVersion20100801";
/// `Version` of the query protocol.
pub(crate) const VERSION: &str = "2010-08-01";
const NAMESPACE: &str = "http://monitoring.amazonaws.com/doc/2010-08-01/";

/// The protocol of a request, and the operation that it names.
pub(crate) fn named<B>(request: &Request<B>) -> (Protocol, String) {
    if let Some(operation) = request.uri().path().strip_prefix(PATH) {
        return (Protocol::Cbor, operation.to_owned());
    }
    if let Some(target) = request.headers().get("x-amz-target") {
        let operation = target.to_str().ok().and_then(|target| target.strip_prefix(TARGET)?.strip_prefix('.'));
        return (Protocol::Json, operation.unwrap_or_default().to_owned());
    }
    let action = request.extensions().get::<Params>().and_then(|params| params.get("Action"));
    (Protocol::Query, action.unwrap_or_default().to_owned())
}

/// A request's input.
pub(super) fn read(protocol: Protocol, params: Option<&Params>, body: &[u8]) -> Result<Value, ApiError> {
    let unreadable = |reason: String| ApiError::bad_request("SerializationException", reason);
    match protocol {
        Protocol::Cbor if body.is_empty() => Ok(Value::Object(serde_json::Map::new())),
        Protocol::Cbor => cbor::read(body).map_err(|error| unreadable(error.to_string())),
        Protocol::Query => Ok(params.map(Params::tree).unwrap_or_default().into()),
        _ => serde_json::from_slice(body).map_err(|error| unreadable(error.to_string())),
    }
}

/// The input as an operation's own type.
/// Errors: a member is missing, or has another type.
pub(super) fn input<T: DeserializeOwned>(input: &Value) -> Result<T, ApiError> {
    T::deserialize(input).map_err(|error| {
        let text = error.to_string();
        match wire::missing_member(&text) {
            Some(name) => ApiError::bad_request("MissingParameter", format!("The parameter {name} is required.")),
            None => ApiError::bad_request("InvalidParameterValue", text),
        }
    })
}

/// A number, which the query protocol writes as text.
pub(super) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::String(text) => text.parse().map_err(|_| D::Error::custom(format!("{text:?} is not a whole number"))),
        other => other.as_i64().ok_or_else(|| D::Error::custom(format!("{other} is not a whole number"))),
    }
}

/// A time in seconds since 1970: a number, or text in the form of ISO 8601.
pub(super) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let number = match &value {
        Value::String(text) => match text.parse::<jiff::Timestamp>() {
            Ok(time) => return Ok(time.as_second()),
            Err(_) => text.parse().ok(),
        },
        other => other.as_f64(),
    };
    // Within the years that a timestamp can name.
    let number = number.filter(|number: &f64| number.abs() < 1e11);
    number.map(whole).ok_or_else(|| D::Error::custom(format!("{value} is not a time")))
}

#[expect(clippy::cast_possible_truncation, reason = "the caller has checked the range")]
fn whole(seconds: f64) -> i64 {
    seconds.floor() as i64
}

pub(super) fn answer(protocol: Protocol, operation: &str, answer: &Item, request_id: &str) -> Response {
    match protocol {
        Protocol::Query => query::respond(NAMESPACE, operation, Some(answer.xml()), request_id),
        Protocol::Cbor => {
            let mut response = Response::new(axum::body::Body::from(answer.cbor()));
            let headers = response.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/cbor"));
            headers.insert("smithy-protocol", HeaderValue::from_static("rpc-v2-cbor"));
            if let Ok(id) = HeaderValue::from_str(request_id) {
                headers.insert("x-amzn-requestid", id);
            }
            response
        }
        _ => aws_json::answer("application/x-amz-json-1.0", &answer.json(), request_id),
    }
}

/// Refuses a request. The query protocol has codes of its own; the newer two name the error as CloudWatch's model does,
/// and carry the older code in a header.
pub(super) fn refuse(protocol: Protocol, error: &ApiError, request_id: &str) -> Response {
    let (name, code) = match error.code.as_str() {
        "InvalidParameterValue" | "InvalidParameterCombination" => (format!("{MODEL}{}Exception", error.code), None),
        "MissingParameter" => (format!("{MODEL}MissingRequiredParameterException"), None),
        "ValidationError" => ("com.amazon.coral.validate#ValidationException".to_owned(), None),
        "UnknownOperationException" => (format!("{FRONT}UnknownOperationException"), Some("InvalidAction")),
        "SerializationException" => (format!("{FRONT}SerializationException"), Some("MalformedInput")),
        other => (format!("{MODEL}{other}"), None),
    };
    let code = code.unwrap_or(&error.code);
    let written = if protocol == Protocol::Query { code } else { &name };
    let mut response = wire::error(protocol, &ApiError::new(error.status, written, error.message.clone()), request_id);
    if protocol != Protocol::Query {
        wire::name_query_code(response.headers_mut(), code, error.status);
    }
    response
}

/// Names of CloudWatch's model, and those of AWS's front end.
const MODEL: &str = "com.amazonaws.cloudwatch.v2010_08_01#";
const FRONT: &str = "com.amazon.coral.service#";
