//! Checks of the function: whether it runs, whose program it is, where it publishes, what it logs, and what becomes of what it
//! cannot do.

use imgwatch_shared::arn::Arn;
use serde_json::json;

use crate::domain::diagnosis::findings::{Author, Findings, Function, Lookup};
use crate::domain::diagnosis::wiring::path;
use crate::domain::diagnosis::{Check, Draft, fix, object, queues};
use crate::text::clean::Clean;

const FUNCTION: Draft =
    Draft { id: "function", title: "Function state", why: "events for a function that is not active wait or are lost" };

const RUNTIME: Draft = Draft {
    id: "runtime",
    title: "Timeout and memory",
    why: "Lambda ends an invocation at its timeout, and retries it after a minute",
};

const FAILED_EVENTS: Draft = Draft {
    id: "failed-events",
    title: "Failure destination",
    why: "Lambda drops an event after its last retry if the function has no failure destination",
};

const CONCURRENCY: Draft = Draft {
    id: "concurrency",
    title: "Reserved concurrency",
    why: "a reserved concurrency of 0 blocks every invocation, and the events go to the failure destination",
};

mod correlation;
mod handler;
pub(super) mod logging;
mod variables;

pub(super) fn check(findings: &Findings, out: &mut Vec<Check>) {
    match &findings.function {
        Lookup::Found(function) => {
            out.push(state(function));
            out.push(handler::check(findings, function));
            out.push(runtime(findings, function));
            variables::check(findings, function, out);
        }
        Lookup::Missing(why) => {
            let name = findings.names.function.raw();
            let fix = vec![fix::note("pass --function, or deploy it with `sam build` and `sam deploy --guided`")];
            out.push(FUNCTION.failure(&format!("{name}: {}", why.raw()), fix));
        }
        lookup => {
            let drafts = [FUNCTION, handler::HANDLER, RUNTIME, variables::TOPIC_VARIABLE];
            out.extend(drafts.map(|draft| draft.not_checked(lookup)));
            // The log may show that it is another program, which has no such list.
            if !matches!(findings.author(), Author::Others(_)) {
                out.push(variables::IMAGE_TYPES.not_checked(lookup));
            }
        }
    }
    if !matches!(findings.function, Lookup::Missing(_)) {
        out.push(concurrency(findings));
        out.push(failed_events(findings));
        out.extend(queues::failure_queue(findings));
        logging::check(findings, out);
        out.push(correlation::check(findings));
        out.extend(object::log(findings));
    }
}

fn state(function: &Function) -> Check {
    let text = |name: &str, value: &Option<Clean>, reason: &Option<Clean>| {
        let value = value.as_ref().map_or("unknown", Clean::raw);
        let reason = reason.as_ref().map(|reason| format!(" ({})", reason.raw())).unwrap_or_default();
        format!("{name} {value}{reason}")
    };
    if function.state.is_none() {
        return FUNCTION.unclear(&format!("{}: state unknown", function.arn.raw()), Vec::new());
    }
    let state = text("state", &function.state, &function.state_reason);
    let update = text("last update", &function.last_update, &function.last_update_reason);
    let text = format!("{}: {state}, {update}", function.arn.raw());
    let is = |value: &Option<Clean>, word: &str| value.as_ref().is_some_and(|value| value.raw() == word);
    if is(&function.state, "Failed") || is(&function.last_update, "Failed") {
        return FUNCTION
            .failure(&text, vec![fix::note("deploy the function again; the reason is shown beside the state")]);
    }
    if is(&function.state, "Inactive") || is(&function.state, "Pending") {
        return FUNCTION.warning(&text, vec![fix::note("wait: the first event activates an inactive function")]);
    }
    FUNCTION.ok(&text)
}

