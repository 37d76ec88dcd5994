//! Email over SMTP, to the one server that the user named.

use lettre::message::Mailbox;
use lettre::transport::smtp::AsyncSmtpTransport;
use lettre::{Address, AsyncTransport, Message, Tokio1Executor};
use tokio::sync::Semaphore;

use crate::common::deliver::InboxMessage;

/// The sender's address. It is not AWS's, because this is not AWS.
const FROM: (&str, &str) = ("no-reply", "sns.localhost");
/// The name when the topic has none.
const SENDER: &str = "AWS Notifications (local)";
/// The most emails that are sent at once; small servers have small queues.
const MOST_AT_ONCE: usize = 4;

pub(super) struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    slots: Semaphore,
}

impl Smtp {
    pub(super) fn new(url: &str) -> Result<Self, String> {
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|error| {
            // Some of its errors have their cause in their own text, others do not say which part of the URL is wrong.
            let said = error.to_string();
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            match cause.filter(|cause| !said.contains(cause)) {
                Some(cause) => format!("{said}: {cause}"),
                None => said,
            }
        })?;
        Ok(Self { transport: builder.build(), slots: Semaphore::new(MOST_AT_ONCE) })
    }

    pub(super) async fn send(&self, message: &InboxMessage) -> Result<(), String> {
        let email = email(message)?;
        let _slot = self.slots.acquire().await.map_err(|error| error.to_string())?;
        self.transport.send(email).await.map(drop).map_err(|error| error.to_string())
    }
}

fn email(message: &InboxMessage) -> Result<Message, String> {
    let from = Address::new(FROM.0, FROM.1).map_err(|error| error.to_string())?;
    let to: Address = message.to.parse().map_err(|error| format!("{:?} is no email address: {error}", message.to))?;
    Message::builder()
        .from(Mailbox::new(Some(message.sender.clone().unwrap_or_else(|| SENDER.to_owned())), from))
        .to(Mailbox::new(None, to))
        .subject(message.subject.clone().unwrap_or_default())
        .body(message.body.clone())
        .map_err(|error| error.to_string())
}
