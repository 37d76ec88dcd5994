//! What the cloud side says.

use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::diagnosis::Check;
use crate::domain::diagnosis::findings::Findings;
use crate::domain::evidence::Fact;
use crate::domain::files::{FileScan, Listing};
use crate::domain::ids::{DownloadId, RequestId, UploadId};
use crate::domain::inbox::InboxMessage;
use crate::domain::live_tail::LiveTail;
use crate::domain::log::{LogLine, LogNews, LogSettings, Tail};
use crate::domain::metrics::Minute;
use crate::domain::objects::{Object, Page, Version};
use crate::domain::pipeline::Pipeline;
use crate::domain::preview::{About, Preview, PreviewId};
use crate::domain::probe::ProbeNews;
use crate::domain::problem::Problem;
use crate::domain::protection::Protection;
use crate::domain::search::Search;
use crate::domain::subscriptions::{DeliveryStatusLogging, Subscription};
use crate::domain::switch::{Choice, ChoiceKind};
use crate::domain::transfer::{DownloadNews, UploadNews};
use crate::domain::wiring::Wiring;
use crate::text::clean::Clean;

/// What the cloud said; all foreign text in it is [`Clean`].
#[derive(Debug, Clone)]
pub enum Update {
    /// Credentials and names are resolved.
    Connected {
        /// The resolved names.
        pipeline: Pipeline,
        inbox: bool,
    },
    /// They could not be.
    ConnectionFailed(Problem),
    /// The pipeline, as it is known from now on.
    Wiring(Arc<Wiring>),
    /// Nothing says which pipeline is meant, and none was found.
    NothingFound(Search),
    /// From here on another connection speaks.
    Switched {
        /// Where it goes, before anything is resolved.
        target: Clean,
        /// What was chosen by name.
        chosen: Vec<(ChoiceKind, Clean)>,
        /// How it is protected.
        protection: Protection,
        /// What was looked for, where nothing names a pipeline.
        search: Option<Search>,
        /// Whether the endpoint is one of this machine.
        is_loopback: bool,
    },
    /// The account that the requests are made in, as STS says.
    Account(Clean),
    /// The profiles of the AWS configuration files.
    ProfilesListed {
        /// Whose answer.
        request: RequestId,
        /// The profiles, or why there are none.
        profiles: Result<Vec<Choice>, Problem>,
    },
    /// Something to know.
    Notice(Clean),
    /// The incomplete multipart uploads that earlier runs left, if there are any and they may be listed.
    Leftovers(Option<Clean>),
    /// A page of the bucket.
    ObjectsListed {
        /// Whose answer.
        request: RequestId,
        /// In S3's order.
        page: Page,
        /// Whether it is the last one.
        last: bool,
    },
    /// The bucket could not be listed further.
    ObjectsFailed {
        /// Whose answer.
        request: RequestId,
        problem: Problem,
    },
    /// An object that was looked up, or just written.
    ObjectFound(Object),
    /// What S3 says of an object whose content is being fetched.
    Described {
        /// Which content.
        id: PreviewId,
        about: About,
    },
    /// What an object looks like.
    Previewed {
        /// Whose answer.
        request: RequestId,
        /// The picture, the text, or why there is none; or why that could not be found out.
        preview: Result<Preview, Problem>,
    },
    /// What S3 keeps of an object.
    VersionsListed {
        /// Whose answer.
        request: RequestId,
        /// The newest first.
        versions: Vec<Version>,
        /// Whether there are older ones beyond those.
        more: bool,
    },
    /// It could not be listed.
    VersionsFailed {
        /// Whose answer.
        request: RequestId,
        problem: Problem,
    },
    /// Lines of the function's log, in any order.
    LogLines(Vec<LogLine>),
    /// How following the log of the line's function stands.
    Tail(Tail),
    /// How following the log of another function stands.
    OtherLog {
        function: Clean,
        news: LogNews,
    },
    /// The topics that the function's configuration names; `None` where it may not be read.
    PublishesTo(Option<Vec<Clean>>),
    /// The function's log is read from this moment on.
    LogBegins(Timestamp),
    /// The function's log was read to its end.
    LogRead(Timestamp),
    /// How the function logs, as its configuration says.
    LogSettings(LogSettings),
    /// How Live Tail stands.
    LiveTail(LiveTail),
    /// Evidence, in any order.
    Facts(Vec<Fact>),
    Upload(UploadId, UploadNews),
    Download(DownloadId, DownloadNews),
    /// A folder of this machine.
    FolderListed {
        /// Whose answer.
        request: RequestId,
        /// What is in it, or why that cannot be read.
        listing: Listing,
    },
    /// What there is to upload.
    FilesFound {
        /// Whose answer.
        request: RequestId,
        scan: FileScan,
    },
    SubscriptionsListed {
        /// Whose answer.
        request: RequestId,
        /// As SNS lists them.
        items: Vec<Subscription>,
        status_logging: DeliveryStatusLogging,
    },
    /// One of the topic's delivery-status logs can be read, or cannot.
    DeliveryStatusLog {
        group: Clean,
        /// Why it cannot.
        problem: Option<Problem>,
    },
    /// They could not be listed.
    SubscriptionsFailed {
        /// Whose answer.
        request: RequestId,
        problem: Problem,
    },
    /// The pipeline was diagnosed.
    Examined {
        /// Whose answer.
        request: RequestId,
        /// What was found.
        findings: Box<Findings>,
    },
    /// It could not be, not even in part.
    ExamineFailed {
        /// Whose answer.
        request: RequestId,
        problem: Problem,
    },
    /// Whether a queue that was just subscribed lets the topic send; it comes after `Done`.
    QueueChecked(Box<Check>),
    /// Something that the user asked for is done.
    Done(Clean),
    /// Something that the user asked for did not work.
    ActionFailed(Problem),
    /// What the subscriptions are of: the topic, and the endpoint where it is not AWS's.
    Topic {
        arn: Clean,
        endpoint: Option<Clean>,
    },
    /// What CloudWatch counts of the topic.
    MetricsRead {
        /// Whose answer.
        request: RequestId,
        /// The minutes that have counts.
        minutes: Vec<Minute>,
    },
    /// It could not be read.
    MetricsFailed {
        /// Whose answer.
        request: RequestId,
        problem: Problem,
    },
    Probe(ProbeNews),
    /// Messages in the inbox, in any order.
    InboxMessages(Vec<InboxMessage>),
    /// Another start of the local cloud has the endpoint now: the messages before are those of one that is gone.
    InboxReplaced,
}

