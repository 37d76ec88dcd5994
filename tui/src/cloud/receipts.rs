//! SNS's delivery-status logs: one line for each delivery. Pure, but for knowing where SNS writes them.

use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use serde_json::Value;

use super::follow;
use crate::model::uploads::fact::{Fact, Receipt};
use crate::text::clean::Clean;

/// The groups of a topic: successes, and failures.
pub(super) fn groups(topic_arn: &str) -> Vec<String> {
    let mut parts = topic_arn.split(':').skip(3);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(region), Some(account), Some(topic)) => {
            let group = format!("sns/{region}/{account}/{topic}");
            let failures = format!("{group}/Failure");
            vec![group, failures]
        }
        _ => Vec::new(),
    }
}

/// The receipts among some events; lines of another form are left out.
pub(super) fn read(events: &[FilteredLogEvent]) -> Vec<Fact> {
    events.iter().filter_map(|event| one(event).map(Fact::Receipt)).collect()
}

fn one(event: &FilteredLogEvent) -> Option<Receipt> {
    let line: Value = serde_json::from_str(event.message()?).ok()?;
    let text = |path: &str| line.pointer(path).and_then(Value::as_str);
    let number = |path: &str| line.pointer(path).and_then(Value::as_u64);
    Some(Receipt {
        message_id: Clean::new(text("/notification/messageId")?),
        at: follow::time(event),
        destination: Clean::new(text("/delivery/destination")?),
        success: text("/status")? == "SUCCESS",
        status_code: number("/delivery/statusCode").and_then(|code| u16::try_from(code).ok()),
        // A string by contract; anything else is shown as it came.
        response: line.pointer("/delivery/providerResponse").map(|response| match response {
            Value::String(text) => Clean::new(text),
            other => Clean::new(&other.to_string()),
        }),
        dwell_ms: number("/delivery/dwellTimeMs"),
        attempts: number("/delivery/attempts").and_then(|attempts| u32::try_from(attempts).ok()),
    })
}
