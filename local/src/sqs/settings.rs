//! A queue's attributes that users set, their defaults and bounds.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::common::wire::ApiError;

/// Numeric attributes with default, least and greatest value (seconds; bytes for the size).
const NUMBERS: [(&str, u32, u32, u32); 5] = [
    ("DelaySeconds", 0, 0, 900),
    ("MaximumMessageSize", 1_048_576, 1_024, 1_048_576),
    ("MessageRetentionPeriod", 345_600, 60, 1_209_600),
    ("ReceiveMessageWaitTimeSeconds", 0, 0, 20),
    ("VisibilityTimeout", 30, 0, 43_200),
];
/// Attributes that are only stored; encryption has no effect here.
const TEXTS: [&str; 4] =
    ["KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "RedriveAllowPolicy", "SqsManagedSseEnabled"];
const KMS_KEY: &str = "KmsMasterKeyId";
const SSE: &str = "SqsManagedSseEnabled";
const FIFO: [&str; 4] = ["FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"];
/// Attributes that only SQS sets.
pub(crate) const COMPUTED: [&str; 6] = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "QueueArn",
];

/// `RedrivePolicy`: the dead-letter queue, and when messages go there.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Redrive {
    pub(crate) dead_letter_target_arn: String,
    /// Consoles write it as a number, templates often as text.
    #[serde(deserialize_with = "number_or_text")]
    pub(crate) max_receive_count: u32,
}

impl Redrive {
    fn read(text: &str) -> Result<Self, ApiError> {
        let document: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
        let Some(members) = document.as_object() else {
            return Err(invalid_redrive(text, "Redrive policy is not a valid JSON map."));
        };
        if let Some(name) = ["deadLetterTargetArn", "maxReceiveCount"].iter().find(|name| !members.contains_key(**name))
        {
            let reason = format!("Redrive policy does not contain mandatory attribute: {name}.");
            return Err(invalid_redrive(text, &reason));
        }
        let count = members.get("maxReceiveCount").map(ToString::to_string).unwrap_or_default();
        let redrive =
            Self::deserialize(&document).ok().filter(|redrive| (1..=1000).contains(&redrive.max_receive_count));
        redrive.ok_or_else(|| {
            let count = count.trim_matches('"');
            let reason =
                format!("Invalid value for maxReceiveCount: {count}, valid values are from 1 to 1000 both inclusive.");
            invalid_redrive(text, &reason)
        })
    }
}

/// The error for a `RedrivePolicy`.
pub(crate) fn invalid_redrive(text: &str, reason: &str) -> ApiError {
    let message = format!("Value {text} for parameter RedrivePolicy is invalid. Reason: {reason}");
    ApiError::bad_request("InvalidParameterValue", message)
}

