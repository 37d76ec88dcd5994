//! Notices for the user: the latest one, and a history of those before.

use jiff::Timestamp;

use super::Model;
use crate::text::clean::Clean;

/// A short word to the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub text: Clean,
    /// What kind of word it is.
    pub level: NoticeLevel,
    /// When it was said.
    pub at: Timestamp,
}

/// What kind of word a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeLevel {
    /// Something that the user asked for is done.
    Done,
    /// Something to know.
    Hint,
    Error,
}

/// Entries of the history at most.
const HISTORY: usize = 200;

/// How long a notice stays, in milliseconds. Errors stay longer.
pub const NOTICE_MS: (i64, i64) = (4_000, 10_000);

impl Model {
    /// Says something to the user, and keeps it in mind.
    pub fn say(&mut self, level: NoticeLevel, text: impl Into<Clean>) {
        let text = text.into();
        self.record(level, text.clone());
        self.tell(level, text);
    }

    /// Says something that the screen shows by itself from now on: the history is for what could not be found again
    /// otherwise.
    pub fn tell(&mut self, level: NoticeLevel, text: impl Into<Clean>) {
        self.notice = Some(Notice { text: text.into(), level, at: self.now });
    }

    /// Keeps in mind what was said or went wrong. What is said again and again is one entry, with its latest time.
    pub fn record(&mut self, level: NoticeLevel, text: Clean) {
        let notice = Notice { text, level, at: self.now };
        match self.history.back_mut() {
            Some(last) if last.text == notice.text => *last = notice,
            _ => self.history.push_back(notice),
        }
        if self.history.len() > HISTORY {
            self.history.pop_front();
        }
    }
}
