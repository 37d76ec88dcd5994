//! Failures of invocations, with Lambda's error types and messages.

use std::process::ExitStatus;
use std::time::Duration;

use bytes::Bytes;
use serde_json::json;

use super::platform::ReportStatus;
use super::runtime::RESPONSE_LIMIT;

pub(super) struct Failure {
    pub(super) status: ReportStatus,
    pub(super) error_type: String,
    pub(super) payload: Bytes,
    /// Lambda's message; `None` where the function reported the error.
    pub(super) message: Option<String>,
}

impl Failure {
    /// The function reported the error.
    pub(super) fn of_function(payload: Bytes, kind: Option<String>) -> Self {
        let named = || {
            let body: serde_json::Value = serde_json::from_slice(&payload).ok()?;
            Some(body.get("errorType")?.as_str()?.to_owned())
        };
        let error_type = named().or(kind).unwrap_or_else(|| "Runtime.Unknown".to_owned());
        Self { status: ReportStatus::Error, error_type, payload, message: None }
    }

    /// Lambda found the error; [`Self::with_request_id`] makes the payload.
    pub(super) fn of_platform(error_type: &str, message: String) -> Self {
        Self {
            status: ReportStatus::Error,
            error_type: error_type.to_owned(),
            payload: Bytes::new(),
            message: Some(message),
        }
    }

    pub(super) fn timed_out(limit: Duration) -> Self {
        let message = format!("Task timed out after {:.2} seconds", limit.as_secs_f64());
        Self { status: ReportStatus::Timeout, ..Self::of_platform("Sandbox.Timedout", message) }
    }

    pub(super) fn too_large() -> Self {
        let message = format!("Response payload size exceeded maximum allowed payload size ({RESPONSE_LIMIT} bytes).");
        let error_type = "Function.ResponseSizeTooLarge".to_owned();
        let payload = json!({"errorMessage": message, "errorType": error_type}).to_string().into();
        Self { status: ReportStatus::Error, error_type, payload, message: None }
    }

    /// Adds the request id to Lambda's message, and makes it the payload.
    pub(super) fn with_request_id(mut self, request_id: &str) -> Self {
        if let Some(message) = &mut self.message {
            *message = format!("RequestId: {request_id} Error: {message}");
            self.payload = json!({"errorType": self.error_type, "errorMessage": message}).to_string().into();
        }
        self
    }

    pub(super) fn exited(status: std::io::Result<ExitStatus>) -> Self {
        let message = match status {
            Ok(status) if status.success() => "Runtime exited without providing a reason".to_owned(),
            Ok(status) => match status.code() {
                Some(code) => format!("Runtime exited with error: exit status {code}"),
                None => format!("Runtime exited with error: {status}"),
            },
            Err(error) => format!("Runtime exited with error: {error}"),
        };
        Self::of_platform("Runtime.ExitError", message)
    }

    pub(super) fn stopped() -> Self {
        Self::of_platform("Runtime.ExitError", "the local cloud stopped".to_owned())
    }
}
