//! Signals that ask the program to stop: Ctrl-C, and on Unix SIGTERM and SIGHUP.

use std::io;

/// Listens from its making on.
pub(crate) struct Signals {
    #[cfg(unix)]
    streams: [tokio::signal::unix::Signal; 3],
}

impl Signals {
    /// Starts to listen; from here on the signals no longer kill the process.
    ///
    /// # Errors
    /// The system does not let this process listen.
    #[cfg_attr(not(unix), expect(clippy::unnecessary_wraps, reason = "the signature is the same everywhere"))]
    pub(crate) fn listen() -> io::Result<Self> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let streams =
                [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?, signal(SignalKind::hangup())?];
            Ok(Self { streams })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    /// Waits for any of them.
    pub(crate) async fn stop(&mut self) {
        #[cfg(unix)]
        {
            let [interrupt, terminate, hangup] = &mut self.streams;
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
        }
        #[cfg(not(unix))]
        if tokio::signal::ctrl_c().await.is_err() {
            // Without a handler the system ends the process itself.
            std::future::pending::<()>().await;
        }
    }
}
