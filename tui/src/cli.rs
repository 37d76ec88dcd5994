//! The command line: what can be typed, and what it means together. It runs nothing and asks no network.

pub(crate) mod check;
mod completions;
mod config;
pub(crate) mod display;
mod doctor;
mod download;
pub(crate) mod duration;
mod local;
mod log;
pub(crate) mod log_file;
mod man;
pub(crate) mod sources;
mod subscribe;
mod upload;
mod wiring;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::config::file::Choice;
use crate::keymap::Keymap;
use crate::terminal::exit::Exit;

pub use completions::CompletionsArgs;
pub use config::ConfigArgs;
pub use display::DisplayArgs;
pub use doctor::DoctorArgs;
pub use download::DownloadArgs;
pub use local::{LocalArgs, LocalCloudArgs};
pub use log::LogFileArgs;
pub use man::ManArgs;
pub use subscribe::{ConfirmArgs, SubscribeArgs};
pub use upload::{Until, UploadArgs};
pub use wiring::WiringArgs;

const LONG_ABOUT: &str = "\
One screen for an S3 -> Lambda -> SNS image pipeline, on AWS or on your own machine.

Without a command, imgwatch opens the dashboard: the bucket's objects, the function's log, the topic's subscriptions, \
and the path of every upload from the bucket to each subscriber.

It works with the function that the bucket invokes, in any language, as it is. What is known of an upload depends on \
what the function logs: its key, for example.";

const EXAMPLES: &str = "\
Names are looked up in this order; the first match is used:
  1. Flags
  2. Environment variables: IMGWATCH_BUCKET and so on
  3. The config file's pipeline: --pipeline, else its `pipeline = \"NAME\"`,
     else the only one:
         pipeline = \"dev\"
         [pipelines.dev]
         profile = \"dev\"
         region = \"eu-west-1\"
         stack = \"image-pipeline\"
     Each may have: bucket, function, topic, log-group, stack, profile, region,
     endpoint-url, read-only, color
  4. The outputs BucketName, FunctionName, TopicArn and LogGroupName of a
     CloudFormation stack: --stack, or the only stack that has them when nothing
     names a pipeline
  5. The wiring: the bucket's notifications name the function, the function's
     environment variables the topic (SNS_TOPIC_ARN, else the first that has the
     ARN of a topic), its logging configuration the log group
Names that are given are not looked up, and names that are not needed are not
looked for.
The variables of the AWS CLI are honoured, as are HTTPS_PROXY, HTTP_PROXY and
NO_PROXY; docs/configuration.md has the list.

Examples:
  Try it, without an AWS account:
      imgwatch --local
  Watch the one pipeline that was deployed, or one of several:
      imgwatch --profile dev
      imgwatch --profile dev --stack image-pipeline
  Watch a pipeline by its names:
      imgwatch --profile dev --bucket my-images --topic alerts
  Upload an image and wait until the subscribers are notified:
      imgwatch upload photo.png --wait --bucket my-images
  Run the whole pipeline on this machine and print JSON:
      imgwatch --local upload --test-image --wait --json

{EXIT_CODES}";

const LIVE_TAIL: &str = "Stream logs with CloudWatch Live Tail (billed)";

const LIVE_TAIL_LONG: &str = "\
Stream logs with CloudWatch Live Tail (billed)

