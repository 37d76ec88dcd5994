//! A bucket's notification configuration.

/// The configurations of one bucket.
#[derive(Debug, Clone, Default)]
pub(crate) struct Notifications {}

impl Notifications {
    pub(crate) fn all_created(_function_arn: &str) -> Self {
        Self {}
    }
}
