//! Timelines: what the facts say of each upload.
//!
//! [`fold`] is a function of the set of facts, and of what the wiring says of the functions, so that order and repetition cannot
//! matter.

mod attempts;
mod basis;
mod by_count;
pub mod by_time;
pub mod claims;
mod counts;
mod envelopes;
mod functions;
mod index;
mod join;
mod named;
mod nameless;
mod others;
mod outcome;
mod path;
mod printed;
mod publications;
mod retries;
mod status;
#[cfg(test)]
mod tests;
mod timelines;
mod traffic;
mod unnamed;

use jiff::Timestamp;

use crate::domain::evidence::{DeliveryStatusEntry, Probed, Write};
use crate::domain::ids::UploadId;
use crate::text::clean::Clean;

pub use attempts::{Attempt, Invocation};
pub use basis::Basis;
pub use by_count::Uncounted;
pub use counts::CountsWanted;
pub use functions::{KnownFunctions, fold};
pub use nameless::Nameless;
pub use path::{Expected, PathEvidence, PathStage, PathStageKind};
pub use status::{STUCK_MS, UploadStatus, last_progress, status, transfer_status};
pub use timelines::{MAX_FACTS, Timelines};
pub use unnamed::{Unnamed, unnamed};

/// One upload's way from the bucket to the topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    /// What was written, with all that any source knew of it.
    pub write: Write,
    /// Bytes, where this process made the upload.
    pub size: Option<u64>,
    /// This process's upload, if it is one.
    pub upload: Option<UploadId>,
    /// How upload and log lines were joined.
    pub joined: Joined,
    /// When this process's upload began.
    pub began: Option<Timestamp>,
    /// When S3's answer arrived.
    pub stored: Option<Timestamp>,
    /// When this process's upload began, on S3's clock where that shows this machine's to be wrong.
    pub not_before: Option<Timestamp>,
    /// When the log first named it.
    pub logged: Option<Timestamp>,
    /// The invocations that handled it; more than one when the event, or the message that held it, was delivered again.
    pub invocations: Vec<Invocation>,
    /// What came of it so far.
    pub outcome: Outcome,
    /// What SNS's delivery-status logs say of its messages.
    pub delivery_statuses: Vec<DeliveryStatusEntry>,
    /// Which of its messages probe queues received: once for each message and queue.
    pub probed: Vec<Probed>,
    /// When its only possible invocation ended, where a listing of the bucket is all that is missing to join the two.
    pub unlisted: Option<Timestamp>,
    /// The counts of CloudWatch that are missing to tell whether a message of a topic is of its invocation.
    pub uncounted: Vec<Uncounted>,
    /// The function whose log tells of it.
    pub function: Clean,
    /// Whether that one publishes to the topic whose subscribers are known.
    pub shares_topic: bool,
    /// After how many receives the function's queue gives a message up, where it has one that does.
    pub max_receives: Option<u32>,
    /// What other functions did with the same upload, by their names.
    pub beside: Vec<Self>,
}

/// How an upload and its log lines came together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joined {
    /// By S3's request id.
    Exactly,
    /// By bucket, key, entity tag and version, since the event carried no request id of the upload.
    ByObject,
    /// To an invocation without a record of imgwatch's handler.
    By(Basis),
    /// Not yet: only the upload is known.
    UploadOnly,
    /// Not this process's upload: only the log is known.
    LogOnly,
}

impl Joined {
    fn basis(self) -> Option<Basis> {
        match self {
            Self::Exactly => Some(Basis::S3RequestId),
            Self::ByObject => Some(Basis::KeyAndETag),
            Self::By(basis) => Some(basis),
            Self::UploadOnly | Self::LogOnly => None,
        }
    }
}

/// What came of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing final is known.
    Waiting,
    /// SNS accepted these messages, oldest first; more than one is a duplicate notification.
    Published(Vec<Publication>),
    /// The handler had nothing to publish.
    Skipped(Clean),
    /// Every attempt so far failed; the last reason.
    Failed(Clean),
}

/// One message that SNS accepted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Publication {
    /// When the log, or SNS, says so.
    pub at: Timestamp,
    /// SNS's message id.
    pub message_id: Clean,
    /// What shows that it is about the upload.
    pub found: FoundBy,
    /// The weakest of what joins it to the upload; `None` where only the log is known.
    pub basis: Option<Basis>,
    /// Its attributes as filter policies see them, where the probe queue received it: a JSON object.
    pub attributes: Option<Clean>,
}

