//! `imgwatch completions`: prints a script for a shell, from the definition of the command line.

use clap::CommandFactory as _;

use super::failure::Failure;
use super::output;
use crate::cli::{Cli, CompletionsArgs};
use crate::terminal::exit::Exit;

pub(super) async fn run(args: &CompletionsArgs) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "imgwatch", &mut script);
    output::write(&String::from_utf8_lossy(&script)).await?;
    Ok(Exit::Proven)
}
