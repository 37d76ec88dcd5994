//! Injected faults, with which tests and users see how a client handles errors.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// A fault of one request.
///
/// As JSON: `{"error":{"status":503,"code":"SlowDown","message":"..."}}`, `"cut"`, `{"cut_after_bytes":65536}`,
/// `{"expired":{"access_key":"AKIA..."}}`, `{"delay_ms":250}`, `{"drop_response_ms":0}` or
/// `{"rate":{"requests":5,"per_ms":1000}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// The connection breaks off without a response, and the request is not served.
    Cut,
    /// The connection breaks off after so many bytes of the response's body; a shorter response is complete.
    #[serde(rename = "cut_after_bytes")]
    CutAfter(u64),
    /// Requests that are signed with this access key get the error for expired credentials; others are served.
    Expired {
        /// The expired key.
        access_key: String,
    },
    /// The request is served this much later.
    #[serde(rename = "delay_ms", with = "milliseconds")]
    Delay(Duration),
    /// The request is served, and this much later the connection breaks off without the response.
    #[serde(rename = "drop_response_ms", with = "milliseconds")]
    DropResponse(Duration),
    /// A rate limit: requests beyond it are refused with a `ThrottlingException`, and only those use the rule up.
    Rate {
        /// How many requests are served within `per`.
        requests: usize,
        /// The length of the window.
        #[serde(rename = "per_ms", with = "milliseconds")]
        per: Duration,
    },
}

impl Fault {
    fn throttled() -> Self {
        let (code, message) = ("ThrottlingException".to_owned(), "Rate exceeded".to_owned());
        Self::Error { status: 400, code, message }
    }
}

/// Which requests get a fault, and how many of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct FaultRule {
    /// `s3`, `sns`, `sqs`, `events`, `logs`, `lambda`, `monitoring` or `sts`.
    pub service: String,
    /// The operation's name, for example `Publish`; `None` matches every operation.
    #[serde(default)]
    pub operation: Option<String>,
    /// How many requests get the fault; one where JSON does not say.
    #[serde(default = "once")]
    pub times: u32,
    pub fault: Fault,
}

fn once() -> u32 {
    1
}

mod milliseconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        Ok(Duration::from_millis(u64::deserialize(deserializer)?))
    }
}

/// The most rules at once: every request is compared with all of them.
pub(crate) const MOST: usize = 1_000;

#[derive(Default)]
pub(crate) struct Faults(Mutex<Vec<Active>>);

/// A rule, and the times of the requests that its rate has served.
struct Active {
    rule: FaultRule,
    passed: VecDeque<Instant>,
}

impl Active {
    fn passes(&mut self, requests: usize, per: Duration) -> bool {
        let now = Instant::now();
        while self.passed.front().is_some_and(|at| now.duration_since(*at) >= per) {
            self.passed.pop_front();
        }
        let passes = self.passed.len() < requests;
        if passes {
            self.passed.push_back(now);
        }
        passes
    }
}

impl Faults {
    /// Adds a rule, unless it is for no requests at all; `false` where there are too many.
    pub(crate) fn add(&self, rule: FaultRule) -> bool {
        let mut rules = self.lock();
        let fits = rules.len() < MOST;
        if fits && rule.times > 0 {
            rules.push(Active { rule, passed: VecDeque::new() });
        }
        fits
    }

