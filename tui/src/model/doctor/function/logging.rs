//! Checks of the function's log: whether it is written where this program reads, in full, and what it says.

use super::super::findings::{Findings, Function, Look};
use super::super::{Check, Draft, mend};
use crate::text::clean::Clean;

const LOG_GROUP: Draft =
    Draft { id: "log-group", title: "The function's log", why: "timelines are made of the function's log" };

const LOG_LEVEL: Draft = Draft {
    id: "log-level",
    title: "The log level of the function's own lines",
    why: "Lambda drops lines below ApplicationLogLevel: without INFO nobody sees what was published",
};

const PLATFORM_LOG_LEVEL: Draft = Draft {
    id: "platform-log-level",
    title: "The log level of Lambda's lines",
    why: "below INFO Lambda leaves out starts and reports: attempts and durations cannot be seen",
};

const RECENT_FAILURES: Draft = Draft {
    id: "recent-failures",
    title: "Failures in the function's log",
    why: "what the function's role, the topic's key or its program do not allow shows here and nowhere else",
};

pub(in crate::model::doctor) fn check(findings: &Findings, out: &mut Vec<Check>) {
    match &findings.function {
        Look::Found(function) => {
            let app = function.application_level.as_ref();
            out.push(level(findings, function, LOG_LEVEL, "ApplicationLogLevel", app));
            let system = function.system_level.as_ref();
            out.push(level(findings, function, PLATFORM_LOG_LEVEL, "SystemLogLevel", system));
        }
        look => out.extend([LOG_LEVEL, PLATFORM_LOG_LEVEL].map(|draft| draft.blind(look))),
    }
    out.push(log_group(findings));
    out.push(recent_failures(findings));
}

fn level(findings: &Findings, function: &Function, draft: Draft, name: &str, level: Option<&Clean>) -> Check {
    let format = function.log_format.as_ref().map_or("Text", Clean::raw);
    if format != "JSON" {
        return draft.ok(&format!("log format {format}, which knows no levels: nothing is left out"));
    }
    let Some(level) = level.map(Clean::raw) else {
        return draft.ok(&format!("{name} is not set, which is INFO"));
    };
    let text = format!("{name} is {level}");
    if ["TRACE", "DEBUG", "INFO"].contains(&level) {
        return draft.ok(&text);
    }
    let mut config = vec!["LogFormat=JSON".to_owned()];
    let kept = |name: &str, level: &Option<Clean>| {
        let level = level.as_ref().map(Clean::raw).filter(|level| ["TRACE", "DEBUG"].contains(level));
        format!("{name}={}", level.unwrap_or("INFO"))
    };
    config.push(kept("ApplicationLogLevel", &function.application_level));
    config.push(kept("SystemLogLevel", &function.system_level));
    config.extend(function.log_group.as_ref().map(|group| format!("LogGroup={}", group.raw())));
    let words = ["lambda", "update-function-configuration", "--function-name", findings.names.function.raw()];
    let mend = vec![mend::aws(findings, &[&words[..], &["--logging-config", &config.join(",")]].concat())];
    if name == "ApplicationLogLevel" { draft.failure(&text, mend) } else { draft.warning(&text, mend) }
}

fn log_group(findings: &Findings) -> Check {
    let followed = &findings.names.log_group;
    let used = findings.function.found().and_then(|function| function.log_group.as_ref()).unwrap_or(followed);
    if used != followed {
        let text = format!("the function logs to {}, followed is {}", used.raw(), followed.raw());
        return LOG_GROUP.failure(
            &text,
            vec![mend::note(&format!("follow the group that the function writes to: --log-group {}", used.raw()))],
        );
    }
    let group = match &findings.log_group {
        Look::Found(group) => group,
        Look::Missing(_) => return LOG_GROUP.ok(&format!("{} does not exist yet: never invoked", used.raw())),
        look => return LOG_GROUP.blind(look),
    };
    let kept = group.retention.map_or_else(|| "kept for ever".to_owned(), |days| format!("kept for {days} days"));
    match group.class.as_ref().map(Clean::raw) {
        Some(class) if class != "STANDARD" => {
            let name = group.name.raw();
            let mend = vec![
                mend::note("the class of a log group cannot be changed; make it anew, which deletes what is in it:"),
                mend::aws(findings, &["logs", "delete-log-group", "--log-group-name", name]),
                mend::aws(findings, &["logs", "create-log-group", "--log-group-name", name]),
            ];
            LOG_GROUP.failure(&format!("{name} is of class {class}, which cannot be followed"), mend)
        }
        _ => LOG_GROUP.ok(&format!("{}, {kept}", group.name.raw())),
    }
}

fn recent_failures(findings: &Findings) -> Check {
    let group = findings.names.log_group.raw();
    let failures = match &findings.failures {
        Look::Found(failures) => failures,
        Look::Missing(_) => return RECENT_FAILURES.ok("never invoked: there is no log yet"),
        look => return RECENT_FAILURES.blind(look),
    };
    if failures.is_empty() {
        return RECENT_FAILURES.ok(&format!("none in the last hour of {group}"));
    }
    let texts: Vec<&str> = failures.iter().map(Clean::raw).collect();
    let texts = texts.join("; ");
    RECENT_FAILURES.warning(&format!("in the last hour: {texts}"), remedy(findings, &texts))
}

/// What mends a failure that the log tells of, as far as its words are known.
fn remedy(findings: &Findings, texts: &str) -> Vec<Clean> {
    let names = &findings.names;
    let role = findings.function.found().and_then(|function| function.role.as_ref());
    let role = role.and_then(|role| role.raw().rsplit('/').next()).unwrap_or("ROLE");
    let grant = |actions: &[&str], resource: &str| {
        let policy = serde_json::json!({"Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": actions, "Resource": resource}]});
        let words = ["iam", "put-role-policy", "--role-name", role, "--policy-name", "imgwatch-publish"];
        mend::aws(findings, &[&words[..], &["--policy-document", &policy.to_string()]].concat())
    };
    if texts.contains("AuthorizationError") {
        return vec![
            mend::note("if it goes on: let the function's role publish"),
            grant(&["sns:Publish"], names.topic_arn.raw()),
        ];
    }
    if texts.contains("KMS") {
        let key = findings.topic.found().and_then(|topic| topic.kms_key.as_ref());
        return vec![
            mend::note("if it goes on: let the function's role use the topic's key, there and in the key's policy"),
            grant(&["kms:GenerateDataKey", "kms:Decrypt"], key.map_or("KEY-ARN", Clean::raw)),
        ];
    }
    if ["InvalidEntrypoint", "exec format", "Runtime.ExitError"].iter().any(|word| texts.contains(word)) {
        let function = findings.function.found();
        let architecture = function.and_then(|function| function.architectures.first()).map_or("arm64", Clean::raw);
        return vec![
            mend::note(&format!("build the program `bootstrap` for {architecture} and deploy it again:")),
            "sam build && sam deploy".into(),
        ];
    }
    vec![mend::note("see the Logs panel, or `imgwatch logs --since 1h`")]
}
