//! Logs as functions of each kind write them, and how uploads can be joined there.

use super::*;
use crate::domain::log::format;

const KEY: &str = "photos/a b+é.png";
const ENCODED: &str = "photos/a+b%2B%C3%A9.png";
const E_TAG: &str = "9b2cf535f27731c974343645a3985328";

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(1_790_000_000_000 + millis).unwrap()
}

fn id(number: usize) -> String {
    format!("79b5e81f-0000-4000-8000-{number:012}")
}

fn objects() -> Vec<Object> {
    let object =
        |key: &str, e_tag: &str| Object { key: key.into(), size: 1, modified: at(0), e_tag: Some(e_tag.into()) };
    vec![object(KEY, E_TAG), object("photos/other.png", "d41d8cd98f00b204e9800998ecf8427e")]
}

/// So many invocations, one after the other in one stream, each with these lines.
fn log(invocations: usize, printed: &[&str], status: &str) -> Invocations {
    let mut messages = Vec::new();
    for number in 0..invocations {
        let id = id(number);
        messages.push(format!("START RequestId: {id} Version: $LATEST\n"));
        messages.extend(printed.iter().map(|line| line.replace("ID", &id)));
        messages.push(format!("END RequestId: {id}\n"));
        messages.push(format!("REPORT RequestId: {id}\tDuration: 3.00 ms\tMemory Size: 128 MB\t{status}\n"));
    }
    read(&messages)
}

fn read(messages: &[String]) -> Invocations {
    let (mut lines, mut facts) = (Vec::new(), Vec::new());
    for (number, message) in (0..).zip(messages) {
        let (line, fact) =
            format::read(format!("{number:09}").into(), at(number), "f".into(), "stream".into(), message);
        lines.push(line);
        facts.extend(fact);
    }
    // The service may hand them out in any order.
    lines.reverse();
    Invocations::of(at(0), lines, &facts, &"images".into(), &objects())
}

/// The event of the object, as S3 writes it.
fn event() -> serde_json::Value {
    serde_json::json!({"Records": [{
        "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
        "responseElements": {"x-amz-request-id": "C3D13FE58DE4C810", "x-amz-id-2": "FMyUVURIY8"},
        "s3": {"bucket": {"name": "images"},
            "object": {"key": ENCODED, "size": 1, "eTag": E_TAG, "sequencer": "0055AED6DCD90281E5"}},
    }]})
}

#[test]
fn each_kind_of_function_can_be_joined_by_what_it_logs() {
    let event = event();
    let pretty = serde_json::to_string_pretty(&event).unwrap();
    let one_line = event.to_string();
    let repr = format!("event: {}", one_line.replace('"', "'"));
    let json = serde_json::json!({"level": "INFO", "message": "resizing", "key": KEY, "function_request_id": "ID"});
    let json = json.to_string();
    let java = format!(
        "{{records=[S3EventNotificationRecord{{responseElements={{xAmzRequestId=C3D13FE58DE4C810}}, \
                        s3={{object={{key={ENCODED}, sequencer=0055AED6DCD90281E5}}}}}}]}}"
    );
    let kinds: [(&str, Vec<&str>, Option<Basis>); 15] = [
        ("the key, encoded", vec!["got photos/a+b%2B%C3%A9.png"], Some(Basis::Key)),
        ("the key, decoded", vec!["Processing s3://images/photos/a b+é.png"], Some(Basis::Key)),
        ("its last part", vec!["thumbnail of a b+é.png"], Some(Basis::KeyPart)),
        ("the event in one line", vec![&one_line], Some(Basis::S3RequestId)),
        ("the event, pretty", pretty.lines().collect(), Some(Basis::S3RequestId)),
        ("the event, Python's repr", vec![&repr], Some(Basis::S3RequestId)),
        ("the event, Java", vec![&java], Some(Basis::S3RequestId)),
        ("a JSON line", vec![&json], Some(Basis::Key)),
        ("Node", vec!["2026-11-29T10:00:00.000Z\tID\tINFO\tresizing photos/a+b%2B%C3%A9.png"], Some(Basis::Key)),
        ("the entity tag", vec!["content 9b2cf535f27731c974343645a3985328"], Some(Basis::ETag)),
        ("key and tag", vec!["got photos/a b+é.png", "as 9b2cf535f27731c974343645a3985328"], Some(Basis::KeyAndETag)),
        ("a message id", vec!["sent 0e3c1f64-0000-4000-8000-000000000001"], None),
        ("nothing", vec![], None),
        ("an answer of S3's", vec!["{'x-amz-request-id': 'C3D13FE58DE4C810'}"], None),
        ("a key of no object", vec!["got photos/never.png"], None),
    ];
    for (kind, printed, basis) in kinds {
        let found = log(3, &printed, "");
        assert_eq!(found.all.iter().map(|seen| seen.basis).collect::<Vec<_>>(), [basis; 3], "{kind}");
        assert_eq!(found.recorded(), 0, "{kind}");
    }
}

