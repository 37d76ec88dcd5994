//! The agreements between imgwatch's programs: what the handler publishes, logs and answers, how S3's events reach it, and
//! how S3 writes a key.
//!
//! Nothing here talks to a network, reads a clock or knows AWS's SDK; both sides of an agreement use the same type.

#![warn(missing_docs)]

pub mod arn;
pub mod batch_response;
pub mod clean;
pub mod event_pattern;
pub mod filter_policy;
mod fingerprint;
pub mod function;
pub mod image_types;
pub mod media_type;
pub mod message;
pub mod notification;
pub mod notification_rule;
pub mod object_key;
pub mod prose;
pub mod record;
pub mod resource_policy;
mod ruler;
pub mod s3_event;
