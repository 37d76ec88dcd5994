//! The Inbox panel: mail and SMS that the local cloud "sent". AWS has no such thing.

use super::filter::Filter;
use super::selection::Selection;
use crate::domain::inbox::InboxMessage;
use crate::text::clean::Clean;

#[derive(Debug, Default)]
pub struct Inbox {
    /// Whether the endpoint has an inbox at all.
    pub available: bool,
    /// Newest first.
    pub messages: Vec<InboxMessage>,
    /// What `/` narrows the list to.
    pub filter: Filter,
    /// The row under the cursor, among those that match.
    pub selection: Selection,
    /// The selected message's number, so that new ones do not move the selection.
    pub selected: Option<u64>,
}

/// Messages kept; the oldest go first.
pub const MAX_MESSAGES: usize = 2_000;

impl Inbox {
    /// Adds messages; one that is known already changes nothing.
    ///
    /// A local cloud that was started again counts from one again, so that a number alone names no message.
    pub fn receive(&mut self, messages: Vec<InboxMessage>) {
        let name = |message: &InboxMessage| (message.at, message.number);
        for message in messages {
            let place = self.messages.partition_point(|known| name(known) > name(&message));
            if self.messages.get(place).is_none_or(|known| name(known) != name(&message)) {
                self.messages.insert(place, message);
            }
        }
        self.messages.truncate(MAX_MESSAGES);
    }

    /// Those that match the filter, newest first.
    pub fn visible(&self) -> impl Iterator<Item = &InboxMessage> {
        self.messages.iter().filter(|message| {
            self.filter.matches_any(|| std::iter::once(&message.to).chain(message.line()).map(Clean::shown))
        })
    }

    /// A message by its number; what the filter hides is found as well.
    ///
    /// Of two clouds' messages with one number it is the selected one, as long as that is in the list.
    pub fn message(&self, number: u64) -> Option<&InboxMessage> {
        let selected = self.selected().filter(|message| message.number == number);
        selected.or_else(|| self.messages.iter().find(|message| message.number == number))
    }

    /// The one under the cursor.
    pub fn selected(&self) -> Option<&InboxMessage> {
        self.visible().nth(self.selection.cursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn message(number: u64, at: i64) -> InboxMessage {
        InboxMessage {
            number,
            protocol: "email".into(),
            to: "ada@example.com".into(),
            subject: None,
            body: Vec::new(),
            at: Timestamp::from_second(at).unwrap(),
            message_id: None,
            confirmation: None,
        }
    }

    #[test]
    fn letters_of_a_cloud_that_was_started_again_are_new() {
        let mut inbox = Inbox::default();
        inbox.receive(vec![message(1, 10), message(2, 20)]);
        inbox.receive(vec![message(1, 30), message(2, 40), message(3, 40)]);
        inbox.receive(vec![message(2, 20), message(2, 40)]);
        let found: Vec<_> = inbox.messages.iter().map(|message| (message.number, message.at.as_second())).collect();
        assert_eq!(found, [(3, 40), (2, 40), (1, 30), (2, 20), (1, 10)], "newest first, each once");
    }
}
