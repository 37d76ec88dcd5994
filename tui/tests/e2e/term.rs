//! A pseudo-terminal with the real binary in it, and the screen as a terminal emulator sees it.

use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

/// How long any one thing may take on a loaded machine. Nothing here waits this long when all is well.
const PATIENCE: Duration = Duration::from_mins(3);

/// Between these a terminal shows nothing yet, and so nothing is looked at.
const FRAME_BEGINS: &[u8] = b"\x1b[?2026h";
const FRAME_ENDS: &[u8] = b"\x1b[?2026l";

/// What a program asks to find out whether there is a terminal, and what this one says: cells of 10 x 20 pixels, and "ok".
const STATUS_REQUEST: &[u8] = b"\x1b[5n";
const STATUS: &[u8] = b"\x1b[6;20;10t\x1b[0n";

/// Standard output of the program: as a terminal emulator reads it, and as it came.
type Seen = Arc<(Mutex<Output>, Condvar)>;

/// Standard input of the program: what is typed, and what the terminal answers.
type Keys = Arc<Mutex<Box<dyn std::io::Write + Send>>>;

struct Output {
    parser: vt100::Parser,
    bytes: Vec<u8>,
    /// Whether a frame has begun and is not complete yet.
    is_in_frame: bool,
    /// The terminal is not read, and so nothing is seen.
    is_unread: bool,
    /// Nothing more will come.
    over: bool,
}

impl Output {
    /// Takes in what the program wrote; whether the terminal's status was asked for.
    fn take(&mut self, bytes: &[u8]) -> bool {
        // A sequence may have begun in the piece before.
        let new = self.bytes.len().saturating_sub(FRAME_BEGINS.len());
        self.parser.process(bytes);
        self.bytes.extend_from_slice(bytes);
        let last = |sequence: &[u8]| self.bytes[new..].windows(sequence.len()).rposition(|window| window == sequence);
        match (last(FRAME_BEGINS), last(FRAME_ENDS)) {
            (None, None) => {}
            (begins, ends) => self.is_in_frame = begins > ends,
        }
        last(STATUS_REQUEST).is_some()
    }
}

pub(crate) struct Term {
    seen: Seen,
    keys: Keys,
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    reader: Option<JoinHandle<()>>,
}

impl Term {
    /// Starts `imgwatch` with these arguments and variables, and nothing else from this environment.
    pub(crate) fn start(cols: u16, rows: u16, args: &[&str], env: &[(&str, &str)]) -> Self {
        Self::start_program(env!("CARGO_BIN_EXE_imgwatch"), cols, rows, args, env)
    }

    /// Starts an interactive shell, which has job control; `$IMGWATCH` is the binary.
    pub(crate) fn start_shell(cols: u16, rows: u16) -> Self {
        let env = [("PS1", "ready> "), ("IMGWATCH", env!("CARGO_BIN_EXE_imgwatch"))];
        Self::start_program("sh", cols, rows, &["-i"], &env)
    }

