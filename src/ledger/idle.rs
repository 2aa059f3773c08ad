//! Runs of pollers that brought nothing. A service asks every few seconds, and nearly always in
//! vain: the first such run of a feed is written at once, and then the latest one every five
//! minutes, all feeds' in one transaction. Until then it is known here alone, and so is how far a
//! list has been read by it: after a crash a little is read again.

use std::collections::BTreeMap;
use std::sync::{MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use super::poll::Row;
use super::{Error, Feed, FeedRead, FeedState, Ledger, Outcome, Poll, Standing, Tx};
use crate::clock::stamp;

/// For how long runs may be known here alone.
const WRITTEN_WITHIN: Duration = Duration::from_secs(300);
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
    /// Whether that may be written later.
    has_time: bool,
}

impl Run {
    /// Whether it has read the same list in the same way, if any.
    fn is_like(&self, other: &Run) -> bool {
        match (&self.read, &other.read) {
            (Some((_, one)), Some((_, other))) => one.is_like(other),
            (one, other) => one.is_none() && other.is_none(),
        }
    }
}

/// A feed, by its system and name.
type Name = (&'static str, String);

/// The feeds whose latest run brought nothing.
#[derive(Debug, Default)]
pub(super) struct IdlePolls {
    feeds: BTreeMap<Name, Latest>,
    /// When runs were last given to be written.
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
        let was_just_written =
            self.written.is_some_and(|written| written.elapsed() < WRITTEN_WITHIN);
        let name = (run.poll.source, run.poll.feed.clone().into_owned());
        if let Some(known) = self.feeds.get_mut(&name)
            && run.has_time
            && was_just_written
            && known.row.is_some()
            && run.is_like(&known.run)
        {
            known.run = run;
            known.is_written = false;
            return None;
        }
        // Others that end at this moment leave theirs to the next time.
        self.written = Some(Instant::now());
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
            tx.feed_read(feed, read, self.run.is_idle)?;
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
    /// written later: a crash loses five minutes of such runs at most.
    /// Answers when it ended.
    pub(crate) async fn record_run(
        &self,
        poll: Poll,
        read: Option<(Feed, FeedRead)>,
        is_idle: bool,
    ) -> Result<Timestamp, Error> {
        let finished_at = self.clock.now();
        let has_time = is_idle && !self.uses_up_acceptance(read.as_ref()).await?;
        let due = self.idle_polls().take_in(Run { poll, finished_at, read, is_idle, has_time });
        if let Some(due) = due {
            let rows = self.write(move |tx| write_all(tx, &due)).await?;
            self.idle_polls().note(rows);
        }
        Ok(finished_at)
    }

    /// Whether an operator had accepted what a full read lacks: the next one asks anew.
    async fn uses_up_acceptance(&self, read: Option<&(Feed, FeedRead)>) -> Result<bool, Error> {
        let Some((feed, _)) = read.filter(|(_, read)| read.is_full) else { return Ok(false) };
        let feed = feed.clone();
        let state = self.read(move |reader| reader.feed_state(&feed)).await?;
        Ok(state.shrink_accepted_at.is_some())
    }

    /// How far a feed has been read, by runs that are not written yet, too.
    pub(crate) async fn feed_state(&self, feed: Feed) -> Result<FeedState, Error> {
        let name = (feed.source, feed.name.clone());
        let mut state = self.read(move |reader| reader.feed_state(&feed)).await?;
        if let Some(known) = self.idle_polls().feeds.get(&name)
            && let Some((_, read)) = &known.run.read
        {
            state.go_on(read);
        }
        Ok(state)
    }

    /// Writes what is known here alone, where something is decided by how far a list has been
    /// read.
    pub(crate) async fn write_idle_runs(&self) -> Result<(), Error> {
        let due = self.idle_polls().unwritten();
        if !due.is_empty() {
            let rows = self.write(move |tx| write_all(tx, &due)).await?;
            self.idle_polls().note(rows);
        }
        Ok(())
    }

    /// Has the writer write what is known here alone, while the ledger is being closed.
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
