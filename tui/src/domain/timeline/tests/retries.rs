//! Receives of a queue's message: which of them are of one event, and when the queue gives it up.

use crate::domain::evidence::{Envelope, Fact, LogSource, ReportStatus, SqsReceive, Write};
use crate::domain::timeline::tests::{line, stored, write};
use crate::domain::timeline::{Attempt, PathStage, Timeline, Timelines, UploadStatus};
use crate::domain::wiring::{EdgeKind, Node, NodeKind, Wiring};
use crate::support::wiring::{Graph, rule};
use crate::support::{self, at, report};

fn image(key: &str) -> Write {
    write(key, Some(&format!("S3 of {key}")))
}

fn of(millis: i64, id: &str) -> LogSource {
    LogSource { function: "f".into(), ..line(millis, id) }
}

fn came(source: LogSource, key: &str, message: &str, count: u32) -> Fact {
    let sqs = Some(SqsReceive { message_id: message.into(), count: Some(count) });
    Fact::Enveloped(source, image(key), Envelope { sqs, ..Envelope::default() })
}

/// A receive of the message of a key, which the handler fails. Whether the invocation fails with it is another matter.
fn failed(millis: i64, id: &str, key: &str, count: u32, status: ReportStatus) -> Vec<Fact> {
    vec![
        Fact::Invoked(of(millis, id)),
        came(of(millis + 1, id), key, &format!("Q of {key}"), count),
        Fact::Failed { source: of(millis + 2, id), write: image(key), reason: "poison".into() },
        Fact::Reported(of(millis + 3, id), report(status)),
    ]
}

/// A queue that gives a message up after so many receives, with a dead-letter queue, and its function.
fn wiring(max_receives: Option<u32>) -> Wiring {
    let mut graph = Graph::new();
    let queue = graph.queue(&graph.bucket.clone(), rule(""), "jobs", "f");
    graph.to(&queue, NodeKind::Queue, "jobs-failed", EdgeKind::Failure);
    graph.know(Node { max_receives, ..queue });
    graph.following("f")
}

fn timelines(facts: &[Fact], wiring: &Wiring) -> Timelines {
    let mut uploads = Timelines::default();
    uploads.follow(wiring);
    uploads.learn(facts.iter().cloned());
    uploads.refold();
    uploads
}

fn status(facts: &[Fact], wiring: &Wiring) -> UploadStatus {
    let uploads = timelines(facts, wiring);
    uploads.status(&uploads.all()[0], super::read(500, Some(true)), at(500))
}

fn end(timeline: &Timeline, wiring: &Wiring) -> Option<String> {
    timeline.dead_letter(wiring).as_ref().map(PathStage::sentence)
}

#[test]
fn a_message_is_given_up_after_its_last_receive_and_not_before() {
    let wiring = wiring(Some(2));
    let mut facts = vec![stored(1, 0, image("a.png"))];
    facts.extend(failed(40, "L-1", "a.png", 1, ReportStatus::Success));
    assert_eq!(status(&facts, &wiring), UploadStatus::Waiting, "it is received again");
    facts.extend(failed(140, "L-2", "a.png", 2, ReportStatus::Success));
    assert_eq!(status(&facts, &wiring), UploadStatus::Failed);
    let uploads = timelines(&facts, &wiring);
    let timeline = &uploads.all()[0];
    let told: Vec<_> =
        timeline.invocations.iter().map(|it| (timeline.receive_text(it), timeline.is_duplicate(it))).collect();
    assert_eq!(told, [(Some("receive 1 of 2".to_owned()), false), (Some("receive 2 of 2".to_owned()), false)]);
    let queue = "dead-letter queue jobs-failed, message Q of a.png (predicted by the wiring; empty)";
    assert_eq!(end(timeline, &wiring).as_deref(), Some(queue));
    // Without a limit the queue tries until its retention ends: nobody knows when that is over.
    let unlimited = self::wiring(None);
    assert_eq!(status(&facts, &unlimited), UploadStatus::Waiting);
    assert_eq!(end(&timelines(&facts, &unlimited).all()[0], &unlimited), None);
}

