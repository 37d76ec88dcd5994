//! SNS by itself, with handles that record what they get: no other service and no listener runs here.

use std::collections::BTreeMap;

use serde_json::Value;

use super::*;
use crate::common::deliver::TopicMetric;
use crate::common::deliver::testing::Recorder;
use crate::common::env::testing;
use crate::options::HandlerCommand;

const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:audit";
const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:f";
const BUCKET: Sender<'_> = Sender { principal: "s3.amazonaws.com", source_arn: "arn:aws:s3:::images" };

/// SNS with a topic that S3 may publish to.
fn sns() -> (Arc<Sns>, Arc<Recorder>, String) {
    let denied = ApiError::new(StatusCode::FORBIDDEN, "AccessDeniedException", "not permitted");
    let recorder = Arc::new(Recorder { refusal: Some((FUNCTION, denied)), ..Recorder::default() });
    let handler = HandlerCommand { program: "true".into(), args: Vec::new(), env: Vec::new() };
    let sns = Sns::new(
        testing::env().0,
        recorder.clone(),
        recorder.clone(),
        recorder.clone(),
        recorder.clone(),
        &Options::new(handler),
    );
    let sns = Arc::new(sns);
    let topic = sns.create_topic("uploads");
    let policy = serde_json::json!({"Statement": [{
        "Effect": "Allow", "Principal": {"Service": BUCKET.principal}, "Action": "sns:Publish", "Resource": topic,
        "Condition": {"ArnLike": {"aws:SourceArn": BUCKET.source_arn}},
    }]});
    sns.set_topic_attribute(&topic, "Policy", &policy.to_string()).unwrap();
    (sns, recorder, topic)
}

fn payload() -> Payload {
    let (body, subject, trace_header) = ("text".to_owned(), Some("subject".to_owned()), Some("Root=1".to_owned()));
    Payload { body, subject, trace_header, ..Payload::default() }
}

#[tokio::test]
async fn a_message_goes_to_every_subscriber_with_the_topic_as_its_sender() {
    let (sns, recorder, topic) = sns();
    for attribute in ["SQSSuccessFeedbackRoleArn", "LambdaFailureFeedbackRoleArn"] {
        sns.set_topic_attribute(&topic, attribute, "arn:aws:iam::000000000000:role/r").unwrap();
    }
    for (protocol, endpoint) in [("sqs", QUEUE), ("lambda", FUNCTION), ("email", "ann@example.com")] {
        sns.subscribe_confirmed(&topic, protocol, endpoint).unwrap();
    }
    let accepted = sns.deliver(&topic, BUCKET, payload()).unwrap();
    sns.env.tasks.close();
    sns.env.tasks.wait().await;

    let mut delivered = recorder.delivered.lock().unwrap().clone();
    delivered.sort_by(|one, other| one.0.cmp(&other.0));
    let [(function, _, event), (queue, sender, envelope)] = delivered.as_slice() else { panic!("{delivered:?}") };
    assert_eq!((function.as_str(), queue.as_str()), (FUNCTION, QUEUE));
    assert_eq!([&event.trace_header, &envelope.trace_header], [&Some("Root=1".to_owned()); 2]);
    assert_eq!(*sender, format!("sns.amazonaws.com for {topic}"));
    let json = |payload: &Payload| serde_json::from_str::<Value>(&payload.body).unwrap();
    assert_eq!(json(event)["Records"][0]["Sns"]["Message"], "text");
    assert_eq!(json(envelope)["MessageId"].as_str(), accepted.message_id.as_deref());

    let email = recorder.inbox.lock().unwrap().remove(0);
    assert_eq!((email.to.as_str(), email.subject.as_deref()), ("ann@example.com", Some("subject")));
    let mut logs = recorder.logs.lock().unwrap().clone();
    logs.sort();
    let [(success, line), (failure, denied)] = logs.as_slice() else { panic!("{logs:?}") };
    assert_eq!(success, "sns/us-east-1/000000000000/uploads");
    assert!(line.contains("sqsMessageId"), "{line}");
    assert_eq!(failure, "sns/us-east-1/000000000000/uploads/Failure");
    assert!(denied.contains("AccessDeniedException"), "{denied}");
    let counts = recorder.counts.lock().unwrap().clone();
    assert_eq!(
        counts,
        BTreeMap::from([
            (TopicMetric::Published, 1),
            (TopicMetric::Delivered, 2),
            (TopicMetric::Failed, 1),
            (TopicMetric::FilteredOut, 0),
        ])
    );
}

#[tokio::test]
async fn only_a_sender_that_the_policy_permits_may_publish() {
    let (sns, recorder, topic) = sns();
    sns.subscribe_confirmed(&topic, "sqs", QUEUE).unwrap();
    let other = Sender { source_arn: "arn:aws:s3:::others", ..BUCKET };
    let refused = sns.deliver(&topic, other, payload()).unwrap_err();
    assert_eq!((refused.status, refused.code.as_str()), (StatusCode::FORBIDDEN, "AuthorizationError"));
    assert_eq!(sns.check(&topic, other).unwrap_err(), refused);
    assert_eq!(sns.check(&format!("{topic}-not"), BUCKET).unwrap_err().code, "NotFound");
    sns.check(&topic, BUCKET).unwrap();
    sns.env.tasks.close();
    sns.env.tasks.wait().await;
    assert!(recorder.delivered.lock().unwrap().is_empty());
}

#[test]
fn only_the_links_of_an_email_are_links() {
    let is_link = |method: &str, target: &str| {
        is_email_link(&Request::builder().method(method).uri(target).body(Body::empty()).unwrap())
    };
    assert!(is_link("GET", "/?Action=ConfirmSubscription&Token=00") && is_link("GET", "/?Action=Unsubscribe"));
    assert!(!is_link("POST", "/?Action=Unsubscribe") && !is_link("GET", "/images?Action=Unsubscribe"));
    assert!(!is_link("GET", "/?Action=Unsubscribe&Action=Publish") && !is_link("GET", "/?Action=Publish"));
}

#[tokio::test]
async fn a_message_for_which_there_is_no_place_fails_at_once() {
    let (sns, recorder, topic) = sns();
    sns.subscribe_confirmed(&topic, "http", "http://127.0.0.1:9/").unwrap();
    sns.set_topic_attribute(&topic, "HTTPFailureFeedbackRoleArn", "arn:aws:iam::000000000000:role/r").unwrap();
    let waiting = sns.posts.take(MOST_POST_BYTES).unwrap();
    sns.deliver(&topic, BUCKET, payload()).unwrap();
    sns.env.tasks.close();
    sns.env.tasks.wait().await;
    let failed = recorder.counts.lock().unwrap().get(&TopicMetric::Failed).copied();
    assert_eq!(failed, Some(1), "one message, which was not sent");
    let (_, line) = recorder.logs.lock().unwrap().remove(0);
    let delivery = serde_json::from_str::<Value>(&line).unwrap()["delivery"].take();
    assert_eq!(delivery["providerResponse"], "too many messages wait for endpoints that do not answer");
    assert_eq!(delivery.get("attempts"), None, "no attempt was made");
    assert_eq!(sns.held()["waiting_posts"], 1);
    drop(waiting);
    assert_eq!(sns.held()["waiting_posts"], 0);
}
