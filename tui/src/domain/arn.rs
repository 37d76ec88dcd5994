//! Amazon Resource Names, in every partition: `arn:aws-cn:sns:cn-north-1:123456789012:uploads`.

use std::fmt;

/// The name of one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arn {
    /// `aws`, `aws-cn`, `aws-us-gov` and the like.
    pub partition: String,
    /// `sns`.
    pub service: String,
    /// Empty for S3.
    pub region: String,
    /// Empty for S3.
    pub account: String,
    /// All that comes after the account.
    pub resource: String,
}

impl Arn {
    /// Reads an ARN; `None` for everything else.
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let &["arn", partition, service, region, account, resource] = parts.as_slice() else { return None };
        let is_one = [partition, service, resource].iter().all(|part| !part.is_empty());
        let owned = str::to_owned;
        is_one.then(|| Self {
            partition: owned(partition),
            service: owned(service),
            region: owned(region),
            account: owned(account),
            resource: owned(resource),
        })
    }

    /// A resource of another service in the same partition, region and account.
    #[must_use]
    pub fn sibling(&self, service: &str, resource: impl Into<String>) -> Self {
        Self { service: service.to_owned(), resource: resource.into(), ..self.clone() }
    }

    /// Whether a text is one.
    pub fn is_one(text: &str) -> bool {
        Self::parse(text).is_some()
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, service, region, account, resource } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

/// A function's name, from its name or ARN, without version and alias; and its ARN without them, where it is one.
pub fn function(text: &str) -> (&str, Option<String>) {
    let (before, rest) = match text.split_once(":function:") {
        Some((before, rest)) => (Some(before), rest),
        None => (None, text),
    };
    let name = rest.split(':').next().unwrap_or(rest);
    (name, before.filter(|before| before.starts_with("arn:")).map(|before| format!("{before}:function:{name}")))
}

/// The last part of an ARN, which is the name of a topic and of a queue; a name is its own.
pub fn name(text: &str) -> &str {
    text.rsplit(':').next().unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_partition_is_read_and_written() {
        for text in [
            "arn:aws:sns:eu-west-1:123456789012:uploads",
            "arn:aws-cn:sns:cn-north-1:123456789012:uploads",
            "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:f:live",
            "arn:aws:s3:::bucket/key:with:colons",
        ] {
            assert_eq!(Arn::parse(text).map(|arn| arn.to_string()).as_deref(), Some(text));
        }
        for text in [
            "",
            "uploads",
            "arn:",
            "arn:aws:sns:eu-west-1:1",
            "arn:aws:sns:r:1:",
            "urn:aws:sns:r:1:t",
            "arn::sns:r:1:t",
        ] {
            assert_eq!(Arn::parse(text), None, "{text}");
        }
    }

    #[test]
    fn functions_are_named_without_version_and_alias() {
        let (plain, china) = (
            "arn:aws:lambda:eu-west-1:123456789012:function:F",
            "arn:aws-cn:lambda:cn-north-1:123456789012:function:F",
        );
        for (text, arn) in [
            ("F", None),
            ("F:live", None),
            (plain, Some(plain)),
            ("arn:aws-cn:lambda:cn-north-1:123456789012:function:F:7", Some(china)),
        ] {
            assert_eq!(function(text), ("F", arn.map(str::to_owned)), "{text}");
        }
    }

    #[test]
    fn a_sibling_stays_in_the_partition() {
        let topic = Arn::parse("arn:aws-cn:sns:cn-north-1:123456789012:uploads").unwrap();
        assert_eq!(topic.sibling("sqs", "q").to_string(), "arn:aws-cn:sqs:cn-north-1:123456789012:q");
        assert_eq!((name(&topic.to_string()), name("uploads")), ("uploads", "uploads"));
    }
}
