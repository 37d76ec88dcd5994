//! Panics: whichever part of the program one happens in, the terminal is given back, the report can be read, and the
//! program ends in the usual way, so that it tidies up.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{AssertUnwindSafe, set_hook};
use std::sync::LazyLock;

use futures_util::FutureExt as _;
use tokio_util::sync::CancellationToken;

use crate::terminal;
use crate::terminal::console;

static PANICKED: LazyLock<CancellationToken> = LazyLock::new(CancellationToken::new);

/// A part of the program panicked; its report has been given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Panicked;

/// From here on a panic in any thread is reported here. Nothing in this waits for a terminal that is not read, as the
/// standard library's own report would.
pub(crate) fn watch() {
    set_hook(Box::new(|info| {
        terminal::give_back();
        let thread = std::thread::current();
        let trace = Backtrace::capture();
        let trace = match trace.status() {
            BacktraceStatus::Captured => trace.to_string(),
            _ => "note: run with `RUST_BACKTRACE=1` in the environment to see where".to_owned(),
        };
        console::say(&format!("thread '{}' {info}\n{trace}", thread.name().unwrap_or("<unnamed>")));
        console::finish_soon();
        tracing::error!("{info}");
        PANICKED.cancel();
    }));
}

/// Waits for a panic in any part of the program. Cancel safe.
pub(crate) async fn happened() {
    PANICKED.cancelled().await;
}

/// Runs what may panic, so that what has to follow it follows.
///
/// # Errors
/// It panicked, or another part of the program did meanwhile.
pub(crate) async fn caught<T>(task: impl Future<Output = T>) -> Result<T, Panicked> {
    match AssertUnwindSafe(task).catch_unwind().await {
        Ok(outcome) if !PANICKED.is_cancelled() => Ok(outcome),
        _ => Err(Panicked),
    }
}
