//! Delivery to HTTP and HTTPS endpoints: POST requests, retried as on AWS, to addresses that `connect` permits.

use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, StatusCode, Uri};
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client, ResponseFuture};
use hyper_util::rt::TokioExecutor;

use super::connect::{self, Connector};
use super::{Delivery, Outcome};
use crate::sns::Sns;
use crate::sns::delivery_policy::HttpPolicy;
use crate::sns::envelope::Confirmation;
use crate::sns::state::Subscription;

const TIMEOUT: Duration = Duration::from_secs(15);

type PostClient<Connector> = Client<Connector, Full<Bytes>>;

/// The clients for all endpoints. The system's certificates are read at the first request to an HTTPS endpoint, because
/// plain HTTP has to work on a machine that has none.
pub(in crate::sns) struct Poster {
    connector: Connector,
    plain: OnceLock<PostClient<Connector>>,
    tls: OnceLock<Result<PostClient<HttpsConnector<Connector>>, String>>,
}

impl Poster {
    pub(in crate::sns) fn new(outbound: bool) -> Self {
        Self { connector: Connector { outbound }, plain: OnceLock::new(), tls: OnceLock::new() }
    }

    /// Whether messages may be sent to this URL.
    /// Errors: why not, and what to do about it.
    pub(in crate::sns) async fn check(&self, endpoint: &str) -> Result<(), String> {
        if self.connector.outbound {
            return Ok(());
        }
        let uri = endpoint.parse::<Uri>().map_err(|error| error.to_string())?;
        connect::check(&uri).await
    }

    fn request(&self, request: Request<Full<Bytes>>) -> Result<ResponseFuture, String> {
        let builder = Client::builder(TokioExecutor::new());
        if request.uri().scheme_str() == Some("http") {
            return Ok(self.plain.get_or_init(|| builder.build(self.connector.clone())).request(request));
        }
        let tls = self.tls.get_or_init(|| {
            let roots = HttpsConnectorBuilder::new().with_native_roots();
            let roots = roots.map_err(|error| error.to_string())?.https_only().enable_http1();
            Ok(builder.build(roots.wrap_connector(self.connector.clone())))
        });
        let client = tls.as_ref().map_err(|error| format!("cannot read the system's certificates: {error}"))?;
        Ok(client.request(request))
    }
}

struct Post<'a> {
    kind: &'static str,
    id: &'a str,
    topic_arn: &'a str,
    /// Absent before the confirmation.
    subscription_arn: Option<&'a str>,
    is_raw: bool,
    body: String,
}

pub(super) async fn deliver(sns: &Sns, delivery: &Delivery) -> Outcome {
    let subscription = &delivery.subscription;
    let body = if subscription.raw { delivery.text().to_owned() } else { delivery.document(sns) };
    let post = Post {
        kind: "Notification",
        id: &delivery.message.id,
        topic_arn: &subscription.topic_arn,
        subscription_arn: Some(&subscription.arn),
        is_raw: subscription.raw,
        body,
    };
    send(sns, &subscription.endpoint, &delivery.http, &post).await
}

pub(super) async fn confirm(sns: &Sns, confirmation: Confirmation, subscription: &Subscription, token: &str) {
    let id = sns.env.id();
    let post = Post {
        kind: confirmation.name(),
        id: &id,
        topic_arn: &subscription.topic_arn,
        subscription_arn: (confirmation == Confirmation::Unsubscribed).then_some(&subscription.arn),
        is_raw: false,
        body: confirmation.document(sns, subscription, &id, token),
    };
    let policy = HttpPolicy { retries: 3, content_type: "text/plain; charset=UTF-8".to_owned() };
    let outcome = send(sns, &subscription.endpoint, &policy, &post).await;
    if !outcome.is_delivered {
        let (endpoint, response) = (&subscription.endpoint, outcome.response);
        tracing::warn!(endpoint, response, "an endpoint could not be asked to confirm");
    }
}

/// Posts until the endpoint accepts it, refuses it permanently, or the attempts run out. A message for which there is no
/// place fails at once.
async fn send(sns: &Sns, endpoint: &str, policy: &HttpPolicy, post: &Post<'_>) -> Outcome {
    let Some(_place) = sns.posts.take(post.body.len()) else {
        let response = "too many messages wait for endpoints that do not answer".to_owned();
        return Outcome { is_delivered: false, status: None, response, attempts: None };
    };
    let mut attempts = 0;
    loop {
        attempts += 1;
        let answer = tokio::select! {
            () = sns.env.stop.cancelled() => Err("the local cloud was stopped".to_owned()),
            answer = attempt(sns, endpoint, policy, post) => answer,
        };
        let may_retry = match &answer {
            Ok(status) => status.is_server_error() || *status == StatusCode::TOO_MANY_REQUESTS,
            Err(_) => true,
        };
        if !may_retry || attempts > policy.retries || sns.env.stop.is_cancelled() {
            return outcome(answer, attempts);
        }
        tokio::select! {
            () = sns.env.stop.cancelled() => {}
            () = tokio::time::sleep(sns.http_retry_delay) => {}
        }
    }
}

fn outcome(answer: Result<StatusCode, String>, attempts: u64) -> Outcome {
    let attempts = Some(attempts);
    match answer {
        Ok(status) => Outcome {
            is_delivered: status.is_success(),
            status: Some(status.as_u16()),
            response: status.canonical_reason().unwrap_or_default().to_owned(),
            attempts,
        },
        Err(response) => Outcome { is_delivered: false, status: None, response, attempts },
    }
}

async fn attempt(sns: &Sns, endpoint: &str, policy: &HttpPolicy, post: &Post<'_>) -> Result<StatusCode, String> {
    let request = request(endpoint, policy, post).map_err(|error| error.to_string())?;
    let sent = tokio::time::timeout(TIMEOUT, sns.http.request(request)?).await;
    match sent {
        Ok(Ok(response)) => Ok(response.status()),
        Ok(Err(error)) => Err(reason(&error)),
        Err(_) => Err(format!("no answer within {} seconds", TIMEOUT.as_secs())),
    }
}

/// An error with its causes, without which the client's text says nothing.
fn reason(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

fn request(endpoint: &str, policy: &HttpPolicy, post: &Post<'_>) -> Result<Request<Full<Bytes>>, http::Error> {
    let content_type = HeaderValue::from_str(&policy.content_type)
        .unwrap_or_else(|_| HeaderValue::from_static("text/plain; charset=UTF-8"));
    let mut request = Request::post(endpoint.parse::<Uri>()?)
        .header("x-amz-sns-message-type", post.kind)
        .header("x-amz-sns-message-id", post.id)
        .header("x-amz-sns-topic-arn", post.topic_arn)
        .header("content-type", content_type)
        .header("user-agent", "Amazon Simple Notification Service Agent")
        .header("accept-encoding", "gzip,deflate");
    if let Some(arn) = post.subscription_arn {
        request = request.header("x-amz-sns-subscription-arn", arn);
    }
    if post.is_raw {
        request = request.header("x-amz-sns-rawdelivery", "true");
    }
    request.body(Full::new(Bytes::from(post.body.clone())))
}
