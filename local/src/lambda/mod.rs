//! Lambda: functions, their execution environments and the Runtime API.

use std::sync::Arc;

use bytes::Bytes;

use crate::cloud::Cloud;
use crate::wire::ApiError;

/// All functions.
#[derive(Default)]
pub(crate) struct Lambda {}

impl Lambda {
    /// Whether the function's resource policy lets `principal`, acting for `source_arn`, invoke it.
    pub(crate) fn allows(&self, _function_arn: &str, _principal: &str, _source_arn: &str) -> bool {
        false
    }
}

/// Queues an asynchronous invocation for another service; returns the invocation's request id.
///
/// # Errors
/// The function does not exist.
pub(crate) fn invoke_event(
    _cloud: &Arc<Cloud>,
    function_arn: &str,
    _payload: Bytes,
    _trace_header: Option<String>,
) -> Result<String, ApiError> {
    Err(ApiError::new(
        http::StatusCode::NOT_FOUND,
        "ResourceNotFoundException",
        format!("Function not found: {function_arn}"),
    ))
}
