//! The inbox is bounded, and its numbers are not.

use super::{Inbox, Letter, MOST, MOST_BYTES};

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

#[test]
fn large_letters_push_out_the_oldest() {
    let inbox = Inbox::new(None).expect("no SMTP");
    let deliver = |bytes: usize| inbox.deliver(Letter::new("email", "ann@example.com", "", "x".repeat(bytes)));
    let numbers = || inbox.after(0).iter().map(|letter| letter.number).collect::<Vec<u64>>();
    for _ in 0..4 {
        deliver(MOST_BYTES / 4);
    }
    assert_eq!(numbers(), [1, 2, 3, 4], "so many bytes are kept");
    deliver(1);
    assert_eq!(numbers(), [2, 3, 4, 5]);
    deliver(MOST_BYTES + 1);
    assert_eq!(numbers(), [6], "the newest stays, however large it is");
}
