//! The real `bootstrap` process between a Runtime API and an SNS endpoint, over TCP.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking, its helpers too")]

mod lambda;

use imgwatch_handler::{Config, PublishError};
use imgwatch_shared::message::Message;
use imgwatch_shared::notification::Notification;
use imgwatch_shared::record::{Level, LogRecord, Outcome};
use imgwatch_shared::s3_event::Entry;
use lambda::{Answer, Fault, TOPIC_ARN, TRACE, World};
use serde_json::{Value, json};
use tokio::process::Command;

const PUT: &str = include_str!("events/put.json");
const UNICODE_KEY: &str = include_str!("events/unicode-key.json");
const TEST_EVENT: &str = include_str!("events/test-event.json");
const EVENTBRIDGE: &str = include_str!("events/eventbridge.json");
const MIXED: &str = include_str!("events/mixed.json");

async fn start(change: impl FnOnce(&mut Command)) -> World {
    World::start(&mut Command::new(env!("CARGO_BIN_EXE_bootstrap")), change).await
}

fn summary(published: u32, skipped: u32, duplicate: u32) -> Answer {
    Answer::Response(json!({ "published": published, "skipped": skipped, "duplicate": duplicate }))
}

/// A batch as SQS's event source mapping hands it to a function, at the second receive of each message.
fn batch(messages: &[(&str, &str)]) -> String {
    let message = |(id, body): &(&str, &str)| {
        json!({
            "messageId": id,
            "receiptHandle": "AQEBE7XoI7",
            "body": body,
            "attributes": { "ApproximateReceiveCount": "2", "SentTimestamp": "1681332219270" },
            "messageAttributes": {},
            "md5OfBody": "16f4460f4477d8d693a5abe94fdbbd73",
            "md5OfMessageAttributes": null,
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-west-2:123456789012:images",
            "awsRegion": "us-west-2",
        })
    };
    json!({ "Records": messages.iter().map(message).collect::<Vec<_>>() }).to_string()
}

/// The lines about images.
fn images(lines: &[LogRecord]) -> Vec<&LogRecord> {
    lines.iter().filter(|line| line.outcome.is_some()).collect()
}

#[tokio::test]
async fn an_upload_is_published_and_logged() {
    let mut world = start(|_| {}).await;
    assert_eq!(world.invoke("request-1", PUT).await, summary(1, 0, 0));

    let published = world.published();
    let [request] = &published[..] else { panic!("{published:?}") };
    let form = |name: &str| request.form.get(name).map(String::as_str);
    assert_eq!(form("Action"), Some("Publish"));
    assert_eq!(form("TopicArn"), Some(TOPIC_ARN));
    assert_eq!(form("MessageStructure"), Some("json"));
    assert_eq!(form("Subject"), Some("New image: holiday/red flower.jpg in images"));
    // SNS demands that a request is signed for the topic's region.
    let authorization = request.headers["authorization"].to_str().unwrap();
    assert!(authorization.contains("/eu-west-1/sns/aws4_request"), "{authorization}");

    let body: Value = serde_json::from_str(form("Message").unwrap()).unwrap();
    let notification: Notification = serde_json::from_str(body["default"].as_str().unwrap()).unwrap();
    assert_eq!(notification.data.key, "holiday/red flower.jpg");
    assert_eq!(notification.data.content_type.as_deref(), Some("image/jpeg"));
    assert_eq!(notification.source, "arn:aws:s3:::images");
    assert_eq!(body["sms"], "New image: red flower.jpg (12.3 KiB) in images");
    assert!(body["email"].as_str().unwrap().contains("holiday/red flower.jpg"));

    let mut attributes: Vec<_> = (1..=4)
        .map(|number| {
            let field = |name| form(&format!("MessageAttributes.entry.{number}.{name}")).unwrap();
            (field("Name"), field("Value.DataType"), field("Value.StringValue"))
        })
        .collect();
    attributes.sort_unstable();
    assert_eq!(
        attributes,
        [
            ("bucket", "String", "images"),
            ("contentType", "String", "image/jpeg"),
            ("size", "Number", "12595"),
            ("type", "String", "dev.imgwatch.image.uploaded.v1"),
        ]
    );

    let (lines, stderr) = world.stop().await;
    let [received, line] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!((received.message.as_str(), received.outcome), ("received", None));
    assert_eq!((&received.key, &received.s3_request_id), (&line.key, &line.s3_request_id));
    let expected = LogRecord {
        request_id: Some("request-1".to_owned()),
        xray_trace_id: Some(TRACE.to_owned()),
        notification_id: Some(notification.id),
        sns_message_id: Some("sns-1".to_owned()),
        ..LogRecord::new(line.timestamp, Level::Info, "published").about(&notification.data).ended(Outcome::Published)
    };
    assert_eq!(line, &expected);
    assert_eq!(line.s3_request_id.as_deref(), Some("C3D13FE58DE4C810"));
    assert_eq!(stderr, "");
}

