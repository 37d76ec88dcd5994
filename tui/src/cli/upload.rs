//! `imgwatch upload` as it is typed.

use std::time::Duration;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::{LIVE_TAIL, LIVE_TAIL_LONG, duration};
use crate::terminal::exit::Exit;

const UPLOAD_HELP: &str = "\
Text output is a line for each stage as it is seen. With --json, one object for
each file is printed at the end, in the order of the files:
  file           The path as given, or as found in a directory; null for the test
                 image
  bucket, key, size, etag, s3_request_id
  status         stored, published, skipped, failed or timed_out
  error          Why it was skipped or failed, or what the log shows where the
                 wait ran out, else null
  stages         In the order of cause, each with `stage`, `at` (RFC 3339) and
                 `clock`, which tells whose clock that is: client, lambda, sqs
                   stored
                   invoked: lambda_request_id, attempt, error, and cold_start in
                     milliseconds (null where the environment was warm)
                   published: sns_message_id
                   probed: sns_message_id, queue; with --probe
  deliveries     protocol, endpoint, evidence (what says so) and state:
                   accepted, delivered, failed, filtered, unknown or
                   pending_confirmation.
                   With --probe the temporary queue is one of them: protocol
                   sqs, endpoint its ARN, and once it received the message,
                   state delivered and evidence probe.
                   Null where the subscribers are not known
  deliveries_error
                 Why deliveries may be missing from the list, else null

The wait for a file is over when it is published, each delivery receipt that
the topic writes has come, and so has the probe's message. Receipts that are
missing 10 seconds after it was published (3 with --local or --endpoint-url)
are not waited for any longer: those deliveries stay `accepted`.

{EXIT_CODES}
Every file was stored: 0; with --wait, every file was also published and no
delivery is known to have failed; with --probe, the probe queue received every
message. A file failed, or the function skipped it: 1. Where a FILE cannot be
read, nothing is uploaded at all. The wait ran out, or the probe queue received
nothing: 3, and `error` or `deliveries` say what is known.

Examples:
  imgwatch upload holiday.png screenshots/
  imgwatch upload IMG_0815.JPG --key photos/cat.jpg
  imgwatch upload --test-image --prefix photos/ --wait --timeout 90s
  imgwatch upload --test-image --wait --probe --json
  imgwatch --local upload --test-image --wait --json";

/// `imgwatch upload`.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = Exit::explain(UPLOAD_HELP))]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct UploadArgs {
    /// Images to upload, or directories of them; the key is the prefix and the name
    ///
    /// The key of a file in a directory begins with the directory's own name: `photos/2026/cat.png` for `upload photos`.
    /// Hidden files and links to directories are left out, and their number is told.
    #[arg(value_name = "FILE")]
    pub files: Vec<String>,
    /// Upload a freshly generated PNG image
    #[arg(long)]
    pub test_image: bool,
    /// What the keys begin with, such as photos/
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub prefix: String,
    /// The whole key, for one file
    #[arg(long, value_name = "KEY", conflicts_with = "prefix", value_parser = NonEmptyStringValueParser::new())]
    pub key: Option<String>,
    /// Leave objects that are there as they are: a file whose key is taken fails
    #[arg(long)]
    pub no_overwrite: bool,
    /// Wait until the subscribers are told, or it is known that they will not be
    #[arg(long)]
    pub wait: bool,
    /// With --wait: how long to wait after the last file is stored
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = duration::parse)]
    pub timeout: Duration,
    /// With --wait: prove the fan-out with a temporary queue on the topic
    ///
    /// Creates an SQS queue `imgwatch-probe-...` with a policy that lets only the topic send to it, subscribes it to the
    /// topic, and removes both at the end, as well as those that a killed run left. It costs next to nothing (a few SQS
    /// requests) and needs sqs:CreateQueue, sqs:TagQueue, sqs:ReceiveMessage, sqs:DeleteMessage, sqs:DeleteQueue,
    /// sns:Subscribe and sns:Unsubscribe; to sweep also sqs:ListQueues, sqs:ListQueueTags and sqs:GetQueueUrl.
    #[arg(long)]
    pub probe: bool,
    /// Print one JSON object for each file
    #[arg(long)]
    pub json: bool,
    #[arg(long, help = LIVE_TAIL, long_help = LIVE_TAIL_LONG)]
    #[expect(missing_docs, reason = "the help says it")]
    pub live_tail: bool,
}
