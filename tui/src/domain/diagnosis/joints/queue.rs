//! Queues between the bucket and a function: who may send, how long a message is hidden, and where it ends.

use imgwatch_shared::arn::{self, Arn};
use serde_json::{Value, json};

use super::{Access, Verdicts, access, to};
use crate::domain::diagnosis::findings::{EntryQueue, Findings, Lookup, dead_letter_target, max_receives};
use crate::domain::diagnosis::{Check, CheckStatus, Draft, fix, queues};
use crate::domain::wiring::{EdgeKind, Node, NodeId, NodeKind};
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
            match lookup {
                Some(Lookup::Missing(_)) => {
                    policy.say(CheckStatus::Failure, format!("queue {name} does not exist"), again(findings, name));
                }
                _ => policy.unread(&format!("queue {name}"), lookup),
            }
            continue;
        };
        for edge in to(wiring, node) {
            let access = access(findings, queue.policy.as_ref().map(Clean::raw), "sqs:SendMessage", edge);
            if let Some(Access { status, text, policy: wanted }) = access {
                policy.say(status, text, allow(findings, queue, status, wanted));
            }
        }
        hidden(findings, node, queue, &mut visibility);
        redriven(findings, node, queue, &mut redrive);
    }
    out.extend([policy, visibility, redrive].into_iter().filter_map(Verdicts::done));
}

/// What creates a queue that is gone.
pub(super) fn again(findings: &Findings, name: &str) -> Vec<Clean> {
    vec![fix::note("create it again, which SQS takes a minute after it was deleted:"), create(findings, name)]
}

/// The command that creates a queue.
fn create(findings: &Findings, name: &str) -> Clean {
    fix::aws(findings, &["sqs", "create-queue", "--queue-name", name])
}

/// What lets a service send to a queue, by the policy that would.
pub(super) fn allow(findings: &Findings, queue: &EntryQueue, status: CheckStatus, policy: Option<Value>) -> Vec<Clean> {
    let url = queue.url.raw();
    match policy {
        _ if status == CheckStatus::Ok => Vec::new(),
        Some(policy) => {
            let note = "this replaces the queue's policy with the current policy and one more statement";
            vec![fix::note(note), fix::set_queue(findings, url, &json!({ "Policy": policy.to_string() }))]
        }
        None => {
            let words = ["sqs", "get-queue-attributes", "--queue-url", url, "--attribute-names", "Policy"];
            vec![fix::note("change the policy so that it allows the service to send:"), fix::aws(findings, &words)]
        }
    }
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

fn redriven(findings: &Findings, queue: &Node, read: &EntryQueue, verdicts: &mut Verdicts) {
    let name = queue.name.raw();
    let policy = read.redrive_policy.as_ref().map_or("", Clean::raw);
    let Some(target) = dead_letter_target(policy) else {
        let dead_letters = format!("{name}-dead-letters");
        let arn = Arn::parse(queue.id().name.raw()).map(|arn| arn.sibling("sqs", &dead_letters).to_string());
        let policy = json!({"deadLetterTargetArn": arn, "maxReceiveCount": RECEIVES.to_string()}).to_string();
        let set = fix::set_queue(findings, read.url.raw(), &json!({ "RedrivePolicy": policy }));
        let note = fix::note("create a queue for the messages that fail, and name it in the redrive policy:");
        let fix = vec![note, create(findings, &dead_letters), set];
        return verdicts.say(CheckStatus::Warning, format!("{name} has no redrive policy"), fix);
    };
    let to = arn::name(target.raw());
    if let Some(Lookup::Missing(_)) = findings.joints.queues.get(&target) {
        let text = format!("{name} moves messages that fail to {to}, which does not exist");
        return verdicts.say(CheckStatus::Warning, text, again(findings, to));
    }
    waiting(findings, &target, verdicts);
    let (status, text) = match max_receives(policy) {
        Some(count) if count < RECEIVES => {
            (CheckStatus::Warning, format!("{name} gives a message up after {count} receives: {RECEIVES} are advised"))
        }
        Some(count) => (CheckStatus::Ok, format!("{name} moves a message to {to} after {count} receives")),
        None => (CheckStatus::NotChecked, format!("{name} moves messages to {to}; its limit could not be read")),
    };
    verdicts.say(status, text, Vec::new());
}

/// What waits in a dead-letter queue: events that were given up.
pub(super) fn waiting(findings: &Findings, arn: &Clean, verdicts: &mut Verdicts) {
    let node = findings.joints.wiring.node(&NodeId { kind: NodeKind::Queue, name: arn.clone() });
    let Some(depth) = node.and_then(|node| node.depth).filter(|depth| depth.total() > 0) else { return };
    let queue = findings.joints.queues.get(arn).and_then(Lookup::found);
    let show =
        |queue: &EntryQueue| queues::look_at(findings, arn.raw(), queue.url.raw(), queue.redrive_policy.is_some());
    let text = format!("{} holds {depth}", arn::name(arn.raw()));
    verdicts.say(CheckStatus::Failure, text, queue.map(show).unwrap_or_default());
}
