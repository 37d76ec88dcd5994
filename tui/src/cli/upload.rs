//! `imgwatch upload` as it is typed.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::{LIVE_TAIL, LIVE_TAIL_LONG, duration};
use crate::terminal::exit::Exit;

const UPLOAD_HELP: &str = "\
Text output has one line per stage, printed when the stage is reached. With --json, one object for
each file is printed at the end, in the order of the files:
  file           The path; null for the test image
  bucket, key, size, etag, s3_request_id
  status         stored, published, processed, skipped, failed, timed_out or
                 outcome_unknown: S3 may have stored it, and could not be asked.
                 processed: the invocation succeeded, and the log does not show
                 whether it published
  error          The reason if it was not stored or not published, else null
  stages         In causal order, each with `stage`, `at` (RFC 3339) and `clock`,
                 the clock that `at` was read from: client, lambda, sns, sqs
                   stored
                   invoked: lambda_request_id, attempt, basis, error, and
                     cold_start in milliseconds (null for a warm start)
                   published: sns_message_id, basis
                   probed: sns_message_id, queue; with --probe
  deliveries     protocol, endpoint, evidence (the source), basis (that of the
                   message) and state: accepted, delivered, failed, filtered,
                   unknown or pending_confirmation.
                   With --probe the list includes the temporary queue: protocol
                   sqs, endpoint its ARN, and after it received the message,
                   state delivered and evidence probe.
                   Null if the subscribers are not known
  deliveries_error
                 The reason if the list may be incomplete, else null
  basis          What the log of the invocation, or the message, names of the
                 upload. An id is proof: s3_request_id, version_id. Else
                 key_and_etag, key, key_part, etag, or time: probably

The wait for a file ends when the file is published, the delivery status of each
subscriber is logged (if the topic logs it), and the probe queue has received the
message. It also ends when the function has succeeded and its log shows no
publication: `processed`. If CloudWatch's count of the topic's messages may show
one, it is waited for: about 4 minutes on AWS. A delivery without a status 10
seconds after the publication (3 with --local or --endpoint-url) stays
`accepted`.

{EXIT_CODES}
Here they mean:
  0    Every file was stored. With --wait, every file was also published, all
       subscribers are known, and no delivery failed or is unknown; one that the
       topic logs no delivery status for does not count. With --probe, the probe
       queue received every message
  1    A file failed, a delivery failed, or the function skipped a file. A file
       that cannot be read fails by itself, and the others are uploaded
  3    The wait timed out; a file is `processed` or published by the basis `time`,
       without --until processed; a failure is known by that basis only; an
       upload, a subscriber or a delivery is unknown; or the probe queue received
       nothing. `error`, `deliveries_error` and `deliveries` have what is known

Examples:
  imgwatch upload holiday.png screenshots/
  imgwatch upload IMG_0815.JPG --key photos/cat.jpg
  imgwatch upload --test-image --prefix photos/ --wait --timeout 90s
  imgwatch upload --test-image --wait --probe --json
  imgwatch --local upload --test-image --wait --json";

/// How far a file has to come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Until {
    #[default]
    Published,
    Processed,
}

impl Until {
    const ALL: [Self; 2] = [Self::Published, Self::Processed];

    fn word(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Processed => "processed",
        }
    }
}

/// `imgwatch upload`.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = Exit::explain(UPLOAD_HELP))]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct UploadArgs {
    /// Images or directories to upload; the key is the prefix and the name
    ///
    /// The key of a file in a directory begins with the directory's own name: `photos/2026/cat.png` for `upload photos`.
    /// With a slash at the end, as in `upload photos/`, and for `.`, it does not: `2026/cat.png`, as with rsync. Hidden files
    /// and links to directories are skipped, and their number is printed.
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Upload a generated PNG image
    #[arg(long)]
    pub test_image: bool,
    /// Key prefix, such as photos/
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub prefix: String,
    /// Object key, for a single file
    #[arg(long, value_name = "KEY", conflicts_with = "prefix", value_parser = NonEmptyStringValueParser::new())]
    pub key: Option<String>,
    /// Do not overwrite existing objects: a file whose key exists fails
    #[arg(long)]
    pub no_overwrite: bool,
    /// Wait until the subscribers are notified, or until the upload fails
    #[arg(long)]
    pub wait: bool,
    /// With --wait: timeout, from the moment the last file is stored
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = duration::parse)]
    pub timeout: Duration,
    /// With --wait: how far each file has to come for exit code 0
    ///
    /// `published` needs a notification that SNS has accepted. `processed` is enough where the function's log does not show
    /// what it publishes: its invocation has succeeded.
    #[arg(long, value_name = "STATE", default_value = "published",
        value_parser = super::display::words(Until::ALL, Until::word))]
    pub until: Until,
    /// With --wait: create a temporary probe queue to prove delivery
    ///
    /// Creates an SQS queue `imgwatch-probe-...` with a policy that lets only the topic send to it, subscribes it to the
    /// topic, and removes both at the end, as well as those of a run that was killed. It costs about 3 SQS requests
    /// a minute, 2 more when messages arrive, and a few to create and remove it. It needs sqs:CreateQueue, sqs:TagQueue, sqs:ReceiveMessage, sqs:DeleteMessage, sqs:DeleteQueue,
    /// sns:Subscribe and sns:Unsubscribe; to remove leftovers also sqs:ListQueues, sqs:ListQueueTags and sqs:GetQueueUrl.
    #[arg(long)]
    pub probe: bool,
    /// Print one JSON object for each file
    #[arg(long)]
    pub json: bool,
    #[arg(long, help = LIVE_TAIL, long_help = LIVE_TAIL_LONG)]
    pub live_tail: bool,
}
