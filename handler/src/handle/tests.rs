use std::collections::VecDeque;
use std::future::pending;
use std::sync::Mutex;

use super::*;

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

async fn run(event: &str, publish: &impl Publish, published: &Published) -> Result<Summary, InvocationError> {
    let event = serde_json::from_str(event).unwrap();
    let deadline = Instant::now() + Duration::from_mins(1);
    handle(&event, publish, &ImageTypes::default(), published, deadline).await
}

#[tokio::test]
async fn an_image_is_published_once_by_one_environment() {
    let (recorder, published) = (Recorder::default(), Published::default());
    let first = run(PUT, &recorder, &published).await.unwrap();
    assert_eq!(first, Summary { published: 1, ..Summary::default() });
    let again = run(PUT, &recorder, &published).await.unwrap();
    assert_eq!(again, Summary { duplicate: 1, ..Summary::default() });
    assert_eq!(recorder.subjects(), ["New image: holiday/red flower.jpg in images"]);
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
    for event in [TEST_EVENT, "{}", r#"{"Records":[]}"#] {
        assert_eq!(run(event, &recorder, &published).await, Ok(Summary::default()));
    }
    assert!(recorder.subjects().is_empty());
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
    let error = handle(&event, &Silent, &ImageTypes::default(), &Published::default(), over).await.unwrap_err();
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
