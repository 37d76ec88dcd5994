//! `imgwatch wiring`: the pipeline's resources and what leads from one to the next.

use std::fmt::Write as _;
use std::sync::Arc;

use serde::Serialize;

use super::failure::Failure;
use super::session::Session;
use super::{json, output};
use crate::cli::{Cli, WiringArgs};
use crate::config::Feeds;
use crate::domain::wiring::{Edge, FollowSet, Node, NodeId, NodeKind, State, Wiring};
use crate::msg::Update;
use crate::terminal::exit::Exit;
use crate::text::clean::Clean;
use crate::text::width;

pub(crate) async fn run(cli: &Cli, args: &WiringArgs) -> Result<Exit, Failure> {
    let wiring = Session::hold(cli, Feeds::default(), read).await?;
    output::write(&if args.json { document(&wiring)? } else { text(&wiring) }).await?;
    let is_unread = |node: &Node| node.problem.is_some() && matches!(node.state, State::NotRead | State::Denied(_));
    let is_unread = wiring.nodes().iter().any(is_unread);
    // Without the bucket there is no pipeline; a log group is missing before the first invocation.
    let is_missing = wiring.nodes().iter().any(|node| node.kind == NodeKind::Bucket && node.state == State::Missing);
    Ok(Exit::of_findings(is_missing, is_unread))
}

async fn read(session: &mut Session) -> Result<Arc<Wiring>, Failure> {
    loop {
        if let Update::Wiring(wiring) = session.next().await? {
            return Ok(wiring);
        }
    }
}

#[derive(Serialize)]
struct Document<'a> {
    nodes: Vec<NodeRow<'a>>,
    edges: Vec<EdgeRow>,
}

#[derive(Serialize)]
struct NodeRow<'a> {
    id: String,
    kind: &'static str,
    name: &'a str,
    /// Null where it is not known.
    arn: Option<&'a str>,
    state: &'static str,
    detail: Option<String>,
}

#[derive(Serialize)]
struct EdgeRow {
    from: String,
    to: String,
    kind: &'static str,
    state: &'static str,
    detail: Option<String>,
}

fn document(wiring: &Wiring) -> Result<String, Failure> {
    let followed = wiring.follow();
    let nodes = wiring.nodes().iter().map(|node| node_row(node, &followed)).collect();
    json::line(&Document { nodes, edges: wiring.edges().iter().map(edge_row).collect() })
}

fn node_row<'a>(node: &'a Node, followed: &FollowSet<'_>) -> NodeRow<'a> {
    NodeRow {
        id: node.id().to_string(),
        kind: node.kind.word(),
        name: node.name.raw(),
        arn: node.arn.as_ref().map(Clean::raw),
        state: node.state.word(),
        detail: followed.about(node),
    }
}

fn edge_row(edge: &Edge) -> EdgeRow {
    EdgeRow {
        from: edge.from.to_string(),
        to: edge.to.to_string(),
        kind: edge.kind.word(),
        state: edge.state.word(),
        detail: edge.condition(),
    }
}

