//! What is said while the program ends and a probe queue is removed: nobody wonders why the shell does not come back.

use std::io::Write as _;

use crate::cloud::Driver;
use crate::text::clean::Clean;

/// Says that a probe queue is being removed, if there is one; its name, for the end.
pub(crate) fn begin(driver: &Driver) -> Option<Clean> {
    let queue = driver.probe()?;
    say(&format!("removing the probe queue {queue} and its subscription"));
    Some(queue)
}

/// Says what became of it, and of those that earlier connections of this program left.
pub(crate) fn end(probe: Option<Clean>, left: &[Clean]) {
    for queue in left {
        say(&format!(
            "warning: the probe queue {queue} may be left; the next probe removes it, or delete it and its subscription"
        ));
    }
    if let Some(queue) = probe.filter(|queue| !left.contains(queue)) {
        say(&format!("removed the probe queue {queue} and its subscription"));
    }
}

fn say(text: &str) {
    // On a standard error that is closed there is nobody to tell.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
