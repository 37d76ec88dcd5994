//! Checks of those who are told: whether anybody is, who has not confirmed, whom a policy leaves out.

mod filters;

use imgwatch_shared::resource_policy::{self, Asking};
use serde_json::{Value, json};

use super::findings::{Findings, Look, Queue, Subscription};
use super::pipeline::account_of;
use super::{Check, Draft, mend};
use crate::text::clean::Clean;

/// Names in one text; more are only counted.
const NAMED: usize = 10;

const SUBSCRIBERS: Draft = Draft {
    id: "subscribers",
    title: "The topic's subscribers",
    why: "SNS takes messages of a topic without subscribers, and drops them",
};

const PENDING: Draft = Draft {
    id: "pending",
    title: "Confirmation of the subscriptions",
    why: "a pending subscription gets nothing, and SNS removes it after two days; a mail address that was sent too many mails at once becomes pending again",
};

const LINKS: Draft = Draft {
    id: "unsubscribe-links",
    title: "Unsubscribing by the link in a mail",
    why: "whoever opens the link in a mail's foot unsubscribes the address, and so does a scanner of links; nothing records it",
};

const QUEUES: Draft = Draft {
    id: "queue-policies",
    title: "The topic's right to send to subscribed queues",
    why: "SNS drops what a queue refuses, and only the delivery-status log tells of it",
};

const SMS: Draft = Draft {
    id: "sms-sandbox",
    title: "The numbers that SMS reach",
    why: "an account in the SMS sandbox reaches verified numbers only, and SNS says nothing of the others",
};

pub(super) fn check(findings: &Findings, out: &mut Vec<Check>) {
    let subscriptions = match &findings.subscriptions {
        Look::Found(subscriptions) => subscriptions,
        // The check of the topic tells that it is missing.
        Look::Missing(_) => return,
        look => {
            out.extend([SUBSCRIBERS, PENDING, filters::FILTERS].map(|draft| draft.blind(look)));
            return;
        }
    };
    let (confirmed, pending): (Vec<_>, Vec<_>) = subscriptions.iter().partition(|it| it.arn.is_some());
    out.push(subscribers(findings, &confirmed, pending.len()));
    if !subscriptions.is_empty() {
        out.push(unconfirmed(findings, &pending));
    }
    out.extend(links(findings, &confirmed));
    out.extend(filters::check(findings, &confirmed));
    out.extend(queues(findings));
    out.extend(sms(findings));
}

/// `email ada@example.com`, and so on.
fn names(subscriptions: &[&Subscription]) -> String {
    let first = subscriptions.iter().take(NAMED).map(|it| format!("{} {}", it.protocol.raw(), it.endpoint.raw()));
    let mut names: Vec<String> = first.collect();
    if subscriptions.len() > NAMED {
        names.push(format!("and {} more", subscriptions.len() - NAMED));
    }
    names.join(", ")
}

fn subscribe(findings: &Findings, protocol: &str, endpoint: &str) -> Clean {
    let arn = findings.names.topic_arn.raw();
    let words = ["sns", "subscribe", "--topic-arn", arn, "--protocol", protocol, "--notification-endpoint", endpoint];
    mend::aws(findings, &words)
}

fn subscribers(findings: &Findings, confirmed: &[&Subscription], pending: usize) -> Check {
    if !confirmed.is_empty() {
        return SUBSCRIBERS.ok(&names(confirmed));
    }
    let text = match pending {
        0 => "the topic has no subscriptions".to_owned(),
        1 => "the topic's only subscription is not confirmed".to_owned(),
        _ => format!("none of the topic's {pending} subscriptions is confirmed"),
    };
    let mend =
        vec![mend::note("put your address in the place of this one:"), subscribe(findings, "email", "you@example.com")];
    SUBSCRIBERS.failure(&text, if pending > 0 { vec![mend::note("see the check `pending`")] } else { mend })
}

fn unconfirmed(findings: &Findings, pending: &[&Subscription]) -> Check {
    if pending.is_empty() {
        return PENDING.ok("none is pending");
    }
    let mut mend = vec![
        mend::note("open the link in the mail of no-reply@sns.amazonaws.com (look among the spam, too),"),
        mend::note("or have the endpoint visit its SubscribeURL. To be sent another:"),
    ];
    mend.extend(pending.iter().take(NAMED).map(|it| subscribe(findings, it.protocol.raw(), it.endpoint.raw())));
    PENDING.warning(&format!("not confirmed: {}", names(pending)), mend)
}

