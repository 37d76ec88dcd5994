//! `imgwatch subscriptions`: who is subscribed, and who has not confirmed yet.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde::Serialize;

use super::failure::{Failure, warn};
use super::session::Session;
use super::{json, output};
use crate::cli::{Cli, JsonArgs};
use crate::config::Feeds;
use crate::domain::ids::RequestId;
use crate::domain::subscriptions::{Attributes, FilterPolicy, Subscription};
use crate::effect::CloudEffect;
use crate::msg::Update;
use crate::terminal::exit::Exit;
use crate::text::clean::Clean;
use crate::text::{time, width};

const REQUEST: RequestId = RequestId(1);

pub(crate) async fn run(cli: &Cli, args: &JsonArgs) -> Result<Exit, Failure> {
    let items = Session::hold(cli, Feeds::default(), list).await?;
    let unread = unread(&items);
    for reason in &unread {
        warn(reason);
    }
    output::write(&rows(&items, args.json)?).await?;
    // It is not known whether those have a filter policy.
    Ok(Exit::of_findings(false, !unread.is_empty()))
}

async fn list(session: &mut Session) -> Result<Vec<Subscription>, Failure> {
    session.perform(CloudEffect::ListSubscriptions { request: REQUEST, refresh: true });
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
struct SubscriptionRow<'a> {
    protocol: &'static str,
    endpoint: &'a str,
    state: &'static str,
    subscription_arn: Option<&'a str>,
    /// Null where they could not be read.
    attributes: Option<AttributesRow<'a>>,
    /// Why they could not.
    attributes_error: Option<String>,
}

#[derive(Serialize)]
struct AttributesRow<'a> {
    read_at: String,
    /// Null where there is none.
    filter_policy: Option<&'a str>,
    filter_policy_scope: Option<&'static str>,
}

fn rows(items: &[Subscription], as_json: bool) -> Result<String, Failure> {
    let mut out = String::new();
    for item in items {
        if as_json {
            let (attributes, attributes_error) = match &item.attributes {
                Attributes::Pending => (None, None),
                Attributes::NotRead(problem) => (None, Some(problem.to_string())),
                Attributes::Read { at, filter_policy, .. } => {
                    let scope =
                        |policy: &FilterPolicy| if policy.on_body { "MessageBody" } else { "MessageAttributes" };
                    let read = AttributesRow {
                        read_at: time::utc(*at),
                        filter_policy: filter_policy.as_ref().map(|policy| policy.json.raw()),
                        filter_policy_scope: filter_policy.as_ref().map(scope),
                    };
                    (Some(read), None)
                }
            };
            out.push_str(&json::line(&SubscriptionRow {
                protocol: item.protocol.word(),
                endpoint: item.endpoint.raw(),
                state: if item.is_pending() { "pending_confirmation" } else { "confirmed" },
                subscription_arn: item.arn.as_ref().map(Clean::raw),
                attributes,
                attributes_error,
            })?);
        } else {
            let state = if item.is_pending() { "pending confirmation" } else { "confirmed" };
            let protocol = width::fit(item.protocol.word(), 11);
            let policy = match &item.attributes {
                Attributes::NotRead(_) => "  attributes not read",
                _ if item.filter_policy().is_some() => "  filter policy",
                _ => "",
            };
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{protocol}  {state:<20}  {}{policy}", item.endpoint);
        }
    }
    Ok(out)
}

/// What could not be read of subscriptions that are listed: each reason once.
fn unread(items: &[Subscription]) -> BTreeSet<String> {
    let reason = |item: &Subscription| match &item.attributes {
        Attributes::NotRead(problem) => Some(format!("attributes of subscriptions were not read: {}", problem.why)),
        Attributes::Pending | Attributes::Read { .. } => None,
    };
    items.iter().filter_map(reason).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::contract;
    use crate::domain::problem::{Problem, ProblemKind};
    use crate::domain::subscriptions::Protocol;
    use jiff::Timestamp;

    #[test]
    fn the_contract_holds() {
        let at = Timestamp::UNIX_EPOCH;
        let policy = |on_body| Some(FilterPolicy { json: "{\"size\":[1]}".into(), on_body });
        let read = |filter_policy| Attributes::Read { at, filter_policy, authenticated: None };
        let problem = Problem::new(
            ProblemKind::Denied,
            "cannot read the attributes",
            "sns:GetSubscriptionAttributes is not allowed",
        )
        .with_hint("allow it");
        let attributes =
            [read(None), read(policy(true)), read(policy(false)), Attributes::NotRead(problem), Attributes::Pending];
        let items: Vec<Subscription> = attributes
            .into_iter()
            .map(|attributes| Subscription {
                arn: (attributes != Attributes::Pending).then(|| "arn:aws:sns:eu-west-1:123456789012:t:1".into()),
                protocol: Protocol::Email,
                endpoint: "you@example.com".into(),
                attributes,
            })
            .collect();
        let mut documents = contract::lines(&rows(&items, true).unwrap());
        documents.push(serde_json::json!({ "protocol": Protocol::CHOICES.map(Protocol::word) }));
        contract::check("subscriptions", &documents);
    }
}
