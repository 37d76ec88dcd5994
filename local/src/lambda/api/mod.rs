//! Lambda's API: REST with JSON. It reads requests and renders answers; what happens is decided in the modules beside.

mod concurrency;
mod configuration;
mod event_invoke;
mod invoke;
mod logging;
mod permission;
mod variables;

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::function::Function;
use super::not_found;
use crate::cloud::Cloud;
use crate::wire::{self, ApiError, Protocol};

/// Most bytes of any request body: those of a synchronous invocation.
const BODY_LIMIT: usize = 6 * 1024 * 1024;

/// One request, taken apart.
struct Call {
    headers: HeaderMap,
    query: Vec<(String, String)>,
    /// The path after the API version: `functions`, the function, and what follows.
    path: Vec<String>,
    body: Bytes,
    request_id: String,
}

/// Answers one request.
pub(crate) async fn handle(cloud: &Arc<Cloud>, request: Request<Body>) -> Response {
    let operation = crate::http::lambda_operation(&request);
    let request_id = wire::request_id();
    let answered = match read(request, request_id.clone()).await {
        Ok(call) => answer(cloud, operation, &call).await,
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

async fn answer(cloud: &Arc<Cloud>, operation: &str, call: &Call) -> Result<Response, ApiError> {
    match operation {
        "ListFunctions" => Ok(configuration::list(cloud)),
        "CreateFunction" => Err(not_implemented("CreateFunction: this cloud has the one function it started with")),
        "Invoke" => invoke::invoke(cloud, call).await,
        "GetFunction" => Ok(configuration::get_function(&*call.function(cloud)?)),
        "GetFunctionConfiguration" => Ok(configuration::get(&*call.function(cloud)?)),
        "UpdateFunctionConfiguration" => configuration::update(&*call.function(cloud)?, call),
        "GetFunctionConcurrency" => Ok(concurrency::get(&*call.function(cloud)?)),
        "PutFunctionConcurrency" => concurrency::put(&*call.function(cloud)?, call),
        "DeleteFunctionConcurrency" => Ok(concurrency::delete(&*call.function(cloud)?)),
        "GetPolicy" => permission::get(&*call.function(cloud)?),
        "AddPermission" => permission::add(&*call.function(cloud)?, call),
        "RemovePermission" => permission::remove(&*call.function(cloud)?, call),
        "GetFunctionEventInvokeConfig" => event_invoke::get(&*call.function(cloud)?),
        "PutFunctionEventInvokeConfig" => event_invoke::put(&*call.function(cloud)?, call),
        _ => Err(not_implemented("this Lambda operation")),
    }
}

impl Call {
    fn name(&self) -> String {
        let name = self.path.get(1).cloned().unwrap_or_default();
        match self.query("Qualifier") {
            Some(qualifier) if super::name_of(&name).1.is_none() => format!("{name}:{qualifier}"),
            _ => name,
        }
    }

    fn function(&self, cloud: &Cloud) -> Result<Arc<Function>, ApiError> {
        let name = self.name();
        cloud.lambda.find(&name).ok_or_else(|| not_found(cloud, &name))
    }

    fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON. A field that nothing here acts on is refused, rather than accepted and forgotten.
    fn json<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        serde_json::from_slice(&self.body).map_err(|error| {
            ApiError::bad_request("InvalidParameterValueException", format!("not implemented or not valid: {error}"))
        })
    }
}

fn not_implemented(what: &str) -> ApiError {
    ApiError::new(StatusCode::NOT_IMPLEMENTED, "NotImplementedException", format!("not implemented: {what}"))
}

fn ok(value: &Value) -> Response {
    wire::json(StatusCode::OK, value)
}
