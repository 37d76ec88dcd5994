//! Names the host of a connection that failed, and the proxy on the way there. The SDK's errors name neither.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

use super::proxies::{Proxies, Proxy};

/// A request that had no answer.
#[derive(Debug)]
pub(in crate::cloud) struct Unreached {
    /// Without the port.
    pub(in crate::cloud) host: String,
    pub(in crate::cloud) proxy: Option<Proxy>,
    source: ConnectorError,
}

impl fmt::Display for Unreached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "connection to {}", self.host)?;
        match &self.proxy {
            Some(proxy) => write!(f, " through the proxy {} ({})", proxy.address, proxy.variable),
            None => Ok(()),
        }
    }
}

impl Error for Unreached {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.source)
    }
}

impl Unreached {
    /// The one among the causes of an error.
    pub(in crate::cloud) fn of<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(found) = error.downcast_ref() {
                return Some(found);
            }
            next = error.source();
        }
        None
    }
}

/// The same client with errors that name the host.
pub(super) fn named(client: SharedHttpClient, proxies: Proxies) -> SharedHttpClient {
    SharedHttpClient::new(Named { client, proxies: Arc::new(proxies) })
}

#[derive(Debug)]
struct Named {
    client: SharedHttpClient,
    proxies: Arc<Proxies>,
}

impl HttpClient for Named {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let connector = self.client.http_connector(settings, components);
        SharedHttpConnector::new(NamedConnector { connector, proxies: Arc::clone(&self.proxies) })
    }
}

#[derive(Debug)]
struct NamedConnector {
    connector: SharedHttpConnector,
    proxies: Arc<Proxies>,
}

impl HttpConnector for NamedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let uri = request.uri().parse::<hyper::Uri>().ok();
        let (proxies, answer) = (Arc::clone(&self.proxies), self.connector.call(request));
        HttpConnectorFuture::new(async move {
            answer.await.map_err(|error| match uri.as_ref().and_then(|uri| Some((uri, uri.host()?))) {
                Some((uri, host)) => {
                    wrapped(error, |source| Unreached { host: host.to_owned(), proxy: proxies.of(uri), source })
                }
                None => error,
            })
        })
    }
}

/// An error of the same kind: by that, requests are tried again.
fn wrapped(error: ConnectorError, wrap: impl FnOnce(ConnectorError) -> Unreached) -> ConnectorError {
    let (is_timeout, is_user, is_io, kind) = (error.is_timeout(), error.is_user(), error.is_io(), error.as_other());
    let error = Box::new(wrap(error));
    match kind {
        _ if is_timeout => ConnectorError::timeout(error),
        _ if is_user => ConnectorError::user(error),
        _ if is_io => ConnectorError::io(error),
        kind => ConnectorError::other(error, kind),
    }
}
