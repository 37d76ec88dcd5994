//! Says how the wiring stands, and reads it again where something could not be read for a reason that passes.

use std::sync::Arc;
use std::time::Duration;

use super::Reader;
use crate::cloud::connection::Connection;
use crate::cloud::connection::back_off::{self, BackOff};
use crate::cloud::connection::clients::Cloud;
use crate::msg::Update;

/// Waits between readings, from the first to the longest.
const BACK_OFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(1));

/// Runs as long as the connection does: what depends on the wiring waits for what is read here.
pub(in crate::cloud) async fn keep_current(connection: Arc<Connection>, cloud: Arc<Cloud>, reader: Reader) {
    let mut wirings = cloud.wiring.subscribe();
    let mut back_off = BackOff::new(BACK_OFF.0, BACK_OFF.1);
    let mut wait = back_off::spread(back_off.wait());
    let mut sent = None;
    loop {
        let wiring = Arc::clone(&wirings.borrow_and_update());
        let may_change = wiring.may_change();
        if sent.as_ref() != Some(&wiring) {
            connection.send(Update::Wiring(Arc::clone(&wiring))).await;
            sent = Some(wiring);
        }
        tokio::select! {
            // Something was learned elsewhere, such as a topic's ARN.
            _ = wirings.changed() => continue,
            () = tokio::time::sleep(wait), if may_change => {}
            () = connection.state.asked(), if may_change => back_off.reset(),
        }
        wait = back_off::spread(back_off.wait());
        read(&connection, &cloud, &reader).await;
    }
}

/// Reads it once more. Where S3 cannot be reached, what is known stays.
async fn read(connection: &Connection, cloud: &Cloud, reader: &Reader) {
    let reading = match Box::pin(reader.read(&cloud.config, &cloud.s3, &mut Vec::new())).await {
        Ok(reading) => reading,
        Err(problem) => {
            tracing::warn!("{problem}");
            // What waits for this reading goes on.
            cloud.wiring.send_modify(|_| {});
            return;
        }
    };
    if !reading.wiring.may_change() {
        for note in reading.notes {
            connection.send(Update::Notice(note)).await;
        }
    }
    cloud.wiring.send_replace(Arc::new(reading.wiring));
}
