//! What flags and environment variables mean together: conflicts, defaults, and what is missing.

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _};

use super::{Cli, Command};
use crate::config::{Settings, Target};

/// What the local cloud's pipeline is called; attaching to one needs the names in every build.
#[cfg(feature = "local")]
use imgwatch_local::{BUCKET, FUNCTION, TOPIC};
#[cfg(not(feature = "local"))]
const BUCKET: &str = "images";
#[cfg(not(feature = "local"))]
const FUNCTION: &str = "ImageUploadProcessor";
#[cfg(not(feature = "local"))]
const TOPIC: &str = "image-uploads";

impl Cli {
    /// Reads the command line and the environment.
    ///
    /// # Errors
    /// What clap says of wrong usage, which is also how it asks for the help to be printed.
    pub fn from_args(args: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let matches = Self::command().try_get_matches_from(args)?;
        let mut cli = Self::from_arg_matches(&matches)?;
        cli.forget_foreign(&matches);
        cli.check(&matches)?;
        Ok(cli)
    }

    /// Empty names are none, as in the AWS CLI; names from the environment belong to another cloud than the one that
    /// `--local` starts.
    fn forget_foreign(&mut self, matches: &ArgMatches) {
        let pipeline = &mut self.pipeline;
        let fields = [
            ("endpoint_url", &mut pipeline.endpoint_url),
            ("bucket", &mut pipeline.bucket),
            ("function", &mut pipeline.function),
            ("topic", &mut pipeline.topic),
        ];
        for (id, field) in fields {
            if (pipeline.local && !typed(matches, id)) || field.as_ref().is_some_and(String::is_empty) {
                *field = None;
            }
        }
    }

    /// Clap does not see conflicts between flags before and after the command's name, so they are checked here.
    fn check(&self, matches: &ArgMatches) -> Result<(), clap::Error> {
        let pipeline = &self.pipeline;
        let serves = matches!(self.command, Some(Command::Local(_)));
        let conflict = |text: &str| Err(self.refuse(ErrorKind::ArgumentConflict, text));
        if !cfg!(feature = "local") && (pipeline.local || serves) {
            return conflict(
                "this build has no local cloud; build it with the feature `local`, or give --endpoint-url",
            );
        }
        if pipeline.local && pipeline.profile.is_some() {
            return conflict("--local cannot be used with --profile: the local cloud asks for no credentials");
        }
        if pipeline.local && pipeline.endpoint_url.is_some() {
            return conflict("--local cannot be used with --endpoint-url: it starts an endpoint of its own");
        }
        if pipeline.handler.is_some() && !pipeline.local && !serves {
            return conflict("--handler needs --local or `imgwatch local`: functions on AWS are not replaced");
        }
        if serves {
            let strange = ["profile", "endpoint_url", "bucket", "function", "topic"];
            if let Some(id) = strange.into_iter().find(|id| typed(matches, id)) {
                let flag = id.replace('_', "-");
                return conflict(&format!("`imgwatch local` does not take --{flag}: it serves a pipeline of its own"));
            }
            return Ok(());
        }
        if let Some(Command::Upload(upload)) = &self.command
            && upload.files.is_empty()
            && !upload.test_image
        {
            let text = "nothing to upload; name a FILE, or give --test-image";
            return Err(self.refuse(ErrorKind::MissingRequiredArgument, text));
        }
        if let Some(("upload", matches)) = matches.subcommand()
            && typed(matches, "timeout")
            && !matches.get_flag("wait")
        {
            return conflict("--timeout needs --wait: without it, upload returns when the files are stored");
        }
        self.settings(None).map(drop)
    }

    /// Where the pipeline is and what its parts are called. `own` is the endpoint that `--local` has started.
    ///
    /// # Errors
    /// Wrong usage: an endpoint that is no URL, or a name that has no default on AWS.
    pub fn settings(&self, own: Option<&str>) -> Result<Settings, clap::Error> {
        let pipeline = &self.pipeline;
        let loopback = match &pipeline.endpoint_url {
            Some(url) => is_loopback(url).ok_or_else(|| {
                let text = format!("--endpoint-url {url:?} is no URL; write it like http://127.0.0.1:4566");
                self.refuse(ErrorKind::ValueValidation, &text)
            })?,
            None => pipeline.local,
        };
        let (bucket, topic) = self.needs();
        let name = |given: &Option<String>, flag: &str, default: &str, needed: bool| match given {
            Some(name) => Ok(name.clone()),
            None if loopback => Ok(default.to_owned()),
            None if needed => Err(self.missing(flag)),
            None => Ok(String::new()),
        };
        let (profile, region) = (pipeline.profile.clone(), pipeline.region.clone());
        let target = match own.map(str::to_owned).or_else(|| pipeline.endpoint_url.clone()) {
            Some(url) => Target::Endpoint { url, profile, region },
            None => Target::Aws { profile, region },
        };
        Ok(Settings {
            target,
            bucket: name(&pipeline.bucket, "bucket", BUCKET, bucket)?,
            function: pipeline.function.clone().unwrap_or_else(|| FUNCTION.to_owned()),
            topic: name(&pipeline.topic, "topic", TOPIC, topic)?,
        })
    }

