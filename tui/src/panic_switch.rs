//! A switch for the tests, which see what a panic leaves behind: once it is armed, the part that `IMGWATCH_TEST_PANIC` names
//! panics. Release builds have no such switch.

#[cfg(debug_assertions)]
use std::sync::atomic::{AtomicBool, Ordering};

#[cfg(debug_assertions)]
static ARMED: AtomicBool = AtomicBool::new(false);

/// From now on, the part that was named panics.
pub(crate) fn arm() {
    #[cfg(debug_assertions)]
    ARMED.store(true, Ordering::SeqCst);
}

/// Panics if this part was named.
pub(crate) fn check(part: &str) {
    #[cfg(debug_assertions)]
    if ARMED.load(Ordering::SeqCst) {
        let is_named = std::env::var_os("IMGWATCH_TEST_PANIC").is_some_and(|named| named == part);
        assert!(!is_named, "asked to panic in the {part}");
    }
    #[cfg(not(debug_assertions))]
    let _ = part;
}
