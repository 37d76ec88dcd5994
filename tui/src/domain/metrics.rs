//! What CloudWatch counts of the topic.

use jiff::Timestamp;

/// The counts of one minute, or of several.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// `NumberOfMessagesPublished`.
    pub published: u64,
    /// `NumberOfNotificationsDelivered`.
    pub delivered: u64,
    /// `NumberOfNotificationsFailed`.
    pub failed: u64,
    /// `NumberOfNotificationsFilteredOut`.
    pub filtered_out: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Minute {
    /// Its beginning.
    pub at: Timestamp,
    /// What was counted in it.
    pub counts: Counts,
}
