//! The topic's subscriptions: listed with their filter policies, made, confirmed and removed.

use std::collections::HashMap;

use aws_sdk_sns::error::ProvideErrorMetadata as _;
use aws_sdk_sns::types::Subscription as SnsSubscription;
use futures_util::stream::{self, StreamExt as _};

use super::connect::Cloud;
use super::context::Context;
use super::policies::Traits;
use super::problem::{self, Kind, Trouble};
use crate::model::inbox::Confirmation;
use crate::model::load::RequestId;
use crate::model::problem::Problem;
use crate::model::subscriptions::{FilterPolicy, Protocol, Receipts, Subscription};
use crate::msg::Update;
use crate::text::clean::Clean;

/// Requests for filter policies at the same time.
const AT_ONCE: usize = 4;

/// Lists all subscriptions, with their policies and the topic's receipt settings.
pub(super) async fn list(context: &Context, request: RequestId) {
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
    let traits = match arn {
        Some(arn) => traits(context, cloud, arn).await,
        None => Traits::default(),
    };
    Subscription {
        // Some endpoints give a pending one an ARN all the same, and tell in its attributes.
        arn: arn.filter(|_| !traits.pending).map(Clean::new),
        protocol: Protocol::parse(subscription.protocol().unwrap_or_default()),
        endpoint: Clean::new(subscription.endpoint().unwrap_or_default()),
        authenticated: traits.authenticated,
        pending_since: None,
        absent_until: None,
        gone_since: None,
        confirmed_since: None,
        filter_policy: traits.filter_policy,
    }
}

/// What is looked at of a subscription; what may not be read counts as none.
async fn traits(context: &Context, cloud: &Cloud, arn: &str) -> Traits {
    if let Some(known) = context.policies.get(arn) {
        return known;
    }
    let read = cloud.sns.get_subscription_attributes().subscription_arn(arn).send().await;
    let traits = match &read {
        Ok(answer) => answer.attributes().map(read_traits).unwrap_or_default(),
        // What may pass is asked for again the next time.
        Err(error) if problem::kind(error) != Kind::Denied => return Traits::default(),
        Err(_) => Traits::default(),
    };
    // It may be confirmed at any moment, and then that is to be seen.
    if !traits.pending {
        context.policies.put(arn, traits.clone());
    }
    traits
}

fn read_traits(attributes: &HashMap<String, String>) -> Traits {
    let json = attributes.get("FilterPolicy").filter(|json| !json.is_empty());
    let on_body = attributes.get("FilterPolicyScope").is_some_and(|scope| scope == "MessageBody");
    Traits {
        filter_policy: json.map(|json| FilterPolicy { json: Clean::new(json), on_body }),
        pending: attributes.get("PendingConfirmation").is_some_and(|value| value == "true"),
        authenticated: attributes.get("ConfirmationWasAuthenticated").map(|value| value == "true"),
    }
}

/// For which protocols the topic logs successes; unknown where its attributes may not be read.
async fn receipts(cloud: &Cloud) -> Receipts {
    let Ok(answer) = cloud.sns.get_topic_attributes().topic_arn(&cloud.topic_arn).send().await else {
        return Receipts { protocols: None };
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
    let protocols = names.into_iter().filter(|(name, _)| enabled(name)).map(|(_, protocol)| protocol).collect();
    Receipts { protocols: Some(protocols) }
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
                if is_token { Problem { hint, ..problem } } else { problem }
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
