//! `imgwatch upload`: writes files to the bucket and, with `--wait`, follows each to the subscribers.

mod hold;
mod job;
mod lines;
mod others;
mod probe;
mod report;
mod verdict;
mod watch;

use std::time::Duration;

use tokio::time::Instant;

use super::failure::{Failure, warn};
use super::session::Session;
use super::{json, output};
use crate::cli::{Cli, UploadArgs};
use crate::config::{Feeds, Settings, Target};
use crate::domain::live_tail::LiveTailMode;
use crate::domain::pace::Pace;
use crate::effect::CloudEffect;
use crate::msg::Update;
use crate::terminal::exit::Exit;
use job::End;
use watch::{LISTING, LISTING_PATIENCE, Watch};

/// How far back the logs are read: events may be older than our clock says, by as much as clocks differ.
const LOOK_BACK: Duration = Duration::from_mins(5);

pub(crate) async fn run(cli: &Cli, args: &UploadArgs) -> Result<Exit, Failure> {
    let planned = job::planned(args)?;
    if planned.iter().all(|one| one.refused.is_some()) {
        // No cloud is needed to say so.
        let settings = cli.settings(None).map_err(|error| Failure::new(error.to_string(), "").usage())?;
        let mut watch = Watch::new(planned, args);
        watch.goes_to(&settings);
        watch.judge(Instant::now());
        print_lines(&mut watch, args).await?;
        print_json(&watch, args).await?;
        return Ok(watch.exit());
    }
    let look_back = args.wait.then_some(LOOK_BACK);
    let feeds = Feeds {
        logs: look_back,
        without_lines: true,
        delivery_status: look_back,
        // It names what is between the bucket and the function.
        wiring: args.wait,
        ..Feeds::default()
    };
    let mut watch = Watch::new(planned, args);
    let outcome = Session::hold(cli, feeds, async |session| {
        watch.goes_to(session.settings());
        if cli.wants_live_tail() {
            session.perform(CloudEffect::LiveTail(LiveTailMode::InFlight));
        }
        probe::open(session, &mut watch, args).await?;
        follow(session, &mut watch, args).await
    });
    let outcome = outcome.await;
    if let Err(failure) = &outcome {
        watch.stop(failure.what().raw());
    }
    print_json(&watch, args).await?;
    match outcome {
        // Each file's object says why.
        Err(failure) if args.json => Err(failure.in_json()),
        Err(failure) => Err(failure),
        Ok(()) => Ok(watch.exit()),
    }
}

/// Runs until every file has come to an end.
async fn follow(session: &mut Session, watch: &mut Watch, args: &UploadArgs) -> Result<(), Failure> {
    if args.wait {
        session.perform(CloudEffect::ListSubscriptions { request: LISTING, refresh: true });
        session.perform(CloudEffect::Pace(Pace::InFlight));
    }
    loop {
        for effect in watch.start(Instant::now()) {
            session.perform(effect);
        }
        watch.judge(Instant::now());
        if watch.is_over() {
            list_again(session, watch, args).await?;
            if !session.settings().protection().read_only {
                // A small file is stored before the list has come.
                learn_until(session, watch, |watch| watch.knows_leftovers).await?;
            }
            print_lines(watch, args).await?;
            if let Some(advice) = watch.advice() {
                warn(&advice);
            }
            return Ok(());
        }
        print_lines(watch, args).await?;
        for effect in watch.requests_due() {
            session.perform(effect);
        }
        match watch.wakes_at() {
            Some(at) => match tokio::time::timeout_at(at, session.next()).await {
                Ok(update) => learn(watch, update?),
                // Time itself is the news; `judge` looks at the clock.
                Err(_) => continue,
            },
            None => learn(watch, session.next().await?),
        }
        // A burst of updates is judged once.
        while let Some(update) = session.ready()? {
            learn(watch, update);
        }
    }
}

/// Lists the subscriptions once more after the publications: a subscriber that came, went or was changed since the first
/// listing cannot be judged by that one alone.
async fn list_again(session: &mut Session, watch: &mut Watch, args: &UploadArgs) -> Result<(), Failure> {
    let before = watch.subscriptions.listed_at;
    let has_publications = watch.jobs.iter().any(|job| job.end == Some(End::Published));
    if !args.wait || !has_publications || before.is_none() {
        return Ok(());
    }
    session.perform(CloudEffect::ListSubscriptions { request: LISTING, refresh: true });
    let is_answered = |watch: &Watch| watch.subscriptions.listed_at != before || watch.unlisted.is_some();
    learn_until(session, watch, is_answered).await
}

/// Learns what comes until that is known, or for as long as an answer may take.
async fn learn_until(
    session: &mut Session,
    watch: &mut Watch,
    is_known: impl Fn(&Watch) -> bool,
) -> Result<(), Failure> {
    let end = Instant::now() + LISTING_PATIENCE;
    while !is_known(watch) {
        match tokio::time::timeout_at(end, session.next()).await {
            Ok(update) => learn(watch, update?),
            Err(_) => break,
        }
    }
    Ok(())
}

/// Prints the JSON of every file.
async fn print_json(watch: &Watch, args: &UploadArgs) -> Result<(), Failure> {
    if args.json {
        let lines: Result<String, Failure> =
            watch.jobs.iter().map(|job| json::line(&report::report(job, watch))).collect();
        // A closed pipe changes nothing of what was uploaded, nor of the exit code.
        output::write_last(&lines?).await?;
    }
    Ok(())
}

/// Prints what has become of the files since the last time.
async fn print_lines(watch: &mut Watch, args: &UploadArgs) -> Result<(), Failure> {
    if !args.json {
        let text = lines::fresh(watch);
        if !text.is_empty() {
            output::write(&text).await?;
        }
    }
    Ok(())
}

fn learn(watch: &mut Watch, update: Update) {
    if let Some(problem) = watch.learn(update) {
        warn(&problem.to_string());
    }
}

/// How long delivery statuses are waited for once a file is published.
fn delivery_status_patience(settings: &Settings) -> Duration {
    let seconds = match settings.target {
        Target::Endpoint { .. } => 3,
        Target::Aws { .. } => 10,
    };
    Duration::from_secs(seconds)
}
