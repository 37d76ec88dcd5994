//! The connection that is current, and how another one takes its place: a profile, a pipeline, or a cloud on this machine.
//!
//! Every connection has a [`Connection`] of its own. Leaving one cancels all that runs in it and silences it, so that what
//! is said after `Switched` is said by the new one.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::embedded::{self, EmbeddedCloud, Start};
use super::probe_slot::ProbeSlot;
use super::{Connection, Progress};
use crate::config::file::Choice;
use crate::config::{Feeds, Settings, Target};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::switch::{ChoiceKind, Switch};
use crate::msg::Update;
use crate::text::clean::Clean;

/// How long stopping waits for tasks to clean up; a probe takes requests to remove.
const LAST_WORDS: Duration = Duration::from_secs(1);
pub(in crate::cloud) const LAST_WORDS_OF_PROBE: Duration = Duration::from_secs(5);

/// Connects and starts what is followed: given from above, since a connection does not know what follows.
pub(in crate::cloud) type Begin = fn(Arc<Connection>) -> Pin<Box<dyn Future<Output = ()> + Send>>;

#[derive(Debug)]
pub(in crate::cloud) struct ConnectionManager {
    current: Mutex<Arc<Connection>>,
    feeds: Feeds,
    updates: mpsc::Sender<Update>,
    progress: watch::Sender<Progress>,
    stop: CancellationToken,
    tasks: TaskTracker,
    runtime: Handle,
    begin: Begin,
    /// Room for one probe, whichever connection it was made in: the one before may still be removing its own.
    probe: Arc<ProbeSlot>,
    /// The cloud that was started from the dashboard; it ends with it.
    embedded: tokio::sync::Mutex<Option<EmbeddedCloud>>,
}

impl ConnectionManager {
    pub(in crate::cloud) fn start(
        settings: Settings,
        feeds: Feeds,
        updates: mpsc::Sender<Update>,
        progress: watch::Sender<Progress>,
        runtime: Handle,
        begin: Begin,
    ) -> Arc<Self> {
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let (probe, child) = (Arc::<ProbeSlot>::default(), stop.child_token());
        let first = Connection::new(
            settings,
            feeds,
            updates.clone(),
            progress.clone(),
            child,
            tasks.clone(),
            Arc::clone(&probe),
        );
        let first = Arc::new(first);
        spawn(&first, &runtime, begin(Arc::clone(&first)));
        let embedded = tokio::sync::Mutex::default();
        Arc::new(Self {
            current: Mutex::new(first),
            feeds,
            updates,
            progress,
            stop,
            tasks,
            runtime,
            begin,
            probe,
            embedded,
        })
    }

    /// The connection that effects go to.
    pub(in crate::cloud) fn current(&self) -> Arc<Connection> {
        Arc::clone(&lock(&self.current))
    }

    /// Switches to another profile, region or pipeline.
    pub(in crate::cloud) fn switch(&self, switch: &Switch) {
        self.connect(|old| match switched(&old.settings, switch) {
            Ok(settings) => Some((settings, None)),
            // The screen has forgotten what the old connection said: it starts again, and says why.
            Err(problem) => Some((old.settings.clone(), Some(problem))),
        });
    }

    /// Starts a cloud on this machine and switches to it. Where it does not start, the old connection says so.
    pub(in crate::cloud) fn start_local(self: &Arc<Self>) {
        let (manager, old) = (Arc::clone(self), self.current());
        let begun = async move {
            let mut slot = manager.embedded.lock().await;
            if slot.is_none() {
                match embedded::start(Start { region: old.settings.target.region(), ..Start::default() }).await {
                    Ok(own) => *slot = Some(own),
                    Err(problem) => return old.send(Update::ActionFailed(problem)).await,
                }
            }
            let Some(own) = slot.as_ref() else { return };
            let settings = on(own.endpoint(), &old.settings);
            // If the user has chosen something else meanwhile, that stays; the cloud is kept for the next time.
            manager.connect(|now| Arc::ptr_eq(now, &old).then_some((settings, None)));
        };
        let stop = self.stop.clone();
        self.tasks.spawn_on(
            async move {
                let _ = stop.run_until_cancelled(begun).await;
            },
            &self.runtime,
        );
    }

