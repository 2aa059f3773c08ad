//! Time, injected: everything that stamps or compares asks a [`Clock`], so that
//! a test can say what time it is.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// The current instant.
    fn now(&self) -> Timestamp;
}

/// A clock that many parts share.
pub type SharedClock = Arc<dyn Clock>;

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// An instant as the ledger writes it: UTC, RFC 3339, milliseconds, `Z`. The
/// texts sort as the instants do.
pub fn stamp(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// An instant after another; the last one there is where that would be beyond it.
pub fn later(now: Timestamp, delay: Duration) -> Timestamp {
    now.checked_add(delay).unwrap_or(Timestamp::MAX)
}

/// A clock that has gone on by more than this at once is not believed by what cannot be undone.
pub(crate) const JUMP: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// The jump that is believed where `kept` is what things are kept, or wait, for: an outage of half
/// of it decides about no more than half of them.
pub(crate) fn believed_jump(kept: Duration) -> Duration {
    JUMP.min(kept / 2)
}
