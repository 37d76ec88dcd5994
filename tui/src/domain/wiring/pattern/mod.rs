//! Event patterns of `EventBridge`: whether a rule matches an event of which not everything is known.
//!
//! What this program cannot read is never taken for "no": an operator that it does not know, or a pattern that is none, makes
//! the answer [`Matches::NotKnown`]. No state and no I/O.

mod event;
mod message;
#[cfg(test)]
mod tests;

use std::fmt;

use imgwatch_shared::event_pattern::{self, Part};

pub use event::ObjectCreated;
pub use imgwatch_shared::event_pattern::Matches;
pub use message::MessageForm;

/// A rule's event pattern; `None` where the text is no pattern.
#[derive(Debug, Clone)]
pub struct EventPattern(Option<event_pattern::EventPattern>);

impl EventPattern {
    /// Reads a pattern as `EventBridge` gives it back.
    pub fn new(text: &str) -> Self {
        Self(event_pattern::EventPattern::parse_accepted(text))
    }

    /// Whether it matches an `Object Created` event.
    pub fn matches(&self, event: &ObjectCreated<'_>) -> Matches {
        self.holds(&event.part())
    }

    /// Whether it matches the message about a new object, as a filter policy of SNS on the body.
    pub fn matches_message(&self, event: &ObjectCreated<'_>, form: MessageForm) -> Matches {
        self.holds(&event.message(form))
    }

    /// Whether it matches that message in a queue, as a filter of an event source mapping.
    pub fn matches_queue_record(&self, event: &ObjectCreated<'_>, form: MessageForm) -> Matches {
        self.holds(&event.queue_record(form))
    }

    fn holds(&self, part: &Part) -> Matches {
        self.0.as_ref().map_or(Matches::NotKnown, |pattern| pattern.matches_part(part))
    }
}

impl fmt::Display for EventPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(pattern) => pattern.fmt(f),
            None => f.write_str("a pattern that cannot be read"),
        }
    }
}
