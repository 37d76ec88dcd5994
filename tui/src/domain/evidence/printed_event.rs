//! Events that functions print: in what each of them came.
//!
//! An event is found as JSON or as Python prints it, by itself or behind other text, and inside a logger's record. As Node prints
//! objects it says nothing here.

mod python;

use imgwatch_shared::object_key;
use imgwatch_shared::s3_event::{Content, Part, S3Event};
use serde_json::Value;

use super::{Envelope, SqsReceive, Write};
use crate::text::clean::Clean;

/// What only events in an envelope have.
const MARKS: [&str; 3] = ["messageId", "MessageId", "detail-type"];

/// How deep in a logger's record an event is looked for.
const MAX_DEPTH: usize = 3;

/// The writes whose events stand in a line, and in what each came.
pub fn envelopes(line: &str) -> Vec<(Write, Envelope)> {
    let mut found = Vec::new();
    if MARKS.iter().any(|mark| line.contains(mark))
        && let Some((_, json)) = line.find('{').and_then(|start| line.split_at_checked(start))
        && let Some(value) = value(json)
    {
        look(&value, MAX_DEPTH, &mut found);
    }
    found
}

/// The object with which a text begins.
fn value(text: &str) -> Option<Value> {
    match serde_json::Deserializer::from_str(text).into_iter().next()? {
        Ok(value) => Some(value),
        Err(_) => serde_json::from_str(&python::to_json(text)?).ok(),
    }
}

fn look(value: &Value, depth: usize, found: &mut Vec<(Write, Envelope)>) {
    let is_event = value["Records"].is_array() || value["detail-type"].is_string() || value["Message"].is_string();
    if is_event {
        found.extend(S3Event::read(value).parts.into_iter().filter_map(part));
    } else if let (Value::Object(fields), Some(depth)) = (value, depth.checked_sub(1)) {
        fields.values().for_each(|inner| look(inner, depth, found));
    } else if let (Value::String(text), true) = (value, depth > 0)
        && let Ok(inner) = serde_json::from_str(text)
    {
        look(&inner, depth - 1, found);
    }
}

fn part(part: Part) -> Option<(Write, Envelope)> {
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(Clean::new);
    let write = match &part.content {
        Content::Record(record) => {
            let object = &record["s3"]["object"];
            Write {
                bucket: text(&record["s3"]["bucket"]["name"])?,
                key: Clean::new(&object_key::decode(object["key"].as_str()?)),
                e_tag: text(&object["eTag"]),
                version_id: text(&object["versionId"]),
                sequencer: text(&object["sequencer"]),
                s3_request_id: text(&record["responseElements"]["x-amz-request-id"]),
            }
        }
        Content::EventBridge(event) => {
            let (detail, object) = (&event["detail"], &event["detail"]["object"]);
            Write {
                bucket: text(&detail["bucket"]["name"])?,
                key: text(&object["key"])?,
                e_tag: text(&object["etag"]),
                version_id: text(&object["version-id"]),
                sequencer: text(&object["sequencer"]),
                s3_request_id: text(&detail["request-id"]),
            }
        }
        Content::Test { .. } | Content::Unknown(_) => return None,
    };
    let receive = part.envelope.sqs.and_then(|sqs| {
        let message_id = Clean::new(&sqs.id?);
        Some(SqsReceive { message_id, count: sqs.receive_count })
    });
    let sns_message_id = part.envelope.sns_message_id.as_deref().map(Clean::new);
    let envelope = Envelope { entry: part.envelope.entry, sqs: receive, sns_message_id };
    (!envelope.is_empty()).then_some((write, envelope))
}

#[cfg(test)]
mod tests {
    use imgwatch_shared::s3_event::Entry;
    use serde_json::json;

    use super::*;

    fn record() -> Value {
        json!({"Records": [{
            "eventSource": "aws:s3",
            "responseElements": {"x-amz-request-id": "C3D13FE58DE4C810"},
            "s3": {"bucket": {"name": "images"}, "object": {"key": "in/a+b%2Bc.png", "eTag": "d41d", "sequencer": "0055"}},
        }]})
    }

    fn queued(body: &Value, count: &str) -> Value {
        json!({"Records": [{
            "eventSource": "aws:sqs", "messageId": "Q-1", "body": body.to_string(),
            "attributes": {"ApproximateReceiveCount": count},
        }]})
    }

    #[test]
    fn an_event_says_in_what_it_came_however_it_is_printed() {
        let event = queued(&record(), "2");
        let pretty = format!("{event:#}");
        let logged = json!({"level": "INFO", "message": event}).to_string();
        let as_text = json!({"level": "INFO", "event": event.to_string()}).to_string();
        let body = record().to_string();
        let python = format!(
            "{{'Records': [{{'messageId': 'Q-1', 'eventSource': 'aws:sqs', 'body': '{body}', \
             'attributes': {{'ApproximateReceiveCount': '2'}}}}]}}"
        );
        let text = event.to_string();
        let lines =
            [text.clone(), format!("got {text}"), format!("got {text} in 3 ms"), pretty, logged, as_text, python];
        for line in lines {
            let [(write, envelope)] = &envelopes(&line)[..] else { panic!("{line}") };
            assert_eq!((write.key.raw(), write.bucket.raw()), ("in/a b+c.png", "images"));
            assert_eq!(write.s3_request_id, Some("C3D13FE58DE4C810".into()));
            let receive = Some(SqsReceive { message_id: "Q-1".into(), count: Some(2) });
            assert_eq!(*envelope, Envelope { entry: Some(Entry::Queue), sqs: receive, sns_message_id: None });
        }
    }

    #[test]
    fn each_envelope_is_told_and_what_has_none_says_nothing() {
        let sns = json!({"Records": [{"EventSource": "aws:sns", "Sns": {"MessageId": "N-1", "Message": record().to_string()}}]});
        let [(_, envelope)] = &envelopes(&sns.to_string())[..] else { panic!("{sns}") };
        assert_eq!((envelope.entry, &envelope.sns_message_id), (Some(Entry::Topic), &Some("N-1".into())));
        let bus = json!({"source": "aws.s3", "detail-type": "Object Created", "detail": {
            "bucket": {"name": "images"}, "object": {"key": "in/a+b.png", "etag": "d41d"}, "request-id": "C3D1"}});
        let [(write, envelope)] = &envelopes(&bus.to_string())[..] else { panic!("{bus}") };
        assert_eq!((write.key.raw(), envelope.entry), ("in/a+b.png", Some(Entry::EventBridge)), "it is not encoded");
        for line in [record().to_string(), "messageId".to_owned(), "{'messageId': 'x'}".to_owned(), String::new()] {
            assert_eq!(envelopes(&line), [], "{line}");
        }
    }
}
