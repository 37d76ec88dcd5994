//! CloudWatch metrics over Smithy's RPC v2 in CBOR: what SNS counts of its topics by the minute, and the age of the
//! oldest message of a queue.
//!
//! Only `GetMetricStatistics` is served: of `AWS/SNS` with sums, and of `AWS/SQS` `ApproximateAgeOfOldestMessage` with
//! maxima. Everything else is refused.

mod wire;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::response::Response;
use http::Request;
use imgwatch_shared::arn;

use crate::common::deliver::{MetricSink, QueueAges, TopicMetric};
use crate::common::env::Env;
use crate::common::wire::{ApiError, Protocol, error};

/// The path of the SDK's requests.
pub(crate) const PATH: &str = "/service/GraniteServiceVersion20100801/operation/";
/// Seconds that counts are kept.
const KEPT: i64 = 3 * 3_600;
/// The most datapoints of one answer, as on AWS.
const MOST: i64 = 1_440;
const MOST_BYTES: usize = 64 * 1024;

const OLDEST: &str = "ApproximateAgeOfOldestMessage";

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

pub(crate) struct Metrics {
    env: Arc<Env>,
    queues: Arc<dyn QueueAges>,
    /// By topic and metric.
    counts: Mutex<BTreeMap<(String, &'static str), Minutes>>,
}

impl MetricSink for Metrics {
    fn count(&self, topic_arn: &str, metric: TopicMetric, number: u64) {
        if number == 0 {
            return;
        }
        let minute = self.env.now().as_second().div_euclid(60) * 60;
        let topic = arn::name(topic_arn);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let minutes = counts.entry((topic.to_owned(), name(metric))).or_default();
        minutes.retain(|at, _| *at > minute - KEPT);
        *minutes.entry(minute).or_default() += number;
    }
}

impl Metrics {
    pub(crate) fn new(env: Arc<Env>, queues: Arc<dyn QueueAges>) -> Self {
        Self { env, queues, counts: Mutex::default() }
    }

    /// The sums of whole periods from `start`, which have counts.
    fn sums(&self, topic: &str, metric: &str, asked: &wire::Statistics) -> Minutes {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let minutes = counts.iter().find(|((name, counted), _)| name == topic && *counted == metric);
        let mut sums = BTreeMap::new();
        for (at, number) in minutes.into_iter().flat_map(|(_, minutes)| minutes.range(asked.start..asked.end)) {
            *sums.entry(asked.start + (at - asked.start).div_euclid(asked.period) * asked.period).or_default() +=
                number;
        }
        sums
    }
}

pub(crate) async fn handle(metrics: &Metrics, request: Request<Body>) -> Response {
    let request_id = metrics.env.id();
    let (head, body) = request.into_parts();
    let refuse = |protocol, refused: &ApiError| error(protocol, refused, &request_id);
    let Some(operation) = head.uri.path().strip_prefix(PATH) else {
        let message = "CloudWatch is served over RPC v2 in CBOR only; use an SDK that speaks it";
        return refuse(Protocol::Query, &ApiError::bad_request("InvalidAction", message));
    };
    if operation != "GetMetricStatistics" {
        let message = format!("The operation {operation} is not served here.");
        return refuse(Protocol::Cbor, &ApiError::bad_request("UnknownOperationException", message));
    }
    let answered = match axum::body::to_bytes(body, MOST_BYTES).await {
        Ok(body) => statistics(metrics, &body),
        Err(_) => Err(invalid("the request is too long")),
    };
    match answered {
        Ok(body) => wire::answer(body, &request_id),
        Err(error) => refuse(Protocol::Cbor, &error),
    }
}

fn statistics(metrics: &Metrics, body: &[u8]) -> Result<Vec<u8>, ApiError> {
    let asked = wire::read(body).map_err(|error| ApiError::bad_request("SerializationException", error.to_string()))?;
    if asked.period <= 0 || asked.period % 60 != 0 {
        return Err(invalid("The parameter Period must be a multiple of 60 and greater than 0."));
    }
    if asked.start >= asked.end {
        return Err(invalid("The parameter StartTime must be less than the parameter EndTime."));
    }
    if (asked.end - asked.start) / asked.period > MOST {
        let message = "You have requested more datapoints than the limit of 1,440.";
        return Err(ApiError::bad_request("InvalidParameterCombination", message));
    }
    let is_age = asked.namespace == "AWS/SQS" && asked.metric == OLDEST;
    let (served, unit) = if is_age { ("Maximum", "Seconds") } else { ("Sum", "Count") };
    if asked.wanted != [served] {
        return Err(invalid(&format!("only the statistic {served} of {} is served here", asked.metric)));
    }
    let values = match asked.dimensions.as_slice() {
        [(name, topic)] if name == "TopicName" && asked.namespace == "AWS/SNS" => {
            metrics.sums(topic, &asked.metric, &asked)
        }
        [(name, queue)] if name == "QueueName" && is_age => oldest(metrics, queue, &asked),
        // As on AWS, a metric without counts has no datapoints.
        _ => BTreeMap::new(),
    };
    Ok(wire::write(&asked.metric, &values, served, unit))
}

/// The age of the queue's oldest message as of now. It is not recorded, so only the present period has a datapoint.
fn oldest(metrics: &Metrics, queue: &str, asked: &wire::Statistics) -> Minutes {
    let now = metrics.env.now();
    let age = metrics.queues.oldest(queue).filter(|_| (asked.start..asked.end).contains(&now.as_second()));
    let period = |at: i64| asked.start + (at - asked.start).div_euclid(asked.period) * asked.period;
    age.map(|age| (period(now.as_second()), age)).into_iter().collect()
}

fn invalid(message: &str) -> ApiError {
    ApiError::bad_request("InvalidParameterValue", message)
}
