//! What the dashboard remembers. Plain data: no async, no AWS, no terminal, no clock.

pub mod chooser;
mod consent;
pub mod dialog;
pub mod display_settings;
pub mod doctor;
pub mod downloads;
pub mod filter;
pub mod inbox;
pub mod keys;
pub mod load;
pub mod logs;
pub mod metrics;
mod notice;
pub mod notify;
pub mod objects;
pub mod palette;
pub mod plan;
pub mod preview;
pub mod selection;
mod shown;
pub mod subscriptions;
pub mod switch;
pub mod uploads;
pub mod versions;

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::ids::RequestId;
use crate::domain::log::Tail;
use crate::domain::newer::Newer;
use crate::domain::pace::Pace;
use crate::domain::path_map::PathMap;
use crate::domain::pipeline::Pipeline;
use crate::domain::problem::Problem;
use crate::domain::protection::Protection;
use crate::domain::search::Search;
use crate::domain::silence::Silence;
use crate::domain::switch::{Choice, ChoiceKind};
use crate::domain::timeline::{Timeline, UploadStatus};
use crate::domain::transfer::Transfer;
use crate::domain::wiring::Wiring;
use crate::keymap::Keymap;
use crate::keymap::action::Panel;
use crate::text::clean::Clean;
use dialog::Dialog;

pub use consent::Consent;
pub use notice::{NOTICE_MS, Notice, NoticeLevel};

/// Everything that the dashboard remembers.
#[derive(Debug)]
pub struct Model {
    /// The latest moment that a message named.
    pub now: Timestamp,
    /// What is being watched.
    pub pipeline: Pipeline,
    /// All that is known of the pipeline, and how it branches.
    pub wiring: Arc<Wiring>,
    pub paths: PathMap,
    /// How the connection stands.
    pub connection: Connection,
    /// Whether the endpoint is one of this machine.
    pub is_loopback: bool,
    /// Whether uploads may notify the subscribers.
    pub consent: Consent,
    /// The host of a request on which nothing moves, where there is one.
    pub waits_for: Option<Clean>,
    /// What was looked for, while no pipeline is known.
    pub search: Option<Search>,
    /// Whether another connection was asked for and has not answered yet: until then, updates are the old one's.
    pub is_switching: bool,
    /// Pipelines of the config file.
    pub pipelines: Vec<Choice>,
    /// What was chosen by name: one of these pipelines, a profile, or both.
    pub chosen: Vec<(ChoiceKind, Clean)>,
    /// How the pipeline is protected.
    pub protection: Protection,
    /// The account, once it is known; only AWS's is asked for.
    pub account: Option<Clean>,
    /// The panel that keys go to.
    pub focus: Panel,
    /// Whether the focused panel is shown in full screen.
    pub zoom: bool,
    /// What lies over the panels.
    pub dialog: Option<Dialog>,
    /// What was being read when that was opened over it, the latest last: it comes back.
    pub below: Vec<Dialog>,
    /// First row shown of a question or a form that is taller than the screen, once the user has scrolled it.
    pub scroll: Option<usize>,
    /// The latest short word to the user.
    pub notice: Option<Notice>,
    /// All notices and errors, the latest last.
    pub history: VecDeque<Notice>,
    /// Rows that fit into each panel.
    pub viewports: Viewports,
    /// Uploads and their timelines.
    pub uploads: uploads::Uploads,
    pub objects: objects::Objects,
    /// Those of them that are newer than the newest entry of the log.
    pub newer: Option<Newer>,
    /// How many those were when the wiring was read again because of them, and when that was.
    pub rewired: Option<(usize, Timestamp)>,
    /// Objects that are being downloaded.
    pub downloads: downloads::Downloads,
    pub logs: logs::Logs,
    pub subscriptions: subscriptions::SubscriptionsPanel,
    /// The local cloud's mail.
    pub inbox: inbox::Inbox,
    /// What S3 keeps of one object.
    pub versions: versions::Versions,
    /// What objects look like.
    pub previews: preview::Previews,
    /// What doctor found.
    pub doctor: doctor::Doctor,
    /// How often the cloud is asked at present.
    pub pace: Pace,
    /// Theme, glyphs and timestamp format.
    pub display: display_settings::DisplaySettings,
    /// What the user is notified of.
    pub notifications: notify::Notifications,
    /// The keys that hold.
    pub keys: Keymap,
    last_request: u64,
}

/// How the connection stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Connection {
    /// Credentials and names are being resolved.
    #[default]
    Connecting,
    /// They are.
    Ready,
    /// They could not be.
    Failed(Problem),
}

/// Rows that fit into each panel, and into a dialog's text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Viewports {
    /// Rows of each panel, in the order of [`Panel::ALL`].
    pub panels: [usize; 5],
    /// Rows of the open dialog's text.
    pub dialog: usize,
    /// Rows that the open dialog's text has in all.
    pub dialog_len: usize,
}

