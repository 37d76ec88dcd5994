//! What joins an invocation to an upload, the weakest first.

use serde::Serialize;

/// What joins an invocation to an upload. Scripts read the names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// It names no object, no other upload and no other invocation came at that time, and a listing shows no other new object.
    Time,
    /// It names the entity tag, and no other object in flight has the same.
    #[serde(rename = "etag")]
    ETag,
    /// It names the last part of the key, and no other object in flight has the same.
    KeyPart,
    /// It names the key, and no other write of it is in flight.
    Key,
    /// It names the key and the entity tag.
    #[serde(rename = "key_and_etag")]
    KeyAndETag,
    /// It names the version that the upload made.
    VersionId,
    /// It names S3's id of the request that wrote the object.
    #[serde(rename = "s3_request_id")]
    S3RequestId,
}

impl Basis {
    /// Whether one id stands on both sides.
    pub fn is_exact(self) -> bool {
        matches!(self, Self::S3RequestId | Self::VersionId)
    }

    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::ETag => "etag",
            Self::KeyPart => "key_part",
            Self::Key => "key",
            Self::KeyAndETag => "key_and_etag",
            Self::VersionId => "version_id",
            Self::S3RequestId => "s3_request_id",
        }
    }

    /// What the log of the invocation names.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::S3RequestId => "the log of the invocation names the S3 request id of the upload",
            Self::VersionId => "the log of the invocation names the version that the upload made",
            Self::KeyAndETag => "the log of the invocation names the key and the entity tag",
            Self::Key => "the log of the invocation names the key; imgwatch had no other upload to it in progress",
            Self::KeyPart => {
                "the log of the invocation names the last part of the key; no other upload in progress has it"
            }
            Self::Time => {
                "probably: the log names no known object; no other upload, invocation or new object was there at the time"
            }
            Self::ETag => "the log of the invocation names the entity tag; no other upload in progress has it",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_read_these_names() {
        let all = [
            Basis::Time,
            Basis::ETag,
            Basis::KeyPart,
            Basis::Key,
            Basis::KeyAndETag,
            Basis::VersionId,
            Basis::S3RequestId,
        ];
        let names =
            serde_json::json!(["time", "etag", "key_part", "key", "key_and_etag", "version_id", "s3_request_id"]);
        assert_eq!(serde_json::to_value(all).unwrap(), names);
        assert_eq!(serde_json::json!(all.map(Basis::name)), names);
        assert!(all.is_sorted(), "the weakest first");
    }
}
