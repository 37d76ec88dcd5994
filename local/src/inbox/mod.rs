//! The inbox: every mail and SMS that SNS "sent" from this machine.
//!
//! It files letters and hands them out; what is in them is SNS's business.

mod read;
mod smtp;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::watch;
use uuid::Uuid;

use self::smtp::Smtp;
use crate::cloud::{Cloud, StartError};

pub(crate) use self::read::handle;

/// The most letters that are kept; the oldest go first.
const MOST: usize = 10_000;
/// The most bytes that they hold together; the newest letter stays in any case.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// One mail or SMS.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Letter {
    /// Grows by one with each letter; a reader asks for those after the last it has.
    pub(crate) number: u64,
    /// `email`, `email-json` or `sms`.
    pub(crate) protocol: String,
    pub(crate) to: String,
    /// The name that a mail comes from, where the topic has one.
    pub(crate) sender: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) body: String,
    pub(crate) at: Timestamp,
    /// Empty for a text message that was published to a number.
    pub(crate) topic_arn: String,
    /// SNS's message id; absent on confirmation mails.
    pub(crate) message_id: Option<String>,
    /// The link that confirms the subscription, on confirmation mails.
    pub(crate) confirm_url: Option<String>,
    /// Why the letter did not go out over SMTP, if it should have and did not.
    pub(crate) smtp_error: Option<String>,
}

impl Letter {
    /// A letter of now; the inbox gives it its number.
    pub(crate) fn new(protocol: &str, to: &str, topic_arn: &str, body: String) -> Self {
        Self {
            number: 0,
            protocol: protocol.to_owned(),
            to: to.to_owned(),
            sender: None,
            subject: None,
            body,
            at: Timestamp::now(),
            topic_arn: topic_arn.to_owned(),
            message_id: None,
            confirm_url: None,
            smtp_error: None,
        }
    }

    /// The bytes of its text; the rest of it is small.
    fn size(&self) -> usize {
        self.body.len() + self.subject.as_ref().map_or(0, String::len)
    }
}

/// The letters that are kept, oldest first.
#[derive(Debug, Default)]
struct Kept {
    letters: VecDeque<Letter>,
    bytes: usize,
}

impl Kept {
    fn push(&mut self, letter: Letter) {
        self.bytes += letter.size();
        self.letters.push_back(letter);
        while self.letters.len() > MOST || (self.bytes > MOST_BYTES && self.letters.len() > 1) {
            let Some(oldest) = self.letters.pop_front() else { return };
            self.bytes -= oldest.size();
        }
    }
}

/// All letters, oldest first.
pub(crate) struct Inbox {
    /// Tells this inbox from that of another start, whose letters have the same numbers.
    name: Uuid,
    kept: Mutex<Kept>,
    /// The number of the newest letter.
    newest: watch::Sender<u64>,
    smtp: Option<Smtp>,
}

impl Inbox {
    /// # Errors
    /// The SMTP URL cannot be used.
    pub(crate) fn new(smtp: Option<&str>) -> Result<Self, StartError> {
        let smtp = smtp.map(Smtp::new).transpose()?;
        Ok(Self { name: Uuid::new_v4(), kept: Mutex::default(), newest: watch::Sender::new(0), smtp })
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Files a letter; its number is given here, and returned.
    pub(crate) fn deliver(&self, mut letter: Letter) -> u64 {
        let mut kept = self.lock();
        let number = *self.newest.borrow() + 1;
        letter.number = number;
        kept.push(letter);
        self.newest.send_replace(number);
        number
    }

    /// The letters after this number.
    fn after(&self, number: u64) -> Vec<Letter> {
        let letters = &self.lock().letters;
        let first = letters.partition_point(|letter| letter.number <= number);
        letters.range(first..).cloned().collect()
    }

    fn note_smtp_error(&self, number: u64, error: String) {
        let letters = &mut self.lock().letters;
        if let Some(letter) = letters.iter_mut().find(|letter| letter.number == number) {
            letter.smtp_error = Some(error);
        }
    }
}

/// Files a letter and, if the cloud was given an SMTP server, sends mails there too.
pub(crate) fn post(cloud: &Arc<Cloud>, letter: Letter) {
    let is_mail = letter.protocol != "sms";
    let copy = (is_mail && cloud.inbox.smtp.is_some()).then(|| letter.clone());
    let number = cloud.inbox.deliver(letter);
    if let Some(letter) = copy {
        let cloud = Arc::clone(cloud);
        cloud.tasks.clone().spawn(async move { smtp::send(&cloud, number, &letter).await });
    }
}
