//! Emails and SMS that the local cloud "sent". AWS has no such thing.

use jiff::Timestamp;

use crate::text::clean::Clean;

/// One mail or SMS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxMessage {
    pub number: u64,
    /// `email`, `email-json` or `sms`.
    pub protocol: Clean,
    /// The address.
    pub to: Clean,
    /// Mail has one.
    pub subject: Option<Clean>,
    /// The text, line by line.
    pub body: Vec<Clean>,
    /// When it was sent.
    pub at: Timestamp,
    /// SNS's message id; confirmation mails have none.
    pub message_id: Option<Clean>,
    /// What confirms the subscription, on confirmation mails.
    pub confirmation: Option<Confirmation>,
}

/// What `sns:ConfirmSubscription` takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    pub topic_arn: Clean,
    /// The secret from the link.
    pub token: Clean,
}

impl InboxMessage {
    /// What a list shows of it: the subject, or without one the text's first line.
    pub fn line(&self) -> Option<&Clean> {
        self.subject.as_ref().or(self.body.first())
    }
}
