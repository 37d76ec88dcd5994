//! Queues: whether those that are subscribed let the topic send, and what the failure queues hold.

use std::collections::HashMap;

use aws_sdk_cloudwatch::types::{Dimension, Statistic};
use aws_sdk_sqs::types::QueueAttributeName;
use aws_smithy_types::DateTime;
use imgwatch_shared::arn::{self, Arn};
use jiff::Timestamp;

use super::lookup::LookupReader;
use crate::domain::diagnosis::findings::{Backlog, EntryQueue, Lookup, Queue};
use crate::text::clean::Clean;

/// How far back CloudWatch is asked for the age of a queue's oldest message, in seconds: a queue that was idle may need a
/// quarter of an hour until it has one.
const WINDOW: i64 = 15 * 60;

/// A subscribed queue's policy, key and dead-letter queue.
pub(super) async fn subscribed(reader: LookupReader<'_>, sqs: &aws_sdk_sqs::Client, arn: &str) -> Lookup<Queue> {
    let names = [QueueAttributeName::Policy, QueueAttributeName::KmsMasterKeyId, QueueAttributeName::RedrivePolicy];
    attributes(reader, sqs, arn, &names).await.map(|(url, attributes)| {
        let get = |name: &QueueAttributeName| attributes.get(name).filter(|value| !value.is_empty());
        Queue {
            url,
            policy: get(&QueueAttributeName::Policy).map(|text| Clean::new(text)),
            kms_key: get(&QueueAttributeName::KmsMasterKeyId).map(|text| Clean::new(text)),
            redrive_policy: get(&QueueAttributeName::RedrivePolicy).map(|text| Clean::new(text)),
        }
    })
}

/// What matters of a queue between the bucket and a function.
pub(super) async fn entry(reader: LookupReader<'_>, sqs: &aws_sdk_sqs::Client, arn: &str) -> Lookup<EntryQueue> {
    let names = [
        QueueAttributeName::Policy,
        QueueAttributeName::KmsMasterKeyId,
        QueueAttributeName::VisibilityTimeout,
        QueueAttributeName::RedrivePolicy,
    ];
    attributes(reader, sqs, arn, &names).await.map(|(url, attributes)| {
        let get = |name: QueueAttributeName| attributes.get(&name).filter(|value| !value.is_empty());
        let [policy, key, visibility, redrive] = names.map(get);
        EntryQueue {
            url,
            policy: policy.map(|text| Clean::new(text)),
            kms_key: key.map(|text| Clean::new(text)),
            visibility: visibility.and_then(|text| text.parse().ok()),
            redrive_policy: redrive.map(|text| Clean::new(text)),
        }
    })
}

/// What a queue of failures holds. It is counted and not received from, which would change it.
pub(super) async fn backlog(
    reader: LookupReader<'_>,
    sqs: &aws_sdk_sqs::Client,
    metrics: &aws_sdk_cloudwatch::Client,
    arn: &str,
) -> Lookup<Backlog> {
    let names = [
        QueueAttributeName::ApproximateNumberOfMessages,
        QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        QueueAttributeName::ApproximateNumberOfMessagesDelayed,
        QueueAttributeName::RedrivePolicy,
    ];
    let (url, attributes) = match attributes(reader, sqs, arn, &names).await {
        Lookup::Found(found) => found,
        other => return other.map(|_| Backlog::default()),
    };
    let [visible, in_flight, delayed, _] = names.map(|name| attributes.get(&name).and_then(|it| it.parse().ok()));
    let (Some(visible), Some(in_flight)) = (visible, in_flight) else {
        return Lookup::Failed("its answer has no number of messages".into());
    };
    let redrive_policy = attributes.get(&QueueAttributeName::RedrivePolicy).filter(|value| !value.is_empty());
    let redrive_policy = redrive_policy.map(|text| Clean::new(text));
    let delayed = delayed.unwrap_or(0);
    // An empty queue has no oldest message to ask for.
    let is_empty = visible == 0 && in_flight == 0 && delayed == 0;
    let oldest = if is_empty { Lookup::NotAsked } else { oldest(reader, metrics, arn).await };
    Lookup::Found(Backlog { url, visible, in_flight, delayed, redrive_policy, oldest })
}

/// The age of a queue's oldest message in seconds, which only a metric has.
async fn oldest(reader: LookupReader<'_>, metrics: &aws_sdk_cloudwatch::Client, arn: &str) -> Lookup<u64> {
    let now = Timestamp::now().as_second();
    let dimension = Dimension::builder().name("QueueName").value(arn::name(arn)).build();
    let request = metrics
        .get_metric_statistics()
        .namespace("AWS/SQS")
        .metric_name("ApproximateAgeOfOldestMessage")
        .dimensions(dimension)
        .start_time(DateTime::from_secs((now - WINDOW).div_euclid(60) * 60))
        // The minute that has begun counts as well.
        .end_time(DateTime::from_secs(now + 60))
        .period(60)
        .statistics(Statistic::Maximum)
        .send();
    let answer = match reader.at("cloudwatch:GetMetricStatistics", request).await {
        Lookup::Found(answer) => answer,
        other => return other.map(|_| 0),
    };
    let points = answer.datapoints().iter().filter_map(|point| Some((point.timestamp()?.secs(), point.maximum()?)));
    match points.max_by_key(|(at, _)| *at) {
        Some((_, seconds)) => Lookup::Found(crate::cloud::subscriptions::metrics::whole(seconds)),
        None => Lookup::Failed("CloudWatch has no data point of the last 15 minutes".into()),
    }
}

/// A queue's URL and these attributes of it, by its ARN.
async fn attributes(
    reader: LookupReader<'_>,
    sqs: &aws_sdk_sqs::Client,
    arn: &str,
    names: &[QueueAttributeName],
) -> Lookup<(Clean, HashMap<QueueAttributeName, String>)> {
    let Some(Arn { account, resource: name, .. }) = Arn::parse(arn) else { return Lookup::NotAsked };
    let request = sqs.get_queue_url().queue_name(name).queue_owner_aws_account_id(account).send();
    let url = match reader.at("sqs:GetQueueUrl", request).await {
        Lookup::Found(answer) => answer.queue_url().unwrap_or_default().to_owned(),
        other => return other.map(|_| (Clean::default(), HashMap::new())),
    };
    let request = sqs.get_queue_attributes().queue_url(&url).set_attribute_names(Some(names.to_vec())).send();
    let answer = reader.at("sqs:GetQueueAttributes", request).await;
    answer.map(|answer| (Clean::new(&url), answer.attributes.unwrap_or_default()))
}
