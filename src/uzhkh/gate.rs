//! Lets so many acknowledgements be under way as the config says, or as UZhKH bears.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::{Semaphore, SemaphorePermit};

use super::concurrency::{Concurrency, Load, MOST};

/// Shared by both queues: together they keep to the limit.
#[derive(Debug)]
pub(super) struct Gate {
    permits: Semaphore,
    /// The most that are ever let in.
    most: usize,
    /// `None`: the limit is fixed.
    adaptive: Option<Mutex<Adaptive>>,
}

#[derive(Debug)]
struct Adaptive {
    concurrency: Concurrency,
    /// Permits that are to be given up as they come back, for the limit has gone down.
    surplus: usize,
}

/// A request that has been let in.
#[derive(Debug)]
pub(super) struct Pass<'g> {
    gate: &'g Gate,
    permit: Option<SemaphorePermit<'g>>,
    sent: Instant,
    load: Load,
}

impl Gate {
    /// A gate with a limit, or with one that follows UZhKH's answers.
    pub(super) fn new(fixed: Option<usize>) -> Self {
        if let Some(limit) = fixed {
            return Self { permits: Semaphore::new(limit), most: limit, adaptive: None };
        }
        let concurrency = Concurrency::new(Instant::now());
        Self {
            permits: Semaphore::new(concurrency.limit()),
            most: MOST,
            adaptive: Some(Mutex::new(Adaptive { concurrency, surplus: 0 })),
        }
    }

    /// The most that may ever be under way.
    pub(super) fn most(&self) -> usize {
        self.most
    }

    /// How many may be under way now.
    pub(super) fn limit(&self) -> usize {
        self.adaptive.as_ref().map_or(self.most, |adaptive| lock(adaptive).concurrency.limit())
    }

    /// Waits until another may be sent. The time of the pass begins with [`Pass::sent`].
    pub(super) async fn enter(&self) -> Pass<'_> {
        // It is never closed.
        let permit = self.permits.acquire().await.ok();
        if let Some(adaptive) = &self.adaptive {
            lock(adaptive).concurrency.begun();
        }
        Pass { gate: self, permit, sent: Instant::now(), load: Load::Unknown }
    }
}

impl Pass<'_> {
    /// It is sent now.
    pub(super) fn sent(&mut self) {
        self.sent = Instant::now();
    }

    /// It was answered.
    pub(super) fn answered(mut self, load: Load) {
        self.load = load;
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let Some(adaptive) = &self.gate.adaptive else { return };
        let mut adaptive = lock(adaptive);
        let before = adaptive.concurrency.limit();
        adaptive.concurrency.ended(self.sent, Instant::now(), self.load);
        let after = adaptive.concurrency.limit();
        if after > before {
            let kept = adaptive.surplus.min(after - before);
            adaptive.surplus -= kept;
            self.gate.permits.add_permits(after - before - kept);
        }
        adaptive.surplus += before.saturating_sub(after);
        adaptive.surplus -= self.gate.permits.forget_permits(adaptive.surplus);
        if adaptive.surplus > 0
            && let Some(permit) = self.permit.take()
        {
            permit.forget();
            adaptive.surplus -= 1;
        }
    }
}

fn lock(adaptive: &Mutex<Adaptive>) -> MutexGuard<'_, Adaptive> {
    adaptive.lock().unwrap_or_else(PoisonError::into_inner)
}
