//! Large uploads in parts, several at once. Whatever ends one early, its parts do not stay in the bucket.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_s3::operation::RequestId as _;
use aws_sdk_s3::primitives::{ByteStream, Length};
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::leftovers::{self, Open};
use super::progress::UploadProgress;
use super::source::{self, Job};
use super::verify_write::MaybeStored;
use super::{Answer, Stop, context, is_refusal, is_unknown_condition, stopped, until, verify_write};
use crate::cloud::connection::clients::Cloud;
use crate::cloud::connection::response_date::ResponseDate;
use crate::cloud::connection::{Connection, problem};
use crate::domain::problem::Problem;

/// Bytes of a part, unless the object needs larger ones.
const PART: u64 = 8 * 1024 * 1024;
/// S3's limit.
const MAX_PARTS: u64 = 10_000;
const AT_ONCE: usize = 4;
/// Time to tidy up, within what stopping the program allows.
const ABORT: Duration = Duration::from_millis(900);
/// The same where nothing is being stopped.
const ABORT_IN_PEACE: Duration = Duration::from_secs(30);

/// Sends a file in parts, which `progress` counts.
pub(super) async fn send(
    connection: &Connection,
    cloud: &Arc<Cloud>,
    job: &Job,
    replace: bool,
    progress: &Arc<UploadProgress>,
    maybe_stored: &mut MaybeStored,
    token: &CancellationToken,
) -> Result<Answer, Stop> {
    let (path, began) = (job.body.path()?, Timestamp::now());
    // S3 refuses to overwrite only when all parts are there: an object that exists now is reported before any is sent.
    if !replace && until(token, verify_write::exists(cloud, &job.key)).await? {
        return Err(Stop::Exists);
    }
    let Begun { open, upload_id, is_first } = begin(connection, cloud, job, began, token).await?;
    let whole = Whole { cloud, job, upload_id: &upload_id, began };
    let outcome = match until(token, Box::pin(whole.send(path, plan(job.size), progress))).await {
        Ok(Ok(parts)) => match job.is_unchanged().await {
            // Not to be stopped any more: whether it had happened would not be known.
            Ok(()) => Box::pin(whole.complete(parts, replace, maybe_stored)).await,
            Err(problem) => Err(problem.into()),
        },
        Ok(Err(problem)) => Err(problem.into()),
        Err(stop) => Err(stop),
    };
    let removal = if outcome.is_ok() { Removal::Done } else { abort(cloud, &job.key, &upload_id, token).await };
    match removal {
        Removal::Done | Removal::NotFound => open.close(),
        Removal::Failed => open.leave().await,
    }
    // An earlier attempt may have begun another and lost its answer, or this answer was damaged in transit.
    if (!is_first || removal == Removal::NotFound) && !token.is_cancelled() {
        leftovers::name_strays(connection, cloud, &job.key, began, Some(&upload_id)).await;
    }
    outcome
}

/// An upload that S3 has begun, to be ended.
struct Begun<'a> {
    open: Open<'a>,
    upload_id: String,
    /// Whether the first attempt was answered: one before may have begun another.
    is_first: bool,
}

/// Has S3 begin an upload. What it may have begun without an answer is named.
async fn begin<'a>(
    connection: &'a Connection,
    cloud: &Cloud,
    job: &Job,
    began: Timestamp,
    token: &CancellationToken,
) -> Result<Begun<'a>, Stop> {
    let attempts = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&attempts);
    let request = cloud.changes.create_multipart_upload(&cloud.s3, &job.key)?;
    let open = Open::new(connection, cloud, &job.key, None);
    let created = request
        .bucket(&cloud.bucket)
        .key(&job.key)
        .content_type(&job.content_type)
        .checksum_algorithm(ChecksumAlgorithm::Crc32)
        .customize()
        .mutate_request(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
        })
        .send();
    let answer = match until(token, Box::pin(created)).await {
        Ok(answer) => answer,
        Err(stop) => {
            open.leave().await;
            return Err(stop);
        }
    };
    let is_first = attempts.load(Ordering::Relaxed) <= 1;
    let (problem, is_refused) = match &answer {
        Ok(created) => match created.upload_id().filter(|id| !id.is_empty()) {
            Some(upload_id) => {
                open.has_id(upload_id);
                return Ok(Begun { open, upload_id: upload_id.to_owned(), is_first });
            }
            None => (problem::not_s3(&context(cloud, &job.key)), false),
        },
        Err(error) => (problem::of(error, &context(cloud, &job.key)), is_refusal(error)),
    };
    open.close();
    if !(is_refused && is_first) {
        leftovers::name_strays(connection, cloud, &job.key, began, None).await;
    }
    Err(problem.into())
}

/// Offset and length of each part.
pub(super) fn plan(size: u64) -> Vec<(u64, u64)> {
    let part = PART.max(size.div_ceil(MAX_PARTS));
    (0..size.div_ceil(part)).map(|index| (index * part, part.min(size - index * part))).collect()
}

/// An upload that S3 has begun.
struct Whole<'a> {
    cloud: &'a Arc<Cloud>,
    job: &'a Job,
    upload_id: &'a str,
    began: Timestamp,
}

