//! One test of one value.

use core::net::IpAddr;
use std::fmt;

use serde_json::Value;

use super::Matches;
use super::event::Part;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    Text(Text),
    Number(f64),
    /// `null`, `true` or `false`: no field of S3's events has one.
    Constant(Value),
    /// None of these holds, and there is a value.
    AnythingBut(Vec<Test>),
    Numeric(Vec<(Comparison, f64)>),
    /// A network, and the bits of its prefix.
    Cidr(IpAddr, u32),
    Exists(bool),
    /// What cannot be read.
    NotKnown(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Text {
    Equals(String),
    EqualsIgnoreCase(String),
    Prefix(String),
    PrefixIgnoreCase(String),
    Suffix(String),
    SuffixIgnoreCase(String),
    /// `*` is any run of characters; a backslash makes the next character an ordinary one.
    Wildcard(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Less,
    AtMost,
    Equal,
    AtLeast,
    More,
}

impl Test {
    pub(super) fn holds(&self, part: Option<&Part>) -> Matches {
        if let Self::NotKnown(_) = self {
            return Matches::NotKnown;
        }
        if let Self::Exists(wanted) = self {
            let exists = match part {
                // It is about leaves only.
                None | Some(Part::Object(_)) => Matches::No,
                Some(Part::Optional) => Matches::Depends,
                Some(_) => Matches::Yes,
            };
            return if *wanted { exists } else { exists.not() };
        }
        match part {
            None | Some(Part::Object(_)) => Matches::No,
            Some(Part::Several(parts)) => Matches::any(parts.iter().map(|part| self.holds(Some(part)))),
            Some(Part::OneOf(values)) => {
                let mut each = values.iter().map(|value| self.on_text(value));
                let first = each.next().unwrap_or(Matches::Depends);
                if each.all(|answer| answer == first) { first } else { Matches::Depends }
            }
            Some(Part::Unknown | Part::Optional) => self.on_unknown(),
            Some(Part::Text(text)) => self.on_text(text),
            Some(Part::Number(number)) => self.on_number(*number),
        }
    }

    /// The answer where there is a value, or may be one, that is not known.
    fn on_unknown(&self) -> Matches {
        match self {
            // An operator that is not known may be what decides.
            Self::AnythingBut(tests) if tests.iter().any(|test| matches!(test, Self::NotKnown(_))) => Matches::NotKnown,
            Self::Constant(_) => Matches::No,
            _ => Matches::Depends,
        }
    }

    fn on_text(&self, value: &str) -> Matches {
        match self {
            Self::Text(text) => Matches::of(text.holds(value)),
            Self::AnythingBut(tests) => Matches::any(tests.iter().map(|test| test.on_text(value))).not(),
            Self::Cidr(network, bits) => {
                Matches::of(value.parse().is_ok_and(|address| is_within(address, *network, *bits)))
            }
            _ => Matches::No,
        }
    }

    fn on_number(&self, value: f64) -> Matches {
        match self {
            Self::Number(number) => Matches::of(Comparison::Equal.holds(value, *number)),
            Self::Numeric(all) => Matches::of(all.iter().all(|(comparison, number)| comparison.holds(value, *number))),
            Self::AnythingBut(tests) => Matches::any(tests.iter().map(|test| test.on_number(value))).not(),
            _ => Matches::No,
        }
    }
}

impl Text {
    fn holds(&self, value: &str) -> bool {
        let lower = |text: &str| text.to_lowercase();
        match self {
            Self::Equals(text) => value == text,
            Self::EqualsIgnoreCase(text) => lower(value) == lower(text),
            Self::Prefix(text) => value.starts_with(text.as_str()),
            Self::PrefixIgnoreCase(text) => lower(value).starts_with(&lower(text)),
            Self::Suffix(text) => value.ends_with(text.as_str()),
            Self::SuffixIgnoreCase(text) => lower(value).ends_with(&lower(text)),
            Self::Wildcard(text) => is_wildcard_match(text, value),
        }
    }
}

/// Whether a text is what a wildcard stands for. The pieces between the stars are found from left to right.
fn is_wildcard_match(wildcard: &str, value: &str) -> bool {
    let mut pieces = vec![String::new()];
    let mut characters = wildcard.chars();
    while let Some(c) = characters.next() {
        match (c, pieces.last_mut()) {
            ('*', _) => pieces.push(String::new()),
            ('\\', Some(piece)) => piece.extend(characters.next()),
            (c, Some(piece)) => piece.push(c),
            (_, None) => {}
        }
    }
    let [first, rest @ ..] = &pieces[..] else { return false };
    let Some((last, middle)) = rest.split_last() else { return value == first };
    let Some(mut left) = value.strip_prefix(first.as_str()).and_then(|left| left.strip_suffix(last.as_str())) else {
        return false;
    };
    middle.iter().all(|piece| match left.split_once(piece.as_str()) {
        Some((_, after)) => {
            left = after;
            true
        }
        None => false,
    })
}

fn is_within(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    let (width, difference) = match (address, network) {
        (IpAddr::V4(one), IpAddr::V4(other)) => (32, u128::from(one.to_bits() ^ other.to_bits())),
        (IpAddr::V6(one), IpAddr::V6(other)) => (128, one.to_bits() ^ other.to_bits()),
        _ => return false,
    };
    bits <= width && difference.checked_shr(width - bits).unwrap_or(0) == 0
}

impl Comparison {
    pub(super) fn of(sign: &str) -> Option<Self> {
        Some(match sign {
            "<" => Self::Less,
            "<=" => Self::AtMost,
            "=" => Self::Equal,
            ">=" => Self::AtLeast,
            ">" => Self::More,
            _ => return None,
        })
    }

    fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Equal => "=",
            Self::AtLeast => ">=",
            Self::More => ">",
        }
    }

    fn holds(self, value: f64, number: f64) -> bool {
        let order = value.partial_cmp(&number);
        match self {
            Self::Less => order.is_some_and(std::cmp::Ordering::is_lt),
            Self::AtMost => order.is_some_and(std::cmp::Ordering::is_le),
            Self::Equal => order.is_some_and(std::cmp::Ordering::is_eq),
            Self::AtLeast => order.is_some_and(std::cmp::Ordering::is_ge),
            Self::More => order.is_some_and(std::cmp::Ordering::is_gt),
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => text.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Constant(value) => value.fmt(f),
            Self::AnythingBut(tests) => {
                let tests: Vec<String> = tests.iter().map(Self::to_string).collect();
                write!(f, "anything but {}", tests.join(" or "))
            }
            Self::Numeric(all) => {
                let all: Vec<String> = all.iter().map(|(it, number)| format!("{} {number}", it.sign())).collect();
                f.write_str(&all.join(" and "))
            }
            Self::Cidr(network, bits) => write!(f, "within {network}/{bits}"),
            Self::Exists(true) => f.write_str("exists"),
            Self::Exists(false) => f.write_str("does not exist"),
            Self::NotKnown(text) => write!(f, "{text} (operator not known)"),
        }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, text, rest) = match self {
            Self::Equals(text) => ("", text, ""),
            Self::EqualsIgnoreCase(text) => ("", text, " in any case"),
            Self::Prefix(text) => ("prefix ", text, ""),
            Self::PrefixIgnoreCase(text) => ("prefix ", text, " in any case"),
            Self::Suffix(text) => ("suffix ", text, ""),
            Self::SuffixIgnoreCase(text) => ("suffix ", text, " in any case"),
            Self::Wildcard(text) => ("wildcard ", text, ""),
        };
        write!(f, "{word}{text}{rest}")
    }
}
