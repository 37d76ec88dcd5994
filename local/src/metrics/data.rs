//! `GetMetricData`, without expressions.

use serde::Deserialize;

use super::item::Item;
use super::series::{Metric, Window, value};
use super::{Metrics, invalid, wire};
use crate::common::wire::ApiError;

/// The most metrics and datapoints of one answer, as on AWS.
const MOST_QUERIES: usize = 500;
const MOST_POINTS: i64 = 100_800;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    metric_data_queries: Vec<Query>,
    #[serde(deserialize_with = "wire::time")]
    start_time: i64,
    #[serde(deserialize_with = "wire::time")]
    end_time: i64,
    scan_by: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Query {
    id: String,
    metric_stat: Option<MetricStat>,
    label: Option<String>,
    /// A boolean, which the query protocol writes as text.
    #[serde(default)]
    return_data: serde_json::Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MetricStat {
    metric: Metric,
    #[serde(deserialize_with = "wire::number")]
    period: i64,
    stat: String,
}

pub(super) fn get(metrics: &Metrics, input: &Input) -> Result<Item, ApiError> {
    let queries = &input.metric_data_queries;
    if queries.is_empty() || queries.len() > MOST_QUERIES {
        return Err(invalid(&format!("The parameter MetricDataQueries must have 1 to {MOST_QUERIES} items.")));
    }
    // As on AWS, the newest comes first where nothing else is asked.
    let newest_first = match input.scan_by.as_deref() {
        None | Some("TimestampDescending") => true,
        Some("TimestampAscending") => false,
        Some(other) => return Err(invalid(&format!("The value {other} for parameter ScanBy is invalid."))),
    };
    let (mut results, mut points) = (Vec::new(), 0);
    for query in queries {
        let Some(MetricStat { metric, period, stat }) = &query.metric_stat else {
            let message = format!("The query {} has no MetricStat; expressions are not served here.", query.id);
            return Err(ApiError::bad_request("ValidationError", message));
        };
        let window = Window::new(input.start_time, input.end_time, *period)?;
        points += window.points();
        if points > MOST_POINTS {
            let message = format!("the queries ask for more than {MOST_POINTS} datapoints; increase their periods");
            return Err(invalid(&message));
        }
        metric.check(stat)?;
        if query.return_data == false || query.return_data == "false" {
            continue;
        }
        let mut values: Vec<_> = metric.values(metrics, &window).into_iter().collect();
        if newest_first {
            values.reverse();
        }
        results.push(Item::Structure(vec![
            ("Id", Item::text(query.id.as_str())),
            ("Label", Item::text(query.label.as_ref().unwrap_or(&metric.name).as_str())),
            ("Timestamps", Item::List(values.iter().map(|(at, _)| Item::Time(*at)).collect())),
            ("Values", Item::List(values.iter().map(|(_, number)| value(*number)).collect())),
            ("StatusCode", Item::text("Complete")),
        ]));
    }
    Ok(Item::Structure(vec![("MetricDataResults", Item::List(results)), ("Messages", Item::List(Vec::new()))]))
}
