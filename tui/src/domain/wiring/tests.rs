use proptest::prelude::*;

use super::*;
use crate::domain::problem::ProblemKind;

const THUMBS: &str = "arn:aws:lambda:eu-west-1:123456789012:function:thumbs";
const INDEX: &str = "arn:aws:lambda:eu-west-1:123456789012:function:index";
const DONE: &str = "arn:aws:sns:eu-west-1:123456789012:done";
const FAILED: &str = "arn:aws:sns:eu-west-1:123456789012:failed";
const JOBS: &str = "arn:aws:sqs:eu-west-1:123456789012:jobs";

fn rule(id: &str, to: &str, prefix: &str) -> Edge {
    let (kind, node) =
        if to == JOBS { (RuleKind::Queue, NodeKind::Queue) } else { (RuleKind::Function, NodeKind::Function) };
    let rule = Rule {
        kind,
        id: Some(id.into()),
        arn: to.into(),
        events: vec!["s3:ObjectCreated:*".into()],
        filter: vec![("Prefix".into(), prefix.into())],
    };
    Edge::to(&Node::new(NodeKind::Bucket, "photos"), node, to, EdgeKind::Rule(rule), State::Ok).1
}

fn edge(from: (NodeKind, &str), to: (NodeKind, &str), kind: EdgeKind) -> Edge {
    Edge::to(&Node::new(from.0, from.1), to.0, to.1, kind, State::Ok).1
}

fn problem(kind: ProblemKind) -> Problem {
    Problem::new(kind, "cannot read function thumbs", "why")
}

/// Two rules to two functions and one to a queue; one function publishes to two topics. Some nodes are named by several
/// sources, one of them by its name alone.
fn parts() -> (Vec<Node>, Vec<Edge>) {
    let (f, t, l) = (NodeKind::Function, NodeKind::Topic, NodeKind::LogGroup);
    let nodes = vec![
        Node::new(NodeKind::Bucket, "photos").followed(),
        Node::new(NodeKind::Bucket, "photos").read(),
        Node::new(f, "thumbs").followed().assumed(true),
        Node::new(f, &format!("{THUMBS}:live")),
        Node::new(f, THUMBS).read(),
        Node::new(f, INDEX).unread(problem(ProblemKind::Denied), "lambda:GetFunctionConfiguration"),
        Node::new(f, INDEX),
        Node::new(NodeKind::Queue, JOBS),
        Node::new(t, DONE).followed(),
        Node::new(t, FAILED),
        Node::new(l, "/custom/thumbs").followed(),
    ];
    let edges = vec![
        rule("a", THUMBS, "in/"),
        rule("b", INDEX, "in/2026/"),
        rule("c", JOBS, "jobs/"),
        edge((f, "thumbs"), (t, DONE), EdgeKind::Variable("SNS_TOPIC_ARN".into())),
        edge((f, THUMBS), (t, FAILED), EdgeKind::Variable("ALARMS".into())),
        edge((f, THUMBS), (l, "/custom/thumbs"), EdgeKind::Log),
    ];
    (nodes, edges)
}

fn names<'a>(nodes: impl Iterator<Item = &'a Node>) -> Vec<&'a str> {
    nodes.map(|node| node.name.raw()).collect()
}

#[test]
fn a_graph_has_several_rules_functions_and_topics() {
    let (nodes, edges) = parts();
    let wiring = Wiring::new(nodes, edges);
    assert_eq!(names(wiring.of(NodeKind::Function)), ["index", "thumbs"]);
    let thumbs = wiring.followed(NodeKind::Function).unwrap();
    assert_eq!((thumbs.name.raw(), thumbs.arn.as_ref().map(Clean::raw)), ("thumbs", Some(THUMBS)));
    assert_eq!((thumbs.state, thumbs.is_assumed), (State::Ok, false));
    assert_eq!(names(wiring.after(thumbs, NodeKind::Topic)), ["done", "failed"]);
    assert_eq!(names(wiring.after(thumbs, NodeKind::LogGroup)), ["/custom/thumbs"]);
    let index = wiring.of(NodeKind::Function).next().unwrap();
    assert_eq!(index.state, State::Denied("lambda:GetFunctionConfiguration"));
    assert_eq!(names(wiring.after(index, NodeKind::Topic)), [""; 0]);
    assert_eq!(wiring.name(NodeKind::Topic), "done");
}

