//! Keeps the ledger over the years: backups on schedule, what is old forgotten, the log
//! within bounds.
//!
//! Nothing here stands in anybody's way: copies are read beside the writer, what is
//! removed is removed a little at a time. Nothing here ends the service either: what
//! fails is recorded, told, and tried again; a ledger that has failed for good is found
//! by whoever writes next.

mod backups;
mod folder;
mod retention;
mod wal;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::clock::SharedClock;
use crate::config::{Backup, Config};
use crate::ledger::{self, Ledger, Outcome};
use crate::runtime::pace;
use crate::runtime::poll_log::{PollLog, Run};

/// `poll.source` of what the service does with the ledger itself.
const SOURCE: &str = "ledger";

/// The part of the service that keeps the ledger.
pub(crate) struct Keeping {
    ledger: Arc<Ledger>,
    path: PathBuf,
    clock: SharedClock,
    stop: CancellationToken,
    backup: Option<Backup>,
    /// A backup is due.
    due: Arc<Notify>,
    keep_envelopes: Option<Duration>,
    keep_changes: Option<Duration>,
    follows_alma: bool,
    polls: PollLog,
    /// A backup is being made: it holds on to the log.
    is_copying: AtomicBool,
}

impl Keeping {
    /// Sets the part up.
    pub(crate) fn new(
        config: &Config,
        ledger: &Arc<Ledger>,
        clock: &SharedClock,
        stop: &CancellationToken,
    ) -> Self {
        Self {
            ledger: Arc::clone(ledger),
            path: config.ledger.path.clone(),
            clock: Arc::clone(clock),
            stop: stop.clone(),
            backup: config.backup.clone(),
            due: Arc::default(),
            keep_envelopes: config.ledger.keep_envelopes,
            keep_changes: config.ledger.keep_changes,
            follows_alma: config.alma.is_some(),
            polls: PollLog::new(SOURCE),
            is_copying: AtomicBool::new(false),
        }
    }

    /// When a backup is made, where any is: the schedule and who is to be notified.
    pub(crate) fn job(&self) -> Option<(String, Arc<Notify>)> {
        let backup = self.backup.as_ref()?;
        Some((backup.schedule.clone(), Arc::clone(&self.due)))
    }

    /// Works until stopped.
    ///
    /// # Errors
    /// The ledger's, where not even what has happened can be recorded.
    pub(crate) async fn run(&self) -> Result<(), ledger::Error> {
        tokio::try_join!(
            self.keep_backing_up(),
            self.keep_forgetting(),
            self.keep_the_log_short(),
        )?;
        Ok(())
    }

    /// Records what has been done, or why it failed.
    async fn record(
        &self,
        feed: &'static str,
        started_at: Timestamp,
        done: Result<(u64, u64), String>,
    ) -> Result<(), ledger::Error> {
        let (outcome, (fetched, changed), error) = match done {
            Ok(counts) => (Outcome::Ok, counts, None),
            Err(error) => (Outcome::Failed, (0, 0), Some(error)),
        };
        let run = Run {
            feed: feed.into(),
            started_at,
            outcome,
            fetched,
            new: 0,
            changed,
            quarantined: 0,
            error,
            said: None,
            is_notable: false,
        };
        self.polls.record(&self.ledger, run, |_| Ok(())).await
    }

    /// Waits for something, or for the end; false at the end.
    async fn until(&self, event: impl Future<Output = ()>) -> bool {
        pace::until(&self.stop, event).await
    }
}
