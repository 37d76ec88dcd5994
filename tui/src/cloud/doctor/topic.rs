//! The topic: its attributes, its subscriptions and their filter policies.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_sns::types::Subscription as SnsSubscription;
use futures_util::stream::{self, StreamExt as _};

use super::AT_ONCE;
use super::lookup::LookupReader;
use crate::cloud::subscriptions::listing;
use crate::domain::diagnosis::findings::{Attributes, EntryTopic, Listing, Lookup, Subscription, Topic};
use crate::text::clean::Clean;

pub(super) async fn attributes(reader: LookupReader<'_>, sns: &aws_sdk_sns::Client, arn: &str) -> Lookup<Topic> {
    let answer = reader.at("sns:GetTopicAttributes", sns.get_topic_attributes().topic_arn(arn).send()).await;
    answer.map(|answer| {
        let get = |name: &str| answer.attributes()?.get(name).filter(|value| !value.is_empty());
        let (mut success_sample_rates, mut failure_logging) = (BTreeMap::new(), BTreeSet::new());
        for protocol in ["HTTP", "SQS", "Lambda", "Firehose", "Application"] {
            if get(&format!("{protocol}FailureFeedbackRoleArn")).is_some() {
                failure_logging.insert(protocol);
            }
            if get(&format!("{protocol}SuccessFeedbackRoleArn")).is_some() {
                let rate = get(&format!("{protocol}SuccessFeedbackSampleRate"));
                // Without a rate SNS samples everything.
                success_sample_rates.insert(protocol, rate.and_then(|rate| rate.parse().ok()).unwrap_or(100));
            }
        }
        Topic {
            policy: get("Policy").map(|text| Clean::new(text)),
            kms_key: get("KmsMasterKeyId").map(|text| Clean::new(text)),
            success_sample_rates,
            failure_logging,
        }
    })
}

/// What matters of a topic between the bucket and a function.
pub(super) async fn entry(reader: LookupReader<'_>, sns: &aws_sdk_sns::Client, arn: &str) -> Lookup<EntryTopic> {
    let (topic, subscriptions) =
        tokio::join!(Box::pin(attributes(reader, sns, arn)), Box::pin(subscriptions(reader, sns, arn)));
    topic.map(|topic| EntryTopic { policy: topic.policy, kms_key: topic.kms_key, subscriptions })
}

/// The subscriptions, with the attributes of those that are confirmed. Pages that were read count where a later one was not.
pub(super) async fn subscriptions(
    reader: LookupReader<'_>,
    sns: &aws_sdk_sns::Client,
    arn: &str,
) -> Lookup<Listing<Subscription>> {
    let mut listed: Vec<SnsSubscription> = Vec::new();
    let mut token: Option<String> = None;
    let rest = loop {
        let is_first = token.is_none();
        let request = listing::page(sns, arn, token);
        match reader.at("sns:ListSubscriptionsByTopic", request).await {
            Lookup::Found(page) => {
                let (items, next) = listing::items(page);
                listed.extend(items);
                token = next;
            }
            other if is_first => return other.map(|_| Vec::new().into()),
            other => break other.map(|_| ()),
        }
        if token.is_none() {
            break Lookup::Found(());
        }
    };
    // What was unsubscribed stays listed as `Deleted` for a while.
    listed.retain(|subscription| subscription.subscription_arn() != Some("Deleted"));
    let described = listed.into_iter().map(|subscription| describe(reader, sns, subscription));
    Lookup::Found(Listing { items: stream::iter(described).buffered(AT_ONCE).collect().await, rest })
}

async fn describe(reader: LookupReader<'_>, sns: &aws_sdk_sns::Client, subscription: SnsSubscription) -> Subscription {
    let arn = listing::arn(&subscription);
    let answer = match arn {
        Some(arn) => {
            let request = sns.get_subscription_attributes().subscription_arn(arn).send();
            reader.at("sns:GetSubscriptionAttributes", request).await
        }
        None => Lookup::NotAsked,
    };
    let is_pending = answer
        .found()
        .and_then(|answer| answer.attributes()?.get("PendingConfirmation"))
        .is_some_and(|pending| pending == "true");
    let attributes = answer.map(|answer| {
        let get = |name: &str| answer.attributes()?.get(name).filter(|value| !value.is_empty());
        Attributes {
            filter_policy: get("FilterPolicy").map(|text| Clean::new(text)),
            on_body: get("FilterPolicyScope").is_some_and(|scope| scope == "MessageBody"),
            authenticated: get("ConfirmationWasAuthenticated").map(|text| text == "true"),
            redrive_policy: get("RedrivePolicy").map(|text| Clean::new(text)),
            is_raw: get("RawMessageDelivery").is_some_and(|text| text == "true"),
        }
    });
    Subscription {
        arn: arn.filter(|_| !is_pending).map(Clean::new),
        protocol: Clean::new(subscription.protocol().unwrap_or_default()),
        endpoint: Clean::new(subscription.endpoint().unwrap_or_default()),
        attributes,
    }
}

/// Whether the account may send SMS to verified numbers only.
pub(super) async fn sms_sandbox(reader: LookupReader<'_>, sns: &aws_sdk_sns::Client) -> Lookup<bool> {
    let request = sns.get_sms_sandbox_account_status().send();
    reader.at("sns:GetSMSSandboxAccountStatus", request).await.map(|answer| answer.is_in_sandbox())
}
