//! Follows one log group: every event once, late ones included, at the pace that is asked for.
//!
//! Each sweep reads from a little before the newest event, since events arrive late and out of order; ids that were
//! seen are left out. A sweep that is interrupted goes on where it was. It knows no meaning of lines: `lines` and
//! `receipts` do.

mod live;
mod pacer;
mod page;
mod platform;
mod seen;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use jiff::Timestamp;
use tokio::sync::watch;

use super::connect::Cloud;
use super::context::{Beat, Context};
use super::{inbox, lines, probe, receipts};
use crate::domain::log::Tail;
use crate::domain::pace::Pace;
use crate::domain::problem::Problem;
use crate::msg::Update;
use crate::panic_switch;
use crate::text::clean::Clean;
use pacer::{Pacer, Turn};
use page::Trip;
use seen::Seen;
pub(super) use seen::name;

/// Requests stay this far apart, on AWS and on this machine: CloudWatch allows few a second for a whole account.
const GAP: (Duration, Duration) = (Duration::from_millis(400), Duration::from_millis(20));
/// Pages in a row. A longer sweep rests in between and then goes on, so that others get their share of the limit.
const PAGES: u32 = 25;
/// How often a page is asked for when something that may be over at once is in the way.
const TRIES: u32 = 3;
/// A pace that people notice; anything faster is simply live.
const NOTICED: Duration = Duration::from_secs(2);

/// What a log group is followed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Feed {
    /// The function's log: lines and facts.
    Function,
    /// Delivery-status logs: facts alone.
    Receipts,
}

/// Starts whatever is to be followed.
pub(super) fn start_feeds(context: &Arc<Context>, cloud: &Arc<Cloud>) {
    // The answers to our own refusals are ours: retries inside the SDK would hide that CloudWatch asks to slow down.
    let once = cloud.logs.config().to_builder().retry_config(RetryConfig::disabled()).build();
    let client = Client::from_conf(once);
    let pacer = Arc::new(Pacer::new(if cloud.loopback { GAP.1 } else { GAP.0 }));
    let follow = |feed, group: String, since: Duration| {
        let since = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        let start = Timestamp::now().as_millisecond().saturating_sub(since).max(0);
        let seen = Arc::new(Mutex::new(Seen::since(start)));
        let follower = Follower {
            context: Arc::clone(context),
            cloud: Arc::clone(cloud),
            client: client.clone(),
            pacer: Arc::clone(&pacer),
            beat: context.beat.subscribe(),
            feed,
            group,
            seen: Arc::clone(&seen),
            token: None,
            tail: Tail::Connecting,
        };
        spawn(context, follower.run());
        seen
    };
    if let Some(since) = context.feeds.logs {
        let group = cloud.log_group.clone();
        let seen = follow(Feed::Function, group.clone(), since);
        spawn(context, live::run(Arc::clone(context), Arc::clone(cloud), group, seen));
        let (shared, cloud) = (Arc::clone(context), Arc::clone(cloud));
        spawn(context, async move { platform::read(&shared, &cloud).await });
    }
    if let Some(since) = context.feeds.receipts {
        for group in receipts::groups(&cloud.topic_arn) {
            follow(Feed::Receipts, group, since);
        }
        // Who follows deliveries may have left a probe, or wonder about one.
        spawn(context, probe::tidy_up(Arc::clone(context), Arc::clone(cloud)));
    }
    if context.feeds.inbox && cloud.inbox {
        spawn(context, inbox::follow(Arc::clone(context), Arc::clone(cloud)));
    }
}

fn spawn(context: &Context, task: impl Future<Output = ()> + Send + 'static) {
    let stop = context.stop.clone();
    context.tasks.spawn(async move {
        let _ = stop.run_until_cancelled(task).await;
    });
}

struct Follower {
    context: Arc<Context>,
    cloud: Arc<Cloud>,
    /// Tries once.
    client: Client,
    pacer: Arc<Pacer>,
    beat: watch::Receiver<Beat>,
    feed: Feed,
    group: String,
    /// Live Tail has its part in it.
    seen: Arc<Mutex<Seen>>,
    /// Where the sweep goes on; `None` at its beginning.
    token: Option<String>,
    tail: Tail,
}

impl Follower {
    async fn run(mut self) {
        let (mut pages, mut tries): (u32, u32) = (0, 0);
        loop {
            self.turn().await;
            panic_switch::check("follower");
            let asked = Timestamp::now();
            let page = self.page().await;
            tries = if matches!(page, Err(Trip::Hiccup(_))) { tries + 1 } else { 0 };
            match page {
                Ok(()) if self.token.is_some() => {
                    pages += 1;
                    if pages.is_multiple_of(PAGES) {
                        self.rest().await;
                    }
                }
                Ok(()) => {
                    pages = 0;
                    lock(&self.seen).slide(Timestamp::now().as_millisecond());
                    self.say(self.steady()).await;
                    self.say_read(asked).await;
                    self.rest().await;
                }
                Err(Trip::NoGroup) => {
                    self.token = None;
                    self.say(Tail::NoInvocationYet).await;
                    self.say_read(asked).await;
                    self.rest().await;
                }
                // The turns are spread out from now on; the sweep goes on with the page that was refused.
                Err(Trip::Throttled) => self.pacer.refused(),
                Err(Trip::Stale) => {
                    self.token = None;
                    self.rest().await;
                }
                Err(Trip::Hiccup(_)) if tries < TRIES => {
                    let pause = Duration::from_millis(200 * u64::from(tries));
                    tokio::time::sleep(pause.mul_f64(0.5 + pacer::fraction())).await;
                }
                Err(Trip::Hiccup(problem) | Trip::Failed(problem)) => {
                    tries = 0;
                    // What needs a person is asked for less often than what may pass.
                    let pause = Duration::from_secs(if problem.is_transient() { 2 } else { 15 });
                    self.say(Tail::Failed(problem)).await;
                    tokio::time::sleep(pause).await;
                }
            }
        }
    }

