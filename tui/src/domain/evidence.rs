//! Facts: what was seen of an upload's way, each from one piece of evidence.
//!
//! A fact is plain data. It says what a source said and when; it concludes nothing.

mod envelope;
mod message;
pub mod names;
pub mod printed_event;
mod report;

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::domain::ids::UploadId;
use crate::text::clean::Clean;
use names::Name;

pub use envelope::{Envelope, SqsReceive};
pub use message::{Counted, DeliveryStatusEntry, Probed, TopicMessage};
pub use report::{InvocationReport, ReportStatus};

/// One write to S3, as one source describes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Write {
    pub bucket: Clean,
    /// The decoded key.
    pub key: Clean,
    /// Entity tag without quotes.
    pub e_tag: Option<Clean>,
    /// Version, where the bucket keeps versions.
    pub version_id: Option<Clean>,
    /// S3's order of events for one key; only events carry it.
    pub sequencer: Option<Clean>,
    /// `x-amz-request-id` of the writing request: the exact join.
    pub s3_request_id: Option<Clean>,
}

/// Where and when an invocation said something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogSource {
    /// The log event's time.
    pub at: Timestamp,
    /// The name of the function whose log it is.
    pub function: Clean,
    /// The log stream: one execution environment.
    pub stream: Clean,
    /// The invocation's request id; retries keep it.
    pub lambda_request_id: Option<Clean>,
}

/// One piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fact {
    /// S3 answered this process's own upload.
    Stored {
        /// Whose upload.
        upload: UploadId,
        /// When it began; stages are measured from here.
        began: Timestamp,
        /// When S3's answer arrived.
        at: Timestamp,
        /// No invocation of it began before: when it began, on S3's clock where that shows this machine's to be wrong.
        not_before: Timestamp,
        /// What was written.
        write: Write,
        /// Bytes.
        size: u64,
    },
    /// An attempt of an invocation began: `START` or `platform.start`.
    Invoked(LogSource),
    /// The handler has seen the image's event.
    Received(LogSource, Write),
    /// SNS accepted the notification.
    Published {
        /// The log record.
        source: LogSource,
        write: Write,
        /// SNS's message id.
        message_id: Clean,
    },
    /// The handler had nothing to publish.
    Skipped {
        /// The log record.
        source: LogSource,
        write: Write,
        reason: Clean,
    },
    /// The handler could not publish.
    Failed {
        /// The log record.
        source: LogSource,
        write: Write,
        reason: Clean,
    },
    /// In what the event of a write came to the invocation.
    Enveloped(LogSource, Write, Envelope),
    /// An attempt ended: `REPORT` or `platform.report`.
    Reported(LogSource, InvocationReport),
    /// A line of a function of others. Timelines keep no line: they keep what it names.
    Printed(LogSource, Clean),
    /// A line of an invocation names something that is known.
    Named(LogSource, Name),
    /// SNS's delivery-status log has a line.
    DeliveryStatusEntry(DeliveryStatusEntry),
    /// The probe queue received a message of the topic.
    Probed(Probed),
    /// What a message of the topic holds. Timelines keep no text: they keep what it names.
    MessageText(TopicMessage, Clean),
    /// A message of the topic, as the probe queue received it.
    Message(TopicMessage),
    /// The text of a message names something that is known.
    MessageNamed(TopicMessage, Name),
    /// The bucket was listed.
    Listed(Listed),
    /// The function's log was read without a gap.
    LogRead(LogStretch),
    /// CloudWatch's counts of a topic were read.
    Counted(Counted),
    /// The function's configuration was read, and limits the time of an attempt.
    Timeout(FunctionTimeout),
}

/// What a listing of the bucket shows of the writes of a stretch of time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Listed {
    /// When it was asked for.
    pub at: Timestamp,
    /// What was written before is left out.
    pub since: Timestamp,
    pub bucket: Clean,
    /// Some objects that were, or may have been, written since, and all of them where there are few; `None` where the bucket
    /// could not be listed to its end.
    pub objects: Option<BTreeSet<ListedObject>>,
}

/// One object in a listing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListedObject {
    /// The decoded key.
    pub key: Clean,
    /// Entity tag without quotes.
    pub e_tag: Option<Clean>,
    /// When it was written, as S3 says; of a multipart upload, when that began.
    pub modified: Timestamp,
}

impl ListedObject {
    /// Whether it was a multipart upload, which may have ended long after S3 says that it was written.
    pub fn is_multipart(&self) -> bool {
        self.e_tag.as_ref().is_some_and(|e_tag| e_tag.raw().contains('-'))
    }
}

/// A stretch of the function's log that was read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogStretch {
    pub from: Timestamp,
    /// When its end was asked for.
    pub to: Timestamp,
}

/// How long an attempt of the function may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FunctionTimeout {
    /// When the configuration was read.
    pub at: Timestamp,
    pub seconds: u16,
}

impl Fact {
    /// When it was seen; the oldest facts are forgotten first.
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Stored { at, .. } => *at,
            Self::Invoked(source)
            | Self::Received(source, _)
            | Self::Enveloped(source, ..)
            | Self::Reported(source, _)
            | Self::Printed(source, _)
            | Self::Named(source, _)
            | Self::Published { source, .. }
            | Self::Skipped { source, .. }
            | Self::Failed { source, .. } => source.at,
            Self::DeliveryStatusEntry(entry) => entry.at,
            Self::Probed(probed) => probed.at,
            Self::MessageText(message, _) | Self::Message(message) | Self::MessageNamed(message, _) => message.at,
            Self::Listed(listed) => listed.at,
            Self::LogRead(stretch) => stretch.to,
            Self::Counted(counted) => counted.at,
            Self::Timeout(timeout) => timeout.at,
        }
    }

    /// The line of the function's log behind it.
    pub fn source(&self) -> Option<&LogSource> {
        match self {
            Self::Invoked(source)
            | Self::Enveloped(source, ..)
            | Self::Reported(source, _)
            | Self::Printed(source, _)
            | Self::Named(source, _) => Some(source),
            _ => self.record().map(|(source, _)| source),
        }
    }

    /// A record of imgwatch's handler, and the write that it is about.
    pub fn record(&self) -> Option<(&LogSource, &Write)> {
        match self {
            Self::Received(source, write)
            | Self::Published { source, write, .. }
            | Self::Skipped { source, write, .. }
            | Self::Failed { source, write, .. } => Some((source, write)),
            _ => None,
        }
    }

    /// The invocation that its line names: Lambda's request id.
    pub fn invocation(&self) -> Option<&Clean> {
        self.source()?.lambda_request_id.as_ref()
    }

    /// The message of the topic that it is about: SNS's id. A record is about an object.
    pub fn message_id(&self) -> Option<&Clean> {
        match self {
            Self::DeliveryStatusEntry(entry) => Some(&entry.message_id),
            Self::Probed(probed) => Some(&probed.message_id),
            Self::MessageText(message, _) | Self::Message(message) | Self::MessageNamed(message, _) => {
                Some(&message.message_id)
            }
            _ => None,
        }
    }
}
