//! The check of how uploads can be joined to invocations: by what the last ones in the log name, and which line makes it exact.

use crate::domain::diagnosis::findings::{Author, Findings, Invocations, Lookup};
use crate::domain::diagnosis::function::logging::searched;
use crate::domain::diagnosis::function::variables::set_variable;
use crate::domain::diagnosis::{Check, Draft, fix};
use crate::domain::log::{event_lines, keeps_info};
use crate::domain::timeline::Basis;
use crate::text::clean::Clean;
use crate::text::time;

const CORRELATION: Draft = Draft {
    id: "correlation",
    title: "Correlation of uploads",
    why: "an upload is joined to the invocation whose log lines name its request id, its key or its entity tag",
};

pub(super) fn check(findings: &Findings) -> Check {
    let seen = match &findings.invocations {
        Lookup::Found(seen) => seen,
        Lookup::Missing(_) => {
            let text = format!("not known yet: the log group {} does not exist", searched(findings));
            return note_unless_ours(findings, &text);
        }
        lookup => return CORRELATION.not_checked(lookup),
    };
    let check = if seen.all.is_empty() {
        let text = format!("not known yet: no successful invocation in the log since {}", time::utc(seen.since));
        note_unless_ours(findings, &text)
    } else if findings.author().is_ours() {
        let recorded = share(seen.recorded(), seen.all.len(), "have", "has");
        CORRELATION.ok(&format!("by S3 request id: {recorded} imgwatch's record"))
    } else {
        others(findings, seen)
    };
    check.besides("the rest of that part of the log", &seen.rest)
}

/// Before its first invocation, only of imgwatch's handler it is known what it logs.
fn note_unless_ours(findings: &Findings, text: &str) -> Check {
    match findings.author() {
        Author::Ours(_) => CORRELATION.ok("by S3 request id, which imgwatch's handler logs"),
        Author::Others(_) | Author::Unknown => CORRELATION.note(text, Vec::new()),
    }
}

fn others(findings: &Findings, seen: &Invocations) -> Check {
    let all = seen.all.len();
    let found: Vec<(Basis, usize)> = seen.by_basis().collect();
    let Some(((strongest, first), weaker)) = found.split_first() else {
        let text = if all == 1 {
            "the last invocation names no object of the bucket".to_owned()
        } else {
            format!("the last {all} invocations name no object of the bucket")
        };
        let check = CORRELATION.warning(&text, remedy(findings));
        return match &seen.unlisted {
            Lookup::Found(()) => check,
            unlisted => {
                CORRELATION.unclear(&format!("{text} that is listed"), check.fix).besides("the other objects", unlisted)
            }
        };
    };
    let mut text = format!("{}: {} one", phrase(*strongest), share(*first, all, "name", "names"));
    for (basis, number) in weaker {
        text.push_str(&format!(", {}: {number}", phrase(*basis)));
    }
    let named: usize = found.iter().map(|(_, number)| number).sum();
    if named < all {
        text.push_str(&format!("; {} of them name no object of the bucket", all - named));
    }
    if strongest.is_exact() && *first == all {
        return CORRELATION.ok(&text);
    }
    let check = CORRELATION.note(&text, remedy(findings));
    if named < all { check.besides("the other objects of the bucket", &seen.unlisted) } else { check }
}

/// How many of the last invocations do something.
fn share(some: usize, all: usize, many: &str, one: &str) -> String {
    match (some, all) {
        (1, 1) => format!("the last invocation {one}"),
        (_, 1) => format!("{some} of the last 1 invocation {one}"),
        _ => format!("{some} of the last {all} invocations {many}"),
    }
}

fn phrase(basis: Basis) -> &'static str {
    match basis {
        Basis::S3RequestId => "by S3 request id",
        Basis::KeyAndETag => "by key and entity tag",
        Basis::Key => "by key",
        Basis::KeyPart => "by the last part of the key",
        Basis::ETag => "by entity tag",
        // Ids that no listing has are not looked for here.
        _ => "by another id",
    }
}

/// What makes the join exact: the event in the log, by a line of code, by Powertools, or by a level that keeps what is logged.
fn remedy(findings: &Findings) -> Vec<Clean> {
    let function = findings.function.found();
    let runtime = function.and_then(|function| function.runtime.as_ref()).map(Clean::raw);
    let mut fix = Vec::new();
    if function.and_then(|it| it.application_level.as_ref()).is_some_and(|level| !keeps_info(level.raw())) {
        fix.push(fix::note("lines of its logger may be hidden: see the check `log-level`"));
    }
    if let Some(function) = function.filter(|function| function.has_powertools) {
        fix.push(fix::note("Powertools logs the event of each invocation if this variable is set:"));
        fix.extend(set_variable(findings, function, "POWERTOOLS_LOGGER_LOG_EVENT", "true"));
        fix.push(fix::note("or without it:"));
    }
    fix.push(fix::note("exact is a log that has the event. Add the line to the handler:"));
    fix.extend(event_lines(runtime).iter().map(|line| fix::note(&format!("{}:  {}", line.language, line.code))));
    fix
}
