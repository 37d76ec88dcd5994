//! S3 over TCP, with the real SDK.

#[cfg(test)]
#[path = "s3/checksums.rs"]
mod checksums;
#[cfg(test)]
#[path = "s3/common.rs"]
mod common;
#[cfg(target_os = "linux")]
#[cfg(test)]
#[path = "s3/disk.rs"]
mod disk;
#[cfg(test)]
#[path = "s3/events.rs"]
mod events;
#[cfg(test)]
#[path = "s3/listing.rs"]
mod listing;
#[cfg(test)]
#[path = "s3/multipart.rs"]
mod multipart;
#[cfg(test)]
#[path = "s3/notifications.rs"]
mod notifications;
#[cfg(test)]
#[path = "s3/objects.rs"]
mod objects;
#[cfg(test)]
#[path = "s3/post.rs"]
mod post;
#[cfg(test)]
#[path = "s3/presigned.rs"]
mod presigned;
#[cfg(test)]
#[path = "s3/ranges.rs"]
mod ranges;
#[cfg(test)]
#[path = "s3/refusals.rs"]
mod refusals;
#[cfg(test)]
#[path = "s3/tagging.rs"]
mod tagging;
#[cfg(test)]
#[path = "s3/versions.rs"]
mod versions;
