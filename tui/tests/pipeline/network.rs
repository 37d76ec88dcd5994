//! What stands between this machine and AWS in a company: an authority of its own, and proxies.

use super::finding::run_with;
use super::program::{Server, run};
use crate::net::certificate;
use crate::raw::{Raw, Request, denied, listing};

fn bucket(request: &Request) -> String {
    if request.line.contains("list-type=2") { listing("through.png") } else { denied(request) }
}

#[test]
fn an_endpoint_without_tls_is_not_a_matter_of_certificates() {
    let server = Server::start(&[]);
    let endpoint = server.endpoint.replace("http://", "https://");
    let done = run(&["--endpoint-url", &endpoint, "objects", "--bucket", "images"]);
    assert_eq!(done.code, Some(1));
    let hint = "hint: nothing there speaks TLS: write the endpoint with http://";
    assert!(done.stderr.contains(hint) && !done.stderr.contains("AWS_CA_BUNDLE"), "{}", done.stderr);
}

#[test]
fn an_authority_of_ones_own_is_trusted_when_it_is_named() {
    let server = Raw::start_tls(bucket);
    let endpoint = format!("https://localhost:{}", server.port);
    let args = ["--endpoint-url", &endpoint, "objects", "--bucket", "b"];
    let done = run_with(&args, &[]);
    assert_eq!(done.code, Some(1));
    assert!(done.stderr.contains("AWS_CA_BUNDLE"), "the hint names the variable: {}", done.stderr);
    assert_eq!(server.seen(), [""; 0]);

    let done = run_with(&args, &[("AWS_CA_BUNDLE", &certificate("ca.pem"))]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(done.stdout.contains("through.png"), "{}", done.stdout);

    let folder = tempfile::tempdir().unwrap();
    let text = format!("[default]\nca_bundle = {}\n", certificate("ca.pem"));
    let config = super::finding::profiles(folder.path(), &text);
    let done = run_with(&args, &[("AWS_CONFIG_FILE", &config)]);
    assert_eq!(done.code, Some(0), "the profile may name it: {}", done.stderr);

    let done = run_with(&args, &[("REQUESTS_CA_BUNDLE", &certificate("ca.pem"))]);
    assert_eq!(done.code, Some(0), "as the AWS CLI, where nothing else names one: {}", done.stderr);
    let done = run_with(&args, &[("REQUESTS_CA_BUNDLE", "/nonexistent.pem"), ("AWS_CONFIG_FILE", &config)]);
    assert_eq!(done.code, Some(0), "the profile comes before it: {}", done.stderr);

    for variable in ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"] {
        for bundle in ["/nonexistent.pem", file!()] {
            let done = run_with(&args, &[(variable, bundle)]);
            let named = done.stderr.contains(&format!("{variable}={bundle}"));
            assert!(done.code == Some(1) && named, "{variable} {bundle}: {}", done.stderr);
            assert!(done.stderr.contains(&format!("set {variable} to a readable PEM file")), "{}", done.stderr);
        }
    }
}

#[test]
fn https_goes_through_the_proxy_by_connect() {
    let server = Raw::start_tls(bucket);
    let proxy = Raw::proxy(server.port);
    let (url, bundle) = (format!("http://127.0.0.1:{}", proxy.port), certificate("ca.pem"));
    // Only the proxy knows this name.
    let args = ["--endpoint-url", "https://pipeline.test", "objects", "--bucket", "b"];
    for variable in ["HTTPS_PROXY", "https_proxy"] {
        let done = run_with(&args, &[(variable, &url), ("AWS_CA_BUNDLE", &bundle)]);
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        assert!(done.stdout.contains("through.png"), "{}", done.stdout);
    }
    assert!(!proxy.seen().is_empty(), "the proxy was used");
    assert!(proxy.seen().iter().all(|line| line.starts_with("CONNECT pipeline.test:443")), "{:?}", proxy.seen());
}

#[test]
fn plain_http_goes_through_the_proxy_unless_it_is_excepted_or_near() {
    let server = Raw::start(bucket);
    let proxy = Raw::proxy(server.port);
    let url = format!("http://127.0.0.1:{}", proxy.port);
    let (far, near) = (server.far(), server.near());
    let args = ["--endpoint-url", &far, "objects", "--bucket", "b"];
    let done = run_with(&args, &[("HTTP_PROXY", &url), ("NO_PROXY", "0.0.0.0")]);
    assert_eq!((done.code, proxy.seen().len()), (Some(0), 0), "excepted: {}", done.stderr);
    let done = run_with(&["--endpoint-url", &near, "objects", "--bucket", "b"], &[("HTTP_PROXY", &url)]);
    assert_eq!((done.code, proxy.seen().len()), (Some(0), 0), "near: {}", done.stderr);
    let done = run_with(&args, &[("HTTP_PROXY", &url)]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(proxy.seen().iter().any(|line| line.starts_with("GET http://0.0.0.0")), "{:?}", proxy.seen());
}
