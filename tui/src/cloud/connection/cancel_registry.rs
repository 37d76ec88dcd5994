//! What stops single transfers: a token for each that is in progress.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

/// The tokens of transfers by their names.
#[derive(Debug)]
pub(in crate::cloud) struct CancelRegistry<Id>(Mutex<HashMap<Id, CancellationToken>>);

impl<Id> Default for CancelRegistry<Id> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<Id: Eq + Hash> CancelRegistry<Id> {
    /// The token of a new transfer; it ends with its connection.
    pub(in crate::cloud) fn begin(&self, id: Id, stop: &CancellationToken) -> CancellationToken {
        let token = stop.child_token();
        self.with(|tokens| tokens.insert(id, token.clone()));
        token
    }

    /// Cancels a transfer that is in progress.
    pub(in crate::cloud) fn cancel(&self, id: &Id) {
        self.with(|tokens| {
            if let Some(token) = tokens.get(id) {
                token.cancel();
            }
        });
    }

    /// Forgets a transfer that is over.
    pub(in crate::cloud) fn end(&self, id: &Id) {
        self.with(|tokens| tokens.remove(id));
    }

    fn with<T>(&self, work: impl FnOnce(&mut HashMap<Id, CancellationToken>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
