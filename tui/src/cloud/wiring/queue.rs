//! A queue's part of the wiring: the functions that take its messages, what waits in it, and its dead-letter queue.

use aws_config::SdkConfig;
use aws_sdk_lambda::types::{EventSourceMappingConfiguration, FilterCriteria, FunctionResponseType};

use super::depth::{self, QueueState};
use super::whole::Found;
use crate::cloud::connection::problem::{self, OperationContext};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::wiring::{EdgeKind, Mapping, Node, NodeKind, State};
use crate::text::clean::Clean;

const MAPPINGS: &str = "lambda:ListEventSourceMappings";

pub(super) async fn read(config: &SdkConfig, node: &Node) -> Found {
    // Queues are named by their ARNs.
    let Some(arn) = &node.arn else { return Found::default() };
    let (mappings, depth) =
        tokio::join!(Box::pin(mappings(config, arn.raw())), Box::pin(depth::read(config, arn.raw())));
    let mappings = match mappings {
        // An endpoint that does not know them has none.
        Err(problem) if problem.kind == ProblemKind::NotOffered => Ok(Vec::new()),
        mappings => mappings,
    };
    let (read, dead_letters) = match depth {
        Ok(QueueState { depth, dead_letters, max_receives }) => {
            (Node { depth, max_receives, ..node.clone().read() }, dead_letters)
        }
        // Whose queue it is does not matter to the mappings of this account.
        Err(problem) => (node.clone().unread(problem, depth::PERMISSION), None),
    };
    let mut found = Found::node(read);
    let mappings = match mappings {
        Ok(mappings) => mappings,
        Err(problem) => {
            found.replace(node.clone().unread(problem, MAPPINGS));
            Vec::new()
        }
    };
    for (function, mapping) in mappings {
        let is_off = matches!(mapping.state.raw(), "Disabled" | "Disabling");
        let state = if is_off { State::Disabled } else { State::Ok };
        found.to(node, NodeKind::Function, &function, EdgeKind::EventSourceMapping(mapping), state);
    }
    if let Some(to) = dead_letters {
        found.to(node, NodeKind::of_target(to.raw()), to.raw(), EdgeKind::Failure, State::Ok);
    }
    found
}

/// The event source mappings of a queue, each with its function's ARN.
async fn mappings(config: &SdkConfig, arn: &str) -> Result<Vec<(String, Mapping)>, Problem> {
    let lambda = aws_sdk_lambda::Client::new(config);
    let mut all = lambda.list_event_source_mappings().event_source_arn(arn).into_paginator().items().send();
    let mut found = Vec::new();
    while let Some(one) = all.next().await {
        let one = one.map_err(|error| {
            let context = OperationContext::new(format!("cannot list the event source mappings of {arn}"), MAPPINGS);
            problem::of(&error, &context)
        })?;
        found.extend(one.function_arn.clone().map(|function| (function, mapping(&one))));
    }
    Ok(found)
}

fn mapping(one: &EventSourceMappingConfiguration) -> Mapping {
    let clean = |text: Option<&str>| text.map(Clean::new);
    let filters = one.filter_criteria().map(FilterCriteria::filters).unwrap_or_default();
    Mapping {
        uuid: clean(one.uuid()).unwrap_or_default(),
        state: clean(one.state()).unwrap_or_default(),
        last_result: clean(one.last_processing_result()),
        filters: filters.iter().filter_map(|filter| clean(filter.pattern())).collect(),
        reports_item_failures: one.function_response_types().contains(&FunctionResponseType::ReportBatchItemFailures),
        batching_window: one.maximum_batching_window_in_seconds().unwrap_or_default(),
    }
}
