//! Standard output and standard error, each written by a thread of its own: a reader that does not read, or a terminal that
//! is stopped, holds up what is written and nothing else.
//!
//! The dashboard's frames do not come here; what is said before and after them does.

use std::io::{self, Write};
use std::sync::LazyLock;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use crate::terminal::signals;

/// Texts that wait at most. What is said beyond that to a reader that does not read is dropped.
const QUEUE: usize = 1024;

/// How long the end waits for a standard error that is not read.
const PATIENCE: Duration = Duration::from_millis(250);

/// What is to be written, and where the outcome is sent.
struct Text {
    bytes: Vec<u8>,
    done: Option<Box<dyn FnOnce(io::Result<()>) + Send>>,
}

static OUTPUT: LazyLock<mpsc::Sender<Text>> = LazyLock::new(|| writer(io::stdout()));
static ERRORS: LazyLock<mpsc::Sender<Text>> = LazyLock::new(|| writer(io::stderr()));

fn writer(mut stream: impl Write + Send + 'static) -> mpsc::Sender<Text> {
    let (texts, mut inbox) = mpsc::channel::<Text>(QUEUE);
    std::thread::spawn(move || {
        while let Some(text) = inbox.blocking_recv() {
            let outcome = stream.write_all(&text.bytes).and_then(|()| stream.flush());
            if let Some(done) = text.done {
                done(outcome);
            }
        }
    });
    texts
}

/// Writes to standard output, after what was said before. What was handed over is written also if the caller stops waiting.
///
/// # Errors
/// It cannot be written.
pub(crate) async fn print(text: &str) -> io::Result<()> {
    said().await;
    hand_over(&OUTPUT, text).await
}

/// Says something on standard error. Never waits, and never fails: where that is closed there is no one to tell.
pub(crate) fn say(text: &str) {
    // Full, or without its thread: standard error is not read.
    let _ = ERRORS.try_send(Text { bytes: format!("{text}\n").into_bytes(), done: None });
}

/// Waits until all that was said is written, but after a signal only for a moment.
pub(crate) async fn finish() {
    tokio::select! {
        biased;
        () = said() => {}
        () = signals::stop() => finish_soon(),
    }
}

/// The same for a moment, where nothing can be awaited.
pub(crate) fn finish_soon() {
    let (done, is_done) = std::sync::mpsc::sync_channel(1);
    let last = Text { bytes: Vec::new(), done: Some(Box::new(move |_| done.send(()).unwrap_or_default())) };
    if ERRORS.try_send(last).is_ok() {
        let _ = is_done.recv_timeout(PATIENCE);
    }
}

async fn said() {
    // A failure to write an error cannot be reported.
    let _ = hand_over(&ERRORS, "").await;
}

async fn hand_over(texts: &mpsc::Sender<Text>, text: &str) -> io::Result<()> {
    let (done, is_done) = oneshot::channel();
    let done = Box::new(move |outcome| drop(done.send(outcome)));
    let gone = || io::Error::other("the thread that writes has ended");
    texts.send(Text { bytes: text.as_bytes().to_vec(), done: Some(done) }).await.map_err(|_| gone())?;
    is_done.await.map_err(|_| gone())?
}
