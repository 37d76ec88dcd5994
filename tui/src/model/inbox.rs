//! The Inbox panel: mail and SMS that the local cloud "sent". AWS has no such thing.

use super::filter::Filter;
use super::selection::Selection;
use crate::domain::inbox::Letter;

/// The Inbox panel.
#[derive(Debug, Default)]
pub struct Inbox {
    /// Whether the endpoint has an inbox at all.
    pub available: bool,
    /// Newest first.
    pub letters: Vec<Letter>,
    /// What `/` narrows the list to.
    pub filter: Filter,
    /// The row under the cursor, among those that match.
    pub selection: Selection,
    /// The selected letter's number, so that new ones do not move the selection.
    pub selected: Option<u64>,
}

/// Letters kept; the oldest go first.
pub const MAX_LETTERS: usize = 2_000;

impl Inbox {
    /// Adds letters; one that is known already changes nothing.
    ///
    /// A local cloud that was started again counts from one again, so that a number alone names no letter.
    pub fn receive(&mut self, letters: Vec<Letter>) {
        let name = |letter: &Letter| (letter.at, letter.number);
        for letter in letters {
            let place = self.letters.partition_point(|known| name(known) > name(&letter));
            if self.letters.get(place).is_none_or(|known| name(known) != name(&letter)) {
                self.letters.insert(place, letter);
            }
        }
        self.letters.truncate(MAX_LETTERS);
    }

    /// Those that match the filter, newest first.
    pub fn visible(&self) -> impl Iterator<Item = &Letter> {
        self.letters.iter().filter(|letter| {
            self.filter.matches(letter.to.shown())
                || letter.line().is_some_and(|line| self.filter.matches(line.shown()))
        })
    }

    /// A letter by its number; what the filter hides is found as well.
    ///
    /// Of two clouds' letters with one number it is the selected one, as long as that is in the list.
    pub fn letter(&self, number: u64) -> Option<&Letter> {
        let selected = self.selected().filter(|letter| letter.number == number);
        selected.or_else(|| self.letters.iter().find(|letter| letter.number == number))
    }

    /// The one under the cursor.
    pub fn selected(&self) -> Option<&Letter> {
        self.visible().nth(self.selection.cursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn letter(number: u64, at: i64) -> Letter {
        Letter {
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
        inbox.receive(vec![letter(1, 10), letter(2, 20)]);
        inbox.receive(vec![letter(1, 30), letter(2, 40), letter(3, 40)]);
        inbox.receive(vec![letter(2, 20), letter(2, 40)]);
        let found: Vec<_> = inbox.letters.iter().map(|letter| (letter.number, letter.at.as_second())).collect();
        assert_eq!(found, [(3, 40), (2, 40), (1, 30), (2, 20), (1, 10)], "newest first, each once");
    }
}
