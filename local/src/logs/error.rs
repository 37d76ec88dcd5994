//! Errors of CloudWatch Logs.

use axum::response::Response;
use http::HeaderValue;
use http::header::CONTENT_TYPE;

use crate::common::wire::{self, ApiError, Protocol};

pub(crate) fn no_group() -> ApiError {
    ApiError::bad_request("ResourceNotFoundException", "The specified log group does not exist.")
}

pub(crate) fn no_stream() -> ApiError {
    ApiError::bad_request("ResourceNotFoundException", "The specified log stream does not exist.")
}

pub(crate) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::bad_request("InvalidParameterException", message)
}

/// A value that violates a constraint of the service's model.
pub(crate) fn constraint(value: impl std::fmt::Display, member: &str, rule: &str) -> ApiError {
    invalid(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must {rule}"
    ))
}

/// Checks the number of entries that a page may hold.
pub(crate) fn page_size(limit: Option<i64>, default: usize, most: usize) -> Result<usize, ApiError> {
    let Some(limit) = limit else { return Ok(default) };
    match usize::try_from(limit) {
        Ok(limit) if limit > most => {
            Err(constraint(limit, "limit", &format!("have value less than or equal to {most}")))
        }
        Ok(limit) if limit > 0 => Ok(limit),
        _ => Err(constraint(limit, "limit", "have value greater than or equal to 1")),
    }
}

/// The token is not one of this operation.
pub(crate) fn bad_token() -> ApiError {
    invalid("The specified nextToken is invalid.")
}

pub(crate) fn render(error: &ApiError, request_id: &str) -> Response {
    let mut response = wire::error(Protocol::Json, error, request_id);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(super::CONTENT_TYPE));
    response
}
