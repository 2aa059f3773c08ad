//! How hard a system that fails is pressed: how often `run --once` sends one thing, how many
//! failures end a pass, and how long the service leaves a system alone after that.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::clock::SharedClock;
use crate::http::{Backoff, Class, Deadline, PASS_ATTEMPTS, Sent};
use crate::watchdog::idle;

/// How often work that waits for its time is looked at.
pub(crate) const TICK: Duration = Duration::from_secs(1);
/// So many failures one after another end a pass, or as many as are under way at once.
const FAILURES_IN_A_ROW: usize = 4;

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

/// What an attempt says of the system, beyond what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// It takes things: it took this one, or its answer concerns this one alone.
    Takes,
    /// It is away or breaks down: no answer came, an error of its own, a page in its place.
    Fails,
    /// Nothing else gets through now: it refuses us, or cannot be reached.
    Closed,
}

impl Sign {
    /// That of an attempt that failed; `is_about_it`: by an answer that concerns it alone.
    pub(crate) fn of(class: Class, sent: Sent, is_about_it: bool) -> Self {
        match class {
            Class::Unauthorized => Self::Closed,
            _ if is_about_it => Self::Takes,
            _ if sent == Sent::No => Self::Closed,
            _ => Self::Fails,
        }
    }
}

/// The failures of a pass one after another. As many as may be under way at once end it, for
/// those say no more than one, and never fewer than four; one does where nothing else gets
/// through. What counts is a system that is away or breaks down. A refusal of one thing says
/// that it is there: the count begins anew. Once the pass is to end nothing changes that, also
/// no success of what was under way.
#[derive(Debug, Default)]
struct Failures {
    in_a_row: AtomicUsize,
    are_the_end: AtomicBool,
    /// Whether anything was attempted.
    has_tried: AtomicBool,
}

impl Failures {
    /// Counts what became of an attempt, of which `at_once` may be under way.
    fn count(&self, sign: Sign, at_once: usize) {
        self.has_tried.store(true, Ordering::Relaxed);
        let is_the_end = match sign {
            Sign::Takes => {
                self.in_a_row.store(0, Ordering::Relaxed);
                false
            }
            Sign::Fails => {
                let in_a_row = self.in_a_row.fetch_add(1, Ordering::Relaxed) + 1;
                in_a_row >= at_once.max(FAILURES_IN_A_ROW)
            }
            Sign::Closed => true,
        };
        self.are_the_end.fetch_or(is_the_end, Ordering::Relaxed);
    }

    fn are_the_end(&self) -> bool {
        self.are_the_end.load(Ordering::Relaxed)
    }

    /// Begins anew; answers whether they were the end, `None` where nothing was attempted.
    fn reset(&self) -> Option<bool> {
        self.in_a_row.store(0, Ordering::Relaxed);
        let were_the_end = self.are_the_end.swap(false, Ordering::Relaxed);
        self.has_tried.swap(false, Ordering::Relaxed).then_some(were_the_end)
    }
}

/// The pace at which things are sent to a system. The service waits for each thing's
/// `next_attempt_at` and has a cooldown after passes that were ended early; a pass of `run
/// --once` waits for neither, and counts how often it has sent each thing. No pass sends a
/// thing again that has failed in it.
#[derive(Debug)]
pub(crate) struct Pace<K> {
    deadline: Deadline,
    failures: Failures,
    failed: Mutex<HashMap<K, Failed>>,
    cooldown: Mutex<Cooldown>,
}

/// How often a thing has failed, and whether it has in the pass under way.
#[derive(Debug, Default)]
struct Failed {
    times: u32,
    lately: bool,
}

#[derive(Debug, Default)]
struct Cooldown {
    halts: u32,
    until: Option<Instant>,
    /// The longest time that the system has asked for in the pass under way.
    asked: Option<Duration>,
}

impl<K: Eq + Hash> Pace<K> {
    pub(crate) fn new(deadline: &Deadline) -> Self {
        Self {
            deadline: deadline.clone(),
            failures: Failures::default(),
            failed: Mutex::default(),
            cooldown: Mutex::default(),
        }
    }

    /// Whether it is too early for a pass.
    pub(crate) fn is_cooling_down(&self) -> bool {
        let is_on = lock(&self.cooldown).until.is_some_and(|until| until > Instant::now());
        is_on && !self.deadline.is_of_pass()
    }

    /// Counts what became of an attempt, of which `at_once` may be under way; true when the pass
    /// ends early.
    pub(crate) fn count(&self, sign: Sign, at_once: usize) -> bool {
        self.failures.count(sign, at_once);
        self.is_halted()
    }

    /// Whether the pass ends early: what is under way ends, and nothing else is begun.
    pub(crate) fn is_halted(&self) -> bool {
        self.failures.are_the_end()
    }

    /// The system asks by Retry-After to be left alone so long: it is where the pass ends early.
    pub(crate) fn is_asked_to_wait(&self, after: Option<Duration>) {
        let mut cooldown = lock(&self.cooldown);
        cooldown.asked = cooldown.asked.max(after);
    }

