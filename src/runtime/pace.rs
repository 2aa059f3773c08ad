//! How hard a system that fails is pressed: how often `run --once` sends one thing,
//! and how long the service leaves a system alone that does not take anything.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::clock::SharedClock;
use crate::http::{Backoff, Patience};
use crate::watchdog::idle;

/// How often work that waits for its time is looked at.
pub(crate) const TICK: Duration = Duration::from_secs(1);
/// How often `run --once` takes up what failed, and how long it waits before.
pub(crate) const ONCE_PASSES: u32 = 3;
pub(crate) const ONCE_PAUSE: Duration = Duration::from_millis(300);
/// How often `run --once` sends one thing.
const ONCE_TRIES: u32 = 3;
/// So many failures one after another end a pass, or as many as are under way at once.
pub(crate) const FAILURES_IN_A_ROW: usize = 4;

/// Waits on purpose for something, or for the end; false at the end.
pub(crate) async fn until(stop: &CancellationToken, event: impl Future<Output = ()>) -> bool {
    let either = async {
        tokio::select! {
            biased;
            () = stop.cancelled() => false,
            () = event => true,
        }
    };
    idle(either).await
}

/// Until when what waits for its time is due: now, and in a pass of `--once`, which
/// waits for nothing, always (`None`).
pub(crate) fn due_by(patience: Patience, clock: &SharedClock) -> Option<Timestamp> {
    match patience {
        Patience::Service => Some(clock.now()),
        Patience::Once => None,
    }
}

/// How often each thing that fails was sent in this run of `--once`; the service has
/// no need to count, it waits for `next_attempt_at`.
#[derive(Debug)]
pub(crate) struct Attempts<K> {
    patience: Patience,
    counts: Mutex<HashMap<K, u32>>,
}

impl<K: Eq + Hash> Attempts<K> {
    pub(crate) fn new(patience: Patience) -> Self {
        Self { patience, counts: Mutex::default() }
    }

    /// Whether the thing has been sent as often as a pass may.
    pub(crate) fn are_used_up(&self, thing: &K) -> bool {
        self.lock().get(thing).is_some_and(|count| *count >= ONCE_TRIES)
    }

    /// Trying the thing again in this run is of no use.
    pub(crate) fn use_up(&self, thing: K) {
        if self.patience == Patience::Once {
            self.lock().insert(thing, ONCE_TRIES);
        }
    }

    /// Counts a failure.
    pub(crate) fn count(&self, thing: K) {
        if self.patience == Patience::Once {
            *self.lock().entry(thing).or_default() += 1;
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, u32>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long nothing is sent after passes that were ended early.
#[derive(Debug, Default)]
pub(crate) struct Cooldown {
    state: Mutex<(u32, Option<Instant>)>,
}

impl Cooldown {
    /// Whether it is too early for a pass.
    pub(crate) fn is_on(&self) -> bool {
        self.lock().1.is_some_and(|until| until > Instant::now())
    }

    /// A pass was ended early: the next one waits, longer each time.
    pub(crate) fn begin(&self) {
        let mut state = self.lock();
        let delay = Backoff::default().delay(state.0, &mut fastrand::Rng::new());
        *state = (state.0 + 1, Some(Instant::now() + delay));
    }

    /// A pass went to its end.
    pub(crate) fn end(&self) {
        *self.lock() = (0, None);
    }

    fn lock(&self) -> MutexGuard<'_, (u32, Option<Instant>)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
