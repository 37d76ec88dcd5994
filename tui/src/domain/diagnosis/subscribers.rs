//! Checks of the subscriptions: whether there is one, which are not confirmed, and which a filter policy excludes.

mod filters;
mod links;
pub(super) mod queues;

use serde_json::{Map, Value};

use crate::domain::diagnosis::findings::{Findings, Listing, Lookup, Subscription};
use crate::domain::diagnosis::{Check, Draft, fix};
use crate::text::clean::Clean;

/// Names in one text; more are only counted.
const NAMED: usize = 10;

const SUBSCRIBERS: Draft = Draft {
    id: "subscribers",
    title: "Subscribers",
    why: "SNS accepts messages for a topic without subscribers, and drops them",
};

const PENDING: Draft = Draft {
    id: "pending",
    title: "Pending confirmations",
    why: "a pending subscription gets no messages, and SNS removes it after two days; an email address that gets too \
        many messages at once becomes pending again",
};

const SMS: Draft = Draft {
    id: "sms-sandbox",
    title: "SMS sandbox",
    why: "an account in the SMS sandbox reaches only verified phone numbers, and SNS reports no error for others",
};

pub(super) fn check(findings: &Findings, out: &mut Vec<Check>) {
    let listing = match &findings.subscriptions {
        Lookup::Found(listing) => listing,
        // The check of the topic says that it is missing.
        Lookup::Missing(_) => return,
        lookup => {
            let drafts =
                [SUBSCRIBERS, PENDING, links::LINKS, filters::FILTERS, queues::QUEUES, super::queues::DEAD_LETTERS];
            out.extend(drafts.map(|draft| draft.not_checked(lookup)));
            return;
        }
    };
    let (confirmed, pending): (Vec<_>, Vec<_>) = listing.items.iter().partition(|it| it.arn.is_some());
    let mut checks = vec![subscribers(findings, listing, &confirmed)];
    if !listing.items.is_empty() {
        checks.push(unconfirmed(findings, &confirmed, &pending));
    }
    checks.extend(links::check(findings, &confirmed));
    checks.extend(filters::check(findings, &confirmed));
    checks.extend(queues::check(findings));
    // Of those that were not listed nothing is known.
    out.extend(checks.into_iter().map(|check| check.besides("the rest of the subscriptions", &listing.rest)));
    out.extend(super::queues::dead_letters(findings));
    out.extend(sms(findings));
}

/// A subscription of which it is not known whether it is confirmed: AWS gives an ARN to confirmed ones only, other
/// endpoints also to others, whose attributes tell.
fn doubtful<'a>(findings: &Findings, confirmed: &[&'a Subscription]) -> Option<&'a Subscription> {
    let is_aws = findings.names.endpoint.is_none();
    confirmed.iter().copied().find(|it| !is_aws && it.attributes.found().is_none())
}

/// The same check where the attributes of one were not read.
fn without_attributes(check: Check, subscription: Option<&Subscription>) -> Check {
    let Some(it) = subscription else { return check };
    check.besides(&format!("the attributes of {} {}", it.protocol.raw(), it.endpoint.raw()), &it.attributes)
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

/// The command that subscribes an endpoint, with these attributes if there are any.
fn subscribe(findings: &Findings, protocol: &str, endpoint: &str, attributes: &Map<String, Value>) -> Clean {
    let arn = findings.names.topic_arn.raw();
    let words = ["sns", "subscribe", "--topic-arn", arn, "--protocol", protocol, "--notification-endpoint", endpoint];
    if attributes.is_empty() {
        return fix::aws(findings, &words);
    }
    let attributes = Value::Object(attributes.clone()).to_string();
    fix::aws(findings, &[&words[..], &["--attributes", &attributes]].concat())
}

fn subscribers(findings: &Findings, listing: &Listing<Subscription>, confirmed: &[&Subscription]) -> Check {
    let is_sure = |it: &&Subscription| findings.names.endpoint.is_none() || it.attributes.found().is_some();
    if !confirmed.is_empty() {
        let check = SUBSCRIBERS.ok(&names(confirmed));
        // A confirmed subscription is enough.
        let doubt = if confirmed.iter().any(is_sure) { None } else { doubtful(findings, confirmed) };
        return without_attributes(check, doubt);
    }
    if listing.rest.reason().is_some() {
        return SUBSCRIBERS.ok("no confirmed subscription found");
    }
    let pending = listing.items.len();
    let text = match pending {
        0 => "the topic has no subscriptions".to_owned(),
        1 => "the topic's only subscription is not confirmed".to_owned(),
        _ => format!("none of the topic's {pending} subscriptions is confirmed"),
    };
    let fix =
        vec![fix::note("replace with your address:"), subscribe(findings, "email", "you@example.com", &Map::new())];
    SUBSCRIBERS.failure(&text, if pending > 0 { vec![fix::note("see the check `pending`")] } else { fix })
}

fn unconfirmed(findings: &Findings, confirmed: &[&Subscription], pending: &[&Subscription]) -> Check {
    let doubtful = doubtful(findings, confirmed);
    if pending.is_empty() {
        return without_attributes(PENDING.ok("no subscription is pending"), doubtful);
    }
    let mut fix = vec![
        fix::note("open the link in the email from no-reply@sns.amazonaws.com (check your spam folder),"),
        fix::note("or let the endpoint visit its SubscribeURL. To send another confirmation:"),
    ];
    fix.extend(
        pending.iter().take(NAMED).map(|it| subscribe(findings, it.protocol.raw(), it.endpoint.raw(), &Map::new())),
    );
    without_attributes(PENDING.warning(&format!("not confirmed: {}", names(pending)), fix), doubtful)
}

fn sms(findings: &Findings) -> Option<Check> {
    Some(match &findings.sms_sandbox {
        Lookup::NotAsked => return None,
        Lookup::Found(false) => SMS.ok("the account is not in the SMS sandbox"),
        Lookup::Found(true) => {
            let words = ["sns", "create-sms-sandbox-phone-number", "--phone-number", "NUMBER"];
            let fix = vec![
                fix::note("verify each phone number, or ask AWS Support to move the account out of the sandbox:"),
                fix::aws(findings, &words),
            ];
            SMS.warning("the account is in the SMS sandbox", fix)
        }
        lookup => SMS.not_checked(lookup),
    })
}
