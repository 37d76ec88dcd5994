//! What a queue's attributes say: how much waits in it, and after how many receives messages go where.
//!
//! Messages are counted and never received, which would change them.

use aws_config::SdkConfig;
use aws_sdk_cloudwatch::types::{Dimension, Statistic};
use aws_sdk_sqs::types::QueueAttributeName;
use aws_smithy_types::DateTime;
use imgwatch_shared::arn::{self, Arn};
use jiff::Timestamp;

use crate::cloud::connection::problem::{self, OperationContext};
use crate::domain::diagnosis::findings::{dead_letter_target, max_receives};
use crate::domain::problem::Problem;
use crate::domain::wiring::Depth;
use crate::text::clean::Clean;

pub(super) const PERMISSION: &str = "sqs:GetQueueAttributes";

/// Seconds of CloudWatch's data that are read: a queue that was idle may need a quarter of an hour until it has some.
const WINDOW: i64 = 15 * 60;

/// What its attributes say of a queue.
pub(super) struct QueueState {
    /// How much waits in it, where the endpoint counts it.
    pub(super) depth: Option<Depth>,
    /// The ARN of its dead-letter queue.
    pub(super) dead_letters: Option<Clean>,
    pub(super) max_receives: Option<u32>,
}

pub(super) async fn read(config: &SdkConfig, queue: &str) -> Result<QueueState, Problem> {
    let sqs = aws_sdk_sqs::Client::new(config);
    let context = || OperationContext::new(format!("cannot read queue {}", arn::name(queue)), PERMISSION);
    let (name, owner) = Arn::parse(queue).map(|arn| (arn.resource, arn.account)).unwrap_or_default();
    let found = sqs.get_queue_url().queue_name(name).queue_owner_aws_account_id(owner).send().await;
    let url = found.map_err(|error| problem::of(&error, &context()))?.queue_url.unwrap_or_default();
    let names = [
        QueueAttributeName::ApproximateNumberOfMessages,
        QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        QueueAttributeName::ApproximateNumberOfMessagesDelayed,
        QueueAttributeName::RedrivePolicy,
    ];
    let request = sqs.get_queue_attributes().queue_url(url).set_attribute_names(Some(names.to_vec()));
    let answer = request.send().await.map_err(|error| problem::of(&error, &context()))?;
    let attributes = answer.attributes.unwrap_or_default();
    let [visible, in_flight, delayed, redrive] = names.map(|name| attributes.get(&name));
    let number = |text: Option<&String>| text.and_then(|text| text.parse().ok());
    let mut depth = number(visible).map(|visible| {
        let rest = |text| number(text).unwrap_or_default();
        Depth { visible, in_flight: rest(in_flight), delayed: rest(delayed), oldest: None }
    });
    // An empty queue has no oldest message to ask for.
    if let Some(depth) = depth.as_mut().filter(|depth| depth.total() > 0) {
        depth.oldest = oldest(config, name).await;
    }
    let max_receives = redrive.and_then(|policy| max_receives(policy)).and_then(|count| u32::try_from(count).ok());
    Ok(QueueState { depth, dead_letters: redrive.and_then(|policy| dead_letter_target(policy)), max_receives })
}

/// The age of a queue's oldest message in seconds, which only a metric has. Without the permission it is not known.
async fn oldest(config: &SdkConfig, name: &str) -> Option<u64> {
    let now = Timestamp::now().as_second();
    let request = aws_sdk_cloudwatch::Client::new(config)
        .get_metric_statistics()
        .namespace("AWS/SQS")
        .metric_name("ApproximateAgeOfOldestMessage")
        .dimensions(Dimension::builder().name("QueueName").value(name).build())
        .start_time(DateTime::from_secs((now - WINDOW).div_euclid(60) * 60))
        // The minute that has begun counts as well.
        .end_time(DateTime::from_secs(now + 60))
        .period(60)
        .statistics(Statistic::Maximum);
    let answer = Box::pin(request.send()).await.ok()?;
    let points = answer.datapoints().iter().filter_map(|point| Some((point.timestamp()?.secs(), point.maximum()?)));
    let (_, seconds) = points.max_by_key(|(at, _)| *at)?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
    Some(seconds.round() as u64)
}
