//! A topic's part of the wiring: whom it sends to.

use aws_config::SdkConfig;
use aws_sdk_sns::types::Subscription;
use imgwatch_shared::arn::Arn;
use tokio::sync::OnceCell;

use super::whole::Found;
use crate::cloud::connection::clients;
use crate::cloud::connection::problem::{self, OperationContext};
use crate::cloud::connection::topic;
use crate::domain::wiring::{EdgeKind, Node, NodeKind, State};
use crate::text::clean::Clean;

const PERMISSION: &str = "sns:ListSubscriptionsByTopic";

/// Subscriptions that are read at most.
const MOST: usize = 1_000;

pub(super) async fn read(config: &SdkConfig, node: &Node) -> Found {
    let arn = match &node.arn {
        Some(arn) => arn.raw().to_owned(),
        None => match Box::pin(topic::complete(config, &OnceCell::new(), node.name.raw())).await {
            Ok(arn) => arn,
            Err(problem) => return Found::unread(node, problem, "sts:GetCallerIdentity"),
        },
    };
    let node = &Node { arn: Some(Clean::new(&arn)), ..node.clone() };
    let sns = clients::sns(config);
    let mut all = sns.list_subscriptions_by_topic().topic_arn(&arn).into_paginator().items().send();
    let mut found = Found::node(node.clone().read());
    for _ in 0..MOST {
        match all.next().await {
            Some(Ok(subscription)) => {
                if let Some((kind, endpoint, state)) = subscriber(&subscription) {
                    let protocol = Clean::new(subscription.protocol().unwrap_or_default());
                    let to = found.to(node, kind, endpoint, EdgeKind::Subscription(protocol), state);
                    // A subscriber of another kind is known by its subscription, and there is nothing more to read.
                    if kind == NodeKind::Subscriber {
                        found.know(to.read());
                    }
                }
            }
            Some(Err(error)) => {
                let context = OperationContext::new(format!("cannot list the subscriptions of {arn}"), PERMISSION);
                return Found::unread(node, problem::of(&error, &context), PERMISSION);
            }
            None => break,
        }
    }
    found
}

/// Who is subscribed, and whether that is confirmed. SNS lists what was unsubscribed as `Deleted` for a while.
fn subscriber(subscription: &Subscription) -> Option<(NodeKind, &str, State)> {
    let arn = subscription.subscription_arn().filter(|arn| *arn != "Deleted")?;
    let state = if Arn::is_one(arn) { State::Ok } else { State::Disabled };
    let endpoint = subscription.endpoint()?;
    let kind = match subscription.protocol()? {
        "lambda" => NodeKind::Function,
        "sqs" => NodeKind::Queue,
        _ => NodeKind::Subscriber,
    };
    Some((kind, endpoint, state))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subscribers_are_nodes_of_their_own_kind() {
        let subscription = |protocol: &str, endpoint: &str, arn: &str| {
            let one = Subscription::builder().protocol(protocol).endpoint(endpoint).subscription_arn(arn).build();
            subscriber(&one).map(|(kind, endpoint, state)| (kind, endpoint.to_owned(), state))
        };
        let confirmed = "arn:aws:sns:eu-west-1:123456789012:done:6f1f";
        let (function, queue) =
            ("arn:aws:lambda:eu-west-1:123456789012:function:f", "arn:aws:sqs:eu-west-1:123456789012:jobs");
        for (protocol, endpoint, arn, expected) in [
            ("lambda", function, confirmed, Some((NodeKind::Function, function, State::Ok))),
            ("sqs", queue, confirmed, Some((NodeKind::Queue, queue, State::Ok))),
            ("email", "a@b.c", "PendingConfirmation", Some((NodeKind::Subscriber, "a@b.c", State::Disabled))),
            ("email", "a@b.c", "Deleted", None),
        ] {
            let expected = expected.map(|(kind, name, state)| (kind, name.to_owned(), state));
            assert_eq!(subscription(protocol, endpoint, arn), expected);
        }
    }
}
