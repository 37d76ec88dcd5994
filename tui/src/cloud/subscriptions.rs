//! The topic's subscriptions: listed with their filter policies, made, confirmed and removed.

use aws_sdk_sns::types::Subscription as SnsSubscription;
use futures_util::stream::{self, StreamExt as _};

use super::connect::Cloud;
use super::context::Context;
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
    cloud.needs_topic()?;
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
    let filter_policy = match arn {
        Some(arn) => policy(context, cloud, arn).await,
        None => None,
    };
    Subscription {
        arn: arn.map(Clean::new),
        protocol: Protocol::parse(subscription.protocol().unwrap_or_default()),
        endpoint: Clean::new(subscription.endpoint().unwrap_or_default()),
        absent_until: None,
        gone_since: None,
        confirmed_since: None,
        filter_policy,
    }
}

/// A subscription's filter policy; one that may not be read counts as none.
async fn policy(context: &Context, cloud: &Cloud, arn: &str) -> Option<FilterPolicy> {
    if let Ok(known) = context.policies.get(arn) {
        return known;
    }
    let read = cloud.sns.get_subscription_attributes().subscription_arn(arn).send().await;
    let policy = match &read {
        Ok(answer) => answer.attributes().and_then(|attributes| {
            let json = attributes.get("FilterPolicy").filter(|json| !json.is_empty())?;
            let on_body = attributes.get("FilterPolicyScope").is_some_and(|scope| scope == "MessageBody");
            Some(FilterPolicy { json: Clean::new(json), on_body })
        }),
        // What may pass is asked for again the next time.
        Err(error) if problem::kind(error) != Kind::Denied => return None,
        Err(_) => None,
    };
    context.policies.put(arn, policy.clone());
    policy
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
                problem::of(&error, &Trouble::new(format!("cannot subscribe {endpoint}"), "sns:Subscribe"))
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
                problem::of(&error, &Trouble::new("cannot confirm the subscription", "sns:ConfirmSubscription"))
            })?;
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
