//! Ends requests on which nothing moves. Time counts since the last byte that was sent or received, so that a large body
//! on a slow line may take as long as it takes. While nothing moves, [`Progress`] names the host that is waited for.
//!
//! It knows no service and retries nothing: the SDK and the transfers do that.

use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::{RuntimeComponents, RuntimeComponentsBuilder};
use aws_smithy_types::body::{Error, SdkBody};
use aws_smithy_types::config_bag::ConfigBag;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::watch;
use tokio::time::{Instant, Sleep, sleep, sleep_until};

use super::{Progress, lock};
use crate::text::time;

/// How long nothing may move. S3 needs a few seconds at times before it answers.
pub(in crate::cloud) const IDLE: Duration = Duration::from_secs(15);
/// After this part of the limit, the host is named that is waited for.
const NAMED: u32 = 3;
/// What was handed over may still be on this machine: the system holds up to so many bytes, and a slow line takes the
/// limit once more for each [`SLOW`] bytes of them.
const HELD: u64 = 1024 * 1024;
const SLOW: u64 = 400 * 1024;

/// Nothing moved for too long.
#[derive(Debug, Clone, thiserror::Error)]
#[error("no data from {host} for {}", time::duration(i64::try_from(limit.as_millis()).unwrap_or(i64::MAX)))]
pub(in crate::cloud) struct Stalled {
    host: String,
    limit: Duration,
}

impl Stalled {
    /// Whether this is why something failed.
    pub(in crate::cloud) fn is_cause(error: &(dyn std::error::Error + 'static)) -> bool {
        let mut next = Some(error);
        while let Some(error) = next {
            if error.is::<Self>() {
                return true;
            }
            next = error.source();
        }
        false
    }
}

/// The same client, whose requests end when nothing moves for `limit`, or for the read timeout of a client that has a
/// longer one.
pub(in crate::cloud) fn bounded(
    inner: SharedHttpClient,
    limit: Duration,
    progress: watch::Sender<Progress>,
) -> SharedHttpClient {
    SharedHttpClient::new(Bounded { inner, limit, progress })
}

#[derive(Debug)]
struct Bounded {
    inner: SharedHttpClient,
    limit: Duration,
    progress: watch::Sender<Progress>,
}

impl HttpClient for Bounded {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector {
            inner: self.inner.http_connector(settings, components),
            limit: settings.read_timeout().map_or(self.limit, |own| own.max(self.limit)),
            // A client with a limit of its own waits on purpose.
            progress: settings.read_timeout().is_none().then(|| self.progress.clone()),
        })
    }

    fn validate_base_client_config(
        &self,
        components: &RuntimeComponentsBuilder,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        self.inner.validate_base_client_config(components, config)
    }

    fn validate_final_config(&self, components: &RuntimeComponents, config: &ConfigBag) -> Result<(), BoxError> {
        self.inner.validate_final_config(components, config)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.inner.connector_metadata()
    }
}

#[derive(Debug)]
struct Connector {
    inner: SharedHttpConnector,
    limit: Duration,
    /// Where waits are reported, if they are.
    progress: Option<watch::Sender<Progress>>,
}

impl HttpConnector for Connector {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        let exchange = Arc::new(Exchange::new(host(request.uri()), self.limit, self.progress.clone()));
        let body = request.take_body();
        *request.body_mut() = SdkBody::from_body_1_x(Sent { inner: body, exchange: Arc::clone(&exchange) });
        let answer = self.inner.call(request);
        HttpConnectorFuture::new(async move {
            let answer: Result<HttpResponse, ConnectorError> = tokio::select! {
                biased;
                answer = answer => answer,
                stalled = exchange.stalls() => Err(ConnectorError::timeout(stalled.into())),
            };
            exchange.is_waited_for(false);
            let mut answer = answer?;
            let body = answer.take_body();
            *answer.body_mut() = SdkBody::from_body_1_x(Received { inner: body, exchange, wait: None });
            Ok(answer)
        })
    }
}

