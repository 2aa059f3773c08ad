//! How long work may take that does not go well.
//!
//! The service has all the time there is: it backs off and comes back. A single pass (`run
//! --once`) ends: one [`Deadline`] is handed down to all that it asks. No answer is waited for
//! longer than ten seconds at a time, a large one not longer than five minutes in all, and each
//! upstream has a budget: what has been lost to failures with no success in between. An upstream
//! that used it up counts as dead for the rest of the pass, and every further request to it fails
//! without being sent. Thus even a system that swallows every packet costs a pass no more than
//! some twenty seconds, and those that go well take as long as they need. Once a system has
//! failed, what is left of the half minute is enforced on those that come after it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::config;

/// When a pass ends that something has failed in: it shall take no longer than half a minute.
const PASS_WITHIN: Duration = Duration::from_secs(23);
/// The longest wait of a pass for any one answer, and for a connection.
const PASS_ANSWER: Duration = Duration::from_secs(10);
const PASS_CONNECT: Duration = Duration::from_secs(5);
/// The longest wait of a pass for the whole of a large answer.
const PASS_LARGE: Duration = Duration::from_secs(5 * 60);
/// [`PASS_ANSWER`] once a body of this upstream has broken, so that asking again fits into the
/// pass.
const PASS_REREAD: Duration = Duration::from_secs(4);
/// What a pass may lose to one upstream before it counts as dead.
const PASS_BUDGET: Duration = Duration::from_secs(12);
/// What one upstream may cost a pass in all: half-dead ones, whose successes between failures
/// are forgiven for, end here.
const PASS_LOSSES: Duration = Duration::from_secs(20);

/// When a pass of `run --once` ends; the service has none. Its clones are one deadline.
#[derive(Clone, Debug)]
pub struct Deadline(Option<Arc<Pass>>);

#[derive(Debug)]
struct Pass {
    end: Instant,
    is_enforced: AtomicBool,
}

impl Deadline {
    /// The service's: it never ends by itself.
    pub fn none() -> Deadline {
        Deadline(None)
    }

    /// That of a pass which begins now.
    pub fn of_pass() -> Deadline {
        let end = Instant::now() + PASS_WITHIN;
        Deadline(Some(Arc::new(Pass { end, is_enforced: AtomicBool::new(false) })))
    }

    /// Whether it is that of a pass.
    pub(crate) fn is_of_pass(&self) -> bool {
        self.0.is_some()
    }

    /// Something has failed, and the pass is to end: from now on no answer is waited for much
    /// beyond the deadline, and the first failure after it is the last.
    pub(crate) fn enforce(&self) {
        if let Some(pass) = &self.0 {
            pass.is_enforced.store(true, Ordering::Relaxed);
        }
    }

    /// What is left of an enforced deadline.
    pub(crate) fn left(&self) -> Option<Duration> {
        let pass = self.0.as_ref().filter(|pass| pass.is_enforced.load(Ordering::Relaxed))?;
        Some(pass.end.saturating_duration_since(Instant::now()))
    }

