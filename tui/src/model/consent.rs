//! Whether an upload is asked about before it is sent: on AWS it notifies the subscribers.

use super::{Connection, Model};

/// Whether the user has agreed that uploads notify the subscribers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Consent {
    /// The settings say not to ask.
    #[default]
    Unasked,
    /// Not yet.
    Needed,
    /// Yes, for this pipeline.
    Given,
}

impl Consent {
    /// The same before another pipeline is watched, whose subscribers are others.
    #[must_use]
    pub(super) fn renewed(self) -> Self {
        if self == Self::Unasked { Self::Unasked } else { Self::Needed }
    }
}

impl Model {
    /// Whether the next upload is asked about first. The local cloud delivers nothing to real addresses, and has an
    /// inbox instead; before the connection, an endpoint on this machine is taken for it.
    pub fn asks_before_upload(&self) -> bool {
        let is_local = match self.connection {
            Connection::Ready => self.inbox.available,
            Connection::Connecting | Connection::Failed(_) => self.is_loopback,
        };
        // What is refused anyway is not asked about.
        self.consent == Consent::Needed && !is_local && !self.protection.read_only
    }
}