    fn start_program(program: &str, cols: u16, rows: u16, args: &[&str], env: &[(&str, &str)]) -> Self {
        let pair = native_pty_system().openpty(PtySize { rows, cols, ..PtySize::default() }).unwrap();
        let mut command = CommandBuilder::new(program);
        command.env_clear();
        command.env("TERM", "xterm-256color");
        // The caller's own config file is none of a test's business.
        command.env("HOME", std::env::temp_dir());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        // A backtrace would scroll the report off a small screen.
        command.env("RUST_BACKTRACE", "0");
        command.args(args);
        for (name, value) in env {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let (rows, cols) = (rows.try_into().unwrap(), cols.try_into().unwrap());
        let output_seen = Output {
            parser: vt100::Parser::new(rows, cols, 0),
            bytes: Vec::new(),
            is_in_frame: false,
            is_unread: false,
            over: false,
        };
        let seen: Seen = Arc::new((Mutex::new(output_seen), Condvar::new()));
        let keys: Keys = Arc::new(Mutex::new(pair.master.take_writer().unwrap()));
        let mut term = Self { seen, keys, child, master: pair.master, reader: None };
        term.read();
        term
    }

    /// Reads what the program writes, from now on.
    pub(crate) fn read(&mut self) {
        let mut output = self.master.try_clone_reader().unwrap();
        let (sink, answers) = (Arc::clone(&self.seen), Arc::clone(&self.keys));
        sink.0.lock().unwrap().is_unread = false;
        self.reader = Some(std::thread::spawn(move || {
            let mut bytes = [0; 8192];
            while let Ok(count @ 1..) = output.read(&mut bytes) {
                let mut seen = sink.0.lock().unwrap();
                if seen.is_unread {
                    return;
                }
                if seen.take(&bytes[..count]) {
                    answers.lock().unwrap().write_all(STATUS).unwrap();
                }
                sink.1.notify_all();
            }
            sink.0.lock().unwrap().over = true;
            sink.1.notify_all();
        }));
    }

    /// Reads nothing any more.
    fn stop_reading(&mut self) {
        self.seen.0.lock().unwrap().is_unread = true;
        // The reader may be waiting for something to read.
        self.slave().write_all(b"\0").unwrap();
        self.reader.take().unwrap().join().unwrap();
    }

    /// Reads nothing any more, and leaves no room for what the program writes: its next write waits.
    pub(crate) fn stop_reading_and_fill(&mut self) {
        self.stop_reading();
        let mut slave = self.slave();
        rustix::io::ioctl_fionbio(&slave, true).unwrap();
        let full = std::iter::repeat_with(|| slave.write(&[0; 256])).find_map(Result::err).unwrap();
        assert_eq!(full.kind(), ErrorKind::WouldBlock);
    }

    /// Closes the terminal as its window would, and waits for the program's end.
    pub(crate) fn close(mut self) -> ExitStatus {
        self.stop_reading();
        let Self { keys, master, mut child, .. } = self;
        drop((keys, master));
        exit(&mut *child)
    }

    /// The terminal as the program has it. The program's end is not seen for as long as this is open.
    pub(crate) fn slave(&self) -> File {
        File::options().read(true).write(true).open(self.master.tty_name().unwrap()).unwrap()
    }

    /// Types, and waits until the program has read it: what is typed next comes with another read.
    pub(crate) fn keys_read(&mut self, keys: &[u8]) {
        let slave = self.slave();
        {
            let mut input = self.keys.lock().unwrap();
            input.write_all(keys).unwrap();
            input.flush().unwrap();
        }
        let end = Instant::now() + PATIENCE;
        // The queue holds what was written as soon as the write has come back.
        while rustix::io::ioctl_fionread(&slave).unwrap() > 0 {
            assert!(Instant::now() < end, "the program does not read its keys");
            std::thread::yield_now();
        }
    }

    /// Waits for the program's end, whatever becomes of its terminal.
    pub(crate) fn wait_for_exit(&mut self) -> ExitStatus {
        exit(&mut *self.child)
    }

    /// Types.
    pub(crate) fn keys(&mut self, keys: &str) {
        let mut input = self.keys.lock().unwrap();
        input.write_all(keys.as_bytes()).unwrap();
        input.flush().unwrap();
    }

    /// Waits until the screen is as asked; fails with the screen as it is.
    pub(crate) fn wait(&self, what: &str, is: impl Fn(&vt100::Screen) -> bool) {
        self.wait_output(what, |output| is(output.parser.screen()));
    }

    fn wait_output(&self, what: &str, is: impl Fn(&Output) -> bool) {
        let end = Instant::now() + PATIENCE;
        let mut output = self.seen.0.lock().unwrap();
        while output.is_in_frame || !is(&output) {
            let left = end.saturating_duration_since(Instant::now());
            // Nothing changes any more once all is over.
            let is_in_time = !left.is_zero() && !output.over;
            assert!(is_in_time, "waited for {what}; the screen was:\n{}", output.parser.screen().contents());
            output = self.seen.1.wait_timeout(output, left).unwrap().0;
        }
    }

    /// Waits for a text.
    pub(crate) fn wait_for(&self, text: &str) {
        self.wait(text, |screen| screen.contents().contains(text));
    }

    /// Waits until the program has written this to the terminal.
    pub(crate) fn wait_written(&self, bytes: &[u8]) {
        self.wait_output("bytes to be written", |output| {
            output.bytes.windows(bytes.len()).any(|window| window == bytes)
        });
    }

    /// Waits until what the program wrote since it had written so many bytes, or the screen, is as asked.
    pub(crate) fn wait_since(&self, what: &str, mark: usize, is: impl Fn(&vt100::Screen, &[u8]) -> bool) {
        self.wait_output(what, |output| is(output.parser.screen(), output.bytes.get(mark..).unwrap_or_default()));
    }

    /// How many bytes the program has written.
    pub(crate) fn written(&self) -> usize {
        self.seen.0.lock().unwrap().bytes.len()
    }

    /// The screen as it is now.
    pub(crate) fn screen(&self) -> vt100::Screen {
        self.seen.0.lock().unwrap().parser.screen().clone()
    }

    /// What is on the screen now.
    pub(crate) fn contents(&self) -> String {
        self.seen.0.lock().unwrap().parser.screen().contents()
    }

    /// Whether the program ever wrote this to the terminal.
    pub(crate) fn ever_wrote(&self, bytes: &[u8]) -> bool {
        self.seen.0.lock().unwrap().bytes.windows(bytes.len()).any(|window| window == bytes)
    }

    /// Tells the program and the emulator of another size.
    pub(crate) fn resize(&self, cols: u16, rows: u16) {
        self.seen.0.lock().unwrap().parser.screen_mut().set_size(rows.try_into().unwrap(), cols.try_into().unwrap());
        self.master.resize(PtySize { rows, cols, ..PtySize::default() }).unwrap();
    }

    /// Sends a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.process_id().unwrap().to_string();
        let sent = std::process::Command::new("kill").args(["-s", name, &id]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for the end, and returns all that was written.
    pub(crate) fn end_with_bytes(self) -> (ExitStatus, String) {
        let seen = Arc::clone(&self.seen);
        let (status, _) = self.end();
        let output = seen.0.lock().unwrap();
        (status, String::from_utf8_lossy(&output.bytes).into_owned())
    }

    /// Waits for the end, and for the terminal to be as it was before.
    pub(crate) fn end(mut self) -> (ExitStatus, String) {
        // Its terminal is closed when it has ended, and with it every process that it has started.
        let end = Instant::now() + PATIENCE;
        let mut output = self.seen.0.lock().unwrap();
        while !output.over {
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "it does not end; the screen was:\n{}", output.parser.screen().contents());
            output = self.seen.1.wait_timeout(output, left).unwrap().0;
        }
        let status = self.child.wait().unwrap();
        drop(output);
        self.wait("the terminal to be given back", |screen| {
            !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste()
        });
        let text = self.contents();
        (status, text)
    }
}

/// Waits for a program's end.
fn exit(child: &mut (dyn Child + Send + Sync)) -> ExitStatus {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        assert!(Instant::now() < end, "it does not end");
        std::thread::sleep(Duration::from_millis(5));
    }
}
