//! Refuses requests of websites: a page in the user's browser can reach every port of this machine.
//!
//! It checks the headers that browsers set and pages cannot change. [`super::peer`] checks whose program sends a request.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Request, StatusCode, Version};

use super::IsLink;

/// Refuses a request that a page of any other origin sent, or that came under a name which is not this machine's: a site
/// can let its own name resolve to 127.0.0.1, and its page is then of one origin with this cloud. `port` is the one that
/// the request came to. The AWS CLI and the SDKs send no `Origin`. A page of another origin may lead to what `is_link`
/// accepts.
pub(super) fn check(request: &Request<Body>, port: u16, is_link: IsLink) -> Result<(), Box<Response>> {
    let headers = request.headers();
    let named = [header(headers, "host"), request.uri().authority().map(http::uri::Authority::as_str)];
    let hosts: Vec<&str> = named.into_iter().flatten().collect();
    let no_name = hosts.is_empty() && request.version() > Version::HTTP_10;
    if no_name || !hosts.iter().all(|host| is_this_machine(host)) {
        return refuse("the Host must be 127.0.0.1, localhost or a name below it, [::1] or host.docker.internal\n");
    }
    if header(headers, "origin").is_some_and(|origin| !is_own_origin(origin, &hosts, port)) {
        return refuse("requests from a web page of another origin are refused; other programs send no Origin\n");
    }
    match header(headers, "sec-fetch-site") {
        // No browser at all, an address that the user typed, or a page of this very port.
        None | Some("none" | "same-origin") => Ok(()),
        Some("cross-site" | "same-site")
            if header(headers, "sec-fetch-mode") == Some("navigate") && is_link(request) =>
        {
            Ok(())
        }
        Some(_) => refuse("requests from a web page of another origin are refused; open the address by itself\n"),
    }
}

pub(super) fn refuse(message: &'static str) -> Result<(), Box<Response>> {
    Err(Box::new((StatusCode::FORBIDDEN, message).into_response()))
}

/// A header's value. If it is not text, or is there twice, it is the empty text, which no check accepts.
fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    Some(if values.next().is_some() { "" } else { first.to_str().unwrap_or_default() })
}

/// Whether a page of this origin was served here: by the host that the request is for, on this very port.
fn is_own_origin(origin: &str, hosts: &[&str], port: u16) -> bool {
    let Some(origin) = origin.strip_prefix("http://") else { return false };
    let is_here = |host: &&str| origin.eq_ignore_ascii_case(host) && name_and_port(host).1 == port;
    !hosts.is_empty() && hosts.iter().all(is_here)
}

/// A host without its port, and the port, which is HTTP's own where none is given.
fn name_and_port(host: &str) -> (&str, u16) {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (name, port.parse().unwrap_or(80)),
        _ => (host, 80),
    }
}

