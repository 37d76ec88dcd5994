//! The embedded cloud: S3, SNS, SQS, `CloudWatch` Logs, Lambda and STS on one loopback port, over their real wire
//! protocols.
//!
//! It pretends to be AWS and nothing else: it knows no dashboard. Any credentials are accepted, signatures are not
//! checked, and it listens on 127.0.0.1 only.

mod aws_json;
mod cloud;
mod fault;
mod http;
mod inbox;
mod lambda;
mod logs;
mod metrics;
mod options;
mod s3;
mod seed;
mod sns;
mod sqs;
mod sts;
mod wire;

pub use cloud::{LocalCloud, StartError};
pub use fault::{Fault, FaultRule};
pub use options::{HandlerCommand, LogFormat, Options};
pub use seed::{BUCKET, EMAIL, FUNCTION, QUEUE, TOPIC};
