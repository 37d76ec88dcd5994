//! A wiring as rows: every resource below what leads to it.

use std::collections::BTreeSet;

use super::{Edge, EdgeKind, Node, NodeId, Wiring};

/// One row of an outline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    /// How many resources stand above it, up to the first.
    pub depth: usize,
    /// What leads to it from the resource above it.
    pub edge: Option<&'a Edge>,
    pub node: &'a Node,
    /// It stands in a row above, with what it leads to.
    pub is_repeated: bool,
}

impl Wiring {
    pub fn node(&self, id: &NodeId) -> Option<&Node> {
        // They are in the order of their ids.
        let at = self.nodes().binary_search_by(|node| node.by_id().cmp(&(id.kind, &id.name))).ok()?;
        self.nodes().get(at)
    }

    /// The edges that begin at a node: events and messages first, then the log, what succeeded, and what failed.
    pub fn from(&self, id: &NodeId) -> Vec<&Edge> {
        let start = self.edges().partition_point(|edge| edge.from < *id);
        let mut edges: Vec<&Edge> = self.edges().iter().skip(start).take_while(|edge| edge.from == *id).collect();
        edges.sort_by_key(|edge| match edge.kind {
            EdgeKind::Log => 1,
            EdgeKind::Success => 2,
            EdgeKind::Failure => 3,
            _ => 0,
        });
        edges
    }

    /// Every resource once with what it leads to, and once more wherever else something leads to it.
    pub fn outline(&self) -> Vec<Row<'_>> {
        let ends: BTreeSet<&NodeId> = self.edges().iter().map(|edge| &edge.to).collect();
        let is_led_to = |node: &&Node| ends.contains(&node.id());
        let mut rows = Vec::new();
        let mut shown = BTreeSet::new();
        let (later, first): (Vec<&Node>, Vec<&Node>) = self.nodes().iter().partition(is_led_to);
        // What only leads back to itself has no beginning.
        for node in first.into_iter().chain(later) {
            if !shown.contains(&node.id()) {
                self.below(node, None, 0, &mut shown, &mut rows);
            }
        }
        rows
    }

    fn below<'a>(
        &'a self,
        node: &'a Node,
        edge: Option<&'a Edge>,
        depth: usize,
        shown: &mut BTreeSet<NodeId>,
        rows: &mut Vec<Row<'a>>,
    ) {
        let is_repeated = !shown.insert(node.id());
        rows.push(Row { depth, edge, node, is_repeated });
        if is_repeated {
            return;
        }
        for edge in self.from(&node.id()) {
            if let Some(to) = self.node(&edge.to) {
                self.below(to, Some(edge), depth + 1, shown, rows);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::wiring::{Mapping, NodeKind, State};

    fn arn(service: &str, name: &str) -> String {
        format!("arn:aws:{service}:eu-west-1:123456789012:{name}")
    }

    /// A bucket with a function of its own and a queue with another one; both publish to one topic, and what fails goes
    /// back to the queue.
    fn wiring() -> Wiring {
        let (f, t) = (NodeKind::Function, NodeKind::Topic);
        let bucket = Node::new(NodeKind::Bucket, "photos").read().followed();
        let subscription = |protocol: &str| EdgeKind::Subscription(protocol.into());
        let (queue, to_queue) = Edge::to(&bucket, NodeKind::Queue, &arn("sqs", "jobs"), EdgeKind::AllEvents, State::Ok);
        let mapping = EdgeKind::EventSourceMapping(Mapping::default());
        let (index, to_index) = Edge::to(&queue, f, &arn("lambda", "function:index"), mapping, State::Ok);
        let (thumbs, to_thumbs) =
            Edge::to(&bucket, f, &arn("lambda", "function:thumbs"), EdgeKind::AllEvents, State::Ok);
        let (done, thumbs_done) = Edge::to(&thumbs, t, &arn("sns", "done"), EdgeKind::Variable("T".into()), State::Ok);
        let (_, index_done) = Edge::to(&index, t, &arn("sns", "done"), EdgeKind::Variable("T".into()), State::Ok);
        let (_, failed) = Edge::to(&index, NodeKind::Queue, &arn("sqs", "jobs"), EdgeKind::Failure, State::Ok);
        let (group, log) = Edge::to(&thumbs, NodeKind::LogGroup, "/aws/lambda/thumbs", EdgeKind::Log, State::Ok);
        let (ada, to_ada) = Edge::to(&done, NodeKind::Subscriber, "ada@example.com", subscription("email"), State::Ok);
        Wiring::new(
            [bucket, queue, index.followed(), thumbs, done, group, ada],
            [to_queue, to_index, to_thumbs, thumbs_done, index_done, failed, log, to_ada],
        )
    }

    #[test]
    fn every_resource_stands_below_what_leads_to_it() {
        let wiring = wiring();
        let row = |row: Row<'_>| {
            let again = if row.is_repeated { " again" } else { "" };
            format!("{}{}{again}", " ".repeat(row.depth), row.node.name.raw())
        };
        let rows: Vec<String> = wiring.outline().into_iter().map(row).collect();
        let expected = [
            "photos",
            " jobs",
            "  index",
            "   done",
            "    ada@example.com",
            "   jobs again",
            " thumbs",
            "  done again",
            "  /aws/lambda/thumbs",
        ];
        assert_eq!(rows, expected);
    }

    #[test]
    fn a_circle_without_a_beginning_is_shown_once() {
        let loops = |one: &str, other: &str| {
            let from = Node::new(NodeKind::Function, one);
            let (to, edge) = Edge::to(&from, NodeKind::Function, other, EdgeKind::Failure, State::Ok);
            ([from, to], edge)
        };
        let (nodes, there) = loops("a", "b");
        let (_, back) = loops("b", "a");
        let wiring = Wiring::new(nodes, [there, back]);
        let rows: Vec<(usize, bool)> = wiring.outline().iter().map(|row| (row.depth, row.is_repeated)).collect();
        assert_eq!(rows, [(0, false), (1, false), (2, true)]);
    }
}
