//! Resource policies: whether the policy of a queue, a topic or a function lets someone act on it.
//!
//! The local cloud decides with it, `imgwatch doctor` says with it what AWS will decide. No state and no I/O. Only what
//! such policies use is understood: principals, actions, resources, and conditions on `aws:SourceArn`,
//! `aws:SourceAccount` and `aws:SecureTransport`. A condition that is not understood never grants and never lifts a
//! denial, so that a policy is never read as more generous than it is.

use serde_json::Value;

use crate::arn::Arn;

/// Who asks to do what: a service on behalf of the resource `source_arn`, or a role.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    /// A service such as `s3.amazonaws.com`, or the ARN of a role.
    pub principal: &'a str,
    /// For example `sqs:SendMessage`.
    pub action: &'a str,
    /// For whom a service asks; empty for a role, which asks for itself.
    pub source_arn: &'a str,
    /// The account of the source, or of the role.
    pub source_account: &'a str,
    /// What it is to be done with.
    pub resource: &'a str,
}

/// Whether `policy`, a policy document, lets `asking` do it; no document, or an unreadable one, allows nothing.
pub fn allows(policy: &str, asking: &Asking<'_>) -> bool {
    applies(policy, "Allow", asking, false) && !applies(policy, "Deny", asking, true)
}

/// Whether `policy` may let `asking` do it: as [`allows`], but conditions that are not understood count as met.
pub fn may_allow(policy: &str, asking: &Asking<'_>) -> bool {
    applies(policy, "Allow", asking, true) && !applies(policy, "Deny", asking, false)
}

/// Whether `policy` forbids it for certain. A denial that hangs on a condition which is not understood is none.
pub fn denies(policy: &str, asking: &Asking<'_>) -> bool {
    applies(policy, "Deny", asking, false)
}

/// Whether `policy` may forbid it: as [`denies`], but conditions that are not understood count as met.
pub fn may_deny(policy: &str, asking: &Asking<'_>) -> bool {
    applies(policy, "Deny", asking, true)
}

/// Whether a statement of this effect is about `asking`; `doubt` stands in for conditions that are not understood.
fn applies(policy: &str, effect: &str, asking: &Asking<'_>, doubt: bool) -> bool {
    let Ok(document) = serde_json::from_str::<Value>(policy) else { return false };
    list(document.get("Statement")).iter().any(|statement| {
        statement.get("Effect").and_then(Value::as_str) == Some(effect) && matches(statement, asking, doubt)
    })
}

/// One element or a list of them: policies allow both everywhere.
fn list(value: Option<&Value>) -> Vec<&Value> {
    match value {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(item) => vec![item],
        None => Vec::new(),
    }
}

/// The texts among them; policies write `true` and `"true"` alike.
fn texts(value: Option<&Value>) -> Vec<&str> {
    let text = |value| match value {
        &Value::Bool(true) => Some("true"),
        &Value::Bool(false) => Some("false"),
        other => other.as_str(),
    };
    list(value).into_iter().filter_map(text).collect()
}

/// `doubt` is the answer where a condition is not understood: a denial then holds, a grant does not.
fn matches(statement: &Value, asking: &Asking<'_>, doubt: bool) -> bool {
    let principal = match statement.get("Principal") {
        Some(Value::String(anyone)) => anyone == "*",
        Some(Value::Object(kinds)) => {
            texts(kinds.get("Service")).iter().any(|name| *name == "*" || *name == asking.principal)
                || texts(kinds.get("AWS")).iter().any(|name| *name == "*" || is_account_of(name, asking))
        }
        _ => false,
    };
    let wanted = asking.action.to_ascii_lowercase();
    let action = texts(statement.get("Action")).iter().any(|action| like(&action.to_ascii_lowercase(), &wanted));
    let resource = match statement.get("Resource") {
        None => true,
        some => texts(some).iter().any(|pattern| like(pattern, asking.resource)),
    };
    principal && action && resource && conditions_hold(statement.get("Condition"), asking, doubt)
}