/// What lies under the mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    pub panel: Panel,
    /// The row of its list, counted from the first of those that match.
    pub row: Option<usize>,
    /// The column of Objects whose name it is.
    pub column: Option<objects::Column>,
}

impl Model {
    /// The model before the first update. `local` clouds have an inbox.
    pub fn new(now: Timestamp, pipeline: Pipeline) -> Self {
        Self {
            now,
            pipeline,
            wiring: Arc::default(),
            paths: PathMap::default(),
            connection: Connection::default(),
            is_loopback: false,
            consent: Consent::default(),
            waits_for: None,
            search: None,
            is_switching: false,
            pipelines: Vec::new(),
            chosen: Vec::new(),
            protection: Protection::default(),
            account: None,
            focus: Panel::default(),
            zoom: false,
            dialog: None,
            below: Vec::new(),
            scroll: None,
            notice: None,
            history: VecDeque::new(),
            viewports: Viewports { panels: [1; 5], dialog: 1, dialog_len: 0 },
            uploads: uploads::Uploads::default(),
            objects: objects::Objects::default(),
            newer: None,
            rewired: None,
            downloads: downloads::Downloads::default(),
            logs: logs::Logs::default(),
            subscriptions: subscriptions::SubscriptionsPanel::default(),
            inbox: inbox::Inbox::default(),
            versions: versions::Versions::default(),
            previews: preview::Previews::default(),
            doctor: doctor::Doctor::default(),
            pace: Pace::default(),
            display: display_settings::DisplaySettings::default(),
            notifications: notify::Notifications::default(),
            keys: Keymap::default(),
            last_request: 0,
        }
    }

    /// Forgets everything about the pipeline, before another one is watched.
    pub fn forget(&mut self) {
        let fresh = Self::new(
            self.now,
            Pipeline { bucket: "…".into(), function: "…".into(), topic: "…".into(), ..self.pipeline.clone() },
        );
        let mut logs = logs::Logs::default();
        (logs.wants_live_tail, logs.wrap) = (self.logs.wants_live_tail, self.logs.wrap);
        *self = Self {
            logs,
            viewports: self.viewports,
            zoom: self.zoom,
            // Ids name requests and uploads: they must not come twice.
            last_request: self.last_request,
            pipelines: std::mem::take(&mut self.pipelines),
            display: std::mem::take(&mut self.display),
            notifications: notify::Notifications {
                how: self.notifications.how,
                touched: self.notifications.touched,
                called: self.notifications.called,
                ..notify::Notifications::default()
            },
            keys: std::mem::take(&mut self.keys),
            downloads: downloads::Downloads {
                folder: std::mem::take(&mut self.downloads.folder),
                ..downloads::Downloads::default()
            },
            history: std::mem::take(&mut self.history),
            is_switching: true,
            consent: self.consent.renewed(),
            ..fresh
        };
    }

    /// The panels that there are: the inbox only where the endpoint has one.
    pub fn panels(&self) -> impl DoubleEndedIterator<Item = Panel> + Clone + use<> {
        let inbox = self.inbox.available;
        Panel::ALL.into_iter().filter(move |panel| *panel != Panel::Inbox || inbox)
    }

    /// Rows that fit into a panel; at least one.
    pub fn rows(&self, panel: Panel) -> usize {
        self.viewports.panels.get(panel as usize).copied().unwrap_or(1).max(1)
    }

    pub fn next_request(&mut self) -> RequestId {
        self.last_request += 1;
        RequestId(self.last_request)
    }

    /// The region, on AWS: the target ends in it.
    pub fn region(&self) -> &str {
        self.pipeline.target.raw().rsplit(' ').next().unwrap_or_default()
    }

    /// What may be said of an upload of which nothing is known after S3; `None` where something is.
    pub fn silence(&self, timeline: &Timeline) -> Option<Silence> {
        self.uploads.timelines.silence(timeline, self.logs.reading(), self.now)
    }

    /// Where one function stands with an upload now.
    pub fn status_of_part(&self, part: &Timeline) -> UploadStatus {
        self.uploads.timelines.status_of_part(part, self.logs.reading(), self.now)
    }

    /// Where a timeline stands now.
    pub fn status(&self, timeline: &Timeline) -> UploadStatus {
        self.uploads.timelines.status(timeline, self.logs.reading(), self.now)
    }

    /// Whether what is shown changes with the time of day: something is counted, or about to fade.
    pub fn animates(&self) -> bool {
        use crate::domain::timeline::UploadStatus::{Late, Waiting};
        self.notice.is_some()
            || matches!(self.logs.tail, Tail::BackingOff { .. })
            || self.logs.ages(self.now)
            || self.uploads.transfers.iter().any(Transfer::is_under_way)
            || !self.downloads.running.is_empty()
            || self.uploads.timelines.all().iter().take(50).any(|t| matches!(self.status(t), Waiting | Late))
    }
}