fn text(wiring: &Wiring) -> String {
    let (mut out, followed) = (String::new(), wiring.follow());
    // Writing to a String cannot fail.
    for node in wiring.nodes() {
        let detail = followed.about(node).map(|detail| format!("  {}", Clean::new(&detail))).unwrap_or_default();
        let (kind, state) = (width::fit(node.kind.word(), 13), width::fit(node.state.word(), 13));
        let _ = writeln!(out, "{kind}  {state}  {}{detail}", node.name);
    }
    out.push('\n');
    let name = |id: &NodeId| {
        let node = wiring.nodes().iter().find(|node| node.id() == *id);
        let name = node.map_or(&id.name, |node| &node.name);
        // A topic and a queue may have one name, as may a queue and a rule.
        let is_shared = wiring.nodes().iter().filter(|node| node.name == *name).count() > 1;
        if is_shared { format!("{} {name}", id.kind.word()) } else { name.to_string() }
    };
    for edge in wiring.edges() {
        let detail = edge.condition().map(|detail| format!(" {}", Clean::new(&detail))).unwrap_or_default();
        let state = if edge.state == State::Ok { String::new() } else { format!(" ({})", edge.state.word()) };
        let _ = writeln!(out, "{} -> {}  {}{detail}{state}", name(&edge.from), name(&edge.to), edge.kind.word());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::contract;
    use crate::domain::problem::{Problem, ProblemKind};
    use crate::domain::wiring::{Depth, EdgeKind, Mapping, Rule, RuleKind};

    const FUNCTION: &str = "arn:aws:lambda:eu-west-1:123456789012:function:thumbs";
    const ALIAS: &str = "arn:aws:lambda:eu-west-1:123456789012:function:thumbs:live";
    const RULE: &str = "arn:aws:events:eu-west-1:123456789012:rule/images";
    const PATTERN: &str = r#"{"detail":{"object":{"key":[{"prefix":"in/"}]}}}"#;
    const MACHINE: &str = "arn:aws:states:eu-west-1:123456789012:stateMachine:resize";
    const STREAM: &str = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks";
    const QUEUE: &str = "arn:aws:sqs:eu-west-1:123456789012:jobs";
    const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:done";

    /// Every kind of node and edge, in every state.
    fn wiring() -> Wiring {
        let node = Node::new;
        let problem = |kind| Problem::new(kind, "cannot read it", "why");
        let state = |name: &str, state| Node { state, ..node(NodeKind::LogGroup, name) };
        let nodes = [
            node(NodeKind::Stack, "stack").unread(problem(ProblemKind::Denied), "cloudformation:DescribeStacks"),
            node(NodeKind::Bucket, "photos").read().followed(),
            Node {
                depth: Some(Depth { visible: 2, in_flight: 1, delayed: 0, oldest: Some(90) }),
                ..node(NodeKind::Queue, QUEUE)
            },
            node(NodeKind::EventBus, "default"),
            node(NodeKind::Function, FUNCTION).unread(problem(ProblemKind::Throttled), "lambda:X").followed(),
            node(NodeKind::Function, "usual").assumed(true),
            node(NodeKind::Topic, TOPIC).read().followed(),
            node(NodeKind::Subscriber, "you@example.com").read(),
            node(NodeKind::EventRule, RULE).read(),
            Node { state: State::Disabled, ..node(NodeKind::EventRule, "off") },
            node(NodeKind::StateMachine, MACHINE),
            node(NodeKind::Other, STREAM),
            state("disabled", State::Disabled),
            state("missing", State::Missing),
            state("not offered", State::NotOffered),
            state("other account", State::OtherAccount),
        ];
        let rule = Rule {
            kind: RuleKind::Function,
            id: Some("images".into()),
            arn: FUNCTION.into(),
            events: vec!["s3:ObjectCreated:*".into()],
            filter: vec![("Prefix".into(), "in/".into()), ("Suffix".into(), ".jpg".into())],
        };
        let edge = |from: (NodeKind, &str), to: (NodeKind, &str), kind, state| {
            Edge::to(&node(from.0, from.1), to.0, to.1, kind, state).1
        };
        let mapping = Mapping { uuid: "uuid".into(), state: "Disabled".into(), ..Mapping::default() };
        let target = |id: &str, transformed| EdgeKind::Target { id: id.into(), transformed };
        let (bus, by_rule) = ((NodeKind::EventBus, "default"), (NodeKind::EventRule, RULE));
        let (bucket, function) = ((NodeKind::Bucket, "photos"), (NodeKind::Function, FUNCTION));
        let (queue, topic) = ((NodeKind::Queue, QUEUE), (NodeKind::Topic, TOPIC));
        let someone = (NodeKind::Subscriber, "you@example.com");
        let edges = [
            edge(bucket, function, EdgeKind::Rule(rule.clone()), State::Ok),
            edge(bucket, queue, EdgeKind::Rule(Rule { id: None, filter: Vec::new(), ..rule }), State::Ok),
            edge(bucket, (NodeKind::EventBus, "default"), EdgeKind::AllEvents, State::Ok),
            edge(queue, function, EdgeKind::EventSourceMapping(mapping), State::Disabled),
            edge(function, topic, EdgeKind::Variable("SNS_TOPIC_ARN".into()), State::Ok),
            edge(function, (NodeKind::LogGroup, "missing"), EdgeKind::Log, State::Ok),
            edge(function, queue, EdgeKind::Failure, State::Ok),
            edge(function, topic, EdgeKind::Success, State::Ok),
            edge(bus, by_rule, EdgeKind::Pattern(PATTERN.into()), State::Ok),
            edge(
                bus,
                (NodeKind::EventRule, "off"),
                EdgeKind::Pattern(r#"{"detail":{"object":{"key":[{"new":1}]}}}"#.into()),
                State::NotRead,
            ),
            edge(by_rule, (NodeKind::Function, ALIAS), target("alias", false), State::Ok),
            edge(by_rule, (NodeKind::StateMachine, MACHINE), target("states", true), State::Ok),
            edge(by_rule, (NodeKind::Other, STREAM), target("stream", false), State::Ok),
            edge(topic, someone, EdgeKind::Subscription("email".into()), State::Disabled),
            edge(topic, queue, EdgeKind::Subscription("sqs".into()), State::Ok),
        ];
        Wiring::new(nodes, edges)
    }

    #[test]
    fn the_contract_holds() {
        contract::check("wiring", &contract::lines(&document(&wiring()).unwrap()));
    }

    #[test]
    fn people_read_names_states_and_conditions() {
        let text = text(&wiring());
        for line in [
            "bucket         ok             photos\n",
            "queue          not_read       jobs  3 messages (1 in flight), oldest 1 min 30 s; not followed\n",
            "photos -> thumbs  rule images: s3:ObjectCreated:*, prefix in/, suffix .jpg\n",
            "jobs -> thumbs  event_source_mapping uuid (disabled)\n",
            "default -> images  pattern object.key prefix in/\n",
            "default -> off  pattern object.key {\"new\":1} (operator not known), not known whether it matches (not_read)\n",
            "images -> thumbs  target alias, version or alias live, not followed\n",
            "images -> resize  target states, input is transformed\n",
            "images -> kinesis stream/clicks  target stream\n",
        ] {
            assert!(text.contains(line), "{line}{text}");
        }
    }
}
