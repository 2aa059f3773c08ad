//! A poll of a list: what to ask for is decided from the ledger, the [`Source`] reads it, and
//! the end is recorded in one transaction with how far the list has been read.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Error, Failure, Mirror, Outcome, Reading, Shrunk};
use crate::clock::SharedClock;
use crate::ledger::{self, FeedRead, FeedState, Share};
use crate::runtime::poll_log::Run;

/// The coverage of a read: the share of the upstream's records that it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coverage {
    /// Everything: a record that it lacks is gone.
    Complete,
    /// Everything of what never vanishes: a record that it lacks is marked as missing from it.
    Lasting,
    /// All that was asked for, while a record that it lacks may still exist: a filtered list.
    /// A full read that deletes nothing.
    Selection,
    /// An increment, or a list with gaps. It deletes nothing and is no full read.
    Partial,
}

/// Reads one list of a system.
pub(crate) trait Source {
    /// The query of a poll.
    type Query;

    /// The list in the ledger.
    fn mirror(&self) -> &Arc<Mirror>;

    /// Decides what to ask for, from how far the list has been read.
    fn query(&self, state: &FeedState, now: Timestamp) -> Self::Query;

    /// A hash of the configuration that queries depend on, where any do.
    fn fingerprint(&self) -> String {
        String::new()
    }

    /// By how many seconds the upstream's clock, by which it tells what has changed, is ahead of
    /// ours, where that is much.
    fn portal_ahead(&self) -> Option<i64> {
        None
    }

    /// Asks for the list and hands its items to the reading.
    async fn read(&self, query: Self::Query, reading: &mut Reading) -> Result<Coverage, Error>;
}

/// A poll that has begun: nothing has been asked of the upstream yet.
pub(crate) struct Poll<'s, S: Source> {
    source: &'s S,
    pub(crate) query: S::Query,
    reading: Reading,
}

/// Polls a list; true when that succeeded.
///
/// # Errors
/// A ledger that cannot be worked with (see [`ledger::Error::is_fatal`]): any other failure
/// is recorded with the poll.
pub(crate) async fn poll(source: &impl Source, clock: &SharedClock) -> Result<bool, ledger::Error> {
    Poll::begin(source, clock.now()).await?.run().await
}

impl<'s, S: Source> Poll<'s, S> {
    /// Decides what to ask for.
    pub(crate) async fn begin(source: &'s S, now: Timestamp) -> Result<Self, ledger::Error> {
        let mirror = source.mirror();
        let feed = mirror.list.feed.clone();
        let state = mirror.ledger.feed_state(feed).await?;
        Self::asking(source, source.query(&state, now), now).await
    }

    /// A poll that asks for `query`, however far the list has been read.
    pub(crate) async fn asking(
        source: &'s S,
        query: S::Query,
        now: Timestamp,
    ) -> Result<Self, ledger::Error> {
        let mirror = source.mirror();
        let as_of = mirror.ledger.read(ledger::Reader::newest_change).await?;
        Ok(Self { source, query, reading: Reading::new(mirror, now, as_of) })
    }

    /// Reads the list and records the poll; true when it succeeded.
    pub(crate) async fn run(self) -> Result<bool, ledger::Error> {
        let (source, began_at) = (self.source, self.reading.began_at);
        report(source, began_at, self.read().await).await
    }

    /// Records that the list could not even be asked for.
    pub(crate) async fn fail(self, error: impl Into<Error>) -> Result<bool, ledger::Error> {
        report(self.source, self.reading.began_at, Err(error.into())).await
    }

    /// Reads the list into the ledger.
    pub(crate) async fn read(mut self) -> Result<(Outcome, Coverage), Error> {
        let coverage = self.source.read(self.query, &mut self.reading).await?;
        Ok((self.reading.end(coverage).await?, coverage))
    }
}

/// Records how a poll ended.
async fn report(
    source: &impl Source,
    began_at: Timestamp,
    ended: Result<(Outcome, Coverage), Error>,
) -> Result<bool, ledger::Error> {
    let mirror = source.mirror();
    let (outcome, read, failure) = match ended {
        Ok((outcome, coverage)) => match outcome.shrunk {
            Some(shrunk) => (outcome, None, Some(Failure::new(mirror.guarded(shrunk)))),
            None => {
                let read = FeedRead {
                    asked_sha256: source.fingerprint(),
                    began_at,
                    portal_ahead: source.portal_ahead(),
                    is_full: coverage != Coverage::Partial,
                };
                (outcome, Some(read), None)
            }
        },
        // Cut off by our own end: neither a success nor a failure.
        Err(Error::Stopped) => return Ok(false),
        Err(Error::Ledger(error)) if error.is_fatal() => return Err(error),
        Err(error) => (Outcome::default(), None, Some(mirror.failure(error))),
    };
    mirror.record(began_at, outcome, read, failure).await
}

impl Mirror {
    /// A failed read in words, with the name of its list.
    pub(crate) fn failure(&self, error: Error) -> Failure {
        match error {
            Error::Upstream(failure) => failure,
            Error::Ledger(error) => Failure::new(error),
            error => {
                let ledger::Feed { source, name, .. } = &self.list.feed;
                Failure::new(format!("{source}: {name}: {error}"))
            }
        }
    }

    /// Records a poll that has ended, and how far the list has been read by it; true when it
    /// did not fail.
    async fn record(
        &self,
        started_at: Timestamp,
        outcome: Outcome,
        read: Option<FeedRead>,
        failure: Option<Failure>,
    ) -> Result<bool, ledger::Error> {
        let feed = self.list.feed.clone();
        if outcome.quarantined > 0 {
            tracing::warn!(
                source = feed.source,
                feed = feed.name,
                quarantined = outcome.quarantined,
                "items quarantined: they cannot be understood; see `uzhkh-ledger quarantine list`"
            );
        }
        let is_well = failure.is_none();
        let (poll_outcome, error, said) = match failure {
            Some(failure) => (failure.outcome, Some(failure.error), failure.said),
            None => (ledger::Outcome::Ok, None, None),
        };
        let run = Run {
            feed: feed.name.clone().into(),
            started_at,
            outcome: poll_outcome,
            fetched: outcome.fetched,
            new: outcome.new,
            changed: outcome.changed,
            quarantined: outcome.quarantined,
            error,
            said,
            is_notable: outcome.changed > 0,
        };
        self.polls.record(&self.ledger, run, read.map(|read| (feed, read))).await?;
        Ok(is_well)
    }

    fn guarded(&self, shrunk: Shrunk) -> String {
        let ledger::Feed { source, name, .. } = &self.list.feed;
        let problem = match shrunk {
            Shrunk::Empty(of) => format!("it came empty, and showed {of} before"),
            Shrunk::Lacks(Share { missing, of }) => format!(
                "{missing} of the {of} it showed are missing from it, which is over max_shrink ({} %)",
                self.list.max_shrink
            ),
        };
        format!(
            "{source}: {name}: {problem}; nothing was deleted. If they are gone indeed: \
             uzhkh-ledger run --once --accept-shrink {}",
            self.called
        )
    }
}
