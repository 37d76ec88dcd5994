//! The command line: what can be typed, and what it means together. It runs nothing and asks no network.

pub(crate) mod check;
mod doctor;
pub(crate) mod duration;
mod sources;

use std::ffi::OsString;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Parser, Subcommand};

use crate::config::file::Choice;
use crate::model::subscriptions::Protocol;

pub use doctor::DoctorArgs;

const LONG_ABOUT: &str = "\
One screen for an S3 -> Lambda -> SNS image pipeline, on AWS or on your own machine.

Without a command, imgwatch opens the dashboard: the bucket's objects, the function's log, the topic's subscriptions, \
and the way of every upload from the bucket to each subscriber.";

const EXAMPLES: &str = "\
Where names come from, the first that has one:
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
     endpoint-url
  4. The outputs BucketName, FunctionName, TopicArn and LogGroupName of a
     CloudFormation stack: --stack, or the only stack that has them when nothing
     names a pipeline
  5. The wiring: the bucket's notifications name the function, the function's
     variable SNS_TOPIC_ARN the topic, its logging configuration the log group
What is named is never looked up, and what is not needed is never looked for.
HTTPS_PROXY, HTTP_PROXY, NO_PROXY and AWS_CA_BUNDLE are honoured.

Examples:
  Try it, without an AWS account:
      imgwatch --local
  Watch the one pipeline that was deployed, or one of several:
      imgwatch --profile dev
      imgwatch --profile dev --stack image-pipeline
  Watch a pipeline by its names:
      imgwatch --profile dev --bucket my-images --topic alerts
  Upload an image, and wait until the subscribers are told:
      imgwatch upload photo.png --wait --bucket my-images
  The whole trip on this machine, as JSON:
      imgwatch --local upload --test-image --wait --json

Exit codes:
  0    Done
  1    Something failed
  2    Wrong usage
  3    A wait ran out
  130  Interrupted";

/// The whole command line.
#[derive(Debug, Parser)]
#[command(name = "imgwatch", version, about, long_about = LONG_ABOUT, after_long_help = EXAMPLES)]
#[command(max_term_width = 100, disable_help_subcommand = true)]
pub struct Cli {
    /// Where, and what it is called there.
    #[command(flatten)]
    pub pipeline: PipelineArgs,
    /// What to do; the dashboard without it.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The config file, once it is read.
    #[arg(skip)]
    pub(crate) file: Choice,
    /// Whether the region was typed: then no other one is tried.
    #[arg(skip)]
    pub(crate) region_is_typed: bool,
}

/// Flags that every command takes, before or after its name.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Pipeline")]
pub struct PipelineArgs {
    /// Run a cloud of its own on this machine for this command
    ///
    /// S3, Lambda, SNS, SQS and CloudWatch Logs are served on a free port of 127.0.0.1, with a pipeline set up: bucket
    /// `images`, function `ImageUploadProcessor`, topic `image-uploads`. It ends with the command, and so does what was
    /// stored in it. Names and endpoints in environment variables and the config file are ignored.
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

    /// Profile of the AWS configuration files [default: as in the AWS CLI]
    #[arg(long, global = true, value_name = "NAME", env = "IMGWATCH_PROFILE", hide_env_values = true)]
    pub profile: Option<String>,

    /// AWS region [default: as in the AWS CLI, corrected by where the bucket is]
    #[arg(long, global = true, value_name = "NAME", env = "IMGWATCH_REGION", hide_env_values = true)]
    pub region: Option<String>,

    /// Talk to this endpoint instead of AWS, such as a running `imgwatch local`
    ///
    /// IMGWATCH_ENDPOINT_URL comes before AWS_ENDPOINT_URL.
    #[arg(long, global = true, value_name = "URL", env = "AWS_ENDPOINT_URL", hide_env_values = true)]
    pub endpoint_url: Option<String>,

    /// Bucket that images are uploaded to [default on loopback: images]
    #[arg(long, global = true, value_name = "NAME", env = "IMGWATCH_BUCKET", hide_env_values = true)]
    pub bucket: Option<String>,

    #[expect(clippy::doc_markdown, reason = "the help shows it as it is")]
    /// Function that the bucket invokes, by name or ARN [default: ImageUploadProcessor]
    #[arg(long, global = true, value_name = "NAME", env = "IMGWATCH_FUNCTION", hide_env_values = true)]
    pub function: Option<String>,

    /// Topic that the function publishes to, by name or ARN [default on loopback: image-uploads]
    #[arg(long, global = true, value_name = "NAME", env = "IMGWATCH_TOPIC", hide_env_values = true)]
    pub topic: Option<String>,

    /// Log group of the function [default: as the function says, else /aws/lambda/FUNCTION]
    #[arg(long, global = true, value_name = "NAME", env = "IMGWATCH_LOG_GROUP", hide_env_values = true)]
    pub log_group: Option<String>,

    /// Run this program as the function in the local cloud
    ///
    /// With --local and `imgwatch local`: a program that speaks the Lambda Runtime API, such as the `bootstrap` of
    /// your own function, instead of the function that imgwatch ships.
    #[arg(long, global = true, value_name = "PROGRAM", hide_short_help = true)]
    pub handler: Option<OsString>,
}

