//! The topic's ARN: as the wiring has it, or completed from its name when something needs it first.

use std::sync::Arc;

use aws_config::SdkConfig;
use imgwatch_shared::arn::{self, Arn};
use tokio::sync::OnceCell;

use super::caller::Caller;
use super::clients::Cloud;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::wiring::{Node, NodeKind};
use crate::text::clean::Clean;

/// Pages of topics at most, of a hundred each, where the account is not known.
const PAGES: usize = 20;

/// The topic's ARN. What went wrong is tried again the next time; a wiring that could not be read for a reason that
/// passes is waited for until it has been read once more.
pub(super) async fn arn(cloud: &Cloud) -> Result<String, Problem> {
    read_again(cloud).await;
    // What several need at once is asked for once.
    let _alone = cloud.naming.lock().await;
    let wiring = cloud.wiring();
    let Some(topic) = wiring.followed(NodeKind::Topic) else {
        return Err(wiring.unread().map_or_else(unknown, unread));
    };
    if let Some(arn) = &topic.arn {
        return Ok(arn.raw().to_owned());
    }
    let arn = complete(&cloud.config, &cloud.caller, topic.name.raw()).await?;
    let identified = Node::new(NodeKind::Topic, &arn).assumed(topic.is_assumed);
    cloud.wiring.send_modify(|wiring| *wiring = Arc::new(wiring.with(identified)));
    Ok(arn)
}

/// Waits for the next reading of a wiring without a topic that may have one.
async fn read_again(cloud: &Cloud) {
    let mut wirings = cloud.wiring.subscribe();
    let may_have_one = {
        let wiring = wirings.borrow_and_update();
        wiring.followed(NodeKind::Topic).is_none() && wiring.unread().is_some_and(Problem::is_transient)
    };
    if may_have_one {
        // The sender is in `cloud`.
        let _ = wirings.changed().await;
    }
}

fn unknown() -> Problem {
    Problem::new(ProblemKind::Unnamed, "no topic is known", "nothing that is named leads to one")
        .with_hint("name it with --topic or --stack")
}

fn unread(problem: &Problem) -> Problem {
    Problem::new(problem.kind, "no topic is known", Clean::new(&format!("{}: {}", problem.what, problem.why)))
        .with_hint("name it with --topic or --stack, or allow lambda:GetFunctionConfiguration")
}

/// A name is completed with the caller's account; where STS does not tell it, by the list of topics.
pub(in crate::cloud) async fn complete(
    config: &SdkConfig,
    caller: &OnceCell<Caller>,
    named: &str,
) -> Result<String, Problem> {
    // What only looks like an ARN is for SNS to refuse.
    if arn::is_arn_like(named) {
        return Ok(named.to_owned());
    }
    let region = config.region().map_or("us-east-1", AsRef::as_ref);
    match caller.get_or_try_init(|| Caller::ask(config)).await {
        Ok(Caller { account, partition }) => {
            Ok(Arn { partition, service: "sns", region, account, resource: named }.to_string())
        }
        Err(problem) => match Box::pin(listed(config, named)).await {
            Some(arn) => Ok(arn),
            None => Err(problem.with_hint("pass the topic's ARN with --topic, or allow sts:GetCallerIdentity")),
        },
    }
}

/// The ARN of the topic of this name among those that may be listed.
async fn listed(config: &SdkConfig, name: &str) -> Option<String> {
    let mut pages = super::clients::sns(config).list_topics().into_paginator().send();
    for _ in 0..PAGES {
        let page = pages.next().await?.ok()?;
        let mut arns = page.topics().iter().filter_map(|topic| topic.topic_arn()).filter_map(Arn::parse);
        if let Some(arn) = arns.find(|arn| arn.resource == name) {
            return Some(arn.to_string());
        }
    }
    None
}
