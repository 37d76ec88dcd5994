//! Delivery states and their names.

/// How far a message is known to have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeliveryState {
    /// The subscription is not confirmed; it gets nothing.
    PendingConfirmation,
    /// Its filter policy excludes the message.
    Filtered,
    /// SNS has the message; nothing is known of this endpoint.
    Accepted,
    /// A delivery status, or the probe queue itself, says that it arrived.
    Delivered,
    /// SNS says that it did not arrive.
    Failed,
    /// What would tell could not be read, is not written, or is not from the time of the message.
    Unknown,
}

impl DeliveryState {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::PendingConfirmation, Self::Filtered, Self::Accepted, Self::Delivered, Self::Failed, Self::Unknown];

    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::PendingConfirmation => "pending_confirmation",
            Self::Filtered => "filtered",
            Self::Accepted => "accepted",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }

    /// The word on the screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::PendingConfirmation => "pending confirmation",
            Self::Filtered => "filtered",
            Self::Accepted => "accepted",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}