    /// Leaves the current connection for the one that `choose` makes of it, if any. That one begins with what went wrong
    /// on the way there.
    fn connect(&self, choose: impl FnOnce(&Arc<Connection>) -> Option<(Settings, Option<Problem>)>) {
        let mut current = lock(&self.current);
        // After the end nothing is connected again.
        if self.stop.is_cancelled() {
            return;
        }
        let Some((settings, problem)) = choose(&current) else { return };
        current.leave();
        let (updates, progress) = (self.updates.clone(), self.progress.clone());
        let (stop, tasks, probe) = (self.stop.child_token(), self.tasks.clone(), Arc::clone(&self.probe));
        let next = Connection::new(settings, self.feeds, updates, progress, stop, tasks, probe);
        let next = Arc::new(next);
        *current = Arc::clone(&next);
        drop(current);
        let connection = Arc::clone(&next);
        let begin = self.begin;
        let task = async move {
            let search = next.settings.has_nothing().then(|| next.settings.search());
            let (target, chosen) = (next.settings.target.name(), next.settings.chosen());
            let protection = next.settings.protection();
            let is_loopback = next.settings.target.is_loopback();
            next.send(Update::Switched { target, chosen, protection, search, is_loopback }).await;
            if let Some(problem) = problem {
                next.send(Update::ActionFailed(problem)).await;
            }
            begin(next).await;
        };
        spawn(&connection, &self.runtime, task);
    }

    /// Cancels everything.
    pub(in crate::cloud) fn end(&self) {
        self.stop.cancel();
    }

    /// The name of the probe queue that exists now, if any.
    pub(in crate::cloud) fn probe(&self) -> Option<Clean> {
        self.probe.queue().map(Clean::from)
    }

    /// The names of all probe queues that may be left.
    pub(in crate::cloud) fn left(&self) -> Vec<Clean> {
        self.probe.left().into_iter().map(Clean::from).collect()
    }

    /// Cancels everything and waits for it to end: a second at most, or up to the limit where a probe has to be removed.
    pub(in crate::cloud) async fn stop(&self, limit: Duration) {
        self.end();
        self.tasks.close();
        // What has not ended by now is cut off with the runtime.
        let patience = if self.probe.is_running() { limit } else { limit.min(LAST_WORDS) };
        let _ = tokio::time::timeout(patience, self.tasks.wait()).await;
        if let Some(own) = self.embedded.lock().await.take() {
            own.stop().await;
        }
    }
}

/// Runs a task until it ends or its connection does.
pub(in crate::cloud) fn spawn(
    connection: &Connection,
    runtime: &Handle,
    task: impl Future<Output = ()> + Send + 'static,
) {
    let stop = connection.stop.clone();
    let guarded = async move {
        tokio::select! {
            () = stop.cancelled() => {}
            () = task => {}
        }
    };
    connection.tasks.spawn_on(guarded, runtime);
}

/// The pipeline of a cloud that this program runs. From there the config file still leads elsewhere.
fn on(endpoint: &str, old: &Settings) -> Settings {
    let target = Target::Endpoint { url: endpoint.to_owned(), profile: None, region: None };
    let file = Choice { chosen: None, ..old.file.clone() };
    let (read_only, idle_timeout) = (old.read_only, old.idle_timeout);
    Settings { target, read_only, purpose: old.purpose, idle_timeout, file, ..Settings::default() }
}

/// The settings after a choice.
fn switched(old: &Settings, switch: &Switch) -> Result<Settings, Problem> {
    let region = switch.region.clone().filter(|region| !region.is_empty());
    let region_is_fixed = region.is_some();
    Ok(match &switch.to {
        Some((ChoiceKind::Pipeline, name)) => {
            let entry = old.file.get(name.raw()).cloned().ok_or_else(|| {
                Problem::new(
                    ProblemKind::Invalid,
                    format!("cannot switch to pipeline {}", name.raw()),
                    "the config file has no such pipeline",
                )
                .with_hint("choose another pipeline")
            })?;
            let region = region.or(entry.region);
            let target = match entry.endpoint_url {
                Some(url) => Target::Endpoint { url, profile: entry.profile, region },
                None => Target::Aws { profile: entry.profile, region },
            };
            let mut file = old.file.clone();
            file.chosen = Some(name.raw().to_owned());
            let mut topics = entry.topic.0.into_iter();
            Settings {
                target,
                endpoint_is_of_variable: false,
                region_is_fixed,
                bucket: entry.bucket,
                function: entry.function,
                topic: topics.next(),
                more_topics: topics.collect(),
                log_group: entry.log_group,
                stack: entry.stack,
                read_only: old.read_only,
                purpose: old.purpose,
                idle_timeout: old.idle_timeout,
                file,
            }
        }
        Some((ChoiceKind::Profile, name)) => {
            let profile = Some(name.raw().to_owned());
            // A cloud on this machine knows no profiles: they are for AWS, or for an emulator further away.
            let target = match &old.target {
                target if target.is_loopback() => Target::Aws { profile, region },
                target => target.with(profile, region),
            };
            Settings { target, region_is_fixed, ..old.clone() }
        }
        None => {
            let profile = old.target.profile().map(str::to_owned);
            Settings { target: old.target.with(profile, region), region_is_fixed, ..old.clone() }
        }
    })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
