//! The names of the pipeline that is followed, as its wiring gives them.

use crate::domain::wiring::{NodeKind, Wiring};
use crate::text::clean::Clean;

/// The names that are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pipeline {
    pub bucket: Clean,
    pub function: Clean,
    pub topic: Clean,
    /// Where: `local 127.0.0.1:4566`, or profile and region.
    pub target: Clean,
}

impl Pipeline {
    /// The names of what is followed in a wiring, or why there is none.
    pub fn of(wiring: &Wiring, target: Clean) -> Self {
        let name = |kind, otherwise: &str| {
            let followed = wiring.followed(kind);
            followed.map_or_else(|| Clean::new(otherwise), |node| node.name.clone())
        };
        let function = wiring.followed(NodeKind::Function);
        let doubt = if function.is_some_and(|node| node.is_assumed) { "?" } else { "" };
        let without_topic = if wiring.unread().is_some() { "topic unknown" } else { "no topic" };
        Self {
            bucket: name(NodeKind::Bucket, "bucket unknown"),
            function: Clean::new(&format!("{}{doubt}", name(NodeKind::Function, "function unknown").raw())),
            topic: name(NodeKind::Topic, without_topic),
            target,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::problem::{Problem, ProblemKind};
    use crate::domain::wiring::Node;

    #[test]
    fn a_name_that_is_not_known_says_why() {
        let names = |nodes: Vec<Node>| {
            let Pipeline { bucket, function, topic, .. } = Pipeline::of(&Wiring::new(nodes, []), Clean::default());
            [bucket, function, topic].map(|name| name.raw().to_owned())
        };
        let node = |kind, name| Node::new(kind, name).followed();
        assert_eq!(names(vec![]), ["bucket unknown", "function unknown", "no topic"]);
        let problem = Problem::new(ProblemKind::Denied, "cannot read function f", "why");
        let unread = node(NodeKind::Function, "f").unread(problem, "lambda:GetFunctionConfiguration");
        assert_eq!(names(vec![node(NodeKind::Bucket, "b"), unread]), ["b", "f", "topic unknown"]);
        let (assumed, topic) = (node(NodeKind::Function, "f").assumed(true), node(NodeKind::Topic, "t"));
        assert_eq!(names(vec![assumed, topic, Node::new(NodeKind::Topic, "a")]), ["bucket unknown", "f?", "t"]);
    }
}
