//! What stands between the bucket and its functions besides the bucket's own rules: queues, mappings, topics, EventBridge.

use std::collections::BTreeMap;

use super::{Listing, Lookup, Subscription};
use crate::domain::wiring::Wiring;
use crate::text::clean::Clean;

/// The joints of the pipeline's entries, with what was read about each resource by its ARN.
#[derive(Debug, Clone, Default)]
pub struct Joints {
    /// Where nothing leads to the function, it also has the event bus to which the bucket sends nothing.
    pub wiring: Wiring,
    /// Queues that events pass through, and the dead-letter queues of these and of `EventBridge`'s rules.
    pub queues: BTreeMap<Clean, Lookup<EntryQueue>>,
    /// Topics that events pass through.
    pub topics: BTreeMap<Clean, Lookup<EntryTopic>>,
    /// Functions that events reach.
    pub functions: BTreeMap<Clean, Lookup<EntryFunction>>,
    /// The policies of functions that EventBridge invokes, or a topic does.
    pub policies: BTreeMap<Clean, Lookup<Clean>>,
    /// What would lead to the function, where nothing does.
    pub aimed: Aimed,
}

/// What leads to the function although no event of the bucket comes there, as far as it was read.
#[derive(Debug, Clone, Default)]
pub struct Aimed {
    /// The ARNs of queues that the function reads.
    pub queues: Vec<Clean>,
    /// Rules of the default event bus with a pattern, and with the function as a target.
    pub rules: Vec<AimedRule>,
}

impl Aimed {
    pub fn is_empty(&self) -> bool {
        self.queues.is_empty() && self.rules.is_empty()
    }
}

/// A rule of `EventBridge`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AimedRule {
    pub name: Clean,
    /// In JSON.
    pub pattern: Clean,
}

/// A queue between the bucket and a function.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryQueue {
    /// Where requests about it go.
    pub url: Clean,
    /// In JSON.
    pub policy: Option<Clean>,
    /// The customer's or AWS's key that encrypts it.
    pub kms_key: Option<Clean>,
    /// Seconds for which a message that was received is hidden.
    pub visibility: Option<u32>,
    /// In JSON.
    pub redrive_policy: Option<Clean>,
}

/// A topic between the bucket and a function.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryTopic {
    /// In JSON.
    pub policy: Option<Clean>,
    /// The customer's or AWS's key that encrypts it.
    pub kms_key: Option<Clean>,
    pub subscriptions: Lookup<Listing<Subscription>>,
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
