//! Signals: those that ask the program to stop, and the one that says that the terminal has another size.
//!
//! They are the process's, and so is what is known of them. After a signal the program tidies up for a limited time, and
//! if it hangs it is ended all the same.

use std::io;
use std::sync::OnceLock;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::terminal;
use crate::terminal::exit::Exit;

/// How long the cloud side may tidy up after a signal.
pub(crate) const TIDY_UP: Duration = Duration::from_secs(2);

/// When a program that has not ended after a signal is ended. Everything on the way out is limited, and takes less.
const LIMIT: Duration = Duration::from_secs(5);

/// Cancelled by the first signal.
static STOP: OnceLock<CancellationToken> = OnceLock::new();

/// Starts to listen; from here on the signals no longer kill the process. More than once changes nothing.
///
/// # Errors
/// The system does not let this process listen.
///
/// # Panics
/// Outside of a Tokio runtime.
pub(crate) fn listen() -> io::Result<()> {
    let mut signals = source::Signals::new()?;
    let stop = CancellationToken::new();
    if STOP.set(stop.clone()).is_ok() {
        tokio::spawn(async move {
            signals.next().await;
            tracing::info!("stopping on a signal");
            std::thread::spawn(end_in_time);
            stop.cancel();
        });
    }
    Ok(())
}

/// Waits for a signal. Cancel safe.
pub(crate) async fn stop() {
    match STOP.get() {
        Some(stop) => stop.cancelled().await,
        // No handler is installed: a signal kills the process.
        None => std::future::pending().await,
    }
}

/// Whether there was a signal.
pub(crate) fn is_stopping() -> bool {
    STOP.get().is_some_and(CancellationToken::is_cancelled)
}

/// Ends a program that does not stop.
#[expect(clippy::exit, reason = "a task that hangs cannot return; the next start removes leftovers")]
fn end_in_time() {
    std::thread::sleep(LIMIT);
    tracing::error!("end: no exit after a signal; a probe queue may be left, and the next start removes it");
    terminal::give_back();
    std::process::exit(i32::from(Exit::Interrupted.code()));
}

pub(crate) use source::Resizes;

#[cfg(unix)]
mod source {
    use std::io;

    use tokio::signal::unix::{Signal, SignalKind, signal};

    /// The signals that ask to stop: Ctrl-C, Ctrl-\, a request of the system, and a terminal that is gone.
    pub(super) struct Signals([Signal; 4]);

    impl Signals {
        pub(super) fn new() -> io::Result<Self> {
            let [interrupt, terminate, hangup, quit] =
                [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup(), SignalKind::quit()]
                    .map(signal);
            Ok(Self([interrupt?, terminate?, hangup?, quit?]))
        }

        /// Waits for any of them.
        pub(super) async fn next(&mut self) {
            let [interrupt, terminate, hangup, quit] = &mut self.0;
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
                _ = quit.recv() => {}
            }
        }
    }

    /// Other sizes of the terminal.
    pub(crate) struct Resizes(Signal);

    impl Resizes {
        /// Listens from here on.
        ///
        /// # Errors
        /// The system does not let this process listen.
        pub(crate) fn listen() -> io::Result<Self> {
            signal(SignalKind::window_change()).map(Self)
        }

        /// Waits for the next one. Cancel safe.
        pub(crate) async fn next(&mut self) {
            if self.0.recv().await.is_none() {
                std::future::pending::<()>().await;
            }
        }
    }
}

/// Elsewhere there is Ctrl-C, and sizes come with the keys.
#[cfg(not(unix))]
mod source {
    use std::io;

    pub(super) struct Signals;

    impl Signals {
        #[expect(clippy::unnecessary_wraps, reason = "the signature is the same everywhere")]
        pub(super) fn new() -> io::Result<Self> {
            Ok(Self)
        }

        pub(super) async fn next(&mut self) {
            if tokio::signal::ctrl_c().await.is_err() {
                // Without a handler the system ends the process itself.
                std::future::pending::<()>().await;
            }
        }
    }

    pub(crate) struct Resizes;

    impl Resizes {
        #[expect(clippy::unnecessary_wraps, reason = "the signature is the same everywhere")]
        pub(crate) fn listen() -> io::Result<Self> {
            Ok(Self)
        }

        pub(crate) async fn next(&mut self) {
            std::future::pending::<()>().await;
        }
    }
}