/// Whether an `AWS` principal is the role that asks, or its whole account. A service is neither.
fn is_account_of(name: &str, asking: &Asking<'_>) -> bool {
    let Asking { principal, source_account: account, .. } = *asking;
    let root = || Arn::parse(name).is_some_and(|arn| arn.account == account && arn.resource == "root");
    Arn::is_one(principal) && (name == principal || name == account || root())
}

fn conditions_hold(condition: Option<&Value>, asking: &Asking<'_>, doubt: bool) -> bool {
    let operators = match condition {
        None => return true,
        Some(Value::Object(operators)) => operators,
        Some(_) => return doubt,
    };
    operators.iter().all(|(operator, keys)| match keys {
        Value::Object(keys) => keys.iter().all(|(key, expected)| {
            let actual = match key.to_ascii_lowercase().as_str() {
                "aws:sourcearn" => asking.source_arn,
                "aws:sourceaccount" => asking.source_account,
                // AWS's services reach one another over TLS; templates often deny everything else.
                "aws:securetransport" => "true",
                _ => return doubt,
            };
            compare(operator, &texts(Some(expected)), actual).unwrap_or(doubt)
        }),
        _ => doubt,
    })
}

/// `None` for an operator that is not understood.
fn compare(operator: &str, expected: &[&str], actual: &str) -> Option<bool> {
    let operator = operator.strip_suffix("IfExists").unwrap_or(operator);
    Some(match operator {
        // `ArnEquals` and `ArnLike` behave alike: both know wildcards.
        "ArnEquals" | "ArnLike" | "StringLike" => expected.iter().any(|pattern| like(pattern, actual)),
        "ArnNotEquals" | "ArnNotLike" | "StringNotLike" => !expected.iter().any(|pattern| like(pattern, actual)),
        "StringEquals" => expected.contains(&actual),
        "StringNotEquals" => !expected.contains(&actual),
        "Bool" | "StringEqualsIgnoreCase" => expected.iter().any(|text| text.eq_ignore_ascii_case(actual)),
        _ => return None,
    })
}

