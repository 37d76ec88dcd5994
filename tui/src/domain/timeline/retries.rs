//! Retries: Lambda's own attempts of an asynchronous invocation, and the receives of a queue's message.
//!
//! Lambda keeps the request id of an event that it tries again. A message that returns to its queue is received again, which is
//! another invocation with another request id: the message's id and its count of receives join them.

use super::{Attempt, Invocation, Outcome, Timeline};
use crate::domain::evidence::SqsReceive;

/// Attempts that Lambda makes of an asynchronous invocation by default.
const MAX_ATTEMPTS: usize = 3;

impl Timeline {
    /// Whether every attempt failed and none is left.
    pub fn has_given_up(&self) -> bool {
        let is_last = |invocation: &Invocation| match invocation.receive() {
            // A later receive of the same message decides.
            Some(receive) => self.is_received_again(receive) || self.is_last_receive(receive) && has_failed(invocation),
            None => invocation.attempts.len() >= MAX_ATTEMPTS && has_failed(invocation),
        };
        !matches!(self.outcome, Outcome::Published(_) | Outcome::Skipped(_))
            && !self.invocations.is_empty()
            && self.invocations.iter().all(is_last)
    }

    /// Whether the queue gives the message up after this receive.
    fn is_last_receive(&self, receive: &SqsReceive) -> bool {
        receive.count.zip(self.max_receives).is_some_and(|(count, most)| count >= most)
    }

    fn is_received_again(&self, receive: &SqsReceive) -> bool {
        let receives = self.invocations.iter().filter_map(Invocation::receive);
        receives.filter(|other| other.message_id == receive.message_id).any(|other| other.count > receive.count)
    }

    /// Which receive of a message an invocation is: `receive 2 of 5`. Nothing where the log does not say so.
    pub fn receive_text(&self, invocation: &Invocation) -> Option<String> {
        let count = invocation.receive()?.count?;
        let most = self.max_receives.map(|most| format!(" of {most}")).unwrap_or_default();
        Some(format!("receive {count}{most}"))
    }

    /// Whether an invocation is of another event than those before it: S3 delivers at least once. The receives of one message
    /// are of one event.
    pub fn is_duplicate(&self, invocation: &Invocation) -> bool {
        let before = self.invocations.iter().take_while(|other| other.request_id != invocation.request_id);
        let message = |invocation: &Invocation| invocation.receive().map(|receive| receive.message_id.clone());
        let own = message(invocation);
        let mut before = before.map(message).peekable();
        before.peek().is_some() && (own.is_none() || before.all(|other| other != own))
    }
}

/// Whether all its attempts are over, and none succeeded.
fn has_failed(invocation: &Invocation) -> bool {
    invocation.attempts.iter().all(Attempt::failed)
}
