//! The cloud on this machine: started for one command by `--local`, or served until Ctrl-C by `imgwatch local`.

use super::failure::Failure;
#[cfg(feature = "local")]
use crate::cli::LocalCloudArgs;
use crate::cli::{LocalArgs, PipelineArgs};
pub(crate) use crate::cloud::embedded::EmbeddedCloud;
use crate::cloud::embedded::{self, Function, Serve, Start};
use crate::terminal::exit::Exit;

/// Starts a cloud: for `imgwatch local` as its arguments say, else on a free port with short retries.
///
/// # Errors
/// When the port is taken, or this program cannot be found to run it as the function.
pub(crate) async fn start(pipeline: &PipelineArgs, args: Option<&LocalArgs>) -> Result<EmbeddedCloud, Failure> {
    let PipelineArgs { local_cloud, region, .. } = pipeline;
    let serve = args.map(|LocalArgs { port, smtp, retry_delays }| Serve {
        port: *port,
        smtp: smtp.clone(),
        retry_delays: *retry_delays,
    });
    let function = |(name, program): (&str, &std::ffi::OsStr)| Function {
        name: name.to_owned(),
        program: program.to_owned(),
        variables: local_cloud.variables(Some(name)),
    };
    let start = Start {
        handler: local_cloud.program(),
        variables: local_cloud.variables(None),
        functions: local_cloud.functions().map(function).collect(),
        entry: local_cloud.entry.as_deref(),
        buckets: &local_cloud.add_bucket,
        region: region.as_deref(),
        allow_outbound: local_cloud.allow_outbound,
        serve,
    };
    Ok(embedded::start(start).await?)
}

/// `imgwatch local`: serves until a signal.
#[cfg(feature = "local")]
pub(crate) async fn serve(pipeline: &PipelineArgs, args: &LocalArgs) -> Result<Exit, Failure> {
    crate::terminal::signals::listen()?;
    let own = start(pipeline, Some(args)).await?;
    // The reader may close the pipe: the cloud is served all the same.
    let welcomed = super::output::write(&welcome(own.endpoint(), own.region(), &pipeline.local_cloud)).await;
    if welcomed.is_ok() {
        crate::terminal::signals::stop().await;
    }
    own.stop().await;
    match welcomed {
        // It is how serving ends.
        Err(failure) if failure.exit() != Exit::Interrupted => Err(failure),
        _ => Ok(Exit::Proven),
    }
}

/// A shell can source it: everything but the exports is a comment.
#[cfg(feature = "local")]
fn welcome(endpoint: &str, region: &str, args: &LocalCloudArgs) -> String {
    use imgwatch_local::{BUCKET, EMAIL, FUNCTION, QUEUE, TOPIC};
    let entry = match args.entry.as_deref() {
        Some("queue") => "queue image-events -> ",
        Some("topic") => "topic image-events -> ",
        Some("topic-queue") => "topic image-events -> queue image-events -> ",
        Some("eventbridge") => "EventBridge rule image-events -> ",
        _ => "",
    };
    let function = |(name, _)| format!("# Function {name}, which nothing invokes yet\n");
    let also = args.functions().map(function).collect::<Vec<_>>().concat();
    let buckets = [BUCKET].into_iter().chain(args.add_bucket.iter().map(String::as_str)).collect::<Vec<_>>().join(", ");
    format!(
        "\
# The local cloud serves S3, Lambda, SNS, SQS, EventBridge, CloudWatch, CloudWatch Logs and STS until Ctrl-C.
# Any credentials are accepted, and only this machine can reach it.
export AWS_ENDPOINT_URL={endpoint}
export AWS_ACCESS_KEY_ID=local
export AWS_SECRET_ACCESS_KEY=local
export AWS_REGION={region}
export AWS_DEFAULT_REGION={region}
#
# Bucket {buckets} -> {entry}function {FUNCTION} -> topic {TOPIC} -> {EMAIL} and queue {QUEUE}
{also}#
# Dashboard:  imgwatch --endpoint-url {endpoint}
# Upload:     aws s3 cp photo.png s3://{BUCKET}/
"
    )
}

/// The command line is refused before this is reached.
#[cfg(not(feature = "local"))]
pub(crate) async fn serve(pipeline: &PipelineArgs, args: &LocalArgs) -> Result<Exit, Failure> {
    start(pipeline, Some(args)).await.map(|_| Exit::Proven)
}
