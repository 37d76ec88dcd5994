//! Checks of the function's variables: which topic they name and, for imgwatch's own handler, which image types it accepts.

use imgwatch_shared::arn::{self, Arn};
use imgwatch_shared::image_types::{self, ImageTypes};
use serde_json::{Map, Value, json};

use crate::domain::diagnosis::findings::{Findings, Function, Lookup};
use crate::domain::diagnosis::pipeline::{account_of, region_of};
use crate::domain::diagnosis::{Check, Draft, fix};
use crate::text::clean::Clean;

/// The variable from which imgwatch's handler reads its topic.
const TOPIC: &str = "SNS_TOPIC_ARN";

pub(super) const TOPIC_VARIABLE: Draft = Draft {
    id: "topic-variable",
    title: "The function's topic",
    why: "the function publishes to the topic in SNS_TOPIC_ARN; subscribers of other topics get no message",
};

pub(super) const IMAGE_TYPES: Draft = Draft {
    id: "image-types",
    title: "Accepted image types",
    why: "the function reads the type from the key's extension, and skips types that are not in IMAGE_TYPES",
};

pub(super) fn check(findings: &Findings, function: &Function, out: &mut Vec<Check>) {
    if findings.author().is_ours() {
        out.push(topic_variable(findings, function));
        out.push(image_types(findings, function));
    } else {
        out.push(topics(findings, function));
    }
}

/// How a function of others names the topic, as far as its configuration shows: the name may also stand in its code.
fn topics(findings: &Findings, function: &Function) -> Check {
    let draft =
        Draft { why: "subscribers of topics that the function does not publish to get no message", ..TOPIC_VARIABLE };
    let wanted = findings.names.topic_arn.raw();
    if wanted.is_empty() {
        return draft.not_checked(&findings.topic);
    }
    let name = arn::name(wanted);
    let is_topic = |value: &str| Arn::parse(value).is_some_and(|arn| arn.service == "sns");
    let variables = function.variables.iter().map(|(variable, value)| (format!("variable {variable}"), value.raw()));
    let destination = findings.event_invoke.found().and_then(|config| config.on_success.as_ref());
    let destination = destination.map(|arn| ("on-success destination".to_owned(), arn.raw()));
    let named = variables.chain(destination).filter(|(_, value)| is_topic(value) || *value == name);
    let (ours, others): (Vec<_>, Vec<_>) = named.partition(|(_, value)| *value == wanted || *value == name);
    let list = |all: &[(String, &str)]| {
        all.iter().map(|(how, value)| format!("{how}: {value}")).collect::<Vec<_>>().join(", ")
    };
    let check = match (ours.as_slice(), others.as_slice()) {
        ([], []) => {
            draft.note(&format!("no variable and no destination names a topic; imgwatch watches {wanted}"), Vec::new())
        }
        ([], others) => {
            let fix = others.iter().map(|(_, value)| fix::note(&format!("to watch that topic, pass --topic {value}")));
            draft.note(&format!("{}; imgwatch watches {wanted}", list(others)), fix.collect())
        }
        (ours, []) => draft.ok(&list(ours)),
        (ours, others) => draft.ok(&format!("{}; besides, {}", list(ours), list(others))),
    };
    match &function.variables_error {
        Some(error) => check.besides::<()>("its variables", &Lookup::Failed(error.clone())),
        None if ours.is_empty() => check.besides("its on-success destination", &not_missing(&findings.event_invoke)),
        None => check,
    }
}

/// Without a configuration there is no destination.
fn not_missing<T: Clone>(lookup: &Lookup<T>) -> Lookup<()> {
    match lookup {
        Lookup::Missing(_) => Lookup::Found(()),
        lookup => lookup.clone().map(|_| ()),
    }
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
pub(super) fn set_variable(findings: &Findings, function: &Function, name: &str, value: &str) -> Vec<Clean> {
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
