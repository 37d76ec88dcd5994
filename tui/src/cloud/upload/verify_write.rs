//! Writes whose answer was lost: what S3 has under the key now shows whether they happened. It only reads.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::time::Duration;

use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::ChecksumMode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc32fast::Hasher;
use jiff::Timestamp;

use super::source::{Body, Job};
use super::{Answer, CLOCK_SKEW, SINGLE_MAX, Stop, multipart};
use crate::cloud::connection::clients::Cloud;
use crate::cloud::connection::problem::{self, OperationContext};
use crate::domain::problem::{Problem, ProblemKind};
use crate::text::clean::Clean;

/// How long S3 may take to say.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between looks at a key that has nothing yet.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(1)];
/// Bytes read at a time.
const PIECE: usize = 64 * 1024;

/// The first request that S3 may have served although its answer did not come: when it began.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct MaybeStored(pub(super) Option<Timestamp>);

impl MaybeStored {
    pub(super) fn note(&mut self, began: Timestamp) {
        self.0.get_or_insert(began);
    }
}

/// What became of a write that S3 may have stored since a moment: its answer after all, or how it ended.
pub(super) async fn find_out(cloud: &Cloud, job: &Job, since: Timestamp, stop: Stop) -> Result<Answer, Stop> {
    let found = match stop {
        // The user waits for the end.
        Stop::Cancelled => look(cloud, job, since).await,
        _ => settled(cloud, job, since).await,
    };
    let unknown = |problem: Problem, why: &str| {
        let what = format!("it is not known whether {} was stored in bucket {}", job.key, cloud.bucket);
        let why = Clean::new(&format!("{}; {why}", problem.why));
        Stop::OutcomeUnknown(Problem::new(problem.kind, what, why).with_hint("look for the object, or send it again"))
    };
    Err(match (found, stop) {
        (Found::Ours(answer), _) => return Ok(answer),
        // All of it was sent when it was stopped: what is not there now may come.
        (_, Stop::Cancelled) => {
            unknown(Problem::new(ProblemKind::Other, "", "cancelled before S3 answered"), "it may come")
        }
        (Found::Nothing | Found::Other, stop @ Stop::Exists) | (Found::Nothing, stop) => stop,
        (Found::Other, Stop::Failed(problem) | Stop::OutcomeUnknown(problem)) => {
            unknown(problem, "another object was written under this key since")
        }
        (Found::Unknown(why), Stop::Failed(problem) | Stop::OutcomeUnknown(problem)) => {
            unknown(problem, &format!("asking S3: {why}"))
        }
        (Found::Unknown(why), Stop::Exists) => {
            let there = Problem::new(ProblemKind::Exists, "", "an object with this key exists, and it may be this one");
            unknown(there, &format!("asking S3: {why}"))
        }
    })
}

/// What S3 says of a write whose answer did not come.
enum Found {
    /// What it wrote is there: the same content by S3's CRC-32 of it, and written since.
    Ours(Answer),
    /// Nothing was written under the key since.
    Nothing,
    /// Something else was: ours may have been there before it.
    Other,
    /// S3 does not say. Why.
    Unknown(Clean),
}

/// Looks a few times while there is nothing: S3 may still be at it when the connection has gone.
async fn settled(cloud: &Cloud, job: &Job, since: Timestamp) -> Found {
    for pause in PAUSES {
        match look(cloud, job, since).await {
            Found::Nothing => tokio::time::sleep(pause).await,
            found => return found,
        }
    }
    look(cloud, job, since).await
}

