//! Keeps the ledger over the years: backups on schedule, retention, the WAL within bounds.
//!
//! Nothing here delays the rest: copies are read beside the writer, what is removed is
//! removed a little at a time. Nothing here ends the service either: what fails is recorded,
//! logged, and tried again; a ledger that has failed for good is found by the next write.

mod backups;
mod folder;
mod retention;
mod wal;

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::clock::SharedClock;
use crate::config::{Backup, Config};
use crate::ledger::{self, Ledger, Outcome};
use crate::runtime::driver::{Next, Task};
use crate::runtime::poll_log::{PollLog, Run};
use crate::runtime::system::Feed;

/// `poll.source` of what the service does with the ledger itself.
const SOURCE: &str = "ledger";

/// The maintenance of the ledger.
pub(crate) struct Maintenance {
    ledger: Arc<Ledger>,
    path: PathBuf,
    clock: SharedClock,
    stop: CancellationToken,
    backup: Option<Backup>,
    keep_envelopes: Option<Duration>,
    keep_changes: Option<Duration>,
    follows_alma: bool,
    polls: PollLog,
    /// A backup is being made: it holds on to the WAL.
    is_copying: AtomicBool,
    wal: wal::Watch,
    last_look: Mutex<retention::LastLook>,
}

impl Maintenance {
    /// Sets it up.
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
            keep_envelopes: config.ledger.keep_envelopes,
            keep_changes: config.ledger.keep_changes,
            follows_alma: config.alma.is_some(),
            polls: PollLog::new(SOURCE).telling(backups::FEED, backups::tell_failure),
            is_copying: AtomicBool::new(false),
            wal: wal::Watch::default(),
            last_look: Mutex::default(),
        }
    }

    /// What is done, and when. Backups and retention take as long as the ledger is large, so
    /// they are not watched; what the WAL waits for, the ledger's own threads do.
    pub(crate) fn tasks(self: &Arc<Self>) -> Vec<Task> {
        let mut tasks = Vec::new();
        if let Some(backup) = &self.backup {
            let schedule = backup.schedule.clone();
            let step = |this: Arc<Self>| async move { this.back_up_if_due().await };
            tasks.push(Task::new("backups", self, step).on(&schedule));
        }
        let step = |this: Arc<Self>| async move {
            this.forget_old().await?;
            Ok(Next::WhenDue)
        };
        tasks.push(Task::new("retention", self, step).every(retention::EVERY).at_once());
        let step = |this: Arc<Self>| async move {
            this.look_at_wal().await?;
            Ok(Next::WhenDue)
        };
        tasks.push(Task::new("wal", self, step).every(wal::EVERY));
        tasks
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
            // Whatever it did, it did it anew.
            new: fetched,
            changed,
            quarantined: 0,
            error,
            said: None,
            is_notable: false,
        };
        self.polls.record(&self.ledger, run, None).await
    }
}

/// The backups as a feed, where they are scheduled.
pub(crate) fn feed(config: &Config) -> Option<Feed> {
    let backup = config.backup.as_ref()?;
    Some(Feed {
        source: SOURCE,
        name: backups::FEED.to_owned(),
        schedule: backup.schedule.clone(),
        is_mirrored: false,
    })
}
