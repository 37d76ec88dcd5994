//! The `imgwatch` program: reads the command line, runs what it asks for, and ends with its exit code.

use std::process::ExitCode;
use std::time::Duration;

use imgwatch::cli::{Cli, Command};
use imgwatch::command;
use imgwatch::terminal::exit::Exit;
use tokio::runtime::{Builder, Runtime};

/// How long threads that hang in the system may delay the end.
const PATIENCE: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let cli = match Cli::from_args(std::env::args_os()) {
        Ok(cli) => cli,
        Err(usage) => {
            // Help goes to standard output, errors to standard error; where that is closed, the code is left.
            let _ = usage.print();
            return if usage.use_stderr() { Exit::Usage.into() } else { ExitCode::SUCCESS };
        }
    };
    let runtime = match runtime(&cli) {
        Ok(runtime) => runtime,
        Err(error) => {
            return command::end_early(error).into();
        }
    };
    let exit = runtime.block_on(Box::pin(command::run_to_end(cli)));
    runtime.shutdown_timeout(PATIENCE);
    exit.into()
}

/// The function handles one event at a time, and its cold start counts: one thread is enough for it.
fn runtime(cli: &Cli) -> std::io::Result<Runtime> {
    match cli.command {
        Some(Command::Handler) => Builder::new_current_thread().enable_all().build(),
        _ => Builder::new_multi_thread().enable_all().build(),
    }
}
