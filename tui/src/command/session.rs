//! A command's conversation with a cloud: effects in, updates out, until it is closed.

use tokio::sync::{mpsc, watch};

use super::failure::{Failure, note};
use super::local;
use crate::cli::Cli;
use crate::cloud::{Driver, Progress};
use crate::config::{FUNCTION, Feeds, Settings};
use crate::effect::Effect;
use crate::farewell;
use crate::model::Pipeline;
use crate::msg::Update;
use crate::signals::Signals;

/// Updates that may wait; after that the cloud side waits.
const BACKLOG: usize = 1_024;

/// A running driver, and with `--local` the cloud that it talks to.
pub(crate) struct Session {
    settings: Settings,
    driver: Driver,
    updates: mpsc::Receiver<Update>,
    /// The driver reports progress to it; commands show stages only.
    _progress: watch::Receiver<Progress>,
    signals: Signals,
    /// The names, once they are resolved.
    pipeline: Option<Pipeline>,
    own: Option<local::Own>,
}

impl Session {
    /// Starts the driver, after the cloud of its own that `--local` asks for.
    ///
    /// # Errors
    /// When that cloud does not start.
    pub(crate) async fn open(cli: &Cli, feeds: Feeds) -> Result<Self, Failure> {
        let signals = Signals::listen()?;
        let own = if cli.pipeline.local { Some(local::start(&cli.pipeline, None).await?) } else { None };
        let settings = cli
            .settings(own.as_ref().map(local::Own::endpoint))
            .map_err(|error| Failure::new(error.to_string(), "").usage())?;
        let (sender, updates) = mpsc::channel(BACKLOG);
        let (progress_sender, progress) = watch::channel(Progress::default());
        let driver = Driver::start(settings.clone(), feeds, sender, progress_sender);
        Ok(Self { settings, driver, updates, _progress: progress, signals, pipeline: None, own })
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
    pub(crate) fn perform(&self, effect: Effect) {
        self.driver.perform(effect);
    }

    /// Waits for what the cloud says next. Cancel safe.
    ///
    /// # Errors
    /// When the connection could not be made, or the user stopped the command.
    pub(crate) async fn next(&mut self) -> Result<Update, Failure> {
        tokio::select! {
            biased;
            () = self.signals.stop() => Err(Failure::interrupted()),
            update = self.updates.recv() => self.checked(update),
        }
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

    /// Stops the driver and the cloud, and waits for both.
    pub(crate) async fn close(self) {
        // Nobody reads any more, so nothing may wait for room in the channel.
        drop(self.updates);
        let probe = farewell::begin(&self.driver);
        let left = self.driver.stop().await;
        farewell::end(probe, &left);
        if let Some(own) = self.own {
            own.stop().await;
        }
    }

    fn checked(&mut self, update: Option<Update>) -> Result<Update, Failure> {
        let Some(update) = update else { return Err(Failure::new("the connection to the cloud ended by itself", "")) };
        match &update {
            Update::ConnectionFailed(problem) => return Err(problem.clone().into()),
            Update::Connected { pipeline, .. } => self.pipeline = Some(pipeline.clone()),
            Update::Noted(text) => note(text.raw()),
            _ => {}
        }
        Ok(update)
    }
}
