//! Reserved concurrency: `GetFunctionConcurrency`, its `Put` and its `Delete`.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::{Call, ok};
use crate::lambda::function::Function;
use crate::wire::ApiError;

pub(super) fn get(function: &Function) -> Response {
    ok(&match function.reserved() {
        Some(most) => json!({"ReservedConcurrentExecutions": most}),
        None => json!({}),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Concurrency {
    reserved_concurrent_executions: usize,
}

pub(super) fn put(function: &Function, call: &Call) -> Result<Response, ApiError> {
    let concurrency: Concurrency = call.json()?;
    function.reserve(Some(concurrency.reserved_concurrent_executions));
    Ok(get(function))
}

pub(super) fn delete(function: &Function) -> Response {
    function.reserve(None);
    StatusCode::NO_CONTENT.into_response()
}
