//! Rules about JSON, in the language that filter policies of SNS and event patterns of `EventBridge` share.
//!
//! They are read once and then only matched, also against what is known of a document before it exists. No state and no
//! I/O.

mod describe;
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
    /// What is asked of it is not known here.
    Unread,
}

/// Whether rules hold. All conditions together are as true as the least of them, alternatives as the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Matches {
    /// They do not hold.
    No,
    /// They ask for something that is not known here.
    NotKnown,
    /// They hold of some documents and not of others, by what is not known of the document.
    Depends,
    /// They hold.
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

    /// As true as the greatest of them.
    pub fn any(all: impl IntoIterator<Item = Self>) -> Self {
        all.into_iter().max().unwrap_or(Self::No)
    }

    fn all(all: impl IntoIterator<Item = Self>) -> Self {
        all.into_iter().min().unwrap_or(Self::Yes)
    }
}

/// A document, or a part of one.
pub(crate) trait Document: Sized {
    /// A field of an object.
    fn get(&self, name: &str) -> Option<&Self>;

    fn shape(&self) -> Shape<'_, Self>;
}

/// What a part of a document is.
pub(crate) enum Shape<'a, D> {
    Object,
    Array(&'a [D]),
    /// A text, a number, `true`, `false` or `null`.
    Leaf(&'a Value),
    OneOf(&'static [&'static str]),
    Unknown,
    Optional,
}

impl<D> Shape<'_, D> {
    /// Whether there is a value: an object is none, and neither is an empty array.
    fn exists(&self) -> Matches {
        match self {
            Self::Object => Matches::No,
            Self::Array(items) => Matches::of(!items.is_empty()),
            Self::Optional => Matches::Depends,
            Self::Leaf(_) | Self::OneOf(_) | Self::Unknown => Matches::Yes,
        }
    }
}

impl Document for Value {
    fn get(&self, name: &str) -> Option<&Self> {
        self.get(name)
    }

    fn shape(&self) -> Shape<'_, Self> {
        match self {
            Self::Object(_) => Shape::Object,
            Self::Array(items) => Shape::Array(items),
            leaf => Shape::Leaf(leaf),
        }
    }
}

/// A document, or a part of one, as far as it is known before it exists.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// It is this text, number, `true`, `false` or `null`.
    Value(Value),
    /// An array of these.
    Several(Vec<Part>),
    /// An object with these fields and no others.
    Object(Vec<(&'static str, Part)>),
    /// Every document has it: a text or a number that is not known.
    Unknown,
    /// Every document has one of these.
    OneOf(&'static [&'static str]),
    /// Some documents have it: a text or a number that is not known.
    Optional,
}

impl Document for Part {
    fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(fields) = self else { return None };
        fields.iter().find(|(field, _)| *field == name).map(|(_, part)| part)
    }

    fn shape(&self) -> Shape<'_, Self> {
        match self {
            Self::Value(value) => Shape::Leaf(value),
            Self::Several(parts) => Shape::Array(parts),
            Self::Object(_) => Shape::Object,
            Self::Unknown => Shape::Unknown,
            Self::OneOf(texts) => Shape::OneOf(texts),
            Self::Optional => Shape::Optional,
        }
    }
}

impl Rules {
    pub(crate) fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.alternatives.is_empty()
    }

    /// Whether they hold of an object; of several objects in an array, one must satisfy all rules.
    pub(crate) fn hold<D: Document>(&self, object: Option<&D>) -> Matches {
        if let Some(Shape::Array(items)) = object.map(D::shape) {
            return Matches::any(items.iter().map(|item| self.hold(Some(item))));
        }
        let get = |name: &String| object.and_then(|object| object.get(name));
        let fields = self.fields.iter().map(|(name, field)| match field {
            Field::Patterns(any) => Matches::any(any.iter().map(|pattern| pattern.matches(get(name)))),
            Field::Inside(rules) => rules.hold(get(name)),
            Field::Unread => Matches::NotKnown,
        });
        let one_of = |alternatives: &Vec<Self>| Matches::any(alternatives.iter().map(|rules| rules.hold(object)));
        Matches::all(fields.chain(self.alternatives.iter().map(one_of)))
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
    /// JSON of something that is not known here.
    Unread(String),
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Comparison {
    sign: &'static str,
    /// The orders of value and number that it allows.
    orders: &'static [Ordering],
    than: f64,
}

impl Pattern {
    fn matches<D: Document>(&self, part: Option<&D>) -> Matches {
        match (self, part.map(D::shape)) {
            (Self::Unread(_), _) => Matches::NotKnown,
            (Self::Exists(true), shape) => shape.map_or(Matches::No, |shape| shape.exists()),
            (Self::Exists(false), shape) => shape.map_or(Matches::No, |shape| shape.exists()).not(),
            (_, None | Some(Shape::Object)) | (Self::Null | Self::Bool(_), Some(Shape::Unknown | Shape::Optional)) => {
                Matches::No
            }
            (_, Some(Shape::Array(items))) => Matches::any(items.iter().map(|item| self.matches(Some(item)))),
            (_, Some(Shape::Leaf(value))) => Matches::of(self.matches_leaf(value)),
            (_, Some(Shape::OneOf(texts))) => {
                match texts.iter().filter(|text| self.matches_leaf(&Value::from(**text))).count() {
                    0 => Matches::No,
                    count if count == texts.len() => Matches::Yes,
                    _ => Matches::Depends,
                }
            }
            (_, Some(Shape::Unknown | Shape::Optional)) => Matches::Depends,
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