impl Update {
    /// All that went wrong.
    pub fn problems_mut(&mut self) -> impl Iterator<Item = &mut Problem> {
        let problems = match self {
            Self::ConnectionFailed(problem)
            | Self::ProfilesListed { profiles: Err(problem), .. }
            | Self::ObjectsFailed { problem, .. }
            | Self::VersionsFailed { problem, .. }
            | Self::Upload(_, UploadNews::Failed(problem) | UploadNews::Held(problem))
            | Self::Download(_, DownloadNews::Failed(problem))
            | Self::SubscriptionsFailed { problem, .. }
            | Self::DeliveryStatusLog { problem: Some(problem), .. }
            | Self::Tail(Tail::Failed(problem))
            | Self::OtherLog { news: LogNews::Tail(Tail::Failed(problem)), .. }
            | Self::Previewed { preview: Err(problem), .. }
            | Self::ExamineFailed { problem, .. }
            | Self::MetricsFailed { problem, .. }
            | Self::LiveTail(LiveTail::Failed(problem))
            | Self::Probe(ProbeNews::Unreadable(problem))
            | Self::ActionFailed(problem) => [Some(problem), None],
            Self::Probe(ProbeNews::Ended { problem, left, .. }) => [problem.as_mut(), left.as_mut()],
            Self::NothingFound(search) => [search.problem.as_mut(), None],
            _ => [None, None],
        };
        problems.into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::problem::ProblemKind;

    #[test]
    fn every_problem_of_a_probe_that_ended_is_one() {
        let problem = |what: &str| Some(Problem::new(ProblemKind::Other, what, Clean::default()));
        let count =
            |problem, left| Update::Probe(ProbeNews::Ended { queue: None, problem, left }).problems_mut().count();
        assert_eq!(count(None, None), 0);
        assert_eq!(count(None, problem("left")), 1);
        assert_eq!(count(problem("cut"), problem("left")), 2);
    }
}
