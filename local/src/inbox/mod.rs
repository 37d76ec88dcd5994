//! The inbox: every email and SMS message of SNS, read over HTTP and sent over SMTP where that is configured.
//!
//! `GET /_imgwatch/inbox?after=N&wait=SECONDS` answers `{"inbox":"...","messages":[...]}` with the messages after number N:
//! at once where there are some, else when one comes or the wait is over. Each start of the cloud has an inbox of another
//! name, because its numbers start again at one.

mod smtp;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use tokio::sync::watch;
use uuid::Uuid;

use self::smtp::Smtp;
use crate::common::budget::Budget;
use crate::common::deliver::{InboxMessage, Outbox};
use crate::common::env::Env;
use crate::common::wire;

const PATH: &str = "/_imgwatch/inbox";
const MOST_SECONDS: u64 = 60;
/// The most messages that are kept; the oldest go first.
const MOST: usize = 10_000;
/// The most bytes that they hold together; the newest message stays in any case.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// The most emails that wait for the SMTP server.
const MOST_EMAILS: usize = 1_000;

/// The messages that are kept, oldest first.
#[derive(Debug, Default)]
struct Kept {
    messages: VecDeque<InboxMessage>,
    bytes: usize,
}

/// The bytes of a message's text; the rest of it is small.
fn size(message: &InboxMessage) -> usize {
    message.body.len() + message.subject.as_ref().map_or(0, String::len)
}

impl Kept {
    fn push(&mut self, message: InboxMessage) {
        self.bytes += size(&message);
        self.messages.push_back(message);
        while self.messages.len() > MOST || (self.bytes > MOST_BYTES && self.messages.len() > 1) {
            let Some(oldest) = self.messages.pop_front() else { return };
            self.bytes -= size(&oldest);
        }
    }
}

pub(crate) struct Inbox {
    env: Arc<Env>,
    name: Uuid,
    kept: Arc<Mutex<Kept>>,
    newest: watch::Sender<u64>,
    smtp: Option<Arc<Smtp>>,
    /// What waits for the SMTP server.
    emails: Arc<Budget>,
}

fn lock(kept: &Mutex<Kept>) -> MutexGuard<'_, Kept> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Inbox {
    /// Errors: why the SMTP URL is not valid.
    pub(crate) fn new(env: Arc<Env>, smtp: Option<&str>) -> Result<Self, String> {
        let smtp = smtp.map(Smtp::new).transpose()?.map(Arc::new);
        let emails = Budget::new(MOST_EMAILS, MOST_BYTES);
        Ok(Self { name: env.uuid(), env, kept: Arc::default(), newest: watch::Sender::new(0), smtp, emails })
    }

    fn add(&self, mut message: InboxMessage) -> u64 {
        let mut kept = lock(&self.kept);
        let number = *self.newest.borrow() + 1;
        message.number = number;
        kept.push(message);
        self.newest.send_replace(number);
        number
    }

    /// How much is kept.
    pub(crate) fn held(&self) -> Value {
        let kept = lock(&self.kept);
        json!({"messages": kept.messages.len(), "bytes": kept.bytes, "waiting_emails": self.emails.taken().items})
    }

    fn after(&self, number: u64) -> Vec<InboxMessage> {
        let messages = &lock(&self.kept).messages;
        let first = messages.partition_point(|message| message.number <= number);
        messages.range(first..).cloned().collect()
    }
}

impl Outbox for Inbox {
    /// Adds a message, and sends email over SMTP too.
    fn post(&self, message: InboxMessage) {
        let smtp = self.smtp.clone().filter(|_| message.protocol != "sms");
        let Some(smtp) = smtp else {
            self.add(message);
            return;
        };
        let number = self.add(message.clone());
        let (stop, kept) = (self.env.stop.clone(), Arc::clone(&self.kept));
        let place = self.emails.take(size(&message));
        self.env.tasks.spawn(async move {
            let sent = if place.is_none() {
                Err("too many emails wait for the SMTP server".to_owned())
            } else {
                tokio::select! {
                    () = stop.cancelled() => Err("the local cloud was stopped".to_owned()),
                    sent = smtp.send(&message) => sent,
                }
            };
            drop(place);
            let Err(error) = sent else { return };
            tracing::warn!(to = message.to, error, "an email was not sent over SMTP");
            if let Some(message) = lock(&kept).messages.iter_mut().find(|message| message.number == number) {
                message.smtp_error = Some(error);
            }
        });
    }
}

