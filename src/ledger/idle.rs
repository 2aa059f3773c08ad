//! Runs of pollers that brought nothing. A service asks every few seconds, and nearly always in
//! vain: the first such run of a feed is written at once, and then the latest one a minute, all
//! feeds' in one transaction. Until then it is known here alone.

use std::collections::BTreeMap;
use std::sync::{MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use super::poll::Row;
use super::{Error, Feed, FeedRead, Ledger, Outcome, Poll, Standing, Tx};
use crate::clock::stamp;

/// For how long runs may be known here alone.
const WRITTEN_WITHIN: Duration = Duration::from_secs(60);
/// For how long the runs of a feed that brought nothing share a row.
const ROW_LASTS: SignedDuration = SignedDuration::from_hours(1);

/// A run of a poller that has ended.
#[derive(Debug, Clone)]
struct Run {
    poll: Poll,
    finished_at: Timestamp,
    /// How far a list has been read by it.
    read: Option<(Feed, FeedRead)>,
    /// Whether it succeeded and brought nothing that was not known.
    is_idle: bool,
}

/// A feed, by its system and name.
type Name = (&'static str, String);

/// The feeds whose latest run brought nothing.
#[derive(Debug, Default)]
pub(super) struct IdlePolls {
    feeds: BTreeMap<Name, Latest>,
    /// When runs were last written.
    written: Option<Instant>,
}

/// The latest run of a feed.
#[derive(Debug, Clone)]
struct Latest {
    run: Run,
    /// The row that this process has written for such runs; `None`: not yet.
    row: Option<Row>,
    is_written: bool,
}

impl IdlePolls {
    /// Takes a run in. Answers what is to be written now, in order; `None` where that has time.
    fn take_in(&mut self, run: Run) -> Option<Vec<Latest>> {
        // How far a list has been read decides what others do.
        let has_time = run.is_idle && run.read.is_none();
        let was_just_written =
            self.written.is_some_and(|written| written.elapsed() < WRITTEN_WITHIN);
        let name = (run.poll.source, run.poll.feed.clone().into_owned());
        if let Some(known) = self.feeds.get_mut(&name)
            && has_time
            && was_just_written
            && known.row.is_some()
        {
            known.run = run;
            known.is_written = false;
            return None;
        }
        let mut due = self.unwritten();
        let row = self.feeds.remove(&name).and_then(|known| known.row);
        let latest = Latest { row: row.filter(|_| run.is_idle), run, is_written: true };
        if latest.run.is_idle {
            self.feeds.insert(name, latest.clone());
        }
        due.push(latest);
        Some(due)
    }

    /// What is known here alone.
    fn unwritten(&mut self) -> Vec<Latest> {
        let unwritten = self.feeds.values_mut().filter(|latest| !latest.is_written);
        unwritten
            .map(|latest| {
                latest.is_written = true;
                latest.clone()
            })
            .collect()
    }

    /// These rows have been written, in this order.
    fn note(&mut self, rows: Vec<(Name, Row)>) {
        self.written = Some(Instant::now());
        for (name, row) in rows {
            // One that has brought something since begins another row.
            if let Some(known) = self.feeds.get_mut(&name)
                && known.row.is_none_or(|known| known.seq <= row.seq)
            {
                known.row = Some(row);
            }
        }
    }
}

impl Latest {
    fn write(&self, tx: &Tx<'_>) -> Result<(Name, Row), Error> {
        let Run { poll, finished_at, read, .. } = &self.run;
        if let Some((feed, read)) = read {
            tx.feed_read(feed, read)?;
        }
        let shared = self.row.filter(|row| {
            let age = poll.started_at.duration_since(row.started_at);
            !age.is_negative() && age < ROW_LASTS
        });
        let row = match shared {
            Some(row) if tx.extend_poll(row, poll, *finished_at)? => row,
            _ => tx.insert_poll_ended(poll, *finished_at)?,
        };
        Ok(((poll.source, poll.feed.clone().into_owned()), row))
    }
}

fn write_all(tx: &Tx<'_>, runs: &[Latest]) -> Result<Vec<(Name, Row)>, Error> {
    runs.iter().map(|latest| latest.write(tx)).collect()
}

impl Ledger {
    /// Records a run, and how far a list has been read by it. One that brought nothing may be
    /// written later: a crash loses a minute of such runs at most.
    /// Answers when it ended.
    pub(crate) async fn record_run(
        &self,
        poll: Poll,
        read: Option<(Feed, FeedRead)>,
        is_idle: bool,
    ) -> Result<Timestamp, Error> {
        let finished_at = self.clock.now();
        let due = self.idle_polls().take_in(Run { poll, finished_at, read, is_idle });
        if let Some(due) = due {
            let rows = self.write(move |tx| write_all(tx, &due)).await?;
            self.idle_polls().note(rows);
        }
        Ok(finished_at)
    }

    /// Has the writer write what is known here alone.
    pub(super) fn write_idle_polls(&self) {
        let due = self.idle_polls().unwritten();
        if !due.is_empty() {
            // The ledger is being closed: the answer is of no more use.
            drop(self.lock().send(move |tx| write_all(tx, &due)));
        }
    }

    /// Puts the runs that are not written yet into what was read of the ledger.
    pub(crate) fn complete(&self, standing: &mut Standing) {
        for latest in self.idle_polls().feeds.values() {
            let Run { poll, finished_at, .. } = &latest.run;
            let at = stamp(*finished_at);
            let mut known = standing.polls.iter_mut();
            let known = known.find(|known| known.source == poll.source && known.feed == poll.feed);
            if let Some(known) = known.filter(|known| known.finished_at < at) {
                known.outcome = Outcome::Ok.word().to_owned();
                known.fetched = poll.fetched;
                known.changed = poll.changed;
                known.error = None;
                known.last_ok_at = Some(at.clone());
                known.finished_at = at;
            }
        }
    }

    fn idle_polls(&self) -> MutexGuard<'_, IdlePolls> {
        self.idle_polls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
