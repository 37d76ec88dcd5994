//! Which probes of this machine have lost their program: one file each, locked as long as the program lives.
//!
//! The system drops the lock however the program ends, so a sweep can tell a crash from a probe at work. Where no file
//! can be written, only the queue's own tags show it.

use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use crate::config::xdg;
use crate::domain::probe::PREFIX;

/// A probe's file, locked until it is dropped; empty where there is no place for one.
#[derive(Debug)]
pub(super) struct Claim(#[expect(dead_code, reason = "it is held, not read")] Option<File>);

/// What a file says of its probe's program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    /// It lives.
    Alive,
    /// It has ended.
    Gone,
    /// There is no file here: it may run on another machine.
    Unknown,
}

/// Claims a probe for this program.
pub(super) fn claim(name: &str, topic_arn: &str, endpoint: Option<&str>) -> Claim {
    let file = folder().and_then(|folder| {
        fs::create_dir_all(&folder).ok()?;
        let mut file = OpenOptions::new().write(true).create_new(true).open(folder.join(name)).ok()?;
        file.try_lock().ok()?;
        file.write_all(place(topic_arn, endpoint).as_bytes()).ok()?;
        Some(file)
    });
    Claim(file)
}

/// Whether the program of a probe lives.
pub(super) fn holder(name: &str) -> Holder {
    let file = folder().and_then(|folder| OpenOptions::new().write(true).open(folder.join(name)).ok());
    match file.map(|file| file.try_lock()) {
        None | Some(Err(fs::TryLockError::Error(_))) => Holder::Unknown,
        Some(Err(fs::TryLockError::WouldBlock)) => Holder::Alive,
        Some(Ok(())) => Holder::Gone,
    }
}

/// The probes on a topic whose programs of this machine have ended.
pub(super) fn abandoned(topic_arn: &str, endpoint: Option<&str>) -> Vec<String> {
    let entries = folder().and_then(|folder| fs::read_dir(folder).ok());
    let names = entries.into_iter().flatten().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names
        .filter(|name| name.starts_with(PREFIX))
        .filter(|name| says(name).is_some_and(|said| said == place(topic_arn, endpoint)))
        .filter(|name| holder(name) == Holder::Gone)
        .collect()
}

/// Removes the file of a probe that is gone.
pub(super) fn forget(name: &str) {
    if let Some(folder) = folder() {
        // What is left of it does no harm.
        let _ = fs::remove_file(folder.join(name));
    }
}

/// Whether a probe's file is older than any delay with which SQS shows a new queue.
pub(super) fn is_old(name: &str) -> bool {
    let metadata = folder().and_then(|folder| fs::metadata(folder.join(name)).ok());
    let age = metadata.and_then(|metadata| metadata.modified().ok()?.elapsed().ok());
    age.is_some_and(|age| age > Duration::from_mins(2))
}

fn says(name: &str) -> Option<String> {
    let mut text = String::new();
    File::open(folder()?.join(name)).ok()?.read_to_string(&mut text).ok()?;
    Some(text)
}

fn place(topic_arn: &str, endpoint: Option<&str>) -> String {
    format!("{topic_arn}\n{}\n", endpoint.unwrap_or_default())
}

fn folder() -> Option<PathBuf> {
    Some(xdg::state()?.join("probes"))
}
