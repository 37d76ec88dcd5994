//! The end of the cloud side, and messages about it, which say why the shell does not come back at once.

use tokio::sync::watch;

use crate::cloud::{Driver, Progress};
use crate::terminal::{console, signals};

/// Ends the cloud side and waits for it, after a signal for a short time only. Says that a probe queue is being removed, and
/// what became of it and of those that earlier connections of this program left; and what uploads may have left.
pub(crate) async fn close(driver: Driver, progress: &watch::Receiver<Progress>) {
    let probe = driver.probe();
    if let Some(queue) = &probe {
        console::say(&format!("removing the probe queue {queue} and its subscription"));
    }
    let left = if signals::is_stopping() { driver.stop_within(signals::TIDY_UP).await } else { driver.stop().await };
    for parts in progress.borrow().parts.values() {
        tracing::warn!("{parts}");
        console::say(&format!("warning: {parts}"));
    }
    for queue in &left {
        let text = format!(
            "the probe queue {queue} may be left; the next start removes it, or delete it and its subscription"
        );
        // If standard error is not read, the log file has it.
        tracing::warn!("{text}");
        console::say(&format!("warning: {text}"));
    }
    if let Some(queue) = probe.filter(|queue| !left.contains(queue)) {
        console::say(&format!("removed the probe queue {queue} and its subscription"));
    }
}
