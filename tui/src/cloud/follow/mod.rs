//! Follows log groups, those that the wiring names: every event once, late ones included, at the pace that is asked for.
//!
//! Each sweep reads from a little before the newest event, since events arrive late and out of order; ids that were
//! seen are left out. A sweep that is interrupted goes on where it was. It knows no meaning of lines: `lines` and
//! `delivery_status` do.

mod event_dedup;
mod follower;
pub(in crate::cloud) mod lines;
mod live;
mod page;
mod rate_limiter;
mod settings;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use futures_util::future;
use imgwatch_shared::arn::{self, Arn};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use crate::cloud::connection::Connection;
use crate::cloud::connection::back_off::BackOff;
use crate::cloud::connection::clients::Cloud;
use crate::cloud::subscriptions::delivery_status;
use crate::domain::log::{LogLine, Tail};
use crate::domain::problem::Problem;
use crate::domain::wiring::{Node, NodeKind, Wiring};
use crate::msg::Update;
use crate::text::clean::Clean;
use event_dedup::EventDedup;
pub(super) use event_dedup::name;
use follower::Follower;
use rate_limiter::RateLimiter;

/// Requests stay this far apart, on AWS and on this machine: CloudWatch allows few a second for a whole account.
const GAP: (Duration, Duration) = (Duration::from_millis(400), Duration::from_millis(20));

/// Waits after a failure that may pass: the first, and the longest.
const BACK_OFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(4));
/// How often something is polled that the user has to correct first.
const UNTIL_CORRECTED: Duration = Duration::from_secs(15);

/// Topics that are followed beside the first one. Each takes a part of the requests that CloudWatch allows.
const MOST_OTHERS: usize = 4;

/// What a log group is followed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Feed {
    /// The function's log: lines and facts.
    Function,
    /// Delivery-status logs: facts alone.
    DeliveryStatus,
    /// Those of another topic than the one that is followed: nothing depends on whether they can be read.
    OtherTopic,
}

/// Starts to follow the logs that are asked for.
pub(super) fn start(connection: &Arc<Connection>, cloud: &Arc<Cloud>) {
    // The answers to our own refusals are ours: retries inside the SDK would hide that CloudWatch asks to slow down.
    let once = cloud.logs.config().to_builder().retry_config(RetryConfig::disabled()).build();
    let source = Arc::new(Followers {
        connection: Arc::clone(connection),
        cloud: Arc::clone(cloud),
        client: Client::from_conf(once),
        limiter: Arc::new(RateLimiter::new(if cloud.loopback { GAP.1 } else { GAP.0 })),
    });
    if let Some(since) = connection.feeds.logs {
        let source = Arc::clone(&source);
        connection.spawn(async move { source.follow_function(since).await });
    }
    if let Some(since) = connection.feeds.delivery_status {
        connection.spawn(async move { source.follow_deliveries(since).await });
    }
}

/// What all followers share.
struct Followers {
    connection: Arc<Connection>,
    cloud: Arc<Cloud>,
    /// Tries once.
    client: Client,
    limiter: Arc<RateLimiter>,
}

impl Followers {
    fn follower(&self, feed: Feed, group: String, since: Duration) -> Follower {
        let since = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        let start = Timestamp::now().as_millisecond().saturating_sub(since).max(0);
        Follower {
            connection: Arc::clone(&self.connection),
            cloud: Arc::clone(&self.cloud),
            client: self.client.clone(),
            limiter: Arc::clone(&self.limiter),
            schedule: self.connection.schedule.subscribe(),
            feed,
            group,
            dedup: Arc::new(Mutex::new(EventDedup::since(start))),
            token: None,
            tail: Tail::Connecting,
        }
    }

    /// Follows the function's log, and another one when the wiring has turned out to be another.
    async fn follow_function(&self, since: Duration) {
        let mut wirings = self.cloud.wiring.subscribe();
        loop {
            let wiring = Arc::clone(&wirings.borrow_and_update());
            let [function, group] = [NodeKind::Function, NodeKind::LogGroup].map(|kind| wiring.name(kind));
            let follower = self.follower(Feed::Function, group.to_owned(), since);
            let (connection, cloud, dedup) =
                (Arc::clone(&self.connection), Arc::clone(&self.cloud), Arc::clone(&follower.dedup));
            self.send_begin(since).await;
            let live = live::run(connection, cloud, group.to_owned(), dedup);
            let settings = settings::read(&self.connection, &self.cloud, function);
            let is_other = |wiring: &Arc<Wiring>| {
                wiring.name(NodeKind::Function) != function || wiring.name(NodeKind::LogGroup) != group
            };
            tokio::select! {
                _ = async { tokio::join!(Box::pin(follower.run()), Box::pin(live), Box::pin(settings)) } => return,
                _ = wirings.wait_for(is_other) => {}
            }
            self.connection.send(Update::Tail(Tail::Connecting)).await;
        }
    }

