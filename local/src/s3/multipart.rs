//! Multipart uploads.

/// The uploads of one bucket that are under way.
#[derive(Debug, Default)]
pub(crate) struct Uploads {}
