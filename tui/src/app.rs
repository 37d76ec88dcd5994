//! The loop: the only place that waits, and it waits for everything at once.
//!
//! Terminal, cloud and clock become messages; messages change the model; effects go to the cloud side; a changed model
//! is drawn. Nothing here decides anything.

pub(crate) mod shutdown_notice;
mod worker;

use std::io;
use std::time::Duration;

use imgwatch_shared::arn;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use crate::cloud::{Driver, Progress};
use crate::config::{BUCKET, FUNCTION, Feeds, Opening, Settings, TOPIC};
use crate::domain::pipeline::Pipeline;
use crate::domain::switch::{Choice, ChoiceKind};
use crate::effect::{Effect, TerminalEffect};
use crate::model::display_settings::DisplaySettings;
use crate::model::logs::BACKFILL;
use crate::model::{Consent, Model};
use crate::msg::Update;
use crate::terminal::frames::Frames;
use crate::terminal::input::{self, Input};
use crate::terminal::pictures::Pictures;
use crate::terminal::signals::{self, Resizes};
use crate::terminal::{self, Screen, clipboard, crash, notify};
use crate::text::clean::Clean;
use crate::update::{Msg, settle, toggle_live_tail, update};
use crate::{panic_switch, view};
use worker::Worker;

/// Messages taken in between two frames at most.
const BATCH: usize = 256;
/// The most updates that wait for the model; the cloud side waits when it is full.
const QUEUE: usize = 1_024;
/// Ticks while something is counted on the screen, and otherwise.
const TICK: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(1));

/// How the dashboard ended.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The terminal cannot be used.
    #[error("cannot use the terminal: {0}; the dashboard needs one, `imgwatch upload --wait` does not")]
    Terminal(#[from] io::Error),
    /// A part of the program panicked; its report is on the screen already.
    #[error("the dashboard stopped because a part of it failed; the report is above")]
    Panicked,
}

/// Shows the dashboard until the user leaves it or the system ends it. Whatever ends it, what it made is removed.
///
/// # Errors
/// [`AppError`] when the terminal cannot be used or a task panicked.
pub async fn run(settings: Settings, opening: Opening) -> Result<(), AppError> {
    crash::watch();
    signals::listen()?;
    let mut screen = Screen::enter()?;
    let live_tail = opening.live_tail;
    let model = begin(&settings, opening);
    let (updates_in, updates) = mpsc::channel(QUEUE);
    let (progress_in, progress) = watch::channel(Progress::default());
    let feeds =
        Feeds { logs: Some(BACKFILL), delivery_status: Some(BACKFILL), inbox: true, wiring: true, ..Feeds::default() };
    let driver = Driver::start(settings, feeds, updates_in, progress_in);
    let shown = follow(&mut screen, model, live_tail, &driver, updates, progress.clone());
    let outcome = crash::caught(Box::pin(shown)).await.unwrap_or(Err(AppError::Panicked));
    drop(screen);
    shutdown_notice::close(driver, &progress).await;
    match outcome {
        // Closing the terminal is one way to quit. Keys, a frame or a signal may notice it first.
        Err(AppError::Terminal(error)) if terminal::is_gone(&error) => Ok(()),
        outcome => outcome,
    }
}

async fn follow(
    screen: &mut Screen,
    mut model: Model,
    live_tail: bool,
    driver: &Driver,
    mut updates: mpsc::Receiver<Update>,
    mut progress: watch::Receiver<Progress>,
) -> Result<(), AppError> {
    if model.display.mouse_off {
        screen.mouse(false)?;
    }
    let mut pictures = Pictures::detect(|name| std::env::var(name).ok());
    // The first frame comes before anything that waits for a network, or for the terminal's answers.
    draw(screen, &mut model, &mut pictures)?;
    if let Some(question) = pictures.question() {
        screen.send(question.as_bytes())?;
    }
    if live_tail {
        driver.perform(toggle_live_tail(&mut model));
    }
    let (mut events, mut resizes, mut open) = (input::events(), Resizes::listen()?, true);
    let mut worker = Worker::default();
    let (mut frames, mut batch, mut ticked) = (Frames::default(), Vec::with_capacity(BATCH), Instant::now());

    loop {
        let due = frames.due(Instant::now());
        let tick = ticked + if model.animates() { TICK.0 } else { TICK.1 };
        let mut messages = Vec::new();
        tokio::select! {
            biased;
            () = crash::happened() => return Err(AppError::Panicked),
            () = signals::stop() => return Ok(()),
            // A terminal that has not taken the frame before gets no other one.
            () = screen.ready_at(due.unwrap_or(tick)), if due.is_some() => {
                draw(screen, &mut model, &mut pictures)?;
                frames.drawn(Instant::now());
                continue;
            }
            event = events.recv() => match event.transpose()? {
                Some(Input::Answer(answer)) if pictures.learn(answer) => frames.request(),
                Some(input) => {
                    let size = screen.size().unwrap_or_default();
                    messages.extend(message(input, &model, size, &mut frames));
                }
                None => return Ok(()),
            },
            count = updates.recv_many(&mut batch, BATCH), if open => {
                open = count > 0;
                messages.extend(batch.drain(..).map(Msg::Update));
            }
            Ok(()) = progress.changed() => {
                let state = progress.borrow_and_update();
                messages.extend(state.uploads.iter().map(|(id, (sent, size))| Msg::Progress(*id, *sent, *size)));
                messages.push(Msg::WaitsFor(state.waits.values().next().map(|host| Clean::new(host))));
                messages.extend(state.downloads.iter().map(|(id, (got, size))| Msg::Received(*id, *got, *size)));
            }
            arranged = worker.done() => messages.push(Msg::Arranged(arranged)),
            () = pictures.next() => frames.request(),
            () = resizes.next() => frames.request(),
            () = sleep_until(tick) => ticked = Instant::now(),
        }
        panic_switch::check("loop");
        let before = model.now;
        if messages.iter().any(Msg::is_shown) || model.animates() || minute(before) != minute(Timestamp::now()) {
            frames.request();
        }
        let mut effects = update(&mut model, Msg::Tick(Timestamp::now()));
        effects.extend(messages.into_iter().flat_map(|message| update(&mut model, message)));
        effects.extend(settle(&mut model));
        worker.start(model.objects.work());
        if effects.contains(&Effect::Terminal(TerminalEffect::Quit)) {
            return Ok(());
        }
        if effects.contains(&Effect::Terminal(TerminalEffect::Suspend)) {
            screen.suspend()?;
            screen.mouse(!model.display.mouse_off)?;
            frames.request();
        }
        for effect in effects {
            match effect {
                Effect::Cloud(effect) => driver.perform(effect),
                // A terminal that takes no sequence is gone, and says so to the next read.
                Effect::Terminal(effect) => drop(obey(screen, effect)),
            }
        }
    }
}

