//! `imgwatch completions` and `imgwatch man` as they are typed.

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

/// `imgwatch completions`.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = "\
Examples:
  imgwatch completions bash >~/.local/share/bash-completion/completions/imgwatch
  imgwatch completions zsh >~/.zfunc/_imgwatch
  imgwatch completions fish >~/.config/fish/completions/imgwatch.fish")]
pub struct CompletionsArgs {
    /// The shell
    pub shell: Shell,
}

/// `imgwatch man`.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = "\
Examples:
  imgwatch man ~/.local/share/man/man1")]
pub struct ManArgs {
    /// The folder; created if it does not exist
    pub folder: PathBuf,
}
