//! Lambda's API: REST with JSON.

mod configuration;
mod create;
mod event_invoke;
mod invoke;
mod mapping;
mod permission;
mod variables;

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use imgwatch_shared::arn::{self, Arn};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::function::Function;
use super::{Lambda, not_found};
use crate::common::env::ACCOUNT;
use crate::common::wire::{self, ApiError, Protocol};

/// Most bytes of any request body: those of a synchronous invocation.
const BODY_LIMIT: usize = 6 * 1024 * 1024;

/// The operation that a request asks for; empty where none is recognised.
pub(crate) fn operation(request: &Request<Body>) -> &'static str {
    let path = request.uri().path().trim_matches('/');
    let parts: Vec<&str> = path.split('/').collect();
    match (request.method(), parts.as_slice()) {
        (&Method::GET, ["2015-03-31", "functions"]) => "ListFunctions",
        (&Method::POST, ["2015-03-31", "functions"]) => "CreateFunction",
        (&Method::GET, ["2015-03-31", "functions", _]) => "GetFunction",
        (&Method::DELETE, ["2015-03-31", "functions", _]) => "DeleteFunction",
        (&Method::GET, ["2015-03-31", "functions", _, "configuration"]) => "GetFunctionConfiguration",
        (&Method::PUT, ["2015-03-31", "functions", _, "configuration"]) => "UpdateFunctionConfiguration",
        (&Method::POST, ["2015-03-31", "functions", _, "invocations"]) => "Invoke",
        (&Method::GET, ["2015-03-31", "functions", _, "policy"]) => "GetPolicy",
        (&Method::POST, ["2015-03-31", "functions", _, "policy"]) => "AddPermission",
        (&Method::DELETE, ["2015-03-31", "functions", _, "policy", _]) => "RemovePermission",
        (&Method::POST, ["2015-03-31", "event-source-mappings"]) => "CreateEventSourceMapping",
        (&Method::GET, ["2015-03-31", "event-source-mappings"]) => "ListEventSourceMappings",
        (&Method::GET, ["2015-03-31", "event-source-mappings", _]) => "GetEventSourceMapping",
        (&Method::PUT, ["2015-03-31", "event-source-mappings", _]) => "UpdateEventSourceMapping",
        (&Method::DELETE, ["2015-03-31", "event-source-mappings", _]) => "DeleteEventSourceMapping",
        (&Method::GET, ["2019-09-25", "functions", _, "event-invoke-config"]) => "GetFunctionEventInvokeConfig",
        (&Method::PUT, ["2019-09-25", "functions", _, "event-invoke-config"]) => "PutFunctionEventInvokeConfig",
        (&Method::GET, ["2019-09-30", "functions", _, "concurrency"]) => "GetFunctionConcurrency",
        (&Method::PUT, ["2017-10-31", "functions", _, "concurrency"]) => "PutFunctionConcurrency",
        (&Method::DELETE, ["2017-10-31", "functions", _, "concurrency"]) => "DeleteFunctionConcurrency",
        _ => "",
    }
}

struct Call {
    headers: HeaderMap,
    query: Vec<(String, String)>,
    /// The path after the API version: `functions`, the function, and what follows.
    path: Vec<String>,
    body: Bytes,
    request_id: String,
}

pub(crate) async fn handle(lambda: &Arc<Lambda>, request: Request<Body>) -> Response {
    let operation = operation(&request);
    let request_id = lambda.env.id();
    let answered = match read(request, request_id.clone()).await {
        Ok(call) => answer(lambda, operation, &call).await,
        Err(error) => Err(error),
    };
    let mut response = answered.unwrap_or_else(|error| wire::error(Protocol::RestJson, &error, &request_id));
    if let (false, Ok(id)) = (response.headers().contains_key("x-amzn-requestid"), request_id.parse()) {
        response.headers_mut().insert("x-amzn-requestid", id);
    }
    response
}

async fn read(request: Request<Body>, request_id: String) -> Result<Call, ApiError> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, BODY_LIMIT).await.map_err(|_| {
        let message = format!("Request must be smaller than {BODY_LIMIT} bytes for the InvokeFunction operation");
        ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "RequestTooLargeException", message)
    })?;
    let decode = |part: &str| percent_encoding::percent_decode_str(part).decode_utf8_lossy().into_owned();
    let path = parts.uri.path().trim_matches('/').split('/').skip(1).map(decode).collect();
    let query = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    Ok(Call { headers: parts.headers, query, path, body, request_id })
}

