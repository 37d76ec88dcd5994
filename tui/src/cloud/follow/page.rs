//! One page of a log group: how it is asked for, and why it did not come. It keeps nothing.

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::error::ProvideErrorMetadata as _;
use aws_sdk_cloudwatchlogs::operation::filter_log_events::FilterLogEventsOutput;

use crate::cloud::connection::problem::{self, OperationContext};
use crate::domain::problem::{Problem, ProblemKind};

/// Why a page did not come.
pub(super) enum PageError {
    /// The group does not exist (yet).
    NoGroup,
    /// CloudWatch asks to slow down.
    Throttled,
    /// The token of the page before is no longer taken; CloudWatch forgets them after a day.
    Stale,
    /// Something that may be over at once was in the way.
    Transient(Problem),
    Failed(Problem),
}

/// Asks once for the events from `start` on, or for those behind a token. The client is one that tries once: each request
/// takes a turn.
pub(super) async fn ask(
    client: &Client,
    group: &str,
    start: i64,
    token: Option<&str>,
) -> Result<FilterLogEventsOutput, PageError> {
    let request = client.filter_log_events().log_group_name(group).start_time(start);
    let error = match Box::pin(request.set_next_token(token.map(str::to_owned)).send()).await {
        Ok(answer) => return Ok(answer),
        Err(error) => error,
    };
    let problem = || {
        problem::of(&error, &OperationContext::new(format!("cannot read log group {group}"), "logs:FilterLogEvents"))
    };
    Err(match problem::kind(&error) {
        ProblemKind::NotFound => PageError::NoGroup,
        ProblemKind::Throttled => PageError::Throttled,
        _ if token.is_some() && error.code() == Some("InvalidParameterException") => PageError::Stale,
        ProblemKind::Interrupted | ProblemKind::TimedOut | ProblemKind::Server => PageError::Transient(problem()),
        _ => PageError::Failed(problem()),
    })
}
