//! Where probes are made and removed: the clients, and the account and region that the queue's ARN names.

use std::time::Duration;

use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_types::timeout::TimeoutConfig;

use super::lock;
use crate::cloud::connect::Cloud;
use crate::cloud::problem::{self, Trouble};
use crate::domain::problem::{Problem, ProblemKind};

/// One request; longer than a long poll waits.
const ATTEMPT: Duration = Duration::from_secs(30);

/// What every step needs.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) sqs: aws_sdk_sqs::Client,
    pub(super) sns: aws_sdk_sns::Client,
    pub(super) topic_arn: String,
    pub(super) endpoint: Option<String>,
    /// `arn:aws:sqs:eu-west-1:123456789012:`, to which a queue's name is added.
    queues: String,
}

/// A probe that exists, this program's or one that was left.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) name: String,
    pub(super) url: String,
    /// The topic that it is subscribed to.
    pub(super) topic_arn: String,
    /// Its subscription, where that is known; else it is looked for.
    pub(super) subscription: Option<String>,
}

impl Desk {
    /// Learns who is asking. The queue belongs to the caller, so a topic of another account would ask its owner first.
    pub(super) async fn open(cloud: &Cloud) -> Result<Self, Problem> {
        let sts = aws_sdk_sts::Client::new(&cloud.config);
        let caller = sts.get_caller_identity().send().await.map_err(|error| {
            problem::of(&error, &Trouble::new("cannot learn the AWS account", "sts:GetCallerIdentity"))
        })?;
        let account = caller.account().unwrap_or_default();
        let parts: Vec<&str> = cloud.topic_arn.splitn(6, ':').collect();
        let &[_, partition, _, region, owner, _] = parts.as_slice() else {
            return Err(refusal(&format!("{:?} is no topic's ARN", cloud.topic_arn), "check --topic"));
        };
        if owner != account {
            let why = format!("the topic belongs to account {owner}, and you are in {account}");
            return Err(refusal(&why, "choose a --profile of the topic's account"));
        }
        let patient =
            TimeoutConfig::builder().connect_timeout(Duration::from_secs(5)).operation_attempt_timeout(ATTEMPT);
        let sqs = aws_sdk_sqs::config::Builder::from(&cloud.config).timeout_config(patient.build()).build();
        Ok(Self {
            sqs: aws_sdk_sqs::Client::from_conf(sqs),
            sns: cloud.sns.clone(),
            topic_arn: cloud.topic_arn.clone(),
            endpoint: cloud.endpoint.clone(),
            queues: format!("arn:{partition}:sqs:{region}:{account}:"),
        })
    }

    /// The ARN of a queue of this account and region.
    pub(super) fn arn(&self, name: &str) -> String {
        format!("{}{name}", self.queues)
    }

    /// The name of the queue that an ARN of this account and region names.
    pub(super) fn name<'a>(&self, arn: &'a str) -> Option<&'a str> {
        arn.strip_prefix(&self.queues)
    }

    /// Removes a subscription and its queue. The queue goes last: as long as it is there, a sweep finds both.
    ///
    /// Both are tried, whatever becomes of the other; what is gone already counts as removed.
    pub(super) async fn remove(&self, found: &Found) -> Result<(), Problem> {
        let unsubscribed = self.unsubscribe(found).await;
        let deleted = match self.sqs.delete_queue().queue_url(&found.url).send().await {
            Err(error) if !is_missing(&error) => {
                let what = format!("cannot delete the probe queue {}", found.name);
                Err(problem::of(&error, &Trouble::new(what, "sqs:DeleteQueue")))
            }
            _ => {
                lock::forget(&found.name);
                Ok(())
            }
        };
        unsubscribed.and(deleted)
    }

    async fn unsubscribe(&self, found: &Found) -> Result<(), Problem> {
        let arn = self.arn(&found.name);
        let known = match &found.subscription {
            Some(subscription) => vec![subscription.clone()],
            None => {
                let all = self.subscriptions(&found.topic_arn).await?;
                all.into_iter().filter(|(endpoint, _)| *endpoint == arn).map(|(_, subscription)| subscription).collect()
            }
        };
        for subscription in known {
            self.drop_subscription(&subscription).await?;
        }
        Ok(())
    }

    /// Removes one subscription.
    pub(super) async fn drop_subscription(&self, arn: &str) -> Result<(), Problem> {
        match self.sns.unsubscribe().subscription_arn(arn).send().await {
            Err(error) if problem::kind(&error) != ProblemKind::NotFound => {
                let what = format!("cannot remove the probe's subscription {arn}");
                Err(problem::of(&error, &Trouble::new(what, "sns:Unsubscribe")))
            }
            _ => Ok(()),
        }
    }

    /// The queues that are subscribed to a topic: endpoint and subscription.
    pub(super) async fn subscriptions(&self, topic_arn: &str) -> Result<Vec<(String, String)>, Problem> {
        let mut found = Vec::new();
        let mut pages = self.sns.list_subscriptions_by_topic().topic_arn(topic_arn).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = match page {
                // A topic that is gone has no subscriptions left.
                Err(error) if problem::kind(&error) == ProblemKind::NotFound => break,
                page => page.map_err(|error| {
                    let what = format!("cannot list the subscriptions of {topic_arn}");
                    problem::of(&error, &Trouble::new(what, "sns:ListSubscriptionsByTopic"))
                })?,
            };
            for one in page.subscriptions() {
                if let (Some("sqs"), Some(endpoint), Some(arn)) =
                    (one.protocol(), one.endpoint(), one.subscription_arn())
                    && arn.starts_with("arn:")
                {
                    found.push((endpoint.to_owned(), arn.to_owned()));
                }
            }
        }
        Ok(found)
    }
}

fn refusal(why: &str, hint: &'static str) -> Problem {
    Problem::new(ProblemKind::Invalid, "cannot make a probe queue", why).with_hint(hint)
}

/// Whether a queue is not there.
pub(super) fn is_missing<E, R>(error: &SdkError<E, R>) -> bool
where
    E: ProvideErrorMetadata,
{
    // The older protocol's name for it lives on beside the newer one.
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code).unwrap_or_default();
    code.ends_with("QueueDoesNotExist") || code.ends_with("NonExistentQueue")
}
