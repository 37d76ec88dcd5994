//! Filter policies: which messages a subscription wants. The local cloud filters with them, the dashboard says whom they
//! exclude.
//!
//! A policy is read once, when it is set, and then only matched. Attributes and bodies are matched by the same code:
//! attributes become a JSON object first. No state and no I/O.

#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::ruler::{self, Dialect, Matches, Rules};

/// AWS's limits: the names at the top, and the product of the numbers of conditions.
const MOST_NAMES: usize = 5;
const MOST_COMBINATIONS: usize = 150;
const MOST_BYTES: usize = 256 << 10;

/// What a policy looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scope {
    /// The message's attributes.
    #[default]
    MessageAttributes,
    /// The message itself, which must be a JSON object.
    MessageBody,
}

impl Scope {
    /// From SNS's word.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "MessageAttributes" => Some(Self::MessageAttributes),
            "MessageBody" => Some(Self::MessageBody),
            _ => None,
        }
    }

    /// SNS's word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::MessageAttributes => "MessageAttributes",
            Self::MessageBody => "MessageBody",
        }
    }
}

/// A policy as given, and as read.
#[derive(Debug, Clone)]
pub struct FilterPolicy {
    /// As it was given.
    pub text: String,
    /// What it is applied to.
    pub scope: Scope,
    rules: Rules,
}

/// Why a policy cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// It is no JSON.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// It is no policy; in SNS's words, without the `Invalid parameter:` that comes before them.
    #[error("{0}")]
    Policy(String),
}

impl FilterPolicy {
    /// Reads a policy.
    ///
    /// # Errors
    /// [`PolicyError`] says what is wrong with it.
    pub fn parse(text: &str, scope: Scope) -> Result<Self, PolicyError> {
        let refused = |why: String| PolicyError::Policy(format!("FilterPolicy: {why}"));
        if text.len() > MOST_BYTES {
            return Err(refused("Filter policy is too long".to_owned()));
        }
        let Value::Object(policy) = serde_json::from_str(text)? else {
            return Err(refused("Filter policy must be a JSON object".to_owned()));
        };
        if policy.len() > MOST_NAMES {
            return Err(refused(format!("Filter policy can not have more than {MOST_NAMES} keys")));
        }
        let dialect = match scope {
            Scope::MessageAttributes => Dialect::Attributes,
            Scope::MessageBody => Dialect::Body,
        };
        let (rules, combinations) = ruler::read(&policy, dialect).map_err(|why| match why.as_str() {
            ruler::NESTED => PolicyError::Policy(why),
            _ => refused(why),
        })?;
        if combinations > MOST_COMBINATIONS {
            return Err(refused("Filter policy is too complex".to_owned()));
        }
        Ok(Self { text: text.to_owned(), scope, rules })
    }

    /// Whether the message passes. `attributes` is what the message's attributes are as a JSON object.
    pub fn passes(&self, attributes: &Value, body: &str) -> bool {
        let passes = |object: &Value| self.rules.hold(Some(object)) == Matches::Yes;
        match self.scope {
            // A policy that asks for nothing lets everything through, whatever the body is.
            _ if self.rules.is_empty() => true,
            Scope::MessageAttributes => passes(attributes),
            // A body that is no JSON object is filtered out, as on AWS.
            Scope::MessageBody => serde_json::from_str(body).is_ok_and(|body: Value| body.is_object() && passes(&body)),
        }
    }
}
