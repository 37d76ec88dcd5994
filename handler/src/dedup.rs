//! What this execution environment has already published, so that a retry does not publish it twice.
//!
//! Memory only, and bounded: S3 and Lambda deliver at least once, another environment may get the retry, and then the
//! subscribers can recognise the repetition by the notification's id. This must not be mistaken for exactly-once.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many publications are remembered. A retry comes within minutes, usually as the next event.
const CAPACITY: usize = 1024;

/// The latest publications of this environment.
#[derive(Debug, Default)]
pub struct Published {
    latest: Mutex<VecDeque<Publication>>,
}

/// One write that was published, and the id with which SNS accepted it.
#[derive(Debug)]
struct Publication {
    notification_id: String,
    sns_message_id: String,
}

impl Published {
    /// The SNS message id of this notification, if this environment has published it.
    pub fn find(&self, notification_id: &str) -> Option<String> {
        let latest = self.latest();
        // A thousand short comparisons cost less than the request that they save; newest first, as retries are recent.
        let publication = latest.iter().rev().find(|publication| publication.notification_id == notification_id)?;
        Some(publication.sns_message_id.clone())
    }

    /// Remembers a publication and forgets the oldest if there are too many.
    pub fn remember(&self, notification_id: String, sns_message_id: String) {
        let mut latest = self.latest();
        if latest.len() == CAPACITY {
            latest.pop_front();
        }
        latest.push_back(Publication { notification_id, sns_message_id });
    }

    /// A panic elsewhere leaves the list as it was between two of its operations, which is a valid list.
    fn latest(&self) -> MutexGuard<'_, VecDeque<Publication>> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_publication_is_found_again() {
        let published = Published::default();
        published.remember("write-1".to_owned(), "sns-1".to_owned());
        assert_eq!(published.find("write-1").as_deref(), Some("sns-1"));
        assert_eq!(published.find("write-2"), None);
    }

    #[test]
    fn the_oldest_is_forgotten_first() {
        let published = Published::default();
        for number in 0..=CAPACITY {
            published.remember(format!("write-{number}"), format!("sns-{number}"));
        }
        assert_eq!(published.find("write-0"), None);
        assert_eq!(published.find("write-1").as_deref(), Some("sns-1"));
        assert_eq!(published.find(&format!("write-{CAPACITY}")), Some(format!("sns-{CAPACITY}")));
        assert_eq!(published.latest().len(), CAPACITY);
    }
}
