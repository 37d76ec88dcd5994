//! The check of the program that the function runs: whose it is and how it logs. It claims nothing without evidence.

use imgwatch_shared::arn;

use crate::domain::diagnosis::findings::{Author, Findings, Function, RuleKind};
use crate::domain::diagnosis::{Check, Draft};
use crate::text::clean::Clean;

pub(super) const HANDLER: Draft = Draft {
    id: "handler",
    title: "Handler",
    why: "imgwatch's own handler logs a record for each image; uploads through other programs are followed by what those log",
};

pub(super) fn check(findings: &Findings, function: &Function) -> Check {
    let mut parts = vec![function.runtime.as_ref().map_or("a container image", Clean::raw).to_owned()];
    parts.extend(function.handler.as_ref().map(|handler| format!("handler {}", handler.raw())));
    parts.extend(function.log_format.as_ref().map(|format| format!("log format {}", format.raw())));
    let levels = [("ApplicationLogLevel", &function.application_level), ("SystemLogLevel", &function.system_level)];
    parts.extend(levels.into_iter().filter_map(|(name, level)| Some(format!("{name} {}", level.as_ref()?.raw()))));
    let whose = match findings.author() {
        Author::Ours(evidence) => format!("imgwatch's handler ({evidence})"),
        Author::Others(evidence) => format!("not imgwatch's handler ({evidence})"),
        Author::Unknown => "nothing shows yet whether it is imgwatch's handler".to_owned(),
    };
    let others = others(findings, function);
    let others = if others.is_empty() {
        String::new()
    } else {
        format!("; the bucket also invokes {}, not followed", others.join(", "))
    };
    HANDLER.ok(&format!("{}: {whose}{others}", parts.join(", ")))
}

/// Other functions that the bucket's rules name.
fn others(findings: &Findings, function: &Function) -> Vec<String> {
    let all = findings.notifications.found().into_iter().flat_map(|notifications| &notifications.rules);
    let invoked = all.filter(|rule| rule.kind == RuleKind::Function).map(|rule| arn::function(rule.arn.raw()).0);
    let mut names: Vec<String> =
        invoked.filter(|name| *name != arn::function(function.arn.raw()).0).map(str::to_owned).collect();
    names.sort_unstable();
    names.dedup();
    names
}
