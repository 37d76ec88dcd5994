//! What changed between two readings of a pipeline.
//!
//! What is not found again is gone only if everything that led to it could be read.

use std::collections::BTreeSet;

use super::{Edge, Node, NodeId, State, Wiring};

/// What is there now and was not, what is gone, and what stands otherwise, in that order: `queue jobs is gone`.
pub fn changes(before: &Wiring, now: &Wiring) -> Vec<String> {
    let find = |wiring: &'_ Wiring, id: &NodeId| wiring.nodes().iter().any(|node| node.id() == *id);
    let hidden = hidden(before, now);
    let new_nodes =
        now.nodes().iter().filter(|node| !find(before, &node.id())).map(|node| format!("{} is new", name(node)));
    let gone = before.nodes().iter().filter(|node| !find(now, &node.id()) && !hidden.contains(&node.id()));
    let gone_nodes = gone.map(|node| format!("{} is gone", name(node)));

    let has = |wiring: &Wiring, edge: &Edge| wiring.edges().iter().any(|other| other.is_same(edge));
    let in_both = |edge: &&Edge| [&edge.from, &edge.to].iter().all(|id| find(before, id) && find(now, id));
    let new_edges = now.edges().iter().filter(in_both).filter(|edge| !has(before, edge));
    let new_edges = new_edges.map(|edge| format!("{} is new", connection(now, edge)));
    let is_certain = |edge: &&Edge| !unread(now).contains(&edge.from);
    let gone_edges = before.edges().iter().filter(in_both).filter(|edge| !has(now, edge)).filter(is_certain);
    let gone_edges = gone_edges.map(|edge| format!("{} is gone", connection(before, edge)));

    let states = now.nodes().iter().filter_map(|node| {
        let was = before.nodes().iter().find(|other| other.id() == node.id())?;
        is_news(was.state, node.state).then(|| format!("{} is {}", name(node), word(node.state)))
    });
    let edge_states = now.edges().iter().filter_map(|edge| {
        let was = before.edges().iter().find(|other| other.is_same(edge))?;
        is_news(was.state, edge.state).then(|| format!("{} is {}", connection(now, edge), word(edge.state)))
    });
    let added = new_nodes.chain(new_edges);
    added.chain(gone_nodes).chain(gone_edges).chain(states).chain(edge_states).collect()
}

/// Whether a state says something that was not known.
fn is_news(was: State, now: State) -> bool {
    was != now && ![was, now].contains(&State::NotRead)
}

fn word(state: State) -> String {
    match state {
        // Not "again": it may never have been, such as a log group before the first invocation.
        State::Ok => "ok now".to_owned(),
        state => state.word().replace('_', " "),
    }
}

fn name(node: &Node) -> String {
    format!("{} {}", node.kind.word().replace('_', " "), node.name.raw())
}

/// `rule images from bucket photos to function thumbs`.
fn connection(wiring: &Wiring, edge: &Edge) -> String {
    let end = |id: &NodeId| {
        let node = wiring.nodes().iter().find(|node| node.id() == *id);
        node.map_or_else(|| id.name.raw().to_owned(), |node| node.name.raw().to_owned())
    };
    let condition = edge.condition().map(|condition| format!(" ({condition})")).unwrap_or_default();
    let kind = edge.kind.word().replace('_', " ");
    format!("{kind}{condition} from {} to {}", end(&edge.from), end(&edge.to))
}

/// The nodes that could not be read, or not completely.
fn unread(wiring: &Wiring) -> BTreeSet<NodeId> {
    let is_unread = |node: &&Node| node.problem.is_some() && node.state != State::Missing;
    wiring.nodes().iter().filter(is_unread).map(Node::id).collect()
}

