//! Where this program keeps what outlives a run: files of no value to anyone else.

use std::path::PathBuf;

/// `$XDG_STATE_HOME/imgwatch`, else `~/.local/state/imgwatch`; nothing where there is no home directory.
pub(crate) fn state_folder() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = if cfg!(windows) {
        set("LOCALAPPDATA")
    } else {
        set("XDG_STATE_HOME").or_else(|| Some(std::env::home_dir()?.join(".local/state")))
    };
    Some(state?.join("imgwatch"))
}
