//! `imgwatch config` as it is typed.

use clap::Args;

/// `imgwatch config`.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = "\
It asks no network: what nothing names is looked for when the dashboard or a
command starts, and stands here as \"looked for at start\".

Examples:
  imgwatch config
  imgwatch --pipeline live config --json | jq .values")]
pub struct ConfigArgs {
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}
