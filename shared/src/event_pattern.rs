//! Event patterns of `EventBridge`: which events a rule matches. The local cloud routes with them, the dashboard says with
//! them which rule an object's event will match.
//!
//! The semantics are those of AWS's event-ruler. A pattern is read once and then only matched. No state and no I/O.

#[cfg(test)]
mod tests;

use std::fmt;

use serde_json::Value;

use crate::ruler::{self, Dialect, Rules};
pub use crate::ruler::{Matches, Part};

/// AWS's limits: the characters of a pattern, and the combinations that `$or` makes.
const MOST_CHARS: usize = 4096;
const MOST_COMBINATIONS: usize = 1000;

/// A pattern as given, and as read.
#[derive(Debug, Clone)]
pub struct EventPattern {
    /// As it was given.
    pub text: String,
    rules: Rules,
}

impl EventPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with it, in `EventBridge`'s words, without the `Event pattern is not valid. Reason: ` that comes before
    /// them.
    pub fn parse(text: &str) -> Result<Self, String> {
        let invalid = || "Invalid JSON".to_owned();
        let document: Value = serde_json::from_str(text).map_err(|_| invalid())?;
        let Value::Object(pattern) = document else { return Err("Filter is not an object".to_owned()) };
        if text.chars().count() > MOST_CHARS {
            return Err(format!("Event pattern is longer than {MOST_CHARS} characters"));
        }
        if pattern.is_empty() {
            return Err("Empty objects are not allowed".to_owned());
        }
        let (rules, combinations) = ruler::read(&pattern, Dialect::Events)?;
        if combinations > MOST_COMBINATIONS {
            return Err(format!("Event pattern has more than {MOST_COMBINATIONS} combinations of $or"));
        }
        Ok(Self { text: text.to_owned(), rules })
    }

    /// Reads a pattern that `EventBridge` has accepted: what is not known here makes the answer [`Matches::NotKnown`], and
    /// is never taken for "no". `None` where the text is no JSON object.
    pub fn parse_accepted(text: &str) -> Option<Self> {
        let pattern = serde_json::from_str(text).ok()?;
        let (rules, _) = ruler::read(&pattern, Dialect::AcceptedEvents).ok()?;
        Some(Self { text: text.to_owned(), rules })
    }

    /// Whether an event matches: one that is no JSON object matches no pattern.
    pub fn matches(&self, event: &Value) -> bool {
        event.is_object() && self.rules.hold(Some(event)) == Matches::Yes
    }

    /// Whether an event matches of which not everything is known.
    pub fn matches_part(&self, event: &Part) -> Matches {
        self.rules.hold(Some(event))
    }
}

/// What it asks of an event besides its source and type: `object.key prefix in/ or suffix .jpg`.
impl fmt::Display for EventPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = self.rules.describe("");
        f.write_str(&if parts.is_empty() { "every event".to_owned() } else { parts.join(", ") })
    }
}
