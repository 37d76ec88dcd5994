//! The ways of an event through a pipeline: what it reaches from the bucket, by which edges, and what decides by its key.

use std::collections::{BTreeMap, VecDeque};

use super::route::{ObjectEvent, created};
use super::{Edge, EdgeKind, EventPattern, Matches, Node, NodeId, NodeKind, Wiring};

impl Wiring {
    /// The resources that events reach from the bucket, the nearest first, each with the edge by which they do so first. A
    /// function is the end of a way: what it sends is no event of the bucket.
    fn ways(&self) -> Vec<(&Node, Option<&Edge>)> {
        self.followed(NodeKind::Bucket).map(|bucket| self.ways_from(bucket, |_, _| true)).unwrap_or_default()
    }

    /// The same from any resource, over the edges to nodes that `passes`.
    fn ways_from<'a>(
        &'a self,
        start: &'a Node,
        passes: impl Fn(&Edge, &Node) -> bool,
    ) -> Vec<(&'a Node, Option<&'a Edge>)> {
        let mut found = vec![(start, None)];
        let mut open = VecDeque::from([start]);
        while let Some(node) = open.pop_front() {
            for edge in self.passes(node) {
                let Some(to) = self.node(&edge.to) else { continue };
                if passes(edge, to) && found.iter().all(|(known, _)| known.by_id() != to.by_id()) {
                    found.push((to, Some(edge)));
                    open.push_back(to);
                }
            }
        }
        found
    }

    /// The edges by which a node passes an event on. People who are subscribed handle nothing.
    pub(super) fn passes(&self, node: &Node) -> Vec<&Edge> {
        if node.kind == NodeKind::Function {
            return Vec::new();
        }
        let is_passed = |edge: &&Edge| {
            let is_of_function = matches!(
                edge.kind,
                EdgeKind::Log | EdgeKind::Success | EdgeKind::Failure | EdgeKind::Variable(_) | EdgeKind::Named
            );
            !is_of_function && edge.to.kind != NodeKind::Subscriber
        };
        self.from(&node.id()).into_iter().filter(is_passed).collect()
    }

    /// The resources that events reach from the bucket, without the bucket itself.
    pub fn reached(&self) -> Vec<&Node> {
        self.ways().into_iter().skip(1).map(|(node, _)| node).collect()
    }

    /// A resource and those that events reach from it.
    pub fn reached_from<'a>(&'a self, start: &'a Node) -> Vec<&'a Node> {
        self.reached_over(start, |_, _| true)
    }

    /// The same over the edges to nodes that `passes`.
    pub fn reached_over<'a>(&'a self, start: &'a Node, passes: impl Fn(&Edge, &Node) -> bool) -> Vec<&'a Node> {
        self.ways_from(start, passes).into_iter().map(|(node, _)| node).collect()
    }

    /// The shortest way from the bucket to a node, as the edges on it.
    pub fn way_to(&self, node: &Node) -> Vec<&Edge> {
        let ways: BTreeMap<NodeId, Option<&Edge>> =
            self.ways().into_iter().map(|(node, edge)| (node.id(), edge)).collect();
        let mut edges: Vec<&Edge> = Vec::new();
        let mut id = node.id();
        while let Some(Some(edge)) = ways.get(&id) {
            edges.push(edge);
            id = edge.from.clone();
        }
        edges.reverse();
        edges
    }

    /// The way to each resource that handles events, that of the followed function first: to each function, and to what leads
    /// nowhere that is known. Each begins with the bucket.
    pub fn paths(&self) -> Vec<Vec<&Node>> {
        let Some(bucket) = self.followed(NodeKind::Bucket) else { return Vec::new() };
        let ends = self.reached().into_iter().filter(|node| self.passes(node).is_empty());
        let path = |end: &Node| {
            let way = self.way_to(end).into_iter().filter_map(|edge| self.node(&edge.to));
            std::iter::once(bucket).chain(way).collect()
        };
        let mut paths: Vec<Vec<&Node>> = ends.map(path).collect();
        let is_followed = |path: &Vec<&Node>| path.last().is_some_and(|node| node.is_followed);
        // Stable: among the others the nearest comes first.
        paths.sort_by_key(|path| !is_followed(path));
        paths
    }

    /// The rules of `EventBridge` that an upload of this key may match, and whether it does.
    pub fn matching_rules(&self, bucket: &str, key: &str, size: Option<u64>) -> Vec<(&Node, Matches)> {
        let matched = |edge: &Edge| {
            let EdgeKind::Pattern(pattern) = &edge.kind else { return None };
            let rule = self.node(&edge.to)?;
            let event = created(rule, &ObjectEvent { name: "", bucket, key, size, has_passed: false });
            Some((rule, EventPattern::new(pattern.raw()).matches(&event)))
        };
        let all = self.edges().iter().filter_map(matched);
        all.filter(|(_, matches)| *matches != Matches::No).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::wiring::{Mapping, State};

    const BUS: &str = "default";
    const RULE: &str = "arn:aws:events:eu-west-1:123456789012:rule/pictures";
    const QUEUE: &str = "arn:aws:sqs:eu-west-1:123456789012:jobs";

    /// A bucket with a function of its own, and a rule of EventBridge with a queue, whose messages another function gets. That
    /// one publishes to a topic.
    fn wiring() -> Wiring {
        let function = |name: &str| format!("arn:aws:lambda:eu-west-1:123456789012:function:{name}");
        let bucket = Node::new(NodeKind::Bucket, "photos").followed();
        let (thumbs, to_thumbs) =
            Edge::to(&bucket, NodeKind::Function, &function("thumbs"), EdgeKind::AllEvents, State::Ok);
        let (bus, to_bus) = Edge::to(&bucket, NodeKind::EventBus, BUS, EdgeKind::AllEvents, State::Ok);
        let pattern = r#"{"account":["123456789012"],"detail":{"bucket":{"name":["photos"]},"object":{"key":[{"suffix":".jpg"}]}}}"#;
        let (rule, to_rule) = Edge::to(&bus, NodeKind::EventRule, RULE, EdgeKind::Pattern(pattern.into()), State::Ok);
        let target = EdgeKind::Target { id: "1".into(), transformed: false };
        let (queue, to_queue) = Edge::to(&rule, NodeKind::Queue, QUEUE, target, State::Ok);
        let mapping = EdgeKind::EventSourceMapping(Mapping::default());
        let (index, to_index) = Edge::to(&queue, NodeKind::Function, &function("index"), mapping, State::Ok);
        let variable = EdgeKind::Variable("T".into());
        let (topic, to_topic) = Edge::to(&index, NodeKind::Topic, "done", variable, State::Ok);
        Wiring::new(
            [bucket, thumbs, bus, rule, queue, index.followed(), topic],
            [to_thumbs, to_bus, to_rule, to_queue, to_index, to_topic],
        )
    }

    fn names<'a>(nodes: impl IntoIterator<Item = &'a Node>) -> String {
        nodes.into_iter().map(|node| node.name.raw()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_path_of_the_followed_function_comes_first_and_functions_are_ends() {
        let wiring = wiring();
        let paths: Vec<String> = wiring.paths().into_iter().map(names).collect();
        assert_eq!(paths, ["photos default pictures jobs index", "photos thumbs"]);
        assert_eq!(names(wiring.reached()), "default thumbs pictures jobs index");
        let index = wiring.followed(NodeKind::Function).unwrap();
        let way: Vec<&str> = wiring.way_to(index).iter().map(|edge| edge.kind.word()).collect();
        assert_eq!(way, ["all_events", "pattern", "target", "event_source_mapping"]);
        assert_eq!(Wiring::default().paths(), Vec::<Vec<&Node>>::new());
    }

    #[test]
    fn rules_of_eventbridge_are_predicted_for_a_key() {
        let wiring = wiring();
        let matched = |bucket, key| {
            let rules = wiring.matching_rules(bucket, key, None).into_iter();
            rules.map(|(rule, matches)| (rule.name.raw().to_owned(), matches)).collect::<Vec<_>>()
        };
        assert_eq!(matched("photos", "a b.jpg"), [("pictures".to_owned(), Matches::Yes)]);
        assert_eq!(matched("photos", "a b.JPG"), []);
        assert_eq!(matched("other", "a.jpg"), []);
    }
}
