//! Follows one log group: every event once, late ones included, at the pace that is asked for.
//!
//! Each sweep reads from a little before the newest event, since events arrive late and out of order; ids that were
//! seen are left out. It knows no meaning of lines: `lines` and `receipts` do.

mod seen;

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use jiff::Timestamp;
use tokio::sync::watch;

use super::connect::Cloud;
use super::context::{Beat, Context};
use super::problem::{self, Kind, Trouble};
use super::{inbox, lines, receipts};
use crate::effect::Pace;
use crate::model::logs::Tail;
use crate::model::problem::Problem;
use crate::msg::Update;
use crate::text::clean::Clean;
use seen::Seen;
pub(super) use seen::name;

/// Requests in quick succession stay this far apart: CloudWatch allows few a second for a whole account.
const GAP: (Duration, Duration) = (Duration::from_millis(400), Duration::from_millis(20));
/// Waits after CloudWatch asked to slow down.
const BACK_OFF: (Duration, Duration) = (Duration::from_secs(2), Duration::from_mins(1));

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
    let mut groups = Vec::new();
    if let Some(since) = context.feeds.logs {
        groups.push((Feed::Function, cloud.log_group.clone(), since));
    }
    if let Some(since) = context.feeds.receipts {
        groups.extend(receipts::groups(&cloud.topic_arn).into_iter().map(|group| (Feed::Receipts, group, since)));
    }
    for (feed, group, since) in groups {
        let follower = Follower::new(Arc::clone(context), Arc::clone(cloud), feed, group, since);
        spawn(context, follower.run());
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
    feed: Feed,
    group: String,
    seen: Seen,
    beat: watch::Receiver<Beat>,
    tail: Tail,
    back_off: Duration,
}

/// Why a sweep ended early.
enum Trip {
    /// The group does not exist (yet).
    NoGroup,
    Throttled,
    Failed(Problem),
}

impl Follower {
    fn new(context: Arc<Context>, cloud: Arc<Cloud>, feed: Feed, group: String, since: Duration) -> Self {
        let since = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        let start = Timestamp::now().as_millisecond().saturating_sub(since).max(0);
        let beat = context.beat.subscribe();
        Self {
            context,
            cloud,
            feed,
            group,
            seen: Seen::since(start),
            beat,
            tail: Tail::Connecting,
            back_off: BACK_OFF.0,
        }
    }

    async fn run(mut self) {
        loop {
            match self.sweep().await {
                Ok(()) => {
                    self.back_off = BACK_OFF.0;
                    self.say(Tail::Live).await;
                    self.rest().await;
                }
                Err(Trip::NoGroup) => {
                    self.say(Tail::NoInvocationYet).await;
                    self.rest().await;
                }
                Err(Trip::Throttled) => self.slow_down().await,
                Err(Trip::Failed(problem)) => {
                    let transient = problem.transient;
                    self.say(Tail::Failed(problem)).await;
                    // What needs a person is asked for less often than what may pass.
                    self.pause(if transient { Duration::from_secs(2) } else { Duration::from_secs(15) }).await;
                }
            }
        }
    }

    /// Reads all pages from the start of the window. Empty pages in between are normal.
    async fn sweep(&mut self) -> Result<(), Trip> {
        let began = Timestamp::now().as_millisecond();
        let mut token: Option<String> = None;
        loop {
            let answer = self
                .cloud
                .logs
                .filter_log_events()
                .log_group_name(&self.group)
                .start_time(self.seen.start())
                .set_next_token(token)
                .send()
                .await
                .map_err(|error| {
                    let trouble = Trouble::new(format!("cannot read log group {}", self.group), "logs:FilterLogEvents");
                    match problem::kind(&error) {
                        Kind::NotFound => Trip::NoGroup,
                        Kind::Throttled => Trip::Throttled,
                        _ => Trip::Failed(problem::of(&error, &trouble)),
                    }
                })?;
            token = answer.next_token().map(str::to_owned);
            let mut fresh: Vec<FilteredLogEvent> =
                answer.events.unwrap_or_default().into_iter().filter(|event| self.seen.insert(event)).collect();
            fresh.sort_by(|a, b| order(a).cmp(&order(b)));
            self.tell(&fresh).await;
            if token.is_none() {
                break;
            }
            tokio::time::sleep(self.gap()).await;
        }
        self.seen.slide(began);
        Ok(())
    }

