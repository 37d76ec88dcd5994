//! Paths of our own under `/_imgwatch/`: what AWS has no service for.

use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{Method, Request, StatusCode};

use crate::cloud::{ACCOUNT, Cloud};
use crate::fault::FaultRule;
use crate::{seed, wire};

/// A fault rule is a few hundred bytes.
const RULE_LIMIT: usize = 64 * 1024;

pub(super) async fn handle(cloud: &Arc<Cloud>, request: Request<Body>) -> Response {
    let path = request.uri().path().trim_start_matches("/_imgwatch/").to_owned();
    match (request.method(), path.split('/').next().unwrap_or_default()) {
        (&Method::GET, "health") => wire::json(StatusCode::OK, &health(cloud)),
        (&Method::POST, "faults") => inject(cloud, request.into_body()).await,
        (&Method::DELETE, "faults") => {
            cloud.faults.clear();
            StatusCode::NO_CONTENT.into_response()
        }
        (_, "inbox") => crate::inbox::handle(cloud, request).await,
        _ => refuse(StatusCode::NOT_FOUND, "no such path; there are GET health, POST and DELETE faults, and GET inbox"),
    }
}

/// Who answers here, and the names of the seeded pipeline.
fn health(cloud: &Cloud) -> serde_json::Value {
    serde_json::json!({
        "name": "imgwatch-local",
        "version": env!("CARGO_PKG_VERSION"),
        "pipeline": {
            "bucket": seed::BUCKET,
            "function": seed::FUNCTION,
            "topicArn": cloud.arn("sns", seed::TOPIC),
            "queueUrl": format!("{}/{ACCOUNT}/{}", cloud.endpoint, seed::QUEUE),
            "region": cloud.options.region,
            "account": ACCOUNT,
        },
    })
}

async fn inject(cloud: &Arc<Cloud>, body: Body) -> Response {
    let Ok(body) = axum::body::to_bytes(body, RULE_LIMIT).await else {
        return refuse(StatusCode::BAD_REQUEST, "the rule could not be read");
    };
    match serde_json::from_slice::<FaultRule>(&body) {
        Ok(rule) => {
            cloud.faults.add(rule);
            StatusCode::NO_CONTENT.into_response()
        }
        Err(error) => refuse(StatusCode::BAD_REQUEST, &format!("not a fault rule: {error}")),
    }
}

fn refuse(status: StatusCode, message: &str) -> Response {
    wire::json(status, &serde_json::json!({ "message": message }))
}
