//! How long we put up with a system that does not answer well.
//!
//! The service has all the time there is: it backs off and comes back. A
//! single pass (`run --once`) has somebody waiting for its end, so it tries at
//! most twice more, shortly, and keeps a budget for each upstream: what has
//! been spent on failures with no success in between. An upstream that used it
//! up counts as dead for the rest of the pass, and every further request to it
//! fails without being sent. Thus even a system that swallows every packet
//! costs a pass no more than some twenty seconds.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use super::retry::Backoff;
use crate::config;

/// How much of failing is put up with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// The daemon: back off and try again, up to five times in a row.
    Service,
    /// One pass: at most two retries, shortly, and no answer is waited for
    /// longer than 10 s.
    Once,
}

/// What a pass may lose to one upstream before it counts as dead.
const ONCE_BUDGET: Duration = Duration::from_secs(12);
/// What one upstream may cost in a pass in all: half-dead ones, whose successes
/// between failures are forgiven for, end here.
const ONCE_LOSSES: Duration = Duration::from_secs(20);

impl Patience {
    /// How often `get_patiently` asks, the first time included.
    pub(crate) fn attempts(self) -> u32 {
        match self {
            Patience::Service => 5,
            Patience::Once => 3,
        }
    }

    pub(crate) fn backoff(self) -> Backoff {
        match self {
            Patience::Service => Backoff::default(),
            Patience::Once => {
                Backoff { base: Duration::from_millis(250), cap: Duration::from_secs(1) }
            }
        }
    }

    /// Whether a Retry-After of this length, capped already, is sat out.
    pub(crate) fn sits_out(self, after: Duration) -> bool {
        match self {
            Patience::Service => true,
            Patience::Once => after <= Duration::from_secs(5),
        }
    }

    /// The configured times, cut to what this patience allows.
    pub(super) fn limits(self, http: &config::Http) -> Limits {
        let (answer, connect) = match self {
            Patience::Service => (Duration::MAX, Duration::MAX),
            Patience::Once => (Duration::from_secs(10), Duration::from_secs(5)),
        };
        Limits {
            head: http.timeout.min(answer),
            connect: http.connect_timeout.min(connect),
            idle: http.idle_timeout.min(answer),
            body_bytes: http.max_body_bytes,
        }
    }
}

/// The limits every request of an upstream has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// From asking to the head of the answer; also a whole small answer.
    pub(super) head: Duration,
    pub(super) connect: Duration,
    /// Between two pieces of a body.
    pub(super) idle: Duration,
    pub(super) body_bytes: u64,
}

/// What one upstream has cost us in this pass. The service never runs out.
#[derive(Debug)]
pub(super) struct Budget {
    patience: Patience,
    spent_ms: AtomicU64,
    /// All that was lost in this pass, forgiven or not.
    lost_ms: AtomicU64,
    dead: AtomicBool,
}

impl Budget {
    pub(super) fn new(patience: Patience) -> Budget {
        Budget {
            patience,
            spent_ms: AtomicU64::new(0),
            lost_ms: AtomicU64::new(0),
            dead: AtomicBool::new(false),
        }
    }

    /// Whether the upstream counts as dead.
    pub(super) fn is_used_up(&self) -> bool {
        self.dead.load(Ordering::Relaxed)
    }

    /// Books the time that a failure, or the wait after one, has cost.
    pub(super) fn lose(&self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let before = self.spent_ms.fetch_add(millis, Ordering::Relaxed);
        let lost = self.lost_ms.fetch_add(millis, Ordering::Relaxed);
        if Duration::from_millis(before.saturating_add(millis)) >= ONCE_BUDGET
            || Duration::from_millis(lost.saturating_add(millis)) >= ONCE_LOSSES
        {
            self.give_up();
        }
    }

    /// An answer came: the upstream is alive, and what was lost is forgiven.
    pub(super) fn forgive(&self) {
        self.spent_ms.store(0, Ordering::Relaxed);
    }

    /// No more requests in this pass.
    pub(super) fn give_up(&self) {
        if self.patience == Patience::Once {
            self.dead.store(true, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: Duration = Duration::from_secs(6);

    #[test]
    fn a_pass_gives_up_once_its_budget_is_lost() {
        let budget = Budget::new(Patience::Once);
        budget.lose(HALF);
        assert!(!budget.is_used_up());
        budget.lose(HALF);
        assert!(budget.is_used_up());
        budget.forgive();
        assert!(budget.is_used_up(), "a dead upstream stays dead for the pass");
    }

    #[test]
    fn a_success_forgives_what_was_lost_before() {
        let budget = Budget::new(Patience::Once);
        budget.lose(HALF);
        budget.forgive();
        budget.lose(HALF);
        assert!(!budget.is_used_up());
    }

    #[test]
    fn forgiveness_has_an_end() {
        let budget = Budget::new(Patience::Once);
        for _ in 0..4 {
            assert!(!budget.is_used_up());
            budget.lose(HALF);
            budget.forgive();
        }
        assert!(budget.is_used_up());
    }

    #[test]
    fn the_service_never_gives_up() {
        let budget = Budget::new(Patience::Service);
        budget.lose(Duration::MAX);
        budget.give_up();
        assert!(!budget.is_used_up());
    }

    #[test]
    fn a_pass_waits_less_than_the_config_allows_and_never_more() {
        let once = Patience::Once.limits(&config::Http::default());
        assert_eq!(once.head, Duration::from_secs(10));
        assert_eq!(once.connect, Duration::from_secs(5));
        assert_eq!(once.idle, Duration::from_secs(10));
        let short = Duration::from_secs(1);
        let http = config::Http { timeout: short, ..config::Http::default() };
        assert_eq!(Patience::Once.limits(&http).head, short);
        let service = Patience::Service.limits(&config::Http::default());
        assert_eq!(service.head, Duration::from_secs(30));
    }

    #[test]
    fn a_pass_retries_twice_within_a_second_each() {
        assert_eq!(Patience::Once.attempts(), 3);
        assert!(Patience::Once.backoff().ceiling(u32::MAX) <= Duration::from_secs(1));
        assert!(Patience::Once.sits_out(Duration::from_secs(5)));
        assert!(!Patience::Once.sits_out(Duration::from_secs(6)));
    }
}
