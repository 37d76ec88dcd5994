//! `imgwatch local` as it is typed.

use std::ffi::{OsStr, OsString};
use std::time::Duration;

use clap::Args;
use clap::builder::{OsStringValueParser, TypedValueParser as _};

use super::duration;
use crate::config::FUNCTION;

/// What `--entry` takes.
const ENTRIES: [&str; 5] = ["direct", "queue", "topic", "topic-queue", "eventbridge"];

/// A program that is a function of the local cloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handler {
    /// `None` for the pipeline's function.
    pub function: Option<String>,
    /// The program's file.
    pub program: OsString,
}

/// An environment variable of a function in the local cloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// `None` for the pipeline's function.
    pub function: Option<String>,
    /// The variable's name.
    pub name: String,
    /// What it is set to.
    pub value: String,
}

/// The function that a flag names; the pipeline's own, by its name or by none, is `None`.
fn other_function(name: Option<&str>) -> Option<String> {
    name.filter(|name| *name != FUNCTION).map(str::to_owned)
}

fn is_function(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=64).contains(&name.len()) && name.bytes().all(is_allowed)
}

/// `PROGRAM` or `NAME=PROGRAM`. What comes before the `=` is a name only if a function could have it: a path may have a `=`.
#[expect(clippy::unnecessary_wraps, reason = "clap's parsers can fail")]
fn handler(text: OsString) -> Result<Handler, String> {
    let named = text.to_str().and_then(|text| text.split_once('=')).filter(|(name, _)| is_function(name));
    Ok(match named {
        Some((name, program)) => Handler { function: other_function(Some(name)), program: program.into() },
        None => Handler { function: None, program: text },
    })
}

/// `VAR=VALUE` or `NAME:VAR=VALUE`.
fn variable(text: &str) -> Result<Variable, String> {
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let Some((target, value)) = text.split_once('=') else {
        return Err("write it as VAR=VALUE or NAME:VAR=VALUE".to_owned());
    };
    let (function, name) = target.split_once(':').map_or((None, target), |(function, name)| (Some(function), name));
    if let Some(function) = function.filter(|function| !is_function(function)) {
        return Err(format!("invalid function name {function:?}: use letters, digits, - and _"));
    }
    if !is_name(name) {
        return Err(format!("invalid variable name {name:?}: use letters, digits and _, and begin with a letter"));
    }
    Ok(Variable { function: other_function(function), name: name.to_owned(), value: value.to_owned() })
}

/// A name that S3 takes for a bucket.
fn bucket(text: &str) -> Result<String, String> {
    let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
    let is_end = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    let is_name = (3..=63).contains(&bytes.len()) && bytes.iter().all(|byte| is_allowed(*byte));
    if is_name && is_end(bytes.first()) && is_end(bytes.last()) && !text.contains("..") {
        return Ok(text.to_owned());
    }
    Err("use 3 to 63 lower-case letters, digits, - and ., and begin and end with a letter or digit".to_owned())
}

/// How a local cloud is started, with `--local` and with `imgwatch local`.
#[derive(Debug, Clone, Default, Args)]
pub struct LocalCloudArgs {
    /// How S3's events reach the function in the local cloud [default: direct]
    ///
    /// With --local and `imgwatch local`: directly, through a queue, a topic, a topic and a queue, or EventBridge.
    #[arg(long, global = true, value_name = "ENTRY", value_parser = ENTRIES, hide_short_help = true)]
    pub entry: Option<String>,

    /// Another bucket of the local cloud, with the same entry
    ///
    /// With --local and `imgwatch local`; may be given several times. --bucket follows it instead of `images`.
    #[arg(long, global = true, value_name = "NAME", value_parser = bucket, hide_short_help = true)]
    pub add_bucket: Vec<String>,

    /// Run this program as the function in the local cloud
    ///
    /// With --local and `imgwatch local`: a program that speaks the Lambda Runtime API, such as the `bootstrap` of
    /// your own function, instead of the function that imgwatch ships. NAME=PROGRAM adds a function of this name, which
    /// nothing invokes until a rule, a subscription or an event source mapping does; it may be given several times.
    #[arg(long, global = true, value_name = "[NAME=]PROGRAM", hide_short_help = true)]
    #[arg(value_parser = OsStringValueParser::new().try_map(handler))]
    pub handler: Vec<Handler>,

    /// Environment variable of the function in the local cloud
    ///
    /// With --local and `imgwatch local`; may be given several times. NAME:VAR=VALUE sets it for the function NAME of
    /// --handler. GetFunctionConfiguration shows it.
    #[arg(long, global = true, value_name = "[NAME:]VAR=VALUE", value_parser = variable, hide_short_help = true)]
    pub handler_env: Vec<Variable>,

    /// Let the local cloud send to HTTP subscribers on other machines
    ///
    /// With --local and `imgwatch local`. Without it, a subscription over HTTP or HTTPS must name a loopback address of
    /// this machine, and no message leaves it.
    #[arg(long, global = true, hide_short_help = true)]
    pub allow_outbound: bool,
}

