//! Calls for attention: how they are made, and which events wait to be called out. `update/notify` decides.

use std::collections::HashSet;

use jiff::Timestamp;

use crate::domain::display::Notify;
use crate::text::clean::Clean;

/// Something that is worth a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An upload went wrong for good.
    Failed(Clean),
    /// Somebody else's image is in the bucket, and the topic knows.
    Landed(Clean),
}

/// What was called out, and what waits.
#[derive(Debug, Clone, Default)]
pub struct Notifications {
    pub how: Notify,
    /// What lies before it was read from the past. `None` until the connection stands.
    pub since: Option<Timestamp>,
    /// When the user last pressed a key or the mouse.
    pub touched: Option<Timestamp>,
    /// Uploads that were seen to end, by name.
    pub seen: HashSet<String>,
    /// What waits to be called out together.
    pub waiting: Vec<Event>,
    /// When the first of those began to wait.
    pub gathering: Option<Timestamp>,
    /// When it was last looked what ended.
    pub looked: Option<Timestamp>,
    /// When the last call was made.
    pub called: Option<Timestamp>,
}
