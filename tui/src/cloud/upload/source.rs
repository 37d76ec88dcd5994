//! What an upload writes: a test image made here, or a file as it is on disk.

use std::ffi::OsStr;
use std::fs::File;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use imgwatch_shared::media_type;
use jiff::Timestamp;

use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::transfer::{ObjectKey, Upload, UploadSource};

/// What is to be written, ready to be sent.
pub(super) struct Job {
    pub(super) key: String,
    pub(super) content_type: String,
    /// Bytes.
    pub(super) size: u64,
    /// When the file was written.
    modified: Option<SystemTime>,
    pub(super) body: Body,
}

impl Job {
    /// The same once more, where it was made here.
    pub(super) fn again(&self) -> Option<Self> {
        let Body::Memory(bytes) = &self.body else { return None };
        let (key, content_type) = (self.key.clone(), self.content_type.clone());
        Some(Self { key, content_type, size: self.size, modified: None, body: Body::Memory(bytes.clone()) })
    }

    /// Whether a file is still the one that was checked before its bytes were sent.
    pub(super) async fn is_unchanged(&self) -> Result<(), Problem> {
        let Body::File(path) = &self.body else { return Ok(()) };
        let metadata = tokio::fs::metadata(path).await.map_err(|error| unreadable(path, &reason(&error)))?;
        if metadata.len() == self.size && metadata.modified().ok() == self.modified {
            return Ok(());
        }
        let changed = unreadable(path, "it changed while it was being sent");
        Err(Problem { kind: ProblemKind::Changed, ..changed }.with_hint("send it again when it is complete"))
    }
}

/// Where the bytes come from.
pub(super) enum Body {
    Memory(Vec<u8>),
    File(PathBuf),
}

impl Body {
    /// All of it in one body that can be sent again.
    pub(super) async fn whole(&self) -> Result<SdkBody, Problem> {
        match self {
            Self::Memory(bytes) => Ok(SdkBody::from(bytes.as_slice())),
            Self::File(path) => match ByteStream::from_path(path).await {
                Ok(stream) => Ok(stream.into_inner()),
                Err(error) => Err(unreadable(path, &error.to_string())),
            },
        }
    }

    /// The file; only files are large enough to be sent in parts.
    pub(super) fn path(&self) -> Result<&Path, Problem> {
        match self {
            Self::File(path) => Ok(path),
            Self::Memory(_) => Err(unreadable(Path::new("the test image"), "it is not a file")),
        }
    }
}

/// What is to be written.
pub(super) async fn job(upload: &Upload) -> Result<Job, Problem> {
    let mut job = match &upload.source {
        // Drawing takes milliseconds of a processor, more than a task may keep its thread for.
        UploadSource::TestImage => match tokio::task::spawn_blocking(test_image).await {
            Ok(job) => job,
            Err(error) => Err(undrawn(&error.to_string())),
        }?,
        UploadSource::File(path) => file(path).await?,
        UploadSource::Nameless(path) => return Err(nameless(path)),
    };
    match &upload.key {
        ObjectKey::Own { prefix } => job.key.insert_str(0, prefix),
        ObjectKey::Named(key) => job.key.clone_from(key),
    }
    Ok(job)
}

async fn file(path: &Path) -> Result<Job, Problem> {
    let metadata = tokio::fs::metadata(path).await.map_err(|error| unreadable(path, &reason(&error)))?;
    if metadata.is_dir() {
        return Err(unreadable(path, "it is a directory, not a file"));
    }
    if !metadata.is_file() {
        return Err(unreadable(path, "it is not a regular file"));
    }
    let (of_task, size) = (path.to_owned(), metadata.len());
    let checked = tokio::task::spawn_blocking(move || check_content(&of_task, size)).await;
    checked.map_err(|error| error.to_string()).flatten().map_err(|why| unreadable(path, &why))?;
    let Some(name) = path.file_name() else { return Err(unreadable(path, "it has no file name")) };
    let key = name.to_string_lossy().into_owned();
    Ok(Job {
        key,
        content_type: content_type(path),
        size,
        modified: metadata.modified().ok(),
        body: Body::File(path.to_owned()),
    })
}

