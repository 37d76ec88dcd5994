//! The log file: off unless asked for, bounded, and never on the screen.
//!
//! It takes the events of this program alone. The AWS SDK has events, too, and some of them hold credentials.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::{Layer as _, fmt};

use crate::config::xdg;
use crate::terminal::console;

/// Bytes after which the file is put aside; one that was put aside before goes.
const MOST: u64 = 1024 * 1024;

/// What the log has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Level {
    /// Nothing: no log is written.
    Off,
    /// What failed in the program itself.
    Error,
    /// Requests that failed, too.
    Warn,
    /// Starts, ends and connections, too.
    #[default]
    Info,
    /// Everything that is asked for, too.
    Debug,
}

impl Level {
    /// All of them, from the least.
    pub const ALL: [Self; 5] = [Self::Off, Self::Error, Self::Warn, Self::Info, Self::Debug];

    /// Its name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
        }
    }

    fn filter(self) -> LevelFilter {
        match self {
            Self::Off => LevelFilter::OFF,
            Self::Error => LevelFilter::ERROR,
            Self::Warn => LevelFilter::WARN,
            Self::Info => LevelFilter::INFO,
            Self::Debug => LevelFilter::DEBUG,
        }
    }
}

/// `$XDG_STATE_HOME/imgwatch/imgwatch.log`, else `~/.local/state/imgwatch/imgwatch.log`; `None` without a home directory.
pub(crate) fn usual_path() -> Option<PathBuf> {
    Some(xdg::state()?.join("imgwatch.log"))
}

/// Writes the log into a file from now on, if there is one; `serves` also has what the local cloud has to say of events
/// that it drops or cannot deliver on standard error.
///
/// # Errors
/// The file cannot be made or written. Only the usual place is made where it does not exist: a folder that is named and is
/// not there is more likely a mistake.
pub(crate) fn begin(file: Option<(&Path, Level)>, serves: bool) -> io::Result<()> {
    let into_file = match file {
        Some((path, level)) => {
            if let Some(folder) = usual_path().filter(|usual| usual == path).as_deref().and_then(Path::parent) {
                std::fs::create_dir_all(folder)?;
            }
            let lines = fmt::layer().with_writer(Mutex::new(Bounded::open(path)?)).with_ansi(false).with_target(false);
            // All crates of this program begin with its name.
            Some(lines.with_filter(Targets::new().with_target("imgwatch", level.filter())))
        }
        None => None,
    };
    let to_reader = serves.then(|| {
        let lines = fmt::layer().with_writer(|| Reader).with_ansi(false).without_time();
        lines.with_filter(Targets::new().with_target("imgwatch_local", LevelFilter::WARN))
    });
    if into_file.is_some() || to_reader.is_some() {
        // Where there is a subscriber already, it has the lines.
        let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(into_file).with(to_reader));
    }
    Ok(())
}

/// Standard error, which never makes the local cloud wait.
struct Reader;

impl Write for Reader {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        console::say(String::from_utf8_lossy(line).trim_end());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A file that is put aside when it is full.
struct Bounded {
    path: PathBuf,
    file: File,
    is_file: bool,
    size: u64,
}

impl Bounded {
    fn open(path: &Path) -> io::Result<Self> {
        let file = append(path)?;
        let metadata = file.metadata()?;
        let mut bounded = Self { path: path.to_owned(), is_file: metadata.is_file(), size: metadata.len(), file };
        bounded.make_room(0)?;
        Ok(bounded)
    }

    fn make_room(&mut self, bytes: u64) -> io::Result<()> {
        // A pipe or a device has no size to limit.
        if self.is_file && self.size > 0 && self.size + bytes > MOST {
            let mut aside = self.path.clone().into_os_string();
            aside.push(".1");
            std::fs::rename(&self.path, aside)?;
            self.file = append(&self.path)?;
            self.size = 0;
        }
        Ok(())
    }
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.make_room(bytes.len() as u64)?;
        let written = self.file.write(bytes)?;
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Only the user may read it: it has names of buckets and addresses.
fn append(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_put_aside_at_the_start_and_while_it_grows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("imgwatch.log");
        let size = |name: &str| std::fs::metadata(folder.path().join(name)).map(|found| found.len());
        let line = vec![b'x'; 100_000];
        let mut log = Bounded::open(&path).unwrap();
        for _ in 0..25 {
            log.write_all(&line).unwrap();
        }
        assert_eq!((size("imgwatch.log").unwrap(), size("imgwatch.log.1").unwrap()), (500_000, 1_000_000));
        drop(log);
        std::fs::write(&path, vec![b'y'; 2_000_000]).unwrap();
        Bounded::open(&path).unwrap();
        assert_eq!((size("imgwatch.log").unwrap(), size("imgwatch.log.1").unwrap()), (0, 2_000_000));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
