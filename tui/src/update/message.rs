//! Messages: everything that can happen to the model.

use jiff::Timestamp;

use crate::domain::ids::{DownloadId, UploadId};
use crate::domain::log::LogNews;
use crate::keymap::action::Panel;
use crate::model::objects::Arranged;
use crate::model::{Hit, Viewports};
use crate::msg::Update;
use crate::text::clean::Clean;
use crate::text::key::Key;

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Msg {
    /// The time, before anything else that happened at it.
    Tick(Timestamp),
    /// A key was pressed.
    Key(Key),
    /// Text was pasted.
    Paste(String),
    /// The mouse was pressed.
    Click(Hit),
    /// The mouse was pressed on a row of the open dialog's list.
    Pick(usize),
    /// The wheel was turned over a panel, or over the open dialog: so many rows, down is positive.
    Wheel(Option<Panel>, isize),
    /// The layout has changed.
    Viewports(Viewports),
    /// An upload came further: bytes sent, bytes in all.
    Progress(UploadId, u64, u64),
    /// The host of a request on which nothing moves, where there is one.
    WaitsFor(Option<Clean>),
    /// A download came further: bytes that have come, bytes in all.
    Received(DownloadId, u64, u64),
    /// Objects were arranged.
    Arranged(Arranged),
    /// The cloud said something.
    Update(Update),
}

impl Msg {
    /// Whether what is on the screen may change by it alone. When a log was read is shown with what is waited for, and
    /// where that was long ago, which is drawn anyway.
    pub fn is_shown(&self) -> bool {
        !matches!(self, Self::Update(Update::LogRead(_) | Update::OtherLog { news: LogNews::Read(_), .. }))
    }
}