async fn answer(lambda: &Arc<Lambda>, operation: &str, call: &Call) -> Result<Response, ApiError> {
    match operation {
        "ListFunctions" => configuration::list(lambda, call),
        "CreateFunction" => create::create(lambda, call),
        "DeleteFunction" => create::delete(lambda, call),
        "Invoke" => invoke::invoke(lambda, call).await,
        "GetFunction" => Ok(configuration::get_function(&*call.function(lambda)?)),
        "GetFunctionConfiguration" => Ok(configuration::get(&*call.function(lambda)?)),
        "UpdateFunctionConfiguration" => configuration::update(&*call.function(lambda)?, call),
        "GetFunctionConcurrency" => Ok(configuration::concurrency(&*call.function(lambda)?)),
        "PutFunctionConcurrency" => configuration::put_concurrency(lambda, call),
        "DeleteFunctionConcurrency" => Ok(configuration::delete_concurrency(&*call.function(lambda)?)),
        "GetPolicy" => permission::get(lambda, call),
        "AddPermission" => permission::add(lambda, call),
        "RemovePermission" => permission::remove(lambda, call),
        "CreateEventSourceMapping" => mapping::create(lambda, call),
        "ListEventSourceMappings" => mapping::list(lambda, call),
        "GetEventSourceMapping" => mapping::get(lambda, call),
        "UpdateEventSourceMapping" => mapping::update(lambda, call),
        "DeleteEventSourceMapping" => mapping::delete(lambda, call),
        "GetFunctionEventInvokeConfig" => event_invoke::get(lambda, call),
        "PutFunctionEventInvokeConfig" => event_invoke::put(lambda, call),
        _ => Err(not_implemented("this Lambda operation")),
    }
}

impl Call {
    /// The function that the request names, with its qualifier.
    /// Errors: it is of another region or account, or is named with two qualifiers.
    fn name(&self, lambda: &Lambda) -> Result<String, ApiError> {
        let name = self.path.get(1).cloned().unwrap_or_default();
        if let Some(Arn { region, account, .. }) = Arn::parse(&name) {
            let own = &lambda.env.region;
            if region != own {
                return Err(missing(format!("Functions from '{region}' are not reachable in this region ('{own}')")));
            }
            if account != ACCOUNT {
                return Err(ApiError::new(StatusCode::FORBIDDEN, "AccessDeniedException", "Access denied"));
            }
        }
        match (arn::function(&name).1, self.query("Qualifier")) {
            (Some(own), Some(other)) if own != other => {
                let message = "The derived qualifier from the function name does not match the specified qualifier.";
                Err(ApiError::bad_request("InvalidParameterValueException", message))
            }
            (None, Some(qualifier)) => Ok(format!("{name}:{qualifier}")),
            _ => Ok(name),
        }
    }

    fn function(&self, lambda: &Lambda) -> Result<Arc<Function>, ApiError> {
        let name = self.name(lambda)?;
        lambda.find(&name).ok_or_else(|| not_found(lambda, &name))
    }

    fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON. A member without an effect here is refused, rather than accepted and ignored.
    fn json<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        serde_json::from_slice(&self.body).map_err(|error| {
            ApiError::bad_request("InvalidParameterValueException", format!("not implemented or not valid: {error}"))
        })
    }
}

/// 404, with the message of an operation.
fn missing(message: impl Into<String>) -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "ResourceNotFoundException", message)
}

/// A member that violates a constraint of Lambda's model.
fn violation(name: &str, value: impl std::fmt::Display, constraint: &str) -> ApiError {
    let message =
        format!("1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: {constraint}");
    ApiError::bad_request("ValidationException", message)
}

/// Checks a number against the bounds of Lambda's model.
fn within(name: &str, value: u64, least: u64, most: u64) -> Result<(), ApiError> {
    if value < least {
        let constraint = format!("Member must have value greater than or equal to {least}");
        return Err(violation(name, value, &constraint));
    }
    if value > most {
        return Err(violation(name, value, &format!("Member must have value less than or equal to {most}")));
    }
    Ok(())
}

fn not_implemented(what: &str) -> ApiError {
    ApiError::new(StatusCode::NOT_IMPLEMENTED, "NotImplementedException", format!("not implemented: {what}"))
}

fn ok(value: &Value) -> Response {
    wire::json(StatusCode::OK, value)
}
