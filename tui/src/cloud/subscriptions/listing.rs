//! The list of a topic's subscriptions, page by page, for all who read it: the panel, doctor and the probe.

use aws_sdk_sns::error::SdkError;
use aws_sdk_sns::operation::list_subscriptions_by_topic::{
    ListSubscriptionsByTopicError, ListSubscriptionsByTopicOutput,
};
use aws_sdk_sns::types::Subscription;
use imgwatch_shared::arn::Arn;

type Page = Result<ListSubscriptionsByTopicOutput, SdkError<ListSubscriptionsByTopicError>>;

/// One page, and what leads to the next.
pub(in crate::cloud) async fn page(sns: &aws_sdk_sns::Client, topic_arn: &str, token: Option<String>) -> Page {
    Box::pin(sns.list_subscriptions_by_topic().topic_arn(topic_arn).set_next_token(token).send()).await
}

/// The subscriptions of a page, and the token of the next one.
pub(in crate::cloud) fn items(page: ListSubscriptionsByTopicOutput) -> (Vec<Subscription>, Option<String>) {
    let token = page.next_token.filter(|token| !token.is_empty());
    (page.subscriptions.unwrap_or_default(), token)
}

pub(in crate::cloud) async fn all(
    sns: &aws_sdk_sns::Client,
    topic_arn: &str,
) -> Result<Vec<Subscription>, SdkError<ListSubscriptionsByTopicError>> {
    let (mut found, mut token) = (Vec::new(), None);
    loop {
        let (more, next) = items(page(sns, topic_arn, token).await?);
        found.extend(more);
        token = next;
        if token.is_none() {
            return Ok(found);
        }
    }
}

/// The ARN of a subscription. Instead of one SNS writes words: `PendingConfirmation`, or `Deleted` for a while.
pub(in crate::cloud) fn arn(subscription: &Subscription) -> Option<&str> {
    subscription.subscription_arn().filter(|arn| Arn::is_one(arn))
}