fn runtime(findings: &Findings, function: &Function) -> Check {
    let architectures: Vec<&str> = function.architectures.iter().map(Clean::raw).collect();
    let runtime = function.runtime.as_ref().map_or("a container image", Clean::raw);
    let (Some(timeout), Some(memory)) = (function.timeout, function.memory) else {
        return RUNTIME.unclear("timeout and memory unknown", Vec::new());
    };
    let text = format!("{runtime}, {}, {memory} MB, {timeout} s", architectures.join(" "));
    // A cold start of imgwatch's handler also connects to SNS; what another program needs is not known.
    if timeout >= 3 || !findings.author().is_ours() {
        return RUNTIME.ok(&text);
    }
    let words = ["lambda", "update-function-configuration", "--function-name", findings.names.function.raw()];
    RUNTIME.warning(&text, vec![fix::aws(findings, &[&words[..], &["--timeout", "10"]].concat())])
}

fn concurrency(findings: &Findings) -> Check {
    match &findings.concurrency {
        Lookup::Found(None) => CONCURRENCY.ok("no reserved concurrency"),
        Lookup::Found(Some(0)) => {
            let words = ["lambda", "delete-function-concurrency", "--function-name", findings.names.function.raw()];
            let fix = vec![
                fix::note("this may be intended; the command deletes the reservation:"),
                fix::aws(findings, &words),
            ];
            CONCURRENCY.failure("reserved concurrency 0: the function is never invoked", fix)
        }
        Lookup::Found(Some(most)) => CONCURRENCY.ok(&format!("reserved concurrency {most}")),
        lookup => CONCURRENCY.not_checked(lookup),
    }
}

fn failed_events(findings: &Findings) -> Check {
    if path::is_by_queues_only(findings) {
        // Lambda's retries and destinations are those of asynchronous invocations.
        let text = "only event source mappings invoke it for the bucket: SQS keeps a failed message, or moves it to the \
                    dead-letter queue";
        return FAILED_EVENTS.ok(text);
    }
    let dead_letters = findings.function.found().and_then(|function| function.dead_letter_arn.as_ref());
    let config = match &findings.event_invoke {
        Lookup::Found(config) => Some(config),
        // AWS's defaults hold where nothing is configured.
        Lookup::Missing(_) => None,
        lookup => {
            let known = dead_letters.map_or_else(String::new, |arn| format!("the dead-letter queue is {}", arn.raw()));
            return FAILED_EVENTS.ok(&known).besides("retries and the failure destination", lookup);
        }
    };
    let text = format!("{} retries", config.and_then(|config| config.retries).unwrap_or(2));
    if let Some(arn) = config.and_then(|config| config.on_failure.as_ref()).or(dead_letters) {
        return FAILED_EVENTS.ok(&format!("{text}, then to {}", arn.raw()));
    }
    let Some(function) = findings.function.found() else {
        let seen = FAILED_EVENTS.ok(&format!("{text}, and no failure destination"));
        return seen.besides("the function's dead-letter queue", &findings.function);
    };
    let name = findings.names.function.raw();
    let queue = format!("{name}-failed");
    let arn = Arn::parse(function.arn.raw());
    let arn = arn.map_or_else(|| "QUEUE-ARN".to_owned(), |arn| arn.sibling("sqs", &queue).to_string());
    let mut destinations = json!({"OnFailure": {"Destination": arn}});
    let operation = match config {
        Some(_) => "update-function-event-invoke-config",
        None => "put-function-event-invoke-config",
    };
    let mut fix = vec![
        fix::note("create a queue, allow the function's role sqs:SendMessage on it, and set it as destination:"),
        fix::aws(findings, &["sqs", "create-queue", "--queue-name", &queue]),
    ];
    // Both destinations are one setting.
    if let Some(other) = config.and_then(|config| config.on_success.as_ref()) {
        destinations["OnSuccess"] = json!({"Destination": other.raw()});
        fix.push(fix::note("this replaces both destinations; the on-success destination keeps its current value:"));
    }
    let destinations = destinations.to_string();
    let words = ["lambda", operation, "--function-name", name, "--destination-config", &destinations];
    fix.push(fix::aws(findings, &words));
    FAILED_EVENTS.warning(&format!("{text}, and no failure destination: after that the event is lost"), fix)
}
