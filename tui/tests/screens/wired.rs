//! The pipeline's view: a pipeline with several entries, one that is a line, and one of which little could be read.

use std::sync::Arc;

use imgwatch::domain::path_map::PathMap;
use imgwatch::domain::problem::{Problem, ProblemKind};
use imgwatch::domain::wiring::{Depth, Edge, EdgeKind, Mapping, Node, NodeId, NodeKind, Rule, RuleKind, State, Wiring};
use imgwatch::effect::{CloudEffect, Effect, TerminalEffect};
use imgwatch::model::Model;
use imgwatch::model::dialog::{Dialog, PipelineView};
use imgwatch::msg::Update;
use imgwatch::text::key::Key;
use imgwatch::update::{Msg, update};

use crate::models::busy;
use crate::picture::text;
use crate::shot::screen;

fn arn(service: &str, name: &str) -> String {
    format!("arn:aws:{service}:us-east-1:123456789012:{name}")
}

/// Nodes and edges, put together in the order of an event's way.
#[derive(Default)]
struct Parts {
    nodes: Vec<Node>,
    edges: Vec<Edge>,
}

impl Parts {
    fn to(&mut self, from: &Node, kind: NodeKind, named: &str, by: EdgeKind, state: State) -> Node {
        let (node, edge) = Edge::to(from, kind, named, by, state);
        self.edges.push(edge);
        let node = node.read();
        self.nodes.push(node.clone());
        node
    }
}

fn rule(kind: RuleKind, id: &str, prefix: &str) -> EdgeKind {
    let filter = [("Prefix", prefix), ("Suffix", ".jpg")].map(|(name, value)| (name.into(), value.into())).to_vec();
    EdgeKind::Rule(Rule {
        kind,
        id: Some(id.into()),
        arn: "".into(),
        events: vec!["s3:ObjectCreated:*".into()],
        filter,
    })
}

/// The function, its log group, its topic, and who is subscribed to that.
fn line() -> (Parts, Node) {
    let mut parts = Parts::default();
    let bucket = Node::new(NodeKind::Bucket, "images").read().followed();
    parts.nodes.push(bucket.clone());
    let function = arn("lambda", "function:ImageUploadProcessor");
    let by = rule(RuleKind::Function, "images", "photos/");
    let function = parts.to(&bucket, NodeKind::Function, &function, by, State::Ok);
    parts.nodes.push(function.clone().followed());
    parts.to(&function, NodeKind::LogGroup, "/aws/lambda/ImageUploadProcessor", EdgeKind::Log, State::Ok);
    let variable = EdgeKind::Variable("SNS_TOPIC_ARN".into());
    let topic = parts.to(&function, NodeKind::Topic, &arn("sns", "image-uploads"), variable, State::Ok);
    parts.nodes.push(topic.clone().followed());
    let email = EdgeKind::Subscription("email".into());
    parts.to(&topic, NodeKind::Subscriber, "ada@example.com", email.clone(), State::Ok);
    parts.to(&topic, NodeKind::Subscriber, "grace@example.org", email, State::Disabled);
    (parts, bucket)
}

