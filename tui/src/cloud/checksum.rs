//! The CRC-32 of what was sent, as S3 keeps it: of the whole, or of the parts' sums, with their number behind.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc32fast::Hasher;

use super::multipart;
use super::upload::SINGLE_MAX;
use crate::cloud::source::{Body, Job};

/// Bytes read at a time.
const PIECE: usize = 64 * 1024;

/// What S3 says of this content, unless the file cannot be read any more.
pub(super) async fn of(job: &Job) -> Option<String> {
    match &job.body {
        Body::Memory(bytes) => Some(STANDARD.encode(crc32fast::hash(bytes).to_be_bytes())),
        Body::File(path) => {
            let (path, size) = (path.clone(), job.size);
            tokio::task::spawn_blocking(move || file(&path, size)).await.ok()?.ok()
        }
    }
}

fn file(path: &Path, size: u64) -> io::Result<String> {
    let mut file = File::open(path)?;
    if size <= SINGLE_MAX {
        return Ok(STANDARD.encode(part(&mut file, 0, size)?));
    }
    let parts = multipart::plan(size);
    let sums: Vec<[u8; 4]> =
        parts.iter().map(|&(offset, length)| part(&mut file, offset, length)).collect::<io::Result<_>>()?;
    let whole = crc32fast::hash(&sums.concat()).to_be_bytes();
    Ok(format!("{}-{}", STANDARD.encode(whole), parts.len()))
}

fn part(file: &mut File, offset: u64, length: u64) -> io::Result<[u8; 4]> {
    file.seek(SeekFrom::Start(offset))?;
    let (mut rest, mut hasher, mut piece) = (file.take(length), Hasher::new(), vec![0; PIECE]);
    loop {
        match rest.read(&mut piece)? {
            0 => return Ok(hasher.finalize().to_be_bytes()),
            read => hasher.update(&piece[..read]),
        }
    }
}
