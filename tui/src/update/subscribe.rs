//! What makes an endpoint acceptable, as it is typed.

use crate::model::subscriptions::Protocol;

/// Whether SNS would take the endpoint, as far as its form tells.
///
/// # Errors
/// What is wrong with it, for the user.
pub fn validate(_protocol: Protocol, endpoint: &str) -> Result<(), String> {
    if endpoint.is_empty() { Err("type an endpoint".to_owned()) } else { Ok(()) }
}
