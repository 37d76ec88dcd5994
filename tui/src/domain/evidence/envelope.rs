//! In what the event of a write came to an invocation: an SQS message, an SNS message, an event of `EventBridge`, or several of
//! them inside one another.

use imgwatch_shared::s3_event::Entry;

use crate::text::clean::Clean;

/// What the envelopes around an event say of its path. No envelope names the queue's mapping or the rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Envelope {
    /// To whom S3 sent the event.
    pub entry: Option<Entry>,
    /// The SQS message, the outermost if there are several.
    pub sqs: Option<SqsReceive>,
    /// The SNS message with which the entry's topic passed the event on. A queue that gets raw messages does not have it.
    pub sns_message_id: Option<Clean>,
}

/// One receive of an SQS message. Each is an invocation of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SqsReceive {
    /// The message's id, the same at every receive.
    pub message_id: Clean,
    /// Which receive it is, from 1, as SQS counts them: those of other readers as well.
    pub count: Option<u32>,
}

impl Envelope {
    /// Whether there is none, or nothing is known of it.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
