//! The stages between the bucket and the function: what the log shows of them, and what the wiring predicts.

use imgwatch_shared::s3_event::Entry;

use crate::domain::evidence::{Envelope, Fact, SqsReceive, Write};
use crate::domain::timeline::tests::{fold_of, line, stored, write};
use crate::domain::timeline::{Basis, PathEvidence, PathStage, Timeline};
use crate::domain::wiring::{Depth, EdgeKind, NodeKind, Wiring};
use crate::support::wiring::{self, Graph, rule};

const LOG: PathEvidence = PathEvidence::Log(Some(Basis::S3RequestId));
const PREDICTED: PathEvidence = PathEvidence::Wiring { is_sure: true };

fn image() -> Write {
    write("in/a.png", Some("S3-1"))
}

fn envelope(entry: Option<Entry>, sqs: Option<&str>, sns: Option<&str>) -> Envelope {
    let receive = |id: &str| SqsReceive { message_id: id.into(), count: Some(1) };
    Envelope { entry, sqs: sqs.map(receive), sns_message_id: sns.map(Into::into) }
}

/// The timeline of an upload that one invocation received, in this envelope.
fn timeline(envelope: Option<Envelope>) -> Timeline {
    let mut facts = vec![stored(1, 0, image()), Fact::Received(line(40, "L-1"), image())];
    facts.extend(envelope.map(|envelope| Fact::Enveloped(line(40, "L-1"), image(), envelope)));
    fold_of(&facts).remove(0)
}