/// What shows that a message is about an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FoundBy {
    /// A record of imgwatch's handler.
    Record,
    /// The log of the invocation names its id.
    MessageId,
    /// Its text names the object.
    Text,
    /// The topic accepted no other one while the invocation ran.
    Count,
}

impl FoundBy {
    /// It in words, where it is not the handler's own.
    pub fn sentence(self) -> Option<&'static str> {
        match self {
            Self::Record => None,
            Self::MessageId => Some("the log of the invocation names it"),
            Self::Text => Some("its text names the object"),
            Self::Count => {
                Some("the topic accepted no other message while the invocation ran, and CloudWatch counts no more")
            }
        }
    }
}

impl Timeline {
    /// Names the timeline across folds: a selection holds on to it.
    pub fn id(&self) -> String {
        match (self.upload, &self.write.s3_request_id) {
            (Some(UploadId(number)), _) => format!("upload {number}"),
            (None, Some(id)) => format!("request {}", id.raw()),
            (None, None) => format!(
                "object {:?} {:?} {:?} {:?} {:?}",
                self.write.bucket, self.write.key, self.write.e_tag, self.write.version_id, self.write.sequencer
            ),
        }
    }

    /// What each function did with the upload: what this one says, and what the others say.
    pub fn each(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(&self.beside)
    }

    /// Those of them that are known to have got its event.
    pub fn known(&self) -> impl Iterator<Item = &Self> {
        self.each().filter(|part| part.is_known())
    }

    /// Whether the function's log tells anything of it.
    fn is_known(&self) -> bool {
        !self.invocations.is_empty() || self.outcome != Outcome::Waiting || self.logged.is_some()
    }

    /// When it was first seen.
    pub fn first_seen(&self) -> Option<Timestamp> {
        self.began.into_iter().chain(self.each().filter_map(|part| part.logged)).min()
    }

    /// The messages that SNS accepted, oldest first.
    pub fn publications(&self) -> &[Publication] {
        match &self.outcome {
            Outcome::Published(publications) => publications,
            Outcome::Waiting | Outcome::Skipped(_) | Outcome::Failed(_) => &[],
        }
    }

    /// The latest attempt of the latest invocation.
    pub fn last_attempt(&self) -> Option<&Attempt> {
        self.invocations.last()?.attempts.last()
    }

    /// Whether more is to come before the topic: not published, not skipped, and attempts are left.
    pub fn is_open(&self) -> bool {
        match &self.outcome {
            Outcome::Published(_) | Outcome::Skipped(_) => false,
            Outcome::Waiting | Outcome::Failed(_) => !self.has_given_up() && !self.is_processed(),
        }
    }

    /// What joins its invocations to it.
    pub fn basis(&self) -> Option<Basis> {
        self.joined.basis()
    }

    /// What joins to it the best that is known of it: a message, or else its invocations.
    pub fn outcome_basis(&self) -> Option<Basis> {
        self.publications().iter().filter_map(|publication| publication.basis).max().or_else(|| self.basis())
    }

    /// Whether its invocation succeeded, and nothing tells that it published: only records of imgwatch's handler tell that of
    /// themselves.
    pub fn is_processed(&self) -> bool {
        let has_succeeded = |attempt: &Attempt| attempt.report.is_some() && !attempt.failed();
        self.outcome == Outcome::Waiting
            && matches!(self.joined, Joined::By(_))
            && self.last_attempt().is_some_and(has_succeeded)
    }

    /// Whether the latest attempt failed and Lambda has another one to make.
    pub fn awaits_retry(&self) -> bool {
        self.last_attempt().is_some_and(Attempt::failed) && self.is_open()
    }

    /// Whether nothing in the log says how the latest attempt ended.
    pub fn lacks_report(&self) -> bool {
        self.last_attempt().is_some_and(|attempt| attempt.report.is_none())
    }

    /// Why the latest attempt did not publish, as the handler or Lambda put it.
    pub fn failure(&self) -> Option<String> {
        if let Outcome::Failed(reason) = &self.outcome {
            return Some(reason.shown().to_owned());
        }
        self.last_attempt().and_then(Attempt::failure)
    }
}