    fn missing(&self, flag: &str) -> clap::Error {
        let text = format!(
            "no {flag} is named; pass --{flag} NAME or set IMGWATCH_{}, or try `imgwatch --local`, which needs no AWS account",
            flag.to_uppercase()
        );
        self.refuse(ErrorKind::MissingRequiredArgument, &text)
    }

    /// Wrong usage, shown with the usage of the command in question.
    fn refuse(&self, kind: ErrorKind, text: &str) -> clap::Error {
        let mut command = Self::command();
        command.build();
        match self.name().and_then(|name| command.find_subcommand_mut(name)) {
            Some(subcommand) => subcommand.error(kind, text),
            None => command.error(kind, text),
        }
    }

    fn name(&self) -> Option<&'static str> {
        Some(match self.command.as_ref()? {
            Command::Upload(_) => "upload",
            Command::Local(_) => "local",
            Command::Objects(_) => "objects",
            Command::Logs(_) => "logs",
            Command::Subscriptions(_) => "subscriptions",
            Command::Subscribe(_) => "subscribe",
            Command::Doctor(_) => "doctor",
            Command::Handler => "__handler",
        })
    }

    /// Whether the command cannot do without the bucket's and the topic's names.
    fn needs(&self) -> (bool, bool) {
        match &self.command {
            None | Some(Command::Doctor(_)) => (true, true),
            Some(Command::Upload(upload)) => (true, upload.wait),
            Some(Command::Objects(_)) => (true, false),
            Some(Command::Subscriptions(_) | Command::Subscribe(_)) => (false, true),
            Some(Command::Logs(_) | Command::Local(_) | Command::Handler) => (false, false),
        }
    }
}

/// Whether a flag was typed, as opposed to taken from the environment.
fn typed(matches: &ArgMatches, id: &str) -> bool {
    // Flags after the command's name are copied up by clap, with their source.
    matches.value_source(id) == Some(ValueSource::CommandLine)
}

/// Whether an endpoint is on this machine; `None` where it is no URL.
fn is_loopback(url: &str) -> Option<bool> {
    let uri: hyper::Uri = url.parse().ok()?;
    let host = Some(&uri).filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")))?.host()?;
    let host = host.trim_matches(['[', ']']);
    Some(host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::from_args(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_may_stand_before_and_after_the_command() {
        for line in ["imgwatch --bucket b --region r objects", "imgwatch objects --region r --bucket b"] {
            let settings = parse(line).unwrap().settings(None).unwrap();
            assert_eq!(settings.bucket, "b");
            assert!(matches!(settings.target, Target::Aws { profile: None, region: Some(region) } if region == "r"));
        }
    }

    #[test]
    fn an_endpoint_on_this_machine_has_the_local_names() {
        for url in ["http://127.0.0.1:4566", "http://localhost", "https://[::1]:4566/"] {
            let settings = parse(&format!("imgwatch --endpoint-url {url}")).unwrap().settings(None).unwrap();
            assert_eq!([&*settings.bucket, &*settings.function, &*settings.topic], [BUCKET, FUNCTION, TOPIC]);
        }
        assert!(parse("imgwatch --endpoint-url http://192.0.2.1:4566").is_err(), "no defaults for other machines");
    }

    #[test]
    fn its_own_cloud_wins_over_every_other() {
        let settings = parse("imgwatch --local --topic t").unwrap().settings(Some("http://127.0.0.1:9")).unwrap();
        assert!(matches!(settings.target, Target::Endpoint { url, .. } if url == "http://127.0.0.1:9"));
        assert_eq!([&*settings.bucket, &*settings.topic], [BUCKET, "t"]);
    }

    #[test]
    fn commands_ask_only_for_the_names_that_they_use() {
        let fine = ["logs", "objects --bucket b", "subscriptions --topic t", "upload f --bucket b"];
        for line in fine {
            assert!(parse(&format!("imgwatch {line}")).is_ok(), "{line}");
        }
        let missing = ["objects", "subscriptions", "subscribe a@b.c", "upload f", "upload f --wait --bucket b", ""];
        for line in missing {
            let error = parse(&format!("imgwatch {line}")).expect_err(line);
            assert_eq!(error.kind(), ErrorKind::MissingRequiredArgument, "{line}: {error}");
            assert!(error.to_string().contains("imgwatch --local"), "{line}: {error}");
        }
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let lines = [
            "--local --profile p",
            "objects --local --endpoint-url http://127.0.0.1:1",
            "--endpoint-url http://127.0.0.1:1 objects --local",
            "objects --bucket b --handler ./h",
            "local --bucket b",
            "--topic t local",
            "upload f --bucket b --timeout 5m",
        ];
        for line in lines {
            let error = parse(&format!("imgwatch {line}")).expect_err(line);
            assert_eq!((error.kind(), error.exit_code()), (ErrorKind::ArgumentConflict, 2), "{line}");
        }
    }
}
