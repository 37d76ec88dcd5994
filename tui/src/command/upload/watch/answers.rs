//! What is known of one file, for what is printed of it.

use jiff::Timestamp;

use super::Watch;
use crate::command::upload::job::{End, Job};
use crate::domain::delivery::{self, Delivery};
use crate::domain::log::{self, LogReading, LogSettings};
use crate::domain::problem::Problem;
use crate::domain::silence::Silence;
use crate::domain::timeline::Timeline;
use crate::domain::transfer::Transfer;
use crate::text::clean::Clean;

impl Watch {
    /// Why a file has come to no end of its own.
    pub(in crate::command::upload) fn broken_off(&self, job: &Job) -> Option<&str> {
        self.stopped.as_deref().filter(|_| matches!(job.end, Some(End::TimedOut | End::OutcomeUnknown | End::Failed)))
    }

    pub(in crate::command::upload) fn transfer(&self, job: &Job) -> Option<&Transfer> {
        self.transfers.find(job.id)
    }

    /// The object's key, once it is known: that of a test image is made when it begins.
    pub(in crate::command::upload) fn key(&self, job: &Job) -> Option<&Clean> {
        self.transfer(job).filter(|transfer| transfer.size.is_some()).map(|transfer| &transfer.key)
    }

    /// What a file is called, also before its key is known.
    pub(in crate::command::upload) fn name(&self, job: &Job) -> Clean {
        self.key(job).cloned().unwrap_or_else(|| Clean::new(job.file.as_deref().unwrap_or("test image")))
    }

    pub(in crate::command::upload) fn timeline(&self, job: &Job) -> Option<&Timeline> {
        self.uploads.of_upload(job.id)
    }

    pub(in crate::command::upload) fn deliveries(&self, timeline: &Timeline) -> Vec<Delivery> {
        delivery::deliveries(timeline, &self.subscriptions)
    }

    /// Why the list of a timeline's deliveries is not complete, where it is not.
    pub(in crate::command::upload) fn incomplete(&self, timeline: &Timeline) -> Option<String> {
        let why = delivery::incomplete(timeline, &self.subscriptions)?;
        Some(self.unlisted.as_ref().map_or(why, Problem::to_string))
    }

    /// What may be said of an upload of which nothing is known after S3.
    pub(in crate::command::upload) fn silence(&self, timeline: &Timeline) -> Option<Silence> {
        let platform_lines = self.settings.as_ref().and_then(LogSettings::has_platform_lines);
        let log = LogReading { tail: &self.tail, read_at: self.log_read_at, platform_lines };
        self.uploads.silence(timeline, log, Timestamp::now())
    }

    /// What is to be said of a function whose log names no object.
    pub(in crate::command::upload) fn advice(&self) -> Option<String> {
        let nameless = self.uploads.nameless().filter(|_| self.args.wait && !self.others.has_left_out())?;
        Some(log::advice(nameless.invocations, self.settings.as_ref()))
    }
}
