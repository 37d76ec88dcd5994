//! Uploads: a file is checked, waits for its turn, is sent, and leaves a fact.
//!
//! One `PutObject` up to 16 MiB, a multipart upload above. The request id in S3's answer is what joins the upload to the
//! function's log.

pub(crate) mod file_scan;
pub(super) mod leftovers;
mod multipart;
mod progress;
pub(super) mod source;
mod verify_write;

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::operation::RequestId as _;
use aws_sdk_s3::operation::put_object::PutObjectError;
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::cloud::connection::Connection;
use crate::cloud::connection::back_off::BackOff;
use crate::cloud::connection::clients::Cloud;
use crate::cloud::connection::problem::{self, OperationContext};
use crate::cloud::connection::response_date::{ResponseDate, on_the_services_clock};
use crate::config::Purpose;
use crate::domain::evidence::{Fact, Write};
use crate::domain::ids::UploadId;
use crate::domain::objects::{self, Object};
use crate::domain::problem::Problem;
use crate::domain::transfer::{Upload, UploadNews};
use crate::msg::Update;
use crate::text::clean::Clean;
use progress::UploadProgress;
use source::Job;
use verify_write::MaybeStored;

/// Up to here one request is sent, in bytes.
const SINGLE_MAX: u64 = 16 * 1024 * 1024;
/// Seconds by which the clocks of this machine and of S3 may differ.
const CLOCK_SKEW: i64 = 60;

/// How long an upload of the dashboard is held before it is tried again: the first time, and at most.
const BACK_OFF: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(45));
/// How often it is tried again: about four minutes in all. A command ends instead, so that a script can decide.
const RETRIES: u32 = 9;

/// What S3 says of a write.
struct Answer {
    /// S3 has one for each object: what answers without one is something else, such as a hotel's network.
    e_tag: Option<String>,
    version_id: Option<String>,
    request_id: Option<String>,
    /// What S3's clock showed.
    date: Option<Timestamp>,
}

impl Answer {
    /// The same, if it is S3's. Otherwise S3 may have been asked all the same.
    fn checked(self, cloud: &Cloud, job: &Job, began: Timestamp, maybe_stored: &mut MaybeStored) -> Result<Self, Stop> {
        if self.e_tag.is_some() {
            return Ok(self);
        }
        maybe_stored.note(began);
        Err(problem::not_s3(&context(cloud, &job.key)).into())
    }
}

/// Why an upload ended without an answer.
enum Stop {
    Cancelled,
    /// S3 may have stored it, and does not say. Why.
    OutcomeUnknown(Problem),
    /// The key has an object already, which was not to be overwritten.
    Exists,
    Failed(Problem),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Failed(problem)
    }
}

impl From<Stop> for UploadNews {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Cancelled => Self::Cancelled,
            Stop::OutcomeUnknown(problem) => Self::OutcomeUnknown(problem),
            Stop::Exists => Self::Exists,
            Stop::Failed(problem) => Self::Failed(problem),
        }
    }
}

/// Runs an upload to its end, whatever that is, and says so.
pub(super) async fn run(connection: Arc<Connection>, id: UploadId, upload: Upload, token: CancellationToken) {
    let outcome = Box::pin(start(&connection, id, &upload, &token)).await;
    connection.end_upload(id);
    match outcome {
        Err(stop) => connection.send(Update::Upload(id, stop.into())).await,
        Ok((fact, object)) => {
            connection.send(Update::Facts(vec![fact])).await;
            connection.send(Update::ObjectFound(object)).await;
            connection.poll_now();
        }
    }
}

async fn start(
    connection: &Connection,
    id: UploadId,
    upload: &Upload,
    token: &CancellationToken,
) -> Result<(Fact, Object), Stop> {
    let cloud = until(token, connection.cloud()).await??;
    cloud.needs_bucket()?;
    // It keeps its turn while it is held: what makes one upload wait makes all of them wait.
    let Ok(_slot) = until(token, connection.upload_slots.acquire()).await? else { return Err(Stop::Cancelled) };
    let retries = if connection.settings.purpose == Purpose::Watch { RETRIES } else { 0 };
    let mut back_off = BackOff::new(BACK_OFF.0, BACK_OFF.1);
    let mut maybe_stored = MaybeStored::default();
    let mut made = None;
    loop {
        let job = match made.take() {
            Some(job) => job,
            None => until(token, source::job(upload)).await??,
        };
        // A file is read again each time; an image that was made here stays the same, under the same key.
        made = job.again();
        let stop = match Box::pin(send(connection, &cloud, id, upload, job, &mut maybe_stored, token)).await {
            Err(stop) => stop,
            stored => return stored,
        };
        let (Stop::Failed(problem) | Stop::OutcomeUnknown(problem)) = &stop else { return Err(stop) };
        if !problem.is_transient() || back_off.waits() >= retries {
            return Err(stop);
        }
        connection.send(Update::Upload(id, UploadNews::Held(problem.clone()))).await;
        if until(token, tokio::time::sleep(back_off.wait())).await.is_err() {
            return Err(if matches!(stop, Stop::OutcomeUnknown(_)) { stop } else { Stop::Cancelled });
        }
    }
}

