//! What an operator wants to know at a glance.

use serde::Serialize;

use super::{AlmaCount, Error, Reader};

/// How the ledger stands, as `status` shows it.
#[derive(Debug, Clone, Serialize)]
pub struct Overview {
    /// Each poller's last run.
    pub parts: Vec<PartOverview>,
    /// Envelopes that UZhKH has yet to be told about.
    pub pending_acknowledgements: u64,
    /// Since when the oldest of them is here.
    pub oldest_pending_acknowledgement: Option<String>,
    /// The last error of an acknowledgement that is still due.
    pub acknowledgement_error: Option<String>,
    /// Calls to be sent.
    pub pending_calls: u64,
    /// Since when the oldest of them waits.
    pub oldest_pending_call: Option<String>,
    /// The last error of a call that is still to be sent.
    pub call_error: Option<String>,
    /// Calls that will not be tried again.
    pub failed_calls: u64,
    /// Calls whose outcome is not known: a person must look.
    pub unknown_calls: u64,
    /// Ids that UZhKH has not been told yet.
    pub reserved_ids: u64,
    /// Ids that UZhKH refused.
    pub rejected_ids: u64,
    /// What could not be understood.
    pub quarantined: u64,
    /// Remarks on the quality of the data.
    pub findings: u64,
    /// Live records of each kind.
    pub records: Vec<(String, u64)>,
    /// Records that a full list no longer had.
    pub missing: u64,
    /// How many objects of Alma stand how.
    pub alma: Vec<AlmaCount>,
    /// How many photos and scans stand how on their way to Alma, by state.
    pub alma_files: Vec<(String, u64)>,
    /// The lists of the last full resync and how they stand.
    pub resync: Vec<(String, String)>,
    /// The newest change.
    pub last_change: Option<i64>,
}

/// A poller's last run.
#[derive(Debug, Clone, Serialize)]
pub struct PartOverview {
    /// The system.
    pub source: String,
    /// What it reads there.
    pub feed: String,
    /// When the last run ended.
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

/// How far everything has come: what the demo shows each second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// UZhKH: entries committed.
    pub envelopes: u64,
    /// UZhKH: ids announced.
    pub ids: u64,
    /// Domoplaner: premises live.
    pub premises: u64,
    /// Domoplaner: deals live.
    pub deals: u64,
    /// Domoplaner: rows of `change`.
    pub domoplaner_changes: u64,
    /// MACRO: ready flats live.
    pub ready_flats: u64,
    /// MACRO: rows of `change`.
    pub macrocrm_changes: u64,
    /// Alma: objects synced.
    pub alma_synced: u64,
}

impl Reader {
    /// Reads the overview.
    pub fn overview(&self) -> Result<Overview, Error> {
        Ok(Overview {
            parts: self.parts()?,
            pending_acknowledgements: self
                .count("SELECT count(*) FROM envelope WHERE state = 'committed'")?,
            oldest_pending_acknowledgement: self
                .text("SELECT min(received_at) FROM envelope WHERE state = 'committed'")?,
            acknowledgement_error: self.text(
                "SELECT max(last_error) FROM envelope WHERE state = 'committed' AND last_error IS NOT NULL",
            )?,
            pending_calls: self.count("SELECT count(*) FROM call WHERE state = 'pending'")?,
            oldest_pending_call: self
                .text("SELECT min(created_at) FROM call WHERE state = 'pending'")?,
            call_error: self.text(
                "SELECT max(last_error) FROM call WHERE state = 'pending' AND last_error IS NOT NULL",
            )?,
            failed_calls: self.count("SELECT count(*) FROM call WHERE state = 'failed'")?,
            unknown_calls: self.count("SELECT count(*) FROM call WHERE state = 'unknown'")?,
            reserved_ids: self.count("SELECT count(*) FROM identity WHERE state = 'reserved'")?,
            rejected_ids: self.count("SELECT count(*) FROM identity WHERE state = 'rejected'")?,
            quarantined: self.count("SELECT count(*) FROM quarantine")?,
            findings: self.count("SELECT count(*) FROM finding")?,
            records: self.pairs(
                "SELECT kind, count(*) FROM record WHERE deleted_at IS NULL GROUP BY kind ORDER BY kind",
            )?,
            missing: self.count("SELECT count(*) FROM record WHERE missing_since IS NOT NULL")?,
            alma: self.alma_counts()?,
            alma_files: self.alma_file_counts()?,
            resync: self.resync_lists()?,
            // Also where it is no longer kept: who begins to follow begins after it.
            last_change: self.connection.query_row(
                "SELECT coalesce((SELECT max(seq) FROM change), \
                     (SELECT seq FROM sqlite_sequence WHERE name = 'change'))",
                [],
                |row| row.get(0),
            )?,
        })
    }

