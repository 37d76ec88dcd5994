//! Dialogs: the one question or text that lies over the panels.

use tui_input::Input;

use super::chooser::Chooser;
use super::plan::Plan;
use super::switch::SwitchForm;
use super::versions::VersionsView;
use crate::domain::ids::{DownloadId, UploadId};
use crate::domain::inbox::Confirmation;
use crate::domain::problem::Problem;
use crate::domain::subscriptions::Protocol;
use crate::domain::switch::Switch;
use crate::domain::transfer::Download;
use crate::domain::wiring::NodeId;
use crate::text::clean::Clean;

/// What lies over the panels.
#[derive(Debug, Clone)]
pub enum Dialog {
    /// What to upload: files and folders, or a test image.
    Choose(Box<Chooser>),
    /// How to upload what was chosen.
    Plan(Box<Plan>),
    /// Where to download an object to.
    Download(Box<DownloadForm>),
    /// A new subscriber.
    Subscribe(SubscribeForm),
    /// The link of a confirmation email.
    Link(LinkForm),
    /// Which profile, region or pipeline to switch to.
    Switch(SwitchForm),
    /// Yes or no.
    Question(Question),
    /// One thing in full, to be scrolled.
    Details(Details),
    /// An object's versions, or one of them in full.
    Versions(VersionsView),
    /// Doctor's checks, or one of them in full.
    Doctor(DoctorView),
    /// The pipeline's resources, or one of them in full.
    Pipeline(PipelineView),
    Help {
        /// First row shown.
        offset: usize,
    },
    /// All notices and errors.
    History {
        /// First row shown.
        offset: usize,
    },
    /// The text that narrows the focused panel, typed at its foot.
    Filter(Input),
    /// An action, looked for by its name.
    Palette(PaletteForm),
}

impl Dialog {
    /// Whether it is something to be read, from which one may look at something else and come back.
    pub fn is_read(&self) -> bool {
        matches!(self, Self::Details(_) | Self::Doctor(_) | Self::Versions(_) | Self::Pipeline(_))
    }
}

/// Which action to do.
#[derive(Debug, Clone, Default)]
pub struct PaletteForm {
    /// What its words must contain.
    pub text: Input,
    /// The chosen row of those that are found.
    pub cursor: usize,
}

/// A new subscriber.
#[derive(Debug, Clone)]
pub struct SubscribeForm {
    pub protocol: Protocol,
    pub endpoint: Input,
}

/// The link of a confirmation email.
#[derive(Debug, Clone, Default)]
pub struct LinkForm {
    /// As pasted.
    pub link: Input,
}

/// Where to download an object to.
#[derive(Debug, Clone)]
pub struct DownloadForm {
    pub key: Clean,
    /// Which of its versions; `None` for what the key names now.
    pub version_id: Option<Clean>,
    /// Its content.
    pub e_tag: Option<Clean>,
    /// Bytes.
    pub size: u64,
    /// The path, as typed.
    pub path: Input,
    /// The download that was asked for, while the path is being checked.
    pub asked: Option<DownloadId>,
    /// Why the path will not do.
    pub fault: Option<Problem>,
}

/// Something that is asked before it is done. No is the default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The question, with what it is about by name.
    pub text: Clean,
    /// What yes does.
    pub action: ConfirmAction,
}

/// What a question guards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfirmAction {
    /// `sns:Unsubscribe`.
    Unsubscribe { arn: Clean },
    /// `sns:ConfirmSubscription`.
    Confirm(Confirmation),
    /// `sqs:CreateQueue` and `sns:Subscribe` for a probe queue.
    Probe,
    /// Upload to AWS for the first time, which notifies the subscribers. What is uploaded is in the dialog below.
    Upload {
        /// How many files.
        files: usize,
    },
    /// Quit while uploads are in progress.
    Quit,
    /// Send a file again over the object that is there.
    Overwrite(UploadId),
    /// Stop all uploads that are not stored.
    CancelUploads,
    /// Switch to another pipeline, and forget the uploads that could be sent again here.
    Switch(Switch),
    /// Download over the file that is there.
    Replace {
        download: Download,
        /// Bytes.
        size: u64,
    },
}

/// What is seen of doctor's report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DoctorView {
    /// The check under the cursor, in the order of the list.
    pub cursor: usize,
    /// First row shown of the list.
    pub offset: usize,
    /// The check that is shown in full, and the first row shown of it.
    pub open: Option<(&'static str, usize)>,
}

/// Rows above the resources in the pipeline's list: the summary and a blank one.
pub const PIPELINE_HEAD: usize = 2;

/// What is seen of the pipeline.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PipelineView {
    /// The row under the cursor.
    pub cursor: usize,
    /// First row shown of the list.
    pub offset: usize,
    /// The resource that is shown in full, and the first row shown of it.
    pub open: Option<(NodeId, usize)>,
}

/// One thing in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    pub subject: Subject,
    /// First row shown.
    pub offset: usize,
}

/// What details are shown of; looked up at each frame, so that they stay live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A row of Uploads by its name.
    Upload(String),
    Object(Clean),
    /// A log line by its event id.
    LogLine(Clean),
    Subscription(Protocol, Clean),
    /// A message of the inbox by its number.
    InboxMessage(u64),
}
