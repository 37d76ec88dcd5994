//! The pipeline as a graph: its resources, and what leads from one to the next. Plain data that discovery fills.
//!
//! Nodes and edges are sets, and what several sources say of one node is merged, so that a wiring is the same whatever was
//! found first. It sends no request and judges nothing.

mod arn;
mod changes;
mod edge;
mod follow;
mod node;
mod outline;
mod pattern;
mod route;
mod rule;
mod way;

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::problem::Problem;
use crate::text::clean::Clean;
pub use changes::changes;
pub use edge::{Edge, EdgeKind, Mapping};
pub use follow::{FollowSet, FollowedLog, MOST_FUNCTIONS, MOST_TOPICS, NotFollowed};
pub use node::{Depth, Node, NodeId, NodeKind, State};
pub use outline::Row;
pub use pattern::{EventPattern, Matches, MessageForm, ObjectCreated};
pub use route::{ObjectEvent, Route};
pub use rule::{BucketNotifications, Rule, RuleKind};

/// What is known of a pipeline's resources and how they are connected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wiring {
    nodes: Vec<Node>,
    edges: Vec<Edge>,
}

impl Wiring {
    /// The graph of all that was found, in any order and with any repetition.
    ///
    /// A node of which only the name is known is the one of its kind whose ARN ends in that name, if there is exactly one.
    pub fn new(nodes: impl IntoIterator<Item = Node>, edges: impl IntoIterator<Item = Edge>) -> Self {
        let nodes: Vec<Node> = nodes.into_iter().collect();
        let mut arns: BTreeMap<NodeId, BTreeSet<&Clean>> = BTreeMap::new();
        for node in &nodes {
            let by_name = NodeId { kind: node.kind, name: node.name.clone() };
            arns.entry(by_name).or_default().extend(&node.arn);
        }
        let identified = |id: NodeId| match arns.get(&id).and_then(only) {
            Some(arn) => NodeId { name: arn.clone(), ..id },
            None => id,
        };
        let mut merged: BTreeMap<NodeId, Node> = BTreeMap::new();
        for node in &nodes {
            let known = merged.entry(identified(node.id())).or_insert_with(|| node.clone());
            known.merge(node);
        }
        let mut connections: BTreeMap<(NodeId, NodeId, Option<Clean>, EdgeKind), State> = BTreeMap::new();
        for Edge { from, to, qualifier, kind, state } in edges {
            let known = connections.entry((identified(from), identified(to), qualifier, kind)).or_default();
            *known = state.max(*known);
        }
        let edges = connections.into_iter().map(|((from, to, qualifier, kind), state)| Edge {
            from,
            to,
            qualifier,
            kind,
            state,
        });
        Self { edges: edges.collect(), nodes: merged.into_values().collect() }
    }

    /// The same with what became known of one node.
    #[must_use]
    pub fn with(&self, node: Node) -> Self {
        Self::new(self.nodes.iter().cloned().chain([node]), self.edges.iter().cloned())
    }

    /// All that two readings found.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        let nodes = self.nodes.iter().chain(&other.nodes).cloned();
        Self::new(nodes, self.edges.iter().chain(&other.edges).cloned())
    }

    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// All edges, by where they begin.
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    pub fn of(&self, kind: NodeKind) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(move |node| node.kind == kind)
    }

    /// The node of a kind that is on the line: what is followed first, and the rest beside it.
    pub fn followed(&self, kind: NodeKind) -> Option<&Node> {
        self.of(kind).find(|node| node.is_followed)
    }

    /// The name of that node; empty where none is known.
    pub fn name(&self, kind: NodeKind) -> &str {
        self.followed(kind).map_or("", |node| node.name.raw())
    }

    /// The nodes of a kind that an edge leads to from this one.
    pub fn after(&self, node: &Node, kind: NodeKind) -> impl Iterator<Item = &Node> {
        let from = node.id();
        let leads = move |to: &&Node| {
            let to = to.id();
            self.edges.iter().any(|edge| edge.from == from && edge.to == to)
        };
        self.of(kind).filter(leads)
    }

    /// The edges by which S3 sends an event of a key, such as `ObjectCreated:Put`, from the bucket.
    pub fn paths_of(&self, event: &str, key: &str) -> impl Iterator<Item = &Edge> {
        self.edges.iter().filter(move |edge| match &edge.kind {
            EdgeKind::Rule(rule) => rule.matches(event, key),
            EdgeKind::AllEvents => true,
            _ => false,
        })
    }

    /// Why more may be there than was found: the last problem between the bucket and the topic.
    pub fn unread(&self) -> Option<&Problem> {
        let on_the_way = |node: &&Node| matches!(node.kind, NodeKind::Stack | NodeKind::Bucket | NodeKind::Function);
        let read_on = |node: &&Node| on_the_way(node) && node.state != State::Ok;
        self.nodes.iter().filter(read_on).rev().find_map(|node| node.problem.as_ref())
    }

    /// Whether everything that can be read was read, or failed to be.
    pub fn is_read(&self) -> bool {
        let waits = |node: &Node| node.kind.is_read() && node.state == State::NotRead && node.problem.is_none();
        !self.nodes.is_empty() && !self.nodes.iter().any(waits)
    }

    /// Whether something could not be read for a reason that passes by itself.
    pub fn may_change(&self) -> bool {
        self.nodes.iter().any(|node| node.problem.as_ref().is_some_and(Problem::is_transient))
    }
}

/// The only one of a set.
fn only<'a, T>(set: &BTreeSet<&'a T>) -> Option<&'a T>
where
    T: Ord,
{
    match set.len() {
        1 => set.first().copied(),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