    /// Reads how far everything has come.
    pub fn progress(&self) -> Result<Progress, Error> {
        let row = self
            .connection
            .prepare_cached(
                "SELECT (SELECT count(*) FROM envelope), \
                 (SELECT count(*) FROM identity WHERE state = 'announced'), \
                 (SELECT count(*) FROM record WHERE source = 'domoplaner' AND kind = 'premises' AND deleted_at IS NULL), \
                 (SELECT count(*) FROM record WHERE source = 'domoplaner' AND kind = 'deal' AND deleted_at IS NULL), \
                 (SELECT count(*) FROM change WHERE kind IN ('premises', 'deal')), \
                 (SELECT count(*) FROM record WHERE source = 'macrocrm' AND kind = 'ready_flat' AND deleted_at IS NULL), \
                 (SELECT count(*) FROM change WHERE kind = 'ready_flat'), \
                 (SELECT count(*) FROM alma_object WHERE state = 'synced')",
            )?
            .query_row([], |row| {
                Ok(Progress {
                    envelopes: row.get(0)?,
                    ids: row.get(1)?,
                    premises: row.get(2)?,
                    deals: row.get(3)?,
                    domoplaner_changes: row.get(4)?,
                    ready_flats: row.get(5)?,
                    macrocrm_changes: row.get(6)?,
                    alma_synced: row.get(7)?,
                })
            })?;
        Ok(row)
    }

    pub(super) fn parts(&self) -> Result<Vec<PartOverview>, Error> {
        let mut statement = self.connection.prepare(
            "SELECT source, feed, finished_at, outcome, fetched, changed, error, \
                 (SELECT max(finished_at) FROM poll AS ok \
                  WHERE ok.source = p.source AND ok.feed = p.feed AND ok.outcome = 'ok') \
             FROM poll AS p \
             WHERE seq IN (SELECT max(seq) FROM poll GROUP BY source, feed) \
             ORDER BY source, feed",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(PartOverview {
                source: row.get(0)?,
                feed: row.get(1)?,
                finished_at: row.get(2)?,
                outcome: row.get(3)?,
                fetched: row.get(4)?,
                changed: row.get(5)?,
                error: row.get(6)?,
                last_ok_at: row.get(7)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn resync_lists(&self) -> Result<Vec<(String, String)>, Error> {
        let mut statement = self.connection.prepare(
            "SELECT list, CASE state WHEN 'reading' THEN 'at page ' || next_page \
             WHEN 'failed' THEN 'failed: ' || last_error ELSE state END FROM resync ORDER BY rowid",
        )?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub(super) fn count(&self, sql: &str) -> Result<u64, Error> {
        Ok(self.connection.query_row(sql, [], |row| row.get(0))?)
    }

    fn text(&self, sql: &str) -> Result<Option<String>, Error> {
        Ok(self.connection.query_row(sql, [], |row| row.get(0))?)
    }

    fn pairs(&self, sql: &str) -> Result<Vec<(String, u64)>, Error> {
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
