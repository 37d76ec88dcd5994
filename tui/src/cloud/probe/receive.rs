//! Receiving: long polls until something ends them. Each message is reported once it is read, and deleted then.

use std::time::Duration;

use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, Message, MessageSystemAttributeName};
use jiff::Timestamp;
use tokio::time::Instant;

use super::clients::{ProbeClients, is_missing};
use super::envelope;
use super::make::{ALIVE, Made};
use crate::cloud::connection::Connection;
use crate::cloud::connection::back_off::BackOff;
use crate::cloud::connection::problem::{self, OperationContext};
use crate::domain::evidence::Fact;
use crate::domain::probe::ProbeNews;
use crate::domain::problem::{Problem, ProblemKind};
use crate::msg::Update;
use crate::panic_switch;
use crate::text::clean::Clean;

/// Seconds that one poll waits for a message: SQS's most.
const WAIT: i32 = 20;
/// How often the queue's tag says that its program lives.
const SIGN_OF_LIFE: Duration = Duration::from_mins(5);
/// Waits after a poll that did not work.
const BACK_OFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// Receives for as long as there is a queue to receive from.
pub(super) async fn forever(connection: &Connection, clients: &ProbeClients, made: &Made) -> Problem {
    let (mut signed, mut is_reported) = (Instant::now(), false);
    let mut back_off = BackOff::new(BACK_OFF.0, BACK_OFF.1);
    loop {
        let poll = clients
            .sqs
            .receive_message()
            .queue_url(&made.url)
            .wait_time_seconds(WAIT)
            .max_number_of_messages(10)
            .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp)
            .send();
        match poll.await {
            Ok(answer) => {
                back_off.reset();
                is_reported = false;
                take(connection, clients, made, answer.messages.unwrap_or_default()).await;
            }
            Err(error) => {
                let what = format!("cannot receive from the probe queue {}", made.name);
                let problem = problem::of(&error, &OperationContext::new(what, "sqs:ReceiveMessage"));
                if is_missing(&error) || problem::kind(&error) == ProblemKind::Denied {
                    return problem;
                }
                if !is_reported && !problem.is_transient() {
                    connection.send(Update::Probe(ProbeNews::Unreadable(problem))).await;
                    is_reported = true;
                }
                tokio::time::sleep(back_off.wait()).await;
            }
        }
        if signed.elapsed() >= SIGN_OF_LIFE {
            // Missed once or twice it does no harm.
            if let Ok(tag) = clients.changes.tag_queue(&clients.sqs, &made.name) {
                let _ = tag.queue_url(&made.url).tags(ALIVE, Timestamp::now().to_string()).send().await;
            }
            signed = Instant::now();
        }
    }
}

async fn take(connection: &Connection, clients: &ProbeClients, made: &Made, messages: Vec<Message>) {
    if messages.is_empty() {
        return;
    }
    panic_switch::check("probe");
    let queue = Clean::new(&made.arn);
    let facts = messages.iter().filter_map(|message| envelope::read(message, &queue, &clients.topic_arn));
    let facts: Vec<Fact> = facts.flat_map(|(probed, text)| std::iter::once(Fact::Probed(probed)).chain(text)).collect();
    if !facts.is_empty() {
        connection.send(Update::Facts(facts)).await;
    }
    let entries = messages.iter().enumerate().filter_map(|(index, message)| {
        let handle = message.receipt_handle()?;
        DeleteMessageBatchRequestEntry::builder().id(index.to_string()).receipt_handle(handle).build().ok()
    });
    // What is not deleted comes again and changes nothing; the queue forgets it after five minutes.
    if let Ok(delete) = clients.changes.delete_messages(&clients.sqs, &made.name) {
        let _ = delete.queue_url(&made.url).set_entries(Some(entries.collect())).send().await;
    }
}
