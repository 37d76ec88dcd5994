//! `imgwatch man` as it is typed.

use std::path::PathBuf;

use clap::Args;

/// `imgwatch man`.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = "\
Examples:
  imgwatch man ~/.local/share/man/man1")]
pub struct ManArgs {
    /// The folder; created if it does not exist
    pub folder: PathBuf,
}
