//! Subscriptions and the inbox: subscribe, confirm, list, remove.

use imgwatch::config::Feeds;
use imgwatch::domain::ids::RequestId;
use imgwatch::domain::inbox::Confirmation;
use imgwatch::domain::problem::Problem;
use imgwatch::domain::subscriptions::{Attributes, DeliveryStatusLogging, Protocol, Subscription};
use imgwatch::effect::CloudEffect;
use imgwatch::msg::Update;

use super::bench::{self, Bench};

async fn list(bench: &mut Bench, request: u64) -> (Vec<Subscription>, DeliveryStatusLogging) {
    bench.perform(CloudEffect::ListSubscriptions { request: RequestId(request), refresh: false });
    bench
        .until(|update| match update {
            Update::SubscriptionsListed { request: r, items, status_logging } if r == RequestId(request) => {
                Some((items, status_logging))
            }
            _ => None,
        })
        .await
}

async fn confirmation_for(bench: &mut Bench, address: &str) -> Confirmation {
    bench
        .until(|update| match update {
            Update::InboxMessages(messages) => messages
                .into_iter()
                .filter(|message| message.to.raw() == address)
                .find_map(|message| message.confirmation),
            _ => None,
        })
        .await
}

#[tokio::test]
async fn a_mail_address_is_subscribed_confirmed_from_the_inbox_and_removed() {
    let cloud = bench::cloud().await;
    let mut bench = Bench::new(bench::settings(cloud.endpoint()), Feeds { inbox: true, ..Feeds::default() });
    let before = list(&mut bench, 1).await.0.len();

    bench.perform(CloudEffect::Subscribe { protocol: Protocol::Email, endpoint: "new@example.com".to_owned() });
    let mut said = None;
    let confirmation = {
        let mut confirmation = None;
        while said.is_none() || confirmation.is_none() {
            let (text, found) = bench
                .until(|update| match update {
                    Update::Done(text) => Some((Some(text), None)),
                    Update::InboxMessages(messages) => {
                        let message = messages.into_iter().find(|message| message.to.raw() == "new@example.com");
                        Some((None, message.and_then(|message| message.confirmation)))
                    }
                    Update::ActionFailed(problem) => panic!("{problem}"),
                    _ => None,
                })
                .await;
            said = said.or(text);
            confirmation = confirmation.or(found);
        }
        confirmation.expect("a confirmation mail")
    };
    assert!(said.is_some_and(|text| text.shown().contains("confirmation email sent to new@example.com")));
    let (items, _) = list(&mut bench, 2).await;
    assert_eq!(items.len(), before + 1);
    assert!(items.iter().any(|item| item.endpoint.raw() == "new@example.com" && item.is_pending()));

    bench.perform(CloudEffect::Confirm(confirmation));
    bench.until(|update| matches!(update, Update::Done(_)).then_some(())).await;
    let (items, status_logging) = list(&mut bench, 3).await;
    let item = items.into_iter().find(|item| item.endpoint.raw() == "new@example.com").expect("it is listed");
    let arn = item.arn.expect("it is confirmed");
    let Attributes::Read { authenticated, .. } = item.attributes else { panic!("{:?}", item.attributes) };
    assert_eq!(authenticated, Some(true), "only its owner can unsubscribe it");
    assert_eq!(status_logging.enabled(Protocol::Sqs), Some(true), "the seeded topic logs the delivery status for SQS");

    bench.perform(CloudEffect::Unsubscribe { arn });
    bench.until(|update| matches!(update, Update::Done(_)).then_some(())).await;
    let (items, _) = list(&mut bench, 4).await;
    assert!(!items.iter().any(|item| item.endpoint.raw() == "new@example.com"));
}

#[tokio::test]
async fn all_pages_are_listed() {
    let cloud = bench::cloud().await;
    let mut bench = Bench::new(bench::settings(cloud.endpoint()), Feeds { inbox: true, ..Feeds::default() });
    let before = list(&mut bench, 1).await.0.len();
    for number in 0..120 {
        let endpoint = format!("person{number}@example.com");
        bench.perform(CloudEffect::Subscribe { protocol: Protocol::Email, endpoint: endpoint.clone() });
        confirmation_for(&mut bench, &endpoint).await;
    }
    assert_eq!(list(&mut bench, 2).await.0.len(), before + 120);
}

#[tokio::test]
async fn what_sns_refuses_is_reported_in_its_words() {
    let cloud = bench::cloud().await;
    let mut bench = Bench::new(bench::settings(cloud.endpoint()), Feeds::default());
    bench.perform(CloudEffect::Subscribe { protocol: Protocol::Sqs, endpoint: "not an arn".to_owned() });
    let problem = bench
        .until(|update| match update {
            Update::ActionFailed(problem) => Some(problem),
            _ => None,
        })
        .await;
    assert!(
        problem.what.shown().contains("not an arn") && problem.why.shown().contains("InvalidParameter"),
        "{problem}"
    );

    // DeliveryStatusEntry settings that may not be read do not hide the subscriptions.
    bench::fail(&cloud, "sns", "GetTopicAttributes", 1, 403, "AuthorizationError");
    let (items, status_logging) = list(&mut bench, 1).await;
    assert!(!items.is_empty());
    let DeliveryStatusLogging::NotRead(problem) = status_logging else { panic!("{status_logging:?}") };
    assert!(problem.why.shown().contains("sns:GetTopicAttributes"), "{problem}");
}

#[tokio::test]
async fn attributes_that_may_not_be_read_are_not_read_and_not_none() {
    let cloud = bench::cloud().await;
    let mut bench = Bench::new(bench::settings(cloud.endpoint()), Feeds::default());
    bench::fail(&cloud, "sns", "GetSubscriptionAttributes", 1, 403, "AuthorizationError");
    let (items, _) = list(&mut bench, 1).await;
    let problems: Vec<&Problem> = items.iter().filter_map(unread).collect();
    let [problem] = problems[..] else { panic!("the others are read all the same: {items:?}") };
    assert!(problem.why.shown().contains("sns:GetSubscriptionAttributes is not allowed"), "{problem}");
    assert!(
        items.iter().all(|item| !item.is_pending()),
        "a confirmed subscription is shown as confirmed without permission to read it: {items:?}"
    );

    // What is known of a minute ago does for a listing, until the user asks.
    assert_eq!(list(&mut bench, 2).await.0.iter().filter_map(unread).count(), 1);
    bench.perform(CloudEffect::ListSubscriptions { request: RequestId(3), refresh: true });
    let items = bench
        .until(|update| match update {
            Update::SubscriptionsListed { request: RequestId(3), items, .. } => Some(items),
            _ => None,
        })
        .await;
    assert_eq!(items.iter().filter_map(unread).count(), 0, "{items:?}");
}

fn unread(item: &Subscription) -> Option<&Problem> {
    match &item.attributes {
        Attributes::NotRead(problem) => Some(problem),
        Attributes::Pending | Attributes::Read { .. } => None,
    }
}
