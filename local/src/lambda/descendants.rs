//! Ends the processes that a function's process has started and that have left its process group, such as daemons.
//!
//! On Linux they are found by the name of the environment's log stream among their variables, which children inherit,
//! and by their parents. On other systems none is found.

use std::time::Duration;

use tokio::time::Instant;

/// The variable that has another value in each environment.
pub(super) const MARK: &str = "AWS_LAMBDA_LOG_STREAM_NAME";

/// The longest wait for the end of killed processes.
const LIMIT: Duration = Duration::from_secs(2);

const PAUSE: Duration = Duration::from_millis(2);

#[derive(Debug, Clone)]
#[cfg_attr(
    not(target_os = "linux"),
    allow(dead_code, reason = "only Linux lists processes with their variables and parents")
)]
pub(super) struct Descendants {
    /// The value of [`MARK`].
    pub(super) mark: String,
    /// The function's own process, as long as it has not been waited for.
    pub(super) root: Option<u32>,
}

impl Descendants {
    /// Kills all that exist now; returns how many that were.
    pub(super) fn kill(&self) -> usize {
        #[cfg(target_os = "linux")]
        let killed = linux::kill(self);
        #[cfg(not(target_os = "linux"))]
        let killed = 0;
        killed
    }

    /// Kills until none is left, because a process may start another one just before it is killed.
    pub(super) async fn end(self) {
        let deadline = Instant::now() + LIMIT;
        loop {
            let descendants = self.clone();
            match tokio::task::spawn_blocking(move || descendants.kill()).await {
                Ok(0) | Err(_) => return,
                Ok(left) if Instant::now() >= deadline => {
                    tracing::warn!(left, "processes of a function did not end when they were killed");
                    return;
                }
                Ok(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::{BTreeMap, BTreeSet};
    use std::fs;

    use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open, pidfd_send_signal};

    use super::{Descendants, MARK};

    /// Two fields of `/proc/PID/stat`.
    struct Stat {
        parent: u32,
        /// Start time, in ticks since the machine booted. It differs when a process id is used again.
        began: u64,
    }

    pub(super) fn kill(descendants: &Descendants) -> usize {
        let processes = processes();
        let entry = format!("{MARK}={}", descendants.mark);
        let has_mark = |pid: u32| {
            // Processes of other users cannot be read. No process here runs as another user by itself.
            let variables = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            variables.split(|byte| *byte == 0).any(|variable| variable == entry.as_bytes())
        };
        let mut chosen: BTreeSet<u32> =
            processes.keys().copied().filter(|pid| descendants.root == Some(*pid) || has_mark(*pid)).collect();
        // Children may have been started with other variables.
        loop {
            let is_child =
                |(pid, stat): (&u32, &Stat)| (chosen.contains(&stat.parent) && !chosen.contains(pid)).then_some(*pid);
            let children: Vec<u32> = processes.iter().filter_map(is_child).collect();
            if children.is_empty() {
                break;
            }
            chosen.extend(children);
        }
        for (pid, stat) in processes.iter().filter(|(pid, _)| chosen.contains(pid)) {
            kill_one(*pid, stat);
        }
        chosen.len()
    }

    /// Every process that has not ended.
    fn processes() -> BTreeMap<u32, Stat> {
        let Ok(entries) = fs::read_dir("/proc") else { return BTreeMap::new() };
        let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        pids.filter_map(|pid| Some((pid, stat(pid)?))).collect()
    }

    fn stat(pid: u32) -> Option<Stat> {
        let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The second field is the program's name in brackets, with any characters in it.
        let mut fields = text.rsplit_once(") ")?.1.split_ascii_whitespace();
        let state = fields.next()?;
        if matches!(state, "Z" | "X") {
            return None;
        }
        Some(Stat { parent: fields.next()?.parse().ok()?, began: fields.nth(17)?.parse().ok()? })
    }

    /// The id may belong to another process by now. A pidfd keeps the id, so the start time is compared after the pidfd is
    /// opened.
    fn kill_one(pid: u32, seen: &Stat) {
        let Some(number) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return };
        let held = pidfd_open(number, PidfdFlags::empty());
        if stat(pid).is_none_or(|now| now.began != seen.began) {
            return;
        }
        let killed = match held {
            Ok(held) => pidfd_send_signal(held, Signal::KILL),
            // Systems before Linux 5.3.
            Err(_) => kill_process(number, Signal::KILL),
        };
        if let Err(error) = killed {
            tracing::debug!(%error, pid, "a process of a function could not be killed");
        }
    }
}
