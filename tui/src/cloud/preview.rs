//! Fetches what an object or a file looks like: as many bytes as it takes and no more, decoded away from the tasks that wait.
//!
//! The content decides what an object is, not its name: people and programs get names wrong. `decode` is pure.

mod decode;

use std::io::SeekFrom;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use super::context::Context;
use super::problem::{self, Trouble};
use super::source;
use crate::model::load::RequestId;
use crate::model::preview::{Preview, PreviewId};
use crate::model::problem::Problem;
use crate::msg::Update;
use crate::text::clean::Clean;
use crate::text::size;
use decode::Kind;

/// The start of an object: enough for a text, and to know what an image is.
const HEAD: u64 = 64 * 1024;
/// No larger image is fetched.
const MOST: u64 = 32 * 1024 * 1024;
/// A cursor that only passes by asks for nothing.
const PAUSE: Duration = Duration::from_millis(120);

/// Fetches one preview, unless another is asked for first.
pub(super) async fn show(context: &Context, request: RequestId, id: PreviewId, size: u64) {
    tokio::time::sleep(PAUSE).await;
    let preview = look(context, &id, size).await;
    context.say(Update::Previewed { request, preview }).await;
}

async fn look(context: &Context, id: &PreviewId, size: u64) -> Result<Preview, Problem> {
    if size == 0 {
        return Ok(Preview::Nothing(Clean::new("it is empty")));
    }
    let mut bytes = range(context, id, 0, HEAD.min(size)).await?;
    match decode::kind(&bytes) {
        Kind::Image(format) => {
            if let Some(reason) = decode::too_many_pixels(&bytes, format) {
                return Ok(Preview::Nothing(Clean::new(&reason)));
            }
            if size > MOST {
                let reason =
                    format!("images of up to {} are fetched; this one has {}", size::bytes(MOST), size::bytes(size));
                return Ok(Preview::Nothing(Clean::new(&reason)));
            }
            if size > HEAD {
                bytes.extend(range(context, id, HEAD, size).await?);
            }
            // One at a time, also where the cursor has moved on: decoding cannot be stopped, and takes memory.
            let Ok(turn) = Arc::clone(&context.decoder).acquire_owned().await else { return Ok(ended()) };
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
        Kind::Text => Ok(decode::text(&bytes, size > HEAD)),
        Kind::Other => {
            Ok(Preview::Nothing(Clean::new("neither a text nor an image that can be shown (PNG, JPEG, GIF, WebP)")))
        }
    }
}

fn ended() -> Preview {
    Preview::Nothing(Clean::new("the program is ending"))
}

/// The bytes from `first` up to, without, `end`.
async fn range(context: &Context, id: &PreviewId, first: u64, end: u64) -> Result<Vec<u8>, Problem> {
    match id {
        PreviewId::Object { key, e_tag } => of_object(context, key, e_tag.as_ref(), first, end).await,
        PreviewId::File { path, .. } => {
            of_file(path, first, end).await.map_err(|error| source::unshowable(path, &source::reason(&error)))
        }
    }
}

async fn of_file(path: &Path, first: u64, end: u64) -> std::io::Result<Vec<u8>> {
    let mut file = tokio::fs::File::open(path).await?;
    file.seek(SeekFrom::Start(first)).await?;
    let mut bytes = Vec::new();
    file.take(end - first).read_to_end(&mut bytes).await?;
    Ok(bytes)
}

/// Only of the content that the listing named.
async fn of_object(
    context: &Context,
    key: &Clean,
    e_tag: Option<&Clean>,
    first: u64,
    end: u64,
) -> Result<Vec<u8>, Problem> {
    let cloud = context.link.cloud().await?;
    let trouble = || Trouble::new(format!("cannot read object {}", key.shown()), "s3:GetObject");
    let answer = cloud
        .s3_uploads
        .get_object()
        .bucket(&cloud.bucket)
        .key(key.raw())
        .range(format!("bytes={first}-{}", end - 1))
        .set_if_match(e_tag.map(|e_tag| format!("\"{}\"", e_tag.raw())))
        .send()
        .await
        .map_err(|error| problem::of(&error, &trouble()))?;
    let broken = |why: &str| Problem {
        what: Clean::new(&format!("cannot read object {}", key.shown())),
        why: Clean::new(why),
        hint: "refresh to try again",
        transient: true,
    };
    // A server that does not know ranges sends everything from the start.
    if answer.content_range().is_none() && first > 0 {
        return Err(Problem { transient: false, ..broken("the endpoint does not send parts of objects") });
    }
    let wanted = usize::try_from(end - first).unwrap_or(usize::MAX);
    let mut body = answer.body;
    let mut bytes = Vec::new();
    while let Some(chunk) = body.try_next().await.map_err(|error| broken(&super::plain::causes(&error)))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() >= wanted {
            break;
        }
    }
    bytes.truncate(wanted);
    Ok(bytes)
}
