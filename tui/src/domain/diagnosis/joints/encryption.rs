//! Encryption: whether the services that send to a queue or a topic may use its key.
//!
//! AWS's own keys have policies that nobody can change, and these let no service in. The policy of a customer's key is not
//! read: the check says what it has to allow.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::{Verdicts, sender};
use crate::domain::diagnosis::findings::{Findings, Lookup};
use crate::domain::diagnosis::{Check, CheckStatus, Draft, fix};
use crate::domain::wiring::{EdgeKind, Node, NodeId, NodeKind};
use crate::text::clean::Clean;

const ENCRYPTION: Draft = Draft {
    id: "entry-encryption",
    title: "Encryption of entry queues and topics",
    why: "a service that may not use the key of a queue or a topic cannot send there, and the event is lost",
};

pub(super) fn check(findings: &Findings, out: &mut Vec<Check>) {
    let wiring = &findings.joints.wiring;
    let bucket = wiring.of(NodeKind::Bucket).filter(|node| node.is_followed);
    let reached: BTreeSet<NodeId> = wiring.reached().into_iter().chain(bucket).map(Node::id).collect();
    // For each queue and topic: who sends there, and whether events pass through, or only what failed does.
    let mut senders: BTreeMap<&NodeId, (BTreeSet<&str>, bool)> = BTreeMap::new();
    for edge in wiring.edges().iter().filter(|edge| reached.contains(&edge.from)) {
        if let Some((service, _)) = sender(findings, edge) {
            let (services, passes) = senders.entry(&edge.to).or_default();
            services.insert(service);
            *passes |= edge.kind != EdgeKind::Failure;
        }
    }
    let mut verdicts = Verdicts::new(ENCRYPTION);
    for (id, (services, passes)) in senders {
        let services: Vec<&str> = services.into_iter().collect();
        judge(findings, id, &services, passes, &mut verdicts);
    }
    out.extend(verdicts.done());
}

fn judge(findings: &Findings, id: &NodeId, services: &[&str], passes: bool, verdicts: &mut Verdicts) {
    // What was not read is said with its policy.
    let key = match id.kind {
        NodeKind::Queue => findings.joints.queues.get(&id.name).and_then(Lookup::found).map(|it| &it.kms_key),
        NodeKind::Topic => findings.joints.topics.get(&id.name).and_then(Lookup::found).map(|it| &it.kms_key),
        _ => None,
    };
    let Some(key) = key else { return };
    let name = super::name(&findings.joints.wiring, id);
    let senders = services.join(" and ");
    match key.as_ref().map(Clean::raw) {
        None => verdicts.say(CheckStatus::Ok, format!("{name} is not encrypted with a KMS key"), Vec::new()),
        Some(key) if key.ends_with("alias/aws/sqs") || key.ends_with("alias/aws/sns") => {
            let status = if passes { CheckStatus::Failure } else { CheckStatus::Warning };
            let text = format!("{name} is encrypted with the AWS managed key {key}, which {senders} cannot use");
            verdicts.say(status, text, replace(findings, id));
        }
        Some(key) => {
            let text = format!(
                "{name} is encrypted with {key}, whose policy was not read: it has to allow kms:GenerateDataKey and \
                 kms:Decrypt to {senders}"
            );
            let statement = json!({"Effect": "Allow", "Principal": {"Service": services},
                "Action": ["kms:GenerateDataKey", "kms:Decrypt"], "Resource": "*"});
            let show = ["kms", "get-key-policy", "--key-id", key, "--policy-name", "default", "--output", "text"];
            let fix = vec![
                fix::note("the role of a function that reads the queue also needs kms:Decrypt on the key"),
                fix::note(&format!("check that the key's policy has a statement like this one: {statement}")),
                fix::aws(findings, &show),
            ];
            verdicts.say(CheckStatus::NotChecked, text, fix);
        }
    }
}

/// What takes the place of AWS's own key.
fn replace(findings: &Findings, id: &NodeId) -> Vec<Clean> {
    if id.kind == NodeKind::Topic {
        let words = ["sns", "set-topic-attributes", "--topic-arn", id.name.raw(), "--attribute-name", "KmsMasterKeyId"];
        return vec![
            fix::note("use a customer managed key whose policy allows the service; or store the messages unencrypted:"),
            fix::aws(findings, &[&words[..], &["--attribute-value", ""]].concat()),
        ];
    }
    let queue = findings.joints.queues.get(&id.name).and_then(Lookup::found);
    let attributes = json!({"KmsMasterKeyId": "", "SqsManagedSseEnabled": "true"});
    vec![
        fix::note("use a customer managed key whose policy allows the service; or replace the key with SSE-SQS:"),
        fix::set_queue(findings, queue.map_or("", |queue| queue.url.raw()), &attributes),
    ]
}
