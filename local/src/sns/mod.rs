//! SNS: topics, subscriptions, publishing and delivery.

use std::sync::Arc;

use crate::cloud::Cloud;
use crate::wire::ApiError;

/// All topics and subscriptions.
#[derive(Default)]
pub(crate) struct Sns {}

/// Publishes for another service of this cloud (S3's notifications to a topic); returns the message id.
///
/// # Errors
/// The topic does not exist.
pub(crate) fn publish_event(
    _cloud: &Arc<Cloud>,
    _topic_arn: &str,
    _subject: &str,
    _message: String,
) -> Result<String, ApiError> {
    Err(ApiError::new(http::StatusCode::NOT_FOUND, "NotFound", "Topic does not exist"))
}
