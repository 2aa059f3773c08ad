//! The one loop of the service: a task waits until it is due, then takes a step.
//!
//! A step decides from the ledger alone what is to be done, so that a restart is nothing
//! special. The stop races the waiting, never a step: a step that has begun ends. A step that
//! fails ends the service, since only the ledger makes it fail; what an upstream answers is
//! recorded by the step itself.
//!
//! `run --once` takes the same steps without the loop, in [`Rounds`].

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::pace::{TICK, until};
use crate::http::{Backoff, PASS_ATTEMPTS};
use crate::ledger;
use crate::watchdog::Heartbeats;

/// How long a pass waits before it takes up what failed.
const PAUSE: Duration = Duration::from_millis(300);
/// The most rounds of a pass: each unblocks what waited for the one before.
const MOST_ROUNDS: u32 = 20;

/// When a task takes its next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// When its schedule, its interval or a wake-up says so.
    WhenDue,
    /// After this time at the latest.
    Within(Duration),
    /// It has not come to its end: after a backoff that grows each time.
    Again,
    /// Never: the task is done.
    Done,
}

type Step = dyn Fn() -> BoxFuture<'static, Result<Next, ledger::Error>> + Send + Sync;

/// A step, and when it is taken.
pub(crate) struct Task {
    name: Cow<'static, str>,
    schedule: Option<String>,
    polls: Vec<(&'static str, String)>,
    wake: Arc<Notify>,
    every: Option<Duration>,
    follows_commits: bool,
    begins_at_once: bool,
    /// `None`: not watched.
    longest_wait: Option<Duration>,
    is_paused: Box<dyn Fn() -> bool + Send + Sync>,
    step: Box<Step>,
}

impl Task {
    /// A task of `owner`. It is never due until a schedule, an interval or a wake-up is given.
    pub(crate) fn new<S, F>(
        name: impl Into<Cow<'static, str>>,
        owner: &Arc<S>,
        step: impl Fn(Arc<S>) -> F + Send + Sync + 'static,
    ) -> Self
    where
        S: Send + Sync + 'static,
        F: Future<Output = Result<Next, ledger::Error>> + Send + 'static,
    {
        let owner = Arc::clone(owner);
        Self {
            name: name.into(),
            schedule: None,
            polls: Vec::new(),
            wake: Arc::default(),
            every: None,
            follows_commits: false,
            begins_at_once: false,
            longest_wait: None,
            is_paused: Box::new(|| false),
            step: Box::new(move || Box::pin(step(Arc::clone(&owner)))),
        }
    }

    /// Due by a cron expression (with seconds, UTC), and once at the start.
    pub(crate) fn on(mut self, schedule: &str) -> Self {
        self.schedule = Some(schedule.to_owned());
        self
    }

    /// It polls these feeds of a system, and is due when one of them is asked for.
    pub(crate) fn polling(
        mut self,
        source: &'static str,
        feeds: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.polls = feeds.into_iter().map(|feed| (source, feed.into())).collect();
        self
    }

    /// Due so long after its last step.
    pub(crate) fn every(mut self, interval: Duration) -> Self {
        self.every = Some(interval);
        self
    }

    /// Due within a second of each commit, of this process or another: what its steps look for
    /// is made by one. A step that leaves what waits for its time says so by [`Next::Within`].
    pub(crate) fn after_commits(mut self) -> Self {
        self.follows_commits = true;
        self
    }

    /// Due at once at the start.
    pub(crate) fn at_once(mut self) -> Self {
        self.begins_at_once = true;
        self
    }

    /// Due whenever this is notified.
    pub(crate) fn woken_by(mut self, wake: &Arc<Notify>) -> Self {
        self.wake = Arc::clone(wake);
        self
    }

    /// Not due while the upstream refuses us: nothing is to be had there, and that is logged
    /// already.
    pub(crate) fn unless<S: Send + Sync + 'static>(
        mut self,
        owner: &Arc<S>,
        is_paused: fn(&S) -> bool,
    ) -> Self {
        let owner = Arc::clone(owner);
        self.is_paused = Box::new(move || is_paused(&owner));
        self
    }

    /// Watched: it is stalled when a step does not move for longer than its longest wait and
    /// the watchdog's grace.
    pub(crate) fn watched(mut self, longest_wait: Duration) -> Self {
        self.longest_wait = Some(longest_wait);
        self
    }

    /// Its schedule, and what that notifies.
    pub(crate) fn job(&self) -> Option<(String, Arc<Notify>)> {
        let schedule = self.schedule.clone()?;
        Some((schedule, Arc::clone(&self.wake)))
    }

