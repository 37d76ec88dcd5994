//! Checks of the topic: whether it exists, whom its policy denies access, how it is encrypted, and what it logs of
//! deliveries.

use imgwatch_shared::arn;
use imgwatch_shared::resource_policy::{self, Asking};

use crate::domain::diagnosis::findings::{Findings, Lookup, Topic};
use crate::domain::diagnosis::pipeline::account_of;
use crate::domain::diagnosis::{Check, Draft, fix};
use crate::domain::subscriptions::Protocol;
use crate::text::clean::Clean;

const TOPIC: Draft = Draft {
    id: "topic",
    title: "Topic",
    why: "the function publishes to the topic, and SNS delivers to its subscribers",
};

const POLICY: Draft = Draft {
    id: "topic-policy",
    title: "Topic policy",
    why: "a Deny statement overrides the permissions of the function's role, and a role of another account needs an \
        Allow statement",
};

const ENCRYPTION: Draft = Draft {
    id: "encryption",
    title: "Topic encryption",
    why: "publishing to a topic with a customer managed key needs kms:GenerateDataKey and kms:Decrypt on the key",
};

const DELIVERY_STATUS_LOGGING: Draft = Draft {
    id: "delivery-status-logging",
    title: "Delivery status logging",
    why: "without delivery status logging a delivery stays `unknown`: no log shows whether it arrived",
};

pub(super) fn check(findings: &Findings, out: &mut Vec<Check>) {
    let arn = findings.names.topic_arn.raw();
    match &findings.topic {
        Lookup::Found(topic) => {
            out.push(TOPIC.ok(arn));
            out.push(policy(findings, topic));
            out.push(encryption(findings, topic));
            out.extend(delivery_status_logging(findings, topic));
        }
        Lookup::Missing(why) => {
            let name = arn::name(arn);
            let fix = vec![
                fix::note(
                    "check --topic, --profile and --region. If the topic was deleted, deploy its stack again; or \
                     create an",
                ),
                fix::note("empty one:"),
                fix::aws(findings, &["sns", "create-topic", "--name", name]),
                fix::note("this restores no subscriptions, access policy, encryption key, delivery policy, tags"),
                fix::note(
                    "or delivery status logging: subscribe every endpoint again, with its filter policy (email and",
                ),
                fix::note("HTTP endpoints must confirm again), then run doctor again to find other differences"),
            ];
            out.push(TOPIC.failure(&format!("{arn}: {}", why.raw()), fix));
        }
        lookup => {
            out.extend([TOPIC, POLICY, ENCRYPTION, DELIVERY_STATUS_LOGGING].map(|draft| draft.not_checked(lookup)));
        }
    }
}

fn policy(findings: &Findings, topic: &Topic) -> Check {
    let role = findings.function.found().and_then(|function| function.role.as_ref());
    let Some(role) = role.map(Clean::raw) else { return POLICY.not_checked(&findings.function) };
    let resource = findings.names.topic_arn.raw();
    let policy = topic.policy.as_ref().map_or("", Clean::raw);
    let asking =
        Asking { principal: role, action: "sns:Publish", source_arn: "", source_account: account_of(role), resource };
    let show = ["sns", "get-topic-attributes", "--topic-arn", resource, "--query", "Attributes.Policy"];
    let show = fix::aws(findings, &[&show[..], &["--output", "text"]].concat());
    if resource_policy::denies(policy, &asking) {
        let fix = vec![fix::note(&format!("exclude {role} from the Deny statement of this policy:")), show];
        return POLICY.failure(&format!("the topic's policy denies sns:Publish to {role}"), fix);
    }
    if account_of(role) != account_of(resource) && !resource_policy::may_allow(policy, &asking) {
        let fix = vec![fix::note(&format!("allow sns:Publish to {role} in this policy:")), show];
        return POLICY.failure(
            &format!("{role} belongs to another account, and the topic's policy does not allow it to publish"),
            fix,
        );
    }
    let is_foreign = account_of(role) != account_of(resource);
    if resource_policy::may_deny(policy, &asking) || (is_foreign && !resource_policy::allows(policy, &asking)) {
        let text = format!("whether {role} may publish depends on a condition that cannot be evaluated here");
        return POLICY.unclear(&text, vec![fix::note("check the condition in this policy:"), show]);
    }
    POLICY.ok(&format!("no statement denies sns:Publish to {role}"))
}

