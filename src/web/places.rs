//! So many at once of each kind of question: one that costs much leaves the others room.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::problem::Problem;

/// A kind of question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// `/changes`, waiting or not.
    Changes,
    /// `/calls/SEQ`, waiting or not.
    Calls,
    /// A page of a list, with bodies.
    Pages,
    /// What walks through whole tables: the status, a record's life.
    Walks,
    /// What another system is asked.
    Upstream,
    /// What has an effect.
    Acts,
}

impl Place {
    const ALL: [(Self, usize, &str); 6] = [
        (Self::Changes, 32, "the changes"),
        (Self::Calls, 32, "a call"),
        (Self::Pages, 16, "a page"),
        (Self::Walks, 8, "the status or a history"),
        (Self::Upstream, 8, "free times"),
        (Self::Acts, 32, "an act"),
    ];
}

/// The places there are.
#[derive(Debug)]
pub(super) struct Places(Vec<Arc<Semaphore>>);

impl Places {
    pub(super) fn new() -> Self {
        Self(Place::ALL.iter().map(|(_, count, _)| Arc::new(Semaphore::new(*count))).collect())
    }

    /// Takes a place, which is left when the permit is dropped.
    ///
    /// # Errors
    /// 429 where there is none.
    pub(super) fn take(&self, place: Place) -> Result<OwnedSemaphorePermit, Problem> {
        let at = Place::ALL.iter().zip(&self.0).find(|((known, ..), _)| *known == place);
        let taken = at.map(|((_, _, what), places)| (what, Arc::clone(places).try_acquire_owned()));
        match taken {
            Some((_, Ok(permit))) => Ok(permit),
            Some((what, Err(_))) => Err(Problem::too_many(what)),
            None => Err(Problem::too_many("this")),
        }
    }
}
