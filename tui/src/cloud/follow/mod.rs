//! Follows one log group: every event once, late ones included, at the pace that is asked for.
//!
//! Each sweep reads from a little before the newest event, since events arrive late and out of order; ids that were
//! seen are left out. A sweep that is interrupted goes on where it was. It knows no meaning of lines: `lines` and
//! `delivery_status` do.

mod event_dedup;
mod follower;
pub(in crate::cloud) mod lines;
mod live;
mod page;
mod platform;
mod rate_limiter;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use jiff::Timestamp;

use crate::cloud::connection::Connection;
use crate::cloud::connection::back_off::BackOff;
use crate::cloud::connection::clients::Cloud;
use crate::cloud::subscriptions::delivery_status;
use crate::domain::log::Tail;
use crate::domain::problem::Problem;
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

/// What a log group is followed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Feed {
    /// The function's log: lines and facts.
    Function,
    /// Delivery-status logs: facts alone.
    DeliveryStatus,
}

/// Starts to follow the logs that are asked for.
pub(super) fn start(connection: &Arc<Connection>, cloud: &Arc<Cloud>) {
    // The answers to our own refusals are ours: retries inside the SDK would hide that CloudWatch asks to slow down.
    let once = cloud.logs.config().to_builder().retry_config(RetryConfig::disabled()).build();
    let source = Followers {
        connection: Arc::clone(connection),
        cloud: Arc::clone(cloud),
        client: Client::from_conf(once),
        limiter: Arc::new(RateLimiter::new(if cloud.loopback { GAP.1 } else { GAP.0 })),
    };
    if let Some(since) = connection.feeds.logs {
        let group = cloud.log_group.clone();
        let dedup = source.follow(Feed::Function, group.clone(), since);
        connection.spawn(live::run(Arc::clone(connection), Arc::clone(cloud), group, dedup));
        let (shared, cloud) = (Arc::clone(connection), Arc::clone(cloud));
        connection.spawn(async move { platform::read(&shared, &cloud).await });
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
    fn follow(&self, feed: Feed, group: String, since: Duration) -> Arc<Mutex<EventDedup>> {
        let since = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        let start = Timestamp::now().as_millisecond().saturating_sub(since).max(0);
        let dedup = Arc::new(Mutex::new(EventDedup::since(start)));
        let follower = Follower {
            connection: Arc::clone(&self.connection),
            cloud: Arc::clone(&self.cloud),
            client: self.client.clone(),
            limiter: Arc::clone(&self.limiter),
            schedule: self.connection.schedule.subscribe(),
            feed,
            group,
            dedup: Arc::clone(&dedup),
            token: None,
            tail: Tail::Connecting,
        };
        self.connection.spawn(follower.run());
        dedup
    }

    /// Follows the delivery-status logs, whose names the topic's ARN gives. Where that is not known, deliveries are
    /// unknown; why is said once.
    async fn follow_deliveries(&self, since: Duration) {
        if self.cloud.topic.is_none() {
            return;
        }
        let mut before = None;
        let mut back_off = BackOff::new(BACK_OFF.0, BACK_OFF.1);
        let arn = loop {
            match self.cloud.topic_arn().await {
                Ok(arn) => break arn,
                Err(problem) => {
                    let pause = pause(&problem, &mut back_off);
                    if before.as_ref() != Some(&problem) {
                        let group = Clean::new(delivery_status::UNKNOWN_GROUP);
                        let update = Update::DeliveryStatusLog { group, problem: Some(problem.clone()) };
                        self.connection.send(update).await;
                        before = Some(problem);
                    }
                    tokio::time::sleep(pause).await;
                }
            }
        };
        if before.is_some() {
            let group = Clean::new(delivery_status::UNKNOWN_GROUP);
            self.connection.send(Update::DeliveryStatusLog { group, problem: None }).await;
        }
        for group in delivery_status::groups(arn) {
            self.follow(Feed::DeliveryStatus, group, since);
        }
    }
}

/// How long to wait before the next request after this problem.
fn pause(problem: &Problem, back_off: &mut BackOff) -> Duration {
    if problem.is_transient() { back_off.wait() } else { UNTIL_CORRECTED }
}

/// Says what some events mean, in their order.
async fn tell(connection: &Connection, feed: Feed, events: &[FilteredLogEvent]) {
    let (lines, facts) = match feed {
        Feed::Function => lines::read(events),
        Feed::DeliveryStatus => (Vec::new(), delivery_status::read(events)),
    };
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
