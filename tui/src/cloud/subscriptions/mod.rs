//! The topic's subscriptions: listed with their filter policies, made, confirmed and removed.

pub(super) mod delivery_status;
pub(super) mod inbox;
pub(super) mod listing;
pub(super) mod metrics;

use std::collections::HashMap;

use aws_sdk_sns::error::ProvideErrorMetadata as _;
use aws_sdk_sns::types::Subscription as SnsSubscription;
use futures_util::stream::{self, StreamExt as _};
use imgwatch_shared::arn::Arn;
use jiff::Timestamp;

use crate::cloud::connection::Connection;
use crate::cloud::connection::clients::Cloud;
use crate::cloud::connection::problem::{self, OperationContext};
use crate::domain::ids::RequestId;
use crate::domain::inbox::Confirmation;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::subscriptions::{Attributes, DeliveryStatusLogging, FilterPolicy, Protocol, Subscription};
use crate::msg::Update;
use crate::text::clean::Clean;

/// Requests for filter policies at the same time.
const AT_ONCE: usize = 4;

/// Lists all subscriptions, with their attributes and the topic's delivery status logging. Attributes that were read
/// less than a minute ago are read again only where that is asked for.
pub(super) async fn list(connection: &Connection, request: RequestId, refresh: bool) {
    if refresh {
        connection.attributes_cache.clear();
    }
    match all(connection).await {
        Ok((items, status_logging)) => {
            connection.send(Update::SubscriptionsListed { request, items, status_logging }).await;
        }
        Err(problem) => connection.send(Update::SubscriptionsFailed { request, problem }).await,
    }
}

async fn all(connection: &Connection) -> Result<(Vec<Subscription>, DeliveryStatusLogging), Problem> {
    let cloud = connection.cloud().await?;
    let topic_arn = cloud.topic_arn().await?;
    let (arn, endpoint) = (Clean::new(&topic_arn), cloud.endpoint.as_deref().map(Clean::new));
    connection.send(Update::Topic { arn, endpoint }).await;
    let found = Box::pin(listing::all(&cloud.sns, &topic_arn)).await.map_err(|error| {
        let what = format!("cannot list the subscriptions of {topic_arn}");
        problem::of(&error, &OperationContext::new(what, "sns:ListSubscriptionsByTopic"))
    })?;
    let described = stream::iter(found.into_iter().map(|subscription| describe(connection, &cloud, subscription)));
    let (items, status_logging) =
        tokio::join!(described.buffered(AT_ONCE).collect(), status_logging(&cloud, &topic_arn));
    Ok((items, status_logging))
}

async fn describe(connection: &Connection, cloud: &Cloud, subscription: SnsSubscription) -> Subscription {
    let arn = listing::arn(&subscription);
    let attributes = match arn {
        Some(arn) => attributes(connection, cloud, arn).await,
        None => Attributes::Pending,
    };
    Subscription {
        // Some endpoints give a pending one an ARN all the same; its attributes show the state.
        arn: arn.filter(|_| attributes != Attributes::Pending).map(Clean::new),
        protocol: Protocol::parse(subscription.protocol().unwrap_or_default()),
        endpoint: Clean::new(subscription.endpoint().unwrap_or_default()),
        attributes,
    }
}

