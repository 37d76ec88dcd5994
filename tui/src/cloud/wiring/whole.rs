//! The whole wiring: every node that can be read is read, and what it leads to as well.
//!
//! Nodes are read in rounds, several at a time, until nothing new is found. `imgwatch wiring` asks for it.

use std::collections::BTreeSet;

use aws_config::SdkConfig;
use futures_util::stream::{self, StreamExt as _};

use super::{bucket, bus, function, queue, topic};
use crate::cloud::connection::caller::Caller;
use crate::cloud::connection::problem::{self, OperationContext};
use crate::domain::problem::Problem;
use crate::domain::wiring::{Edge, EdgeKind, Node, NodeKind, State, Wiring};
use crate::text::clean::Clean;

/// Nodes that are read at the same time.
pub(super) const AT_ONCE: usize = 4;

/// Nodes that are read at most: a bucket has a hundred rules at most, and few pipelines have ten.
const MOST: usize = 300;

/// What reading one node came to.
#[derive(Debug, Default)]
pub(super) struct Found {
    nodes: Vec<Node>,
    edges: Vec<Edge>,
}

impl Found {
    pub(super) fn node(node: Node) -> Self {
        Self { nodes: vec![node], edges: Vec::new() }
    }

    /// Adds a node, by its name or ARN, that `from` leads to. What is known of it already is added with [`Self::know`].
    pub(super) fn to(&mut self, from: &Node, kind: NodeKind, named: &str, by: EdgeKind, state: State) -> Node {
        let (node, edge) = Edge::to(from, kind, named, by, state);
        self.edges.push(edge);
        self.nodes.push(node.clone());
        node
    }

    /// Adds what is known of a node.
    pub(super) fn know(&mut self, node: Node) {
        self.nodes.push(node);
    }

    /// Replaces a node by what was read of it.
    pub(super) fn replace(&mut self, node: Node) {
        self.nodes.retain(|found| found.id() != node.id());
        self.nodes.push(node);
    }

    pub(super) fn add(&mut self, other: Self) {
        self.nodes.extend(other.nodes);
        self.edges.extend(other.edges);
    }

    /// The node cannot be read.
    pub(super) fn unread(node: &Node, problem: Problem, permission: &'static str) -> Self {
        Self::node(node.clone().unread(problem, permission))
    }
}

/// Reads on from what is known.
pub(in crate::cloud) async fn read_on(config: &SdkConfig, s3: &aws_sdk_s3::Client, wiring: Wiring) -> Wiring {
    read(config, s3, wiring, |_| {}).await
}

/// Reads on from what is known, and reports what was found after each round.
pub(super) async fn read(
    config: &SdkConfig,
    s3: &aws_sdk_s3::Client,
    mut wiring: Wiring,
    mut report: impl FnMut(&Wiring) + Send,
) -> Wiring {
    let mut account = None;
    let mut done = BTreeSet::new();
    let bucket = wiring.name(NodeKind::Bucket).to_owned();
    while done.len() < MOST {
        // Of the function that is followed only that is known which the line needs.
        let is_known = |node: &Node| node.state != State::NotRead && node.kind != NodeKind::Function;
        let is_unread = |node: &Node| !is_known(node) && node.problem.is_none();
        let is_next = |node: &&Node| is_unread(node) && !done.contains(&node.id());
        let round: Vec<Node> = wiring.nodes().iter().filter(is_next).take(MOST - done.len()).cloned().collect();
        if round.is_empty() {
            break;
        }
        done.extend(round.iter().map(Node::id));
        let mut reading = Vec::new();
        for node in &round {
            reading.push(Box::pin(one(config, s3, &bucket, node)));
        }
        let found: Vec<Found> = stream::iter(reading).buffer_unordered(AT_ONCE).collect().await;
        let mut all = Found { nodes: wiring.nodes().to_vec(), edges: wiring.edges().to_vec() };
        for one in found {
            all.add(one);
        }
        elsewhere(config, &mut account, &mut all.nodes).await;
        wiring = Wiring::new(all.nodes, all.edges);
        report(&wiring);
    }
    wiring
}

