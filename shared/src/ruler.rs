//! Rules about JSON, in the language that filter policies of SNS and event patterns of `EventBridge` share.
//!
//! They are read once and then only matched. No state and no I/O.

mod operand;
mod read;

use std::cmp::Ordering;
use std::net::IpAddr;

use serde_json::Value;

pub(crate) use read::{Dialect, NESTED, read};

/// What must hold of one object: every field, and one alternative of every `$or`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules {
    fields: Vec<(String, Field)>,
    alternatives: Vec<Vec<Rules>>,
}

#[derive(Debug, Clone)]
enum Field {
    /// One of these must match.
    Patterns(Vec<Pattern>),
    /// These must hold of the object inside.
    Inside(Rules),
}

impl Rules {
    pub(crate) fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.alternatives.is_empty()
    }

    pub(crate) fn hold<'a>(&self, get: &dyn Fn(&str) -> Option<&'a Value>) -> bool {
        let field_holds = |(name, field): &(String, Field)| match field {
            Field::Patterns(patterns) => patterns.iter().any(|pattern| pattern.matches(get(name))),
            Field::Inside(rules) => rules.hold_inside(get(name)),
        };
        self.fields.iter().all(field_holds)
            && self.alternatives.iter().all(|alternatives| alternatives.iter().any(|rules| rules.hold(get)))
    }

    /// Of several objects in an array, one must satisfy all rules.
    fn hold_inside(&self, value: Option<&Value>) -> bool {
        match value {
            Some(Value::Array(items)) => items.iter().any(|item| self.hold_inside(Some(item))),
            _ => self.hold(&|name| value?.get(name)),
        }
    }
}

/// One condition on one value.
#[derive(Debug, Clone, PartialEq)]
enum Pattern {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    IgnoreCase(String),
    Prefix(String),
    Suffix(String),
    PrefixIgnoreCase(String),
    SuffixIgnoreCase(String),
    /// The texts between the wildcards, each of which stands for any run of characters.
    Wildcard(Vec<String>),
    Exists(bool),
    /// All comparisons must hold.
    Numeric(Vec<Comparison>),
    /// The network's address and the length of its prefix.
    Cidr(IpAddr, u8),
    /// None of these may match.
    AnythingBut(Vec<Pattern>),
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Comparison {
    orders: &'static [Ordering],
    than: f64,
}

impl Pattern {
    fn matches(&self, value: Option<&Value>) -> bool {
        if let Self::Exists(wanted) = self {
            let is_there = match value {
                None | Some(Value::Object(_)) => false,
                Some(Value::Array(items)) => !items.is_empty(),
                Some(_) => true,
            };
            return is_there == *wanted;
        }
        match value {
            None | Some(Value::Object(_)) => false,
            Some(Value::Array(items)) => items.iter().any(|item| self.matches(Some(item))),
            Some(value) => self.matches_leaf(value),
        }
    }

    fn matches_leaf(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Null, Value::Null) => true,
            (Self::Bool(wanted), Value::Bool(given)) => wanted == given,
            (Self::Number(wanted), Value::Number(given)) => {
                given.as_f64().is_some_and(|given| given.partial_cmp(wanted) == Some(Ordering::Equal))
            }
            (Self::Text(wanted), Value::String(given)) => wanted == given,
            (Self::IgnoreCase(wanted), Value::String(given)) => wanted.to_lowercase() == given.to_lowercase(),
            (Self::Prefix(prefix), Value::String(given)) => given.starts_with(prefix),
            (Self::Suffix(suffix), Value::String(given)) => given.ends_with(suffix),
            (Self::PrefixIgnoreCase(prefix), Value::String(given)) => {
                given.to_lowercase().starts_with(&prefix.to_lowercase())
            }
            (Self::SuffixIgnoreCase(suffix), Value::String(given)) => {
                given.to_lowercase().ends_with(&suffix.to_lowercase())
            }
            (Self::Wildcard(parts), Value::String(given)) => has_parts(given, parts),
            (Self::Numeric(comparisons), Value::Number(given)) => given.as_f64().is_some_and(|given| {
                let holds = |comparison: &Comparison| {
                    given.partial_cmp(&comparison.than).is_some_and(|order| comparison.orders.contains(&order))
                };
                comparisons.iter().all(holds)
            }),
            (Self::Cidr(network, length), Value::String(given)) => {
                given.parse().is_ok_and(|address| is_in_network(address, *network, *length))
            }
            (Self::AnythingBut(patterns), _) => !patterns.iter().any(|pattern| pattern.matches_leaf(value)),
            _ => false,
        }
    }
}

fn is_in_network(address: IpAddr, network: IpAddr, length: u8) -> bool {
    let (address, network, bits) = match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            (u128::from(address.to_bits()), u128::from(network.to_bits()), 32)
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => (address.to_bits(), network.to_bits(), 128),
        _ => return false,
    };
    // A shift by all 128 bits leaves nothing to compare: everything is in the network.
    (address ^ network).checked_shr(bits - u32::from(length)).unwrap_or(0) == 0
}

/// Whether a text consists of these parts, in this order, with anything between them.
fn has_parts(text: &str, parts: &[String]) -> bool {
    let [first, between @ .., last] = parts else { return parts.first().is_some_and(|only| text == only) };
    let Some(rest) = text.strip_prefix(first.as_str()).and_then(|rest| rest.strip_suffix(last.as_str())) else {
        return false;
    };
    // The first place of each part leaves the most for those after it.
    let after = |rest: &str, part: &String| Some(rest.find(part.as_str())? + part.len());
    between.iter().try_fold(rest, |rest, part| rest.get(after(rest, part)?..)).is_some()
}
