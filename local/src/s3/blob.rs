//! Object bodies: files in the cloud's temporary directory, so that memory stays small however large the objects are.

use std::io::SeekFrom;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _, stream};
use s3s::StdError;
use s3s::dto::StreamingBlob;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};

const PIECE: usize = 128 * 1024;

/// One stored body. Dropping it removes the file.
#[derive(Debug)]
pub(crate) struct Blob {
    path: PathBuf,
}

impl Drop for Blob {
    fn drop(&mut self) {
        // A file that cannot be removed here is removed with its directory.
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Blob {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) async fn receive<S>(self, mut body: S) -> Result<Self, StdError>
    where
        S: Stream<Item = Result<Bytes, StdError>> + Unpin,
    {
        let mut file = File::create(&self.path).await?;
        while let Some(piece) = body.next().await {
            file.write_all(&piece?).await?;
        }
        file.flush().await?;
        Ok(self)
    }

    pub(crate) async fn read(self: Arc<Self>, range: Range<u64>) -> std::io::Result<StreamingBlob> {
        let mut file = File::open(&self.path).await?;
        file.seek(SeekFrom::Start(range.start)).await?;
        let file = file.take(range.end.saturating_sub(range.start));
        // The reader holds the blob, so that an overwritten object's body exists until it has been sent.
        let pieces = stream::try_unfold((file, self), |(mut file, blob)| async move {
            let mut buffer = BytesMut::with_capacity(PIECE);
            let read = file.read_buf(&mut buffer).await?;
            Ok::<_, std::io::Error>((read > 0).then(|| (buffer.freeze(), (file, blob))))
        });
        Ok(StreamingBlob::wrap(pieces))
    }
}