    /// How many rules there are.
    pub(crate) fn held(&self) -> usize {
        self.lock().len()
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    /// The fault of this request, if any; it counts as one use of its rule.
    pub(crate) fn take(&self, service: &str, operation: &str, key: Option<&str>) -> Option<Fault> {
        let mut rules = self.lock();
        let applies = |active: &mut Active| {
            let rule = &active.rule;
            let matches = rule.service == service && rule.operation.as_deref().is_none_or(|name| name == operation);
            match &rule.fault {
                Fault::Rate { requests, per } => matches && !active.passes(*requests, *per),
                Fault::Expired { access_key } => matches && key == Some(access_key),
                _ => matches,
            }
        };
        let index = rules.iter_mut().position(applies)?;
        let rule = &mut rules.get_mut(index)?.rule;
        rule.times = rule.times.saturating_sub(1);
        let fault = match &rule.fault {
            Fault::Rate { .. } => Fault::throttled(),
            fault => fault.clone(),
        };
        if rule.times == 0 {
            rules.remove(index);
        }
        Some(fault)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Active>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_used_up() {
        let faults = Faults::default();
        let rule = r#"{"service":"s3","operation":"PutObject","times":2,"fault":{"delay_ms":250}}"#;
        faults.add(serde_json::from_str(rule).unwrap());
        assert_eq!(faults.take("sns", "PutObject", None), None);
        assert_eq!(faults.take("s3", "GetObject", None), None);
        for _ in 0..2 {
            assert_eq!(faults.take("s3", "PutObject", None), Some(Fault::Delay(Duration::from_millis(250))));
        }
        assert_eq!(faults.take("s3", "PutObject", None), None);
    }

    #[test]
    fn only_the_key_that_has_expired_is_refused() {
        let faults = Faults::default();
        faults.add(serde_json::from_str(r#"{"service":"s3","fault":{"expired":{"access_key":"OLD"}}}"#).unwrap());
        assert_eq!(faults.take("s3", "GetObject", None), None);
        assert_eq!(faults.take("s3", "GetObject", Some("NEW")), None);
        let expired = Fault::Expired { access_key: "OLD".to_owned() };
        assert_eq!(faults.take("s3", "GetObject", Some("OLD")), Some(expired));
        assert_eq!(faults.take("s3", "GetObject", Some("OLD")), None, "it is used up");
    }

    #[test]
    fn a_rate_lets_so_many_through_and_refuses_the_rest() {
        let faults = Faults::default();
        let rule = r#"{"service":"logs","operation":"FilterLogEvents","times":2,"fault":{"rate":{"requests":3,"per_ms":3600000}}}"#;
        faults.add(serde_json::from_str(rule).unwrap());
        let take = || faults.take("logs", "FilterLogEvents", None);
        assert_eq!([take(), take(), take()], [None, None, None]);
        assert_eq!([take(), take()], [Some(Fault::throttled()), Some(Fault::throttled())]);
        assert_eq!(take(), None, "what is refused uses it up");
        faults.add(serde_json::from_str(&rule.replace("3600000", "0")).unwrap());
        assert!((0..100).all(|_| take().is_none()), "the stretch is over at once");
    }

    #[test]
    fn there_are_not_more_rules_than_a_request_can_be_compared_with() {
        let faults = Faults::default();
        let rule: FaultRule = serde_json::from_str(r#"{"service":"sns","fault":"cut"}"#).unwrap();
        assert!((0..MOST).all(|_| faults.add(rule.clone())));
        assert!(!faults.add(rule.clone()) && faults.held() == MOST);
        faults.take("sns", "Publish", None);
        assert!(faults.add(rule), "a rule that is used up makes room");
    }

    #[test]
    fn rules_are_removed() {
        let faults = Faults::default();
        faults.add(serde_json::from_str(r#"{"service":"sns","fault":"cut"}"#).unwrap());
        faults.clear();
        assert_eq!(faults.take("sns", "Publish", None), None);
    }

    #[test]
    fn a_rule_without_operation_matches_every_one() {
        let rule: FaultRule = serde_json::from_str(r#"{"service":"sns","fault":"cut"}"#).unwrap();
        assert_eq!(rule.times, 1);
        let faults = Faults::default();
        faults.add(rule);
        assert_eq!(faults.take("sns", "Publish", None), Some(Fault::Cut));
    }

    #[test]
    fn every_fault_has_its_name_in_json() {
        for (json, fault) in [
            (r#""cut""#, Fault::Cut),
            (r#"{"cut_after_bytes":7}"#, Fault::CutAfter(7)),
            (r#"{"delay_ms":250}"#, Fault::Delay(Duration::from_millis(250))),
            (r#"{"drop_response_ms":0}"#, Fault::DropResponse(Duration::ZERO)),
            (r#"{"expired":{"access_key":"AK"}}"#, Fault::Expired { access_key: "AK".to_owned() }),
            (r#"{"rate":{"requests":5,"per_ms":1000}}"#, Fault::Rate { requests: 5, per: Duration::from_secs(1) }),
            (r#"{"error":{"status":400,"code":"ThrottlingException","message":"Rate exceeded"}}"#, Fault::throttled()),
        ] {
            assert_eq!(serde_json::to_string(&fault).unwrap(), json);
            assert_eq!(serde_json::from_str::<Fault>(json).unwrap(), fault);
        }
    }
}
