//! ARNs that no answer names, and that follow from a resource's name and from the ARNs of others.

use imgwatch_shared::arn::{self, Arn};

use super::{Node, NodeId, NodeKind, Wiring};
use crate::text::clean::Clean;

impl Wiring {
    /// The ARN of a resource. That of a bucket takes its partition from any other ARN, or else from the region.
    pub fn arn_of(&self, node: &Node, region: &str) -> Option<Clean> {
        if node.arn.is_some() {
            return node.arn.clone();
        }
        let (name, id) = (node.name.raw(), node.id());
        let of = |beside: Option<&Clean>, service: &str, resource: String| {
            Some(Clean::new(&Arn::parse(beside?.raw())?.sibling(service, &resource).to_string()))
        };
        match node.kind {
            NodeKind::Bucket => {
                let other = self.nodes().iter().find_map(|node| Arn::parse(node.arn.as_ref()?.raw()));
                let partition = other.map_or_else(|| arn::partition_of(region), |other| other.partition);
                Some(Clean::new(&Arn::of_bucket(partition, name).to_string()))
            }
            // It is where its function is.
            NodeKind::LogGroup => {
                let mut functions = self.edges().iter().filter(|edge| edge.to == id).map(|edge| &edge.from);
                of(functions.find_map(|from| self.known_arn(from)), "logs", format!("log-group:{name}"))
            }
            // It is where its rules are.
            NodeKind::EventBus => {
                let mut rules = self.edges().iter().filter(|edge| edge.from == id).map(|edge| &edge.to);
                of(rules.find_map(|to| self.known_arn(to)), "events", format!("event-bus/{name}"))
            }
            _ => None,
        }
    }

    fn known_arn(&self, id: &NodeId) -> Option<&Clean> {
        self.node(id)?.arn.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::wiring::{Edge, EdgeKind, State};

    #[test]
    fn what_has_no_arn_in_any_answer_gets_it_from_its_neighbours() {
        let bucket = Node::new(NodeKind::Bucket, "photos").followed();
        let (bus, to_bus) = Edge::to(&bucket, NodeKind::EventBus, "default", EdgeKind::AllEvents, State::Ok);
        let rule = "arn:aws-cn:events:cn-north-1:123456789012:rule/created";
        let (rule, to_rule) = Edge::to(&bus, NodeKind::EventRule, rule, EdgeKind::Pattern("{}".into()), State::Ok);
        let function = "arn:aws-cn:lambda:cn-north-1:123456789012:function:thumbs";
        let target = EdgeKind::Target { id: "1".into(), transformed: false };
        let (function, to_function) = Edge::to(&rule, NodeKind::Function, function, target, State::Ok);
        let (group, to_group) = Edge::to(&function, NodeKind::LogGroup, "/own", EdgeKind::Log, State::Ok);
        let alone = Wiring::new([bucket.clone(), group.clone()], []);
        let nodes = [bucket.clone(), bus.clone(), rule, function.clone(), group.clone()];
        let wiring = Wiring::new(nodes, [to_bus, to_rule, to_function, to_group]);
        let arn = |wiring: &Wiring, node: &Node| wiring.arn_of(node, "us-gov-west-1").map(|arn| arn.raw().to_owned());
        assert_eq!(arn(&wiring, &bucket).as_deref(), Some("arn:aws-cn:s3:::photos"));
        let expected = "arn:aws-cn:events:cn-north-1:123456789012:event-bus/default";
        assert_eq!(arn(&wiring, &bus).as_deref(), Some(expected));
        assert_eq!(arn(&wiring, &group).as_deref(), Some("arn:aws-cn:logs:cn-north-1:123456789012:log-group:/own"));
        assert_eq!(wiring.arn_of(&function, ""), function.arn);
        // With nothing else, the region has the partition, and a log group is nowhere.
        assert_eq!(arn(&alone, &bucket).as_deref(), Some("arn:aws-us-gov:s3:::photos"));
        assert_eq!(arn(&alone, &group), None);
        assert_eq!(arn(&alone, &Node::new(NodeKind::Subscriber, "ada@example.com")), None);
    }
}
