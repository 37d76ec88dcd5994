//! Filter policies against the messages that the handler really publishes: for the key in question, else for images of
//! many types and sizes.

use imgwatch_shared::filter_policy::{FilterPolicy, Scope};
use imgwatch_shared::image_types::{self, ImageTypes};
use imgwatch_shared::message::DataType;
use imgwatch_shared::notification::{Image, Notification};
use jiff::Timestamp;
use serde_json::Value;

use crate::domain::diagnosis::findings::{Findings, Lookup, Subscription};
use crate::domain::diagnosis::subscribers::{NAMED, names, without_attributes};
use crate::domain::diagnosis::{Check, Draft, fix};
use crate::text::clean::Clean;

pub(super) const FILTERS: Draft = Draft {
    id: "filter-policies",
    title: "Subscription filter policies",
    why: "SNS drops messages that a filter policy excludes, and only a CloudWatch metric counts them",
};

/// Names of files of the types that images have.
const FILES: [&str; 16] = [
    "photo.png",
    "photo.jpg",
    "photo.gif",
    "photo.webp",
    "photo.heic",
    "photo.hif",
    "photo.avif",
    "photo.bmp",
    "photo.tiff",
    "photo.svg",
    "photo.apng",
    "photo.ico",
    "photo.jp2",
    "photo.jxl",
    "photo.mp4",
    "photo.pdf",
];

/// Bytes.
const SIZES: [u64; 7] = [0, 1, 1_000, 100_000, 1_000_000, 10_000_000, 5_000_000_000];

/// What one policy makes of the messages.
enum FilterOutcome {
    Passes,
    /// It excludes each message that was tried.
    Excludes,
    Unreadable,
}

pub(super) fn check(findings: &Findings, confirmed: &[&Subscription]) -> Option<Check> {
    confirmed.first()?;
    let unread = confirmed.iter().copied().find(|it| it.attributes.found().is_none());
    let filtered: Vec<_> = confirmed
        .iter()
        .filter_map(|it| {
            let attributes = it.attributes.found()?;
            Some((*it, attributes.filter_policy.as_ref()?.raw(), attributes.on_body))
        })
        .collect();
    if !filtered.is_empty() && !findings.author().is_ours() {
        return Some(without_attributes(of_others(&filtered), unread));
    }
    let (mut excluding, mut unreadable) = (Vec::new(), Vec::new());
    for (subscription, policy, on_body) in &filtered {
        match judge(findings, policy, *on_body) {
            FilterOutcome::Passes => {}
            FilterOutcome::Excludes => excluding.push(*subscription),
            FilterOutcome::Unreadable => unreadable.push(*subscription),
        }
    }
    let mut check = judged(findings, &filtered, &excluding);
    if !unreadable.is_empty() {
        let lookup = Lookup::Failed("it cannot be evaluated here".into());
        check = check.besides::<()>(&format!("the policy of {}", names(&unreadable)), &lookup);
    }
    if !filtered.is_empty() {
        check = check.besides("which image types the function accepts", &types(findings));
    }
    Some(without_attributes(check, unread))
}

/// What another program than imgwatch's handler publishes is not known.
fn of_others(filtered: &[(&Subscription, &str, bool)]) -> Check {
    let policies: Vec<String> = filtered.iter().take(NAMED).map(described).collect();
    let more = if filtered.len() > NAMED { format!(" and {} more", filtered.len() - NAMED) } else { String::new() };
    let text = format!("which messages pass depends on what the function publishes: {}{more}", policies.join(", "));
    FILTERS.note(&text, Vec::new())
}

fn described((subscription, policy, on_body): &(&Subscription, &str, bool)) -> String {
    let scope = if *on_body { "body" } else { "attributes" };
    format!("{} {} ({scope}: {policy})", subscription.protocol.raw(), subscription.endpoint.raw())
}

/// The function's list of image types, as far as it was read.
fn types(findings: &Findings) -> Lookup<()> {
    match findings.function.found().and_then(|function| function.variables_error.clone()) {
        Some(error) => Lookup::Failed(error),
        None => findings.function.clone().map(|_| ()),
    }
}

/// A policy that excludes messages is what it is for, so it is no failure, and nothing printed here takes it away.
fn judged(findings: &Findings, filtered: &[(&Subscription, &str, bool)], excluding: &[&Subscription]) -> Check {
    let tried = match &findings.key {
        Some(key) => format!("the message for {}", key.raw()),
        None => "images of every type and size".to_owned(),
    };
    if excluding.is_empty() {
        return FILTERS.ok(&match filtered.len() {
            0 => "no subscription has a filter policy".to_owned(),
            many => format!("{many} subscriptions have a filter policy; {tried} may match"),
        });
    }
    let policies: Vec<String> =
        filtered.iter().filter(|(it, ..)| excluding.contains(it)).take(NAMED).map(described).collect();
    let mut fix = vec![fix::note("this may be intended. To show a policy before you change it:")];
    fix.extend(excluding.iter().take(NAMED).map(|it| {
        let arn = it.arn.as_ref().map_or("", Clean::raw);
        fix::aws(findings, &["sns", "get-subscription-attributes", "--subscription-arn", arn])
    }));
    FILTERS.note(&format!("excluded {tried}: {}", policies.join(", ")), fix)
}

fn judge(findings: &Findings, policy: &str, on_body: bool) -> FilterOutcome {
    let scope = if on_body { Scope::MessageBody } else { Scope::MessageAttributes };
    let Ok(read) = FilterPolicy::parse(policy, scope) else { return FilterOutcome::Unreadable };
    let list = findings.function.found().and_then(|function| function.variables.get(image_types::VARIABLE));
    let types = ImageTypes::parse(list.map_or("", Clean::raw)).unwrap_or_default();
    let keys: Vec<&str> = match &findings.key {
        Some(key) => vec![key.raw()],
        None => FILES.to_vec(),
    };
    let sizes: Vec<u64> = SIZES.into_iter().chain(numbers(&serde_json::from_str(policy).unwrap_or_default())).collect();
    let passes = keys.iter().any(|key| {
        // What the handler skips is not published; the check of the image types reports that.
        let content_type = types.judge(key).ok();
        content_type.is_some()
            && sizes.iter().any(|size| {
                let notification = message(findings, key, *size, content_type.clone());
                let body = serde_json::to_string(&notification).unwrap_or_default();
                read.passes(&attributes(&notification), &body)
            })
    });
    let nothing_to_try = keys.iter().all(|key| types.judge(key).is_err());
    if passes || nothing_to_try { FilterOutcome::Passes } else { FilterOutcome::Excludes }
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
fn attributes(notification: &Notification) -> Value {
    let attributes = notification.attributes().into_iter().map(|attribute| {
        let value = match attribute.data_type {
            DataType::String => Value::String(attribute.value),
            DataType::Number => serde_json::from_str(&attribute.value).unwrap_or_default(),
        };
        (attribute.name.to_owned(), value)
    });
    attributes.collect()
}
