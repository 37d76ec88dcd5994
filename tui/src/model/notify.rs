//! Notifications for the user: how they are made, and which events wait for one. `update/notify` decides.

use std::collections::HashSet;

use jiff::Timestamp;

use crate::domain::display::Notify;
use crate::text::clean::Clean;

/// What the user is notified of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An upload went wrong for good.
    Failed(Clean),
    /// An image that was uploaded elsewhere was published.
    Landed(Clean),
}

/// What the user was notified of, and what waits.
#[derive(Debug, Clone, Default)]
pub struct Notifications {
    pub how: Notify,
    /// What lies before it was read from the past. `None` until the connection stands.
    pub since: Option<Timestamp>,
    /// When the user last pressed a key or the mouse.
    pub touched: Option<Timestamp>,
    /// Uploads that were seen to end, by name.
    pub seen: HashSet<String>,
    /// What waits to be one notification.
    pub waiting: Vec<Event>,
    /// When the first of those began to wait.
    pub gathering: Option<Timestamp>,
    /// When it was last looked what ended.
    pub looked: Option<Timestamp>,
    /// When the last notification was made.
    pub called: Option<Timestamp>,
}
