//! Making a probe: a queue that only the topic may send to, tagged so that it can be known again, and its subscription.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use aws_sdk_sqs::types::QueueAttributeName;
use imgwatch_shared::arn::Arn;
use jiff::Timestamp;

use super::clients::{ProbeClients, ProbeQueue};
use super::lock::{self, Claim};
use crate::cloud::connection::problem::{self, OperationContext};
use crate::domain::probe::PREFIX;
use crate::domain::problem::{Problem, ProblemKind};

/// Tags: the topic, when the queue was made and by whom, and when its maker was last known to live.
pub(super) const TOPIC: &str = "imgwatch:probe";
const CREATED: &str = "imgwatch:created";
const OWNER: &str = "imgwatch:owner";
pub(super) const ALIVE: &str = "imgwatch:alive";

/// Seconds for which SQS keeps a message that is not received.
const RETENTION: &str = "300";
/// How often, and how many times, SNS is asked whether the subscription holds.
const CONFIRMATION_POLLS: (Duration, usize) = (Duration::from_millis(500), 20);

/// This program's probe, as far as it is made.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) url: String,
    subscription: Option<String>,
    /// Held as long as this program lives: others of this machine see it, and leave the queue alone.
    _claim: Claim,
}

impl Made {
    /// A new name, and the claim to it.
    pub(super) fn named(clients: &ProbeClients) -> Self {
        let name = format!("{PREFIX}{:016x}", RandomState::new().hash_one(std::process::id()));
        let claim = lock::claim(&name, &clients.topic_arn, clients.endpoint.as_deref());
        // Until SQS says otherwise: a name is enough for queues of the own account.
        Self { arn: clients.arn(&name), url: name.clone(), name, subscription: None, _claim: claim }
    }

    /// `sqs:CreateQueue`, with policy and tags at once: attributes that are set later may take a minute to hold.
    pub(super) async fn create(&mut self, clients: &ProbeClients) -> Result<(), Problem> {
        let now = Timestamp::now().to_string();
        let answer = clients
            .changes
            .create_queue(&clients.sqs, &self.name)?
            .queue_name(&self.name)
            .attributes(QueueAttributeName::MessageRetentionPeriod, RETENTION)
            .attributes(QueueAttributeName::Policy, policy(&self.arn, &clients.topic_arn))
            .tags(TOPIC, &clients.topic_arn)
            .tags(CREATED, &now)
            .tags(ALIVE, now)
            .tags(OWNER, format!("pid {}", std::process::id()))
            .send()
            .await
            .map_err(|error| {
                let what = format!("cannot create the probe queue {}", self.name);
                problem::of(&error, &OperationContext::new(what, "sqs:CreateQueue"))
            })?;
        if let Some(url) = answer.queue_url() {
            url.clone_into(&mut self.url);
        }
        Ok(())
    }

    /// `sns:Subscribe`.
    pub(super) async fn subscribe(&mut self, clients: &ProbeClients) -> Result<(), Problem> {
        let answer = clients
            .changes
            .subscribe(&clients.sns, &clients.topic_arn)?
            .topic_arn(&clients.topic_arn)
            .protocol("sqs")
            .endpoint(&self.arn)
            // Raw delivery would drop the envelope, and with it SNS's message id.
            .attributes("RawMessageDelivery", "false")
            .return_subscription_arn(true)
            .send()
            .await
            .map_err(|error| {
                let what = format!("cannot subscribe the probe queue to {}", clients.topic_arn);
                problem::of(&error, &OperationContext::new(what, "sns:Subscribe"))
            })?;
        let Some(arn) = answer.subscription_arn().filter(|arn| Arn::is_one(arn)) else {
            return Err(self.unconfirmed());
        };
        self.subscription = Some(arn.to_owned());
        Ok(())
    }

    /// Waits until the subscription holds.
    pub(super) async fn confirmed(&self, clients: &ProbeClients) -> Result<(), Problem> {
        for _ in 0..CONFIRMATION_POLLS.1 {
            // Without this permission SNS's answer counts: queues of the own account are confirmed at once.
            let Ok(answer) =
                clients.sns.get_subscription_attributes().set_subscription_arn(self.subscription.clone()).send().await
            else {
                return Ok(());
            };
            let pending = answer.attributes().and_then(|all| all.get("PendingConfirmation"));
            if pending.is_none_or(|pending| pending != "true") {
                return Ok(());
            }
            tokio::time::sleep(CONFIRMATION_POLLS.0).await;
        }
        Err(self.unconfirmed())
    }

    fn unconfirmed(&self) -> Problem {
        Problem::new(
            ProblemKind::Other,
            format!("cannot use the probe queue {}", self.name),
            "SNS does not confirm its subscription",
        )
        .with_hint("check that queue and topic belong to one account")
    }

    pub(super) fn as_queue(&self, clients: &ProbeClients) -> ProbeQueue {
        ProbeQueue {
            name: self.name.clone(),
            url: self.url.clone(),
            topic_arn: clients.topic_arn.clone(),
            subscription: self.subscription.clone(),
        }
    }
}

/// Lets only this topic send to the queue.
fn policy(queue_arn: &str, topic_arn: &str) -> String {
    serde_json::json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic_arn}},
    }]})
    .to_string()
}