/// Whether this is a name of this machine's own, with any port: it may have been forwarded.
fn is_this_machine(host: &str) -> bool {
    let name = name_and_port(host).0.to_ascii_lowercase();
    matches!(name.as_str(), "127.0.0.1" | "localhost" | "[::1]" | "host.docker.internal")
        || name.strip_suffix(".localhost").is_some_and(|bucket| !bucket.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OK: StatusCode = StatusCode::OK;
    const REFUSED: StatusCode = StatusCode::FORBIDDEN;
    const HOST: (&str, &str) = ("host", "127.0.0.1:4566");
    const IS_LINK: IsLink = |request| request.uri().query().is_some_and(|query| query.contains("ConfirmSubscription"));
    const PUBLISH: &str = "/?Action=Publish&Version=2010-03-31&Message=x";

    fn status(target: &str, headers: &[(&str, &str)]) -> StatusCode {
        let mut request = Request::get(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        check(&request.body(Body::empty()).unwrap(), 4566, IS_LINK).map_or_else(|refused| refused.status(), |()| OK)
    }

    #[test]
    fn only_names_of_this_machine_are_answered() {
        for host in ["127.0.0.1:4566", "localhost", "LOCALHOST:1", "photos.s3.localhost:4566", "[::1]:4566"] {
            assert_eq!(status("/", &[("host", host)]), OK, "{host}");
        }
        assert_eq!(status("/", &[("host", "host.docker.internal:4566")]), OK);
        for host in ["example.com", "example.com:4566", "localhost.example.com", "127.0.0.1.nip.io", ".localhost", ""] {
            assert_eq!(status("/", &[("host", host)]), REFUSED, "{host}");
        }
        assert_eq!(status("http://example.com/", &[("host", "localhost")]), REFUSED);
        assert_eq!(status("/", &[("host", "localhost"), ("host", "example.com")]), REFUSED);
        assert_eq!(status("/", &[]), REFUSED);
        let old = |request: http::request::Builder| {
            check(&request.version(Version::HTTP_10).body(Body::empty()).unwrap(), 4566, IS_LINK).is_ok()
        };
        assert!(old(Request::get("/")), "HTTP/1.0 needs no Host");
        assert!(!old(Request::get("/").header("origin", "http://127.0.0.1:4566")), "no page comes over HTTP/1.0");
    }

    #[test]
    fn a_page_of_another_origin_is_refused_whatever_it_asks_for() {
        for origin in [
            "http://evil.example",
            "http://evil.example:4566",
            "null",
            "",
            "http://127.0.0.1:4567",
            "http://127.0.0.1",
            "http://localhost:4566",
            "https://127.0.0.1:4566",
            "http://127.0.0.1:4566.evil.example",
            "http://x@127.0.0.1:4566",
            "file://",
        ] {
            for target in ["/", PUBLISH, "/images/cat.png", "/_imgwatch/faults", "/2018-06-01/runtime/invocation/next"]
            {
                assert_eq!(status(target, &[HOST, ("origin", origin)]), REFUSED, "{origin} {target}");
            }
            let none = [HOST, ("origin", origin), ("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate")];
            assert_eq!(status("/?Action=ConfirmSubscription&Token=00", &none), REFUSED, "{origin}");
        }
        let own = ("origin", "http://127.0.0.1:4566");
        assert_eq!(status(PUBLISH, &[HOST, own]), OK);
        assert_eq!(status(PUBLISH, &[("host", "LocalHost:4566"), ("origin", "http://localhost:4566")]), OK);
        assert_eq!(status(PUBLISH, &[HOST, own, own]), REFUSED, "twice");
        assert_eq!(status(PUBLISH, &[HOST, own, ("origin", "http://evil.example")]), REFUSED);
        let forwarded = [("host", "127.0.0.1:5173"), ("origin", "http://127.0.0.1:5173")];
        assert_eq!(status(PUBLISH, &forwarded), REFUSED, "a page of another port, through that port's proxy");
        let two_hosts = [("host", "localhost:4566"), ("origin", "http://localhost:4566")];
        assert_eq!(status("http://127.0.0.1:4566/", &two_hosts), REFUSED);
    }

    #[test]
    fn a_browser_says_for_whom_it_asks() {
        for site in ["cross-site", "same-site", "Cross-Site", "", "none, cross-site", "new-word"] {
            assert_eq!(status(PUBLISH, &[HOST, ("sec-fetch-site", site)]), REFUSED, "{site}");
        }
        for site in ["none", "same-origin"] {
            assert_eq!(status(PUBLISH, &[HOST, ("sec-fetch-site", site)]), OK, "{site}");
            for second in ["none", "same-origin", "cross-site"] {
                let twice = [HOST, ("sec-fetch-site", site), ("sec-fetch-site", second)];
                assert_eq!(status(PUBLISH, &twice), REFUSED, "{site} {second}");
            }
        }
    }

    #[test]
    fn another_page_can_only_lead_to_a_link() {
        let from = |site, mode| [HOST, ("sec-fetch-site", site), ("sec-fetch-mode", mode)];
        let confirm = "/?Action=ConfirmSubscription&Token=00";
        for (target, site, mode, expected) in [
            (PUBLISH, "cross-site", "navigate", REFUSED),
            (PUBLISH, "same-site", "navigate", REFUSED),
            (PUBLISH, "none", "navigate", OK),
            (PUBLISH, "same-origin", "cors", OK),
            (confirm, "cross-site", "no-cors", REFUSED),
            (confirm, "cross-site", "navigate", OK),
            (confirm, "same-site", "navigate", OK),
            (confirm, "", "navigate", REFUSED),
        ] {
            assert_eq!(status(target, &from(site, mode)), expected, "{target} {site} {mode}");
        }
    }
}
