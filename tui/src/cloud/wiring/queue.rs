//! A queue's part of the wiring: the functions that take its messages, and its dead-letter queue.

use aws_config::SdkConfig;
use aws_sdk_lambda::types::{EventSourceMappingConfiguration, FunctionResponseType};
use aws_sdk_sqs::types::QueueAttributeName;
use imgwatch_shared::arn::Arn;

use super::whole::Found;
use crate::cloud::connection::problem::{self, OperationContext};
use crate::domain::diagnosis::findings::dead_letter_target;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::wiring::{EdgeKind, Mapping, Node, NodeKind, State};
use crate::text::clean::Clean;

const MAPPINGS: &str = "lambda:ListEventSourceMappings";
const ATTRIBUTES: &str = "sqs:GetQueueAttributes";

pub(super) async fn read(config: &SdkConfig, node: &Node) -> Found {
    // Queues are named by their ARNs.
    let Some(arn) = &node.arn else { return Found::default() };
    let (mappings, redrive) = tokio::join!(Box::pin(mappings(config, arn.raw())), Box::pin(redrive(config, arn.raw())));
    let mappings = match mappings {
        // An endpoint that does not know them has none.
        Err(problem) if problem.kind == ProblemKind::NotOffered => Ok(Vec::new()),
        mappings => mappings,
    };
    let (mappings, redrive) = match (mappings, redrive) {
        (Ok(mappings), Ok(redrive)) => (mappings, redrive),
        (Err(problem), _) => return Found::unread(node, problem, MAPPINGS),
        (_, Err(problem)) => return Found::unread(node, problem, ATTRIBUTES),
    };
    let mut found = Found::node(node.clone().read());
    for (function, mapping) in mappings {
        let is_off = matches!(mapping.state.raw(), "Disabled" | "Disabling");
        let state = if is_off { State::Disabled } else { State::Ok };
        found.to(node, NodeKind::Function, &function, EdgeKind::EventSourceMapping(mapping), state);
    }
    if let Some(to) = redrive.as_deref().and_then(dead_letter_target) {
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
    let filters = one.filter_criteria().map(|criteria| criteria.filters()).unwrap_or_default();
    Mapping {
        uuid: clean(one.uuid()).unwrap_or_default(),
        state: clean(one.state()).unwrap_or_default(),
        last_result: clean(one.last_processing_result()),
        filters: filters.iter().filter_map(|filter| clean(filter.pattern())).collect(),
        reports_item_failures: one.function_response_types().contains(&FunctionResponseType::ReportBatchItemFailures),
        batching_window: one.maximum_batching_window_in_seconds().unwrap_or_default(),
    }
}

/// The redrive policy of a queue, in JSON.
async fn redrive(config: &SdkConfig, arn: &str) -> Result<Option<String>, Problem> {
    let sqs = aws_sdk_sqs::Client::new(config);
    let context = || OperationContext::new(format!("cannot read queue {arn}"), ATTRIBUTES);
    let (name, owner) = Arn::parse(arn).map(|arn| (arn.resource, arn.account)).unwrap_or_default();
    let named = sqs.get_queue_url().queue_name(name).queue_owner_aws_account_id(owner).send().await;
    let url = named.map_err(|error| problem::of(&error, &context()))?.queue_url.unwrap_or_default();
    let request = sqs.get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::RedrivePolicy);
    let answer = request.send().await.map_err(|error| problem::of(&error, &context()))?;
    Ok(answer.attributes.and_then(|mut attributes| attributes.remove(&QueueAttributeName::RedrivePolicy)))
}
