//! A bucket's notification configuration: where S3 sends which events of which keys.

use imgwatch_shared::notification_rule::{KeyFilter, event_matches};

use crate::text::clean::Clean;

/// A bucket's notification configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BucketNotifications {
    /// All rules, for every kind of destination.
    pub rules: Vec<Rule>,
    /// Whether every event also goes to `EventBridge`.
    pub event_bridge: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rule {
    /// Where events go.
    pub kind: RuleKind,
    /// Its name; S3 makes one where none is given.
    pub id: Option<Clean>,
    /// The destination's ARN.
    pub arn: Clean,
    /// Such as `s3:ObjectCreated:*`.
    pub events: Vec<Clean>,
    /// Names and values of the filter, as S3 gives them back.
    pub filter: Vec<(Clean, Clean)>,
}

/// What kind of destination a rule has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RuleKind {
    Function,
    Queue,
    Topic,
}

impl Rule {
    /// Its filter. S3 gives names back capitalised, whatever was written.
    pub fn key_filter(&self) -> KeyFilter<'_> {
        let value = |wanted: &str| {
            let named = self.filter.iter().find(|(name, _)| name.raw().eq_ignore_ascii_case(wanted));
            named.map(|(_, value)| value.raw())
        };
        KeyFilter { prefix: value("prefix"), suffix: value("suffix") }
    }

    /// Its events and its filter in one phrase: `s3:ObjectCreated:*, suffix .jpg`.
    pub fn conditions(&self) -> String {
        let events: Vec<&str> = self.events.iter().map(Clean::raw).collect();
        let filter = self.filter.iter().map(|(name, value)| format!(", {} {}", name.raw().to_lowercase(), value.raw()));
        format!("{}{}", events.join(" "), filter.collect::<String>())
    }

    /// Whether it is about an event, such as `ObjectCreated:Put`, whatever the key.
    pub fn takes(&self, event: &str) -> bool {
        self.events.iter().any(|pattern| event_matches(pattern.raw(), event))
    }

    /// Whether S3 sends an event of a key by it.
    pub fn matches(&self, event: &str, key: &str) -> bool {
        let filter = self.key_filter();
        self.takes(event) && filter.prefix_holds(key) && filter.suffix_holds(key)
    }
}
