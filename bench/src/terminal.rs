//! The dashboard in a pseudo-terminal, timed from outside while it lists a bucket.

use std::error::Error;
use std::io::{Read as _, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::measure::peak;

/// No wait takes as long as this when all is well.
const PATIENCE: Duration = Duration::from_mins(2);
/// Between two keys.
const PAUSE: Duration = Duration::from_millis(30);
/// What only the help shows, and what the panel shows while it lists.
const HELP: &str = "┏ Keys ━";
const LISTING: &str = "loading…";

type Seen = Arc<(Mutex<vt100::Parser>, Condvar)>;

/// What was seen of the dashboard.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    /// From the start of the program to its first row.
    pub(crate) first_row: Duration,
    /// From the start of the program to the end of the listing.
    pub(crate) whole: Duration,
    /// From each key to the frame that shows what it did, in order of length.
    pub(crate) keys: Vec<Duration>,
    /// Bytes that it held in memory at most.
    pub(crate) memory: u64,
}

/// Runs the dashboard until the bucket with `count` keys is listed, and opens the help again and again.
pub(crate) fn watch(program: &Path, url: &str, count: u64) -> Result<Shown, Box<dyn Error + Send + Sync>> {
    let began = Instant::now();
    let mut terminal = Terminal::start(program, url)?;
    let mut shown = Shown::default();
    terminal.wait(|screen| screen.contains(".png") || screen.contains(".jpg"))?;
    shown.first_row = began.elapsed();
    while terminal.shows(LISTING) {
        let pressed = Instant::now();
        terminal.press("?")?;
        terminal.wait(|screen| screen.contains(HELP))?;
        shown.keys.push(pressed.elapsed());
        std::thread::sleep(PAUSE);
        // Not timed: the program waits whether more than Esc comes.
        terminal.press("\x1b")?;
        terminal.wait(|screen| !screen.contains(HELP))?;
    }
    let counted = format!(" {} · ", grouped(count));
    terminal.wait(|screen| screen.contains(&counted))?;
    shown.whole = began.elapsed();
    shown.keys.sort_unstable();
    shown.memory = peak(terminal.child.process_id());
    Ok(shown)
}

/// A number as the dashboard shows it.
fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}

struct Terminal {
    seen: Seen,
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    /// Closing it would end the program.
    _master: Box<dyn MasterPty + Send>,
}

impl Terminal {
    fn start(program: &Path, url: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let size = PtySize { rows: 40, cols: 120, ..PtySize::default() };
        let parser = vt100::Parser::new(size.rows.try_into()?, size.cols.try_into()?, 0);
        let pair = native_pty_system().openpty(size)?;
        let mut command = CommandBuilder::new(program);
        command.args(["--endpoint-url", url, "--region", "us-east-1", "--bucket", "bench", "--function", "bench"]);
        for (name, value) in
            [("TERM", "xterm-256color"), ("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")]
        {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command)?;
        let (mut output, keys) = (pair.master.try_clone_reader()?, pair.master.take_writer()?);
        let seen: Seen = Arc::new((Mutex::new(parser), Condvar::new()));
        let there = Arc::clone(&seen);
        std::thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            while let Ok(read @ 1..) = output.read(&mut buffer) {
                there.0.lock().unwrap_or_else(PoisonError::into_inner).process(buffer.get(..read).unwrap_or_default());
                there.1.notify_all();
            }
        });
        Ok(Self { seen, child, keys, _master: pair.master })
    }

    fn press(&mut self, key: &str) -> std::io::Result<()> {
        self.keys.write_all(key.as_bytes())?;
        self.keys.flush()
    }

    fn shows(&self, text: &str) -> bool {
        self.seen.0.lock().unwrap_or_else(PoisonError::into_inner).screen().contents().contains(text)
    }

    fn wait(&self, holds: impl Fn(&str) -> bool) -> Result<(), Box<dyn Error + Send + Sync>> {
        let (parser, changed) = &*self.seen;
        let parser = parser.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = changed.wait_timeout_while(parser, PATIENCE, |parser| !holds(&parser.screen().contents()));
        let (parser, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            return Err(
                format!("the dashboard did not show what was waited for:\n{}", parser.screen().contents()).into()
            );
        }
        Ok(())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // What it began ends with it.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
