//! The topic's subscriptions: listed with their filter policies, made, confirmed and removed.

use std::collections::HashMap;

use aws_sdk_sns::error::ProvideErrorMetadata as _;
use aws_sdk_sns::types::Subscription as SnsSubscription;
use futures_util::stream::{self, StreamExt as _};
use jiff::Timestamp;

use super::connect::Cloud;
use super::context::Context;
use super::problem::{self, Trouble};
use crate::domain::ids::RequestId;
use crate::domain::inbox::Confirmation;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::subscriptions::{Attributes, FilterPolicy, Protocol, Receipts, Subscription};
use crate::msg::Update;
use crate::text::clean::Clean;

/// Requests for filter policies at the same time.
const AT_ONCE: usize = 4;

/// Lists all subscriptions, with their attributes and the topic's receipt settings. Attributes that were read less than a
/// minute ago are read again only where that is asked for.
pub(super) async fn list(context: &Context, request: RequestId, anew: bool) {
    if anew {
        context.policies.clear();
    }
    match all(context).await {
        Ok((items, receipts)) => context.say(Update::SubscriptionsListed { request, items, receipts }).await,
        Err(problem) => context.say(Update::SubscriptionsFailed { request, problem }).await,
    }
}

async fn all(context: &Context) -> Result<(Vec<Subscription>, Receipts), Problem> {
    let cloud = context.link.cloud().await?;
    let (arn, endpoint) = (Clean::new(&cloud.topic_arn), cloud.endpoint.as_deref().map(Clean::new));
    cloud.needs_topic()?;
    context.say(Update::Topic { arn, endpoint }).await;
    let mut found: Vec<SnsSubscription> = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let answer = cloud
            .sns
            .list_subscriptions_by_topic()
            .topic_arn(&cloud.topic_arn)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| {
                let what = format!("cannot list the subscriptions of {}", cloud.topic_arn);
                problem::of(&error, &Trouble::new(what, "sns:ListSubscriptionsByTopic"))
            })?;
        token = answer.next_token().filter(|token| !token.is_empty()).map(str::to_owned);
        found.extend(answer.subscriptions.unwrap_or_default());
        if token.is_none() {
            break;
        }
    }
    let described = stream::iter(found.into_iter().map(|subscription| describe(context, &cloud, subscription)));
    let (items, receipts) = tokio::join!(described.buffered(AT_ONCE).collect(), receipts(&cloud));
    Ok((items, receipts))
}

async fn describe(context: &Context, cloud: &Cloud, subscription: SnsSubscription) -> Subscription {
    // Instead of an ARN SNS writes words: `PendingConfirmation`, or `Deleted` for a while.
    let arn = subscription.subscription_arn().filter(|arn| arn.starts_with("arn:"));
    let attributes = match arn {
        Some(arn) => attributes(context, cloud, arn).await,
        None => Attributes::Pending,
    };
    Subscription {
        // Some endpoints give a pending one an ARN all the same, and tell in its attributes.
        arn: arn.filter(|_| attributes != Attributes::Pending).map(Clean::new),
        protocol: Protocol::parse(subscription.protocol().unwrap_or_default()),
        endpoint: Clean::new(subscription.endpoint().unwrap_or_default()),
        attributes,
    }
}

async fn attributes(context: &Context, cloud: &Cloud, arn: &str) -> Attributes {
    if let Some(known) = context.policies.get(arn) {
        return known;
    }
    // The state that is read may be as old as this.
    let at = Timestamp::now();
    let read = cloud.sns.get_subscription_attributes().subscription_arn(arn).send().await;
    let attributes = match &read {
        Ok(answer) => match answer.attributes() {
            Some(attributes) => read_attributes(attributes, at),
            None => Attributes::NotRead(no_attributes(arn)),
        },
        Err(error) => {
            let trouble = Trouble::new(format!("cannot read subscription {arn}"), "sns:GetSubscriptionAttributes");
            Attributes::NotRead(problem::of(error, &trouble))
        }
    };
    let is_kept = match &attributes {
        Attributes::Read { .. } => true,
        // It may be confirmed at any moment, and then that is to be seen.
        Attributes::Pending => false,
        // What may pass is asked for again the next time.
        Attributes::NotRead(problem) => !problem.is_transient(),
    };
    if is_kept {
        context.policies.put(arn, attributes.clone());
    }
    attributes
}

fn no_attributes(arn: &str) -> Problem {
    Problem::new(ProblemKind::Server, format!("cannot read subscription {arn}"), "SNS answered without attributes")
        .with_hint("try again in a moment")
}

