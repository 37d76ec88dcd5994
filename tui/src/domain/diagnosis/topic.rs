//! Checks of the topic: whether it exists, whom its policy shuts out, how it is encrypted, and what it tells of
//! deliveries.

use imgwatch_shared::resource_policy::{self, Asking};

use crate::domain::diagnosis::findings::{Findings, Look, Topic};
use crate::domain::diagnosis::pipeline::account_of;
use crate::domain::diagnosis::{Check, Draft, mend};
use crate::domain::subscriptions::Protocol;
use crate::text::clean::Clean;

const TOPIC: Draft =
    Draft { id: "topic", title: "The topic", why: "the function publishes to it, and it tells the subscribers" };

const POLICY: Draft = Draft {
    id: "topic-policy",
    title: "The topic's policy towards the function",
    why: "a denial in the policy outweighs every right of the function's role, and another account needs a grant",
};

const ENCRYPTION: Draft = Draft {
    id: "encryption",
    title: "The topic's encryption key",
    why: "publishing to a topic with a key of your own takes rights on that key: kms:GenerateDataKey and kms:Decrypt",
};

const RECEIPTS: Draft = Draft {
    id: "receipts",
    title: "The receipts that SNS writes",
    why: "without delivery-status logs a delivery stays `unknown`: nobody can say whether it arrived",
};

pub(super) fn check(findings: &Findings, out: &mut Vec<Check>) {
    let arn = findings.names.topic_arn.raw();
    match &findings.topic {
        Look::Found(topic) => {
            out.push(TOPIC.ok(arn));
            out.push(policy(findings, topic));
            out.push(encryption(findings, topic));
            out.extend(receipts(findings, topic));
        }
        Look::Missing(why) => {
            let name = arn.rsplit(':').next().unwrap_or_default();
            let mend = vec![
                mend::note(
                    "check --topic, --profile and --region. If it was deleted, deploy its stack again; or make an",
                ),
                mend::note("empty one:"),
                mend::aws(findings, &["sns", "create-topic", "--name", name]),
                mend::note(
                    "that restores no subscriptions, no access policy, no encryption key, no delivery policy, no tags",
                ),
                mend::note(
                    "and no delivery-status logging: subscribe every endpoint again, with its filter policy (email and",
                ),
                mend::note(
                    "HTTP endpoints have to confirm again), then run doctor again, which names what else is missing",
                ),
            ];
            out.push(TOPIC.failure(&format!("{arn}: {}", why.raw()), mend));
        }
        look => out.extend([TOPIC, POLICY, ENCRYPTION, RECEIPTS].map(|draft| draft.blind(look))),
    }
}

fn policy(findings: &Findings, topic: &Topic) -> Check {
    let role = findings.function.found().and_then(|function| function.role.as_ref());
    let Some(role) = role.map(Clean::raw) else { return POLICY.blind(&findings.function) };
    let resource = findings.names.topic_arn.raw();
    let policy = topic.policy.as_ref().map_or("", Clean::raw);
    let asking =
        Asking { principal: role, action: "sns:Publish", source_arn: "", source_account: account_of(role), resource };
    let show = ["sns", "get-topic-attributes", "--topic-arn", resource, "--query", "Attributes.Policy"];
    let show = mend::aws(findings, &[&show[..], &["--output", "text"]].concat());
    if resource_policy::denies(policy, &asking) {
        let mend = vec![mend::note(&format!("except {role} from the denial in this policy:")), show];
        return POLICY.failure(&format!("the topic's policy denies sns:Publish to {role}"), mend);
    }
    if account_of(role) != account_of(resource) && !resource_policy::may_allow(policy, &asking) {
        let mend = vec![mend::note(&format!("allow sns:Publish to {role} in this policy:")), show];
        return POLICY
            .failure(&format!("{role} is of another account, and the topic's policy does not let it publish"), mend);
    }
    let is_foreign = account_of(role) != account_of(resource);
    if resource_policy::may_deny(policy, &asking) || (is_foreign && !resource_policy::allows(policy, &asking)) {
        let text = format!("whether {role} may publish depends on a condition that is not understood here");
        return POLICY.unclear(&text, vec![mend::note("see whether the condition in this policy holds:"), show]);
    }
    POLICY.ok(&format!("nothing in it denies sns:Publish to {role}"))
}

