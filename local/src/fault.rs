//! Injected trouble: what tests and users switch on to see how a client copes.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What goes wrong with one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// An answer with this status, code and message in the service's own form.
    Error {
        /// HTTP status.
        status: u16,
        /// AWS's error code.
        code: String,
        /// The text beside it.
        message: String,
    },
    /// The connection breaks off without an answer.
    Cut,
    /// The answer comes this much later.
    Delay(Duration),
}

/// Which requests a fault meets, and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultRule {
    /// `s3`, `sns`, `sqs`, `logs`, `lambda` or `sts`.
    pub service: String,
    /// The operation's name, for example `Publish`; `None` meets every operation.
    pub operation: Option<String>,
    /// How many requests meet it before it is used up.
    pub times: u32,
    /// What goes wrong.
    pub fault: Fault,
}

/// The rules in force.
#[derive(Default)]
pub(crate) struct Faults(Mutex<Vec<FaultRule>>);

impl Faults {
    pub(crate) fn add(&self, rule: FaultRule) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(rule);
    }

    /// The fault that this request meets, if any; it is used up by one.
    pub(crate) fn take(&self, service: &str, operation: &str) -> Option<Fault> {
        let mut rules = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let matches = |rule: &FaultRule| {
            rule.service == service && rule.operation.as_deref().is_none_or(|name| name == operation)
        };
        let index = rules.iter().position(matches)?;
        let rule = rules.get_mut(index)?;
        rule.times = rule.times.saturating_sub(1);
        let fault = rule.fault.clone();
        if rule.times == 0 {
            rules.remove(index);
        }
        Some(fault)
    }
}
