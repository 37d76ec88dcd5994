//! The Lambda function `ImageUploadProcessor`: S3 event in, SNS notification out.
//!
//! S3's event may come in any envelope: directly, by SQS, SNS or EventBridge, or in several of them. Its records are taken
//! in order and each is tried. If any of them could not be published, whatever the cause, the invocation fails: Lambda
//! then retries the event and at last hands it to the on-failure destination, or SQS delivers the whole batch again and at
//! last moves it to the dead-letter queue. For a record that can never be published the retries are cheap attempts too
//! many, but no event is lost without anybody seeing it. An event that is not one of S3's fails for the same reason; S3's
//! test event is one, and succeeds. A retry does not publish again what this environment has already published.
//!
//! Of a batch of SQS messages, only those that failed are delivered again if the event source mapping reads the function's
//! answer. The function cannot see whether it does: `REPORT_BATCH_ITEM_FAILURES` says so.
//!
//! The function reads no object and writes to no bucket, so it needs no rights on S3 and cannot invoke itself.

mod answer;
mod config;
mod dedup;
mod error;
mod event;
mod handle;
mod log;
mod publish;

use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;

pub use answer::{Answer, Summary};
pub use config::Config;
pub use dedup::Published;
pub use error::{Cause, ConfigError, InvocationError, PublishError};
pub use handle::handle;
pub use log::install as install_log;
pub use publish::{Publish, SnsTopic};

/// What `lambda_runtime` takes from the environment, and panics without.
const RUNTIME_VARIABLES: [&str; 4] = [
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
];

/// Runs the function in this process until Lambda ends it: configuration and client once, then one event at a time.
///
/// Await it in `main` or under `block_on`: the SDK's futures inside keep it from being `Send`.
///
/// It installs the global `tracing` subscriber and the panic hook, and writes its log to standard output.
///
/// # Errors
/// When the environment does not say what to do, or the Runtime API went away. The error is already in the log.
pub async fn run() -> Result<(), lambda_runtime::Error> {
    log::install()?;
    let outcome = Box::pin(configure_and_serve()).await;
    if let Err(error) = &outcome {
        tracing::error!("the function cannot run: {error}");
    }
    outcome
}

async fn configure_and_serve() -> Result<(), lambda_runtime::Error> {
    for name in RUNTIME_VARIABLES {
        if std::env::var_os(name).is_none() {
            let hint = "this program runs inside Lambda; to run it on this machine use `imgwatch --local`";
            return Err(ConfigError::Missing { name, hint }.into());
        }
    }
    let config = Config::from_env()?;
    let topic = Box::pin(SnsTopic::from_env()).await?;
    Box::pin(serve(&topic, &config)).await
}

/// Serves invocations with this publisher. [`run`] is this with the topic from the environment.
///
/// # Errors
/// When the Runtime API went away.
pub async fn serve(publish: &impl Publish, config: &Config) -> Result<(), lambda_runtime::Error> {
    let published = Published::default();
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| {
        let deadline = handle::deadline(event.context.deadline());
        let (config, published) = (&config, &published);
        // Boxed, here and below: the runtime's and the SDK's futures nest deeper than the compiler follows.
        Box::pin(async move { handle(&event.payload, publish, config, published, deadline).await })
    }))
    .await
}
