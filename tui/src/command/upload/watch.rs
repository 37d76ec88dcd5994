//! What is known of all files together, and when each of them has come to an end. It makes no request: updates come in.

mod answers;
mod due;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::hold::Hold;
use super::job::{End, Job, Planned};
use super::others::OtherUploads;
use super::{delivery_status_patience, probe};
use crate::cli::UploadArgs;
use crate::config::Settings;
use crate::domain::ids::{RequestId, UploadId};
use crate::domain::live_tail::LiveTail;
use crate::domain::log::{LogNews, LogSettings, Tail};
use crate::domain::problem::Problem;
use crate::domain::subscriptions::Subscriptions;
use crate::domain::timeline::{MAX_FACTS, Timelines};
use crate::domain::transfer::{Transfer, TransferState, UploadNews};
use crate::domain::transfers::Transfers;
use crate::domain::wiring::Wiring;
use crate::effect::CloudEffect;
use crate::msg::Update;
use crate::text::clean::Clean;

pub(super) const LISTING: RequestId = RequestId(1);

/// How long uploads wait for the listing of subscriptions, counted from the connection.
pub(super) const LISTING_PATIENCE: Duration = Duration::from_secs(5);

pub(super) struct Watch {
    pub(super) jobs: Vec<Job>,
    transfers: Transfers,
    pub(super) bucket: String,
    pub(super) subscriptions: Subscriptions,
    /// Whether the listing was answered, for better or worse.
    pub(super) listed: bool,
    /// Whether it is known where the function publishes, or that it cannot be: a subscriber of another topic gets nothing.
    pub(super) knows_topics: bool,
    /// Timelines wait for that: a delivery is judged by what was known of its subscription before.
    hold: Hold,
    /// Why the listing failed.
    pub(super) unlisted: Option<Problem>,
    /// Whether what earlier runs left is known.
    pub(super) knows_leftovers: bool,
    pub(super) uploads: Timelines,
    /// The pipeline, as far as it was read.
    pub(super) wiring: Arc<Wiring>,
    /// Functions whose logs cannot be read: nothing is awaited there.
    pub(super) unread: BTreeSet<Clean>,
    others: OtherUploads,
    /// How following the function's log stands.
    tail: Tail,
    log_read_at: Option<Timestamp>,
    /// How the function logs, where its configuration could be read.
    settings: Option<LogSettings>,
    pub(super) args: UploadArgs,
    pub(super) delivery_status_patience: Duration,
    /// When the wait runs out; known once the last file is stored.
    deadline: Option<Instant>,
    /// When it was last looked which files have come to an end.
    judged_at: Option<Instant>,
    /// Why the command stopped before all files had come to an end.
    stopped: Option<String>,
}

impl Watch {
    pub(super) fn new(planned: Vec<Planned>, args: &UploadArgs) -> Self {
        let (mut jobs, mut uploads, mut refused) = (Vec::new(), Vec::new(), Vec::new());
        for (id, planned) in (1..).map(UploadId).zip(planned) {
            jobs.push(Job::new(id, planned.file));
            uploads.push((id, planned.upload, None));
            refused.extend(planned.refused.map(|problem| (id, problem)));
        }
        let (mut transfers, now) = (Transfers::default(), Timestamp::now());
        transfers.add(uploads.into_iter(), now);
        for (id, problem) in refused {
            transfers.apply(id, UploadNews::Failed(problem), now);
        }
        // About ten facts belong to one upload, and those of others come between.
        let facts = MAX_FACTS.max(40 * jobs.len());
        Self {
            jobs,
            transfers,
            bucket: String::new(),
            subscriptions: Subscriptions::default(),
            listed: false,
            knows_topics: false,
            hold: if args.wait { Hold::Connecting } else { Hold::Until(Instant::now()) },
            unlisted: None,
            knows_leftovers: false,
            uploads: Timelines::keeping(facts),
            wiring: Arc::default(),
            unread: BTreeSet::new(),
            others: OtherUploads::default(),
            tail: Tail::Connecting,
            log_read_at: None,
            settings: None,
            args: args.clone(),
            delivery_status_patience: Duration::ZERO,
            deadline: None,
            judged_at: None,
            stopped: None,
        }
    }

    /// Learns where the files go.
    pub(super) fn goes_to(&mut self, settings: &Settings) {
        self.bucket = settings.bucket.clone().unwrap_or_default();
        self.delivery_status_patience = delivery_status_patience(settings);
    }

    /// The command stops. What was being sent may be stored.
    pub(super) fn stop(&mut self, why: &str) {
        self.stopped = Some(why.to_owned());
        let mut jobs = std::mem::take(&mut self.jobs);
        for job in jobs.iter_mut().filter(|job| job.end.is_none()) {
            job.end = Some(match self.transfer(job).map(|transfer| &transfer.state) {
                Some(TransferState::Stored) if self.args.wait => End::TimedOut,
                Some(TransferState::Stored) => End::Stored,
                Some(TransferState::Sending | TransferState::OutcomeUnknown(_)) => End::OutcomeUnknown,
                _ => End::Failed,
            });
        }
        self.jobs = jobs;
    }

