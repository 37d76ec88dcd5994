//! Actions: what the user can ask for, and the keys in this program's own terms.

/// The panels, in the order of their numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Panel {
    /// Live timelines.
    #[default]
    Uploads,
    /// The bucket.
    Objects,
    /// The function.
    Logs,
    /// The topic.
    Subscriptions,
    /// The local cloud's mail.
    Inbox,
}

impl Panel {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 5] = [Self::Uploads, Self::Objects, Self::Logs, Self::Subscriptions, Self::Inbox];

    pub fn title(self) -> &'static str {
        match self {
            Self::Uploads => "Uploads",
            Self::Objects => "Objects",
            Self::Logs => "Logs",
            Self::Subscriptions => "Subscriptions",
            Self::Inbox => "Inbox",
        }
    }
}

/// What the user can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Leave the program.
    Quit,
    /// Leave it at once, uploads or not.
    QuitNow,
    /// Give the terminal back to the shell for a while.
    Suspend,
    /// Show the keys.
    Help,
    /// Close what is open, or undo the filter or the zoom.
    Back,
    /// Give a panel the keys.
    Focus(Panel),
    /// Give the next panel the keys.
    FocusNext,
    /// Give the panel before the keys.
    FocusPrevious,
    /// Toggle full screen for the focused panel.
    Zoom,
    /// Ask the cloud again.
    Refresh,
    /// Filter the focused panel.
    Filter,
    Up,
    Down,
    /// One screen up.
    PageUp,
    /// One screen down.
    PageDown,
    /// The first row.
    First,
    /// The last row.
    Last,
    /// Show the row in full.
    Details,
    Upload,
    /// Stop the selected upload.
    CancelUpload,
    /// Stop all uploads that are not stored.
    CancelUploads,
    /// Retry the selected upload.
    SendAgain,
    /// Retry all uploads that failed or were cancelled.
    SendAllAgain,
    Download,
    /// Stop the download of the selected object.
    CancelDownload,
    /// List the versions of an object.
    Versions,
    /// Change the sort order of the objects.
    Sort,
    /// Show only the uploads of the next state, or all again.
    UploadState,
    /// Pause, or follow the newest line again.
    Pause,
    /// Wrap long lines, or cut them.
    Wrap,
    /// Go to the next newer line that was looked for.
    NextMatch,
    /// Go to the next older line that was looked for.
    PreviousMatch,
    /// Show only lines of a higher severity, or all again.
    Severity,
    /// Change the timestamp format.
    Clock,
    /// Change the colours.
    Theme,
    Copy,
    /// Copy the name that AWS knows it by.
    CopyName,
    /// Turn mouse support on or off.
    Mouse,
    /// Show past messages and errors.
    History,
    /// Find an action by its name.
    Palette,
    /// Turn Live Tail on or off.
    LiveTail,
    Subscribe,
    Unsubscribe,
    /// Confirm a subscription with the link of its email.
    Confirm,
    /// Make the probe queue, after a question, or remove it.
    Probe,
    /// Diagnose the pipeline.
    Doctor,
    /// Show what leads from the bucket to the subscribers.
    Pipeline,
    /// Do what the form says.
    Submit,
    /// Enter the folder, or complete the name.
    Complete,
    Enter,
    /// Go to the folder above.
    Parent,
    /// Go to the folder in which files were chosen last.
    LastFolder,
    /// Mark a file or a folder, or take the mark back.
    Mark,
    /// Mark everything that is found, or take the marks back.
    MarkAll,
    /// Overwrite what is there already, or leave it out.
    Overwrite,
    NextProtocol,
    PreviousProtocol,
    /// Choose another profile, region or pipeline.
    Switch,
    /// Start a cloud on this machine, and go on there.
    StartLocal,
    /// Look for the pipeline again.
    Retry,
    NextRegion,
    PreviousRegion,
    /// Choose the next profile.
    NextChoice,
    /// Choose the profile before.
    PreviousChoice,
    /// Answer yes.
    Yes,
    /// Answer no.
    No,
}

impl Action {
    /// Whether it leads to a request that changes something in the account.
    pub fn changes_something(self) -> bool {
        matches!(
            self,
            Self::Upload
                | Self::SendAgain
                | Self::SendAllAgain
                | Self::Subscribe
                | Self::Unsubscribe
                | Self::Confirm
                | Self::Probe
        )
    }
}
