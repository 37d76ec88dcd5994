//! Findings: what AWS answered when doctor looked, as plain data. They judge nothing.

use std::collections::BTreeMap;

use crate::text::clean::Clean;

/// What came of looking at one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look<T> {
    /// AWS's answer.
    Found(T),
    /// AWS says that there is no such thing, in these words.
    Missing(Clean),
    /// It may not be looked at.
    Denied {
        /// The permission that is missing.
        permission: &'static str,
        /// AWS's words.
        why: Clean,
    },
    /// The endpoint, which is not AWS, has no such operation.
    NotOffered(&'static str),
    /// There was no usable answer.
    Failed(Clean),
    /// There was nothing to ask, or no name to ask by.
    NotAsked,
}

impl<T> Look<T> {
    /// The answer, if there is one.
    pub fn found(&self) -> Option<&T> {
        match self {
            Self::Found(found) => Some(found),
            _ => None,
        }
    }

    /// The same with another answer.
    pub fn map<U>(self, with: impl FnOnce(T) -> U) -> Look<U> {
        match self {
            Self::Found(found) => Look::Found(with(found)),
            Self::Missing(why) => Look::Missing(why),
            Self::Denied { permission, why } => Look::Denied { permission, why },
            Self::NotOffered(what) => Look::NotOffered(what),
            Self::Failed(why) => Look::Failed(why),
            Self::NotAsked => Look::NotAsked,
        }
    }
}

/// Everything that was looked at.
#[derive(Debug, Clone)]
pub struct Findings {
    /// What is being examined.
    pub names: Names,
    /// The key whose upload is in question.
    pub key: Option<Clean>,
    /// Who asks.
    pub caller: Look<Caller>,
    /// This machine's clock less the service's, in milliseconds.
    pub clock_ahead_ms: Look<i64>,
    /// The bucket's region.
    pub bucket_region: Look<Clean>,
    /// The bucket's notification configuration.
    pub notifications: Look<Notifications>,
    /// The function's configuration.
    pub function: Look<Function>,
    /// The function's resource policy, in JSON.
    pub function_policy: Look<Clean>,
    /// How failed asynchronous invocations are treated.
    pub event_invoke: Look<EventInvoke>,
    /// The function's reserved concurrency; `None` where none is reserved.
    pub concurrency: Look<Option<i32>>,
    /// The function's log group.
    pub log_group: Look<LogGroup>,
    /// What the function's log says of failures in the last hour, newest first.
    pub failures: Look<Vec<Clean>>,
    /// The topic's attributes.
    pub topic: Look<Topic>,
    /// The topic's subscriptions.
    pub subscriptions: Look<Vec<Subscription>>,
    /// Queues that are subscribed, by ARN.
    pub queues: BTreeMap<Clean, Look<Queue>>,
    /// Whether the account may send SMS to verified numbers only.
    pub sms_sandbox: Look<bool>,
}

/// What is being examined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// The bucket.
    pub bucket: Clean,
    /// The function.
    pub function: Clean,
    /// The topic's ARN.
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

/// A bucket's notification configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notifications {
    /// All rules, for every kind of destination.
    pub rules: Vec<Rule>,
    /// Whether every event also goes to `EventBridge`.
    pub event_bridge: bool,
}

/// One rule of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Where events go.
    pub kind: RuleKind,
    /// Its name; S3 makes one where none is given.
    pub id: Option<Clean>,
    /// The destination's ARN.
    pub arn: Clean,
    /// Such as `s3:ObjectCreated:*`.
    pub events: Vec<Clean>,
    /// Names and values of the filter, as S3 gives them back.
    pub filter: Vec<(Clean, Clean)>,
}

/// What kind of destination a rule has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum RuleKind {
    Function,
    Queue,
    Topic,
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
    /// Such as `provided.al2023`.
    pub runtime: Option<Clean>,
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
}

/// A log group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogGroup {
    /// Its name.
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
    pub receipts: BTreeMap<&'static str, u8>,
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
    /// What its attributes say.
    pub attributes: Look<Attributes>,
}

/// A subscription's attributes.
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
}
