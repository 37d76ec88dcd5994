//! Event source mappings: whether they read, and whether a part of a batch may fail.

use imgwatch_shared::batch_response;

use super::{Verdicts, name};
use crate::domain::diagnosis::findings::{Findings, Lookup};
use crate::domain::diagnosis::wiring::path;
use crate::domain::diagnosis::{Check, CheckStatus, Draft, fix};
use crate::domain::wiring::{Edge, EdgeKind, Mapping, Node, NodeKind};
use crate::text::clean::Clean;

const MAPPINGS: Draft = Draft {
    id: "event-source-mapping",
    title: "Event source mappings",
    why: "a queue that nothing reads keeps the events until its retention ends",
};

const BATCHES: Draft = Draft {
    id: "batch-item-failures",
    title: "Partial batch responses",
    why: "without ReportBatchItemFailures Lambda deletes the whole batch when the function returns, and ignores what \
        it reports",
};

pub(super) fn check(findings: &Findings, out: &mut Vec<Check>) {
    let wiring = &findings.joints.wiring;
    let (mut states, mut batches) = (Verdicts::new(MAPPINGS), Verdicts::new(BATCHES));
    for queue in wiring.reached().into_iter().filter(|node| node.kind == NodeKind::Queue) {
        let mut is_read = false;
        for edge in wiring.from(&queue.id()) {
            let EdgeKind::EventSourceMapping(mapping) = &edge.kind else { continue };
            is_read = true;
            let joint = format!("{} -> {}", queue.name.raw(), name(wiring, &edge.to));
            state(findings, &joint, mapping, &mut states);
            batch(findings, &joint, edge, mapping, &mut batches);
        }
        if !is_read && queue.problem.is_none() {
            let text = format!("no function of this account reads {}", queue.name.raw());
            let mut fix = vec![fix::note("a pipe or another program may read it, which is not followed")];
            let is_cut_off = path::is_cut_off(findings);
            if is_cut_off {
                fix.extend(create(findings, queue));
            }
            states.say(if is_cut_off { CheckStatus::Failure } else { CheckStatus::Warning }, text, fix);
        }
    }
    out.extend([states, batches].into_iter().filter_map(Verdicts::done));
}

/// The command that has the function read a queue.
fn create(findings: &Findings, queue: &Node) -> Vec<Clean> {
    let id = queue.id();
    let (function, arn) = (findings.names.function.raw(), id.name.raw());
    let mut words = vec!["lambda", "create-event-source-mapping", "--function-name", function];
    words.extend(["--event-source-arn", arn]);
    let variables = findings.function.found().map(|function| &function.variables);
    let reports = variables.and_then(|variables| variables.get(batch_response::VARIABLE));
    if reports.and_then(|value| batch_response::is_reported(value.raw())) == Some(true) {
        words.extend(["--function-response-types", "ReportBatchItemFailures"]);
    }
    vec![fix::note("if the function is to read it:"), fix::aws(findings, &words)]
}

fn state(findings: &Findings, joint: &str, mapping: &Mapping, verdicts: &mut Verdicts) {
    let enable = || {
        let words = ["lambda", "update-event-source-mapping", "--uuid", mapping.uuid.raw(), "--enabled"];
        vec![fix::aws(findings, &words)]
    };
    match mapping.state.raw() {
        "Disabled" | "Disabling" => verdicts.say(CheckStatus::Failure, format!("{joint} is switched off"), enable()),
        _ if mapping.has_problem() => {
            let result = mapping.last_result.as_ref().map_or("", Clean::raw);
            let note = fix::note("check the function's log, and what its role may do with the queue and its key");
            verdicts.say(CheckStatus::Failure, format!("{joint}: last result {result}"), vec![note]);
        }
        "Enabled" => verdicts.say(CheckStatus::Ok, format!("{joint} is enabled"), Vec::new()),
        state => verdicts.say(CheckStatus::Note, format!("{joint} is {}", state.to_lowercase()), Vec::new()),
    }
}

/// Compares what the mapping takes with what the function's variable says. A function of others has none.
fn batch(findings: &Findings, joint: &str, edge: &Edge, mapping: &Mapping, verdicts: &mut Verdicts) {
    let Some(Lookup::Found(function)) = findings.joints.functions.get(&edge.to.name) else { return };
    let uuid = mapping.uuid.raw();
    let words = ["lambda", "update-event-source-mapping", "--uuid", uuid, "--function-response-types"];
    match (mapping.reports_item_failures, function.reports_item_failures) {
        (false, Some(true)) => {
            let fix = vec![fix::aws(findings, &[&words[..], &["ReportBatchItemFailures"]].concat())];
            let text = format!("{joint} ignores which messages failed, but the function reports them: they are lost");
            verdicts.say(CheckStatus::Failure, text, fix);
        }
        (true, Some(false)) => {
            let note = fix::note("set REPORT_BATCH_ITEM_FAILURES=true in the function's environment");
            let text = format!("{joint} takes which messages failed, but the function fails the whole batch");
            verdicts.say(CheckStatus::Warning, text, vec![note]);
        }
        (true, _) => verdicts.say(CheckStatus::Ok, format!("{joint} takes which messages failed"), Vec::new()),
        (false, Some(false)) => {
            verdicts.say(CheckStatus::Ok, format!("{joint}: a failed message fails its whole batch"), Vec::new());
        }
        // Whether it returns after a failure is not known.
        (false, None) => {}
    }
}