/// Sends it once, as the SDK understands it: the SDK repeats what fails for a moment. Before it ends as anything but
/// stored, S3 is asked, if it may have stored it and its answer was lost.
async fn send(
    connection: &Connection,
    cloud: &Arc<Cloud>,
    id: UploadId,
    upload: &Upload,
    job: Job,
    maybe_stored: &mut MaybeStored,
    token: &CancellationToken,
) -> Result<(Fact, Object), Stop> {
    let (key, size) = (Clean::new(&job.key), job.size);
    let news = UploadNews::Began { key: key.clone(), size };
    until(token, connection.send(Update::Upload(id, news))).await?;

    let began = Timestamp::now();
    let parts = if size <= SINGLE_MAX { 1 } else { multipart::plan(size).len() };
    let progress = UploadProgress::new(id, size, parts, connection.progress.clone());
    let outcome = if size <= SINGLE_MAX {
        let outcome = until(token, Box::pin(put(cloud, &job, upload.replace, &progress, maybe_stored))).await.flatten();
        if matches!(outcome, Err(Stop::Cancelled)) && progress.was_all_sent() {
            maybe_stored.note(began);
        }
        outcome
    } else {
        Box::pin(multipart::send(connection, cloud, &job, upload.replace, &progress, maybe_stored, token)).await
    };
    let answer = match (outcome, maybe_stored.0) {
        (Err(stop), Some(since)) => verify_write::find_out(cloud, &job, since, stop).await?,
        (outcome, _) => outcome?,
    };
    let at = Timestamp::now();
    let not_before = on_the_services_clock(began, at, answer.date);
    let e_tag = answer.e_tag.as_deref().map(objects::e_tag);
    let write = Write {
        bucket: Clean::new(&cloud.bucket),
        key: key.clone(),
        e_tag: e_tag.clone(),
        // S3 says "null" for a version written while versioning is suspended; events leave it out.
        version_id: answer.version_id.filter(|version| version != "null").map(Clean::from),
        sequencer: None,
        s3_request_id: answer.request_id.map(Clean::from),
    };
    Ok((Fact::Stored { upload: id, began, at, not_before, write, size }, Object { key, size, modified: at, e_tag }))
}

/// Sends an object in one request. Where it must not overwrite, S3 itself sees to that: between a look and a write of
/// ours, others could write.
async fn put(
    cloud: &Cloud,
    job: &Job,
    replace: bool,
    progress: &Arc<UploadProgress>,
    maybe_stored: &mut MaybeStored,
) -> Result<Answer, Stop> {
    let began = Timestamp::now();
    let outcome = match put_if(cloud, job, !replace, progress).await? {
        Err(error) if !replace && is_unknown_condition(&error) => {
            // Then a look has to do.
            if verify_write::exists(cloud, &job.key).await {
                return Err(Stop::Exists);
            }
            put_if(cloud, job, false, progress).await?
        }
        outcome => outcome,
    };
    let answer = outcome.map_err(|error| {
        // A refusal of the only attempt is an answer. Before one of a later attempt, S3 may have stored an earlier one.
        if progress.was_all_sent() && (progress.was_repeated() || !is_refusal(&error)) {
            maybe_stored.note(began);
        }
        stopped(&error, cloud, &job.key)
    })?;
    answer.checked(cloud, job, began, maybe_stored)
}

type Put = Result<Answer, SdkError<PutObjectError, HttpResponse>>;

async fn put_if(cloud: &Cloud, job: &Job, is_new: bool, progress: &Arc<UploadProgress>) -> Result<Put, Problem> {
    let body = progress.count(0, job.body.whole().await?);
    let date = ResponseDate::default();
    let answer = cloud
        .changes
        .put_object(&cloud.s3_transfers, &job.key)?
        .bucket(&cloud.bucket)
        .key(&job.key)
        .content_type(&job.content_type)
        .set_if_none_match(is_new.then(|| "*".to_owned()))
        .body(ByteStream::new(body))
        .customize()
        .interceptor(date.clone())
        .send()
        .await;
    Ok(answer.map(|answer| Answer {
        e_tag: answer.e_tag().map(str::to_owned),
        version_id: answer.version_id().map(str::to_owned),
        request_id: answer.request_id().map(str::to_owned),
        date: date.get(),
    }))
}

/// Why a write did not happen.
fn stopped<E>(error: &SdkError<E, HttpResponse>, cloud: &Cloud, key: &str) -> Stop
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match error.raw_response().map(|answer| answer.status().as_u16()) {
        Some(412) => Stop::Exists,
        _ => Stop::Failed(problem::of(error, &context(cloud, key))),
    }
}

/// Whether S3 has answered that it does not do it.
fn is_refusal<E>(error: &SdkError<E, HttpResponse>) -> bool {
    error.raw_response().is_some_and(|answer| (400..500).contains(&answer.status().as_u16()))
}

/// Whether the endpoint has no conditional writes.
fn is_unknown_condition<E>(error: &SdkError<E, HttpResponse>) -> bool {
    error.raw_response().is_some_and(|answer| answer.status().as_u16() == 501)
}

fn context(cloud: &Cloud, key: &str) -> OperationContext {
    OperationContext::new(format!("cannot upload {key} to bucket {}", cloud.bucket), "s3:PutObject")
}

/// Waits for something unless the upload is cancelled first.
async fn until<T>(token: &CancellationToken, work: impl Future<Output = T>) -> Result<T, Stop> {
    token.run_until_cancelled(work).await.ok_or(Stop::Cancelled)
}