    /// A pass has ended. After one that was halted early the next one waits, longer each time;
    /// one in which nothing was due says nothing of the system. Answers how many in a row have
    /// been halted, this one the last; none where it was not.
    pub(crate) fn end_pass(&self) -> u32 {
        let mut cooldown = lock(&self.cooldown);
        let asked = cooldown.asked.take();
        let were_the_end = self.failures.reset();
        if were_the_end == Some(true) {
            let halts = cooldown.halts;
            let delay = Backoff::default().delay_after(halts, asked, &mut fastrand::Rng::new());
            let until = Some(Instant::now() + delay);
            *cooldown = Cooldown { halts: halts + 1, until, asked: None };
        } else if were_the_end == Some(false) {
            *cooldown = Cooldown::default();
        }
        let halts = if were_the_end == Some(true) { cooldown.halts } else { 0 };
        drop(cooldown);
        lock(&self.failed).retain(|_, failed| {
            failed.lately = false;
            self.deadline.is_of_pass()
        });
        halts
    }

    /// Until when what waits for its time is due: now; `None`: always.
    pub(crate) fn due_by(&self, clock: &SharedClock) -> Option<Timestamp> {
        (!self.deadline.is_of_pass()).then(|| clock.now())
    }

    /// Whether the thing has failed in this pass, or as often as `--once` sends it.
    pub(crate) fn is_used_up(&self, thing: &K) -> bool {
        let failed = lock(&self.failed);
        failed.get(thing).is_some_and(|failed| failed.lately || failed.times >= PASS_ATTEMPTS)
    }

    /// It failed, and `--once` need not try it again.
    pub(crate) fn use_up(&self, thing: K) {
        lock(&self.failed).insert(thing, Failed { times: PASS_ATTEMPTS, lately: true });
    }

    /// Counts a failure of the thing.
    pub(crate) fn count_failure(&self, thing: K) {
        let mut failed = lock(&self.failed);
        let failed = failed.entry(thing).or_default();
        *failed = Failed { times: failed.times + 1, lately: true };
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether these end a pass of which so many may be under way at once.
    fn end(signs: &[Sign], at_once: usize) -> bool {
        let failures = Failures::default();
        signs.iter().for_each(|sign| failures.count(*sign, at_once));
        failures.are_the_end()
    }

    #[test]
    fn as_many_failures_in_a_row_as_are_under_way_end_a_pass_and_at_least_four() {
        for (at_once, most) in [(1, 4), (4, 4), (16, 16)] {
            assert!(!end(&vec![Sign::Fails; most - 1], at_once));
            assert!(end(&vec![Sign::Fails; most], at_once));
        }
    }

    #[test]
    fn an_answer_about_one_thing_begins_the_count_anew() {
        let three = [Sign::Fails; 3];
        assert!(!end(&[&three[..], &[Sign::Takes], &three].concat(), 1));
        assert!(end(&[&three[..], &[Sign::Takes], &three, &[Sign::Fails]].concat(), 1));
    }

    #[test]
    fn one_failure_ends_a_pass_where_nothing_else_gets_through() {
        assert!(end(&[Sign::Closed], 16));
        // What was under way may come all the same.
        assert!(end(&[Sign::Closed, Sign::Takes], 16));
    }

    #[test]
    fn what_failed_says_whether_others_would() {
        let later = Class::Retry { after: None };
        for (class, sent, is_about_it, sign) in [
            (Class::Unauthorized, Sent::Answered, true, Sign::Closed),
            (Class::Reject, Sent::Answered, true, Sign::Takes),
            // We would not send it.
            (Class::Reject, Sent::No, true, Sign::Takes),
            (later, Sent::No, false, Sign::Closed),
            (later, Sent::Maybe, false, Sign::Fails),
            (later, Sent::Answered, false, Sign::Fails),
        ] {
            assert_eq!(Sign::of(class, sent, is_about_it), sign, "{class:?} {sent:?}");
        }
    }

    #[test]
    fn a_thing_is_sent_once_in_a_pass_and_three_times_by_once() {
        let once = Pace::new(&Deadline::of_pass());
        for times in 1..=PASS_ATTEMPTS {
            once.count_failure("a");
            assert!(once.is_used_up(&"a"));
            once.end_pass();
            assert_eq!(once.is_used_up(&"a"), times == PASS_ATTEMPTS);
        }
        let service = Pace::new(&Deadline::none());
        service.use_up("a");
        assert!(service.is_used_up(&"a"));
        service.end_pass();
        assert!(!service.is_used_up(&"a"));
    }

    #[test]
    fn a_service_waits_after_a_pass_that_was_halted() {
        let pace = Pace::<()>::new(&Deadline::none());
        assert!(pace.count(Sign::Closed, 1));
        assert_eq!(pace.end_pass(), 1);
        assert!(!pace.is_halted());
        assert!(lock(&pace.cooldown).until.is_some());
        // Nothing was due.
        assert_eq!(pace.end_pass(), 0);
        assert!(lock(&pace.cooldown).until.is_some());
        pace.is_asked_to_wait(Some(Duration::from_secs(60)));
        pace.is_asked_to_wait(None);
        pace.count(Sign::Closed, 1);
        assert_eq!(pace.end_pass(), 2);
        assert!(pace.is_cooling_down());
        pace.count(Sign::Takes, 1);
        assert_eq!(pace.end_pass(), 0);
        assert!(lock(&pace.cooldown).until.is_none());
    }
}
