//! Fetches what an object or a file looks like: as many bytes as it takes and no more, decoded away from the tasks that
//! wait.
//!
//! The content decides what an object is, not its name: people and programs get names wrong. `decode` is pure.

mod background;
mod decode;
#[cfg(test)]
#[cfg(feature = "local")]
pub(in crate::cloud) mod tests;

use std::io::SeekFrom;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio::time::error::Elapsed;
use tokio::time::timeout;

use crate::cloud::connection::Connection;
use crate::cloud::connection::problem::{self, OperationContext};
use crate::cloud::folder;
use crate::cloud::upload::source;
use crate::domain::ids::RequestId;
use crate::domain::preview::{About, Preview, PreviewId};
use crate::domain::problem::{Problem, ProblemKind};
use crate::msg::Update;
use crate::text::clean::Clean;
use crate::text::{size, time};
use decode::ContentKind;

/// The start of an object: enough for a text, and to know what an image is.
const HEAD: u64 = 64 * 1024;
/// No larger image is fetched.
const MOST: u64 = 32 * 1024 * 1024;
/// How long a row is selected before its preview is fetched: moving past a row fetches nothing.
const DEBOUNCE: Duration = Duration::from_millis(120);
/// A server that sends nothing for this long is reported. The client is the one of uploads, which waits far longer.
const SILENCE: Duration = Duration::from_secs(20);

/// Fetches one preview, unless another is asked for first.
pub(in crate::cloud) async fn show(connection: &Connection, request: RequestId, id: PreviewId, size: u64) {
    tokio::time::sleep(DEBOUNCE).await;
    let preview = match &id {
        PreviewId::Folder { path, .. } => folder::preview(path.clone()).await,
        id => look(connection, id, size, SILENCE).await,
    };
    connection.send(Update::Previewed { request, preview }).await;
}

async fn look(connection: &Connection, id: &PreviewId, size: u64, silence: Duration) -> Result<Preview, Problem> {
    if size == 0 {
        return Ok(Preview::Nothing(Clean::new("it is empty")));
    }
    let mut bytes = range(connection, id, 0..HEAD.min(size), silence).await?;
    match decode::kind(&bytes) {
        ContentKind::Image(format) => {
            if let Some(reason) = decode::too_many_pixels(&bytes, format) {
                return Ok(Preview::Nothing(Clean::new(&reason)));
            }
            if size > MOST {
                let reason =
                    format!("images of up to {} are fetched; this one has {}", size::bytes(MOST), size::bytes(size));
                return Ok(Preview::Nothing(Clean::new(&reason)));
            }
            if size > HEAD {
                bytes.extend(range(connection, id, HEAD..size, silence).await?);
            }
            // One at a time, also where the cursor has moved on: decoding cannot be stopped, and takes memory.
            let Ok(turn) = Arc::clone(&connection.decoder).acquire_owned().await else { return Ok(ended()) };
            let decoded = tokio::task::spawn_blocking(move || {
                let _turn = turn;
                decode::picture(&bytes, format)
            });
            let decoded = decoded.await;
            Ok(match decoded {
                Ok(Ok(picture)) => Preview::Picture(picture),
                Ok(Err(reason)) => Preview::Nothing(Clean::new(&reason)),
                Err(_) => Preview::Nothing(Clean::new("the image could not be decoded")),
            })
        }
        ContentKind::Text => Ok(decode::text(&bytes, size > HEAD)),
        ContentKind::Other => {
            let shown = "text, PNG, JPEG, GIF, WebP, BMP, TIFF and ICO can be shown";
            Ok(Preview::Nothing(Clean::new(&format!("unsupported format ({shown})"))))
        }
    }
}

fn ended() -> Preview {
    Preview::Nothing(Clean::new("the program is ending"))
}

/// These bytes.
async fn range(
    connection: &Connection,
    id: &PreviewId,
    range: Range<u64>,
    silence: Duration,
) -> Result<Vec<u8>, Problem> {
    match id {
        PreviewId::Object { key, e_tag, version } => {
            of_object(connection, key, e_tag.as_ref(), version.as_ref(), range, silence).await
        }
        PreviewId::File { path, .. } | PreviewId::Folder { path, .. } => {
            of_file(path, range).await.map_err(|error| source::unshowable(path, &source::reason(&error)))
        }
    }
}

async fn of_file(path: &Path, range: Range<u64>) -> std::io::Result<Vec<u8>> {
    let mut file = tokio::fs::File::open(path).await?;
    file.seek(SeekFrom::Start(range.start)).await?;
    let mut bytes = Vec::new();
    file.take(range.end - range.start).read_to_end(&mut bytes).await?;
    Ok(bytes)
}

/// Only of the content that the listing named.
async fn of_object(
    connection: &Connection,
    key: &Clean,
    e_tag: Option<&Clean>,
    version: Option<&Clean>,
    Range { start, end }: Range<u64>,
    silence: Duration,
) -> Result<Vec<u8>, Problem> {
    let cloud = connection.cloud().await?;
    let what = format!("cannot read object {}", key.shown());
    // IAM knows reading by a version's id for another thing.
    let right = if version.is_some() { "s3:GetObjectVersion" } else { "s3:GetObject" };
    let broken =
        |why: &str| Problem::new(ProblemKind::Interrupted, what.as_str(), why).with_hint("refresh to try again");
    let silent = |_: Elapsed| {
        let limit = time::duration(i64::try_from(silence.as_millis()).unwrap_or(i64::MAX));
        broken(&format!("nothing came for {limit}"))
    };
    let request = cloud
        .s3_transfers
        .get_object()
        .bucket(&cloud.bucket)
        .key(key.raw())
        .set_version_id(version.map(|version| version.raw().to_owned()))
        .range(format!("bytes={start}-{}", end - 1))
        .set_if_match(e_tag.map(|e_tag| format!("\"{}\"", e_tag.raw())))
        .send();
    let answer = timeout(silence, request)
        .await
        .map_err(silent)?
        .map_err(|error| problem::of(&error, &OperationContext::new(what.as_str(), right)))?;
    if start == 0 {
        let about = About {
            content_type: answer.content_type().map(Clean::new),
            // S3 says "null" where the bucket keeps no versions.
            version_id: answer.version_id().filter(|version| *version != "null").map(Clean::new),
        };
        let id = PreviewId::Object { key: key.clone(), e_tag: e_tag.cloned(), version: version.cloned() };
        connection.send(Update::Described { id, about }).await;
    }
    // A server that does not know ranges sends everything from the start.
    if answer.content_range().is_none() && start > 0 {
        let why = "the endpoint does not send parts of objects";
        return Err(Problem { kind: ProblemKind::NotOffered, ..broken(why) });
    }
    let wanted = usize::try_from(end - start).unwrap_or(usize::MAX);
    let mut body = answer.body;
    let mut bytes = Vec::new();
    loop {
        let chunk = timeout(silence, body.try_next()).await.map_err(silent)?;
        let Some(chunk) = chunk.map_err(|error| broken(&crate::cloud::connection::endpoint::causes(&error)))? else {
            break;
        };
        bytes.extend_from_slice(&chunk);
        if bytes.len() >= wanted {
            break;
        }
    }
    bytes.truncate(wanted);
    Ok(bytes)
}
