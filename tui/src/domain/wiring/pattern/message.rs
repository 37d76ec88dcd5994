//! The message about a new object in each of its forms: as S3 sends it, as `EventBridge` does, and inside SNS's envelope. It is
//! known in part before it exists.

use imgwatch_shared::notification_rule::encoded;

use super::Part;
use super::event::ObjectCreated;

/// What a message about a new object holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageForm {
    /// S3's own event: a list of records, with encoded keys.
    Records,
    /// The event of `EventBridge`.
    Event,
    /// The envelope of SNS, in which the event is a text.
    Envelope,
}

/// The events by which objects come to be, as S3's records name them.
const NAMES: &[&str] =
    &["ObjectCreated:Put", "ObjectCreated:Post", "ObjectCreated:Copy", "ObjectCreated:CompleteMultipartUpload"];

impl ObjectCreated<'_> {
    /// The message itself: what a filter policy on the body is compared with.
    pub(super) fn message(&self, form: MessageForm) -> Part {
        match form {
            MessageForm::Records => Part::Object(vec![("Records", Part::Several(vec![self.record()]))]),
            MessageForm::Event => self.part(),
            MessageForm::Envelope => envelope(),
        }
    }

    /// The message as Lambda reads it from a queue: what the filters of an event source mapping are compared with.
    pub(super) fn queue_record(&self, form: MessageForm) -> Part {
        let attributes = vec![
            ("ApproximateReceiveCount", Part::Unknown),
            ("SentTimestamp", Part::Unknown),
            ("SenderId", Part::Unknown),
            ("ApproximateFirstReceiveTimestamp", Part::Unknown),
            ("AWSTraceHeader", Part::Optional),
        ];
        Part::Object(vec![
            ("messageId", Part::Unknown),
            ("receiptHandle", Part::Unknown),
            ("body", self.message(form)),
            ("attributes", Part::Object(attributes)),
            ("messageAttributes", Part::Object(Vec::new())),
            ("md5OfBody", Part::Unknown),
            ("eventSource", text("aws:sqs")),
            ("eventSourceARN", Part::Unknown),
            ("awsRegion", self.region.map_or(Part::Unknown, text)),
        ])
    }

    /// S3's record of the event.
    fn record(&self) -> Part {
        let key = self.key.map_or(Part::Unknown, |key| Part::Value(encoded(key).into()));
        let principal = || Part::Object(vec![("principalId", Part::Unknown)]);
        let bucket = vec![("name", text(self.bucket)), ("ownerIdentity", principal()), ("arn", self.bucket_arn())];
        let object = vec![
            ("key", key),
            ("size", self.size_part()),
            ("eTag", Part::Unknown),
            ("versionId", Part::Optional),
            ("sequencer", Part::Unknown),
        ];
        let s3 = vec![
            ("s3SchemaVersion", text("1.0")),
            ("configurationId", Part::Unknown),
            ("bucket", Part::Object(bucket)),
            ("object", Part::Object(object)),
        ];
        let answer = vec![("x-amz-request-id", Part::Unknown), ("x-amz-id-2", Part::Unknown)];
        Part::Object(vec![
            ("eventVersion", Part::Unknown),
            ("eventSource", text("aws:s3")),
            ("awsRegion", self.region.map_or(Part::Unknown, text)),
            ("eventTime", Part::Unknown),
            ("eventName", Part::OneOf(NAMES)),
            ("userIdentity", principal()),
            ("requestParameters", Part::Object(vec![("sourceIPAddress", Part::Unknown)])),
            ("responseElements", Part::Object(answer)),
            ("s3", Part::Object(s3)),
        ])
    }
}

/// The envelope says nothing of the object but in the text `Message`.
fn envelope() -> Part {
    Part::Object(vec![
        ("Type", text("Notification")),
        ("MessageId", Part::Unknown),
        ("TopicArn", Part::Unknown),
        ("Subject", Part::Optional),
        ("Message", Part::Unknown),
        ("Timestamp", Part::Unknown),
        ("SignatureVersion", Part::Optional),
        ("Signature", Part::Optional),
        ("SigningCertURL", Part::Optional),
        ("UnsubscribeURL", Part::Optional),
    ])
}

fn text(text: &str) -> Part {
    Part::Value(text.into())
}
