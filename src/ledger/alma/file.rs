//! `alma_file`: photos and scans on their way to Alma.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::kind::AlmaWait;
use crate::clock::stamp;
use crate::ledger::due::is_due;
use crate::ledger::word::in_column;
use crate::ledger::{Error, Reader, Tx};

/// The state of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlmaFile {
    /// To be brought, in the order of this number; with the last attempt's failure.
    Pending(i64, Option<String>),
    /// In Alma, under this id.
    Uploaded(i64),
    /// Not to be brought, for this reason.
    Failed(String),
}

/// `alma_file.state`
#[derive(Clone, Copy, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
enum State {
    Pending,
    Uploaded,
    Failed,
}

in_column!(State);

/// A file that is to be brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueAlmaFile {
    /// `alma_file.seq`
    pub seq: i64,
    /// `alma_file.file`
    pub file: String,
    /// Failures since the last success.
    pub attempts: u32,
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<AlmaFile> {
    let reason: Option<String> = row.get(3)?;
    Ok(match row.get(1)? {
        State::Uploaded => AlmaFile::Uploaded(row.get(2)?),
        State::Failed => AlmaFile::Failed(reason.unwrap_or_default()),
        State::Pending => AlmaFile::Pending(row.get(0)?, reason),
    })
}

impl Tx<'_> {
    /// A file is wanted: it is to be brought, unless it is known already.
    pub fn want_alma_file(&self, file: &str) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO alma_file (file, state) VALUES (?1, 'pending') ON CONFLICT DO NOTHING",
            )?
            .execute([file])?;
        Ok(())
    }

    /// A file is tried again at once, where it failed or waits for its next attempt.
    pub fn retry_alma_file(&self, file: &str) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE alma_file SET state = 'pending', attempts = 0, next_attempt_at = NULL, reason = NULL \
                 WHERE file = ?1 AND state <> 'uploaded'",
            )?
            .execute([file])?;
        Ok(())
    }

    /// A file that was uploaded is uploaded anew: Alma no longer knows it by its id.
    pub fn bring_alma_file_anew(&self, file: &str) -> Result<(), Error> {
        // The same content under another name is not to be taken for it.
        self.connection
            .prepare_cached(
                "UPDATE alma_file SET sha256 = NULL \
                 WHERE alma_file_id = (SELECT alma_file_id FROM alma_file WHERE file = ?1)",
            )?
            .execute([file])?;
        self.connection
            .prepare_cached(
                "UPDATE alma_file SET state = 'pending', alma_file_id = NULL, bytes = NULL, uploaded_at = NULL, \
                     attempts = 0, next_attempt_at = NULL, reason = NULL \
                 WHERE file = ?1 AND state = 'uploaded'",
            )?
            .execute([file])?;
        Ok(())
    }

    /// Alma has a file, and what waited for it goes on. `content`: its SHA-256 and size,
    /// where they are known.
    pub fn finish_alma_file(
        &self,
        file: &str,
        content: Option<&(String, u64)>,
        alma_file_id: i64,
    ) -> Result<(), Error> {
        let (sha256, bytes) = content.map(|(sha256, bytes)| (sha256, bytes)).unzip();
        self.connection
            .prepare_cached(
                "UPDATE alma_file SET state = 'uploaded', alma_file_id = ?2, sha256 = ?3, bytes = ?4, attempts = 0, \
                     next_attempt_at = NULL, reason = NULL, uploaded_at = ?5 \
                 WHERE file = ?1",
            )?
            .execute(params![file, alma_file_id, sha256, bytes, self.now])?;
        self.wake_alma(&AlmaWait::File(file.to_owned()))
    }

    /// A file cannot be had; what waits for it is to say so.
    pub fn fail_alma_file(&self, file: &str, reason: &str) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE alma_file SET state = 'failed', attempts = attempts + 1, next_attempt_at = NULL, reason = ?2 \
                 WHERE file = ?1",
            )?
            .execute([file, reason])?;
        self.wake_alma(&AlmaWait::File(file.to_owned()))
    }

    /// A file is to be tried again at this time. What waits for it is looked at: it is to
    /// say why, and need not wait with what else has come.
    pub fn postpone_alma_file(
        &self,
        file: &str,
        next: Timestamp,
        reason: &str,
    ) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE alma_file SET attempts = attempts + 1, next_attempt_at = ?2, reason = ?3 WHERE file = ?1",
            )?
            .execute(params![file, stamp(next), reason])?;
        self.wake_alma(&AlmaWait::File(file.to_owned()))
    }

    /// Whether a file is still to be brought.
    pub fn is_alma_file_pending(&self, file: &str) -> Result<bool, Error> {
        let found = self
            .connection
            .prepare_cached("SELECT 1 FROM alma_file WHERE file = ?1 AND state = 'pending'")?
            .exists([file])?;
        Ok(found)
    }
}

impl Reader {
    /// The state of a file; `None` where no object has wanted it yet.
    pub fn alma_file(&self, file: &str) -> Result<Option<AlmaFile>, Error> {
        let found = self
            .connection
            .prepare_cached(
                "SELECT seq, state, alma_file_id, reason FROM alma_file WHERE file = ?1",
            )?
            .query_row([file], from_row);
        Ok(found.optional()?)
    }

    /// Every file that Alma has, with Alma's id of the upload.
    pub fn alma_uploads(&self) -> Result<HashMap<String, i64>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT file, alma_file_id FROM alma_file WHERE state = 'uploaded' AND alma_file_id IS NOT NULL",
        )?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Alma's id of an upload with this content.
    pub fn alma_file_like(&self, sha256: &str) -> Result<Option<i64>, Error> {
        let found = self
            .connection
            .prepare_cached(
                "SELECT alma_file_id FROM alma_file WHERE sha256 = ?1 ORDER BY seq LIMIT 1",
            )?
            .query_row([sha256], |row| row.get(0));
        Ok(found.optional()?)
    }

    /// The files that are to be brought and due by `now`; by whenever where that is `None`.
    /// Those that failed least come first, so that none that fails again and again keeps
    /// others from their turn; `after`: the attempts and the number of the last one.
    pub fn due_alma_files(
        &self,
        after: (u32, i64),
        now: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<DueAlmaFile>, Error> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT seq, file, attempts FROM alma_file INDEXED BY alma_file_pending \
             WHERE state = 'pending' AND (attempts, seq) > (?1, ?2) \
                 AND {} \
             ORDER BY attempts, seq LIMIT ?4",
            is_due("next_attempt_at", "?3")
        ))?;
        let (attempts, seq) = after;
        let rows = statement.query_map(params![attempts, seq, now.map(stamp), limit], |row| {
            Ok(DueAlmaFile { seq: row.get(0)?, file: row.get(1)?, attempts: row.get(2)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether any file is to be brought, due or not.
    pub fn has_pending_alma_file(&self) -> Result<bool, Error> {
        let found = self
            .connection
            .prepare_cached("SELECT 1 FROM alma_file INDEXED BY alma_file_pending WHERE state = 'pending' LIMIT 1")?
            .exists([])?;
        Ok(found)
    }
}
