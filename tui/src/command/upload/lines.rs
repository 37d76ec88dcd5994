//! What becomes of the files, as lines for people: each stage once, when it is first seen.

use jiff::Timestamp;

use super::job::{End, Job};
use super::report::error;
use super::watch::Watch;
use crate::domain::delivery::Delivery;
use crate::domain::timeline::{Attempt, Basis, PathEvidence, Timeline};
use crate::text::clean::Clean;
use crate::text::{size, time};

/// The lines that have not been printed yet, in the order of cause.
pub(super) fn fresh(watch: &mut Watch) -> String {
    let mut out = String::new();
    let mut jobs = std::mem::take(&mut watch.jobs);
    for job in &mut jobs {
        let mut lines = lines(job, watch);
        // What caused something comes before it, whatever the clocks say. Verdicts have no time, and come last.
        lines.sort_by_key(|line| (line.stage, line.at));
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
    stage: Stage,
    at: Option<Timestamp>,
    text: String,
}

/// What a line is about, in the order of cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Stored,
    Path,
    Invoked,
    GaveUp,
    Published,
    FanOut,
    Delivery,
    End,
}

/// Everything that can be said of a file now.
fn lines(job: &Job, watch: &Watch) -> Vec<Line> {
    let timeline = watch.timeline(job);
    let mut lines = timeline.map(|timeline| story(job, timeline, watch)).unwrap_or_default();
    if let Some(end @ (End::Processed | End::Skipped | End::Failed | End::OutcomeUnknown | End::TimedOut)) = job.end {
        let why = error(job, watch).unwrap_or_else(|| "the upload had no answer".to_owned());
        let text = format!("{}  {:<9}  {:>10}  {why}", watch.name(job), end.word().replace('_', " "), "");
        lines.push(Line { id: "end".to_owned(), stage: Stage::End, at: None, text });
    }
    lines
}

fn story(job: &Job, timeline: &Timeline, watch: &Watch) -> Vec<Line> {
    let name = watch.name(job);
    let line = |id: String, stage: Stage, word: &str, at: Option<Timestamp>, rest: String| {
        let time = at.map(|at| since(timeline, at, stage)).unwrap_or_default();
        Line { id, stage, at, text: format!("{name}  {word:<9}  {time:>10}  {rest}") }
    };
    let mut lines = Vec::new();
    if timeline.stored.is_some() {
        let rest = format!("{} in {}", timeline.size.map(size::bytes).unwrap_or_default(), timeline.write.bucket);
        lines.push(line("stored".to_owned(), Stage::Stored, "stored", timeline.stored, rest));
    }
    let expected = timeline.expected(&watch.wiring);
    let is_several = timeline.known().count() + expected.len() > 1;
    let named = |function: &Clean| if is_several { format!("{}: ", function.shown()) } else { String::new() };
    for part in timeline.known() {
        lines.extend(of_function(part, watch, job, &named(&part.function), &line));
    }
    // The log may still show these.
    for one in expected.iter().filter(|_| job.end.is_some()) {
        let function = named(&one.function.name);
        for stage in &one.path {
            let id = format!("{} {function}", stage.kind.name());
            let rest = format!("{function}{}", stage.sentence());
            lines.push(line(id, Stage::Path, stage.kind.word(), None, rest));
        }
        if is_several {
            let rest = format!("{function}its log does not show the upload");
            lines.push(line(format!("function {function}"), Stage::End, "unknown", None, rest));
        }
    }
    if let Some(why) = watch.incomplete(timeline).filter(|_| job.end.is_some()) {
        let rest = format!("the subscribers are not all known: {why}");
        lines.push(line("incomplete".to_owned(), Stage::Delivery, "unknown", None, rest));
    }
    for row in watch.deliveries(timeline).iter().filter(|row| is_final(row, job, watch)) {
        let id = format!("delivery {} {} {}", row.protocol.word(), row.endpoint, row.state.name());
        let rest = format!("{} {}: {}", row.protocol.word(), row.endpoint, row.evidence);
        lines.push(line(id, Stage::Delivery, row.state.word(), row.at, rest));
    }
    lines
}

