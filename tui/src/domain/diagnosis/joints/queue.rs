//! Queues between the bucket and a function: who may send, how long a message is hidden, and where it ends.

use super::{Verdicts, allowance, to};
use crate::domain::diagnosis::findings::{EntryQueue, Findings, Lookup, dead_letter_target};
use crate::domain::diagnosis::{Check, CheckStatus, Draft, fix};
use crate::domain::wiring::{EdgeKind, Node, NodeKind};
use crate::text::clean::Clean;

const POLICY: Draft = Draft {
    id: "entry-queue-policy",
    title: "Entry queue policies",
    why: "a queue that refuses the event loses it: S3, SNS and EventBridge report no error",
};

const VISIBILITY: Draft = Draft {
    id: "visibility-timeout",
    title: "Visibility timeout",
    why: "a message that becomes visible while the function still works on it is handled twice; AWS advises six times \
        the function's timeout",
};

const REDRIVE: Draft = Draft {
    id: "entry-redrive-policy",
    title: "Entry queue's dead-letter queue",
    why: "without one a message that always fails is tried until its retention ends, and is then lost",
};

/// Times the function's timeout that AWS advises.
const ADVISED: u32 = 6;
/// Receives that AWS advises before a message is given up.
const RECEIVES: u64 = 5;

pub(super) fn check(findings: &Findings, out: &mut Vec<Check>) {
    let (mut policy, mut visibility, mut redrive) =
        (Verdicts::new(POLICY), Verdicts::new(VISIBILITY), Verdicts::new(REDRIVE));
    let wiring = &findings.joints.wiring;
    for node in wiring.reached().into_iter().filter(|node| node.kind == NodeKind::Queue) {
        let name = node.name.raw();
        let lookup = node.arn.as_ref().and_then(|arn| findings.joints.queues.get(arn));
        let Some(Lookup::Found(queue)) = lookup else {
            policy.unread(&format!("queue {name}"), lookup);
            continue;
        };
        for edge in to(wiring, node) {
            let text = queue.policy.as_ref().map_or("", Clean::raw);
            if let Some((status, said)) = allowance(findings, text, "sqs:SendMessage", edge) {
                let fix = if status == CheckStatus::Ok { Vec::new() } else { show(findings, queue) };
                policy.say(status, said, fix);
            }
        }
        hidden(findings, node, queue, &mut visibility);
        redriven(findings, name, queue, &mut redrive);
    }
    out.extend([policy, visibility, redrive].into_iter().filter_map(Verdicts::done));
}

fn show(findings: &Findings, queue: &EntryQueue) -> Vec<Clean> {
    let words = ["sqs", "get-queue-attributes", "--queue-url", queue.url.raw(), "--attribute-names", "Policy"];
    vec![fix::note("add a statement that allows the service to send for this source:"), fix::aws(findings, &words)]
}

/// Compares how long a message is hidden with the timeout of the functions that read the queue.
fn hidden(findings: &Findings, node: &Node, queue: &EntryQueue, verdicts: &mut Verdicts) {
    let (wiring, name) = (&findings.joints.wiring, node.name.raw());
    for edge in wiring.from(&node.id()) {
        let EdgeKind::EventSourceMapping(mapping) = &edge.kind else { continue };
        let function = super::name(wiring, &edge.to);
        let lookup = findings.joints.functions.get(&edge.to.name);
        let Some(Lookup::Found(config)) = lookup else {
            verdicts.unread(&format!("function {function}"), lookup);
            continue;
        };
        let (Some(visibility), Some(timeout)) = (queue.visibility, config.timeout) else { continue };
        let window = u32::try_from(mapping.batching_window).unwrap_or(0);
        let advised = timeout.saturating_mul(ADVISED).saturating_add(window);
        let status = match visibility {
            _ if visibility < timeout => CheckStatus::Failure,
            _ if visibility < advised => CheckStatus::Warning,
            _ => CheckStatus::Ok,
        };
        let text = format!("{name} hides a message for {visibility} s, {function} may take {timeout} s");
        let words = ["sqs", "set-queue-attributes", "--queue-url", queue.url.raw(), "--attributes"];
        let value = format!("VisibilityTimeout={advised}");
        let raise = || vec![fix::aws(findings, &[&words[..], &[value.as_str()]].concat())];
        verdicts.say(status, text, if status == CheckStatus::Ok { Vec::new() } else { raise() });
    }
}

fn redriven(findings: &Findings, name: &str, queue: &EntryQueue, verdicts: &mut Verdicts) {
    let policy = queue.redrive_policy.as_ref().map_or("", Clean::raw);
    let Some(target) = dead_letter_target(policy) else {
        let note = fix::note("create a queue for the messages that fail, and name it in the redrive policy:");
        let policy = r#"{"RedrivePolicy":"{\"deadLetterTargetArn\":\"QUEUE_ARN\",\"maxReceiveCount\":\"5\"}"}"#;
        let words = ["sqs", "set-queue-attributes", "--queue-url", queue.url.raw(), "--attributes", policy];
        return verdicts.say(
            CheckStatus::Warning,
            format!("{name} has no redrive policy"),
            vec![note, fix::aws(findings, &words)],
        );
    };
    let target = imgwatch_shared::arn::name(target.raw()).to_owned();
    let (status, text) = match receives(policy) {
        Some(count) if count < RECEIVES => {
            (CheckStatus::Warning, format!("{name} gives a message up after {count} receives: {RECEIVES} are advised"))
        }
        Some(count) => (CheckStatus::Ok, format!("{name} moves a message to {target} after {count} receives")),
        None => (CheckStatus::NotChecked, format!("{name} moves messages to {target}; its limit could not be read")),
    };
    verdicts.say(status, text, Vec::new());
}

/// The receives after which a message is moved. AWS takes a number and a text.
fn receives(policy: &str) -> Option<u64> {
    let policy: serde_json::Value = serde_json::from_str(policy).ok()?;
    let count = policy.get("maxReceiveCount")?;
    count.as_u64().or_else(|| count.as_str()?.parse().ok())
}
