//! How the ledger stands: what `status`, the metrics, the line of systemd and everything else
//! that shows it are made of.
//!
//! It is asked for every few seconds, of a ledger of any size: so each question of a
//! [`Standing`] is answered from an index that holds little more than the answer, and the
//! numbers of [`Tallies`] are kept (see [`tally`](super::tally)). Indexes are named: without statistics
//! SQLite would walk whole tables. A `+` before a column keeps it from walking a whole index
//! for its order.

use jiff::Timestamp;
use serde::Serialize;

use super::{AlmaCount, Error, Reader};
use crate::clock::stamp;

/// A number for each pair of words.
pub type Pairs = Vec<([String; 2], u64)>;

/// What is cheap to know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Each poller's last run, by source and feed.
    pub polls: Vec<LastPoll>,
    /// Envelopes that wait for their acknowledgement.
    pub pending_acknowledgements: u64,
    /// When the oldest of them came.
    pub oldest_pending_acknowledgement: Option<String>,
    /// Calls that are not done: target, op and state (`pending`, `failed`, `unknown`).
    pub calls: Vec<([String; 3], u64)>,
    /// Since when the oldest pending call of each target waits.
    pub oldest_calls: Vec<(String, String)>,
    /// Ids that are not announced: kind and state (`reserved`, `rejected`).
    pub identities: Pairs,
    /// What could not be understood: source, and the queue or feed.
    pub quarantined: Pairs,
    /// Records missing from a full list: source and kind.
    pub missing: Pairs,
    /// The lists of the last full resync, in order.
    pub resync: Vec<ResyncList>,
    /// The newest change, also where it is no longer kept: who begins to follow begins after
    /// it. `None`: there never was one.
    pub last_change: Option<u64>,
    /// Objects of Alma that a change has touched and that are still to be projected.
    pub alma_touched: u64,
    /// Up to which change the ledger has been followed to Alma; `None`: it never was.
    pub alma_cursor: Option<u64>,
}

/// A poller's last run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct LastPoll {
    /// The system.
    pub source: String,
    /// What it reads there.
    pub feed: String,
    /// When the run ended.
    pub finished_at: String,
    /// How: `ok`, `failed` or `unauthorized`.
    pub outcome: String,
    /// The elements it brought.
    pub fetched: u64,
    /// The changes they made.
    pub changed: u64,
    /// Why it failed.
    pub error: Option<String>,
    /// When a run last succeeded, as far as is remembered.
    pub last_ok_at: Option<String>,
}

/// A list of the last full resync.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResyncList {
    /// Its name.
    pub list: String,
    /// `reading`, `done` or `failed`.
    pub state: String,
    /// The state in words: the page it is at, or why it failed.
    pub words: String,
}

/// How much there is, and what the last errors were.
#[derive(Debug, Clone, Default)]
pub struct Tallies {
    /// Live records: source and kind.
    pub records: Pairs,
    /// Findings: source and kind.
    pub findings: Pairs,
    /// Objects of Alma.
    pub alma: Vec<AlmaCount>,
    /// Files on their way to Alma, by state.
    pub alma_files: Vec<(String, u64)>,
    /// Acknowledgements that UZhKH refuses, as far as can be told for good.
    pub refused_acknowledgements: u64,
    /// Calls that UZhKH answers in a way that its document does not have, and that are repeated.
    pub undocumented_calls: u64,
    /// The error of an acknowledgement that is still due.
    pub acknowledgement_error: Option<String>,
    /// The error of a call that is still to be sent.
    pub call_error: Option<String>,
}

impl Standing {
    /// How many calls are in a state.
    pub fn calls_in(&self, state: &str) -> u64 {
        let calls = self.calls.iter().filter(|([_, _, known], _)| known == state);
        calls.map(|(_, count)| count).sum()
    }

    /// Since when the oldest pending call waits.
    pub fn oldest_call(&self) -> Option<&str> {
        self.oldest_calls.iter().map(|(_, since)| since.as_str()).min()
    }

