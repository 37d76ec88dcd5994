//! What `imgwatch doctor` takes, and what its help says.

use clap::Args;

use crate::terminal::exit::Exit;

const HELP: &str = "\
It looks at the whole way of an upload, from the bucket's notification
configuration to the filter policies of the subscriptions, and changes nothing.
With KEY, it also says whether an upload of that key would invoke the function,
which rule decides, whether the function would count it as an image, whether the
object exists, and what the function's log says of it.

A check that lacks a permission, or that the endpoint does not offer, is not
made: it names the permission, and never passes for `none`. A `note` may be
intended, such as a filter policy that excludes messages.

With --json, one object is printed:
  key            The key in question, or null
  summary        How many checks came out as failures, warnings, not_checked,
                 notes and ok
  checks         Each with
    id           Stable: notification, permission, topic-variable, ...
    title        What the check is about
    status       ok, note, warning, failure or not_checked
    found        What was found
    why          Why it matters
    fix          Commands for a shell, with comments, one a line; null where
                 nothing is to be done. Read them before you run them
    permission   The permission that is missing, or null

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
