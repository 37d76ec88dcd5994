//! One follower: sweeps a log group from page to page, takes its turns, and says how following stands.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use jiff::Timestamp;
use tokio::sync::watch;

use super::event_dedup::EventDedup;
use super::page::{self, PageError};
use super::rate_limiter::{Member, Turn};
use super::{BACK_OFF, Feed, lock, pause, report};
use crate::cloud::connection::back_off::{self, BackOff};
use crate::cloud::connection::clients::Cloud;
use crate::cloud::connection::{Connection, PollSchedule};
use crate::domain::log::{LogNews, Tail};
use crate::domain::pace::Pace;
use crate::domain::problem::Problem;
use crate::msg::Update;
use crate::panic_switch;
use crate::text::clean::Clean;

/// Pages in a row. A longer sweep rests in between and then goes on, so that others get their share of the limit.
const PAGES: u32 = 25;
/// Waits before a page is asked for again where a failure may pass at once: the first, and the longest.
const QUICK: (Duration, Duration) = (Duration::from_millis(150), Duration::from_millis(300));
/// How often that is done before the failure is shown.
const RETRIES: u32 = 2;
/// A pace that people notice; anything faster is simply live.
const NOTICED: Duration = Duration::from_secs(2);

/// Follows one group.
pub(super) struct Follower {
    pub(super) connection: Arc<Connection>,
    pub(super) cloud: Arc<Cloud>,
    /// Tries once.
    pub(super) client: Client,
    pub(super) limiter: Member,
    pub(super) schedule: watch::Receiver<PollSchedule>,
    pub(super) feed: Feed,
    pub(super) group: String,
    /// Live Tail has its part in it.
    pub(super) dedup: Arc<Mutex<EventDedup>>,
    /// Where the sweep goes on; `None` at its beginning.
    pub(super) token: Option<String>,
    pub(super) tail: Tail,
}

impl Follower {
    pub(super) async fn run(mut self) {
        let mut pages: u32 = 0;
        let mut quick = BackOff::new(QUICK.0, QUICK.1);
        let mut slow = BackOff::new(BACK_OFF.0, BACK_OFF.1);
        loop {
            self.turn().await;
            panic_switch::check("follower");
            let asked = Timestamp::now();
            let page = self.page().await;
            if !matches!(page, Err(PageError::Transient(_))) {
                quick.reset();
            }
            if page.is_ok() {
                slow.reset();
            }
            match page {
                Ok(()) if self.token.is_some() => {
                    pages += 1;
                    if pages.is_multiple_of(PAGES) {
                        self.rest().await;
                    }
                }
                Ok(()) => {
                    pages = 0;
                    lock(&self.dedup).slide(Timestamp::now().as_millisecond());
                    self.send(self.steady()).await;
                    self.send_read(asked).await;
                    self.rest().await;
                }
                Err(PageError::NoGroup) => {
                    self.token = None;
                    self.send(Tail::NoInvocationYet).await;
                    self.send_read(asked).await;
                    self.rest_without_group().await;
                }
                // The turns are spread out from now on; the sweep goes on with the page that was refused.
                Err(PageError::Throttled) => self.limiter.refused(),
                Err(PageError::Stale) => {
                    self.token = None;
                    self.rest().await;
                }
                Err(PageError::Transient(_)) if quick.waits() < RETRIES => {
                    tokio::time::sleep(back_off::spread(quick.wait())).await;
                }
                Err(PageError::Transient(problem) | PageError::Failed(problem)) => {
                    quick.reset();
                    let pause = pause(&problem, &mut slow);
                    self.send(Tail::Failed(problem)).await;
                    tokio::time::sleep(pause).await;
                }
            }
        }
    }

    /// Waits until it is this follower's turn, and says so where CloudWatch has refused.
    async fn turn(&mut self) {
        let limiter = Arc::clone(&self.limiter);
        if let Some(wait) = limiter.refused_for() {
            self.send(Tail::BackingOff { seconds: wait.as_secs() + 1 }).await;
        }
        let _place = limiter.place().await;
        while let Turn::At(next) = limiter.turn() {
            if let Some(wait) = limiter.refused_for() {
                self.send(Tail::BackingOff { seconds: wait.as_secs() + 1 }).await;
            }
            tokio::time::sleep_until(next).await;
        }
    }