fn encryption(findings: &Findings, topic: &Topic) -> Check {
    match topic.kms_key.as_ref().map(Clean::raw) {
        None => ENCRYPTION.ok("the topic is not encrypted with a KMS key"),
        Some(key) if key.ends_with("alias/aws/sns") => {
            ENCRYPTION.ok("the topic uses the AWS managed key of SNS, which needs no permission")
        }
        Some(key) => {
            let show = ["kms", "get-key-policy", "--key-id", key, "--policy-name", "default", "--output", "text"];
            let fix = vec![
                fix::note("check that the key's policy and the role allow kms:GenerateDataKey and kms:Decrypt:"),
                fix::aws(findings, &show),
            ];
            let text = format!("the topic is encrypted with {key}; key policies are not checked");
            Check { fix, ..ENCRYPTION.not_checked::<()>(&Lookup::Failed(Clean::from(text))) }
        }
    }
}

/// For the protocols of the subscriptions; none where SNS logs no delivery status for any of them.
fn delivery_status_logging(findings: &Findings, topic: &Topic) -> Option<Check> {
    let subscriptions = match &findings.subscriptions {
        Lookup::Found(subscriptions) => subscriptions,
        lookup => return Some(DELIVERY_STATUS_LOGGING.not_checked(lookup)),
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
        return rest.reason().map(|_| DELIVERY_STATUS_LOGGING.not_checked(rest));
    }
    let rate = |protocol: &&str| topic.success_sample_rates.get(*protocol).copied();
    let missing: Vec<&str> = wanted.iter().copied().filter(|protocol| rate(protocol).is_none()).collect();
    let sampled: Vec<&str> =
        wanted.iter().copied().filter(|protocol| rate(protocol).is_some_and(|rate| rate < 100)).collect();
    let has_no_failures = |protocol: &&str| rate(protocol).is_some() && !topic.failure_logging.contains(*protocol);
    let unlogged: Vec<&str> = wanted.iter().copied().filter(has_no_failures).collect();
    if missing.is_empty() && sampled.is_empty() && unlogged.is_empty() {
        let check = DELIVERY_STATUS_LOGGING.ok(&format!("every delivery by {} is logged", wanted.join(", ")));
        return Some(check.besides("the rest of the subscriptions", rest));
    }
    let arn = findings.names.topic_arn.raw();
    let set = |name: &str, value: &str| {
        let words = ["sns", "set-topic-attributes", "--topic-arn", arn, "--attribute-name", name];
        fix::aws(findings, &[&words[..], &["--attribute-value", value]].concat())
    };
    let mut fix = Vec::new();
    if !missing.is_empty() || !unlogged.is_empty() {
        fix.push(fix::note("SNS needs a role that may write logs; replace ROLE-ARN with its ARN:"));
    }
    for protocol in &missing {
        fix.push(set(&format!("{protocol}SuccessFeedbackRoleArn"), "ROLE-ARN"));
        // A role that is there for failures stays.
        if !topic.failure_logging.contains(protocol) {
            fix.push(set(&format!("{protocol}FailureFeedbackRoleArn"), "ROLE-ARN"));
        }
        fix.push(set(&format!("{protocol}SuccessFeedbackSampleRate"), "100"));
    }
    for protocol in &unlogged {
        fix.push(set(&format!("{protocol}FailureFeedbackRoleArn"), "ROLE-ARN"));
    }
    for protocol in &sampled {
        let rate = topic.success_sample_rates.get(protocol).copied().unwrap_or(0);
        let meant =
            format!("this replaces the sample rate of {rate}% for {protocol}, which may be intended to save log data:");
        fix.push(fix::note(&meant));
        fix.push(set(&format!("{protocol}SuccessFeedbackSampleRate"), "100"));
    }
    let mut text = Vec::new();
    if !missing.is_empty() {
        text.push(format!("no delivery status is logged for {}", missing.join(", ")));
    }
    text.extend(sampled.iter().map(|protocol| {
        format!(
            "{}% of the deliveries by {protocol} are logged",
            topic.success_sample_rates.get(protocol).copied().unwrap_or(0)
        )
    }));
    if !unlogged.is_empty() {
        text.push(format!("failed deliveries by {} are not logged", unlogged.join(", ")));
    }
    Some(DELIVERY_STATUS_LOGGING.warning(&text.join("; "), fix).besides("the rest of the subscriptions", rest))
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
