//! Reads what an operator is given: wildcards, networks, and ranges of numbers.

use std::cmp::Ordering;
use std::net::IpAddr;

use serde_json::Value;

use super::read::fail;
use super::{Comparison, Pattern};

/// A text in which `*` stands for any run of characters, and `\*` and `\\` for themselves.
pub(super) fn wildcard(operand: &Value) -> Result<Pattern, String> {
    let Value::String(text) = operand else { return fail("wildcard match pattern must be a string") };
    let (mut parts, mut part) = (Vec::new(), String::new());
    let mut chars = text.char_indices().peekable();
    while let Some((at, char)) = chars.next() {
        // AWS counts from the quotation mark before the text.
        let place = at + 1;
        let literal = match char {
            '*' if chars.next_if(|(_, next)| *next == '*').is_some() => {
                return fail(&format!("Consecutive wildcard characters at pos {place}"));
            }
            '*' => {
                parts.push(std::mem::take(&mut part));
                continue;
            }
            '\\' => match chars.next() {
                Some((_, escaped @ ('*' | '\\'))) => escaped,
                _ => return fail(&format!("Invalid escape character at pos {place}")),
            },
            other => other,
        };
        part.push(literal);
    }
    parts.push(part);
    Ok(Pattern::Wildcard(parts))
}

pub(super) fn cidr(operand: &Value) -> Result<Pattern, String> {
    let Value::String(text) = operand else { return fail("prefix match pattern must be a string") };
    let Some((address, length)) = text.split_once('/').filter(|(_, length)| !length.contains('/')) else {
        return fail("Malformed CIDR, one '/' required");
    };
    let Ok(length) = length.parse::<u8>() else { return fail("Malformed CIDR, mask bits must be an integer") };
    let Ok(address) = address.parse::<IpAddr>() else {
        return fail(&format!("Nonstandard IP address: {address}"));
    };
    let (version, most) = if address.is_ipv4() { ("IPv4", 32) } else { ("IPv6", 128) };
    if length > most {
        return fail(&format!("{version} mask bits must be <= {most}"));
    }
    Ok(Pattern::Cidr(address, length))
}

/// One comparison, or a lower and an upper bound.
pub(super) fn numeric(terms: &[Value]) -> Result<Vec<Comparison>, String> {
    let mut terms = terms.iter();
    let Some(first) = terms.next() else { return fail("Invalid member in numeric match: ]") };
    let Value::String(operator) = first else { return fail(&format!("Invalid member in numeric match: {first}")) };
    let Some((sign, orders)) = sign(operator) else {
        return fail(&format!("Unrecognized numeric range operator: {operator}"));
    };
    let bottom = Comparison { sign, orders, than: number(operator, terms.next())? };
    let Some(second) = terms.next() else { return Ok(vec![bottom]) };
    if !operator.starts_with('>') {
        return fail("Too many elements in numeric expression");
    }
    let Value::String(operator) = second else { return fail(&format!("Bad value in numeric range: {second}")) };
    let Some((sign, orders)) = self::sign(operator).filter(|_| operator.starts_with('<')) else {
        return fail(&format!("Bad numeric range operator: {operator}"));
    };
    let top = Comparison { sign, orders, than: number(operator, terms.next())? };
    if top.than <= bottom.than {
        return fail("Bottom must be less than top");
    }
    if terms.next().is_some() {
        return fail("Too many terms in numeric range expression");
    }
    Ok(vec![bottom, top])
}

/// A comparison's sign, and the orders that it allows.
fn sign(operator: &str) -> Option<(&'static str, &'static [Ordering])> {
    const SIGNS: [(&str, &[Ordering]); 5] = [
        ("=", &[Ordering::Equal]),
        ("<", &[Ordering::Less]),
        ("<=", &[Ordering::Less, Ordering::Equal]),
        (">", &[Ordering::Greater]),
        (">=", &[Ordering::Greater, Ordering::Equal]),
    ];
    SIGNS.into_iter().find(|(sign, _)| *sign == operator)
}

fn number(operator: &str, value: Option<&Value>) -> Result<f64, String> {
    let operator = if operator == "=" { "equals" } else { operator };
    match value.and_then(Value::as_f64) {
        Some(number) => Ok(number),
        None => fail(&format!("Value of {operator} must be numeric")),
    }
}
