//! The headless commands, and what they share. They do nothing to a cloud themselves: the driver does what effects ask.
//!
//! Results go to standard output, everything else to standard error.

mod completions;
mod config;
mod confirm;
#[cfg(test)]
pub(crate) mod contract;
mod doctor;
mod download;
mod failure;
mod json;
mod local;
mod logs;
mod man;
mod objects;
mod output;
mod session;
mod subscribe;
mod subscriptions;
mod upload;
mod wiring;

use crate::cli::{Cli, Command, log_file};
use crate::cloud;
use crate::terminal::exit::Exit;
use crate::terminal::{console, signals};

pub use failure::Failure;

/// Does what the command line asks for, says what went wrong, and returns the exit code.
pub async fn run_to_end(mut cli: Cli) -> Exit {
    heed_profile(&mut cli).await;
    let exit = match run(&cli).await {
        Ok(exit) => exit,
        Err(failure) => {
            failure.report();
            if let Some(document) = failure.document().filter(|_| prints_json(&cli)) {
                // Where that cannot be written either, the exit code is left.
                let _ = output::write(&document).await;
            }
            failure.exit()
        }
    };
    console::finish().await;
    exit
}

/// A profile may ignore the endpoint of `AWS_ENDPOINT_URL`. This is known before the names of the local cloud stand in for
/// missing ones, and before an upload is taken for one that stays on this machine.
async fn heed_profile(cli: &mut Cli) {
    if cli.endpoint_is_of_variable() && cloud::ignores_endpoints(cli.names().profile.value.as_deref()).await {
        cli.pipeline.endpoint_url = None;
    }
}

/// Whether a program reads what is printed.
fn prints_json(cli: &Cli) -> bool {
    match &cli.command {
        Some(Command::Upload(args)) => args.json,
        Some(Command::Objects(args) | Command::Subscriptions(args)) => args.json,
        Some(Command::Download(args)) => args.json,
        Some(Command::Logs(args)) => args.json,
        Some(Command::Doctor(args)) => args.json,
        Some(Command::Wiring(args)) => args.json,
        Some(Command::Config(args)) => args.json,
        // Named one by one, so that a new command is not forgotten here.
        Some(
            Command::Local(_)
            | Command::Subscribe(_)
            | Command::Confirm(_)
            | Command::Completions(_)
            | Command::Man(_)
            | Command::Handler,
        )
        | None => false,
    }
}

/// Says why nothing could be begun.
pub fn end_early(error: std::io::Error) -> Exit {
    let failure = Failure::from(error);
    failure.report();
    console::finish_soon();
    failure.exit()
}

async fn run(cli: &Cli) -> Result<Exit, Failure> {
    begin_log(cli)?;
    let outcome = perform(cli).await;
    match &outcome {
        Ok(exit) => tracing::info!("end: exit code {}", exit.code()),
        Err(failure) => tracing::error!("end: {}", failure.what()),
    }
    outcome
}

/// Begins the log file, but for what only prints and for the function, whose log is its own.
fn begin_log(cli: &Cli) -> Result<(), Failure> {
    if matches!(cli.command, Some(Command::Config(_) | Command::Completions(_) | Command::Man(_) | Command::Handler)) {
        return Ok(());
    }
    let (path, level) = (cli.log_file().value, cli.log_level().value);
    let serves = matches!(cli.command, Some(Command::Local(_)));
    log_file::begin(path.as_deref().map(|path| (path, level)), serves).map_err(|error| {
        let path = path.unwrap_or_default();
        let what = format!("cannot write the log file {}: {error}", path.display());
        Failure::new(what, "name another one with --log-file=FILE, or turn it off with --log-level off")
    })?;
    tracing::info!("start: imgwatch {}, {}", env!("CARGO_PKG_VERSION"), cli.name().unwrap_or("dashboard"));
    Ok(())
}

async fn perform(cli: &Cli) -> Result<Exit, Failure> {
    match &cli.command {
        None => dashboard(cli).await,
        Some(Command::Upload(args)) => upload::run(cli, args).await,
        Some(Command::Local(args)) => local::serve(&cli.pipeline, args).await,
        Some(Command::Objects(args)) => objects::run(cli, args).await,
        Some(Command::Download(args)) => download::run(cli, args).await,
        Some(Command::Logs(args)) => logs::run(cli, args).await,
        Some(Command::Subscriptions(args)) => subscriptions::run(cli, args).await,
        Some(Command::Subscribe(args)) => subscribe::run(cli, args).await,
        Some(Command::Confirm(args)) => confirm::run(cli, args).await,
        Some(Command::Doctor(args)) => doctor::run(cli, args).await,
        Some(Command::Wiring(args)) => wiring::run(cli, args).await,
        Some(Command::Config(args)) => config::run(cli, args).await,
        Some(Command::Completions(args)) => completions::run(args).await,
        Some(Command::Man(args)) => man::run(args),
        Some(Command::Handler) => handler().await,
    }
}

/// The dashboard, with `--local` on an embedded local cloud.
async fn dashboard(cli: &Cli) -> Result<Exit, Failure> {
    signals::listen()?;
    let own = if cli.pipeline.local { Some(local::start(&cli.pipeline, None).await?) } else { None };
    let outcome = match cli.settings(own.as_ref().map(local::EmbeddedCloud::endpoint)) {
        Ok(settings) => Box::pin(crate::app::run(settings, cli.opening()))
            .await
            .map_err(|error| Failure::new(error.to_string(), "")),
        Err(usage) => Err(Failure::new(usage.to_string(), "").usage()),
    };
    if let Some(own) = own {
        own.stop().await;
    }
    outcome.map(|()| Exit::Proven)
}

/// The Lambda function itself, in the process that the local cloud started for it.
#[cfg(feature = "local")]
async fn handler() -> Result<Exit, Failure> {
    // The function's own log, on standard output, has said why.
    Ok(if imgwatch_handler::run().await.is_ok() { Exit::Proven } else { Exit::Failed })
}

#[cfg(not(feature = "local"))]
#[expect(clippy::unused_async, reason = "the function is awaited where there is one")]
async fn handler() -> Result<Exit, Failure> {
    Err(Failure::new("this build does not hold the function", "build it with the feature `local`"))
}
