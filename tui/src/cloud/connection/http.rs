//! The HTTP client under the SDK: rustls on ring, or no TLS at all where none can be needed.
//!
//! Proxies and private authorities are those of the environment, as for the AWS CLI. This machine and EC2's metadata
//! service are never reached through a proxy.

use std::net::Ipv4Addr;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

use crate::cloud::connection::endpoint::Endpoint;
use crate::config::is_loopback_host;
use crate::domain::problem::{Problem, ProblemKind};

/// The variables that name proxies, as curl and the AWS CLI read them.
const PROXIES: [&str; 6] = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/// A client for a target. Profiles may have to ask AWS for credentials, so they get TLS even beside a plain endpoint.
/// `bundle` are the authorities that the profile names; the environment's come first.
pub(in crate::cloud) fn client(
    endpoint: Option<&Endpoint>,
    profile: Option<&str>,
    bundle: Option<&str>,
) -> Result<SharedHttpClient, Problem> {
    let plain = endpoint.is_some_and(|endpoint| endpoint.url.starts_with("http://"));
    let has_proxy = PROXIES.iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    if plain && profile.is_none() && std::env::var_os("AWS_PROFILE").is_none() {
        let direct = Builder::new().build_http();
        // A proxy may ask for TLS itself; then there has to be some.
        return if has_proxy { Ok(routed(direct, trust(bundle)?)) } else { Ok(direct) };
    }
    let context = trust(bundle)?;
    let builder = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring));
    let direct = match &context {
        Some(context) => builder.tls_context(context.clone()).build_https(),
        None => builder.build_https(),
    };
    Ok(if has_proxy { routed(direct, context) } else { direct })
}

/// `AWS_CA_BUNDLE`, else the profile's `ca_bundle`: what the AWS CLI trusts behind a company's proxy.
fn trust(bundle: Option<&str>) -> Result<Option<TlsContext>, Problem> {
    let named = std::env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty());
    let (source, path) = match (named, bundle) {
        (Some(path), _) => ("AWS_CA_BUNDLE", path),
        (None, Some(path)) => ("ca_bundle", path.into()),
        (None, None) => return Ok(None),
    };
    let problem = |why: String| {
        Problem::new(
            ProblemKind::Invalid,
            format!("cannot use the certificates of {source}={}", path.to_string_lossy()),
            why,
        )
        .with_hint("set AWS_CA_BUNDLE to a readable PEM file, or unset it")
    };
    let pem = std::fs::read(&path).map_err(|error| problem(error.to_string()))?;
    if !pem.windows(11).any(|window| window == b"-----BEGIN ") {
        return Err(problem("the file has no certificate".to_owned()));
    }
    let store = TrustStore::default().with_pem_certificate(pem);
    TlsContext::builder().with_trust_store(store).build().map(Some).map_err(|error| problem(error.to_string()))
}

/// Two ways out: straight to what is near, by the environment's proxies to everything else.
fn routed(direct: SharedHttpClient, context: Option<TlsContext>) -> SharedHttpClient {
    let proxied = Builder::new().build_with_connector_fn(move |settings, components| {
        let mut builder =
            Connector::builder().proxy_config(ProxyConfig::from_env()).tls_provider(Provider::Rustls(CryptoMode::Ring));
        builder.set_connector_settings(settings.cloned());
        if let Some(components) = components {
            builder.set_sleep_impl(components.sleep_impl());
        }
        match &context {
            Some(context) => builder.tls_context(context.clone()).build(),
            None => builder.build(),
        }
    });
    SharedHttpClient::new(Routed { direct, proxied })
}

#[derive(Debug)]
struct Routed {
    direct: SharedHttpClient,
    proxied: SharedHttpClient,
}

impl HttpClient for Routed {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Routes {
            direct: self.direct.http_connector(settings, components),
            proxied: self.proxied.http_connector(settings, components),
        })
    }
}

#[derive(Debug)]
struct Routes {
    direct: SharedHttpConnector,
    proxied: SharedHttpConnector,
}

impl HttpConnector for Routes {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let uri = request.uri().parse::<hyper::Uri>().ok();
        let near = uri.as_ref().and_then(hyper::Uri::host).is_some_and(is_near);
        if near { self.direct.call(request) } else { self.proxied.call(request) }
    }
}

/// Whether a host is this machine, or the link-local address of a metadata service.
fn is_near(host: &str) -> bool {
    is_loopback_host(host) || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_link_local())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_near_is_reached_directly() {
        for near in ["127.0.0.1", "127.9.9.9", "[::1]", "localhost", "s3.localhost", "169.254.169.254"] {
            assert!(is_near(near), "{near}");
        }
        for far in ["s3.eu-west-1.amazonaws.com", "10.0.0.1", "localhost.example.com", "[2001:db8::1]", ""] {
            assert!(!is_near(far), "{far}");
        }
    }
}