    /// The configured times, cut to what a pass has.
    pub(super) fn limits(&self, http: &config::Http) -> Limits {
        let (answer, connect, large) = match self.is_of_pass() {
            true => (PASS_ANSWER, PASS_CONNECT, PASS_LARGE),
            false => (Duration::MAX, Duration::MAX, Duration::MAX),
        };
        Limits {
            head: http.timeout.min(answer),
            connect: http.connect_timeout.min(connect),
            idle: http.idle_timeout.min(answer),
            large: http.answer_timeout.min(large),
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
    /// For a whole large answer: one that drips must come to an end.
    pub(super) large: Duration,
    pub(super) body_bytes: u64,
}

/// What one upstream has cost us in this pass. The service never runs out.
#[derive(Debug)]
pub(super) struct Budget {
    is_limited: bool,
    spent_ms: AtomicU64,
    /// All that was lost in this pass, forgiven or not.
    lost_ms: AtomicU64,
    dead: AtomicBool,
    has_broken_bodies: AtomicBool,
}

impl Budget {
    pub(super) fn new(deadline: &Deadline) -> Budget {
        Budget {
            is_limited: deadline.is_of_pass(),
            spent_ms: AtomicU64::new(0),
            lost_ms: AtomicU64::new(0),
            dead: AtomicBool::new(false),
            has_broken_bodies: AtomicBool::new(false),
        }
    }

    /// A body did not come whole; it has cost this time.
    pub(super) fn body_broke(&self, time: Duration) {
        self.has_broken_bodies.store(self.is_limited, Ordering::Relaxed);
        self.lose(time);
    }

    /// An answer came and came without an end. Another may end; two in a row are enough.
    pub(super) fn never_ended(&self) {
        self.lose(PASS_BUDGET / 2);
    }

    /// The limits for the next answer.
    pub(super) fn limits(&self, limits: Limits) -> Limits {
        if !self.has_broken_bodies.load(Ordering::Relaxed) {
            return limits;
        }
        let (head, idle) = (limits.head.min(PASS_REREAD), limits.idle.min(PASS_REREAD));
        Limits { head, idle, ..limits }
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
        if Duration::from_millis(before.saturating_add(millis)) >= PASS_BUDGET
            || Duration::from_millis(lost.saturating_add(millis)) >= PASS_LOSSES
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
        if self.is_limited {
            self.dead.store(true, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: Duration = Duration::from_secs(6);

    fn budget() -> Budget {
        Budget::new(&Deadline::of_pass())
    }

    #[test]
    fn a_pass_gives_up_once_its_budget_is_lost() {
        let budget = budget();
        budget.lose(HALF);
        assert!(!budget.is_used_up());
        budget.lose(HALF);
        assert!(budget.is_used_up());
        budget.forgive();
        assert!(budget.is_used_up(), "a dead upstream stays dead for the pass");
    }

    #[test]
    fn a_success_forgives_what_was_lost_before() {
        let budget = budget();
        budget.lose(HALF);
        budget.forgive();
        budget.lose(HALF);
        assert!(!budget.is_used_up());
    }

    #[test]
    fn forgiveness_has_an_end() {
        let budget = budget();
        for _ in 0..4 {
            assert!(!budget.is_used_up());
            budget.lose(HALF);
            budget.forgive();
        }
        assert!(budget.is_used_up());
    }

    #[test]
    fn the_service_never_gives_up() {
        let budget = Budget::new(&Deadline::none());
        budget.lose(Duration::MAX);
        budget.give_up();
        assert!(!budget.is_used_up());
    }

    #[test]
    fn a_pass_waits_less_than_the_config_allows_and_never_more() {
        let once = Deadline::of_pass().limits(&config::Http::default());
        assert_eq!(once.head, Duration::from_secs(10));
        assert_eq!(once.connect, Duration::from_secs(5));
        assert_eq!(once.idle, Duration::from_secs(10));
        assert_eq!(once.large, Duration::from_secs(300));
        let short = Duration::from_secs(1);
        let http = config::Http { timeout: short, ..config::Http::default() };
        assert_eq!(Deadline::of_pass().limits(&http).head, short);
        let service = Deadline::none().limits(&config::Http::default());
        assert_eq!(service.head, Duration::from_secs(30));
        assert_eq!(service.large, Duration::from_secs(1800));
    }

    #[test]
    fn a_deadline_is_one_for_all_that_have_it_and_holds_once_it_is_enforced() {
        let deadline = Deadline::of_pass();
        let other = deadline.clone();
        assert!(other.left().is_none());
        deadline.enforce();
        assert!(other.left().is_some_and(|left| left <= PASS_WITHIN));
        let never = Deadline::none();
        never.enforce();
        assert!(never.left().is_none());
    }
}
