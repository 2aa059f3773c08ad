//! How hard a system that fails is pressed: how often `run --once` sends one thing,
//! and how long the service leaves a system alone that does not take anything.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::clock::SharedClock;
use crate::http::{Backoff, Deadline, PASS_ATTEMPTS};
use crate::watchdog::idle;

/// How often work that waits for its time is looked at.
pub(crate) const TICK: Duration = Duration::from_secs(1);
/// So many failures one after another end a pass, or as many as are under way at once.
pub(crate) const FAILURES_IN_A_ROW: usize = 4;

/// Awaits something, or the stop, without counting as stalled; false at the stop.
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

/// The pace at which things are sent to a system. The service waits for each thing's
/// `next_attempt_at` and has a cooldown after passes that were ended early; a pass of `run
/// --once` waits for neither, and counts how often it has sent each thing.
#[derive(Debug)]
pub(crate) struct Pace<K> {
    deadline: Deadline,
    attempts: Mutex<HashMap<K, u32>>,
    cooldown: Mutex<Cooldown>,
}

#[derive(Debug, Default)]
struct Cooldown {
    halts: u32,
    until: Option<Instant>,
}

impl<K: Eq + Hash> Pace<K> {
    pub(crate) fn new(deadline: &Deadline) -> Self {
        Self { deadline: deadline.clone(), attempts: Mutex::default(), cooldown: Mutex::default() }
    }

    /// Whether it is too early for a pass.
    pub(crate) fn is_cooling_down(&self) -> bool {
        let is_on = lock(&self.cooldown).until.is_some_and(|until| until > Instant::now());
        is_on && !self.deadline.is_of_pass()
    }

    /// A pass has ended. After one that was halted early the next one waits, longer each time.
    pub(crate) fn end_pass(&self, is_halted: bool) {
        let mut cooldown = lock(&self.cooldown);
        *cooldown = match is_halted {
            true => {
                let halts = cooldown.halts;
                let delay = Backoff::default().delay(halts, &mut fastrand::Rng::new());
                Cooldown { halts: halts + 1, until: Some(Instant::now() + delay) }
            }
            false => Cooldown::default(),
        };
    }

    /// Until when what waits for its time is due: now; `None`: always.
    pub(crate) fn due_by(&self, clock: &SharedClock) -> Option<Timestamp> {
        (!self.deadline.is_of_pass()).then(|| clock.now())
    }

    /// Whether the thing has been sent as often as a pass may.
    pub(crate) fn is_used_up(&self, thing: &K) -> bool {
        lock(&self.attempts).get(thing).is_some_and(|count| *count >= PASS_ATTEMPTS)
    }

    /// Trying the thing again in this pass is of no use.
    pub(crate) fn use_up(&self, thing: K) {
        if self.deadline.is_of_pass() {
            lock(&self.attempts).insert(thing, PASS_ATTEMPTS);
        }
    }

    /// Counts a failure.
    pub(crate) fn count_failure(&self, thing: K) {
        if self.deadline.is_of_pass() {
            *lock(&self.attempts).entry(thing).or_default() += 1;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
