//! Findings: what AWS answered when doctor looked, as plain data. They judge nothing.

mod author;
mod evidence;
mod invocations;
mod joints;
mod lookup;

use std::collections::{BTreeMap, BTreeSet};

use imgwatch_shared::arn::Arn;

use crate::domain::parts::Incomplete;
pub use crate::domain::wiring::{BucketNotifications, Rule, RuleKind};
use crate::text::clean::Clean;
pub use author::Author;
pub use evidence::{Backlog, FailedInvocation, Mention, Object, ObjectLog, Sighting};
pub use invocations::{Invocations, Seen};
pub use joints::{Aimed, AimedRule, EntryFunction, EntryQueue, EntryTopic, Joints};
pub use lookup::{Listing, Lookup};

/// Everything that was read.
#[derive(Debug, Clone)]
pub struct Findings {
    /// What is being examined.
    pub names: Names,
    /// The key whose upload is in question.
    pub key: Option<Clean>,
    /// Who asks.
    pub caller: Lookup<Caller>,
    /// This machine's clock less the service's, in milliseconds.
    pub clock_ahead_ms: Lookup<i64>,
    pub bucket_region: Lookup<Clean>,
    /// The bucket's incomplete multipart uploads.
    pub incomplete_uploads: Lookup<Incomplete>,
    /// The bucket's notification configuration.
    pub notifications: Lookup<BucketNotifications>,
    /// The function's configuration.
    pub function: Lookup<Function>,
    /// The function's resource policy, in JSON.
    pub function_policy: Lookup<Clean>,
    /// How failed asynchronous invocations are treated.
    pub event_invoke: Lookup<EventInvoke>,
    /// The function's reserved concurrency; `None` where none is reserved.
    pub concurrency: Lookup<Option<i32>>,
    pub log_group: Lookup<LogGroup>,
    /// The invocations that failed in the last hour by the function's log, newest first.
    pub failures: Lookup<Listing<FailedInvocation>>,
    /// What the last invocations in the function's log name.
    pub invocations: Lookup<Invocations>,
    /// The object of the key in question.
    pub object: Lookup<Object>,
    /// What the function's log says of that object.
    pub object_log: Lookup<ObjectLog>,
    /// The topic's attributes.
    pub topic: Lookup<Topic>,
    pub subscriptions: Lookup<Listing<Subscription>>,
    /// Queues that are subscribed, by ARN.
    pub queues: BTreeMap<Clean, Lookup<Queue>>,
    /// Queues that get what could not be handled, by ARN: failure destinations and dead-letter queues.
    pub backlogs: BTreeMap<Clean, Lookup<Backlog>>,
    /// Whether the account may send SMS to verified numbers only.
    pub sms_sandbox: Lookup<bool>,
    /// What stands between the bucket and its functions.
    pub joints: Joints,
}

impl Findings {
    /// Nothing has been read yet.
    pub fn none(names: Names) -> Self {
        Self {
            names,
            key: None,
            caller: Lookup::NotAsked,
            clock_ahead_ms: Lookup::NotAsked,
            bucket_region: Lookup::NotAsked,
            notifications: Lookup::NotAsked,
            function: Lookup::NotAsked,
            function_policy: Lookup::NotAsked,
            event_invoke: Lookup::NotAsked,
            concurrency: Lookup::NotAsked,
            log_group: Lookup::NotAsked,
            failures: Lookup::NotAsked,
            invocations: Lookup::NotAsked,
            object: Lookup::NotAsked,
            object_log: Lookup::NotAsked,
            topic: Lookup::NotAsked,
            subscriptions: Lookup::NotAsked,
            queues: BTreeMap::new(),
            backlogs: BTreeMap::new(),
            sms_sandbox: Lookup::NotAsked,
            joints: Joints::default(),
            incomplete_uploads: Lookup::NotAsked,
        }
    }

    /// The queues that get what could not be handled, as far as what was read names them: the function's failure
    /// destination and dead-letter queue, those of the subscriptions, and those of the queues that are subscribed.
    pub fn failure_queues(&self) -> BTreeSet<Clean> {
        let config = self.event_invoke.found().and_then(|config| config.on_failure.clone());
        let function = self.function.found().and_then(|function| function.dead_letter_arn.clone());
        let listed = self.subscriptions.found().into_iter().flat_map(|listing| &listing.items);
        let subscriptions = listed.filter_map(|it| it.attributes.found()?.redrive_policy.as_ref());
        let queues = self.queues.values().filter_map(|queue| queue.found()?.redrive_policy.as_ref());
        let redriven = subscriptions.chain(queues).filter_map(|policy| dead_letter_target(policy.raw()));
        config.into_iter().chain(function).chain(redriven).filter(|arn| is_queue(arn.raw())).collect()
    }
}

