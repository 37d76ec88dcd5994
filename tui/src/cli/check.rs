//! What flags and environment variables mean together: conflicts, defaults, and what is missing.

use std::ffi::OsString;
use std::path::Path;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, CommandFactory as _, FromArgMatches as _};

use super::{Cli, Command, LogsArgs, UploadArgs, display};
use crate::config::Purpose;
use crate::config::file::Choice;

/// Flags whose values are not just any text.
const WORDS: [&str; 8] = ["read_only", "theme", "clock", "mouse", "notify", "live_tail", "log_level", "log_file"];

impl Cli {
    /// Reads the command line and the environment.
    ///
    /// # Errors
    /// What clap says of wrong usage, which is also how it asks for the help to be printed.
    pub fn from_args(args: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        // One of some words cannot be empty: an empty variable is none.
        let is_empty = |arg: &Arg| {
            let value = arg.get_env().and_then(std::env::var_os);
            value.is_some_and(|value| value.is_empty()) && WORDS.contains(&arg.get_id().as_str())
        };
        let command = Self::command().mut_args(|arg| if is_empty(&arg) { arg.env(None::<&'static str>) } else { arg });
        let matches = command.try_get_matches_from(args)?;
        let mut cli = Self::from_arg_matches(&matches)?;
        cli.forget_foreign(&matches);
        cli.name_variables(&matches);
        cli.check(&matches)?;
        cli.region_is_typed = typed(&matches, "region");
        cli.read_file()?;
        cli.settings(None).map(drop)?;
        // Scripts press no keys: they go on where a dashboard would not.
        if cli.is_about_dashboard() {
            cli.keys = display::keys(&cli.file).map_err(|why| in_file(&why))?;
        }
        Ok(cli)
    }

    /// Empty names are none, as in the AWS CLI; names from the environment belong to another cloud than the one that
    /// `--local` starts.
    fn forget_foreign(&mut self, matches: &ArgMatches) {
        let pipeline = &mut self.pipeline;
        let own = std::env::var("IMGWATCH_ENDPOINT_URL").ok().filter(|url| !url.is_empty());
        if own.is_some() && !typed(matches, "endpoint_url") {
            pipeline.endpoint_url = own;
            self.variables.insert("endpoint_url".to_owned(), "IMGWATCH_ENDPOINT_URL".to_owned());
        } else if ignores_aws_endpoint_url() && !typed(matches, "endpoint_url") {
            pipeline.endpoint_url = None;
        }
        if pipeline.config.as_ref().is_some_and(|path| path.is_empty()) {
            pipeline.config = None;
        }
        let is_local = pipeline.local || matches!(self.command, Some(Command::Local(_)));
        let fields = [
            ("endpoint_url", &mut pipeline.endpoint_url),
            ("profile", &mut pipeline.profile),
            ("bucket", &mut pipeline.bucket),
            ("function", &mut pipeline.function),
            ("log_group", &mut pipeline.log_group),
            ("stack", &mut pipeline.stack),
            ("pipeline", &mut pipeline.pipeline),
        ];
        for (id, field) in fields {
            if (is_local && !typed(matches, id)) || field.as_ref().is_some_and(String::is_empty) {
                *field = None;
            }
        }
        pipeline.topic.retain(|topic| !topic.trim().is_empty());
        if is_local && !typed(matches, "topic") {
            pipeline.topic.clear();
        }
        if pipeline.region.as_ref().is_some_and(String::is_empty) {
            pipeline.region = None;
        }
        // The variable is for the dashboard: a command uses Live Tail only with the flag.
        if !self.is_about_dashboard() && !typed(matches, "live_tail") {
            self.live_tail = None;
        }
    }

    /// Whether it opens the dashboard, or shows how it would.
    fn is_about_dashboard(&self) -> bool {
        matches!(self.command, None | Some(Command::Config(_)))
    }

    /// The config file's pipelines are elsewhere: a local cloud gets none of their names, but how the
    /// dashboard begins.
    fn read_file(&mut self) -> Result<(), clap::Error> {
        let asks_no_cloud = matches!(
            self.command,
            Some(Command::Local(_) | Command::Completions(_) | Command::Man(_) | Command::Handler)
        );
        if asks_no_cloud || (self.pipeline.local && !self.is_about_dashboard()) {
            return Ok(());
        }
        let file = Choice::read(self.pipeline.config.as_ref().map(Path::new));
        let file = if self.pipeline.local {
            file
        } else {
            file.and_then(|file| file.choose(self.pipeline.pipeline.as_deref()))
        };
        self.file = file.map_err(|why| in_file(&why))?;
        Ok(())
    }

    /// Remembers which variables gave something, as `imgwatch config` shows it.
    fn name_variables(&mut self, matches: &ArgMatches) {
        let command = Self::command();
        for (id, variable) in command.get_arguments().filter_map(|arg| Some((arg.get_id().as_str(), arg.get_env()?))) {
            if matches.value_source(id) == Some(ValueSource::EnvVariable) {
                self.variables.entry(id.to_owned()).or_insert_with(|| variable.to_string_lossy().into_owned());
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
        if pipeline.local && (pipeline.pipeline.is_some() || pipeline.stack.is_some()) {
            let flag = if pipeline.stack.is_some() { "stack" } else { "pipeline" };
            return conflict(&format!("--local cannot be used with --{flag}: it starts a pipeline of its own"));
        }
        if let Some(text) = pipeline.local_cloud.conflict(pipeline.local || serves) {
            return conflict(&text);
        }
        if serves {
            let strange =
                ["profile", "endpoint_url", "bucket", "function", "topic", "log_group", "stack", "pipeline", "config"];
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
        if let Some(("upload", matches)) = matches.subcommand()
            && typed(matches, "until")
            && !matches.get_flag("wait")
        {
            return conflict("--until needs --wait: without it, nothing is followed after S3");
        }
        match &self.command {
            Some(
                Command::Logs(LogsArgs { follow: true, .. })
                | Command::Upload(UploadArgs { wait: true, .. })
                | Command::Config(_),
            ) => {}
            Some(_) if self.wants_live_tail() => {
                return conflict("--live-tail is for the dashboard, `logs --follow` and `upload --wait`");
            }
            _ => {}
        }
        if let Some(Command::Download(download)) = &self.command
            && download.json
            && download.is_printed()
        {
            return conflict("--json cannot be used with `-`: standard output takes the object itself");
        }
        if let Some(Command::Upload(upload)) = &self.command
            && upload.probe
            && !upload.wait
        {
            return conflict("--probe needs --wait: without it, nothing is followed to the topic");
        }
        Ok(())
    }

    /// Whether Live Tail is asked for, before or after the command's name.
    pub fn wants_live_tail(&self) -> bool {
        self.live_tail == Some(true)
            || match &self.command {
                Some(Command::Logs(logs)) => logs.live_tail,
                Some(Command::Upload(upload)) => upload.live_tail,
                _ => false,
            }
    }

    /// Wrong usage, shown with the usage of the command in question.
    pub(super) fn refuse(&self, kind: ErrorKind, text: &str) -> clap::Error {
        let mut command = Self::command();
        command.build();
        match self.name().and_then(|name| command.find_subcommand_mut(name)) {
            Some(subcommand) => subcommand.error(kind, text),
            None => command.error(kind, text),
        }
    }

    pub(crate) fn name(&self) -> Option<&'static str> {
        Some(match self.command.as_ref()? {
            Command::Upload(_) => "upload",
            Command::Local(_) => "local",
            Command::Objects(_) => "objects",
            Command::Download(_) => "download",
            Command::Logs(_) => "logs",
            Command::Subscriptions(_) => "subscriptions",
            Command::Subscribe(_) => "subscribe",
            Command::Confirm(_) => "confirm",
            Command::Doctor(_) => "doctor",
            Command::Wiring(_) => "wiring",
            Command::Config(_) => "config",
            Command::Completions(_) => "completions",
            Command::Man(_) => "man",
            Command::Handler => "__handler",
        })
    }

    /// What the names are for.
    pub(super) fn purpose(&self) -> Purpose {
        match &self.command {
            // All of these but doctor ask no cloud.
            None
            | Some(
                Command::Doctor(_)
                | Command::Config(_)
                | Command::Local(_)
                | Command::Completions(_)
                | Command::Man(_)
                | Command::Handler,
            ) => Purpose::Watch,
            Some(Command::Upload(upload)) if upload.wait => Purpose::Follow,
            Some(Command::Upload(_)) => Purpose::Upload,
            Some(Command::Objects(_) | Command::Download(_)) => Purpose::Store,
            Some(Command::Logs(_)) => Purpose::Log,
            Some(Command::Wiring(_)) => Purpose::Wiring,
            Some(Command::Subscriptions(_) | Command::Subscribe(_) | Command::Confirm(_)) => Purpose::Tell,
        }
    }
}

/// Whether a flag was typed, as opposed to taken from the environment.
fn typed(matches: &ArgMatches, id: &str) -> bool {
    // Flags after the command's name are copied up by clap, with their source.
    matches.value_source(id) == Some(ValueSource::CommandLine)
}

/// An error in the config file; the usage of the command line is left out.
fn in_file(why: &str) -> clap::Error {
    clap::Error::raw(ErrorKind::ValueValidation, format!("{why}\n"))
}

/// Whether `AWS_ENDPOINT_URL` does not count, as the AWS CLI reads it.
fn ignores_aws_endpoint_url() -> bool {
    std::env::var("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").is_ok_and(|value| value.eq_ignore_ascii_case("true"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Target;

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
            assert_eq!(settings.bucket.as_deref(), Some("b"));
            assert!(settings.region_is_fixed);
            assert!(matches!(settings.target, Target::Aws { profile: None, region: Some(region) } if region == "r"));
        }
    }

    #[test]
    fn an_endpoint_on_this_machine_has_the_local_names() {
        for url in ["http://127.0.0.1:4566", "http://localhost", "https://[::1]:4566/"] {
            let settings = parse(&format!("imgwatch --endpoint-url {url}")).unwrap().settings(None).unwrap();
            assert!(settings.target.is_loopback() && !settings.has_nothing(), "{url}");
        }
        let settings = parse("imgwatch --endpoint-url http://192.0.2.1:4566").unwrap().settings(None).unwrap();
        assert!(settings.has_nothing(), "no defaults for other machines");
    }

    #[test]
    fn its_own_cloud_wins_over_every_other() {
        let settings = parse("imgwatch --local --topic t").unwrap().settings(Some("http://127.0.0.1:9")).unwrap();
        assert!(matches!(settings.target, Target::Endpoint { url, .. } if url == "http://127.0.0.1:9"));
        assert_eq!((settings.bucket, settings.topic.as_deref()), (None, Some("t")));
    }

    #[test]
    fn commands_ask_only_for_what_they_use() {
        let cases = [
            ("", Purpose::Watch),
            ("logs", Purpose::Log),
            ("wiring", Purpose::Wiring),
            ("objects", Purpose::Store),
            ("download k", Purpose::Store),
            ("subscriptions", Purpose::Tell),
            ("subscribe a@b.c", Purpose::Tell),
            ("upload f", Purpose::Upload),
            ("upload f --wait", Purpose::Follow),
        ];
        for (line, purpose) in cases {
            assert_eq!(parse(&format!("imgwatch {line}")).unwrap().purpose(), purpose, "{line}");
        }
    }

    #[test]
    fn live_tail_may_be_asked_for_where_something_is_followed() {
        for line in [
            "--live-tail --local",
            "logs --follow --live-tail",
            "--live-tail logs -f",
            "--local upload f --wait --live-tail",
        ] {
            assert!(parse(&format!("imgwatch {line}")).expect(line).wants_live_tail(), "{line}");
        }
        assert!(!parse("imgwatch logs --follow").unwrap().wants_live_tail());
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let lines = [
            "--local --profile p",
            "objects --local --endpoint-url http://127.0.0.1:1",
            "--endpoint-url http://127.0.0.1:1 objects --local",
            "objects --bucket b --handler ./h",
            "objects --bucket b --handler-env A=b",
            "objects --bucket b --entry queue",
            "objects --bucket b --add-bucket other",
            "--local --handler ./a --handler ./b",
            "local --handler f=./a --handler f=./b",
            "--local --handler f=./a --handler-env g:A=b",
            "objects --bucket b --allow-outbound",
            "--allow-outbound --endpoint-url http://127.0.0.1:1",
            "local --bucket b",
            "--topic t local",
            "--local --stack s",
            "objects --local --pipeline p",
            "local --config c.toml",
            "upload f --bucket b --timeout 5m",
            "logs --live-tail",
            "--live-tail upload f --bucket b",
            "--live-tail --bucket b objects",
        ];
        for line in lines {
            let error = parse(&format!("imgwatch {line}")).expect_err(line);
            assert_eq!((error.kind(), error.exit_code()), (ErrorKind::ArgumentConflict, 2), "{line}");
        }
    }
}
