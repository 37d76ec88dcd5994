//! The paths of a pipeline in names, as the header shows them. They are found once for each wiring and not for each frame.

use crate::domain::wiring::{Node, NodeKind, Wiring};
use crate::text::clean::Clean;

/// How a pipeline branches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PathMap {
    /// What stands between the bucket and the followed function.
    pub entry: Vec<Clean>,
    /// The other paths from the bucket, each with what handles the event at its end.
    pub others: Vec<Vec<Clean>>,
}

impl PathMap {
    pub fn of(wiring: &Wiring) -> Self {
        let paths = wiring.paths();
        let names = |path: &[&Node]| path.iter().filter_map(|node| label(node)).collect::<Vec<Clean>>();
        let is_followed = |path: &&Vec<&Node>| path.last().is_some_and(|node| node.is_followed);
        let followed = paths.first().filter(is_followed);
        let entry = followed.and_then(|path| path.get(1..path.len() - 1)).map(names).unwrap_or_default();
        let others = paths.iter().skip(usize::from(followed.is_some())).map(|path| names(path)).collect();
        Self { entry, others }
    }
}

/// How a resource is called on the way. The event bus is the same for everyone.
fn label(node: &Node) -> Option<Clean> {
    Some(match node.kind {
        NodeKind::EventBus => return None,
        NodeKind::Queue => Clean::new(&format!("queue {}", node.name.raw())),
        NodeKind::Topic => Clean::new(&format!("topic {}", node.name.raw())),
        NodeKind::EventRule => Clean::new(&format!("rule {}", node.name.raw())),
        _ => node.name.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::wiring::{Edge, EdgeKind, State};

    #[test]
    fn the_entry_and_the_other_paths_are_named() {
        let bucket = Node::new(NodeKind::Bucket, "photos").followed();
        let queue_arn = "arn:aws:sqs:eu-west-1:123456789012:jobs";
        let (queue, to_queue) = Edge::to(&bucket, NodeKind::Queue, queue_arn, EdgeKind::AllEvents, State::Ok);
        let (index, to_index) = Edge::to(&queue, NodeKind::Function, "index", EdgeKind::AllEvents, State::Ok);
        let (bus, to_bus) = Edge::to(&bucket, NodeKind::EventBus, "default", EdgeKind::AllEvents, State::Ok);
        let pattern = EdgeKind::Pattern("every event".into());
        let (rule, to_rule) = Edge::to(&bus, NodeKind::EventRule, "created", pattern, State::Ok);
        let target = EdgeKind::Target { id: "1".into(), transformed: false };
        let (thumbs, to_thumbs) = Edge::to(&rule, NodeKind::Function, "thumbs", target, State::Ok);
        let edges = [to_queue, to_index, to_bus, to_rule, to_thumbs];
        let map = |followed: Node, other: Node| {
            let nodes = [bucket.clone(), queue.clone(), bus.clone(), rule.clone(), followed.followed(), other];
            let map = PathMap::of(&Wiring::new(nodes, edges.clone()));
            let names = |path: &Vec<Clean>| path.iter().map(Clean::raw).collect::<Vec<_>>().join(" ");
            (names(&map.entry), map.others.iter().map(names).collect::<Vec<_>>())
        };
        let one = ("queue jobs".to_owned(), vec!["photos rule created thumbs".to_owned()]);
        assert_eq!(map(index.clone(), thumbs.clone()), one);
        let other = ("rule created".to_owned(), vec!["photos queue jobs index".to_owned()]);
        assert_eq!(map(thumbs, index), other);
        assert_eq!(PathMap::of(&Wiring::default()), PathMap::default());
    }
}
