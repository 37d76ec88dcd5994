//! S3: a store of our own behind `s3s`, which speaks the protocol.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::{Request, StatusCode};

use crate::cloud::Cloud;
use crate::wire::{self, ApiError, Protocol};

/// All buckets.
pub(crate) struct S3 {}

impl S3 {
    pub(crate) fn new() -> std::io::Result<Self> {
        Ok(Self {})
    }
}

/// Answers one S3 request.
#[expect(clippy::unused_async, reason = "the store will be read here")]
pub(crate) async fn handle(_cloud: &Arc<Cloud>, _request: Request<Body>) -> Response {
    let error = ApiError::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", "not implemented");
    wire::error(Protocol::RestXml, &error, &wire::request_id())
}
