//! Mail that leaves the machine: over SMTP, to the one server that the user named.

use lettre::message::Mailbox;
use lettre::transport::smtp::AsyncSmtpTransport;
use lettre::{Address, AsyncTransport, Message, Tokio1Executor};
use tokio::sync::Semaphore;

use super::Letter;
use crate::cloud::{Cloud, StartError};

/// Whom mails come from. It is not AWS's address: this is not AWS.
const FROM: (&str, &str) = ("no-reply", "sns.localhost");
/// The name when the topic has none.
const SENDER: &str = "AWS Notifications (local)";
/// The most mails on their way at once; small servers have small queues.
const MOST_AT_ONCE: usize = 4;

pub(super) struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    slots: Semaphore,
}

impl Smtp {
    pub(super) fn new(url: &str) -> Result<Self, StartError> {
        let fault = |reason: String| StartError::Smtp { url: url.to_owned(), reason };
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|error| {
            // The error itself says little; its cause says which part of the URL is wrong.
            let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
            fault(format!("{error}{}", cause.unwrap_or_default()))
        })?;
        Ok(Self { transport: builder.build(), slots: Semaphore::new(MOST_AT_ONCE) })
    }

    async fn send(&self, letter: &Letter) -> Result<(), String> {
        let mail = mail(letter)?;
        let _slot = self.slots.acquire().await.map_err(|error| error.to_string())?;
        self.transport.send(mail).await.map(drop).map_err(|error| error.to_string())
    }
}

fn mail(letter: &Letter) -> Result<Message, String> {
    let from = Address::new(FROM.0, FROM.1).map_err(|error| error.to_string())?;
    let to: Address = letter.to.parse().map_err(|error| format!("{:?} is no mail address: {error}", letter.to))?;
    Message::builder()
        .from(Mailbox::new(Some(letter.sender.clone().unwrap_or_else(|| SENDER.to_owned())), from))
        .to(Mailbox::new(None, to))
        .subject(letter.subject.clone().unwrap_or_default())
        .body(letter.body.clone())
        .map_err(|error| error.to_string())
}

/// Sends a filed letter; a failure is noted on it.
pub(super) async fn send(cloud: &Cloud, number: u64, letter: &Letter) {
    let Some(smtp) = &cloud.inbox.smtp else { return };
    let sent = tokio::select! {
        () = cloud.stop.cancelled() => Err("the local cloud was stopped".to_owned()),
        sent = smtp.send(letter) => sent,
    };
    if let Err(error) = sent {
        tracing::warn!(to = letter.to, error, "a mail did not go out over SMTP");
        cloud.inbox.note_smtp_error(number, error);
    }
}
