//! Incomplete multipart uploads: parts that S3 keeps, and that no object has.

use std::fmt;

use jiff::Timestamp;

use crate::text::clean::Clean;
use crate::text::size::count;

/// One that this program has begun, and that may be left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// Where.
    pub bucket: Clean,
    /// The key that the object was to have.
    pub key: Clean,
    /// `None` where S3's answer did not come.
    pub upload_id: Option<Clean>,
    /// Options of the AWS CLI that lead to the same place: endpoint, profile, region.
    pub options: Vec<String>,
}

impl fmt::Display for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bucket, key, upload_id, options } = self;
        match upload_id {
            Some(id) => {
                let command = abort_command(options, bucket, key, id);
                write!(f, "the parts of {key} may be left in bucket {bucket}; remove them with `{command}`")
            }
            None => write!(
                f,
                "an incomplete upload of {key} may be left in bucket {bucket}; `imgwatch doctor` lists what is there"
            ),
        }
    }
}

/// All of a bucket, as far as they were listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Incomplete {
    /// How many were listed.
    pub count: usize,
    /// Whether there are more.
    pub is_more: bool,
    /// When the oldest of them began.
    pub oldest: Option<Timestamp>,
    /// Key, upload id and beginning of the oldest ones.
    pub first: Vec<(Clean, Clean, Option<Timestamp>)>,
}

impl Incomplete {
    /// So many are named.
    pub const NAMED: usize = 5;

    /// `2 incomplete multipart uploads`.
    pub fn counted(&self) -> String {
        let more = if self.is_more { "more than " } else { "" };
        let plural = if self.count == 1 { "" } else { "s" };
        format!("{more}{} incomplete multipart upload{plural}", count(self.count))
    }
}

/// The command that removes one.
fn abort_command(options: &[String], bucket: &Clean, key: &Clean, upload_id: &Clean) -> String {
    let words = ["s3api", "abort-multipart-upload", "--bucket", bucket.raw(), "--key", key.raw()];
    let options = options.iter().map(String::as_str);
    shell_words::join(["aws"].into_iter().chain(options).chain(words).chain(["--upload-id", upload_id.raw()]))
}