/// The dead-letter queue that a redrive policy names.
pub fn dead_letter_target(policy: &str) -> Option<Clean> {
    let policy: serde_json::Value = serde_json::from_str(policy).ok()?;
    policy.get("deadLetterTargetArn")?.as_str().filter(|arn| !arn.is_empty()).map(Clean::new)
}

/// The receives after which it moves a message. AWS takes a number and a text.
pub fn max_receives(policy: &str) -> Option<u64> {
    let policy: serde_json::Value = serde_json::from_str(policy).ok()?;
    let count = policy.get("maxReceiveCount")?;
    count.as_u64().or_else(|| count.as_str()?.parse().ok())
}

fn is_queue(arn: &str) -> bool {
    Arn::parse(arn).is_some_and(|arn| arn.service == "sqs")
}

/// What is being examined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    pub bucket: Clean,
    pub function: Clean,
    pub topic_arn: Clean,
    /// The region that requests go to.
    pub region: Clean,
    /// The log group that this program follows.
    pub log_group: Clean,
    /// The profile that was asked for.
    pub profile: Option<Clean>,
    /// The endpoint, where it is not AWS.
    pub endpoint: Option<Clean>,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account's twelve digits.
    pub account: Clean,
    /// Of the user or role.
    pub arn: Clean,
}

/// A function's configuration.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Function {
    /// Without a qualifier.
    pub arn: Clean,
    /// `Active`, `Pending`, `Inactive` or `Failed`.
    pub state: Option<Clean>,
    /// Why it is not active.
    pub state_reason: Option<Clean>,
    /// `Successful`, `Failed` or `InProgress`.
    pub last_update: Option<Clean>,
    /// Why the last update failed.
    pub last_update_reason: Option<Clean>,
    pub description: Option<Clean>,
    /// Such as `provided.al2023`; a container image has none.
    pub runtime: Option<Clean>,
    /// What the runtime calls, such as `app.handler`.
    pub handler: Option<Clean>,
    /// Whether it has variables of Powertools for AWS Lambda.
    pub has_powertools: bool,
    /// Such as `arm64`.
    pub architectures: Vec<Clean>,
    /// Seconds.
    pub timeout: Option<i32>,
    /// MB.
    pub memory: Option<i32>,
    /// The execution role's ARN.
    pub role: Option<Clean>,
    /// Where events go that failed, by the older setting.
    pub dead_letter_arn: Option<Clean>,
    /// Variables that are known to hold no secret, with their values.
    pub variables: BTreeMap<String, Clean>,
    /// Whether there are others; their values are not read.
    pub has_other_variables: bool,
    /// Why the variables could not be read, where they could not.
    pub variables_error: Option<Clean>,
    /// `JSON` or `Text`.
    pub log_format: Option<Clean>,
    /// Such as `INFO`.
    pub application_level: Option<Clean>,
    /// Such as `INFO`.
    pub system_level: Option<Clean>,
    /// The log group, where it is not the default one.
    pub log_group: Option<Clean>,
}

/// How failed asynchronous invocations are treated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventInvoke {
    /// Retries after the first attempt, if set.
    pub retries: Option<i32>,
    /// Seconds, if set.
    pub max_age: Option<i32>,
    /// Where events end that failed.
    pub on_failure: Option<Clean>,
    /// Where the results of others go.
    pub on_success: Option<Clean>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogGroup {
    pub name: Clean,
    /// `STANDARD`, `INFREQUENT_ACCESS` or `DELIVERY`; not every endpoint says.
    pub class: Option<Clean>,
    /// Days; `None` keeps everything.
    pub retention: Option<i32>,
}

/// A topic's attributes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Topic {
    /// Its policy in JSON.
    pub policy: Option<Clean>,
    /// The key that encrypts it.
    pub kms_key: Option<Clean>,
    /// For each protocol whose successes are logged, in SNS's spelling: percent.
    pub success_sample_rates: BTreeMap<&'static str, u8>,
    /// The protocols whose failures are logged, in SNS's spelling.
    pub failure_logging: BTreeSet<&'static str>,
}

/// A subscription with its attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// `None` while it is pending.
    pub arn: Option<Clean>,
    /// SNS's word.
    pub protocol: Clean,
    /// Its address.
    pub endpoint: Clean,
    pub attributes: Lookup<Attributes>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes {
    /// In JSON.
    pub filter_policy: Option<Clean>,
    /// Whether that looks at the body.
    pub on_body: bool,
    /// Whether only signed requests can unsubscribe it.
    pub authenticated: Option<bool>,
    /// Its dead-letter queue, in JSON.
    pub redrive_policy: Option<Clean>,
    /// Whether the subscriber gets the message without SNS's envelope.
    pub is_raw: bool,
}

/// A queue that is subscribed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Queue {
    /// Where requests about it go.
    pub url: Clean,
    /// In JSON.
    pub policy: Option<Clean>,
    /// The customer's or AWS's key that encrypts it.
    pub kms_key: Option<Clean>,
    /// Its own dead-letter queue, in JSON.
    pub redrive_policy: Option<Clean>,
}
