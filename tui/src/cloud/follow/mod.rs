//! Follows log groups, those that the wiring names: every event once, late ones included, at the pace that is asked for.
//!
//! Each sweep reads from a little before the newest event, since events arrive late and out of order; ids that were
//! seen are left out. A sweep that is interrupted goes on where it was. It knows no meaning of lines: `lines` and
//! `delivery_status` do.

mod event_dedup;
mod follower;
pub(in crate::cloud) mod lines;
mod live;
mod others;
mod page;
mod quota;
mod rate_limiter;
mod settings;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use futures_util::future;
use imgwatch_shared::arn;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use crate::cloud::connection::Connection;
use crate::cloud::connection::back_off::BackOff;
use crate::cloud::connection::clients::Cloud;
use crate::cloud::subscriptions::delivery_status;
use crate::domain::evidence::Fact;
use crate::domain::log::{LogLine, LogNews, Tail};
use crate::domain::problem::Problem;
use crate::domain::wiring::{NodeKind, Wiring};
use crate::msg::Update;
use crate::text::clean::Clean;
use event_dedup::EventDedup;
pub(super) use event_dedup::name;
use follower::Follower;
use rate_limiter::RateLimiter;

/// Waits after a failure that may pass: the first, and the longest.
const BACK_OFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(4));
/// How often something is polled that the user has to correct first.
const UNTIL_CORRECTED: Duration = Duration::from_secs(15);

/// What a log group is followed for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Feed {
    /// The logs of functions: lines and facts.
    Functions(Functions),
    /// Delivery-status logs, of the line's topic or of another one: facts alone.
    DeliveryStatus { is_of_line: bool },
}

/// The functions that log into one group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Functions {
    group: Clean,
    names: Vec<Clean>,
    /// Whether the first of them is the function of the line.
    has_line: bool,
}

impl Functions {
    /// What is said of each of them.
    fn updates(&self, news: &LogNews) -> Vec<Update> {
        let of = |(index, function): (usize, &Clean)| match news.clone() {
            LogNews::Tail(tail) if self.has_line && index == 0 => Update::Tail(tail),
            LogNews::Read(at) if self.has_line && index == 0 => Update::LogRead(at),
            news => Update::OtherLog { function: function.clone(), news },
        };
        self.names.iter().enumerate().map(of).collect()
    }
}

/// Starts to follow the logs that are asked for.
pub(super) fn start(connection: &Arc<Connection>, cloud: &Arc<Cloud>) {
    // The answers to our own refusals are ours: retries inside the SDK would hide that CloudWatch asks to slow down.
    let once = cloud.logs.config().to_builder().retry_config(RetryConfig::disabled()).build();
    let region = cloud.config.region().map(AsRef::as_ref).unwrap_or_default();
    let source = Arc::new(Followers {
        connection: Arc::clone(connection),
        cloud: Arc::clone(cloud),
        client: Client::from_conf(once),
        limiter: Arc::new(RateLimiter::new(quota::gap(region, cloud.loopback))),
        began: Timestamp::now(),
    });
    let (logs, statuses) = (connection.feeds.logs, connection.feeds.delivery_status);
    if let Some(since) = logs {
        let source = Arc::clone(&source);
        connection.spawn(async move { source.follow_function(since).await });
    }
    if let Some(since) = statuses {
        let source = Arc::clone(&source);
        connection.spawn(async move { source.follow_deliveries(since).await });
    }
    // What else there is only the whole wiring says.
    if connection.feeds.wiring {
        connection.spawn(async move { others::follow(&source, logs, statuses).await });
    }
}

/// What all followers share.
struct Followers {
    connection: Arc<Connection>,
    cloud: Arc<Cloud>,
    /// Tries once.
    client: Client,
    limiter: Arc<RateLimiter>,
    /// When following began. Each log is read from so long before that, however late it is found.
    began: Timestamp,
}

impl Followers {
    fn follower(&self, feed: Feed, group: String, since: Duration) -> Follower {
        let since = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        let start = self.began.as_millisecond().saturating_sub(since).max(0);
        Follower {
            connection: Arc::clone(&self.connection),
            cloud: Arc::clone(&self.cloud),
            client: self.client.clone(),
            limiter: self.limiter.join(),
            schedule: self.connection.schedule.subscribe(),
            feed,
            group,
            dedup: Arc::new(Mutex::new(EventDedup::since(start))),
            token: None,
            tail: Tail::Connecting,
        }
    }

    fn follow(&self, functions: &Functions, since: Duration) -> Follower {
        self.follower(Feed::Functions(functions.clone()), functions.group.raw().to_owned(), since)
    }

