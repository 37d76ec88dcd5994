//! Receiving: long polls until something ends them, each message told once it is read, and deleted then.

use std::time::Duration;

use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, Message, MessageSystemAttributeName};
use jiff::Timestamp;
use tokio::time::Instant;

use super::desk::{Desk, is_missing};
use super::envelope;
use super::make::{ALIVE, Made};
use crate::cloud::context::Context;
use crate::cloud::problem::{self, Trouble};
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
pub(super) async fn forever(context: &Context, desk: &Desk, made: &Made) -> Problem {
    let (mut signed, mut wait, mut told) = (Instant::now(), BACK_OFF.0, false);
    loop {
        let poll = desk
            .sqs
            .receive_message()
            .queue_url(&made.url)
            .wait_time_seconds(WAIT)
            .max_number_of_messages(10)
            .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp)
            .send();
        match poll.await {
            Ok(answer) => {
                (wait, told) = (BACK_OFF.0, false);
                take(context, desk, made, answer.messages.unwrap_or_default()).await;
            }
            Err(error) => {
                let what = format!("cannot receive from the probe queue {}", made.name);
                let problem = problem::of(&error, &Trouble::new(what, "sqs:ReceiveMessage"));
                if is_missing(&error) || problem::kind(&error) == ProblemKind::Denied {
                    return problem;
                }
                if !told && !problem.is_transient() {
                    context.say(Update::Probe(ProbeNews::Troubled(problem))).await;
                    told = true;
                }
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(BACK_OFF.1);
            }
        }
        if signed.elapsed() >= SIGN_OF_LIFE {
            // Missed once or twice it does no harm.
            let _ = desk.sqs.tag_queue().queue_url(&made.url).tags(ALIVE, Timestamp::now().to_string()).send().await;
            signed = Instant::now();
        }
    }
}

async fn take(context: &Context, desk: &Desk, made: &Made, messages: Vec<Message>) {
    if messages.is_empty() {
        return;
    }
    panic_switch::check("probe");
    let queue = Clean::new(&made.arn);
    let facts = messages.iter().filter_map(|message| envelope::read(message, &queue, &desk.topic_arn));
    let facts: Vec<Fact> = facts.map(Fact::Probed).collect();
    if !facts.is_empty() {
        context.say(Update::Facts(facts)).await;
    }
    let entries = messages.iter().enumerate().filter_map(|(index, message)| {
        let handle = message.receipt_handle()?;
        DeleteMessageBatchRequestEntry::builder().id(index.to_string()).receipt_handle(handle).build().ok()
    });
    // What is not deleted comes again and changes nothing; the queue forgets it after five minutes.
    let _ = desk.sqs.delete_message_batch().queue_url(&made.url).set_entries(Some(entries.collect())).send().await;
}
