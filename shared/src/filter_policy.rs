//! Filter policies: which messages a subscription wants. The local cloud filters with them, the dashboard says whom they
//! exclude.
//!
//! A policy is read once, when it is set, and then only matched. Attributes and bodies are matched by the same code:
//! attributes become a JSON object first. No state and no I/O.

mod parse;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::net::IpAddr;

use serde_json::{Map, Value};

/// What a policy looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scope {
    /// The message's attributes.
    #[default]
    MessageAttributes,
    /// The message itself, which must be a JSON object.
    MessageBody,
}

impl Scope {
    /// From SNS's word.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "MessageAttributes" => Some(Self::MessageAttributes),
            "MessageBody" => Some(Self::MessageBody),
            _ => None,
        }
    }

    /// SNS's word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::MessageAttributes => "MessageAttributes",
            Self::MessageBody => "MessageBody",
        }
    }
}

/// A policy as given, and as read.
#[derive(Debug, Clone)]
pub struct FilterPolicy {
    /// As it was given.
    pub text: String,
    /// What it is applied to.
    pub scope: Scope,
    rules: Rules,
}

/// Why a policy cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// It is no JSON.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// It is no policy; in SNS's words, without the `Invalid parameter:` that comes before them.
    #[error("{0}")]
    Policy(String),
}

impl FilterPolicy {
    /// Whether the message passes. `attributes` is what the message's attributes are as a JSON object.
    pub fn passes(&self, attributes: &Map<String, Value>, body: &str) -> bool {
        match self.scope {
            // A policy that asks for nothing lets everything through, whatever the body is.
            _ if self.rules.is_empty() => true,
            Scope::MessageAttributes => self.rules.hold(&|name| attributes.get(name)),
            // A body that is no JSON object is filtered out, as on AWS.
            Scope::MessageBody => serde_json::from_str::<Map<String, Value>>(body)
                .is_ok_and(|body| self.rules.hold(&|name| body.get(name))),
        }
    }
}

/// What must hold of one object: every field, and one alternative of every `$or`.
#[derive(Debug, Clone, Default)]
struct Rules {
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
    fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.alternatives.is_empty()
    }

    fn hold<'a>(&self, get: &dyn Fn(&str) -> Option<&'a Value>) -> bool {
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
