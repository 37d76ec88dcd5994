//! What stands between the bucket and its functions besides the bucket's own rules: queues, mappings, topics, EventBridge.

use std::collections::BTreeMap;

use super::Lookup;
use crate::domain::wiring::Wiring;
use crate::text::clean::Clean;

/// The joints of the pipeline's entries, with what was read about each resource by its ARN.
#[derive(Debug, Clone, Default)]
pub struct Joints {
    pub wiring: Wiring,
    /// Queues that events pass through.
    pub queues: BTreeMap<Clean, Lookup<EntryQueue>>,
    /// The policies of topics that events pass through.
    pub topics: BTreeMap<Clean, Lookup<Option<Clean>>>,
    /// Functions that events reach.
    pub functions: BTreeMap<Clean, Lookup<EntryFunction>>,
    /// The policies of functions that EventBridge invokes, or a topic does.
    pub policies: BTreeMap<Clean, Lookup<Clean>>,
}

/// A queue between the bucket and a function.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryQueue {
    /// Where requests about it go.
    pub url: Clean,
    /// In JSON.
    pub policy: Option<Clean>,
    /// Seconds for which a message that was received is hidden.
    pub visibility: Option<u32>,
    /// In JSON.
    pub redrive_policy: Option<Clean>,
}

/// What matters of a function at its joints.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryFunction {
    /// Seconds.
    pub timeout: Option<u32>,
    /// Whether its environment says that the mapping takes the messages that failed; `None` where it says neither.
    pub reports_item_failures: Option<bool>,
    /// Variables whose value is the bucket's name.
    pub bucket_variables: Vec<Clean>,
}