#[test]
fn one_that_failed_counts_only_if_it_names_an_object() {
    assert_eq!(log(2, &["got photos/other.png"], "Status: error").all.len(), 2);
    assert_eq!(log(2, &["starting"], "Status: error").all.len(), 0);
}

#[test]
fn the_last_ones_count() {
    let found = log(25, &["got photos/other.png"], "");
    assert_eq!((found.all.len(), found.all.first().map(|seen| seen.at)), (20, Some(at(5 * 4 + 3))));
    assert_eq!(found.by_basis().collect::<Vec<_>>(), [(Basis::Key, 20)]);
}

#[test]
fn without_lambdas_own_lines_the_lines_name_the_invocation() {
    let line = |number: usize, said: &str| format!("[INFO]\t2026-11-29T01:41:21.115Z\t{}\t{said}", id(number));
    let found = read(&[line(1, "got photos/other.png"), line(2, "nothing"), "a line of no invocation".to_owned()]);
    let bases: Vec<_> = found.all.iter().map(|seen| seen.basis).collect();
    assert_eq!(bases, [Some(Basis::Key), None]);
}

#[test]
fn a_record_of_imgwatchs_handler_is_one() {
    let record = serde_json::json!({"timestamp": "2026-01-01T00:00:00Z", "level": "INFO", "message": "published",
        "requestId": "ID", "outcome": "published", "bucket": "images", "key": KEY,
        "snsMessageId": "0e3c1f64-0000-4000-8000-000000000001"});
    let found = log(2, &[&record.to_string()], "");
    assert_eq!((found.recorded(), found.all.len()), (2, 2));
}

/// A queue delivers a message that cannot be read again and again, and each of these invocations succeeds.
#[test]
fn messages_without_an_object_are_no_invocations_that_name_none() {
    let line = |message: &str, more: &str| {
        format!(
            r#"{{"timestamp":"2026-11-29T19:32:29.438Z","level":"ERROR","message":"{message}","requestId":"ID"{more}}}"#
        )
    };
    let queue = r#","entry":"queue","sqsMessageId":"5988c152","receiveCount":1"#;
    let failed = line("failed", &format!(r#","outcome":"failed"{queue},"error":"the message is not JSON""#));
    let again = line("SQS is to deliver again the messages of the batch that failed: 1", "");
    assert_eq!(log(3, &[&failed, &again], "").all, []);
    let test = line("test event from S3 for the bucket \\\"images\\\": nothing to do", queue);
    assert_eq!(log(1, &[&test], "").all, []);
    // A function of others that logs something alike is looked at.
    assert_eq!(log(3, &[r#"{"message":"done","requestId":"ID"}"#], "").all.len(), 3);
    // So is an invocation with a message of each kind.
    assert_eq!(log(1, &[&failed, "got photos/other.png"], "").all.len(), 1);
}
