use std::collections::VecDeque;
use std::future::pending;
use std::sync::Mutex;

use serde_json::json;

use super::*;
use crate::answer::Summary;

const EVENTBRIDGE: &str = include_str!("../../tests/events/eventbridge.json");
const PUT: &str = include_str!("../../tests/events/put.json");
const DELETE: &str = include_str!("../../tests/events/delete.json");
const TEST_EVENT: &str = include_str!("../../tests/events/test-event.json");
const MIXED: &str = include_str!("../../tests/events/mixed.json");

/// Records what was published, and fails as often as it was set to.
#[derive(Default)]
struct Recorder {
    subjects: Mutex<Vec<String>>,
    failures: Mutex<VecDeque<Cause>>,
}

impl Recorder {
    fn failing(causes: impl IntoIterator<Item = Cause>) -> Self {
        Self { failures: Mutex::new(causes.into_iter().collect()), ..Self::default() }
    }

    fn subjects(&self) -> Vec<String> {
        self.subjects.lock().unwrap().clone()
    }
}

impl Publish for Recorder {
    async fn publish(&self, message: &Message) -> Result<String, PublishError> {
        self.subjects.lock().unwrap().push(message.subject.clone());
        match self.failures.lock().unwrap().pop_front() {
            Some(cause) => Err(PublishError::new(cause, format!("{cause:?}"))),
            None => Ok(format!("sns-{}", self.subjects().len())),
        }
    }
}

/// SNS that never answers.
struct Silent;

impl Publish for Silent {
    async fn publish(&self, _: &Message) -> Result<String, PublishError> {
        pending().await
    }
}

fn summary(answer: Answer) -> Summary {
    match answer {
        Answer::Summary(summary) => summary,
        Answer::Batch(response) => panic!("the answer to a batch: {response:?}"),
    }
}

/// The failed messages that the answer to a batch names.
fn failed(answer: Answer) -> Vec<String> {
    match answer {
        Answer::Batch(response) => response.batch_item_failures.into_iter().map(|item| item.item_identifier).collect(),
        Answer::Summary(summary) => panic!("not the answer to a batch: {summary:?}"),
    }
}

async fn handled(
    event: &str,
    publish: &impl Publish,
    published: &Published,
    reports_batch_item_failures: bool,
) -> Result<Answer, InvocationError> {
    let event = serde_json::from_str(event).unwrap();
    let config = Config { reports_batch_item_failures, ..Config::default() };
    handle(&event, publish, &config, published, Instant::now() + Duration::from_mins(1)).await
}

/// The variable is of no consequence where no queue invokes the function.
async fn run(event: &str, publish: &impl Publish, published: &Published) -> Result<Summary, InvocationError> {
    handled(event, publish, published, true).await.map(summary)
}

/// A batch of SQS messages with these ids and bodies.
fn batch(messages: &[(Value, &str)]) -> String {
    let message = |(id, body): &(Value, &str)| json!({"messageId": id, "body": body, "eventSource": "aws:sqs"});
    json!({"Records": messages.iter().map(message).collect::<Vec<_>>()}).to_string()
}

#[tokio::test]
async fn an_image_is_published_once_by_one_environment() {
    let (recorder, published) = (Recorder::default(), Published::default());
    let first = run(PUT, &recorder, &published).await.unwrap();
    assert_eq!(first, Summary { published: 1, ..Summary::default() });
    let again = run(PUT, &recorder, &published).await.unwrap();
    assert_eq!(again, Summary { duplicate: 1, ..Summary::default() });
    // The same event by another way is the same write.
    let envelope = json!({"Type": "Notification", "Message": PUT}).to_string();
    for body in [PUT, &envelope] {
        let answer = handled(&batch(&[("m1".into(), body)]), &recorder, &published, true).await.unwrap();
        assert!(failed(answer).is_empty());
    }
    let by_sns = json!({"Records": [{"Sns": {"Message": PUT}}]}).to_string();
    assert_eq!(run(&by_sns, &recorder, &published).await.unwrap(), again);
    assert_eq!(recorder.subjects(), ["New image: holiday/red flower.jpg in images"]);
}

