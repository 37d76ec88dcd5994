//! S3 over TCP, with the real SDK.

#[path = "s3/common.rs"]
mod common;
#[path = "s3/objects.rs"]
mod objects;