/// What is under the key now.
async fn look(cloud: &Cloud, job: &Job, since: Timestamp) -> Found {
    let head = cloud.s3.head_object().bucket(&cloud.bucket).key(&job.key).checksum_mode(ChecksumMode::Enabled).send();
    let object = match tokio::time::timeout(PATIENCE, Box::pin(head)).await {
        Ok(Ok(object)) => object,
        // Without the permission to list, S3 says 403 of what is not there, too.
        Ok(Err(error)) if error.raw_response().is_some_and(|answer| answer.status().as_u16() == 404) => {
            return Found::Nothing;
        }
        Ok(Err(error)) => return Found::Unknown(problem::of(&error, &OperationContext::new("", "s3:GetObject")).why),
        Err(_) => return Found::Unknown(Clean::new(&format!("no answer within {} s", PATIENCE.as_secs()))),
    };
    if object.e_tag().is_none() {
        return Found::Unknown(problem::not_s3(&OperationContext::new("", "")).why);
    }
    let age = object.last_modified().map(|at| since.as_second() - at.secs());
    if age.is_none_or(|age| age > CLOCK_SKEW) {
        return Found::Nothing;
    }
    // S3 gives whole seconds.
    let is_earlier = age.is_some_and(|age| age > 1);
    let is_as_large = object.content_length().and_then(|length| u64::try_from(length).ok()) == Some(job.size);
    match object.checksum_crc32() {
        Some(found) if is_as_large && checksum(job).await.as_deref() == Some(found) => {}
        // Ours has a CRC-32: this one has another content, or another program wrote it.
        _ if !is_as_large || has_checksum(&object) => return Found::Other,
        _ => return Found::Unknown(Clean::new("it has no checksum of the object to compare with")),
    }
    if is_earlier {
        return Found::Unknown(Clean::new("the same content was written shortly before, or the clocks differ"));
    }
    Found::Ours(Answer {
        e_tag: object.e_tag().map(str::to_owned),
        version_id: object.version_id().map(str::to_owned),
        // That answer was lost.
        request_id: None,
        date: None,
    })
}

fn has_checksum(object: &HeadObjectOutput) -> bool {
    let others =
        [object.checksum_crc32_c(), object.checksum_crc64_nvme(), object.checksum_sha1(), object.checksum_sha256()];
    object.checksum_crc32().is_some() || others.iter().any(Option::is_some)
}

/// Whether the key has an object, as far as may be known: reading takes a right that writing does not.
pub(super) async fn exists(cloud: &Cloud, key: &str) -> bool {
    let head = cloud.s3.head_object().bucket(&cloud.bucket).key(key).send();
    tokio::time::timeout(PATIENCE, Box::pin(head))
        .await
        .is_ok_and(|answer| answer.is_ok_and(|object| object.e_tag().is_some()))
}

/// The CRC-32 of what was sent, as S3 keeps it: of the whole, or of the parts' sums, with their number behind. `None` where
/// the file cannot be read any more.
async fn checksum(job: &Job) -> Option<String> {
    match &job.body {
        Body::Memory(bytes) => Some(STANDARD.encode(crc32fast::hash(bytes).to_be_bytes())),
        Body::File(path) => {
            let (path, size) = (path.clone(), job.size);
            tokio::task::spawn_blocking(move || checksum_of_file(&path, size)).await.ok()?.ok()
        }
    }
}

fn checksum_of_file(path: &Path, size: u64) -> io::Result<String> {
    let mut file = File::open(path)?;
    if size <= SINGLE_MAX {
        return Ok(STANDARD.encode(checksum_of_part(&mut file, 0, size)?));
    }
    let parts = multipart::plan(size);
    let sums: Vec<[u8; 4]> =
        parts.iter().map(|&(offset, length)| checksum_of_part(&mut file, offset, length)).collect::<io::Result<_>>()?;
    let whole = crc32fast::hash(&sums.concat()).to_be_bytes();
    Ok(format!("{}-{}", STANDARD.encode(whole), parts.len()))
}

fn checksum_of_part(file: &mut File, offset: u64, length: u64) -> io::Result<[u8; 4]> {
    file.seek(SeekFrom::Start(offset))?;
    let (mut rest, mut hasher, mut piece) = (file.take(length), Hasher::new(), vec![0; PIECE]);
    loop {
        match rest.read(&mut piece)? {
            0 => return Ok(hasher.finalize().to_be_bytes()),
            read => hasher.update(&piece[..read]),
        }
    }
}
