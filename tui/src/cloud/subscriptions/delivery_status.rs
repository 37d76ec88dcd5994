//! SNS's delivery-status logs: one line for each delivery. Pure, but for knowing where SNS writes them.

use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use imgwatch_shared::arn::Arn;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::domain::evidence::{DeliveryStatusEntry, Fact};
use crate::text::clean::Clean;

/// From the end of a delivery until its line is written, in milliseconds.
const MOST_REST_MS: i64 = 10 * 60_000;

/// SNS's clock and that of the log may differ by so much.
const SKEW_MS: i64 = 1_000;

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
    let (at, dwell_ms) = (time(event), number("/delivery/dwellTimeMs"));
    Some(DeliveryStatusEntry {
        message_id: Clean::new(text("/notification/messageId")?),
        topic: text("/notification/topicArn").filter(|arn| Arn::is_one(arn)).map(Clean::new),
        at,
        accepted: text("/notification/timestamp").and_then(|text| accepted(text, at, dwell_ms.unwrap_or(0))),
        destination: Clean::new(text("/delivery/destination")?),
        success: text("/status")? == "SUCCESS",
        status_code: number("/delivery/statusCode").and_then(|code| u16::try_from(code).ok()),
        // A string by contract; anything else is shown as it came.
        response: line.pointer("/delivery/providerResponse").map(|response| match response {
            Value::String(text) => Clean::new(text),
            other => Clean::new(&other.to_string()),
        }),
        dwell_ms,
        attempts: number("/delivery/attempts").and_then(|attempts| u32::try_from(attempts).ok()),
    })
}

/// When SNS accepted the message. The line names no time zone, and is written when the message has been delivered: a time
/// of another zone would be a quarter of an hour away at least.
fn accepted(text: &str, written: Timestamp, dwell_ms: u64) -> Option<Timestamp> {
    let accepted = TimeZone::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok()?;
    let rest = written.as_millisecond() - accepted.as_millisecond() - i64::try_from(dwell_ms).ok()?;
    (-SKEW_MS..MOST_REST_MS).contains(&rest).then_some(accepted)
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
        assert_eq!(found.accepted, "2020-02-23T15:52:51.904Z".parse().ok());

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
    fn a_time_that_cannot_be_that_of_the_message_is_left_out() {
        let written: Timestamp = "2026-11-29T10:00:02.500Z".parse().unwrap();
        for (text, dwell, is_time) in [
            ("2026-11-29 10:00:02.000", 400, true),
            ("2026-11-29 10:00:02.900", 400, true),
            ("2026-11-29 09:55:02", 290_000, true),
            // It is later than the line, or long before the delivery took place.
            ("2026-11-29 10:00:04.000", 400, false),
            ("2026-11-29 10:15:02.000", 400, false),
            ("2026-11-29 02:00:02.000", 400, false),
            ("2026-11-29 09:45:02.000", 400, false),
            ("yesterday", 400, false),
            ("2026-11-29", 400, false),
        ] {
            assert_eq!(accepted(text, written, dwell).is_some(), is_time, "{text}");
        }
        let other = r#"{"notification":{"messageId":"1","topicArn":"t","timestamp":"x"},"delivery":{"destination":"d"},"status":"SUCCESS"}"#;
        let found = entry(other).expect("a delivery status");
        assert_eq!((found.topic, found.accepted), (None, None));
    }

    #[test]
    fn groups_are_named_after_the_topic() {
        let groups = groups("arn:aws:sns:eu-west-1:123456789012:uploads");
        assert_eq!(groups, ["sns/eu-west-1/123456789012/uploads", "sns/eu-west-1/123456789012/uploads/Failure"]);
    }
}
