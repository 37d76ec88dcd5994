//! The cloud on this machine: started for one command by `--local`, or served until Ctrl-C by `imgwatch local`.

use super::failure::Failure;
use crate::cli::{LocalArgs, PipelineArgs};
pub(crate) use crate::cloud::embedded::EmbeddedCloud;
use crate::cloud::embedded::{self, Serve, Start};
use crate::terminal::exit::Exit;

/// Starts a cloud: for `imgwatch local` as its arguments say, else on a free port with short retries.
///
/// # Errors
/// When the port is taken, or this program cannot be found to run it as the function.
pub(crate) async fn start(pipeline: &PipelineArgs, args: Option<&LocalArgs>) -> Result<EmbeddedCloud, Failure> {
    let PipelineArgs { handler, handler_env, region, allow_outbound, .. } = pipeline;
    let serve = args.map(|LocalArgs { port, smtp, retry_delays }| Serve {
        port: *port,
        smtp: smtp.clone(),
        retry_delays: *retry_delays,
    });
    let start = Start {
        handler: handler.as_deref(),
        variables: handler_env,
        region: region.as_deref(),
        allow_outbound: *allow_outbound,
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
    let welcomed = super::output::write(&welcome(own.endpoint(), own.region())).await;
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
fn welcome(endpoint: &str, region: &str) -> String {
    use imgwatch_local::{BUCKET, EMAIL, FUNCTION, QUEUE, TOPIC};
    format!(
        "\
# The local cloud serves S3, Lambda, SNS, SQS, CloudWatch Logs and STS until Ctrl-C.
# Any credentials are accepted, and only this machine can reach it.
export AWS_ENDPOINT_URL={endpoint}
export AWS_ACCESS_KEY_ID=local
export AWS_SECRET_ACCESS_KEY=local
export AWS_REGION={region}
export AWS_DEFAULT_REGION={region}
#
# Bucket {BUCKET} -> function {FUNCTION} -> topic {TOPIC} -> {EMAIL} and queue {QUEUE}
#
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
