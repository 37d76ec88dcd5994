//! One rule of a bucket's notification configuration: which changes of which keys it is about.
//!
//! The local cloud's S3 sends by it, `imgwatch doctor` says by it what S3 will send. No state and no I/O.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::object_key;

/// What stands for itself in a filter's value.
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/').remove(b' ');

/// The rule's filter: values as the configuration has them, form encoded like keys in events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KeyFilter<'a> {
    /// What keys begin with.
    pub prefix: Option<&'a str>,
    /// What keys end with.
    pub suffix: Option<&'a str>,
}

impl KeyFilter<'_> {
    /// Whether the key begins as the filter asks.
    pub fn prefix_holds(&self, key: &str) -> bool {
        key.starts_with(&decoded(self.prefix))
    }

    /// Whether the key ends as the filter asks.
    pub fn suffix_holds(&self, key: &str) -> bool {
        key.ends_with(&decoded(self.suffix))
    }

    /// Whether there can be a key for both filters: S3 refuses that for one type of event.
    pub fn overlaps(&self, other: &Self) -> bool {
        let (one, two) = (decoded(self.prefix), decoded(other.prefix));
        let (three, four) = (decoded(self.suffix), decoded(other.suffix));
        (one.starts_with(&two) || two.starts_with(&one)) && (three.ends_with(&four) || four.ends_with(&three))
    }
}

/// Whether a configured event, such as `s3:ObjectCreated:*`, is this one, such as `ObjectCreated:Put`.
pub fn event_matches(pattern: &str, event: &str) -> bool {
    let pattern = pattern.trim_start_matches("s3:");
    match pattern.strip_suffix('*') {
        Some(family) => event.starts_with(family),
        None => pattern == event,
    }
}

/// Whether two configured events have one in common.
pub fn events_overlap(one: &str, other: &str) -> bool {
    let bare = |event: &str| event.trim_start_matches("s3:").to_owned();
    event_matches(one, &bare(other)) || event_matches(other, &bare(one))
}

/// A text of a key as a filter's value has to be written.
pub fn encoded(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string().replace(' ', "+")
}

/// What a filter's value stands for; no value stands for every key.
fn decoded(value: Option<&str>) -> String {
    object_key::decode(value.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_read_as_it_is_written() {
        for text in ["a b+é.png", "in/2026/", "100%", "~x-y_z"] {
            let value = encoded(text);
            let filter = KeyFilter { prefix: Some(&value), suffix: None };
            assert!(filter.prefix_holds(text), "{value}");
        }
        assert_eq!(encoded("a b+é"), "a+b%2B%C3%A9");
    }
}
