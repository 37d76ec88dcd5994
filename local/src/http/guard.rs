//! Keeps websites out: a page in the user's browser can reach this port, but must not act on the cloud.
//!
//! It is no check of who asks on this machine: any program here may do anything, as with any credentials.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, Request, StatusCode, Version, header};

/// Refuses a request that another site's page sent, or that came under a name which is not this machine's: a site can
/// let its own name resolve to 127.0.0.1, and its page is then of one origin with this cloud.
pub(super) fn check(request: &Request<Body>) -> Result<(), Box<Response>> {
    let refuse = |message: &'static str| Err(Box::new((StatusCode::FORBIDDEN, message).into_response()));
    if header(request.headers(), "sec-fetch-site") == Some("cross-site") && !is_link_of_a_mail(request) {
        return refuse("requests from another site's page are refused\n");
    }
    let named =
        [header(request.headers(), header::HOST.as_str()), request.uri().authority().map(http::uri::Authority::as_str)];
    let no_name = named.iter().all(Option::is_none) && request.version() > Version::HTTP_10;
    if no_name || !named.into_iter().flatten().all(is_this_machine) {
        return refuse("the Host must be 127.0.0.1, localhost or a name below it, [::1] or host.docker.internal\n");
    }
    Ok(())
}

/// A header's value; one that is no text, or is there twice, is a text that means nothing.
fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    Some(if values.next().is_some() { "" } else { first.to_str().unwrap_or_default() })
}

/// Mail is read on a site of its own, and the links in it are followed from there. Their token or ARN is the secret.
fn is_link_of_a_mail(request: &Request<Body>) -> bool {
    let is_navigation = header(request.headers(), "sec-fetch-mode") == Some("navigate");
    let query = request.uri().query().unwrap_or_default().as_bytes();
    let mut actions = form_urlencoded::parse(query).filter(|(name, _)| name == "Action");
    let action = actions.next();
    *request.method() == Method::GET
        && request.uri().path() == "/"
        && is_navigation
        && action.is_some_and(|(_, action)| matches!(&*action, "ConfirmSubscription" | "Unsubscribe"))
        && actions.next().is_none()
}

/// Whether this is a name of this machine's own, with any port.
fn is_this_machine(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.to_ascii_lowercase();
    matches!(name.as_str(), "127.0.0.1" | "localhost" | "[::1]" | "host.docker.internal")
        || name.strip_suffix(".localhost").is_some_and(|bucket| !bucket.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(target: &str, headers: &[(&str, &str)]) -> StatusCode {
        let mut request = Request::get(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        check(&request.body(Body::empty()).unwrap()).map_or_else(|refused| refused.status(), |()| StatusCode::OK)
    }

    #[test]
    fn only_names_of_this_machine_are_answered() {
        for host in ["127.0.0.1:4566", "localhost", "LOCALHOST:1", "photos.s3.localhost:4566", "[::1]:4566"] {
            assert_eq!(status("/", &[("host", host)]), StatusCode::OK, "{host}");
        }
        assert_eq!(status("/", &[("host", "host.docker.internal:4566")]), StatusCode::OK);
        for host in ["example.com", "example.com:4566", "localhost.example.com", "127.0.0.1.nip.io", ".localhost", ""] {
            assert_eq!(status("/", &[("host", host)]), StatusCode::FORBIDDEN, "{host}");
        }
        assert_eq!(status("http://example.com/", &[("host", "localhost")]), StatusCode::FORBIDDEN);
        assert_eq!(status("/", &[("host", "localhost"), ("host", "example.com")]), StatusCode::FORBIDDEN);
        assert_eq!(status("/", &[]), StatusCode::FORBIDDEN);
        let old = Request::get("/").version(Version::HTTP_10).body(Body::empty()).unwrap();
        assert!(check(&old).is_ok(), "HTTP/1.0 needs no Host");
    }

    #[test]
    fn another_sites_page_can_only_lead_to_the_links_of_a_mail() {
        let from = |site, mode| [("host", "127.0.0.1:4566"), ("sec-fetch-site", site), ("sec-fetch-mode", mode)];
        let publish = "/?Action=Publish&Version=2010-03-31&Message=x";
        let confirm = "/?Action=ConfirmSubscription&Token=00";
        for (target, site, mode, expected) in [
            (publish, "cross-site", "navigate", StatusCode::FORBIDDEN),
            (publish, "cross-site", "no-cors", StatusCode::FORBIDDEN),
            (publish, "none", "navigate", StatusCode::OK),
            (publish, "same-origin", "cors", StatusCode::OK),
            (confirm, "cross-site", "no-cors", StatusCode::FORBIDDEN),
            (confirm, "cross-site", "navigate", StatusCode::OK),
            ("/?Action=Unsubscribe&Action=Publish", "cross-site", "navigate", StatusCode::FORBIDDEN),
        ] {
            assert_eq!(status(target, &from(site, mode)), expected, "{target} {site} {mode}");
        }
    }
}