/// The same beside a queue with a backlog, and rules of EventBridge.
pub(crate) fn wiring() -> Wiring {
    let (mut parts, bucket) = line();
    let queue =
        parts.to(&bucket, NodeKind::Queue, &arn("sqs", "jobs"), rule(RuleKind::Queue, "jobs", "in/"), State::Ok);
    let depth = Depth { visible: 1_204, in_flight: 10, delayed: 0, oldest: Some(754) };
    parts.nodes.push(Node { depth: Some(depth), ..queue.clone() });
    let problem = "PROBLEM: Function call failed".into();
    let on = Mapping { uuid: "1".into(), state: "Enabled".into(), last_result: Some(problem), ..Mapping::default() };
    let off = Mapping { uuid: "2".into(), state: "Disabled".into(), ..Mapping::default() };
    let index = arn("lambda", "function:index:live");
    let index = parts.to(&queue, NodeKind::Function, &index, EdgeKind::EventSourceMapping(on), State::Ok);
    let old = arn("lambda", "function:index-old");
    parts.to(&queue, NodeKind::Function, &old, EdgeKind::EventSourceMapping(off), State::Disabled);
    let dead = parts.to(&queue, NodeKind::Queue, &arn("sqs", "jobs-dead"), EdgeKind::Failure, State::Ok);
    parts.nodes.push(Node { depth: Some(Depth::default()), ..dead });
    parts.to(&index, NodeKind::Topic, &arn("sns", "image-uploads"), EdgeKind::Success, State::Ok);
    let bus = parts.to(&bucket, NodeKind::EventBus, "default", EdgeKind::AllEvents, State::Ok);
    let pattern = r#"{"source":["aws.s3"],"detail":{"object":{"key":[{"wildcard":"raw/*.tiff"}]}}}"#;
    let pattern = EdgeKind::Pattern(pattern.into());
    let created = parts.to(&bus, NodeKind::EventRule, &arn("events", "rule/raw-images"), pattern, State::Ok);
    let target = |id: &str, transformed| EdgeKind::Target { id: id.into(), transformed };
    let machine = arn("states", "stateMachine:develop");
    let (machine, edge) = Edge::to(&created, NodeKind::StateMachine, &machine, target("1", true), State::Ok);
    parts.nodes.push(machine);
    parts.edges.push(edge);
    let problem = Problem::new(
        ProblemKind::Denied,
        "cannot read function audit",
        "lambda:GetFunctionConfiguration is not allowed",
    );
    let audit = arn("lambda", "function:audit");
    let (audit, edge) = Edge::to(&created, NodeKind::Function, &audit, target("2", false), State::Ok);
    parts.nodes.push(audit.unread(problem, "lambda:GetFunctionConfiguration"));
    parts.edges.push(edge);
    let elsewhere = "arn:aws:sqs:us-east-1:210987654321:central";
    let (elsewhere, edge) = Edge::to(&created, NodeKind::Queue, elsewhere, target("3", false), State::Ok);
    parts.nodes.push(Node { state: State::OtherAccount, ..elsewhere });
    parts.edges.push(edge);
    Wiring::new(parts.nodes, parts.edges)
}

/// A queue with a name as no queue has it, but as an endpoint may send it.
fn hostile_queue() -> Node {
    Node::new(NodeKind::Queue, "evil\u{1b}[2J\u{202e}name\twith\nlines").read()
}

pub(crate) fn hostile_id() -> NodeId {
    hostile_queue().id()
}

/// Gives it a pipeline whose names, conditions and problems are hostile.
pub(crate) fn make_hostile(model: &mut Model) {
    let bucket = Node::new(NodeKind::Bucket, "b\u{1b}]0;owned\u{7}").read().followed();
    let name = hostile_queue();
    let (queue, edge) =
        Edge::to(&bucket, NodeKind::Queue, name.name.raw(), rule(RuleKind::Queue, "\u{9b}31m", "\u{1b}c"), State::Ok);
    let problem = Problem::new(ProblemKind::Other, "cannot\u{1b}[0m read", "why\u{1b}[1;1H\nnot");
    let wiring = Wiring::new([bucket, queue.unread(problem, "sqs:GetQueueAttributes")], [edge]);
    model.paths = PathMap::of(&wiring);
    model.wiring = Arc::new(wiring);
}

/// A busy dashboard of this pipeline.
pub(crate) fn wired(wiring: Wiring) -> Model {
    let mut model = busy();
    model.paths = PathMap::of(&wiring);
    model.wiring = Arc::new(wiring);
    model
}

fn open(wiring: Wiring, cursor: usize) -> Model {
    let mut model = wired(wiring);
    model.dialog = Some(Dialog::Pipeline(PipelineView { cursor, ..PipelineView::default() }));
    model
}

