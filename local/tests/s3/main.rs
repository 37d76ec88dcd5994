//! S3 over TCP, with the real SDK.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, helpers included")]

#[macro_use]
#[path = "../support/mod.rs"]
mod support;

mod checksums;
mod common;
#[cfg(target_os = "linux")]
mod disk;
mod events;
mod listing;
mod multipart;
mod notifications;
mod objects;
mod post;
mod presigned;
mod ranges;
mod refusals;
mod tagging;
mod versions;
