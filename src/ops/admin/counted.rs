//! What takes a walk over whole tables, counted seldom.
//!
//! A ledger may hold millions of records, and Prometheus asks every few seconds. So a
//! count is kept for a minute at least, and for a hundred times as long as it took: it
//! never costs more than a hundredth of the time. It goes on by itself once begun, and
//! who asks meanwhile gets the one before; only the first is waited for, for a while.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::Notify;

use crate::clock::SharedClock;
use crate::ledger::{Error, Interruption, Reader, Refusal, Tallies};

/// How long a count is good at least.
const KEPT: Duration = Duration::from_secs(60);
/// So many times longer than a count takes it is kept.
const SELDOM: u32 = 100;
/// How long the first one is waited for.
const FIRST_WITHIN: Duration = Duration::from_secs(3);

/// A count.
#[derive(Debug, Clone)]
pub(super) struct Counted {
    /// When it began.
    pub(super) at: Timestamp,
    pub(super) tallies: Arc<Tallies>,
}

/// The latest count, and whether another is under way.
#[derive(Debug, Default)]
pub(super) struct Counting {
    state: Arc<Mutex<State>>,
    ended: Arc<Notify>,
}

#[derive(Debug, Default)]
struct State {
    latest: Option<Counted>,
    /// Until when the latest is good.
    good_until: Option<Instant>,
    is_under_way: bool,
    interruption: Option<Interruption>,
    is_stopped: bool,
}

impl Counting {
    /// The latest count; None while the first one is under way, or has failed.
    pub(super) async fn latest(&self, path: &Path, clock: &SharedClock) -> Option<Counted> {
        // Waits for its end from before it begins.
        let ended = self.ended.notified();
        if self.claim() {
            self.begin(path, clock);
        }
        let latest = lock(&self.state).latest.clone();
        if latest.is_some() {
            return latest;
        }
        // It is as well without.
        drop(tokio::time::timeout(FIRST_WITHIN, ended).await);
        lock(&self.state).latest.clone()
    }

    /// Whether it is time to count anew, which is then for the caller to do.
    fn claim(&self) -> bool {
        let mut state = lock(&self.state);
        let is_good = state.good_until.is_some_and(|until| Instant::now() < until);
        !is_good && !state.is_stopped && !std::mem::replace(&mut state.is_under_way, true)
    }

    fn begin(&self, path: &Path, clock: &SharedClock) {
        let (state, ended) = (Arc::clone(&self.state), Arc::clone(&self.ended));
        let (path, at) = (path.to_owned(), clock.now());
        // Not a task of the runtime, whose end would wait for it.
        let thread = std::thread::Builder::new().name("ledger-counter".to_owned());
        let spawned = thread.spawn(move || {
            let began = Instant::now();
            let counted = count(&path, &state);
            note(&mut lock(&state), at, counted, began.elapsed());
            ended.notify_waiters();
        });
        if let Err(error) = spawned {
            let failed = Err(Error::Refused(Refusal::NoThread(Arc::new(error))));
            note(&mut lock(&self.state), at, failed, Duration::ZERO);
        }
    }

    /// Interrupts the count that is under way, and begins no other: a ledger with open
    /// readers does not close well.
    pub(super) fn stop(&self) {
        let mut state = lock(&self.state);
        state.is_stopped = true;
        if let Some(interruption) = &state.interruption {
            interruption.interrupt();
        }
    }
}

fn count(path: &Path, state: &Mutex<State>) -> Result<Tallies, Error> {
    let reader = Reader::open(path)?;
    lock(state).interruption = Some(reader.interruption());
    if lock(state).is_stopped {
        return Err(Error::Closed);
    }
    reader.tallies()
}

fn note(state: &mut State, at: Timestamp, counted: Result<Tallies, Error>, took: Duration) {
    match counted {
        Ok(tallies) => {
            let tallies = Arc::new(tallies);
            state.latest = Some(Counted { at, tallies });
        }
        // The page tells by its age that the count before is an old one.
        Err(error) => tracing::debug!(%error, "the records could not be counted"),
    }
    let kept = KEPT.max(took.saturating_mul(SELDOM));
    state.good_until = Instant::now().checked_add(kept);
    state.is_under_way = false;
    state.interruption = None;
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