/// Matches `*` (any text) and `?` (any one character), without recursion: the last `*` is where a mismatch resumes.
fn like(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut resume: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                resume = Some((p, t));
                p += 1;
            }
            Some(&c) if c == '?' || Some(&c) == text.get(t) => {
                p += 1;
                t += 1;
            }
            _ => match resume {
                Some((star, from)) => {
                    resume = Some((star, from + 1));
                    p = star + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = "000000000000";
    const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:audit";
    const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:uploads";

    fn sns_may(policy: &Value) -> bool {
        let action = "sqs:SendMessage";
        let principal = "sns.amazonaws.com";
        let asking = Asking { principal, action, source_arn: TOPIC, source_account: ACCOUNT, resource: QUEUE };
        allows(&policy.to_string(), &asking)
    }

    fn statement(condition: &Value) -> Value {
        serde_json::json!({"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage", "Resource": QUEUE, "Condition": condition})
    }

    fn policy(statements: &[Value]) -> Value {
        serde_json::json!({"Version": "2012-10-17", "Statement": statements})
    }

    #[test]
    fn conditions() {
        let cases = [
            (serde_json::json!({"ArnEquals": {"aws:SourceArn": TOPIC}}), true),
            (serde_json::json!({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:up?oads"}}), true),
            (serde_json::json!({"StringEquals": {"AWS:SourceArn": ["arn:other", TOPIC]}}), true),
            (serde_json::json!({"StringEquals": {"aws:SourceAccount": "000000000000"}}), true),
            (serde_json::json!({"ArnEquals": {"aws:SourceArn": "arn:aws:sns:us-east-1:000000000000:other"}}), false),
            (serde_json::json!({"StringEquals": {"aws:SourceArn": "arn:aws:sns:*"}}), false),
            (serde_json::json!({"ArnEquals": {"aws:SourceArn": TOPIC}, "Bool": {"aws:SecureTransport": true}}), true),
            (
                serde_json::json!({"ArnEquals": {"aws:SourceArn": TOPIC}, "IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
                false,
            ),
            (serde_json::json!({"NumericLessThan": {"aws:SourceArn": TOPIC}}), false),
        ];
        for (condition, expected) in cases {
            assert_eq!(sns_may(&policy(&[statement(&condition)])), expected, "{condition}");
        }
    }

    #[test]
    fn a_denial_wins_even_in_doubt() {
        let allow = statement(&serde_json::json!({}));
        let mut deny = statement(&serde_json::json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}));
        let mut insecure = statement(&serde_json::json!({"Bool": {"aws:SecureTransport": "false"}}));
        deny["Effect"] = "Deny".into();
        insecure["Effect"] = "Deny".into();
        assert!(sns_may(&policy(&[allow.clone(), insecure])));
        assert!(!sns_may(&policy(&[allow, deny])));
    }

    #[test]
    fn other_principals_actions_and_resources_are_not_meant() {
        for (member, value) in [
            ("Principal", serde_json::json!({"Service": "s3.amazonaws.com"})),
            ("Principal", serde_json::json!({"AWS": "arn:aws:iam::000000000000:root"})),
            ("Action", serde_json::json!("sqs:ReceiveMessage")),
            ("Resource", serde_json::json!("arn:aws:sqs:us-east-1:000000000000:other")),
        ] {
            let mut other = statement(&serde_json::json!({}));
            other[member] = value;
            assert!(!sns_may(&policy(&[other])), "{member}");
        }
        for (member, value) in [
            ("Principal", serde_json::json!("*")),
            ("Principal", serde_json::json!({"AWS": "*"})),
            ("Action", serde_json::json!(["sqs:GetQueueUrl", "SQS:Send*"])),
            ("Action", serde_json::json!("sqs:*")),
            ("Resource", serde_json::json!("*")),
        ] {
            let mut other = statement(&serde_json::json!({}));
            other[member] = value;
            assert!(sns_may(&policy(&[other])), "{member}");
        }
        let asking = Asking { principal: "a", action: "b", source_arn: "c", source_account: ACCOUNT, resource: "d" };
        assert!(!allows("not json", &asking));
    }

    #[test]
    fn a_role_is_meant_by_its_arn_and_by_its_account() {
        let role = "arn:aws:iam::000000000000:role/f";
        let asking =
            Asking { principal: role, action: "sns:Publish", source_arn: "", source_account: ACCOUNT, resource: TOPIC };
        for (principal, expected) in [
            (serde_json::json!({"AWS": role}), true),
            (serde_json::json!({"AWS": "arn:aws:iam::000000000000:root"}), true),
            (serde_json::json!({"AWS": ACCOUNT}), true),
            (serde_json::json!({"AWS": "arn:aws:iam::111111111111:root"}), false),
            (serde_json::json!({"AWS": "arn:aws:iam::000000000000:role/g"}), false),
        ] {
            let statement = serde_json::json!({"Effect": "Deny", "Principal": principal, "Action": "*"});
            assert_eq!(denies(&policy(&[statement]).to_string(), &asking), expected, "{principal}");
        }
        let doubtful = serde_json::json!({"Effect": "Deny", "Principal": "*", "Action": "*",
            "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}});
        let in_doubt = policy(std::slice::from_ref(&doubtful)).to_string();
        assert!(!denies(&in_doubt, &asking) && may_deny(&in_doubt, &asking));
        let mut allow = doubtful;
        allow["Effect"] = "Allow".into();
        let policy = policy(&[allow]).to_string();
        assert!(may_allow(&policy, &asking) && !allows(&policy, &asking), "only a condition stands between");
    }
}