fn told(stages: &[PathStage<'_>]) -> Vec<(&'static str, String, PathEvidence)> {
    stages.iter().map(|stage| (stage.kind.name(), stage.sentence(), stage.evidence)).collect()
}

fn path(timeline: &Timeline, wiring: &Wiring) -> Vec<(&'static str, String, PathEvidence)> {
    told(&timeline.path(wiring))
}

#[test]
fn the_log_shows_the_stages_of_each_entry_and_the_wiring_names_them() {
    let queued = || ("queued", "queue jobs, message Q-1".to_owned(), LOG);
    let fanned_out = || ("fanned_out", "topic events, message N-1".to_owned(), LOG);
    for (entry, came, expected) in [
        ("queue", envelope(Some(Entry::Queue), Some("Q-1"), None), vec![queued()]),
        ("topic", envelope(Some(Entry::Topic), None, Some("N-1")), vec![fanned_out()]),
        ("topic-queue", envelope(Some(Entry::Topic), Some("Q-1"), Some("N-1")), vec![fanned_out(), queued()]),
        (
            "eventbridge",
            envelope(Some(Entry::EventBridge), None, None),
            vec![("matched", "rule created".to_owned(), LOG)],
        ),
    ] {
        assert_eq!(path(&timeline(Some(came)), &wiring::entry(entry)), expected, "{entry}");
    }
    // A queue that gets raw messages shows nothing of the topic before it.
    let raw = path(&timeline(Some(envelope(Some(Entry::Queue), Some("Q-1"), None))), &wiring::entry("topic-queue"));
    assert_eq!(raw, [("fanned_out", "topic events (predicted by the wiring)".to_owned(), PREDICTED), queued()]);
}

#[test]
fn without_the_envelope_the_wiring_predicts_them_and_says_so() {
    let predicted = |entry| path(&timeline(None), &wiring::entry(entry));
    assert_eq!(predicted("direct"), []);
    let queue = "queue jobs (predicted by the wiring; empty)".to_owned();
    assert_eq!(predicted("queue"), [("queued", queue.clone(), PREDICTED)]);
    let topic = "topic events (predicted by the wiring)".to_owned();
    assert_eq!(predicted("topic-queue"), [("fanned_out", topic, PREDICTED), ("queued", queue, PREDICTED)]);
    let rule = "rule created (predicted by the wiring)".to_owned();
    assert_eq!(predicted("eventbridge"), [("matched", rule, PREDICTED)]);
    assert_eq!(path(&timeline(None), &Wiring::default()), []);
}

#[test]
fn what_waits_in_the_queue_is_told_while_an_upload_may_be_in_it() {
    let mut graph = Graph::new();
    let mut queue = graph.queue(&graph.bucket.clone(), rule("in/"), "jobs", "f");
    queue.depth = Some(Depth { visible: 2, in_flight: 1, delayed: 0, oldest: Some(40) });
    graph.know(queue);
    let [stored] = &fold_of(&[stored(1, 0, image())])[..] else { panic!("one upload") };
    let told = path(stored, &graph.following("f"));
    assert_eq!(told[0].1, "queue jobs (predicted by the wiring; 3 messages (1 in flight), oldest 40 s)");
    let other = fold_of(&[super::stored(1, 0, write("out/a.png", None))]);
    assert_eq!(path(&other[0], &graph.following("f")), [], "no rule takes its key");
}

#[test]
fn of_several_ways_none_is_predicted_and_the_log_decides_between_them() {
    let mut graph = Graph::new();
    let bucket = graph.bucket.clone();
    graph.queue(&bucket, rule("in/"), "jobs", "f");
    graph.event_rule(r#"{"detail":{"object":{"key":[{"prefix":"in/"}]}}}"#, "created", "f");
    let wiring = graph.following("f");
    assert_eq!(path(&timeline(None), &wiring), []);
    let queue = path(&timeline(Some(envelope(Some(Entry::Queue), Some("Q-1"), None))), &wiring);
    assert_eq!(queue, [("queued", "queue jobs, message Q-1".to_owned(), LOG)]);
    let bus = path(&timeline(Some(envelope(Some(Entry::EventBridge), None, None))), &wiring);
    assert_eq!(bus, [("matched", "rule created".to_owned(), LOG)]);
    let topic = path(&timeline(Some(envelope(Some(Entry::Topic), None, Some("N-1")))), &wiring);
    let unknown = "the wiring does not tell which topic, message N-1".to_owned();
    assert_eq!(topic, [("fanned_out", unknown, LOG)], "the wiring was another one");
    // A pattern with an operator that nobody knows.
    graph.event_rule(r#"{"detail":{"object":{"key":[{"new-operator":"in/"}]}}}"#, "new", "g");
    let perhaps = "rule new (perhaps; predicted by the wiring)".to_owned();
    let (timeline, wiring) = (timeline(None), graph.following("f"));
    let [other] = &timeline.expected(&wiring)[..] else { panic!("the log shows f, and not g") };
    assert_eq!((other.function.name.raw(), other.is_sure), ("g", false));
    assert_eq!(told(&other.path), [("matched", perhaps, PathEvidence::Wiring { is_sure: false })]);
}

#[test]
fn each_write_of_one_key_has_the_envelope_of_its_own_event() {
    let again = || write("in/a.png", Some("S3-2"));
    let facts = [
        stored(1, 0, image()),
        stored(2, 1, again()),
        Fact::Received(line(40, "L-1"), image()),
        Fact::Received(line(41, "L-1"), again()),
        Fact::Enveloped(line(40, "L-1"), image(), envelope(Some(Entry::Queue), Some("Q-1"), None)),
        Fact::Enveloped(line(41, "L-1"), again(), envelope(Some(Entry::Queue), Some("Q-2"), None)),
    ];
    let wiring = wiring::entry("queue");
    let mut told: Vec<(u64, String)> =
        fold_of(&facts).iter().map(|it| (it.upload.unwrap().0, path(it, &wiring)[0].1.clone())).collect();
    told.sort();
    let expected = ["queue jobs, message Q-1", "queue jobs, message Q-2"].map(str::to_owned);
    assert_eq!(told, [1, 2].into_iter().zip(expected).collect::<Vec<_>>());
}

#[test]
fn a_topic_that_is_published_to_is_no_stage_of_the_path() {
    let mut graph = Graph::new();
    let function = graph.to(&graph.bucket.clone(), NodeKind::Function, "f", rule(""));
    graph.to(&function, NodeKind::Topic, "done", EdgeKind::Variable("T".into()));
    assert_eq!(path(&timeline(None), &graph.following("f")), []);
}
