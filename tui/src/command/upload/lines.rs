//! What becomes of the files, as lines for people: each stage once, when it is first seen.

use jiff::Timestamp;

use super::job::{End, Job};
use super::report::error;
use super::watch::Watch;
use crate::model::uploads::delivery::{Delivery, DeliveryState};
use crate::model::uploads::timeline::{Attempt, Outcome, Timeline};
use crate::text::{size, time};

/// The lines that have not been printed yet, in the order of what they tell of.
pub(super) fn fresh(watch: &mut Watch) -> String {
    let mut out = String::new();
    let mut jobs = std::mem::take(&mut watch.jobs);
    for job in &mut jobs {
        let mut lines = lines(job, watch);
        // Verdicts have no time, and come last.
        lines.sort_by_key(|line| (line.at.is_none(), line.at));
        for line in lines {
            if job.printed.insert(line.id) {
                out.push_str(line.text.trim_end());
                out.push('\n');
            }
        }
    }
    watch.jobs = jobs;
    out
}

struct Line {
    /// The same stage has the same one, even when more is known of it later.
    id: String,
    at: Option<Timestamp>,
    text: String,
}

/// Everything that can be said of a file now.
fn lines(job: &Job, watch: &Watch) -> Vec<Line> {
    let timeline = watch.timeline(job);
    let mut lines = timeline.map(|timeline| story(job, timeline, watch)).unwrap_or_default();
    if let Some(end @ (End::Skipped | End::Failed | End::TimedOut)) = job.end {
        let why = error(job, timeline).unwrap_or_else(|| waits_for(timeline).to_owned());
        let text = format!("{}  {:<9}  {:>10}  {why}", job.name(), end.word().replace('_', " "), "");
        lines.push(Line { id: "end".to_owned(), at: None, text });
    }
    lines
}

fn story(job: &Job, timeline: &Timeline, watch: &Watch) -> Vec<Line> {
    let name = job.name();
    let line = |id: String, stage: &str, at: Option<Timestamp>, rest: String| Line {
        id,
        at,
        text: format!("{name}  {stage:<9}  {:>10}  {rest}", at.map(|at| since(timeline, at)).unwrap_or_default()),
    };
    let mut lines = Vec::new();
    if timeline.stored.is_some() {
        let rest = format!("{} in {}", timeline.size.map(size::bytes).unwrap_or_default(), timeline.write.bucket);
        lines.push(line("stored".to_owned(), "stored", timeline.stored, rest));
    }
    for invocation in &timeline.invocations {
        for (number, attempt) in (1..).zip(&invocation.attempts) {
            let id = format!("{} {number}", invocation.request_id);
            let at = attempt.started.unwrap_or(attempt.first_line);
            lines.push(line(format!("invoked {id}"), "invoked", Some(at), format!("attempt {number}")));
            if attempt.report.is_some() {
                lines.push(line(format!("ended {id}"), "ended", attempt.ended, outcome(number, attempt)));
            }
        }
    }
    if let Outcome::Published(publications) = &timeline.outcome {
        for publication in publications {
            let id = format!("published {}", publication.message_id);
            lines.push(line(id, "published", Some(publication.at), format!("message {}", publication.message_id)));
        }
    }
    for probed in &timeline.probed {
        let rest = format!("proven: the probe queue received message {}", probed.message_id);
        lines.push(line(format!("probed {}", probed.message_id), "fan-out", Some(probed.at), rest));
    }
    for row in watch.deliveries(timeline).iter().filter(|row| is_final(row, job, watch)) {
        let id = format!("delivery {} {} {:?}", row.protocol.word(), row.endpoint, row.state);
        let rest = format!("{} {}: {}", row.protocol.word(), row.endpoint, row.evidence);
        lines.push(line(id, row.state.word(), row.at, rest));
    }
    lines
}

/// What Lambda's report says of an attempt.
fn outcome(number: usize, attempt: &Attempt) -> String {
    let report = attempt.report.as_ref();
    let took = report.and_then(|report| report.duration_us).map(millis).map(time::duration);
    let cold = attempt.cold_start_us().map(millis).map(time::duration);
    let mut text = format!("attempt {number}");
    text.extend(took.map(|took| format!(" took {took}")));
    text.extend(cold.map(|cold| format!(", cold start {cold}")));
    text.extend(attempt.trouble().map(|trouble| format!(": {trouble}")));
    text
}

/// Whether a delivery can be told now: no receipt is awaited any more.
fn is_final(row: &Delivery, job: &Job, watch: &Watch) -> bool {
    let awaited =
        row.state == DeliveryState::Accepted && (row.probe || watch.subscriptions.receipts.writes(row.protocol));
    job.end.is_some() || (watch.is_listed() && !awaited)
}

/// What had not happened when the wait ran out.
fn waits_for(timeline: Option<&Timeline>) -> &'static str {
    match timeline {
        Some(timeline) if timeline.invocations.is_empty() => "the function's log does not show the image",
        _ => "the function has not published it",
    }
}

/// Time since the upload began; negative where clocks disagree.
fn since(timeline: &Timeline, at: Timestamp) -> String {
    let Some(began) = timeline.began else { return String::new() };
    let millis = time::millis_between(began, at);
    let sign = if millis < 0 { "" } else { "+" };
    format!("{sign}{}", time::duration(millis))
}

fn millis(micros: u64) -> i64 {
    i64::try_from(micros / 1_000).unwrap_or(i64::MAX)
}
