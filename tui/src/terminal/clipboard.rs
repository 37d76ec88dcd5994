//! The clipboard: by the system's own program where there is one, and by the terminal (OSC 52), which works over SSH.
//!
//! Inside tmux, tmux is asked: it hands the text on to the terminal around it. Nothing here waits.

use std::io::Write as _;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Terminals drop longer sequences, or hang on them.
const OSC_52_LIMIT: usize = 74_994;

/// Copies a text by a program, if there is one, and returns the sequence that asks the terminal to copy it, if there is one.
pub(crate) fn copy(text: String) -> Option<String> {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let sequence = osc_52(&text);
    let programs = programs(set);
    if !programs.is_empty() {
        // A thread of its own: these programs may take their time, and some stay to serve what was copied.
        std::thread::spawn(move || programs.iter().any(|program| hand_over(program, &text)));
    }
    (!set("TMUX") && sequence.len() <= OSC_52_LIMIT).then_some(sequence)
}

/// The sequence that asks a terminal to copy.
fn osc_52(text: &str) -> String {
    format!("\u{1b}]52;c;{}\u{7}", STANDARD.encode(text))
}

/// The programs to try, in this order. The clipboard of the machine at the other end of an SSH connection is no use.
fn programs(set: impl Fn(&str) -> bool) -> Vec<&'static [&'static str]> {
    if set("TMUX") {
        return vec![&["tmux", "load-buffer", "-w", "-"], &["tmux", "load-buffer", "-"]];
    }
    if set("SSH_CONNECTION") || set("SSH_TTY") {
        return Vec::new();
    }
    if cfg!(target_os = "macos") {
        return vec![&["pbcopy"]];
    }
    if cfg!(windows) {
        return vec![&["clip"]];
    }
    let mut programs: Vec<&'static [&'static str]> = Vec::new();
    if set("WAYLAND_DISPLAY") {
        programs.push(&["wl-copy"]);
    }
    if set("DISPLAY") {
        programs.extend([&["xclip", "-selection", "clipboard"] as &[_], &["xsel", "--input", "--clipboard"]]);
    }
    programs
}

/// Whether the program took the text.
fn hand_over(program: &[&str], text: &str) -> bool {
    let Some((name, arguments)) = program.split_first() else { return false };
    let child =
        Command::new(name).args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let Ok(mut child) = child else { return false };
    let is_written = child.stdin.take().is_some_and(|mut stdin| stdin.write_all(text.as_bytes()).is_ok());
    is_written && child.wait().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_are_asked_in_base64() {
        assert_eq!(osc_52("s3://images/é"), "\u{1b}]52;c;czM6Ly9pbWFnZXMvw6k=\u{7}");
    }

    #[test]
    fn tmux_is_asked_first_and_nothing_at_the_far_end_of_ssh() {
        assert_eq!(programs(|name| name == "TMUX" || name == "DISPLAY")[0][0], "tmux");
        assert!(programs(|name| name == "SSH_CONNECTION" || name == "DISPLAY").is_empty());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_display_says_which_program_there_can_be() {
        let names = |set: &'static str| programs(|name| name == set).iter().map(|p| p[0]).collect::<Vec<_>>();
        assert_eq!(names("WAYLAND_DISPLAY"), ["wl-copy"]);
        assert_eq!(names("DISPLAY"), ["xclip", "xsel"]);
        assert!(names("NOTHING").is_empty());
    }
}
