//! `ListMetrics`.

use serde::Deserialize;

use super::item::Item;
use super::series::{self, Metric};
use super::{Metrics, invalid};
use crate::common::wire::ApiError;

/// The most metrics of one page, as on AWS.
const PAGE: usize = 500;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input {
    namespace: Option<String>,
    metric_name: Option<String>,
    #[serde(default)]
    dimensions: Vec<Filter>,
    /// How many metrics come before the page.
    next_token: Option<String>,
}

/// A dimension by its name, and by its value where that is given.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Filter {
    name: String,
    value: Option<String>,
}

impl Input {
    fn matches(&self, metric: &Metric) -> bool {
        let has = |filter: &Filter| {
            let is_value = |value: &String| filter.value.as_ref().is_none_or(|wanted| wanted == value);
            metric.dimensions.iter().any(|dimension| dimension.name == filter.name && is_value(&dimension.value))
        };
        self.namespace.as_ref().is_none_or(|namespace| *namespace == metric.namespace)
            && self.metric_name.as_ref().is_none_or(|name| *name == metric.name)
            && self.dimensions.iter().all(has)
    }
}

pub(super) fn list(metrics: &Metrics, input: &Input) -> Result<Item, ApiError> {
    let before = input.next_token.as_ref().map_or(Ok(0), |token| token.parse::<usize>());
    let before = before.map_err(|_| invalid("The parameter NextToken is not one that ListMetrics has answered."))?;
    let mut found = series::all(metrics).into_iter().filter(|metric| input.matches(metric)).skip(before);
    let page: Vec<_> = found.by_ref().take(PAGE).map(|metric| metric.item()).collect();
    let mut answer = vec![("Metrics", Item::List(page))];
    if found.next().is_some() {
        answer.push(("NextToken", Item::text((before + PAGE).to_string())));
    }
    Ok(Item::Structure(answer))
}
