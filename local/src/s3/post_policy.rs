//! The policy of a form upload: until when it is valid, and what the form's fields may be.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;
use s3s::S3ErrorCode;
use serde_json::Value;

use super::form::Fields;
use super::problem::Problem;

/// Fields of a signature, as AWS names them where one is missing.
const V4: [&str; 4] = ["X-Amz-Signature", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date"];
const V2: [&str; 2] = ["Signature", "AWSAccessKeyId"];

/// Fields that no condition needs to name.
const FREE: [&str; 5] = ["x-amz-signature", "signature", "awsaccesskeyid", "file", "policy"];

/// How large the file may be, with the condition that says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) least: u64,
    pub(super) most: u64,
}

impl Range {
    pub(super) const ANY: Self = Self { least: 0, most: u64::MAX };

    pub(super) fn check(&self, size: u64) -> Result<(), Problem> {
        let refuse = |code, message, name, limit: u64| {
            Err(Problem::new(code, message).detail("ProposedSize", size.to_string()).detail(name, limit.to_string()))
        };
        if size > self.most {
            let message = "Your proposed upload exceeds the maximum allowed size";
            return refuse(S3ErrorCode::EntityTooLarge, message, "MaxSizeAllowed", self.most);
        }
        if size < self.least {
            let message = "Your proposed upload is smaller than the minimum allowed size";
            return refuse(S3ErrorCode::EntityTooSmall, message, "MinSizeAllowed", self.least);
        }
        Ok(())
    }
}

/// Checks a form against its policy, where it has one, and returns how large its file may be. Signatures are not checked.
pub(super) fn check(fields: &Fields, bucket: &str, key: &str, now: Timestamp) -> Result<Range, Problem> {
    let Some(policy) = fields.get("policy") else { return Ok(Range::ANY) };
    check_signature_is_there(fields)?;
    let document = BASE64.decode(policy.split_ascii_whitespace().collect::<String>()).ok();
    let document: Option<Value> = document.and_then(|json| serde_json::from_slice(&json).ok());
    let document = document.ok_or_else(|| invalid("Invalid JSON."))?;
    let expiration = document.get("expiration").and_then(Value::as_str);
    let expiration = expiration.ok_or_else(|| invalid("Policy missing expiration."))?;
    let expiration: Timestamp = expiration.parse().map_err(|_| invalid("Invalid 'expiration' value."))?;
    if now > expiration {
        return Err(failed("Policy expired."));
    }
    let conditions = document.get("conditions").and_then(Value::as_array);
    let conditions = conditions.ok_or_else(|| invalid("Policy missing conditions."))?;
    let (mut range, mut named) = (Range::ANY, Vec::new());
    for condition in conditions {
        match Condition::read(condition)? {
            Condition::Size(allowed) => range = allowed,
            Condition::Field { name, operator, value, text } => {
                let name = name.strip_prefix('$').map(str::to_ascii_lowercase);
                let given = match name.as_deref() {
                    Some("bucket") => Some(bucket),
                    Some("key") => Some(key),
                    Some(name) => fields.get(name),
                    None => None,
                };
                let is_list = name.as_deref() == Some("content-type");
                if name.is_none() || !operator.holds(given, &value, is_list) {
                    return Err(failed(&format!("Policy Condition failed: {text}")));
                }
                named.extend(name);
            }
        }
    }
    let is_free = |name: &str| FREE.contains(&name) || name.starts_with("x-ignore-") || name == "bucket";
    match fields.iter().find(|(name, _)| !is_free(name) && !named.iter().any(|known| known == name)) {
        Some((name, _)) => Err(failed(&format!("Extra input fields: {name}"))),
        None => Ok(range),
    }
}

/// A policy is worth nothing without its signature.
fn check_signature_is_there(fields: &Fields) -> Result<(), Problem> {
    let has = |name: &&str| fields.get(&name.to_ascii_lowercase()).is_some();
    let wanted = [V4.as_slice(), &V2].into_iter().find(|names| names.iter().any(has));
    let wanted = wanted.ok_or_else(|| Problem::new(S3ErrorCode::AccessDenied, "Access Denied"))?;
    wanted.iter().find(|name| !has(name)).map_or(Ok(()), |name| Err(missing(name)))
}

pub(super) fn missing(name: &str) -> Problem {
    let message = format!(
        "Bucket POST must contain a field named '{name}'.  If it is specified, please check the order of the fields."
    );
    Problem::invalid_argument(message, name, "")
}

fn failed(why: &str) -> Problem {
    Problem::new(S3ErrorCode::AccessDenied, format!("Invalid according to Policy: {why}"))
}

fn invalid(why: &str) -> Problem {
    Problem::new(S3ErrorCode::InvalidPolicyDocument, format!("Invalid Policy: {why}"))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equals,
    StartsWith,
}

impl Operator {
    fn holds(self, given: Option<&str>, value: &str, is_list: bool) -> bool {
        match self {
            Self::Equals => given == Some(value),
            // An empty text allows every value, and none.
            Self::StartsWith if value.is_empty() => true,
            Self::StartsWith if is_list => {
                given.is_some_and(|given| given.split(',').all(|one| one.trim().starts_with(value)))
            }
            Self::StartsWith => given.is_some_and(|given| given.starts_with(value)),
        }
    }
}

enum Condition {
    /// `text` is the condition as errors quote it.
    Field {
        name: String,
        operator: Operator,
        value: String,
        text: String,
    },
    Size(Range),
}

impl Condition {
    /// Errors: it is no condition; or its sizes are no numbers, which AWS calls a condition that failed.
    fn read(condition: &Value) -> Result<Self, Problem> {
        if let Value::Object(simple) = condition {
            let mut members = simple.iter();
            return match (members.next(), members.next()) {
                (Some((name, value)), None) => Ok(Self::field(Operator::Equals, &format!("${name}"), &text(value))),
                _ => Err(invalid(
                    "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.",
                )),
            };
        }
        let parts = condition.as_array().map(Vec::as_slice).unwrap_or_default();
        let [operator, name, value] = parts else { return Err(invalid("Invalid Condition.")) };
        match operator.as_str().unwrap_or_default().to_ascii_lowercase().as_str() {
            "eq" => Ok(Self::field(Operator::Equals, &text(name), &text(value))),
            "starts-with" => Ok(Self::field(Operator::StartsWith, &text(name), &text(value))),
            "content-length-range" => match (text(name).parse(), text(value).parse()) {
                (Ok(least), Ok(most)) => Ok(Self::Size(Range { least, most })),
                _ => {
                    let quoted = quote("content-length-range", &text(name), &text(value));
                    Err(failed(&format!("Policy Condition failed: {quoted}")))
                }
            },
            _ => Err(invalid("Invalid Condition.")),
        }
    }

    fn field(operator: Operator, name: &str, value: &str) -> Self {
        let quoted = if operator == Operator::Equals { "eq" } else { "starts-with" };
        let text = quote(quoted, name, value);
        Self::Field { name: name.to_owned(), operator, value: value.to_owned(), text }
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn quote(operator: &str, name: &str, value: &str) -> String {
    format!("[\"{operator}\", \"{name}\", \"{value}\"]")
}
