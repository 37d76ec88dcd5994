//! The stages of an upload: those before the functions, then those of each function.

use ratatui::style::Style;

use super::super::text::{name, second, short};
use super::super::theme;
use super::note::waiting;
use super::row::{TimeSource, since};
use super::step::Step;
use crate::domain::timeline::{Attempt, Basis, Outcome, PathEvidence, PathStage, Timeline, UploadStatus};
use crate::model::Model;
use crate::text::size;

fn plain(name: &'static str, at: String, text: String) -> Step {
    Step { name, at, text, style: Style::new() }
}

/// All stages.
pub(super) fn steps(timeline: &Timeline, model: &Model) -> Vec<Step> {
    let mut steps = vec![stored(timeline)];
    let expected = timeline.expected(&model.wiring);
    // With several functions, each is named before its stages.
    let is_several = timeline.known().count() + expected.len() > 1;
    for part in timeline.known() {
        if is_several {
            let (_, word, style) = theme::status(model.status_of_part(part));
            let text = format!("{}: {word}", part.function.shown());
            steps.push(Step { style, ..plain("function", String::new(), text) });
        }
        of_function(part, model, &mut steps);
    }
    for one in &expected {
        if is_several {
            let doubt = if one.is_sure { "predicted" } else { "perhaps; predicted" };
            let text = format!("{} ({doubt} by the wiring)", one.function.name.shown());
            steps.push(Step { style: theme::dim(), ..plain("function", String::new(), text) });
        }
        steps.extend(one.path.iter().map(path_step));
    }
    if timeline.known().next().is_none() {
        steps.extend(awaited(timeline, model));
    }
    steps
}

fn stored(timeline: &Timeline) -> Step {
    let request = timeline.write.s3_request_id.as_ref().map(|id| format!("request {}", id.shown()));
    if let Some(at) = timeline.stored {
        let bytes = timeline.size.map(size::bytes);
        let text = bytes.into_iter().chain(request).collect::<Vec<_>>().join(", ");
        return plain("stored", since(timeline, at, TimeSource::Own), text);
    }
    let text = std::iter::once("uploaded elsewhere".to_owned()).chain(request).collect::<Vec<_>>().join(", ");
    Step { style: theme::dim(), ..plain("stored", String::new(), text) }
}

/// A stage between the bucket and a function.
fn path_step(stage: &PathStage<'_>) -> Step {
    let style = if matches!(stage.evidence, PathEvidence::Log(_)) { Style::new() } else { theme::dim() };
    let probably = if stage.evidence == PathEvidence::Log(Some(Basis::Time)) { "probably: " } else { "" };
    Step { style, ..plain(stage.kind.word(), String::new(), format!("{probably}{}", stage.sentence())) }
}

/// What one function did with it.
fn of_function(timeline: &Timeline, model: &Model, steps: &mut Vec<Step>) {
    let since = |at, clock| since(timeline, at, clock);
    steps.extend(timeline.path(&model.wiring).iter().map(path_step));
    for invocation in &timeline.invocations {
        let again = if timeline.is_duplicate(invocation) { "duplicate event: " } else { "" };
        let receive = timeline.receive_text(invocation).map(|text| format!("{text}, ")).unwrap_or_default();
        for (index, attempt) in invocation.attempts.iter().enumerate() {
            let (text, style) = attempt_text(index + 1, attempt);
            let probably = if timeline.basis() == Some(Basis::Time) { "probably: " } else { "" };
            let at = since(attempt.started.unwrap_or(attempt.first_line), TimeSource::Function);
            steps.push(Step { name: "invoked", at, text: format!("{again}{probably}{receive}{text}"), style });
        }
    }
    match &timeline.outcome {
        Outcome::Published(_) => published(timeline, steps),
        Outcome::Skipped(reason) => steps.push(plain("skipped", String::new(), reason.shown().to_owned())),
        Outcome::Failed(reason) => {
            let text = reason.shown().to_owned();
            // While attempts are left, this is only the latest reason.
            let name = if timeline.has_given_up() { "failed" } else { "reason" };
            steps.push(Step { style: theme::bad(), ..plain(name, String::new(), text) });
        }
        Outcome::Waiting => {}
    }
    steps.extend(timeline.dead_letter(&model.wiring).as_ref().map(path_step));
    steps.extend(awaited(timeline, model));
}

fn published(timeline: &Timeline, steps: &mut Vec<Step>) {
    let publications = timeline.publications();
    for (index, publication) in publications.iter().enumerate() {
        let again = if index > 0 { ", a duplicate" } else { "" };
        let found = publication.found.sentence().map(|found| format!(": {found}")).unwrap_or_default();
        let probably = if publication.basis == Some(Basis::Time) { "probably: " } else { "" };
        let text = format!("{probably}message {}{again}{found}", publication.message_id.shown());
        steps.push(plain("published", since(timeline, publication.at, TimeSource::Function), text));
    }
    for probed in &timeline.probed {
        let queue = name(probed.queue.shown());
        let again = if publications.len() > 1 { format!(" {}", probed.message_id.shown()) } else { String::new() };
        let text = format!("proven: probe queue {queue} received the message{again}");
        let at = since(timeline, probed.at, TimeSource::Delivery);
        steps.push(Step { style: theme::good(), ..plain("fan-out", at, text) });
    }
}

/// What is waited for.
fn awaited(timeline: &Timeline, model: &Model) -> Option<Step> {
    let status = model.status_of_part(timeline);
    if !matches!(status, UploadStatus::Waiting | UploadStatus::Late | UploadStatus::Stuck | UploadStatus::Unknown) {
        return None;
    }
    let (_, word, style) = theme::status(status);
    let mut text = waiting(timeline, status, model);
    if status == UploadStatus::Stuck
        && let Some(silence) = model.silence(timeline)
    {
        text = format!("{}; {text}", silence.sentence(|at| second(at, &model.display)));
    }
    Some(Step { style, ..plain(word, since(timeline, model.now, TimeSource::Own), text) })
}

fn attempt_text(number: usize, attempt: &Attempt) -> (String, Style) {
    let millis = |us: u64| short(i64::try_from(us / 1_000).unwrap_or(i64::MAX));
    let mut parts = vec![format!("attempt {number}")];
    if attempt.failed() {
        let why = attempt.failure().unwrap_or_else(|| "the handler could not publish".to_owned());
        parts = vec![format!("attempt {number} failed: {why}")];
    }
    parts.extend(attempt.cold_start_us().map(|us| format!("cold start {}", millis(us))));
    match &attempt.report {
        None => parts.push("no REPORT line yet".to_owned()),
        Some(report) => parts.extend(report.duration_us.map(|us| format!("ran {}", millis(us)))),
    }
    (parts.join(", "), if attempt.failed() { theme::bad() } else { Style::new() })
}
