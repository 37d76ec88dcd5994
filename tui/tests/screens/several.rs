//! Uploads in a pipeline of several functions: one by a queue that gave its message up, and others that got it as well.

use std::sync::Arc;

use imgwatch::domain::evidence::{Envelope, Fact, LogSource, ReportStatus, SqsReceive, Write};
use imgwatch::domain::wiring::{Depth, EdgeKind, Node, NodeKind, Wiring};
use imgwatch::keymap::action::Panel;
use imgwatch::model::Model;
use imgwatch::model::dialog::{Details, Dialog, Subject};
use imgwatch_shared::s3_event::Entry;

use crate::models::{ago, quiet, report, source, stored, write};
use crate::shot::{Shot, take};
use crate::support;
use crate::support::wiring::{Graph, rule};

/// The bucket's function `f` by a queue that gives a message up after two receives, `thumbs` by a rule of EventBridge, and
/// `index` by another queue.
fn wiring() -> Wiring {
    let mut graph = Graph::new();
    let bucket = graph.bucket.clone();
    let jobs = graph.queue(&bucket, rule("photos/"), "jobs", "f");
    graph.to(&jobs, NodeKind::Queue, "jobs-failed", EdgeKind::Failure);
    graph.know(Node { max_receives: Some(2), ..jobs });
    graph.event_rule(r#"{"detail":{"object":{"key":[{"prefix":"photos/"}]}}}"#, "photos-created", "thumbs");
    let waiting = graph.queue(&bucket, rule("photos/"), "to-index", "index");
    graph.know(Node { depth: Some(Depth { visible: 3, in_flight: 1, delayed: 0, oldest: Some(40) }), ..waiting });
    graph.following("f")
}

/// What two receives of the message leave in the log of `f`.
fn receives(image: &Write) -> Vec<Fact> {
    let receive = |began: i64, id: &'static str, count| {
        let line = |later: i64| source(ago(began - later), id);
        let sqs = Some(SqsReceive { message_id: "8b7d5e3c-1a2b-4c3d-8e4f-5a6b7c8d9e0f".into(), count: Some(count) });
        let envelope = Envelope { entry: Some(Entry::Queue), sqs, sns_message_id: None };
        let reason = "the object is not an image".into();
        [
            Fact::Invoked(line(0)),
            Fact::Enveloped(line(10), image.clone(), envelope),
            Fact::Failed { source: line(20), write: image.clone(), reason },
            report(ago(began - 30), id, ReportStatus::Success, None, None),
        ]
    };
    let (first, second) = ("8f0c2b1e-6a5d-4c3b-9e8f-7a6b5c4d3e2f", "11111111-2222-4333-8444-555555555555");
    [receive(59_900, first, 1), receive(29_900, second, 2)].concat()
}

fn model() -> Model {
    let mut model = quiet();
    let image = write("photos/2026/03/cat.png", "4F2A9C1B7D3E5F60");
    let id = "99999999-2222-4333-8444-555555555555";
    let thumbs = |at: i64| LogSource { function: "thumbs".into(), ..source(ago(at), id) };
    let came = Envelope { entry: Some(Entry::EventBridge), ..Envelope::default() };
    let mut facts = vec![
        stored(1, 60_000, 12, &image, 48_213),
        Fact::Invoked(thumbs(59_800)),
        Fact::Enveloped(thumbs(59_790), image.clone(), came),
        support::published(thumbs(59_780), image.clone(), "3f2a1b0c-9d8e-5f7a-8b6c-0d1e2f3a4b5c"),
        Fact::Reported(thumbs(59_770), support::report(ReportStatus::Success)),
    ];
    facts.extend(receives(&image));
    model.wiring = Arc::new(wiring());
    model.uploads.timelines.follow(&model.wiring);
    model.uploads.timelines.learn(facts);
    model.uploads.timelines.refold();
    model
}

pub(crate) fn shots() -> Vec<Shot> {
    let mut open = model();
    let id = open.uploads.timelines.all()[0].id();
    open.dialog = Some(Dialog::Details(Details { subject: Subject::Upload(id), offset: 0 }));
    vec![
        Shot::panel("story-several-functions", model(), Panel::Uploads, &[(100, 20), (60, 20), (36, 24)]),
        Shot::dialog("dialog-details-several-functions", open, &[(100, 40)]),
    ]
}

#[test]
fn several_functions() {
    take(shots());
}
