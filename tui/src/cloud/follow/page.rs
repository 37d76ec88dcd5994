//! One page of a log group: how it is asked for, and why it did not come. It keeps nothing.

use std::time::Duration;

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::error::ProvideErrorMetadata as _;
use aws_sdk_cloudwatchlogs::operation::filter_log_events::FilterLogEventsOutput;

use super::pacer::fraction;
use crate::cloud::problem::{self, Kind, Trouble};
use crate::model::problem::Problem;

/// How often a page is asked for when something passing is in the way.
const TRIES: u32 = 3;

/// Why a page did not come.
pub(super) enum Trip {
    /// The group does not exist (yet).
    NoGroup,
    /// CloudWatch asks to slow down.
    Throttled,
    /// The token of the page before is no longer taken; CloudWatch forgets them after a day.
    Stale,
    Failed(Problem),
}

/// Asks for the events from `start` on, or for those behind a token. The client is one that tries once.
pub(super) async fn ask(
    client: &Client,
    group: &str,
    start: i64,
    token: Option<&str>,
) -> Result<FilterLogEventsOutput, Trip> {
    let mut tries = 0;
    loop {
        let request = client.filter_log_events().log_group_name(group).start_time(start);
        let error = match Box::pin(request.set_next_token(token.map(str::to_owned)).send()).await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        tries += 1;
        match problem::kind(&error) {
            Kind::NotFound => return Err(Trip::NoGroup),
            Kind::Throttled => return Err(Trip::Throttled),
            _ if token.is_some() && error.code() == Some("InvalidParameterException") => return Err(Trip::Stale),
            _ => {
                let trouble = Trouble::new(format!("cannot read log group {group}"), "logs:FilterLogEvents");
                let problem = problem::of(&error, &trouble);
                if tries == TRIES || !problem.transient {
                    return Err(Trip::Failed(problem));
                }
            }
        }
        tokio::time::sleep(Duration::from_millis(200 * u64::from(tries)).mul_f64(0.5 + fraction())).await;
    }
}
