//! The HTTP client under the SDK: rustls on ring, or no TLS at all where none can be needed.

use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use super::plain::Endpoint;
use crate::model::problem::Problem;
use crate::text::clean::Clean;

/// A client for a target. Profiles may have to ask AWS for credentials, so they get TLS even beside a plain endpoint.
pub(super) fn client(endpoint: Option<&Endpoint>, profile: Option<&str>) -> Result<SharedHttpClient, Problem> {
    let plain = endpoint.is_some_and(|endpoint| endpoint.url.starts_with("http://"));
    if plain && profile.is_none() && std::env::var_os("AWS_PROFILE").is_none() {
        return Ok(Builder::new().build_http());
    }
    let builder = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring));
    Ok(match trust()? {
        Some(context) => builder.tls_context(context).build_https(),
        None => builder.build_https(),
    })
}

/// `AWS_CA_BUNDLE`: what the AWS CLI trusts behind a company's proxy.
fn trust() -> Result<Option<TlsContext>, Problem> {
    let Some(path) = std::env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty()) else { return Ok(None) };
    let problem = |why: String| Problem {
        what: Clean::new(&format!("cannot use the certificates of AWS_CA_BUNDLE={}", path.to_string_lossy())),
        why: Clean::new(&why),
        hint: "set AWS_CA_BUNDLE to a readable PEM file, or unset it",
        transient: false,
    };
    let pem = std::fs::read(&path).map_err(|error| problem(error.to_string()))?;
    let store = TrustStore::default().with_pem_certificate(pem);
    TlsContext::builder().with_trust_store(store).build().map(Some).map_err(|error| problem(error.to_string()))
}
