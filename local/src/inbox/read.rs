//! Reading the inbox over HTTP, under a path of our own that no AWS service has.
//!
//! `GET /_imgwatch/inbox?after=N&wait=SECONDS` answers `{"inbox":"...","letters":[...]}`: those after number N, at once if
//! there are some, else as soon as one comes or the wait is over. Each start of the cloud has an inbox of another name,
//! since its numbers begin anew.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use http::{Method, Request, StatusCode};
use serde_json::json;

use crate::cloud::Cloud;
use crate::wire;

const PATH: &str = "/_imgwatch/inbox";
/// The longest wait.
const MOST_SECONDS: u64 = 60;

/// Answers one request to the inbox.
pub(crate) async fn handle(cloud: &Arc<Cloud>, request: Request<Body>) -> Response {
    if request.uri().path().trim_end_matches('/') != PATH {
        return fault(StatusCode::NOT_FOUND, "no such path; letters are at /_imgwatch/inbox");
    }
    if request.method() != Method::GET {
        return fault(StatusCode::METHOD_NOT_ALLOWED, "letters can only be read; use GET");
    }
    let query = form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes());
    let query: HashMap<String, String> = query.into_owned().collect();
    let number = |name: &str| query.get(name).map_or(Ok(0), |value| value.parse::<u64>());
    let (Ok(after), Ok(wait)) = (number("after"), number("wait")) else {
        return fault(StatusCode::BAD_REQUEST, "`after` and `wait` are whole numbers");
    };
    let inbox = &cloud.inbox;
    if wait > 0 {
        let mut newest = inbox.newest.subscribe();
        let wait = tokio::time::sleep(Duration::from_secs(wait.min(MOST_SECONDS)));
        tokio::select! {
            () = cloud.stop.cancelled() => {}
            () = wait => {}
            _ = newest.wait_for(|newest| *newest > after) => {}
        }
    }
    wire::json(StatusCode::OK, &json!({"inbox": inbox.name.to_string(), "letters": inbox.after(after)}))
}

fn fault(status: StatusCode, message: &str) -> Response {
    wire::json(status, &json!({"message": message}))
}
