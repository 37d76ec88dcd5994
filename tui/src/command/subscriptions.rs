//! `imgwatch subscriptions`: who is told, and who has not confirmed yet.

use std::fmt::Write as _;

use serde::Serialize;

use super::failure::{Exit, Failure};
use super::session::Session;
use super::{json, output};
use crate::cli::{Cli, JsonArgs};
use crate::config::Feeds;
use crate::effect::Effect;
use crate::model::load::RequestId;
use crate::model::subscriptions::Subscription;
use crate::msg::Update;
use crate::text::clean::Clean;
use crate::text::width;

const REQUEST: RequestId = RequestId(1);

pub(crate) async fn run(cli: &Cli, args: &JsonArgs) -> Result<Exit, Failure> {
    let mut session = Session::open(cli, Feeds::default()).await?;
    let outcome = list(&mut session).await;
    session.close().await;
    output::write(&rows(&outcome?, args.json)?)?;
    Ok(Exit::Success)
}

async fn list(session: &mut Session) -> Result<Vec<Subscription>, Failure> {
    session.perform(Effect::ListSubscriptions { request: REQUEST });
    loop {
        match session.next().await? {
            Update::SubscriptionsListed { request: REQUEST, items, .. } => return Ok(items),
            Update::SubscriptionsFailed { request: REQUEST, problem } => return Err(problem.into()),
            _ => {}
        }
    }
}

/// One subscription in JSON.
#[derive(Serialize)]
struct Row<'a> {
    protocol: &'static str,
    endpoint: &'a str,
    state: &'static str,
    subscription_arn: Option<&'a str>,
    filter_policy: Option<&'a str>,
}

fn rows(items: &[Subscription], as_json: bool) -> Result<String, Failure> {
    let mut out = String::new();
    for item in items {
        let state = if item.is_pending() { "pending confirmation" } else { "confirmed" };
        if as_json {
            out.push_str(&json::line(&Row {
                protocol: item.protocol.word(),
                endpoint: item.endpoint.raw(),
                state,
                subscription_arn: item.arn.as_ref().map(Clean::raw),
                filter_policy: item.filter_policy.as_ref().map(|policy| policy.json.raw()),
            })?);
        } else {
            let protocol = width::fit(item.protocol.word(), 11);
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{protocol}  {state:<20}  {}", item.endpoint);
        }
    }
    Ok(out)
}
