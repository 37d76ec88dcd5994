//! What becomes of the files, as lines for people: each stage once, when it is first seen.

use jiff::Timestamp;

use super::job::{End, Job};
use super::report::error;
use super::watch::Watch;
use crate::model::uploads::delivery::{Delivery, DeliveryState};
use crate::model::uploads::timeline::{Outcome, Timeline};
use crate::text::{size, time};

/// The lines that have not been printed yet.
pub(super) fn fresh(watch: &mut Watch) -> String {
    let mut out = String::new();
    let mut jobs = std::mem::take(&mut watch.jobs);
    for job in &mut jobs {
        for line in lines(job, watch) {
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
    text: String,
}

/// Everything that can be said of a file now.
fn lines(job: &Job, watch: &Watch) -> Vec<Line> {
    let name = job.name();
    let line = |id: String, stage: &str, since: String, rest: String| Line {
        id,
        text: format!("{name}  {stage:<9}  {since:>10}  {rest}"),
    };
    let mut lines = Vec::new();
    let timeline = watch.timeline(job);
    if let Some(timeline) = timeline {
        let since = |at: Timestamp| since(timeline, at);
        if let Some(at) = timeline.stored {
            let count = timeline.size.map(size::bytes).unwrap_or_default();
            lines.push(line("stored".to_owned(), "stored", since(at), format!("{count} in {}", timeline.write.bucket)));
        }
        for invocation in &timeline.invocations {
            for (number, attempt) in (1..).zip(&invocation.attempts) {
                let id = format!("{} {number}", invocation.request_id);
                let at = since(attempt.started.unwrap_or(attempt.first_line));
                lines.push(line(format!("invoked {id}"), "invoked", at, format!("attempt {number}")));
                if let (Some(ended), Some(report)) = (attempt.ended, &attempt.report) {
                    let took = report.duration_us.map(millis).map(time::duration).unwrap_or_default();
                    let cold = report.init_us.map(millis).map(time::duration);
                    let cold = cold.map(|cold| format!(", cold start {cold}")).unwrap_or_default();
                    let trouble = attempt.trouble().map(|trouble| format!(": {trouble}")).unwrap_or_default();
                    let rest = format!("attempt {number} took {took}{cold}{trouble}");
                    lines.push(line(format!("ended {id}"), "ended", since(ended), rest));
                }
            }
        }
        if let Outcome::Published(publications) = &timeline.outcome {
            for publication in publications {
                let id = format!("published {}", publication.message_id);
                lines.push(line(id, "published", since(publication.at), format!("message {}", publication.message_id)));
            }
        }
        for row in watch.deliveries(timeline).iter().filter(|row| is_final(row, job, watch)) {
            let id = format!("delivery {} {} {:?}", row.protocol.word(), row.endpoint, row.state);
            let rest = format!("{} {}: {}", row.protocol.word(), row.endpoint, row.evidence);
            lines.push(line(id, row.state.word(), row.at.map(since).unwrap_or_default(), rest));
        }
    }
    if let Some(end @ (End::Skipped | End::Failed | End::TimedOut)) = job.end {
        let why = error(job, timeline).unwrap_or_else(|| waits_for(timeline).to_owned());
        lines.push(line("end".to_owned(), &end.word().replace('_', " "), String::new(), why));
    }
    lines
}

/// Whether a delivery can be told now: no receipt is awaited any more.
fn is_final(row: &Delivery, job: &Job, watch: &Watch) -> bool {
    let awaited = row.state == DeliveryState::Accepted && watch.subscriptions.receipts.writes(row.protocol);
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
