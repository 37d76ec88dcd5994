//! From a pattern's JSON to what it asks. What cannot be read is kept as such.

use core::net::IpAddr;

use serde_json::{Map, Value};

use super::test::{Comparison, Test, Text};
use super::{Condition, Fields};

pub(super) fn fields(object: &Map<String, Value>) -> Fields {
    let mut fields = Fields::default();
    for (name, value) in object {
        match (name.as_str(), value) {
            ("$or", Value::Array(any)) if any.iter().all(Value::is_object) && !any.is_empty() => {
                fields.alternatives.push(any.iter().filter_map(Value::as_object).map(self::fields).collect());
            }
            _ => fields.named.push((name.clone(), condition(value))),
        }
    }
    fields
}

fn condition(value: &Value) -> Condition {
    match value {
        Value::Array(tests) => Condition::OneOf(tests.iter().map(test).collect()),
        Value::Object(inside) => Condition::Inside(fields(inside)),
        _ => Condition::NotKnown,
    }
}

fn test(value: &Value) -> Test {
    match value {
        Value::Null | Value::Bool(_) => Test::Constant(value.clone()),
        Value::String(text) => Test::Text(Text::Equals(text.clone())),
        Value::Number(number) => number.as_f64().map_or_else(|| unknown(value), Test::Number),
        Value::Object(operator) => match operator.iter().next() {
            Some((name, operand)) if operator.len() == 1 => operation(name, operand).unwrap_or_else(|| unknown(value)),
            _ => unknown(value),
        },
        Value::Array(_) => unknown(value),
    }
}

fn unknown(value: &Value) -> Test {
    Test::NotKnown(value.to_string())
}

/// What an operator asks; `None` where it is not known or its operand is none of its own.
fn operation(name: &str, operand: &Value) -> Option<Test> {
    Some(match name {
        "exists" => Test::Exists(operand.as_bool()?),
        "numeric" => Test::Numeric(comparisons(operand.as_array()?)?),
        "cidr" => {
            let (network, bits) = operand.as_str()?.split_once('/')?;
            Test::Cidr(network.parse::<IpAddr>().ok()?, bits.parse().ok()?)
        }
        "anything-but" => Test::AnythingBut(excluded(operand)?),
        _ => Test::Text(text(name, operand)?),
    })
}

/// An operator on text.
fn text(name: &str, operand: &Value) -> Option<Text> {
    let without_case = || operand.as_object().filter(|it| it.len() == 1)?.get("equals-ignore-case")?.as_str();
    Some(match (name, operand.as_str()) {
        ("prefix", Some(text)) => Text::Prefix(text.to_owned()),
        ("suffix", Some(text)) => Text::Suffix(text.to_owned()),
        ("equals-ignore-case", Some(text)) => Text::EqualsIgnoreCase(text.to_owned()),
        ("wildcard", Some(text)) => Text::Wildcard(text.to_owned()),
        ("prefix", None) => Text::PrefixIgnoreCase(without_case()?.to_owned()),
        ("suffix", None) => Text::SuffixIgnoreCase(without_case()?.to_owned()),
        _ => return None,
    })
}

/// What `anything-but` excludes: a value, a list of values, or an operator with one operand or a list of them.
fn excluded(operand: &Value) -> Option<Vec<Test>> {
    let Value::Object(operator) = operand else {
        let values = operand.as_array().map_or(std::slice::from_ref(operand), Vec::as_slice);
        let is_literal = |value: &&Value| value.is_string() || value.is_number();
        return values.iter().all(|value| is_literal(&value)).then(|| values.iter().map(test).collect());
    };
    let (name, operand) = operator.iter().next().filter(|_| operator.len() == 1)?;
    let operands = operand.as_array().map_or(std::slice::from_ref(operand), Vec::as_slice);
    operands.iter().map(|operand| text(name, operand).map(Test::Text)).collect()
}

/// `[">", 0, "<=", 5]`.
fn comparisons(parts: &[Value]) -> Option<Vec<(Comparison, f64)>> {
    let (pairs, rest) = parts.as_chunks::<2>();
    if pairs.is_empty() || !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[comparison, number]| Some((Comparison::of(comparison.as_str()?)?, number.as_f64()?))).collect()
}
