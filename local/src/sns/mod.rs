//! SNS: topics, subscriptions, publishing and delivery.
//!
//! Requests come in the AWS query protocol. Deliveries run in tasks, after Publish has answered.

mod check;
mod delivery;
mod delivery_policy;
mod delivery_status;
mod envelope;
mod list;
mod message;
mod publish;
mod sms;
mod state;
mod subscribe;
mod subscription_attributes;
#[cfg(test)]
mod tests;
mod topic;
mod topic_attributes;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use http::{Request, StatusCode};
use imgwatch_shared::resource_policy::{self, Asking};
use serde_json::{Value, json};

use crate::common::budget::Budget;
use crate::common::deliver::{Accepted, Deliver, LogSink, MetricSink, Outbox, Payload, Sender};
use crate::common::env::{ACCOUNT, Env};
use crate::common::query::{self, Params};
use crate::common::wire::{self, ApiError, Protocol};
use crate::options::Options;
pub(crate) use envelope::is_email_link;
use message::Message;

const NAMESPACE: &str = "http://sns.amazonaws.com/doc/2010-03-31/";
/// Ten messages of 256 KiB each do not fit a batch; one, with every byte percent-encoded, does fit this.
const MOST_BYTES: usize = 2 << 20;

/// Messages that may wait for HTTP endpoints, and their bytes: an endpoint that does not answer holds one for minutes.
const MOST_POSTS: usize = 10_000;
const MOST_POST_BYTES: usize = 128 << 20;

pub(crate) struct Sns {
    env: Arc<Env>,
    deliver: Arc<dyn Deliver>,
    logs: Arc<dyn LogSink>,
    metrics: Arc<dyn MetricSink>,
    outbox: Arc<dyn Outbox>,
    http_retry_delay: Duration,
    state: Mutex<state::State>,
    http: delivery::http::Poster,
    /// What waits for HTTP endpoints.
    posts: Arc<Budget>,
    /// The log stream of delivery statuses; on AWS such names have no meaning either.
    log_stream: String,
}

impl Sns {
    pub(crate) fn new(
        env: Arc<Env>,
        deliver: Arc<dyn Deliver>,
        logs: Arc<dyn LogSink>,
        metrics: Arc<dyn MetricSink>,
        outbox: Arc<dyn Outbox>,
        options: &Options,
    ) -> Self {
        let (state, log_stream) = (Mutex::default(), env.id());
        let (http, http_retry_delay) = (delivery::http::Poster::new(options.allow_outbound), options.http_retry_delay);
        let posts = Budget::new(MOST_POSTS, MOST_POST_BYTES);
        Self { env, deliver, logs, metrics, outbox, http_retry_delay, state, http, posts, log_stream }
    }

    /// How much is kept, and how much waits for endpoints.
    pub(crate) fn held(&self) -> Value {
        let (state, posts) = (self.lock(), self.posts.taken());
        json!({
            "topics": state.topics.len(),
            "subscriptions": state.subscriptions.len(),
            "waiting_posts": posts.items,
            "waiting_bytes": posts.bytes,
        })
    }

    /// The state without what has expired.
    fn lock(&self) -> MutexGuard<'_, state::State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.expire(self.env.now());
        state
    }

    /// Creates a topic, or finds the one that exists; returns its ARN.
    pub(crate) fn create_topic(&self, name: &str) -> String {
        let arn = self.env.arn("sns", name);
        self.lock().topics.entry(arn.clone()).or_default();
        arn
    }
}

impl Deliver for Arc<Sns> {
    /// Publishes for another service. Fails with `NotFound` or `AuthorizationError`.
    fn deliver(&self, topic_arn: &str, sender: Sender<'_>, payload: Payload) -> Result<Accepted, ApiError> {
        self.check(topic_arn, sender)?;
        let mut message = Message::new(&self.env, payload.subject.as_deref(), payload.body);
        message.trace_header = payload.trace_header;
        let message_id = Some(message.id.clone());
        delivery::fan_out(self, topic_arn, message)?;
        Ok(Accepted { request_id: self.env.id(), message_id })
    }

    fn check(&self, topic_arn: &str, sender: Sender<'_>) -> Result<(), ApiError> {
        // The default policy of a topic permits its owner, and no service.
        let policy = {
            let state = self.lock();
            let topic = state.topics.get(topic_arn).ok_or_else(check::no_topic)?;
            topic.attributes.get("Policy").cloned().unwrap_or_default()
        };
        let Sender { principal, source_arn } = sender;
        let action = "sns:Publish";
        let asking = Asking { principal, action, source_arn, source_account: ACCOUNT, resource: topic_arn };
        if resource_policy::allows(&policy, &asking) {
            return Ok(());
        }
        let message = format!("{principal} is not authorized to perform: SNS:Publish on resource: {topic_arn}");
        Err(ApiError::new(StatusCode::FORBIDDEN, "AuthorizationError", message))
    }
}

struct Call<'a> {
    sns: &'a Arc<Sns>,
    params: Params,
    /// Whether the request names a caller. Links in emails do not.
    signed: bool,
    /// `X-Amzn-Trace-Id`, which SNS passes through.
    trace_header: Option<String>,
}

pub(crate) async fn handle(sns: &Arc<Sns>, request: Request<Body>) -> Response {
    let request_id = sns.env.id();
    let (head, body) = request.into_parts();
    let answer = match axum::body::to_bytes(body, MOST_BYTES).await {
        Ok(form) => {
            let params = Params::parse(head.uri.query(), &form);
            let signed =
                head.headers.contains_key(http::header::AUTHORIZATION) || params.get("X-Amz-Signature").is_some();
            let trace_header =
                head.headers.get("x-amzn-trace-id").and_then(|value| value.to_str().ok()).map(str::to_owned);
            let operation = params.get("Action").unwrap_or_default().to_owned();
            let answer = run(&operation, &Call { sns, params, signed, trace_header }).await;
            answer.map(|answer| (operation, answer))
        }
        Err(_) => Err(check::invalid("Message too long")),
    };
    match answer {
        Ok((operation, answer)) => query::respond(NAMESPACE, &operation, answer, &request_id),
        Err(error) => wire::error(Protocol::Query, &error, &request_id),
    }
}

async fn run(operation: &str, call: &Call<'_>) -> Result<query::Answer, ApiError> {
    match operation {
        "CreateTopic" => topic::create(call),
        "DeleteTopic" => topic::delete(call),
        "GetTopicAttributes" => topic_attributes::get(call),
        "SetTopicAttributes" => topic_attributes::set(call),
        "Subscribe" => subscribe::subscribe(call).await,
        "ConfirmSubscription" => subscribe::confirm(call),
        "Unsubscribe" => subscribe::unsubscribe(call),
        "GetSubscriptionAttributes" => subscription_attributes::get(call),
        "SetSubscriptionAttributes" => subscription_attributes::set(call),
        "ListTopics" => list::topics(call),
        "ListSubscriptions" => list::subscriptions(call),
        "ListSubscriptionsByTopic" => list::subscriptions_by_topic(call),
        "TagResource" => topic::tag(call),
        "UntagResource" => topic::untag(call),
        "ListTagsForResource" => topic::list_tags(call),
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
