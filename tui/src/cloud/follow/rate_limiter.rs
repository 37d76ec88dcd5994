//! Turns at CloudWatch Logs, shared by all followers, because the limit is one for the whole account and region.
//!
//! After a refusal the turns are spaced out, and come closer again with each answer. That is a spacing of requests that
//! succeed, not a back-off: one answer does not end it. It sends nothing itself.

use std::ops::Deref;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::cloud::connection::back_off;

/// The spacing of turns after a refusal: at first, and at most; it doubles with each further refusal.
const SPACING: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(30));

/// Gives out turns.
#[derive(Debug)]
pub(super) struct RateLimiter {
    /// Turns are this far apart when all is well.
    gap: Duration,
    queue: tokio::sync::Mutex<()>,
    followers: AtomicU32,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    next: Instant,
    spacing: Duration,
    refused: bool,
}

/// A follower among those that share the turns.
#[derive(Debug)]
pub(super) struct Member(Arc<RateLimiter>);

impl Deref for Member {
    type Target = Arc<RateLimiter>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.0.followers.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Whether a request may go out.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Now; the turn is taken.
    Now,
    /// Ask again then.
    At(Instant),
}

impl RateLimiter {
    pub(super) fn new(gap: Duration) -> Self {
        let state = State { next: Instant::now(), spacing: gap, refused: false };
        Self { gap, queue: tokio::sync::Mutex::default(), followers: AtomicU32::new(0), state: Mutex::new(state) }
    }

    /// Counts a follower, as long as it is there.
    pub(super) fn join(self: &Arc<Self>) -> Member {
        self.followers.fetch_add(1, Ordering::Relaxed);
        Member(Arc::clone(self))
    }

    /// A place in the queue: first come, first served, or one follower could take all turns.
    pub(super) async fn place(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.queue.lock().await
    }

    /// How long all followers wait if CloudWatch refused the last request.
    pub(super) fn refused_for(&self) -> Option<Duration> {
        let state = self.lock();
        state.refused.then(|| state.next.saturating_duration_since(Instant::now())).filter(|wait| !wait.is_zero())
    }

    /// Takes a turn if there is one.
    pub(super) fn turn(&self) -> Turn {
        let mut state = self.lock();
        let now = Instant::now();
        if state.next > now {
            return Turn::At(state.next);
        }
        state.next = now + state.spacing;
        Turn::Now
    }

    /// CloudWatch refused: the next turn is later, and up to a half later still, so that several programs do not come
    /// back together.
    pub(super) fn refused(&self) {
        let mut state = self.lock();
        state.refused = true;
        state.spacing = (state.spacing * 2).clamp(SPACING.0, SPACING.1);
        state.next = Instant::now() + back_off::spread(state.spacing);
    }

    /// CloudWatch answered: turns come closer again, little by little, so as not to be refused at once.
    pub(super) fn answered(&self) {
        let mut state = self.lock();
        state.refused = false;
        state.spacing = (state.spacing * 2 / 3).max(self.gap);
    }

    /// How long it takes until each follower has had a turn.
    pub(super) fn round(&self) -> Duration {
        self.lock().spacing * self.followers.load(Ordering::Relaxed).max(1)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_shared() {
        let limiter = RateLimiter::new(Duration::from_secs(60));
        assert_eq!(limiter.turn(), Turn::Now);
        assert!(matches!(limiter.turn(), Turn::At(_)), "the next one waits");
        assert_eq!(limiter.refused_for(), None, "a turn that is taken is no refusal");
    }

    async fn take(limiter: &RateLimiter) -> Instant {
        let _place = limiter.place().await;
        while let Turn::At(next) = limiter.turn() {
            tokio::time::sleep_until(next).await;
        }
        Instant::now()
    }

    #[tokio::test(start_paused = true)]
    async fn all_followers_together_keep_apart_and_each_comes_up() {
        let gap = Duration::from_millis(400);
        let limiter = Arc::new(RateLimiter::new(gap));
        let follow = |limiter: Arc<RateLimiter>| async move {
            let mut turns = Vec::new();
            for _ in 0..6 {
                turns.push(take(&limiter).await);
            }
            turns
        };
        let followers: Vec<_> = (0..5).map(|_| tokio::spawn(follow(Arc::clone(&limiter)))).collect();
        let mut all = Vec::new();
        for follower in followers {
            let turns = follower.await.unwrap();
            let longest = turns.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
            assert!(longest <= gap * 6, "each has a turn in every round: {longest:?}");
            all.extend(turns);
        }
        all.sort_unstable();
        assert_eq!(all.len(), 30);
        assert!(all.windows(2).all(|pair| pair[1] - pair[0] >= gap), "{all:?}");
    }

    #[test]
    fn a_round_takes_longer_with_each_follower_and_shorter_without() {
        let limiter = Arc::new(RateLimiter::new(Duration::from_millis(400)));
        let (one, _other) = (limiter.join(), limiter.join());
        assert_eq!(limiter.round(), Duration::from_millis(800));
        drop(one);
        assert_eq!(limiter.round(), Duration::from_millis(400));
    }

    #[test]
    fn refusals_spread_turns_out_up_to_a_limit_and_answers_bring_them_back() {
        let gap = Duration::from_millis(20);
        let limiter = RateLimiter::new(gap);
        for expected in [2, 4, 8, 16, 30, 30] {
            limiter.refused();
            assert_eq!(limiter.round(), Duration::from_secs(expected));
            assert!(matches!(limiter.turn(), Turn::At(_)), "a refusal makes all followers wait");
            let wait = limiter.refused_for().unwrap();
            assert!(wait > limiter.round().mul_f64(0.9) && wait <= limiter.round().mul_f64(1.5), "{wait:?}");
        }
        limiter.answered();
        assert_eq!(limiter.refused_for(), None);
        assert_eq!(limiter.round(), Duration::from_secs(20), "one answer does not make up for all refusals");
        for _ in 0..30 {
            limiter.answered();
        }
        assert_eq!(limiter.round(), gap);
    }
}