fn read_attributes(attributes: &HashMap<String, String>, at: Timestamp) -> Attributes {
    if attributes.get("PendingConfirmation").is_some_and(|value| value == "true") {
        return Attributes::Pending;
    }
    let json = attributes.get("FilterPolicy").filter(|json| !json.is_empty());
    let on_body = attributes.get("FilterPolicyScope").is_some_and(|scope| scope == "MessageBody");
    Attributes::Read {
        at,
        filter_policy: json.map(|json| FilterPolicy { json: Clean::new(json), on_body }),
        authenticated: attributes.get("ConfirmationWasAuthenticated").map(|value| value == "true"),
    }
}

/// For which protocols the topic logs successes.
async fn receipts(cloud: &Cloud) -> Receipts {
    let answer = match cloud.sns.get_topic_attributes().topic_arn(&cloud.topic_arn).send().await {
        Ok(answer) => answer,
        Err(error) => {
            let trouble = Trouble::new(format!("cannot read topic {}", cloud.topic_arn), "sns:GetTopicAttributes");
            return Receipts::NotRead(problem::of(&error, &trouble));
        }
    };
    let enabled = |name: &str| {
        let value = answer.attributes().and_then(|attributes| attributes.get(&format!("{name}SuccessFeedbackRoleArn")));
        value.is_some_and(|role| !role.is_empty())
    };
    let names = [
        ("HTTP", Protocol::Http),
        ("SQS", Protocol::Sqs),
        ("Lambda", Protocol::Lambda),
        ("Firehose", Protocol::Firehose),
        ("Application", Protocol::Application),
    ];
    Receipts::For(names.into_iter().filter(|(name, _)| enabled(name)).map(|(_, protocol)| protocol).collect())
}

/// Subscribes an endpoint and says what happens next.
pub(super) async fn subscribe(context: &Context, protocol: Protocol, endpoint: &str) {
    let outcome = async {
        let cloud = context.link.cloud().await?;
        cloud.needs_topic()?;
        let answer = cloud
            .sns
            .subscribe()
            .topic_arn(&cloud.topic_arn)
            .protocol(protocol.word())
            .endpoint(endpoint)
            .return_subscription_arn(false)
            .send()
            .await
            .map_err(|error| {
                let what = format!("cannot subscribe {endpoint} to {}", cloud.topic_arn);
                problem::of(&error, &Trouble::new(what, "sns:Subscribe"))
            })?;
        let confirmed = answer.subscription_arn().is_some_and(|arn| arn.starts_with("arn:"));
        Ok(match (confirmed, protocol) {
            (true, _) => format!("{endpoint} is subscribed"),
            (false, Protocol::Email | Protocol::EmailJson) => {
                format!("confirmation mail sent to {endpoint}; its link is valid for two days")
            }
            (false, Protocol::Http | Protocol::Https) => {
                format!("confirmation request sent to {endpoint}: the endpoint has to visit its SubscribeURL")
            }
            (false, _) => format!("{endpoint} is asked to confirm the subscription"),
        })
    };
    conclude(context, outcome.await).await;
}

/// Removes a subscription.
pub(super) async fn unsubscribe(context: &Context, arn: &Clean) {
    let outcome =
        async {
            let cloud = context.link.cloud().await?;
            cloud.sns.unsubscribe().subscription_arn(arn.raw()).send().await.map_err(|error| {
                problem::of(&error, &Trouble::new(format!("cannot remove {arn}"), "sns:Unsubscribe"))
            })?;
            Ok("subscription removed".to_owned())
        };
    conclude(context, outcome.await).await;
}

/// Confirms a subscription. Signed, so that afterwards only its owner can remove it, not whoever opens a mail's link.
pub(super) async fn confirm(context: &Context, confirmation: &Confirmation) {
    let outcome = async {
        let cloud = context.link.cloud().await?;
        let answer = cloud
            .sns
            .confirm_subscription()
            .topic_arn(confirmation.topic_arn.raw())
            .token(confirmation.token.raw())
            .authenticate_on_unsubscribe("true")
            .send()
            .await
            .map_err(|error| {
                let trouble = Trouble::new("cannot confirm the subscription", "sns:ConfirmSubscription");
                let problem = problem::of(&error, &trouble);
                let is_token = error.as_service_error().and_then(|error| error.code()) == Some("InvalidParameter");
                let hint = "the link is too old, used up or not complete; subscribe again for a fresh mail";
                if is_token { problem.with_hint(hint) } else { problem }
            })?;
        context.policies.clear();
        Ok(format!("subscription confirmed: {}", answer.subscription_arn().unwrap_or_default()))
    };
    conclude(context, outcome.await).await;
}

async fn conclude(context: &Context, outcome: Result<String, Problem>) {
    match outcome {
        Ok(text) => context.say(Update::Done(Clean::from(text))).await,
        Err(problem) => context.say(Update::Undone(problem)).await,
    }
}
