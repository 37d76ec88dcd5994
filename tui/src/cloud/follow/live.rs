//! Live Tail: the function's lines as CloudWatch takes them in, in sessions that are open while they are wanted.
//!
//! A session has no past, may leave lines out and names none of them, so the sweep stays the source of completeness and
//! nothing here moves its window. It must not read the log in any other way.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::operation::start_live_tail::StartLiveTailOutput;
use aws_sdk_cloudwatchlogs::types::{
    FilteredLogEvent, LiveTailSessionLogEvent, LiveTailSessionMetadata, StartLiveTailResponseStream,
};
use aws_smithy_runtime_api::client::result::SdkError;
use imgwatch_shared::arn::Arn;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::event_dedup::EventDedup;
use super::{Feed, Functions, lock, report};
use crate::cloud::connection::back_off::BackOff;
use crate::cloud::connection::caller::Caller;
use crate::cloud::connection::clients::Cloud;
use crate::cloud::connection::endpoint::causes;
use crate::cloud::connection::problem::{self, OperationContext};
use crate::cloud::connection::{Connection, PollSchedule};
use crate::domain::live_tail::{LiveTail, LiveTailMode};
use crate::domain::log::LIVE_ID;
use crate::domain::pace::Pace;
use crate::domain::problem::{Problem, ProblemKind};
use crate::msg::Update;

/// How long a session may take to open.
const OPENING: Duration = Duration::from_secs(15);
/// A session says something every second, be it nothing; after this it counts as lost.
const SILENCE: Duration = Duration::from_secs(30);
/// How long a session stays open after the last upload: reports and late lines follow.
const LINGER: Duration = Duration::from_secs(5);
/// How often a log group that does not exist yet is polled for.
const NO_GROUP_POLL: Duration = Duration::from_secs(2);
/// A session that is over sooner than this was cut short: the next one waits a moment.
const SHORT: Duration = Duration::from_mins(1);
/// Waits after a failure, doubled up to the second; what needs a person always waits as long as that.
const BACK_OFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(1));

/// Keeps a session open as long as one is wanted.
pub(super) async fn run(
    connection: Arc<Connection>,
    cloud: Arc<Cloud>,
    functions: Functions,
    dedup: Arc<Mutex<EventDedup>>,
) {
    let (client, schedule) = (patient(&cloud), connection.schedule.subscribe());
    let group = functions.group.raw().to_owned();
    let feed = Feed::Functions(functions);
    let mut live =
        Live { connection, cloud, client, feed, group, dedup, schedule, state: LiveTail::Off, arn: None, shown: 0 };
    let mut back_off = BackOff::new(BACK_OFF.0, BACK_OFF.1);
    loop {
        live.until_wanted().await;
        let began = Instant::now();
        let pause = match live.session().await {
            End::Unwanted => {
                back_off.reset();
                continue;
            }
            // CloudWatch ends every session after three hours; the next one may begin at once.
            End::Over => {
                back_off.reset();
                if began.elapsed() < SHORT { back_off.wait() } else { Duration::ZERO }
            }
            End::NoGroup => {
                live.send(LiveTail::Waiting).await;
                NO_GROUP_POLL
            }
            End::Failed(problem) => {
                if live.was_open() {
                    back_off.reset();
                }
                let wait = back_off.wait();
                let pause = if problem.is_transient() { wait } else { back_off.most() };
                live.send(LiveTail::Failed(problem)).await;
                pause
            }
        };
        live.pause(pause).await;
    }
}

/// A client for answers that take hours. Opening has a limit of its own.
fn patient(cloud: &Cloud) -> Client {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(4))
        .disable_read_timeout()
        .disable_operation_timeout()
        .disable_operation_attempt_timeout()
        .build();
    let config = cloud.logs.config().to_builder();
    let config = config.timeout_config(timeouts).retry_config(RetryConfig::disabled());
    Client::from_conf(config.stalled_stream_protection(StalledStreamProtectionConfig::disabled()).build())
}

struct Live {
    connection: Arc<Connection>,
    cloud: Arc<Cloud>,
    client: Client,
    feed: Feed,
    group: String,
    dedup: Arc<Mutex<EventDedup>>,
    schedule: watch::Receiver<PollSchedule>,
    state: LiveTail,
    /// The group's ARN, once it is known.
    arn: Option<String>,
    /// Lines shown so far, to name them by.
    shown: u64,
}

/// How a session ended.
enum End {
    Unwanted,
    /// Its time was over.
    Over,
    NoGroup,
    Failed(Problem),
}

impl Live {
    /// Whether a session is wanted now.
    fn is_wanted(&self) -> bool {
        let schedule = *self.schedule.borrow();
        match schedule.live_tail {
            LiveTailMode::Off => false,
            LiveTailMode::InFlight => schedule.pace == Pace::InFlight,
            LiveTailMode::Always => true,
        }
    }

    fn was_open(&self) -> bool {
        matches!(self.state, LiveTail::Open { .. })
    }

    async fn until_wanted(&mut self) {
        loop {
            let mode = self.schedule.borrow_and_update().live_tail;
            if self.is_wanted() {
                return;
            }
            self.send(if mode == LiveTailMode::Off { LiveTail::Off } else { LiveTail::Waiting }).await;
            // The sender lives in the connection.
            let _ = self.schedule.changed().await;
        }
    }

