//! Whether a rule of `EventBridge` matches an upload of which not everything is known. No state and no I/O.

#[cfg(test)]
mod tests;

use imgwatch_shared::arn::Arn;
use imgwatch_shared::event_pattern::EventPattern;
pub use imgwatch_shared::event_pattern::Matches;
use imgwatch_shared::event_pattern::Part::{self, Object, OneOf, Optional, Unknown};
use serde_json::json;

/// What is known of an `Object Created` event. A key stands in it as it is: it is not encoded.
#[derive(Debug, Clone, Copy, Default)]
pub struct ObjectCreated<'a> {
    pub bucket: &'a str,
    /// The rule's ARN: it and the bucket are in one partition, account and region.
    pub rule: Option<Arn<'a>>,
    pub key: Option<&'a str>,
    /// Bytes.
    pub size: Option<u64>,
}

impl ObjectCreated<'_> {
    /// Whether it matches a rule's event pattern.
    pub fn matches(&self, pattern: &str) -> Matches {
        let Some(pattern) = EventPattern::parse_accepted(pattern) else { return Matches::NotKnown };
        let values = json!({
            "version": "0",
            "type": "Object Created",
            "source": "aws.s3",
            "account": self.rule.map(|arn| arn.account),
            "region": self.rule.map(|arn| arn.region),
            "resources": [format!("arn:{}:s3:::{}", self.rule.map_or("aws", |arn| arn.partition), self.bucket)],
            "bucket": {"name": self.bucket},
            "key": self.key,
            "size": self.size,
        });
        let known = |name: &str| if values[name].is_null() { Unknown } else { Part::Value(&values[name]) };
        let object = [
            ("key", known("key")),
            ("size", known("size")),
            ("etag", Unknown),
            ("version-id", Optional),
            ("sequencer", Unknown),
        ];
        let reasons = ["PutObject", "POST Object", "CopyObject", "CompleteMultipartUpload"].map(Into::into);
        let detail = [
            ("version", known("version")),
            ("event-version", Optional),
            ("bucket", known("bucket")),
            ("object", Object(&object)),
            ("request-id", Unknown),
            ("requester", Unknown),
            ("source-ip-address", Optional),
            ("reason", OneOf(&reasons)),
        ];
        pattern.matches_known(&[
            ("version", known("version")),
            ("id", Unknown),
            ("detail-type", known("type")),
            ("source", known("source")),
            ("account", known("account")),
            ("time", Unknown),
            ("region", known("region")),
            ("resources", known("resources")),
            ("detail", Object(&detail)),
            // Events of an archive have it.
            ("replay-name", Optional),
        ])
    }
}

/// A rule's event pattern in one phrase.
pub(super) fn describe(pattern: &str) -> String {
    EventPattern::parse_accepted(pattern)
        .map_or_else(|| "a pattern that cannot be read".to_owned(), |pattern| pattern.to_string())
}
