//! Waits between tries: longer each time, up to a limit.

use std::time::Duration;

/// The next wait, the longest, and how many waits there were.
#[derive(Debug, Clone, Copy)]
pub(in crate::cloud) struct BackOff {
    first: Duration,
    most: Duration,
    next: Duration,
    waits: u32,
}

impl BackOff {
    pub(in crate::cloud) const fn new(first: Duration, most: Duration) -> Self {
        Self { first, most, next: first, waits: 0 }
    }

    /// How long to wait now; the next wait is twice as long.
    pub(in crate::cloud) fn wait(&mut self) -> Duration {
        let now = self.next;
        self.next = (now * 2).min(self.most);
        self.waits += 1;
        now
    }

    /// It worked, or the user asked: the next wait is the first one again.
    pub(in crate::cloud) fn reset(&mut self) {
        self.next = self.first;
        self.waits = 0;
    }

    /// How many waits there were since the beginning, or since it last worked.
    pub(in crate::cloud) fn waits(&self) -> u32 {
        self.waits
    }

    /// The longest wait.
    pub(in crate::cloud) fn most(&self) -> Duration {
        self.most
    }
}

/// A duration, or up to a half longer, so that several programs do not come back together.
pub(in crate::cloud) fn spread(wait: Duration) -> Duration {
    wait.mul_f64(1.0 + 0.5 * fraction())
}

/// A number from 0 to 1, different each time.
fn fraction() -> f64 {
    use std::hash::{BuildHasher as _, RandomState};
    let [byte, ..] = RandomState::new().hash_one(0u8).to_be_bytes();
    f64::from(byte) / 255.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_limit_and_begin_again() {
        let mut back_off = BackOff::new(Duration::from_secs(1), Duration::from_secs(5));
        for seconds in [1, 2, 4, 5, 5] {
            assert_eq!(back_off.wait(), Duration::from_secs(seconds));
        }
        assert_eq!(back_off.waits(), 5);
        back_off.reset();
        assert_eq!(back_off.waits(), 0);
        assert_eq!((back_off.wait(), back_off.most()), (Duration::from_secs(1), Duration::from_secs(5)));
    }

    #[test]
    fn a_wait_is_spread_by_up_to_a_half() {
        let wait = Duration::from_secs(2);
        assert!((0..50).map(|_| spread(wait)).all(|spread| spread >= wait && spread <= wait.mul_f64(1.5)));
    }
}
