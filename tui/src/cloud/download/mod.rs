//! Downloads: an object is read into a file of this machine, in memory of one size however large it is.
//!
//! The SDK tries again until an answer begins, and no longer: a connection that breaks off while the object comes is made
//! again here, and goes on where it broke off. The entity tag sees to it that the rest is of the same content.

mod digest;
mod file;
#[cfg(test)]
#[cfg(feature = "local")]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::operation::get_object::{GetObjectError, GetObjectOutput};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::byte_stream::error::Error as ByteStreamError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::cloud::connection::Connection;
use crate::cloud::connection::back_off::BackOff;
use crate::cloud::connection::clients::Cloud;
use crate::cloud::connection::idle::Stalled;
use crate::cloud::connection::problem::{self, OperationContext};
use crate::cloud::connection::{Progress, endpoint};
use crate::domain::ids::DownloadId;
use crate::domain::objects;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::transfer::{Download, DownloadNews};
use crate::msg::Update;
use crate::text::clean::Clean;
use digest::{Digest, Verdict};
use file::Sink;

/// Waits before it is tried again: the first, and the longest.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(8));
/// How often it is tried again; counted from zero once [`MUCH`] has come.
const RETRIES: u32 = 5;
/// Bytes that distinguish a bad connection from one that brings nothing.
const MUCH: u64 = 1024 * 1024;
/// What helps where the network is to blame.
const TRY_LATER: &str = "check the network, then download it again";
/// How often all of it is asked for again because it came damaged.
const AGAIN: u32 = 2;

/// Why a download ended without a file.
enum Stop {
    Cancelled,
    /// Something of this name is there, and was not to be overwritten.
    Exists(Clean),
    Failed(Problem),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Failed(problem)
    }
}

/// Runs a download to its end, whatever that is, and says so.
pub(super) async fn run(connection: Arc<Connection>, id: DownloadId, download: Download, token: CancellationToken) {
    let outcome = Box::pin(start(&connection, id, &download, &token)).await;
    connection.end_download(id);
    let news = match outcome {
        Ok(done) => done,
        Err(Stop::Cancelled) => DownloadNews::Cancelled,
        Err(Stop::Exists(to)) => DownloadNews::Exists { to },
        Err(Stop::Failed(problem)) => DownloadNews::Failed(problem),
    };
    connection.send(Update::Download(id, news)).await;
}

async fn start(
    connection: &Connection,
    id: DownloadId,
    download: &Download,
    token: &CancellationToken,
) -> Result<DownloadNews, Stop> {
    // A path that cannot be written is reported before the download waits for its turn or for the network.
    let mut sink = until(token, file::open(download)).await??;
    connection.send(Update::Download(id, DownloadNews::Began { to: sink.name() })).await;
    let cloud = until(token, connection.cloud()).await??;
    cloud.needs_bucket()?;
    let Ok(_slot) = until(token, connection.download_slots.acquire()).await? else { return Err(Stop::Cancelled) };
    let mut fetch = Fetch::new(&cloud, id, download, &connection.progress);
    until(token, Box::pin(fetch.all(&mut sink))).await??;
    let (size, e_tag) = (fetch.got, fetch.e_tag);
    // From here on it takes a moment, and is not stopped half-way.
    let to = sink.finish().await?;
    Ok(DownloadNews::Done { to, size, e_tag })
}

/// An object that is being downloaded.
struct Fetch<'a> {
    cloud: &'a Cloud,
    id: DownloadId,
    download: &'a Download,
    progress: &'a watch::Sender<Progress>,
    /// What has to be there still: as listed, else as the first answer says.
    e_tag: Option<Clean>,
    got: u64,
    /// Bytes in all, once an answer says so.
    size: Option<u64>,
    digest: Digest,
    /// What has come is not what S3 has.
    is_damaged: bool,
    /// A request was answered by nothing.
    is_silent: bool,
}

impl<'a> Fetch<'a> {
    fn new(cloud: &'a Cloud, id: DownloadId, download: &'a Download, progress: &'a watch::Sender<Progress>) -> Self {
        let (e_tag, digest) = (download.e_tag.clone(), Digest::default());
        Self { cloud, id, download, progress, e_tag, got: 0, size: None, digest, is_damaged: false, is_silent: false }
    }

    /// Fetches until all of it is there; what may pass is tried again.
    async fn all(&mut self, sink: &mut Sink) -> Result<(), Stop> {
        let mut back_off = BackOff::new(BACK_OFF.0, BACK_OFF.1);
        let (mut far, mut again) = (0, 0);
        loop {
            (self.is_damaged, self.is_silent) = (false, false);
            let problem = match self.more(sink).await {
                Err(Stop::Failed(problem)) => problem,
                outcome => return outcome,
            };
            if self.got >= far + MUCH {
                back_off.reset();
                far = self.got;
            }
            again += u32::from(self.is_damaged);
            let may_pass = self.is_damaged || (problem.is_transient() && !self.is_silent);
            if !may_pass || again > AGAIN || back_off.waits() == RETRIES {
                return Err(problem.into());
            }
            if self.is_damaged {
                if !sink.begin_again().await? {
                    return Err(problem.into());
                }
                (self.got, far) = (0, 0);
            }
            tokio::time::sleep(back_off.wait()).await;
        }
    }

