//! One metric of a topic or a queue, and its values.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::item::Item;
use super::{Metrics, Minutes, invalid};
use crate::common::wire::ApiError;

pub(super) const OLDEST: &str = "ApproximateAgeOfOldestMessage";
const SNS: &str = "AWS/SNS";
const SQS: &str = "AWS/SQS";

#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Metric {
    pub(super) namespace: String,
    #[serde(rename = "MetricName")]
    pub(super) name: String,
    #[serde(default)]
    pub(super) dimensions: Vec<Dimension>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Dimension {
    pub(super) name: String,
    pub(super) value: String,
}

/// Times in seconds.
#[derive(Debug)]
pub(super) struct Window {
    start: i64,
    end: i64,
    period: i64,
}

impl Window {
    /// Errors: there is no such period, or the window is empty.
    pub(super) fn new(start: i64, end: i64, period: i64) -> Result<Self, ApiError> {
        if period <= 0 || period % 60 != 0 {
            return Err(invalid("The parameter Period must be a multiple of 60 and greater than 0."));
        }
        if start >= end {
            return Err(invalid("The parameter StartTime must be less than the parameter EndTime."));
        }
        // As on AWS, a window begins with a whole minute.
        Ok(Self { start: start.div_euclid(60) * 60, end, period })
    }

    /// How many datapoints there may be.
    pub(super) fn points(&self) -> i64 {
        (self.end - self.start) / self.period
    }

    fn period_of(&self, at: i64) -> i64 {
        self.start + (at - self.start).div_euclid(self.period) * self.period
    }
}

impl Metric {
    fn new(namespace: &str, name: &str, dimension: &str, value: String) -> Self {
        let dimensions = vec![Dimension { name: dimension.to_owned(), value }];
        Self { namespace: namespace.to_owned(), name: name.to_owned(), dimensions }
    }

    fn is_age(&self) -> bool {
        self.namespace == SQS && self.name == OLDEST
    }

    /// The statistic that is served, and its unit.
    pub(super) fn served(&self) -> (&'static str, &'static str) {
        if self.is_age() { ("Maximum", "Seconds") } else { ("Sum", "Count") }
    }

    /// Errors: another statistic than the one that is served.
    pub(super) fn check(&self, statistic: &str) -> Result<(), ApiError> {
        let (served, _) = self.served();
        if statistic == served {
            return Ok(());
        }
        Err(invalid(&format!("only the statistic {served} of {} is served here", self.name)))
    }

    /// The values of whole periods, by the second that a period begins with.
    pub(super) fn values(&self, metrics: &Metrics, window: &Window) -> Minutes {
        match self.dimensions.as_slice() {
            [topic] if topic.name == "TopicName" && self.namespace == SNS => self.sums(metrics, &topic.value, window),
            [queue] if queue.name == "QueueName" && self.is_age() => age(metrics, &queue.value, window),
            _ => BTreeMap::new(),
        }
    }

    fn sums(&self, metrics: &Metrics, topic: &str, window: &Window) -> Minutes {
        let counts = metrics.lock();
        let minutes = counts.iter().find(|((name, counted), _)| name == topic && *counted == self.name);
        let mut sums = BTreeMap::new();
        for (at, number) in minutes.into_iter().flat_map(|(_, minutes)| minutes.range(window.start..window.end)) {
            *sums.entry(window.period_of(*at)).or_default() += number;
        }
        sums
    }

    pub(super) fn item(&self) -> Item {
        let dimension = |one: &Dimension| {
            Item::Structure(vec![("Name", Item::text(one.name.as_str())), ("Value", Item::text(one.value.as_str()))])
        };
        Item::Structure(vec![
            ("Namespace", Item::text(self.namespace.as_str())),
            ("MetricName", Item::text(self.name.as_str())),
            ("Dimensions", Item::List(self.dimensions.iter().map(dimension).collect())),
        ])
    }
}

/// The age of the queue's oldest message as of now. It is not recorded, so only the present period has a datapoint.
fn age(metrics: &Metrics, queue: &str, window: &Window) -> Minutes {
    let now = metrics.env.now().as_second();
    let age = metrics.queues.oldest(queue).filter(|_| (window.start..window.end).contains(&now));
    age.map(|age| (window.period_of(now), age)).into_iter().collect()
}

/// Every metric that has values, in order.
pub(super) fn all(metrics: &Metrics) -> Vec<Metric> {
    let counted: Vec<_> = metrics.lock().keys().cloned().collect();
    let topics = counted.into_iter().map(|(topic, name)| Metric::new(SNS, name, "TopicName", topic));
    let queues = metrics.queues.names().into_iter().map(|queue| Metric::new(SQS, OLDEST, "QueueName", queue));
    topics.chain(queues).collect()
}

pub(super) fn value(value: u64) -> Item {
    Item::Number(f64::from(u32::try_from(value).unwrap_or(u32::MAX)))
}