    /// Waits until it is this follower's turn, and says so where CloudWatch has refused.
    async fn turn(&mut self) {
        let pacer = Arc::clone(&self.pacer);
        if let Some(wait) = pacer.refused_for() {
            self.say(Tail::BackingOff { seconds: wait.as_secs() + 1 }).await;
        }
        let _place = pacer.place().await;
        while let Turn::At(next) = pacer.turn() {
            if let Some(wait) = pacer.refused_for() {
                self.say(Tail::BackingOff { seconds: wait.as_secs() + 1 }).await;
            }
            tokio::time::sleep_until(next).await;
        }
    }

    /// Reads one page. Empty ones in between are normal.
    async fn page(&mut self) -> Result<(), Trip> {
        let start = lock(&self.seen).start();
        let answer = page::ask(&self.client, &self.group, start, self.token.as_deref()).await?;
        self.pacer.answered();
        let mut fresh = answer.events.unwrap_or_default();
        fresh.sort_by(|a, b| order(a).cmp(&order(b)));
        {
            let mut seen = lock(&self.seen);
            fresh.retain(|event| seen.swept(event));
            seen.bound();
        }
        // A token that leads to itself is the end, too.
        self.token = answer.next_token.filter(|token| self.token.as_ref() != Some(token));
        tell(&self.context, self.feed, &fresh).await;
        Ok(())
    }

    /// Says how following stands when that changes; every wait anew, since its seconds are counted down.
    async fn say(&mut self, tail: Tail) {
        if self.tail == tail && !matches!(tail, Tail::BackingOff { .. }) {
            return;
        }
        self.tail = tail.clone();
        match (self.feed, tail) {
            (Feed::Function, tail) => self.context.say(Update::Tail(tail)).await,
            (Feed::Receipts, Tail::Failed(problem)) if problem.is_transient() => {}
            (Feed::Receipts, Tail::Failed(problem)) => self.say_receipts(Some(problem)).await,
            (Feed::Receipts, Tail::Live | Tail::Every { .. } | Tail::NoInvocationYet) => self.say_receipts(None).await,
            (Feed::Receipts, Tail::Connecting | Tail::BackingOff { .. }) => {}
        }
    }

    /// Says that the function's log is read to its end, as of when that was asked for.
    async fn say_read(&self, asked: Timestamp) {
        if self.feed == Feed::Function {
            self.context.say(Update::LogRead(asked)).await;
        }
    }

    /// Without these logs deliveries are merely unknown; why is for the user to know.
    async fn say_receipts(&self, problem: Option<Problem>) {
        self.context.say(Update::ReceiptLog { group: Clean::new(&self.group), problem }).await;
    }

    /// How following stands while all is well.
    fn steady(&self) -> Tail {
        let every = self.every(self.beat.borrow().pace).max(self.pacer.spacing());
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

    /// Waits for the next sweep; a change of pace or a nudge cuts the wait short.
    async fn rest(&mut self) {
        let since = tokio::time::Instant::now();
        loop {
            let beat = *self.beat.borrow_and_update();
            tokio::select! {
                () = tokio::time::sleep_until(since + self.every(beat.pace)) => return,
                changed = self.beat.changed() => {
                    let now = *self.beat.borrow();
                    let sooner = now.pace == Pace::InFlight && beat.pace == Pace::Idle;
                    if changed.is_err() || now.nudges != beat.nudges || sooner {
                        return;
                    }
                }
            }
        }
    }
}

/// Says what some events mean, in their order.
async fn tell(context: &Context, feed: Feed, events: &[FilteredLogEvent]) {
    let (lines, facts) = match feed {
        Feed::Function => lines::read(events),
        Feed::Receipts => (Vec::new(), receipts::read(events)),
    };
    if !lines.is_empty() {
        context.say(Update::LogLines(lines)).await;
    }
    if !facts.is_empty() {
        context.say(Update::Facts(facts)).await;
    }
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

/// CloudWatch's order: by time, then by arrival.
fn order(event: &FilteredLogEvent) -> (Option<i64>, Option<i64>, Option<&str>) {
    (event.timestamp(), event.ingestion_time(), event.event_id())
}

/// The time of a log event.
pub(super) fn time(event: &FilteredLogEvent) -> Timestamp {
    event.timestamp().and_then(|ms| Timestamp::from_millisecond(ms).ok()).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The stream of a log event.
pub(super) fn stream(event: &FilteredLogEvent) -> Clean {
    Clean::new(event.log_stream_name().unwrap_or_default())
}