/// What to do.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Upload images, and follow them to the subscribers
    Upload(UploadArgs),
    /// Serve a cloud with a pipeline on this machine until Ctrl-C
    Local(LocalArgs),
    /// List the bucket's objects
    Objects(JsonArgs),
    /// Print the function's log
    Logs(LogsArgs),
    /// List the topic's subscriptions
    Subscriptions(JsonArgs),
    /// Subscribe an address to the topic
    Subscribe(SubscribeArgs),
    /// Look for what is miswired, and say what mends it
    Doctor(DoctorArgs),
    /// Runs as the Lambda function; the local cloud starts it.
    #[command(name = "__handler", hide = true)]
    Handler,
}

const UPLOAD_HELP: &str = "\
Text output is a line for each stage as it is seen. With --json, one object for
each file is printed at the end, in the order of the files:
  file           The path as given; null for the test image
  bucket, key, size, etag, s3_request_id
  status         stored, published, skipped, failed or timed_out
  error          Why it was skipped or failed, else null
  stages         Each with `stage` and `at` (RFC 3339):
                   stored
                   invoked: lambda_request_id, attempt, error, and cold_start in
                     milliseconds (null where the environment was warm)
                   published: sns_message_id
  deliveries     protocol, endpoint, evidence (what says so) and state:
                   accepted, delivered, failed, filtered, unknown or
                   pending confirmation

The wait for a file is over when it is published and each delivery receipt that
the topic writes has come. Receipts that are missing 10 seconds after it was
published (3 with --local or --endpoint-url) are not waited for any longer:
those deliveries stay `accepted`.

Exit codes:
  0    Every file was stored; with --wait, every file was published and no
       delivery is known to have failed
  1    Something failed, or the function skipped a file. Where a FILE cannot be
       read, nothing is uploaded at all
  2    Wrong usage
  3    The wait ran out
  130  Interrupted

Examples:
  imgwatch upload holiday.png screenshots/*.jpg
  imgwatch upload --test-image --wait --timeout 90s
  imgwatch --local upload --test-image --wait --json";

/// `imgwatch upload`.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = UPLOAD_HELP)]
pub struct UploadArgs {
    /// Images to upload; the key is the file's name
    #[arg(value_name = "FILE")]
    pub files: Vec<String>,
    /// Upload a freshly generated PNG image
    #[arg(long)]
    pub test_image: bool,
    /// Wait until the subscribers are told, or it is known that they will not be
    #[arg(long)]
    pub wait: bool,
    /// With --wait: how long to wait after the last file is stored
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = duration::parse)]
    pub timeout: Duration,
    /// Print one JSON object for each file
    #[arg(long)]
    pub json: bool,
}

const LOCAL_HELP: &str = "\
What is printed can be sourced by a shell. Any credentials are accepted, and
only this machine can reach the cloud. What is stored in it ends with it.

Examples:
  Serve it, and attach to it from another terminal:
      imgwatch local
      imgwatch --endpoint-url http://127.0.0.1:4566
      aws --endpoint-url http://127.0.0.1:4566 s3 cp photo.png s3://images/
  Send mail to a mail catcher, too:
      imgwatch local --smtp smtp://127.0.0.1:1025
  Retry as slowly as AWS does:
      imgwatch local --retry-delays 1m,2m
  Run your own function:
      imgwatch local --handler ./target/debug/bootstrap";

/// `imgwatch local`.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = LOCAL_HELP)]
pub struct LocalArgs {
    /// TCP port on 127.0.0.1; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 4566)]
    pub port: u16,
    /// Send mail through this server, besides keeping it in the inbox
    #[arg(long, value_name = "URL")]
    pub smtp: Option<String>,
    /// Waits before the second and the third attempt of a failed invocation [AWS: 1m,2m]
    #[arg(long, value_name = "TIME,TIME", default_value = "1s,2s", value_parser = duration::parse_pair)]
    pub retry_delays: [Duration; 2],
}

/// Commands that only list.
#[derive(Debug, Clone, Args)]
pub struct JsonArgs {
    /// Print one JSON object on each line
    #[arg(long)]
    pub json: bool,
}

/// `imgwatch logs`.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = "\
Examples:
  imgwatch logs --since 1h
  imgwatch logs --follow
  imgwatch logs --json | jq 'select(.level == \"ERROR\") | .message'")]
pub struct LogsArgs {
    /// Go on until Ctrl-C, printing lines as they come
    #[arg(long, short)]
    pub follow: bool,
    /// How far to look back
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = duration::parse)]
    pub since: Duration,
    /// Print one JSON object on each line
    #[arg(long)]
    pub json: bool,
}

/// `imgwatch subscribe`.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = "\
Examples:
  imgwatch subscribe you@example.com
  imgwatch subscribe --protocol sqs arn:aws:sqs:eu-west-1:123456789012:audit
  imgwatch subscribe --protocol https https://example.com/hook")]
pub struct SubscribeArgs {
    /// An email address, a telephone number, a URL or an ARN, as the protocol asks
    pub address: String,
    /// How the topic reaches the address
    #[arg(long, value_name = "PROTOCOL", default_value = "email", value_parser = protocol_parser())]
    pub protocol: Protocol,
}

fn protocol_parser() -> impl clap::builder::TypedValueParser<Value = Protocol> {
    PossibleValuesParser::new(Protocol::CHOICES.map(Protocol::word)).map(|word| Protocol::parse(&word))
}
