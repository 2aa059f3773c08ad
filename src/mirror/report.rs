//! What is said of a read once it has ended: its run, and how far the list has been
//! read, in one transaction.

use jiff::Timestamp;

use super::{Mirror, Outcome, Shrunk};
use crate::ledger::{self, FeedRead, Share};
use crate::runtime::poll_log::{PollLog, Run};

/// Why a read failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) outcome: ledger::Outcome,
    /// In our words.
    pub(crate) error: String,
    /// In the upstream's: for the ledger, not for the log.
    pub(crate) said: Option<String>,
}

impl Failure {
    pub(crate) fn new(error: impl ToString) -> Self {
        Self { outcome: ledger::Outcome::Failed, error: error.to_string(), said: None }
    }
}

impl Mirror {
    /// Records how a read ended; true when it succeeded.
    ///
    /// # Errors
    /// The ledger's.
    pub(crate) async fn report(
        &self,
        polls: &PollLog,
        started_at: Timestamp,
        ended: Result<(Outcome, FeedRead), Failure>,
    ) -> Result<bool, ledger::Error> {
        let (outcome, read, failure) = match ended {
            Ok((outcome, read)) => match outcome.shrunk {
                Some(shrunk) => (outcome, None, Some(Failure::new(self.guarded(shrunk)))),
                None => (outcome, Some(read), None),
            },
            Err(failure) => (Outcome::default(), None, Some(failure)),
        };
        if outcome.quarantined > 0 {
            tracing::warn!(
                source = self.feed.source,
                feed = self.feed.name,
                quarantined = outcome.quarantined,
                "items could not be understood; see `uzhkh-ledger quarantine list`"
            );
        }
        let is_well = failure.is_none();
        let (poll_outcome, error, said) = match failure {
            Some(failure) => (failure.outcome, Some(failure.error), failure.said),
            None => (ledger::Outcome::Ok, None, None),
        };
        let run = Run {
            feed: self.feed.name.clone().into(),
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
        let feed = self.feed.clone();
        polls
            .record(&self.ledger, run, move |tx| match &read {
                Some(read) => tx.feed_read(&feed, read),
                None => Ok(()),
            })
            .await?;
        Ok(is_well)
    }

    fn guarded(&self, shrunk: Shrunk) -> String {
        let (source, feed) = (self.feed.source, &self.feed.name);
        let problem = match shrunk {
            Shrunk::Empty(of) => format!("it came empty, and showed {of} before"),
            Shrunk::Lacks(Share { missing, of }) => format!(
                "{missing} of the {of} it showed are missing from it, which is over max_shrink ({} %)",
                self.max_shrink
            ),
        };
        format!(
            "{source}: {feed}: {problem}; nothing was deleted. If they are gone indeed: \
             uzhkh-ledger run --once --accept-shrink {}",
            self.called
        )
    }
}
