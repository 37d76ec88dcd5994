//! The control API under `/_imgwatch/`, which AWS does not have: health, injected faults and the inbox.

use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{Method, Request, StatusCode};

use crate::cloud::{Cloud, seed};
use crate::common::env::ACCOUNT;
use crate::common::wire;
use crate::fault::FaultRule;

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
        (_, "inbox") => crate::inbox::handle(&cloud.inbox, request).await,
        _ => refuse(StatusCode::NOT_FOUND, "no such path; there are GET health, POST and DELETE faults, and GET inbox"),
    }
}

/// The program, its version, the names of the pipeline that it starts with, and how much it holds.
fn health(cloud: &Cloud) -> serde_json::Value {
    serde_json::json!({
        "name": "imgwatch-local",
        "version": env!("CARGO_PKG_VERSION"),
        "pipeline": {
            "bucket": seed::BUCKET,
            "function": seed::FUNCTION,
            "topic_arn": cloud.env.arn("sns", seed::TOPIC),
            "queue_url": format!("{}/{ACCOUNT}/{}", cloud.env.endpoint, seed::QUEUE),
            "region": cloud.env.region,
            "account": ACCOUNT,
        },
        "holds": {
            "s3": cloud.s3.held(),
            "lambda": cloud.lambda.held(),
            "sns": cloud.sns.held(),
            "sqs": cloud.sqs.held(),
            "events": cloud.events.held(),
            "logs": cloud.logs.held(),
            "metrics": cloud.metrics.held(),
            "inbox": cloud.inbox.held(),
            "faults": cloud.faults.held(),
        },
    })
}

async fn inject(cloud: &Arc<Cloud>, body: Body) -> Response {
    let Ok(body) = axum::body::to_bytes(body, RULE_LIMIT).await else {
        return refuse(StatusCode::BAD_REQUEST, "the rule could not be read");
    };
    match serde_json::from_slice::<FaultRule>(&body) {
        Ok(rule) => {
            if cloud.faults.add(rule) {
                return StatusCode::NO_CONTENT.into_response();
            }
            let message =
                format!("there are {} faults already; DELETE /_imgwatch/faults removes them", crate::fault::MOST);
            refuse(StatusCode::BAD_REQUEST, &message)
        }
        Err(error) => refuse(StatusCode::BAD_REQUEST, &format!("not a fault rule: {error}")),
    }
}

fn refuse(status: StatusCode, message: &str) -> Response {
    wire::json(status, &serde_json::json!({ "message": message }))
}
