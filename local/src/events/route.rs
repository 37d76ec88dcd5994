//! Sends an event to the targets of the rules that match it.

use std::collections::BTreeMap;

use http::StatusCode;
use serde_json::{Value, json};

use super::target::Target;
use super::{Events, Rule};
use crate::common::deliver::{BusEvent, Payload, Sender};
use crate::common::env::ACCOUNT;
use crate::common::wire::ApiError;

/// Sends an event; returns its id.
pub(super) fn send(events: &Events, event: BusEvent) -> String {
    let BusEvent { source, detail_type, resources, at, detail, trace_header } = event;
    let id = events.env.id();
    let event = json!({
        "version": "0",
        "id": id,
        "detail-type": detail_type,
        "source": source,
        "account": ACCOUNT,
        "time": at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "region": events.env.region,
        "resources": resources,
        "detail": detail,
    });
    let matching: Vec<Rule> =
        events.lock().values().filter(|rule| rule.enabled && rule.pattern.matches(&event)).cloned().collect();
    for Rule { arn, targets, .. } in &matching {
        for target in targets.values() {
            deliver(events, arn, target, &event, trace_header.as_deref());
        }
    }
    id
}

/// Delivers an event to one target, which checks its policy. What it refuses is tried no more: it goes to the target's
/// dead-letter queue, or is lost.
fn deliver(events: &Events, rule_arn: &str, target: &Target, event: &Value, trace_header: Option<&str>) {
    let sender = Sender { principal: "events.amazonaws.com", source_arn: rule_arn };
    let trace_header = trace_header.map(str::to_owned);
    let payload = Payload { body: target.content(event), trace_header, ..Payload::default() };
    let Err(refused) = events.deliver.deliver(&target.arn, sender, payload) else { return };
    let (rule, target_arn, message) = (rule_arn, &target.arn, &refused.message);
    let Some(queue) = target.dead_letters() else {
        tracing::warn!(rule, target_arn, code = refused.code, message, "an event is lost");
        return;
    };
    let payload =
        Payload { body: event.to_string(), attributes: why(rule_arn, target, &refused), ..Payload::default() };
    if let Err(error) = events.deliver.deliver(queue, sender, payload) {
        tracing::warn!(
            rule,
            queue,
            code = error.code,
            message = error.message,
            "an event is lost: no dead-letter queue"
        );
    }
}

/// The message attributes that say why an event is in a dead-letter queue.
fn why(rule_arn: &str, target: &Target, refused: &ApiError) -> BTreeMap<String, (String, String)> {
    let is_missing = refused.status == StatusCode::NOT_FOUND || refused.code.contains("NonExistentQueue");
    let code = match refused.status {
        _ if is_missing => "NO_RESOURCE",
        StatusCode::FORBIDDEN => "NO_PERMISSIONS",
        StatusCode::TOO_MANY_REQUESTS => "THROTTLING",
        _ => "SDK_CLIENT_ERROR",
    };
    let attributes = [
        ("RULE_ARN", rule_arn),
        ("TARGET_ARN", &target.arn),
        ("ERROR_CODE", code),
        ("ERROR_MESSAGE", &refused.message),
    ];
    attributes.map(|(name, value)| (name.to_owned(), ("String".to_owned(), value.to_owned()))).into()
}
