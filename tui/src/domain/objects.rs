//! Objects of the bucket, and what S3 keeps of their versions.

mod page;

use jiff::Timestamp;

use super::preview::PreviewId;
use crate::text::clean::Clean;

pub use page::Page;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    pub key: Clean,
    /// Bytes.
    pub size: u64,
    /// When S3 wrote it.
    pub modified: Timestamp,
    /// Entity tag without quotes.
    pub e_tag: Option<Clean>,
}

impl Object {
    /// Names its content, with its bytes.
    pub fn content(&self) -> (PreviewId, u64) {
        (self.preview_id(), self.size)
    }

    /// Names its content.
    pub fn preview_id(&self) -> PreviewId {
        PreviewId::Object { key: self.key.clone(), e_tag: self.e_tag.clone(), version: None }
    }
}

/// The order in which the pages of a listing come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ListingOrder {
    /// As S3 answers: no page waits for another one.
    #[default]
    AsTheyCome,
    /// By key, as S3 lists.
    ByKey,
}

/// Versions that are listed of a key, the newest ones.
pub const MOST: usize = 1_000;

/// S3's name for a version that was written while the bucket kept none.
const NULL: &str = "null";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub id: Clean,
    /// When S3 wrote it.
    pub at: Timestamp,
    /// Whether it is the newest one.
    pub is_latest: bool,
    /// What was written; nothing for a delete marker.
    pub content: Option<Content>,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Bytes.
    pub size: u64,
    /// Entity tag without quotes.
    pub e_tag: Option<Clean>,
}

impl Version {
    /// Whether it was written while the bucket kept no versions.
    pub fn is_null(&self) -> bool {
        self.id.raw() == NULL
    }
}

/// An entity tag without the quotes that S3's API puts around it, as events name it.
pub fn e_tag(quoted: &str) -> Clean {
    Clean::new(quoted.trim_matches('"'))
}
