//! The connections that are open, so many at most.
//!
//! Where there is no room for another, the one that has been waiting longest for a request
//! makes room: connections that say nothing cost none but themselves.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

/// Well within the files that a process may have open: the ledger and the upstreams need some
/// too.
const MOST: usize = 256;

/// All connections.
#[derive(Debug, Default)]
pub(super) struct Crowd(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    open: usize,
    /// Those without a request, by the order in which they began to wait.
    waiting: BTreeMap<u64, CancellationToken>,
    next: u64,
}

/// One connection; it leaves when this is dropped.
#[derive(Debug)]
pub(super) struct Member {
    crowd: Arc<Crowd>,
    evicted: CancellationToken,
    /// Its number while it waits, and how many of its requests are being answered.
    place: Mutex<(u64, u32)>,
}

/// A request that is being answered: its connection is not waiting.
#[derive(Debug)]
pub(super) struct Busy(Arc<Member>);

impl Crowd {
    /// Lets a connection in; None where all others are busy.
    pub(super) fn enter(self: &Arc<Self>) -> Option<Arc<Member>> {
        let mut state = self.lock();
        if state.open >= MOST {
            let (_, longest) = state.waiting.pop_first()?;
            longest.cancel();
        }
        state.open += 1;
        let evicted = CancellationToken::new();
        let number = state.wait(&evicted);
        let place = Mutex::new((number, 0));
        Some(Arc::new(Member { crowd: Arc::clone(self), evicted, place }))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn wait(&mut self, token: &CancellationToken) -> u64 {
        self.next += 1;
        self.waiting.insert(self.next, token.clone());
        self.next
    }
}

impl Member {
    /// Is cancelled when the connection has to make room.
    pub(super) fn evicted(&self) -> &CancellationToken {
        &self.evicted
    }

    /// A request has come.
    pub(super) fn busy(self: &Arc<Self>) -> Busy {
        let mut place = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        place.1 += 1;
        self.crowd.lock().waiting.remove(&place.0);
        Busy(Arc::clone(self))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut place = self.0.place.lock().unwrap_or_else(PoisonError::into_inner);
        place.1 -= 1;
        if place.1 == 0 {
            place.0 = self.0.crowd.lock().wait(&self.0.evicted);
        }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let number = self.place.get_mut().unwrap_or_else(PoisonError::into_inner).0;
        let mut state = self.crowd.lock();
        state.waiting.remove(&number);
        state.open -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_that_has_waited_longest_makes_room() {
        let crowd = Arc::new(Crowd::default());
        let mut members: Vec<_> = (0..MOST).map(|_| crowd.enter().unwrap()).collect();
        let busy = members[0].busy();
        let one_more = crowd.enter().unwrap();
        assert!(!members[0].evicted().is_cancelled());
        assert!(members[1].evicted().is_cancelled());
        assert!(!members[2].evicted().is_cancelled());
        drop(busy);
        drop(crowd.enter());
        // The first has begun to wait last.
        assert!(members[2].evicted().is_cancelled());
        assert!(!members[0].evicted().is_cancelled());
        let all: Vec<_> = members.iter().chain([&one_more]).map(Member::busy).collect();
        assert!(crowd.enter().is_none(), "none of them waits");
        drop(all);
        members.clear();
        assert!(crowd.enter().is_some());
    }
}
