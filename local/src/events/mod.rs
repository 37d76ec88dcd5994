//! EventBridge: the rules of the default event bus and their targets, over AWS JSON 1.1.
//!
//! `rules` and `targets` have the operations on them, `put` takes events, `route` sends each to the targets of the rules
//! that match it.

mod put;
mod route;
mod rules;
mod target;
mod targets;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use axum::response::Response;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request};
use imgwatch_shared::event_pattern::EventPattern;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::common::aws_json::{self, Call};
use crate::common::deliver::{BusEvent, Deliver, EventBus};
use crate::common::env::Env;
use crate::common::wire::{self, ApiError, Protocol};
use target::Target;

/// What comes before the operation in `X-Amz-Target`.
pub(crate) const TARGET: &str = "AWSEvents";
const JSON: &str = "application/x-amz-json-1.1";
/// The one event bus.
const BUS: &str = "default";
/// The most entries of a page, which is also the default.
const PAGE: usize = 100;

pub(crate) struct Events {
    env: Arc<Env>,
    deliver: Arc<dyn Deliver>,
    /// By name.
    rules: Mutex<BTreeMap<String, Rule>>,
}

#[derive(Debug, Clone)]
struct Rule {
    arn: String,
    pattern: EventPattern,
    enabled: bool,
    description: Option<String>,
    role_arn: Option<String>,
    /// By id.
    targets: BTreeMap<String, Target>,
}

impl Events {
    pub(crate) fn new(env: Arc<Env>, deliver: Arc<dyn Deliver>) -> Self {
        Self { env, deliver, rules: Mutex::default() }
    }

    /// How much is kept.
    pub(crate) fn held(&self) -> Value {
        let rules = self.lock();
        json!({"rules": rules.len(), "targets": rules.values().map(|rule| rule.targets.len()).sum::<usize>()})
    }

    /// The ARN that a rule of this name has.
    pub(crate) fn rule_arn(&self, name: &str) -> String {
        self.env.arn("events", &format!("rule/{name}"))
    }

    /// Creates a rule with one target.
    /// Errors: the pattern is not valid.
    pub(crate) fn create_rule(
        &self,
        name: &str,
        pattern: &str,
        target_arn: &str,
        dead_letters: &str,
    ) -> Result<(), ApiError> {
        let target = Target::to(target_arn, dead_letters);
        let rule = Rule {
            arn: self.rule_arn(name),
            pattern: rules::read_pattern(pattern)?,
            enabled: true,
            description: None,
            role_arn: None,
            targets: BTreeMap::from([(target.id.clone(), target)]),
        };
        self.lock().insert(name.to_owned(), rule);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Rule>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EventBus for Events {
    fn put(&self, event: BusEvent) {
        route::send(self, event);
    }
}

pub(crate) async fn handle(events: &Events, request: Request<Body>) -> Response {
    let request_id = events.env.id();
    let answered = match Call::read(TARGET, request).await {
        Ok(call) => dispatch(events, &call),
        Err(error) => Err(error),
    };
    match answered {
        Ok(output) => aws_json::answer(JSON, &output, &request_id),
        Err(error) => {
            let mut response = wire::error(Protocol::Json, &error, &request_id);
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
            response
        }
    }
}

fn dispatch(events: &Events, call: &Call) -> Result<Value, ApiError> {
    match call.operation.as_str() {
        "DeleteRule" => rules::delete(events, call),
        "DescribeRule" => rules::describe(events, call),
        "DisableRule" => rules::enable(events, call, false),
        "EnableRule" => rules::enable(events, call, true),
        "ListRuleNamesByTarget" => targets::rule_names(events, call),
        "ListRules" => rules::list(events, call),
        "ListTargetsByRule" => targets::list(events, call),
        "PutEvents" => put::events(events, call),
        "PutRule" => rules::put(events, call),
        "PutTargets" => targets::put(events, call),
        "RemoveTargets" => targets::remove(events, call),
        other => Err(aws_json::unknown_operation(other)),
    }
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::bad_request("ValidationException", message)
}

fn no_rule(name: &str) -> ApiError {
    let message = format!("Rule {name} does not exist on EventBus {BUS}.");
    ApiError::bad_request("ResourceNotFoundException", message)
}

fn too_many() -> ApiError {
    ApiError::bad_request("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
}

/// The input of an operation. A member without an effect here is refused, rather than accepted and ignored.
fn input<T: DeserializeOwned>(call: &Call) -> Result<T, ApiError> {
    call.input().map_err(|error| refusal(&error.message))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OnBus {
    event_bus_name: Option<String>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// The input of an operation on rules, without the bus, which must be the one that there is.
fn input_on_bus<T: DeserializeOwned>(events: &Events, call: &Call) -> Result<T, ApiError> {
    let OnBus { event_bus_name, rest } = input(call)?;
    let input = serde_json::from_value(Value::Object(rest)).map_err(|error| refusal(&error.to_string()))?;
    check_bus(events, event_bus_name.as_deref())?;
    Ok(input)
}

fn refusal(message: &str) -> ApiError {
    match wire::missing_member(message) {
        Some(member) => {
            let name: String = member[..1].to_lowercase() + &member[1..];
            invalid(format!(
                "1 validation error detected: Value null at '{name}' failed to satisfy constraint: Member must not be null"
            ))
        }
        None => invalid(format!("not implemented or not valid: {message}")),
    }
}

/// Checks that a request is about the one bus, by name or by ARN.
fn check_bus(events: &Events, name: Option<&str>) -> Result<(), ApiError> {
    let is_default = |name: &str| name == BUS || name == events.env.arn("events", &format!("event-bus/{BUS}"));
    match name.filter(|name| !is_default(name)) {
        None => Ok(()),
        Some(other) => {
            let message = format!("Event bus {other} does not exist.");
            Err(ApiError::bad_request("ResourceNotFoundException", message))
        }
    }
}

/// One page of named things, after the name that the token is, and the token of the next page.
fn page<T>(
    all: impl Iterator<Item = (String, T)>,
    token: Option<&str>,
    limit: Option<usize>,
) -> (Vec<T>, Option<String>) {
    let limit = limit.unwrap_or(PAGE).clamp(1, PAGE);
    let mut rest = all.filter(|(name, _)| token.is_none_or(|token| name.as_str() > token));
    let page: Vec<(String, T)> = rest.by_ref().take(limit).collect();
    let next = page.last().map(|(name, _)| name.clone()).filter(|_| rest.next().is_some());
    (page.into_iter().map(|(_, item)| item).collect(), next)
}

/// An answer with its list, and the token of the next page where there is one.
fn listed(name: &str, items: Vec<Value>, next: Option<String>) -> Value {
    let items = (name.to_owned(), Value::Array(items));
    let next = next.map(|next| ("NextToken".to_owned(), next.into()));
    Value::Object([items].into_iter().chain(next).collect())
}
