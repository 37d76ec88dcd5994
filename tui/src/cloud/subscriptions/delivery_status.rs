//! SNS's delivery-status logs: one line for each delivery. Pure, but for knowing where SNS writes them.

use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use imgwatch_shared::arn::Arn;
use jiff::Timestamp;
use serde_json::Value;

use crate::domain::evidence::{DeliveryStatusEntry, Fact};
use crate::text::clean::Clean;

/// What the groups are called while the topic's account is not known.
pub(in crate::cloud) const UNKNOWN_GROUP: &str = "delivery status logs";

pub(in crate::cloud) fn time(event: &FilteredLogEvent) -> Timestamp {
    event.timestamp().and_then(|ms| Timestamp::from_millisecond(ms).ok()).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The groups of a topic: successes, and failures.
pub(in crate::cloud) fn groups(topic_arn: &str) -> Vec<String> {
    let Some(Arn { region, account, resource, .. }) = Arn::parse(topic_arn) else { return Vec::new() };
    let group = format!("sns/{region}/{account}/{resource}");
    let failures = format!("{group}/Failure");
    vec![group, failures]
}

/// The delivery statuses among some events; lines of another form are left out.
pub(in crate::cloud) fn read(events: &[FilteredLogEvent]) -> Vec<Fact> {
    events.iter().filter_map(|event| one(event).map(Fact::DeliveryStatusEntry)).collect()
}

fn one(event: &FilteredLogEvent) -> Option<DeliveryStatusEntry> {
    let line: Value = serde_json::from_str(event.message()?).ok()?;
    let text = |path: &str| line.pointer(path).and_then(Value::as_str);
    let number = |path: &str| line.pointer(path).and_then(Value::as_u64);
    Some(DeliveryStatusEntry {
        message_id: Clean::new(text("/notification/messageId")?),
        at: time(event),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(message: &str) -> Option<DeliveryStatusEntry> {
        one(&FilteredLogEvent::builder().timestamp(1_582_473_661_000).message(message).build())
    }

    #[test]
    fn lines_as_sns_writes_them() {
        let https = r#"{"notification":{"messageMD5Sum":"52a3","messageId":"f3072eb0","topicArn":"arn:","timestamp":"2020-02-23 15:52:51.904"},"delivery":{"deliveryId":"70cbac57","destination":"https://example.com/hook","providerResponse":"OK","dwellTimeMs":349659,"attempts":1,"statusCode":200},"status":"SUCCESS"}"#;
        let found = entry(https).expect("a delivery status");
        assert_eq!((found.message_id.raw(), found.destination.raw()), ("f3072eb0", "https://example.com/hook"));
        assert_eq!((found.success, found.status_code, found.dwell_ms), (true, Some(200), Some(349_659)));
        assert_eq!((found.attempts, found.response.as_ref().map(Clean::raw)), (Some(1), Some("OK")));

        let lambda = r#"{"notification":{"messageId":"72","timestamp":"2024-08-27 10:10:33.576"},"delivery":{"deliveryId":"72f4","destination":"arn:aws:lambda:eu-west-1:1:function:X","providerResponse":"{\"lambdaRequestId\":\"a2f654bc\"}","dwellTimeMs":47,"statusCode":202},"status":"SUCCESS"}"#;
        assert_eq!(entry(lambda).map(|found| (found.status_code, found.attempts)), Some((Some(202), None)));

        let denied = r#"{"notification":{"messageId":"86","timestamp":"2021-06-19 16:01:44.845"},"delivery":{"deliveryId":"86fc","destination":"arn:aws:sqs:us-east-1:1:q","providerResponse":"{\"ErrorCode\":\"AccessDenied\"}","dwellTimeMs":41,"attempts":1,"statusCode":403},"status":"FAILURE"}"#;
        let found = entry(denied).expect("a delivery status");
        assert_eq!((found.success, found.status_code), (false, Some(403)));
        assert_eq!(found.response.as_ref().map(Clean::raw), Some(r#"{"ErrorCode":"AccessDenied"}"#));
    }

    #[test]
    fn other_lines_are_no_delivery_statuses() {
        for odd in
            ["", "{", "{}", "[1]", r#"{"status":"SUCCESS"}"#, r#"{"notification":{"messageId":"1"},"delivery":{}}"#]
        {
            assert_eq!(entry(odd), None, "{odd:?}");
        }
    }

    #[test]
    fn groups_are_named_after_the_topic() {
        let groups = groups("arn:aws:sns:eu-west-1:123456789012:uploads");
        assert_eq!(groups, ["sns/eu-west-1/123456789012/uploads", "sns/eu-west-1/123456789012/uploads/Failure"]);
    }
}
