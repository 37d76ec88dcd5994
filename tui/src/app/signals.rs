//! The signals that end the program in good order: SIGTERM, SIGHUP and, outside of raw mode, SIGINT.

use std::io;

/// Waits for the system to ask this process to end.
#[cfg(unix)]
pub(super) struct Ended {
    signals: [tokio::signal::unix::Signal; 3],
}

#[cfg(unix)]
impl Ended {
    pub(super) async fn wait(&mut self) {
        let [terminate, hang_up, interrupt] = &mut self.signals;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = hang_up.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}

#[cfg(unix)]
pub(super) fn ended() -> io::Result<Ended> {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = [signal(SignalKind::terminate())?, signal(SignalKind::hangup())?, signal(SignalKind::interrupt())?];
    Ok(Ended { signals })
}

/// Elsewhere only Ctrl-C is known.
#[cfg(not(unix))]
pub(super) struct Ended;

#[cfg(not(unix))]
impl Ended {
    pub(super) async fn wait(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the signature is the same everywhere")]
pub(super) fn ended() -> io::Result<Ended> {
    Ok(Ended)
}
