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

impl Patience {
    /// How often `get_patiently` asks, the first time included.
    pub(super) fn attempts(self) -> u32 {
        match self {
            Patience::Service => 5,
            Patience::Once => 3,
        }
    }

    pub(super) fn backoff(self) -> Backoff {
        match self {
            Patience::Service => Backoff::default(),
            Patience::Once => Backoff {
                base: Duration::from_millis(250),
                cap: Duration::from_secs(1),
            },
        }
    }

    /// Whether a Retry-After of this length, capped already, is sat out.
    pub(super) fn sits_out(self, after: Duration) -> bool {
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
    dead: AtomicBool,
}

impl Budget {
    pub(super) fn new(patience: Patience) -> Budget {
        Budget {
            patience,
            spent_ms: AtomicU64::new(0),
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
        if Duration::from_millis(before.saturating_add(millis)) >= ONCE_BUDGET {
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
