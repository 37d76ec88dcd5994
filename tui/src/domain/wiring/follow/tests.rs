use super::*;
use crate::domain::wiring::Mapping;

const BUCKET: &str = "photos";

fn arn(service: &str, name: &str) -> String {
    format!("arn:aws:{service}:eu-west-1:123456789012:{name}")
}

fn function(name: &str) -> String {
    arn("lambda", &format!("function:{name}"))
}

/// A bucket that sends to these functions, all of which are read.
fn invoking(names: &[&str]) -> (Vec<Node>, Vec<Edge>) {
    let bucket = Node::new(NodeKind::Bucket, BUCKET).read().followed();
    let to = |name: &&str| Edge::to(&bucket, NodeKind::Function, &function(name), EdgeKind::AllEvents, State::Ok);
    let (nodes, edges): (Vec<Node>, Vec<Edge>) = names.iter().map(to).unzip();
    let nodes = nodes.into_iter().map(Node::read).chain([bucket]).collect();
    (nodes, edges)
}

fn logs(wiring: &Wiring) -> Vec<(String, String)> {
    let name = |log: &FollowedLog<'_>| (log.function.name.raw().to_owned(), log.group.raw().to_owned());
    wiring.follow().logs.iter().map(name).collect()
}

fn names(wiring: &Wiring) -> Vec<String> {
    logs(wiring).into_iter().map(|(name, _)| name).collect()
}

fn why_not(wiring: &Wiring, name: &str) -> Option<NotFollowed> {
    let node = wiring.nodes().iter().find(|node| node.name.raw() == name).unwrap();
    wiring.follow().why_not(node)
}

#[test]
fn the_function_of_the_line_comes_first_and_each_has_its_own_log_group() {
    let (mut nodes, mut edges) = invoking(&["index", "thumbs"]);
    nodes.push(Node::new(NodeKind::Function, &function("thumbs")).followed());
    let index = Node::new(NodeKind::Function, &function("index"));
    let (group, to_group) = Edge::to(&index, NodeKind::LogGroup, "/shared", EdgeKind::Log, State::Ok);
    nodes.push(group);
    edges.push(to_group);
    let wiring = Wiring::new(nodes, edges);
    let expected = [("thumbs", "/aws/lambda/thumbs"), ("index", "/shared")];
    assert_eq!(logs(&wiring), expected.map(|(name, group)| (name.to_owned(), group.to_owned())));
    assert_eq!(why_not(&wiring, "/shared"), None, "a log group is followed with its function");
}

#[test]
fn the_topics_that_the_user_names_are_followed_with_those_of_the_configuration() {
    let (mut nodes, mut edges) = invoking(&["thumbs"]);
    let thumbs = Node::new(NodeKind::Function, &function("thumbs")).followed();
    nodes.push(Node::new(NodeKind::Topic, &arn("sns", "done")).followed());
    let kinds = [("done", EdgeKind::Named), ("alerts", EdgeKind::Named), ("thumbs", EdgeKind::Variable("T".into()))];
    for (name, kind) in kinds {
        let (topic, edge) = Edge::to(&thumbs, NodeKind::Topic, &arn("sns", name), kind, State::Ok);
        nodes.push(topic.read());
        edges.push(edge);
    }
    nodes.push(Node::new(NodeKind::Topic, &arn("sns", "other")).read());
    nodes.push(thumbs);
    let wiring = Wiring::new(nodes, edges);
    let topics: Vec<&str> = wiring.follow().topics.iter().map(|topic| topic.name.raw()).collect();
    assert_eq!(topics, ["done", "alerts", "thumbs"]);
    assert_eq!(why_not(&wiring, "other"), Some(NotFollowed::Shown));
}

