//! What `imgwatch doctor` takes, and what its help says.

use clap::Args;

use crate::terminal::exit::Exit;

const HELP: &str = "\
Doctor checks the whole path of an upload, from the bucket's notification
configuration to the filter policies of the subscriptions, and changes nothing.
With KEY, it also checks whether an upload of that key would invoke the function,
which rule matches, whether the function accepts its image type, whether the
object exists, and whether the function's log names it.

A check whose permission is missing, or whose operation the endpoint does not
offer, is `not checked`, and names the missing permission. It is not a failure. A
`note` may be intended, such as a filter policy that excludes messages.

With --json, one object is printed:
  key            The key in question, or null
  summary        Number of checks per status: failures, warnings, not_checked,
                 notes and ok
  checks         Each with
    id           Stable: notification, permission, topic-variable, ...
    title        Subject of the check
    status       ok, note, warning, failure or not_checked
    found        Resources that were read, and their state
    why          Why it matters
    fix          Shell commands with comments, one per line; null if no fix is
                 needed. Read them before you run them
    permission   The missing permission, or null

{EXIT_CODES}
Every check was made and none failed: 0; there may be warnings and notes. A
check failed: 1. A check could not be made, and none failed: 3.

Examples:
  imgwatch doctor
  imgwatch doctor holiday/cat.PNG
  imgwatch doctor --json | jq -r '.checks[] | select(.status == \"failure\") | .fix'";

/// `imgwatch doctor`.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = Exit::explain(HELP))]
pub struct DoctorArgs {
    /// An object's key: would its upload invoke the function?
    pub key: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}
