//! When to draw: only after something changed, and at most sixty times a second. Pure; the clock is the caller's.

use std::time::Duration;

use tokio::time::Instant;

/// The shortest time between two frames.
pub const INTERVAL: Duration = Duration::from_micros(16_667);

/// What was drawn last and whether it is out of date.
#[derive(Debug, Default)]
pub struct Frames {
    dirty: bool,
    last: Option<Instant>,
}

impl Frames {
    /// Something that is shown has changed.
    pub fn request(&mut self) {
        self.dirty = true;
    }

    /// When the next frame is due; `None` while the screen is up to date.
    pub fn due(&self, now: Instant) -> Option<Instant> {
        self.dirty.then(|| self.last.map_or(now, |last| (last + INTERVAL).max(now)))
    }

    /// A frame was drawn.
    pub fn drawn(&mut self, at: Instant) {
        self.dirty = false;
        self.last = Some(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_one_frame_and_idling_is_none() {
        let mut frames = Frames::default();
        let start = Instant::now();
        assert_eq!(frames.due(start), None);
        frames.request();
        assert_eq!(frames.due(start), Some(start));
        frames.drawn(start);
        for _ in 0..10_000 {
            frames.request();
        }
        assert_eq!(frames.due(start), Some(start + INTERVAL));
        frames.drawn(start + INTERVAL);
        assert_eq!(frames.due(start + Duration::from_secs(60)), None);
    }
}