#[tokio::test]
async fn a_retry_publishes_what_failed_and_repeats_nothing() {
    let mut world = start(|_| {}).await;
    // The SDK tries three times before the function gives up.
    world.fail([Fault(503, "ServiceUnavailable"), Fault(500, "InternalError"), Fault(400, "Throttling")]);
    let Answer::Error { error_type, error_message } = world.invoke("request-1", PUT).await else {
        panic!("the invocation fails")
    };
    assert_eq!(error_type, "SnsUnavailable");
    assert!(error_message.contains("1 of 1 records not published: SNS answered Throttling (400)"), "{error_message}");
    assert_eq!(world.published().len(), 3);

    assert_eq!(world.invoke("request-1", PUT).await, summary(1, 0, 0));
    assert_eq!(world.invoke("request-2", PUT).await, summary(0, 0, 1));
    assert_eq!(world.published().len(), 4);

    let (lines, _) = world.stop().await;
    assert!(lines.iter().all(|line| line.request_id.is_some()), "{lines:?}");
    let images = images(&lines);
    let outcomes: Vec<_> = images.iter().filter_map(|line| line.outcome).collect();
    assert_eq!(outcomes, [Outcome::Failed, Outcome::Published, Outcome::Duplicate]);
    assert!(images[0].error.as_deref().unwrap().contains("Throttling"), "{:?}", images[0]);
    assert_eq!(images[0].level, Level::Error);
    assert_eq!(images[1].sns_message_id.as_deref(), Some("sns-4"));
    assert_eq!(images[2].sns_message_id.as_deref(), Some("sns-4"));
    assert_eq!(images[2].request_id.as_deref(), Some("request-2"));
}

#[tokio::test]
async fn a_refusal_is_not_repeated_by_the_sdk_and_says_what_to_do() {
    let mut world = start(|_| {}).await;
    world.fail([Fault(403, "AuthorizationError")]);
    let Answer::Error { error_type, error_message } = world.invoke("request-1", PUT).await else {
        panic!("the invocation fails")
    };
    assert_eq!(error_type, "SnsRefused");
    assert!(error_message.contains("allow the function's role sns:Publish"), "{error_message}");
    assert_eq!(world.published().len(), 1);
}