    /// Says from when on the function's log is read: what was before is not known.
    async fn send_begin(&self, since: Duration) {
        let since = SignedDuration::try_from(since).unwrap_or(SignedDuration::ZERO);
        if let Ok(from) = Timestamp::now().checked_sub(since) {
            self.connection.send(Update::LogBegins(from)).await;
        }
    }

    /// Follows the delivery-status logs, whose names the topic's ARN gives.
    async fn follow_deliveries(&self, since: Duration) {
        let mut wirings = self.cloud.wiring.subscribe();
        loop {
            let arn = self.topic_arn(&mut wirings).await;
            let others = others(&wirings.borrow_and_update(), &arn);
            let feeds =
                [(Feed::DeliveryStatus, &arn)].into_iter().chain(others.iter().map(|arn| (Feed::OtherTopic, arn)));
            let groups =
                feeds.flat_map(|(feed, arn)| delivery_status::groups(arn).into_iter().map(move |it| (feed, it)));
            let followers = groups.map(|(feed, group)| self.follower(feed, group, since).run());
            let is_other = |wiring: &Arc<Wiring>| {
                let topic = wiring.followed(NodeKind::Topic);
                let is_other = topic.is_some_and(|it| match &it.arn {
                    Some(other) => other.raw() != arn,
                    None => it.name.raw() != arn::name(&arn),
                });
                is_other || self::others(wiring, &arn) != others
            };
            tokio::select! {
                _ = future::join_all(followers) => return,
                _ = wirings.wait_for(is_other) => {}
            }
        }
    }

    /// The topic's ARN, as soon as it is known. While it is not, deliveries are unknown; why is said once.
    async fn topic_arn(&self, wirings: &mut watch::Receiver<Arc<Wiring>>) -> String {
        let group = || Clean::new(delivery_status::UNKNOWN_GROUP);
        let mut before = None;
        let mut back_off = BackOff::new(BACK_OFF.0, BACK_OFF.1);
        loop {
            let wiring = Arc::clone(&wirings.borrow_and_update());
            if wiring.followed(NodeKind::Topic).is_none() && wiring.unread().is_none() {
                // The sender is in `cloud`.
                let _ = wirings.changed().await;
                continue;
            }
            match self.cloud.topic_arn().await {
                Ok(arn) => {
                    if before.is_some() {
                        self.connection.send(Update::DeliveryStatusLog { group: group(), problem: None }).await;
                    }
                    return arn;
                }
                Err(problem) => {
                    let pause = pause(&problem, &mut back_off);
                    if before.as_ref() != Some(&problem) {
                        let update = Update::DeliveryStatusLog { group: group(), problem: Some(problem.clone()) };
                        self.connection.send(update).await;
                        before = Some(problem);
                    }
                    tokio::select! {
                        () = tokio::time::sleep(pause) => {}
                        _ = wirings.changed() => {}
                    }
                }
            }
        }
    }
}

/// The ARNs of the other topics that the function publishes to. One that is known by its name alone is beside the topic that
/// is followed.
fn others(wiring: &Wiring, followed: &str) -> Vec<String> {
    let beside = |name: &str| Some(Arn { resource: name, ..Arn::parse(followed)? }.to_string());
    let arn = |node: &Node| node.arn.as_ref().map(|arn| arn.raw().to_owned()).or_else(|| beside(node.name.raw()));
    let arns: BTreeSet<String> = wiring.other_topics().into_iter().filter_map(arn).collect();
    arns.into_iter().filter(|arn| arn != followed).take(MOST_OTHERS).collect()
}

/// How long to wait before the next request after this problem.
fn pause(problem: &Problem, back_off: &mut BackOff) -> Duration {
    if problem.is_transient() { back_off.wait() } else { UNTIL_CORRECTED }
}

/// Says what some events mean, in their order.
async fn report(connection: &Connection, feed: Feed, events: &[FilteredLogEvent]) {
    let (lines, mut facts) = match feed {
        Feed::Function => lines::read(events),
        Feed::DeliveryStatus | Feed::OtherTopic => (Vec::new(), delivery_status::read(events)),
    };
    facts.extend(lines.iter().filter_map(LogLine::printed));
    if !connection.feeds.without_lines && !lines.is_empty() {
        connection.send(Update::LogLines(lines)).await;
    }
    if !facts.is_empty() {
        connection.send(Update::Facts(facts)).await;
    }
}

fn lock(dedup: &Mutex<EventDedup>) -> MutexGuard<'_, EventDedup> {
    dedup.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn stream(event: &FilteredLogEvent) -> Clean {
    Clean::new(event.log_stream_name().unwrap_or_default())
}
