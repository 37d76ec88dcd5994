//! Receipt handles: which receive of which message of which queue.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// A new handle; each receive of a message gets another one.
pub(crate) fn issue(queue_arn: &str, number: u64, message_id: &str) -> String {
    BASE64_STANDARD.encode(format!("{queue_arn} {number} {message_id} {}", uuid::Uuid::new_v4()))
}

/// The message's number in the queue, when `handle` was issued by that queue.
pub(crate) fn read(queue_arn: &str, handle: &str) -> Option<u64> {
    let text = String::from_utf8(BASE64_STANDARD.decode(handle).ok()?).ok()?;
    let mut parts = text.split(' ');
    (parts.next()? == queue_arn).then_some(())?;
    parts.next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_the_queue_that_issued_a_handle_reads_it() {
        let handle = super::issue("arn:a", 7, "id");
        assert_eq!(super::read("arn:a", &handle), Some(7));
        assert_eq!(super::read("arn:b", &handle), None);
        assert_eq!(super::read("arn:a", "not a handle"), None);
        assert_ne!(handle, super::issue("arn:a", 7, "id"));
    }
}
