//! STS: the caller identity. It is the account's root for every caller, because any credentials are accepted.

use axum::body::Body;
use axum::response::Response;
use http::Request;

use crate::common::env::{ACCOUNT, Env};
use crate::common::query::{Params, element, respond};
use crate::common::wire::{self, ApiError, Protocol};

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";
const MOST_BYTES: usize = 64 << 10;

pub(crate) async fn handle(env: &Env, request: Request<Body>) -> Response {
    let request_id = env.id();
    let (head, body) = request.into_parts();
    let form = axum::body::to_bytes(body, MOST_BYTES).await.unwrap_or_default();
    let params = Params::parse(head.uri.query(), &form);
    match params.get("Action").unwrap_or_default() {
        operation @ "GetCallerIdentity" => {
            let members = [("Arn", env.caller_arn().as_str()), ("UserId", ACCOUNT), ("Account", ACCOUNT)]
                .map(|(name, value)| element(name, value));
            respond(NAMESPACE, operation, Some(members.concat()), &request_id)
        }
        operation => {
            let message = format!("Could not find operation {operation} for version 2011-06-15");
            wire::error(Protocol::Query, &ApiError::bad_request("InvalidAction", message), &request_id)
        }
    }
}