#[tokio::test]
async fn an_unreachable_topic_is_a_failure_that_may_pass() {
    let mut world = start(|function| {
        // Nothing listens on port 1.
        function.env("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    })
    .await;
    let Answer::Error { error_type, error_message } = world.invoke("request-1", PUT).await else {
        panic!("the invocation fails")
    };
    assert_eq!(error_type, "SnsUnavailable");
    assert!(error_message.contains("the request to SNS failed: dispatch failure: "), "{error_message}");
    assert!(error_message.contains("Connection refused"), "{error_message}");
}

#[tokio::test]
async fn each_record_is_tried_and_the_bad_one_fails_the_invocation() {
    let mut world = start(|_| {}).await;
    let Answer::Error { error_type, error_message } = world.invoke("request-1", MIXED).await else {
        panic!("the invocation fails")
    };
    assert_eq!(error_type, "BadRecord");
    assert!(error_message.starts_with("2 of 5 records not published: "), "{error_message}");
    assert_eq!(world.published().len(), 2);
    let (lines, _) = world.stop().await;
    let outcomes: Vec<_> = images(&lines).iter().filter_map(|line| line.outcome).collect();
    assert_eq!(outcomes, [Outcome::Published, Outcome::Failed, Outcome::Skipped, Outcome::Failed, Outcome::Published]);
}

#[tokio::test]
async fn a_batch_names_its_poison_message_and_every_line_its_envelope() {
    let mut world = start(|function| {
        function.env("REPORT_BATCH_ITEM_FAILURES", "true");
    })
    .await;
    let envelope = json!({ "Type": "Notification", "MessageId": "entry-1", "TopicArn": TOPIC_ARN, "Message": PUT });
    let envelope = serde_json::to_string_pretty(&envelope).unwrap();
    let event = batch(&[("m1", &envelope), ("m2", "poison"), ("m3", EVENTBRIDGE), ("m4", TEST_EVENT)]);
    let answer = Answer::Response(json!({ "batchItemFailures": [{ "itemIdentifier": "m2" }] }));
    assert_eq!(world.invoke("request-1", &event).await, answer);
    let keys: Vec<_> = world.published().iter().map(|request| request.form["Subject"].clone()).collect();
    let keys = [keys[0].as_str(), keys[1].as_str()];
    assert_eq!(keys, ["New image: holiday/red flower.jpg in images", "New image: holiday/1+1 100%25 ?.jpg in images"]);

    let (lines, stderr) = world.stop().await;
    assert!(lines.iter().all(|line| line.request_id.as_deref() == Some("request-1")), "{lines:?}");
    let of = |id: &str| lines.iter().filter(|line| line.sqs_message_id.as_deref() == Some(id)).collect::<Vec<_>>();
    let [received, published] = of("m1")[..] else { panic!("{lines:?}") };
    for line in [received, published] {
        assert_eq!((line.entry, line.receive_count), (Some(Entry::Topic), Some(2)));
        assert_eq!(line.entry_message_id.as_deref(), Some("entry-1"));
        assert_eq!(line.s3_request_id.as_deref(), Some("C3D13FE58DE4C810"));
    }
    assert_eq!(published.sns_message_id.as_deref(), Some("sns-1"));
    let [poison] = of("m2")[..] else { panic!("{lines:?}") };
    assert_eq!((poison.outcome, poison.level, poison.receive_count), (Some(Outcome::Failed), Level::Error, Some(2)));
    assert!(poison.error.as_deref().unwrap().contains("the message is not JSON"), "{poison:?}");
    let [_, published] = of("m3")[..] else { panic!("{lines:?}") };
    assert_eq!((published.entry, &published.entry_message_id), (Some(Entry::EventBridge), &None));
    assert_eq!(published.key.as_deref(), Some("holiday/1+1 100%25 é.jpg"));
    assert_eq!(published.sequencer.as_deref(), Some("0055AED6DCD90281E5"));
    let [test] = of("m4")[..] else { panic!("{lines:?}") };
    assert_eq!((test.outcome, test.level), (None, Level::Info));
    assert_eq!(stderr, "");
}

#[tokio::test]
async fn a_batch_fails_whole_unless_the_variable_says_that_its_answer_is_read() {
    for value in [None, Some("false")] {
        let mut world = start(|function| {
            value.map(|value| function.env("REPORT_BATCH_ITEM_FAILURES", value));
        })
        .await;
        let event = batch(&[("m1", PUT), ("m2", "poison")]);
        let Answer::Error { error_type, error_message } = world.invoke("request-1", &event).await else {
            panic!("the invocation fails")
        };
        assert_eq!(error_type, "UnknownEvent");
        assert!(error_message.starts_with("1 of 2 records not published: the message is not JSON"), "{error_message}");
        let good = Answer::Response(json!({ "batchItemFailures": [] }));
        assert_eq!(world.invoke("request-2", &batch(&[("m1", PUT)])).await, good);
        assert_eq!(world.published().len(), 1);
    }
}

#[tokio::test]
async fn ids_are_on_every_line_at_every_level() {
    for level in ["ERROR", "WARN", "INFO", "DEBUG", "TRACE"] {
        let mut world = start(|function| {
            function.env("AWS_LAMBDA_LOG_LEVEL", level);
        })
        .await;
        world.fail([Fault(404, "NotFound")]);
        assert!(matches!(world.invoke("request-1", PUT).await, Answer::Error { .. }));
        let (lines, _) = world.stop().await;
        let errors: Vec<_> = lines.iter().filter(|line| line.level == Level::Error).collect();
        // Ours about the image, and the runtime's about the invocation.
        assert_eq!(errors.len(), 2, "{level}: {lines:?}");
        for line in errors {
            assert_eq!(line.request_id.as_deref(), Some("request-1"), "{level}: {line:?}");
            assert_eq!(line.xray_trace_id.as_deref(), Some(TRACE), "{level}: {line:?}");
        }
    }
}

#[tokio::test]
async fn every_line_is_one_record_whatever_the_key_holds() {
    let mut world = start(|_| {}).await;
    assert_eq!(world.invoke("request-1", UNICODE_KEY).await, summary(1, 0, 0));
    assert_eq!(world.invoke("request-2", TEST_EVENT).await, summary(0, 0, 0));
    let subject = &world.published()[0].form["Subject"];
    assert_eq!(subject, "New image: ?t?/1+1 ????]0;x?.PNG in images");
    let (lines, _) = world.stop().await;
    let [_, upload, test] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!(upload.key.as_deref(), Some("été/1+1 🐈\n\u{202E}\u{1b}]0;x\u{7}.PNG"));
    assert!(test.message.contains("test event"), "{test:?}");
    assert_eq!(test.request_id.as_deref(), Some("request-2"));
}

#[tokio::test]
async fn image_types_are_configurable() {
    let mut world = start(|function| {
        function.env("IMAGE_TYPES", "image/png");
    })
    .await;
    assert_eq!(world.invoke("request-1", PUT).await, summary(0, 1, 0));
    let (lines, _) = world.stop().await;
    assert_eq!(lines[0].error.as_deref(), Some("image/jpeg is not one of image/png"));
}

#[tokio::test]
async fn a_function_that_cannot_work_ends_with_one_line_that_says_why() {
    for (name, value, why) in [
        ("SNS_TOPIC_ARN", None, "SNS_TOPIC_ARN is not set; set it to the ARN of the SNS topic"),
        ("SNS_TOPIC_ARN", Some("image-uploads"), "it looks like arn:aws:sns:"),
        ("IMAGE_TYPES", Some("png"), "not a list of media types"),
        ("REPORT_BATCH_ITEM_FAILURES", Some("yes"), "neither true nor false"),
        ("AWS_LAMBDA_RUNTIME_API", None, "use `imgwatch --local`"),
    ] {
        let world = start(|function| {
            match value {
                Some(value) => function.env(name, value),
                None => function.env_remove(name),
            };
        })
        .await;
        let (status, stdout, stderr) = world.end().await;
        assert_eq!(status.code(), Some(1), "{name}");
        let line = LogRecord::parse(&stdout).unwrap_or_else(|| panic!("one line for {name}: {stdout:?}"));
        assert_eq!(line.level, Level::Error);
        assert!(line.message.contains(why), "{}", line.message);
        assert_eq!(stderr, "");
    }
}

/// A publisher with a bug.
struct Panicking;

impl imgwatch_handler::Publish for Panicking {
    async fn publish(&self, _: &Message) -> Result<String, PublishError> {
        panic!("two\nlines");
    }
}

/// Not a test: the function process of `a_panic_is_one_line_and_the_process_goes_on`.
#[tokio::test]
#[ignore = "the process that another test starts"]
async fn function_with_a_bug() {
    // Without a Runtime API, the start was not on purpose.
    if std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_some() {
        imgwatch_handler::install_log().unwrap();
        imgwatch_handler::serve(&Panicking, &Config::default()).await.unwrap();
    }
}

#[tokio::test]
async fn a_panic_is_one_line_and_the_process_goes_on() {
    let mut function = Command::new(std::env::current_exe().unwrap());
    function.args(["function_with_a_bug", "--exact", "--ignored", "--nocapture"]);
    let mut world = World::start(&mut function, |_| {}).await;
    for request_id in ["request-1", "request-2"] {
        let Answer::Error { error_message, .. } = world.invoke(request_id, PUT).await else {
            panic!("the invocation fails")
        };
        assert_eq!(error_message, "Lambda panicked: two\nlines");
    }
    assert_eq!(world.invoke("request-3", TEST_EVENT).await, summary(0, 0, 0));

    let (lines, stderr) = world.stop().await;
    let panics: Vec<_> = lines.iter().filter(|line| line.message.contains("the handler panicked at ")).collect();
    assert_eq!(panics.len(), 2, "{lines:?}");
    for (line, request_id) in panics.into_iter().zip(["request-1", "request-2"]) {
        assert_eq!(line.level, Level::Error);
        assert_eq!(line.request_id.as_deref(), Some(request_id));
        assert!(line.message.ends_with(": two\nlines"), "{}", line.message);
    }
    assert_eq!(stderr, "");
}