/// What is not found again because something before it could not be read.
fn hidden(before: &Wiring, now: &Wiring) -> BTreeSet<NodeId> {
    let mut hidden = unread(now);
    loop {
        let is_found = |id: &NodeId| now.nodes().iter().any(|node| node.id() == *id);
        let behind = before.edges().iter().filter(|edge| hidden.contains(&edge.from) && !is_found(&edge.to));
        let behind: BTreeSet<NodeId> = behind.map(|edge| edge.to.clone()).collect();
        let known = hidden.len();
        hidden.extend(behind);
        if hidden.len() == known {
            return hidden;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::problem::{Problem, ProblemKind};
    use crate::domain::wiring::{EdgeKind, Mapping, NodeKind};

    const JOBS: &str = "arn:aws:sqs:eu-west-1:123456789012:jobs";
    const RESIZE: &str = "arn:aws:lambda:eu-west-1:123456789012:function:resize";

    /// The bucket, its queue, and the queue's function; `state` is that of the mapping.
    fn wiring(state: State, result: &str) -> (Vec<Node>, Vec<Edge>) {
        let bucket = Node::new(NodeKind::Bucket, "photos").read();
        let (queue, to_queue) = Edge::to(&bucket, NodeKind::Queue, JOBS, EdgeKind::AllEvents, State::Ok);
        let mapping = Mapping { uuid: "1".into(), last_result: Some(result.into()), ..Mapping::default() };
        let by = EdgeKind::EventSourceMapping(mapping);
        let (function, to_function) = Edge::to(&queue, NodeKind::Function, RESIZE, by, state);
        (vec![bucket, queue.read(), function.read()], vec![to_queue, to_function])
    }

    fn between(before: (Vec<Node>, Vec<Edge>), now: (Vec<Node>, Vec<Edge>)) -> Vec<String> {
        changes(&Wiring::new(before.0, before.1), &Wiring::new(now.0, now.1))
    }

    #[test]
    fn what_is_new_or_gone_is_named_once() {
        let bucket = || vec![Node::new(NodeKind::Bucket, "photos").read()];
        let all = || wiring(State::Ok, "OK");
        assert_eq!(between(all(), all()), [""; 0]);
        assert_eq!(between(all(), wiring(State::Ok, "PROBLEM: it failed")), [""; 0], "the same mapping");
        assert_eq!(between((bucket(), vec![]), all()), ["queue jobs is new", "function resize is new"]);
        assert_eq!(between(all(), (bucket(), vec![])), ["queue jobs is gone", "function resize is gone"]);
        let (nodes, mut edges) = all();
        edges.pop();
        let mapping = "event source mapping (1) from jobs to resize";
        assert_eq!(between(all(), (nodes.clone(), edges.clone())), [format!("{mapping} is gone")]);
        assert_eq!(between((nodes, edges), all()), [format!("{mapping} is new")]);
    }

    #[test]
    fn a_change_of_state_is_named_where_both_are_known() {
        let mapping = "event source mapping (1) from jobs to resize";
        let on_and_off = between(wiring(State::Ok, ""), wiring(State::Disabled, ""));
        assert_eq!(on_and_off, [format!("{mapping} is disabled")]);
        let off_and_on = between(wiring(State::Disabled, ""), wiring(State::Ok, ""));
        assert_eq!(off_and_on, [format!("{mapping} is ok now")]);
        let with_queue = |state| {
            let (mut nodes, edges) = wiring(State::Ok, "");
            nodes[1].state = state;
            (nodes, edges)
        };
        assert_eq!(between(with_queue(State::Ok), with_queue(State::Missing)), ["queue jobs is missing"]);
        assert_eq!(between(with_queue(State::NotRead), with_queue(State::Ok)), [""; 0]);
        assert_eq!(between(with_queue(State::Ok), with_queue(State::NotRead)), [""; 0]);
    }

    #[test]
    fn what_could_not_be_read_hides_what_it_leads_to() {
        let denied = vec!["bucket photos is denied".to_owned()];
        for (kind, expected) in [(ProblemKind::Throttled, vec![]), (ProblemKind::Denied, denied)] {
            let problem = Problem::new(kind, "cannot read bucket photos", "why");
            let bucket = Node::new(NodeKind::Bucket, "photos").unread(problem, "s3:GetBucketNotification");
            assert_eq!(between(wiring(State::Ok, ""), (vec![bucket], vec![])), expected, "{kind:?}");
        }
        let (mut nodes, mut edges) = wiring(State::Ok, "");
        nodes[1].problem = Some(Problem::new(ProblemKind::Denied, "cannot list mappings", "why"));
        (nodes[1].state, edges[1].state) = (State::Denied("lambda:ListEventSourceMappings"), State::Ok);
        nodes.pop();
        edges.pop();
        assert_eq!(
            between(wiring(State::Ok, ""), (nodes, edges)),
            ["queue jobs is denied"],
            "the function may still be there"
        );
    }
}