impl LocalCloudArgs {
    /// Why no local cloud can be started like this.
    pub(super) fn conflict(&self, has_local_cloud: bool) -> Option<String> {
        let needs = |flag: &str, why: &str| Some(format!("{flag} needs --local or `imgwatch local`: {why}"));
        if !has_local_cloud {
            return match self {
                Self { entry: Some(_), .. } => needs("--entry", "entries on AWS are not changed"),
                Self { add_bucket, .. } if !add_bucket.is_empty() => {
                    needs("--add-bucket", "buckets on AWS are not created")
                }
                Self { handler, .. } if !handler.is_empty() => needs("--handler", "functions on AWS are not replaced"),
                Self { handler_env, .. } if !handler_env.is_empty() => {
                    needs("--handler-env", "functions on AWS are not changed")
                }
                Self { allow_outbound: true, .. } => needs("--allow-outbound", "AWS posts to any endpoint"),
                _ => None,
            };
        }
        let named = |function: &Option<String>| function.clone().unwrap_or_else(|| FUNCTION.to_owned());
        for (index, one) in self.handler.iter().enumerate() {
            if self.handler.iter().skip(index + 1).any(|other| other.function == one.function) {
                return Some(format!("--handler names two programs for the function {}", named(&one.function)));
            }
        }
        let is_known = |variable: &&Variable| {
            variable.function.is_none() || self.handler.iter().any(|handler| handler.function == variable.function)
        };
        let stray = self.handler_env.iter().find(|variable| !is_known(variable))?;
        let name = named(&stray.function);
        Some(format!("--handler-env is about the function {name}; name its program with --handler {name}=PROGRAM"))
    }

    /// The program of the pipeline's function, where it is not the one that imgwatch ships.
    pub(crate) fn program(&self) -> Option<&OsStr> {
        let own = self.handler.iter().find(|handler| handler.function.is_none());
        own.map(|handler| handler.program.as_os_str())
    }

    /// The variables of a function; `None` is the pipeline's.
    pub(crate) fn variables(&self, function: Option<&str>) -> Vec<(String, String)> {
        let of = self.handler_env.iter().filter(|variable| variable.function.as_deref() == function);
        of.map(|variable| (variable.name.clone(), variable.value.clone())).collect()
    }

    /// The other functions, by name.
    pub(crate) fn functions(&self) -> impl Iterator<Item = (&str, &OsStr)> {
        self.handler.iter().filter_map(|handler| Some((handler.function.as_deref()?, handler.program.as_os_str())))
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
  Lead S3's events to the function through a queue:
      imgwatch local --entry queue
  Run your own function:
      imgwatch local --handler ./target/debug/bootstrap --handler-env MODE=test
  Add another function:
      imgwatch local --handler thumbs=./thumbs --handler-env thumbs:SIZE=200
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
    #[arg(long, value_name = "URL", value_parser = smtp)]
    pub smtp: Option<String>,
    /// Delays before the second and third attempt of a failed invocation [AWS: 1m,2m]
    #[arg(long, value_name = "TIME,TIME", default_value = "1s,2s", value_parser = duration::parse_pair)]
    pub retry_delays: [Duration; 2],
}

/// The URL of an SMTP server, as far as it can be judged without the network.
fn smtp(text: &str) -> Result<String, String> {
    let host = ["smtp://", "smtps://"].into_iter().find_map(|scheme| text.strip_prefix(scheme));
    match host.filter(|host| !host.is_empty()) {
        Some(_) => Ok(text.to_owned()),
        None => Err("write it like smtp://127.0.0.1:1025".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_smtp_server_is_a_url_of_its_scheme() {
        for url in ["smtp://127.0.0.1:1025", "smtps://mail.example.com"] {
            assert_eq!(smtp(url), Ok(url.to_owned()));
        }
        for text in ["foo", "127.0.0.1:1025", "http://127.0.0.1", "smtp://", ""] {
            assert!(smtp(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_program_may_have_the_name_of_its_function() {
        let read = |text: &str| {
            let Handler { function, program } = handler(text.into()).unwrap();
            (function, program.into_string().unwrap())
        };
        let named = |name: &str, program: &str| (Some(name.to_owned()), program.to_owned());
        assert_eq!(read("./bootstrap"), (None, "./bootstrap".to_owned()));
        assert_eq!(read("thumbs=./a=b"), named("thumbs", "./a=b"));
        assert_eq!(read("./a=b"), (None, "./a=b".to_owned()), "a path may have it");
        assert_eq!(read(&format!("{FUNCTION}=p")), (None, "p".to_owned()));
    }

    #[test]
    fn a_variable_may_have_the_name_of_its_function() {
        let read = |text: &str| variable(text).map(|found| (found.function, found.name, found.value));
        let found = |function: Option<&str>, name: &str, value: &str| {
            Ok((function.map(str::to_owned), name.to_owned(), value.to_owned()))
        };
        assert_eq!(read("A=b:c=d"), found(None, "A", "b:c=d"));
        assert_eq!(read("thumbs:A=b"), found(Some("thumbs"), "A", "b"));
        assert_eq!(read(&format!("{FUNCTION}:A=")), found(None, "A", ""));
        for wrong in ["A", "1A=b", "a b:A=c", "thumbs:=c", ":A=b"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[cfg(feature = "local")]
    #[test]
    fn the_local_cloud_has_every_entry() {
        let entries: Vec<_> = ENTRIES.into_iter().map(|name| imgwatch_local::Entry::from_name(name).unwrap()).collect();
        assert_eq!((entries.len(), entries[0]), (5, imgwatch_local::Entry::Direct));
    }

    #[test]
    fn a_bucket_has_a_name_that_s3_takes() {
        for name in ["abc", "my-bucket.2", "1a1"] {
            assert!(bucket(name).is_ok(), "{name}");
        }
        for name in ["", "ab", "Abc", "a_b", "-ab", "ab-", "a..b", &"a".repeat(64)] {
            assert!(bucket(name).is_err(), "{name}");
        }
    }
}
