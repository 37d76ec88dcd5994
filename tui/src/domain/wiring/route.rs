//! The routes of one object's event: every path from the bucket to what handles it, as the rules say for its key.

use imgwatch_shared::arn::Arn;

use super::{Edge, EdgeKind, EventPattern, Matches, Node, NodeKind, ObjectCreated, State, Wiring};

/// More routes than any pipeline has; what follows is left out.
const MOST: usize = 256;

/// What is known of the event of a write.
#[derive(Debug, Clone, Copy)]
pub struct ObjectEvent<'a> {
    /// S3's name of it, such as `ObjectCreated:Put`.
    pub name: &'a str,
    pub bucket: &'a str,
    pub key: &'a str,
    /// Bytes.
    pub size: Option<u64>,
    /// Whether it is known to have passed: what is switched off now may not have been then.
    pub has_passed: bool,
}

/// One path of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route<'a> {
    /// From the bucket on.
    pub edges: Vec<&'a Edge>,
    /// The function that handles the event, or the last resource that is known to get it.
    pub end: &'a Node,
    /// Whether all that decides on it is known.
    pub is_sure: bool,
}

impl Wiring {
    /// The routes of an event. It may come to one function by several of them.
    pub fn routes(&self, event: &ObjectEvent<'_>) -> Vec<Route<'_>> {
        let bucket = self.of(NodeKind::Bucket).find(|node| node.name.raw() == event.bucket);
        let mut found = Vec::new();
        if let Some(bucket) = bucket {
            self.go_on(event, Route { edges: Vec::new(), end: bucket, is_sure: true }, &mut found);
        }
        found.retain(|route| !route.edges.is_empty());
        found
    }

    fn go_on<'a>(&'a self, event: &ObjectEvent<'_>, route: Route<'a>, found: &mut Vec<Route<'a>>) {
        let mut is_end = true;
        for edge in self.passes(route.end) {
            let (Some(to), true) = (self.node(&edge.to), found.len() < MOST) else { continue };
            let passes = passes(edge, to, event);
            let is_circle = to.by_id() == route.end.by_id() || route.edges.iter().any(|known| known.from == edge.to);
            if passes == Matches::No || is_circle {
                continue;
            }
            is_end = false;
            let edges = route.edges.iter().copied().chain([edge]).collect();
            let is_sure = route.is_sure && passes == Matches::Yes;
            self.go_on(event, Route { edges, end: to, is_sure }, found);
        }
        if is_end {
            found.push(route);
        }
    }
}

/// Whether an event passes from one resource to the next.
fn passes(edge: &Edge, to: &Node, event: &ObjectEvent<'_>) -> Matches {
    let is_off = edge.state == State::Disabled || to.state == State::Disabled;
    if is_off && !event.has_passed {
        return Matches::No;
    }
    let passes = match &edge.kind {
        EdgeKind::Rule(rule) => rule.matches(event.name, event.key),
        EdgeKind::Pattern(pattern) => return EventPattern::new(pattern.raw()).matches(&created(to, event)),
        // Messages that match no filter are deleted; whether this one does is not found out.
        EdgeKind::EventSourceMapping(mapping) if !mapping.filters.is_empty() => return Matches::Depends,
        _ => true,
    };
    if passes { Matches::Yes } else { Matches::No }
}