/// Host and port of a request.
fn host(uri: &str) -> String {
    let uri = uri.parse::<hyper::Uri>().ok();
    uri.as_ref().and_then(hyper::Uri::authority).map(ToString::to_string).unwrap_or_default()
}

/// One request and its answer.
struct Exchange {
    id: u64,
    host: String,
    limit: Duration,
    /// When something moved last, and how many bytes of the request were handed over.
    moved: Mutex<(Instant, u64)>,
    progress: Option<watch::Sender<Progress>>,
}

impl Exchange {
    fn new(host: String, limit: Duration, progress: Option<watch::Sender<Progress>>) -> Self {
        static IDS: AtomicU64 = AtomicU64::new(0);
        let id = IDS.fetch_add(1, Ordering::Relaxed);
        Self { id, host, limit, moved: Mutex::new((Instant::now(), 0)), progress }
    }

    fn sent(&self, bytes: usize) {
        let mut moved = lock(&self.moved);
        *moved = (Instant::now(), moved.1 + bytes as u64);
        drop(moved);
        self.is_waited_for(false);
    }

    /// Returns when nothing of the request has moved for too long.
    async fn stalls(&self) -> Stalled {
        loop {
            let (at, sent) = *lock(&self.moved);
            let held = u32::try_from(sent.min(HELD)).unwrap_or(u32::MAX);
            let limit = self.limit + self.limit * held / u32::try_from(SLOW).unwrap_or(u32::MAX);
            sleep_until(at + self.limit / NAMED).await;
            if lock(&self.moved).0 == at {
                self.is_waited_for(true);
                sleep_until(at + limit).await;
            }
            if lock(&self.moved).0 == at {
                return Stalled { host: self.host.clone(), limit };
            }
            self.is_waited_for(false);
        }
    }

    /// Says whether this request is one that waits.
    fn is_waited_for(&self, waits: bool) {
        let Some(progress) = &self.progress else { return };
        progress.send_if_modified(|all| {
            if waits {
                all.waits.insert(self.id, self.host.clone()).is_none()
            } else {
                all.waits.remove(&self.id).is_some()
            }
        });
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.is_waited_for(false);
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("host", &self.host).finish_non_exhaustive()
    }
}

/// The body of a request. A frame that the connection takes is one that moved.
struct Sent {
    inner: SdkBody,
    exchange: Arc<Exchange>,
}

impl Body for Sent {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let frame = std::task::ready!(Pin::new(&mut self.inner).poll_frame(cx));
        let data = frame.as_ref().and_then(|frame| frame.as_ref().ok()).and_then(Frame::data_ref);
        self.exchange.sent(data.map_or(0, Bytes::len));
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// The body of an answer. Only the time counts in which its reader waits.
struct Received {
    inner: SdkBody,
    exchange: Arc<Exchange>,
    /// Until when a frame is waited for, and whether the host is named already.
    wait: Option<(Pin<Box<Sleep>>, bool)>,
}

impl Body for Received {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let Self { inner, exchange, wait } = &mut *self;
        if let Poll::Ready(frame) = Pin::new(inner).poll_frame(cx) {
            if wait.take().is_some_and(|(_, is_named)| is_named) {
                exchange.is_waited_for(false);
            }
            return Poll::Ready(frame);
        }
        let until_named = exchange.limit / NAMED;
        let (timer, is_named) = wait.get_or_insert_with(|| (Box::pin(sleep(until_named)), false));
        while timer.as_mut().poll(cx).is_ready() {
            if *is_named {
                let stalled = Stalled { host: exchange.host.clone(), limit: exchange.limit };
                return Poll::Ready(Some(Err(stalled.into())));
            }
            *is_named = true;
            exchange.is_waited_for(true);
            timer.as_mut().reset(Instant::now() + exchange.limit.saturating_sub(until_named));
        }
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
mod tests;