/// Only for mail: other endpoints have nobody who could open a link.
fn links(findings: &Findings, confirmed: &[&Subscription]) -> Option<Check> {
    let mails: Vec<&Subscription> =
        confirmed.iter().copied().filter(|it| it.protocol.raw().starts_with("email")).collect();
    let first = mails.first()?;
    let known: Vec<(&Subscription, bool)> =
        mails.iter().filter_map(|it| Some((*it, it.attributes.found()?.authenticated?))).collect();
    if known.is_empty() {
        return Some(LINKS.blind(&first.attributes));
    }
    let open: Vec<&Subscription> = known.iter().filter(|(_, signed)| !signed).map(|(it, _)| *it).collect();
    if open.is_empty() {
        return Some(LINKS.ok("only signed requests can unsubscribe the mail addresses"));
    }
    let arn = findings.names.topic_arn.raw();
    let confirm = ["sns", "confirm-subscription", "--topic-arn", arn, "--token", "TOKEN"];
    let mut mend = vec![
        mend::note("unsubscribe and subscribe the address again; then, instead of opening the link in the mail,"),
        mend::note("copy what follows `Token=` in it, put it in the place of TOKEN, and confirm signed:"),
    ];
    for it in open.iter().take(NAMED) {
        let arn = it.arn.as_ref().map_or("", Clean::raw);
        mend.push(mend::aws(findings, &["sns", "unsubscribe", "--subscription-arn", arn]));
        mend.push(subscribe(findings, it.protocol.raw(), it.endpoint.raw()));
    }
    mend.push(mend::aws(findings, &[&confirm[..], &["--authenticate-on-unsubscribe", "true"]].concat()));
    Some(LINKS.warning(&format!("confirmed by link, so a link removes it again: {}", names(&open)), mend))
}

fn queues(findings: &Findings) -> Option<Check> {
    let first = findings.queues.values().next()?;
    let topic = findings.names.topic_arn.raw();
    let (mut refusing, mut keyed, mut fine, mut gone) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut mend = Vec::new();
    for (arn, look) in &findings.queues {
        let queue = match look {
            Look::Found(queue) => queue,
            Look::Missing(_) => {
                gone.push(arn.raw());
                continue;
            }
            _ => continue,
        };
        let asking = Asking {
            principal: "sns.amazonaws.com",
            action: "sqs:SendMessage",
            source_arn: topic,
            source_account: account_of(topic),
            resource: arn.raw(),
        };
        let policy = queue.policy.as_ref().map_or("", Clean::raw);
        if !resource_policy::may_allow(policy, &asking) {
            refusing.push(arn.raw());
            mend.push(mend::note("this replaces the queue's policy, so it repeats what is there"));
            mend.push(allow(findings, arn.raw(), queue, policy));
        } else if queue.kms_key.as_ref().is_some_and(|key| key.raw().ends_with("alias/aws/sqs")) {
            keyed.push(arn.raw());
            mend.push(mend::note(
                "AWS's own key lets SNS in nowhere; use SQS's own encryption, or a key whose policy does:",
            ));
            let attributes = json!({"KmsMasterKeyId": "", "SqsManagedSseEnabled": "true"}).to_string();
            let words = ["sqs", "set-queue-attributes", "--queue-url", queue.url.raw(), "--attributes", &attributes];
            mend.push(mend::aws(findings, &words));
        } else {
            fine.push(arn.raw());
        }
    }
    let tell = |text: &str, arns: &[&str]| (!arns.is_empty()).then(|| format!("{text}: {}", arns.join(", ")));
    let troubles = [
        tell("the policy does not let the topic send", &refusing),
        tell("encrypted with a key that SNS cannot use", &keyed),
        tell("subscribed, but it does not exist", &gone),
    ];
    let troubles: Vec<String> = troubles.into_iter().flatten().collect();
    Some(if troubles.is_empty() {
        match tell("the policy lets the topic send", &fine) {
            Some(text) => QUEUES.ok(&text),
            None => QUEUES.blind(first),
        }
    } else {
        QUEUES.failure(&troubles.join("; "), mend)
    })
}

/// The command that adds the statement which AWS documents to a queue's policy.
fn allow(findings: &Findings, arn: &str, queue: &Queue, policy: &str) -> Clean {
    let new = json!({"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage",
        "Resource": arn, "Condition": {"ArnEquals": {"aws:SourceArn": findings.names.topic_arn.raw()}}});
    let mut document: Value = serde_json::from_str(policy).unwrap_or_else(|_| json!({"Version": "2012-10-17"}));
    let mut statements = match document.get("Statement") {
        Some(Value::Array(statements)) => statements.clone(),
        Some(statement) => vec![statement.clone()],
        None => Vec::new(),
    };
    statements.push(new);
    document["Statement"] = statements.into();
    let attributes = json!({"Policy": document.to_string()}).to_string();
    mend::aws(findings, &["sqs", "set-queue-attributes", "--queue-url", queue.url.raw(), "--attributes", &attributes])
}

fn sms(findings: &Findings) -> Option<Check> {
    Some(match &findings.sms_sandbox {
        Look::NotAsked => return None,
        Look::Found(false) => SMS.ok("the account is out of the SMS sandbox"),
        Look::Found(true) => {
            let words = ["sns", "create-sms-sandbox-phone-number", "--phone-number", "NUMBER"];
            let mend = vec![
                mend::note("verify each number that is to get messages, or ask AWS's support to leave the sandbox:"),
                mend::aws(findings, &words),
            ];
            SMS.warning("the account is in the SMS sandbox", mend)
        }
        look => SMS.blind(look),
    })
}
