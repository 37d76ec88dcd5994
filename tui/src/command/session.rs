//! A command's conversation with a cloud: effects in, updates out, until it is closed.

use tokio::sync::{mpsc, watch};

use super::failure::{Failure, note};
use super::local;
use crate::app::shutdown_notice;
use crate::cli::Cli;
use crate::cloud::{Driver, Progress};
use crate::config::{FUNCTION, Feeds, Settings};
use crate::domain::pipeline::Pipeline;
use crate::domain::probe::ProbeNews;
use crate::effect::CloudEffect;
use crate::msg::Update;
use crate::panic_switch;
use crate::terminal::crash::{self, Panicked};
use crate::terminal::signals;

/// Updates that may wait; after that the cloud side waits.
const BACKLOG: usize = 1_024;

/// A running driver.
pub(crate) struct Session {
    settings: Settings,
    driver: Driver,
    updates: mpsc::Receiver<Update>,
    /// Commands show stages, and of this only who is waited for.
    progress: watch::Receiver<Progress>,
    /// Whether that was said.
    is_wait_told: bool,
    /// The names, once they are resolved.
    pipeline: Option<Pipeline>,
}

impl Session {
    /// Talks to a cloud as a command does, and ends the conversation whatever comes of it: what it made is removed.
    ///
    /// # Errors
    /// Those of the command, and when the cloud that `--local` asks for does not start, or a part of the program panics.
    pub(crate) async fn hold<T>(
        cli: &Cli,
        feeds: Feeds,
        command: impl AsyncFnOnce(&mut Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        crash::watch();
        signals::listen()?;
        let own = if cli.pipeline.local { Some(local::start(&cli.pipeline, None).await?) } else { None };
        let outcome = match cli.settings(own.as_ref().map(local::EmbeddedCloud::endpoint)) {
            Ok(settings) => {
                let mut session = Self::open(settings, feeds);
                let outcome = crash::caught(Box::pin(command(&mut session))).await;
                session.close().await;
                outcome.unwrap_or_else(|panicked| Err(panicked.into()))
            }
            Err(error) => Err(Failure::new(error.to_string(), "").usage()),
        };
        if let Some(own) = own {
            own.stop().await;
        }
        outcome
    }

    /// Starts the driver.
    fn open(settings: Settings, feeds: Feeds) -> Self {
        let (sender, updates) = mpsc::channel(BACKLOG);
        let (progress_sender, progress) = watch::channel(Progress::default());
        let driver = Driver::start(settings.clone(), feeds, sender, progress_sender);
        Self { settings, driver, updates, progress, is_wait_told: false, pipeline: None }
    }

    /// Where the pipeline is and what its parts are called.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What the function is called, as far as that is known by now.
    pub(crate) fn function(&self) -> String {
        let named = || self.settings.function.clone().unwrap_or_else(|| FUNCTION.to_owned());
        self.pipeline.as_ref().map_or_else(named, |pipeline| pipeline.function.shown().to_owned())
    }

    /// Has something done. Never waits.
    pub(crate) fn perform(&self, effect: CloudEffect) {
        self.driver.perform(effect);
    }

    /// Waits for what the cloud says next. Cancel safe.
    ///
    /// # Errors
    /// When the connection could not be made, the user stopped the command, or a part of the program panicked.
    pub(crate) async fn next(&mut self) -> Result<Update, Failure> {
        loop {
            tokio::select! {
                biased;
                () = signals::stop() => return Err(Failure::interrupted()),
                () = crash::happened() => return Err(Panicked.into()),
                update = self.updates.recv() => return self.checked(update),
                Ok(()) = self.progress.changed() => self.tell_wait(),
            }
        }
    }

    /// Says once who is waited for, until something moves again.
    fn tell_wait(&mut self) {
        let waits = self.progress.borrow_and_update().waits.values().next().cloned();
        if let Some(host) = waits.as_ref().filter(|_| !self.is_wait_told) {
            note(&format!("waiting for {host}, which sends nothing"));
        }
        self.is_wait_told = waits.is_some();
    }

    /// What the cloud has said already, without waiting.
    ///
    /// # Errors
    /// As [`Session::next`].
    pub(crate) fn ready(&mut self) -> Result<Option<Update>, Failure> {
        match self.updates.try_recv() {
            Ok(update) => self.checked(Some(update)).map(Some),
            Err(_) => Ok(None),
        }
    }

    /// Stops the driver and waits for it.
    async fn close(self) {
        // The receiver is gone, so that nothing waits for room in the channel.
        drop(self.updates);
        shutdown_notice::close(self.driver, &self.progress).await;
    }

    fn checked(&mut self, update: Option<Update>) -> Result<Update, Failure> {
        let Some(update) = update else { return Err(Failure::new("the connection to the cloud ended by itself", "")) };
        match &update {
            Update::ConnectionFailed(problem) => return Err(problem.clone().into()),
            Update::Connected { pipeline, .. } => self.pipeline = Some(pipeline.clone()),
            Update::Wiring(wiring) => {
                self.pipeline = self.pipeline.take().map(|known| Pipeline::of(wiring, known.target));
            }
            Update::Notice(text) | Update::Leftovers(Some(text)) => note(text.raw()),
            Update::Probe(ProbeNews::Opened { .. }) => panic_switch::arm(),
            _ => {}
        }
        panic_switch::check("command");
        Ok(update)
    }
}
