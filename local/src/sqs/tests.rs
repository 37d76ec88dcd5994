//! A queue by itself: no other service and no listener runs here.

use jiff::SignedDuration;

use super::*;
use crate::common::env::testing::{self, TestClock};

const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:uploads";
const SENDER: Sender<'_> = Sender { principal: "sns.amazonaws.com", source_arn: TOPIC };

fn sqs() -> (Sqs, TestClock) {
    let (env, clock) = testing::env();
    (Sqs::new(env), clock)
}

fn payload() -> Payload {
    Payload {
        body: "m".to_owned(),
        subject: None,
        attributes: BTreeMap::from([("n".to_owned(), ("Number".to_owned(), "1".to_owned()))]),
        trace_header: Some("Root=1".to_owned()),
    }
}

fn receive(sqs: &Sqs, queue: &Queue) -> Vec<(String, queue::Message)> {
    let how =
        queue::Take { most: 1, most_bytes: usize::MAX, visibility: SignedDuration::from_secs(30), max_receives: None };
    queue.take(sqs.env.now(), &how).messages
}

#[test]
fn a_topic_sends_only_where_the_policy_permits_it() {
    let (sqs, _) = sqs();
    let arn = sqs.create_queue("of-a-test");
    assert_eq!(sqs.create_queue("of-a-test"), arn, "creating a queue twice makes one");
    let refused = sqs.deliver(&arn, SENDER, payload()).unwrap_err();
    assert_eq!((refused.status, refused.code.as_str()), (StatusCode::FORBIDDEN, "AccessDenied"));
    assert_eq!(sqs.check(&arn, SENDER).unwrap_err(), refused);
    sqs.allow(&arn, SENDER.principal, &[TOPIC.to_owned()]).unwrap();
    let other_topic = Sender { source_arn: "arn:aws:sns:us-east-1:000000000000:other", ..SENDER };
    sqs.deliver(&arn, other_topic, payload()).unwrap_err();
    sqs.deliver(&arn, Sender { principal: "s3.amazonaws.com", ..SENDER }, payload()).unwrap_err();
    sqs.check(&arn, SENDER).unwrap();
    let queue = sqs.find_arn(&arn).unwrap();
    assert_eq!(queue.counts(sqs.env.now()), queue::Counts::default(), "a check sends nothing");
    let accepted = sqs.deliver(&arn, SENDER, payload()).unwrap();
    let (_, received) = receive(&sqs, &queue).remove(0);
    assert_eq!((Some(received.id), received.trace_header.as_deref()), (accepted.message_id, Some("Root=1")));
    assert_eq!(received.attributes.len(), 1);
    let missing = format!("{arn}-not");
    let gone = sqs.deliver(&missing, SENDER, payload()).unwrap_err();
    assert_eq!(gone.code, "AWS.SimpleQueueService.NonExistentQueue");
    sqs.allow(&missing, SENDER.principal, &[]).unwrap_err();
}

#[test]
fn a_message_is_visible_again_after_its_timeout_and_any_of_its_handles_deletes_it() {
    let (sqs, clock) = sqs();
    let queue = sqs.find_arn(&sqs.create_queue("q")).unwrap();
    let role = Sender { principal: "arn:aws:iam::000000000000:role/r", source_arn: "" };
    sqs.deliver(&queue.arn, role, payload()).unwrap();
    clock.advance(5);
    assert_eq!(sqs.oldest("q"), Some(5));
    let (first, _) = receive(&sqs, &queue).remove(0);
    clock.advance(29);
    assert!(receive(&sqs, &queue).is_empty());
    clock.advance(1);
    let (second, message) = receive(&sqs, &queue).remove(0);
    assert_eq!(message.received, 2);
    assert_ne!(first, second);
    // As recorded in `test_delete_after_visibility_timeout`.
    let number = queue::receipt_number(&queue.arn, &first).unwrap();
    queue.delete(sqs.env.now(), number, &first);
    assert_eq!(queue.counts(sqs.env.now()).in_flight, 0);
    queue.purge();
    sqs.deliver(&queue.arn, role, payload()).unwrap();
    let (_, other) = receive(&sqs, &queue).remove(0);
    assert_ne!(other.id, message.id);
    queue.delete(sqs.env.now(), number, &second);
    assert_eq!(queue.counts(sqs.env.now()).in_flight, 1, "the handle of another message deletes nothing");
    assert_eq!(queue::receipt_number("arn:another", &second), None, "only the queue that issued a handle reads it");
    assert_eq!(queue::receipt_number(&queue.arn, "not a handle"), None);
}
