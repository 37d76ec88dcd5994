//! Reads rules and says what is wrong with them, in AWS's words where they are known.

use serde_json::{Map, Value};

use super::operand::{cidr, numeric, wildcard};
use super::{Field, Pattern, Rules};

/// Deeper policies are over the limit on combinations anyway; this bounds the recursion.
const MOST_DEPTH: usize = 50;

/// Names that AWS's rules have a meaning for, or keep for later: `$or` over them is no operator.
const RESERVED: [&str; 24] = [
    "exactly",
    "equals-ignore-case",
    "prefix",
    "suffix",
    "anything-but",
    "exists",
    "wildcard",
    "numeric",
    "cidr",
    "=",
    "<",
    "<=",
    ">",
    ">=",
    "regex",
    "not-wildcard",
    "not-equals-ignore-case",
    "date-after",
    "date-on-or-after",
    "date-before",
    "date-on-or-before",
    "in-date-range",
    "ip-address-in-range",
    "ip-address-not-in-range",
];

/// Whose rules they are: the languages differ in a few operators and limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// A filter policy on a message's attributes.
    Attributes,
    /// A filter policy on a message's body.
    Body,
    /// An event pattern.
    Events,
    /// An event pattern that EventBridge has accepted: what is not known here is kept as unread.
    AcceptedEvents,
}

impl Dialect {
    fn is_events(self) -> bool {
        matches!(self, Self::Events | Self::AcceptedEvents)
    }

    /// What was read; in place of a fault, what stands for something unread, where the dialect allows that.
    fn or_unread<T>(self, read: Result<T, String>, unread: impl FnOnce() -> T) -> Result<T, String> {
        if self == Self::AcceptedEvents { Ok(read.unwrap_or_else(|_| unread())) } else { read }
    }
}

/// The one message of a filter policy that SNS does not begin with its name.
pub(crate) const NESTED: &str = "Filter policy scope MessageAttributes does not support nested filter policy";

/// The rules of a document, and how many combinations they make.
/// Errors: what is wrong, in AWS's words.
pub(crate) fn read(object: &Map<String, Value>, dialect: Dialect) -> Result<(Rules, usize), String> {
    rules(object, dialect, 1, false)
}

/// The rules of one object, and how many combinations they make; `in_or` inside an alternative of `$or`.
fn rules(object: &Map<String, Value>, dialect: Dialect, depth: usize, in_or: bool) -> Result<(Rules, usize), String> {
    if depth > 1 && dialect == Dialect::Attributes {
        return fail(NESTED);
    }
    if depth > MOST_DEPTH {
        return fail("Filter policy is too complex");
    }
    let mut read = Rules::default();
    let mut combinations = 1_usize;
    for (name, value) in object {
        let count = match value {
            Value::Array(items) if name == "$or" && is_or(items) => {
                let (alternatives, count) = alternatives(items, dialect, depth)?;
                read.alternatives.push(alternatives);
                count
            }
            _ => {
                let field = field(name, value, dialect, depth, in_or);
                let (field, count) = dialect.or_unread(field, || (Field::Unread, 1))?;
                read.fields.push((name.clone(), field));
                count
            }
        };
        combinations = combinations.saturating_mul(count);
    }
    Ok((read, combinations))
}

/// What is asked of one field, and how many combinations that makes.
fn field(name: &str, value: &Value, dialect: Dialect, depth: usize, in_or: bool) -> Result<(Field, usize), String> {
    if in_or && RESERVED.contains(&name) {
        return fail(&format!("{name} is Ruler reserved fieldName which cannot be used inside $or."));
    }
    match value {
        Value::Array(items) if items.is_empty() => fail("Empty arrays are not allowed"),
        Value::Array(items) => {
            let read = |item: &Value| dialect.or_unread(pattern(item, dialect), || Pattern::Unread(item.to_string()));
            let patterns = items.iter().map(read).collect::<Result<_, _>>()?;
            // Event patterns count the alternatives of `$or` only.
            Ok((Field::Patterns(patterns), if dialect.is_events() { 1 } else { items.len() * depth }))
        }
        Value::Object(inside) if inside.is_empty() => fail("Empty objects are not allowed"),
        Value::Object(inside) => {
            rules(inside, dialect, depth + 1, in_or).map(|(rules, count)| (Field::Inside(rules), count))
        }
        _ => fail(&format!("\"{name}\" must be an object or an array")),
    }
}

/// Whether `$or` is the operator: with two objects or more, none of which uses a reserved word as a name. Otherwise it
/// is a name like others.
fn is_or(items: &[Value]) -> bool {
    let is_alternative = |item: &Value| {
        item.as_object().is_some_and(|object| object.keys().all(|name| !RESERVED.contains(&name.as_str())))
    };
    items.len() >= 2 && items.iter().all(is_alternative)
}

