//! Flags of the log file.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use super::Cli;
use super::display::words;
use super::sources::{Origin, Sourced};
use crate::cli::log_file::{self, Level};

/// Flags of the log file.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Log file")]
pub struct LogFileArgs {
    /// Write a log of this program [default: none; FILE: ~/.local/state/imgwatch/imgwatch.log]
    ///
    /// Without FILE, and with IMGWATCH_LOG alone, it is $XDG_STATE_HOME/imgwatch/imgwatch.log or
    /// ~/.local/state/imgwatch/imgwatch.log. It records starts, exits, connections and failed requests. At 1 MiB it is
    /// rotated to FILE.1. It never contains credentials.
    #[arg(long, global = true, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    #[arg(env = "IMGWATCH_LOG_FILE", hide_env_values = true)]
    // No `PathBuf`: clap takes no empty one, and the flag without a value is empty.
    pub log_file: Option<OsString>,

    /// Level of the log file; `debug` also records each request [default: info]
    ///
    /// Setting a level turns the log file on; `off` turns it off.
    #[arg(long, global = true, value_name = "LEVEL", hide_short_help = true)]
    #[arg(env = "IMGWATCH_LOG", hide_env_values = true, value_parser = words(Level::ALL, Level::word))]
    pub log_level: Option<Level>,
}

impl Cli {
    /// Whether a log is written and where, by what was asked for.
    pub(crate) fn log_file(&self) -> Sourced<Option<PathBuf>> {
        let LogFileArgs { log_file, log_level } = &self.log;
        let origin = match (log_file, log_level) {
            (None, None) => return Sourced { value: None, origin: Origin::Default },
            (_, Some(Level::Off)) | (None, Some(_)) => self.origin("log_level"),
            (Some(_), _) => self.origin("log_file"),
        };
        let named = log_file.clone().filter(|path| !path.is_empty()).map(PathBuf::from);
        let is_on = *log_level != Some(Level::Off);
        Sourced { value: is_on.then(|| named.or_else(log_file::usual_path)).flatten(), origin }
    }

    /// What the log has.
    pub(crate) fn log_level(&self) -> Sourced<Level> {
        match self.log.log_level {
            Some(value) => Sourced { value, origin: self.origin("log_level") },
            None => Sourced { value: Level::default(), origin: Origin::Default },
        }
    }
}