#[test]
fn a_later_receive_may_succeed() {
    let wiring = wiring(Some(2));
    let mut facts = vec![stored(1, 0, image("a.png"))];
    facts.extend(failed(40, "L-1", "a.png", 1, ReportStatus::Failure));
    facts.extend([
        Fact::Invoked(of(140, "L-2")),
        came(of(141, "L-2"), "a.png", "Q of a.png", 2),
        support::published(of(142, "L-2"), image("a.png"), "M-1"),
        Fact::Reported(of(143, "L-2"), report(ReportStatus::Success)),
    ]);
    assert_eq!(status(&facts, &wiring), UploadStatus::Published);
    assert_eq!(end(&timelines(&facts, &wiring).all()[0], &wiring), None);
}

#[test]
fn of_a_batch_only_what_failed_is_tried_again() {
    let wiring = wiring(Some(2));
    let mut facts = vec![stored(1, 0, image("a.png")), stored(2, 1, image("b.png"))];
    // One invocation has both messages, and succeeds: it has returned the one that failed.
    facts.extend(failed(40, "L-1", "a.png", 1, ReportStatus::Success));
    facts.extend([
        came(of(41, "L-1"), "b.png", "Q of b.png", 1),
        support::published(of(42, "L-1"), image("b.png"), "M-1"),
    ]);
    facts.extend(failed(140, "L-2", "a.png", 2, ReportStatus::Success));
    let uploads = timelines(&facts, &wiring);
    let told: Vec<_> = uploads
        .all()
        .iter()
        .map(|it| (it.write.key.raw(), it.invocations.len(), it.publications().len(), it.has_given_up()))
        .collect();
    assert_eq!(told, [("b.png", 1, 1, false), ("a.png", 2, 0, true)]);
    let mut attempts = uploads.all()[1].invocations.iter().flat_map(|it| &it.attempts);
    assert!(attempts.all(Attempt::failed));
}

#[test]
fn another_message_is_another_event_and_decides_for_itself() {
    let wiring = wiring(Some(1));
    let mut facts = vec![stored(1, 0, image("a.png"))];
    facts.extend(failed(40, "L-1", "a.png", 1, ReportStatus::Failure));
    assert_eq!(status(&facts, &wiring), UploadStatus::Failed);
    // S3 has sent the event twice.
    facts.extend([
        Fact::Invoked(of(140, "L-2")),
        came(of(141, "L-2"), "a.png", "Q-2", 1),
        Fact::Received(of(141, "L-2"), image("a.png")),
    ]);
    assert_eq!(status(&facts, &wiring), UploadStatus::Waiting);
    let uploads = timelines(&facts, &wiring);
    let timeline = &uploads.all()[0];
    assert_eq!(timeline.invocations.iter().map(|it| timeline.is_duplicate(it)).collect::<Vec<_>>(), [false, true]);
}

#[test]
fn an_event_that_a_function_prints_tells_its_receives() {
    let wiring = wiring(Some(2));
    let event = |count: &str| {
        let s3 = serde_json::json!({"Records": [{"eventSource": "aws:s3",
            "responseElements": {"x-amz-request-id": "C3D13FE58DE4C810"},
            "s3": {"bucket": {"name": "images"}, "object": {"key": "a.png"}}}]});
        serde_json::json!({"Records": [{"eventSource": "aws:sqs", "messageId": "Q-1", "body": s3.to_string(),
            "attributes": {"ApproximateReceiveCount": count}}]})
    };
    let receive = |millis: i64, id: &str, count: &str| {
        let source = LogSource { lambda_request_id: None, ..of(millis + 1, id) };
        [
            Fact::Invoked(of(millis, id)),
            Fact::Printed(source, event(count).to_string().as_str().into()),
            Fact::Reported(of(millis + 2, id), report(ReportStatus::Failure)),
        ]
    };
    let mut facts = vec![stored(1, 0, write("a.png", Some("C3D13FE58DE4C810")))];
    facts.extend(receive(40, "L-1", "1"));
    assert_eq!(status(&facts, &wiring), UploadStatus::Waiting);
    facts.extend(receive(140, "L-2", "2"));
    assert_eq!(status(&facts, &wiring), UploadStatus::Failed);
    let uploads = timelines(&facts, &wiring);
    let path = uploads.all()[0].path(&wiring);
    assert_eq!(path.iter().map(PathStage::sentence).collect::<Vec<_>>(), ["queue jobs, message Q-1"]);
    // An upload that became known after the line was read has it as well.
    let late: Vec<Fact> = facts.iter().rev().cloned().collect();
    assert_eq!(timelines(&late, &wiring).all(), uploads.all());
}
