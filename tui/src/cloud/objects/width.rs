//! How many requests are made at the same time: more with each answer, and half as many when S3 asks to slow down.

/// Requests at the same time, at first and at most.
const REQUESTS: (usize, usize) = (4, 32);

#[derive(Debug)]
pub(super) struct Width {
    now: usize,
    /// Answers since it grew last.
    answers: usize,
    /// Whether S3 has asked to slow down: from then on it grows slowly.
    is_limited: bool,
    /// Counts how often it was halved.
    halved: u32,
}

impl Default for Width {
    fn default() -> Self {
        Self { now: REQUESTS.0, answers: 0, is_limited: false, halved: 0 }
    }
}

impl Width {
    pub(super) fn now(&self) -> usize {
        self.now
    }

    /// What a request carries, so that of those that are refused together only one counts.
    pub(super) fn halved(&self) -> u32 {
        self.halved
    }

    pub(super) fn answered(&mut self) {
        self.answers += 1;
        if !self.is_limited || self.answers >= self.now {
            self.answers = 0;
            self.now = (self.now + 1).min(REQUESTS.1);
        }
    }

    /// A request was refused that was made after so many halvings.
    pub(super) fn refused(&mut self, halved: u32) {
        if halved == self.halved {
            self.halved += 1;
            self.is_limited = true;
            self.answers = 0;
            self.now = (self.now / 2).max(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_with_answers_and_is_halved_once_for_all_that_are_refused_together() {
        let mut width = Width::default();
        for _ in 0..100 {
            width.answered();
        }
        assert_eq!(width.now(), REQUESTS.1);
        let halved = width.halved();
        for _ in 0..10 {
            width.refused(halved);
        }
        assert_eq!(width.now(), REQUESTS.1 / 2);
        width.answered();
        assert_eq!(width.now(), REQUESTS.1 / 2, "after that it grows slowly");
        for _ in 0..9 {
            let halved = width.halved();
            width.refused(halved);
        }
        assert_eq!(width.now(), 1, "one request is always made");
    }
}
