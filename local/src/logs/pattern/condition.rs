//! One comparison of a JSON pattern: a selector, an operator and a value.
//!
//! A comparison with a member that is missing, or that is an object or a list, is false, also with `!=`.

use std::cmp::Ordering;

use serde_json::Value;

use super::Invalid;
use super::lexer::{Token, quoted};

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Condition {
    path: Vec<Step>,
    test: Test,
}

#[derive(Debug, Clone, PartialEq)]
enum Step {
    Member(String),
    Item(usize),
    /// `[*]`: some item.
    AnyItem,
}

#[derive(Debug, Clone, PartialEq)]
enum Test {
    IsNull,
    Is(bool),
    Exists(bool),
    /// Equal to this text, in which `*` stands for anything; `false` for `!=`.
    Text {
        pattern: String,
        number: Option<f64>,
        equal: bool,
    },
    Number {
        operator: Compare,
        than: f64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Compare {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Condition {
    pub(crate) fn holds(&self, message: &Value) -> bool {
        let mut found = Vec::new();
        find(message, &self.path, &mut found);
        match self.test {
            Test::Exists(wanted) => found.is_empty() != wanted,
            _ => found.into_iter().any(|value| self.test.passes(value)),
        }
    }
}

impl Test {
    fn passes(&self, value: &Value) -> bool {
        match self {
            Self::IsNull => value.is_null(),
            Self::Is(wanted) => value.as_bool() == Some(*wanted),
            Self::Exists(_) => true,
            Self::Text { pattern, number, equal } => match value {
                Value::String(text) => wildcard(pattern, text) == *equal,
                Value::Number(actual) => {
                    let same = match number {
                        Some(number) => {
                            actual.as_f64().is_some_and(|actual| actual.total_cmp(number) == Ordering::Equal)
                        }
                        None => wildcard(pattern, &actual.to_string()),
                    };
                    same == *equal
                }
                // `*` asks whether there is a value at all.
                Value::Bool(actual) => wildcard(pattern, &actual.to_string()) == *equal,
                Value::Null | Value::Array(_) | Value::Object(_) => false,
            },
            Self::Number { operator, than } => value.as_f64().is_some_and(|actual| match operator {
                Compare::Less => actual < *than,
                Compare::LessOrEqual => actual <= *than,
                Compare::Greater => actual > *than,
                Compare::GreaterOrEqual => actual >= *than,
            }),
        }
    }
}

/// All values at a path; more than one only where it has `[*]`.
fn find<'a>(value: &'a Value, path: &[Step], found: &mut Vec<&'a Value>) {
    let Some((step, rest)) = path.split_first() else {
        found.push(value);
        return;
    };
    match step {
        Step::Member(name) => {
            if let Some(inner) = value.get(name) {
                find(inner, rest, found);
            }
        }
        Step::Item(index) => {
            if let Some(inner) = value.get(index) {
                find(inner, rest, found);
            }
        }
        Step::AnyItem => {
            for inner in value.as_array().into_iter().flatten() {
                find(inner, rest, found);
            }
        }
    }
}

/// `*` stands for any text, the empty one too.
fn wildcard(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some((_, after)) =
            rest.split_once(part).filter(|_| !part.is_empty()).or(part.is_empty().then_some(("", rest)))
        else {
            return false;
        };
        rest = after;
    }
    true
}

fn invalid(what: &str) -> Invalid {
    Invalid(format!("Invalid filter pattern: {what}"))
}

/// Reads one comparison; returns how many words it took.
pub(crate) fn parse(words: &[Token<'_>]) -> Result<(Condition, usize), Invalid> {
    let Some(Token::Selector(selector)) = words.first() else {
        return Err(invalid("a comparison starts with a selector such as $.level"));
    };
    let keyword = |index: usize, wanted: &str| match words.get(index) {
        Some(Token::Word(word)) => word.eq_ignore_ascii_case(wanted),
        _ => false,
    };
    let (test, used) = if keyword(1, "IS") {
        let test = match words.get(2) {
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("NULL") => Test::IsNull,
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("TRUE") => Test::Is(true),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("FALSE") => Test::Is(false),
            _ => return Err(invalid("IS takes NULL, TRUE or FALSE")),
        };
        (test, 3)
    } else if keyword(1, "NOT") && keyword(2, "EXISTS") {
        (Test::Exists(false), 3)
    } else if keyword(1, "EXISTS") {
        (Test::Exists(true), 2)
    } else {
        let Some(Token::Operator(operator)) = words.get(1) else {
            return Err(invalid("after a selector comes =, !=, <, <=, >, >=, IS or NOT EXISTS"));
        };
        (comparison(operator, words.get(2))?, 3)
    };
    Ok((Condition { path: path(selector)?, test }, used))
}

fn comparison(operator: &str, value: Option<&Token<'_>>) -> Result<Test, Invalid> {
    let (text, bare) = match value {
        Some(Token::Quoted(text)) => (text.as_str(), false),
        Some(Token::Word(word)) => (*word, true),
        _ => return Err(invalid("a comparison ends with a text or a number")),
    };
    if bare && text.starts_with('%') {
        return Err(Invalid(
            "regular expressions in filter patterns are not implemented by this local cloud".to_owned(),
        ));
    }
    // Rust reads `inf` and `nan` as numbers, which JSON does not have.
    let number = text.parse::<f64>().ok().filter(|number| bare && number.is_finite());
    let compare = match operator {
        "=" | "!=" => {
            return Ok(Test::Text { pattern: text.to_owned(), number, equal: operator == "=" });
        }
        "<" => Compare::Less,
        "<=" => Compare::LessOrEqual,
        ">" => Compare::Greater,
        _ => Compare::GreaterOrEqual,
    };
    let than = number.ok_or_else(|| invalid("<, <=, > and >= compare with numbers"))?;
    Ok(Test::Number { operator: compare, than })
}

/// Reads `$.a.b[0]['c d']`.
fn path(selector: &str) -> Result<Vec<Step>, Invalid> {
    let bad = || invalid(&format!("the selector {selector} is not one such as $.a.b[0]"));
    let mut rest = selector.strip_prefix('$').ok_or_else(bad)?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        // A period may also stand before a bracket.
        let inner = rest.strip_prefix('.').unwrap_or(rest);
        if let Some(bracket) = inner.strip_prefix('[') {
            let (step, after) = bracketed(bracket).ok_or_else(bad)?;
            steps.push(step);
            rest = after;
            continue;
        }
        let member = rest.strip_prefix('.').ok_or_else(bad)?;
        let end = member.find(['.', '[']).unwrap_or(member.len());
        let (name, after) = member.split_at(end);
        let legal = |c: char| c.is_alphanumeric() || "_-@#:/*".contains(c);
        if name.is_empty() || !name.chars().all(legal) {
            return Err(bad());
        }
        steps.push(Step::Member(name.to_owned()));
        rest = after;
    }
    if steps.is_empty() { Err(bad()) } else { Ok(steps) }
}

fn bracketed(text: &str) -> Option<(Step, &str)> {
    if let Some(quote) = text.chars().next().filter(|c| matches!(c, '\'' | '"')) {
        let (name, after) = quoted(text.get(1..)?, quote).ok()?;
        return Some((Step::Member(name), after.strip_prefix(']')?));
    }
    let (index, after) = text.split_once(']')?;
    let step = if index == "*" { Step::AnyItem } else { Step::Item(index.trim().parse().ok()?) };
    Some((step, after))
}
