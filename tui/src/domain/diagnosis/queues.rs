//! Checks of the queues that get what could not be handled: how many messages they hold, and how old the oldest is.

use imgwatch_shared::arn;

use crate::domain::diagnosis::findings::{Backlog, Findings, Lookup, dead_letter_target};
use crate::domain::diagnosis::{Check, CheckStatus, Draft, fix};
use crate::text::clean::Clean;
use crate::text::time;

const FAILURE_QUEUE: Draft = Draft {
    id: "failure-queue",
    title: "Failure destination messages",
    why: "each message is an upload whose invocation failed after Lambda's last retry",
};

pub(super) const DEAD_LETTERS: Draft = Draft {
    id: "dead-letter-queues",
    title: "Dead-letter queue messages",
    why: "each message is a notification that did not reach its subscriber, or that its consumer failed to process",
};

/// The function's failure destination and dead-letter queue; none where it is known to have neither.
pub(super) fn failure_queue(findings: &Findings) -> Option<Check> {
    let destination = match &findings.event_invoke {
        // Without a configuration of its own the function has no destination, and that is an answer.
        Lookup::Missing(_) => Lookup::Found(None),
        lookup => lookup.clone().map(|config| config.on_failure),
    };
    let dead_letters = findings.function.clone().map(|function| function.dead_letter_arn);
    let mut arns: Vec<Clean> = [&destination, &dead_letters].into_iter().filter_map(|it| it.found()?.clone()).collect();
    arns.dedup();
    let is_read = destination.found().is_some() && dead_letters.found().is_some();
    if arns.is_empty() && is_read {
        return None;
    }
    let queues: Vec<(Clean, CheckStatus)> = arns.into_iter().map(|arn| (arn, CheckStatus::Failure)).collect();
    let check = depth(findings, FAILURE_QUEUE, &queues);
    let check = check.besides("the failure destination", &destination);
    Some(check.besides("the function's dead-letter queue", &dead_letters))
}

/// The dead-letter queues of the subscriptions, and those of the queues that are subscribed.
pub(super) fn dead_letters(findings: &Findings) -> Option<Check> {
    let subscriptions = findings.subscriptions.found()?;
    let mut queues: Vec<(Clean, CheckStatus)> = Vec::new();
    let mut add = |policy: &Option<Clean>, status: CheckStatus| {
        let arn = policy.as_ref().and_then(|policy| dead_letter_target(policy.raw()));
        if let Some(arn) = arn.filter(|arn| queues.iter().all(|(known, _)| known != arn)) {
            queues.push((arn, status));
        }
    };
    for attributes in subscriptions.items.iter().filter_map(|it| it.attributes.found()) {
        add(&attributes.redrive_policy, CheckStatus::Failure);
    }
    // SNS has delivered these; it is the subscriber that did not cope.
    for queue in findings.queues.values().filter_map(Lookup::found) {
        add(&queue.redrive_policy, CheckStatus::Warning);
    }
    let confirmed = || subscriptions.items.iter().filter(|it| it.arn.is_some());
    let unread = confirmed().find(|it| it.attributes.found().is_none());
    let unread_queue =
        findings.queues.iter().find(|(_, lookup)| !matches!(lookup, Lookup::Found(_) | Lookup::Missing(_)));
    let is_read = unread.is_none() && unread_queue.is_none() && subscriptions.rest.found().is_some();
    if queues.is_empty() && is_read {
        return None;
    }
    let mut check = depth(findings, DEAD_LETTERS, &queues);
    if let Some(it) = unread {
        let what = format!("the attributes of {} {}", it.protocol.raw(), it.endpoint.raw());
        check = check.besides(&what, &it.attributes);
    }
    if let Some((arn, lookup)) = unread_queue {
        check = check.besides(&format!("the queue {}", arn.raw()), lookup);
    }
    Some(check.besides("the rest of the subscriptions", &subscriptions.rest))
}

/// What the queues hold; one that holds anything is as bad as is said beside it.
fn depth(findings: &Findings, draft: Draft, queues: &[(Clean, CheckStatus)]) -> Check {
    let (mut texts, mut fix, mut status) = (Vec::new(), Vec::new(), CheckStatus::Ok);
    let mut unread = Vec::new();
    for (arn, bad) in queues {
        let name = arn.raw();
        match findings.backlogs.get(arn) {
            Some(Lookup::Found(queue)) if queue.total() == 0 => texts.push(format!("{name} is empty")),
            Some(Lookup::Found(queue)) => {
                status = status.max(*bad);
                texts.push(format!("{name} holds {}", holds(queue)));
                fix.extend(look_at(findings, name, queue.url.raw(), queue.redrive_policy.is_some()));
            }
            Some(Lookup::Missing(_)) => {
                status = status.max(CheckStatus::Failure);
                texts.push(format!("{name} does not exist: messages sent to it are lost"));
            }
            lookup => unread.push((name, lookup)),
        }
    }
    let text = if queues.is_empty() { "no dead-letter queue found".to_owned() } else { texts.join("; ") };
    let mut check = draft.done(status, &text, fix);
    for (name, lookup) in unread {
        check = match lookup {
            Some(lookup) => check.besides(&format!("the messages in {name}"), lookup),
            None => check
                .besides::<()>(&format!("the messages in {name}"), &Lookup::Failed("it is not an SQS queue".into())),
        };
    }
    check
}

fn holds(queue: &Backlog) -> String {
    let total = queue.total();
    let messages = if total == 1 { "1 message".to_owned() } else { format!("{total} messages") };
    let flight = if queue.in_flight > 0 { format!(" ({} in flight)", queue.in_flight) } else { String::new() };
    let age = match &queue.oldest {
        Lookup::Found(seconds) => {
            let millis = i64::try_from(*seconds).unwrap_or(i64::MAX).saturating_mul(1_000);
            format!("oldest {} old", time::duration(millis))
        }
        lookup => format!("age not checked: {}", lookup.reason().unwrap_or_default()),
    };
    format!("{messages}{flight}, {age}")
}

/// Commands that show what a queue holds and delete nothing.
pub(super) fn look_at(findings: &Findings, arn: &str, url: &str, is_redriven: bool) -> Vec<Clean> {
    let name = arn::name(arn);
    let count = ["sqs", "get-queue-attributes", "--queue-url", url, "--attribute-names"];
    let counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
    let mut fix = vec![
        fix::note(&format!("count the messages in {name} (changes nothing):")),
        fix::aws(findings, &[&count[..], &counts].concat()),
    ];
    if is_redriven {
        fix.push(fix::note(&format!(
            "{name} has a redrive policy: receiving its messages counts towards maxReceiveCount and may move them"
        )));
        return fix;
    }
    let receive = ["sqs", "receive-message", "--queue-url", url, "--max-number-of-messages", "10"];
    let gently = ["--visibility-timeout", "30", "--attribute-names", "All"];
    fix.extend([
        fix::note("show up to 10 messages; this deletes none, but raises their receive count and hides them from"),
        fix::note("other consumers for 30 s:"),
        fix::aws(findings, &[&receive[..], &gently].concat()),
    ]);
    fix
}
