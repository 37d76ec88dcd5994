//! The message that goes to SNS for one notification: subject, body for each protocol, attributes.
//!
//! It is plain data, checked against SNS's limits before a request is made; sending it is the handler's business.

use serde::Serialize;

use crate::notification::Notification;
use crate::prose;

/// SNS's limit for one message, in bytes: body (all protocols together) and attributes. The subject is counted as well,
/// which SNS may not do; a message is never so close to the limit that this matters.
pub const MAX_MESSAGE_BYTES: usize = 262_144;

/// The subject's greatest length, in characters. SNS demands fewer than 100.
pub const MAX_SUBJECT_CHARS: usize = 99;

/// What SNS's Publish takes besides the topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The email's subject: printable ASCII, at most [`MAX_SUBJECT_CHARS`].
    pub subject: String,
    /// The body for `MessageStructure=json`: one JSON object with a text per protocol.
    pub body: String,
    /// Message attributes, which filter policies match.
    pub attributes: Vec<Attribute>,
}

/// One SNS message attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Name, for example `bucket`.
    pub name: &'static str,
    /// SNS's data type.
    pub data_type: DataType,
    /// Value, never empty.
    pub value: String,
}

/// SNS's data type of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are SNS's own")]
pub enum DataType {
    String,
    Number,
}

impl DataType {
    /// The name that SNS knows.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::Number => "Number",
        }
    }
}

/// Why there is no message for a notification.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    /// The event held texts far beyond what S3 allows.
    #[error("the message has {bytes} bytes, SNS takes at most {MAX_MESSAGE_BYTES}: the event's texts are too long")]
    TooLarge {
        /// Size of subject, body and attributes.
        bytes: usize,
    },
    /// JSON could not be written.
    #[error("the message could not be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// The texts for each protocol. Protocols that are not named get `default`.
#[derive(Serialize)]
struct Body {
    default: String,
    email: String,
    sms: String,
}

impl Message {
    /// Builds the message: the notification's JSON as `default`, prose as `email`, one short line as `sms`.
    ///
    /// # Errors
    /// [`MessageError::TooLarge`] past [`MAX_MESSAGE_BYTES`]. A notification whose texts keep S3's own limits (a key of
    /// 1,024 bytes) is never too large.
    pub fn new(notification: &Notification) -> Result<Self, MessageError> {
        let body = Body {
            default: serde_json::to_string(notification)?,
            email: prose::email(notification),
            sms: prose::sms(notification),
        };
        let message = Self {
            subject: prose::subject(&notification.data),
            body: serde_json::to_string(&body)?,
            attributes: notification.attributes(),
        };
        let bytes = message.bytes();
        if bytes > MAX_MESSAGE_BYTES { Err(MessageError::TooLarge { bytes }) } else { Ok(message) }
    }

    /// Size in bytes as the limit counts it.
    fn bytes(&self) -> usize {
        let attributes = self.attributes.iter().map(|it| it.name.len() + it.data_type.as_str().len() + it.value.len());
        self.subject.len() + self.body.len() + attributes.sum::<usize>()
    }
}

impl Notification {
    /// The attributes by which subscriptions can filter: `type`, `bucket`, `contentType` and `size` (a number).
    ///
    /// SNS refuses empty values, so an attribute without a value is left out.
    pub fn attributes(&self) -> Vec<Attribute> {
        let text = |name, value: &str| Attribute { name, data_type: DataType::String, value: value.to_owned() };
        let image = &self.data;
        let attributes = [
            text("type", &self.kind),
            text("bucket", &image.bucket),
            text("contentType", image.content_type.as_deref().unwrap_or_default()),
            Attribute { name: "size", data_type: DataType::Number, value: image.size.to_string() },
        ];
        attributes.into_iter().filter(|attribute| !attribute.value.is_empty()).collect()
    }
}
