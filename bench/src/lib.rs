//! A stub of S3 that lists: any number of keys, a set latency, and a limit of requests a second.
//!
//! It answers `ListObjectsV2` and nothing else. Measurements run against it, and so do tests of listing, which change the
//! keys while they are listed. It checks no signature.

pub mod keys;
mod listing;
mod server;

pub use keys::{Keys, Shape};
pub use server::{Options, StartAfter, Stub};
