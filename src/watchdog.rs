//! Whether the tasks move: each has a heartbeat, and a task without one for too long is
//! stalled.
//!
//! systemd restarts a service that no longer notifies its watchdog, and that is right only
//! where a task is stuck: waiting for what never comes, or on a disk that has stopped
//! answering. A task that waits for its schedule, for a pause to end or for a Retry-After is
//! not stuck, however long it takes: it is [idle] meanwhile. One that waits for the ledger is
//! idle too, since the ledger's threads have heartbeats of their own: so the one that is stuck
//! is named, not those behind it, and a full disk, which the writer waits out awake, stalls
//! nothing.
//!
//! All else that a task waits for is bounded: by the time-outs of HTTP, most of all. What
//! takes longer than the longest of them and [`GRACE`] is stuck.
//!
//! Time is the monotonic clock's, so that a step of the host's clock stalls nothing.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

/// How long a task may take over what is not bounded by anything else: work on the
/// processor and the disk. The watchdog's own interval takes its place where there is one.
pub const GRACE: Duration = Duration::from_secs(180);

tokio::task_local! {
    /// The heartbeat of the task that is being polled.
    static CURRENT: Heartbeat;
}

/// The heartbeats of all tasks. A task that has ended is forgotten.
#[derive(Debug, Clone)]
pub struct Heartbeats {
    grace: Duration,
    all: Arc<Mutex<Vec<Weak<Task>>>>,
}

/// The heartbeat of one task.
#[derive(Debug, Clone)]
pub struct Heartbeat(Arc<Task>);

#[derive(Debug)]
struct Task {
    name: Cow<'static, str>,
    /// The longest of its waits that are bounded.
    longest_wait: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    moved_at: Instant,
    /// How many of its branches are idle.
    idle: u32,
}

/// A task that does not move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stalled {
    /// Its name: a word of ours, and of a feed the name that the config gives it.
    pub task: Cow<'static, str>,
    /// For how long.
    pub stalled_for: Duration,
}

impl Heartbeats {
    /// No tasks yet; each may go without a beat for `grace` beyond the longest of its waits.
    pub fn new(grace: Duration) -> Self {
        Self { grace, all: Arc::default() }
    }

    /// A task begins, whose bounded waits last no longer than `longest_wait`.
    pub fn register(
        &self,
        name: impl Into<Cow<'static, str>>,
        longest_wait: Duration,
    ) -> Heartbeat {
        let heartbeat = Heartbeat::new(name, longest_wait);
        self.watch(&heartbeat);
        heartbeat
    }

    /// Watches a task that made its heartbeat before.
    pub(crate) fn watch(&self, heartbeat: &Heartbeat) {
        let mut all = self.lock();
        all.retain(|task| task.strong_count() > 0);
        all.push(Arc::downgrade(&heartbeat.0));
    }

