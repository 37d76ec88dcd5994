//! The cloud side: does what effects ask for and says what came of it. The only room that knows AWS's SDK.
//!
//! It gets [`Effect`] data and sends [`Update`] data; it never sees the model.

use std::collections::BTreeMap;

use tokio::sync::{mpsc, watch};

use crate::config::{Feeds, Settings};
use crate::effect::Effect;
use crate::model::uploads::fact::UploadId;
use crate::msg::Update;

/// Bytes sent and bytes in all of each upload on its way; the latest state wins.
pub type Progress = BTreeMap<UploadId, (u64, u64)>;

/// The running cloud side. Dropping it cancels everything.
#[derive(Debug)]
pub struct Driver {}

impl Driver {
    /// Starts to connect and, once connected, to follow the feeds. Returns at once; effects wait for the connection.
    pub fn start(
        _settings: Settings,
        _feeds: Feeds,
        _updates: mpsc::Sender<Update>,
        _progress: watch::Sender<Progress>,
    ) -> Self {
        Self {}
    }

    /// Does what an effect asks for, in a task of its own. Never waits.
    pub fn perform(&self, _effect: Effect) {}

    /// Cancels everything and waits for it to end, a second at most.
    #[expect(clippy::unused_async, reason = "tasks will be awaited here")]
    pub async fn stop(self) {}
}
