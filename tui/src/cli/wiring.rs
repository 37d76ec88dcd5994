//! What `imgwatch wiring` takes, and what its help says.

use clap::Args;

use crate::terminal::exit::Exit;

const HELP: &str = "\
Reads the bucket's notification configuration, the queues, topics and functions
that S3 sends to, event source mappings, environment variables that have the ARN
of a topic, log groups, subscriptions, and the dead-letter queues of queues and
functions, but not those of subscriptions. Changes nothing.

A node is `ok`, `disabled`, `denied`, `missing`, `not_offered` by the endpoint,
in an `other_account`, or `not_read`. An edge is `ok` or `disabled`, as those of
pending subscriptions and disabled event source mappings are.

With --json, one object is printed:
  nodes      Each with
    id       Its kind and its ARN, or its name if the ARN is not known
    kind     bucket, queue, event_bus, function, log_group, topic, subscriber,
             or stack
    name     Its name
    arn      Its ARN, or null
    state    As above
    detail   Why it could not be read, or that it is not followed; or null
  edges      Each with
    from     The id of the node that it begins at
    to       The id of the node that it leads to
    kind     rule, all_events, event_source_mapping, variable, log, subscription
             or failure
    state    ok or disabled
    detail   The rule's id, events and filter, the UUID of the mapping, the
             variable, or the protocol, with `pending confirmation` while it is
             pending; or null

{EXIT_CODES}
A node could not be read: 3.

Examples:
  imgwatch wiring --bucket my-images
  imgwatch wiring --json | jq -r '.nodes[] | select(.state == \"missing\") | .id'";

/// `imgwatch wiring`.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = Exit::explain(HELP))]
pub struct WiringArgs {
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}
