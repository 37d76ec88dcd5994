//! `GetMetricStatistics`.

use serde::Deserialize;

use super::item::Item;
use super::series::{Metric, Window, value};
use super::{Metrics, invalid, wire};
use crate::common::wire::ApiError;

/// The most datapoints of one answer, as on AWS.
const MOST: i64 = 1_440;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    #[serde(flatten)]
    metric: Metric,
    #[serde(deserialize_with = "wire::time")]
    start_time: i64,
    #[serde(deserialize_with = "wire::time")]
    end_time: i64,
    #[serde(deserialize_with = "wire::number")]
    period: i64,
    #[serde(default)]
    statistics: Vec<String>,
}

pub(super) fn get(metrics: &Metrics, input: &Input) -> Result<Item, ApiError> {
    let window = Window::new(input.start_time, input.end_time, input.period)?;
    if window.points() > MOST {
        let message = format!(
            "You have requested up to {} datapoints, which exceeds the limit of {MOST}. You may reduce the datapoints \
             requested by increasing Period, or decreasing the time range.",
            window.points()
        );
        return Err(ApiError::bad_request("InvalidParameterCombination", message));
    }
    let metric = &input.metric;
    if input.statistics.is_empty() {
        return Err(invalid("At least one of the parameters Statistics and ExtendedStatistics must be specified."));
    }
    input.statistics.iter().try_for_each(|statistic| metric.check(statistic))?;
    let (statistic, unit) = metric.served();
    let points = metric.values(metrics, &window).into_iter().map(|(at, number)| {
        Item::Structure(vec![("Timestamp", Item::Time(at)), (statistic, value(number)), ("Unit", Item::text(unit))])
    });
    let points = Item::List(points.collect());
    Ok(Item::Structure(vec![("Label", Item::text(metric.name.as_str())), ("Datapoints", points)]))
}
