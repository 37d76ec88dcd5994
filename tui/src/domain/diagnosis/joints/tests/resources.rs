//! Queues and topics that are gone, or whose key a service cannot use.

use super::*;
use crate::domain::wiring::Depth;

#[test]
fn a_queue_or_a_dead_letter_queue_that_is_gone_is_named() {
    let mut pipeline = queued(good_queue(), good_mapping(), good_function());
    pipeline.joints.queues.insert(JOBS.into(), Lookup::Missing("gone".into()));
    let check = pipeline.expect("entry-queue-policy", CheckStatus::Failure, "queue jobs does not exist");
    assert!(check.fix[1].raw().ends_with("sqs create-queue --queue-name jobs"), "{:?}", check.fix);

    let mut pipeline = queued(good_queue(), good_mapping(), good_function());
    pipeline.joints.queues.insert(DEAD.into(), Lookup::Missing("gone".into()));
    let check = pipeline.expect("entry-redrive-policy", CheckStatus::Warning, "to dead, which does not exist");
    assert!(check.fix[1].raw().ends_with("sqs create-queue --queue-name dead"), "{:?}", check.fix);

    // Whatever ended there was not handled.
    let failure = EdgeKind::Failure;
    let mut pipeline = queued(good_queue(), good_mapping(), good_function());
    pipeline = pipeline.edge((NodeKind::Queue, JOBS), (NodeKind::Queue, DEAD), failure, State::Ok);
    let depth = Depth { visible: 2, ..Depth::default() };
    pipeline.nodes.iter_mut().filter(|node| node.id().name.raw() == DEAD).for_each(|it| it.depth = Some(depth));
    pipeline.joints.queues.insert(DEAD.into(), Lookup::Found(EntryQueue::default()));
    pipeline.expect("entry-redrive-policy", CheckStatus::Failure, "dead holds 2 messages");
}

#[test]
fn services_need_the_key_of_a_queue_and_of_a_topic() {
    let with_key = |key: &str| {
        let mut queue = good_queue();
        queue.kms_key = Some(key.into());
        queued(queue, good_mapping(), good_function())
    };
    for key in ["alias/aws/sqs", "arn:aws:kms:eu-west-1:123456789012:alias/aws/sqs"] {
        let check = with_key(key).expect("entry-encryption", CheckStatus::Failure, "which s3.amazonaws.com cannot use");
        assert!(check.fix[1].raw().contains(r#""SqsManagedSseEnabled":"true""#), "{:?}", check.fix);
    }
    let check = with_key("alias/ours").expect("entry-encryption", CheckStatus::NotChecked, "policy was not read");
    assert!(check.fix.iter().any(|fix| fix.raw().contains(r#""Service":["s3.amazonaws.com"]"#)), "{:?}", check.fix);
    assert!(check.fix.iter().any(|fix| fix.raw().contains("kms get-key-policy --key-id alias/ours")));

    let topic = |key: &str| {
        let mut pipeline = Pipeline::new().rule(NodeKind::Topic, FAN, "");
        let topic = EntryTopic { kms_key: Some(key.into()), ..EntryTopic::default() };
        pipeline.joints.topics.insert(FAN.into(), Lookup::Found(topic));
        pipeline
    };
    topic("alias/aws/sns").expect("entry-encryption", CheckStatus::Failure, "AWS managed key alias/aws/sns");
    topic("1234abcd").expect("entry-encryption", CheckStatus::NotChecked, "kms:GenerateDataKey and kms:Decrypt to s3");
}
