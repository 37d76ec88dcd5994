//! Checks of the function's log: whether it is written where this program reads, in full, and what it says.

use crate::domain::diagnosis::findings::{Author, FailedInvocation, Findings, Function, Lookup};
use crate::domain::diagnosis::{Check, Draft, fix};
use crate::domain::log::keeps_info;
use crate::text::clean::Clean;
use crate::text::time;

const LOG_GROUP: Draft =
    Draft { id: "log-group", title: "Function log", why: "imgwatch builds timelines from the function's log" };

const LOG_LEVEL: Draft = Draft {
    id: "log-level",
    title: "Application log level",
    why: "Lambda drops lines below ApplicationLogLevel; imgwatch's handler logs publications at INFO",
};

const PLATFORM_LOG_LEVEL: Draft = Draft {
    id: "platform-log-level",
    title: "System log level",
    why: "above INFO Lambda omits START and REPORT lines, so attempts and durations are not visible",
};

const RECENT_FAILURES: Draft = Draft {
    id: "recent-failures",
    title: "Recent failures",
    why: "a missing permission of the function's role, a KMS error or a crash shows only in this log",
};

pub(in crate::domain::diagnosis) fn check(findings: &Findings, out: &mut Vec<Check>) {
    match &findings.function {
        Lookup::Found(function) => {
            let app = function.application_level.as_ref();
            out.push(level(findings, function, LOG_LEVEL, "ApplicationLogLevel", app));
            let system = function.system_level.as_ref();
            out.push(level(findings, function, PLATFORM_LOG_LEVEL, "SystemLogLevel", system));
        }
        lookup => out.extend([LOG_LEVEL, PLATFORM_LOG_LEVEL].map(|draft| draft.not_checked(lookup))),
    }
    out.push(log_group(findings));
    out.push(recent_failures(findings));
}

