//! Downloads: objects on their way to files of this machine, and what such a file may be called. It moves no byte.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::problem::Problem;
use super::uploads::transfer::{left, per_second};
use crate::effect::Download;
use crate::text::clean::{Clean, is_harmful};

/// Names one download of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DownloadId(pub u64);

/// What became of a download.
#[derive(Debug, Clone)]
pub enum DownloadNews {
    /// The file can be written: the object comes as soon as it has its turn.
    Began {
        /// The file's path.
        to: Clean,
    },
    /// Something of that name is there already, and was not to be overwritten.
    Exists {
        /// Its path.
        to: Clean,
    },
    /// The whole object has come.
    Done {
        /// The file's path.
        to: Clean,
        /// Bytes.
        size: u64,
        /// Entity tag without quotes.
        e_tag: Option<Clean>,
    },
    /// It went wrong, and left nothing.
    Failed(Problem),
    /// It was stopped, and left nothing.
    Cancelled,
}

/// One download that has not come to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// What was asked for.
    pub download: Download,
    /// The file's path; `None` while it is looked at.
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

    /// Milliseconds that the rest takes at this rate; `None` while there is no telling.
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

/// Bytes that file systems take for a name.
const NAME_MOST: usize = 255;

/// What a file of a key's object is called: the last part of the key that is a name, and never a way to another folder.
///
/// What terminals act on or hide is replaced, as is what parts paths on any system.
pub fn file_name(key: &str) -> String {
    let last = key.rsplit('/').find(|part| !matches!(part.trim(), "" | "." | ".."));
    let is_unfit = |c: char| is_harmful(c) || c == '\\' || (cfg!(windows) && "<>:\"|?*".contains(c));
    let name: String = last.unwrap_or("object").chars().map(|c| if is_unfit(c) { '_' } else { c }).collect();
    // The end tells what it is.
    let surplus = name.len().saturating_sub(NAME_MOST);
    let start = (surplus..=name.len()).find(|at| name.is_char_boundary(*at)).unwrap_or(0);
    name.get(start..).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_ends_as_a_plain_file_name() {
        let cases = [
            ("photos/2026/cat.png", "cat.png"),
            ("cat.png", "cat.png"),
            ("写真/東京 タワー.png", "東京 タワー.png"),
            ("../../etc/passwd", "passwd"),
            ("/etc/passwd", "passwd"),
            ("a/", "a"),
            ("a/..", "a"),
            ("a/b/../", "b"),
            ("..", "object"),
            ("/", "object"),
            ("a/ ", "a"),
            ("a\\..\\b", "a_.._b"),
            ("\u{1b}]0;x\u{7}\n.png", "_]0;x__.png"),
            ("\u{202e}gnp.exe", "_gnp.exe"),
            ("a/nul\0.png", "nul_.png"),
        ];
        for (key, name) in cases {
            assert_eq!(file_name(key), name, "{key:?}");
        }
        let long = file_name(&format!("{}.png", "é".repeat(300)));
        assert!(long.len() <= NAME_MOST && long.ends_with("é.png"), "{long}");
    }

    #[test]
    fn the_offer_lies_in_the_folder_whatever_the_key() {
        let downloads = Downloads { folder: "/home/ada".into(), ..Downloads::default() };
        assert_eq!(downloads.offer(&"../../etc/passwd".into()), "/home/ada/passwd");
        assert_eq!(Downloads { folder: "/".into(), ..Downloads::default() }.offer(&"a/b".into()), "/b");
        assert_eq!(Downloads::default().offer(&"a/b".into()), "./b");
    }
}
