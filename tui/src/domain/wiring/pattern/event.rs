//! An `Object Created` event of S3 as far as it is known before it happens.

use imgwatch_shared::event_pattern::Part;

/// What is known of an `Object Created` event. A key stands in it as it is: it is not encoded.
#[derive(Debug, Clone, Copy, Default)]
pub struct ObjectCreated<'a> {
    pub bucket: &'a str,
    pub partition: &'a str,
    pub account: Option<&'a str>,
    pub region: Option<&'a str>,
    pub key: Option<&'a str>,
    /// Bytes.
    pub size: Option<u64>,
}

impl ObjectCreated<'_> {
    pub(super) fn part(&self) -> Part {
        let text = |text: &str| Part::Value(text.into());
        let known = |value: Option<&str>| value.map_or(Part::Unknown, text);
        let object = vec![
            ("key", known(self.key)),
            ("size", self.size_part()),
            ("etag", Part::Unknown),
            ("version-id", Part::Optional),
            ("sequencer", Part::Unknown),
        ];
        let detail = vec![
            ("version", text("0")),
            ("event-version", Part::Optional),
            ("bucket", Part::Object(vec![("name", text(self.bucket))])),
            ("object", Part::Object(object)),
            ("request-id", Part::Unknown),
            ("requester", Part::Unknown),
            ("source-ip-address", Part::Optional),
            ("reason", Part::OneOf(&["PutObject", "POST Object", "CopyObject", "CompleteMultipartUpload"])),
        ];
        Part::Object(vec![
            ("version", text("0")),
            ("id", Part::Unknown),
            ("detail-type", text("Object Created")),
            ("source", text("aws.s3")),
            ("account", known(self.account)),
            ("time", Part::Unknown),
            ("region", known(self.region)),
            ("resources", Part::Several(vec![self.bucket_arn()])),
            ("detail", Part::Object(detail)),
            // Events of an archive have it.
            ("replay-name", Part::Optional),
        ])
    }

    pub(super) fn size_part(&self) -> Part {
        self.size.map_or(Part::Unknown, |size| Part::Value(size.into()))
    }

    pub(super) fn bucket_arn(&self) -> Part {
        Part::Value(format!("arn:{}:s3:::{}", self.partition, self.bucket).into())
    }
}
