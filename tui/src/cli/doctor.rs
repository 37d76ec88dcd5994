//! What `imgwatch doctor` takes, and what its help says.

use clap::Args;

const HELP: &str = "\
It looks at the whole way of an upload, from the bucket's notification
configuration to the filter policies of the subscriptions, and changes nothing.
With KEY, it also says whether an upload of that key would invoke the function,
which rule decides, whether the function would count it as an image, whether the
object exists, and what the function's log says of it.

What cannot be looked at for want of a permission, or because an endpoint does
not offer it, is no failure: the check says `could not look`, and which
permission is missing. It is never taken for `none`. A `note` is something to
know that somebody may have meant to be so, such as a filter policy that
excludes messages.

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

Exit codes:
  0    No failure; there may be warnings, notes, and things that were not read
  1    A failure: uploads do not get through, or cannot be followed
  2    Wrong usage
  130  Interrupted

Examples:
  imgwatch doctor
  imgwatch doctor holiday/cat.PNG
  imgwatch doctor --json | jq -r '.checks[] | select(.status == \"failure\") | .fix'";

/// `imgwatch doctor`.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = HELP)]
pub struct DoctorArgs {
    /// An object's key: would its upload invoke the function?
    pub key: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}