/// Does what the terminal is asked for; what ends or stops the loop is seen to by the loop.
fn obey(screen: &mut Screen, effect: TerminalEffect) -> io::Result<()> {
    match effect {
        TerminalEffect::Copy(text) => clipboard::copy(text).map_or(Ok(()), |sequence| screen.send(sequence.as_bytes())),
        TerminalEffect::Mouse(taken) => screen.mouse(taken),
        TerminalEffect::Notify(how, text) => screen.send(notify::call(how, &text).as_bytes()),
        TerminalEffect::Quit | TerminalEffect::Suspend => Ok(()),
    }
}

/// The model before the first update.
fn begin(settings: &Settings, opening: Opening) -> Model {
    let mut model = Model::new(Timestamp::now(), names(settings));
    model.display = DisplaySettings::from_environment(opening.theme, |name| std::env::var(name).ok());
    model.display.clock = opening.clock;
    model.display.mouse_off = !opening.mouse;
    model.display.zone = TimeZone::try_system().ok();
    model.notifications.how = opening.notify;
    model.consent = if opening.confirm_upload { Consent::Needed } else { Consent::Unasked };
    model.is_loopback = settings.target.is_loopback();
    model.keys = opening.keys;
    model.search = settings.has_nothing().then(|| settings.search());
    model.pipelines = pipelines(settings);
    model.chosen = settings.chosen();
    model.protection = settings.protection();
    // A name that is not UTF-8 cannot be typed.
    let folder = std::env::current_dir().ok().and_then(|folder| folder.into_os_string().into_string().ok());
    model.downloads.folder = folder.unwrap_or_default();
    model
}

/// What is known of the pipeline before any network.
fn names(settings: &Settings) -> Pipeline {
    let name = |named: Option<&str>, usual: &str| match named {
        Some(name) => Clean::new(name),
        None if settings.target.is_loopback() => Clean::new(usual),
        None => Clean::new("…"),
    };
    Pipeline {
        bucket: name(settings.bucket.as_deref(), BUCKET),
        function: name(settings.function.as_deref().map(|it| arn::function(it).0), FUNCTION),
        topic: name(settings.topic.as_deref().map(arn::name), TOPIC),
        target: settings.target.name(),
    }
}

/// The config file's pipelines, for the dialog that switches to another one.
fn pipelines(settings: &Settings) -> Vec<Choice> {
    let choice = |name: &str| Choice {
        kind: ChoiceKind::Pipeline,
        name: Clean::new(name),
        region: settings.file.get(name).and_then(|entry| entry.region.as_deref()).map(Clean::new),
    };
    settings.file.names().map(choice).collect()
}

fn message(input: Input, model: &Model, size: (u16, u16), frames: &mut Frames) -> Option<Msg> {
    match input {
        Input::Key(key) => Some(Msg::Key(key)),
        Input::Paste(text) => Some(Msg::Paste(text)),
        Input::Click(x, y) => view::hinted(model, size, (x, y)).map(Msg::Key).or_else(|| {
            if model.dialog.is_some() {
                view::picked(model, size, (x, y)).map(Msg::Pick)
            } else {
                view::hit(model, size, (x, y)).map(Msg::Click)
            }
        }),
        Input::Wheel(x, y, rows) => Some(Msg::Wheel(view::hit(model, size, (x, y)).map(|hit| hit.panel), rows)),
        Input::Resized => {
            frames.request();
            None
        }
        Input::Answer(_) => None,
    }
}

/// Reports to the model how much fits, then draws it.
fn draw(screen: &mut Screen, model: &mut Model, pictures: &mut Pictures) -> io::Result<()> {
    let (width, height) = screen.size()?;
    let viewports = view::viewports(model, width, height);
    if viewports != model.viewports {
        update(model, Msg::Viewports(viewports));
    }
    let picture = pictures.get(view::wanted(model, width, height).as_ref());
    screen.draw(|frame| {
        panic_switch::check("drawing");
        view::draw(frame, model, picture);
    })
}

/// Ages on the screen change by the minute at the latest.
fn minute(at: Timestamp) -> i64 {
    at.as_second() / 60
}
