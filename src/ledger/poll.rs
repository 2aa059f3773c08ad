//! `poll`: the last runs of each poller.

use std::borrow::Cow;

use jiff::Timestamp;
use rusqlite::params;

use super::word::in_column;
use super::{Error, Tx};
use crate::clock::stamp;

/// The runs of a poller that are kept.
const KEPT: i64 = 200;

/// The outcome of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Outcome {
    /// Everything was read.
    Ok,
    /// Something failed; `poll.error` says what.
    Failed,
    /// The upstream refused the credentials or our address.
    Unauthorized,
}

in_column!(pub Outcome);

/// A run of a poller.
#[derive(Debug, Clone)]
pub struct Poll {
    /// The system: `uzhkh`.
    pub source: &'static str,
    /// The list that was read: `Requests`, or the feed's name.
    pub feed: Cow<'static, str>,
    /// Start of the run.
    pub started_at: Timestamp,
    /// Its outcome.
    pub outcome: Outcome,
    /// The elements that came.
    pub fetched: u64,
    /// The rows of `change` that they made.
    pub changed: u64,
    /// The failure; `None` when ok.
    pub error: Option<String>,
}

/// A row of `poll` that has been written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) seq: i64,
    pub(super) started_at: Timestamp,
}

impl Tx<'_> {
    /// Records a run that has just ended and removes the oldest ones, except the last that
    /// succeeded: it tells since when a feed has been failing.
    pub fn insert_poll(&self, poll: &Poll) -> Result<(), Error> {
        self.insert_poll_ended(poll, self.at).map(drop)
    }

    /// The same, for a run that ended at this time.
    pub(super) fn insert_poll_ended(
        &self,
        poll: &Poll,
        finished_at: Timestamp,
    ) -> Result<Row, Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO poll (source, feed, started_at, finished_at, outcome, fetched, changed, error) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                poll.source,
                poll.feed,
                stamp(poll.started_at),
                stamp(finished_at),
                poll.outcome,
                poll.fetched,
                poll.changed,
                poll.error
            ])?;
        let row = Row { seq: self.connection.last_insert_rowid(), started_at: poll.started_at };
        self.connection
            .prepare_cached(
                "DELETE FROM poll WHERE source = ?1 AND feed = ?2 AND seq <= (\
                 SELECT seq FROM poll WHERE source = ?1 AND feed = ?2 \
                 ORDER BY seq DESC LIMIT 1 OFFSET ?3) \
                 AND seq IS NOT (SELECT seq FROM poll WHERE source = ?1 AND feed = ?2 \
                 AND outcome = 'ok' ORDER BY seq DESC LIMIT 1)",
            )?
            .execute(params![poll.source, poll.feed, KEPT])?;
        Ok(row)
    }

    /// A further run that brought nothing shares the row of the one before; false where that is
    /// gone.
    pub(super) fn extend_poll(
        &self,
        row: Row,
        poll: &Poll,
        finished_at: Timestamp,
    ) -> Result<bool, Error> {
        let extended = self
            .connection
            .prepare_cached("UPDATE poll SET finished_at = ?2, fetched = ?3 WHERE seq = ?1")?
            .execute(params![row.seq, stamp(finished_at), poll.fetched])?;
        Ok(extended == 1)
    }
}