/// What can be said of one function.
fn of_function(
    part: &Timeline,
    watch: &Watch,
    job: &Job,
    function: &str,
    line: &impl Fn(String, Stage, &str, Option<Timestamp>, String) -> Line,
) -> Vec<Line> {
    let mut lines = Vec::new();
    for stage in part.path(&watch.wiring) {
        let rest = match stage.evidence {
            PathEvidence::Log(basis) => format!("{}{}", stage.sentence(), doubt(basis)),
            // The log may still show it.
            PathEvidence::Wiring { .. } if job.end.is_none() => continue,
            PathEvidence::Wiring { .. } => stage.sentence(),
        };
        let id = format!("{} {function}", stage.kind.name());
        lines.push(line(id, Stage::Path, stage.kind.word(), None, format!("{function}{rest}")));
    }
    for invocation in &part.invocations {
        for (number, attempt) in (1..).zip(&invocation.attempts) {
            let id = format!("{} {number}", invocation.request_id);
            let at = attempt.started.unwrap_or(attempt.first_line);
            let receive = part.receive_text(invocation).map(|text| format!("{text}, ")).unwrap_or_default();
            let text = format!("{function}{receive}attempt {number}{}", doubt(part.basis()));
            lines.push(line(format!("invoked {id}"), Stage::Invoked, "invoked", Some(at), text));
            if attempt.report.is_some() {
                let text = format!("{function}{}", outcome(number, attempt));
                lines.push(line(format!("ended {id}"), Stage::Invoked, "ended", attempt.ended, text));
            }
        }
    }
    if let Some(stage) = part.dead_letter(&watch.wiring) {
        let rest = format!("{function}{}", stage.sentence());
        lines.push(line(format!("gave up {function}"), Stage::GaveUp, stage.kind.word(), None, rest));
    }
    if let Some(due) = watch.awaits_counts(part).filter(|due| job.end.is_none() && *due > Timestamp::now()) {
        let rest =
            format!("{function}for CloudWatch's count of the topic's messages, complete at about {}", time::utc(due));
        lines.push(line(format!("counts {function}"), Stage::Published, "waiting", None, rest));
    }
    for publication in part.publications() {
        let id = format!("published {}", publication.message_id);
        let found = publication.found.sentence().map(|found| format!(": {found}")).unwrap_or_default();
        let text = format!("{function}message {}{found}{}", publication.message_id, doubt(publication.basis));
        lines.push(line(id, Stage::Published, "published", Some(publication.at), text));
    }
    for probed in &part.probed {
        let rest = format!("proven: the probe queue received message {}", probed.message_id);
        lines.push(line(format!("probed {}", probed.message_id), Stage::FanOut, "fan-out", Some(probed.at), rest));
    }
    lines
}

/// What makes a join less than certain.
fn doubt(basis: Option<Basis>) -> String {
    match basis {
        Some(Basis::Time) => ", probably (basis: time)".to_owned(),
        Some(basis) if !basis.is_exact() => format!(" (basis: {})", basis.name()),
        _ => String::new(),
    }
}

/// What Lambda's report says of an attempt.
fn outcome(number: usize, attempt: &Attempt) -> String {
    let report = attempt.report.as_ref();
    let took = report.and_then(|report| report.duration_us).map(millis).map(time::duration);
    let cold = attempt.cold_start_us().map(millis).map(time::duration);
    let mut text = format!("attempt {number}");
    text.extend(took.map(|took| format!(" took {took}")));
    text.extend(cold.map(|cold| format!(", cold start {cold}")));
    text.extend(attempt.failure().map(|why| format!(": {why}")));
    text
}

/// Whether a delivery can be printed: the topic is known to be the function's, and no delivery status is awaited any more.
fn is_final(row: &Delivery, job: &Job, watch: &Watch) -> bool {
    job.end.is_some() || (watch.listed && watch.knows_topics && !row.is_awaited(&watch.subscriptions))
}

/// Time since the upload began; `~` marks a time by another clock than this machine's.
fn since(timeline: &Timeline, at: Timestamp, stage: Stage) -> String {
    let Some(began) = timeline.began else { return String::new() };
    let millis = time::millis_between(began, at);
    let sign = if millis < 0 { "" } else { "+" };
    let about = if stage == Stage::Stored { "" } else { "~" };
    format!("{about}{sign}{}", time::duration(millis))
}

fn millis(micros: u64) -> i64 {
    i64::try_from(micros / 1_000).unwrap_or(i64::MAX)
}