    /// Sends all files, once nothing holds them any more; `cloud/` limits how many are sent at a time.
    pub(super) fn start(&mut self, now: Instant) -> Vec<CloudEffect> {
        if self.hold == Hold::Over || self.hold.lasts(self.listed, now) {
            return Vec::new();
        }
        self.hold = Hold::Over;
        let send = |transfer: &Transfer| CloudEffect::Upload { id: transfer.id, upload: transfer.upload.clone() };
        self.transfers.under_way().map(send).collect()
    }

    /// Takes an update in. A problem that ends no file is returned, to be printed.
    pub(super) fn learn(&mut self, update: Update) -> Option<Problem> {
        match update {
            Update::Connected { pipeline, inbox } => {
                self.uploads.counts_are_immediate(inbox);
                pipeline.bucket.raw().clone_into(&mut self.bucket);
                if self.hold == Hold::Connecting {
                    self.hold = Hold::Until(Instant::now() + LISTING_PATIENCE);
                }
            }
            Update::Topic { arn, .. } => self.subscriptions.topic_arn = Some(arn),
            Update::PublishesTo(topics) => (self.knows_topics, self.subscriptions.publishes_to) = (true, topics),
            Update::Wiring(wiring) => {
                self.uploads.follow(&wiring);
                self.wiring = wiring;
            }
            Update::LogBegins(at) => self.uploads.log_begins(at),
            Update::LogRead(at) => {
                self.log_read_at = Some(at);
                self.uploads.log_read(at);
            }
            Update::Leftovers(_) => self.knows_leftovers = true,
            Update::LogSettings(settings) => self.settings = Some(settings),
            Update::Upload(id, news) => self.transfers.apply(id, news, Timestamp::now()),
            Update::Facts(mut facts) => {
                self.transfers.learn(&facts);
                let keys = self.jobs.iter().filter_map(|job| Some(&self.transfers.find(job.id)?.key)).collect();
                self.others.leave_out(&mut facts, &keys);
                self.uploads.learn(facts);
            }
            Update::SubscriptionsListed { request: LISTING, items, status_logging } => {
                self.subscriptions.replace(items, status_logging, Timestamp::now());
                self.listed = true;
            }
            Update::SubscriptionsFailed { request: LISTING, problem } => {
                self.listed = true;
                self.unlisted = Some(problem.clone());
                return Some(problem);
            }
            Update::DeliveryStatusLog { group, problem } => {
                self.subscriptions.note_delivery_status_log(group, problem.clone());
                return problem;
            }
            Update::Probe(news) => {
                self.subscriptions.probe.note(&news);
                return probe::problem_of(news);
            }
            Update::OtherLog { function, news: LogNews::Tail(tail) } => {
                let Tail::Failed(problem) = tail else {
                    self.unread.remove(&function);
                    return None;
                };
                self.unread.insert(function);
                return Some(problem);
            }
            // Without logs nothing can be followed, but what was stored is stored: it is reported, and waited for.
            Update::Tail(tail) => {
                self.tail = tail.clone();
                if tail == Tail::Connecting {
                    // Another log is read from now on.
                    (self.log_read_at, self.settings) = (None, None);
                }
                if let Tail::Failed(problem) = tail {
                    return Some(problem);
                }
            }
            Update::LiveTail(LiveTail::Failed(problem)) | Update::ActionFailed(problem) => return Some(problem),
            _ => {}
        }
        None
    }

    /// Decides which files have come to an end.
    pub(super) fn judge(&mut self, now: Instant) {
        self.judged_at = Some(now);
        self.uploads.refold();
        if self.deadline.is_none() && self.transfers.under_way().next().is_none() {
            self.deadline = now.checked_add(self.args.timeout);
        }
        let late = self.deadline.is_some_and(|deadline| deadline <= now);
        let mut jobs = std::mem::take(&mut self.jobs);
        for job in jobs.iter_mut().filter(|job| job.end.is_none()) {
            job.end = match self.transfers.find(job.id).map(|transfer| &transfer.state) {
                Some(TransferState::Queued | TransferState::Sending | TransferState::Held(_)) => None,
                Some(TransferState::Stored) if self.args.wait => self.verdict(job, now, late),
                Some(TransferState::Stored) => Some(End::Stored),
                Some(TransferState::OutcomeUnknown(_)) => Some(End::OutcomeUnknown),
                _ => Some(End::Failed),
            };
        }
        self.jobs = jobs;
    }

    pub(super) fn is_over(&self) -> bool {
        self.jobs.iter().all(|job| job.end.is_some())
    }
}