/// Marks what is in another account than the caller and can therefore not be read, or is not there for the caller. The
/// caller's account is asked for once, when it matters.
async fn elsewhere(config: &SdkConfig, account: &mut Option<String>, nodes: &mut [Node]) {
    let is_unread = |node: &&mut Node| matches!(node.state, State::NotRead | State::Denied(_) | State::Missing);
    for node in nodes.iter_mut().filter(is_unread) {
        let Some(of_node) = node.account().map(str::to_owned) else { continue };
        // What is still to be read may turn out to be readable.
        if node.problem.is_none() && node.kind.is_read() {
            continue;
        }
        let own = match account {
            Some(own) => own,
            None => account.insert(Caller::ask(config).await.map(|caller| caller.account).unwrap_or_default()),
        };
        if !own.is_empty() && *own != of_node {
            node.state = State::OtherAccount;
        }
    }
}

async fn one(config: &SdkConfig, s3: &aws_sdk_s3::Client, bucket: &str, node: &Node) -> Found {
    match node.kind {
        NodeKind::Bucket => match bucket::read(s3, node.name.raw()).await {
            Ok(notifications) => {
                let (mut nodes, edges) = bucket::joints(node, &notifications);
                nodes.push(node.clone().read());
                Found { nodes, edges }
            }
            Err(problem) => Found::unread(node, problem, bucket::PERMISSION),
        },
        NodeKind::Function => invoked(config, node).await,
        NodeKind::LogGroup => group(config, node).await,
        NodeKind::Topic => topic::read(config, node).await,
        NodeKind::Queue => queue::read(config, node).await,
        NodeKind::EventBus => bus::read(config, node, bucket).await,
        // Nothing is known of them beyond their names, or they were read with what leads to them.
        NodeKind::Stack | NodeKind::EventRule | NodeKind::Subscriber | NodeKind::StateMachine | NodeKind::Other => {
            Found::default()
        }
    }
}

async fn invoked(config: &SdkConfig, node: &Node) -> Found {
    let named = node.arn.as_ref().unwrap_or(&node.name);
    let (wired, destinations) = tokio::join!(
        Box::pin(function::read(config, named.raw())),
        Box::pin(function::destinations(config, named.raw()))
    );
    let wired = match wired {
        Ok(wired) => wired,
        Err(problem) => return Found::unread(node, problem, function::PERMISSION),
    };
    let (destinations, problem) = match destinations {
        Ok(destinations) => (destinations, None),
        Err(problem) => ((None, None), Some(problem)),
    };
    // The function is read; a problem beside that says that it may lead to more.
    let mut found = Found::node(Node { problem, ..node.clone().read() });
    for (to, kind) in [(destinations.0, EdgeKind::Success), (destinations.1, EdgeKind::Failure)] {
        if let Some(arn) = to {
            found.to(node, NodeKind::of_target(&arn), &arn, kind, State::Ok);
        }
    }
    for (variable, topic) in &wired.topics {
        found.to(node, NodeKind::Topic, topic, EdgeKind::Variable(Clean::new(variable)), State::Ok);
    }
    let group = wired.log_group.unwrap_or_else(|| format!("/aws/lambda/{}", node.name.raw()));
    found.to(node, NodeKind::LogGroup, &group, EdgeKind::Log, State::Ok);
    if let Some(arn) = &wired.dead_letter {
        found.to(node, NodeKind::of_target(arn), arn, EdgeKind::Failure, State::Ok);
    }
    found
}

async fn group(config: &SdkConfig, node: &Node) -> Found {
    const PERMISSION: &str = "logs:DescribeLogGroups";
    let name = node.name.raw();
    let request = aws_sdk_cloudwatchlogs::Client::new(config).describe_log_groups().log_group_name_prefix(name).send();
    match Box::pin(request).await {
        // The shortest name with this prefix comes first.
        Ok(answer) if answer.log_groups().iter().any(|group| group.log_group_name() == Some(name)) => {
            Found::node(node.clone().read())
        }
        Ok(_) => Found::node(Node { state: State::Missing, ..node.clone() }),
        Err(error) => {
            let context = OperationContext::new(format!("cannot read log group {name}"), PERMISSION);
            Found::unread(node, problem::of(&error, &context), PERMISSION)
        }
    }
}
