//! Effects: what the dashboard wants done, as data. `cloud/` does it; nothing here does anything.

use std::path::PathBuf;

use crate::model::chooser::Place;
use crate::model::dialog::Deed;
use crate::model::downloads::DownloadId;
use crate::model::live_tail::Wish;
use crate::model::load::RequestId;
use crate::model::notify::Notify;
use crate::model::preview::PreviewId;
use crate::model::subscriptions::Protocol;
use crate::model::switch::Switch;
use crate::model::uploads::fact::UploadId;
use crate::text::clean::Clean;

/// One thing to be done outside of the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Leave.
    Quit,
    /// Stop the process until the shell continues it.
    Suspend,
    /// Copy a text to the clipboard.
    Copy(String),
    /// Take the mouse, or leave it to the terminal.
    Mouse(bool),
    /// Call for the user's attention with a text.
    Notify(Notify, Clean),
    /// List the bucket, page by page.
    ListObjects {
        /// Names the answer.
        request: RequestId,
    },
    /// Look up one object that the log named.
    FindObject {
        /// Its key.
        key: Clean,
    },
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
        /// Its key.
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
        /// Which one.
        place: Place,
    },
    /// Look at files and folders of this machine: what there is to upload.
    Survey {
        /// Names the answer.
        request: RequestId,
        /// The files and folders.
        sources: Vec<PathBuf>,
    },
    /// Begin in this folder the next time that files are chosen.
    RememberFolder(PathBuf),
    /// List the topic's subscriptions and its receipt settings.
    ListSubscriptions {
        /// Names the answer.
        request: RequestId,
        /// Whether their attributes are read again, however fresh they are.
        anew: bool,
    },
    /// Read what CloudWatch counts of the topic.
    ReadMetrics {
        /// Names the answer.
        request: RequestId,
    },
    /// Subscribe an endpoint.
    Subscribe {
        /// How.
        protocol: Protocol,
        /// Where.
        endpoint: String,
    },
    /// Do what a question guarded: unsubscribe, confirm or probe.
    Do(Deed),
    /// Remove the probe queue.
    EndProbe,
    /// Look at the whole pipeline for what is miswired.
    Examine {
        /// Names the answer.
        request: RequestId,
        /// The key whose upload is in question.
        key: Option<Clean>,
    },
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
    LiveTail(Wish),
}

/// One object to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// What to write.
    pub source: UploadSource,
    /// Under which key.
    pub key: ObjectKey,
    /// Whether an object that has the key already is overwritten.
    pub replace: bool,
}

/// What an upload writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadSource {
    /// A freshly generated PNG.
    TestImage,
    /// A file.
    File(PathBuf),
}

/// The key of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ObjectKey {
    /// The file's own name, or one that is made for the test image, after a prefix.
    Own {
        /// The prefix.
        prefix: String,
    },
    /// This one.
    Named(String),
}

/// One object to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Download {
    /// Its key.
    pub key: Clean,
    /// Which of its versions; `None` for what the key names now.
    pub version_id: Option<Clean>,
    /// The content that is meant, by its entity tag without quotes; `None` for whatever is there.
    pub e_tag: Option<Clean>,
    /// Where to.
    pub to: Destination,
    /// Whether a file that is there already is overwritten.
    pub replace: bool,
}

/// Where a download goes. A directory takes the file under the name of the key's last part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A path as a person types it: `~/` is the home directory.
    Typed(String),
    /// This path.
    Path(PathBuf),
    /// Standard output.
    Stdout,
}

/// How often the cloud is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Pace {
    /// Nothing is expected soon.
    #[default]
    Idle,
    /// An upload is on its way.
    InFlight,
}
