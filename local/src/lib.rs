//! The embedded cloud: S3, SNS, SQS, `EventBridge`, `CloudWatch` Logs, Lambda and STS on one loopback port, over their real wire
//! protocols.
//!
//! It answers as AWS does, and knows no dashboard. Any credentials are accepted, signatures are not
//! checked, and it listens on 127.0.0.1 only.

mod cloud;
mod common;
mod events;
mod fault;
mod inbox;
mod lambda;
mod local_cloud;
mod logs;
mod metrics;
mod options;
mod router;
mod s3;
mod sns;
mod sqs;
mod sts;

pub use cloud::StartError;
pub use cloud::seed::{BUCKET, EMAIL, FUNCTION, QUEUE, TOPIC};
pub use fault::{Fault, FaultRule};
pub use local_cloud::LocalCloud;
pub use options::{Entry, HandlerCommand, LogFormat, NamedHandler, Options};
