//! Event patterns of `EventBridge`: whether a rule matches an event of which not everything is known.
//!
//! What this program cannot read is never taken for "no": an operator that it does not know, or a pattern that is none, makes
//! the answer [`Matches::NotKnown`]. No state and no I/O.

mod event;
#[cfg(test)]
mod tests;

use std::fmt;

use imgwatch_shared::event_pattern;

pub use event::ObjectCreated;
pub use imgwatch_shared::event_pattern::Matches;

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
        self.0.as_ref().map_or(Matches::NotKnown, |pattern| pattern.matches_part(&event.part()))
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
