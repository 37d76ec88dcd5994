//! Attempts: which log lines belong to which try of an invocation.
//!
//! Lambda's retries keep the request id, so its start line begins an attempt; a line belongs to the latest start
//! before it in the same log stream.

use jiff::Timestamp;

use crate::domain::evidence::{Envelope, Fact, InvocationReport, LogSource, ReportStatus, SqsReceive};
use crate::text::clean::Clean;

/// One invocation: all attempts under one request id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// Lambda's request id.
    pub request_id: Clean,
    /// Oldest first; never empty.
    pub attempts: Vec<Attempt>,
    /// In what the upload's event came, where a line says so.
    pub envelope: Option<Envelope>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When it started; `None` where no start line was seen.
    pub started: Option<Timestamp>,
    /// The execution environment's log stream.
    pub stream: Clean,
    /// When its first line of any kind was written.
    pub first_line: Timestamp,
    /// What Lambda said at its end.
    pub report: Option<InvocationReport>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// Whether the handler logged a failure in it.
    pub handler_failed: bool,
}

impl Invocation {
    /// The earliest line of any attempt.
    pub fn first_seen(&self) -> Option<Timestamp> {
        self.attempts.iter().map(|attempt| attempt.first_line).min()
    }

    /// The receive of an SQS message that it is.
    pub fn receive(&self) -> Option<&SqsReceive> {
        self.envelope.as_ref()?.sqs.as_ref()
    }
}

impl Attempt {
    /// Whether it is over and did not succeed.
    pub fn failed(&self) -> bool {
        self.report.as_ref().is_some_and(|report| report.status != ReportStatus::Success)
            || (self.handler_failed && self.report.is_some())
    }

    /// Time to start the environment in microseconds, if this attempt paid for it.
    pub fn cold_start_us(&self) -> Option<u64> {
        self.report.as_ref()?.init_us
    }

    /// What Lambda says went wrong.
    pub fn failure(&self) -> Option<String> {
        let report = self.report.as_ref()?;
        // Lambda's own words for what happened to the process begin so; all others are the function's.
        let own = report.error.as_ref().is_some_and(|error| !error.raw().starts_with("Runtime."));
        let what = match report.status {
            ReportStatus::Success => return None,
            ReportStatus::Failure => "the function returned an error",
            ReportStatus::Error if own => "the function returned an error",
            ReportStatus::Error => "the function's process failed",
            ReportStatus::Timeout => "the function timed out",
        };
        Some(match &report.error {
            Some(error) => format!("{what} ({})", error.shown()),
            None => what.to_owned(),
        })
    }

    fn new(source: &LogSource) -> Self {
        Self {
            started: None,
            stream: source.stream.clone(),
            first_line: source.at,
            report: None,
            ended: None,
            handler_failed: false,
        }
    }
}

/// All facts that carry one request id, in any order, become its invocation.
pub(super) fn invocation(request_id: &Clean, facts: &[&Fact]) -> Invocation {
    let mut attempts: Vec<Attempt> = Vec::new();
    for fact in facts {
        if let Fact::Invoked(source) = fact {
            attempts.push(Attempt { started: Some(source.at), ..Attempt::new(source) });
        }
    }
    attempts.sort_by(|a, b| (a.first_line, &a.stream).cmp(&(b.first_line, &b.stream)));
    // Facts are visited by time, so that lines without a start line gather into attempts the same way every time.
    let mut rest: Vec<(&LogSource, &Fact)> = facts.iter().filter_map(|fact| Some((fact.source()?, *fact))).collect();
    rest.sort_by(|a, b| (a.0.at, a.1).cmp(&(b.0.at, b.1)));
    for (source, fact) in rest {
        let earlier =
            |(_, attempt): &(usize, &Attempt)| attempt.stream == source.stream && attempt.first_line <= source.at;
        let latest = attempts.iter().enumerate().filter(earlier).max_by_key(|(_, attempt)| attempt.first_line);
        let index = match latest.map(|(index, _)| index) {
            Some(index) => index,
            None => {
                attempts.push(Attempt::new(source));
                attempts.len() - 1
            }
        };
        let Some(attempt) = attempts.get_mut(index) else { continue };
        match fact {
            Fact::Reported(_, report) => {
                attempt.ended = Some(source.at);
                attempt.report = Some(match attempt.report.take() {
                    Some(known) => both(known, report),
                    None => report.clone(),
                });
            }
            Fact::Failed { .. } => attempt.handler_failed = true,
            _ => {}
        }
    }
    attempts.sort_by(|a, b| (a.first_line, &a.stream).cmp(&(b.first_line, &b.stream)));
    Invocation { request_id: request_id.clone(), attempts, envelope: None }
}

/// Text logs report an attempt's end in two lines: REPORT with its cost, another with what went wrong.
fn both(known: InvocationReport, more: &InvocationReport) -> InvocationReport {
    InvocationReport {
        duration_us: known.duration_us.or(more.duration_us),
        billed_us: known.billed_us.or(more.billed_us),
        init_us: known.init_us.or(more.init_us),
        memory_mb: known.memory_mb.or(more.memory_mb),
        memory_used_mb: known.memory_used_mb.or(more.memory_used_mb),
        status: known.status.max(more.status),
        error: known.error.or_else(|| more.error.clone()),
    }
}