/// The alternatives of one `$or`.
fn alternatives(items: &[Value], dialect: Dialect, depth: usize) -> Result<(Vec<Rules>, usize), String> {
    let mut all = Vec::new();
    let mut sum = 0_usize;
    for item in items.iter().filter_map(Value::as_object) {
        let (rules, count) = rules(item, dialect, depth, true)?;
        sum = sum.saturating_add(count);
        all.push(rules);
    }
    Ok((all, sum))
}

pub(super) fn fail<T>(what: &str) -> Result<T, String> {
    Err(what.to_owned())
}

fn pattern(value: &Value, dialect: Dialect) -> Result<Pattern, String> {
    let Value::Object(expression) = value else { return plain(value) };
    let (operator, operand) = only(expression)?;
    match operator {
        "prefix" | "suffix" if dialect.is_events() && operand.is_object() => ignoring_case(operator, operand),
        "wildcard" if dialect.is_events() => wildcard(operand),
        "prefix" | "suffix" | "equals-ignore-case" => text_pattern(operator, operand),
        "exists" => match operand {
            Value::Bool(wanted) => Ok(Pattern::Exists(*wanted)),
            _ => fail("exists match pattern must be either true or false."),
        },
        "numeric" => match operand {
            Value::Array(terms) => numeric(terms).map(Pattern::Numeric),
            _ => fail("Value of numeric must be an array."),
        },
        "cidr" => cidr(operand),
        "anything-but" => anything_but(operand, dialect).map(Pattern::AnythingBut),
        _ => fail(&format!("Unrecognized match type {operator}")),
    }
}

/// A value that must be met exactly.
fn plain(value: &Value) -> Result<Pattern, String> {
    match value {
        Value::Null => Ok(Pattern::Null),
        Value::Bool(wanted) => Ok(Pattern::Bool(*wanted)),
        Value::String(text) => Ok(Pattern::Text(text.clone())),
        Value::Number(number) => Ok(Pattern::Number(number.as_f64().unwrap_or(f64::NAN))),
        Value::Array(_) | Value::Object(_) => fail("Match value must be String, number, true, false, or null"),
    }
}

fn text_pattern(operator: &str, operand: &Value) -> Result<Pattern, String> {
    let Value::String(text) = operand else { return fail(&format!("{operator} match pattern must be a string")) };
    Ok(match operator {
        "prefix" => Pattern::Prefix(text.clone()),
        "suffix" => Pattern::Suffix(text.clone()),
        _ => Pattern::IgnoreCase(text.clone()),
    })
}

/// The one operator of an expression, and what it is given.
fn only(expression: &Map<String, Value>) -> Result<(&str, &Value), String> {
    let mut members = expression.iter();
    match (members.next(), members.next()) {
        (Some((operator, operand)), None) => Ok((operator, operand)),
        _ => fail("Only one key allowed in match expression"),
    }
}

/// `{"prefix": {"equals-ignore-case": "a"}}`.
fn ignoring_case(operator: &str, operand: &Value) -> Result<Pattern, String> {
    let inner = operand.as_object().map(only).transpose()?;
    let Some(("equals-ignore-case", Value::String(text))) = inner else {
        return fail(&format!("{operator} match pattern must be a string or an equals-ignore-case expression"));
    };
    Ok(if operator == "prefix" {
        Pattern::PrefixIgnoreCase(text.clone())
    } else {
        Pattern::SuffixIgnoreCase(text.clone())
    })
}

/// What `anything-but` excludes: a value, several, or texts of a form.
fn anything_but(operand: &Value, dialect: Dialect) -> Result<Vec<Pattern>, String> {
    let fault = "anything-but match pattern must be a string, a number, or a list of them";
    match operand {
        Value::String(_) | Value::Number(_) => Ok(vec![plain(operand)?]),
        Value::Array(items) if items.is_empty() => fail("Empty arrays are not allowed"),
        Value::Array(items) if items.iter().all(|item| item.is_string() || item.is_number()) => {
            items.iter().map(plain).collect()
        }
        Value::Object(expression) => match only(expression)? {
            ("prefix" | "suffix", Value::String(text)) if text.is_empty() && dialect.is_events() => {
                fail("Null prefix/suffix not allowed")
            }
            // EventBridge knows more of them than SNS.
            (operator @ ("prefix" | "suffix" | "wildcard" | "equals-ignore-case"), operand) if dialect.is_events() => {
                let one = |operand| match operator {
                    "wildcard" => wildcard(operand),
                    _ => text_pattern(operator, operand),
                };
                operand.as_array().map_or_else(|| Ok(vec![one(operand)?]), |items| items.iter().map(one).collect())
            }
            ("prefix", operand) => Ok(vec![text_pattern("prefix", operand)?]),
            (operator, _) => fail(&format!("Unsupported anything-but pattern: {operator}")),
        },
        _ => fail(fault),
    }
}
