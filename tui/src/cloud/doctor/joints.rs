//! The joints of the entries: what stands between the bucket and its functions, and what is read about each of it.

use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt as _};

use super::lookup::LookupReader;
use super::{AT_ONCE, function, queues, topic};
use crate::cloud::connection::clients::Cloud;
use crate::cloud::wiring;
use crate::domain::diagnosis::findings::{Findings, Joints, Lookup, RuleKind};
use crate::domain::wiring::{EdgeKind, Node, NodeKind, Wiring};
use crate::text::clean::Clean;

/// What is read about one resource.
enum One {
    Queue(Lookup<crate::domain::diagnosis::findings::EntryQueue>),
    Topic(Lookup<Option<Clean>>),
    Function(Lookup<crate::domain::diagnosis::findings::EntryFunction>, Option<Lookup<Clean>>),
}

/// Reads the joints. A bucket whose rules name functions only has none but these.
pub(super) async fn gather(cloud: &Cloud, findings: &Findings) -> Joints {
    let Some(notifications) = findings.notifications.found() else { return Joints::default() };
    let bucket = Node::new(NodeKind::Bucket, &cloud.bucket).read().followed();
    let known = wiring::of_bucket(bucket, notifications);
    let is_direct = notifications.rules.iter().all(|rule| rule.kind == RuleKind::Function);
    let wiring = if is_direct && !notifications.event_bridge {
        known
    } else {
        Box::pin(wiring::read_on(&cloud.config, &cloud.s3, known)).await
    };
    let mut joints = Joints::default();
    let reading =
        async |node: Node| (node.arn.clone().unwrap_or_default(), Box::pin(read(cloud, &wiring, &node)).await);
    let nodes: Vec<Node> = wiring.reached().into_iter().filter(|node| node.arn.is_some()).cloned().collect();
    let all: BTreeMap<Clean, Option<One>> = stream::iter(nodes).map(reading).buffer_unordered(AT_ONCE).collect().await;
    for (arn, one) in all {
        match one {
            Some(One::Queue(queue)) => {
                joints.queues.insert(arn, queue);
            }
            Some(One::Topic(policy)) => {
                joints.topics.insert(arn, policy);
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

async fn read(cloud: &Cloud, wiring: &Wiring, node: &Node) -> Option<One> {
    let arn = node.arn.as_ref()?.raw();
    let reader = LookupReader { is_aws: cloud.endpoint.is_none(), named: arn };
    Some(match node.kind {
        NodeKind::Queue => One::Queue(queues::entry(reader, &aws_sdk_sqs::Client::new(&cloud.config), arn).await),
        NodeKind::Topic => {
            One::Topic(topic::attributes(reader, &cloud.sns, arn).await.map(|attributes| attributes.policy))
        }
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
