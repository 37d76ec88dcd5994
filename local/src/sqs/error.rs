//! SQS's errors, for clients of both its protocols.

use axum::response::Response;
use http::StatusCode;

use crate::common::wire::{self, ApiError, Protocol};

pub(crate) fn no_queue() -> ApiError {
    ApiError::bad_request("QueueDoesNotExist", "The specified queue does not exist.")
}

pub(crate) fn invalid_value(message: impl Into<String>) -> ApiError {
    ApiError::bad_request("InvalidParameterValue", message)
}

/// In JSON `com.amazonaws.sqs#NAME`, with the code of the query protocol in a header, by which older clients know it.
pub(crate) fn render(protocol: Protocol, error: &ApiError, request_id: &str) -> Response {
    let known = query_code(&error.code);
    if protocol == Protocol::Query {
        let named = in_query(error, known.as_deref());
        return wire::error(protocol, &named, request_id);
    }
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
    let mut response = wire::error(protocol, &named, request_id);
    wire::name_query_code(response.headers_mut(), known.as_ref().unwrap_or(&error.code), error.status);
    response
}

/// An error with the code of the query protocol, which has others for what AWS's front end refuses.
fn in_query(error: &ApiError, code: Option<&str>) -> ApiError {
    match (error.code.as_str(), wire::missing_member(&error.message)) {
        ("SerializationException", Some(name)) => {
            ApiError::bad_request("MissingParameter", format!("The request must contain the parameter {name}."))
        }
        ("SerializationException", None) => ApiError::bad_request("MalformedInput", error.message.clone()),
        ("UnknownOperationException", _) => ApiError::bad_request("InvalidAction", error.message.clone()),
        (other, _) => ApiError::new(error.status, code.unwrap_or(other), error.message.clone()),
    }
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
