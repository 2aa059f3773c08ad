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
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::Notify;
use tokio::time::{sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use super::held_back::HeldBack;
use super::pace::until;
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
    /// It has not come to its end: after a backoff that grows each time, and that no commit cuts
    /// short, for a step that fails makes one itself.
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
    paused_until: Box<dyn Fn() -> Option<Instant> + Send + Sync>,
    held_back: HeldBack,
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
            paused_until: Box::new(|| None),
            held_back: HeldBack::default(),
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

    /// Takes no step while the upstream refuses us. What is due meanwhile is due when that ends;
    /// a poll also takes one at once, which sends nothing and records that we are refused.
    pub(crate) fn unless<S: Send + Sync + 'static>(
        mut self,
        owner: &Arc<S>,
        paused_until: fn(&S) -> Option<Instant>,
    ) -> Self {
        let owner = Arc::clone(owner);
        self.paused_until = Box::new(move || paused_until(&owner));
        self
    }

    /// After a pause the polls among the tasks that share this go before the others; after one
    /// that they have begun the others go before them.
    pub(crate) fn polls_first(mut self, held_back: &HeldBack) -> Self {
        self.held_back = held_back.clone();
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
        let mut told = None;
        while until(stop, self.due(pause, attempt)).await {
            let is_held_back = (self.paused_until)().is_some();
            let held = is_held_back.then(|| self.held_back.hold(self.is_poll()));
            if !self.sit_out(stop, &mut told).await? {
                break;
            }
            // What has come meanwhile is met by this step.
            self.wake.notified().now_or_never();
            let next = (self.step)().await?;
            // A pause that it has met is recorded by it.
            told = (self.paused_until)();
            if let Some(held) = held {
                held.end(told.is_some());
            }
            attempt = if next == Next::Again { attempt + 1 } else { 0 };
            pause = match next {
                Next::WhenDue => self.every,
                Next::Within(pause) => Some(pause),
                Next::Again => Some(Backoff::default().delay(attempt, &mut fastrand::Rng::new())),
                Next::Done => break,
            };
        }
        Ok(())
    }

    /// Waits until no pause is on, and for what goes first after one; false at the stop. `told`:
    /// the end of the pause that a poll has recorded.
    async fn sit_out(
        &self,
        stop: &CancellationToken,
        told: &mut Option<Instant>,
    ) -> Result<bool, ledger::Error> {
        loop {
            let goes_on = match (self.paused_until)() {
                Some(end) if self.is_poll() && *told != Some(end) => {
                    (self.step)().await?;
                    *told = (self.paused_until)().or(Some(end));
                    true
                }
                Some(end) => until(stop, sleep_until(end.into())).await,
                None if !self.held_back.may_go(self.is_poll()) => {
                    until(stop, self.held_back.turn(self.is_poll())).await
                }
                None => return Ok(true),
            };
            if !goes_on {
                return Ok(false);
            }
        }
    }

    fn is_poll(&self) -> bool {
        !self.polls.is_empty()
    }

    async fn due(&self, pause: Option<Duration>, attempt: u32) {
        let passed = async {
            match pause {
                Some(pause) => sleep(pause).await,
                None => std::future::pending().await,
            }
        };
        if attempt > 0 && self.follows_commits {
            return passed.await;
        }
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
        !has_failed || until(stop, sleep(PAUSE)).await
    }
}

#[cfg(test)]
mod tests;
