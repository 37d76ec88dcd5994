//! One queue: its messages, in the order in which they become visible.
//!
//! It knows no protocol. The time is passed in, so that one request sees one time.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

use super::attribute::Attributes;
use super::settings::Settings;
use crate::common::budget::Amount;

/// Most bytes of message bodies and attributes that a queue keeps. AWS has no such limit; this machine's memory has.
const CAPACITY: usize = 256 << 20;
/// Most messages in flight, as on AWS.
const IN_FLIGHT: usize = 120_000;

#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) body: String,
    pub(crate) attributes: Attributes,
    /// `AWSTraceHeader`.
    pub(crate) trace_header: Option<String>,
    /// `MessageGroupId`, which has no effect on the order of a standard queue.
    pub(crate) group: Option<String>,
    /// The sender: an account, or the name of a service.
    pub(crate) sender: String,
    pub(crate) sent: Timestamp,
    pub(crate) first_received: Option<Timestamp>,
    pub(crate) received: u32,
    /// The queue whose dead-letter queue it is in.
    pub(crate) source_queue: Option<String>,
}

impl Message {
    fn size(&self) -> usize {
        self.body.len() + super::attribute::size(&self.attributes)
    }
}

struct Slot {
    message: Message,
    visible_at: Timestamp,
    /// The last receipt handle; older ones no longer delete.
    receipt: Option<String>,
}

/// Counts of `GetQueueAttributes`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) visible: usize,
    pub(crate) in_flight: usize,
    pub(crate) delayed: usize,
}

#[derive(Debug, Default)]
pub(crate) struct Taken {
    /// Messages with their receipt handles.
    pub(crate) messages: Vec<(String, Message)>,
    /// Messages that were received too often; they go to the dead-letter queue.
    pub(crate) dead: Vec<Message>,
    /// When the next message becomes visible.
    pub(crate) next: Option<Timestamp>,
}

/// How many messages a receive takes, and for how long they are then hidden.
#[derive(Debug, Clone)]
pub(crate) struct Take {
    pub(crate) most: usize,
    /// Most bytes of bodies; one message alone may have more.
    pub(crate) most_bytes: usize,
    pub(crate) visibility: SignedDuration,
    /// Messages that were received this often go to the dead-letter queue; `None` without one.
    pub(crate) max_receives: Option<u32>,
}

/// The message was deleted, or was received again since.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Gone;

#[derive(Default)]
struct Messages {
    slots: HashMap<u64, Slot>,
    /// The order of delivery: when visible, then by arrival.
    order: BTreeSet<(Timestamp, u64)>,
    arrivals: BTreeMap<u64, Timestamp>,
    next: u64,
    bytes: usize,
}

impl Messages {
    fn insert(&mut self, message: Message, visible_at: Timestamp) {
        let number = self.next;
        self.next += 1;
        self.bytes += message.size();
        self.order.insert((visible_at, number));
        self.arrivals.insert(number, message.sent);
        self.slots.insert(number, Slot { message, visible_at, receipt: None });
    }

    fn remove(&mut self, number: u64) -> Option<Message> {
        let slot = self.slots.remove(&number)?;
        self.order.remove(&(slot.visible_at, number));
        self.arrivals.remove(&number);
        self.bytes = self.bytes.saturating_sub(slot.message.size());
        Some(slot.message)
    }

    fn expire(&mut self, sent_before: Timestamp) {
        while let Some((&number, &sent)) = self.arrivals.first_key_value()
            && sent < sent_before
        {
            self.remove(number);
        }
    }

    fn reschedule(&mut self, number: u64, visible_at: Timestamp) {
        if let Some(slot) = self.slots.get_mut(&number) {
            self.order.remove(&(slot.visible_at, number));
            slot.visible_at = visible_at;
            self.order.insert((visible_at, number));
        }
    }

    /// The messages that are visible now, earliest first.
    fn visible(&self, now: Timestamp) -> impl Iterator<Item = u64> {
        self.order.range(..=(now, u64::MAX)).map(|(_, number)| *number)
    }
}

pub(crate) struct Queue {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) url: String,
    pub(crate) settings: Mutex<Settings>,
    messages: Mutex<Messages>,
    /// Wakes every waiting receive: messages came, or the queue was deleted.
    pub(crate) changed: Notify,
}

impl Queue {
    pub(crate) fn new(name: &str, arn: String, url: String, settings: Settings) -> Self {
        let (settings, messages) = (Mutex::new(settings), Mutex::default());
        Self { name: name.to_owned(), arn, url, settings, messages, changed: Notify::new() }
    }

