//! Whether uploads wait for the listing of subscriptions.

use tokio::time::Instant;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    /// There is no connection yet.
    Connecting,
    /// Until the listing is answered, or this moment.
    Until(Instant),
    Over,
}

impl Hold {
    pub(super) fn lasts(self, is_listed: bool, now: Instant) -> bool {
        match self {
            Self::Connecting => !is_listed,
            Self::Until(end) => !is_listed && now < end,
            Self::Over => false,
        }
    }
}
