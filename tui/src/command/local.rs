//! The cloud on this machine: started for one command by `--local`, or served until Ctrl-C by `imgwatch local`.

use super::failure::{Exit, Failure};
use crate::cli::{LocalArgs, PipelineArgs};

/// A cloud that this process runs.
#[cfg(feature = "local")]
pub(crate) struct Own {
    cloud: imgwatch_local::LocalCloud,
}

/// Without the feature `local` there is none.
#[cfg(not(feature = "local"))]
pub(crate) enum Own {}

#[cfg(feature = "local")]
impl Own {
    /// Its one endpoint URL.
    pub(crate) fn endpoint(&self) -> &str {
        self.cloud.endpoint()
    }

    /// Stops it and waits for its processes.
    pub(crate) async fn stop(self) {
        self.cloud.stop().await;
    }
}

/// Starts a cloud: for `imgwatch local` as its arguments say, else on a free port with short retries.
///
/// # Errors
/// When the port is taken, or this program cannot be found to run it as the function.
#[cfg(feature = "local")]
pub(crate) async fn start(pipeline: &PipelineArgs, args: Option<&LocalArgs>) -> Result<Own, Failure> {
    use imgwatch_local::{HandlerCommand, LocalCloud, Options};

    let handler = if let Some(program) = &pipeline.handler {
        HandlerCommand { program: program.clone(), args: Vec::new(), env: Vec::new() }
    } else {
        let program = std::env::current_exe().map_err(|error| {
            let what = format!("cannot find this program's own file, which is also the function: {error}");
            Failure::new(what, "name a function with --handler PROGRAM")
        })?;
        HandlerCommand { program: program.into(), args: vec!["__handler".into()], env: Vec::new() }
    };
    let mut options = Options::new(handler);
    if let Some(region) = &pipeline.region {
        options.region.clone_from(region);
    }
    if let Some(args) = args {
        options.port = args.port;
        options.smtp.clone_from(&args.smtp);
        options.retry_delays = args.retry_delays;
    }
    let cloud = LocalCloud::start(options).await.map_err(|error| Failure::new(error.to_string(), ""))?;
    Ok(Own { cloud })
}

/// `imgwatch local`: serves until a signal.
#[cfg(feature = "local")]
pub(crate) async fn serve(pipeline: &PipelineArgs, args: &LocalArgs) -> Result<Exit, Failure> {
    let mut signals = crate::signals::Signals::listen()?;
    report_warnings();
    let own = start(pipeline, Some(args)).await?;
    // Whoever reads may stop reading: the cloud is there all the same.
    super::output::write(&welcome(own.endpoint(), own.cloud.region()))?;
    signals.stop().await;
    own.stop().await;
    Ok(Exit::Success)
}

/// What the cloud has to say of events that it drops or cannot deliver goes to standard error.
#[cfg(feature = "local")]
fn report_warnings() {
    use tracing::level_filters::LevelFilter;
    use tracing_subscriber::filter::Targets;
    use tracing_subscriber::layer::SubscriberExt as _;

    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false).without_time();
    let ours = Targets::new().with_target("imgwatch_local", LevelFilter::WARN);
    // Where there is a subscriber already, it has the lines.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(ours).with(lines));
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

/// What a build without the feature `local` has instead. The command line is refused before any of it is reached.
#[cfg(not(feature = "local"))]
#[expect(clippy::unused_async, reason = "callers await what the other build does here")]
mod absent {
    use super::{Exit, Failure, LocalArgs, Own, PipelineArgs};

    impl Own {
        pub(crate) fn endpoint(&self) -> &'static str {
            match *self {}
        }

        pub(crate) async fn stop(self) {
            match self {}
        }
    }

    pub(crate) async fn start(_: &PipelineArgs, _: Option<&LocalArgs>) -> Result<Own, Failure> {
        Err(none())
    }

    pub(crate) async fn serve(_: &PipelineArgs, _: &LocalArgs) -> Result<Exit, Failure> {
        Err(none())
    }

    fn none() -> Failure {
        Failure::new("this build has no local cloud", "build it with the feature `local`")
    }
}

#[cfg(not(feature = "local"))]
pub(crate) use absent::{serve, start};
