//! Uploads: what is to be written is looked at, waits for its turn, is sent, and leaves a fact.
//!
//! One `PutObject` up to 16 MiB, a multipart upload above. The request id in S3's answer is what joins the upload to the
//! function's log.

use std::sync::Arc;

use aws_sdk_s3::operation::RequestId as _;
use aws_sdk_s3::primitives::ByteStream;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::connect::Cloud;
use super::context::Context;
use super::problem::{self, Trouble};
use super::source::{self, Job};
use super::tally::Tally;
use super::{multipart, objects};
use crate::effect::UploadSource;
use crate::model::objects::Object;
use crate::model::problem::Problem;
use crate::model::uploads::fact::{Fact, UploadId, Write};
use crate::msg::Update;
use crate::text::clean::Clean;

/// Up to here one request is sent, in bytes.
const SINGLE_MAX: u64 = 16 * 1024 * 1024;

/// What S3 says of a write.
pub(super) struct Answer {
    pub(super) e_tag: Option<String>,
    pub(super) version_id: Option<String>,
    pub(super) request_id: Option<String>,
}

/// Why an upload ended without an answer.
pub(super) enum Stop {
    Cancelled,
    Failed(Problem),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Failed(problem)
    }
}

/// Runs an upload to its end, whatever that is, and says so.
pub(super) async fn run(context: Arc<Context>, id: UploadId, source: UploadSource, token: CancellationToken) {
    let outcome = Box::pin(start(&context, id, &source, &token)).await;
    context.end_upload(id);
    match outcome {
        Err(Stop::Cancelled) => context.say(Update::UploadCancelled(id)).await,
        Err(Stop::Failed(problem)) => context.say(Update::UploadFailed { id, problem }).await,
        Ok((fact, object)) => {
            context.say(Update::Facts(vec![fact])).await;
            context.say(Update::ObjectFound(object)).await;
            context.nudge();
        }
    }
}

async fn start(
    context: &Context,
    id: UploadId,
    source: &UploadSource,
    token: &CancellationToken,
) -> Result<(Fact, Object), Stop> {
    // A wrong path is told at once, not after a wait for others.
    until(token, source::look(source)).await??;
    let cloud = until(token, context.link.cloud()).await??;
    cloud.needs_bucket()?;
    let Ok(_slot) = until(token, context.upload_slots.acquire()).await? else { return Err(Stop::Cancelled) };
    let job = until(token, source::job(source)).await??;
    let (key, size) = (Clean::new(&job.key), job.size);
    until(token, context.say(Update::UploadBegan { id, key: key.clone(), size })).await?;

    let began = Timestamp::now();
    let answer = if size <= SINGLE_MAX {
        let tally = Tally::new(id, size, 1, context.progress.clone());
        until(token, Box::pin(put(&cloud, job, &tally))).await??
    } else {
        Box::pin(multipart::send(&cloud, job, id, context.progress.clone(), token)).await?
    };
    let at = Timestamp::now();
    let e_tag = answer.e_tag.as_deref().map(objects::unquoted);
    let write = Write {
        bucket: Clean::new(&cloud.bucket),
        key: key.clone(),
        e_tag: e_tag.clone(),
        // S3 says "null" for a version written while versioning is suspended; events leave it out.
        version_id: answer.version_id.filter(|version| version != "null").map(Clean::from),
        sequencer: None,
        s3_request_id: answer.request_id.map(Clean::from),
    };
    Ok((Fact::Stored { upload: id, began, at, write, size }, Object { key, size, modified: at, e_tag }))
}

async fn put(cloud: &Cloud, job: Job, tally: &Arc<Tally>) -> Result<Answer, Problem> {
    let body = tally.count(0, job.body.whole().await?);
    let answer = cloud
        .s3_uploads
        .put_object()
        .bucket(&cloud.bucket)
        .key(&job.key)
        .content_type(&job.content_type)
        .body(ByteStream::new(body))
        .send()
        .await
        .map_err(|error| problem::of(&error, &trouble(cloud, &job.key)))?;
    Ok(Answer {
        e_tag: answer.e_tag().map(str::to_owned),
        version_id: answer.version_id().map(str::to_owned),
        request_id: answer.request_id().map(str::to_owned),
    })
}

pub(super) fn trouble(cloud: &Cloud, key: &str) -> Trouble {
    Trouble::new(format!("cannot upload {key} to bucket {}", cloud.bucket), "s3:PutObject")
}

/// Waits for something unless the upload is cancelled first.
pub(super) async fn until<T>(token: &CancellationToken, work: impl Future<Output = T>) -> Result<T, Stop> {
    token.run_until_cancelled(work).await.ok_or(Stop::Cancelled)
}
