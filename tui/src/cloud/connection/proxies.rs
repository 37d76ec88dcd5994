//! The environment's proxies, as curl and the AWS CLI read them.

use std::net::Ipv4Addr;

use hyper::Uri;
use hyper_util::client::proxy::matcher::Matcher;

use super::profiles::variable;
use crate::config::{is_loopback_host, redacted};
use crate::domain::problem::{Problem, ProblemKind};

/// The variables that name proxies.
const HTTPS: [&str; 2] = ["HTTPS_PROXY", "https_proxy"];
const HTTP: [&str; 2] = ["HTTP_PROXY", "http_proxy"];
const ALL: [&str; 2] = ["ALL_PROXY", "all_proxy"];

/// The proxy on the way to a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cloud) struct Proxy {
    /// Host and port.
    pub(in crate::cloud) address: String,
    /// What names it.
    pub(in crate::cloud) variable: &'static str,
}

/// The proxies of the environment.
#[derive(Debug)]
pub(super) struct Proxies {
    matcher: Matcher,
    pub(super) are_any: bool,
}

impl Proxies {
    /// Reads the variables. A proxy that cannot be used is a problem: without it, requests would take another way.
    pub(super) fn from_environment() -> Result<Self, Problem> {
        let mut are_any = false;
        for name in HTTPS.into_iter().chain(HTTP).chain(ALL) {
            let Some(value) = variable(name) else { continue };
            are_any = true;
            if let Err(why) = usable(&value) {
                let what = format!("cannot use the proxy {name}={}", redacted(&value));
                return Err(Problem::new(ProblemKind::Invalid, what, why)
                    .with_hint("write it like http://proxy.example.com:3128, or unset it"));
            }
        }
        Ok(Self { matcher: Matcher::from_env(), are_any })
    }

    /// The proxy for a URL; none for what is near.
    pub(super) fn of(&self, uri: &Uri) -> Option<Proxy> {
        if uri.host().is_some_and(is_near) {
            return None;
        }
        let proxy = self.matcher.intercept(uri)?;
        let own = if uri.scheme_str() == Some("http") { HTTP } else { HTTPS };
        let variable = own.into_iter().chain(ALL).find(|name| variable(name).is_some())?;
        Some(Proxy { address: proxy.uri().authority()?.to_string(), variable })
    }
}

fn usable(value: &str) -> Result<(), &'static str> {
    let any = Uri::from_static("https://example.com");
    let proxy = Matcher::builder().all(value).build().intercept(&any).ok_or("it is not a URL of a proxy")?;
    match proxy.uri().scheme_str() {
        Some("http" | "https") => Ok(()),
        _ => Err("only proxies that speak HTTP are supported"),
    }
}

/// Whether a host is this machine, or the link-local address of a metadata service.
pub(super) fn is_near(host: &str) -> bool {
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

    #[test]
    fn a_proxy_that_cannot_be_used_is_refused() {
        for good in ["http://proxy:3128", "https://ada:secret@proxy", "proxy.example.com:8080", "10.0.0.1:1"] {
            assert_eq!(usable(good), Ok(()), "{good}");
        }
        for bad in ["nonsense://", "http://", "socks5://proxy:1080", "ftp://proxy", "a b"] {
            assert!(usable(bad).is_err(), "{bad}");
        }
    }
}
