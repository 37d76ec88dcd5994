//! The joints of the entries: what stands between the bucket and its functions, and what is read about each of it.

use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt as _};

use super::lookup::LookupReader;
use super::{AT_ONCE, aimed, function, queues, topic};
use crate::cloud::connection::clients::Cloud;
use crate::cloud::wiring;
use crate::domain::diagnosis::findings::{EntryFunction, EntryQueue, EntryTopic, Findings, Joints, Lookup, RuleKind};
use crate::domain::wiring::{EdgeKind, Node, NodeId, NodeKind, Wiring};
use crate::text::clean::Clean;

/// What is read about one resource.
enum One {
    Queue(Lookup<EntryQueue>),
    Topic(Lookup<EntryTopic>),
    Function(Lookup<EntryFunction>, Option<Lookup<Clean>>),
}

/// Reads the joints. A bucket whose rules name functions only has none but these.
pub(super) async fn gather(cloud: &Cloud, findings: &Findings) -> Joints {
    let Some(notifications) = findings.notifications.found() else { return Joints::default() };
    let bucket = Node::new(NodeKind::Bucket, &cloud.bucket).read().followed();
    let known = wiring::of_bucket(bucket, notifications);
    let is_direct = notifications.rules.iter().all(|rule| rule.kind == RuleKind::Function);
    let mut wiring = if is_direct && !notifications.event_bridge {
        known
    } else {
        Box::pin(wiring::read_on(&cloud.config, &cloud.s3, known)).await
    };
    let mut joints = Joints::default();
    if !is_reached(&wiring, findings) {
        let arn = findings.function.found().map(|function| function.arn.raw()).unwrap_or_default();
        let reader = LookupReader { is_aws: cloud.endpoint.is_none(), named: arn };
        joints.aimed = aimed::read(reader, &cloud.config, arn).await;
        if !notifications.event_bridge && !joints.aimed.is_empty() {
            // Where the bucket's events would go if it sent them to EventBridge.
            let with_bus = wiring.with(Node::new(NodeKind::EventBus, "default"));
            wiring = Box::pin(wiring::read_on(&cloud.config, &cloud.s3, with_bus)).await;
        }
    }
    let reading =
        async |node: Node| (node.arn.clone().unwrap_or_default(), Box::pin(read(cloud, &wiring, &node)).await);
    let nodes = examined(&wiring);
    let all: BTreeMap<Clean, Option<One>> = stream::iter(nodes).map(reading).buffer_unordered(AT_ONCE).collect().await;
    for (arn, one) in all {
        match one {
            Some(One::Queue(queue)) => {
                joints.queues.insert(arn, queue);
            }
            Some(One::Topic(topic)) => {
                joints.topics.insert(arn, topic);
            }
            Some(One::Function(function, policy)) => {
                joints.policies.extend(policy.map(|policy| (arn.clone(), policy)));
                joints.functions.insert(arn, function);
            }
            None => {}
        }
    }
    Joints { wiring, ..joints }
}

/// Whether the bucket's events reach the function that is examined.
fn is_reached(wiring: &Wiring, findings: &Findings) -> bool {
    let name = findings.names.function.raw();
    wiring.reached().into_iter().any(|node| node.kind == NodeKind::Function && node.name.raw() == name)
}

/// The resources that are read: those that events pass through, and the dead-letter queues of these.
fn examined(wiring: &Wiring) -> Vec<Node> {
    let reached = wiring.reached();
    let passes = |id: &NodeId| reached.iter().any(|node| node.kind != NodeKind::Function && node.id() == *id);
    let failures = wiring.edges().iter().filter(|edge| edge.kind == EdgeKind::Failure && passes(&edge.from));
    let dead_letters = failures.filter_map(|edge| wiring.node(&edge.to));
    let all: BTreeMap<_, &Node> = reached.iter().copied().chain(dead_letters).map(|node| (node.id(), node)).collect();
    all.into_values().filter(|node| node.arn.is_some()).cloned().collect()
}

async fn read(cloud: &Cloud, wiring: &Wiring, node: &Node) -> Option<One> {
    let arn = node.arn.as_ref()?.raw();
    let reader = LookupReader { is_aws: cloud.endpoint.is_none(), named: arn };
    Some(match node.kind {
        NodeKind::Queue => One::Queue(queues::entry(reader, &aws_sdk_sqs::Client::new(&cloud.config), arn).await),
        NodeKind::Topic => One::Topic(topic::entry(reader, &cloud.sns, arn).await),
        NodeKind::Function => {
            let lambda = aws_sdk_lambda::Client::new(&cloud.config);
            let id = node.id();
            // Whether S3 may invoke it is another check's, and a mapping needs no permission of the function.
            let is_invoked = wiring
                .edges()
                .iter()
                .any(|edge| edge.to == id && matches!(edge.kind, EdgeKind::Target { .. } | EdgeKind::Subscription(_)));
            let policy = if is_invoked { Some(function::policy(reader, &lambda, arn).await) } else { None };
            One::Function(function::entry(reader, &lambda, arn, &cloud.bucket).await, policy)
        }
        _ => return None,
    })
}
