//! Event source mappings: create, get, list, update and delete.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use axum::response::Response;
use http::StatusCode;
use imgwatch_shared::arn::{self, Arn};
use imgwatch_shared::event_pattern::EventPattern;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Call, missing, ok, violation, within};
use crate::common::wire::{self, ApiError};
use crate::lambda::mapping::{Mapping, Settings};
use crate::lambda::{Lambda, not_found};

/// The most mappings of a page, whatever a request asks for.
const PAGE: usize = 100;
/// Larger batches need a window.
const LARGE: usize = 10;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Given {
    event_source_arn: Option<String>,
    function_name: Option<String>,
    enabled: Option<bool>,
    batch_size: Option<usize>,
    maximum_batching_window_in_seconds: Option<u64>,
    filter_criteria: Option<FilterCriteria>,
    function_response_types: Option<Vec<String>>,
    scaling_config: Option<ScalingConfig>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct FilterCriteria {
    #[serde(default)]
    filters: Vec<Filter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Filter {
    pattern: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ScalingConfig {
    maximum_concurrency: Option<usize>,
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::bad_request("InvalidParameterValueException", message)
}

impl Given {
    /// The settings that follow `before`, as far as the request changes them.
    fn apply(self, lambda: &Lambda, queue_arn: &str, before: Settings) -> Result<Settings, ApiError> {
        let mut settings = before;
        if let Some(name) = &self.function_name {
            let function = lambda.find(name).ok_or_else(|| not_found(lambda, name))?;
            settings.function.clone_from(&function.name);
        }
        settings.enabled = self.enabled.unwrap_or(settings.enabled);
        if let Some(size) = self.batch_size {
            within("batchSize", size as u64, 1, 10_000)?;
            settings.batch_size = size;
        }
        if let Some(seconds) = self.maximum_batching_window_in_seconds {
            within("maximumBatchingWindowInSeconds", seconds, 0, 300)?;
            settings.window = Duration::from_secs(seconds);
        }
        if settings.batch_size > LARGE && settings.window.is_zero() {
            return Err(invalid(
                "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
            ));
        }
        if let Some(types) = self.function_response_types {
            if let Some(other) = types.iter().find(|kind| *kind != "ReportBatchItemFailures") {
                let constraint = "Member must satisfy enum value set: [ReportBatchItemFailures]";
                return Err(violation("functionResponseTypes", other, constraint));
            }
            settings.reports_failures = !types.is_empty();
        }
        if let Some(criteria) = self.filter_criteria {
            let read = |filter: &Filter| {
                EventPattern::parse(&filter.pattern).map_err(|_| invalid("Invalid filter pattern definition."))
            };
            settings.filters = criteria.filters.iter().map(read).collect::<Result<_, _>>()?;
        }
        if let Some(scaling) = self.scaling_config {
            if let Some(most) = scaling.maximum_concurrency {
                within("scalingConfig.maximumConcurrency", most as u64, 2, 1000)?;
            }
            settings.max_concurrency = scaling.maximum_concurrency;
        }
        check_queue(lambda, queue_arn, &settings)?;
        Ok(settings)
    }
}

/// The queue must exist, and hide a message for as long as the function may run.
fn check_queue(lambda: &Lambda, queue_arn: &str, settings: &Settings) -> Result<(), ApiError> {
    let visibility = lambda.queues.visibility(queue_arn).ok_or_else(|| {
        invalid(
            "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error \
             Message: The specified queue does not exist.",
        )
    })?;
    let timeout = lambda.find(&settings.function).map(|function| function.settings().timeout).unwrap_or_default();
    if visibility < timeout {
        let (visibility, timeout) = (visibility.as_secs(), timeout.as_secs());
        return Err(invalid(format!(
            "Queue visibility timeout: {visibility} seconds is less than Function timeout: {timeout} seconds"
        )));
    }
    Ok(())
}

pub(super) fn create(lambda: &Arc<Lambda>, call: &Call) -> Result<Response, ApiError> {
    let mut given: Given = call.json()?;
    let queue_arn = given.event_source_arn.take().unwrap_or_default();
    if Arn::parse(&queue_arn).is_none_or(|arn| arn.service != "sqs") {
        return Err(invalid(format!("not implemented: the event source {queue_arn} is not an SQS queue")));
    }
    if given.function_name.is_none() {
        return Err(violation("functionName", "null", "Member must not be null"));
    }
    let settings = given.apply(lambda, &queue_arn, Settings::of(""))?;
    let mut mappings = lambda.mappings.lock().unwrap_or_else(PoisonError::into_inner);
    let function = &settings.function;
    let is_same = |mapping: &&Arc<Mapping>| {
        mapping.queue_arn == queue_arn && mapping.state().settings.function == settings.function
    };
    if let Some(other) = mappings.values().find(is_same) {
        let message = format!(
            "An event source mapping with SQS arn (\" {queue_arn} \") and function (\" {function} \") already exists. \
             Please update or delete the existing mapping with UUID {}",
            other.uuid
        );
        return Err(ApiError::new(StatusCode::CONFLICT, "ResourceConflictException", message));
    }
    let state = if settings.enabled { "Creating" } else { "Disabled" };
    let mapping = Mapping::new(lambda, queue_arn, settings);
    mappings.insert(mapping.uuid.clone(), Arc::clone(&mapping));
    Ok(accepted(lambda, &mapping, state))
}

fn find(lambda: &Lambda, call: &Call) -> Result<Arc<Mapping>, ApiError> {
    let uuid = call.path.get(1).map(String::as_str).unwrap_or_default();
    let found = lambda.mappings.lock().unwrap_or_else(PoisonError::into_inner).get(uuid).cloned();
    found.ok_or_else(|| missing("The resource you requested does not exist."))
}

pub(super) fn get(lambda: &Lambda, call: &Call) -> Result<Response, ApiError> {
    let mapping = find(lambda, call)?;
    Ok(ok(&document(lambda, &mapping, None)))
}

pub(super) fn list(lambda: &Lambda, call: &Call) -> Result<Response, ApiError> {
    let (source, function) = (call.query("EventSourceArn"), call.query("FunctionName"));
    let after = call.query("Marker").unwrap_or_default();
    let asked = call.query("MaxItems").and_then(|most| most.parse().ok()).unwrap_or(PAGE);
    within("maxItems", asked as u64, 1, 10_000)?;
    let most = asked.min(PAGE);
    let mappings = lambda.mappings.lock().unwrap_or_else(PoisonError::into_inner);
    let mut found = mappings.values().filter(|mapping| {
        mapping.uuid.as_str() > after
            && source.is_none_or(|source| mapping.queue_arn == source)
            && function.is_none_or(|function| mapping.state().settings.function == arn::function(function).0)
    });
    let page: Vec<&Arc<Mapping>> = found.by_ref().take(most).collect();
    let documents: Vec<Value> = page.iter().map(|mapping| document(lambda, mapping, None)).collect();
    let mut answer = json!({ "EventSourceMappings": documents });
    if let (Some(last), true) = (page.last(), found.next().is_some()) {
        answer["NextMarker"] = last.uuid.as_str().into();
    }
    Ok(ok(&answer))
}

pub(super) fn update(lambda: &Arc<Lambda>, call: &Call) -> Result<Response, ApiError> {
    let mapping = find(lambda, call)?;
    let given: Given = call.json()?;
    if given.event_source_arn.is_some() {
        return Err(invalid("The event source of a mapping cannot be changed; create another mapping"));
    }
    let before = mapping.state().settings;
    let settings = given.apply(lambda, &mapping.queue_arn, Settings::clone(&before))?;
    let state = match (before.enabled, settings.enabled) {
        (false, true) => "Enabling",
        (true, false) => "Disabling",
        _ => "Updating",
    };
    mapping.update(lambda, settings);
    Ok(accepted(lambda, &mapping, state))
}

pub(super) fn delete(lambda: &Lambda, call: &Call) -> Result<Response, ApiError> {
    let mapping = find(lambda, call)?;
    mapping.stop();
    lambda.mappings.lock().unwrap_or_else(PoisonError::into_inner).remove(&mapping.uuid);
    Ok(accepted(lambda, &mapping, "Deleting"))
}

/// The answer to a change, with the state that AWS shows until it has taken effect; here it has already.
fn accepted(lambda: &Lambda, mapping: &Mapping, state: &str) -> Response {
    wire::json(StatusCode::ACCEPTED, &document(lambda, mapping, Some(state)))
}

fn document(lambda: &Lambda, mapping: &Mapping, passing: Option<&str>) -> Value {
    let state = mapping.state();
    let settings = &state.settings;
    let lasting = if settings.enabled { "Enabled" } else { "Disabled" };
    let types: &[&str] = if settings.reports_failures { &["ReportBatchItemFailures"] } else { &[] };
    let modified = Duration::from_millis(state.modified.as_millisecond().unsigned_abs());
    let mut document = json!({
        "UUID": mapping.uuid,
        "EventSourceMappingArn": lambda.env.arn("lambda", &format!("event-source-mapping:{}", mapping.uuid)),
        "EventSourceArn": mapping.queue_arn,
        "FunctionArn": lambda.env.arn("lambda", &format!("function:{}", settings.function)),
        "BatchSize": settings.batch_size,
        "MaximumBatchingWindowInSeconds": settings.window.as_secs(),
        "FunctionResponseTypes": types,
        "State": passing.unwrap_or(lasting),
        "StateTransitionReason": "USER_INITIATED",
        "LastModified": modified.as_secs_f64(),
    });
    if !settings.filters.is_empty() {
        let filters: Vec<Value> = settings.filters.iter().map(|filter| json!({"Pattern": filter.text})).collect();
        document["FilterCriteria"] = json!({ "Filters": filters });
    }
    if let Some(most) = settings.max_concurrency {
        document["ScalingConfig"] = json!({ "MaximumConcurrency": most });
    }
    if let Some(problem) = state.problem {
        document["LastProcessingResult"] = problem.into();
    }
    document
}
