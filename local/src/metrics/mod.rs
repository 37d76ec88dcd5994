//! CloudWatch metrics: what SNS counts of its topics by the minute, and the age of the oldest message of each queue.
//!
//! Of `AWS/SNS` there are sums, and of `AWS/SQS` the maxima of `ApproximateAgeOfOldestMessage`. Other statistics are
//! refused; as on AWS, a metric that does not exist has no datapoints.

mod cbor;
mod data;
mod item;
mod list;
mod series;
mod statistics;
mod wire;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use axum::response::Response;
use http::Request;
use imgwatch_shared::arn;
use serde_json::{Value, json};

use crate::common::deliver::{MetricSink, QueueAges, TopicMetric};
use crate::common::env::Env;
use crate::common::query::Params;
use crate::common::wire::ApiError;
use item::Item;
pub(crate) use wire::{PATH, TARGET, VERSION, named};

/// Seconds that counts are kept. AWS keeps those of a minute for 15 days.
const KEPT: i64 = 3 * 3_600;
const MOST_BYTES: usize = 64 * 1024;

fn name(metric: TopicMetric) -> &'static str {
    match metric {
        TopicMetric::Published => "NumberOfMessagesPublished",
        TopicMetric::Delivered => "NumberOfNotificationsDelivered",
        TopicMetric::Failed => "NumberOfNotificationsFailed",
        TopicMetric::FilteredOut => "NumberOfNotificationsFilteredOut",
    }
}

/// Counts by the second that a minute begins with.
type Minutes = BTreeMap<i64, u64>;

/// By topic and metric.
type Counts = BTreeMap<(String, &'static str), Minutes>;

pub(crate) struct Metrics {
    env: Arc<Env>,
    queues: Arc<dyn QueueAges>,
    counts: Mutex<Counts>,
}

impl MetricSink for Metrics {
    fn count(&self, topic_arn: &str, metric: TopicMetric, number: u64) {
        if number == 0 {
            return;
        }
        let minute = self.minute();
        let topic = arn::name(topic_arn);
        *self.lock().entry((topic.to_owned(), name(metric))).or_default().entry(minute).or_default() += number;
    }
}

impl Metrics {
    pub(crate) fn new(env: Arc<Env>, queues: Arc<dyn QueueAges>) -> Self {
        Self { env, queues, counts: Mutex::default() }
    }

    fn minute(&self) -> i64 {
        self.env.now().as_second().div_euclid(60) * 60
    }

    /// The counts without those that are too old, and without topics that have no others.
    fn lock(&self) -> MutexGuard<'_, Counts> {
        let oldest = self.minute() - KEPT;
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        for minutes in counts.values_mut() {
            while let Some(first) = minutes.first_entry()
                && *first.key() <= oldest
            {
                first.remove();
            }
        }
        counts.retain(|_, minutes| !minutes.is_empty());
        counts
    }

    /// How much is kept.
    pub(crate) fn held(&self) -> Value {
        let counts = self.lock();
        json!({"metrics": counts.len(), "datapoints": counts.values().map(BTreeMap::len).sum::<usize>()})
    }
}

pub(crate) async fn handle(metrics: &Metrics, request: Request<Body>) -> Response {
    let request_id = metrics.env.id();
    let (protocol, operation) = named(&request);
    let (mut head, body) = request.into_parts();
    let params: Option<Params> = head.extensions.remove();
    let answered = match axum::body::to_bytes(body, MOST_BYTES).await {
        Ok(body) => wire::read(protocol, params.as_ref(), &body).and_then(|input| run(metrics, &operation, &input)),
        Err(_) => Err(invalid("the request is too long")),
    };
    match answered {
        Ok(item) => wire::answer(protocol, &operation, &item, &request_id),
        Err(error) => wire::refuse(protocol, &error, &request_id),
    }
}

fn run(metrics: &Metrics, operation: &str, input: &Value) -> Result<Item, ApiError> {
    match operation {
        "GetMetricData" => data::get(metrics, &wire::input(input)?),
        "GetMetricStatistics" => statistics::get(metrics, &wire::input(input)?),
        "ListMetrics" => list::list(metrics, &wire::input(input)?),
        _ => {
            let message = format!("The operation {operation} is not served here.");
            Err(ApiError::bad_request("UnknownOperationException", message))
        }
    }
}

fn invalid(message: &str) -> ApiError {
    ApiError::bad_request("InvalidParameterValue", message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::env::testing;

    struct NoQueues;

    impl QueueAges for NoQueues {
        fn oldest(&self, _: &str) -> Option<u64> {
            None
        }

        fn names(&self) -> Vec<String> {
            Vec::new()
        }
    }

    #[test]
    fn counts_of_topics_that_are_no_longer_used_are_dropped() {
        let (env, clock) = testing::env();
        let metrics = Metrics::new(env, Arc::new(NoQueues));
        for topic in 0..10 {
            metrics.count(&format!("arn:aws:sns:us-east-1:000000000000:t{topic}"), TopicMetric::Published, 1);
            clock.advance(60);
        }
        assert_eq!(metrics.held(), json!({"metrics": 10, "datapoints": 10}));
        clock.advance(KEPT - 60 * 5);
        metrics.count("arn:aws:sns:us-east-1:000000000000:t9", TopicMetric::Published, 1);
        assert_eq!(metrics.held(), json!({"metrics": 4, "datapoints": 5}));
    }
}
