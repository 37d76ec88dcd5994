//! A cloud on this machine as a part of this process: started for one command, for the dashboard, or to be served.
//!
//! It starts and stops it. What is done there goes over the wire, as with every other cloud.

use std::ffi::{OsStr, OsString};
use std::time::Duration;

#[cfg(not(feature = "local"))]
pub(crate) use absent::{EmbeddedCloud, start};
#[cfg(feature = "local")]
pub(crate) use present::{EmbeddedCloud, start};

/// How a cloud is served that other programs use as well.
#[derive(Debug, Clone)]
#[cfg_attr(not(feature = "local"), expect(dead_code, reason = "such a build serves nothing"))]
pub(crate) struct Serve {
    /// TCP port on 127.0.0.1; 0 selects a free port.
    pub(crate) port: u16,
    /// The server that email is sent through, besides the inbox.
    pub(crate) smtp: Option<String>,
    /// Delays before the second and third attempt of a failed invocation.
    pub(crate) retry_delays: [Duration; 2],
}

/// A function besides the pipeline's own.
#[derive(Debug)]
#[cfg_attr(not(feature = "local"), expect(dead_code, reason = "such a build starts nothing"))]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) program: OsString,
    pub(crate) variables: Vec<(String, String)>,
}

/// How a local cloud is started.
#[derive(Debug, Default)]
#[cfg_attr(not(feature = "local"), expect(dead_code, reason = "such a build starts nothing"))]
pub(crate) struct Start<'a> {
    /// The function's program; this program itself where none is named.
    pub(crate) handler: Option<&'a OsStr>,
    /// Environment variables of the function.
    pub(crate) variables: Vec<(String, String)>,
    pub(crate) functions: Vec<Function>,
    /// How S3's events reach the function, as `--entry` names it; directly where nothing is named.
    pub(crate) entry: Option<&'a str>,
    /// Buckets besides the pipeline's own.
    pub(crate) buckets: &'a [String],
    pub(crate) region: Option<&'a str>,
    pub(crate) allow_outbound: bool,
    /// The arguments of `imgwatch local`.
    pub(crate) serve: Option<Serve>,
}

#[cfg(feature = "local")]
mod present {
    use std::ffi::OsStr;
    use std::fmt;
    use std::fs;
    use std::path::Path;

    use imgwatch_local::{Entry, HandlerCommand, LocalCloud, NamedHandler, Options};

    use super::{Function, Start};
    use crate::domain::problem::{Problem, ProblemKind};

    /// A cloud that this process runs.
    pub(crate) struct EmbeddedCloud {
        cloud: LocalCloud,
    }

    impl fmt::Debug for EmbeddedCloud {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_struct("EmbeddedCloud").field("endpoint", &self.endpoint()).finish_non_exhaustive()
        }
    }

    impl EmbeddedCloud {
        pub(crate) fn endpoint(&self) -> &str {
            self.cloud.endpoint()
        }

        /// The region that its ARNs name.
        pub(crate) fn region(&self) -> &str {
            self.cloud.region()
        }

        /// Stops it and waits for its processes.
        pub(crate) async fn stop(self) {
            self.cloud.stop().await;
        }
    }

    /// Starts a cloud: for `imgwatch local` as its arguments say, else on a free port with short retries.
    ///
    /// # Errors
    /// When the port is taken, or the function's program is not there: the one that is named, or this program itself.
    pub(crate) async fn start(start: Start<'_>) -> Result<EmbeddedCloud, Problem> {
        let Start { handler, variables, functions, entry, buckets, region, allow_outbound, serve } = start;
        let problem =
            |what: String, hint| Problem::new(ProblemKind::Other, "cannot start the local cloud", what).with_hint(hint);
        let is_ours = handler.is_none();
        let command = |program: &OsStr| match unusable(program) {
            None => Ok(HandlerCommand { program: program.to_owned(), args: Vec::new(), env: Vec::new() }),
            Some(why) => {
                let what = format!("cannot run {} as the function: {why}", Path::new(program).display());
                Err(problem(what, "name another one with --handler PROGRAM"))
            }
        };
        let handler = if let Some(program) = handler {
            command(program)?
        } else {
            let program = std::env::current_exe().map_err(|error| {
                let what = format!("cannot find this program's own file, which is also the function: {error}");
                problem(what, "name a function with --handler PROGRAM")
            })?;
            HandlerCommand { program: program.into(), args: vec!["__handler".into()], env: Vec::new() }
        };
        let mut options = Options::new(handler);
        if is_ours {
            imgwatch_shared::function::DESCRIPTION.clone_into(&mut options.description);
        }
        options.variables = variables;
        for Function { name, program, variables } in functions {
            options.functions.push(NamedHandler { name, command: command(&program)?, variables });
        }
        options.entry = entry.and_then(Entry::from_name).unwrap_or(Entry::Direct);
        options.buckets = buckets.to_vec();
        options.allow_outbound = allow_outbound;
        if let Some(region) = region {
            region.clone_into(&mut options.region);
        }
        if let Some(args) = serve {
            options.port = args.port;
            options.smtp = args.smtp;
            options.retry_delays = args.retry_delays;
        }
        let cloud = LocalCloud::start(options).await.map_err(|error| problem(error.to_string(), ""))?;
        Ok(EmbeddedCloud { cloud })
    }

    /// Why a program cannot be started. It starts with the first image only, and then each image would fail.
    fn unusable(program: &OsStr) -> Option<String> {
        // As the system looks for it: a bare name in the folders of PATH, everything else where it says.
        if Path::new(program).components().count() > 1 {
            return not_executable(Path::new(program));
        }
        let folders = std::env::var_os("PATH").unwrap_or_default();
        let is_found = std::env::split_paths(&folders).any(|folder| not_executable(&folder.join(program)).is_none());
        (!is_found).then(|| "no folder of PATH has such a program; write ./ before it if it is here".to_owned())
    }

    fn not_executable(path: &Path) -> Option<String> {
        #[cfg(unix)]
        let may_run =
            |metadata: &fs::Metadata| std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o111 != 0;
        #[cfg(not(unix))]
        let may_run = |_: &fs::Metadata| true;
        match fs::metadata(path) {
            Err(error) => Some(error.to_string()),
            Ok(metadata) if metadata.is_dir() => Some("it is a directory".to_owned()),
            Ok(metadata) => (!may_run(&metadata)).then(|| "it is not executable; chmod +x makes it so".to_owned()),
        }
    }
}

/// What a build without the feature `local` has instead.
#[cfg(not(feature = "local"))]
mod absent {
    use super::Start;
    use crate::domain::problem::{Problem, ProblemKind};

    /// There is none.
    #[derive(Debug)]
    pub(crate) enum EmbeddedCloud {}

    impl EmbeddedCloud {
        pub(crate) fn endpoint(&self) -> &'static str {
            match *self {}
        }

        #[expect(clippy::unused_async, reason = "callers await what the other build does here")]
        pub(crate) async fn stop(self) {
            match self {}
        }
    }

    pub(crate) async fn start(_: Start<'_>) -> Result<EmbeddedCloud, Problem> {
        Err(Problem::new(
            ProblemKind::NotOffered,
            "this build has no local cloud",
            "it was built without the feature `local`",
        )
        .with_hint("build it with the feature `local`, or give --endpoint-url"))
    }
}
