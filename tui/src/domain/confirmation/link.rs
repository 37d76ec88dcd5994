//! The parts of a confirmation link. Pure.

use imgwatch_shared::arn::Arn;
use percent_encoding::percent_decode_str;

/// The page behind the links in SNS's mails; `SubscribeURL` names the action instead.
pub(super) const PAGE: &str = "/confirmation.html";

/// A link in its parts, as far as a confirmation goes.
pub(super) struct Link<'a> {
    /// In small letters.
    pub(super) scheme: String,
    /// Host and port, in small letters.
    pub(super) host: String,
    path: &'a str,
    query: &'a str,
}

impl<'a> Link<'a> {
    pub(super) fn parse(link: &'a str) -> Option<Self> {
        let (scheme, rest) = link.split_once("://")?;
        let rest = rest.split('#').next().unwrap_or_default();
        let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (host, path) = address.split_at(address.find('/').unwrap_or(address.len()));
        Some(Self { scheme: scheme.to_ascii_lowercase(), host: host.to_ascii_lowercase(), path, query })
    }

    /// The value of a parameter.
    pub(super) fn value(&self, name: &str) -> Option<String> {
        let pair = self.query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name);
        pair.map(|(_, value)| percent_decode_str(value).decode_utf8_lossy().into_owned())
    }

    pub(super) fn confirms(&self) -> bool {
        self.value("Action").map_or_else(|| self.path == PAGE, |action| action == "ConfirmSubscription")
    }

    pub(super) fn unsubscribes(&self) -> bool {
        self.path.contains("unsubscribe") || self.value("Action").as_deref() == Some("Unsubscribe")
    }

    /// The topic, where its ARN is whole.
    pub(super) fn topic(&self) -> Option<String> {
        self.value("TopicArn").filter(|arn| Arn::is_one(arn))
    }

    pub(super) fn token(&self) -> Option<String> {
        self.value("Token").filter(|token| !token.is_empty() && token.chars().all(|c| c.is_ascii_alphanumeric()))
    }
}

/// Whether a text confirms something, complete or not.
pub(super) fn is_confirmation(text: &str) -> bool {
    Link::parse(text).is_some_and(|link| link.confirms())
}

/// Whether nothing is missing.
pub(super) fn is_complete(text: &str) -> bool {
    Link::parse(text).is_some_and(|link| link.confirms() && link.topic().is_some() && link.token().is_some())
}