fn number_or_text<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(u32),
        Text(String),
    }
    match Either::deserialize(deserializer)? {
        Either::Number(number) => Ok(number),
        Either::Text(text) => text.parse().map_err(serde::de::Error::custom),
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Settings {
    numbers: BTreeMap<&'static str, u32>,
    texts: BTreeMap<String, String>,
    pub(crate) redrive: Option<Redrive>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
    pub(crate) purged: Option<Timestamp>,
}

impl Settings {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self {
            numbers: NUMBERS.iter().map(|(name, default, ..)| (*name, *default)).collect(),
            texts: BTreeMap::from([("SqsManagedSseEnabled".to_owned(), "true".to_owned())]),
            redrive: None,
            tags: BTreeMap::new(),
            created: now,
            modified: now,
            purged: None,
        }
    }

    /// Sets attributes; nothing is changed when one of them is refused.
    /// Errors: `InvalidAttributeName`, `InvalidAttributeValue`, or `InvalidParameterValue` for a redrive policy.
    pub(crate) fn set(&mut self, attributes: &BTreeMap<String, String>) -> Result<(), ApiError> {
        let given = |name: &str| attributes.get(name).filter(|value| !value.is_empty()).map(String::as_str);
        if given(KMS_KEY).is_some() && given(SSE) == Some("true") {
            let message = "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE \
                           or SQS SSE.";
            return Err(ApiError::bad_request("InvalidAttributeName", message));
        }
        let mut changed = self.clone();
        for (name, value) in attributes {
            changed.set_one(name, value)?;
        }
        // One type of encryption switches the other one off.
        if given(KMS_KEY).is_some() {
            changed.texts.insert(SSE.to_owned(), "false".to_owned());
        } else if given(SSE) == Some("true") {
            changed.texts.remove(KMS_KEY);
        }
        *self = changed;
        Ok(())
    }

    fn set_one(&mut self, name: &str, value: &str) -> Result<(), ApiError> {
        if let Some((name, _, least, most)) = NUMBERS.iter().find(|(known, ..)| *known == name) {
            let number = value.parse().ok().filter(|number| (*least..=*most).contains(number));
            self.numbers.insert(name, number.ok_or_else(|| invalid_value(name))?);
            return Ok(());
        }
        let unknown = |message: String| Err(ApiError::bad_request("InvalidAttributeName", message));
        match name {
            // A standard queue has none of these; a queue whose name ends in `.fifo` cannot be created here.
            "DeduplicationScope" | "FifoThroughputLimit" => {
                return unknown(format!("You can specify the {name} only when FifoQueue is set to true."));
            }
            "KmsDataKeyReusePeriodSeconds" if !value.parse().is_ok_and(|seconds| (60..=86_400).contains(&seconds)) => {
                return Err(invalid_value(name));
            }
            "SqsManagedSseEnabled" if !matches!(value, "true" | "false") => return Err(invalid_value(name)),
            "RedriveAllowPolicy" if !value.is_empty() => {
                let policy: Option<serde_json::Value> = serde_json::from_str(value).ok();
                let permission = policy.as_ref().and_then(|policy| policy.get("redrivePermission")?.as_str());
                if !matches!(permission, Some("allowAll" | "denyAll" | "byQueue")) {
                    return Err(invalid_value(name));
                }
            }
            "Policy" if !value.is_empty() => {
                let document: Option<serde_json::Value> = serde_json::from_str(value).ok();
                if document.is_none_or(|document| document.get("Statement").is_none()) {
                    return Err(invalid_value(name));
                }
            }
            "RedrivePolicy" => self.redrive = if value.is_empty() { None } else { Some(Redrive::read(value)?) },
            "Policy" => {}
            _ if TEXTS.contains(&name) => {}
            _ => return unknown(format!("Unknown Attribute {name}.")),
        }
        // An empty policy removes the policy.
        if value.is_empty() {
            self.texts.remove(name);
        } else {
            self.texts.insert(name.to_owned(), value.to_owned());
        }
        Ok(())
    }

    /// All attributes that were set or have a default.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, String)> {
        let numbers = self.numbers.iter().map(|(name, value)| (*name, value.to_string()));
        let has_key = self.texts.contains_key(KMS_KEY);
        let texts = self.texts.iter().filter(move |(name, _)| has_key || *name != "KmsDataKeyReusePeriodSeconds");
        numbers.chain(texts.map(|(name, value)| (name.as_str(), value.clone())))
    }

    pub(crate) fn get(&self, name: &str) -> Option<String> {
        self.all().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    pub(crate) fn known(name: &str) -> bool {
        let texts = TEXTS.contains(&name) || FIFO.contains(&name) || COMPUTED.contains(&name);
        texts || matches!(name, "Policy" | "RedrivePolicy") || NUMBERS.iter().any(|(known, ..)| *known == name)
    }

    fn number(&self, name: &str) -> u32 {
        self.numbers.get(name).copied().unwrap_or_default()
    }

    pub(crate) fn retention(&self) -> SignedDuration {
        SignedDuration::from_secs(self.number("MessageRetentionPeriod").into())
    }

    pub(crate) fn delay(&self) -> u32 {
        self.number("DelaySeconds")
    }

    pub(crate) fn visibility(&self) -> u32 {
        self.number("VisibilityTimeout")
    }

    pub(crate) fn wait(&self) -> u32 {
        self.number("ReceiveMessageWaitTimeSeconds")
    }

    /// The greatest size of a message in bytes.
    pub(crate) fn max_size(&self) -> usize {
        self.number("MaximumMessageSize") as usize
    }
}

fn invalid_value(name: &str) -> ApiError {
    ApiError::bad_request("InvalidAttributeValue", format!("Invalid value for the parameter {name}."))
}

/// The error for FIFO queues.
pub(crate) fn fifo() -> ApiError {
    let message = "FIFO queues are not implemented by this local cloud; use a standard queue";
    ApiError::bad_request("UnsupportedOperation", message)
}
