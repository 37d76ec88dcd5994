//! The link of a confirmation email: found in what was pasted, and read. It is never opened.
//!
//! A first check only, so that a wrong link is shown before the request: SNS itself decides on the token.

mod find;
mod link;
mod redirect;

use std::fmt;

use super::inbox::Confirmation;
use crate::text::clean::Clean;
pub use find::find;
use link::Link;

/// Why a link is not taken, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub why: String,
    /// What to do, in the imperative.
    pub hint: &'static str,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.why, self.hint)
    }
}

const COPY: &str = "copy the link \"Confirm subscription\" of the email";
const COPY_ALL: &str = "copy the whole link; in a shell, put it in quotes";

/// What a text confirms: a link, or an email with one. `topic` is what is watched; without one, any topic will do.
///
/// # Errors
/// What is wrong with it, for the user.
pub fn read(text: &str, topic: Option<&str>, endpoint: Option<&str>) -> Result<Confirmation, Refusal> {
    let refuse = |why: String, hint: &'static str| Err(Refusal { why, hint });
    if text.trim().is_empty() {
        return refuse("the link is missing".to_owned(), "paste the link of the confirmation email");
    }
    let found = find(text).or_else(|| find::any(text));
    let Some(link) = found.as_deref().and_then(Link::parse) else {
        return refuse("no link in it begins with https://".to_owned(), COPY);
    };
    let own = endpoint.and_then(|url| url.split_once("://"));
    let is_own = own.is_some_and(|(scheme, rest)| {
        let host = rest.split('/').next().unwrap_or(rest);
        link.scheme.eq_ignore_ascii_case(scheme) && link.host.eq_ignore_ascii_case(host)
    });
    if !(is_own || link.scheme == "https" && is_sns(&link.host)) {
        return Err(not_sns(&link, endpoint));
    }
    if link.unsubscribes() {
        return refuse("this link unsubscribes, it does not confirm".to_owned(), COPY);
    }
    if !link.confirms() {
        return refuse("this is a link of SNS, but not of a confirmation".to_owned(), COPY);
    }
    let Some(named) = link.topic() else {
        return refuse("the link is not complete: it has no ARN of a topic".to_owned(), COPY_ALL);
    };
    if let Some(topic) = topic.filter(|topic| *topic != named) {
        let why = format!("this link is for the topic {named}, not for {topic}, which is watched here");
        return refuse(why, "confirm it with `imgwatch confirm`, or watch that topic");
    }
    let Some(token) = link.token() else {
        let why = match link.value("Token").filter(|token| !token.is_empty()) {
            Some(_) => "the link is damaged: its token has characters that no token has",
            None => "the link is not complete: it has no token",
        };
        return refuse(why.to_owned(), COPY_ALL);
    };
    Ok(Confirmation { topic_arn: Clean::from(named), token: Clean::from(token) })
}

/// Why a link is not one to SNS.
fn not_sns(link: &Link<'_>, endpoint: Option<&str>) -> Refusal {
    let host = &link.host;
    let is_local = ["127.", "localhost", "[::1]"].into_iter().any(|start| host.starts_with(start));
    let (why, hint) = match endpoint {
        _ if is_sns(host) => {
            (format!("the link begins with {}://, but SNS's links begin with https://", link.scheme), COPY)
        }
        Some(endpoint) if link.confirms() && is_local => (
            format!("the link is for {host}, not for the endpoint {endpoint}"),
            "pass the link's own address with --endpoint-url",
        ),
        None if link.confirms() && is_local => (
            format!("the link is for {host}, which is this machine and not AWS"),
            "pass the link's own address with --endpoint-url",
        ),
        _ if link.confirms() => (
            format!("{host:?} is not SNS, whose links begin with https://sns.REGION.amazonaws.com/"),
            "do not open this link; copy the one of SNS's email",
        ),
        _ => (
            format!("{host:?} is not SNS, and the link has no link to SNS in it"),
            "if an email filter has replaced the link, copy the original from the source of the email",
        ),
    };
    Refusal { why, hint }
}

/// `sns.REGION.amazonaws.com`, also in other partitions, with FIPS and with both versions of IP.
fn is_sns(host: &str) -> bool {
    const DOMAINS: [&str; 8] = [
        ".amazonaws.com",
        ".amazonaws.com.cn",
        ".amazonaws.eu",
        ".api.aws",
        ".api.amazonwebservices.com.cn",
        ".c2s.ic.gov",
        ".sc2s.sgov.gov",
        ".csp.hci.ic.gov",
    ];
    let host = host.strip_suffix(":443").unwrap_or(host);
    let rest = host.strip_prefix("sns.").or(host.strip_prefix("sns-fips."));
    let region = DOMAINS.into_iter().find_map(|domain| rest?.strip_suffix(domain));
    region.is_some_and(|region| {
        !region.is_empty() && region.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    })
}

#[cfg(test)]
mod tests;
