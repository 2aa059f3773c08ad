//! How the ledger stands, in numbers for monitoring.
//!
//! [`Gauges`] are asked for every few seconds, of a ledger of any size, so each question
//! is answered from an index that holds little more than the answer. What takes a walk
//! over a whole table is a [`Tallies`], which is counted seldom. A `+` before a column
//! keeps SQLite from walking a whole index for its order.

use super::{AlmaCount, Error, Reader};

/// A number for each pair of words.
pub(crate) type Pairs = Vec<([String; 2], u64)>;

/// What is cheap to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gauges {
    /// Envelopes that wait for their acknowledgement.
    pub(crate) pending: u64,
    /// When the oldest of them came.
    pub(crate) oldest_pending: Option<String>,
    /// Calls that are not done: target, op, state, and how many.
    pub(crate) calls: Vec<([String; 3], u64)>,
    /// Since when the oldest call of each target waits.
    pub(crate) oldest_calls: Vec<(String, String)>,
    /// Identities that are not announced, by kind and state.
    pub(crate) identities: Pairs,
    /// Quarantined envelopes, by source and queue.
    pub(crate) quarantined: Pairs,
    /// Records missing from a full list, by source and kind.
    pub(crate) missing: Pairs,
    /// The newest change.
    pub(crate) change_seq: u64,
    /// The lists of the last full resync, by state.
    pub(crate) resync: Vec<(String, u64)>,
    /// Each poller's runs.
    pub(crate) polls: Vec<PollOverview>,
    /// Objects of Alma that are to be made anew.
    pub(crate) alma_touched: u64,
    /// Up to where changes have been followed to Alma; None: they never were.
    pub(crate) alma_cursor: Option<u64>,
}

/// The last runs of a poller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PollOverview {
    pub(crate) source: String,
    pub(crate) feed: String,
    pub(crate) is_ok: bool,
    pub(crate) last_run_at: String,
    pub(crate) last_success_at: Option<String>,
}

/// What has to be counted one by one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tallies {
    /// Live records, by source and kind.
    pub(crate) records: Pairs,
    /// Findings, by source and kind.
    pub(crate) findings: Pairs,
    /// Quarantined items of lists, by source and feed.
    pub(crate) quarantined: Pairs,
    /// Objects of Alma.
    pub(crate) alma: Vec<AlmaCount>,
    /// Files on their way to Alma, by state.
    pub(crate) alma_files: Vec<(String, u64)>,
}

impl Reader {
    /// Reads what is cheap to know.
    pub(crate) fn gauges(&self) -> Result<Gauges, Error> {
        Ok(Gauges {
            pending: self
                .number("SELECT count(*) FROM envelope WHERE state = 'committed'")?,
            oldest_pending: self
                .rows(
                    "SELECT received_at FROM envelope WHERE state = 'committed' ORDER BY seq LIMIT 1",
                    |row| row.get(0),
                )?
                .pop(),
            // Two indexes, one for each branch; a sum over both would walk the table.
            calls: self.rows(
                "SELECT target, op, state, count(*) FROM call WHERE state = 'pending' GROUP BY 1, 2, 3 \
                 UNION ALL \
                 SELECT target, op, state, count(*) FROM call WHERE state IN ('failed', 'unknown') GROUP BY 1, 2, 3",
                |row| Ok(([row.get(0)?, row.get(1)?, row.get(2)?], row.get(3)?)),
            )?,
            oldest_calls: self.rows(
                "SELECT target, min(created_at) FROM call WHERE state = 'pending' GROUP BY target",
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?,
            identities: self.pairs_of(
                "SELECT kind, state, count(*) FROM identity WHERE state = 'reserved' GROUP BY +kind \
                 UNION ALL \
                 SELECT kind, state, count(*) FROM identity WHERE state = 'rejected' GROUP BY +kind",
            )?,
            quarantined: self.pairs_of(
                "SELECT 'uzhkh', queue, count(*) FROM envelope WHERE state = 'quarantined' GROUP BY +queue",
            )?,
            missing: self.pairs_of(
                "SELECT source, kind, count(*) FROM record WHERE missing_since IS NOT NULL GROUP BY source, kind",
            )?,
            change_seq: self.number("SELECT coalesce(max(seq), 0) FROM change")?,
            resync: self.rows(
                "SELECT state, count(*) FROM resync GROUP BY state",
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?,
            polls: self.polls()?,
            alma_touched: self.number("SELECT count(*) FROM alma_dirty")?,
            alma_cursor: self
                .rows("SELECT change_seq FROM alma_cursor", |row| row.get(0))?
                .pop(),
        })
    }

    /// Counts what has to be counted one by one; this takes as long as the ledger is large.
    pub(crate) fn tallies(&self) -> Result<Tallies, Error> {
        Ok(Tallies {
            records: self.pairs_of(
                "SELECT source, kind, count(*) FROM record WHERE deleted_at IS NULL GROUP BY source, kind",
            )?,
            findings: self
                .pairs_of("SELECT source, kind, count(*) FROM finding GROUP BY source, kind")?,
            quarantined: self.pairs_of(
                "SELECT source, feed, count(*) FROM item WHERE state = 'quarantined' GROUP BY source, feed",
            )?,
            alma: self.alma_counts()?,
            alma_files: self.alma_file_counts()?,
        })
    }

    fn polls(&self) -> Result<Vec<PollOverview>, Error> {
        self.rows(
            "SELECT source, feed, outcome = 'ok', finished_at, \
             (SELECT finished_at FROM poll AS ok \
              WHERE ok.source = p.source AND ok.feed = p.feed AND ok.outcome = 'ok' \
              ORDER BY seq DESC LIMIT 1) \
             FROM poll AS p WHERE seq IN (SELECT max(seq) FROM poll GROUP BY source, feed) \
             ORDER BY source, feed",
            |row| {
                Ok(PollOverview {
                    source: row.get(0)?,
                    feed: row.get(1)?,
                    is_ok: row.get(2)?,
                    last_run_at: row.get(3)?,
                    last_success_at: row.get(4)?,
                })
            },
        )
    }

    fn number(&self, sql: &str) -> Result<u64, Error> {
        Ok(self.connection.query_row(sql, [], |row| row.get(0))?)
    }

    fn pairs_of(&self, sql: &str) -> Result<Pairs, Error> {
        self.rows(sql, |row| Ok(([row.get(0)?, row.get(1)?], row.get(2)?)))
    }

    fn rows<T>(
        &self,
        sql: &str,
        read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, Error> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