    async fn tell(&self, events: &[FilteredLogEvent]) {
        if events.is_empty() {
            return;
        }
        match self.feed {
            Feed::Function => {
                let (lines, facts) = lines::read(events);
                self.context.say(Update::LogLines(lines)).await;
                if !facts.is_empty() {
                    self.context.say(Update::Facts(facts)).await;
                }
            }
            Feed::Receipts => {
                let facts = receipts::read(events);
                if !facts.is_empty() {
                    self.context.say(Update::Facts(facts)).await;
                }
            }
        }
    }

    /// Says how following stands when that changes.
    async fn say(&mut self, tail: Tail) {
        if self.tail == tail {
            return;
        }
        self.tail = tail.clone();
        match (self.feed, tail) {
            (Feed::Function, tail) => self.context.say(Update::Tail(tail)).await,
            (Feed::Receipts, Tail::Failed(problem)) if problem.transient => {}
            (Feed::Receipts, Tail::Failed(problem)) => self.say_receipts(Some(problem)).await,
            (Feed::Receipts, Tail::Live | Tail::NoInvocationYet) => self.say_receipts(None).await,
            (Feed::Receipts, _) => {}
        }
    }

    /// Without these logs deliveries are merely unknown; why is for the user to know.
    async fn say_receipts(&self, problem: Option<Problem>) {
        self.context.say(Update::ReceiptLog { group: Clean::new(&self.group), problem }).await;
    }

    /// Waits for the next turn; a change of pace or a nudge cuts the wait short.
    async fn rest(&mut self) {
        tokio::time::sleep(self.gap()).await;
        let since = tokio::time::Instant::now();
        loop {
            let beat = *self.beat.borrow_and_update();
            let pause = match (beat.pace, self.cloud.loopback) {
                (Pace::InFlight, true) => Duration::from_millis(200),
                (Pace::Idle, true) => Duration::from_secs(1),
                (Pace::InFlight, false) => Duration::from_millis(1_500),
                (Pace::Idle, false) => Duration::from_secs(5),
            };
            tokio::select! {
                () = tokio::time::sleep_until(since + pause) => return,
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

    async fn slow_down(&mut self) {
        // Up to a half more, so that several programs do not come back together.
        let extra = self.back_off.mul_f64(0.5 * fraction());
        let wait = self.back_off + extra;
        self.say(Tail::BackingOff { seconds: wait.as_secs() + 1 }).await;
        self.back_off = (self.back_off * 2).min(BACK_OFF.1);
        self.pause(wait).await;
    }

    async fn pause(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    fn gap(&self) -> Duration {
        if self.cloud.loopback { GAP.1 } else { GAP.0 }
    }
}

/// CloudWatch's order: by time, then by arrival.
fn order(event: &FilteredLogEvent) -> (Option<i64>, Option<i64>, Option<&str>) {
    (event.timestamp(), event.ingestion_time(), event.event_id())
}

/// A number from 0 to 1, different each time.
fn fraction() -> f64 {
    use std::hash::{BuildHasher as _, RandomState};
    let [byte, ..] = RandomState::new().hash_one(0u8).to_be_bytes();
    f64::from(byte) / 255.0
}

/// The time of a log event.
pub(super) fn time(event: &FilteredLogEvent) -> Timestamp {
    event.timestamp().and_then(|ms| Timestamp::from_millisecond(ms).ok()).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The stream of a log event.
pub(super) fn stream(event: &FilteredLogEvent) -> Clean {
    Clean::new(event.log_stream_name().unwrap_or_default())
}
