//! What an object or a file looks like: a picture's pixels, a text's lines, or why there is neither.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use crate::text::clean::Clean;

/// One content of one object or file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PreviewId {
    /// An object of the bucket: another content has another entity tag.
    Object {
        key: Clean,
        /// Its entity tag.
        e_tag: Option<Clean>,
        /// The version, where it is not the current one.
        version: Option<Clean>,
    },
    /// A file of this machine: another content was written at another time.
    File {
        path: PathBuf,
        /// When it was written.
        modified: Option<Timestamp>,
    },
    /// A folder of this machine: it was written when something came or went in it.
    Folder {
        path: PathBuf,
        /// When it was written.
        modified: Option<Timestamp>,
    },
}

impl PreviewId {
    /// Whether it is on this machine, so that no connection is needed to look.
    pub fn is_here(&self) -> bool {
        !matches!(self, Self::Object { .. })
    }
}

/// What an object looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Preview {
    Picture(Picture),
    /// The start of a text.
    Text {
        lines: Vec<Clean>,
        /// Whether there is more of it.
        more: bool,
    },
    /// What is in a folder, hidden entries and what is in its folders aside.
    Folder {
        /// The first names: folders before files, and with a slash.
        names: Vec<Clean>,
        /// How many folders.
        folders: usize,
        /// How many files.
        files: usize,
        /// Bytes of these files.
        bytes: u64,
        /// How many hidden entries, which are none of those.
        hidden: usize,
        /// How many that are neither, or links to folders.
        others: usize,
        /// Whether there is more than was read.
        more: bool,
    },
    /// Nothing that can be shown, and why.
    Nothing(Clean),
}

/// An image, made small enough for a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// `PNG`, `JPEG` or another format.
    pub format: &'static str,
    /// The image's own size in pixels, the right way up.
    pub size: (u32, u32),
    /// Whether its EXIF data said to turn or mirror it.
    pub turned: bool,
    /// Whether the file ends before the image does: what is missing is grey.
    pub ends_early: bool,
    pub pixels: Arc<Pixels>,
}

/// What S3 says of an object beside its content; listings leave it out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// `Content-Type`, as the uploader gave it.
    pub content_type: Option<Clean>,
    /// The version, where the bucket keeps versions.
    pub version_id: Option<Clean>,
}

/// Rows of pixels, four bytes each: red, green, blue, opacity.
#[derive(Debug, PartialEq, Eq)]
pub struct Pixels {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// `4 * width * height` bytes.
    pub rgba: Vec<u8>,
}
