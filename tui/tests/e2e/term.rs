//! A pseudo-terminal with the real binary in it, and the screen as a terminal emulator sees it.

use std::io::{Read as _, Write as _};
use std::sync::{Arc, Condvar, Mutex};
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
        let mut output = pair.master.try_clone_reader().unwrap();
        let (rows, cols) = (rows.try_into().unwrap(), cols.try_into().unwrap());
        let output_seen =
            Output { parser: vt100::Parser::new(rows, cols, 0), bytes: Vec::new(), is_in_frame: false, over: false };
        let seen: Seen = Arc::new((Mutex::new(output_seen), Condvar::new()));
        let keys: Keys = Arc::new(Mutex::new(pair.master.take_writer().unwrap()));
        let (sink, answers) = (Arc::clone(&seen), Arc::clone(&keys));
        std::thread::spawn(move || {
            let mut bytes = [0; 8192];
            while let Ok(count @ 1..) = output.read(&mut bytes) {
                if sink.0.lock().unwrap().take(&bytes[..count]) {
                    answers.lock().unwrap().write_all(STATUS).unwrap();
                }
                sink.1.notify_all();
            }
            sink.0.lock().unwrap().over = true;
            sink.1.notify_all();
        });
        Self { seen, keys, child, master: pair.master }
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
            assert!(!left.is_zero(), "waited for {what}; the screen was:\n{}", output.parser.screen().contents());
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
