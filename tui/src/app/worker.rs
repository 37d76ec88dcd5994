//! Runs work of the model that takes longer than a frame, one piece at a time, on a thread of its own.

use std::future::pending;

use tokio::task::{JoinHandle, spawn_blocking};

use crate::model::objects::{Arranged, Work};

#[derive(Debug, Default)]
pub(super) struct Worker(Option<JoinHandle<Arranged>>);

impl Worker {
    /// Starts a piece of work. The model has no other before this one is done.
    pub(super) fn start(&mut self, work: Option<Work>) {
        if let Some(work) = work {
            self.0 = Some(spawn_blocking(move || work.run()));
        }
    }

    /// Waits for its result; without work it never returns. Cancel safe.
    pub(super) async fn done(&mut self) -> Arranged {
        let Some(task) = &mut self.0 else { return pending().await };
        let arranged = task.await;
        self.0 = None;
        // A panic is noticed elsewhere, and ends the program.
        arranged.unwrap_or_else(|_| Arranged::nothing())
    }
}
