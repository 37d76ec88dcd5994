//! `imgwatch completions` as it is typed.

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