#[test]
fn of_too_many_functions_those_that_are_left_out_say_so() {
    let all: Vec<String> = (0..MOST_FUNCTIONS + 2).map(|number| format!("f{number:02}")).collect();
    let (nodes, edges) = invoking(&all.iter().map(String::as_str).collect::<Vec<_>>());
    let wiring = Wiring::new(nodes, edges);
    assert_eq!(names(&wiring), all[..MOST_FUNCTIONS]);
    assert_eq!(why_not(&wiring, "f09"), None);
    assert_eq!(why_not(&wiring, "f10"), Some(NotFollowed::TooMany(10)));
    assert_eq!(why_not(&wiring, "f11").unwrap().to_string(), "not followed: 10 others are, which is the most");
}

#[test]
fn a_function_that_cannot_be_followed_says_why() {
    for (state, expected) in [
        (State::OtherAccount, Some(NotFollowed::OtherAccount)),
        (State::Missing, Some(NotFollowed::Missing)),
        (State::NotRead, Some(NotFollowed::NotRead)),
        (State::Denied("lambda:GetFunctionConfiguration"), None),
        (State::NotOffered, None),
        (State::Ok, None),
    ] {
        let (mut nodes, edges) = invoking(&["thumbs"]);
        nodes[0].state = state;
        let wiring = Wiring::new(nodes, edges);
        assert_eq!(why_not(&wiring, "thumbs"), expected, "{state:?}");
        assert_eq!(names(&wiring).len(), usize::from(expected.is_none()), "{state:?}");
    }
}

#[test]
fn a_function_that_only_an_alias_reaches_is_not_followed() {
    let (mut nodes, mut edges) = invoking(&["thumbs:live"]);
    let wiring = Wiring::new(nodes.clone(), edges.clone());
    assert_eq!(why_not(&wiring, "thumbs"), Some(NotFollowed::Qualified("live".into())));
    let queue = Node::new(NodeKind::Queue, &arn("sqs", "jobs")).read();
    let mapping = EdgeKind::EventSourceMapping(Mapping::default());
    edges.push(Edge::to(&queue, NodeKind::Function, &function("thumbs"), mapping, State::Ok).1);
    let wiring = Wiring::new(nodes.clone(), edges.clone());
    assert_eq!(why_not(&wiring, "thumbs"), Some(NotFollowed::Qualified("live".into())), "no event reaches the queue");
    let bucket = Node::new(NodeKind::Bucket, BUCKET);
    edges.push(Edge::to(&bucket, NodeKind::Queue, &arn("sqs", "jobs"), EdgeKind::AllEvents, State::Ok).1);
    nodes.push(queue);
    assert_eq!(why_not(&Wiring::new(nodes, edges), "thumbs"), None);
}

#[test]
fn the_topics_of_all_followed_functions_are_followed_and_no_entry_topic() {
    let (mut nodes, mut edges) = invoking(&["index", "thumbs"]);
    let bucket = Node::new(NodeKind::Bucket, BUCKET);
    edges.push(Edge::to(&bucket, NodeKind::Topic, &arn("sns", "entry"), EdgeKind::AllEvents, State::Ok).1);
    nodes.push(Node::new(NodeKind::Topic, &arn("sns", "entry")).read());
    let mut publish = |from: &str, topic: &str, kind: EdgeKind| {
        let from = Node::new(NodeKind::Function, &function(from));
        let (node, edge) = Edge::to(&from, NodeKind::Topic, &arn("sns", topic), kind, State::Ok);
        nodes.push(node.read());
        edges.push(edge);
    };
    publish("index", "indexed", EdgeKind::Variable("T".into()));
    publish("index", "failed", EdgeKind::Failure);
    publish("thumbs", "done", EdgeKind::Success);
    publish("thumbs", "indexed", EdgeKind::Variable("T".into()));
    nodes.push(Node::new(NodeKind::Topic, &arn("sns", "done")).followed());
    let wiring = Wiring::new(nodes, edges);
    let topics: Vec<&str> = wiring.follow().topics.iter().map(|topic| topic.name.raw()).collect();
    assert_eq!(topics, ["done", "indexed"]);
    assert_eq!(why_not(&wiring, "entry"), Some(NotFollowed::Shown));
    assert_eq!(why_not(&wiring, "failed"), Some(NotFollowed::Shown));
}