/// Checks that a regular file can be read, and has the content that its size says; returns why not.
pub(super) fn check_content(path: &Path, size: u64) -> Result<(), String> {
    /// The system makes the files of `/proc` and `/sys` when they are read, and gives them a size of 0 or of one page.
    const PAGE_MAX: u64 = 64 * 1024;
    // Metadata can be read where content cannot.
    let mut file = File::open(path).map_err(|error| reason(&error))?;
    if size > PAGE_MAX {
        return Ok(());
    }
    let last = file.seek(SeekFrom::Start(size.saturating_sub(1))).and_then(|_| file.read(&mut [0]));
    match last.map_err(|error| reason(&error))? {
        0 if size > 0 => Err(format!("it has less content than its size of {size} bytes: upload a copy of it")),
        1 if size == 0 => Err("its size is 0 bytes, but it has content: upload a copy of it".to_owned()),
        _ => Ok(()),
    }
}

/// The content type of a file, by its name.
pub(super) fn content_type(path: &Path) -> String {
    let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    media_type::of_extension(extension).unwrap_or("application/octet-stream").to_owned()
}

pub(in crate::cloud) fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "there is no such file".to_owned(),
        ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

/// A file whose metadata cannot be read.
pub(in crate::cloud) fn unshowable(path: &Path, why: &str) -> Problem {
    Problem::new(ProblemKind::File, format!("cannot read {}", path.to_string_lossy()), why)
}

/// A file that cannot be uploaded.
pub(super) fn unreadable(path: &Path, why: &str) -> Problem {
    let what = format!("cannot upload {}", path.to_string_lossy());
    Problem::new(ProblemKind::File, what.trim_end(), why).with_hint("give the path of a readable file")
}

/// A file whose name makes no key.
pub(super) fn nameless(path: &Path) -> Problem {
    unreadable(path, "its name is not UTF-8, as a key is").with_hint("upload it alone, with a key of its own")
}

const WIDTH: u32 = 640;
const HEIGHT: u32 = 400;

/// A gradient whose colours differ with each call, so that every upload has an entity tag of its own.
fn test_image() -> Result<Job, Problem> {
    /// Test images of one process differ by counting, those of several by where they begin.
    static NUMBER: LazyLock<AtomicU64> = LazyLock::new(|| AtomicU64::new(RandomState::new().hash_one(0u8)));
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let now = Timestamp::now();
    let bytes = gradient(number, now).map_err(|error| undrawn(&error.to_string()))?;
    Ok(Job {
        key: format!("test-{}-{:04x}.png", now.strftime("%Y%m%d-%H%M%S"), number & 0xFFFF),
        content_type: "image/png".to_owned(),
        size: bytes.len() as u64,
        modified: None,
        body: Body::Memory(bytes),
    })
}

fn undrawn(why: &str) -> Problem {
    Problem::new(ProblemKind::Internal, "cannot make a test image", why).with_hint("upload a file instead")
}

fn gradient(number: u64, now: Timestamp) -> Result<Vec<u8>, png::EncodingError> {
    let [red, green, blue, ..] = number.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes();
    let shade = |from: u8, position: u32, length: u32| {
        u8::try_from((u32::from(from) + position * 255 / length) % 256).unwrap_or_default()
    };
    let mut pixels = Vec::with_capacity((WIDTH * HEIGHT * 3) as usize);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            pixels.extend([shade(red, x, WIDTH), shade(green, y, HEIGHT), shade(blue, x + y, WIDTH + HEIGHT)]);
        }
    }
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, WIDTH, HEIGHT);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    encoder.add_text_chunk("Comment".to_owned(), format!("imgwatch test image {number:016x} of {now}"))?;
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(out)
}