#[tokio::test]
async fn only_the_messages_that_failed_are_reported() {
    let (recorder, published) = (Recorder::default(), Published::default());
    let event = batch(&[
        ("good".into(), PUT),
        ("poison".into(), "no JSON"),
        ("test".into(), TEST_EVENT),
        // Five records of one message, of which two cannot be read.
        ("mixed".into(), MIXED),
        ("deletion".into(), DELETE),
        ("empty".into(), r#"{"Records":[]}"#),
        ("other".into(), r#"{"order": 5}"#),
        ("eventbridge".into(), EVENTBRIDGE),
    ]);
    let answer = handled(&event, &recorder, &published, true).await.unwrap();
    assert_eq!(failed(answer), ["poison", "mixed", "other"]);
    assert_eq!(recorder.subjects().len(), 4);
    // SQS delivers those again, with nothing new in them.
    let event = batch(&[("mixed".into(), MIXED), ("poison".into(), "no JSON")]);
    assert_eq!(failed(handled(&event, &recorder, &published, true).await.unwrap()), ["mixed", "poison"]);
    assert_eq!(recorder.subjects().len(), 4);
}

#[tokio::test]
async fn a_batch_fails_whole_if_nothing_reads_the_answer() {
    let (recorder, published) = (Recorder::default(), Published::default());
    let event = batch(&[("good".into(), PUT), ("poison".into(), "no JSON"), ("test".into(), TEST_EVENT)]);
    let error = handled(&event, &recorder, &published, false).await.unwrap_err();
    assert_eq!((error.failed, error.records, error.first.cause), (1, 2, Cause::Event));
    assert_eq!(recorder.subjects().len(), 1, "the others are tried all the same");
}

#[tokio::test]
async fn a_batch_without_failures_gets_the_answer_that_a_mapping_reads() {
    // A mapping with ReportBatchItemFailures takes any other answer for a failure, whatever the variable says.
    for reported in [true, false] {
        for body in [PUT, TEST_EVENT, DELETE, r#"{"Records":[]}"#] {
            let (recorder, published) = (Recorder::default(), Published::default());
            let answer = handled(&batch(&[("m1".into(), body)]), &recorder, &published, reported).await.unwrap();
            assert_eq!(serde_json::to_string(&answer).unwrap(), r#"{"batchItemFailures":[]}"#, "{body}");
        }
    }
}

#[tokio::test]
async fn a_failed_message_without_an_id_fails_the_batch() {
    for id in [json!(null), json!(""), json!(7)] {
        let (recorder, published) = (Recorder::default(), Published::default());
        let event = batch(&[("poison".into(), "no JSON"), (id.clone(), "{}"), ("good".into(), PUT)]);
        let error = handled(&event, &recorder, &published, true).await.unwrap_err();
        assert_eq!((error.failed, error.records), (2, 3), "{id}");
        // One that did not fail needs none.
        let event = batch(&[("poison".into(), "no JSON"), (id.clone(), PUT)]);
        assert_eq!(failed(handled(&event, &recorder, &published, true).await.unwrap()), ["poison"], "{id}");
    }
}

#[tokio::test]
async fn a_silent_topic_fails_every_message_before_lambda_ends_the_invocation() {
    let event = serde_json::from_str(&batch(&[("m1".into(), PUT), ("m2".into(), EVENTBRIDGE)])).unwrap();
    let config = Config { reports_batch_item_failures: true, ..Config::default() };
    let over = deadline(SystemTime::now());
    let answer = handle(&event, &Silent, &config, &Published::default(), over).await.unwrap();
    assert_eq!(failed(answer), ["m1", "m2"]);
}

#[tokio::test]
async fn a_failed_publish_is_tried_again_by_the_next_attempt() {
    let (recorder, published) = (Recorder::failing([Cause::Unavailable]), Published::default());
    let error = run(PUT, &recorder, &published).await.unwrap_err();
    assert_eq!(error.to_string(), "1 of 1 records not published: Unavailable");
    assert_eq!(run(PUT, &recorder, &published).await.unwrap().published, 1);
    assert_eq!(recorder.subjects().len(), 2);
}

#[tokio::test]
async fn what_concerns_no_new_object_succeeds_without_publishing() {
    let (recorder, published) = (Recorder::default(), Published::default());
    let deletion = run(DELETE, &recorder, &published).await.unwrap();
    assert_eq!(deletion, Summary { skipped: 1, ..Summary::default() });
    for event in [TEST_EVENT, r#"{"Records":[]}"#] {
        assert_eq!(run(event, &recorder, &published).await, Ok(Summary::default()));
    }
    assert!(recorder.subjects().is_empty());
}

#[tokio::test]
async fn an_event_that_is_not_of_s3_fails() {
    for event in ["{}", "[]", "null", r#"{"source":"aws.events","detail-type":"Scheduled Event"}"#, r#"{"bucket":{}}"#]
    {
        let error = run(event, &Recorder::default(), &Published::default()).await.unwrap_err();
        assert_eq!((error.failed, error.records, error.first.cause), (1, 1, Cause::Event), "{event}");
        assert_eq!(lambda_runtime::Diagnostic::from(error).error_type, "UnknownEvent");
    }
}

#[tokio::test]
async fn a_bad_record_stops_no_other_but_fails_the_invocation() {
    let (recorder, published) = (Recorder::default(), Published::default());
    let error = run(MIXED, &recorder, &published).await.unwrap_err();
    assert_eq!((error.failed, error.records, error.first.cause), (2, 5, Cause::Record));
    let subjects = ["New image: first.png in images", "New image: last.png in images"];
    assert_eq!(recorder.subjects(), subjects);
    // The retry fails again, and publishes nothing twice.
    run(MIXED, &recorder, &published).await.unwrap_err();
    assert_eq!(recorder.subjects(), subjects);
}

#[tokio::test]
async fn the_error_type_is_the_failure_likeliest_to_be_gone() {
    let (recorder, published) = (Recorder::failing([Cause::Refused, Cause::Unavailable]), Published::default());
    let error = run(MIXED, &recorder, &published).await.unwrap_err();
    assert_eq!((error.failed, error.first.cause), (4, Cause::Unavailable));
    let diagnostic = lambda_runtime::Diagnostic::from(error.clone());
    assert_eq!(diagnostic.error_type, "SnsUnavailable");
    assert_eq!(diagnostic.error_message, format!("{error:?}"));
}

#[tokio::test]
async fn a_silent_topic_fails_the_record_before_lambda_ends_the_invocation() {
    let event = serde_json::from_str(PUT).unwrap();
    // The time is already over, so nothing is waited for.
    let over = deadline(SystemTime::now());
    let error = handle(&event, &Silent, &Config::default(), &Published::default(), over).await.unwrap_err();
    assert_eq!(error.first.cause, Cause::Unavailable);
    assert!(error.to_string().contains("before the function's time ran out"), "{error}");
}

#[tokio::test]
async fn an_event_beyond_the_message_limit_is_refused_without_asking_sns() {
    let key = "%01".repeat(30_000);
    let event = PUT.replace("holiday/red+flower", &key);
    let recorder = Recorder::default();
    let error = run(&event, &recorder, &Published::default()).await.unwrap_err();
    assert_eq!(error.first.cause, Cause::Message);
    assert!(recorder.subjects().is_empty());
}
