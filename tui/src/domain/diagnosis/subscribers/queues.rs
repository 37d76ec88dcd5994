//! Whether the queues that are subscribed let the topic send to them.

use imgwatch_shared::resource_policy::{self, Asking};
use serde_json::json;

use crate::domain::diagnosis::findings::{Findings, Lookup, Queue};
use crate::domain::diagnosis::pipeline::account_of;
use crate::domain::diagnosis::{Check, CheckStatus, Draft, fix};
use crate::text::clean::Clean;

pub(super) const QUEUES: Draft = Draft {
    id: "queue-policies",
    title: "SQS queue policies",
    why: "SNS drops messages that a queue refuses, and only the delivery status log shows it",
};

/// What stands between a topic and one queue.
enum QueueAccess {
    Open,
    /// No statement of its policy lets the topic send.
    Closed,
    /// A statement of its policy forbids it.
    Forbidden,
    /// A condition decides that is not understood here.
    Conditional,
    /// It is encrypted with AWS's own key, which lets SNS in nowhere.
    AwsKey,
    /// It is encrypted with a key whose policy was not checked.
    OwnKey,
}

impl QueueAccess {
    /// How bad it is, and what is said of the queues of which it holds.
    fn said(&self) -> (CheckStatus, &'static str) {
        match self {
            Self::Open => (CheckStatus::Ok, "the policy allows the topic to send"),
            Self::Closed => (CheckStatus::Failure, "the policy does not allow the topic to send"),
            Self::Forbidden => (CheckStatus::Failure, "a statement of the policy denies the topic to send"),
            Self::Conditional => (CheckStatus::NotChecked, "the policy has a condition that cannot be evaluated here"),
            Self::AwsKey => (CheckStatus::Failure, "encrypted with a key that SNS cannot use"),
            Self::OwnKey => (CheckStatus::NotChecked, "encrypted with a key whose policy was not checked"),
        }
    }

    fn of(queue: &Queue, asking: &Asking<'_>) -> Self {
        let policy = queue.policy.as_ref().map_or("", Clean::raw);
        if resource_policy::denies(policy, asking) {
            return Self::Forbidden;
        }
        if !resource_policy::may_allow(policy, asking) {
            return Self::Closed;
        }
        match queue.kms_key.as_ref().map(Clean::raw) {
            Some(key) if key.ends_with("alias/aws/sqs") => Self::AwsKey,
            _ if !resource_policy::allows(policy, asking) => Self::Conditional,
            Some(_) => Self::OwnKey,
            None => Self::Open,
        }
    }
}

pub(in crate::domain::diagnosis) fn check(findings: &Findings) -> Option<Check> {
    if findings.queues.is_empty() {
        return None;
    }
    let topic = findings.names.topic_arn.raw();
    let mut texts: Vec<(&str, Vec<&str>)> = Vec::new();
    let (mut fix, mut status, mut unread) = (Vec::new(), CheckStatus::Ok, Vec::new());
    for (arn, lookup) in &findings.queues {
        let asking = Asking {
            principal: "sns.amazonaws.com",
            action: "sqs:SendMessage",
            source_arn: topic,
            source_account: account_of(topic),
            resource: arn.raw(),
        };
        let (how, text) = match lookup {
            Lookup::Found(queue) => {
                let verdict = QueueAccess::of(queue, &asking);
                fix.extend(suggest(findings, &verdict, &asking, queue));
                verdict.said()
            }
            Lookup::Missing(_) => (CheckStatus::Failure, "subscribed, but it does not exist"),
            lookup => {
                unread.push((arn.raw(), lookup));
                continue;
            }
        };
        status = status.max(how);
        match texts.iter_mut().find(|(known, _)| *known == text) {
            Some((_, arns)) => arns.push(arn.raw()),
            None => texts.push((text, vec![arn.raw()])),
        }
    }
    let texts: Vec<String> = texts.iter().map(|(text, arns)| format!("{text}: {}", arns.join(", "))).collect();
    let check = QUEUES.done(status, &texts.join("; "), fix);
    Some(unread.into_iter().fold(check, |check, (arn, lookup)| check.besides(arn, lookup)))
}

/// What can be done about it.
fn suggest(findings: &Findings, verdict: &QueueAccess, asking: &Asking<'_>, queue: &Queue) -> Vec<Clean> {
    let url = queue.url.raw();
    let show = ["sqs", "get-queue-attributes", "--queue-url", url, "--attribute-names", "Policy", "KmsMasterKeyId"];
    let show = || fix::aws(findings, &show);
    match verdict {
        QueueAccess::Open => Vec::new(),
        QueueAccess::Closed => match fix::allowing(queue.policy.as_ref().map(Clean::raw), asking) {
            Some(policy) => {
                let note = "this replaces the queue's policy with the current policy and one more statement";
                let policy = json!({ "Policy": policy.to_string() });
                vec![fix::note(note), fix::set_queue(findings, url, &policy)]
            }
            None => vec![fix::note("the policy cannot be parsed here; add a statement for the topic:"), show()],
        },
        QueueAccess::Forbidden => {
            vec![fix::note("this may be intended; find the Deny statement, and exclude the topic from it:"), show()]
        }
        QueueAccess::Conditional | QueueAccess::OwnKey => {
            vec![fix::note("check that the condition, or the key's policy, allows sns.amazonaws.com:"), show()]
        }
        QueueAccess::AwsKey => {
            let attributes = json!({"KmsMasterKeyId": "", "SqsManagedSseEnabled": "true"});
            vec![
                fix::note("use a key whose policy allows SNS; or replace the key alias/aws/sqs with SSE-SQS:"),
                fix::set_queue(findings, url, &attributes),
            ]
        }
    }
}
