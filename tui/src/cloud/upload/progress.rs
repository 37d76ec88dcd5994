//! Counts an upload's bytes as they are handed to the connection. It shows them; it never slows or changes them.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use aws_smithy_types::body::{Error, SdkBody};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::watch;

use crate::cloud::connection::Progress;
use crate::domain::ids::UploadId;

/// The bytes of one upload, part by part.
#[derive(Debug)]
pub(super) struct UploadProgress {
    id: UploadId,
    total: u64,
    parts: Vec<AtomicU64>,
    /// How often a body was sent from its beginning.
    attempts: AtomicU64,
    /// Whether all of it was handed over in any of them.
    whole: AtomicBool,
    progress: watch::Sender<Progress>,
}

impl UploadProgress {
    /// Nothing sent yet.
    pub(super) fn new(id: UploadId, total: u64, parts: usize, progress: watch::Sender<Progress>) -> Arc<Self> {
        progress.send_modify(|all| {
            all.uploads.insert(id, (0, total));
        });
        Arc::new(Self {
            id,
            total,
            parts: (0..parts).map(|_| AtomicU64::new(0)).collect(),
            attempts: AtomicU64::new(0),
            whole: AtomicBool::new(total == 0),
            progress,
        })
    }

    /// The body of a part, counted.
    pub(super) fn count(self: &Arc<Self>, part: usize, body: SdkBody) -> SdkBody {
        let upload = Arc::clone(self);
        body.map_preserve_contents(move |inner| {
            SdkBody::from_body_1_x(Counted { inner, part, begun: false, upload: Arc::clone(&upload) })
        })
    }

    /// Whether all of it was handed to the connection, in this attempt or one before.
    pub(super) fn was_all_sent(&self) -> bool {
        self.whole.load(Ordering::Relaxed)
    }

    /// Whether something was sent more than once.
    pub(super) fn was_repeated(&self) -> bool {
        self.attempts.load(Ordering::Relaxed) > self.parts.len() as u64
    }

    fn sent(&self) -> u64 {
        self.parts.iter().map(|part| part.load(Ordering::Relaxed)).sum()
    }

    /// A retry sends a part from its beginning.
    fn begin(&self, part: usize) {
        self.attempts.fetch_add(1, Ordering::Relaxed);
        if let Some(sent) = self.parts.get(part) {
            sent.store(0, Ordering::Relaxed);
        }
    }

    fn add(&self, part: usize, bytes: u64) {
        if let Some(sent) = self.parts.get(part) {
            sent.fetch_add(bytes, Ordering::Relaxed);
        }
        let sent = self.sent();
        if sent >= self.total {
            self.whole.store(true, Ordering::Relaxed);
        }
        // An upload that is over has no entry: a late byte must not bring it back.
        self.progress.send_if_modified(|all| match all.uploads.get_mut(&self.id) {
            Some(state) => {
                *state = (sent.min(self.total), self.total);
                true
            }
            None => false,
        });
    }
}

struct Counted {
    inner: SdkBody,
    part: usize,
    /// The SDK copies bodies that it may never send, so a copy counts from its first frame, not from its making.
    begun: bool,
    upload: Arc<UploadProgress>,
}

impl Body for Counted {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if !self.begun {
            self.begun = true;
            self.upload.begin(self.part);
        }
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(cx));
        if let Some(data) = frame.as_ref().and_then(|frame| frame.as_ref().ok()).and_then(Frame::data_ref) {
            self.upload.add(self.part, data.len() as u64);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
