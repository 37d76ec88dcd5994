//! `imgwatch local` as it is typed.

use std::time::Duration;

use clap::Args;

use super::duration;

/// `NAME=VALUE`.
pub(super) fn variable(text: &str) -> Result<(String, String), String> {
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    match text.split_once('=') {
        Some((name, value)) if is_name(name) => Ok((name.to_owned(), value.to_owned())),
        Some((name, _)) => {
            Err(format!("invalid variable name {name:?}: use letters, digits and _, and begin with a letter"))
        }
        None => Err("write it as NAME=VALUE".to_owned()),
    }
}

const LOCAL_HELP: &str = "\
The output can be sourced by a shell. The local cloud accepts any credentials
and is reachable from this machine only. Its data is lost when it stops. Ctrl-C
or SIGTERM stops it; the exit code is then 0.

Examples:
  Start it, and connect to it from another terminal:
      imgwatch local
      imgwatch --endpoint-url http://127.0.0.1:4566
      aws --endpoint-url http://127.0.0.1:4566 s3 cp photo.png s3://images/
  Also send email to an SMTP test server:
      imgwatch local --smtp smtp://127.0.0.1:1025
  Retry with the delays of AWS:
      imgwatch local --retry-delays 1m,2m
  Run your own function:
      imgwatch local --handler ./target/debug/bootstrap --handler-env MODE=test
  Also send to a subscriber on another machine:
      imgwatch local --allow-outbound";

/// `imgwatch local`.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = LOCAL_HELP)]
pub struct LocalArgs {
    /// TCP port on 127.0.0.1; 0 selects a free port
    #[arg(long, value_name = "PORT", default_value_t = 4566)]
    pub port: u16,
    /// Also send email through this SMTP server
    #[arg(long, value_name = "URL")]
    pub smtp: Option<String>,
    /// Delays before the second and third attempt of a failed invocation [AWS: 1m,2m]
    #[arg(long, value_name = "TIME,TIME", default_value = "1s,2s", value_parser = duration::parse_pair)]
    pub retry_delays: [Duration; 2],
}
