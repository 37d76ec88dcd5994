//! The topic: what names it, and its ARN, which is completed when something needs it first.

use aws_config::SdkConfig;
use imgwatch_shared::arn::{self, Arn};
use tokio::sync::OnceCell;

use super::caller::Caller;
use super::function;
use crate::domain::problem::{Problem, ProblemKind};
use crate::text::clean::Clean;

/// Pages of topics at most, of a hundred each, where the account is not known.
const PAGES: usize = 20;

/// Why nothing names it.
#[derive(Debug)]
pub(in crate::cloud) struct Unread {
    /// The function whose configuration would, where that is known.
    pub(in crate::cloud) function: Option<String>,
    pub(in crate::cloud) problem: Problem,
}

/// What is known of the topic. That it is not known, or that its account cannot be learned, stops only what needs it.
#[derive(Debug, Default)]
pub(in crate::cloud) struct Topic {
    /// A name or an ARN.
    named: Option<String>,
    unread: Option<Unread>,
    arn: OnceCell<String>,
}

impl Topic {
    pub(in crate::cloud) fn new(named: Option<String>, unread: Option<Unread>) -> Self {
        let unread = unread.filter(|_| named.is_none());
        Self { named, unread, arn: OnceCell::new() }
    }

    /// Its name, as far as it is known.
    pub(in crate::cloud) fn name(&self) -> Option<&str> {
        self.arn.get().or(self.named.as_ref()).map(|topic| arn::name(topic))
    }

    /// Whether nothing says that there is one: not that it could not be read.
    pub(in crate::cloud) fn is_none(&self) -> bool {
        self.named.is_none() && self.unread.is_none()
    }

    /// Its ARN. What went wrong is tried again the next time.
    pub(in crate::cloud) async fn arn(&self, config: &SdkConfig, caller: &OnceCell<Caller>) -> Result<&str, Problem> {
        let found = self.arn.get_or_try_init(|| async {
            let read;
            let named = match (&self.named, &self.unread) {
                (Some(named), _) => named,
                (None, Some(Unread { function, problem })) => {
                    // Only what may pass is worth another request.
                    let again = match function {
                        Some(function) if problem.is_transient() => Box::pin(function::read(config, function)).await,
                        _ => Err(problem.clone()),
                    };
                    read = again.map_err(|problem| unread(&problem))?.topic.ok_or_else(unknown)?;
                    &read
                }
                (None, None) => return Err(unknown()),
            };
            complete(config, caller, named).await
        });
        found.await.map(String::as_str)
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
async fn complete(config: &SdkConfig, caller: &OnceCell<Caller>, named: &str) -> Result<String, Problem> {
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
