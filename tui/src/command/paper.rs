//! What other programs read of the command line: shells complete it, `man` shows it. Both come from its definition.

use clap::CommandFactory as _;

use super::failure::Failure;
use super::output;
use crate::cli::{Cli, CompletionsArgs, ManArgs};
use crate::terminal::exit::Exit;

/// `imgwatch completions`.
pub(super) async fn completions(args: &CompletionsArgs) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "imgwatch", &mut script);
    output::write(&String::from_utf8_lossy(&script)).await?;
    Ok(Exit::Proven)
}

/// `imgwatch man`.
pub(super) fn man(args: &ManArgs) -> Result<Exit, Failure> {
    let failure = |error: std::io::Error| {
        let what = format!("cannot write manual pages into {}: {error}", args.folder.display());
        Failure::new(what, "name a folder that you may write to")
    };
    std::fs::create_dir_all(&args.folder).map_err(failure)?;
    clap_mangen::generate_to(Cli::command(), &args.folder).map_err(failure)?;
    Ok(Exit::Proven)
}