fn encryption(findings: &Findings, topic: &Topic) -> Check {
    match topic.kms_key.as_ref().map(Clean::raw) {
        None => ENCRYPTION.ok("the topic has no key of its own"),
        Some(key) if key.ends_with("alias/aws/sns") => {
            ENCRYPTION.ok("the key is AWS's own for SNS, which needs no grant")
        }
        Some(key) => {
            let show = ["kms", "get-key-policy", "--key-id", key, "--policy-name", "default", "--output", "text"];
            let mend = vec![
                mend::note("see that the key's policy and the role's rights name kms:GenerateDataKey and kms:Decrypt:"),
                mend::aws(findings, &show),
            ];
            let text = format!("the topic is encrypted with {key}; key policies are not read");
            Check { mend, ..ENCRYPTION.blind::<()>(&Look::Failed(Clean::from(text))) }
        }
    }
}

/// For the protocols that somebody is subscribed by; none where nobody's deliveries could have receipts.
fn receipts(findings: &Findings, topic: &Topic) -> Option<Check> {
    let subscriptions = match &findings.subscriptions {
        Look::Found(subscriptions) => subscriptions,
        look => return Some(RECEIPTS.blind(look)),
    };
    let mut wanted: Vec<&str> = subscriptions
        .items
        .iter()
        .filter(|subscription| subscription.arn.is_some())
        .filter_map(|subscription| attribute_of(Protocol::parse(subscription.protocol.raw())))
        .collect();
    wanted.sort_unstable();
    wanted.dedup();
    let rest = &subscriptions.rest;
    if wanted.is_empty() {
        return rest.reason().map(|_| RECEIPTS.blind(rest));
    }
    let rate = |protocol: &&str| topic.receipts.get(*protocol).copied();
    let missing: Vec<&str> = wanted.iter().copied().filter(|protocol| rate(protocol).is_none()).collect();
    let sampled: Vec<&str> =
        wanted.iter().copied().filter(|protocol| rate(protocol).is_some_and(|rate| rate < 100)).collect();
    if missing.is_empty() && sampled.is_empty() {
        let check = RECEIPTS.ok(&format!("every delivery by {} is logged", wanted.join(", ")));
        return Some(check.besides("the rest of the subscriptions", rest));
    }
    let arn = findings.names.topic_arn.raw();
    let set = |name: &str, value: &str| {
        let words = ["sns", "set-topic-attributes", "--topic-arn", arn, "--attribute-name", name];
        mend::aws(findings, &[&words[..], &["--attribute-value", value]].concat())
    };
    let mut mend = Vec::new();
    if !missing.is_empty() {
        mend.push(mend::note("SNS needs a role that may write logs; put its ARN in the place of ROLE-ARN:"));
    }
    for protocol in &missing {
        mend.push(set(&format!("{protocol}SuccessFeedbackRoleArn"), "ROLE-ARN"));
        // A role that is there for failures stays.
        if !topic.failure_receipts.contains(protocol) {
            mend.push(set(&format!("{protocol}FailureFeedbackRoleArn"), "ROLE-ARN"));
        }
        mend.push(set(&format!("{protocol}SuccessFeedbackSampleRate"), "100"));
    }
    for protocol in &sampled {
        let rate = topic.receipts.get(protocol).copied().unwrap_or(0);
        let meant =
            format!("this replaces the sample rate of {rate}% for {protocol}, which may be meant to save log data:");
        mend.push(mend::note(&meant));
        mend.push(set(&format!("{protocol}SuccessFeedbackSampleRate"), "100"));
    }
    let mut text = Vec::new();
    if !missing.is_empty() {
        text.push(format!("no receipts are written for {}", missing.join(", ")));
    }
    text.extend(sampled.iter().map(|protocol| {
        format!("{}% of the deliveries by {protocol} are logged", topic.receipts.get(protocol).copied().unwrap_or(0))
    }));
    Some(RECEIPTS.warning(&text.join("; "), mend).besides("the rest of the subscriptions", rest))
}

/// The prefix of a protocol's attributes of the topic.
fn attribute_of(protocol: Protocol) -> Option<&'static str> {
    match protocol {
        Protocol::Http | Protocol::Https => Some("HTTP"),
        Protocol::Sqs => Some("SQS"),
        Protocol::Lambda => Some("Lambda"),
        Protocol::Firehose => Some("Firehose"),
        Protocol::Application => Some("Application"),
        Protocol::Email | Protocol::EmailJson | Protocol::Sms | Protocol::Other => None,
    }
}
