//! SNS: topics, subscriptions, publishing and delivery.
//!
//! Requests come in the AWS query protocol. What SNS sends goes out on tasks of the cloud, after the answer.

mod check;
mod confirm;
mod delivery;
mod delivery_policy;
mod envelope;
mod list;
mod message;
mod params;
mod publish;
mod receipt;
mod sms;
mod state;
mod subscribe;
mod subscription_attributes;
mod tags;
mod topic;
mod topic_attributes;
pub(crate) mod xml;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use axum::response::Response;
use http::Request;
use jiff::Timestamp;

use crate::cloud::Cloud;
use crate::wire::{self, ApiError, Protocol};

pub(crate) use params::Params;
pub(crate) use publish::publish_event;
pub(crate) use subscribe::subscribe_confirmed;
pub(crate) use topic::create_topic;
pub(crate) use topic_attributes::set_topic_attribute;

const NAMESPACE: &str = "http://sns.amazonaws.com/doc/2010-03-31/";
/// Ten messages of 256 KiB each do not fit a batch; one, with every byte percent-encoded, does fit this.
const MOST_BYTES: usize = 2 << 20;

/// All topics and subscriptions.
pub(crate) struct Sns {
    state: Mutex<state::State>,
    http: delivery::http::Poster,
    receipts: receipt::Receipts,
}

impl Sns {
    /// `outbound`: whether messages may be sent to HTTP endpoints beyond this machine.
    pub(crate) fn new(outbound: bool) -> Self {
        let http = delivery::http::Poster::new(outbound);
        Self { state: Mutex::default(), http, receipts: receipt::Receipts::default() }
    }

    /// The state as of now: what has expired is gone.
    fn lock(&self) -> MutexGuard<'_, state::State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.expire(Timestamp::now());
        state
    }
}

/// What an operation can know of its request.
struct Call<'a> {
    cloud: &'a Arc<Cloud>,
    params: Params,
    /// Whether the request names a caller. Links in mails do not.
    signed: bool,
    /// `X-Amzn-Trace-Id`, which SNS passes through.
    trace_header: Option<String>,
}

/// Answers one SNS request.
pub(crate) async fn handle(cloud: &Arc<Cloud>, request: Request<Body>) -> Response {
    let request_id = wire::request_id();
    let (head, body) = request.into_parts();
    let answer = match axum::body::to_bytes(body, MOST_BYTES).await {
        Ok(form) => {
            let params = Params::parse(head.uri.query(), &form);
            let signed =
                head.headers.contains_key(http::header::AUTHORIZATION) || params.get("X-Amz-Signature").is_some();
            let trace_header =
                head.headers.get("x-amzn-trace-id").and_then(|value| value.to_str().ok()).map(str::to_owned);
            let operation = params.get("Action").unwrap_or_default().to_owned();
            let answer = run(&operation, &Call { cloud, params, signed, trace_header }).await;
            answer.map(|answer| (operation, answer))
        }
        Err(_) => Err(check::invalid("Message too long")),
    };
    match answer {
        Ok((operation, answer)) => xml::respond(NAMESPACE, &operation, answer, &request_id),
        Err(error) => wire::error(Protocol::Query, &error, &request_id),
    }
}

async fn run(operation: &str, call: &Call<'_>) -> Result<xml::Answer, ApiError> {
    match operation {
        "CreateTopic" => topic::create(call),
        "DeleteTopic" => topic::delete(call),
        "GetTopicAttributes" => topic_attributes::get(call),
        "SetTopicAttributes" => topic_attributes::set(call),
        "Subscribe" => subscribe::subscribe(call).await,
        "ConfirmSubscription" => confirm::confirm(call),
        "Unsubscribe" => confirm::unsubscribe(call),
        "GetSubscriptionAttributes" => subscription_attributes::get(call),
        "SetSubscriptionAttributes" => subscription_attributes::set(call),
        "ListTopics" => list::topics(call),
        "ListSubscriptions" => list::subscriptions(call),
        "ListSubscriptionsByTopic" => list::subscriptions_by_topic(call),
        "TagResource" => tags::tag(call),
        "UntagResource" => tags::untag(call),
        "ListTagsForResource" => tags::list(call),
        "Publish" => publish::publish(call),
        "PublishBatch" => publish::publish_batch(call),
        "SetSMSAttributes" => sms::set_attributes(call),
        "GetSMSAttributes" => Ok(Some(sms::get_attributes(call))),
        _ => {
            let message = format!("The action {operation} is not valid for this endpoint.");
            Err(ApiError::bad_request("InvalidAction", message))
        }
    }
}
