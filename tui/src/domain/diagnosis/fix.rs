//! Suggested fixes: commands that can be pasted into a shell as they are, and notes beside them.

use imgwatch_shared::arn::Arn;
use imgwatch_shared::resource_policy::Asking;
use serde_json::{Value, json};

use crate::domain::diagnosis::findings::{BucketNotifications, Findings, Rule, RuleKind};
use crate::text::clean::Clean;

/// Words beside a command; a shell takes them for a comment.
pub(super) fn note(text: &str) -> Clean {
    Clean::new(&format!("# {text}"))
}

/// What to do about a permission that is missing.
pub(super) fn ask_for(permission: &'static str) -> Clean {
    note(&format!("request the permission {permission}"))
}

/// A command of the AWS CLI for the pipeline in question.
pub(super) fn aws(findings: &Findings, words: &[&str]) -> Clean {
    let names = &findings.names;
    let mut all = vec!["aws".to_owned()];
    let options = [("--endpoint-url", &names.endpoint), ("--profile", &names.profile)];
    for (option, value) in options {
        if let Some(value) = value {
            all.extend([option.to_owned(), quoted(value.raw())]);
        }
    }
    if !names.region.raw().is_empty() {
        all.extend(["--region".to_owned(), quoted(names.region.raw())]);
    }
    all.extend(words.iter().map(|word| quoted(word)));
    Clean::new(&all.join(" "))
}

/// A word for a POSIX shell.
fn quoted(word: &str) -> String {
    shell_words::quote(word).into_owned()
}

/// A resource's policy with one more statement, which allows what a service asks for; `None` where it is no JSON object.
pub(super) fn allowing(policy: Option<&str>, asking: &Asking<'_>) -> Option<Value> {
    let mut condition = json!({"ArnEquals": {"aws:SourceArn": asking.source_arn}});
    if Arn::parse(asking.source_arn).is_some_and(|arn| arn.account.is_empty()) && !asking.source_account.is_empty() {
        // The ARN of a bucket names no account.
        condition["StringEquals"] = json!({"aws:SourceAccount": asking.source_account});
    }
    let new = json!({"Effect": "Allow", "Principal": {"Service": asking.principal}, "Action": asking.action,
        "Resource": asking.resource, "Condition": condition});
    let mut document = match policy.filter(|policy| !policy.is_empty()) {
        Some(policy) => serde_json::from_str(policy).ok().filter(Value::is_object)?,
        None => json!({"Version": "2012-10-17"}),
    };
    let mut statements = match document.get("Statement") {
        Some(Value::Array(statements)) => statements.clone(),
        Some(statement) => vec![statement.clone()],
        None => Vec::new(),
    };
    statements.push(new);
    document["Statement"] = statements.into();
    Some(document)
}

/// The command that sets attributes of a queue.
pub(super) fn set_queue(findings: &Findings, url: &str, attributes: &Value) -> Clean {
    let attributes = attributes.to_string();
    aws(findings, &["sqs", "set-queue-attributes", "--queue-url", url, "--attributes", &attributes])
}

/// The command that writes a bucket's whole notification configuration: S3 replaces what there is with it.
pub(super) fn put_notifications(findings: &Findings, notifications: &BucketNotifications) -> Vec<Clean> {
    let document = document(notifications).to_string();
    let bucket = findings.names.bucket.raw();
    let words = ["s3api", "put-bucket-notification-configuration", "--bucket", bucket];
    let command = aws(findings, &[&words[..], &["--notification-configuration", &document]].concat());
    vec![
        note("this replaces the bucket's whole notification configuration with the one read just now and the change;"),
        note("run it only while no other change is made to that configuration"),
        command,
    ]
}

/// A notification configuration as the API takes it.
fn document(notifications: &BucketNotifications) -> Value {
    let mut document = serde_json::Map::new();
    let kinds = [
        (RuleKind::Function, "LambdaFunctionConfigurations", "LambdaFunctionArn"),
        (RuleKind::Queue, "QueueConfigurations", "QueueArn"),
        (RuleKind::Topic, "TopicConfigurations", "TopicArn"),
    ];
    for (kind, list, arn) in kinds {
        let rules: Vec<Value> =
            notifications.rules.iter().filter(|rule| rule.kind == kind).map(|rule| one(rule, arn)).collect();
        if !rules.is_empty() {
            document.insert(list.to_owned(), rules.into());
        }
    }
    if notifications.event_bridge {
        document.insert("EventBridgeConfiguration".to_owned(), json!({}));
    }
    document.into()
}

fn one(rule: &Rule, arn: &str) -> Value {
    let mut one = serde_json::Map::new();
    if let Some(id) = &rule.id {
        one.insert("Id".to_owned(), id.raw().into());
    }
    one.insert(arn.to_owned(), rule.arn.raw().into());
    one.insert("Events".to_owned(), rule.events.iter().map(Clean::raw).collect());
    if !rule.filter.is_empty() {
        let rules: Vec<Value> =
            rule.filter.iter().map(|(name, value)| json!({"Name": name.raw(), "Value": value.raw()})).collect();
        one.insert("Filter".to_owned(), json!({"Key": {"FilterRules": rules}}));
    }
    one.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_survive_a_shell() {
        for (word, expected) in [
            ("arn:aws:s3:::images", "arn:aws:s3:::images"),
            ("", "''"),
            ("a b", "'a b'"),
            ("it's $HOME", r"'it'\''s $HOME'"),
            (r#"{"a":1}"#, r#"'{"a":1}'"#),
        ] {
            assert_eq!(quoted(word), expected);
        }
    }
}