    /// Follows the function's log, and another one when the wiring has turned out to be another.
    async fn follow_function(&self, since: Duration) {
        let mut wirings = self.cloud.wiring.subscribe();
        loop {
            let wiring = Arc::clone(&wirings.borrow_and_update());
            let functions = line(&wiring);
            let follower = self.follow(&functions, since);
            let (connection, cloud, dedup) =
                (Arc::clone(&self.connection), Arc::clone(&self.cloud), Arc::clone(&follower.dedup));
            self.send_begin(since).await;
            let live = live::run(connection, cloud, functions.clone(), dedup);
            let settings = self.send_settings(&functions);
            let is_other = |wiring: &Arc<Wiring>| line(wiring) != functions;
            tokio::select! {
                _ = async { tokio::join!(Box::pin(follower.run()), Box::pin(live), Box::pin(settings)) } => return,
                _ = wirings.wait_for(is_other) => {}
            }
            self.connection.send(Update::Tail(Tail::Connecting)).await;
            self.send_ended(functions.names.get(1..).unwrap_or_default()).await;
        }
    }

    /// Says what the configurations of some functions say of their logs, and of the topics of the line's.
    async fn send_settings(&self, functions: &Functions) {
        for (index, function) in functions.names.iter().enumerate() {
            let configuration = settings::read(&self.cloud, function.raw()).await;
            let is_line = functions.has_line && index == 0;
            if is_line {
                let (topics, timeout) = configuration.as_ref().map(|it| (it.topics.clone(), it.timeout)).unzip();
                self.connection.send(Update::PublishesTo(topics)).await;
                if let Some(timeout) = timeout.flatten() {
                    self.connection.send(Update::Facts(vec![Fact::Timeout(timeout)])).await;
                }
            }
            let Some(settings) = configuration.map(|it| it.log) else { continue };
            let update = if is_line {
                Update::LogSettings(settings)
            } else {
                Update::OtherLog { function: function.clone(), news: LogNews::Settings(settings) }
            };
            self.connection.send(update).await;
        }
    }

    /// Says that these functions are no longer followed.
    async fn send_ended(&self, functions: &[Clean]) {
        for function in functions {
            self.connection.send(Update::OtherLog { function: function.clone(), news: LogNews::Ended }).await;
        }
    }

    /// Says from when on the function's log is read: what was before is not known.
    async fn send_begin(&self, since: Duration) {
        let since = SignedDuration::try_from(since).unwrap_or(SignedDuration::ZERO);
        if let Ok(from) = self.began.checked_sub(since) {
            self.connection.send(Update::LogBegins(from)).await;
        }
    }

    /// Follows the delivery-status logs, whose names the topic's ARN gives.
    async fn follow_deliveries(&self, since: Duration) {
        let mut wirings = self.cloud.wiring.subscribe();
        loop {
            let arn = self.topic_arn(&mut wirings).await;
            let groups = delivery_status::groups(&arn);
            let feed = Feed::DeliveryStatus { is_of_line: true };
            let followers = groups.into_iter().map(|group| self.follower(feed.clone(), group, since).run());
            let is_other = |wiring: &Arc<Wiring>| {
                let topic = wiring.followed(NodeKind::Topic);
                topic.is_some_and(|it| match &it.arn {
                    Some(other) => other.raw() != arn,
                    None => it.name.raw() != arn::name(&arn),
                })
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

/// The log group of the line's function, with the functions that log into it.
fn line(wiring: &Wiring) -> Functions {
    let [function, group] = [NodeKind::Function, NodeKind::LogGroup].map(|kind| Clean::new(wiring.name(kind)));
    let logs = wiring.follow().logs.into_iter().filter(|log| log.group == group);
    let others = logs.map(|log| log.function.name.clone()).filter(|name| *name != function);
    let names = std::iter::once(function.clone()).chain(others).collect();
    Functions { group, names, has_line: true }
}

/// How long to wait before the next request after this problem.
fn pause(problem: &Problem, back_off: &mut BackOff) -> Duration {
    if problem.is_transient() { back_off.wait() } else { UNTIL_CORRECTED }
}

/// Says what some events mean, in their order.
async fn report(connection: &Connection, feed: &Feed, events: &[FilteredLogEvent]) {
    let (lines, mut facts) = match feed {
        Feed::Functions(functions) => lines::of(&functions.names, events),
        Feed::DeliveryStatus { .. } => (Vec::new(), delivery_status::read(events)),
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
