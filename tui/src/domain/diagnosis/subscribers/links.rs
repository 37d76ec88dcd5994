//! Whether the link in an email unsubscribes the address.

use serde_json::{Map, Value, json};

use crate::domain::diagnosis::findings::{Attributes, Findings, Lookup, Subscription};
use crate::domain::diagnosis::subscribers::{NAMED, names, subscribe, without_attributes};
use crate::domain::diagnosis::{Check, Draft, fix};
use crate::text::clean::Clean;

pub(super) const LINKS: Draft = Draft {
    id: "unsubscribe-links",
    title: "Unauthenticated unsubscribe",
    why: "anyone who opens the link in an email footer unsubscribes the address, and so does a link scanner; AWS does \
        not log it",
};

/// Only for email: no other endpoint shows a link that a person could open.
pub(super) fn check(findings: &Findings, confirmed: &[&Subscription]) -> Option<Check> {
    let mails: Vec<&Subscription> =
        confirmed.iter().copied().filter(|it| it.protocol.raw().starts_with("email")).collect();
    mails.first()?;
    let signed = |it: &Subscription| it.attributes.found()?.authenticated;
    let unknown = mails.iter().copied().find(|it| signed(it).is_none());
    let open: Vec<&Subscription> = mails.iter().copied().filter(|it| signed(it) == Some(false)).collect();
    let check = if open.is_empty() {
        let read = mails.iter().filter(|it| signed(it) == Some(true)).count();
        LINKS.ok(&format!("{read} of {} email addresses require a signed request to unsubscribe", mails.len()))
    } else {
        let text = format!("confirmed by link, so the email footer link removes: {}", names(&open));
        LINKS.warning(&text, again(findings, &open))
    };
    Some(match unknown {
        // Its attributes were read and leave it out.
        Some(it) if it.attributes.found().is_some() => {
            check.besides::<()>(&format!("{} {}", it.protocol.raw(), it.endpoint.raw()), &untold())
        }
        unknown => without_attributes(check, unknown),
    })
}

fn untold() -> Lookup<()> {
    Lookup::Failed("SNS does not report how it was confirmed".into())
}

/// The commands that subscribe addresses again and confirm them signed.
fn again(findings: &Findings, open: &[&Subscription]) -> Vec<Clean> {
    let arn = findings.names.topic_arn.raw();
    let confirm = ["sns", "confirm-subscription", "--topic-arn", arn, "--token", "TOKEN"];
    let mut fix = vec![
        fix::note(
            "unsubscribe and subscribe the address again; it gets no messages until it is confirmed. Its filter policy",
        ),
        fix::note("and its dead-letter queue keep their current values. Then do not open the link in the email:"),
        fix::note("copy the text after `Token=`, replace TOKEN with it, and confirm with a signed request:"),
    ];
    for it in open.iter().take(NAMED) {
        let arn = it.arn.as_ref().map_or("", Clean::raw);
        fix.push(fix::aws(findings, &["sns", "unsubscribe", "--subscription-arn", arn]));
        let attributes = it.attributes.found().map(kept).unwrap_or_default();
        fix.push(subscribe(findings, it.protocol.raw(), it.endpoint.raw(), &attributes));
    }
    fix.push(fix::aws(findings, &[&confirm[..], &["--authenticate-on-unsubscribe", "true"]].concat()));
    fix
}

/// A subscription's attributes as `Subscribe` takes them.
fn kept(attributes: &Attributes) -> Map<String, Value> {
    let mut kept = Map::new();
    if let Some(policy) = &attributes.filter_policy {
        let scope = if attributes.on_body { "MessageBody" } else { "MessageAttributes" };
        kept.insert("FilterPolicyScope".to_owned(), json!(scope));
        kept.insert("FilterPolicy".to_owned(), json!(policy.raw()));
    }
    if let Some(policy) = &attributes.redrive_policy {
        kept.insert("RedrivePolicy".to_owned(), json!(policy.raw()));
    }
    kept
}