Lines arrive a few seconds sooner. A session is open while an upload is in progress, and all the time with \
`logs --follow`; AWS charges about $0.01 a minute after the free tier (https://aws.amazon.com/cloudwatch/pricing/). The \
log is polled as well, so lines that a session leaves out are not lost. Needs the permission logs:StartLiveTail.";

/// The whole command line.
#[derive(Debug, Parser)]
#[command(name = "imgwatch", version, about, long_about = LONG_ABOUT, after_long_help = Exit::explain(EXAMPLES))]
#[command(max_term_width = 100, disable_help_subcommand = true)]
pub struct Cli {
    /// Where, and what it is called there.
    #[command(flatten)]
    pub pipeline: PipelineArgs,
    /// Display settings of the dashboard.
    #[command(flatten)]
    pub display: DisplayArgs,
    #[arg(long, help = LIVE_TAIL, long_help = LIVE_TAIL_LONG)]
    #[arg(value_name = "ON", num_args = 0..=1, require_equals = true, default_missing_value = "on")]
    #[arg(env = "IMGWATCH_LIVE_TAIL", hide_env_values = true, value_parser = display::switch())]
    pub live_tail: Option<bool>,
    /// The log file.
    #[command(flatten)]
    pub log: LogFileArgs,
    /// What to do; the dashboard without it.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The config file, once it is read.
    #[arg(skip)]
    pub(crate) file: Choice,
    /// The effective keys, once the file is read.
    #[arg(skip)]
    pub(crate) keys: Keymap,
    /// The variables that gave something, by the flag that they stand for.
    #[arg(skip)]
    pub(crate) variables: BTreeMap<String, String>,
    /// Whether the region was typed: then no other one is tried.
    #[arg(skip)]
    pub(crate) region_is_typed: bool,
}

/// Flags that every command takes, before or after its name.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Pipeline")]
pub struct PipelineArgs {
    /// Run an embedded local cloud for this command
    ///
    /// S3, Lambda, SNS, SQS, EventBridge, CloudWatch, CloudWatch Logs and STS are served on a free port of 127.0.0.1,
    /// with a pipeline: bucket `images`, function `ImageUploadProcessor`, topic `image-uploads`. Its data is lost when
    /// the command ends. Names and endpoints in environment variables and the config file are ignored.
    #[arg(long, global = true)]
    pub local: bool,

    /// Pipeline of the config file [default: the file's own default]
    #[arg(long, global = true, value_name = "NAME", env = "IMGWATCH_PIPELINE", hide_env_values = true)]
    pub pipeline: Option<String>,

    /// Config file [default: ~/.config/imgwatch/config.toml]
    ///
    /// Without it, $XDG_CONFIG_HOME/imgwatch/config.toml or ~/.config/imgwatch/config.toml is read where there is one.
    #[arg(long, global = true, value_name = "FILE", env = "IMGWATCH_CONFIG", hide_env_values = true)]
    pub config: Option<OsString>,

    /// CloudFormation stack whose outputs name the rest
    #[arg(long, global = true, value_name = "NAME", env = "IMGWATCH_STACK", hide_env_values = true)]
    pub stack: Option<String>,

    /// AWS profile [default: as in the AWS CLI]
    #[arg(long, global = true, value_name = "NAME", env = "IMGWATCH_PROFILE", hide_env_values = true)]
    pub profile: Option<String>,

    /// AWS region [default: as in the AWS CLI, else the bucket's region]
    #[arg(long, global = true, value_name = "NAME", env = "IMGWATCH_REGION", hide_env_values = true)]
    pub region: Option<String>,

    /// Use this endpoint instead of AWS, such as a running `imgwatch local`
    ///
    /// IMGWATCH_ENDPOINT_URL takes precedence over AWS_ENDPOINT_URL.
    #[arg(long, global = true, value_name = "URL", env = "AWS_ENDPOINT_URL", hide_env_values = true)]
    pub endpoint_url: Option<String>,

    /// Bucket that images are uploaded to [default on loopback: images]
    #[arg(long, global = true, value_name = "NAME", env = "IMGWATCH_BUCKET", hide_env_values = true)]
    pub bucket: Option<String>,

    /// Refuse every request that changes something
    ///
    /// Uploads, subscriptions, confirmations and probes are refused before a request is sent. It also holds for
    /// pipelines that the dashboard switches to. `read-only = true` in a pipeline of the config file does the same;
    /// --read-only=off overrides it.
    #[arg(long, global = true, value_name = "ON", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "on", env = "IMGWATCH_READ_ONLY", hide_env_values = true)]
    #[arg(value_parser = display::switch())]
    pub read_only: Option<bool>,

    #[expect(clippy::doc_markdown, reason = "the help shows it as it is")]
    /// Function that the bucket invokes, by name or ARN [default: looked up, else ImageUploadProcessor]
    #[arg(long, global = true, value_name = "NAME", env = "IMGWATCH_FUNCTION", hide_env_values = true)]
    pub function: Option<String>,

    /// Topic that the function publishes to, by name or ARN [default on loopback: image-uploads]
    ///
    /// Give it several times, or with commas, for a function that publishes to several topics. The subscriptions are those of
    /// the first one; of the others, deliveries are known where the topic logs their status.
    #[arg(long, global = true, value_name = "NAME", env = "IMGWATCH_TOPIC", hide_env_values = true)]
    #[arg(value_delimiter = ',')]
    pub topic: Vec<String>,

    /// Log group of the function [default: from the function's configuration, else /aws/lambda/FUNCTION]
    #[arg(long, global = true, value_name = "NAME", env = "IMGWATCH_LOG_GROUP", hide_env_values = true)]
    pub log_group: Option<String>,

    /// How long nothing may move on a connection
    #[arg(long, global = true, hide = true, env = "IMGWATCH_IDLE_TIMEOUT", value_parser = duration::parse)]
    pub idle_timeout: Option<Duration>,
    /// How a local cloud is started.
    #[command(flatten)]
    pub local_cloud: LocalCloudArgs,
}

/// What to do.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Upload images and follow them to the subscribers
    Upload(UploadArgs),
    /// Run a local cloud with a pipeline until Ctrl-C
    Local(LocalArgs),
    /// List the bucket's objects
    Objects(JsonArgs),
    /// Download an object
    Download(DownloadArgs),
    /// Print the function's log
    Logs(LogsArgs),
    /// List the topic's subscriptions
    Subscriptions(JsonArgs),
    /// Subscribe an endpoint to the topic
    Subscribe(SubscribeArgs),
    /// Confirm a subscription with the link of its email
    Confirm(ConfirmArgs),
    /// Diagnose the pipeline and suggest fixes
    Doctor(DoctorArgs),
    /// Print the pipeline's resources as a graph
    Wiring(WiringArgs),
    /// Print the effective configuration and the source of each value
    Config(ConfigArgs),
    /// Print a shell completion script
    Completions(CompletionsArgs),
    /// Write the manual pages to a folder
    Man(ManArgs),
    /// Runs as the Lambda function; the local cloud starts it.
    #[command(name = "__handler", hide = true)]
    Handler,
}

/// Commands that only list.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = Exit::explain("{EXIT_CODES}"))]
pub struct JsonArgs {
    /// Print one JSON object on each line
    #[arg(long)]
    pub json: bool,
}

const LOGS_HELP: &str = "\
{EXIT_CODES}
The log group does not exist: 3, since the function was never invoked, or has
another name. --follow ends with 0, not 130, on Ctrl-C or SIGTERM.

Examples:
  imgwatch logs --since 1h
  imgwatch logs --follow
  imgwatch logs --json | jq 'select(.level == \"ERROR\") | .message'";

/// `imgwatch logs`.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = Exit::explain(LOGS_HELP))]
pub struct LogsArgs {
    /// Print new lines until Ctrl-C
    #[arg(long, short)]
    pub follow: bool,
    /// How far to look back
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = duration::parse)]
    pub since: Duration,
    /// Print one JSON object on each line
    #[arg(long)]
    pub json: bool,
    #[arg(long, help = LIVE_TAIL, long_help = LIVE_TAIL_LONG)]
    pub live_tail: bool,
}
