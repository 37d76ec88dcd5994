//! Downloads of objects to files of this machine, and what such a file may be called. It moves no byte.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::domain::ids::DownloadId;
use crate::domain::transfer::{Download, file_name, left, per_second};
use crate::text::clean::Clean;

/// One download that has not come to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// What was asked for.
    pub download: Download,
    /// The file's path; `None` while it is being checked.
    pub to: Option<Clean>,
    /// Bytes in all: as listed, and once it comes, as S3 says.
    pub size: u64,
    /// Bytes that have come; `None` while it waits for its turn, or for the first answer.
    pub got: Option<u64>,
    /// When it was asked for, and once it comes, when that began.
    pub began: Timestamp,
}

impl Running {
    /// Bytes a second since the beginning.
    pub fn rate(&self, now: Timestamp) -> u64 {
        per_second(self.got.unwrap_or_default(), self.began, now)
    }

    /// Milliseconds that the rest takes at this rate; `None` while that is unknown.
    pub fn left_ms(&self, now: Timestamp) -> Option<u64> {
        left(self.size.saturating_sub(self.got?), self.rate(now))
    }
}

/// All downloads that have not come to their end.
#[derive(Debug, Default)]
pub struct Downloads {
    /// By their names.
    pub running: BTreeMap<DownloadId, Running>,
    /// The folder that is offered: the one that the program was started in.
    pub folder: String,
}

impl Downloads {
    /// Those whose file can be written: before that, the form is open and says how it stands.
    pub fn under_way(&self) -> impl Iterator<Item = (DownloadId, &Running)> {
        self.running.iter().filter(|(_, running)| running.to.is_some()).map(|(id, running)| (*id, running))
    }

    /// Those of a key, of whichever of its versions.
    pub fn of<'a>(&'a self, key: &'a Clean) -> impl Iterator<Item = (DownloadId, &'a Running)> {
        self.under_way().filter(move |(_, running)| running.download.key == *key)
    }

    /// The path that is offered for an object.
    pub fn offer(&self, key: &Clean) -> String {
        let folder = if self.folder.is_empty() { "." } else { self.folder.trim_end_matches('/') };
        format!("{folder}/{}", file_name(key.raw()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offer_lies_in_the_folder_whatever_the_key() {
        let downloads = Downloads { folder: "/home/ada".into(), ..Downloads::default() };
        assert_eq!(downloads.offer(&"../../etc/passwd".into()), "/home/ada/passwd");
        assert_eq!(Downloads { folder: "/".into(), ..Downloads::default() }.offer(&"a/b".into()), "/b");
        assert_eq!(Downloads::default().offer(&"a/b".into()), "./b");
    }
}
