//! The HTTP client under the SDK: rustls on ring, or no TLS at all where none can be needed.
//!
//! Proxies and private authorities are those of the environment, as for the AWS CLI. This machine and EC2's metadata
//! service are never reached through a proxy.

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
use crate::cloud::connection::profiles::variable;
use crate::cloud::connection::proxies::{Proxies, is_near};
use crate::cloud::connection::unreached;
use crate::domain::problem::{Problem, ProblemKind};

/// Variables beside a profile that have credentials asked for over TLS.
const NEED_TLS: [&str; 2] = ["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];

/// A client for a target. Profiles may have to ask AWS for credentials, so they get TLS even beside a plain endpoint.
/// `bundle` are the authorities that the profile names; the environment's come first.
pub(in crate::cloud) fn client(
    endpoint: Option<&Endpoint>,
    has_profile: bool,
    bundle: Option<&str>,
) -> Result<SharedHttpClient, Problem> {
    let proxies = Proxies::from_environment()?;
    let is_plain = endpoint.is_some_and(|endpoint| endpoint.url.starts_with("http://"));
    let needs_tls = has_profile
        || NEED_TLS.into_iter().any(|name| variable(name).is_some())
        || std::env::vars().any(|(name, url)| name.starts_with("AWS_ENDPOINT_URL_") && url.starts_with("https://"));
    // A proxy may ask for TLS itself; then there has to be some.
    let is_bare = is_plain && !needs_tls;
    let context = if is_bare && !proxies.are_any { None } else { trust(bundle)? };
    let direct = if is_bare {
        Builder::new().build_http()
    } else {
        let builder = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring));
        match &context {
            Some(context) => builder.tls_context(context.clone()).build_https(),
            None => builder.build_https(),
        }
    };
    let client = if proxies.are_any { routed(direct, context) } else { direct };
    Ok(unreached::named(client, proxies))
}

/// `AWS_CA_BUNDLE`, else the profile's `ca_bundle`, else `REQUESTS_CA_BUNDLE`: what the AWS CLI trusts behind a
/// company's proxy.
fn trust(bundle: Option<&str>) -> Result<Option<TlsContext>, Problem> {
    let named = |name| Some((name, std::env::var_os(name).filter(|path| !path.is_empty())?));
    let of_profile = || Some(("ca_bundle", bundle?.into()));
    let found = named("AWS_CA_BUNDLE").or_else(of_profile).or_else(|| named("REQUESTS_CA_BUNDLE"));
    let Some((source, path)) = found else { return Ok(None) };
    let problem = |why: String| {
        Problem::new(
            ProblemKind::Invalid,
            format!("cannot use the certificates of {source}={}", path.to_string_lossy()),
            why,
        )
        .with_hint(format!("set {source} to a readable PEM file, or remove it"))
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
