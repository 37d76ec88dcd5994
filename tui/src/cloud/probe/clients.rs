//! Where probes are made and removed: the clients, and the account and region that the queue's ARN names.

use std::time::Duration;

use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_types::timeout::TimeoutConfig;
use imgwatch_shared::arn::Arn;

use super::lock;
use crate::cloud::connection::changes::Changes;
use crate::cloud::connection::clients::Cloud;
use crate::cloud::connection::problem::{self, OperationContext};
use crate::cloud::subscriptions::listing;
use crate::domain::problem::{Problem, ProblemKind};

/// One request; longer than a long poll waits.
const ATTEMPT: Duration = Duration::from_secs(30);

/// What every step needs.
#[derive(Debug)]
pub(super) struct ProbeClients {
    pub(super) sqs: aws_sdk_sqs::Client,
    pub(super) sns: aws_sdk_sns::Client,
    pub(super) topic_arn: String,
    pub(super) endpoint: Option<String>,
    pub(super) changes: Changes,
    /// `arn:aws:sqs:eu-west-1:123456789012:`, to which a queue's name is added.
    queues: String,
}

/// A probe that exists, this program's or one that was left.
#[derive(Debug, Clone)]
pub(super) struct ProbeQueue {
    pub(super) name: String,
    pub(super) url: String,
    /// The topic that it is subscribed to.
    pub(super) topic_arn: String,
    /// Its subscription, where that is known; else it is looked for.
    pub(super) subscription: Option<String>,
}

impl ProbeClients {
    /// Learns who is asking. The queue belongs to the caller, so a topic of another account would ask its owner first.
    pub(super) async fn open(cloud: &Cloud) -> Result<Self, Problem> {
        let (topic_arn, caller) = (cloud.topic_arn().await?, cloud.caller().await?);
        let Some(topic) = Arn::parse(topic_arn) else {
            return Err(refusal(&format!("{topic_arn:?} is not a topic ARN"), "check --topic"));
        };
        if topic.account != caller.account {
            let why = format!("the topic belongs to account {}, and you are in {}", topic.account, caller.account);
            return Err(refusal(&why, "choose a --profile of the topic's account"));
        }
        let patient =
            TimeoutConfig::builder().connect_timeout(Duration::from_secs(5)).operation_attempt_timeout(ATTEMPT);
        // Nothing moves during a long poll, and that is as it should be.
        let patient = patient.read_timeout(ATTEMPT).build();
        let sqs = aws_sdk_sqs::config::Builder::from(&cloud.config).timeout_config(patient).build();
        Ok(Self {
            sqs: aws_sdk_sqs::Client::from_conf(sqs),
            sns: cloud.sns.clone(),
            topic_arn: topic_arn.to_owned(),
            endpoint: cloud.endpoint.clone(),
            queues: topic.sibling("sqs", "").to_string(),
            changes: cloud.changes,
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
    pub(super) async fn remove(&self, found: &ProbeQueue) -> Result<(), Problem> {
        let unsubscribed = self.unsubscribe(found).await;
        let deleted = match self.changes.delete_queue(&self.sqs, &found.name)?.queue_url(&found.url).send().await {
            Err(error) if !is_missing(&error) => {
                let what = format!("cannot delete the probe queue {}", found.name);
                Err(problem::of(&error, &OperationContext::new(what, "sqs:DeleteQueue")))
            }
            _ => {
                lock::forget(&found.name);
                Ok(())
            }
        };
        unsubscribed.and(deleted)
    }

    async fn unsubscribe(&self, found: &ProbeQueue) -> Result<(), Problem> {
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

    pub(super) async fn drop_subscription(&self, arn: &str) -> Result<(), Problem> {
        match self.changes.unsubscribe(&self.sns, arn)?.subscription_arn(arn).send().await {
            Err(error) if problem::kind(&error) != ProblemKind::NotFound => {
                let what = format!("cannot remove the probe's subscription {arn}");
                Err(problem::of(&error, &OperationContext::new(what, "sns:Unsubscribe")))
            }
            _ => Ok(()),
        }
    }

    /// The queues that are subscribed to a topic: endpoint and subscription.
    pub(super) async fn subscriptions(&self, topic_arn: &str) -> Result<Vec<(String, String)>, Problem> {
        let listed = match listing::all(&self.sns, topic_arn).await {
            // A topic that is gone has no subscriptions left.
            Err(error) if problem::kind(&error) == ProblemKind::NotFound => Vec::new(),
            listed => listed.map_err(|error| {
                let what = format!("cannot list the subscriptions of {topic_arn}");
                problem::of(&error, &OperationContext::new(what, "sns:ListSubscriptionsByTopic"))
            })?,
        };
        let queues = listed.iter().filter(|one| one.protocol() == Some("sqs"));
        Ok(queues.filter_map(|one| Some((one.endpoint()?.to_owned(), listing::arn(one)?.to_owned()))).collect())
    }
}

fn refusal(why: &str, hint: &'static str) -> Problem {
    Problem::new(ProblemKind::Invalid, "cannot create a probe queue", why).with_hint(hint)
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
