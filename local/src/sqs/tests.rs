//! What other services of this cloud may do with queues.

use super::*;
use crate::{HandlerCommand, LocalCloud, Options};

const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:uploads";

#[tokio::test]
async fn a_topic_sends_only_where_the_policy_lets_it() {
    let handler = HandlerCommand { program: "true".into(), args: Vec::new(), env: Vec::new() };
    let running = LocalCloud::start(Options::new(handler)).await.unwrap();
    let cloud = &running.cloud;
    let arn = create_queue(cloud, "of-a-test");
    assert_eq!(create_queue(cloud, "of-a-test"), arn, "seeding twice makes one queue");
    let message = || Incoming {
        body: "m".to_owned(),
        attributes: BTreeMap::from([("n".to_owned(), ("Number".to_owned(), "1".to_owned()))]),
        trace_header: Some("Root=1".to_owned()),
    };
    let refused = send(cloud, &arn, "sns.amazonaws.com", TOPIC, message()).unwrap_err();
    assert_eq!((refused.status, refused.code.as_str()), (StatusCode::FORBIDDEN, "AccessDenied"));
    allow_topic(cloud, &arn, TOPIC).unwrap();
    send(cloud, &arn, "sns.amazonaws.com", "arn:aws:sns:us-east-1:000000000000:other", message()).unwrap_err();
    send(cloud, &arn, "s3.amazonaws.com", TOPIC, message()).unwrap_err();
    let queue = cloud.sqs.find_arn(&arn).unwrap();
    assert_eq!(queue.counts(Timestamp::now()), queue::Counts::default());
    let accepted = send(cloud, &arn, "sns.amazonaws.com", TOPIC, message()).unwrap();
    let how = queue::Take { most: 1, visibility: jiff::SignedDuration::from_secs(30), max_receives: None };
    let (_, received) = queue.take(Timestamp::now(), &how).messages.remove(0);
    assert_eq!((received.id, received.trace_header.as_deref()), (accepted.message_id, Some("Root=1")));
    assert_eq!(received.attributes.len(), 1);
    let missing = format!("{arn}-not");
    let gone = send(cloud, &missing, "sns.amazonaws.com", TOPIC, message()).unwrap_err();
    assert_eq!(gone.code, "AWS.SimpleQueueService.NonExistentQueue");
    allow_topic(cloud, &missing, TOPIC).unwrap_err();
    running.stop().await;
}
