//! Exit codes: one table for all commands. `--help` prints it, and a test compares the README with it.

use std::fmt::Write as _;
use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything was done; what the command proves is proven.
    Proven = 0,
    /// Something failed.
    Failed = 1,
    /// The command line makes no sense.
    Usage = 2,
    /// The answer is not known, or did not come in time.
    Unknown = 3,
    /// Ctrl-C or SIGTERM, as shells count it.
    Interrupted = 130,
}

impl Exit {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 5] = [Self::Proven, Self::Failed, Self::Usage, Self::Unknown, Self::Interrupted];

    /// The number.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// What it means, the same for all commands.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Proven => "Success: what was asked for is done, and proven",
            Self::Failed => "Failure",
            Self::Usage => "Wrong usage",
            Self::Unknown => "Unknown: no failure, but no proof, or not in time",
            Self::Interrupted => "Interrupted by Ctrl-C or SIGTERM",
        }
    }

    /// The code of a command that found out several things: a failure outranks what is unknown.
    pub fn of_findings(failed: bool, unknown: bool) -> Self {
        match (failed, unknown) {
            (true, _) => Self::Failed,
            (false, true) => Self::Unknown,
            (false, false) => Self::Proven,
        }
    }

    /// A help text whose `{EXIT_CODES}` is replaced by the table of exit codes.
    pub fn explain(help: &str) -> String {
        let mut table = "Exit codes, the same for all commands:".to_owned();
        for exit in Self::ALL {
            // Writing to a String cannot fail.
            let _ = write!(table, "\n  {:<3}  {}", exit.code(), exit.meaning());
        }
        help.replace("{EXIT_CODES}", &table)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_outranks_what_is_unknown() {
        assert_eq!(Exit::of_findings(true, true), Exit::Failed);
        assert_eq!(Exit::of_findings(false, true), Exit::Unknown);
        assert_eq!(Exit::of_findings(false, false), Exit::Proven);
    }

    #[test]
    fn codes_are_a_contract() {
        assert_eq!(Exit::ALL.map(Exit::code), [0, 1, 2, 3, 130]);
    }
}