async fn attributes(connection: &Connection, cloud: &Cloud, arn: &str) -> Attributes {
    if let Some(known) = connection.attributes_cache.get(arn) {
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
            let context =
                OperationContext::new(format!("cannot read subscription {arn}"), "sns:GetSubscriptionAttributes");
            Attributes::NotRead(problem::of(error, &context))
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
        connection.attributes_cache.put(arn, attributes.clone());
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

/// For which protocols the topic logs every delivery: successes without sampling, and failures.
async fn status_logging(cloud: &Cloud, topic_arn: &str) -> DeliveryStatusLogging {
    let answer = match cloud.sns.get_topic_attributes().topic_arn(topic_arn).send().await {
        Ok(answer) => answer,
        Err(error) => {
            let context = OperationContext::new(format!("cannot read topic {topic_arn}"), "sns:GetTopicAttributes");
            return DeliveryStatusLogging::NotRead(problem::of(&error, &context));
        }
    };
    let enabled = |name: &str| {
        let value = |attribute: &str| answer.attributes()?.get(&format!("{name}{attribute}")).map(String::as_str);
        let has_role = |attribute: &str| value(attribute).is_some_and(|role| !role.is_empty());
        // Without a rate SNS samples everything.
        let is_complete = value("SuccessFeedbackSampleRate").is_none_or(|rate| rate == "100");
        has_role("SuccessFeedbackRoleArn") && has_role("FailureFeedbackRoleArn") && is_complete
    };
    let names = [
        ("HTTP", Protocol::Http),
        ("SQS", Protocol::Sqs),
        ("Lambda", Protocol::Lambda),
        ("Firehose", Protocol::Firehose),
        ("Application", Protocol::Application),
    ];
    DeliveryStatusLogging::For(
        names.into_iter().filter(|(name, _)| enabled(name)).map(|(_, protocol)| protocol).collect(),
    )
}

/// Subscribes an endpoint and says what happens next.
pub(super) async fn subscribe(connection: &Connection, protocol: Protocol, endpoint: &str) -> bool {
    let outcome = async {
        let cloud = connection.cloud().await?;
        let topic_arn = cloud.topic_arn().await?;
        let answer = cloud
            .changes
            .subscribe(&cloud.sns, &topic_arn)?
            .topic_arn(&topic_arn)
            .protocol(protocol.word())
            .endpoint(endpoint)
            .return_subscription_arn(false)
            .send()
            .await
            .map_err(|error| {
                let what = format!("cannot subscribe {endpoint} to {topic_arn}");
                problem::of(&error, &OperationContext::new(what, "sns:Subscribe"))
            })?;
        let confirmed = answer.subscription_arn().is_some_and(Arn::is_one);
        Ok(match (confirmed, protocol) {
            (true, _) => format!("{endpoint} is subscribed"),
            (false, Protocol::Email | Protocol::EmailJson) => {
                format!("confirmation email sent to {endpoint}; its link is valid for two days")
            }
            (false, Protocol::Http | Protocol::Https) => {
                format!("confirmation request sent to {endpoint}: the endpoint must visit its SubscribeURL")
            }
            (false, _) => format!("{endpoint} is asked to confirm the subscription"),
        })
    };
    let outcome = outcome.await;
    let is_subscribed = outcome.is_ok();
    conclude(connection, outcome).await;
    is_subscribed
}

/// Removes a subscription.
pub(super) async fn unsubscribe(connection: &Connection, arn: &Clean) {
    let outcome = async {
        let cloud = connection.cloud().await?;
        cloud.changes.unsubscribe(&cloud.sns, arn.raw())?.subscription_arn(arn.raw()).send().await.map_err(
            |error| problem::of(&error, &OperationContext::new(format!("cannot remove {arn}"), "sns:Unsubscribe")),
        )?;
        Ok("subscription removed".to_owned())
    };
    conclude(connection, outcome.await).await;
}

/// Confirms a subscription. Signed, so that afterwards only its owner can remove it, not everyone who opens an email's link.
pub(super) async fn confirm(connection: &Connection, confirmation: &Confirmation) {
    let outcome = async {
        let cloud = connection.cloud().await?;
        let answer = cloud
            .changes
            .confirm_subscription(&cloud.sns, confirmation.topic_arn.raw())?
            .topic_arn(confirmation.topic_arn.raw())
            .token(confirmation.token.raw())
            .authenticate_on_unsubscribe("true")
            .send()
            .await
            .map_err(|error| {
                let context = OperationContext::new("cannot confirm the subscription", "sns:ConfirmSubscription");
                let problem = problem::of(&error, &context);
                let is_token = error.as_service_error().and_then(|error| error.code()) == Some("InvalidParameter");
                let hint = "the link is expired, used or not complete; subscribe again to get a new email";
                if is_token { problem.with_hint(hint) } else { problem }
            })?;
        connection.attributes_cache.clear();
        Ok(format!("subscription confirmed: {}", answer.subscription_arn().unwrap_or_default()))
    };
    conclude(connection, outcome.await).await;
}

async fn conclude(connection: &Connection, outcome: Result<String, Problem>) {
    match outcome {
        Ok(text) => connection.send(Update::Done(Clean::from(text))).await,
        Err(problem) => connection.send(Update::ActionFailed(problem)).await,
    }
}