fn level(findings: &Findings, function: &Function, draft: Draft, name: &str, level: Option<&Clean>) -> Check {
    let Some(format) = function.log_format.as_ref().map(Clean::raw) else {
        return draft.unclear("log format unknown", Vec::new());
    };
    if format != "JSON" {
        return draft.ok(&format!("log format {format} has no levels: no line is dropped"));
    }
    let Some(level) = level.map(Clean::raw) else {
        return draft.ok(&format!("{name} is not set (default INFO)"));
    };
    let text = format!("{name} is {level}");
    if keeps_info(level) {
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
    let fix = vec![
        fix::note("this replaces the logging configuration: levels above INFO become INFO, the rest keeps its value:"),
        fix::aws(findings, &[&words[..], &["--logging-config", &config.join(",")]].concat()),
    ];
    let is_application = name == "ApplicationLogLevel";
    match findings.author() {
        // Its records are of the level INFO.
        Author::Ours(_) if is_application => draft.failure(&text, fix),
        Author::Ours(_) => draft.warning(&text, fix),
        // A level is a choice, and what another program logs below it is not known.
        Author::Others(_) | Author::Unknown => {
            let hidden = if is_application {
                "lines of lower levels, which may name the objects, are not in the log"
            } else {
                "START and REPORT lines are not in the log: nothing shows how invocations end, or that there was none"
            };
            draft.note(&format!("{text}: {hidden}"), fix)
        }
    }
}

fn log_group(findings: &Findings) -> Check {
    let followed = &findings.names.log_group;
    let used = findings.function.found().and_then(|function| function.log_group.as_ref()).unwrap_or(followed);
    if used != followed {
        let text = format!("the function logs to {}, but imgwatch follows {}", used.raw(), followed.raw());
        return LOG_GROUP.failure(&text, vec![fix::note(&format!("pass --log-group {}", used.raw()))]);
    }
    let group = match &findings.log_group {
        Lookup::Found(group) => group,
        Lookup::Missing(_) => {
            let why = "the function was never invoked, or its role is not allowed to write logs";
            let check = LOG_GROUP.note(&format!("{} does not exist: {why}", used.raw()), Vec::new());
            return check.besides("which log group the function writes to", &findings.function);
        }
        lookup => return LOG_GROUP.not_checked(lookup),
    };
    let kept = group.retention.map_or_else(|| "never expires".to_owned(), |days| format!("retention {days} days"));
    match group.class.as_ref().map(Clean::raw) {
        Some(class) if class != "STANDARD" => {
            let name = group.name.raw();
            let fix = vec![
                fix::note(
                    "the class of a log group cannot be changed. These commands delete the group with its events, \
                     retention, metric",
                ),
                fix::note("filters and subscription filters, and create an empty group; export what you need first:"),
                fix::aws(findings, &["logs", "delete-log-group", "--log-group-name", name]),
                fix::aws(findings, &["logs", "create-log-group", "--log-group-name", name]),
            ];
            LOG_GROUP.failure(&format!("{name} has the class {class}, which cannot be followed"), fix)
        }
        _ => {
            let check = LOG_GROUP.ok(&format!("{}, {kept}", group.name.raw()));
            check.besides("which log group the function writes to", &findings.function)
        }
    }
}

/// Failures that are shown; more are only counted.
const TOLD: usize = 3;

/// The log group that was searched: the function's own where that was read.
pub(in crate::domain::diagnosis) fn searched(findings: &Findings) -> &str {
    let own = findings.function.found().and_then(|function| function.log_group.as_ref());
    own.unwrap_or(&findings.names.log_group).raw()
}

fn recent_failures(findings: &Findings) -> Check {
    let group = searched(findings);
    let listing = match &findings.failures {
        Lookup::Found(listing) => listing,
        Lookup::Missing(_) => {
            let check = RECENT_FAILURES.note(&format!("{group} does not exist"), Vec::new());
            return check.besides("which log group the function writes to", &findings.function);
        }
        lookup => return RECENT_FAILURES.not_checked(lookup),
    };
    let check = if listing.items.is_empty() {
        none(findings, &format!("none in the last hour of {group}"))
    } else {
        told(findings, &listing.items)
    };
    let check = check.besides("the rest of the last hour of the log", &listing.rest);
    check.besides("which log group the function writes to", &findings.function)
}

/// No failure, where Lambda's own lines would report one.
fn none(findings: &Findings, text: &str) -> Check {
    let level = findings.function.found().and_then(|function| function.system_level.as_ref()).map(Clean::raw);
    match level.filter(|level| !keeps_info(level)) {
        Some(level) => {
            let hint = fix::note("see the check `platform-log-level`");
            let why = format!("{text}, but crashes are not logged: SystemLogLevel is {level}");
            RECENT_FAILURES.unclear(&why, vec![hint])
        }
        None => RECENT_FAILURES.ok(text),
    }
}

/// The failures. One invocation that has used up its retries is a lost event, others may have succeeded since.
fn told(findings: &Findings, failures: &[FailedInvocation]) -> Check {
    let tell = |failure: &FailedInvocation| {
        let reason = failure.reason.raw();
        let at = time::utc(failure.at);
        match &failure.request_id {
            Some(id) => format!("{reason} (request {}, attempts {}, last {at})", id.raw(), failure.attempts),
            None => format!("{reason} (at {at})"),
        }
    };
    let mut texts: Vec<String> = failures.iter().take(TOLD).map(tell).collect();
    if failures.len() > TOLD {
        texts.push(format!("and {} more", failures.len() - TOLD));
    }
    let invocations = failures.iter().filter(|failure| failure.request_id.is_some()).count();
    let counted = match invocations {
        0 => "in the last hour".to_owned(),
        1 => "1 invocation failed in the last hour".to_owned(),
        many => format!("{many} invocations failed in the last hour"),
    };
    let retries = match &findings.event_invoke {
        Lookup::Found(config) => Some(config.retries.unwrap_or(2)),
        Lookup::Missing(_) => Some(2),
        _ => None,
    };
    let attempts = retries.and_then(|retries| usize::try_from(retries).ok()?.checked_add(1));
    let lost = failures.iter().filter(|it| it.request_id.is_some() && attempts.is_some_and(|most| it.attempts >= most));
    let lost = lost.count();
    let reasons: Vec<&str> = failures.iter().map(|failure| failure.reason.raw()).collect();
    let fix = remedy(findings, &reasons.join("; "));
    if lost > 0 {
        let text = format!("{counted}, {lost} of them in every attempt: {}", texts.join("; "));
        return RECENT_FAILURES.failure(&text, fix);
    }
    RECENT_FAILURES.warning(&format!("{counted}: {}", texts.join("; ")), fix)
}

/// The suggested fix for a failure in the log, as far as its words are known.
fn remedy(findings: &Findings, texts: &str) -> Vec<Clean> {
    let names = &findings.names;
    let role = findings.function.found().and_then(|function| function.role.as_ref());
    let role = role.and_then(|role| role.raw().rsplit('/').next()).unwrap_or("ROLE");
    let grant = |name: &str, actions: &[&str], resource: &str| {
        let policy = serde_json::json!({"Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": actions, "Resource": resource}]});
        let words = ["iam", "put-role-policy", "--role-name", role, "--policy-name", name];
        let replaced = format!("(this adds the inline policy {name}, or replaces the one of that name)");
        [fix::note(&replaced), fix::aws(findings, &[&words[..], &["--policy-document", &policy.to_string()]].concat())]
    };
    if texts.contains("AuthorizationError") {
        let mut fix = vec![fix::note("if it fails again, allow the function's role to publish")];
        fix.extend(grant("imgwatch-publish", &["sns:Publish"], names.topic_arn.raw()));
        return fix;
    }
    if texts.contains("KMS") {
        let key = findings.topic.found().and_then(|topic| topic.kms_key.as_ref());
        let note = "if it fails again, allow the function's role to use the topic's key, in its policy and in the \
            key's policy";
        let mut fix = vec![fix::note(note)];
        let actions = ["kms:GenerateDataKey", "kms:Decrypt"];
        fix.extend(grant("imgwatch-topic-key", &actions, key.map_or("KEY-ARN", Clean::raw)));
        return fix;
    }
    if ["InvalidEntrypoint", "exec format", "Runtime.ExitError"].iter().any(|word| texts.contains(word)) {
        let function = findings.function.found();
        let architecture = function.and_then(|function| function.architectures.first()).map_or("arm64", Clean::raw);
        if !findings.author().is_ours() {
            let text =
                format!("build the program for {architecture}, with the runtime's entry point, and deploy it again");
            return vec![fix::note(&text)];
        }
        return vec![
            fix::note(&format!(
                "build the program `bootstrap` for {architecture} and deploy it again; this deploys every"
            )),
            fix::note("other change of the template as well:"),
            "sam build && sam deploy".into(),
        ];
    }
    vec![fix::note("see the Logs panel, or `imgwatch logs --since 1h`")]
}
