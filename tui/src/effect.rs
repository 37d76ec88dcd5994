//! Effects: what the dashboard wants done, as data. `cloud/` does it; nothing here does anything.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::domain::display::Notify;
use crate::domain::files::FolderRequest;
use crate::domain::ids::{DownloadId, RequestId, UploadId};
use crate::domain::inbox::Confirmation;
use crate::domain::live_tail::LiveTailMode;
use crate::domain::objects::ListingOrder;
use crate::domain::pace::Pace;
use crate::domain::preview::PreviewId;
use crate::domain::subscriptions::Protocol;
use crate::domain::switch::Switch;
use crate::domain::timeline::CountsWanted;
use crate::domain::transfer::{Download, Upload};
use crate::text::clean::Clean;

/// One thing to be done outside of the model, by its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// The terminal does it.
    Terminal(TerminalEffect),
    /// The cloud side does it.
    Cloud(CloudEffect),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TerminalEffect {
    Quit,
    /// Stop the process until the shell continues it.
    Suspend,
    /// Copy a text to the clipboard.
    Copy(String),
    /// Turn mouse support on or off.
    Mouse(bool),
    /// Notify the user with a text.
    Notify(Notify, Clean),
}

/// What the cloud side is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CloudEffect {
    /// List the bucket, page by page.
    ListObjects {
        /// Names the answer.
        request: RequestId,
        order: ListingOrder,
    },
    /// Look up one object that the log named.
    FindObject {
        key: Clean,
    },
    /// List what was written to the bucket since a moment. What was found is a fact.
    ListWritten {
        since: Timestamp,
    },
    /// Count a topic's messages. The counts are a fact.
    CountMessages(CountsWanted),
    /// Find out what an object looks like.
    Preview {
        /// Names the answer.
        request: RequestId,
        /// Its content.
        id: PreviewId,
        /// Bytes.
        size: u64,
    },
    /// List what S3 keeps of an object.
    ListVersions {
        /// Names the answer.
        request: RequestId,
        key: Clean,
    },
    /// Write an object.
    Upload {
        /// Names the upload.
        id: UploadId,
        /// What to write, and where to.
        upload: Upload,
    },
    /// Stop an upload.
    CancelUpload(UploadId),
    /// Read an object into a file of this machine.
    Download {
        /// Names the download.
        id: DownloadId,
        /// What to read, and where to.
        download: Download,
    },
    /// Stop a download.
    CancelDownload(DownloadId),
    /// Read a folder of this machine.
    ListFolder {
        /// Names the answer.
        request: RequestId,
        place: FolderRequest,
    },
    /// Look at files and folders of this machine: what there is to upload.
    ScanFiles {
        /// Names the answer.
        request: RequestId,
        /// The files and folders.
        sources: Vec<PathBuf>,
    },
    /// Begin in this folder the next time that files are chosen.
    RememberFolder(PathBuf),
    /// List the topic's subscriptions and its delivery status logging.
    ListSubscriptions {
        /// Names the answer.
        request: RequestId,
        /// Whether their attributes are read again, however fresh they are.
        refresh: bool,
    },
    /// Read what CloudWatch counts of the topic.
    ReadMetrics {
        /// Names the answer.
        request: RequestId,
    },
    Subscribe {
        protocol: Protocol,
        endpoint: String,
    },
    /// `sns:Unsubscribe`.
    Unsubscribe {
        arn: Clean,
    },
    /// `sns:ConfirmSubscription`.
    Confirm(Confirmation),
    /// Create a probe queue and subscribe it.
    BeginProbe,
    /// Remove the probe queue.
    EndProbe,
    /// Diagnose the whole pipeline.
    Examine {
        /// Names the answer.
        request: RequestId,
        /// The key whose upload is in question.
        key: Option<Clean>,
    },
    /// Read again what the pipeline consists of.
    ReadWiring,
    /// Try to connect again at once.
    Reconnect,
    /// Read the profiles of the AWS configuration files.
    ListProfiles {
        /// Names the answer.
        request: RequestId,
    },
    /// Leave this connection for another one.
    Switch(Switch),
    /// Start a cloud on this machine, and connect to it.
    StartLocal,
    /// Ask the cloud this often from now on.
    Pace(Pace),
    /// Open Live Tail sessions at these times from now on.
    LiveTail(LiveTailMode),
}
