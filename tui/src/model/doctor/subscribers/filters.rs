//! Filter policies against the messages that the handler really publishes: for the key in question, else for images of
//! many types and sizes.

use imgwatch_shared::filter_policy::{FilterPolicy, Scope};
use imgwatch_shared::image_types::{self, ImageTypes};
use imgwatch_shared::message::DataType;
use imgwatch_shared::notification::{Image, Notification};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::super::findings::{Findings, Subscription};
use super::super::{Check, Draft, mend};
use super::{NAMED, names};
use crate::text::clean::Clean;

pub(super) const FILTERS: Draft = Draft {
    id: "filter-policies",
    title: "The subscribers' filter policies",
    why: "SNS drops what a subscription's filter policy excludes, and only a metric counts it",
};

/// Names of files of the types that images have.
const FILES: [&str; 11] = [
    "photo.png",
    "photo.jpg",
    "photo.gif",
    "photo.webp",
    "photo.heic",
    "photo.avif",
    "photo.bmp",
    "photo.tiff",
    "photo.svg",
    "photo.mp4",
    "photo.pdf",
];

/// Bytes.
const SIZES: [u64; 7] = [0, 1, 1_000, 100_000, 1_000_000, 10_000_000, 5_000_000_000];

/// What one policy makes of the messages.
enum Verdict {
    Passes,
    /// It excludes each message that was tried.
    Excludes,
    Unreadable,
}

pub(super) fn check(findings: &Findings, confirmed: &[&Subscription]) -> Option<Check> {
    let first = confirmed.first()?;
    let known: Vec<_> = confirmed.iter().filter_map(|it| Some((*it, it.attributes.found()?))).collect();
    if known.is_empty() {
        return Some(FILTERS.blind(&first.attributes));
    }
    let filtered: Vec<_> = known
        .iter()
        .filter_map(|(it, attributes)| {
            let policy = attributes.filter_policy.as_ref()?.raw();
            Some((*it, policy, attributes.on_body))
        })
        .collect();
    let (mut excluding, mut unreadable, mut surely) = (Vec::new(), Vec::new(), false);
    for (subscription, policy, on_body) in &filtered {
        match judge(findings, policy, *on_body) {
            Verdict::Passes => {}
            Verdict::Excludes => {
                // A body has more to it than was tried; attributes have not.
                surely |= !on_body && findings.key.is_none();
                excluding.push(*subscription);
            }
            Verdict::Unreadable => unreadable.push(*subscription),
        }
    }
    let tried = match &findings.key {
        Some(key) => format!("the message about {}", key.raw()),
        None => "images of every type and size".to_owned(),
    };
    if excluding.is_empty() {
        let text = match (filtered.len(), unreadable.is_empty()) {
            (0, _) => "no subscription has one".to_owned(),
            (_, true) => format!("all of {} let {tried} through", filtered.len()),
            (_, false) => format!("not understood: the policy of {}", names(&unreadable)),
        };
        return Some(if unreadable.is_empty() { FILTERS.ok(&text) } else { FILTERS.warning(&text, Vec::new()) });
    }
    let policies: Vec<String> = filtered
        .iter()
        .filter(|(it, ..)| excluding.contains(it))
        .take(NAMED)
        .map(|(it, policy, on_body)| {
            let scope = if *on_body { "body" } else { "attributes" };
            format!("{} {} ({scope}: {policy})", it.protocol.raw(), it.endpoint.raw())
        })
        .collect();
    let text = format!("excludes {tried}: {}", policies.join(", "));
    let mut mend = vec![mend::note("an empty policy lets everything through:")];
    mend.extend(excluding.iter().take(NAMED).map(|it| {
        let arn = it.arn.as_ref().map_or("", Clean::raw);
        let words = ["sns", "set-subscription-attributes", "--subscription-arn", arn];
        let set = ["--attribute-name", "FilterPolicy", "--attribute-value", "{}"];
        mend::aws(findings, &[&words[..], &set].concat())
    }));
    Some(if surely { FILTERS.failure(&text, mend) } else { FILTERS.warning(&text, mend) })
}

fn judge(findings: &Findings, policy: &str, on_body: bool) -> Verdict {
    let scope = if on_body { Scope::MessageBody } else { Scope::MessageAttributes };
    let Ok(read) = FilterPolicy::parse(policy, scope) else { return Verdict::Unreadable };
    let list = findings.function.found().and_then(|function| function.variables.get(image_types::VARIABLE));
    let types = ImageTypes::parse(list.map_or("", Clean::raw)).unwrap_or_default();
    let keys: Vec<&str> = match &findings.key {
        Some(key) => vec![key.raw()],
        None => FILES.to_vec(),
    };
    let sizes: Vec<u64> = SIZES.into_iter().chain(numbers(&serde_json::from_str(policy).unwrap_or_default())).collect();
    let passes = keys.iter().any(|key| {
        // What the handler skips is no message; the check of the types tells that.
        let content_type = types.judge(key).ok();
        content_type.is_some()
            && sizes.iter().any(|size| {
                let notification = message(findings, key, *size, content_type.clone());
                let body = serde_json::to_string(&notification).unwrap_or_default();
                read.passes(&attributes(&notification), &body)
            })
    });
    let nothing_to_try = keys.iter().all(|key| types.judge(key).is_err());
    if passes || nothing_to_try { Verdict::Passes } else { Verdict::Excludes }
}

/// The sizes about which a policy's numbers decide.
fn numbers(policy: &Value) -> Vec<u64> {
    match policy {
        Value::Number(number) => {
            let near = |number: u64| [number.saturating_sub(1), number, number.saturating_add(1)];
            number.as_u64().map(near).into_iter().flatten().collect()
        }
        Value::Array(items) => items.iter().flat_map(numbers).collect(),
        Value::Object(members) => members.values().flat_map(numbers).collect(),
        _ => Vec::new(),
    }
}

fn message(findings: &Findings, key: &str, size: u64, content_type: Option<String>) -> Notification {
    let region = findings.bucket_region.found().unwrap_or(&findings.names.region);
    let image = Image {
        bucket: findings.names.bucket.raw().to_owned(),
        key: key.to_owned(),
        size,
        e_tag: Some("d41d8cd98f00b204e9800998ecf8427e".to_owned()),
        version_id: None,
        sequencer: Some("0055AED6DCD90281E5".to_owned()),
        event_name: "ObjectCreated:Put".to_owned(),
        region: region.raw().to_owned(),
        content_type,
        s3_request_id: Some("C3D13FE58DE4C810".to_owned()),
    };
    Notification::new(image, Timestamp::UNIX_EPOCH, None)
}

/// The message's attributes as SNS matches them.
fn attributes(notification: &Notification) -> Map<String, Value> {
    let attributes = notification.attributes().into_iter().map(|attribute| {
        let value = match attribute.data_type {
            DataType::String => Value::String(attribute.value),
            DataType::Number => serde_json::from_str(&attribute.value).unwrap_or_default(),
        };
        (attribute.name.to_owned(), value)
    });
    attributes.collect()
}
