//! SQS's errors, for clients of both its protocols.

use axum::response::Response;
use http::{HeaderValue, StatusCode};

use crate::common::wire::{self, ApiError, Protocol};

pub(crate) fn no_queue() -> ApiError {
    ApiError::bad_request("QueueDoesNotExist", "The specified queue does not exist.")
}

pub(crate) fn invalid_value(message: impl Into<String>) -> ApiError {
    ApiError::bad_request("InvalidParameterValue", message)
}

/// `com.amazonaws.sqs#NAME` in the body, and the code of the query protocol in a header, by which older clients know it.
pub(crate) fn render(error: &ApiError, request_id: &str) -> Response {
    let known = query_code(&error.code);
    let kind = if error.status.is_server_error() { "Receiver" } else { "Sender" };
    let header = HeaderValue::from_str(&format!("{};{kind}", known.as_ref().unwrap_or(&error.code)));
    // Names of the service's model have its namespace, common ones have that of AWS's front end.
    let namespace = match error.code.as_str() {
        "UnknownOperationException" | "SerializationException" => "com.amazon.coral.service",
        _ if known.is_some() => "com.amazonaws.sqs",
        _ => "com.amazon.coral.service",
    };
    let name = match error.code.as_str() {
        "InvalidParameterValue" => "InvalidParameterValueException",
        "MissingParameter" => "MissingRequiredParameterException",
        name => name,
    };
    let named = ApiError::new(error.status, &format!("{namespace}#{name}"), error.message.clone());
    let mut response = wire::error(Protocol::Json, &named, request_id);
    if let Ok(header) = header {
        response.headers_mut().insert("x-amzn-query-error", header);
    }
    response
}

/// The query protocol's code of an error that the model names.
pub(crate) fn query_code(name: &str) -> Option<String> {
    Some(match name {
        "InvalidAttributeName"
        | "InvalidAttributeValue"
        | "InvalidMessageContents"
        | "OverLimit"
        | "ReceiptHandleIsInvalid" => name.to_owned(),
        "BatchEntryIdsNotDistinct"
        | "BatchRequestTooLong"
        | "EmptyBatchRequest"
        | "InvalidBatchEntryId"
        | "MessageNotInflight"
        | "PurgeQueueInProgress"
        | "QueueDeletedRecently"
        | "TooManyEntriesInBatchRequest"
        | "UnsupportedOperation" => format!("AWS.SimpleQueueService.{name}"),
        "QueueDoesNotExist" => "AWS.SimpleQueueService.NonExistentQueue".to_owned(),
        "QueueNameExists" => "QueueAlreadyExists".to_owned(),
        _ => return None,
    })
}

/// 403, which SQS uses for limits.
pub(crate) fn forbidden(code: &str, message: impl Into<String>) -> ApiError {
    ApiError::new(StatusCode::FORBIDDEN, code, message)
}
