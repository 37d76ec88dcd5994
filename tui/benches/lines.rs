//! How long it takes to read 20,000 lines of a log: lines of each kind, and the worst ones.
//!
//! `cargo bench -p imgwatch --bench lines` measures; no test depends on a number of it.

mod setup;

use std::collections::BTreeMap;
use std::hint::black_box;

use imgwatch::domain::log::format;
use jiff::Timestamp;
use serde_json::json;

const LINES: usize = 20_000;
const ID: &str = "79b5e81f-3c1d-4d5e-9a4e-0f6a2f3b7c11";

fn main() {
    let mut criterion = setup::criterion();
    for (name, line) in kinds() {
        criterion.bench_function(&format!("lines: read 20,000, {name}"), |bencher| {
            bencher.iter(|| {
                for _ in 0..LINES {
                    black_box(format::read("1".into(), Timestamp::UNIX_EPOCH, "s".into(), black_box(&line)));
                }
            });
        });
    }
    criterion.final_summary();
}

fn kinds() -> Vec<(&'static str, String)> {
    let event = event();
    let quoted = serde_json::Value::from(event.as_str());
    let body = format!(r#"{{"Records":[{{"messageId":"{ID}","body":{quoted},"eventSource":"aws:sqs"}}]}}"#);
    vec![
        ("text without a level", "File uploaded to bucket images with key photos/2026/03/000001.png".to_owned()),
        ("Node text", format!("2026-11-29T01:00:00.000Z\t{ID}\tINFO\tnew object photos/2026/03/000001.png")),
        ("text that begins with times and names", format!("{} message", "2026-11-29 01:00:00 [main] - ".repeat(40))),
        (
            "pairs of names and values",
            format!("time=2026-11-29T01:00:00Z level=INFO msg=x {}", "key=a.png ".repeat(400)),
        ),
        (
            "JSON of a logger",
            format!(r#"{{"level":"INFO","message":"m","timestamp":"t","function_request_id":"{ID}"}}"#),
        ),
        ("a whole event as JSON", event),
        ("an event in the body of a message", body),
        (
            "JSON of many fields",
            json!((0..1_000).map(|n| (format!("field{n}"), n)).collect::<BTreeMap<_, _>>()).to_string(),
        ),
    ]
}

/// S3's event for one object.
fn event() -> String {
    r#"{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"eu-west-1","eventTime":"2026-11-29T01:00:00.000Z","eventName":"ObjectCreated:Put","userIdentity":{"principalId":"AWS:AIDA"},"requestParameters":{"sourceIPAddress":"1.2.3.4"},"responseElements":{"x-amz-request-id":"C3D13FE58DE4C810","x-amz-id-2":"FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5Wp6S7S/JRWeUWerMUE5JgHvANOjpD"},"s3":{"s3SchemaVersion":"1.0","configurationId":"all","bucket":{"name":"images","ownerIdentity":{"principalId":"A3"},"arn":"arn:aws:s3:::images"},"object":{"key":"photos/2026/03/000001.png","size":1024,"eTag":"d41d8cd98f00b204e9800998ecf8427e","versionId":"096fKKXTRTtl3on89fVO.nfljtsv6qko","sequencer":"0055AED6DCD90281E5"}}}]}"#.to_owned()
}
