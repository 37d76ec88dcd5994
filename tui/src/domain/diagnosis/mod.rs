//! Doctor: findings turned into checks, each with what was found, a status, why it matters and a suggested fix.
//!
//! Pure: it sends no request. What it cannot look at, because AWS does not report it or this program does not ask:
//! - how old the notification configuration is: S3 does not date it, so a change of the last minutes looks finished;
//! - which stack or tool wrote that configuration last;
//! - whether the function's program decodes keys: its code is not read (imgwatch's own handler is tested for it);
//! - the rights of the function's role, and whether it may write into the bucket: IAM is not asked. What it may not do
//!   shows in the function's log, which is searched;
//! - policies of KMS keys: `encryption` and `entry-encryption` say so and name the command that shows them;
//! - pipes of EventBridge Pipes: the check of a queue that no function reads says so;
//! - whether the program in the function's package fits its architecture: what it dies of shows in the log;
//! - throttled requests and stalled live tails: they show where they happen, in the Logs panel;
//! - mails suspended after a burst: SNS shows such a subscription as pending, and does not say why;
//! - the backlog of the function's own queue of events, and failure destinations that are no queues.
//!
//! What could not be read is never taken for "none": a check that depends on it says what was not read, and why.

pub mod findings;
mod fix;
mod function;
mod joints;
mod object;
mod parts;
mod pipeline;
mod queues;
mod subscribers;
mod topic;
mod wiring;

#[cfg(test)]
mod tests;

use crate::text::clean::Clean;
use findings::{Findings, Lookup};

/// How a check came out, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckStatus {
    /// As it should be.
    Ok,
    /// Something to know, which may be intended.
    Note,
    /// It was not checked.
    NotChecked,
    /// Something may be lost or go unseen.
    Warning,
    /// Uploads do not get through, or cannot be followed.
    Failure,
}

impl CheckStatus {
    /// All of them, the worst first.
    pub const ALL: [Self; 5] = [Self::Failure, Self::Warning, Self::NotChecked, Self::Note, Self::Ok];

    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::NotChecked => "not checked",
            Self::Warning => "warning",
            Self::Failure => "failure",
        }
    }

    /// So many checks of this status, for people.
    pub fn counted(self, number: usize) -> String {
        let is_noun = matches!(self, Self::Failure | Self::Warning | Self::Note);
        let many = if number != 1 && is_noun { "s" } else { "" };
        format!("{number} {}{many}", self.word())
    }

    /// A sign that says the same.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Ok => "✓",
            Self::Note => "i",
            Self::NotChecked => "?",
            Self::Warning => "!",
            Self::Failure => "✗",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Stable, for scripts.
    pub id: &'static str,
    /// What the check is about. It claims nothing, so that it reads true beside every status.
    pub title: &'static str,
    /// How it came out.
    pub status: CheckStatus,
    /// What was found.
    pub found: Clean,
    /// Why it matters.
    pub why: &'static str,
    /// Commands for a shell, and comments beginning with `#`; empty where nothing is to be done.
    pub fix: Vec<Clean>,
    /// The permission that is missing, where one is.
    pub permission: Option<&'static str>,
}

/// All checks, in the order of an upload's way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// The key in question.
    pub key: Option<Clean>,
    pub checks: Vec<Check>,
}

impl Diagnosis {
    /// How many came out like this.
    pub fn count(&self, status: CheckStatus) -> usize {
        self.checks.iter().filter(|check| check.status == status).count()
    }

    /// The checks as a list shows them: the worst first, else in the order of an upload's way.
    pub fn worst_first(&self) -> Vec<&Check> {
        let mut checks: Vec<&Check> = self.checks.iter().collect();
        checks.sort_by_key(|check| std::cmp::Reverse(check.status));
        checks
    }

    pub fn worst(&self) -> CheckStatus {
        self.checks.iter().map(|check| check.status).max().unwrap_or(CheckStatus::Ok)
    }
}

/// Judges findings.
pub fn diagnose(findings: &Findings) -> Diagnosis {
    let mut checks = Vec::new();
    pipeline::check(findings, &mut checks);
    checks.push(parts::check(findings));
    object::check(findings, &mut checks);
    wiring::check(findings, &mut checks);
    joints::check(findings, &mut checks);
    function::check(findings, &mut checks);
    topic::check(findings, &mut checks);
    subscribers::check(findings, &mut checks);
    Diagnosis { key: findings.key.clone(), checks }
}

/// Judges whether the queues in the findings let the topic send; `None` where there are none.
pub fn queue_policies(findings: &Findings) -> Option<Check> {
    subscribers::queues::check(findings)
}

/// A check that has not come out yet.
#[derive(Debug, Clone, Copy)]
struct Draft {
    id: &'static str,
    title: &'static str,
    why: &'static str,
}

impl Draft {
    fn done(self, status: CheckStatus, found: &str, fix: Vec<Clean>) -> Check {
        let Self { id, title, why } = self;
        Check { id, title, status, found: Clean::new(found), why, fix, permission: None }
    }

    fn ok(self, found: &str) -> Check {
        self.done(CheckStatus::Ok, found, Vec::new())
    }

    fn warning(self, found: &str, fix: Vec<Clean>) -> Check {
        self.done(CheckStatus::Warning, found, fix)
    }

    fn failure(self, found: &str, fix: Vec<Clean>) -> Check {
        self.done(CheckStatus::Failure, found, fix)
    }

    fn note(self, found: &str, fix: Vec<Clean>) -> Check {
        self.done(CheckStatus::Note, found, fix)
    }

    /// What is there to say where a look gave no answer.
    fn not_checked<T>(self, lookup: &Lookup<T>) -> Check {
        let text = lookup.reason().unwrap_or_else(|| "unknown".to_owned());
        let permission = lookup.permission();
        let fix = permission.map(fix::ask_for);
        Check { permission, ..self.done(CheckStatus::NotChecked, &text, fix.into_iter().collect()) }
    }

    /// The same where something else is the reason that nothing can be said.
    fn unclear(self, why: &str, fix: Vec<Clean>) -> Check {
        self.done(CheckStatus::NotChecked, why, fix)
    }
}

impl Check {
    /// The same where a part of what it is about was not read, unless it was: what was seen of the rest may be bad, but
    /// not in order.
    fn besides<T>(mut self, what: &str, lookup: &Lookup<T>) -> Self {
        let Some(reason) = lookup.reason() else { return self };
        let seen = self.found.raw();
        let join = if seen.is_empty() { "" } else { "; " };
        self.found = Clean::new(&format!("{seen}{join}not read: {what}: {reason}"));
        self.status = self.status.max(CheckStatus::NotChecked);
        if let (None, Some(permission)) = (self.permission, lookup.permission()) {
            self.permission = Some(permission);
            self.fix.push(fix::ask_for(permission));
        }
        self
    }
}