    /// Reads one page. Empty ones in between are normal.
    async fn page(&mut self) -> Result<(), PageError> {
        let start = lock(&self.dedup).start();
        let answer = page::ask(&self.client, &self.group, start, self.token.as_deref()).await?;
        self.limiter.answered();
        let mut fresh = answer.events.unwrap_or_default();
        fresh.sort_by(|a, b| order(a).cmp(&order(b)));
        {
            let mut dedup = lock(&self.dedup);
            fresh.retain(|event| dedup.swept(event));
            dedup.bound();
        }
        // A token that leads to itself is the end, too.
        self.token = answer.next_token.filter(|token| self.token.as_ref() != Some(token));
        report(&self.connection, &self.feed, &fresh).await;
        Ok(())
    }

    /// Says how following stands when that changes; every wait again, because its seconds are counted down.
    async fn send(&mut self, tail: Tail) {
        if self.tail == tail && !matches!(tail, Tail::BackingOff { .. }) {
            return;
        }
        self.tail = tail.clone();
        let Feed::DeliveryStatus { is_of_line } = self.feed else {
            return self.send_news(&LogNews::Tail(tail)).await;
        };
        let problem = match tail {
            Tail::Failed(problem) if !problem.is_transient() => Some(problem),
            Tail::Live | Tail::Every { .. } | Tail::NoInvocationYet => None,
            Tail::Failed(_) | Tail::Connecting | Tail::BackingOff { .. } => return,
        };
        if is_of_line {
            self.send_delivery_status_log(problem).await;
        } else if let Some(problem) = problem {
            // Of the deliveries of other topics only statuses are known: without them, nothing is claimed.
            self.connection.send(Update::Notice(Clean::new(&problem.to_string()))).await;
        }
    }

    /// Says that the log is read to its end, as of when that was asked for.
    async fn send_read(&self, asked: Timestamp) {
        self.send_news(&LogNews::Read(asked)).await;
    }

    /// Says something of each function whose log it is.
    async fn send_news(&self, news: &LogNews) {
        let Feed::Functions(functions) = &self.feed else { return };
        for update in functions.updates(news) {
            self.connection.send(update).await;
        }
    }

    /// Without these logs deliveries are merely unknown; why is for the user to know.
    async fn send_delivery_status_log(&self, problem: Option<Problem>) {
        self.connection.send(Update::DeliveryStatusLog { group: Clean::new(&self.group), problem }).await;
    }

    /// How following stands while all is well.
    fn steady(&self) -> Tail {
        let every = self.every(self.schedule.borrow().pace).max(self.limiter.round());
        if every < NOTICED {
            return Tail::Live;
        }
        Tail::Every { seconds: every.as_secs() + u64::from(every.subsec_millis() >= 500) }
    }

    fn every(&self, pace: Pace) -> Duration {
        match (pace, self.cloud.loopback) {
            (Pace::InFlight, true) => Duration::from_millis(200),
            (Pace::Idle, true) => Duration::from_secs(1),
            (Pace::InFlight, false) => Duration::from_millis(1_500),
            (Pace::Idle, false) => Duration::from_secs(5),
        }
    }

    /// Waits until the group is looked for again. Most topics write no delivery status: what is not there must not take the
    /// turns of what is.
    async fn rest_without_group(&mut self) {
        match self.feed {
            Feed::DeliveryStatus { .. } if !self.cloud.loopback => tokio::time::sleep(self.every(Pace::Idle)).await,
            _ => self.rest().await,
        }
    }

    /// Waits for the next sweep; a change of pace or a poll_now cuts the wait short.
    async fn rest(&mut self) {
        let since = tokio::time::Instant::now();
        loop {
            let schedule = *self.schedule.borrow_and_update();
            tokio::select! {
                () = tokio::time::sleep_until(since + self.every(schedule.pace)) => return,
                changed = self.schedule.changed() => {
                    let now = *self.schedule.borrow();
                    let sooner = now.pace == Pace::InFlight && schedule.pace == Pace::Idle;
                    if changed.is_err() || now.polls != schedule.polls || sooner {
                        return;
                    }
                }
            }
        }
    }
}

/// CloudWatch's order: by time, then by arrival.
fn order(event: &FilteredLogEvent) -> (Option<i64>, Option<i64>, Option<&str>) {
    (event.timestamp(), event.ingestion_time(), event.event_id())
}
