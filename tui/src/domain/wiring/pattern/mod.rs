//! Event patterns of `EventBridge`: whether a rule matches an event of which not everything is known.
//!
//! The semantics are those of AWS's event-ruler. What this program cannot read is never taken for "no": an operator that it
//! does not know, or a pattern that is none, makes the answer [`Matches::NotKnown`]. No state and no I/O.

mod event;
mod message;
mod parse;
mod test;

use std::fmt;

use serde_json::Value;

pub use event::ObjectCreated;
use event::Part;
pub use message::MessageForm;
use test::Test;

/// Whether a pattern matches. All conditions together are as true as the least of them, alternatives as the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Matches {
    No,
    /// The pattern uses an operator that this program does not know.
    NotKnown,
    /// Some events match and others do not, by what is not known of the event, such as its key.
    Depends,
    Yes,
}

impl Matches {
    fn of(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }

    fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            other => other,
        }
    }

    pub(in crate::domain) fn any(all: impl IntoIterator<Item = Self>) -> Self {
        all.into_iter().max().unwrap_or(Self::No)
    }

    fn all(all: impl IntoIterator<Item = Self>) -> Self {
        all.into_iter().min().unwrap_or(Self::Yes)
    }
}

/// A rule's event pattern.
#[derive(Debug, Clone, PartialEq)]
pub struct EventPattern {
    /// `None` where the text is no pattern.
    fields: Option<Fields>,
}

/// What must hold of one object: every field, and one alternative of every `$or`.
#[derive(Debug, Clone, Default, PartialEq)]
struct Fields {
    named: Vec<(String, Condition)>,
    alternatives: Vec<Vec<Fields>>,
}

#[derive(Debug, Clone, PartialEq)]
enum Condition {
    /// One of these must hold of the value.
    OneOf(Vec<Test>),
    /// These must hold of the object inside.
    Inside(Fields),
    /// This cannot be read.
    NotKnown,
}

impl EventPattern {
    /// Reads a pattern as `EventBridge` gives it back.
    pub fn new(text: &str) -> Self {
        let object = serde_json::from_str(text).ok();
        Self { fields: object.as_ref().and_then(Value::as_object).map(parse::fields) }
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
        self.fields.as_ref().map_or(Matches::NotKnown, |fields| fields.hold(Some(part)))
    }
}

impl Fields {
    /// Of several objects in an array, one must satisfy all of it.
    fn hold(&self, object: Option<&Part>) -> Matches {
        if let Some(Part::Several(parts)) = object {
            return Matches::any(parts.iter().map(|part| self.hold(Some(part))));
        }
        let inside = |name: &str| match object {
            Some(Part::Object(fields)) => fields.iter().find(|(field, _)| *field == name).map(|(_, part)| part),
            _ => None,
        };
        let named = self.named.iter().map(|(name, condition)| condition.holds(inside(name)));
        let alternatives = self.alternatives.iter().map(|any| Matches::any(any.iter().map(|one| one.hold(object))));
        Matches::all(named.chain(alternatives))
    }
}

impl Condition {
    fn holds(&self, part: Option<&Part>) -> Matches {
        match self {
            Self::OneOf(tests) => Matches::any(tests.iter().map(|test| test.holds(part))),
            Self::Inside(fields) => fields.hold(part),
            Self::NotKnown => Matches::NotKnown,
        }
    }
}

/// What it asks of an event besides its source and type: `object.key prefix "in/" or suffix ".jpg"`.
impl fmt::Display for EventPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(fields) = &self.fields else { return f.write_str("a pattern that cannot be read") };
        let mut parts = Vec::new();
        fields.describe("", &mut parts);
        let parts = parts.join(", ");
        f.write_str(if parts.is_empty() { "every event" } else { &parts })
    }
}

impl Fields {
    fn describe(&self, path: &str, parts: &mut Vec<String>) {
        // What every rule of S3's events says is not worth a word.
        let is_told = |name: &str| !(path.is_empty() && ["source", "detail-type"].contains(&name));
        for (name, condition) in self.named.iter().filter(|(name, _)| is_told(name)) {
            let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            match condition {
                Condition::OneOf(tests) => {
                    let tests: Vec<String> = tests.iter().map(Test::to_string).collect();
                    // `detail` holds all that differs from event to event.
                    parts.push(format!("{} {}", inner.trim_start_matches("detail."), tests.join(" or ")));
                }
                Condition::Inside(fields) => fields.describe(&inner, parts),
                Condition::NotKnown => parts.push(format!("{inner} (cannot be read)")),
            }
        }
        for any in &self.alternatives {
            let each = any.iter().map(|fields| {
                let mut parts = Vec::new();
                fields.describe(path, &mut parts);
                parts.join(" and ")
            });
            parts.push(format!("either {}", each.collect::<Vec<_>>().join(" or ")));
        }
    }
}

#[cfg(test)]
mod tests;