#[test]
fn a_key_takes_the_paths_that_its_rules_say() {
    let (nodes, edges) = parts();
    let mut wiring = Wiring::new(nodes.clone(), edges.clone());
    let ids = |wiring: &Wiring, event: &str, key: &str| -> Vec<String> {
        wiring.paths_of(event, key).map(|edge| edge.to.to_string()).collect()
    };
    let put = "ObjectCreated:Put";
    assert_eq!(ids(&wiring, put, "in/cat.jpg"), [format!("function:{THUMBS}")]);
    let both = [INDEX, THUMBS].map(|arn| format!("function:{arn}"));
    assert_eq!(ids(&wiring, put, "in/2026/cat.jpg"), both);
    assert_eq!(ids(&wiring, put, "jobs/1"), [format!("queue:{JOBS}")]);
    assert_eq!(ids(&wiring, put, "other"), [""; 0]);
    assert_eq!(ids(&wiring, "ObjectRemoved:Delete", "in/cat.jpg"), [""; 0]);
    let bus = edge((NodeKind::Bucket, "photos"), (NodeKind::EventBus, "default"), EdgeKind::AllEvents);
    wiring = Wiring::new(nodes, edges.into_iter().chain([bus]));
    assert_eq!(ids(&wiring, put, "other"), ["event_bus:default"]);
}

#[test]
fn topics_of_one_name_in_two_accounts_are_two() {
    let other = "arn:aws:sns:eu-west-1:210987654321:done";
    let topic = |named| Node::new(NodeKind::Topic, named);
    assert_eq!(Wiring::new([topic("done"), topic(DONE)], []).nodes().len(), 1);
    assert_eq!(Wiring::new([topic(other), topic(DONE)], []).nodes().len(), 2);
    // It may be either of them, and is neither without being known to be.
    assert_eq!(Wiring::new([topic("done"), topic(DONE), topic(other)], []).nodes().len(), 3);
    // The name becomes an ARN when the account is known.
    let named = Wiring::new([topic("done").followed()], []).with(topic(DONE));
    assert_eq!(named.followed(NodeKind::Topic).unwrap().arn.as_ref().map(Clean::raw), Some(DONE));
}

#[test]
fn what_could_not_be_read_is_reported_and_may_pass() {
    let function = |kind| {
        Node::new(NodeKind::Function, "thumbs").unread(problem(kind), "lambda:GetFunctionConfiguration").followed()
    };
    let states = [
        (ProblemKind::Denied, State::Denied("lambda:GetFunctionConfiguration"), false),
        (ProblemKind::NotFound, State::Missing, false),
        (ProblemKind::NotOffered, State::NotOffered, false),
        (ProblemKind::Throttled, State::NotRead, true),
        (ProblemKind::TimedOut, State::NotRead, true),
    ];
    for (kind, state, may_change) in states {
        let wiring = Wiring::new([Node::new(NodeKind::Bucket, "b").read(), function(kind)], []);
        assert_eq!(wiring.followed(NodeKind::Function).unwrap().state, state);
        assert_eq!((wiring.unread().map(|it| it.kind), wiring.may_change()), (Some(kind), may_change));
    }
    // An answer says more than a failure, whichever came first.
    let read = Node::new(NodeKind::Function, "thumbs").read();
    let wiring = Wiring::new([read, function(ProblemKind::Throttled)], []);
    assert_eq!((wiring.unread(), wiring.may_change()), (None, false));
}

proptest! {
    #[test]
    fn the_order_of_discovery_changes_nothing(
        nodes in Just(parts().0).prop_shuffle(),
        edges in Just(parts().1).prop_shuffle(),
        again in prop::collection::vec(0..11usize, 0..5),
    ) {
        let expected = Wiring::new(parts().0, parts().1);
        let repeated: Vec<Node> = again.iter().map(|at| parts().0[*at].clone()).collect();
        let at_once = Wiring::new(nodes.iter().cloned().chain(repeated.clone()), edges.iter().cloned());
        prop_assert_eq!(&at_once, &expected);
        let first = Wiring::new(repeated, edges);
        let one_by_one = nodes.into_iter().fold(first, |wiring, node| wiring.with(node));
        prop_assert_eq!(&one_by_one.nodes(), &expected.nodes());
        prop_assert_eq!(&one_by_one.edges(), &expected.edges());
    }
}
