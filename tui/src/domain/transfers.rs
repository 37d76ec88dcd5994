//! All of this process's uploads that S3 has not stored yet. The dashboard and the command `upload` keep theirs here: what
//! waits, what became of each, and what is sent again. It sends nothing: the caller that adds an upload asks `cloud/` for
//! it, which sends so many at the same time.

use std::ops::Deref;

use jiff::Timestamp;

use crate::domain::evidence::Fact;
use crate::domain::ids::UploadId;
use crate::domain::timeline::MAX_FACTS;
use crate::domain::transfer::{ObjectKey, Transfer, TransferState, Upload, UploadNews};
use crate::text::clean::Clean;

/// Uploads in the order in which they were asked for, which is that of their ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transfers(Vec<Transfer>);

impl Deref for Transfers {
    type Target = [Transfer];

    fn deref(&self) -> &[Transfer] {
        &self.0
    }
}

impl From<Vec<Transfer>> for Transfers {
    fn from(mut transfers: Vec<Transfer>) -> Self {
        transfers.sort_by_key(|transfer| transfer.id.0);
        Self(transfers)
    }
}

impl Transfers {
    /// Transfers that wait or are being sent at most; of each about ten facts come, and all of them are kept.
    pub const MOST: usize = MAX_FACTS / 10;

    /// Adds uploads, which wait for their turn; their sizes where they are known. Their ids are higher than those before.
    pub fn add(&mut self, uploads: impl ExactSizeIterator<Item = (UploadId, Upload, Option<u64>)>, now: Timestamp) {
        self.forget_oldest(uploads.len());
        self.0.extend(uploads.map(|(id, upload, size)| {
            let key = match &upload.key {
                ObjectKey::Named(key) => Clean::new(key),
                ObjectKey::Own { .. } => Clean::new("test image"),
            };
            Transfer { id, upload, key, size, sent: 0, began: now, moved: now, state: TransferState::Queued }
        }));
    }

    /// Makes room: of what was not stored the oldest goes first.
    fn forget_oldest(&mut self, coming: usize) {
        let mut surplus = (self.0.len() + coming).saturating_sub(Self::MOST.saturating_mul(2));
        self.0.retain(|transfer| {
            let goes = surplus > 0 && transfer.is_unfinished();
            surplus -= usize::from(goes);
            !goes
        });
    }

    /// One of them.
    pub fn find(&self, id: UploadId) -> Option<&Transfer> {
        self.0.get(self.position(id)?)
    }

    fn get_mut(&mut self, id: UploadId) -> Option<&mut Transfer> {
        let position = self.position(id)?;
        self.0.get_mut(position)
    }

    fn position(&self, id: UploadId) -> Option<usize> {
        self.0.binary_search_by_key(&id.0, |transfer| transfer.id.0).ok()
    }

    /// What became of one of them.
    pub fn apply(&mut self, id: UploadId, news: UploadNews, now: Timestamp) {
        let Some(transfer) = self.get_mut(id) else { return };
        transfer.state = match news {
            UploadNews::Began { key, size } => {
                (transfer.key, transfer.size) = (key, Some(size));
                (transfer.began, transfer.moved) = (now, now);
                TransferState::Sending
            }
            UploadNews::Held(problem) => TransferState::Held(problem),
            UploadNews::Failed(problem) => TransferState::Failed(problem),
            UploadNews::Exists => TransferState::Exists,
            UploadNews::Cancelled => TransferState::Cancelled,
            UploadNews::OutcomeUnknown(problem) => TransferState::OutcomeUnknown(problem),
        };
    }

    /// S3's answers among new facts end their uploads.
    pub fn learn(&mut self, facts: &[Fact]) {
        for fact in facts {
            if let Fact::Stored { upload, .. } = fact
                && let Some(transfer) = self.get_mut(*upload)
            {
                transfer.state = TransferState::Stored;
            }
        }
    }

    /// How many bytes of one of them were handed to the connection.
    pub fn progress(&mut self, id: UploadId, sent: u64, size: u64, now: Timestamp) {
        if let Some(transfer) = self.get_mut(id) {
            if transfer.sent != sent {
                transfer.moved = now;
            }
            (transfer.sent, transfer.size) = (sent, Some(size));
        }
    }

    /// Those that are still to be stored without anyone doing anything.
    pub fn under_way(&self) -> impl Iterator<Item = &Transfer> {
        self.0.iter().filter(|transfer| transfer.is_under_way())
    }

