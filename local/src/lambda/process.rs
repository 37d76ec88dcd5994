//! Starts a function's process with the environment variables that Lambda sets.

use std::net::SocketAddr;
use std::process::Stdio;

use tokio::process::{Child, Command};

use super::descendants::{self, Descendants};
use super::function::{Function, Settings};
use crate::options::LogFormat;

/// Variables of this machine that a process needs to run. The others are not passed on, above all the user's own AWS
/// profile, region, credentials and proxies.
const KEPT: [&str; 8] = [
    "PATH",
    "TMPDIR",
    "TEMP",
    "TMP",
    "SystemRoot",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "DYLD_FALLBACK_LIBRARY_PATH",
];

/// The process of an environment. It is killed when this is dropped, and with it every process that it has started, as
/// far as the system lets them be found: Lambda's environments end as a whole too.
pub(super) struct Process {
    pub(super) child: Child,
    /// Until it has been killed: its number may then become another's.
    #[cfg(unix)]
    group: Option<rustix::process::Pid>,
    /// The environment's mark, until its descendants have been killed.
    mark: Option<String>,
}

impl Process {
    /// Kills it and what it has started, and waits until all have ended.
    pub(super) async fn kill(&mut self) {
        if let Some(descendants) = self.descendants() {
            descendants.end().await;
        }
        self.kill_group();
        if let Err(error) = self.child.kill().await {
            tracing::debug!(%error, "the function's process could not be killed");
        }
        self.mark = None;
    }

    /// The process and its descendants, which are found by their parent: they are killed before it is waited for.
    fn descendants(&self) -> Option<Descendants> {
        Some(Descendants { mark: self.mark.clone()?, root: self.child.id() })
    }

    fn kill_group(&mut self) {
        #[cfg(unix)]
        if let Some(group) = self.group.take()
            && let Err(error) = rustix::process::kill_process_group(group, rustix::process::Signal::KILL)
        {
            // Usually the group is empty.
            tracing::debug!(%error, "the function's process group could not be killed");
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(descendants) = self.descendants() {
            descendants.kill();
        }
        self.kill_group();
    }
}

pub(super) fn start(
    function: &Function,
    settings: &Settings,
    runtime_api: SocketAddr,
    log_stream: &str,
) -> std::io::Result<Process> {
    let log_format = match settings.log_format {
        LogFormat::Text => "Text",
        LogFormat::Json => "JSON",
    };
    let mut command = Command::new(&function.code.command.program);
    command
        .args(&function.code.command.args)
        .env_clear()
        .envs(KEPT.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?))))
        .env("AWS_LAMBDA_RUNTIME_API", runtime_api.to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", &function.name)
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", settings.memory_mb.to_string())
        .env("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", function.log_group(settings))
        .env(descendants::MARK, log_stream)
        .env("AWS_LAMBDA_LOG_FORMAT", log_format)
        .env("AWS_REGION", &function.env.region)
        .env("AWS_DEFAULT_REGION", &function.env.region)
        .env("AWS_ACCESS_KEY_ID", "local")
        .env("AWS_SECRET_ACCESS_KEY", "local")
        .env("AWS_SESSION_TOKEN", "local")
        .env("AWS_ENDPOINT_URL", &function.env.endpoint)
        .env("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023")
        .env("LAMBDA_TASK_ROOT", "/var/task")
        .env("LAMBDA_RUNTIME_DIR", "/var/runtime")
        .env("LANG", "en_US.UTF-8")
        .env("TZ", ":UTC")
        .env("_HANDLER", &function.code.handler)
        // A caller may change those above that AWS lets it change; `api::variables` refuses the others.
        .envs(&settings.environment)
        .envs(function.code.command.env.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    if settings.log_format == LogFormat::Json {
        command.env("AWS_LAMBDA_LOG_LEVEL", settings.application_level.name());
    }
    // In a group of its own, Ctrl-C in the terminal does not reach the function, where it would look like a crash.
    #[cfg(unix)]
    command.process_group(0);
    let child = command.spawn()?;
    Ok(Process {
        #[cfg(unix)]
        group: child.id().and_then(|id| rustix::process::Pid::from_raw(i32::try_from(id).ok()?)),
        mark: Some(log_stream.to_owned()),
        child,
    })
}

/// The most memory that a process has used, in MB. Only Linux provides it.
pub(super) fn peak_memory_mb(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()?)).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kib.div_ceil(1024))
}
