//! The folders that the XDG base directory specification gives to programs. Nothing here is made or read.

use std::ffi::OsString;
use std::path::PathBuf;

/// Where the configuration is.
pub(crate) fn config() -> Option<PathBuf> {
    below(std::env::var_os("XDG_CONFIG_HOME"), std::env::home_dir(), ".config")
}

/// Where state belongs that outlives a run.
pub(crate) fn state() -> Option<PathBuf> {
    if cfg!(windows) {
        return below(std::env::var_os("LOCALAPPDATA"), None, "");
    }
    below(std::env::var_os("XDG_STATE_HOME"), std::env::home_dir(), ".local/state")
}

/// This program's folder below the one that a variable names, else below the usual one of the home directory.
fn below(variable: Option<OsString>, home: Option<PathBuf>, usual: &str) -> Option<PathBuf> {
    // Relative paths there are to be ignored, says the specification.
    let xdg = variable.map(PathBuf::from).filter(|path| path.is_absolute());
    let base = xdg.or_else(|| Some(home.filter(|home| home.is_absolute())?.join(usual)))?;
    Some(base.join("imgwatch"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn an_absolute_path_in_the_variable_comes_first() {
        let home = || Some(PathBuf::from("/home/ada"));
        let xdg = |value: &str| Some(OsString::from(value));
        let cases = [
            (below(None, home(), ".config"), Some("/home/ada/.config/imgwatch")),
            (below(xdg("/xdg"), home(), ".config"), Some("/xdg/imgwatch")),
            (below(xdg("relative"), home(), ".local/state"), Some("/home/ada/.local/state/imgwatch")),
            (below(xdg(""), home(), ".config"), Some("/home/ada/.config/imgwatch")),
            (below(None, None, ".config"), None),
        ];
        for (path, expected) in cases {
            assert_eq!(path.as_deref(), expected.map(Path::new));
        }
    }
}
