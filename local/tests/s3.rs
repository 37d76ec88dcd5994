//! S3 over TCP, with the real SDK.

#[path = "s3/checksums.rs"]
mod checksums;
#[path = "s3/common.rs"]
mod common;
#[path = "s3/listing.rs"]
mod listing;
#[path = "s3/multipart.rs"]
mod multipart;
#[path = "s3/notifications.rs"]
mod notifications;
#[path = "s3/objects.rs"]
mod objects;
#[path = "s3/presigned.rs"]
mod presigned;
