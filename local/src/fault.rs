//! Injected trouble: what tests and users switch on to see how a client copes.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What goes wrong with one request.
///
/// As JSON: `{"error":{"status":503,"code":"SlowDown","message":"..."}}`, `"cut"` or `{"delayMs":250}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
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
    /// Requests that are signed with this access key are told that it has expired; others pass.
    ///
    /// As JSON: `{"expired":{"accessKey":"AKIA..."}}`.
    Expired {
        /// The key that holds no longer.
        #[serde(rename = "accessKey")]
        access_key: String,
    },
    /// The answer comes this much later.
    #[serde(rename = "delayMs", with = "milliseconds")]
    Delay(Duration),
}

/// Which requests a fault meets, and how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FaultRule {
    /// `s3`, `sns`, `sqs`, `logs`, `lambda` or `sts`.
    pub service: String,
    /// The operation's name, for example `Publish`; `None` meets every operation.
    #[serde(default)]
    pub operation: Option<String>,
    /// How many requests meet it before it is used up; one where JSON does not say.
    #[serde(default = "once")]
    pub times: u32,
    /// What goes wrong.
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

/// The rules in force.
#[derive(Default)]
pub(crate) struct Faults(Mutex<Vec<FaultRule>>);

impl Faults {
    /// A rule for no requests at all is none.
    pub(crate) fn add(&self, rule: FaultRule) {
        if rule.times == 0 {
            return;
        }
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(rule);
    }

    /// The fault that this request meets, if any; it is used up by one.
    pub(crate) fn take(&self, service: &str, operation: &str, key: Option<&str>) -> Option<Fault> {
        let mut rules = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let matches = |rule: &FaultRule| {
            let strikes = match &rule.fault {
                Fault::Expired { access_key } => key == Some(access_key),
                _ => true,
            };
            strikes && rule.service == service && rule.operation.as_deref().is_none_or(|name| name == operation)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_used_up() {
        let faults = Faults::default();
        let rule = r#"{"service":"s3","operation":"PutObject","times":2,"fault":{"delayMs":250}}"#;
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
        faults.add(serde_json::from_str(r#"{"service":"s3","fault":{"expired":{"accessKey":"OLD"}}}"#).unwrap());
        assert_eq!(faults.take("s3", "GetObject", None), None);
        assert_eq!(faults.take("s3", "GetObject", Some("NEW")), None);
        let expired = Fault::Expired { access_key: "OLD".to_owned() };
        assert_eq!(faults.take("s3", "GetObject", Some("OLD")), Some(expired));
        assert_eq!(faults.take("s3", "GetObject", Some("OLD")), None, "it is used up");
    }

    #[test]
    fn a_rule_without_operation_meets_every_one() {
        let rule: FaultRule = serde_json::from_str(r#"{"service":"sns","fault":"cut"}"#).unwrap();
        assert_eq!(rule.times, 1);
        let faults = Faults::default();
        faults.add(rule);
        assert_eq!(faults.take("sns", "Publish", None), Some(Fault::Cut));
    }
}
