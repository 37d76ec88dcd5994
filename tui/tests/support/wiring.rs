//! Pipelines as discovery finds them.

#![allow(dead_code, reason = "each test program that includes this file uses a part of it")]

use imgwatch::domain::wiring::{Depth, Edge, EdgeKind, Mapping, Node, NodeKind, Rule, RuleKind, State, Wiring};
use imgwatch::text::clean::Clean;

pub(crate) fn arn(service: &str, name: &str) -> String {
    format!("arn:aws:{service}:eu-west-1:123456789012:{name}")
}

/// A rule of the bucket for the keys that begin so.
pub(crate) fn rule(prefix: &str) -> EdgeKind {
    EdgeKind::Rule(Rule {
        kind: RuleKind::Function,
        id: None,
        arn: Clean::default(),
        events: vec!["s3:ObjectCreated:*".into()],
        filter: vec![("Prefix".into(), Clean::new(prefix))],
    })
}

/// A graph that is built from the bucket on.
pub(crate) struct Graph {
    pub(crate) bucket: Node,
    nodes: Vec<Node>,
    edges: Vec<Edge>,
}

impl Graph {
    pub(crate) fn new() -> Self {
        let bucket = Node::new(NodeKind::Bucket, "images").read().followed();
        Self { nodes: vec![bucket.clone()], bucket, edges: Vec::new() }
    }

    /// Adds a node of this kind, or what is known of it, and what leads to it.
    pub(crate) fn to(&mut self, from: &Node, kind: NodeKind, name: &str, by: EdgeKind) -> Node {
        let service = match kind {
            NodeKind::Function => "lambda",
            NodeKind::Topic => "sns",
            NodeKind::Queue => "sqs",
            _ => "events",
        };
        let named = match kind {
            NodeKind::Function => arn(service, &format!("function:{name}")),
            NodeKind::EventRule => arn(service, &format!("rule/{name}")),
            NodeKind::EventBus => name.to_owned(),
            _ => arn(service, name),
        };
        let (node, edge) = Edge::to(from, kind, &named, by, State::Ok);
        let node = Node { depth: (kind == NodeKind::Queue).then(Depth::default), ..node.read() };
        self.nodes.push(node.clone());
        self.edges.push(edge);
        node
    }

    /// A queue, and the mapping of a function to it.
    pub(crate) fn queue(&mut self, from: &Node, by: EdgeKind, name: &str, function: &str) -> Node {
        let queue = self.to(from, NodeKind::Queue, name, by);
        self.to(&queue, NodeKind::Function, function, EdgeKind::EventSourceMapping(Mapping::default()));
        queue
    }

    /// A rule of the default bus, with this pattern and a function.
    pub(crate) fn event_rule(&mut self, pattern: &str, name: &str, function: &str) {
        let bus = self.to(&self.bucket.clone(), NodeKind::EventBus, "default", EdgeKind::AllEvents);
        let rule = self.to(&bus, NodeKind::EventRule, name, EdgeKind::Pattern(pattern.into()));
        self.to(&rule, NodeKind::Function, function, EdgeKind::Target { id: "1".into(), transformed: false });
    }

    /// Replaces what is known of a node.
    pub(crate) fn know(&mut self, node: Node) {
        self.nodes.retain(|known| known.id() != node.id());
        self.nodes.push(node);
    }

    /// The graph, of which this function is followed.
    pub(crate) fn following(&self, function: &str) -> Wiring {
        let followed = |node: &Node| node.kind == NodeKind::Function && node.name.raw() == function;
        let nodes = self.nodes.iter().cloned();
        Wiring::new(nodes.map(|node| if followed(&node) { node.followed() } else { node }), self.edges.iter().cloned())
    }
}

/// A pipeline of one function, `f`, with an entry of imgwatch's local cloud.
pub(crate) fn entry(name: &str) -> Wiring {
    let mut graph = Graph::new();
    let bucket = graph.bucket.clone();
    let subscription = |protocol: &str| EdgeKind::Subscription(protocol.into());
    match name {
        "queue" => {
            graph.queue(&bucket, rule(""), "jobs", "f");
        }
        "topic" => {
            let topic = graph.to(&bucket, NodeKind::Topic, "events", rule(""));
            graph.to(&topic, NodeKind::Function, "f", subscription("lambda"));
        }
        "topic-queue" => {
            let topic = graph.to(&bucket, NodeKind::Topic, "events", rule(""));
            graph.queue(&topic, subscription("sqs"), "jobs", "f");
        }
        "eventbridge" => graph.event_rule("{}", "created", "f"),
        _ => {
            graph.to(&bucket, NodeKind::Function, "f", rule(""));
        }
    }
    graph.following("f")
}