    /// Waits; a change of mind cuts it short.
    async fn pause(&mut self, time: Duration) {
        let mode = self.schedule.borrow().live_tail;
        let mut schedule = self.schedule.clone();
        tokio::select! {
            () = sleep(time) => {}
            _ = schedule.wait_for(|schedule| schedule.live_tail != mode) => {}
        }
    }

    async fn session(&mut self) -> End {
        let mut stream = match self.open().await {
            Ok(output) => output.response_stream,
            Err(end) => return end,
        };
        lock(&self.dedup).forget_live();
        let mut closes: Option<Instant> = None;
        loop {
            tokio::select! {
                heard = timeout(SILENCE, stream.recv()) => match heard {
                    Ok(Ok(Some(StartLiveTailResponseStream::SessionStart(_)))) => {
                        self.send(LiveTail::Open { sampled: false }).await;
                    }
                    Ok(Ok(Some(StartLiveTailResponseStream::SessionUpdate(update)))) => {
                        let sampled = update.session_metadata().is_some_and(LiveTailSessionMetadata::sampled);
                        // Once incomplete, always incomplete.
                        let sampled = sampled || self.state == LiveTail::Open { sampled: true };
                        self.show(update.session_results()).await;
                        self.send(LiveTail::Open { sampled }).await;
                    }
                    Ok(Ok(Some(_))) => {}
                    Ok(Ok(None)) => return self.broken("the session ended by itself"),
                    Ok(Err(SdkError::ServiceError(error))) if error.err().is_session_timeout_exception() => {
                        return End::Over;
                    }
                    Ok(Err(error)) => return self.broken(&causes(&error)),
                    Err(_) => return self.broken("no data for 30 seconds"),
                },
                () = sleep_until(closes.unwrap_or_else(Instant::now)), if closes.is_some() => return End::Unwanted,
                changed = self.schedule.changed() => {
                    let off = self.schedule.borrow_and_update().live_tail == LiveTailMode::Off;
                    if changed.is_err() || off {
                        return End::Unwanted;
                    }
                    closes = if self.is_wanted() { None } else { closes.or_else(|| Instant::now().checked_add(LINGER)) };
                }
            }
        }
    }

    async fn open(&mut self) -> Result<StartLiveTailOutput, End> {
        let arn = self.arn().await?;
        let is_custom = self.cloud.endpoint.is_some();
        let request =
            self.client.start_live_tail().log_group_identifiers(arn).customize().mutate_request(move |request| {
                // The SDK puts `stream-` before the host, whatever it is; only AWS's own has such a name.
                if is_custom || !request.uri().contains("://stream-logs.") {
                    // It was a valid URI before, and still is.
                    let _ = request.set_uri(request.uri().replacen("://stream-", "://", 1));
                }
            });
        let context =
            OperationContext::new(format!("cannot open a Live Tail session of {}", self.group), "logs:StartLiveTail");
        match timeout(OPENING, Box::pin(request.send())).await {
            Ok(Ok(output)) => Ok(output),
            Ok(Err(error)) if problem::kind(&error) == ProblemKind::NotFound => Err(End::NoGroup),
            Ok(Err(error)) => Err(End::Failed(problem::of(&error, &context))),
            Err(_) => Err(self.broken("it did not open in time")),
        }
    }

    /// The group's ARN, without the `:*` that some answers put at its end.
    async fn arn(&mut self) -> Result<String, End> {
        if let Some(arn) = &self.arn {
            return Ok(arn.clone());
        }
        let Caller { account, partition } = self.cloud.caller().await.map_err(End::Failed)?;
        let region = self.cloud.config.region().map_or("us-east-1", |region| region.as_ref());
        let resource = format!("log-group:{}", self.group);
        let arn = Arn { partition, service: "logs", region, account, resource: &resource };
        Ok(self.arn.insert(arn.to_string()).clone())
    }

    /// Shows what has not been shown yet.
    async fn show(&mut self, events: &[LiveTailSessionLogEvent]) {
        let mut fresh: Vec<FilteredLogEvent> = Vec::new();
        {
            let mut dedup = lock(&self.dedup);
            for event in events {
                let event = FilteredLogEvent::builder()
                    .set_log_stream_name(event.log_stream_name().map(str::to_owned))
                    .set_timestamp(event.timestamp())
                    .set_ingestion_time(event.ingestion_time())
                    .set_message(event.message().map(str::to_owned));
                // Names grow with arrival, so that lines of one millisecond stand in that order.
                let event = event.event_id(format!("{LIVE_ID}{:012}", self.shown)).build();
                if dedup.live(&event) {
                    self.shown += 1;
                    fresh.push(event);
                }
            }
        }
        fresh.sort_by_key(|event| (event.timestamp(), event.ingestion_time()));
        report(&self.connection, &self.feed, &fresh).await;
    }

    fn broken(&self, why: &str) -> End {
        End::Failed(
            Problem::new(ProblemKind::Interrupted, format!("the Live Tail session of {} ended", self.group), why)
                .with_hint("it reopens automatically; no lines are lost, because the log is polled as well"),
        )
    }

    async fn send(&mut self, state: LiveTail) {
        if self.state != state {
            self.state = state.clone();
            self.connection.send(Update::LiveTail(state)).await;
        }
    }
}