    /// Queues some of them again; they are what is to be sent.
    pub fn send_again(&mut self, now: Timestamp, which: impl Fn(&Transfer) -> bool) -> Vec<(UploadId, Upload)> {
        let again = self.0.iter_mut().filter(|transfer| which(transfer));
        again
            .map(|transfer| {
                (transfer.state, transfer.sent) = (TransferState::Queued, 0);
                (transfer.began, transfer.moved) = (now, now);
                (transfer.id, transfer.upload.clone())
            })
            .collect()
    }

    /// Queues an upload again that found an object of its key; now it overwrites.
    pub fn overwrite(&mut self, id: UploadId, now: Timestamp) -> Vec<(UploadId, Upload)> {
        if let Some(transfer) = self.get_mut(id) {
            transfer.upload.replace = true;
        }
        self.send_again(now, |transfer| transfer.id == id && transfer.state == TransferState::Exists)
    }

    /// Takes one off the list.
    pub fn remove(&mut self, id: UploadId) {
        self.0.retain(|transfer| transfer.id != id);
    }

    /// Takes all off the list.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Lets the stored ones go once nothing is under way any more: the queue that they are counted in is through.
    pub fn drop_stored(&mut self) {
        if self.under_way().next().is_none() {
            self.0.retain(|transfer| transfer.state != TransferState::Stored);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::problem::Problem;
    use crate::domain::problem::ProblemKind;
    use crate::domain::transfer::UploadSource;

    fn transfers(count: u64) -> Transfers {
        let upload = |number: u64| {
            let key = ObjectKey::Named(format!("{number}.png"));
            (UploadId(number), Upload { source: UploadSource::TestImage, key, replace: false }, None)
        };
        let mut transfers = Transfers::default();
        transfers.add((1..=count).map(upload).collect::<Vec<_>>().into_iter(), Timestamp::UNIX_EPOCH);
        transfers
    }

    #[test]
    fn each_news_changes_its_own_transfer() {
        let now = Timestamp::from_second(9).unwrap();
        let problem = Problem::new(ProblemKind::Unreachable, "no", "no");
        let cases = [
            (UploadNews::Began { key: "a".into(), size: 3 }, TransferState::Sending),
            (UploadNews::Held(problem.clone()), TransferState::Held(problem.clone())),
            (UploadNews::Failed(problem.clone()), TransferState::Failed(problem.clone())),
            (UploadNews::Exists, TransferState::Exists),
            (UploadNews::Cancelled, TransferState::Cancelled),
            (UploadNews::OutcomeUnknown(problem.clone()), TransferState::OutcomeUnknown(problem)),
        ];
        for (news, state) in cases {
            let mut all = transfers(3);
            all.apply(UploadId(2), news, now);
            assert_eq!(all.find(UploadId(2)).unwrap().state, state);
            assert!([1, 3].iter().all(|id| all.find(UploadId(*id)).unwrap().state == TransferState::Queued));
            all.apply(UploadId(4), UploadNews::Exists, now);
            assert_eq!(all.len(), 3, "news of an upload that is not on the list changes nothing");
        }
    }

    #[test]
    fn what_is_sent_again_starts_from_zero_and_overwrites_only_when_asked() {
        let now = Timestamp::from_second(9).unwrap();
        let mut all = transfers(2);
        all.apply(UploadId(1), UploadNews::Exists, now);
        all.apply(UploadId(2), UploadNews::Cancelled, now);
        all.progress(UploadId(2), 5, 10, now);
        let again = all.send_again(now, Transfer::can_be_resumed);
        assert_eq!(again.iter().map(|(id, _)| id.0).collect::<Vec<_>>(), [2]);
        assert_eq!(all.find(UploadId(2)).map(|transfer| (transfer.sent, transfer.began)), Some((0, now)));
        let over = all.overwrite(UploadId(1), now);
        assert!(over.len() == 1 && over[0].1.replace);
        assert_eq!(all.overwrite(UploadId(1), now), [], "it waits already");
    }

    #[test]
    fn stored_ones_stay_while_anything_is_under_way() {
        let mut all = transfers(2);
        all.0[0].state = TransferState::Stored;
        all.drop_stored();
        assert_eq!(all.len(), 2);
        all.apply(UploadId(2), UploadNews::Exists, Timestamp::UNIX_EPOCH);
        all.drop_stored();
        assert_eq!(all.iter().map(|transfer| transfer.id.0).collect::<Vec<_>>(), [2]);
    }
}