pub(crate) async fn handle(inbox: &Inbox, request: Request<Body>) -> Response {
    if request.uri().path().trim_end_matches('/') != PATH {
        return refuse(StatusCode::NOT_FOUND, "no such path; messages are at /_imgwatch/inbox");
    }
    if request.method() != Method::GET {
        return refuse(StatusCode::METHOD_NOT_ALLOWED, "messages can only be read; use GET");
    }
    let query = form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes());
    let query: HashMap<String, String> = query.into_owned().collect();
    let number = |name: &str| query.get(name).map_or(Ok(0), |value| value.parse::<u64>());
    let (Ok(after), Ok(wait)) = (number("after"), number("wait")) else {
        return refuse(StatusCode::BAD_REQUEST, "`after` and `wait` are whole numbers");
    };
    if wait > 0 {
        let mut newest = inbox.newest.subscribe();
        let wait = tokio::time::sleep(Duration::from_secs(wait.min(MOST_SECONDS)));
        tokio::select! {
            () = inbox.env.stop.cancelled() => {}
            () = wait => {}
            _ = newest.wait_for(|newest| *newest > after) => {}
        }
    }
    wire::json(StatusCode::OK, &json!({"inbox": inbox.name.to_string(), "messages": inbox.after(after)}))
}

fn refuse(status: StatusCode, message: &str) -> Response {
    wire::json(status, &json!({"message": message}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::env::testing;

    #[test]
    fn the_newest_messages_stay_and_numbers_grow() {
        let inbox = Inbox::new(testing::env().0, None).expect("no SMTP");
        for number in 0..MOST + 5 {
            inbox.add(InboxMessage::new("sms", "+15551234567", "", number.to_string(), inbox.env.now()));
        }
        let numbers: Vec<u64> = inbox.after(0).iter().map(|message| message.number).collect();
        let newest = (MOST + 5) as u64;
        assert_eq!(numbers, (6..=newest).collect::<Vec<u64>>());
        assert_eq!(inbox.after(newest - 2).len(), 2);
        assert!(inbox.after(newest).is_empty() && inbox.after(newest + 7).is_empty());
    }

    #[test]
    fn large_messages_push_out_the_oldest() {
        let inbox = Inbox::new(testing::env().0, None).expect("no SMTP");
        let deliver = |bytes: usize| {
            inbox.add(InboxMessage::new("email", "ann@example.com", "", "x".repeat(bytes), inbox.env.now()))
        };
        let numbers = || inbox.after(0).iter().map(|message| message.number).collect::<Vec<u64>>();
        for _ in 0..4 {
            deliver(MOST_BYTES / 4);
        }
        assert_eq!(numbers(), [1, 2, 3, 4], "so many bytes are kept");
        deliver(1);
        assert_eq!(numbers(), [2, 3, 4, 5]);
        deliver(MOST_BYTES + 1);
        assert_eq!(numbers(), [6], "the newest stays, however large it is");
    }

    #[tokio::test]
    async fn an_email_for_which_there_is_no_place_is_kept_and_not_sent() {
        let inbox = Inbox::new(testing::env().0, Some("smtp://127.0.0.1:9")).expect("an address");
        let places: Vec<_> = (0..MOST_EMAILS).map(|_| inbox.emails.take(0).expect("a place")).collect();
        inbox.post(InboxMessage::new("email", "ann@example.com", "", "x".to_owned(), inbox.env.now()));
        inbox.env.tasks.close();
        inbox.env.tasks.wait().await;
        let error = inbox.after(0).remove(0).smtp_error;
        assert_eq!(error.as_deref(), Some("too many emails wait for the SMTP server"));
        assert_eq!(inbox.held()["waiting_emails"], MOST_EMAILS);
        drop(places);
    }
}