    /// Asks for what is missing, and takes what comes.
    async fn more(&mut self, sink: &mut Sink) -> Result<(), Stop> {
        let request = self
            .cloud
            .s3_transfers
            .get_object()
            .bucket(&self.cloud.bucket)
            .key(self.download.key.raw())
            .set_version_id(self.download.version_id.as_ref().map(|version| version.raw().to_owned()))
            .set_if_match(self.e_tag.as_ref().map(|e_tag| format!("\"{}\"", e_tag.raw())))
            .set_range((self.got > 0).then(|| format!("bytes={}-", self.got)))
            .send();
        let answer = match Box::pin(request).await {
            Ok(answer) => answer,
            Err(error) => {
                // The SDK has asked several times by then.
                self.is_silent = Stalled::is_cause(&error);
                return Err(self.refused(&error).into());
            }
        };
        self.begin(&answer)?;
        let mut body = answer.body;
        loop {
            self.report();
            let Some(piece) = body.try_next().await.map_err(|error| self.broken(&error))? else { break };
            sink.write(&piece).await?;
            self.digest.add(&piece);
            self.got += piece.len() as u64;
        }
        if self.size.is_some_and(|size| size != self.got) {
            return Err(self.interrupted("the answer ended early").into());
        }
        let is_same = match std::mem::take(&mut self.digest).verdict() {
            Verdict::Same => true,
            Verdict::Damaged => false,
            Verdict::Doubtful(part) => !self.has_parts_of(part).await,
        };
        if is_same { Ok(()) } else { Err(self.damaged("its checksum is not the object's").into()) }
    }

    /// Whether the object was uploaded in parts of this size: only then its sum can be compared.
    async fn has_parts_of(&self, part: u64) -> bool {
        let head = self.cloud.s3.head_object().bucket(&self.cloud.bucket).key(self.download.key.raw()).part_number(1);
        let version = self.download.version_id.as_ref().map(|version| version.raw().to_owned());
        let first = Box::pin(head.set_version_id(version).send()).await;
        first.is_ok_and(|first| first.content_length().and_then(|length| u64::try_from(length).ok()) == Some(part))
    }

    /// Whether the answer is what was asked for: the same content, from where the rest begins.
    fn begin(&mut self, answer: &GetObjectOutput) -> Result<(), Problem> {
        let Some(e_tag) = answer.e_tag().map(objects::e_tag) else {
            return Err(problem::not_s3(&OperationContext::new(self.what(), "")).with_hint(TRY_LATER));
        };
        // Not every endpoint knows conditions.
        if self.e_tag.as_ref().is_some_and(|expected| *expected != e_tag) {
            return Err(self.changed());
        }
        self.e_tag = Some(e_tag);
        if self.got == 0 {
            self.digest = Digest::of(answer);
            self.size = answer.content_length().and_then(|length| u64::try_from(length).ok());
            return Ok(());
        }
        let start =
            answer.content_range().and_then(|range| range.strip_prefix("bytes ")?.split('-').next()?.parse().ok());
        if start != Some(self.got) {
            let why = "the connection was interrupted, and the endpoint does not support range requests";
            return Err(self.problem(ProblemKind::NotOffered, why).with_hint("download it again"));
        }
        Ok(())
    }

    /// Reports how far it has come.
    fn report(&self) {
        let state = (self.got, self.size.unwrap_or(self.got));
        self.progress.send_modify(|all| {
            all.downloads.insert(self.id, state);
        });
    }

    fn what(&self) -> String {
        let version =
            self.download.version_id.as_ref().map(|id| format!("version {} of ", id.raw())).unwrap_or_default();
        format!("cannot download {version}{} from bucket {}", self.download.key.raw(), self.cloud.bucket)
    }

    fn problem(&self, kind: ProblemKind, why: &str) -> Problem {
        Problem::new(kind, self.what(), problem::line(why))
    }

    /// What may pass.
    fn passing(&self, why: &str) -> Problem {
        self.problem(ProblemKind::Interrupted, why).with_hint(TRY_LATER)
    }

    /// The answer broke off, or is not what was sent.
    fn broken(&mut self, error: &ByteStreamError) -> Problem {
        let why = endpoint::causes(error);
        if Stalled::is_cause(error) {
            return self.passing(&why);
        }
        // All of it has come: what is wrong then is not its length.
        if self.size == Some(self.got) { self.damaged(&why) } else { self.interrupted(&why) }
    }

    fn damaged(&mut self, why: &str) -> Problem {
        self.is_damaged = true;
        let why = format!("the data is damaged: {why}");
        self.problem(ProblemKind::Other, &why).with_hint("download it again")
    }

    fn interrupted(&self, why: &str) -> Problem {
        self.passing(&format!("the connection was interrupted: {why}"))
    }

    fn changed(&self) -> Problem {
        if self.got == 0 && self.download.e_tag.is_some() {
            let why = "the object has changed since it was listed";
            return self.problem(ProblemKind::Changed, why).with_hint("refresh, then download it again");
        }
        self.problem(ProblemKind::Changed, "the object changed during the download").with_hint("download it again")
    }

    fn refused(&self, error: &SdkError<GetObjectError, HttpResponse>) -> Problem {
        if error.raw_response().is_some_and(|answer| answer.status().as_u16() == 412) {
            return self.changed();
        }
        let permission = if self.download.version_id.is_some() { "s3:GetObjectVersion" } else { "s3:GetObject" };
        let problem = problem::of(error, &OperationContext::new(self.what(), permission));
        // S3 and the bucket were found: the region and the profile are the right ones.
        match error.as_service_error().and_then(ProvideErrorMetadata::code) {
            Some("NoSuchKey" | "NoSuchVersion") => {
                problem.with_hint("check the key and the version; the object may have been deleted")
            }
            _ => problem,
        }
    }
}

/// Waits for something unless the download is cancelled first.
async fn until<T>(token: &CancellationToken, work: impl Future<Output = T>) -> Result<T, Stop> {
    token.run_until_cancelled(work).await.ok_or(Stop::Cancelled)
}
