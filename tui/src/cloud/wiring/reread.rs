//! Says how the wiring stands, reads the rest of it for the dashboard, and reads it again: on request, and where something
//! could not be read for a reason that passes.

use std::sync::Arc;
use std::time::Duration;

use super::Reader;
use crate::cloud::connection::Connection;
use crate::cloud::connection::back_off::{self, BackOff};
use crate::cloud::connection::clients::Cloud;
use crate::domain::wiring::{Wiring, changes};
use crate::msg::Update;
use crate::text::clean::Clean;

/// Waits between readings, from the first to the longest.
const BACK_OFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(1));

/// Changes that a notice names; the pipeline's view has them all.
const NAMED: usize = 3;

/// Runs as long as the connection does: what depends on the wiring waits for what is read here.
pub(in crate::cloud) async fn keep_current(connection: Arc<Connection>, cloud: Arc<Cloud>, reader: Reader) {
    tokio::join!(show(&connection, &cloud), read_again(&connection, &cloud, &reader));
}

/// Sends the wiring whenever it has changed, whichever task read the change.
async fn show(connection: &Connection, cloud: &Cloud) {
    let mut wirings = cloud.wiring.subscribe();
    let mut sent = None;
    loop {
        let wiring = Arc::clone(&wirings.borrow_and_update());
        if sent.as_ref() != Some(&wiring) {
            connection.send(Update::Wiring(Arc::clone(&wiring))).await;
            sent = Some(wiring);
        }
        if wirings.changed().await.is_err() {
            return;
        }
    }
}

async fn read_again(connection: &Connection, cloud: &Cloud, reader: &Reader) {
    let mut wirings = cloud.wiring.subscribe();
    let mut back_off = BackOff::new(BACK_OFF.0, BACK_OFF.1);
    let mut wait = back_off::spread(back_off.wait());
    let is_whole = connection.feeds.wiring;
    if is_whole {
        // It is drawn as it is found. What was learned meanwhile stays.
        let add = |found: &Wiring| cloud.wiring.send_modify(|known| *known = Arc::new(known.join(found)));
        let line = Wiring::clone(&cloud.wiring());
        Box::pin(Reader::read_on(&cloud.config, &cloud.s3, line, add)).await;
    }
    loop {
        let may_change = wirings.borrow_and_update().may_change();
        let is_asked = tokio::select! {
            // Something was learned elsewhere, such as a topic's ARN.
            _ = wirings.changed() => continue,
            () = tokio::time::sleep(wait), if may_change => false,
            () = connection.state.asked(), if may_change => {
                back_off.reset();
                false
            }
            () = cloud.wiring_asked.notified(), if is_whole => {
                back_off.reset();
                true
            }
        };
        wait = back_off::spread(back_off.wait());
        read(connection, cloud, reader, is_asked).await;
    }
}

/// Reads it once more. Where S3 cannot be reached, what is known stays.
async fn read(connection: &Connection, cloud: &Cloud, reader: &Reader, is_asked: bool) {
    let reading = match Box::pin(reader.read(&cloud.config, &cloud.s3, &mut Vec::new())).await {
        Ok(reading) => reading,
        Err(problem) => {
            tracing::warn!("{problem}");
            // What waits for this reading goes on.
            cloud.wiring.send_modify(|_| {});
            return;
        }
    };
    if !reading.wiring.may_change() && !is_asked {
        for note in reading.notes {
            connection.send(Update::Notice(note)).await;
        }
    }
    if !connection.feeds.wiring {
        cloud.wiring.send_replace(Arc::new(reading.wiring));
        return;
    }
    let wiring = Box::pin(Reader::read_on(&cloud.config, &cloud.s3, reading.wiring, |_| {})).await;
    let before = cloud.wiring.send_replace(Arc::new(wiring));
    let changed = changes(&before, &cloud.wiring());
    if !changed.is_empty() {
        let more = changed.len().saturating_sub(NAMED);
        let named: Vec<&str> = changed.iter().take(NAMED).map(String::as_str).collect();
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        let text = format!("pipeline changed: {}{more}", named.join("; "));
        connection.send(Update::Notice(Clean::new(&text))).await;
    }
}
