//! `imgwatch config` as it is typed.

use clap::Args;

/// `imgwatch config`.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = "\
This command makes no requests. Names that are not configured are looked up when
the dashboard or a command starts, and are printed as \"looked up at start\".

Examples:
  imgwatch config
  imgwatch --pipeline live config --json | jq .values")]
pub struct ConfigArgs {
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}
