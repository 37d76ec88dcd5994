//! The inbox: every mail and SMS that SNS "sent" from this machine.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde::Serialize;

use crate::cloud::StartError;

/// One mail or SMS.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Letter {
    /// Grows by one with each letter; a reader asks for those after the last it has.
    pub(crate) number: u64,
    /// `email`, `email-json` or `sms`.
    pub(crate) protocol: String,
    pub(crate) to: String,
    pub(crate) subject: Option<String>,
    pub(crate) body: String,
    pub(crate) at: Timestamp,
    pub(crate) topic_arn: String,
    /// SNS's message id; absent on confirmation mails.
    pub(crate) message_id: Option<String>,
    /// The link that confirms the subscription, on confirmation mails.
    pub(crate) confirm_url: Option<String>,
}

/// All letters, oldest first.
pub(crate) struct Inbox {
    letters: Mutex<Vec<Letter>>,
}

impl Inbox {
    pub(crate) fn new(_smtp: Option<&str>) -> Result<Self, StartError> {
        Ok(Self { letters: Mutex::default() })
    }

    /// Files a letter; its number is given here.
    pub(crate) fn deliver(&self, mut letter: Letter) {
        let mut letters = self.letters.lock().unwrap_or_else(PoisonError::into_inner);
        letter.number = letters.len() as u64 + 1;
        letters.push(letter);
    }
}

/// Answers a request under `/_imgwatch/inbox`.
#[expect(clippy::unused_async, reason = "letters will be read here")]
pub(crate) async fn handle(
    _cloud: &std::sync::Arc<crate::cloud::Cloud>,
    _request: http::Request<axum::body::Body>,
) -> axum::response::Response {
    let mut response = axum::response::Response::new(axum::body::Body::from("not implemented"));
    *response.status_mut() = http::StatusCode::NOT_IMPLEMENTED;
    response
}
