//! Checks of the function: whether it runs, where it publishes, what it logs, and what becomes of what it cannot do.

use imgwatch_shared::arn::Arn;
use imgwatch_shared::image_types::{self, ImageTypes};
use serde_json::{Map, Value, json};

use crate::domain::diagnosis::findings::{Findings, Function, Lookup};
use crate::domain::diagnosis::pipeline::{account_of, region_of};
use crate::domain::diagnosis::{Check, Draft, fix, object, queues};
use crate::text::clean::Clean;

/// The variable that names the topic.
const TOPIC: &str = "SNS_TOPIC_ARN";

const FUNCTION: Draft =
    Draft { id: "function", title: "Function state", why: "events for a function that is not active wait or are lost" };

const RUNTIME: Draft = Draft {
    id: "runtime",
    title: "Timeout and memory",
    why: "a cold start also connects to SNS; Lambda retries an invocation that times out after a minute",
};

const TOPIC_VARIABLE: Draft = Draft {
    id: "topic-variable",
    title: "The function's topic",
    why: "the function publishes to the topic in SNS_TOPIC_ARN; subscribers of other topics get no message",
};

const IMAGE_TYPES: Draft = Draft {
    id: "image-types",
    title: "Accepted image types",
    why: "the function reads the type from the key's extension, and skips types that are not in IMAGE_TYPES",
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

pub(super) mod logging;

pub(super) fn check(findings: &Findings, out: &mut Vec<Check>) {
    match &findings.function {
        Lookup::Found(function) => {
            out.push(state(function));
            out.push(runtime(findings, function));
            out.push(topic_variable(findings, function));
            out.push(image_types(findings, function));
        }
        Lookup::Missing(why) => {
            let name = findings.names.function.raw();
            let fix = vec![fix::note("pass --function, or deploy it with `sam build` and `sam deploy --guided`")];
            out.push(FUNCTION.failure(&format!("{name}: {}", why.raw()), fix));
        }
        lookup => {
            let drafts = [FUNCTION, RUNTIME, TOPIC_VARIABLE, IMAGE_TYPES];
            out.extend(drafts.map(|draft| draft.not_checked(lookup)));
        }
    }
    if !matches!(findings.function, Lookup::Missing(_)) {
        out.push(concurrency(findings));
        out.push(failed_events(findings));
        out.extend(queues::failure_queue(findings));
        logging::check(findings, out);
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
    if timeout >= 3 {
        return RUNTIME.ok(&text);
    }
    let words = ["lambda", "update-function-configuration", "--function-name", findings.names.function.raw()];
    RUNTIME.warning(&text, vec![fix::aws(findings, &[&words[..], &["--timeout", "10"]].concat())])
}

fn topic_variable(findings: &Findings, function: &Function) -> Check {
    let wanted = findings.names.topic_arn.raw();
    if wanted.is_empty() {
        return TOPIC_VARIABLE.not_checked(&findings.topic);
    }
    if let Some(error) = &function.variables_error {
        return TOPIC_VARIABLE.not_checked::<()>(&Lookup::Failed(error.clone()));
    }
    let given = function.variables.get(TOPIC).map_or("", Clean::raw);
    if given == wanted {
        return TOPIC_VARIABLE.ok(&format!("{TOPIC}={given}"));
    }
    let mut fix = Vec::new();
    if !given.is_empty() {
        fix.push(fix::note(&format!("this replaces {TOPIC}={given}, which may be intended:")));
    }
    fix.extend(set_variable(findings, function, TOPIC, wanted));
    if given.is_empty() {
        return TOPIC_VARIABLE.failure(&format!("{TOPIC} is not set"), fix);
    }
    let hint = match given {
        given if !Arn::is_one(given) => ", which is not an ARN",
        given if region_of(given) != region_of(wanted) => ", which is in another region",
        given if account_of(given) != account_of(wanted) => ", which is of another account",
        _ => "",
    };
    let text = format!("{TOPIC}={given}{hint}; imgwatch watches {wanted}");
    let mut all = vec![fix::note(&format!("if that topic is intended, pass --topic {given}; otherwise:"))];
    all.extend(fix);
    TOPIC_VARIABLE.failure(&text, all)
}

/// The command that sets one variable. The API replaces all of them, so the others are repeated; those that may hold
/// secrets are never read here, and are taken over by the command itself.
fn set_variable(findings: &Findings, function: &Function, name: &str, value: &str) -> Vec<Clean> {
    let words = ["lambda", "update-function-configuration", "--function-name", findings.names.function.raw()];
    if !function.has_other_variables {
        let known = function.variables.iter().map(|(name, value)| (name.clone(), value.raw().into()));
        let mut variables: Map<String, Value> = known.collect();
        variables.insert(name.to_owned(), value.into());
        let environment = json!({ "Variables": variables }).to_string();
        let command = fix::aws(findings, &[&words[..], &["--environment", &environment]].concat());
        return vec![fix::note("this replaces all variables; the others keep their current values"), command];
    }
    let read = ["lambda", "get-function-configuration", "--function-name", findings.names.function.raw()];
    let query = ["--query", "{Variables: Environment.Variables}", "--output", "json"];
    let read = fix::aws(findings, &[&read[..], &query].concat());
    let write = fix::aws(findings, &words);
    let filter = json!(value).to_string().replace('\'', r"'\''");
    let command = format!("{} --environment \"$({} | jq -c '.Variables.{name}={filter}')\"", write.raw(), read.raw());
    vec![
        fix::note("this keeps the other variables, which were not read because they may hold secrets"),
        Clean::from(command),
    ]
}

fn image_types(findings: &Findings, function: &Function) -> Check {
    if let Some(error) = &function.variables_error {
        return IMAGE_TYPES.not_checked::<()>(&Lookup::Failed(error.clone()));
    }
    let variable = image_types::VARIABLE;
    let list = function.variables.get(variable).map_or("", Clean::raw);
    let shown = if list.is_empty() { format!("{variable} is not set: image/*") } else { format!("{variable}={list}") };
    let Ok(types) = ImageTypes::parse(list) else {
        let text = format!("{shown}, which is not a list of media types: the function does not start");
        let mut fix = vec![fix::note(&format!("correct the list; or, to accept every image type, replace {list}:"))];
        fix.extend(set_variable(findings, function, variable, "image/*"));
        return IMAGE_TYPES.failure(&text, fix);
    };
    let Some(key) = &findings.key else { return IMAGE_TYPES.ok(&shown) };
    match types.judge(key.raw()) {
        Ok(media_type) => IMAGE_TYPES.ok(&format!("{} is {media_type}; {shown}", key.raw())),
        Err(reason) => {
            let text = format!("{} would be skipped: {reason}", key.raw());
            let mut fix = vec![fix::note("give the file an image extension; or, to accept its type:")];
            let media_type = reason.split(' ').next().filter(|word| word.contains('/'));
            match media_type {
                Some(media_type) => {
                    let list = if list.is_empty() { "image/*" } else { list };
                    let wider = format!("{list},{media_type}");
                    fix.extend(set_variable(findings, function, variable, &wider));
                }
                None => fix = vec![fix::note("give the file an image extension, such as .png")],
            }
            IMAGE_TYPES.failure(&text, fix)
        }
    }
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