    /// The stalled tasks, in the order in which they began.
    pub fn stalled(&self, now: Instant) -> Vec<Stalled> {
        let tasks: Vec<Arc<Task>> = self.lock().iter().filter_map(Weak::upgrade).collect();
        let stalled = tasks.iter().filter_map(|task| task.stalled(now, self.grace));
        stalled.collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Weak<Task>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Task {
    fn stalled(&self, now: Instant, grace: Duration) -> Option<Stalled> {
        let state = self.lock();
        let stalled_for = now.saturating_duration_since(state.moved_at);
        let is_stuck = state.idle == 0 && stalled_for > self.longest_wait.saturating_add(grace);
        is_stuck.then(|| Stalled { task: self.name.clone(), stalled_for })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Heartbeat {
    /// A heartbeat that is not watched yet.
    pub(crate) fn new(name: impl Into<Cow<'static, str>>, longest_wait: Duration) -> Self {
        Self(Arc::new(Task {
            name: name.into(),
            longest_wait,
            state: Mutex::new(State { moved_at: Instant::now(), idle: 0 }),
        }))
    }

    /// The task moves.
    pub fn beat(&self) {
        self.0.lock().moved_at = Instant::now();
    }

    /// The task waits without counting as stalled until the value is dropped.
    pub(crate) fn idling(&self) -> Idling {
        self.0.lock().idle += 1;
        Idling(self.clone())
    }

    /// Runs the task: within it [`beat`] and [`idle`] are its own. It is watched until it
    /// ends.
    pub(crate) fn of<F: Future>(self, task: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self, task)
    }
}

/// A wait that does not count as stalled; its end is a beat.
#[derive(Debug)]
pub(crate) struct Idling(Heartbeat);

impl Drop for Idling {
    fn drop(&mut self) {
        let mut state = self.0.0.lock();
        state.idle -= 1;
        state.moved_at = Instant::now();
    }
}

/// The task that is running moves. Outside of one this does nothing.
pub(crate) fn beat() {
    // Commands have no heartbeat.
    CURRENT.try_with(Heartbeat::beat).ok();
}

/// Awaits without counting as stalled: for a time, or for what has a heartbeat of its own.
pub(crate) async fn idle<F: Future>(event: F) -> F::Output {
    let _idling = CURRENT.try_with(Heartbeat::idling).ok();
    event.await
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_secs(10);
    const WAIT: Duration = Duration::from_secs(30);

    fn stalled(heartbeats: &Heartbeats, after: u64) -> Vec<Cow<'static, str>> {
        let stalled = heartbeats.stalled(Instant::now() + Duration::from_secs(after));
        stalled.into_iter().map(|stalled| stalled.task).collect()
    }

    #[test]
    fn a_task_is_stalled_after_its_longest_wait_and_the_grace() {
        let heartbeats = Heartbeats::new(GRACE);
        let _quick = heartbeats.register("quick", Duration::ZERO);
        let _slow = heartbeats.register("slow", WAIT);
        assert!(stalled(&heartbeats, 9).is_empty());
        assert_eq!(stalled(&heartbeats, 15), ["quick"]);
        assert_eq!(stalled(&heartbeats, 45), ["quick", "slow"]);
        let stuck = &heartbeats.stalled(Instant::now() + WAIT)[0];
        assert!(stuck.stalled_for >= WAIT);
    }

    #[test]
    fn a_task_that_is_idle_is_not_stalled_and_beats_when_it_goes_on() {
        let heartbeats = Heartbeats::new(GRACE);
        let heartbeat = heartbeats.register("task", Duration::ZERO);
        let (one, other) = (heartbeat.idling(), heartbeat.idling());
        drop(one);
        assert!(stalled(&heartbeats, 3600).is_empty());
        drop(other);
        assert!(stalled(&heartbeats, 9).is_empty());
        assert_eq!(stalled(&heartbeats, 3600), ["task"]);
    }

    #[test]
    fn a_task_that_has_ended_is_forgotten() {
        let heartbeats = Heartbeats::new(GRACE);
        let heartbeat = heartbeats.register("task", Duration::ZERO);
        assert_eq!(stalled(&heartbeats, 60), ["task"]);
        drop(heartbeat);
        assert!(stalled(&heartbeats, 60).is_empty());
    }

    #[tokio::test]
    async fn what_runs_within_a_task_moves_it() {
        let heartbeats = Heartbeats::new(GRACE);
        let heartbeat = heartbeats.register("task", Duration::ZERO);
        heartbeat.0.lock().moved_at -= GRACE * 2;
        assert_eq!(stalled(&heartbeats, 0), ["task"]);
        let task = async {
            beat();
            assert!(stalled(&heartbeats, 0).is_empty());
            idle(async { assert!(stalled(&heartbeats, 3600).is_empty()) }).await;
            std::future::pending::<()>().await;
        };
        let task = heartbeat.of(task);
        assert!(tokio::time::timeout(Duration::ZERO, task).await.is_err());
        assert!(stalled(&heartbeats, 3600).is_empty());
        // Outside of a task it means nothing.
        beat();
        idle(async {}).await;
    }
}