impl Whole<'_> {
    /// Sends all parts.
    async fn send(
        &self,
        path: &Path,
        parts: Vec<(u64, u64)>,
        progress: &Arc<UploadProgress>,
    ) -> Result<Vec<CompletedPart>, Problem> {
        let sends = parts.into_iter().enumerate().map(|(index, (offset, length))| {
            let (cloud, progress, path) = (Arc::clone(self.cloud), Arc::clone(progress), path.to_owned());
            let (key, upload_id) = (self.job.key.clone(), self.upload_id.to_owned());
            async move {
                let body =
                    ByteStream::read_from().path(&path).offset(offset).length(Length::Exact(length)).build().await;
                let body = body.map_err(|error| source::unreadable(&path, &error.to_string()))?;
                let number = i32::try_from(index + 1).unwrap_or(i32::MAX);
                let part = cloud
                    .changes
                    .upload_part(&cloud.s3_transfers, &key)?
                    .bucket(&cloud.bucket)
                    .key(&key)
                    .upload_id(&upload_id)
                    .part_number(number)
                    .checksum_algorithm(ChecksumAlgorithm::Crc32)
                    .body(ByteStream::new(progress.count(index, body.into_inner())))
                    .send()
                    .await
                    .map_err(|error| problem::of(&error, &context(&cloud, &key)))?;
                if part.e_tag().is_none() {
                    return Err(problem::not_s3(&context(&cloud, &key)));
                }
                Ok::<_, Problem>(
                    CompletedPart::builder()
                        .part_number(number)
                        .set_e_tag(part.e_tag().map(str::to_owned))
                        .set_checksum_crc32(part.checksum_crc32().map(str::to_owned))
                        .build(),
                )
            }
        });
        let mut done: Vec<CompletedPart> = stream::iter(sends).buffer_unordered(AT_ONCE).try_collect().await?;
        done.sort_by_key(CompletedPart::part_number);
        Ok(done)
    }

    /// Makes one object of them.
    async fn complete(
        &self,
        parts: Vec<CompletedPart>,
        replace: bool,
        maybe_stored: &mut MaybeStored,
    ) -> Result<Answer, Stop> {
        let request = self
            .cloud
            .changes
            .complete_multipart_upload(&self.cloud.s3_transfers, &self.job.key)?
            .bucket(&self.cloud.bucket)
            .key(&self.job.key)
            .upload_id(self.upload_id)
            .multipart_upload(CompletedMultipartUpload::builder().set_parts(Some(parts)).build());
        let date = ResponseDate::default();
        let conditional = request.clone().set_if_none_match((!replace).then(|| "*".to_owned()));
        let answer = match conditional.customize().interceptor(date.clone()).send().await {
            Err(error) if !replace && is_unknown_condition(&error) => {
                request.customize().interceptor(date.clone()).send().await
            }
            answer => answer,
        };
        let answer = answer.map_err(|error| {
            // The object was not there before, and the upload was: S3 may have done it at an attempt whose answer was lost.
            let is_gone = error.raw_response().is_some_and(|answer| matches!(answer.status().as_u16(), 404 | 412));
            if is_gone || !is_refusal(&error) {
                maybe_stored.note(self.began);
            }
            stopped(&error, self.cloud, &self.job.key)
        })?;
        let answer = Answer {
            e_tag: answer.e_tag().map(str::to_owned),
            version_id: answer.version_id().map(str::to_owned),
            request_id: answer.request_id().map(str::to_owned),
            date: date.get(),
        };
        answer.checked(self.cloud, self.job, self.began, maybe_stored)
    }
}

/// What became of the parts of an upload that is given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Removal {
    Done,
    /// S3 has no such upload: it was completed, or is not called so.
    NotFound,
    Failed,
}

/// Removes the parts. A stopped upload may be one of a program that ends: then there is little time.
async fn abort(cloud: &Cloud, key: &str, upload_id: &str, token: &CancellationToken) -> Removal {
    let Ok(abort) = cloud.changes.abort_multipart_upload(&cloud.s3, key) else { return Removal::Failed };
    let abort = abort.bucket(&cloud.bucket).key(key).upload_id(upload_id).send();
    let limit = if token.is_cancelled() { ABORT } else { ABORT_IN_PEACE };
    match tokio::time::timeout(limit, abort).await {
        Ok(Ok(_)) => Removal::Done,
        Ok(Err(error)) if error.raw_response().is_some_and(|answer| answer.status().as_u16() == 404) => {
            Removal::NotFound
        }
        Ok(Err(_)) | Err(_) => Removal::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_the_object_within_s3s_limits() {
        for size in [16 * 1024 * 1024 + 1, 64 * 1024 * 1024, 200 * 1024 * 1024 * 1024 + 7] {
            let parts = plan(size);
            assert!(parts.len() as u64 <= MAX_PARTS);
            assert_eq!(parts.iter().map(|(_, length)| length).sum::<u64>(), size);
            assert!(parts.iter().rev().skip(1).all(|(_, length)| *length >= 5 * 1024 * 1024));
            assert!(parts.windows(2).all(|pair| pair[0].0 + pair[0].1 == pair[1].0));
        }
    }
}