    /// How many ids are in a state.
    pub fn identities_in(&self, state: &str) -> u64 {
        let identities = self.identities.iter().filter(|([_, known], _)| known == state);
        identities.map(|(_, count)| count).sum()
    }
}

impl Tallies {
    /// How many live records of a kind there are.
    pub fn live_records(&self, kind: &str) -> u64 {
        let records = self.records.iter().filter(|([_, known], _)| known == kind);
        records.map(|(_, count)| count).sum()
    }
}

/// How many there are of all pairs.
pub fn sum(pairs: &Pairs) -> u64 {
    pairs.iter().map(|(_, count)| count).sum()
}

impl Reader {
    /// Reads what is cheap to know.
    ///
    /// `now`: a success that is dated later is by a clock that was ahead, and none.
    pub fn standing(&self, now: Timestamp) -> Result<Standing, Error> {
        Ok(Standing {
            polls: self.last_polls(now)?,
            pending_acknowledgements: self
                .number("SELECT count(*) FROM envelope INDEXED BY envelope_committed WHERE state = 'committed'")?,
            oldest_pending_acknowledgement: self
                .rows(
                    "SELECT received_at FROM envelope WHERE seq = (SELECT min(seq) FROM (\
                     SELECT min(seq) AS seq FROM envelope INDEXED BY envelope_committed \
                     WHERE state = 'committed' AND queue = 'requests' \
                     UNION ALL \
                     SELECT min(seq) FROM envelope INDEXED BY envelope_committed \
                     WHERE state = 'committed' AND queue = 'deleted'))",
                    |row| row.get(0),
                )?
                .pop(),
            // Two indexes, one for each branch; a sum over both would walk the table.
            calls: self.rows(
                "SELECT target, op, state, count(*) FROM call INDEXED BY call_pending WHERE state = 'pending' \
                 GROUP BY 1, 2, 3 \
                 UNION ALL \
                 SELECT target, op, state, count(*) FROM call INDEXED BY call_stuck \
                 WHERE state IN ('failed', 'unknown') GROUP BY 1, 2, 3",
                |row| Ok(([row.get(0)?, row.get(1)?, row.get(2)?], row.get(3)?)),
            )?,
            oldest_calls: self.rows(
                "SELECT target, min(created_at) FROM call INDEXED BY call_pending WHERE state = 'pending' \
                 GROUP BY target",
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?,
            identities: self.pairs(
                "SELECT kind, state, count(*) FROM identity INDEXED BY identity_reserved \
                 WHERE state = 'reserved' GROUP BY +kind \
                 UNION ALL \
                 SELECT kind, state, count(*) FROM identity INDEXED BY identity_waiting \
                 WHERE state = 'waiting' GROUP BY +kind \
                 UNION ALL \
                 SELECT kind, state, count(*) FROM identity INDEXED BY identity_rejected \
                 WHERE state = 'rejected' GROUP BY +kind",
            )?,
            quarantined: self.pairs(
                "SELECT 'uzhkh', queue, count(*) FROM envelope INDEXED BY envelope_quarantined \
                 WHERE state = 'quarantined' GROUP BY +queue \
                 UNION ALL \
                 SELECT source, feed, count(*) FROM item INDEXED BY item_quarantined \
                 WHERE state = 'quarantined' GROUP BY +source, +feed",
            )?,
            missing: self.pairs(
                "SELECT source, kind, count(*) FROM record INDEXED BY record_missing \
                 WHERE missing_since IS NOT NULL GROUP BY source, kind",
            )?,
            resync: self.rows(
                "SELECT list, state, CASE state WHEN 'reading' THEN 'at page ' || next_page \
                 WHEN 'failed' THEN 'failed: ' || last_error ELSE state END FROM resync ORDER BY rowid",
                |row| Ok(ResyncList { list: row.get(0)?, state: row.get(1)?, words: row.get(2)? }),
            )?,
            last_change: Some(self.newest_change()?.0.cast_unsigned()).filter(|newest| *newest > 0),
            alma_touched: self.number("SELECT count(*) FROM alma_dirty")?,
            alma_cursor: self
                .rows("SELECT change_seq FROM alma_cursor", |row| row.get(0))?
                .pop(),
        })
    }

    /// Reads how much there is.
    pub fn tallies(&self) -> Result<Tallies, Error> {
        Ok(Tallies {
            records: self.tally("record")?,
            findings: self.tally("finding")?,
            alma: self.alma_counts()?,
            alma_files: self.alma_file_counts()?,
            refused_acknowledgements: self.number(
                "SELECT count(*) FROM envelope INDEXED BY envelope_failing \
                 WHERE state = 'committed' AND last_error IS NOT NULL AND refused_status IS NOT NULL",
            )?,
            // A 401 and a 403 pause everything, a 407 is the proxy's, a 408 and a 429 pass.
            undocumented_calls: self.number(
                "SELECT count(*) FROM call INDEXED BY call_failing \
                 WHERE state = 'pending' AND last_error IS NOT NULL AND target = 'uzhkh' \
                     AND last_status / 100 IN (2, 4) AND last_status NOT IN (401, 403, 407, 408, 429)",
            )?,
            acknowledgement_error: self.text(
                "SELECT max(last_error) FROM envelope INDEXED BY envelope_failing \
                 WHERE state = 'committed' AND last_error IS NOT NULL",
            )?,
            call_error: self.text(
                "SELECT max(last_error) FROM call INDEXED BY call_failing \
                 WHERE state = 'pending' AND last_error IS NOT NULL",
            )?,
        })
    }

    /// Why acknowledgements and the calls to a system that wait have failed: one reason of each,
    /// where they have.
    pub(crate) fn reasons_of_waiting(&self, target: &str) -> Result<Vec<String>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT max(last_error) AS reason FROM envelope INDEXED BY envelope_failing \
             WHERE state = 'committed' AND last_error IS NOT NULL HAVING reason IS NOT NULL \
             UNION \
             SELECT max(last_error) AS reason FROM call INDEXED BY call_failing \
             WHERE state = 'pending' AND last_error IS NOT NULL AND target = ?1 HAVING reason IS NOT NULL",
        )?;
        let reasons = statement.query_map([target], |row| row.get(0))?;
        Ok(reasons.collect::<Result<_, _>>()?)
    }

    /// Each poller's last run.
    pub(crate) fn last_polls(&self, now: Timestamp) -> Result<Vec<LastPoll>, Error> {
        self.rows(
            &format!(
                "SELECT source, feed, finished_at, outcome, fetched, changed, error, \
             (SELECT finished_at FROM poll AS ok \
              WHERE ok.source = p.source AND ok.feed = p.feed AND ok.outcome = 'ok' \
                  AND ok.finished_at <= '{}' \
              ORDER BY seq DESC LIMIT 1) \
             FROM poll AS p WHERE seq IN (SELECT max(seq) FROM poll GROUP BY source, feed) \
             ORDER BY source, feed",
                stamp(now)
            ),
            |row| {
                Ok(LastPoll {
                    source: row.get(0)?,
                    feed: row.get(1)?,
                    finished_at: row.get(2)?,
                    outcome: row.get(3)?,
                    fetched: row.get(4)?,
                    changed: row.get(5)?,
                    error: row.get(6)?,
                    last_ok_at: row.get(7)?,
                })
            },
        )
    }

    fn number(&self, sql: &str) -> Result<u64, Error> {
        Ok(self.connection.query_row(sql, [], |row| row.get(0))?)
    }

    fn text(&self, sql: &str) -> Result<Option<String>, Error> {
        Ok(self.connection.query_row(sql, [], |row| row.get(0))?)
    }

    fn pairs(&self, sql: &str) -> Result<Pairs, Error> {
        self.rows(sql, |row| Ok(([row.get(0)?, row.get(1)?], row.get(2)?)))
    }

    pub(super) fn rows<T>(
        &self,
        sql: &str,
        read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, Error> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
