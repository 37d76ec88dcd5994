//! `imgwatch man`: writes the manual pages, from the definition of the command line.

use clap::CommandFactory as _;

use super::failure::Failure;
use crate::cli::{Cli, ManArgs};
use crate::terminal::exit::Exit;

pub(super) fn run(args: &ManArgs) -> Result<Exit, Failure> {
    let failure = |error: std::io::Error| {
        let what = format!("cannot write manual pages into {}: {error}", args.folder.display());
        Failure::new(what, "name a folder that you may write to")
    };
    std::fs::create_dir_all(&args.folder).map_err(failure)?;
    clap_mangen::generate_to(Cli::command(), &args.folder).map_err(failure)?;
    Ok(Exit::Proven)
}
