//! The inbox is bounded, and its numbers are not.

use super::{Inbox, Letter, MOST};

#[test]
fn the_newest_letters_stay_and_numbers_grow() {
    let inbox = Inbox::new(None).expect("no SMTP");
    for number in 0..MOST + 5 {
        inbox.deliver(Letter::new("sms", "+15551234567", "", number.to_string()));
    }
    let numbers: Vec<u64> = inbox.after(0).iter().map(|letter| letter.number).collect();
    let newest = (MOST + 5) as u64;
    assert_eq!(numbers, (6..=newest).collect::<Vec<u64>>());
    assert_eq!(inbox.after(newest - 2).len(), 2);
    assert!(inbox.after(newest).is_empty() && inbox.after(newest + 7).is_empty());
}
