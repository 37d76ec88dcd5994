//! Actions: what the user can ask for, and the keys in this program's own terms.

use std::fmt;

use crate::model::Panel;

/// A key press. Terminal libraries' types stay at the edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Which key.
    pub code: Code,
    /// Whether Ctrl was held.
    pub ctrl: bool,
    /// Whether Alt was held.
    pub alt: bool,
}

/// Which key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are the keys")]
pub enum Code {
    Char(char),
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
    F(u8),
}

impl Key {
    /// A key without modifiers.
    pub const fn plain(code: Code) -> Self {
        Self { code, ctrl: false, alt: false }
    }

    /// A character.
    pub const fn char(c: char) -> Self {
        Self::plain(Code::Char(c))
    }

    /// A character with Ctrl.
    pub const fn ctrl(c: char) -> Self {
        Self { code: Code::Char(c), ctrl: true, alt: false }
    }
}

/// As the footer and the help show it.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("Ctrl-")?;
        }
        if self.alt {
            f.write_str("Alt-")?;
        }
        match self.code {
            Code::Char(' ') => f.write_str("Space"),
            Code::Char(c) if self.ctrl => write!(f, "{}", c.to_ascii_uppercase()),
            Code::Char(c) => write!(f, "{c}"),
            Code::Up => f.write_str("↑"),
            Code::Down => f.write_str("↓"),
            Code::Left => f.write_str("←"),
            Code::Right => f.write_str("→"),
            Code::BackTab => f.write_str("Shift-Tab"),
            Code::PageUp => f.write_str("PgUp"),
            Code::PageDown => f.write_str("PgDn"),
            Code::F(number) => write!(f, "F{number}"),
            code => write!(f, "{code:?}"),
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
    /// The focused panel takes the whole screen, or gives it back.
    Zoom,
    /// Ask the cloud again.
    Refresh,
    /// Narrow the focused panel.
    Filter,
    /// One row up.
    Up,
    /// One row down.
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
    /// Upload something.
    Upload,
    /// Stop the selected upload.
    CancelUpload,
    /// Stop all uploads that are not stored.
    CancelUploads,
    /// Send the selected upload again.
    SendAgain,
    /// Send everything again that failed or was stopped.
    SendAllAgain,
    /// Download the object.
    Download,
    /// Stop the download of the selected object.
    CancelDownload,
    /// List the versions of an object.
    Versions,
    /// Order the objects by something else.
    Sort,
    /// Stand still, or follow the newest line again.
    Pause,
    /// Wrap long lines, or cut them.
    Wrap,
    /// Go to the next newer line that was looked for.
    NextMatch,
    /// Go to the next older line that was looked for.
    PreviousMatch,
    /// Show only lines of a higher severity, or all again.
    Severity,
    /// Tell times in another way.
    Clock,
    /// Change the colours.
    Theme,
    /// Copy what is selected.
    Copy,
    /// Copy the name that AWS knows it by.
    CopyName,
    /// Take the mouse, or leave it to the terminal.
    Mouse,
    /// Show what was said and what went wrong so far.
    History,
    /// Find an action by its name.
    Palette,
    /// Live Tail while uploads are on their way, or none any more.
    LiveTail,
    /// Subscribe an endpoint.
    Subscribe,
    /// Unsubscribe the selected one.
    Unsubscribe,
    /// Confirm a subscription from its letter, or by the link of a mail.
    Confirm,
    /// Make the probe queue, after a question, or remove it.
    Probe,
    /// Look for what is miswired.
    Doctor,
    /// Do what the form says.
    Submit,
    /// Enter the folder, or complete the name.
    Complete,
    /// Enter the folder.
    Enter,
    /// Go to the folder above.
    Parent,
    /// Mark a file or a folder, or take the mark back.
    Mark,
    /// Mark everything that is found, or take the marks back.
    MarkAll,
    /// Overwrite what is there already, or leave it out.
    Overwrite,
    /// Choose the next protocol.
    NextProtocol,
    /// Choose the protocol before.
    PreviousProtocol,
    /// Choose another profile, region or pipeline.
    Switch,
    /// Start a cloud on this machine, and go on there.
    StartLocal,
    /// Look for the pipeline again.
    Retry,
    /// Choose the next region.
    NextRegion,
    /// Choose the region before.
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