    pub(crate) fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self, now: Timestamp) -> MutexGuard<'_, Messages> {
        let retention = self.settings().retention();
        let mut messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        messages.expire(now.checked_sub(retention).unwrap_or(Timestamp::MIN));
        messages
    }

    /// Adds a message; `false` when the queue is full.
    pub(crate) fn push(&self, message: Message, now: Timestamp, delay: SignedDuration) -> bool {
        let mut messages = self.lock(now);
        if messages.bytes + message.size() > CAPACITY {
            return false;
        }
        messages.insert(message, later(now, delay));
        drop(messages);
        self.changed.notify_waiters();
        true
    }

    /// Takes visible messages, or none when too many are in flight.
    pub(crate) fn take(&self, now: Timestamp, how: &Take) -> Taken {
        let mut messages = self.lock(now);
        let mut taken = Taken::default();
        let candidates: Vec<u64> = if messages.order.len() > IN_FLIGHT && in_flight(&messages, now) >= IN_FLIGHT {
            Vec::new()
        } else {
            messages.visible(now).take(how.most * 8).collect()
        };
        let mut bytes = 0;
        for number in candidates {
            let Some((received, size)) =
                messages.slots.get(&number).map(|slot| (slot.message.received, slot.message.body.len()))
            else {
                continue;
            };
            let is_full = !taken.messages.is_empty() && bytes + size > how.most_bytes;
            if taken.messages.len() == how.most || is_full {
                break;
            }
            if how.max_receives.is_some_and(|most| received >= most) {
                taken.dead.extend(messages.remove(number));
                continue;
            }
            bytes += size;
            messages.reschedule(number, later(now, how.visibility));
            if let Some(slot) = messages.slots.get_mut(&number) {
                slot.message.received += 1;
                slot.message.first_received.get_or_insert(now);
                let receipt = receipt_handle(&self.arn, number, &slot.message);
                slot.receipt = Some(receipt.clone());
                taken.messages.push((receipt, slot.message.clone()));
            }
        }
        taken.next = messages.order.first().map(|(visible_at, _)| *visible_at);
        taken
    }

    /// Deletes the message that was received with this handle, also where it was received again since, as AWS does in a
    /// standard queue.
    pub(crate) fn delete(&self, now: Timestamp, number: u64, receipt: &str) {
        let mut messages = self.lock(now);
        if messages.slots.get(&number).is_some_and(|slot| is_of(receipt, &slot.message)) {
            messages.remove(number);
        }
    }

    /// Changes the visibility timeout of a message, also after it has run out, as on AWS.
    /// Errors: the handle is not that of the last receive.
    pub(crate) fn change_visibility(
        &self,
        now: Timestamp,
        number: u64,
        receipt: &str,
        hidden: SignedDuration,
    ) -> Result<(), Gone> {
        let mut messages = self.lock(now);
        messages.slots.get(&number).filter(|slot| slot.receipt.as_deref() == Some(receipt)).ok_or(Gone)?;
        messages.reschedule(number, later(now, hidden));
        drop(messages);
        self.changed.notify_waiters();
        Ok(())
    }

    pub(crate) fn purge(&self) {
        *self.messages.lock().unwrap_or_else(PoisonError::into_inner) = Messages::default();
    }

    /// The age of the oldest message in seconds, 0 without one.
    pub(crate) fn oldest(&self, now: Timestamp) -> u64 {
        let sent = self.lock(now).arrivals.values().min().copied();
        sent.map_or(0, |sent| u64::try_from(now.duration_since(sent).as_secs()).unwrap_or(0))
    }

    pub(crate) fn held(&self, now: Timestamp) -> Amount {
        let messages = self.lock(now);
        Amount { items: messages.slots.len(), bytes: messages.bytes }
    }

    pub(crate) fn counts(&self, now: Timestamp) -> Counts {
        let messages = self.lock(now);
        let visible = messages.visible(now).count();
        let in_flight = in_flight(&messages, now);
        Counts { visible, in_flight, delayed: messages.order.len() - visible - in_flight }
    }
}

fn in_flight(messages: &Messages, now: Timestamp) -> usize {
    let hidden = messages.order.range((now, u64::MAX)..).filter(|(visible_at, _)| *visible_at > now);
    hidden.filter(|(_, number)| messages.slots.get(number).is_some_and(|slot| slot.receipt.is_some())).count()
}

fn later(now: Timestamp, wait: SignedDuration) -> Timestamp {
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

/// Each receive of a message has another handle: it holds how often the message was received.
fn receipt_handle(queue_arn: &str, number: u64, message: &Message) -> String {
    BASE64_STANDARD.encode(format!("{queue_arn} {number} {} {}", message.id, message.received))
}

/// Whether the handle was given for this message. After a purge, numbers start again and ids do not.
fn is_of(receipt: &str, message: &Message) -> bool {
    let text = BASE64_STANDARD.decode(receipt).ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    text.split(' ').nth(2) == Some(message.id.as_str())
}

/// The message's number in the queue, where this queue issued the handle.
pub(crate) fn receipt_number(queue_arn: &str, handle: &str) -> Option<u64> {
    let text = String::from_utf8(BASE64_STANDARD.decode(handle).ok()?).ok()?;
    let mut parts = text.split(' ');
    (parts.next()? == queue_arn).then_some(())?;
    parts.next()?.parse().ok()
}
