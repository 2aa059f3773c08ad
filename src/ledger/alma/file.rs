//! `alma_file`: what was uploaded to Alma, by its name in the source and by its content.

use rusqlite::{OptionalExtension, params};

use crate::ledger::{Error, Reader, Tx};

impl Tx<'_> {
    /// A file of the source is this upload; `sha256` where its content is known.
    ///
    /// # Errors
    /// SQLite's own.
    pub fn remember_alma_file(
        &self,
        file: &str,
        sha256: Option<&str>,
        alma_file_id: i64,
    ) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "INSERT INTO alma_file (file, sha256, alma_file_id, uploaded_at) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT (file) DO UPDATE SET sha256 = excluded.sha256, \
                     alma_file_id = excluded.alma_file_id, uploaded_at = excluded.uploaded_at",
            )?
            .execute(params![file, sha256, alma_file_id, self.now])?;
        Ok(())
    }
}

impl Reader {
    /// Alma's id of a file of the source that was uploaded.
    ///
    /// # Errors
    /// SQLite's own.
    pub fn alma_file(&self, file: &str) -> Result<Option<i64>, Error> {
        let found = self
            .connection
            .prepare_cached("SELECT alma_file_id FROM alma_file WHERE file = ?1")?
            .query_row([file], |row| row.get(0));
        Ok(found.optional()?)
    }

    /// Alma's id of an upload with this content.
    ///
    /// # Errors
    /// SQLite's own.
    pub fn alma_file_like(&self, sha256: &str) -> Result<Option<i64>, Error> {
        let found = self
            .connection
            .prepare_cached(
                "SELECT alma_file_id FROM alma_file WHERE sha256 = ?1 ORDER BY alma_file_id LIMIT 1",
            )?
            .query_row([sha256], |row| row.get(0));
        Ok(found.optional()?)
    }
}
