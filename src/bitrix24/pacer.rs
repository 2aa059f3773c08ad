//! Keeps the portal's rate limit: a leaky bucket of fifty requests that drains by two a second.
//! The portal counts by address, so all tasks share one bucket.
//!
//! Two of the fifty are kept in reserve: requests are counted when they arrive, and one may
//! overtake those before it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::clock::{SharedClock, later};

/// The time in which one request drains.
const DROP: Duration = Duration::from_millis(500);
/// The requests that may be sent at once.
const BURST: u32 = 50 - 2;
/// The time in which a full bucket drains.
const FULL: Duration = Duration::from_millis(500 * BURST as u64);

/// Gives each request its turn.
pub(super) struct Pacer {
    clock: SharedClock,
    /// The moment when the bucket will be empty.
    empty_at: Mutex<Timestamp>,
}

impl Pacer {
    pub(super) fn new(clock: &SharedClock) -> Self {
        Self { clock: clock.clone(), empty_at: Mutex::new(Timestamp::MIN) }
    }

    /// Takes the next turn; returns the time until then.
    pub(super) fn turn(&self) -> Duration {
        let now = self.clock.now();
        let mut empty_at = self.lock();
        // A moment beyond a full bucket and its queue means that the clock was set back.
        let filled = (*empty_at).clamp(now, later(now, FULL * 2));
        *empty_at = later(filled, DROP);
        let over = empty_at.duration_since(later(now, FULL));
        Duration::try_from(over.max(SignedDuration::ZERO)).unwrap_or_default()
    }

    /// Fills the bucket: the portal reports it full, since another program shares it.
    pub(super) fn is_full(&self) {
        let full_until = later(self.clock.now(), FULL);
        let mut empty_at = self.lock();
        *empty_at = (*empty_at).max(full_until);
    }

    fn lock(&self) -> MutexGuard<'_, Timestamp> {
        self.empty_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;
    use crate::clock::Clock;

    struct Hand(AtomicI64);

    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            Timestamp::from_millisecond(self.0.load(Ordering::Relaxed)).unwrap()
        }
    }

    fn pacer() -> (Arc<Hand>, Pacer) {
        let hand = Arc::new(Hand(AtomicI64::new(1_000_000_000)));
        let clock: SharedClock = hand.clone();
        (hand, Pacer::new(&clock))
    }

    fn turns(pacer: &Pacer, count: u32) -> Vec<u128> {
        (0..count).map(|_| pacer.turn().as_millis()).collect()
    }

    #[test]
    fn a_burst_goes_at_once_and_then_two_a_second() {
        let (hand, pacer) = pacer();
        assert!(turns(&pacer, BURST).iter().all(|wait| *wait == 0));
        assert_eq!(turns(&pacer, 3), [500, 1000, 1500]);
        hand.0.fetch_add(2500, Ordering::Relaxed);
        assert_eq!(turns(&pacer, 3), [0, 0, 500]);
        hand.0.fetch_add(3_600_000, Ordering::Relaxed);
        assert_eq!(turns(&pacer, BURST + 1)[BURST as usize], 500);
    }

    #[test]
    fn a_portal_that_is_full_is_believed() {
        let (_, pacer) = pacer();
        pacer.is_full();
        assert_eq!(turns(&pacer, 2), [500, 1000]);
        pacer.is_full();
        assert_eq!(turns(&pacer, 1), [1500]);
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_stop_it() {
        let (hand, pacer) = pacer();
        turns(&pacer, 10);
        hand.0.fetch_sub(86_400_000, Ordering::Relaxed);
        assert!(pacer.turn() <= FULL + DROP);
    }
}