/// The event as a rule of `EventBridge` gets it, in the rule's own account and region.
pub(super) fn created<'a>(rule: &'a Node, event: &ObjectEvent<'a>) -> ObjectCreated<'a> {
    let arn = rule.arn.as_ref().and_then(|arn| Arn::parse(arn.raw()));
    ObjectCreated {
        bucket: event.bucket,
        partition: arn.map_or("aws", |arn| arn.partition),
        account: arn.map(|arn| arn.account),
        region: arn.map(|arn| arn.region),
        key: Some(event.key),
        size: event.size,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::wiring::{Mapping, Rule, RuleKind};
    use crate::text::clean::Clean;

    fn arn(service: &str, name: &str) -> String {
        format!("arn:aws:{service}:eu-west-1:123456789012:{name}")
    }

    fn rule(prefix: &str) -> EdgeKind {
        EdgeKind::Rule(Rule {
            kind: RuleKind::Function,
            id: None,
            arn: Clean::default(),
            events: vec!["s3:ObjectCreated:*".into()],
            filter: vec![("Prefix".into(), Clean::new(prefix))],
        })
    }

    /// A bucket whose keys below `in/` go to a function, those below `jobs/` to a queue, and all to EventBridge, where a rule
    /// has the same function for pictures.
    fn wiring(state: State, filters: Vec<Clean>) -> Wiring {
        let (function, lambda) = (NodeKind::Function, |name: &str| arn("lambda", &format!("function:{name}")));
        let bucket = Node::new(NodeKind::Bucket, "photos").followed();
        let (thumbs, to_thumbs) = Edge::to(&bucket, function, &lambda("thumbs"), rule("in/"), State::Ok);
        let (queue, to_queue) = Edge::to(&bucket, NodeKind::Queue, &arn("sqs", "jobs"), rule("jobs/"), State::Ok);
        let mapping = EdgeKind::EventSourceMapping(Mapping { filters, ..Mapping::default() });
        let (index, to_index) = Edge::to(&queue, function, &lambda("index"), mapping, state);
        let (bus, to_bus) = Edge::to(&bucket, NodeKind::EventBus, "default", EdgeKind::AllEvents, State::Ok);
        let pattern = EdgeKind::Pattern(r#"{"detail":{"object":{"key":[{"suffix":".jpg"}]}}}"#.into());
        let (created, to_rule) =
            Edge::to(&bus, NodeKind::EventRule, &arn("events", "rule/created"), pattern, State::Ok);
        let target = EdgeKind::Target { id: "1".into(), transformed: false };
        let (_, again) = Edge::to(&created, function, &lambda("thumbs"), target, State::Ok);
        let failed = Edge::to(&queue, NodeKind::Queue, &arn("sqs", "failed"), EdgeKind::Failure, State::Ok);
        Wiring::new(
            [bucket, thumbs, queue, index, bus, created, failed.0],
            [to_thumbs, to_queue, to_index, to_bus, to_rule, again, failed.1],
        )
    }

    fn told(wiring: &Wiring, name: &str, key: &str) -> Vec<String> {
        let event = ObjectEvent { name, bucket: "photos", key, size: Some(1), has_passed: false };
        let one = |route: &Route<'_>| {
            let names = route.edges.iter().filter_map(|edge| Some(wiring.node(&edge.to)?.name.raw()));
            format!("{}{}", names.collect::<Vec<_>>().join(" "), if route.is_sure { "" } else { "?" })
        };
        let mut told: Vec<String> = wiring.routes(&event).iter().map(one).collect();
        told.sort();
        told
    }

    #[test]
    fn a_key_takes_the_routes_that_its_rules_say() {
        let wiring = wiring(State::Ok, Vec::new());
        let put = |key| told(&wiring, "ObjectCreated:Put", key);
        assert_eq!(put("in/a.jpg"), ["default created thumbs", "thumbs"], "two routes to one function");
        assert_eq!(put("in/a.png"), ["default", "thumbs"]);
        assert_eq!(put("jobs/a.png"), ["default", "jobs index"]);
        assert_eq!(put("a.png"), ["default"]);
        assert_eq!(told(&wiring, "ObjectRemoved:Delete", "in/a.png"), ["default"]);
        let other =
            ObjectEvent { name: "ObjectCreated:Put", bucket: "scans", key: "in/a.jpg", size: None, has_passed: false };
        assert_eq!(wiring.routes(&other), []);
    }

    #[test]
    fn what_is_switched_off_ends_a_route_and_what_is_not_known_makes_it_unsure() {
        let put = |wiring: &Wiring| told(wiring, "ObjectCreated:Put", "jobs/a.png");
        let off = wiring(State::Disabled, Vec::new());
        assert_eq!(put(&off), ["default", "jobs"]);
        let (name, bucket, key) = ("ObjectCreated:Put", "photos", "jobs/a.png");
        let passed = off.routes(&ObjectEvent { name, bucket, key, size: None, has_passed: true });
        assert!(passed.iter().any(|route| route.end.name.raw() == "index"), "it may have been switched off since");
        assert_eq!(put(&wiring(State::Ok, vec!["{}".into()])), ["default", "jobs index?"]);
    }
}
