//! Checks of the object in question: whether it is there, and what the function's log says of it.

use crate::domain::diagnosis::findings::{Findings, LogGroup, Lookup, Mention, ObjectLog, Sighting};
use crate::domain::diagnosis::function::logging::searched;
use crate::domain::diagnosis::{Check, Draft, fix};
use crate::text::clean::Clean;
use crate::text::{size, time};

const OBJECT: Draft = Draft {
    id: "object",
    title: "Object",
    why: "S3 sends an event only when an object is written: a missing object, or another key, invokes nothing",
};

const LOG: Draft = Draft {
    id: "object-log",
    title: "Object in the function's log",
    why: "a matching rule predicts an invocation; the log shows whether it happened",
};

/// How many lines of the log are shown for one object.
const TOLD: usize = 5;

/// Milliseconds of a day.
const DAY_MS: i64 = 24 * 3_600_000;

/// Whether the object is there; only where a key is in question.
pub(super) fn check(findings: &Findings, out: &mut Vec<Check>) {
    let Some(key) = &findings.key else { return };
    let (key, bucket) = (key.raw(), findings.names.bucket.raw());
    out.push(match &findings.object {
        Lookup::Found(object) => {
            let size = object.size.map(|bytes| format!(", {}", size::bytes(bytes))).unwrap_or_default();
            let at = object.last_modified.map(|at| format!(", written at {}", time::utc(at))).unwrap_or_default();
            OBJECT.ok(&format!("{key} is in {bucket}{size}{at}"))
        }
        Lookup::Missing(_) => {
            let list = fix::aws(findings, &["s3api", "list-objects-v2", "--bucket", bucket, "--prefix", key]);
            let note = fix::note("the object was never uploaded, was deleted, or has another key; list similar keys:");
            OBJECT.note(&format!("{bucket} has no object {key}"), vec![note, list])
        }
        lookup @ Lookup::Denied { .. } => {
            let check = OBJECT.not_checked(lookup);
            let both = "or the object does not exist: without s3:ListBucket S3 answers the same for both";
            Check { found: Clean::new(&format!("{}; {both}", check.found.raw())), ..check }
        }
        lookup => OBJECT.not_checked(lookup),
    });
}

/// What the function's log says of the object; only where a key is in question.
pub(super) fn log(findings: &Findings) -> Option<Check> {
    let key = findings.key.as_ref()?.raw();
    let group = searched(findings);
    let log = match &findings.object_log {
        Lookup::Found(log) => log,
        Lookup::Missing(_) => {
            let text = format!("no invocation in the log: the log group {group} does not exist");
            return Some(LOG.note(&text, Vec::new()).besides("the function's log group", &findings.function));
        }
        lookup => return Some(LOG.not_checked(lookup)),
    };
    let check = judge(key, group, log).besides("the rest of that part of the log", &log.rest);
    let check = check.besides("older lines", &kept(findings, log));
    // Without its head it is not known which content of the key a line is about, nor where in the log to look.
    let check = match &findings.object {
        Lookup::Missing(_) => check,
        object => check.besides("when the object was written, and its content", object),
    };
    Some(check.besides("which log group the function writes to", &findings.function))
}

/// Whether the log is kept for as long as that part of it goes back.
fn kept(findings: &Findings, log: &ObjectLog) -> Lookup<()> {
    let back = time::millis_between(log.since, log.read_at);
    if back <= DAY_MS {
        // No log group is kept for less than a day.
        return Lookup::Found(());
    }
    match &findings.log_group {
        Lookup::Found(LogGroup { retention: Some(days), .. }) if back > i64::from(*days) * DAY_MS => {
            Lookup::Failed(format!("the retention of the log group is {days} days").into())
        }
        lookup => lookup.clone().map(|_| ()),
    }
}

fn judge(key: &str, group: &str, log: &ObjectLog) -> Check {
    let window = format!("{group} from {} to {}", time::utc(log.since), time::utc(log.until));
    if log.sightings.is_empty() {
        return LOG.note(&format!("no invocation in the log names {key}; searched {window}"), Vec::new());
    }
    let skipped = log.sightings.len().saturating_sub(TOLD);
    let mut told: Vec<String> = log.sightings.iter().skip(skipped).map(tell).collect();
    if skipped > 0 {
        told.insert(0, format!("{skipped} earlier lines"));
    }
    let text = format!("{}; searched {window}", told.join("; "));
    // The last word counts: a retry may have published what failed at first.
    let last = log.sightings.iter().rev().find(|it| !matches!(it.mention, Mention::Received | Mention::Named(_)));
    match last.map(|it| &it.mention) {
        Some(Mention::Published(_)) => LOG.ok(&text),
        Some(Mention::Failed(_)) => {
            LOG.failure(&text, vec![fix::note("see the check `recent-failures`, or the Logs panel")])
        }
        _ => LOG.note(&text, Vec::new()),
    }
}

fn tell(sighting: &Sighting) -> String {
    let at = time::utc(sighting.at);
    let by = sighting.request_id.as_ref().map(|id| format!(" (request {})", id.raw())).unwrap_or_default();
    match &sighting.mention {
        Mention::Received => format!("invoked at {at}{by}"),
        Mention::Published(id) => format!("published at {at} as message {}{by}", id.raw()),
        Mention::Skipped(reason) => format!("skipped at {at}: {}{by}", reason.raw()),
        Mention::Failed(reason) => format!("failed at {at}: {}{by}", reason.raw()),
        Mention::Named(line) => format!("named at {at}: {}{by}", line.raw()),
    }
}
