//! Amazon Resource Names, in every partition: `arn:aws-cn:sns:cn-north-1:123456789012:uploads`.

use std::fmt;

/// An ARN in its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `aws`, `aws-cn`, `aws-us-gov` and the like.
    pub partition: &'a str,
    /// `sns`.
    pub service: &'a str,
    /// Empty for S3 and IAM.
    pub region: &'a str,
    /// Empty for S3.
    pub account: &'a str,
    /// All that follows the account.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Reads an ARN; `None` for everything else.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let mut part = || parts.next();
        let ("arn", partition, service, region, account, resource) =
            (part()?, part()?, part()?, part()?, part()?, part()?)
        else {
            return None;
        };
        let is_complete = [partition, service, resource].iter().all(|part| !part.is_empty());
        is_complete.then_some(Self { partition, service, region, account, resource })
    }

    /// Whether a text is an ARN.
    pub fn is_one(text: &str) -> bool {
        Arn::parse(text).is_some()
    }

    /// The ARN of a bucket.
    pub fn of_bucket(partition: &'a str, bucket: &'a str) -> Self {
        Self { partition, service: "s3", region: "", account: "", resource: bucket }
    }

    /// A resource of another service in the same partition, region and account.
    #[must_use]
    pub fn sibling(self, service: &'a str, resource: &'a str) -> Self {
        Self { service, resource, ..self }
    }
}

impl fmt::Display for Arn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, service, region, account, resource } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

/// Whether a text is meant as an ARN, complete or not.
pub fn is_arn_like(text: &str) -> bool {
    text.starts_with("arn:")
}

/// The last part of an ARN, which is the name of a topic and of a queue; a name is returned unchanged.
pub fn name(text: &str) -> &str {
    text.rsplit(':').next().unwrap_or(text)
}

/// The name of a function and its version or alias, from `NAME`, `NAME:QUALIFIER`, `ACCOUNT:function:NAME` or an ARN.
pub fn function(text: &str) -> (&str, Option<&str>) {
    let rest = text.rsplit_once(":function:").map_or(text, |(_, rest)| rest);
    let rest = rest.strip_prefix("function:").unwrap_or(rest);
    match rest.split_once(':') {
        Some((name, qualifier)) => (name, Some(qualifier)),
        None => (rest, None),
    }
}

/// The partition to which a region belongs.
pub fn partition_of(region: &str) -> &'static str {
    const OTHERS: [(&str, &str); 7] = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-isof-", "aws-iso-f"),
        ("eusc-", "aws-eusc"),
    ];
    let other = OTHERS.iter().find(|(start, _)| region.starts_with(start));
    other.map_or("aws", |(_, partition)| *partition)
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
    fn a_sibling_stays_in_the_partition() {
        let topic = Arn::parse("arn:aws-cn:sns:cn-north-1:123456789012:uploads").unwrap();
        assert_eq!(topic.sibling("sqs", "q").to_string(), "arn:aws-cn:sqs:cn-north-1:123456789012:q");
        assert_eq!((name(&topic.to_string()), name("uploads")), ("uploads", "uploads"));
    }

    #[test]
    fn a_function_is_named_in_four_ways() {
        assert_eq!(function("arn:aws-cn:lambda:cn-north-1:123456789012:function:f:1"), ("f", Some("1")));
        assert_eq!(function("123456789012:function:f"), ("f", None));
        assert_eq!(function("function:f:live"), ("f", Some("live")));
        assert_eq!(function("f"), ("f", None));
        assert_eq!(function("f:$LATEST"), ("f", Some("$LATEST")));
    }

    #[test]
    fn a_bucket_is_in_the_partition_of_its_region() {
        for (region, arn) in [
            ("eu-west-1", "arn:aws:s3:::b"),
            ("cn-north-1", "arn:aws-cn:s3:::b"),
            ("us-gov-east-1", "arn:aws-us-gov:s3:::b"),
        ] {
            assert_eq!(Arn::of_bucket(partition_of(region), "b").to_string(), arn);
        }
    }
}
