//! One run of a program, seen from outside.

use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, BufReader};
use tokio::process::Command;
use tokio::time::sleep;

/// How often the memory is read. The system keeps the maximum, so that only the end of a run may be missed.
const EVERY: Duration = Duration::from_millis(20);

/// What a run took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    /// Lines that it printed.
    pub(crate) rows: u64,
    /// Milliseconds from its start to its end.
    pub(crate) whole: u64,
    /// Milliseconds from its start to the first byte that it printed.
    pub(crate) first_row: u64,
    /// Bytes that it held in memory at most.
    pub(crate) memory: u64,
}

/// Runs a program to its end; nothing if it is not installed.
pub(crate) async fn measure(program: &Path, arguments: impl Iterator<Item = String>) -> io::Result<Option<Measured>> {
    let began = Instant::now();
    let child = Command::new(program)
        .args(arguments)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_REGION", "us-east-1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn();
    let mut child = match child {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        child => child?,
    };
    let id = child.id();
    let Some(output) = child.stdout.take() else { return Ok(None) };
    let mut output = BufReader::new(output);
    let (mut rows, mut first_row, mut memory) = (0, None, 0);
    let mut buffer = vec![0; 1 << 16];
    loop {
        tokio::select! {
            read = output.read(&mut buffer) => {
                let read = read?;
                if read == 0 {
                    break;
                }
                first_row.get_or_insert_with(|| began.elapsed());
                rows += buffer.iter().take(read).filter(|byte| **byte == b'\n').count() as u64;
                memory = memory.max(peak(id));
            }
            () = sleep(EVERY) => memory = memory.max(peak(id)),
        }
    }
    let status = child.wait().await?;
    let whole = began.elapsed();
    if !status.success() {
        return Err(io::Error::other(format!("{} ended with {status}", program.display())));
    }
    let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    Ok(Some(Measured { rows, whole: millis(whole), first_row: millis(first_row.unwrap_or(whole)), memory }))
}

/// The most memory that a process has held so far, as Linux counts it; 0 elsewhere.
pub(crate) fn peak(id: Option<u32>) -> u64 {
    let status = id.and_then(|id| std::fs::read_to_string(format!("/proc/{id}/status")).ok()).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or_default() * 1_024
}
