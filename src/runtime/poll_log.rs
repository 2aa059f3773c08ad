//! Records the runs of the pollers, and logs what is news of them: a failure that
//! goes on for days is logged once.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::ledger::{self, Feed, FeedRead, Ledger, Outcome, Poll};
use crate::metrics::{self, Metric};

/// Logs a failure, which it is given in words.
type Tell = fn(&str);

/// The runs of one system's pollers.
#[derive(Debug)]
pub(crate) struct PollLog {
    source: &'static str,
    /// The feed whose failures are logged in words of its own, and what logs them.
    own_words: Option<(&'static str, Tell)>,
    /// What each feed that fails last said.
    failing: Mutex<HashMap<Cow<'static, str>, String>>,
}

/// A run that has ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) feed: Cow<'static, str>,
    pub(crate) started_at: Timestamp,
    pub(crate) outcome: Outcome,
    /// Elements that came.
    pub(crate) fetched: u64,
    /// Elements that were not known.
    pub(crate) new: u64,
    /// Rows of `change`.
    pub(crate) changed: u64,
    pub(crate) quarantined: u64,
    /// What went wrong, in our words.
    pub(crate) error: Option<String>,
    /// What the upstream said of it: for the ledger, not for the log.
    pub(crate) said: Option<String>,
    /// Whether a success is worth a line in the log.
    pub(crate) is_notable: bool,
}

impl Run {
    /// Whether it succeeded and brought nothing that was not known.
    fn is_idle(&self) -> bool {
        self.outcome == Outcome::Ok && (self.new, self.changed, self.quarantined) == (0, 0, 0)
    }
}

impl PollLog {
    pub(crate) fn new(source: &'static str) -> Self {
        Self { source, own_words: None, failing: Mutex::default() }
    }

    /// With `tell` to log the failures of a feed, once as those of others.
    pub(crate) fn telling(mut self, feed: &'static str, tell: Tell) -> Self {
        self.own_words = Some((feed, tell));
        self
    }

    /// Records a run that has ended, together with how far it has read a list.
    pub(crate) async fn record(
        &self,
        ledger: &Ledger,
        run: Run,
        read: Option<(Feed, FeedRead)>,
    ) -> Result<(), ledger::Error> {
        self.log(&run);
        let is_idle = run.is_idle();
        let error = match (run.error, run.said) {
            (Some(error), Some(said)) => Some(format!("{error}: {said}")),
            (error, _) => error,
        };
        let poll = Poll {
            source: self.source,
            feed: run.feed,
            started_at: run.started_at,
            outcome: run.outcome,
            fetched: run.fetched,
            changed: run.changed,
            error,
        };
        let ran = poll.clone();
        measure(&ran, ledger.record_run(poll, read, is_idle).await?);
        Ok(())
    }

    fn log(&self, run: &Run) {
        let (source, feed, fetched) = (self.source, run.feed.as_ref(), run.fetched);
        // While we are refused the words are now those of a refusal, now those of its pause.
        let is_refused = run.outcome == Outcome::Unauthorized;
        let said = run.error.as_deref().map(|error| if is_refused { "refused" } else { error });
        let is_news = self.is_news(run.feed.clone(), said);
        match &run.error {
            Some(error) if is_news => match self.own_words {
                Some((own, tell)) if own == feed => tell(error),
                _ => tracing::warn!(source, feed, fetched, %error, "poll failed"),
            },
            Some(error) => tracing::debug!(source, feed, %error, "poll failed again"),
            None if is_news => tracing::info!(source, feed, fetched, "poll recovered"),
            None if run.is_notable => tracing::info!(
                source,
                feed,
                fetched,
                new = run.new,
                changed = run.changed,
                quarantined = run.quarantined,
                "polled"
            ),
            None => tracing::debug!(source, feed, fetched, "polled"),
        }
    }

    /// Whether the feed fares otherwise than in its last run.
    fn is_news(&self, feed: Cow<'static, str>, error: Option<&str>) -> bool {
        let mut failing = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
        let before = match error {
            Some(error) => failing.insert(feed, error.to_owned()),
            None => failing.remove(&feed),
        };
        before.as_deref() != error
    }
}

/// Counts a run that is recorded.
fn measure(ran: &Poll, ended_at: Timestamp) {
    let labels = [ran.source, ran.feed.as_ref()];
    let by_outcome = [ran.source, ran.feed.as_ref(), ran.outcome.word()];
    metrics::count(Metric::Polls, &by_outcome, 1);
    metrics::count(Metric::PolledItems, &labels, ran.fetched);
    metrics::count(Metric::PolledChanges, &labels, ran.changed);
    // A clock that was set back meanwhile tells of no time at all.
    let took = ended_at.duration_since(ran.started_at);
    let took = Duration::try_from(took).unwrap_or_default();
    metrics::observe(Metric::PollSeconds, &labels, took);
}