    /// What it polls, and what wakes it.
    pub(crate) fn polled(&self) -> Vec<((&'static str, String), Arc<Notify>)> {
        let polls = self.polls.iter().cloned();
        polls.map(|feed| (feed, Arc::clone(&self.wake))).collect()
    }

    /// What wakes it after commits, where it follows them.
    pub(crate) fn following(&self) -> Option<Arc<Notify>> {
        self.follows_commits.then(|| Arc::clone(&self.wake))
    }

    /// Runs it until stopped, or done.
    ///
    /// # Errors
    /// What a step failed with: the ledger is unusable.
    pub(crate) async fn drive(
        self,
        stop: CancellationToken,
        heartbeats: Heartbeats,
    ) -> Result<(), ledger::Error> {
        match self.longest_wait {
            Some(longest_wait) => {
                let heartbeat = heartbeats.register(self.name.clone(), longest_wait);
                heartbeat.of(self.steps(&stop)).await
            }
            None => self.steps(&stop).await,
        }
    }

    async fn steps(&self, stop: &CancellationToken) -> Result<(), ledger::Error> {
        let mut pause = if self.begins_at_once { Some(Duration::ZERO) } else { self.every };
        let mut attempt = 0;
        while until(stop, self.due(pause)).await {
            if (self.is_paused)() {
                // What has woken it is not told again.
                pause = if self.follows_commits { Some(TICK) } else { pause };
                continue;
            }
            pause = match (self.step)().await? {
                Next::WhenDue => {
                    attempt = 0;
                    self.every
                }
                Next::Within(pause) => Some(pause),
                Next::Again => {
                    attempt += 1;
                    Some(Backoff::default().delay(attempt, &mut fastrand::Rng::new()))
                }
                Next::Done => break,
            };
        }
        Ok(())
    }

    async fn due(&self, pause: Option<Duration>) {
        let passed = async {
            match pause {
                Some(pause) => tokio::time::sleep(pause).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.wake.notified() => {}
            () = passed => {}
        }
    }
}

/// How often a pass of `run --once` takes up what is left: as long as something moves, and
/// what fails twice more, shortly.
#[derive(Debug, Default)]
pub(crate) struct Rounds {
    rounds: u32,
    failures: u32,
}

impl Rounds {
    /// Whether there is another round after one that failed or not, and left something to do
    /// or not. Waits shortly after a failure.
    pub(crate) async fn go_on(
        &mut self,
        stop: &CancellationToken,
        has_failed: bool,
        has_more: bool,
    ) -> bool {
        self.rounds += 1;
        self.failures += u32::from(has_failed);
        let is_over = self.failures >= PASS_ATTEMPTS || self.rounds >= MOST_ROUNDS;
        if is_over || !has_more || stop.is_cancelled() {
            return false;
        }
        !has_failed || until(stop, tokio::time::sleep(PAUSE)).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[derive(Default)]
    struct Counter {
        steps: AtomicU32,
        is_paused: std::sync::atomic::AtomicBool,
    }

    impl Counter {
        fn is_paused(&self) -> bool {
            self.is_paused.load(Ordering::Relaxed)
        }
    }

    async fn drive(task: Task, stop: &CancellationToken) -> Result<(), ledger::Error> {
        task.drive(stop.clone(), Heartbeats::new(Duration::from_secs(60))).await
    }

    #[tokio::test]
    async fn a_task_steps_until_it_is_done() {
        let counter = Arc::new(Counter::default());
        let task = Task::new("counter", &counter, |counter: Arc<Counter>| async move {
            let steps = counter.steps.fetch_add(1, Ordering::Relaxed);
            Ok(if steps < 2 { Next::WhenDue } else { Next::Done })
        });
        let task = task.every(Duration::from_millis(1));
        drive(task, &CancellationToken::new()).await.unwrap();
        assert_eq!(counter.steps.load(Ordering::Relaxed), 3);
    }

    #[tokio::test]
    async fn a_step_that_has_begun_ends_though_the_service_stops() {
        let counter = Arc::new(Counter::default());
        let stop = CancellationToken::new();
        let stopping = stop.clone();
        let task = Task::new("counter", &counter, move |counter: Arc<Counter>| {
            let stopping = stopping.clone();
            async move {
                stopping.cancel();
                tokio::task::yield_now().await;
                counter.steps.fetch_add(1, Ordering::Relaxed);
                Ok(Next::WhenDue)
            }
        });
        drive(task.at_once(), &stop).await.unwrap();
        assert_eq!(counter.steps.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_paused_task_takes_no_step() {
        let counter = Arc::new(Counter::default());
        counter.is_paused.store(true, Ordering::Relaxed);
        let stop = CancellationToken::new();
        let (paused, wake) = (Arc::clone(&counter), Arc::new(Notify::new()));
        let task = Task::new("counter", &counter, |counter: Arc<Counter>| async move {
            counter.steps.fetch_add(1, Ordering::Relaxed);
            Ok(Next::Done)
        });
        let task = task.unless(&counter, Counter::is_paused).woken_by(&wake);
        let driving = drive(task, &stop);
        let waking = async {
            wake.notify_one();
            tokio::task::yield_now().await;
            assert_eq!(paused.steps.load(Ordering::Relaxed), 0);
            paused.is_paused.store(false, Ordering::Relaxed);
            wake.notify_one();
        };
        let (driven, ()) = tokio::join!(driving, waking);
        driven.unwrap();
        assert_eq!(counter.steps.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_pass_takes_up_what_fails_twice() {
        let stop = CancellationToken::new();
        let mut rounds = Rounds::default();
        assert!(rounds.go_on(&stop, true, true).await);
        assert!(rounds.go_on(&stop, false, true).await);
        assert!(rounds.go_on(&stop, true, true).await);
        assert!(!rounds.go_on(&stop, true, true).await);
    }

    #[tokio::test]
    async fn a_pass_ends_when_nothing_is_left_or_it_is_stopped() {
        let stop = CancellationToken::new();
        assert!(!Rounds::default().go_on(&stop, false, false).await);
        stop.cancel();
        assert!(!Rounds::default().go_on(&stop, false, true).await);
    }
}