/// Every state of the view.
pub(crate) fn states() -> Vec<(&'static str, Model)> {
    let mut details = open(wiring(), 0);
    let id = details.wiring.of(NodeKind::Queue).find(|node| node.name.raw() == "jobs").unwrap().id();
    details.dialog = Some(Dialog::Pipeline(PipelineView { open: Some((id, 0)), ..PipelineView::default() }));
    let (parts, _) = line();
    vec![
        ("several", open(wiring(), 8)),
        ("line", open(Wiring::new(parts.nodes, parts.edges), 0)),
        ("unknown", open(Wiring::default(), 0)),
        ("resource", details),
    ]
}

fn press(model: &mut Model, key: char) -> Vec<Effect> {
    update(model, Msg::Key(Key::char(key)))
}

#[test]
fn the_view_opens_is_refreshed_and_copies_names_and_arns() {
    let mut model = wired(wiring());
    assert_eq!(press(&mut model, 'm'), [Effect::Cloud(CloudEffect::ReadWiring)]);
    let shown = text(&screen(&model, (120, 40))).join("\n");
    assert!(shown.contains("Pipeline") && shown.contains("queue jobs"), "{shown}");
    assert_eq!(press(&mut model, 'r'), [Effect::Cloud(CloudEffect::ReadWiring)]);
    let row = model.wiring.outline().iter().position(|row| row.node.name.raw() == "jobs").unwrap();
    for _ in 0..row {
        press(&mut model, 'j');
    }
    let copied = |text: &str| [Effect::Terminal(TerminalEffect::Copy(text.to_owned()))];
    assert_eq!(press(&mut model, 'y'), copied("jobs"));
    assert_eq!(press(&mut model, 'Y'), copied(&arn("sqs", "jobs")));
    update(&mut model, Msg::Key("enter".parse().unwrap()));
    let shown = text(&screen(&model, (120, 40))).join("\n");
    assert!(shown.contains("Resource") && shown.contains("comes from"), "{shown}");
    assert_eq!(press(&mut model, 'Y'), copied(&arn("sqs", "jobs")));
    // Back to the list, then out of it.
    update(&mut model, Msg::Key("esc".parse().unwrap()));
    assert!(matches!(&model.dialog, Some(Dialog::Pipeline(view)) if view.open.is_none() && view.cursor == row));
    update(&mut model, Msg::Key("esc".parse().unwrap()));
    assert!(model.dialog.is_none());
}

#[test]
fn the_cursor_stays_in_a_list_that_has_become_shorter() {
    let mut model = wired(wiring());
    press(&mut model, 'm');
    press(&mut model, 'G');
    let (parts, _) = line();
    let shorter = Wiring::new(parts.nodes, parts.edges);
    let rows = shorter.outline().len();
    update(&mut model, Msg::Update(Update::Wiring(Arc::new(shorter))));
    assert!(matches!(&model.dialog, Some(Dialog::Pipeline(view)) if view.cursor == rows - 1), "{:?}", model.dialog);
    assert_eq!(model.paths, PathMap::default(), "a line has no other paths");
}

#[test]
fn the_header_names_what_stands_on_the_way_and_how_many_paths_there_are() {
    let mut model = wired(wiring());
    let header = |model: &Model, size| text(&screen(model, size))[..4].join("\n");
    let narrow = header(&model, (80, 24));
    assert!(narrow.contains("1 pending  +5"), "{narrow}");
    let wide = header(&model, (200, 60));
    for path in ["images → queue jobs → index", "images → rule raw-images → queue central", "and 2 more paths: m"]
    {
        assert!(wide.contains(path), "{path}\n{wide}");
    }
    let (parts, _) = line();
    model = wired(Wiring::new(parts.nodes, parts.edges));
    let shown = header(&model, (200, 60));
    assert!(!shown.contains("more path"), "{shown}");
}
